/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Births whose result is a number of the parent's own pid namespace.
 *
 * They wait with who bore until one of the lives that wait, whose numbers are
 * global, is found to be the child: by its parent's number, by its own if the
 * result was global after all, or, at last, by the order of the numbers.
 */
#include "reconcile_impl.h"

/*
 * Numbers below are given out once, while the machine boots; after the first
 * round pids begin here again (kernel/pid.c, RESERVED_PIDS in alloc_pid()).
 */
#define RESERVED_PIDS 300

/* So many births by one parent wait for children of unknown number. */
#define LOCALS_MAX 64

/* Stands for who bore somebody, if that is not known. */
#define NOBODY 0

/*
 * Before the first round children have higher numbers than their parents, and
 * after it none is below RESERVED_PIDS, unless it was asked for: set_tid of
 * clone3 (kernel/fork.c).
 */
static bool
looks_local(const struct life *p, const struct fact *birth)
{
	int32_t child = birth->birth.child;

	return birth->birth.shape != BIRTH_UNDECIDED && child < RESERVED_PIDS &&
	       child < p->pid;
}

bool
local_is_result(
    const struct reconcile *r, const struct life *p, const struct fact *birth)
{
	return p->local || looks_local(p, birth) ||
	       (!p->placed && births_is_taken(r, birth->birth.child));
}

bool
local_may_be(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct life *p = lives_newest(&r->lives, births_ppid(l));

	if (l->born)
		return local_is_result(r, l, birth);
	return looks_local(l, birth) ||
	       births_is_taken(r, birth->birth.child) ||
	       (p != NULL && (p->local || p->children_local));
}

/*
 * Whether the birth may be l's by its place among others, for all that its
 * number says: near l's pid, it is the pid of a sibling of l's.
 */
static bool
can_be_local(const struct life *l, const struct fact *birth)
{
	int32_t child = birth->birth.child;
	bool near = child != l->pid && child >= RESERVED_PIDS &&
		    child > l->pid - LOCALS_MAX && child < l->pid + LOCALS_MAX;

	return !near && births_can_be_at(l, birth->at.ms);
}

/* The held lives that may be children of p: how many, and one of them. */
static size_t
unborn_children(const struct reconcile *r, const struct life *p,
    const struct fact *birth, struct life **one)
{
	struct life *l;
	size_t n = 0, looked = 0;

	TAILQ_FOREACH (l, &r->lives.queue[QUEUE_BIRTH], in_queue) {
		if (++looked > WAITING_SCAN_MAX)
			break;
		if (births_ppid(l) != p->pid || l->born || l->expected != 0 ||
		    !can_be_local(l, birth))
			continue;
		*one = l;
		n++;
	}
	return n;
}

static bool
holds_birth(const struct life *l)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_BIRTH)
			return true;
	}
	return false;
}

/* Whether a life that waits, not l, may have had children in a namespace. */
static bool
others_hold_births(const struct reconcile *r, const struct life *l)
{
	const struct life *other, *p;
	size_t looked = 0;

	TAILQ_FOREACH (other, &r->lives.queue[QUEUE_BIRTH], in_queue) {
		if (++looked > WAITING_SCAN_MAX)
			return true;
		p = lives_newest(&r->lives, births_ppid(other));
		if (other != l && (p == NULL || p->local || !p->born) &&
		    holds_birth(other))
			return true;
	}
	return false;
}

/*
 * Whether l, whose ppid is p's, may be another's child that p inherited, and
 * of whose birth nothing is known here yet.
 */
static bool
may_be_orphan(
    const struct reconcile *r, const struct life *l, const struct life *p)
{
	return p->may_inherit &&
	       (r->orphans || others_hold_births(r, l) ||
		   (l->first_ppid < 0 && infer_record_unproven(r, l)));
}

/*
 * Whether a birth by p is l's if no other of them waits: not if l may be the
 * one before it, nor if it is known from the accounting file, and births by p
 * are still to be read.
 */
static bool
is_surely_child(
    const struct reconcile *r, const struct life *l, const struct life *p)
{
	return !doubt_stands(l) && !infer_record_unproven(r, l) &&
	       !may_be_orphan(r, l, p);
}

static struct held_fact *
take_local(struct reconcile *r, struct life *p, struct held_fact *h)
{
	lives_touch(&r->lives, p);
	r->lives.nlocals--;
	p->nlocals--;
	return lives_take_out(&r->lives, &p->locals, h);
}

/* The oldest makes room; only one that is no thread is missed. */
static void
drop_local(struct reconcile *r, struct life *p)
{
	struct held_fact *h = take_local(r, p, STAILQ_FIRST(&p->locals));

	r->counts.locals_dropped += h->fact.birth.shape == BIRTH_PROCESS;
	lives_drop(h);
}

