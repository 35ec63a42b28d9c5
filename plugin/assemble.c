/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "assemble.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "assemble_table.h"
#include "record.h"
#include "serials.h"
#include "split.h"
#include "stream.h"
#include "turns.h"
#include "waymarks.h"

#define BUFFER_SIZE (4 * ASSEMBLE_LINE_MAX)

/* So much of events may wait for their turn; of more the first does not. */
#define TURNS_BYTES (16 * 1024 * 1024)

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

	size_t have;   /* bytes of an unfinished line at the buffer's start */
	bool skipping; /* inside a line that is too long */

	struct stream stream;
	struct assemble_table *table;
	struct serials serials;
	struct turns *turns;
	bool started;     /* some record was read */
	uint32_t awaited; /* the first serial that may still come, and was not
			     waited for long enough */
	uint32_t serial;  /* of the record that is read now */
	bool first;       /* no other of its event came before */
	bool late;        /* and it is late */
	int64_t now;
	struct waymarks waymarks;
	struct mark mark;
	int64_t last_ms;    /* newest stamp */
	int64_t placed_ms;  /* the same in the stream's own time */
	int64_t whole_ms;   /* the newest until which all was read */
	int64_t settled_ms; /* stamp when serials were last settled */
	char buffer[BUFFER_SIZE + 1];
};

static bool
is_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static void
drop(struct assemble *a, enum assemble_drop why)
{
	a->counts.drops[why]++;
}

/* Turns. */

/*
 * Whether something that was logged before this was not read at all. No call
 * has 0: that stands for none yet (kernel/auditsc.c, auditsc_get_stamp()).
 */
static bool
is_early(struct assemble *a, uint32_t serial)
{
	a->awaited = serials_next_from(&a->serials, a->awaited);
	if (a->awaited == 0)
		a->awaited = serials_next_from(&a->serials, 1);
	return is_before(a->awaited, serial);
}

/* Whether it must wait. It does not for what lacks its end, unless that is its
 * own process's, or torn: nearly always the end comes at once. */
static bool
waits(struct assemble *a, uint32_t serial, int32_t pid)
{
	struct assemble_event first;
	uint32_t torn;

	return (turns_first(a->turns, &first) &&
		   is_before(first.at.serial, serial)) ||
	       (assemble_table_torn(a->table, &torn) &&
		   is_before(torn, serial)) ||
	       assemble_table_has_before(a->table, pid, serial) ||
	       is_early(a, serial);
}

/* An event is whole. */
static void
on_whole(void *ctx, const struct assemble_event *ev, int32_t pid)
{
	struct assemble *a = ctx;

	if (a->set.by_stamps || !waits(a, ev->at.serial, pid) ||
	    !turns_add(a->turns, ev, a->now))
		a->ops.event(a->ctx, ev);
}

/* So long an event waits for those before it. What else is late, a birth for
 * one, may be so late, too: together that is the lateness. */
static int64_t
turn_ms(const struct assemble *a)
{
	return a->set.lateness_ms / 2;
}

/* Whether the first in turn waited long enough, or must not wait. */
static bool
is_pressed(const struct assemble *a, int64_t now)
{
	return turns_bytes(a->turns) > TURNS_BYTES ||
	       now - turns_since(a->turns) >= turn_ms(a);
}

/* Whether something before the first in turn is unread, or lacks its end. */
static bool
is_behind(struct assemble *a, uint32_t serial)
{
	uint32_t open;

	return is_early(a, serial) || (assemble_table_lowest(a->table, &open) &&
					  is_before(open, serial));
}

/* Hands on those whose turn it is; true if there were any. */
static bool
take_turns(struct assemble *a, int64_t now)
{
	struct assemble_event ev;
	bool any = false;

	while (turns_first(a->turns, &ev) &&
	       (!is_behind(a, ev.at.serial) || is_pressed(a, now))) {
		if (turns_bytes(a->turns) > TURNS_BYTES)
			drop(a, ASSEMBLE_LIMIT);
		assemble_table_end_before(a->table, ev.at.serial);
		(void)turns_first(a->turns, &ev); /* one of them, perhaps */
		if (is_before(a->awaited, ev.at.serial))
			a->awaited = ev.at.serial;
		a->ops.event(a->ctx, &ev);
		turns_take(a->turns);
		any = true;
	}
	return any;
}

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
	a->placed_ms = a->whole_ms = TIME_UNKNOWN;
	a->table = assemble_table_new(&a->set, on_whole, a, &a->counts);
	a->turns = turns_new();
	if (a->table == NULL || a->turns == NULL) {
		assemble_free(a);
		return NULL;
	}
	stream_init(&a->stream, s->node);
	return a;
}

void
assemble_free(struct assemble *a)
{
	if (a == NULL)
		return;
	assemble_table_free(a->table);
	turns_free(a->turns);
	free(a);
}

/* What to do with a record. */

