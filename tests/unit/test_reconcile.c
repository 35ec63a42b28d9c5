/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reconciler, fact by fact, each test a story.
 */
#include "story_world.h"

#include <stdlib.h>

#include "acct_record.h"

/* Order of births. */

static void
test_fork_exec_exit(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	story_run(&s, 11, 10);
	story_told(&s, "fork 11<10 exec 11");
	story_leave(&s, 11, 10, 3);
	story_told(&s, "");
	story_account(&s, 11, 1, s.ms, 0x300);
	story_told(&s, "end 11=300");
	assert_int_equal(s.last.sources, SOURCE_AUDIT | SOURCE_ACCT);
	story_end(&s);
}

/* vfork: the child's exec and exit are read before its birth. */
static void
test_child_before_birth(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	story_begin_shell(&s, true);
	birth = story_birth(&s, 10, 11);
	story_run(&s, 11, 10);
	story_leave(&s, 11, 10, 0);
	story_account(&s, 11, 1, s.ms, 0);
	story_told(&s, "");
	story_pass(&s, 1000);
	story_give(&s, &birth);
	story_told(&s, "fork 11<10 exec 11 end 11=0");
	story_end(&s);
}

/* The article's ls, nothing known of its shell. */
static void
test_reordered_among_strangers(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	story_begin(&s, false);
	birth = story_birth(&s, 1658, 22093);
	story_run(&s, 22093, 1658);
	story_leave(&s, 22093, 1658, 0);
	story_give(&s, &birth);
	story_told(&s, "");
	reconcile_finish(s.r, s.now);
	story_told(&s, "~fork 1658<0 fork 22093<1658 exec 22093 end 22093=0?");
	story_end(&s);
}

/* Nobody sees the birth: it is inferred after lateness, not earlier. */
static void
test_birth_inferred(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_run(&s, 11, 10);
	story_pass(&s, 1999);
	story_told(&s, "");
	story_pass(&s, 1);
	story_told(&s, "~fork 11<10 exec 11");
	assert_int_equal(reconcile_counts(s.r)->inferred, 1);
	story_end(&s);
}

/* A birth record that comes too late only confirms. */
static void
test_birth_late(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	story_begin_shell(&s, true);
	birth = story_birth(&s, 10, 11);
	story_run(&s, 11, 10);
	story_pass(&s, 5000);
	story_told(&s, "~fork 11<10 exec 11");
	story_give(&s, &birth);
	story_pass(&s, 5000);
	story_told(&s, "");
	story_end(&s);
}

/* An orphan's ppid names the reaper, not who bore it. */
static void
test_inferred_orphan_has_no_parent(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_run(&s, 11, 1);
	story_pass(&s, 2000);
	story_told(&s, "~fork 11<0 exec 11");
	story_end(&s);
}

/* Generations read youngest first come out oldest first. */
static void
test_generations_reversed(void **state)
{
	struct story s;
	struct fact a, b, c;

	(void)state;
	story_begin_shell(&s, true);
	a = story_birth(&s, 10, 11);
	b = story_birth(&s, 11, 12);
	c = story_birth(&s, 12, 13);
	story_run(&s, 13, 12);
	story_give(&s, &c);
	story_give(&s, &b);
	story_told(&s, "");
	story_give(&s, &a);
	story_told(&s, "fork 11<10 fork 12<11 fork 13<12 exec 13");
	story_end(&s);
}

/* Threads. */

static void
test_thread_is_no_process(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_birth(&s, 10, 11);
	f.birth.shape = BIRTH_THREAD;
	story_give(&s, &f);
	story_thread_leaves(&s, 10, 1, 0);
	story_pass(&s, 10000);
	story_told(&s, "");
	story_end(&s);
}

static void
test_clone3_decided_by_proc(void **state)
{
	struct story s;
	struct fact f;
	struct reconcile_question q[4];

	(void)state;
	story_begin_shell(&s, true);
	f = story_birth(&s, 10, 11);
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(&s, &f);
	f = story_birth(&s, 10, 12);
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(&s, &f);
	assert_int_equal(reconcile_questions(s.r, q, 4), 2);
	assert_int_equal(q[0].parent, 10);
	assert_int_equal(q[0].child + q[1].child, 23);
	assert_int_equal(reconcile_questions(s.r, q, 4), 0);
	f = (struct fact){.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 10,
	    .ppid = -1,
	    .task = {.child = 11, .thread = true}};
	story_give(&s, &f);
	story_told(&s, "");
	f.task.child = 12;
	f.task.thread = false;
	story_give(&s, &f);
	story_told(&s, "");
	story_pass(&s, 2000);
	story_told(&s, "fork 12<10");
	story_end(&s);
}

/* A number that was perhaps a thread's of one who is yet unknown, then a
 * process's of another. */
static void
test_reborn_while_parents_wait(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, false);
	f = story_birth(&s, 314, 327);
	f.birth.shape = BIRTH_UNDECIDED;
	f.ppid = 10;
	story_give(&s, &f);
	story_pass(&s, 56);
	f = story_birth(&s, 306, 327);
	f.ppid = 10;
	story_give(&s, &f);
	reconcile_finish(s.r, s.now);
	story_told(&s, "~fork 314<10 ~fork 306<10 fork 327<306");
	story_end(&s);
}

