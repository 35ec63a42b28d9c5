/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "assemble_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define BUCKETS     1024 /* of open events; a power of two */
#define CLOSED      256  /* remembered events that are done with; power of 2 */
#define SPARE_BYTES (1024 * 1024) /* of texts that are kept for reuse */

struct open_event {
	TAILQ_ENTRY(open_event) in_order; /* of their newest record */
	struct open_event *next;          /* in its bucket */
	LIST_ENTRY(open_event) in_pid;    /* if it has a pid */
	struct stamp at;
	enum syscall_kind kind; /* SYSCALL_OTHER: no SYSCALL record yet */
	int32_t pid;            /* whose call it is; -1: unknown */
	bool failed;            /* an exec that failed */
	bool cut;
	bool fresh; /* touched since the last tick */
	bool ended; /* its end came while it was torn */
	bool torn;  /* it may lack what comes before what there is of it */
	uint64_t records;
	int64_t touched; /* when its newest record came */
	int64_t heard;   /* the stream's newest stamp by then */
	int64_t base;    /* the first stamp that came after it; or unknown */
	size_t len, size;
	char *text;
};

TAILQ_HEAD(open_list, open_event);
LIST_HEAD(pid_list, open_event);

/* An event that is done with: what still comes of it is not gathered. */
struct closed {
	struct stamp at;
	bool told; /* handed on; else nobody wanted it */
};

struct assemble_table {
	const struct assemble_settings *set;
	assemble_table_fn fn;
	void *ctx;
	struct assemble_counts *counts;
	int64_t heard;   /* the stream's newest stamp */
	int64_t wait_ms; /* for what comes after an event's newest record */
	bool ends;       /* events have ends of their own */

	struct open_list open, spare; /* spare: those without a text last */
	size_t nopen, ntorn;
	size_t spare_bytes;
	struct open_event *bucket[BUCKETS];
	struct pid_list of_pid[BUCKETS];
	struct closed closed[CLOSED];
};

struct assemble_table *
assemble_table_new(const struct assemble_settings *s, assemble_table_fn fn,
    void *ctx, struct assemble_counts *counts)
{
	struct assemble_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->set = s;
	t->fn = fn;
	t->ctx = ctx;
	t->counts = counts;
	t->heard = TIME_UNKNOWN;
	t->wait_ms = s->eoe_wait_ms;
	TAILQ_INIT(&t->open);
	TAILQ_INIT(&t->spare);
	return t;
}

static void
free_list(struct open_list *list)
{
	struct open_event *e;

	while ((e = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, e, in_order);
		free(e->text);
		free(e);
	}
}

void
assemble_table_free(struct assemble_table *t)
{
	if (t == NULL)
		return;
	free_list(&t->open);
	free_list(&t->spare);
	free(t);
}

static void
drop(struct assemble_table *t, enum assemble_drop why)
{
	t->counts->drops[why]++;
}

static struct open_event **
bucket_of(struct assemble_table *t, struct stamp at)
{
	return &t->bucket[at.serial & (BUCKETS - 1)];
}

static bool
same_stamp(struct stamp a, struct stamp b)
{
	return a.serial == b.serial && a.ms == b.ms;
}

static struct open_event *
find_open(struct assemble_table *t, struct stamp at)
{
	struct open_event *e = *bucket_of(t, at);

	while (e != NULL && !same_stamp(e->at, at))
		e = e->next;
	return e;
}

static struct closed *
closed_slot(struct assemble_table *t, struct stamp at)
{
	return &t->closed[at.serial & (CLOSED - 1)];
}

/* For the next event, with its text, if that is not too much. */
static void
keep(struct assemble_table *t, struct open_event *e)
{
	if (t->spare_bytes + e->size <= SPARE_BYTES) {
		t->spare_bytes += e->size;
		TAILQ_INSERT_HEAD(&t->spare, e, in_order);
		return;
	}
	free(e->text);
	e->text = NULL;
	e->size = 0;
	TAILQ_INSERT_TAIL(&t->spare, e, in_order);
}

