/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pages - memory for pieces that are many, small, and given back in nearly the
 * order in which they were taken: none is allocated for itself. What was given
 * back is used again, never returned before pages_free().
 */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>

/* The largest piece. */
#define PAGES_PIECE_MAX (128 * 1024)

struct pages;

/* NULL: no memory. Takes all pieces with it; pages_free(NULL) is fine. */
struct pages *pages_new(void);
void pages_free(struct pages *p);

/* Fit for an object of any type; NULL: no memory. */
void *pages_take(struct pages *p, size_t size);
void pages_give(struct pages *p, void *piece);

/* Bytes of all pages of which a piece is out: one piece keeps a whole page. */
size_t pages_used(const struct pages *p);

#endif
