/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * turns - whole events that wait until those before them were read.
 *
 * Nearly all records come in the order of their serials. But what kauditd could
 * not send, for auditd hung, it puts aside, and sends it after what was logged
 * next: kernel/audit.c, kauditd_thread(). An exec would be read after its
 * process's exit.
 */
#ifndef TURNS_H
#define TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assemble.h"

struct turns;

/* NULL: no memory. turns_free(NULL) is fine. */
struct turns *turns_new(void);
void turns_free(struct turns *t);

/* A copy of ev waits. now: as in assemble_take(). False: no memory. */
bool turns_add(struct turns *t, const struct assemble_event *ev, int64_t now);

/* The one that comes next, valid until it is taken; false: none waits. */
bool turns_first(const struct turns *t, struct assemble_event *ev);
/* That one waits no longer. */
void turns_take(struct turns *t);

/* What was added since the last tick came just now, whatever was said then. */
void turns_tick(struct turns *t, int64_t now);

/* Since when one waits; INT64_MAX: none does. */
int64_t turns_since(const struct turns *t);

/* All copies together. */
size_t turns_bytes(const struct turns *t);

/* The serials of those that wait, at most max: how many. */
size_t turns_serials(const struct turns *t, uint32_t *serials, size_t max);

#endif
