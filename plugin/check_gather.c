/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_world.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <zlib.h>

#include "check_canary.h"
#include "check_judge.h"
#include "check_probe.h"

/* More of a file is not read; a kernel's configuration has about 300 KiB. */
#define FILE_MAX (1024 * 1024)

/* As the kernel shows it in /proc/PID/comm, which has room for 15. */
#define PLUGIN_COMMAND "audisp-proclife"

#define DEFAULT_PLUGIN_DIR CHECK_AUDIT_DIR "/plugins.d"

/* The text, plain or packed, NUL at its end; NULL with errno. Closes fd. */
static char *
read_text(int fd)
{
	gzFile in = gzdopen(fd, "rb");
	char *text = malloc(FILE_MAX + 1);
	int n = -1;

	if (in == NULL)
		close(fd);
	else if (text != NULL)
		n = gzread(in, text, FILE_MAX);
	if (in != NULL)
		gzclose_r(in);
	if (n < 0) {
		int error = text == NULL ? ENOMEM : EIO;

		free(text);
		errno = error;
		return NULL;
	}
	text[n] = '\0';
	return text;
}

static void
look_failed(struct check_file *f, int error)
{
	bool absent = error == ENOENT || error == ENOTDIR;

	f->look = absent ? LOOK_NONE : LOOK_FAILED;
	f->error = error;
}

/* Looks at what path below root is, without reading it. */
static void
look_at(struct check_file *f, const char *root, const char *path)
{
	char whole[PATH_MAX];
	struct stat st;

	snprintf(f->path, sizeof(f->path), "%s", path);
	snprintf(whole, sizeof(whole), "%s%s", root, path);
	if (stat(whole, &st) != 0) {
		look_failed(f, errno);
		return;
	}
	f->look = LOOK_SEEN;
	f->uid = st.st_uid;
	f->mode = st.st_mode;
}

static void
look_into(struct check_file *f, const char *root, const char *path)
{
	char whole[PATH_MAX];
	int fd;

	look_at(f, root, path);
	if (f->look != LOOK_SEEN || !S_ISREG(f->mode))
		return;
	snprintf(whole, sizeof(whole), "%s%s", root, path);
	fd = open(whole, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		f->text = read_text(fd);
	if (f->text == NULL)
		look_failed(f, errno);
}

static bool
exists(const char *root, const char *path)
{
	struct check_file f;

	memset(&f, 0, sizeof(f));
	look_at(&f, root, path);
	return f.look == LOOK_SEEN;
}

static bool
has_program(const char *root, const char *name)
{
	static const char *const dirs[] = {
	    "/usr/sbin", "/usr/bin", "/sbin", "/bin"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
		if (exists(root, path))
			return true;
	}
	return false;
}

/* Where distributions keep the configuration of the kernel that runs. */
static void
look_into_kernel_config(struct check_world *w, const char *root)
{
	static const char *const patterns[] = {"/proc/config.gz",
	    "/boot/config-%s", "/usr/lib/modules/%s/config",
	    "/lib/modules/%s/config"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		const char *at = strstr(patterns[i], "%s");
		int fixed = at == NULL ? (int)strlen(patterns[i])
				       : (int)(at - patterns[i]);

		snprintf(path, sizeof(path), "%.*s%s%s", fixed, patterns[i],
		    at == NULL ? "" : w->release, at == NULL ? "" : at + 2);
		look_into(&w->kernel_config, root, path);
		if (w->kernel_config.look == LOOK_SEEN)
			return;
	}
}

/* A module of ours among those of any SELinux policy. */
static void
look_for_policy(struct check_world *w, const char *root)
{
	char dir[PATH_MAX], pattern[PATH_MAX + 64];
	glob_t found;

	snprintf(dir, sizeof(dir), "%s/var/lib/selinux", root);
	snprintf(
	    pattern, sizeof(pattern), "%s/*/active/modules/*/proclife", dir);
	if (glob(pattern, GLOB_ERR, NULL, &found) == 0)
		w->selinux_policy = LOOK_SEEN;
	else if (access(dir, R_OK) != 0 && errno != ENOENT)
		w->selinux_policy = LOOK_FAILED;
	globfree(&found);
}

static void
look_at_stanza(struct check_world *w, const char *root)
{
	char dir[200] = "", path[256];
	size_t len;

	if (w->auditd_conf.text != NULL)
		check_conf_value(
		    w->auditd_conf.text, "plugin_dir", dir, sizeof(dir));
	if (dir[0] == '\0')
		snprintf(dir, sizeof(dir), "%s", DEFAULT_PLUGIN_DIR);
	len = strlen(dir);
	snprintf(path, sizeof(path), "%s%sproclife.conf", dir,
	    dir[len - 1] == '/' ? "" : "/");
	look_into(&w->stanza, root, path);
	if (w->stanza.text != NULL &&
	    check_conf_value(w->stanza.text, "path", path, sizeof(path)))
		look_at(&w->binary, root, path);
}

/* The command of a process, as the kernel shows it; "" if nobody knows. */
static void
read_command(const char *root, const char *pid, char command[17])
{
	char path[PATH_MAX];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/proc/%s/comm", root, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, command, 16);
		close(fd);
	}
	command[n > 0 ? n : 0] = '\0';
	command[strcspn(command, "\n")] = '\0';
}

