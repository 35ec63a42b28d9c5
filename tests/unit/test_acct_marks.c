/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When what is in a file was written, of records that are written at known
 * times, and read long after they were seen to come.
 */
#include "acct_marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "acct_record.h"

#define T0      INT64_C(1700000000000)
#define RECORDS 3000

static uint64_t
size_of(int records)
{
	return (uint64_t)records * ACCT_RECORD_SIZE;
}

static struct fact_acct
dates_of(const struct acct_marks *m, int record)
{
	struct fact_acct a = {
	    .read_ms = TIME_UNKNOWN, .unwritten_ms = TIME_UNKNOWN};

	acct_marks_date(m, size_of(record), &a);
	return a;
}

static void
look(struct acct_marks *m, int records, int64_t ms, uint64_t facts)
{
	acct_marks_look(m, ms, facts);
	assert_true(acct_marks_note(m, size_of(records)));
}

static void
test_nothing_known(void **state)
{
	struct acct_marks m = {.n = 0};
	struct fact_acct a = dates_of(&m, 0);

	(void)state;
	assert_true(a.read_ms == TIME_UNKNOWN);
	assert_true(a.unwritten_ms == TIME_UNKNOWN);
	assert_int_equal(a.order, 0);
	assert_true(acct_marks_after(&m, T0) == UINT64_MAX);
}

static void
test_between_looks(void **state)
{
	struct acct_marks m = {.n = 0};
	struct fact_acct a;

	(void)state;
	look(&m, 0, T0, 5);
	look(&m, 0, T0 + 10, 6);
	look(&m, 2, T0 + 20, 7);
	acct_marks_look(&m, T0 + 30, 8);
	for (int record = 0; record < 2; record++) {
		a = dates_of(&m, record);
		assert_true(a.unwritten_ms == T0 + 10);
		assert_int_equal(a.order, 8);
		assert_true(a.read_ms == T0 + 30);
	}
	a = dates_of(&m, 2);
	assert_true(a.unwritten_ms == T0 + 20);
	assert_int_equal(a.order, 9);
	assert_true(a.read_ms == TIME_UNKNOWN);
	assert_true(acct_marks_after(&m, T0 + 9) == 0);
	assert_true(acct_marks_after(&m, T0 + 10) == size_of(2));
	assert_true(acct_marks_after(&m, T0 + 20) == UINT64_MAX);
}

static void
test_cut(void **state)
{
	struct acct_marks m = {.n = 0};

	(void)state;
	look(&m, 4, T0, 1);
	look(&m, 9, T0 + 10, 2);
	acct_marks_look(&m, T0 + 20, 3);
	assert_false(acct_marks_note(&m, size_of(3)));
	assert_true(dates_of(&m, 2).unwritten_ms == TIME_UNKNOWN);
	assert_true(dates_of(&m, 3).unwritten_ms == T0 + 20);
	look(&m, 9, T0 + 30, 4);
	/* it had been cut, and was that large again */
	acct_marks_cut(&m, 0);
	assert_true(dates_of(&m, 0).unwritten_ms == T0 + 20);
}

static int64_t looks[RECORDS * 4];
static size_t nlooks;

/* The time of the look after that at ms. */
static int64_t
look_after(int64_t ms)
{
	size_t i = nlooks;

	while (i > 0 && looks[i - 1] != ms)
		i--;
	assert_true(i > 0 && i < nlooks);
	return looks[i];
}

/* Facts are told by and by: T0 + order - 1 is when the last of them was. */
static void
check_dates(const struct acct_marks *m, int record, int64_t written)
{
	struct fact_acct a = dates_of(m, record);

	assert_true(a.unwritten_ms < written);
	assert_true(a.read_ms == TIME_UNKNOWN || a.read_ms > written);
	assert_true(T0 + (int64_t)a.order - 1 == look_after(a.unwritten_ms));
}

/* However many looks there were, the dates are true. */
static void
check_walk(unsigned seed, int most)
{
	static int64_t written[RECORDS];
	struct acct_marks m = {.n = 0};
	int64_t ms = T0;
	int n = 0, done = 0;

	nlooks = 0;
	while (done < RECORDS) {
		int until = done;

		looks[nlooks++] = ms;
		look(&m, n, ms, (uint64_t)(ms - T0));
		if (n - done > most || n == RECORDS)
			until += 1 + rand_r(&seed) % (n - done);
		for (; done < until; done++)
			check_dates(&m, done, written[done]);
		acct_marks_read(&m, size_of(done));
		for (int i = rand_r(&seed) % 3; i > 0 && n < RECORDS; i--)
			written[n++] = ms + 1;
		ms += 2 + rand_r(&seed) % 20;
	}
	assert_true(m.n <= ACCT_MARKS_MAX);
}

static void
test_many(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 20; seed++) {
		check_walk(seed, 0);
		check_walk(seed, 10);
		check_walk(seed, 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing_known),
	    cmocka_unit_test(test_between_looks),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
