/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A million of each kind of fact that waits for another, at the limits that
 * are set where nobody sets any: what does not fit is counted, all that fits
 * is told, and once the tables are full memory grows no more.
 */
#include "story_world.h"

#include <malloc.h>
#if defined(__SANITIZE_ADDRESS__)
/* sanitizer/allocator_interface.h, which gcc does not install */
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

#include "settings.h"

#define FLOOD      1000000
#define FLOOD_FROM 1000 /* the first of a million numbers: below 4 Mi */
#define EACH_MS    100  /* so many in one ms of the stream */
/* By then what is bounded is full. */
#define FULL (FLOOD / 2)
/* Of a process of whom nothing is known. */
#define STRANGER 999

#define HELD_EACH 1024 /* LIVES_HELD_EACH of lives.h */

struct flood {
	struct story s; /* what it would be told is counted here */
	struct reconcile_settings set;
	uint64_t starts, execs, ends;
};

static void
count_event(void *ctx, const struct event *ev)
{
	struct flood *f = ctx;

	f->starts += ev->action == EVENT_FORK;
	f->execs += ev->action == EVENT_EXEC;
	f->ends += ev->action == EVENT_END;
}

static void
begin(struct flood *f)
{
	struct err err;
	struct settings *set = settings_load(NULL, &err);

	assert_non_null(set);
	memset(f, 0, sizeof(*f));
	story_begin(&f->s, true);
	story_end(&f->s);
	f->set = story_usual;
	f->set.lives = set->limits.lives;
	f->set.held_facts = set->limits.held_facts;
	settings_free(set);
	f->s.r = reconcile_new(&f->set, &f->s.ident, count_event, f);
	assert_non_null(f->s.r);
	reconcile_acct_on(f->s.r, true);
	story_found(&f->s, STORY_SHELL);
}

/* Bytes; 0: this C library does not say. */
static size_t
allocated(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return __sanitizer_get_current_allocated_bytes();
#elif defined(HAVE_MALLINFO2)
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
#else
	return 0;
#endif
}

/* The nth fact of a flood. */
typedef struct fact (*flood_fn)(struct story *s, int32_t n);

static void
pour(struct flood *f, flood_fn fact)
{
	size_t full = 0;

	for (int32_t n = 0; n < FLOOD; n++) {
		struct fact of = fact(&f->s, n);

		story_give(&f->s, &of);
		if (n % EACH_MS == 0)
			story_pass(&f->s, 1);
		if (n == FULL)
			full = allocated();
		if (n > FULL && n % EACH_MS == 0)
			assert_in_range(allocated(), 0, full + full / 8);
	}
}

static const struct reconcile_counts *
counts(const struct flood *f)
{
	return reconcile_counts(f->s.r);
}

/* Each of them is of another life: it was told, or refused. */
static void
drain_lives(struct flood *f)
{
	reconcile_conclude(f->s.r, f->s.now);
	assert_int_equal(f->starts + counts(f)->refused_lives, FLOOD);
	story_end(&f->s);
}

static struct fact
exec_of_unborn(struct story *s, int32_t n)
{
	static char line[512];
	struct fact f = story_exec(s, FLOOD_FROM + n, STORY_SHELL);

	f.exec.args = (struct args){
	    .bytes = {line, sizeof(line)}, .count = sizeof(line), .argc = 512};
	return f;
}

static void
test_births_that_never_come(void **state)
{
	static struct flood f;

	(void)state;
	begin(&f);
	pour(&f, exec_of_unborn);
	assert_true(counts(&f)->hurried > 0);
	assert_true(counts(&f)->refused_lives > 0);
	assert_int_equal(reconcile_alive(f.s.r), f.set.lives);
	drain_lives(&f);
	assert_int_equal(f.execs, f.starts);
}

static struct fact
exit_of_unborn(struct story *s, int32_t n)
{
	return story_exit(s, FACT_EXIT_GROUP, FLOOD_FROM + n, 3);
}

/* Who has ended is forgotten, and so none is refused. */
static void
test_exits_of_unborn(void **state)
{
	static struct flood f;

	(void)state;
	begin(&f);
	pour(&f, exit_of_unborn);
	assert_true(counts(&f)->hurried > 0);
	assert_true(counts(&f)->forgotten_early > 0);
	assert_int_equal(counts(&f)->refused_lives, 0);
	drain_lives(&f);
	assert_int_equal(f.ends, FLOOD);
}

