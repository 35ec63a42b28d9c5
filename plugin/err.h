/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err - why something failed at start-up or reload, on its way up to the one
 * place that prints it. Fixed size: reporting a failure never allocates.
 */
#ifndef ERR_H
#define ERR_H

struct err {
	char text[512]; /* one line, no newline; cut with "..." when longer */
};

/* Stores the message; returns -1 so that callers can `return err_set(...)`. */
int err_set(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, followed by ": " and what errno means. errno is kept. */
int err_errno(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "CONTEXT: " before what is there; returns -1. */
int err_context(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
