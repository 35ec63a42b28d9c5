/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder of segments, events-NNNNNNNN.jsonl, which are never renamed: whoever
 * reads them needs no luck to get each line once.
 *
 * A segment holds whole lines only, whatever happens to the disk. Room for a
 * batch is reserved before it is written, so that a reader does not even see
 * a fragment for a moment; where the file system can't do that, or the write
 * falls short in spite of it, what was too much is cut off at once. A segment
 * that somebody else tampers with is left alone and a new one begun.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "sink_folder.h"
#include "sink_impl.h"
#include "waits.h"

#define GROUP_NONE ((gid_t)-1)

#define SEGMENT_MODE 0640

/* One write; on a nearly full disk what fits is found in such steps. */
#define WRITE_MAX (256 * 1024)

/* Disk space is reserved by so much at once. */
#define RESERVE (1024 * 1024)

/* How often somebody else's doings are looked for, and old segments. */
#define CHECK_MS  1000
#define RETAIN_MS 60000

struct sink_file {
	struct sink_folder folder;
	uint64_t segment_size, segments;
	int64_t max_age_ms;
	gid_t group;       /* GROUP_NONE: as it comes */
	int fd;            /* of the present segment; -1: none */
	uint64_t number;   /* of the present segment, or of the next one */
	uint64_t size;     /* its good size: whole lines */
	uint64_t reserved; /* up to here disk space is ours */
	int64_t checked_ms, retained_ms;
};

/* Gives a new segment its mode and group. 0, or -1 with errno. */
static int
set_owner(const struct sink_file *f, int fd)
{
	struct stat st;

	if (fchmod(fd, SEGMENT_MODE) < 0 || fstat(fd, &st) < 0)
		return -1;
	if (f->group == GROUP_NONE || f->group == st.st_gid)
		return 0;
	return fchown(fd, (uid_t)-1, f->group);
}

/*
 * The present segment takes no more lines. What was reserved in vain is given
 * back, unless somebody else (us after a reload, too) has written to it.
 */
static void
end_segment(struct sink_file *f)
{
	struct stat st;

	if (f->fd < 0)
		return;
	if (f->reserved > f->size && fstat(f->fd, &st) == 0 &&
	    (uint64_t)st.st_size == f->size && ftruncate(f->fd, st.st_size) < 0)
		log_debug("space reserved in vain stays so");
	close(f->fd);
	f->fd = -1;
	f->number++;
}

/* Begins the segment f->number, or one after all that are there. */
static int
begin_segment(struct sink_file *f)
{
	const int flags =
	    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
	char name[SINK_NAME_SIZE];
	uint64_t highest;
	int saved;

	if (sink_folder_open(&f->folder) < 0)
		return -1;
	highest = sink_folder_list(&f->folder).highest;
	if (highest >= f->number)
		f->number = highest + 1;
	sink_folder_name(name, f->number);
	f->fd = openat(sink_folder_fd(&f->folder), name, flags, SEGMENT_MODE);
	if (f->fd < 0)
		return -1;
	f->size = f->reserved = 0;
	if (set_owner(f, f->fd) == 0)
		return 0;
	saved = errno;
	unlinkat(sink_folder_fd(&f->folder), name, 0);
	close(f->fd);
	f->fd = -1;
	errno = saved;
	return -1;
}

/* Where the last line that is whole ends; -1: it can't be read. */
static off_t
end_of_lines(int fd, off_t size)
{
	char part[4096];

	while (size > 0) {
		size_t len =
		    size < (off_t)sizeof(part) ? (size_t)size : sizeof(part);
		const char *nl;

		if (pread(fd, part, len, size - (off_t)len) != (ssize_t)len)
			return -1;
		nl = memrchr(part, '\n', len);
		if (nl != NULL)
			return size - (off_t)len + (nl - part) + 1;
		size -= (off_t)len;
	}
	return 0;
}

/*
 * We were killed while we wrote, which cuts a long write short
 * (generic_perform_write() in mm/filemap.c): what there is of the last line is
 * of no use to anybody. False: it can't be taken away.
 */
static bool
cut_torn_line(int fd, struct stat *st)
{
	off_t end = end_of_lines(fd, st->st_size);

	if (end < 0 || (end < st->st_size && ftruncate(fd, end) < 0))
		return false;
	st->st_size = end;
	return true;
}

