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

/* An open file, read up to offset. */
struct acct_file {
	int fd; /* -1: none */
	uint64_t dev, ino, offset;
	const char *path; /* borrowed: where it was found, or beside what */
};

#define ACCT_FILE_NONE ((struct acct_file){.fd = -1})

/* Offset 0. False with errno (EINVAL: not a regular file). */
bool acct_file_open(struct acct_file *f, const char *path);
void acct_file_close(struct acct_file *f); /* NONE is fine */

/* True if f is open and has that inode. */
bool acct_file_is(const struct acct_file *f, uint64_t dev, uint64_t ino);

/*
 * Opens the file with that inode among those rotated beside path: PATH.0,
 * PATH.1, PATH-20261122 and the like. False if there is none.
 */
bool acct_file_find(
    struct acct_file *f, const char *path, uint64_t dev, uint64_t ino);

/*
 * Opens the next younger one than cur, by time of last write, among those
 * rotated beside cur->path, except the inode given. False if there is none.
 */
bool acct_file_find_next(struct acct_file *f, const struct acct_file *cur,
    uint64_t except_dev, uint64_t except_ino);

#endif
