/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pages.h"

#define PIECES 5000

/* The ith one has a size, and a content, of its own. */
static size_t
size_of(size_t i)
{
	return i % 97 == 0 ? PAGES_PIECE_MAX : i * 7 % 500;
}

static unsigned char *
take(struct pages *p, size_t i)
{
	unsigned char *at = pages_take(p, size_of(i));

	assert_non_null(at);
	assert_int_equal((uintptr_t)at % alignof(max_align_t), 0);
	memset(at, (int)(i & 0xff), size_of(i));
	return at;
}

static void
give(struct pages *p, unsigned char *at, size_t i)
{
	for (size_t n = 0; n < size_of(i); n++)
		assert_int_equal(at[n], i & 0xff);
	pages_give(p, at);
}

/* Nearly in order, a few held at a time: none gets into another's way. */
static void
test_in_turn(void **state)
{
	enum {
		HELD = 40
	};
	struct pages *p = pages_new();
	unsigned char *held[HELD];
	size_t of[HELD];

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < HELD; i++)
		held[i] = take(p, of[i] = i);
	for (size_t i = HELD; i < PIECES; i++) {
		size_t k = i * 13 % HELD;

		give(p, held[k], of[k]);
		held[k] = take(p, of[k] = i);
	}
	for (size_t k = 0; k < HELD; k++)
		give(p, held[k], of[k]);
	pages_free(p);
}

/* What is given back is what is taken next. */
static void
test_used_again(void **state)
{
	struct pages *p = pages_new();
	void *first, *at;

	(void)state;
	assert_non_null(p);
	first = pages_take(p, PAGES_PIECE_MAX);
	pages_give(p, first);
	for (int i = 0; i < PIECES; i++) {
		at = pages_take(p, PAGES_PIECE_MAX);
		assert_ptr_equal(at, first);
		pages_give(p, at);
	}
	pages_free(p);
}

/* What is still out goes with the rest. */
static void
test_freed(void **state)
{
	struct pages *p = pages_new();

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < 100; i++)
		(void)take(p, i);
	pages_free(p);
	pages_free(NULL);
}

/* Pages that are given back are used again, but one piece keeps a page. */
static void
test_no_more_than_is_out(void **state)
{
	struct pages *p = pages_new();
	void *kept = NULL;

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < PIECES; i++) {
		void *at = pages_take(p, PAGES_PIECE_MAX / 2);

		assert_non_null(at);
		if (i == 0)
			kept = at;
		else
			pages_give(p, at);
	}
	assert_in_range(pages_used(p), 1, 8 * PAGES_PIECE_MAX);
	for (size_t i = 0; i < PIECES; i++)
		assert_non_null(pages_take(p, PAGES_PIECE_MAX / 2));
	assert_in_range(pages_used(p), PIECES / 2 * PAGES_PIECE_MAX,
	    PIECES * (size_t)PAGES_PIECE_MAX);
	pages_give(p, kept);
	pages_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_in_turn),
	    cmocka_unit_test(test_no_more_than_is_out),
	    cmocka_unit_test(test_used_again),
	    cmocka_unit_test(test_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