/* Its parent waits for its own turn; the one before it left without a word. */
static void
test_reborn_by_who_waits(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, false);
	f = story_birth(&s, 300, 315);
	f.birth.shape = BIRTH_UNDECIDED;
	f.ppid = 10;
	story_give(&s, &f);
	story_pass(&s, 24);
	f = story_birth(&s, 328, 312);
	f.ppid = 10;
	story_give(&s, &f);
	story_pass(&s, 48);
	f = story_birth(&s, 328, 315);
	f.ppid = 10;
	story_give(&s, &f);
	story_pass(&s, 400);
	f = story_birth(&s, 315, 312);
	f.ppid = 10;
	story_give(&s, &f);
	story_pass(&s, 16);
	story_leave(&s, 312, 315, 1);
	story_told(&s, "");
	reconcile_finish(s.r, s.now);
	story_told(&s, "~fork 300<10 ~fork 328<10 fork 312<328 end 312=none "
		       "fork 315<328 fork 312<315 end 312=100?");
	story_end(&s);
}

static void
test_clone3_decided_by_evidence(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_birth(&s, 10, 11);
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(&s, &f);
	story_pass(&s, 5000);
	story_told(&s, "");
	story_run(&s, 11, 10);
	story_told(&s, "fork 11<10 exec 11");
	/* killed before it did anything: accounting knows it */
	f = story_birth(&s, 10, 12);
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(&s, &f);
	story_account(&s, 12, 1, s.ms, 9);
	story_barrier(&s);
	story_told(&s, "");
	story_pass(&s, 2000);
	story_told(&s, "fork 12<10 end 12=9");
	/* a thread's number comes again: it was no process */
	f = story_birth(&s, 10, 13);
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(&s, &f);
	story_pass(&s, 100);
	story_fork(&s, 10, 13);
	story_told(&s, "fork 13<10");
	reconcile_finish(s.r, s.now);
	story_told(&s, "");
	story_end(&s);
}

/* Deaths. */

/* Read first, an accounting record is the last word all the same. */
static void
test_record_before_all_else(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_account(&s, 11, 1, s.ms, 0x500);
	story_run(&s, 11, 10);
	story_leave(&s, 11, 10, 5);
	story_barrier(&s);
	story_pass(&s, 2000);
	story_told(&s, "~fork 11<10 exec 11 end 11=500");
	story_end(&s);
}

/* A held life's children are told before its end. */
static void
test_child_before_end_of_held_parent(void **state)
{
	struct story s;
	struct fact birth;
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	born = s.ms;
	birth = story_birth(&s, 10, 11);
	story_fork(&s, 11, 12);
	story_fork(&s, 12, 13);
	story_leave(&s, 12, 11, 0);
	story_account(&s, 12, 1, born, 0);
	story_leave(&s, 11, 10, 0);
	story_account(&s, 11, 1, born, 0);
	story_give(&s, &birth);
	story_told(&s, "fork 11<10 fork 12<11 fork 13<12 end 12=0 end 11=0");
	story_end(&s);
}

/* Only accounting tells: not before the barrier, and then at once. */
static void
test_death_by_signal(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	born = s.ms;
	story_fork(&s, 10, 11);
	story_told(&s, "fork 11<10");
	story_pass(&s, 500);
	story_account(&s, 11, 1, born, 15);
	story_told(&s, "");
	story_barrier(&s);
	story_told(&s, "end 11=f");
	assert_int_equal(s.last.time_ms, born + 500);
	assert_int_equal(s.last.sources, SOURCE_ACCT);
	story_end(&s);
}

/* The record is read first, the exit is still on its way. */
static void
test_record_before_exit(void **state)
{
	struct story s;
	int64_t born, left;
	struct fact x;

	(void)state;
	story_begin_shell(&s, true);
	born = s.ms;
	story_fork(&s, 10, 11);
	story_pass(&s, 40);
	left = s.ms;
	x = story_fact(&s, FACT_EXIT_GROUP, 11, 10);
	x.code = 7;
	story_pass(&s, 12);
	story_account(&s, 11, 1, born, 0x700);
	story_told(&s, "fork 11<10");
	story_give(&s, &x);
	story_told(&s, "end 11=700");
	assert_int_equal(s.last.time_ms, left);
	story_end(&s);
}

/* No event comes: a barrier is asked for, and in the end done without. */
static void
test_barrier_never_comes(void **state)
{
	struct story s;
	int64_t since;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	story_told(&s, "fork 11<10");
	assert_false(reconcile_wants_barrier(s.r, &since));
	story_account(&s, 11, 1, s.ms, 9);
	assert_true(reconcile_wants_barrier(s.r, &since));
	assert_int_equal(since, s.now);
	story_pass(&s, 9999);
	story_told(&s, "");
	story_pass(&s, 1);
	/* what the stream has not told may be another life of that number */
	story_told(&s, "end 11=9?");
	story_end(&s);
}

