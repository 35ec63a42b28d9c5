/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sender_world.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct sender_world w;

int
sender_setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.now_ms = T0;
	w.down_ms = DOWN_MS;
	w.wish_ms = -1;
	w.s = (struct sink_settings){
	    .name = "test",
	    .type = SINK_TCP,
	    .max_event = 8000,
	    .queue_size = 1024 * 1024,
	};
	w.long_line = UINT64_MAX;
	w.chunk = w.room = w.break_at = SIZE_MAX;
	w.said_chunk = SIZE_MAX;
	return 0;
}

int
sender_teardown(void **state)
{
	(void)state;
	if (w.impl != NULL)
		close_sender(true);
	for (size_t i = 0; i < w.connections; i++)
		free(w.connection[i].at);
	return 0;
}

void
open_sender(void)
{
	const struct sink_needs needs = {.first_segment = 0};
	struct err err = {""};

	w.impl = w.ops->open(&w.s, &needs, w.now_ms, &err);
	if (w.impl == NULL)
		fail_msg("%s", err.text);
}

void
close_sender(bool has_queue)
{
	w.ops->close(w.impl, has_queue ? (struct queue *)&w : NULL, w.now_ms);
	w.impl = NULL;
}

enum sink_state
flush(void)
{
	return w.ops->flush(w.impl, (struct queue *)&w, w.now_ms);
}

struct link_wish
wish(void)
{
	return w.ops->wish(w.impl, (struct queue *)&w, w.now_ms);
}

struct connection *
present(void)
{
	assert_true(w.connections > 0);
	return &w.connection[w.connections - 1];
}

void
receiver_says(const char *at, size_t len)
{
	if (w.said_at == w.said_len)
		w.said_at = w.said_len = 0;
	assert_true(len <= sizeof(w.said) - w.said_len);
	memcpy(w.said + w.said_len, at, len);
	w.said_len += len;
}

size_t
print_line(char line[LINE_MAX_LEN], uint64_t number)
{
	int n = snprintf(line, LINE_MAX_LEN, "{\"n\":%" PRIu64 "%.*s}\n",
	    number, (int)(number % 7), "       ");

	return (size_t)n;
}

uint64_t
number_of(const char *line, size_t len)
{
	char want[LINE_MAX_LEN];
	uint64_t number;

	if (sscanf(line, "{\"n\":%" SCNu64, &number) != 1)
		fail_msg("no line: %.40s", line);
	if (number != w.long_line) {
		assert_int_equal(print_line(want, number), len + 1);
		assert_memory_equal(line, want, len);
	}
	return number;
}

/* The queue. Each line has two parts, at another place each. */

bool
queue_next(struct queue *q, struct bytes part[2])
{
	static char line[LONG_LINE];
	size_t len, cut;

	(void)q;
	if (w.unreadable) {
		assert_true(w.refused++ < REFUSED_MAX);
		return false;
	}
	if (w.handed == w.put)
		return false;
	len = print_line(line, w.handed);
	if (w.handed == w.long_line) {
		memset(line + len - 2, ' ', LONG_LINE - len);
		memcpy(line + LONG_LINE - 2, "}\n", 2);
		len = LONG_LINE;
	}
	cut = 1 + w.handed++ % len;
	part[0] = (struct bytes){line, cut};
	part[1] = (struct bytes){line + cut, len - cut};
	return true;
}

void
queue_done(struct queue *q, uint64_t n)
{
	(void)q;
	assert_true(n > 0 && n <= w.handed - w.done);
	w.done += n;
}

void
queue_rewind(struct queue *q)
{
	(void)q;
	w.handed = w.done;
}

bool
queue_waits(const struct queue *q)
{
	(void)q;
	return w.handed < w.put;
}

/* The link. */

struct link *
link_new(const struct sink_settings *s, struct resolve *r, struct err *err)
{
	(void)r;
	(void)err;
	assert_ptr_equal(s, &w.s);
	return (struct link *)&w;
}

void
link_free(struct link *l)
{
	assert_true(l == NULL || l == (struct link *)&w);
}

static void
come_up(void)
{
	struct connection *c = &w.connection[w.connections++];

	assert_true(w.connections <= CONNECTIONS_MAX);
	*c = (struct connection){.at = NULL};
	w.state = LINK_UP;
	w.generation++;
	w.said_len = w.said_at = 0;
}

enum link_state
link_turn(struct link *l, int64_t now_ms)
{
	(void)l;
	if (w.coming)
		w.state = LINK_COMING;
	else if (w.state == LINK_COMING ||
		 (w.state == LINK_DOWN && now_ms >= w.down_until_ms))
		come_up();
	return w.state;
}

struct link_wish
link_wish(const struct link *l, int64_t now_ms)
{
	(void)l;
	return (struct link_wish){
	    .fd = w.state == LINK_UP ? 7 : -1,
	    .read = true,
	    .wait_ms =
		w.state == LINK_DOWN ? w.down_until_ms - now_ms : w.wish_ms,
	};
}

uint64_t
link_generation(const struct link *l)
{
	(void)l;
	return w.generation;
}

void
break_link(void)
{
	assert_int_equal(w.state, LINK_UP);
	w.state = LINK_DOWN;
	w.down_until_ms = w.now_ms + w.down_ms;
	w.broken++;
	w.break_at = SIZE_MAX;
}

/* All but the last slack bytes that were written arrive. */
static void
arrive(struct connection *c)
{
	size_t n = c->len > w.slack ? c->len - w.slack : 0;

	if (n > c->arrived)
		c->arrived = n;
}

ssize_t
link_write(struct link *l, const void *at, size_t len, int64_t now_ms)
{
	struct connection *c = present();
	size_t room = w.room - (c->len - c->arrived);

	(void)l;
	(void)now_ms;
	assert_int_equal(w.state, LINK_UP);
	assert_true(len > 0);
	if (c->len == w.break_at) {
		break_link();
		return -1;
	}
	if (len > w.chunk)
		len = w.chunk;
	if (len > room)
		len = room;
	if (len > w.break_at - c->len)
		len = w.break_at - c->len;
	c->at = realloc(c->at, c->len + len + 1);
	assert_non_null(c->at);
	memcpy(c->at + c->len, at, len);
	c->len += len;
	c->at[c->len] = '\0';
	arrive(c);
	if (w.on_write != NULL)
		w.on_write();
	return (ssize_t)len;
}

ssize_t
link_read(struct link *l, void *at, size_t size, int64_t now_ms)
{
	size_t len = w.said_len - w.said_at;

	(void)l;
	(void)now_ms;
	assert_int_equal(w.state, LINK_UP);
	if (len > size)
		len = size;
	if (len > w.said_chunk)
		len = w.said_chunk;
	memcpy(at, w.said + w.said_at, len);
	w.said_at += len;
	return (ssize_t)len;
}

uint64_t
link_unread(const struct link *l)
{
	(void)l;
	return w.connections > 0 ? present()->len - present()->arrived : 0;
}

void
link_fail(struct link *l, int64_t now_ms, const char *fmt, ...)
{
	va_list ap;

	(void)l;
	assert_int_equal(now_ms, w.now_ms);
	va_start(ap, fmt);
	vsnprintf(w.trouble, sizeof(w.trouble), fmt, ap);
	va_end(ap);
	break_link();
}

void
link_works(struct link *l)
{
	(void)l;
	assert_int_equal(w.state, LINK_UP);
	w.works++;
}

const char *
link_trouble(const struct link *l)
{
	(void)l;
	return w.trouble;
}
