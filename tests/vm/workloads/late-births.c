/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * late-births - children whose birth is recorded seconds after it.
 *
 * The record of a fork is written when the parent comes back from it. A parent
 * in vfork(2) waits there until the child ends or runs a program; a parent that
 * is traced may be kept there. All here happens at the same time.
 */
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "born.h"
#include "truth.h"

#define LATE_US     3000000
#define VERY_LATE_S 5

/* Slots for numbers that others must know. */
enum {
	SLOT_SILENT,
	SLOT_LEFT,
	SLOT_LEFT_BY_CLONE3,
};

static pid_t
born_vfork(void)
{
	return born_clone(CLONE_VFORK | SIGCHLD);
}

static void
late_exit(void)
{
	pid_t pid = born_vfork();

	if (pid == 0) {
		usleep(LATE_US);
		_exit(31);
	}
	truth_wait(pid);
}

static void
late_exec(void)
{
	pid_t pid = born_vfork();

	if (pid == 0) {
		usleep(LATE_US);
		born_exec_true();
	}
	truth_wait(pid);
}

/* The C library's own, in which parent and child share their memory. */
static void
late_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		sleep(VERY_LATE_S);
		_exit(32);
	}
	if (pid < 0)
		truth_die("vfork");
	truth_wait(pid);
}

/* The child has children of its own long before its birth is known. */
static void
late_family(void)
{
	pid_t pid = born_vfork(), child;

	if (pid == 0) {
		child = truth_fork();
		if (child == 0)
			born_exec_true();
		truth_wait(child);
		child = truth_fork();
		if (child == 0) {
			usleep(LATE_US);
			_exit(33);
		}
		truth_wait(child);
		_exit(34);
	}
	truth_wait(pid);
}

/* Grandparent and parent wait both. */
static void
late_chain(void)
{
	pid_t pid = born_vfork(), child;

	if (pid == 0) {
		child = born_vfork();
		if (child == 0) {
			usleep(LATE_US);
			_exit(35);
		}
		truth_wait(child);
		_exit(36);
	}
	truth_wait(pid);
}

/* Nothing is ever heard of the child before it is killed. */
static void
late_silent(void)
{
	pid_t killer = truth_fork(), pid;

	if (killer == 0) {
		pid = born_get(SLOT_SILENT);
		usleep(LATE_US);
		kill(pid, SIGTERM);
		_exit(37);
	}
	pid = born_vfork();
	if (pid == 0) {
		born_set(SLOT_SILENT, getpid());
		born_idle();
	}
	truth_wait(pid);
	truth_wait(killer);
}

static void
late_clone3(void)
{
	pid_t pid = born_clone3(CLONE_VFORK, 0);

	if (pid == 0) {
		usleep(LATE_US);
		_exit(38);
	}
	truth_wait(pid);
}

/* The waiting parent is killed; the child lives on. */
static void
leave_child(int slot, bool by_clone3)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		pid = by_clone3 ? born_clone3(CLONE_VFORK, 0) : born_vfork();
		if (pid == 0) {
			born_set(slot, 1);
			usleep(LATE_US);
			if (truth_fork() == 0)
				born_exec_true();
			_exit(39);
		}
		_exit(40);
	}
	born_get(slot);
	kill(pid, SIGKILL);
	truth_wait(pid);
}

static void
left_by_vfork(void)
{
	leave_child(SLOT_LEFT, false);
}

static void
left_by_clone3(void)
{
	leave_child(SLOT_LEFT_BY_CLONE3, true);
}

/* Waits until pid stops; the status tells why. */
static int
wait_stop(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		truth_die("a traced process does not stop");
	return status;
}

static void
trace(enum __ptrace_request request, pid_t pid, long data)
{
	if (ptrace(request, pid, 0L, data) < 0)
		truth_die("ptrace");
}

/* A process that we trace has a child and is kept in its fork. */
static pid_t
start_kept(bool by_clone3)
{
	const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE;
	unsigned long child;
	pid_t pid = truth_fork();

	if (pid == 0) {
		trace(PTRACE_TRACEME, 0, 0);
		raise(SIGSTOP);
		pid = by_clone3 ? born_clone3(0, 0) : truth_fork();
		if (pid == 0)
			born_exec_true();
		truth_wait(pid);
		_exit(41);
	}
	wait_stop(pid);
	trace(PTRACE_SETOPTIONS, pid, options);
	trace(PTRACE_CONT, pid, 0);
	if (wait_stop(pid) >> 16 == 0)
		truth_die("it stops elsewhere");
	if (ptrace(PTRACE_GETEVENTMSG, pid, 0L, &child) < 0)
		truth_die("PTRACE_GETEVENTMSG");
	wait_stop((pid_t)child);
	trace(PTRACE_DETACH, (pid_t)child, 0);
	return pid;
}

static void
kept(bool by_clone3, bool killed)
{
	pid_t pid = start_kept(by_clone3);

	usleep(LATE_US);
	if (killed)
		kill(pid, SIGKILL);
	else
		trace(PTRACE_DETACH, pid, 0);
	truth_wait(pid);
}

static void
kept_in_fork(void)
{
	kept(false, false);
}

static void
kept_in_clone3(void)
{
	kept(true, false);
}

static void
killed_in_fork(void)
{
	kept(false, true);
}

static void (*const stories[])(void) = {
    late_exit,
    late_exec,
    late_vfork,
    late_family,
    late_chain,
    late_silent,
    late_clone3,
    left_by_vfork,
    left_by_clone3,
    kept_in_fork,
    kept_in_clone3,
    killed_in_fork,
};

int
main(void)
{
	truth_open();
	born_share();
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		if (truth_fork() == 0) {
			stories[i]();
			_exit(0);
		}
	}
	while (truth_wait_any())
		continue;
	return EXIT_SUCCESS;
}
