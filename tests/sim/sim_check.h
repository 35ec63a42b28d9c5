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
#include "sim_facts.h"

/* What was told of a life, and when it could be known. */
struct sim_told {
	bool started, ended;
	enum start_kind start;
	struct uuid id;
	size_t next_step;            /* execs are looked for from here */
	int64_t first_now, acct_now; /* first fact, record: handed over */
};

struct sim_check {
	const struct sim_history *history;
	const struct sim_facts *facts;
	struct ident ident;
	const char *way; /* live or replay */
	int64_t lateness_ms;
	struct sim_told *told; /* of each life */
	int64_t *given_now;    /* when a step was handed over */
	int *by_serial;        /* step of a serial */
	size_t max_told, max_steps;
	unsigned differences;                           /* of this history */
	uint64_t events, uncertain, vanished, inferred; /* of all */
	uint64_t unproven; /* of all: ends that no facts can prove */
	FILE *out;         /* where differences are told */
	bool trace;        /* everything is told there */
};

void sim_check_begin(struct sim_check *c, const struct sim_history *h,
    const struct sim_facts *f, const char *way, int64_t lateness_ms);
/* Facts are handed over; of canaries nothing is said. */
void sim_check_step(struct sim_check *c, size_t step, int64_t now);
void sim_check_record(
    struct sim_check *c, const struct sim_account *a, int64_t now);
/* The reconciler's event function; ctx: the sim_check. */
void sim_check_event(void *ctx, const struct event *ev);
/* What should have been told by now. */
void sim_check_end(struct sim_check *c);
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
};
struct sim_verdict sim_check_verdict(const struct sim_check *c, int life);

#endif
