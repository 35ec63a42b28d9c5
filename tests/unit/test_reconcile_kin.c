/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Births by the number of a pid namespace: whose they are is told at once only
 * if it is sure. Here one bears there whose namespace is its own: 400.
 */
#include "story_world.h"

#include <signal.h>

#define LATENESS 2000

#define INIT 400

static void
begin(struct story *s)
{
	story_begin_shell(s, true);
	story_fork(s, STORY_SHELL, INIT);
	story_told(s, "fork 400<10");
}

/* It does something that says how far its own records were read. */
static void
go_on(struct story *s)
{
	story_pass(s, 8);
	story_run(s, INIT, STORY_SHELL);
	story_pass(s, 8);
}

static void
test_sure(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	story_fork(&s, INIT, 2);
	story_run(&s, 410, INIT);
	story_told(&s, "");
	go_on(&s);
	story_told(&s, "exec 400 fork 410<400 exec 410");
	story_end(&s);
}

/* The births of two were read; of three, if the last child is another one's. */
static void
test_not_all_read(void **state)
{
	struct story s;
	struct fact third;

	(void)state;
	begin(&s);
	story_fork(&s, INIT, 2);
	story_fork(&s, INIT, 3);
	story_run(&s, 410, INIT);
	go_on(&s);
	third = story_birth(&s, INIT, 4);
	story_run(&s, 411, INIT);
	story_told(&s, "exec 400");
	third.at.serial = ++s.serial;
	story_give(&s, &third);
	story_run(&s, 409, INIT);
	go_on(&s);
	story_told(&s, "exec 400 fork 409<400 fork 410<400 fork 411<400 "
		       "exec 409 exec 410 exec 411");
	story_end(&s);
}

/* Of several threads one may have borne before, and log that later. */
static void
test_threads(void **state)
{
	struct story s;
	struct fact thread, first;

	(void)state;
	begin(&s);
	thread = story_birth(&s, INIT, 2);
	thread.birth.shape = BIRTH_THREAD;
	story_give(&s, &thread);
	first = story_birth(&s, INIT, 3);
	story_fork(&s, INIT, 4);
	story_run(&s, 410, INIT);
	story_pass(&s, 8);
	story_fork(&s, INIT, 5);
	story_told(&s, "");
	first.at.serial = ++s.serial;
	story_give(&s, &first);
	story_run(&s, 411, INIT);
	story_run(&s, 412, INIT);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 410<400 exec 410 fork 411<400 exec 411 "
		       "fork 412<400 exec 412");
	story_end(&s);
}

/* A child of INIT's there. */
static void
bear_one(struct story *s)
{
	story_fork(s, INIT, 2);
	story_run(s, 410, INIT);
	go_on(s);
	story_told(s, "exec 400 fork 410<400 exec 410");
}

/* Nobody inherits from who lives. */
static void
test_of_the_living(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	bear_one(&s);
	story_fork(&s, 410, 3);
	story_fork(&s, INIT, 4);
	story_run(&s, 420, INIT);
	go_on(&s);
	story_told(&s, "exec 400 fork 420<400 exec 420");
	story_end(&s);
}

/* With who is over its threads are, too: their numbers are nobody's. */
static void
test_threads_of_the_dead(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	begin(&s);
	born = s.ms;
	bear_one(&s);
	f = story_birth(&s, 410, 4);
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(&s, &f);
	story_leave(&s, 410, INIT, 0);
	story_account(&s, 410, INIT, born, 0);
	story_barrier(&s);
	story_pass(&s, LATENESS);
	story_told(&s, "end 410=0");
	story_fork(&s, INIT, 5);
	story_run(&s, 430, INIT);
	go_on(&s);
	story_told(&s, "exec 400 fork 430<400 exec 430");
	story_end(&s);
}

/* Nobody inherits from the first of another namespace: all there are killed. */
static void
test_of_another_namespace(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	f = story_birth(&s, INIT, 2);
	f.birth.new_pidns = true;
	story_give(&s, &f);
	story_run(&s, 410, INIT);
	go_on(&s);
	story_told(&s, "exec 400 fork 410<400 exec 410");
	story_fork(&s, 410, 2);
	story_leave(&s, 410, INIT, 0);
	story_fork(&s, INIT, 3);
	story_run(&s, 420, INIT);
	go_on(&s);
	story_told(&s, "exec 400 fork 420<400 exec 420");
	story_end(&s);
}

/* Nor from the first of one beside it, so that all children here are ours. */
static void
test_of_a_namespace_beside(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	for (int32_t pid = INIT; pid <= INIT + 10; pid += 10) {
		f = story_birth(&s, STORY_SHELL, pid);
		f.birth.new_pidns = true;
		story_give(&s, &f);
		story_pass(&s, 8);
	}
	story_fork(&s, 410, 2);
	story_leave(&s, 410, STORY_SHELL, 0);
	story_account(&s, 410, STORY_SHELL, s.ms - 8, 0);
	story_barrier(&s);
	story_told(&s, "fork 400<10 fork 410<10 end 410=0");
	story_fork(&s, INIT, 2);
	story_run(&s, 420, INIT);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 420<400 exec 420");
	story_end(&s);
}

