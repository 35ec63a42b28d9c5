/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "procfs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "procfs_impl.h"

/* PID_MAX_LIMIT of include/linux/threads.h: no pid reaches it. */
#define PID_LIMIT (4 * 1024 * 1024)

/* PF_KTHREAD of include/linux/sched.h, which stat shows among the flags. */
#define KERNEL_THREAD 0x00200000

/* What we want of /proc/PID/stat. comm points into the text. */
struct stat_line {
	struct bytes comm;
	char state;
	int32_t ppid;
	int tty_nr;
	unsigned flags;
	long threads;
	uint64_t ticks;
};

/* A process of the first pass. */
struct entry {
	int32_t pid, ppid;
	uint64_t ticks;
	bool told;
};

struct table {
	struct entry *at;
	size_t n, size;
};

/* One snapshot: where its facts go, and what all of them share. */
struct snapshot {
	int64_t seen_ms, boot_ms;
	procfs_fact_fn fn;
	void *ctx;
	int count;
};

struct procfs *
procfs_open(const char *root, bool details, struct err *err)
{
	struct procfs *p = calloc(1, sizeof(*p));
	struct statfs fs;

	if (p == NULL || (p->dir = opendir(root)) == NULL ||
	    fstatfs(dirfd(p->dir), &fs) < 0) {
		err_errno(err, "%s", root);
		procfs_close(p);
		return NULL;
	}
	p->root = dirfd(p->dir);
	p->details = details;
	p->real = fs.f_type == PROC_SUPER_MAGIC;
	p->hertz = (uint64_t)sysconf(_SC_CLK_TCK);
	procfs_open_mounts(p);
	return p;
}

void
procfs_close(struct procfs *p)
{
	if (p == NULL)
		return;
	if (p->dir != NULL)
		closedir(p->dir);
	procfs_close_mounts(p);
	free(p->processes.at);
	free(p->tasks.at);
	free(p);
}

