/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blocks.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LARGEST      (70 * 1024) /* larger than those that are kept */
#define KEPT_LARGEST 64000

static int
set_up(void **state)
{
	*state = calloc(1, sizeof(struct blocks));
	return *state == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	blocks_fini(*state);
	free(*state);
	return 0;
}

/* Where nothing is kept there is nothing to see. */
static void
needs_spare(void)
{
	if (BLOCKS_SPARE_MAX == 0)
		skip();
}

/* All bytes of it are the caller's, whatever was in it before. */
static void
test_all_sizes(void **state)
{
	for (size_t size = 1; size <= LARGEST; size++) {
		char *block = blocks_take(*state, size);

		assert_non_null(block);
		assert_int_equal((uintptr_t)block % alignof(max_align_t), 0);
		memset(block, 'x', size);
		blocks_give(*state, block, size);
		block = blocks_take_zeroed(*state, size);
		assert_non_null(block);
		assert_int_equal(block[0], 0);
		assert_memory_equal(block, block + 1, size - 1);
		blocks_give(*state, block, size);
	}
}

static void
test_used_again(void **state)
{
	void *a, *b;

	needs_spare();
	a = blocks_take(*state, 100);
	b = blocks_take(*state, 100);
	assert_ptr_not_equal(a, b);
	blocks_give(*state, a, 100);
	blocks_give(*state, b, 100);
	assert_ptr_equal(blocks_take(*state, 100), b);
	assert_ptr_equal(blocks_take(*state, 100), a);
	blocks_give(*state, a, 100);
	blocks_give(*state, b, 100);
}

/* How much is kept of one that is given back. */
static size_t
kept(struct blocks *b, size_t size)
{
	size_t before = b->spare_bytes;

	blocks_give(b, blocks_take(b, size), size);
	assert_true(b->spare_bytes > before);
	return b->spare_bytes - before;
}

/* It is no larger than the header promises. */
static void
test_sizes(void **state)
{
	struct blocks *b = *state;

	needs_spare();
	for (size_t size = 1; size <= KEPT_LARGEST; size++) {
		size_t small = size < 24 ? 24 : (size + 7) / 16 * 16 + 8;
		size_t is = kept(b, size);

		assert_true(is >= size);
		assert_true(is <= (size <= 1000 ? small : size + size / 8 + 1));
		blocks_fini(b);
	}
}

/* One size takes nothing from another. */
static void
test_sizes_apart(void **state)
{
	void *a = blocks_take(*state, 100), *b;

	blocks_give(*state, a, 100);
	b = blocks_take(*state, 200);
	assert_non_null(b);
	memset(b, 'x', 200);
	blocks_give(*state, b, 200);
}

/* However many are given back, and however large they are. */
static void
test_bounded(void **state)
{
	enum {
		MANY = 3000
	};
	struct blocks *b = *state;
	void *block[MANY];

	for (size_t i = 0; i < MANY; i++) {
		block[i] = blocks_take(b, 1 + i * 7);
		assert_non_null(block[i]);
	}
	for (size_t i = 0; i < MANY; i++) {
		blocks_give(b, block[i], 1 + i * 7);
		assert_true(b->spare_bytes <= BLOCKS_SPARE_MAX);
	}
	blocks_give(b, NULL, 100);
	blocks_give(b, blocks_take(b, 2 << 20), 2 << 20);
	assert_true(b->spare_bytes <= BLOCKS_SPARE_MAX);
	blocks_fini(b);
	assert_int_equal(b->spare_bytes, 0);
}

/* What many needed once does not leave those without who come after. */
static void
test_room_for_others(void **state)
{
	enum {
		MANY = 11000 /* of 100 bytes: more than are spared */
	};
	struct blocks *b = *state;
	void *block[MANY + 1], *other;

	needs_spare();
	for (size_t i = 0; i < MANY; i++)
		block[i] = blocks_take(b, 100);
	for (size_t i = 0; i < MANY; i++)
		blocks_give(b, block[i], 100);
	other = blocks_take(b, 60000);
	blocks_give(b, other, 60000);
	assert_true(b->spare_bytes <= BLOCKS_SPARE_MAX);
	assert_ptr_equal(blocks_take(b, 60000), other);
	blocks_give(b, other, 60000);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_all_sizes),
	    TEST(test_used_again),
	    TEST(test_sizes),
	    TEST(test_sizes_apart),
	    TEST(test_bounded),
	    TEST(test_room_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
