/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lives over a restart: one reconciler ends, another goes on with what the
 * first one saved. Events are compared as short text, one word an event, as
 * in test_reconcile.c.
 */
#include "reconcile_saved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define T0 INT64_C(1700000000000)

/* When the first one stops, in ticks since boot. */
#define STOP_TICKS 5000

#define SAVED_MAX 8

struct story {
	struct reconcile *r;
	struct ident ident;
	char told[4096];
	size_t len;
	int64_t now, ms; /* patience, and the stream's time */
	uint32_t serial;
	struct event last;
	char args[64];                 /* of the last event that had any */
	char name[64], executable[64]; /* last has them on loan only */
	struct saved_life saved[SAVED_MAX];
	size_t nsaved;
};

static void
on_event(void *ctx, const struct event *ev)
{
	static const char *const words[] = {[EVENT_FORK] = "fork",
	    [EVENT_EXEC] = "exec",
	    [EVENT_END] = "end",
	    [EVENT_ALREADY_RUNNING] = "found"};
	struct story *s = ctx;
	char status[32] = "";

	s->last = *ev;
	snprintf(s->name, sizeof(s->name), "%.*s", (int)ev->process.name.len,
	    ev->process.name.at);
	snprintf(s->executable, sizeof(s->executable), "%.*s",
	    (int)ev->process.executable.len, ev->process.executable.at);
	if (ev->action == EVENT_END && ev->end.has_status)
		snprintf(status, sizeof(status), "=%x%s", ev->end.status,
		    ev->end.certain ? "" : "?");
	else if (ev->action == EVENT_END)
		snprintf(status, sizeof(status), "=none");
	if (ev->args != NULL) {
		assert_true(ev->args->bytes.len <= sizeof(s->args));
		memcpy(s->args, ev->args->bytes.at, ev->args->bytes.len);
	}
	s->len += (size_t)snprintf(s->told + s->len, sizeof(s->told) - s->len,
	    "%s %d%s ", words[ev->action], ev->process.pid, status);
}

static const struct reconcile_settings usual = {
    .lateness_ms = 2000,
    .acct_wait_ms = 1000,
    .grace_ms = 10000,
    .already_running = true,
    .lives = 1000,
    .held_facts = 1000,
    .args_bytes = 4096,
};

static void
told(struct story *s, const char *want)
{
	if (s->len > 0)
		s->len--;
	s->told[s->len] = '\0';
	assert_string_equal(s->told, want);
	s->len = 0;
}

static void
pass(struct story *s, int64_t ms)
{
	s->ms += ms;
	s->now += ms;
	reconcile_tick(s->r, s->now);
}

/* Some event of the stream: everything before it has been read. */
static void
barrier(struct story *s)
{
	pass(s, 1);
	reconcile_heard(s->r, s->ms, s->now);
}

static struct fact
fact_of(struct story *s, enum fact_kind kind, int32_t pid, int32_t ppid)
{
	return (struct fact){.kind = kind,
	    .at = {s->ms, ++s->serial},
	    .pid = pid,
	    .ppid = ppid,
	    .creds = {0, 0, 0, 0, 0, 0, 0, 1},
	    .comm = BYTES_LITERAL("sh"),
	    .exe = BYTES_LITERAL("/bin/sh")};
}

static void
give(struct story *s, const struct fact *f)
{
	reconcile_heard(s->r, f->at.ms, s->now);
	reconcile_fact(s->r, f, s->now);
}

static void
fork_of(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = fact_of(s, FACT_BIRTH, parent, -1);

	f.birth.child = child;
	give(s, &f);
}

static void
exec_of(struct story *s, int32_t pid, int32_t ppid)
{
	struct fact f = fact_of(s, FACT_EXEC, pid, ppid);

	f.exec.success = true;
	f.comm = BYTES_LITERAL("ls");
	f.exe = BYTES_LITERAL("/bin/ls");
	f.exec.args.bytes = BYTES_LITERAL("ls\0-l\0");
	f.exec.args.count = f.exec.args.argc = 2;
	give(s, &f);
}

static void
exit_group_of(struct story *s, int32_t pid, int32_t ppid, int code)
{
	struct fact f = fact_of(s, FACT_EXIT_GROUP, pid, ppid);

	f.code = code;
	give(s, &f);
}

