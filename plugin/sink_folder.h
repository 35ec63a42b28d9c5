/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_folder - the folder of a file sink: its segments' names and numbers,
 * and which of them are kept. For sink_file.c alone.
 */
#ifndef SINK_FOLDER_H
#define SINK_FOLDER_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>

/* Names with longer numbers are none of ours. */
#define SINK_NUMBER_MAX UINT64_C(999999999999)

#define SINK_NAME_SIZE 40

struct sink_folder {
	char *path;
	DIR *dir; /* what was at path when last opened; NULL: nothing yet */
};

/* What has a segment's name in the folder. */
struct sink_listing {
	uint64_t highest;   /* 0: none */
	uint64_t n, lowest; /* of those that are segments indeed */
};

/* Opens the folder that is at its path now. 0, or -1 with errno. */
int sink_folder_open(struct sink_folder *d);
void sink_folder_close(struct sink_folder *d); /* frees path, too */

/* True if the folder that is open still is what is at its path. */
bool sink_folder_is_there(const struct sink_folder *d);

/* For use with openat(2) and the like. */
int sink_folder_fd(const struct sink_folder *d);

void sink_folder_name(char name[SINK_NAME_SIZE], uint64_t number);

struct sink_listing sink_folder_list(const struct sink_folder *d);

/*
 * Deletes the oldest segments: more than keep, and what nobody has written to
 * for max_age_ms; but none from the present one on, and not very many at once.
 */
void sink_folder_retain(const struct sink_folder *d, uint64_t present,
    uint64_t keep, int64_t max_age_ms, int64_t now_ms);

#endif
