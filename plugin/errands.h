/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errands - what may wait in the kernel, done by a process of ours that does
 * nothing else.
 *
 * While the kernel's audit queue is full, whoever makes a process, leaves, or
 * asks the kernel of its audit system waits for up to a minute, unless it is
 * auditd itself (kernel/audit.c, audit_log_start() and audit_receive();
 * backlog_wait_time). Just then stdin has to be read, or the queue stays full.
 *
 * A canary is a child that leaves at once, to have something written in both
 * books. It says its number and waits for leave to go on; so its number is
 * known before anything is written of it: even its birth is logged only when
 * it is over (vfork(2)).
 */
#ifndef ERRANDS_H
#define ERRANDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "kernel_audit.h"

struct errands;

/* What is done. One of a kind at a time. */
enum errand {
	ERRAND_CANARY,
	ERRAND_STATUS, /* kernel_audit_ask() */
	ERRAND_RULES,  /* kernel_audit_ask_rules() */
	ERRANDS
};

enum errands_said {
	ERRANDS_SILENT, /* nothing more */
	ERRANDS_BORN,   /* a canary was: it waits for errands_release() */
	ERRANDS_DONE,   /* what was asked for */
	ERRANDS_FAILED, /* it can't be done: error */
	ERRANDS_GONE,   /* the process is */
};

struct errands_word {
	enum errands_said said;
	enum errand what;
	int32_t pid;       /* of the canary */
	int64_t forked_ms; /* real time, not later than its birth */
	int error; /* errno: if that FAILED, or of a canary's acct(2); or 0 */
};

/*
 * Starts that process, and reaps all that are gone: there are no other children
 * of the plugin's. k: what it asks by; NULL: it never will; it must outlive the
 * object. NULL with err.
 */
struct errands *errands_start(struct kernel_audit *k, struct err *err);
/* It leaves when it can, and is not waited for. NULL is fine. */
void errands_stop(struct errands *e);

/* Its number; it bears the canaries. */
int32_t errands_pid(const struct errands *e);
/* Readable when there is word. */
int errands_fd(const struct errands *e);

/* Has that done; false: the one before is not over, or it can't be. */
bool errands_ask(struct errands *e, enum errand what);
/*
 * The same of a canary that may be told to have the kernel write accounting to
 * this file first, which may take long: acct(2) waits while its file system is
 * frozen.
 */
bool errands_take_back(struct errands *e, const char *file);
/* The next word; does not wait. */
struct errands_word errands_word(struct errands *e);
/* The canary may go; take_back: after that. */
void errands_release(struct errands *e, bool take_back);

#endif
