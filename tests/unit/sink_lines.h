/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_lines - text for sinks that take lines of any kind.
 */
#ifndef SINK_LINES_H
#define SINK_LINES_H

#include "sink.h"

static inline bool
sink_put_text(struct sink *k, const char *at, size_t len, int64_t now_ms)
{
	return sink_put(k,
	    &(struct sink_line){.text = {at, len},
		.format = FORMAT_ECS,
		.action = EVENT_FORK,
		.time_ms = now_ms,
		.user = ID_UNSET},
	    now_ms);
}

#endif
