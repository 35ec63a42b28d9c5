/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_deliver.h"

#include <stdlib.h>
#include <string.h>

#define ACCT_ROUNDING_MS 1000

int64_t
sim_ears_hear(struct sim_ears *e, int64_t ms)
{
	if (ms > e->last_ms)
		e->last_ms = ms;
	return e->nopen == 0 ? e->last_ms : e->open[0].heard_ms;
}

void
sim_ears_open(struct sim_ears *e, size_t step)
{
	if (e->nopen == SIM_OPEN_MAX)
		abort();
	e->open[e->nopen].step = step;
	e->open[e->nopen++].heard_ms = e->last_ms;
}

void
sim_ears_close(struct sim_ears *e, size_t step)
{
	size_t i = 0;

	while (i < e->nopen && e->open[i].step != step)
		i++;
	if (i == e->nopen)
		return;
	e->nopen--;
	memmove(
	    &e->open[i], &e->open[i + 1], (e->nopen - i) * sizeof(e->open[0]));
}

struct replay {
	struct sim_check *check;
	struct reconcile *r;
	struct sim_ears ears;
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
		int64_t due = fact.acct.birth_s * 1000 +
			      (int64_t)(fact.acct.elapsed_cs * 10) +
			      ACCT_ROUNDING_MS + SIM_LATENESS_MS;

		if (!all && due > p->newest_ms)
			return;
		sim_check_record(p->check, a, TIME_UNKNOWN);
		reconcile_fact(p->r, &fact, p->now);
	}
}

static void
take_part(struct replay *p, const struct sim_part *part)
{
	const struct sim_facts *f = p->check->facts;
	int64_t ms = f->stamps[part->step].ms;
	int64_t heard = sim_ears_hear(&p->ears, ms);

	if (p->newest_ms != TIME_UNKNOWN && heard > p->newest_ms)
		p->now += heard - p->newest_ms;
	if (heard > p->newest_ms)
		p->newest_ms = heard;
	reconcile_heard(p->r, heard, p->now);
	if (part->opens && !part->closes)
		sim_ears_open(&p->ears, part->step);
	if (!part->closes)
		return;
	sim_ears_close(&p->ears, part->step);
	if (f->history->steps[part->step].noise)
		return;
	struct fact fact = sim_facts_audit(f, part->step);
	sim_check_step(p->check, part->step);
	reconcile_fact(p->r, &fact, p->now);
}

void
sim_deliver_replay(struct sim_check *c)
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
	struct replay p = {.check = c,
	    .ears = {.last_ms = TIME_UNKNOWN},
	    .newest_ms = TIME_UNKNOWN};

	sim_check_follow(c, &settings, &p.now);
	p.r = reconcile_new(&settings, &c->ident, sim_check_event, c);
	if (p.r == NULL)
		abort();
	reconcile_acct_on(p.r, c->facts->nrecords > 0);
	for (size_t i = 0; i < c->facts->nparts; i++) {
		take_part(&p, &c->facts->parts[i]);
		take_due(&p, false);
		reconcile_tick(p.r, p.now);
	}
	take_due(&p, true);
	reconcile_finish(p.r, p.now);
	reconcile_free(p.r);
}
