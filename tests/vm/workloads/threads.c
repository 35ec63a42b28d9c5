/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * threads - the ways in which processes of many threads live and end.
 *
 * A thread is no process, whatever it does; a process ends once, whichever of
 * its threads leaves first or last.
 *
 * usage: threads [CODE]      with a code: only exit with it
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "born.h"
#include "scene.h"
#include "seccomp.h"
#include "truth.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#ifndef TIMES
#define TIMES 2
#endif

#define STACK_SIZE 65536
#define WORKERS    8
#define JOBS       100

#define LEADERS_CODE "accounting has the code of the leader, who left before"
#define WHO_WAS_LAST "no record says which thread left last"

extern char **environ;

/* What threads do. */

static void *
idles(void *unused)
{
	(void)unused;
	born_idle();
}

static void *
spins(void *unused)
{
	for (;;)
		sched_yield();
	return unused;
}

static void *
returns(void *unused)
{
	return unused;
}

static void *
leaves(void *code)
{
	scene_exit((int)(intptr_t)code);
}

static void *
leaves_all(void *code)
{
	scene_exit_group((int)(intptr_t)code);
}

static void *
leaves_all_alone(void *code)
{
	scene_await_alone();
	scene_exit_group((int)(intptr_t)code);
}

static void *
leaves_all_without_leader(void *code)
{
	scene_await_leader_gone();
	scene_exit_group((int)(intptr_t)code);
}

static void *
leaves_last(void *code)
{
	scene_await_alone();
	scene_exit((int)(intptr_t)code);
}

static void *
returns_last(void *unused)
{
	scene_await_alone();
	return unused;
}

static void *
kills_all(void *signal)
{
	syscall(
	    SYS_tgkill, getpid(), syscall(SYS_gettid), (int)(intptr_t)signal);
	born_idle();
}

static void *
kills_all_without_leader(void *signal)
{
	scene_await_leader_gone();
	return kills_all(signal);
}

static void *
is_ready_without_leader(void *unused)
{
	scene_await_leader_gone();
	scene_ready();
	(void)unused;
	born_idle();
}

static void *
execs(void *code)
{
	/* /proc/self has no exe when the leader is gone. */
	execl("/proc/thread-self/exe", "threads", code, (char *)NULL);
	truth_die("exec");
}

static void *
execs_without_leader(void *code)
{
	scene_await_leader_gone();
	return execs(code);
}

static void *
fails_to_exec(void *unused)
{
	execl("/nonexistent", "nonexistent", (char *)NULL);
	return unused;
}

static void *
is_filtered(void *unused)
{
	seccomp_kill(SECCOMP_RET_KILL_THREAD);
	return unused;
}

static void
start_some(void *(*body)(void *))
{
	for (int i = 0; i < WORKERS; i++)
		scene_start(body, NULL);
}

#define ARG(n) ((void *)(intptr_t)(n))

/* Threads that are gone before the end, or play no part in it. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int jobs;

static void *
works(void *unused)
{
	int left;

	do {
		pthread_mutex_lock(&lock);
		left = jobs > 0 ? jobs-- : 0;
		pthread_mutex_unlock(&lock);
		sched_yield();
	} while (left > 0);
	return unused;
}

static void
pools(void)
{
	for (int round = 0; round < 4; round++) {
		jobs = JOBS;
		scene_run(works, WORKERS);
	}
	exit(1);
}

static char *const true_argv[] = {(char[]){"true"}, NULL};

static void
spawn(const char *path)
{
	pid_t pid;

	/* Of one that fails to exec nobody is told the number. */
	if (posix_spawn(&pid, path, NULL, NULL, true_argv, environ) == 0)
		truth_wait(pid);
}

static void *
bears(void *unused)
{
	for (int code = 10; code < 14; code++) {
		pid_t pid = truth_fork();

		if (pid == 0 && code % 2 == 0)
			execv("/bin/true", true_argv);
		if (pid == 0)
			_exit(code);
		truth_wait(pid);
	}
	spawn("/bin/true");
	spawn("/nonexistent");
	return unused;
}

static void *
bears_without_leader(void *unused)
{
	scene_await_leader_gone();
	bears(unused);
	scene_exit_group(2);
}

static void
parents_of_others(void)
{
	scene_run(bears, 4);
	exit(3);
}

static void
parent_without_leader(void)
{
	scene_start(bears_without_leader, NULL);
	scene_exit(4);
}

static int
leaves_at_once(void *unused)
{
	(void)unused;
	scene_exit(5);
}

/* Threads by the old call, whose flags the record tells. */
static void
cloned(void)
{
	static char stacks[WORKERS][STACK_SIZE] __attribute__((aligned(16)));
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			  CLONE_THREAD | CLONE_SYSVSEM;

	for (int i = 0; i < WORKERS; i++) {
		if (clone(leaves_at_once, stacks[i] + STACK_SIZE, flags, NULL) <
		    0)
			truth_die("clone");
	}
	scene_await_alone();
	exit(6);
}

