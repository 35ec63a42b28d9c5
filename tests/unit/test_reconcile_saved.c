/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lives over a restart: one reconciler ends, another goes on with what the
 * first one saved.
 */
#include "story_world.h"

#include <signal.h>
#include <stdlib.h>

#include "reconcile_saved.h"

/* When the first one stops, in ticks since boot. */
#define STOP_TICKS 5000

#define SAVED_MAX 8

/* What /proc shows of a process as story_run() leaves it. */
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

struct lives_saved {
	struct saved_life life[SAVED_MAX];
	size_t n;
};

static void
on_saved(void *ctx, const struct saved_life *life)
{
	struct lives_saved *saved = ctx;

	assert_true(saved->n < SAVED_MAX);
	saved->life[saved->n++] = *life;
}

/* Saves the lives; what they point to goes with the reconciler. */
static void
save(struct story *s, struct lives_saved *saved)
{
	size_t cursor = 0;

	saved->n = 0;
	reconcile_finish(s->r, s->now);
	while (reconcile_save(s->r, &cursor, on_saved, saved))
		continue;
}

static void
restore(struct reconcile *r, const struct saved_life *life)
{
	assert_true(reconcile_restore(r, life, STOP_TICKS, 0));
}

static int
by_number(const void *a, const void *b)
{
	const struct saved_life *x = a, *y = b;

	return x->number < y->number ? -1 : 1;
}

/* Is killed, and goes on an hour later. */
static void
restart(struct story *s)
{
	struct reconcile *before = s->r;
	struct lives_saved saved = {.n = 0};
	size_t cursor = 0;

	while (reconcile_save(before, &cursor, on_saved, &saved))
		continue;
	qsort(saved.life, saved.n, sizeof(saved.life[0]), by_number);
	story_renew(s, &story_usual, true);
	for (size_t i = 0; i < saved.n; i++)
		restore(s->r, &saved.life[i]);
	reconcile_free(before);
	s->now = 0;
	s->ms += 3600000;
}

/* A shell, 10, who was found, and its child 11, who runs ls. */
static void
begin_ls(struct story *s)
{
	story_begin(s, true);
	find(s, 10, 7);
	story_fork(s, 10, 11);
	story_run(s, 11, 10);
	story_told(s, "found 10 fork 11<10 exec 11");
}

static void
test_all_is_saved(void **state)
{
	struct story s;
	struct lives_saved saved;
	struct saved_life first;

	(void)state;
	begin_ls(&s);
	save(&s, &saved);
	assert_int_equal(saved.n, 2);
	first = saved.life[1];
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
	assert_memory_equal(&first.parent.id, &saved.life[0].id, 16);
	assert_true(bytes_equal(first.parent.name, BYTES_LITERAL("sh")));
	assert_true(
	    bytes_equal(first.parent.executable, BYTES_LITERAL("/bin/sh")));
	assert_int_equal(first.owner.creds.session, 1);
	assert_true(bytes_equal(first.name, BYTES_LITERAL("ls")));
	assert_true(bytes_equal(first.executable, BYTES_LITERAL("/bin/ls")));
	assert_int_equal(first.args.count, 2);
	assert_int_equal(saved.life[0].start, START_SNAPSHOT);
	assert_int_equal(saved.life[0].start_ticks, 7);
	story_end(&s);
}

