/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_check - holds what the reconciler tells against the history.
 *
 * A difference is anything of this: a life that never was, or told twice; a
 * child before its parent, an exec or an end out of order, or missing; a
 * wrong parent; a wrong status called certain; a status called uncertain that
 * the facts prove; a start called inferred although its record came in time;
 * another life's accounting record; a living process's end.
 */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include <stdio.h>

#include "event.h"
#include "ident.h"
#include "reconcile.h"
#include "sim_facts.h"

/* What was told of a life, and when it could be known. */
struct sim_told {
	bool started, ended;
	enum start_kind start;
	struct uuid id;
	int32_t parent; /* 0: not told */
	uint32_t nexecs;
	size_t next_step;            /* execs are looked for from here */
	int64_t first_now, acct_now; /* first fact, record: handed over */
	struct event_end end;        /* if ended */
	int64_t last_ms;             /* of the last event */
	int64_t end_now;
	uint64_t end_order; /* among all that came and was told */
	/*
	 * It did something before its birth record came, or before that of
	 * the life after it, and nothing said by then that these are two.
	 */
	bool mixed;
	/* The clock was set meanwhile, and nobody can know by how much. */
	bool blurred;
	bool guessed; /* its birth record is another's of the same parent */
};

/* A record of a death that was handed over; the last two: as in fact.h. */
struct sim_given {
	const struct sim_account *record;
	int64_t now, read_ms, unwritten_ms;
};

struct sim_check {
	const struct sim_history *history;
	const struct sim_facts *facts;
	struct ident ident;
	const char *way; /* live, killed, replay or permuted */
	bool bytes;      /* facts go in as text and bytes */
	bool killed;     /* the reconciler is, again and again */
	bool swept;      /* /proc was looked at when all was over */
	const struct reconcile_settings *settings;
	const int64_t *now;    /* the reconciler's */
	struct sim_told *told; /* of each life */
	struct sim_told *kept;
	uint64_t order;        /* of what comes and is told next */
	uint64_t *given_order; /* of each step */
	int64_t *given_now;    /* when a step was handed over */
	uint32_t *serials;     /* that a step has */
	int *by_serial;        /* step of a serial */
	size_t nserials;       /* so many of the first are known */
	size_t max_told, max_kept, max_steps;
	struct uuid *ids; /* of events told */
	size_t nids, max_ids;
	struct sim_given *records; /* in the order of their file */
	size_t nrecords, max_records;
	unsigned differences;                           /* of this history */
	uint64_t events, uncertain, vanished, inferred; /* of all */
	uint64_t wrong;     /* of all: wrong statuses called certain */
	uint64_t overtaken; /* of all: wrong ones that nobody could know */
	uint64_t mixed;     /* of all: lives that could not be told apart */
	uint64_t unproven;  /* of all: ends that the facts do not prove */
	uint64_t losses;    /* told */
	uint64_t missed;    /* serials, of this history */
	uint64_t guessed;   /* births told by a sibling's record */
	FILE *out;          /* where differences are told */
	bool trace;         /* everything is told there */
};

void sim_check_begin(struct sim_check *c, const struct sim_history *h,
    const struct sim_facts *f, const char *way);
/* How the reconciler is set, and its clock; both stay where they are. */
void sim_check_follow(struct sim_check *c,
    const struct reconcile_settings *settings, const int64_t *now);
/*
 * The event of a step begins, after so many that are of nobody in the history;
 * returns its serial.
 */
uint32_t sim_check_open(struct sim_check *c, size_t step, uint32_t others);
/* Facts are handed over; of canaries nothing is said. */
void sim_check_step(struct sim_check *c, size_t step);
void sim_check_record(struct sim_check *c, const struct sim_account *a,
    const struct fact_acct *dates);
/* The reconciler's event function; ctx: the sim_check. */
void sim_check_event(void *ctx, const struct event *ev);
/* What should have been told by now. */
void sim_check_end(struct sim_check *c);
/* What is told from now on must be the same as what was told until now. */
void sim_check_keep(struct sim_check *c);
void sim_check_compare(struct sim_check *c);
void sim_check_fini(struct sim_check *c);

/* sim_show.c: all that concerns a life, in order of queueing; an event. */
void sim_show_life(const struct sim_check *c, int life);
void sim_show_event(const struct sim_check *c, const struct event *ev);

/* What a life's facts prove of its end. */
enum sim_proof {
	PROOF_NONE,
	PROOF_STATUS
};
struct sim_verdict {
	enum sim_proof proof;
	bool evidence; /* there is any that it ended */
	/*
	 * A thread was counted out, and logged its exit(2) when all others
	 * were gone, accounted for and told: nobody could know of it by then.
	 */
	bool overtaken;
};
/* Of a life whose end was told, or never will be. */
struct sim_verdict sim_check_verdict(const struct sim_check *c, int life);
/* Whether the record may have been this life's when its end was told. */
bool sim_check_may_have(
    const struct sim_check *c, int life, const struct sim_account *a);

#endif
