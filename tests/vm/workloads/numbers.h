/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * numbers - how many numbers there are for processes and threads.
 *
 * What fails here ends the program with a message, as in truth.h.
 */
#ifndef NUMBERS_H
#define NUMBERS_H

/* kernel.pid_max: all numbers are below. */
int numbers_limit(void);
void numbers_set_limit(int limit);

/* Leaves as few numbers as will do for one more, and returns their limit. */
int numbers_leave_one(void);

#endif
