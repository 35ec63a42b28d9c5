/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconcile_impl.h"

#include <string.h>

/*
 * Numbers below are given out once, while the machine boots; after the first
 * round pids begin here again (kernel/pid.c, RESERVED_PIDS in alloc_pid()).
 */
#define RESERVED_PIDS 300

/* So many births by one parent wait for children of unknown number. */
#define LOCALS_MAX 64

/* So many held lives are looked at for a birth of unknown number. */
#define LOCAL_SCAN_MAX 256

/* Stands for who bore somebody, if that is not known. */
#define NOBODY 0

/* How far up the tree parents that wait, too, are looked for. */
#define ANCESTRY_MAX 64

/*
 * Its parent's pid as its records say, the first of them; accounting's is who
 * it had at its death.
 */
static int32_t
ppid_of(const struct life *l)
{
	return l->first_ppid >= 0 ? l->first_ppid : l->ppid;
}

/*
 * Whether l's facts allow that it was born by a call entered at ms: no stamp
 * of its own can be older (kernel/auditsc.c: both are of their calls' entry).
 */
static bool
can_be_born_at(const struct life *l, int64_t ms)
{
	struct span s = span_of(l);
	const struct fact_acct *a = records_of(l);
	const struct held_fact *h;

	if (l->first_ms != TIME_UNKNOWN && ms > l->first_ms)
		return false;
	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_FOUND &&
		    !found_can_be_born(&h->fact.found, ms))
			return false;
	}
	s.born_from = ms;
	if (s.born_until > ms + BIRTH_DELAY_MS)
		s.born_until = ms + BIRTH_DELAY_MS;
	return a == NULL || span_fits(&s, a, INT64_MAX);
}

void
births_set_parent(struct reconcile *r, struct life *l, const struct life *p,
    const struct fact *birth)
{
	l->parent.known = true;
	l->parent.pid = p->pid;
	l->parent.identified = true;
	l->parent.id = p->id;
	l->parent.start_ms = p->birth.ms + p->birth_ahead;
	lives_set_name(&r->lives, &l->parent.name,
	    birth != NULL ? birth->comm : name_bytes(p->name));
	lives_set_name(&r->lives, &l->parent.executable,
	    birth != NULL ? birth->exe : name_bytes(p->executable));
	l->hidden |= p->hidden;
}

/* A sibling's parent is the caller's own parent (CLONE_PARENT). */
static void
set_sibling_parent(struct reconcile *r, struct life *l, int32_t ppid)
{
	const struct life *p = lives_newest(&r->lives, ppid);

	if (p != NULL && p->state == LIFE_ALIVE) {
		births_set_parent(r, l, p, NULL);
	} else {
		l->parent.known = ppid > 0;
		l->parent.pid = ppid;
	}
}

/* Gives l its birth: a record by p. */
static void
bear(struct reconcile *r, struct life *l, struct life *p,
    const struct fact *birth)
{
	l->born = true;
	l->expected = 0;
	l->start = START_OBSERVED;
	l->sources = SOURCE_AUDIT;
	l->birth = birth->at;
	l->birth_ahead = birth->ahead_ms;
	l->id = ident_life_record(&r->ident, l->pid, steady_shown(birth));
	l->creds = birth->creds;
	l->tty = birth->tty;
	lives_set_name(&r->lives, &l->name, birth->comm);
	lives_set_name(&r->lives, &l->executable, birth->exe);
	lives_set_name(&r->lives, &l->key, birth->key);
	lives_share_args(l, p);
	l->local = p->local || p->children_local || birth->birth.new_pidns;
	l->placed = p->placed && birth->birth.shape != BIRTH_UNDECIDED;
	l->evidence.first = p->children_local || birth->birth.new_pidns;
	/* clone3 may make a namespace, too: nobody sees its flags. */
	l->may_inherit = l->evidence.first ||
			 (l->local && birth->birth.shape == BIRTH_UNDECIDED);
	if (birth->birth.sibling)
		set_sibling_parent(r, l, birth->ppid);
	else
		births_set_parent(r, l, p, birth);
	lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
	reconcile_ready(r, l);
	lives_touch(&r->lives, l);
	l->awaited = !l->queued_ready && !l->undecided;
	p->nawaited += l->awaited;
}

