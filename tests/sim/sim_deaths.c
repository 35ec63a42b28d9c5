/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_kernel.h"

#include <signal.h>

#define CORE_BIT 0x80

#define DUMP_US    80000
#define EXIT_MM_US 20000
#define REAP_US    100000

/* Per mille, where some exits are slow. */
#define SLOW_EXITS 100

/* mm_release(): a parent in vfork goes on. */
void
kernel_release_parent(struct sim_history *h, struct sim_life *l, int64_t us)
{
	int waiter = l->vfork_waiter;

	l->vfork_waiter = SIM_NONE;
	if (waiter == SIM_NONE || h->tasks[waiter].phase != PHASE_VFORKING)
		return;
	h->tasks[waiter].phase = PHASE_CALLING;
	history_wake(h, waiter, us + history_while(h, MOMENT_US));
}

/* A thread on its way into get_signal(). */
void
kernel_signal(struct sim_history *h, int task)
{
	struct sim_task *t = &h->tasks[task];
	struct sim_step call = t->call;
	int64_t us, dumped;

	switch (t->phase) {
	case PHASE_CALLING:
	case PHASE_EXECING:
		t->doomed = true;
		return;
	case PHASE_LEAVING_GROUP:
	case PHASE_LEAVING:
		t->zapped = true;
		return;
	case PHASE_DUMPING:
	case PHASE_SIGNALED:
	case PHASE_DEAD:
		return;
	case PHASE_VFORKING: /* killable: kernel/fork.c */
		kernel_queue_step(
		    h, &call, h->now_us + history_while(h, MOMENT_US));
		break;
	case PHASE_DETHREADING:
		kernel_life(h, task)->exec_task = SIM_NONE;
		call.success = false;
		kernel_queue_step(
		    h, &call, h->now_us + history_while(h, MOMENT_US));
		break;
	case PHASE_RUNNING:
	case PHASE_BREAKING:
		break;
	}
	t->phase = PHASE_SIGNALED;
	us = h->now_us + 2 * MOMENT_US + history_while(h, CALL_US);
	dumped = kernel_life(h, task)->dumped_us;
	history_wake(h, task, us > dumped ? us : dumped + us - h->now_us);
}

/* All threads but one. */
void
kernel_signal_others(struct sim_history *h, int life, int but)
{
	if (but != SIM_NONE && h->lives[life].live == 1)
		return;
	for (int i = h->lives[life].leader; i < h->ntasks; i++) {
		if (h->tasks[i].life == life && i != but)
			kernel_signal(h, i);
	}
}

void
kernel_kill(struct sim_history *h, int life, uint32_t status)
{
	struct sim_life *l = &h->lives[life];

	if (l->group_exit || l->live == 0)
		return;
	l->group_exit = true;
	l->group_code = status;
	kernel_signal_others(h, life, SIM_NONE);
}

/* Everybody in a namespace dies with its init (zap_pid_ns_processes()). */
static void
kill_namespace(struct sim_history *h, int life)
{
	for (int i = 0; i < h->nlives; i++) {
		int ns = h->lives[i].ns;

		while (ns != 0 && h->ns[ns].init != life)
			ns = h->ns[ns].parent;
		if (ns != 0 && i != life)
			kernel_kill(h, i, SIGKILL);
	}
}

bool
kernel_is_acct_off(const struct sim_history *h)
{
	return h->now_us >= h->acct_off_us && h->now_us < h->acct_on_us;
}

static void
end_life(struct sim_history *h, int life, bool lost, int64_t us)
{
	struct sim_life *l = &h->lives[life];
	struct sim_account *a = &l->account;

	l->died_us = us + history_while(h, EXIT_MM_US);
	if (h->profile->acct_lag_ms > 0 && rng_chance(&h->rng, SLOW_EXITS))
		l->died_us += history_while(h, h->profile->acct_lag_ms * 1000);
	l->status = l->group_exit ? l->group_code : l->leader_code;
	/* zap_pid_ns_processes(), after accounting has it */
	if (l->rebooted != 0)
		l->status = (uint32_t)l->rebooted;
	a->written = h->profile->acct && !lost && !kernel_is_acct_off(h);
	a->life = life;
	a->at_us = l->died_us;
	a->pid = l->pid;
	a->born_us = l->born_us;
	a->status = l->leader_code;
	a->flags = l->signaled ? 0x10 : 0;
	a->mem_kb = 1000 + (uint32_t)life;
	if (l->notified_us < l->died_us)
		l->notified_us = l->died_us + 1;
	l->reaped_us = l->notified_us + history_while(h, REAP_US);
	h->tasks[l->leader].until_us = l->reaped_us;
	if (h->ns[l->ns].init == life)
		kill_namespace(h, life);
}

