/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restart - short and long lives, one after another, while somebody stops and
 * starts auditd, or kills its plugin; ends when the file /run/enough is there.
 * Some, if so many stay, live until the machine is booted anew.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

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
start_exit(int code, unsigned delay_us)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		usleep(delay_us);
		_exit(code);
	}
	return pid;
}

static pid_t
start_exec(unsigned delay_us)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		usleep(delay_us);
		execl("/bin/true", "true", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static pid_t
start_killed(void)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	if (kill(pid, SIGKILL) < 0)
		truth_die("kill");
	return pid;
}

static void
start_staying(void)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
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
		truth_wait(start_exit(i % 128, 0));
		truth_wait(start_exec(0));
		truth_wait(start_killed());
		if (i % LONG_EVERY == 0) {
			old[olds++] = start_exit(i % 128, LONG_US);
			old[olds++] = start_exec(LONG_US);
		}
		usleep(PAUSE_US);
	}
	for (int i = 0; i < olds; i++)
		truth_wait(old[i]);
	return EXIT_SUCCESS;
}
