/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE (256 * 1024)

int
spool_reader_init(struct spool_reader *r)
{
	r->fd = -1;
	r->size = PIECE;
	r->piece = malloc(r->size);
	return r->piece != NULL ? 0 : -1;
}

static void
close_file(struct spool_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	r->len = 0;
}

void
spool_reader_free(struct spool_reader *r)
{
	close_file(r);
	free(r->piece);
}

void
spool_reader_start(struct spool_reader *r, uint64_t first)
{
	close_file(r);
	r->number = first;
	r->offset = SPOOL_HEAD_SIZE;
}

/* What passes is told from what is wrong with the file. */
static enum spool_reader_found
failure(void)
{
	switch (errno) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EINTR:
	case EAGAIN:
		return SPOOL_READER_FAILED;
	}
	return SPOOL_READER_BAD;
}

/* Room for need bytes; for long records only as long as they last. */
static int
set_room(struct spool_reader *r, size_t need)
{
	size_t size = need > PIECE ? need : PIECE;
	char *piece;

	if (size == r->size)
		return 0;
	r->len = 0;
	piece = realloc(r->piece, size);
	if (piece == NULL)
		return -1;
	r->piece = piece;
	r->size = size;
	return 0;
}

/* Has need bytes from the offset on in memory; the file has so many. */
static enum spool_reader_found
load(struct spool_reader *r, size_t need, uint64_t size)
{
	uint64_t left = size - r->offset;
	ssize_t n;

	if (r->offset >= r->at && r->offset + need <= r->at + r->len)
		return SPOOL_READER_RECORD;
	if (set_room(r, need) != 0)
		return SPOOL_READER_FAILED;
	r->len = 0;
	n = pread(r->fd, r->piece, left < r->size ? (size_t)left : r->size,
	    (off_t)r->offset);
	if (n < 0)
		return failure();
	r->at = r->offset;
	r->len = (size_t)n;
	return r->len < need ? SPOOL_READER_BAD : SPOOL_READER_RECORD;
}

static enum spool_reader_found
open_file(struct spool_reader *r, const struct spool_folder *d, uint64_t first)
{
	char name[SPOOL_NAME_SIZE];

	if (r->fd >= 0)
		return SPOOL_READER_RECORD;
	spool_folder_name(name, first);
	r->fd = openat(spool_folder_fd(d), name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return r->fd >= 0 ? SPOOL_READER_RECORD : failure();
}

enum spool_reader_found
spool_reader_next(struct spool_reader *r, const struct spool_folder *d,
    uint64_t first, uint64_t size, struct spool_record *record)
{
	enum spool_reader_found found;
	size_t len;

	if (r->offset == size)
		return SPOOL_READER_END;
	if (r->offset > size || size - r->offset < SPOOL_FRAME_SIZE)
		return SPOOL_READER_BAD;
	found = open_file(r, d, first);
	if (found != SPOOL_READER_RECORD)
		return found;
	found = load(r, SPOOL_FRAME_SIZE, size);
	if (found != SPOOL_READER_RECORD)
		return found;
	len = spool_record_size(r->piece + (r->offset - r->at));
	if (len == 0 || len > size - r->offset)
		return SPOOL_READER_BAD;
	found = load(r, len, size);
	if (found != SPOOL_READER_RECORD)
		return found;
	if (spool_get_record(r->piece + (r->offset - r->at), r->number,
		record) != SPOOL_READ_OK)
		return SPOOL_READER_BAD;
	r->offset += len;
	r->number++;
	return SPOOL_READER_RECORD;
}

uint64_t
spool_reader_count(int fd, uint64_t offset, uint64_t size)
{
	uint64_t n = 0;

	while (offset < size) {
		char frame[SPOOL_FRAME_SIZE];
		size_t len = 0;

		if (pread(fd, frame, sizeof(frame), (off_t)offset) ==
		    sizeof(frame))
			len = spool_record_size(frame);
		n++;
		if (len == 0 || len > size - offset)
			break;
		offset += len;
	}
	return n;
}
