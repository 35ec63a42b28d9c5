/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define ASIDE_NAME "damaged.spool"

/* Names are found in the folder by so many, and then twice that. */
#define LIST_FIRST 64

int
spool_folder_open(struct spool_folder *d, const char *path, struct err *err)
{
	d->path = strdup(path);
	if (d->path == NULL)
		return err_errno(err, "%s", path);
	d->dir = opendir(path);
	if (d->dir == NULL)
		return err_errno(err, "folder %s", path);
	if (flock(dirfd(d->dir), LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(err, "folder %s is in use already", path);
	return err_errno(err, "cannot lock folder %s", path);
}

void
spool_folder_close(struct spool_folder *d)
{
	if (d->dir != NULL)
		closedir(d->dir);
	free(d->path);
}

int
spool_folder_fd(const struct spool_folder *d)
{
	return dirfd(d->dir);
}

void
spool_folder_name(char name[SPOOL_NAME_SIZE], uint64_t first)
{
	snprintf(name, SPOOL_NAME_SIZE, "%016" PRIu64 ".spool", first);
}

/* Of exactly the form that spool_folder_name() gives. */
static bool
parse_name(const char *name, uint64_t *first)
{
	char again[SPOOL_NAME_SIZE];

	if (sscanf(name, "%20" SCNu64, first) != 1)
		return false;
	spool_folder_name(again, *first);
	return strcmp(name, again) == 0;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool
make_room(uint64_t **list, size_t n, size_t *size)
{
	size_t more = *size > 0 ? 2 * *size : LIST_FIRST;
	uint64_t *longer;

	if (n < *size)
		return true;
	longer = reallocarray(*list, more, sizeof(**list));
	if (longer == NULL)
		return false;
	*list = longer;
	*size = more;
	return true;
}

int
spool_folder_list(const struct spool_folder *d, uint64_t **list, size_t *n)
{
	const struct dirent *e;
	size_t size = 0;

	*list = NULL;
	*n = 0;
	rewinddir(d->dir);
	while (errno = 0, (e = readdir(d->dir)) != NULL) {
		uint64_t first;

		if (!parse_name(e->d_name, &first))
			continue;
		if (!make_room(list, *n, &size))
			break;
		(*list)[(*n)++] = first;
	}
	if (errno != 0) {
		int saved = errno;

		free(*list);
		errno = saved;
		return -1;
	}
	if (*n > 0)
		qsort(*list, *n, sizeof(**list), compare);
	return 0;
}

int
spool_folder_remove(struct spool_folder *d, uint64_t first)
{
	char name[SPOOL_NAME_SIZE];

	spool_folder_name(name, first);
	if (unlinkat(dirfd(d->dir), name, 0) != 0)
		return errno == ENOENT ? 0 : -1;
	d->unsynced = true;
	return 0;
}

int
spool_folder_set_aside(struct spool_folder *d, uint64_t first)
{
	char name[SPOOL_NAME_SIZE];

	spool_folder_name(name, first);
	if (renameat(dirfd(d->dir), name, dirfd(d->dir), ASIDE_NAME) != 0)
		return -1;
	d->unsynced = true;
	return 0;
}

int
spool_folder_sync(struct spool_folder *d)
{
	if (!d->unsynced)
		return 0;
	if (fsync(dirfd(d->dir)) != 0)
		return -1;
	d->unsynced = false;
	return 0;
}
