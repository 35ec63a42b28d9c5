/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process that may wait in the kernel, so that the plugin need not. */
#include "errands.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define WORD_MS 10000

/* Stands in for acct(2), in the canary: no test switches that on. */
int
acct(const char *filename)
{
	int fd = open(filename, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : close(fd);
}

static struct errands *
start(void)
{
	struct err err = {""};
	struct errands *e = errands_start(NULL, &err);

	if (e == NULL)
		fail_msg("%s", err.text);
	return e;
}

static struct errands_word
next_word(struct errands *e)
{
	struct pollfd p = {.fd = errands_fd(e), .events = POLLIN};

	assert_int_equal(poll(&p, 1, WORD_MS), 1);
	return errands_word(e);
}

/* No word comes for a while. */
static void
assert_silent(struct errands *e)
{
	struct pollfd p = {.fd = errands_fd(e), .events = POLLIN};

	assert_int_equal(poll(&p, 1, 50), 0);
	assert_int_equal(errands_word(e).said, ERRANDS_SILENT);
}

static int32_t
assert_born(struct errands *e)
{
	struct errands_word w = next_word(e);

	assert_int_equal(w.said, ERRANDS_BORN);
	assert_int_equal(w.what, ERRAND_CANARY);
	assert_int_not_equal(w.pid, errands_pid(e));
	return w.pid;
}

static void
assert_over(struct errands *e, int32_t canary, bool take_back, int error)
{
	struct errands_word w;

	errands_release(e, take_back);
	w = next_word(e);
	assert_int_equal(w.said, ERRANDS_DONE);
	assert_int_equal(w.error, error);
	assert_int_equal(w.what, ERRAND_CANARY);
	assert_int_not_equal(kill(canary, 0), 0);
}

static void
test_canary_waits_for_leave(void **state)
{
	struct errands *e = start();

	(void)state;
	assert_silent(e);
	for (int i = 0; i < 3; i++) {
		int32_t canary;

		assert_true(errands_ask(e, ERRAND_CANARY));
		assert_false(errands_ask(e, ERRAND_CANARY));
		canary = assert_born(e);
		assert_silent(e);
		assert_int_equal(kill(canary, 0), 0);
		assert_false(errands_ask(e, ERRAND_CANARY));
		assert_over(e, canary, false, 0);
	}
	errands_stop(e);
}

static void
test_takes_accounting_back(void **state)
{
	char path[] = "/tmp/proclife-errands-XXXXXX";
	char file[sizeof(path) + 8];
	struct errands *e;
	struct stat st;
	int32_t canary;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(file, sizeof(file), "%s/pacct", path);
	e = start();
	for (int i = 0; i < 3; i++) {
		assert_true(errands_take_back(e, file));
		canary = assert_born(e);
		assert_int_equal(stat(file, &st) == 0, i == 2);
		/* the first is not told to, the last can't */
		assert_over(e, canary, i > 0, i == 2 ? EEXIST : 0);
	}
	assert_int_equal(stat(file, &st), 0);
	errands_stop(e);
	unlink(file);
	rmdir(path);
}

/* Neither who asks nor who hears waits. */
static void
test_process_that_hangs(void **state)
{
	struct errands *e = start();
	int32_t canary;

	(void)state;
	kill(errands_pid(e), SIGSTOP);
	assert_true(errands_ask(e, ERRAND_CANARY));
	assert_silent(e);
	kill(errands_pid(e), SIGCONT);
	canary = assert_born(e);
	assert_over(e, canary, false, 0);
	errands_stop(e);
}

static void
test_process_that_is_gone(void **state)
{
	struct errands *e = start();

	(void)state;
	kill(errands_pid(e), SIGKILL);
	assert_int_equal(next_word(e).said, ERRANDS_GONE);
	(void)errands_ask(e, ERRAND_CANARY);
	assert_int_equal(next_word(e).said, ERRANDS_GONE);
	errands_stop(e);
	errands_stop(NULL);
}

/* Leave that was given to one is not the next one's. */
static void
test_canary_that_is_killed(void **state)
{
	struct errands *e = start();
	int32_t canary;

	(void)state;
	assert_true(errands_ask(e, ERRAND_CANARY));
	canary = assert_born(e);
	kill(canary, SIGKILL);
	assert_int_equal(next_word(e).said, ERRANDS_DONE);
	errands_release(e, false);
	assert_true(errands_ask(e, ERRAND_CANARY));
	canary = assert_born(e);
	assert_silent(e);
	assert_over(e, canary, false, 0);
	errands_stop(e);
}

/* A canary goes with the plugin, and so does the process. */
static void
test_ends_with_the_plugin(void **state)
{
	int held[2];
	char byte;
	struct errands *e;

	(void)state;
	assert_int_equal(pipe2(held, 0), 0);
	e = start();
	assert_true(errands_ask(e, ERRAND_CANARY));
	(void)assert_born(e);
	close(held[1]);
	/* it closed what is not its own, or this would wait */
	assert_int_equal(read(held[0], &byte, 1), 0);
	close(held[0]);
	errands_stop(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_canary_waits_for_leave),
	    cmocka_unit_test(test_takes_accounting_back),
	    cmocka_unit_test(test_canary_that_is_killed),
	    cmocka_unit_test(test_process_that_hangs),
	    cmocka_unit_test(test_process_that_is_gone),
	    cmocka_unit_test(test_ends_with_the_plugin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
