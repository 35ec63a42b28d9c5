/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_check_impl.h"

#include <string.h>

bool
sim_check_is_local(const struct sim_history *h, int step)
{
	return h->lives[h->steps[step].life].ns != 0;
}

/* When a birth can be told: its record is there, and its parent's told. */
static int64_t
birth_now(const struct sim_check *c, int life)
{
	int64_t now = 0;

	while (life != SIM_NONE && c->history->lives[life].birth != SIM_NONE) {
		int step = c->history->lives[life].birth;

		if (c->given_now[step] > now)
			now = c->given_now[step];
		life = c->history->steps[step].life;
	}
	return now;
}

/* The first that is heard of a birth's child says who is its parent. */
static bool
names_bearer(const struct sim_check *c, int birth)
{
	const struct sim_step *s = &c->history->steps[birth];
	int first = s->child == SIM_NONE ? SIM_NONE : c->facts->first[s->child];
	const struct sim_step *f =
	    first == SIM_NONE ? NULL : &c->history->steps[first];

	return f != NULL && f->kind != FACT_ABEND && f->kind != FACT_SECCOMP &&
	       f->ppid == c->history->lives[s->life].pid;
}

/* It inherits from nobody, as is known, and all whom it bore name it. */
static bool
is_named_by_all(const struct sim_check *c, int life)
{
	int first = sim_check_init_of(c, life);

	for (int i = c->facts->first[life]; i != SIM_NONE;
	     i = c->facts->next[i]) {
		const struct sim_step *s = &c->history->steps[i];

		if (s->kind == FACT_BIRTH &&
		    (s->birth.shape != BIRTH_PROCESS || !names_bearer(c, i)))
			return false;
	}
	return first != SIM_NONE && first != life;
}

/*
 * Of a local birth only the child's ppid= tells whose record is meant, and
 * that may be of an orphan, or of another child.
 */
static bool
is_birth_known(const struct sim_check *c, int life)
{
	const struct sim_history *h = c->history;
	int birth = h->lives[life].birth;

	return birth != SIM_NONE &&
	       (!sim_check_is_local(h, birth) ||
		   is_named_by_all(c, h->steps[birth].life));
}

static bool
came_in_time(const struct sim_check *c, int life)
{
	int64_t first = c->told[life].first_now;
	int64_t birth = birth_now(c, life);

	return is_birth_known(c, life) && birth != SIM_NEVER &&
	       (first >= birth || birth - first < c->settings->lateness_ms);
}

/* The life of that number that accounting alone knows by this id. */
static int
told_by_acct(const struct sim_check *c, const struct event *ev)
{
	const struct sim_history *h = c->history;
	int t = SIM_NONE;

	if (ev->process.pid > 0 && ev->process.pid < SIM_PID_LIMIT)
		t = h->newest[ev->process.pid];
	for (; t != SIM_NONE; t = h->tasks[t].before) {
		int life = h->tasks[t].life;
		struct fact f =
		    sim_facts_acct(h, &h->lives[life].account, TIME_UNKNOWN);
		struct uuid id = ident_life_acct(&c->ident, f.pid, &f.acct);

		if (h->lives[life].account.written &&
		    sim_is_same(&id, &ev->process.id))
			return life;
	}
	return SIM_NONE;
}

/* Nothing that is known of a life forbids that a call bore it. */
static bool
may_be_of(const struct sim_check *c, int life, int step)
{
	const struct sim_life *l = &c->history->lives[life];
	const struct sim_step *s = &c->history->steps[step];
	int first = c->facts->first[life];

	if (l->parent != s->life || c->told[life].started)
		return false;
	if (first == SIM_NONE)
		return l->died_us >= s->entry_us;
	return c->facts->stamps[first].ms >= c->facts->stamps[step].ms;
}

/* Only order tells which child of the same parent such a record is of. */
static int
born_locally(const struct sim_check *c, int step, int32_t pid)
{
	const struct sim_history *h = c->history;
	int t = pid > 0 && pid < SIM_PID_LIMIT ? h->newest[pid] : SIM_NONE;

	for (; t != SIM_NONE; t = h->tasks[t].before) {
		int life = h->tasks[t].life;

		if (h->lives[life].pid == pid && may_be_of(c, life, step))
			return life;
	}
	return h->steps[step].child;
}

