/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers that may be threads': clone3's flags are in memory, and a thread's
 * number may be a process's a moment later. What the kernel guarantees is that
 * a thread's exit(2), or the exec that ended it, is queued before its number is
 * free (kernel/exit.c, do_exit(); fs/exec.c, de_thread()), that nobody inherits
 * from who lives, and that every process has a birth record.
 */
#include "story_world.h"

#include <signal.h>

#define SHELL STORY_SHELL

/* A process with threads, and one that has none. */
#define POOL  11
#define OTHER 12

#define LATENESS 2000

static void
begin(struct story *s)
{
	story_begin_pair(s, POOL, OTHER);
}

static struct fact
clone3_by(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = story_birth(s, parent, child);

	f.ppid = SHELL;
	f.birth.shape = BIRTH_UNDECIDED;
	return f;
}

static void
clone3_of(struct story *s, int32_t child)
{
	struct fact f = clone3_by(s, POOL, child);

	story_give(s, &f);
}

static void
fork_of(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = story_birth(s, parent, child);

	f.ppid = SHELL;
	story_give(s, &f);
}

static void
answer(struct story *s, int32_t child, bool thread, bool gone)
{
	struct fact f = {.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = POOL,
	    .ppid = thread || gone ? -1 : POOL,
	    .task = {.child = child, .thread = thread, .gone = gone}};

	reconcile_fact(s->r, &f, s->now);
}

/* No thread has left that could have had the number: posix_spawn(3). */
static void
test_no_thread_has_left(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	story_run(&s, 13, POOL);
	story_told(&s, "fork 13<11 exec 13");
	/* vfork's: the exec is read before the birth */
	birth = clone3_by(&s, POOL, 14);
	story_run(&s, 14, POOL);
	story_give(&s, &birth);
	story_told(&s, "fork 14<11 exec 14");
	story_end(&s);
}

/* One has: only time tells, or a birth that is read yet. */
static void
test_a_thread_has_left(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	story_pass(&s, 8);
	story_thread_leaves(&s, POOL, SHELL, 0);
	story_run(&s, 13, POOL);
	story_told(&s, "");
	story_pass(&s, LATENESS);
	story_told(&s, "fork 13<11 exec 13");
	story_end(&s);
}

/* The same, and the number was free for another child of the same one. */
static void
test_reused_by_the_same(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	story_pass(&s, 8);
	story_thread_leaves(&s, POOL, SHELL, 0);
	story_pass(&s, 8);
	birth = story_birth(&s, POOL, 13);
	birth.ppid = SHELL;
	story_run(&s, 13, POOL);
	story_told(&s, "");
	story_give(&s, &birth);
	story_told(&s, "fork 13<11 exec 13");
	story_pass(&s, 2 * LATENESS);
	story_told(&s, "");
	story_end(&s);
}

/* An exec ends all threads but one. */
static void
test_exec_ended_it(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	story_pass(&s, 8);
	story_run(&s, POOL, SHELL);
	story_told(&s, "exec 11");
	birth = story_birth(&s, POOL, 13);
	birth.ppid = SHELL;
	story_run(&s, 13, POOL);
	story_told(&s, "");
	story_give(&s, &birth);
	story_told(&s, "fork 13<11 exec 13");
	story_end(&s);
}

/* Its child would have it as its parent, for it lives. */
static void
test_reused_by_another(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	birth = story_birth(&s, OTHER, 13);
	birth.ppid = SHELL;
	story_run(&s, 13, OTHER);
	story_told(&s, "");
	story_give(&s, &birth);
	story_told(&s, "fork 13<12 exec 13");
	story_end(&s);
}

/* The record of a thread's birth is read when its number is a process's. */
static void
test_birth_of_the_thread_is_late(void **state)
{
	struct story s;
	struct fact late;

	(void)state;
	begin(&s);
	late = clone3_by(&s, POOL, 13);
	story_pass(&s, 8);
	fork_of(&s, OTHER, 13);
	story_run(&s, 13, OTHER);
	story_told(&s, "fork 13<12 exec 13");
	story_give(&s, &late);
	story_pass(&s, 2 * LATENESS);
	story_told(&s, "");
	story_end(&s);
}

/*
 * A fork is entered, and takes long; a thread that is born meanwhile is over,
 * and its number is given to the fork's child: kernel/fork.c, copy_process()
 * copies memory first and then takes a number.
 */
static void
test_fork_takes_long(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	begin(&s);
	birth = story_birth(&s, OTHER, 13);
	birth.ppid = SHELL;
	story_pass(&s, 64);
	clone3_of(&s, 13);
	story_pass(&s, 8);
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_told(&s, "fork 13<12");
	f = story_exit(&s, FACT_EXIT_GROUP, 13, 3);
	f.ppid = OTHER;
	story_give(&s, &f);
	f = story_record(&s, 13, OTHER, birth.at.ms, 0x300);
	story_give(&s, &f);
	story_barrier(&s);
	story_told(&s, "end 13=300");
	story_end(&s);
}

/* Two births in one tick: the one whose record came first was first. */
static void
test_births_in_one_tick(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	fork_of(&s, OTHER, 13);
	story_told(&s, "fork 13<12");
	story_run(&s, 13, OTHER);
	story_told(&s, "exec 13");
	story_end(&s);
}

