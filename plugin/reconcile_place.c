/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where does a birth belong among the lives of its number?
 *
 * Birth records come late, and in any order: a call is stamped when it was
 * entered, and logged when it came back. Who had the number first is told by
 * what was done before or after, by whom, and by accounting's records.
 */
#include "reconcile_impl.h"

/* Nothing that was read says when it was born. */
static bool
lacks_birth(const struct life *l)
{
	return l->born ? l->start == START_INFERRED : l->expected == 0;
}

bool
place_is_known(const struct reconcile *r, const struct fact *birth)
{
	const struct life *l = lives_newest(&r->lives, birth->birth.child);

	while (l != NULL && !births_is_known(l, birth->at))
		l = l->older;
	return l != NULL;
}

static bool
is_its_birth(const struct life *l, const struct fact *birth)
{
	struct stamp at = birth->at;

	if (l->born && l->hidden) /* who bears canaries bears nobody else */
		return birth->pid == l->ppid;
	if (l->born && l->start == START_SNAPSHOT)
		return at.ms <= l->birth.ms + TICK_MS;
	return births_is_known(l, at);
}

/*
 * The same of l's accounting record, if there is no other: nobody inherits from
 * who bears, as long as he lives. Of who was born later the record may be, too.
 * What is in doubt was done by who had the bearer's number before, or by one
 * who lived longer still.
 */
static bool
accounts_other(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct held_fact *h = records_held(l);
	const struct life *p = lives_newest(&r->lives, birth->pid);

	if (l->first_ppid >= 0 || h == NULL || h->fact.ppid <= 1 ||
	    h->fact.ppid == birth->pid || birth->birth.shape != BIRTH_PROCESS ||
	    birth->birth.sibling)
		return false;
	while (p != NULL && doubt_stands(p))
		p = p->older;
	return p != NULL &&
	       (births_is_alive(r, p) ||
		   births_outlived(r, p, &h->fact.acct)) &&
	       span_born_before(&h->fact.acct, birth->at.ms + TICK_MS);
}

/*
 * Whether l, of whom only its record is there, is rather born by who is named
 * by that: such a birth waits among the facts of its parent.
 */
static bool
is_of_held_birth(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct held_fact *own = records_held(l), *h;

	if (l->first_ppid >= 0 || own == NULL || own->fact.ppid == birth->pid)
		return false;
	LIST_FOREACH(h, lives_births(&r->lives, l->pid), in_births)
	{
		if (h->fact.birth.child == l->pid &&
		    h->fact.pid == own->fact.ppid &&
		    births_can_be_at(r, l, h->fact.at.ms))
			return true;
	}
	return false;
}

/* Whether some record of l says that the call bore another one. */
static bool
is_born_otherwise(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (births_names_other(r, birth, &h->fact))
			return true;
	}
	return accounts_other(r, l, birth) || is_of_held_birth(r, l, birth);
}

/* Who left before a birth was logged. */
static bool
has_left_before(const struct life *l, struct stamp at)
{
	struct stamp left = span_of(NULL, l).left;

	return left.serial != 0 && reconcile_is_after(at, left);
}

/*
 * Who did something after a birth was logged: whoever that bore had the number
 * before him.
 */
static bool
has_done_after(const struct life *l, struct stamp at)
{
	const struct held_fact *h;

	if (l->last_at.serial != 0 && reconcile_is_after(l->last_at, at))
		return true;
	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.at.serial != 0 &&
		    reconcile_is_after(h->fact.at, at))
			return true;
	}
	return false;
}

/* By the stamps alone. */
static bool
seems_before(const struct life *l, struct stamp birth)
{
	if (reconcile_is_canary(l))
		return reconcile_is_after_canary(l, birth);
	if (birth.ms < l->birth.ms && !l->undecided &&
	    !has_left_before(l, birth))
		return false;
	return births_is_later(
		   birth, (struct stamp){birth.ms, l->birth.serial}) ||
	       has_left_before(l, birth);
}

/*
 * Whether l had the number before whom this birth bears. Calls that were
 * entered in one tick, or even in another order, may give out numbers in any:
 * the record that was made first is believed to be that of who had it first,
 * unless somebody is there who was over before l was born, and lacks a birth.
 */
static bool
was_before(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct life *older = l->older;
	int64_t ms = birth->at.ms;

	if (!reconcile_is_canary(l) && ms > l->birth.ms)
		return true;
	if (!seems_before(l, birth->at))
		return false;
	for (; older != NULL; older = older->older) {
		if (lacks_birth(older) && births_can_be_at(r, older, ms) &&
		    !is_born_otherwise(r, older, birth))
			return false;
		if (!lacks_birth(older) && ms > older->birth.ms)
			break;
	}
	return true;
}

