/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "span.h"

#include <string.h>

/* ac_etime is whole 1/100 s (kernel/acct.c, fill_ac()). As a float it is exact
 * up to this; beyond it loses its last bits. */
#define EXACT_CS (1 << 24)

#define SECOND_CS 100

/* What its own facts say, told or held, from its last exec on. */
static void
add_fact(struct span *s, const struct fact *fact)
{
	if (fact->at.ms != TIME_UNKNOWN && fact->at.ms > s->acted)
		s->acted = fact->at.ms;
	switch (fact->kind) {
	case FACT_FOUND:
		if (fact->found.seen_ms > s->acted)
			s->acted = fact->found.seen_ms;
		if (fact->found.seen_ms < s->born_until)
			s->born_until = fact->found.seen_ms;
		break;
	case FACT_EXEC:
		if (!fact->exec.success)
			break;
		s->many = s->unborn = false;
		s->left.serial = s->crashed = 0;
		break;
	case FACT_ABEND:
		s->crashed = fact->at.serial;
		s->signal = (uint8_t)fact->signal;
		break;
	case FACT_BIRTH:
		s->many |= fact->birth.shape != BIRTH_PROCESS;
		break;
	case FACT_EXIT: /* the only thread's is that of all */
	case FACT_EXIT_GROUP:
		if (s->left.serial != 0 ||
		    (fact->kind == FACT_EXIT && (s->many || s->unborn)))
			break;
		s->left = fact->at;
		s->code = (uint8_t)fact->code;
		break;
	default:
		break;
	}
}

/*
 * Where the real clock stepped who is born may seem to act before: of two
 * stamps only one is taken for one from before it. Both may be from the same
 * side. Of when a canary was born no stamp tells.
 */
static int64_t
born_near_step(const struct life *l, const struct span *s)
{
	int64_t ms = l->birth.ms;

	if (l->last_ms != TIME_UNKNOWN)
		ms += l->birth_ahead - l->last_ahead;
	return l->hidden || ms > s->born_until ? s->born_until : ms;
}

/* A canary is there only after what was noted before it was forked. */
static int64_t
reaped_until(const struct life *l)
{
	if (l->reaped_ms == TIME_UNKNOWN)
		return INT64_MAX;
	return l->newer != NULL && l->newer->hidden ? l->reaped_ms + CANARY_MS
						    : l->reaped_ms;
}

struct span
span_of(const struct ticks *t, const struct life *l)
{
	const struct held_fact *h;
	int64_t first_ms = l->doubtful ? TIME_UNKNOWN : l->first_ms;
	struct span s = {.born_from = INT64_MIN,
	    .born_until = INT64_MAX,
	    .acted = l->last_ms == TIME_UNKNOWN ? INT64_MIN : l->last_ms,
	    .reaped = reaped_until(l),
	    .left = {TIME_UNKNOWN, 0},
	    .many = l->many,
	    .unborn = !l->born && l->expected == 0,
	    .ticks = t};

	if ((l->born && l->start == START_OBSERVED) || l->expected != 0) {
		s.born_from = l->birth.ms;
		s.born_until = l->birth.ms + BIRTH_DELAY_MS;
	} else if (lives_claimed(l) != NULL) {
		s.born_from = l->older->birth.ms;
	} else if (l->born && l->hidden) {
		s.born_from = l->birth.ms;
		s.born_until = l->birth.ms + CANARY_MS;
	}
	if (l->evidence.abend) {
		s.crashed = l->abend_serial;
		s.signal = l->evidence.abend_signal;
	}
	if (l->evidence.exit_group) {
		s.left = l->exit_at;
		s.code = l->evidence.code;
	} else if (l->evidence.thread_exit && !s.many && !s.unborn) {
		s.left = l->exit_at;
		s.code = l->evidence.thread_code;
	}
	STAILQ_FOREACH(h, &l->held, next)
	{
		if (l->doubtful && h->fact.at.ms <= l->doubt_ms)
			continue;
		if (first_ms == TIME_UNKNOWN)
			first_ms = h->fact.at.ms;
		add_fact(&s, &h->fact);
	}
	if (first_ms != TIME_UNKNOWN && ticks_after(t, first_ms) < s.born_until)
		s.born_until = ticks_after(t, first_ms);
	if (s.born_from > s.born_until &&
	    (l->hidden || l->last_ahead != l->birth_ahead))
		s.born_from = born_near_step(l, &s);
	return s;
}

/* What the float may have lost, 1/100 s. */
static double
lost_cs(const struct fact_acct *a)
{
	return a->elapsed_cs > EXACT_CS ? 2 * a->elapsed_cs / EXACT_CS : 0;
}

/* Its duration, in ms: at least, and less than. */
static int64_t
elapsed_from(const struct fact_acct *a)
{
	return (int64_t)((a->elapsed_cs - lost_cs(a)) * CENTISECOND_MS);
}

