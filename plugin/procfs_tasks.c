/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What numbers are: processes, threads, or nobody's. Many are asked of at once,
 * with as few system calls as that takes.
 */
#include "procfs_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <mntent.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The lines of status that we want of a process that we know. */
#define TGID_SIZE 512

/*
 * Processes are listed for so many births at once, if there are not so many
 * times as many of them: to look for one that is gone takes as long. Threads
 * are listed for so many births by one parent: as many system calls it takes.
 */
#define PROCESSES_WORTH 10
#define TASKS_WORTH     4

static int32_t
read_number(const char *value)
{
	int32_t n;

	return value != NULL && sscanf(value, "%" SCNd32, &n) == 1 ? n : -1;
}

/* The thread group that a status tells; -1 with errno. */
static int32_t
status_tgid(const char *status)
{
	int32_t tgid = read_number(procfs_status_value(status, "Tgid"));

	if (tgid < 0)
		errno = EINVAL;
	return tgid;
}

/* Lists. */

static bool
add_number(struct numbers *list, int32_t number)
{
	if (list->n == list->size) {
		size_t size = list->size > 0 ? 2 * list->size : 1024;
		int32_t *at = reallocarray(list->at, size, sizeof(*at));

		if (at == NULL)
			return false;
		list->at = at;
		list->size = size;
	}
	list->at[list->n++] = number;
	return true;
}

static int
compare_numbers(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
has(const struct numbers *list, int32_t number)
{
	return list->n > 0 && bsearch(&number, list->at, list->n,
				  sizeof(number), compare_numbers) != NULL;
}

/* What getdents64(2) wrote; false: no memory. */
static bool
add_names(struct numbers *list, const char *at, size_t len)
{
	const char *end = at + len;
	const struct dirent64 *de;

	for (; at < end; at += de->d_reclen) {
		int32_t number;

		de = (const void *)at;
		number = procfs_parse_pid(de->d_name);
		if (number >= 0 && !add_number(list, number))
			return false;
	}
	return true;
}

/* The numbers among the names in a folder. False: they can't be read. */
static bool
list_numbers(struct procfs *p, int fd, struct numbers *list)
{
	bool in_order = true;
	long len;

	list->n = 0;
	/* readdir(3) would need a buffer of its own for each folder */
	while ((len = syscall(SYS_getdents64, fd, p->big, BIG_SIZE)) > 0) {
		if (!add_names(list, p->big, (size_t)len))
			return false;
	}
	for (size_t i = 1; i < list->n && in_order; i++)
		in_order = list->at[i - 1] < list->at[i];
	if (!in_order)
		qsort(list->at, list->n, sizeof(*list->at), compare_numbers);
	return len == 0;
}

static bool
list_processes(struct procfs *p)
{
	return lseek(p->root, 0, SEEK_SET) == 0 &&
	       list_numbers(p, p->root, &p->processes);
}

static bool
list_tasks(struct procfs *p, int32_t parent)
{
	char name[32];
	bool listed;
	int fd;

	snprintf(name, sizeof(name), "%" PRId32 "/task", parent);
	fd = openat(p->root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		p->tasks.n = 0;
		return errno == ENOENT;
	}
	listed = list_numbers(p, fd, &p->tasks);
	close(fd);
	return listed;
}

/* Who is hidden. */

static bool
has_hidepid(FILE *mounts)
{
	char line[4096];
	struct mntent m;
	bool found = false;

	rewind(mounts);
	while (!found && getmntent_r(mounts, &m, line, sizeof(line)) != NULL)
		found = strcmp(m.mnt_type, "proc") == 0 &&
			hasmntopt(&m, "hidepid") != NULL;
	return found;
}

void
procfs_open_mounts(struct procfs *p)
{
	if (p->real)
		p->mounts = setmntent("/proc/self/mounts", "re");
	p->hiding = p->mounts != NULL && has_hidepid(p->mounts);
}

void
procfs_close_mounts(struct procfs *p)
{
	if (p->mounts != NULL)
		endmntent(p->mounts);
}

/*
 * Whether there may be processes that are not listed and whose files are not
 * there for us: whoever mounts /proc may want that, at any time.
 */
static bool
is_hiding(struct procfs *p)
{
	struct pollfd changed = {.events = POLLPRI};

	if (!p->real || p->mounts == NULL)
		return p->real;
	changed.fd = fileno(p->mounts);
	if (poll(&changed, 1, 0) != 0)
		p->hiding = has_hidepid(p->mounts);
	return p->hiding;
}

static bool
is_hidden(const struct procfs *p, int32_t pid)
{
	return p->real && (kill(pid, 0) == 0 || errno == EPERM);
}

/*
 * Lists all processes if it is worth while for n of them; the links of /proc
 * are as many as there are, and some. False: they are not listed.
 */
static bool
list_for(struct procfs *p, size_t n)
{
	struct stat st;

	return n >= PROCESSES_WORTH && fstat(p->root, &st) == 0 &&
	       st.st_nlink <= n * PROCESSES_WORTH && !is_hiding(p) &&
	       list_processes(p);
}

/* Processes or threads. */

/* Reads the first lines of a status, at once, for that is what it takes. */
static bool
read_lines(struct procfs *p, int32_t pid, char *buf, size_t size)
{
	char name[32];
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), "%" PRId32 "/status", pid);
	fd = openat(p->root, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	n = read(fd, buf, size - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return n >= 0;
}

/* Nothing says what there is under this number, with errno. */
static enum procfs_task
unread(const struct procfs *p, int32_t pid)
{
	if (errno != ENOENT && errno != ESRCH)
		return PROCFS_UNKNOWN;
	return is_hidden(p, pid) ? PROCFS_UNKNOWN : PROCFS_GONE;
}

static void
look_for_process(struct procfs *p, struct procfs_question *q)
{
	int32_t tgid;

	if (!read_lines(p, q->id, p->big, sizeof(p->big)) ||
	    (tgid = status_tgid(p->big)) < 0) {
		q->is = unread(p, q->id);
		return;
	}
	/* /proc/ID is there for threads, too, although not listed. */
	if (tgid != q->id) {
		q->is = PROCFS_GONE;
		return;
	}
	q->is = procfs_has_local_pid(p->big) ? PROCFS_LOCAL : PROCFS_PROCESS;
	q->ppid = read_number(procfs_status_value(p->big, "PPid"));
}

/* listed: all processes are. */
static bool
may_be_thread(
    const struct procfs *p, const struct procfs_question *q, bool listed)
{
	return q->id != q->parent &&
	       (!listed || (!has(&p->processes, q->id) &&
			       has(&p->processes, q->parent)));
}

static bool
is_task(struct procfs *p, const struct procfs_question *q)
{
	char name[48];
	struct stat st;

	snprintf(
	    name, sizeof(name), "%" PRId32 "/task/%" PRId32, q->parent, q->id);
	return fstatat(p->root, name, &st, 0) == 0;
}

/* Those that have the same parent as the first. */
static void
look_for_threads(
    struct procfs *p, struct procfs_question *q, size_t n, bool listed)
{
	size_t may_be = 0;
	bool all = false;

	for (size_t i = 0; i < n; i++)
		may_be +=
		    q[i].parent == q->parent && may_be_thread(p, &q[i], listed);
	if (may_be >= TASKS_WORTH)
		all = list_tasks(p, q->parent);
	for (size_t i = 0; i < n && may_be > 0; i++) {
		if (q[i].parent != q->parent ||
		    !may_be_thread(p, &q[i], listed))
			continue;
		if (all ? has(&p->tasks, q[i].id) : is_task(p, &q[i]))
			q[i].is = PROCFS_THREAD;
	}
}

static bool
is_first_of_parent(const struct procfs_question *q, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (q[j].parent == q[i].parent)
			return false;
	}
	return true;
}

