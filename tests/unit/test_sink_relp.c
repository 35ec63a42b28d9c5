/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "relp.h"
#include "sender_world.h"

/* As the sender has it. */
#define ANSWER_MS 60000
#define WORKS_MS  1000

#define LINES_MAX 20000

/* A server of RELP at the other end. */
static struct server {
	size_t connection; /* the one that it serves; from 1 on */
	size_t parsed;     /* bytes of it */
	uint32_t next;     /* transaction number */
	/* Which lines it has, and on the present connection the last. */
	bool has[LINES_MAX];
	uint64_t last;
	size_t got, again; /* messages; and of those that it had before */
	bool closed;       /* it was asked to */
	/* What it does: says no more than so many bytes on a connection,
	 * answers nothing, or not to that line. */
	size_t says_max, says;
	bool silent;
	uint64_t refuses;
	/* Answers to so many messages at once, the last one first. */
	size_t batch, waiting;
	uint32_t unanswered[64];
} server;

static void
say(const char *text)
{
	size_t len = strlen(text);

	if (len > server.says_max - server.says)
		len = server.says_max - server.says;
	server.says += len;
	receiver_says(text, len);
}

static void
answer(uint32_t txnr, const char *data)
{
	char frame[256];

	snprintf(frame, sizeof(frame), "%" PRIu32 " rsp %zu %s\n", txnr,
	    strlen(data), data);
	say(frame);
}

static void
take_message(const char *data, size_t len)
{
	uint64_t number = number_of(data, len);

	assert_true(number < LINES_MAX);
	if (server.got > 0 && server.last != UINT64_MAX)
		assert_int_equal(number, server.last + 1);
	server.last = number;
	server.got++;
	server.again += server.has[number];
	server.has[number] = true;
	if (number == server.refuses) {
		answer(server.next, "500 not that\none");
		return;
	}
	server.unanswered[server.waiting++] = server.next;
	if (server.waiting < server.batch)
		return;
	while (server.waiting > 0)
		answer(server.unanswered[--server.waiting], "200 OK");
}

static void
take_frame(const char *command, const char *data, size_t len)
{
	if (strcmp(command, "open") == 0)
		answer(
		    server.next, "200 OK\nrelp_version=0\ncommands=syslog\n");
	else if (strcmp(command, "syslog") == 0)
		take_message(data, len);
	else if (strcmp(command, "close") == 0)
		server.closed = true;
	else
		fail_msg("command %s", command);
}

/* Takes all whole frames that have arrived. */
static void
serve(void)
{
	const struct connection *c = present();

	if (server.connection != w.connections) {
		server.connection = w.connections;
		server.parsed = server.says = server.waiting = 0;
		server.next = 1;
		server.last = UINT64_MAX;
	}
	for (;;) {
		const char *at = c->at + server.parsed;
		size_t left = c->arrived - server.parsed, len;
		char command[16];
		uint32_t txnr;
		int head = 0;

		if (memchr(at, '\n', left) == NULL || server.silent)
			return;
		assert_int_equal(sscanf(at, "%" SCNu32 " %15s %zu%n", &txnr,
				     command, &len, &head),
		    3);
		if (len > 0)
			head++;
		if ((size_t)head + len + 1 > left)
			return;
		assert_int_equal(txnr, server.next);
		assert_int_equal(at[(size_t)head + len], '\n');
		take_frame(command, at + head, len);
		server.parsed += (size_t)head + len + 1;
		server.next++;
	}
}

static void
setup_relp(void)
{
	memset(&server, 0, sizeof(server));
	server.says_max = SIZE_MAX;
	server.refuses = UINT64_MAX;
	server.last = UINT64_MAX;
	server.batch = 1;
	w.ops = sink_relp_ops();
	w.s.type = SINK_RELP;
	w.s.framing = FRAMING_SYSLOG;
	w.on_write = serve;
	open_sender();
}

/* Of what is done nothing is missing. */
static void
assert_has_done(void)
{
	for (uint64_t i = 0; i < w.done; i++)
		assert_true(server.has[i]);
}

static void
assert_ends_well(void)
{
	for (int i = 0; i < 3 && w.done < w.put; i++) {
		w.now_ms += DOWN_MS;
		flush();
		assert_has_done();
	}
	assert_int_equal(w.done, w.put);
	w.now_ms += DOWN_MS;
	flush();
	w.now_ms += WORKS_MS;
	assert_int_equal(flush(), SINK_DONE);
}

#define OPEN_LEN                                                               \
	(sizeof("1 open 52 "                                                   \
		"relp_version=0\nrelp_software=proclife," PACKAGE_VERSION      \
		"\ncommands=syslog\n") -                                       \
	    1)