/* The record of a process born at birth_ms, who died now. */
static void
acct_of(struct story *s, int32_t pid, int64_t birth_ms, int status)
{
	struct fact f = {.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = pid,
	    .ppid = 1,
	    .creds = CREDS_UNKNOWN,
	    .comm = BYTES_LITERAL("sh"),
	    .acct = {.birth_s = s->ms / 1000 - (s->ms - birth_ms) / 1000,
		.unwritten_ms = TIME_UNKNOWN,
		.elapsed_cs = (double)((s->ms - birth_ms) / 10),
		.mem_kb = 1000,
		.status = (uint32_t)status,
		.read_ms = s->ms}};

	reconcile_fact(s->r, &f, s->now);
}

static void
gone(struct story *s, int32_t pid)
{
	struct fact f = {.kind = FACT_GONE,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = pid,
	    .ppid = -1,
	    .creds = CREDS_UNKNOWN,
	    .gone_ms = s->ms};

	reconcile_fact(s->r, &f, s->now);
}

/* What /proc shows of a process as exec_of() leaves it. */
static struct fact
in_proc(struct story *s, int32_t pid, uint64_t ticks)
{
	return (struct fact){.kind = FACT_FOUND,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = pid,
	    .ppid = 1,
	    .creds = CREDS_UNKNOWN,
	    .comm = BYTES_LITERAL("ls"),
	    .found = {.start_ticks = ticks,
		/* as if the clock had been set since */
		.start_ms = T0 - 3600000,
		.seen_ms = s->ms,
		.args = {.bytes = {"ls\0-l", 6}, .count = 2, .argc = 2}}};
}

static void
find(struct story *s, int32_t pid, uint64_t ticks)
{
	struct fact f = in_proc(s, pid, ticks);

	reconcile_fact(s->r, &f, s->now);
}

static void
begin(struct story *s)
{
	memset(s, 0, sizeof(*s));
	ident_init(&s->ident, "host", "boot");
	s->ms = T0;
	s->r = reconcile_new(&usual, &s->ident, on_event, s);
	assert_non_null(s->r);
	reconcile_acct_on(s->r, true);
}

static void
on_saved(void *ctx, const struct saved_life *life)
{
	struct story *s = ctx;

	assert_true(s->nsaved < SAVED_MAX);
	s->saved[s->nsaved++] = *life;
}

/* Saves the lives; what they point to goes with the reconciler. */
static void
save(struct story *s)
{
	size_t cursor = 0;

	s->nsaved = 0;
	reconcile_finish(s->r, s->now);
	while (reconcile_save(s->r, &cursor, on_saved, s))
		continue;
}

static void
restore(void *ctx, const struct saved_life *life)
{
	assert_true(reconcile_restore(ctx, life, STOP_TICKS, 0));
}

/* Is killed, and goes on an hour later. */
static void
restart(struct story *s)
{
	struct reconcile *next = reconcile_new(&usual, &s->ident, on_event, s);
	size_t cursor = 0;

	assert_non_null(next);
	reconcile_acct_on(next, true);
	while (reconcile_save(s->r, &cursor, restore, next))
		continue;
	reconcile_free(s->r);
	s->r = next;
	s->now = 0;
	s->ms += 3600000;
}

static void
end(struct story *s)
{
	reconcile_free(s->r);
}

/* A shell, 10, who was found, and its child 11, who runs ls. */
static void
begin_ls(struct story *s)
{
	begin(s);
	find(s, 10, 7);
	fork_of(s, 10, 11);
	exec_of(s, 11, 10);
	told(s, "found 10 fork 11 exec 11");
}