/* /proc looked ahead of the stream: who is a process now may be another. */
static void
test_proc_is_ahead(void **state)
{
	struct story s;
	struct reconcile_question q[4];

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	assert_int_equal(reconcile_questions(s.r, q, 4), 1);
	answer(&s, 13, false, false);
	story_told(&s, "");
	story_pass(&s, 8);
	story_thread_leaves(&s, POOL, SHELL, 0);
	fork_of(&s, POOL, 13);
	story_told(&s, "fork 13<11");
	story_pass(&s, 2 * LATENESS);
	story_told(&s, "");
	/* and a thread's number may have been a process's */
	clone3_of(&s, 14);
	assert_int_equal(reconcile_questions(s.r, q, 4), 1);
	answer(&s, 14, true, false);
	story_run(&s, 14, POOL);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 14<11 exec 14");
	story_end(&s);
}

/* Its number is nobody's by now, and nothing more is heard of it. */
static void
test_gone_without_a_word(void **state)
{
	struct story s;
	struct reconcile_question q[4];

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	assert_int_equal(reconcile_questions(s.r, q, 4), 1);
	answer(&s, 13, false, true);
	story_pass(&s, LATENESS);
	/* much later the number is another's, whose birth was lost */
	story_pass(&s, 60000);
	story_run(&s, 13, POOL);
	story_pass(&s, LATENESS);
	story_told(&s, "~fork 13<11 exec 13");
	story_end(&s);
}

/* While its claimant waits its bearer does not end. */
static void
test_bearer_waits(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	story_pass(&s, 8);
	story_thread_leaves(&s, POOL, SHELL, 0);
	story_run(&s, 13, POOL);
	f = story_exit(&s, FACT_EXIT_GROUP, POOL, 0);
	f.ppid = SHELL;
	story_give(&s, &f);
	f = story_record(&s, POOL, STORY_SHELL, s.ms - 8, 0);
	story_give(&s, &f);
	story_barrier(&s);
	story_told(&s, "");
	story_pass(&s, LATENESS);
	story_told(&s, "fork 13<11 exec 13 end 11=0");
	story_end(&s);
}

/*
 * Who had the number before the thread is not given the record of who has it
 * after: nothing is proven as long as its birth may be read yet.
 */
static void
test_record_of_the_next(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	fork_of(&s, OTHER, 13);
	f = story_exit(&s, FACT_EXIT_GROUP, 13, 0);
	f.ppid = OTHER;
	story_give(&s, &f);
	story_told(&s, "fork 13<12");
	story_pass(&s, 8);
	clone3_of(&s, 13);
	f = story_record(&s, 13, OTHER, s.ms, 0);
	f.acct.read_ms = s.ms + 20;
	story_give(&s, &f);
	story_pass(&s, 12);
	fork_of(&s, OTHER, 13);
	story_pass(&s, 12);
	story_barrier(&s);
	story_pass(&s, 2 * LATENESS);
	story_told(&s, "end 13=0? fork 13<12");
	story_end(&s);
}

/*
 * A lone thread that entered exit_group(2) has a record of that, or none: a
 * signal that won is pending as it is written (mm/filemap.c,
 * generic_perform_write()). So one of a signal is of who had the number next.
 */
static void
test_killed_while_it_left(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	fork_of(&s, OTHER, 13);
	story_pass(&s, 8);
	f = story_exit(&s, FACT_EXIT_GROUP, 13, 0);
	f.ppid = OTHER;
	story_give(&s, &f);
	story_told(&s, "fork 13<12");
	story_pass(&s, 8);
	f = story_record(&s, 13, OTHER, s.ms, SIGTERM);
	f.acct.read_ms = s.ms + 20;
	story_give(&s, &f);
	fork_of(&s, OTHER, 13);
	story_pass(&s, 28);
	story_barrier(&s);
	story_pass(&s, 2 * LATENESS);
	story_told(&s, "end 13=0? fork 13<12 end 13=f");
	story_end(&s);
}

/*
 * Its number is known to be another's, whose bearer waits: the record is that
 * one's, and is not lost with the thread.
 */
static void
test_record_of_the_expected(void **state)
{
	struct story s;
	struct fact late, f;
	int64_t born;

	(void)state;
	begin(&s);
	clone3_of(&s, 15);
	story_pass(&s, 8);
	late = story_birth(&s, OTHER, 14);
	late.ppid = SHELL;
	story_pass(&s, 8);
	born = s.ms;
	f = story_birth(&s, 14, 15);
	f.ppid = OTHER;
	story_give(&s, &f);
	f = story_record(&s, 15, 14, born, 0x300);
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT_GROUP, 15, 3);
	f.ppid = 14;
	story_give(&s, &f);
	story_told(&s, "");
	story_give(&s, &late);
	story_barrier(&s);
	story_told(&s, "fork 14<12 fork 15<14 end 15=300");
	story_end(&s);
}

/* Two forks: who was entered first takes longer, and has the number next. */
static void
test_two_forks_take_long(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	begin(&s);
	birth = story_birth(&s, OTHER, 13);
	birth.ppid = SHELL;
	story_pass(&s, 36);
	fork_of(&s, POOL, 13);
	story_pass(&s, 8);
	f = story_exit(&s, FACT_EXIT_GROUP, 13, 4);
	f.ppid = POOL;
	story_give(&s, &f);
	f = story_record(&s, 13, POOL, s.ms - 8, 0x400);
	story_give(&s, &f);
	birth.at.serial = ++s.serial;
	story_give(&s, &birth);
	story_pass(&s, 40);
	f = story_exit(&s, FACT_EXIT_GROUP, 13, 5);
	f.ppid = OTHER;
	story_give(&s, &f);
	f = story_record(&s, 13, OTHER, s.ms - 40, 0x500);
	story_give(&s, &f);
	story_barrier(&s);
	story_told(&s, "fork 13<11 end 13=400 fork 13<12 end 13=500");
	story_end(&s);
}

