/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool_cursor - the file that says up to where a spool is done with. For
 * spool*.c alone.
 *
 * It has two slots, which are written in turn: while one is torn the other is
 * whole, only older.
 */
#ifndef SPOOL_CURSOR_H
#define SPOOL_CURSOR_H

#include <stdbool.h>

#include "err.h"
#include "spool_folder.h"
#include "spool_format.h"

struct spool_cursor {
	int fd; /* -1: there is no file yet */
	uint64_t turn;
};

enum spool_cursor_found {
	SPOOL_CURSOR_READ,
	SPOOL_CURSOR_NONE,
	SPOOL_CURSOR_BAD, /* of no use, will be written over */
	SPOOL_CURSOR_FAILED
};

/* FAILED with err: it can't be read, or is of a newer version. */
enum spool_cursor_found spool_cursor_open(struct spool_cursor *c,
    const struct spool_folder *d, struct spool_place *p, struct err *err);
void spool_cursor_close(struct spool_cursor *c);

/* p's turn is set here. Makes the file if there is none. 0, -1 with errno. */
int spool_cursor_write(
    struct spool_cursor *c, struct spool_folder *d, struct spool_place *p);
int spool_cursor_sync(const struct spool_cursor *c);

#endif
