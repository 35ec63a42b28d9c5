/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "procfs.h"
#include "remove_tree.h"

/* The longest command line that is kept. */
#define ARGS_MAX (64 * 1024)

/* More processes the machine that tests should not have. */
#define FOUND_MAX 16384

/* A fact with its own copies of what it points to. */
struct found {
	struct fact fact;
	char comm[64], exe[64], cwd[64];
	char *args;
};

/* A tree of files that looks like /proc, and what was found in it. */
static struct world {
	char root[64];
	struct procfs *p;
	struct found found[FOUND_MAX];
	size_t n;
} w;

static char *
path_of(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", w.root, name);
	return path;
}

/* Makes a file and the folders above it. */
static void
put_bytes(const char *name, const char *at, size_t len)
{
	char *path = path_of(name);
	FILE *f;

	for (char *c = path + strlen(w.root) + 1; *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		mkdir(path, 0700);
		*c = '/';
	}
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(at, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void
put(const char *name, const char *text)
{
	put_bytes(name, text, strlen(text));
}

static char *
in_pid(int pid, const char *name)
{
	static char names[4][64];
	static unsigned next;
	char *at = names[next++ % 4];

	snprintf(at, sizeof(names[0]), "%d/%s", pid, name);
	return at;
}

/* One /proc/PID/stat; the rest as Linux 6.1 prints it. */
struct line {
	const char *comm;
	char state;
	int ppid, tty_nr, threads;
	unsigned flags;
	uint64_t ticks;
};

static void
put_stat(int pid, const struct line *l)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "%d (%s) %c %d 51 52 %d -1 %u 100 200 300 400 10 20 -30 -40 20 0 "
	    "%d 0 %" PRIu64 " 2543616 218 18446744073709551615 1 1 0 0 0 0 0 "
	    "0 65538 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
	    pid, l->comm, l->state, l->ppid, l->tty_nr, l->flags, l->threads,
	    l->ticks);
	put(in_pid(pid, "stat"), text);
}

static void
put_process(int pid, int ppid, uint64_t ticks)
{
	const struct line l = {
	    .comm = "sh",
	    .state = 'S',
	    .ppid = ppid,
	    .threads = 1,
	    .ticks = ticks,
	};

	put_stat(pid, &l);
}

static void
copy(char *to, size_t size, struct bytes from)
{
	if (from.len >= size) /* a long path on the real machine */
		from.len = size - 1;
	memcpy(to, from.at != NULL ? from.at : "", from.len);
	to[from.len] = '\0';
}

static void
take(void *ctx, const struct fact *fact)
{
	struct found *f = &w.found[w.n];
	size_t args = fact->found.args.bytes.len;

	assert_ptr_equal(ctx, &w);
	assert_true(w.n++ < FOUND_MAX);
	assert_int_equal(fact->kind, FACT_FOUND);
	assert_true(fact->at.ms == TIME_UNKNOWN);
	assert_int_equal(fact->at.serial, 0);
	assert_null(fact->key.at);
	f->fact = *fact;
	copy(f->comm, sizeof(f->comm), fact->comm);
	copy(f->exe, sizeof(f->exe), fact->exe);
	copy(f->cwd, sizeof(f->cwd), fact->found.cwd);
	f->args = malloc(args + 1);
	assert_non_null(f->args);
	copy(f->args, args + 1, fact->found.args.bytes);
}

static void
open_root(const char *root, bool details)
{
	struct err err = {""};

	w.p = procfs_open(root, details, &err);
	if (w.p == NULL)
		fail_msg("%s", err.text);
}

static void
forget(void)
{
	for (size_t i = 0; i < w.n; i++)
		free(w.found[i].args);
	w.n = 0;
}

/* Looks around; there must be n processes. */
static void
snapshot(bool kernel_threads, size_t n)
{
	forget();
	assert_int_equal(procfs_snapshot(w.p, kernel_threads, take, &w), n);
	assert_int_equal(w.n, n);
}

static int
setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	snprintf(w.root, sizeof(w.root), "/tmp/proclife-procfs-XXXXXX");
	assert_non_null(mkdtemp(w.root));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	forget();
	procfs_close(w.p);
	return remove_tree(w.root);
}

