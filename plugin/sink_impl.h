/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_impl - what a kind of sink is, for sink.c and the kinds alone.
 */
#ifndef SINK_IMPL_H
#define SINK_IMPL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "backlog.h"
#include "err.h"
#include "settings.h"

enum sink_state {
	SINK_DONE,   /* nothing waits any more */
	SINK_WAIT,   /* the receiver takes no more now: try again soon */
	SINK_FAILED, /* see errno: try again later */
};

/* impl is what open() returned. None of these waits for a receiver. */
struct sink_ops {
	/* s is valid for the call only. NULL with err on failure. */
	void *(*open)(const struct sink_settings *s, uint64_t first_segment,
	    int64_t now_ms, struct err *err);
	/* Writes out what waits in b. Also called when nothing does. */
	enum sink_state (*flush)(void *impl, struct backlog *b, int64_t now_ms);
	/* NULL: has no segments. */
	uint64_t (*next_segment)(const void *impl);
	void (*close)(void *impl);
};

/* writev(2) of the first len bytes that wait in b. */
ssize_t sink_write(int fd, const struct backlog *b, size_t len);

const struct sink_ops *sink_file_ops(void);
const struct sink_ops *sink_stdout_ops(void);

#endif
