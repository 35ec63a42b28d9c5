/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel is played here: libaudit's calls that reach it are replaced by
 * the ones below, which this program's own definitions take precedence over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

#include "kernel_audit.h"

#define MESSAGES_MAX 64

/* What the played kernel will say; one byte in the pipe stands for each. */
static struct {
	int open_error, request_rc;
	int pipe[2], opened, closed, asked;
	struct audit_reply message[MESSAGES_MAX];
	size_t count, taken;
} kernel;

int
audit_open(void)
{
	if (kernel.open_error != 0) {
		errno = kernel.open_error;
		return -1;
	}
	assert_int_equal(pipe(kernel.pipe), 0);
	for (size_t i = 0; i < kernel.count; i++)
		assert_int_equal(write(kernel.pipe[1], "", 1), 1);
	kernel.opened++;
	return kernel.pipe[0];
}

void
audit_close(int fd)
{
	assert_int_equal(fd, kernel.pipe[0]);
	close(kernel.pipe[0]);
	close(kernel.pipe[1]);
	kernel.closed++;
	errno = 0; /* what is to be told must have been kept */
}

int
audit_request_status(int fd)
{
	assert_int_equal(fd, kernel.pipe[0]);
	kernel.asked++;
	return kernel.request_rc;
}

int
audit_request_rules_list_data(int fd)
{
	return audit_request_status(fd);
}

int
audit_get_reply(int fd, struct audit_reply *rep, reply_t block, int peek)
{
	char byte;

	assert_int_equal(fd, kernel.pipe[0]);
	assert_int_equal(block, GET_REPLY_NONBLOCKING);
	assert_int_equal(peek, 0);
	if (kernel.taken == kernel.count)
		return -EAGAIN;
	assert_int_equal(read(fd, &byte, 1), 1);
	*rep = kernel.message[kernel.taken++];
	rep->nlh = &rep->msg.nlh;
	rep->error = (void *)rep->msg.data; /* all members of the union */
	return rep->len;
}

static int
setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.request_rc = 1;
	return 0;
}

static void
queue(int type, const void *data, size_t size)
{
	struct audit_reply *m = &kernel.message[kernel.count++];

	assert_true(kernel.count <= MESSAGES_MAX);
	m->type = type;
	m->len = (int)(NLMSG_HDRLEN + size);
	memcpy(m->msg.data, data, size);
}

static void
queue_ack(int error)
{
	struct nlmsgerr e = {.error = error};

	queue(NLMSG_ERROR, &e, sizeof(e));
}

static const struct audit_status some_status = {.enabled = 2,
    .pid = 4242,
    .rate_limit = 11,
    .backlog_limit = 8192,
    .backlog = 17,
    .lost = 99};

static void
assert_some_status(const struct kernel_audit_status *st)
{
	assert_int_equal(st->enabled, 2);
	assert_int_equal(st->pid, 4242);
	assert_int_equal(st->rate_limit, 11);
	assert_int_equal(st->backlog_limit, 8192);
	assert_int_equal(st->backlog, 17);
	assert_int_equal(st->lost, 99);
}

static void
test_status_is_read(void **state)
{
	struct kernel_audit_status st;
	struct err err;

	(void)state;
	queue(AUDIT_GET, &some_status, sizeof(some_status));
	assert_int_equal(kernel_audit_status(&st, &err), 0);
	assert_some_status(&st);
	assert_int_equal(kernel.closed, 1);
}

/* The answer of 3.10 ends after backlog; an acknowledgement may be first. */
static void
test_status_of_an_old_kernel_behind_an_ack(void **state)
{
	struct kernel_audit_status st;
	struct err err;

	(void)state;
	queue_ack(0);
	queue(AUDIT_GET, &some_status, 32);
	assert_int_equal(kernel_audit_status(&st, &err), 0);
	assert_some_status(&st);
}

static void
test_cut_status_is_refused(void **state)
{
	struct kernel_audit_status st;
	struct err err;

	(void)state;
	for (int i = 0; i < 40; i++)
		queue(AUDIT_GET, &some_status, 31);
	assert_int_equal(kernel_audit_status(&st, &err), -1);
	assert_int_equal(errno, EBADMSG);
	assert_int_equal(kernel.closed, 1);
}

static void
test_failures_are_told_apart(void **state)
{
	static const struct {
		int open_error, request_rc;
		const char *words;
	} cases[] = {
	    {EPROTONOSUPPORT, 1, "no audit system"},
	    {EAFNOSUPPORT, 1, "no audit system"},
	    {EMFILE, 1, "cannot ask"},
	    {0, -ECONNREFUSED, "user namespace"},
	    {0, -EPERM, "cannot ask"},
	};
	struct kernel_audit_status st;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {""};
		int error = cases[i].open_error;

		setup(state);
		kernel.open_error = error;
		kernel.request_rc = cases[i].request_rc;
		assert_int_equal(kernel_audit_status(&st, &err), -1);
		assert_int_equal(
		    errno, error != 0 ? error : -cases[i].request_rc);
		assert_non_null(strstr(err.text, cases[i].words));
		assert_int_equal(kernel.opened, kernel.closed);
	}
}

static void
test_late_refusal_is_an_error(void **state)
{
	struct kernel_audit_status st;
	struct err err;

	(void)state;
	queue_ack(-EPERM);
	assert_int_equal(kernel_audit_status(&st, &err), -1);
	assert_int_equal(errno, EPERM);
}

struct seen {
	uint32_t action[4];
	size_t n;
};

static void
see(void *ctx, const struct audit_rule_data *rule)
{
	struct seen *seen = ctx;

	assert_true(seen->n < 4);
	seen->action[seen->n++] = rule->action;
}

