/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acct_world - accounting as the tests of acct_tail see it: a folder, the
 * kernel's side of it, and what was handed over. Each test begins with a new
 * one.
 */
#ifndef ACCT_WORLD_H
#define ACCT_WORLD_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/acct.h>

#include "acct_tail.h"
#include "remove_tree.h"

#define SIZE 64 /* of a record */
#define T0   INT64_C(1700000000000)

/* The number of who calls acct(2), which no test is after. */
#define CALLER 3999999

/*
 * A folder for one test, the kernel's side of accounting, and what was handed
 * over.
 */
static struct world {
	char folder[64];
	int kernel;     /* what the "kernel" writes to; -1: off */
	int acct_errno; /* acct(2) shall fail so; 0: it works */
	int acct_calls;
	int64_t writes; /* the clock of files: each write takes a second */
	struct settings s;
	const char *files[20];
	struct acct_tail *a;
	int64_t now_ms;
	uint64_t facts;
	bool waits;          /* some may be read later than it is seen */
	int32_t pids[20000]; /* in the order in which they came */
	struct fact last;
	size_t npids;
} w;

static inline char *
path_of(const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", w.folder, name);
	return path;
}

static inline int
open_for_kernel(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static inline struct acct_v3
record_of(int32_t pid)
{
	const uint16_t one = 1;
	bool big = *(const unsigned char *)&one == 0;

	return (struct acct_v3){
	    .ac_version = (char)(big ? 0x83 : 3),
	    .ac_pid = (uint32_t)pid,
	    .ac_ppid = 1,
	    .ac_btime = 1700000000,
	    .ac_etime = 1,
	    .ac_utime = 1,
	    .ac_stime = 1,
	    .ac_mem = 500,
	    .ac_minflt = 70,
	    .ac_majflt = 1,
	    .ac_comm = "test",
	};
}

static inline void
write_bytes(int fd, const void *at, size_t len)
{
	struct timespec times[2] = {
	    {.tv_nsec = UTIME_OMIT}, {.tv_sec = T0 / 1000 + ++w.writes}};

	assert_int_equal(write(fd, at, len), len);
	assert_int_equal(futimens(fd, times), 0);
}

static inline void
write_record(int fd, int32_t pid)
{
	struct acct_v3 record = record_of(pid);

	assert_int_equal(sizeof(record), SIZE);
	write_bytes(fd, &record, SIZE);
}

/* Processes first to last die, as far as accounting is concerned. */
static inline void
die(int32_t first, int32_t last)
{
	for (int32_t pid = first; pid <= last; pid++)
		write_record(w.kernel, pid);
}

/*
 * Stands in for acct(2) of the C library: no test switches on the accounting
 * of the machine it runs on. As the kernel does, it leaves a record of its
 * caller in the file that it ends.
 */
int
acct(const char *filename)
{
	int old = w.kernel, fd = -1;

	w.acct_calls++;
	if (w.acct_errno != 0) {
		errno = w.acct_errno;
		return -1;
	}
	if (filename != NULL && (fd = open_for_kernel(filename)) < 0)
		return -1;
	w.kernel = fd;
	if (old >= 0) {
		write_record(old, CALLER);
		close(old);
	}
	return 0;
}

/* Makes an empty file. */
static inline void
touch(const char *name)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static inline void
move(const char *from, const char *to)
{
	assert_int_equal(rename(path_of(from), path_of(to)), 0);
}

/* What accton(8) does, which then dies. */
static inline void
accton(const char *name)
{
	assert_int_equal(acct(path_of(name)), 0);
	die(CALLER, CALLER);
}

static inline void
take(void *ctx, const struct fact *fact)
{
	assert_ptr_equal(ctx, &w);
	assert_int_equal(fact->kind, FACT_ACCT);
	assert_true(fact->acct.read_ms == w.now_ms ||
		    (w.waits && fact->acct.read_ms < w.now_ms));
	assert_true(fact->acct.unwritten_ms == TIME_UNKNOWN ||
		    fact->acct.unwritten_ms <= fact->acct.read_ms);
	w.last = *fact;
	if (fact->pid != CALLER)
		w.pids[w.npids++] = fact->pid;
}

/* All but what was written after that. */
static inline unsigned
read_until(int64_t until_ms)
{
	const struct acct_look look = {
	    .now_ms = w.now_ms, .until_ms = until_ms, .facts = w.facts};

	w.waits |= until_ms != INT64_MAX;
	return acct_tail_read(w.a, &look, take, &w);
}

static inline unsigned
read_on(void)
{
	return read_until(INT64_MAX);
}

/* Where reading stands now. */
static inline struct acct_position
position(void)
{
	struct acct_positions at;

	acct_tail_position(w.a, &at);
	return at.at[0];
}

/* What came since the last assert_came is exactly first to last, in order. */
static inline void
assert_came(int32_t first, int32_t last)
{
	size_t n = last >= first ? (size_t)(last - first) + 1 : 0;

	assert_int_equal(w.npids, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(w.pids[i], first + (int32_t)i);
	w.npids = 0;
}

static inline void
assert_reads(int32_t first, int32_t last)
{
	read_on();
	assert_came(first, last);
}

static inline void
assert_trouble(unsigned trouble)
{
	assert_int_equal(acct_tail_take_trouble(w.a), trouble);
	assert_int_equal(acct_tail_take_trouble(w.a), 0);
}

static inline void
open_tail(const struct acct_positions *from)
{
	struct err err = {""};

	w.a = acct_tail_open(&w.s, from, &err);
	if (w.a == NULL)
		fail_msg("%s", err.text);
}

/* Ends the plugin and starts it anew, while the kernel goes on. */
static inline void
stop_tail(struct acct_positions *at)
{
	acct_tail_position(w.a, at);
	acct_tail_close(w.a);
	w.a = NULL;
}

/* The kernel writes to a new file. */
static inline void
begin_file(void)
{
	touch("pacct");
	accton("pacct");
}

/* ... which is read. */
static inline void
begin(void)
{
	begin_file();
	open_tail(NULL);
}

static inline void
begin_and_read(int32_t last)
{
	begin();
	die(1, last);
	assert_reads(1, last);
}

static inline int
setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.kernel = -1;
	w.now_ms = T0;
	snprintf(w.folder, sizeof(w.folder), "/tmp/proclife-tail-XXXXXX");
	assert_non_null(mkdtemp(w.folder));
	w.files[0] = strdup(path_of("pacct"));
	w.s.acct.files = w.files;
	w.s.acct.nfiles = 1;
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	acct_tail_close(w.a);
	if (w.kernel >= 0)
		close(w.kernel);
	for (size_t i = 0; i < 20; i++) {
		/* Only we know that these are not literals. */
		union {
			const char *constant;
			char *mine;
		} file = {w.files[i]};

		free(file.mine);
	}
	return remove_tree(w.folder);
}

/* A test in a world of its own. */
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
