/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink - where encoded events go.
 *
 * A sink takes whole lines and never blocks: what it can't write now waits in
 * its queue, in memory or on disk, and what does not fit there is lost,
 * counted, and told once when the sink takes data again. Kinds of sinks are
 * vtables, one file each: sink_file.c, sink_stdout.c, sink_stream.c (Unix
 * sockets, TCP, TLS), sink_relp.c.
 */
#ifndef SINK_H
#define SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "event.h"
#include "link.h"
#include "resolve.h"
#include "settings.h"

struct sink;

/* One line, and what decides which sinks get it. */
struct sink_line {
	/* Ends in its only newline; empty: the event does not fit. */
	struct bytes text;
	enum event_format format;
	size_t cut_to; /* shortened for sinks with that limit; 0: whole */
	enum event_action action;
	int64_t time_ms; /* of the event */
	uint32_t user;   /* effective one; ID_UNSET: none, or not known */
};

/* What a sink needs besides its settings. */
struct sink_needs {
	uint64_t first_segment;  /* see sink_next_segment() */
	struct resolve *resolve; /* outlives it; NULL: names can't be used */
	const char *hostname;    /* for heads of syslog messages; or NULL */
};

/* What will never reach a sink's receiver. */
struct sink_lost {
	uint64_t count;             /* lines */
	int64_t since_ms, until_ms; /* real time */
	bool spooled;               /* its spool lost them */
};

/*
 * Opens the sink that s describes. The first segment is the number a file sink
 * goes on from when its folder is empty. before: an open sink whose queue the
 * new one takes over, if they have such queues, by sink_inherit(), which then
 * must follow; NULL: none. now_ms: real time. Returns NULL with err on failure.
 */
struct sink *sink_open(const struct sink_settings *s,
    const struct sink_needs *needs, const struct sink *before, int64_t now_ms,
    struct err *err);

/* What waits in before, if k was opened with it, is k's; before can only be
 * closed any more. */
void sink_inherit(struct sink *k, struct sink *before);
bool sink_is_inherited(const struct sink *k); /* it was before */

/*
 * Writes what waits and the receiver takes at once, closes, frees; NULL is
 * fine. See sink_unwritten() for what is lost by it.
 */
void sink_close(struct sink *k, int64_t now_ms);

enum event_format sink_format(const struct sink *k);
/* No line of JSON that is longer is for it. */
size_t sink_line_max(const struct sink *k);
const char *sink_name(const struct sink *k);
const struct sink_settings *sink_settings(const struct sink *k);
/* Certificates or keys were changed since it was opened: it has the old ones.
 */
bool sink_has_other_files(const struct sink *k);

/*
 * Takes a line, if it is for this sink: by format, length, action and user.
 * Copies it: lines are gathered until sink_flush(), or there is no room. False:
 * refused and counted. What does not fit into any line is told as lost once in
 * a second at most; of losses, not at all.
 */
bool sink_put(struct sink *k, const struct sink_line *line, int64_t now_ms);

/*
 * Writes out what was gathered; called at the end of each batch, when
 * sink_wish() comes true, and on a timer while sink_pending() is not 0. Also
 * where a file sink retries after a full disk, and deletes segments by count
 * and age.
 */
void sink_flush(struct sink *k, int64_t now_ms);
/* Bytes that are written neither to the receiver nor to disk. */
size_t sink_pending(const struct sink *k);
/* Sets the mark behind what it was given until now. */
void sink_mark(struct sink *k);
/* All that is before the mark is written, whatever pends behind it. */
bool sink_is_past_mark(const struct sink *k);
/* When sink_flush() shall be called, other than at the end of each batch. */
struct link_wish sink_wish(const struct sink *k, int64_t now_ms);

/*
 * After a sink that had lost lines takes data again: true for each way in which
 * it lost any. Fills *lost and starts counting anew.
 */
bool sink_take_lost(struct sink *k, struct sink_lost *lost);

/* Events that would be lost, or lost and not told, were it closed now: lost
 * ones that nobody took yet, and those that wait, unless they are on disk. */
uint64_t sink_unwritten(const struct sink *k);

/* Lines that its receiver does not have yet, as far as we know. */
uint64_t sink_waiting(const struct sink *k);
/* Lines that it never will have, since the sink was opened. */
uint64_t sink_lost_total(const struct sink *k);

/* File sinks: the number the next new segment will get; others: 0. */
uint64_t sink_next_segment(const struct sink *k);

#endif
