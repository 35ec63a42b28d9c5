/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_kernel.h"

#include <signal.h>

struct sim_life *
kernel_life(struct sim_history *h, int task)
{
	return &h->lives[h->tasks[task].life];
}

/* Who is the parent of a life now, as ppid= and accounting tell it. */
int
kernel_parent(const struct sim_history *h, int life)
{
	int p = h->lives[life].parent, ns;

	if (p == SIM_NONE || h->lives[p].died_us > h->now_us)
		return p;
	/* find_new_reaper(): by the father's namespace */
	ns = h->lives[p].ns;
	if (ns != 0 && h->ns[ns].init != p)
		return h->ns[ns].init;
	for (; p != SIM_NONE; p = h->lives[p].parent) {
		if (h->lives[p].subreaper && h->lives[p].died_us > h->now_us)
			return p;
	}
	return SIM_INIT;
}

int32_t
kernel_ppid(const struct sim_history *h, int life)
{
	int p = kernel_parent(h, life);

	if (h->lives[life].helper)
		return SIM_KTHREADD;
	return p == SIM_NONE ? 0 : h->lives[p].pid;
}

/*
 * Who has no audit context leaves no records of calls; of signals it does
 * (kernel/auditsc.c, audit_core_dumps() and audit_seccomp()).
 */
static bool
needs_context(const struct sim_step *s)
{
	return s->kind != FACT_ABEND && s->kind != FACT_SECCOMP;
}

/* Queues the records of a call; returns when that is done. */
int64_t
kernel_queue_step(struct sim_history *h, struct sim_step *s, int64_t us)
{
	s->first_us = us;
	s->last_us = s->whole ? us : us + history_while(h, MOMENT_US);
	if (h->lives[s->life].unaudited && needs_context(s))
		return s->last_us;
	if (s->kind == FACT_BIRTH && s->child != SIM_NONE)
		h->lives[s->child].birth = (int)h->nsteps;
	history_add_step(h, s);
	return s->last_us;
}

struct sim_step
kernel_begin_step(const struct sim_history *h, int task, enum fact_kind kind)
{
	return (struct sim_step){.kind = kind,
	    .life = h->tasks[task].life,
	    .entry_us = h->now_us,
	    .child = SIM_NONE};
}

bool
kernel_is_vforked(const struct sim_history *h, int life)
{
	return h->lives[life].vfork_waiter != SIM_NONE;
}

/* Birth. */

/* A number in each namespace from the child's up; the caller's is told. */
static int32_t
result_for(struct sim_history *h, int caller_ns, int ns, int32_t global)
{
	int32_t result = global;

	for (; ns != 0; ns = h->ns[ns].parent) {
		int32_t local = h->ns[ns].next++;

		if (ns == caller_ns)
			result = local;
	}
	return result;
}

static int
new_namespace(struct sim_history *h, int parent)
{
	if (h->nns == (int)(sizeof(h->ns) / sizeof(h->ns[0])))
		return parent;
	h->ns[h->nns] =
	    (struct sim_ns){parent, h->ns[parent].depth + 1, SIM_NONE, 1};
	return h->nns++;
}

/* The call comes back once there is a child; at once, or long after it ran. */
static void
return_later(struct sim_history *h, int task, int64_t born_us)
{
	uint32_t most = CALL_US;

	if (h->profile->births_ms > 0 && rng_chance(&h->rng, 30))
		most = h->profile->births_ms * 1000;
	h->tasks[task].phase = PHASE_CALLING;
	history_wake(h, task, born_us + 100 + history_while(h, most));
}

static void
bear_thread(struct sim_history *h, int task, bool hidden_flags)
{
	int life = h->tasks[task].life;
	int64_t us = h->now_us + history_while(h, MOMENT_US);
	int child = history_add_task(h, life, us);
	struct sim_step s = kernel_begin_step(h, task, FACT_BIRTH);

	if (child == SIM_NONE)
		return;
	s.birth.shape = hidden_flags ? BIRTH_UNDECIDED : BIRTH_THREAD;
	s.birth.child = result_for(
	    h, h->lives[life].ns, h->lives[life].ns, h->tasks[child].number);
	h->tasks[task].call = s;
	history_wake(h, child, us + 100 + history_while(h, CALL_US));
	return_later(h, task, us);
}

