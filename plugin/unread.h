/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unread - what nobody will read of a saved log, so that it is not held until
 * its place is known: most of the log of a machine that audits more than its
 * processes.
 */
#ifndef UNREAD_H
#define UNREAD_H

#include <stdbool.h>

#include "record.h"
#include "syscalls.h"

struct unread;

/* sc is borrowed. NULL: no memory. unread_free(NULL) is fine. */
struct unread *unread_new(const struct syscalls *sc);
void unread_free(struct unread *u);

/*
 * Leaves out of a record what nobody reads, all but its stamp and kind
 * perhaps: then its line is empty. The records of one event come one after
 * another, as they are in a log. False: not even its stamp tells anything, for
 * another record of the same event has told it.
 */
bool unread_shorten(struct unread *u, struct record *rec);

#endif