void
births_told(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *p = lives_newest(&r->lives, l->parent.pid);

	if (!l->awaited)
		return;
	l->awaited = false;
	while (p != NULL && memcmp(&p->id, &l->parent.id, sizeof(p->id)) != 0)
		p = p->older;
	if (p != NULL && p->nawaited > 0 && --p->nawaited == 0)
		deaths_consider(r, p, now);
}

/* Nothing that was read says when it was born. */
static bool
lacks_birth(const struct life *l)
{
	return l->born ? l->start == START_INFERRED : l->expected == 0;
}

static bool
is_its_birth(const struct life *l, const struct fact *birth)
{
	struct stamp at = birth->at;

	if (l->born && l->hidden) /* a canary's, who was born just then */
		return birth->pid == l->ppid && at.ms >= l->birth.ms - TICK_MS;
	if (l->born && l->start == START_SNAPSHOT)
		return at.ms <= l->birth.ms + TICK_MS;
	return (l->born || l->expected != 0) && l->birth.serial == at.serial &&
	       l->birth.ms == at.ms;
}

/* Where a birth belongs among the lives of its pid. */
struct place {
	struct life *own;    /* whose it is, told or not; NULL: a new one's */
	struct life *before; /* who was born after it; NULL: nobody */
};

/*
 * Birth records come late, and in any order: the oldest life without one that
 * began no earlier is whose it is; rather one whose records name its parent.
 */
static struct place
find_place(const struct reconcile *r, const struct fact *birth)
{
	struct life *l = lives_newest(&r->lives, birth->birth.child);
	struct place p = {NULL, NULL};
	int64_t ms = birth->at.ms;
	bool named = false;

	for (; l != NULL; l = l->older) {
		if (is_its_birth(l, birth))
			return (struct place){l, NULL};
		if (!lacks_birth(l) && ms > l->birth.ms)
			break;
		if (!lacks_birth(l)) {
			if (ms < l->birth.ms)
				p.before = l;
		} else if (can_be_born_at(l, ms) &&
			   (!named || l->first_ppid == birth->pid)) {
			named = l->first_ppid == birth->pid;
			p.own = l;
		}
	}
	return p;
}

/* Births of unknown shape by the number of l, before it, were threads'. */
static void
end_undecided(struct reconcile *r, const struct life *l)
{
	struct life *older;

	for (struct life *o = l->older; o != NULL; o = older) {
		older = o->older;
		if (o->undecided)
			births_decide(r, o, true);
	}
}

/* Who had the number before l is no more. */
static void
end_older(struct reconcile *r, const struct life *l, int64_t now)
{
	end_undecided(r, l);
	for (struct life *o = l->older; o != NULL; o = o->older) {
		if (o->state != LIFE_ENDED && !o->evidence.gone)
			deaths_reused(r, o, now);
	}
}

bool
births_doubted(const struct reconcile *r, const struct life *l)
{
	const struct life *newer = lives_newer(&r->lives, l);

	return newer != NULL && newer->doubtful && !newer->born;
}

/* What is left of it is its own. */
static void
settle_doubt(struct reconcile *r, struct life *l)
{
	const struct held_fact *h;

	if (!l->doubtful)
		return;
	lives_touch(&r->lives, l);
	l->doubtful = false;
	l->first_ms = TIME_UNKNOWN;
	l->first_ppid = -1;
	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_ACCT)
			continue;
		if (l->first_ms == TIME_UNKNOWN || h->fact.at.ms < l->first_ms)
			l->first_ms = h->fact.at.ms;
		if (l->first_ppid < 0)
			l->first_ppid = h->fact.ppid;
	}
}