/*
 * Nothing comes after what the next one of the number did, which may have been
 * one after him: what there is may be his record for that long.
 */
static void
test_barrier_for_who_came_next(void **state)
{
	struct story s;
	struct fact f;
	int64_t since;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	story_leave(&s, 11, 10, 0);
	f = story_record(&s, 11, 10, s.ms, 0);
	f.acct.read_ms = s.ms + 20;
	story_give(&s, &f);
	story_pass(&s, 4);
	story_fork(&s, 10, 11);
	story_pass(&s, 40);
	story_run(&s, 11, 10);
	story_told(&s, "fork 11<10");
	assert_true(reconcile_wants_barrier(s.r, &since));
	assert_int_equal(since, s.now);
	story_barrier(&s);
	story_told(&s, "end 11=0 fork 11<10 exec 11");
	assert_false(reconcile_wants_barrier(s.r, &since));
	story_end(&s);
}

/* Accounting is seconds ahead of the stream: nothing is told twice. */
static void
test_stream_behind_accounting(void **state)
{
	struct story s;
	struct fact birth, run, leave, record;

	(void)state;
	story_begin_shell(&s, true);
	birth = story_birth(&s, 10, 11);
	run = story_fact(&s, FACT_EXEC, 11, 10);
	run.exec.success = true;
	leave = story_fact(&s, FACT_EXIT_GROUP, 11, 10);
	leave.code = 2;
	record = story_record(&s, 11, 10, s.ms, 0x200);
	record.acct.read_ms = s.ms + 4;
	story_give(&s, &record);
	s.now += 7000;
	reconcile_tick(s.r, s.now);
	story_give(&s, &birth);
	story_give(&s, &run);
	story_give(&s, &leave);
	/* so short a life may as well be the next one of that number */
	story_told(&s, "fork 11<10 exec 11");
	story_barrier(&s);
	story_told(&s, "end 11=200");
	story_end(&s);
}

/* Accounting lost the record: the code stands, but is not proven. */
static void
test_record_never_comes(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	story_leave(&s, 11, 10, 4);
	story_pass(&s, 999);
	story_told(&s, "fork 11<10");
	story_pass(&s, 1);
	story_told(&s, "end 11=400?");
	assert_int_equal(reconcile_counts(s.r)->unaccounted, 1);
	/* it comes after all: absorbed, and not given to the next life */
	story_account(&s, 11, 1, s.ms - 1000, 0x400);
	story_pass(&s, 100);
	story_fork(&s, 10, 11);
	story_barrier(&s);
	story_pass(&s, 5000);
	story_told(&s, "fork 11<10");
	story_end(&s);
}

static void
test_accounting_off(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, false);
	story_fork(&s, 10, 11);
	story_leave(&s, 11, 10, 4);
	story_told(&s, "fork 11<10 end 11=400?");
	/* a crash is told by ANOM_ABEND alone */
	story_fork(&s, 10, 12);
	struct fact f = story_fact(&s, FACT_ABEND, 12, -1);
	f.signal = 11;
	story_give(&s, &f);
	story_pass(&s, 2000);
	story_told(&s, "fork 12<10 end 12=b?");
	/* a kill is told by nobody; /proc misses it */
	story_fork(&s, 10, 13);
	f = (struct fact){.kind = FACT_GONE,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 13,
	    .ppid = -1,
	    .gone_ms = s.ms};
	story_give(&s, &f);
	story_told(&s, "fork 13<10");
	story_barrier(&s);
	story_told(&s, "end 13=none");
	story_end(&s);
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
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	f = story_fact(&s, FACT_ABEND, 11, 10);
	f.signal = 11;
	story_give(&s, &f);
	story_pass(&s, 20000);
	reconcile_finish(s.r, s.now);
	story_told(&s, "fork 11<10");
	reconcile_conclude(s.r, s.now);
	story_told(&s, "end 11=b?");
	story_end(&s);
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
	story_begin_shell(&s, true);
	unshared = story_fact(&s, FACT_NAMESPACE, 10, 1);
	birth = story_birth(&s, 10, 400);
	f = story_birth(&s, 400, 410);
	f.ppid = 10;
	story_give(&s, &f);
	f = story_record(&s, 410, 400, s.ms, 11);
	story_give(&s, &f);
	f = story_fact(&s, FACT_ABEND, 410, -1);
	f.signal = 11;
	story_give(&s, &f);
	story_told(&s, "");
	story_give(&s, &unshared);
	story_give(&s, &birth);
	story_told(&s, "fork 400<10 fork 410<400");
	story_barrier(&s);
	story_pass(&s, 4000);
	story_told(&s, "end 410=b");
	story_end(&s);
}

