/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How late the coarse clock may tick, by the stamps of the stream. */
#include "ticks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define T0 INT64_C(1700000000000)

static void
hear(struct ticks *t, int64_t ms)
{
	ticks_heard(t, T0 + ms);
}

static void
test_nothing_heard(void **state)
{
	struct ticks t = {0};

	(void)state;
	assert_true(ticks_after(&t, T0) == T0 + TICK_MS);
	assert_true(ticks_after(NULL, T0) == T0 + TICK_MS);
	assert_true(ticks_late(&t, T0) == TICK_MS);
	assert_true(ticks_late(NULL, T0) == TICK_MS);
}

/* What was stamped before a gap may have been done until its end. */
static void
test_gap(void **state)
{
	struct ticks t = {0};

	(void)state;
	hear(&t, 760);
	hear(&t, 888);
	hear(&t, 892);
	assert_true(ticks_after(&t, T0 + 760) == T0 + 888);
	assert_true(ticks_after(&t, T0 + 756) == T0 + 756 + TICK_MS);
	assert_true(ticks_after(&t, T0 + 888) == T0 + 888 + TICK_MS);
	assert_true(ticks_late(&t, T0 + 800) == 88);
	assert_true(ticks_late(&t, T0 + 760) == TICK_MS);
	assert_true(ticks_late(&t, T0 + 889) == TICK_MS);
}

/* What comes late shows that it ticked. */
static void
test_gap_is_filled(void **state)
{
	struct ticks t = {0};

	(void)state;
	hear(&t, 100);
	hear(&t, 400);
	hear(&t, 110);
	assert_true(ticks_after(&t, T0 + 100) == T0 + 100 + TICK_MS);
	assert_true(ticks_after(&t, T0 + 110) == T0 + 400);
	hear(&t, 200);
	assert_true(ticks_after(&t, T0 + 110) == T0 + 200);
	assert_true(ticks_after(&t, T0 + 200) == T0 + 400);
}

static void
test_long_silence_is_no_gap(void **state)
{
	struct ticks t = {0};

	(void)state;
	hear(&t, 0);
	hear(&t, TICK_LATE_MS + 1);
	assert_true(ticks_after(&t, T0) == T0 + TICK_MS);
}

static void
test_newest_are_known(void **state)
{
	struct ticks t = {0};

	(void)state;
	for (int i = 0; i <= TICKS_GAPS + 1; i++)
		hear(&t, i * 100);
	/* what was before them may have been one, or none */
	assert_true(ticks_after(&t, T0) == T0 + TICK_LATE_MS);
	assert_true(ticks_late(&t, T0) == TICK_LATE_MS);
	assert_true(ticks_after(&t, T0 + 100) == T0 + 200);
	assert_true(ticks_late(&t, T0 + 100) == TICK_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing_heard),
	    cmocka_unit_test(test_gap),
	    cmocka_unit_test(test_gap_is_filled),
	    cmocka_unit_test(test_long_silence_is_no_gap),
	    cmocka_unit_test(test_newest_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
