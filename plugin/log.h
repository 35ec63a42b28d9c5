/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log - diagnostics for the administrator, to syslog or stderr.
 *
 * Keeps errno. Control characters in what others wrote are escaped. The
 * callers limit the rate: one line when something starts, one when it ends.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>

enum log_target {
	LOG_TO_STDERR,
	LOG_TO_SYSLOG
};

/* ident must stay valid. debug: log_debug() lines come out too. */
void log_open(const char *ident, enum log_target target, bool debug);

/* "warn" ends with what errno means, "warnx" does not. */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