/* An event of which no other record counts. */
static void
on_single(struct assemble *a, const struct record *rec, enum assemble_what what,
    enum syscall_kind kind)
{
	struct assemble_event ev = {
	    .what = what,
	    .kind = kind,
	    .at = rec->at,
	    .records = {rec->line.at, rec->line.len + 1},
	};
	int32_t ev_pid = record_pid(rec);

	assemble_table_next_of(a->table, ev_pid, rec->at);
	a->counts.events++;
	on_whole(a, &ev, ev_pid);
}

/*
 * Only of an exec more than this record counts. The others are not held back
 * for their end: those of a child may come amid the event of its birth. Not so
 * in a replay, where all of them wait in the kernel's order.
 */
static void
on_syscall(struct assemble *a, const struct record *rec, int64_t now)
{
	enum syscall_kind kind = SYSCALL_OTHER;
	uint32_t arch, number;

	if (record_call(rec, &arch, &number))
		kind = syscalls_kind(a->sc, arch, (int)number);
	if (kind == SYSCALL_EXEC ||
	    (kind != SYSCALL_OTHER && a->set.by_stamps)) {
		assemble_table_add(a->table, rec, kind, now);
		return;
	}
	assemble_table_forget(a->table, rec->at);
	if (kind != SYSCALL_OTHER)
		on_single(a, rec, ASSEMBLE_SYSCALL, kind);
}

/*
 * Between PROCTITLE and EOE nothing comes (kernel/auditsc.c, audit_log_exit()),
 * and a rule may exclude either, at any time.
 */
static void
on_end(struct assemble *a, const struct record *rec)
{
	if (rec->kind == RECORD_EOE)
		assemble_table_expect_ends(a->table);
	assemble_table_end(a->table, rec->at);
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
	assemble_table_end_all(a->table);
	serials_settle(&a->serials, a->serials.highest, gap, a);
	(void)take_turns(a, INT64_MAX);
	serials_reset(&a->serials);
	a->started = false;
	a->waymarks.n = 0;
	a->whole_ms = TIME_UNKNOWN;
	a->mark.set = false;
	a->settled_ms = ms;
	a->ops.boot(a->ctx, ms);
}

static void
note_stamp(struct assemble *a, int64_t ms)
{
	int64_t placed = a->ops.place == NULL ? ms : a->ops.place(a->ctx, ms);

	if (placed <= a->placed_ms && a->placed_ms != TIME_UNKNOWN)
		return;
	a->placed_ms = placed;
	a->last_ms = ms;
}

/*
 * Records are not always handed on in the order in which they were queued:
 * after auditd hung kauditd's hold queue goes before its retry queue
 * (kernel/audit.c, kauditd_thread()), seconds of it. Until when all was read
 * only serials say.
 */
static int64_t
read_until(struct assemble *a)
{
	uint32_t next = serials_next(&a->serials);
	struct assemble_event first;

	if (a->late && is_before(a->serial, next))
		next = a->serial;
	if (turns_first(a->turns, &first) && is_before(first.at.serial, next))
		next = first.at.serial;
	if (is_before(a->serials.highest, next))
		return a->placed_ms;
	return waymarks_before(&a->waymarks, next);
}

static void
tell_heard(struct assemble *a)
{
	int64_t ms = assemble_table_hear(a->table, a->placed_ms);
	int64_t until = read_until(a);

	if (until > ms)
		until = ms;
	if (until > a->whole_ms)
		a->whole_ms = until;
	a->ops.heard(a->ctx, ms, a->whole_ms);
}

/* Notes the stamp; the record's serial settles what is long missing. */
static void
hear(struct assemble *a, const struct record *rec, int64_t now)
{
	struct stamp newest = {a->last_ms, assemble_last_serial(a)};

	if (stream_is_new_boot(&a->stream, rec, newest))
		new_boot(a, rec->at.ms);
	if (!a->started)
		a->awaited = rec->at.serial;
	a->started = true;
	a->serial = rec->at.serial;
	a->first = !a->serials.started ||
		   serials_next_from(&a->serials, a->serial) == a->serial;
	a->late = a->first && a->serials.started && !a->set.by_stamps &&
		  is_before(a->serial, a->serials.highest);
	serials_see(&a->serials, rec->at.serial, gap, a);
	note_stamp(a, rec->at.ms);
	if (a->settled_ms == TIME_UNKNOWN)
		a->settled_ms = rec->at.ms;
	if (!a->mark.set)
		a->mark = (struct mark){
		    now, a->last_ms, a->serials.highest, true, true};
	waymarks_note(&a->waymarks, a->serials.highest, a->placed_ms);
	tell_heard(a);
}

/* Whether an event may begin with it (kernel/auditsc.c, audit_log_exit()). */
static bool
may_be_first(const struct record *rec)
{
	switch (rec->kind) {
	case RECORD_EXECVE:
	case RECORD_CWD:
	case RECORD_PATH:
	case RECORD_PROCTITLE:
	case RECORD_EOE:
		return false;
	default:
		return !rec->item;
	}
}

