/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event - what we tell about a life, before it is encoded.
 *
 * Made by the reconciler (and, for loss and heartbeat, by whoever knows),
 * read by the encoders. Everything it points to is borrowed: valid only while
 * the call that hands it over lasts. Absent means unknown.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "fact.h"
#include "text.h"

enum event_action {
	EVENT_FORK,
	EVENT_EXEC,
	EVENT_END,
	EVENT_ALREADY_RUNNING,
	EVENT_LOSS,
	EVENT_HEARTBEAT,
};

/* Who vouches for an event; bits. */
enum event_source {
	SOURCE_AUDIT = 1,
	SOURCE_ACCT = 2,
	SOURCE_PROCFS = 4,
};

enum start_kind {
	START_OBSERVED,
	START_INFERRED,
	START_SNAPSHOT
};

enum end_kind {
	END_EXIT,
	END_SIGNAL,
	END_VANISHED,
	END_RESTART
};

/* Where something was lost, or may have been. */
enum loss_source {
	LOSS_SERIAL_GAP,
	LOSS_KERNEL_LOST,
	LOSS_AUDITD_QUEUE,
	LOSS_ACCT_OFF,
	LOSS_ACCT_PAUSED,
	LOSS_LIMIT,
	LOSS_SPOOL,
	LOSS_SINK,
	LOSS_FOREIGN_NODE,
	LOSS_RESTART,
	LOSS_AUDIT_OFF, /* rules that we need are gone, or audit is off */
	LOSS_SOURCES,   /* how many there are */
};

struct uuid {
	uint8_t b[16];
};

struct event_process {
	bool known;      /* false: nothing else here is */
	bool identified; /* false: only its pid is known, not which life */
	struct uuid id;
	int32_t pid;
	struct bytes name, executable;
	int64_t start_ms; /* TIME_UNKNOWN: unknown */
};

struct event_end {
	enum end_kind kind;
	bool has_status; /* false: status and certain mean nothing */
	bool certain;
	uint32_t status; /* as from waitpid(2) */
	bool core_known; /* the core bit of status means something */
	bool has_usage;
	uint64_t user_ms, system_ms, elapsed_ms, vm_size_kb;
	uint64_t minor_faults, major_faults;
};

struct event_loss {
	enum loss_source source;
	bool counted; /* false: nobody knows how many */
	uint64_t count;
	int64_t since_ms, until_ms; /* TIME_UNKNOWN: unknown */
	const char *detail;         /* for people, one line; NULL: none */
};

/* What a heartbeat tells; all counts are since this process started. */
struct event_heartbeat {
	uint32_t last_serial;
	int64_t lag_ms; /* how far the stream is behind; TIME_UNKNOWN */
	uint64_t records, events_assembled, facts, events;
	uint64_t lives, losses;
	bool acct_on;
};

#define EVENT_SERIALS_MAX 4

struct event {
	enum event_action action;
	int64_t time_ms;
	struct uuid id; /* process events only; loss and heartbeat get theirs
			   from the envelope when they are encoded */
	unsigned sources;
	uint32_t serials[EVENT_SERIALS_MAX];
	unsigned nserials;

	/* Process events. */
	struct event_process process, parent;
	enum start_kind start;
	struct creds creds;
	struct tty tty;
	const struct args *args; /* NULL: unknown or not told here */
	struct bytes cwd, script, key;
	uint32_t threads; /* second and later threads seen; 0: none */

	union {
		int exec_error; /* EVENT_EXEC: 0, or errno of a failure */
		struct event_end end;
		struct event_loss loss;
		struct event_heartbeat heartbeat;
	};
};

/* False: a loss or a heartbeat, which is about no process. */
static inline bool
event_has_process(const struct event *ev)
{
	return ev->action != EVENT_LOSS && ev->action != EVENT_HEARTBEAT;
}

/* The time of an end that nobody saw is only when it was missed. */
static inline bool
event_end_was_seen(const struct event_end *end)
{
	return end->kind == END_EXIT || end->kind == END_SIGNAL;
}

#endif
