/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fact - one thing that one source says about one process.
 *
 * Facts come from the audit stream (feed), from the accounting file
 * (acct_tail) and from /proc (procfs); the reconciler is the only reader.
 * Everything a fact points to belongs to its source and is valid only while
 * the call that hands it over lasts.
 */
#ifndef FACT_H
#define FACT_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/* Real time in milliseconds since 1970 that nobody knows. */
#define TIME_UNKNOWN INT64_MIN

/* An id that is not set; audit prints it as 4294967295. */
#define ID_UNSET UINT32_MAX

/* Stands between the keys of a record: libaudit.h, AUDIT_KEY_SEPARATOR. */
#define KEY_SEPARATOR '\x01'

/*
 * The two numbers that identify an audit event of one boot. Without padding: a
 * life has several of them.
 */
struct stamp {
	int64_t ms;      /* real time, when the system call was entered */
	uint32_t serial; /* 0: no audit event */
} __attribute__((packed, aligned(4)));

struct creds {
	uint32_t uid, euid, suid, gid, egid, sgid; /* ID_UNSET: unknown */
	uint32_t auid, session;                    /* ID_UNSET: not set */
};

#define CREDS_UNKNOWN                                                          \
	((struct creds){ID_UNSET, ID_UNSET, ID_UNSET, ID_UNSET, ID_UNSET,      \
	    ID_UNSET, ID_UNSET, ID_UNSET})

/* The major number of Unix98 ptys, whose minor numbers have 20 bits. */
#define TTY_PTS_MAJOR 136

/* A terminal as Linux numbers it; major 0: none. */
struct tty {
	uint32_t major, minor;
};

/*
 * The arguments of an exec: count strings, each ended by a NUL, in bytes.
 * An argument that the records lack is there as an empty string and named in
 * missing; a kernel before 3.10 or so leaves empty arguments out, so missing
 * does not always mean lost.
 */
#define ARGS_MISSING_MAX 8
struct args {
	struct bytes bytes;
	uint32_t count; /* strings in bytes */
	uint32_t argc;  /* as the kernel counted; ID_UNSET */
	uint32_t missing[ARGS_MISSING_MAX]; /* indices, the first few */
	uint32_t missing_count;
	uint32_t redacted_count;
	bool truncated; /* bytes holds less than the process got */
};

enum fact_kind {
	FACT_BIRTH,      /* fork, vfork, clone or clone3 came back */
	FACT_EXEC,       /* execve or execveat, successful or not */
	FACT_EXIT_GROUP, /* the whole process means to leave */
	FACT_EXIT,       /* one thread leaves */
	FACT_ABEND,      /* a signal that dumps core was delivered */
	FACT_SECCOMP,    /* seccomp killed one thread, not the process */
	FACT_NAMESPACE,  /* unshare or setns on pid namespaces */
	FACT_ACCT,       /* an accounting record */
	FACT_FOUND,      /* in /proc at our start */
	FACT_TASK,       /* /proc's answer about an undecided birth */
	FACT_GONE,       /* /proc: that process is no more */
};

/* Whether a birth is a process's or a thread's. */
enum birth_shape {
	BIRTH_PROCESS,
	BIRTH_THREAD,
	BIRTH_UNDECIDED, /* clone3: its flags are in memory, not in the record
			  */
};

struct fact_birth {
	int32_t child; /* as the caller's pid namespace counts */
	enum birth_shape shape;
	bool sibling;   /* CLONE_PARENT: the parent is the caller's parent */
	bool new_pidns; /* CLONE_NEWPID */
};

struct fact_exec {
	bool success;
	int error; /* errno of a failed one, else 0 */
	struct args args;
	struct bytes cwd;
	struct bytes script; /* path of the script that exe interprets */
};

/* See acct_record.h for how it is read from the file. */
struct fact_acct {
	int64_t birth_s;   /* ac_btime: whole seconds, floor or floor + 1 */
	double elapsed_cs; /* ac_etime, 1/100 s */
	uint64_t user_cs, system_cs; /* 1/100 s */
	uint64_t mem_kb, minor_faults, major_faults;
	uint32_t status; /* wait status of the group leader */
	uint8_t flags;   /* ac_flag */
	uint64_t offset; /* where in its file */
	/*
	 * When the record was seen to be there (real time): an audit event
	 * stamped later proves that no earlier record of this process is still
	 * to come. In a replay, when it had been written for certain.
	 * TIME_UNKNOWN: all has come.
	 */
	int64_t read_ms;
	/* Who died has its number at least until then (real time): the file
	 * was looked at, and this was not there; in a replay, by what
	 * the stream says of others (dates.h). TIME_UNKNOWN: it was never. */
	int64_t unwritten_ms;
	/* When it was born by the clock at its death: that was ahead of
	 * steady time by so much, at least and at most. */
	int64_t ahead_from, ahead_until;
	/* Live: by unwritten_ms all facts before this, as they are counted, had
	 * been logged; 0: unknown. */
	uint64_t order;
};

/* Accounting counts in 1/100 s. */
#define CENTISECOND_MS 10

/* How long the process of a record lived, cut to whole ms. */
static inline int64_t
fact_elapsed_ms(const struct fact_acct *a)
{
	return (int64_t)(a->elapsed_cs * CENTISECOND_MS);
}

struct fact_found {
	uint64_t start_ticks; /* /proc/PID/stat, field 22 */
	int64_t start_ms;     /* the same as real time, 10 ms exact */
	int64_t seen_ms;      /* real time at which it lived for certain */
	struct args args;
	struct bytes cwd;
	bool local_pids; /* lives in a pid namespace below ours */
};

struct fact_task {
	int32_t child;
	bool thread;     /* it is a thread of fact.pid, else a process, */
	bool gone;       /* or neither */
	bool local_pids; /* which lives in a pid namespace below ours */
	int64_t seen_ms; /* real time after the look */
};

/* Times come as real ones; a reader may have them steady (steady.h). */
struct fact {
	enum fact_kind kind;
	struct stamp
	    at; /* {TIME_UNKNOWN, 0} where no audit event stands behind */
	int64_t ahead_ms; /* real time is these times and so much: steady.h */
	int32_t pid;      /* tgid in the initial pid namespace */
	int32_t ppid;     /* -1: unknown */
	struct creds creds;
	struct tty tty;
	struct bytes comm, exe, key;
	union {
		struct fact_birth birth;
		struct fact_exec exec;
		struct {
			int32_t code; /* FACT_EXIT_GROUP, FACT_EXIT: 0 to 255 */
			/* FACT_EXIT, by reboot(2) in a pid namespace: the
			 * signal that its first is told to have died of; 0 */
			int32_t reboot;
		};
		int32_t signal; /* FACT_ABEND, FACT_SECCOMP */
		bool new_pidns; /* FACT_NAMESPACE: of its own, by unshare(2) */
		struct fact_acct acct;
		struct fact_found found;
		struct fact_task task;
		int64_t gone_ms; /* FACT_GONE: real time after the look */
	};
};

#endif
