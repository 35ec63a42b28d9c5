/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * births - every way in which a process or a thread comes to be.
 */
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "born.h"
#include "scene.h"
#include "truth.h"

#define BURST   100
#define DEPTH   20
#define THREADS 8

/* Numbers given by set_tid: beyond what the kernel has reached by itself. */
#define CHOSEN_PID 31000
#define CHOSEN     10

extern char **environ;

static char *const true_argv[] = {(char[]){"true"}, (char[]){"a b"}, NULL};

static void
forks(void)
{
	pid_t pid = truth_fork();

	if (pid == 0)
		_exit(11);
	truth_wait(pid);
	pid = truth_fork();
	if (pid == 0)
		born_exec_true();
	truth_wait(pid);
}

/* The child shares our memory and stack until it execs or ends. */
static void
vforks(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(12);
	if (pid < 0)
		truth_die("vfork");
	truth_wait(pid);
	pid = vfork();
	if (pid == 0) {
		execv("/bin/true", true_argv);
		_exit(127);
	}
	if (pid < 0)
		truth_die("vfork");
	truth_wait(pid);
	pid = vfork();
	if (pid == 0) {
		execv("/nonexistent", true_argv);
		_exit(13);
	}
	if (pid < 0)
		truth_die("vfork");
	truth_wait(pid);
}

static int
child_exits(void *code)
{
	return (int)(intptr_t)code;
}

static int
child_execs(void *unused)
{
	(void)unused;
	born_exec_true();
	return 127;
}

static void
clones(void)
{
	const int share = CLONE_VM | CLONE_VFORK;

	signal(SIGUSR2, SIG_IGN);
	truth_wait(born_call(child_exits, SIGCHLD, 14));
	truth_wait(born_call(child_execs, SIGCHLD, 0));
	truth_wait(born_call(child_exits, share | SIGCHLD, 15));
	truth_wait(born_call(child_execs, share | SIGCHLD, 0));
	truth_wait(born_call(child_exits, CLONE_FILES | SIGUSR2, 16));
	truth_wait(born_call(child_exits, 0, 17));
	truth_wait(born_call(child_exits, CLONE_VM | SIGCHLD, 28));
	truth_wait(born_call(child_execs, CLONE_VM, 0));
}

/*
 * An audit record does not tell clone3's flags: they are in memory. Each kind
 * of child is one that could as well be a thread for some time.
 */
static void
clone3s(void)
{
	pid_t pid = born_clone3(0, SIGCHLD);

	if (pid == 0)
		_exit(18);
	truth_wait(pid);
	pid = born_clone3(CLONE_FS, SIGCHLD);
	if (pid == 0)
		born_exec_true();
	truth_wait(pid);
	pid = born_clone3(0, 0);
	if (pid == 0)
		kill(getpid(), SIGKILL);
	truth_wait(pid);
	pid = born_clone3(0, SIGCHLD);
	if (pid == 0)
		born_idle();
	kill(pid, SIGTERM);
	truth_wait(pid);
	pid = born_clone3(CLONE_VFORK, SIGCHLD);
	if (pid == 0)
		_exit(29);
	truth_wait(pid);
}

/* One number after another, not in the order of numbers, and each twice. */
static void
chosen_numbers(void)
{
	pid_t pid;

	for (int i = 2 * CHOSEN - 1; i >= 0; i--) {
		pid = born_clone3_as(0, CHOSEN_PID + i / 2);
		if (pid == 0)
			_exit(i);
		if (pid < 0)
			truth_die("set_tid");
		truth_wait(pid);
	}
	pid = born_clone3_as(0, CHOSEN_PID);
	if (pid == 0)
		born_idle();
	if (pid < 0)
		truth_die("set_tid");
	kill(pid, SIGKILL);
	truth_wait(pid);
}

static pid_t
clone_sibling(void)
{
	return born_clone(CLONE_PARENT | SIGCHLD);
}