/*
 * Of three births the one whose child it is was entered first, and logged
 * second: vfork's call comes back when the child executes.
 */
static void
test_one_of_several(void **state)
{
	struct story s;
	struct fact spawn, f;

	(void)state;
	begin(&s);
	spawn = clone3_by(&s, OTHER, 13);
	story_pass(&s, 60);
	f = clone3_by(&s, SHELL, 13);
	f.ppid = 1;
	story_pass(&s, 50);
	clone3_of(&s, 13);
	spawn.at.serial = ++s.serial;
	story_give(&s, &spawn);
	f.at.serial = ++s.serial;
	story_give(&s, &f);
	story_pass(&s, 30);
	story_run(&s, 13, OTHER);
	story_told(&s, "fork 13<12 exec 13");
	story_end(&s);
}

/*
 * A child of clone3 dies in silence, and its bearer bears another one by its
 * number. None of its threads has left: the record is the first one's.
 */
static void
test_record_of_the_silent(void **state)
{
	struct story s;
	struct fact birth, f;
	int64_t born;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	born = s.ms;
	story_pass(&s, 28);
	birth = story_birth(&s, POOL, 13);
	birth.ppid = SHELL;
	story_pass(&s, 4);
	f = story_record(&s, 13, POOL, s.ms, 0xd);
	story_give(&s, &f);
	story_give(&s, &birth);
	story_pass(&s, 12);
	story_run(&s, 13, POOL);
	story_pass(&s, 240);
	f = story_exit(&s, FACT_EXIT_GROUP, 13, 0);
	f.ppid = POOL;
	story_give(&s, &f);
	f = story_record(&s, 13, POOL, born + 28, 0);
	story_give(&s, &f);
	story_barrier(&s);
	story_told(&s, "fork 13<11 end 13=d fork 13<11 exec 13 end 13=0");
	story_end(&s);
}

/*
 * One of its threads has left, and the other child is killed before it does
 * anything: the record is that one's.
 */
static void
test_record_after_a_thread(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	story_pass(&s, 8);
	story_thread_leaves(&s, POOL, SHELL, 0);
	story_pass(&s, 20);
	birth = story_birth(&s, POOL, 13);
	birth.ppid = SHELL;
	story_pass(&s, 4);
	f = story_record(&s, 13, POOL, s.ms, 0xd);
	story_give(&s, &f);
	story_give(&s, &birth);
	story_barrier(&s);
	story_told(&s, "fork 13<11 end 13=d");
	story_pass(&s, 2 * LATENESS);
	story_told(&s, "");
	story_end(&s);
}

/*
 * The parent's own parent was given away twice: to a subreaper, who inherited
 * the child as well, and then to init.
 */
static void
test_inherited_by_a_parent_since(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	story_fork(&s, OTHER, 13);
	story_fork(&s, 13, 14);
	story_fork(&s, 14, 15);
	f = clone3_by(&s, 15, 16);
	f.ppid = 14;
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT_GROUP, 13, 0);
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT_GROUP, 15, 0);
	story_give(&s, &f);
	story_run(&s, 14, OTHER);
	f = story_record(&s, 16, OTHER, s.ms, 9);
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT_GROUP, OTHER, 0);
	story_give(&s, &f);
	story_run(&s, 14, 1);
	story_told(&s, "fork 13<12 fork 14<13 fork 15<14 exec 14 exec 14");
	story_pass(&s, LATENESS);
	story_barrier(&s);
	story_told(&s, "fork 16<15 end 13=0? end 15=0? end 16=9");
	story_end(&s);
}

/* The same of one whose own birth is not known by then. */
static void
test_a_thread_of_one_who_waits(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	story_run(&s, 20, SHELL);
	story_pass(&s, 8);
	f = clone3_by(&s, 20, 13);
	story_give(&s, &f);
	story_thread_leaves(&s, 20, SHELL, 0);
	story_pass(&s, LATENESS / 2);
	story_run(&s, 13, 20);
	story_pass(&s, LATENESS / 2);
	story_told(&s, "~fork 20<10 exec 20");
	story_pass(&s, LATENESS / 2);
	story_told(&s, "fork 13<20 exec 13");
	story_end(&s);
}

/* seccomp killed one: no record says that its number is free. */
static void
test_seccomp_killed_it(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	story_pass(&s, 8);
	f = story_fact(&s, FACT_SECCOMP, POOL, SHELL);
	f.signal = SIGSYS;
	story_give(&s, &f);
	story_run(&s, 13, POOL);
	story_told(&s, "");
	story_pass(&s, LATENESS);
	story_told(&s, "fork 13<11 exec 13");
	story_end(&s);
}

/* /proc saw a thread; that it left is lost, and who has its number was killed.
 */
static void
test_seen_as_a_thread(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	answer(&s, 13, true, false);
	story_pass(&s, 100);
	story_account(&s, 13, POOL, s.ms, SIGKILL);
	fork_of(&s, POOL, 13);
	story_barrier(&s);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 13<11 end 13=9");
	story_end(&s);
}

/*
 * ppid= is read when a record is made: of two threads the one whose call is
 * logged later may have seen the parent that the other one had lost.
 */
