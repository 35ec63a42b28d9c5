/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "canary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LATENESS 2000

static void
test_who_waits_gets_one(void **state)
{
	const struct canary none = {.asked = 0};

	(void)state;
	assert_int_equal(canary_due(&none, 5000, LATENESS), 5100);
}

/* Then the stream may be late, or tell nothing of it. */
static void
test_not_one_after_another(void **state)
{
	const struct canary sent = {.asked = 5100};

	(void)state;
	assert_int_equal(canary_due(&sent, 5000, LATENESS), 7100);
	assert_int_equal(canary_due(&sent, 5100, LATENESS), 7100);
	/* who began to wait after it was sent is not helped by it */
	assert_int_equal(canary_due(&sent, 5101, LATENESS), 5201);
	/* nor is anybody by one of long ago */
	assert_int_equal(canary_due(&sent, 9000, LATENESS), 9100);
}

/* lateness may be as short as 100 ms: never before its turn. */
static void
test_short_lateness(void **state)
{
	const struct canary sent = {.asked = 5000};

	(void)state;
	assert_int_equal(canary_due(&sent, 5000, 10), 5100);
}

/*
 * Whoever wakes when one is due, and not before, sends each when whoever looks
 * all the time does.
 */
static void
test_woken_when_it_is_due(void **state)
{
	(void)state;
	for (int64_t asked = 0; asked < 4000; asked += 37) {
		const struct canary c = {.asked = asked};

		for (int64_t since = 0; since < 4000; since += 41) {
			int64_t due = canary_due(&c, since, LATENESS);

			for (int64_t now = since; now < 8000; now += 11)
				assert_int_equal(now >= due,
				    now >= since + CANARY_SENT_MS &&
					(asked < since ||
					    now >= asked + LATENESS));
		}
	}
}

/* Each time at which something is to be learnt of it comes once. */
static void
test_judged(void **state)
{
	const struct canary c = {.pid = 7, .at = 3000}, none = {.at = 3000};
	int64_t now = 3000;

	(void)state;
	assert_false(canary_is_late(&c, now));
	now = canary_judged_at(&c, now);
	assert_int_equal(now, 3000 + CANARY_WAIT_MS);
	assert_false(canary_is_late(&c, now - 1));
	assert_true(canary_is_late(&c, now));
	assert_false(canary_is_stale(&c, now));
	now = canary_judged_at(&c, now);
	assert_int_equal(now, 3000 + CANARY_AGAIN_MS);
	assert_false(canary_is_stale(&c, now - 1));
	assert_true(canary_is_stale(&c, now));
	assert_true(canary_judged_at(&c, now) == INT64_MAX);

	assert_true(canary_judged_at(&none, now) == INT64_MAX);
	assert_false(canary_is_late(&none, now));
	assert_false(canary_is_stale(&none, now));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_waits_gets_one),
	    cmocka_unit_test(test_not_one_after_another),
	    cmocka_unit_test(test_short_lateness),
	    cmocka_unit_test(test_woken_when_it_is_due),
	    cmocka_unit_test(test_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
