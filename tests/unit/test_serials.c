/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Serial numbers that never came. The random walk takes its seed from the
 * environment variable SEED, if that is set, and prints it.
 */
#include "serials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WINDOW     SERIALS_WINDOW
#define STEPS      200000
#define SPACE      (1u << 19) /* numbers that the model has room for */
#define TOLD_BYTES 4096

/* What was told, as text: "FIRST+COUNT ". */
struct log {
	struct serials s;
	char told[TOLD_BYTES];
	size_t len;
};

static void
on_gap(void *ctx, uint32_t first, uint32_t count)
{
	struct log *l = ctx;
	int n = snprintf(l->told + l->len, sizeof(l->told) - l->len, "%u+%u ",
	    (unsigned)first, (unsigned)count);

	assert_in_range(n, 1, (int)(sizeof(l->told) - l->len) - 1);
	l->len += (size_t)n;
}

static void
start(struct log *l)
{
	memset(l, 0, sizeof(*l));
	serials_reset(&l->s);
}

static void
see(struct log *l, uint32_t serial)
{
	serials_see(&l->s, serial, on_gap, l);
}

/* All from first on, count of them. */
static void
see_all(struct log *l, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		see(l, first + i);
}

static void
settle(struct log *l, uint32_t upto)
{
	serials_settle(&l->s, upto, on_gap, l);
}

static void
assert_told(struct log *l, const char *want)
{
	assert_string_equal(l->told, want);
	l->len = 0;
	l->told[0] = '\0';
}

static void
test_next(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 10);
	assert_int_equal(serials_next(&l.s), 11);
	see(&l, 13);
	see(&l, 12);
	assert_int_equal(serials_next(&l.s), 11);
	see(&l, 11);
	assert_int_equal(serials_next(&l.s), 14);
	see(&l, 16);
	assert_int_equal(serials_next(&l.s), 14);
	settle(&l, 14);
	assert_int_equal(serials_next(&l.s), 15);
	settle(&l, 16);
	assert_int_equal(serials_next(&l.s), 17);
	assert_told(&l, "14+1 15+1 ");
}

static void
test_in_order(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see_all(&l, 1000, 3 * WINDOW);
	see(&l, 1000); /* one of many records of that event */
	settle(&l, l.s.highest);
	assert_int_equal(l.s.highest, 1000 + 3 * WINDOW - 1);
	assert_told(&l, "");
}

static void
test_nothing_seen(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	settle(&l, 5);
	settle(&l, UINT32_MAX);
	assert_told(&l, "");
	assert_false(l.s.started);
}

static void
test_out_of_order(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 100);
	see(&l, 155);
	for (uint32_t i = 154; i > 100; i--)
		see(&l, i);
	settle(&l, 155);
	assert_told(&l, "");
}

static void
test_settled(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 10);
	see(&l, 14);
	see(&l, 16);
	settle(&l, 12);
	assert_told(&l, "11+2 ");
	settle(&l, 12);
	assert_told(&l, "");
	settle(&l, 16);
	assert_told(&l, "13+1 15+1 ");
	/* further than was seen is not known to be missing */
	see(&l, 18);
	settle(&l, 1000);
	assert_told(&l, "17+1 ");
	see_all(&l, 19, 100);
	settle(&l, 118);
	assert_told(&l, "");
}

/* What is told is done with: it is neither told twice nor taken back. */
static void
test_late(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 10);
	see(&l, 15);
	settle(&l, 15);
	assert_told(&l, "11+4 ");
	see(&l, 12);
	see(&l, 10);
	assert_int_equal(l.s.highest, 15);
	see(&l, 16);
	settle(&l, 16);
	assert_told(&l, "");
}

/* The first number seen begins the count; lower ones are older. */
static void
test_first(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 500);
	see(&l, 499);
	see(&l, 3);
	see(&l, 501);
	settle(&l, 501);
	assert_told(&l, "");
}

/* The last number that may be late, and the first that may not. */
static void
test_window(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 10);
	see_all(&l, 12, WINDOW - 1);
	assert_int_equal(l.s.highest, 11 + WINDOW - 1);
	assert_told(&l, "");
	see(&l, 11 + WINDOW);
	assert_told(&l, "");
	see(&l, 12 + WINDOW);
	assert_told(&l, "11+1 ");
	settle(&l, l.s.highest);
	assert_told(&l, "");
}

static void
test_just_in_time(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 10);
	see_all(&l, 12, WINDOW - 1);
	see(&l, 11);
	see_all(&l, 11 + WINDOW, WINDOW);
	settle(&l, l.s.highest);
	assert_told(&l, "");
}

