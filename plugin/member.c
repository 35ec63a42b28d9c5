/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "member.h"

#include <assert.h>

#include "ident.h"
#include "shell.h"
#include "split.h"

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
member_ms(struct json *j, const char *key, int64_t ms)
{
	if (ms == TIME_UNKNOWN)
		return;
	json_key(j, key);
	json_i64(j, ms);
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

bool
member_own_is_known(const char *value)
{
	return value != NULL && *value != '\0';
}

void
member_own(struct json *j, const char *key, const char *value)
{
	if (!member_own_is_known(value))
		return;
	json_key(j, key);
	(void)json_bytes(j, bytes_of(value));
}

void
member_event_id(struct json *j, const char *key, const struct event *ev,
    const struct envelope *env)
{
	struct uuid id = ev->id;

	if (!event_has_process(ev))
		id = ident_notice(&env->ephemeral_id, env->sequence);
	member_uuid(j, key, &id);
}

void
member_bytes(
    struct line *l, const char *key, const char *field, struct bytes value)
{
	if (value.len == 0)
		return;
	json_key(&l->j, key);
	if (json_bytes(&l->j, value) || field == NULL)
		return;
	assert(l->nbroken < LINE_BROKEN_MAX);
	l->broken[l->nbroken].field = field;
	l->broken[l->nbroken++].value = value;
}

void
member_command_line(struct line *l, const char *key, const struct args *args)
{
	struct bytes rest = args->bytes, arg;

	if (args->count == 0 || rest.len == 0)
		return;
	json_key(&l->j, key);
	json_open(&l->j, '"');
	for (uint32_t i = 0; i < args->count; i++) {
		if (!split_take(&rest, '\0', &arg))
			break;
		if (i > 0)
			text_char(l->j.t, ' ');
		if (!shell_word(&l->j, arg))
			l->args_broken = true;
	}
	json_close(&l->j, '"');
}
