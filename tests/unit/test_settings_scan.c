/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "settings_scan.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

struct scanned {
	const char *text, *want; /* what comes out, or the message */
};

static void
check_passed(const char *text, const char *want)
{
	struct err err = {""};
	char *out = settings_scan("f", text, strlen(text), &err);

	assert_string_equal(err.text, "");
	assert_non_null(out);
	assert_string_equal(out, want);
	free(out);
}

static void
check_refused(const char *text, size_t len, const char *want)
{
	struct err err = {""};

	assert_null(settings_scan("f", text, len, &err));
	assert_string_equal(err.text, want);
}

static void
numbers_get_64_bits(void **state)
{
	static const struct scanned cases[] = {
	    {"", "\n"},
	    {"1", "1L\n"},
	    {"1,2", "1L,2L\n"},
	    {"a = 3000000000;", "a = 3000000000L;\n"},
	    {"a=-1;", "a=-1L;\n"},
	    {"a:+7\n", "a:+7L\n\n"},
	    {"[1,22,\t333]", "[1L,22L,\t333L]\n"},
	    {"(0x1FFFFFFFF)", "(0x1FFFFFFFFL)\n"},
	    {"0Xff", "0XffL\n"},
	    {"007", "007L\n"},
	    {"5L 6LL", "5L 6L\n"},
	    {"0x5LL", "0x5L\n"},
	    {"9223372036854775807", "9223372036854775807L\n"},
	    {"-9223372036854775808", "-9223372036854775808L\n"},
	    {"0x7FFFFFFFFFFFFFFF", "0x7FFFFFFFFFFFFFFFL\n"},
	    {"1/**/2//\n3#\n4\"\"5", "1L/**/2L//\n3L#\n4L\"\"5L\n"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		check_passed(cases[i].text, cases[i].want);
}

static void
other_text_passes_unchanged(void **state)
{
	static const char *const texts[] = {
	    "a1 b-2 c_3 *4 _5 true false12\n",
	    "\"1 2.5 0x\" \"\\\" 3\" \"\\\\\"\n",
	    "\"\\x\\x0\\x1f\\q\\\n\"\n",
	    "\"\\\\x00\"\n",
	    "\"# 1.5 // /* @include\" \"\n\n1.5\"\n",
	    "# 1.5 \" /*\n// 99999999999999999999 \" /*\n# '\n",
	    "/* 1.5 \" # // * / /* \n 1.5 ** */\n",
	    "/**/ /***/ /*/*/\n",
	    "{}()[]=:;,~!$%^&|<>?'`\n",
	    "\r\n\t\f\v\x01\x80\xff\n",
	    "a / b\n",
	};
	char want[100];

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		strcat(strcpy(want, texts[i]), "\n");
		check_passed(texts[i], want);
	}
}

static void
last_comment_gets_its_newline(void **state)
{
	(void)state;
	check_passed("a # 1", "a # 1\n");
}

static void
too_large_numbers_are_refused(void **state)
{
	static const struct scanned cases[] = {
	    {"9223372036854775808", "f:1: 9223372036854775808 is out of range"},
	    {"\n\n -9223372036854775809",
		"f:3: -9223372036854775809 is out of range"},
	    {"0x8000000000000000", "f:1: 0x8000000000000000 is out of range"},
	    {"0xFFFFFFFFFFFFFFFFL", "f:1: 0xFFFFFFFFFFFFFFFFL is out of range"},
	    /* 2^64 + 2000 */
	    {"18446744073709553616",
		"f:1: 18446744073709553616 is out of range"},
	    {"10000000000000000000000000000000000000000000000"
	     "000000000000000000000000000000000000000000000000000000000",
		"f:1: 100000000000000000000000000000000000000000000000000000000"
		"000 is out of range"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		check_refused(
		    cases[i].text, strlen(cases[i].text), cases[i].want);
}

static void
what_only_begins_as_a_number_is_refused(void **state)
{
	static const char *const words[] = {"1.5", ".5", "5.", "1e3", "-0x10",
	    "0x", "0xL", "1LLL", "1l", "1-2", "+", "-", ".", "1b", "1_000",
	    "--1", "+-1", "0b1", "0o7", "0xfg", "1*2", "4294969296held_facts"};
	char text[100], want[100];

	(void)state;
	for (size_t i = 0; i < LENGTH(words); i++) {
		snprintf(text, sizeof(text), "# 1\n%s;", words[i]);
		snprintf(want, sizeof(want), "f:2: \"%s\" is no whole number",
		    words[i]);
		check_refused(text, strlen(text), want);
	}
}

static void
what_never_ends_is_refused(void **state)
{
	static const struct scanned cases[] = {
	    {"\"", "f:1: a string begins here and never ends"},
	    {"a = \"b\";\nc = \"d;\n\n",
		"f:2: a string begins here and never ends"},
	    {"\n\"a\\\"", "f:2: a string begins here and never ends"},
	    {"\"\\\\\\\"", "f:1: a string begins here and never ends"},
	    {"\"\\", "f:1: a string begins here and never ends"},
	    {"\n\n/*\n\n", "f:3: a comment begins here and never ends"},
	    {"/*/", "f:1: a comment begins here and never ends"},
	    {"/* *", "f:1: a comment begins here and never ends"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		check_refused(
		    cases[i].text, strlen(cases[i].text), cases[i].want);
}

static void
includes_are_refused(void **state)
{
	static const char text[] = "a = \"@include\"; # @include\n"
				   "\n @include \"/etc/passwd\"\n";

	(void)state;
	check_refused(text, strlen(text), "f:3: @include is not supported");
}

static void
nuls_are_refused(void **state)
{
	(void)state;
	check_refused("a\n# \0\nb", 7, "f:2: a NUL byte");
	check_refused("\"\0\"", 3, "f:1: a NUL byte");
	check_refused("1\0", 2, "f:1: a NUL byte");
	check_refused("\"\n\\x00\"", 7, "f:2: a NUL in a string");
	check_refused("\"\\\\\\X00\"", 8, "f:1: a NUL in a string");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_get_64_bits),
	    cmocka_unit_test(other_text_passes_unchanged),
	    cmocka_unit_test(last_comment_gets_its_newline),
	    cmocka_unit_test(too_large_numbers_are_refused),
	    cmocka_unit_test(what_only_begins_as_a_number_is_refused),
	    cmocka_unit_test(what_never_ends_is_refused),
	    cmocka_unit_test(includes_are_refused),
	    cmocka_unit_test(nuls_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
