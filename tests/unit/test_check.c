/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "made_world.h"

static void
test_all_is_well(void **state)
{
	static const char *const names[] = {"kernel", "audit", "boot", "rules",
	    "rules", "tasks", "records", "backlog", "auditd", "auditd.conf",
	    "stanza", "plugin", "settings", "accounting", "space", "proc"};

	assert_int_equal(run(*state), CHECK_OK);
	assert_int_equal(nfindings, sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < nfindings; i++) {
		assert_string_equal(findings[i].name, names[i]);
		assert_int_equal(findings[i].level, CHECK_OK);
		assert_string_equal(findings[i].remedy, "");
	}
}

static void
test_kernel_before_4_9(void **state)
{
	static const struct {
		const char *release;
		enum check_level level;
	} cases[] = {
	    {"3.10.0-1160.el7.x86_64", CHECK_BROKEN},
	    {"4.8.17", CHECK_BROKEN},
	    {"4.9.0", CHECK_OK},
	    {"4.18.0-553.el8", CHECK_OK},
	    {"5.4", CHECK_OK},
	    {"10.0.1", CHECK_OK},
	    {"none", CHECK_WARN},
	};
	struct check_world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(w->release, cases[i].release);
		expect_only(w, "kernel", cases[i].level, cases[i].release, "");
	}
}

static void
test_kernel_without_audit(void **state)
{
	struct check_world *w = *state;

	drop_rules(w);
	rules_set_free(w->rules);
	w->rules = NULL;
	w->audit_error = EPROTONOSUPPORT;
	expect_only(w, "audit", CHECK_BROKEN, "no audit", "CONFIG_AUDIT=y");
	w->audit_error = ECONNREFUSED;
	expect_only(w, "audit", CHECK_BROKEN, "container", "host");
	w->audit_error = EPERM;
	expect_only(w, "audit", CHECK_WARN, "could not look", "host");
	w->root = false;
	expect_only(w, "audit", CHECK_WARN, "could not look", "sudo");
	expect_silent(w, "rules");
	expect_silent(w, "backlog");
	expect_silent(w, "auditd");
}

static void
test_kernel_without_syscall_audit(void **state)
{
	struct check_world *w = *state;

	plant(&w->kernel_config, "/boot/config",
	    "CONFIG_AUDIT=y\n# CONFIG_AUDITSYSCALL is not set\n"
	    "CONFIG_IA32_EMULATION=y\nCONFIG_BSD_PROCESS_ACCT=y\n"
	    "CONFIG_BSD_PROCESS_ACCT_V3=y\n");
	expect_only(
	    w, "audit", CHECK_BROKEN, "system calls", "CONFIG_AUDITSYSCALL=y");
}

static void
test_audit_switched_off(void **state)
{
	struct check_world *w = *state;

	w->audit.enabled = 0;
	expect_only(w, "audit", CHECK_BROKEN, "off", "auditctl -e 1");
	w->audit.enabled = 2;
	expect_only(w, "audit", CHECK_OK, "locked", "");
}

static void
test_boot_parameters(void **state)
{
	struct check_world *w = *state;
	struct check_file *f = &w->cmdline;

	plant(f, f->path, "quiet audit_backlog_limit=8192\n");
	expect_only(w, "boot", CHECK_WARN, "audit=1",
	    "=\"/&audit=1 /' /etc/default/grub && update-grub");
	plant(f, f->path, "audit=1 -- audit_backlog_limit=8192");
	w->grubby = true;
	expect_only(w, "boot", CHECK_WARN, "64 records",
	    "grubby --update-kernel=ALL --args='audit_backlog_limit=8192'");
	plant(f, f->path, "audit=1 audit=0 audit_backlog_limit=1");
	expect_only(w, "boot", CHECK_BROKEN, "audit=0", "take audit=0 off");
	plant(f, f->path, "audit=off");
	expect_only(w, "boot", CHECK_BROKEN, "audit=off", "reboot");
	plant(f, f->path, "audit=on audit_backlog_limit=1");
	expect_only(w, "boot", CHECK_OK, "audit=on", "");
	/* Names that only begin, or end, like ours. */
	plant(f, f->path, "noaudit=1 audit_backlog_limit=1 audit=");
	expect_only(w, "boot", CHECK_WARN, "no audit=1", "");
	deny(f);
	expect_only(w, "boot", CHECK_WARN, "could not look: /proc/cmdline", "");
}