/* A spare one, or one more; NULL: no memory. */
static struct open_event *
take(struct assemble_table *t)
{
	struct open_event *e = TAILQ_FIRST(&t->spare);

	if (e == NULL)
		return calloc(1, sizeof(*e));
	TAILQ_REMOVE(&t->spare, e, in_order);
	t->spare_bytes -= e->size;
	return e;
}

/* Takes an event out of the table. told: what still comes of it is late. */
static void
retire(struct assemble_table *t, struct open_event *e, bool told)
{
	struct open_event **at = bucket_of(t, e->at);

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	TAILQ_REMOVE(&t->open, e, in_order);
	if (e->pid >= 0)
		LIST_REMOVE(e, in_pid);
	t->nopen--;
	t->ntorn -= e->torn;
	*closed_slot(t, e->at) = (struct closed){e->at, told};
	keep(t, e);
}

/* Hands an event on; without its SYSCALL record it is none. */
static void
close_event(struct assemble_table *t, struct open_event *e, bool incomplete)
{
	struct assemble_event ev = {
	    .what = ASSEMBLE_SYSCALL,
	    .kind = e->kind,
	    .at = e->at,
	    .records = {e->text, e->len},
	    .cut = e->cut,
	    .incomplete = e->cut || incomplete,
	};

	if (e->kind == SYSCALL_OTHER) {
		t->counts->drops[ASSEMBLE_LATE] += e->records;
	} else {
		t->counts->events++;
		t->fn(t->ctx, &ev, e->pid);
	}
	retire(t, e, true);
}

/* A new open event; at the limit the oldest one is handed on as it is. */
static struct open_event *
open_event(struct assemble_table *t, struct stamp at, int64_t now)
{
	struct open_event *e;

	if (t->nopen >= t->set->open_events) {
		drop(t, ASSEMBLE_LIMIT);
		close_event(t, TAILQ_FIRST(&t->open), true);
	}
	e = take(t);
	if (e == NULL)
		return NULL;
	e->at = at;
	e->kind = SYSCALL_OTHER;
	e->pid = -1;
	e->failed = false;
	e->cut = false;
	e->records = 0;
	e->fresh = true;
	e->ended = e->torn = false;
	e->touched = now;
	e->heard = t->heard;
	e->base = TIME_UNKNOWN;
	e->len = 0;
	e->next = *bucket_of(t, at);
	*bucket_of(t, at) = e;
	TAILQ_INSERT_TAIL(&t->open, e, in_order);
	t->nopen++;
	return e;
}

/* Makes room for len more bytes, within the limit. */
static bool
reserve(struct assemble_table *t, struct open_event *e, size_t len)
{
	size_t size = e->size > 0 ? e->size : 2048;
	char *text;

	if (e->len + len > t->set->event_bytes)
		return false;
	while (size < e->len + len)
		size *= 2;
	if (size == e->size)
		return true;
	text = realloc(e->text, size);
	if (text == NULL)
		return false;
	e->text = text;
	e->size = size;
	return true;
}

static void
append(struct assemble_table *t, struct open_event *e, struct bytes line,
    int64_t now)
{
	if (!reserve(t, e, line.len + 1)) {
		drop(t, ASSEMBLE_LIMIT);
		e->cut = true;
		return;
	}
	memcpy(e->text + e->len, line.at, line.len + 1);
	e->len += line.len + 1;
	e->records++;
	e->fresh = true;
	e->touched = now;
	e->heard = t->heard;
	e->base = TIME_UNKNOWN;
	TAILQ_REMOVE(&t->open, e, in_order);
	TAILQ_INSERT_TAIL(&t->open, e, in_order);
}

/* The open event a record belongs to; a new one unless it is done with. */
static struct open_event *
event_of(struct assemble_table *t, struct stamp at, int64_t now)
{
	struct open_event *e = find_open(t, at);
	const struct closed *c = closed_slot(t, at);

	if (e != NULL)
		return e;
	if (same_stamp(c->at, at)) {
		if (c->told)
			drop(t, ASSEMBLE_LATE);
		return NULL;
	}
	e = open_event(t, at, now);
	if (e == NULL)
		drop(t, ASSEMBLE_LIMIT);
	return e;
}