static void
test_all_that_is_told(void **state)
{
	const struct line l = {
	    .comm = "bash",
	    .state = 'S',
	    .ppid = 42,
	    .tty_nr = 137 << 8 | 3, /* pts/259 */
	    .threads = 3,
	    .ticks = 5000,
	};
	const struct fact *f = &w.found[0].fact;

	(void)state;
	put_stat(77, &l);
	put(in_pid(77, "status"),
	    "Name:\tUid:\nState:\tS (sleeping)\nTgid:\t77\n"
	    "Uid:\t1000\t1001\t1002\t1003\nGid:\t2000\t2001\t2002\t2003\n"
	    "Groups:\t4 24 \nNStgid:\t77\nNSpid:\t77\n");
	put(in_pid(77, "loginuid"), "1004");
	put(in_pid(77, "sessionid"), "9");
	put_bytes(in_pid(77, "cmdline"), "-bash\0\0x y\0", 11);
	assert_int_equal(symlink("/bin/bash", path_of("77/exe")), 0);
	assert_int_equal(symlink("/home/a b", path_of("77/cwd")), 0);
	open_root(w.root, true);
	snapshot(false, 1);
	assert_int_equal(f->pid, 77);
	assert_int_equal(f->ppid, 42);
	assert_string_equal(w.found[0].comm, "bash");
	assert_int_equal(f->tty.major, 137);
	assert_int_equal(f->tty.minor, 3);
	assert_int_equal(f->creds.uid, 1000);
	assert_int_equal(f->creds.euid, 1001);
	assert_int_equal(f->creds.suid, 1002);
	assert_int_equal(f->creds.gid, 2000);
	assert_int_equal(f->creds.egid, 2001);
	assert_int_equal(f->creds.sgid, 2002);
	assert_int_equal(f->creds.auid, 1004);
	assert_int_equal(f->creds.session, 9);
	assert_int_equal(f->found.start_ticks, 5000);
	assert_false(f->found.local_pids);
	assert_int_equal(f->found.args.count, 3);
	assert_int_equal(f->found.args.argc, 3);
	assert_int_equal(f->found.args.bytes.len, 11);
	assert_memory_equal(w.found[0].args, "-bash\0\0x y\0", 11);
	assert_false(f->found.args.truncated);
	assert_string_equal(w.found[0].exe, "/bin/bash");
	assert_string_equal(w.found[0].cwd, "/home/a b");
}

/* All but stat may be missing or out of reach. */
static void
test_only_stat(void **state)
{
	const struct fact *f = &w.found[0].fact;

	(void)state;
	put_process(5, 1, 10);
	open_root(w.root, true);
	snapshot(false, 1);
	assert_int_equal(f->tty.major, 0);
	assert_int_equal(f->creds.uid, ID_UNSET);
	assert_int_equal(f->creds.sgid, ID_UNSET);
	assert_int_equal(f->creds.auid, ID_UNSET);
	assert_int_equal(f->creds.session, ID_UNSET);
	assert_null(f->found.args.bytes.at);
	assert_int_equal(f->found.args.count, 0);
	assert_null(f->exe.at);
	assert_null(f->found.cwd.at);
}

static void
test_no_details_unless_asked(void **state)
{
	(void)state;
	put_process(5, 1, 10);
	assert_int_equal(symlink("/bin/sh", path_of("5/exe")), 0);
	assert_int_equal(symlink("/", path_of("5/cwd")), 0);
	open_root(w.root, false);
	snapshot(false, 1);
	assert_null(w.found[0].fact.exe.at);
	assert_null(w.found[0].fact.found.cwd.at);
}

