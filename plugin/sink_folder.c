/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sink_folder.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Deleted at a time, so that nobody waits for very many to go. */
#define DELETIONS_MAX 16

bool
sink_folder_is_there(const struct sink_folder *d)
{
	struct stat opened, named;

	return d->dir != NULL && fstat(dirfd(d->dir), &opened) == 0 &&
	       stat(d->path, &named) == 0 && opened.st_dev == named.st_dev &&
	       opened.st_ino == named.st_ino;
}

int
sink_folder_open(struct sink_folder *d)
{
	DIR *dir;

	if (sink_folder_is_there(d))
		return 0;
	dir = opendir(d->path);
	if (dir == NULL)
		return -1;
	if (d->dir != NULL)
		closedir(d->dir);
	d->dir = dir;
	return 0;
}

void
sink_folder_close(struct sink_folder *d)
{
	if (d->dir != NULL)
		closedir(d->dir);
	free(d->path);
}

int
sink_folder_fd(const struct sink_folder *d)
{
	return dirfd(d->dir);
}

void
sink_folder_name(char name[SINK_NAME_SIZE], uint64_t number)
{
	snprintf(name, SINK_NAME_SIZE, "events-%08" PRIu64 ".jsonl", number);
}

/* Of exactly the form that sink_folder_name() gives. */
static bool
parse_name(const char *name, uint64_t *number)
{
	char again[SINK_NAME_SIZE];

	if (sscanf(name, "events-%12" SCNu64, number) != 1)
		return false;
	sink_folder_name(again, *number);
	return strcmp(name, again) == 0;
}

struct sink_listing
sink_folder_list(const struct sink_folder *d)
{
	struct sink_listing l = {0};
	const struct dirent *e;

	rewinddir(d->dir);
	while ((e = readdir(d->dir)) != NULL) {
		uint64_t number;

		if (!parse_name(e->d_name, &number))
			continue;
		if (number > l.highest)
			l.highest = number;
		if (e->d_type != DT_REG && e->d_type != DT_UNKNOWN)
			continue;
		if (l.n == 0 || number < l.lowest)
			l.lowest = number;
		l.n++;
	}
	return l;
}

static bool
is_too_old(const struct sink_folder *d, const char *name, int64_t max_age_ms,
    int64_t now_ms)
{
	struct stat st;
	int64_t written_ms;

	if (fstatat(dirfd(d->dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	written_ms =
	    (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	return now_ms - written_ms > max_age_ms;
}

void
sink_folder_retain(const struct sink_folder *d, uint64_t present, uint64_t keep,
    int64_t max_age_ms, int64_t now_ms)
{
	for (int deleted = 0; deleted < DELETIONS_MAX; deleted++) {
		struct sink_listing l = sink_folder_list(d);
		char name[SINK_NAME_SIZE];

		if (l.n == 0 || l.lowest >= present)
			return;
		sink_folder_name(name, l.lowest);
		if (l.n <= keep && !is_too_old(d, name, max_age_ms, now_ms))
			return;
		if (unlinkat(dirfd(d->dir), name, 0) < 0)
			return;
	}
}