/* The first of its facts that was done before ms. */
static struct held_fact *
take_before(struct reconcile *r, struct life *l, int64_t ms)
{
	struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind != FACT_ACCT && h->fact.at.ms < ms)
			return lives_take_out(&r->lives, &l->held, h);
	}
	return NULL;
}

/*
 * What a doubtful life did before ms was done by the one before it. True if
 * nothing is left of it.
 */
static bool
give_to_older(struct reconcile *r, struct life *l, int64_t ms, int64_t now)
{
	struct life *older = l->older;
	struct held_fact *h;
	bool empty;

	if (ms > l->doubt_ms)
		ms = l->doubt_ms + 1;
	while ((h = take_before(r, l, ms)) != NULL) {
		reconcile_hold(r, older, &h->fact, now);
		lives_drop(h);
	}
	settle_doubt(r, l);
	empty = l->first_ms == TIME_UNKNOWN && records_spare(r, l, now);
	if (empty)
		reconcile_drop(r, l);
	if (older->state == LIFE_ALIVE)
		reconcile_go_on(r, older);
	return empty;
}

static bool
is_in_doubt(const struct life *l)
{
	return l->doubtful && !l->born && l->older != NULL &&
	       l->older->state != LIFE_ENDED;
}

/* What was done before a birth was done by somebody else. */
static void
end_doubts(struct reconcile *r, const struct fact *birth, int64_t now)
{
	struct life *l = lives_newest(&r->lives, birth->birth.child);

	while (l != NULL && !is_in_doubt(l))
		l = l->older;
	if (l != NULL && birth->at.ms > l->first_ms)
		give_to_older(r, l, birth->at.ms, now);
}

/*
 * The life that a birth of this pid begins: one whose facts came before it,
 * or a new one. NULL: it tells nothing new.
 */
static struct life *
newborn(struct reconcile *r, const struct fact *birth, int64_t now)
{
	struct life *l = lives_newest(&r->lives, birth->birth.child);
	struct place p;

	/* who was over when we looked into /proc */
	if (l != NULL && !l->born && found_is_younger(l, birth->at.ms))
		return NULL;
	/* a thread had the number before */
	if (l != NULL && l->undecided && birth->at.ms >= l->birth.ms)
		births_decide(r, l, true);
	end_doubts(r, birth, now);
	p = find_place(r, birth);
	l = p.own;
	if (l != NULL && l->born)
		return NULL;
	if (l == NULL && p.before != NULL) {
		l = reconcile_add_before(r, p.before);
		if (l != NULL)
			l->evidence.gone = true;
	} else if (l == NULL) {
		l = reconcile_add(r, birth->birth.child);
	}
	if (l != NULL) {
		settle_doubt(r, l);
		end_older(r, l, now);
	}
	return l;
}

/*
 * Whether l lives, as far as can be known: its end would have been recorded
 * before somebody inherited its children, or got its number. Accounting's
 * records are read first.
 */
static bool
is_alive(const struct reconcile *r, const struct life *l)
{
	return r->acct_on && l->state == LIFE_ALIVE && !l->evidence.gone &&
	       !l->evidence.thread_exit && records_of(l) == NULL &&
	       span_of(l).left.serial == 0;
}

static bool
is_taken(const struct reconcile *r, int32_t pid)
{
	const struct life *l = lives_newest(&r->lives, pid);

	return l != NULL && is_alive(r, l);
}

/*
 * Whether p bore l by clone3 with CLONE_PARENT: l's ppid is that of p itself.
 * While p lives nobody inherits its children; init inherits so many that it is
 * never believed to have got one that way.
 */
static bool
is_other_parent(const struct life *l, const struct life *p)
{
	return ppid_of(l) > 1 && ppid_of(l) != p->pid && ppid_of(l) == p->ppid;
}

/*
 * Whether p lived when l was read first, before its birth: if what l did is
 * older than the record of the birth, or l's death than p's.
 */
