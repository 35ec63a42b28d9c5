/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * born - ways to be born that the C library hides, and what must be known of
 * one another by processes that share nothing else.
 *
 * What fails here ends the program with a message, as in truth.h.
 */
#ifndef BORN_H
#define BORN_H

#include <stdint.h>
#include <sys/types.h>

/*
 * As fork(2), with flags of clone(2) that need no stack of the child's own;
 * the signal is among them.
 */
pid_t born_clone(unsigned long flags);

/* The same by clone3(2). */
pid_t born_clone3(uint64_t flags, uint64_t exit_signal);

/*
 * The same, with the number that the child is to have in the innermost of the
 * namespaces it is born into. -1 and EEXIST in errno if that is taken.
 */
pid_t born_clone3_as(uint64_t flags, pid_t number);

/* Calls child(arg) on a stack of its own, by clone(2). */
pid_t born_call(int (*child)(void *), int flags, intptr_t arg);

/* A child that sleeps, then leaves, or runs /bin/true. */
pid_t born_to_exit(int code, unsigned delay_us);
pid_t born_to_exec(unsigned delay_us);

/*
 * Numbers that all who are born after born_share() share, 0 at first; there
 * are BORN_SLOTS of them.
 */
#define BORN_SLOTS 256
void born_share(void);
void born_set(int slot, pid_t number);
/* Waits until the slot is set. */
pid_t born_get(int slot);

_Noreturn void born_exec_true(void);

/* Sleeps till it is killed; without a system call that anybody records. */
_Noreturn void born_idle(void);

#endif
