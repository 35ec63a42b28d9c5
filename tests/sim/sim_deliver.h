/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_deliver - hands the facts of a history to a reconciler: as the plugin
 * reads them while they are made, or as `proclife replay` reads saved logs.
 */
#ifndef SIM_DELIVER_H
#define SIM_DELIVER_H

#include "reconcile.h"
#include "sim_check.h"

#define SIM_LATENESS_MS 2000

/* What assemble makes of parts: whole events, and how far was heard. */
#define SIM_OPEN_MAX 64
struct sim_ears {
	int64_t last_ms;
	size_t nopen;
	struct {
		size_t step;
		int64_t heard_ms;
	} open[SIM_OPEN_MAX];
};

/* A record with this stamp was read: opens or closes the event of a step. */
int64_t sim_ears_hear(struct sim_ears *e, int64_t ms);
void sim_ears_open(struct sim_ears *e, size_t step);
void sim_ears_close(struct sim_ears *e, size_t step);

void sim_deliver_live(struct sim_check *c);
void sim_deliver_replay(struct sim_check *c);

#endif
