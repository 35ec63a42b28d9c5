/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file:
 *
 *	"proclife list of lives VERSION BOOTID\n"
 *	records: length of what follows (4 bytes), CRC-32 of it (4 bytes),
 *	    its kind (1 byte), the record
 *
 * Numbers are little-endian.
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <zlib.h>

#define FILE_NAME  "lives"
#define NEW_NAME   "lives.new"
#define KIND       "list of lives"
#define VERSION    10
#define TEXT_OF(n) #n
#define TEXT(n)    TEXT_OF(n)
#define HEAD       STATE_FILE_MAGIC KIND " " TEXT(VERSION) " "
#define HEAD_LEN   (sizeof(HEAD) - 1 + JOURNAL_BOOT_ID) /* with the newline */
#define FRAME_LEN  8                                    /* before each record */
#define FILE_MAX   (SIZE_MAX / 4)
#define FIRST_SIZE (64 * 1024)

/* Reading. */

static uint32_t
number_at(const char *at)
{
	uint32_t n = 0;

	for (int i = 3; i >= 0; i--)
		n = n << 8 | (unsigned char)at[i];
	return n;
}

static uint32_t
checksum(const char *at, size_t len)
{
	return (uint32_t)crc32_z(0, (const Bytef *)at, len);
}

static int
check(const struct state_file *f, struct err *err)
{
	if (state_file_check(f, KIND, VERSION, err) != 0)
		return -1;
	if (f->len < HEAD_LEN || memcmp(f->at, HEAD, sizeof(HEAD) - 1) != 0 ||
	    f->at[HEAD_LEN - 1] != '\n')
		return err_set(err, "is damaged");
	return 0;
}

enum state_file_found
journal_read(const char *dir, struct journal_file *f, struct err *err)
{
	enum state_file_found found;

	memset(f, 0, sizeof(*f));
	found = state_file_read(dir, FILE_NAME, FILE_MAX, &f->file, err);
	if (found != STATE_FILE_READ)
		return found;
	if (check(&f->file, err) != 0) {
		state_file_set_aside(dir, FILE_NAME, err);
		return STATE_FILE_SET_ASIDE;
	}
	memcpy(f->boot_id, f->file.at + sizeof(HEAD) - 1, JOURNAL_BOOT_ID - 1);
	f->rest = (struct bytes){f->file.at + HEAD_LEN, f->file.len - HEAD_LEN};
	return STATE_FILE_READ;
}

bool
journal_next(struct journal_file *f, uint8_t *kind, struct bytes *record)
{
	const char *at = f->rest.at;
	size_t len;

	if (f->rest.len < FRAME_LEN)
		return false;
	len = number_at(at);
	if (len == 0 || len > f->rest.len - FRAME_LEN ||
	    number_at(at + 4) != checksum(at + FRAME_LEN, len))
		return false;
	*kind = (uint8_t)at[FRAME_LEN];
	*record = (struct bytes){at + FRAME_LEN + 1, len - 1};
	f->rest.at += FRAME_LEN + len;
	f->rest.len -= FRAME_LEN + len;
	return true;
}

void
journal_close(struct journal_file *f)
{
	free(f->file.at);
	memset(f, 0, sizeof(*f));
}

/* Writing. */

/* Bytes that are to be written. */
struct buffer {
	char *at;
	size_t len, size;
};

struct journal {
	char *path, *new_path;
	char boot_id[JOURNAL_BOOT_ID];
	int fd, new_fd; /* -1: none */
	size_t base;    /* length of the file when it took its name */
	size_t len, new_len;
	struct buffer both, begun;
	bool failed; /* no memory: something is not in the buffers */
};

static char *
path_of(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

struct journal *
journal_new(const char *dir, const char *boot_id)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->fd = j->new_fd = -1;
	snprintf(j->boot_id, sizeof(j->boot_id), "%s", boot_id);
	j->path = path_of(dir, FILE_NAME);
	j->new_path = path_of(dir, NEW_NAME);
	if (j->path != NULL && j->new_path != NULL)
		return j;
	journal_free(j);
	return NULL;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
give_up(struct journal *j)
{
	if (j->new_fd >= 0)
		unlink(j->new_path);
	close_fd(&j->fd);
	close_fd(&j->new_fd);
	j->both.len = j->begun.len = 0;
	j->failed = false;
}

void
journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	give_up(j);
	free(j->path);
	free(j->new_path);
	free(j->both.at);
	free(j->begun.at);
	free(j);
}

/* Makes room for n more bytes. */
static bool
reserve(struct buffer *b, size_t n)
{
	size_t size = b->size > 0 ? b->size : FIRST_SIZE;
	char *at;

	if (n <= b->size - b->len)
		return true;
	while (size - b->len < n)
		size *= 2;
	at = realloc(b->at, size);
	if (at == NULL)
		return false;
	b->at = at;
	b->size = size;
	return true;
}

