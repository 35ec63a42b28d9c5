/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that are used again at once: which of the lives did it, and whose is
 * the record? Each story is the smallest that shows what tells them apart.
 */
#include "story_world.h"

#include <signal.h>

#define SHELL  STORY_SHELL
#define OTHER  20
#define CANARY 125
#define LONE   30 /* who has but one thread */

static void
begin(struct story *s)
{
	story_begin(s, true);
	story_found(s, SHELL);
	story_found(s, OTHER);
	story_pass(s, 100);
}

static void
crash(struct story *s, int32_t pid, int signal)
{
	struct fact f = story_fact(s, FACT_ABEND, pid, -1);

	f.signal = signal;
	story_give(s, &f);
}

static struct fact
clone3_by(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = story_birth(s, parent, child);

	f.birth.shape = BIRTH_UNDECIDED;
	return f;
}

/* /proc's answer about whom parent bore. */
static struct fact
answer_about(struct story *s, int32_t parent, int32_t child)
{
	struct reconcile_question q;

	(void)reconcile_questions(s->r, &q, 1);
	return (struct fact){.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = parent,
	    .ppid = -1,
	    .task = {.child = child, .seen_ms = s->ms}};
}

static void
it_is_gone(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = answer_about(s, parent, child);

	f.task.gone = true;
	story_give(s, &f);
}

/* init does not die: who was its child is nobody else's ever after. */
static void
test_of_another_parent(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	begin(&s);
	born = s.ms - 60000;
	story_found(&s, 311);
	story_leave(&s, 311, 1, 0);
	story_account(&s, 311, SHELL, born, 0);
	story_run(&s, 311, OTHER);
	story_fork(&s, OTHER, 311);
	story_barrier(&s);
	story_told(&s, "end 311=0 fork 311<20 exec 311");
	story_end(&s);
}

/*
 * Two births in one tick, the later one's record first: who bore whom, what
 * they did says.
 */
static void
test_births_by_who_is_named(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	story_leave(&s, 311, SHELL, 1);
	story_leave(&s, 311, OTHER, 2);
	story_account(&s, 311, SHELL, s.ms, 0x100);
	f = story_record(&s, 311, OTHER, s.ms, 0x200);
	story_give(&s, &f);
	story_fork(&s, OTHER, 311);
	story_fork(&s, SHELL, 311);
	story_barrier(&s);
	story_told(&s, "fork 311<10 end 311=100 fork 311<20 end 311=200");
	story_end(&s);
}

/*
 * The same, and the first one was killed before it did anything: its record
 * names another parent than who is heard of first, and lives.
 */
static void
test_births_by_who_is_accounted(void **state)
{
	struct story s;
	struct fact late, f;

	(void)state;
	begin(&s);
	f = story_record(&s, 311, OTHER, s.ms, SIGTERM);
	f.acct.read_ms = s.ms + 4;
	late = story_birth(&s, OTHER, 311);
	story_pass(&s, 1);
	story_give(&s, &f);
	story_fork(&s, SHELL, 311);
	late.at.serial = ++s.serial;
	story_give(&s, &late);
	story_leave(&s, 311, SHELL, 2);
	story_account(&s, 311, SHELL, s.ms, 0x200);
	story_barrier(&s);
	story_told(&s, "fork 311<20 end 311=f fork 311<10 end 311=200");
	story_end(&s);
}

/*
 * Its accounting record was read before what it did last. That may be of the
 * next one, but not what was logged before the crash that the record tells.
 */
static void
test_last_deeds_before_a_crash(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	begin(&s);
	born = s.ms;
	story_fork(&s, SHELL, 311);
	story_account(&s, 311, SHELL, born, SIGSEGV | 0x80);
	story_run(&s, 311, SHELL);
	crash(&s, 311, SIGSEGV);
	story_pass(&s, 1);
	story_fork(&s, SHELL, 311);
	story_barrier(&s);
	story_told(&s, "fork 311<10 exec 311 end 311=8b fork 311<10");
	story_run(&s, 311, SHELL);
	story_told(&s, "exec 311");
	story_end(&s);
}

/* A lone thread tells whom it bore before it does anything else. */
static void
test_its_parent_went_on(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 310);
	story_told(&s, "fork 310<10");
	born = s.ms;
	story_fork(&s, 310, 311);
	story_account(&s, 311, 310, born, SIGKILL);
	story_run(&s, 311, 310);
	story_barrier(&s);
	story_told(&s, "fork 311<310");
	story_run(&s, 310, SHELL);
	story_told(&s, "exec 310 exec 311 end 311=9");
	story_end(&s);
}

/* The same, however much others do meanwhile, who are no parents of his. */
static void
test_its_parent_went_on_after_others(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 310);
	story_fork(&s, SHELL, 320);
	born = s.ms;
	story_fork(&s, 310, 311);
	story_account(&s, 311, 310, born, SIGKILL);
	story_run(&s, 311, 310);
	story_barrier(&s);
	story_told(&s, "fork 310<10 fork 320<10 fork 311<310");
	for (int i = 0; i < 1000; i++) {
		story_run(&s, 320, SHELL);
		story_told(&s, "exec 320");
	}
	story_run(&s, 310, SHELL);
	story_told(&s, "exec 310 exec 311 end 311=9");
	story_end(&s);
}

/* One of several may: another one's call is still to be told. */
static void
test_its_parent_has_threads(void **state)
{
	struct story s;
	struct fact thread, birth;
	int64_t born;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 310);
	thread = story_birth(&s, 310, 330);
	thread.birth.shape = BIRTH_THREAD;
	story_give(&s, &thread);
	born = s.ms;
	story_fork(&s, 310, 311);
	birth = story_birth(&s, 310, 311);
	story_account(&s, 311, SHELL, born, SIGKILL);
	story_run(&s, 311, 310);
	story_barrier(&s);
	story_fork(&s, 310, 320);
	story_told(&s, "fork 310<10 fork 311<310 fork 320<310");
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "end 311=9? fork 311<310 exec 311");
	story_end(&s);
}

/*
 * The birth of one by a number of its namespace is no birth of who is named as
 * a parent: of that one nothing else was read.
 */
static void
test_named_a_parent_of_a_namespaces_number(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	story_run(&s, 311, 812);
	story_pass(&s, 60000);
	story_told(&s, "~fork 311<812 exec 311");
	f = story_birth(&s, 500, 812);
	f.ppid = 499;
	story_give(&s, &f);
	story_pass(&s, 5000);
	s.len = 0;
	f = story_birth(&s, 311, 312);
	f.ppid = 812;
	story_give(&s, &f);
	story_run(&s, 312, 311);
	story_run(&s, 311, 812);
	story_told(&s, "fork 312<311 exec 312 exec 311");
	story_end(&s);
}

/*
 * Two share one record, and who has the number after them is open, again and
 * again: each end waits for that, but not for all that come later, too.
 */
static void
test_ends_wait_but_a_while(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	for (int i = 0; i < 60; i++) {
		s.ms += 1000 - s.ms % 1000 + 100;
		s.now += 1000;
		for (int j = 0; j < 2; j++) {
			story_fork(&s, SHELL, 311);
			story_pass(&s, 8);
		}
		story_account(&s, 311, SHELL, s.ms, SIGKILL);
		story_barrier(&s);
		story_run(&s, 311, 77);
		story_barrier(&s);
		for (int j = 0; j < 5; j++) {
			story_pass(&s, 100);
			story_barrier(&s);
		}
	}
	assert_in_range(reconcile_alive(s.r), 1, 60);
	story_end(&s);
}

/*
 * The first one's record got lost, and what the third one did is read before
 * the record of its birth, as after vfork(2): it does not say that the second
 * one outlived the record, which is his.
 */
static void
test_deed_before_its_birth_is_read(void **state)
{
	struct fact second, third, deed, record;
	struct story s;

	(void)state;
	begin(&s);
	s.ms += 300 - s.ms % 1000;
	story_fork(&s, SHELL, 311);
	story_pass(&s, 8);
	second = story_birth(&s, SHELL, 311);
	story_pass(&s, 4);
	record = story_record(&s, 311, SHELL, s.ms, SIGKILL);
	story_pass(&s, 8);
	record.acct.read_ms = s.ms - 2;
	third = story_birth(&s, SHELL, 311);
	s.ms += 4;
	deed = story_exec(&s, 311, SHELL);
	third.at.serial = ++s.serial;
	reconcile_fact(s.r, &record, s.now);
	story_give(&s, &second);
	story_give(&s, &deed);
	story_give(&s, &third);
	story_barrier(&s);
	story_pass(&s, 5000);
	/* nothing tells whose deed it was */
	story_told(&s, "fork 311<10 end 311=9? fork 311<10 exec 311 "
		       "end 311=none fork 311<10");
	story_end(&s);
}

