/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sink_wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that wait for the link, besides the longest line. */
#define OUT_SIZE (128 * 1024)

/* One flush writes no more than about so much, lest stdin waits while much
 * goes out of a spool to a receiver that is fast. */
#define FLUSH_MAX (1024 * 1024)

/* A connection that lasts so long is one that works, if nothing else tells: a
 * receiver may take it and give it up at once, each time. */
#define WORKS_MS 1000

struct sink_wire {
	const struct sink_wire_ops *ops;
	void *impl;
	struct link *link;
	/* The connection; what is known of the last one until the next. */
	bool up;
	uint64_t generation;
	int64_t up_ms;     /* since when */
	uint64_t written;  /* bytes that the link took */
	uint64_t received; /* of those the receiver had when last asked */
	/* From a failure until a connection works. */
	bool troubled;
	bool works; /* the link was told so */
	/* The link took the first at bytes of out. */
	struct text out;
	size_t at;
	size_t longest; /* bytes that a frame may need */
	bool dry;       /* the queue handed out no more, when last asked */
	/* When to flush again, from since_ms on; -1: not for our sake. */
	int64_t since_ms, wait_ms;
};

struct sink_wire *
sink_wire_new(const struct sink_settings *s, struct resolve *r,
    const struct sink_wire_ops *ops, void *impl, struct err *err)
{
	struct sink_wire *w = calloc(1, sizeof(*w));
	size_t size;
	char *buf;

	if (w == NULL) {
		err_errno(err, "buffer");
		return NULL;
	}
	w->ops = ops;
	w->impl = impl;
	w->wait_ms = -1;
	w->longest = s->max_event + SINK_WIRE_FRAME_MAX;
	size = OUT_SIZE + w->longest;
	/* Not cleared by us: pages that are never used cost no memory. */
	buf = malloc(size);
	if (buf == NULL) {
		err_errno(err, "buffer");
		free(w);
		return NULL;
	}
	text_init(&w->out, buf, size);
	w->link = link_new(s, r, err);
	if (w->link == NULL) {
		sink_wire_free(w);
		return NULL;
	}
	return w;
}

void
sink_wire_free(struct sink_wire *w)
{
	if (w == NULL)
		return;
	link_free(w->link);
	free(w->out.buf);
	free(w);
}

struct link *
sink_wire_link(const struct sink_wire *w)
{
	return w->link;
}

void
sink_wire_doubt(struct sink_wire *w)
{
	w->troubled = true;
}

const char *
sink_wire_trouble(const struct sink_wire *w)
{
	return link_trouble(w->link);
}

uint64_t
sink_wire_written(const struct sink_wire *w)
{
	return w->written;
}

uint64_t
sink_wire_received(struct sink_wire *w)
{
	uint64_t unread;

	/* Of a connection before this one the link knows nothing more. */
	if (link_generation(w->link) != w->generation)
		return 0;
	/* To ask is a system call; what has arrived stays there. */
	if (w->received == w->written)
		return w->received;
	unread = link_unread(w->link);
	if (unread < w->written && w->written - unread > w->received)
		w->received = w->written - unread;
	return w->received;
}

void
sink_wire_wake(struct sink_wire *w, int64_t ms)
{
	if (w->wait_ms < 0 || ms < w->wait_ms)
		w->wait_ms = ms;
}

void
sink_wire_works(struct sink_wire *w)
{
	if (!w->works)
		link_works(w->link);
	w->works = true;
	w->troubled = false;
}

static void
begin(struct sink_wire *w, int64_t now_ms)
{
	w->up = true;
	w->works = false;
	w->generation = link_generation(w->link);
	w->up_ms = now_ms;
	w->written = w->received = 0;
	w->out.len = w->at = 0;
	w->ops->begin(w->impl, &w->out, now_ms);
}

static void
end(struct sink_wire *w, struct queue *q)
{
	w->ops->end(w->impl, q);
	queue_rewind(q);
	w->up = false;
	w->troubled = true;
}

/* Has the link go on. False: there is no connection now. */
static bool
turn(struct sink_wire *w, struct queue *q, int64_t now_ms)
{
	enum link_state state = link_turn(w->link, now_ms);

	if (w->up &&
	    (state != LINK_UP || link_generation(w->link) != w->generation))
		end(w, q);
	if (state == LINK_DOWN)
		w->troubled = true;
	if (state != LINK_UP)
		return false;
	if (!w->up)
		begin(w, now_ms);
	return true;
}

/* The buffer. */

/* Whether out has room for need bytes, after what can be done for it. */
static bool
has_room(struct sink_wire *w, size_t need)
{
	struct text *out = &w->out;

	if (out->size - out->len < need && w->at > 0) {
		memmove(out->buf, out->buf + w->at, out->len - w->at);
		out->len -= w->at;
		w->at = 0;
	}
	return out->size - out->len >= need;
}