static bool
lived_then(const struct reconcile *r, const struct life *p,
    const struct life *l, const struct fact *birth)
{
	const struct fact_acct *own = records_of(l), *its = records_of(p);
	const struct held_fact *h = STAILQ_FIRST(&l->held);

	/* a crash names no parent */
	while (h->fact.ppid != ppid_of(l) && STAILQ_NEXT(h, next) != NULL)
		h = STAILQ_NEXT(h, next);
	if (is_alive(r, p) ||
	    (own != NULL && its != NULL && own->offset < its->offset))
		return true;
	return h->fact.kind != FACT_ACCT &&
	       reconcile_is_after(birth->at, h->fact.at);
}

/* clone3 tells no flags: the number may be a thread's. */
static void
bear_undecided(
    struct reconcile *r, struct life *p, const struct fact *birth, int64_t now)
{
	struct life *l = newborn(r, birth, now);
	bool process;

	if (l == NULL)
		return;
	process = !STAILQ_EMPTY(&l->held);
	l->undecided = !process;
	bear(r, l, p, birth);
	if (process) {
		if (is_other_parent(l, p) && lived_then(r, p, l, birth))
			set_sibling_parent(r, l, p->ppid);
		return;
	}
	lives_enqueue(&r->lives, l, QUEUE_SHAPE, INT64_MAX);
	if (++r->nundecided > UNDECIDED_MAX)
		births_decide_oldest(r);
}

/* Births whose result is a number of the parent's own pid namespace. */

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

static bool
is_result_local(
    const struct reconcile *r, const struct life *p, const struct fact *birth)
{
	return p->local || looks_local(p, birth) ||
	       (!p->placed && is_taken(r, birth->birth.child));
}

/* The same of who is held, and whose namespace is that of who bore it. */
static bool
may_be_local(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct life *p = lives_newest(&r->lives, ppid_of(l));

	if (l->born)
		return is_result_local(r, l, birth);
	return looks_local(l, birth) || is_taken(r, birth->birth.child) ||
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

	return !near && can_be_born_at(l, birth->at.ms);
}

/* The held lives that may be children of p: how many, and one of them. */
static size_t
unborn_children(const struct reconcile *r, const struct life *p,
    const struct fact *birth, struct life **one)
{
	struct life *l;
	size_t n = 0, looked = 0;

	TAILQ_FOREACH (l, &r->lives.queue[QUEUE_BIRTH], in_queue) {
		if (++looked > LOCAL_SCAN_MAX)
			break;
		if (ppid_of(l) != p->pid || l->born || l->expected != 0 ||
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
		if (++looked > LOCAL_SCAN_MAX)
			return true;
		p = lives_newest(&r->lives, ppid_of(other));
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
		   (l->first_ppid < 0 && births_record_unproven(r, l)));
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
	return !is_in_doubt(l) && !births_record_unproven(r, l) &&
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
 * Whether somebody waits who has the number and can be the child: it is not
 * one of a namespace then.
 */
static bool
is_awaited_by_number(
    const struct reconcile *r, const struct life *p, const struct fact *birth)
{
	const struct life *l = lives_newest(&r->lives, birth->birth.child);

	for (; l != NULL && l->pid >= RESERVED_PIDS; l = l->older) {
		if (l->queue == QUEUE_BIRTH && !l->born &&
		    (ppid_of(l) == p->pid || ppid_of(l) == 1) &&
		    can_be_born_at(l, birth->at.ms))
			return true;
	}
	return false;
}

static void
bear_local(
    struct reconcile *r, struct life *p, const struct fact *birth, int64_t now)
{
	struct life *l;

	if (is_awaited_by_number(r, p, birth)) {
		l = newborn(r, birth, now);
		if (l != NULL)
			bear(r, l, p, birth);
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
		bear(r, l, p, birth);
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
	bear(r, l, p, &h->fact);
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
		    can_be_born_at(l, h->fact.at.ms))
			return h;
	}
	return NULL;
}

/* Who has the number of l's parent and lives; NULL: nobody. */
static struct life *
living_parent(const struct reconcile *r, const struct life *l)
{
	struct life *p = lives_newest(&r->lives, ppid_of(l));

	while (p != NULL && p->state != LIFE_ALIVE)
		p = p->older;
	return p;
}

void
births_match_local(struct reconcile *r, struct life *l)
{
	struct life *p = living_parent(r, l), *only = NULL;
	struct candidates c;
	struct held_fact *h;

	if (p == NULL || STAILQ_EMPTY(&p->locals))
		return;
	h = birth_by_number(p, l);
	if (h != NULL)
		bear_from_local(r, l, p, h);
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
		if (++looked > LOCAL_SCAN_MAX)
			break;
		n += ppid_of(other) == p->pid && !other->born &&
		     other->pid < l->pid;
	}
	return n;
}

