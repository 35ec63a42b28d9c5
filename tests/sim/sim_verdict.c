/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is provable of an end, from the facts alone: the kernel's rules again,
 * written down once more and otherwise than verdict.c does it.
 */
#include "sim_check.h"

/* What a life's last image left in the audit stream. */
struct trail {
	uint8_t group[256 / 8], left[256 / 8]; /* codes seen */
	int ngroup, nleft;
	bool threads, abend;
	bool overtaken; /* a record came after accounting's */
};

static bool
has(const uint8_t *set, uint32_t code)
{
	return set[code / 8] >> code % 8 & 1;
}

static int
add(uint8_t *set, int32_t code)
{
	bool known = has(set, (uint32_t)code);

	set[code / 8] = (uint8_t)(set[code / 8] | 1 << code % 8);
	return known ? 0 : 1;
}

static struct trail
follow(const struct sim_check *c, int life)
{
	const struct sim_history *h = c->history;
	const struct sim_life *l = &h->lives[life];
	struct trail t = {.threads = l->birth == SIM_NONE ||
				     c->told[life].start != START_OBSERVED};

	for (size_t i = 0; i < h->nsteps; i++) {
		const struct sim_step *s = &h->steps[i];

		if (s->life != life || s->noise)
			continue;
		if (s->kind == FACT_EXEC && s->success)
			t = (struct trail){.threads = false};
		else if (s->last_us > l->account.at_us && l->account.written)
			t.overtaken = true;
		else if (s->kind == FACT_EXIT_GROUP)
			t.ngroup += add(t.group, s->code);
		else if (s->kind == FACT_EXIT)
			t.nleft += add(t.left, s->code);
		else if (s->kind == FACT_ABEND)
			t.abend = true;
		else if (s->kind == FACT_BIRTH &&
			 s->birth.shape != BIRTH_PROCESS)
			t.threads = true;
	}
	return t;
}

static bool
is_proven(const struct sim_account *a, const struct trail *t)
{
	uint32_t code = a->status >> 8 & 0xff;

	if (!a->written)
		return false;
	if ((a->status & 0x7f) != 0)
		return true;
	/*
	 * do_exit() counts a thread out before it logs its call: the last
	 * one's accounting record may be written between the two.
	 */
	if (t->overtaken)
		return false;
	if (t->ngroup == 1) {
		/* the leader's code may be the group's, or its own */
		if (has(t->left, code))
			return (a->flags & 0x10) == 0 && !t->abend;
		return has(t->group, code);
	}
	return t->ngroup == 0 && t->nleft > 0 && !t->threads && !t->abend &&
	       (a->flags & 0x10) == 0;
}

struct sim_verdict
sim_check_verdict(const struct sim_check *c, int life)
{
	const struct sim_account *a = &c->history->lives[life].account;
	struct trail t = follow(c, life);

	return (struct sim_verdict){
	    is_proven(a, &t) ? PROOF_STATUS : PROOF_NONE,
	    a->written || t.ngroup > 0 || (t.nleft > 0 && !t.threads)};
}
