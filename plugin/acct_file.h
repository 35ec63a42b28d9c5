/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acct_file - one accounting file, and those that were rotated beside it.
 *
 * Only acct_tail uses it. Files are opened for reading, must be regular, and
 * are never followed through a symbolic link in their last part.
 */
#ifndef ACCT_FILE_H
#define ACCT_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "acct_marks.h"
#include "acct_position.h"
#include "acct_record.h"

/* An open file, read up to offset. */
struct acct_file {
	int fd; /* -1: none */
	uint64_t dev, ino, offset;
	uint64_t until;          /* up to there it is to be read now */
	struct acct_marks marks; /* of what comes after offset */
	const char *path; /* borrowed: where it was found, or beside what */
	/* What stands at its begin and, at the end of last, before offset. */
	unsigned char head[ACCT_RECORD_SIZE], last[ACCT_RECORD_SIZE];
};

#define ACCT_FILE_NONE ((struct acct_file){.fd = -1})

/* Offset 0. False with errno (EINVAL: not a regular file). */
bool acct_file_open(struct acct_file *f, const char *path);
void acct_file_close(struct acct_file *f); /* NONE is fine */

/* True if f is open and has that inode. */
bool acct_file_is(const struct acct_file *f, uint64_t dev, uint64_t ino);

/* Goes to offset, or to the end if that comes before. */
void acct_file_seek(struct acct_file *f, uint64_t offset);

/* Where f stands; all zero for NONE. */
struct acct_position acct_file_position(const struct acct_file *f);

/*
 * Goes on where at stands. False if f is another file, although it may have
 * the same inode number.
 */
bool acct_file_resume(struct acct_file *f, const struct acct_position *at);

/*
 * Reads what comes after offset; returns how many bytes, -1 if the file was
 * cut since: it does not have any more what stood before offset.
 */
ssize_t acct_file_read(
    const struct acct_file *f, unsigned char *buf, size_t size);

/* Of what was read to buf, so many bytes are done with. */
void acct_file_advance(
    struct acct_file *f, const unsigned char *buf, size_t used);

/*
 * Goes on in a file that was cut: at its begin if it was cut to nothing, else
 * at its end, as nobody knows what of it is new.
 */
void acct_file_cut(struct acct_file *f);

/* Its size; 0 if that is not to be had. */
uint64_t acct_file_size(const struct acct_file *f);

/* How many bytes come after offset. */
uint64_t acct_file_rest(const struct acct_file *f);

/* What a search looks for, apart from the right names. */
typedef bool (*acct_file_wanted_fn)(const void *ctx, const struct stat *st);

/*
 * Opens, of the files rotated beside path (PATH.0, PATH.1, PATH-20261122 and
 * the like) that are wanted, the one last written the longest ago. False if
 * there is none.
 */
bool acct_file_find(struct acct_file *f, const char *path,
    acct_file_wanted_fn wanted, const void *ctx);

/* Whether a time comes before another. */
bool acct_file_is_before(const struct timespec *a, const struct timespec *b);

#endif
