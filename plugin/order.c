/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "order.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "assemble.h"
#include "pages.h"
#include "stream.h"

/* Seconds of a busy stream are held: no more of a record than it needs. */
struct held {
	STAILQ_ENTRY(held) next;
	int64_t arrived_ms; /* by the stream's clock */
	int64_t ms;         /* of a record, its stamp */
	uint32_t serial;
	uint32_t number; /* in order of arrival; rolls over */
	uint32_t len;
	uint32_t fields; /* of a record: where in text they start */
	uint8_t kind;    /* enum record_kind */
	bool is_record;
	char text[];
};
STAILQ_HEAD(held_lines, held);

struct order {
	struct order_settings set;
	struct order_ops ops;
	void *ctx;

	struct stream stream;
	uint32_t newest; /* the highest serial that came; 0: none */
	int64_t now_ms;  /* the newest stamp */
	uint32_t number; /* lines that came */
	uint32_t last;   /* serial that found its place last; 0: none */
	uint64_t late;

	struct pages *pages;      /* all that is held */
	struct held_lines rising; /* each of a serial no lower than the last */
	uint32_t risen;           /* the last of these serials */
	struct held **heap;       /* the others, the lowest serial first */
	size_t n, room;
	struct held_lines ordered; /* those that found their places */

	size_t have; /* of an unfinished line */
	char line[ASSEMBLE_LINE_MAX + 2];
};

struct order *
order_new(
    const struct order_settings *s, const struct order_ops *ops, void *ctx)
{
	struct order *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->pages = pages_new();
	if (o->pages == NULL) {
		free(o);
		return NULL;
	}
	o->set = *s;
	o->ops = *ops;
	o->ctx = ctx;
	o->now_ms = TIME_UNKNOWN;
	STAILQ_INIT(&o->rising);
	STAILQ_INIT(&o->ordered);
	stream_init(&o->stream, s->node);
	return o;
}

void
order_free(struct order *o)
{
	if (o == NULL)
		return;
	free(o->heap);
	pages_free(o->pages);
	free(o);
}

/* The heap. */

