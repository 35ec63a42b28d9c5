/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The truth here is from the kernel's own tables, not from libaudit's. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "syscalls.h"

#define NONE   -1
#define X32(n) ((n) | 0x40000000)

/* Numbers in the order of names[]. */
static const struct truth {
	const char *arch_name;
	uint32_t arch;
	int number[11];
} truths[] = {
    {"x86_64", 0xc000003e, {57, 58, 56, 435, 59, 322, 60, 231, 272, 308, 169}},
    {"i386", 0x40000003, {2, 190, 120, 435, 11, 358, 1, 252, 310, 346, 88}},
    {"aarch64", 0xc00000b7,
	{NONE, NONE, 220, 435, 221, 281, 93, 94, 97, 268, 142}},
    {"riscv64", 0xc00000f3,
	{NONE, NONE, 220, 435, 221, 281, 93, 94, 97, 268, 142}},
    {"loongarch64", 0xc0000102,
	{NONE, NONE, 220, 435, 221, 281, 93, 94, 97, 268, 142}},
    {"arm", 0x40000028, {2, 190, 120, 435, 11, 387, 1, 248, 337, 375, 88}},
    {"s390x", 0x80000016, {2, 190, 120, 435, 11, 354, 1, 248, 303, 339, 88}},
    {"s390", 0x00000016, {2, 190, 120, 435, 11, 354, 1, 248, 303, 339, 88}},
    {"ppc64le", 0xc0000015, {2, 189, 120, 435, 11, 362, 1, 234, 282, 350, 88}},
    {"ppc64", 0x80000015, {2, 189, 120, 435, 11, 362, 1, 234, 282, 350, 88}},
    {"ppc", 0x00000014, {2, 189, 120, 435, 11, 362, 1, 234, 282, 350, 88}},
};
#define TRUTHS (sizeof(truths) / sizeof(truths[0]))

static const char *const names[11] = {"fork", "vfork", "clone", "clone3",
    "execve", "execveat", "exit", "exit_group", "unshare", "setns", "reboot"};
static const enum syscall_kind kinds[11] = {SYSCALL_FORK, SYSCALL_VFORK,
    SYSCALL_CLONE, SYSCALL_CLONE3, SYSCALL_EXEC, SYSCALL_EXEC, SYSCALL_EXIT,
    SYSCALL_EXIT_GROUP, SYSCALL_UNSHARE, SYSCALL_SETNS, SYSCALL_REBOOT};

static int
setup(void **state)
{
	*state = syscalls_new();
	return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	syscalls_free(*state);
	return 0;
}

/* What the kernel's table says of a number. */
static enum syscall_kind
true_kind(const struct truth *truth, int number)
{
	for (size_t i = 0; i < 11; i++) {
		if (truth->number[i] == number)
			return kinds[i];
	}
	return SYSCALL_OTHER;
}

/* Every number, so that no other call is taken for one of ours either. */
static void
test_every_number_of_every_arch(void **state)
{
	for (size_t t = 0; t < TRUTHS; t++) {
		assert_true(syscalls_knows(*state, truths[t].arch));
		for (int n = 0; n < 1000; n++) {
			enum syscall_kind kind =
			    syscalls_kind(*state, truths[t].arch, n);

			if (kind != true_kind(&truths[t], n))
				fail_msg("%s %d is taken for kind %d",
				    truths[t].arch_name, n, (int)kind);
		}
	}
}

/* x32 shares most numbers with x86_64, but not those of exec. */
static void
test_x32_has_its_own_execs(void **state)
{
	static const struct truth x32 = {"x32", 0xc000003e,
	    {57, 58, 56, 435, 520, 545, 60, 231, 272, 308, 169}};

	for (int n = 0; n < 1000; n++)
		assert_int_equal(syscalls_kind(*state, x32.arch, X32(n)),
		    true_kind(&x32, n));
	/* The bit means nothing to other architectures. */
	assert_int_equal(
	    syscalls_kind(*state, 0x40000003, X32(11)), SYSCALL_OTHER);
}

