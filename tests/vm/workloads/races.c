/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * races - two ends of one process at once. Which wins is up to chance; the two
 * books agree with waitpid(2), or must not be called certain.
 *
 * usage: races [CODE]      with a code: only exit with it
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "born.h"
#include "scene.h"
#include "truth.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#ifndef ROUNDS
#define ROUNDS 20
#endif

#define FINISHERS 8
#define FORKERS   2

/* One of two is held back for up to 2 to this power nanoseconds. */
#define DELAY_BITS 20

/*
 * A SIGKILL that is pending still when the record is to be written stops it
 * (mm/filemap.c, generic_perform_write()); who ends the others sends one.
 */
#define LOST  "accounting's record may be lost"
#define ORDER "the order of the records is not that of the events"

static atomic_int arrived;

/* Busy, for whoever sleeps is late; of another length in each round. */
static void
delay(void)
{
	long ns = scene_round() * 7919L % (1L << scene_round() % DELAY_BITS);
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec -
		     from.tv_nsec <
		 ns);
}

/* Waits for the other of the two; they take turns at being late. */
static void
meet(void)
{
	bool leader = syscall(SYS_gettid) == getpid();

	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < 2)
		continue;
	if (leader == (scene_round() % 2 == 0))
		delay();
}

static void *
leaves(void *code)
{
	meet();
	scene_exit((int)(intptr_t)code);
}

static void *
leaves_all(void *code)
{
	meet();
	scene_exit_group((int)(intptr_t)code);
}

static void *
execs(void *code)
{
	meet();
	execl("/proc/thread-self/exe", "races", code, (char *)NULL);
	/* The other was first: this thread is as good as dead. */
	born_idle();
}

static void *
crashes(void *signal)
{
	meet();
	syscall(
	    SYS_tgkill, getpid(), syscall(SYS_gettid), (int)(intptr_t)signal);
	born_idle();
}

#define ARG(n) ((void *)(intptr_t)(n))

static void
thread_leaves(void)
{
	scene_start(leaves, ARG(1));
	meet();
	scene_exit_group(2);
}

static void
leader_leaves(void)
{
	scene_start(leaves_all, ARG(3));
	meet();
	scene_exit(4);
}

static void
both_leave(void)
{
	scene_start(leaves, ARG(5));
	meet();
	scene_exit(6);
}

static void
both_end_all(void)
{
	scene_start(leaves_all, ARG(7));
	meet();
	scene_exit_group(8);
}

static void
thread_execs(void)
{
	scene_start(execs, (char[]){"9"});
	meet();
	scene_exit_group(42);
}

static void
leader_execs(void)
{
	static char code[] = "10";

	scene_start(leaves_all, ARG(42));
	execs(code);
}

static void
both_exec(void)
{
	static char codes[2][3] = {"11", "12"};

	scene_start(execs, codes[0]);
	execs(codes[1]);
}

static void
thread_crashes(void)
{
	scene_start(crashes, ARG(SIGSEGV));
	meet();
	scene_exit_group(13);
}

static void
both_crash(void)
{
	scene_start(crashes, ARG(SIGSEGV));
	crashes(ARG(SIGBUS));
}

static void
killed_as_it_ends(void)
{
	scene_ready();
	delay();
	scene_exit_group(14);
}

static void
killed_as_it_execs(void)
{
	scene_ready();
	delay();
	execl("/proc/self/exe", "races", "15", (char *)NULL);
	truth_die("exec");
}

static void *
returns(void *unused)
{
	delay();
	return unused;
}

/* What real programs do: the last workers finish as main returns. */
static void
workers_finish(void)
{
	for (int i = 0; i < FINISHERS; i++)
		scene_start(returns, NULL);
	delay();
	exit(16);
}

static void *
bears(void *unused)
{
	for (;;) {
		if (truth_fork() == 0)
			_exit(17);
	}
	return unused;
}

/* The records of the last births lack the numbers of the born. */
static void
threads_bear(void)
{
	for (int i = 0; i < FORKERS; i++)
		scene_start(bears, NULL);
	for (int i = 0; i < 10; i++)
		delay();
	scene_exit_group(18);
}

static const struct scene scenes[] = {
    {.play = thread_leaves, LOST},
    {.play = leader_leaves, LOST},
    {.play = both_leave, ORDER},
    {.play = both_end_all, ORDER},
    {.play = thread_execs, LOST},
    {.play = leader_execs, LOST},
    {.play = both_exec},
    {.play = thread_crashes, LOST},
    {.play = both_crash, LOST},
    {.play = killed_as_it_ends, LOST, SIGKILL},
    {.play = killed_as_it_ends, LOST, SIGTERM},
    {.play = killed_as_it_execs, LOST, SIGKILL},
    {.play = workers_finish, LOST},
    {.play = threads_bear},
};

int
main(int argc, char **argv)
{
	if (argc == 2)
		exit(atoi(argv[1]));
	truth_open();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		truth_die("prctl");
	scenes_play(scenes, COUNT(scenes), ROUNDS);
	while (truth_wait_any())
		continue;
	return EXIT_SUCCESS;
}
