/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool_folder - a spool's folder: which segments there are. For spool*.c
 * alone.
 *
 * A segment's name is the number of its first record, in 16 digits or more,
 * and ".spool".
 */
#ifndef SPOOL_FOLDER_H
#define SPOOL_FOLDER_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"

#define SPOOL_NAME_SIZE 40

struct spool_folder {
	char *path;
	DIR *dir;
	bool unsynced; /* names came or went */
};

/* Opens and locks it for us alone. 0, or -1 with err. */
int spool_folder_open(
    struct spool_folder *d, const char *path, struct err *err);
/* Also of one that could not be opened. */
void spool_folder_close(struct spool_folder *d);

/* For use with openat(2) and the like. */
int spool_folder_fd(const struct spool_folder *d);

void spool_folder_name(char name[SPOOL_NAME_SIZE], uint64_t first);

/*
 * The first records of the segments, in order; *n of them, to be freed by the
 * caller. 0, or -1 with errno.
 */
int spool_folder_list(const struct spool_folder *d, uint64_t **list, size_t *n);

/* 0, also if it is not there, or -1 with errno. */
int spool_folder_remove(struct spool_folder *d, uint64_t first);
/* Under the one name for these: the last that was is kept. */
int spool_folder_set_aside(struct spool_folder *d, uint64_t first);

/* If names came or went. 0, or -1 with errno. */
int spool_folder_sync(struct spool_folder *d);

#endif
