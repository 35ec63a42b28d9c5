/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "users.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static bool
have(const char *const *parts, size_t n, uint32_t uid)
{
	struct err err = {""};
	struct users *u = users_new(parts, n, &err);
	bool yes;

	assert_string_equal(err.text, "");
	assert_non_null(u);
	yes = users_have(u, uid);
	users_free(u);
	return yes;
}

static void
of_no_parts_everybody_is(void **state)
{
	(void)state;
	assert_true(have(NULL, 0, 0));
	assert_true(have(NULL, 0, 4294967294));
}

static void
numbers_ranges_and_names(void **state)
{
	static const char *const parts[] = {"root", "7", "1000-1002"};

	(void)state;
	assert_true(have(parts, 3, 0));
	assert_false(have(parts, 3, 1));
	assert_false(have(parts, 3, 6));
	assert_true(have(parts, 3, 7));
	assert_false(have(parts, 3, 8));
	assert_false(have(parts, 3, 999));
	assert_true(have(parts, 3, 1000));
	assert_true(have(parts, 3, 1002));
	assert_false(have(parts, 3, 1003));
}

static void
who_is_left_out(void **state)
{
	static const char *const only[] = {"!root", "!5-6"};
	static const char *const both[] = {"!1001", "1000-1002"};

	(void)state;
	assert_false(have(only, 2, 0));
	assert_true(have(only, 2, 4));
	assert_false(have(only, 2, 5));
	assert_true(have(only, 2, 7));
	assert_true(have(both, 2, 1000));
	assert_false(have(both, 2, 1001));
	assert_false(have(both, 2, 0));
}

static void
what_is_no_user(void **state)
{
	static const char *const parts[] = {"", "!", "nobody-knows-this-user",
	    "1-", "-1", "2-1", "1 ", "0x1", "1-2-3", "4294967295",
	    "99999999999", "1-x", "!!root"};

	(void)state;
	for (size_t i = 0; i < LENGTH(parts); i++) {
		struct err err = {""};

		assert_int_equal(users_check(parts[i], &err), -1);
		assert_non_null(strstr(err.text, "user"));
		assert_null(users_new(&parts[i], 1, &err));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_no_parts_everybody_is),
	    cmocka_unit_test(numbers_ranges_and_names),
	    cmocka_unit_test(who_is_left_out),
	    cmocka_unit_test(what_is_no_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
