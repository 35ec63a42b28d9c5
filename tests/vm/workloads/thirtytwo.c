/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * thirtytwo - the 32-bit system calls, by their own numbers: made by this
 * program of 64 bits, by a program of 32 bits without a library, and by one
 * with the C library.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/sched.h>

#include "calls32.h"
#include "scene.h"
#include "truth.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TINY       "/vmtest/workloads/tiny"
#define THREADS_32 "/vmtest/workloads/threads-32"
#define ROUNDS     3
#define STACK_SIZE 4096

/* What 32-bit calls can reach, with pointers of their size. */
struct low {
	struct clone_args clone;
	char path[64], arg[8];
	uint32_t argv[3];
	char stack[STACK_SIZE] __attribute__((aligned(16)));
};

static struct low *low;

static void
map_low(void)
{
	low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED)
		truth_die("mmap");
}

/* Waits for a child that has ended itself, or fails. */
static void
await(long pid)
{
	if (pid < 0)
		truth_die("a 32-bit call");
	truth_wait((pid_t)pid);
}

static void
forks(void)
{
	long pid = call32(CALL32_FORK, 0, 0);

	if (pid == 0)
		call32_end(CALL32_EXIT, 1);
	await(pid);
	pid = call32(CALL32_VFORK, 0, 0);
	if (pid == 0)
		call32_end(CALL32_EXIT_GROUP, 2);
	await(pid);
}

static void
clones(void)
{
	long pid = call32(CALL32_CLONE, SIGCHLD, 0);

	if (pid == 0)
		call32_end(CALL32_EXIT_GROUP, 3);
	await(pid);
	low->clone = (struct clone_args){.exit_signal = SIGCHLD};
	pid =
	    call32(CALL32_CLONE3, (long)&low->clone, (long)sizeof(low->clone));
	if (pid == 0)
		call32_end(CALL32_EXIT_GROUP, 4);
	await(pid);
}

static void
with_thread(void)
{
	if (call32_thread(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			      CLONE_THREAD | CLONE_SYSVSEM,
		low->stack + STACK_SIZE, NULL, 5) < 0)
		truth_die("clone");
	scene_await_alone();
	call32_end(CALL32_EXIT_GROUP, 6);
}

static void
crosses_over(void)
{
	scene_exit_group(7); /* born by one kind of call, ends by another */
}

static const struct scene scenes[] = {
    {.play = with_thread},
    {.play = crosses_over},
};

static void
put_low(char *arg)
{
	memcpy(low->path, TINY, sizeof(TINY));
	memcpy(low->arg, arg, strlen(arg) + 1);
	low->argv[0] = (uint32_t)(uintptr_t)low->path;
	low->argv[1] = (uint32_t)(uintptr_t)low->arg;
}

static void
tell_image(char *arg)
{
	char path[] = TINY;
	char *argv[] = {path, arg, NULL};

	truth_image_to_be(TINY, "tiny", NULL, argv);
}

/* Runs the tiny program by a 32-bit or a 64-bit exec. */
static void
run_tiny(char *arg, enum call32 number)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		tell_image(arg);
		if (*arg == 'x')
			tell_image((char[]){"e"});
		put_low(arg);
		if (number == CALL32_EXECVE)
			call32_5(number, low->path, low->argv, 0, 0, 0);
		else if (number == CALL32_EXECVEAT)
			call32_5(number, (void *)(long)AT_FDCWD, low->path,
			    low->argv, 0, 0);
		else
			execl(TINY, TINY, arg, (char *)NULL);
		truth_die(TINY);
	}
	truth_wait(pid);
}

static void
run_all_tiny(void)
{
	static char all[][2] = {
	    "e", "g", "f", "v", "c", "3", "t", "x", "k", "s"};

	for (size_t i = 0; i < COUNT(all); i++) {
		run_tiny(all[i], 0);
		run_tiny(all[i], CALL32_EXECVE);
		run_tiny(all[i], CALL32_EXECVEAT);
	}
}

static void
run_threads(void)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		execl(THREADS_32, THREADS_32, (char *)NULL);
		truth_die(THREADS_32);
	}
	truth_wait(pid);
}

int
main(void)
{
	truth_open();
	map_low();
	for (int round = 0; round < ROUNDS; round++) {
		forks();
		clones();
	}
	scenes_play(scenes, COUNT(scenes), ROUNDS);
	run_all_tiny();
	run_threads();
	return EXIT_SUCCESS;
}
