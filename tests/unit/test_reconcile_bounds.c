/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is given up because a table is full is counted: who tells of losses
 * looks at the counts.
 */
#include "story_world.h"

#include <sys/resource.h>

#define LOCALS       64    /* LOCALS_MAX of reconcile_local.c */
#define UNDECIDED    4096  /* UNDECIDED_MAX of reconcile_impl.h */
#define GRACE        16384 /* GRACE_MAX */
#define NUMBER_GRACE 64    /* NUMBER_GRACE_MAX */
#define CHILDREN     128   /* KIN_CHILDREN_MAX of reconcile_kin.h */
#define GROUP        32    /* GROUP_MAX of reconcile_records.c */
#define REMAINDERS   4096  /* LIVES_REMAINDERS of lives.h */
#define WAITING      256   /* WAITING_SCAN_MAX of reconcile_impl.h */
#define ANCESTRY     64    /* ANCESTRY_MAX */

#define CHAIN      10000
#define CHAIN_FROM 1000
/* What a test needs, and less than a level each. */
#define STACK_BYTES 524288

static const struct reconcile_counts *
counts(const struct story *s)
{
	return reconcile_counts(s->r);
}

static void
set_lives(struct story *s, size_t lives)
{
	struct reconcile_settings set = story_usual;

	set.lives = lives;
	reconcile_set(s->r, &set);
}

/* 400 is in another namespace: its children's numbers are low. */
static void
bear_locals(struct story *s, int n, enum birth_shape shape)
{
	for (int i = 0; i < n; i++) {
		struct fact f = story_birth(s, 400, 2);

		f.birth.shape = shape;
		story_give(s, &f);
	}
}

static void
test_local_births(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, true);
	story_found(&s, 400);
	bear_locals(&s, LOCALS, BIRTH_PROCESS);
	assert_int_equal(counts(&s)->locals_dropped, 0);
	bear_locals(&s, 3, BIRTH_UNDECIDED); /* threads, most likely */
	assert_int_equal(counts(&s)->locals_dropped, 0);
	assert_int_equal(counts(&s)->threads_dropped, 3);
	bear_locals(&s, 2, BIRTH_PROCESS);
	assert_int_equal(counts(&s)->locals_dropped, 2);
	assert_int_equal(counts(&s)->threads_dropped, 3);
	story_end(&s);

	story_begin(&s, true);
	story_found(&s, 400);
	bear_locals(&s, 1, BIRTH_PROCESS);
	bear_locals(&s, LOCALS, BIRTH_UNDECIDED);
	bear_locals(&s, LOCALS - 1, BIRTH_PROCESS);
	assert_int_equal(counts(&s)->locals_dropped, 0);
	assert_int_equal(counts(&s)->threads_dropped, LOCALS);
	story_end(&s);
}

/* Of more children than can be told apart nothing is known, which is counted.
 */
static void
test_children_in_a_namespace(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin(&s, true);
	story_found(&s, 400);
	bear_locals(&s, 1, BIRTH_PROCESS);
	for (int i = 0; i < CHILDREN; i++) {
		f = story_exec(&s, 1000 + i, 400);
		story_give(&s, &f);
	}
	assert_int_equal(counts(&s)->crowded, 0);
	f = story_exec(&s, 1000 + CHILDREN, 400);
	story_give(&s, &f);
	assert_int_equal(counts(&s)->crowded, 1);
	story_end(&s);
}

static void
bear_undecided(struct story *s, int n)
{
	for (int i = 0; i < n; i++) {
		struct fact f = story_birth(s, STORY_SHELL, 1000 + i);

		f.birth.shape = BIRTH_UNDECIDED;
		story_give(s, &f);
	}
}

