/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encode_world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* As encode_text.c has them. */
#define LIVES_MAX 65536
#define ENDED_MAX 1024
#define DEPTH_MAX 20

static const struct envelope replay = {.sequence = 7};

/* One event to a fresh encoder; want is what stands after the pid. */
static void
check_line(const struct event *ev, const char *want)
{
	struct encode_text *x = encode_text_new();
	char whole[sizeof(buf)];

	assert_non_null(x);
	snprintf(whole, sizeof(whole),
	    "2026-11-22 UTC\n12:00:01.123    4711 %s\n", want);
	text_init(&t, buf, sizeof(buf));
	encode_text(x, &t, ev, &replay);
	assert_text(whole);
	encode_text_free(x);
}

static void
test_text_births(void **state)
{
	struct event ev = event_of(EVENT_FORK);

	(void)state;
	check_line(&ev, "fork   (name not known)");
	ev.process.executable = BYTES_LITERAL("/usr/bin/bash");
	check_line(&ev, "fork   /usr/bin/bash");
	ev.process.name = BYTES_LITERAL("a\x1b[2Jb");
	check_line(&ev, "fork   \"a\\x1b[2Jb\"");
	ev.start = START_INFERRED;
	ev.process.name = BYTES_LITERAL("bash");
	check_line(&ev, "fork   bash (start not seen)");
}

static void
test_text_images(void **state)
{
	struct event ev = event_of(EVENT_EXEC);
	struct args args = {
	    .bytes = BYTES_LITERAL("ls\0-l\0/a b\0\0"), .count = 4, .argc = 4};

	(void)state;
	check_line(&ev, "exec   (not known)");
	ev.args = &args;
	check_line(&ev, "exec   ls -l \"/a b\" \"\"");
	ev.process.executable = BYTES_LITERAL("/usr/bin/ls");
	check_line(&ev, "exec   /usr/bin/ls -l \"/a b\" \"\"");
	args.truncated = true;
	check_line(&ev, "exec   /usr/bin/ls -l \"/a b\" \"\" ...");
	ev.exec_error = ENOENT;
	ev.args = NULL;
	check_line(&ev, "exec   failed: No such file or directory");
	ev = event_of(EVENT_ALREADY_RUNNING);
	ev.start = START_SNAPSHOT;
	ev.process.name = BYTES_LITERAL("kthreadd");
	check_line(&ev, "found  kthreadd");
}

static void
test_text_arguments_are_cut(void **state)
{
	struct event ev = event_of(EVENT_EXEC);
	char bytes[3002], want[1100];
	struct args args = {
	    .bytes = {bytes, sizeof(bytes)}, .count = 2, .argc = 2};

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	bytes[0] = bytes[sizeof(bytes) - 1] = '\0';
	ev.process.name = BYTES_LITERAL("x");
	ev.args = &args;
	snprintf(want, sizeof(want), "exec   x %.*s ...", 1024, bytes + 1);
	check_line(&ev, want);
	bytes[1025] = '\0'; /* just fits, but another one follows */
	args.count = 3;
	check_line(&ev, want);
}

static void
test_text_ends(void **state)
{
	struct event ev = event_of(EVENT_END);

	(void)state;
	ev.process.start_ms = NOON - 12;
	ev.end = (struct event_end){
	    .has_status = true, .certain = true, .status = 3 << 8};
	check_line(&ev, "end    exit 3, 12 ms");
	ev.end.certain = false;
	check_line(&ev, "end    perhaps exit 3, 12 ms");
	ev.end = (struct event_end){.kind = END_SIGNAL,
	    .has_status = true,
	    .certain = true,
	    .status = SIGSEGV | 0x80};
	ev.process.start_ms = NOON - 1299;
	check_line(&ev, "end    killed by SIGSEGV, 1.2 s");
	ev.end.core_known = true;
	check_line(&ev, "end    killed by SIGSEGV (core dumped), 1.2 s");
	ev.end.status = 100;
	check_line(&ev, "end    killed by signal 100, 1.2 s");
	ev.end = (struct event_end){.kind = END_EXIT};
	check_line(&ev, "end    exit, status not known, 1.2 s");
	ev.end = (struct event_end){.kind = END_SIGNAL};
	check_line(&ev, "end    killed, signal not known, 1.2 s");
}

