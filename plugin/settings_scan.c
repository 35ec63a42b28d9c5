/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follows libconfig's lib/scanner.l, versions 1.5 to 1.8. What goes wrong
 * there without a word:
 *  - 1.5 reads a number with atoi(), so that 4294969296 is 2000; only a number
 *    that ends in L is 64 bits wide. So each one gets its L here.
 *  - A string or comment that is never closed swallows the rest of the file.
 *  - A NUL byte, also as \x00 in a string, ends the text.
 *  - A comment on the last line needs a newline behind it.
 */
#include "settings_scan.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define QUOTED_MAX 60 /* bytes of the file repeated in a message */

struct scan {
	const char *name;
	const char *at, *end;
	unsigned line;
	struct text out;
	struct err *err;
};

/* Passes n bytes on. */
static void
copy(struct scan *s, size_t n)
{
	text_add(&s->out, s->at, n);
	for (; n > 0; n--)
		if (*s->at++ == '\n')
			s->line++;
}

static bool
looking_at(const struct scan *s, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(s->end - s->at) >= len && memcmp(s->at, word, len) == 0;
}

static int
fail(const struct scan *s, unsigned line, const char *what)
{
	return err_set(s->err, "%s:%u: %s", s->name, line, what);
}

static int
scan_string(struct scan *s)
{
	unsigned start = s->line;

	for (copy(s, 1); s->at < s->end && *s->at != '"';) {
		if (looking_at(s, "\\x00") || looking_at(s, "\\X00"))
			return fail(s, s->line, "a NUL in a string");
		bool pair = looking_at(s, "\\\"") || looking_at(s, "\\\\");
		copy(s, pair ? 2 : 1);
	}
	if (s->at == s->end)
		return fail(s, start, "a string begins here and never ends");
	copy(s, 1);
	return 0;
}

static int
scan_block_comment(struct scan *s)
{
	unsigned start = s->line;

	copy(s, 2);
	while (s->at < s->end && !looking_at(s, "*/"))
		copy(s, 1);
	if (s->at == s->end)
		return fail(s, start, "a comment begins here and never ends");
	copy(s, 2);
	return 0;
}

static void
scan_line_comment(struct scan *s)
{
	while (s->at < s->end && *s->at != '\n')
		copy(s, 1);
}

/* Names, true, false and numbers are made of these. */
static bool
in_word(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("_*.+-", c));
}

/* There is no setting with a fraction, so a number is a whole one. */
static int
scan_number(struct scan *s, size_t len)
{
	char *end;
	int base = looking_at(s, "0x") || looking_at(s, "0X") ? 16 : 10;
	int shown = len > QUOTED_MAX ? QUOTED_MAX : (int)len;

	errno = 0;
	(void)strtoll(s->at, &end, base);
	size_t digits = (size_t)(end - s->at);
	size_t suffix = strspn(end, "L");
	if (digits == 0 || suffix > 2 || digits + suffix != len)
		return err_set(s->err, "%s:%u: \"%.*s\" is no whole number",
		    s->name, s->line, shown, s->at);
	if (errno == ERANGE)
		return err_set(s->err, "%s:%u: %.*s is out of range", s->name,
		    s->line, shown, s->at);
	copy(s, digits);
	text_char(&s->out, 'L');
	s->at += suffix;
	return 0;
}

static int
scan_word(struct scan *s)
{
	size_t len = 1;

	while (s->at + len < s->end && in_word(s->at[len]))
		len++;
	if (strchr("0123456789.+-", *s->at) != NULL)
		return scan_number(s, len);
	copy(s, len);
	return 0;
}

static int
scan_next(struct scan *s)
{
	if (*s->at == '"')
		return scan_string(s);
	if (looking_at(s, "/*"))
		return scan_block_comment(s);
	if (in_word(*s->at))
		return scan_word(s);
	if (*s->at == '@')
		return fail(s, s->line, "@include is not supported");
	if (*s->at == '#' || looking_at(s, "//"))
		scan_line_comment(s);
	else
		copy(s, 1);
	return 0;
}

/* Flex takes a NUL for the end of the text. */
static int
refuse_nul(struct scan *s)
{
	const char *nul = memchr(s->at, '\0', (size_t)(s->end - s->at));

	if (nul == NULL)
		return 0;
	for (const char *c = s->at; c < nul; c++)
		if (*c == '\n')
			s->line++;
	return fail(s, s->line, "a NUL byte");
}

char *
settings_scan(const char *name, const char *text, size_t len, struct err *err)
{
	struct scan s = {name, text, text + len, 1, {0}, err};
	/* Worst: digits and commas in turn. Then the newline and a NUL. */
	size_t size = len + len / 2 + 3;
	char *out = malloc(size);

	if (out == NULL) {
		err_set(err, "%s: out of memory", name);
		return NULL;
	}
	text_init(&s.out, out, size);
	int rc = refuse_nul(&s);
	while (rc == 0 && s.at < s.end)
		rc = scan_next(&s);
	if (rc != 0) {
		free(out);
		return NULL;
	}
	text_add(&s.out, "\n", 2);
	assert(text_ok(&s.out));
	return out;
}
