/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal - records that outlive a crash of ours, in one file, DIR/lives.
 *
 * The file begins with what there was when it was begun (a snapshot), and is
 * added to at each turn of the loop by one write(2). It is never synced: what
 * was written is the kernel's, and stays when we are killed; when the machine
 * is, its boot is over, and with it every life. A file that grew much is
 * begun anew beside the old one, a piece a turn, and takes its name when it
 * is whole. So there is one at any time whose last whole record is the last
 * turn's.
 *
 * What that costs: each turn copies the records of what changed in it, some
 * hundred bytes a life, and the lines that it told, a thousand bytes each; and
 * as much again, at most, for the new file, because it is begun when twice its
 * length was added to the old one. On the disk, four times the snapshot and
 * JOURNAL_FREE at most, and what one turn told besides.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "state_file.h"
#include "text.h"

/* So much is added to a small file before it is begun anew. */
#define JOURNAL_FREE (1024 * 1024)

#define JOURNAL_BOOT_ID 37 /* its size, with the NUL */

/* Reading. */

struct journal_file {
	char boot_id[JOURNAL_BOOT_ID];
	struct state_file file;
	struct bytes rest; /* what was not read yet */
};

/*
 * Reads DIR/lives. NONE: there is none. SET_ASIDE: it is no journal, or of
 * another version; err says so. To be closed in each case.
 */
enum state_file_found journal_read(
    const char *dir, struct journal_file *f, struct err *err);
/*
 * The next record, borrowed from f. False at the end of the last whole one:
 * what f->rest has then was being written when we, or the machine, died.
 */
bool journal_next(struct journal_file *f, uint8_t *kind, struct bytes *record);
void journal_close(struct journal_file *f);

/* Writing. */

struct journal;

/* dir: borrowed. NULL: no memory. Nothing is written yet. */
struct journal *journal_new(const char *dir, const char *boot_id);
/* A file that is not whole yet is removed. NULL is fine. */
void journal_free(struct journal *j);

/* Begins a new file. 0, or -1 with err. */
int journal_begin(struct journal *j, struct err *err);
/* True from then until it is whole. */
bool journal_is_begun(const struct journal *j);

/* Adds a record to the file, and to the new one if that is begun. */
void journal_add(struct journal *j, uint8_t kind, struct bytes record);
/* To the new one alone: of what was there before. */
void journal_add_begun(struct journal *j, uint8_t kind, struct bytes record);

/*
 * Writes what was added; whole: with it the new file is whole, and takes the
 * old one's place. 0, or -1 with err: then both are given up, and the file on
 * the disk is as it was; journal_begin() makes a new start.
 */
int journal_write(struct journal *j, bool whole, struct err *err);

/* True if there is a file that is written. */
bool journal_is_open(const struct journal *j);
/* True if it should be begun anew. */
bool journal_is_long(const struct journal *j);

#endif
