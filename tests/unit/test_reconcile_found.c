/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the simulator (tests/sim) found, each as the smallest story that shows
 * it, with the kernel's reason why it can happen and must be told so.
 */
#include "story_world.h"

#include "acct_record.h"

#define SHELL STORY_SHELL

/*
 * vfork's child leaves before its parent's call can return: kernel/fork.c,
 * wait_for_vfork_done(); kernel/exit.c, exit_mm() comes after audit_free().
 * So of a canary the exit is always read before the birth, and its record is
 * known by then: the birth of an ended life confirms it, and starts no other.
 */
static void
test_birth_of_the_ended_canary(void **state)
{
	struct story s;
	struct fact birth, leave, record;

	(void)state;
	story_begin(&s, true);
	story_found(&s, 20);
	story_pass(&s, 100);
	birth = story_birth(&s, 20, 21);
	leave = story_exit(&s, FACT_EXIT_GROUP, 21, 0);
	leave.ppid = 20;
	record = story_record(&s, 21, STORY_SHELL, s.ms, 0);
	reconcile_hide(s.r, 21, 20, s.ms, s.now);
	story_pass(&s, 1);
	story_give(&s, &record);
	story_give(&s, &leave);
	story_give(&s, &birth);
	story_barrier(&s);
	story_pass(&s, 20000);
	story_told(&s, "");
	assert_int_equal(reconcile_counts(s.r)->lives, 1);
	story_end(&s);
}

/*
 * The real clock was set a little back just before we forked: what it showed
 * is taken for a time before that (steady.c), or for one long after.
 */
static void
canary_at(int64_t ms)
{
	struct story s;
	struct fact birth, leave, record;

	story_begin(&s, true);
	story_found(&s, 20);
	story_pass(&s, 1000);
	record = story_record(&s, 21, STORY_SHELL, s.ms, 0);
	reconcile_hide(s.r, 21, 20, s.ms, s.now);
	s.ms += ms;
	leave = story_exit(&s, FACT_EXIT_GROUP, 21, 0);
	leave.ppid = 20;
	birth = story_birth(&s, 20, 21);
	story_give(&s, &record);
	story_barrier(&s);
	story_give(&s, &leave);
	story_give(&s, &birth);
	story_pass(&s, 20000);
	story_told(&s, "");
	assert_int_equal(reconcile_counts(s.r)->lives, 1);
	story_end(&s);
}

static void
test_canary_near_a_step(void **state)
{
	(void)state;
	canary_at(-27);
	canary_at(5000);
}

/* One whose exit seems so to be from before it, and the next of its number. */
static void
test_canaries_near_a_step(void **state)
{
	struct story s;
	int64_t behind = 1256;

	(void)state;
	story_begin(&s, true);
	story_found(&s, 20);
	story_pass(&s, 1000);
	for (int i = 0; i < 3; i++) {
		reconcile_hide(s.r, 21, 20, s.ms, s.now);
		story_account(&s, 21, 20, s.ms, 0);
		s.ms -= behind;
		story_leave(&s, 21, 20, 0);
		story_fork(&s, 20, 21);
		s.ms += behind;
		behind = 0;
		story_pass(&s, 2000);
	}
	story_pass(&s, 20000);
	story_told(&s, "");
	assert_int_equal(reconcile_counts(s.r)->lives, 1);
	story_end(&s);
}

/* Both were stamped alike, and only one seems to be from before it. */
static void
test_exec_near_a_step(void **state)
{
	struct story s;
	struct fact birth, exec;

	(void)state;
	story_begin_shell(&s, true);
	birth = story_birth(&s, SHELL, 11);
	birth.at.ms += 40;
	birth.ahead_ms = -40;
	exec = story_exec(&s, 11, SHELL);
	story_give(&s, &birth);
	story_give(&s, &exec);
	story_pass(&s, 50);
	story_leave(&s, 11, SHELL, 0);
	story_account(&s, 11, SHELL, s.ms - 50, 0);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 11<10 exec 11 end 11=0");
	story_end(&s);
}

/*
 * A tick that came late: by the stamps so far the record, which tells the
 * second of the death by the same clock, is too early for who left last. What
 * is stamped next says that it is not (ticks.h).
 */
