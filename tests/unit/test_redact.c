/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "redact.h"

#define HIDDEN "[redacted]"

/* Strings in one array, each with its NUL; their number. */
#define ARGS(s) s, sizeof(s), count_of(s, sizeof(s))

static char out[256];

static uint32_t
count_of(const char *at, size_t len)
{
	uint32_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += at[i] == '\0';
	return n;
}

static struct args
args_of(const char *at, size_t len, uint32_t count)
{
	return (struct args){.bytes = {at, len}, .count = count, .argc = count};
}

static void
assert_bytes(const struct args *a, const char *want, size_t len, uint32_t n)
{
	assert_int_equal(a->bytes.len, len);
	assert_memory_equal(a->bytes.at, want, len);
	assert_int_equal(a->count, n);
}

/* Applies one pattern; hidden says how many arguments it must hide. */
static void
check(const char *pattern, struct args a, uint32_t hidden, const char *want,
    size_t len, uint32_t n)
{
	const char *before = a.bytes.at;

	redact_args(&pattern, 1, &a, out, sizeof(out));
	assert_bytes(&a, want, len, n);
	assert_int_equal(a.redacted_count, hidden);
	assert_false(a.truncated);
	assert_int_equal(a.argc, n);
	if (hidden == 0)
		assert_ptr_equal(a.bytes.at, before);
	else
		assert_ptr_equal(a.bytes.at, out);
}

static void
test_prefix(void **state)
{
	(void)state;
	check("--password=*", args_of(ARGS("db\0--password=x\0--user=me")), 1,
	    ARGS("db\0--password=" HIDDEN "\0--user=me"));
	check("-p*", args_of(ARGS("-px\0-q\0-pyy")), 2,
	    ARGS("-p" HIDDEN "\0-q\0-p" HIDDEN));
}

static void
test_prefix_alone_hides_nothing(void **state)
{
	(void)state;
	check("-p*", args_of(ARGS("db\0-p\0-")), 0, ARGS("db\0-p\0-"));
	check("--password=*", args_of(ARGS("--password=")), 0,
	    ARGS("--password="));
}

static void
test_prefix_only_at_the_start(void **state)
{
	(void)state;
	check("-p*", args_of(ARGS("x-py\0--pz\0-P1")), 0,
	    ARGS("x-py\0--pz\0-P1"));
}

static void
test_next(void **state)
{
	(void)state;
	check("-p *", args_of(ARGS("db\0-p\0secret\0more")), 1,
	    ARGS("db\0-p\0" HIDDEN "\0more"));
	check("-p *", args_of(ARGS("-p")), 0, ARGS("-p"));
	check("-p *", args_of(ARGS("-px\0y\0-p x\0z\0-\0w")), 0,
	    ARGS("-px\0y\0-p x\0z\0-\0w"));
}

/* An empty secret is one as well. */
static void
test_next_is_empty(void **state)
{
	(void)state;
	check("-p *", args_of(ARGS("-p\0\0x")), 1, ARGS("-p\0" HIDDEN "\0x"));
}

/* What looks like the option may be the secret, and the other way round. */
static void
test_next_after_next(void **state)
{
	(void)state;
	check("-p *", args_of(ARGS("-p\0-p\0x\0y")), 2,
	    ARGS("-p\0" HIDDEN "\0" HIDDEN "\0y"));
}

static void
test_word_with_blanks(void **state)
{
	(void)state;
	check("a b *", args_of(ARGS("a b\0x\0b\0y")), 1,
	    ARGS("a b\0" HIDDEN "\0b\0y"));
}

static void
test_several_patterns(void **state)
{
	static const char *const patterns[] = {"--pass=*", "--pa*", "-p *"};
	struct args a = args_of(ARGS("-p\0--pass=x\0--pass=y\0end"));

	(void)state;
	redact_args(patterns, 3, &a, out, sizeof(out));
	assert_bytes(&a, ARGS("-p\0" HIDDEN "\0--pa" HIDDEN "\0end"));
	assert_int_equal(a.redacted_count, 2);
}

