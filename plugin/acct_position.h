/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acct_position - where the reading of accounting files stood; kept over
 * restarts.
 */
#ifndef ACCT_POSITION_H
#define ACCT_POSITION_H

#include <stddef.h>
#include <stdint.h>

/* In more places than this no system keeps its accounting file. */
#define ACCT_PLACES_MAX 16

/* One file, read up to offset. dev == ino == 0: none. */
struct acct_position {
	uint64_t dev, ino, offset;
	/*
	 * Sums of its first record and of the last one that was read: an inode
	 * number is used again, and a file is cut and grows again. 0: unknown.
	 */
	uint32_t head, last;
};

/*
 * at[0] is the file that is read, at[1] the one before it, while late records
 * may still come into that; then what stands at the paths beside, which is
 * read up to there.
 */
#define ACCT_POSITIONS_MAX (2 + ACCT_PLACES_MAX)
struct acct_positions {
	uint32_t paths; /* sum of the paths that were watched */
	size_t n;       /* 0: nothing is known */
	struct acct_position at[ACCT_POSITIONS_MAX];
};

#endif
