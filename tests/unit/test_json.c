/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"

#define FFFD "\xef\xbf\xbd"

static char buf[1024];
static struct text t;
static struct json j;

static int
start(void **state)
{
	(void)state;
	text_init(&t, buf, sizeof(buf));
	json_init(&j, &t);
	return 0;
}

static void
assert_json(const char *want)
{
	assert_true(text_ok(&t));
	text_char(&t, '\0');
	assert_string_equal(buf, want);
}

/* in as a string must become want, which stands without its quotes. */
static void
check_string(const char *in, size_t len, const char *want, bool ok)
{
	char quoted[512];

	start(NULL);
	snprintf(quoted, sizeof(quoted), "\"%s\"", want);
	assert_int_equal(json_bytes(&j, (struct bytes){in, len}), ok);
	assert_json(quoted);
	assert_int_equal(json_is_utf8((struct bytes){in, len}), ok);
}

static void
test_structure(void **state)
{
	(void)state;
	json_open(&j, '{');
	json_key(&j, "a");
	json_u64(&j, 1);
	json_key(&j, "b");
	json_open(&j, '[');
	json_str(&j, "x");
	json_open(&j, '{');
	json_close(&j, '}');
	json_open(&j, '[');
	json_close(&j, ']');
	json_bool(&j, true);
	json_bool(&j, false);
	json_close(&j, ']');
	json_key(&j, "c");
	json_i64(&j, -1);
	json_close(&j, '}');
	assert_json("{\"a\":1,\"b\":[\"x\",{},[],true,false],\"c\":-1}");
}

static void
test_numbers(void **state)
{
	(void)state;
	json_open(&j, '[');
	json_u64(&j, 0);
	json_u64(&j, UINT64_MAX);
	json_i64(&j, INT64_MIN);
	json_i64(&j, INT64_MAX);
	json_close(&j, ']');
	assert_json("[0,18446744073709551615,-9223372036854775808,"
		    "9223372036854775807]");
}

static void
test_raw(void **state)
{
	(void)state;
	json_open(&j, '{');
	json_raw(&j, BYTES_LITERAL("\"a\":1"));
	json_raw(&j, BYTES_LITERAL("\"b\":{"));
	json_raw(&j, BYTES_LITERAL("\"c\":"));
	json_u64(&j, 2);
	json_raw(&j, BYTES_LITERAL("\"d\":["));
	json_u64(&j, 3);
	json_raw(&j, BYTES_NONE);
	json_u64(&j, 4);
	json_close(&j, ']');
	json_close(&j, '}');
	json_raw(&j, BYTES_LITERAL("\"e\":true"));
	json_close(&j, '}');
	assert_json("{\"a\":1,\"b\":{\"c\":2,\"d\":[3,4]},\"e\":true}");
}

static void
test_string_in_parts(void **state)
{
	(void)state;
	json_open(&j, '[');
	json_u64(&j, 1);
	json_open(&j, '"');
	assert_true(json_part(&j, BYTES_LITERAL("a\"")));
	assert_true(json_part(&j, BYTES_NONE));
	assert_false(json_part(&j, BYTES_LITERAL("\xe2\x82")));
	assert_true(json_part(&j, BYTES_LITERAL("z")));
	json_close(&j, '"');
	json_u64(&j, 2);
	json_close(&j, ']');
	assert_json("[1,\"a\\\"" FFFD "z\",2]");
}

/* What a byte that stands alone becomes: RFC 8259, section 7; DEL is ours. */
static void
say_byte(int c, char want[8])
{
	const char *letter = strchr("\bb\ff\nn\rr\tt\"\"\\\\", c);

	if (c != 0 && letter != NULL && strchr("\b\f\n\r\t\"\\", c) != NULL)
		snprintf(want, 8, "\\%c", letter[1]);
	else if (c < 0x20 || c == 0x7f)
		snprintf(want, 8, "\\u%04x", c);
	else if (c >= 0x80)
		snprintf(want, 8, FFFD);
	else
		snprintf(want, 8, "%c", c);
}

/* Each byte, at each place among others. */
static void
test_each_byte(void **state)
{
	static const char others[] = "abcdefghijklmnopqrst";

	(void)state;
	for (int c = 0; c <= 0xff; c++) {
		for (int at = 0; at < (int)sizeof(others) - 1; at++) {
			char in[sizeof(others)], byte[8], want[64];

			memcpy(in, others, sizeof(in));
			in[at] = (char)c;
			say_byte(c, byte);
			snprintf(want, sizeof(want), "%.*s%s%s", at, others,
			    byte, others + at + 1);
			check_string(in, sizeof(in) - 1, want, c < 0x80);
			check_string(in + at, 1, byte, c < 0x80);
		}
	}
}