static void
test_no_rules(void **state)
{
	struct check_world *w = *state;

	drop_rules(w);
	w->rules_file.look = LOOK_NONE;
	expect(w, "rules", CHECK_BROKEN,
	    "b64: no rule for fork, vfork, clone, clone3, execve, execveat,"
	    " exit, exit_group, unshare, setns, reboot",
	    "proclife rules --install && augenrules --load");
	expect(w, "rules", CHECK_WARN, "b32: no rule for fork,", "");
	/* Once installed, they need only be loaded; but not with -e 2. */
	w->rules_file.look = LOOK_SEEN;
	run(w);
	assert_string_equal(findings[3].remedy, "augenrules --load");
	w->audit.enabled = 2;
	run(w);
	assert_string_equal(findings[3].remedy, "reboot");
}

static void
test_rules_for_one_arch_only(void **state)
{
	struct check_world *w = *state;

	drop_rules(w);
	add_rule(w, AUDIT_FILTER_EXIT, AUDIT_ALWAYS, 0xc000003e, all_calls);
	expect_only(w, "rules", CHECK_WARN, "b32: no rule for fork", "");
	expect(w, "rules", CHECK_OK, "b64: all calls", "");
	/* Without need, if the kernel does not run such programs. */
	plant(&w->kernel_config, "/boot/config",
	    "CONFIG_AUDIT=y\nCONFIG_AUDITSYSCALL=y\nCONFIG_COMPAT=y\n"
	    "# CONFIG_IA32_EMULATION is not set\n"
	    "CONFIG_BSD_PROCESS_ACCT=y\nCONFIG_BSD_PROCESS_ACCT_V3=y\n");
	expect_only(w, "rules", CHECK_OK, "b64", "");
}

static void
test_rules_for_some_calls_only(void **state)
{
	static const char *const vital[] = {"fork", "vfork", "clone", "clone3",
	    "execve", "execveat", "exit", "exit_group", NULL};
	static const char *const execs[] = {"execve", "execveat", NULL};
	struct check_world *w = *state;

	drop_rules(w);
	add_rule(w, AUDIT_FILTER_EXIT, AUDIT_ALWAYS, 0xc000003e, vital);
	add_rule(w, AUDIT_FILTER_EXIT, AUDIT_ALWAYS, 0x40000003, all_calls);
	expect_only(w, "rules", CHECK_WARN,
	    "b64: no rule for unshare, setns, reboot", "augenrules");
	drop_rules(w);
	add_rule(w, AUDIT_FILTER_EXIT, AUDIT_ALWAYS, 0xc000003e, execs);
	add_rule(w, AUDIT_FILTER_EXIT, AUDIT_ALWAYS, 0x40000003, all_calls);
	expect_only(w, "rules", CHECK_BROKEN,
	    "b64: no rule for fork, vfork, clone, clone3, exit,", "");
}

static void
test_rule_that_shadows(void **state)
{
	static const char *const execve[] = {"execve", NULL};
	struct check_world *w = *state;

	drop_rules(w);
	add_rule(w, AUDIT_FILTER_EXIT, AUDIT_NEVER, 0xc000003e, execve);
	add_good_rules(w);
	expect_only(w, "rules", CHECK_BROKEN,
	    "b64: an earlier rule takes away execve",
	    "sed -n 1p\" shows, then run: augenrules --load");
	w->audit.enabled = 2;
	expect_only(w, "rules", CHECK_BROKEN, "execve", "run: reboot");
	w->audit.enabled = 1;
	/* Ours would come first if they were installed. */
	w->rules_file.look = LOOK_NONE;
	expect_only(w, "rules", CHECK_BROKEN, "execve",
	    "proclife rules --install && augenrules --load");
}

