/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serials - sees which audit serial numbers never came.
 *
 * The kernel counts its audit events without a gap for a whole boot
 * (kernel/audit.c, audit_serial()), but records come out of order. A number
 * is missing for good once it is SERIALS_WINDOW behind the highest, or once
 * the caller has waited long enough (serials_settle()).
 */
#ifndef SERIALS_H
#define SERIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far numbers may be out of order; 55 were seen under load. */
#define SERIALS_WINDOW 8192

struct serials {
	bool started;
	uint32_t base;    /* all before it are settled */
	uint32_t missing; /* so many just before it are, but not told yet */
	uint32_t highest; /* the newest seen */
	uint32_t whole;   /* all before it are seen or settled; may be late */
	uint64_t seen[SERIALS_WINDOW / 64];
};

/* Numbers in a row. */
struct serials_run {
	uint32_t first, count;
};

/* So many runs are remembered over a restart; what is more is not missed. */
#define SERIALS_RUNS 32

/* Numbers missing in a row are told together. */
typedef void (*serials_gap_fn)(void *ctx, uint32_t first, uint32_t count);

/* Everything before next counts as settled. */
void serials_start(struct serials *s, uint32_t next);
/* This one did not come, after all: what it told of is not known. */
void serials_unsee(struct serials *s, uint32_t serial);
/* What is missing up to highest, the first SERIALS_RUNS of it: how many. */
size_t serials_missing(
    const struct serials *s, struct serials_run runs[SERIALS_RUNS]);
/* Goes on after highest, where these were missing. May tell gaps. */
void serials_resume(struct serials *s, uint32_t highest,
    const struct serials_run *runs, size_t n, serials_gap_fn gap, void *ctx);
/* Forgets everything: the next number seen is the first. */
void serials_reset(struct serials *s);

/* A record with this number came. May tell gaps that are now certain. */
void serials_see(
    struct serials *s, uint32_t serial, serials_gap_fn gap, void *ctx);

/* The first that is not seen, and not settled: perhaps after the highest. */
uint32_t serials_next(struct serials *s);
/* The first such from this one on. */
uint32_t serials_next_from(struct serials *s, uint32_t serial);

/*
 * Nothing up to and including upto will come any more: tells what of it is
 * missing. upto is usually what highest was some time ago.
 */
void serials_settle(
    struct serials *s, uint32_t upto, serials_gap_fn gap, void *ctx);

#endif