/*
 * Who bore it died long ago, and init does not: who names another parent, born
 * since, has the number after it.
 */
static void
test_named_a_younger_parent(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 40);
	story_fork(&s, 40, 311);
	story_leave(&s, 40, SHELL, 0);
	story_account(&s, 40, SHELL, s.ms, 0);
	story_barrier(&s);
	story_pass(&s, 60000);
	story_told(&s, "fork 40<10 fork 311<40 end 40=0");
	story_fork(&s, OTHER, 41);
	f = story_birth(&s, 311, 312);
	f.ppid = 41;
	story_give(&s, &f);
	story_fork(&s, 41, 311);
	story_barrier(&s);
	story_told(&s, "fork 41<20 end 311=none fork 311<41 fork 312<311");
	story_end(&s);
}

/*
 * In a replay, too, a record may be read early: of two undecided births before
 * none was that of its process.
 */
static void
test_record_after_undecided_births(void **state)
{
	struct story s;
	struct fact other, birth, f;

	(void)state;
	story_begin(&s, true);
	story_fork(&s, 1, SHELL);
	story_fork(&s, 1, OTHER);
	story_pass(&s, 2100);
	f = clone3_by(&s, SHELL, 311);
	story_give(&s, &f);
	story_thread_leaves(&s, SHELL, 1, 0);
	story_pass(&s, 400);
	other = clone3_by(&s, OTHER, 311);
	story_pass(&s, 600);
	f = story_record(&s, 311, SHELL, s.ms, 0x100);
	f.acct.read_ms += 1500;
	story_give(&s, &f);
	story_give(&s, &other);
	story_thread_leaves(&s, OTHER, 1, 0);
	birth = story_birth(&s, SHELL, 311);
	story_give(&s, &birth);
	story_leave(&s, 311, SHELL, 1);
	story_pass(&s, 3000);
	story_barrier(&s);
	story_told(&s, "~fork 1<0 fork 10<1 fork 20<1 fork 311<10 end 311=100");
	story_end(&s);
}

/*
 * The record was read before all its process did, which therefore may be of
 * another one: until that one's birth is read. By then it had a second thread,
 * which may have left otherwise than its record says.
 */
static void
test_thread_left_before_the_next_birth(void **state)
{
	struct story s;
	struct fact birth, own, f;
	int64_t born;

	(void)state;
	begin(&s);
	born = s.ms;
	story_fork(&s, SHELL, 311);
	f = clone3_by(&s, 311, 320);
	f.ppid = SHELL;
	own = story_record(&s, 311, SHELL, born, SIGTERM);
	own.acct.read_ms = s.ms + 100;
	story_give(&s, &own);
	story_pass(&s, 12);
	f.at.ms = s.ms;
	story_give(&s, &f);
	story_thread_leaves(&s, 311, SHELL, 0);
	story_pass(&s, 500);
	birth = story_birth(&s, OTHER, 311);
	f = story_record(&s, 311, OTHER, s.ms, 0x200);
	f.acct.read_ms = s.ms + 100;
	story_give(&s, &f);
	story_run(&s, 311, OTHER);
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_leave(&s, 311, OTHER, 2);
	story_pass(&s, 3000);
	story_barrier(&s);
	story_told(
	    &s, "fork 311<10 end 311=f fork 311<20 exec 311 end 311=200");
	story_end(&s);
}

/* The canary's exit parts those before it from those after it: not the tick. */
static void
test_canary_in_between(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	begin(&s);
	story_found(&s, CANARY);
	born = s.ms;
	story_fork(&s, SHELL, 311);
	story_account(&s, 311, SHELL, born, 0x100);
	reconcile_hide(s.r, 311, CANARY, s.ms + 3, s.now);
	story_leave(&s, 311, SHELL, 1);
	story_leave(&s, 311, CANARY, 0);
	story_run(&s, 311, OTHER);
	story_fork(&s, OTHER, 311);
	story_told(&s, "fork 311<10 end 311=100 fork 311<20 exec 311");
	story_pass(&s, 4);
	f = story_record(&s, 311, CANARY, s.ms, 0);
	story_give(&s, &f);
	story_barrier(&s);
	story_told(&s, "");
	story_end(&s);
}

/* /proc was asked about a thread whose number a canary has by now. */
static void
test_canary_after_a_thread(void **state)
{
	struct story s;
	struct fact own, left, birth, f;
	int64_t born;

	(void)state;
	begin(&s);
	story_found(&s, CANARY);
	f = clone3_by(&s, SHELL, 311);
	story_give(&s, &f);
	story_pass(&s, 100);
	born = s.ms;
	own = story_birth(&s, CANARY, 311);
	f = answer_about(&s, SHELL, 311);
	f.ppid = CANARY;
	story_give(&s, &f);
	reconcile_hide(s.r, 311, CANARY, born, s.now);
	story_pass(&s, 4);
	left = story_fact(&s, FACT_EXIT_GROUP, 311, CANARY);
	f = story_record(&s, 311, CANARY, born, 0);
	story_give(&s, &f);
	story_pass(&s, 40);
	born = s.ms;
	birth = story_birth(&s, OTHER, 311);
	story_pass(&s, 4);
	f = story_record(&s, 311, OTHER, born, 0x100);
	story_give(&s, &f);
	story_give(&s, &left);
	story_give(&s, &own);
	story_give(&s, &birth);
	story_leave(&s, 311, OTHER, 1);
	story_pass(&s, 4000);
	story_told(&s, "fork 311<20 end 311=100");
	story_end(&s);
}

/*
 * A halted processor does not tick: all it did meanwhile has one stamp, and
 * the duration is longer than the stamps say (kernel/acct.c takes that from
 * another clock).
 */
static void
test_clock_that_ticks_late(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 311);
	story_run(&s, 311, SHELL);
	story_pass(&s, 128);
	f = story_record(&s, 311, STORY_SHELL, s.ms - 40, 0);
	story_give(&s, &f);
	story_leave(&s, 311, SHELL, 0);
	story_barrier(&s);
	story_told(&s, "fork 311<10 exec 311 end 311=0");
	story_end(&s);
}

/*
 * Its own record was lost; the next one's names a parent that it can't have
 * got: nobody inherits but an ancestor.
 */
static void
test_record_of_another_parent(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 311);
	story_leave(&s, 311, SHELL, 0);
	story_account(&s, 311, OTHER, s.ms, SIGTERM);
	story_run(&s, 311, OTHER);
	story_fork(&s, OTHER, 311);
	story_barrier(&s);
	story_pass(&s, 5000);
	story_told(&s, "fork 311<10 end 311=0? fork 311<20 exec 311 end 311=f");
	story_end(&s);
}

/* The same of what it did: its parent is over, but this one is no heir. */
static void
test_deed_of_no_heir(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 310);
	story_fork(&s, 310, 311);
	story_leave(&s, 310, SHELL, 0);
	story_account(&s, 310, SHELL, s.ms, 0);
	story_run(&s, 311, OTHER);
	story_fork(&s, OTHER, 311);
	story_barrier(&s);
	story_pass(&s, 5000);
	story_told(&s, "fork 310<10 fork 311<310 end 310=0 end 311=none "
		       "fork 311<20 exec 311");
	story_end(&s);
}

/*
 * One whose birth nobody saw, and the next one's, too, look like one: what
 * they say of their parents shows that no record is proven to be its own.
 */
static void
test_two_that_look_like_one(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	begin(&s);
	born = s.ms;
	story_run(&s, 311, SHELL);
	story_run(&s, 311, OTHER);
	story_barrier(&s);
	story_pass(&s, 5000);
	story_account(&s, 311, SHELL, born, SIGTERM);
	story_barrier(&s);
	story_pass(&s, 5000);
	story_told(&s, "~fork 311<10 exec 311 exec 311 end 311=f?");
	story_end(&s);
}

/* What was logged after a birth was is not of who had the number before. */
static void
test_done_after_a_birth(void **state)
{
	struct story s;
	struct fact late;

	(void)state;
	begin(&s);
	story_run(&s, 311, SHELL);
	story_pass(&s, 40);
	late = story_birth(&s, SHELL, 311);
	story_run(&s, 311, SHELL);
	story_give(&s, &late);
	story_pass(&s, 5000);
	story_told(&s, "~fork 311<10 exec 311 end 311=none "
		       "fork 311<10 exec 311");
	story_end(&s);
}

/*
 * Without accounting, /proc said that it is no more. What may still come of it
 * is waited for, but not when its number is somebody else's.
 */
