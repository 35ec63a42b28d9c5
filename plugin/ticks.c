/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ticks.h"

static void
add_gap(struct ticks *t, int64_t from, int64_t until)
{
	if (until - from <= TICK_MS || until - from > TICK_LATE_MS)
		return;
	t->gap[t->next].from = from;
	t->gap[t->next].until = until;
	t->next = (t->next + 1) % TICKS_GAPS;
}

void
ticks_heard(struct ticks *t, int64_t ms)
{
	if (ms > t->newest) {
		if (t->newest != 0)
			add_gap(t, t->newest, ms);
		t->newest = ms;
		return;
	}
	for (size_t i = 0; i < TICKS_GAPS; i++) {
		int64_t from = t->gap[i].from, until = t->gap[i].until;

		if (ms <= from || ms >= until)
			continue;
		t->gap[i].from = t->gap[i].until = 0;
		add_gap(t, from, ms);
		add_gap(t, ms, until);
	}
}

int64_t
ticks_after(const struct ticks *t, int64_t ms)
{
	for (size_t i = 0; t != NULL && i < TICKS_GAPS; i++) {
		if (t->gap[i].from == ms && t->gap[i].until > ms)
			return t->gap[i].until;
	}
	return ms + TICK_MS;
}

int64_t
ticks_late(const struct ticks *t, int64_t ms)
{
	for (size_t i = 0; t != NULL && i < TICKS_GAPS; i++) {
		if (t->gap[i].from < ms && ms <= t->gap[i].until &&
		    t->gap[i].until - ms > TICK_MS)
			return t->gap[i].until - ms;
	}
	return TICK_MS;
}
