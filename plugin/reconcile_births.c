/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Births that a record tells. */
#include "reconcile_impl.h"

#include <string.h>

/* So many who had a number after another one are asked who was born. */
#define NEXT_MAX 64

struct birth_span
births_span(const struct reconcile *r, const struct life *l)
{
	return (struct birth_span){l, span_of(&r->ticks, l), records_of(l)};
}

/* No stamp of its own can be older. */
static bool
is_before_all(const struct life *l, int64_t ms)
{
	return l->first_ms == TIME_UNKNOWN || ms <= l->first_ms;
}

bool
births_span_has(const struct birth_span *b, int64_t ms)
{
	struct span s = b->span;
	const struct held_fact *h;

	if (!is_before_all(b->l, ms))
		return false;
	STAILQ_FOREACH(h, &b->l->held, next)
	{
		if (h->fact.kind == FACT_FOUND &&
		    !found_can_be_born(&h->fact.found, ms))
			return false;
	}
	s.born_from = ms;
	if (s.born_until > ms + BIRTH_DELAY_MS)
		s.born_until = ms + BIRTH_DELAY_MS;
	return b->record == NULL || span_fits(&s, b->record, INT64_MAX);
}

bool
births_can_be_at(const struct reconcile *r, const struct life *l, int64_t ms)
{
	struct birth_span b;

	if (!is_before_all(l, ms))
		return false;
	b = births_span(r, l);
	return births_span_has(&b, ms);
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

struct life *
births_parent(const struct reconcile *r, const struct life *l)
{
	struct life *p = NULL;

	if (l->parent.identified)
		p = lives_newest(&r->lives, l->parent.pid);
	while (p != NULL && memcmp(&p->id, &l->parent.id, sizeof(p->id)) != 0)
		p = p->older;
	return p;
}

/* Who lives, and has the number that is of the bearer's parent: of others who
 * have it later records may be read already. NULL: nobody. */
static const struct life *
parent_of_bearer(
    const struct reconcile *r, const struct life *bearer, int32_t ppid)
{
	const struct life *p = NULL;

	if (bearer->parent.pid == ppid)
		p = births_parent(r, bearer);
	if (p == NULL)
		p = lives_newest(&r->lives, ppid);
	while (p != NULL && p->state == LIFE_HELD)
		p = p->older;
	return p != NULL && p->state == LIFE_ALIVE ? p : NULL;
}

void
births_set_sibling_parent(struct reconcile *r, struct life *l,
    const struct life *bearer, int32_t ppid)
{
	const struct life *p = parent_of_bearer(r, bearer, ppid);
	struct life_rare rare = *lives_rare(l);

	l->sibling = true;
	rare.bearer = (struct life_space){bearer->pid, bearer->number};
	lives_set_rare(&r->lives, l, &rare);
	if (p != NULL)
		births_set_parent(r, l, p, NULL);
	else
		lives_set_parent_pid(&r->lives, l, ppid);
}

/*
 * Who bore l, as far as it is known; NULL: it is not. CLONE_PARENT's ppid= may
 * be of a later parent.
 */
static const struct life *
bearer_of(const struct reconcile *r, const struct life *l)
{
	if (l->sibling)
		return NULL;
	return l->born ? births_parent(r, l) : infer_bearer(r, l);
}

/* It is init, or a child of it. */
static bool
is_of_init(const struct life *l)
{
	return l->pid == 1 || (l->parent.pid == 1 && !l->sibling);
}

bool
births_may_be_heir(const struct reconcile *r, const struct life *p, int32_t pid)
{
	/* a namespace's first is no ancestor of whom setns(2) led there */
	if (p != NULL &&
	    (p->local || p->children_local || (p->born && !p->placed)))
		return true;
	/* what p had become a child of when it was over */
	if (p != NULL && p->ppid == 1)
		return p->pid == pid;
	for (int i = 0; i < ANCESTRY_MAX && p != NULL; i++) {
		if (p->pid == pid || p->ppid == pid || p->parent.pid == pid)
			return true;
		if (is_of_init(p))
			return false;
		p = bearer_of(r, p);
	}
	return true; /* who knows */
}

bool
births_may_be_parent(
    const struct reconcile *r, const struct life *l, int32_t pid)
{
	const struct life *p = bearer_of(r, l);

	if (pid <= 1 || births_may_be_heir(r, p, pid))
		return true;
	/* clone3 may have had CLONE_PARENT */
	return l->born && !l->placed && !is_of_init(p) &&
	       births_may_be_heir(r, bearer_of(r, p), pid);
}

/* Who bore it, if that is not its parent; NULL: nobody else, or unknown. */
static struct life *
other_bearer(const struct reconcile *r, const struct life *l)
{
	struct life_space bearer = lives_rare(l)->bearer;
	struct life *p =
	    l->sibling ? lives_newest(&r->lives, bearer.pid) : NULL;

	while (p != NULL && p->number != bearer.number)
		p = p->older;
	return p;
}

static void
await(struct reconcile *r, struct life *p)
{
	if (p == NULL)
		return;
	p->nawaited++;
	lives_touch(&r->lives, p);
}

static bool
waits_for_others(const struct life *p)
{
	return p != NULL && p->queue == QUEUE_OTHERS;
}

void
births_await(struct reconcile *r, struct life *l)
{
	struct life *p = births_parent(r, l), *bearer = other_bearer(r, l);

	if ((p == NULL && bearer == NULL) || l->undecided || l->awaited ||
	    (l->queued_ready && !waits_for_others(p) &&
		!waits_for_others(bearer)))
		return;
	l->awaited = true;
	lives_touch(&r->lives, l);
	await(r, p);
	await(r, bearer);
}

static void
told(struct reconcile *r, struct life *p, int64_t now)
{
	if (p == NULL || p->nawaited == 0)
		return;
	lives_touch(&r->lives, p);
	if (--p->nawaited == 0)
		deaths_consider(r, p, now);
}

void
births_told(struct reconcile *r, struct life *l, int64_t now)
{
	if (!l->awaited)
		return;
	l->awaited = false;
	told(r, births_parent(r, l), now);
	told(r, other_bearer(r, l), now);
}

void
births_bear(struct reconcile *r, struct life *l, struct life *p,
    const struct fact *birth)
{
	l->born = true;
	l->expected = 0;
	l->start = START_OBSERVED;
	l->sources = SOURCE_AUDIT;
	l->birth = birth->at;
	l->birth_ahead = birth->ahead_ms;
	l->id = ident_life_record(&r->ident, l->pid, steady_shown(birth));
	lives_set_owner(
	    &r->lives, l, &(struct owner){birth->creds, birth->tty});
	lives_set_name(&r->lives, &l->name, birth->comm);
	lives_set_name(&r->lives, &l->executable, birth->exe);
	lives_set_name(&r->lives, &l->key, birth->key);
	lives_share_args(&r->lives, l, p);
	l->local = p->local || p->children_local || birth->birth.new_pidns;
	l->placed = p->placed && birth->birth.shape != BIRTH_UNDECIDED;
	/* where setns(2) led nobody sees, nor what a thread alone did */
	l->evidence.first = p->children_local || birth->birth.new_pidns;
	l->leads = birth->birth.new_pidns;
	l->inside = l->leads || p->inside || p->children_inside;
	l->beside = p->children_inside && !l->leads;
	reboot_place(r, l, p, &birth->birth);
	/* clone3 may make a namespace, too: nobody sees its flags. */
	l->may_inherit = p->children_first || birth->birth.new_pidns ||
			 (l->local && birth->birth.shape == BIRTH_UNDECIDED);
	if (birth->birth.sibling)
		births_set_sibling_parent(r, l, p, birth->ppid);
	else
		births_set_parent(r, l, p, birth);
	lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
	reconcile_ready(r, l);
	lives_touch(&r->lives, l);
	births_await(r, l);
}

bool
births_is_known(const struct life *l, struct stamp at)
{
	return (l->born || l->expected != 0) && l->birth.serial == at.serial &&
	       l->birth.ms == at.ms;
}

bool
births_is_only_record(const struct life *l)
{
	return !l->born && l->expected == 0 && l->first_ms == TIME_UNKNOWN;
}

bool
births_had_parent(const struct life *p, int32_t ppid)
{
	return ppid == p->ppid || ppid == p->first_ppid ||
	       ppid == p->parent.pid || ppid == p->expected;
}

bool
births_may_be_siblings(
    const struct reconcile *r, const struct fact *birth, int32_t ppid)
{
	const struct life *p = lives_newest(&r->lives, birth->pid);
	const struct held_fact *h =
	    lives_birth(&r->lives, birth->birth.child, birth->at.serial);
	bool known = p != NULL && ppid != birth->ppid;

	if (birth->birth.shape != BIRTH_UNDECIDED)
		return false;
	if (h != NULL)
		return ppid == birth->ppid || births_had_parent(h->of, ppid);
	for (; known && p != NULL; p = p->older)
		known = !births_had_parent(p, ppid);
	return !known;
}

bool
births_names_other(const struct reconcile *r, const struct fact *birth,
    const struct fact *fact)
{
	return fact->ppid >= 0 && fact->ppid != birth->pid &&
	       fact->at.serial != 0 && birth->birth.shape != BIRTH_THREAD &&
	       !birth->birth.sibling &&
	       reconcile_is_after(birth->at, fact->at) &&
	       !births_may_be_siblings(r, birth, fact->ppid);
}

bool
births_is_later(struct stamp a, struct stamp b)
{
	return a.ms > b.ms || (a.ms == b.ms && a.serial != 0 && b.serial != 0 &&
				  reconcile_is_after(a, b));
}

bool
births_outlived(
    const struct reconcile *r, const struct life *p, const struct fact_acct *a)
{
	const struct fact_acct *its = records_of(p);
	struct span s = span_of(&r->ticks, p);

	if (its != NULL && span_is_later(its, a))
		return true;
	return a->read_ms != TIME_UNKNOWN &&
	       (s.acted > a->read_ms ||
		   (its != NULL && span_died_from(&s, its) > a->read_ms));
}

bool
births_surely_by(const struct life *p, struct stamp birth)
{
	return p->birth.serial == 0 || reconcile_is_after(birth, p->birth);
}

/* The first one whose birth was read of who had the number after p; NULL:
 * nobody, or not soon. */
static const struct life *
next_born(const struct life *p)
{
	const struct life *next = p->newer;

	for (int i = 0; i < NEXT_MAX && next != NULL; i++) {
		if (births_bearer(next) != 0)
			return next;
		next = next->newer;
	}
	return NULL;
}

bool
births_was_over(const struct reconcile *r, const struct life *p, int64_t ms)
{
	const struct life *next = next_born(p);
	const struct fact_acct *a = records_of(p);
	struct span s = span_of(&r->ticks, p);

	if (ms == TIME_UNKNOWN)
		return false;
	return (a != NULL && p->evidence.proven &&
		   span_died_until(&s, a) < ms) ||
	       (next != NULL && next->birth.ms < ms - TICK_MS);
}

bool
births_is_unborn_alive(const struct reconcile *r, const struct life *l)
{
	return r->acct_on && l->state == LIFE_HELD && !l->undecided &&
	       (l->born || l->expected != 0) && !l->evidence.gone &&
	       records_of(l) == NULL && span_of(&r->ticks, l).left.serial == 0;
}

/* A life in its place; NULL: counted. */
static struct life *
add_at(struct reconcile *r, const struct place *p, int32_t pid)
{
	struct life *l;

	if (p->before == NULL)
		return reconcile_add(r, pid);
	l = reconcile_add_before(r, p->before);
	if (l != NULL)
		l->evidence.gone = true;
	return l;
}

/*
 * Who had the number before l is no more. Before one whose end is told nobody
 * lives, and before many that wait none of whom that was not said.
 */
static void
end_older(struct reconcile *r, const struct life *l, const struct fact *birth,
    int64_t now)
{
	struct life *o;
	size_t looked = 0;

	shape_end_older(r, l, birth);
	for (o = l->older; o != NULL && o->state != LIFE_ENDED; o = o->older) {
		if (reconcile_is_enough(r, looked++))
			break;
		if (!o->evidence.gone)
			deaths_reused(r, o, now);
	}
}

/*
 * Whether the fact names who bears now, and could be entered after the birth
 * was, while o had another parent when it died, and was not borne by one of
 * that number.
 */
static bool
names_other_than_record(
    const struct life *o, const struct fact *birth, const struct fact *fact)
{
	const struct held_fact *h = records_held(o);

	return !o->born && h != NULL && h->fact.ppid != birth->pid &&
	       o->expected != birth->pid && fact->ppid == birth->pid &&
	       fact->at.ms >= birth->at.ms;
}

int32_t
births_bearer(const struct life *l)
{
	if (l->expected != 0)
		return l->expected;
	return l->born && l->start == START_OBSERVED ? l->parent.pid : 0;
}

bool
births_has_number(const struct life *l)
{
	return births_bearer(l) != 0 && l->birth.serial != 0 &&
	       (l->placed || l->last_ms != TIME_UNKNOWN ||
		   !STAILQ_EMPTY(&l->held));
}

/* The same if o was born of another one, and who bears now inherits nobody. */
static bool
names_other_than_bearer(const struct reconcile *r, const struct life *o,
    const struct fact *birth, const struct fact *fact)
{
	const struct life *p = lives_newest(&r->lives, birth->pid);

	return births_bearer(o) != 0 && births_bearer(o) != birth->pid &&
	       fact->ppid == birth->pid && fact->at.ms >= birth->at.ms &&
	       p != NULL && !p->may_inherit;
}

/*
 * Whether the fact is a birth that was logged after o had said that all its
 * threads leave, and entered when the newborn's was, or later: they hardly come
 * to that any more (kernel/fork.c, copy_process(), asks whether a signal is
 * pending).
 */
static bool
is_borne_too_late(const struct reconcile *r, const struct life *o,
    const struct fact *birth, const struct fact *fact)
{
	struct span s = span_of(&r->ticks, o);

	return fact->kind == FACT_BIRTH && s.left.serial != 0 &&
	       reconcile_is_after(fact->at, s.left) &&
	       fact->at.ms >= birth->at.ms;
}

/* Whether o, who had the number before, did not do what was logged after. */
static bool
is_of_newborn(const struct reconcile *r, const struct life *o,
    const struct fact *birth, const struct fact *fact)
{
	if (fact->kind == FACT_ACCT || fact->kind == FACT_FOUND)
		return false;
	return names_other_than_record(o, birth, fact) ||
	       names_other_than_bearer(r, o, birth, fact) ||
	       is_borne_too_late(r, o, birth, fact) ||
	       (reconcile_is_after(fact->at, birth->at) &&
		   (!o->born || o->birth.ms + TICK_MS < birth->at.ms));
}

/* Takes what was logged later away from o, to the begin of the list. */
static void
take_from(struct reconcile *r, struct life *o, const struct fact *birth,
    struct held_list *list)
{
	struct held_list own = STAILQ_HEAD_INITIALIZER(own);
	struct held_fact *h = STAILQ_FIRST(&o->held), *next;

	for (; h != NULL; h = next) {
		next = STAILQ_NEXT(h, next);
		if (!is_of_newborn(r, o, birth, &h->fact))
			continue;
		lives_take_out(&r->lives, &o->held, h);
		STAILQ_INSERT_TAIL(&own, h, next);
	}
	if (STAILQ_EMPTY(&own))
		return;
	reconcile_read_again(r, o);
	lives_touch(&r->lives, o);
	STAILQ_CONCAT(&own, list);
	STAILQ_CONCAT(list, &own);
}

/*
 * Takes out all of the stream's that is held of l, into the list: one life did
 * that in the order in which it was recorded.
 */
static void
take_own(struct reconcile *r, struct life *l, struct held_list *list)
{
	struct held_fact *h = STAILQ_FIRST(&l->held), *next;
	struct held_fact *before = NULL, *o = STAILQ_FIRST(list);

	for (; h != NULL; h = next) {
		next = STAILQ_NEXT(h, next);
		if (h->fact.at.serial == 0)
			continue;
		lives_take_out(&r->lives, &l->held, h);
		for (; o != NULL && reconcile_is_after(h->fact.at, o->fact.at);
		     o = STAILQ_NEXT(o, next))
			before = o;
		if (before == NULL)
			STAILQ_INSERT_HEAD(list, h, next);
		else
			STAILQ_INSERT_AFTER(list, before, h, next);
		before = h;
	}
}

/*
 * All that was done by who had the number before l was logged before the
 * record of l's birth was.
 */
static void
take_later(
    struct reconcile *r, struct life *l, const struct fact *birth, int64_t now)
{
	struct held_list list = STAILQ_HEAD_INITIALIZER(list);
	struct life *o = l->older;
	struct held_fact *h;
	bool settling = r->settling;

	if (birth->birth.shape != BIRTH_PROCESS)
		return;
	for (; o != NULL && o->state == LIFE_HELD; o = o->older)
		take_from(r, o, birth, &list);
	if (!STAILQ_EMPTY(&list))
		take_own(r, l, &list);
	r->settling = true;
	while ((h = STAILQ_FIRST(&list)) != NULL) {
		STAILQ_REMOVE_HEAD(&list, next);
		reconcile_hold(r, l, &h->fact, now);
		lives_drop(&r->lives, h);
	}
	r->settling = settling;
}

/* What tells of l's birth is read now, or was before. */
static void
note_order(const struct reconcile *r, struct life *l)
{
	if (l->birth_order == 0)
		l->birth_order = r->counts.facts;
}

/*
 * Its birth was known before it was read: all of who had the number before was
 * read by now, too.
 */
static void
confirm(
    struct reconcile *r, struct life *l, const struct fact *birth, int64_t now)
{
	if (l->birth.serial != 0 || l->older == NULL)
		return;
	l->birth.serial = birth->at.serial;
	note_order(r, l);
	lives_touch(&r->lives, l);
	deaths_reused(r, l->older, now);
}

/* What is held of l may be the undecided one's, who counts as a life. */
static struct life *
undecided_of(struct reconcile *r, struct life *l)
{
	l->expected = 0;
	l->birth = (struct stamp){TIME_UNKNOWN, 0};
	lives_touch(&r->lives, l);
	return STAILQ_EMPTY(&l->held) ? l : reconcile_add_before(r, l);
}

/* Who was born then was over when we looked into /proc. */
static bool
is_long_ago(const struct reconcile *r, const struct fact *birth)
{
	const struct life *l = lives_newest(&r->lives, birth->birth.child);

	return l != NULL && !l->born && found_is_younger(l, birth->at.ms);
}

/* l, whose birth was read before, is a process: while its bearer waited it was
 * undecided, perhaps. */
static bool
is_decided(const struct life *l)
{
	return l != NULL && l->expected != 0 && !l->undecided;
}

/* Of process or thread is not known which l is. */
static void
note_undecided(struct reconcile *r, struct life *l)
{
	r->nundecided += !l->undecided;
	l->undecided = true;
}

struct life *
births_newborn(struct reconcile *r, const struct fact *birth, int64_t now)
{
	bool undecided;
	struct life *l;
	struct place p;

	if (is_long_ago(r, birth))
		return NULL;
	doubt_end(r, birth, now);
	p = place_find(r, birth);
	l = p.own;
	if (l != NULL && l->born) {
		confirm(r, l, birth, now);
		return NULL;
	}
	undecided = birth->birth.shape == BIRTH_UNDECIDED && !is_decided(l);
	if (l != NULL) {
		doubt_settle(r, l);
		if (undecided)
			l = undecided_of(r, l);
	} else {
		l = add_at(r, &p, birth->birth.child);
	}
	if (l == NULL)
		return NULL;
	if (undecided)
		note_undecided(r, l);
	note_order(r, l);
	take_later(r, l, birth, now);
	end_older(r, l, birth, now);
	return l;
}

bool
births_is_alive(const struct reconcile *r, const struct life *l)
{
	return r->acct_on && l->state == LIFE_ALIVE && !l->evidence.gone &&
	       !l->evidence.thread_exit && records_of(l) == NULL &&
	       span_of(&r->ticks, l).left.serial == 0;
}

/*
 * What is held of l names who bears now, who bore l before, or inherits nobody:
 * it is told numbers of the first namespace.
 */
static bool
names_bearer(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind != FACT_ACCT && h->fact.ppid == birth->pid &&
		    (l->expected == birth->pid ||
			names_other_than_bearer(r, l, birth, &h->fact)))
			return true;
	}
	return false;
}

