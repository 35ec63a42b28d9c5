/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * story_world - a reconciler that is told a story, fact by fact, and whose
 * events come out as short text, one word an event:
 *
 *   fork PID<PARENT   exec PID   end PID=STATUS
 *
 * A start that was inferred has "~" before it, a status that is not certain
 * "?" after it; "=none" is an end without a status.
 */
#ifndef STORY_WORLD_H
#define STORY_WORLD_H

#include "reconcile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define T0 INT64_C(1700000000000)

/* The parent of most. */
#define STORY_SHELL 10

struct story {
	struct reconcile *r;
	struct ident ident;
	char told[65536];
	size_t len;
	int64_t now, ms; /* patience, and the stream's time */
	uint32_t serial;
	struct event last; /* all that it points to is gone */
	/* Of it; and of the last event that had any. */
	char name[64], executable[64], args[64];
	struct event inferred; /* the last start that was, the same way */
};

/* What the next event leaves nothing of. */
static inline void
story_keep(struct story *s, const struct event *ev)
{
	s->last = *ev;
	snprintf(s->name, sizeof(s->name), "%.*s", (int)ev->process.name.len,
	    ev->process.name.at);
	snprintf(s->executable, sizeof(s->executable), "%.*s",
	    (int)ev->process.executable.len, ev->process.executable.at);
	if (ev->args == NULL)
		return;
	snprintf(s->args, sizeof(s->args), "%.*s", (int)ev->args->bytes.len,
	    ev->args->bytes.at);
}

static inline void
story_event(void *ctx, const struct event *ev)
{
	struct story *s = ctx;
	char status[32] = "none";
	char *at = s->told + s->len;
	size_t room = sizeof(s->told) - s->len;
	int n = 0;

	story_keep(s, ev);
	switch (ev->action) {
	case EVENT_FORK:
		if (ev->start == START_INFERRED)
			s->inferred = *ev;
		n = snprintf(at, room, "%sfork %d<%d ",
		    ev->start == START_INFERRED ? "~" : "", ev->process.pid,
		    ev->parent.known ? ev->parent.pid : 0);
		break;
	case EVENT_EXEC:
		n = snprintf(at, room, "exec %d ", ev->process.pid);
		break;
	case EVENT_END:
		if (ev->end.has_status)
			snprintf(status, sizeof(status), "%x%s", ev->end.status,
			    ev->end.certain ? "" : "?");
		n = snprintf(at, room, "end %d=%s ", ev->process.pid, status);
		break;
	case EVENT_ALREADY_RUNNING:
		n = snprintf(at, room, "found %d ", ev->process.pid);
		break;
	default:
		break;
	}
	assert_in_range(n, 1, room - 1);
	s->len += (size_t)n;
}

/* What was told since the last look. */
static inline void
story_told(struct story *s, const char *want)
{
	if (s->len > 0)
		s->len--;
	s->told[s->len] = '\0';
	assert_string_equal(s->told, want);
	s->len = 0;
}

static const struct reconcile_settings story_usual = {
    .lateness_ms = 2000,
    .acct_wait_ms = 1000,
    .grace_ms = 10000,
    .already_running = true,
    .lives = 1000,
    .held_facts = 1000,
    .args_bytes = 4096,
};

/* Another reconciler goes on with it. */
static inline void
story_renew(struct story *s, const struct reconcile_settings *set, bool acct)
{
	s->r = reconcile_new(set, &s->ident, story_event, s);
	assert_non_null(s->r);
	reconcile_acct_on(s->r, acct);
}

static inline void
story_begin_with(
    struct story *s, const struct reconcile_settings *set, bool acct)
{
	memset(s, 0, sizeof(*s));
	ident_init(&s->ident, "host", "boot");
	story_renew(s, set, acct);
	s->ms = T0;
}

static inline void
story_begin(struct story *s, bool acct)
{
	story_begin_with(s, &story_usual, acct);
}

static inline void
story_end(struct story *s)
{
	reconcile_free(s->r);
}

/* Time passes, in the stream and for those who wait. */
static inline void
story_pass(struct story *s, int64_t ms)
{
	s->ms += ms;
	s->now += ms;
	reconcile_tick(s->r, s->now);
}

static inline struct fact
story_fact(struct story *s, enum fact_kind kind, int32_t pid, int32_t ppid)
{
	return (struct fact){.kind = kind,
	    .at = {s->ms, ++s->serial},
	    .pid = pid,
	    .ppid = ppid,
	    .creds = {0, 0, 0, 0, 0, 0, 0, 1},
	    .comm = BYTES_LITERAL("sh"),
	    .exe = BYTES_LITERAL("/bin/sh")};
}

/* It is read now, whenever it was made. */
static inline void
story_give(struct story *s, const struct fact *f)
{
	if (f->at.ms != TIME_UNKNOWN)
		reconcile_heard(s->r, f->at.ms, s->now);
	reconcile_fact(s->r, f, s->now);
}

