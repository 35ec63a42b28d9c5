/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checkpoint - what must outlive us, in one small file.
 *
 * Written aside, synced and renamed; versioned. An unreadable one is set
 * aside under another name and reported, never overwritten unseen.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "acct_position.h"
#include "err.h"
#include "event.h"
#include "state_file.h"

struct checkpoint {
	char boot_id[37];
	struct uuid agent_id;  /* made once for an installation */
	uint32_t last_serial;  /* of the local node's stream; 0: none yet */
	int64_t last_stamp_ms; /* TIME_UNKNOWN: none yet */
	int64_t written_ms;    /* real time */
	uint32_t kernel_lost;  /* the lost counter when last asked */
	uint64_t next_segment; /* highest number any file sink would use next */
	struct acct_positions acct;
	unsigned acct_state;    /* enum acct_state of the plugin */
	int64_t acct_proven_ms; /* when accounting was last seen to work */
	bool clean;             /* written at an orderly stop */
};

/*
 * Reads DIR/checkpoint. NONE: there is none, *c is initialised with a new
 * agent id. SET_ASIDE: it was unreadable, err says why and where it is now,
 * *c as for NONE.
 */
enum state_file_found checkpoint_read(
    const char *dir, struct checkpoint *c, struct err *err);

/* 0, or -1 with err; the old one is then still there. */
int checkpoint_write(
    const char *dir, const struct checkpoint *c, struct err *err);

#endif