bool
births_is_taken(const struct reconcile *r, const struct fact *birth)
{
	const struct life *l = lives_newest(&r->lives, birth->birth.child);

	/* who was born later did not have the number then; of whom clone3
	 * bore, a thread perhaps, that says nothing */
	return l != NULL && !births_is_known(l, birth->at) &&
	       (birth->birth.shape != BIRTH_PROCESS ||
		   !births_is_later(l->birth, birth->at)) &&
	       (births_is_alive(r, l) || (births_is_unborn_alive(r, l) &&
					     !names_bearer(r, l, birth)));
}

void
births_by_number(
    struct reconcile *r, struct life *p, const struct fact *birth, int64_t now)
{
	struct life *l;

	if (birth->birth.shape == BIRTH_UNDECIDED) {
		shape_bear(r, p, birth, now);
		return;
	}
	l = births_newborn(r, birth, now);
	if (l == NULL)
		return;
	births_bear(r, l, p, birth);
	/* who had the number next may have its record */
	if (l->newer != NULL && records_of(l) == NULL)
		records_settle(r, l, now);
	/* nothing more is to come of who had the number before */
	if (l->older != NULL && l->older->state == LIFE_ALIVE)
		reconcile_go_on(r, l->older);
}

/* A birth record by p, who is alive. */
void
births_fact(
    struct reconcile *r, struct life *p, const struct fact *fact, int64_t now)
{
	struct fact birth = *fact;