/* Of a record that is written when all that was given had been logged. */
static inline uint64_t
story_order(const struct story *s)
{
	return reconcile_counts(s->r)->facts + 1;
}

/* A process that was there when we came. */
static inline void
story_found(struct story *s, int32_t pid)
{
	struct fact f = {.kind = FACT_FOUND,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = pid,
	    .ppid = 1,
	    .creds = CREDS_UNKNOWN,
	    .comm = BYTES_LITERAL("sh"),
	    .found = {.start_ticks = 7, .start_ms = T0 - 5000, .seen_ms = T0}};

	reconcile_fact(s->r, &f, s->now);
	s->len = 0;
}

/* A shell, whose start is told and looked at already. */
static inline void
story_begin_shell(struct story *s, bool acct)
{
	story_begin(s, acct);
	story_found(s, STORY_SHELL);
	story_pass(s, 100);
}

static inline struct fact
story_birth(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = story_fact(s, FACT_BIRTH, parent, -1);

	f.birth.child = child;
	return f;
}

/* A shell with two children, told already. */
static inline void
story_begin_pair(struct story *s, int32_t one, int32_t other)
{
	const int32_t pids[] = {one, other};
	struct fact f;

	story_begin(s, true);
	story_found(s, STORY_SHELL);
	for (int i = 0; i < 2; i++) {
		f = story_birth(s, STORY_SHELL, pids[i]);
		story_give(s, &f);
	}
	story_told(s, "fork 11<10 fork 12<10");
}

static inline struct fact
story_exec(struct story *s, int32_t pid, int32_t ppid)
{
	struct fact f = story_fact(s, FACT_EXEC, pid, ppid);

	f.comm = BYTES_LITERAL("ls");
	f.exe = BYTES_LITERAL("/bin/ls");
	f.exec.success = true;
	f.exec.args.bytes = (struct bytes){"ls\0-l", 6};
	f.exec.args.count = f.exec.args.argc = 2;
	return f;
}

/* kind: FACT_EXIT_GROUP or FACT_EXIT. */
static inline struct fact
story_exit(struct story *s, enum fact_kind kind, int32_t pid, int code)
{
	struct fact f = story_fact(s, kind, pid, -1);

	f.code = code;
	return f;
}

/* Written and read now, about a process born at birth_ms. */
static inline struct fact
story_record(struct story *s, int32_t pid, int32_t ppid, int64_t birth_ms,
    uint32_t status)
{
	return (struct fact){.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = pid,
	    .ppid = ppid,
	    .creds = CREDS_UNKNOWN,
	    .comm = BYTES_LITERAL("sh"),
	    .acct = {.birth_s = s->ms / 1000 - (s->ms - birth_ms) / 1000,
		.unwritten_ms = TIME_UNKNOWN,
		.elapsed_cs = (double)((s->ms - birth_ms) / 10),
		.mem_kb = 1000,
		.status = status,
		.read_ms = s->ms}};
}

/* /proc has nothing of that number. */
static inline void
story_gone(struct story *s, int32_t pid)
{
	struct fact f = {.kind = FACT_GONE,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = pid,
	    .ppid = -1,
	    .creds = CREDS_UNKNOWN,
	    .gone_ms = s->ms};

	reconcile_fact(s->r, &f, s->now);
}

/* The same facts, given as they are made. */

static inline void
story_fork(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = story_birth(s, parent, child);

	story_give(s, &f);
}

static inline void
story_run(struct story *s, int32_t pid, int32_t ppid)
{
	struct fact f = story_exec(s, pid, ppid);

	story_give(s, &f);
}

static inline void
story_leave_by(
    struct story *s, enum fact_kind kind, int32_t pid, int32_t ppid, int code)
{
	struct fact f = story_exit(s, kind, pid, code);

	f.ppid = ppid;
	story_give(s, &f);
}

static inline void
story_leave(struct story *s, int32_t pid, int32_t ppid, int code)
{
	story_leave_by(s, FACT_EXIT_GROUP, pid, ppid, code);
}

static inline void
story_thread_leaves(struct story *s, int32_t pid, int32_t ppid, int code)
{
	story_leave_by(s, FACT_EXIT, pid, ppid, code);
}

static inline void
story_account(struct story *s, int32_t pid, int32_t ppid, int64_t birth_ms,
    uint32_t status)
{
	struct fact f = story_record(s, pid, ppid, birth_ms, status);

	story_give(s, &f);
}

/* Some event of the stream: everything before it has been read. */
static inline void
story_barrier(struct story *s)
{
	story_pass(s, 8);
	reconcile_heard(s->r, s->ms, s->now);
	reconcile_tick(s->r, s->now);
}

#endif
