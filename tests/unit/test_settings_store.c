/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "redact.h"
#include "settings_store.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const char *const words[] = {"zero", "one", "two", NULL};

/* One member for each way to store. */
static struct object {
	bool yes;
	uint64_t number;
	int64_t duration;
	const char *text;
	enum acct_mode choice;
	const char **list;
	size_t count;
} object;

static struct err err;
static struct settings_piece *pieces;
static const struct settings_store to = {&object, &pieces, &err};

static const struct settings_key
    number = {"n", KEY_NUMBER, offsetof(struct object, number), .min = 5,
	.max = 4000000, .preset = "77"},
    yes = {"b", KEY_BOOL, offsetof(struct object, yes), .preset = "true"},
    size = {"s", KEY_SIZE, offsetof(struct object, number), .min = KIB,
	.max = 16 * GIB, .preset = "3MiB"},
    duration = {"d", KEY_DURATION, offsetof(struct object, duration),
	.min = 100, .max = 3650 * DAY, .preset = "90s"},
    name = {"t", KEY_NAME, offsetof(struct object, text), .min = 1, .max = 255,
	.preset = "auto", .none = "auto"},
    path = {"p", KEY_PATH, offsetof(struct object, text), .preset = "/a/b"},
    choice = {"c", KEY_CHOICE, offsetof(struct object, choice), .preset = "two",
	.words = words},
    paths = {"l", KEY_PATHS, offsetof(struct object, list),
	offsetof(struct object, count), .min = 1, .max = 3,
	.preset = "/a /b/c"},
    patterns = {"r", KEY_PATTERNS, offsetof(struct object, list),
	offsetof(struct object, count), .max = 3, .preset = ""};

static int
start(void **state)
{
	(void)state;
	memset(&object, 0x55, sizeof(object));
	err.text[0] = '\0';
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	settings_pieces_free(pieces);
	pieces = NULL;
	return 0;
}

/* Refused with that message, and nothing stored. */
static void
check_refused(const struct settings_key *k, const char *value, const char *want)
{
	const struct object before = object;

	assert_int_equal(settings_store_text(&to, k, value), -1);
	assert_string_equal(err.text, want);
	assert_memory_equal(&object, &before, sizeof(object));
}

static void
sizes_are_read(void **state)
{
	static const struct {
		const char *value;
		uint64_t want;
	} cases[] = {{"1024B", 1024}, {"1KiB", 1024}, {"0064MiB", 67108864},
	    {"16GiB", 17179869184}, {"17179869184B", 17179869184},
	    {"16777216KiB", 17179869184}, {"1025B", 1025}};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(
		    settings_store_text(&to, &size, cases[i].value), 0);
		assert_int_equal(object.number, cases[i].want);
	}
}

static void
bad_sizes_are_refused(void **state)
{
	static const char *const values[] = {"", "64", "MiB", "64 MiB",
	    " 64MiB", "64MiB ", "64MB", "64mib", "64TiB", "1.5GiB", "+64MiB",
	    "-64MiB", "0x40MiB", "64MiB64MiB", "5s", "64m"};
	char want[200];

	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++) {
		snprintf(want, sizeof(want),
		    "wants a size such as \"64MiB\" (B, KiB, MiB, GiB), "
		    "not \"%s\"",
		    values[i]);
		check_refused(&size, values[i], want);
	}
}

static void
sizes_out_of_range_are_refused(void **state)
{
	static const char *const values[] = {"0B", "0GiB", "1023B", "17GiB",
	    "17179869185B",
	    /* 2^64 bytes + 64 MiB, 2^64 + 64 MiB again, 2^64 + 1 GiB */
	    "18446744073776660480B", "17592186044480MiB", "17179869185GiB",
	    "9223372036854775807B", "9223372036854775808B",
	    "18446744073709551617GiB",
	    "99999999999999999999999999999999999999999999999999GiB"};
	char want[200];

	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++) {
		snprintf(want, sizeof(want),
		    "%s is out of range (1KiB to 16GiB)", values[i]);
		check_refused(&size, values[i], want);
	}
}

static void
durations_are_read(void **state)
{
	static const struct {
		const char *value;
		int64_t want;
	} cases[] = {{"100ms", 100}, {"1s", 1000}, {"61s", 61000},
	    {"2m", 120000}, {"3h", 10800000}, {"3650d", 315360000000}};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(
		    settings_store_text(&to, &duration, cases[i].value), 0);
		assert_int_equal(object.duration, cases[i].want);
	}
}

