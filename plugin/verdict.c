/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict.h"

#include <string.h>

#include "acct_record.h"

#define CORE_BIT 0x80

static void
add_code(uint8_t *set, int32_t code)
{
	set[(code & 0xff) / 8] |= (uint8_t)(1u << (code & 7));
}

/* Whether the code of this wait status is one of the set. */
static bool
has_code(const uint8_t *set, uint32_t status)
{
	return set[(status >> 8 & 0xff) / 8] >> (status >> 8 & 7) & 1;
}

/* Of the 64 signals; 0 is none. */
static uint64_t
signal_bit(uint32_t status)
{
	uint32_t signal = status & 0x7f;

	return signal == 0 || signal > 64 ? 0 : UINT64_C(1) << (signal - 1);
}

static void
exited(struct event_end *end, uint32_t code, bool certain)
{
	end->kind = END_EXIT;
	end->has_status = true;
	end->certain = certain;
	end->status = (code & 0xff) << 8;
}

static void
killed(struct event_end *end, uint32_t signal, bool certain)
{
	end->kind = END_SIGNAL;
	end->has_status = true;
	end->certain = certain;
	end->status = signal & 0x7f;
}

/* Without an accounting record nothing is proven: a SIGKILL may have won. */
static void
audit_only(const struct evidence *ev, struct event_end *end)
{
	if (ev->exit_group)
		exited(end, ev->code, false);
	else if (ev->abend)
		killed(end, ev->abend_signal, false);
	else if (ev->thread_exit)
		exited(end, ev->thread_code, false);
}

/*
 * Accounting has the group leader's code (kernel/acct.c, acct_collect()), who
 * may have left by exit(2) before another thread's exit_group; the wait status
 * is that exit_group's then.
 */
static void
both_normal(const struct evidence *ev, struct event_end *end)
{
	struct exit_codes codes = verdict_codes(ev);
	bool agree = has_code(codes.group, ev->acct_status);
	bool signaled = (ev->acct_flags & ACCT_XSIG) != 0 || ev->abend;

	/* If the leader left before, a signal may have won unseen. */
	if (has_code(codes.left, ev->acct_status))
		exited(end, ev->code, !ev->conflicting && !signaled);
	else if (ev->conflicting)
		/* all leave with the winner's code (kernel/exit.c,
		 * do_group_exit()); the order of the records is not the order
		 * in which they got the lock */
		exited(end, ev->acct_status >> 8, agree);
	else
		exited(end, ev->code, agree);
}

/* No exit_group: threads left one by one, or nothing was audited. */
static void
acct_normal(const struct evidence *ev, struct event_end *end)
{
	bool alone = !ev->threads && (ev->acct_flags & ACCT_XSIG) == 0;

	if (ev->abend)
		killed(end, ev->abend_signal, false);
	else if (ev->thread_exit && alone)
		exited(end, ev->acct_status >> 8,
		    (uint32_t)ev->thread_code << 8 == ev->acct_status);
	else if (ev->thread_exit)
		/* since synchronize_group_exit() (kernel/exit.c, 6.0) the
		 * last thread's exit decides, before it was the leader's */
		exited(end, ev->thread_code, false);
	else
		exited(end, ev->acct_status >> 8, false);
}

struct exit_codes
verdict_codes(const struct evidence *ev)
{
	struct exit_codes codes = {0};

	if (ev->codes != NULL)
		return *ev->codes;
	if (ev->any_code)
		memset(&codes, 0xff, sizeof(codes));
	if (ev->exit_group)
		add_code(codes.group, ev->code);
	if (ev->thread_exit)
		add_code(codes.left, ev->thread_code);
	return codes;
}

void
verdict_set_codes(
    struct blocks *b, struct evidence *ev, const struct exit_codes *codes)
{
	struct exit_codes known = verdict_codes(ev);

	if (memcmp(&known, codes, sizeof(known)) == 0)
		return;
	if (ev->codes == NULL)
		ev->codes = blocks_take(b, sizeof(*ev->codes));
	if (ev->codes != NULL)
		*ev->codes = *codes;
	else
		ev->any_code = ev->conflicting = true;
}

void
verdict_drop_codes(struct blocks *b, struct evidence *ev)
{
	blocks_give(b, ev->codes, sizeof(*ev->codes));
	ev->codes = NULL;
	ev->any_code = false;
}

