/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * publish - events to lines: numbers them and encodes each once per format, and
 * once more for who can't take it as long as it is.
 */
#ifndef PUBLISH_H
#define PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "encode.h"
#include "event.h"
#include "settings.h"
#include "sink.h"

#define PUBLISH_LINE_MAX SETTINGS_EVENT_MAX

#define PUBLISH_VARIANTS_MAX SINKS_MAX

struct publish;

/* What somebody wants: lines of a format that are not longer than max bytes,
 * which is at most PUBLISH_LINE_MAX. Longer ones get their arguments shortened,
 * from the end. */
struct publish_variant {
	enum event_format format;
	size_t max;
};

/*
 * Gets each line: once for all variants into which the whole of it fits, and
 * shortened for each other one; an empty one for a variant into which it does
 * not fit even so.
 */
typedef void (*publish_fn)(void *ctx, const struct sink_line *line);

/*
 * env: copied; the strings it points to must outlive it, sequence is counted
 * up from it. variants: as publish_set_variants(). NULL: no memory.
 */
struct publish *publish_new(const struct envelope *env,
    const struct publish_variant *variants, size_t n, publish_fn fn, void *ctx);
void publish_free(struct publish *p); /* NULL is fine */
/* n of them at most PUBLISH_VARIANTS_MAX, copied; the same may be there more
 * than once. */
void publish_set_variants(
    struct publish *p, const struct publish_variant *variants, size_t n);
/* Another boot's id from now on; NULL: unknown. Must outlive it. */
void publish_set_boot(struct publish *p, const char *boot_id);

/* created_ms: real time, or anything in a replay. False: somebody who wants it
 * did not get it. */
bool publish_event(
    struct publish *p, const struct event *ev, int64_t created_ms);

uint64_t publish_sequence(const struct publish *p); /* of the newest event */

#endif
