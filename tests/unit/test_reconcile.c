/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reconciler, fact by fact. Events are compared as short text, one word
 * an event, so that a test reads as a story:
 *
 *   fork PID<PARENT   exec PID   end PID=STATUS
 *
 * A start that was inferred has "~" before it, a status that is not certain
 * "?" after it; "=none" is an end without a status.
 */
#include "reconcile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "acct_record.h"

#define T0 INT64_C(1700000000000)

struct story {
	struct reconcile *r;
	struct ident ident;
	char told[65536];
	size_t len;
	int64_t now, ms; /* patience, and the stream's time */
	uint32_t serial;
	struct event last;
};

static void
on_event(void *ctx, const struct event *ev)
{
	struct story *s = ctx;
	char status[32] = "none";
	char *at = s->told + s->len;
	size_t room = sizeof(s->told) - s->len;
	int n = 0;

	s->last = *ev;
	switch (ev->action) {
	case EVENT_FORK:
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
	s->len += (size_t)n;
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
begin(struct story *s, const struct reconcile_settings *set)
{
	memset(s, 0, sizeof(*s));
	ident_init(&s->ident, "host", "boot");
	s->r = reconcile_new(set, &s->ident, on_event, s);
	assert_non_null(s->r);
	s->ms = T0;
}

static void
end(struct story *s)
{
	reconcile_free(s->r);
}

/* What was told since the last look. */
static void
told(struct story *s, const char *want)
{
	if (s->len > 0)
		s->len--;
	s->told[s->len] = '\0';
	assert_string_equal(s->told, want);
	s->len = 0;
}

/* Time passes in the stream. */
static void
pass(struct story *s, int64_t ms)
{
	s->ms += ms;
	s->now += ms;
	reconcile_tick(s->r, s->now);
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
	if (f->at.ms != TIME_UNKNOWN)
		reconcile_heard(s->r, f->at.ms, s->now);
	reconcile_fact(s->r, f, s->now);
}

static struct fact
birth_of(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = fact_of(s, FACT_BIRTH, parent, -1);

	f.birth.child = child;
	return f;
}

static void
fork_of(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = birth_of(s, parent, child);

	give(s, &f);
}

static void
exec_of(struct story *s, int32_t pid, int32_t ppid)
{
	struct fact f = fact_of(s, FACT_EXEC, pid, ppid);

	f.exec.success = true;
	f.comm = BYTES_LITERAL("ls");
	f.exe = BYTES_LITERAL("/bin/ls");
	f.exec.args.bytes = (struct bytes){"ls\0-l", 6};
	f.exec.args.count = f.exec.args.argc = 2;
	give(s, &f);
}

static void
leave(struct story *s, enum fact_kind kind, int32_t pid, int32_t ppid, int code)
{
	struct fact f = fact_of(s, kind, pid, ppid);

	f.code = code;
	give(s, &f);
}

#define exit_group_of(s, pid, ppid, code)                                      \
	leave((s), FACT_EXIT_GROUP, (pid), (ppid), (code))
#define exit_of(s, pid, ppid, code) leave((s), FACT_EXIT, (pid), (ppid), (code))

/* The record of a process born at birth_ms, dying now. */
static struct fact
record_of(
    struct story *s, int32_t pid, int32_t ppid, int64_t birth_ms, int status)
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
		.status = (uint32_t)status,
		.read_ms = s->ms}};
}

static void
acct_of(struct story *s, int32_t pid, int64_t birth_ms, int status)
{
	struct fact f = record_of(s, pid, 1, birth_ms, status);

	give(s, &f);
}

/* Some event of the stream: everything before it has been read. */
static void
barrier(struct story *s)
{
	pass(s, 8);
	reconcile_heard(s->r, s->ms, s->now);
	reconcile_tick(s->r, s->now);
}

/* A shell with pid 10, whose start is told and looked at already. */
static void
begin_shell(struct story *s, bool acct)
{
	struct fact f;

	begin(s, &usual);
	reconcile_acct_on(s->r, acct);
	f = (struct fact){.kind = FACT_FOUND,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 10,
	    .ppid = 1,
	    .creds = CREDS_UNKNOWN,
	    .comm = BYTES_LITERAL("sh"),
	    .found = {.start_ticks = 7, .start_ms = T0 - 5000, .seen_ms = T0}};
	reconcile_fact(s->r, &f, s->now);
	told(s, "found 10");
	pass(s, 100);
}

/* Order of births. */

static void
test_fork_exec_exit(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	exec_of(&s, 11, 10);
	told(&s, "fork 11<10 exec 11");
	exit_group_of(&s, 11, 10, 3);
	told(&s, "");
	acct_of(&s, 11, s.ms, 0x300);
	told(&s, "end 11=300");
	assert_int_equal(s.last.sources, SOURCE_AUDIT | SOURCE_ACCT);
	end(&s);
}

/* vfork: the child's exec and exit are read before its birth. */
static void
test_child_before_birth(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin_shell(&s, true);
	birth = birth_of(&s, 10, 11);
	exec_of(&s, 11, 10);
	exit_group_of(&s, 11, 10, 0);
	acct_of(&s, 11, s.ms, 0);
	told(&s, "");
	pass(&s, 1000);
	give(&s, &birth);
	told(&s, "fork 11<10 exec 11 end 11=0");
	end(&s);
}

/* The article's ls, nothing known of its shell. */
static void
test_reordered_among_strangers(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin(&s, &usual);
	birth = birth_of(&s, 1658, 22093);
	exec_of(&s, 22093, 1658);
	exit_group_of(&s, 22093, 1658, 0);
	give(&s, &birth);
	told(&s, "");
	reconcile_finish(s.r, s.now);
	told(&s, "~fork 1658<0 fork 22093<1658 exec 22093 end 22093=0?");
	end(&s);
}