static void
test_all_is_saved(void **state)
{
	struct story s;
	struct saved_life first;

	(void)state;
	begin_ls(&s);
	save(&s);
	assert_int_equal(s.nsaved, 2);
	first = s.saved[1];
	assert_int_equal(first.pid, 11);
	assert_int_equal(first.ppid, 10);
	assert_memory_equal(&first.id, &s.last.process.id, 16);
	assert_int_equal(first.start, START_OBSERVED);
	assert_int_equal(first.birth.ms, T0);
	assert_int_equal(first.birth.serial, 1);
	assert_int_equal(first.start_ticks, 0);
	assert_int_equal(first.last_ms, T0);
	assert_true(first.parent.identified);
	assert_int_equal(first.parent.pid, 10);
	assert_memory_equal(&first.parent.id, &s.saved[0].id, 16);
	assert_true(bytes_equal(first.parent.name, BYTES_LITERAL("sh")));
	assert_true(
	    bytes_equal(first.parent.executable, BYTES_LITERAL("/bin/sh")));
	assert_int_equal(first.creds.session, 1);
	assert_true(bytes_equal(first.name, BYTES_LITERAL("ls")));
	assert_true(bytes_equal(first.executable, BYTES_LITERAL("/bin/ls")));
	assert_int_equal(first.args.count, 2);
	assert_int_equal(s.saved[0].start, START_SNAPSHOT);
	assert_int_equal(s.saved[0].start_ticks, 7);
	end(&s);
}

/* What was restored is saved again as it was. */
static void
test_saved_twice(void **state)
{
	struct story s;
	struct saved_life one;
	struct reconcile *first;

	(void)state;
	begin_ls(&s);
	save(&s);
	one = s.saved[1];
	first = s.r;
	s.r = reconcile_new(&usual, &s.ident, on_event, &s);
	for (size_t i = 0; i < s.nsaved; i++)
		restore(s.r, &s.saved[i]);
	save(&s);
	assert_int_equal(s.nsaved, 2);
	assert_true(bytes_equal(s.saved[1].name, one.name));
	assert_true(bytes_equal(s.saved[1].executable, one.executable));
	assert_true(bytes_equal(s.saved[1].args.bytes, one.args.bytes));
	assert_true(bytes_equal(s.saved[1].parent.name, one.parent.name));
	assert_true(
	    bytes_equal(s.saved[1].parent.executable, one.parent.executable));
	assert_int_equal(s.saved[1].ppid, one.ppid);
	assert_memory_equal(&s.saved[1].id, &one.id, 16);
	assert_int_equal(s.saved[1].start, one.start);
	assert_int_equal(s.saved[1].birth.ms, one.birth.ms);
	assert_int_equal(s.saved[1].birth.serial, one.birth.serial);
	assert_int_equal(s.saved[1].first_ms, one.first_ms);
	assert_int_equal(s.saved[1].last_ms, one.last_ms);
	assert_memory_equal(&s.saved[1].parent.id, &one.parent.id, 16);
	assert_int_equal(s.saved[1].parent.start_ms, one.parent.start_ms);
	assert_memory_equal(&s.saved[1].creds, &one.creds, sizeof(one.creds));
	/* Threads of the time in between nobody saw. */
	assert_false(one.evidence.threads);
	assert_true(s.saved[1].evidence.threads);
	told(&s, "");
	reconcile_free(first);
	end(&s);
}

/* Also who waits, who is over, and who is never told. */
static void
test_states_are_saved(void **state)
{
	static const struct {
		int32_t pid;
		enum life_state state;
		enum life_queue queue;
	} want[] = {
	    {10, LIFE_ALIVE, QUEUE_NONE},
	    {11, LIFE_ALIVE, QUEUE_NONE},
	    {12, LIFE_ENDED, QUEUE_GRACE},
	    {13, LIFE_ALIVE, QUEUE_ACCT},
	    {14, LIFE_ALIVE, QUEUE_NONE},
	    {15, LIFE_HELD, QUEUE_BIRTH},
	};
	struct story s;
	size_t cursor = 0;

	(void)state;
	begin_ls(&s);
	fork_of(&s, 10, 12);
	exit_group_of(&s, 12, 10, 0);
	acct_of(&s, 12, s.ms, 0);
	fork_of(&s, 10, 13);
	exit_group_of(&s, 13, 10, 1);
	reconcile_hide(s.r, 14, 10, s.ms, s.now);
	exec_of(&s, 15, 10);
	told(&s, "fork 12 end 12=0 fork 13");
	assert_true(reconcile_save(s.r, &cursor, on_saved, &s));
	assert_int_equal(s.nsaved, 6);
	for (size_t i = 0; i < s.nsaved; i++) {
		assert_int_equal(s.saved[i].pid, want[i].pid);
		assert_int_equal(s.saved[i].state, want[i].state);
		assert_int_equal(s.saved[i].queue, want[i].queue);
		assert_int_equal(s.saved[i].hidden, want[i].pid == 14);
		assert_int_equal(
		    STAILQ_EMPTY(s.saved[i].held), want[i].pid != 15);
	}
	end(&s);
}

