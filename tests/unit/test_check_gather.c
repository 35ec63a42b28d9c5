/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gathering from trees that are planted here. The kernel's part in accounting
 * is played by our own fork(), which takes precedence over the C library's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/acct.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <zlib.h>

#include "check_canary.h"
#include "check_world.h"
#include "remove_tree.h"

static char root[64];

/* What fork() writes about its child, and where; "" for nowhere. */
static struct {
	char path[128];
	char version;
	int others; /* records of others before */
} accounting;

static void
write_record(int fd, uint32_t pid)
{
	struct acct_v3 record = {.ac_version = (char)(3 | ACCT_BYTEORDER),
	    .ac_pid = pid,
	    .ac_ppid = 1,
	    .ac_btime = 1700000000,
	    .ac_comm = "canary"};

	if (accounting.version != 3) {
		struct acct old = {.ac_version = accounting.version,
		    .ac_btime = 1700000000,
		    .ac_ahz = 100,
		    .ac_comm = "canary"};

		assert_int_equal(write(fd, &old, 64), 64);
		return;
	}
	assert_int_equal(write(fd, &record, 64), 64);
}

pid_t
fork(void)
{
	long pid;
	int fd;

#ifdef SYS_fork
	pid = syscall(SYS_fork);
#else
	pid = syscall(SYS_clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
#endif
	if (pid <= 0 || accounting.path[0] == '\0')
		return (pid_t)pid;
	fd = open(accounting.path, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	for (int i = 0; i < accounting.others; i++)
		write_record(fd, (uint32_t)pid + 1 + (uint32_t)i);
	write_record(fd, (uint32_t)pid);
	close(fd);
	return (pid_t)pid;
}

static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct check_world));
	memset(&accounting, 0, sizeof(accounting));
	strcpy(root, "/tmp/test_check.XXXXXX");
	return *state == NULL || mkdtemp(root) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	check_free(*state);
	free(*state);
	return remove_tree(root);
}

/* The name below the root, whose folders are made. */
static const char *
below(const char *path)
{
	static char whole[256];

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *c = whole + strlen(root) + 1; *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (mkdir(whole, 0755) != 0)
			assert_int_equal(errno, EEXIST);
		*c = '/';
	}
	return whole;
}

