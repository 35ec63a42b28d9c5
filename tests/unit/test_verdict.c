/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a process died, row by row of the table by which status is decided: the
 * signals and codes are as the kernel gives them, the wanted status is what
 * the parent's waitpid(2) got.
 */
#include "verdict.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "acct_record.h"

#define CORE  0x80 /* in a wait status */
#define OTHER 2    /* who conflicts says so with this code */

/* Accounting's record of a leader that ended so. */
#define ACCT(status)  .acct = true, .proven = true, .acct_status = (status)
#define EXIT_GROUP(n) .exit_group = true, .code = (n)
#define EXIT(n)       .thread_exit = true, .thread_code = (n)
#define ABEND(n)      .abend = true, .abend_signal = (n)

static bool memory_is_short;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *
__wrap_malloc(size_t size)
{
	return memory_is_short ? NULL : __real_malloc(size);
}

static struct event_end
judge(struct evidence ev)
{
	struct blocks blocks = {0};
	struct event_end end;

	/* all that a verdict fills must be filled */
	memset(&end, 0xff, sizeof(end));
	if (ev.thread_exit)
		verdict_add_left(&blocks, &ev, ev.thread_code);
	if (ev.exit_group)
		verdict_add_group(&blocks, &ev, ev.code);
	if (ev.conflicting)
		verdict_add_group(&blocks, &ev, OTHER);
	verdict(&ev, &end);
	verdict_drop_codes(&blocks, &ev);
	blocks_fini(&blocks);
	return end;
}

static void
assert_exit(struct evidence ev, int code, bool certain)
{
	struct event_end end = judge(ev);

	assert_int_equal(end.kind, END_EXIT);
	assert_true(end.has_status);
	assert_true(WIFEXITED(end.status));
	assert_int_equal(WEXITSTATUS(end.status), code);
	assert_int_equal(end.status, code << 8);
	assert_int_equal(end.certain, certain);
	assert_false(end.core_known);
}

static void
assert_signal(struct evidence ev, uint32_t status, bool certain, bool core)
{
	struct event_end end = judge(ev);

	assert_int_equal(end.kind, END_SIGNAL);
	assert_true(end.has_status);
	assert_true(WIFSIGNALED(end.status));
	assert_int_equal(end.status, status);
	assert_int_equal(end.certain, certain);
	assert_int_equal(end.core_known, core);
}

static void
assert_no_status(struct evidence ev)
{
	struct event_end end = judge(ev);

	assert_int_equal(end.kind, END_VANISHED);
	assert_false(end.has_status);
	assert_false(end.certain);
	assert_false(end.core_known);
	assert_int_equal(end.status, 0);
}

#define EV(...) ((struct evidence){__VA_ARGS__})

/* Row 1: low 7 bits of ac_exitcode: the signal, whatever else was seen. */
static void
test_acct_signal(void **state)
{
	(void)state;
	assert_signal(EV(ACCT(SIGTERM)), SIGTERM, true, true);
	assert_signal(EV(ACCT(SIGSEGV | CORE), ABEND(SIGSEGV)), SIGSEGV | CORE,
	    true, true);
	/* core dumped is bit 7 alone: ac_flag's ACORE says "attempted" */
	assert_signal(EV(ACCT(SIGSEGV), .acct_flags = ACCT_CORE | ACCT_XSIG,
			  ABEND(SIGSEGV)),
	    SIGSEGV, true, true);
	assert_signal(EV(ACCT(64)), 64, true, true);
}

/* Row 1: a SIGKILL that won against exit_group, or ended a core dump. */
static void
test_acct_signal_wins(void **state)
{
	(void)state;
	assert_signal(EV(ACCT(SIGKILL), EXIT_GROUP(0)), SIGKILL, true, true);
	assert_signal(EV(ACCT(SIGKILL), EXIT_GROUP(3), .conflicting = true),
	    SIGKILL, true, true);
	assert_signal(EV(ACCT(SIGKILL), ABEND(SIGSEGV)), SIGKILL, true, true);
	assert_signal(
	    EV(ACCT(SIGKILL), EXIT(0), .threads = true), SIGKILL, true, true);
}

/* Whatever the books say, and where they say nothing. */
static void
test_reboot(void **state)
{
	(void)state;
	assert_signal(EV(ACCT(SIGKILL), .reboot = SIGHUP), SIGHUP, true, true);
	assert_signal(
	    EV(.reboot = SIGINT, .proven = false), SIGINT, true, true);
	assert_signal(EV(ACCT(3 << 8), EXIT_GROUP(3), .reboot = SIGINT), SIGINT,
	    true, true);
	assert_signal(
	    EV(ACCT(SIGKILL), .reboot = SIGHUP, .reboot_unsure = true), SIGHUP,
	    false, true);
	assert_signal(
	    EV(ACCT(SIGKILL), .may_be_reboot = true), SIGKILL, false, true);
	assert_exit(
	    EV(ACCT(3 << 8), EXIT_GROUP(3), .may_be_reboot = true), 3, false);
}

