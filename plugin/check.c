/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "check_judge.h"

/* In the order in which one thing needs another. */
static const struct {
	const char *name;
	check_judge *judge;
} judges[] = {
    {"kernel", check_judge_kernel},
    {"audit", check_judge_audit},
    {"boot", check_judge_boot},
    {"rules", check_judge_rules},
    {"tasks", check_judge_tasks},
    {"records", check_judge_types},
    {"x32", check_judge_x32},
    {"backlog", check_judge_backlog},
    {"auditd", check_judge_auditor},
    {"auditd.conf", check_judge_auditd_conf},
    {"stanza", check_judge_stanza},
    {"plugin", check_judge_plugin},
    {"settings", check_judge_settings},
    {"accounting", check_judge_acct},
    {"space", check_judge_acct_space},
    {"sinks", check_judge_sinks},
    {"proc", check_judge_procfs},
    {"selinux", check_judge_selinux},
};

/* Hands over the finding that was begun last. */
static void
flush(struct check_report *r)
{
	if (!r->pending)
		return;
	r->pending = false;
	if (r->finding.level > r->worst)
		r->worst = r->finding.level;
	r->fn(r->ctx, &r->finding);
}

void
check_say(struct check_report *r, enum check_level level, const char *fmt, ...)
{
	va_list args;

	flush(r);
	r->finding.level = level;
	r->finding.remedy[0] = '\0';
	r->pending = true;
	va_start(args, fmt);
	vsnprintf(r->finding.text, sizeof(r->finding.text), fmt, args);
	va_end(args);
}

void
check_remedy(struct check_report *r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->finding.remedy, sizeof(r->finding.remedy), fmt, args);
	va_end(args);
}

void
check_unseen(struct check_report *r, const struct check_world *w,
    const char *what, int error)
{
	check_say(
	    r, CHECK_WARN, "could not look: %s: %s", what, strerror(error));
	if (!w->root)
		check_remedy(r, "sudo proclife check");
}

void
check_remedy_auditd(
    struct check_report *r, const struct check_world *w, const char *before)
{
	if (!check_audit_known(w))
		check_remedy(r, "%spkill -HUP -x auditd", before);
	else if (w->audit.pid != 0)
		check_remedy(r, "%skill -HUP %d", before, (int)w->audit.pid);
	else if (w->systemd)
		check_remedy(r, "%ssystemctl start auditd", before);
	else
		check_remedy(r, "%sservice auditd start", before);
}

void
check_remedy_rule(
    struct check_report *r, const struct check_world *w, size_t rule)
{
	check_remedy(r,
	    "take out of " RULES_DIR " what \"auditctl -l |"
	    " sed -n %zup\" shows, then run: %s",
	    rule, check_load_rules(w));
}

const char *
check_load_rules(const struct check_world *w)
{
	return w->audit.enabled == 2 ? "reboot" : "augenrules --load";
}

const char *
check_next_line(
    const char *text, char *line, size_t size, size_t *len, bool *ended)
{
	size_t kept;

	if (*text == '\0')
		return NULL;
	*len = strcspn(text, "\n");
	*ended = text[*len] == '\n';
	kept = *len < size ? *len : size - 1;
	memcpy(line, text, kept);
	line[kept] = '\0';
	return text + *len + (*ended ? 1 : 0);
}

size_t
check_words(char *line, char *words[], size_t max)
{
	size_t n = 0;
	char *save;

	for (char *word = strtok_r(line, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		if (n == 0 && word[0] == '#')
			return 0;
		if (n < max)
			words[n] = word;
		n++;
	}
	return n;
}

bool
check_conf_value(const char *text, const char *key, char *value, size_t size)
{
	char line[512], *words[3];
	bool found = false, ended;
	size_t len;

	value[0] = '\0';
	while ((text = check_next_line(
		    text, line, sizeof(line), &len, &ended)) != NULL) {
		if (check_words(line, words, 3) < 3 ||
		    strcasecmp(words[0], key) != 0 ||
		    strcmp(words[1], "=") != 0)
			continue;
		snprintf(value, size, "%s", words[2]);
		found = true;
	}
	return found;
}

enum check_level
check_run(const struct check_world *w, check_fn fn, void *ctx)
{
	struct check_report r = {.fn = fn, .ctx = ctx, .worst = CHECK_OK};

	for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
		r.finding.name = judges[i].name;
		judges[i].judge(w, &r);
		flush(&r);
	}
	return r.worst;
}
