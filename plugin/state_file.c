/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a file, with what stands behind it while it is written or set aside. */
#define NAME_SIZE 64

#define BAD_MAX 100 /* set aside: somebody should have looked by then */

/* Reading. */

/* Reads what fd has, as far as it fits. */
static int
read_all(int fd, struct state_file *f, size_t size)
{
	ssize_t n = 0;

	f->len = 0;
	while (f->len < size) {
		n = read(fd, f->at + f->len, size - f->len);
		if (n > 0)
			f->len += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	f->at[f->len] = '\0';
	return n < 0 ? -1 : 0;
}

static int
read_fd(int fd, size_t max, struct state_file *f, struct err *err)
{
	struct stat st;
	size_t size;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return err_set(err, "is no regular file");
	size = (uintmax_t)st.st_size < max ? (size_t)st.st_size : max;
	f->at = malloc(size + 1);
	if (f->at == NULL || read_all(fd, f, size) != 0) {
		err_errno(err, "cannot be read");
		free(f->at);
		*f = (struct state_file){NULL, 0};
		return -1;
	}
	return 0;
}

static int
read_file(int dirfd, const char *name, size_t max, struct state_file *f,
    struct err *err)
{
	/* Not to wait if somebody put a FIFO there. */
	int fd =
	    openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return err_errno(err, "cannot be opened");
	rc = read_fd(fd, max, f, err);
	close(fd);
	return rc;
}

int
state_file_check(
    const struct state_file *f, const char *kind, int version, struct err *err)
{
	const char *at = f->at;
	unsigned long has;

	if (strncmp(at, STATE_FILE_MAGIC, strlen(STATE_FILE_MAGIC)) != 0)
		return err_set(err, "is no %s", kind);
	at += strlen(STATE_FILE_MAGIC);
	if (strncmp(at, kind, strlen(kind)) != 0 || at[strlen(kind)] != ' ')
		return err_set(err, "is no %s", kind);
	has = strtoul(at + strlen(kind), NULL, 10);
	if (has != (unsigned long)version)
		return err_set(err, "has version %lu, not %d", has, version);
	return 0;
}

/* Setting aside. */

/* A name that no file has, or false. The folder is nobody else's. */
static bool
find_bad_name(int dirfd, const char *name, char bad[NAME_SIZE])
{
	struct stat st;

	for (int i = 0; i < BAD_MAX; i++) {
		if (i == 0)
			snprintf(bad, NAME_SIZE, "%s.bad", name);
		else
			snprintf(bad, NAME_SIZE, "%s.bad.%d", name, i);
		if (fstatat(dirfd, bad, &st, AT_SYMLINK_NOFOLLOW) != 0)
			return true;
	}
	return false;
}

static void
set_aside(int dirfd, const char *dir, const char *name, struct err *err)
{
	char bad[NAME_SIZE];

	err_context(err, "%s/%s", dir, name);
	if (!find_bad_name(dirfd, name, bad))
		err_set(err,
		    "%s; will be overwritten: %d are set aside already",
		    err->text, BAD_MAX);
	else if (renameat(dirfd, name, dirfd, bad) != 0)
		err_errno(err, "%s; cannot be set aside", err->text);
	else
		err_set(err, "%s; set aside as %s/%s", err->text, dir, bad);
}

static int
open_folder(const char *dir)
{
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void
state_file_set_aside(const char *dir, const char *name, struct err *err)
{
	int dirfd = open_folder(dir);

	if (dirfd < 0) {
		err_errno(err, "%s; cannot open %s", err->text, dir);
		return;
	}
	set_aside(dirfd, dir, name, err);
	close(dirfd);
}

enum state_file_found
state_file_read(const char *dir, const char *name, size_t max,
    struct state_file *f, struct err *err)
{
	enum state_file_found found = STATE_FILE_READ;
	struct stat st;
	int dirfd = open_folder(dir);

	*f = (struct state_file){NULL, 0};
	if (dirfd < 0) {
		if (errno == ENOENT)
			return STATE_FILE_NONE;
		err_errno(err, "cannot open %s", dir);
		return STATE_FILE_SET_ASIDE;
	}
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 &&
	    errno == ENOENT) {
		found = STATE_FILE_NONE;
	} else if (read_file(dirfd, name, max, f, err) != 0) {
		set_aside(dirfd, dir, name, err);
		found = STATE_FILE_SET_ASIDE;
	}
	close(dirfd);
	return found;
}

/* Writing. */

static int
write_all(int fd, struct bytes b)
{
	while (b.len > 0) {
		ssize_t n = write(fd, b.at, b.len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			b.at += n;
			b.len -= (size_t)n;
		}
	}
	return 0;
}

/* Writes the file aside; what is left of it after a failure is the caller's. */
static int
write_aside(int dirfd, const char *aside, struct bytes content, struct err *err)
{
	int fd = openat(dirfd, aside,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = 0;

	if (fd < 0)
		return err_errno(err, "cannot make %s", aside);
	if (write_all(fd, content) != 0 || fsync(fd) != 0)
		rc = err_errno(err, "cannot write %s", aside);
	if (close(fd) != 0 && rc == 0)
		rc = err_errno(err, "cannot write %s", aside);
	return rc;
}

static int
write_new(int dirfd, const char *name, struct bytes content, struct err *err)
{
	char aside[NAME_SIZE];
	int rc;

	snprintf(aside, sizeof(aside), "%s.new", name);
	/* One of ours that a crash left; never written through a link. */
	if (unlinkat(dirfd, aside, 0) != 0 && errno != ENOENT)
		return err_errno(err, "cannot remove %s", aside);
	rc = write_aside(dirfd, aside, content, err);
	if (rc == 0 && renameat(dirfd, aside, dirfd, name) != 0)
		rc = err_errno(err, "cannot rename %s", aside);
	if (rc != 0)
		(void)unlinkat(dirfd, aside, 0);
	return rc;
}

/* Without this a power cut may bring back what was there before. */
static int
sync_folder(int dirfd, struct err *err)
{
	return fsync(dirfd) == 0 ? 0 : err_errno(err, "cannot sync the folder");
}

int
state_file_write(
    const char *dir, const char *name, struct bytes content, struct err *err)
{
	int dirfd = open_folder(dir);
	int rc;

	if (dirfd < 0)
		return err_errno(err, "cannot open %s", dir);
	rc = write_new(dirfd, name, content, err);
	if (rc == 0)
		rc = sync_folder(dirfd, err);
	close(dirfd);
	return rc == 0 ? 0 : err_context(err, "%s", dir);
}

int
state_file_remove(const char *dir, const char *name, struct err *err)
{
	int dirfd = open_folder(dir);
	int rc = 0;

	if (dirfd < 0)
		return err_errno(err, "cannot open %s", dir);
	if (unlinkat(dirfd, name, 0) == 0)
		rc = sync_folder(dirfd, err);
	else if (errno != ENOENT)
		rc = err_errno(err, "cannot remove %s", name);
	close(dirfd);
	return rc == 0 ? 0 : err_context(err, "%s", dir);
}
