/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "relp.h"

/* As rsyslog 8.2302 says it. */
#define AGREEMENT                                                              \
	"1 rsp 93 200 OK\nrelp_version=0\n"                                    \
	"relp_software=librelp,1.11.0,http://librelp.adiscon.com\n"            \
	"commands=syslog\n"

static char sent[1024 * 1024];
static struct text out;
static struct relp *r;

static int
setup(void **state)
{
	(void)state;
	text_init(&out, sent, sizeof(sent));
	r = relp_new(1);
	return r != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	relp_free(r);
	return 0;
}

/* What was appended to out since the last time. */
static const char *
said(void)
{
	assert_true(text_ok(&out));
	text_char(&out, '\0');
	out.len = 0;
	return sent;
}

/* The server says this; returns how many messages that acknowledges. */
static uint64_t
take(struct bytes in)
{
	struct err err = {""};
	uint64_t done = 0;

	if (relp_take(r, in, &done, &err) != 0)
		fail_msg("%s", err.text);
	return done;
}

/* The same; that ends the session. */
static uint64_t
take_end(const char *in, const char *why)
{
	struct err err = {""};
	uint64_t done = 0;

	assert_int_equal(relp_take(r, bytes_of(in), &done, &err), -1);
	assert_string_equal(err.text, why);
	assert_false(relp_is_open(r));
	assert_int_equal(relp_room(r), 0);
	return done;
}

/* A server's frame with that data. Valid until the next call. */
static const char *
answer(uint32_t txnr, const char *data)
{
	static char in[RELP_ANSWER_MAX + 64];

	snprintf(in, sizeof(in), "%" PRIu32 " rsp %zu %s\n", txnr, strlen(data),
	    data);
	return in;
}

static uint64_t
take_ok(uint32_t txnr)
{
	return take(bytes_of(answer(txnr, "200 OK")));
}

static void
send_one(const char *message)
{
	assert_true(relp_syslog(
	    r, (struct bytes[2]){bytes_of(message), BYTES_NONE}, &out));
}

static void
open_session(void)
{
	relp_open(r, &out);
	take(bytes_of(AGREEMENT));
	assert_true(relp_is_open(r));
	out.len = 0;
}

static void
test_frames(void **state)
{
	const char *offer = "relp_version=0\n"
			    "relp_software=proclife," PACKAGE_VERSION "\n"
			    "commands=syslog";
	char want[256];

	(void)state;
	assert_int_equal(relp_room(r), 0);
	relp_open(r, &out);
	assert_in_range(out.len, 1, RELP_FRAME_MAX);
	snprintf(want, sizeof(want), "1 open %zu %s\n", strlen(offer), offer);
	assert_string_equal(said(), want);
	assert_int_equal(relp_room(r), 0);
	assert_int_equal(take(bytes_of(AGREEMENT)), 0);
	assert_int_equal(relp_room(r), RELP_WINDOW);
	assert_true(relp_syslog(
	    r, (struct bytes[2]){bytes_of("ab"), bytes_of("c d")}, &out));
	send_one("x");
	send_one("");
	assert_string_equal(
	    said(), "2 syslog 5 abc d\n3 syslog 1 x\n4 syslog 0\n");
	assert_int_equal(relp_sent(r), 3);
	assert_int_equal(relp_room(r), RELP_WINDOW - 3);
	relp_close(r, &out);
	assert_string_equal(said(), "5 close 0\n");
	assert_int_equal(relp_room(r), 0);
	/* What was under way is still acknowledged. */
	assert_int_equal(take_ok(2), 1);
	assert_int_equal(take_end("3 rsp 6 200 OK\n5 rsp 0\n",
			     "closed, as it was asked for"),
	    1);
}

static void
test_agreements(void **state)
{
	static const char *const good[] = {
	    "200\ncommands=syslog,x",
	    "200 OK\ncommands=eventlog,syslog\nrelp_version=0\n",
	    "200 OK\n\ncommands=syslog\nx=y",
	    "200 relp_version=0\ncommands=x,syslog,y\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		relp_open(r, &out);
		take(bytes_of(answer(1, good[i])));
		assert_true(relp_is_open(r));
	}
}

