/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections to Unix sockets and over TCP, against sockets of the test's. */
#include "link_world.h"

#include <netdb.h>
#include <netinet/tcp.h>

#define MIB 1048576

int __real_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **list);

/* Names that have several addresses: none listens at 127.0.0.2 and .3. */
int
__wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **list)
{
	const char *const addresses[] = {"127.0.0.2", "127.0.0.3", "127.0.0.1"};
	struct addrinfo *next = NULL;
	int first = strcmp(host, "third.test") == 0  ? 2
		    : strcmp(host, "none.test") == 0 ? 1
						     : -1;

	if ((hints->ai_flags & AI_NUMERICHOST) != 0)
		first = -1;
	else if (strcmp(host, "never.test") == 0) {
		for (;;)
			pause();
	}
	if (first < 0)
		return __real_getaddrinfo(host, service, hints, list);
	for (int i = first; i >= 0; i--) {
		int code =
		    __real_getaddrinfo(addresses[i], service, hints, list);

		if (code != 0)
			return code;
		(*list)->ai_next = next;
		next = *list;
	}
	return 0;
}

static size_t
peer_reads(size_t size)
{
	static char bytes[MIB];
	ssize_t n = recv(w.peer, bytes, size, 0);

	return n < 0 ? 0 : (size_t)n;
}

/* Writes until there is no room. Returns how many bytes. */
static uint64_t
fill(void)
{
	static const char bytes[65536];
	uint64_t written = 0;
	ssize_t n;

	while ((n = link_write(w.l, bytes, sizeof(bytes), w.now_ms)) > 0)
		written += (uint64_t)n;
	assert_int_equal(n, 0);
	return written;
}

/* What the peer has, and what may be unread, is what was written. */
static void
read_all(uint64_t written)
{
	uint64_t n = 0;

	while (n < written) {
		size_t got = peer_reads(MIB);

		n += got;
		if (got == 0)
			waiting();
		assert_true(link_unread(w.l) + n >= written || got == 0 ||
			    w.s.type != SINK_UNIX);
	}
	assert_int_equal(n, written);
	while (link_unread(w.l) > 0 && waiting())
		continue;
}

static void
assert_wish(int fd, bool reads, bool writes, int64_t wait_ms)
{
	struct link_wish wish = link_wish(w.l, w.now_ms);

	if (fd < 0)
		assert_int_equal(wish.fd, -1);
	else
		assert_true(wish.fd >= 0);
	assert_int_equal(wish.read, reads);
	assert_int_equal(wish.write, writes);
	assert_int_equal(wish.wait_ms, wait_ms);
}

