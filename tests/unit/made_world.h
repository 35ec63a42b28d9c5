/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * made_world - a made-up machine on which all is well. Each test spoils one
 * thing of it and looks for the finding, its level and its remedy.
 */
#ifndef MADE_WORLD_H
#define MADE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <sys/stat.h>

#include "check.h"

/* The findings of the last check_run(). */
#define FINDINGS_MAX 64
static struct check_finding findings[FINDINGS_MAX];
static size_t nfindings;

static inline void
collect(void *ctx, const struct check_finding *finding)
{
	(void)ctx;
	assert_true(nfindings < FINDINGS_MAX);
	findings[nfindings++] = *finding;
}

static inline enum check_level
run(const struct check_world *w)
{
	nfindings = 0;
	return check_run(w, collect, NULL);
}

static inline void
plant(struct check_file *f, const char *path, const char *text)
{
	free(f->text);
	if (path != f->path)
		snprintf(f->path, sizeof(f->path), "%s", path);
	f->look = LOOK_SEEN;
	f->error = 0;
	f->uid = 0;
	f->mode = S_IFREG | 0640;
	f->text = text == NULL ? NULL : strdup(text);
}

static inline void
deny(struct check_file *f)
{
	free(f->text);
	f->text = NULL;
	f->look = LOOK_FAILED;
	f->error = EACCES;
}

/* A rule of the exit list, without conditions. nr 0: every system call. */
static inline void
add_rule(struct check_world *w, uint32_t list, uint32_t action, uint32_t arch,
    const char *const *calls)
{
	struct audit_rule_data rule = {.flags = list, .action = action};
	int machine = audit_elf_to_machine(arch);

	if (calls == NULL)
		memset(rule.mask, 0xff, sizeof(rule.mask));
	for (; calls != NULL && *calls != NULL; calls++) {
		int nr = audit_name_to_syscall(*calls, machine);

		assert_true(nr >= 0);
		rule.mask[nr / 32] |= 1U << (nr % 32);
	}
	if (arch != 0) {
		rule.field_count = 1;
		rule.fields[0] = AUDIT_ARCH;
		rule.fieldflags[0] = AUDIT_EQUAL;
		rule.values[0] = arch;
	}
	rules_set_add(w->rules, &rule);
}

static inline void
add_condition(struct check_world *w, uint32_t list, uint32_t action,
    uint32_t field, uint32_t value)
{
	struct audit_rule_data rule = {.flags = list, .action = action};

	memset(rule.mask, 0xff, sizeof(rule.mask));
	rule.field_count = 1;
	rule.fields[0] = field;
	rule.fieldflags[0] = AUDIT_EQUAL;
	rule.values[0] = value;
	rules_set_add(w->rules, &rule);
}

static const char *const all_calls[] = {"fork", "vfork", "clone", "clone3",
    "execve", "execveat", "exit", "exit_group", "unshare", "setns", "reboot",
    NULL};

static inline void
add_good_rules(struct check_world *w)
{
	add_rule(w, AUDIT_FILTER_EXIT, AUDIT_ALWAYS, 0xc000003e, all_calls);
	add_rule(w, AUDIT_FILTER_EXIT, AUDIT_ALWAYS, 0x40000003, all_calls);
}

static inline void
drop_rules(struct check_world *w)
{
	rules_set_free(w->rules);
	w->rules = rules_set_new();
	assert_non_null(w->rules);
}

static inline void
plant_acct(struct check_world *w)
{
	w->acct_files[0] = (struct check_acct_file){
	    "/var/lib/proclife/pacct", true, LOOK_NONE, ENOENT, 0, 0};
	w->acct_files[1] = (struct check_acct_file){
	    "/var/log/account/pacct", false, LOOK_SEEN, 0, 1000, 400};
	w->nacct_files = 2;
	w->canary = CANARY_FOUND;
	w->canary_file = 1;
}