static int64_t
elapsed_until(const struct fact_acct *a)
{
	return (int64_t)((a->elapsed_cs + 1 + lost_cs(a)) * CENTISECOND_MS);
}

/*
 * ac_btime is the second of the write less the whole seconds of the duration
 * (kernel/acct.c, fill_ac()), so that second is known; by a clock that may be
 * a tick behind (ktime_get_real_seconds()).
 */
int64_t
span_record_from(const struct fact_acct *a)
{
	int64_t whole = (int64_t)((a->elapsed_cs - lost_cs(a)) / SECOND_CS);

	return (a->birth_s + whole) * 1000 - a->ahead_until;
}

/* The clock may have come to the end of that second so late. */
static int64_t
record_until(const struct ticks *t, const struct fact_acct *a)
{
	int64_t whole = (int64_t)((a->elapsed_cs + lost_cs(a)) / SECOND_CS);
	int64_t ms = (a->birth_s + whole + 1) * 1000 - a->ahead_from;

	ms += ticks_late(t, ms);
	return a->read_ms != TIME_UNKNOWN && a->read_ms < ms ? a->read_ms : ms;
}

int64_t
span_record_until(const struct fact_acct *a)
{
	return record_until(NULL, a);
}

bool
span_written_before(const struct span *s, const struct fact_acct *a, int64_t ms)
{
	return record_until(s->ticks, a) < ms;
}

bool
span_written_after(const struct fact_acct *a, int64_t ms)
{
	return span_record_from(a) > ms ||
	       (a->unwritten_ms != TIME_UNKNOWN && a->unwritten_ms > ms);
}

/* Records are read in the order in which they were written; of those that were
 * read at once the place in the file tells. */
bool
span_is_later(const struct fact_acct *a, const struct fact_acct *b)
{
	return a->read_ms != b->read_ms ? a->read_ms > b->read_ms
					: a->offset > b->offset;
}

/* What a record says of times, by the clock of s. */
struct bounds {
	int64_t elapsed_from, elapsed_until;
	int64_t written_from, written_until;
};

static struct bounds
bounds_of(const struct span *s, const struct fact_acct *a)
{
	return (struct bounds){
	    .elapsed_from = elapsed_from(a),
	    .elapsed_until = elapsed_until(a),
	    .written_from = span_record_from(a),
	    .written_until = record_until(s->ticks, a),
	};
}

static int64_t
latest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
born_from(const struct span *s, const struct bounds *b)
{
	return latest(s->born_from, b->written_from - b->elapsed_until);
}

static int64_t
born_until(const struct span *s, const struct bounds *b)
{
	return earliest(s->born_until, b->written_until - b->elapsed_from);
}

static int64_t
died_from(
    const struct span *s, const struct fact_acct *a, const struct bounds *b)
{
	int64_t ms = latest(born_from(s, b) + b->elapsed_from,
	    latest(b->written_from, s->acted));

	return a->unwritten_ms != TIME_UNKNOWN ? latest(ms, a->unwritten_ms)
					       : ms;
}

/* What is written late, after it was made, has who died keep its number. */
static int64_t
died_until(
    const struct span *s, const struct fact_acct *a, const struct bounds *b)
{
	int64_t ms =
	    earliest(born_until(s, b) + b->elapsed_until, b->written_until);

	if (a->unwritten_ms != TIME_UNKNOWN && a->unwritten_ms > ms)
		ms = a->read_ms;
	return earliest(ms, s->reaped);
}

int64_t
span_died_from(const struct span *s, const struct fact_acct *a)
{
	struct bounds b = bounds_of(s, a);

	return died_from(s, a, &b);
}

int64_t
span_born_from(const struct span *s, const struct fact_acct *a)
{
	struct bounds b = bounds_of(s, a);

	return latest(born_from(s, &b), died_from(s, a, &b) - b.elapsed_until);
}

int64_t
span_died_until(const struct span *s, const struct fact_acct *a)
{
	struct bounds b = bounds_of(s, a);

	return died_until(s, a, &b);
}

bool
span_agrees(const struct span *s, const struct fact_acct *a)
{
	if (s->many || s->unborn)
		return true;
	if (s->crashed != 0)
		return (a->status & 0x7f) == s->signal;
	return s->left.serial == 0 || a->status == (uint32_t)s->code << 8;
}

bool
span_written_later(const struct fact_acct *a, uint64_t order)
{
	return order != 0 && a->order > order;
}

bool
span_fits(const struct span *s, const struct fact_acct *a, int64_t until)
{
	struct bounds b;

	if (span_written_later(a, s->over_order))
		return false;
	b = bounds_of(s, a);
	return born_from(s, &b) <= born_until(s, &b) &&
	       died_from(s, a, &b) <= earliest(until, died_until(s, a, &b));
}

bool
span_born_before(const struct fact_acct *a, int64_t ms)
{
	return a->read_ms == TIME_UNKNOWN || a->read_ms - elapsed_from(a) <= ms;
}