static int
real_parent(const struct sim_history *h, int life, enum sim_action how)
{
	int p = life;

	if (how == SIM_CLONE_PARENT || how == SIM_CLONE3_PARENT)
		p = kernel_parent(h, life);
	return p == SIM_NONE ? life : p;
}

static bool
is_clone3(enum sim_action how)
{
	return how == SIM_CLONE3 || how == SIM_CLONE3_PARENT ||
	       how == SIM_CLONE3_SET_TID;
}

static void
bear(struct sim_history *h, int task, enum sim_action how)
{
	int life = h->tasks[task].life;
	int64_t us = h->now_us + history_while(h, MOMENT_US);
	int parent = real_parent(h, life, how);
	int child = how == SIM_CLONE3_SET_TID
			? history_add_chosen_life(h, parent, us)
			: history_add_life(h, parent, us);
	struct sim_step s = kernel_begin_step(h, task, FACT_BIRTH);
	const struct sim_life *p = &h->lives[life];
	struct sim_life *c;

	if (child == SIM_NONE)
		return;
	c = &h->lives[child];
	c->ns = c->children_ns = p->children_ns;
	if (how == SIM_CLONE_NEWPID)
		c->ns = c->children_ns = new_namespace(h, p->children_ns);
	if (c->ns != 0 && h->ns[c->ns].init == SIM_NONE)
		h->ns[c->ns].init = child;
	s.child = child;
	s.birth.child = result_for(h, p->ns, c->ns, c->pid);
	s.birth.shape = is_clone3(how) ? BIRTH_UNDECIDED : BIRTH_PROCESS;
	s.birth.sibling = how == SIM_CLONE_PARENT;
	s.birth.new_pidns = how == SIM_CLONE_NEWPID;
	h->tasks[task].call = s;
	history_wake(h, c->leader, us + 100 + history_while(h, CALL_US));
	return_later(h, task, us);
	if (how == SIM_VFORK) {
		c->vfork_waiter = task;
		h->tasks[task].phase = PHASE_VFORKING;
		h->tasks[task].turn = 0;
	}
}

/* The kernel's own: without an audit record of their birth. */

static void
bear_helper(struct sim_history *h)
{
	int64_t us = h->now_us + history_while(h, MOMENT_US);
	int child = history_add_life(h, SIM_INIT, us);

	if (child == SIM_NONE)
		return;
	h->lives[child].helper = true;
	h->lives[child].parent = SIM_NONE;
	h->lives[child].ns = h->lives[child].children_ns = 0;
	history_wake(
	    h, h->lives[child].leader, us + 100 + history_while(h, CALL_US));
}

static void
end_kthread(struct sim_history *h)
{
	struct sim_account *a;

	int32_t pid = sim_history_spare(h, h->now_us - 50000, SIM_NEVER);

	if (!h->profile->acct || kernel_is_acct_off(h) || pid == SIM_NONE)
		return;
	a = history_add_other(h);
	a->at_us = h->now_us;
	a->pid = pid;
	a->ppid = SIM_KTHREADD;
	a->born_us = h->now_us - 40000;
	a->flags = 0x01;
}

static void
switch_acct(struct sim_history *h, int life)
{
	const struct sim_life *l = &h->lives[life];
	struct sim_account *a;

	if (!h->profile->acct || kernel_is_acct_off(h))
		return;
	a = history_add_other(h);
	a->at_us = h->now_us + history_while(h, MOMENT_US);
	a->life = life;
	a->pid = l->pid;
	a->ppid = kernel_ppid(h, life);
	a->born_us = l->born_us;
	a->written = a->ppid != 0 && a->ppid != SIM_KTHREADD;
}

/* exec. */

void
kernel_go_on_with_exec(struct sim_history *h, int task)
{
	const struct sim_life *l = kernel_life(h, task);
	int64_t us = h->now_us;

	/* de_thread() waits until the last of them is released */
	if (l->live == 1 && l->notified_us > us)
		us = l->notified_us;
	h->tasks[task].phase = PHASE_EXECING;
	history_wake(h, task, us + history_while(h, CALL_US));
}

static void
begin_exec(struct sim_history *h, int task)
{
	struct sim_life *l = kernel_life(h, task);

	h->tasks[task].call = kernel_begin_step(h, task, FACT_EXEC);
	h->tasks[task].call.success = true;
	l->exec_task = task;
	if (l->live == 1) {
		kernel_go_on_with_exec(h, task);
		return;
	}
	h->tasks[task].phase = PHASE_DETHREADING;
	h->tasks[task].turn = 0;
	kernel_signal_others(h, h->tasks[task].life, task);
}