static void
test_undecided_births(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, false);
	set_lives(&s, 100000);
	story_found(&s, STORY_SHELL);
	bear_undecided(&s, UNDECIDED);
	assert_int_equal(counts(&s)->undecided_dropped, 0);
	assert_int_equal(reconcile_alive(s.r), UNDECIDED + 1);
	story_end(&s);

	/* With accounting, a process that is over would be known by now. */
	for (int acct = 0; acct < 2; acct++) {
		story_begin(&s, acct == 1);
		set_lives(&s, 100000);
		story_found(&s, STORY_SHELL);
		bear_undecided(&s, UNDECIDED + 5);
		assert_int_equal(
		    counts(&s)->undecided_dropped, acct == 1 ? 0 : 5);
		assert_int_equal(reconcile_alive(s.r), UNDECIDED + 1);
		story_end(&s);
	}
}

/* Whoever else waits, a child is told before its parent's end. */
static void
test_child_behind_many(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	story_begin(&s, false);
	story_found(&s, 400);
	for (int i = 0; i < WAITING; i++) {
		f = story_exec(&s, 1000 + i, 5000 + i);
		story_give(&s, &f);
	}
	f = story_exec(&s, 401, 400);
	story_give(&s, &f);
	f = story_exit(&s, FACT_EXIT_GROUP, 400, 0);
	story_give(&s, &f);
	story_told(&s, "");
	story_end(&s);
}

/* Others may name a parent that is looked up where its own children are. */
static void
test_searches(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	for (int n = WAITING - 1; n <= WAITING; n++) {
		story_begin(&s, false);
		story_found(&s, 400);
		for (int i = 0; i < n; i++) {
			f = story_exec(&s, 1000 + i, 400 + REMAINDERS);
			story_give(&s, &f);
		}
		f = story_exec(&s, 401, 400);
		story_give(&s, &f);
		assert_int_equal(counts(&s)->searches_cut, 0);
		f = story_exit(&s, FACT_EXIT_GROUP, 400, 0);
		story_give(&s, &f);
		assert_int_equal(counts(&s)->searches_cut > 0, n == WAITING);
		story_end(&s);
	}
}

/* Who bore whom, of so many generations that all wait for their births. */
static void
test_generations(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	for (int n = ANCESTRY; n <= ANCESTRY + 1; n++) {
		story_begin(&s, false);
		for (int i = 0; i < n; i++) {
			f = story_exec(&s, 1000 + i, 999 + i);
			story_give(&s, &f);
		}
		f = story_birth(&s, 999 + n, 5000);
		story_give(&s, &f);
		assert_int_equal(counts(&s)->searches_cut, n > ANCESTRY);
		story_end(&s);
	}
}

/* Too many lives of a number whose record is not known to be their own. */
static void
test_record_of_many(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	for (int n = GROUP; n <= GROUP + 1; n++) {
		story_begin(&s, true);
		story_found(&s, STORY_SHELL);
		for (int i = 0; i < n; i++) {
			f = story_birth(&s, STORY_SHELL, 1000);
			story_give(&s, &f);
			f = story_exit(&s, FACT_EXIT_GROUP, 1000, 0);
			story_give(&s, &f);
		}
		assert_int_equal(counts(&s)->groups_cut, 0);
		f = story_record(&s, 1000, STORY_SHELL, s.ms, 0);
		story_give(&s, &f);
		assert_int_equal(counts(&s)->groups_cut, n == GROUP + 1);
		story_end(&s);
	}
}

static void
test_ended_lives(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, false);
	set_lives(&s, 100000);
	story_found(&s, STORY_SHELL);
	for (int i = 0; i < GRACE + 5; i++) {
		struct fact f = story_birth(&s, STORY_SHELL, 1000 + i);

		assert_int_equal(
		    counts(&s)->forgotten_early, 0 < i - GRACE ? i - GRACE : 0);
		story_give(&s, &f);
		f = story_exit(&s, FACT_EXIT_GROUP, 1000 + i, 0);
		story_give(&s, &f);
		s.len = 0;
	}
	story_end(&s);
}

/* One number, again and again. */
static void
test_lives_of_one_number(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, false);
	story_found(&s, STORY_SHELL);
	for (int i = 0; i < 3 * NUMBER_GRACE; i++) {
		struct fact f = story_birth(&s, STORY_SHELL, 1000);

		/* with that the end of the one before is told */
		story_give(&s, &f);
		assert_int_equal(counts(&s)->forgotten_early,
		    i > 2 * NUMBER_GRACE ? NUMBER_GRACE : 0);
		f = story_exit(&s, FACT_EXIT_GROUP, 1000, 0);
		story_give(&s, &f);
		s.len = 0;
	}
	story_end(&s);
}

