/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "waits.h"

#include "log.h"
#include "spool_impl.h"

/* The cursor is written once in so long; so much may be sent twice. */
#define CURSOR_MS 200

/*
 * After a failure, so long till the next try: on a full disk each costs the
 * file system much.
 */
#define RETRY_MS 1000

/* When nothing waits, so much of the memory for it at most has pages. */
#define KEPT (1024 * 1024)

/* It is written to at each turn: a time that passes at once did not pass. */
#define STEP_MS (10 * 60 * 1000)

/* A segment spans such a part of the allowed age at most. */
#define AGE_PARTS 16

bool
spool_put(struct spool *s, struct bytes head, struct bytes line, int64_t now_ms)
{
	size_t len = head.len + line.len;
	char *at = s->gathered + s->len;

	if (len == 0 || len > spool_room(s))
		return false;
	if (head.len > 0)
		memcpy(at + SPOOL_FRAME_SIZE, head.at, head.len);
	if (line.len > 0)
		memcpy(at + SPOOL_FRAME_SIZE + head.len, line.at, line.len);
	spool_put_frame(at, len, s->next++, now_ms);
	s->records++;
	s->len += SPOOL_FRAME_SIZE + len;
	if (s->len > s->touched)
		s->touched = s->len;
	return true;
}

size_t
spool_gathered(const struct spool *s)
{
	return s->len;
}

uint64_t
spool_unwritten(const struct spool *s)
{
	return s->records;
}

size_t
spool_room(const struct spool *s)
{
	size_t used = s->len + SPOOL_FRAME_SIZE, room;

	if (s->limits.gathered <= used)
		return 0;
	room = s->limits.gathered - used;
	return room < SPOOL_RECORD_MAX ? room : SPOOL_RECORD_MAX;
}

/* 0, or -1 with errno. */
static int
sync_all(struct spool *s)
{
	if (s->fd >= 0 && s->unsynced) {
		if (fdatasync(s->fd) != 0)
			return -1;
		s->unsynced = false;
	}
	return spool_folder_sync(&s->folder);
}

void
spool_end_segment(struct spool *s)
{
	if (s->fd < 0)
		return;
	if (sync_all(s) != 0)
		log_warn("cannot sync %s", s->folder.path);
	close(s->fd);
	s->fd = -1;
	s->unsynced = false;
	if (spool_last(s)->size > 0)
		return;
	/* Not even its head could be written. */
	spool_folder_remove(&s->folder, spool_last(s)->first);
	s->n--;
}

static int
make_file(struct spool *s, uint64_t first)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	char name[SPOOL_NAME_SIZE];
	int fd;

	spool_folder_name(name, first);
	fd = openat(spool_folder_fd(&s->folder), name, flags, 0600);
	if (fd >= 0 || errno != EEXIST)
		return fd;
	/* One that could not be removed. */
	if (spool_folder_set_aside(&s->folder, first) != 0)
		return -1;
	return openat(spool_folder_fd(&s->folder), name, flags, 0600);
}

/* Begins a segment for what was gathered. 0, or -1 with errno. */
static int
begin_segment(struct spool *s)
{
	uint64_t first = s->next - s->records;
	int64_t ms = spool_record_time(s->gathered);
	int fd = make_file(s, first);

	if (fd < 0)
		return -1;
	s->folder.unsynced = true;
	if (spool_add(s, &(struct spool_segment){.first = first,
			     .end = first,
			     .first_ms = ms,
			     .last_ms = ms}) != 0) {
		close(fd);
		spool_folder_remove(&s->folder, first);
		return -1;
	}
	s->fd = fd;
	if (s->reading == s->n - 1)
		spool_reader_start(&s->reader, first);
	spool_pass(s);
	return 0;
}

/* How many of the first max gathered bytes are whole records, and those. */
static size_t
whole_records(const struct spool *s, size_t max, uint64_t *n)
{
	size_t len = 0;

	*n = 0;
	while (max - len > SPOOL_FRAME_SIZE) {
		size_t size = spool_record_size(s->gathered + len);

		if (size > max - len)
			break;
		len += size;
		++*n;
	}
	return len;
}

/* How much of what was gathered goes into the last segment; 0: nothing. */
static size_t
next_write(struct spool *s)
{
	const struct spool_segment *last = spool_last(s);
	uint64_t used = last->size > 0 ? last->size : SPOOL_HEAD_SIZE;
	uint64_t room = s->segment_size > used ? s->segment_size - used : 0;
	uint64_t n;
	size_t len =
	    whole_records(s, room < s->len ? (size_t)room : s->len, &n);

	/* One record alone may be longer than any segment. */
	if (len == 0 && last->size == 0)
		len = spool_record_size(s->gathered);
	return len;
}

/* Writes both parts at offset; returns how much went, errno if not all. */
static size_t
write_at(int fd, struct iovec v[2], uint64_t offset)
{
	size_t done = 0;

	while (v[0].iov_len + v[1].iov_len > 0) {
		ssize_t n = pwritev(fd, v, 2, (off_t)(offset + done));
		size_t left;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
		left = (size_t)n;
		for (int i = 0; i < 2; i++) {
			size_t part = left < v[i].iov_len ? left : v[i].iov_len;

			if (part == 0)
				continue;
			v[i].iov_base = (char *)v[i].iov_base + part;
			v[i].iov_len -= part;
			left -= part;
		}
	}
	return done;
}

/* What waits no more goes, and the pages that only much of it needs. */
static void
forget(struct spool *s, size_t len, uint64_t n)
{
	char *other;

	s->len -= len;
	s->records -= n;
	memmove(s->gathered, s->gathered + len, s->len);
	if (s->len > 0 || s->touched <= KEPT)
		return;
	other = malloc(s->limits.gathered);
	if (other == NULL)
		return;
	free(s->gathered);
	s->gathered = other;
	s->touched = 0;
}

