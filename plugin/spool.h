/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool - records of one sink on disk, until its receiver has them.
 *
 * A folder of segments, NNNNNNNNNNNNNNNN.spool, that are only ever appended to,
 * and a cursor, up to where the receiver has everything. Each record has its
 * length and a checksum; after a kill or a power cut, at any byte, what is
 * whole is kept and what is torn is cut away. A segment that the receiver has
 * all of is deleted. When size or age is more than allowed the oldest segment
 * is dropped, and its records that the receiver lacks are counted.
 *
 * A record is handed out only after it was written. In memory are what was put
 * since the last spool_write(), and one piece of what is read: 256 KiB, or one
 * record that is longer.
 *
 * What the receiver has is written down a fifth of a second later at most, if
 * spool_write() is called; after a kill so much is handed out again.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "text.h"

/* The longest record. */
#define SPOOL_RECORD_MAX (4 * 1024 * 1024)

struct spool;

struct spool_limits {
	uint64_t size;      /* bytes of all segments together */
	int64_t max_age_ms; /* what is older is dropped, with its segment */
	int64_t sync_ms;    /* fdatasync(2) at least so often; 0: each write */
	size_t gathered;    /* bytes that wait for spool_write() at most */
};

/*
 * Records that the receiver will never get, since last taken. They were put
 * between since and until, at most.
 */
struct spool_dropped {
	uint64_t count; /* 0: none */
	int64_t since_ms, until_ms;
};

/*
 * Opens the spool in the folder at path, which is there; it is empty or of a
 * run before. A torn end is cut away; a segment whose head can't be read is set
 * aside as damaged.spool, in the place of one before; both are logged, and the
 * records counted as dropped: a torn end, and what can't be measured, as one.
 * A newer format is an error. It can be open once only, in all processes.
 * Times: real time. NULL with err.
 */
struct spool *spool_open(const char *path, const struct spool_limits *limits,
    int64_t now_ms, struct err *err);
/* Other limits from now on. */
void spool_set(struct spool *s, const struct spool_limits *limits);
/* Writes, syncs, closes, frees. NULL is fine. */
void spool_close(struct spool *s, int64_t now_ms);

/*
 * Copies one record, which is head and line together and not empty. False:
 * there is no room for it before spool_write(), or for one so long at all.
 */
bool spool_put(
    struct spool *s, struct bytes head, struct bytes line, int64_t now_ms);
/*
 * Writes what was put, and syncs if that is due; deletes what is too old, too
 * much or done with. To be called at each turn, also if nothing was put. 0, or
 * -1 with errno: what could not be written waits on, whole. It is not tried
 * again before a second is over, or something was deleted.
 */
int spool_write(struct spool *s, int64_t now_ms);
/* Bytes that were put and are not written, 16 for each record included. */
size_t spool_gathered(const struct spool *s);
/* Records that were put and are not written. */
uint64_t spool_unwritten(const struct spool *s);
/* Length of a record for which there is room. */
size_t spool_room(const struct spool *s);

/*
 * The oldest record that was not handed out: true, and it is in *record until
 * the next call of anything here. False: there is none now.
 */
bool spool_next(struct spool *s, struct bytes *record);
/*
 * The receiver has the oldest n of those that were handed out. That is so too
 * for those dropped meanwhile, which then are no loss.
 */
void spool_done(struct spool *s, uint64_t n);
/* All that were handed out and are not done are handed out again. */
void spool_rewind(struct spool *s);
/* Records that are not done, those not written included. */
uint64_t spool_count(const struct spool *s);
/* Some of them were not handed out. */
bool spool_waits(const struct spool *s);

/* How many records the receiver will never get, since last taken. */
uint64_t spool_dropped(const struct spool *s);
/*
 * True if there were any; starts counting anew. What was not taken is
 * kept over a restart; what was, just before a kill, may be told again.
 */
bool spool_take_dropped(struct spool *s, struct spool_dropped *d);

#endif
