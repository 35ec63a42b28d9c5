/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed_value.h"

#include <stdlib.h>
#include <string.h>

uint32_t
feed_value_id(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	return *s == '\0' || *end != '\0' || n > UINT32_MAX ? ID_UNSET
							    : (uint32_t)n;
}

int32_t
feed_value_pid(const char *s)
{
	uint32_t n = feed_value_id(s);

	return n > INT32_MAX ? -1 : (int32_t)n;
}

struct tty
feed_value_tty(const char *s)
{
	unsigned long n;
	char *end;

	if (strncmp(s, "pts", 3) != 0)
		return (struct tty){0, 0};
	s += s[3] == '/' ? 4 : 3;
	n = strtoul(s, &end, 10);
	if (*s == '\0' || *end != '\0' || n > 0xfffff)
		return (struct tty){0, 0};
	/* drivers/tty/pty.c, unix98_pty_init(): one major for all of them */
	return (struct tty){TTY_PTS_MAJOR, (uint32_t)n};
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

size_t
feed_value_string(const char *s, char *out, size_t room, bool *cut)
{
	size_t len = strlen(s), n = 0;
	bool hex = len % 2 == 0;

	*cut = false;
	for (size_t i = 0; hex && i < len; i++)
		hex = hex_digit(s[i]) >= 0;
	if (hex && len > 0) {
		for (; n < room && n * 2 < len; n++)
			out[n] = (char)(hex_digit(s[n * 2]) * 16 +
					hex_digit(s[n * 2 + 1]));
		*cut = n * 2 < len;
		return n;
	}
	if (len > 0 && s[0] == '"') {
		s++;
		len--;
	}
	if (len > 0 && s[len - 1] == '"')
		len--;
	*cut = len > room;
	n = *cut ? room : len;
	memcpy(out, s, n);
	return n;
}
