/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_tail.h"

#include <errno.h>
#include <stdlib.h>

#include "acct_file.h"
#include "acct_own.h"
#include "acct_places.h"
#include "acct_record.h"
#include "acct_space.h"
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

/*
 * cur is read to its end; then we go on from it to the next that was written.
 * old is what we last went on from, while it lingers.
 */
struct acct_tail {
	const struct settings *s;
	struct acct_places places;
	struct acct_file cur, old;
	/*
	 * Files came to the places, so that others may have been there and
	 * rotated away between two looks.
	 */
	bool search;
	int64_t lingers_since;
	int64_t alive_ms; /* when a place had a file, or cur a record, last */
	bool gone_told;
	bool own_changed; /* acct(2) has the new file; cur is the old one */
	bool holds_back;
	struct acct_own own;
	unsigned trouble;
	unsigned char chunk[CHUNK];
};

/* What one acct_tail_read() was asked, has done, and has used up. */
struct reading {
	int64_t now_ms, until_ms;
	uint64_t facts;
	acct_fact_fn fn;
	void *ctx;
	unsigned records, reads;
};

/* False if f was cut, which is told. */
static bool
note_size(struct acct_tail *a, struct acct_file *f, uint64_t size)
{
	if (acct_marks_note(&f->marks, size))
		return true;
	a->trouble |= ACCT_TROUBLE_TRUNCATED;
	return false;
}

/* As it was just seen; what is at a place need not be looked at again. */
static uint64_t
size_of(const struct acct_tail *a, const struct acct_file *f)
{
	for (size_t i = 0; i < a->places.n; i++) {
		if (acct_place_has(&a->places.at[i], f))
			return a->places.at[i].size;
	}
	return acct_file_size(f);
}

/* Sees up to where f is to be read. What was cut is read at once. */
static void
look_at(struct acct_tail *a, struct acct_file *f, const struct reading *r)
{
	uint64_t size;

	f->until = UINT64_MAX;
	if (f->fd < 0)
		return;
	acct_marks_look(&f->marks, r->now_ms, r->facts);
	if (r->until_ms == INT64_MAX)
		return;
	size = size_of(a, f);
	if (!note_size(a, f, size))
		return;
	f->until = acct_marks_after(&f->marks, r->until_ms);
	if (f->until < f->offset)
		f->until = f->offset;
	if (f->until >= size)
		f->until = UINT64_MAX;
}

/* Ends the reading of old; a place that still has it goes on from there. */
static void
drop_old(struct acct_tail *a)
{
	if (a->old.fd >= 0 && acct_file_rest(&a->old) > 0)
		a->trouble |= ACCT_TROUBLE_MISALIGNED; /* half a record */
	for (size_t i = 0; i < a->places.n; i++) {
		if (acct_place_has(&a->places.at[i], &a->old))
			a->places.at[i].base = a->old.offset;
	}
	acct_file_close(&a->old);
}

static void
go_on(
    struct acct_tail *a, const struct acct_file *next, const struct reading *r)
{
	drop_old(a);
	a->old = a->cur;
	a->lingers_since = r->now_ms;
	a->cur = *next;
	look_at(a, &a->cur, r);
	a->own_changed = false;
	a->search = true;
	a->places.stale = true;
}

/* Goes on to the file at place, if it is still the one we saw there. */
static bool
go_on_to(struct acct_tail *a, struct acct_place *place, const struct reading *r)
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
	acct_file_seek(&next, place->base);
	go_on(a, &next, r);
	return true;
}

/*
 * With no file at all any place will do, else one whose file has grown; or
 * that of mode own, as nobody writes to the one before it any more.
 */
static bool
is_successor(const struct acct_tail *a, const struct acct_place *place)
{
	if (!place->known || acct_place_has(place, &a->cur) ||
	    acct_place_has(place, &a->old))
		return false;
	return a->cur.fd < 0 || a->own_changed || place->size > place->base;
}

