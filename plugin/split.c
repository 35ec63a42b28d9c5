/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "split.h"

#include <string.h>

bool
split_take(struct bytes *rest, char mark, struct bytes *part)
{
	if (rest->len == 0)
		return false;

	const char *end = memchr(rest->at, mark, rest->len);
	size_t len = end != NULL ? (size_t)(end - rest->at) : rest->len;
	size_t taken = end != NULL ? len + 1 : len;

	*part = (struct bytes){rest->at, len};
	*rest = (struct bytes){rest->at + taken, rest->len - taken};
	return true;
}
