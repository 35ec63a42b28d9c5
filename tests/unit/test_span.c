/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which accounting records can be of a life, by its times. */
#include "span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define T0 INT64_C(1700000000000)

/* Written in second 5, after 2.34 s; nobody knows when it was read. */
static struct fact_acct
written(void)
{
	return (struct fact_acct){.birth_s = T0 / 1000 + 5 - 2,
	    .elapsed_cs = 234,
	    .read_ms = TIME_UNKNOWN,
	    .unwritten_ms = TIME_UNKNOWN};
}

/* Born of a call that was entered then, and done with nothing. */
static struct span
born(int64_t ms)
{
	return (struct span){.born_from = T0 + ms,
	    .born_until = T0 + ms + BIRTH_DELAY_MS,
	    .acted = INT64_MIN,
	    .reaped = INT64_MAX,
	    .left = {TIME_UNKNOWN, 0}};
}

static bool
fits(int64_t born_ms, const struct fact_acct *a)
{
	struct span s = born(born_ms);

	return span_fits(&s, a, INT64_MAX);
}

/* The second of the write is known, however its birth was rounded. */
static void
test_second_of_the_write(void **state)
{
	struct fact_acct a = written();

	(void)state;
	assert_true(span_record_from(&a) == T0 + 5000);
	assert_true(span_record_until(&a) == T0 + 6000 + TICK_MS);
	assert_false(fits(5000 - 2350 - BIRTH_DELAY_MS - 1, &a));
	assert_true(fits(5000 - 2350 - BIRTH_DELAY_MS, &a));
	assert_true(fits(6000 + TICK_MS - 2340, &a));
	assert_false(fits(6000 + TICK_MS - 2340 + 1, &a));
}

/* What was read had been written, so its duration says when it was born. */
static void
test_born_before_it_was_read(void **state)
{
	struct fact_acct a = written();

	(void)state;
	a.read_ms = T0 + 5100;
	assert_true(fits(5100 - 2340, &a));
	assert_false(fits(5100 - 2340 + 1, &a));
}

/* The file was read to its end, and the record was not there. */
static void
test_not_written_yet(void **state)
{
	struct fact_acct a = written();
	struct span s = born(2700);

	(void)state;
	a.read_ms = T0 + 5900;
	a.unwritten_ms = T0 + 5800;
	assert_true(span_died_from(&s, &a) == T0 + 5800);
	assert_true(span_fits(&s, &a, T0 + 5800));
	assert_false(span_fits(&s, &a, T0 + 5799));
}

/* It was made, and then the file system had it wait: so did who died. */
static void
test_written_late(void **state)
{
	struct fact_acct a = written();
	struct span s = born(2700);

	(void)state;
	a.read_ms = T0 + 9100;
	a.unwritten_ms = T0 + 9000;
	assert_true(span_fits(&s, &a, INT64_MAX));
	assert_true(span_died_from(&s, &a) == T0 + 9000);
	assert_true(span_died_until(&s, &a) == T0 + 9100);
}

/* Nobody had its number any more, and it was not there yet. */
static void
test_written_after_it_was_reaped(void **state)
{
	struct fact_acct a = written();
	struct span s = born(2700);

	(void)state;
	a.read_ms = T0 + 5900;
	a.unwritten_ms = T0 + 5800;
	s.reaped = T0 + 5800;
	assert_true(span_fits(&s, &a, INT64_MAX));
	s.reaped = T0 + 5799;
	assert_false(span_fits(&s, &a, INT64_MAX));
}

/* As a float a long duration is not exact: days, here, and 1/4 s less. */
static void
test_long_duration(void **state)
{
	struct fact_acct a = written();

	(void)state;
	a.elapsed_cs = (double)(float)(40000000 + 99);
	a.birth_s = T0 / 1000 - 400000;
	assert_true(span_record_from(&a) <= T0);
	assert_true(span_record_until(&a) >= T0 + 1000 + TICK_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_second_of_the_write),
	    cmocka_unit_test(test_born_before_it_was_read),
	    cmocka_unit_test(test_not_written_yet),
	    cmocka_unit_test(test_written_late),
	    cmocka_unit_test(test_written_after_it_was_reaped),
	    cmocka_unit_test(test_long_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