/*
 * A number that somebody has may be one of a namespace; so near to the pid of a
 * child it is rather its sibling's.
 */
static void
test_number_of_a_sibling(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_run(&s, 700, STORY_SHELL);
	story_fork(&s, STORY_SHELL, 720);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 720<10 ~fork 700<10 exec 700");
	story_fork(&s, 700, 720);
	story_run(&s, 721, 700);
	story_pass(&s, LATENESS);
	story_told(&s, "~fork 721<0 exec 721");
	story_end(&s);
}

/* The machine's first process is in no namespace but the first, whoever has
 * the number still. */
static void
test_number_of_the_silent(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, true);
	story_run(&s, 1, 0);
	story_pass(&s, LATENESS);
	story_told(&s, "~fork 1<0 exec 1");
	story_fork(&s, STORY_SHELL, 900);
	story_pass(&s, LATENESS);
	story_fork(&s, 1, 900);
	story_pass(&s, 8);
	story_run(&s, 900, 1);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 900<10 end 900=none fork 900<1 exec 900");
	story_end(&s);
}

/* The same of who waits to be told, for its parent's birth is unknown. */
static void
test_number_of_one_who_waits(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	born = s.ms;
	story_fork(&s, 700, 720);
	f = story_birth(&s, STORY_SHELL, INIT);
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(&s, &f);
	story_run(&s, INIT, STORY_SHELL);
	story_pass(&s, 100);
	story_told(&s, "fork 400<10 exec 400");
	story_fork(&s, INIT, 720);
	story_run(&s, 410, INIT);
	go_on(&s);
	story_pass(&s, LATENESS);
	story_told(
	    &s, "exec 400 fork 410<400 exec 410 ~fork 700<0 fork 720<700");
	story_leave(&s, 720, 700, 3);
	story_account(&s, 720, 700, born, 3 << 8);
	story_barrier(&s);
	story_told(&s, "end 720=300");
	story_end(&s);
}

/* One whom it inherited bore by that number: of another namespace. */
static void
test_number_of_a_stranger(void **state)
{
	struct story s;
	struct fact f = {.kind = FACT_FOUND,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = INIT,
	    .ppid = STORY_SHELL,
	    .creds = CREDS_UNKNOWN,
	    .comm = BYTES_LITERAL("init"),
	    .found = {.start_ticks = 9,
		.start_ms = T0 - 5000,
		.seen_ms = T0,
		.local_pids = true}};
	int64_t born;

	(void)state;
	story_begin_shell(&s, true);
	reconcile_fact(s.r, &f, s.now);
	born = s.ms;
	story_fork(&s, INIT, 2);
	story_run(&s, 410, INIT);
	story_pass(&s, LATENESS);
	story_told(&s, "found 400 fork 410<400 exec 410");
	story_fork(&s, 410, 420);
	story_leave(&s, 410, INIT, 0);
	story_account(&s, 410, INIT, born, 0);
	story_barrier(&s);
	story_told(&s, "end 410=0");
	story_run(&s, 420, INIT);
	story_told(&s, "");
	story_pass(&s, LATENESS);
	story_told(&s, "~fork 420<0 exec 420");
	story_end(&s);
}

/*
 * Of calls that may overlap the numbers say which one bore first, clone3's,
 * too: what 410 bears, who enters so long after its parent, is logged last, and
 * no child is seen until it is killed.
 */
static void
check_overlap(int64_t after)
{
	struct story s;
	struct fact late, f;
	int64_t born;

	begin(&s);
	born = s.ms;
	bear_one(&s);
	story_fork(&s, INIT, 4);
	story_pass(&s, after);
	late = story_birth(&s, 410, 3);
	f = story_birth(&s, INIT, 5);
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(&s, &f);
	late.at.serial = ++s.serial;
	story_give(&s, &late);
	story_pass(&s, 8);
	story_account(&s, INIT, STORY_SHELL, born, SIGKILL);
	story_account(&s, 410, INIT, born, SIGKILL);
	for (int32_t pid = 411; pid <= 413; pid++)
		story_account(&s, pid, INIT, born + 16 + after, SIGKILL);
	story_barrier(&s);
	story_pass(&s, LATENESS);
	story_told(&s, "end 410=9 ~fork 411<0 fork 412<400 fork 413<400 "
		       "end 411=9 end 412=9 end 413=9 end 400=9");
	story_end(&s);
}

static void
test_order_of_calls(void **state)
{
	(void)state;
	check_overlap(0);
	check_overlap(12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sure),
	    cmocka_unit_test(test_not_all_read),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_of_the_living),
	    cmocka_unit_test(test_threads_of_the_dead),
	    cmocka_unit_test(test_of_another_namespace),
	    cmocka_unit_test(test_of_a_namespace_beside),
	    cmocka_unit_test(test_number_of_a_sibling),
	    cmocka_unit_test(test_number_of_one_who_waits),
	    cmocka_unit_test(test_number_of_a_stranger),
	    cmocka_unit_test(test_number_of_the_silent),
	    cmocka_unit_test(test_order_of_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