/* One that can be opened; of several the one that was left first. */
static bool
is_better(const struct acct_place *place, const struct acct_place *best)
{
	if (place->refused != best->refused)
		return best->refused;
	return acct_file_is_before(&place->written, &best->written);
}

/* The place to go on to. */
static struct acct_place *
successor(struct acct_tail *a)
{
	struct acct_place *best = NULL;

	for (size_t i = 0; i < a->places.n; i++) {
		struct acct_place *place = &a->places.at[i];

		if (is_successor(a, place) &&
		    (best == NULL || is_better(place, best)))
			best = place;
	}
	return best;
}

/* What was written after cur and is none of those that we know. */
struct after_cur {
	const struct acct_tail *a;
	struct timespec written;
};

static bool
is_after_cur(const void *ctx, const struct stat *st)
{
	const struct after_cur *q = ctx;
	const struct acct_tail *a = q->a;

	if (st->st_size == 0 ||
	    !acct_file_is_before(&q->written, &st->st_mtim) ||
	    acct_file_is(&a->cur, st->st_dev, st->st_ino) ||
	    acct_file_is(&a->old, st->st_dev, st->st_ino))
		return false;
	for (size_t i = 0; i < a->places.n; i++) {
		const struct acct_place *at = &a->places.at[i];

		if (at->known && at->dev == st->st_dev && at->ino == st->st_ino)
			return false;
	}
	return true;
}

/* The rotated file that was written after cur, if there is one. */
static bool
go_on_to_rotated(struct acct_tail *a, const struct reading *r)
{
	struct after_cur q = {.a = a};
	struct acct_file next;
	struct stat st;

	if (a->cur.fd < 0 || fstat(a->cur.fd, &st) < 0)
		return false;
	q.written = st.st_mtim;
	if (!acct_file_find(&next, a->cur.path, is_after_cur, &q))
		return false;
	go_on(a, &next, r);
	return true;
}

/* cur is read to its end. True if there is another file to read now. */
static bool
go_on_to_next(struct acct_tail *a, const struct reading *r)
{
	struct acct_place *next = successor(a);

	if ((a->search || next != NULL) && go_on_to_rotated(a, r))
		return true;
	a->search = false;
	return next != NULL && go_on_to(a, next, r);
}

/* Hands over the records of a chunk of n bytes; returns how many it used. */
static size_t
take_records(
    struct acct_tail *a, const struct acct_file *f, size_t n, struct reading *r)
{
	size_t at = 0;

