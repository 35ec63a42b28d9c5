/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real clock is set, and what it showed is told in time without steps. */
#include "steady.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define T0   INT64_C(1700000000000)
#define HOUR INT64_C(3600000)

/* At this steady time the real clock is so much ahead. */
static void
note(struct steady *s, int64_t ms, int64_t ahead)
{
	steady_note(s, (T0 + ms + ahead) * 1000, (T0 + ms) * 1000);
}

/* Where a stamp lies, after T0. */
static int64_t
place(const struct steady *s, int64_t real)
{
	return real - steady_ahead(s, T0 + real);
}

static void
begin(struct steady *s)
{
	steady_init(s);
	note(s, 0, 0);
	note(s, 1000, 0);
}

/* As in a replay. */
static void
test_nothing_known(void **state)
{
	struct fact fact = {
	    .kind = FACT_GONE, .at = {T0, 1}, .gone_ms = T0 + 1};
	struct steady s;

	(void)state;
	steady_init(&s);
	steady_fact(&s, &fact);
	assert_int_equal(fact.at.ms, T0);
	assert_int_equal(fact.gone_ms, T0 + 1);
	assert_int_equal(steady_hear(&s, T0 - HOUR), T0 - HOUR);
}

static void
test_back(void **state)
{
	struct steady s;

	(void)state;
	begin(&s);
	note(&s, 1010, -HOUR);
	assert_int_equal(place(&s, 900), 900);
	assert_int_equal(place(&s, 1010 - HOUR), 1010);
	/* it is there once more, and that was an hour ago */
	note(&s, HOUR + 2000, -HOUR);
	assert_int_equal(place(&s, 900), HOUR + 900);
}

static void
test_forth(void **state)
{
	struct steady s;

	(void)state;
	begin(&s);
	note(&s, 1010, HOUR);
	assert_int_equal(place(&s, 900), 900);
	assert_int_equal(place(&s, HOUR + 1010), 1010);
	note(&s, 2000, HOUR);
	assert_int_equal(place(&s, 1005), 1005);
}

/* Less than a stamp may be late: it is as what came before. */
static void
test_small_step(void **state)
{
	struct steady s;

	(void)state;
	begin(&s);
	(void)steady_hear(&s, T0 + 980);
	note(&s, 1010, -50);
	note(&s, 1100, -50);
	assert_int_equal(steady_hear(&s, T0 + 990), T0 + 990);
	/* and the stream comes to it, and past it */
	assert_int_equal(steady_hear(&s, T0 + 1040), T0 + 1090);
	note(&s, 1300, -50);
	assert_int_equal(steady_hear(&s, T0 + 1200), T0 + 1250);
	assert_int_equal(place(&s, 1000), 1050);
}

/* The stream came past it, and rests: nothing from before it is to come. */
static void
test_long_after_a_small_step(void **state)
{
	struct steady s;

	(void)state;
	begin(&s);
	(void)steady_hear(&s, T0 + 980);
	note(&s, 1010, -1000);
	note(&s, 3000, -1000);
	assert_int_equal(steady_hear(&s, T0 + 180), T0 + 1180);
	assert_int_equal(place(&s, 950), 1950);
}

/* The machine did other things meanwhile: both are seen as one. */
static void
test_two_steps(void **state)
{
	struct steady s;

	(void)state;
	begin(&s);
	(void)steady_hear(&s, T0 + 990);
	note(&s, 2000, HOUR);
	/* by what was shown between the two */
	assert_int_equal(place(&s, 10 * HOUR), 990);
}

/* The same before anything was heard: it is not of the time to come. */
static void
test_two_steps_at_first(void **state)
{
	struct steady s;

	(void)state;
	steady_init(&s);
	note(&s, 0, 0);
	note(&s, 10, -HOUR);
	assert_int_equal(steady_hear(&s, T0 + 60), T0);
	note(&s, 20, -HOUR);
	assert_int_equal(steady_hear(&s, T0 + 15 - HOUR), T0 + 15);
}

