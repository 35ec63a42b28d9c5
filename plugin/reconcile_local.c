/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Births whose result is a number of the parent's own pid namespace.
 *
 * They wait with who bore until one of the lives that wait, whose numbers are
 * global, is found to be the child: by its parent's number, by its own if the
 * result was global after all, or, at last, by the order of the numbers.
 */
#include "reconcile_kin.h"

/* With more that wait it is not tried with each fact, but once it is late. */
#define SETTLED_MAX 32

/* So many may be born before one of them is known. */
#define STRAYS 64

/* So many births by one parent wait for children of unknown number. */
#define LOCALS_MAX 64

/*
 * Before the first round children have higher numbers than their parents, and
 * after it none is below RESERVED_PIDS, unless it was asked for: set_tid of
 * clone3 (kernel/fork.c).
 */
static bool
looks_local(const struct life *p, const struct fact *birth)
{
	int32_t child = birth->birth.child;

	if (child == p->pid)
		return true;
	return birth->birth.shape != BIRTH_UNDECIDED && child < RESERVED_PIDS &&
	       child < p->pid;
}

/* What the machine's first process is told is of the first namespace. */
static bool
is_first_of_all(const struct life *p)
{
	return p->pid == 1;
}

bool
local_is_result(
    const struct reconcile *r, const struct life *p, const struct fact *birth)
{
	if (is_first_of_all(p))
		return false;
	return p->local || looks_local(p, birth) ||
	       (!p->placed && births_is_taken(r, birth));
}

/* Who is only expected may be so by a number of a namespace. */
static struct life *
named(const struct reconcile *r, int32_t pid)
{
	struct life *p = lives_newest(&r->lives, pid);

	while (p != NULL && p->state == LIFE_HELD && STAILQ_EMPTY(&p->held))
		p = p->older;
	return p;
}

/* Whether l, who is held, is in a namespace by what is held of its ancestors.
 */
static bool
is_inside(struct reconcile *r, const struct life *l)
{
	const struct life *child = NULL;

	/* nobody is his own parent, whatever his facts say */
	for (int i = 0; l != NULL && l != child; i++) {
		if (l->inside)
			return true;
		if (l->state != LIFE_HELD)
			return l->local || l->children_local;
		if (reconcile_is_too_far(r, i))
			break;
		child = l;
		l = named(r, lives_ppid(l));
	}
	return false;
}

bool
local_may_be(
    struct reconcile *r, const struct life *l, const struct fact *birth)
{
	if (l->born || is_first_of_all(l))
		return local_is_result(r, l, birth);
	return looks_local(l, birth) || births_is_taken(r, birth) ||
	       is_inside(r, l);
}

static struct held_fact *
take_local(struct reconcile *r, struct life *p, struct held_fact *h)
{
	lives_touch(&r->lives, p);
	r->lives.nlocals--;
	p->nlocals--;
	return lives_take_out(&r->lives, &p->locals, h);
}

static void
count_drop(struct reconcile *r, const struct fact *birth)
{
	if (birth->birth.shape == BIRTH_PROCESS)
		r->counts.locals_dropped++;
	else
		r->counts.threads_dropped++;
}

/*
 * Makes room for one more: what may be a thread's, which most such births are,
 * goes before what is a process's, and the oldest first. False: the new one
 * is the first to go.
 */
static bool
make_room(struct reconcile *r, struct life *p, const struct fact *birth)
{
	struct held_fact *h = STAILQ_FIRST(&p->locals);

	while (h != NULL && h->fact.birth.shape == BIRTH_PROCESS)
		h = STAILQ_NEXT(h, next);
	if (h == NULL && birth->birth.shape != BIRTH_PROCESS)
		return false;
	h = take_local(r, p, h != NULL ? h : STAILQ_FIRST(&p->locals));
	count_drop(r, &h->fact);
	lives_drop(&r->lives, h);
	return true;
}

/* Keeps a birth for a child yet to be seen; most are threads, never seen. */
static void
hold_local(struct reconcile *r, struct life *p, const struct fact *birth)
{
	if (p->nlocals == LOCALS_MAX && !make_room(r, p, birth)) {
		count_drop(r, birth);
		return;
	}
	if (!lives_hold(&r->lives, p, &p->locals, NULL, birth)) {
		r->counts.refused_lives++;
		return;
	}
	lives_add_bearer(&r->lives, p);
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
	return lives_ppid(l) == p->pid ||
	       (lives_ppid(l) <= 1 && !STAILQ_EMPTY(&l->held));
}