static void
test_every_break(void **state)
{
	size_t all = SIZE_MAX;

	(void)state;
	for (size_t at = 0; at < all; at++) {
		void *none = NULL;

		sender_setup(&none);
		setup_relp();
		w.chunk = 13;
		w.break_at = at;
		w.put = 3;
		flush();
		w.put = 6;
		flush();
		if (w.broken == 0)
			all = present()->len;
		assert_has_done();
		assert_ends_well();
		/* Only what was under way is sent again. */
		assert_in_range(server.got, 6, 6 + 3);
		sender_teardown(&none);
	}
	assert_in_range(all, OPEN_LEN + 6 * 18, OPEN_LEN + 6 * 30);
}

/* The connection breaks when the server has said so many bytes. */
static void
test_every_cut_answer(void **state)
{
	size_t all = SIZE_MAX;

	(void)state;
	for (size_t max = 0; max < all; max++) {
		void *none = NULL;
		size_t done;

		sender_setup(&none);
		setup_relp();
		server.says_max = max;
		server.batch = 3;
		w.said_chunk = 7;
		w.put = 6;
		flush();
		done = w.done;
		assert_has_done();
		if (w.done == 6)
			all = max;
		break_link();
		server.says_max = SIZE_MAX;
		flush();
		assert_int_equal(w.handed, done);
		assert_ends_well();
		if (max < all && server.got > 6)
			assert_int_equal(server.again, 6 - done);
		sender_teardown(&none);
	}
	assert_in_range(all, 60, 300);
}

/* Breaks, cut answers, slow links at random. */
static void
test_many_breaks(void **state)
{
	unsigned random = 1;

	(void)state;
	setup_relp();
	while (w.connections < CONNECTIONS_MAX - 1) {
		random = random * 1103515245 + 12345;
		w.chunk = 1 + (random >> 16) % 50;
		w.slack = (random >> 18) % 60;
		server.batch = 1 + (random >> 17) % 9;
		w.said_chunk = 1 + (random >> 21) % 30;
		if (w.put < LINES_MAX / 2)
			w.put += (random >> 22) % 20;
		if (w.state == LINK_UP && w.break_at == SIZE_MAX) {
			w.break_at = present()->len + (random >> 16) % 800;
			server.says_max = server.says + (random >> 19) % 800;
		}
		flush();
		assert_has_done();
		w.now_ms += 300;
	}
	w.slack = 0;
	server.batch = 1;
	server.says_max = SIZE_MAX;
	w.break_at = SIZE_MAX;
	if (w.state == LINK_UP) {
		break_link();
		flush();
	}
	assert_ends_well();
	assert_true(w.done > 100 && server.again > 10);
}

static void
test_states(void **state)
{
	(void)state;
	setup_relp();
	server.silent = true;
	assert_int_equal(flush(), SINK_WAIT);
	assert_int_equal(w.handed, 0);
	w.put = 1;
	assert_int_equal(flush(), SINK_WAIT);
	assert_int_equal(w.handed, 0);
	server.silent = false;
	serve();
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.done, 1);
	assert_int_equal(w.works, 1);
	w.put++;
	flush();
	assert_int_equal(w.works, 1);
	break_link();
	assert_int_equal(flush(), SINK_FAILED);
	w.now_ms += DOWN_MS;
	/* It is back, but has not proven that it takes lines. */
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(wish().wait_ms, WORKS_MS);
	w.put++;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.works, 2);
	assert_int_equal(wish().wait_ms, -1);
	/* Without a line, time proves it. */
	break_link();
	flush();
	w.now_ms += DOWN_MS;
	assert_int_equal(flush(), SINK_FAILED);
	w.now_ms += WORKS_MS;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.works, 3);
}

/* Time proves nothing of a server that owes an answer. */
static void
test_works_when_it_answers(void **state)
{
	(void)state;
	setup_relp();
	flush();
	break_link();
	flush();
	w.now_ms += DOWN_MS;
	server.silent = true;
	flush();
	w.works = 0;
	w.now_ms += 5 * WORKS_MS;
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(w.works, 0);
	server.silent = false;
	server.batch = 2;
	serve();
	w.put = 1;
	flush();
	w.now_ms += 5 * WORKS_MS;
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(w.works, 0);
	w.put = 2;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.works, 1);
}

static void
test_out_of_order(void **state)
{
	(void)state;
	setup_relp();
	server.batch = 8;
	w.put = 7;
	assert_int_equal(flush(), SINK_WAIT);
	assert_int_equal(w.done, 0);
	w.put = 8;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(w.done, 8);
}

static void
test_refused(void **state)
{
	(void)state;
	setup_relp();
	w.put = 5;
	server.refuses = 3;
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(w.done, 3);
	assert_string_equal(w.ops->trouble(w.impl),
	    "the receiver refused an event: \"500 not that\"");
	server.refuses = UINT64_MAX;
	assert_ends_well();
}

static void
test_closed_by_receiver(void **state)
{
	(void)state;
	setup_relp();
	w.put = 2;
	flush();
	server.silent = true;
	w.put = 4;
	flush();
	say("0 serverclose 0\n");
	assert_int_equal(flush(), SINK_FAILED);
	assert_string_equal(w.ops->trouble(w.impl), "closed by the receiver");
	assert_int_equal(w.done, 2);
	server.silent = false;
	assert_ends_well();
	assert_int_equal(server.again, 0);
}

