/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode - an event to one line of a format.
 *
 * Pure: the same event and envelope give the same bytes.
 */
#ifndef ENCODE_H
#define ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "text.h"

/* What stands around every event of one run. Strings: NULL is left out. */
struct envelope {
	const char *version; /* of proclife */
	bool live;           /* ids of agent and run, and created, are told */
	struct uuid agent_id, ephemeral_id;
	int64_t created_ms; /* real time of this event's making, if live */
	uint64_t sequence;
	const char *hostname; /* host.hostname and host.name */
	const char *host_id, *boot_id;
};

/*
 * Appends the event as one JSON object of the Elastic Common Schema and a
 * newline. Check text_ok(): false means it did not fit and must not be sent.
 */
void encode_ecs(
    struct text *t, const struct event *ev, const struct envelope *env);

/* The same as one object of the Open Cybersecurity Schema Framework. */
void encode_ocsf(
    struct text *t, const struct event *ev, const struct envelope *env);

/* Lines for human eyes, indented by descent; so it remembers the living. */
struct encode_text;
struct encode_text *encode_text_new(void);    /* NULL: no memory */
void encode_text_free(struct encode_text *x); /* NULL is fine */
/*
 * Appends one line, after one with the date (UTC) when the day is another than
 * the line's before. Depth of a life whose parent is not known is 0.
 */
void encode_text(struct encode_text *x, struct text *t, const struct event *ev,
    const struct envelope *env);

/* "fork" and so on, as events tell their action. */
const char *encode_action_name(enum event_action action);
/* "serial_gap" and so on, as events tell a loss's source. */
const char *encode_loss_source(enum loss_source source);
/* Of a wait status: 0 to 255, and 128 + n for signal n, as shells have it. */
uint32_t encode_exit_code(uint32_t status);
/* "SIGKILL", "SIGRTMIN+3"; NULL if no signal has that number on Linux. */
const char *encode_signal_name(int signal, char buf[16]);

#endif