/* Patterns that the settings had before hid something else. */
static void
test_hidden_before(void **state)
{
	static const char *const patterns[] = {"--user=*", "--token=*"};
	char first[64];
	struct args a = args_of(ARGS("--pin=1\0--token=2\0--user=3\0end"));
	const char *const pins[] = {"--pin=*", "--token=*"};

	(void)state;
	redact_args(pins, 2, &a, first, sizeof(first));
	assert_int_equal(a.redacted_count, 2);
	redact_args(patterns, 2, &a, out, sizeof(out));
	assert_bytes(&a, ARGS("--pin=" HIDDEN "\0--token=" HIDDEN
			      "\0--user=" HIDDEN "\0end"));
	assert_int_equal(a.redacted_count, 3);
}

static void
test_no_patterns(void **state)
{
	struct args a = args_of(ARGS("a\0b"));

	(void)state;
	redact_args(NULL, 0, &a, NULL, 0);
	assert_bytes(&a, ARGS("a\0b"));
}

static void
test_no_arguments(void **state)
{
	const char *const pattern = "-p *";
	struct args a = {.count = 3, .argc = 3, .truncated = true};

	(void)state;
	redact_args(&pattern, 1, &a, out, sizeof(out));
	assert_null(a.bytes.at);
	assert_int_equal(a.count, 3);
	assert_int_equal(a.redacted_count, 0);
}

/* A cut argument list, whose last string has lost its NUL. */
static void
test_unended_string(void **state)
{
	const char *const pattern = "-p *";
	struct args a = args_of("-p\0sec", 6, 2);

	(void)state;
	a.truncated = true;
	redact_args(&pattern, 1, &a, out, sizeof(out));
	assert_bytes(&a, ARGS("-p\0" HIDDEN));
	assert_true(a.truncated);
}

/*
 * Into every size of buffer: what comes out is the start of the whole, ends
 * in a NUL, says that it is cut, and has nothing of the secrets.
 */
static void
test_cut(void **state)
{
	static const char *const patterns[] = {"-p *", "--key=*"};
	static const char in[] = "db\0-p\0SECRET\0--key=SECRET\0last";
	static const char whole[] =
	    "db\0-p\0" HIDDEN "\0--key=" HIDDEN "\0last";

	(void)state;
	for (size_t size = 0; size <= sizeof(whole); size++) {
		struct args a = args_of(ARGS(in));

		memset(out, 'X', sizeof(out));
		redact_args(patterns, 2, &a, out, size);
		assert_ptr_equal(a.bytes.at, out);
		assert_true(a.bytes.len <= size);
		assert_int_equal(out[size], 'X');
		assert_int_equal(a.truncated, size < sizeof(whole));
		assert_int_equal(a.count, count_of(out, a.bytes.len));
		assert_null(memmem(out, a.bytes.len, "SEC", 3));
		if (a.bytes.len == 0)
			continue;
		assert_int_equal(out[a.bytes.len - 1], '\0');
		assert_memory_equal(out, whole, a.bytes.len - 1);
	}
	assert_memory_equal(out, whole, sizeof(whole));
}

static void
test_good_patterns(void **state)
{
	static const char *const good[] = {
	    "--password=*", "-p *", "x*", "x *", "a b *"};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(redact_check(good[i], &err), 0);
}

static void
test_bad_patterns(void **state)
{
	static const char *const bad[] = {
	    "", "-p", "*", " *", "**", "a*b", "a**", "*a", "a* "};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = {""};
		char quoted[32] = "\"";

		assert_int_equal(redact_check(bad[i], &err), -1);
		strcat(strcat(quoted, bad[i]), "\"");
		assert_non_null(strstr(err.text, quoted));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_prefix),
	    cmocka_unit_test(test_prefix_alone_hides_nothing),
	    cmocka_unit_test(test_prefix_only_at_the_start),
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_next_is_empty),
	    cmocka_unit_test(test_next_after_next),
	    cmocka_unit_test(test_word_with_blanks),
	    cmocka_unit_test(test_several_patterns),
	    cmocka_unit_test(test_hidden_before),
	    cmocka_unit_test(test_no_patterns),
	    cmocka_unit_test(test_no_arguments),
	    cmocka_unit_test(test_unended_string),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_good_patterns),
	    cmocka_unit_test(test_bad_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
