/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_deliver.h"

#include <stdlib.h>

#include "dates.h"
#include "sim_check_impl.h"
#include "sim_door.h"
#include "span.h"

struct replay {
	struct sim_check *check;
	struct sim_door door;
	struct dates *dates;
	size_t ahead;         /* part that dates hears next */
	size_t added, record; /* records that it has, and that were taken */
	int64_t now, newest_ms, ahead_ms;
};

/* What the stream says further on, as cmd_replay.c, note_call(). */
static void
note_ahead(struct replay *p, const struct sim_part *part)
{
	struct fact fact = sim_facts_audit(p->check->facts, part->step);

	dates_hear(p->dates, fact.at);
	if (fact.at.ms > p->ahead_ms)
		p->ahead_ms = fact.at.ms;
	if (p->check->history->steps[part->step].noise)
		return;
	switch (fact.kind) {
	case FACT_EXIT:
	case FACT_EXIT_GROUP:
		dates_exit(p->dates, fact.pid, fact.at, (uint8_t)fact.code);
		break;
	case FACT_BIRTH:
		dates_act(p->dates, fact.pid, fact.at,
		    fact.birth.shape != BIRTH_PROCESS);
		dates_birth(p->dates, fact.birth.child, fact.at);
		break;
	case FACT_EXEC:
		dates_act(p->dates, fact.pid, fact.at, false);
		break;
	default:
		break;
	}
}

static void
add_record(struct replay *p, const struct fact *fact)
{
	const struct sim_facts *f = p->check->facts;
	const struct sim_account *a = f->records[p->added++];

	if (!dates_add(p->dates, fact))
		abort();
	if (a->life != SIM_NONE && a != &f->history->lives[a->life].account)
		dates_turn(p->dates);
}

/* False: there is none. */
static bool
next_record(const struct replay *p, struct fact *fact)
{
	const struct sim_facts *f = p->check->facts;

	if (p->added == f->nrecords)
		return false;
	*fact = sim_facts_acct(f->history, f->records[p->added], TIME_UNKNOWN);
	return true;
}

static void
read_book(struct replay *p)
{
	struct fact fact;

	while (next_record(p, &fact) && dates_is_near(p->dates, &fact))
		add_record(p, &fact);
}

/* The stream is read so far ahead of ms. */
static void
look_ahead(struct replay *p, int64_t ms)
{
	const struct sim_facts *f = p->check->facts;

	while (p->ahead < f->nparts && p->ahead_ms < ms + DATES_AHEAD_MS) {
		if (f->parts[p->ahead].opens)
			note_ahead(p, &f->parts[p->ahead]);
		if (++p->ahead == f->nparts)
			dates_end(p->dates);
		read_book(p);
	}
}

/* Where no clock was set a date must be right. */
static void
check_date(struct replay *p, const struct sim_account *a,
    const struct fact_acct *dated)
{
	const struct sim_history *h = p->check->history;
	int64_t written = sim_history_real(h, a->at_us) / 1000;

	if (h->nclock == 0 &&
	    (dated->unwritten_ms > written ||
		(dated->read_ms != TIME_UNKNOWN && dated->read_ms < written)))
		sim_differ(p->check, a->life, "its record is dated wrongly");
}

/* As cmd_replay.c, take_due(). */
static void
take_due(struct replay *p, bool all)
{
	const struct sim_facts *f = p->check->facts;
	struct fact fact;

	while (dates_take(p->dates, p->newest_ms, all, &fact)) {
		const struct sim_account *a = f->records[p->record++];
		check_date(p, a, &fact.acct);
		if (fact.acct.read_ms == TIME_UNKNOWN)
			fact.acct.read_ms =
			    span_record_until(&fact.acct) + SIM_LATENESS_MS;
		sim_check_record(p->check, a, &fact.acct);
		sim_door_record(&p->door, a, &fact.acct);
	}
}

static void
on_heard(void *ctx, int64_t ms)
{
	struct replay *p = ctx;

	if (p->newest_ms != TIME_UNKNOWN && ms > p->newest_ms)
		p->now += ms - p->newest_ms;
	if (ms > p->newest_ms)
		p->newest_ms = ms;
}

static void
after_line(void *ctx)
{
	struct replay *p = ctx;

	take_due(p, false);
	sim_door_tick(&p->door);
}

static void
take_part(struct replay *p, const struct sim_part *part)
{
	bool noise = p->check->history->steps[part->step].noise;
	struct fact fact;

	look_ahead(p, p->check->facts->stamps[part->step].ms);
	fact = sim_facts_audit(p->check->facts, part->step);
	if (part->opens)
		sim_check_open(p->check, part->step, 0);
	/* all of its lines come then */
	if (part->opens && !noise)
		sim_check_step(p->check, part->step);
	sim_door_audit(&p->door, &fact, noise, part->opens, part->closes);
}

void
sim_deliver_replay(struct sim_check *c, bool permuted)
{
	static const struct reconcile_settings settings = {
	    .lateness_ms = SIM_LATENESS_MS,
	    .acct_wait_ms = 1000,
	    .grace_ms = 10000,
	    .already_running = true,
	    .lives = 100000,
	    .held_facts = 100000,
	    .args_bytes = 4096,
	};
	const struct sim_facts *f = c->facts;
	const struct sim_part *parts = permuted ? f->permuted : f->parts;
	size_t n = permuted ? f->npermuted : f->nparts;
	struct fact rest;
	struct replay p = {.check = c,
	    .door = {.check = c, .heard = on_heard, .after = after_line},
	    .dates = dates_new(),
	    .newest_ms = TIME_UNKNOWN,
	    .ahead_ms = TIME_UNKNOWN};

	if (p.dates == NULL)
		abort();

	p.door.ctx = &p;
	sim_check_follow(c, &settings, &p.now);
	sim_door_open(&p.door, &settings, true);
	reconcile_acct_on(p.door.reconcile, c->facts->nrecords > 0);
	reconcile_reboots_told(p.door.reconcile, true, TIME_UNKNOWN);
	for (size_t i = 0; i < n; i++)
		take_part(&p, &parts[i]);
	sim_door_end_stream(&p.door);
	take_due(&p, true);
	while (next_record(&p, &rest)) {
		add_record(&p, &rest);
		take_due(&p, true);
	}
	sim_door_close(&p.door);
	dates_free(p.dates);
}