/* Neither when these ended nor when such a life began is known. */
static void
test_text_durations_not_known(void **state)
{
	struct event ev = event_of(EVENT_END);

	(void)state;
	ev.process.start_ms = NOON - 1000;
	ev.end = (struct event_end){.kind = END_VANISHED};
	check_line(&ev, "end    vanished, cause not known");
	ev.end = (struct event_end){.kind = END_RESTART};
	check_line(&ev, "end    gone with a restart");
	ev.start = START_INFERRED;
	ev.end = (struct event_end){.has_status = true, .certain = true};
	check_line(&ev, "end    exit 0");
	ev.end.has_usage = true;
	ev.end.elapsed_ms = 40;
	check_line(&ev, "end    exit 0, 40 ms");
	ev.start = START_OBSERVED;
	ev.end.has_usage = false;
	ev.process.start_ms = NOON + 1;
	check_line(&ev, "end    exit 0");
}

static void
test_text_durations(void **state)
{
	static const struct {
		int64_t ms;
		const char *want;
	} cases[] = {
	    {0, "0 ms"},
	    {999, "999 ms"},
	    {1000, "1.0 s"},
	    {59999, "59.9 s"},
	    {60000, "1 min 0 s"},
	    {3599999, "59 min 59 s"},
	    {3600000, "1 h 0 min"},
	    {86399999, "23 h 59 min"},
	    {86400000, "1 d 0 h"},
	    {400 * 86400000LL, "400 d 0 h"},
	};
	struct event ev = event_of(EVENT_END);

	(void)state;
	ev.end = (struct event_end){.has_status = true, .certain = true};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char want[64];

		snprintf(
		    want, sizeof(want), "end    exit 0, %s", cases[i].want);
		ev.process.start_ms = NOON - cases[i].ms;
		check_line(&ev, want);
	}
}

static void
test_text_notices(void **state)
{
	struct encode_text *x = encode_text_new();
	struct event loss = event_of(EVENT_LOSS);
	struct event beat = event_of(EVENT_HEARTBEAT);

	(void)state;
	loss.loss = (struct event_loss){.source = LOSS_SERIAL_GAP,
	    .counted = true,
	    .count = 12,
	    .since_ms = NOON - 1000,
	    .until_ms = NOON,
	    .detail = "12 serials are missing\x1b"};
	beat.heartbeat = (struct event_heartbeat){.lag_ms = 3,
	    .records = 9,
	    .lives = 2,
	    .events = 5,
	    .losses = 1,
	    .acct_on = true};
	text_init(&t, buf, sizeof(buf));
	encode_text(x, &t, &loss, &replay);
	loss.loss = (struct event_loss){.source = LOSS_LIMIT,
	    .since_ms = TIME_UNKNOWN,
	    .until_ms = TIME_UNKNOWN};
	encode_text(x, &t, &loss, &replay);
	encode_text(x, &t, &beat, &replay);
	assert_text("2026-11-22 UTC\n"
		    "12:00:01.123 *** LOSS serial_gap, 12 lost, "
		    "since 2026-11-22T12:00:00.123Z, "
		    "until 2026-11-22T12:00:01.123Z: "
		    "12 serials are missing\\x1b\n"
		    "12:00:01.123 *** LOSS limit\n"
		    "12:00:01.123 heartbeat: 9 records, 2 lives, 5 events, "
		    "1 losses, accounting on, lag 3 ms\n");
	encode_text_free(x);
}

static void
test_text_date_when_it_changes(void **state)
{
	struct encode_text *x = encode_text_new();
	struct event ev = event_of(EVENT_FORK);

	(void)state;
	ev.process.name = BYTES_LITERAL("a");
	text_init(&t, buf, sizeof(buf));
	encode_text(x, &t, &ev, &replay);
	ev.time_ms += 12 * 3600000 - 1124; /* 23:59:59.999 */
	encode_text(x, &t, &ev, &replay);
	ev.time_ms += 1;
	encode_text(x, &t, &ev, &replay);
	assert_text("2026-11-22 UTC\n"
		    "12:00:01.123    4711 fork   a\n"
		    "23:59:59.999    4711 fork   a\n"
		    "2026-11-23 UTC\n"
		    "00:00:00.000    4711 fork   a\n");
	encode_text_free(x);
}

static struct uuid
life(unsigned n)
{
	struct uuid u = {{0}};

	memcpy(u.b, &n, sizeof(n));
	return u;
}

