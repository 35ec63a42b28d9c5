/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_file - whole small files of the state folder.
 *
 * Written aside, synced and renamed: whoever reads finds the old one or the
 * new one. One that is of no use is set aside as NAME.bad, NAME.bad.1 and so
 * on, and reported, never overwritten unseen.
 */
#ifndef STATE_FILE_H
#define STATE_FILE_H

#include <stddef.h>

#include "err.h"
#include "text.h"

/* What a file of ours begins with: "proclife KIND VERSION\n". */
#define STATE_FILE_MAGIC "proclife "

enum state_file_found {
	STATE_FILE_READ,
	STATE_FILE_NONE,
	STATE_FILE_SET_ASIDE
};

/* What a file has; behind it stands a NUL. free(at) is the reader's. */
struct state_file {
	char *at;
	size_t len;
};

/*
 * Reads DIR/NAME, at most max bytes of it. NONE: there is none. SET_ASIDE: it
 * could not be read, err says why and where it is now. *f is {NULL, 0} then.
 */
enum state_file_found state_file_read(const char *dir, const char *name,
    size_t max, struct state_file *f, struct err *err);

/* 0, or -1 with err if it does not begin as this kind and version does. */
int state_file_check(
    const struct state_file *f, const char *kind, int version, struct err *err);

/* Sets DIR/NAME aside, whose content err complains of; adds to err. */
void state_file_set_aside(const char *dir, const char *name, struct err *err);

/* 0, or -1 with err; the old one is then still there. */
int state_file_write(
    const char *dir, const char *name, struct bytes content, struct err *err);

/* 0, also if there was none, or -1 with err. */
int state_file_remove(const char *dir, const char *name, struct err *err);

#endif