/* What was restored is saved again as it was. */
static void
test_saved_twice(void **state)
{
	struct story s;
	struct lives_saved saved;
	struct saved_life one;
	struct reconcile *first;

	(void)state;
	begin_ls(&s);
	save(&s, &saved);
	one = saved.life[1];
	first = s.r;
	story_renew(&s, &story_usual, false);
	for (size_t i = 0; i < saved.n; i++)
		restore(s.r, &saved.life[i]);
	save(&s, &saved);
	assert_int_equal(saved.n, 2);
	assert_true(bytes_equal(saved.life[1].name, one.name));
	assert_true(bytes_equal(saved.life[1].executable, one.executable));
	assert_true(bytes_equal(saved.life[1].args.bytes, one.args.bytes));
	assert_true(bytes_equal(saved.life[1].parent.name, one.parent.name));
	assert_true(bytes_equal(
	    saved.life[1].parent.executable, one.parent.executable));
	assert_int_equal(saved.life[1].ppid, one.ppid);
	assert_memory_equal(&saved.life[1].id, &one.id, 16);
	assert_int_equal(saved.life[1].start, one.start);
	assert_int_equal(saved.life[1].birth.ms, one.birth.ms);
	assert_int_equal(saved.life[1].birth.serial, one.birth.serial);
	assert_int_equal(saved.life[1].first_ms, one.first_ms);
	assert_int_equal(saved.life[1].last_ms, one.last_ms);
	assert_memory_equal(&saved.life[1].parent.id, &one.parent.id, 16);
	assert_int_equal(saved.life[1].parent.start_ms, one.parent.start_ms);
	assert_memory_equal(
	    &saved.life[1].owner, &one.owner, sizeof(one.owner));
	/* Threads of the time in between nobody saw. */
	assert_false(one.evidence.threads);
	assert_true(saved.life[1].evidence.threads);
	story_told(&s, "");
	reconcile_free(first);
	story_end(&s);
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
	struct lives_saved saved = {.n = 0};
	size_t cursor = 0;

	(void)state;
	begin_ls(&s);
	story_fork(&s, 10, 12);
	story_leave(&s, 12, 10, 0);
	story_account(&s, 12, 1, s.ms, 0);
	story_fork(&s, 10, 13);
	story_leave(&s, 13, 10, 1);
	reconcile_hide(s.r, 14, 10, s.ms, s.now);
	story_run(&s, 15, 10);
	story_told(&s, "fork 12<10 end 12=0 fork 13<10");
	assert_true(reconcile_save(s.r, &cursor, on_saved, &saved));
	assert_int_equal(saved.n, 6);
	for (size_t i = 0; i < saved.n; i++) {
		assert_int_equal(saved.life[i].pid, want[i].pid);
		assert_int_equal(saved.life[i].state, want[i].state);
		assert_int_equal(saved.life[i].queue, want[i].queue);
		assert_int_equal(saved.life[i].hidden, want[i].pid == 14);
		assert_int_equal(
		    STAILQ_EMPTY(saved.life[i].held), want[i].pid != 15);
	}
	story_end(&s);
}

/* Each goes on where it was: nothing is told twice, nothing is forgotten. */
static void
test_states_go_on(void **state)
{
	struct story s;

	(void)state;
	begin_ls(&s);
	story_fork(&s, 10, 12);
	story_leave(&s, 12, 10, 0);
	story_account(&s, 12, 1, s.ms, 0);
	story_fork(&s, 10, 13);
	story_leave(&s, 13, 10, 1);
	story_run(&s, 15, 10);
	story_told(&s, "fork 12<10 end 12=0 fork 13<10");
	restart(&s);
	find(&s, 10, 7);
	find(&s, 15, 4000); /* the same that did the exec */
	story_told(&s, "");
	story_account(&s, 13, 1, T0, 0x100);
	story_barrier(&s);
	story_told(&s, "end 13=100");
	story_pass(&s, 1900);
	story_told(&s, "");
	story_pass(&s, 100);
	story_told(&s, "~fork 15<10 exec 15");
	assert_string_equal(s.name, "ls");
	story_gone(&s, 11);
	story_barrier(&s);
	story_told(&s, "end 11=none");
	story_pass(&s, 20000);
	story_told(&s, "");
	story_end(&s);
}

/* A record that comes late is of the life that is over, as before. */
static void
test_ended_absorb_after_a_restart(void **state)
{
	struct story s;

	(void)state;
	begin_ls(&s);
	story_leave(&s, 11, 10, 0);
	story_pass(&s, 1000);
	story_told(&s, "end 11=0?");
	restart(&s);
	find(&s, 11, 4000); /* is seen in /proc although it left */
	story_account(&s, 11, 1, T0, 0);
	story_barrier(&s);
	story_pass(&s, 20000);
	story_told(&s, "");
	story_end(&s);

	/* Unless another one has its number by now. */
	begin_ls(&s);
	story_leave(&s, 11, 10, 0);
	story_pass(&s, 1000);
	story_told(&s, "end 11=0?");
	restart(&s);
	find(&s, 11, STOP_TICKS + 1);
	story_told(&s, "found 11");
	story_end(&s);
}

