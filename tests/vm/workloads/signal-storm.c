/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signal-storm - children that die of signals, many at once.
 *
 * usage: signal-storm [SIGNAL]      with a signal: only die of it
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "born.h"
#include "signals.h"
#include "truth.h"

#ifndef DEATHS
#define DEATHS 20000
#endif
#define CROWD      50
#define CORE_EVERY 97

enum kind {
	KILLED_BY_PARENT,
	KILLED_BY_ITSELF,
	KILLED_AFTER_EXEC,
	KINDS,
};

static pid_t
start(int n)
{
	int sig = signals_nth(n / KINDS);
	char number[16];
	pid_t pid = truth_fork();

	if (pid != 0)
		return pid;
	signals_allow_cores(n % CORE_EVERY == 0);
	switch ((enum kind)(n % KINDS)) {
	case KILLED_BY_PARENT:
		born_idle();
	case KILLED_AFTER_EXEC:
		snprintf(number, sizeof(number), "%d", sig);
		execl("/proc/self/exe", "signal-storm", number, (char *)NULL);
		_exit(98);
	default:
		signals_die_of(sig);
	}
}

static void
end(pid_t pid, int n)
{
	char core[32];

	if (n % KINDS == KILLED_BY_PARENT)
		kill(pid, signals_nth(n / KINDS));
	truth_wait(pid);
	snprintf(core, sizeof(core), "/tmp/core.%d", pid);
	unlink(core);
}

int
main(int argc, char **argv)
{
	pid_t pids[CROWD];

	signals_reset();
	if (argc == 2)
		signals_die_of(atoi(argv[1]));
	truth_open();
	for (int n = 0; n < DEATHS; n += CROWD) {
		for (int i = 0; i < CROWD; i++)
			pids[i] = start(n + i);
		for (int i = CROWD - 1; i >= 0; i--)
			end(pids[i], n + i);
	}
	return EXIT_SUCCESS;
}
