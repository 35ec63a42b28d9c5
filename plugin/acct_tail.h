/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acct_tail - follows the accounting file, whatever is done to it.
 *
 * follow: a file somebody else switched on. It is read on through rename,
 * copytruncate, Debian's savelog and a new accton: the old file is read to
 * its end before the new one is begun. own: acct(2) on our own file, and on a
 * new one when that is large; the old one is read and deleted. off: nothing.
 * Reading never blocks; inotify wakes us where the kernel tells of accounting
 * writes (3.16 on), a poll everywhere.
 */
#ifndef ACCT_TAIL_H
#define ACCT_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "acct_position.h"
#include "err.h"
#include "fact.h"
#include "settings.h"

struct acct_tail;

/* What happened to the file, for loss events; bits. */
enum acct_trouble {
	ACCT_TROUBLE_TRUNCATED = 1,   /* records cut away unread, perhaps */
	ACCT_TROUBLE_MISALIGNED = 2,  /* bytes skipped to find records again */
	ACCT_TROUBLE_OLD_VERSION = 4, /* records without pid: unusable */
	ACCT_TROUBLE_GONE = 8, /* the file is away, no new one or record came */
};

typedef void (*acct_fact_fn)(void *ctx, const struct fact *fact);

/*
 * Opens. from: go on there, in the order in which the files were written, if
 * they still exist (under their own names or rotated beside), in what has
 * come to the same paths since, too. NULL, or nothing in it: start at the end
 * of the current one. In mode own, switches accounting on. A file that is not
 * there yet is no error: it is looked for again at each poll. NULL with err
 * on a real failure. s must outlive the object.
 */
struct acct_tail *acct_tail_open(const struct settings *s,
    const struct acct_positions *from, struct err *err);

/* Closes; accounting stays as it is, also in mode own. NULL is fine. */
void acct_tail_close(struct acct_tail *a);

/* Readable when the file may have grown; -1: only polling helps. */
int acct_tail_fd(const struct acct_tail *a);

/* What a call of acct_tail_read() is told. */
struct acct_look {
	int64_t now_ms; /* real time */
	/* What was certainly written later (real time) is left for a later
	 * call; INT64_MAX: nothing is. */
	int64_t until_ms;
	/* How many facts the reconciler has got: all those that it got since
	 * the call before had been read before that. */
	uint64_t facts;
};

/*
 * Reads what is there, at most ACCT_TAIL_BATCH records, and hands each over
 * as a FACT_ACCT with the dates that it would have if it had been read as soon
 * as it was seen to come. read_ms is now_ms if it came by this call: who needs
 * the time after the read, as a barrier does, dates the fact anew. Returns how
 * many; ACCT_TAIL_BATCH means: call again.
 */
#define ACCT_TAIL_BATCH 4096
unsigned acct_tail_read(struct acct_tail *a, const struct acct_look *look,
    acct_fact_fn fn, void *ctx);

/* The real clock was set: what it showed at the looks before says nothing. */
void acct_tail_forget(struct acct_tail *a);

/* Whether the last call left something for until_ms. */
bool acct_tail_holds_back(const struct acct_tail *a);

/* True if a file is open (which does not prove that the kernel writes it). */
bool acct_tail_is_open(const struct acct_tail *a);

/*
 * True if the kernel pauses accounting, or does not start it, for lack of
 * space where a file is.
 */
bool acct_tail_lacks_space(const struct acct_tail *a);

/* What went wrong since last asked, as bits of enum acct_trouble. */
unsigned acct_tail_take_trouble(struct acct_tail *a);

/* Where to go on after a restart. */
void acct_tail_position(const struct acct_tail *a, struct acct_positions *at);

/*
 * The present position is on disk now: what was read before is not needed any
 * more, and in mode own is deleted.
 */
void acct_tail_saved(struct acct_tail *a);

const char *acct_tail_path(const struct acct_tail *a); /* NULL: none open */

#endif