static void
exchange(void)
{
	char bytes[64];
	ssize_t n;

	make_link();
	assert_int_equal(link_generation(w.l), 0);
	assert_string_equal(link_trouble(w.l), "");
	assert_wish(-1, false, false, 0);
	turn_until(LINK_UP);
	accept_peer();
	assert_int_equal(link_generation(w.l), 1);
	assert_wish(0, true, false, -1);
	assert_true(fcntl(link_wish(w.l, w.now_ms).fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(link_read(w.l, bytes, sizeof(bytes), w.now_ms), 0);
	assert_int_equal(link_unread(w.l), 0);

	for (int i = 0; i < 5; i++)
		assert_int_equal(link_write(w.l, "1", 1, w.now_ms), 1);
	read_all(5);
	assert_int_equal(write(w.peer, "back", 4), 4);
	while ((n = link_read(w.l, bytes, 3, w.now_ms)) == 0)
		waiting();
	assert_int_equal(n, 3);
	assert_memory_equal(bytes, "bac", 3);
	assert_int_equal(link_read(w.l, bytes, 3, w.now_ms), 1);
	assert_int_equal(bytes[0], 'k');
	assert_int_equal(link_read(w.l, bytes, 3, w.now_ms), 0);
}

static void
test_tcp(void **state)
{
	(void)state;
	listen_tcp(1);
	exchange();
}

static void
test_unix(void **state)
{
	(void)state;
	listen_unix(1);
	exchange();
}

static void
test_by_name(void **state)
{
	(void)state;
	listen_tcp(1);
	w.s.host = "localhost";
	exchange();
}

/* Goes on when there is room, and wishes to write only until then. */
static void
slow_reader(void)
{
	uint64_t written;

	make_pair();
	written = fill();
	assert_true(written > 0);
	assert_wish(0, true, true, -1);
	assert_in_range(link_unread(w.l), 1, written);
	read_all(written);
	assert_wish(0, true, true, -1);
	turn_until(LINK_UP);
	assert_wish(0, true, false, -1);
	assert_int_equal(link_write(w.l, "more", 4, w.now_ms), 4);
	read_all(4);
}

static void
test_slow_reader_tcp(void **state)
{
	(void)state;
	listen_tcp(1);
	slow_reader();
}

static void
test_slow_reader_unix(void **state)
{
	(void)state;
	listen_unix(1);
	slow_reader();
}

static void
closed_by_receiver(void)
{
	uint64_t which;

	make_pair();
	which = link_wish(w.l, w.now_ms).which;
	assert_int_not_equal(which, 0);
	assert_int_equal(link_write(w.l, "line", 4, w.now_ms), 4);
	read_all(4);
	close_peer();
	read_to_end();
	assert_trouble("closed by the receiver");
	assert_int_equal(link_unread(w.l), 0);
	assert_int_equal(link_wish(w.l, w.now_ms).fd, -1);
	assert_int_equal(link_wish(w.l, w.now_ms).which, 0);
	assert_int_equal(link_generation(w.l), 1);
	w.now_ms += 60000;
	turn_until(LINK_UP);
	assert_int_equal(link_generation(w.l), 2);
	assert_int_not_equal(link_wish(w.l, w.now_ms).which, which);
	assert_int_equal(link_unread(w.l), 0);
}

static void
test_closed_tcp(void **state)
{
	(void)state;
	listen_tcp(1);
	closed_by_receiver();
}

static void
test_closed_unix(void **state)
{
	(void)state;
	listen_unix(1);
	closed_by_receiver();
}

/* With bytes of ours that it did not read. */
static void
test_unread_at_the_end_unix(void **state)
{
	(void)state;
	listen_unix(1);
	make_pair();
	for (int i = 0; i < 10; i++)
		assert_int_equal(link_write(w.l, "12345678", 8, w.now_ms), 8);
	assert_int_equal(peer_reads(50), 50);
	assert_in_range(link_unread(w.l), 30, 80);
	close_peer();
	/* Nor is less told before it is noticed. */
	assert_in_range(link_unread(w.l), 30, 80);
	read_to_end();
	assert_trouble(strerror(ECONNRESET));
	assert_in_range(link_unread(w.l), 30, 80);
}

static void
test_write_notices_unix(void **state)
{
	(void)state;
	listen_unix(1);
	make_pair();
	assert_int_equal(link_write(w.l, "12345678", 8, w.now_ms), 8);
	close_peer();
	assert_int_equal(link_write(w.l, "12345678", 8, w.now_ms), -1);
	assert_int_equal(turn(), LINK_DOWN);
	assert_trouble("write to");
	assert_trouble(strerror(EPIPE));
	assert_int_equal(link_unread(w.l), 8);
}

/* What its kernel did not take either. */
static void
test_reset_tcp(void **state)
{
	const struct linger at_once = {1, 0};
	uint64_t written, got = 0;

	(void)state;
	listen_tcp(1);
	make_pair();
	written = fill();
	while (got < written / 8) {
		got += peer_reads(4096);
		turn();
	}
	setsockopt(w.peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close_peer();
	read_to_end();
	assert_trouble("read from 127.0.0.1 port ");
	assert_trouble(strerror(ECONNRESET));
	assert_in_range(link_unread(w.l), 1, written - got);
}

/* Each try of an attempt that is in vain, until it is over. */
static void
turn_until_down(void)
{
	while (turn() != LINK_DOWN && waiting())
		continue;
}

/* 1 s, doubled up to 60 s, each a quarter shorter or longer at most. */
static void
test_waits(void **state)
{
	const int64_t waits[] = {
	    1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
	int64_t exact = 0;

	(void)state;
	listen_tcp(1);
	close_listener();
	make_link();
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		int64_t wait;

		turn_until_down();
		assert_trouble("connect 127.0.0.1 port ");
		assert_trouble(strerror(ECONNREFUSED));
		wait = link_wish(w.l, w.now_ms).wait_ms;
		assert_in_range(
		    wait, waits[i] - waits[i] / 4, waits[i] + waits[i] / 4);
		exact += wait == waits[i];
		w.now_ms += wait - 1;
		assert_wish(-1, false, false, 1);
		if (i == 0)
			listen_tcp(1);
		assert_int_equal(turn(), LINK_DOWN);
		if (i == 0)
			close_listener();
		w.now_ms += 1;
		assert_wish(-1, false, false, 0);
	}
	assert_in_range(exact, 0, sizeof(waits) / sizeof(waits[0]) - 1);

	listen_tcp(1);
	turn_until(LINK_UP);
	link_works(w.l);
	link_fail(w.l, w.now_ms, "it is %s", "said so");
	assert_string_equal(link_trouble(w.l), "it is said so");
	assert_int_equal(turn(), LINK_DOWN);
	assert_in_range(link_wish(w.l, w.now_ms).wait_ms, 750, 1250);
	link_fail(w.l, w.now_ms, "once more");
	assert_string_equal(link_trouble(w.l), "it is said so");
}

/* A connection that does nothing useful does not count as success. */
static void
test_waits_longer_until_it_works(void **state)
{
	(void)state;
	listen_tcp(8);
	make_link();
	for (int64_t wait = 1000; wait < 60000; wait *= 2) {
		turn_until(LINK_UP);
		link_fail(w.l, w.now_ms, "no use");
		assert_in_range(link_wish(w.l, w.now_ms).wait_ms,
		    wait - wait / 4, wait + wait / 4);
		w.now_ms += 2 * wait;
	}
}

static void
test_hurry(void **state)
{
	(void)state;
	listen_tcp(1);
	make_link();
	turn_until(LINK_UP);
	link_hurry(w.l);
	assert_wish(0, true, false, -1);
	link_fail(w.l, w.now_ms, "for now");
	assert_int_equal(turn(), LINK_DOWN);
	link_hurry(w.l);
	assert_wish(-1, false, false, 0);
	turn_until(LINK_UP);
}

static void
test_clock_set_back(void **state)
{
	(void)state;
	listen_tcp(1);
	make_link();
	turn_until(LINK_UP);
	link_fail(w.l, w.now_ms, "for now");
	assert_int_equal(turn(), LINK_DOWN);
	w.now_ms -= 1000000;
	assert_wish(-1, false, false, 0);
	turn_until(LINK_UP);
}

/* Fills it up, so that nobody more is answered. */
static void
fill_backlog(int *fd, size_t n)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)w.s.port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	for (size_t i = 0; i < n; i++) {
		fd[i] = socket(
		    AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect(fd[i], (struct sockaddr *)&a, sizeof(a));
	}
}

static void
test_nobody_answers(void **state)
{
	int fd[4];

	(void)state;
	listen_tcp(0);
	fill_backlog(fd, 4);
	make_link();
	assert_int_equal(turn(), LINK_COMING);
	assert_wish(0, false, true, 10000);
	w.now_ms += 9999;
	assert_wish(0, false, true, 1);
	assert_int_equal(turn(), LINK_COMING);
	/* Begins anew, and does not last until the old time. */
	w.now_ms -= 1000000;
	assert_int_equal(turn(), LINK_COMING);
	assert_wish(0, false, true, 10000);
	w.now_ms += 10000;
	assert_int_equal(turn(), LINK_DOWN);
	assert_trouble("no answer within 10 s");
	for (size_t i = 0; i < 4; i++)
		close(fd[i]);
}

static void
test_unix_troubles(void **state)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd;

	(void)state;
	listen_unix(0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", w.s.socket);
	do {
		fd = socket(
		    AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	} while (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	make_link();
	assert_int_equal(turn(), LINK_DOWN);
	assert_trouble("too many wait");
	close_listener();
	w.now_ms += 60000;
	assert_int_equal(turn(), LINK_DOWN);
	assert_trouble(w.s.socket);
	assert_trouble(strerror(ECONNREFUSED));
	unlink(w.s.socket);
	w.now_ms += 60000;
	assert_int_equal(turn(), LINK_DOWN);
	assert_trouble(strerror(ENOENT));
}

static void
test_path_too_long(void **state)
{
	char path[200];
	struct err err;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	w.s.type = SINK_UNIX;
	w.s.socket = path;
	assert_null(link_new(&w.s, NULL, &err));
	assert_non_null(strstr(err.text, path));
	path[108] = '\0';
	assert_null(link_new(&w.s, NULL, &err));
	path[107] = '\0';
	make_link();
	assert_int_equal(turn(), LINK_DOWN);
	assert_trouble(path);
}

/* The others are tried, one in each call, without a descriptor between. */
static void
test_addresses_in_turn(void **state)
{
	int gaps = 0;

	(void)state;
	listen_tcp(1);
	w.s.host = "third.test";
	make_link();
	while (turn() != LINK_UP && waiting()) {
		struct link_wish wish = link_wish(w.l, w.now_ms);

		if (wish.fd < 0) {
			assert_int_equal(wish.wait_ms, 0);
			gaps++;
		}
	}
	assert_int_equal(gaps, 2);
	assert_string_equal(link_trouble(w.l), "");
	accept_peer();
	read_all(0);
}

static void
test_no_address_does(void **state)
{
	(void)state;
	listen_tcp(1);
	w.s.host = "none.test";
	make_link();
	turn_until_down();
	assert_int_equal(turn(), LINK_DOWN);
	assert_trouble("connect 127.0.0.2 port ");
	assert_trouble("(the first of 2 addresses)");
}

static void
test_no_such_name(void **state)
{
	(void)state;
	w.s.host = "a..b";
	w.s.port = 601;
	make_link();
	turn_until_down();
	assert_trouble("look up a..b: ");
	assert_trouble("not known");
}

static void
test_name_without_answer(void **state)
{
	struct link_wish wish;
	struct err err;

	(void)state;
	w.s.host = "never.test";
	w.s.port = 601;
	make_link();
	assert_int_equal(turn(), LINK_COMING);
	wish = link_wish(w.l, w.now_ms);
	assert_int_equal(wish.fd, resolve_fd(w.resolve));
	assert_true(wish.read);
	assert_in_range(wish.wait_ms, 1, 1000);
	w.now_ms += 34999;
	assert_int_equal(turn(), LINK_COMING);
	assert_wish(0, true, false, 1);
	w.now_ms += 1;
	assert_int_equal(turn(), LINK_DOWN);
	assert_trouble("look up never.test: no answer within 35 s");
	/* And nothing is left of it. */
	for (int i = 0; i < RESOLVE_TICKETS_MAX; i++)
		assert_int_not_equal(
		    resolve_ask(w.resolve, "never.test", 601, &err), 0);
}

/* The answers of several come on one descriptor. */
static void
test_two_ask_at_once(void **state)
{
	struct link *other;

	(void)state;
	listen_tcp(2);
	w.s.host = "localhost";
	make_link();
	other = w.l;
	make_link();
	turn();
	while (link_turn(other, w.now_ms) != LINK_UP && waiting())
		continue;
	turn_until(LINK_UP);
	link_free(other);
}

/* What the receiver sent and nobody read does not cost what we sent. */
static void
test_what_was_written_arrives(void **state)
{
	char bytes[16] = "";
	size_t n = 0;
	ssize_t got;

	(void)state;
	listen_tcp(1);
	make_pair();
	assert_int_equal(write(w.peer, "unheard", 7), 7);
	while (recv(link_wish(w.l, w.now_ms).fd, bytes, 7, MSG_PEEK) < 7 &&
	       waiting())
		continue;
	assert_int_equal(link_write(w.l, "the end", 7, w.now_ms), 7);
	link_free(w.l);
	w.l = NULL;
	while ((got = recv(w.peer, bytes + n, sizeof(bytes) - n, 0)) != 0) {
		if (got > 0)
			n += (size_t)got;
		else
			assert_int_equal(errno, EAGAIN);
		waiting();
	}
	assert_int_equal(n, 7);
	assert_memory_equal(bytes, "the end", 7);
}

static int
option(int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	getsockopt(link_wish(w.l, w.now_ms).fd, level, name, &value, &len);
	return value;
}

/* That a machine is cut off can't be tried here. */
static void
test_cut_off_is_noticed(void **state)
{
	(void)state;
	listen_tcp(1);
	make_pair();
	assert_int_equal(option(SOL_SOCKET, SO_KEEPALIVE), 1);
	assert_in_range(option(IPPROTO_TCP, TCP_KEEPIDLE) +
			    option(IPPROTO_TCP, TCP_KEEPINTVL) *
				option(IPPROTO_TCP, TCP_KEEPCNT),
	    20, 40);
	assert_in_range(option(IPPROTO_TCP, TCP_USER_TIMEOUT), 20000, 40000);
	assert_int_equal(option(IPPROTO_TCP, TCP_NODELAY), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_tcp),
	    TEST(test_unix),
	    TEST(test_by_name),
	    TEST(test_slow_reader_tcp),
	    TEST(test_slow_reader_unix),
	    TEST(test_closed_tcp),
	    TEST(test_closed_unix),
	    TEST(test_unread_at_the_end_unix),
	    TEST(test_write_notices_unix),
	    TEST(test_reset_tcp),
	    TEST(test_waits),
	    TEST(test_waits_longer_until_it_works),
	    TEST(test_hurry),
	    TEST(test_clock_set_back),
	    TEST(test_nobody_answers),
	    TEST(test_unix_troubles),
	    TEST(test_path_too_long),
	    TEST(test_addresses_in_turn),
	    TEST(test_no_address_does),
	    TEST(test_no_such_name),
	    TEST(test_name_without_answer),
	    TEST(test_two_ask_at_once),
	    TEST(test_what_was_written_arrives),
	    TEST(test_cut_off_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