/* Keeps a birth for a child yet to be seen; most are threads, never seen. */
static void
hold_local(struct reconcile *r, struct life *p, const struct fact *birth)
{
	if (p->nlocals == LOCALS_MAX)
		drop_local(r, p);
	if (!lives_hold(&r->lives, &p->locals, NULL, birth)) {
		r->counts.refused_lives++;
		return;
	}
	p->nlocals++;
	r->lives.nlocals++;
	lives_touch(&r->lives, p);
}

/*
 * Whether l names p as its parent, or init, as an orphan does, or nobody, as
 * who crashed.
 */
static bool
may_be_child(const struct life *l, const struct life *p)
{
	return births_ppid(l) == p->pid ||
	       (births_ppid(l) <= 1 && !STAILQ_EMPTY(&l->held));
}

/*
 * Whether somebody waits who has the number and can be the child: it is not
 * one of a namespace then.
 */
static bool
is_awaited_by_number(
    const struct reconcile *r, const struct life *p, const struct fact *birth)
{
	const struct life *l = lives_newest(&r->lives, birth->birth.child);

	for (; l != NULL && l->pid >= RESERVED_PIDS; l = l->older) {
		if (l->queue == QUEUE_BIRTH && !l->born && may_be_child(l, p) &&
		    births_can_be_at(l, birth->at.ms))
			return true;
	}
	return false;
}

/*
 * A child has the number that the call returned: p lives in no namespace below
 * ours, whatever it was taken for, and its other births are by number, too.
 */
static void
disprove(struct reconcile *r, struct life *p, int64_t now)
{
	struct life *l;

	p->local = p->evidence.first = false;
	p->placed = true;
	for (uint8_t n = p->nlocals; n > 0; n--) {
		struct held_fact *h =
		    take_local(r, p, STAILQ_FIRST(&p->locals));

		births_fact(r, p, &h->fact, now);
		l = lives_newest(&r->lives, h->fact.birth.child);
		if (l != NULL)
			reconcile_start(r, l);
		lives_drop(h);
	}
}

void
local_bear(
    struct reconcile *r, struct life *p, const struct fact *birth, int64_t now)
{
	struct life *l;

	if (is_awaited_by_number(r, p, birth)) {
		disprove(r, p, now);
		l = births_newborn(r, birth, now);
		if (l != NULL)
			births_bear(r, l, p, birth);
		return;
	}
	/* clone3 made the namespace, and nobody saw it */
	p->evidence.first |=
	    !p->local && !p->placed && p->start == START_OBSERVED;
	p->bore_first |= birth->birth.new_pidns;
	p->may_inherit |= !p->local;
	p->local = true;
	lives_touch(&r->lives, p);
	if (STAILQ_EMPTY(&p->locals) && unborn_children(r, p, birth, &l) == 1 &&
	    is_surely_child(r, l, p))
		births_bear(r, l, p, birth);
	else
		hold_local(r, p, birth);
}

/* The births among p's locals that may be l's. */
struct candidates {
	struct held_fact *first;
	size_t n;
	bool left; /* some may have been left to p by one who is dead */
};

static struct candidates
local_births(const struct life *p, const struct life *l)
{
	struct candidates c = {NULL, 0, false};
	struct held_fact *h;

	STAILQ_FOREACH(h, &p->locals, next)
	{
		if (!can_be_local(l, &h->fact))
			continue;
		if (c.n++ == 0)
			c.first = h;
		c.left |= h->fact.pid == NOBODY;
	}
	return c;
}

static void
bear_from_local(
    struct reconcile *r, struct life *l, struct life *p, struct held_fact *h)
{
	take_local(r, p, h);
	births_bear(r, l, p, &h->fact);
	lives_drop(h);
}

/*
 * p bore l, or somebody dead did, nobody can tell which: one birth less for
 * those who come later, and of none that may have been meant is it sure any
 * more that it was p's.
 */
static void
spoil(struct reconcile *r, struct life *l, struct life *p)
{
	struct held_fact *h;

	STAILQ_FOREACH(h, &p->locals, next)
	{
		if (can_be_local(l, &h->fact))
			h->fact.pid = NOBODY;
	}
	lives_drop(take_local(r, p, local_births(p, l).first));
}

/* The first of the pid namespace of l, who inherits; NULL: unknown. */
static struct life *
heir(const struct reconcile *r, const struct life *l)
{
	const struct life *whose = l;
	struct life *p = NULL;

	for (int i = 0; i < ANCESTRY_MAX && l->local; i++) {
		p = lives_newest(
		    &r->lives, l->parent.known ? l->parent.pid : l->ppid);
		/* of numbers that were used again a chain may be a ring */
		if (p == NULL || p == whose || p->state == LIFE_HELD ||
		    !p->local)
			return NULL;
		if (p->may_inherit && p->state == LIFE_ALIVE)
			return p;
		l = p;
	}
	return NULL;
}