/* Reads a file as far as it fits, and ends it with a NUL. -1 with errno. */
static ssize_t
read_file(int dir, const char *name, char *buf, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (len < size - 1) {
		n = read(fd, buf + len, size - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	close(fd);
	buf[len] = '\0';
	return n < 0 ? -1 : (ssize_t)len;
}

static bool
read_stat(int dir, const char *name, char buf[STAT_SIZE], struct stat_line *l)
{
	ssize_t len = read_file(dir, name, buf, STAT_SIZE);
	const char *open, *close;

	if (len < 0)
		return false;
	/* A name may hold anything, blanks and parentheses too. */
	open = strchr(buf, '(');
	close = strrchr(buf, ')');
	if (open == NULL || close == NULL || close < open)
		return false;
	l->comm = (struct bytes){open + 1, (size_t)(close - open - 1)};
	return sscanf(close + 1,
		   " %c %" SCNd32 " %*s %*s %d %*s %u %*s %*s %*s %*s"
		   " %*s %*s %*s %*s %*s %*s %ld %*s %" SCNu64,
		   &l->state, &l->ppid, &l->tty_nr, &l->flags, &l->threads,
		   &l->ticks) == 6;
}

/* The value of a line "NAME:\tVALUE" of status; NULL: no such line. */
const char *
procfs_status_value(const char *status, const char *name)
{
	size_t len = strlen(name);

	while (status != NULL) {
		if (strncmp(status, name, len) == 0 && status[len] == ':')
			return status + len + 1;
		status = strchr(status, '\n');
		if (status != NULL)
			status++;
	}
	return NULL;
}

/* NSpid has a number for each pid namespace from ours down to its own. */
bool
procfs_has_local_pid(const char *status)
{
	const char *nspid = procfs_status_value(status, "NSpid");
	int32_t ours, below;

	return nspid != NULL &&
	       sscanf(nspid, "%" SCNd32 " %" SCNd32, &ours, &below) == 2;
}

static void
read_ids(
    const char *value, uint32_t *real, uint32_t *effective, uint32_t *saved)
{
	uint32_t id[3];

	if (value == NULL || sscanf(value, "%" SCNu32 " %" SCNu32 " %" SCNu32,
				 &id[0], &id[1], &id[2]) != 3)
		return;
	*real = id[0];
	*effective = id[1];
	*saved = id[2];
}

/* loginuid and sessionid; missing where the kernel has no audit. */
static uint32_t
read_id(int dir, const char *name)
{
	char buf[16];
	uint32_t id;

	if (read_file(dir, name, buf, sizeof(buf)) < 0 ||
	    sscanf(buf, "%" SCNu32, &id) != 1)
		return ID_UNSET;
	return id;
}

static void
read_status(struct procfs *p, int dir, struct fact *fact)
{
	struct creds *c = &fact->creds;
	fact->creds = CREDS_UNKNOWN;
	c->auid = read_id(dir, "loginuid");
	c->session = read_id(dir, "sessionid");
	if (read_file(dir, "status", p->big, sizeof(p->big)) < 0)
		return;
	read_ids(
	    procfs_status_value(p->big, "Uid"), &c->uid, &c->euid, &c->suid);
	read_ids(
	    procfs_status_value(p->big, "Gid"), &c->gid, &c->egid, &c->sgid);
	fact->found.local_pids = procfs_has_local_pid(p->big);
}

/*
 * Programs that write a title over their arguments (PostgreSQL) pad it with
 * NULs, which are no arguments.
 */
static size_t
without_padding(const char *at, size_t len)
{
	size_t end = len;

	while (end > 0 && at[end - 1] == '\0')
		end--;
	return len - end > 2 ? end + 1 : len;
}

static void
read_args(struct procfs *p, int dir, struct args *args)
{
	ssize_t n = read_file(dir, "cmdline", p->big, sizeof(p->big));
	size_t len;

	if (n <= 0)
		return;
	len = (size_t)n;
	args->truncated = len == BIG_SIZE;
	/* read_file() put a NUL behind it: that ends a string without one. */
	if (p->big[len - 1] != '\0')
		len++;
	len = without_padding(p->big, len);
	args->bytes = (struct bytes){p->big, len};
	for (size_t i = 0; i < len; i++)
		args->count += p->big[i] == '\0';
	args->argc = args->count;
}

static struct bytes
read_link(int dir, const char *name, char buf[PATH_MAX])
{
	ssize_t n = readlinkat(dir, name, buf, PATH_MAX);

	/* A path that fills the buffer may be cut: better none. */
	if (n <= 0 || n == PATH_MAX)
		return BYTES_NONE;
	return (struct bytes){buf, (size_t)n};
}

/* new_encode_dev() of include/linux/kdev_t.h. */
static struct tty
decode_tty(int tty_nr)
{
	uint32_t n = (uint32_t)tty_nr;

	return (struct tty){n >> 8 & 0xfff, (n & 0xff) | (n >> 12 & 0xfff00)};
}

/* Over, and only kept for its parent. A leader may be dead before others. */
static bool
is_zombie(const struct stat_line *l)
{
	return l->state == 'X' || (l->state == 'Z' && l->threads <= 1);
}

/* The second pass, by a descriptor: the number may be another's by now. */
static void
tell(struct procfs *p, const struct entry *e, struct snapshot *s)
{
	char name[16];
	struct fact fact = {.kind = FACT_FOUND, .at = {TIME_UNKNOWN, 0}};
	struct fact_found *found = &fact.found;
	struct stat_line l;
	int dir;

	snprintf(name, sizeof(name), "%" PRId32, e->pid);
	dir = openat(p->root, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	if (!read_stat(dir, "stat", p->stat, &l) || l.ticks != e->ticks ||
	    is_zombie(&l)) {
		close(dir);
		return;
	}
	fact.pid = e->pid;
	fact.ppid = l.ppid;
	fact.comm = l.comm;
	fact.tty = decode_tty(l.tty_nr);
	found->start_ticks = l.ticks;
	found->start_ms = s->boot_ms + (int64_t)(l.ticks * 1000 / p->hertz);
	found->seen_ms = s->seen_ms;
	read_status(p, dir, &fact);
	read_args(p, dir, &found->args);
	if (p->details) {
		fact.exe = read_link(dir, "exe", p->exe);
		found->cwd = read_link(dir, "cwd", p->cwd);
	}
	close(dir);
	s->count++;
	s->fn(s->ctx, &fact);
}

/* A pid, or -1. */
int32_t
procfs_parse_pid(const char *name)
{
	int32_t pid = 0;

	for (; isdigit((unsigned char)*name) && pid < PID_LIMIT; name++)
		pid = pid * 10 + (*name - '0');
	return *name == '\0' && pid > 0 && pid < PID_LIMIT ? pid : -1;
}

static bool
table_add(struct table *t, const struct entry *e)
{
	if (t->n == t->size) {
		size_t size = t->size > 0 ? 2 * t->size : 256;
		struct entry *at = reallocarray(t->at, size, sizeof(*at));

		if (at == NULL)
			return false;
		t->at = at;
		t->size = size;
	}
	t->at[t->n++] = *e;
	return true;
}

static int
compare_pids(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* The first pass. 0, or an errno. */
static int
list(struct procfs *p, bool kernel_threads, struct table *t)
{
	struct dirent *de;

	rewinddir(p->dir);
	while (errno = 0, (de = readdir(p->dir)) != NULL) {
		struct entry e = {.pid = procfs_parse_pid(de->d_name)};
		struct stat_line l;
		char name[32];

		if (e.pid < 0)
			continue;
		snprintf(name, sizeof(name), "%" PRId32 "/stat", e.pid);
		if (!read_stat(p->root, name, p->stat, &l) ||
		    (!kernel_threads && (l.flags & KERNEL_THREAD) != 0))
			continue;
		e.ppid = l.ppid;
		e.ticks = l.ticks;
		if (!table_add(t, &e))
			break;
	}
	return errno;
}

static struct entry *
find(const struct table *t, int32_t pid)
{
	const struct entry key = {.pid = pid};

	return bsearch(&key, t->at, t->n, sizeof(key), compare_pids);
}

/*
 * Tells e and before it those of its ancestors that were not told yet. The
 * table may hold a circle, as it was not read in one moment.
 */
static void
tell_descent(struct procfs *p, const struct table *t, struct entry *e,
    struct snapshot *s)
{
	while (!e->told) {
		struct entry *top = e;

		for (size_t n = 0; n < t->n; n++) {
			struct entry *parent = find(t, top->ppid);

			if (parent == NULL || parent->told)
				break;
			top = parent;
		}
		top->told = true;
		tell(p, top, s);
	}
}

/*
 * Between the two passes: whom the first one listed was born before, and whom
 * the second one tells of is alive.
 */
static void
note_time(struct snapshot *s)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	s->seen_ms = (int64_t)real.tv_sec * 1000 + real.tv_nsec / 1000000;
	s->boot_ms = (((int64_t)real.tv_sec - boot.tv_sec) * 1000000000 +
			 real.tv_nsec - boot.tv_nsec) /
		     1000000;
}

int
procfs_snapshot(
    struct procfs *p, bool kernel_threads, procfs_fact_fn fn, void *ctx)
{
	struct snapshot s = {.fn = fn, .ctx = ctx};
	struct table t = {0};
	int error = list(p, kernel_threads, &t);

	note_time(&s);
	if (error == 0 && t.n > 0) {
		qsort(t.at, t.n, sizeof(*t.at), compare_pids);
		for (size_t i = 0; i < t.n; i++)
			tell_descent(p, &t, &t.at[i], &s);
	}
	free(t.at);
	errno = error;
	return error == 0 ? s.count : -1;
}

int
procfs_boot_id(struct procfs *p, char id[37])
{
	char buf[64];
	ssize_t n =
	    read_file(p->root, "sys/kernel/random/boot_id", buf, sizeof(buf));

	if (n < 0)
		return -1;
	if (n < 36) {
		errno = EINVAL;
		return -1;
	}
	memcpy(id, buf, 36);
	id[36] = '\0';
	return 0;
}
