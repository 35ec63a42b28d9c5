/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reuse - a storm of lives where there are hardly any numbers.
 *
 * kernel.pid_max is lowered until no more than one number is free: one life has
 * it after the other, hundreds in one second. Then a few more are, and lives
 * with children share them. Each life ends in another way than the one before.
 */
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "born.h"
#include "numbers.h"
#include "signals.h"
#include "truth.h"

#ifndef LIVES
#define LIVES 20000
#endif
#ifndef UNACCOUNTED
#define UNACCOUNTED false
#endif

#define MORE       100 /* numbers for the crowd */
#define CROWD      30
#define CROWD_PART 5 /* of LIVES live in a crowd */

/* A parent in vfork cannot kill. */
static bool
must_be_killed(int n)
{
	return n % 7 == 0 && n % 5 != 1;
}

/* Nothing but its birth is recorded, or a crash. */
static bool
is_silent(int n)
{
	return must_be_killed(n) || n % 7 == 3 || n % 7 == 4;
}

static pid_t
bear(int n)
{
	/*
	 * Only accounting tells that who did nothing was no thread, and that
	 * he was over when a child of vfork did something, which is recorded
	 * before its birth.
	 */
	if (UNACCOUNTED && ((n % 5 == 0 && is_silent(n)) || n % 5 == 1))
		return truth_fork();
	switch (n % 5) {
	case 0:
		return born_clone3(0, SIGCHLD);
	case 1:
		return born_clone(CLONE_VFORK | SIGCHLD);
	case 2:
		return born_clone(0);
	default:
		return truth_fork();
	}
}

/* With n a multiple of 7 our parent has to kill us. */
static void
live(int n)
{
	char code[16];

	switch (n % 7) {
	case 0:
		born_idle();
	case 1:
		born_exec_true();
	case 2:
		snprintf(code, sizeof(code), "%d", n % 256);
		execl("/proc/self/exe", "reuse", code, (char *)NULL);
		_exit(98);
	case 3:
	case 4:
		signals_die_of(signals_nth(n / 7));
	default:
		_exit(n % 256);
	}
}

static pid_t
start(int n)
{
	pid_t pid = bear(n);

	if (pid == 0)
		live(n % 7 == 0 && !must_be_killed(n) ? n + 6 : n);
	return pid;
}

static void
end(pid_t pid, int n)
{
	if (must_be_killed(n))
		kill(pid, signals_nth(n));
	truth_wait(pid);
}

static void
storm(int lives)
{
	for (int i = 0; i < lives; i++)
		end(start(i), i);
}

/* One with a child; never more at once than there are numbers. */
static pid_t
start_pair(int n)
{
	pid_t pid = bear(n);

	if (pid == 0) {
		storm(2);
		_exit(n % 256);
	}
	return pid;
}

static void
crowd(int lives)
{
	pid_t pids[CROWD], pair;

	for (int n = 0; n < lives; n += CROWD + 3) {
		for (int i = 0; i < CROWD; i++)
			pids[i] = start(n + i);
		pair = start_pair(n);
		for (int i = CROWD - 1; i >= 0; i--)
			end(pids[i], n + i);
		truth_wait(pair);
	}
}

int
main(int argc, char **argv)
{
	int limit, old;

	if (argc == 2)
		return atoi(argv[1]);
	truth_open();
	signals_reset();
	signals_allow_cores(false);
	old = numbers_limit();
	limit = numbers_leave_one();
	storm(LIVES);
	numbers_set_limit(limit + MORE);
	crowd(LIVES / CROWD_PART);
	numbers_set_limit(old);
	return EXIT_SUCCESS;
}
