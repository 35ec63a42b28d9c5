/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ticks.h"

#include <string.h>

/* How many gaps begin before ms. */
static size_t
before(const struct ticks *t, int64_t ms)
{
	size_t from = 0, until = t->n;

	while (from < until) {
		size_t middle = (from + until) / 2;

		if (t->gap[middle].from < ms)
			from = middle + 1;
		else
			until = middle;
	}
	return from;
}

static void
drop_gap(struct ticks *t, size_t i)
{
	memmove(&t->gap[i], &t->gap[i + 1], (--t->n - i) * sizeof(t->gap[0]));
}

/* If it is one. A full table forgets its oldest: it may have been any. */
static void
add_gap(struct ticks *t, int64_t from, int64_t until)
{
	size_t i;

	if (until - from <= TICK_MS || until - from > TICK_LATE_MS)
		return;
	if (t->n == TICKS_GAPS) {
		t->forgotten = t->gap[0].until;
		drop_gap(t, 0);
	}
	i = before(t, from);
	memmove(&t->gap[i + 1], &t->gap[i], (t->n++ - i) * sizeof(t->gap[0]));
	t->gap[i] = (struct ticks_gap){from, until};
}

void
ticks_heard(struct ticks *t, int64_t ms)
{
	struct ticks_gap gap;
	size_t i;

	if (ms > t->newest) {
		if (t->newest != 0)
			add_gap(t, t->newest, ms);
		t->newest = ms;
		return;
	}
	i = before(t, ms);
	if (i == 0 || ms >= t->gap[i - 1].until)
		return;
	gap = t->gap[i - 1];
	drop_gap(t, i - 1);
	add_gap(t, gap.from, ms);
	add_gap(t, ms, gap.until);
}

int64_t
ticks_after(const struct ticks *t, int64_t ms)
{
	size_t i = t == NULL ? 0 : before(t, ms);

	if (t != NULL && i < t->n && t->gap[i].from == ms)
		return t->gap[i].until;
	return ms + (t != NULL && ms < t->forgotten ? TICK_LATE_MS : TICK_MS);
}

int64_t
ticks_late(const struct ticks *t, int64_t ms)
{
	size_t i = t == NULL ? 0 : before(t, ms);

	if (i > 0 && t->gap[i - 1].until - ms > TICK_MS)
		return t->gap[i - 1].until - ms;
	return t != NULL && ms < t->forgotten ? TICK_LATE_MS : TICK_MS;
}
