/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names looked up beside the plugin; some of them do strange things there. */
#include "resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define ANSWER_MS 20000

int __real_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **list);

/* Needs the time that it is given, or a second of it. */
static int
hang(bool whole)
{
	unsigned given = alarm(1);

	if (given == 0 || given > RESOLVE_LIMIT_S)
		return EAI_FAIL;
	if (whole)
		alarm(given);
	for (;;)
		pause();
}

/* 0: this process may do nothing that any other one may not. */
static int
capabilities(void)
{
	char line[256];
	uint64_t set, all = 0;
	FILE *in = fopen("/proc/self/status", "re");

	if (in == NULL)
		return -1;
	while (fgets(line, sizeof(line), in) != NULL) {
		if (strncmp(line, "CapBnd", 6) != 0 &&
		    sscanf(line, "Cap%*3c: %" SCNx64, &set) == 1)
			all |= set;
	}
	fclose(in);
	return all != 0;
}

/* Stands in for the C library's, in the process that looks up. */
int
__wrap_getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **list)
{
	if (strcmp(host, "hangs.test") == 0)
		return hang(true);
	if (strcmp(host, "hangs-a-second.test") == 0)
		return hang(false);
	if (strcmp(host, "crashes.test") == 0)
		raise(SIGKILL);
	if (strcmp(host, "kills.test") == 0) {
		kill(getppid(), SIGKILL);
		return hang(true);
	}
	if (strcmp(host, "mighty.test") == 0)
		return capabilities() == 0 ? EAI_AGAIN : EAI_FAIL;
	if (strcmp(host, "system.test") == 0) {
		errno = EMFILE;
		return EAI_SYSTEM;
	}
	return __real_getaddrinfo(host, service, hints, list);
}

static struct resolve *r;

static int
begin(void **state)
{
	(void)state;
	r = resolve_new();
	return r == NULL ? -1 : 0;
}

/* The process was reaped, or is now, within the time there is. */
static bool
reap(void)
{
	const struct timespec moment = {0, 1000000};

	for (int i = 0; i < ANSWER_MS; i++) {
		if (waitpid(-1, NULL, WNOHANG) != 0)
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

/* All processes leave. */
static int
end(void **state)
{
	bool started = r != NULL && resolve_fd(r) >= 0;

	(void)state;
	resolve_free(r);
	return !started || reap() ? 0 : -1;
}

#define TEST(f)                                                                \
	{                                                                      \
#f, f, begin, end, NULL                                        \
	}

static uint64_t
ask(const char *host)
{
	struct err err = {""};
	uint64_t ticket = resolve_ask(r, host, 601, &err);

	if (ticket == 0)
		fail_msg("%s: %s", host, err.text);
	return ticket;
}

static struct resolve_answer
answer_to(uint64_t ticket)
{
	struct resolve_answer a;

	while (!resolve_answered(r, ticket, &a)) {
		struct pollfd p = {.fd = resolve_fd(r), .events = POLLIN};

		assert_int_equal(poll(&p, 1, ANSWER_MS), 1);
	}
	return a;
}

static void
assert_error(const char *host, const char *part)
{
	struct resolve_answer a = answer_to(ask(host));

	assert_int_equal(a.n, 0);
	if (strstr(a.error, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, a.error);
}

/* It is this machine's, with the port that was asked for. */
static void
assert_local(const struct resolve_address *a)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (a->at.ss_family == AF_INET) {
		assert_int_equal(a->len, sizeof(in));
		memcpy(&in, &a->at, sizeof(in));
		assert_int_equal(ntohs(in.sin_port), 601);
		assert_int_equal(ntohl(in.sin_addr.s_addr) >> 24, 127);
	} else {
		assert_int_equal(a->at.ss_family, AF_INET6);
		assert_int_equal(a->len, sizeof(in6));
		memcpy(&in6, &a->at, sizeof(in6));
		assert_int_equal(ntohs(in6.sin6_port), 601);
		assert_true(IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr));
	}
}

static void
assert_localhost(void)
{
	struct resolve_answer a = answer_to(ask("localhost"));

	assert_in_range(a.n, 1, RESOLVE_ADDRESSES_MAX);
	for (size_t i = 0; i < a.n; i++)
		assert_local(&a.address[i]);
}

static void
test_numbers_need_no_process(void **state)
{
	const char *const none[] = {
	    "localhost", "", "1.2.3.4.5", "::1::", "[::1]"};
	struct resolve_address a;

	(void)state;
	assert_true(resolve_numeric("127.0.0.1", 601, &a));
	assert_int_equal(a.at.ss_family, AF_INET);
	assert_local(&a);
	assert_true(resolve_numeric("::1", 601, &a));
	assert_int_equal(a.at.ss_family, AF_INET6);
	assert_local(&a);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(resolve_numeric(none[i], 601, &a));
	assert_int_equal(resolve_fd(r), -1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void
test_localhost(void **state)
{
	(void)state;
	assert_int_equal(resolve_fd(r), -1);
	assert_localhost();
	assert_true(resolve_fd(r) >= 0);
	assert_true(fcntl(resolve_fd(r), F_GETFD) & FD_CLOEXEC);
	assert_localhost();
}

static void
test_errors(void **state)
{
	char host[RESOLVE_NAME_MAX + 2];
	struct err err;

	(void)state;
	assert_error("a..b", "not known");
	assert_error("system.test", strerror(EMFILE));
	memset(host, 'x', sizeof(host));
	host[sizeof(host) - 1] = '\0';
	assert_int_equal(resolve_ask(r, host, 601, &err), 0);
	assert_localhost();
}

static void
test_answers_are_taken_once(void **state)
{
	uint64_t first = ask("localhost"), second = ask("a..b");
	struct resolve_answer a;

	(void)state;
	assert_int_not_equal(first, second);
	assert_int_equal(answer_to(second).n, 0);
	assert_in_range(answer_to(first).n, 1, RESOLVE_ADDRESSES_MAX);
	assert_false(resolve_answered(r, first, &a));
	assert_false(resolve_answered(r, second, &a));
	assert_false(resolve_answered(r, second + 1, &a));
}

static void
test_one_that_hangs_holds_nobody_up(void **state)
{
	uint64_t hanging = ask("hangs.test");
	struct resolve_answer a;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_localhost();
	assert_false(resolve_answered(r, hanging, &a));
}

static void
test_hangs_until_the_limit(void **state)
{
	(void)state;
	assert_error("hangs-a-second.test", "no answer within 30 s");
	assert_localhost();
}

static void
test_crashes(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * RESOLVE_TICKETS_MAX; i++)
		assert_error("crashes.test", "broke off");
	assert_localhost();
}

/* Its parent, which all of them have. */
static void
test_kills_the_process(void **state)
{
	siginfo_t gone = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		uint64_t other = ask("hangs.test");

		assert_error("kills.test", "gone");
		assert_int_equal(answer_to(other).n, 0);
		assert_int_equal(resolve_fd(r), -1);
		/* Till it can be reaped, if it was not. */
		waitid(P_ALL, 0, &gone, WEXITED | WNOWAIT);
		assert_localhost();
	}
	/* Only the last one is there, and alive. */
	gone.si_pid = 0;
	assert_int_equal(
	    waitid(P_ALL, 0, &gone, WEXITED | WNOWAIT | WNOHANG), 0);
	assert_int_equal(gone.si_pid, 0);
}

/* Somebody else may reap all children of ours. */
static void
test_reaped_by_others(void **state)
{
	(void)state;
	assert_error("kills.test", "gone");
	assert_true(reap());
	assert_localhost();
}

static void
test_bounded(void **state)
{
	uint64_t ticket[RESOLVE_TICKETS_MAX];
	struct resolve_answer a;
	struct err err;

	(void)state;
	for (size_t i = 0; i < RESOLVE_TICKETS_MAX; i++)
		ticket[i] = ask("hangs.test");
	assert_int_equal(resolve_ask(r, "localhost", 601, &err), 0);

	/* Forgotten, it still hangs. */
	resolve_forget(r, ticket[7]);
	assert_error("localhost", "under way");
	assert_false(resolve_answered(r, ticket[7], &a));
	for (size_t i = 0; i < RESOLVE_TICKETS_MAX; i++)
		resolve_forget(r, ticket[i]);
	assert_error("localhost", "under way");
}

static void
test_forgotten(void **state)
{
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 10 * RESOLVE_TICKETS_MAX; i++) {
		resolve_forget(r, last);
		last = ask("a..b");
		if (i % 8 == 0)
			answer_to(last);
	}
	resolve_forget(r, last);
	assert_localhost();
}