/* Each goes on where it was: nothing is told twice, nothing is forgotten. */
static void
test_states_go_on(void **state)
{
	struct story s;

	(void)state;
	begin_ls(&s);
	fork_of(&s, 10, 12);
	exit_group_of(&s, 12, 10, 0);
	acct_of(&s, 12, s.ms, 0);
	fork_of(&s, 10, 13);
	exit_group_of(&s, 13, 10, 1);
	exec_of(&s, 15, 10);
	told(&s, "fork 12 end 12=0 fork 13");
	restart(&s);
	find(&s, 10, 7);
	find(&s, 15, 4000); /* the same that did the exec */
	told(&s, "");
	acct_of(&s, 13, T0, 0x100);
	barrier(&s);
	told(&s, "end 13=100");
	pass(&s, 1900);
	told(&s, "");
	pass(&s, 100);
	told(&s, "fork 15 exec 15");
	assert_string_equal(s.name, "ls");
	gone(&s, 11);
	barrier(&s);
	told(&s, "end 11=none");
	pass(&s, 20000);
	told(&s, "");
	end(&s);
}

/* A record that comes late is of the life that is over, as before. */
static void
test_ended_absorb_after_a_restart(void **state)
{
	struct story s;

	(void)state;
	begin_ls(&s);
	exit_group_of(&s, 11, 10, 0);
	pass(&s, 1000);
	told(&s, "end 11=0?");
	restart(&s);
	find(&s, 11, 4000); /* is seen in /proc although it left */
	acct_of(&s, 11, T0, 0);
	barrier(&s);
	pass(&s, 20000);
	told(&s, "");
	end(&s);

	/* Unless another one has its number by now. */
	begin_ls(&s);
	exit_group_of(&s, 11, 10, 0);
	pass(&s, 1000);
	told(&s, "end 11=0?");
	restart(&s);
	find(&s, 11, STOP_TICKS + 1);
	told(&s, "found 11");
	end(&s);
}

static struct fact
clone3_of(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = fact_of(s, FACT_BIRTH, parent, -1);

	f.birth.child = child;
	f.birth.shape = BIRTH_UNDECIDED;
	return f;
}

/* /proc is asked once more; a process of its own there is an answer, too. */
static void
test_undecided_are_asked_again(void **state)
{
	struct story s;
	struct fact f;
	struct reconcile_question q[4];

	(void)state;
	begin_ls(&s);
	f = clone3_of(&s, 10, 12);
	give(&s, &f);
	f = clone3_of(&s, 10, 13);
	give(&s, &f);
	assert_int_equal(reconcile_questions(s.r, q, 1), 1);
	restart(&s);
	assert_int_equal(reconcile_questions(s.r, q, 4), 2);
	assert_int_equal(q[0].child, 12);
	assert_int_equal(q[1].child, 13);
	told(&s, "");
	find(&s, 13, 4000);
	told(&s, "fork 13");
	find(&s, 12, STOP_TICKS + 1); /* a thread had the number */
	told(&s, "found 12");
	reconcile_finish(s.r, s.now);
	told(&s, "");
	end(&s);
}

