/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_wire - what the senders over a link have in common: lines of a queue
 * become bytes in a buffer of fixed size, the link takes them, and after a
 * break the queue hands out again what the receiver may not have. How a line
 * is framed, and when the receiver has it, is the sender's.
 */
#ifndef SINK_WIRE_H
#define SINK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "link.h"
#include "queue.h"
#include "resolve.h"
#include "settings.h"
#include "sink_impl.h"
#include "text.h"

/* A frame is longer than its line by so much at most. */
#define SINK_WIRE_FRAME_MAX 256

struct sink_wire;

/* What a sender does; impl is the sender. */
struct sink_wire_ops {
	/* A connection is there, a new one; out is empty. */
	void (*begin)(void *impl, struct text *out, int64_t now_ms);
	/* Reads what the receiver sent, and has the queue be done with the
	 * lines that the receiver has. False: the connection broke. */
	bool (*hear)(void *impl, struct queue *q, int64_t now_ms);
	/* Whether one more line may be sent now. */
	bool (*may_send)(const void *impl);
	/* The receiver owes an answer: that the connection lasts does not yet
	 * prove that it works. NULL: it never does. */
	bool (*is_owed)(const void *impl);
	/* Appends the frame of a line to out, where there is room for it. */
	void (*add)(void *impl, const struct bytes part[2], struct text *out);
	/* The connection is over: what is known now is all that ever will be;
	 * the queue is rewound afterwards. */
	void (*end)(void *impl, struct queue *q);
};

/* s, ops and impl must outlive it. NULL with err. */
struct sink_wire *sink_wire_new(const struct sink_settings *s,
    struct resolve *r, const struct sink_wire_ops *ops, void *impl,
    struct err *err);
void sink_wire_free(struct sink_wire *w); /* NULL is fine */

/*
 * Does all that can be done now, but for what would keep the caller from other
 * things for long. SINK_DONE: the link is up, works, and took all bytes there
 * were; whether the receiver has them is the sender's to say.
 */
enum sink_state sink_wire_flush(
    struct sink_wire *w, struct queue *q, int64_t now_ms);
struct link_wish sink_wire_wish(const struct sink_wire *w, int64_t now_ms);
/* As after a failure. */
void sink_wire_doubt(struct sink_wire *w);
const char *sink_wire_trouble(const struct sink_wire *w);

/* For senders, while they are called. */

struct link *sink_wire_link(const struct sink_wire *w);
/* It shall be flushed again in so many ms. */
void sink_wire_wake(struct sink_wire *w, int64_t ms);
/* The receiver proved that it takes lines. */
void sink_wire_works(struct sink_wire *w);
/* The connection's bytes that the link took, and of those what the receiver
 * has (see link_unread()). */
uint64_t sink_wire_written(const struct sink_wire *w);
uint64_t sink_wire_received(struct sink_wire *w);

/*
 * While it is closed: the empty buffer for a last word, or NULL if the receiver
 * would not take it now; sink_wire_say() sends it, as far as that goes.
 */
struct text *sink_wire_last_word(struct sink_wire *w);
void sink_wire_say(struct sink_wire *w, int64_t now_ms);

/* Takes the newline off a line's end. */
void sink_wire_strip(const struct bytes line[2], struct bytes part[2]);

#endif
