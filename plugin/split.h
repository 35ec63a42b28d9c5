/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * split - walks over bytes that hold several strings: the arguments of an
 * exec, each ended by a NUL, audit's keys, with 0x01 between them, or lines.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "text.h"

/*
 * Takes the first string off *rest, and the mark that ends it; the last one
 * needs no mark. False if nothing is left.
 */
static inline bool
split_take(struct bytes *rest, char mark, struct bytes *part)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, mark, rest->len);
	if (end == NULL) {
		*part = *rest;
		*rest = (struct bytes){rest->at + rest->len, 0};
		return true;
	}
	*part = (struct bytes){rest->at, (size_t)(end - rest->at)};
	*rest = (struct bytes){end + 1, rest->len - part->len - 1};
	return true;
}

/* The same of a string that has its mark; without one nothing is taken. */
bool split_ended(struct bytes *rest, char mark, struct bytes *part);

#endif
