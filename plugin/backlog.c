/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backlog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* When nothing waits, so much of the ring at most has pages. */
#define KEPT (1024 * 1024)

/*
 * used bytes are kept from head on, around the end of the ring; the first sent
 * of them are written already, but not the end of the line they belong to; or
 * they are the lines that were given.
 */
struct backlog {
	size_t size, head, used, sent;
	size_t given;   /* lines */
	size_t touched; /* up to here the ring was written to */
	char *ring;
};

struct backlog *
backlog_new(size_t budget)
{
	struct backlog *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->size = budget;
	/* Not cleared by us: pages that are never used cost no memory. */
	b->ring = malloc(budget);
	if (b->ring == NULL) {
		free(b);
		return NULL;
	}
	return b;
}

void
backlog_free(struct backlog *b)
{
	if (b == NULL)
		return;
	free(b->ring);
	free(b);
}

/* The len bytes that start offset behind head, in the parts they have. */
static void
span(const struct backlog *b, size_t offset, size_t len, struct bytes part[2])
{
	size_t at = (b->head + offset) % b->size;
	size_t first = len < b->size - at ? len : b->size - at;

	part[0] = (struct bytes){b->ring + at, first};
	part[1] = (struct bytes){b->ring, len - first};
}

/* Copies len bytes behind those that are kept; there is room. */
static void
append(struct backlog *b, const char *from, size_t len)
{
	size_t at = (b->head + b->used) % b->size;
	size_t first = len < b->size - at ? len : b->size - at;

	memcpy(b->ring + at, from, first);
	memcpy(b->ring, from + first, len - first);
	b->used += len;
	if (at + first > b->touched)
		b->touched = at + first;
}

bool
backlog_put_headed(
    struct backlog *b, struct bytes head, const char *line, size_t len)
{
	assert(len > 0 && memchr(line, '\n', len) == line + len - 1);
	if (len > b->size - b->used || head.len > b->size - b->used - len)
		return false;
	if (head.len > 0)
		append(b, head.at, head.len);
	append(b, line, len);
	return true;
}

bool
backlog_put(struct backlog *b, const char *line, size_t len)
{
	return backlog_put_headed(b, BYTES_NONE, line, len);
}

size_t
backlog_used(const struct backlog *b)
{
	return b->used - b->sent;
}

size_t
backlog_room(const struct backlog *b)
{
	return b->size - b->used;
}

void
backlog_peek(const struct backlog *b, size_t len, struct bytes part[2])
{
	assert(len <= backlog_used(b));
	if (len == 0)
		part[0] = part[1] = (struct bytes){b->ring, 0};
	else
		span(b, b->sent, len, part);
}

size_t
backlog_kept(const struct backlog *b)
{
	return b->used;
}

size_t
backlog_count(const struct backlog *b)
{
	struct bytes part[2];
	size_t n = 0;

	backlog_peek(b, backlog_used(b), part);
	for (int i = 0; i < 2; i++) {
		const char *end = part[i].at + part[i].len;
		const char *at = part[i].at;

		while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
			n++;
			at++;
		}
	}
	return n;
}

/* Of the len bytes at offset behind head, how many end in a newline. */
static size_t
whole(const struct backlog *b, size_t offset, size_t len)
{
	struct bytes part[2];
	const char *nl;

	if (len == 0)
		return 0;
	span(b, offset, len, part);
	nl = memrchr(part[1].at, '\n', part[1].len);
	if (nl != NULL)
		return part[0].len + (size_t)(nl - part[1].at) + 1;
	nl = memrchr(part[0].at, '\n', part[0].len);
	return nl != NULL ? (size_t)(nl - part[0].at) + 1 : 0;
}

size_t
backlog_whole(const struct backlog *b, size_t max)
{
	size_t waiting = backlog_used(b);

	return whole(b, b->sent, max < waiting ? max : waiting);
}

/* Length of the line, or rest of one, at offset behind head; 0: none. */
static size_t
line_at(const struct backlog *b, size_t offset)
{
	struct bytes part[2];
	const char *nl;

	if (offset == b->used)
		return 0;
	span(b, offset, b->used - offset, part);
	nl = memchr(part[0].at, '\n', part[0].len);
	if (nl != NULL)
		return (size_t)(nl - part[0].at) + 1;
	nl = memchr(part[1].at, '\n', part[1].len);
	return nl != NULL ? part[0].len + (size_t)(nl - part[1].at) + 1 : 0;
}

size_t
backlog_first(const struct backlog *b)
{
	return line_at(b, b->sent);
}

/* Nothing waits: from the start again, and with few pages. */
static void
start_again(struct backlog *b)
{
	char *ring;

	b->head = 0;
	if (b->touched <= KEPT)
		return;
	ring = malloc(b->size);
	if (ring == NULL)
		return;
	free(b->ring);
	b->ring = ring;
	b->touched = 0;
}

/* The first len bytes are no longer kept. */
static void
let_go(struct backlog *b, size_t len)
{
	b->used -= len;
	b->sent -= len;
	if (b->used > 0)
		b->head = (b->head + len) % b->size;
	else
		start_again(b);
}

void
backlog_sent(struct backlog *b, size_t len)
{
	assert(len <= backlog_used(b) && b->given == 0);
	b->sent += len;
	let_go(b, whole(b, 0, b->sent));
}

bool
backlog_give(struct backlog *b, struct bytes part[2])
{
	size_t len = backlog_first(b);

	if (len == 0)
		return false;
	backlog_peek(b, len, part);
	b->sent += len;
	b->given++;
	return true;
}

size_t
backlog_given(const struct backlog *b)
{
	return b->given;
}

void
backlog_drop(struct backlog *b, size_t n)
{
	size_t len = 0;

	assert(n <= b->given);
	for (size_t i = 0; i < n; i++)
		len += line_at(b, len);
	b->given -= n;
	let_go(b, len);
}

void
backlog_rewind(struct backlog *b)
{
	b->sent = 0;
	b->given = 0;
}
