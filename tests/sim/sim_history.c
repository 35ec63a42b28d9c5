/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_history.h"

#include <stdlib.h>
#include <string.h>

#include "sim_kernel.h"

#define TICK_US      4000 /* CONFIG_HZ=250 */
#define THREADS_MAX  6
#define ROOTS_MAX    4
#define PAUSE_MAX_US 2000000
/* Lives end for other reasons, too, than that they want to. */
#define STEPS_EACH 40

/* Real time is set so far forth or back, at most. */
#define CLOCK_STEP_MS 3600000
/* One in so many turns of a thread. */
#define CLOCK_RARITY 1000
/* Init is older than all who are found. */
#define INIT_AGE_US INT64_C(7200000000)
/* Accounting is off so long, and begins to be, at most. */
#define ACCT_GAP_US 3000000

struct sim_history *
sim_history_new(void)
{
	return calloc(1, sizeof(struct sim_history));
}

void
sim_history_free(struct sim_history *h)
{
	if (h == NULL)
		return;
	free(h->lives);
	free(h->tasks);
	free(h->steps);
	free(h->others);
	free(h->agenda);
	free(h);
}

/* Room for one more of n things; a test has no use for going on without. */
static void *
grown(void *at, size_t n, size_t *max, size_t size)
{
	if (n < *max)
		return at;
	*max = *max > 0 ? 2 * *max : 256;
	at = reallocarray(at, *max, size);
	if (at == NULL)
		abort();
	return at;
}

/* The agenda: who is next. */

static bool
is_before(const struct sim_turn *a, const struct sim_turn *b)
{
	if (a->at_us != b->at_us)
		return a->at_us < b->at_us;
	return a->order < b->order;
}

static void
agenda_push(struct sim_history *h, struct sim_turn turn)
{
	size_t at = h->nagenda;

	h->agenda = grown(h->agenda, at, &h->max_agenda, sizeof(*h->agenda));
	h->nagenda++;
	for (; at > 0 && is_before(&turn, &h->agenda[(at - 1) / 2]);
	     at = (at - 1) / 2)
		h->agenda[at] = h->agenda[(at - 1) / 2];
	h->agenda[at] = turn;
}

static struct sim_turn
agenda_pop(struct sim_history *h)
{
	struct sim_turn first = h->agenda[0], last = h->agenda[--h->nagenda];
	size_t at = 0, down;

	for (; (down = 2 * at + 1) < h->nagenda; at = down) {
		if (down + 1 < h->nagenda &&
		    is_before(&h->agenda[down + 1], &h->agenda[down]))
			down++;
		if (!is_before(&h->agenda[down], &last))
			break;
		h->agenda[at] = h->agenda[down];
	}
	h->agenda[at] = last;
	return first;
}

void
history_wake(struct sim_history *h, int task, int64_t us)
{
	h->tasks[task].turn = ++h->order;
	agenda_push(h, (struct sim_turn){us, h->order, task});
}

int64_t
history_while(struct sim_history *h, uint32_t high)
{
	return (int64_t)rng_spread(&h->rng, high);
}

/* Numbers. */

static bool
is_taken(const struct sim_history *h, int32_t number, int64_t us)
{
	int t = h->newest[number];

	return t != SIM_NONE && h->tasks[t].until_us > us;
}

/* As kernel/pid.c, alloc_pid() does: the next one up, and around. */
static int32_t
take_number(struct sim_history *h, int64_t us)
{
	for (int32_t i = h->min_pid; i < h->max_pid; i++) {
		int32_t number = h->next_pid++;

		if (h->next_pid >= h->max_pid)
			h->next_pid = h->min_pid;
		if (!is_taken(h, number, us))
			return number;
	}
	return 0;
}

int
sim_history_task(const struct sim_history *h, int32_t number, int64_t at_us)
{
	int t = SIM_NONE;

	if (number > 0 && number < SIM_PID_LIMIT)
		t = h->newest[number];
	while (t != SIM_NONE && h->tasks[t].from_us > at_us)
		t = h->tasks[t].before;
	return t != SIM_NONE && h->tasks[t].until_us > at_us ? t : SIM_NONE;
}

static bool
is_spare(const struct sim_history *h, int32_t number, int64_t from_us,
    int64_t until_us)
{
	for (int t = h->newest[number]; t != SIM_NONE; t = h->tasks[t].before) {
		if (h->tasks[t].from_us < until_us &&
		    h->tasks[t].until_us > from_us)
			return false;
	}
	return true;
}

