/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procfs - the little that is asked of /proc.
 */
#ifndef PROCFS_H
#define PROCFS_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "fact.h"

struct procfs;

typedef void (*procfs_fact_fn)(void *ctx, const struct fact *fact);

/*
 * root: "/proc", or a tree of the tests. details: read exe and cwd links,
 * which needs CAP_SYS_PTRACE for other users' processes. NULL with err.
 */
struct procfs *procfs_open(const char *root, bool details, struct err *err);
void procfs_close(struct procfs *p); /* NULL is fine */

/*
 * Hands over every process as a FACT_FOUND, parents before children; kernel
 * threads (pid 2 and its children) only if asked for, zombies never: they are
 * over. Processes that are born or vanish meanwhile may be left out. Returns
 * how many, or -1 with errno.
 */
int procfs_snapshot(
    struct procfs *p, bool kernel_threads, procfs_fact_fn fn, void *ctx);

/* What a number is that its parent-to-be got for a child. */
enum procfs_task {
	PROCFS_UNKNOWN, /* hidden from us, or /proc can't be read */
	PROCFS_THREAD,  /* listed under /proc/PARENT/task */
	PROCFS_PROCESS, /* /proc/ID is its own thread group leader */
	PROCFS_LOCAL,   /* the same, in a pid namespace below ours */
	PROCFS_GONE,    /* neither, by now */
};
struct procfs_question {
	int32_t parent, id;
	/* The answer; ppid is a process's, -1: unknown. */
	enum procfs_task is;
	int32_t ppid;
};

/*
 * Answers n questions. Of a process its status is read; who is gone, or a
 * thread, costs no system call of its own where there are many: /proc is listed
 * once for all, and a parent's threads once for all its children.
 */
void procfs_tasks(struct procfs *p, struct procfs_question *q, size_t n);

/* True if a process of that number exists (a zombie does). */
bool procfs_exists(struct procfs *p, int32_t pid);
/* Leaves those in pids that do not exist, in their order; returns how many. */
size_t procfs_vanished(struct procfs *p, int32_t *pids, size_t n);

/* This boot's id, 36 characters and a NUL; -1 with errno. */
int procfs_boot_id(struct procfs *p, char id[37]);

#endif