/* Nobody sees the birth: it is inferred after lateness, not earlier. */
static void
test_birth_inferred(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	exec_of(&s, 11, 10);
	pass(&s, 1999);
	told(&s, "");
	pass(&s, 1);
	told(&s, "~fork 11<10 exec 11");
	assert_int_equal(reconcile_counts(s.r)->inferred, 1);
	end(&s);
}

/* A birth record that comes too late only confirms. */
static void
test_birth_late(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin_shell(&s, true);
	birth = birth_of(&s, 10, 11);
	exec_of(&s, 11, 10);
	pass(&s, 5000);
	told(&s, "~fork 11<10 exec 11");
	give(&s, &birth);
	pass(&s, 5000);
	told(&s, "");
	end(&s);
}

/* An orphan's ppid names the reaper, not who bore it. */
static void
test_inferred_orphan_has_no_parent(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	exec_of(&s, 11, 1);
	pass(&s, 2000);
	told(&s, "~fork 11<0 exec 11");
	end(&s);
}

/* Generations read youngest first come out oldest first. */
static void
test_generations_reversed(void **state)
{
	struct story s;
	struct fact a, b, c;

	(void)state;
	begin_shell(&s, true);
	a = birth_of(&s, 10, 11);
	b = birth_of(&s, 11, 12);
	c = birth_of(&s, 12, 13);
	exec_of(&s, 13, 12);
	give(&s, &c);
	give(&s, &b);
	told(&s, "");
	give(&s, &a);
	told(&s, "fork 11<10 fork 12<11 fork 13<12 exec 13");
	end(&s);
}

/* Threads. */

static void
test_thread_is_no_process(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = birth_of(&s, 10, 11);
	f.birth.shape = BIRTH_THREAD;
	give(&s, &f);
	exit_of(&s, 10, 1, 0);
	pass(&s, 10000);
	told(&s, "");
	end(&s);
}

static void
test_clone3_decided_by_proc(void **state)
{
	struct story s;
	struct fact f;
	struct reconcile_question q[4];

	(void)state;
	begin_shell(&s, true);
	f = birth_of(&s, 10, 11);
	f.birth.shape = BIRTH_UNDECIDED;
	give(&s, &f);
	f = birth_of(&s, 10, 12);
	f.birth.shape = BIRTH_UNDECIDED;
	give(&s, &f);
	assert_int_equal(reconcile_questions(s.r, q, 4), 2);
	assert_int_equal(q[0].parent, 10);
	assert_int_equal(q[0].child + q[1].child, 23);
	assert_int_equal(reconcile_questions(s.r, q, 4), 0);
	f = (struct fact){.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 10,
	    .ppid = -1,
	    .task = {.child = 11, .thread = true}};
	give(&s, &f);
	told(&s, "");
	f.task.child = 12;
	f.task.thread = false;
	give(&s, &f);
	told(&s, "");
	pass(&s, 2000);
	told(&s, "fork 12<10");
	end(&s);
}

/* A number that was perhaps a thread's of one who is yet unknown, then a
 * process's of another. */
static void
test_reborn_while_parents_wait(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, false);
	f = birth_of(&s, 314, 327);
	f.birth.shape = BIRTH_UNDECIDED;
	f.ppid = 10;
	give(&s, &f);
	pass(&s, 56);
	f = birth_of(&s, 306, 327);
	f.ppid = 10;
	give(&s, &f);
	reconcile_finish(s.r, s.now);
	told(&s, "~fork 314<10 ~fork 306<10 fork 327<306");
	end(&s);
}

/* Its parent waits for its own turn; the one before it left without a word. */
static void
test_reborn_by_who_waits(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, false);
	f = birth_of(&s, 300, 315);
	f.birth.shape = BIRTH_UNDECIDED;
	f.ppid = 10;
	give(&s, &f);
	pass(&s, 24);
	f = birth_of(&s, 328, 312);
	f.ppid = 10;
	give(&s, &f);
	pass(&s, 48);
	f = birth_of(&s, 328, 315);
	f.ppid = 10;
	give(&s, &f);
	pass(&s, 400);
	f = birth_of(&s, 315, 312);
	f.ppid = 10;
	give(&s, &f);
	pass(&s, 16);
	exit_group_of(&s, 312, 315, 1);
	told(&s, "");
	reconcile_finish(s.r, s.now);
	told(&s, "~fork 300<10 ~fork 328<10 fork 312<328 end 312=none "
		 "fork 315<328 fork 312<315 end 312=100?");
	end(&s);
}

static void
test_clone3_decided_by_evidence(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = birth_of(&s, 10, 11);
	f.birth.shape = BIRTH_UNDECIDED;
	give(&s, &f);
	pass(&s, 5000);
	told(&s, "");
	exec_of(&s, 11, 10);
	told(&s, "fork 11<10 exec 11");
	/* killed before it did anything: accounting knows it */
	f = birth_of(&s, 10, 12);
	f.birth.shape = BIRTH_UNDECIDED;
	give(&s, &f);
	acct_of(&s, 12, s.ms, 9);
	barrier(&s);
	told(&s, "");
	pass(&s, 2000);
	told(&s, "fork 12<10 end 12=9");
	/* a thread's number comes again: it was no process */
	f = birth_of(&s, 10, 13);
	f.birth.shape = BIRTH_UNDECIDED;
	give(&s, &f);
	pass(&s, 100);
	fork_of(&s, 10, 13);
	told(&s, "fork 13<10");
	reconcile_finish(s.r, s.now);
	told(&s, "");
	end(&s);
}

/* Deaths. */

/* Read first, an accounting record is the last word all the same. */
static void
test_record_before_all_else(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	acct_of(&s, 11, s.ms, 0x500);
	exec_of(&s, 11, 10);
	exit_group_of(&s, 11, 10, 5);
	barrier(&s);
	pass(&s, 2000);
	told(&s, "~fork 11<10 exec 11 end 11=500");
	end(&s);
}