/* The number after the one that was given out last by then. */
static int32_t
cursor_at(const struct sim_history *h, int64_t us)
{
	int low = 0, high = h->ntasks - 1;

	while (low < high) {
		int middle = (low + high + 1) / 2;

		if (h->tasks[middle].from_us <= us)
			low = middle;
		else
			high = middle - 1;
	}
	return h->tasks[low].number + 1;
}

int32_t
sim_history_spare(
    const struct sim_history *h, int64_t from_us, int64_t until_us)
{
	int32_t span = h->max_pid - h->min_pid;
	int32_t first = cursor_at(h, from_us) - h->min_pid;

	for (int32_t i = 0; i < span; i++) {
		int32_t n = h->min_pid + (first + i + span) % span;

		if (is_spare(h, n, from_us, until_us))
			return n;
	}
	return SIM_NONE;
}

int64_t
sim_history_real(const struct sim_history *h, int64_t us)
{
	int64_t ahead_us = 0;

	for (size_t i = 0; i < h->nclock && h->clock[i].from_us <= us; i++)
		ahead_us = h->clock[i].ahead_us;
	return us + ahead_us;
}

bool
sim_history_is_clock_set(
    const struct sim_history *h, int64_t from_us, int64_t until_us)
{
	for (size_t i = 0; i < h->nclock; i++) {
		if (h->clock[i].from_us >= from_us &&
		    h->clock[i].from_us <= until_us)
			return true;
	}
	return false;
}

/* settimeofday(2), or a suspension, which the monotonic clock leaves out. */
static void
set_clock(struct sim_history *h)
{
	int64_t ahead_us = h->nclock > 0 ? h->clock[h->nclock - 1].ahead_us : 0;
	int64_t ms = history_while(h, CLOCK_STEP_MS);

	if (h->nclock == sizeof(h->clock) / sizeof(h->clock[0]))
		return;
	ahead_us += (rng_chance(&h->rng, 500) ? ms : -ms) * 1000;
	h->clock[h->nclock++] = (struct sim_clock){h->now_us, ahead_us};
}

int64_t
sim_history_stamp(const struct sim_history *h, int64_t us)
{
	int64_t since = (us - SIM_EPOCH_US - h->tick_us) % TICK_US;

	if (since < 0)
		since += TICK_US;
	/* do_settimeofday64() moves the coarse clock, too, at once */
	for (size_t i = 0; i < h->nclock; i++) {
		int64_t set = us - h->clock[i].from_us;

		if (set >= 0 && set < since)
			since = set;
	}
	return sim_history_real(h, us - since) / 1000;
}

/* Lives, tasks, steps. */

static int
put_task(struct sim_history *h, int life, int32_t number, int64_t us)
{
	size_t max = (size_t)h->max_tasks;
	struct sim_task *t;

	h->tasks = grown(h->tasks, (size_t)h->ntasks, &max, sizeof(*h->tasks));
	h->max_tasks = (int)max;
	t = &h->tasks[h->ntasks];
	memset(t, 0, sizeof(*t));
	t->number = number;
	t->before = h->newest[number];
	t->life = life;
	t->from_us = us;
	t->until_us = SIM_NEVER;
	t->fresh = true;
	h->newest[number] = h->ntasks;
	h->lives[life].ntasks++;
	h->lives[life].live++;
	return h->ntasks++;
}

int
history_add_task(struct sim_history *h, int life, int64_t us)
{
	int32_t number = take_number(h, us);

	return number == 0 ? SIM_NONE : put_task(h, life, number, us);
}

static int
put_life(struct sim_history *h, int parent, int32_t pid, int64_t us)
{
	size_t max = (size_t)h->max_lives;
	struct sim_life *l;
	int at = h->nlives;

	h->lives = grown(h->lives, (size_t)at, &max, sizeof(*h->lives));
	h->max_lives = (int)max;
	l = &h->lives[at];
	memset(l, 0, sizeof(*l));
	l->pid = pid;
	l->parent = parent;
	l->born_us = us;
	l->died_us = l->reaped_us = SIM_NEVER;
	l->birth = l->exec_task = l->vfork_waiter = SIM_NONE;
	if (parent != SIM_NONE)
		l->ns = l->children_ns = h->lives[parent].children_ns;
	h->nlives++;
	l->leader = put_task(h, at, pid, us);
	return at;
}

