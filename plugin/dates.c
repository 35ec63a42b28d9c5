/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dates.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "pages.h"
#include "span.h"
#include "ticks.h"

/* Marks are found by numbers, of which there are so many remainders: as many
 * as numbers, unless pid_max was raised. */
#define REMAINDERS 32768

/* Who lived longer leaves nothing that could be mistaken: no bounds of its
 * own. So long marks are kept. */
#define LIFE_MS 2000
#define KEPT_MS (LIFE_MS + 2000 + DATES_AHEAD_MS)

/* Of more the oldest are given up, as if they had been missed. */
#define MARKS_MAX (1 << 20)

/* The clock was set if stamps are so far apart, or so many in a row so far
 * behind the newest one: a call may take its time. */
#define STEP_MS    1000
#define BEHIND_MS  (2 * TICK_MS)
#define BEHIND_MAX 3

/* The number of a process that died in a second may be used again then. */
#define REUSE_MS 500

/* The kernel's own threads, and its helpers, are its children: they are not
 * audited. */
#define KTHREADD 2

#define NAME_SIZE 32 /* ac_comm, and more */

enum mark_kind {
	MARK_ACT,
	MARK_EXIT,
	MARK_BIRTH,
};

struct mark {
	STAILQ_ENTRY(mark) next;     /* in order of serials */
	TAILQ_ENTRY(mark) of_number; /* the same */
	enum mark_kind kind;
	int32_t pid;
	struct stamp at;
	int64_t heard_ms; /* newest stamp then */
	uint64_t order;   /* of marks */
	uint8_t code;
	bool threads;
};
STAILQ_HEAD(mark_list, mark);
TAILQ_HEAD(number_list, mark);

struct dated {
	TAILQ_ENTRY(dated) next;
	struct fact fact;
	char name[NAME_SIZE];
	int64_t from_ms, until_ms; /* INT64_MIN, INT64_MAX: the second alone */
	bool done;
	bool living; /* perhaps */
};
TAILQ_HEAD(dated_list, dated);

/* The mark that a record of this number was given last, in a pass. */
struct given {
	int32_t pid;
	uint64_t pass, order;
};

struct dates {
	struct pages *pages; /* all marks and records */
	struct mark_list marks;
	size_t nmarks;
	uint64_t order; /* of the next mark */
	struct number_list number[REMAINDERS];
	struct given first[REMAINDERS], last[REMAINDERS];
	uint64_t passes;
	struct ticks ticks;
	int64_t now_ms; /* newest stamp */
	/* Some of the stream may be missing in between. */
	int64_t missed_from, missed_until;
	uint32_t serial; /* the last; 0: none yet */
	unsigned behind; /* marks in a row */
	bool ended;
	struct dated_list records;
	int64_t from_ms; /* the last record that is dated was written later */
	struct dated *taken;
};

struct dates *
dates_new(void)
{
	struct dates *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->pages = pages_new();
	if (d->pages == NULL) {
		free(d);
		return NULL;
	}
	STAILQ_INIT(&d->marks);
	TAILQ_INIT(&d->records);
	for (size_t i = 0; i < REMAINDERS; i++)
		TAILQ_INIT(&d->number[i]);
	d->now_ms = d->from_ms = INT64_MIN;
	d->missed_from = d->missed_until = INT64_MIN;
	return d;
}

static struct number_list *
list_of(struct dates *d, int32_t pid)
{
	return &d->number[(uint32_t)pid % REMAINDERS];
}

static void
drop_mark(struct dates *d)
{
	struct mark *m = STAILQ_FIRST(&d->marks);

	STAILQ_REMOVE_HEAD(&d->marks, next);
	TAILQ_REMOVE(list_of(d, m->pid), m, of_number);
	d->nmarks--;
	pages_give(d->pages, m);
}

static void
drop_record(struct dates *d)
{
	struct dated *r = TAILQ_FIRST(&d->records);

	TAILQ_REMOVE(&d->records, r, next);
	if (d->taken != NULL)
		pages_give(d->pages, d->taken);
	d->taken = r;
}

void
dates_free(struct dates *d)
{
	if (d == NULL)
		return;
	pages_free(d->pages);
	free(d);
}

/* The stream. */

/* Some may be missing between the newest stamp and this one. */
static void
miss(struct dates *d, int64_t ms)
{
	int64_t from = ms < d->now_ms ? ms : d->now_ms;

	if (from < d->missed_from || d->missed_until < d->now_ms - KEPT_MS)
		d->missed_from = from;
	d->missed_until = ms > d->now_ms ? ms : d->now_ms;
}

