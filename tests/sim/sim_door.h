/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_door - how the facts of a history go in: straight into a reconciler, or
 * as text and bytes, in pieces of any size, into a pipeline.
 */
#ifndef SIM_DOOR_H
#define SIM_DOOR_H

#include "order.h"
#include "pipeline.h"
#include "sim_check.h"
#include "sim_text.h"
#include "steady.h"

#define SIM_LATENESS_MS 2000

/* What assemble makes of parts: whole events, and how far was heard. */
#define SIM_OPEN_MAX 64
struct sim_ears {
	int64_t last_ms;
	size_t nopen;
	struct {
		struct fact fact;
		int64_t heard_ms;
		bool given; /* or nobody wants it */
	} open[SIM_OPEN_MAX];
};

/* Lines of an event that come only with its last ones. */
struct sim_rest {
	uint32_t serial; /* 0: none */
	char *lines;
	size_t len;
};

/*
 * What kauditd could not send to auditd, which hung: it comes after what was
 * logged next (kernel/audit.c, kauditd_thread()). It may begin, and end, amid
 * an event.
 */
struct sim_aside {
	enum {
		SIM_FLOWS,
		SIM_ASIDE,
		SIM_OVERTAKEN
	} stage;
	int64_t until_ms;
	struct text lines;
};

struct sim_door {
	struct sim_check *check;
	struct reconcile *reconcile;
	bool replay;
	/* The stream was read until this steady time. */
	void (*heard)(void *ctx, int64_t ms);
	void (*after)(void *ctx); /* a line of a replay, or a whole event */
	void *ctx;
	struct sim_ears ears;
	struct steady steady;

	/* Of text and bytes only. */
	struct pipeline *pipeline;
	struct order *order; /* of a replay */
	struct settings *settings;
	struct sim_style style;
	struct rng rng;
	struct text text;
	struct sim_rest rest[SIM_OPEN_MAX];
	struct sim_aside aside;
};

/*
 * Opens it for c->history; the clock is c->now. check, heard and ctx are set
 * already. replay: as pipeline_ops has it.
 */
void sim_door_open(
    struct sim_door *d, const struct reconcile_settings *s, bool replay);
/* Both clocks are read. */
void sim_door_clocks(struct sim_door *d, int64_t real_us, int64_t steady_us);
void sim_door_hide(
    struct sim_door *d, int32_t pid, int32_t ppid, int64_t real_ms);
/* Some records of an audit event: its first, its last, or all. */
void sim_door_audit(struct sim_door *d, const struct fact *fact, bool noise,
    bool opens, bool closes);
/* dates: read_ms, unwritten_ms and order are set. */
void sim_door_record(struct sim_door *d, const struct sim_account *a,
    const struct fact_acct *dates);
/* Of /proc. */
void sim_door_fact(struct sim_door *d, const struct fact *fact);
void sim_door_tick(struct sim_door *d);
int64_t sim_door_deadline(const struct sim_door *d);
/*
 * The reconciler is killed between two facts, and nothing is lost by it: facts
 * go in straight.
 */
void sim_door_kill(struct sim_door *d, const struct reconcile_settings *s);
/* No part of the stream comes any more; then, nothing at all. */
void sim_door_end_stream(struct sim_door *d);
void sim_door_close(struct sim_door *d);

#endif
