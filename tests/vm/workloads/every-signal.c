/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * every-signal - children that die of each signal and with each exit code.
 *
 * A child is killed by its parent, by itself, or by itself after an exec; with
 * core dumps allowed and forbidden. Exit codes come from _exit(2) and from a
 * shell.
 *
 * usage: every-signal [SIGNAL]      with a signal: only die of it
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

#define SIGNALS    64 /* the kernel's, glibc's own two among them */
#define EXIT_CODES 256

static bool
kills_by_default(int sig)
{
	switch (sig) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return false;
	default:
		return true;
	}
}

/*
 * By system call: glibc refuses to change what 32 and 33 do. A struct of zeros
 * is SIG_DFL without flags, longer than any kernel's.
 */
static void
reset_signals(void)
{
	unsigned char zeros[64] = {0};
	size_t set_size = SIGNALS / 8;

	for (int sig = 1; sig <= SIGNALS; sig++)
		syscall(SYS_rt_sigaction, sig, zeros, NULL, set_size);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, zeros, NULL, set_size);
}

static void
die_of(int sig)
{
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
	_exit(99);
}

static void
allow_cores(bool allowed)
{
	struct rlimit limit = {0, RLIM_INFINITY};

	if (allowed)
		limit.rlim_cur = RLIM_INFINITY;
	if (setrlimit(RLIMIT_CORE, &limit) < 0)
		truth_die("setrlimit");
}

static void
remove_core(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/tmp/core.%d", pid);
	unlink(path);
}

static void
killed_by_parent(int sig)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	if (kill(pid, sig) < 0)
		truth_die("kill");
	truth_wait(pid);
	remove_core(pid);
}

static void
killed_by_itself(int sig)
{
	pid_t pid = truth_fork();

	if (pid == 0)
		die_of(sig);
	truth_wait(pid);
	remove_core(pid);
}

static void
killed_after_exec(int sig)
{
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%d", sig);
	pid = truth_fork();
	if (pid == 0) {
		execl("/proc/self/exe", "every-signal", number, (char *)NULL);
		_exit(98);
	}
	truth_wait(pid);
	remove_core(pid);
}

static void
exits(int code)
{
	char command[32];
	pid_t pid = truth_fork();

	if (pid == 0)
		_exit(code);
	truth_wait(pid);

	snprintf(command, sizeof(command), "exit %d", code);
	pid = truth_fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(98);
	}
	truth_wait(pid);
}

int
main(int argc, char **argv)
{
	reset_signals();
	if (argc == 2)
		die_of(atoi(argv[1]));
	truth_open();
	for (int sig = 1; sig <= SIGNALS; sig++) {
		if (!kills_by_default(sig))
			continue;
		for (int cores = 0; cores <= 1; cores++) {
			allow_cores(cores == 1);
			killed_by_parent(sig);
			killed_by_itself(sig);
			killed_after_exec(sig);
		}
	}
	for (int code = 0; code < EXIT_CODES; code++)
		exits(code);
	return EXIT_SUCCESS;
}
