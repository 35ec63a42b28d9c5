/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sender_world.h"

/* As the sender has them. */
#define SETTLED_MS 5000
#define WORKS_MS   1000
#define FLUSH_MAX  (1024 * 1024)

/* Lines that have none get this head. */
#define HEAD "<110>1 - - proclife - - - "

/* The frame that at begins with: its line in *line, without a newline. Returns
 * its length; 0: it is not whole. */
static size_t
parse(const char *at, size_t len, struct bytes *line)
{
	const char *end;
	char *blank;
	size_t n;

	if (w.s.framing == FRAMING_LINE) {
		end = memchr(at, '\n', len);
		if (end == NULL)
			return 0;
		*line = (struct bytes){at, (size_t)(end - at)};
		return line->len + 1;
	}
	if (memchr(at, ' ', len) == NULL)
		return 0;
	n = strtoul(at, &blank, 10);
	assert_true(blank > at && *blank == ' ');
	*line = (struct bytes){blank + 1, n};
	n += (size_t)(blank + 1 - at);
	if (n > len)
		return 0;
	assert_memory_equal(line->at, HEAD, sizeof(HEAD) - 1);
	line->at += sizeof(HEAD) - 1;
	line->len -= sizeof(HEAD) - 1;
	return n;
}

/*
 * Reads what a receiver has of a connection that gives its first len bytes.
 * Its lines are in order, and the first is not behind *next, which becomes
 * what comes after the last.
 */
static void
read_lines(const struct connection *c, size_t len, uint64_t *next)
{
	uint64_t number = 0;
	bool first = true;
	size_t at = 0, n;
	struct bytes line;

	while (at < len && (n = parse(c->at + at, len - at, &line)) > 0) {
		uint64_t got = number_of(line.at, line.len);

		if (first)
			assert_in_range(got, 0, *next);
		else
			assert_int_equal(got, number + 1);
		first = false;
		number = got;
		at += n;
	}
	if (!first && number + 1 > *next)
		*next = number + 1;
}

static void
setup_stream(enum sink_framing framing, uint64_t keep)
{
	w.ops = sink_stream_ops();
	w.s.framing = framing;
	w.s.type = keep > 0 ? SINK_TCP : SINK_UNIX;
	w.s.resend_size = keep;
	open_sender();
}

/* All that was put is sent, and arrives; time passes for what is kept. */
static void
assert_ends_well(void)
{
	w.slack = 0;
	for (int i = 0; i < 3 && w.done < w.put; i++) {
		w.now_ms += SETTLED_MS;
		if (w.connections > 0)
			present()->arrived = present()->len;
		flush();
	}
	assert_int_equal(w.done, w.put);
	assert_int_equal(w.ops->held(w.impl), 0);
	w.now_ms += WORKS_MS;
	assert_int_equal(flush(), SINK_DONE);
}

/*
 * Six lines; the first connection breaks after break_at bytes, of which the
 * last slack have not arrived, and of those that have the receiver reads all
 * but the last lag, which are no more than what is kept.
 */
static void
break_once(enum sink_framing framing, size_t break_at, size_t slack, size_t lag)
{
	void *state = NULL;
	uint64_t next = 0;
	size_t arrived;

	sender_setup(&state);
	setup_stream(framing, lag);
	w.chunk = 11;
	w.slack = slack;
	w.break_at = break_at;
	w.put = 3;
	flush();
	w.put = 6;
	flush();
	assert_int_equal(w.broken, 1);
	assert_int_equal(w.connections, 1);
	arrived = w.connection[0].arrived;
	read_lines(&w.connection[0], arrived > lag ? arrived - lag : 0, &next);
	assert_in_range(w.done, 0, next);
	assert_ends_well();
	assert_int_equal(w.connections, 2);
	read_lines(&w.connection[1], w.connection[1].arrived, &next);
	assert_int_equal(next, 6);
	sender_teardown(&state);
}

static void
test_every_break(void **state)
{
	char line[LINE_MAX_LEN];

	(void)state;
	for (enum sink_framing f = FRAMING_LINE; f <= FRAMING_SYSLOG; f++) {
		size_t all = 0;

		for (uint64_t i = 0; i < 6; i++) {
			size_t len = print_line(line, i) - 1;

			all += len + 1;
			if (f == FRAMING_SYSLOG)
				all += len < 10 ? 1 : 2;
		}
		for (size_t at = 0; at < all; at++) {
			for (size_t slack = 0; slack < 30; slack++) {
				break_once(f, at, slack, 0);
				break_once(f, at, slack, 9);
				break_once(f, at, slack, 25);
			}
		}
	}
}