static bool
is_readable(void)
{
	struct pollfd p = {.fd = resolve_fd(r), .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

/* A loop that watches the descriptor must not be woken for ever by what nobody
 * asks for any more. */
static void
test_hears_what_nobody_waits_for(void **state)
{
	struct pollfd p = {.events = POLLIN};

	(void)state;
	resolve_hear(r);
	resolve_forget(r, ask("a..b"));
	p.fd = resolve_fd(r);
	assert_int_equal(poll(&p, 1, ANSWER_MS), 1);
	resolve_hear(r);
	assert_false(is_readable());
	assert_true(resolve_fd(r) >= 0);

	resolve_forget(r, ask("kills.test"));
	do {
		assert_int_equal(poll(&p, 1, ANSWER_MS), 1);
		resolve_hear(r);
	} while (resolve_fd(r) >= 0);
	assert_localhost();
}

/* What comes from the network is looked at there. */
static void
test_has_no_capabilities(void **state)
{
	(void)state;
	assert_error("mighty.test", gai_strerror(EAI_AGAIN));
}

/* auditd must see when the plugin does not read any more. */
static void
test_does_not_keep_stdin(void **state)
{
	int fd[2], saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
	ssize_t n = -1;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	dup2(fd[0], STDIN_FILENO);
	ask("hangs.test");
	assert_localhost();
	close(fd[0]);
	if (saved >= 0)
		dup2(saved, STDIN_FILENO);
	else
		close(STDIN_FILENO);
	n = write(fd[1], "", 1);
	assert_int_equal(n, -1);
	assert_int_equal(errno, EPIPE);
	close(saved);
	close(fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_numbers_need_no_process),
	    TEST(test_localhost),
	    TEST(test_errors),
	    TEST(test_answers_are_taken_once),
	    TEST(test_one_that_hangs_holds_nobody_up),
	    TEST(test_hangs_until_the_limit),
	    TEST(test_crashes),
	    TEST(test_kills_the_process),
	    TEST(test_reaped_by_others),
	    TEST(test_bounded),
	    TEST(test_forgotten),
	    TEST(test_hears_what_nobody_waits_for),
	    TEST(test_has_no_capabilities),
	    TEST(test_does_not_keep_stdin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