/*
 * Two threads of one parent forked in one tick, or one by clone3, and got the
 * same number one after the other: all that the younger's birth record says,
 * the older's says, too, and who of them did something logged it before both.
 * Which record is whose nothing tells.
 */
static bool
are_alike(const struct sim_check *c, int older, int younger)
{
	const struct sim_history *h = c->history;
	const struct sim_facts *f = c->facts;
	int a, b;

	if (older == SIM_NONE)
		return false;
	a = h->lives[older].birth;
	b = h->lives[younger].birth;
	return a != SIM_NONE && b != SIM_NONE &&
	       h->steps[a].life == h->steps[b].life &&
	       f->stamps[a].ms == f->stamps[b].ms &&
	       (f->last[older] == SIM_NONE ||
		   h->steps[f->last[older]].first_us < h->steps[a].first_us);
}

static int
younger_alike(const struct sim_check *c, int life)
{
	for (int i = life + 1; i < c->history->nlives; i++) {
		if (c->facts->before[i] == life)
			return are_alike(c, life, i) ? i : SIM_NONE;
	}
	return SIM_NONE;
}

/* Of those who are alike the oldest is told first. */
static int
first_alike(const struct sim_check *c, int life)
{
	int i = life;

	while (i != SIM_NONE && are_alike(c, c->facts->before[i], i))
		i = c->facts->before[i];
	while (i != SIM_NONE && c->told[i].started)
		i = younger_alike(c, i);
	return i == SIM_NONE ? life : i;
}

static int
starting(const struct sim_check *c, const struct event *ev)
{
	const struct sim_history *h = c->history;
	int step = sim_step_of(c, ev);

	if (ev->action == EVENT_ALREADY_RUNNING) {
		for (int i = 0; i < h->nlives; i++) {
			if (h->lives[i].found &&
			    h->lives[i].pid == ev->process.pid)
				return i;
		}
		return SIM_NONE;
	}
	if (ev->nserials == 0)
		return told_by_acct(c, ev);
	if (step == SIM_NONE)
		return SIM_NONE;
	if (ev->start != START_OBSERVED)
		return h->steps[step].life;
	if (sim_check_is_local(h, step))
		return born_locally(c, step, ev->process.pid);
	return h->steps[step].child == SIM_NONE
		   ? SIM_NONE
		   : first_alike(c, h->steps[step].child);
}

/*
 * CLONE_PARENT tells the parent by ppid=, which is read at the call's end: who
 * bore it may be dead by then.
 */
static bool
is_reparented(const struct sim_check *c, int life)
{
	const struct sim_life *l = &c->history->lives[life];
	const struct sim_step *s;

	if (l->birth == SIM_NONE || l->parent == SIM_NONE)
		return false;
	s = &c->history->steps[l->birth];
	return s->birth.sibling &&
	       c->history->lives[l->parent].died_us <= s->last_us;
}

/* A fact that came by now says that the reaper has orphans. */
static bool
is_known_reaper(const struct sim_check *c, int reaper)
{
	const struct sim_history *h = c->history;
	const struct sim_life *r = &h->lives[reaper];

	if (reaper == SIM_INIT)
		return true;
	if (r->birth != SIM_NONE && h->steps[r->birth].birth.new_pidns &&
	    c->given_now[r->birth] <= *c->now)
		return true;
	for (size_t i = 0; i < h->nsteps; i++) {
		const struct sim_step *s = &h->steps[i];
		const struct sim_life *l = &h->lives[s->life];

		if (c->given_now[i] <= *c->now && !s->noise &&
		    s->ppid == r->pid && l->parent != reaper &&
		    c->told[s->life].start == START_OBSERVED &&
		    c->told[s->life].started && l->born_us >= r->born_us)
			return true;
	}
	return false;
}

/*
 * All that tells the parent of who was born unseen is its ppid=, which is a
 * subreaper's or a namespace's init's after the parent's death.
 */
static int
reaper_of(const struct sim_check *c, int life, int32_t ppid)
{
	const struct sim_history *h = c->history;
	const struct sim_account *a = &h->lives[life].account;
	int task = SIM_NONE;

	for (int i = c->facts->first[life]; i != SIM_NONE && task == SIM_NONE;
	     i = c->facts->next[i]) {
		if (h->steps[i].ppid == ppid && !h->steps[i].whole)
			task = sim_history_task(h, ppid, h->steps[i].first_us);
	}
	if (task == SIM_NONE && a->written && a->ppid == ppid)
		task = sim_history_task(h, ppid, a->at_us);
	return task == SIM_NONE ? SIM_NONE : h->tasks[task].life;
}

