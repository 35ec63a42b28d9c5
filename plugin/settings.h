/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings - what audisp-proclife.conf says, checked.
 *
 * The only module that includes libconfig.h. A file is read into a new object,
 * wholly validated, and never changed afterwards: a reload builds another one
 * and swaps. Unknown keys, wrong types and numbers out of range are errors that
 * name file and line.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "err.h"

enum acct_mode {
	ACCT_FOLLOW,
	ACCT_OWN,
	ACCT_OFF
};
enum sink_type {
	SINK_FILE,
	SINK_STDOUT,
	SINK_UNIX,
	SINK_TCP,
	SINK_TLS,
	SINK_RELP,
};
enum sink_framing {
	FRAMING_LINE,
	FRAMING_SYSLOG
};
enum event_format {
	FORMAT_ECS,
	FORMAT_OCSF,
	FORMAT_TEXT
};

struct sink_settings {
	const char *name; /* unique among the sinks; default: its type */
	enum sink_type type;
	enum event_format format;
	uint64_t queue_size; /* bytes held while the receiver takes none */
	uint64_t max_event;  /* bytes of a line at most, newline included */
	unsigned actions;    /* those told: bits of 1 << enum event_action */
	const char **users;  /* those told; nusers 0: all */
	size_t nusers;
	/* SINK_FILE */
	const char *path;      /* folder of the segments, absolute */
	uint64_t segment_size; /* bytes */
	uint64_t segments;     /* how many are kept */
	int64_t max_age_ms;    /* older segments are deleted */
	const char *group;     /* owner group of folder and files; NULL: ours */
	/* SINK_UNIX */
	const char *socket; /* path, absolute */
	/* SINK_TCP, SINK_TLS, SINK_RELP */
	const char *host;
	uint64_t port;
	uint64_t resend_size; /* bytes sent last are sent again after a break */
	enum sink_framing framing; /* RELP: always syslog */
	/* SINK_TLS, and SINK_RELP if tls */
	bool tls;                         /* SINK_TLS: always */
	const char *ca_file;              /* NULL: what the system trusts */
	const char *cert_file, *key_file; /* ours; NULL: none */
	bool verify;             /* the receiver's certificate and its name */
	const char *verify_name; /* NULL: host */
	/* SINK_UNIX, SINK_TCP, SINK_TLS, SINK_RELP */
	bool spool;               /* on disk, in spool_folder */
	const char *spool_folder; /* of this sink alone */
	uint64_t spool_size;
	int64_t spool_max_age_ms, spool_sync_ms;
};

struct settings {
	const char *node;       /* NULL: "auto" */
	const char *user;       /* run as; "" stays root (tests) */
	const char *state_path; /* /var/lib/proclife */
	const char *run_path;   /* /run/proclife */
	const char *spool_path; /* /var/spool/proclife */
	int64_t stop_timeout_ms;

	struct {
		int64_t lateness_ms, eoe_wait_ms, grace_ms;
	} reconcile;
	struct {
		enum acct_mode mode;
		const char **files; /* follow: candidates, nfiles of them */
		size_t nfiles;
		const char *own_file; /* own */
		uint64_t own_size;    /* own: change files when larger */
		int64_t poll_ms, wait_ms;
	} acct;
	struct {
		bool failed_exec, already_running, kernel_threads;
		int64_t heartbeat_ms;
		const char **redact;
		size_t nredact;
	} events;
	struct {
		uint64_t lives, held_facts, open_events;
		uint64_t event_bytes; /* one audit event's records together */
		uint64_t args_bytes;  /* arguments kept of one life */
	} limits;
	struct {
		bool audit_control; /* keep CAP_AUDIT_CONTROL: the lost counter
				     */
		bool sys_ptrace; /* keep CAP_SYS_PTRACE: exe and cwd in /proc */
	} capabilities;
	struct sink_settings *sinks;
	size_t nsinks;
};

/* So many sinks at most. */
#define SINKS_MAX 16

/* No line of any sink is longer. */
#define SETTINGS_EVENT_MAX (4 * 1024 * 1024)

/*
 * Reads and checks a file. NULL path gives the defaults. Returns an object the
 * caller frees with settings_free(), or NULL with err naming file and line.
 */
struct settings *settings_load(const char *path, struct err *err);
void settings_free(struct settings *s); /* NULL is fine */

/* A copy that does not need the rest of the settings; NULL: no memory. */
struct sink_settings *settings_copy_sink(const struct sink_settings *s);
void settings_free_sink(struct sink_settings *copy); /* NULL is fine */
/* True if nothing in them differs. */
bool settings_same_sink(
    const struct sink_settings *a, const struct sink_settings *b);

/*
 * Prints every setting in the syntax of the file; settings_load() of that
 * gives an equal object.
 */
void settings_print(const struct settings *s, FILE *out);

#endif
