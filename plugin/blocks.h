/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blocks - memory for objects of any size, of which as many come as go, in any
 * order: what was given back is used again, so that none is allocated then.
 * More than a limit is not kept but freed.
 *
 * A small block is as large as malloc(3) makes one of that size; a larger one
 * takes up to an eighth more than was asked for.
 */
#ifndef BLOCKS_H
#define BLOCKS_H

#include <stddef.h>

/* So many bytes are kept at most; none from a sanitizer, which finds those who
 * use what they gave back. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BLOCKS_SPARE_MAX 0
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(BLOCKS_SPARE_MAX)
#define BLOCKS_SPARE_MAX 0
#endif
#ifndef BLOCKS_SPARE_MAX
#define BLOCKS_SPARE_MAX (1024 * 1024)
#endif

/* How many sizes there are: see blocks.c. Of larger ones none are kept. */
#define BLOCKS_SMALL 64
#define BLOCKS_LARGE 48
#define BLOCKS_SIZES (BLOCKS_SMALL + BLOCKS_LARGE)

struct block;

/* All zeros: it keeps none yet. */
struct blocks {
	struct block *spare[BLOCKS_SIZES];
	size_t spare_bytes;
};

/* Fit for an object of any type; NULL: no memory. */
void *blocks_take(struct blocks *b, size_t size);
/* The same of which each byte is 0. */
void *blocks_take_zeroed(struct blocks *b, size_t size);
/* size: as it was taken. NULL is fine. */
void blocks_give(struct blocks *b, void *block, size_t size);
/* Frees what is kept; what is still out stays the caller's to free(3). */
void blocks_fini(struct blocks *b);

#endif
