/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syscalls - which system calls begin, change and end processes.
 *
 * The numbers differ by architecture; they come from libaudit's tables, and
 * from here where those are too old. Pure, and fast once built: a record of
 * the audit stream costs one look into a table.
 */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum syscall_kind {
	SYSCALL_OTHER,
	SYSCALL_FORK,
	SYSCALL_VFORK,
	SYSCALL_CLONE,
	SYSCALL_CLONE3,
	SYSCALL_EXEC, /* execve, execveat */
	SYSCALL_EXIT,
	SYSCALL_EXIT_GROUP,
	SYSCALL_UNSHARE,
	SYSCALL_SETNS,
	SYSCALL_REBOOT, /* of a pid namespace */
};

/* What audit's arch= says, for the architectures that need a name here. */
#define SYSCALLS_X86_64      0xc000003eU
#define SYSCALLS_I386        0x40000003U
#define SYSCALLS_AARCH64     0xc00000b7U
#define SYSCALLS_ARM         0x40000028U
#define SYSCALLS_RISCV64     0xc00000f3U
#define SYSCALLS_LOONGARCH64 0xc0000102U
#define SYSCALLS_PPC64LE     0xc0000015U
#define SYSCALLS_PPC64       0x80000015U
#define SYSCALLS_PPC         0x00000014U
#define SYSCALLS_S390X       0x80000016U
#define SYSCALLS_S390        0x00000016U

/* In a number on x86_64: the call was made by an x32 program. */
#define SYSCALLS_X32_BIT 0x40000000

struct syscalls;

/* NULL: no memory. syscalls_free(NULL) is fine. */
struct syscalls *syscalls_new(void);
void syscalls_free(struct syscalls *s);

/* arch, number: as a SYSCALL record tells them. Unknown ones are OTHER. */
enum syscall_kind syscalls_kind(
    const struct syscalls *s, uint32_t arch, int number);

/* True if the architecture's numbers are known at all. */
bool syscalls_knows(const struct syscalls *s, uint32_t arch);

/* The flags of a clone, from its first two arguments. */
uint32_t syscalls_clone_flags(uint32_t arch, uint64_t a0, uint64_t a1);
bool syscalls_clone_thread(uint32_t flags);  /* a thread, no process */
bool syscalls_clone_sibling(uint32_t flags); /* of the caller, no child */
bool syscalls_clone_new_pidns(uint32_t flags);

/*
 * "EACCES", as this machine's architecture numbers errors; NULL: there is none
 * of that number.
 */
const char *syscalls_error_name(int error);

/* One system call of one architecture. */
struct syscall_entry {
	const char *name;
	enum syscall_kind kind;
	int number;
	bool named; /* libaudit, and so auditctl, knows it by name */
};

#define SYSCALLS_ENTRIES_MAX 11

/*
 * Lists what arch has of the calls above, in a fixed order. Returns how many;
 * 0: the architecture is not known. x32 is not listed: it is no arch of its
 * own, and audit rules cannot match it.
 */
size_t syscalls_list(
    uint32_t arch, struct syscall_entry entries[SYSCALLS_ENTRIES_MAX]);

#endif
