/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lost-reuse - lives that share few numbers, of which many leave no accounting
 * record: what the next life of a number left must not be taken for theirs.
 */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "born.h"
#include "numbers.h"
#include "scene.h"
#include "truth.h"

#ifndef LIVES
#define LIVES 6000
#endif

#define MORE 2 /* numbers: one is a thread's */

#define UNKNOWN_OWNER "a record may be that of the number's next life"

static atomic_int arrived;

static void
meet(void)
{
	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < 2)
		continue;
}

static void *
leaves(void *code)
{
	meet();
	scene_exit((int)(intptr_t)code);
}

/* About every tenth loses its record (see races.c). */
static void
loses_its_record(int code)
{
	scene_start(leaves, (void *)(intptr_t)code);
	meet();
	scene_exit_group(code);
}

static void
live(int n)
{
	int code = n % 251;

	switch (n % 4) {
	case 0:
		_exit(code);
	case 1:
		kill(getpid(), n % 8 == 1 ? SIGKILL : SIGTERM);
		born_idle();
	default:
		loses_its_record(code);
	}
}

int
main(void)
{
	int old;

	truth_open();
	old = numbers_limit();
	numbers_set_limit(numbers_leave_one() + MORE);
	for (int n = 0; n < LIVES; n++) {
		pid_t pid = truth_fork();

		if (pid == 0)
			live(n);
		truth_wait_undecidable(pid, UNKNOWN_OWNER);
	}
	numbers_set_limit(old);
	return EXIT_SUCCESS;
}
