/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zlib.h>

/* NONBLOCK: a pipe of that name must not stop us. */
static bool
open_in(struct acct_file *f, int folder, const char *name, const char *path)
{
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
	*f = (struct acct_file){
	    .fd = fd, .dev = st.st_dev, .ino = st.st_ino, .path = path};
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

/* How many bytes of head, and of the end of last, are in use. */
static size_t
known(const struct acct_file *f)
{
	return f->offset < ACCT_RECORD_SIZE ? (size_t)f->offset
					    : ACCT_RECORD_SIZE;
}

static unsigned char *
last_known(struct acct_file *f)
{
	return f->last + ACCT_RECORD_SIZE - known(f);
}

uint64_t
acct_file_size(const struct acct_file *f)
{
	struct stat st;

	return fstat(f->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

void
acct_file_seek(struct acct_file *f, uint64_t offset)
{
	uint64_t size = acct_file_size(f);
	ssize_t len;

	f->offset = offset < size ? offset : size;
	len = (ssize_t)known(f);
	if (pread(f->fd, f->head, known(f), 0) != len ||
	    pread(f->fd, last_known(f), known(f), (off_t)f->offset - len) !=
		len)
		f->offset = 0; /* it is being cut */
}

/* 0 stands for unknown. */
static uint32_t
sum_of(const unsigned char *at, size_t len)
{
	return len == 0 ? 0 : (uint32_t)crc32(0, at, (uInt)len);
}

struct acct_position
acct_file_position(const struct acct_file *f)
{
	size_t len = known(f);

	if (f->fd < 0)
		return (struct acct_position){0};
	return (struct acct_position){
	    .dev = f->dev,
	    .ino = f->ino,
	    .offset = f->offset,
	    .head = sum_of(f->head, len),
	    .last = sum_of(f->last + ACCT_RECORD_SIZE - len, len),
	};
}

bool
acct_file_resume(struct acct_file *f, const struct acct_position *at)
{
	struct acct_position is;

	if (!acct_file_is(f, at->dev, at->ino))
		return false;
	acct_file_seek(f, at->offset);
	is = acct_file_position(f);
	return f->offset == at->offset &&
	       (at->head == 0 || is.head == at->head) &&
	       (at->last == 0 || is.last == at->last);
}

ssize_t
acct_file_read(const struct acct_file *f, unsigned char *buf, size_t size)
{
	unsigned char before[ACCT_RECORD_SIZE];
	size_t len = known(f);
	struct iovec parts[2] = {{before, len}, {buf, size}};
	ssize_t n = preadv(f->fd, parts, 2, (off_t)(f->offset - len));

	if (n < 0)
		return 0;
	if ((size_t)n < len ||
	    memcmp(before, f->last + ACCT_RECORD_SIZE - len, len) != 0)
		return -1;
	return n - (ssize_t)len;
}

void
acct_file_advance(struct acct_file *f, const unsigned char *buf, size_t used)
{
	size_t len = known(f), more = ACCT_RECORD_SIZE - len;

	memcpy(f->head + len, buf, used < more ? used : more);
	f->offset += used;
	if (used > ACCT_RECORD_SIZE) {
		buf += used - ACCT_RECORD_SIZE;
		used = ACCT_RECORD_SIZE;
	}
	memmove(f->last, f->last + used, ACCT_RECORD_SIZE - used);
	memcpy(f->last + ACCT_RECORD_SIZE - used, buf, used);
	acct_marks_read(&f->marks, f->offset);
}

void
acct_file_cut(struct acct_file *f)
{
	unsigned char head[ACCT_RECORD_SIZE];
	bool same = known(f) == sizeof(head) &&
		    pread(f->fd, head, sizeof(head), 0) == sizeof(head) &&
		    memcmp(head, f->head, sizeof(head)) == 0;

	acct_file_seek(f, same ? acct_file_size(f) : 0);
	acct_marks_cut(&f->marks, f->offset);
}

uint64_t
acct_file_rest(const struct acct_file *f)
{
	uint64_t size = acct_file_size(f);

	return size > f->offset ? size - f->offset : 0;
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

bool
acct_file_is_before(const struct timespec *a, const struct timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec;
	return a->tv_nsec < b->tv_nsec;
}

bool
acct_file_find(struct acct_file *f, const char *path,
    acct_file_wanted_fn wanted, const void *ctx)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	char folder[PATH_MAX], name[NAME_MAX + 1] = "";
	struct timespec oldest = {0};
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
		    !S_ISREG(st.st_mode) || !wanted(ctx, &st))
			continue;
		if (name[0] != '\0' &&
		    !acct_file_is_before(&st.st_mtim, &oldest))
			continue;
		snprintf(name, sizeof(name), "%s", e->d_name);
		oldest = st.st_mtim;
	}
	opened = name[0] != '\0' && open_in(f, dirfd(d), name, path);
	closedir(d);
	return opened;
}