static void
test_goes_on(void **state)
{
	struct story s;
	struct event before;

	(void)state;
	begin_ls(&s);
	before = s.last;
	restart(&s);
	find(&s, 10, 7);
	find(&s, 11, 4000);
	told(&s, "");
	pass(&s, 10000);
	told(&s, "");
	exit_group_of(&s, 11, 10, 3);
	acct_of(&s, 11, T0, 0x300);
	barrier(&s);
	fork_of(&s, 10, 20);
	told(&s, "end 11=300 fork 20");
	exit_group_of(&s, 20, 10, 0);
	acct_of(&s, 20, s.ms, 0);
	told(&s, "end 20=0");
	end(&s);

	begin_ls(&s);
	restart(&s);
	find(&s, 11, 4000);
	exit_group_of(&s, 11, 10, 3);
	acct_of(&s, 11, T0, 0x300);
	barrier(&s);
	told(&s, "end 11=300");
	assert_memory_equal(&s.last.process.id, &before.process.id, 16);
	assert_memory_equal(&s.last.parent.id, &before.parent.id, 16);
	assert_int_equal(s.last.start, START_OBSERVED);
	assert_int_equal(s.last.process.start_ms, T0);
	assert_string_equal(s.args, "ls");
	end(&s);
}

/* Its ticks, once seen, decide; a second restart has them. */
static void
test_ticks_are_kept(void **state)
{
	struct story s;

	(void)state;
	begin_ls(&s);
	restart(&s);
	find(&s, 10, 7);
	find(&s, 11, 4000);
	restart(&s);
	find(&s, 10, 7);
	find(&s, 11, 4000);
	told(&s, "");
	save(&s);
	assert_int_equal(s.saved[1].start_ticks, 4000);
	restart(&s);
	find(&s, 11, 4001); /* older than the stop, but another one */
	pass(&s, 2000);
	told(&s, "end 11=none found 11");
	end(&s);
}

/* A number that was given again meanwhile: first the end, then the new one. */
static void
test_reused(void **state)
{
	struct story s;
	struct uuid id;

	(void)state;
	begin_ls(&s);
	id = s.last.process.id;
	restart(&s);
	find(&s, 11, STOP_TICKS); /* the last who can be the same */
	restart(&s);
	told(&s, "");
	end(&s);

	begin_ls(&s);
	restart(&s);
	find(&s, 11, STOP_TICKS + 1);
	acct_of(&s, 11, T0, 9);
	told(&s, ""); /* both may have left it */
	pass(&s, 8);
	exec_of(&s, 11, 1);
	told(&s, "end 11=9 found 11 exec 11");
	assert_memory_not_equal(&s.last.process.id, &id, 16);
	assert_int_equal(s.last.start, START_SNAPSHOT);
	end(&s);
}

/* The record of a death of the gap is read after /proc said that it is gone. */
static void
test_record_wins_over_gone(void **state)
{
	struct story s;

	(void)state;
	begin_ls(&s);
	restart(&s);
	find(&s, 10, 7);
	gone(&s, 11);
	pass(&s, 1999);
	told(&s, "");
	acct_of(&s, 11, T0, 9);
	gone(&s, 11);
	told(&s, "");
	barrier(&s);
	told(&s, "end 11=9");
	assert_int_equal(s.last.sources, SOURCE_ACCT);
	assert_true(s.last.end.has_usage);
	pass(&s, 20000);
	told(&s, "");
	end(&s);
}

static void
test_gone_without_a_record(void **state)
{
	struct story s;
	int32_t pids[4];
	size_t cursor = 0;

	(void)state;
	begin_ls(&s);
	restart(&s);
	find(&s, 10, 7);
	assert_int_equal(reconcile_sweep(s.r, &cursor, pids, 4), 2);
	gone(&s, 11);
	told(&s, "");
	barrier(&s);
	told(&s, "end 11=none");
	end(&s);
}

/* The exit of the gap is still in the kernel's queue. */
static void
test_stream_goes_on_where_it_was(void **state)
{
	struct story s;

	(void)state;
	begin_ls(&s);
	restart(&s);
	find(&s, 10, 7);
	acct_of(&s, 11, T0, 0x300);
	s.ms -= 1000;
	exit_group_of(&s, 11, 10, 3);
	told(&s, "");
	s.ms += 1000;
	barrier(&s);
	told(&s, "end 11=300");
	assert_int_equal(s.last.sources, SOURCE_AUDIT | SOURCE_ACCT);
	end(&s);
}

static void
check_end(
    struct story *s, const char *name, const char *executable, const char *args)
{
	exit_group_of(s, 11, 10, 0);
	acct_of(s, 11, T0, 0);
	barrier(s);
	told(s, "end 11=0");
	assert_string_equal(s->name, name != NULL ? name : "");
	assert_string_equal(
	    s->executable, executable != NULL ? executable : "");
	assert_string_equal(s->args, args);
	end(s);
}