static void
test_gone_and_reborn(void **state)
{
	struct story s;
	struct fact f = {
	    .kind = FACT_GONE, .at = {TIME_UNKNOWN, 0}, .pid = 311, .ppid = -1};

	(void)state;
	story_begin(&s, false);
	story_found(&s, SHELL);
	story_fork(&s, SHELL, 311);
	f.gone_ms = s.ms + 1000;
	story_give(&s, &f);
	story_told(&s, "fork 311<10");
	story_fork(&s, SHELL, 311);
	story_told(&s, "end 311=none fork 311<10");
	story_end(&s);
}

/*
 * /proc had nothing of the number any more: a record that was not there yet
 * then is of who has it next, though both were silent.
 */
static void
test_gone_before_it_was_written(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, false);
	story_pass(&s, 140);
	story_fork(&s, SHELL, 311);
	story_pass(&s, 200);
	story_gone(&s, 311);
	story_barrier(&s);
	story_told(&s, "fork 311<10 end 311=none");
	story_pass(&s, 432);
	reconcile_acct_on(s.r, true);
	story_pass(&s, 250);
	f = story_record(&s, 311, SHELL, s.ms - 20, SIGFPE);
	f.acct.unwritten_ms = s.ms - 10;
	story_give(&s, &f);
	s.ms -= 20;
	story_fork(&s, SHELL, 311);
	s.ms += 20;
	story_gone(&s, 311);
	story_barrier(&s);
	story_told(&s, "fork 311<10 end 311=8");
	story_end(&s);
}

/*
 * Without accounting who is heard of first names another parent than who bore
 * it: it may have inherited the child, or that died, and this is the next one.
 */
static void
test_first_word_names_an_ancestor(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	story_begin(&s, false);
	story_found(&s, SHELL);
	story_fork(&s, SHELL, 310);
	story_fork(&s, 310, 311);
	story_pass(&s, 40);
	birth = story_birth(&s, SHELL, 311);
	story_run(&s, 311, SHELL);
	story_give(&s, &birth);
	story_told(&s, "fork 310<10 fork 311<310 end 311=none "
		       "fork 311<10 exec 311");
	story_end(&s);
}

/* Nor does it count the seconds: that of a record may be one too early. */
static void
test_second_that_came_late(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	begin(&s);
	s.ms += 1000 - s.ms % 1000 + 900;
	born = s.ms;
	story_fork(&s, SHELL, 311);
	story_told(&s, "fork 311<10");
	story_pass(&s, 400);
	f = story_record(&s, 311, STORY_SHELL, born, SIGTERM);
	f.acct.birth_s--;
	story_give(&s, &f);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "end 311=f");
	story_end(&s);
}

/* One life of 311 and another, that leave with these codes, one at once. */
static void
live(struct story *s, int code)
{
	story_fork(s, SHELL, 311);
	story_leave(s, 311, SHELL, code);
}

static void
told_first(struct story *s, const char *want)
{
	assert_memory_equal(s->told, want, strlen(want));
	s->len = 0;
}

/* More lives than are matched at once: one before those may have died of it. */
static void
test_record_of_one_long_before(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	live(&s, 7);
	for (int i = 0; i < 40; i++)
		live(&s, 0);
	live(&s, 7);
	s.len = 0;
	story_account(&s, 311, SHELL, s.ms, 0x700);
	story_barrier(&s);
	story_told(&s, "");
	story_pass(&s, 1000);
	story_told(&s, "end 311=700?");
	story_end(&s);
}

/* Or one behind those, while the first still waits for a child. */
static void
test_record_of_one_long_after(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 311);
	story_run(&s, 500, 311);
	story_leave(&s, 311, SHELL, 7);
	for (int i = 0; i < 25; i++)
		live(&s, 0);
	live(&s, 7);
	story_account(&s, 311, SHELL, s.ms, 0x700);
	story_barrier(&s);
	story_told(&s, "fork 311<10");
	story_pass(&s, 2000);
	story_told(&s, "~fork 500<311 exec 500");
	story_pass(&s, 1000);
	told_first(&s, "end 311=700? ");
	story_end(&s);
}

/* What is known to be its own record is not given to the one before. */
static void
test_record_is_all_there_is(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	live(&s, 0);
	story_pass(&s, 3000);
	story_told(&s, "fork 311<10 end 311=0?");
	story_account(&s, 311, SHELL, s.ms - 20, SIGKILL);
	story_barrier(&s);
	story_run(&s, 311, SHELL);
	story_leave(&s, 311, SHELL, 3);
	story_account(&s, 311, SHELL, s.ms, 0x300);
	story_barrier(&s);
	story_told(&s, "");
	story_pass(&s, 5000);
	story_told(&s, "~fork 311<10 end 311=9 "
		       "~fork 311<10 exec 311 end 311=300");
	story_end(&s);
}

/* Accounting tells the deaths in order: it is of who had the number next. */
static void
test_child_of_the_next_by_its_record(void **state)
{
	struct story s;
	struct fact own, its;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 311);
	own = story_record(&s, 311, SHELL, s.ms, SIGKILL);
	own.acct.read_ms = s.ms + 10;
	own.acct.offset = 64;
	story_give(&s, &own);
	story_pass(&s, 20);
	its = story_record(&s, 500, 311, s.ms, SIGKILL);
	its.acct.read_ms = s.ms + 30;
	its.acct.offset = 128;
	story_give(&s, &its);
	story_fork(&s, SHELL, 311);
	story_pass(&s, 2000);
	story_barrier(&s);
	story_told(&s, "fork 311<10 end 311=9 fork 311<10");
	story_pass(&s, 2000);
	story_told(&s, "~fork 500<311 end 500=9");
	story_end(&s);
}

/* So it is if it did something when the first one had left. */
static void
test_child_of_the_next(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin(&s);
	live(&s, 0);
	story_pass(&s, 8);
	birth = story_birth(&s, SHELL, 311);
	story_pass(&s, 8);
	story_run(&s, 500, 311);
	story_give(&s, &birth);
	birth = story_birth(&s, 311, 500);
	birth.at.ms -= 4;
	story_pass(&s, 1000);
	story_told(&s, "fork 311<10 end 311=0? fork 311<10");
	story_give(&s, &birth);
	story_told(&s, "fork 500<311 exec 500");
	story_end(&s);
}

/* A birth that is told later than it did something is another one's. */
static void
test_birth_of_the_next_is_not_waited_for(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	story_run(&s, 500, 1);
	story_pass(&s, 500);
	story_run(&s, 600, 601);
	story_fork(&s, 600, 500);
	story_pass(&s, 1500);
	story_told(&s, "~fork 500<0 exec 500 end 500=none");
	story_end(&s);
}

/*
 * One record of five is missing, and nobody knows whose. They wait for it at
 * the same time, not each from when the one before is told.
 */
static void
test_all_wait_at_once(void **state)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	struct story s;
	struct fact born[5];
	int64_t ms;

	(void)state;
	begin(&s);
	ms = s.ms;
	for (int i = 0; i < 5; i++) {
		born[i] = story_birth(&s, SHELL, 311);
		story_pass(&s, 1);
	}
	for (int i = 0; i < 4; i++)
		story_account(&s, 311, SHELL, ms, (uint32_t)signals[i]);
	for (int i = 0; i < 5; i++)
		story_give(&s, &born[i]);
	story_barrier(&s);
	story_told(&s, "fork 311<10");
	for (int i = 0; i < 4; i++)
		story_pass(&s, 1000);
	story_told(&s, "end 311=1? fork 311<10 end 311=2? fork 311<10 "
		       "end 311=3? fork 311<10 end 311=f? fork 311<10");
	story_end(&s);
}

/*
 * A record names who bore perhaps a thread only: it is none of who had the
 * number next, though the birth of that is known from a parent who waits.
 */
static void
test_record_of_the_undecided_one(void **state)
{
	struct story s;
	struct fact f, late;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 311);
	f = clone3_by(&s, 311, 313);
	story_give(&s, &f);
	story_pass(&s, 20);
	f = story_record(&s, 313, 311, s.ms - 20, SIGHUP);
	f.acct.read_ms += 900;
	story_give(&s, &f);
	story_pass(&s, 600);
	late = story_birth(&s, SHELL, 312);
	story_fork(&s, 312, 313);
	story_run(&s, 313, 312);
	story_leave(&s, 313, 312, 0);
	story_give(&s, &late);
	story_account(&s, 313, 312, s.ms, 0);
	story_pass(&s, 400);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 311<10 fork 313<311 fork 312<10 end 313=1 "
		       "fork 313<312 exec 313 end 313=0");
	story_end(&s);
}

/* Accounting's second of the birth may be too late by nearly one. */
static void
test_death_no_later_than_it_was_read(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	s.ms = T0 + 3000;
	story_account(&s, 500, SHELL, s.ms - 1900, SIGKILL);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "~fork 500<10 end 500=9");
	assert_true(s.last.time_ms == T0 + 3000);
	story_end(&s);
}