static void
test_odd_names(void **state)
{
	const char *names[] = {
	    "", ")", "(", "a b", ") R 1 (", "x) S 9 9 9 (", "((", "a\nb"};
	const size_t n = sizeof(names) / sizeof(names[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct line l = {names[i], 'R', 7, 0, 1, 0, 100 + i};

		put_stat(10 + (int)i, &l);
	}
	open_root(w.root, false);
	snapshot(false, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(w.found[i].fact.pid, 10 + i);
		assert_string_equal(w.found[i].comm, names[i]);
		assert_int_equal(w.found[i].fact.ppid, 7);
		assert_int_equal(w.found[i].fact.found.start_ticks, 100 + i);
	}
}

static void
test_broken_stat_is_left_out(void **state)
{
	(void)state;
	put_process(1, 0, 1);
	put("2/stat", "");
	put("3/stat", "3 sh S 1");
	put("4/stat", "4 (sh) S");
	put("5/stat", "5 )sh( S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9");
	put("6/status", "Tgid:\t6\n");
	put("self/stat", "7 (sh) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9");
	put("8x/stat", "8 (sh) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9");
	put("0/stat", "0 (sh) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 20 0 1 0 9");
	put("99999999999999/stat",
	    "9 (sh) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9");
	put("stat", "cpu 1 2 3\n");
	open_root(w.root, false);
	snapshot(true, 1);
	assert_int_equal(w.found[0].fact.pid, 1);
}

static void
test_terminals(void **state)
{
	/* mknod(1)'s majors and minors; new_encode_dev() as a sum. */
	const struct {
		int tty_nr;
		uint32_t major, minor;
	} cases[] = {
	    {0, 0, 0},
	    {1024 + 1, 4, 1},
	    {136 * 256 + 255, 136, 255},
	    {4 * 256 + 64 + 1048576, 4, 256 + 64},
	    {204 * 256 + 1048576, 204, 256},
	};
	const int n = sizeof(cases) / sizeof(cases[0]);

	(void)state;
	for (int i = 0; i < n; i++) {
		const struct line l = {"x", 'S', 1, cases[i].tty_nr, 1, 0, 9};

		put_stat(i + 10, &l);
	}
	open_root(w.root, false);
	snapshot(false, (size_t)n);
	for (int i = 0; i < n; i++) {
		assert_int_equal(w.found[i].fact.tty.major, cases[i].major);
		assert_int_equal(w.found[i].fact.tty.minor, cases[i].minor);
	}
}

static void
test_kernel_threads_if_asked(void **state)
{
	const struct line thread = {"kthreadd", 'S', 0, 0, 1, 0x00208040, 3};
	const struct line worker = {
	    "kworker/0:1-events", 'I', 2, 0, 1, 0x04208060, 4};

	(void)state;
	put_process(1, 0, 1);
	put_stat(2, &thread);
	put_stat(9, &worker);
	open_root(w.root, false);
	snapshot(false, 1);
	assert_int_equal(w.found[0].fact.pid, 1);
	snapshot(true, 3);
	assert_string_equal(w.found[2].comm, "kworker/0:1-events");
}

/* A zombie is over; but a dead leader's other threads may live on. */
static void
test_zombies(void **state)
{
	const struct line zombie = {"z", 'Z', 1, 0, 1, 0, 5};
	const struct line leader = {"l", 'Z', 1, 0, 2, 0, 6};
	const struct line dead = {"x", 'X', 1, 0, 0, 0, 7};

	(void)state;
	put_stat(10, &zombie);
	put_stat(11, &leader);
	put_stat(12, &dead);
	open_root(w.root, false);
	snapshot(false, 1);
	assert_int_equal(w.found[0].fact.pid, 11);
}

/* Numbers that wrapped around: a parent's may be higher. */
static void
test_parents_before_children(void **state)
{
	const int32_t want[] = {1, 4000000, 500, 20, 30, 300, 600};

	(void)state;
	put_process(1, 0, 1);
	put_process(20, 500, 90);
	put_process(30, 1, 50);
	put_process(300, 30, 60);
	put_process(500, 4000000, 80);
	put_process(600, 77777, 95); /* whose parent is not there */
	put_process(4000000, 1, 70);
	open_root(w.root, false);
	snapshot(false, 7);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(w.found[i].fact.pid, want[i]);
}

static int64_t
real_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * What the first look at it reads comes from here, a millisecond after that
 * began; the second one finds a file. Returns when the first one began.
 */
static int64_t
answer_first_look(int pid)
{
	char line[512];
	int next = open(path_of(in_pid(pid, "next")), O_RDONLY | O_CLOEXEC);
	ssize_t n = read(next, line, sizeof(line));
	int fd = open(path_of(in_pid(pid, "stat")), O_WRONLY | O_CLOEXEC);
	int64_t began = real_ms();

	while (real_ms() == began)
		continue;
	if (n <= 0 || fd < 0 ||
	    rename(path_of(in_pid(pid, "next")),
		path_of(in_pid(pid, "stat"))) != 0 ||
	    write(fd, line, (size_t)n) != n)
		return INT64_MAX;
	close(fd);
	close(next);
	return began;
}

/*
 * Who was born while others were looked at was born before it was seen, and
 * who is told as seen was alive then.
 */
static void
test_seen_between_the_looks(void **state)
{
	int64_t began, ended;
	int answered[2];
	pid_t child;

	(void)state;
	put_process(10, 1, 1);
	assert_int_equal(rename(path_of("10/stat"), path_of("10/next")), 0);
	assert_int_equal(mkfifo(path_of("10/stat"), 0600), 0);
	open_root(w.root, false);
	assert_int_equal(pipe(answered), 0);
	child = fork();
	if (child == 0) {
		began = answer_first_look(10);
		_exit(
		    write(answered[1], &began, sizeof(began)) != sizeof(began));
	}
	snapshot(false, 1);
	ended = real_ms();
	assert_int_equal(
	    read(answered[0], &began, sizeof(began)), sizeof(began));
	assert_true(w.found[0].fact.found.seen_ms > began);
	assert_true(w.found[0].fact.found.seen_ms <= ended);
	waitpid(child, NULL, 0);
	close(answered[0]);
	close(answered[1]);
}

/* Between the two looks at it, a number went to another process. */
static void
replace_second(void *ctx, const struct fact *fact)
{
	take(ctx, fact);
	put_process(11, 1, 99);
}

static void
test_number_reused_meanwhile(void **state)
{
	(void)state;
	put_process(10, 1, 1);
	put_process(11, 1, 2);
	put_process(12, 1, 3);
	open_root(w.root, false);
	assert_int_equal(procfs_snapshot(w.p, false, replace_second, &w), 2);
	assert_int_equal(w.found[0].fact.pid, 10);
	assert_int_equal(w.found[1].fact.pid, 12);
}

/* As numbers are read one after the other, they may contradict each other. */
static void
test_circle_of_parents(void **state)
{
	(void)state;
	put_process(10, 12, 1);
	put_process(11, 10, 2);
	put_process(12, 11, 3);
	put_process(13, 13, 4);
	put_process(14, 13, 5);
	open_root(w.root, false);
	snapshot(false, 5);
}

static void
test_times_follow_the_ticks(void **state)
{
	const long hertz = sysconf(_SC_CLK_TCK);

	(void)state;
	put_process(10, 1, 0);
	put_process(11, 1, (uint64_t)hertz * 86400);
	open_root(w.root, false);
	snapshot(false, 2);
	assert_int_equal(
	    w.found[1].fact.found.start_ms - w.found[0].fact.found.start_ms,
	    86400000);
}

/* The one argument text that a case of test_args() gives. */
static const struct args *
args_of(const char *at, size_t len)
{
	put_bytes(in_pid(10, "cmdline"), at, len);
	snapshot(false, 1);
	return &w.found[0].fact.found.args;
}

static void
test_args(void **state)
{
	const struct args *args;

	(void)state;
	put_process(10, 1, 1);
	open_root(w.root, false);

	args = args_of("sleep\0"
		       "9\0",
	    8);
	assert_int_equal(args->count, 2);

	args = args_of("\0", 1);
	assert_int_equal(args->count, 1);
	assert_int_equal(args->bytes.len, 1);

	/* A title instead of arguments: no NUL, or padded with many. */
	args = args_of("sshd: root", 10);
	assert_int_equal(args->count, 1);
	assert_int_equal(args->bytes.len, 11);
	assert_memory_equal(w.found[0].args, "sshd: root", 11);
	args = args_of("postgres: x\0\0\0\0\0", 16);
	assert_int_equal(args->count, 1);
	assert_int_equal(args->bytes.len, 12);

	/* One empty argument at the end is one. */
	args = args_of("sh\0-c\0\0", 7);
	assert_int_equal(args->count, 3);

	args = args_of("\0\0\0\0", 4);
	assert_int_equal(args->count, 1);

	args = args_of("", 0);
	assert_int_equal(args->count, 0);
	assert_null(args->bytes.at);
}

static void
test_long_args_are_cut(void **state)
{
	static char text[ARGS_MAX + 100];
	const struct args *args;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[3] = '\0';
	text[ARGS_MAX - 1] = '\0';
	put_process(10, 1, 1);
	open_root(w.root, false);

	args = args_of(text, ARGS_MAX - 1);
	assert_false(args->truncated);
	assert_int_equal(args->count, 2);
	assert_int_equal(args->bytes.len, ARGS_MAX);

	args = args_of(text, sizeof(text));
	assert_true(args->truncated);
	assert_int_equal(args->count, 2);
	assert_int_equal(args->bytes.len, ARGS_MAX);

	text[ARGS_MAX - 1] = 'a';
	args = args_of(text, sizeof(text));
	assert_true(args->truncated);
	assert_int_equal(args->count, 2);
	assert_int_equal(args->bytes.len, ARGS_MAX + 1);
	assert_int_equal(w.found[0].args[ARGS_MAX], '\0');
}

static void
test_pid_namespaces(void **state)
{
	(void)state;
	put_process(10, 1, 1);
	put("10/status", "Tgid:\t10\nNSpid:\t10\t1\n");
	put_process(11, 1, 1);
	put("11/status", "Tgid:\t11\nNSpid:\t11\n");
	put_process(12, 1, 1);
	put("12/status", "Tgid:\t12\nNSpid:\t12\nVmSize:\t17\n");
	put_process(13, 1, 1);
	put("13/status", "Tgid:\t13\n"); /* before Linux 4.1 */
	open_root(w.root, false);
	snapshot(false, 4);
	assert_true(w.found[0].fact.found.local_pids);
	assert_false(w.found[1].fact.found.local_pids);
	assert_false(w.found[2].fact.found.local_pids);
	assert_false(w.found[3].fact.found.local_pids);
}

/* What one birth made, asked alone. */
static enum procfs_task
ask(int32_t parent, int32_t id, int32_t *ppid)
{
	struct procfs_question q = {.parent = parent, .id = id};

	procfs_tasks(w.p, &q, 1);
	*ppid = q.ppid;
	return q.is;
}

static void
test_what_a_birth_made(void **state)
{
	int32_t ppid;

	(void)state;
	put("10/status", "Name:\tx\nTgid:\t10\n");
	put("10/task/10/stat", "");
	put("10/task/11/stat", "");
	put("11/status", "Name:\tx\nTgid:\t10\n");
	put("12/status", "Name:\tx\nTgid:\t12\nPid:\t12\nPPid:\t9\n");
	put("13/status", "Name:\tx\nTgid:\t99\n");
	put("14/status", "Name:\tx\n");
	put("16/status", "Tgid:\t16\nPPid:\t10\nNSpid:\t16\t1\n");
	open_root(w.root, false);
	assert_int_equal(ask(10, 11, &ppid), PROCFS_THREAD);
	assert_int_equal(ppid, -1);
	assert_int_equal(ask(10, 12, &ppid), PROCFS_PROCESS);
	assert_int_equal(ppid, 9);
	/* a thread of somebody else by now */
	assert_int_equal(ask(10, 13, &ppid), PROCFS_GONE);
	assert_int_equal(ask(10, 14, &ppid), PROCFS_UNKNOWN);
	assert_int_equal(ask(10, 15, &ppid), PROCFS_GONE);
	assert_int_equal(ask(10, 16, &ppid), PROCFS_LOCAL);
	assert_int_equal(ppid, 10);
	assert_int_equal(ask(10, 10, &ppid), PROCFS_PROCESS);
	/* The parent is gone, its child lives. */
	assert_int_equal(ask(9, 12, &ppid), PROCFS_PROCESS);
}

/* A number that nobody may see is no proof that there is nobody. */
static void
test_birth_out_of_reach(void **state)
{
	int32_t ppid;

	(void)state;
	assert_int_equal(mkdir(path_of("14"), 0700), 0);
	assert_int_equal(symlink("elsewhere", path_of("14/status")), 0);
	open_root(w.root, false);
	assert_int_equal(ask(10, 14, &ppid), PROCFS_UNKNOWN);
}

/*
 * Parents 10, 20 and 30, who is gone; by each 30 births: in turn a thread, a
 * process, one in a namespace, and nobody.
 */
#define PARENTS 3
#define EACH    30
#define BIRTHS  (PARENTS * EACH)

static void
put_births(struct procfs_question q[BIRTHS])
{
	put("10/status", "Tgid:\t10\n");
	put("20/status", "Tgid:\t20\n");
	for (int i = 0; i < BIRTHS; i++) {
		int parent = 10 + i % PARENTS * 10, id = 1000 - i;
		char text[64];

		q[i] = (struct procfs_question){.parent = parent, .id = id};
		if (i / PARENTS % 4 == 0 && parent != 30) {
			snprintf(
			    text, sizeof(text), "%d/task/%d/stat", parent, id);
			put(text, "");
		} else if (i / PARENTS % 4 != 3) {
			snprintf(text, sizeof(text),
			    "Tgid:\t%d\nPPid:\t%d\nNSpid:\t%d%s\n", id, parent,
			    id, i / PARENTS % 4 == 2 ? "\t7" : "");
			put(in_pid(id, "status"), text);
		}
	}
}

/* Whoever is asked of, together with whomever, is the same. */
static void
test_births_at_once(void **state)
{
	struct procfs_question all[BIRTHS], some[BIRTHS];
	size_t is[PROCFS_GONE + 1] = {0};

	(void)state;
	put_births(all);
	memcpy(some, all, sizeof(some));
	open_root(w.root, false);
	procfs_tasks(w.p, all, BIRTHS);
	for (size_t n = 1; n < 20; n += 3) {
		for (size_t i = 0; i + n <= BIRTHS; i += n)
			procfs_tasks(w.p, some + i, n);
		assert_memory_equal(
		    some, all, (BIRTHS - BIRTHS % n) * sizeof(all[0]));
	}
	for (size_t i = 0; i < BIRTHS; i++)
		is[all[i].is]++;
	assert_int_equal(is[PROCFS_UNKNOWN], 0);
	assert_int_equal(is[PROCFS_THREAD], 16);
	assert_int_equal(is[PROCFS_PROCESS], 32);
	assert_int_equal(is[PROCFS_LOCAL], 21);
	assert_int_equal(is[PROCFS_GONE], 21);
}

/* How often a tracer sees a process stop at system calls, which asks that and
 * leaves: twice for each. */
static long
stops(struct procfs_question *q, size_t n)
{
	pid_t child = fork();
	long count = 0;
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(1);
		raise(SIGSTOP);
		if (n > 0)
			procfs_tasks(w.p, q, n);
		_exit(0);
	}
	for (;; count++) {
		assert_int_equal(waitpid(child, &status, 0), child);
		if (!WIFSTOPPED(status))
			break;
		ptrace(PTRACE_SYSCALL, child, NULL, NULL);
	}
	if (WEXITSTATUS(status) != 0)
		skip(); /* nobody may trace here */
	return count;
}

