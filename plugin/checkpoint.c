/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file is text, so that people can look at it:
 *
 *	proclife checkpoint 1
 *	boot_id 4c5a2f5e-...
 *	...
 *	crc32 0a1b2c3d
 *
 * Only what checkpoint_write() can have written, to the byte, is read.
 */
#include "checkpoint.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "ident.h"
#include "text.h"

#define FILE_NAME "checkpoint"
#define NEW_NAME  "checkpoint.new"
#define BAD_NAME  "checkpoint.bad"
#define BAD_MAX   100 /* set aside: somebody should have looked by then */

#define MAGIC     "proclife checkpoint "
#define VERSION   1
#define FILE_SIZE 1024 /* more than any has */
#define UUID_LEN  36
#define NO_BOOT   "-" /* stands for an empty boot id */

/* RFC 9562, version 4; nil, which means unknown, where there is no chance. */
static struct uuid
random_uuid(void)
{
	struct uuid u = {{0}};
	ssize_t n;

	do
		n = getrandom(u.b, sizeof(u.b), 0);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(u.b))
		return (struct uuid){{0}};
	u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x40);
	u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
	return u;
}

static void
init(struct checkpoint *c)
{
	*c = (struct checkpoint){
	    .agent_id = random_uuid(),
	    .last_stamp_ms = TIME_UNKNOWN,
	    .written_ms = TIME_UNKNOWN,
	};
}

static void
encode(const struct checkpoint *c, struct text *t)
{
	text_fmt(t, MAGIC "%d\n", VERSION);
	text_fmt(
	    t, "boot_id %s\n", c->boot_id[0] == '\0' ? NO_BOOT : c->boot_id);
	text_str(t, "agent_id ");
	ident_print(t, &c->agent_id);
	text_fmt(t, "\nlast_serial %" PRIu32 "\n", c->last_serial);
	text_fmt(t, "last_stamp_ms %" PRId64 "\n", c->last_stamp_ms);
	text_fmt(t, "written_ms %" PRId64 "\n", c->written_ms);
	text_fmt(t, "kernel_lost %" PRIu32 "\n", c->kernel_lost);
	text_fmt(t, "next_segment %" PRIu64 "\n", c->next_segment);
	text_fmt(t, "acct_dev %" PRIu64 "\n", c->acct.dev);
	text_fmt(t, "acct_ino %" PRIu64 "\n", c->acct.ino);
	text_fmt(t, "acct_offset %" PRIu64 "\n", c->acct.offset);
	text_fmt(t, "clean %d\n", c->clean);

	uLong crc = crc32(0, (const Bytef *)t->buf, (uInt)t->len);
	text_fmt(t, "crc32 %08lx\n", crc);
}

/* Lenient: decode() holds the result against the file. */
static void
parse_uuid(const char *text, struct uuid *u)
{
	char digits[3] = "";

	for (size_t i = 0; i < sizeof(u->b); i++) {
		text += strspn(text, "-");
		memcpy(digits, text, strnlen(text, 2));
		u->b[i] = (uint8_t)strtoul(digits, NULL, 16);
		text += strnlen(text, 2);
	}
}

static bool
parse(const char *text, struct checkpoint *c)
{
	char agent[UUID_LEN + 1];
	int clean;

	/* The blank in a format stands for the end of a line as well. */
	if (sscanf(text,
		MAGIC "%*d boot_id %36[0-9a-f-] agent_id %36[0-9a-f-] "
		      "last_serial %" SCNu32 " last_stamp_ms %" SCNd64
		      " written_ms %" SCNd64 " kernel_lost %" SCNu32
		      " next_segment %" SCNu64 " acct_dev %" SCNu64
		      " acct_ino %" SCNu64 " acct_offset %" SCNu64 " clean %d",
		c->boot_id, agent, &c->last_serial, &c->last_stamp_ms,
		&c->written_ms, &c->kernel_lost, &c->next_segment, &c->acct.dev,
		&c->acct.ino, &c->acct.offset, &clean) != 11)
		return false;
	parse_uuid(agent, &c->agent_id);
	if (strcmp(c->boot_id, NO_BOOT) == 0)
		c->boot_id[0] = '\0';
	c->clean = clean != 0;
	return true;
}

/*
 * What was read is written again and must be the same: that also checks the
 * sum at the end, and all that sscanf() is generous about.
 */
static int
decode(const char *text, size_t len, struct checkpoint *c, struct err *err)
{
	char again[FILE_SIZE];
	struct text t;

	if (strncmp(text, MAGIC, strlen(MAGIC)) != 0)
		return err_set(err, "is no checkpoint");
	unsigned long version = strtoul(text + strlen(MAGIC), NULL, 10);
	if (version != VERSION)
		return err_set(
		    err, "has version %lu, not %d", version, VERSION);
	if (!parse(text, c))
		return err_set(err, "is damaged");
	text_init(&t, again, sizeof(again));
	encode(c, &t);
	if (!text_ok(&t) || t.len != len || memcmp(text, again, len) != 0)
		return err_set(err, "is damaged");
	return 0;
}

