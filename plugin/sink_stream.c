/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines over a Unix socket, TCP or TLS, to a receiver that answers nothing.
 *
 * What it has can only be guessed at: the kernel tells what the other end's
 * kernel has, and not what the receiver made of it before it was killed. So
 * the last resend_size bytes are kept, and sent again after a break, until
 * newer ones push them out or the connection has been well and idle for a
 * while. Over a Unix socket the kernel tells what was read, and nothing is
 * kept.
 */
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "sink_impl.h"
#include "sink_wire.h"

/* A connection on which all has arrived and nothing is said for so long is
 * well: what was sent has been read. */
#define SETTLED_MS 5000

/* Nobody tells when what is under way has arrived: asked so often. */
#define ASK_MS 200

/* Lines that are sent and not done with at most: so many, and one more for so
 * many bytes that are kept. When lines are shorter, fewer bytes are kept. */
#define WINDOW_MIN   16384
#define LINE_LENGTH  256
#define WINDOW(keep) (WINDOW_MIN + (keep) / LINE_LENGTH)

/* What comes back is thrown away, so many times at most in one round. */
#define READS_MAX 16

/* Bytes of a line, in the queue and on the connection. */
struct sent {
	uint32_t line, frame;
};

struct sink_stream {
	struct sink_wire *wire;
	enum sink_framing framing;
	uint64_t keep;
	bool spooled;
	/*
	 * The lines that are sent and not done with, oldest first, in a ring
	 * that begins at head. Those before them made up the first done bytes
	 * of the connection. The first narrived of them have arrived, which
	 * end after arrived bytes; in the queue they take held bytes.
	 */
	struct sent *sent;
	size_t window, head, n, narrived;
	uint64_t done, arrived;
	size_t held;
	uint64_t received; /* bytes, when last heard */
	/* Since quiet_ms nothing was under way after quiet bytes. */
	bool is_quiet;
	uint64_t quiet;
	int64_t quiet_ms;
};

static void
stream_begin(void *impl, struct text *out, int64_t now_ms)
{
	struct sink_stream *s = impl;

	(void)out;
	(void)now_ms;
	s->is_quiet = false;
}

/* The nth line of those that are sent and not done with, or may be. */
static struct sent *
nth(const struct sink_stream *s, size_t n)
{
	return &s->sent[(s->head + n) % s->window];
}

static bool
stream_may_send(const void *impl)
{
	const struct sink_stream *s = impl;

	return s->n < s->window;
}

/* Lines may have waited since there were other settings, with a head that
 * they should not have now, or without one. */

static void
add_line(struct text *out, const struct bytes line[2])
{
	size_t head = frame_head_length(line);

	for (int i = 0; i < 2; i++) {
		size_t n = head < line[i].len ? head : line[i].len;

		text_add(out, line[i].at + n, line[i].len - n);
		head -= n;
	}
}

static void
add_message(struct text *out, const struct bytes line[2])
{
	char buf[FRAME_HEAD_MAX];
	struct text head;
	struct bytes part[2];

	sink_wire_strip(line, part);
	text_init(&head, buf, sizeof(buf));
	if (line[0].at[0] == '{')
		frame_head(&head, TIME_UNKNOWN, NULL, 0, NULL);
	frame_count(out, head.len + part[0].len + part[1].len);
	text_add(out, buf, head.len);
	text_add(out, part[0].at, part[0].len);
	text_add(out, part[1].at, part[1].len);
}

static void
stream_add(void *impl, const struct bytes line[2], struct text *out)
{
	struct sink_stream *s = impl;
	size_t before = out->len;

	if (s->framing == FRAMING_SYSLOG)
		add_message(out, line);
	else
		add_line(out, line);
	*nth(s, s->n++) = (struct sent){
	    .line = (uint32_t)(line[0].len + line[1].len),
	    .frame = (uint32_t)(out->len - before),
	};
}

static void
note_arrived(struct sink_stream *s, uint64_t received)
{
	while (s->narrived < s->n) {
		const struct sent *next = nth(s, s->narrived);

		if (s->arrived + next->frame > received)
			return;
		s->arrived += next->frame;
		s->held += next->line;
		s->narrived++;
	}
}

/*
 * Has the queue be done with what has arrived, but for the last keep bytes;
 * with a nearly full window also with what is among those.
 */
static void
take_off(
    struct sink_stream *s, struct queue *q, uint64_t received, uint64_t keep)
{
	size_t few = s->window - s->window / 4;
	uint64_t n = 0;

	note_arrived(s, received);
	while (s->narrived > 0) {
		const struct sent *first = nth(s, 0);

		if (s->arrived - s->done - first->frame < keep && s->n <= few)
			break;
		s->done += first->frame;
		s->held -= first->line;
		s->head = (s->head + 1) % s->window;
		s->n--;
		s->narrived--;
		n++;
	}
	if (n > 0)
		queue_done(q, n);
}

