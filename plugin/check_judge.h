/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_judge - the judges of check, and what they say their findings with.
 */
#ifndef CHECK_JUDGE_H
#define CHECK_JUDGE_H

#include "check.h"

struct check_report {
	check_fn fn;
	void *ctx;
	enum check_level worst;
	bool pending; /* finding was not handed over yet */
	struct check_finding finding;
};

/* Begins a finding of the current check. */
void check_say(struct check_report *r, enum check_level level, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
/* Gives the last finding its remedy. */
void check_remedy(struct check_report *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Says that what could not be looked at. */
void check_unseen(struct check_report *r, const struct check_world *w,
    const char *what, int error);

/* The kernel's configuration: 1 set (to y or m), 0 not set, -1 unknown. */
int check_kernel_has(const struct check_world *w, const char *option);
/* The last value of a parameter on the kernel's command line; "": absent. */
void check_boot_value(
    const struct check_world *w, const char *name, char *value, size_t size);
/* True if others' processes are hidden in /proc. */
bool check_hidepid(const struct check_world *w);
/* True if the kernel answered about audit. */
bool check_audit_known(const struct check_world *w);

/* Remedies: before, and a command that starts auditd or has it reread all. */
void check_remedy_auditd(
    struct check_report *r, const struct check_world *w, const char *before);
/* The command that has the kernel take new rules; locked ones need a boot. */
const char *check_load_rules(const struct check_world *w);
/* To take a rule out that stands in the way. */
void check_remedy_rule(
    struct check_report *r, const struct check_world *w, size_t rule);

/*
 * The files that auditd reads. Copies the line at text, without its newline
 * and cut to size, into line; *len is its whole length. Returns what follows,
 * or NULL at the end; *ended is false if the newline is missing.
 */
const char *check_next_line(
    const char *text, char *line, size_t size, size_t *len, bool *ended);
/*
 * Cuts a line into words as auditd does, at blanks only. Returns how many
 * there are, of which words gets at most max; 0 for comments.
 */
size_t check_words(char *line, char *words[], size_t max);
/* The last value of a key; false, and "", if it has none. */
bool check_conf_value(
    const char *text, const char *key, char *value, size_t size);

typedef void check_judge(const struct check_world *w, struct check_report *r);

check_judge check_judge_kernel, check_judge_audit, check_judge_boot,
    check_judge_backlog, check_judge_procfs, check_judge_selinux;
check_judge check_judge_rules, check_judge_tasks, check_judge_types,
    check_judge_x32;
check_judge check_judge_auditor, check_judge_auditd_conf, check_judge_plugin,
    check_judge_settings;
check_judge check_judge_stanza;
check_judge check_judge_acct, check_judge_acct_space;
check_judge check_judge_sinks;

#endif