static void
test_image_of_the_gap(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_ls(&s);
	restart(&s);
	f = in_proc(&s, 11, 4000);
	f.comm = BYTES_LITERAL("cat");
	f.found.args.bytes = (struct bytes){"cat\0x", 6};
	reconcile_fact(s.r, &f, s.now);
	told(&s, "");
	/* /proc did not say what it is: not ls, in any case */
	check_end(&s, "cat", NULL, "cat");

	begin_ls(&s);
	restart(&s);
	f.exe = BYTES_LITERAL("/bin/cat");
	reconcile_fact(s.r, &f, s.now);
	check_end(&s, "cat", "/bin/cat", "cat");
}

/* Each of these is done without an exec. */
static void
test_same_image_with_another_look(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_ls(&s);
	restart(&s);
	f = in_proc(&s, 11, 4000);
	f.comm = BYTES_LITERAL("worker");
	reconcile_fact(s.r, &f, s.now);
	check_end(&s, "ls", "/bin/ls", "ls");

	begin_ls(&s);
	restart(&s);
	f = in_proc(&s, 11, 4000);
	f.found.args.bytes = BYTES_LITERAL("ls: idle");
	f.found.args.count = 1;
	reconcile_fact(s.r, &f, s.now);
	check_end(&s, "ls", "/bin/ls", "ls");

	begin_ls(&s);
	restart(&s);
	f = in_proc(&s, 11, 4000);
	f.exe = BYTES_LITERAL("/bin/ls (deleted)");
	reconcile_fact(s.r, &f, s.now);
	check_end(&s, "ls", "/bin/ls", "ls");
}

/* What it was when it was found. */
static void
test_creds_of_the_gap(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_ls(&s);
	restart(&s);
	f = in_proc(&s, 11, 4000);
	f.creds = (struct creds){5, 6, 7, 8, 9, 10, 11, 12};
	reconcile_fact(s.r, &f, s.now);
	acct_of(&s, 11, T0, 9);
	barrier(&s);
	told(&s, "end 11=9");
	assert_int_equal(s.last.creds.euid, 6);
	end(&s);
}

/* A crash was announced; whether it came true only accounting tells. */
static void
test_evidence_is_kept(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_ls(&s);
	f = fact_of(&s, FACT_ABEND, 11, 10);
	f.signal = 11;
	give(&s, &f);
	restart(&s);
	gone(&s, 11);
	barrier(&s);
	told(&s, "end 11=b?");
	assert_int_equal(s.last.nserials, 1);
	assert_int_equal(s.last.serials[0], f.at.serial);
	end(&s);
}

/*
 * Born while we started: /proc has it, and the stream tells of its birth when
 * it is read.
 */
static void
test_born_meanwhile(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_ls(&s);
	restart(&s);
	find(&s, 10, 7);
	f = in_proc(&s, 20, STOP_TICKS + 5);
	f.ppid = 10;
	f.found.start_ms = s.ms - 500;
	reconcile_fact(s.r, &f, s.now);
	told(&s, "");
	s.ms -= 500;
	fork_of(&s, 10, 20);
	s.ms += 500;
	exec_of(&s, 20, 10);
	told(&s, "fork 20 exec 20");
	assert_int_equal(s.last.start, START_OBSERVED);
	end(&s);

	/* Seen once more before that: it is the same. */
	begin_ls(&s);
	restart(&s);
	f = in_proc(&s, 20, STOP_TICKS + 5);
	f.ppid = 10;
	f.found.start_ms = s.ms - 500;
	reconcile_fact(s.r, &f, s.now);
	restart(&s);
	reconcile_fact(s.r, &f, s.now);
	pass(&s, 2000);
	told(&s, "found 20");
	end(&s);

	/* The record is lost, or of who had the number before. */
	begin_ls(&s);
	restart(&s);
	find(&s, 10, 7);
	s.ms -= 5000;
	f = in_proc(&s, 20, STOP_TICKS + 5);
	f.ppid = 10;
	f.found.seen_ms = s.ms + 5000;
	f.found.start_ms = s.ms + 4500;
	reconcile_fact(s.r, &f, s.now);
	fork_of(&s, 10, 20);
	s.ms += 5000;
	exec_of(&s, 20, 10);
	pass(&s, 2000);
	told(&s, "found 20 exec 20");
	end(&s);
}