/*
 * Waiting brought no certainty. Numbers grow in every namespace: of the
 * children that wait, the one with the lowest pid was born first.
 */
static bool
match_local_in_order(struct reconcile *r, struct life *l)
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
match_by_number(struct reconcile *r, struct life *l, struct life *p)
{
	struct held_fact *h = birth_by_number(p, l);

	if (h == NULL || l->born || l->pid < RESERVED_PIDS ||
	    (ppid_of(l) != p->pid && ppid_of(l) != 1))
		return false;
	bear_from_local(r, l, p, h);
	return true;
}

void
births_leave(struct reconcile *r, struct life *p, int64_t now)
{
	struct life *l, *next;
	size_t looked = 0;

	if (p->nlocals == 0)
		return;
	for (l = TAILQ_FIRST(&r->lives.queue[QUEUE_BIRTH]);
	     l != NULL && looked < LOCAL_SCAN_MAX; l = next, looked++) {
		next = TAILQ_NEXT(l, in_queue);
		if (is_in_doubt(l))
			continue;
		if (match_by_number(r, l, p) ||
		    (ppid_of(l) == p->pid && match_local_in_order(r, l)))
			reconcile_start(r, l, now);
	}
	leave_locals(r, p);
}

/* A birth record by p, who is alive. */
void
births_fact(
    struct reconcile *r, struct life *p, const struct fact *fact, int64_t now)
{
	const struct fact_birth *b = &fact->birth;
	struct life *l;

	if (b->shape != BIRTH_PROCESS)
		deaths_threads(r, p);
	if (b->shape == BIRTH_THREAD) {
		p->threads++;
	} else if (is_result_local(r, p, fact)) {
		bear_local(r, p, fact, now);
	} else if (b->shape == BIRTH_UNDECIDED) {
		bear_undecided(r, p, fact, now);
	} else {
		l = newborn(r, fact, now);
		if (l != NULL)
			bear(r, l, p, fact);
	}
}

void
births_expect(struct reconcile *r, const struct life *parent,
    const struct fact *fact, int64_t now)
{
	struct place p;
	struct life *l;

	if (may_be_local(r, parent, fact))
		return;
	end_doubts(r, fact, now);
	p = find_place(r, fact);
	l = p.own;

	if ((l != NULL && (l->born || l->expected != 0)) || p.before != NULL)
		return;
	if (l == NULL) {
		l = reconcile_add(r, fact->birth.child);
		if (l == NULL)
			return;
		lives_enqueue(
		    &r->lives, l, QUEUE_BIRTH, now + r->set.lateness_ms);
	}
	l->expected = fact->pid;
	l->birth = fact->at;
	l->birth_ahead = fact->ahead_ms;
	settle_doubt(r, l);
	lives_touch(&r->lives, l);
}

bool
births_unasked(const struct reconcile *r, const struct life *p)
{
	const struct life *l;

	if (!r->asked)
		return false;
	TAILQ_FOREACH (l, &r->lives.queue[QUEUE_SHAPE], in_queue) {
		if (memcmp(&l->parent.id, &p->id, sizeof(p->id)) == 0)
			return true;
	}
	return false;
}