/* Births by l of children who did nothing yet: their ppid will be the heir's.
 */
static void
leave_locals(struct reconcile *r, struct life *l)
{
	struct life *to = heir(r, l);

	if (to == NULL) {
		r->orphans |= l->local;
		return;
	}
	while (l->nlocals > 0) {
		struct held_fact *h =
		    take_local(r, l, STAILQ_FIRST(&l->locals));

		/* its threads are over with it */
		if (h->fact.birth.shape == BIRTH_PROCESS) {
			h->fact.pid = NOBODY;
			hold_local(r, to, &h->fact);
		}
		lives_drop(h);
	}
}

/* A birth by p that is l's by its number: p was not in a namespace then. */
static struct held_fact *
birth_by_number(const struct life *p, const struct life *l)
{
	struct held_fact *h;

	STAILQ_FOREACH(h, &p->locals, next)
	{
		if (h->fact.birth.child == l->pid && h->fact.pid != NOBODY &&
		    births_can_be_at(l, h->fact.at.ms))
			return h;
	}
	return NULL;
}

/* l gets that birth. */
static void
bear_by_number(struct reconcile *r, struct life *l, struct life *p,
    struct held_fact *h, int64_t now)
{
	take_local(r, p, h);
	disprove(r, p, now);
	births_bear(r, l, p, &h->fact);
	lives_drop(h);
}

/* Who has the number of l's parent and lives; NULL: nobody. */
static struct life *
living_parent(const struct reconcile *r, const struct life *l)
{
	struct life *p = lives_newest(&r->lives, births_ppid(l));

	while (p != NULL && p->state != LIFE_ALIVE)
		p = p->older;
	return p;
}

void
local_match(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *p = living_parent(r, l), *only = NULL;
	struct candidates c;
	struct held_fact *h;

	if (p == NULL || STAILQ_EMPTY(&p->locals))
		return;
	h = birth_by_number(p, l);
	if (h != NULL)
		bear_by_number(r, l, p, h, now);
	if (h != NULL || !is_surely_child(r, l, p))
		return;
	c = local_births(p, l);
	if (c.n == 1 && !c.left &&
	    unborn_children(r, p, &c.first->fact, &only) == 1 && only == l)
		bear_from_local(r, l, p, c.first);
}

/* The children of p that wait and have a lower pid than l. */
static size_t
lower_children(
    const struct reconcile *r, const struct life *p, const struct life *l)
{
	const struct life *other;
	size_t n = 0, looked = 0;

	TAILQ_FOREACH (other, &r->lives.queue[QUEUE_BIRTH], in_queue) {
		if (++looked > WAITING_SCAN_MAX)
			break;
		n += births_ppid(other) == p->pid && !other->born &&
		     other->pid < l->pid;
	}
	return n;
}

bool
local_match_in_order(struct reconcile *r, struct life *l)
{
	struct life *p = living_parent(r, l);
	struct candidates c;
	size_t lower;

	if (p == NULL || may_be_orphan(r, l, p))
		return false;
	c = local_births(p, l);
	if (c.n == 0)
		return false;
	if (c.left) {
		spoil(r, l, p);
		return false;
	}
	for (lower = lower_children(r, p, l); lower > 0 && c.n > 1; lower--) {
		c.n--;
		do {
			c.first = STAILQ_NEXT(c.first, next);
		} while (!can_be_local(l, &c.first->fact));
	}
	bear_from_local(r, l, p, c.first);
	return true;
}

/* An orphan may not name p any more, who has its birth by its number. */
static bool
match_by_number(
    struct reconcile *r, struct life *l, struct life *p, int64_t now)
{
	struct held_fact *h = birth_by_number(p, l);

	if (h == NULL || l->born || l->pid < RESERVED_PIDS ||
	    !may_be_child(l, p))
		return false;
	bear_by_number(r, l, p, h, now);
	return true;
}

void
local_leave(struct reconcile *r, struct life *p, int64_t now)
{
	struct life *l, *next;
	size_t looked = 0;

	if (p->nlocals == 0)
		return;
	for (l = TAILQ_FIRST(&r->lives.queue[QUEUE_BIRTH]);
	     l != NULL && looked < WAITING_SCAN_MAX; l = next, looked++) {
		next = TAILQ_NEXT(l, in_queue);
		if (doubt_stands(l))
			continue;
		if (match_by_number(r, l, p, now) ||
		    (births_ppid(l) == p->pid && local_match_in_order(r, l)))
			reconcile_start(r, l);
	}
	leave_locals(r, p);
}
