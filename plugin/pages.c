/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/queue.h>

/* Each is aligned to it, so that a piece tells its page. */
#define PAGE_SIZE ((size_t)256 * 1024)

struct page {
	SLIST_ENTRY(page) next; /* among the spare ones */
	LIST_ENTRY(page) of_all;
	size_t used, pieces;
	alignas(max_align_t) char bytes[];
};

struct pages {
	LIST_HEAD(, page) all;
	SLIST_HEAD(, page) spare;
	struct page *open; /* which the next piece is of; or NULL */
	size_t nused;      /* pages that are not spare */
};

struct pages *
pages_new(void)
{
	return calloc(1, sizeof(struct pages));
}

void
pages_free(struct pages *p)
{
	struct page *page;

	if (p == NULL)
		return;
	while ((page = LIST_FIRST(&p->all)) != NULL) {
		LIST_REMOVE(page, of_all);
		free(page);
	}
	free(p);
}

/* Another page; one of whose pieces some are out is left to them. */
static struct page *
turn(struct pages *p)
{
	struct page *page = SLIST_FIRST(&p->spare);

	if (page != NULL) {
		SLIST_REMOVE_HEAD(&p->spare, next);
	} else {
		page = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
		if (page == NULL)
			return NULL;
		page->pieces = 0;
		LIST_INSERT_HEAD(&p->all, page, of_all);
	}
	page->used = 0;
	p->open = page;
	p->nused++;
	return page;
}

void *
pages_take(struct pages *p, size_t size)
{
	const size_t room = PAGE_SIZE - offsetof(struct page, bytes);
	const size_t align = alignof(max_align_t);
	struct page *page = p->open;
	void *piece;

	assert(size <= PAGES_PIECE_MAX);
	size = (size + align - 1) / align * align;
	if ((page == NULL || size > room - page->used) &&
	    (page = turn(p)) == NULL)
		return NULL;
	piece = page->bytes + page->used;
	page->used += size;
	page->pieces++;
	return piece;
}

void
pages_give(struct pages *p, void *piece)
{
	char *at = piece;
	struct page *page = (void *)(at - ((uintptr_t)piece & (PAGE_SIZE - 1)));

	if (--page->pieces > 0)
		return;
	if (page == p->open) {
		page->used = 0;
		return;
	}
	SLIST_INSERT_HEAD(&p->spare, page, next);
	p->nused--;
}

size_t
pages_used(const struct pages *p)
{
	return p->nused * PAGE_SIZE;
}