/* exit_group lost against the exec of another thread: the life goes on. */
static void
test_exec_beats_exit_group(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	born = s.ms;
	story_fork(&s, 10, 11);
	f = story_birth(&s, 11, 12);
	f.birth.shape = BIRTH_THREAD;
	story_give(&s, &f);
	story_leave(&s, 11, 10, 42);
	story_run(&s, 11, 10);
	story_pass(&s, 3000);
	story_told(&s, "fork 11<10 exec 11");
	story_leave(&s, 11, 10, 7);
	story_account(&s, 11, 1, born, 0x700);
	story_told(&s, "end 11=700");
	story_end(&s);
}

/* What threads left with before an exec explains no record after it. */
static void
test_codes_before_exec(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	born = s.ms;
	story_fork(&s, 10, 11);
	f = story_birth(&s, 11, 12);
	f.birth.shape = BIRTH_THREAD;
	story_give(&s, &f);
	story_thread_leaves(&s, 11, 10, 5);
	story_thread_leaves(&s, 11, 10, 6);
	story_run(&s, 11, 10);
	f.at.serial = ++s.serial;
	story_give(&s, &f);
	story_leave(&s, 11, 10, 7);
	story_account(&s, 11, 1, born, 0x500);
	story_barrier(&s);
	story_told(&s, "fork 11<10 exec 11 end 11=700?");
	story_end(&s);
}

/* Whoever switches accounting gets a record and lives on. */
static void
test_record_of_the_living(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_record(&s, 10, 1, T0 - 5000, 0);
	f.acct.mem_kb = 0;
	story_give(&s, &f);
	story_barrier(&s);
	story_pass(&s, 5000);
	story_told(&s, "");
	story_fork(&s, 10, 11);
	story_told(&s, "fork 11<10");
	story_end(&s);
}

/* A kernel thread's record: ppid 2, no memory, never exec'd. */
static void
test_kernel_threads_left_out(void **state)
{
	struct story s;
	struct fact f;
	struct reconcile_settings set = story_usual;

	(void)state;
	story_begin_shell(&s, true);
	f = story_record(&s, 77, 2, s.ms, 0);
	f.acct.mem_kb = 0;
	f.acct.flags = ACCT_FORK;
	story_give(&s, &f);
	story_pass(&s, 5000);
	story_told(&s, "");
	set.kernel_threads = true;
	reconcile_set(s.r, &set);
	f.pid = 78;
	f.acct.birth_s = s.ms / 1000;
	f.acct.read_ms = s.ms;
	story_give(&s, &f);
	story_barrier(&s);
	story_pass(&s, 2000);
	story_told(&s, "~fork 78<2 end 78=0?");
	story_end(&s);
}

/* Reuse of pids. */

/* Killed, born again, both within the same second, in one batch. */
static void
test_pid_reused_at_once(void **state)
{
	struct story s;
	int64_t a, b;

	(void)state;
	story_begin_shell(&s, true);
	a = s.ms;
	story_fork(&s, 10, 11);
	story_pass(&s, 50);
	story_account(&s, 11, 1, a, 9);
	b = s.ms;
	story_fork(&s, 10, 11);
	story_run(&s, 11, 10);
	story_leave(&s, 11, 10, 1);
	story_account(&s, 11, 1, b, 0x100);
	story_barrier(&s);
	story_told(&s, "fork 11<10 end 11=9 fork 11<10 exec 11 end 11=100");
	story_end(&s);
}

/* The record of the first life is lost: it is ended, without a status. */
static void
test_pid_reused_unseen(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	story_pass(&s, 50);
	story_fork(&s, 10, 11);
	story_told(&s, "fork 11<10 end 11=none fork 11<10");
	story_end(&s);
}

/* A record that does not fit the living life is an unknown one's. */
static void
test_record_of_another_time(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	story_account(&s, 11, 1, s.ms - 60000, 9);
	story_barrier(&s);
	story_told(&s, "fork 11<10");
	story_end(&s);
}

/* Canaries. */

static void
test_canary_is_not_told(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 1, 20);
	story_pass(&s, 2000);
	story_told(&s, "~fork 1<0 fork 20<1");
	story_pass(&s, 8);
	reconcile_hide(s.r, 21, 20, s.ms, s.now);
	story_fork(&s, 20, 21);
	story_leave(&s, 21, 20, 0);
	story_account(&s, 21, 1, s.ms, 0);
	story_barrier(&s);
	story_pass(&s, 20000);
	story_told(&s, "");
	assert_int_equal(reconcile_counts(s.r)->ends, 0);
	story_end(&s);
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
	story_begin_shell(&s, true);
	born = s.ms;
	first = story_birth(&s, 10, 11);
	story_pass(&s, 10);
	f = story_record(&s, 11, 10, born, 9);
	story_give(&s, &f);
	born = s.ms;
	second = story_birth(&s, 10, 11);
	story_pass(&s, 10);
	f = story_record(&s, 11, 10, born, 15);
	story_give(&s, &f);
	story_pass(&s, 10);
	reconcile_hide(s.r, 11, 20, s.ms, s.now);
	own = story_birth(&s, 20, 11);
	left = story_fact(&s, FACT_EXIT_GROUP, 11, 20);
	f = story_record(&s, 11, 20, s.ms, 0);
	story_give(&s, &f);
	story_pass(&s, 1500);
	story_give(&s, &first);
	story_give(&s, &second);
	story_give(&s, &own);
	story_give(&s, &left);
	story_told(&s, "fork 11<10 end 11=9 fork 11<10 end 11=f");
	story_barrier(&s);
	story_told(&s, "");
	story_end(&s);
}