/* What it said before it went counts, though the next write finds it gone. */
static void
test_answer_is_heard_before_a_break(void **state)
{
	(void)state;
	setup_relp();
	flush();
	server.silent = true;
	w.put = 2;
	flush();
	server.silent = false;
	serve();
	w.put = 3;
	w.break_at = present()->len;
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(w.broken, 1);
	assert_int_equal(w.done, 2);
	assert_ends_well();
	assert_int_equal(server.again, 0);
}

/* An answer is waited for so long: to the offer, and to the oldest message. */
static void
test_no_answer(void **state)
{
	(void)state;
	setup_relp();
	server.silent = true;
	flush();
	w.now_ms += WORKS_MS;
	flush();
	assert_int_equal(wish().wait_ms, ANSWER_MS - WORKS_MS);
	w.now_ms += ANSWER_MS - WORKS_MS - 1;
	assert_int_equal(flush(), SINK_WAIT);
	w.now_ms++;
	assert_int_equal(flush(), SINK_FAILED);
	assert_string_equal(
	    w.ops->trouble(w.impl), "no answer from the receiver for 60 s");

	server.silent = false;
	w.now_ms += DOWN_MS;
	flush();
	/* Nothing is waited for while nothing is under way. */
	w.now_ms += 10 * ANSWER_MS;
	assert_int_equal(flush(), SINK_DONE);
	assert_int_equal(wish().wait_ms, -1);
	server.batch = 64;
	w.put = 3;
	assert_int_equal(flush(), SINK_WAIT);
	assert_int_equal(wish().wait_ms, ANSWER_MS);
	w.now_ms += ANSWER_MS - 1;
	answer(2, "200 OK");
	assert_int_equal(flush(), SINK_WAIT);
	assert_int_equal(w.done, 1);
	w.now_ms += ANSWER_MS - 1;
	/* This one is not the oldest. */
	answer(4, "200 OK");
	assert_int_equal(flush(), SINK_WAIT);
	assert_int_equal(w.broken, 1);
	w.now_ms++;
	assert_int_equal(flush(), SINK_FAILED);
	assert_int_equal(w.broken, 2);
	assert_int_equal(w.done, 1);
	server.batch = 1;
	assert_ends_well();
}

static void
test_clock_set_back(void **state)
{
	(void)state;
	setup_relp();
	server.batch = 64;
	w.put = 1;
	flush();
	w.now_ms -= 1000000;
	flush();
	assert_int_equal(wish().wait_ms, ANSWER_MS);
	w.now_ms += ANSWER_MS - 1;
	assert_int_equal(flush(), SINK_WAIT);
	w.now_ms++;
	assert_int_equal(flush(), SINK_FAILED);
}

static void
test_window(void **state)
{
	(void)state;
	setup_relp();
	flush();
	server.silent = true;
	w.put = 5000;
	flush();
	assert_int_equal(w.handed, RELP_WINDOW);
	server.silent = false;
	serve();
	assert_ends_well();
	assert_int_equal(server.got, 5000);
}

static void
test_close(void **state)
{
	size_t n;

	(void)state;
	setup_relp();
	w.put = 2;
	flush();
	close_sender(false);
	assert_true(server.closed);

	/* Nor among lines that wait for the link. */
	w.put = 10;
	setup_relp();
	break_link();
	w.now_ms += DOWN_MS;
	w.slack = SIZE_MAX;
	flush();
	w.slack = 0;
	w.room = OPEN_LEN + 20;
	present()->arrived = present()->len;
	serve();
	w.room = 20;
	w.slack = SIZE_MAX;
	flush();
	w.room = SIZE_MAX;
	n = present()->len;
	assert_int_equal(n, OPEN_LEN + 20);
	close_sender(true);
	assert_int_equal(present()->len, n);

	/* Not where it would have to wait, nor before the session is open. */
	setup_relp();
	break_link();
	w.now_ms += DOWN_MS;
	w.slack = SIZE_MAX;
	w.room = 9;
	flush();
	close_sender(true);
	assert_int_equal(w.done, 2);
	assert_int_equal(present()->len, 9);
	w.slack = 0;
	w.room = SIZE_MAX;
	setup_relp();
	server.silent = true;
	break_link();
	w.now_ms += DOWN_MS;
	flush();
	close_sender(true);
	assert_int_equal(present()->len, OPEN_LEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_break),
	    cmocka_unit_test(test_every_cut_answer),
	    TEST(test_many_breaks),
	    TEST(test_states),
	    TEST(test_works_when_it_answers),
	    TEST(test_out_of_order),
	    TEST(test_refused),
	    TEST(test_closed_by_receiver),
	    TEST(test_answer_is_heard_before_a_break),
	    TEST(test_no_answer),
	    TEST(test_clock_set_back),
	    TEST(test_window),
	    TEST(test_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