static void
test_parent_seen_before(void **state)
{
	struct story s;
	struct fact first, late;

	(void)state;
	begin(&s);
	fork_of(&s, POOL, 13);
	first = story_birth(&s, 13, 14);
	first.ppid = POOL;
	first.birth.shape = BIRTH_THREAD;
	story_give(&s, &first);
	late = story_birth(&s, 13, 16);
	late.ppid = POOL;
	story_leave(&s, POOL, SHELL, 0);
	first = story_birth(&s, 13, 15);
	first.ppid = 1;
	story_give(&s, &first);
	late.at.serial = ++s.serial;
	story_give(&s, &late);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 13<11 fork 15<13 fork 16<13 end 11=0?");
	story_end(&s);
}

/* exit(2) of the only thread ends all: what comes next did another one. */
static void
test_only_thread_left(void **state)
{
	struct story s;
	struct fact f;
	int64_t born;

	(void)state;
	begin(&s);
	born = s.ms;
	story_fork(&s, SHELL, 13);
	story_run(&s, 13, SHELL);
	story_leave_by(&s, FACT_EXIT, 13, SHELL, 3);
	story_account(&s, 13, SHELL, born, 0x300);
	story_leave(&s, 13, SHELL, 4);
	f = story_birth(&s, SHELL, 13);
	story_give(&s, &f);
	story_account(&s, 13, SHELL, born, 0x400);
	story_barrier(&s);
	story_told(&s, "fork 13<10 exec 13 end 13=300 fork 13<10 end 13=400");
	story_end(&s);
}

/* A record that may be of clone3's child is rather of who was born for sure. */
static void
test_record_of_who_was_born(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	clone3_of(&s, 14);
	answer(&s, 14, false, true);
	story_pass(&s, 40);
	f = story_record(&s, 14, SHELL, s.ms, 9);
	story_give(&s, &f);
	story_run(&s, 14, SHELL);
	story_fork(&s, SHELL, 14);
	story_barrier(&s);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 14<10 exec 14 end 14=9");
	story_end(&s);
}

/*
 * Of a parent whose own birth is read late: what its threads did later left the
 * number to nobody.
 */
static void
test_born_of_the_late(void **state)
{
	struct story s;
	struct fact birth, f;

	(void)state;
	story_begin_shell(&s, true);
	birth = story_birth(&s, SHELL, 20);
	story_run(&s, 20, SHELL);
	story_pass(&s, 8);
	f = clone3_by(&s, 20, 900);
	story_give(&s, &f);
	story_leave(&s, 900, 20, 3);
	story_thread_leaves(&s, 20, SHELL, 0);
	story_give(&s, &birth);
	story_told(&s, "fork 20<10 exec 20 fork 900<20");
	story_end(&s);
}

/*
 * The record of a kill is read, and two exits, before the next one is born, of
 * the last two threads or the last of one and the next one's: whose record got
 * lost is not known.
 */
static void
test_whose_exit_before_a_birth(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, SHELL, 311);
	story_pass(&s, 4);
	f = clone3_by(&s, 311, 320);
	story_give(&s, &f);
	story_pass(&s, 8);
	story_account(&s, 311, SHELL, s.ms, SIGKILL);
	story_leave(&s, 311, SHELL, 44);
	story_thread_leaves(&s, 311, SHELL, 44);
	story_fork(&s, SHELL, 311);
	story_pass(&s, 20);
	story_barrier(&s);
	reconcile_conclude(s.r, s.now);
	story_told(&s, "fork 311<10 end 311=9? fork 311<10 end 311=2c00?");
	story_end(&s);
}

/*
 * Who left by itself said so before its record was written: of what is held of
 * the one before, who said how it leaves twice, that is the other word, though
 * somebody had the number between the two, and was killed.
 */
static void
test_whose_word_before_two_births(void **state)
{
	struct story s;
	struct fact f, birth;

	(void)state;
	story_begin_shell(&s, true);
	birth = story_birth(&s, SHELL, 13);
	f = clone3_by(&s, 13, 14);
	story_give(&s, &f);
	story_pass(&s, 4);
	story_thread_leaves(&s, 13, SHELL, 50);
	story_account(&s, 13, SHELL, s.ms, 50 << 8);
	story_account(&s, 13, SHELL, s.ms, SIGKILL);
	story_account(&s, 13, SHELL, s.ms, 0);
	story_leave(&s, 13, SHELL, 0);
	story_barrier(&s);
	for (int i = 0; i < 2; i++) {
		f = story_birth(&s, SHELL, 13);
		f.at.ms -= 8;
		story_give(&s, &f);
	}
	story_give(&s, &birth);
	story_barrier(&s);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 13<10 end 13=3200? fork 13<10 end 13=9 "
		       "fork 13<10 end 13=0");
	story_end(&s);
}

/*
 * One who waits bears three by one number, the first by clone3, and all are
 * accounted before that is read. None of its threads has left: the first one
 * was a process, and what was done before the second is logged is not all of
 * that one.
 */