/* As a spool whose file can't be opened now, or is not written yet. */
static void
test_what_waits_cannot_be_read(void **state)
{
	(void)state;
	setup_stream(FRAMING_LINE, 0);
	w.put = 3;
	w.unreadable = true;
	assert_int_equal(flush(), SINK_WAIT);
	assert_int_equal(present()->len, 0);
	w.unreadable = false;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.done, 3);
}

/* Breaks, slow links and slow receivers at random. */
static void
test_many_breaks(void **state)
{
	const size_t keep = 100;
	uint64_t next = 0;
	unsigned random = 1;

	(void)state;
	setup_stream(FRAMING_SYSLOG, keep);
	while (w.connections < CONNECTIONS_MAX - 1) {
		random = random * 1103515245 + 12345;
		w.chunk = 1 + (random >> 16) % 50;
		w.room = 1 + (random >> 20) % 500;
		w.slack = (random >> 18) % 60;
		w.put += (random >> 22) % 20;
		if (w.state == LINK_UP && w.break_at == SIZE_MAX)
			w.break_at = present()->len + (random >> 16) % 800;
		flush();
		w.now_ms += 300;
	}
	for (size_t i = 0; i < w.connections; i++) {
		const struct connection *c = &w.connection[i];
		bool last = i == w.connections - 1;
		size_t lag = last ? 0 : keep;

		w.chunk = w.room = w.break_at = SIZE_MAX;
		if (last)
			assert_ends_well();
		if (c->arrived > lag)
			read_lines(c, c->arrived - lag, &next);
	}
	assert_int_equal(next, w.put);
	assert_true(next > 100);
}

static void
test_lines_and_counts(void **state)
{
	(void)state;
	setup_stream(FRAMING_LINE, 0);
	w.put = 3;
	assert_int_equal(flush(), SINK_DONE);
	assert_string_equal(
	    present()->at, "{\"n\":0}\n{\"n\":1 }\n{\"n\":2  }\n");
	close_sender(true);
	w.handed = w.done = 0;
	setup_stream(FRAMING_SYSLOG, 0);
	break_link();
	flush();
	w.now_ms += DOWN_MS;
	w.put = 3;
	flush();
	assert_string_equal(present()->at,
	    "33 " HEAD "{\"n\":0}34 " HEAD "{\"n\":1 }35 " HEAD "{\"n\":2  }");
}

/* Over a Unix socket a line is done with when it was read, no sooner. */
static void
test_done_when_read(void **state)
{
	(void)state;
	setup_stream(FRAMING_LINE, 0);
	w.slack = 17;
	w.put = 3;
	assert_int_equal(flush(), SINK_WAIT);
	assert_int_equal(w.done, 1);
	/* Nobody tells when more is read. */
	assert_int_equal(wish().wait_ms, 200);
	w.slack = 1;
	present()->arrived = present()->len - 1;
	assert_int_equal(flush(), SINK_WAIT);
	assert_int_equal(w.done, 2);
	present()->arrived = present()->len;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.done, 3);
	w.now_ms += 1000;
	flush();
	assert_int_equal(wish().wait_ms, -1);
}

/* What is kept leaves when newer bytes push it out, or in time. */
static void
test_kept(void **state)
{
	(void)state;
	setup_stream(FRAMING_LINE, 17);
	w.put = 2;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.done, 0);
	assert_int_equal(w.ops->held(w.impl), 8 + 9);
	w.put = 3;
	flush();
	assert_int_equal(w.done, 1);
	assert_int_equal(w.ops->held(w.impl), 9 + 10);
	w.now_ms += 1000;
	flush();
	assert_int_equal(wish().wait_ms, SETTLED_MS - 1000);
	w.now_ms += SETTLED_MS - 1001;
	flush();
	assert_int_equal(w.done, 1);
	assert_int_equal(wish().wait_ms, 1);
	/* Anything that is sent, and that has not arrived, begins it anew. */
	w.slack = 1;
	w.put = 4;
	assert_int_equal(flush(), SINK_WAIT);
	w.now_ms += SETTLED_MS;
	assert_int_equal(flush(), SINK_WAIT);
	assert_int_equal(w.done, 1);
	present()->arrived = present()->len;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.done, 2);
	w.now_ms += SETTLED_MS - 1;
	flush();
	assert_int_equal(w.done, 2);
	/* So does a clock that is set back. */
	w.now_ms -= 100000;
	flush();
	assert_int_equal(w.done, 2);
	assert_int_equal(wish().wait_ms, SETTLED_MS);
	w.now_ms += SETTLED_MS;
	flush();
	assert_int_equal(w.done, 4);
	assert_int_equal(w.ops->held(w.impl), 0);
	assert_int_equal(wish().wait_ms, -1);
}