/* Blanks before the verb: two for each ancestor, and one. */
static size_t
depth(struct encode_text *x, enum event_action action, unsigned n,
    unsigned parent)
{
	struct event ev = event_of(action);

	ev.process.id = life(n);
	if (parent != 0) {
		ev.parent.known = ev.parent.identified = true;
		ev.parent.id = life(parent);
	}
	text_init(&t, buf, sizeof(buf));
	encode_text(x, &t, &ev, &replay);
	assert_true(text_ok(&t));
	text_char(&t, '\0');
	const char *pid = strstr(buf, "4711 ");
	assert_non_null(pid);
	return (strspn(pid + 4, " ") - 1) / 2;
}

static void
test_text_tree(void **state)
{
	struct encode_text *x = encode_text_new();

	(void)state;
	assert_int_equal(depth(x, EVENT_FORK, 1, 0), 0);
	assert_int_equal(depth(x, EVENT_FORK, 2, 1), 1);
	assert_int_equal(depth(x, EVENT_FORK, 3, 2), 2);
	assert_int_equal(depth(x, EVENT_EXEC, 2, 1), 1);
	assert_int_equal(depth(x, EVENT_END, 2, 1), 1);
	/* Children of the ended, and the ended once more. */
	assert_int_equal(depth(x, EVENT_FORK, 4, 2), 2);
	assert_int_equal(depth(x, EVENT_END, 2, 1), 1);
	assert_int_equal(depth(x, EVENT_END, 3, 2), 2);
	/* A parent that was never met. */
	assert_int_equal(depth(x, EVENT_FORK, 5, 99), 0);
	assert_int_equal(depth(x, EVENT_FORK, 6, 5), 1);
	encode_text_free(x);
}

static void
test_text_depth_is_capped(void **state)
{
	struct encode_text *x = encode_text_new();

	(void)state;
	for (unsigned n = 1; n < 100; n++)
		assert_int_equal(depth(x, EVENT_FORK, n, n - 1),
		    n - 1 < DEPTH_MAX ? n - 1 : DEPTH_MAX);
	encode_text_free(x);
}

static void
test_text_forgets_the_ended(void **state)
{
	struct encode_text *x = encode_text_new();

	(void)state;
	(void)depth(x, EVENT_FORK, 1, 0);
	(void)depth(x, EVENT_END, 1, 0);
	for (unsigned n = 0; n < ENDED_MAX - 1; n++)
		(void)depth(x, EVENT_END, 1000 + n, 0);
	assert_int_equal(depth(x, EVENT_FORK, 2, 1), 1);
	(void)depth(x, EVENT_END, 5000, 0);
	assert_int_equal(depth(x, EVENT_FORK, 3, 1), 0);
	encode_text_free(x);
}

static void
test_text_forgets_the_oldest(void **state)
{
	struct encode_text *x = encode_text_new();

	(void)state;
	for (unsigned n = 1; n < LIVES_MAX; n++)
		(void)depth(x, EVENT_FORK, n, 0);
	assert_int_equal(depth(x, EVENT_FORK, LIVES_MAX, 1), 1);
	assert_int_equal(depth(x, EVENT_FORK, LIVES_MAX + 1, 1), 1);
	/* To remember that one, the first had to go; the second did not. */
	assert_int_equal(depth(x, EVENT_EXEC, 2, 0), 0);
	assert_int_equal(depth(x, EVENT_FORK, LIVES_MAX + 2, 2), 1);
	assert_int_equal(depth(x, EVENT_FORK, LIVES_MAX + 3, 1), 0);
	encode_text_free(x);
}

static void
test_text_free_of_nothing(void **state)
{
	(void)state;
	encode_text_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text_births),
	    cmocka_unit_test(test_text_images),
	    cmocka_unit_test(test_text_arguments_are_cut),
	    cmocka_unit_test(test_text_ends),
	    cmocka_unit_test(test_text_durations_not_known),
	    cmocka_unit_test(test_text_durations),
	    cmocka_unit_test(test_text_notices),
	    cmocka_unit_test(test_text_date_when_it_changes),
	    cmocka_unit_test(test_text_tree),
	    cmocka_unit_test(test_text_depth_is_capped),
	    cmocka_unit_test(test_text_forgets_the_ended),
	    cmocka_unit_test(test_text_forgets_the_oldest),
	    cmocka_unit_test(test_text_free_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
