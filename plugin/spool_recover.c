/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "spool_impl.h"

/* A segment's file, as it was found. */
struct found {
	int fd;
	uint64_t first; /* by its name */
	uint64_t size;
	bool last;
};

/* n records from first on can't be read; those that were done are no loss. */
static void
count_lost(struct spool *s, uint64_t first, uint64_t n, int64_t since_ms,
    int64_t now_ms)
{
	uint64_t end = first + n;
	uint64_t from = first > s->place.done ? first : s->place.done;

	if (from >= end)
		return;
	spool_add_dropped(&s->place.lost, end - from,
	    since_ms < now_ms ? since_ms : now_ms, now_ms);
	/* Before it is cut: rather told twice than not at all. */
	s->moved = true;
	spool_save(s, true, now_ms);
}

/* Of one that is followed by another the numbers tell what it had. */
static int
set_aside(
    struct spool *s, const struct found *f, int64_t now_ms, struct err *err)
{
	log_warnx("%s/%016" PRIu64 ".spool is damaged and set aside",
	    s->folder.path, f->first);
	if (f->last)
		count_lost(s, f->first,
		    spool_reader_count(f->fd, SPOOL_HEAD_SIZE, f->size),
		    s->n > 0 ? spool_last(s)->last_ms : s->place.oldest_ms,
		    now_ms);
	if (spool_folder_set_aside(&s->folder, f->first) == 0)
		return 0;
	return err_errno(err, "cannot rename %s/%016" PRIu64 ".spool",
	    s->folder.path, f->first);
}

static int
take_file(
    struct spool *s, const struct found *f, int64_t now_ms, struct err *err)
{
	char at[SPOOL_HEAD_SIZE];
	struct spool_head head;
	enum spool_read read = SPOOL_READ_BAD;

	/* We were killed before its first write was done. */
	if (f->size < sizeof(at) &&
	    spool_folder_remove(&s->folder, f->first) == 0)
		return 0;
	if (pread(f->fd, at, sizeof(at), 0) == sizeof(at))
		read = spool_get_head(at, &head);
	if (read == SPOOL_READ_NEWER)
		return err_set(err,
		    "%s/%016" PRIu64 ".spool is of a newer version",
		    s->folder.path, f->first);
	if (read == SPOOL_READ_BAD || head.first != f->first)
		return set_aside(s, f, now_ms, err);
	if (spool_add(s, &(struct spool_segment){.first = f->first,
			     .end = f->first,
			     .size = f->size,
			     .first_ms = head.time_ms,
			     .last_ms = head.time_ms}) == 0)
		return 0;
	return err_errno(err, "%s", s->folder.path);
}

static int
take_name(
    struct spool *s, uint64_t first, bool last, int64_t now_ms, struct err *err)
{
	struct found f = {.first = first, .last = last};
	char name[SPOOL_NAME_SIZE];
	struct stat st;
	int rc;

	spool_folder_name(name, first);
	f.fd = openat(spool_folder_fd(&s->folder), name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (f.fd < 0 || fstat(f.fd, &st) != 0) {
		err_errno(err, "cannot open %s/%s", s->folder.path, name);
		if (f.fd >= 0)
			close(f.fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		close(f.fd);
		return err_set(err, "%s/%s is no file", s->folder.path, name);
	}
	f.size = (uint64_t)st.st_size;
	rc = take_file(s, &f, now_ms, err);
	close(f.fd);
	return rc;
}

static int
take_segments(struct spool *s, int64_t now_ms, struct err *err)
{
	uint64_t *first;
	size_t n;
	int rc = 0;

	if (spool_folder_list(&s->folder, &first, &n) != 0)
		return err_errno(err, "folder %s", s->folder.path);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = take_name(s, first[i], i == n - 1, now_ms, err);
	free(first);
	/* Whether it has all that is reading's to find out. */
	for (size_t i = 0; i + 1 < s->n; i++) {
		s->segment[i].end = s->segment[i + 1].first;
		s->segment[i].last_ms = s->segment[i + 1].first_ms;
	}
	return rc;
}

/*
 * Makes ready to go on with the last segment, cut to what is whole of it. Who
 * was killed need not have synced it, nor its name.
 */
static void
go_on(struct spool *s, bool torn, int64_t now_ms)
{
	const struct spool_segment *last = spool_last(s);
	char name[SPOOL_NAME_SIZE];

	spool_folder_name(name, last->first);
	s->fd = openat(spool_folder_fd(&s->folder), name,
	    O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	s->folder.unsynced = s->unsynced = true;
	s->unsynced_ms = now_ms;
	if (s->fd < 0 || !torn)
		return;
	if (ftruncate(s->fd, (off_t)last->size) == 0 && fsync(s->fd) == 0)
		return;
	/* Then nothing is put behind it. */
	log_warn("cannot cut %s/%s", s->folder.path, name);
	close(s->fd);
	s->fd = -1;
}

/* Reads the last segment through. */
static int
look_through(struct spool *s, int64_t now_ms, struct err *err)
{
	struct spool_segment *last = spool_last(s);
	struct spool_reader *r = &s->reader;
	enum spool_reader_found found;
	struct spool_record record;
	uint64_t size = last->size;

	spool_reader_start(r, last->first);
	while ((found = spool_reader_next(r, &s->folder, last->first, size,
		    &record)) == SPOOL_READER_RECORD)
		last->last_ms = record.time_ms;
	if (found == SPOOL_READER_FAILED)
		return err_errno(err, "cannot read %s", s->folder.path);
	last->end = r->number;
	last->size = r->offset;
	s->total -= size - last->size;
	if (found == SPOOL_READER_BAD) {
		log_warnx("%s/%016" PRIu64 ".spool has a torn end, which is "
			  "cut away: %" PRIu64 " bytes",
		    s->folder.path, last->first, size - last->size);
		count_lost(s, last->end,
		    spool_reader_count(r->fd, r->offset, size), last->last_ms,
		    now_ms);
	}
	go_on(s, found == SPOOL_READER_BAD, now_ms);
	return 0;
}

static int
read_cursor(struct spool *s, struct err *err)
{
	switch (spool_cursor_open(&s->cursor, &s->folder, &s->place, err)) {
	case SPOOL_CURSOR_READ:
	case SPOOL_CURSOR_NONE:
		return 0;
	case SPOOL_CURSOR_BAD:
		log_warnx("%s/cursor is damaged: what was sent before is sent "
			  "again",
		    s->folder.path);
		return 0;
	case SPOOL_CURSOR_FAILED:
		break;
	}
	return -1;
}

int
spool_recover(struct spool *s, int64_t now_ms, struct err *err)
{
	if (read_cursor(s, err) != 0 || take_segments(s, now_ms, err) != 0)
		return -1;
	if (s->place.done == 0)
		s->place.done = s->n > 0 ? s->segment[0].first : 1;
	if (s->n > 0 && look_through(s, now_ms, err) != 0)
		return -1;
	s->next = s->place.done;
	if (s->n > 0 && spool_last(s)->end > s->next)
		s->next = spool_last(s)->end;
	spool_pass(s);
	while (s->n > 0 && s->segment[0].end <= s->place.done)
		spool_remove(s, now_ms);
	spool_read_again(s);
	return 0;
}
