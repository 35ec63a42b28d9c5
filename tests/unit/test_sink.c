/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "sink_lines.h"

#define T0 INT64_C(1700000000000)

#define QUEUE_SIZE 200000

/* Length of each line. */
#define LINE 26

/* What standard output holds back, and more, is in so many lines. */
#define MANY 30000

static struct world {
	struct sink_settings s;
	struct sink *k;
	int64_t now_ms;
	int stdout_saved;
	int reader; /* of what was put in the place of standard output */
	uint64_t taken[MANY], ntaken; /* numbers of lines */
	char text[MANY * LINE];       /* what was read */
	size_t len;
} w;

/* Makes fd standard output, and keeps the real one. */
static void
replace_stdout(int fd)
{
	fflush(stdout);
	w.stdout_saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
	assert_true(w.stdout_saved >= 0);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	close(fd);
}

static void
restore_stdout(void)
{
	if (w.stdout_saved < 0)
		return;
	dup2(w.stdout_saved, STDOUT_FILENO);
	close(w.stdout_saved);
	w.stdout_saved = -1;
}

/* Opens the sink on fd, and gives the real standard output back. */
static void
open_on(int fd)
{
	struct err err = {""};

	replace_stdout(fd);
	w.k = sink_open(&w.s, &(struct sink_needs){0}, NULL, w.now_ms, &err);
	restore_stdout();
	if (w.k == NULL)
		fail_msg("%s", err.text);
}

static void
open_on_pipe(void)
{
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	w.reader = fd[0];
	assert_int_equal(fcntl(w.reader, F_SETFL, O_NONBLOCK), 0);
	open_on(fd[1]);
}

static void
flush(void)
{
	sink_flush(w.k, w.now_ms);
}

static bool
put_line(uint64_t number)
{
	char line[32];
	int n =
	    snprintf(line, sizeof(line), "line %020ju\n", (uintmax_t)number);

	if (!sink_put_text(w.k, line, (size_t)n, w.now_ms))
		return false;
	w.taken[w.ntaken++] = number;
	return true;
}

/* Reads at most max bytes that the sink wrote; false if there were none. */
static bool
read_some(size_t max)
{
	size_t before = w.len;

	while (max > 0) {
		ssize_t n = read(w.reader, w.text + w.len, max);

		if (n <= 0)
			break;
		w.len += (size_t)n;
		max -= (size_t)n;
	}
	return w.len > before;
}

static void
read_all(void)
{
	while (read_some(sizeof(w.text) - 1 - w.len))
		flush();
}

/* What was read is exactly the lines that the sink took, each whole. */
static void
assert_all_came(void)
{
	const char *at = w.text;

	w.text[w.len] = '\0';
	for (uint64_t i = 0; i < w.ntaken; i++) {
		char want[32];
		int n = snprintf(
		    want, sizeof(want), "line %020ju\n", (uintmax_t)w.taken[i]);

		assert_memory_equal(at, want, (size_t)n);
		at += n;
	}
	assert_int_equal(at - w.text, w.len);
}

static int
setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.now_ms = T0;
	w.stdout_saved = w.reader = -1;
	w.s = (struct sink_settings){
	    .name = "out",
	    .type = SINK_STDOUT,
	    .format = FORMAT_ECS,
	    .queue_size = QUEUE_SIZE,
	    .max_event = SETTINGS_EVENT_MAX,
	    .actions = ~0U,
	};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	restore_stdout();
	sink_close(w.k, w.now_ms);
	if (w.reader >= 0)
		close(w.reader);
	return 0;
}

static void
test_pipe(void **state)
{
	(void)state;
	open_on_pipe();
	assert_string_equal(sink_name(w.k), "out");
	assert_int_equal(sink_format(w.k), FORMAT_ECS);
	assert_int_equal(sink_next_segment(w.k), 0);
	assert_true(put_line(1));
	assert_true(put_line(2));
	assert_false(read_some(1000));
	flush();
	assert_int_equal(sink_pending(w.k), 0);
	assert_true(read_some(1000));
	assert_all_came();
	put_line(3);
	sink_close(w.k, w.now_ms);
	w.k = NULL;
	assert_true(read_some(1000));
	assert_all_came();
}

/* Puts lines until pipe and backlog are full, and then so many more. */
static uint64_t
overfill(uint64_t more)
{
	uint64_t number = 0, refused = 0;

	while (refused < more) {
		if (!put_line(number))
			refused++;
		if (number++ % 100 == 0)
			flush();
		assert_true(number < MANY);
	}
	return number;
}

