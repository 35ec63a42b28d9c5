/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_records - the text of audit records, as auditd gives it to a plugin with
 * format = string.
 *
 * Each call appends one line (records_execve: one or more) to a text; whether
 * all of it fitted is the text's business. The order of fields and their form
 * are those of kernel/auditsc.c (6.1) and, after the byte 0x1D, of auditd's
 * own enrichment.
 */
#ifndef GEN_RECORDS_H
#define GEN_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

#define COMM_SIZE  16  /* TASK_COMM_LEN */
#define TITLE_SIZE 128 /* MAX_PROCTITLE_AUDIT_LEN */
#define ID_NOT_SET UINT32_MAX

enum arch {
	ARCH_X86_64,
	ARCH_I386
};

enum call_name {
	CALL_FORK,
	CALL_VFORK,
	CALL_CLONE,
	CALL_CLONE3,
	CALL_EXECVE,
	CALL_EXECVEAT,
	CALL_EXIT,
	CALL_EXIT_GROUP,
	CALL_UNSHARE,
	CALL_SETNS,
	CALL_REBOOT, /* of a pid namespace */
	CALL_OPENAT,
	CALL_WRITE,
	CALL_CONNECT,
	CALL_RENAME,
	CALL_UNLINKAT,
	CALL_FCHMODAT,
	CALLS, /* how many there are */
};

struct style {
	const char *node; /* NULL: no node= */
	bool enriched;
	bool eoe; /* false: as saved logs, which lack EOE */
};

/* What each record of a task says about it. */
struct ident {
	int32_t pid, ppid;
	uint32_t auid, session; /* ID_NOT_SET */
	uint32_t uid, gid, euid, egid;
	int tty; /* N of ptsN, -1: none */
	char comm[COMM_SIZE];
	const char *exe;
};

struct call {
	enum arch arch;
	enum call_name name;
	int result; /* -errno, a pid, or 0 */
	uint64_t a[4];
	unsigned items;
	const char *key; /* of the rule; NULL: proclife's; "": of none */
};

/* Arguments: count strings, each ended by a NUL. */
struct argv {
	const char *at;
	size_t len;
	unsigned count;
};

struct path {
	const char *name;
	uint32_t inode; /* 0: there is no such file */
	unsigned mode;
	const char *nametype; /* NULL: NORMAL */
};

/* One audit event while it is written. */
struct records {
	struct text *text;
	const struct style *style;
	int64_t ms;
	uint32_t serial;
};

void records_syscall(
    const struct records *r, const struct ident *who, const struct call *call);
void records_execve(const struct records *r, const struct argv *argv);
void records_cwd(const struct records *r, const char *cwd);
void records_path(
    const struct records *r, unsigned item, const struct path *path);
/* The address of a socket: IPv4, or a name in the file system. */
void records_sockaddr_inet(
    const struct records *r, uint32_t address, uint16_t port);
void records_sockaddr_local(const struct records *r, const char *path);
void records_proctitle(const struct records *r, struct bytes title);
void records_eoe(const struct records *r);

/* A signal that dumps core was delivered. Stands alone. */
void records_abend(
    const struct records *r, const struct ident *who, int signal);

/* Seccomp killed a thread with this signal. Stands alone. */
void records_seccomp(
    const struct records *r, const struct ident *who, int signal);

/* auid and session are set for the first time. SYSCALL follows. */
void records_login(
    const struct records *r, const struct ident *who, uint32_t auid);

/* What a program says itself, in the form of libaudit. Stands alone. */
void records_user(const struct records *r, const char *type,
    const struct ident *who, const char *message);

/* auditd says that it starts (or ends). Stands alone. */
void records_daemon(const struct records *r, bool starts);

#endif
