/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool_cursor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define NAME  "cursor"
#define SLOTS 2

/* From one slot to the next: no disk's sector is larger. */
#define SLOT_DISTANCE 4096

static enum spool_cursor_found
read_slots(struct spool_cursor *c, const struct spool_folder *d,
    struct spool_place *p, struct err *err)
{
	enum spool_cursor_found found = SPOOL_CURSOR_BAD;

	for (off_t i = 0; i < SLOTS; i++) {
		char at[SPOOL_CURSOR_SIZE];
		struct spool_place slot;
		ssize_t n = pread(c->fd, at, sizeof(at), i * SLOT_DISTANCE);

		if (n < 0) {
			err_errno(err, "cannot read %s/" NAME, d->path);
			return SPOOL_CURSOR_FAILED;
		}
		if ((size_t)n < sizeof(at))
			continue;
		switch (spool_get_place(at, &slot)) {
		case SPOOL_READ_OK:
			break;
		case SPOOL_READ_BAD:
			continue;
		case SPOOL_READ_NEWER:
			err_set(
			    err, "%s/" NAME " is of a newer version", d->path);
			return SPOOL_CURSOR_FAILED;
		}
		if (found == SPOOL_CURSOR_READ && slot.turn < p->turn)
			continue;
		*p = slot;
		found = SPOOL_CURSOR_READ;
	}
	return found;
}

enum spool_cursor_found
spool_cursor_open(struct spool_cursor *c, const struct spool_folder *d,
    struct spool_place *p, struct err *err)
{
	enum spool_cursor_found found;

	c->turn = 0;
	c->fd = openat(spool_folder_fd(d), NAME,
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (c->fd < 0 && errno == ENOENT)
		return SPOOL_CURSOR_NONE;
	if (c->fd < 0) {
		err_errno(err, "cannot open %s/" NAME, d->path);
		return SPOOL_CURSOR_FAILED;
	}
	found = read_slots(c, d, p, err);
	if (found == SPOOL_CURSOR_READ)
		c->turn = p->turn;
	return found;
}

void
spool_cursor_close(struct spool_cursor *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* Writes the slot that does not hold the last turn. */
static int
write_slot(struct spool_cursor *c, struct spool_place *p)
{
	off_t slot = (off_t)((c->turn + 1) % SLOTS);
	char at[SPOOL_CURSOR_SIZE];
	ssize_t n;

	p->turn = c->turn + 1;
	spool_put_place(at, p);
	n = pwrite(c->fd, at, sizeof(at), slot * SLOT_DISTANCE);
	if (n < 0)
		return -1;
	if ((size_t)n < sizeof(at)) {
		errno = ENOSPC;
		return -1;
	}
	c->turn++;
	return 0;
}

int
spool_cursor_write(
    struct spool_cursor *c, struct spool_folder *d, struct spool_place *p)
{
	if (c->fd >= 0)
		return write_slot(c, p);
	c->fd = openat(spool_folder_fd(d), NAME,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (c->fd < 0)
		return -1;
	d->unsynced = true;
	/* Both, so that a disk that is full later has room for them. */
	return write_slot(c, p) == 0 ? write_slot(c, p) : -1;
}

int
spool_cursor_sync(const struct spool_cursor *c)
{
	return c->fd >= 0 ? fdatasync(c->fd) : 0;
}