/* Whether l was born after who was born at ms, as a record of l's death says.
 */
static bool
was_born_later(const struct reconcile *r, const struct life *l, int64_t ms)
{
	const struct fact_acct *a = records_of(l);
	struct span s;

	if (a == NULL)
		return false;
	s = span_of(&r->ticks, l);
	return span_born_from(&s, a) > ms;
}

/*
 * The same of whom another one bore by this birth, whose call hardly took so
 * long that l was over first; of births by one the stamps say more.
 */
static bool
accounts_later_birth(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	return births_bearer(l) != birth->pid &&
	       was_born_later(r, l, birth->at.ms) &&
	       !has_left_before(l, birth->at);
}

/* Who has logged the birth, and may wait; NULL: unknown. */
static const struct life *
logger_of(const struct reconcile *r, const struct fact *birth)
{
	const struct held_fact *h =
	    lives_birth(&r->lives, birth->birth.child, birth->at.serial);

	return h != NULL ? h->of : lives_newest(&r->lives, birth->pid);
}

/*
 * Whether later, of whom nothing but the record is there, is who was born
 * rather than l, of whom there is no more: its record names who bears, and l's
 * another one, though who bears outlived that, as far as is known.
 */
static bool
accounts_bearer(const struct reconcile *r, const struct life *later,
    const struct life *l, const struct fact *birth)
{
	const struct held_fact *own = records_held(l);
	const struct held_fact *its =
	    later == NULL ? NULL : records_held(later);
	const struct life *p;

	if (its == NULL || its->fact.ppid != birth->pid || own == NULL ||
	    !births_is_only_record(l) || own->fact.ppid <= 1 ||
	    own->fact.ppid == birth->pid ||
	    birth->birth.shape != BIRTH_PROCESS || birth->birth.sibling)
		return false;
	p = logger_of(r, birth);
	return p != NULL && births_outlived(r, p, &own->fact.acct) &&
	       !was_born_later(r, later, birth->at.ms + TICK_MS);
}

/* Whether the record allows that this birth bore who died before until. */
static bool
may_have_borne(const struct reconcile *r, const struct fact *birth,
    const struct fact_acct *a, int64_t until)
{
	struct span s = {.born_from = birth->at.ms,
	    .born_until = birth->at.ms + BIRTH_DELAY_MS,
	    .acted = INT64_MIN,
	    .reaped = INT64_MAX,
	    .ticks = &r->ticks};

	return span_fits(&s, a, until);
}

/*
 * Whether l's record is rather of whom this birth bore, who had the number
 * before: it names who bears now, and who bore l lived when it was written, so
 * that nobody had inherited. Calls of one tick may give out numbers in any
 * order, and whose own record got lost has left a word, as a rule (kernel/
 * exit.c, do_exit(); mm/filemap.c, generic_perform_write()).
 */
static bool
accounts_next_bearer(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct fact_acct *a = records_of(l);
	const struct held_fact *h = records_held(l);
	struct span s = span_of(&r->ticks, l);
	const struct life *p;

	if (a == NULL || l->state == LIFE_ENDED || l->sibling ||
	    (h != NULL ? h->fact.ppid : l->acct_ppid) != birth->pid ||
	    births_bearer(l) <= 1 || births_bearer(l) == birth->pid ||
	    birth->birth.shape != BIRTH_PROCESS || birth->birth.sibling ||
	    birth->pid <= 1 || birth->at.ms > l->birth.ms)
		return false;
	if (l->evidence.proven || l->evidence.thread_exit ||
	    s.left.serial != 0 || s.crashed != 0 || doubt_of_newer(l) ||
	    !may_have_borne(r, birth, a, s.born_until))
		return false;
	p = l->born ? births_parent(r, l) : infer_bearer(r, l);
	return p != NULL &&
	       (births_is_alive(r, p) || births_is_unborn_alive(r, p) ||
		   births_outlived(r, p, a));
}

/*
 * Whether l had the number when a record was made, as far as is known: it did
 * something before, and nothing tells its end.
 */
static bool
has_it_still(const struct reconcile *r, const struct life *l, struct stamp at)
{
	const struct held_fact *h = STAILQ_FIRST(&l->held);

	return r->live && r->acct_on && h != NULL && h->fact.at.serial != 0 &&
	       reconcile_is_after(at, h->fact.at) && !l->evidence.gone &&
	       records_of(l) == NULL && span_of(NULL, l).left.serial == 0;
}

