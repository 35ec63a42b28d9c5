/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * saved - the lives that go on over an orderly stop, in one file.
 *
 * Binary, with a checksum over all of it; written and set aside as state_file
 * says. What it has was told already: it must not be read twice.
 */
#ifndef SAVED_H
#define SAVED_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "reconcile_saved.h"
#include "state_file.h"

/* When and where the lives were saved. */
struct saved_about {
	char boot_id[37];
	int64_t written_ms; /* real time */
	uint64_t ticks;     /* the same in clock ticks since boot */
};

struct saved;

/* A file in the making. NULL: no memory. saved_free(NULL) is fine. */
struct saved *saved_new(const struct saved_about *about);
void saved_free(struct saved *s);

/* Adds a life; a saved_life_fn, whose ctx is a struct saved. */
void saved_add(void *ctx, const struct saved_life *life);

/*
 * Writes DIR/lives, once, and counts in *left_out the lives that did not fit:
 * beyond memory, or beyond what a file may have. 0, or -1 with err.
 */
int saved_write(
    struct saved *s, const char *dir, size_t *left_out, struct err *err);

/*
 * Reads DIR/lives: fills *about, then hands over each life. A file that is
 * cut, changed or of another version is set aside, err says so, and nothing
 * is handed over.
 */
enum state_file_found saved_read(const char *dir, struct saved_about *about,
    saved_life_fn fn, void *ctx, struct err *err);

/* Removes DIR/lives. 0, also if there is none, or -1 with err. */
int saved_remove(const char *dir, struct err *err);

#endif
