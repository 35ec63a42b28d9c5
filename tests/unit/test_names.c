/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Several times the buckets of a new table. */
#define MANY 5000

static int
set_up(void **state)
{
	*state = names_new();
	return *state == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	names_free(*state);
	return 0;
}

static void
assert_bytes(const struct name *m, struct bytes want)
{
	struct bytes b = name_bytes(m);

	assert_int_equal(b.len, want.len);
	assert_non_null(b.at);
	assert_memory_equal(b.at, want.at, want.len);
}

static void
test_one_copy(void **state)
{
	struct names *n = *state;
	char text[] = "/usr/bin/bash";
	struct name *a = names_get(n, bytes_of(text)), *b;

	/* it is a copy: what it was made from may change */
	text[0] = 'x';
	assert_bytes(a, BYTES_LITERAL("/usr/bin/bash"));
	b = names_get(n, BYTES_LITERAL("/usr/bin/bash"));
	assert_ptr_equal(a, b);
	assert_int_equal(names_count(n), 1);
	names_put(n, a);
	assert_bytes(b, BYTES_LITERAL("/usr/bin/bash"));
	assert_int_equal(names_count(n), 1);
	names_put(n, b);
	assert_int_equal(names_count(n), 0);
}

static void
test_bytes_count(void **state)
{
	struct names *n = *state;
	struct name *a = names_get(n, BYTES_LITERAL("ab"));
	struct name *b = names_get(n, BYTES_LITERAL("ab\0"));
	struct name *c = names_get(n, BYTES_LITERAL("a\0b\xff\n"));
	struct name *d = names_get(n, BYTES_LITERAL("a\0c\xff\n"));

	assert_int_equal(names_count(n), 4);
	assert_bytes(a, BYTES_LITERAL("ab"));
	assert_bytes(b, BYTES_LITERAL("ab\0"));
	assert_bytes(c, BYTES_LITERAL("a\0b\xff\n"));
	assert_bytes(d, BYTES_LITERAL("a\0c\xff\n"));
}

/* Empty is a string like others; unknown is none. */
static void
test_empty_and_unknown(void **state)
{
	struct names *n = *state;
	struct name *empty = names_get(n, BYTES_LITERAL(""));

	assert_bytes(empty, BYTES_LITERAL(""));
	assert_ptr_equal(names_get(n, BYTES_LITERAL("")), empty);
	assert_null(names_get(n, BYTES_NONE));
	assert_null(name_share(NULL));
	assert_null(name_bytes(NULL).at);
	names_put(n, NULL);
	assert_int_equal(names_count(n), 1);
	names_put(n, empty);
	names_put(n, empty);
	assert_int_equal(names_count(n), 0);
}

static void
test_share(void **state)
{
	struct names *n = *state;
	struct name *a = names_get(n, BYTES_LITERAL("sh"));

	assert_ptr_equal(name_share(a), a);
	names_put(n, a);
	assert_bytes(a, BYTES_LITERAL("sh"));
	names_put(n, a);
	assert_int_equal(names_count(n), 0);
}

static struct bytes
numbered(char text[16], unsigned i)
{
	int len = snprintf(text, 16, "name-%u", i);

	return (struct bytes){text, (size_t)len};
}

static void
test_many(void **state)
{
	static struct name *name[MANY];
	struct names *n = *state;
	char text[16];

	for (unsigned i = 0; i < MANY; i++)
		name[i] = names_get(n, numbered(text, i));
	assert_int_equal(names_count(n), MANY);
	for (unsigned i = 0; i < MANY; i++) {
		assert_bytes(name[i], numbered(text, i));
		assert_ptr_equal(names_get(n, numbered(text, i)), name[i]);
		names_put(n, name[i]);
	}
	/* every third goes; the others are still found */
	for (unsigned i = 0; i < MANY; i += 3)
		names_put(n, name[i]);
	assert_int_equal(names_count(n), MANY - (MANY + 2) / 3);
	for (unsigned i = 0; i < MANY; i++) {
		if (i % 3 == 0)
			continue;
		assert_ptr_equal(names_get(n, numbered(text, i)), name[i]);
	}
}

/* What callers still hold goes with the table. */
static void
test_free_with_names(void **state)
{
	struct names *n = names_new();

	(void)state;
	assert_non_null(n);
	assert_non_null(names_get(n, BYTES_LITERAL("a")));
	assert_non_null(names_get(n, BYTES_LITERAL("a")));
	assert_non_null(names_get(n, BYTES_LITERAL("b")));
	names_free(n);
	names_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_one_copy, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_bytes_count, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_empty_and_unknown, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_share, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
	    cmocka_unit_test(test_free_with_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
