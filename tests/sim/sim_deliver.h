/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_deliver - hands over the facts of a history: as the plugin reads them
 * while they are made, or as `proclife replay` reads saved logs.
 */
#ifndef SIM_DELIVER_H
#define SIM_DELIVER_H

#include "sim_check.h"

void sim_deliver_live(struct sim_check *c);
/* permuted: the same text in another order that is permitted. */
void sim_deliver_replay(struct sim_check *c, bool permuted);

#endif
