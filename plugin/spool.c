/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "spool_impl.h"

/*
 * So many segments make up the allowed size, so that not much is dropped at
 * once; but none is so small that there are very many, nor so large that it
 * takes long to read one through.
 */
#define PARTS            16
#define SEGMENT_SIZE_MIN (64 * 1024)
#define SEGMENT_SIZE_MAX (16 * 1024 * 1024)

static uint64_t
max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t
min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void
set_limits(struct spool *s, const struct spool_limits *limits)
{
	s->limits = *limits;
	s->segment_size = min_u64(limits->size,
	    min_u64(max_u64(limits->size / PARTS, SEGMENT_SIZE_MIN),
		SEGMENT_SIZE_MAX));
}

static struct spool *
spool_new(const struct spool_limits *limits)
{
	struct spool *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	set_limits(s, limits);
	s->fd = s->cursor.fd = s->reader.fd = -1;
	/* Not cleared by us: pages that are never used cost no memory. */
	s->gathered = malloc(limits->gathered);
	if (s->gathered != NULL && spool_reader_init(&s->reader) == 0)
		return s;
	free(s->gathered);
	free(s);
	return NULL;
}

static void
spool_free(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	spool_cursor_close(&s->cursor);
	spool_reader_free(&s->reader);
	spool_folder_close(&s->folder);
	free(s->gathered);
	free(s->segment);
	free(s);
}

struct spool *
spool_open(const char *path, const struct spool_limits *limits, int64_t now_ms,
    struct err *err)
{
	struct spool *s = spool_new(limits);

	if (s == NULL) {
		err_errno(err, "%s", path);
		return NULL;
	}
	s->seen_ms = now_ms;
	if (spool_folder_open(&s->folder, path, err) == 0 &&
	    spool_recover(s, now_ms, err) == 0)
		return s;
	spool_free(s);
	return NULL;
}

void
spool_set(struct spool *s, const struct spool_limits *limits)
{
	/* What is there stays, also if it is more. */
	size_t before = s->limits.gathered;
	size_t size = max_u64(limits->gathered, s->len);
	char *other = realloc(s->gathered, size);

	set_limits(s, limits);
	if (other != NULL)
		s->gathered = other;
	else if (before < limits->gathered)
		s->limits.gathered = before;
}

void
spool_close(struct spool *s, int64_t now_ms)
{
	if (s == NULL)
		return;
	s->error = 0; /* a last try need not wait */
	spool_write(s, now_ms);
	spool_end_segment(s);
	spool_save(s, true, now_ms);
	spool_folder_sync(&s->folder);
	spool_free(s);
}

struct spool_segment *
spool_last(struct spool *s)
{
	return &s->segment[s->n - 1];
}

int
spool_add(struct spool *s, const struct spool_segment *segment)
{
	if (s->n == s->room) {
		size_t room = s->room > 0 ? 2 * s->room : 2 * PARTS;
		struct spool_segment *longer =
		    reallocarray(s->segment, room, sizeof(*longer));

		if (longer == NULL)
			return -1;
		s->segment = longer;
		s->room = room;
	}
	s->segment[s->n++] = *segment;
	s->total += segment->size;
	return 0;
}

/* The reader goes to the start of this segment, or of the next to be made. */
static void
read_from(struct spool *s, size_t i)
{
	s->reading = i;
	spool_reader_start(
	    &s->reader, i < s->n ? s->segment[i].first : s->next);
}

void
spool_remove(struct spool *s, int64_t now_ms)
{
	struct spool_segment gone = s->segment[0];

	spool_save(s, true, now_ms);
	if (s->n == 1 && s->fd >= 0) {
		close(s->fd);
		s->fd = -1;
		s->unsynced = false;
	}
	if (spool_folder_remove(&s->folder, gone.first) != 0)
		log_warn("cannot remove a segment in %s", s->folder.path);
	s->n--;
	memmove(s->segment, s->segment + 1, s->n * sizeof(s->segment[0]));
	s->total -= gone.size;
	s->error = 0; /* there is room again */
	if (s->reading > 0)
		s->reading--;
	else
		read_from(s, 0);
}

/* The records from here on are no more; what comes next was put by until. */
static void
lose(struct spool *s, uint64_t end, int64_t since_ms, int64_t until_ms)
{
	if (s->place.lost.count == 0)
		log_warnx("spool %s: records are lost", s->folder.path);
	spool_add_dropped(&s->place.lost, end - s->place.done,
	    since_ms < until_ms ? since_ms : until_ms, until_ms);
	s->place.done = end;
	s->moved = true;
}

void
spool_pass(struct spool *s)
{
	int64_t since_ms = s->place.oldest_ms;

	for (size_t i = 0; i < s->n; i++) {
		const struct spool_segment *seg = &s->segment[i];

		if (s->place.done < seg->first)
			lose(s, seg->first, since_ms, seg->first_ms);
		if (s->place.done < seg->end)
			return;
		since_ms = seg->first_ms;
	}
}

