/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tiny - a 32-bit program without a library, for a kernel of 64 bits.
 *
 * usage: tiny WHAT      one of the letters below
 */
#include <linux/sched.h>
#include <linux/signal.h>

#include "calls32.h"

#define STACK_SIZE 4096

#define EXIT_OF_CHILD 21
#define EXIT_OF_TINY  22

void tiny_main(char **argv);

/* argc and argv stand on the stack. */
__asm__(".globl _start\n"
	"_start:\n\t"
	"lea 4(%esp), %eax\n\t"
	"push %eax\n\t"
	"call tiny_main");

_Noreturn static void
await_child(void)
{
	call32_5(CALL32_WAIT4, (const void *)-1, 0, 0, 0, 0);
	call32_end(CALL32_EXIT_GROUP, EXIT_OF_TINY);
}

static void
clone_by_struct(void)
{
	static const struct clone_args args = {.exit_signal = SIGCHLD};

	if (call32(CALL32_CLONE3, (long)&args, sizeof(args)) == 0)
		call32_end(CALL32_EXIT, EXIT_OF_CHILD);
	await_child();
}

/*
 * Of two that leave at once the last may be killed by the other's exit_group,
 * and its record be lost: here the thread is gone before (kernel/exit.c,
 * do_exit() counts it out before exit_mm() clears its tid).
 */
static void
start_thread(void)
{
	static char stack[STACK_SIZE] __attribute__((aligned(16)));
	static volatile int tid = 1;

	call32_thread(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			  CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID,
	    stack + STACK_SIZE, &tid, EXIT_OF_CHILD);
	while (tid != 0)
		call32(CALL32_SCHED_YIELD, 0, 0);
	call32_end(CALL32_EXIT_GROUP, EXIT_OF_TINY);
}

static void
exec_again(char **argv)
{
	char *const args[] = {argv[0], (char[]){"e"}, 0};

	call32_5(CALL32_EXECVE, argv[0], args, 0, 0, 0);
}

void
tiny_main(char **argv)
{
	switch (argv[1][0]) {
	case 'e':
		call32_end(CALL32_EXIT, EXIT_OF_TINY);
	case 'g':
		call32_end(CALL32_EXIT_GROUP, EXIT_OF_TINY);
	case 'f':
		if (call32(CALL32_FORK, 0, 0) == 0)
			call32_end(CALL32_EXIT, EXIT_OF_CHILD);
		await_child();
	case 'v':
		if (call32(CALL32_VFORK, 0, 0) == 0)
			call32_end(CALL32_EXIT_GROUP, EXIT_OF_CHILD);
		await_child();
	case 'c':
		if (call32(CALL32_CLONE, SIGCHLD, 0) == 0)
			call32_end(CALL32_EXIT_GROUP, EXIT_OF_CHILD);
		await_child();
	case '3':
		clone_by_struct();
		break;
	case 't':
		start_thread();
		break;
	case 'x':
		exec_again(argv);
		break;
	case 'k':
		call32(CALL32_KILL, call32(CALL32_GETPID, 0, 0), SIGKILL);
		break;
	case 's':
		*(volatile int *)0 = 0;
		break;
	}
	call32_end(CALL32_EXIT_GROUP, 1);
}
