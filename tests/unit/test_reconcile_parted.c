/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number changed hands, and the stream is read late: whose is what was done
 * about then, and the record that was read before it? Only what the kernel
 * guarantees parts the two.
 */
#include "story_world.h"

#include <signal.h>

#define SHELL STORY_SHELL
#define ONE   11
#define OTHER 12

#define LATENESS 2000

static void
begin(struct story *s)
{
	story_begin_pair(s, ONE, OTHER);
	story_pass(s, 100);
}

static void
born(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = story_birth(s, parent, child);

	f.ppid = parent == SHELL ? 1 : SHELL;
	story_give(s, &f);
}

/* What is read of accounting so far ahead of the stream. */
static void
accounted(struct story *s, int32_t pid, int32_t ppid, int64_t birth_ms,
    uint32_t status)
{
	struct fact f = story_record(s, pid, ppid, birth_ms, status);

	f.acct.read_ms = s->ms + 40;
	story_give(s, &f);
}

static void
crashed(struct story *s, int32_t pid, int signal)
{
	struct fact f = story_fact(s, FACT_ABEND, pid, -1);

	f.signal = signal;
	story_give(s, &f);
}

static void
all_is_read(struct story *s)
{
	story_pass(s, 60);
	story_barrier(s);
	story_pass(s, 2 * LATENESS);
}

/*
 * Who crashed is dead of that signal, or killed meanwhile; that is pending
 * then, and the record is lost (mm/filemap.c, generic_perform_write()).
 */
static void
test_crash_and_another_signal(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	born(&s, ONE, 20);
	crashed(&s, 20, SIGSEGV);
	story_told(&s, "fork 20<11");
	story_pass(&s, 8);
	accounted(&s, 20, ONE, s.ms, SIGTERM);
	born(&s, ONE, 20);
	all_is_read(&s);
	story_told(&s, "end 20=b? fork 20<11 end 20=f");
	story_end(&s);
}

/* After a crash nothing is done, though /proc had the number's next then. */
static void
test_crash_before_it_was_gone(void **state)
{
	struct story s;
	struct fact f, gone = {.kind = FACT_GONE,
			   .at = {TIME_UNKNOWN, 0},
			   .pid = 20,
			   .ppid = -1};

	(void)state;
	begin(&s);
	born(&s, ONE, 20);
	crashed(&s, 20, SIGSEGV);
	story_told(&s, "fork 20<11");
	gone.gone_ms = s.ms + 500;
	story_give(&s, &gone);
	story_pass(&s, 100);
	story_run(&s, 20, SHELL);
	f = story_birth(&s, SHELL, 20);
	story_give(&s, &f);
	story_told(&s, "end 20=b? fork 20<10 exec 20");
	story_end(&s);
}

/*
 * Nobody inherits from who lives: the record names the parent of who had the
 * number next, whose birth is read late.
 */
static void
test_record_names_the_next_parent(void **state)
{
	struct story s;
	struct fact f, next;

	(void)state;
	begin(&s);
	born(&s, ONE, 20);
	story_told(&s, "fork 20<11");
	story_pass(&s, 8);
	next = story_birth(&s, SHELL, 20);
	accounted(&s, 20, SHELL, s.ms, SIGTERM);
	story_pass(&s, 60);
	f = story_exec(&s, ONE, SHELL);
	reconcile_fact(s.r, &f, s.now);
	next.at.serial = ++s.serial;
	story_give(&s, &next);
	all_is_read(&s);
	story_told(&s, "exec 11 end 20=none fork 20<10 end 20=f");
	story_end(&s);
}

static struct fact
clone3_by(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = story_birth(s, parent, child);

	f.ppid = SHELL;
	f.birth.shape = BIRTH_UNDECIDED;
	return f;
}

/*
 * Two threads bore the same number, and logged that the other way round: by
 * which of them who was born nothing says, as one may have made a thread.
 */
static void
test_births_may_be_swapped(void **state)
{
	struct story s;
	struct fact first, second;

	(void)state;
	begin(&s);
	first = clone3_by(&s, ONE, 20);
	story_pass(&s, 4);
	story_leave_by(&s, FACT_EXIT_GROUP, 20, ONE, 3);
	accounted(&s, 20, ONE, s.ms, 0x300);
	story_pass(&s, 8);
	second = story_birth(&s, ONE, 20);
	second.ppid = SHELL;
	story_give(&s, &second);
	first.at.serial = ++s.serial;
	story_give(&s, &first);
	story_pass(&s, 8);
	story_leave_by(&s, FACT_EXIT_GROUP, 20, ONE, 0);
	accounted(&s, 20, ONE, s.ms, 0);
	all_is_read(&s);
	story_told(&s, "fork 20<11 end 20=300? fork 20<11 end 20=0?");
	story_end(&s);
}