static void
test_record_of_a_late_tick(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin(&s, true);
	story_found(&s, SHELL);
	story_pass(&s, 4976);
	reconcile_heard(s.r, s.ms, s.now);
	f = story_birth(&s, SHELL, 11);
	story_give(&s, &f);
	f = story_exec(&s, 11, SHELL);
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT_GROUP, 11, 9);
	f.ppid = SHELL;
	story_give(&s, &f);
	f = story_record(&s, 11, STORY_SHELL, s.ms, 0x900);
	f.acct.birth_s = s.ms / 1000;
	f.acct.elapsed_cs = 5;
	f.acct.read_ms = s.ms + 65;
	story_give(&s, &f);
	story_pass(&s, 92);
	reconcile_heard(s.r, s.ms, s.now);
	for (int i = 0; i < 50; i++)
		story_pass(&s, 100);
	story_told(&s, "fork 11<10 exec 11 end 11=900");
	story_end(&s);
}

/*
 * A parent that was stopped between wake_up_new_task() and the end of its
 * call (a tracer, preemption, a vfork) logs the birth when the child is long
 * over, and told.
 */
static void
test_birth_of_the_ended(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	story_begin(&s, true);
	story_found(&s, SHELL);
	birth = story_birth(&s, SHELL, 11);
	f = story_exec(&s, 11, SHELL);
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT_GROUP, 11, 3);
	story_give(&s, &f);
	f = story_record(&s, 11, STORY_SHELL, s.ms, 0x300);
	story_give(&s, &f);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "~fork 11<10 exec 11 end 11=300");
	story_give(&s, &birth);
	story_pass(&s, 5000);
	story_told(&s, "");
	story_end(&s);
}

/*
 * The same of a life that only accounting knew. Its birth is known to the
 * second there: kernel/acct.c, fill_ac(), so the record's stamp may well be
 * later than that.
 */
static void
test_birth_of_the_ended_by_accounting(void **state)
{
	struct story s;
	struct fact birth, record;

	(void)state;
	story_begin(&s, true);
	story_found(&s, SHELL);
	story_pass(&s, 400);
	birth = story_birth(&s, SHELL, 11);
	record = story_record(&s, 11, STORY_SHELL, s.ms, 9);
	story_give(&s, &record);
	story_barrier(&s);
	story_pass(&s, 2500);
	story_told(&s, "~fork 11<10 end 11=9");
	story_give(&s, &birth);
	story_pass(&s, 5000);
	story_told(&s, "");
	story_end(&s);
}

/*
 * Who is orphaned says ppid=1 in its later records. Who bore it stands in a
 * record that waits with its bearer, whose own birth is unknown still: the
 * bearer comes first, also where a child of the orphan waited longest.
 */
static void
wait_for_the_bearer(enum birth_shape shape)
{
	struct story s;
	struct fact f;

	story_begin(&s, true);
	f = story_exec(&s, 1702, 1700);
	story_give(&s, &f);
	f = story_birth(&s, 1600, 1700);
	f.birth.shape = shape;
	story_give(&s, &f);
	f = story_birth(&s, 1700, 1702);
	story_give(&s, &f);
	f = story_exec(&s, 1700, 1);
	story_give(&s, &f);
	reconcile_finish(s.r, s.now);
	story_told(&s, "~fork 1600<0 fork 1700<1600 fork 1702<1700 exec 1702 "
		       "exec 1700");
	story_end(&s);
}

static void
test_orphan_of_one_who_waits(void **state)
{
	(void)state;
	wait_for_the_bearer(BIRTH_PROCESS);
}

/* clone3's record tells no flags; its child's exec does. */
static void
test_orphan_of_one_who_waits_by_clone3(void **state)
{
	(void)state;
	wait_for_the_bearer(BIRTH_UNDECIDED);
}

/*
 * CLONE_PARENT: ppid= is the parent, and known, although the caller's own
 * start tells of none; 0 is nobody's number.
 */
static void
test_sibling_of_one_with_unknown_parent(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin(&s, true);
	f = story_exec(&s, 1658, 1);
	story_give(&s, &f);
	story_pass(&s, 2000);
	story_told(&s, "~fork 1658<0 exec 1658");
	f = story_birth(&s, 1658, 1700);
	f.ppid = 1;
	f.birth.sibling = true;
	story_give(&s, &f);
	story_told(&s, "fork 1700<1");
	story_end(&s);
}

/*
 * A thread that ends at once is faster than the clone that made it: the order
 * of a birth's record and those of whom it bore is any (kernel/fork.c wakes
 * the new task before the call returns). It was no end of the process.
 */