void
assemble_table_expect_ends(struct assemble_table *t)
{
	t->ends = true;
	if (t->wait_ms < t->set->lateness_ms)
		t->wait_ms = t->set->lateness_ms;
}

/*
 * In a replay the stream's stamps are the clock. What counts is how far they
 * go on after an event's newest record: its own stamp may be old by then.
 */
int64_t
assemble_table_hear(struct assemble_table *t, int64_t ms)
{
	struct open_event *e;

	t->heard = ms;
	TAILQ_FOREACH_REVERSE(e, &t->open, open_list, in_order)
	{
		if (e->base != TIME_UNKNOWN)
			break;
		e->base = ms;
	}
	while ((e = TAILQ_FIRST(&t->open)) != NULL && t->set->by_stamps &&
	       ms >= e->base + t->wait_ms)
		close_event(t, e, true);
	return e != NULL ? e->heard : ms;
}

static struct pid_list *
list_of(struct assemble_table *t, int32_t pid)
{
	return &t->of_pid[(uint32_t)pid & (BUCKETS - 1)];
}

void
assemble_table_next_of(struct assemble_table *t, int32_t pid, struct stamp at)
{
	struct open_event *e, *next;

	if (pid < 0 || (t->ends && !t->set->by_stamps))
		return;
	for (e = LIST_FIRST(list_of(t, pid)); e != NULL; e = next) {
		next = LIST_NEXT(e, in_pid);
		if (e->pid == pid && !e->failed && !same_stamp(e->at, at))
			close_event(t, e, e->kind == SYSCALL_EXEC);
	}
}

static void
set_torn(struct assemble_table *t, struct open_event *e, bool torn)
{
	t->ntorn += torn;
	t->ntorn -= e->torn;
	e->torn = torn;
}

bool
assemble_table_has_before(
    const struct assemble_table *t, int32_t pid, uint32_t serial)
{
	const struct open_event *e;

	if (pid < 0)
		return false;
	LIST_FOREACH(e, &t->of_pid[(uint32_t)pid & (BUCKETS - 1)], in_pid)
	{
		if (e->pid == pid && !e->failed &&
		    (int32_t)(e->at.serial - serial) < 0)
			return true;
	}
	return false;
}

static void
note_call(struct assemble_table *t, struct open_event *e,
    const struct record *rec, enum syscall_kind kind)
{
	e->kind = kind;
	set_torn(t, e, e->ended);
	e->pid = record_pid(rec);
	e->failed = kind == SYSCALL_EXEC && record_failed(rec);
	if (e->pid < 0)
		return;
	assemble_table_next_of(t, e->pid, e->at);
	LIST_INSERT_HEAD(list_of(t, e->pid), e, in_pid);
}

void
assemble_table_add(struct assemble_table *t, const struct record *rec,
    enum syscall_kind kind, int64_t now)
{
	struct open_event *e = event_of(t, rec->at, now);

	if (e == NULL)
		return;
	if (kind != SYSCALL_OTHER && e->kind == SYSCALL_OTHER)
		note_call(t, e, rec, kind);
	append(t, e, rec->line, now);
}

void
assemble_table_tear(struct assemble_table *t, struct stamp at, int64_t now)
{
	struct open_event *e = event_of(t, at, now);

	if (e != NULL && e->kind == SYSCALL_OTHER)
		set_torn(t, e, true);
}

void
assemble_table_forget(struct assemble_table *t, struct stamp at)
{
	struct open_event *e = find_open(t, at);

	if (e != NULL)
		retire(t, e, false);
	else
		*closed_slot(t, at) = (struct closed){at, false};
}

void
assemble_table_end(struct assemble_table *t, struct stamp at)
{
	struct open_event *e = find_open(t, at);

	if (e == NULL)
		return;
	if (e->torn)
		e->ended = true;
	else
		close_event(t, e, false);
}