static struct fact
clone3_of(struct story *s, int32_t parent, int32_t child)
{
	struct fact f = story_fact(s, FACT_BIRTH, parent, -1);

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
	story_give(&s, &f);
	f = clone3_of(&s, 10, 13);
	story_give(&s, &f);
	assert_int_equal(reconcile_questions(s.r, q, 1), 1);
	restart(&s);
	assert_int_equal(reconcile_questions(s.r, q, 4), 2);
	assert_int_equal(q[0].child, 12);
	assert_int_equal(q[1].child, 13);
	story_told(&s, "");
	find(&s, 13, 4000);
	story_told(&s, "fork 13<10");
	find(&s, 12, STOP_TICKS + 1); /* a thread had the number */
	story_told(&s, "found 12");
	reconcile_finish(s.r, s.now);
	story_told(&s, "");
	story_end(&s);
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
	story_told(&s, "");
	story_pass(&s, 10000);
	story_told(&s, "");
	story_leave(&s, 11, 10, 3);
	story_account(&s, 11, 1, T0, 0x300);
	story_barrier(&s);
	story_fork(&s, 10, 20);
	story_told(&s, "end 11=300 fork 20<10");
	story_leave(&s, 20, 10, 0);
	story_account(&s, 20, 1, s.ms, 0);
	story_told(&s, "end 20=0");
	story_end(&s);

	begin_ls(&s);
	restart(&s);
	find(&s, 11, 4000);
	story_leave(&s, 11, 10, 3);
	story_account(&s, 11, 1, T0, 0x300);
	story_barrier(&s);
	story_told(&s, "end 11=300");
	assert_memory_equal(&s.last.process.id, &before.process.id, 16);
	assert_memory_equal(&s.last.parent.id, &before.parent.id, 16);
	assert_int_equal(s.last.start, START_OBSERVED);
	assert_int_equal(s.last.process.start_ms, T0);
	assert_string_equal(s.args, "ls");
	story_end(&s);
}

/* Its ticks, once seen, decide; a second restart has them. */
static void
test_ticks_are_kept(void **state)
{
	struct story s;
	struct lives_saved saved;

	(void)state;
	begin_ls(&s);
	restart(&s);
	find(&s, 10, 7);
	find(&s, 11, 4000);
	restart(&s);
	find(&s, 10, 7);
	find(&s, 11, 4000);
	story_told(&s, "");
	save(&s, &saved);
	assert_int_equal(saved.life[1].start_ticks, 4000);
	restart(&s);
	find(&s, 11, 4001); /* older than the stop, but another one */
	story_pass(&s, 2000);
	story_told(&s, "end 11=none found 11");
	story_end(&s);
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
	story_told(&s, "");
	story_end(&s);

	begin_ls(&s);
	restart(&s);
	find(&s, 11, STOP_TICKS + 1);
	story_account(&s, 11, 1, T0, 9);
	story_told(&s, ""); /* both may have left it */
	story_pass(&s, 8);
	story_run(&s, 11, 1);
	story_told(&s, "end 11=9 found 11 exec 11");
	assert_memory_not_equal(&s.last.process.id, &id, 16);
	assert_int_equal(s.last.start, START_SNAPSHOT);
	story_end(&s);
}

/* The record of a death of the gap is read after /proc said that it is gone. */
static void
test_record_wins_over_gone(void **state)
{
	struct story s;
	struct fact record;

	(void)state;
	begin_ls(&s);
	restart(&s);
	find(&s, 10, 7);
	record = story_record(&s, 11, 1, T0, 9);
	story_gone(&s, 11);
	story_pass(&s, 1999);
	story_told(&s, "");
	record.acct.read_ms = s.ms;
	story_give(&s, &record);
	story_gone(&s, 11);
	story_told(&s, "");
	story_barrier(&s);
	story_told(&s, "end 11=9");
	assert_int_equal(s.last.sources, SOURCE_ACCT);
	assert_true(s.last.end.has_usage);
	story_pass(&s, 20000);
	story_told(&s, "");
	story_end(&s);
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
	story_gone(&s, 11);
	story_told(&s, "");
	story_barrier(&s);
	story_told(&s, "end 11=none");
	story_end(&s);
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
	story_account(&s, 11, 1, T0, 0x300);
	s.ms -= 1000;
	story_leave(&s, 11, 10, 3);
	story_told(&s, "");
	s.ms += 1000;
	story_barrier(&s);
	story_told(&s, "end 11=300");
	assert_int_equal(s.last.sources, SOURCE_AUDIT | SOURCE_ACCT);
	story_end(&s);
}