static void
test_refused_sessions(void **state)
{
	static const struct {
		const char *in, *why;
	} bad[] = {
	    {"500 too many\nsessions",
		"the receiver refused the session: \"500 too many\""},
	    {"2000 OK\ncommands=syslog",
		"the receiver refused the session: \"2000 OK\""},
	    {"20", "the receiver refused the session: \"20\""},
	    {"200 OK", "the receiver takes no syslog messages"},
	    {"200 OK\ncommands=", "the receiver takes no syslog messages"},
	    {"200 OK\ncommands=sys,syslogs,log\n",
		"the receiver takes no syslog messages"},
	    {"200 OK\nxcommands=syslog",
		"the receiver takes no syslog messages"},
	    {"200 OK\ncommands=x\nsyslog",
		"the receiver takes no syslog messages"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		relp_open(r, &out);
		assert_int_equal(take_end(answer(1, bad[i].in), bad[i].why), 0);
	}
	/* What another session said is not read again. */
	open_session();
	relp_open(r, &out);
	take_end(answer(1, "200 OK\nrelp_version=0\nrelp_software=librelp,"
			   "1.11.0,http://librelp.adiscon.com\nc"),
	    "the receiver takes no syslog messages");
	relp_open(r, &out);
	take_end("1 rsp 0\n", "the receiver refused the session: \"\"");
	relp_open(r, &out);
	take_end(answer(2, "200 OK\ncommands=syslog"),
	    "the receiver answered what it was not asked");
}

/* After the session ended nothing is taken, until the next begins. */
static void
test_over(void **state)
{
	(void)state;
	take_end("", "the session is over");
	take_end(AGREEMENT, "the session is over");
	open_session();
	send_one("a");
	send_one("b");
	take_end("0 serverclose 0\n", "closed by the receiver");
	take_end("2 rsp 6 200 OK\n", "the session is over");
	open_session();
	assert_int_equal(relp_sent(r), 0);
	send_one("c");
	assert_string_equal(said(), "2 syslog 1 c\n");
	assert_int_equal(take_ok(2), 1);
}

/* A frame that was cut by the end of a connection is not continued. */
static void
test_cut_frame_is_forgotten(void **state)
{
	static const char in[] = "2 rsp 6 200 OK\n";

	(void)state;
	for (size_t cut = 0; cut < sizeof(in) - 1; cut++) {
		open_session();
		send_one("a");
		assert_int_equal(take((struct bytes){in, cut}), 0);
	}
}

#define DIALOGUE                                                               \
	"2 rsp 6 200 OK\n3 rsp 3 200\n5 rsp 13 200 OK\nlater\n\n"              \
	"4 rsp 8 200 a\nb\n\n6 rsp 6 200 OK\n0 serverclose 0\n"

/* The whole dialogue, the server's part of it in three pieces. */
static void
play(struct bytes in, size_t first, size_t second)
{
	struct err err = {""};
	uint64_t done = 0;
	const struct bytes piece[3] = {
	    {in.at, first},
	    {in.at + first, second - first},
	    {in.at + second, in.len - second},
	};
	int rc = 0;

	open_session();
	for (int i = 0; i < 5; i++)
		send_one("x");
	out.len = 0;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(rc, 0);
		rc = relp_take(r, piece[i], &done, &err);
		assert_int_equal(done + relp_sent(r), 5);
	}
	assert_int_equal(rc, -1);
	assert_int_equal(done, 5);
	assert_string_equal(err.text, "closed by the receiver");
}

static void
test_every_split(void **state)
{
	const struct bytes in = BYTES_LITERAL(DIALOGUE);
	const struct bytes agreement = BYTES_LITERAL(AGREEMENT);

	(void)state;
	for (size_t first = 0; first < in.len; first++) {
		for (size_t second = first; second < in.len; second++)
			play(in, first, second);
	}
	for (size_t cut = 0; cut < agreement.len; cut++) {
		relp_open(r, &out);
		take((struct bytes){agreement.at, cut});
		assert_false(relp_is_open(r));
		take((struct bytes){agreement.at + cut, agreement.len - cut});
		assert_true(relp_is_open(r));
	}
}

static void
test_byte_by_byte(void **state)
{
	const struct bytes in = BYTES_LITERAL(DIALOGUE);
	/* Where each message is done, the fifth only with the fourth. */
	const size_t ends[] = {15, 27, 67, 67, 82};
	struct err err = {""};
	uint64_t done = 0;

	(void)state;
	open_session();
	for (int i = 0; i < 5; i++)
		send_one("x");
	for (size_t i = 0; i < in.len - 1; i++) {
		size_t want = 0;

		assert_int_equal(
		    relp_take(r, (struct bytes){in.at + i, 1}, &done, &err), 0);
		while (want < 5 && ends[want] <= i + 1)
			want++;
		assert_int_equal(done, want);
	}
}

