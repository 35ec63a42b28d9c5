/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "err.h"
#include "text.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static void
err_holds_the_message(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, "line %d: %s", 7, "bad"), -1);
	assert_string_equal(err.text, "line 7: bad");
}

static void
err_tells_and_keeps_errno(void **state)
{
	struct err err;
	char want[100];

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&err, "cannot open %s", "/x"), -1);
	assert_int_equal(errno, ENOENT);
	snprintf(want, sizeof(want), "cannot open /x: %s", strerror(ENOENT));
	assert_string_equal(err.text, want);
}

static void
err_puts_context_before(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, "too small");
	assert_int_equal(err_context(&err, "%s:%d", "f.conf", 3), -1);
	assert_string_equal(err.text, "f.conf:3: too small");
}

/* Its own text as an argument: source and target of one copy. */
static void
err_may_quote_itself(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, "inner");
	err_set(&err, "%s; %s", err.text, "more");
	assert_string_equal(err.text, "inner; more");
	errno = EIO;
	err_errno(&err, "<%s>", err.text);
	assert_memory_equal(err.text, "<inner; more>: ", 15);
	err_set(&err, "x");
	err_context(&err, "%s", err.text);
	assert_string_equal(err.text, "x: x");
}

static void
err_is_one_line(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, "a\nb%s", "\n");
	assert_string_equal(err.text, "a b ");
	err_context(&err, "c\nx");
	assert_string_equal(err.text, "c x: a b ");
}

static void
err_says_that_it_was_cut(void **state)
{
	struct err err;
	char all[sizeof(err.text) + 1];

	(void)state;
	memset(all, 'x', sizeof(all) - 1);
	all[sizeof(all) - 1] = '\0';
	err_set(&err, "%s", all + 1); /* just fits */
	assert_string_equal(err.text, all + 1);
	err_set(&err, "%s", all); /* one too long */
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_string_equal(err.text + sizeof(err.text) - 5, "x...");

	err_set(&err, "%s", all + 1);
	err_context(&err, "y");
	assert_memory_equal(err.text, "y: xx", 5);
	assert_string_equal(err.text + sizeof(err.text) - 5, "x...");

	errno = EPERM;
	err_errno(&err, "%s", all + 1);
	assert_string_equal(err.text + sizeof(err.text) - 5, "x...");
}

static void
text_holds_what_was_added(void **state)
{
	char buf[20];
	struct text t;

	(void)state;
	text_init(&t, buf, sizeof(buf));
	assert_true(text_ok(&t));
	assert_int_equal(t.len, 0);
	text_char(&t, 'a');
	text_add(&t, "b\0c", 3);
	text_str(&t, "def");
	text_add(&t, NULL, 0);
	text_fmt(&t, "%d%s", 12, "g");
	assert_true(text_ok(&t));
	assert_int_equal(t.len, 10);
	assert_memory_equal(buf, "ab\0cdef12g", 10);
}

/* Each way to add three bytes. */
static void
add_three(struct text *t, int how)
{
	switch (how) {
	case 0:
		text_add(t, "xyz", 3);
		break;
	case 1:
		text_str(t, "xyz");
		break;
	case 2:
		text_u64(t, 123);
		break;
	case 3:
		text_i64(t, -12);
		break;
	case 4:
		text_padded(t, 7, 3);
		break;
	case 5:
		text_fmt(t, "%s", "xyz");
		break;
	default:
		text_hex(t, "x", 1);
		text_char(t, 'y');
		break;
	}
}

static void
text_remembers_overflow(void **state)
{
	(void)state;
	for (int how = 0; how <= 6; how++)
		for (size_t room = 0; room <= 4; room++) {
			char buf[8];
			struct text t;

			memset(buf, '#', sizeof(buf));
			text_init(&t, buf, room);
			add_three(&t, how);
			/* vsnprintf() wants a byte for its NUL. */
			bool fits = room >= (how == 5 ? 4U : 3U);
			assert_int_equal(text_ok(&t), fits);
			assert_true(t.len <= room);
			assert_int_equal(buf[room], '#');

			size_t len = t.len;
			text_char(&t, '!');
			if (!fits)
				assert_int_equal(t.len, len);
		}
}

static void
text_adds_nothing_after_overflow(void **state)
{
	char buf[4];
	struct text t;

	(void)state;
	text_init(&t, buf, sizeof(buf));
	text_str(&t, "ab");
	text_str(&t, "cde");
	text_char(&t, 'f');
	text_u64(&t, 1);
	text_hex(&t, "", 0);
	text_fmt(&t, "%s", "");
	assert_false(text_ok(&t));
	assert_int_equal(t.len, 2);
	assert_memory_equal(buf, "ab", 2);
}

static void
text_hex_of_too_much_is_overflow(void **state)
{
	char buf[4];
	struct text t;

	(void)state;
	text_init(&t, buf, sizeof(buf));
	text_hex(&t, buf, SIZE_MAX / 2 + 1);
	assert_false(text_ok(&t));
	assert_int_equal(t.len, 0);
}

static const uint64_t numbers[] = {0, 1, 9, 10, 11, 99, 100, 101, 999, 1000,
    1234, 9999, 10000, 65535, 99999, 100000, 4294967295, 4294967296,
    999999999999, 9223372036854775807, 9223372036854775808U,
    9999999999999999999U, 10000000000000000000U, UINT64_MAX};