static void
test_drift_is_no_step(void **state)
{
	struct steady s;

	(void)state;
	begin(&s);
	steady_note(&s, (T0 + 2000) * 1000 + 400, (T0 + 2000) * 1000);
	assert_int_equal(s.n, 1);
	steady_note(&s, (T0 + 2100) * 1000 - 1000, (T0 + 2100) * 1000);
	assert_int_equal(s.n, 2);
	assert_int_equal(steady_ahead_now(&s), -1);
}

static void
test_oldest_step_is_forgotten(void **state)
{
	struct steady s;

	(void)state;
	begin(&s);
	for (int i = 1; i <= STEADY_STEPS; i++)
		note(&s, 1000 + 10 * i, i * HOUR);
	assert_int_equal(s.n, STEADY_STEPS);
	assert_int_equal(
	    place(&s, 1000 + 10 * STEADY_STEPS + STEADY_STEPS * HOUR),
	    1000 + 10 * STEADY_STEPS);
	assert_int_equal(s.steps, STEADY_STEPS);
}

/* A record that is read when the clock has stepped, so much at T0 + 1010. */
static void
read_after_step(struct fact *fact, int64_t ahead)
{
	struct steady s;

	begin(&s);
	note(&s, 1010, ahead);
	note(&s, 2000, ahead);
	steady_fact(&s, fact);
}

/* Accounting's birth is by the clock at the death. */
static void
test_record(void **state)
{
	struct fact fact = {.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .acct = {.birth_s = (T0 + HOUR) / 1000,
		.elapsed_cs = 100,
		.read_ms = T0 + HOUR + 2000}};

	(void)state;
	read_after_step(&fact, HOUR);
	assert_int_equal(fact.at.ms, TIME_UNKNOWN);
	assert_int_equal(fact.acct.read_ms, T0 + 2000);
	assert_int_equal(fact.acct.ahead_from, HOUR);
	assert_int_equal(fact.acct.ahead_until, HOUR);
}

/* When a record was not there yet is known by the clock of that time. */
static void
test_record_not_there_before_a_step(void **state)
{
	struct fact fact = {.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .acct = {.birth_s = (T0 + HOUR) / 1000,
		.elapsed_cs = 100,
		.read_ms = T0 + HOUR + 2000,
		.unwritten_ms = T0 + HOUR + 1500}};

	(void)state;
	read_after_step(&fact, HOUR);
	assert_true(fact.acct.unwritten_ms == T0 + 1500);
	fact.acct.read_ms = T0 + HOUR + 2000;
	fact.acct.unwritten_ms = T0 + 1000;
	read_after_step(&fact, HOUR);
	assert_true(fact.acct.unwritten_ms == TIME_UNKNOWN);
}

/* Of a second that a step lies in nobody knows whether it was before it. */
static void
test_record_near_a_step(void **state)
{
	struct fact fact = {.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .acct = {.birth_s = T0 / 1000,
		.elapsed_cs = 100,
		.read_ms = T0 + 2000 + 700}};

	(void)state;
	read_after_step(&fact, 700);
	assert_int_equal(fact.acct.ahead_from, 0);
	assert_int_equal(fact.acct.ahead_until, 700);
}

static void
test_shown_again(void **state)
{
	struct fact fact = {.kind = FACT_EXIT, .at = {T0 + HOUR + 1100, 7}};

	(void)state;
	read_after_step(&fact, HOUR);
	assert_int_equal(fact.at.ms, T0 + 1100);
	assert_int_equal(steady_shown(&fact).ms, T0 + HOUR + 1100);
	assert_int_equal(steady_shown(&fact).serial, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing_known),
	    cmocka_unit_test(test_back),
	    cmocka_unit_test(test_forth),
	    cmocka_unit_test(test_small_step),
	    cmocka_unit_test(test_long_after_a_small_step),
	    cmocka_unit_test(test_two_steps),
	    cmocka_unit_test(test_two_steps_at_first),
	    cmocka_unit_test(test_drift_is_no_step),
	    cmocka_unit_test(test_oldest_step_is_forgotten),
	    cmocka_unit_test(test_record),
	    cmocka_unit_test(test_record_not_there_before_a_step),
	    cmocka_unit_test(test_record_near_a_step),
	    cmocka_unit_test(test_shown_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
