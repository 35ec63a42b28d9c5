/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_world - a machine on which processes are born, run programs and die, and
 * whose kernel tells of it: audit events, accounting records, and the truth.
 *
 * Only what lives takes memory; time is the simulation's own.
 */
#ifndef GEN_WORLD_H
#define GEN_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "gen_records.h"

struct world_options {
	uint64_t seed;
	uint64_t lives;    /* born in all, besides init, which was there */
	uint64_t live_max; /* alive at a time */
	uint64_t services; /* that init keeps running: how busy it is */
	uint64_t rate;     /* births in a second at most; 0: any */
	uint64_t sleepers; /* of the lives: born first, never die */
	uint64_t open;     /* events in progress at once */
	uint64_t deeds;    /* events of other kinds for one of a process */
	int64_t base_s;    /* when it begins, seconds since 1970 */
	bool pace;         /* nothing is told before its time, by this clock */
	int32_t first_pid, last_pid;
	bool no_crashes; /* nobody dies of a bug of its own */
	bool storm;      /* short lives, as many events as can be in progress */
	struct style style;
	FILE *stream, *acct, *truth; /* acct and truth: NULL: not written */
};

/*
 * Runs until all lives are over. What is written reaches the files in the
 * order of a real kernel: a death's audit event, then its accounting record.
 * Returns -1 and errno if a file takes no more.
 */
int world_run(const struct world_options *options);

#endif
