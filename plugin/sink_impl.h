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
#include "link.h"
#include "queue.h"
#include "settings.h"
#include "sink.h"

enum sink_state {
	SINK_DONE, /* nothing waits any more */
	SINK_WAIT, /* the receiver takes no more now: try again soon */
	/* Since a failure it has not been seen to work: try again later. */
	SINK_FAILED,
};

/* impl is what open() returned. None of these waits for a receiver. */
struct sink_ops {
	/* s is valid until close(). NULL with err on failure. */
	void *(*open)(const struct sink_settings *s,
	    const struct sink_needs *needs, int64_t now_ms, struct err *err);
	/* Hands over what waits in q. Also called when nothing does. */
	enum sink_state (*flush)(void *impl, struct queue *q, int64_t now_ms);
	/* When flush() shall be called. NULL: it is tried again after a wait
	 * that doubles. */
	struct link_wish (*wish)(
	    const void *impl, const struct queue *q, int64_t now_ms);
	/* The sink whose place it takes had failed: so has it, until it is
	 * seen to work. NULL: its next flush() tells. */
	void (*doubt)(void *impl);
	/* Why flush() failed. NULL: errno says it. */
	const char *(*trouble)(const void *impl);
	/* So many bytes of q's oldest lines were handed over, and stay there
	 * only to be sent again if the connection breaks. NULL: none. */
	size_t (*held)(const void *impl);
	/* NULL: has no segments. */
	uint64_t (*next_segment)(const void *impl);
	/* q: NULL if another sink has it now. */
	void (*close)(void *impl, struct queue *q, int64_t now_ms);
};

/* writev(2) of the first len bytes that wait in b. */
ssize_t sink_write(int fd, const struct backlog *b, size_t len);

const struct sink_ops *sink_file_ops(void);
const struct sink_ops *sink_stdout_ops(void);
const struct sink_ops *sink_stream_ops(void); /* unix, tcp, tls */
const struct sink_ops *sink_relp_ops(void);

#endif