/* Whether the connection has been well and idle for long enough. */
static bool
is_settled(struct sink_stream *s, int64_t now_ms)
{
	uint64_t written = sink_wire_written(s->wire);

	if (s->received < written) {
		s->is_quiet = false;
		return false;
	}
	/* A clock that was set back makes it start anew. */
	if (!s->is_quiet || s->quiet != written || now_ms < s->quiet_ms) {
		s->is_quiet = true;
		s->quiet = written;
		s->quiet_ms = now_ms;
	}
	return now_ms - s->quiet_ms >= SETTLED_MS;
}

static bool
stream_hear(void *impl, struct queue *q, int64_t now_ms)
{
	struct sink_stream *s = impl;
	char thrown_away[4096];
	ssize_t n = 1;

	for (int i = 0; i < READS_MAX && n > 0; i++)
		n = link_read(sink_wire_link(s->wire), thrown_away,
		    sizeof(thrown_away), now_ms);
	if (n < 0)
		return false;
	if (n > 0)
		sink_wire_wake(s->wire, 0);
	s->received = sink_wire_received(s->wire);
	take_off(s, q, s->received, is_settled(s, now_ms) ? 0 : s->keep);
	if (s->n > 0)
		sink_wire_wake(s->wire,
		    s->is_quiet ? SETTLED_MS - (now_ms - s->quiet_ms) : ASK_MS);
	return true;
}

static void
stream_end(void *impl, struct queue *q)
{
	struct sink_stream *s = impl;

	take_off(s, q, sink_wire_received(s->wire), s->keep);
	s->n = s->narrived = 0;
	s->done = s->arrived = 0;
	s->held = 0;
}

static enum sink_state
stream_flush(void *impl, struct queue *q, int64_t now_ms)
{
	struct sink_stream *s = impl;
	enum sink_state state = sink_wire_flush(s->wire, q, now_ms);

	/* What is kept though it has arrived does not wait. */
	if (state == SINK_DONE &&
	    (queue_waits(q) || s->received < sink_wire_written(s->wire)))
		return SINK_WAIT;
	return state;
}

static struct link_wish
stream_wish(const void *impl, const struct queue *q, int64_t now_ms)
{
	const struct sink_stream *s = impl;

	(void)q;
	return sink_wire_wish(s->wire, now_ms);
}

static void
stream_doubt(void *impl)
{
	struct sink_stream *s = impl;

	sink_wire_doubt(s->wire);
}

static const char *
stream_trouble(const void *impl)
{
	const struct sink_stream *s = impl;

	return sink_wire_trouble(s->wire);
}

/* What is in a spool is safe there. */
static size_t
stream_held(const void *impl)
{
	const struct sink_stream *s = impl;

	return s->spooled ? 0 : s->held;
}

static void
stream_free(struct sink_stream *s)
{
	sink_wire_free(s->wire);
	free(s->sent);
	free(s);
}

/*
 * What is kept for a break that can't come any more, since we leave, is not
 * lost; in a spool it stays, for it can be sent again.
 */
static void
stream_close(void *impl, struct queue *q, int64_t now_ms)
{
	struct sink_stream *s = impl;

	(void)now_ms;
	if (q != NULL && !s->spooled)
		take_off(s, q, sink_wire_received(s->wire), 0);
	stream_free(s);
}

static void *
stream_open(const struct sink_settings *settings,
    const struct sink_needs *needs, int64_t now_ms, struct err *err)
{
	static const struct sink_wire_ops ops = {
	    .begin = stream_begin,
	    .hear = stream_hear,
	    .may_send = stream_may_send,
	    .add = stream_add,
	    .end = stream_end,
	};
	struct sink_stream *s = calloc(1, sizeof(*s));

	(void)now_ms;
	if (s == NULL) {
		err_errno(err, "lines under way");
		return NULL;
	}
	s->framing = settings->framing;
	/* Settings see to it that these leave room in a queue in memory. */
	s->keep = settings->type == SINK_UNIX ? 0 : settings->resend_size;
	s->window = WINDOW(s->keep);
	s->spooled = settings->spool;
	s->sent = calloc(s->window, sizeof(*s->sent));
	if (s->sent == NULL)
		err_errno(err, "lines under way");
	else
		s->wire = sink_wire_new(settings, needs->resolve, &ops, s, err);
	if (s->wire == NULL) {
		stream_free(s);
		return NULL;
	}
	return s;
}

const struct sink_ops *
sink_stream_ops(void)
{
	static const struct sink_ops ops = {
	    .open = stream_open,
	    .flush = stream_flush,
	    .wish = stream_wish,
	    .doubt = stream_doubt,
	    .trouble = stream_trouble,
	    .held = stream_held,
	    .close = stream_close,
	};

	return &ops;
}