static void
plant(const char *path, const char *text)
{
	FILE *out = fopen(below(path), "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void
assert_seen(const struct check_file *f, const char *path, const char *text)
{
	assert_string_equal(f->path, path);
	assert_int_equal(f->look, LOOK_SEEN);
	assert_int_equal(f->uid, geteuid());
	if (text == NULL)
		assert_null(f->text);
	else
		assert_string_equal(f->text, text);
}

static void
test_nothing_there(void **state)
{
	struct check_world *w = *state;

	check_gather(w, root, "/nowhere/x.conf");
	assert_int_equal(w->cmdline.look, LOOK_NONE);
	assert_int_equal(w->kernel_config.look, LOOK_NONE);
	assert_int_equal(w->auditd_conf.look, LOOK_NONE);
	assert_int_equal(w->stanza.look, LOOK_NONE);
	assert_string_equal(
	    w->stanza.path, "/etc/audit/plugins.d/proclife.conf");
	assert_string_equal(w->binary.path, "");
	assert_int_equal(w->rules_file.look, LOOK_NONE);
	assert_int_equal(w->selinux_policy, LOOK_NONE);
	assert_int_equal(w->proc.look, LOOK_NONE);
	assert_int_equal(w->plugin_pid, 0);
	assert_false(w->systemd || w->apt || w->dnf || w->accton);
	assert_string_not_equal(w->settings_err.text, "");
	assert_int_equal(w->config_error, ENOENT);
	assert_non_null(w->settings);
	assert_true(w->nacct_files > 1);
	assert_int_equal(w->acct_files[0].look, LOOK_NONE);
	assert_true(w->acct_files[0].own);
	assert_false(w->acct_files[1].own);
}

static void
test_files_are_read(void **state)
{
	struct check_world *w = *state;

	plant("/proc/cmdline", "audit=1\n");
	plant("/proc/self/mounts", "proc /proc proc rw 0 0\n");
	plant("/proc/sys/kernel/acct", "4\t2\t30\n");
	plant("/sys/fs/selinux/enforce", "1");
	plant("/etc/audit/auditd.conf", "q_depth = 1\n");
	plant("/etc/audit/rules.d/05-proclife.rules", "-D\n");
	plant("/etc/audit/plugins.d/proclife.conf",
	    "path = /no\npath = /opt/sbin/plugin\n");
	plant("/opt/sbin/plugin", "#!");
	chmod(below("/opt/sbin/plugin"), 0751);
	check_gather(w, root, "/nowhere");
	assert_seen(&w->cmdline, "/proc/cmdline", "audit=1\n");
	assert_seen(
	    &w->mounts, "/proc/self/mounts", "proc /proc proc rw 0 0\n");
	assert_seen(&w->acct_space, "/proc/sys/kernel/acct", "4\t2\t30\n");
	assert_seen(&w->selinux, "/sys/fs/selinux/enforce", "1");
	assert_seen(&w->auditd_conf, "/etc/audit/auditd.conf", "q_depth = 1\n");
	assert_seen(
	    &w->rules_file, "/etc/audit/rules.d/05-proclife.rules", NULL);
	assert_seen(&w->binary, "/opt/sbin/plugin", NULL);
	assert_int_equal(w->binary.mode, S_IFREG | 0751);
}

static void
test_plugin_dir_of_auditd(void **state)
{
	struct check_world *w = *state;

	plant("/etc/audit/auditd.conf", "plugin_dir = /opt/plugins/\n");
	plant("/opt/plugins/proclife.conf", "active = yes\n");
	check_gather(w, root, "/nowhere");
	assert_seen(&w->stanza, "/opt/plugins/proclife.conf", "active = yes\n");
	assert_string_equal(w->binary.path, "");
}

static void
test_packed_kernel_config(void **state)
{
	static const char text[] = "CONFIG_AUDIT=y\n";
	struct check_world *w = *state;
	gzFile out = gzopen(below("/proc/config.gz"), "wb");

	assert_non_null(out);
	assert_int_equal(gzputs(out, text), sizeof(text) - 1);
	assert_int_equal(gzclose(out), Z_OK);
	plant("/boot/config-", "CONFIG_OTHER=y\n");
	check_gather(w, root, "/nowhere");
	assert_seen(&w->kernel_config, "/proc/config.gz", text);
	check_free(w);
	unlink(below("/proc/config.gz"));
	check_gather(w, root, "/nowhere");
	assert_seen(&w->kernel_config, "/boot/config-", "CONFIG_OTHER=y\n");
}

/* What cannot be looked at is not taken for absent. */
static void
test_what_cannot_be_looked_at(void **state)
{
	struct check_world *w = *state;

	assert_int_equal(symlink("cmdline", below("/proc/cmdline")), 0);
	check_gather(w, root, root);
	assert_int_equal(w->cmdline.look, LOOK_FAILED);
	assert_int_equal(w->cmdline.error, ELOOP);
	assert_null(w->cmdline.text);
	assert_string_not_equal(w->settings_err.text, "");
}

static void
test_plugin_is_found(void **state)
{
	struct check_world *w = *state;

	plant("/proc/17/comm", "audisp-syslog\n");
	plant("/proc/4711/comm", "audisp-proclife\n");
	plant("/proc/net/comm", "audisp-proclife\n");
	assert_int_equal(mkdir(below("/proc/18"), 0755), 0);
	check_gather(w, root, "/nowhere");
	assert_int_equal(w->plugin_pid, 4711);
}

static void
test_programs_and_policy(void **state)
{
	struct check_world *w = *state;

	plant("/usr/bin/apt-get", "");
	plant("/sbin/accton", "");
	plant("/usr/sbin/update-grub", "");
	plant("/run/systemd/system/x", "");
	plant("/var/lib/selinux/targeted/active/modules/400/proclife/cil", "");
	check_gather(w, root, "/nowhere");
	assert_true(w->apt && w->accton && w->update_grub && w->systemd);
	assert_false(w->dnf || w->grubby);
	assert_int_equal(w->selinux_policy, LOOK_SEEN);
}

/* Two accounting files; the kernel writes the one that is named. */
static void
make_acct_files(struct check_world *w, const char *written)
{
	static char own[128], other[128];

	plant("/own", "");
	plant("/other", "0123456789");
	snprintf(own, sizeof(own), "%s/own", root);
	snprintf(other, sizeof(other), "%s/other", root);
	w->acct_files[0] = (struct check_acct_file){.path = own};
	w->acct_files[1] = (struct check_acct_file){.path = "/nowhere"};
	w->acct_files[2] = (struct check_acct_file){.path = other};
	w->nacct_files = 3;
	if (written != NULL)
		snprintf(accounting.path, sizeof(accounting.path), "%s%s", root,
		    written);
}

static void
test_canary_is_found(void **state)
{
	struct check_world *w = *state;

	accounting.version = 3;
	make_acct_files(w, "/own");
	check_canary_send(w);
	assert_int_equal(w->canary, CANARY_FOUND);
	assert_int_equal(w->canary_file, 0);
}

/* Behind others' records, in a file that did not begin with whole ones. */
static void
test_canary_is_found_among_others(void **state)
{
	struct check_world *w = *state;

	accounting.version = 3;
	accounting.others = 100;
	make_acct_files(w, "/other");
	check_canary_send(w);
	assert_int_equal(w->canary, CANARY_FOUND);
	assert_int_equal(w->canary_file, 2);
}

static void
test_canary_is_lost(void **state)
{
	struct check_world *w = *state;

	make_acct_files(w, NULL);
	check_canary_send(w);
	assert_int_equal(w->canary, CANARY_LOST);
}

static void
test_canary_of_an_old_version(void **state)
{
	struct check_world *w = *state;

	accounting.version = 2;
	make_acct_files(w, "/own");
	check_canary_send(w);
	assert_int_equal(w->canary, CANARY_OLD_VERSION);
	assert_int_equal(w->canary_file, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_nothing_there),
	    TEST(test_files_are_read),
	    TEST(test_plugin_dir_of_auditd),
	    TEST(test_packed_kernel_config),
	    TEST(test_what_cannot_be_looked_at),
	    TEST(test_plugin_is_found),
	    TEST(test_programs_and_policy),
	    TEST(test_canary_is_found),
	    TEST(test_canary_is_found_among_others),
	    TEST(test_canary_is_lost),
	    TEST(test_canary_of_an_old_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