static void
test_what_is_unknown_is_other(void **state)
{
	assert_false(syscalls_knows(*state, 0));
	assert_false(syscalls_knows(*state, 0xc0000032));
	assert_int_equal(syscalls_kind(*state, 0, 1), SYSCALL_OTHER);
	assert_int_equal(syscalls_kind(*state, 0xffffffff, 59), SYSCALL_OTHER);
	assert_int_equal(syscalls_kind(*state, 0xc000003e, -1), SYSCALL_OTHER);
	assert_int_equal(
	    syscalls_kind(*state, 0xc000003e, INT32_MIN), SYSCALL_OTHER);
	assert_int_equal(
	    syscalls_kind(*state, 0xc000003e, INT32_MAX), SYSCALL_OTHER);
}

static void
test_list_holds_what_the_arch_has(void **state)
{
	struct syscall_entry entries[SYSCALLS_ENTRIES_MAX];

	(void)state;
	for (size_t t = 0; t < TRUTHS; t++) {
		size_t n = syscalls_list(truths[t].arch, entries);
		size_t at = 0;

		for (size_t i = 0; i < 11; i++) {
			if (truths[t].number[i] == NONE)
				continue;
			assert_true(at < n);
			assert_string_equal(entries[at].name, names[i]);
			assert_int_equal(
			    entries[at].number, truths[t].number[i]);
			assert_int_equal(entries[at].kind, kinds[i]);
			at++;
		}
		assert_int_equal(at, n);
	}
	assert_int_equal(syscalls_list(0xc0000032, entries), 0);
}

/* Every libaudit names the calls of the machine it was built for. */
static void
test_names_of_x86_are_known(void **state)
{
	struct syscall_entry entries[SYSCALLS_ENTRIES_MAX];
	size_t n = syscalls_list(SYSCALLS_X86_64, entries);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		if (entries[i].kind != SYSCALL_CLONE3)
			assert_true(entries[i].named);
	}
}

static void
test_clone_flags_are_second_on_s390(void **state)
{
	(void)state;
	for (size_t t = 0; t < TRUTHS; t++) {
		uint32_t arch = truths[t].arch;
		bool s390 = arch == 0x80000016 || arch == 0x16;

		assert_int_equal(
		    syscalls_clone_flags(arch, 0x1200011, 0x7ffe0000),
		    s390 ? 0x7ffe0000 : 0x1200011);
	}
	/* The kernel takes the low half only. */
	assert_int_equal(
	    syscalls_clone_flags(SYSCALLS_X86_64, 0xffffffff00010f00, 0),
	    0x10f00);
}

static void
test_clone_flags_are_told_apart(void **state)
{
	/* As pthread_create of glibc 2.31, fork(), and unshare(1) ask. */
	uint32_t thread = 0x3d0f00, fork_flags = 0x1200011;
	uint32_t sibling = 0x8011, newpid = 0x20000011;

	(void)state;
	assert_true(syscalls_clone_thread(thread));
	assert_false(syscalls_clone_thread(fork_flags));
	assert_false(syscalls_clone_thread(sibling));
	assert_true(syscalls_clone_sibling(sibling));
	assert_false(syscalls_clone_sibling(fork_flags));
	assert_true(syscalls_clone_new_pidns(newpid));
	assert_false(syscalls_clone_new_pidns(fork_flags));
}

static void
test_errors_have_names(void **state)
{
	(void)state;
	assert_string_equal(syscalls_error_name(ENOENT), "ENOENT");
	assert_string_equal(syscalls_error_name(EAGAIN), "EAGAIN");
	assert_null(syscalls_error_name(0));
	assert_null(syscalls_error_name(-1));
	assert_null(syscalls_error_name(9999));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_number_of_every_arch),
	    cmocka_unit_test(test_x32_has_its_own_execs),
	    cmocka_unit_test(test_what_is_unknown_is_other),
	    cmocka_unit_test(test_list_holds_what_the_arch_has),
	    cmocka_unit_test(test_names_of_x86_are_known),
	    cmocka_unit_test(test_clone_flags_are_second_on_s390),
	    cmocka_unit_test(test_clone_flags_are_told_apart),
	    cmocka_unit_test(test_errors_have_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
