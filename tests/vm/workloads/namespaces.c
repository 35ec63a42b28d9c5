/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * namespaces - lives in pid namespaces, where numbers begin anew.
 *
 * What fork(2) returns there is a number of the namespace; here many are, on
 * purpose, numbers that living processes outside have. Each story runs alone,
 * then all at once, but for those that leave others in doubt.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "born.h"
#include "truth.h"

#define IDLERS  8
#define CROWD   12
#define DEPTH   3
#define HIGH    20000
#define PREY    6
#define SHELLED "/bin/true; (exit 3); true | (exit 4); (sleep 0.01 & exit 5)"

extern char **environ;

/*
 * Where setns(2) led nobody sees: that of all who are killed then any may be
 * the first of the namespace that was rebooted.
 */
#define ENTERED "a namespace was rebooted, and nobody knows which"

/* Who calls reboot(2) is sent a SIGKILL by all the others' end. */
#define LEAVES "it may be killed while it leaves"

/* Live outside until all stories are over; their numbers are given again. */
static pid_t idlers[IDLERS];

static void
set_next_number(pid_t number)
{
	FILE *f = fopen("/proc/sys/kernel/ns_last_pid", "w");

	if (f == NULL || fprintf(f, "%d", number - 1) < 0 || fclose(f) != 0)
		truth_die("ns_last_pid");
}

static void
start_idlers(int gate[2])
{
	char none;

	if (pipe(gate) < 0)
		truth_die("pipe");
	for (int i = 0; i < IDLERS; i++) {
		/* Some have numbers that no namespace comes to by itself. */
		if (i % 2 == 0)
			set_next_number(HIGH + i);
		idlers[i] = truth_fork();
		if (idlers[i] == 0) {
			close(gate[1]);
			if (read(gate[0], &none, 1) != 0)
				truth_die("gate");
			_exit(100 + i);
		}
	}
	close(gate[0]);
}

static void
end_idlers(int gate[2])
{
	close(gate[1]);
	for (int i = 0; i < IDLERS; i++)
		truth_wait(idlers[i]);
}

/* One child of one kind; most make no record between birth and death. */
static void
child_does(int kind)
{
	pid_t pid;

	switch (kind % 4) {
	case 0:
		_exit(kind);
	case 1:
		born_exec_true();
	case 2:
		born_idle();
	default:
		pid = truth_fork();
		if (pid == 0)
			_exit(kind);
		truth_wait(pid);
		_exit(kind + 1);
	}
}

static void
end_child(pid_t pid, int kind)
{
	if (kind % 4 == 2)
		kill(pid, kind % 8 == 2 ? SIGTERM : SIGKILL);
	truth_wait(pid);
}

static void
one_by_one(void)
{
	char name[] = "true";
	char *const true_argv[] = {name, NULL};
	pid_t pid;

	for (int i = 0; i < 8; i++) {
		pid = i % 8 < 4 ? truth_fork() : born_clone3(0, SIGCHLD);
		if (pid == 0)
			child_does(i);
		end_child(pid, i);
	}
	pid = vfork();
	if (pid == 0)
		_exit(9);
	truth_wait(pid);
	if (posix_spawn(&pid, "/bin/true", NULL, NULL, true_argv, environ) == 0)
		truth_wait(pid);
}

/* All alive at the same time; they end in another order. */
static void
crowd(void)
{
	pid_t pids[CROWD];

	for (int i = 0; i < CROWD; i++) {
		pids[i] = truth_fork();
		if (pids[i] == 0)
			child_does(i);
	}
	for (int i = CROWD - 1; i >= 0; i--)
		end_child(pids[i], i);
}

/* The namespace's first process inherits them. */
static void
orphans(void)
{
	pid_t parent;

	for (int i = 0; i < 8; i++) {
		if (truth_fork() == 0) {
			parent = getpid();
			if (truth_fork() != 0)
				_exit(20);
			while (getppid() == parent)
				usleep(1000);
			child_does(i % 4 == 2 ? 0 : i);
		}
	}
	while (truth_wait_any())
		continue;
}

static void *
thread_forks(void *unused)
{
	pid_t pid = truth_fork();

	if (pid == 0)
		_exit(21);
	truth_wait(pid);
	return unused;
}