void
verdict_add_group(struct blocks *b, struct evidence *ev, int32_t code)
{
	struct exit_codes codes = verdict_codes(ev);

	if (!ev->exit_group)
		ev->code = (uint8_t)code;
	else
		ev->conflicting |= ev->code != (uint8_t)code;
	ev->exit_group = true;
	add_code(codes.group, code);
	verdict_set_codes(b, ev, &codes);
}

void
verdict_add_left(struct blocks *b, struct evidence *ev, int32_t code)
{
	struct exit_codes codes = verdict_codes(ev);

	ev->thread_exit = true;
	ev->thread_code = (uint8_t)code;
	add_code(codes.left, code);
	verdict_set_codes(b, ev, &codes);
}

void
verdict_add_seccomp(struct evidence *ev, int32_t signal)
{
	ev->seccomp_again = ev->seccomp != 0;
	ev->seccomp |= signal_bit((uint32_t)signal);
}

bool
verdict_has_left(const struct evidence *ev, uint32_t status)
{
	struct exit_codes codes = verdict_codes(ev);

	return has_code(codes.left, status);
}

bool
verdict_has_said(const struct evidence *ev, uint32_t status)
{
	struct exit_codes codes = verdict_codes(ev);

	return has_code(codes.left, status) || has_code(codes.group, status);
}

/*
 * seccomp killed a thread, and it may have been the leader, whose code is in
 * accounting (kernel/seccomp.c, __seccomp_filter(): do_exit(SIGSYS) if there
 * are others, and __secure_computing_strict()): the others went on.
 */
static bool
may_be_thread_s(const struct evidence *ev)
{
	/* the last one gets a signal, and all of them by it */
	bool last = ev->abend && ev->abend_signal == (ev->acct_status & 0x7f);

	return (ev->seccomp & signal_bit(ev->acct_status)) != 0 &&
	       ev->threads && (!last || ev->seccomp_again);
}

static void
others_went_on(const struct evidence *ev, struct event_end *end)
{
	bool signaled = (ev->acct_flags & ACCT_XSIG) != 0 || ev->abend;

	if (ev->exit_group)
		exited(end, ev->code, !ev->conflicting && !signaled);
	else if (ev->abend)
		killed(end, ev->abend_signal, false);
	else if (ev->thread_exit)
		exited(end, ev->thread_code, false);
	else
		killed(end, ev->acct_status, false);
}

static void
acct_signal(const struct evidence *ev, struct event_end *end)
{
	/* if it is the code of a leader that seccomp killed alone, there is no
	 * word of a core in it */
	bool alone =
	    ev->threads && (ev->seccomp & signal_bit(ev->acct_status)) != 0;

	killed(end, ev->acct_status, true);
	end->status |= ev->acct_status & CORE_BIT;
	end->core_known = !alone || (end->status & CORE_BIT) != 0;
}

/*
 * In a pid namespace it kills the first process, whose status it is, whatever
 * that left with, and whatever accounting wrote before (kernel/pid_namespace.c,
 * reboot_pid_ns() and zap_pid_ns_processes()).
 */
static void
rebooted(const struct evidence *ev, struct event_end *end)
{
	killed(end, ev->reboot, !ev->reboot_unsure && !ev->may_be_reboot);
	end->core_known = true;
}

void
verdict_add_reboot(struct evidence *ev, int32_t signal)
{
	ev->reboot_unsure |= ev->reboot != 0 && ev->reboot != signal;
	ev->reboot = (uint8_t)signal;
}

void
verdict(const struct evidence *ev, struct event_end *end)
{
	end->kind = END_VANISHED;
	end->has_status = end->certain = end->core_known = false;
	end->status = 0;
	if (ev->reboot != 0) {
		rebooted(ev, end);
		return;
	}
	if (!ev->acct) {
		audit_only(ev, end);
		return;
	}
	if (may_be_thread_s(ev))
		others_went_on(ev, end);
	else if ((ev->acct_status & 0x7f) != 0)
		acct_signal(ev, end);
	else if (ev->exit_group)
		both_normal(ev, end);
	else
		acct_normal(ev, end);
	end->certain &= ev->proven && !ev->may_be_reboot;
}