/*
 * The first of many waits for a child, and so do they all, and the stream is
 * late; but each record was written when the number was one's, and only his.
 */
static void
test_many_wait_and_each_has_its_record(void **state)
{
	char want[8192] = "~fork 500<311 exec 500 end 311=700";
	struct story s;
	struct fact born[10];

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 311);
	story_run(&s, 500, 311);
	story_leave(&s, 311, SHELL, 7);
	story_account(&s, 311, SHELL, s.ms, 0x700);
	for (int i = 0; i < 100; i++) {
		struct fact f;

		story_pass(&s, 5);
		born[i % 10] = story_birth(&s, SHELL, 311);
		story_pass(&s, 5);
		f = story_record(&s, 311, SHELL, s.ms - 1, SIGKILL);
		f.acct.unwritten_ms = s.ms - 3;
		story_give(&s, &f);
		for (int k = 0; i % 10 == 9 && k < 10; k++)
			story_give(&s, &born[k]);
		strcat(want, " fork 311<10 end 311=9");
	}
	strcat(want, " fork 311<10");
	story_pass(&s, 5);
	story_fork(&s, SHELL, 311);
	story_barrier(&s);
	story_told(&s, "fork 311<10");
	story_pass(&s, 1000);
	story_told(&s, want);
	story_end(&s);
}

/*
 * The stream is late: of many nothing but records was read, which may be of
 * others still unread. Not so those of who had the number before them all.
 */
static void
test_many_records_are_all_there_is(void **state)
{
	char want[1024];
	struct story s;
	struct fact parents[8], births[8], exits[8], f;
	size_t len = 0;

	(void)state;
	begin(&s);
	for (int i = 0; i < 28; i++) {
		int parent = i < 8 ? 400 + i : OTHER;

		if (i < 8) {
			parents[i] = story_birth(&s, SHELL, parent);
			births[i] = story_birth(&s, parent, 311);
			story_pass(&s, 20);
			exits[i] = story_exit(&s, FACT_EXIT_GROUP, 311, 1);
			exits[i].ppid = parent;
		}
		story_pass(&s, 20);
		f = story_record(&s, 311, parent, s.ms - 40, 0x100);
		f.acct.unwritten_ms = s.ms - 20;
		story_give(&s, &f);
	}
	for (int i = 0; i < 8; i++) {
		story_give(&s, &births[i]);
		story_give(&s, &exits[i]);
	}
	for (int i = 0; i < 6; i++) {
		story_give(&s, &parents[i]);
		len += (size_t)snprintf(want + len, sizeof(want) - len,
		    "%sfork %d<10 fork 311<%d end 311=100", i == 0 ? "" : " ",
		    400 + i, 400 + i);
	}
	story_barrier(&s);
	story_told(&s, want);
	story_end(&s);
}

/* Two in one tick, of whom only one has a record: whose, its status says. */
static void
test_record_of_who_said_so(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 311);
	story_leave(&s, 311, SHELL, 3);
	story_fork(&s, SHELL, 311);
	story_leave(&s, 311, SHELL, 4);
	story_account(&s, 311, SHELL, s.ms, 0x400);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 311<10 end 311=300? fork 311<10 end 311=400");
	story_end(&s);
}

/*
 * Three had a number, and left two records, which were read before the stream
 * came to any of them: no birth is rather one's whose record has no other
 * parent, as records are in order, but nobody knows yet whose they are.
 */
static void
test_births_in_order_of_records(void **state)
{
	struct story s;
	int64_t ms;

	(void)state;
	begin(&s);
	story_found(&s, 30);
	ms = s.ms;
	story_account(&s, 30, 1, T0 - 5000, SIGKILL);
	s.ms = ms + 40;
	story_account(&s, 311, OTHER, s.ms - 1, 0x100);
	s.ms = ms + 90;
	story_account(&s, 311, 1, s.ms - 40, 0x200);
	s.ms = ms;
	story_fork(&s, 30, 311);
	story_run(&s, 311, 30);
	story_leave(&s, 311, 30, 0);
	s.ms = ms + 39;
	story_fork(&s, OTHER, 311);
	story_leave(&s, 311, OTHER, 1);
	s.ms = ms + 50;
	story_fork(&s, SHELL, 311);
	story_run(&s, 311, SHELL);
	s.ms = ms + 90;
	story_leave(&s, 311, 1, 2);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 311<30 exec 311 end 30=9 end 311=0? "
		       "fork 311<20 end 311=100 fork 311<10 exec 311 "
		       "end 311=200");
	story_end(&s);
}

/* A thread of pid is born. */
static void
start_thread(struct story *s, int32_t pid, int32_t thread)
{
	struct fact f = story_birth(s, pid, thread);

	f.birth.shape = BIRTH_THREAD;
	story_give(s, &f);
}

/*
 * It was not there when the file was read last, and by then the birth of the
 * next one had been read: who had the number before was dead.
 */
static void
test_record_after_the_next_birth(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	live(&s, 5);
	story_pass(&s, 20);
	story_fork(&s, SHELL, 311);
	story_pass(&s, 4);
	f = story_record(&s, 311, SHELL, s.ms - 4, SIGKILL);
	f.acct.unwritten_ms = s.ms - 2;
	f.acct.order = story_order(&s);
	story_give(&s, &f);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 311<10 end 311=500? fork 311<10 end 311=9");
	story_end(&s);
}

/* Whatever its threads leave with, one of them said so. */
static void
test_record_of_what_nobody_said(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 311);
	start_thread(&s, 311, 312);
	story_pass(&s, 20);
	story_thread_leaves(&s, 311, SHELL, 7);
	story_leave(&s, 311, SHELL, 7);
	live(&s, 5);
	story_account(&s, 311, SHELL, s.ms, 0x500);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 311<10 end 311=700? fork 311<10 end 311=500");
	story_end(&s);
}

/* Nobody gets another parent while his own lives. */
static void
test_unheard_of_and_its_parent_lives(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 30);
	story_fork(&s, 30, 311);
	story_pass(&s, 20);
	story_leave(&s, 311, SHELL, 5);
	story_fork(&s, SHELL, 311);
	f = story_record(&s, 311, SHELL, s.ms, 0x500);
	f.acct.unwritten_ms = s.ms;
	f.acct.order = story_order(&s);
	story_give(&s, &f);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 30<10 fork 311<30 end 311=none fork 311<10 "
		       "end 311=500");
	story_end(&s);
}

/*
 * Who died unheard of left the number to whom the same one bore by clone3,
 * which is undecided while that one waits: what was logged after is not of
 * who was before.
 */
static void
test_silent_before_the_undecided_one(void **state)
{
	struct story s;
	struct fact f, late;

	(void)state;
	story_begin(&s, false);
	story_found(&s, SHELL);
	late = story_birth(&s, SHELL, 30);
	story_fork(&s, 30, 311);
	f = clone3_by(&s, 30, 311);
	story_give(&s, &f);
	story_run(&s, 311, 30);
	story_leave(&s, 311, 30, 5);
	story_fork(&s, 30, 311);
	story_leave(&s, 311, 30, 6);
	story_give(&s, &late);
	story_pass(&s, 3000);
	story_told(&s, "fork 30<10 fork 311<30 end 311=none fork 311<30 "
		       "exec 311 end 311=500? fork 311<30 end 311=600?");
	story_end(&s);
}

/*
 * A thread left the number to whose birth was logged first; its own bearer
 * waits. Who goes on, as its parent's number says, is not that thread.
 */
static void
test_goes_on_after_the_undecided_one(void **state)
{
	struct story s;
	struct fact f, late;

	(void)state;
	begin(&s);
	late = story_birth(&s, SHELL, 30);
	story_fork(&s, SHELL, 311);
	f = clone3_by(&s, 30, 311);
	story_give(&s, &f);
	story_run(&s, 311, SHELL);
	story_told(&s, "fork 311<10 exec 311");
	story_pass(&s, 20);
	f = story_fact(&s, FACT_ABEND, 311, -1);
	f.signal = SIGSEGV;
	story_give(&s, &f);
	story_give(&s, &late);
	story_account(&s, 311, SHELL, s.ms - 20, SIGSEGV);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 30<10 end 311=b");
	story_end(&s);
}

/*
 * As long as clone3 may have borne a process, one of two records may be of
 * that, and the first of them of the second: the end of the first waits until
 * it is known to be a thread.
 */