static void
test_first_of_three_is_undecided(void **state)
{
	struct story s;
	struct fact birth, facts[7];
	size_t n = 0;

	(void)state;
	story_begin_shell(&s, true);
	birth = story_birth(&s, SHELL, 20);
	facts[n++] = clone3_by(&s, 20, 30);
	facts[n++] = story_exec(&s, 30, 20);
	for (int i = 1; i <= 3; i++) {
		facts[n] = story_exit(&s, FACT_EXIT, 30, i);
		facts[n].at.ms += i == 3 ? 4 : 0;
		facts[n++].ppid = 20;
		if (i < 3) {
			facts[n] = story_birth(&s, 20, 30);
			facts[n++].ppid = SHELL;
		}
	}
	for (uint32_t i = 1; i <= 3; i++) {
		story_pass(&s, i == 3 ? 4 : 1);
		story_account(&s, 30, 20, s.ms, i << 8);
	}
	/* these calls come back when the children have left */
	for (size_t i = 3; i < n; i += 2) {
		facts[i].at.serial++;
		facts[i + 1].at.serial--;
	}
	for (size_t i = 0; i < n; i++) {
		static const size_t order[] = {0, 1, 2, 4, 3, 6, 5};

		story_give(&s, &facts[order[i]]);
	}
	story_barrier(&s);
	story_give(&s, &birth);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 20<10 fork 30<20 exec 30 end 30=100 fork 30<20 "
		       "end 30=200 fork 30<20 end 30=300");
	story_end(&s);
}

/*
 * The same of two, who leave in one tick: before it was known who they are the
 * second one's word looked like one of a thread of the first.
 */
static void
test_first_of_two_is_undecided(void **state)
{
	struct story s;
	struct fact birth, facts[4];

	(void)state;
	story_begin_shell(&s, true);
	birth = story_birth(&s, SHELL, 20);
	facts[0] = clone3_by(&s, 20, 30);
	facts[1] = story_exit(&s, FACT_EXIT, 30, 1);
	facts[2] = story_exit(&s, FACT_EXIT_GROUP, 30, 2);
	facts[3] = story_birth(&s, 20, 30);
	facts[1].ppid = facts[2].ppid = 20;
	facts[3].ppid = SHELL;
	for (uint32_t i = 1; i <= 2; i++) {
		story_pass(&s, 1);
		story_account(&s, 30, 20, s.ms, i << 8);
	}
	for (size_t i = 0; i < 4; i++)
		story_give(&s, &facts[i]);
	story_barrier(&s);
	story_give(&s, &birth);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 20<10 fork 30<20 end 30=100 fork 30<20 "
		       "end 30=200");
	story_end(&s);
}

/*
 * A thread of one who waits bears by clone3, another by a fork that was called
 * for before, and is logged when both children have left. A thread has left
 * meanwhile: the first child may be of either call, but the second one is of
 * the fork.
 */
static void
test_fork_after_clone3_takes_long(void **state)
{
	struct story s;
	struct fact birth, fork, other, left;

	(void)state;
	story_begin_shell(&s, true);
	birth = story_birth(&s, SHELL, 20);
	story_pass(&s, 20);
	fork = story_birth(&s, 20, 30);
	fork.ppid = SHELL;
	story_pass(&s, 40);
	left = story_exit(&s, FACT_EXIT, 20, 0);
	left.ppid = SHELL;
	other = clone3_by(&s, 20, 30);
	story_give(&s, &left);
	story_give(&s, &other);
	story_pass(&s, 20);
	story_run(&s, 30, 20);
	story_pass(&s, 40);
	story_leave(&s, 30, 20, 0);
	story_account(&s, 30, 20, s.ms - 50, 0);
	story_pass(&s, 20);
	story_leave(&s, 30, 20, 3);
	story_account(&s, 30, 20, s.ms, 0x300);
	fork.at.serial = ++s.serial;
	story_give(&s, &fork);
	story_barrier(&s);
	story_give(&s, &birth);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 20<10 fork 30<20 exec 30 end 30=0 fork 30<20 "
		       "end 30=300");
	story_end(&s);
}

/*
 * Two who wait bear by clone3. Whom the first one bears is born when the
 * other's child has left, whose record says that it was born after the call was
 * entered: that was first all the same.
 */
static void
test_born_when_another_has_left(void **state)
{
	struct story s;
	struct fact births[2], calls[2], killed;

	(void)state;
	story_begin_shell(&s, true);
	births[0] = story_birth(&s, SHELL, 20);
	births[1] = story_birth(&s, SHELL, 21);
	killed = story_birth(&s, SHELL, 30);
	story_pass(&s, 10);
	story_account(&s, 30, SHELL, s.ms, 9);
	story_pass(&s, 10);
	calls[0] = clone3_by(&s, 20, 30);
	story_pass(&s, 60);
	story_run(&s, 30, 21);
	calls[1] = clone3_by(&s, 21, 30);
	story_give(&s, &calls[1]);
	story_give(&s, &killed);
	story_pass(&s, 20);
	story_leave(&s, 30, 21, 0);
	story_account(&s, 30, 21, s.ms - 20, 0);
	calls[0].at.serial = ++s.serial;
	story_give(&s, &calls[0]);
	story_pass(&s, 40);
	story_run(&s, 30, 20);
	story_pass(&s, 40);
	story_leave(&s, 30, 20, 0);
	story_account(&s, 30, 20, s.ms - 60, 0);
	story_barrier(&s);
	story_give(&s, &births[0]);
	story_pass(&s, LATENESS / 2);
	story_give(&s, &births[1]);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 30<10 end 30=9 fork 20<10 fork 21<10 fork 30<21 "
		       "exec 30 end 30=0 "
		       "fork 30<20 exec 30 end 30=0");
	story_end(&s);
}

/*
 * By clone3 a thread, in the tick in which who bore it was killed and the
 * number given on: the next one, who is taken for who bore it, bears by the
 * same number again, and none of his threads left before. That proves nothing,
 * and what record is read by then is of a later one.
 */
