/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * steady - the steps of the real clock, and facts in a time without them.
 *
 * Audit and accounting tell real time, which may be set forth and back, and
 * goes on while the machine is suspended. Who compares times of theirs needs
 * steady ones: those of the monotonic clock, shifted so that both were the
 * same once. What the real clock showed is known in steady time only if it is
 * known when it stepped; where nobody says so, as in a replay, both are one.
 */
#ifndef STEADY_H
#define STEADY_H

#include <stddef.h>
#include <stdint.h>

#include "fact.h"

/* So many steps are remembered; what is told later of a time before them is
 * taken for one after the oldest. */
#define STEADY_STEPS 64

/* Since it stepped, which was in these bounds, real time is so much ahead. */
struct steady_step {
	int64_t from, until, ahead;
};

struct steady {
	struct steady_step step[STEADY_STEPS]; /* the first: what was before */
	size_t n;                              /* 0: nothing is known */
	int64_t now;      /* when both clocks were last read */
	int64_t ahead_us; /* by so much */
	int64_t heard;    /* the stream's newest stamp, steady; or unknown */
	uint64_t steps;   /* seen so far */
};

/* Nothing was heard yet. */
void steady_init(struct steady *s);

/* Both clocks were read, at once. */
void steady_note(struct steady *s, int64_t real_us, int64_t steady_us);

/* How far ahead the real clock was when it showed this, read by now. */
int64_t steady_ahead(const struct steady *s, int64_t real_ms);

/* The stream's next stamp, steady. */
int64_t steady_hear(struct steady *s, int64_t real_ms);

/* How far ahead the real clock is now. */
int64_t steady_ahead_now(const struct steady *s);

/* Makes the times of a fact steady, and notes how far ahead they were. */
void steady_fact(const struct steady *s, struct fact *fact);

/* The stamp of a fact that is steady now, as it was: for those who are told. */
struct stamp steady_shown(const struct fact *fact);

#endif