/*
 * Who waits, has the number and can be the child: it is not one of a namespace
 * then. NULL: nobody.
 */
static struct life *
awaiting_by_number(
    const struct reconcile *r, const struct life *p, const struct fact *birth)
{
	struct life *l = lives_newest(&r->lives, birth->birth.child);

	/* the same numbers may be given there as well */
	if (p->inside)
		return NULL;
	for (; l != NULL && l->pid >= RESERVED_PIDS; l = l->older) {
		if (l->queue == QUEUE_BIRTH && !l->born && may_be_child(l, p) &&
		    births_can_be_at(r, l, birth->at.ms))
			return l;
	}
	return NULL;
}

/*
 * A child has the number that the call returned: p lives in no namespace below
 * ours, whatever it was taken for.
 */
static void
disprove(struct life *p)
{
	p->local = p->leads = p->inside = p->evidence.first = false;
	p->placed = p->plain = true;
	p->space.number = 0;
}

/* So its other births are by number, too: who waits may be no more then. */
static void
bear_rest(struct reconcile *r, struct life *p, int64_t now)
{
	struct life *l;

	for (uint8_t n = p->nlocals; n > 0; n--) {
		struct held_fact *h =
		    take_local(r, p, STAILQ_FIRST(&p->locals));

		if (h->fact.pid == p->pid)
			births_fact(r, p, &h->fact, now);
		l = lives_newest(&r->lives, h->fact.birth.child);
		if (l != NULL)
			reconcile_start(r, l);
		lives_drop(&r->lives, h);
	}
}

static void
bear_from_local(
    struct reconcile *r, struct life *l, struct life *p, struct held_fact *h)
{
	take_local(r, p, h);
	births_bear(r, l, p, &h->fact);
	lives_drop(&r->lives, h);
}

void
local_look(struct reconcile *r, struct life *p)
{
	if (p->queued_kin)
		return;
	p->queued_kin = true;
	STAILQ_INSERT_TAIL(&r->kin, p, in_kin);
}

/* Which birth these have is known by now. */
static void
lay_ghosts(struct reconcile *r, struct life *p, const struct kin *k)
{
	size_t laid[KIN_CHILDREN_MAX], n = kin_laid(k, laid);

	for (size_t i = 0; i < n; i++) {
		lives_set_ghost(&r->lives, k->child[laid[i]], false);
		lives_drop(
		    &r->lives, take_local(r, p, k->birth[k->first[laid[i]]]));
	}
}

void
local_settle(struct reconcile *r, struct life *p)
{
	struct kin k;
	size_t sure[KIN_CHILDREN_MAX], n;

	if (p->state != LIFE_ALIVE || p->nlocals > SETTLED_MAX ||
	    !kin_gather(r, p, &k))
		return;
	n = kin_sure(&k, sure);
	lay_ghosts(r, p, &k);
	for (size_t i = 0; i < n; i++) {
		struct life *l = k.child[sure[i]];

		bear_from_local(r, l, p, k.birth[k.first[sure[i]]]);
		reconcile_start(r, l);
	}
}

/* Whether p's parent is in no namespace, nor are its children by unshare(2). */
static bool
is_born_outside(const struct reconcile *r, const struct life *p)
{
	const struct life *parent = births_parent(r, p);

	return p->start == START_OBSERVED && parent != NULL && !parent->local &&
	       !parent->children_local;
}

void
local_bear(
    struct reconcile *r, struct life *p, const struct fact *birth, int64_t now)
{
	if (awaiting_by_number(r, p, birth) != NULL) {
		disprove(p);
		bear_rest(r, p, now);
		births_by_number(r, p, birth, now);
		return;
	}
	/* clone3 made the namespace, and nobody saw it */
	p->evidence.first |=
	    !p->local && !p->placed && p->start == START_OBSERVED;
	/* a number that is taken may have been given again unseen */
	p->leads |= looks_local(p, birth) && is_born_outside(r, p);
	p->inside |= p->leads;
	if (p->leads)
		reboot_lead(p);
	p->bore_first |= birth->birth.new_pidns;
	p->may_inherit |= !p->local;
	p->local = true;
	lives_touch(&r->lives, p);
	hold_local(r, p, birth);
	local_look(r, p);
}