void
procfs_tasks(struct procfs *p, struct procfs_question *q, size_t n)
{
	bool listed = list_for(p, n);

	for (size_t i = 0; i < n; i++) {
		q[i].is = PROCFS_UNKNOWN;
		q[i].ppid = -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (is_first_of_parent(q, i))
			look_for_threads(p, q + i, n - i, listed);
	}
	for (size_t i = 0; i < n; i++) {
		if (q[i].is == PROCFS_THREAD)
			continue;
		if (listed && !has(&p->processes, q[i].id))
			q[i].is = PROCFS_GONE;
		else
			look_for_process(p, &q[i]);
	}
}

bool
procfs_exists(struct procfs *p, int32_t pid)
{
	char buf[TGID_SIZE];
	int32_t tgid;

	if (read_lines(p, pid, buf, sizeof(buf))) {
		tgid = status_tgid(buf);
		if (tgid >= 0)
			return tgid == pid;
	}
	return unread(p, pid) != PROCFS_GONE;
}

size_t
procfs_vanished(struct procfs *p, int32_t *pids, size_t n)
{
	bool listed = list_for(p, n);
	size_t vanished = 0;

	for (size_t i = 0; i < n; i++) {
		if (!(listed && has(&p->processes, pids[i])) &&
		    !procfs_exists(p, pids[i]))
			pids[vanished++] = pids[i];
	}
	return vanished;
}