/* A line of before, when longer ones were allowed, may need a larger buffer. */
static bool
make_room(struct sink_wire *w, size_t need)
{
	char *buf;

	if (has_room(w, need))
		return true;
	buf = realloc(w->out.buf, w->out.len + need);
	if (buf == NULL)
		return false;
	w->out.buf = buf;
	w->out.size = w->out.len + need;
	return true;
}

/* Frames lines while there are any and they have room. False: the connection
 * was given up. */
static bool
fill(struct sink_wire *w, struct queue *q, int64_t now_ms)
{
	struct bytes part[2];

	w->dry = false;
	while (has_room(w, w->longest) && w->ops->may_send(w->impl)) {
		size_t len;

		w->dry = !queue_next(q, part);
		if (w->dry)
			break;
		len = part[0].len + part[1].len;
		if (!make_room(w, len + SINK_WIRE_FRAME_MAX)) {
			link_fail(w->link, now_ms,
			    "no memory for a line of %zu bytes", len);
			return false;
		}
		w->ops->add(w->impl, part, &w->out);
		assert(text_ok(&w->out));
	}
	return true;
}

/* Has the link take what it can. Returns how many bytes; -1: it broke. */
static ssize_t
write_out(struct sink_wire *w, int64_t now_ms)
{
	ssize_t taken = 0;

	while (w->at < w->out.len) {
		ssize_t n = link_write(
		    w->link, w->out.buf + w->at, w->out.len - w->at, now_ms);

		if (n < 0)
			return -1;
		if (n == 0)
			return taken;
		w->at += (size_t)n;
		w->written += (uint64_t)n;
		taken += n;
	}
	w->out.len = w->at = 0;
	return taken;
}

/* Whether another round would get more out. Not all that waits can be had: a
 * spool may not be able to read it now. */
static bool
has_more(const struct sink_wire *w)
{
	return w->out.len == 0 && !w->dry && w->ops->may_send(w->impl);
}

/* A write that finds the connection broken takes with it what was not heard:
 * an answer that is owed may be there by now. False: it broke. */
static bool
hear_owed(struct sink_wire *w, struct queue *q, int64_t now_ms)
{
	return w->ops->is_owed == NULL || !w->ops->is_owed(w->impl) ||
	       w->ops->hear(w->impl, q, now_ms);
}

/*
 * One round of writing and hearing. Returns bytes written; -1: it broke.
 * Heard last, so that what came back at once counts, and nothing need be heard
 * once more for it.
 */
static ssize_t
go_round(struct sink_wire *w, struct queue *q, int64_t now_ms)
{
	ssize_t n;

	if (!hear_owed(w, q, now_ms) || !fill(w, q, now_ms))
		return -1;
	n = write_out(w, now_ms);
	return n >= 0 && w->ops->hear(w->impl, q, now_ms) ? n : -1;
}

/* Whether a connection that nothing else was heard of works. */
static void
judge(struct sink_wire *w, int64_t now_ms)
{
	if (w->works || (w->ops->is_owed != NULL && w->ops->is_owed(w->impl)))
		return;
	/* A clock that was set back makes it start anew. */
	if (now_ms < w->up_ms)
		w->up_ms = now_ms;
	if (now_ms - w->up_ms >= WORKS_MS)
		sink_wire_works(w);
	else
		sink_wire_wake(w, WORKS_MS - (now_ms - w->up_ms));
}

enum sink_state
sink_wire_flush(struct sink_wire *w, struct queue *q, int64_t now_ms)
{
	uint64_t written = 0;

	w->since_ms = now_ms;
	w->wait_ms = -1;
	while (turn(w, q, now_ms)) {
		ssize_t n = go_round(w, q, now_ms);

		if (n > 0)
			written += (uint64_t)n;
		if (written >= FLUSH_MAX)
			sink_wire_wake(w, 0);
		if (written >= FLUSH_MAX || (n >= 0 && !has_more(w)))
			break;
	}
	if (w->up)
		judge(w, now_ms);
	if (w->troubled)
		return SINK_FAILED;
	return w->up && w->out.len == 0 ? SINK_DONE : SINK_WAIT;
}

struct link_wish
sink_wire_wish(const struct sink_wire *w, int64_t now_ms)
{
	struct link_wish wish = link_wish(w->link, now_ms);
	int64_t passed = now_ms - w->since_ms;
	int64_t wait = w->wait_ms;

	if (wait < 0)
		return wish;
	/* A clock that was set back ends the wait. */
	wait = passed < 0 || passed > wait ? 0 : wait - passed;
	if (wish.wait_ms < 0 || wait < wish.wait_ms)
		wish.wait_ms = wait;
	return wish;
}

struct text *
sink_wire_last_word(struct sink_wire *w)
{
	return w->up && w->out.len == 0 ? &w->out : NULL;
}

void
sink_wire_say(struct sink_wire *w, int64_t now_ms)
{
	write_out(w, now_ms);
}

void
sink_wire_strip(const struct bytes line[2], struct bytes part[2])
{
	part[0] = line[0];
	part[1] = line[1];
	if (part[1].len > 0)
		part[1].len--;
	else
		part[0].len--;
}
