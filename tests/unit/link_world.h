/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link_world - a link, and a clock that only moves when it is told to. What
 * needs the kernel's or the receiver's doing is waited for by waiting() in a
 * loop, with a bound that a machine under load does not reach.
 */
#ifndef LINK_WORLD_H
#define LINK_WORLD_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "link.h"
#include "remove_tree.h"

#define T0 INT64_C(1700000000000)

/* Nothing that is waited for takes so long. */
#define PATIENCE_MS 20000

static struct world {
	char folder[64];
	struct sink_settings s;
	struct resolve *resolve;
	struct link *l;
	int64_t now_ms;
	int listener, peer; /* -1: none */
	int64_t patience_ms;
} w;

/* Lets a moment go by, and fails the test when there were too many. */
static inline bool
waiting(void)
{
	const struct timespec moment = {0, 1000000};

	nanosleep(&moment, NULL);
	if (--w.patience_ms <= 0)
		fail_msg("waited in vain; link: %s",
		    w.l == NULL ? "none" : link_trouble(w.l));
	return true;
}

static inline char *
path_of(const char *name)
{
	static char paths[8][128];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", w.folder, name);
	return path;
}

static inline int
begin(void **state)
{
	(void)state;
	w = (struct world){
	    .folder = "/tmp/proclife-link-XXXXXX",
	    .s = {.name = "test", .type = SINK_TCP, .host = "127.0.0.1"},
	    .now_ms = T0,
	    .listener = -1,
	    .peer = -1,
	    .patience_ms = PATIENCE_MS,
	};
	w.resolve = resolve_new();
	return w.resolve != NULL && mkdtemp(w.folder) != NULL ? 0 : -1;
}

static inline void
close_peer(void)
{
	if (w.peer >= 0)
		close(w.peer);
	w.peer = -1;
}

static inline void
close_listener(void)
{
	if (w.listener >= 0)
		close(w.listener);
	w.listener = -1;
}

static inline int
end(void **state)
{
	(void)state;
	link_free(w.l);
	resolve_free(w.resolve);
	close_peer();
	close_listener();
	remove_tree(w.folder);
	return 0;
}

#define TEST(f)                                                                \
	{                                                                      \
#f, f, begin, end, NULL                                        \
	}

/* On 127.0.0.1, at w.s.port from then on if that is 0. */
static inline void
listen_tcp(int backlog)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)w.s.port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(a);
	const int yes = 1;

	w.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(w.listener >= 0);
	setsockopt(w.listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	assert_int_equal(bind(w.listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(w.listener, backlog), 0);
	assert_int_equal(
	    getsockname(w.listener, (struct sockaddr *)&a, &len), 0);
	w.s.port = ntohs(a.sin_port);
}

static inline void
listen_unix(int backlog)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	w.s.type = SINK_UNIX;
	w.s.socket = path_of("socket");
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", w.s.socket);
	w.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(w.listener >= 0);
	assert_int_equal(bind(w.listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(w.listener, backlog), 0);
}

static inline void
make_link(void)
{
	struct err err = {""};

	w.l = link_new(&w.s, w.resolve, &err);
	if (w.l == NULL)
		fail_msg("%s", err.text);
}

static inline enum link_state
turn(void)
{
	return link_turn(w.l, w.now_ms);
}

static inline void
turn_until(enum link_state state)
{
	while (turn() != state && waiting())
		continue;
}

static inline void
accept_peer(void)
{
	w.peer = accept4(w.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(w.peer >= 0);
}

/* Comes up, and is accepted. */
static inline void
make_pair(void)
{
	make_link();
	turn_until(LINK_UP);
	accept_peer();
}

static inline void
assert_trouble(const char *part)
{
	if (strstr(link_trouble(w.l), part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, link_trouble(w.l));
}

/* Reads until it breaks. */
static inline void
read_to_end(void)
{
	char bytes[256];

	while (link_read(w.l, bytes, sizeof(bytes), w.now_ms) >= 0 && waiting())
		continue;
	assert_int_equal(turn(), LINK_DOWN);
}

#endif
