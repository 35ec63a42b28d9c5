/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_stream - numbers the events and decides in which order their lines
 * arrive.
 *
 * Every processor queues an event's records one by one, so that events in
 * progress at the same time interleave, and a younger one can come first. Two
 * events of one process never do.
 */
#ifndef GEN_STREAM_H
#define GEN_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "gen_records.h"

struct stream;

/*
 * Never fails: ends the program without memory. style must live on. Up to
 * slots events are in progress at once, in a storm always as many as can be.
 */
struct stream *stream_new(FILE *out, const struct style *style, unsigned slots,
    bool storm, uint64_t seed);
void stream_free(struct stream *s); /* does not write what is left */

/*
 * Opens an event of process pid, which entered its system call at entered (all
 * times in microseconds) and is logged now. The records are to be written at
 * once and stream_close() called before anything else.
 */
const struct records *stream_open(
    struct stream *s, int32_t pid, int64_t entered, int64_t now);
void stream_close(struct stream *s);

/* auditd's first and last word; they have serials of their own. */
void stream_daemon(struct stream *s, int64_t now, bool starts);

/* Writes what process pid still has to say. */
void stream_settle(struct stream *s, int32_t pid);
/* Writes what all have to say. */
void stream_finish(struct stream *s);

/* Bytes written since the beginning. */
uint64_t stream_bytes(const struct stream *s);

#endif
