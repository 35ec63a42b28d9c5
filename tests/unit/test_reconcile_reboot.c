/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reboot(2) in a pid namespace: its first is killed, and what its parent is
 * told of that is a hangup, or an interrupt, which no book has.
 */
#include "story_world.h"

#include <signal.h>

#define SHELL    STORY_SHELL
#define LATENESS 2000

static void
begin(struct story *s)
{
	story_begin(s, true);
	reconcile_reboots_told(s->r, true, TIME_UNKNOWN);
	story_found(s, SHELL);
	story_pass(s, 100);
}

/* pid is the first of a pid namespace. */
static void
bear_first(struct story *s, int32_t parent, int32_t pid)
{
	struct fact f = story_birth(s, parent, pid);

	f.birth.new_pidns = true;
	story_give(s, &f);
	story_pass(s, 100);
}

/* Where it is born it has another number. */
static void
bear_inside(struct story *s, int32_t parent, int32_t pid, int32_t number)
{
	struct fact f = story_birth(s, parent, number);

	story_give(s, &f);
	story_pass(s, 8);
	f = story_exec(s, pid, parent);
	story_give(s, &f);
	story_pass(s, 8);
	f = story_exec(s, parent, SHELL);
	story_give(s, &f);
	story_pass(s, 100);
}

static struct fact
reboot_by(struct story *s, int32_t pid, int32_t ppid, int32_t signal)
{
	struct fact f = story_exit(s, FACT_EXIT, pid, 0);

	f.ppid = ppid;
	f.reboot = signal;
	return f;
}

static void
call_reboot(struct story *s, int32_t pid, int32_t ppid, int32_t signal)
{
	struct fact f = reboot_by(s, pid, ppid, signal);

	story_give(s, &f);
}

static void
account(struct story *s, int32_t pid, int64_t birth_ms, uint32_t status)
{
	struct fact f = story_record(s, pid, SHELL, birth_ms, status);

	story_give(s, &f);
	story_barrier(s);
}

/* Word of a reboot may come when all else has come. */
static void
test_killed_first(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	story_told(&s, "fork 40<10");
	account(&s, 40, T0 + 100, SIGKILL);
	story_told(&s, "");
	story_pass(&s, LATENESS);
	story_told(&s, "end 40=9");
	story_end(&s);
}

/* Who could have called reboot was dead before it was reaped. */
static void
test_reaped(void **state)
{
	struct story s;
	int32_t pid = 0;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	assert_int_equal(reconcile_unreaped(s.r, &pid, 1), 0);
	account(&s, 40, T0 + 100, SIGKILL);
	story_told(&s, "fork 40<10");
	assert_int_equal(reconcile_unreaped(s.r, &pid, 1), 1);
	assert_int_equal(pid, 40);
	story_gone(&s, 40);
	assert_int_equal(reconcile_unreaped(s.r, &pid, 1), 0);
	/* but what was logged before may not be read yet */
	story_told(&s, "");
	story_barrier(&s);
	story_told(&s, "end 40=9");
	story_end(&s);
}

/* The same of one that left by itself, which its own record says. */
static void
test_reaped_after_it_left(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	bear_inside(&s, 40, 41, 2);
	story_told(&s, "fork 40<10 exec 40 fork 41<40 exec 41");
	story_leave(&s, 40, SHELL, 3);
	account(&s, 40, T0 + 100, 3 << 8);
	story_gone(&s, 40);
	story_told(&s, "");
	call_reboot(&s, 41, 40, SIGHUP);
	story_barrier(&s);
	story_told(&s, "end 40=1");
	story_end(&s);
}

