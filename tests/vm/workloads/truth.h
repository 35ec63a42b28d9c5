/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * truth - what a workload knows of its own processes, written down.
 *
 * Lines at the end of the file that $TRUTH names; what they are made of stands
 * beside their reader, read_truth() in comparer/witness.py. A status is written
 * before the number is free again. All here end the program with a message if
 * they fail: a workload that cannot do its work proves nothing.
 */
#ifndef TRUTH_H
#define TRUTH_H

#include <stdbool.h>
#include <sys/types.h>

/* Opens the file; the descriptor is closed on exec. */
void truth_open(void);

/* Waits for one child, of whatever kind, and writes its status down. */
void truth_wait(pid_t pid);

/* Waits for any child; false if there is none. */
bool truth_wait_any(void);

/*
 * As truth_wait(), of a child whose status cannot be known from audit and
 * accounting: what reason (a few words) makes them silent, or lie.
 */
void truth_wait_undecidable(pid_t pid, const char *reason);

/*
 * The status of a process that nobody can wait for, because its parent is gone
 * as well; its number as truth_global() says, undecidable as above or NULL.
 */
void truth_tell(pid_t pid, int status, const char *undecidable);

/*
 * What this process's exec ran, byte for byte, and which script that image
 * interprets (NULL: none). A process that says so of one of its execs says it
 * of each.
 */
void truth_image(const char *script, char **argv);

/* The same of an exec that is to come, of a program that does not say it. */
void truth_image_to_be(
    const char *executable, const char *name, const char *script, char **argv);

/* What both clocks show, before and after the real one is set. */
void truth_clocks(void);

/* This process was made by the kernel itself, and is to be judged. */
void truth_helper(void);

/* A child's, or 0: our own, number as the namespace of truth_open() sees it. */
pid_t truth_global(pid_t pid);

/* fork(2) that does not fail: while there is no number free it waits. */
pid_t truth_fork(void);

/*
 * After a fork that failed, for the tries-th time: waits a moment and returns
 * true if the kernel had no number free. After long a thread of the kernel's
 * may have taken the last one, for minutes: there is one more then.
 */
bool truth_no_number(const char *what, int tries);

/* Prints what failed, with errno, writes it down, and ends the program. */
_Noreturn void truth_die(const char *what);

#endif
