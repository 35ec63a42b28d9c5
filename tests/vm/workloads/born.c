/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "born.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/sched.h>

#include "truth.h"

#define STACK_SIZE 65536
#define POLL_US    1000

static _Atomic pid_t *shared;

pid_t
born_clone(unsigned long flags)
{
	long pid;
	int tries = 0;

	do {
		pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	} while (pid < 0 && truth_no_number("clone", ++tries));
	return (pid_t)pid;
}

pid_t
born_clone3(uint64_t flags, uint64_t exit_signal)
{
	struct clone_args args = {.flags = flags, .exit_signal = exit_signal};
	long pid;
	int tries = 0;

	do {
		pid = syscall(SYS_clone3, &args, sizeof(args));
	} while (pid < 0 && truth_no_number("clone3", ++tries));
	return (pid_t)pid;
}

pid_t
born_clone3_as(uint64_t flags, pid_t number)
{
	struct clone_args args = {.flags = flags,
	    .exit_signal = SIGCHLD,
	    .set_tid = (uint64_t)(uintptr_t)&number,
	    .set_tid_size = 1};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0 && errno != EEXIST)
		truth_die("clone3 with set_tid");
	return (pid_t)pid;
}

pid_t
born_call(int (*child)(void *), int flags, intptr_t arg)
{
	static char stack[STACK_SIZE] __attribute__((aligned(16)));
	pid_t pid = clone(child, stack + STACK_SIZE, flags, (void *)arg);

	if (pid < 0)
		truth_die("clone");
	return pid;
}

void
born_share(void)
{
	void *p = mmap(NULL, BORN_SLOTS * sizeof(*shared),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		truth_die("mmap");
	shared = p;
}

void
born_set(int slot, pid_t number)
{
	atomic_store(&shared[slot], number);
}

pid_t
born_get(int slot)
{
	pid_t number;

	while ((number = atomic_load(&shared[slot])) == 0)
		usleep(POLL_US);
	return number;
}

void
born_exec_true(void)
{
	execl("/bin/true", "true", "a b", (char *)NULL);
	_exit(127);
}

void
born_idle(void)
{
	for (;;)
		pause();
}

pid_t
born_to_exit(int code, unsigned delay_us)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		usleep(delay_us);
		_exit(code);
	}
	return pid;
}

pid_t
born_to_exec(unsigned delay_us)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		usleep(delay_us);
		born_exec_true();
	}
	return pid;
}
