/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digits - numbers in text of known length.
 *
 * strtoul() wants a NUL behind them, accepts what no kernel writes (blanks,
 * signs, 0x) and looks at the locale; records hold some thirty numbers each.
 */
#ifndef DIGITS_H
#define DIGITS_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"

/*
 * The number that b begins with, in *n: returns how many digits it has, 19 at
 * most; 0: there is none, or it has more, and *n is 0.
 */
size_t digits_decimal(struct bytes b, uint64_t *n);
/* The same in hexadecimal, of either case: 16 at most. */
size_t digits_hex(struct bytes b, uint64_t *n);

/* One more than the value of a hexadecimal digit; 0: it is none. */
extern const unsigned char digits_hex_values[256];

/* 0 to 15; -1: c is no hexadecimal digit. */
static inline int
digits_hex_value(char c)
{
	return digits_hex_values[(unsigned char)c] - 1;
}

#endif