static void
bad_durations_are_refused(void **state)
{
	(void)state;
	check_refused(&duration, "5min",
	    "wants a duration such as \"250ms\" (ms, s, m, h, d), "
	    "not \"5min\"");
	check_refused(&duration, "5",
	    "wants a duration such as \"250ms\" (ms, s, m, h, d), not \"5\"");
	check_refused(&duration, "0s", "0s is out of range (100ms to 3650d)");
	check_refused(
	    &duration, "3651d", "3651d is out of range (100ms to 3650d)");
	/* 2^64 ms + 5 s, and 2^64 / 86400000 + 1 days */
	check_refused(&duration, "18446744073709556616ms",
	    "18446744073709556616ms is out of range (100ms to 3650d)");
	check_refused(&duration, "213503982335d",
	    "213503982335d is out of range (100ms to 3650d)");
}

static void
numbers_are_read_and_refused(void **state)
{
	static const int64_t refused[] = {
	    4, 0, -1, 4000001, INT64_MAX, INT64_MIN, -5, 4294967301};
	char want[100];

	(void)state;
	assert_int_equal(settings_store_number(&to, &number, 5), 0);
	assert_int_equal(object.number, 5);
	assert_int_equal(settings_store_number(&to, &number, 4000000), 0);
	assert_int_equal(object.number, 4000000);
	for (size_t i = 0; i < LENGTH(refused); i++) {
		assert_int_equal(
		    settings_store_number(&to, &number, refused[i]), -1);
		snprintf(want, sizeof(want),
		    "%" PRId64 " is out of range (5 to 4000000)", refused[i]);
		assert_string_equal(err.text, want);
		assert_int_equal(object.number, 4000000);
	}
}

static void
truth_is_read(void **state)
{
	(void)state;
	assert_int_equal(settings_store_number(&to, &yes, 1), 0);
	assert_true(object.yes);
	assert_int_equal(settings_store_number(&to, &yes, 0), 0);
	assert_false(object.yes);
}

static void
choices_are_read_and_refused(void **state)
{
	(void)state;
	for (unsigned i = 0; words[i] != NULL; i++) {
		assert_int_equal(
		    settings_store_text(&to, &choice, words[i]), 0);
		assert_int_equal(object.choice, i);
	}
	check_refused(
	    &choice, "", "wants one of \"zero\", \"one\", \"two\", not \"\"");
	check_refused(&choice, "tw",
	    "wants one of \"zero\", \"one\", \"two\", not \"tw\"");
	check_refused(&choice, "Two",
	    "wants one of \"zero\", \"one\", \"two\", not \"Two\"");
}

static void
names_are_read(void **state)
{
	char value[] = "web-1.example\xc3\xa4";

	(void)state;
	assert_int_equal(settings_store_text(&to, &name, value), 0);
	value[0] = '#';
	assert_string_equal(object.text, "web-1.example\xc3\xa4");
	assert_int_equal(settings_store_text(&to, &name, "auto"), 0);
	assert_null(object.text);
}

static void
bad_names_are_refused(void **state)
{
	char value[257];

	(void)state;
	check_refused(&name, "", "must not be empty");
	check_refused(&name, "a b", "a blank or control character in \"a b\"");
	check_refused(
	    &name, "a\x7f", "a blank or control character in \"a\x7f\"");
	check_refused(&name, "a\n", "a blank or control character in \"a \"");

	memset(value, 'n', sizeof(value));
	value[256] = '\0';
	check_refused(&name, value, "is longer than 255 bytes");
	assert_int_equal(settings_store_text(&to, &name, value + 1), 0);
	assert_string_equal(object.text, value + 1);
}

static void
paths_are_made_comparable(void **state)
{
	static const struct {
		const char *value, *want;
	} cases[] = {{"/a", "/a"}, {"/a/b", "/a/b"}, {"//a///b//", "/a/b"},
	    {"/.a/..b/c./...", "/.a/..b/c./..."}, {"/a b\n", "/a b\n"}};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(
		    settings_store_text(&to, &path, cases[i].value), 0);
		assert_string_equal(object.text, cases[i].want);
	}
}

static void
bad_paths_are_refused(void **state)
{
	char value[3842];

	(void)state;
	check_refused(&path, "", "\"\" is no absolute path");
	check_refused(&path, "run", "\"run\" is no absolute path");
	check_refused(&path, "./run", "\"./run\" is no absolute path");
	check_refused(&path, "/", "\"/\" is the root folder");
	check_refused(&path, "///", "\"///\" is the root folder");
	check_refused(&path, "/a/../b", "\"..\" in \"/a/../b\"");
	check_refused(&path, "/..", "\"..\" in \"/..\"");
	check_refused(&path, "/a/.", "\".\" in \"/a/.\"");

	memset(value, 'p', sizeof(value));
	value[0] = value[1] = '/';
	value[sizeof(value) - 1] = '\0';
	check_refused(&path, value, "is longer than 3840 bytes");
	assert_int_equal(settings_store_text(&to, &path, value + 1), 0);
	assert_string_equal(object.text, value + 1);
}

