/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_canary - whether accounting is written, and into which file.
 *
 * No system call tells. A child that ends leaves a record before its parent
 * can reap it, so what was not written by then is not written at all.
 */
#ifndef CHECK_CANARY_H
#define CHECK_CANARY_H

#include "check_world.h"

/* Looks at the files below root that w->settings name: fills acct_files. */
void check_canary_files(struct check_world *w, const char *root);

/* Makes a child and looks for its record: fills canary and canary_file. */
void check_canary_send(struct check_world *w);

#endif
