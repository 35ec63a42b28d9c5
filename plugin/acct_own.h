/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acct_own - the accounting file that we have the kernel write ourselves.
 *
 * Only acct_tail uses it. A file can't be cut without losing what is written
 * between the last read and the cut, so there are two: when the present one is
 * large it is renamed to PATH.0, and the kernel is given a new one at PATH.
 * acct(2) comes back when nobody writes to the old one any more
 * (kernel/acct.c, acct_pin_kill(), waits for who does, and writes our own
 * record there). The old one is deleted when it is read and that is on disk.
 */
#ifndef ACCT_OWN_H
#define ACCT_OWN_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"

struct acct_own {
	const char *path; /* borrowed */
	char old[PATH_MAX];
	bool has_old; /* there is a file at old */
	bool failed;  /* changing files failed, which was logged */
	int64_t tried_ms;
};

/* Makes the file if it is missing. 0, or -1 with err. */
int acct_own_init(struct acct_own *o, const char *path, struct err *err);

/* Switches accounting on. 0, or -1 with err. */
int acct_own_start(const struct acct_own *o, struct err *err);

/*
 * Has the kernel write to a new file. is_ours: the file at the path is the one
 * to be set aside, else there is none or it is new already. True if done; a
 * failure is logged once, and not tried again for a while.
 */
bool acct_own_change(struct acct_own *o, bool is_ours, int64_t now_ms);

/* Deletes the old file, if there is one: it is read. */
void acct_own_delete(struct acct_own *o);

#endif