int
history_add_chosen_life(struct sim_history *h, int parent, int64_t us)
{
	int32_t pid = 2 + (int32_t)rng_below(&h->rng, (uint32_t)h->max_pid - 2);

	return pid == SIM_KTHREADD || is_taken(h, pid, us)
		   ? SIM_NONE
		   : put_life(h, parent, pid, us);
}

int
history_add_life(struct sim_history *h, int parent, int64_t us)
{
	int32_t pid = take_number(h, us);

	return pid == 0 ? SIM_NONE : put_life(h, parent, pid, us);
}

struct sim_step *
history_add_step(struct sim_history *h, const struct sim_step *step)
{
	h->steps = grown(h->steps, h->nsteps, &h->max_steps, sizeof(*h->steps));
	h->steps[h->nsteps] = *step;
	return &h->steps[h->nsteps++];
}

struct sim_account *
history_add_other(struct sim_history *h)
{
	struct sim_account *a;

	h->others =
	    grown(h->others, h->nothers, &h->max_others, sizeof(*h->others));
	a = &h->others[h->nothers++];
	memset(a, 0, sizeof(*a));
	a->written = true;
	a->life = SIM_NONE;
	return a;
}

/* What a thread wants. */

static bool
is_birth(enum sim_action a)
{
	return (a >= SIM_FORK && a <= SIM_CLONE_NEWPID) || a == SIM_HELPER ||
	       a == SIM_KTHREAD;
}

static bool
is_thread_birth(enum sim_action a)
{
	return a == SIM_CLONE_THREAD || a == SIM_CLONE3_THREAD;
}

/* What ends or replaces the process: not for those that must stay. */
static bool
is_drastic(enum sim_action a)
{
	return a >= SIM_EXEC && a <= SIM_SECCOMP && a != SIM_EXEC_FAILED;
}

static bool
is_allowed(const struct sim_history *h, int life, enum sim_action a)
{
	const struct sim_life *l = &h->lives[life];

	if (is_birth(a) && h->nlives >= h->lives_wanted)
		return false;
	if (is_thread_birth(a) && l->live >= THREADS_MAX)
		return false;
	if (a == SIM_CLONE_NEWPID && h->ns[l->children_ns].depth > 3)
		return false;
	if ((a == SIM_CLONE_NEWPID || is_thread_birth(a)) &&
	    l->children_ns != l->ns)
		return false; /* EINVAL: copy_pid_ns(), copy_process() */
	if ((a == SIM_UNSHARE || a == SIM_SETNS) && l->immortal)
		return false;
	if (a == SIM_UNSHARE && h->ns[l->ns].depth > 3)
		return false;
	if (a == SIM_REBOOT && l->ns == 0)
		return false;
	if (l->immortal && is_drastic(a))
		return false;
	if ((a == SIM_CLONE_PARENT || a == SIM_CLONE3_PARENT) &&
	    (h->ns[l->ns].init == life || l->parent == SIM_NONE))
		return false; /* EINVAL: kernel/fork.c */
	if (kernel_is_vforked(h, life))
		return a >= SIM_EXEC && a <= SIM_SECCOMP;
	return true;
}

static enum sim_action
choose(struct sim_history *h, int life, bool fresh)
{
	const uint16_t *w = h->profile->weights;
	uint32_t total = 0, pick;

	if (fresh && !h->lives[life].immortal && rng_chance(&h->rng, 500) &&
	    h->tasks[h->lives[life].leader].fresh)
		return SIM_EXEC;
	for (int a = 0; a < SIM_ACTIONS; a++)
		total += is_allowed(h, life, (enum sim_action)a) ? w[a] : 0;
	if (total == 0)
		return SIM_IDLE;
	pick = rng_below(&h->rng, total);
	for (int a = 0; a < SIM_ACTIONS; a++) {
		if (!is_allowed(h, life, (enum sim_action)a))
			continue;
		if (pick < w[a])
			return (enum sim_action)a;
		pick -= w[a];
	}
	return SIM_IDLE;
}

