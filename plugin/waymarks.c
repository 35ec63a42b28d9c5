/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waymarks.h"

#include "fact.h"

static size_t
place(const struct waymarks *w, size_t n)
{
	return (w->oldest + n) % WAYMARKS;
}

void
waymarks_note(struct waymarks *w, uint32_t serial, int64_t ms)
{
	if (w->n > 0 && ms - w->at[place(w, w->n - 1)].ms < WAYMARK_MS)
		return;
	if (w->n == WAYMARKS) {
		w->oldest = place(w, 1);
		w->n--;
	}
	w->at[place(w, w->n)].serial = serial;
	w->at[place(w, w->n)].ms = ms;
	w->n++;
}

int64_t
waymarks_before(const struct waymarks *w, uint32_t serial)
{
	size_t from = 0, until = w->n;

	while (from < until) {
		size_t mid = from + (until - from) / 2;

		if ((int32_t)(w->at[place(w, mid)].serial - serial) < 0)
			from = mid + 1;
		else
			until = mid;
	}
	return from == 0 ? TIME_UNKNOWN : w->at[place(w, from - 1)].ms;
}
