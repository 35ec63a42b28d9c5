/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink - where encoded events go.
 *
 * A sink takes whole lines and never blocks: what it can't write now waits in
 * its backlog, and what does not fit there is refused, counted, and told once
 * as a loss when the sink takes data again. Kinds of sinks are vtables, one
 * file each (sink_file.c, sink_stdout.c).
 */
#ifndef SINK_H
#define SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "settings.h"

struct sink;

/* What a sink refused since it was last asked. */
struct sink_refused {
	uint64_t count;             /* lines; 0: none */
	int64_t since_ms, until_ms; /* real time */
};

/*
 * Opens the sink that s describes. first_segment is the number a file sink
 * goes on from when its folder is empty (see sink_next_segment()).
 * now_ms: real time. Returns NULL with err on failure.
 */
struct sink *sink_open(const struct sink_settings *s, uint64_t first_segment,
    int64_t now_ms, struct err *err);

/*
 * Writes what waits and the receiver takes at once, closes, frees; NULL is
 * fine. See sink_unwritten() for what is lost by it.
 */
void sink_close(struct sink *k, int64_t now_ms);

enum event_format sink_format(const struct sink *k);
const char *sink_name(const struct sink *k);

/*
 * Takes one line, len bytes that end in their only newline. Copies it: lines
 * are gathered until sink_flush(), or there is no room. False: refused and
 * counted.
 */
bool sink_put(struct sink *k, const char *line, size_t len, int64_t now_ms);

/*
 * Writes out what was gathered; called at the end of each batch and on a
 * timer while sink_pending() is not 0. Also where a file sink retries after a
 * full disk, and deletes segments by count and age.
 */
void sink_flush(struct sink *k, int64_t now_ms);
size_t sink_pending(const struct sink *k); /* bytes not written yet */

/*
 * True once after a sink that had refused lines takes data again: fills *r
 * and starts counting anew.
 */
bool sink_take_refused(struct sink *k, struct sink_refused *r);

/* Events that would be lost, were it closed now: refused ones that nobody took
 * yet, and those that wait. */
uint64_t sink_unwritten(const struct sink *k);

/* File sinks: the number the next new segment will get; others: 0. */
uint64_t sink_next_segment(const struct sink *k);

#endif