static void
threads(void)
{
	pthread_t thread;

	for (int i = 0; i < 4; i++) {
		errno = pthread_create(&thread, NULL, thread_forks, NULL);
		if (errno != 0)
			truth_die("pthread_create");
		pthread_join(thread, NULL);
	}
}

/* Inside, the number of somebody who lives outside. */
static void
collide(void)
{
	pid_t pid;

	for (int i = 0; i < IDLERS; i++) {
		pid = born_clone3_as(0, idlers[i]);
		if (pid == 0)
			child_does(i);
		if (pid > 0)
			end_child(pid, i);
		set_next_number(idlers[i]);
		pid = truth_fork();
		if (pid == 0)
			child_does(i);
		end_child(pid, i);
	}
}

/* What the first process of a namespace does. */
static void
live(void)
{
	one_by_one();
	collide();
	crowd();
	orphans();
	threads();
	one_by_one();
}

static void
cloned(void)
{
	pid_t pid = born_clone(CLONE_NEWPID | SIGCHLD);

	if (pid == 0) {
		live();
		_exit(30);
	}
	truth_wait(pid);
}

static void
cloned3(void)
{
	pid_t pid = born_clone3(CLONE_NEWPID, SIGCHLD);

	if (pid == 0) {
		live();
		_exit(31);
	}
	truth_wait(pid);
}

static void
kill_first(pid_t pid)
{
	kill(pid, SIGKILL);
	truth_wait(pid);
}

/* Only the children are in the new namespace. */
static void
unshared(void)
{
	pid_t first, pid;

	if (unshare(CLONE_NEWPID) < 0)
		truth_die("unshare");
	first = truth_fork();
	if (first == 0) {
		live();
		born_idle();
	}
	for (int i = 0; i < 4; i++) {
		pid = truth_fork();
		if (pid == 0) {
			one_by_one();
			_exit(32);
		}
		truth_wait(pid);
	}
	kill_first(first);
}

static void
hide_proc(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) < 0)
		truth_die("a /proc of our own");
}

static void
nest(int depth)
{
	pid_t pid = born_clone(CLONE_NEWPID | SIGCHLD);

	if (pid == 0) {
		hide_proc();
		one_by_one();
		collide();
		if (depth > 1)
			nest(depth - 1);
		crowd();
		_exit(40 + depth);
	}
	truth_wait(pid);
}

static void
nested(void)
{
	nest(DEPTH);
}

/* Ends while it has children, programs, and a namespace below it. */
static void
keep_prey(bool exits)
{
	for (int i = 0; i < PREY; i++) {
		if (truth_fork() != 0)
			continue;
		if (i % 2 == 0)
			execl("/bin/sleep", "sleep", "60", (char *)NULL);
		if (truth_fork() == 0)
			born_idle();
		born_idle();
	}
	if (born_clone3(CLONE_NEWPID, SIGCHLD) == 0) {
		if (truth_fork() == 0)
			born_idle();
		born_set(0, truth_global(0));
		born_idle();
	}
	if (exits) {
		born_get(0);
		_exit(50);
	}
	born_idle();
}

static void
killed_with_all(void)
{
	pid_t pid, below;

	for (int exits = 0; exits <= 1; exits++) {
		born_share();
		pid = born_clone(CLONE_NEWPID | SIGCHLD);
		if (pid == 0)
			keep_prey(exits == 1);
		below = born_get(0);
		if (exits == 0)
			kill_first(pid);
		else
			truth_wait(pid);
		truth_tell(below, SIGKILL, NULL);
	}
}

static int
open_namespace(pid_t pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		truth_die(path);
	return fd;
}

static void
children(int n)
{
	pid_t pid;

	for (int i = 0; i < n; i++) {
		pid = truth_fork();
		if (pid == 0) {
			one_by_one();
			_exit(60 + i);
		}
		truth_wait(pid);
	}
}

/* In and out of a namespace that another one made. */
static void
entered(void)
{
	pid_t first = born_clone(CLONE_NEWPID | SIGCHLD);
	int inside, outside;

	if (first == 0) {
		signal(SIGCHLD, SIG_IGN);
		born_idle();
	}
	inside = open_namespace(first);
	outside = open_namespace(getpid());
	children(1);
	if (setns(inside, CLONE_NEWPID) < 0)
		truth_die("setns");
	children(2);
	if (setns(outside, 0) < 0)
		truth_die("setns back");
	children(1);
	if (setns(inside, 0) < 0)
		truth_die("setns");
	children(2);
	kill_first(first);
}

