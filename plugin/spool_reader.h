/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool_reader - reads the records of a segment, one after the other. For
 * spool*.c alone.
 *
 * It has one piece of the file in memory, as long as a longer record needs no
 * more.
 */
#ifndef SPOOL_READER_H
#define SPOOL_READER_H

#include "spool_folder.h"
#include "spool_format.h"

struct spool_reader {
	int fd;          /* -1: not open */
	uint64_t number; /* of the next record */
	uint64_t offset; /* where it is */
	char *piece;     /* len bytes of the file, from at on */
	size_t size, len;
	uint64_t at;
};

enum spool_reader_found {
	SPOOL_READER_RECORD,
	SPOOL_READER_END,    /* that was all */
	SPOOL_READER_BAD,    /* no whole record is there, or no file */
	SPOOL_READER_FAILED, /* errno: try again later */
};

/* 0, or -1 with errno. */
int spool_reader_init(struct spool_reader *r);
void spool_reader_free(struct spool_reader *r);

/* Goes to the first record of the segment that begins with this one. */
void spool_reader_start(struct spool_reader *r, uint64_t first);

/*
 * Reads the next record of the segment that begins with first, of whose file
 * size bytes count; *record is valid until the next call.
 */
enum spool_reader_found spool_reader_next(struct spool_reader *r,
    const struct spool_folder *d, uint64_t first, uint64_t size,
    struct spool_record *record);

/*
 * How many records a file of this size has from offset on, by their lengths:
 * what can't be measured counts as one.
 */
uint64_t spool_reader_count(int fd, uint64_t offset, uint64_t size);

#endif
