/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ident - the ids of lives and events: UUID version 8 (RFC 9562) made from
 * the first 128 bits of a SHA-256. The same input gives the same id on every
 * machine and at every replay.
 */
#ifndef IDENT_H
#define IDENT_H

#include <stdint.h>

#include "event.h"
#include "text.h"

/* Host and boot, which every life's id is hashed with. */
struct ident {
	struct uuid host, boot;
};

/*
 * host_id, boot_id: 32 hexadecimal digits with or without hyphens; anything
 * else non-empty is hashed to 128 bits; NULL or "": the nil UUID.
 */
void ident_init(struct ident *i, const char *host_id, const char *boot_id);

/* A life whose birth record, or whose first record, is at. */
struct uuid ident_life_record(
    const struct ident *i, int32_t pid, struct stamp at);
/* A life that only accounting knows. */
struct uuid ident_life_acct(
    const struct ident *i, int32_t pid, const struct fact_acct *acct);
/* A life found in /proc: start time in clock ticks since boot. */
struct uuid ident_life_ticks(
    const struct ident *i, int32_t pid, uint64_t ticks);

/*
 * A process event. at counts for forks and execs only: of one life's ends,
 * and of its already_running, there is one.
 */
struct uuid ident_event(
    const struct uuid *life, enum event_action action, struct stamp at);
/* A loss or a heartbeat: one of a run of the plugin, told by its sequence. */
struct uuid ident_notice(const struct uuid *ephemeral, uint64_t sequence);

/* 36 characters, lower case. */
void ident_print(struct text *t, const struct uuid *u);

#endif
