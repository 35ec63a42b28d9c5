/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose is what was done about when a number changed hands?
 *
 * Until its birth is read the facts of who had the number next look like the
 * last ones of the life before: the younger is then doubtful, and what it did
 * until doubt_ms may go to the older.
 */
#include "reconcile_impl.h"

#include <string.h>

static bool
is_unsettled(const struct life *l)
{
	return l->doubtful && !l->born;
}

bool
doubt_of_newer(const struct life *l)
{
	return l->newer != NULL && is_unsettled(l->newer);
}

bool
doubt_of_record(const struct reconcile *r, const struct life *l)
{
	const struct life *newer = l->newer;

	if (TAILQ_EMPTY(&r->lives.doubtful) || !l->evidence.acct ||
	    l->evidence.proven)
		return false;
	while (newer != NULL && !is_unsettled(newer))
		newer = newer->newer;
	return newer != NULL;
}

/* Who live may have waited for what became of l. */
static void
wake_living(struct reconcile *r, const struct life *l)
{
	struct life *o = l->older;

	for (; o != NULL && o->state != LIFE_ENDED; o = o->older) {
		if (o->state == LIFE_ALIVE)
			reconcile_go_on(r, o);
	}
}

void
doubt_settle(struct reconcile *r, struct life *l)
{
	if (!l->doubtful)
		return;
	wake_living(r, l);
	lives_set_doubtful(&r->lives, l, false);
	reconcile_read_again(r, l);
}

/* Of who is behind it nothing may be left but a record that others can have. */
static void
spare_next(struct reconcile *r, const struct life *older, int64_t now)
{
	struct life *l = older->newer;
	bool proven;

	if (l == NULL || !infer_has_only_record(l) || lives_claimed(l) != NULL)
		return;
	/* of who did more it was; if no other can have it, it is */
	proven = l->evidence.proven;
	l->evidence.proven = false;
	if (records_spare(r, l, now))
		reconcile_drop(r, l);
	else
		l->evidence.proven = proven;
}

/* All that it did up to last was done by the one before it. */
static void
give_until(struct reconcile *r, struct life *l, const struct held_fact *last,
    int64_t now)
{
	struct held_list list = STAILQ_HEAD_INITIALIZER(list);
	struct life *older = l->older;
	struct held_fact *h = STAILQ_FIRST(&l->held), *next;

	for (bool more = last != NULL; more; h = next) {
		next = STAILQ_NEXT(h, next);
		more = h != last;
		if (h->fact.kind == FACT_ACCT)
			continue;
		lives_take_out(&r->lives, &l->held, h);
		STAILQ_INSERT_TAIL(&list, h, next);
	}
	doubt_settle(r, l);
	r->settling = true;
	while ((h = STAILQ_FIRST(&list)) != NULL) {
		STAILQ_REMOVE_HEAD(&list, next);
		reconcile_hold(r, older, &h->fact, now);
		lives_drop(&r->lives, h);
	}
	if (l->first_ms == TIME_UNKNOWN && records_spare(r, l, now))
		reconcile_drop(r, l);
	if (older->state == LIFE_ALIVE)
		reconcile_go_on(r, older);
	reconcile_anew(r, older, now);
	spare_next(r, older, now);
	r->settling = false;
}

static bool
is_doubtful(const struct life *l, const struct held_fact *h)
{
	return h->fact.kind != FACT_ACCT && h->fact.at.ms <= l->doubt_ms;
}

bool
doubt_is_all(const struct life *l)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind != FACT_ACCT && !is_doubtful(l, h))
			return false;
	}
	return true;
}

void
doubt_give_to_older(struct reconcile *r, struct life *l, int64_t now)
{
	const struct held_fact *h, *last = NULL;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (is_doubtful(l, h) && !sound_names_other(l->older, &h->fact))
			last = h;
	}
	if (last != NULL)
		give_until(r, l, last, now);
	else
		doubt_settle(r, l);
}

bool
doubt_stands(const struct life *l)
{
	return l->doubtful && !l->born && l->older != NULL &&
	       l->older->state != LIFE_ENDED;
}

struct life *
doubt_up_to(const struct reconcile *r, struct life *l)
{
	while (!TAILQ_EMPTY(&r->lives.doubtful) && l->older != NULL &&
	       l->state == LIFE_HELD && !doubt_stands(l))
		l = l->older;
	return doubt_stands(l) ? l : NULL;
}

/*
 * Whether p, who bore l, may have borne another one, by a call that was not
 * read yet when the fact was.
 */
static bool
may_bear_again(
    const struct reconcile *r, const struct life *p, const struct fact *fact)
{
	struct span s = span_of(&r->ticks, p);

	/* what was just read of it may be that very call */
	return p->state != LIFE_ENDED && s.left.serial == 0 &&
	       (r->settling || s.many || s.unborn ||
		   !reconcile_is_after(p->last_at, fact->at));
}

