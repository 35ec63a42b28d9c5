/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent - the id of this installation: made once, and kept in DIR/agent.
 */
#ifndef AGENT_H
#define AGENT_H

#include "err.h"
#include "event.h"

/* A new id (RFC 9562, version 4). 0, or -1 with errno: there is no chance. */
int agent_random(struct uuid *id);

/*
 * Reads the id, or makes and writes one. 0, or -1 with err: a file that could
 * not be read, which is set aside, or not be written. *id is set in any case,
 * but for want of chance: then it is nil, which means unknown.
 */
int agent_id(const char *dir, struct uuid *id, struct err *err);

#endif
