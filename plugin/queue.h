/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue - what one sink has still to hand over: in memory, or in a spool.
 *
 * A line ends in its only newline and leaves in order. It is put, handed out,
 * and done with when the receiver has it; what was handed out and is not done
 * can be handed out again. In memory a line that finds no room is refused; on
 * disk the oldest are dropped. Both are counted here and told once.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backlog.h"
#include "err.h"
#include "settings.h"
#include "text.h"

struct queue;

/* Lines that the receiver will never get. */
struct queue_lost {
	uint64_t count;             /* 0: none */
	int64_t since_ms, until_ms; /* they were put between these, at most */
	bool spooled; /* they were lost on disk, not refused for want of room */
};

/* For a sink with these settings. Times: real time. NULL with err. */
struct queue *queue_new(
    const struct sink_settings *s, int64_t now_ms, struct err *err);
/* Writes what a spool has in memory. NULL is fine. */
void queue_free(struct queue *q, int64_t now_ms);

/* Copies the line, which has a head in front of it; false: refused. */
bool queue_put(
    struct queue *q, struct bytes head, struct bytes line, int64_t now_ms);
/* How long a line may be, its head included, to be taken now. */
size_t queue_room(const struct queue *q);
/* Half of what it may hold in memory is free. */
bool queue_is_easy(const struct queue *q);
/* The limits of a spool are those of s from now on; in memory they stay. */
void queue_set(struct queue *q, const struct sink_settings *s);
/*
 * Has a spool write; to be called at each turn, also if nothing was put. 0, or
 * -1 with errno.
 */
int queue_write(struct queue *q, int64_t now_ms);

/*
 * The oldest line that was not handed out, newline included, in one or two
 * parts that stay valid until the next call; false: none.
 */
bool queue_next(struct queue *q, struct bytes part[2]);
/* The receiver has the oldest n lines of those that were handed out. */
void queue_done(struct queue *q, uint64_t n);
void queue_rewind(struct queue *q);

/* Bytes that would be lost, were we killed now. */
size_t queue_unsafe(const struct queue *q);
/* Lines that are not done; in memory they have to be counted first. */
uint64_t queue_count(const struct queue *q);
/* Some of them were not handed out. */
bool queue_waits(const struct queue *q);
/* Of those, what an end of this process would take with it now. */
uint64_t queue_mortal(const struct queue *q);
bool queue_is_spooled(const struct queue *q);

/* How many the receiver will never get, since last taken; and of those, what
 * nobody will know of if they are not taken: a spool keeps its own. */
uint64_t queue_lost(const struct queue *q);
uint64_t queue_refused(const struct queue *q);
/*
 * Takes what was lost in one way since last taken; false: nothing more. A
 * spool can lose in both: dropped on disk, and refused while that is full.
 */
bool queue_take_lost(struct queue *q, struct queue_lost *lost);

/* The lines themselves, of a sink that writes bytes; NULL: they are spooled. */
struct backlog *queue_backlog(struct queue *q);

#endif