/* Nothing that was read is of who has l's number next for certain. */
static bool
is_newest(const struct life *l)
{
	const struct life *newer = l->newer;

	return newer == NULL || doubt_stands(newer) ||
	       (!newer->born && newer->expected == 0 &&
		   STAILQ_EMPTY(&newer->held));
}

bool
doubt_of_next(
    const struct reconcile *r, const struct life *l, const struct fact *fact)
{
	int32_t bearer = births_bearer(l);
	const struct life *p;

	/* others wait: only where numbers come round so soon that who had it
	 * before is not forgotten (kernel/pid.c, alloc_pid()) */
	if (r->acct_on || l->older == NULL || !is_newest(l))
		return false;
	if (bearer <= 1 || l->sibling || l->hidden || l->undecided)
		return false;
	/* who bears is hardly so fast, and whom that bore would wait, too */
	if (fact->kind == FACT_BIRTH)
		return false;
	/* a crash names nobody */
	if (fact->ppid >= 0 && fact->ppid != bearer)
		return false;
	p = lives_newest(&r->lives, bearer);
	return p != NULL && may_bear_again(r, p, fact);
}

bool
doubt_of_lone(const struct reconcile *r, const struct life *l)
{
	struct span s;

	if (r->acct_on || !doubt_stands(l))
		return false;
	s = span_of(&r->ticks, l->older);
	return !s.many && !s.unborn;
}

/* The doubtful life of a number; NULL: none, or another one is settled. */
static struct life *
doubtful(const struct reconcile *r, int32_t pid)
{
	struct life *l = lives_newest(&r->lives, pid);

	if (r->settling || TAILQ_EMPTY(&r->lives.doubtful))
		return NULL;
	while (l != NULL && l->state != LIFE_ENDED && !doubt_stands(l))
		l = l->older;
	return l != NULL && l->state != LIFE_ENDED ? l : NULL;
}

/*
 * Whether older, who has one thread as far as is known, leaves by the fact, but
 * with another code than its record has.
 */
static bool
leaves_otherwise(const struct life *older, const struct fact *fact, bool many)
{
	const struct fact_acct *a = records_of(older);

	return reconcile_is_leaving(fact) && a != NULL && !many &&
	       a->status != (uint32_t)fact->code << 8;
}

/*
 * Whether the fact, which names that parent, may be of older at all, who has
 * many threads, or one, as far as is known.
 */
static bool
may_be_of(const struct life *older, const struct fact *fact, bool many)
{
	const struct held_fact *h = records_held(older);
	bool told = older->born || older->expected != 0 ||
		    older->first_ppid >= 0 || (h != NULL && h->fact.ppid > 1);

	if (leaves_otherwise(older, fact, many))
		return false;
	return !told || fact->ppid <= 1 || fact->ppid == older->first_ppid ||
	       fact->ppid == older->expected ||
	       (older->born && fact->ppid == older->parent.pid) ||
	       (older->first_ppid >= 0 && fact->ppid == older->ppid) ||
	       (h != NULL && fact->ppid == h->fact.ppid);
}

/* Whoever did this may have two threads from then on. */
static bool
may_add_thread(const struct fact *fact)
{
	return fact->kind == FACT_BIRTH && fact->birth.shape != BIRTH_PROCESS;
}

/* Without accounting: whether older may have ended by the fact. */
static bool
may_end(const struct reconcile *r, const struct span *older,
    const struct fact *fact)
{
	return !r->acct_on && older->left.serial == 0 && older->crashed == 0 &&
	       (reconcile_is_leaving(fact) || fact->kind == FACT_ABEND);
}

/*
 * Whether the fact names who bore older, and was logged before this birth by
 * another one: that clone3 had CLONE_PARENT, too, is less likely.
 */
static bool
names_its_bearer(
    const struct life *older, const struct fact *birth, const struct fact *fact)
{
	return fact->ppid > 1 && fact->ppid == births_bearer(older) &&
	       fact->ppid != birth->pid &&
	       birth->birth.shape == BIRTH_UNDECIDED &&
	       reconcile_is_after(birth->at, fact->at);
}

/*
 * The last that older did of what l, who is doubtful, did before its birth was
 * told. What was done in the tick in which the call was entered that bore the
 * next one is that one's, but what ended older: else that was over unseen.
 */
static const struct held_fact *
last_before(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct held_fact *h, *last = NULL;
	struct span s = span_of(&r->ticks, l->older);
	bool many = s.many;

	STAILQ_FOREACH(h, &l->held, next)
	{
		/* all of who was before was logged before the birth was */
		bool end = may_end(r, &s, &h->fact) &&
			   !reconcile_is_after(h->fact.at, birth->at);

		if (!is_doubtful(l, h) || !may_be_of(l->older, &h->fact, many))
			continue;
		many |= may_add_thread(&h->fact);
		/* no stamp of its own is older than its birth's */
		if (h->fact.at.ms >= birth->at.ms &&
		    !(end && h->fact.at.ms == birth->at.ms) &&
		    !names_its_bearer(l->older, birth, &h->fact) &&
		    !births_names_other(r, birth, &h->fact))
			continue;
		last = h;
		if (end && !s.many && !s.unborn)
			break;
	}
	return last;
}

