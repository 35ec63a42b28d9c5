/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has syslog(3) of its own, which notes what it was called with. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"

static struct {
	const char *ident;
	int options, facility;
	int priority;
	unsigned calls;
	char text[8192];
} noted;

/* What syslog() is called by under _FORTIFY_SOURCE. */
void __syslog_chk(int priority, int flag, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void note(int priority, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

void
openlog(const char *ident, int options, int facility)
{
	noted.ident = ident;
	noted.options = options;
	noted.facility = facility;
}

/* Disturbs errno, as the real one may. */
static void
note(int priority, const char *fmt, va_list args)
{
	noted.calls++;
	noted.priority = priority;
	vsnprintf(noted.text, sizeof(noted.text), fmt, args);
	errno = ENOTCONN;
}

void
syslog(int priority, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(priority, fmt, args);
	va_end(args);
}

void
__syslog_chk(int priority, int flag, const char *fmt, ...)
{
	va_list args;

	(void)flag;
	va_start(args, fmt);
	note(priority, fmt, args);
	va_end(args);
}

/* What goes to stderr goes here while a test runs. */
static FILE *caught;
static int real_stderr;

static int
catch_stderr(void **state)
{
	(void)state;
	memset(&noted, 0, sizeof(noted));
	caught = tmpfile();
	real_stderr = dup(STDERR_FILENO);
	if (caught == NULL || real_stderr < 0)
		return -1;
	return dup2(fileno(caught), STDERR_FILENO) < 0 ? -1 : 0;
}

static int
free_stderr(void **state)
{
	(void)state;
	if (dup2(real_stderr, STDERR_FILENO) < 0)
		return -1;
	close(real_stderr);
	return fclose(caught);
}

/* All of stderr was want. */
static void
check_stderr(const char *want)
{
	char text[8192];

	rewind(caught);
	size_t len = fread(text, 1, sizeof(text) - 1, caught);
	text[len] = '\0';
	assert_string_equal(text, want);
}

static void
stderr_gets_ident_and_message(void **state)
{
	(void)state;
	log_open("prog", LOG_TO_STDERR, false);
	log_info("started %d", 1);
	log_warnx("bad %s", "thing");
	check_stderr("prog: started 1\nprog: bad thing\n");
	assert_int_equal(noted.calls, 0);
}

static void
warn_tells_errno(void **state)
{
	char want[200];

	(void)state;
	log_open("prog", LOG_TO_STDERR, false);
	errno = ENOSPC;
	log_warn("cannot write %s", "/x");
	snprintf(want, sizeof(want), "prog: cannot write /x: %s\n",
	    strerror(ENOSPC));
	check_stderr(want);
}

static void
debug_lines_come_if_asked_for(void **state)
{
	(void)state;
	log_open("prog", LOG_TO_STDERR, false);
	log_debug("one");
	log_open("prog", LOG_TO_STDERR, true);
	log_debug("two");
	check_stderr("prog: two\n");
}

static void
control_characters_are_escaped(void **state)
{
	(void)state;
	log_open("prog", LOG_TO_STDERR, false);
	log_info("a%sb", "\n\r\t\x1b[2J\x7f\x01\xc3\xa4\\");
	check_stderr("prog: a\\x0a\\x0d\\x09\\x1b[2J\\x7f\\x01\xc3\xa4\\b\n");
}

static void
long_messages_say_that_they_were_cut(void **state)
{
	char message[2000], want[1100];

	(void)state;
	memset(message, 'm', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	log_open("prog", LOG_TO_STDERR, false);
	log_info("%s", message);
	snprintf(want, sizeof(want), "prog: %.1020s...\n", message);
	check_stderr(want);
}

/* The longest line there can be: no byte of it is lost. */
static void
long_messages_of_control_characters_are_escaped(void **state)
{
	char message[1024], want[5000] = "prog: ", *at = want + 6;

	(void)state;
	memset(message, '\x01', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	for (size_t i = 0; i < sizeof(message) - 1; i++)
		at = stpcpy(at, "\\x01");
	at = stpcpy(at, ": ");
	stpcpy(stpcpy(at, strerror(EIO)), "\n");

	log_open("prog", LOG_TO_STDERR, false);
	errno = EIO;
	log_warn("%s", message);
	check_stderr(want);
}

static void
syslog_gets_message_and_priority(void **state)
{
	char want[200];

	(void)state;
	log_open("prog", LOG_TO_SYSLOG, true);
	assert_string_equal(noted.ident, "prog");
	assert_int_equal(noted.facility, LOG_DAEMON);
	assert_int_equal(noted.options & LOG_PID, LOG_PID);

	log_info("a\n%s", "%n");
	assert_int_equal(noted.priority, LOG_INFO);
	assert_string_equal(noted.text, "a\\x0a%n");
	log_debug("d");
	assert_int_equal(noted.priority, LOG_DEBUG);
	log_warnx("x");
	assert_int_equal(noted.priority, LOG_WARNING);
	assert_string_equal(noted.text, "x");
	errno = EACCES;
	log_warn("y");
	assert_int_equal(noted.priority, LOG_WARNING);
	snprintf(want, sizeof(want), "y: %s", strerror(EACCES));
	assert_string_equal(noted.text, want);
	assert_int_equal(noted.calls, 4);
	check_stderr("");
}

static void
errno_is_kept(void **state)
{
	(void)state;
	log_open("prog", LOG_TO_SYSLOG, true);
	for (int i = 0; i < 4; i++) {
		errno = EXDEV;
		if (i == 0)
			log_warn("x");
		else if (i == 1)
			log_warnx("x");
		else if (i == 2)
			log_info("x");
		else
			log_debug("x");
		assert_int_equal(errno, EXDEV);
	}
	assert_int_equal(noted.calls, 4);
}

/* Writing itself fails. */
static void
errno_is_kept_without_stderr(void **state)
{
	(void)state;
	log_open("prog", LOG_TO_STDERR, false);
	close(STDERR_FILENO);
	errno = EXDEV;
	log_warn("x");
	assert_int_equal(errno, EXDEV);
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, catch_stderr, free_stderr)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(stderr_gets_ident_and_message),
	    TEST(warn_tells_errno),
	    TEST(debug_lines_come_if_asked_for),
	    TEST(control_characters_are_escaped),
	    TEST(long_messages_say_that_they_were_cut),
	    TEST(long_messages_of_control_characters_are_escaped),
	    TEST(syslog_gets_message_and_priority),
	    TEST(errno_is_kept),
	    TEST(errno_is_kept_without_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