/* True if the segment may be continued: ours, not full, whole lines only. */
static bool
is_fit(const struct sink_file *f, int fd, struct stat *st)
{
	if (!S_ISREG(st->st_mode) || (uint64_t)st->st_size >= f->segment_size)
		return false;
	if (f->group != GROUP_NONE && st->st_gid != f->group)
		return false;
	return cut_torn_line(fd, st);
}

/* Goes on with the segment f->number, which is there. False: it can't. */
static bool
continue_segment(struct sink_file *f)
{
	char name[SINK_NAME_SIZE];
	struct stat st;
	int fd;

	sink_folder_name(name, f->number);
	fd = openat(sink_folder_fd(&f->folder), name,
	    O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) < 0 || !is_fit(f, fd, &st)) {
		close(fd);
		return false;
	}
	f->fd = fd;
	f->size = f->reserved = (uint64_t)st.st_size;
	return true;
}

/*
 * Whether the present segment, its name and the folder's are as we left them.
 * Otherwise the next lines go to a new segment, which readers will find.
 */
static void
check_segment(struct sink_file *f)
{
	struct stat st, named;
	char name[SINK_NAME_SIZE];

	if (f->fd < 0)
		return;
	sink_folder_name(name, f->number);
	if (fstat(f->fd, &st) == 0 && (uint64_t)st.st_size == f->size &&
	    fstatat(sink_folder_fd(&f->folder), name, &named,
		AT_SYMLINK_NOFOLLOW) == 0 &&
	    named.st_dev == st.st_dev && named.st_ino == st.st_ino &&
	    sink_folder_is_there(&f->folder))
		return;
	end_segment(f);
}

static void
retain(struct sink_file *f, int64_t now_ms)
{
	sink_folder_retain(
	    &f->folder, f->number, f->segments, f->max_age_ms, now_ms);
	f->retained_ms = now_ms;
}

/* Looks after what time and others do. */
static void
look_after(struct sink_file *f, int64_t now_ms)
{
	if (wait_is_over(f->checked_ms, CHECK_MS, now_ms)) {
		check_segment(f);
		f->checked_ms = now_ms;
	}
	if (wait_is_over(f->retained_ms, RETAIN_MS, now_ms))
		retain(f, now_ms);
}

static bool
allocate(struct sink_file *f, uint64_t end)
{
	if (fallocate(f->fd, FALLOC_FL_KEEP_SIZE, (off_t)f->size,
		(off_t)(end - f->size)) < 0)
		return false;
	f->reserved = end;
	return true;
}

/*
 * Reserves disk space for the next len bytes. False with errno if there is
 * none; true also where space can't be reserved: then the write tells.
 */
static bool
reserve(struct sink_file *f, size_t len)
{
	uint64_t end = f->size + len, ahead = f->size + RESERVE;

	if (f->reserved >= end)
		return true;
	if (ahead > f->segment_size)
		ahead = f->segment_size;
	if (ahead > end && allocate(f, ahead))
		return true;
	if (allocate(f, end))
		return true;
	if (errno == EOPNOTSUPP)
		f->reserved = UINT64_MAX; /* there is no use in asking again */
	return errno != ENOSPC && errno != EDQUOT && errno != EIO;
}

/* How much of the backlog goes into the present segment; 0: nothing. */
static size_t
next_write(const struct sink_file *f, const struct backlog *b)
{
	uint64_t room =
	    f->size < f->segment_size ? f->segment_size - f->size : 0;
	size_t len = backlog_whole(b, room < WRITE_MAX ? room : WRITE_MAX);

	if (len > 0)
		return len;
	/* One line alone may be longer than any write, or any segment. */
	len = backlog_first(b);
	return len <= room || f->size == 0 ? len : 0;
}

/* Cuts off what was written of a line that did not fit. */
static void
cut(struct sink_file *f, struct backlog *b, uint64_t fragment)
{
	struct stat st;

	backlog_rewind(b);
	f->reserved = f->size;
	if (fstat(f->fd, &st) == 0 &&
	    ftruncate(f->fd, st.st_size - (off_t)fragment) == 0)
		return;
	log_warn("segment %" PRIu64 " in %s keeps the fragment of an event",
	    f->number, f->folder.path);
	end_segment(f); /* so that nothing follows it */
}

/*
 * Writes len bytes, which are whole lines. False with errno if not all went;
 * those that did are done with.
 */