static void
test_two_reboots(void **state)
{
	struct evidence ev = EV(ACCT(SIGKILL));

	(void)state;
	verdict_add_reboot(&ev, SIGHUP);
	verdict_add_reboot(&ev, SIGHUP);
	assert_signal(ev, SIGHUP, true, true);
	verdict_add_reboot(&ev, SIGINT);
	assert_signal(ev, SIGINT, false, true);
}

/* Row 2: both say the same. */
static void
test_both_agree(void **state)
{
	(void)state;
	assert_exit(EV(ACCT(0), EXIT_GROUP(0)), 0, true);
	assert_exit(EV(ACCT(3 << 8), EXIT_GROUP(3)), 3, true);
	assert_exit(EV(ACCT(0xff00), EXIT_GROUP(255)), 255, true);
	/* AXSIG is set on whoever had living siblings at its exit */
	assert_exit(EV(ACCT(3 << 8), .acct_flags = ACCT_XSIG, EXIT_GROUP(3),
			.threads = true),
	    3, true);
}

/* Row 3: the leader left before, by an exit that accounting tells of. */
static void
test_leader_left_early(void **state)
{
	(void)state;
	assert_exit(
	    EV(ACCT(0), EXIT_GROUP(3), EXIT(0), .threads = true), 3, true);
	assert_exit(
	    EV(ACCT(5 << 8), EXIT_GROUP(3), EXIT(5), .threads = true), 3, true);
}

/*
 * Row 3: two exit_groups with different codes: accounting has the winner's;
 * where the leader left before, the first counts, and nothing is proven.
 */
static void
test_two_exit_groups(void **state)
{
	(void)state;
	assert_exit(EV(ACCT(1 << 8), EXIT_GROUP(1), .conflicting = true,
			.threads = true),
	    1, true);
	assert_exit(EV(ACCT(OTHER << 8), EXIT_GROUP(1), .conflicting = true,
			.threads = true),
	    OTHER, true);
	assert_exit(EV(ACCT(3 << 8), EXIT_GROUP(1), .conflicting = true,
			.threads = true),
	    3, false);
	assert_exit(EV(ACCT(OTHER << 8), EXIT_GROUP(1), .conflicting = true,
			EXIT(OTHER), .threads = true),
	    1, false);
	assert_exit(EV(ACCT(0), EXIT_GROUP(1), .conflicting = true, EXIT(0),
			.threads = true),
	    1, false);
}

/* Row 3: what no thread's exit explains is not proven. */
static void
test_books_differ(void **state)
{
	struct event_end end =
	    judge(EV(ACCT(7 << 8), EXIT_GROUP(3), .threads = true));

	(void)state;
	assert_true(end.has_status);
	assert_false(end.certain);
	end = judge(EV(ACCT(7 << 8), EXIT_GROUP(3), EXIT(5)));
	assert_true(end.has_status);
	assert_false(end.certain);
}

/* Row 4: exit(2) only; proven if there was never a second thread. */
static void
test_exit_alone(void **state)
{
	(void)state;
	assert_exit(EV(ACCT(0), EXIT(0)), 0, true);
	assert_exit(EV(ACCT(7 << 8), EXIT(7)), 7, true);
	assert_exit(EV(ACCT(7 << 8), EXIT(6)), 7, false);
}

/*
 * Row 4: a second thread, or a sign of one: the last exit's code, as kernels
 * from about 6.0 have it, where accounting has the leader's.
 */
static void
test_exit_of_many(void **state)
{
	(void)state;
	assert_exit(EV(ACCT(5 << 8), EXIT(7), .threads = true), 7, false);
	assert_exit(EV(ACCT(7 << 8), EXIT(7), .threads = true), 7, false);
	assert_exit(EV(ACCT(0), .acct_flags = ACCT_XSIG, EXIT(0)), 0, false);
	/* AFORK and ACORE tell nothing of threads */
	assert_exit(
	    EV(ACCT(0), .acct_flags = ACCT_FORK | ACCT_CORE, EXIT(0)), 0, true);
}

/* Row 4: the rest crashed after the leader's exit. */
static void
test_exit_and_crash(void **state)
{
	(void)state;
	assert_signal(EV(ACCT(0), EXIT(0), .threads = true, ABEND(SIGABRT)),
	    SIGABRT, false, false);
	assert_signal(
	    EV(ACCT(0), .acct_flags = ACCT_XSIG, EXIT(0), ABEND(SIGSYS)),
	    SIGSYS, false, false);
}

