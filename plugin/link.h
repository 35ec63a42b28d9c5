/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link - a connection to a receiver that is made again whenever it breaks.
 *
 * A stream to a Unix socket, or over TCP, plain or with TLS. Nothing here
 * waits: names are looked up by resolve.h, and whoever owns the link calls it
 * when its descriptor is ready or its time has come (link_wish()). After a
 * failure it is tried again, after a wait of 1 s that doubles up to 60 s, each
 * a quarter shorter or longer at most, by chance. A name is looked up each
 * time, and its addresses are tried in turn.
 *
 * All times are of one clock; when that is set back a wait ends.
 */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "resolve.h"
#include "settings.h"

struct link;

enum link_state {
	LINK_DOWN,   /* until the wait is over; see link_trouble() */
	LINK_COMING, /* its name is looked up, or it connects */
	LINK_UP,     /* takes and gives bytes */
};

/*
 * When to call again. Between two different descriptors there is always a wish
 * without one, for whoever asks after each call: by then, the first is closed.
 * Whoever does not can tell them by which, though they may have one number.
 */
struct link_wish {
	int fd;         /* -1: none */
	uint64_t which; /* of those that the link had; 0: of another's */
	bool read, write;
	int64_t wait_ms; /* so long at most; -1: for ever */
};

/*
 * For a sink of type unix, tcp, tls or relp: s must outlive the link. Loads
 * certificates and keys, does not connect. r: for names; NULL if s->host is a
 * number or there is none. NULL with err.
 */
struct link *link_new(
    const struct sink_settings *s, struct resolve *r, struct err *err);
void link_free(struct link *l); /* closes; NULL is fine */

/*
 * Goes on: starts when the wait is over, completes what is under way, notices
 * what took too long. Returns the state. While it is up, whoever has something
 * to write or reads what comes does so after each call: a wish to write lasts
 * until the next call.
 */
enum link_state link_turn(struct link *l, int64_t now_ms);
struct link_wish link_wish(const struct link *l, int64_t now_ms);

/* How often it came up. */
uint64_t link_generation(const struct link *l);

/*
 * While it is up; len and size are not 0. How many bytes were written or read;
 * 0: no more now (call again when it is ready); -1: it broke, and is down.
 * Reads should go on until there is no more, also if nothing is expected: so it
 * is noticed that the receiver closed.
 */
ssize_t link_write(struct link *l, const void *at, size_t len, int64_t now_ms);
ssize_t link_read(struct link *l, void *at, size_t size, int64_t now_ms);

/*
 * How many of the bytes written since it came up may not have reached the
 * receiver: over TCP its kernel, over a Unix socket the process itself. Never
 * too few; too many with TLS, which are counted as encrypted, and over a Unix
 * socket, where what the kernel needs beside them counts too, and, if it was
 * closed with unread bytes, what was unread after the last write. Also answers
 * for one that broke, as of then.
 */
uint64_t link_unread(const struct link *l);

/* Breaks it, for a reason of the owner's; it comes again after the wait. */
void link_fail(struct link *l, int64_t now_ms, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* It does its work: the next wait is the shortest again. */
void link_works(struct link *l);
/* A link that is down need not wait any more. */
void link_hurry(struct link *l);

/* Why it is down, or was the last time: "connect 10.0.0.1 port 601:
 * Connection refused"; "" if it never was. */
const char *link_trouble(const struct link *l);

#endif
