/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed_args.h"

#include <stdlib.h>
#include <string.h>

#include "digits.h"
#include "feed_value.h"

#define ARGC_MAX 0x7fffffff /* the kernel's own: MAX_ARG_STRINGS */

struct feed_args {
	struct args args;
	size_t len, max;
	char *bytes;
	uint32_t index; /* the argument read last */
	uint32_t chunk; /* its newest chunk */
	bool open;      /* it may have further chunks */
	bool chunked;   /* it came in chunks */
};

struct feed_args *
feed_args_new(size_t max)
{
	struct feed_args *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->max = max;
	a->bytes = malloc(max + 1);
	if (a->bytes == NULL) {
		free(a);
		return NULL;
	}
	feed_args_begin(a);
	return a;
}

void
feed_args_free(struct feed_args *a)
{
	if (a == NULL)
		return;
	free(a->bytes);
	free(a);
}

void
feed_args_begin(struct feed_args *a)
{
	a->args = (struct args){.argc = ID_UNSET};
	a->len = 0;
	a->open = a->chunked = false;
}

/* One more byte of arguments; false: the limit is reached. */
static bool
put_byte(struct feed_args *a, char c)
{
	if (a->len >= a->max)
		return false;
	a->bytes[a->len++] = c;
	return true;
}

/* Ends the argument that is open, and names those that are missing. */
static void
begin_arg(struct feed_args *a, uint32_t index)
{
	struct args *args = &a->args;

	if (a->open && !put_byte(a, '\0'))
		args->truncated = true;
	a->open = false;
	while (args->count < index && !args->truncated) {
		if (!put_byte(a, '\0')) {
			args->truncated = true;
			return;
		}
		if (args->missing_count < ARGS_MISSING_MAX)
			args->missing[args->missing_count] = args->count;
		args->missing_count++;
		args->count++;
	}
}

/*
 * The argument and its chunk in aN and aN[M]; false for other names, aN_len
 * among them: the kernel itself does not trust that (kernel/auditsc.c,
 * audit_log_execve_info()).
 */
static bool
arg_index(const char *name, uint32_t *index, uint32_t *chunk, bool *chunked)
{
	struct bytes rest;
	uint64_t n, m = 0;
	size_t len;

	if (name[0] != 'a')
		return false;
	rest = bytes_of(name + 1);
	len = digits_decimal(rest, &n);
	if (len == 0)
		return false;
	*chunked = rest.at[len] == '[';
	if (*chunked)
		digits_decimal(bytes_of(rest.at + len + 1), &m);
	*index = (uint32_t)n;
	*chunk = (uint32_t)m;
	return n <= ARGC_MAX && (*chunked || len == rest.len);
}

/* Appends to the argument that is open; one byte is kept for its NUL. */
static void
put_arg(struct feed_args *a, struct bytes value)
{
	char *to = a->bytes + a->len;
	size_t room = a->max - a->len - 1;
	bool cut;
	size_t n = feed_value_string(value, to, room, &cut);
	size_t len = strnlen(to, n);

	/* no argument has a NUL in it: what has is damaged */
	a->len += len;
	a->args.truncated = cut || len < n;
}

/* A further chunk; what follows a lost one is in no known place. */
static void
take_chunk(
    struct feed_args *a, uint32_t index, uint32_t chunk, struct bytes value)
{
	bool same = a->open && index == a->index;

	if (same && chunk == a->chunk + 1) {
		a->chunk = chunk;
		put_arg(a, value);
	} else if (same ? chunk > a->chunk : index >= a->args.count) {
		a->args.truncated = true;
	}
}

/* An argument, or its first chunk. */
static void
take_arg(struct feed_args *a, uint32_t index, bool chunked, struct bytes value)
{
	struct args *args = &a->args;

	if (index < args->count)
		return; /* a repeated record */
	begin_arg(a, index);
	if (a->len == a->max)
		args->truncated = true;
	if (args->truncated)
		return;
	a->index = index;
	a->chunk = 0;
	a->chunked = chunked;
	a->open = true;
	args->count++;
	put_arg(a, value);
}

void
feed_args_take(struct feed_args *a, const char *name, struct bytes value)
{
	uint32_t index, chunk;
	bool chunked;

	if (strcmp(name, "argc") == 0) {
		a->args.argc = feed_value_id(value);
		return;
	}
	if (a->args.truncated || !arg_index(name, &index, &chunk, &chunked))
		return;
	if (chunk > 0)
		take_chunk(a, index, chunk, value);
	else
		take_arg(a, index, chunked, value);
}

/* Whether it names the argument that follows the last one, as a whole. */
static bool
is_next(const struct feed_args *a, struct bytes name)
{
	uint64_t n;

	if (name.len < 2 || name.at[0] != 'a')
		return false;
	name = (struct bytes){name.at + 1, name.len - 1};
	return digits_decimal(name, &n) == name.len && n == a->args.count;
}

bool
feed_args_take_plain(struct feed_args *a, struct bytes name, struct bytes value)
{
	if (bytes_equal(name, BYTES_LITERAL("argc"))) {
		a->args.argc = feed_value_id(value);
		return true;
	}
	if (a->args.truncated)
		return true;
	if (!is_next(a, name) || !feed_value_is_plain(value))
		return false;
	take_arg(a, a->args.count, false, value);
	return true;
}

/* Whether more is missing than can be named, or nobody knows how much. */
static bool
is_cut(const struct feed_args *a, bool incomplete)
{
	const struct args *args = &a->args;

	if (args->argc == ID_UNSET)
		return true;
	if (incomplete && (args->count < args->argc || a->chunked))
		return true;
	return args->argc > args->count &&
	       args->argc - args->count > ARGS_MISSING_MAX;
}

const struct args *
feed_args_finish(struct feed_args *a, bool incomplete)
{
	struct args *args = &a->args;

	if (args->count == 0 && args->argc == ID_UNSET)
		return args; /* there was no record */
	if (is_cut(a, incomplete))
		args->truncated = true;
	begin_arg(a, args->truncated ? args->count : args->argc);
	args->bytes = (struct bytes){a->bytes, a->len};
	return args;
}
