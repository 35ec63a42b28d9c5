/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * truth - what a workload's own parent learns from waitpid(2), written down.
 *
 * Lines "W <pid> <wait status>" at the end of the file that $TRUTH names. All
 * here end the program with a message if they fail: a workload that cannot do
 * its work proves nothing.
 */
#ifndef TRUTH_H
#define TRUTH_H

#include <stdbool.h>
#include <sys/types.h>

/* Opens the file; the descriptor is closed on exec. */
void truth_open(void);

/* Waits for one child, of whatever kind, and writes its status down. */
void truth_wait(pid_t pid);

/* fork(2) that does not fail. */
pid_t truth_fork(void);

/* Prints what failed, with errno, and ends the program. */
_Noreturn void truth_die(const char *what);

#endif