/* A held life's children are told before its end. */
static void
test_child_before_end_of_held_parent(void **state)
{
	struct story s;
	struct fact birth;
	int64_t born;

	(void)state;
	begin_shell(&s, true);
	born = s.ms;
	birth = birth_of(&s, 10, 11);
	fork_of(&s, 11, 12);
	fork_of(&s, 12, 13);
	exit_group_of(&s, 12, 11, 0);
	acct_of(&s, 12, born, 0);
	exit_group_of(&s, 11, 10, 0);
	acct_of(&s, 11, born, 0);
	give(&s, &birth);
	told(&s, "fork 11<10 fork 12<11 fork 13<12 end 12=0 end 11=0");
	end(&s);
}

/* Only accounting tells: not before the barrier, and then at once. */
static void
test_death_by_signal(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	begin_shell(&s, true);
	born = s.ms;
	fork_of(&s, 10, 11);
	told(&s, "fork 11<10");
	pass(&s, 500);
	acct_of(&s, 11, born, 15);
	told(&s, "");
	barrier(&s);
	told(&s, "end 11=f");
	assert_int_equal(s.last.time_ms, born + 500);
	assert_int_equal(s.last.sources, SOURCE_ACCT);
	end(&s);
}

/* The record is read first, the exit is still on its way. */
static void
test_record_before_exit(void **state)
{
	struct story s;
	int64_t born, left;
	struct fact x;

	(void)state;
	begin_shell(&s, true);
	born = s.ms;
	fork_of(&s, 10, 11);
	pass(&s, 40);
	left = s.ms;
	x = fact_of(&s, FACT_EXIT_GROUP, 11, 10);
	x.code = 7;
	pass(&s, 12);
	acct_of(&s, 11, born, 0x700);
	told(&s, "fork 11<10");
	give(&s, &x);
	told(&s, "end 11=700");
	assert_int_equal(s.last.time_ms, left);
	end(&s);
}

/* No event comes: a barrier is asked for, and in the end done without. */
static void
test_barrier_never_comes(void **state)
{
	struct story s;
	int64_t since;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	told(&s, "fork 11<10");
	assert_false(reconcile_wants_barrier(s.r, &since));
	acct_of(&s, 11, s.ms, 9);
	assert_true(reconcile_wants_barrier(s.r, &since));
	assert_int_equal(since, s.now);
	pass(&s, 9999);
	told(&s, "");
	pass(&s, 1);
	/* what the stream has not told may be another life of that number */
	told(&s, "end 11=9?");
	end(&s);
}

/* Accounting is seconds ahead of the stream: nothing is told twice. */
static void
test_stream_behind_accounting(void **state)
{
	struct story s;
	struct fact birth, run, leave, record;

	(void)state;
	begin_shell(&s, true);
	birth = birth_of(&s, 10, 11);
	run = fact_of(&s, FACT_EXEC, 11, 10);
	run.exec.success = true;
	leave = fact_of(&s, FACT_EXIT_GROUP, 11, 10);
	leave.code = 2;
	record = record_of(&s, 11, 10, s.ms, 0x200);
	record.acct.read_ms = s.ms + 4;
	give(&s, &record);
	s.now += 7000;
	reconcile_tick(s.r, s.now);
	give(&s, &birth);
	give(&s, &run);
	give(&s, &leave);
	/* so short a life may as well be the next one of that number */
	told(&s, "fork 11<10 exec 11");
	barrier(&s);
	told(&s, "end 11=200");
	end(&s);
}

/* Accounting lost the record: the code stands, but is not proven. */
static void
test_record_never_comes(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	exit_group_of(&s, 11, 10, 4);
	pass(&s, 999);
	told(&s, "fork 11<10");
	pass(&s, 1);
	told(&s, "end 11=400?");
	assert_int_equal(reconcile_counts(s.r)->unaccounted, 1);
	/* it comes after all: absorbed, and not given to the next life */
	acct_of(&s, 11, s.ms - 1000, 0x400);
	pass(&s, 100);
	fork_of(&s, 10, 11);
	barrier(&s);
	pass(&s, 5000);
	told(&s, "fork 11<10");
	end(&s);
}

static void
test_accounting_off(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, false);
	fork_of(&s, 10, 11);
	exit_group_of(&s, 11, 10, 4);
	told(&s, "fork 11<10 end 11=400?");
	/* a crash is told by ANOM_ABEND alone */
	fork_of(&s, 10, 12);
	struct fact f = fact_of(&s, FACT_ABEND, 12, -1);
	f.signal = 11;
	give(&s, &f);
	pass(&s, 2000);
	told(&s, "fork 12<10 end 12=b?");
	/* a kill is told by nobody; /proc misses it */
	fork_of(&s, 10, 13);
	f = (struct fact){.kind = FACT_GONE,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 13,
	    .ppid = -1,
	    .gone_ms = s.ms};
	give(&s, &f);
	told(&s, "fork 13<10");
	barrier(&s);
	told(&s, "end 13=none");
	end(&s);
}

/*
 * A crash whose accounting record was lost: dumping core may take long, so
 * nothing is told before the input is over.
 */
static void
test_crash_without_record(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	f = fact_of(&s, FACT_ABEND, 11, 10);
	f.signal = 11;
	give(&s, &f);
	pass(&s, 20000);
	reconcile_finish(s.r, s.now);
	told(&s, "fork 11<10");
	reconcile_conclude(s.r, s.now);
	told(&s, "end 11=b?");
	end(&s);
}

/*
 * Whose parent called unshare(2) has children by numbers of a namespace,
 * perhaps. One is awaited by its number, and may have had it twice: its record
 * of a death by signal was read before the crash, which names no parent.
 */
