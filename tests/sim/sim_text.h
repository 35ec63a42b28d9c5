/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_text - what stands in the stream of auditd for a fact, as text, and in
 * the accounting file, as bytes.
 */
#ifndef SIM_TEXT_H
#define SIM_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "fact.h"
#include "text.h"

/* How auditd was told to write; one way in a history. */
struct sim_style {
	const char *node; /* NULL: without */
	bool enriched;
	bool eoe, title;  /* which of EOE and PROCTITLE there are */
	bool torn;        /* of some events the end never comes */
	uint64_t variety; /* calls that mean the same are varied by it */
};

struct sim_style sim_text_style(uint64_t seed);

/* auditd starts: the first line of a stream. */
void sim_text_start(struct text *t, const struct sim_style *style, int64_t ms);

/*
 * The first records of the event of a fact, its last ones, or all; noise: of
 * a call that is nothing to us.
 */
void sim_text_event(struct text *t, const struct sim_style *style,
    const struct fact *fact, bool noise, bool opens, bool closes);

struct sim_death {
	int32_t pid, ppid;
	int64_t born_us, died_us; /* real time */
	uint32_t status, mem_kb;
	uint8_t flags;
};

#define SIM_RECORD_SIZE 64
void sim_text_record(
    unsigned char to[SIM_RECORD_SIZE], const struct sim_death *death);

#endif