static void
test_record_that_the_undecided_one_may_have(void **state)
{
	struct story s;
	struct fact f, stream[5];

	(void)state;
	begin(&s);
	for (int i = 0; i < 2; i++) {
		stream[2 * i] = story_birth(&s, SHELL, 311);
		s.ms += 4;
		stream[2 * i + 1] = story_exit(&s, FACT_EXIT_GROUP, 311, 0);
		s.ms += 20;
	}
	stream[4] = clone3_by(&s, SHELL, 311);
	s.ms += 20;
	for (int i = 0; i < 2; i++) {
		f = story_record(&s, 311, SHELL, s.ms, 0);
		f.acct.elapsed_cs = i == 0 ? 2 : 0;
		f.acct.unwritten_ms = s.ms - 40;
		story_give(&s, &f);
	}
	for (int i = 0; i < 5; i++)
		story_give(&s, &stream[i]);
	it_is_gone(&s, SHELL, 311);
	story_barrier(&s);
	story_told(&s, "fork 311<10");
	for (int i = 0; i < 4; i++)
		story_pass(&s, 1000);
	story_told(&s, "end 311=0 fork 311<10 end 311=0");
	story_end(&s);
}

/*
 * A thread's number was given before the next one was born, as the record of
 * that one's death says: the birth which is read after that is its own.
 */
static void
test_thread_before_who_is_accounted(void **state)
{
	struct story s;
	struct fact f, late, thread, birth;

	(void)state;
	begin(&s);
	late = story_birth(&s, SHELL, 30);
	f = clone3_by(&s, 30, 311);
	story_give(&s, &f);
	story_thread_leaves(&s, 30, -1, 0);
	thread = clone3_by(&s, OTHER, 311);
	s.ms += 120;
	birth = story_birth(&s, 30, 311);
	s.ms += 20;
	f = story_record(&s, 311, 30, s.ms, 0x500);
	f.acct.elapsed_cs = 1;
	f.acct.unwritten_ms = s.ms - 8;
	story_give(&s, &f);
	story_give(&s, &thread);
	s.ms -= 4;
	story_give(&s, &birth);
	story_leave(&s, 311, 30, 5);
	story_give(&s, &late);
	story_barrier(&s);
	story_pass(&s, 6000);
	story_told(&s, "fork 30<10 fork 311<30 end 311=500");
	story_end(&s);
}

/*
 * A record names who bore perhaps only a thread. That another one bore by the
 * number meanwhile, perhaps a thread too, does not make it the first one's.
 */
static void
test_record_of_whom_the_same_bears_yet(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 30);
	f = story_record(&s, 311, 30, s.ms + 40, 0x500);
	f.acct.elapsed_cs = 3;
	f.acct.read_ms = s.ms + 80;
	f.acct.unwritten_ms = s.ms + 73;
	story_give(&s, &f);
	f = clone3_by(&s, 30, 311);
	story_give(&s, &f);
	story_thread_leaves(&s, 30, SHELL, 0);
	f = clone3_by(&s, OTHER, 311);
	story_give(&s, &f);
	story_pass(&s, 40);
	story_fork(&s, 30, 311);
	story_pass(&s, 32);
	story_leave(&s, 311, 30, 5);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 30<10 fork 311<30 end 311=500");
	story_end(&s);
}

/*
 * Of a birth that was called for before, and logged after, it is not known
 * whether a process had the number before or after. It was not this one, who
 * names another parent.
 */
static void
test_named_another_than_the_undecided_one(void **state)
{
	struct story s;
	struct fact late, thread, birth, f;

	(void)state;
	begin(&s);
	late = story_birth(&s, SHELL, 30);
	thread = clone3_by(&s, OTHER, 311);
	s.ms += 40;
	birth = story_birth(&s, 30, 311);
	s.ms += 12;
	f = story_record(&s, 311, 30, s.ms - 12, 0x500);
	f.acct.unwritten_ms = s.ms;
	story_give(&s, &f);
	s.ms -= 4;
	story_give(&s, &birth);
	story_leave(&s, 311, 30, 5);
	thread.at.serial = ++s.serial;
	story_give(&s, &thread);
	it_is_gone(&s, OTHER, 311);
	story_give(&s, &late);
	story_pass(&s, 4);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 30<10 fork 311<30 end 311=500");
	story_end(&s);
}

/*
 * While who bore it was in the call nobody inherited: of two exits that were
 * read before its birth, and name two parents, one is its own.
 */
static void
test_other_parent_before_the_birth(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 30);
	for (int i = 0; i < 2; i++) {
		f = story_record(&s, 311, i == 0 ? 30 : SHELL, s.ms + 2,
		    i == 0 ? 0xde00 : 0);
		f.acct.elapsed_cs = 0;
		f.acct.read_ms = s.ms + 2;
		f.acct.unwritten_ms = s.ms + 1 + i;
		story_give(&s, &f);
	}
	story_thread_leaves(&s, 311, 30, 0xde);
	story_leave(&s, 311, SHELL, 0);
	story_fork(&s, 30, 311);
	story_barrier(&s);
	for (int i = 0; i < 6; i++)
		story_pass(&s, 1000);
	story_told(&s, "fork 30<10 fork 311<30 end 311=de00 ~fork 311<10 "
		       "end 311=0?");
	story_end(&s);
}

/* Without accounting one number is used again and again: by LONE's children. */
static void
begin_again(struct story *s)
{
	story_begin_shell(s, false);
	story_fork(s, SHELL, LONE);
	story_fork(s, LONE, 311);
	story_leave(s, 311, LONE, 0);
	story_pass(s, 20);
	story_fork(s, LONE, 311);
	story_told(s, "fork 30<10 fork 311<30 end 311=0? fork 311<30");
	story_pass(s, 20);
}

/*
 * Who was there before died unheard of, and its parent did nothing since but
 * bear the next one, who is faster than the call that bears it.
 */
static void
test_faster_than_its_birth(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin_again(&s);
	birth = story_birth(&s, LONE, 311);
	story_pass(&s, 4);
	story_run(&s, 311, LONE);
	story_leave(&s, 311, LONE, 5);
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_told(&s, "end 311=none fork 311<30 exec 311 end 311=500?");
	story_end(&s);
}

/* The same in one tick: who was before had no time for an exec and its death.
 */
static void
test_as_fast_as_its_birth(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin_again(&s);
	birth = story_birth(&s, LONE, 311);
	story_run(&s, 311, LONE);
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_fork(&s, 311, 312);
	story_told(&s, "end 311=none fork 311<30 exec 311 fork 312<311");
	story_end(&s);
}

/* Both did something before the birth was read: its call parts the two. */
static void
test_both_are_faster_than_its_birth(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin_again(&s);
	story_run(&s, 311, LONE);
	story_pass(&s, 20);
	birth = story_birth(&s, LONE, 311);
	story_pass(&s, 4);
	story_run(&s, 311, LONE);
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_fork(&s, LONE, 312);
	story_told(&s, "exec 311 end 311=none fork 311<30 exec 311 "
		       "fork 312<30");
	story_end(&s);
}

/* Its parent is known to have gone on: there is nothing to be waited for. */
static void
test_its_parent_was_read_before(void **state)
{
	struct story s;
	struct fact exec;

	(void)state;
	begin_again(&s);
	exec = story_fact(&s, FACT_EXEC, 311, LONE);
	exec.exec.success = true;
	story_fork(&s, LONE, 312);
	story_told(&s, "fork 312<30");
	story_give(&s, &exec);
	story_told(&s, "exec 311");
	story_end(&s);
}

/* Of who leaves in the tick in which its number is given away that is known. */
static void
test_both_leave_in_the_tick_of_a_birth(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin_again(&s);
	birth = story_birth(&s, LONE, 311);
	story_leave(&s, 311, LONE, 5);
	story_leave(&s, 311, LONE, 6);
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_pass(&s, 20);
	story_fork(&s, LONE, 311);
	story_leave(&s, 311, LONE, 7);
	story_pass(&s, 3000);
	story_told(&s,
	    "end 311=500? fork 311<30 end 311=600? fork 311<30 end 311=700?");
	story_end(&s);
}

/* The same of who crashes: what is logged after is not its own. */
static void
test_crashes_in_the_tick_of_a_birth(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin_again(&s);
	crash(&s, 311, SIGSEGV);
	birth = story_birth(&s, LONE, 311);
	story_leave(&s, 311, LONE, 6);
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_pass(&s, 3000);
	story_told(&s, "end 311=b? fork 311<30 end 311=600?");
	story_end(&s);
}

/*
 * Nobody's birth was to be read: that is known when their parent goes on, or it
 * bears itself, or late enough.
 */
static void
test_no_faster_than_its_birth(void **state)
{
	struct story s;

	(void)state;
	begin_again(&s);
	story_run(&s, 311, LONE);
	story_told(&s, "");
	story_fork(&s, LONE, 312);
	story_told(&s, "exec 311 fork 312<30");
	story_run(&s, 311, LONE);
	story_told(&s, "");
	story_fork(&s, 311, 313);
	story_told(&s, "exec 311 fork 313<311");
	story_run(&s, 311, LONE);
	story_pass(&s, 2000);
	story_told(&s, "exec 311");
	story_end(&s);
}