static void
test_number_of_no_namespace(void **state)
{
	struct story s;
	struct fact unshared, birth, f;

	(void)state;
	begin_shell(&s, true);
	unshared = fact_of(&s, FACT_NAMESPACE, 10, 1);
	birth = birth_of(&s, 10, 400);
	f = birth_of(&s, 400, 410);
	f.ppid = 10;
	give(&s, &f);
	f = record_of(&s, 410, 400, s.ms, 11);
	give(&s, &f);
	f = fact_of(&s, FACT_ABEND, 410, -1);
	f.signal = 11;
	give(&s, &f);
	told(&s, "");
	give(&s, &unshared);
	give(&s, &birth);
	told(&s, "fork 400<10 fork 410<400");
	barrier(&s);
	pass(&s, 4000);
	told(&s, "end 410=b");
	end(&s);
}

/* exit_group lost against the exec of another thread: the life goes on. */
static void
test_exec_beats_exit_group(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	begin_shell(&s, true);
	born = s.ms;
	fork_of(&s, 10, 11);
	f = birth_of(&s, 11, 12);
	f.birth.shape = BIRTH_THREAD;
	give(&s, &f);
	exit_group_of(&s, 11, 10, 42);
	exec_of(&s, 11, 10);
	pass(&s, 3000);
	told(&s, "fork 11<10 exec 11");
	exit_group_of(&s, 11, 10, 7);
	acct_of(&s, 11, born, 0x700);
	told(&s, "end 11=700");
	end(&s);
}

/* Whoever switches accounting gets a record and lives on. */
static void
test_record_of_the_living(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = record_of(&s, 10, 1, T0 - 5000, 0);
	f.acct.mem_kb = 0;
	give(&s, &f);
	barrier(&s);
	pass(&s, 5000);
	told(&s, "");
	fork_of(&s, 10, 11);
	told(&s, "fork 11<10");
	end(&s);
}

/* A kernel thread's record: ppid 2, no memory, never exec'd. */
static void
test_kernel_threads_left_out(void **state)
{
	struct story s;
	struct fact f;
	struct reconcile_settings set = usual;

	(void)state;
	begin_shell(&s, true);
	f = record_of(&s, 77, 2, s.ms, 0);
	f.acct.mem_kb = 0;
	f.acct.flags = ACCT_FORK;
	give(&s, &f);
	pass(&s, 5000);
	told(&s, "");
	set.kernel_threads = true;
	reconcile_set(s.r, &set);
	f.pid = 78;
	f.acct.birth_s = s.ms / 1000;
	f.acct.read_ms = s.ms;
	give(&s, &f);
	barrier(&s);
	pass(&s, 2000);
	told(&s, "~fork 78<2 end 78=0?");
	end(&s);
}

/* Reuse of pids. */

/* Killed, born again, both within the same second, in one batch. */
static void
test_pid_reused_at_once(void **state)
{
	struct story s;
	int64_t a, b;

	(void)state;
	begin_shell(&s, true);
	a = s.ms;
	fork_of(&s, 10, 11);
	pass(&s, 50);
	acct_of(&s, 11, a, 9);
	b = s.ms;
	fork_of(&s, 10, 11);
	exec_of(&s, 11, 10);
	exit_group_of(&s, 11, 10, 1);
	acct_of(&s, 11, b, 0x100);
	barrier(&s);
	told(&s, "fork 11<10 end 11=9 fork 11<10 exec 11 end 11=100");
	end(&s);
}

/* The record of the first life is lost: it is ended, without a status. */
static void
test_pid_reused_unseen(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	pass(&s, 50);
	fork_of(&s, 10, 11);
	told(&s, "fork 11<10");
	pass(&s, 2000);
	told(&s, "end 11=none fork 11<10");
	end(&s);
}

/* A record that does not fit the living life is an unknown one's. */
static void
test_record_of_another_time(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	acct_of(&s, 11, s.ms - 60000, 9);
	barrier(&s);
	told(&s, "fork 11<10");
	end(&s);
}

/* Canaries. */

static void
test_canary_is_not_told(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 1, 20);
	pass(&s, 2000);
	told(&s, "~fork 1<0 fork 20<1");
	pass(&s, 8);
	reconcile_hide(s.r, 21, 20, s.ms, s.now);
	fork_of(&s, 20, 21);
	exit_group_of(&s, 21, 20, 0);
	acct_of(&s, 21, s.ms, 0);
	barrier(&s);
	pass(&s, 20000);
	told(&s, "");
	assert_int_equal(reconcile_counts(s.r)->ends, 0);
	end(&s);
}

/*
 * Who had the number before it is over, but the stream is behind: what of them
 * is still to come says whose their records are.
 */
static void
test_canary_before_the_stream(void **state)
{
	struct story s;
	struct fact first, second, own, left, f;
	int64_t born;

	(void)state;
	begin_shell(&s, true);
	born = s.ms;
	first = birth_of(&s, 10, 11);
	pass(&s, 10);
	f = record_of(&s, 11, 10, born, 9);
	give(&s, &f);
	born = s.ms;
	second = birth_of(&s, 10, 11);
	pass(&s, 10);
	f = record_of(&s, 11, 10, born, 15);
	give(&s, &f);
	pass(&s, 10);
	reconcile_hide(s.r, 11, 20, s.ms, s.now);
	own = birth_of(&s, 20, 11);
	left = fact_of(&s, FACT_EXIT_GROUP, 11, 20);
	f = record_of(&s, 11, 20, s.ms, 0);
	give(&s, &f);
	pass(&s, 1500);
	give(&s, &first);
	give(&s, &second);
	give(&s, &own);
	give(&s, &left);
	told(&s, "fork 11<10 end 11=9 fork 11<10 end 11=f");
	barrier(&s);
	told(&s, "");
	end(&s);
}

/* CLONE_PARENT, which clone3 does not tell. */

