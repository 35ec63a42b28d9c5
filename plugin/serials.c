/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serials.h"

#include <string.h>

/* How far b is ahead of a; serials are 32 bits wide and roll over. */
static int32_t
ahead(uint32_t a, uint32_t b)
{
	return (int32_t)(b - a);
}

static uint64_t *
word_of(struct serials *s, uint32_t serial)
{
	return &s->seen[serial / 64 % (SERIALS_WINDOW / 64)];
}

static bool
is_seen(struct serials *s, uint32_t serial)
{
	return *word_of(s, serial) >> serial % 64 & 1;
}

static void
clear(struct serials *s, uint32_t serial)
{
	*word_of(s, serial) &= ~(UINT64_C(1) << serial % 64);
}

void
serials_start(struct serials *s, uint32_t next)
{
	memset(s, 0, sizeof(*s));
	s->started = true;
	s->base = s->whole = next;
	s->highest = next - 1;
}

void
serials_reset(struct serials *s)
{
	memset(s, 0, sizeof(*s));
}

static void
tell(struct serials *s, serials_gap_fn gap, void *ctx)
{
	if (s->missing > 0)
		gap(ctx, s->base - s->missing, s->missing);
	s->missing = 0;
}

/* Moves base past upto; a run of missing numbers is told where it ends. */
static void
pass(struct serials *s, uint32_t upto, serials_gap_fn gap, void *ctx)
{
	for (; ahead(s->base, upto) >= 0; s->base++) {
		if (!is_seen(s, s->base)) {
			s->missing++;
			continue;
		}
		clear(s, s->base);
		tell(s, gap, ctx);
	}
}

/* The window ends before upto now; past highest no number was seen. */
static void
slide(struct serials *s, uint32_t upto, serials_gap_fn gap, void *ctx)
{
	if (ahead(s->highest, upto) <= 0) {
		pass(s, upto, gap, ctx);
		return;
	}
	pass(s, s->highest, gap, ctx);
	s->missing += upto + 1 - s->base;
	s->base = upto + 1;
}

void
serials_see(struct serials *s, uint32_t serial, serials_gap_fn gap, void *ctx)
{
	if (!s->started)
		serials_start(s, serial);
	if (ahead(s->base, serial) < 0)
		return; /* a further record of a settled event */
	if (ahead(s->base, serial) >= SERIALS_WINDOW)
		slide(s, serial - SERIALS_WINDOW, gap, ctx);
	*word_of(s, serial) |= UINT64_C(1) << serial % 64;
	if (ahead(s->highest, serial) > 0)
		s->highest = serial;
}

void
serials_settle(struct serials *s, uint32_t upto, serials_gap_fn gap, void *ctx)
{
	if (!s->started)
		return;
	if (ahead(s->highest, upto) > 0)
		upto = s->highest;
	pass(s, upto, gap, ctx);
	tell(s, gap, ctx);
}

void
serials_unsee(struct serials *s, uint32_t serial)
{
	if (s->started && ahead(s->base, serial) >= 0 &&
	    ahead(serial, s->highest) >= 0) {
		clear(s, serial);
		s->whole = s->base;
	}
}

uint32_t
serials_next_from(struct serials *s, uint32_t serial)
{
	if (ahead(serial, s->base) > 0)
		serial = s->base;
	while (ahead(serial, s->highest) >= 0 && is_seen(s, serial))
		serial++;
	return serial;
}

uint32_t
serials_next(struct serials *s)
{
	s->whole = serials_next_from(s, s->whole);
	return s->whole;
}

/* Adds a run, or to the last one if it follows that. False: no room. */
static bool
add_missing(struct serials_run *runs, size_t *n, uint32_t first, uint32_t count)
{
	struct serials_run *last = *n > 0 ? &runs[*n - 1] : NULL;

	if (count == 0)
		return true;
	if (last != NULL && last->first + last->count == first) {
		last->count += count;
		return true;
	}
	if (*n == SERIALS_RUNS)
		return false;
	runs[(*n)++] = (struct serials_run){first, count};
	return true;
}

size_t
serials_missing(const struct serials *s, struct serials_run runs[SERIALS_RUNS])
{
	size_t n = 0;
	bool room = true;

	if (!s->started)
		return 0;
	room = add_missing(runs, &n, s->base - s->missing, s->missing);
	for (uint32_t at = s->base; room && ahead(at, s->highest) >= 0; at++) {
		if (!(s->seen[at / 64 % (SERIALS_WINDOW / 64)] >> at % 64 & 1))
			room = add_missing(runs, &n, at, 1);
	}
	return n;
}

void
serials_resume(struct serials *s, uint32_t highest,
    const struct serials_run *runs, size_t n, serials_gap_fn gap, void *ctx)
{
	uint32_t at = n > 0 ? runs[0].first : highest + 1;

	serials_start(s, at);
	for (size_t i = 0; i < n; i++) {
		uint32_t next = i + 1 < n ? runs[i + 1].first : highest + 1;

		at = runs[i].first + runs[i].count;
		for (; at != next; at++)
			serials_see(s, at, gap, ctx);
	}
	s->highest = highest;
}
