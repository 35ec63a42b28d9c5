/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool - records of one sink on disk, until its receiver has them.
 *
 * A folder of segments, NNNNNNNN.spool, that are only ever appended to, and a
 * cursor, up to where the receiver has everything. Each record has its length
 * and a checksum; after a kill or a power cut, at any byte, what is whole is
 * kept and what is torn is cut away. A segment that the receiver has all of is
 * deleted. When size or age is more than allowed the oldest segment is
 * dropped, and its records that the receiver lacks are counted.
 *
 * A record is handed out only after it was written. In memory are what was put
 * since the last spool_write(), and one piece of what is read.
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

/* Records that the receiver will never get, since last asked. */
struct spool_dropped {
	uint64_t count;             /* 0: none */
	int64_t since_ms, until_ms; /* of the time when they were put */
};

/*
 * Opens the spool in the folder at path, which is there; it is empty or of a
 * run before. A torn end is cut away; what can't be read is set aside under
 * another name, logged, and its records counted as dropped, as far as they can
 * be counted. A newer format is an error. Only one process may have it open.
 * Times: real time. NULL with err.
 */
struct spool *spool_open(const char *path, const struct spool_limits *limits,
    int64_t now_ms, struct err *err);
/* Writes, syncs, closes, frees. NULL is fine. */
void spool_close(struct spool *s, int64_t now_ms);

/* Copies one record; false: there is no room for it before spool_write(). */
bool spool_put(struct spool *s, const char *at, size_t len, int64_t now_ms);
/*
 * Writes what was put, and syncs if that is due; deletes by size and age. 0,
 * or -1 with errno: then it waits on, whole.
 */
int spool_write(struct spool *s, int64_t now_ms);
/* Bytes that were put and are not written. */
size_t spool_gathered(const struct spool *s);
size_t spool_room(const struct spool *s);

/*
 * The oldest record that was not handed out: true, and it is in *record until
 * the next call of anything here. False: there is none now.
 */
bool spool_next(struct spool *s, struct bytes *record);
/* The receiver has the oldest n of those that were handed out. */
void spool_done(struct spool *s, uint64_t n);
/* All that were handed out and are not done are handed out again. */
void spool_rewind(struct spool *s);
/* Records that are not done, those not written included. */
uint64_t spool_count(const struct spool *s);

/* True if there were any; starts counting anew. */
bool spool_take_dropped(struct spool *s, struct spool_dropped *d);

#endif
