/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock - lives before, across and after steps of the real clock; in the end
 * it is right again.
 *
 * The last steps undo each other while nothing else happens: who looks at the
 * clock only when there is something to do sees none of them.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "born.h"
#include "truth.h"

#define LONG_US  400000
#define QUIET_US 120000
#define QUIETS   5

static const int64_t steps_ms[] = {
    3600000, -3600000, -90000, 90000, 3000, -3000, 250, -250, -40, 40};
#define STEPS (sizeof(steps_ms) / sizeof(steps_ms[0]))

static void
step(int64_t ms)
{
	struct timespec now;

	truth_clocks();
	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		truth_die("clock_gettime");
	now.tv_sec += ms / 1000;
	now.tv_nsec += ms % 1000 * 1000000;
	if (now.tv_nsec < 0) {
		now.tv_nsec += 1000000000;
		now.tv_sec--;
	} else if (now.tv_nsec >= 1000000000) {
		now.tv_nsec -= 1000000000;
		now.tv_sec++;
	}
	if (clock_settime(CLOCK_REALTIME, &now) < 0)
		truth_die("clock_settime");
	truth_clocks();
}

static pid_t
start_killed(unsigned delay_us)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		usleep(delay_us);
		kill(getpid(), SIGKILL);
	}
	return pid;
}

static void
lives(void)
{
	truth_wait(born_to_exit(3, 0));
	truth_wait(born_to_exec(0));
	truth_wait(start_killed(0));
}

static void
across(int64_t ms)
{
	pid_t old[] = {born_to_exit(7, LONG_US), start_killed(LONG_US)};

	lives();
	step(ms);
	lives();
	truth_wait(old[0]);
	truth_wait(old[1]);
}

int
main(void)
{
	truth_open();
	for (size_t i = 0; i < STEPS; i++)
		across(steps_ms[i]);
	usleep(QUIET_US);
	for (int i = 0; i < QUIETS; i++) {
		step(60000);
		usleep(QUIET_US);
		step(-60000);
		usleep(QUIET_US);
	}
	lives();
	printf("%zu\n", STEPS + 2 * QUIETS);
	return EXIT_SUCCESS;
}