	while (n - at >= ACCT_RECORD_SIZE) {
		const unsigned char *record = a->chunk + at;
		struct fact fact;

		switch (acct_record_decode(record, &fact)) {
		case ACCT_OK:
			fact.acct.offset = f->offset + at;
			fact.acct.read_ms = r->now_ms;
			acct_marks_date(
			    &f->marks, fact.acct.offset, &fact.acct);
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
	for (; r->records < ACCT_TAIL_BATCH && r->reads < READS_MAX;
	     r->reads++) {
		uint64_t want =
		    ACCT_RECORD_SIZE * (ACCT_TAIL_BATCH - r->records);
		ssize_t n;

		if (want > CHUNK)
			want = CHUNK;
		if (f->until - f->offset < want)
			want = f->until - f->offset;
		if (want < ACCT_RECORD_SIZE) {
			a->holds_back = true;
			return false;
		}
		n = acct_file_read(f, a->chunk, want);
		if (n < 0) {
			a->trouble |= ACCT_TROUBLE_TRUNCATED;
			acct_file_cut(f);
			f->until = UINT64_MAX;
			continue;
		}
		if (n < ACCT_RECORD_SIZE) {
			note_size(a, f, f->offset + (uint64_t)n);
			return true;
		}
		acct_file_advance(
		    f, a->chunk, take_records(a, f, (size_t)n, r));
	}
	return false;
}

static bool
is_at_a_place(const struct acct_tail *a, const struct acct_file *f)
{
	for (size_t i = 0; i < a->places.n; i++) {
		if (acct_place_has(&a->places.at[i], f))
			return true;
	}
	return false;
}

/*
 * Reads on in what is open. True when all is read. An old file that is where
 * it was, and grows, may be the one that is written again.
 */
static bool
read_open(struct acct_tail *a, struct reading *r)
{
	unsigned before;
	struct acct_file f;

	if (a->cur.fd >= 0 && !read_file(a, &a->cur, r))
		return false;
	before = r->records;
	if (a->old.fd >= 0 && !read_file(a, &a->old, r))
		return false;
	if (r->records > before && is_at_a_place(a, &a->old)) {
		f = a->cur;
		a->cur = a->old;
		a->old = f;
		a->lingers_since = r->now_ms;
		a->places.stale = true;
	}
	return true;
}

/* Sees what is where; true if there is a file at any place. */
static bool
look(struct acct_tail *a)
{
	bool any;

	a->search = acct_places_drain(&a->places) || a->search;
	any = acct_places_look(&a->places);
	if (a->places.stale) {
		a->search = true;
		acct_places_watch(&a->places, &a->cur);
		/* The end of a watch is an event, too. */
		acct_places_drain(&a->places);
		any = acct_places_look(&a->places);
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

/* Changes files if the present one is large, or away; true if done. */
static bool
own_limit_size(struct acct_tail *a, int64_t now_ms)
{
	const struct acct_place *place = &a->places.at[0];

	/* one old file at a time; it is needed until it is read and done */
	if (place->known &&
	    (acct_file_size(&a->cur) < a->s->acct.own_size || a->own_changed ||
		(a->own.has_old && !a->own.failed)))
		return false;
	a->own_changed =
	    acct_own_change(&a->own, acct_place_has(place, &a->cur), now_ms);
	return a->own_changed;
}

/* Switches accounting on, now that we know where to go on reading. */
static int
own_start(struct acct_tail *a, struct err *err)
{
	a->own_changed = !acct_place_has(&a->places.at[0], &a->cur);
	return acct_own_start(&a->own, err);
}

static int
add_places(struct acct_tail *a, struct err *err)
{
	const struct settings *s = a->s;

	if (s->acct.mode == ACCT_OFF)
		return 0;
	if (s->acct.mode == ACCT_OWN) {
		acct_places_add(&a->places, s->acct.own_file);
		return acct_own_init(&a->own, s->acct.own_file, err);
	}
	for (size_t i = 0; i < s->acct.nfiles; i++) {
		if (!acct_places_add(&a->places, s->acct.files[i]))
			return err_set(
			    err, "acct.files: more than %d", ACCT_PLACES_MAX);
	}
	return 0;
}

static bool
is_position(const void *ctx, const struct stat *st)
{
	const struct acct_position *at = ctx;

	return at->dev == st->st_dev && at->ino == st->st_ino;
}

/* Opens what was read before, at its path or rotated away since. */
static bool
resume(struct acct_tail *a, struct acct_file *f, const struct acct_position *at)
{
	for (size_t i = 0; i < a->places.n; i++) {
		struct acct_place *place = &a->places.at[i];

		if (acct_file_open(f, place->path)) {
			if (acct_file_resume(f, at))
				return true;
			if (acct_file_is(f, at->dev, at->ino))
				place->base = 0; /* another of that number */
			acct_file_close(f);
		}
		if (acct_file_find(f, place->path, is_position, at)) {
			if (acct_file_resume(f, at))
				return true;
			acct_file_close(f);
		}
	}
	return false;
}

static bool
is_none(const struct acct_position *at)
{
	return at->dev == 0 && at->ino == 0;
}

/* Opens the files that were open; true if there is one to go on in. */
static bool
go_on_from(struct acct_tail *a, const struct acct_positions *from)
{
	if (from == NULL || from->n == 0 || is_none(&from->at[0]))
		return false;
	if (from->n > 1 && !is_none(&from->at[1]) &&
	    resume(a, &a->old, &from->at[1]))
		a->lingers_since = INT64_MAX; /* the first call sets it */
	if (resume(a, &a->cur, &from->at[0]))
		return true;
	a->trouble |= ACCT_TROUBLE_TRUNCATED;
	return false;
}

/* Opens the file to begin with, if there is one. 0, or -1 with err. */
static int
start(struct acct_tail *a, const struct acct_positions *from, struct err *err)
{
	acct_places_begin(&a->places, from);
	if (go_on_from(a, from))
		return 0;
	for (size_t i = 0; i < a->places.n; i++) {
		struct acct_place *place = &a->places.at[i];

		if (acct_file_open(&a->cur, place->path)) {
			if (acct_place_has(place, &a->cur))
				acct_file_seek(&a->cur, place->base);
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
acct_tail_open(const struct settings *s, const struct acct_positions *from,
    struct err *err)
{
	struct acct_tail *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		err_errno(err, "accounting file");
		return NULL;
	}
	a->s = s;
	a->search = true;
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

static void
read_on(struct acct_tail *a, struct reading *r)
{
	/*
	 * Before cur is read: what cur got before another file had grown is
	 * read before we go on to that one.
	 */
	bool any = look(a), done;

	look_at(a, &a->cur, r);
	look_at(a, &a->old, r);
	while ((done = read_open(a, r)) && go_on_to_next(a, r))
		continue;
	if (r->now_ms < a->lingers_since)
		a->lingers_since = r->now_ms;
	if (done && r->now_ms - a->lingers_since >= LINGER_MS)
		drop_old(a);
	notice_gone(a, any, r);
}

unsigned
acct_tail_read(struct acct_tail *a, const struct acct_look *look,
    acct_fact_fn fn, void *ctx)
{
	struct reading r = {.now_ms = look->now_ms,
	    .until_ms = look->until_ms,
	    .facts = look->facts,
	    .fn = fn,
	    .ctx = ctx};

	a->holds_back = false;
	read_on(a, &r);
	/* The new file is opened before anybody can take it away. */
	if (a->s->acct.mode == ACCT_OWN && own_limit_size(a, r.now_ms))
		read_on(a, &r);
	return r.records;
}

void
acct_tail_forget(struct acct_tail *a)
{
	a->cur.marks.n = a->old.marks.n = 0;
}

bool
acct_tail_holds_back(const struct acct_tail *a)
{
	return a->holds_back;
}

bool
acct_tail_is_open(const struct acct_tail *a)
{
	return a->cur.fd >= 0;
}

bool
acct_tail_lacks_space(const struct acct_tail *a)
{
	struct statvfs fs;

	if (a->cur.fd >= 0 && fstatvfs(a->cur.fd, &fs) == 0 &&
	    acct_space_is_low(&fs))
		return true;
	for (size_t i = 0; i < a->places.n; i++) {
		if (a->places.at[i].known &&
		    statvfs(a->places.at[i].path, &fs) == 0 &&
		    acct_space_is_low(&fs))
			return true;
	}
	return false;
}

unsigned
acct_tail_take_trouble(struct acct_tail *a)
{
	unsigned trouble = a->trouble;

	a->trouble = 0;
	return trouble;
}

void
acct_tail_position(const struct acct_tail *a, struct acct_positions *at)
{
	at->paths = acct_places_sum(&a->places);
	at->n = 2;
	at->at[0] = acct_file_position(&a->cur);
	at->at[1] = acct_file_position(&a->old);
	for (size_t i = 0; i < a->places.n; i++) {
		const struct acct_place *place = &a->places.at[i];

		if (place->known && !acct_place_has(place, &a->cur) &&
		    !acct_place_has(place, &a->old))
			at->at[at->n++] =
			    (struct acct_position){.dev = place->dev,
				.ino = place->ino,
				.offset = place->base};
	}
}

void
acct_tail_saved(struct acct_tail *a)
{
	if (a->s->acct.mode == ACCT_OWN && a->old.fd < 0 &&
	    acct_place_has(&a->places.at[0], &a->cur))
		acct_own_delete(&a->own);
}

const char *
acct_tail_path(const struct acct_tail *a)
{
	return a->cur.path;
}
