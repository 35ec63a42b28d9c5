/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_tell - what the kernel of the simulated machine tells of a life: audit
 * events and the accounting record. And the truth, which it does not tell.
 */
#ifndef GEN_TELL_H
#define GEN_TELL_H

#include "gen_life.h"

/*
 * An event of l, which entered its system call at entered and is told of now:
 * its records are to be written between the two.
 */
const struct records *tell_begin(
    struct world *w, const struct life *l, int64_t entered);
void tell_end(struct world *w, const struct records *r, struct life *l);

/* The number that stands for a file's inode: the same for the same name. */
uint32_t tell_inode(const char *name);
/* An address in the stack or the heap. */
uint64_t tell_pointer(struct world *w);
/* Where the session of l is at home. */
const char *tell_folder(const struct life *l);

/*
 * A birth by l; result is the number of the child or thread, or -errno. Returns
 * the event's serial number.
 */
uint32_t tell_birth(struct world *w, struct life *l,
    const struct birth_call *birth, int result);

void tell_failed_exec(struct world *w, struct life *l);
/* l is what it has become; arch is what it was when it asked. */
void tell_exec(
    struct world *w, struct life *l, enum arch arch, const struct argv *argv);

/* exit or exit_group, entered now. */
void tell_exit(struct world *w, struct life *l, enum call_name name, int code);
void tell_crash(struct world *w, const struct life *l, int signal);

/* Whether a death by this signal is one that tell_crash() speaks of. */
bool tell_is_crash(int signal);

/* The accounting record of a life that ends now. */
void tell_acct(struct world *w, const struct life *l);
void tell_truth(struct world *w, const struct life *l);

#endif