	if (birth.birth.shape != BIRTH_PROCESS)
		deaths_threads(r, p);
	if (birth.birth.shape == BIRTH_THREAD) {
		p->threads++;
		return;
	}
	/* as if by CLONE_NEWPID: the first one after unshare(2) */
	birth.birth.new_pidns |= p->first_due;
	p->first_due = false;
	if (local_is_result(r, p, &birth))
		local_bear(r, p, &birth, now);
	else
		births_by_number(r, p, &birth, now);
}

/*
 * Whether an undecided birth has its place before its bearer is told: where
 * only a record was read, which may be of a later one, nobody knows that.
 */
static bool
may_stand(const struct reconcile *r, const struct fact *birth)
{
	const struct life *l = lives_newest(&r->lives, birth->birth.child);

	while (l != NULL && l->state == LIFE_HELD && !births_is_only_record(l))
		l = l->older;
	return l == NULL || l->state != LIFE_HELD;
}

/* Of a birth by the parent, who waits, its number is one of ours. */
static void
expect(struct reconcile *r, const struct life *parent, const struct fact *fact,
    int64_t now)
{
	struct place p;
	struct life *l;

	doubt_end(r, fact, now);
	if (fact->birth.shape == BIRTH_UNDECIDED && !may_stand(r, fact))
		return;
	p = place_find(r, fact);
	l = p.own;
	if (l != NULL && (l->born || l->expected != 0))
		return;
	if (l != NULL)
		doubt_settle(r, l);
	if (l == NULL)
		l = add_at(r, &p, fact->birth.child);
	else if (fact->birth.shape == BIRTH_UNDECIDED)
		l = undecided_of(r, l);
	if (l == NULL)
		return;
	if (l->queue == QUEUE_NONE)
		lives_enqueue(
		    &r->lives, l, QUEUE_BIRTH, now + r->set.lateness_ms);
	l->expected = fact->pid;
	l->inside = fact->birth.new_pidns || parent->inside;
	l->birth = fact->at;
	l->birth_ahead = fact->ahead_ms;
	if (fact->birth.shape == BIRTH_UNDECIDED)
		note_undecided(r, l);
	note_order(r, l);
	lives_touch(&r->lives, l);
	take_later(r, l, fact, now);
	if (l->undecided)
		shape_expect(r, l);
}

