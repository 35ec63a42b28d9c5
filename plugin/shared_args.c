/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shared_args.h"

#include <string.h>

struct shared_args {
	uint32_t refs;
	uint32_t len; /* of the bytes */
	uint32_t count, argc, missing_count, redacted_count;
	bool truncated;
	char rest[]; /* which are missing, as uint32_t; then the bytes */
};

static struct args
cut(const struct args *whole, size_t max)
{
	struct args args = *whole;

	if (args.bytes.len <= max)
		return args;
	args.bytes.len = max;
	args.truncated = true;
	args.count = max > 0 ? 1 : 0;
	for (size_t i = 0; i + 1 < max; i++)
		args.count += args.bytes.at[i] == '\0';
	return args;
}

/* Of how many are missing the first few are named. */
static size_t
size_of_missing(uint32_t count)
{
	if (count > ARGS_MISSING_MAX)
		count = ARGS_MISSING_MAX;
	return count * sizeof(uint32_t);
}

static size_t
size_of(uint32_t missing_count, size_t len)
{
	return offsetof(struct shared_args, rest) +
	       size_of_missing(missing_count) + len;
}

struct shared_args *
shared_args_new(struct blocks *b, const struct args *whole, size_t max)
{
	struct args args = cut(whole, max);
	size_t missing = size_of_missing(args.missing_count);
	struct shared_args *s;

	if (args.bytes.at == NULL)
		return NULL;
	s = blocks_take(b, size_of(args.missing_count, args.bytes.len));
	if (s == NULL)
		return NULL;
	s->refs = 1;
	s->len = (uint32_t)args.bytes.len;
	s->count = args.count;
	s->argc = args.argc;
	s->missing_count = args.missing_count;
	s->redacted_count = args.redacted_count;
	s->truncated = args.truncated;
	memcpy(s->rest, args.missing, missing);
	memcpy(s->rest + missing, args.bytes.at, args.bytes.len);
	return s;
}

struct shared_args *
shared_args_get(struct shared_args *s)
{
	if (s != NULL)
		s->refs++;
	return s;
}

void
shared_args_put(struct blocks *b, struct shared_args *s)
{
	if (s != NULL && --s->refs == 0)
		blocks_give(b, s, size_of(s->missing_count, s->len));
}

struct args
shared_args_view(const struct shared_args *s)
{
	struct args args = {.bytes = BYTES_NONE};
	size_t missing;

	if (s == NULL)
		return args;
	missing = size_of_missing(s->missing_count);
	args.bytes = (struct bytes){s->rest + missing, s->len};
	args.count = s->count;
	args.argc = s->argc;
	args.missing_count = s->missing_count;
	args.redacted_count = s->redacted_count;
	args.truncated = s->truncated;
	memcpy(args.missing, s->rest, missing);
	return args;
}
