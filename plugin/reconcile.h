/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconcile - facts of all sources in, one true stream of lives out.
 *
 * Promises for each life: one start (a fork, or already_running), then its
 * execs, then one end; a parent's fork before anything of its children. What
 * comes too early is held, at most lateness, until it can be told in that
 * order. An end waits for the other book, at most acct_wait; what is not
 * proven is told as uncertain or without a status.
 *
 * Pure: no descriptor, no clock, no log. now is a time in ms that never goes
 * back: live the time until which the stream has been read, in a replay the
 * stream's own. Real times stand in the facts.
 */
#ifndef RECONCILE_H
#define RECONCILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "fact.h"
#include "ident.h"

struct reconcile;

struct reconcile_settings {
	int64_t lateness_ms;  /* how late a fact may be */
	int64_t acct_wait_ms; /* how long an end waits for accounting */
	int64_t grace_ms;     /* how long an ended life is remembered */
	bool failed_exec;     /* tell execs that failed */
	bool already_running; /* tell what FACT_FOUND finds */
	bool kernel_threads;  /* tell their deaths, too */
	size_t lives;         /* in the table at once, at most */
	size_t held_facts;    /* waiting at once, at most */
	size_t args_bytes;    /* kept of one life's arguments */
};

/* ev and what it points to are valid only during the call. */
typedef void (*reconcile_event_fn)(void *ctx, const struct event *ev);

struct reconcile_counts {
	uint64_t facts, lives, ends;
	uint64_t inferred;      /* births that no record told */
	uint64_t uncertain;     /* ends with a status that is not proven */
	uint64_t vanished;      /* ends without a status */
	uint64_t unaccounted;   /* ends that waited for accounting in vain */
	uint64_t late;          /* facts about lives whose end was told */
	uint64_t refused_lives; /* facts dropped: table full, or no memory */
	uint64_t hurried;       /* lives told early: too many facts waited */
	/* Births of processes in other namespaces, given up for others. */
	uint64_t locals_dropped;
	uint64_t threads_dropped; /* or of threads there: clone3 */
	/* How often too many waited to say which birth there is whose, */
	uint64_t crowded;
	/* or to look at each of them for one that was looked for, or so many
	 * generations. */
	uint64_t searches_cut;
	/* How often too many lives of a number lacked a proven record: what
	 * those behind them have proves nothing. */
	uint64_t groups_cut;
	/* Births of clone3 taken for threads: too many were undecided. */
	uint64_t undecided_dropped;
	uint64_t forgotten_early; /* ended lives, before grace was over */
};

/* id: copied. NULL: no memory. reconcile_free(NULL) is fine. */
struct reconcile *reconcile_new(const struct reconcile_settings *s,
    const struct ident *id, reconcile_event_fn fn, void *ctx);
void reconcile_free(struct reconcile *r);

/* New settings from now on; ids stay. */
void reconcile_set(struct reconcile *r, const struct reconcile_settings *s);

/* One fact; what it points to is copied where it is kept. */
void reconcile_fact(struct reconcile *r, const struct fact *fact, int64_t now);

/* An audit event with this real time was read, whatever it told. */
void reconcile_heard(struct reconcile *r, int64_t ms, int64_t now);

/* Does what is due. */
void reconcile_tick(struct reconcile *r, int64_t now);
int64_t reconcile_deadline(const struct reconcile *r); /* INT64_MAX: never */

/*
 * No fact comes any more: what waits is told with what is known. Lives whose
 * end nobody told stay alive, and untold.
 */
void reconcile_finish(struct reconcile *r, int64_t now);
/* The same if nothing will ever come: who crashed has ended, too. */
void reconcile_conclude(struct reconcile *r, int64_t now);

/* The machine was booted anew: who lived is ended as "restart". */
void reconcile_new_boot(
    struct reconcile *r, const struct ident *id, int64_t ms, int64_t now);

/*
 * Whether each reboot(2) in a pid namespace is recorded, and since when, or
 * since when not (TIME_UNKNOWN: all that was heard); false at first. Else
 * nobody knows of which signal the first there died.
 */
void reconcile_reboots_told(struct reconcile *r, bool told, int64_t since_ms);
/*
 * Some of audit's records may have been lost that were logged then; since
 * TIME_UNKNOWN: or before.
 */
void reconcile_lost(struct reconcile *r, int64_t since_ms, int64_t until_ms);
/*
 * It is not known yet whether some until this time were: we were not there.
 * TIME_UNKNOWN: by now it is, and told.
 */
void reconcile_gap(struct reconcile *r, int64_t until_ms);

/* Whether accounting records can be waited for; false at first. */
void reconcile_acct_on(struct reconcile *r, bool on);

/*
 * The process pid, which ppid, who is ours and bears no others, forked at ms
 * (real time; not later), is not to be told; said before any record of it is
 * read.
 */
void reconcile_hide(
    struct reconcile *r, int32_t pid, int32_t ppid, int64_t ms, int64_t now);

/*
 * True if some end waits only for an audit event stamped later than the
 * moment its accounting record was read, and since when (in now's time).
 */
bool reconcile_wants_barrier(const struct reconcile *r, int64_t *since);

/* True if some end waits for its accounting record. */
bool reconcile_wants_acct(const struct reconcile *r);

/* A birth of which only /proc can tell the shape. */
struct reconcile_question {
	int32_t parent, child;
};
/*
 * The undecided births that were not asked about yet, at most max; each is
 * given out once. Answers come back as FACT_TASK.
 */
size_t reconcile_questions(
    struct reconcile *r, struct reconcile_question *q, size_t max);

/*
 * The pids of lives that are alive, from *cursor on, at most max: for a sweep
 * that looks whether they still are. Returns how many; *cursor is 0 at the
 * start and again when the table's end was reached.
 */
size_t reconcile_sweep(
    const struct reconcile *r, size_t *cursor, int32_t *pids, size_t max);

/*
 * The pids of the dead whose ends wait for what is logged before they are
 * reaped, at most max, who died last first: FACT_GONE says that they were.
 */
size_t reconcile_unreaped(const struct reconcile *r, int32_t *pids, size_t max);

size_t reconcile_alive(const struct reconcile *r); /* lives in the table */
const struct reconcile_counts *reconcile_counts(const struct reconcile *r);

#endif
