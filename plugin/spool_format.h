/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool_format - the bytes of a spool's files. Pure: for spool*.c alone.
 *
 * Each record of a spool has a number, its place in the order of all of them,
 * which is never used again. A segment:
 *
 *	kind "proclife spool\n\0", version (4), CRC-32 of both (4): in every
 *	    version
 *	number of the first record (8), time (8), CRC-32 of all this (4)
 *	records: length (4), CRC-32 (4), time (8), payload
 *
 * A record's checksum covers its number, which is not written, length, time
 * and payload: what a disk left of older bytes is never taken for a record.
 *
 * The cursor is two slots, each in a sector of its own, the one with the
 * higher turn is the last that was written:
 *
 *	kind "proclife cursor\n", version (4), CRC-32 of both (4)
 *	turn (8), number of the first record that is not done (8), time before
 *	    which none of those was put (8); of the records that are lost and
 *	    not told: count, since, until (8 each); CRC-32 of all this (4)
 *
 * Numbers are little-endian, times in milliseconds.
 */
#ifndef SPOOL_FORMAT_H
#define SPOOL_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "spool.h"
#include "text.h"

#define SPOOL_VERSION 1

#define SPOOL_HEAD_SIZE   44 /* of a segment */
#define SPOOL_FRAME_SIZE  16 /* before each record */
#define SPOOL_CURSOR_SIZE 76 /* a slot of the cursor */

enum spool_read {
	SPOOL_READ_OK,
	SPOOL_READ_BAD,   /* it is damaged */
	SPOOL_READ_NEWER, /* of a version that is not known here */
};

struct spool_head {
	uint64_t first; /* number of the first record */
	int64_t time_ms;
};

struct spool_place {
	uint64_t turn;
	uint64_t done; /* number of the first record that is not done */
	int64_t oldest_ms;
	struct spool_dropped lost;
};

struct spool_record {
	struct bytes payload;
	int64_t time_ms;
};

void spool_put_head(char at[SPOOL_HEAD_SIZE], const struct spool_head *h);
enum spool_read spool_get_head(
    const char at[SPOOL_HEAD_SIZE], struct spool_head *h);

void spool_put_place(char at[SPOOL_CURSOR_SIZE], const struct spool_place *p);
enum spool_read spool_get_place(
    const char at[SPOOL_CURSOR_SIZE], struct spool_place *p);

/* The record's payload is at at + SPOOL_FRAME_SIZE; number is its own. */
void spool_put_frame(char *at, size_t len, uint64_t number, int64_t time_ms);
/* Bytes of the whole record, by its frame; 0: there is no such length. */
size_t spool_record_size(const char frame[SPOOL_FRAME_SIZE]);
int64_t spool_record_time(const char frame[SPOOL_FRAME_SIZE]);
/* at: a whole record, by its frame. OK or BAD. */
enum spool_read spool_get_record(
    const char *at, uint64_t number, struct spool_record *r);

/* Adds n records from since to until to those in d; n may be 0. */
void spool_add_dropped(
    struct spool_dropped *d, uint64_t n, int64_t since_ms, int64_t until_ms);

#endif
