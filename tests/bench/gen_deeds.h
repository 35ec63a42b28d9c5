/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_deeds - what else the kernel of the simulated machine tells of a life,
 * as a compliance rule set has it: files that are watched, sockets, logins.
 */
#ifndef GEN_DEEDS_H
#define GEN_DEEDS_H

#include "gen_life.h"

/* One event of any such kind, begun and told of now. */
void deeds_tell(struct world *w, struct life *l);

#endif
