/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "member.h"

#include <assert.h>

#include "ident.h"
#include "shell.h"
#include "split.h"

void
member_put_uuid(struct json *j, const struct uuid *u)
{
	json_open(j, '"');
	ident_print(j->t, u);
	json_close(j, '"');
}

void
member_put_time(struct json *j, int64_t ms)
{
	json_open(j, '"');
	text_rfc3339(j->t, ms);
	json_close(j, '"');
}

void
member_put_id(struct json *j, uint32_t id)
{
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
member_put_bytes(struct line *l, const char *field, struct bytes value)
{
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
