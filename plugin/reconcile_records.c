/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose is an accounting record?
 *
 * Records come in the order of deaths for each pid, but any of them may be
 * missing: the kernel drops one when a SIGKILL is pending (kernel/acct.c,
 * acct_write_process(), ignores the EINTR of __kernel_write()). So records and
 * lives of a pid are matched in order, each record to one life, by what their
 * times and codes allow. The leftmost such matching is the one that is used;
 * where the rightmost says the same of a record, there is no other, and it is
 * proven. What is before a proven match is settled: only the few lives behind
 * the last one are ever looked at.
 */
#include "reconcile_impl.h"

#include <string.h>

#include "acct_record.h"

/* So many lives of one pid are matched at once; of older ones nothing more
 * is proven. */
#define GROUP_MAX 32

/* Lives of one pid behind the last proven match, in order of birth. */
struct group {
	size_t nlives, nrecords;
	struct life *life[GROUP_MAX];
	struct span span[GROUP_MAX];
	struct fact record[GROUP_MAX + 1]; /* in order of death */
	size_t holder[GROUP_MAX + 1];      /* the life that has it now */
	uint32_t fits[GROUP_MAX + 1];      /* the lives that it can be of */
	size_t first[GROUP_MAX + 1], last[GROUP_MAX + 1];
};

#define NOBODY GROUP_MAX

const struct held_fact *
records_held(const struct life *l)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_ACCT)
			return h;
	}
	return NULL;
}

const struct fact_acct *
records_of(const struct life *l)
{
	const struct held_fact *h;

	if (l->evidence.acct)
		return &l->acct;
	h = records_held(l);
	return h == NULL ? NULL : &h->fact.acct;
}

static void
add_record(struct group *g, const struct fact *fact, size_t holder)
{
	g->record[g->nrecords] = *fact;
	g->holder[g->nrecords++] = holder;
}

static struct fact
record_of(const struct life *l)
{
	return (struct fact){.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = l->pid,
	    .ppid = -1,
	    .creds = CREDS_UNKNOWN,
	    .acct = l->acct};
}

/* All lives but that one, which is NULL for none, and all their records. */
static void
gather(const struct reconcile *r, int32_t pid, const struct life *without,
    struct group *g)
{
	struct life *l = lives_newest(&r->lives, pid);
	size_t n = 0;

	g->nlives = g->nrecords = 0;
	for (; l != NULL && !l->evidence.proven && n < GROUP_MAX; l = l->older)
		g->life[n++] = l;
	for (size_t i = 0; i < n / 2; i++) {
		struct life *other = g->life[n - 1 - i];

		g->life[n - 1 - i] = g->life[i];
		g->life[i] = other;
	}
	for (size_t i = 0; i < n; i++) {
		struct life *of = g->life[i];
		const struct held_fact *h = records_held(of);
		struct span *s = &g->span[g->nlives];
		struct fact own;

		if (of == without) {
			if (h != NULL)
				add_record(g, &h->fact, NOBODY);
			continue;
		}
		*s = span_of(of);
		/* no number is given before who had it is dead */
		if (g->nlives > 0 && s->born_from < s[-1].acted)
			s->born_from = s[-1].acted;
		if (of->evidence.acct) {
			own = record_of(of);
			add_record(g, &own, g->nlives);
		} else if (h != NULL) {
			add_record(g, &h->fact, g->nlives);
		}
		g->life[g->nlives++] = of;
	}
}

static int64_t
over_before(const struct group *g, size_t life)
{
	if (life + 1 == g->nlives)
		return INT64_MAX;
	return g->span[life + 1].born_until;
}

static uint32_t
bit(size_t n)
{
	return UINT32_C(1) << n;
}

/*
 * The leftmost matching, and the rightmost; false: there is none. codes: what
 * a lone thread said that it leaves with counts, too.
 */
static bool
match(struct group *g, bool codes)
{
	size_t from = 0, until = g->nlives;

	for (size_t i = 0; i < g->nrecords; i++) {
		g->fits[i] = 0;
		for (size_t j = 0; j < g->nlives; j++) {
			const struct span *s = &g->span[j];
			const struct fact_acct *a = &g->record[i].acct;

			if (span_fits(s, a, over_before(g, j)) &&
			    (!codes || span_agrees(s, a)))
				g->fits[i] |= bit(j);
		}
		while (from < g->nlives && (g->fits[i] & bit(from)) == 0)
			from++;
		if (from == g->nlives)
			return false;
		g->first[i] = from++;
	}
	for (size_t i = g->nrecords; i-- > 0;) {
		while ((g->fits[i] & bit(until - 1)) == 0)
			until--;
		g->last[i] = --until;
	}
	return true;
}

