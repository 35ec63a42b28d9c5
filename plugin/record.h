/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record - one line of audit text, taken apart as far as is needed to know
 * what to do with it.
 *
 * Who wrote it, what it is about and when is read. Of its other fields those
 * that nobody reads are left out, as far as they stand at the end: all of most
 * kinds, and of a PATH what follows its name. The rest is left as it is.
 * Nothing is copied: a record points into its line.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "fact.h"
#include "text.h"

enum record_kind {
	RECORD_OTHER, /* nobody reads it */
	RECORD_SYSCALL,
	RECORD_EXECVE,
	RECORD_CWD,
	RECORD_PATH, /* item 0, which names what was executed */
	RECORD_PROCTITLE,
	RECORD_EOE,
	RECORD_ABEND,
	RECORD_SECCOMP,      /* a thread was killed, and it alone */
	RECORD_CONFIG,       /* CONFIG_CHANGE: of rules, or of audit itself */
	RECORD_DAEMON_START, /* auditd was started */
	RECORD_DAEMON,       /* another one of auditd's own */
};

struct record {
	struct bytes line;   /* without node=, enrichment, what nobody reads */
	struct bytes node;   /* at == NULL: there is no node= */
	struct bytes fields; /* the line from behind "msg=audit(...): " on */
	struct stamp at;
	enum record_kind kind;
	bool item; /* RECORD_OTHER: another PATH of an event */
};

/*
 * line: without its newline; must outlive *rec. False: it is no audit record,
 * and what *rec holds means nothing.
 */
bool record_parse(struct bytes line, struct record *rec);

/*
 * Which system call a SYSCALL record tells of: its first two fields. False if
 * they are not there, or no numbers.
 */
bool record_call(const struct record *rec, uint32_t *arch, uint32_t *number);

/* Whose record it is: its field pid=; -1: there is none. */
int32_t record_pid(const struct record *rec);
/*
 * What a SYSCALL record says of its call: its nth argument, of the first four,
 * or its result. False if that is not there, or negative.
 */
bool record_argument(const struct record *rec, int n, uint64_t *argument);
bool record_result(const struct record *rec, uint64_t *result);
/* Whether a SYSCALL record says that the call failed. */
bool record_failed(const struct record *rec);

#endif
