/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feed - whole audit events to facts, with libauparse.
 *
 * The only module that includes auparse.h. auparse is given what tells of
 * arguments that come in chunks, or damaged, of one whole event at a time, and
 * made to hand it out at once, so that its own assembly, which splits and
 * delays events, never has more than one to think of. All else is read from its
 * line: half of all that proclife did went into the copies that auparse makes
 * of each field.
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
