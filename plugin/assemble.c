/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "assemble.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "serials.h"

#define BUFFER_SIZE (4 * ASSEMBLE_LINE_MAX)
#define BUCKETS     1024  /* of open events; a power of two */
#define CLOSED      256   /* remembered events that are done with; power of 2 */
#define SPARE_BYTES 16384 /* larger buffers are not kept for reuse */

/* auditd puts it before what it adds to an enriched record (libaudit.h,
 * AUDIT_INTERP_SEPARATOR); everything from there on is dropped. */
#define ENRICHMENT 0x1d

enum record_type {
	RECORD_OTHER,
	RECORD_SYSCALL,
	RECORD_EXECVE,
	RECORD_CWD,
	RECORD_PATH,
	RECORD_PROCTITLE,
	RECORD_EOE,
	RECORD_ABEND,
	RECORD_DAEMON,
};

/* A line taken apart as far as is needed to know what to do with it. */
struct record {
	struct bytes line; /* without node=, newline and enrichment */
	struct bytes type, node;
	struct bytes fields; /* after "msg=audit(...): " */
	struct stamp at;
	enum record_type kind;
};

struct open_event {
	TAILQ_ENTRY(open_event) in_order; /* of their newest record */
	struct open_event *next;          /* in its bucket */
	struct stamp at;
	enum syscall_kind kind; /* SYSCALL_OTHER: no SYSCALL record yet */
	bool incomplete;
	bool fresh; /* touched since the last tick */
	uint64_t records;
	int64_t touched; /* when its newest record came */
	int64_t heard;   /* the stream's newest stamp by then */
	size_t len, size;
	char *text;
};

TAILQ_HEAD(open_list, open_event);

/* An event that is done with: what still comes of it is not gathered. */
struct closed {
	struct stamp at;
	bool told; /* handed on; else nobody wanted it */
};

/* The last second of the year 9999: what is later can't be told as a time. */
#define SECONDS_MAX INT64_C(253402300799)

/*
 * In one boot a lower serial comes late by milliseconds. After a start of
 * auditd one that is stamped so much later is of a new boot.
 */
#define REBOOT_MS 2000

/* What the highest serial was at some time, to know what is late. */
struct mark {
	int64_t now, ms;
	uint32_t serial;
	bool set;
	bool fresh; /* since the last tick */
};

struct assemble {
	struct assemble_settings set;
	const struct syscalls *sc;
	struct assemble_ops ops;
	void *ctx;
	struct assemble_counts counts;

	size_t have;    /* bytes of an unfinished line at the buffer's start */
	bool skipping;  /* inside a line that is too long */
	bool has_eoe;   /* this stream ends events with EOE */
	bool restarted; /* auditd was, and no record came since */
	char node[256];
	size_t node_len;
	bool node_known;

	struct open_list open, spare;
	size_t nopen;
	struct open_event *bucket[BUCKETS];
	struct closed closed[CLOSED];

	struct serials serials;
	struct mark mark;
	int64_t last_ms;    /* newest stamp */
	int64_t settled_ms; /* stamp when serials were last settled */
	char buffer[BUFFER_SIZE + 1];
};