static void
queue_rule(uint32_t action)
{
	struct audit_rule_data rule = {.action = action, .field_count = 1};

	queue(AUDIT_LIST_RULES, &rule, sizeof(rule));
}

static void
test_rules_come_in_order_to_the_end(void **state)
{
	struct seen seen = {.n = 0};
	struct err err;

	(void)state;
	queue_ack(0);
	queue_rule(AUDIT_NEVER);
	queue_rule(AUDIT_ALWAYS);
	queue(NLMSG_DONE, "", 0);
	queue_rule(AUDIT_POSSIBLE);
	assert_int_equal(kernel_audit_rules(see, &seen, &err), 0);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.action[0], AUDIT_NEVER);
	assert_int_equal(seen.action[1], AUDIT_ALWAYS);
	assert_int_equal(kernel.closed, 1);
}

/* A rule that is shorter than it says must not be read beyond its end. */
static void
test_broken_rules_are_refused(void **state)
{
	struct audit_rule_data rule = {.action = AUDIT_ALWAYS};
	struct seen seen = {.n = 0};
	struct err err;

	queue(AUDIT_LIST_RULES, &rule, sizeof(rule) - 4);
	assert_int_equal(kernel_audit_rules(see, &seen, &err), -1);
	setup(state);
	rule.buflen = 1;
	queue(AUDIT_LIST_RULES, &rule, sizeof(rule));
	assert_int_equal(kernel_audit_rules(see, &seen, &err), -1);
	setup(state);
	rule.buflen = 0;
	rule.field_count = AUDIT_MAX_FIELDS + 1;
	queue(AUDIT_LIST_RULES, &rule, sizeof(rule));
	assert_int_equal(kernel_audit_rules(see, &seen, &err), -1);
	assert_int_equal(errno, EBADMSG);
	assert_int_equal(seen.n, 0);
}

static void
test_loop_asks_and_reads_later(void **state)
{
	struct kernel_audit_status st;
	struct kernel_audit *k;
	struct seen seen = {.n = 0};
	struct err err;

	(void)state;
	k = kernel_audit_open(&err);
	assert_non_null(k);
	assert_int_equal(kernel_audit_fd(k), kernel.pipe[0]);
	assert_true(kernel_audit_ask(k));
	assert_int_equal(kernel.asked, 1);
	assert_int_equal(
	    kernel_audit_answer(k, &st, see, &seen), KERNEL_AUDIT_SILENT);
	queue_ack(0);
	queue(AUDIT_GET, &some_status, sizeof(some_status));
	assert_int_equal(write(kernel.pipe[1], "ab", 2), 2);
	assert_int_equal(
	    kernel_audit_answer(k, &st, see, &seen), KERNEL_AUDIT_STATUS);
	assert_some_status(&st);
	assert_int_equal(
	    kernel_audit_answer(k, &st, see, &seen), KERNEL_AUDIT_SILENT);
	assert_true(kernel_audit_ask_rules(k));
	queue_ack(0);
	queue_rule(AUDIT_ALWAYS);
	queue_rule(AUDIT_NEVER);
	assert_int_equal(write(kernel.pipe[1], "abc", 3), 3);
	assert_int_equal(
	    kernel_audit_answer(k, &st, see, &seen), KERNEL_AUDIT_SILENT);
	assert_int_equal(seen.n, 2);
	queue(NLMSG_DONE, "", 0);
	queue(AUDIT_GET, &some_status, sizeof(some_status));
	assert_int_equal(write(kernel.pipe[1], "de", 2), 2);
	assert_int_equal(
	    kernel_audit_answer(k, &st, see, &seen), KERNEL_AUDIT_RULES);
	assert_int_equal(
	    kernel_audit_answer(k, &st, see, &seen), KERNEL_AUDIT_STATUS);
	assert_int_equal(seen.n, 2);
	kernel.request_rc = -ECONNREFUSED;
	assert_false(kernel_audit_ask(k));
	assert_false(kernel_audit_ask_rules(k));
	kernel_audit_close(k);
	assert_int_equal(kernel.closed, 1);
	kernel_audit_close(NULL);
}

static void
test_open_failure_is_told(void **state)
{
	struct err err = {""};

	(void)state;
	kernel.open_error = EPROTONOSUPPORT;
	assert_null(kernel_audit_open(&err));
	assert_non_null(strstr(err.text, "no audit system"));
}

static void
test_releases(void **state)
{
	(void)state;
	assert_int_equal(kernel_audit_tells_processes("3.10.0-1160.el7"), 0);
	assert_int_equal(kernel_audit_tells_processes("4.8.17"), 0);
	assert_int_equal(kernel_audit_tells_processes("4.9.0"), 1);
	assert_int_equal(kernel_audit_tells_processes("4.18.0-553.el8"), 1);
	assert_int_equal(kernel_audit_tells_processes("6.1.0-50-amd64"), 1);
	assert_int_equal(kernel_audit_tells_processes("10.0"), 1);
	assert_int_equal(kernel_audit_tells_processes(""), -1);
	assert_int_equal(kernel_audit_tells_processes("GNU"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_releases),
	    cmocka_unit_test_setup(test_status_is_read, setup),
	    cmocka_unit_test_setup(
		test_status_of_an_old_kernel_behind_an_ack, setup),
	    cmocka_unit_test_setup(test_cut_status_is_refused, setup),
	    cmocka_unit_test_setup(test_failures_are_told_apart, setup),
	    cmocka_unit_test_setup(test_late_refusal_is_an_error, setup),
	    cmocka_unit_test_setup(test_rules_come_in_order_to_the_end, setup),
	    cmocka_unit_test_setup(test_broken_rules_are_refused, setup),
	    cmocka_unit_test_setup(test_loop_asks_and_reads_later, setup),
	    cmocka_unit_test_setup(test_open_failure_is_told, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
