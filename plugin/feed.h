/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feed - whole audit events to facts, through libauparse.
 *
 * The only module that includes auparse.h. It is given one whole event at a
 * time and makes auparse hand it out at once, so that auparse's own assembly,
 * which splits and delays events, never has more than one to think of.
 */
#ifndef FEED_H
#define FEED_H

#include <stdint.h>

#include "assemble.h"
#include "err.h"
#include "fact.h"

struct feed;

typedef void (*feed_fact_fn)(void *ctx, const struct fact *fact);

/*
 * args_max: so many bytes of arguments are read of one exec, at most.
 * fn gets each fact, borrowed. NULL with err on failure.
 */
struct feed *feed_new(
    size_t args_max, feed_fact_fn fn, void *ctx, struct err *err);
void feed_free(struct feed *f); /* NULL is fine */

/* Turns one event into at most one fact. */
void feed_event(struct feed *f, const struct assemble_event *ev);

/* Events that should have become a fact, but lack what it needs. */
uint64_t feed_unusable(const struct feed *f);

#endif
