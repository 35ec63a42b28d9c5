/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed_value.h"

#include <string.h>

#include "digits.h"

uint32_t
feed_value_id(const char *s)
{
	struct bytes b = bytes_of(s);
	uint64_t n;

	if (b.len == 0 || digits_decimal(b, &n) != b.len || n > UINT32_MAX)
		return ID_UNSET;
	return (uint32_t)n;
}

int32_t
feed_value_pid(const char *s)
{
	uint32_t n = feed_value_id(s);

	return n > INT32_MAX ? -1 : (int32_t)n;
}

int64_t
feed_value_result(const char *s)
{
	bool negative = *s == '-';
	uint64_t n;

	digits_decimal(bytes_of(negative ? s + 1 : s), &n);
	if (n > INT64_MAX)
		return 0;
	return negative ? -(int64_t)n : (int64_t)n;
}

uint64_t
feed_value_argument(const char *s)
{
	uint64_t n;

	digits_hex(bytes_of(s), &n);
	return n;
}

struct tty
feed_value_tty(const char *s)
{
	uint32_t n;

	if (strncmp(s, "pts", 3) != 0)
		return (struct tty){0, 0};
	n = feed_value_id(s + (s[3] == '/' ? 4 : 3));
	if (n > 0xfffff)
		return (struct tty){0, 0};
	/* drivers/tty/pty.c, unix98_pty_init(): one major for all of them */
	return (struct tty){TTY_PTS_MAJOR, n};
}

size_t
feed_value_string(const char *s, char *out, size_t room, bool *cut)
{
	size_t len = strlen(s), n = 0;
	bool hex = len % 2 == 0;

	*cut = false;
	for (size_t i = 0; hex && i < len; i++)
		hex = digits_hex_value(s[i]) >= 0;
	if (hex && len > 0) {
		for (; n < room && n * 2 < len; n++)
			out[n] = (char)(digits_hex_value(s[n * 2]) * 16 +
					digits_hex_value(s[n * 2 + 1]));
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
