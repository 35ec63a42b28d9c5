/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool_impl - what a spool is, for spool*.c alone.
 *
 * Records have numbers, one after the other. What the cursor passes was had by
 * the receiver or, where numbers are missing between two segments, is lost:
 * each loss is counted there, once, and saved with the cursor until it is told.
 *
 * So that a kill between any two system calls is harmless, and a power cut,
 * after which what was not synced is there, is not, or is there in part:
 *
 *	a segment is synced before the next one is begun: only the last one can
 *	    have a torn end. It is read through at the start; from the first
 *	    record on that is not whole it is cut, and that is synced before
 *	    anything follows, so that no old bytes are behind a new record;
 *	a head and the first records are one write: a segment without a whole
 *	    head has nothing to be kept. A segment whose name was lost with the
 *	    power was not synced either;
 *	the cursor is synced before a segment is removed: otherwise what is
 *	    missing would be taken for a loss. A segment that is there again was
 *	    passed, and is removed again. A cursor that is too old costs only
 *	    that records are handed out twice;
 *	a cursor may be ahead of the records, which were handed out before they
 *	    were synced: numbers go on from it, so that none of the next ones is
 *	    taken for one that is done;
 *	of the cursor's slots the older one is never touched: one is whole.
 */
#ifndef SPOOL_IMPL_H
#define SPOOL_IMPL_H

#include "spool.h"
#include "spool_cursor.h"
#include "spool_folder.h"
#include "spool_reader.h"

struct spool_segment {
	uint64_t first, end;       /* numbers of its records: end is one more */
	uint64_t size;             /* bytes that count; 0: not even a head */
	int64_t first_ms, last_ms; /* all were put between them */
};

struct spool {
	struct spool_limits limits;
	uint64_t segment_size;
	struct spool_folder folder;

	struct spool_segment *segment; /* n of them, the oldest first */
	size_t n, room;
	uint64_t total; /* their bytes */
	int fd;         /* the last of them is being written to; -1: none is */
	bool unsynced;
	int64_t unsynced_ms; /* since then */

	/* What was put and is not written, as it will be. */
	char *gathered;
	size_t len, touched; /* bytes; up to there pages are used */
	uint64_t records;
	uint64_t next;   /* number of the next record */
	int64_t seen_ms; /* what the clock showed last */
	int error;       /* errno of the last write; 0: it went well */
	int64_t error_ms;

	struct spool_reader reader;
	size_t reading;  /* the segment it is in; n: the next one */
	uint64_t handed; /* handed out and not done; with those in doubt */
	/* Handed out, then dropped: lost, if they are to be handed out again */
	struct spool_dropped doubt;
	bool misread; /* logged */

	struct spool_cursor cursor;
	struct spool_place place;
	bool moved, cursor_unsynced, cursor_failed;
	int64_t moved_ms; /* when it was last written */
};

/* The last segment. There is one. */
struct spool_segment *spool_last(struct spool *s);

/* Adds a segment to the list. 0, or -1 with errno. */
int spool_add(struct spool *s, const struct spool_segment *segment);
/* Removes the oldest from list and disk; its records are not counted. */
void spool_remove(struct spool *s, int64_t now_ms);

/* The reader goes to the first segment that has something not done. */
void spool_read_again(struct spool *s);

/* Counts what is missing where the cursor is, and takes it beyond. */
void spool_pass(struct spool *s);
/* Writes the cursor if it was moved, to the disk itself if synced is set. */
void spool_save(struct spool *s, bool synced, int64_t now_ms);

/* Nothing more is written to the last segment. */
void spool_end_segment(struct spool *s);

/* What is on the disk is looked through, and mended. 0, or -1 with err. */
int spool_recover(struct spool *s, int64_t now_ms, struct err *err);

#endif