static bool
write_lines(struct sink_file *f, struct backlog *b, size_t len)
{
	uint64_t end = f->size;
	int saved = 0;

	while (len > 0) {
		ssize_t n = sink_write(f->fd, b, len);
		size_t whole;

		if (n < 0) {
			saved = errno;
			break;
		}
		whole = backlog_whole(b, (size_t)n);
		if (whole > 0)
			f->size = end + whole;
		end += (size_t)n;
		backlog_sent(b, (size_t)n);
		len -= (size_t)n;
	}
	if (end > f->size)
		cut(f, b, end - f->size);
	errno = saved;
	return len == 0;
}

static enum sink_state
file_flush(void *impl, struct queue *q, int64_t now_ms)
{
	struct sink_file *f = impl;
	struct backlog *b = queue_backlog(q);

	look_after(f, now_ms);
	while (backlog_used(b) > 0) {
		size_t len = f->fd >= 0 ? next_write(f, b) : 0;

		if (len == 0) {
			end_segment(f);
			if (begin_segment(f) < 0)
				return SINK_FAILED;
			retain(f, now_ms);
			continue;
		}
		if (reserve(f, len) && write_lines(f, b, len))
			continue;
		/* A limit to the size of files: a new one may have room. */
		if (errno != EFBIG || f->size == 0)
			return SINK_FAILED;
		end_segment(f);
	}
	return SINK_DONE;
}

static uint64_t
file_next_segment(const void *impl)
{
	const struct sink_file *f = impl;

	return f->fd >= 0 ? f->number + 1 : f->number;
}

static void
file_close(void *impl, struct queue *q, int64_t now_ms)
{
	struct sink_file *f = impl;

	(void)q;
	(void)now_ms;
	end_segment(f);
	sink_folder_close(&f->folder);
	free(f);
}

static int
find_group(const char *name, gid_t *gid, struct err *err)
{
	const struct group *g;

	*gid = GROUP_NONE;
	if (name == NULL)
		return 0;
	g = getgrnam(name);
	if (g == NULL)
		return err_set(err, "no group %s", name);
	*gid = g->gr_gid;
	return 0;
}

/* Finds the number to go on from, and a segment to begin with. */
static int
start(struct sink_file *f, uint64_t first_segment, const char *group,
    struct err *err)
{
	uint64_t highest;

	if (sink_folder_open(&f->folder) < 0)
		return err_errno(err, "folder %s", f->folder.path);
	highest = sink_folder_list(&f->folder).highest;
	f->number = first_segment > 0 && first_segment < SINK_NUMBER_MAX
			? first_segment
			: 1;
	if (highest > 0 && highest + 1 >= f->number) {
		f->number = highest;
		if (continue_segment(f))
			return 0;
		f->number++;
	}
	/* On a full disk the plugin shall start, and write later. */
	if (begin_segment(f) == 0 || errno == ENOSPC || errno == EDQUOT)
		return 0;
	if (group != NULL && errno == EPERM)
		return err_set(err,
		    "may not give files in folder %s to group %s",
		    f->folder.path, group);
	return err_errno(err, "segment in folder %s", f->folder.path);
}

static void *
file_open(const struct sink_settings *s, const struct sink_needs *needs,
    int64_t now_ms, struct err *err)
{
	struct sink_file *f = calloc(1, sizeof(*f));

	if (f == NULL || (f->folder.path = strdup(s->path)) == NULL) {
		err_errno(err, "folder %s", s->path);
		free(f);
		return NULL;
	}
	f->fd = -1;
	f->segment_size = s->segment_size;
	f->segments = s->segments;
	f->max_age_ms = s->max_age_ms;
	f->checked_ms = now_ms;
	/* Beyond RLIMIT_FSIZE write(2) shall fail, no more. */
	signal(SIGXFSZ, SIG_IGN);
	if (find_group(s->group, &f->group, err) < 0 ||
	    start(f, needs->first_segment, s->group, err) < 0) {
		file_close(f, NULL, now_ms);
		return NULL;
	}
	return f;
}

const struct sink_ops *
sink_file_ops(void)
{
	static const struct sink_ops ops = {
	    .open = file_open,
	    .flush = file_flush,
	    .next_segment = file_next_segment,
	    .close = file_close,
	};

	return &ops;
}