static void
test_thread_of_who_had_the_bearers_number(void **state)
{
	struct story s;
	struct fact late, birth, record;

	(void)state;
	story_begin_shell(&s, true);
	story_pass(&s, 600);
	late = story_birth(&s, SHELL, 15);
	story_pass(&s, 32);
	fork_of(&s, 15, 20); /* who waits, and with it who comes next */
	story_pass(&s, 200);
	story_account(&s, 20, 15, s.ms - 200, SIGKILL);
	s.ms += 200; /* accounting is ahead of the stream */
	record = story_record(&s, 30, 20, s.ms - 100, 0);
	record.acct.order = story_order(&s);
	s.ms -= 200;
	story_give(&s, &record);
	birth = clone3_by(&s, 20, 30);
	story_give(&s, &birth);
	story_fork(&s, SHELL, 20);
	story_pass(&s, 24);
	birth = clone3_by(&s, 20, 30);
	story_give(&s, &birth);
	story_pass(&s, 26);
	story_thread_leaves(&s, 20, SHELL, 0);
	story_pass(&s, 50);
	birth = clone3_by(&s, 20, 30);
	story_give(&s, &birth);
	story_run(&s, 30, 20);
	story_pass(&s, 100);
	story_leave(&s, 30, 20, 0);
	story_give(&s, &late);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 15<10 fork 20<15 end 20=9 fork 20<10 "
		       "fork 30<20 exec 30 end 30=0");
	story_end(&s);
}

/* The same without accounting, and nobody told the birth of who had the
 * bearer's number. */
static void
test_thread_of_who_had_the_bearers_number_unaccounted(void **state)
{
	struct story s;
	struct fact birth;

	(void)state;
	story_begin_shell(&s, false);
	birth = clone3_by(&s, 20, 30);
	story_give(&s, &birth);
	story_fork(&s, SHELL, 20);
	story_pass(&s, 24);
	birth = clone3_by(&s, 20, 30);
	story_give(&s, &birth);
	story_pass(&s, 26);
	story_thread_leaves(&s, 20, SHELL, 0);
	story_pass(&s, 50);
	birth = clone3_by(&s, 20, 30);
	story_give(&s, &birth);
	story_run(&s, 30, 20);
	story_pass(&s, 100);
	story_leave(&s, 30, 20, 0);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 20<10 fork 30<20 exec 30 end 30=0?");
	story_end(&s);
}

/*
 * By clone3 a thread, of who had the bearer's number two lives before: of the
 * one in between no birth was read. Whoever names that number as his parent
 * later is no child of his, whatever else had the child's number meanwhile.
 */
static void
test_thread_of_who_had_the_number_long_before(void **state)
{
	struct story s;
	struct fact late[3], birth, record;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, SHELL, 16);
	late[0] = story_birth(&s, SHELL, 15);
	fork_of(&s, 15, 20); /* who waits, and with it who comes next */
	story_pass(&s, 100);
	birth = clone3_by(&s, 20, 30);
	story_give(&s, &birth);
	story_pass(&s, 50);
	story_leave(&s, 20, 15, 3);
	record = story_record(&s, 20, 15, s.ms - 150, 3 << 8);
	record.acct.read_ms += 800; /* it is not proven for so long */
	story_give(&s, &record);
	story_pass(&s, 50);
	late[2] = story_birth(&s, 16, 20);
	late[2].ppid = SHELL;
	story_run(&s, 20, 16);
	story_pass(&s, 50);
	story_leave(&s, 20, 16, 0);
	story_account(&s, 20, 16, s.ms - 50, 0);
	story_pass(&s, 50);
	late[1] = clone3_by(&s, 16, 30);
	story_pass(&s, 50);
	story_fork(&s, SHELL, 20);
	story_pass(&s, 50);
	s.ms += 100; /* accounting is ahead of the stream */
	record = story_record(&s, 30, 20, s.ms - 100, 0);
	record.acct.order = story_order(&s);
	s.ms -= 100;
	story_give(&s, &record);
	birth = clone3_by(&s, 20, 30);
	story_give(&s, &birth);
	story_run(&s, 30, 20);
	story_pass(&s, 100);
	story_leave(&s, 30, 20, 0);
	for (int i = 0; i < 3; i++)
		story_give(&s, &late[i]);
	story_pass(&s, LATENESS / 2);
	story_barrier(&s);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 16<10 fork 15<10 fork 20<15 end 20=300 "
		       "fork 20<16 exec 20 end 20=0 "
		       "fork 20<10 fork 30<20 exec 30 end 30=0");
	story_end(&s);
}

/*
 * The number of one whose threads all leave is given on, and who has it next
 * bears, in one tick; and what logged that is faster than what logs his own
 * birth.
 */
static void
test_birth_logged_after_all_leave(void **state)
{
	struct story s;
	struct fact late, f;

	(void)state;
	story_begin_shell(&s, true);
	late = story_birth(&s, SHELL, 15);
	fork_of(&s, 15, 20); /* who waits, and with it who comes next */
	story_pass(&s, 50);
	story_leave(&s, 20, 15, 1);
	story_account(&s, 20, 15, s.ms - 50, 1 << 8);
	story_pass(&s, 50);
	story_fork(&s, SHELL, 20);
	story_pass(&s, 50);
	f = clone3_by(&s, 20, 21);
	story_give(&s, &f);
	story_pass(&s, 50);
	story_leave(&s, 20, SHELL, 3);
	fork_of(&s, 20, 30);
	story_leave(&s, 30, 20, 0);
	story_fork(&s, SHELL, 20);
	story_account(&s, 20, SHELL, s.ms - 100, 3 << 8);
	story_account(&s, 30, 20, s.ms, 0);
	story_give(&s, &late);
	story_barrier(&s);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 15<10 fork 20<15 end 20=100 "
		       "fork 20<10 end 20=300 fork 20<10 "
		       "fork 30<20 end 30=0");
	story_end(&s);
}

