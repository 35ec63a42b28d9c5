/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "digits.h"

/* So many decimal digits fit, whatever they are. */
#define DECIMAL_SAFE 19

size_t
digits_decimal(struct bytes b, uint64_t *n)
{
	uint64_t sum = 0;
	size_t len = 0;

	*n = 0;
	for (; len < b.len; len++) {
		unsigned digit = (unsigned char)b.at[len] - (unsigned)'0';

		if (digit > 9)
			break;
		if (len >= DECIMAL_SAFE && sum > (UINT64_MAX - digit) / 10)
			return 0;
		sum = sum * 10 + digit;
	}
	*n = sum;
	return len;
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
