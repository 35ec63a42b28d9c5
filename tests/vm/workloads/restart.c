/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restart - short and long lives, one after another, while somebody stops and
 * starts auditd, or kills its plugin; ends when the file /run/enough is there.
 * Some, if so many stay, live until the machine is booted anew.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "born.h"
#include "truth.h"

#define STOP_FILE "/run/enough"
#ifndef ROUNDS_MAX
#define ROUNDS_MAX 2000
#define PAUSE_US   5000
#endif
#ifndef STAYING
#define STAYING 0
#endif
#define LONG_EVERY 10
#define LONG_US    1500000

static pid_t
start_killed(void)
{
	pid_t pid = truth_fork();

	if (pid == 0)
		born_idle();
	if (kill(pid, SIGKILL) < 0)
		truth_die("kill");
	return pid;
}

static void
start_staying(void)
{
	if (truth_fork() == 0)
		born_idle();
}

int
main(void)
{
	static pid_t old[2 * (ROUNDS_MAX / LONG_EVERY + 1)];
	int olds = 0;

	truth_open();
	for (int i = 0; i < STAYING; i++)
		start_staying();
	for (int i = 0; i < ROUNDS_MAX && access(STOP_FILE, F_OK) < 0; i++) {
		truth_wait(born_to_exit(i % 128, 0));
		truth_wait(born_to_exec(0));
		truth_wait(start_killed());
		if (i % LONG_EVERY == 0) {
			old[olds++] = born_to_exit(i % 128, LONG_US);
			old[olds++] = born_to_exec(LONG_US);
		}
		usleep(PAUSE_US);
	}
	for (int i = 0; i < olds; i++)
		truth_wait(old[i]);
	return EXIT_SUCCESS;
}
