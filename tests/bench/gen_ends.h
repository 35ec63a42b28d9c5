/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_ends - how simulated threads and processes end.
 */
#ifndef GEN_ENDS_H
#define GEN_ENDS_H

#include "gen_life.h"

/* A thread leaves; its life goes on. */
void ends_thread(struct world *w, struct task *thread);

/* The other threads of l die without a word, of an exec or of l's end. */
void ends_zap_threads(struct world *w, struct life *l);

/* l calls exit_group. */
void ends_leave(struct world *w, struct life *l, int code);

/* A signal kills l. */
void ends_kill(struct world *w, struct life *l, int signal);

/* One or the other, as they happen on an ordinary day. */
void ends_somehow(struct world *w, struct life *l);

/* The last of do_exit(), for a life that left or was killed. May free it. */
void ends_finish(struct world *w, struct life *l);

/* Frees a life that is over, unless the record of its birth is to come. */
void ends_reap(struct world *w, struct life *l);

/* Lets the parent go on, at when, that stands in vfork because of l. */
void ends_release_parent(struct world *w, struct life *l, int64_t when);

#endif
