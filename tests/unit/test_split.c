/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "split.h"

/* Splits len bytes and compares with n strings. */
static void
check(const char *at, size_t len, const char *const *want, size_t n)
{
	struct bytes rest = {at, len}, part;

	for (size_t i = 0; i < n; i++) {
		assert_true(split_take(&rest, '|', &part));
		assert_int_equal(part.len, strlen(want[i]));
		assert_memory_equal(part.at, want[i], part.len);
	}
	assert_false(split_take(&rest, '|', &part));
	assert_int_equal(rest.len, 0);
}

static void
test_ended_strings(void **state)
{
	(void)state;
	check("a|bc|", 5, (const char *const[]){"a", "bc"}, 2);
	check("|", 1, (const char *const[]){""}, 1);
	check("||a||", 5, (const char *const[]){"", "", "a", ""}, 4);
}

static void
test_last_without_mark(void **state)
{
	(void)state;
	check("a", 1, (const char *const[]){"a"}, 1);
	check("a|b", 3, (const char *const[]){"a", "b"}, 2);
}

static void
test_nothing(void **state)
{
	(void)state;
	check("|", 0, NULL, 0);
	check(NULL, 0, NULL, 0);
}

static void
test_stays_inside(void **state)
{
	const size_t len = 3;
	char *exact = malloc(len); /* what lies behind is not ours */

	(void)state;
	assert_non_null(exact);
	memcpy(exact, "x|y", len);
	check(exact, len, (const char *const[]){"x", "y"}, 2);
	free(exact);
}

static void
test_only_ended_strings(void **state)
{
	struct bytes rest = {"a||b", 4}, part = BYTES_NONE;

	(void)state;
	assert_true(split_ended(&rest, '|', &part));
	assert_true(bytes_equal(part, BYTES_LITERAL("a")));
	assert_true(split_ended(&rest, '|', &part));
	assert_true(bytes_equal(part, BYTES_LITERAL("")));
	/* what has no mark stays */
	assert_false(split_ended(&rest, '|', &part));
	assert_true(bytes_equal(rest, BYTES_LITERAL("b")));
	rest = BYTES_NONE;
	assert_false(split_ended(&rest, '|', &part));
}

static void
test_ended_stays_inside(void **state)
{
	const size_t len = 3;
	char *exact = malloc(len);
	struct bytes rest, part;

	(void)state;
	assert_non_null(exact);
	memcpy(exact, "x|y", len);
	rest = (struct bytes){exact, len};
	assert_true(split_ended(&rest, '|', &part));
	assert_false(split_ended(&rest, '|', &part));
	assert_int_equal(rest.len, 1);
	free(exact);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ended_strings),
	    cmocka_unit_test(test_last_without_mark),
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_stays_inside),
	    cmocka_unit_test(test_only_ended_strings),
	    cmocka_unit_test(test_ended_stays_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