void
births_decide(struct reconcile *r, struct life *l, bool thread)
{
	struct life *p = lives_newest(&r->lives, l->parent.pid);

	if (p != NULL && memcmp(&p->id, &l->parent.id, sizeof(p->id)) != 0)
		p = NULL;
	l->undecided = false;
	r->nundecided--;
	lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
	if (!thread) {
		if (p != NULL && is_other_parent(l, p) && is_alive(r, p))
			set_sibling_parent(r, l, p->ppid);
		reconcile_ready(r, l);
		return;
	}
	if (p != NULL && p->state != LIFE_ENDED) {
		p->threads++;
		lives_touch(&r->lives, p);
	}
	reconcile_drop(r, l);
}

void
births_decide_oldest(struct reconcile *r)
{
	struct life *l = TAILQ_FIRST(&r->lives.queue[QUEUE_ASKED]);

	if (l == NULL)
		l = TAILQ_FIRST(&r->lives.queue[QUEUE_SHAPE]);
	if (l == NULL)
		return;
	/* Had it been a process that is over, accounting had told by now. */
	r->counts.undecided_dropped += !r->acct_on;
	births_decide(r, l, true);
}

/* Births that nobody saw. */

/* The fact that tells most of how l began: its first. */
static const struct fact *
first_fact(const struct life *l)
{
	const struct held_fact *h = STAILQ_FIRST(&l->held);

	return h == NULL ? NULL : &h->fact;
}

static void
infer_parent(struct reconcile *r, struct life *l)
{
	const struct life *p;

	/* Orphans are init's by now: who bore them nobody can tell. */
	if (ppid_of(l) <= 1)
		return;
	p = lives_newest(&r->lives, ppid_of(l));
	/* Who is only expected may be so by a number of a namespace. */
	while (p != NULL && p->state == LIFE_HELD && STAILQ_EMPTY(&p->held))
		p = p->older;
	if (p != NULL && p->state != LIFE_HELD) {
		l->local = p->local || p->children_local;
		l->may_inherit = l->local;
		/* one whom p inherited may be of a namespace made for it */
		l->evidence.first = p->children_local || p->bore_first ||
				    (p->may_inherit && p->local);
		/* nor is it known who was born first of a namespace by clone3
		 */
		if (!p->may_inherit &&
		    (p->placed || p->start != START_OBSERVED))
			births_set_parent(r, l, p, NULL);
		return;
	}
	l->parent.known = true;
	l->parent.pid = ppid_of(l);
}

/* What accounting says of the birth of a life that it alone knows. */
static void
infer_from_acct(struct reconcile *r, struct life *l, const struct fact *fact)
{
	l->birth = (struct stamp){
	    fact->acct.birth_s * 1000 - fact->acct.ahead_from, 0};
	l->birth_ahead = fact->acct.ahead_from;
	l->id = ident_life_acct(&r->ident, l->pid, &fact->acct);
	l->sources = SOURCE_ACCT;
	l->creds.uid = fact->creds.uid;
	l->creds.gid = fact->creds.gid;
}

static void
infer_from_audit(struct reconcile *r, struct life *l, const struct fact *fact)
{
	l->birth = fact->at;
	l->birth_ahead = fact->ahead_ms;
	l->id = ident_life_record(&r->ident, l->pid, steady_shown(fact));
	l->sources = SOURCE_AUDIT;
	l->creds = fact->creds;
	l->evidence.threads = true; /* who knows */
	l->many = true;
}

/* A life of the pid that waits. */
static struct life *
held_life(const struct reconcile *r, int32_t pid)
{
	struct life *l = lives_newest(&r->lives, pid);

	while (l != NULL && l->state != LIFE_HELD)
		l = l->older;
	return l;
}

/* Who waits and has a birth by l's number, which may be one of a namespace. */
static struct life *
holder_of_birth(const struct reconcile *r, const struct life *l)
{
	const struct held_fact *h;
	struct life *p;
	size_t looked = 0;

	TAILQ_FOREACH (p, &r->lives.queue[QUEUE_BIRTH], in_queue) {
		if (++looked > LOCAL_SCAN_MAX)
			break;
		STAILQ_FOREACH(h, &p->held, next)
		{
			if (p != l && h->fact.kind == FACT_BIRTH &&
			    h->fact.birth.child == l->pid &&
			    can_be_born_at(l, h->fact.at.ms))
				return p;
		}
	}
	return NULL;
}

