/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "member.h"

#include <assert.h>

#include "ident.h"

void
member_str(struct json *j, const char *key, const char *ascii)
{
	json_key(j, key);
	json_str(j, ascii);
}

void
member_u64(struct json *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_u64(j, n);
}

void
member_bool(struct json *j, const char *key, bool b)
{
	json_key(j, key);
	json_bool(j, b);
}

void
member_uuid(struct json *j, const char *key, const struct uuid *u)
{
	json_key(j, key);
	json_open(j, '"');
	ident_print(j->t, u);
	json_close(j, '"');
}

void
member_time(struct json *j, const char *key, int64_t ms)
{
	if (ms == TIME_UNKNOWN)
		return;
	json_key(j, key);
	json_open(j, '"');
	text_rfc3339(j->t, ms);
	json_close(j, '"');
}

void
member_id(struct json *j, const char *key, uint32_t id)
{
	if (id == ID_UNSET)
		return;
	json_key(j, key);
	json_open(j, '"');
	text_u64(j->t, id);
	json_close(j, '"');
}

void
member_own(struct json *j, const char *key, const char *value)
{
	if (value == NULL || *value == '\0')
		return;
	json_key(j, key);
	(void)json_bytes(j, bytes_of(value));
}

void
member_bytes(
    struct line *l, const char *key, const char *field, struct bytes value)
{
	if (value.len == 0)
		return;
	json_key(&l->j, key);
	if (json_bytes(&l->j, value))
		return;
	assert(l->nbroken < LINE_BROKEN_MAX);
	l->broken[l->nbroken].field = field;
	l->broken[l->nbroken++].value = value;
}