/* More than it takes to leave: then another one runs us, as valgrind does. */
#define STOPS_MAX 8

static long
calls(struct procfs_question *q, size_t n)
{
	long before = stops(q, 0);

	if (before > STOPS_MAX)
		skip();
	procfs_tasks(w.p, q, n); /* what is allocated once is, then */
	return (stops(q, n) - before) / 2;
}

#define LISTED  4 /* fstat, lseek, getdents64 twice */
#define TASKS   4 /* openat, getdents64 twice, close */
#define PROCESS 3 /* openat, read, close */

static void
test_system_calls_of_one_birth(void **state)
{
	struct procfs_question thread = {.parent = 10, .id = 11};
	struct procfs_question process = {.parent = 10, .id = 12};
	struct procfs_question gone = {.parent = 10, .id = 13};

	(void)state;
	put("10/task/11/stat", "");
	put("12/status", "Tgid:\t12\nPPid:\t10\n");
	open_root(w.root, false);
	assert_int_equal(calls(&thread, 1), 1);
	assert_int_equal(calls(&process, 1), 1 + PROCESS);
	assert_int_equal(calls(&gone, 1), 2);
}

/* Threads that a parent had in a turn cost one look at what it has. */
static void
test_system_calls_of_threads(void **state)
{
	struct procfs_question q[BIRTHS];
	char text[64];

	(void)state;
	put("10/status", "Tgid:\t10\n");
	for (int i = 0; i < BIRTHS; i++) {
		q[i] = (struct procfs_question){.parent = 10, .id = 100 + i};
		snprintf(text, sizeof(text), "10/task/%d/stat", q[i].id);
		put(text, "");
	}
	open_root(w.root, false);
	assert_int_equal(calls(q, 4), TASKS);
	assert_int_equal(calls(q, 9), TASKS);
	assert_int_equal(calls(q, BIRTHS), LISTED + TASKS);
	for (int i = 0; i < BIRTHS; i++)
		assert_int_equal(q[i].is, PROCFS_THREAD);
}

