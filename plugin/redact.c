/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redact.h"

#include <string.h>

#include "split.h"

#define REDACTED "[redacted]"

/* How much of one argument may be told, and what that says of the next. */
struct verdict {
	size_t keep; /* bytes from its start */
	bool hide_next;
};

/* What hides, and what is written so far. */
struct redactor {
	const char *const *patterns;
	size_t n;
	struct text out;
};

int
redact_check(const char *pattern, struct err *err)
{
	size_t len = strlen(pattern);
	const char *star = strchr(pattern, '*');

	if (star == NULL)
		return err_set(err, "\"%s\" has no \"*\"", pattern);
	if (star != pattern + len - 1)
		return err_set(err,
		    "\"%s\" has a \"*\" that is not its last character",
		    pattern);
	if (len == 1 || (len == 2 && pattern[0] == ' '))
		return err_set(err,
		    "\"%s\" has nothing before its \"*\"; it would hide too "
		    "much",
		    pattern);
	return 0;
}

/* Narrows *v to what one pattern lets through. */
static void
apply(const char *pattern, struct bytes arg, struct verdict *v)
{
	size_t same = 0;

	while (same < arg.len && pattern[same] != '*' &&
	       pattern[same] == arg.at[same])
		same++;
	if (same == arg.len && strcmp(pattern + same, " *") == 0)
		v->hide_next = true;
	else if (pattern[same] == '*' && same > 0 && pattern[same - 1] != ' ' &&
		 same < v->keep)
		v->keep = same;
}

static struct verdict
judge(const struct redactor *r, struct bytes arg)
{
	struct verdict v = {.keep = arg.len};

	for (size_t i = 0; i < r->n; i++)
		apply(r->patterns[i], arg, &v);
	return v;
}

/* Whether any of the arguments has something to hide. */
static bool
is_needed(const struct redactor *r, const struct args *args)
{
	struct bytes rest = args->bytes, arg;
	bool hide = false;

	for (uint32_t i = 0; i < args->count; i++) {
		if (!split_take(&rest, '\0', &arg))
			break;
		struct verdict v = judge(r, arg);
		if (hide || v.keep < arg.len)
			return true;
		hide = v.hide_next;
	}
	return false;
}

/*
 * Adds the start of one argument and, if the rest is hidden, what stands for
 * it; then its NUL, for which room is always left. False if it was cut.
 */
static bool
add(struct text *out, struct bytes told, bool hidden)
{
	size_t room = out->size - out->len - 1;
	size_t len = told.len < room ? told.len : room;
	size_t mark = hidden ? sizeof(REDACTED) - 1 : 0;
	bool fits = told.len <= room && mark <= room - told.len;

	text_add(out, told.at, len);
	if (fits && hidden)
		text_str(out, REDACTED);
	text_char(out, '\0');
	return fits;
}

/* Other patterns hid it before: the settings were others then. */
static bool
was_hidden(const struct args *args, struct bytes arg)
{
	size_t mark = sizeof(REDACTED) - 1;

	return args->redacted_count > 0 && arg.len >= mark &&
	       memcmp(arg.at + arg.len - mark, REDACTED, mark) == 0;
}

static void
rewrite(struct redactor *r, struct args *args)
{
	struct bytes rest = args->bytes, arg;
	uint32_t count = 0, redacted = 0;
	bool hide = false, fits = true;

	while (count < args->count && split_take(&rest, '\0', &arg)) {
		fits = fits && r->out.len < r->out.size;
		if (!fits)
			break;
		struct verdict v = judge(r, arg);
		if (hide)
			v.keep = 0;
		bool hidden = hide || v.keep < arg.len;
		fits = add(&r->out, (struct bytes){arg.at, v.keep}, hidden);
		redacted += hidden || was_hidden(args, arg) ? 1 : 0;
		hide = v.hide_next;
		count++;
	}
	args->bytes = (struct bytes){r->out.buf, r->out.len};
	args->count = count;
	args->redacted_count = redacted;
	args->truncated = args->truncated || !fits;
}

void
redact_args(const char *const *patterns, size_t n, struct args *args, char *out,
    size_t size)
{
	struct redactor r = {.patterns = patterns, .n = n};

	text_init(&r.out, out, size);
	if (n > 0 && is_needed(&r, args))
		rewrite(&r, args);
}
