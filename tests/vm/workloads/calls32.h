/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls32 - the 32-bit system calls of a 64-bit kernel, by the old interrupt:
 * programs of both word sizes can make them. What a pointer points to must lie
 * below 4 GiB.
 */
#ifndef CALLS32_H
#define CALLS32_H

enum call32 {
	CALL32_EXIT = 1,
	CALL32_FORK = 2,
	CALL32_WRITE = 4,
	CALL32_EXECVE = 11,
	CALL32_GETPID = 20,
	CALL32_KILL = 37,
	CALL32_WAIT4 = 114,
	CALL32_CLONE = 120,
	CALL32_SCHED_YIELD = 158,
	CALL32_VFORK = 190,
	CALL32_EXIT_GROUP = 252,
	CALL32_EXECVEAT = 358,
	CALL32_CLONE3 = 435,
};

/* The 64-bit kernel's entry of these may change them (6.1 and before). */
#ifdef __x86_64__
#define CALL32_CLOBBERS "memory", "r8", "r9", "r10", "r11"
#else
#define CALL32_CLOBBERS "memory"
#endif

/* In line, so that a vfork's child does not return from it. */
__attribute__((always_inline)) static inline long
call32_5(enum call32 number, const void *a, const void *b, const void *c,
    const void *d, long e)
{
	long result;

	__asm__ volatile(
	    "int $0x80"
	    : "=a"(result)
	    : "0"((long)number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
	    : CALL32_CLOBBERS);
	return (int)result;
}

__attribute__((always_inline)) static inline long
call32(enum call32 number, long a, long b)
{
	return call32_5(number, (const void *)a, (const void *)b, 0, 0, 0);
}

_Noreturn __attribute__((always_inline)) static inline void
call32_end(enum call32 number, int code)
{
	for (;;)
		call32(number, code, 0);
}

/*
 * clone(flags, stack) for a thread, which only leaves, with this code: it has
 * no frame to return to. tid is what CLONE_CHILD_CLEARTID clears.
 */
static inline long
call32_thread(unsigned flags, void *stack_end, volatile int *tid, int code)
{
	long result;

	__asm__ volatile("int $0x80\n\t"
			 "test %%eax, %%eax\n\t"
			 "jnz 1f\n\t"
			 "mov %[exit], %%eax\n\t"
			 "mov %[code], %%ebx\n\t"
			 "int $0x80\n"
			 "1:"
			 : "=a"(result)
			 : "0"((long)CALL32_CLONE), "b"((long)flags),
			 "c"(stack_end), "d"(0l), "S"(0l),
			 "D"(tid), [exit] "i"(CALL32_EXIT), [code] "i"(code)
			 : CALL32_CLOBBERS);
	return (int)result;
}

#endif