static void
lists_are_read_and_refused(void **state)
{
	const char *const four[] = {"/a//", "/b", "/c", "/d"};
	const char *const bad[] = {"/a", "b"};

	(void)state;
	assert_int_equal(settings_store_list(&to, &paths, four, 3), 0);
	assert_int_equal(object.count, 3);
	assert_string_equal(object.list[0], "/a");
	assert_string_equal(object.list[2], "/c");
	assert_int_equal(settings_store_list(&to, &paths, four, 4), -1);
	assert_string_equal(err.text, "has 4 parts, wants 1 to 3");
	assert_int_equal(settings_store_list(&to, &paths, four, 0), -1);
	assert_string_equal(err.text, "has 0 parts, wants 1 to 3");
	assert_int_equal(settings_store_list(&to, &paths, bad, 2), -1);
	assert_string_equal(err.text, "\"b\" is no absolute path");
	assert_int_equal(object.count, 3);
}

/* What a pattern is, redact says. */
static void
patterns_are_checked(void **state)
{
	const char *const good[] = {"--password=*", "-p *"};
	const char *const bad[] = {"--password=*", "none"};
	struct err why;

	(void)state;
	assert_int_equal(settings_store_list(&to, &patterns, good, 2), 0);
	assert_int_equal(object.count, 2);
	assert_string_equal(object.list[0], "--password=*");
	assert_string_equal(object.list[1], "-p *");
	assert_int_equal(redact_check("none", &why), -1);
	assert_int_equal(settings_store_list(&to, &patterns, bad, 2), -1);
	assert_string_equal(err.text, why.text);
}

static void
presets_are_stored(void **state)
{
	static const struct settings_key *const all[] = {
	    &yes, &size, &duration, &choice, &paths, &path};

	(void)state;
	for (size_t i = 0; i < LENGTH(all); i++)
		assert_int_equal(settings_store_preset(&to, all[i]), 0);
	assert_true(object.yes);
	assert_int_equal(object.number, 3 << 20);
	assert_int_equal(object.duration, 90000);
	assert_int_equal(object.choice, 2);
	assert_int_equal(object.count, 2);
	assert_string_equal(object.list[1], "/b/c");
	assert_string_equal(object.text, "/a/b");

	assert_int_equal(settings_store_preset(&to, &number), 0);
	assert_int_equal(object.number, 77);
	assert_int_equal(settings_store_preset(&to, &name), 0);
	assert_null(object.text);
	assert_int_equal(settings_store_preset(&to, &patterns), 0);
	assert_int_equal(object.count, 0);
}

static void
check_quantity(const struct settings_key *k, int64_t n, const char *want)
{
	char buf[32];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	settings_quantity(k, n, &t);
	text_char(&t, '\0');
	assert_true(text_ok(&t));
	assert_string_equal(buf, want);
}

static void
quantities_get_their_largest_unit(void **state)
{
	(void)state;
	check_quantity(&size, 1, "1B");
	check_quantity(&size, 1023, "1023B");
	check_quantity(&size, 1024, "1KiB");
	check_quantity(&size, 1025, "1025B");
	check_quantity(&size, 64 << 20, "64MiB");
	check_quantity(&size, INT64_C(5) << 30, "5GiB");
	check_quantity(&duration, 250, "250ms");
	check_quantity(&duration, 90000, "90s");
	check_quantity(&duration, 3600000, "1h");
	check_quantity(&duration, 30 * DAY, "30d");
	check_quantity(&number, 4096, "4096");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, finish)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sizes_are_read),
	    TEST(bad_sizes_are_refused),
	    TEST(sizes_out_of_range_are_refused),
	    TEST(durations_are_read),
	    TEST(bad_durations_are_refused),
	    TEST(numbers_are_read_and_refused),
	    TEST(truth_is_read),
	    TEST(choices_are_read_and_refused),
	    TEST(names_are_read),
	    TEST(bad_names_are_refused),
	    TEST(paths_are_made_comparable),
	    TEST(bad_paths_are_refused),
	    TEST(lists_are_read_and_refused),
	    TEST(patterns_are_checked),
	    TEST(presets_are_stored),
	    TEST(quantities_get_their_largest_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
