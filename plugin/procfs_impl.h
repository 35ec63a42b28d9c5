/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procfs_impl - what the parts of procfs share: procfs.c opens it and takes
 * snapshots, procfs_tasks.c says what a number is.
 */
#ifndef PROCFS_IMPL_H
#define PROCFS_IMPL_H

#include <dirent.h>
#include <limits.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>

#include "procfs.h"

/* Longer command lines are cut; also room for a status with many groups. */
#define BIG_SIZE (64 * 1024)

/* A stat line has 52 numbers of at most 20 digits. */
#define STAT_SIZE 1280

/* Ascending; the memory is used again. */
struct numbers {
	int32_t *at;
	size_t n, size;
};

struct procfs {
	DIR *dir;
	int root; /* of dir */
	bool details;
	bool real;      /* a procfs, not a tree of files */
	uint64_t hertz; /* of the ticks in stat */
	FILE *mounts;   /* how a real one is mounted; NULL: unknown */
	bool hiding;    /* so that not all are seen, as far as was looked */
	struct numbers processes, tasks; /* when they were listed last */
	/* What a fact points to; big is also for folders. */
	char stat[STAT_SIZE];
	alignas(max_align_t) char big[BIG_SIZE + 1];
	char exe[PATH_MAX], cwd[PATH_MAX];
};

/* The value of a line "NAME:\tVALUE" of a status; NULL: no such line. */
const char *procfs_status_value(const char *status, const char *name);
/* Whether whose status that is has a number in a pid namespace below ours. */
bool procfs_has_local_pid(const char *status);
/* A name that is a pid, or -1. */
int32_t procfs_parse_pid(const char *name);
/* From now on it is known whether processes are hidden. */
void procfs_open_mounts(struct procfs *p);
void procfs_close_mounts(struct procfs *p);

#endif
