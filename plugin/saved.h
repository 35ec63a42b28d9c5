/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * saved - what outlives us, as bytes: the records of a journal.
 *
 * There are four kinds: a line that was told; a life, all of it; the number of
 * a life that is no more; and a position, how far everything was read, which
 * ends what belongs together. What comes after the last position is of no
 * account: it tells only a part of what was read. Of each life, and of the
 * position, the last one counts; of the lines, those between the last two
 * positions.
 */
#ifndef SAVED_H
#define SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acct_position.h"
#include "assemble.h"
#include "reconcile_saved.h"
#include "text.h"

enum saved_kind {
	SAVED_LIFE = 1,
	SAVED_FORGOTTEN = 2,
	SAVED_POSITION = 3,
	SAVED_LINE = 4,
};

/* An event as it was given to the sinks of a format. */
struct saved_line {
	uint8_t format;  /* enum event_format of the settings */
	uint8_t action;  /* enum event_action */
	uint32_t user;   /* effective one; ID_UNSET */
	uint64_t cut_to; /* see struct sink_line */
	int64_t ms;      /* what it tells is of that time */
	int64_t time_ms; /* of the event */
	struct bytes text;
};

/* What a kill took. */
struct saved_crash {
	bool untold;
	int64_t since_ms, until_ms;
	uint32_t serial;  /* the last one before it */
	uint64_t missing; /* events, as far as known */
};

/* What was known of the audit rules: as struct rules_watch has it. */
struct saved_rules {
	uint32_t best;
	bool lacking;
	int64_t since_ms;
};

/* How far we were. */
struct saved_position {
	struct assemble_past stream; /* serial 0: nothing was read yet */
	int64_t told_ms;        /* what came until then is told; or UNKNOWN */
	uint64_t ticks;         /* stream.ms, in clock ticks since boot */
	int64_t written_ms;     /* real time; TIME_UNKNOWN: never */
	int64_t steady_from;    /* steady time of the monotonic clock's 0, us */
	int64_t ahead_us;       /* the real clock was ahead of steady time */
	bool kernel_lost_known; /* namely: */
	uint32_t kernel_lost;   /* the lost counter when last asked */
	uint64_t next_segment;  /* the number any file sink would use next */
	struct acct_positions acct;
	uint8_t acct_state;     /* enum acct_state of the plugin */
	int64_t acct_read_ms;   /* when its file was last read to its end */
	int64_t acct_proven_ms; /* when accounting was last seen to work */
	struct saved_crash crash;
	struct saved_rules rules;
	struct reconcile_past past;
	uint64_t unkept; /* events that were read or told, and are not kept */
	bool clean;      /* the last one of an orderly stop */
};

/* Makes records. NULL: no memory. saved_free(NULL) is fine. */
struct saved *saved_new(void);
void saved_free(struct saved *s);

/* One record, valid until the next is made. at NULL: no memory. */
struct bytes saved_life(struct saved *s, const struct saved_life *life);
struct bytes saved_forgotten(struct saved *s, uint64_t number);
struct bytes saved_position(struct saved *s, const struct saved_position *at);
struct bytes saved_line(struct saved *s, const struct saved_line *line);

/*
 * What records add up to. They must outlive it. NULL: no memory.
 * saved_sum_free(NULL) is fine.
 */
struct saved_sum *saved_sum_new(void);
void saved_sum_free(struct saved_sum *sum);

/* The next record. False: it is damaged, or there is no memory. */
bool saved_sum_add(
    struct saved_sum *sum, enum saved_kind kind, struct bytes record);

/* The position; false: there was none. */
bool saved_sum_position(const struct saved_sum *sum, struct saved_position *at);
/* Hands over each life that is left, in order of their numbers; once. */
void saved_sum_lives(struct saved_sum *sum, saved_life_fn fn, void *ctx);
/* Hands over each line that may not have been written, in their order. */
void saved_sum_lines(const struct saved_sum *sum,
    void (*fn)(void *ctx, const struct saved_line *line), void *ctx);

#endif