/*
 * Without accounting: of whom clone3 bore in silence nothing tells but that who
 * bore him, none of whose threads left since, bears by his number again.
 */
static void
test_silent_and_borne_again(void **state)
{
	struct story s;

	(void)state;
	story_begin_shell(&s, false);
	story_fork(&s, SHELL, POOL);
	clone3_of(&s, 14);
	story_thread_leaves(&s, POOL, SHELL, 0);
	story_pass(&s, 8);
	clone3_of(&s, 13);
	story_pass(&s, 8);
	clone3_of(&s, 13);
	story_pass(&s, 8);
	fork_of(&s, POOL, 13);
	story_pass(&s, 2 * LATENESS);
	story_told(&s, "fork 11<10 fork 13<11 end 13=none fork 13<11 "
		       "end 13=none fork 13<11");
	story_end(&s);
}

/* The same in a replay, where its record may not be read by then. */
static void
test_silent_and_borne_again_in_a_replay(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, true);
	story_fork(&s, 1, POOL);
	story_pass(&s, LATENESS);
	story_told(&s, "~fork 1<0 fork 11<1");
	clone3_of(&s, 13);
	story_pass(&s, 8);
	fork_of(&s, POOL, 13);
	story_pass(&s, 2 * LATENESS);
	story_told(&s, "fork 13<11 end 13=none fork 13<11");
	story_end(&s);
}

/*
 * Of two threads the one that began may be slower: then the record lacks its
 * status, and has 0, which is not that of another's thread by that number.
 */
static void
test_record_without_status(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin_shell(&s, true);
	story_fork(&s, SHELL, POOL);
	story_fork(&s, SHELL, 20);
	story_told(&s, "fork 11<10 fork 20<10");
	f = story_record(&s, 20, SHELL, s.ms, 0);
	f.acct.unwritten_ms = s.ms + 7;
	f.acct.read_ms = s.ms + 12;
	f.acct.order = story_order(&s);
	story_give(&s, &f);
	f = clone3_by(&s, 20, 21);
	story_give(&s, &f);
	story_pass(&s, 4);
	story_leave(&s, 20, SHELL, 54);
	story_pass(&s, 8);
	clone3_of(&s, 20);
	story_barrier(&s);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "end 20=3600?");
	story_end(&s);
}

/*
 * In a replay a record may be read before what its process did, and be taken
 * for that of an earlier thread of the same one; another's stands between.
 */
static void
test_record_read_before_threads(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin(&s, true);
	story_fork(&s, 1, SHELL);
	story_pass(&s, LATENESS);
	story_told(&s, "~fork 1<0 fork 10<1");
	f = clone3_by(&s, 20, 30);
	story_give(&s, &f);
	story_pass(&s, 700);
	f = story_record(&s, 30, 20, s.ms, 3 << 8);
	f.acct.read_ms += 3000;
	story_give(&s, &f);
	story_fork(&s, SHELL, POOL);
	story_pass(&s, 52);
	clone3_of(&s, 30);
	story_pass(&s, 100);
	f = story_birth(&s, 20, 30);
	story_pass(&s, 8);
	story_leave(&s, 30, 20, 3);
	f.at.serial = ++s.serial;
	story_give(&s, &f);
	story_pass(&s, 2 * LATENESS);
	story_barrier(&s);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 11<10 ~fork 20<10 fork 30<20 end 30=300");
	story_end(&s);
}

/*
 * Another's thread may have had the number, too, by a call that was entered
 * long before: what was done under it says who bore who did that.
 */
static void
test_born_before_anothers_thread(void **state)
{
	struct story s;
	struct fact births[2], calls[3], left;

	(void)state;
	story_begin_shell(&s, true);
	births[0] = story_birth(&s, SHELL, 20);
	births[1] = story_birth(&s, SHELL, 21);
	story_pass(&s, 20);
	calls[0] = clone3_by(&s, 21, 30);
	story_pass(&s, 80);
	calls[1] = clone3_by(&s, 20, 30);
	story_give(&s, &calls[1]);
	story_pass(&s, 20);
	left = story_exit(&s, FACT_EXIT, 20, 0);
	left.ppid = SHELL;
	story_give(&s, &left);
	story_pass(&s, 20);
	calls[2] = story_birth(&s, 20, 30);
	calls[2].ppid = SHELL;
	story_pass(&s, 4);
	story_leave(&s, 30, 20, 3);
	story_pass(&s, 20);
	calls[0].at.serial = ++s.serial;
	calls[2].at.serial = ++s.serial;
	story_give(&s, &calls[0]);
	story_give(&s, &calls[2]);
	story_account(&s, 30, 20, s.ms - 24, 0x300);
	story_barrier(&s);
	story_give(&s, &births[0]);
	story_give(&s, &births[1]);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 20<10 fork 30<20 end 30=300 fork 21<10");
	story_end(&s);
}

/*
 * The record of one with threads is read, and then one of these leaves, when a
 * brother calls for a thread that gets the number.
 */
