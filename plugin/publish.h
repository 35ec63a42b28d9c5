/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publish - events to lines: numbers them and encodes each once per format.
 */
#ifndef PUBLISH_H
#define PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "encode.h"
#include "event.h"
#include "settings.h"

/* The longest line; longer ones get their arguments shortened. */
#define PUBLISH_LINE_MAX (4 * 1024 * 1024)

struct publish;

/* Gets each line, newline included, in each format that was asked for. */
typedef void (*publish_fn)(
    void *ctx, enum event_format format, const char *line, size_t len);

/*
 * env: copied; the strings it points to must outlive it, sequence is counted
 * up from it. formats: bits of 1 << enum event_format. NULL: no memory.
 */
struct publish *publish_new(
    const struct envelope *env, unsigned formats, publish_fn fn, void *ctx);
void publish_free(struct publish *p); /* NULL is fine */
void publish_set_formats(struct publish *p, unsigned formats);
/* Another boot's id from now on; NULL: unknown. Must outlive it. */
void publish_set_boot(struct publish *p, const char *boot_id);

/* created_ms: real time, or anything in a replay. False: it was lost. */
bool publish_event(
    struct publish *p, const struct event *ev, int64_t created_ms);

uint64_t publish_sequence(const struct publish *p); /* of the newest event */

#endif
