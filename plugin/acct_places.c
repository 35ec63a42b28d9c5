/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_places.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

void
acct_places_init(struct acct_places *p)
{
	*p = (struct acct_places){.inotify = -1, .stale = true};
}

void
acct_places_fini(struct acct_places *p)
{
	if (p->inotify >= 0)
		close(p->inotify);
	p->inotify = -1;
}

bool
acct_places_add(struct acct_places *p, const char *path)
{
	if (p->n == ACCT_PLACES_MAX)
		return false;
	if (p->inotify < 0)
		p->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	p->at[p->n++] = (struct acct_place){.path = path};
	return true;
}

static void
look_at(struct acct_places *p, struct acct_place *at)
{
	struct stat st;
	bool known = lstat(at->path, &st) == 0 && S_ISREG(st.st_mode);

	if (known != at->known)
		p->stale = true;
	if (!known) {
		at->known = at->refused = false;
		return;
	}
	at->size = (uint64_t)st.st_size;
	at->written = st.st_mtim;
	if (!at->known || at->dev != st.st_dev || at->ino != st.st_ino) {
		at->known = true;
		at->refused = false;
		at->dev = st.st_dev;
		at->ino = st.st_ino;
		at->base = 0;
		p->stale = true;
	}
	if (at->base > at->size)
		at->base = at->size;
}

bool
acct_places_look(struct acct_places *p)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++) {
		look_at(p, &p->at[i]);
		any = any || p->at[i].known;
	}
	return any;
}

uint32_t
acct_places_sum(const struct acct_places *p)
{
	uLong sum = crc32(0, NULL, 0);

	for (size_t i = 0; i < p->n; i++)
		sum = crc32(sum, (const Bytef *)p->at[i].path,
		    (uInt)strlen(p->at[i].path) + 1);
	return (uint32_t)sum;
}

/* Up to where the file at a place was read; it may have come since. */
static uint64_t
read_before(const struct acct_place *at, const struct acct_positions *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct acct_position *was = &from->at[i];

		if (was->dev == at->dev && was->ino == at->ino)
			return was->offset < at->size ? was->offset : at->size;
	}
	return 0;
}

void
acct_places_begin(struct acct_places *p, const struct acct_positions *from)
{
	bool same =
	    from != NULL && from->n > 0 && from->paths == acct_places_sum(p);

	acct_places_look(p);
	for (size_t i = 0; i < p->n; i++) {
		struct acct_place *at = &p->at[i];

		at->base = same ? read_before(at, from) : at->size;
	}
}

bool
acct_place_has(const struct acct_place *at, const struct acct_file *f)
{
	return at->known && acct_file_is(f, at->dev, at->ino);
}

static void
add_watch(struct acct_places *p, const char *path, uint32_t mask)
{
	int wd = inotify_add_watch(p->inotify, path, mask);

	if (wd >= 0)
		p->watches[p->nwatches++] = wd;
}

/* The watches of one path; those of a shared folder are one in the kernel. */
static void
watch_place(struct acct_places *p, const struct acct_place *at)
{
	const char *slash = strrchr(at->path, '/');
	char folder[PATH_MAX] = ".";

	if (at->known)
		add_watch(p, at->path, IN_MODIFY | IN_DONT_FOLLOW);
	if (slash != NULL)
		snprintf(folder, sizeof(folder), "%.*s",
		    (int)(slash - at->path + 1), at->path);
	add_watch(p, folder, IN_CREATE | IN_MOVED_TO);
}

void
acct_places_watch(struct acct_places *p, const struct acct_file *cur)
{
	p->stale = false;
	if (p->inotify < 0)
		return;
	while (p->nwatches > 0)
		inotify_rm_watch(p->inotify, p->watches[--p->nwatches]);
	if (cur->fd >= 0) {
		char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];

		/* It may have no name by now. */
		snprintf(path, sizeof(path), "/proc/self/fd/%d", cur->fd);
		add_watch(p, path, IN_MODIFY);
	}
	for (size_t i = 0; i < p->n; i++)
		watch_place(p, &p->at[i]);
}

/* What files have, they say themselves; not whether they were there. */
bool
acct_places_drain(const struct acct_places *p)
{
	char events[4096];
	const uint32_t came = IN_CREATE | IN_MOVED_TO | IN_Q_OVERFLOW;
	bool any = false;
	ssize_t n;

	while (p->inotify >= 0 &&
	       (n = read(p->inotify, events, sizeof(events))) > 0) {
		struct inotify_event e;

		for (size_t at = 0; at < (size_t)n; at += sizeof(e) + e.len) {
			memcpy(&e, events + at, sizeof(e));
			any = any || (e.mask & came) != 0;
		}
	}
	return any;
}
