/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_judge.h"
#include "kernel_audit.h"

/*
 * What auditd's own rules file asks for (init.d and rules/ of
 * audit-userspace); the kernel starts with 64.
 */
#define BACKLOG_LIMIT_MIN 8192
#define BACKLOG_PARAMETER "audit_backlog_limit=8192"

/* From here on, in hundredths, the backlog is nearly full. */
#define BACKLOG_FULL_PERCENT 75

int
check_kernel_has(const struct check_world *w, const char *option)
{
	const char *at = w->kernel_config.text;
	size_t len = strlen(option);

	if (at == NULL)
		return -1;
	for (; (at = strstr(at, option)) != NULL; at += len) {
		bool begins = at == w->kernel_config.text || at[-1] == '\n';

		if (begins && at[len] == '=')
			return at[len + 1] == 'y' || at[len + 1] == 'm';
	}
	return 0;
}

/* Parameters behind "--" are for init, not for the kernel. */
void
check_boot_value(
    const struct check_world *w, const char *name, char *value, size_t size)
{
	const char *at = w->cmdline.text;
	size_t len = strlen(name);

	value[0] = '\0';
	while (at != NULL && *at != '\0') {
		size_t word = strcspn(at, " \n");

		if (word == 2 && strncmp(at, "--", 2) == 0)
			return;
		if (word > len && strncmp(at, name, len) == 0 && at[len] == '=')
			snprintf(value, size, "%.*s", (int)(word - len - 1),
			    at + len + 1);
		at += word;
		at += strspn(at, " \n");
	}
}

bool
check_audit_known(const struct check_world *w)
{
	return w->audit_error == 0;
}

void
check_judge_kernel(const struct check_world *w, struct check_report *r)
{
	int fit = kernel_audit_tells_processes(w->release);

	if (fit < 0) {
		check_say(r, CHECK_WARN, "could not look: release \"%s\"",
		    w->release);
	} else if (fit == 0) {
		check_say(r, CHECK_BROKEN,
		    "%s is older than 4.9: its audit records name threads"
		    " where they should name processes, so the plugin does"
		    " not run",
		    w->release);
		check_remedy(r, "boot a kernel of 4.9 or later");
	} else {
		check_say(r, CHECK_OK, "%s", w->release);
	}
}

/* Why the kernel did not answer about audit. */
static void
judge_no_answer(const struct check_world *w, struct check_report *r)
{
	switch (w->audit_error) {
	case EPROTONOSUPPORT:
	case EAFNOSUPPORT:
	case EINVAL:
		check_say(r, CHECK_BROKEN, "this kernel has no audit");
		check_remedy(r, "boot a kernel with CONFIG_AUDIT=y and"
				" CONFIG_AUDITSYSCALL=y");
		break;
	case ECONNREFUSED:
		check_say(r, CHECK_BROKEN,
		    "this user namespace, a container's, has no audit");
		check_remedy(r, "run proclife on the host");
		break;
	default:
		check_unseen(
		    r, w, "rules, backlog and auditor", w->audit_error);
		if (w->root)
			check_remedy(r, "run proclife check on the host, with"
					" CAP_AUDIT_CONTROL");
	}
}

void
check_judge_audit(const struct check_world *w, struct check_report *r)
{
	if (check_kernel_has(w, "CONFIG_AUDIT") == 1 &&
	    check_kernel_has(w, "CONFIG_AUDITSYSCALL") == 0) {
		check_say(
		    r, CHECK_BROKEN, "this kernel cannot audit system calls");
		check_remedy(r, "boot a kernel with CONFIG_AUDITSYSCALL=y");
		return;
	}
	if (!check_audit_known(w)) {
		judge_no_answer(w, r);
	} else if (w->audit.enabled == 0) {
		check_say(r, CHECK_BROKEN, "switched off in the kernel");
		check_remedy(r, "auditctl -e 1");
	} else {
		check_say(r, CHECK_OK, "switched on%s",
		    w->audit.enabled == 2 ? ", locked until the next boot"
					  : "");
	}
}

/* The command that puts parameters on the kernel's command line. */
static void
remedy_boot(
    const struct check_world *w, struct check_report *r, const char *parameters)
{
	if (w->grubby)
		check_remedy(r,
		    "grubby --update-kernel=ALL --args='%s' && reboot",
		    parameters);
	else if (w->update_grub)
		check_remedy(r,
		    "sed -i 's/^GRUB_CMDLINE_LINUX=\"/&%s /'"
		    " /etc/default/grub && update-grub && reboot",
		    parameters);
	else
		check_remedy(r,
		    "put %s on the kernel's command line, then reboot",
		    parameters);
}

/* As audit_enable() in kernel/audit.c reads it: any other number is on. */
static bool
means_off(const char *value)
{
	return strcmp(value, "off") == 0 || strcmp(value, "0") == 0;
}