static void
clone3_of(struct story *s, int32_t parent, int32_t ppid, int32_t child)
{
	struct fact f = birth_of(s, parent, child);

	f.ppid = ppid;
	f.birth.shape = BIRTH_UNDECIDED;
	give(s, &f);
}

static void
test_clone3_sibling(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	clone3_of(&s, 11, 10, 12);
	exit_group_of(&s, 12, 10, 0);
	pass(&s, 2000);
	told(&s, "fork 11<10 fork 12<10");
	/* known to accounting only */
	clone3_of(&s, 11, 10, 13);
	f = record_of(&s, 13, 10, s.ms, 9);
	give(&s, &f);
	barrier(&s);
	pass(&s, 2000);
	told(&s, "end 12=0? fork 13<10 end 13=9");
	/* known to /proc only */
	clone3_of(&s, 11, 10, 14);
	f = (struct fact){.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 11,
	    .ppid = 10,
	    .task = {.child = 14, .thread = false}};
	give(&s, &f);
	pass(&s, 2000);
	told(&s, "fork 14<10");
	end(&s);
}

/* Both are dead when they are first read of, 12 was first. */
static void
test_clone3_sibling_of_the_dead(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = record_of(&s, 12, 10, s.ms, 0);
	f.acct.offset = 64;
	give(&s, &f);
	f = record_of(&s, 11, 10, s.ms, 0);
	f.acct.offset = 128;
	give(&s, &f);
	clone3_of(&s, 11, 10, 12);
	exit_group_of(&s, 12, 10, 0);
	fork_of(&s, 10, 11);
	exit_group_of(&s, 11, 10, 0);
	barrier(&s);
	pass(&s, 2000);
	told(&s, "fork 11<10 end 11=0 fork 12<10 end 12=0");
	end(&s);
}

/* /proc is asked about 12 before the end of 11 is told. */
static void
test_clone3_child_before_end_of_its_parent(void **state)
{
	struct story s;
	struct fact f;
	struct reconcile_question q[4];

	(void)state;
	begin_shell(&s, true);
	assert_int_equal(reconcile_questions(s.r, q, 4), 0);
	fork_of(&s, 10, 11);
	clone3_of(&s, 11, 10, 12);
	acct_of(&s, 11, s.ms, 9);
	barrier(&s);
	told(&s, "fork 11<10");
	assert_int_equal(reconcile_questions(s.r, q, 4), 1);
	f = (struct fact){.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 11,
	    .ppid = 1,
	    .task = {.child = 12, .thread = false}};
	give(&s, &f);
	pass(&s, 1);
	told(&s, "");
	pass(&s, 2000);
	told(&s, "fork 12<11 end 11=9");
	end(&s);
}

/* 11 is dead: 10, or another one, inherited its child. */
static void
test_clone3_orphan_of_a_subreaper(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	clone3_of(&s, 11, 10, 12);
	acct_of(&s, 11, s.ms, 9);
	exit_group_of(&s, 12, 10, 0);
	pass(&s, 2000);
	told(&s, "fork 11<10 fork 12<11");
	end(&s);
}

/*
 * A clone3's child crashed, and names its parent only at its death: who
 * inherited it, and is the parent of who bore it, too.
 */
static void
test_clone3_orphan_that_crashed(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	birth = fact_of(&s, FACT_BIRTH, 11, 10);
	birth.birth.child = 12;
	birth.birth.shape = BIRTH_UNDECIDED;
	f = fact_of(&s, FACT_ABEND, 12, -1);
	birth.at.serial = f.at.serial + 1;
	f.signal = 11;
	give(&s, &f);
	pass(&s, 100);
	f = record_of(&s, 11, 10, s.ms - 100, 9);
	f.acct.offset = 64;
	f.acct.read_ms = s.ms + 5;
	give(&s, &f);
	f = record_of(&s, 12, 10, s.ms - 100, 11);
	f.acct.offset = 128;
	f.acct.read_ms = s.ms + 5;
	give(&s, &f);
	give(&s, &birth);
	barrier(&s);
	pass(&s, 2000);
	told(&s, "fork 11<10 fork 12<11 end 12=b end 11=9");
	end(&s);
}

/*
 * Its birth is held by a parent that waits, too, and a little longer: all
 * patience is over, but not with the birth that is known.
 */
static void
test_parent_is_inferred_first(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = birth_of(&s, 20, 21);
	f.ppid = 10;
	exec_of(&s, 21, 20);
	s.now += 1;
	give(&s, &f);
	f = record_of(&s, 20, 10, s.ms, 9);
	f.acct.read_ms = s.ms + 60000;
	give(&s, &f);
	for (int i = 0; i < 6; i++) {
		told(&s, "");
		pass(&s, 1999);
		s.now += 1;
	}
	told(&s, "~fork 20<10 fork 21<20 exec 21");
	end(&s);
}

/* pid namespaces. */

/*
 * The record of a second child is read before the stream has come up to it:
 * the birth that is known is the first one's.
 */
static void
test_record_before_birth_in_a_namespace(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 400);
	fork_of(&s, 400, 2);
	exec_of(&s, 401, 400);
	told(&s, "fork 400<10");
	exec_of(&s, 400, 10);
	fork_of(&s, 401, 3);
	told(&s, "exec 400 fork 401<400 exec 401");
	pass(&s, 100);
	birth = birth_of(&s, 401, 4);
	f = record_of(&s, 403, 401, s.ms, 9);
	f.acct.read_ms = s.ms + 5;
	give(&s, &f);
	told(&s, "");
	exec_of(&s, 402, 401);
	give(&s, &birth);
	barrier(&s);
	pass(&s, 5000);
	told(&s, "fork 403<401 end 403=9 fork 402<401 exec 402");
	end(&s);
}