/* CLONE_PARENT, which clone3 does not tell. */

static void
clone3_of(struct story *s, int32_t parent, int32_t ppid, int32_t child)
{
	struct fact f = story_birth(s, parent, child);

	f.ppid = ppid;
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(s, &f);
}

static void
test_clone3_sibling(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	clone3_of(&s, 11, 10, 12);
	story_leave(&s, 12, 10, 0);
	story_pass(&s, 2000);
	story_told(&s, "fork 11<10 fork 12<10");
	/* known to accounting only */
	clone3_of(&s, 11, 10, 13);
	f = story_record(&s, 13, 10, s.ms, 9);
	story_give(&s, &f);
	story_barrier(&s);
	story_pass(&s, 2000);
	story_told(&s, "end 12=0? fork 13<10 end 13=9");
	/* known to /proc only */
	clone3_of(&s, 11, 10, 14);
	f = (struct fact){.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 11,
	    .ppid = 10,
	    .task = {.child = 14, .thread = false}};
	story_give(&s, &f);
	story_pass(&s, 2000);
	story_told(&s, "fork 14<10");
	story_end(&s);
}

/* Both are dead when they are first read of, 12 was first. */
static void
test_clone3_sibling_of_the_dead(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_record(&s, 12, 10, s.ms, 0);
	f.acct.offset = 64;
	story_give(&s, &f);
	f = story_record(&s, 11, 10, s.ms, 0);
	f.acct.offset = 128;
	story_give(&s, &f);
	clone3_of(&s, 11, 10, 12);
	story_leave(&s, 12, 10, 0);
	story_fork(&s, 10, 11);
	story_leave(&s, 11, 10, 0);
	story_barrier(&s);
	story_pass(&s, 2000);
	story_told(&s, "fork 11<10 fork 12<10 end 12=0 end 11=0");
	story_end(&s);
}

/* A record was read already of one who has the parent's number later. */
static void
test_clone3_sibling_whose_parents_number_is_given_again(void **state)
{
	struct story s;
	struct fact f;
	struct uuid shell;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	story_told(&s, "fork 11<10");
	shell = s.last.parent.id;
	s.ms += 3000;
	f = story_record(&s, 10, 1, s.ms - 500, 0);
	s.ms -= 3000;
	story_give(&s, &f);
	clone3_of(&s, 11, 10, 12);
	story_leave(&s, 12, 10, 0);
	story_pass(&s, 2000);
	story_told(&s, "fork 12<10");
	assert_true(s.last.parent.identified);
	assert_memory_equal(&s.last.parent.id, &shell, sizeof(shell));
	story_end(&s);
}

/* /proc is asked about 12 before the end of 11 is told. */
static void
test_clone3_child_before_end_of_its_parent(void **state)
{
	struct story s;
	struct fact f;
	struct reconcile_question q[4];

	(void)state;
	story_begin_shell(&s, true);
	assert_int_equal(reconcile_questions(s.r, q, 4), 0);
	story_fork(&s, 10, 11);
	clone3_of(&s, 11, 10, 12);
	story_account(&s, 11, 1, s.ms, 9);
	story_barrier(&s);
	story_told(&s, "fork 11<10");
	assert_int_equal(reconcile_questions(s.r, q, 4), 1);
	f = (struct fact){.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 11,
	    .ppid = 1,
	    .task = {.child = 12, .thread = false}};
	story_give(&s, &f);
	story_pass(&s, 1);
	story_told(&s, "");
	story_pass(&s, 2000);
	story_told(&s, "fork 12<11 end 11=9");
	story_end(&s);
}

