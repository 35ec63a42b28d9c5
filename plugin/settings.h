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
	SINK_STDOUT
};
enum event_format {
	FORMAT_ECS,
	FORMAT_TEXT
};

struct sink_settings {
	const char *name; /* unique among the sinks; default: its type */
	enum sink_type type;
	enum event_format format;
	uint64_t queue_size; /* bytes held while the receiver takes none */
	/* SINK_FILE */
	const char *path;      /* folder of the segments, absolute */
	uint64_t segment_size; /* bytes */
	uint64_t segments;     /* how many are kept */
	int64_t max_age_ms;    /* older segments are deleted */
	const char *group;     /* owner group of folder and files; NULL: ours */
};

struct settings {
	const char *node;       /* NULL: "auto" */
	const char *user;       /* run as; "" stays root (tests) */
	const char *state_path; /* /var/lib/proclife */
	const char *run_path;   /* /run/proclife */
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

/*
 * Reads and checks a file. NULL path gives the defaults. Returns an object the
 * caller frees with settings_free(), or NULL with err naming file and line.
 */
struct settings *settings_load(const char *path, struct err *err);
void settings_free(struct settings *s); /* NULL is fine */

/*
 * Prints every setting in the syntax of the file; settings_load() of that
 * gives an equal object.
 */
void settings_print(const struct settings *s, FILE *out);

#endif
