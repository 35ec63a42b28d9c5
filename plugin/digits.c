/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "digits.h"

/* So many decimal digits fit, whatever they are. */
#define DECIMAL_MAX 19

/* The value of a decimal digit; of anything else, more than 9. */
static unsigned
decimal_value(char c)
{
	return (unsigned char)c - (unsigned)'0';
}

size_t
digits_decimal(struct bytes b, uint64_t *n)
{
	size_t most = b.len < DECIMAL_MAX ? b.len : DECIMAL_MAX;
	uint64_t sum = 0;
	size_t len = 0;

	for (; len < most && decimal_value(b.at[len]) <= 9; len++)
		sum = sum * 10 + decimal_value(b.at[len]);
	*n = sum;
	if (len < DECIMAL_MAX || len == b.len || decimal_value(b.at[len]) > 9)
		return len;
	*n = 0;
	return 0;
}

int
digits_hex_value(char c)
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
digits_hex(struct bytes b, uint64_t *n)
{
	uint64_t sum = 0;
	size_t len = 0;

	*n = 0;
	for (; len < b.len; len++) {
		int digit = digits_hex_value(b.at[len]);

		if (digit < 0)
			break;
		if (sum >> 60 != 0)
			return 0;
		sum = sum << 4 | (unsigned)digit;
	}
	*n = sum;
	return len;
}