static void
test_thread_leaves_before_its_birth(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	story_begin(&s, true);
	story_found(&s, SHELL);
	f = story_birth(&s, SHELL, 11);
	story_give(&s, &f);
	f = story_exec(&s, 11, SHELL);
	story_give(&s, &f);
	story_told(&s, "fork 11<10 exec 11");
	birth = story_birth(&s, 11, 12);
	birth.birth.shape = BIRTH_THREAD;
	f = story_exit(&s, FACT_EXIT, 11, 0);
	story_give(&s, &f);
	story_pass(&s, 1);
	story_give(&s, &birth);
	story_pass(&s, 5000);
	story_told(&s, "");
	f = story_exit(&s, FACT_EXIT_GROUP, 11, 5);
	story_give(&s, &f);
	f = story_record(&s, 11, STORY_SHELL, T0, 0x500);
	story_give(&s, &f);
	story_barrier(&s);
	story_told(&s, "end 11=500");
	story_end(&s);
}

/* As before, without accounting, where nothing else keeps the end back. */
static void
test_thread_leaves_without_accounting(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	story_begin(&s, false);
	story_found(&s, SHELL);
	f = story_birth(&s, SHELL, 11);
	story_give(&s, &f);
	f = story_exec(&s, 11, SHELL);
	story_give(&s, &f);
	birth = story_birth(&s, 11, 12);
	birth.birth.shape = BIRTH_THREAD;
	f = story_exit(&s, FACT_EXIT, 11, 0);
	story_give(&s, &f);
	story_pass(&s, 1);
	story_give(&s, &birth);
	story_pass(&s, 5000);
	story_told(&s, "fork 11<10 exec 11");
	story_end(&s);
}

/*
 * One thread's fork, or clone, is under way when another calls exit_group: the
 * record comes at the call's end, before the thread dies of it (kernel/exit.c,
 * do_group_exit() only leaves it a signal). The process left once, and bore.
 */
static void
test_birth_read_after_exit_group(void **state)
{
	struct story s;
	struct fact thread, birth, f;

	(void)state;
	story_begin(&s, true);
	story_found(&s, SHELL);
	f = story_birth(&s, SHELL, 11);
	story_give(&s, &f);
	thread = story_birth(&s, 11, 12);
	thread.birth.shape = BIRTH_THREAD;
	birth = story_birth(&s, 11, 13);
	f = story_exit(&s, FACT_EXIT_GROUP, 11, 0);
	story_give(&s, &f);
	story_give(&s, &thread);
	story_give(&s, &birth);
	f = story_record(&s, 11, STORY_SHELL, T0, 0);
	story_give(&s, &f);
	story_barrier(&s);
	story_pass(&s, 5000);
	story_told(&s, "fork 11<10 fork 13<11 end 11=0");
	story_end(&s);
}

/*
 * clone3 may have borne a thread. Then accounting has the leader's code,
 * who left first, and since synchronize_group_exit() the wait status is that
 * of the last one: the two exits differ, so nothing is proven.
 */
static void
test_two_exits_after_clone3(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin(&s, true);
	story_found(&s, SHELL);
	f = story_birth(&s, SHELL, 11);
	story_give(&s, &f);
	f = story_birth(&s, 11, 12);
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT, 11, 0);
	story_give(&s, &f);
	story_pass(&s, 5);
	f = story_exit(&s, FACT_EXIT, 11, 103);
	story_give(&s, &f);
	f = story_record(&s, 11, STORY_SHELL, T0, 0);
	story_give(&s, &f);
	story_barrier(&s);
	story_told(&s, "fork 11<10 end 11=6700?");
	story_end(&s);
}

/* The leader left with 6, then another thread with 0, then exit_group(0). */
static void
test_leader_left_but_not_last(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin(&s, true);
	story_found(&s, SHELL);
	f = story_birth(&s, SHELL, 11);
	story_give(&s, &f);
	for (int32_t id = 12; id < 14; id++) {
		f = story_birth(&s, 11, id);
		f.birth.shape = BIRTH_THREAD;
		story_give(&s, &f);
	}
	f = story_exit(&s, FACT_EXIT, 11, 6);
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT, 11, 0);
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT_GROUP, 11, 0);
	story_give(&s, &f);
	f = story_record(&s, 11, STORY_SHELL, T0, 0x600);
	story_give(&s, &f);
	story_barrier(&s);
	story_told(&s, "fork 11<10 end 11=0");
	story_end(&s);
}