static void
test_rule_that_shadows_partly(void **state)
{
	struct check_world *w = *state;

	drop_rules(w);
	add_condition(w, AUDIT_FILTER_USER, AUDIT_ALWAYS, AUDIT_UID, 0);
	add_condition(w, AUDIT_FILTER_EXIT, AUDIT_NEVER, AUDIT_UID, 33);
	add_good_rules(w);
	expect(w, "rules", CHECK_WARN,
	    "b64: an earlier rule takes away some processes' fork, vfork",
	    "sed -n 2p");
	expect(w, "rules", CHECK_WARN, "b32: an earlier rule", "sed -n 2p");
	assert_int_equal(run(w), CHECK_WARN);
}

static void
test_rules_with_conditions(void **state)
{
	struct check_world *w = *state;

	drop_rules(w);
	add_condition(w, AUDIT_FILTER_EXIT, AUDIT_ALWAYS, AUDIT_UID, 33);
	expect(w, "rules", CHECK_BROKEN,
	    "b64: rules are for some processes only of fork", "augenrules");
}

static void
test_never_task(void **state)
{
	struct check_world *w = *state;

	add_condition(w, AUDIT_FILTER_TASK, AUDIT_NEVER, AUDIT_UID, 33);
	expect_only(w, "tasks", CHECK_WARN, "some new processes", "sed -n 3p");
	add_rule(w, AUDIT_FILTER_TASK, AUDIT_NEVER, 0, NULL);
	expect_only(w, "tasks", CHECK_BROKEN, "no new process", "sed -n 4p");
}

static void
test_excluded_records(void **state)
{
	static const struct {
		uint32_t type;
		const char *words;
		enum check_level level;
	} cases[] = {
	    {1300, "SYSCALL is excluded", CHECK_BROKEN},
	    {1309, "EXECVE is excluded", CHECK_WARN},
	    {1302, "PATH is excluded", CHECK_WARN},
	    {1307, "CWD is excluded", CHECK_WARN},
	    {1320, "EOE is excluded", CHECK_WARN},
	    {1327, "PROCTITLE is excluded", CHECK_WARN},
	    {1701, "ANOM_ABEND is excluded", CHECK_WARN},
	    {1326, "SECCOMP is excluded", CHECK_WARN},
	    {1112, "no type that is needed", CHECK_OK}, /* USER_LOGIN */
	};
	struct check_world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		drop_rules(w);
		add_good_rules(w);
		add_condition(w, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS,
		    AUDIT_MSGTYPE, cases[i].type);
		expect_only(w, "records", cases[i].level, cases[i].words,
		    cases[i].level == CHECK_OK ? "" : "sed -n 3p");
	}
}

static void
test_x32(void **state)
{
	struct check_world *w = *state;
	char config[512];

	snprintf(config, sizeof(config), "%s#CONFIG_X86_X32_ABI=y\n",
	    w->kernel_config.text);
	plant(&w->kernel_config, "/boot/config", config);
	expect_silent(w, "x32");
	strcat(config, "CONFIG_X86_X32_ABI=y\n");
	plant(&w->kernel_config, "/boot/config", config);
	expect_only(w, "x32", CHECK_WARN, "no audit rule", "");
	plant(&w->cmdline, w->cmdline.path,
	    "audit=1 audit_backlog_limit=1 syscall.x32=n");
	expect_silent(w, "x32");
	strcat(config, "CONFIG_X86_X32_DISABLED=y\n");
	plant(&w->kernel_config, "/boot/config", config);
	plant(&w->cmdline, w->cmdline.path, "audit=1 audit_backlog_limit=1");
	expect_silent(w, "x32");
	plant(&w->cmdline, w->cmdline.path,
	    "audit=1 audit_backlog_limit=1 syscall.x32=y");
	expect_only(w, "x32", CHECK_WARN, "no audit rule", "");
}