struct assemble *
assemble_new(const struct assemble_settings *s, const struct syscalls *sc,
    const struct assemble_ops *ops, void *ctx)
{
	struct assemble *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->set = *s;
	a->sc = sc;
	a->ops = *ops;
	a->ctx = ctx;
	a->last_ms = a->settled_ms = TIME_UNKNOWN;
	TAILQ_INIT(&a->open);
	TAILQ_INIT(&a->spare);
	if (s->node != NULL) {
		a->node_len = strnlen(s->node, sizeof(a->node));
		memcpy(a->node, s->node, a->node_len);
		a->node_known = true;
	}
	return a;
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
assemble_free(struct assemble *a)
{
	if (a == NULL)
		return;
	free_list(&a->open);
	free_list(&a->spare);
	free(a);
}

static void
drop(struct assemble *a, enum assemble_drop why)
{
	a->counts.drops[why]++;
}

/* Open events. */

static struct open_event **
bucket_of(struct assemble *a, struct stamp at)
{
	return &a->bucket[at.serial & (BUCKETS - 1)];
}

static bool
same_stamp(struct stamp a, struct stamp b)
{
	return a.serial == b.serial && a.ms == b.ms;
}

static struct open_event *
find_open(struct assemble *a, struct stamp at)
{
	struct open_event *e = *bucket_of(a, at);

	while (e != NULL && !same_stamp(e->at, at))
		e = e->next;
	return e;
}

static struct closed *
closed_slot(struct assemble *a, struct stamp at)
{
	return &a->closed[at.serial & (CLOSED - 1)];
}

/* Takes an event out of the table. told: what still comes of it is late. */
static void
retire(struct assemble *a, struct open_event *e, bool told)
{
	struct open_event **at = bucket_of(a, e->at);

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	TAILQ_REMOVE(&a->open, e, in_order);
	a->nopen--;
	*closed_slot(a, e->at) = (struct closed){e->at, told};
	if (e->size > SPARE_BYTES) {
		free(e->text);
		e->text = NULL;
		e->size = 0;
	}
	TAILQ_INSERT_HEAD(&a->spare, e, in_order);
}

/* Hands an event on; without its SYSCALL record it is none. */
static void
close_event(struct assemble *a, struct open_event *e, bool incomplete)
{
	struct assemble_event ev = {
	    .what = ASSEMBLE_SYSCALL,
	    .kind = e->kind,
	    .at = e->at,
	    .records = {e->text, e->len},
	    .incomplete = e->incomplete || incomplete,
	};

	if (e->kind == SYSCALL_OTHER) {
		a->counts.drops[ASSEMBLE_LATE] += e->records;
	} else {
		a->counts.events++;
		a->ops.event(a->ctx, &ev);
	}
	retire(a, e, true);
}

/* A new open event; at the limit the oldest one is handed on as it is. */
static struct open_event *
open_event(struct assemble *a, struct stamp at, int64_t now)
{
	struct open_event *e;

	if (a->nopen >= a->set.open_events) {
		drop(a, ASSEMBLE_LIMIT);
		close_event(a, TAILQ_FIRST(&a->open), true);
	}
	e = TAILQ_FIRST(&a->spare);
	if (e != NULL)
		TAILQ_REMOVE(&a->spare, e, in_order);
	else if ((e = calloc(1, sizeof(*e))) == NULL)
		return NULL;
	e->at = at;
	e->kind = SYSCALL_OTHER;
	e->incomplete = false;
	e->records = 0;
	e->fresh = true;
	e->touched = now;
	e->heard = a->last_ms;
	e->len = 0;
	e->next = *bucket_of(a, at);
	*bucket_of(a, at) = e;
	TAILQ_INSERT_TAIL(&a->open, e, in_order);
	a->nopen++;
	return e;
}

/* Makes room for len more bytes, within the limit. */
static bool
reserve(struct assemble *a, struct open_event *e, size_t len)
{
	size_t size = e->size > 0 ? e->size : 2048;
	char *text;

	if (e->len + len > a->set.event_bytes)
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
append(struct assemble *a, struct open_event *e, struct bytes line, int64_t now)
{
	if (!reserve(a, e, line.len + 1)) {
		drop(a, ASSEMBLE_LIMIT);
		e->incomplete = true;
		return;
	}
	memcpy(e->text + e->len, line.at, line.len);
	e->text[e->len + line.len] = '\n';
	e->len += line.len + 1;
	e->records++;
	e->fresh = true;
	e->touched = now;
	e->heard = a->last_ms;
	TAILQ_REMOVE(&a->open, e, in_order);
	TAILQ_INSERT_TAIL(&a->open, e, in_order);
}

/* The open event a record belongs to; a new one unless it is done with. */
static struct open_event *
event_of(struct assemble *a, struct stamp at, int64_t now)
{
	struct open_event *e = find_open(a, at);
	const struct closed *c = closed_slot(a, at);

	if (e != NULL)
		return e;
	if (same_stamp(c->at, at)) {
		if (c->told)
			drop(a, ASSEMBLE_LATE);
		return NULL;
	}
	e = open_event(a, at, now);
	if (e == NULL)
		drop(a, ASSEMBLE_LIMIT);
	return e;
}

/* Taking a line apart. */

static bool
starts(struct bytes b, const char *prefix, size_t len)
{
	return b.len >= len && memcmp(b.at, prefix, len) == 0;
}

#define STARTS(b, literal) starts((b), (literal), sizeof(literal) - 1)

static void
skip(struct bytes *b, size_t n)
{
	b->at += n;
	b->len -= n;
}

/* The bytes before the next stop, which are taken off *b with it. */
static bool
word(struct bytes *b, char stop, struct bytes *out)
{
	const char *end = memchr(b->at, stop, b->len);

	if (end == NULL)
		return false;
	*out = (struct bytes){b->at, (size_t)(end - b->at)};
	skip(b, out->len + 1);
	return true;
}

/* A decimal number of at most 18 digits before stop. */
static bool
number(struct bytes *b, char stop, int64_t *out)
{
	struct bytes w;

	if (!word(b, stop, &w) || w.len == 0 || w.len > 18)
		return false;
	*out = 0;
	for (size_t i = 0; i < w.len; i++) {
		if (w.at[i] < '0' || w.at[i] > '9')
			return false;
		*out = *out * 10 + (w.at[i] - '0');
	}
	return true;
}

static enum record_type
type_of(struct bytes type)
{
	static const struct {
		struct bytes name;
		enum record_type kind;
	} types[] = {
	    {{"SYSCALL", 7}, RECORD_SYSCALL},
	    {{"PATH", 4}, RECORD_PATH},
	    {{"CWD", 3}, RECORD_CWD},
	    {{"EXECVE", 6}, RECORD_EXECVE},
	    {{"PROCTITLE", 9}, RECORD_PROCTITLE},
	    {{"EOE", 3}, RECORD_EOE},
	    {{"ANOM_ABEND", 10}, RECORD_ABEND},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (bytes_equal(type, types[i].name))
			return types[i].kind;
	}
	return STARTS(type, "DAEMON_") ? RECORD_DAEMON : RECORD_OTHER;
}

/* [node=N ]type=T msg=audit(SECONDS.MILLI:SERIAL): FIELDS */
static bool
parse(struct bytes line, struct record *rec)
{
	struct bytes rest = line;
	const char *cut = memchr(line.at, ENRICHMENT, line.len);
	int64_t s, ms, serial;

	if (memchr(line.at, '\0', line.len) != NULL)
		return false;
	if (cut != NULL)
		rest.len = (size_t)(cut - rest.at);
	rec->node = BYTES_NONE;
	if (STARTS(rest, "node=")) {
		skip(&rest, 5);
		if (!word(&rest, ' ', &rec->node))
			return false;
	}
	rec->line = rest;
	if (!STARTS(rest, "type="))
		return false;
	skip(&rest, 5);
	if (!word(&rest, ' ', &rec->type) || !STARTS(rest, "msg=audit("))
		return false;
	skip(&rest, 10);
	if (!number(&rest, '.', &s) || s > SECONDS_MAX ||
	    !number(&rest, ':', &ms) || ms > 999 ||
	    !number(&rest, ')', &serial) || serial > UINT32_MAX)
		return false;
	if (STARTS(rest, ":"))
		skip(&rest, 1);
	if (STARTS(rest, " "))
		skip(&rest, 1);
	rec->fields = rest;
	rec->at = (struct stamp){s * 1000 + ms, (uint32_t)serial};
	rec->kind = type_of(rec->type);
	return true;
}

/* The value of a field at the start of the fields: "NAME=VALUE ". */
static bool
leading(struct bytes *fields, const char *name, size_t len, unsigned base,
    uint32_t *out)
{
	struct bytes w;
	char digits[16], *end;

	if (!starts(*fields, name, len))
		return false;
	skip(fields, len);
	if (!word(fields, ' ', &w) || w.len == 0 || w.len >= sizeof(digits))
		return false;
	memcpy(digits, w.at, w.len);
	digits[w.len] = '\0';
	*out = (uint32_t)strtoul(digits, &end, (int)base);
	return *end == '\0';
}

/* What call a SYSCALL record tells of: "arch=A syscall=N ..." or "arch=A
 * syscall=N per=P ..."; kernel/auditsc.c, audit_log_exit(). */
static enum syscall_kind
call_of(const struct assemble *a, struct bytes fields)
{
	uint32_t arch, nr;

	if (!leading(&fields, "arch=", 5, 16, &arch) ||
	    !leading(&fields, "syscall=", 8, 10, &nr))
		return SYSCALL_OTHER;
	return syscalls_kind(a->sc, arch, (int)nr);
}

/* What to do with a record. */

static void
on_syscall(struct assemble *a, const struct record *rec, int64_t now)
{
	enum syscall_kind kind = call_of(a, rec->fields);
	struct open_event *e;

	if (kind == SYSCALL_OTHER) {
		e = find_open(a, rec->at);
		if (e != NULL)
			retire(a, e, false);
		else
			*closed_slot(a, rec->at) =
			    (struct closed){rec->at, false};
		return;
	}
	e = event_of(a, rec->at, now);
	if (e == NULL)
		return;
	e->kind = kind;
	append(a, e, rec->line, now);
}

static void
on_abend(struct assemble *a, const struct record *rec)
{
	struct assemble_event ev = {
	    .what = ASSEMBLE_ABEND,
	    .at = rec->at,
	};
	char *end = a->buffer + (rec->line.at - a->buffer) + rec->line.len;
	char kept = *end;

	/* auparse wants a newline; one byte after the line is always ours. */
	*end = '\n';
	ev.records = (struct bytes){rec->line.at, rec->line.len + 1};
	a->counts.events++;
	a->ops.event(a->ctx, &ev);
	*end = kept;
}

static void
on_end(struct assemble *a, const struct record *rec)
{
	struct open_event *e;

	if (rec->kind == RECORD_EOE)
		a->has_eoe = true;
	else if (a->has_eoe)
		return;
	e = find_open(a, rec->at);
	if (e != NULL)
		close_event(a, e, false);
}

/* PATH item 0 names what was executed; the others nobody reads. */
static bool
is_read(const struct record *rec)
{
	return rec->kind != RECORD_PATH || STARTS(rec->fields, "item=0 ");
}

static void
gap(void *ctx, uint32_t first, uint32_t count)
{
	struct assemble *a = ctx;

	a->ops.gap(a->ctx, first, count, a->settled_ms, a->last_ms);
}

/* A stream of saved logs may span boots; each counts its own serials. */
static void
new_boot(struct assemble *a, int64_t ms)
{
	struct open_event *e;

	while ((e = TAILQ_FIRST(&a->open)) != NULL)
		close_event(a, e, true);
	serials_settle(&a->serials, a->serials.highest, gap, a);
	serials_reset(&a->serials);
	a->mark.set = false;
	a->settled_ms = ms;
	a->ops.boot(a->ctx, ms);
}

static bool
is_new_boot(struct assemble *a, const struct record *rec)
{
	bool maybe = a->restarted;

	a->restarted = false;
	return maybe && a->serials.started &&
	       (int32_t)(rec->at.serial - a->serials.highest) < 0 &&
	       rec->at.ms > a->last_ms + REBOOT_MS;
}

/*
 * What has not ended while the stream went on for so long, will not: a replay
 * has no other clock.
 */
static void
close_stale(struct assemble *a)
{
	struct open_event *e;

	while ((e = TAILQ_FIRST(&a->open)) != NULL &&
	       a->last_ms >= e->heard + a->set.eoe_wait_ms)
		close_event(a, e, true);
}

/* Notes the stamp; the record's serial settles what is long missing. */
static void
hear(struct assemble *a, const struct record *rec, int64_t now)
{
	if (is_new_boot(a, rec))
		new_boot(a, rec->at.ms);
	serials_see(&a->serials, rec->at.serial, gap, a);
	if (rec->at.ms > a->last_ms || a->last_ms == TIME_UNKNOWN)
		a->last_ms = rec->at.ms;
	if (a->settled_ms == TIME_UNKNOWN)
		a->settled_ms = rec->at.ms;
	if (!a->mark.set)
		a->mark = (struct mark){
		    now, a->last_ms, a->serials.highest, true, true};
	close_stale(a);
	/* What waits for its end was read, but is not handed on yet. */
	a->ops.heard(a->ctx,
	    TAILQ_EMPTY(&a->open) ? a->last_ms : TAILQ_FIRST(&a->open)->heard);
}

/* The first record decides whose stream this is, unless it was said. */
static bool
is_local(struct assemble *a, struct bytes node)
{
	if (!a->node_known) {
		if (node.len > sizeof(a->node))
			return false;
		if (node.at != NULL)
			memcpy(a->node, node.at, node.len);
		a->node_len = node.len;
		a->node_known = true;
	}
	return node.len == a->node_len &&
	       (node.len == 0 || memcmp(node.at, a->node, node.len) == 0);
}

static void
take_record(struct assemble *a, const struct record *rec, int64_t now)
{
	struct open_event *e;

	/* auditd counts its own records, from a random start on
	 * (audit-userspace src/auditd.c, send_audit_event()). */
	if (rec->kind == RECORD_DAEMON) {
		a->restarted |= STARTS(rec->type, "DAEMON_START");
		return;
	}
	hear(a, rec, now);
	switch (rec->kind) {
	case RECORD_SYSCALL:
		on_syscall(a, rec, now);
		break;
	case RECORD_EXECVE:
	case RECORD_CWD:
	case RECORD_PATH:
		if (is_read(rec) && (e = event_of(a, rec->at, now)) != NULL)
			append(a, e, rec->line, now);
		break;
	case RECORD_PROCTITLE:
	case RECORD_EOE:
		on_end(a, rec);
		break;
	case RECORD_ABEND:
		on_abend(a, rec);
		break;
	case RECORD_OTHER:
	case RECORD_DAEMON:
		break;
	}
}

static void
take_line(struct assemble *a, struct bytes line, int64_t now)
{
	struct record rec;

	if (line.len == 0)
		return;
	if (!parse(line, &rec)) {
		drop(a, ASSEMBLE_GARBAGE);
		return;
	}
	if (!is_local(a, rec.node)) {
		drop(a, ASSEMBLE_FOREIGN);
		return;
	}
	a->counts.records++;
	take_record(a, &rec, now);
}

/* The stream. */

char *
assemble_room(struct assemble *a, size_t *size)
{
	*size = BUFFER_SIZE - a->have;
	return a->buffer + a->have;
}

/* Gives up the line that is being read; the rest of it is skipped. */
static void
give_up_line(struct assemble *a)
{
	if (!a->skipping)
		drop(a, ASSEMBLE_OVERSIZE);
	a->skipping = true;
	a->have = 0;
}

void
assemble_take(struct assemble *a, size_t len, int64_t now)
{
	struct bytes rest = {a->buffer, a->have + len};
	struct bytes line;

	assert(rest.len <= BUFFER_SIZE);
	while (word(&rest, '\n', &line)) {
		if (a->skipping)
			a->skipping = false;
		else if (line.len > ASSEMBLE_LINE_MAX)
			drop(a, ASSEMBLE_OVERSIZE);
		else
			take_line(a, line, now);
	}
	if (rest.at != a->buffer)
		memmove(a->buffer, rest.at, rest.len);
	a->have = rest.len;
	if (a->skipping || a->have > ASSEMBLE_LINE_MAX)
		give_up_line(a);
}

/* Serials seen before the mark are late by now: what is missing is lost. */
static void
settle(struct assemble *a, int64_t now)
{
	if (!a->mark.set || now < a->mark.now + a->set.lateness_ms)
		return;
	serials_settle(&a->serials, a->mark.serial, gap, a);
	a->settled_ms = a->mark.ms;
	a->mark.set = false;
	if (a->serials.highest != a->mark.serial)
		a->mark = (struct mark){
		    now, a->last_ms, a->serials.highest, true, false};
}

/*
 * What was taken since the last tick came just now, whatever was said then:
 * the caller's clock may have been behind when it began to read.
 */
static void
refresh(struct assemble *a, int64_t now)
{
	struct open_event *e;

	TAILQ_FOREACH_REVERSE(e, &a->open, open_list, in_order)
	{
		if (!e->fresh)
			break;
		e->fresh = false;
		e->touched = now;
	}
	if (a->mark.fresh)
		a->mark.now = now;
	a->mark.fresh = false;
}

void
assemble_tick(struct assemble *a, int64_t now)
{
	struct open_event *e;

	refresh(a, now);
	while ((e = TAILQ_FIRST(&a->open)) != NULL &&
	       now >= e->touched + a->set.eoe_wait_ms)
		close_event(a, e, true);
	settle(a, now);
}

void
assemble_finish(struct assemble *a, int64_t now)
{
	struct open_event *e;

	if (a->have > 0 && !a->skipping)
		take_line(a, (struct bytes){a->buffer, a->have}, now);
	a->have = 0;
	a->skipping = false;
	while ((e = TAILQ_FIRST(&a->open)) != NULL)
		close_event(a, e, true);
	serials_settle(&a->serials, a->serials.highest, gap, a);
	a->mark.set = false;
}

int64_t
assemble_deadline(const struct assemble *a)
{
	const struct open_event *e = TAILQ_FIRST(&a->open);
	int64_t at = INT64_MAX;

	if (e != NULL)
		at = e->touched + a->set.eoe_wait_ms;
	if (a->mark.set && a->mark.now + a->set.lateness_ms < at)
		at = a->mark.now + a->set.lateness_ms;
	return at;
}

void
assemble_resume(struct assemble *a, uint32_t serial, int64_t ms)
{
	serials_start(&a->serials, serial + 1);
	a->settled_ms = a->last_ms = ms;
}

uint32_t
assemble_last_serial(const struct assemble *a)
{
	return a->serials.started ? a->serials.highest : 0;
}

int64_t
assemble_last_stamp(const struct assemble *a)
{
	return a->last_ms;
}

const struct assemble_counts *
assemble_counts(const struct assemble *a)
{
	return &a->counts;
}
