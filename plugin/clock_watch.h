/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock_watch - a descriptor that is readable once somebody set the real
 * clock, or the machine was suspended.
 */
#ifndef CLOCK_WATCH_H
#define CLOCK_WATCH_H

#include <stdbool.h>

/* The descriptor, which the caller closes; -1 with errno. */
int clock_watch_open(void);

/* True if the clock was set since; then it is not readable until it is set
 * again. */
bool clock_watch_was_set(int fd);

#endif