static pid_t
clone3_sibling(void)
{
	return born_clone3(CLONE_PARENT, 0);
}

/*
 * The grandchild's parent is we, not the child that made it: who lives on until
 * the other is gone, or the other might be an orphan that we inherited.
 */
static void
sibling(pid_t (*born)(void), bool silent)
{
	int known[2], gate[2];
	pid_t pid, other;
	char none;

	if (pipe(known) < 0 || pipe(gate) < 0)
		truth_die("pipe");
	pid = truth_fork();
	if (pid == 0) {
		close(gate[1]);
		other = born();
		if (other == 0 && silent)
			born_idle();
		if (other == 0)
			_exit(19);
		if (write(known[1], &other, sizeof(other)) < 0 ||
		    read(gate[0], &none, 1) < 0)
			truth_die("pipe");
		_exit(20);
	}
	if (read(known[0], &other, sizeof(other)) < 0)
		truth_die("read");
	if (silent)
		kill(other, SIGKILL);
	truth_wait(other);
	close(known[0]);
	close(known[1]);
	close(gate[0]);
	close(gate[1]);
	truth_wait(pid);
}

static void
siblings(void)
{
	sibling(clone_sibling, false);
	sibling(clone_sibling, true);
	sibling(clone3_sibling, false);
	sibling(clone3_sibling, true);
}

static void
spawns(void)
{
	pid_t pid;
	FILE *out;

	if (posix_spawn(&pid, "/bin/true", NULL, NULL, true_argv, environ) == 0)
		truth_wait(pid);
	/* A child is born, fails to exec, and nobody is told its number. */
	posix_spawn(&pid, "/nonexistent", NULL, NULL, true_argv, environ);
	if (system("exit 21") < 0)
		truth_die("system");
	out = popen("exit 22", "r");
	if (out == NULL)
		truth_die("popen");
	pclose(out);
}

static void *
thread_idles(void *unused)
{
	usleep(1000);
	return unused;
}

static void *
thread_forks(void *unused)
{
	forks();
	spawns();
	return unused;
}

static void
threads(void)
{
	pid_t pid;

	scene_run(thread_idles, THREADS);
	scene_run(thread_forks, 2);
	pid = truth_fork();
	if (pid == 0) {
		scene_run(thread_idles, THREADS);
		_exit(23);
	}
	truth_wait(pid);
}

/* Each waits for the next; the last one ends first. */
static void
chain(int depth)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		if (depth > 1)
			chain(depth - 1);
		_exit(depth);
	}
	truth_wait(pid);
}

static void
burst(void)
{
	pid_t pids[BURST];

	for (int i = 0; i < BURST; i++) {
		pids[i] = truth_fork();
		if (pids[i] == 0)
			_exit(i);
	}
	for (int i = 0; i < BURST; i++)
		truth_wait(pids[i]);
}

/* Children that outlive their parent, and some that nobody waits for. */
static void
orphans(void)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		if (truth_fork() == 0) {
			usleep(50000);
			if (truth_fork() == 0)
				born_exec_true();
			_exit(24);
		}
		_exit(25);
	}
	truth_wait(pid);
	pid = truth_fork();
	if (pid == 0) {
		signal(SIGCHLD, SIG_IGN);
		if (truth_fork() == 0)
			_exit(26);
		/* Returns when the last child is gone, by then unknown. */
		while (wait(NULL) > 0)
			continue;
		_exit(27);
	}
	truth_wait(pid);
}

/* The same as a program for the other word size, if it was built. */
static void
run_32bit(void)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		execl("/vmtest/workloads/births-32", "births-32", (char *)NULL);
		truth_die("births-32");
	}
	truth_wait(pid);
}

int
main(void)
{
	truth_open();
	forks();
	vforks();
	clones();
	clone3s();
	chosen_numbers();
	siblings();
	spawns();
	threads();
	chain(DEPTH);
	burst();
	orphans();
	if (sizeof(void *) == 8)
		run_32bit();
	return EXIT_SUCCESS;
}
