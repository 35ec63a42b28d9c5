/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * canary - when a child of ours is sent to leave at once, so that both books
 * get something written, and when what they lack of it means something. Times
 * are in ms, by a clock that never goes back.
 */
#ifndef CANARY_H
#define CANARY_H

#include <stdbool.h>
#include <stdint.h>

/* A death waits so long for an audit event to come by itself. */
#define CANARY_SENT_MS 100
/* An accounting record comes before its process can be reaped. */
#define CANARY_WAIT_MS 1000
/* A silent accounting file is tried again so often. */
#define CANARY_AGAIN_MS 10000

struct canary {
	int32_t pid;   /* 0: none is out */
	int64_t asked; /* when the last one was asked for */
	int64_t at;    /* when we heard of its birth */
	int64_t at_ms; /* the same in real time */
	bool reaped;
};

/*
 * When the next one is to be sent for who waits longest for an audit event,
 * since then. After one for it it is up to the stream, for lateness_ms.
 */
int64_t canary_due(const struct canary *c, int64_t since, int64_t lateness_ms);

/* Whether its record should have come by now; false if none is out. */
bool canary_is_late(const struct canary *c, int64_t now);
/* Whether nothing is to be learnt from it any more. */
bool canary_is_stale(const struct canary *c, int64_t now);
/* When one of these changes next; INT64_MAX: neither does. */
int64_t canary_judged_at(const struct canary *c, int64_t now);

#endif
