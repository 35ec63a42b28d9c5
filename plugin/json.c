/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/*
 * What becomes of each byte in a string: a blank, it stands for itself; 'u', it
 * is written as \u00XX; else the letter after the backslash; nothing, it is no
 * ASCII. DEL could stand for itself, but does not belong on a terminal.
 */
#define PLAIN ' '
static const char escapes[256] = "uuuuuuuubtnufruu"
				 "uuuuuuuuuuuuuuuu"
				 "  \"             "
				 "                "
				 "                "
				 "            \\   "
				 "                "
				 "               u";

void
json_init(struct json *j, struct text *t)
{
	*j = (struct json){.t = t};
}

static void
separate(struct json *j)
{
	if (j->comma)
		text_char(j->t, ',');
}

void
json_open(struct json *j, char bracket)
{
	separate(j);
	text_char(j->t, bracket);
	j->comma = false;
}

void
json_close(struct json *j, char bracket)
{
	text_char(j->t, bracket);
	j->comma = true;
}

/*
 * The character at p, which does not begin with an ASCII byte: returns its
 * length, or, with *ok false, that of the broken part, which ends before the
 * first byte that cannot continue it.
 */
static size_t
multibyte(const unsigned char *p, size_t len, bool *ok)
{
	unsigned char low = 0x80, high = 0xbf;

	*ok = false;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 1;
	/* Nothing longer than needed, no surrogate, nothing past U+10FFFF. */
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;

	size_t whole = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < whole; i++) {
		if (i == len || p[i] < low || p[i] > high)
			return i;
		low = 0x80;
		high = 0xbf;
	}
	*ok = true;
	return whole;
}

static void
escape(struct text *t, unsigned char c)
{
	text_char(t, '\\');
	text_char(t, escapes[c]);
	if (escapes[c] == 'u') {
		text_add(t, "00", 2);
		text_hex(t, &c, 1);
	}
}

/* One byte, eight times. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Whether each of eight bytes is one that is plain; a bit of each byte that is
 * less than n is set by - n if the byte has none itself, and a borrow can only
 * come from a byte that is found as well.
 */
static bool
are_plain(const unsigned char *p)
{
	uint64_t w, odd;

	memcpy(&w, p, sizeof(w));
	odd = w | (w + EACH(1));           /* no ASCII, or DEL */
	odd |= w - EACH(' ');              /* control */
	odd |= (w ^ EACH('"')) - EACH(1);  /* a quote */
	odd |= (w ^ EACH('\\')) - EACH(1); /* a backslash */
	return (odd & EACH(0x80)) == 0;
}

/* The first byte from p on that cannot be copied as it is, or end. */
static const unsigned char *
skip_plain(const unsigned char *p, const unsigned char *end)
{
	while (end - p >= 8 && are_plain(p))
		p += 8;
	while (p < end && escapes[*p] == PLAIN)
		p++;
	return p;
}

bool
json_part(struct json *j, struct bytes b)
{
	if (b.len == 0)
		return true;

	const unsigned char *run = (const unsigned char *)b.at;
	const unsigned char *end = run + b.len;
	const unsigned char *p = run;
	bool all_ok = true;

	while ((p = skip_plain(p, end)) < end) {
		bool ok = false;
		size_t n = *p < 0x80 ? 1 : multibyte(p, (size_t)(end - p), &ok);
		if (!ok) {
			text_add(j->t, (const char *)run, (size_t)(p - run));
			run = p + n;
			if (*p < 0x80) {
				escape(j->t, *p);
			} else {
				text_str(j->t, REPLACEMENT);
				all_ok = false;
			}
		}
		p += n;
	}
	text_add(j->t, (const char *)run, (size_t)(end - run));
	return all_ok;
}

/* A string that needs no escape, as nearly all are. */
static void
put_plain(struct json *j, struct bytes b)
{
	char *to = json_claim(j, b.len + 2);

	if (to != NULL) {
		*to++ = '"';
		memcpy(to, b.at, b.len);
		to[b.len] = '"';
	}
	j->comma = true;
}

bool
json_bytes(struct json *j, struct bytes b)
{
	const unsigned char *at = (const unsigned char *)b.at;
	bool ok = true;

	if (b.len > 0 && skip_plain(at, at + b.len) == at + b.len) {
		put_plain(j, b);
		return ok;
	}
	json_open(j, '"');
	ok = json_part(j, b);
	json_close(j, '"');
	return ok;
}

void
json_str(struct json *j, const char *ascii)
{
	(void)json_bytes(j, bytes_of(ascii));
}

void
json_u64(struct json *j, uint64_t n)
{
	separate(j);
	text_u64(j->t, n);
	j->comma = true;
}

void
json_i64(struct json *j, int64_t n)
{
	separate(j);
	text_i64(j->t, n);
	j->comma = true;
}

void
json_bool(struct json *j, bool b)
{
	json_raw(j, b ? BYTES_LITERAL("true") : BYTES_LITERAL("false"));
}

bool
json_is_utf8(struct bytes b)
{
	const unsigned char *p = (const unsigned char *)b.at;

	for (size_t i = 0; i < b.len;) {
		bool ok = true;
		i += p[i] < 0x80 ? 1 : multibyte(p + i, b.len - i, &ok);
		if (!ok)
			return false;
	}
	return true;
}