/* printf() is the judge. */
static void
check_number(uint64_t n)
{
	char buf[64], want[64];
	struct text t;
	int len;

	text_init(&t, buf, sizeof(buf));
	text_u64(&t, n);
	len = snprintf(want, sizeof(want), "%" PRIu64, n);
	assert_int_equal(t.len, len);
	assert_memory_equal(buf, want, (size_t)len);

	text_init(&t, buf, sizeof(buf));
	text_i64(&t, (int64_t)n);
	len = snprintf(want, sizeof(want), "%" PRId64, (int64_t)n);
	assert_int_equal(t.len, len);
	assert_memory_equal(buf, want, (size_t)len);

	for (int width = 0; width <= 24; width++) {
		text_init(&t, buf, sizeof(buf));
		text_padded(&t, n, (unsigned)width);
		len = snprintf(want, sizeof(want), "%0*" PRIu64, width, n);
		assert_int_equal(t.len, len);
		assert_memory_equal(buf, want, (size_t)len);
	}
}

static void
text_writes_numbers_as_printf_does(void **state)
{
	uint64_t n = 1;

	(void)state;
	for (size_t i = 0; i < LENGTH(numbers); i++)
		check_number(numbers[i]);
	for (int i = 0; i < 2000; i++) {
		/* Knuth's multiplier; shifted so that each length occurs. */
		n = n * 6364136223846793005U + 1442695040888963407U;
		check_number(n >> (i % 64));
	}
}

static void
text_writes_hex(void **state)
{
	unsigned char all[256];
	char buf[512], want[3];
	struct text t;

	(void)state;
	for (unsigned i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)i;
	text_init(&t, buf, sizeof(buf));
	text_hex(&t, all, sizeof(all));
	assert_true(text_ok(&t));
	assert_int_equal(t.len, 512);
	for (unsigned i = 0; i < sizeof(all); i++) {
		snprintf(want, sizeof(want), "%02x", i);
		assert_memory_equal(buf + 2 * i, want, 2);
	}
}

static void
check_time(int64_t ms, const char *want)
{
	char buf[40];
	struct text t;

	text_init(&t, buf, sizeof(buf) - 1);
	text_rfc3339(&t, ms);
	assert_true(text_ok(&t));
	buf[t.len] = '\0';
	assert_string_equal(buf, want);
}

static void
text_writes_times(void **state)
{
	(void)state;
	check_time(0, "1970-01-01T00:00:00.000Z");
	check_time(-1, "1969-12-31T23:59:59.999Z");
	check_time(-86400000, "1969-12-31T00:00:00.000Z");
	check_time(1795348800123, "2026-11-22T12:00:00.123Z");
	check_time(951782399999, "2000-02-28T23:59:59.999Z");
	check_time(951782400000, "2000-02-29T00:00:00.000Z");
	check_time(951868800000, "2000-03-01T00:00:00.000Z");
	check_time(4107542399999, "2100-02-28T23:59:59.999Z");
	check_time(4107542400000, "2100-03-01T00:00:00.000Z");
	check_time(253402300799999, "9999-12-31T23:59:59.999Z");
	check_time(-62167219200000, "0000-01-01T00:00:00.000Z");
}

/* gmtime_r() is the judge, some days apart through ten thousand years. */
static void
text_writes_times_as_gmtime_does(void **state)
{
	(void)state;
	for (int64_t s = -62167219200; s <= 253402300799;
	     s += 97 * 86400 + 3661) {
		char want[80];
		struct tm tm;
		time_t when = (time_t)s;

		assert_non_null(gmtime_r(&when, &tm));
		snprintf(want, sizeof(want),
		    "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		    (int)(s & 511));
		check_time(s * 1000 + (s & 511), want);
	}
}

static void
text_has_no_word_for_other_years(void **state)
{
	static const int64_t times[] = {
	    253402300800000, -62167219200001, INT64_MAX, INT64_MIN};
	char buf[64];
	struct text t;

	(void)state;
	for (size_t i = 0; i < LENGTH(times); i++) {
		text_init(&t, buf, sizeof(buf));
		text_rfc3339(&t, times[i]);
		assert_false(text_ok(&t));
		assert_int_equal(t.len, 0);
	}
}

static void
bytes_are_equal_or_not(void **state)
{
	struct bytes empty = {"", 0}, a = BYTES_LITERAL("ab\0c");

	(void)state;
	assert_int_equal(a.len, 4);
	assert_true(bytes_equal(a, (struct bytes){"ab\0c", 4}));
	assert_false(bytes_equal(a, (struct bytes){"ab\0d", 4}));
	assert_false(bytes_equal(a, (struct bytes){"ab\0c", 3}));
	assert_true(bytes_equal(BYTES_NONE, BYTES_NONE));
	assert_false(bytes_equal(BYTES_NONE, empty));
	assert_false(bytes_equal(empty, BYTES_NONE));
	assert_true(bytes_equal(empty, (struct bytes){"x", 0}));

	assert_null(bytes_of(NULL).at);
	assert_true(bytes_equal(bytes_of("xyz"), BYTES_LITERAL("xyz")));
	assert_true(bytes_equal(bytes_of(""), empty));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(err_holds_the_message),
	    cmocka_unit_test(err_tells_and_keeps_errno),
	    cmocka_unit_test(err_puts_context_before),
	    cmocka_unit_test(err_may_quote_itself),
	    cmocka_unit_test(err_is_one_line),
	    cmocka_unit_test(err_says_that_it_was_cut),
	    cmocka_unit_test(text_holds_what_was_added),
	    cmocka_unit_test(text_remembers_overflow),
	    cmocka_unit_test(text_adds_nothing_after_overflow),
	    cmocka_unit_test(text_hex_of_too_much_is_overflow),
	    cmocka_unit_test(text_writes_numbers_as_printf_does),
	    cmocka_unit_test(text_writes_hex),
	    cmocka_unit_test(text_writes_times),
	    cmocka_unit_test(text_writes_times_as_gmtime_does),
	    cmocka_unit_test(text_has_no_word_for_other_years),
	    cmocka_unit_test(bytes_are_equal_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