/* Accounting alone: it has the leader's code, and no one saw the rest. */
static void
test_acct_alone(void **state)
{
	(void)state;
	assert_exit(EV(ACCT(0)), 0, false);
	assert_exit(EV(ACCT(4 << 8), .gone = true), 4, false);
}

/* Row 5: no accounting record: never proven. */
static void
test_audit_alone(void **state)
{
	(void)state;
	assert_exit(EV(EXIT_GROUP(0)), 0, false);
	assert_exit(EV(EXIT_GROUP(9), .gone = true), 9, false);
	assert_exit(
	    EV(EXIT_GROUP(1), .conflicting = true, .threads = true), 1, false);
	assert_exit(EV(EXIT_GROUP(1), ABEND(SIGSEGV)), 1, false);
	assert_signal(EV(ABEND(SIGSEGV)), SIGSEGV, false, false);
	assert_signal(EV(ABEND(SIGSYS), .gone = true), SIGSYS, false, false);
	assert_signal(EV(ABEND(SIGSEGV), EXIT(0), .threads = true), SIGSEGV,
	    false, false);
	assert_exit(EV(EXIT(6)), 6, false);
}

/* Row 5: nobody told anything. */
static void
test_nothing(void **state)
{
	(void)state;
	assert_no_status(EV(.exit_group = false));
	assert_no_status(EV(.gone = true));
	assert_no_status(EV(.gone = true, .threads = true));
	/* what no record filled in counts for nothing */
	assert_no_status(EV(.acct_status = SIGKILL, .code = 3, .thread_code = 4,
	    .abend_signal = 11, .acct_flags = ACCT_XSIG));
}

#define SECCOMP(n) .seccomp = UINT64_C(1) << ((n)-1)

/* One by a filter, one in strict mode. */
#define TWO_THREADS_KILLED                                                     \
	.seccomp = UINT64_C(1) << (SIGSYS - 1) | UINT64_C(1) << (SIGKILL - 1), \
	.seccomp_again = true, .threads = true

/*
 * seccomp kills a thread by do_exit(): if that was the leader, accounting has
 * its signal, whatever became of the others.
 */
static void
test_seccomp(void **state)
{
	(void)state;
	assert_signal(EV(ACCT(SIGKILL), SECCOMP(SIGKILL)), SIGKILL, true, true);
	assert_exit(
	    EV(ACCT(SIGSYS), SECCOMP(SIGSYS), .threads = true, EXIT_GROUP(3)),
	    3, true);
	assert_exit(EV(ACCT(SIGSYS), SECCOMP(SIGSYS), .threads = true,
			.acct_flags = ACCT_XSIG, EXIT_GROUP(3)),
	    3, false);
	assert_exit(EV(ACCT(SIGSYS), SECCOMP(SIGSYS), .threads = true, EXIT(4)),
	    4, false);
	assert_signal(EV(ACCT(SIGSYS), SECCOMP(SIGSYS), .threads = true),
	    SIGSYS, false, false);
	/* the leader was the last: it got a signal */
	assert_signal(EV(ACCT(SIGSYS | CORE), SECCOMP(SIGSYS), ABEND(SIGSYS),
			  .threads = true),
	    SIGSYS | CORE, true, true);
	/* or it left, and who crashed after that may have dumped core */
	assert_signal(
	    EV(ACCT(SIGSYS), SECCOMP(SIGSYS), ABEND(SIGSYS), .threads = true),
	    SIGSYS, true, false);
	assert_signal(EV(ACCT(SIGSYS), SECCOMP(SIGSYS), ABEND(SIGSYS)), SIGSYS,
	    true, true);
	assert_signal(EV(ACCT(SIGSYS), SECCOMP(SIGSYS), ABEND(SIGSYS),
			  .seccomp_again = true, .threads = true),
	    SIGSYS, false, false);
	assert_exit(
	    EV(ACCT(SIGSYS), TWO_THREADS_KILLED, EXIT_GROUP(3)), 3, true);
	assert_exit(
	    EV(ACCT(SIGKILL), TWO_THREADS_KILLED, EXIT_GROUP(3)), 3, true);
	/* the leader is another one */
	assert_signal(EV(ACCT(SIGTERM), SECCOMP(SIGSYS), .threads = true),
	    SIGTERM, true, true);
	assert_exit(
	    EV(ACCT(3 << 8), SECCOMP(SIGSYS), .threads = true, EXIT_GROUP(3)),
	    3, true);
}

static bool
has_left(const struct evidence *ev, int code)
{
	return verdict_has_left(ev, (uint32_t)code << 8);
}

static bool
has_said(const struct evidence *ev, int code)
{
	return verdict_has_said(ev, (uint32_t)code << 8);
}