/* Who is gone, and its parent, too, costs no call of its own. */
static void
test_system_calls_of_the_gone(void **state)
{
	struct procfs_question q[BIRTHS];

	(void)state;
	put("1/status", "Tgid:\t1\n");
	for (int i = 0; i < BIRTHS; i++)
		q[i] = (struct procfs_question){
		    .parent = 10 + i % 7, .id = 100 + i};
	open_root(w.root, false);
	assert_int_equal(calls(q, BIRTHS), LISTED);
	for (int i = 0; i < BIRTHS; i++)
		assert_int_equal(q[i].is, PROCFS_GONE);
}

static void
test_system_calls_of_all_sorts(void **state)
{
	struct procfs_question q[BIRTHS];
	long most = LISTED;

	(void)state;
	put_births(q);
	open_root(w.root, false);
	procfs_tasks(w.p, q, BIRTHS);
	for (int i = 0; i < BIRTHS; i++)
		most += q[i].is == PROCFS_PROCESS || q[i].is == PROCFS_LOCAL
			    ? PROCESS
			    : 0;
	assert_int_equal(calls(q, BIRTHS), most + 2 * TASKS);
}

/* Those that are there, one of them a zombie, and one that was there. */
static void
test_births_of_real_processes(void **state)
{
	enum {
		MANY = 64
	};
	struct procfs_question q[MANY];
	siginfo_t info;

	(void)state;
	open_root("/proc", false);
	for (int i = 0; i < MANY; i++) {
		pid_t child = fork();

		if (child == 0) {
			if (i % 2 == 0)
				pause();
			_exit(0);
		}
		assert_true(child > 0);
		q[i] =
		    (struct procfs_question){.parent = getpid(), .id = child};
		if (i % 2 != 0)
			assert_int_equal(waitid(P_PID, (id_t)child, &info,
					     WEXITED | WNOWAIT),
			    0);
		if (i % 4 == 3)
			assert_int_equal(waitpid(child, NULL, 0), child);
	}
	procfs_tasks(w.p, q, MANY);
	for (int i = 0; i < MANY; i++) {
		if (i % 4 == 3) {
			assert_int_equal(q[i].is, PROCFS_GONE);
			continue;
		}
		assert_true(
		    q[i].is == PROCFS_PROCESS || q[i].is == PROCFS_LOCAL);
		assert_int_equal(q[i].ppid, getpid());
		kill(q[i].id, SIGKILL);
		waitpid(q[i].id, NULL, 0);
	}
}