void
spool_save(struct spool *s, bool synced, int64_t now_ms)
{
	struct spool_place place = s->place;
	bool failed = false;

	place.oldest_ms = s->n > 0 ? s->segment[0].first_ms : now_ms;
	spool_add_dropped(
	    &place.lost, s->doubt.count, s->doubt.since_ms, s->doubt.until_ms);
	if (s->moved) {
		failed =
		    spool_cursor_write(&s->cursor, &s->folder, &place) != 0;
		s->moved = failed;
		s->cursor_unsynced = s->cursor_unsynced || !failed;
		s->moved_ms = now_ms;
	}
	if (synced && !failed && s->cursor_unsynced) {
		failed = spool_cursor_sync(&s->cursor) != 0;
		s->cursor_unsynced = failed;
	}
	if (failed && !s->cursor_failed)
		log_warn("cannot write %s/cursor", s->folder.path);
	s->cursor_failed = failed;
}

/* What was to be there from the reader's place on is not. */
static void
give_up_rest(struct spool *s)
{
	struct spool_segment *seg = &s->segment[s->reading];

	log_warnx("%s/%016" PRIu64 ".spool is damaged at byte %" PRIu64,
	    s->folder.path, seg->first, s->reader.offset);
	seg->end = s->reader.number;
	/* Numbers go on, in a segment that is not damaged. */
	if (s->reading == s->n - 1)
		spool_end_segment(s);
	spool_pass(s);
}

/* One step of the reader. END: nothing can be read now. */
static enum spool_reader_found
read_step(struct spool *s, struct spool_record *record)
{
	const struct spool_segment *seg;
	enum spool_reader_found found;

	if (s->reading >= s->n)
		return SPOOL_READER_END;
	seg = &s->segment[s->reading];
	if (s->reader.number >= seg->end) {
		/* The next one may be made yet. */
		if (s->reading == s->n - 1 && s->fd >= 0)
			return SPOOL_READER_END;
		read_from(s, s->reading + 1);
		return SPOOL_READER_BAD;
	}
	found = spool_reader_next(
	    &s->reader, &s->folder, seg->first, seg->size, record);
	if (found == SPOOL_READER_RECORD)
		return found;
	if (found == SPOOL_READER_FAILED) {
		if (!s->misread)
			log_warn("cannot read from %s", s->folder.path);
		s->misread = true;
		return SPOOL_READER_END;
	}
	give_up_rest(s);
	return SPOOL_READER_BAD;
}

bool
spool_next(struct spool *s, struct bytes *record)
{
	struct spool_record r;

	for (;;) {
		switch (read_step(s, &r)) {
		case SPOOL_READER_RECORD:
			break;
		case SPOOL_READER_BAD:
			continue;
		case SPOOL_READER_END:
		case SPOOL_READER_FAILED:
			return false;
		}
		s->misread = false;
		if (s->reader.number <= s->place.done)
			continue;
		s->handed++;
		*record = r.payload;
		return true;
	}
}

void
spool_done(struct spool *s, uint64_t n)
{
	uint64_t dropped = min_u64(n, s->doubt.count);

	assert(n <= s->handed);
	if (n == 0)
		return;
	s->handed -= n;
	s->doubt.count -= dropped;
	n -= dropped;
	s->moved = true;
	for (size_t i = 0; n > 0; i++) {
		const struct spool_segment *seg = &s->segment[i];
		uint64_t here;

		if (seg->end <= s->place.done)
			continue;
		here = min_u64(n, seg->end - s->place.done);
		s->place.done += here;
		n -= here;
		spool_pass(s);
	}
}

void
spool_read_again(struct spool *s)
{
	size_t i = 0;

	while (i < s->n && s->segment[i].end <= s->place.done)
		i++;
	/* The last one may get more. */
	if (i > 0 && i == s->n)
		i--;
	read_from(s, i);
}

void
spool_rewind(struct spool *s)
{
	if (s->handed == 0)
		return;
	if (s->doubt.count > 0)
		s->moved = true;
	spool_add_dropped(&s->place.lost, s->doubt.count, s->doubt.since_ms,
	    s->doubt.until_ms);
	s->doubt.count = 0;
	s->handed = 0;
	spool_read_again(s);
}

bool
spool_waits(const struct spool *s)
{
	return spool_count(s) > s->handed;
}

uint64_t
spool_count(const struct spool *s)
{
	uint64_t n = s->records;

	for (size_t i = 0; i < s->n; i++) {
		const struct spool_segment *seg = &s->segment[i];
		uint64_t from = max_u64(seg->first, s->place.done);

		n += seg->end > from ? seg->end - from : 0;
	}
	return n;
}

uint64_t
spool_dropped(const struct spool *s)
{
	return s->place.lost.count;
}

bool
spool_take_dropped(struct spool *s, struct spool_dropped *d)
{
	if (s->place.lost.count == 0)
		return false;
	*d = s->place.lost;
	s->place.lost = (struct spool_dropped){0};
	s->moved = true;
	return true;
}