/* Reads what fd has, up to size - 1 bytes, and puts a NUL behind it. */
static ssize_t
read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, buf + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	buf[len] = '\0';
	return n < 0 ? -1 : (ssize_t)len;
}

static int
read_file(int dirfd, struct checkpoint *c, struct err *err)
{
	char buf[FILE_SIZE + 1];
	struct stat st;
	/* Not to wait if somebody put a FIFO there. */
	int fd = openat(
	    dirfd, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "cannot be opened");
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, "is no regular file");
	}
	ssize_t len = read_all(fd, buf, sizeof(buf));
	int rc = len < 0 ? err_errno(err, "cannot be read")
			 : decode(buf, (size_t)len, c, err);
	close(fd);
	return rc;
}

/* A name that no file has, or false. The folder is nobody else's. */
static bool
find_bad_name(int dirfd, char *name, size_t size)
{
	struct stat st;

	for (int i = 0; i < BAD_MAX; i++) {
		if (i == 0)
			snprintf(name, size, BAD_NAME);
		else
			snprintf(name, size, BAD_NAME ".%d", i);
		if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			return true;
	}
	return false;
}

/* Adds to err what became of the file. */
static void
set_aside(int dirfd, const char *dir, struct err *err)
{
	char name[sizeof(BAD_NAME) + 12];

	err_context(err, "%s/" FILE_NAME, dir);
	if (!find_bad_name(dirfd, name, sizeof(name)))
		err_set(err,
		    "%s; will be overwritten: %d are set aside already",
		    err->text, BAD_MAX);
	else if (renameat(dirfd, FILE_NAME, dirfd, name) != 0)
		err_errno(err, "%s; cannot be set aside", err->text);
	else
		err_set(err, "%s; set aside as %s/%s", err->text, dir, name);
}

enum checkpoint_state
checkpoint_read(const char *dir, struct checkpoint *c, struct err *err)
{
	enum checkpoint_state state = CHECKPOINT_READ;
	struct stat st;
	int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	init(c);
	if (dirfd < 0) {
		if (errno == ENOENT)
			return CHECKPOINT_NONE;
		err_errno(err, "cannot open %s", dir);
		return CHECKPOINT_SET_ASIDE;
	}
	if (fstatat(dirfd, FILE_NAME, &st, AT_SYMLINK_NOFOLLOW) != 0 &&
	    errno == ENOENT) {
		state = CHECKPOINT_NONE;
	} else if (read_file(dirfd, c, err) != 0) {
		set_aside(dirfd, dir, err);
		init(c);
		state = CHECKPOINT_SET_ASIDE;
	}
	close(dirfd);
	return state;
}

static int
write_all(int fd, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int
write_new(int dirfd, const struct text *t, struct err *err)
{
	/* One of ours that a crash left; never written through a link. */
	if (unlinkat(dirfd, NEW_NAME, 0) != 0 && errno != ENOENT)
		return err_errno(err, "cannot remove " NEW_NAME);
	int fd = openat(dirfd, NEW_NAME,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "cannot make " NEW_NAME);
	int rc = 0;
	if (write_all(fd, t->buf, t->len) != 0 || fsync(fd) != 0)
		rc = err_errno(err, "cannot write " NEW_NAME);
	if (close(fd) != 0 && rc == 0)
		rc = err_errno(err, "cannot write " NEW_NAME);
	if (rc == 0 && renameat(dirfd, NEW_NAME, dirfd, FILE_NAME) != 0)
		rc = err_errno(err, "cannot rename " NEW_NAME);
	if (rc != 0)
		(void)unlinkat(dirfd, NEW_NAME, 0);
	return rc;
}

int
checkpoint_write(const char *dir, const struct checkpoint *c, struct err *err)
{
	char buf[FILE_SIZE];
	struct text t;

	if (strspn(c->boot_id, "0123456789abcdef-") != strlen(c->boot_id))
		return err_set(err, "not a boot id: \"%s\"", c->boot_id);
	text_init(&t, buf, sizeof(buf));
	encode(c, &t);
	assert(text_ok(&t));

	int dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return err_errno(err, "cannot open %s", dir);
	int rc = write_new(dirfd, &t, err);
	/* Without this a power cut may bring the old file back. */
	if (rc == 0 && fsync(dirfd) != 0)
		rc = err_errno(err, "cannot sync the folder");
	close(dirfd);
	return rc == 0 ? 0 : err_context(err, "%s", dir);
}
