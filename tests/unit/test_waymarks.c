/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Until when a stream was read before a serial that is missing. */
#include "waymarks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fact.h"

#define T0 INT64_C(1700000000000)

static void
test_nothing_read(void **state)
{
	struct waymarks w = {0};

	(void)state;
	assert_true(waymarks_before(&w, 0) == TIME_UNKNOWN);
	assert_true(waymarks_before(&w, 7) == TIME_UNKNOWN);
}

static void
test_before(void **state)
{
	struct waymarks w = {0};

	(void)state;
	waymarks_note(&w, 100, T0);
	waymarks_note(&w, 110, T0 + WAYMARK_MS);
	waymarks_note(&w, 120, T0 + 2 * WAYMARK_MS);
	assert_true(waymarks_before(&w, 100) == TIME_UNKNOWN);
	assert_true(waymarks_before(&w, 101) == T0);
	assert_true(waymarks_before(&w, 110) == T0);
	assert_true(waymarks_before(&w, 111) == T0 + WAYMARK_MS);
	assert_true(waymarks_before(&w, 500) == T0 + 2 * WAYMARK_MS);
}

/* What is too near to the one before, or older, is none. */
static void
test_too_near(void **state)
{
	struct waymarks w = {0};

	(void)state;
	waymarks_note(&w, 100, T0);
	waymarks_note(&w, 101, T0 + WAYMARK_MS - 1);
	waymarks_note(&w, 102, T0 - 5000);
	assert_true(waymarks_before(&w, 500) == T0);
	assert_int_equal(w.n, 1);
}

static void
test_serials_begin_again(void **state)
{
	struct waymarks w = {0};

	(void)state;
	waymarks_note(&w, UINT32_MAX - 1, T0);
	waymarks_note(&w, 3, T0 + WAYMARK_MS);
	assert_true(waymarks_before(&w, UINT32_MAX) == T0);
	assert_true(waymarks_before(&w, 2) == T0);
	assert_true(waymarks_before(&w, 4) == T0 + WAYMARK_MS);
}

/* Then it is not known any more, rather than too late. */
static void
test_oldest_is_forgotten(void **state)
{
	struct waymarks w = {0};

	(void)state;
	for (uint32_t i = 0; i <= WAYMARKS; i++)
		waymarks_note(&w, 100 + i, T0 + i * WAYMARK_MS);
	assert_true(waymarks_before(&w, 101) == TIME_UNKNOWN);
	assert_true(waymarks_before(&w, 102) == T0 + WAYMARK_MS);
	assert_true(waymarks_before(&w, 100 + WAYMARKS) ==
		    T0 + (WAYMARKS - 1) * WAYMARK_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing_read),
	    cmocka_unit_test(test_before),
	    cmocka_unit_test(test_too_near),
	    cmocka_unit_test(test_serials_begin_again),
	    cmocka_unit_test(test_oldest_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
