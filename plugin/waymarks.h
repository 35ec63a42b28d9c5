/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waymarks - until when a stream was read, for each serial number that is
 * still missing in it.
 */
#ifndef WAYMARKS_H
#define WAYMARKS_H

#include <stddef.h>
#include <stdint.h>

/* So many are remembered, and at least so long after one another. */
#define WAYMARKS   256
#define WAYMARK_MS 10

/* All zeros: nothing was read. */
struct waymarks {
	struct {
		uint32_t serial;
		int64_t ms;
	} at[WAYMARKS];
	size_t oldest, n;
};

/* serial is the highest that was read, ms the newest stamp. */
void waymarks_note(struct waymarks *w, uint32_t serial, int64_t ms);

/* The newest stamp that was read before any serial from this one on; or
 * TIME_UNKNOWN. */
int64_t waymarks_before(const struct waymarks *w, uint32_t serial);

#endif
