/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose is what was done about when a number changed hands?
 *
 * Until its birth is read the facts of who had the number next look like the
 * last ones of the life before: the younger is then doubtful, and what it did
 * until doubt_ms may go to the older.
 */
#include "reconcile_impl.h"

bool
doubt_of_newer(const struct reconcile *r, const struct life *l)
{
	const struct life *newer = lives_newer(&r->lives, l);

	return newer != NULL && newer->doubtful && !newer->born;
}

void
doubt_settle(struct reconcile *r, struct life *l)
{
	const struct held_fact *h;

	if (!l->doubtful)
		return;
	lives_touch(&r->lives, l);
	l->doubtful = false;
	l->first_ms = TIME_UNKNOWN;
	l->first_ppid = -1;
	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_ACCT)
			continue;
		if (l->first_ms == TIME_UNKNOWN || h->fact.at.ms < l->first_ms)
			l->first_ms = h->fact.at.ms;
		if (l->first_ppid < 0)
			l->first_ppid = h->fact.ppid;
	}
}

/* The first of its facts that was done before ms. */
static struct held_fact *
take_before(struct reconcile *r, struct life *l, int64_t ms)
{
	struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind != FACT_ACCT && h->fact.at.ms < ms)
			return lives_take_out(&r->lives, &l->held, h);
	}
	return NULL;
}

bool
doubt_give_to_older(
    struct reconcile *r, struct life *l, int64_t ms, int64_t now)
{
	struct life *older = l->older;
	struct held_fact *h;
	bool empty;

	if (ms > l->doubt_ms)
		ms = l->doubt_ms + 1;
	while ((h = take_before(r, l, ms)) != NULL) {
		reconcile_hold(r, older, &h->fact, now);
		lives_drop(h);
	}
	doubt_settle(r, l);
	empty = l->first_ms == TIME_UNKNOWN && records_spare(r, l, now);
	if (empty)
		reconcile_drop(r, l);
	if (older->state == LIFE_ALIVE)
		reconcile_go_on(r, older);
	return empty;
}

bool
doubt_stands(const struct life *l)
{
	return l->doubtful && !l->born && l->older != NULL &&
	       l->older->state != LIFE_ENDED;
}

void
doubt_end(struct reconcile *r, const struct fact *birth, int64_t now)
{
	struct life *l = lives_newest(&r->lives, birth->birth.child);

	while (l != NULL && !doubt_stands(l))
		l = l->older;
	if (l != NULL && birth->at.ms > l->first_ms)
		doubt_give_to_older(r, l, birth->at.ms, now);
}
