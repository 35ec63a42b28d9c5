/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acct_places - the paths at which an accounting file may stand, and the watch
 * over them.
 *
 * Only acct_tail uses it. Embedded in its object; paths are borrowed.
 */
#ifndef ACCT_PLACES_H
#define ACCT_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "acct_file.h"

/* One path, as it was at the last look. */
struct acct_place {
	const char *path;
	bool known;   /* a regular file was there, namely: */
	bool refused; /* it could not be opened, which was told */
	uint64_t dev, ino, size;
	uint64_t base; /* what stands before it is not to be read */
	struct timespec written;
};

struct acct_places {
	struct acct_place at[ACCT_PLACES_MAX];
	size_t n;
	int inotify; /* -1: none */
	int watches[1 + 2 * ACCT_PLACES_MAX];
	size_t nwatches;
	bool stale; /* the watches are not on what is there now */
};

void acct_places_init(struct acct_places *p);
void acct_places_fini(struct acct_places *p);

/* False: there are too many already. */
bool acct_places_add(struct acct_places *p, const char *path);

/*
 * Looks at every path; true if there is a file at any. Of a file that is new
 * since the last look, base is 0.
 */
bool acct_places_look(struct acct_places *p);

/*
 * The first look: what is there now, is not to be read. But if from was taken
 * for the same paths, what has come since is.
 */
void acct_places_begin(
    struct acct_places *p, const struct acct_positions *from);

/* The sum of all paths. */
uint32_t acct_places_sum(const struct acct_places *p);

/* True if that file stood there at the last look. */
bool acct_place_has(const struct acct_place *at, const struct acct_file *f);

/*
 * Makes p->inotify readable when the file cur, a file at one of the paths, or
 * their folders change. What can't be watched is found by polling alone.
 */
void acct_places_watch(struct acct_places *p, const struct acct_file *cur);

/*
 * Forgets what woke us; to be called before looking. True if files came, which
 * may be away again.
 */
bool acct_places_drain(const struct acct_places *p);

#endif
