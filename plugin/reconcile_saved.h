/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconcile_saved - lives that outlive us: handed out at a stop, taken back
 * at the next start.
 */
#ifndef RECONCILE_SAVED_H
#define RECONCILE_SAVED_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "fact.h"
#include "reconcile.h"
#include "verdict.h"

/* A life whose start is told and whose end is not. */
struct saved_life {
	int32_t pid, ppid;
	struct uuid id;
	enum start_kind start;
	unsigned sources;
	struct stamp birth;
	uint64_t start_ticks; /* of /proc/PID/stat; 0: unknown */
	int64_t first_ms, last_ms;
	struct event_process parent;
	struct creds creds;
	struct tty tty;
	struct bytes name, executable;
	struct args args; /* bytes.at NULL: unknown */
	uint32_t threads;
	bool local, children_local;
	struct evidence evidence;
	struct stamp exit_at;
	uint32_t abend_serial;
};

/* life and what it points to are valid only during the call. */
typedef void (*saved_life_fn)(void *ctx, const struct saved_life *life);

/*
 * Hands over every life that goes on, canaries excepted; to be called when
 * nothing waits any more, after reconcile_finish().
 */
void reconcile_save(const struct reconcile *r, saved_life_fn fn, void *ctx);

/*
 * Takes a life back, telling nothing; before any fact. ticks: the time in
 * clock ticks since boot (as start_ticks) at which it was known to live. What
 * /proc has under its pid is held against that; if nothing, the life is over.
 * False: the table is full (which is counted), or has the pid already.
 */
bool reconcile_restore(
    struct reconcile *r, const struct saved_life *s, uint64_t ticks);

#endif
