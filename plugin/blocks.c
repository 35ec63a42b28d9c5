/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blocks.h"

#include <stdlib.h>
#include <string.h>

/* As malloc(3) makes them: in steps, less what it needs of each for itself. */
#define SMALL_STEP 16
#define HEAD       8
#define SMALL_MAX  ((size_t)BLOCKS_SMALL * SMALL_STEP - HEAD)

#define LARGE_STEPS 8 /* of the same length, from a size to its double */
#define LARGE_MAX   (SMALL_MAX << (BLOCKS_LARGE / LARGE_STEPS))

struct block {
	struct block *next;
};

/* The number of the smallest size that is large enough; BLOCKS_SIZES: none. */
static size_t
number_of(size_t size)
{
	size_t from = SMALL_MAX, number = BLOCKS_SMALL;

	if (size <= SMALL_MAX)
		return (size + SMALL_STEP - 1 - HEAD) / SMALL_STEP;
	if (size > LARGE_MAX)
		return BLOCKS_SIZES;
	for (; size > 2 * from; from *= 2)
		number += LARGE_STEPS;
	return number + (size - from - 1) / (from / LARGE_STEPS);
}

static size_t
size_of(size_t number)
{
	size_t from, large = number - BLOCKS_SMALL;

	if (number < BLOCKS_SMALL)
		return number * SMALL_STEP + HEAD;
	from = SMALL_MAX << (large / LARGE_STEPS);
	return from + (large % LARGE_STEPS + 1) * (from / LARGE_STEPS);
}

/* Takes out the first from there on, of blocks of that size. */
static struct block *
take_out(struct blocks *b, struct block **list, size_t number)
{
	struct block *block = *list;

	*list = block->next;
	b->spare_bytes -= size_of(number);
	return block;
}

void *
blocks_take(struct blocks *b, size_t size)
{
	size_t number = number_of(size);

	if (number == BLOCKS_SIZES)
		return malloc(size);
	if (b->spare[number] == NULL)
		return malloc(size_of(number));
	return take_out(b, &b->spare[number], number);
}

void *
blocks_take_zeroed(struct blocks *b, size_t size)
{
	void *block = blocks_take(b, size);

	return block == NULL ? NULL : memset(block, 0, size);
}

/*
 * Frees half of each size, so that what many needed once does not leave others
 * without: of what nobody takes any more there is less each time.
 */
static void
make_room(struct blocks *b)
{
	for (size_t i = 0; i < BLOCKS_SIZES; i++) {
		struct block **list = &b->spare[i];

		while (*list != NULL) {
			free(take_out(b, list, i));
			if (*list != NULL)
				list = &(*list)->next;
		}
	}
}

void
blocks_give(struct blocks *b, void *block, size_t size)
{
	size_t number = number_of(size);
	struct block *spare = block;

	if (block == NULL)
		return;
	if (number == BLOCKS_SIZES || BLOCKS_SPARE_MAX == 0) {
		free(block);
		return;
	}
	if (b->spare_bytes + size_of(number) > BLOCKS_SPARE_MAX)
		make_room(b);
	spare->next = b->spare[number];
	b->spare[number] = spare;
	b->spare_bytes += size_of(number);
}

void
blocks_fini(struct blocks *b)
{
	for (size_t i = 0; i < BLOCKS_SIZES; i++) {
		while (b->spare[i] != NULL)
			free(take_out(b, &b->spare[i], i));
	}
}