/*
 * Whether no life can still turn up after l that the record may be of: one
 * whose birth the stream has not told yet.
 */
static bool
is_last(const struct reconcile *r, const struct span *s, const struct fact *f)
{
	return reconcile_barrier_passed(r, f->acct.read_ms) ||
	       (s->left.serial != 0 && !s->many && !s->unborn &&
		   span_born_before(&f->acct, s->left.ms));
}

void
records_take(struct reconcile *r, struct life *l, const struct fact *fact)
{
	struct evidence *ev = &l->evidence;

	lives_touch(&r->lives, l);
	ev->acct = true;
	ev->acct_status = fact->acct.status;
	ev->acct_flags = fact->acct.flags;
	l->acct = fact->acct;
	l->barrier_ms = fact->acct.read_ms;
	if (l->creds.uid == ID_UNSET)
		l->creds.uid = fact->creds.uid;
	if (l->creds.gid == ID_UNSET)
		l->creds.gid = fact->creds.gid;
}

static void
give(struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	if (l->state == LIFE_HELD)
		reconcile_hold(r, l, fact, now);
	else
		records_take(r, l, fact);
}

static void
take_away(struct reconcile *r, struct life *l)
{
	const struct held_fact *h = records_held(l);

	if (h != NULL)
		lives_drop(lives_take_out(&r->lives, &l->held, h));
	l->evidence.acct = false;
	lives_touch(&r->lives, l);
}

/* Has the lives have the records as the matching says. */
static void
apply(struct reconcile *r, struct group *g, int64_t now)
{
	for (size_t i = 0; i < g->nrecords; i++) {
		if (g->holder[i] != NOBODY && g->holder[i] != g->first[i])
			take_away(r, g->life[g->holder[i]]);
	}
	for (size_t i = 0; i < g->nrecords; i++) {
		struct life *l = g->life[g->first[i]];

		if (l->undecided) {
			l->ppid = g->record[i].ppid;
			births_decide(r, l, false);
		}
		if (g->holder[i] != g->first[i])
			give(r, l, &g->record[i], now);
	}
}

static void
prove(struct reconcile *r, struct group *g)
{
	for (size_t i = 0; i < g->nrecords; i++) {
		size_t at = g->first[i];

		if (at != g->last[i] ||
		    (!is_last(r, &g->span[at], &g->record[i]) &&
			!reconcile_is_reborn(r, g->life[at])))
			continue;
		g->life[at]->evidence.proven = true;
		lives_touch(&r->lives, g->life[at]);
	}
}

void
records_settle(struct reconcile *r, const struct life *l, int64_t now)
{
	struct group g;

	gather(r, l->pid, NULL, &g);
	if (!match(&g, true))
		return;
	apply(r, &g, now);
	prove(r, &g);
}

bool
records_spare(struct reconcile *r, struct life *l, int64_t now)
{
	struct group g;

	gather(r, l->pid, l, &g);
	if (!match(&g, true))
		return false;
	take_away(r, l);
	apply(r, &g, now);
	return true;
}

/* It is of a process that nobody has heard of. */
static void
hold_alone(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *l = reconcile_add(r, fact->pid);

	if (l == NULL)
		return;
	l->ppid = fact->ppid;
	reconcile_hold(r, l, fact, now);
	local_match(r, l, now);
}

void
records_add(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct group g;

	gather(r, fact->pid, NULL, &g);
	add_record(&g, fact, NOBODY);
	if (match(&g, true)) {
		apply(r, &g, now);
		prove(r, &g);
	} else if (match(&g, false)) {
		apply(r, &g, now);
	} else {
		hold_alone(r, fact, now);
		return;
	}
	for (size_t i = 0; i < g.nlives; i++) {
		if (g.life[i]->state == LIFE_ALIVE && g.life[i]->evidence.acct)
			deaths_consider(r, g.life[i], now);
	}
}
