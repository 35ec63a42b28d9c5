/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "split.h"

#include <string.h>

bool
split_ended(struct bytes *rest, char mark, struct bytes *part)
{
	const char *end =
	    rest->len > 0 ? memchr(rest->at, mark, rest->len) : NULL;

	if (end == NULL)
		return false;
	*part = (struct bytes){rest->at, (size_t)(end - rest->at)};
	*rest = (struct bytes){end + 1, rest->len - part->len - 1};
	return true;
}