/* It is over before a reboot that is unknown is called. */
static void
test_reaped_before_a_reboot(void **state)
{
	struct story s;
	struct fact f, call;

	(void)state;
	begin(&s);
	f = story_fact(&s, FACT_NAMESPACE, SHELL, 1);
	story_give(&s, &f);
	f = story_birth(&s, SHELL, 50);
	story_give(&s, &f);
	bear_first(&s, SHELL, 40);
	bear_inside(&s, 40, 41, 2);
	story_told(&s, "fork 50<10 fork 40<10 exec 40 fork 41<40 exec 41");
	account(&s, 40, T0 + 100, SIGKILL);
	story_gone(&s, 40);
	story_pass(&s, 8);
	call = story_exit(&s, FACT_EXIT, 50, 0);
	call.ppid = SHELL;
	call.reboot = SIGHUP;
	reconcile_fact(s.r, &call, s.now);
	story_barrier(&s);
	story_told(&s, "end 40=9");
	story_end(&s);
}

/*
 * clone3 may have made a namespace, or a thread; whichever it was, it was over
 * when /proc was asked, and so before a reboot that is unknown.
 */
static void
test_gone_before_a_reboot(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	f = story_birth(&s, SHELL, 40);
	f.birth.shape = BIRTH_UNDECIDED;
	story_give(&s, &f);
	story_pass(&s, 8);
	account(&s, 40, T0 + 100, SIGKILL);
	f = (struct fact){.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = SHELL,
	    .ppid = -1,
	    .task = {.child = 40, .gone = true, .seen_ms = s.ms}};
	story_give(&s, &f);
	story_pass(&s, LATENESS / 4);
	f = story_fact(&s, FACT_NAMESPACE, SHELL, 1);
	story_give(&s, &f);
	f = story_birth(&s, SHELL, 50);
	story_give(&s, &f);
	story_pass(&s, 8);
	call_reboot(&s, 50, SHELL, SIGHUP);
	story_told(&s, "fork 50<10");
	story_pass(&s, LATENESS);
	story_told(&s, "fork 40<10 end 40=9 end 50=0?");
	story_end(&s);
}

static void
test_killed_child_waits_for_nothing(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	f = story_birth(&s, SHELL, 40);
	story_give(&s, &f);
	story_pass(&s, 100);
	account(&s, 40, T0 + 100, SIGKILL);
	story_told(&s, "fork 40<10 end 40=9");
	story_end(&s);
}

static void
test_rebooted_by_child(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	bear_inside(&s, 40, 41, 2);
	call_reboot(&s, 41, 40, SIGHUP);
	account(&s, 40, T0 + 100, SIGKILL);
	story_told(&s, "fork 40<10 exec 40 fork 41<40 exec 41");
	account(&s, 41, T0 + 200, 0);
	story_pass(&s, LATENESS);
	story_told(&s, "end 41=0 end 40=1");
	story_end(&s);
}

/* Its caller is slower than the first is to die. */
static void
test_reboot_is_read_last(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	bear_inside(&s, 40, 41, 2);
	account(&s, 40, T0 + 100, SIGKILL);
	story_pass(&s, LATENESS / 2);
	call_reboot(&s, 41, 40, SIGINT);
	story_told(&s, "fork 40<10 exec 40 fork 41<40 exec 41");
	story_pass(&s, LATENESS / 2);
	story_told(&s, "end 40=2");
	story_end(&s);
}

/* It left before, but the last word is reboot's. */
static void
test_rebooted_while_it_leaves(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	bear_inside(&s, 40, 41, 2);
	f = story_exit(&s, FACT_EXIT_GROUP, 40, 3);
	story_give(&s, &f);
	account(&s, 40, T0 + 100, 3 << 8);
	call_reboot(&s, 41, 40, SIGHUP);
	story_pass(&s, LATENESS);
	story_told(
	    &s, "fork 40<10 exec 40 fork 41<40 exec 41 end 41=0? end 40=1");
	story_end(&s);
}

/* A SIGKILL is pending while it leaves: accounting has no record of it. */
static void
test_first_reboots(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	call_reboot(&s, 40, SHELL, SIGINT);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 40<10 end 40=2");
	story_end(&s);
}

