/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * old-parents - children of processes that are older than auditing.
 *
 * We are started before auditd and do nothing until somebody opens the other
 * end of /run/old-parents. Unless the kernel audits from its first moment
 * (audit=1), it makes no record of anything that we, and those whom we start
 * before that, do; but it does of our children.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "born.h"
#include "truth.h"

#define GATE "/run/old-parents"
#define OLD  6

/* Slots: one for the gate, then one for each of the old: it is done. */
enum {
	OPEN,
	DONE
};

/* Returns when it is our turn; our children need no word of their own. */
static void
wait_for_turn(void)
{
	char none;
	int fd = open(GATE, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &none, 1) != 0)
		truth_die(GATE);
	close(fd);
}

static void
end_silent(pid_t pid, int signal)
{
	kill(pid, signal);
	truth_wait(pid);
}

/* A child of each kind, by each way to be born. */
static void
children(void)
{
	pid_t (*const ways[])(void) = {truth_fork, vfork};
	pid_t pid;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		pid = ways[i]();
		if (pid == 0)
			_exit(10);
		truth_wait(pid);
		pid = ways[i]();
		if (pid == 0)
			born_exec_true();
		truth_wait(pid);
	}
	pid = born_clone3(0, SIGCHLD);
	if (pid == 0)
		_exit(11);
	truth_wait(pid);
	pid = born_clone3(0, 0);
	if (pid == 0)
		born_idle();
	end_silent(pid, SIGKILL);
	pid = truth_fork();
	if (pid == 0)
		born_idle();
	end_silent(pid, SIGTERM);
}

/* Of a grandchild's birth there is a record, even if the child's has none. */
static void
grandchildren(void)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		children();
		_exit(12);
	}
	truth_wait(pid);
	pid = truth_fork();
	if (pid == 0) {
		if (truth_fork() == 0)
			born_exec_true();
		_exit(13);
	}
	truth_wait(pid);
}

/* Born before auditing, with children born after it began. */
static void
grow_old(int n)
{
	born_get(OPEN);
	children();
	born_set(DONE + n, 1);
	if (n % 2 == 0)
		_exit(20 + n);
	born_idle();
}

int
main(void)
{
	pid_t old[OLD];

	truth_open();
	born_share();
	for (int i = 0; i < OLD; i++) {
		old[i] = truth_fork();
		if (old[i] == 0)
			grow_old(i);
	}
	wait_for_turn();
	children();
	grandchildren();
	born_set(OPEN, 1);
	for (int i = 0; i < OLD; i++) {
		born_get(DONE + i);
		if (i % 2 == 0)
			truth_wait_undecidable(old[i], "older than auditing");
		else
			end_silent(old[i], SIGKILL);
	}
	return EXIT_SUCCESS;
}