static void
test_existence(void **state)
{
	(void)state;
	put("10/status", "Name:\tx\nTgid:\t10\n");
	put("11/status", "Name:\tx\nTgid:\t10\n");
	open_root(w.root, false);
	assert_true(procfs_exists(w.p, 10));
	assert_false(procfs_exists(w.p, 11)); /* a thread's number now */
	assert_false(procfs_exists(w.p, 12));
	/* Not ours to see is no proof. */
	assert_int_equal(symlink("elsewhere", path_of("13")), 0);
	assert_int_equal(mkdir(path_of("14"), 0700), 0);
	assert_int_equal(symlink("elsewhere", path_of("14/status")), 0);
	assert_false(procfs_exists(w.p, 13));
	assert_true(procfs_exists(w.p, 14));
}

/* Looked for together they are the same. */
static void
test_vanished(void **state)
{
	enum {
		MANY = 60
	};
	int32_t pids[MANY], gone[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		char text[32];

		pids[i] = gone[i] = 500 - i;
		snprintf(text, sizeof(text), "Tgid:\t%d\n", pids[i]);
		if (i % 4 != 0)
			put(in_pid(pids[i], "status"), text);
	}
	open_root(w.root, false);
	assert_int_equal(procfs_vanished(w.p, gone, 0), 0);
	for (size_t n = 1; n <= MANY; n++) {
		size_t want = 0;

		memcpy(gone, pids, sizeof(gone));
		assert_int_equal(procfs_vanished(w.p, gone, n), (n + 3) / 4);
		for (size_t i = 0; i < n; i++) {
			if (!procfs_exists(w.p, pids[i]))
				assert_int_equal(gone[want++], pids[i]);
		}
	}
}