static void
test_two_kinds_of_reboot(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	bear_inside(&s, 40, 41, 2);
	call_reboot(&s, 41, 40, SIGHUP);
	call_reboot(&s, 40, SHELL, SIGINT);
	story_pass(&s, LATENESS);
	story_told(
	    &s, "fork 40<10 exec 40 fork 41<40 exec 41 end 41=0? end 40=2?");
	story_end(&s);
}

/* A namespace below another is rebooted: that one goes on. */
static void
test_rebooted_below(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	f = story_birth(&s, 40, 2);
	f.birth.new_pidns = true;
	story_give(&s, &f);
	story_pass(&s, 8);
	f = story_exec(&s, 41, 40);
	story_give(&s, &f);
	story_pass(&s, 8);
	f = story_exec(&s, 40, SHELL);
	story_give(&s, &f);
	story_pass(&s, 100);
	story_told(&s, "fork 40<10 exec 40 fork 41<40 exec 41");
	call_reboot(&s, 41, 40, SIGHUP);
	story_pass(&s, LATENESS);
	story_told(&s, "end 41=1");
	account(&s, 40, T0 + 100, SIGKILL);
	story_pass(&s, LATENESS);
	story_told(&s, "end 40=9");
	story_end(&s);
}

/* Where setns(2) led it nobody sees, nor where its child called reboot. */
static void
test_rebooted_by_who_knows_whom(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	f = story_fact(&s, FACT_NAMESPACE, SHELL, 1);
	story_give(&s, &f);
	f = story_birth(&s, SHELL, 50);
	story_give(&s, &f);
	story_pass(&s, 100);
	call_reboot(&s, 50, SHELL, SIGHUP);
	account(&s, 40, T0 + 100, SIGKILL);
	story_pass(&s, LATENESS);
	/* without an accounting record it may have been killed amid the call */
	story_told(&s, "fork 40<10 fork 50<10 end 50=0? end 40=9?");
	bear_first(&s, SHELL, 41);
	account(&s, 41, s.ms - 100, SIGKILL);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 41<10 end 41=9");
	story_end(&s);
}

/* Who lived long after any reboot that is unknown was not killed by it. */
static void
test_lives_on_after_a_loss(void **state)
{
	struct story s;
	struct fact f;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	bear_first(&s, SHELL, 41);
	reconcile_lost(s.r, TIME_UNKNOWN, s.ms);
	account(&s, 40, T0 + 100, SIGKILL);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 40<10 fork 41<10 end 40=9?");
	f = story_exec(&s, 41, SHELL);
	story_give(&s, &f);
	account(&s, 41, T0 + 200, SIGKILL);
	story_pass(&s, LATENESS);
	story_told(&s, "exec 41 end 41=9");
	story_end(&s);
}

/* So it is, if 41 was killed when a call may go unread from then on. */
static void
expect_unread(struct story *s, int64_t from_ms, const char *want)
{
	begin(s);
	bear_first(s, SHELL, 41);
	account(s, 41, T0 + 100, SIGKILL);
	story_gone(s, 41);
	reconcile_reboots_told(s->r, false, from_ms);
	reconcile_reboots_told(s->r, true, s->ms + 500);
	story_pass(s, 1000);
	story_barrier(s);
	story_pass(s, LATENESS);
	story_told(s, want);
	story_end(s);
}

/* Until it is reaped a call that changed its status is logged. */
static void
test_reaped_before_rules_were_changed(void **state)
{
	struct story s;
	int64_t reaped_ms = T0 + 208;

	(void)state;
	expect_unread(&s, reaped_ms, "fork 41<10 end 41=9?");
	expect_unread(&s, reaped_ms + 1, "fork 41<10 end 41=9");
	expect_unread(&s, TIME_UNKNOWN, "fork 41<10 end 41=9?");
}