/* What arrives later than what is kept is kept as long. */
static void
test_kept_anew(void **state)
{
	(void)state;
	setup_stream(FRAMING_LINE, 1000);
	w.put = 1;
	flush();
	w.now_ms += SETTLED_MS - 1;
	w.put = 2;
	flush();
	w.now_ms += 1;
	flush();
	assert_int_equal(w.done, 0);
	w.now_ms += SETTLED_MS - 1;
	flush();
	assert_int_equal(w.done, 2);
	/* A new connection is not quiet, though it carried as much. */
	w.put = 4;
	flush();
	w.now_ms += SETTLED_MS - 1;
	break_link();
	flush();
	w.now_ms += DOWN_MS;
	w.handed = w.done = 0;
	flush();
	assert_int_equal(w.handed, 4);
	assert_int_equal(w.done, 0);
}

/* It breaks and is there again before we look. */
static void
test_back_at_once(void **state)
{
	(void)state;
	setup_stream(FRAMING_LINE, 0);
	w.slack = 12;
	w.put = 3;
	flush();
	assert_int_equal(w.done, 1);
	w.down_ms = 0;
	w.slack = SIZE_MAX;
	break_link();
	flush();
	assert_int_equal(w.done, 1);
	assert_string_equal(present()->at, "{\"n\":1 }\n{\"n\":2  }\n");
}

static void
test_wish(void **state)
{
	(void)state;
	setup_stream(FRAMING_LINE, 0);
	w.slack = 1;
	w.put = 1;
	flush();
	assert_true(wish().fd >= 0 && wish().read);
	assert_int_equal(wish().wait_ms, 200);
	w.now_ms += 150;
	assert_int_equal(wish().wait_ms, 50);
	w.now_ms += 100;
	assert_int_equal(wish().wait_ms, 0);
	w.now_ms -= 1000;
	assert_int_equal(wish().wait_ms, 0);
	flush();
	w.wish_ms = 70;
	assert_int_equal(wish().wait_ms, 70);
	w.wish_ms = 300;
	assert_int_equal(wish().wait_ms, 200);
}

/* What must be sent again is not held any more. */
static void
test_broken_holds_nothing(void **state)
{
	(void)state;
	setup_stream(FRAMING_LINE, 1000);
	w.put = 2;
	flush();
	assert_int_equal(w.ops->held(w.impl), 17);
	break_link();
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(w.ops->held(w.impl), 0);
	assert_int_equal(w.handed, 0);
	assert_int_equal(w.done, 0);
}

static void
test_close(void **state)
{
	(void)state;
	/* In memory: what has arrived is not lost. */
	setup_stream(FRAMING_LINE, 1000);
	w.slack = 1;
	w.put = 3;
	flush();
	assert_int_equal(w.done, 0);
	close_sender(true);
	assert_int_equal(w.done, 2);

	/* In a spool it stays, to be safe. */
	w.s.spool = true;
	w.slack = 0;
	setup_stream(FRAMING_LINE, 1000);
	w.handed = 2;
	flush();
	assert_int_equal(w.ops->held(w.impl), 0);
	close_sender(true);
	assert_int_equal(w.done, 2);

	/* Of a queue that another has now nothing is taken. */
	w.s.spool = false;
	setup_stream(FRAMING_LINE, 1000);
	w.put = 4;
	flush();
	assert_int_equal(w.ops->held(w.impl), 11);
	close_sender(false);
	assert_int_equal(w.done, 2);
}

