/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen_stream.h"

#include <assert.h>
#include <errno.h>
#include <error.h>
#include <stdlib.h>
#include <string.h>

#include "gen_random.h"

/* One event: twice MAX_ARGS_SIZE of gen_programs.h and much to spare. */
#define SLOT_SIZE (256 * 1024)

/* CONFIG_HZ=250: audit stamps events with the time of the last tick. */
#define TICK_US 4000

/* Of 1000 events how many are still being written when the next one begins. */
#define INTERLEAVED 100
/* Nothing is still being written after so many microseconds. */
#define WRITE_TIME_US 2000

/* The kernel has numbered a few events before auditd and the rules are there.
 */
#define FIRST_SERIAL 17

struct slot {
	int32_t pid; /* 0: free */
	struct text text;
	size_t written;
};

struct stream {
	FILE *out;
	const struct style *style;
	struct rng rng;
	uint32_t serial, daemon_serial;
	struct slot *slots;
	unsigned count; /* of slots */
	unsigned open;  /* slots in use */
	bool storm;
	struct slot *current;
	struct records records;
	int64_t last; /* when the last event was logged */
	uint64_t bytes;
};

struct stream *
stream_new(FILE *out, const struct style *style, unsigned slots, bool storm,
    uint64_t seed)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (s == NULL ||
	    (s->slots = calloc(slots, sizeof(s->slots[0]))) == NULL)
		error(1, errno, "stream");
	s->count = slots;
	s->storm = storm;
	s->out = out;
	s->style = style;
	s->rng.state = seed;
	s->serial = FIRST_SERIAL;
	s->daemon_serial = rng_below(&s->rng, 10000);
	for (size_t i = 0; i < s->count; i++) {
		char *buf = malloc(SLOT_SIZE);

		if (buf == NULL)
			error(1, errno, "stream");
		text_init(&s->slots[i].text, buf, SLOT_SIZE);
	}
	return s;
}

void
stream_free(struct stream *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->slots[i].text.buf);
	free(s->slots);
	free(s);
}

/* Writes the next line of a slot, all of them if whole; frees an empty one. */
static void
write_lines(struct stream *s, struct slot *slot, bool whole)
{
	const char *at = slot->text.buf + slot->written;
	size_t len = slot->text.len - slot->written;

	if (!whole)
		len = (size_t)((const char *)memchr(at, '\n', len) - at) + 1;
	fwrite(at, 1, len, s->out);
	s->bytes += len;
	slot->written += len;
	if (slot->written == slot->text.len) {
		slot->pid = 0;
		s->open--;
	}
}

/* One of the slots in use. */
static struct slot *
pick(struct stream *s)
{
	unsigned skip = rng_below(&s->rng, s->open);

	for (size_t i = 0;; i++) {
		if (s->slots[i].pid != 0 && skip-- == 0)
			return &s->slots[i];
	}
}

void
stream_finish(struct stream *s)
{
	while (s->open > 1)
		write_lines(s, pick(s), false);
	if (s->open == 1)
		write_lines(s, pick(s), true);
}

void
stream_settle(struct stream *s, int32_t pid)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->slots[i].pid == pid)
			write_lines(s, &s->slots[i], true);
	}
}

static struct slot *
take_slot(struct stream *s, int32_t pid)
{
	struct slot *slot = s->slots;

	while (s->open == s->count)
		write_lines(s, pick(s), !s->storm);
	while (slot->pid != 0)
		slot++;
	slot->pid = pid;
	slot->written = 0;
	text_init(&slot->text, slot->text.buf, SLOT_SIZE);
	s->open++;
	return slot;
}

const struct records *
stream_open(struct stream *s, int32_t pid, int64_t entered, int64_t now)
{
	if (now - s->last > WRITE_TIME_US)
		stream_finish(s);
	stream_settle(s, pid);
	s->last = now;
	s->current = take_slot(s, pid);
	s->records = (struct records){
	    .text = &s->current->text,
	    .style = s->style,
	    .ms = entered / TICK_US * (TICK_US / 1000),
	    .serial = s->serial++,
	};
	return &s->records;
}

void
stream_close(struct stream *s)
{
	assert(text_ok(&s->current->text));
	if (s->storm) {
		/* The rest when the slot is needed, or the process goes on. */
		write_lines(s, s->current, false);
		return;
	}
	if (!rng_chance(&s->rng, INTERLEAVED)) {
		stream_finish(s);
		return;
	}
	/* Some lines now, the rest when others have something to say, too. */
	for (uint32_t n = rng_below(&s->rng, 8); n > 0 && s->open > 0; n--)
		write_lines(s, pick(s), false);
}

void
stream_daemon(struct stream *s, int64_t now, bool starts)
{
	struct slot *slot;

	stream_finish(s);
	slot = take_slot(s, 1);
	records_daemon(
	    &(struct records){
		.text = &slot->text,
		.style = s->style,
		.ms = now / 1000,
		.serial = s->daemon_serial++,
	    },
	    starts);
	write_lines(s, slot, true);
}

uint64_t
stream_bytes(const struct stream *s)
{
	return s->bytes;
}
