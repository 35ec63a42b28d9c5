/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen_ends.h"

#include <signal.h>
#include <stdlib.h>

#include "gen_tell.h"

#define DUMPED       300   /* of 1000 crashes: those that leave a core */
#define DUMP_TIME_US 20000 /* how long that takes at most */

static const struct ending {
	uint16_t weight; /* they add up to 1000 */
	int signal;      /* 0: exits with code */
	int code;
} endings[] = {
    {820, 0, 0},
    {80, 0, 1},
    {20, 0, 2},
    {3, 0, -1},
    {7, 0, 42},
    {15, SIGTERM, 0},
    {13, SIGKILL, 0},
    {12, SIGPIPE, 0},
    {10, SIGINT, 0},
    {5, SIGHUP, 0},
    {7, SIGSEGV, 0},
    {5, SIGABRT, 0},
    {1, SIGQUIT, 0},
    {1, SIGALRM, 0},
    {1, SIGBUS, 0},
};

static void
thread_free(struct world *w, struct task *thread)
{
	agenda_remove(&w->agenda, thread);
	LIST_REMOVE(thread, others);
	pids_give_back(&w->pids, thread->tid);
	free(thread);
}

void
ends_thread(struct world *w, struct task *thread)
{
	tell_exit(w, thread->life, CALL_EXIT, 0);
	thread_free(w, thread);
}

void
ends_zap_threads(struct world *w, struct life *l)
{
	struct task *thread;

	while ((thread = LIST_FIRST(&l->threads)) != NULL) {
		l->zapped = true;
		thread_free(w, thread);
	}
}

static void
begin_to_die(struct world *w, struct life *l, uint32_t longest_us)
{
	l->state = STATE_DYING;
	agenda_put(&w->agenda, &l->task, world_soon(w, 40, longest_us));
}

void
ends_leave(struct world *w, struct life *l, int code)
{
	ends_zap_threads(w, l);
	l->status = ((uint32_t)code & 0xff) << 8;
	tell_exit(w, l, CALL_EXIT_GROUP, code);
	begin_to_die(w, l, 400);
}

/* Somebody typed Ctrl-C: it kills the whole group. */
static void
interrupt_children(struct world *w, struct life *parent)
{
	struct life *l;

	LIST_FOREACH(l, &parent->children, siblings)
	{
		if (l->state == STATE_DYING || l->fatal != 0)
			continue;
		l->fatal = SIGINT;
		if (l->state == STATE_RUN || l->state == STATE_IDLE)
			agenda_put(
			    &w->agenda, &l->task, world_soon(w, 20, 500));
	}
}

void
ends_kill(struct world *w, struct life *l, int signal)
{
	uint32_t longest_us = 400;

	ends_zap_threads(w, l);
	l->status = (uint32_t)signal;
	if (tell_is_crash(signal)) {
		tell_crash(w, l, signal);
		if (rng_chance(&w->rng, DUMPED)) {
			l->status |= STATUS_CORE;
			longest_us += DUMP_TIME_US;
		}
	}
	if (signal == SIGINT)
		interrupt_children(w, l);
	begin_to_die(w, l, longest_us);
}

void
ends_somehow(struct world *w, struct life *l)
{
	uint32_t at = rng_below(&w->rng, 1000);
	const struct ending *e = endings;

	while (at >= e->weight)
		at -= e++->weight;
	if (e->signal == 0)
		ends_leave(w, l, e->code);
	else if (w->options->no_crashes && tell_is_crash(e->signal))
		ends_kill(w, l, SIGTERM);
	else
		ends_kill(w, l, e->signal);
}

void
ends_release_parent(struct world *w, struct life *l, int64_t when)
{
	if (l->vfork_parent == NULL)
		return;
	agenda_put(&w->agenda, &l->vfork_parent->task, when);
	l->vfork_parent = NULL;
}

static void
orphan_children(struct world *w, struct life *l)
{
	struct life *child;

	while ((child = LIST_FIRST(&l->children)) != NULL) {
		LIST_REMOVE(child, siblings);
		LIST_INSERT_HEAD(&w->init->children, child, siblings);
		child->parent = w->init;
		child->ident.ppid = w->init->ident.pid;
	}
}

/* init reaps others' children, too, but does not count them. */
static void
tell_parent(struct world *w, struct life *l)
{
	struct life *parent = l->parent;

	LIST_REMOVE(l, siblings);
	if (parent->number != l->parent_number)
		return;
	parent->running--;
	if (parent->state == STATE_IDLE)
		agenda_put(&w->agenda, &parent->task, world_soon(w, 50, 300));
}

void
ends_finish(struct world *w, struct life *l)
{
	/* A record is queued before accounting's is written. */
	stream_settle(w->stream, l->ident.pid);
	tell_acct(w, l);
	ends_release_parent(w, l, world_soon(w, 5, 60));
	orphan_children(w, l);
	tell_parent(w, l);
	l->state = STATE_GONE;
	w->live--;
	ends_reap(w, l);
}

void
ends_reap(struct world *w, struct life *l)
{
	if (l->state != STATE_GONE || l->birth_serial == 0)
		return;
	tell_truth(w, l);
	pids_give_back(&w->pids, l->ident.pid);
	free(l);
}
