/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream - whose records a stream of audit lines holds, and of which boot.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"

struct stream {
	char node[256];
	size_t node_len;
	bool node_known;
	bool restarted; /* auditd was, and no record came since */
};

/* node: whose records count; NULL: the first one's. */
void stream_init(struct stream *s, const char *node);

/* Whose records count, as they name it; at NULL: they do not. */
struct bytes stream_node(const struct stream *s);

/* Whether the record is of the host whose stream this is. */
bool stream_is_local(struct stream *s, const struct record *rec);

/* Whether auditd made it itself: its serial is none of the kernel's. */
bool stream_is_daemons(struct stream *s, const struct record *rec);

/*
 * Whether the kernel counts anew with this record, which is its own. newest:
 * of the records before it, that of the highest serial; serial 0: none came.
 */
bool stream_is_new_boot(
    struct stream *s, const struct record *rec, struct stamp newest);

#endif
