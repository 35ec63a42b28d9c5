/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "digits.h"

/* So many digits fit, whatever they are. */
#define DECIMAL_MAX 19
#define HEX_MAX     16

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

const unsigned char digits_hex_values[256] = {
    ['0'] = 1,
    ['1'] = 2,
    ['2'] = 3,
    ['3'] = 4,
    ['4'] = 5,
    ['5'] = 6,
    ['6'] = 7,
    ['7'] = 8,
    ['8'] = 9,
    ['9'] = 10,
    ['A'] = 11,
    ['B'] = 12,
    ['C'] = 13,
    ['D'] = 14,
    ['E'] = 15,
    ['F'] = 16,
    ['a'] = 11,
    ['b'] = 12,
    ['c'] = 13,
    ['d'] = 14,
    ['e'] = 15,
    ['f'] = 16,
};

size_t
digits_hex(struct bytes b, uint64_t *n)
{
	size_t most = b.len < HEX_MAX ? b.len : HEX_MAX;
	uint64_t sum = 0;
	size_t len = 0;
	int value;

	for (; len < most && (value = digits_hex_value(b.at[len])) >= 0; len++)
		sum = sum << 4 | (unsigned)value;
	*n = sum;
	if (len < HEX_MAX || len == b.len || digits_hex_value(b.at[len]) < 0)
		return len;
	*n = 0;
	return 0;
}
