/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sinks over real sockets, to a receiver that leaves whenever it likes, with
 * what it was sent and did not read: in the end it has each line. And one that
 * takes another's place.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "remove_tree.h"
#include "sink.h"

#define LINES   2000
#define BREAKS  30
#define LINE    60
#define STEP_MS 100
/* What the receiver leaves unread of what has arrived. */
#define UNREAD_MAX 5000

static struct world {
	char folder[64];
	struct sink_settings s;
	struct sink *k;
	int64_t now_ms;
	uint64_t put;
	/* The receiver: what it read on its connection, and what it has. */
	int listener, fd;
	char got[LINES * LINE + 1];
	size_t len, leaves_at;
	uint64_t has;
	int breaks;
	unsigned random;
} w;

static unsigned
random_below(unsigned n)
{
	w.random = w.random * 1103515245 + 12345;
	return (w.random >> 16) % n;
}

static void
listen_at(const void *address, socklen_t len)
{
	w.listener = socket(((const struct sockaddr *)address)->sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(w.listener >= 0);
	assert_int_equal(bind(w.listener, address, len), 0);
	assert_int_equal(listen(w.listener, 5), 0);
}

static int
setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.fd = -1;
	w.now_ms = INT64_C(1700000000000);
	w.random = 1;
	snprintf(w.folder, sizeof(w.folder), "/tmp/proclife-sink-XXXXXX");
	assert_non_null(mkdtemp(w.folder));
	w.s = (struct sink_settings){
	    .name = "test",
	    .format = FORMAT_ECS,
	    .actions = 1U << EVENT_EXEC,
	    .max_event = 8000,
	    .queue_size = LINES * LINE,
	};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sink_close(w.k, w.now_ms);
	if (w.fd >= 0)
		close(w.fd);
	close(w.listener);
	return remove_tree(w.folder);
}

static void
open_sink(void)
{
	const struct sink_needs needs = {.first_segment = 0};
	struct err err = {""};

	w.k = sink_open(&w.s, &needs, NULL, w.now_ms, &err);
	if (w.k == NULL)
		fail_msg("%s", err.text);
}

/* False: refused. */
static bool
try_line(void)
{
	char text[LINE + 1];
	struct sink_line line = {
	    .text = {text, LINE},
	    .format = FORMAT_ECS,
	    .action = EVENT_EXEC,
	    .time_ms = w.now_ms,
	    .user = ID_UNSET,
	};

	snprintf(text, sizeof(text), "{\"n\":%08" PRIu64 "%*s}\n", w.put++,
	    LINE - 15, "");
	return sink_put(w.k, &line, w.now_ms);
}

static void
put_line(void)
{
	assert_true(try_line());
}

/* The receiver leaves: what it has are the whole lines that it read. */
static void
leave(void)
{
	uint64_t number = 0;

	for (size_t at = 0; at + LINE <= w.len; at += LINE) {
		uint64_t n;

		assert_int_equal(sscanf(w.got + at, "{\"n\":%8" SCNu64, &n), 1);
		assert_int_equal(w.got[at + LINE - 1], '\n');
		if (at == 0)
			assert_in_range(n, 0, w.has);
		else
			assert_int_equal(n, number + 1);
		number = n;
		if (n >= w.has)
			w.has = n + 1;
	}
	close(w.fd);
	w.fd = -1;
}

/* The receiver takes a connection, or reads of the one that it has. */
static void
receive(void)
{
	ssize_t n;

	if (w.fd < 0) {
		w.fd = accept4(
		    w.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		w.len = 0;
		w.leaves_at = random_below(UNREAD_MAX);
		return;
	}
	n = recv(w.fd, w.got + w.len, 1 + random_below(400), 0);
	if (n > 0)
		w.len += (size_t)n;
	else
		assert_true(n < 0 && errno == EAGAIN);
	if (w.breaks < BREAKS && w.len >= w.leaves_at) {
		w.breaks++;
		leave();
	}
}

/* A few lines more, and both do what they can. */
static void
step(void)
{
	struct link_wish wish;
	struct pollfd p;

	for (unsigned n = random_below(20); n > 0 && w.put < LINES; n--)
		put_line();
	sink_flush(w.k, w.now_ms);
	receive();
	wish = sink_wish(w.k, w.now_ms);
	/* Most often it is not ready, and need not be. */
	p = (struct pollfd){.fd = wish.fd,
	    .events =
		(short)((wish.read ? POLLIN : 0) | (wish.write ? POLLOUT : 0))};
	poll(&p, 1, 1);
	w.now_ms += STEP_MS;
}

static void
assert_has_all(void)
{
	for (int i = 0; i < 20000 && (w.put < LINES || w.breaks < BREAKS ||
					 sink_waiting(w.k) > 0);
	     i++)
		step();
	assert_int_equal(w.breaks, BREAKS);
	assert_int_equal(w.put, LINES);
	assert_int_equal(sink_waiting(w.k), 0);
	while (w.len == 0 || w.got[w.len - 1] != '\n' ||
	       recv(w.fd, &(char){0}, 1, MSG_PEEK) > 0)
		receive();
	leave();
	assert_int_equal(w.has, LINES);
}

static void
test_unix(void **state)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	(void)state;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/socket", w.folder);
	listen_at(&at, sizeof(at));
	w.s.type = SINK_UNIX;
	w.s.socket = at.sun_path;
	open_sink();
	assert_has_all();
}