/* 400 is in no namespace: the birth that is known is that of a sibling. */
static void
test_sibling_by_its_number(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	begin_shell(&s, true);
	f = fact_of(&s, FACT_NAMESPACE, 10, 1);
	give(&s, &f);
	fork_of(&s, 10, 400);
	fork_of(&s, 400, 401);
	birth = birth_of(&s, 400, 402);
	exec_of(&s, 402, 400);
	told(&s, "fork 400<10");
	give(&s, &birth);
	told(&s, "fork 401<400 fork 402<400 exec 402");
	exec_of(&s, 401, 400);
	told(&s, "exec 401");
	end(&s);
}

/*
 * 400 was taken to be of a namespace, until one of its children had the number
 * that its birth told: so have the others, though nobody has seen them yet.
 */
static void
test_namespace_disproved_by_a_number(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = fact_of(&s, FACT_NAMESPACE, 10, 1);
	give(&s, &f);
	fork_of(&s, 10, 400);
	fork_of(&s, 400, 401);
	fork_of(&s, 400, 402);
	told(&s, "fork 400<10");
	exec_of(&s, 402, 400);
	told(&s, "fork 401<400 fork 402<400 exec 402");
	fork_of(&s, 400, 403);
	told(&s, "fork 403<400");
	end(&s);
}

/*
 * 400 is the first of a namespace for certain: that a child's pid is the number
 * of another birth there means nothing, nor is who has the others hurt.
 */
static void
test_number_in_a_namespace_is_no_pid(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 500); /* would be hurt */
	f = birth_of(&s, 10, 400);
	f.birth.new_pidns = true;
	give(&s, &f);
	told(&s, "fork 500<10 fork 400<10");
	fork_of(&s, 400, 500); /* a local 500 */
	pass(&s, 8);
	fork_of(&s, 400, 401); /* a local 401 */
	exec_of(&s, 401, 400);
	pass(&s, 2001);
	exec_of(&s, 500, 10);
	told(&s, "fork 401<400 exec 401 exec 500");
	end(&s);
}

/* A crash names no parent: the number alone tells whose birth it is. */
static void
test_crash_by_its_number(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	begin_shell(&s, true);
	f = fact_of(&s, FACT_NAMESPACE, 10, 1);
	give(&s, &f);
	fork_of(&s, 10, 400);
	birth = birth_of(&s, 400, 401);
	f = fact_of(&s, FACT_ABEND, 401, -1);
	f.signal = 5;
	give(&s, &f);
	told(&s, "fork 400<10");
	give(&s, &birth);
	told(&s, "fork 401<400");
	end(&s);
}

/* It names init as its parent; who bore it has its birth by its number. */
static void
test_orphan_by_its_number(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = fact_of(&s, FACT_NAMESPACE, 10, 1);
	give(&s, &f);
	fork_of(&s, 10, 400);
	fork_of(&s, 400, 401);
	acct_of(&s, 400, s.ms, 9);
	exec_of(&s, 401, 1);
	told(&s, "fork 400<10");
	barrier(&s);
	pass(&s, 5000);
	told(&s, "fork 401<400 end 400=9 exec 401");
	end(&s);
}

/*
 * That it has the birth of 401 says that 400 was in no namespace: who claims a
 * birth by clone3 there is no more, though it stood next among those that wait.
 */
static void
test_orphan_before_one_of_clone3(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = fact_of(&s, FACT_NAMESPACE, 10, 1);
	give(&s, &f);
	fork_of(&s, 10, 400);
	fork_of(&s, 400, 401);
	clone3_of(&s, 400, 10, 402);
	f = record_of(&s, 402, 1, s.ms, 9);
	f.acct.read_ms = s.ms + 100000;
	give(&s, &f);
	pass(&s, 1500);
	exec_of(&s, 401, 1);
	exit_group_of(&s, 400, 10, 0);
	pass(&s, 500);
	told(&s, "fork 400<10");
	pass(&s, 500);
	told(&s, "fork 402<400 fork 401<400 end 400=0? exec 401");
	end(&s);
}

/* 401 died unseen, and its parent bore another one of that number. */
static void
test_two_by_one_number(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = fact_of(&s, FACT_NAMESPACE, 10, 1);
	give(&s, &f);
	fork_of(&s, 10, 400);
	fork_of(&s, 400, 401);
	pass(&s, 8);
	fork_of(&s, 400, 401);
	told(&s, "fork 400<10");
	exec_of(&s, 401, 400);
	told(&s, "fork 401<400 exec 401 end 401=none fork 401<400");
	end(&s);
}

/* What its parent did last may be of another of that number: it lives on. */
static void
test_parent_before_one_in_doubt(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = fact_of(&s, FACT_NAMESPACE, 10, 1);
	give(&s, &f);
	fork_of(&s, 10, 400);
	fork_of(&s, 400, 401);
	f = record_of(&s, 400, 10, s.ms, 9);
	f.acct.read_ms = s.ms + 5;
	give(&s, &f);
	exec_of(&s, 400, 10);
	exec_of(&s, 401, 400);
	told(&s, "fork 400<10 fork 401<400 exec 401");
	end(&s);
}

/* Its birth is held by who may be its parent or the next of that number. */
static void
test_orphan_of_one_in_doubt(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	begin_shell(&s, true);
	f = fact_of(&s, FACT_NAMESPACE, 10, 1);
	give(&s, &f);
	fork_of(&s, 10, 400);
	birth = birth_of(&s, 400, 401);
	birth.ppid = 10;
	f = record_of(&s, 400, 10, s.ms, 9);
	f.acct.read_ms = s.ms + 5;
	give(&s, &f);
	f = record_of(&s, 401, 1, s.ms, 9);
	f.acct.read_ms = s.ms + 5;
	give(&s, &f);
	s.now += 1;
	give(&s, &birth);
	told(&s, "fork 400<10");
	barrier(&s);
	pass(&s, 1992);
	pass(&s, 3000);
	told(&s, "fork 401<400 end 401=9 end 400=9");
	end(&s);
}