/* 11 is dead: 10, or another one, inherited its child. */
static void
test_clone3_orphan_of_a_subreaper(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	clone3_of(&s, 11, 10, 12);
	story_account(&s, 11, 1, s.ms, 9);
	story_leave(&s, 12, 10, 0);
	story_pass(&s, 2000);
	story_told(&s, "fork 11<10 fork 12<11");
	story_end(&s);
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
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	birth = story_fact(&s, FACT_BIRTH, 11, 10);
	birth.birth.child = 12;
	birth.birth.shape = BIRTH_UNDECIDED;
	f = story_fact(&s, FACT_ABEND, 12, -1);
	birth.at.serial = f.at.serial + 1;
	f.signal = 11;
	story_give(&s, &f);
	story_pass(&s, 100);
	f = story_record(&s, 11, 10, s.ms - 100, 9);
	f.acct.offset = 64;
	f.acct.read_ms = s.ms + 5;
	story_give(&s, &f);
	f = story_record(&s, 12, 10, s.ms - 100, 11);
	f.acct.offset = 128;
	f.acct.read_ms = s.ms + 5;
	story_give(&s, &f);
	story_give(&s, &birth);
	story_barrier(&s);
	story_pass(&s, 2000);
	story_told(&s, "fork 11<10 fork 12<11 end 12=b end 11=9");
	story_end(&s);
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
	story_begin_shell(&s, true);
	f = story_birth(&s, 20, 21);
	f.ppid = 10;
	story_run(&s, 21, 20);
	s.now += 1;
	story_give(&s, &f);
	f = story_record(&s, 20, 10, s.ms, 9);
	f.acct.read_ms = s.ms + 60000;
	story_give(&s, &f);
	for (int i = 0; i < 6; i++) {
		story_told(&s, "");
		story_pass(&s, 1999);
		s.now += 1;
	}
	story_told(&s, "~fork 20<10 fork 21<20 exec 21");
	story_end(&s);
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
	story_begin_shell(&s, true);
	story_fork(&s, 10, 400);
	story_fork(&s, 400, 2);
	story_run(&s, 401, 400);
	story_told(&s, "fork 400<10");
	story_run(&s, 400, 10);
	story_fork(&s, 401, 3);
	story_told(&s, "exec 400 fork 401<400 exec 401");
	story_pass(&s, 100);
	birth = story_birth(&s, 401, 4);
	f = story_record(&s, 403, 401, s.ms, 9);
	f.acct.read_ms = s.ms + 5;
	story_give(&s, &f);
	story_told(&s, "");
	story_run(&s, 402, 401);
	story_give(&s, &birth);
	story_barrier(&s);
	story_pass(&s, 5000);
	story_told(&s, "fork 403<401 end 403=9 fork 402<401 exec 402");
	story_end(&s);
}

/* 400 is in no namespace: the birth that is known is that of a sibling. */
static void
test_sibling_by_its_number(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_fact(&s, FACT_NAMESPACE, 10, 1);
	story_give(&s, &f);
	story_fork(&s, 10, 400);
	story_fork(&s, 400, 401);
	birth = story_birth(&s, 400, 402);
	story_run(&s, 402, 400);
	story_told(&s, "fork 400<10");
	story_give(&s, &birth);
	story_told(&s, "fork 401<400 fork 402<400 exec 402");
	story_run(&s, 401, 400);
	story_told(&s, "exec 401");
	story_end(&s);
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
	story_begin_shell(&s, true);
	f = story_fact(&s, FACT_NAMESPACE, 10, 1);
	story_give(&s, &f);
	story_fork(&s, 10, 400);
	story_fork(&s, 400, 401);
	story_fork(&s, 400, 402);
	story_told(&s, "fork 400<10");
	story_run(&s, 402, 400);
	story_told(&s, "fork 401<400 fork 402<400 exec 402");
	story_fork(&s, 400, 403);
	story_told(&s, "fork 403<400");
	story_end(&s);
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
	story_begin_shell(&s, true);
	story_fork(&s, 10, 500); /* would be hurt */
	f = story_birth(&s, 10, 400);
	f.birth.new_pidns = true;
	story_give(&s, &f);
	story_told(&s, "fork 500<10 fork 400<10");
	story_fork(&s, 400, 500); /* a local 500 */
	story_pass(&s, 8);
	story_fork(&s, 400, 401); /* a local 401 */
	story_run(&s, 401, 400);
	story_pass(&s, 2001);
	story_run(&s, 500, 10);
	story_told(&s, "fork 401<400 exec 401 exec 500");
	story_end(&s);
}

/* A crash names no parent: the number alone tells whose birth it is. */
static void
test_crash_by_its_number(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_fact(&s, FACT_NAMESPACE, 10, 1);
	story_give(&s, &f);
	story_fork(&s, 10, 400);
	birth = story_birth(&s, 400, 401);
	f = story_fact(&s, FACT_ABEND, 401, -1);
	f.signal = 5;
	story_give(&s, &f);
	story_told(&s, "fork 400<10");
	story_give(&s, &birth);
	story_told(&s, "fork 401<400");
	story_end(&s);
}

/* It names init as its parent; who bore it has its birth by its number. */
static void
test_orphan_by_its_number(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_fact(&s, FACT_NAMESPACE, 10, 1);
	story_give(&s, &f);
	story_fork(&s, 10, 400);
	story_fork(&s, 400, 401);
	story_account(&s, 400, 1, s.ms, 9);
	story_run(&s, 401, 1);
	story_told(&s, "fork 400<10");
	story_barrier(&s);
	story_pass(&s, 5000);
	story_told(&s, "fork 401<400 end 400=9 exec 401");
	story_end(&s);
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
	story_begin_shell(&s, true);
	f = story_fact(&s, FACT_NAMESPACE, 10, 1);
	story_give(&s, &f);
	story_fork(&s, 10, 400);
	story_fork(&s, 400, 401);
	clone3_of(&s, 400, 10, 402);
	f = story_record(&s, 402, 1, s.ms, 9);
	f.acct.read_ms = s.ms + 100000;
	story_give(&s, &f);
	story_pass(&s, 1500);
	story_run(&s, 401, 1);
	story_leave(&s, 400, 10, 0);
	story_pass(&s, 500);
	story_told(&s, "fork 400<10");
	story_pass(&s, 500);
	story_told(&s, "fork 402<400 fork 401<400 end 400=0? exec 401");
	story_end(&s);
}