static void
test_refused(void **state)
{
	struct story s;
	struct reconcile_settings set = usual;
	struct saved_life life = {.number = 5,
	    .pid = 100,
	    .state = LIFE_ALIVE,
	    .born = true,
	    .birth = {T0, 1}};

	(void)state;
	begin(&s);
	set.lives = 2;
	reconcile_set(s.r, &set);
	assert_true(reconcile_restore(s.r, &life, STOP_TICKS, 0));
	assert_false(reconcile_restore(s.r, &life, STOP_TICKS, 0));
	life.number = 6;
	life.pid = 0;
	assert_false(reconcile_restore(s.r, &life, STOP_TICKS, 0));
	assert_int_equal(reconcile_counts(s.r)->refused_lives, 0);
	life.pid = 101;
	assert_true(reconcile_restore(s.r, &life, STOP_TICKS, 0));
	life.number = 7;
	life.pid = 102;
	assert_false(reconcile_restore(s.r, &life, STOP_TICKS, 0));
	assert_int_equal(reconcile_counts(s.r)->refused_lives, 1);
	assert_int_equal(reconcile_alive(s.r), 2);
	told(&s, "");
	end(&s);
}

/* The machine was booted meanwhile. */
static void
test_another_boot(void **state)
{
	struct story s;
	struct uuid id;
	int64_t stopped;

	(void)state;
	begin_ls(&s);
	id = s.last.process.id;
	stopped = s.ms;
	restart(&s);
	ident_init(&s.ident, "host", "another boot");
	reconcile_new_boot(s.r, &s.ident, stopped, s.now);
	told(&s, "end 10=none end 11=none");
	assert_int_equal(s.last.end.kind, END_RESTART);
	assert_int_equal(s.last.time_ms, stopped);
	assert_memory_equal(&s.last.process.id, &id, 16);
	assert_int_equal(reconcile_alive(s.r), 0);
	find(&s, 11, 7);
	told(&s, "found 11");
	end(&s);
}

/* 400 bears in its own pid namespace, and is dead before its child is seen:
 * whoever inherits is not known. */
static void
test_orphans_of_a_namespace(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	find(&s, 400, 7);
	fork_of(&s, 400, 2);
	assert_false(reconcile_has_orphans(s.r));
	exit_group_of(&s, 400, 1, 0);
	acct_of(&s, 400, s.ms - 1000, 0);
	barrier(&s);
	pass(&s, 20000);
	assert_true(reconcile_has_orphans(s.r));
	reconcile_free(s.r);
	s.r = reconcile_new(&usual, &s.ident, on_event, &s);
	reconcile_restore_orphans(s.r, true);
	assert_true(reconcile_has_orphans(s.r));
	reconcile_new_boot(s.r, &s.ident, s.ms, s.now);
	assert_false(reconcile_has_orphans(s.r));
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_is_saved),
	    cmocka_unit_test(test_orphans_of_a_namespace),
	    cmocka_unit_test(test_saved_twice),
	    cmocka_unit_test(test_states_are_saved),
	    cmocka_unit_test(test_states_go_on),
	    cmocka_unit_test(test_ended_absorb_after_a_restart),
	    cmocka_unit_test(test_undecided_are_asked_again),
	    cmocka_unit_test(test_goes_on),
	    cmocka_unit_test(test_ticks_are_kept),
	    cmocka_unit_test(test_reused),
	    cmocka_unit_test(test_record_wins_over_gone),
	    cmocka_unit_test(test_gone_without_a_record),
	    cmocka_unit_test(test_stream_goes_on_where_it_was),
	    cmocka_unit_test(test_image_of_the_gap),
	    cmocka_unit_test(test_same_image_with_another_look),
	    cmocka_unit_test(test_creds_of_the_gap),
	    cmocka_unit_test(test_evidence_is_kept),
	    cmocka_unit_test(test_born_meanwhile),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_another_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