/*
 * Two of one number are born in one tick, and the second one's bearer waits; by
 * its own record it lived when the first one died, whose record names another
 * parent. In which order the births and what the second one did are read:
 */
static void
bear_two(const size_t *order, const char *told)
{
	struct story s;
	struct fact late, facts[5];

	begin(&s);
	late = story_birth(&s, SHELL, 309);
	facts[0] = story_birth(&s, 309, 310);
	facts[1] = story_birth(&s, 310, 311);
	facts[2] = story_exec(&s, 311, 310);
	facts[3] = story_birth(&s, OTHER, 311);
	facts[4] = story_exit(&s, FACT_EXIT_GROUP, 311, 3);
	facts[4].at.ms += 4;
	facts[4].ppid = 310;
	story_pass(&s, 1);
	story_account(&s, 311, OTHER, s.ms, SIGKILL);
	story_pass(&s, 4);
	story_account(&s, 311, 310, s.ms, 3 << 8);
	story_pass(&s, 60);
	story_account(&s, 310, 309, s.ms - 60, SIGKILL);
	for (size_t i = 0; i < 5; i++) {
		facts[order[i]].at.serial = ++s.serial;
		story_give(&s, &facts[order[i]]);
	}
	story_give(&s, &late);
	story_barrier(&s);
	story_told(&s, told);
	story_end(&s);
}

/* It is not whom the birth that is read first bore. */
static void
test_birth_by_who_outlived(void **state)
{
	static const size_t order[] = {0, 1, 2, 3, 4};

	(void)state;
	bear_two(order, "fork 311<20 fork 309<10 fork 310<309 end 311=9 "
			"fork 311<310 exec 311 end 311=300 end 310=9");
}

/* Nor who did that. */
static void
test_exec_by_whose_parent_outlived(void **state)
{
	static const size_t order[] = {0, 2, 3, 1, 4};

	(void)state;
	bear_two(order, "fork 311<20 fork 309<10 fork 310<309 end 311=9 "
			"fork 311<310 exec 311 end 311=300 end 310=9");
}

/*
 * The record names who bore in the same tick, and is given to a child of one
 * who lives: that one had the number next.
 */
static void
test_born_before_by_who_is_accounted(void **state)
{
	struct story s;
	struct fact late, own, other;

	(void)state;
	begin(&s);
	late = story_birth(&s, SHELL, 310);
	own = story_birth(&s, 310, 311);
	other = story_birth(&s, OTHER, 311);
	story_pass(&s, 1);
	story_account(&s, 311, OTHER, s.ms, SIGKILL);
	story_give(&s, &own);
	story_give(&s, &late);
	story_give(&s, &other);
	story_pass(&s, 8);
	story_run(&s, 311, 310);
	story_leave(&s, 311, 310, 3);
	story_account(&s, 311, 310, s.ms - 8, 3 << 8);
	story_barrier(&s);
	story_told(&s, "fork 310<10 fork 311<310 fork 311<20 end 311=9 "
		       "exec 311 end 311=300");
	story_end(&s);
}

/*
 * Two execs before a birth is read, the first one held of who had the number
 * before: they are told in their order.
 */
static void
test_two_execs_before_a_birth(void **state)
{
	struct story s;
	struct fact late, first, birth, execs[2], again;

	(void)state;
	begin(&s);
	late = story_birth(&s, SHELL, 309);
	first = story_birth(&s, 309, 310);
	birth = story_birth(&s, 310, 311);
	for (int i = 0; i < 2; i++) {
		execs[i] = story_exec(&s, 311, OTHER);
		execs[i].at.ms += 4;
	}
	execs[1].exec.args.bytes = (struct bytes){"vi", 3};
	execs[1].exec.args.count = execs[1].exec.args.argc = 1;
	again = story_birth(&s, OTHER, 311);
	again.at.ms += 4;
	story_pass(&s, 5);
	story_account(&s, 311, 310, s.ms, SIGKILL);
	story_pass(&s, 1);
	story_account(&s, 311, OTHER, s.ms, SIGTERM);
	story_give(&s, &first);
	story_give(&s, &execs[0]);
	story_give(&s, &birth);
	story_give(&s, &execs[1]);
	story_give(&s, &again);
	story_give(&s, &late);
	story_told(&s, "fork 309<10 fork 310<309 fork 311<310");
	story_barrier(&s);
	story_told(&s, "end 311=9 fork 311<20 exec 311 exec 311 end 311=f");
	assert_string_equal(s.args, "vi");
	story_end(&s);
}

/*
 * All threads of one left together, and the next one has threads, too: what
 * these do is read before the birth that was logged before, and none of it is
 * of who was before.
 */
static void
test_threads_of_the_next(void **state)
{
	struct story s;
	struct fact f, birth;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 311);
	start_thread(&s, 311, 312);
	story_pass(&s, 100);
	story_leave(&s, 311, SHELL, 5);
	f = story_record(&s, 311, SHELL, s.ms - 100, 0x500);
	f.acct.read_ms = s.ms + 8;
	f.acct.unwritten_ms = s.ms + 1;
	story_give(&s, &f);
	s.ms += 4;
	birth = story_birth(&s, SHELL, 311);
	s.ms += 4;
	f = clone3_by(&s, 311, 313);
	f.ppid = SHELL;
	story_give(&s, &f);
	story_thread_leaves(&s, 311, SHELL, 0);
	story_give(&s, &birth);
	story_barrier(&s);
	story_pass(&s, 3000);
	story_told(&s, "fork 311<10 end 311=500 fork 311<10");
	story_end(&s);
}

/*
 * A thread's number was given on before its birth was logged: who had done
 * something by then, or does something after, still had it.
 */
static void
logged_while_another_had_it(bool exec)
{
	struct story s;
	struct fact late, birth, thread, f;

	begin(&s);
	late = story_birth(&s, SHELL, 30);
	thread = clone3_by(&s, OTHER, 311);
	s.ms += 40;
	birth = clone3_by(&s, 30, 311);
	s.ms += 8;
	if (exec)
		story_run(&s, 311, 30);
	else
		story_give(&s, &birth);
	thread.at.serial = ++s.serial;
	story_give(&s, &thread);
	it_is_gone(&s, OTHER, 311);
	if (exec) {
		birth.at.serial = ++s.serial;
		story_give(&s, &birth);
	}
	f = story_record(&s, 311, 30, s.ms - 8, 0x500);
	f.acct.read_ms = s.ms + 8;
	f.acct.unwritten_ms = s.ms + 1;
	story_give(&s, &f);
	story_leave(&s, 311, 30, 5);
	story_give(&s, &late);
	story_pass(&s, 8);
	story_barrier(&s);
	for (int i = 0; i < 3; i++)
		story_pass(&s, 1000);
	story_told(&s, exec ? "fork 30<10 fork 311<30 exec 311 end 311=500"
			    : "fork 30<10 fork 311<30 end 311=500");
	story_end(&s);
}

static void
test_logged_while_another_had_it(void **state)
{
	(void)state;
	logged_while_another_had_it(true);
	logged_while_another_had_it(false);
}

/*
 * Two threads of one bore by one number, and the call that was entered first
 * came back last: who of both left is not known, and what has a record proves
 * nothing.
 */
static void
test_borne_by_two_threads(void **state)
{
	struct story s;
	struct fact f, first, second, exit;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 30);
	start_thread(&s, 30, 33);
	story_told(&s, "fork 30<10");
	first = story_birth(&s, 30, 311);
	s.ms += 4;
	second = story_birth(&s, 30, 311);
	exit = story_exit(&s, FACT_EXIT_GROUP, 311, 0);
	exit.ppid = 30;
	for (int i = 0; i < 2; i++) {
		s.ms += 20;
		f = story_record(&s, 311, 30, s.ms - 8, i == 0 ? 0 : SIGHUP);
		f.acct.elapsed_cs = i;
		f.acct.unwritten_ms = s.ms - 16;
		story_give(&s, &f);
	}
	story_give(&s, &exit);
	second.at.serial = ++s.serial;
	story_give(&s, &second);
	first.at.serial = ++s.serial;
	story_give(&s, &first);
	story_barrier(&s);
	for (int i = 0; i < 4; i++)
		story_pass(&s, 1000);
	story_told(&s, "fork 311<30 end 311=0? fork 311<30 end 311=1?");
	story_end(&s);
}

