/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "digits.h"

static void
assert_decimal(const char *s, size_t len, uint64_t want)
{
	uint64_t n = 1;

	assert_int_equal(digits_decimal(bytes_of(s), &n), len);
	assert_true(n == want);
}

static void
assert_hex(const char *s, size_t len, uint64_t want)
{
	uint64_t n = 1;

	assert_int_equal(digits_hex(bytes_of(s), &n), len);
	assert_true(n == want);
}

static void
test_decimal(void **state)
{
	(void)state;
	assert_decimal("0", 1, 0);
	assert_decimal("4294967295 ", 10, UINT32_MAX);
	assert_decimal("9999999999999999999", 19, 9999999999999999999u);
	assert_decimal("0000000000000000018 ", 19, 18);
	assert_decimal("7f", 1, 7);
}

static void
test_hex(void **state)
{
	(void)state;
	assert_hex("0", 1, 0);
	assert_hex("c000003e", 8, 0xc000003e);
	assert_hex("FFFFffffFFFFffff", 16, UINT64_MAX);
	assert_hex("0000000000000001g", 16, 1);
	assert_hex("0x10", 1, 0);
}

static void
test_none(void **state)
{
	static const char *const none[] = {
	    "", " 1", "-1", "+1", "/", ":", "@", "`"};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_decimal(none[i], 0, 0);
		assert_hex(none[i], 0, 0);
	}
	assert_hex("g", 0, 0);
	assert_hex("G", 0, 0);
}

static void
test_too_large(void **state)
{
	(void)state;
	assert_decimal("18446744073709551616", 0, 0);
	assert_decimal("00000000000000000001", 0, 0);
	assert_hex("10000000000000000", 0, 0);
	assert_hex("00000000000000001", 0, 0);
}

/* Nothing is read behind the end. */
static void
test_end(void **state)
{
	uint64_t n;

	(void)state;
	assert_int_equal(digits_decimal((struct bytes){"123", 2}, &n), 2);
	assert_int_equal(n, 12);
	assert_int_equal(digits_hex((struct bytes){"abc", 1}, &n), 1);
	assert_int_equal(n, 0xa);
	assert_int_equal(digits_decimal(BYTES_NONE, &n), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decimal),
	    cmocka_unit_test(test_hex),
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_too_large),
	    cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