/* Whether l, if there is one, named who bears as its parent first. */
static bool
names_bearer(const struct life *l, const struct fact *birth)
{
	return l != NULL && l->first_ppid == birth->pid;
}

/*
 * Whether l, of whom nothing but the record is there, is later, who left as
 * that says and has none: what may be read before the exit cannot be told from
 * an earlier life while undecided births stand between.
 */
static bool
is_same_exit(
    const struct life *later, const struct life *l, const struct fact *birth)
{
	const struct held_fact *h = records_held(l);

	return births_is_only_record(l) && h != NULL &&
	       h->fact.ppid == birth->pid && names_bearer(later, birth) &&
	       records_of(later) == NULL && (h->fact.acct.status & 0x7f) == 0 &&
	       records_is_said(later, h->fact.acct.status);
}

/*
 * Whether later is who was born rather than l, who did nothing since: by what
 * both did, or by the record that is all there is, they are of who bears now,
 * and l may be of an earlier birth by that, of clone3.
 */
static bool
is_rather_later(const struct reconcile *r, const struct life *later,
    const struct life *l, const struct fact *birth)
{
	const struct life *u = lives_claimed(l);
	const struct held_fact *h;

	if (!names_bearer(later, birth) || u == NULL ||
	    births_bearer(u) != birth->pid || has_done_after(l, birth->at))
		return false;
	h = birth->birth.shape == BIRTH_UNDECIDED && l->first_ppid < 0
		? records_held(l)
		: NULL;
	return (names_bearer(l, birth) ||
		   (h != NULL && h->fact.ppid == birth->pid)) &&
	       shape_may_be_claimed(r, l);
}

/*
 * Whether who was born may be the one before the undecided l, of whom nobody
 * knows when he had the number, for he names who bears.
 */
static bool
is_before_undecided(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct life *older = l->older;

	return l->undecided && birth->birth.shape == BIRTH_PROCESS &&
	       names_bearer(older, birth) && lacks_birth(older) &&
	       births_can_be_at(r, older, birth->at.ms);
}

/*
 * Birth records come late, and in any order: the oldest life without one that
 * began no earlier is whose it is.
 */
static struct place
find_place(const struct reconcile *r, const struct fact *birth)
{
	struct life *l = lives_newest(&r->lives, birth->birth.child);
	struct place p = {NULL, NULL};
	int64_t ms = birth->at.ms;
	bool after;

	/* calls that were entered in one order may bear in the other */
	for (struct life *o = l; o != NULL && o->state != LIFE_ENDED;
	     o = o->older) {
		if (births_is_known(o, birth->at))
			return (struct place){o, NULL};
	}
	for (; l != NULL; l = l->older) {
		if (is_its_birth(l, birth))
			return (struct place){l, NULL};
		if (lacks_birth(l)) {
			if (is_rather_later(r, p.own, l, birth) ||
			    is_same_exit(p.own, l, birth))
				continue;
			if (births_can_be_at(r, l, ms) &&
			    !is_born_otherwise(r, l, birth) &&
			    !accounts_bearer(r, p.own, l, birth))
				p.own = l;
			else if (birth->birth.shape == BIRTH_UNDECIDED &&
				 (accounts_later_birth(r, l, birth) ||
				     has_it_still(r, l, birth->at)))
				p = (struct place){NULL, l};
			continue;
		}
		after = (birth->birth.shape == BIRTH_UNDECIDED &&
			    (has_done_after(l, birth->at) ||
				accounts_later_birth(r, l, birth))) ||
			accounts_next_bearer(r, l, birth);
		if (!after && was_before(r, l, birth) &&
		    !is_before_undecided(r, l, birth))
			break;
		if (after || births_is_later(l->birth, birth->at))
			/* who had the number later is not it */
			p = (struct place){NULL, l};
	}
	return p;
}

struct place
place_find(struct reconcile *r, const struct fact *birth)
{
	struct place p = find_place(r, birth);

	/* a record alone may be of whom the same one bears yet: it is read
	 * before the stream comes up to it, in a replay, too */
	while (p.own != NULL && !p.own->born &&
	       !(birth->birth.shape == BIRTH_UNDECIDED &&
		   births_is_only_record(p.own) &&
		   (r->live || was_born_later(r, p.own, birth->at.ms))) &&
	       shape_is_rather(r, p.own, birth)) {
		(void)shape_settle(r, p.own);
		p = find_place(r, birth);
	}
	return p;
}