static void
sort_record(struct assemble *a, const struct record *rec, int64_t now)
{
	if (a->set.by_stamps)
		assemble_table_mend(a->table, rec->at);
	if (a->first && !may_be_first(rec))
		assemble_table_tear(a->table, rec->at, now);
	switch (rec->kind) {
	case RECORD_SYSCALL:
		on_syscall(a, rec, now);
		break;
	case RECORD_EXECVE:
	case RECORD_CWD:
	case RECORD_PATH:
		assemble_table_add(a->table, rec, SYSCALL_OTHER, now);
		break;
	case RECORD_PROCTITLE:
	case RECORD_EOE:
		on_end(a, rec);
		break;
	case RECORD_ABEND:
		on_single(a, rec, ASSEMBLE_ABEND, SYSCALL_OTHER);
		break;
	case RECORD_SECCOMP:
		on_single(a, rec, ASSEMBLE_SECCOMP, SYSCALL_OTHER);
		break;
	case RECORD_CONFIG:
		if (a->ops.config != NULL)
			a->ops.config(a->ctx, rec->at.ms, rec->fields);
		break;
	case RECORD_OTHER:
	case RECORD_DAEMON_START:
	case RECORD_DAEMON:
		break;
	}
}

static void
take_record(struct assemble *a, const struct record *rec, int64_t now)
{
	bool late;

	a->now = now;
	hear(a, rec, now);
	sort_record(a, rec, now);
	late = a->late;
	a->late = false;
	if (take_turns(a, now) || late)
		tell_heard(a);
}

void
assemble_record(struct assemble *a, const struct record *rec, int64_t now)
{
	if (!stream_is_local(&a->stream, rec)) {
		drop(a, ASSEMBLE_FOREIGN);
		return;
	}
	a->counts.records++;
	if (!stream_is_daemons(&a->stream, rec))
		take_record(a, rec, now);
}

static void
take_line(struct assemble *a, struct bytes line, int64_t now)
{
	struct record rec;

	if (line.len == 0)
		return;
	if (!record_parse(line, &rec)) {
		drop(a, ASSEMBLE_GARBAGE);
		return;
	}
	/* One byte after the line is always ours. */
	a->buffer[(size_t)(rec.line.at - a->buffer) + rec.line.len] = '\n';
	assemble_record(a, &rec, now);
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
	while (split_ended(&rest, '\n', &line)) {
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
	tell_heard(a);
	if (a->serials.highest != a->mark.serial)
		a->mark = (struct mark){
		    now, a->last_ms, a->serials.highest, true, false};
}

void
assemble_tick(struct assemble *a, int64_t now)
{
	a->now = now;
	/* What was taken since the last tick came just now: the caller's
	 * clock may have been behind when it began to read. */
	if (a->mark.fresh)
		a->mark.now = now;
	a->mark.fresh = false;
	assemble_table_tick(a->table, now);
	settle(a, now);
	turns_tick(a->turns, now);
	if (take_turns(a, now))
		tell_heard(a);
}

void
assemble_finish(struct assemble *a, int64_t now)
{
	if (a->have > 0 && !a->skipping)
		take_line(a, (struct bytes){a->buffer, a->have}, now);
	a->have = 0;
	a->skipping = false;
	a->now = now;
	assemble_table_end_all(a->table);
	serials_settle(&a->serials, a->serials.highest, gap, a);
	(void)take_turns(a, INT64_MAX);
	a->mark.set = false;
}

int64_t
assemble_deadline(const struct assemble *a)
{
	int64_t at = assemble_table_deadline(a->table);
	int64_t since = turns_since(a->turns);

	if (since != INT64_MAX && since + turn_ms(a) < at)
		at = since + turn_ms(a);
	if (a->mark.set && a->mark.now + a->set.lateness_ms < at)
		at = a->mark.now + a->set.lateness_ms;
	return at;
}

void
assemble_resume(struct assemble *a, const struct assemble_past *past)
{
	a->last_ms = past->ms;
	a->settled_ms = past->settled_ms;
	serials_resume(
	    &a->serials, past->serial, past->missing, past->nmissing, gap, a);
	/* what goes on may begin with a gap, of calls that were entered before
	 * the last that was read, and end before that is settled */
	if (past->nmissing == 0 && past->ms != TIME_UNKNOWN) {
		if (a->settled_ms < past->ms - a->set.lateness_ms)
			a->settled_ms = past->ms - a->set.lateness_ms;
		note_stamp(a, past->ms);
		waymarks_note(&a->waymarks, past->serial, a->placed_ms);
	}
}

size_t
assemble_missing(
    const struct assemble *a, struct serials_run runs[SERIALS_RUNS])
{
	struct serials s = a->serials;
	uint32_t waiting[SERIALS_WINDOW];
	size_t n = assemble_table_serials(a->table, waiting, SERIALS_WINDOW);

	for (size_t i = 0; i < n; i++)
		serials_unsee(&s, waiting[i]);
	n = turns_serials(a->turns, waiting, SERIALS_WINDOW);
	for (size_t i = 0; i < n; i++)
		serials_unsee(&s, waiting[i]);
	return serials_missing(&s, runs);
}

int64_t
assemble_settled(const struct assemble *a)
{
	return a->settled_ms;
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