static void
test_thread_leaves_before_a_brothers(void **state)
{
	struct story s;
	struct fact left, call;

	(void)state;
	begin(&s);
	story_fork(&s, SHELL, 30);
	story_told(&s, "fork 30<10");
	story_pass(&s, 20);
	call = clone3_by(&s, 30, 31);
	story_give(&s, &call);
	story_thread_leaves(&s, 30, SHELL, 0);
	story_pass(&s, 20);
	left = story_exit(&s, FACT_EXIT, 30, 0);
	left.ppid = SHELL;
	call = clone3_by(&s, OTHER, 30);
	story_pass(&s, 8);
	story_account(&s, 30, SHELL, s.ms - 30, 9);
	story_give(&s, &left);
	story_give(&s, &call);
	story_barrier(&s);
	story_pass(&s, 4 * LATENESS);
	story_told(&s, "end 30=9");
	story_end(&s);
}

/*
 * A thread had the number before, by a call that came back later, and was
 * entered later: so does one take long. /proc tells of who has it then, and of
 * that one's parent.
 */
static void
test_seen_as_anothers_child(void **state)
{
	struct story s;
	struct fact birth, call, seen, died;

	(void)state;
	begin(&s);
	birth = story_birth(&s, SHELL, 20);
	fork_of(&s, 20, 30);
	story_pass(&s, 16);
	call = clone3_by(&s, POOL, 30);
	story_give(&s, &call);
	seen = (struct fact){.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = POOL,
	    .ppid = 20,
	    .task = {.child = 30}};
	reconcile_fact(s.r, &seen, s.now);
	story_pass(&s, 104);
	story_leave(&s, 30, 20, 7);
	story_pass(&s, 76);
	died = story_record(&s, 30, 20, s.ms - 96, 7 << 8);
	died.acct.order = story_order(&s);
	story_give(&s, &died);
	story_barrier(&s);
	story_give(&s, &birth);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 20<10 fork 30<20 end 30=700");
	story_end(&s);
}

/*
 * /proc had nothing of the number, so that what is done under it since then is
 * of the next one, whose birth is logged last.
 */
static void
test_done_since_it_was_gone(void **state)
{
	struct story s;
	struct fact seen, fork;

	(void)state;
	begin(&s);
	clone3_of(&s, 13);
	story_pass(&s, 40);
	seen = (struct fact){.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = POOL,
	    .ppid = -1,
	    .task = {.child = 13, .gone = true, .seen_ms = s.ms}};
	reconcile_fact(s.r, &seen, s.now);
	story_pass(&s, 200);
	story_leave(&s, 13, POOL, 3);
	fork = story_birth(&s, POOL, 13);
	fork.ppid = SHELL;
	story_give(&s, &fork);
	story_pass(&s, 4);
	story_account(&s, 13, POOL, s.ms - 4, 3 << 8);
	story_barrier(&s);
	story_pass(&s, 8 * LATENESS);
	story_told(&s, "fork 13<11 end 13=300");
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_thread_has_left),
	    cmocka_unit_test(test_a_thread_has_left),
	    cmocka_unit_test(test_reused_by_the_same),
	    cmocka_unit_test(test_exec_ended_it),
	    cmocka_unit_test(test_reused_by_another),
	    cmocka_unit_test(test_birth_of_the_thread_is_late),
	    cmocka_unit_test(test_fork_takes_long),
	    cmocka_unit_test(test_births_in_one_tick),
	    cmocka_unit_test(test_proc_is_ahead),
	    cmocka_unit_test(test_gone_without_a_word),
	    cmocka_unit_test(test_bearer_waits),
	    cmocka_unit_test(test_record_of_the_next),
	    cmocka_unit_test(test_whose_exit_before_a_birth),
	    cmocka_unit_test(test_whose_word_before_two_births),
	    cmocka_unit_test(test_first_of_three_is_undecided),
	    cmocka_unit_test(test_first_of_two_is_undecided),
	    cmocka_unit_test(test_killed_while_it_left),
	    cmocka_unit_test(test_record_of_the_expected),
	    cmocka_unit_test(test_two_forks_take_long),
	    cmocka_unit_test(test_one_of_several),
	    cmocka_unit_test(test_record_of_the_silent),
	    cmocka_unit_test(test_record_after_a_thread),
	    cmocka_unit_test(test_inherited_by_a_parent_since),
	    cmocka_unit_test(test_a_thread_of_one_who_waits),
	    cmocka_unit_test(test_seccomp_killed_it),
	    cmocka_unit_test(test_seen_as_a_thread),
	    cmocka_unit_test(test_only_thread_left),
	    cmocka_unit_test(test_record_of_who_was_born),
	    cmocka_unit_test(test_parent_seen_before),
	    cmocka_unit_test(test_born_of_the_late),
	    cmocka_unit_test(test_fork_after_clone3_takes_long),
	    cmocka_unit_test(test_born_when_another_has_left),
	    cmocka_unit_test(test_seen_as_anothers_child),
	    cmocka_unit_test(test_done_since_it_was_gone),
	    cmocka_unit_test(test_birth_logged_after_all_leave),
	    cmocka_unit_test(test_thread_of_who_had_the_bearers_number),
	    cmocka_unit_test(test_thread_of_who_had_the_number_long_before),
	    cmocka_unit_test(
		test_thread_of_who_had_the_bearers_number_unaccounted),
	    cmocka_unit_test(test_silent_and_borne_again),
	    cmocka_unit_test(test_silent_and_borne_again_in_a_replay),
	    cmocka_unit_test(test_record_without_status),
	    cmocka_unit_test(test_record_read_before_threads),
	    cmocka_unit_test(test_born_before_anothers_thread),
	    cmocka_unit_test(test_thread_leaves_before_a_brothers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