/* 401 died unseen, and its parent bore another one of that number. */
static void
test_two_by_one_number(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_fact(&s, FACT_NAMESPACE, 10, 1);
	story_give(&s, &f);
	story_fork(&s, 10, 400);
	story_fork(&s, 400, 401);
	story_pass(&s, 8);
	story_fork(&s, 400, 401);
	story_told(&s, "fork 400<10");
	story_run(&s, 401, 400);
	story_told(&s, "fork 401<400 exec 401 end 401=none fork 401<400");
	story_end(&s);
}

/* What its parent did last may be of another of that number: it lives on. */
static void
test_parent_before_one_in_doubt(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_fact(&s, FACT_NAMESPACE, 10, 1);
	story_give(&s, &f);
	story_fork(&s, 10, 400);
	story_fork(&s, 400, 401);
	f = story_record(&s, 400, 10, s.ms, 9);
	f.acct.read_ms = s.ms + 5;
	story_give(&s, &f);
	story_run(&s, 400, 10);
	story_run(&s, 401, 400);
	story_told(&s, "fork 400<10 fork 401<400 exec 401");
	story_end(&s);
}

/* Its birth is held by who may be its parent or the next of that number. */
static void
test_orphan_of_one_in_doubt(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_fact(&s, FACT_NAMESPACE, 10, 1);
	story_give(&s, &f);
	story_fork(&s, 10, 400);
	birth = story_birth(&s, 400, 401);
	birth.ppid = 10;
	f = story_record(&s, 400, 10, s.ms, 9);
	f.acct.read_ms = s.ms + 5;
	story_give(&s, &f);
	f = story_record(&s, 401, 1, s.ms, 9);
	f.acct.read_ms = s.ms + 5;
	story_give(&s, &f);
	s.now += 1;
	story_give(&s, &birth);
	story_told(&s, "fork 400<10");
	story_barrier(&s);
	story_pass(&s, 1992);
	story_pass(&s, 3000);
	story_told(&s, "fork 401<400 end 401=9 end 400=9");
	story_end(&s);
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
	story_begin_shell(&s, true);
	story_fork(&s, 10, 400);
	thread = story_birth(&s, 400, 410);
	thread.birth.shape = BIRTH_THREAD;
	story_give(&s, &thread);
	f = story_record(&s, 400, 10, s.ms, 9);
	story_give(&s, &f);
	f = story_fact(&s, FACT_EXIT_GROUP, 400, 10);
	story_give(&s, &f);
	f = story_birth(&s, 400, 401);
	f.ppid = 10;
	story_give(&s, &f);
	f = story_fact(&s, FACT_EXIT_GROUP, 10, 1);
	story_give(&s, &f);
	story_told(&s, "fork 400<10");
	story_pass(&s, 2008);
	story_told(&s, "end 10=0? fork 401<400");
	story_end(&s);
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
	story_begin_shell(&s, true);
	story_fork(&s, 10, 400);
	story_fork(&s, 400, 2);
	story_run(&s, 401, 400);
	story_told(&s, "fork 400<10");
	story_pass(&s, 8);
	story_fork(&s, 400, 3);
	story_told(&s, "fork 401<400 exec 401");
	/* the second one does nothing; the third one's exec is read first */
	story_pass(&s, 8);
	birth = story_birth(&s, 400, 4);
	story_run(&s, 403, 400);
	story_told(&s, "");
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_told(&s, "");
	story_pass(&s, 2001);
	story_told(&s, "fork 403<400 exec 403");
	story_end(&s);
}

static void
test_namespace_by_flag(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 50); /* would be hurt */
	f = story_birth(&s, 10, 40);
	f.birth.new_pidns = true;
	story_give(&s, &f);
	story_told(&s, "fork 50<10 fork 40<10");
	story_fork(&s, 40, 50); /* a local 50 */
	story_run(&s, 41, 40);
	story_run(&s, 40, 10);
	story_told(&s, "exec 40 fork 41<40 exec 41");
	story_run(&s, 50, 10);
	story_told(&s, "exec 50");
	story_end(&s);
}

/* The birth of 41 is not known: it is in its parent's namespace all the same.
 */
