/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_facts - what both books say of a history, and when it can be read.
 *
 * The stream is made of parts: an audit event opens with its first record and
 * closes with its last, and the parts of several events come interleaved, in
 * the order in which the kernel queued the records. Accounting records are in
 * the order in which they were written.
 */
#ifndef SIM_FACTS_H
#define SIM_FACTS_H

#include "sim_history.h"

/* The longest arguments of an exec. */
#define SIM_ARGS_MAX 40000

struct sim_part {
	int64_t queued_us, read_us; /* by the kernel, by us at the earliest */
	size_t step;
	bool opens, closes;
};

struct sim_facts {
	const struct sim_history *history;
	struct sim_part *parts;
	size_t nparts, max_parts;
	struct sim_part *permuted; /* whole events in another order */
	size_t npermuted, max_permuted;
	struct stamp *stamps; /* of each step */
	bool *lost;           /* is never read */
	uint32_t serial_from; /* of the first event; they may begin anew */
	int64_t *told_us;     /* when a step's last record can be read */
	int *next;            /* step of the same life that means something */
	size_t max_steps;
	int *first; /* step of each life, and its last; SIM_NONE: none */
	int *last;
	int *before; /* life that had a life's number; SIM_NONE: none */
	size_t max_lives;
	const struct sim_account **records;
	size_t nrecords, max_records;
	char *args; /* room for an exec's */
};

/* f: zeroed, or made before. */
void sim_facts_make(struct sim_facts *f, const struct sim_history *h);
void sim_facts_fini(struct sim_facts *f);

/*
 * The serial of the nth event, and back. They roll over, but none is 0: the
 * kernel gives that once in four thousand million, and fact.h means none by it.
 */
uint32_t sim_facts_serial(const struct sim_facts *f, uint32_t n);
uint32_t sim_facts_serial_index(const struct sim_facts *f, uint32_t serial);

/* What it points to is valid until the next call. */
struct fact sim_facts_audit(const struct sim_facts *f, size_t step);
/* read_ms: as in fact.h */
struct fact sim_facts_acct(
    const struct sim_history *h, const struct sim_account *a, int64_t read_ms);
struct fact sim_facts_found(
    const struct sim_history *h, int life, int64_t seen_ms);

#endif
