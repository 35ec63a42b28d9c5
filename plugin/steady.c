/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "steady.h"

#include <stdbool.h>
#include <string.h>

/* The clocks are read one after the other: less than this is no step. */
#define STEP_US 500

/* Times are cut to whole ms. */
#define SLACK_MS 1

/*
 * Stamps come so late at most, as a rule: two readings of one that differ by
 * less are told apart by what came before it.
 */
#define LAG_MS 2000
/* And what comes is older than what was heard by so much. */
#define BEHIND_MS 100

/* Accounting's birth is of the second of the death, and cut once more. */
#define ROUNDING_MS 1000

void
steady_init(struct steady *s)
{
	memset(s, 0, sizeof(*s));
	s->heard = TIME_UNKNOWN;
}

int64_t
steady_ahead_now(const struct steady *s)
{
	return s->n == 0 ? 0 : s->step[s->n - 1].ahead;
}

static int64_t
distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

static void
add_step(struct steady *s, int64_t until, int64_t ahead)
{
	int64_t from = s->n == 0 ? INT64_MIN : s->now;

	if (s->n == STEADY_STEPS) {
		memmove(&s->step[0], &s->step[1],
		    (STEADY_STEPS - 1) * sizeof(s->step[0]));
		s->step[0].from = INT64_MIN;
		s->n--;
	}
	s->steps += s->n > 0;
	s->step[s->n++] = (struct steady_step){from, until, ahead};
}

void
steady_note(struct steady *s, int64_t real_us, int64_t steady_us)
{
	int64_t ahead_us = real_us - steady_us;
	int64_t now = steady_us / 1000;

	if (s->n == 0 || distance(ahead_us, s->ahead_us) >= STEP_US) {
		add_step(
		    s, now, (ahead_us + (ahead_us < 0 ? -500 : 500)) / 1000);
		s->ahead_us = ahead_us;
	}
	s->now = now;
}

/* Whether the real clock can have shown this between the ith step and the
 * next one: from and until are the bounds of that time, steady. */
static bool
is_possible(const struct steady *s, size_t i, int64_t from, int64_t until)
{
	return (i == 0 || until + SLACK_MS >= s->step[i].from) &&
	       from <= s->now + SLACK_MS &&
	       (i + 1 == s->n || from <= s->step[i + 1].until);
}

/* Two readings too near to one another to tell: as what was heard before. */
static bool
is_nearer(const struct steady *s, int64_t ms, int64_t other)
{
	return s->heard != TIME_UNKNOWN && distance(ms, other) < LAG_MS &&
	       distance(ms, s->heard) < distance(other, s->heard);
}

/*
 * When a time was that none of the steps explains: between two that were seen
 * as one. Not earlier than what was heard before, and rather too early: what
 * was heard is proof that all before it was.
 */
static int64_t
unseen(const struct steady *s)
{
	if (s->heard != TIME_UNKNOWN)
		return s->heard;
	return s->n > 1 ? s->step[s->n - 1].from : s->now;
}

/*
 * After a step back the same was shown twice: the later is meant, unless that
 * is too near to tell and the stream has not come to the step.
 */
int64_t
steady_ahead(const struct steady *s, int64_t real_ms)
{
	int64_t best = TIME_UNKNOWN;

	for (size_t i = s->n; i-- > 0;) {
		int64_t ms = real_ms - s->step[i].ahead;

		if (best != TIME_UNKNOWN &&
		    s->heard > s->step[i + 1].until + BEHIND_MS)
			break;
		if (is_possible(s, i, ms, ms) &&
		    (best == TIME_UNKNOWN || is_nearer(s, ms, best)))
			best = ms;
	}
	if (best != TIME_UNKNOWN)
		return real_ms - best;
	return s->n == 0 ? 0 : real_ms - unseen(s);
}

int64_t
steady_hear(struct steady *s, int64_t real_ms)
{
	int64_t ms = real_ms - steady_ahead(s, real_ms);

	if (s->heard == TIME_UNKNOWN || ms > s->heard)
		s->heard = ms;
	return ms;
}

/* Of a death only the second is known: of all steps that may have been the
 * last before it. */
static void
acct_ahead(const struct steady *s, struct fact_acct *a)
{
	int64_t died = a->birth_s * 1000 + fact_elapsed_ms(a);
	bool any = false;

	if (s->n == 0)
		return;
	for (size_t i = s->n; i-- > 0;) {
		int64_t ahead = s->step[i].ahead;

		if (!is_possible(s, i, died - ROUNDING_MS - ahead,
			died + ROUNDING_MS - ahead))
			continue;
		if (!any || ahead < a->ahead_from)
			a->ahead_from = ahead;
		if (!any || ahead > a->ahead_until)
			a->ahead_until = ahead;
		any = true;
	}
	if (any)
		return;
	/* of two that were seen as one, or none before was seen */
	a->ahead_from = died - ROUNDING_MS - s->now;
	a->ahead_until = s->n == 1
			     ? s->step[0].ahead
			     : died + ROUNDING_MS - s->step[s->n - 1].from;
}

/* Nothing is said of them if the real clock stepped since: but now it is read.
 */
static void
acct_looks(const struct steady *s, struct fact_acct *a, int64_t now)
{
	if (a->unwritten_ms != TIME_UNKNOWN)
		a->unwritten_ms = steady_ahead(s, a->unwritten_ms) == now
				      ? a->unwritten_ms - now
				      : TIME_UNKNOWN;
	if (a->read_ms != TIME_UNKNOWN)
		a->read_ms = steady_ahead(s, a->read_ms) == now
				 ? a->read_ms - now
				 : s->now;
}

void
steady_fact(const struct steady *s, struct fact *fact)
{
	int64_t now = steady_ahead_now(s);

	fact->ahead_ms = now;
	if (fact->at.ms != TIME_UNKNOWN) {
		fact->ahead_ms = steady_ahead(s, fact->at.ms);
		fact->at.ms -= fact->ahead_ms;
	}
	switch (fact->kind) {
	case FACT_ACCT:
		acct_ahead(s, &fact->acct);
		acct_looks(s, &fact->acct, now);
		break;
	case FACT_FOUND:
		fact->found.start_ms -= now;
		fact->found.seen_ms -= now;
		break;
	case FACT_TASK:
		fact->task.seen_ms -= now;
		break;
	case FACT_GONE:
		fact->gone_ms -= now;
		break;
	default:
		break;
	}
}

struct stamp
steady_shown(const struct fact *fact)
{
	return (struct stamp){fact->at.ms + fact->ahead_ms, fact->at.serial};
}
