/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream.h"

#include <string.h>

/*
 * In one boot a lower serial comes late by milliseconds. After a start of
 * auditd one that is stamped so much later is of a new boot.
 */
#define REBOOT_MS 2000

void
stream_init(struct stream *s, const char *node)
{
	memset(s, 0, sizeof(*s));
	if (node == NULL)
		return;
	s->node_len = strnlen(node, sizeof(s->node));
	memcpy(s->node, node, s->node_len);
	s->node_known = true;
}

struct bytes
stream_node(const struct stream *s)
{
	if (s->node_len == 0)
		return BYTES_NONE;
	return (struct bytes){s->node, s->node_len};
}

bool
stream_is_local(struct stream *s, const struct record *rec)
{
	struct bytes node = rec->node;

	if (!s->node_known) {
		if (node.len > sizeof(s->node))
			return false;
		if (node.at != NULL)
			memcpy(s->node, node.at, node.len);
		s->node_len = node.len;
		s->node_known = true;
	}
	return node.len == s->node_len &&
	       (node.len == 0 || memcmp(node.at, s->node, node.len) == 0);
}

/* auditd counts its own records, from a random start on (audit-userspace
 * src/auditd.c, send_audit_event()). */
bool
stream_is_daemons(struct stream *s, const struct record *rec)
{
	if (rec->kind == RECORD_DAEMON_START)
		s->restarted = true;
	return rec->kind == RECORD_DAEMON_START || rec->kind == RECORD_DAEMON;
}

bool
stream_is_new_boot(
    struct stream *s, const struct record *rec, struct stamp newest)
{
	bool maybe = s->restarted;

	s->restarted = false;
	return maybe && newest.serial != 0 &&
	       (int32_t)(rec->at.serial - newest.serial) < 0 &&
	       rec->at.ms > newest.ms + REBOOT_MS;
}