static void
test_existence_of_real_processes(void **state)
{
	siginfo_t info;
	pid_t child;

	(void)state;
	open_root("/proc", false);
	assert_true(procfs_exists(w.p, getpid()));
	assert_false(procfs_exists(w.p, 4194304));
	child = fork();
	if (child == 0)
		_exit(0);
	assert_true(child > 0);
	assert_int_equal(
	    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_true(procfs_exists(w.p, child)); /* a zombie */
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(procfs_exists(w.p, child));
}

static const struct found *
find(pid_t pid)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.found[i].fact.pid == pid)
			return &w.found[i];
	return NULL;
}

/* Seconds since 1970, as the kernel itself says when it was booted. */
static int64_t
kernel_boot_time(void)
{
	FILE *f = fopen("/proc/stat", "re");
	char line[4096];
	int64_t s = 0;

	assert_non_null(f);
	while (s == 0 && fgets(line, sizeof(line), f) != NULL)
		sscanf(line, "btime %" SCNd64, &s);
	fclose(f);
	assert_true(s > 0);
	return s;
}

static void
test_the_real_proc(void **state)
{
	const int64_t hertz = sysconf(_SC_CLK_TCK);
	const struct found *me, *init;
	int64_t boot_ms;
	pid_t child;
	int n;

	(void)state;
	child = fork();
	if (child == 0) {
		pause();
		_exit(0);
	}
	assert_true(child > 0);
	open_root("/proc", true);
	n = procfs_snapshot(w.p, true, take, &w);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(n, w.n);

	init = find(1);
	me = find(getpid());
	assert_non_null(init);
	assert_non_null(me);
	assert_non_null(find(child));
	assert_true(me < find(child));
	assert_int_equal(find(child)->fact.ppid, getpid());
	assert_int_equal(me->fact.ppid, getppid());
	assert_int_equal(me->fact.creds.uid, getuid());
	assert_int_equal(me->fact.creds.egid, getegid());
	assert_true(me->fact.found.args.count >= 1);
	assert_non_null(me->fact.exe.at);
	assert_non_null(me->fact.found.cwd.at);
	assert_false(me->fact.found.local_pids);
	assert_true(
	    find(child)->fact.found.start_ms >= me->fact.found.start_ms);

	/* btime is whole seconds, and the clock may be slewed meanwhile. */
	boot_ms = me->fact.found.start_ms -
		  (int64_t)me->fact.found.start_ticks * 1000 / hertz;
	assert_in_range(boot_ms - kernel_boot_time() * 1000 + 100, 0, 1200);
}