/* de_thread(): who is not the leader becomes it. */
static int
take_over(struct sim_history *h, int task)
{
	struct sim_life *l = kernel_life(h, task);
	int leader = l->leader;

	if (task == leader)
		return task;
	h->tasks[task].until_us = h->now_us;
	h->tasks[task].phase = PHASE_DEAD;
	h->tasks[leader].doomed = h->tasks[task].doomed;
	h->tasks[leader].call = h->tasks[task].call;
	h->tasks[leader].zapped = false;
	return leader;
}

static void
end_exec(struct sim_history *h, int task)
{
	struct sim_life *l = kernel_life(h, task);
	struct sim_step step;
	int64_t us;

	task = take_over(h, task);
	l->exec_task = SIM_NONE;
	l->leader_code = 0;
	kernel_release_parent(h, l, h->now_us);
	step = h->tasks[task].call;
	us = kernel_queue_step(
	    h, &step, h->now_us + history_while(h, MOMENT_US));
	h->tasks[task].phase = PHASE_RUNNING;
	if (h->tasks[task].doomed)
		kernel_signal(h, task);
	else
		history_wake(h, task, us + 200 + history_while(h, 100000));
}

/* A call that bears and replaces nobody: its record comes when it is over. */
static void
call(struct sim_history *h, int task, const struct sim_step *step)
{
	h->tasks[task].call = *step;
	h->tasks[task].phase = PHASE_CALLING;
	history_wake(h, task, h->now_us + 100 + history_while(h, CALL_US));
}

static void
fail_exec(struct sim_history *h, int task, bool broken)
{
	struct sim_step s = kernel_begin_step(h, task, FACT_EXEC);

	/* with others there, it would kill them first */
	s.broken = broken && kernel_life(h, task)->live == 1;
	call(h, task, &s);
}

/* Turns. */

static void
return_from_call(struct sim_history *h, int task)
{
	struct sim_task *t = &h->tasks[task];
	struct sim_step step = t->call;
	int64_t us = kernel_queue_step(h, &step, h->now_us);

	t->phase = PHASE_RUNNING;
	if (step.broken)
		kernel_release_parent(h, kernel_life(h, task), h->now_us);
	if (t->doomed)
		kernel_signal(h, task);
	else if (step.broken)
		t->phase = PHASE_BREAKING;
	if (!t->doomed)
		history_wake(h, task, us + 200 + history_while(h, 50000));
}

void
kernel_turn(struct sim_history *h, int task)
{
	struct sim_task *t = &h->tasks[task];
	struct sim_step call = t->call;

	switch (t->phase) {
	case PHASE_CALLING:
		return_from_call(h, task);
		break;
	case PHASE_EXECING:
		end_exec(h, task);
		break;
	case PHASE_LEAVING_GROUP:
		kernel_leave_group(h, task);
		break;
	case PHASE_LEAVING:
		t->code = (uint32_t)call.code << 8;
		kernel_die(h, task, &call);
		break;
	case PHASE_BREAKING:
		kernel_crash(h, task, SIGSEGV);
		break;
	case PHASE_DUMPING:
		kernel_end_dump(h, task);
		break;
	case PHASE_SIGNALED:
		kernel_die_of_signal(h, task);
		break;
	case PHASE_RUNNING:
	case PHASE_VFORKING:
	case PHASE_DETHREADING:
	case PHASE_DEAD:
		break;
	}
}

static int
pick_code(struct sim_history *h)
{
	return rng_chance(&h->rng, 600) ? 0 : (int)rng_below(&h->rng, 256);
}

static void
leave(struct sim_history *h, int task, bool group)
{
	struct sim_task *t = &h->tasks[task];

	t->call =
	    kernel_begin_step(h, task, group ? FACT_EXIT_GROUP : FACT_EXIT);
	t->call.code = pick_code(h);
	t->phase = group ? PHASE_LEAVING_GROUP : PHASE_LEAVING;
	history_wake(h, task, h->now_us + history_while(h, MOMENT_US));
}

static void
do_unshare(struct sim_history *h, int task)
{
	struct sim_life *l = kernel_life(h, task);
	struct sim_step s = kernel_begin_step(h, task, FACT_NAMESPACE);

	if (l->children_ns != l->ns)
		return; /* EINVAL: kernel/nsproxy.c */
	l->children_ns = new_namespace(h, l->ns);
	s.success = true;
	call(h, task, &s);
}