static struct fact
fork_of_shell(struct story *s, int32_t n)
{
	return story_birth(s, STORY_SHELL, FLOOD_FROM + n);
}

static void
test_fork_storm(void **state)
{
	static struct flood f;

	(void)state;
	begin(&f);
	pour(&f, fork_of_shell);
	assert_int_equal(counts(&f)->hurried, 0);
	assert_int_equal(reconcile_alive(f.s.r), f.set.lives);
	drain_lives(&f);
}

static struct fact
record_of_unborn(struct story *s, int32_t n)
{
	return story_record(s, FLOOD_FROM + n, STORY_SHELL, s->ms - 50, 9);
}

static void
test_records_of_unborn(void **state)
{
	static struct flood f;

	(void)state;
	begin(&f);
	pour(&f, record_of_unborn);
	assert_true(counts(&f)->hurried > 0);
	drain_lives(&f);
}

static struct fact
exec_of_stranger(struct story *s, int32_t n)
{
	(void)n;
	return story_exec(s, STRANGER, STORY_SHELL);
}

static void
test_execs_of_one(void **state)
{
	static struct flood f;

	(void)state;
	begin(&f);
	pour(&f, exec_of_stranger);
	assert_int_equal(counts(&f)->hurried, 1);
	assert_int_equal(f.starts, 1);
	assert_int_equal(f.execs, FLOOD);
	story_end(&f.s);
}

static struct fact
fork_of_stranger(struct story *s, int32_t n)
{
	return story_birth(s, STRANGER, FLOOD_FROM + n);
}

static void
test_births_by_one(void **state)
{
	static struct flood f;

	(void)state;
	begin(&f);
	pour(&f, fork_of_stranger);
	assert_int_equal(counts(&f)->hurried, 1);
	reconcile_conclude(f.s.r, f.s.now);
	/* the stranger is told, too */
	assert_int_equal(f.starts + counts(&f)->refused_lives, FLOOD + 1);
	story_end(&f.s);
}

/* So many facts of one life wait, and the next makes it told as it is. */
static void
test_facts_of_one_life(void **state)
{
	struct story s;
	struct reconcile_settings set = story_usual;

	(void)state;
	set.held_facts = 10 * HELD_EACH;
	story_begin_with(&s, &set, true);
	story_found(&s, STORY_SHELL);
	for (int n = 0; n < HELD_EACH; n++)
		story_thread_leaves(&s, STRANGER, STORY_SHELL, 0);
	assert_int_equal(reconcile_counts(s.r)->hurried, 0);
	story_told(&s, "");
	story_thread_leaves(&s, STRANGER, STORY_SHELL, 0);
	assert_int_equal(reconcile_counts(s.r)->hurried, 1);
	story_told(&s, "~fork 999<10");
	story_end(&s);
}

/* The same of those of a child: it is the parent's birth that is waited for. */
static void
test_facts_of_a_child(void **state)
{
	struct story s;
	static const char first[] = "~fork 998<10 fork 999<998 exec 999 ";
	struct reconcile_settings set = story_usual;
	struct fact f;

	(void)state;
	set.held_facts = 10 * HELD_EACH;
	story_begin_with(&s, &set, true);
	story_found(&s, STORY_SHELL);
	f = story_birth(&s, 998, STRANGER);
	f.ppid = STORY_SHELL;
	story_give(&s, &f);
	for (int n = 0; n < HELD_EACH; n++)
		story_run(&s, STRANGER, 998);
	story_told(&s, "");
	story_run(&s, STRANGER, 998);
	assert_memory_equal(s.told, first, strlen(first));
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_facts_of_one_life),
	    cmocka_unit_test(test_facts_of_a_child),
	    cmocka_unit_test(test_births_that_never_come),
	    cmocka_unit_test(test_exits_of_unborn),
	    cmocka_unit_test(test_fork_storm),
	    cmocka_unit_test(test_records_of_unborn),
	    cmocka_unit_test(test_execs_of_one),
	    cmocka_unit_test(test_births_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
