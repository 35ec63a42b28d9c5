/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * span - when a life was, as far as its facts say, and whether an accounting
 * record can be its own.
 *
 * Each time is a bound that the kernel guarantees: audit's stamp of a call is
 * the coarse clock's at its entry, and never later than what the call did;
 * accounting counts from the fork itself, in 1/100 s; what was read had been
 * written. All times are real, in ms.
 */
#ifndef SPAN_H
#define SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "fact.h"
#include "lives.h"
#include "ticks.h"

/* How long after the entry of its system call a birth may really happen. */
#define BIRTH_DELAY_MS 2000

/*
 * How long after that began to be forked a canary is born. It is over when the
 * plugin's turn has come to give it leave: soon, as a rule.
 */
#define CANARY_MS 1000

struct span {
	int64_t born_from, born_until; /* INT64_MIN, INT64_MAX: unknown */
	int64_t acted;     /* it still did something then; INT64_MIN: unknown */
	int64_t reaped;    /* nobody had its number then; INT64_MAX: unknown */
	struct stamp left; /* it entered exit_group, or exit(2) and has one
			      thread; serial 0: nothing says so */
	uint8_t code;      /* and with this code */
	uint32_t crashed;  /* a signal that dumps core was delivered; 0: none */
	uint8_t signal;    /* and it was this one */
	bool many;         /* has, or may have, more than one thread */
	bool unborn;       /* nothing says which threads it began with */
	/* It was over before this fact was read; 0: unknown. */
	uint64_t over_order;
	const struct ticks *ticks; /* of the clock then; NULL: unknown */
};

/* Held facts count as those that were told. */
struct span span_of(const struct ticks *t, const struct life *l);

/*
 * Whether the record's times allow that it is of a life of this span, which
 * was over before until (INT64_MAX: unknown).
 */
bool span_fits(const struct span *s, const struct fact_acct *a, int64_t until);
/*
 * Whether its status does: that of a lone thread which entered exit_group(2) is
 * what it left with, and of who crashed, the signal. If another signal wins
 * that race it is still pending when the record is written, which is lost then
 * (kernel/exit.c, do_group_exit(); mm/filemap.c, generic_perform_write()).
 */
bool span_agrees(const struct span *s, const struct fact_acct *a);

/* When this record was written: then at the earliest, and before that. */
int64_t span_record_from(const struct fact_acct *a);
int64_t span_record_until(const struct fact_acct *a);

/* Whether it was written before ms, or after it, for certain. */
bool span_written_before(
    const struct span *s, const struct fact_acct *a, int64_t ms);
bool span_written_after(const struct fact_acct *a, int64_t ms);
/* Whether a was written after b. */
bool span_is_later(const struct fact_acct *a, const struct fact_acct *b);
/* The same of all that was told by this fact, of the stream's, and before. */
bool span_written_later(const struct fact_acct *a, uint64_t order);

/* If the record is its own: when it was born, and died, at the earliest. */
int64_t span_born_from(const struct span *s, const struct fact_acct *a);
int64_t span_died_from(const struct span *s, const struct fact_acct *a);
/* And when it died at the latest. */
int64_t span_died_until(const struct span *s, const struct fact_acct *a);

/* Whether the process of this record was born before ms for certain. */
bool span_born_before(const struct fact_acct *a, int64_t ms);

#endif