/* A crash names no parent: it is not of who left nothing but a record. */
static void
test_crash_of_who_is_expected(void **state)
{
	struct story s;
	struct fact f, late, birth, crashed;

	(void)state;
	begin(&s);
	f = story_record(&s, 311, OTHER, s.ms - 5000, SIGSEGV);
	f.acct.read_ms = s.ms + 100;
	story_give(&s, &f);
	s.ms += 40;
	late = story_birth(&s, SHELL, 30);
	birth = story_birth(&s, 30, 311);
	s.ms += 8;
	crashed = story_fact(&s, FACT_ABEND, 311, -1);
	crashed.signal = SIGSEGV;
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_give(&s, &crashed);
	s.ms += 8;
	story_give(&s, &late);
	f = story_record(&s, 311, 30, s.ms - 16, SIGSEGV);
	f.acct.unwritten_ms = s.ms - 4;
	story_give(&s, &f);
	story_pass(&s, 100);
	story_barrier(&s);
	for (int i = 0; i < 6; i++)
		story_pass(&s, 1000);
	story_told(&s, "fork 30<10 ~fork 311<20 end 311=b fork 311<30 "
		       "end 311=b");
	assert_int_equal(s.last.sources, SOURCE_AUDIT | SOURCE_ACCT);
	story_end(&s);
}

/*
 * The birth of one got lost, and his parent's number is another one's by the
 * time when nobody waits for it any more, who may wait himself: the parent is
 * who had it then.
 */
static void
parent_had_the_number_then(bool waits, const char *told)
{
	struct story s;
	struct fact birth, fork, deed;
	struct uuid id;

	story_begin_shell(&s, true);
	story_fork(&s, SHELL, 20);
	story_told(&s, "fork 20<10");
	id = s.last.process.id;
	story_pass(&s, 20);
	deed = story_birth(&s, 30, 31);
	deed.birth.shape = BIRTH_THREAD;
	deed.ppid = 20;
	story_give(&s, &deed);
	story_pass(&s, 20);
	story_leave(&s, 20, SHELL, 0);
	story_account(&s, 20, SHELL, s.ms - 40, 0);
	birth = story_birth(&s, SHELL, 15);
	if (!waits)
		story_give(&s, &birth);
	story_pass(&s, 40);
	fork = story_birth(&s, 15, 20);
	fork.ppid = SHELL;
	story_give(&s, &fork);
	story_run(&s, 20, 15);
	story_pass(&s, story_usual.lateness_ms - 40);
	if (waits)
		story_give(&s, &birth);
	story_told(&s, told);
	assert_memory_equal(&s.inferred.parent.id, &id, sizeof(id));
	story_end(&s);
}

static void
test_parent_had_the_number_then(void **state)
{
	(void)state;
	parent_had_the_number_then(
	    true, "~fork 30<20 end 20=0 fork 15<10 fork 20<15 exec 20");
	parent_had_the_number_then(
	    false, "fork 15<10 ~fork 30<20 end 20=0 fork 20<15 exec 20");
}

/*
 * Without accounting: an exit has the tick in which the next one was called
 * for, and is read before that. Logged after it, it is that one's.
 */
static void
test_exit_after_the_birth_in_one_tick(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	story_begin_shell(&s, false);
	story_fork(&s, SHELL, 20);
	for (int i = 0; i < 2; i++) {
		story_pass(&s, 8);
		story_fork(&s, 20, 30);
	}
	story_pass(&s, 8);
	birth = story_birth(&s, 20, 30);
	story_leave(&s, 30, 20, 3);
	story_give(&s, &birth);
	story_pass(&s, 4 * story_usual.lateness_ms);
	story_told(&s, "fork 20<10 fork 30<20 end 30=none fork 30<20 "
		       "end 30=none fork 30<20 end 30=300?");
	story_end(&s);
}

/*
 * Two are accounted before anything else is read of them: what the second one
 * did names his parent, who lives, as far as is known.
 */
static void
test_exec_by_whose_parent_lives(void **state)
{
	struct story s;
	struct fact late, own, run, left;

	(void)state;
	begin(&s);
	late = story_birth(&s, OTHER, 311);
	story_pass(&s, 4);
	story_account(&s, 311, OTHER, s.ms, SIGKILL);
	own = story_birth(&s, SHELL, 311);
	run = story_exec(&s, 311, SHELL);
	story_pass(&s, 8);
	left = story_exit(&s, FACT_EXIT_GROUP, 311, 3);
	left.ppid = SHELL;
	story_account(&s, 311, SHELL, s.ms - 8, 3 << 8);
	late.at.serial = ++s.serial;
	story_give(&s, &run);
	story_give(&s, &left);
	story_give(&s, &late);
	story_give(&s, &own);
	story_barrier(&s);
	story_pass(&s, 4 * story_usual.lateness_ms);
	story_told(&s, "fork 311<20 end 311=9 fork 311<10 exec 311 "
		       "end 311=300");
	story_end(&s);
}

/*
 * Both numbers are used again, of who bears and of who is born: what the next
 * one did was logged before the record of its birth was, and names who has the
 * number of its parent by then, not who had it before, and had left.
 */
static void
test_faster_than_its_birth_by_the_next(void **state)
{
	struct story s;
	struct fact stream[8], records[4];

	(void)state;
	begin(&s);
	stream[0] = story_birth(&s, SHELL, 311);
	stream[1] = story_birth(&s, 311, 312);
	story_pass(&s, 4);
	stream[2] = story_exec(&s, 312, 311);
	stream[3] = story_exit(&s, FACT_EXIT_GROUP, 311, 3);
	stream[3].ppid = SHELL;
	records[0] = story_record(&s, 311, SHELL, s.ms - 4, 3 << 8);
	records[1] = story_record(&s, 312, 1, s.ms - 4, SIGINT);
	story_pass(&s, 20);
	stream[4] = story_birth(&s, OTHER, 311);
	story_pass(&s, 4);
	stream[5] = story_exit(&s, FACT_EXIT_GROUP, 312, 0);
	stream[5].ppid = 311;
	stream[6] = story_birth(&s, 311, 312);
	stream[7] = story_exit(&s, FACT_EXIT_GROUP, 311, 4);
	stream[7].ppid = OTHER;
	records[2] = story_record(&s, 312, 311, s.ms, 0);
	records[3] = story_record(&s, 311, OTHER, s.ms - 4, 4 << 8);
	story_pass(&s, 4);
	for (size_t i = 0; i < 4; i++) {
		records[i].acct.read_ms = s.ms;
		story_give(&s, &records[i]);
	}
	for (size_t i = 0; i < 8; i++)
		story_give(&s, &stream[i]);
	story_barrier(&s);
	story_told(&s, "fork 311<10 fork 312<311 exec 312 end 311=300 "
		       "end 312=2 fork 311<20 fork 312<311 end 312=0 "
		       "end 311=400");
	story_end(&s);
}

/*
 * Whoever of two of one number bore it, in the tick in which the number was
 * given on: its record names another parent, for that one died before it did,
 * and the next one, who is taken for its parent, lived. It is its own all the
 * same.
 */
static void
test_record_of_whose_parent_is_in_doubt(void **state)
{
	struct story s;
	struct fact birth, record;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 311);
	story_pass(&s, 4);
	birth = story_birth(&s, 311, 312);
	birth.ppid = SHELL;
	record = story_record(&s, 311, SHELL, s.ms - 4, SIGTERM);
	record.acct.read_ms = s.ms + 4;
	reconcile_fact(s.r, &record, s.now);
	story_give(&s, &birth);
	story_fork(&s, SHELL, 311);
	story_leave(&s, 312, 311, 2);
	record = story_record(&s, 312, 1, s.ms, 2 << 8);
	record.acct.read_ms = s.ms + 80;
	reconcile_fact(s.r, &record, s.now);
	story_pass(&s, 4);
	reconcile_heard(s.r, s.ms, s.now);
	story_pass(&s, 56);
	story_leave(&s, 311, SHELL, 5);
	record = story_record(&s, 311, SHELL, s.ms - 60, 5 << 8);
	record.acct.read_ms = s.ms + 20;
	record.acct.offset = 1;
	reconcile_fact(s.r, &record, s.now);
	story_barrier(&s);
	story_told(&s, "fork 311<10 end 311=f fork 311<10 fork 312<311 "
		       "end 311=500");
	story_pass(&s, 60);
	story_fork(&s, SHELL, 312);
	story_barrier(&s);
	story_told(&s, "end 312=200 fork 312<10");
	story_end(&s);
}

/*
 * Two are born in one tick, and nobody knows who had the number first: he did
 * nothing, and what was done since is of a child of the other one's parent.
 */
static void
silent_in_one_tick(bool acct, const char *want)
{
	struct story s;
	struct fact birth;

	story_begin(&s, acct);
	story_found(&s, SHELL);
	story_found(&s, OTHER);
	story_pass(&s, 100);
	birth = story_birth(&s, SHELL, 310);
	story_run(&s, 310, SHELL);
	story_fork(&s, 310, 311);
	story_fork(&s, OTHER, 311);
	story_pass(&s, 4);
	story_run(&s, 311, 310);
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_run(&s, 310, SHELL);
	story_pass(&s, 8);
	story_leave(&s, 311, 310, 3);
	story_leave(&s, 310, SHELL, 4);
	story_pass(&s, 4 * story_usual.lateness_ms);
	story_told(&s, want);
	story_end(&s);
}

