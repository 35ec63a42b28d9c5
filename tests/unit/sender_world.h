/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sender_world - a sender between a queue of numbered lines and a link that
 * does what a test says: both in memory, on a clock of the test's.
 */
#ifndef SENDER_WORLD_H
#define SENDER_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink_impl.h"

#define T0 INT64_C(1700000000000)

/* How long the link stays down after a break, if no test says otherwise. */
#define DOWN_MS 1000

#define CONNECTIONS_MAX 64

#define LINE_MAX_LEN 64

/* What one connection carried. */
struct connection {
	char *at;       /* what the sender wrote, len bytes, NUL behind */
	size_t len;     /* written */
	size_t arrived; /* of that */
};

extern struct sender_world {
	struct sink_settings s;
	const struct sink_ops *ops;
	void *impl;
	int64_t now_ms;

	/* The queue: lines by their numbers. */
	uint64_t put, handed, done;
	uint64_t long_line; /* the number of one that is LONG_LINE long */
	bool unreadable;    /* it does not hand out what waits */
	size_t refused;     /* times that it was asked all the same */

	/* The link. */
	enum link_state state;
	int64_t down_until_ms, down_ms;
	int64_t wish_ms; /* of the link itself, while it is up */
	bool coming;     /* it comes, but does not get up */
	uint64_t generation;
	struct connection connection[CONNECTIONS_MAX];
	size_t connections; /* the last one is the present one */
	size_t chunk;       /* a write takes no more */
	size_t room;        /* that may be under way */
	size_t slack;       /* that stays under way */
	size_t break_at;    /* written on the present connection */
	size_t broken;      /* times */
	size_t works;       /* times that the link was told so */
	char trouble[256];
	/* What the receiver says, and how much of it was read. */
	char said[65536];
	size_t said_len, said_at, said_chunk;
	/* Called after each write. */
	void (*on_write)(void);
} w;

#define LONG_LINE (1024 * 1024)

/* A queue that hands out nothing is asked no more often than that. */
#define REFUSED_MAX 100

int sender_setup(void **state);
int sender_teardown(void **state);

void open_sender(void);
void close_sender(bool has_queue);
enum sink_state flush(void);
struct link_wish wish(void);

struct connection *present(void);
void receiver_says(const char *at, size_t len);
void break_link(void);

/* The line of that number, newline included; returns its length. */
size_t print_line(char line[LINE_MAX_LEN], uint64_t number);
/* The number of a line without its newline; fails if it is none. */
uint64_t number_of(const char *line, size_t len);

/* A test in a world of its own. */
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, sender_setup, sender_teardown)

#endif
