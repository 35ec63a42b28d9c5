/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_deliver.h"

#include "sim_door.h"
#include "span.h"

#define ACCT_ROUNDING_MS 1000

struct replay {
	struct sim_check *check;
	struct sim_door door;
	size_t record; /* next */
	int64_t now, newest_ms;
};

/* As cmd_replay.c, take_due(). */
static void
take_due(struct replay *p, bool all)
{
	const struct sim_facts *f = p->check->facts;

	for (; p->record < f->nrecords; p->record++) {
		const struct sim_account *a = f->records[p->record];
		struct fact fact = sim_facts_acct(f->history, a, TIME_UNKNOWN);
		int64_t until = span_record_until(&fact.acct) + SIM_LATENESS_MS;

		if (!all && span_record_from(&fact.acct) > p->newest_ms)
			return;
		sim_check_record(p->check, a, until, TIME_UNKNOWN);
		sim_door_record(&p->door, a, until, TIME_UNKNOWN);
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
	struct fact fact = sim_facts_audit(p->check->facts, part->step);
	bool noise = p->check->history->steps[part->step].noise;

	if (part->opens)
		sim_check_open(p->check, part->step, 0);
	if (part->closes && !noise)
		sim_check_step(p->check, part->step);
	sim_door_audit(&p->door, &fact, noise, part->opens, part->closes);
}

void
sim_deliver_replay(struct sim_check *c, bool permuted)
{
	static const struct reconcile_settings settings = {
	    .lateness_ms = SIM_LATENESS_MS,
	    .acct_wait_ms = 2 * SIM_LATENESS_MS + 3 * ACCT_ROUNDING_MS,
	    .grace_ms = 10000,
	    .already_running = true,
	    .lives = 100000,
	    .held_facts = 100000,
	    .args_bytes = 4096,
	};
	const struct sim_facts *f = c->facts;
	const struct sim_part *parts = permuted ? f->permuted : f->parts;
	size_t n = permuted ? f->npermuted : f->nparts;
	struct replay p = {.check = c,
	    .door = {.check = c, .heard = on_heard, .after = after_line},
	    .newest_ms = TIME_UNKNOWN};

	p.door.ctx = &p;
	sim_check_follow(c, &settings, &p.now);
	sim_door_open(&p.door, &settings, true);
	reconcile_acct_on(p.door.reconcile, c->facts->nrecords > 0);
	reconcile_reboots_told(p.door.reconcile, true, TIME_UNKNOWN);
	for (size_t i = 0; i < n; i++) {
		take_part(&p, &parts[i]);
	}
	sim_door_end_stream(&p.door);
	take_due(&p, true);
	sim_door_close(&p.door);
}