static void
take_turn(struct sim_history *h, int task)
{
	struct sim_task *t = &h->tasks[task];
	struct sim_life *l = &h->lives[t->life];
	enum sim_action a;
	uint32_t turn;

	if (t->phase != PHASE_RUNNING) {
		kernel_turn(h, task);
		return;
	}
	if (h->nlives >= h->lives_wanted &&
	    (l->immortal ||
		(rng_chance(&h->rng, 20) && !kernel_is_vforked(h, t->life))))
		return; /* sleeps from now on */
	a = choose(h, t->life, t->fresh);
	t->fresh = false;
	turn = t->turn;
	kernel_act(h, task, a);
	t = &h->tasks[task];
	if (t->phase == PHASE_RUNNING && t->turn == turn)
		history_wake(
		    h, task, h->now_us + 200 + history_while(h, h->pause_us));
}

/* How it begins. */

static void
reset(struct sim_history *h, const struct sim_profile *p, uint64_t seed)
{
	h->profile = p;
	h->seed = seed;
	h->rng.state = seed;
	h->now_us = SIM_EPOCH_US;
	h->nlives = h->ntasks = 0;
	h->nsteps = h->nothers = h->nagenda = h->nclock = 0;
	h->order = 0;
	h->tick_us = rng_below(&h->rng, TICK_US);
	h->pause_us = 1000 + rng_spread(&h->rng, PAUSE_MAX_US);
	h->old_kernel = rng_chance(&h->rng, 300);
	h->acct_off_us = h->acct_on_us = SIM_NEVER;
	if (p->acct_gap) {
		h->acct_off_us = h->now_us + history_while(h, ACCT_GAP_US);
		h->acct_on_us = h->acct_off_us + history_while(h, ACCT_GAP_US);
	}
	for (int i = 0; i < SIM_PID_LIMIT; i++)
		h->newest[i] = SIM_NONE;
	h->ns[0] = (struct sim_ns){SIM_NONE, 0, SIM_INIT, 0};
	h->nns = 1;
	h->min_pid = 300;
	h->max_pid = p->pids > 0 ? 300 + (int32_t)p->pids : SIM_PID_LIMIT;
	h->next_pid = 300 + (int32_t)rng_below(
				&h->rng, (uint32_t)(h->max_pid - h->min_pid));
}

static int
add_found(struct sim_history *h, int parent, int32_t pid, bool immortal)
{
	int64_t born =
	    h->now_us - 1000000 - (int64_t)rng_below(&h->rng, 3600000) * 1000;
	int life = put_life(h, parent, pid, born);
	struct sim_life *l = &h->lives[life];

	l->found = true;
	l->immortal = immortal;
	return life;
}

static void
add_roots(struct sim_history *h)
{
	int n = 1 + (int)rng_below(&h->rng, ROOTS_MAX);

	for (int i = 0; i < n; i++) {
		int32_t pid = take_number(h, h->now_us);
		int root = add_found(h, SIM_INIT, pid, i == 0);
		struct sim_life *l = &h->lives[root];

		l->unaudited =
		    i > 0 && h->profile->unaudited && rng_chance(&h->rng, 300);
		l->subreaper =
		    h->profile->subreapers && rng_chance(&h->rng, 300);
		history_wake(h, l->leader,
		    h->now_us + 1000 + history_while(h, h->pause_us));
	}
}

/* A record names the parent at the time at which it is made. */
static void
name_parents(struct sim_history *h)
{
	for (size_t i = 0; i < h->nsteps; i++) {
		h->now_us = h->steps[i].first_us;
		h->steps[i].ppid = kernel_ppid(h, h->steps[i].life);
	}
	for (int i = 0; i < h->nlives; i++) {
		h->now_us = h->lives[i].account.at_us;
		h->lives[i].account.ppid = kernel_ppid(h, i);
	}
}

void
sim_history_run(struct sim_history *h, const struct sim_profile *p,
    uint64_t seed, int lives)
{
	reset(h, p, seed);
	h->lives_wanted = lives;
	add_found(h, SIM_NONE, 1, true);
	h->lives[SIM_INIT].born_us = h->now_us - INIT_AGE_US;
	h->lives[SIM_INIT].unaudited = true;
	add_found(h, SIM_INIT, 250, true);
	add_roots(h);
	while (h->nagenda > 0 && h->nsteps < (size_t)lives * STEPS_EACH) {
		struct sim_turn turn = agenda_pop(h);

		if (h->tasks[turn.task].turn != turn.order)
			continue;
		h->now_us = turn.at_us;
		if (p->clock && rng_below(&h->rng, CLOCK_RARITY) == 0)
			set_clock(h);
		take_turn(h, turn.task);
	}
	name_parents(h);
}