void
check_judge_boot(const struct check_world *w, struct check_report *r)
{
	char audit[16], limit[16];

	if (w->cmdline.text == NULL) {
		check_unseen(r, w, w->cmdline.path, w->cmdline.error);
		return;
	}
	check_boot_value(w, "audit", audit, sizeof(audit));
	check_boot_value(w, "audit_backlog_limit", limit, sizeof(limit));
	if (audit[0] != '\0' && means_off(audit)) {
		check_say(r, CHECK_BROKEN,
		    "audit=%s on the kernel's command line: no process is"
		    " audited",
		    audit);
		check_remedy(r,
		    "take audit=%s off the kernel's command line, then reboot",
		    audit);
		return;
	}
	if (audit[0] == '\0') {
		check_say(r, CHECK_WARN,
		    "no audit=1 on the kernel's command line: what began"
		    " before auditd is never audited, and while auditd is"
		    " stopped or slow records vanish uncounted");
		remedy_boot(w, r, "audit=1");
	}
	if (limit[0] == '\0') {
		check_say(r, CHECK_WARN,
		    "no audit_backlog_limit= on the kernel's command line:"
		    " until the rules are loaded there is room for 64"
		    " records");
		remedy_boot(w, r, BACKLOG_PARAMETER);
	}
	if (audit[0] != '\0' && limit[0] != '\0')
		check_say(r, CHECK_OK, "audit=%s audit_backlog_limit=%s", audit,
		    limit);
}

static void
judge_backlog_size(const struct check_world *w, struct check_report *r)
{
	uintmax_t limit = w->audit.backlog_limit, now = w->audit.backlog;

	if (limit == 0) {
		check_say(r, CHECK_OK, "unlimited");
	} else if (limit < BACKLOG_LIMIT_MIN) {
		check_say(r, CHECK_WARN,
		    "has room for %ju records only: a burst is lost", limit);
		check_remedy(r, "auditctl -b %d", BACKLOG_LIMIT_MIN);
	} else if (now * 100 >= limit * BACKLOG_FULL_PERCENT) {
		check_say(r, CHECK_WARN, "nearly full: %ju of %ju records wait",
		    now, limit);
		check_remedy(r, "auditctl -b %ju", limit * 2);
	} else {
		check_say(r, CHECK_OK, "%ju of %ju records wait", now, limit);
	}
}

void
check_judge_backlog(const struct check_world *w, struct check_report *r)
{
	if (!check_audit_known(w))
		return;
	judge_backlog_size(w, r);
	if (w->audit.lost > 0) {
		check_say(r, CHECK_WARN,
		    "%ju records were lost since boot, or since the counter"
		    " was reset",
		    (uintmax_t)w->audit.lost);
		check_remedy(r, "auditctl --reset-lost");
	}
	if (w->audit.rate_limit > 0) {
		check_say(r, CHECK_WARN,
		    "what is more than %ju records a second is dropped",
		    (uintmax_t)w->audit.rate_limit);
		check_remedy(r, "auditctl -r 0");
	}
}

/* The value of hidepid= of the file system on /proc. */
static void
hidepid_value(const struct check_world *w, char *value, size_t size)
{
	const char *text = w->mounts.text;
	char line[1024], *words[4];
	size_t len;
	bool ended;

	value[0] = '\0';
	while (text != NULL && (text = check_next_line(text, line, sizeof(line),
				    &len, &ended)) != NULL) {
		const char *at;

		if (check_words(line, words, 4) < 4 ||
		    strcmp(words[1], "/proc") != 0)
			continue;
		at = strstr(words[3], "hidepid=");
		value[0] = '\0'; /* a later mount covers an earlier one */
		if (at != NULL)
			snprintf(value, size, "%.*s", (int)strcspn(at + 8, ","),
			    at + 8);
	}
}

bool
check_hidepid(const struct check_world *w)
{
	char value[32];

	hidepid_value(w, value, sizeof(value));
	return value[0] != '\0' && strcmp(value, "0") != 0 &&
	       strcmp(value, "off") != 0;
}

void
check_judge_procfs(const struct check_world *w, struct check_report *r)
{
	const struct settings *s = w->settings;

	if (w->mounts.text == NULL) {
		check_unseen(r, w, w->mounts.path, w->mounts.error);
		return;
	}
	if (!check_hidepid(w)) {
		check_say(r, CHECK_OK, "shows all processes");
		return;
	}
	if (s != NULL && (s->capabilities.sys_ptrace || s->user[0] == '\0')) {
		check_say(r, CHECK_OK,
		    "hides processes (hidepid), but not from the plugin");
		return;
	}
	check_say(r, CHECK_WARN,
	    "hides processes from the plugin (hidepid): those that run at its"
	    " start are not told, and threads made by clone3 are told from"
	    " processes late; capabilities.sys_ptrace = true in %s helps, too",
	    w->config);
	check_remedy(r, "mount -o remount,hidepid=0 /proc");
}

void
check_judge_selinux(const struct check_world *w, struct check_report *r)
{
	if (w->selinux.look == LOOK_NONE)
		return;
	if (w->selinux.text == NULL) {
		check_unseen(r, w, w->selinux.path, w->selinux.error);
	} else if (atoi(w->selinux.text) == 0) {
		check_say(r, CHECK_OK, "does not enforce");
	} else if (w->selinux_policy == LOOK_SEEN) {
		check_say(r, CHECK_OK, "has a policy for proclife");
	} else if (w->selinux_policy == LOOK_FAILED) {
		check_unseen(r, w, "SELinux's policy modules", EACCES);
	} else {
		check_say(r, CHECK_WARN,
		    "enforces, and has no policy for proclife: what the"
		    " plugin may do depends on auditd's");
		check_remedy(r,
		    "ausearch -m avc -c audisp-proclife | audit2allow -M"
		    " proclife && semodule -i proclife.pp");
	}
}
