/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "text.h"

#define MESSAGE_SIZE 1024
#define REASON_MAX   128 /* of strerror()'s text */
/* Each byte may become \xHH. */
#define LINE_SIZE (4 * (MESSAGE_SIZE + REASON_MAX))

static const char *log_ident = "proclife";
static enum log_target log_target = LOG_TO_STDERR;
static bool log_all;

static void emit(int priority, const char *reason, const char *fmt,
    va_list args) __attribute__((format(printf, 3, 0)));

void
log_open(const char *ident, enum log_target target, bool debug)
{
	log_ident = ident;
	log_target = target;
	log_all = debug;
	if (target == LOG_TO_SYSLOG)
		openlog(ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

/*
 * Control characters could pretend to be another line of the log, or tell the
 * terminal that shows it what to do.
 */
static void
escape(struct text *line, const char *s, size_t max)
{
	for (; *s != '\0' && max > 0; s++, max--)
		if ((unsigned char)*s >= ' ' && *s != 0x7f) {
			text_char(line, *s);
		} else {
			text_str(line, "\\x");
			text_hex(line, s, 1);
		}
}

static void
emit(int priority, const char *reason, const char *fmt, va_list args)
{
	char message[MESSAGE_SIZE], buf[LINE_SIZE];
	struct text line;
	int saved = errno;
	int len = vsnprintf(message, sizeof(message), fmt, args);

	text_init(&line, buf, sizeof(buf));
	if (len >= MESSAGE_SIZE)
		memcpy(message + MESSAGE_SIZE - 4, "...", 4);
	if (len >= 0)
		escape(&line, message, MESSAGE_SIZE);
	if (reason != NULL) {
		text_str(&line, ": ");
		escape(&line, reason, REASON_MAX);
	}
	if (log_target == LOG_TO_SYSLOG)
		syslog(priority, "%.*s", (int)line.len, buf);
	else
		fprintf(stderr, "%s: %.*s\n", log_ident, (int)line.len, buf);
	/* Logging must not hide the failure that is logged. */
	errno = saved;
}

void
log_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_WARNING, strerror(errno), fmt, args);
	va_end(args);
}

void
log_warnx(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_WARNING, NULL, fmt, args);
	va_end(args);
}

void
log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(LOG_INFO, NULL, fmt, args);
	va_end(args);
}

void
log_debug(const char *fmt, ...)
{
	va_list args;

	if (!log_all)
		return;
	va_start(args, fmt);
	emit(LOG_DEBUG, NULL, fmt, args);
	va_end(args);
}
