/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * thread-reuse - threads and processes that share few numbers: what was just a
 * thread's is a process's, and the other way round.
 *
 * usage: thread-reuse [CODE]      with a code: only exit with it
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "born.h"
#include "numbers.h"
#include "scene.h"
#include "truth.h"

#ifndef LIVES
#define LIVES 4000
#endif

#define MORE        30 /* numbers for the crowd */
#define CROWD       8
#define THREADS_MAX 6
#define BODIES      5 /* what threads do */
#define PARENTS     2 /* the first of these have children */

extern char **environ;

static int life; /* which one this is */

static pthread_t
start(void *(*body)(void *))
{
	pthread_t thread;
	int tries = 0;

	do {
		errno = pthread_create(&thread, NULL, body, NULL);
	} while (errno != 0 && truth_no_number("pthread_create", ++tries));
	return thread;
}

static void *
returns(void *unused)
{
	return unused;
}

/*
 * What all of the nth life end with. No thread leaves with that code: else it
 * could be the leader's, and nobody knew what it left with.
 */
static int
code_of(int n)
{
	return 1 + n % 255;
}

static void *
leaves(void *unused)
{
	(void)unused;
	scene_exit(code_of(life + 1));
}

static void *
stays(void *unused)
{
	(void)unused;
	born_idle();
}

static void *
bears(void *unused)
{
	pid_t pid = truth_fork();

	if (pid == 0)
		_exit(life % 256);
	truth_wait(pid);
	return unused;
}

static void *
spawns(void *unused)
{
	char *const argv[] = {(char[]){"true"}, NULL};
	pid_t pid;
	int tries = 0;

	do {
		errno =
		    posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ);
	} while (errno != 0 && truth_no_number("posix_spawn", ++tries));
	truth_wait(pid);
	return unused;
}

static void *
ends_all(void *unused)
{
	(void)unused;
	scene_exit_group(code_of(life));
}

static void *
kills_all(void *unused)
{
	(void)unused;
	kill(getpid(), SIGKILL);
	born_idle();
}

static void *
execs(void *unused)
{
	char code[16];

	snprintf(code, sizeof(code), "%d", code_of(life));
	execl("/proc/self/exe", "thread-reuse", code, (char *)NULL);
	truth_die("exec");
	return unused;
}

/* Who has children is waited for, as they are. */
static void
start_threads(void)
{
	static void *(*const bodies[BODIES])(void *) = {
	    bears, spawns, returns, leaves, stays};
	int n = life % (THREADS_MAX + 1);
	pthread_t threads[THREADS_MAX];

	for (int i = 0; i < n; i++)
		threads[i] = start(bodies[i % BODIES]);
	for (int i = 0; i < n; i++) {
		if (i % BODIES < PARENTS)
			pthread_join(threads[i], NULL);
	}
}

/* All ends leave the process's status with its leader. */
static void
end(void)
{
	switch (life / 5 % 5) {
	case 0:
		start(ends_all);
		break;
	case 1:
		start(kills_all);
		break;
	case 2:
		start(execs);
		break;
	case 3:
		execs(NULL);
		break;
	case 4:
		exit(code_of(life));
	}
	born_idle();
}

static void
live(void)
{
	start_threads();
	if (life % 3 == 0)
		spawns(NULL);
	end();
}

int
main(int argc, char **argv)
{
	pid_t pids[CROWD];
	int old;

	if (argc == 2)
		return atoi(argv[1]);
	truth_open();
	old = numbers_limit();
	numbers_set_limit(numbers_leave_one() + MORE);
	for (int n = 0; n < LIVES; n += CROWD) {
		for (int i = 0; i < CROWD; i++) {
			life = n + i;
			pids[i] = truth_fork();
			if (pids[i] == 0)
				live();
		}
		for (int i = 0; i < CROWD; i++)
			truth_wait(pids[i]);
	}
	numbers_set_limit(old);
	return EXIT_SUCCESS;
}