/*
 * The parent bears another one by the number now: of an undecided one before,
 * that found no place, it may be known that it was a process. In a replay the
 * records that it could have are not all read yet.
 */
static void
expect_earlier(struct reconcile *r, const struct life *parent,
    const struct fact *fact, int64_t now)
{
	const struct held_fact *h;
	struct fact birth;
	size_t looked = 0;

	if (!r->live)
		return;
	LIST_FOREACH(h, lives_births(&r->lives, fact->birth.child), in_births)
	{
		if (reconcile_is_enough(r, looked++))
			return;
		if (h->of == parent &&
		    h->fact.birth.child == fact->birth.child &&
		    h->fact.birth.shape == BIRTH_UNDECIDED &&
		    shape_is_process(parent, &h->fact, fact->at) &&
		    !place_is_known(r, &h->fact))
			break;
	}
	if (h == NULL)
		return;
	birth = h->fact;
	birth.birth.shape = BIRTH_PROCESS;
	expect(r, parent, &birth, now);
}

void
births_expect(struct reconcile *r, const struct life *parent,
    const struct fact *fact, int64_t now)
{
	if (local_may_be(r, parent, fact) || is_long_ago(r, fact))
		return;
	expect_earlier(r, parent, fact, now);
	expect(r, parent, fact, now);
}

/*
 * Known before any record of it is read; the birth record then finds it born
 * and confirms it.
 */
void
births_hidden(
    struct reconcile *r, int32_t pid, int32_t ppid, int64_t ms, int64_t now)
{
	struct life *l;

	shape_was_canary(r, pid, ppid, now);
	l = reconcile_add(r, pid);
	if (l == NULL)
		return;
	l->born = l->hidden = true;
	l->ppid = ppid;
	l->start = START_SNAPSHOT;
	l->birth = (struct stamp){ms, 0};
	reconcile_note_canary(r, l);
	reconcile_ready(r, l);
	/* the stream may not have come so far yet */
	shape_end_older(r, l, NULL);
	for (struct life *o = l->older; o != NULL; o = o->older) {
		if (o->state != LIFE_ENDED && !o->evidence.gone)
			deaths_gone(r, o, ms, now);
	}
}
