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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "signals.h"
#include "truth.h"

#define EXIT_CODES 256

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
		signals_die_of(sig);
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
	signals_reset();
	if (argc == 2)
		signals_die_of(atoi(argv[1]));
	truth_open();
	for (int sig = 1; sig <= SIGNALS; sig++) {
		if (!signals_kill_by_default(sig))
			continue;
		for (int cores = 0; cores <= 1; cores++) {
			signals_allow_cores(cores == 1);
			killed_by_parent(sig);
			killed_by_itself(sig);
			killed_after_exec(sig);
		}
	}
	for (int code = 0; code < EXIT_CODES; code++)
		exits(code);
	return EXIT_SUCCESS;
}