/* From a failure on, until a connection has lasted for a while. */
static void
test_states(void **state)
{
	(void)state;
	w.down_until_ms = w.now_ms + 100;
	setup_stream(FRAMING_LINE, 0);
	assert_int_equal(flush(), SINK_FAILED);
	close_sender(true);
	w.coming = true;
	setup_stream(FRAMING_LINE, 0);
	assert_int_equal(flush(), SINK_WAIT);
	w.coming = false;
	w.put = 1;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.works, 0);
	assert_int_equal(wish().wait_ms, 1000);
	w.now_ms += 1000;
	flush();
	assert_int_equal(w.works, 1);
	break_link();
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(wish().wait_ms, DOWN_MS);
	w.now_ms += DOWN_MS;
	w.coming = true;
	assert_int_equal(flush(), SINK_FAILED);
	w.coming = false;
	w.put = 2;
	/* It takes lines, but is not trusted yet. */
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(w.done, 2);
	w.now_ms += 400;
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(wish().wait_ms, 600);
	break_link();
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(w.works, 1);
	w.now_ms += DOWN_MS;
	assert_int_equal(flush(), SINK_FAILED);
	w.now_ms += 1000;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.works, 2);
	assert_int_equal(wish().wait_ms, -1);
	flush();
	assert_int_equal(w.works, 2);
}

static void
test_slow_receiver(void **state)
{
	uint64_t next = 0;

	(void)state;
	setup_stream(FRAMING_LINE, 0);
	w.room = 5000;
	w.slack = 5000;
	w.put = 50000;
	while (w.done < w.put) {
		struct connection *c;

		flush();
		c = present();
		assert_in_range(c->len - c->arrived, 1, 5000);
		c->arrived += 997;
		if (c->arrived > c->len)
			c->arrived = c->len;
		flush();
	}
	assert_ends_well();
	read_lines(present(), present()->arrived, &next);
	assert_int_equal(next, w.put);
}

/* However much is to be kept, lines that arrive make room for others. */
static void
test_window(void **state)
{
	(void)state;
	setup_stream(FRAMING_LINE, 1000000);
	w.put = 100000;
	for (int i = 0; i < 10 && w.handed < w.put; i++)
		flush();
	assert_int_equal(w.handed, w.put);
	assert_in_range(w.put - w.done, 10000, 20000);
	/* Those that do not arrive wait. */
	w.slack = SIZE_MAX;
	w.put *= 2;
	for (int i = 0; i < 10; i++)
		flush();
	assert_in_range(w.handed - w.done, 10000, 21000);
}

/* One that was put when longer lines were allowed. */
static void
test_long_line(void **state)
{
	uint64_t next = 0;

	(void)state;
	setup_stream(FRAMING_SYSLOG, 0);
	w.long_line = 3;
	w.put = 6;
	w.chunk = 100000;
	for (int i = 0; i < 10 && w.done < w.put; i++)
		flush();
	assert_ends_well();
	read_lines(present(), present()->arrived, &next);
	assert_int_equal(next, 6);
}

/* A fast receiver does not keep us from other things. */
static void
test_pauses(void **state)
{
	size_t n = 0;

	(void)state;
	setup_stream(FRAMING_LINE, 0);
	w.put = 400000;
	while (flush() != SINK_DONE) {
		n++;
		assert_int_equal(wish().wait_ms, 0);
		assert_in_range(present()->len, n * FLUSH_MAX,
		    n * (FLUSH_MAX + 256 * 1024));
	}
	assert_in_range(n, 3, 10);
	assert_int_equal(w.done, w.put);
}

/* What comes back is thrown away, a flood of it in turns. */
static void
test_receiver_talks(void **state)
{
	static char talk[65536];

	(void)state;
	setup_stream(FRAMING_LINE, 0);
	w.put = 1;
	flush();
	receiver_says(talk, 1000);
	flush();
	assert_int_equal(w.said_at, 1000);
	receiver_says(talk, sizeof(talk));
	w.said_chunk = 10;
	flush();
	assert_in_range(w.said_at, 10, 10000);
	assert_int_equal(wish().wait_ms, 0);
	w.said_chunk = SIZE_MAX;
	flush();
	assert_int_equal(w.said_at, sizeof(talk));
	assert_int_equal(w.done, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_break),
	    TEST(test_what_waits_cannot_be_read),
	    TEST(test_many_breaks),
	    TEST(test_lines_and_counts),
	    TEST(test_done_when_read),
	    TEST(test_kept),
	    TEST(test_kept_anew),
	    TEST(test_back_at_once),
	    TEST(test_wish),
	    TEST(test_broken_holds_nothing),
	    TEST(test_close),
	    TEST(test_states),
	    TEST(test_slow_receiver),
	    TEST(test_window),
	    TEST(test_long_line),
	    TEST(test_pauses),
	    TEST(test_receiver_talks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