/* The child gets the likeliest birth of those by p that may be its own. */
static void
bear_likeliest(struct reconcile *r, struct life *p, struct kin *k, size_t child,
    const struct kin_answer *a)
{
	struct held_fact *h = k->birth[a->birth];
	struct life *l = k->child[child];

	if (k->complete && k->first[child] == k->last[child]) {
		bear_from_local(r, l, p, h);
		return;
	}
	births_bear(r, l, p, &h->fact);
	l->leads = false;
	l->evidence.first |= !a->plain;
	l->may_inherit |= !a->plain;
	l->plain = a->plain;
	if (!a->plain)
		l->space.number = 0;
	lives_touch(&r->lives, l);
	lives_set_ghost(&r->lives, l, true);
}

/* The first of the namespace that p made for its children; NULL: unknown. */
static struct life *
first_of(const struct reconcile *r, const struct life *p)
{
	int32_t pid = lives_rare(p)->children_space.pid;
	struct life *l = pid != 0 ? lives_newest(&r->lives, pid) : NULL;

	while (l != NULL && !l->leads)
		l = l->older;
	return l;
}

/*
 * Who inherits the children of l, the first of its pid namespace perhaps; NULL:
 * it is unknown. *over: nobody does, for with the first all there are killed
 * (kernel/pid_namespace.c, zap_pid_ns_processes()).
 */
static struct life *
heir(const struct reconcile *r, const struct life *l, bool *over)
{
	const struct life *whose = l;
	struct life *p = NULL;

	*over = l->leads;
	for (int i = 0; i < ANCESTRY_MAX && l->local && !*over; i++) {
		p = named(r, l->parent.known ? l->parent.pid : l->ppid);
		if (p != NULL && l->beside)
			p = first_of(r, p);
		else if (p != NULL && p->children_local && !l->plain)
			return NULL; /* it was born elsewhere, perhaps */
		/* of numbers that were used again a chain may be a ring */
		if (p == NULL || p == whose || p->state == LIFE_HELD ||
		    !p->local)
			return NULL;
		if (p->may_inherit && p->state == LIFE_ALIVE)
			return p;
		*over = p->leads;
		l = p;
	}
	return NULL;
}

/* l is dead, and it is not known who inherits. */
static void
leave_strays(struct reconcile *r, const struct life *l)
{
	int64_t ms = l->birth.ms;

	if (l->start != START_OBSERVED)
		ms = span_of(&r->ticks, l).born_until;
	r->stray_pid = r->newest_pid;
	if (ms > r->stray_ms)
		r->stray_ms = ms;
}

/* Births by l of children who did nothing yet: their ppid will be the heir's.
 */
static void
leave_locals(struct reconcile *r, struct life *l)
{
	bool over;
	struct life *to = heir(r, l, &over);

	if (to == NULL) {
		if (l->local && !over)
			leave_strays(r, l);
		return;
	}
	while (l->nlocals > 0) {
		struct held_fact *h =
		    take_local(r, l, STAILQ_FIRST(&l->locals));

		/* its threads are over with it */
		if (h->fact.birth.shape == BIRTH_PROCESS) {
			h->fact.birth.new_pidns |= l->children_local;
			hold_local(r, to, &h->fact);
		}
		lives_drop(&r->lives, h);
	}
	local_look(r, to);
}

/* A birth by p that is l's by its number: p was not in a namespace then. */
static struct held_fact *
birth_by_number(
    const struct reconcile *r, const struct life *p, const struct life *l)
{
	struct held_fact *h;

	if (p->inside)
		return NULL;
	STAILQ_FOREACH(h, &p->locals, next)
	{
		if (h->fact.birth.child == l->pid && h->fact.pid == p->pid &&
		    births_can_be_at(r, l, h->fact.at.ms))
			return h;
	}
	return NULL;
}

/* l gets that birth: first, for another may be by its number, too. */
static void
bear_by_number(struct reconcile *r, struct life *l, struct life *p,
    struct held_fact *h, int64_t now)
{
	disprove(p);
	bear_from_local(r, l, p, h);
	bear_rest(r, p, now);
}

/* Who has the number of l's parent and lives; NULL: nobody. */
static struct life *
living_parent(const struct reconcile *r, const struct life *l)
{
	struct life *p = lives_newest(&r->lives, lives_ppid(l));

	while (p != NULL && p->state != LIFE_ALIVE)
		p = p->older;
	return p;
}