static void
test_inferred_in_a_namespace(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 50); /* would be hurt */
	f = story_birth(&s, 10, 40);
	f.birth.new_pidns = true;
	story_give(&s, &f);
	story_run(&s, 41, 40);
	story_pass(&s, 2001);
	/* 40 is who orphans are given to there */
	story_told(&s, "fork 50<10 fork 40<10 ~fork 41<0 exec 41");
	story_fork(&s, 41, 50); /* a local 50 */
	story_run(&s, 50, 10);
	story_told(&s, "exec 50");
	story_end(&s);
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
	story_begin_shell(&s, true);
	f = story_birth(&s, 10, 40);
	f.birth.new_pidns = true;
	story_give(&s, &f);
	f = story_record(&s, 42, 40, s.ms, 9);
	story_give(&s, &f);
	story_barrier(&s);
	story_pass(&s, 5000);
	story_told(&s, "fork 40<10 ~fork 42<0 end 42=9?");
	story_end(&s);
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
	story_begin_shell(&s, true);
	f = story_birth(&s, 10, 41);
	f.birth.new_pidns = true;
	story_give(&s, &f);
	f = story_birth(&s, 41, 2);
	f.birth.new_pidns = true;
	story_give(&s, &f);
	story_run(&s, 40, 41);
	story_leave(&s, 41, 10, 0);
	story_account(&s, 41, 1, s.ms, 0);
	story_told(&s, "fork 41<10 fork 40<41 exec 40 end 41=0");
	story_fork(&s, 40, 2);
	story_run(&s, 41, 40);
	story_pass(&s, 8);
	story_fork(&s, 40, 3);
	story_told(&s, "fork 41<40 exec 41");
	story_leave(&s, 40, 1, 0);
	story_account(&s, 40, 1, s.ms, 0);
	story_barrier(&s);
	story_pass(&s, 2001);
	story_told(&s, "end 40=0");
	story_end(&s);
}

/* 42 is 41's child; the first of the namespace, 40, is its parent by now. */
static void
test_orphan_in_a_namespace(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	f = story_birth(&s, 10, 40);
	f.birth.new_pidns = true;
	story_give(&s, &f);
	story_fork(&s, 40, 2);
	story_run(&s, 41, 40);
	story_run(&s, 40, 10);
	story_told(&s, "fork 40<10 exec 40 fork 41<40 exec 41");
	story_fork(&s, 41, 3);
	story_leave(&s, 41, 40, 0);
	story_run(&s, 42, 40);
	story_account(&s, 41, 1, s.ms, 0);
	story_told(&s, "end 41=0");
	story_pass(&s, 2001);
	story_told(&s, "~fork 42<0 exec 42");
	/* all who were left are told: 40's own are again known to be its own */
	story_fork(&s, 40, 4);
	story_run(&s, 43, 40);
	story_run(&s, 40, 10);
	story_told(&s, "exec 40 fork 43<40 exec 43");
	story_end(&s);
}

/* 41, known from accounting only, is not told to be older than its parent. */
static void
test_inferred_is_not_older_than_its_parent(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	story_pass(&s, 600);
	born = s.ms;
	story_fork(&s, 10, 40);
	f = story_record(&s, 41, 40, born - born % 1000, 9);
	story_give(&s, &f);
	story_barrier(&s);
	story_pass(&s, 2001);
	story_told(&s, "fork 40<10 ~fork 41<40 end 41=9");
	assert_int_equal(s.last.process.start_ms, born);
	story_end(&s);
}

/* Bounds. */

static void
test_lives_are_bounded(void **state)
{
	struct story s;
	struct reconcile_settings set = story_usual;

	(void)state;
	set.lives = 4;
	story_begin_with(&s, &set, false);
	for (int32_t pid = 1000; pid < 2000; pid++)
		story_run(&s, pid, 1);
	assert_int_equal(reconcile_alive(s.r), 4);
	assert_int_equal(reconcile_counts(s.r)->refused_lives, 996);
	story_end(&s);
}

static void
test_held_facts_are_bounded(void **state)
{
	struct story s;
	struct reconcile_settings set = story_usual;

	(void)state;
	set.held_facts = 10;
	story_begin_with(&s, &set, false);
	for (int32_t pid = 1000; pid < 1100; pid++)
		story_run(&s, pid, 1);
	assert_int_equal(reconcile_counts(s.r)->hurried, 90);
	reconcile_finish(s.r, s.now);
	assert_int_equal(reconcile_counts(s.r)->lives, 100);
	story_end(&s);
}

/* Nothing is forgotten at the end of input, and nothing is made up. */
static void
test_finish_leaves_the_living(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	story_run(&s, 13, 12);
	story_run(&s, 12, 10);
	reconcile_finish(s.r, s.now);
	story_told(&s, "fork 11<10 ~fork 12<10 exec 12 ~fork 13<12 exec 13");
	story_end(&s);
}

static void
test_new_boot(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, 10, 11);
	story_told(&s, "fork 11<10");
	reconcile_new_boot(s.r, &s.ident, s.ms, s.now);
	assert_int_equal(s.last.end.kind, END_RESTART);
	assert_int_equal(reconcile_alive(s.r), 0);
	assert_int_equal(reconcile_counts(s.r)->ends, 2);
	story_end(&s);
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
	    cmocka_unit_test(test_barrier_for_who_came_next),
	    cmocka_unit_test(test_stream_behind_accounting),
	    cmocka_unit_test(test_record_never_comes),
	    cmocka_unit_test(test_accounting_off),
	    cmocka_unit_test(test_exec_beats_exit_group),
	    cmocka_unit_test(test_codes_before_exec),
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
	    cmocka_unit_test(
		test_clone3_sibling_whose_parents_number_is_given_again),
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
