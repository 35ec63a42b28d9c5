/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "record.h"
#include "stream.h"

struct held {
	uint32_t serial;
	uint64_t number;    /* in order of arrival */
	int64_t arrived_ms; /* by the stream's clock */
	size_t len;
	char bytes[];
};

struct order {
	int64_t lateness_ms;
	order_line_fn fn;
	void *ctx;

	struct stream stream;
	uint32_t newest; /* the highest serial that came; 0: none */
	int64_t now_ms;  /* the newest stamp */
	uint64_t number; /* lines that came */
	uint32_t last;   /* serial that went on last; 0: none */
	uint64_t late;

	struct held **heap; /* the lowest serial first */
	size_t n, room;
	size_t bytes;

	size_t have; /* of an unfinished line */
	char line[ASSEMBLE_LINE_MAX + 2];
};

struct order *
order_new(const char *node, int64_t lateness_ms, order_line_fn fn, void *ctx)
{
	struct order *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->lateness_ms = lateness_ms;
	o->fn = fn;
	o->ctx = ctx;
	o->now_ms = TIME_UNKNOWN;
	stream_init(&o->stream, node);
	return o;
}

void
order_free(struct order *o)
{
	if (o == NULL)
		return;
	while (o->n > 0)
		free(o->heap[--o->n]);
	free(o->heap);
	free(o);
}

/* The heap. */

static bool
is_before(const struct held *a, const struct held *b)
{
	int32_t d = (int32_t)(a->serial - b->serial);

	return d != 0 ? d < 0 : a->number < b->number;
}

static void
push(struct order *o, struct held *h)
{
	size_t at = o->n++;

	while (at > 0 && is_before(h, o->heap[(at - 1) / 2])) {
		o->heap[at] = o->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	o->heap[at] = h;
	o->bytes += h->len;
}

static struct held *
pop(struct order *o)
{
	struct held *lowest = o->heap[0], *h = o->heap[--o->n];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < o->n) {
		if (child + 1 < o->n &&
		    is_before(o->heap[child + 1], o->heap[child]))
			child++;
		if (is_before(h, o->heap[child]))
			break;
		o->heap[at] = o->heap[child];
		at = child;
	}
	o->heap[at] = h;
	o->bytes -= lowest->len;
	return lowest;
}

/* Makes room for one more; false: no memory. */
static bool
grow(struct order *o)
{
	size_t room = o->room == 0 ? 1024 : 2 * o->room;
	struct held **heap;

	if (o->n < o->room)
		return true;
	heap = reallocarray(o->heap, room, sizeof(struct held *));
	if (heap == NULL)
		return false;
	o->heap = heap;
	o->room = room;
	return true;
}

/* Lines on. */

static void
hand_on(struct order *o, uint32_t serial, struct bytes line)
{
	if (o->last == 0 || (int32_t)(serial - o->last) > 0)
		o->last = serial;
	o->fn(o->ctx, line);
}

static void
hand_on_lowest(struct order *o)
{
	struct held *h = pop(o);

	hand_on(o, h->serial, (struct bytes){h->bytes, h->len});
	free(h);
}

static void
hand_on_all(struct order *o)
{
	while (o->n > 0)
		hand_on_lowest(o);
}

static void
hand_on_due(struct order *o)
{
	while (o->n > 0 &&
	       (o->bytes > ORDER_BYTES ||
		   o->heap[0]->arrived_ms + o->lateness_ms <= o->now_ms))
		hand_on_lowest(o);
}

static void
hold(struct order *o, uint32_t serial, struct bytes line)
{
	struct held *h = NULL;

	o->late += o->last != 0 && (int32_t)(serial - o->last) < 0;
	if (grow(o))
		h = malloc(sizeof(*h) + line.len);
	if (h == NULL) {
		hand_on_all(o);
		hand_on(o, serial, line);
		return;
	}
	h->serial = serial;
	h->number = o->number++;
	h->arrived_ms = o->now_ms;
	h->len = line.len;
	memcpy(h->bytes, line.at, line.len);
	push(o, h);
	hand_on_due(o);
}

/* Lines in. */

/*
 * What is stamped so much later than all that came was not made before it: the
 * kernel counts anew, or logs of several kernels follow one another.
 */
static bool
counts_anew(const struct order *o, struct stamp at)
{
	return o->newest != 0 && (int32_t)(at.serial - o->newest) < 0 &&
	       at.ms > o->now_ms + o->lateness_ms;
}

static void
note_newest(struct order *o, struct stamp at)
{
	if (counts_anew(o, at)) {
		hand_on_all(o);
		o->newest = o->last = 0;
	}
	if (at.ms > o->now_ms)
		o->now_ms = at.ms;
	if (o->newest == 0 || (int32_t)(at.serial - o->newest) > 0)
		o->newest = at.serial;
}

/* line: with its newline. */
static void
take_line(struct order *o, struct bytes line)
{
	struct record rec;

	if (record_parse((struct bytes){line.at, line.len - 1}, &rec) &&
	    stream_is_local(&o->stream, &rec) &&
	    !stream_is_daemons(&o->stream, &rec)) {
		note_newest(o, rec.at);
		hold(o, rec.at.serial, line);
	} else if (o->newest == 0) {
		o->fn(o->ctx, line);
	} else {
		hold(o, o->newest, line);
	}
}

static void
end_line(struct order *o)
{
	o->line[o->have++] = '\n';
	take_line(o, (struct bytes){o->line, o->have});
	o->have = 0;
}

void
order_take(struct order *o, struct bytes piece)
{
	const char *end = piece.at + piece.len;

	while (piece.at < end) {
		size_t left = (size_t)(end - piece.at);
		const char *newline = memchr(piece.at, '\n', left);
		size_t n =
		    newline == NULL ? left : (size_t)(newline - piece.at);
		size_t kept = n, room = ASSEMBLE_LINE_MAX + 1 - o->have;

		if (kept > room)
			kept = room;
		memcpy(o->line + o->have, piece.at, kept);
		o->have += kept;
		piece.at += n;
		if (newline != NULL) {
			piece.at++;
			end_line(o);
		}
	}
}

void
order_end_file(struct order *o)
{
	if (o->have > 0)
		end_line(o);
}

void
order_finish(struct order *o)
{
	hand_on_all(o);
}

uint64_t
order_late(const struct order *o)
{
	return o->late;
}