static void
put_number(char *at, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		at[i] = (char)(n >> (8 * i));
}

static void
put(struct journal *j, struct buffer *b, uint8_t kind, struct bytes record)
{
	size_t len = record.len + 1;
	char *at;

	if (record.at == NULL || len > UINT32_MAX ||
	    !reserve(b, FRAME_LEN + len)) {
		j->failed = true;
		return;
	}
	at = b->at + b->len;
	at[FRAME_LEN] = (char)kind;
	memcpy(at + FRAME_LEN + 1, record.at, record.len);
	put_number(at, (uint32_t)len);
	put_number(at + 4, checksum(at + FRAME_LEN, len));
	b->len += FRAME_LEN + len;
}

void
journal_add(struct journal *j, uint8_t kind, struct bytes record)
{
	if (journal_is_open(j) || journal_is_begun(j))
		put(j, &j->both, kind, record);
}

void
journal_add_begun(struct journal *j, uint8_t kind, struct bytes record)
{
	if (journal_is_begun(j))
		put(j, &j->begun, kind, record);
}

int
journal_begin(struct journal *j, struct err *err)
{
	char head[HEAD_LEN + 1];

	if (j->new_fd >= 0)
		return 0;
	/* One that a crash left; never written through a link. */
	if (unlink(j->new_path) != 0 && errno != ENOENT)
		return err_errno(err, "cannot remove %s", j->new_path);
	j->new_fd = open(j->new_path,
	    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (j->new_fd < 0)
		return err_errno(err, "cannot make %s", j->new_path);
	j->new_len = 0;
	snprintf(head, sizeof(head), HEAD "%36s\n", j->boot_id);
	if (!reserve(&j->begun, HEAD_LEN)) {
		give_up(j);
		return err_set(err, "no memory");
	}
	memcpy(j->begun.at, head, HEAD_LEN);
	j->begun.len = HEAD_LEN;
	return 0;
}

/* One write(2), as far as that goes: on a full disk it does not. */
static bool
write_parts(int fd, const struct buffer *first, const struct buffer *second)
{
	struct iovec part[2] = {
	    {first->at, first->len}, {second->at, second->len}};
	size_t left = first->len + second->len;

	while (left > 0) {
		ssize_t n = writev(fd, part, 2);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		left -= (size_t)n;
		for (int i = 0; i < 2; i++) {
			size_t did = (size_t)n < part[i].iov_len
					 ? (size_t)n
					 : part[i].iov_len;

			if (did == 0) /* one that is empty has no base */
				continue;
			part[i].iov_base = (char *)part[i].iov_base + did;
			part[i].iov_len -= did;
			n -= (ssize_t)did;
		}
	}
	return true;
}

static int
write_out(struct journal *j, bool whole, struct err *err)
{
	static const struct buffer nothing;

	if (j->failed) {
		errno = ENOMEM;
		return err_errno(err, "cannot write %s", j->path);
	}
	if (j->fd >= 0 && !write_parts(j->fd, &j->both, &nothing))
		return err_errno(err, "cannot write %s", j->path);
	j->len += j->both.len;
	if (j->new_fd < 0)
		return 0;
	if (!write_parts(j->new_fd, &j->begun, &j->both))
		return err_errno(err, "cannot write %s", j->new_path);
	j->new_len += j->begun.len + j->both.len;
	if (!whole)
		return 0;
	if (rename(j->new_path, j->path) != 0)
		return err_errno(err, "cannot rename %s", j->new_path);
	close_fd(&j->fd);
	j->fd = j->new_fd;
	j->new_fd = -1;
	j->base = j->len = j->new_len;
	return 0;
}

/* What a turn that told much needed, and this one did not, is given back. */
static void
empty(struct buffer *b)
{
	if (b->len < b->size / 4 && b->size > FIRST_SIZE) {
		free(b->at);
		b->at = NULL;
		b->size = 0;
	}
	b->len = 0;
}

int
journal_write(struct journal *j, bool whole, struct err *err)
{
	int rc = write_out(j, whole, err);

	if (rc != 0)
		give_up(j);
	empty(&j->both);
	empty(&j->begun);
	return rc;
}

bool
journal_is_open(const struct journal *j)
{
	return j->fd >= 0;
}

bool
journal_is_begun(const struct journal *j)
{
	return j->new_fd >= 0;
}

bool
journal_is_long(const struct journal *j)
{
	size_t most = 2 * j->base;

	if (most < JOURNAL_FREE)
		most = JOURNAL_FREE;
	return j->fd >= 0 && j->len - j->base > most;
}