/* Into its own namespace or one below: pidns_install(). */
static void
do_setns(struct sim_history *h, int task)
{
	struct sim_life *l = kernel_life(h, task);
	struct sim_step s = kernel_begin_step(h, task, FACT_NAMESPACE);
	int ns = (int)rng_below(&h->rng, (uint32_t)h->nns), init, up;

	for (up = ns; up != SIM_NONE && up != l->ns;)
		up = h->ns[up].parent;
	init = h->ns[ns].init;
	if (up == SIM_NONE || init == SIM_NONE ||
	    h->lives[init].died_us != SIM_NEVER)
		return;
	l->children_ns = ns;
	call(h, task, &s);
}

/*
 * reboot_pid_ns(): to restart is to die of SIGHUP, to halt of SIGINT, whatever
 * the init is about to leave with; and who calls it leaves.
 */
static void
reboot(struct sim_history *h, int task)
{
	struct sim_task *t = &h->tasks[task];
	int init = h->ns[kernel_life(h, task)->ns].init;

	if (h->lives[init].live == 0)
		return; /* all there are as good as dead */
	t->call = kernel_begin_step(h, task, FACT_EXIT);
	t->call.reboot = rng_chance(&h->rng, 500) ? SIGHUP : SIGINT;
	t->phase = PHASE_LEAVING;
	h->lives[init].rebooted = t->call.reboot;
	kernel_kill(h, init, SIGKILL);
	history_wake(h, task, h->now_us + history_while(h, MOMENT_US));
}

static void
make_noise(struct sim_history *h, int task)
{
	struct sim_step s = kernel_begin_step(h, task, FACT_EXIT);

	s.noise = true;
	call(h, task, &s);
}

/* As the kernel counts them: C libraries keep the first for themselves. */
#define REALTIME_FIRST 32
#define REALTIME_LAST  64

static const int terminating[] = {
    SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM};
static const int dumping[] = {
    SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGBUS, SIGQUIT, SIGTRAP, SIGSYS};

/* Of those that dump no core; real-time ones, too. */
static uint32_t
pick_signal(struct sim_history *h)
{
	if (rng_chance(&h->rng, 300))
		return rng_between(&h->rng, REALTIME_FIRST, REALTIME_LAST);
	return (uint32_t)terminating[rng_below(&h->rng, 8)];
}

void
kernel_act(struct sim_history *h, int task, enum sim_action action)
{
	int life = h->tasks[task].life;
	int signal = (int)rng_below(&h->rng, 8);

	switch (action) {
	case SIM_NOISE:
		make_noise(h, task);
		break;
	case SIM_FORK:
	case SIM_VFORK:
	case SIM_CLONE3:
	case SIM_CLONE_PARENT:
	case SIM_CLONE3_PARENT:
	case SIM_CLONE3_SET_TID:
	case SIM_CLONE_NEWPID:
		bear(h, task, action);
		break;
	case SIM_CLONE_THREAD:
	case SIM_CLONE3_THREAD:
		bear_thread(h, task, action == SIM_CLONE3_THREAD);
		break;
	case SIM_UNSHARE:
		do_unshare(h, task);
		break;
	case SIM_SETNS:
		do_setns(h, task);
		break;
	case SIM_REBOOT:
		reboot(h, task);
		break;
	case SIM_EXEC:
		begin_exec(h, task);
		break;
	case SIM_EXEC_FAILED:
	case SIM_EXEC_BROKEN:
		fail_exec(h, task, action == SIM_EXEC_BROKEN);
		break;
	case SIM_EXIT_GROUP:
	case SIM_EXIT:
		leave(h, task, action == SIM_EXIT_GROUP);
		break;
	case SIM_TERMINATED:
		kernel_kill(h, life, pick_signal(h));
		break;
	case SIM_KILLED:
		kernel_kill(h, life, SIGKILL);
		break;
	case SIM_CRASHED:
		kernel_crash(h, task, dumping[signal]);
		break;
	case SIM_SECCOMP:
		kernel_seccomp(h, task);
		break;
	case SIM_SWITCH_ACCT:
		switch_acct(h, life);
		break;
	case SIM_HELPER:
		bear_helper(h);
		break;
	case SIM_KTHREAD:
		end_kthread(h);
		break;
	case SIM_IDLE:
	case SIM_ACTIONS:
		break;
	}
}