/* A reader that is slow: lines wait, more are refused, none is cut. */
static void
check_slow_reader(void)
{
	struct sink_lost r;
	uint64_t number;

	number = overfill(50);
	assert_in_range(sink_pending(w.k), QUEUE_SIZE - 64, QUEUE_SIZE);
	assert_false(sink_take_lost(w.k, &r));
	w.now_ms += 10;
	assert_false(put_line(number++));

	/* A little room is not yet enough. */
	assert_true(read_some(8192));
	flush();
	assert_false(sink_take_lost(w.k, &r));

	read_all();
	assert_int_equal(sink_pending(w.k), 0);
	assert_true(sink_take_lost(w.k, &r));
	assert_int_equal(r.count, 51);
	assert_int_equal(r.since_ms, T0);
	assert_int_equal(r.until_ms, T0 + 10);
	assert_false(sink_take_lost(w.k, &r));
	assert_all_came();

	assert_true(put_line(number));
	flush();
	assert_true(read_some(1000));
	assert_all_came();
}

static void
test_slow_reader(void **state)
{
	(void)state;
	open_on_pipe();
	check_slow_reader();
}

/* A socket can't be opened anew, so the sink must be careful with it. */
static void
test_slow_reader_of_a_socket(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	w.reader = fd[0];
	assert_int_equal(fcntl(w.reader, F_SETFL, O_NONBLOCK), 0);
	open_on(fd[1]);
	check_slow_reader();
}

/* Whoever started us shares standard output: it keeps its flags. */
static void
test_leaves_the_flags_alone(void **state)
{
	int fd[2], ours;

	(void)state;
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	w.reader = fd[0];
	ours = fcntl(fd[1], F_DUPFD_CLOEXEC, 10);
	open_on(fd[1]);
	assert_int_equal(fcntl(ours, F_GETFL) & O_NONBLOCK, 0);
	close(ours);
}

static void
test_reader_gone(void **state)
{
	struct sink_lost r;

	(void)state;
	open_on_pipe();
	close(w.reader);
	w.reader = -1;
	put_line(1);
	flush();
	assert_int_equal(sink_pending(w.k), w.ntaken * LINE);
	overfill(7);
	w.now_ms += 1000;
	flush();
	assert_false(sink_take_lost(w.k, &r));
	assert_int_equal(sink_pending(w.k), w.ntaken * LINE);
}

/* The kernel keeps for the next reader what is in a pipe: we just go on. */
static void
test_next_reader_of_a_named_pipe(void **state)
{
	char folder[] = "/tmp/proclife-fifo-XXXXXX", path[64];
	int fd, in_pipe;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	w.reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(w.reader >= 0 && fd >= 0);
	open_on(fd);
	for (uint64_t i = 0; i < 5000; i++)
		assert_true(put_line(i));
	flush(); /* fills the pipe, whose size is no multiple of a line's */
	assert_int_equal(ioctl(w.reader, FIONREAD, &in_pipe), 0);
	assert_int_not_equal(in_pipe % LINE, 0);

	close(w.reader);
	flush();
	w.reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(w.reader >= 0);
	unlink(path);
	rmdir(folder);
	w.now_ms += 1000;
	flush();
	read_all();
	assert_all_came();
}

static void
test_regular_file(void **state)
{
	char path[] = "/tmp/proclife-out-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "line 00000000000000000000\n", LINE), LINE);
	w.taken[w.ntaken++] = 0;
	w.reader = open(path, O_RDONLY | O_CLOEXEC);
	unlink(path);
	open_on(fd);
	put_line(1);
	put_line(2);
	flush();
	assert_true(read_some(1000));
	assert_all_came();
}

static void
test_closed_stdout(void **state)
{
	struct err err = {""};
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	replace_stdout(fd);
	close(STDOUT_FILENO);
	w.k = sink_open(&w.s, &(struct sink_needs){0}, NULL, w.now_ms, &err);
	restore_stdout();
	assert_null(w.k);
	assert_non_null(strstr(err.text, "out"));
	assert_non_null(strstr(err.text, strerror(EBADF)));
}

static void
test_close_nothing(void **state)
{
	(void)state;
	sink_close(NULL, T0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_pipe),
	    TEST(test_slow_reader),
	    TEST(test_slow_reader_of_a_socket),
	    TEST(test_leaves_the_flags_alone),
	    TEST(test_reader_gone),
	    TEST(test_next_reader_of_a_named_pipe),
	    TEST(test_regular_file),
	    TEST(test_closed_stdout),
	    TEST(test_close_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
