/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signals - what kills, and how to die of it.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

#define SIGNALS 64 /* the kernel's, glibc's own two among them */

bool signals_kill_by_default(int sig);

/* One that kills, n from 0 on. */
int signals_nth(int n);

/* All to their default, none blocked: also those that glibc keeps. */
void signals_reset(void);

void signals_allow_cores(bool allowed);

_Noreturn void signals_die_of(int sig);

#endif
