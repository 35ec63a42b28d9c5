/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_world - what can be seen of a machine that matters to proclife.
 *
 * Gathering changes nothing, but makes a child that ends at once, and connects
 * to the receivers of the sinks.
 */
#ifndef CHECK_WORLD_H
#define CHECK_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "kernel_audit.h"
#include "rules.h"
#include "settings.h"

/* Files of auditd's own, wherever proclife is installed. */
#define CHECK_AUDIT_DIR "/etc/audit"

enum look {
	LOOK_NONE, /* it is not there */
	LOOK_SEEN,
	LOOK_FAILED, /* nobody knows; error says why */
};

struct check_file {
	char path[256]; /* as told to people: without the root of the tests */
	enum look look;
	int error; /* LOOK_FAILED: errno */
	uid_t uid; /* LOOK_SEEN */
	mode_t mode;
	char *text; /* NULL if only its metadata were asked for */
};

struct check_acct_file {
	const char *path;
	bool own; /* acct.own_file */
	enum look look;
	int error;
	uint64_t blocks, available; /* of its file system; 0: not known */
};

#define CHECK_ACCT_FILES_MAX 16

/* What became of the record of a child that was made for it. */
enum check_canary {
	CANARY_LOST,
	CANARY_FOUND,
	CANARY_OLD_VERSION
};

/* What came of trying a sink. */
struct check_sink {
	char name[256];
	bool reached;
	char text[1024]; /* where, and what happened */
};

struct check_world {
	char release[65], machine[65];                       /* uname(2) */
	bool root;                                           /* we are */
	bool systemd, apt, dnf, grubby, update_grub, accton; /* are here */
	struct check_file cmdline, kernel_config, mounts, acct_space, selinux;
	enum look selinux_policy; /* for us */

	int audit_error; /* errno of asking the kernel; 0: the next are known */
	struct kernel_audit_status audit;
	struct rules_set *rules;      /* NULL: not known */
	struct check_file rules_file; /* ours */
	char auditor[17];             /* command of audit.pid; "": not known */

	struct check_file auditd_conf, stanza;
	struct check_file binary; /* that the stanza names */
	struct check_file proc;   /* /proc itself */
	int32_t plugin_pid;       /* 0: none */

	const char *config; /* the settings' file */
	struct settings *settings;
	struct err settings_err; /* why settings are the defaults; "": not */
	int config_error;        /* errno of opening the file; 0: it can be */

	struct check_acct_file acct_files[CHECK_ACCT_FILES_MAX];
	size_t nacct_files;
	enum check_canary canary;
	size_t canary_file; /* unless LOST: which of acct_files */

	struct check_sink sinks[SINKS_MAX];
	size_t nsinks;
};

/*
 * Fills *w. root: "", or a tree of the tests, of which only files are looked
 * at: the rest stays zero. config, the settings' file, must outlive *w.
 */
void check_gather(struct check_world *w, const char *root, const char *config);
void check_free(struct check_world *w);

#endif
