/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_check_impl.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* The record that an end was told with. */
static const struct sim_account *
record_of(const struct sim_check *c, const struct event_end *end)
{
	for (size_t i = 0; i < c->nrecords; i++) {
		if (c->records[i].record->mem_kb == end->vm_size_kb)
			return c->records[i].record;
	}
	return NULL;
}

static bool
is_status(const struct event_end *end, const struct sim_life *l)
{
	uint32_t mask = end->core_known ? 0xffff : 0xff7f;

	return (end->status & mask) == (l->status & mask);
}

static void
check_status(struct sim_check *c, int life)
{
	const struct sim_life *l = &c->history->lives[life];
	const struct event_end *end = &c->told[life].end;
	struct sim_verdict v = sim_check_verdict(c, life);
	bool proven = v.proof == PROOF_STATUS;
	bool certain = end->has_status && end->certain;

	c->unproven += !proven;
	c->vanished += !end->has_status;
	c->uncertain += end->has_status && !end->certain;
	if (certain && !is_status(end, l) && v.overtaken)
		c->overtaken++;
	else if (certain && !is_status(end, l)) {
		c->wrong++;
		sim_differ_for_certain(
		    c, life, "wrong status %x called certain", end->status);
	} else if (proven && !certain)
		sim_differ(c, life, "status %x%s, but the facts prove it",
		    end->status, end->has_status ? " uncertain" : " none");
	if (end->has_usage && end->vm_size_kb != l->account.mem_kb &&
	    !sim_check_may_have(c, life, record_of(c, end)))
		sim_differ(c, life, "accounting record %u of another life",
		    (unsigned)end->vm_size_kb);
}

static bool
has_more_execs(const struct sim_check *c, int life)
{
	const struct sim_history *h = c->history;

	for (int i = c->facts->first[life]; i != SIM_NONE;
	     i = c->facts->next[i]) {
		const struct sim_step *s = &h->steps[i];

		if ((size_t)i >= c->told[life].next_step &&
		    s->kind == FACT_EXEC && s->success && !c->facts->lost[i])
			return true;
	}
	return false;
}

/* A clone3 that never did anything may have been a thread's. */
static bool
is_known(const struct sim_check *c, int life)
{
	const struct sim_life *l = &c->history->lives[life];

	if (c->told[life].first_now != SIM_NEVER)
		return true;
	return l->birth != SIM_NONE && l->ns == 0 &&
	       !c->facts->lost[l->birth] &&
	       c->history->steps[l->birth].birth.shape == BIRTH_PROCESS;
}

/* Serials between the first and the last that came: those in between count. */
static void
check_losses(struct sim_check *c)
{
	const struct sim_facts *f = c->facts;
	uint32_t first = UINT32_MAX, last = 0, came = 0, expected;

	for (size_t i = 0; i < c->history->nsteps; i++) {
		uint32_t n = sim_facts_serial_index(f, f->stamps[i].serial);

		if (c->serials[i] == 0)
			continue;
		first = n < first ? n : first;
		last = n > last ? n : last;
		came++;
	}
	expected = came > 0 ? last - first + 1 - came : 0;
	/* where serials begin anew, perhaps with a canary's, there is no 0 */
	if (c->missed != expected &&
	    !(c->history->profile->old_serials && c->missed == expected + 1))
		sim_differ(c, SIM_NONE,
		    "%" PRIu64 " serials told as lost of %u", c->missed,
		    expected);
}

void
sim_check_keep(struct sim_check *c)
{
	struct sim_told *told = c->told;
	size_t max = c->max_told;

	c->told = c->kept;
	c->max_told = c->max_kept;
	c->kept = told;
	c->max_kept = max;
}

/*
 * Who was born by a number of a namespace, and unseen in one of the orders: if
 * in both, it may be the first of a namespace or not, by what is known of
 * births by then, whom reboot(2) kills by a status that is not told; if in one,
 * what threads it began with is known in the other only.
 */
static bool
may_be_less_certain(
    const struct sim_told *a, const struct sim_told *b, bool local)
{
	if (!local ||
	    (a->start != START_INFERRED && b->start != START_INFERRED))
		return false;
	return a->start != b->start || (a->end.status & 0x7f) == SIGKILL;
}

static bool
is_same_end(const struct sim_told *a, const struct sim_told *b, bool local)
{
	if (a->ended != b->ended)
		return false;
	if (!a->ended)
		return true;
	return a->end.kind == b->end.kind &&
	       a->end.has_status == b->end.has_status &&
	       (a->end.certain == b->end.certain ||
		   may_be_less_certain(a, b, local)) &&
	       a->end.status == b->end.status;
}

/*
 * Who was born by a number of a namespace: whether that birth can be anybody
 * else's depends on who else was known by then.
 */
static bool
is_born_locally(const struct sim_check *c, int life)
{
	int birth = c->history->lives[life].birth;

	return birth != SIM_NONE && sim_check_is_local(c->history, birth);
}

static bool
is_same_start(const struct sim_told *a, const struct sim_told *b, bool local)
{
	if (a->started != b->started)
		return false;
	/* who was born unseen has its parent by what came first */
	if (a->start == START_OBSERVED && b->start == START_OBSERVED)
		return a->parent == b->parent;
	return a->start == b->start || local;
}

/* Where who rebooted a namespace was born may be known in one order alone. */
static bool
is_rebooted(struct sim_check *c, int life)
{
	bool astray = sim_check_is_astray(c, life);

	sim_check_keep(c);
	astray |= sim_check_is_astray(c, life);
	sim_check_keep(c);
	return astray;
}

void
sim_check_compare(struct sim_check *c)
{
	for (int i = 0; i < c->history->nlives; i++) {
		const struct sim_told *a = &c->kept[i], *b = &c->told[i];

		if (a->mixed)
			continue;

		if (!is_same_start(a, b, is_born_locally(c, i)) ||
		    a->nexecs != b->nexecs)
			sim_differ(c, i, "told otherwise in another order");
		else if (!is_same_end(a, b, is_born_locally(c, i)) &&
			 !is_rebooted(c, i))
			sim_differ(
			    c, i, "its end is told otherwise in another order");
	}
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

/* No two events have the same id. */
static void
check_ids(struct sim_check *c)
{
	if (c->nids > 0)
		qsort(c->ids, c->nids, sizeof(*c->ids), by_bytes);
	for (size_t i = 1; i < c->nids; i++) {
		if (sim_is_same(&c->ids[i - 1], &c->ids[i]))
			sim_differ(c, SIM_NONE, "two events have one id");
	}
}

void
sim_check_end(struct sim_check *c)
{
	check_ids(c);
	if (c->bytes)
		check_losses(c);
	for (int i = 0; i < c->history->nlives; i++) {
		const struct sim_told *t = &c->told[i];

		if (!t->started) {
			if (is_known(c, i))
				sim_differ(c, i, "not told");
			continue;
		}
		if (has_more_execs(c, i))
			sim_differ(c, i, "execs are missing");
		if (c->history->lives[i].died_us == SIM_NEVER)
			continue;
		if (t->ended)
			check_status(c, i);
		else if (c->swept || sim_check_verdict(c, i).evidence)
			sim_differ(c, i, "its end is missing");
	}
}
