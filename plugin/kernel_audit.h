/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_audit - what the kernel says of its audit system. Read only.
 *
 * libaudit's status and rule list, asked without registering and without
 * changing anything. Needs CAP_AUDIT_CONTROL in the initial user and pid
 * namespaces. Each question makes a short-lived kernel thread (which
 * accounting records), so ask seldom.
 */
#ifndef KERNEL_AUDIT_H
#define KERNEL_AUDIT_H

#include <libaudit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/*
 * Whether pid= in a kernel's records names processes: it does from 4.9 on,
 * before it named threads. release: as uname(2) tells it. 1: yes, 0: no, -1:
 * that is no release.
 */
int kernel_audit_tells_processes(const char *release);

struct kernel_audit_status {
	uint32_t enabled; /* 0 off, 1 on, 2 locked */
	int32_t pid;      /* of the registered auditor; 0: none */
	uint32_t rate_limit, backlog_limit, backlog, lost;
};

/*
 * Blocking form, for commands: waits at most a second for the answer.
 * 0, or -1 with err and errno: EPROTONOSUPPORT, EAFNOSUPPORT or EINVAL if the
 * kernel has no audit, ECONNREFUSED in a user namespace, EPERM without rights.
 */
int kernel_audit_status(struct kernel_audit_status *st, struct err *err);

typedef void (*kernel_audit_rule_fn)(
    void *ctx, const struct audit_rule_data *rule);

/* Hands over every loaded rule in the kernel's order. As above. */
int kernel_audit_rules(kernel_audit_rule_fn fn, void *ctx, struct err *err);

/*
 * For the plugin: open once, ask, and read the answer when the descriptor is
 * readable. To ask may take a minute while the kernel's audit queue is full
 * (errands.h), and nobody else may read then; to read answers does not wait.
 */
struct kernel_audit;
struct kernel_audit *kernel_audit_open(struct err *err);
void kernel_audit_close(struct kernel_audit *k); /* NULL is fine */
int kernel_audit_fd(const struct kernel_audit *k);
bool kernel_audit_ask(struct kernel_audit *k); /* false: could not send */
bool kernel_audit_ask_rules(struct kernel_audit *k);

enum kernel_audit_said {
	KERNEL_AUDIT_SILENT, /* nothing more is there */
	KERNEL_AUDIT_STATUS, /* which is in *st now */
	KERNEL_AUDIT_RULES,  /* all of them were handed over */
};
/* Reads answers, rule by rule, up to the end of one. */
enum kernel_audit_said kernel_audit_answer(struct kernel_audit *k,
    struct kernel_audit_status *st, kernel_audit_rule_fn fn, void *ctx);

#endif