void
local_match(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *p = living_parent(r, l);
	struct held_fact *h;

	if (p == NULL || STAILQ_EMPTY(&p->locals))
		return;
	h = birth_by_number(r, p, l);
	if (h != NULL)
		bear_by_number(r, l, p, h, now);
	else
		local_look(r, p);
}

/* Whether l may be somebody's of whom nothing is known here. */
static bool
may_be_strange(
    const struct reconcile *r, const struct life *l, const struct life *p)
{
	/* there is nobody in a namespace who was born before its first */
	bool later = p->leads && p->birth.ms > r->stray_ms;
	bool stray =
	    r->stray_pid != 0 && !later && l->pid <= r->stray_pid + STRAYS;

	return p->may_inherit &&
	       (stray || (l->first_ppid < 0 && infer_record_unproven(r, l)));
}

/* l's birth, if it is p's for certain; else what else it may be, in *word. */
static bool
bear_in_order(struct reconcile *r, struct life *l, struct life *p,
    struct kin *k, enum local_word *word)
{
	size_t i = kin_place(k, l);
	struct kin_answer a;

	*word = LOCAL_UNKNOWN;
	if (i == k->nchildren)
		return false;
	a = kin_judge(k, i);
	if (a.plain)
		*word = LOCAL_PLAIN;
	if (a.birth == KIN_NONE || !a.own || may_be_strange(r, l, p))
		return false;
	bear_likeliest(r, p, k, i, &a);
	return true;
}

/* An orphan may not name p any more, who has its birth by its number. */
static bool
match_by_number(
    struct reconcile *r, struct life *l, struct life *p, int64_t now)
{
	struct held_fact *h = birth_by_number(r, p, l);

	if (h == NULL || l->born || l->pid < RESERVED_PIDS ||
	    !may_be_child(l, p))
		return false;
	bear_by_number(r, l, p, h, now);
	return true;
}

/* The same of who is dead by now, and only waits for word of a reboot. */
static bool
match_orphan(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *p;
	size_t looked = 0;

	if (lives_ppid(l) > 1)
		return false;
	TAILQ_FOREACH (p, &r->lives.queue[QUEUE_REBOOT], in_queue) {
		if (reconcile_is_enough(r, looked++))
			break;
		if (p->nlocals > 0 && match_by_number(r, l, p, now))
			return true;
	}
	return false;
}

enum local_word
local_match_in_order(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *p = living_parent(r, l);
	enum local_word word;
	struct kin k;

	if (match_orphan(r, l, now))
		return LOCAL_BORN;
	if (p == NULL || !kin_gather(r, p, &k))
		return LOCAL_UNKNOWN;
	if (bear_in_order(r, l, p, &k, &word))
		return LOCAL_BORN;
	lives_set_ghost(&r->lives, l, kin_place(&k, l) < k.nchildren);
	return word;
}

/* Those that have the number of a birth by p, whom they need not name. */
static void
leave_by_number(struct reconcile *r, struct life *p, int64_t now)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &p->locals, next)
	{
		struct life *l = awaiting_by_number(r, p, &h->fact);

		if (l == NULL || doubt_stands(l) ||
		    !match_by_number(r, l, p, now))
			continue;
		reconcile_start(r, l);
		return; /* all others are by number, too */
	}
}

/* Those that name p. */
static void
leave_in_order(struct reconcile *r, struct life *p)
{
	struct life *l, *next;
	size_t looked = 0;

	for (l = TAILQ_FIRST(lives_children(&r->lives, p->pid));
	     l != NULL && p->nlocals > 0 && !reconcile_is_enough(r, looked);
	     l = next, looked++) {
		enum local_word word;
		struct kin k;

		next = TAILQ_NEXT(l, in_children);
		if (lives_ppid(l) == p->pid && !doubt_stands(l) &&
		    kin_gather(r, p, &k) && bear_in_order(r, l, p, &k, &word))
			reconcile_start(r, l);
	}
}

void
local_leave(struct reconcile *r, struct life *p, int64_t now)
{
	if (p->nlocals == 0)
		return;
	local_settle(r, p);
	leave_by_number(r, p, now);
	leave_in_order(r, p);
	leave_locals(r, p);
}