static inline int
setup(void **state)
{
	struct check_world *w = calloc(1, sizeof(*w));
	struct err err;

	assert_non_null(w);
	strcpy(w->release, "6.1.0-28-amd64");
	strcpy(w->machine, "x86_64");
	w->root = w->apt = w->update_grub = w->accton = w->systemd = true;
	plant(&w->cmdline, "/proc/cmdline",
	    "BOOT_IMAGE=/boot/vmlinuz quiet audit=1"
	    " audit_backlog_limit=8192\n");
	plant(&w->kernel_config, "/boot/config",
	    "CONFIG_AUDIT=y\nCONFIG_AUDITSYSCALL=y\nCONFIG_COMPAT=y\n"
	    "CONFIG_IA32_EMULATION=y\nCONFIG_BSD_PROCESS_ACCT=y\n"
	    "CONFIG_BSD_PROCESS_ACCT_V3=y\n# CONFIG_X86_X32_ABI is not set\n");
	plant(&w->mounts, "/proc/self/mounts",
	    "/dev/sda1 / ext4 rw 0 0\nproc /proc proc rw,relatime 0 0\n");
	plant(&w->acct_space, "/proc/sys/kernel/acct", "4\t2\t30\n");
	w->audit = (struct kernel_audit_status){
	    .enabled = 1, .pid = 400, .backlog_limit = 8192, .backlog = 3};
	strcpy(w->auditor, "auditd");
	w->rules = rules_set_new();
	assert_non_null(w->rules);
	add_good_rules(w);
	plant(&w->rules_file, "/etc/audit/rules.d/05-proclife.rules", NULL);
	plant(&w->auditd_conf, "/etc/audit/auditd.conf",
	    "local_events = yes\nq_depth = 2000\n"
	    "overflow_action = SYSLOG\n");
	plant(&w->stanza, "/etc/audit/plugins.d/proclife.conf",
	    "# a comment, with tabs\t=\n\nactive = yes\ndirection = out\n"
	    "path = /usr/sbin/audisp-proclife\ntype = always \n"
	    "format = string\n");
	plant(&w->binary, "/usr/sbin/audisp-proclife", NULL);
	w->binary.mode = S_IFREG | 0755;
	plant(&w->proc, "/proc", NULL);
	w->plugin_pid = 401;
	w->config = "/etc/audit/audisp-proclife.conf";
	w->settings = settings_load(NULL, &err);
	assert_non_null(w->settings);
	plant_acct(w);
	*state = w;
	return 0;
}

static inline int
teardown(void **state)
{
	check_free(*state);
	free(*state);
	return 0;
}

/* One finding of that name and level has these words, and that remedy. */
static inline void
expect(const struct check_world *w, const char *name, enum check_level level,
    const char *words, const char *remedy)
{
	enum check_level worst = run(w);

	assert_true(worst >= level);
	for (size_t i = 0; i < nfindings; i++) {
		const struct check_finding *f = &findings[i];

		if (strcmp(f->name, name) == 0 && f->level == level &&
		    strstr(f->text, words) != NULL &&
		    strstr(f->remedy, remedy) != NULL)
			return;
	}
	for (size_t i = 0; i < nfindings; i++)
		print_message("%d %s: %s [%s]\n", (int)findings[i].level,
		    findings[i].name, findings[i].text, findings[i].remedy);
	fail_msg("no finding %s: %s [%s]", name, words, remedy);
}

/* The same, and nothing else is wrong. */
static inline void
expect_only(const struct check_world *w, const char *name,
    enum check_level level, const char *words, const char *remedy)
{
	size_t wrong = 0;

	expect(w, name, level, words, remedy);
	for (size_t i = 0; i < nfindings; i++)
		wrong += findings[i].level != CHECK_OK;
	assert_int_equal(wrong, level == CHECK_OK ? 0 : 1);
}

static inline void
expect_silent(const struct check_world *w, const char *name)
{
	run(w);
	for (size_t i = 0; i < nfindings; i++)
		assert_string_not_equal(findings[i].name, name);
}

#endif
