/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed_value.h"

#include <string.h>

#include "digits.h"

uint32_t
feed_value_id(struct bytes s)
{
	uint64_t n;

	if (s.len == 0 || digits_decimal(s, &n) != s.len || n > UINT32_MAX)
		return ID_UNSET;
	return (uint32_t)n;
}

int32_t
feed_value_pid(struct bytes s)
{
	uint32_t n = feed_value_id(s);

	return n > INT32_MAX ? -1 : (int32_t)n;
}

static struct bytes
behind(struct bytes s, size_t n)
{
	return (struct bytes){s.at + n, s.len - n};
}

int64_t
feed_value_result(struct bytes s)
{
	bool negative = s.len > 0 && s.at[0] == '-';
	uint64_t n;

	digits_decimal(behind(s, negative), &n);
	if (n > INT64_MAX)
		return 0;
	return negative ? -(int64_t)n : (int64_t)n;
}

uint64_t
feed_value_argument(struct bytes s)
{
	uint64_t n;

	digits_hex(s, &n);
	return n;
}

struct tty
feed_value_tty(struct bytes s)
{
	uint32_t n;

	if (s.len < 4 || memcmp(s.at, "pts", 3) != 0)
		return (struct tty){0, 0};
	n = feed_value_id(behind(s, s.at[3] == '/' ? 4 : 3));
	if (n > 0xfffff)
		return (struct tty){0, 0};
	/* drivers/tty/pty.c, unix98_pty_init(): one major for all of them */
	return (struct tty){TTY_PTS_MAJOR, n};
}

static bool
is_hex(struct bytes s)
{
	bool hex = s.len > 0 && s.len % 2 == 0;

	for (size_t i = 0; hex && i < s.len; i++)
		hex = digits_hex_value(s.at[i]) >= 0;
	return hex;
}

bool
feed_value_is_plain(struct bytes s)
{
	if (s.len >= 2 && s.at[0] == '"')
		return s.at[s.len - 1] == '"';
	return is_hex(s);
}

size_t
feed_value_string(struct bytes s, char *out, size_t room, bool *cut)
{
	size_t n = 0;

	if (is_hex(s)) {
		for (; n < room && n * 2 < s.len; n++)
			out[n] = (char)(digits_hex_value(s.at[n * 2]) * 16 +
					digits_hex_value(s.at[n * 2 + 1]));
		*cut = n * 2 < s.len;
		return n;
	}
	if (s.len > 0 && s.at[0] == '"')
		s = behind(s, 1);
	if (s.len > 0 && s.at[s.len - 1] == '"')
		s.len--;
	*cut = s.len > room;
	n = *cut ? room : s.len;
	memcpy(out, s.at, n);
	return n;
}