static void
test_tcp(void **state)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(at);

	(void)state;
	listen_at(&at, sizeof(at));
	assert_int_equal(
	    getsockname(w.listener, (struct sockaddr *)&at, &len), 0);
	w.s.type = SINK_TCP;
	w.s.host = "127.0.0.1";
	w.s.port = ntohs(at.sin_port);
	/* As much as can ever have arrived and not be read. */
	w.s.resend_size = LINES * LINE;
	open_sink();
	assert_has_all();
}

/* By a sink that takes over what waits: that it has a connection now does not
 * mean yet that it works, no more than it did before. */
static void
test_trouble_is_inherited(void **state)
{
	const struct sink_needs needs = {.first_segment = 0};
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	struct sink_lost lost;
	struct sink *before;
	struct err err;

	(void)state;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/socket", w.folder);
	w.s.type = SINK_UNIX;
	w.s.socket = at.sun_path;
	w.s.queue_size = 10 * LINE;
	open_sink();
	while (try_line())
		;
	listen_at(&at, sizeof(at));
	before = w.k;
	w.k = sink_open(&w.s, &needs, before, w.now_ms, &err);
	assert_non_null(w.k);
	sink_inherit(w.k, before);
	sink_close(before, w.now_ms);
	sink_flush(w.k, w.now_ms);
	while (w.len < 10 * LINE) {
		w.leaves_at = SIZE_MAX;
		receive();
	}
	sink_flush(w.k, w.now_ms);
	assert_false(sink_take_lost(w.k, &lost));
	w.now_ms += 1000;
	sink_flush(w.k, w.now_ms);
	assert_true(sink_take_lost(w.k, &lost));
	assert_int_equal(lost.count, 1);
	assert_int_equal(sink_waiting(w.k), 0);
}

/* Certificates are renewed under the same name. */
static void
test_files_change(void **state)
{
	char path[128];
	FILE *out;

	(void)state;
	w.listener = -1;
	snprintf(path, sizeof(path), "%s/key", w.folder);
	w.s.type = SINK_UNIX;
	w.s.socket = path;
	w.s.key_file = path;
	open_sink();
	assert_false(sink_has_other_files(w.k));
	out = fopen(path, "we");
	assert_non_null(out);
	fputs("key", out);
	fclose(out);
	assert_true(sink_has_other_files(w.k));
	sink_close(w.k, w.now_ms);
	open_sink();
	assert_false(sink_has_other_files(w.k));
	assert_int_equal(unlink(path), 0);
	assert_true(sink_has_other_files(w.k));
}

/* What a spool had to drop it tells at any time, after a restart too: a stop
 * takes nothing of that with it. */
static void
test_a_spool_keeps_what_it_lost(void **state)
{
	char path[128];
	uint64_t lost;

	(void)state;
	w.listener = -1;
	snprintf(path, sizeof(path), "%s/none", w.folder);
	w.s.type = SINK_UNIX;
	w.s.socket = path;
	w.s.spool = true;
	w.s.spool_folder = w.folder;
	w.s.spool_size = 65536;
	w.s.spool_max_age_ms = INT64_MAX / 2;
	open_sink();
	while (w.put < LINES) {
		put_line();
		if (w.put % 100 == 0)
			sink_flush(w.k, w.now_ms);
	}
	lost = sink_lost_total(w.k);
	assert_in_range(lost, 1, LINES);
	assert_int_equal(sink_waiting(w.k), LINES - lost);
	assert_int_equal(sink_unwritten(w.k), 0);
	sink_close(w.k, w.now_ms);
	open_sink();
	assert_int_equal(sink_lost_total(w.k), lost);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_unix, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_tcp, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_trouble_is_inherited, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_files_change, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_a_spool_keeps_what_it_lost, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
