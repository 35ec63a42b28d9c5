/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * member - members of a JSON object as our formats have them: a key with its
 * value, or, where the value is unknown, nothing.
 */
#ifndef MEMBER_H
#define MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "encode.h"
#include "event.h"
#include "json.h"
#include "text.h"

/* How many single fields of one event may hold what is not UTF-8. */
#define LINE_BROKEN_MAX 6

/*
 * One line in the making. What is not UTF-8 can only be told with
 * replacements; which fields these were is kept here, as their exact bytes
 * stand at the line's end.
 */
struct line {
	struct json j;
	struct {
		const char *field;
		struct bytes value;
	} broken[LINE_BROKEN_MAX];
	unsigned nbroken;
	bool args_broken, keys_broken;
};

/* Values without their keys, for what is below. */
void member_put_uuid(struct json *j, const struct uuid *u);
void member_put_time(struct json *j, int64_t ms);
void member_put_id(struct json *j, uint32_t id);
void member_put_bytes(struct line *l, const char *field, struct bytes value);

static inline void
member_str(struct json *j, const char *key, const char *ascii)
{
	json_key(j, key);
	json_str(j, ascii);
}

static inline void
member_u64(struct json *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_u64(j, n);
}

static inline void
member_bool(struct json *j, const char *key, bool b)
{
	json_key(j, key);
	json_bool(j, b);
}

static inline void
member_uuid(struct json *j, const char *key, const struct uuid *u)
{
	json_key(j, key);
	member_put_uuid(j, u);
}

/* In RFC 3339, or in milliseconds since 1970. */
static inline void
member_time(struct json *j, const char *key, int64_t ms)
{
	if (ms == TIME_UNKNOWN)
		return;
	json_key(j, key);
	member_put_time(j, ms);
}

static inline void
member_ms(struct json *j, const char *key, int64_t ms)
{
	if (ms == TIME_UNKNOWN)
		return;
	json_key(j, key);
	json_i64(j, ms);
}

/* A number that is only a name: a string, as ECS has it. */
static inline void
member_id(struct json *j, const char *key, uint32_t id)
{
	if (id == ID_UNSET)
		return;
	json_key(j, key);
	member_put_id(j, id);
}

/* Text of our own surroundings; NULL and "": unknown. */
bool member_own_is_known(const char *value);
void member_own(struct json *j, const char *key, const char *value);
/* The id of the event: the same in every format. */
void member_event_id(struct json *j, const char *key, const struct event *ev,
    const struct envelope *env);
/*
 * Text of a process, unknown if empty. field is its full name in ECS, or NULL
 * where the same text stands in the line already; it and the bytes must last
 * as long as the line.
 */
static inline void
member_bytes(
    struct line *l, const char *key, const char *field, struct bytes value)
{
	if (value.len == 0)
		return;
	json_key(&l->j, key);
	member_put_bytes(l, field, value);
}

/* All arguments as one string; left out if none is known. */
void member_command_line(
    struct line *l, const char *key, const struct args *args);

#endif
