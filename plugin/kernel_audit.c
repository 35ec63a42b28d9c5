/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel_audit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* How long to wait for one message of an answer. */
#define ANSWER_MS 1000

/* How many messages that are no answer may stand before one: ours is alone. */
#define STRAY_MAX 16

struct kernel_audit {
	int fd;
};

/*
 * What went wrong with the socket or a request. The kernel says "connection
 * refused" where it takes no audit requests at all: audit_netlink_ok() in
 * kernel/audit.c, for every user namespace but the first.
 */
static int
failed(struct err *err, int error)
{
	const char *why = "cannot ask the kernel's audit system";

	if (error == EPROTONOSUPPORT || error == EAFNOSUPPORT ||
	    error == EINVAL)
		why = "this kernel has no audit system";
	else if (error == ECONNREFUSED)
		why = "no audit in this user namespace (a container's)";
	errno = error;
	return err_errno(err, "%s", why);
}

/* libaudit would print what we report ourselves; the descriptor, or -1. */
static int
open_quietly(struct err *err)
{
	int fd;

	set_aumessage_mode(MSG_QUIET, DBG_NO);
	fd = audit_open();
	if (fd < 0)
		failed(err, errno);
	return fd;
}

/*
 * Reads one message if there is any: 1, 0 if there is none, or -errno.
 * An error that the kernel sent counts as one of ours.
 */
static int
read_message(int fd, struct audit_reply *reply)
{
	int rc = audit_get_reply(fd, reply, GET_REPLY_NONBLOCKING, 0);

	if (rc == -EAGAIN)
		return 0;
	if (rc <= 0)
		return rc < 0 ? rc : -EBADMSG;
	if (reply->type == NLMSG_ERROR && reply->error->error != 0)
		return reply->error->error;
	return 1;
}

/* Waits for one message: 0 or -errno. */
static int
await_message(int fd, struct audit_reply *reply)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;

	do
		n = poll(&p, 1, ANSWER_MS);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (n > 0)
		n = read_message(fd, reply);
	if (n == 0)
		return -ETIMEDOUT;
	return n < 0 ? n : 0;
}

/* How many bytes follow the header of the message. */
static size_t
payload(const struct audit_reply *reply)
{
	size_t len = (size_t)reply->len;

	return len > NLMSG_HDRLEN ? len - NLMSG_HDRLEN : 0;
}

/*
 * True if it is a status, which is then in *st. Kernels add members at the
 * end; all have those up to backlog.
 */
static bool
take_status(const struct audit_reply *reply, struct kernel_audit_status *st)
{
	const size_t need = offsetof(struct audit_status, backlog) +
			    sizeof(reply->status->backlog);

	if (reply->type != AUDIT_GET || payload(reply) < need)
		return false;
	*st = (struct kernel_audit_status){
	    .enabled = reply->status->enabled,
	    .pid = (int32_t)reply->status->pid,
	    .rate_limit = reply->status->rate_limit,
	    .backlog_limit = reply->status->backlog_limit,
	    .backlog = reply->status->backlog,
	    .lost = reply->status->lost,
	};
	return true;
}

/* Skips acknowledgements, which may come before an answer; 0 or -errno. */
static int
await_status(int fd, struct kernel_audit_status *st)
{
	struct audit_reply reply;

	for (int i = 0; i < STRAY_MAX; i++) {
		int rc = await_message(fd, &reply);

		if (rc < 0)
			return rc;
		if (take_status(&reply, st))
			return 0;
	}
	return -EBADMSG;
}

int
kernel_audit_tells_processes(const char *release)
{
	unsigned major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return -1;
	return major > 4 || (major == 4 && minor >= 9);
}

int
kernel_audit_status(struct kernel_audit_status *st, struct err *err)
{
	int fd = open_quietly(err);
	int rc;

	if (fd < 0)
		return -1;
	rc = audit_request_status(fd);
	if (rc >= 0)
		rc = await_status(fd, st);
	audit_close(fd);
	return rc < 0 ? failed(err, -rc) : 0;
}

/* True if the message holds all of the rule that it begins. */
static bool
rule_is_whole(const struct audit_reply *reply)
{
	const struct audit_rule_data *rule = reply->ruledata;
	size_t len = payload(reply);

	return len >= sizeof(*rule) && rule->buflen <= len - sizeof(*rule) &&
	       rule->field_count <= AUDIT_MAX_FIELDS;
}

/* The list ends with NLMSG_DONE; 0 or -errno. */
static int
await_rules(int fd, kernel_audit_rule_fn fn, void *ctx)
{
	struct audit_reply reply;

	for (;;) {
		int rc = await_message(fd, &reply);

		if (rc < 0 || reply.type == NLMSG_DONE)
			return rc;
		if (reply.type != AUDIT_LIST_RULES)
			continue;
		if (!rule_is_whole(&reply))
			return -EBADMSG;
		fn(ctx, reply.ruledata);
	}
}

int
kernel_audit_rules(kernel_audit_rule_fn fn, void *ctx, struct err *err)
{
	int fd = open_quietly(err);
	int rc;

	if (fd < 0)
		return -1;
	rc = audit_request_rules_list_data(fd);
	if (rc >= 0)
		rc = await_rules(fd, fn, ctx);
	audit_close(fd);
	return rc < 0 ? failed(err, -rc) : 0;
}

struct kernel_audit *
kernel_audit_open(struct err *err)
{
	struct kernel_audit *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		err_errno(err, "kernel_audit");
		return NULL;
	}
	k->fd = open_quietly(err);
	if (k->fd < 0) {
		free(k);
		return NULL;
	}
	return k;
}

void
kernel_audit_close(struct kernel_audit *k)
{
	if (k == NULL)
		return;
	audit_close(k->fd);
	free(k);
}

int
kernel_audit_fd(const struct kernel_audit *k)
{
	return k->fd;
}

/*
 * libaudit waits for the acknowledgement, which the kernel has queued before
 * its send returns: netlink handles requests in the sender's own call. There
 * the sender waits while the queue is full (kernel/audit.c, audit_receive()).
 */
bool
kernel_audit_ask(struct kernel_audit *k)
{
	return audit_request_status(k->fd) > 0;
}

bool
kernel_audit_ask_rules(struct kernel_audit *k)
{
	return audit_request_rules_list_data(k->fd) > 0;
}

enum kernel_audit_said
kernel_audit_answer(struct kernel_audit *k, struct kernel_audit_status *st,
    kernel_audit_rule_fn fn, void *ctx)
{
	struct audit_reply reply;

	while (read_message(k->fd, &reply) > 0) {
		if (take_status(&reply, st))
			return KERNEL_AUDIT_STATUS;
		if (reply.type == NLMSG_DONE)
			return KERNEL_AUDIT_RULES;
		if (reply.type == AUDIT_LIST_RULES && rule_is_whole(&reply))
			fn(ctx, reply.ruledata);
	}
	return KERNEL_AUDIT_SILENT;
}
