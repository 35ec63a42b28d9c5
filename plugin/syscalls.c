/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "syscalls.h"

#include <linux/sched.h>
#include <stdlib.h>

#include <libaudit.h>

/* Above every number looked for; the highest is x32's execveat, 545. */
#define NUMBERS 576

/* Same number on every architecture: the tables were joined at 424. */
#define CLONE3 435

/*
 * The calls, in the order of syscalls_list(). generic: the number where the
 * kernel's include/uapi/asm-generic/unistd.h counts; -1: not there. x32: with
 * SYSCALLS_X32_BIT taken off.
 */
static const struct call {
	const char *name;
	enum syscall_kind kind;
	int generic, x32;
} calls[] = {
    {"fork", SYSCALL_FORK, -1, 57},
    {"vfork", SYSCALL_VFORK, -1, 58},
    {"clone", SYSCALL_CLONE, 220, 56},
    {"clone3", SYSCALL_CLONE3, CLONE3, CLONE3},
    {"execve", SYSCALL_EXEC, 221, 520},
    {"execveat", SYSCALL_EXEC, 281, 545},
    {"exit", SYSCALL_EXIT, 93, 60},
    {"exit_group", SYSCALL_EXIT_GROUP, 94, 231},
    {"unshare", SYSCALL_UNSHARE, 97, 272},
    {"setns", SYSCALL_SETNS, 268, 308},
    {"reboot", SYSCALL_REBOOT, 142, 169},
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

_Static_assert(CALLS == SYSCALLS_ENTRIES_MAX, "syscalls_list() would overrun");

/*
 * The likely ones first, as they are searched in this order. generic: the
 * architecture counts as asm-generic does, so we know its numbers where
 * libaudit does not (riscv: before 4.0.3; loongarch: always).
 */
static const struct arch {
	uint32_t id;
	bool generic;
} archs[] = {
    {SYSCALLS_X86_64, false},
    {SYSCALLS_AARCH64, true},
    {SYSCALLS_I386, false},
    {SYSCALLS_S390X, false},
    {SYSCALLS_PPC64LE, false},
    {SYSCALLS_RISCV64, true},
    {SYSCALLS_ARM, false},
    {SYSCALLS_S390, false},
    {SYSCALLS_PPC64, false},
    {SYSCALLS_PPC, false},
    {SYSCALLS_LOONGARCH64, true},
};
#define ARCHS (sizeof(archs) / sizeof(archs[0]))

struct syscalls {
	uint8_t kinds[ARCHS][NUMBERS]; /* enum syscall_kind */
	uint8_t x32[NUMBERS];
	bool known[ARCHS];
};

static const struct arch *
arch_find(uint32_t id)
{
	for (size_t i = 0; i < ARCHS; i++) {
		if (archs[i].id == id)
			return &archs[i];
	}
	return NULL;
}

/* True if arch has the call, which is then in *entry. */
static bool
lookup(const struct arch *arch, const struct call *call,
    struct syscall_entry *entry)
{
	int machine = audit_elf_to_machine(arch->id);
	int number = -1;

	if (machine >= 0)
		number = audit_name_to_syscall(call->name, machine);
	*entry =
	    (struct syscall_entry){call->name, call->kind, number, number >= 0};
	if (number >= 0)
		return true;
	if (arch->generic)
		entry->number = call->generic;
	else if (machine >= 0 && call->kind == SYSCALL_CLONE3)
		entry->number = CLONE3; /* libaudit before 3.0 lacks it */
	return entry->number >= 0;
}

size_t
syscalls_list(uint32_t id, struct syscall_entry entries[SYSCALLS_ENTRIES_MAX])
{
	const struct arch *arch = arch_find(id);
	size_t n = 0;

	if (arch == NULL)
		return 0;
	for (size_t i = 0; i < CALLS; i++) {
		if (lookup(arch, &calls[i], &entries[n]))
			n++;
	}
	return n;
}

struct syscalls *
syscalls_new(void)
{
	struct syscalls *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	for (size_t a = 0; a < ARCHS; a++) {
		struct syscall_entry entries[SYSCALLS_ENTRIES_MAX];
		size_t n = syscalls_list(archs[a].id, entries);

		s->known[a] = n > 0;
		for (size_t i = 0; i < n; i++) {
			if (entries[i].number < NUMBERS)
				s->kinds[a][entries[i].number] =
				    (uint8_t)entries[i].kind;
		}
	}
	for (size_t i = 0; i < CALLS; i++)
		s->x32[calls[i].x32] = (uint8_t)calls[i].kind;
	return s;
}

void
syscalls_free(struct syscalls *s)
{
	free(s);
}

enum syscall_kind
syscalls_kind(const struct syscalls *s, uint32_t id, int number)
{
	const struct arch *arch = arch_find(id);
	const uint8_t *kinds;

	if (arch == NULL || number < 0)
		return SYSCALL_OTHER;
	kinds = s->kinds[arch - archs];
	if (id == SYSCALLS_X86_64 && (number & SYSCALLS_X32_BIT) != 0) {
		kinds = s->x32;
		number &= ~SYSCALLS_X32_BIT;
	}
	if (number >= NUMBERS)
		return SYSCALL_OTHER;
	return (enum syscall_kind)kinds[number];
}

bool
syscalls_knows(const struct syscalls *s, uint32_t id)
{
	const struct arch *arch = arch_find(id);

	return arch != NULL && s->known[arch - archs];
}

/* s390 has CONFIG_CLONE_BACKWARDS2: the new stack comes first there. */
uint32_t
syscalls_clone_flags(uint32_t arch, uint64_t a0, uint64_t a1)
{
	bool second = arch == SYSCALLS_S390X || arch == SYSCALLS_S390;

	return (uint32_t)(second ? a1 : a0);
}

bool
syscalls_clone_thread(uint32_t flags)
{
	return (flags & CLONE_THREAD) != 0;
}

bool
syscalls_clone_sibling(uint32_t flags)
{
	return (flags & CLONE_PARENT) != 0;
}

bool
syscalls_clone_new_pidns(uint32_t flags)
{
	return (flags & CLONE_NEWPID) != 0;
}

const char *
syscalls_error_name(int error)
{
	return audit_errno_to_name(error);
}