static void
test_silent_in_one_tick(void **state)
{
	(void)state;
	silent_in_one_tick(false,
	    "fork 311<20 end 311=none fork 310<10 exec 310 "
	    "fork 311<310 exec 310 exec 311 end 310=400? end 311=300?");
	silent_in_one_tick(true,
	    "fork 311<20 end 311=none fork 310<10 exec 310 "
	    "fork 311<310 exec 311 exec 310 end 311=300? end 310=400?");
}

/*
 * In a replay a record alone is taken for that of who is heard of first, though
 * clone3 bore somebody before whose it may be: of that one it is, where all
 * that is done since is one life's, which has a record of its own.
 */
static void
test_record_of_the_undecided_one_before(void **state)
{
	struct story s;
	struct fact f;
	int64_t ms;

	(void)state;
	story_begin(&s, true);
	story_run(&s, SHELL, 1);
	story_pass(&s, story_usual.lateness_ms);
	story_told(&s, "~fork 10<0 exec 10");
	ms = s.ms;
	f = story_record(&s, 311, 1, s.ms, SIGTERM);
	f.acct.read_ms = s.ms + 200;
	reconcile_fact(s.r, &f, s.now);
	f = clone3_by(&s, 310, 311);
	story_give(&s, &f);
	story_pass(&s, 32);
	story_run(&s, 311, 320);
	story_fork(&s, 320, 311);
	story_pass(&s, 8);
	story_run(&s, 311, 320);
	story_pass(&s, 8);
	f = story_record(&s, 311, 320, s.ms - 16, SIGSEGV);
	f.acct.read_ms = s.ms + 152;
	reconcile_fact(s.r, &f, s.now);
	crash(&s, 311, SIGSEGV);
	for (int32_t pid = 310; pid <= 320; pid += 10) {
		f = story_birth(&s, SHELL, pid);
		f.at.ms = ms;
		story_give(&s, &f);
	}
	story_pass(&s, 200);
	story_barrier(&s);
	story_pass(&s, story_usual.lateness_ms);
	story_told(&s, "fork 310<10 fork 320<10 fork 311<310 end 311=f "
		       "fork 311<320 exec 311 exec 311 end 311=b");
	story_end(&s);
}

/*
 * Two of one number bear somebody of one number, in a tick: what the first
 * child did names the second bearer, too, and its record none of them.
 */
static void
test_borne_by_two_of_one_number(void **state)
{
	struct story s;
	struct fact late[2], births[2], run, left, gone;

	(void)state;
	begin(&s);
	late[0] = story_birth(&s, SHELL, 310);
	births[0] = story_birth(&s, 310, 311);
	run = story_exec(&s, 311, 310);
	left = story_exit(&s, FACT_EXIT_GROUP, 311, 3);
	left.ppid = 310;
	gone = story_exit(&s, FACT_EXIT_GROUP, 310, 4);
	gone.ppid = SHELL;
	story_account(&s, 310, SHELL, s.ms, 4 << 8);
	story_account(&s, 311, 1, s.ms, 3 << 8);
	late[1] = story_birth(&s, SHELL, 310);
	births[1] = story_birth(&s, 310, 311);
	story_account(&s, 311, 310, s.ms, SIGKILL);
	story_account(&s, 310, SHELL, s.ms, SIGKILL);
	story_give(&s, &births[0]);
	story_give(&s, &run);
	story_give(&s, &left);
	story_give(&s, &gone);
	story_give(&s, &births[1]);
	story_give(&s, &late[0]);
	story_give(&s, &late[1]);
	story_barrier(&s);
	story_pass(&s, 4 * story_usual.lateness_ms);
	story_told(&s, "fork 310<10 fork 311<310 exec 311 end 311=300 "
		       "end 310=400 fork 310<10 fork 311<310 end 311=9 "
		       "end 310=9");
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parent_had_the_number_then),
	    cmocka_unit_test(test_exit_after_the_birth_in_one_tick),
	    cmocka_unit_test(test_of_another_parent),
	    cmocka_unit_test(test_births_by_who_is_named),
	    cmocka_unit_test(test_births_by_who_is_accounted),
	    cmocka_unit_test(test_born_before_by_who_is_accounted),
	    cmocka_unit_test(test_birth_by_who_outlived),
	    cmocka_unit_test(test_two_execs_before_a_birth),
	    cmocka_unit_test(test_exec_by_whose_parent_outlived),
	    cmocka_unit_test(test_exec_by_whose_parent_lives),
	    cmocka_unit_test(test_faster_than_its_birth_by_the_next),
	    cmocka_unit_test(test_record_of_whose_parent_is_in_doubt),
	    cmocka_unit_test(test_silent_in_one_tick),
	    cmocka_unit_test(test_record_of_the_undecided_one_before),
	    cmocka_unit_test(test_borne_by_two_of_one_number),
	    cmocka_unit_test(test_last_deeds_before_a_crash),
	    cmocka_unit_test(test_its_parent_went_on),
	    cmocka_unit_test(test_its_parent_went_on_after_others),
	    cmocka_unit_test(test_its_parent_has_threads),
	    cmocka_unit_test(test_record_after_undecided_births),
	    cmocka_unit_test(test_thread_left_before_the_next_birth),
	    cmocka_unit_test(test_canary_in_between),
	    cmocka_unit_test(test_canary_after_a_thread),
	    cmocka_unit_test(test_named_a_younger_parent),
	    cmocka_unit_test(test_deed_before_its_birth_is_read),
	    cmocka_unit_test(test_named_a_parent_of_a_namespaces_number),
	    cmocka_unit_test(test_ends_wait_but_a_while),
	    cmocka_unit_test(test_clock_that_ticks_late),
	    cmocka_unit_test(test_second_that_came_late),
	    cmocka_unit_test(test_record_of_another_parent),
	    cmocka_unit_test(test_deed_of_no_heir),
	    cmocka_unit_test(test_two_that_look_like_one),
	    cmocka_unit_test(test_record_of_one_long_before),
	    cmocka_unit_test(test_record_of_one_long_after),
	    cmocka_unit_test(test_births_in_order_of_records),
	    cmocka_unit_test(test_record_is_all_there_is),
	    cmocka_unit_test(test_record_after_the_next_birth),
	    cmocka_unit_test(test_record_of_what_nobody_said),
	    cmocka_unit_test(test_unheard_of_and_its_parent_lives),
	    cmocka_unit_test(test_thread_before_who_is_accounted),
	    cmocka_unit_test(test_record_of_whom_the_same_bears_yet),
	    cmocka_unit_test(test_named_another_than_the_undecided_one),
	    cmocka_unit_test(test_other_parent_before_the_birth),
	    cmocka_unit_test(test_threads_of_the_next),
	    cmocka_unit_test(test_logged_while_another_had_it),
	    cmocka_unit_test(test_borne_by_two_threads),
	    cmocka_unit_test(test_crash_of_who_is_expected),
	    cmocka_unit_test(test_silent_before_the_undecided_one),
	    cmocka_unit_test(test_record_that_the_undecided_one_may_have),
	    cmocka_unit_test(test_goes_on_after_the_undecided_one),
	    cmocka_unit_test(test_faster_than_its_birth),
	    cmocka_unit_test(test_as_fast_as_its_birth),
	    cmocka_unit_test(test_both_are_faster_than_its_birth),
	    cmocka_unit_test(test_its_parent_was_read_before),
	    cmocka_unit_test(test_both_leave_in_the_tick_of_a_birth),
	    cmocka_unit_test(test_crashes_in_the_tick_of_a_birth),
	    cmocka_unit_test(test_no_faster_than_its_birth),
	    cmocka_unit_test(test_record_of_who_said_so),
	    cmocka_unit_test(test_child_of_the_next_by_its_record),
	    cmocka_unit_test(test_child_of_the_next),
	    cmocka_unit_test(test_birth_of_the_next_is_not_waited_for),
	    cmocka_unit_test(test_done_after_a_birth),
	    cmocka_unit_test(test_gone_and_reborn),
	    cmocka_unit_test(test_gone_before_it_was_written),
	    cmocka_unit_test(test_first_word_names_an_ancestor),
	    cmocka_unit_test(test_all_wait_at_once),
	    cmocka_unit_test(test_many_wait_and_each_has_its_record),
	    cmocka_unit_test(test_many_records_are_all_there_is),
	    cmocka_unit_test(test_record_of_the_undecided_one),
	    cmocka_unit_test(test_death_no_later_than_it_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