/* all: of any that wait, else of those that are torn. */
static bool
lowest(const struct assemble_table *t, bool all, uint32_t *serial)
{
	const struct open_event *e;
	bool any = false;

	TAILQ_FOREACH (e, &t->open, in_order) {
		if (!all && !e->torn)
			continue;
		if (!any || (int32_t)(e->at.serial - *serial) < 0)
			*serial = e->at.serial;
		any = true;
	}
	return any;
}

bool
assemble_table_torn(const struct assemble_table *t, uint32_t *serial)
{
	return t->ntorn > 0 && lowest(t, false, serial);
}

bool
assemble_table_lowest(const struct assemble_table *t, uint32_t *serial)
{
	return lowest(t, true, serial);
}

/*
 * How long it may go on waiting. One that was torn is nearly certainly whole
 * once it has its call; until then others wait for it, as long as they do.
 */
static int64_t
wait_of(const struct assemble_table *t, const struct open_event *e)
{
	if (!e->torn || !e->ended)
		return t->wait_ms;
	return e->kind != SYSCALL_OTHER ? t->set->eoe_wait_ms
					: t->set->lateness_ms / 2;
}

void
assemble_table_mend(struct assemble_table *t, struct stamp at)
{
	struct open_event *e, *next;

	for (e = TAILQ_FIRST(&t->open); e != NULL && t->ntorn > 0; e = next) {
		next = TAILQ_NEXT(e, in_order);
		if (e->torn && e->ended && !same_stamp(e->at, at))
			close_event(t, e, true);
	}
}

void
assemble_table_end_before(struct assemble_table *t, uint32_t serial)
{
	struct open_event *e, *next;

	for (e = TAILQ_FIRST(&t->open); e != NULL; e = next) {
		next = TAILQ_NEXT(e, in_order);
		if (e->kind != SYSCALL_OTHER &&
		    (int32_t)(e->at.serial - serial) < 0)
			close_event(t, e, true);
	}
}

void
assemble_table_end_all(struct assemble_table *t)
{
	struct open_event *e;

	while ((e = TAILQ_FIRST(&t->open)) != NULL)
		close_event(t, e, true);
}

/* What was added since the last tick came just now, whatever was said then. */
static void
refresh(struct assemble_table *t, int64_t now)
{
	struct open_event *e;

	TAILQ_FOREACH_REVERSE(e, &t->open, open_list, in_order)
	{
		if (!e->fresh)
			break;
		e->fresh = false;
		e->touched = now;
	}
}

void
assemble_table_tick(struct assemble_table *t, int64_t now)
{
	struct open_event *e, *next;

	refresh(t, now);
	for (e = TAILQ_FIRST(&t->open); e != NULL && t->ntorn > 0; e = next) {
		next = TAILQ_NEXT(e, in_order);
		if (now >= e->touched + wait_of(t, e) && !t->set->by_stamps)
			close_event(t, e, true);
	}
	while ((e = TAILQ_FIRST(&t->open)) != NULL && !t->set->by_stamps &&
	       now >= e->touched + t->wait_ms)
		close_event(t, e, true);
}

int64_t
assemble_table_deadline(const struct assemble_table *t)
{
	const struct open_event *e = TAILQ_FIRST(&t->open);
	int64_t at;

	if (e == NULL || t->set->by_stamps)
		return INT64_MAX;
	at = e->touched + t->wait_ms;
	for (; e != NULL && t->ntorn > 0; e = TAILQ_NEXT(e, in_order)) {
		if (e->touched + wait_of(t, e) < at)
			at = e->touched + wait_of(t, e);
	}
	return at;
}

size_t
assemble_table_serials(
    const struct assemble_table *t, uint32_t *serials, size_t max)
{
	const struct open_event *e;
	size_t n = 0;

	TAILQ_FOREACH (e, &t->open, in_order) {
		if (n == max)
			break;
		serials[n++] = e->at.serial;
	}
	return n;
}
