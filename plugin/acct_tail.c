/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acct_file.h"
#include "acct_places.h"
#include "acct_record.h"
#include "log.h"

/* Of one read; and how many a call may take where few are records. */
#define CHUNK     (64 * 1024)
#define READS_MAX 16

/*
 * How long a file we went on from is still read. Whoever dies just while
 * acct(2) changes files may write to the old one when others have written to
 * the new one already (kernel/acct.c: acct_on() changes the file first and
 * then waits for who holds the old one's lock).
 */
#define LINGER_MS 2000

/* A file that is away, with no new one and no record, is told after this. */
#define GONE_MS 30000

/* Own mode: when a failed change of files is tried again. */
#define ROTATE_RETRY_MS 60000

/* Own mode: the file before the present one, until it is read. */
#define OWN_OLD_SUFFIX ".0"

/*
 * cur is read to its end; then we go on from it to a place whose file has
 * grown. old is what we last went on from, while it lingers.
 */
struct acct_tail {
	const struct settings *s;
	struct acct_places places;
	struct acct_file cur, old;
	/*
	 * cur was already rotated away when we started, so other rotated
	 * files may lie between it and the places.
	 */
	bool behind;
	int64_t lingers_since, retry_ms;
	int64_t alive_ms; /* when a place had a file, or cur a record, last */
	bool gone_told;
	bool own_changed; /* acct(2) has the new file; cur is the old one */
	bool own_failed;  /* changing files failed, which was logged */
	char own_old[PATH_MAX];
	unsigned trouble;
	unsigned char chunk[CHUNK];
};

/* What one acct_tail_read() was asked, has done, and has used up. */
struct reading {
	int64_t now_ms;
	acct_fact_fn fn;
	void *ctx;
	unsigned records, reads;
};

/* False also when the clock was set back, so that no wait gets long. */
static bool
is_within(int64_t since_ms, int64_t ms, int64_t now_ms)
{
	return now_ms >= since_ms && now_ms - since_ms < ms;
}

/* Ends the reading of old; a place that still has it goes on from there. */
static void
drop_old(struct acct_tail *a)
{
	struct stat st;

	for (size_t i = 0; i < a->places.n; i++) {
		if (acct_place_has(&a->places.at[i], &a->old))
			a->places.at[i].base = a->old.offset;
	}
	if (a->s->acct.mode == ACCT_OWN && lstat(a->own_old, &st) == 0 &&
	    acct_file_is(&a->old, st.st_dev, st.st_ino))
		unlink(a->own_old);
	acct_file_close(&a->old);
}

static void
go_on(struct acct_tail *a, const struct acct_file *next, int64_t now_ms)
{
	drop_old(a);
	a->old = a->cur;
	a->lingers_since = now_ms;
	a->cur = *next;
	a->own_changed = false;
	a->places.stale = true;
}

/* Goes on to the file at place, if it is still the one we saw there. */
static bool
go_on_to(struct acct_tail *a, struct acct_place *place, int64_t now_ms)
{
	struct acct_file next;

	if (!acct_file_open(&next, place->path)) {
		if (!place->refused && errno != ENOENT)
			log_warn("accounting file %s", place->path);
		place->refused = true;
		return false;
	}
	if (!acct_place_has(place, &next)) {
		acct_file_close(&next);
		return false;
	}
	next.offset = place->base;
	go_on(a, &next, now_ms);
	return true;
}

/* With no file at all any place will do, else one whose file has grown. */
static bool
is_successor(const struct acct_tail *a, const struct acct_place *place)
{
	if (!place->known || acct_place_has(place, &a->cur) ||
	    acct_place_has(place, &a->old))
		return false;
	return a->cur.fd < 0 || place->size > place->base;
}

/* The rotated file that was written after cur, if there is one. */
static bool
go_on_to_rotated(struct acct_tail *a, int64_t now_ms)
{
	const struct acct_place *place = a->places.at;
	struct acct_file next;

	while (place->path != a->cur.path)
		place++;
	if (!acct_file_find_next(&next, &a->cur, place->dev, place->ino))
		return false;
	go_on(a, &next, now_ms);
	return true;
}

/* cur is read to its end. True if there is another file to read now. */
static bool
go_on_to_next(struct acct_tail *a, int64_t now_ms)
{
	if (a->behind && go_on_to_rotated(a, now_ms))
		return true;
	a->behind = false;
	for (size_t i = 0; i < a->places.n; i++) {
		struct acct_place *place = &a->places.at[i];

		if (is_successor(a, place) && go_on_to(a, place, now_ms))
			return true;
	}
	return false;
}

