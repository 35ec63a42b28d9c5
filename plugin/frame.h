/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame - how a receiver finds the lines in a stream of bytes.
 *
 * As lines of JSON; or as syslog messages (RFC 5424), each with its length
 * before it (RFC 6587, octet counting).
 */
#ifndef FRAME_H
#define FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* A head has so many bytes at most. */
#define FRAME_HEAD_MAX 384

/* The count before a message has so many bytes at most, a blank included. */
#define FRAME_COUNT_MAX 21

/*
 * Appends the head of a syslog message, a blank after it: facility 13 (log
 * audit), severity informational, app-name proclife, no structured data. host
 * and msgid (the event's action): NULL or what has no place in a head gives
 * "-"; so do a pid that is not positive and a time that has no four-digit year.
 */
void frame_head(struct text *t, int64_t time_ms, const char *host, int32_t pid,
    const char *msgid);

/* How long the head before an object of JSON is, in one or two parts, as
 * frame_head() made it; 0: there is none. */
size_t frame_head_length(const struct bytes part[2]);

/* Appends "LEN " for a message of len bytes. */
void frame_count(struct text *t, size_t len);

#endif