/*
 * The leader left with 80. Then a SIGKILL came between another thread's
 * entering exit_group(41) and its taking the lock, and a third died of it
 * last and wrote the record: AXSIG, 80, and the wait status is 9. Without
 * AXSIG nobody died of a signal, and who dies with one pending leaves no
 * record (__kernel_write() fails), so then it would be proven.
 */
static void
test_leader_left_and_somebody_was_signaled(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin(&s, true);
	story_found(&s, SHELL);
	f = story_birth(&s, SHELL, 11);
	story_give(&s, &f);
	for (int32_t id = 12; id < 14; id++) {
		f = story_birth(&s, 11, id);
		f.birth.shape = BIRTH_THREAD;
		story_give(&s, &f);
	}
	f = story_exit(&s, FACT_EXIT, 11, 80);
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT_GROUP, 11, 41);
	story_give(&s, &f);
	f = story_record(&s, 11, STORY_SHELL, T0, 0x5000);
	f.acct.flags = ACCT_XSIG;
	story_give(&s, &f);
	story_barrier(&s);
	story_told(&s, "fork 11<10 end 11=2900?");
	story_end(&s);
}

/*
 * do_exit() counts a thread out (signal->live) before audit_free() logs its
 * exit_group, so that the last one's record of accounting can be written, and
 * a later event be read, before that exit_group. It is the ended life's: its
 * parent can't reap it, and nobody get its number, before (exit_notify()).
 */
static void
test_exit_group_after_the_end(void **state)
{
	struct story s;
	struct fact leave, f;

	(void)state;
	story_begin(&s, true);
	story_found(&s, SHELL);
	f = story_birth(&s, SHELL, 11);
	story_give(&s, &f);
	f = story_birth(&s, 11, 12);
	f.birth.shape = BIRTH_THREAD;
	story_give(&s, &f);
	story_pass(&s, 40);
	leave = story_exit(&s, FACT_EXIT_GROUP, 11, 7);
	f = story_record(&s, 11, STORY_SHELL, T0, 0x700);
	f.acct.flags = ACCT_XSIG;
	story_give(&s, &f);
	story_barrier(&s);
	story_told(&s, "fork 11<10 end 11=700?");
	story_give(&s, &leave);
	story_pass(&s, 5000);
	story_told(&s, "");
	story_end(&s);
}

/* The stream comes from long ago: it bears who had the number before. */
static void
test_found_was_born_later(void **state)
{
	struct story s;
	struct fact f = {.kind = FACT_FOUND,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 800,
	    .ppid = SHELL,
	    .creds = CREDS_UNKNOWN,
	    .comm = BYTES_LITERAL("sh"),
	    .found = {
		.start_ticks = 7, .start_ms = T0 + 5000, .seen_ms = T0 + 6000}};

	(void)state;
	story_begin(&s, true);
	story_found(&s, SHELL);
	reconcile_fact(s.r, &f, s.now);
	story_run(&s, 700, 701);
	story_fork(&s, 700, 800);
	story_pass(&s, 3000);
	story_told(&s, "found 800 ~fork 700<701 exec 700");
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_birth_of_the_ended_canary),
	    cmocka_unit_test(test_canary_near_a_step),
	    cmocka_unit_test(test_canaries_near_a_step),
	    cmocka_unit_test(test_exec_near_a_step),
	    cmocka_unit_test(test_record_of_a_late_tick),
	    cmocka_unit_test(test_birth_of_the_ended),
	    cmocka_unit_test(test_birth_of_the_ended_by_accounting),
	    cmocka_unit_test(test_orphan_of_one_who_waits),
	    cmocka_unit_test(test_orphan_of_one_who_waits_by_clone3),
	    cmocka_unit_test(test_sibling_of_one_with_unknown_parent),
	    cmocka_unit_test(test_thread_leaves_before_its_birth),
	    cmocka_unit_test(test_thread_leaves_without_accounting),
	    cmocka_unit_test(test_birth_read_after_exit_group),
	    cmocka_unit_test(test_two_exits_after_clone3),
	    cmocka_unit_test(test_leader_left_but_not_last),
	    cmocka_unit_test(test_leader_left_and_somebody_was_signaled),
	    cmocka_unit_test(test_exit_group_after_the_end),
	    cmocka_unit_test(test_found_was_born_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