/* Hands over the records of a chunk of n bytes; returns how many it used. */
static size_t
take_records(struct acct_tail *a, uint64_t offset, size_t n, struct reading *r)
{
	size_t at = 0;

	while (n - at >= ACCT_RECORD_SIZE) {
		const unsigned char *record = a->chunk + at;
		struct fact fact;

		switch (acct_record_decode(record, &fact)) {
		case ACCT_OK:
			fact.acct.offset = offset + at;
			fact.acct.read_ms = r->now_ms;
			r->records++;
			r->fn(r->ctx, &fact);
			at += ACCT_RECORD_SIZE;
			break;
		case ACCT_OLD_VERSION:
			a->trouble |= ACCT_TROUBLE_OLD_VERSION;
			at += ACCT_RECORD_SIZE;
			break;
		case ACCT_BAD:
			a->trouble |= ACCT_TROUBLE_MISALIGNED;
			at += acct_record_resync(record, n - at);
			break;
		}
	}
	return at;
}

/* Reads on in f. True when it is read to its end. */
static bool
read_file(struct acct_tail *a, struct acct_file *f, struct reading *r)
{
	struct stat st;

	if (fstat(f->fd, &st) == 0 && (uint64_t)st.st_size < f->offset) {
		a->trouble |= ACCT_TROUBLE_TRUNCATED;
		f->offset = 0;
	}
	for (; r->records < ACCT_TAIL_BATCH && r->reads < READS_MAX;
	     r->reads++) {
		size_t want = ACCT_RECORD_SIZE * (ACCT_TAIL_BATCH - r->records);
		ssize_t n = pread(f->fd, a->chunk, want < CHUNK ? want : CHUNK,
		    (off_t)f->offset);

		if (n < ACCT_RECORD_SIZE)
			return true;
		f->offset += take_records(a, f->offset, (size_t)n, r);
	}
	return false;
}

/* Sees what is where; true if there is a file at any place. */
static bool
look(struct acct_tail *a)
{
	bool any;

	acct_places_drain(&a->places);
	any = acct_places_look(&a->places, false);
	if (a->places.stale) {
		acct_places_watch(&a->places, &a->cur);
		/* The end of a watch is an event, too. */
		acct_places_drain(&a->places);
		any = acct_places_look(&a->places, false);
	}
	return any;
}

static void
notice_gone(struct acct_tail *a, bool any, const struct reading *r)
{
	if (any)
		a->gone_told = false;
	if (any || r->records > 0 || a->cur.fd < 0 || r->now_ms < a->alive_ms)
		a->alive_ms = r->now_ms;
	if (a->gone_told || r->now_ms - a->alive_ms < GONE_MS)
		return;
	a->gone_told = true;
	a->trouble |= ACCT_TROUBLE_GONE;
}