void
dates_hear(struct dates *d, struct stamp at)
{
	bool whole = at.serial == d->serial || at.serial == d->serial + 1;

	if (d->serial != 0 && (!whole || at.ms > d->now_ms + STEP_MS))
		miss(d, at.ms);
	d->serial = at.serial;
	ticks_heard(&d->ticks, at.ms);
	if (at.ms > d->now_ms)
		d->now_ms = at.ms;
	while (d->nmarks > 0 &&
	       STAILQ_FIRST(&d->marks)->heard_ms < d->now_ms - KEPT_MS)
		drop_mark(d);
}

static void
add_mark(struct dates *d, const struct mark *mark)
{
	struct mark *m = pages_take(d->pages, sizeof(*m));

	d->behind = mark->at.ms < d->now_ms - BEHIND_MS ? d->behind + 1 : 0;
	if (m == NULL || d->nmarks == MARKS_MAX)
		miss(d, INT64_MIN);
	if (d->behind > BEHIND_MAX)
		miss(d, mark->at.ms);
	if (d->nmarks == MARKS_MAX)
		drop_mark(d);
	if (m == NULL)
		return;
	*m = *mark;
	m->heard_ms = d->now_ms;
	m->order = d->order++;
	STAILQ_INSERT_TAIL(&d->marks, m, next);
	TAILQ_INSERT_TAIL(list_of(d, m->pid), m, of_number);
	d->nmarks++;
}

void
dates_act(struct dates *d, int32_t pid, struct stamp at, bool threads)
{
	add_mark(
	    d, &(struct mark){
		   .kind = MARK_ACT, .pid = pid, .at = at, .threads = threads});
}

void
dates_exit(struct dates *d, int32_t pid, struct stamp at, uint8_t code)
{
	add_mark(d, &(struct mark){
			.kind = MARK_EXIT, .pid = pid, .at = at, .code = code});
}

void
dates_birth(struct dates *d, int32_t child, struct stamp at)
{
	add_mark(d, &(struct mark){.kind = MARK_BIRTH, .pid = child, .at = at});
}

void
dates_end(struct dates *d)
{
	d->ended = true;
}

/* One record. */

static int64_t
second_until(const struct dates *d, const struct dated *r)
{
	int64_t ms = span_record_until(&r->fact.acct);

	return ms + ticks_late(&d->ticks, ms);
}

/* When it was born, at the earliest. */
static int64_t
born_from(const struct dated *r)
{
	const struct fact_acct *a = &r->fact.acct;

	return span_record_from(a) - fact_elapsed_ms(a) - 2 * CENTISECOND_MS;
}

/* Whether it did what the mark tells of, as far as the times go. */
static bool
may_be_its(const struct dates *d, const struct mark *m, const struct dated *r)
{
	return m->pid == r->fact.pid &&
	       ticks_after(&d->ticks, m->at.ms) >= born_from(r) &&
	       m->at.ms < second_until(d, r);
}

/* Whether the mark may be of the very exit that the record tells of. */
static bool
may_be_exit(const struct dates *d, const struct mark *m, const struct dated *r)
{
	return m->kind == MARK_EXIT &&
	       r->fact.acct.status == (uint32_t)m->code << 8 &&
	       may_be_its(d, m, r);
}

/* The last thread may have written the record before another one logged that
 * it leaves (kernel/exit.c, do_exit(): it was counted off before). */
static bool
may_have_threads(struct dates *d, const struct dated *r)
{
	const struct mark *m;

	TAILQ_FOREACH (m, list_of(d, r->fact.pid), of_number) {
		if (m->threads && may_be_its(d, m, r))
			return true;
	}
	return false;
}

/* Nobody has a number after him before his record is written, and what he does
 * was begun later still. */
static int64_t
used_again_ms(const struct dates *d, const struct mark *left)
{
	const struct mark *birth = left, *m = left;

	while (birth != NULL &&
	       (birth->kind != MARK_BIRTH || birth->pid != left->pid ||
		   birth->at.ms <= left->at.ms))
		birth = TAILQ_NEXT(birth, of_number);
	if (birth == NULL)
		return INT64_MAX;
	do
		m = TAILQ_NEXT(m, of_number);
	while (m != NULL && (m->kind == MARK_BIRTH || m->pid != left->pid ||
				m->at.ms < birth->at.ms));
	return m == NULL ? INT64_MAX : ticks_after(&d->ticks, m->at.ms);
}

/* Whether all that the stream said of its process is there. */
static bool
is_whole(struct dates *d, const struct dated *r)
{
	return (r->fact.acct.status & 0x7f) == 0 && r->fact.ppid != KTHREADD &&
	       fact_elapsed_ms(&r->fact.acct) <= LIFE_MS && !r->living &&
	       (d->missed_until < born_from(r) ||
		   second_until(d, r) < d->missed_from) &&
	       !may_have_threads(d, r);
}

/* Several of them. */

static void
give(struct dates *d, struct given *g, const struct mark *m)
{
	*g = (struct given){m->pid, d->passes, m->order};
}

static bool
is_given(const struct dates *d, const struct given *g, int32_t pid)
{
	return g->pid == pid && g->pass == d->passes;
}

