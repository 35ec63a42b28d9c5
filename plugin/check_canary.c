/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_canary.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acct_record.h"

/* Others end meanwhile, too; but not this many. */
#define RECORDS_MAX 4096

/* Opens it for reading, without waiting should it be a pipe; -1: errno. */
static int
open_acct(const char *path)
{
	return open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

static void
look_at(struct check_acct_file *f, const char *root)
{
	char path[PATH_MAX];
	struct statvfs fs;
	int fd;

	snprintf(path, sizeof(path), "%s%s", root, f->path);
	if (statvfs(path, &fs) == 0) {
		f->blocks = fs.f_blocks;
		f->available = fs.f_bavail;
	}
	fd = open_acct(path);
	if (fd < 0) {
		f->look = errno == ENOENT ? LOOK_NONE : LOOK_FAILED;
		f->error = errno;
		return;
	}
	f->look = LOOK_SEEN;
	close(fd);
}

static void
add_file(struct check_world *w, const char *root, const char *path, bool own)
{
	struct check_acct_file *f = &w->acct_files[w->nacct_files];

	if (path == NULL || w->nacct_files == CHECK_ACCT_FILES_MAX)
		return;
	*f = (struct check_acct_file){.path = path, .own = own};
	look_at(f, root);
	w->nacct_files++;
}

void
check_canary_files(struct check_world *w, const char *root)
{
	if (w->settings == NULL)
		return;
	add_file(w, root, w->settings->acct.own_file, true);
	for (size_t i = 0; i < w->settings->acct.nfiles; i++)
		add_file(w, root, w->settings->acct.files[i], false);
}

/* Looks for the record of pid in what was written behind at. */
static enum check_canary
find(int fd, off_t at, pid_t pid)
{
	unsigned char record[ACCT_RECORD_SIZE];
	enum check_canary found = CANARY_LOST;

	for (int i = 0; i < RECORDS_MAX; i++) {
		struct fact fact;

		if (pread(fd, record, sizeof(record), at) !=
		    (ssize_t)sizeof(record))
			break;
		at += (off_t)sizeof(record);
		switch (acct_record_decode(record, &fact)) {
		case ACCT_OK:
			if (fact.pid == pid)
				return CANARY_FOUND;
			break;
		case ACCT_OLD_VERSION:
			found = CANARY_OLD_VERSION;
			break;
		case ACCT_BAD:
			break;
		}
	}
	return found;
}

/* The pid of a child that has ended, or -1. */
static pid_t
send_canary(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return pid;
}

void
check_canary_send(struct check_world *w)
{
	int fd[CHECK_ACCT_FILES_MAX];
	off_t size[CHECK_ACCT_FILES_MAX];
	pid_t pid;

	for (size_t i = 0; i < w->nacct_files; i++) {
		struct stat st;

		fd[i] = open_acct(w->acct_files[i].path);
		size[i] = 0;
		if (fd[i] >= 0 && fstat(fd[i], &st) == 0)
			size[i] = st.st_size;
	}
	pid = send_canary();
	for (size_t i = 0; i < w->nacct_files; i++) {
		if (fd[i] < 0)
			continue;
		if (pid > 0 && w->canary == CANARY_LOST) {
			w->canary = find(fd[i], size[i], pid);
			w->canary_file = i;
		}
		close(fd[i]);
	}
}
