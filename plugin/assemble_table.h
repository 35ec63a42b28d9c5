/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * assemble_table - the events that wait for their end, by their stamps, and
 * the stamps of those that are done with. For assemble.c alone.
 *
 * It hands events on, and counts them and what it has to drop.
 */
#ifndef ASSEMBLE_TABLE_H
#define ASSEMBLE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "assemble.h"
#include "record.h"

struct assemble_table;

/* An event is handed on: borrowed. pid: whose call it is; -1: unknown. */
typedef void (*assemble_table_fn)(
    void *ctx, const struct assemble_event *ev, int32_t pid);

/* All but ctx must outlive it. NULL: no memory. */
struct assemble_table *assemble_table_new(const struct assemble_settings *s,
    assemble_table_fn fn, void *ctx, struct assemble_counts *counts);
/* Hands nothing on. NULL is fine. */
void assemble_table_free(struct assemble_table *t);

/* In this stream events have ends of their own: waits for them for lateness. */
void assemble_table_expect_ends(struct assemble_table *t);

/*
 * The stream's newest stamp is ms: hands on what has not ended while it went
 * on for so long. Returns until when no event waits.
 */
int64_t assemble_table_hear(struct assemble_table *t, int64_t ms);

/*
 * Adds a record, whose line is followed by a newline, to its event, unless
 * that is done with. kind: the call that it tells of; SYSCALL_OTHER if it tells
 * of none.
 */
void assemble_table_add(struct assemble_table *t, const struct record *rec,
    enum syscall_kind kind, int64_t now);

/*
 * The first that came of an event is none that an event begins with: what
 * comes before it may be still to come, where auditd hung amid the event
 * (kernel/audit.c, kauditd_thread()). Unless it is done with.
 */
void assemble_table_tear(
    struct assemble_table *t, struct stamp at, int64_t now);

/*
 * An event of this process begins. Whatever the same one did before and that
 * lacks its end is over: it is handed on first. Not so where events have ends
 * of their own, which come late then, and not a failed exec, for other threads
 * may go on meanwhile; of other calls no further record counts, and after a
 * successful exec there is no other thread.
 */
void assemble_table_next_of(
    struct assemble_table *t, int32_t pid, struct stamp at);
/* Whether something waits that this process did before. */
bool assemble_table_has_before(
    const struct assemble_table *t, int32_t pid, uint32_t serial);

/* Nobody wants that event: neither what came of it nor what is to come. */
void assemble_table_forget(struct assemble_table *t, struct stamp at);

/* That event is whole: hands it on, if it waits and is not torn. */
void assemble_table_end(struct assemble_table *t, struct stamp at);
/* The lowest serial of those that are torn so; false: there is none. */
bool assemble_table_torn(const struct assemble_table *t, uint32_t *serial);
/* The same of all that wait. */
bool assemble_table_lowest(const struct assemble_table *t, uint32_t *serial);
/*
 * In a replay, which is sorted, an event's records come together: those that
 * are torn, and of which this record is none, are over. At their end they were
 * not, for what should come first may have come last.
 */
void assemble_table_mend(struct assemble_table *t, struct stamp at);
/* Hands on what waits, has its call, and was logged before this serial. */
void assemble_table_end_before(struct assemble_table *t, uint32_t serial);
/* Hands on whatever waits. */
void assemble_table_end_all(struct assemble_table *t);

/* The serials of the events that wait, at most max: how many. */
size_t assemble_table_serials(
    const struct assemble_table *t, uint32_t *serials, size_t max);

/* Hands on what waited too long. now: as in assemble_take(). */
void assemble_table_tick(struct assemble_table *t, int64_t now);
/* When a tick is due; INT64_MAX: nothing waits. */
int64_t assemble_table_deadline(const struct assemble_table *t);

#endif
