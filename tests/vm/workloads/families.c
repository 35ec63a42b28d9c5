/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * families - children who outlive their parents, and who inherits them.
 *
 * Daemons that fork twice, subreapers, and children of clone3(2) of which the
 * audit stream says nothing between their birth and their death, or nothing at
 * all: they may as well be threads.
 */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "born.h"
#include "truth.h"

#define DAEMONS   40
#define SURVIVORS 8
#define CLOSE_US  300000  /* within the time for which facts may be late */
#define FAR_US    3000000 /* beyond it */
#define POLL_US   1000

/* Waits until our parent is gone and another one has us. */
static void
outlive_parent(pid_t parent)
{
	while (getppid() == parent)
		usleep(POLL_US);
}

/* What a daemon does with its life. */
static void
leave(int n)
{
	switch (n % 4) {
	case 0:
		_exit(n);
	case 1:
		born_exec_true();
	case 2:
		kill(getpid(), SIGKILL);
		break;
	default:
		if (truth_fork() == 0)
			_exit(n);
		_exit(n + 1);
	}
}

/* Its parent is init, or the subreaper, before it does anything. */
static void
daemons(void)
{
	pid_t pid, middle;

	for (int i = 0; i < DAEMONS; i++) {
		pid = truth_fork();
		if (pid == 0) {
			setsid();
			middle = getpid();
			if (truth_fork() != 0)
				_exit(50);
			outlive_parent(middle);
			leave(i);
		}
		truth_wait(pid);
	}
}

/* Nobody waits for anybody: who is first is a matter of chance. */
static void
hasty_daemons(void)
{
	for (int i = 0; i < DAEMONS; i++) {
		if (truth_fork() == 0) {
			if (truth_fork() == 0)
				leave(i);
			_exit(51);
		}
	}
	while (truth_wait_any())
		continue;
}

static void
be_subreaper(void)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) < 0)
		truth_die("PR_SET_CHILD_SUBREAPER");
}

/* Three generations, all but the oldest inherited by the subreaper. */
static void
inherited(int depth, int code)
{
	pid_t parent = getpid();

	if (truth_fork() != 0)
		_exit(code);
	outlive_parent(parent);
	if (depth > 0)
		inherited(depth - 1, code + 1);
	leave(code);
}

static void
subreaper(void)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		be_subreaper();
		for (int i = 0; i < 4; i++) {
			if (truth_fork() == 0)
				inherited(2, 60 + i);
		}
		daemons();
		while (truth_wait_any())
			continue;
		_exit(61);
	}
	truth_wait(pid);
}

static void
twice_orphaned(int n)
{
	pid_t reaper = getppid(), middle = getpid();

	if (truth_fork() != 0)
		_exit(62);
	outlive_parent(middle);
	outlive_parent(reaper);
	leave(n);
}

/* Its heirs are inherited once more, by us. */
static void
dying_subreaper(void)
{
	pid_t pid;

	be_subreaper();
	pid = truth_fork();
	if (pid == 0) {
		be_subreaper();
		for (int i = 0; i < 4; i++) {
			if (truth_fork() == 0)
				twice_orphaned(i);
		}
		usleep(CLOSE_US);
		kill(getpid(), SIGKILL);
	}
	while (truth_wait_any())
		continue;
}

/* How a silent child of clone3 ends, and how long after its parent. */
struct survivor {
	unsigned after_us;
	int signal; /* 0: by itself */
};

static const struct survivor survivors[SURVIVORS] = {
    {0, 0},
    {0, SIGKILL},
    {CLOSE_US, 0},
    {CLOSE_US, SIGKILL},
    {CLOSE_US, SIGTERM},
    {FAR_US, 0},
    {FAR_US, SIGKILL},
    {FAR_US, SIGUSR1},
};

static void
survive(int slot, const struct survivor *how)
{
	born_set(slot, truth_global(0));
	if (how->signal != 0)
		born_idle();
	usleep(how->after_us);
	_exit(70 + slot);
}

/* The parent is gone as soon as they are born. */
static void
silent_survivors(void)
{
	pid_t pid, killer;

	born_share();
	for (int i = 0; i < SURVIVORS; i++) {
		pid = truth_fork();
		if (pid == 0) {
			if (born_clone3(0, i % 2 == 0 ? SIGCHLD : 0) == 0)
				survive(i, &survivors[i]);
			_exit(71);
		}
		truth_wait(pid);
	}
	for (int i = 0; i < SURVIVORS; i++) {
		if (survivors[i].signal == 0)
			continue;
		killer = truth_fork();
		if (killer == 0) {
			pid = born_get(i);
			usleep(survivors[i].after_us);
			kill(pid, survivors[i].signal);
			_exit(72);
		}
	}
	while (truth_wait_any())
		continue;
}

/* The parent is killed, and may not come back from its system call. */
static void
killed_parents(void)
{
	pid_t pid;

	for (int i = 0; i < DAEMONS; i++) {
		born_share();
		pid = truth_fork();
		if (pid == 0) {
			if (i % 2 == 0 ? fork() == 0 : born_clone3(0, 0) == 0) {
				born_set(0, 1);
				leave(i);
			}
			born_idle();
		}
		born_get(0);
		kill(pid, SIGKILL);
		while (truth_wait_any())
			continue;
	}
}

int
main(void)
{
	truth_open();
	daemons();
	hasty_daemons();
	subreaper();
	silent_survivors();
	killed_parents();
	dying_subreaper();
	return EXIT_SUCCESS;
}