/* One of each kind, however often, takes no memory. */
static void
test_one_code_of_each(void **state)
{
	struct blocks blocks = {0};
	struct evidence ev = EV(.code = 1, .thread_code = 2);

	(void)state;
	assert_false(has_said(&ev, 0));
	assert_false(has_said(&ev, 1));
	assert_false(has_said(&ev, 2));
	memory_is_short = true;
	for (int i = 0; i < 2; i++) {
		verdict_add_left(&blocks, &ev, 255);
		verdict_add_group(&blocks, &ev, 0);
	}
	memory_is_short = false;
	for (int code = 0; code < 256; code++) {
		assert_int_equal(has_left(&ev, code), code == 255);
		assert_int_equal(has_said(&ev, code), code == 255 || code == 0);
	}
	assert_false(ev.conflicting);
	assert_null(ev.codes);
}

/* Each is remembered, and none besides, also by who is given them. */
static void
test_many_codes(void **state)
{
	struct blocks blocks = {0};
	struct evidence ev = EV(.acct = false), other;
	struct exit_codes codes;

	(void)state;
	for (int code = 3; code < 256; code += 3)
		verdict_add_left(&blocks, &ev, code);
	for (int code = 5; code < 256; code += 5)
		verdict_add_group(&blocks, &ev, code);
	assert_int_equal(ev.thread_code, 255);
	assert_int_equal(ev.code, 5);
	assert_true(ev.conflicting);
	other = ev;
	other.codes = NULL;
	codes = verdict_codes(&ev);
	verdict_set_codes(&blocks, &other, &codes);
	assert_ptr_not_equal(other.codes, ev.codes);
	verdict_drop_codes(&blocks, &ev);
	for (int code = 0; code < 256; code++) {
		bool three = code > 0 && code % 3 == 0;
		bool five = code > 0 && code % 5 == 0;

		assert_int_equal(has_left(&other, code), three);
		assert_int_equal(has_said(&other, code), three || five);
		assert_int_equal(has_said(&ev, code), code == 5 || code == 255);
	}
	verdict_drop_codes(&blocks, &other);
	blocks_fini(&blocks);
}

/*
 * The leader left with 5, and an exit_group was after that: proven, unless it
 * is not known who left with what.
 */
static void
test_memory_is_short(void **state)
{
	struct blocks blocks = {0};
	struct event_end end;
	struct evidence ev = EV(ACCT(5 << 8), .threads = true);

	(void)state;
	verdict_add_left(&blocks, &ev, 5);
	memory_is_short = true;
	verdict_add_left(&blocks, &ev, 6);
	memory_is_short = false;
	verdict_add_group(&blocks, &ev, 3);
	verdict_add_left(&blocks, &ev, 7);
	assert_null(ev.codes);
	for (int code = 0; code < 256; code++)
		assert_true(has_left(&ev, code));
	verdict(&ev, &end);
	assert_int_equal(end.status, 3 << 8);
	assert_false(end.certain);
	/* nor if accounting says what the exit_group does */
	ev.acct_status = 3 << 8;
	verdict(&ev, &end);
	assert_int_equal(end.status, 3 << 8);
	assert_false(end.certain);
	verdict_drop_codes(&blocks, &ev);
	assert_false(has_left(&ev, 5));
	assert_true(has_left(&ev, 7));
	blocks_fini(&blocks);
}

/* The same of exit_groups. */
static void
test_memory_is_short_for_groups(void **state)
{
	struct blocks blocks = {0};
	struct event_end end;
	struct evidence ev = EV(ACCT(4 << 8), .threads = true);

	(void)state;
	verdict_add_group(&blocks, &ev, 3);
	memory_is_short = true;
	verdict_add_group(&blocks, &ev, 4);
	memory_is_short = false;
	assert_null(ev.codes);
	assert_true(has_said(&ev, 4));
	verdict(&ev, &end);
	assert_true(end.has_status);
	assert_false(end.certain);
	blocks_fini(&blocks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_acct_signal),
	    cmocka_unit_test(test_acct_signal_wins),
	    cmocka_unit_test(test_reboot),
	    cmocka_unit_test(test_two_reboots),
	    cmocka_unit_test(test_both_agree),
	    cmocka_unit_test(test_leader_left_early),
	    cmocka_unit_test(test_two_exit_groups),
	    cmocka_unit_test(test_books_differ),
	    cmocka_unit_test(test_exit_alone),
	    cmocka_unit_test(test_exit_of_many),
	    cmocka_unit_test(test_exit_and_crash),
	    cmocka_unit_test(test_acct_alone),
	    cmocka_unit_test(test_seccomp),
	    cmocka_unit_test(test_audit_alone),
	    cmocka_unit_test(test_nothing),
	    cmocka_unit_test(test_one_code_of_each),
	    cmocka_unit_test(test_many_codes),
	    cmocka_unit_test(test_memory_is_short),
	    cmocka_unit_test(test_memory_is_short_for_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
