/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "check_judge.h"

/*
 * auditd's own default since 3.0.9 (src/auditd-config.c); before, 1200 and
 * 400, which a second of a busy machine fills.
 */
#define Q_DEPTH_MIN 2000

void
check_judge_auditor(const struct check_world *w, struct check_report *r)
{
	int pid = (int)w->audit.pid;

	if (!check_audit_known(w))
		return;
	if (pid == 0) {
		check_say(r, CHECK_BROKEN,
		    "not running: nobody takes the kernel's records");
		check_remedy_auditd(r, w, "");
	} else if (w->auditor[0] != '\0' && strcmp(w->auditor, "auditd") != 0) {
		check_say(r, CHECK_BROKEN,
		    "not the one who takes the kernel's records: process %d"
		    " (%s) does",
		    pid, w->auditor);
		check_remedy(r, "kill %d && %s", pid,
		    w->systemd ? "systemctl restart auditd"
			       : "service auditd restart");
	} else {
		check_say(r, CHECK_OK,
		    "takes the kernel's records, as process %d", pid);
	}
}

static void
judge_queue(const struct check_world *w, struct check_report *r)
{
	char value[32];

	if (!check_conf_value(
		w->auditd_conf.text, "q_depth", value, sizeof(value)))
		return;
	if (atoi(value) >= Q_DEPTH_MIN) {
		check_say(r, CHECK_OK, "q_depth = %s", value);
		return;
	}
	check_say(r, CHECK_WARN,
	    "q_depth = %s: a burst overflows auditd's queue to its plugins",
	    value);
	check_remedy_auditd(r, w,
	    "sed -i 's/^q_depth.*/q_depth = 2000/' " CHECK_AUDIT_DIR
	    "/auditd.conf && ");
}

/* What happens when the queue to the plugins overflows; default: syslog. */
static void
judge_overflow(const struct check_world *w, struct check_report *r)
{
	char value[32];

	if (!check_conf_value(
		w->auditd_conf.text, "overflow_action", value, sizeof(value)) ||
	    strcasecmp(value, "syslog") == 0)
		return;
	if (strcasecmp(value, "ignore") == 0)
		check_say(r, CHECK_WARN,
		    "overflow_action = %s: auditd does not tell what its"
		    " queue loses",
		    value);
	else
		check_say(r, CHECK_WARN,
		    "overflow_action = %s: a burst ends the stream, or the"
		    " machine",
		    value);
	check_remedy_auditd(r, w,
	    "sed -i 's/^overflow_action.*/overflow_action = "
	    "SYSLOG/' " CHECK_AUDIT_DIR "/auditd.conf && ");
}

void
check_judge_auditd_conf(const struct check_world *w, struct check_report *r)
{
	char value[32];

	if (w->auditd_conf.look == LOOK_NONE) {
		check_say(r, CHECK_BROKEN, "auditd is not installed: no %s",
		    w->auditd_conf.path);
		check_remedy(r, "%s",
		    w->apt   ? "apt-get install auditd"
		    : w->dnf ? "dnf install audit"
			     : "install auditd 3.0 or later");
		return;
	}
	if (w->auditd_conf.text == NULL) {
		check_unseen(r, w, w->auditd_conf.path, w->auditd_conf.error);
		return;
	}
	judge_queue(w, r);
	judge_overflow(w, r);
	if (check_conf_value(
		w->auditd_conf.text, "local_events", value, sizeof(value)) &&
	    strcasecmp(value, "no") == 0) {
		check_say(r, CHECK_BROKEN,
		    "local_events = no: auditd takes no record of this"
		    " machine");
		check_remedy(r,
		    "sed -i 's/^local_events.*/local_events = yes/'"
		    " " CHECK_AUDIT_DIR "/auditd.conf && service auditd"
		    " restart");
	}
}

void
check_judge_plugin(const struct check_world *w, struct check_report *r)
{
	if (w->proc.look != LOOK_SEEN) {
		check_unseen(r, w, w->proc.path, w->proc.error);
	} else if (w->plugin_pid != 0) {
		check_say(
		    r, CHECK_OK, "runs, as process %d", (int)w->plugin_pid);
	} else if (!w->root && check_hidepid(w)) {
		check_unseen(r, w, "other users' processes", EACCES);
	} else {
		check_say(r, CHECK_BROKEN,
		    "does not run; the system's log may say why");
		check_remedy_auditd(r, w, "");
	}
}

void
check_judge_settings(const struct check_world *w, struct check_report *r)
{
	char before[300];

	if (w->settings_err.text[0] == '\0') {
		check_say(r, CHECK_OK, "%s is in order", w->config);
	} else if (w->config_error == EACCES || w->config_error == EPERM) {
		check_unseen(r, w, w->config, w->config_error);
	} else {
		check_say(r, CHECK_BROKEN, "%s", w->settings_err.text);
		snprintf(before, sizeof(before),
		    "correct %s, then run: ", w->config);
		check_remedy_auditd(r, w, before);
	}
}