static void
test_backlog(void **state)
{
	struct check_world *w = *state;

	w->audit.backlog_limit = 64;
	expect_only(
	    w, "backlog", CHECK_WARN, "64 records only", "auditctl -b 8192");
	w->audit.backlog_limit = 8192;
	w->audit.backlog = 6143;
	expect_only(w, "backlog", CHECK_OK, "6143 of 8192", "");
	w->audit.backlog = 6144;
	expect_only(w, "backlog", CHECK_WARN, "nearly full: 6144 of 8192",
	    "auditctl -b 16384");
	w->audit.backlog_limit = 0;
	expect_only(w, "backlog", CHECK_OK, "unlimited", "");
	w->audit.lost = 7;
	expect_only(w, "backlog", CHECK_WARN, "7 records were lost",
	    "auditctl --reset-lost");
	w->audit.lost = 0;
	w->audit.rate_limit = 100;
	expect_only(
	    w, "backlog", CHECK_WARN, "100 records a second", "auditctl -r 0");
}

static void
test_settings(void **state)
{
	struct check_world *w = *state;

	strcpy(w->settings_err.text, "x.conf:3: no such key: y");
	expect_only(w, "settings", CHECK_BROKEN, "x.conf:3: no such key: y",
	    "correct /etc/audit/audisp-proclife.conf, then run: kill -HUP");
	w->config_error = EACCES;
	expect_only(w, "settings", CHECK_WARN, "could not look", "");
}

static void
test_hidepid(void **state)
{
	static const struct {
		const char *options;
		enum check_level level;
	} cases[] = {
	    {"rw,hidepid=2", CHECK_WARN},
	    {"rw,gid=4,hidepid=invisible,x", CHECK_WARN},
	    {"rw,hidepid=noaccess", CHECK_WARN},
	    {"rw,hidepid=0", CHECK_OK},
	    {"rw,hidepid=off", CHECK_OK},
	    {"rw", CHECK_OK},
	};
	struct check_world *w = *state;
	char mounts[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* Another proc's options do not count. */
		snprintf(mounts, sizeof(mounts),
		    "proc /srv/proc proc rw,hidepid=%d 0 0\n"
		    "proc /proc proc %s 0 0\n",
		    cases[i].level == CHECK_OK ? 2 : 0, cases[i].options);
		plant(&w->mounts, w->mounts.path, mounts);
		expect_only(w, "proc", cases[i].level, "",
		    cases[i].level == CHECK_OK ? "" : "remount,hidepid=0");
	}
	plant(&w->mounts, w->mounts.path, "proc /proc proc hidepid=2 0 0\n");
	w->settings->capabilities.sys_ptrace = true;
	expect_only(w, "proc", CHECK_OK, "not from the plugin", "");
	deny(&w->mounts);
	expect_only(w, "proc", CHECK_WARN, "could not look", "");
}

static void
test_selinux(void **state)
{
	struct check_world *w = *state;

	plant(&w->selinux, "/sys/fs/selinux/enforce", "0");
	expect_only(w, "selinux", CHECK_OK, "does not enforce", "");
	plant(&w->selinux, "/sys/fs/selinux/enforce", "1");
	expect_only(w, "selinux", CHECK_WARN, "no policy", "audit2allow");
	w->selinux_policy = LOOK_FAILED;
	expect_only(w, "selinux", CHECK_WARN, "could not look", "");
	w->selinux_policy = LOOK_SEEN;
	expect_only(w, "selinux", CHECK_OK, "has a policy", "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_all_is_well),
	    TEST(test_kernel_before_4_9),
	    TEST(test_kernel_without_audit),
	    TEST(test_kernel_without_syscall_audit),
	    TEST(test_audit_switched_off),
	    TEST(test_boot_parameters),
	    TEST(test_no_rules),
	    TEST(test_rules_for_one_arch_only),
	    TEST(test_rules_for_some_calls_only),
	    TEST(test_rule_that_shadows),
	    TEST(test_rule_that_shadows_partly),
	    TEST(test_rules_with_conditions),
	    TEST(test_never_task),
	    TEST(test_excluded_records),
	    TEST(test_x32),
	    TEST(test_backlog),
	    TEST(test_settings),
	    TEST(test_hidepid),
	    TEST(test_selinux),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