void
doubt_end(struct reconcile *r, const struct fact *birth, int64_t now)
{
	struct life *l = doubtful(r, birth->birth.child);
	const struct held_fact *last = NULL;

	if (l != NULL)
		last = last_before(r, l, birth);
	if (last != NULL)
		give_until(r, l, last, now);
}

void
doubt_end_before(struct reconcile *r, const struct life *older,
    const struct fact *fact, int64_t now)
{
	struct life *l = doubtful(r, older->pid);
	const struct held_fact *h, *last = NULL;

	if (l == NULL || l->older != older)
		return;
	STAILQ_FOREACH(h, &l->held, next)
	{
		if (is_doubtful(l, h) &&
		    reconcile_is_after(fact->at, h->fact.at))
			last = h;
	}
	if (last != NULL)
		give_until(r, l, last, now);
}

/* A crash names nobody: without accounting, whose it may be is who bore l. */
static int32_t
ppid_of(
    const struct reconcile *r, const struct life *l, const struct fact *fact)
{
	return fact->ppid < 0 && !r->acct_on ? births_bearer(l->older)
					     : fact->ppid;
}

/* The last fact of the doubtful l that is not of a child still to be told. */
static const struct held_fact *
last_of_others(
    const struct reconcile *r, const struct life *l, const struct fact *parents)
{
	const struct held_fact *h, *last = NULL;
	bool many = span_of(NULL, l->older).many;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (!is_doubtful(l, h) ||
		    ppid_of(r, l, &h->fact) != parents->pid ||
		    !may_be_of(l->older, &h->fact, many))
			continue;
		many |= may_add_thread(&h->fact);
		if (reconcile_is_after(parents->at, h->fact.at))
			last = h;
	}
	return last;
}

/* A crash names nobody, and may be of anybody. */
static void
add_parent(struct doubt_parents *p, const struct fact *fact)
{
	uint32_t bit = (uint32_t)fact->ppid % DOUBT_BITS;

	if (fact->ppid < 0)
		memset(p->bits, 0xff, sizeof(p->bits));
	else
		p->bits[bit / 64] |= UINT64_C(1) << bit % 64;
}

void
doubt_hold(struct reconcile *r, const struct life *l, const struct fact *fact)
{
	if (l->doubtful)
		add_parent(&r->doubt_parents, fact);
}

void
doubt_begin(struct reconcile *r, const struct life *l)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		add_parent(&r->doubt_parents, &h->fact);
	}
}

/* Whether a doubtful life may have done something that names the pid. */
static bool
may_be_named(struct reconcile *r, int32_t pid)
{
	struct doubt_parents *p = &r->doubt_parents;
	uint32_t bit = (uint32_t)pid % DOUBT_BITS;
	const struct life *l;

	if (TAILQ_EMPTY(&r->lives.doubtful))
		return false;
	if (++p->questions == DOUBT_QUESTIONS) {
		memset(p, 0, sizeof(*p));
		TAILQ_FOREACH (l, &r->lives.doubtful, in_doubtful)
			doubt_begin(r, l);
	}
	return (p->bits[bit / 64] >> bit % 64 & 1) != 0;
}

/* Whether who did this has one thread, which does one thing after the other. */
static bool
is_lone(const struct reconcile *r, const struct fact *fact)
{
	const struct life *p = lives_newest(&r->lives, fact->pid);
	struct span s;

	if (p == NULL || p->local || p->children_local)
		return false;
	s = span_of(&r->ticks, p);
	return !s.many && !s.unborn;
}

void
doubt_end_child(struct reconcile *r, const struct fact *parents, int64_t now)
{
	const struct held_fact *last;
	size_t looked = 0;
	struct life *l;

	if (parents->kind == FACT_ABEND || parents->kind == FACT_SECCOMP ||
	    !may_be_named(r, parents->pid))
		return;
	TAILQ_FOREACH (l, &r->lives.doubtful, in_doubtful) {
		if (reconcile_is_enough(r, looked++))
			return;
		if (!doubt_stands(l) ||
		    (parents->kind == FACT_BIRTH &&
			(parents->birth.child == l->pid ||
			    parents->birth.shape != BIRTH_PROCESS)))
			continue;
		last = last_of_others(r, l, parents);
		if (last == NULL || !is_lone(r, parents) ||
		    infer_is_borne(r, l->pid, parents->pid, last->fact.at.ms))
			continue;
		give_until(r, l, last, now);
		return; /* others of the list may be no more */
	}
}
