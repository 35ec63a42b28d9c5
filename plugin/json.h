/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json - JSON out, into a struct text, without allocation.
 *
 * Only the order of calls makes it well-formed: a key before each member's
 * value, open and close in pairs. Commas are put where they belong.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text.h"

struct json {
	struct text *t;
	bool comma; /* the next value or key needs one before it */
};

void json_init(struct json *j, struct text *t);

void json_open(struct json *j, char bracket);  /* '{', '[' or '"' */
void json_close(struct json *j, char bracket); /* '}', ']' or '"' */

/*
 * Where len more bytes go, after a comma if one is needed; NULL: they do not
 * fit.
 */
static inline char *
json_claim(struct json *j, size_t len)
{
	char *to = text_claim(j->t, j->comma + len);

	if (to != NULL && j->comma)
		*to++ = ',';
	return to;
}

/*
 * A member's key; must be plain ASCII that needs no escape. Here, as is
 * json_raw(), so that a copy of known length needs no call.
 */
static inline void
json_key(struct json *j, const char *key)
{
	size_t len = strlen(key);
	char *to = json_claim(j, len + 3);

	if (to != NULL) {
		*to++ = '"';
		memcpy(to, key, len);
		memcpy(to + len, "\":", 2);
	}
	j->comma = false;
}

/*
 * A string. Bytes that are not UTF-8 become U+FFFD, one for each maximal
 * broken part (Unicode 15, 3.9, table 3-8); false if there were any.
 */
bool json_bytes(struct json *j, struct bytes b);
/* The same for a part of a string, between json_open(j, '"') and its close. */
bool json_part(struct json *j, struct bytes b);
void json_str(struct json *j, const char *ascii);
void json_u64(struct json *j, uint64_t n);
void json_i64(struct json *j, int64_t n);
void json_bool(struct json *j, bool b);

/*
 * Whole members or values that are JSON already, without a comma before them;
 * what follows may be left open by a bracket or a colon at the end. One that
 * ends within a string is for who writes its rest, and the quote, as text.
 */
static inline void
json_raw(struct json *j, struct bytes ready)
{
	char *to, last;

	if (ready.len == 0)
		return;
	to = json_claim(j, ready.len);
	if (to != NULL)
		memcpy(to, ready.at, ready.len);
	last = ready.at[ready.len - 1];
	j->comma = last != '{' && last != '[' && last != ':';
}

/* True if b is well-formed UTF-8. */
bool json_is_utf8(struct bytes b);

#endif