static void
check_end(
    struct story *s, const char *name, const char *executable, const char *args)
{
	story_leave(s, 11, 10, 0);
	story_account(s, 11, 1, T0, 0);
	story_barrier(s);
	story_told(s, "end 11=0");
	assert_string_equal(s->name, name != NULL ? name : "");
	assert_string_equal(
	    s->executable, executable != NULL ? executable : "");
	assert_string_equal(s->args, args);
	story_end(s);
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
	story_told(&s, "");
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
	story_account(&s, 11, 1, T0, 9);
	story_barrier(&s);
	story_told(&s, "end 11=9");
	assert_int_equal(s.last.creds.euid, 6);
	story_end(&s);
}

/* A crash was announced; whether it came true only accounting tells. */
static void
test_evidence_is_kept(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_ls(&s);
	f = story_fact(&s, FACT_ABEND, 11, 10);
	f.signal = 11;
	story_give(&s, &f);
	restart(&s);
	story_gone(&s, 11);
	story_barrier(&s);
	story_told(&s, "end 11=b?");
	assert_int_equal(s.last.nserials, 1);
	assert_int_equal(s.last.serials[0], f.at.serial);
	story_end(&s);
}

/* Two of the threads of 11 leave. */
static void
leave_one_by_one(struct story *s)
{
	struct fact f = story_birth(s, 11, 12);

	f.birth.shape = BIRTH_THREAD;
	story_give(s, &f);
	f.birth.child = 13;
	story_give(s, &f);
	story_thread_leaves(s, 11, 10, 5);
	story_thread_leaves(s, 11, 10, 6);
}

/* Both codes are known: one is that of the leader, who left before. */
static void
test_codes_are_kept(void **state)
{
	struct story s;

	(void)state;
	begin_ls(&s);
	leave_one_by_one(&s);
	story_leave(&s, 11, 10, 3);
	restart(&s);
	story_account(&s, 11, 10, T0, 5 << 8);
	story_barrier(&s);
	story_told(&s, "end 11=300");
	story_end(&s);
}

/* What was found to have executed another program left with none of them. */
static void
test_codes_of_before_the_gap(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin_ls(&s);
	leave_one_by_one(&s);
	restart(&s);
	f = in_proc(&s, 11, 4000);
	f.comm = BYTES_LITERAL("cat");
	f.exe = BYTES_LITERAL("/bin/cat");
	f.found.args.bytes = (struct bytes){"cat\0x", 6};
	reconcile_fact(s.r, &f, s.now);
	story_leave(&s, 11, 10, 3);
	story_account(&s, 11, 10, T0, 5 << 8);
	story_barrier(&s);
	story_told(&s, "end 11=300?");
	story_end(&s);
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
	story_told(&s, "");
	s.ms -= 500;
	story_fork(&s, 10, 20);
	s.ms += 500;
	story_run(&s, 20, 10);
	story_told(&s, "fork 20<10 exec 20");
	assert_int_equal(s.last.start, START_OBSERVED);
	story_end(&s);

	/* Seen once more before that: it is the same. */
	begin_ls(&s);
	restart(&s);
	f = in_proc(&s, 20, STOP_TICKS + 5);
	f.ppid = 10;
	f.found.start_ms = s.ms - 500;
	reconcile_fact(s.r, &f, s.now);
	restart(&s);
	reconcile_fact(s.r, &f, s.now);
	story_pass(&s, 2000);
	story_told(&s, "found 20");
	story_end(&s);

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
	story_fork(&s, 10, 20);
	s.ms += 5000;
	story_run(&s, 20, 10);
	story_pass(&s, 2000);
	story_told(&s, "found 20 exec 20");
	story_end(&s);
}

