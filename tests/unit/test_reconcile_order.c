/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who bore somebody does not end before that birth is told, however late it
 * is known; and what a parent waits for its children costs it nothing else.
 */
#include "story_world.h"

/* Accounting alone knows both, and tells in the order of deaths. */
static void
test_both_only_accounted(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	born = s.ms;
	story_pass(&s, 3000);
	story_account(&s, 21, 20, born, 0);
	story_account(&s, 20, 1, born, 0);
	reconcile_finish(s.r, s.now);
	story_told(&s, "~fork 20<0 ~fork 21<20 end 21=0? end 20=0?");
	story_end(&s);
}

/* Its birth record was lost, and who bore it is over before that is known. */
static void
test_birth_lost(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	born = s.ms;
	story_fork(&s, STORY_SHELL, 20);
	story_run(&s, 21, 20);
	story_leave(&s, 20, -1, 0);
	story_account(&s, 20, STORY_SHELL, born, 0);
	story_barrier(&s);
	story_told(&s, "fork 20<10");
	story_pass(&s, 1992);
	story_told(&s, "~fork 21<20 exec 21 end 20=0");
	story_end(&s);
}

/*
 * The stream has not come up to the parent's record when its child was waited
 * for long enough: the record is waited for still.
 */
static void
test_proof_after_children(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	born = s.ms;
	story_fork(&s, STORY_SHELL, 20);
	story_run(&s, 21, 20);
	story_pass(&s, 100);
	story_account(&s, 20, STORY_SHELL, born, 9);
	s.now += 2500;
	reconcile_tick(s.r, s.now);
	story_told(&s, "fork 20<10 ~fork 21<20 exec 21");
	story_barrier(&s);
	story_told(&s, "end 20=9");
	story_end(&s);
}

/*
 * A sibling's parent waits for it to be told, and so does who bore it: here its
 * turn comes late, for who had the number before has a child that waits.
 */
static void
test_sibling_whose_number_is_taken(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	born = s.ms;
	story_fork(&s, STORY_SHELL, 20);
	story_fork(&s, STORY_SHELL, 30);
	story_run(&s, 31, 30);
	story_pass(&s, 100);
	f = story_birth(&s, 20, 30);
	f.ppid = STORY_SHELL;
	f.birth.sibling = true;
	story_give(&s, &f);
	story_leave(&s, 20, -1, 0);
	story_account(&s, 20, STORY_SHELL, born, 0);
	story_barrier(&s);
	story_told(&s, "fork 20<10 fork 30<10");
	story_pass(&s, 1992);
	story_told(&s, "~fork 31<30 exec 31 end 30=none fork 30<10 end 20=0");
	story_end(&s);
}

/* A log that says nothing for half a minute: its end is due, and its child. */
static void
test_child_before_its_parents_end_after_silence(void **state)
{
	struct story s;
	struct fact left, f;

	(void)state;
	story_begin(&s, true);
	story_found(&s, STORY_SHELL);
	f = story_birth(&s, STORY_SHELL, 20);
	story_give(&s, &f);
	f = story_exec(&s, 21, 20);
	left = story_exit(&s, FACT_EXIT_GROUP, 20, 3);
	story_give(&s, &left);
	story_pass(&s, 10);
	story_give(&s, &f);
	story_told(&s, "fork 20<10");
	story_pass(&s, 30000);
	story_told(&s, "~fork 21<20 end 20=300? exec 21");
	story_end(&s);
}

/*
 * Its accounting record was lost, and accounting alone knows who had its
 * number next: both are told when there is no more to come.
 */
static void
test_crash_before_one_only_accounted(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, STORY_SHELL, 20);
	story_run(&s, 20, STORY_SHELL);
	f = story_fact(&s, FACT_ABEND, 20, -1);
	f.signal = 11;
	story_give(&s, &f);
	story_pass(&s, 20000);
	story_account(&s, 20, STORY_SHELL, s.ms - 100, 9);
	story_barrier(&s);
	reconcile_conclude(s.r, s.now);
	story_told(&s, "fork 20<10 exec 20 end 20=b? ~fork 20<10 end 20=9");
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_only_accounted),
	    cmocka_unit_test(test_birth_lost),
	    cmocka_unit_test(test_proof_after_children),
	    cmocka_unit_test(test_sibling_whose_number_is_taken),
	    cmocka_unit_test(test_child_before_its_parents_end_after_silence),
	    cmocka_unit_test(test_crash_before_one_only_accounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