/*
 * What a thread of it did as another left may be of the next of its number, but
 * not of one more behind that: their parent's end makes up no birth for it.
 */
static void
test_one_behind_another_in_doubt(void **state)
{
	struct story s;
	struct fact thread, f;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 400);
	thread = birth_of(&s, 400, 410);
	thread.birth.shape = BIRTH_THREAD;
	give(&s, &thread);
	f = record_of(&s, 400, 10, s.ms, 9);
	give(&s, &f);
	f = fact_of(&s, FACT_EXIT_GROUP, 400, 10);
	give(&s, &f);
	f = birth_of(&s, 400, 401);
	f.ppid = 10;
	give(&s, &f);
	f = fact_of(&s, FACT_EXIT_GROUP, 10, 1);
	give(&s, &f);
	told(&s, "fork 400<10");
	pass(&s, 2008);
	told(&s, "end 10=0? fork 401<400");
	end(&s);
}

/*
 * Its results are numbers of its own namespace: 2, 3, ... Once it did something
 * after its child did no other birth by it can be the child's.
 */
static void
test_births_in_a_namespace(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 400);
	fork_of(&s, 400, 2);
	exec_of(&s, 401, 400);
	told(&s, "fork 400<10");
	pass(&s, 8);
	fork_of(&s, 400, 3);
	told(&s, "fork 401<400 exec 401");
	/* the second one does nothing; the third one's exec is read first */
	pass(&s, 8);
	birth = birth_of(&s, 400, 4);
	exec_of(&s, 403, 400);
	told(&s, "");
	birth.at.serial = ++s.serial;
	give(&s, &birth);
	told(&s, "");
	pass(&s, 2001);
	told(&s, "fork 403<400 exec 403");
	end(&s);
}

static void
test_namespace_by_flag(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 50); /* would be hurt */
	f = birth_of(&s, 10, 40);
	f.birth.new_pidns = true;
	give(&s, &f);
	told(&s, "fork 50<10 fork 40<10");
	fork_of(&s, 40, 50); /* a local 50 */
	exec_of(&s, 41, 40);
	exec_of(&s, 40, 10);
	told(&s, "exec 40 fork 41<40 exec 41");
	exec_of(&s, 50, 10);
	told(&s, "exec 50");
	end(&s);
}

/* The birth of 41 is not known: it is in its parent's namespace all the same.
 */
static void
test_inferred_in_a_namespace(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 50); /* would be hurt */
	f = birth_of(&s, 10, 40);
	f.birth.new_pidns = true;
	give(&s, &f);
	exec_of(&s, 41, 40);
	pass(&s, 2001);
	/* 40 is who orphans are given to there */
	told(&s, "fork 50<10 fork 40<10 ~fork 41<0 exec 41");
	fork_of(&s, 41, 50); /* a local 50 */
	exec_of(&s, 50, 10);
	told(&s, "exec 50");
	end(&s);
}

/*
 * Killed, and its parent by then is who inherits in the namespace: it may be
 * the first of another one, made by one who is dead, and killed by reboot(2).
 */
static void
test_first_of_a_namespace_of_the_dead(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = birth_of(&s, 10, 40);
	f.birth.new_pidns = true;
	give(&s, &f);
	f = record_of(&s, 42, 40, s.ms, 9);
	give(&s, &f);
	barrier(&s);
	pass(&s, 5000);
	told(&s, "fork 40<10 ~fork 42<0 end 42=9?");
	end(&s);
}

/*
 * 41 bore 40, and once it was dead, 40 another 41: by their numbers each is
 * above the other, and nobody inherits what 40 leaves.
 */
static void
test_ring_of_numbers_in_a_namespace(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = birth_of(&s, 10, 41);
	f.birth.new_pidns = true;
	give(&s, &f);
	f = birth_of(&s, 41, 2);
	f.birth.new_pidns = true;
	give(&s, &f);
	exec_of(&s, 40, 41);
	exit_group_of(&s, 41, 10, 0);
	acct_of(&s, 41, s.ms, 0);
	told(&s, "fork 41<10 fork 40<41 exec 40 end 41=0");
	fork_of(&s, 40, 2);
	exec_of(&s, 41, 40);
	pass(&s, 8);
	fork_of(&s, 40, 3);
	told(&s, "fork 41<40 exec 41");
	exit_group_of(&s, 40, 1, 0);
	acct_of(&s, 40, s.ms, 0);
	barrier(&s);
	pass(&s, 2001);
	told(&s, "end 40=0");
	end(&s);
}

/* 42 is 41's child; the first of the namespace, 40, is its parent by now. */
static void
test_orphan_in_a_namespace(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_shell(&s, true);
	f = birth_of(&s, 10, 40);
	f.birth.new_pidns = true;
	give(&s, &f);
	fork_of(&s, 40, 2);
	exec_of(&s, 41, 40);
	exec_of(&s, 40, 10);
	told(&s, "fork 40<10 exec 40 fork 41<40 exec 41");
	fork_of(&s, 41, 3);
	exit_group_of(&s, 41, 40, 0);
	exec_of(&s, 42, 40);
	acct_of(&s, 41, s.ms, 0);
	told(&s, "end 41=0");
	pass(&s, 2001);
	told(&s, "~fork 42<0 exec 42");
	/* all who were left are told: 40's own are again known to be its own */
	fork_of(&s, 40, 4);
	exec_of(&s, 43, 40);
	exec_of(&s, 40, 10);
	told(&s, "exec 40 fork 43<40 exec 43");
	end(&s);
}