/* Makes the file of mode own if it is missing. */
static bool
own_create(const char *path)
{
	int fd = open(path,
	    O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/*
 * Lets the kernel write to a new file. A file can't be cut without losing what
 * is written between the last read and the cut, so the old one is renamed,
 * read to its end as any rotated one is, and then deleted. A step that an
 * earlier try has done is left out.
 */
static bool
own_change(struct acct_tail *a)
{
	const struct acct_place *place = &a->places.at[0];

	if (acct_place_has(place, &a->cur) &&
	    rename(place->path, a->own_old) < 0)
		return false;
	return own_create(place->path) && acct(place->path) == 0;
}

/* Changes files when the present one is large, or was taken away. */
static void
own_limit_size(struct acct_tail *a, int64_t now_ms)
{
	const struct acct_place *place = &a->places.at[0];

	if (place->known && a->cur.offset < a->s->acct.own_size)
		return;
	if (a->old.fd >= 0 || a->behind || a->own_changed)
		return;
	if (a->own_failed && is_within(a->retry_ms, ROTATE_RETRY_MS, now_ms))
		return;
	a->own_changed = own_change(a);
	if (!a->own_changed && !a->own_failed)
		log_warn(
		    "cannot change to a new accounting file %s", place->path);
	a->own_failed = !a->own_changed;
	a->retry_ms = now_ms;
}

static int
own_open(struct acct_tail *a, struct err *err)
{
	const char *path = a->s->acct.own_file;
	int n = snprintf(
	    a->own_old, sizeof(a->own_old), "%s%s", path, OWN_OLD_SUFFIX);

	if (n < 0 || (size_t)n >= sizeof(a->own_old))
		return err_set(err, "acct.own_file is too long");
	if (!own_create(path))
		return err_errno(err, "accounting file %s", path);
	acct_places_add(&a->places, path);
	return 0;
}

/* Switches accounting on, now that we know where to go on reading. */
static int
own_start(struct acct_tail *a, struct err *err)
{
	const struct acct_place *place = &a->places.at[0];

	a->own_changed = !acct_place_has(place, &a->cur);
	if (!a->own_changed && unlink(a->own_old) < 0 && errno != ENOENT)
		return err_errno(err, "cannot delete %s", a->own_old);
	if (acct(place->path) < 0)
		return err_errno(err, "acct(2) on %s", place->path);
	return 0;
}

static int
add_places(struct acct_tail *a, struct err *err)
{
	const struct settings *s = a->s;

	if (s->acct.mode == ACCT_OFF)
		return 0;
	if (s->acct.mode == ACCT_OWN)
		return own_open(a, err);
	for (size_t i = 0; i < s->acct.nfiles; i++) {
		if (!acct_places_add(&a->places, s->acct.files[i]))
			return err_set(
			    err, "acct.files: more than %d", ACCT_PLACES_MAX);
	}
	return 0;
}

/* Opens what was read before, at its path or rotated away since. */
static bool
resume(struct acct_tail *a, const struct acct_position *from)
{
	for (size_t i = 0; i < a->places.n; i++) {
		const char *path = a->places.at[i].path;

		if (!acct_file_open(&a->cur, path))
			continue;
		if (acct_file_is(&a->cur, from->dev, from->ino))
			return true;
		acct_file_close(&a->cur);
	}
	for (size_t i = 0; i < a->places.n; i++) {
		struct acct_place *place = &a->places.at[i];

		if (!acct_file_find(&a->cur, place->path, from->dev, from->ino))
			continue;
		a->behind = true;
		place->base = 0;
		return true;
	}
	return false;
}

/* Opens the file to begin with, if there is one. 0, or -1 with err. */
static int
start(struct acct_tail *a, const struct acct_position *from, struct err *err)
{
	acct_places_look(&a->places, true);
	if (from != NULL && (from->dev != 0 || from->ino != 0)) {
		if (resume(a, from)) {
			a->cur.offset = from->offset;
			return 0;
		}
		a->trouble |= ACCT_TROUBLE_TRUNCATED;
	}
	for (size_t i = 0; i < a->places.n; i++) {
		struct acct_place *place = &a->places.at[i];

		if (acct_file_open(&a->cur, place->path)) {
			if (acct_place_has(place, &a->cur))
				a->cur.offset = place->base;
			return 0;
		}
		if (errno == EINVAL || errno == ELOOP)
			return err_set(err,
			    "accounting file %s is not a regular file",
			    place->path);
		if (errno != ENOENT && errno != ENOTDIR)
			return err_errno(
			    err, "accounting file %s", place->path);
	}
	return 0;
}

struct acct_tail *
acct_tail_open(
    const struct settings *s, const struct acct_position *from, struct err *err)
{
	struct acct_tail *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		err_errno(err, "accounting file");
		return NULL;
	}
	a->s = s;
	a->alive_ms = INT64_MAX; /* the first call sets it */
	a->cur = a->old = ACCT_FILE_NONE;
	acct_places_init(&a->places);
	if (add_places(a, err) < 0 || start(a, from, err) < 0 ||
	    (s->acct.mode == ACCT_OWN && own_start(a, err) < 0)) {
		acct_tail_close(a);
		return NULL;
	}
	acct_places_watch(&a->places, &a->cur);
	return a;
}

void
acct_tail_close(struct acct_tail *a)
{
	if (a == NULL)
		return;
	acct_file_close(&a->old);
	acct_file_close(&a->cur);
	acct_places_fini(&a->places);
	free(a);
}

int
acct_tail_fd(const struct acct_tail *a)
{
	return a->places.inotify;
}

unsigned
acct_tail_read(struct acct_tail *a, int64_t now_ms, acct_fact_fn fn, void *ctx)
{
	struct reading r = {.now_ms = now_ms, .fn = fn, .ctx = ctx};
	/*
	 * Before cur is read: what cur got before another file had grown is
	 * read before we go on to that one.
	 */
	bool any = look(a);

	if (a->old.fd >= 0 && read_file(a, &a->old, &r) &&
	    !is_within(a->lingers_since, LINGER_MS, now_ms))
		drop_old(a);
	while (a->cur.fd < 0 || read_file(a, &a->cur, &r)) {
		if (!go_on_to_next(a, now_ms))
			break;
	}
	notice_gone(a, any, &r);
	if (a->s->acct.mode == ACCT_OWN)
		own_limit_size(a, now_ms);
	return r.records;
}

bool
acct_tail_is_open(const struct acct_tail *a)
{
	return a->cur.fd >= 0;
}

unsigned
acct_tail_take_trouble(struct acct_tail *a)
{
	unsigned trouble = a->trouble;

	a->trouble = 0;
	return trouble;
}

struct acct_position
acct_tail_position(const struct acct_tail *a)
{
	if (a->cur.fd < 0)
		return (struct acct_position){0};
	return (struct acct_position){a->cur.dev, a->cur.ino, a->cur.offset};
}

const char *
acct_tail_path(const struct acct_tail *a)
{
	return a->cur.path;
}
