/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "numbers.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "truth.h"

#define PID_MAX_MIN 301 /* kernel/pid.c: RESERVED_PIDS + 1 */
#define TRIES       200

static const char pid_max_file[] = "/proc/sys/kernel/pid_max";

int
numbers_limit(void)
{
	FILE *f = fopen(pid_max_file, "r");
	int n;

	if (f == NULL || fscanf(f, "%d", &n) != 1 || fclose(f) != 0)
		truth_die(pid_max_file);
	return n;
}

void
numbers_set_limit(int n)
{
	FILE *f = fopen(pid_max_file, "w");

	if (f == NULL || fprintf(f, "%d", n) < 0 || fclose(f) != 0)
		truth_die(pid_max_file);
}

/* Others need a number now and then, too; not for long. */
static bool
can_fork(void)
{
	for (int i = 0; i < TRIES; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(1);
		if (pid > 0) {
			truth_wait(pid);
			return true;
		}
		truth_no_number("fork", i + 1);
	}
	return false;
}

int
numbers_leave_one(void)
{
	int limit = PID_MAX_MIN;

	numbers_set_limit(limit);
	while (!can_fork())
		numbers_set_limit(++limit);
	return limit;
}