/* The command finds pid in $1. */
static void
run(const char *command, pid_t pid)
{
	char number[16];
	pid_t shell = truth_fork();

	if (shell == 0) {
		snprintf(number, sizeof(number), "%d", pid);
		execl(
		    "/bin/sh", "sh", "-c", command, "sh", number, (char *)NULL);
		_exit(127);
	}
	truth_wait(shell);
}

/* As people do it. */
static void
shelled(void)
{
	pid_t first;

	run("unshare --pid --fork --mount-proc sh -c '" SHELLED "'", 0);
	run("unshare --pid --fork --kill-child sh -c '" SHELLED "; exit 7'", 0);
	run("unshare --pid sh -c \"sh -c '" SHELLED "'; exit 8\"", 0);
	first = born_clone(CLONE_NEWPID | SIGCHLD);
	if (first == 0)
		born_idle();
	run("nsenter --target $1 --pid sh -c '" SHELLED "; exit 9'", first);
	kill_first(first);
}

static void
call_reboot(int command)
{
	born_set(0, truth_global(0));
	reboot(command);
	_exit(70);
}

/* Who calls reboot(2) leaves by it, and the first process is killed. */
static void
rebooted(int command, bool below)
{
	pid_t first;

	born_share();
	first = born_clone(CLONE_NEWPID | SIGCHLD);
	if (first == 0) {
		if (truth_fork() == 0) {
			if (below && truth_fork() != 0)
				born_idle();
			call_reboot(command);
		}
		born_idle();
	}
	truth_wait(first);
	truth_tell(born_get(0), 0, LEAVES);
}

/* The first itself does, and leaves no accounting record. */
static void
rebooted_by_first(unsigned long flags, int command)
{
	pid_t first = born_clone(flags);

	if (first == 0) {
		one_by_one();
		reboot(command);
		_exit(71);
	}
	truth_wait(first);
}

/* The one above goes on. */
static void
rebooted_below(void)
{
	pid_t first = born_clone(CLONE_NEWPID | SIGCHLD);

	if (first == 0) {
		rebooted_by_first(CLONE_NEWPID | SIGCHLD, RB_POWER_OFF);
		_exit(72);
	}
	truth_wait(first);
}

static void
rebooted_within(void)
{
	rebooted(RB_AUTOBOOT, false);
	rebooted(RB_POWER_OFF, false);
	rebooted((int)RB_HALT_SYSTEM, true);
	rebooted_by_first(CLONE_NEWPID | SIGCHLD, RB_AUTOBOOT);
	rebooted_below();
}

static void
rebooted_by_other(void)
{
	pid_t first = born_clone(CLONE_NEWPID | SIGCHLD), pid;

	if (first == 0)
		born_idle();
	if (setns(open_namespace(first), CLONE_NEWPID) < 0)
		truth_die("setns");
	pid = truth_fork();
	if (pid == 0) {
		reboot(RB_AUTOBOOT);
		_exit(70);
	}
	truth_wait_undecidable(pid, LEAVES);
	truth_wait_undecidable(first, ENTERED);
}

static void (*const stories[])(void) = {
    cloned,
    cloned3,
    unshared,
    nested,
    killed_with_all,
    entered,
    shelled,
};

#define STORIES (sizeof(stories) / sizeof(stories[0]))

static pid_t
start(void (*story)(void))
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		story();
		_exit(0);
	}
	return pid;
}

int
main(void)
{
	pid_t pids[STORIES];
	int gate[2];

	truth_open();
	start_idlers(gate);
	/* who is born later was not the first there */
	truth_wait(start(rebooted_by_other));
	truth_wait(start(rebooted_within));
	for (size_t i = 0; i < STORIES; i++)
		truth_wait(start(stories[i]));
	for (size_t i = 0; i < STORIES; i++)
		pids[i] = start(stories[i]);
	for (size_t i = 0; i < STORIES; i++)
		truth_wait(pids[i]);
	end_idlers(gate);
	return EXIT_SUCCESS;
}