/* The first exit that it can be, after that of the record before. */
static void
date_from(struct dates *d, struct dated *r)
{
	int32_t pid = r->fact.pid;
	struct given *g = &d->first[(uint32_t)pid % REMAINDERS];
	const struct mark *m;

	TAILQ_FOREACH (m, list_of(d, pid), of_number) {
		if (may_be_exit(d, m, r) &&
		    (g->pid != pid || g->order < m->order))
			break;
	}
	if (m != NULL && is_whole(d, r)) {
		give(d, g, m);
		if (m->heard_ms > d->from_ms)
			d->from_ms = m->heard_ms;
	}
	r->from_ms = d->from_ms;
}

/* The last one; until_ms: of the record that follows in the file. */
static int64_t
date_until(struct dates *d, struct dated *r, int64_t until_ms)
{
	int32_t pid = r->fact.pid;
	struct given *g = &d->last[(uint32_t)pid % REMAINDERS];
	const struct mark *m;
	int64_t ms;

	TAILQ_FOREACH_REVERSE(m, list_of(d, pid), number_list, of_number)
	{
		if (may_be_exit(d, m, r) &&
		    (!is_given(d, g, pid) || g->order > m->order))
			break;
	}
	if (m != NULL && is_whole(d, r)) {
		give(d, g, m);
		ms = used_again_ms(d, m);
		if (ms < until_ms)
			until_ms = ms;
	}
	r->until_ms = until_ms;
	return until_ms;
}

static bool
is_contradiction(const struct dates *d, const struct dated *r)
{
	return r->from_ms > r->until_ms || r->from_ms > second_until(d, r) ||
	       r->until_ms < span_record_from(&r->fact.acct);
}

/* From first to last nothing is sure but the seconds. */
static void
give_up(struct dates *d, struct dated *first, const struct dated *last)
{
	d->from_ms = INT64_MIN;
	for (struct dated *r = first; r != last; r = TAILQ_NEXT(r, next)) {
		r->from_ms = INT64_MIN;
		r->until_ms = INT64_MAX;
	}
}

/* Whether all was read that can concern it. */
static bool
is_read(const struct dates *d, const struct dated *r)
{
	return d->ended || second_until(d, r) + REUSE_MS < d->now_ms;
}

/* Those of whom that is so. */
static void
date(struct dates *d)
{
	struct dated *first = TAILQ_FIRST(&d->records), *r, *last;
	int64_t until_ms = INT64_MAX;
	bool contradiction = false;

	while (first != NULL && first->done)
		first = TAILQ_NEXT(first, next);
	last = first;
	d->passes++;
	for (; last != NULL && is_read(d, last);
	     last = TAILQ_NEXT(last, next)) {
		date_from(d, last);
		last->done = true;
	}
	if (last == first)
		return;
	r = last == NULL ? TAILQ_LAST(&d->records, dated_list)
			 : TAILQ_PREV(last, dated_list, next);
	for (;; r = TAILQ_PREV(r, dated_list, next)) {
		until_ms = date_until(d, r, until_ms);
		contradiction |= is_contradiction(d, r);
		if (r == first)
			break;
	}
	if (contradiction)
		give_up(d, first, last);
}

bool
dates_is_near(const struct dates *d, const struct fact *record)
{
	return span_record_from(&record->acct) <= d->now_ms;
}

bool
dates_add(struct dates *d, const struct fact *record)
{
	struct dated *r = pages_take(d->pages, sizeof(*r));

	if (r == NULL)
		return false;
	*r = (struct dated){
	    .fact = *record, .from_ms = INT64_MIN, .until_ms = INT64_MAX};
	if (r->fact.comm.len > NAME_SIZE)
		r->fact.comm.len = NAME_SIZE;
	memcpy(r->name, record->comm.at, r->fact.comm.len);
	r->fact.comm.at = r->name;
	TAILQ_INSERT_TAIL(&d->records, r, next);
	return true;
}

void
dates_turn(struct dates *d)
{
	struct dated *last = TAILQ_LAST(&d->records, dated_list);

	if (last != NULL)
		last->living = true;
}

bool
dates_take(struct dates *d, int64_t ms, bool all, struct fact *record)
{
	struct dated *r = TAILQ_FIRST(&d->records);
	int64_t from;

	if (r == NULL)
		return false;
	if (!r->done)
		date(d);
	from = span_record_from(&r->fact.acct);
	if (!r->done)
		from = second_until(d, r);
	if (r->from_ms > from)
		from = r->from_ms;
	if (!all && from > ms)
		return false;
	drop_record(d);
	*record = r->fact;
	record->acct.unwritten_ms =
	    r->from_ms == INT64_MIN ? TIME_UNKNOWN : r->from_ms;
	record->acct.read_ms =
	    r->until_ms == INT64_MAX ? TIME_UNKNOWN : r->until_ms;
	return true;
}