/* 41 and 42 died between losses, and it is told when so many were heard of. */
static void
expect_between_losses(int64_t losses, const char *want)
{
	struct story s;
	struct fact gone = {
	    .kind = FACT_GONE, .at = {TIME_UNKNOWN, 0}, .ppid = -1};
	int64_t from_ms = T0 + 100;

	begin(&s);
	for (gone.pid = 41; gone.pid <= 42; gone.pid++) {
		bear_first(&s, SHELL, gone.pid);
		account(&s, gone.pid, s.ms - 100, SIGKILL);
		story_pass(&s, 92);
	}
	for (int n = 0; n < losses; n++) {
		reconcile_lost(s.r, from_ms - 50, from_ms - 40);
		from_ms += n == 0 ? 200 : 300;
	}
	gone.pid = 41;
	gone.gone_ms = T0 + 220;
	story_give(&s, &gone);
	gone.pid = 42;
	gone.gone_ms = T0 + 420;
	story_give(&s, &gone);
	story_barrier(&s);
	story_told(&s, want);
	story_end(&s);
}

/* What is between the oldest is not known if there are too many. */
static void
test_between_losses(void **state)
{
	(void)state;
	expect_between_losses(8, "fork 41<10 fork 42<10 end 41=9 end 42=9");
	expect_between_losses(9, "fork 41<10 fork 42<10 end 41=9? end 42=9");
}

static void
test_reboots_are_not_told(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	reconcile_reboots_told(s.r, false, s.ms);
	bear_first(&s, SHELL, 40);
	account(&s, 40, T0 + 100, SIGKILL);
	story_told(&s, "fork 40<10 end 40=9?");
	bear_first(&s, SHELL, 41);
	/* who lived when that began may have been rebooted before */
	reconcile_reboots_told(s.r, true, s.ms);
	account(&s, 41, T0 + 208, SIGKILL);
	story_pass(&s, LATENESS);
	story_told(&s, "fork 41<10 end 41=9?");
	story_end(&s);
}

/* The call waits with its caller, whose birth is not known yet. */
static void
test_caller_waits(void **state)
{
	struct story s;
	struct fact call;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	call = reboot_by(&s, 41, 39, SIGHUP);
	account(&s, 40, T0 + 100, SIGKILL);
	story_pass(&s, LATENESS - 100);
	story_give(&s, &call);
	story_pass(&s, 100);
	story_told(&s, "fork 40<10");
	story_pass(&s, 2 * LATENESS);
	story_told(&s, "~fork 41<39 end 40=9?");
	story_end(&s);
}

/* Who is dead by then was not rebooted by it. */
static void
test_called_after_its_death(void **state)
{
	struct story s;

	(void)state;
	begin(&s);
	bear_first(&s, SHELL, 40);
	account(&s, 40, T0 + 100, SIGKILL);
	story_pass(&s, 200);
	call_reboot(&s, 41, 39, SIGHUP);
	story_pass(&s, 3 * LATENESS);
	story_told(&s, "fork 40<10 ~fork 41<39 end 40=9");
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_killed_first),
	    cmocka_unit_test(test_called_after_its_death),
	    cmocka_unit_test(test_reaped),
	    cmocka_unit_test(test_gone_before_a_reboot),
	    cmocka_unit_test(test_reaped_after_it_left),
	    cmocka_unit_test(test_reaped_before_a_reboot),
	    cmocka_unit_test(test_killed_child_waits_for_nothing),
	    cmocka_unit_test(test_rebooted_by_child),
	    cmocka_unit_test(test_reboot_is_read_last),
	    cmocka_unit_test(test_rebooted_while_it_leaves),
	    cmocka_unit_test(test_first_reboots),
	    cmocka_unit_test(test_two_kinds_of_reboot),
	    cmocka_unit_test(test_rebooted_below),
	    cmocka_unit_test(test_rebooted_by_who_knows_whom),
	    cmocka_unit_test(test_lives_on_after_a_loss),
	    cmocka_unit_test(test_reaped_before_rules_were_changed),
	    cmocka_unit_test(test_between_losses),
	    cmocka_unit_test(test_reboots_are_not_told),
	    cmocka_unit_test(test_caller_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