static void
test_runs(void **state)
{
	(void)state;
	check_string("", 0, "", true);
	check_string(NULL, 0, "", true);
	check_string("plain", 5, "plain", true);
	check_string("\nab\n\ncd\n", 8, "\\nab\\n\\ncd\\n", true);
	check_string(
	    "\xffgo\xff\xff\x01", 6, FFFD "go" FFFD FFFD "\\u0001", false);
	check_string("\"\xc3\xa4\"", 4, "\\\"\xc3\xa4\\\"", true);
}

/* The code point as UTF-8 without a thought about what is allowed. */
static size_t
encode(uint32_t c, char out[4])
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[n] | c);
	return n;
}

static void
test_each_code_point(void **state)
{
	char c[4];

	(void)state;
	for (uint32_t p = 0; p < 0x1fffff; p++) {
		bool allowed = p < 0xd800 || (p > 0xdfff && p < 0x110000);
		struct bytes b = {c, encode(p, c)};

		if (json_is_utf8(b) != allowed)
			fail_msg("U+%04X is taken for %s", p,
			    allowed ? "broken" : "well-formed");
	}
}

/* Overlong forms: each code point with one byte too many. */
static void
test_overlong(void **state)
{
	(void)state;
	for (uint32_t p = 0; p < 0x10000; p++) {
		char c[4];
		size_t n = encode(p, c);
		static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
		char longer[5];
		uint32_t rest = p;

		for (size_t i = n; i > 0; i--, rest >>= 6)
			longer[i] = (char)(0x80 | (rest & 0x3f));
		longer[0] = (char)(lead[n] | rest);
		if (json_is_utf8((struct bytes){longer, n + 1}))
			fail_msg("overlong U+%04X is taken", p);
	}
}

/* Unicode 15, chapter 3, tables 3-8 to 3-11, and ends in mid-character. */
static void
test_maximal_parts(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
	    {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41",
		FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A"},
	    {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41",
		FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD "A"},
	    {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42",
		FFFD FFFD FFFD FFFD FFFD "A" FFFD FFFD "B"},
	    {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", FFFD FFFD FFFD FFFD "A"},
	    {"\xc3", FFFD},
	    {"\xe2\x82", FFFD},
	    {"\xf0\x9f\x90", FFFD},
	    {"\xf0\x9f\x90\xc3\xa4", FFFD "\xc3\xa4"},
	    {"\xe2\x82\"", FFFD "\\\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_string(
		    cases[i].in, strlen(cases[i].in), cases[i].want, false);
}

/* A character must not be looked for behind the end. */
static void
test_stays_inside(void **state)
{
	char *exact = malloc(2);

	(void)state;
	assert_non_null(exact);
	memcpy(exact, "\xe2\x82", 2);
	check_string(exact, 2, FFFD, false);
	free(exact);
}

static void
test_overflow(void **state)
{
	(void)state;
	text_init(&t, buf, 5);
	json_init(&j, &t);
	json_str(&j, "abc");
	assert_true(text_ok(&t));
	assert_int_equal(t.len, 5);

	text_init(&t, buf, 4);
	json_init(&j, &t);
	json_str(&j, "abc");
	assert_false(text_ok(&t));

	text_init(&t, buf, 7);
	json_init(&j, &t);
	json_str(&j, "\x01");
	assert_false(text_ok(&t));
}

/* Whether a member fits behind another into size bytes: {"a":1,"b":null */
static bool
fits(size_t size, bool as_key)
{
	char *exact = malloc(size);
	bool ok;

	assert_non_null(exact);
	text_init(&t, exact, size);
	json_init(&j, &t);
	json_raw(&j, BYTES_LITERAL("{\"a\":1"));
	if (as_key)
		json_key(&j, "b");
	else
		json_raw(&j, BYTES_LITERAL("\"b\":"));
	json_raw(&j, BYTES_LITERAL("null"));
	ok = text_ok(&t);
	if (ok)
		assert_memory_equal(exact, "{\"a\":1,\"b\":null", t.len);
	free(exact);
	return ok;
}

static void
test_overflow_of_members(void **state)
{
	size_t whole = strlen("{\"a\":1,\"b\":null");

	(void)state;
	for (size_t size = 1; size < whole; size++) {
		assert_false(fits(size, true));
		assert_false(fits(size, false));
	}
	assert_true(fits(whole, true));
	assert_true(fits(whole, false));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_structure, start),
	    cmocka_unit_test_setup(test_numbers, start),
	    cmocka_unit_test_setup(test_raw, start),
	    cmocka_unit_test_setup(test_string_in_parts, start),
	    cmocka_unit_test(test_each_byte),
	    cmocka_unit_test(test_runs),
	    cmocka_unit_test(test_each_code_point),
	    cmocka_unit_test(test_overlong),
	    cmocka_unit_test(test_maximal_parts),
	    cmocka_unit_test(test_stays_inside),
	    cmocka_unit_test(test_overflow),
	    cmocka_unit_test(test_overflow_of_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
