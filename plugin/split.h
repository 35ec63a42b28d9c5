/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * split - walks over bytes that hold several strings: the arguments of an
 * exec, each ended by a NUL, audit's keys, with 0x01 between them, or lines.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include <stdbool.h>

#include "text.h"

/*
 * Takes the first string off *rest, and the mark that ends it; the last one
 * needs no mark. False if nothing is left.
 */
bool split_take(struct bytes *rest, char mark, struct bytes *part);

/* The same of a string that has its mark; without one nothing is taken. */
bool split_ended(struct bytes *rest, char mark, struct bytes *part);

#endif