static bool
is_before(const struct held *a, const struct held *b)
{
	int32_t d = (int32_t)(a->serial - b->serial);

	return d != 0 ? d < 0 : (int32_t)(a->number - b->number) < 0;
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

/* The lowest of those that have no place yet; NULL: there is none. */
static struct held *
lowest(const struct order *o)
{
	struct held *h = STAILQ_FIRST(&o->rising);

	if (o->n > 0 && (h == NULL || is_before(o->heap[0], h)))
		h = o->heap[0];
	return h;
}

/* What is held, as it came; of a record, it is in *rec. */
static struct order_line
line_of(const struct order *o, const struct held *h, struct record *rec)
{
	struct order_line line = {.text = {h->text, h->len}};

	if (!h->is_record)
		return line;
	*rec = (struct record){
	    .line = {h->text, h->len - 1},
	    .node = stream_node(&o->stream),
	    .fields = {h->text + h->fields, h->len - 1 - h->fields},
	    .at = {h->ms, h->serial},
	    .kind = h->kind,
	};
	line.record = rec;
	return line;
}

/* It is the next one. */
static void
place(struct order *o, struct held *h)
{
	struct order_line line;
	struct record rec;

	if (h == STAILQ_FIRST(&o->rising))
		STAILQ_REMOVE_HEAD(&o->rising, next);
	else
		(void)pop(o);
	STAILQ_INSERT_TAIL(&o->ordered, h, next);
	if (o->last == 0 || (int32_t)(h->serial - o->last) > 0)
		o->last = h->serial;
	if (o->ops.ahead == NULL)
		return;
	line = line_of(o, h, &rec);
	o->ops.ahead(o->ctx, &line);
}

static void
place_all(struct order *o)
{
	struct held *h;

	while ((h = lowest(o)) != NULL)
		place(o, h);
}

static void
hand_on(struct order *o)
{
	struct held *h = STAILQ_FIRST(&o->ordered);
	struct record rec;
	struct order_line line = line_of(o, h, &rec);

	STAILQ_REMOVE_HEAD(&o->ordered, next);
	o->ops.line(o->ctx, &line);
	pages_give(o->pages, h);
}

static void
hand_on_due(struct order *o)
{
	int64_t ms = o->now_ms - o->set.lateness_ms;
	struct held *h;

	while ((h = lowest(o)) != NULL &&
	       (pages_used(o->pages) > ORDER_BYTES || h->arrived_ms <= ms))
		place(o, h);
	ms -= o->set.ahead_ms;
	while ((h = STAILQ_FIRST(&o->ordered)) != NULL &&
	       (pages_used(o->pages) > ORDER_BYTES || h->arrived_ms <= ms))
		hand_on(o);
}

static void
hand_on_all(struct order *o)
{
	place_all(o);
	while (!STAILQ_EMPTY(&o->ordered))
		hand_on(o);
}

/* What comes in order, as nearly all does, costs no search. */
static bool
add(struct order *o, struct held *h)
{
	bool rises =
	    STAILQ_EMPTY(&o->rising) || (int32_t)(h->serial - o->risen) >= 0;

	if (!rises && !grow(o))
		return false;
	if (rises) {
		STAILQ_INSERT_TAIL(&o->rising, h, next);
		o->risen = h->serial;
	} else {
		push(o, h);
	}
	return true;
}

/* A copy that is held, with its newline; NULL: no memory. */
static struct held *
keep(struct order *o, uint32_t serial, struct bytes text,
    const struct record *rec)
{
	struct held *h = pages_take(o->pages, sizeof(*h) + text.len + 1);

	if (h == NULL)
		return NULL;
	h->serial = serial;
	h->number = o->number++;
	h->arrived_ms = o->now_ms;
	h->len = (uint32_t)text.len + 1;
	h->is_record = rec != NULL;
	if (rec != NULL) {
		h->ms = rec->at.ms;
		h->fields = (uint32_t)(rec->fields.at - text.at);
		h->kind = (uint8_t)rec->kind;
	}
	memcpy(h->text, text.at, text.len);
	h->text[text.len] = '\n';
	return h;
}

/* It goes on at once. */
static void
pass_on(struct order *o, struct bytes text, const struct record *rec)
{
	struct order_line line = {.text = {o->line, text.len + 1}};
	struct record own;

	memmove(o->line, text.at, text.len);
	o->line[text.len] = '\n';
	if (rec != NULL) {
		own = *rec;
		own.line.at = o->line;
		own.fields.at = o->line + (rec->fields.at - text.at);
		line.record = &own;
	}
	o->ops.line(o->ctx, &line);
}

static void
hold(struct order *o, uint32_t serial, struct bytes text,
    const struct record *rec)
{
	struct held *h = keep(o, serial, text, rec);

	o->late += o->last != 0 && (int32_t)(serial - o->last) < 0;
	if (h != NULL && add(o, h)) {
		hand_on_due(o);
		return;
	}
	if (h != NULL)
		pages_give(o->pages, h);
	hand_on_all(o);
	pass_on(o, text, rec);
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
	       at.ms > o->now_ms + o->set.lateness_ms;
}

static void
note_newest(struct order *o, struct stamp at)
{
	if (counts_anew(o, at)) {
		place_all(o);
		o->newest = o->last = 0;
	}
	if (at.ms > o->now_ms)
		o->now_ms = at.ms;
	if (o->newest == 0 || (int32_t)(at.serial - o->newest) > 0)
		o->newest = at.serial;
}

/* Whether it is a record that the kernel counted, of this host. */
static bool
is_counted(struct order *o, struct bytes text, struct record *rec)
{
	return record_parse(text, rec) && stream_is_local(&o->stream, rec) &&
	       !stream_is_daemons(&o->stream, rec);
}

static void
take_line(struct order *o, struct bytes text)
{
	struct record rec, *own = NULL;
	uint32_t serial = o->newest;
	bool counted = is_counted(o, text, &rec);

	if (counted) {
		note_newest(o, rec.at);
		serial = rec.at.serial;
	}
	if (counted && text.len <= ASSEMBLE_LINE_MAX) {
		if (o->ops.shorten != NULL && !o->ops.shorten(o->ctx, &rec))
			return;
		own = &rec;
		text = rec.line;
	}
	if (counted || o->newest != 0)
		hold(o, serial, text, own);
	else
		pass_on(o, text, own);
}

/* The line that came in pieces is whole. */
static void
take_pieces(struct order *o)
{
	struct bytes text = {o->line, o->have};

	o->have = 0;
	take_line(o, text);
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
		if (newline != NULL && o->have == 0) {
			take_line(o, (struct bytes){piece.at, kept});
		} else {
			memcpy(o->line + o->have, piece.at, kept);
			o->have += kept;
			if (newline != NULL)
				take_pieces(o);
		}
		piece.at += n + (newline != NULL);
	}
}

void
order_end_file(struct order *o)
{
	if (o->have > 0)
		take_pieces(o);
}

void
order_finish(struct order *o)
{
	place_all(o);
	if (o->ops.ahead != NULL)
		o->ops.ahead(o->ctx, NULL);
	hand_on_all(o);
}

uint64_t
order_late(const struct order *o)
{
	return o->late;
}