/* 41, known from accounting only, is not told to be older than its parent. */
static void
test_inferred_is_not_older_than_its_parent(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	begin_shell(&s, true);
	pass(&s, 600);
	born = s.ms;
	fork_of(&s, 10, 40);
	f = record_of(&s, 41, 40, born - born % 1000, 9);
	give(&s, &f);
	barrier(&s);
	pass(&s, 2001);
	told(&s, "fork 40<10 ~fork 41<40 end 41=9");
	assert_int_equal(s.last.process.start_ms, born);
	end(&s);
}

/* Bounds. */

static void
test_lives_are_bounded(void **state)
{
	struct story s;
	struct reconcile_settings set = usual;

	(void)state;
	set.lives = 4;
	begin(&s, &set);
	for (int32_t pid = 1000; pid < 2000; pid++)
		exec_of(&s, pid, 1);
	assert_int_equal(reconcile_alive(s.r), 4);
	assert_int_equal(reconcile_counts(s.r)->refused_lives, 996);
	end(&s);
}

static void
test_held_facts_are_bounded(void **state)
{
	struct story s;
	struct reconcile_settings set = usual;

	(void)state;
	set.held_facts = 10;
	begin(&s, &set);
	for (int32_t pid = 1000; pid < 1100; pid++)
		exec_of(&s, pid, 1);
	assert_int_equal(reconcile_counts(s.r)->hurried, 90);
	reconcile_finish(s.r, s.now);
	assert_int_equal(reconcile_counts(s.r)->lives, 100);
	end(&s);
}

/* Nothing is forgotten at the end of input, and nothing is made up. */
static void
test_finish_leaves_the_living(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	exec_of(&s, 13, 12);
	exec_of(&s, 12, 10);
	reconcile_finish(s.r, s.now);
	told(&s, "fork 11<10 ~fork 12<10 exec 12 ~fork 13<12 exec 13");
	end(&s);
}

static void
test_new_boot(void **state)
{
	struct story s;

	(void)state;
	begin_shell(&s, true);
	fork_of(&s, 10, 11);
	told(&s, "fork 11<10");
	reconcile_new_boot(s.r, &s.ident, s.ms, s.now);
	assert_int_equal(s.last.end.kind, END_RESTART);
	assert_int_equal(reconcile_alive(s.r), 0);
	assert_int_equal(reconcile_counts(s.r)->ends, 2);
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fork_exec_exit),
	    cmocka_unit_test(test_child_before_birth),
	    cmocka_unit_test(test_reordered_among_strangers),
	    cmocka_unit_test(test_birth_inferred),
	    cmocka_unit_test(test_birth_late),
	    cmocka_unit_test(test_inferred_orphan_has_no_parent),
	    cmocka_unit_test(test_generations_reversed),
	    cmocka_unit_test(test_thread_is_no_process),
	    cmocka_unit_test(test_clone3_decided_by_proc),
	    cmocka_unit_test(test_clone3_decided_by_evidence),
	    cmocka_unit_test(test_reborn_while_parents_wait),
	    cmocka_unit_test(test_reborn_by_who_waits),
	    cmocka_unit_test(test_record_before_all_else),
	    cmocka_unit_test(test_child_before_end_of_held_parent),
	    cmocka_unit_test(test_death_by_signal),
	    cmocka_unit_test(test_record_before_exit),
	    cmocka_unit_test(test_barrier_never_comes),
	    cmocka_unit_test(test_stream_behind_accounting),
	    cmocka_unit_test(test_record_never_comes),
	    cmocka_unit_test(test_accounting_off),
	    cmocka_unit_test(test_exec_beats_exit_group),
	    cmocka_unit_test(test_crash_without_record),
	    cmocka_unit_test(test_number_of_no_namespace),
	    cmocka_unit_test(test_record_of_the_living),
	    cmocka_unit_test(test_kernel_threads_left_out),
	    cmocka_unit_test(test_pid_reused_at_once),
	    cmocka_unit_test(test_pid_reused_unseen),
	    cmocka_unit_test(test_record_of_another_time),
	    cmocka_unit_test(test_canary_is_not_told),
	    cmocka_unit_test(test_canary_before_the_stream),
	    cmocka_unit_test(test_clone3_sibling),
	    cmocka_unit_test(test_clone3_sibling_of_the_dead),
	    cmocka_unit_test(test_clone3_orphan_of_a_subreaper),
	    cmocka_unit_test(test_clone3_child_before_end_of_its_parent),
	    cmocka_unit_test(test_clone3_orphan_that_crashed),
	    cmocka_unit_test(test_parent_is_inferred_first),
	    cmocka_unit_test(test_record_before_birth_in_a_namespace),
	    cmocka_unit_test(test_sibling_by_its_number),
	    cmocka_unit_test(test_namespace_disproved_by_a_number),
	    cmocka_unit_test(test_number_in_a_namespace_is_no_pid),
	    cmocka_unit_test(test_crash_by_its_number),
	    cmocka_unit_test(test_orphan_by_its_number),
	    cmocka_unit_test(test_orphan_before_one_of_clone3),
	    cmocka_unit_test(test_two_by_one_number),
	    cmocka_unit_test(test_parent_before_one_in_doubt),
	    cmocka_unit_test(test_orphan_of_one_in_doubt),
	    cmocka_unit_test(test_one_behind_another_in_doubt),
	    cmocka_unit_test(test_births_in_a_namespace),
	    cmocka_unit_test(test_namespace_by_flag),
	    cmocka_unit_test(test_first_of_a_namespace_of_the_dead),
	    cmocka_unit_test(test_inferred_in_a_namespace),
	    cmocka_unit_test(test_ring_of_numbers_in_a_namespace),
	    cmocka_unit_test(test_orphan_in_a_namespace),
	    cmocka_unit_test(test_inferred_is_not_older_than_its_parent),
	    cmocka_unit_test(test_lives_are_bounded),
	    cmocka_unit_test(test_held_facts_are_bounded),
	    cmocka_unit_test(test_finish_leaves_the_living),
	    cmocka_unit_test(test_new_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
