/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_own - the object "proclife": what no public schema has a field for.
 *
 * The last member of a line, since it tells what had to be replaced before.
 * conf/schema/proclife-v1.schema.json describes it.
 */
#ifndef ENCODE_OWN_H
#define ENCODE_OWN_H

#include "event.h"
#include "member.h"

void encode_own(struct line *l, const struct event *ev);

#endif