static void
test_boot_id(void **state)
{
	char id[37];

	(void)state;
	open_root(w.root, false);
	errno = 0;
	assert_int_equal(procfs_boot_id(w.p, id), -1);
	assert_int_equal(errno, ENOENT);
	put("sys/kernel/random/boot_id", "short\n");
	assert_int_equal(procfs_boot_id(w.p, id), -1);
	assert_int_equal(errno, EINVAL);
	put("sys/kernel/random/boot_id",
	    "01234567-89ab-cdef-0123-456789abcdef\n");
	assert_int_equal(procfs_boot_id(w.p, id), 0);
	assert_string_equal(id, "01234567-89ab-cdef-0123-456789abcdef");
}

static void
test_no_such_root(void **state)
{
	struct err err = {""};

	(void)state;
	assert_null(procfs_open(path_of("none"), false, &err));
	assert_non_null(strstr(err.text, path_of("none")));
	assert_non_null(strstr(err.text, strerror(ENOENT)));
	procfs_close(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_all_that_is_told),
	    TEST(test_only_stat),
	    TEST(test_no_details_unless_asked),
	    TEST(test_odd_names),
	    TEST(test_broken_stat_is_left_out),
	    TEST(test_terminals),
	    TEST(test_kernel_threads_if_asked),
	    TEST(test_zombies),
	    TEST(test_parents_before_children),
	    TEST(test_seen_between_the_looks),
	    TEST(test_number_reused_meanwhile),
	    TEST(test_circle_of_parents),
	    TEST(test_times_follow_the_ticks),
	    TEST(test_args),
	    TEST(test_long_args_are_cut),
	    TEST(test_pid_namespaces),
	    TEST(test_what_a_birth_made),
	    TEST(test_birth_out_of_reach),
	    TEST(test_births_at_once),
	    TEST(test_system_calls_of_one_birth),
	    TEST(test_system_calls_of_threads),
	    TEST(test_system_calls_of_the_gone),
	    TEST(test_system_calls_of_all_sorts),
	    TEST(test_births_of_real_processes),
	    TEST(test_existence),
	    TEST(test_vanished),
	    TEST(test_existence_of_real_processes),
	    TEST(test_the_real_proc),
	    TEST(test_boot_id),
	    TEST(test_no_such_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