/*
 * The parent of l, if it waits, too: whoever it is, if it has l's birth, and
 * else if its own birth is not known. An orphan's ppid is init's.
 */
static struct life *
waiting_parent(const struct reconcile *r, const struct life *l)
{
	struct life *p;

	if (l->expected != 0)
		return held_life(r, l->expected);
	if (ppid_of(l) == 1)
		return holder_of_birth(r, l);
	if (ppid_of(l) < 1 || ppid_of(l) == l->pid)
		return NULL;
	p = lives_newest(&r->lives, ppid_of(l));
	return p != NULL && p->queue == QUEUE_BIRTH ? p : NULL;
}

static void
infer(struct reconcile *r, struct life *l, int64_t now)
{
	const struct fact *fact;

	if (is_in_doubt(l) && records_held(l) == NULL &&
	    give_to_older(r, l, INT64_MAX, now))
		return;
	fact = first_fact(l);
	if (fact == NULL) {
		reconcile_drop(r, l);
		return;
	}
	if (match_local_in_order(r, l))
		return;
	if (fact->kind == FACT_FOUND) {
		found_bear(r, l, fact);
		return;
	}
	end_undecided(r, l);
	l->born = true;
	l->start = START_INFERRED;
	r->counts.inferred++;
	if (fact->kind == FACT_ACCT)
		infer_from_acct(r, l, fact);
	else
		infer_from_audit(r, l, fact);
	l->tty = fact->tty;
	lives_set_name(&r->lives, &l->name, fact->comm);
	lives_set_name(&r->lives, &l->executable, fact->exe);
	lives_set_name(&r->lives, &l->key, fact->key);
	infer_parent(r, l);
	/* Accounting knows but the second of its birth, and not always well. */
	if (fact->kind == FACT_ACCT && l->parent.identified &&
	    l->birth.ms + l->birth_ahead < l->parent.start_ms)
		l->birth.ms = l->parent.start_ms - l->birth_ahead;
	lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
	reconcile_ready(r, l);
}

bool
births_record_unproven(const struct reconcile *r, const struct life *l)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_ACCT &&
		    !reconcile_barrier_passed(r, h->fact.acct.read_ms))
			return true;
	}
	return false;
}

void
births_infer(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *first = l, *p = NULL;

	for (int i = 0; i < ANCESTRY_MAX; i++) {
		p = waiting_parent(r, l);
		if (p == NULL || p->born)
			break;
		l = p;
	}
	if (p != NULL && p->born)
		/* who waits for its turn, and holds the birth record */
		lives_enqueue(&r->lives, first, QUEUE_NONE, 0);
	else
		infer(r, l, now);
}

void
births_give_up(struct reconcile *r, struct life *l, int64_t now)
{
	if (l->postponed < PATIENCE &&
	    (waiting_parent(r, l) != NULL || births_record_unproven(r, l))) {
		l->postponed++;
		lives_enqueue(
		    &r->lives, l, QUEUE_BIRTH, now + r->set.lateness_ms);
		return;
	}
	births_infer(r, l, now);
}

/*
 * Known before any record of it is read; the birth record then finds it born
 * and confirms it.
 */
void
births_hidden(
    struct reconcile *r, int32_t pid, int32_t ppid, int64_t ms, int64_t now)
{
	struct life *l = lives_newest(&r->lives, pid);

	if (l != NULL && l->undecided)
		births_decide(r, l, true);
	l = reconcile_add(r, pid);
	if (l == NULL)
		return;
	end_older(r, l, now);
	l->born = l->hidden = true;
	l->ppid = ppid;
	l->start = START_SNAPSHOT;
	l->birth = (struct stamp){ms, 0};
	reconcile_ready(r, l);
}