/*
 * Who died in silence waits with who bore it, of whom nobody knows where it
 * comes from: what names the next parent was done by the next one, even so.
 */
static void
test_who_waits_died_in_silence(void **state)
{
	struct story s;
	struct fact next;

	(void)state;
	story_begin(&s, false);
	born(&s, ONE, 20);
	story_pass(&s, 8);
	story_run(&s, OTHER, SHELL);
	story_pass(&s, 8);
	next = story_birth(&s, OTHER, 20);
	next.ppid = SHELL;
	story_pass(&s, 8);
	story_run(&s, 20, OTHER);
	next.at.serial = ++s.serial;
	story_give(&s, &next);
	story_pass(&s, 8);
	story_leave(&s, 20, OTHER, 0);
	reconcile_conclude(s.r, s.now);
	story_told(&s, "~fork 11<10 fork 20<11 end 20=none "
		       "~fork 12<10 exec 12 fork 20<12 exec 20 end 20=0?");
	story_end(&s);
}

/*
 * Nobody can be asked what clone3 bore, and the bearer waits: his child left
 * before he bore another one by its number.
 */
static void
test_undecided_birth_that_waits(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin(&s, true);
	born(&s, ONE, 20);
	story_pass(&s, 8);
	f = clone3_by(&s, 20, 21);
	f.ppid = ONE;
	story_give(&s, &f);
	story_leave(&s, 21, 20, 5);
	f = story_birth(&s, 20, 21);
	f.ppid = ONE;
	story_give(&s, &f);
	accounted(&s, 21, 20, s.ms, 0x500);
	story_pass(&s, 8);
	story_leave(&s, 21, 20, 6);
	accounted(&s, 21, 20, s.ms - 8, 0x600);
	all_is_read(&s);
	reconcile_conclude(s.r, s.now);
	story_told(&s, "~fork 11<10 fork 20<11 fork 21<20 end 21=500 "
		       "fork 21<20 end 21=600");
	story_end(&s);
}

/*
 * A thread of it logged late what it did when its own parent was gone, as
 * nobody knew yet: that, and what came after it, looked like another's, who
 * has the record until no birth came.
 */
static void
test_record_goes_back_with_the_deeds(void **state)
{
	struct story s;
	struct fact thread;

	(void)state;
	begin(&s);
	born(&s, ONE, 20);
	thread = clone3_by(&s, 20, 21);
	thread.ppid = 1;
	story_thread_leaves(&s, 20, ONE, 3);
	thread.at.serial = ++s.serial;
	story_give(&s, &thread);
	story_pass(&s, 30);
	story_run(&s, 20, 1);
	story_thread_leaves(&s, 20, 1, 5);
	accounted(&s, 20, 1, s.ms - 30, 0x500);
	story_told(&s, "fork 20<11");
	reconcile_finish(s.r, s.now);
	story_told(&s, "exec 20 end 20=500");
	story_end(&s);
}

/* A shell of which it is not known who its ancestors are. */
static void
begin_below_unknown(struct story *s)
{
	struct fact f;

	story_begin(s, true);
	f = story_fact(s, FACT_FOUND, SHELL, 7);
	f.at = (struct stamp){TIME_UNKNOWN, 0};
	f.found.start_ms = T0 - 5000;
	f.found.seen_ms = T0;
	reconcile_fact(s->r, &f, s->now);
	story_told(s, "found 10");
	story_pass(s, 100);
}

/*
 * ONE bore 20 by clone3, and OTHER one of that number soon after, who lives; of
 * both the births are read later. Of the record's time only the second is
 * known, but it names ONE.
 */
static void
record_of_either(struct story *s, bool other_acts)
{
	struct fact f, one, other;

	begin_below_unknown(s);
	one = story_birth(s, SHELL, ONE);
	other = story_birth(s, SHELL, OTHER);
	f = story_record(s, 20, ONE, s->ms, SIGKILL);
	f.acct.read_ms = s->ms + 3000;
	reconcile_fact(s->r, &f, s->now);
	f = clone3_by(s, ONE, 20);
	story_give(s, &f);
	story_pass(s, 8);
	born(s, OTHER, 20);
	story_pass(s, 4);
	story_run(s, 20, OTHER);
	story_barrier(s);
	story_pass(s, 100);
	if (other_acts)
		story_run(s, OTHER, SHELL);
	accounted(s, ONE, SHELL, one.at.ms, SIGTERM);
	story_give(s, &one);
	story_give(s, &other);
	reconcile_finish(s->r, s->now);
}

/* It was not the second one's, whose parent lived on. */
static void
test_record_of_whose_parent_lives(void **state)
{
	struct story s;

	(void)state;
	record_of_either(&s, true);
	story_told(&s, "fork 11<10 fork 12<10 exec 12 fork 20<11 end 20=9 "
		       "end 11=f fork 20<12 exec 20");
	story_end(&s);
}