static void
failed_exec(void)
{
	scene_run(fails_to_exec, 2);
	exit(7);
}

/* One thread ends all. */

static void
exit_group_of_leader(void)
{
	start_some(spins);
	scene_exit_group(20);
}

static void
exit_group_of_thread(void)
{
	start_some(idles);
	scene_start(leaves_all, ARG(21));
	born_idle();
}

static void
killed_in_thread(void)
{
	start_some(spins);
	scene_start(kills_all, ARG(SIGKILL));
	born_idle();
}

static void
crashed_in_thread(void)
{
	start_some(idles);
	scene_start(kills_all, ARG(SIGSEGV));
	born_idle();
}

static void
killed_from_outside(void)
{
	start_some(spins);
	scene_ready();
	born_idle();
}

/* An exec ends all the others, and goes on with the leader's number. */

static void
exec_of_leader(void)
{
	start_some(spins);
	execs((char[]){"25"});
}

static void
exec_of_thread(void)
{
	start_some(idles);
	scene_start(execs, (char[]){"26"});
	born_idle();
}

static void
exec_without_leader(void)
{
	static char code[] = "27";

	start_some(idles);
	scene_start(execs_without_leader, code);
	scene_exit(28);
}

/* The leader leaves before the others. */

static void
exit_group_without_leader(void)
{
	scene_start(leaves_all_without_leader, ARG(30));
	scene_exit(31);
}

static void
exit_group_without_leader_but_others(void)
{
	start_some(idles);
	scene_start(leaves_all_without_leader, ARG(32));
	scene_exit(33);
}

static void
leader_left_by_pthread_exit(void)
{
	scene_start(leaves_all_alone, ARG(34));
	pthread_exit(NULL);
}

/* The C library makes an exit of the last thread's return. */
static void
last_thread_returns(void)
{
	scene_start(returns_last, NULL);
	pthread_exit(NULL);
}

static void
killed_without_leader(void)
{
	start_some(idles);
	scene_start(kills_all_without_leader, ARG(SIGKILL));
	scene_exit(35);
}

static void
killed_from_outside_without_leader(void)
{
	scene_start(is_ready_without_leader, NULL);
	scene_exit(36);
}

static void
crashed_without_leader(void)
{
	scene_start(kills_all_without_leader, ARG(SIGSEGV));
	scene_exit(37);
}

/* All leave by exit(2). */

static void
only_thread(void)
{
	scene_exit(40);
}

static void
only_thread_left(void)
{
	scene_run(returns, 2);
	scene_await_alone();
	scene_exit(41);
}

static void
one_after_another(void)
{
	scene_start(leaves, ARG(42));
	scene_start(leaves_last, ARG(43));
	scene_exit(44);
}

static void
leader_last(void)
{
	scene_start(leaves, ARG(45));
	scene_start(leaves, ARG(46));
	scene_await_alone();
	scene_exit(47);
}

/* seccomp kills one thread; the others go on. */

static void
thread_filtered(void)
{
	scene_run(returns, 1);
	scene_start(is_filtered, NULL);
	scene_await_alone();
	scene_exit_group(50);
}

static void
leader_filtered(void)
{
	scene_start(leaves_all_without_leader, ARG(51));
	seccomp_kill(SECCOMP_RET_KILL_THREAD);
}

static void
all_filtered(void)
{
	scene_start(is_filtered, NULL);
	scene_await_alone();
	seccomp_kill(SECCOMP_RET_KILL_THREAD);
}

static const struct scene scenes[] = {
    {.play = pools},
    {.play = parents_of_others},
    {.play = parent_without_leader},
    {.play = cloned},
    {.play = failed_exec},
    {.play = exit_group_of_leader},
    {.play = exit_group_of_thread},
    {.play = killed_in_thread},
    {.play = crashed_in_thread},
    {.play = killed_from_outside, .signal = SIGKILL},
    {.play = exec_of_leader},
    {.play = exec_of_thread},
    {.play = exec_without_leader},
    {.play = exit_group_without_leader},
    {.play = exit_group_without_leader_but_others, LEADERS_CODE},
    {.play = leader_left_by_pthread_exit},
    {.play = last_thread_returns},
    {.play = killed_without_leader, LEADERS_CODE},
    {.play = killed_from_outside_without_leader, LEADERS_CODE, SIGKILL},
    {.play = crashed_without_leader, LEADERS_CODE},
    {.play = only_thread},
    {.play = only_thread_left, WHO_WAS_LAST},
    {.play = one_after_another, WHO_WAS_LAST},
    {.play = leader_last, WHO_WAS_LAST},
    {.play = thread_filtered},
    {.play = leader_filtered, LEADERS_CODE},
    {.play = all_filtered, LEADERS_CODE},
};

int
main(int argc, char **argv)
{
	if (argc == 2)
		exit(atoi(argv[1]));
	truth_open();
	scenes_play(scenes, COUNT(scenes), TIMES);
	return EXIT_SUCCESS;
}