/* The last segment has n records more, which are len bytes gathered. */
static void
extend(struct spool *s, size_t head, size_t len, uint64_t n, int64_t now_ms)
{
	struct spool_segment *last = spool_last(s);

	last->size += head + len;
	s->total += head + len;
	last->end += n;
	last->last_ms = now_ms;
	if (!s->unsynced)
		s->unsynced_ms = now_ms;
	s->unsynced = true;
}

/*
 * Writes the first len gathered bytes to the last segment. What went in part
 * is cut away, and waits on; if it can't be cut it is written over. 0, or -1
 * with errno.
 */
static int
write_records(struct spool *s, size_t len, int64_t now_ms)
{
	const struct spool_segment *last = spool_last(s);
	char at[SPOOL_HEAD_SIZE];
	size_t head = last->size == 0 ? sizeof(at) : 0;
	struct iovec v[2] = {{at, head}, {s->gathered, len}};
	size_t wrote, whole;
	uint64_t n;
	int saved;

	spool_put_head(at, &(struct spool_head){last->first, last->first_ms});
	wrote = write_at(s->fd, v, last->size);
	saved = errno;
	whole = whole_records(s, wrote > head ? wrote - head : 0, &n);
	if (n > 0)
		extend(s, head, whole, n, now_ms);
	forget(s, whole, n);
	if (wrote == head + len)
		return 0;
	if (ftruncate(s->fd, (off_t)last->size) != 0)
		log_debug("what was written in part can't be cut away, and is "
			  "written over");
	errno = saved;
	return -1;
}

/* Removes the oldest segment, whatever is in it. */
static void
drop(struct spool *s, int64_t now_ms)
{
	const struct spool_segment *seg = &s->segment[0];
	uint64_t done = s->place.done, handed = 0;

	if (done < seg->end) {
		if (s->reading > 0)
			handed = seg->end - done;
		else if (s->reader.number > done)
			handed = s->reader.number - done;
		if (s->place.lost.count == 0)
			log_warnx("spool %s: full, the oldest records are lost",
			    s->folder.path);
		spool_add_dropped(
		    &s->doubt, handed, seg->first_ms, seg->last_ms);
		spool_add_dropped(&s->place.lost, seg->end - done - handed,
		    seg->first_ms, seg->last_ms);
		s->place.done = seg->end;
		s->moved = true;
		spool_pass(s);
	}
	spool_remove(s, now_ms);
}

/* Room for len more bytes; the segment that is written to stays. */
static void
make_room(struct spool *s, size_t len, int64_t now_ms)
{
	while (s->total + len > s->limits.size && s->n > (s->fd >= 0 ? 1 : 0))
		drop(s, now_ms);
}

/* True if the last segment began so long ago that another should follow. */
static bool
is_long(struct spool *s, int64_t now_ms)
{
	const struct spool_segment *last = spool_last(s);

	return last->size > 0 &&
	       now_ms - last->first_ms > s->limits.max_age_ms / AGE_PARTS;
}

static int
write_gathered(struct spool *s, int64_t now_ms)
{
	while (s->len > 0) {
		size_t len = 0;

		if (s->fd >= 0 && !is_long(s, now_ms))
			len = next_write(s);
		if (len == 0) {
			spool_end_segment(s);
			if (begin_segment(s) != 0)
				return -1;
			continue;
		}
		make_room(s, len + SPOOL_HEAD_SIZE, now_ms);
		if (write_records(s, len, now_ms) == 0)
			continue;
		/* A limit to the size of files: a new one may have room. */
		if (errno != EFBIG || spool_last(s)->size == 0)
			return -1;
		spool_end_segment(s);
	}
	return 0;
}

/*
 * When the clock was set, as where there is none until a server is asked, what
 * waits is not older for that.
 */
static void
note_step(struct spool *s, int64_t now_ms)
{
	int64_t step = now_ms - s->seen_ms;

	s->seen_ms = now_ms;
	if (step >= 0 && step < STEP_MS)
		return;
	for (size_t i = 0; i < s->n; i++) {
		s->segment[i].first_ms += step;
		s->segment[i].last_ms += step;
	}
}

/* Removes what is too old, too much, or done with. */
static void
tidy(struct spool *s, int64_t now_ms)
{
	while (
	    s->n > 0 && now_ms - s->segment[0].last_ms > s->limits.max_age_ms)
		drop(s, now_ms);
	make_room(s, 0, now_ms);
	while (
	    s->n > (s->fd >= 0 ? 1 : 0) && s->segment[0].end <= s->place.done)
		spool_remove(s, now_ms);
}

int
spool_write(struct spool *s, int64_t now_ms)
{
	int rc, saved;

	note_step(s, now_ms);
	if (s->error == 0 || wait_is_over(s->error_ms, RETRY_MS, now_ms)) {
		s->error = write_gathered(s, now_ms) != 0 ? errno : 0;
		s->error_ms = now_ms;
	}
	saved = s->error;
	rc = saved != 0 ? -1 : 0;
	tidy(s, now_ms);
	if (s->unsynced &&
	    wait_is_over(s->unsynced_ms, s->limits.sync_ms, now_ms) &&
	    sync_all(s) != 0) {
		saved = errno;
		rc = -1;
	}
	if (s->moved && wait_is_over(s->moved_ms, CURSOR_MS, now_ms))
		spool_save(s, false, now_ms);
	errno = saved;
	return rc;
}
