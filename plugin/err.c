/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void format(struct err *err, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));
static void append(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes one line of what snprintf() left, which wanted to write len bytes. */
static void
tidy(struct err *err, int len)
{
	if (len < 0)
		err->text[0] = '\0';
	else if ((size_t)len >= sizeof(err->text))
		memcpy(err->text + sizeof(err->text) - 4, "...", 4);
	for (char *c = err->text; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
}

static void
format(struct err *err, const char *fmt, va_list args)
{
	tidy(err, vsnprintf(err->text, sizeof(err->text), fmt, args));
}

static void
append(struct err *err, const char *fmt, ...)
{
	va_list args;
	size_t used = strlen(err->text);

	va_start(args, fmt);
	int len =
	    vsnprintf(err->text + used, sizeof(err->text) - used, fmt, args);
	va_end(args);
	tidy(err, len < 0 ? len : (int)used + len);
}

/*
 * The arguments may point into *err itself, so each message is put together
 * beside it and then copied.
 */
int
err_set(struct err *err, const char *fmt, ...)
{
	va_list args;
	struct err whole;

	va_start(args, fmt);
	format(&whole, fmt, args);
	va_end(args);
	*err = whole;
	return -1;
}

int
err_errno(struct err *err, const char *fmt, ...)
{
	va_list args;
	struct err whole;
	int saved = errno;

	va_start(args, fmt);
	format(&whole, fmt, args);
	va_end(args);
	append(&whole, ": %s", strerror(saved));
	*err = whole;
	errno = saved;
	return -1;
}

int
err_context(struct err *err, const char *fmt, ...)
{
	va_list args;
	struct err whole;

	va_start(args, fmt);
	format(&whole, fmt, args);
	va_end(args);
	append(&whole, ": %s", err->text);
	*err = whole;
	return -1;
}