/* Missing in a row, told together, though they leave the window singly. */
static void
test_window_keeps_runs_together(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 10);
	see_all(&l, 111, 3);
	see_all(&l, 120, WINDOW);
	assert_told(&l, "11+100 ");
	see_all(&l, 120 + WINDOW, 10);
	assert_told(&l, "114+6 ");
}

/* The run that the window has half left is told whole when time settles it. */
static void
test_window_and_time(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 10);
	see_all(&l, 111, WINDOW - 50);
	assert_told(&l, "");
	settle(&l, 60);
	assert_told(&l, "11+50 ");
	settle(&l, l.s.highest);
	assert_told(&l, "61+50 ");
}

/*
 * So much is missing that no window holds it. Numbers just before the first
 * that came after it may be late like others.
 */
static void
test_leap(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 10);
	see(&l, 12);
	see(&l, 100000);
	assert_told(&l, "11+1 ");
	see(&l, 99998);
	see_all(&l, 100001, WINDOW);
	settle(&l, l.s.highest);
	assert_told(&l, "13+99985 99999+1 ");
}

static void
test_leap_of_one_window(void **state)
{
	struct log l;

	(void)state;
	for (uint32_t by = WINDOW - 1; by <= WINDOW + 2; by++) {
		char want[32];

		start(&l);
		see(&l, 10);
		see(&l, 10 + by);
		settle(&l, 10 + by);
		snprintf(want, sizeof(want), "11+%u ", (unsigned)by - 1);
		assert_told(&l, want);
	}
}

static void
test_leap_over_half_of_all(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 10);
	/* nearer backwards than forwards: an old one */
	see(&l, 11u + (1u << 31));
	assert_int_equal(l.s.highest, 10);
	see(&l, 9u + (1u << 31));
	settle(&l, l.s.highest);
	assert_told(&l, "11+2147483646 ");
}

static void
test_roll_over(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, UINT32_MAX - 3);
	see(&l, 2);
	see(&l, UINT32_MAX);
	see(&l, 0);
	assert_int_equal(l.s.highest, 2);
	settle(&l, UINT32_MAX - 1);
	assert_told(&l, "4294967293+2 ");
	settle(&l, 2);
	assert_told(&l, "1+1 ");
	see(&l, UINT32_MAX);
	assert_int_equal(l.s.highest, 2);

	start(&l);
	see(&l, UINT32_MAX - 1);
	see(&l, 3);
	settle(&l, 3);
	assert_told(&l, "4294967295+4 ");
}

/* A run before this one saw all up to a number. */
static void
test_start(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	serials_start(&l.s, 1001);
	settle(&l, 5000);
	assert_told(&l, "");
	see(&l, 1000);
	see(&l, 1004);
	settle(&l, 1004);
	assert_told(&l, "1001+3 ");

	serials_start(&l.s, 0); /* after the last number of all */
	see(&l, UINT32_MAX);
	see(&l, 1);
	settle(&l, 1);
	assert_told(&l, "0+1 ");
}

static void
test_reset(void **state)
{
	struct log l;

	(void)state;
	start(&l);
	see(&l, 500);
	see(&l, 510);
	serials_reset(&l.s);
	see(&l, 3);
	see(&l, 5);
	settle(&l, 5);
	assert_told(&l, "4+1 ");
	assert_int_equal(l.s.highest, 5);
}

/*
 * The model: every number there is has a place in an array, counted from the
 * first one. Told runs are kept there, too, and compared at each step.
 */
struct model {
	struct serials s;
	uint32_t origin;
	bool seen[SPACE], told[SPACE], want[SPACE];
	uint32_t base, highest; /* as in serials, from origin on */
	uint32_t run;           /* missing numbers just before base */
	uint32_t calls, want_calls;
};

static void
on_model_gap(void *ctx, uint32_t first, uint32_t count)
{
	struct model *m = ctx;
	uint32_t at = first - m->origin;

	assert_in_range(count, 1, SPACE);
	assert_in_range(at, 0, SPACE - count);
	for (uint32_t i = at; i < at + count; i++) {
		assert_false(m->seen[i]);
		assert_false(m->told[i]);
		m->told[i] = true;
	}
	m->calls++;
}

static void
model_tell(struct model *m)
{
	if (m->run == 0)
		return;
	for (uint32_t i = m->base - m->run; i < m->base; i++)
		m->want[i] = true;
	m->want_calls++;
	m->run = 0;
}

static void
model_pass(struct model *m, uint32_t end)
{
	for (; m->base < end; m->base++) {
		if (m->seen[m->base])
			model_tell(m);
		else
			m->run++;
	}
}

static void
model_see(struct model *m, uint32_t at)
{
	serials_see(&m->s, m->origin + at, on_model_gap, m);
	if (at < m->base)
		return;
	m->seen[at] = true;
	if (at > m->highest)
		m->highest = at;
	if (m->highest >= WINDOW)
		model_pass(m, m->highest - WINDOW + 1);
}