/* What is told of a chain of lives, too long for a story. */
struct chain {
	int forks, ends;
	bool over[CHAIN + 1]; /* of those that bear, the first of the number */
};

static void
count_event(void *ctx, const struct event *ev)
{
	struct chain *c = ctx;
	int32_t of = ev->process.pid - CHAIN_FROM;
	int32_t by = ev->parent.pid - CHAIN_FROM;

	if (ev->action == EVENT_END)
		c->ends++;
	if (ev->action == EVENT_END && of >= 0 && of <= CHAIN)
		c->over[of] = true;
	if (ev->action != EVENT_FORK)
		return;
	c->forks++;
	/* its number is free, and who bore it is not told to be over */
	if (of >= 0 && of <= CHAIN)
		assert_true(c->over[of]);
	if (by >= 0 && by <= CHAIN)
		assert_false(c->over[by]);
}

/* It is in a namespace, for all that is known. */
static void
found_inside(struct story *s, int32_t pid)
{
	struct fact f = {.kind = FACT_FOUND,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = pid,
	    .ppid = 1,
	    .creds = CREDS_UNKNOWN,
	    .comm = BYTES_LITERAL("sh"),
	    .found = {.start_ticks = 7,
		.start_ms = T0 - 5000,
		.seen_ms = T0,
		.local_pids = true}};

	reconcile_fact(s->r, &f, s->now);
}

/*
 * The nth bore a child whose number shows that it is in none, once both are
 * over, and so another one, who has the number of the next of them: that is
 * over, too.
 */
static void
bear_next(struct story *s, int32_t n)
{
	int32_t orphan = CHAIN_FROM + 2 * CHAIN + n;
	struct fact f = story_birth(s, CHAIN_FROM + n, orphan);

	story_give(s, &f);
	f = story_birth(s, CHAIN_FROM + n, CHAIN_FROM + n + 1);
	story_give(s, &f);
	f = story_exec(s, orphan, 1);
	story_give(s, &f);
}

/* One end may settle another, and that the next: that costs no stack. */
static void
test_ends_in_a_chain(void **state)
{
	static struct chain c;
	struct reconcile_settings set = story_usual;
	struct rlimit before, small;
	struct story s;
	struct fact f;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_STACK, &before), 0);
	small = before;
	small.rlim_cur = STACK_BYTES;
	assert_int_equal(setrlimit(RLIMIT_STACK, &small), 0);
	set.lives = set.held_facts = 10 * CHAIN;
	story_begin(&s, false);
	reconcile_free(s.r);
	s.r = reconcile_new(&set, &s.ident, count_event, &c);
	assert_non_null(s.r);
	story_found(&s, STORY_SHELL);
	for (int32_t n = 0; n <= CHAIN; n++)
		found_inside(&s, CHAIN_FROM + n);
	story_pass(&s, 100);
	for (int32_t n = 0; n < CHAIN; n++)
		bear_next(&s, n);
	assert_int_equal(c.ends, 0);
	f = story_birth(&s, STORY_SHELL, CHAIN_FROM);
	story_give(&s, &f);
	assert_int_equal(c.forks, 2 * CHAIN + 1);
	assert_int_equal(c.ends, CHAIN + 1);
	story_end(&s);
	assert_int_equal(setrlimit(RLIMIT_STACK, &before), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_local_births),
	    cmocka_unit_test(test_children_in_a_namespace),
	    cmocka_unit_test(test_undecided_births),
	    cmocka_unit_test(test_child_behind_many),
	    cmocka_unit_test(test_searches),
	    cmocka_unit_test(test_generations),
	    cmocka_unit_test(test_record_of_many),
	    cmocka_unit_test(test_ended_lives),
	    cmocka_unit_test(test_lives_of_one_number),
	    cmocka_unit_test(test_ends_in_a_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
