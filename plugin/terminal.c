/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"

#include <string.h>

#include "json.h"

/* Characters that move the cursor, turn the line round or cannot be seen. */
static bool
is_deceptive(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
	    {0x80, 0x9f},       /* C1: some terminals obey them */
	    {0xad, 0xad},       /* soft hyphen */
	    {0x61c, 0x61c},     /* Arabic letter mark */
	    {0x180e, 0x180e},   /* Mongolian vowel separator */
	    {0x200b, 0x200f},   /* zero width, direction marks */
	    {0x2028, 0x202e},   /* line ends, direction overrides */
	    {0x2060, 0x206f},   /* invisible operators, isolates */
	    {0xfeff, 0xfeff},   /* byte order mark */
	    {0xfff9, 0xfffb},   /* interlinear annotation */
	    {0x1bca0, 0x1bca3}, /* shorthand format controls */
	    {0x1d173, 0x1d17a}, /* musical beams and slurs */
	    {0xe0000, 0xe007f}, /* tags */
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* The length of the character b starts with if it may be shown, else 0. */
static size_t
showable(struct bytes b)
{
	const unsigned char *p = (const unsigned char *)b.at;

	if (p[0] < 0x80)
		return p[0] >= 0x20 && p[0] < 0x7f ? 1 : 0;

	size_t n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n > b.len || !json_is_utf8((struct bytes){b.at, n}))
		return 0;
	uint32_t c = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return is_deceptive(c) ? 0 : n;
}

/* Whether a word can stand as it is and be told from its neighbours. */
static bool
is_plain(struct bytes word)
{
	size_t n;

	if (word.len == 0)
		return false;
	for (; word.len > 0; word.at += n, word.len -= n) {
		n = showable(word);
		if (n == 0 || strchr(" \"\\", *word.at) != NULL)
			return false;
	}
	return true;
}

/* As C has it, but \x is always followed by two digits. */
static void
put_escaped(struct text *t, char c)
{
	text_char(t, '\\');
	if (c == '\n')
		text_char(t, 'n');
	else if (c == '\t')
		text_char(t, 't');
	else if (c == '"' || c == '\\')
		text_char(t, c);
	else {
		text_char(t, 'x');
		text_hex(t, &c, 1);
	}
}

/* also: an ASCII character that is escaped although it may be shown. */
static void
put_safe(struct text *t, struct bytes b, char also)
{
	while (b.len > 0) {
		size_t n = showable(b);
		if (n == 0 || *b.at == '\\' || *b.at == also) {
			put_escaped(t, *b.at);
			n = 1;
		} else {
			text_add(t, b.at, n);
		}
		b = (struct bytes){b.at + n, b.len - n};
	}
}

void
terminal_word(struct text *t, struct bytes word)
{
	if (is_plain(word)) {
		text_add(t, word.at, word.len);
		return;
	}
	text_char(t, '"');
	put_safe(t, word, '"');
	text_char(t, '"');
}

void
terminal_line(struct text *t, struct bytes line)
{
	put_safe(t, line, '\\');
}
