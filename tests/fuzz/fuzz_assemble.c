/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream from its bytes to its events, by the whole pipeline. The input is
 * read twice, in one piece and in pieces of the sizes that its first bytes
 * say: both must tell the same lines, in the same order.
 */
#include "pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "publish.h"

#define SIZES 8 /* bytes of the input that are sizes of pieces */

struct run {
	struct publish *publish;
	uint64_t lines, bytes, hash;
};

static void
on_line(void *ctx, const struct sink_line *line)
{
	struct run *r = ctx;

	const char *at = line->text.at;
	size_t len = line->text.len;

	check(len > 0 && memchr(at, '\n', len) == at + len - 1);
	for (size_t i = 0; i < len; i++)
		r->hash = (r->hash ^ (unsigned char)at[i]) * 0x100000001b3;
	r->lines++;
	r->bytes += len;
}

static void
on_event(void *ctx, const struct event *ev)
{
	struct run *r = ctx;

	check(publish_event(r->publish, ev, 0));
}

static size_t
copy(struct pipeline *p, const uint8_t *data, size_t len)
{
	size_t room;
	char *to = pipeline_room(p, &room);

	check(room >= ASSEMBLE_LINE_MAX);
	if (len > room)
		len = room;
	memcpy(to, data, len);
	return len;
}

/* sizes: of the pieces, round and round; NULL: as much as there is room for. */
static void
give(struct pipeline *p, const uint8_t *sizes, const uint8_t *data, size_t len)
{
	for (size_t i = 0; len > 0; i++) {
		size_t n = sizes != NULL ? sizes[i % SIZES] : len;

		n = copy(p, data, n < len ? n : len);
		pipeline_take(p, n, 0);
		if (n == 0 && i >= SIZES)
			sizes = NULL; /* they may all be 0 */
		data += n;
		len -= n;
	}
}

/* Nothing is dropped, and nothing told, that was not counted. */
static void
check_counts(struct pipeline *p, const struct run *r)
{
	const struct assemble_counts *c = assemble_counts(pipeline_assemble(p));

	check(c->events <= c->records);
	check(pipeline_losses(p) <= r->lines);
}

static struct run
run(const struct settings *set, const uint8_t *sizes, const uint8_t *data,
    size_t len)
{
	static const struct pipeline_ops ops = {.event = on_event};
	static const struct envelope env = {.version = "1"};
	static const struct publish_variant ecs = {
	    FORMAT_ECS, PUBLISH_LINE_MAX};
	struct run r = {.hash = 0xcbf29ce484222325};
	struct ident ident;
	struct err err;
	struct pipeline *p;

	ident_init(&ident, NULL, NULL);
	r.publish = publish_new(&env, &ecs, 1, on_line, &r);
	p = pipeline_new(set, &ident, &ops, &r, &err);
	check(r.publish != NULL && p != NULL);
	give(p, sizes, data, len);
	pipeline_finish(p, 0);
	check_counts(p, &r);
	pipeline_free(p);
	publish_free(r.publish);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct settings *loaded;
	static const char *patterns[] = {"-p*", "-x *"};
	struct settings set;
	struct run whole, pieces;
	struct err err;

	if (loaded == NULL)
		loaded = settings_load(NULL, &err);
	check(loaded != NULL);
	if (size < SIZES)
		return 0;
	/* small enough for an input to reach them */
	set = *loaded;
	set.limits.open_events = 4;
	set.limits.event_bytes = 2000;
	set.limits.args_bytes = 20;
	set.limits.lives = 10;
	set.limits.held_facts = 10;
	set.events.failed_exec = true;
	set.events.redact = patterns;
	set.events.nredact = 2;
	whole = run(&set, NULL, data + SIZES, size - SIZES);
	pieces = run(&set, data, data + SIZES, size - SIZES);
	check(whole.lines == pieces.lines && whole.bytes == pieces.bytes &&
	      whole.hash == pieces.hash);
	return 0;
}
