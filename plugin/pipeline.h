/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipeline - from bytes of the audit stream, and facts of other sources, to
 * events: assemble, feed, redact and reconcile, joined.
 *
 * The plugin and `proclife replay` run the same one; they differ in where
 * bytes, facts and time come from, and where events go.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assemble.h"
#include "err.h"
#include "event.h"
#include "fact.h"
#include "ident.h"
#include "reconcile.h"
#include "reconcile_saved.h"
#include "settings.h"

struct pipeline;

struct pipeline_ops {
	bool replay; /* now is made of the stamps of what was read */
	/*
	 * Process events and losses, borrowed. A loss before the first record
	 * of the stream has no time yet: TIME_UNKNOWN.
	 */
	void (*event)(void *ctx, const struct event *ev);
	/* The stream was read until this stamp, without steps of the real
	 * clock (steady.h). Returns the time that it is by then. May be
	 * NULL. */
	int64_t (*heard)(void *ctx, int64_t ms, int64_t now);
	/* count serials from first on never came, since that time; true: it
	 * tells of them itself. May be NULL. */
	bool (*gap)(
	    void *ctx, uint32_t first, uint32_t count, int64_t since_ms);
	/* A CONFIG_CHANGE record; may be NULL. */
	void (*config)(void *ctx, int64_t ms, struct bytes fields);
	/* The stream goes on with another boot; may be NULL. */
	void (*boot)(void *ctx, int64_t ms);
};

/* s must outlive it. NULL with err. pipeline_free(NULL) is fine. */
struct pipeline *pipeline_new(const struct settings *s, const struct ident *id,
    const struct pipeline_ops *ops, void *ctx, struct err *err);
void pipeline_free(struct pipeline *p);

/* Other settings from now on; node and limits of memory stay as they were. */
void pipeline_set(struct pipeline *p, const struct settings *s);

/* As assemble_room() and assemble_take(). */
char *pipeline_room(struct pipeline *p, size_t *size);
void pipeline_take(struct pipeline *p, size_t len, int64_t now);
/* As assemble_record(). */
void pipeline_record(struct pipeline *p, const struct record *rec, int64_t now);

/* Both clocks were read, just now; never said in a replay: steady.h. */
void pipeline_clocks(struct pipeline *p, int64_t real_us, int64_t steady_us);

/* How far ahead of steady time the real clock is now. */
int64_t pipeline_ahead(const struct pipeline *p);
/* Steps of the real clock seen so far. */
uint64_t pipeline_clock_steps(const struct pipeline *p);

/* One of ours was forked: as reconcile_hide(). */
void pipeline_hide(struct pipeline *p, int32_t pid, int32_t ppid,
    int64_t real_ms, int64_t now);

/* A fact of another source than the stream. */
void pipeline_fact(struct pipeline *p, const struct fact *fact, int64_t now);

/* As reconcile_restore(). */
bool pipeline_restore(struct pipeline *p, const struct saved_life *life,
    uint64_t ticks, int64_t now);

/* Does what is due. */
void pipeline_tick(struct pipeline *p, int64_t now);
int64_t pipeline_deadline(const struct pipeline *p);
/* The stream is over: tells all that waits, and what was lost. */
void pipeline_finish(struct pipeline *p, int64_t now);

/* Another boot: ids are made with id from now on, and clocks not read yet. */
void pipeline_new_boot(
    struct pipeline *p, const struct ident *id, int64_t ms, int64_t now);

/* reconcile_reboots_told(), since when in real time. */
void pipeline_reboots_told(struct pipeline *p, bool told, int64_t since_ms);

/* reconcile_gap(), in real time. */
void pipeline_gap(struct pipeline *p, int64_t until_ms);

/* A loss that somebody else found; passed on as an event. */
void pipeline_loss(struct pipeline *p, const struct event_loss *loss);

struct assemble *pipeline_assemble(struct pipeline *p);
struct reconcile *pipeline_reconcile(struct pipeline *p);
/* Since when losses are known and not told yet; INT64_MAX: there are none. */
int64_t pipeline_untold_since(struct pipeline *p);
/* Losses told so far. */
uint64_t pipeline_losses(const struct pipeline *p);

#endif
