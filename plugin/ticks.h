/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ticks - how far the coarse clock may have been behind.
 *
 * Stamps of audit, and the seconds that accounting tells, are those of the last
 * tick (ktime_get_coarse_real_ts64(), ktime_get_real_seconds()). A processor
 * that is halted, or whose host has no time for it, ticks late: what is stamped
 * alike may lie far apart then. How far, the stream tells, by the stamp that
 * comes next. All times are those of its stamps, in ms.
 */
#ifndef TICKS_H
#define TICKS_H

#include <stddef.h>
#include <stdint.h>

/* CONFIG_HZ is 100 to 1000; what is entered may be stamped a little later. */
#define TICK_MS 20

/* Longer is no late tick, but nothing that happened. */
#define TICK_LATE_MS 2000

/* So many gaps between stamps are known, the newest. */
#define TICKS_GAPS 64

struct ticks {
	int64_t newest;    /* stamp; 0: none */
	int64_t forgotten; /* of what was before, gaps are no more known; 0 */
	size_t n;
	struct ticks_gap {
		int64_t from, until; /* stamps with none between them */
	} gap[TICKS_GAPS];           /* in their order */
};

/* An event had this stamp. */
void ticks_heard(struct ticks *t, int64_t ms);
/* What is stamped so was begun before this. t may be NULL. */
int64_t ticks_after(const struct ticks *t, int64_t ms);
/* How late the clock may have come up to this. t may be NULL. */
int64_t ticks_late(const struct ticks *t, int64_t ms);

#endif