/* Whom a start should tell as its parent. */
static int
expected_parent(const struct sim_check *c, int life, const struct event *ev)
{
	const struct sim_history *h = c->history;
	int parent = h->lives[life].parent, reaper;

	if (ev->start != START_INFERRED || parent == SIM_NONE ||
	    h->lives[parent].pid == ev->parent.pid)
		return parent;
	reaper = reaper_of(c, life, ev->parent.pid);
	if (reaper == SIM_NONE || is_known_reaper(c, reaper))
		return parent;
	return reaper;
}

static void
check_parent(struct sim_check *c, int life, const struct event *ev)
{
	const struct sim_history *h = c->history;
	const struct event_process *p = &ev->parent;
	int parent = expected_parent(c, life, ev);
	int told;

	if (h->lives[life].helper) {
		if (p->known && p->pid != SIM_KTHREADD)
			sim_differ(c, life, "a helper of parent %d", p->pid);
		return;
	}
	if (!p->known) {
		if (ev->start == START_OBSERVED)
			sim_differ(c, life, "no parent");
		return;
	}
	if (is_reparented(c, life) && p->pid != h->lives[parent].pid)
		return;
	if (parent == SIM_NONE || h->lives[parent].pid != p->pid) {
		sim_differ(c, life, "wrong parent %d", p->pid);
		return;
	}
	if (!p->identified) {
		if (ev->start == START_OBSERVED && c->told[parent].started &&
		    !h->steps[h->lives[life].birth].birth.sibling)
			sim_differ(c, life, "parent %d is not said to be told",
			    p->pid);
		return;
	}
	told = sim_told_as(c, p->pid, &p->id);
	if (told != parent && !sim_check_is_mixed_with(c, told, parent))
		sim_differ(c, life,
		    "parent %d is another life, or not told yet", p->pid);
}

/* All lives of that number before this one must be over. */
static void
check_others(struct sim_check *c, int life)
{
	const struct sim_history *h = c->history;
	int t = h->newest[h->lives[life].pid];

	for (; t != SIM_NONE; t = h->tasks[t].before) {
		int other = h->tasks[t].life;

		if (h->tasks[t].number == h->lives[other].pid && other < life &&
		    c->told[other].started && !c->told[other].ended)
			sim_differ(c, other, "born again before its end");
	}
}

/* A child comes before the end of who bore it, if its birth record did. */
static void
check_order(struct sim_check *c, int life)
{
	const struct sim_life *l = &c->history->lives[life];
	const struct sim_told *t = &c->told[life], *p;
	const struct sim_step *s;

	if (t->start != START_OBSERVED || t->guessed)
		return;
	s = &c->history->steps[l->birth];
	if (s->birth.shape == BIRTH_UNDECIDED)
		return;
	p = &c->told[s->life];
	if (p->ended && !p->mixed && c->given_now[l->birth] != SIM_NEVER &&
	    c->given_order[l->birth] < p->end_order)
		sim_differ(c, life, "told after the end of who bore it");
}

void
sim_check_start(struct sim_check *c, const struct event *ev)
{
	int life = starting(c, ev);
	struct sim_told *t;

	if (life == SIM_NONE ||
	    c->history->lives[life].pid != ev->process.pid) {
		sim_differ(c, life, "a life that never was: pid %d, serial %u",
		    ev->process.pid, ev->nserials > 0 ? ev->serials[0] : 0);
		return;
	}
	t = &c->told[life];
	if (t->started)
		sim_differ(c, life, "started twice");
	t->guessed = ev->start == START_OBSERVED &&
		     c->history->lives[life].birth != sim_step_of(c, ev);
	c->guessed += t->guessed;
	t->started = true;
	t->start = ev->start;
	t->id = ev->process.id;
	/* found at a time that no tick of the coarse clock shows */
	if (ev->action == EVENT_FORK)
		t->last_ms = ev->time_ms;
	t->parent = ev->parent.known ? ev->parent.pid : 0;
	c->inferred += ev->start == START_INFERRED;
	if (ev->start == START_INFERRED && came_in_time(c, life))
		sim_differ(
		    c, life, "inferred, but its birth record came in time");
	check_parent(c, life, ev);
	check_others(c, life);
	check_order(c, life);
}