static void
test_out_of_order(void **state)
{
	(void)state;
	open_session();
	for (int i = 0; i < 6; i++)
		send_one("x");
	assert_int_equal(take_ok(4), 0);
	assert_int_equal(take_ok(3), 0);
	assert_int_equal(take_ok(7), 0);
	assert_int_equal(take_ok(2), 3);
	assert_int_equal(relp_sent(r), 3);
	assert_int_equal(take_ok(5), 1);
	assert_int_equal(take_ok(6), 2);
	assert_int_equal(relp_sent(r), 0);
}

static void
test_numbers_roll_over(void **state)
{
	(void)state;
	relp_free(r);
	r = relp_new(RELP_TXNR_MAX - 2);
	relp_open(r, &out);
	take(bytes_of(answer(RELP_TXNR_MAX - 2, "200 OK\ncommands=syslog")));
	out.len = 0;
	for (int i = 0; i < 5; i++)
		send_one("x");
	assert_string_equal(said(), "999999998 syslog 1 x\n"
				    "999999999 syslog 1 x\n"
				    "1 syslog 1 x\n"
				    "2 syslog 1 x\n"
				    "3 syslog 1 x\n");
	assert_int_equal(take_ok(1), 0);
	assert_int_equal(take_ok(RELP_TXNR_MAX - 1), 1);
	assert_int_equal(take_ok(2), 0);
	assert_int_equal(take_ok(RELP_TXNR_MAX), 3);
	assert_int_equal(take_ok(3), 1);
	relp_close(r, &out);
	assert_string_equal(said(), "4 close 0\n");
}

/* 0 is the number of hints, and no message's: not even behind the last. */
static void
test_zero_is_no_message(void **state)
{
	(void)state;
	relp_free(r);
	r = relp_new(RELP_TXNR_MAX - 1);
	relp_open(r, &out);
	take(bytes_of(answer(RELP_TXNR_MAX - 1, "200 OK\ncommands=syslog")));
	send_one("x");
	send_one("x");
	assert_int_equal(take_end("0 rsp 6 200 OK\n",
			     "the receiver answered what it was not asked"),
	    0);
}

/* What is behind it counts as not delivered, though the server has some. */
static void
test_refused_message(void **state)
{
	(void)state;
	open_session();
	for (int i = 0; i < 5; i++)
		send_one("x");
	take_ok(5);
	assert_int_equal(
	    take_end("2 rsp 6 200 OK\n3 rsp 6 200 OK\n"
		     "4 rsp 18 500 no room\nat all\n6 rsp 6 200 OK\n",
		"the receiver refused an event: \"500 no room\""),
	    2);
}

static void
test_bad_frames(void **state)
{
	static const char *const bad[] = {
	    "\n",
	    " ",
	    " 2 rsp 6 200 OK\n",
	    "x",
	    "-2 rsp 6 200 OK\n",
	    "2x",
	    "2\n",
	    "0000000002 rsp 6 200 OK\n",
	    "2  rsp 6 200 OK\n",
	    "2 RSP",
	    "2 rsp\n",
	    "2 rsp  6",
	    "2 rsp x",
	    "2 rsp -1",
	    "2 rsp \n",
	    "2 rsp 6\n",
	    "2 rsp 0 \n",
	    "2 rsp 6x",
	    "2 rsp 5 200 OK\n",
	    "2 rsp 6 200 OK ",
	    "2 rsp 6 200 OK2",
	    "2 rsp 6 200 OK\r\n",
	    "2 rsp 0000000006 200 OK\n",
	    "2 serverclosed 0\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		open_session();
		send_one("x");
		assert_int_equal(
		    take_end(bad[i], "the receiver does not speak RELP"), 0);
	}
}