static void
look_for_plugin(struct check_world *w, const char *root)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	look_at(&w->proc, root, "/proc");
	snprintf(path, sizeof(path), "%s/proc", root);
	dir = opendir(path);
	if (dir == NULL) {
		look_failed(&w->proc, errno);
		return;
	}
	while (w->plugin_pid == 0 && (entry = readdir(dir)) != NULL) {
		char command[17];

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		read_command(root, entry->d_name, command);
		if (strcmp(command, PLUGIN_COMMAND) == 0)
			w->plugin_pid = atoi(entry->d_name);
	}
	closedir(dir);
}

static void
load_settings(struct check_world *w)
{
	int fd = open(w->config, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct err err;

	if (fd < 0)
		w->config_error = errno;
	else
		close(fd);
	w->settings = settings_load(w->config, &w->settings_err);
	if (w->settings != NULL)
		w->settings_err.text[0] = '\0';
	else
		w->settings = settings_load(NULL, &err);
}

static void
gather_files(struct check_world *w, const char *root)
{
	w->systemd = exists(root, "/run/systemd/system");
	w->apt = has_program(root, "apt-get");
	w->dnf = has_program(root, "dnf");
	w->grubby = has_program(root, "grubby");
	w->update_grub = has_program(root, "update-grub");
	w->accton = has_program(root, "accton");
	look_into(&w->cmdline, root, "/proc/cmdline");
	look_into_kernel_config(w, root);
	look_into(&w->mounts, root, "/proc/self/mounts");
	look_into(&w->acct_space, root, "/proc/sys/kernel/acct");
	look_into(&w->selinux, root, "/sys/fs/selinux/enforce");
	look_for_policy(w, root);
	look_at(&w->rules_file, root, RULES_DIR "/" RULES_FILE);
	look_into(&w->auditd_conf, root, CHECK_AUDIT_DIR "/auditd.conf");
	look_at_stanza(w, root);
	look_for_plugin(w, root);
	load_settings(w);
	check_canary_files(w, root);
}

/* What only the machine itself can answer. */
static void
gather_live(struct check_world *w)
{
	char pid[16];
	struct err err;

	w->root = geteuid() == 0;
	if (kernel_audit_status(&w->audit, &err) != 0) {
		w->audit_error = errno;
	} else {
		w->rules = rules_set_new();
		snprintf(pid, sizeof(pid), "%d", (int)w->audit.pid);
		if (w->audit.pid != 0)
			read_command("", pid, w->auditor);
	}
	if (w->rules != NULL &&
	    (kernel_audit_rules(rules_set_add, w->rules, &err) != 0 ||
		!rules_set_ok(w->rules))) {
		rules_set_free(w->rules);
		w->rules = NULL;
	}
	check_canary_send(w);
	check_probe_sinks(w);
}

void
check_gather(struct check_world *w, const char *root, const char *config)
{
	struct utsname name;

	memset(w, 0, sizeof(*w));
	w->config = config;
	if (root[0] == '\0' && uname(&name) == 0) {
		snprintf(w->release, sizeof(w->release), "%s", name.release);
		snprintf(w->machine, sizeof(w->machine), "%s", name.machine);
	}
	gather_files(w, root);
	if (root[0] == '\0')
		gather_live(w);
}

void
check_free(struct check_world *w)
{
	struct check_file *const files[] = {&w->cmdline, &w->kernel_config,
	    &w->mounts, &w->acct_space, &w->selinux, &w->rules_file,
	    &w->auditd_conf, &w->stanza, &w->binary, &w->proc};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		free(files[i]->text);
	rules_set_free(w->rules);
	settings_free(w->settings);
	memset(w, 0, sizeof(*w));
}
