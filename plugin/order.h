/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * order - lines of saved logs, back in the order in which the kernel made
 * their events.
 *
 * What auditd hands to its plugins comes in that order; saved logs may have
 * been merged, sorted by time, or come through syslog. The kernel counts
 * events as it makes their first records (kernel/audit.c, audit_serial()), so
 * lines are held until nothing older can come any more, and go on by serial.
 * What has none of the kernel's stays behind the line before it.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "text.h"

/* Held at most; beyond it lines go on before their time, lowest first. */
#define ORDER_BYTES (128 << 20)

struct order;

/* Borrowed. */
struct order_line {
	/* With its newline; of a record, what shorten() left of its line,
	 * which names no node. One longer than ASSEMBLE_LINE_MAX may be cut,
	 * but stays longer. */
	struct bytes text;
	const struct record *record; /* NULL: none of the kernel's */
};

struct order_ops {
	/* Leaves out of a record what nobody will read; false: nobody reads
	 * any of it. May be NULL. */
	bool (*shorten)(void *ctx, struct record *rec);
	/* That will follow, ahead_ms later; NULL: nothing more. May be NULL. */
	void (*ahead)(void *ctx, const struct order_line *line);
	void (*line)(void *ctx, const struct order_line *line);
};

struct order_settings {
	const char *node; /* whose serials count; NULL: the first one's */
	/* A line may come so much later than those it belongs before, by the
	 * stamps of the stream. */
	int64_t lateness_ms;
	int64_t ahead_ms;
};

/* NULL: no memory. order_free(NULL) is fine. */
struct order *order_new(
    const struct order_settings *s, const struct order_ops *ops, void *ctx);
void order_free(struct order *o);

/* Takes bytes of the log, in pieces of any size; ops may be called. */
void order_take(struct order *o, struct bytes piece);
/* A file is over: a last line without newline gets one. */
void order_end_file(struct order *o);
/* Nothing more comes: the rest goes on. */
void order_finish(struct order *o);

/* Lines that came when one of a later event had gone on, and were not left
 * out. */
uint64_t order_late(const struct order *o);

#endif