static void
model_settle(struct model *m, uint32_t upto)
{
	serials_settle(&m->s, m->origin + upto, on_model_gap, m);
	model_pass(m, (upto < m->highest ? upto : m->highest) + 1);
	model_tell(m);
}

/* Another one goes on in its place; what is missing stays so. */
static bool
model_resume(struct model *m)
{
	struct serials_run runs[SERIALS_RUNS];
	size_t n = serials_missing(&m->s, runs);

	if (n == SERIALS_RUNS)
		return false; /* some of it may not be remembered */
	serials_resume(&m->s, m->origin + m->highest, runs, n, on_model_gap, m);
	return true;
}

static uint32_t
random_below(unsigned short seed[3], uint32_t n)
{
	return (uint32_t)nrand48(seed) % n;
}

/* How far the next number is from the highest one. */
static int32_t
random_step(unsigned short seed[3])
{
	uint32_t dice = random_below(seed, 1000);

	if (dice < 700)
		return 1;
	if (dice < 900)
		return -(int32_t)random_below(seed, 60);
	if (dice < 990)
		return (int32_t)random_below(seed, 5);
	if (dice < 995)
		return -(int32_t)random_below(seed, WINDOW + 100);
	return (int32_t)random_below(seed, dice == 999 ? 2 * WINDOW : 100);
}

static void
walk(struct model *m, unsigned short seed[3])
{
	uint32_t mark = 0;
	int resumed = 0;

	model_see(m, 0);
	for (int i = 0; i < STEPS; i++) {
		int64_t at = (int64_t)m->highest + random_step(seed);

		if (at >= SPACE)
			break;
		model_see(m, at < 0 ? 0 : (uint32_t)at);
		if (random_below(seed, 3000) == 0) {
			model_settle(m, mark);
			mark = m->highest;
		}
		if (random_below(seed, 50) == 0)
			resumed += model_resume(m);
		assert_int_equal(m->s.highest, m->origin + m->highest);
		assert_int_equal(m->calls, m->want_calls);
	}
	assert_true(resumed > 100);
	model_settle(m, m->highest);
	assert_int_equal(m->calls, m->want_calls);
	assert_memory_equal(m->told, m->want, sizeof(m->told));
}

/* Of more runs than are remembered the first ones are; the rest counts as seen.
 */
static void
test_many_runs(void **state)
{
	struct serials_run runs[SERIALS_RUNS];
	struct serials s;

	(void)state;
	serials_reset(&s);
	assert_int_equal(serials_missing(&s, runs), 0);
	for (uint32_t i = 0; i <= SERIALS_RUNS + 1; i++)
		serials_see(&s, 100 + 3 * i, NULL, NULL);
	assert_int_equal(serials_missing(&s, runs), SERIALS_RUNS);
	for (uint32_t i = 0; i < SERIALS_RUNS; i++) {
		assert_int_equal(runs[i].first, 101 + 3 * i);
		assert_int_equal(runs[i].count, 2);
	}
	serials_unsee(&s, 103);
	serials_unsee(&s, 99);
	serials_unsee(&s, 100 + 3 * (SERIALS_RUNS + 1) + 1);
	assert_int_equal(serials_missing(&s, runs), SERIALS_RUNS);
	assert_int_equal(runs[0].first, 101);
	assert_int_equal(runs[0].count, 5);
}

static void
test_random_walk(void **state)
{
	const char *env = getenv("SEED");
	unsigned n = env != NULL ? (unsigned)strtoul(env, NULL, 10) : 1;
	unsigned short seed[3] = {
	    0, (unsigned short)n, (unsigned short)(n >> 16)};
	struct model *m = calloc(1, sizeof(*m));

	(void)state;
	print_message("SEED=%u\n", n);
	assert_non_null(m);
	m->origin = UINT32_MAX - STEPS / 4; /* rolls over on the way */
	walk(m, seed);
	assert_true(m->calls > 100);
	free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_in_order),
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_nothing_seen),
	    cmocka_unit_test(test_out_of_order),
	    cmocka_unit_test(test_settled),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_first),
	    cmocka_unit_test(test_window),
	    cmocka_unit_test(test_just_in_time),
	    cmocka_unit_test(test_window_keeps_runs_together),
	    cmocka_unit_test(test_window_and_time),
	    cmocka_unit_test(test_leap),
	    cmocka_unit_test(test_leap_of_one_window),
	    cmocka_unit_test(test_leap_over_half_of_all),
	    cmocka_unit_test(test_roll_over),
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_reset),
	    cmocka_unit_test(test_many_runs),
	    cmocka_unit_test(test_random_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