static void
test_refused(void **state)
{
	struct story s;
	struct reconcile_settings set = story_usual;
	struct saved_life life = {.number = 5,
	    .pid = 100,
	    .state = LIFE_ALIVE,
	    .born = true,
	    .birth = {T0, 1}};

	(void)state;
	story_begin(&s, true);
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
	story_told(&s, "");
	story_end(&s);
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
	story_told(&s, "end 10=none end 11=none");
	assert_int_equal(s.last.end.kind, END_RESTART);
	assert_int_equal(s.last.time_ms, stopped);
	assert_memory_equal(&s.last.process.id, &id, 16);
	assert_int_equal(reconcile_alive(s.r), 0);
	find(&s, 11, 7);
	story_told(&s, "found 11");
	story_end(&s);
}

static void
bear_first(struct story *s, int32_t pid)
{
	struct fact f = story_fact(s, FACT_BIRTH, 10, -1);

	f.birth.child = pid;
	f.birth.new_pidns = true;
	story_give(s, &f);
}

static void
reboot_of(struct story *s, int32_t pid, int32_t ppid)
{
	struct fact f = story_fact(s, FACT_EXIT, pid, ppid);

	f.reboot = 1;
	story_give(s, &f);
}

/* Who is the first of a pid namespace is known on, and who is in it. */
static void
test_first_of_a_namespace(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, true);
	find(&s, 10, 7);
	bear_first(&s, 400);
	story_fork(&s, 400, 2);
	story_run(&s, 401, 400);
	story_pass(&s, 8);
	story_run(&s, 400, 10);
	story_told(&s, "found 10 fork 400<10 exec 400 fork 401<400 exec 401");
	restart(&s);
	reconcile_reboots_told(s.r, true, TIME_UNKNOWN);
	find(&s, 10, 7);
	find(&s, 400, 4000);
	find(&s, 401, 4000);
	story_pass(&s, 20000); /* in the gap nobody rebooted it */
	reboot_of(&s, 401, 400);
	story_account(&s, 400, 10, T0, 9);
	story_barrier(&s);
	story_pass(&s, 2000);
	story_told(&s, "end 400=1");
	story_end(&s);
}

/* 400 is killed, and we, before it is known whether by a reboot. */
static void
kill_first_and_us(struct story *s)
{
	int64_t born;

	story_begin(s, true);
	reconcile_reboots_told(s->r, true, TIME_UNKNOWN);
	find(s, 10, 7);
	born = s->ms;
	bear_first(s, 400);
	story_pass(s, 100);
	story_account(s, 400, 10, born, SIGKILL);
	story_barrier(s);
	story_told(s, "found 10 fork 400<10");
	restart(s);
	reconcile_reboots_told(s->r, true, TIME_UNKNOWN);
	reconcile_gap(s->r, s->ms);
	find(s, 10, 7);
	story_gone(s, 400);
	story_barrier(s);
	story_pass(s, 2000);
	story_told(s, "");
}

/* Word of it may have been lost in the gap, or nothing was. */
static void
test_word_of_a_reboot_in_the_gap(void **state)
{
	struct story s;

	(void)state;
	kill_first_and_us(&s);
	reconcile_gap(s.r, TIME_UNKNOWN);
	story_pass(&s, 2000);
	story_told(&s, "end 400=9");
	story_end(&s);
	kill_first_and_us(&s);
	reconcile_lost(s.r, TIME_UNKNOWN, s.ms - 2000);
	reconcile_gap(s.r, TIME_UNKNOWN);
	story_pass(&s, 2000);
	story_told(&s, "end 400=9?");
	story_end(&s);
	/* nobody ever says */
	kill_first_and_us(&s);
	for (int i = 0; i < 5; i++)
		story_pass(&s, 2000);
	story_told(&s, "end 400=9?");
	story_end(&s);
}

