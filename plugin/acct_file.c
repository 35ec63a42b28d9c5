/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is looked for in a folder, and what of it was found so far. */
struct search {
	uint64_t dev, ino;
	/* NULL: that inode. Else the oldest that is younger, but not it. */
	const struct timespec *after;
	struct timespec found;
	char name[NAME_MAX + 1]; /* "": nothing yet */
};

static bool
open_in(struct acct_file *f, int folder, const char *name, const char *path)
{
	/* NONBLOCK: a pipe of that name must not stop us. */
	const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	struct stat st;
	int fd = openat(folder, name, flags);

	if (fd < 0)
		return false;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return false;
	}
	*f = (struct acct_file){fd, st.st_dev, st.st_ino, 0, path};
	return true;
}

bool
acct_file_open(struct acct_file *f, const char *path)
{
	return open_in(f, AT_FDCWD, path, path);
}

void
acct_file_close(struct acct_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	*f = ACCT_FILE_NONE;
}

bool
acct_file_is(const struct acct_file *f, uint64_t dev, uint64_t ino)
{
	return f->fd >= 0 && f->dev == dev && f->ino == ino;
}

/*
 * The names that savelog, logrotate and mode own give. Compressed ones
 * (.gz) are no use.
 */
static bool
is_rotated_name(const char *name, const char *base)
{
	size_t len = strlen(base);

	if (strncmp(name, base, len) != 0)
		return false;
	name += len;
	if (*name != '.' && *name != '-')
		return false;
	return name[1] != '\0' && name[strspn(name, ".-0123456789")] == '\0';
}

static bool
is_before(const struct timespec *a, const struct timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec;
	return a->tv_nsec < b->tv_nsec;
}

static bool
is_wanted(const struct search *q, const struct stat *st)
{
	bool same = st->st_dev == q->dev && st->st_ino == q->ino;

	if (!S_ISREG(st->st_mode))
		return false;
	if (q->after == NULL)
		return same;
	if (same || !is_before(q->after, &st->st_mtim))
		return false;
	return q->name[0] == '\0' || is_before(&st->st_mtim, &q->found);
}

static bool
search(struct search *q, const char *path, struct acct_file *f)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	char folder[PATH_MAX];
	struct dirent *e;
	struct stat st;
	bool opened;
	DIR *d;

	snprintf(folder, sizeof(folder), "%.*s", (int)(base - path), path);
	d = opendir(folder[0] != '\0' ? folder : ".");
	if (d == NULL)
		return false;
	while ((e = readdir(d)) != NULL) {
		if (!is_rotated_name(e->d_name, base) ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) <
			0 ||
		    !is_wanted(q, &st))
			continue;
		snprintf(q->name, sizeof(q->name), "%s", e->d_name);
		q->found = st.st_mtim;
	}
	opened = q->name[0] != '\0' && open_in(f, dirfd(d), q->name, path);
	closedir(d);
	return opened;
}

bool
acct_file_find(
    struct acct_file *f, const char *path, uint64_t dev, uint64_t ino)
{
	struct search q = {.dev = dev, .ino = ino};

	return search(&q, path, f);
}

bool
acct_file_find_next(struct acct_file *f, const struct acct_file *cur,
    uint64_t except_dev, uint64_t except_ino)
{
	struct search q = {.dev = except_dev, .ino = except_ino};
	struct stat st;

	if (fstat(cur->fd, &st) < 0)
		return false;
	q.after = &st.st_mtim;
	return search(&q, cur->path, f);
}