static void
test_wrong_answers(void **state)
{
	static const struct {
		const char *in, *why;
	} bad[] = {
	    {"1 rsp 6 200 OK\n", "the receiver answered what it was not asked"},
	    {"4 rsp 6 200 OK\n", "the receiver answered what it was not asked"},
	    {"999999999 rsp 6 200 OK\n",
		"the receiver answered what it was not asked"},
	    {"3 rsp 6 200 OK\n3 rsp 6 200 OK\n",
		"the receiver answered what it was not asked"},
	    {"2 syslog 1 x\n", "the receiver sent a command that is none"},
	    {"2 rs 6 200 OK\n", "the receiver sent a command that is none"},
	    {"2 rsp 0\n", "the receiver refused an event: \"\""},
	    {"2 rsp 2 20\n", "the receiver refused an event: \"20\""},
	    {"2 rsp 7 200_bad\n", "the receiver refused an event: \"200_bad\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		open_session();
		send_one("x");
		send_one("y");
		assert_int_equal(take_end(bad[i].in, bad[i].why), 0);
	}
	/* One that was acknowledged is not under way any more. */
	open_session();
	send_one("x");
	take_ok(2);
	assert_int_equal(take_end("2 rsp 6 200 OK\n",
			     "the receiver answered what it was not asked"),
	    0);
}

static void
test_longest_answer(void **state)
{
	char data[RELP_ANSWER_MAX + 1] = "200 ", in[32];

	(void)state;
	memset(data + 4, 'x', RELP_ANSWER_MAX - 4);
	open_session();
	send_one("x");
	send_one("x");
	assert_int_equal(take(bytes_of(answer(2, data))), 1);
	/* Refused before any of it is there. */
	snprintf(in, sizeof(in), "3 rsp %d", RELP_ANSWER_MAX + 1);
	assert_int_equal(take_end(in, "the receiver's answer is too long"), 0);
}

static void
test_window(void **state)
{
	(void)state;
	open_session();
	for (int i = 0; i < RELP_WINDOW; i++) {
		assert_int_equal(relp_room(r), RELP_WINDOW - i);
		send_one("x");
	}
	assert_int_equal(relp_room(r), 0);
	assert_int_equal(take_ok(3), 0);
	assert_int_equal(relp_room(r), 0);
	assert_int_equal(take_ok(2), 2);
	assert_int_equal(relp_room(r), 2);
}

static void
test_what_does_not_fit(void **state)
{
	const struct bytes m[2] = {bytes_of("abc"), bytes_of("de")};
	const char want[] = "2 syslog 5 abcde\n";
	const size_t len = sizeof(want) - 1;
	char buf[64];
	struct text small;

	(void)state;
	open_session();
	for (size_t size = 1; size < len; size++) {
		text_init(&small, buf, size);
		assert_false(relp_syslog(r, m, &small));
		assert_int_equal(small.len, 0);
		assert_true(text_ok(&small));
		assert_int_equal(relp_sent(r), 0);
	}
	text_init(&small, buf, len);
	assert_true(relp_syslog(r, m, &small));
	assert_int_equal(small.len, len);
	assert_memory_equal(buf, want, len);
}

/* Any order of acknowledgements gives each message once, against a model. */
static void
test_random_orders(void **state)
{
	enum {
		MESSAGES = 20000
	};
	static bool has[MESSAGES];
	uint32_t next = 0, oldest = 0, random = 1;

	(void)state;
	relp_free(r);
	r = relp_new(RELP_TXNR_MAX - 5000);
	relp_open(r, &out);
	take(bytes_of(answer(RELP_TXNR_MAX - 5000, "200 OK\ncommands=syslog")));
	while (oldest < MESSAGES) {
		uint32_t n, want = oldest;

		random = random * 1103515245 + 12345;
		if (next < MESSAGES && relp_room(r) > 0 &&
		    (next == oldest || (random >> 16) % 2 == 0)) {
			out.len = 0;
			send_one("x");
			next++;
			continue;
		}
		n = oldest + (random >> 16) % (next - oldest);
		while (has[n])
			n = n + 1 < next ? n + 1 : oldest;
		has[n] = true;
		while (want < next && has[want])
			want++;
		assert_int_equal(
		    take_ok(n < 5000 ? RELP_TXNR_MAX - 4999 + n : n - 4999),
		    want - oldest);
		oldest = want;
		assert_int_equal(relp_sent(r), next - oldest);
	}
}

/* A test with a new relp. */
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_frames),
	    TEST(test_agreements),
	    TEST(test_refused_sessions),
	    TEST(test_over),
	    TEST(test_cut_frame_is_forgotten),
	    TEST(test_every_split),
	    TEST(test_byte_by_byte),
	    TEST(test_out_of_order),
	    TEST(test_numbers_roll_over),
	    TEST(test_zero_is_no_message),
	    TEST(test_refused_message),
	    TEST(test_bad_frames),
	    TEST(test_wrong_answers),
	    TEST(test_longest_answer),
	    TEST(test_window),
	    TEST(test_what_does_not_fit),
	    TEST(test_random_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