/* Nor is that likely if nothing says so. */
static void
test_record_names_who_bore(void **state)
{
	struct story s;

	(void)state;
	record_of_either(&s, false);
	story_told(&s, "fork 11<10 fork 12<10 fork 20<11 end 11=f "
		       "end 20=9? fork 20<12 exec 20");
	story_end(&s);
}

/*
 * The record that is there names init: who did something with another parent,
 * who lives, has it not.
 */
static void
test_deed_after_a_record_of_an_orphan(void **state)
{
	struct story s;
	struct fact f, first, second;

	(void)state;
	begin_below_unknown(&s);
	story_fork(&s, SHELL, ONE);
	story_fork(&s, SHELL, OTHER);
	first = clone3_by(&s, ONE, 20);
	story_run(&s, 20, ONE);
	story_pass(&s, 4);
	story_leave(&s, ONE, SHELL, 0);
	accounted(&s, ONE, SHELL, s.ms - 4, 0);
	f = story_record(&s, 20, 1, first.at.ms, SIGTERM);
	f.acct.read_ms = s.ms + 3000;
	reconcile_fact(s.r, &f, s.now);
	story_pass(&s, 4);
	second = clone3_by(&s, OTHER, 20);
	story_run(&s, 20, OTHER);
	story_leave(&s, 20, OTHER, 3);
	story_pass(&s, 4);
	f = story_record(&s, 20, OTHER, s.ms, 0x300);
	f.acct.read_ms = s.ms + 3000;
	reconcile_fact(s.r, &f, s.now);
	first.at.serial = ++s.serial;
	story_give(&s, &first);
	second.at.serial = ++s.serial;
	story_give(&s, &second);
	reconcile_finish(s.r, s.now);
	story_told(&s, "fork 11<10 fork 12<10 fork 20<11 exec 20 end 11=0 "
		       "end 20=f fork 20<12 exec 20 end 20=300");
	story_end(&s);
}

/*
 * The same as it is read: what was proven of the record, of one who did no
 * more than what came after the doubtful deed, is proven no longer.
 */
static void
test_proven_of_the_doubtful(void **state)
{
	struct story s;
	struct fact one, thread, record;

	(void)state;
	story_begin_shell(&s, true);
	one = story_birth(&s, SHELL, ONE);
	born(&s, ONE, 20);
	story_run(&s, 20, ONE);
	thread = clone3_by(&s, 20, 21);
	thread.ppid = 1;
	story_thread_leaves(&s, 20, ONE, 0);
	thread.at.serial = ++s.serial;
	story_give(&s, &thread);
	story_pass(&s, 12);
	story_run(&s, 20, 1);
	for (int i = 0; i < 5; i++)
		story_barrier(&s);
	story_leave(&s, 20, 1, 0);
	record = story_record(&s, 20, 1, one.at.ms, 0);
	record.acct.unwritten_ms = s.ms;
	record.acct.order = story_order(&s);
	story_give(&s, &record);
	story_give(&s, &one);
	story_barrier(&s);
	story_pass(&s, 2 * LATENESS);
	story_told(&s, "fork 11<10 fork 20<11 exec 20 exec 20 end 20=0");
	story_end(&s);
}

/*
 * A birth waits with its bearer until the number is another's, who lives: that
 * one was born later, and the number is none of a namespace.
 */
static void
test_number_of_a_later_one(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, true);
	born(&s, ONE, 20);
	born(&s, 20, 21);
	story_leave(&s, 21, 20, 0);
	accounted(&s, 21, 20, s.ms, 0);
	story_pass(&s, 60);
	born(&s, OTHER, 21);
	story_run(&s, 21, OTHER);
	reconcile_conclude(s.r, s.now);
	story_told(&s, "~fork 11<10 fork 20<11 fork 21<20 end 21=0 "
		       "~fork 12<10 fork 21<12 exec 21");
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_crash_and_another_signal),
	    cmocka_unit_test(test_crash_before_it_was_gone),
	    cmocka_unit_test(test_record_names_the_next_parent),
	    cmocka_unit_test(test_births_may_be_swapped),
	    cmocka_unit_test(test_who_waits_died_in_silence),
	    cmocka_unit_test(test_undecided_birth_that_waits),
	    cmocka_unit_test(test_number_of_a_later_one),
	    cmocka_unit_test(test_record_goes_back_with_the_deeds),
	    cmocka_unit_test(test_proven_of_the_doubtful),
	    cmocka_unit_test(test_record_of_whose_parent_lives),
	    cmocka_unit_test(test_record_names_who_bore),
	    cmocka_unit_test(test_deed_after_a_record_of_an_orphan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