/* It lived on, but may have been rebooted just before we saw that. */
static void
test_rebooted_at_the_end_of_the_gap(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, true);
	find(&s, 10, 7);
	bear_first(&s, 400);
	story_run(&s, 400, 10);
	story_told(&s, "found 10 fork 400<10 exec 400");
	restart(&s);
	reconcile_reboots_told(s.r, true, TIME_UNKNOWN);
	reconcile_gap(s.r, s.ms);
	find(&s, 10, 7);
	find(&s, 400, 4000);
	story_pass(&s, 100);
	story_account(&s, 400, 10, T0, SIGKILL);
	story_gone(&s, 400);
	story_barrier(&s);
	story_told(&s, "");
	reconcile_lost(s.r, TIME_UNKNOWN, s.ms - 100);
	reconcile_gap(s.r, TIME_UNKNOWN);
	story_pass(&s, 2000);
	story_told(&s, "end 400=9?");
	story_end(&s);
}

/* Its first child may have been born while nobody looked. */
static void
test_first_was_due(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin(&s, true);
	find(&s, 10, 7);
	f = story_fact(&s, FACT_NAMESPACE, 10, 1);
	f.new_pidns = true;
	story_give(&s, &f);
	restart(&s);
	find(&s, 10, 7);
	story_fork(&s, 10, 400);
	story_fork(&s, 400, 2);
	story_run(&s, 401, 400);
	story_pass(&s, 8);
	story_run(&s, 400, 10);
	reboot_of(&s, 401, 400);
	story_gone(&s, 400);
	story_barrier(&s);
	story_told(&s,
	    "found 10 fork 400<10 exec 400 fork 401<400 exec 401 end 400=none");
	story_end(&s);
}

/* 400 bears in its own pid namespace, and is dead before its child is seen:
 * whoever inherits is not known. */
static void
test_orphans_of_a_namespace(void **state)
{
	struct reconcile_past past;
	struct story s;

	(void)state;
	story_begin(&s, true);
	find(&s, 400, 7);
	story_fork(&s, 400, 2);
	assert_int_equal(reconcile_past(s.r).orphans_ms, TIME_UNKNOWN);
	story_leave(&s, 400, 1, 0);
	story_account(&s, 400, 1, s.ms - 1000, 0);
	story_barrier(&s);
	story_pass(&s, 20000);
	past = reconcile_past(s.r);
	assert_true(past.orphans_ms != TIME_UNKNOWN);
	reconcile_free(s.r);
	story_renew(&s, &story_usual, false);
	reconcile_restore_past(s.r, &past);
	assert_int_equal(reconcile_past(s.r).orphans_ms, past.orphans_ms);
	reconcile_new_boot(s.r, &s.ident, s.ms, s.now);
	assert_int_equal(reconcile_past(s.r).orphans_ms, TIME_UNKNOWN);
	story_end(&s);
}

/* Who bore the next of its number would have told that first. */
static void
test_doubt_is_kept(void **state)
{
	struct story s;
	int64_t born;

	(void)state;
	begin_ls(&s);
	story_pass(&s, 100);
	born = s.ms;
	story_fork(&s, 11, 12);
	story_account(&s, 12, 11, born, SIGKILL);
	story_run(&s, 12, 11);
	story_barrier(&s);
	story_told(&s, "fork 12<11");
	restart(&s);
	s.ms = born + 20;
	find(&s, 10, 7);
	find(&s, 11, 4000);
	story_run(&s, 11, 10); /* who knows what threads it had until then */
	story_told(&s, "exec 11");
	story_leave(&s, 11, 10, 0);
	story_told(&s, "exec 12 end 12=9");
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_is_saved),
	    cmocka_unit_test(test_orphans_of_a_namespace),
	    cmocka_unit_test(test_first_of_a_namespace),
	    cmocka_unit_test(test_first_was_due),
	    cmocka_unit_test(test_word_of_a_reboot_in_the_gap),
	    cmocka_unit_test(test_rebooted_at_the_end_of_the_gap),
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
	    cmocka_unit_test(test_codes_are_kept),
	    cmocka_unit_test(test_codes_of_before_the_gap),
	    cmocka_unit_test(test_born_meanwhile),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_another_boot),
	    cmocka_unit_test(test_doubt_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
