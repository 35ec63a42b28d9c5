/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_tell - what the kernel of the simulated machine tells of a life: audit
 * events and the accounting record. And the truth, which it does not tell.
 */
#ifndef GEN_TELL_H
#define GEN_TELL_H

#include "gen_life.h"

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