/* do_exit(); call: the record of the call that it is in, or NULL. */
void
kernel_die(struct sim_history *h, int task, struct sim_step *call)
{
	struct sim_task *t = &h->tasks[task];
	struct sim_life *l = kernel_life(h, task);
	int64_t us = h->now_us + history_while(h, MOMENT_US);
	bool last = --l->live == 0;

	t->phase = PHASE_DEAD;
	if (last && !l->group_exit && !h->old_kernel) {
		l->group_exit = true;
		l->group_code = t->code;
	}
	if (task == l->leader)
		l->leader_code = t->code;
	/* the last one goes on meanwhile: both count before they log */
	if (!last && rng_chance(&h->rng, h->profile->delayed))
		us += history_while(h, DUMP_US);
	if (call != NULL)
		us = kernel_queue_step(h, call, us);
	us += history_while(h, MOMENT_US);
	if (us > l->notified_us)
		l->notified_us = us;
	if (task == l->leader)
		kernel_release_parent(h, l, us);
	else
		t->until_us = us;
	if (last)
		end_life(h, t->life, t->zapped, us);
	else if (l->exec_task != SIM_NONE && l->live == 1)
		kernel_go_on_with_exec(h, l->exec_task);
}

/* exit_group gets its lock: do_group_exit(). */
void
kernel_leave_group(struct sim_history *h, int task)
{
	struct sim_task *t = &h->tasks[task];
	struct sim_life *l = kernel_life(h, task);
	struct sim_step call = t->call;

	if (rng_chance(&h->rng, h->profile->races))
		kernel_kill(h, t->life, SIGKILL);
	if (!l->group_exit && l->exec_task == SIM_NONE) {
		l->group_exit = true;
		l->group_code = (uint32_t)call.code << 8;
		kernel_signal_others(h, t->life, task);
	}
	t->code = l->group_exit ? l->group_code : 0;
	kernel_die(h, task, &call);
}

/*
 * kernel/seccomp.c: strict mode's do_exit(SIGKILL), SECCOMP_RET_KILL_THREAD's
 * do_exit(SIGSYS); the last thread gets a signal instead of the latter.
 */
void
kernel_seccomp(struct sim_history *h, int task)
{
	bool strict = rng_chance(&h->rng, 250);
	struct sim_step s = kernel_begin_step(h, task, FACT_SECCOMP);

	s.whole = true;
	s.code = strict ? SIGKILL : SIGSYS;
	kernel_queue_step(h, &s, h->now_us);

	if (!strict && kernel_life(h, task)->live == 1) {
		kernel_crash(h, task, SIGSYS);
		return;
	}
	h->tasks[task].code = strict ? SIGKILL : SIGSYS;
	kernel_die(h, task, NULL);
}

void
kernel_die_of_signal(struct sim_history *h, int task)
{
	struct sim_life *l = kernel_life(h, task);

	h->tasks[task].code = l->group_exit ? l->group_code : 0;
	l->signaled = true;
	kernel_die(h, task, NULL);
}

/* A thread dumps core, or would: the others wait in do_exit() for it. */
void
kernel_crash(struct sim_history *h, int task, int signal)
{
	struct sim_life *l = kernel_life(h, task);
	struct sim_step s = kernel_begin_step(h, task, FACT_ABEND);
	uint32_t core = rng_chance(&h->rng, 500) ? CORE_BIT : 0;
	int64_t dump = history_while(h, DUMP_US);

	if (l->group_exit || l->exec_task != SIM_NONE) {
		kernel_signal(h, task);
		return;
	}
	s.whole = true;
	s.code = signal;
	if (signal != SIGQUIT)
		kernel_queue_step(h, &s, h->now_us);
	h->tasks[task].phase = PHASE_DUMPING;
	l->group_exit = true;
	l->group_code = (uint32_t)signal | core;
	l->dumped_us = h->now_us + dump;
	for (int i = 0; i < h->ntasks; i++) {
		struct sim_task *o = &h->tasks[i];

		if (&h->lives[o->life] != l || i == task)
			continue;
		kernel_signal(h, i);
		if (o->phase != PHASE_DEAD && o->phase != PHASE_CALLING &&
		    o->phase != PHASE_EXECING)
			history_wake(h, i,
			    h->now_us + dump + 1 + history_while(h, CALL_US));
	}
	history_wake(h, task, h->now_us + dump);
}

void
kernel_end_dump(struct sim_history *h, int task)
{
	struct sim_life *l = kernel_life(h, task);

	if (rng_chance(&h->rng, h->profile->races)) {
		/* killed meanwhile: kernel-facts, ANOM_ABEND */
		l->group_code = SIGKILL;
		h->tasks[task].zapped = true;
	}
	h->tasks[task].phase = PHASE_SIGNALED;
	history_wake(h, task, h->now_us + history_while(h, CALL_US));
}
