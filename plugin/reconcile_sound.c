/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether what was put together can be one life each.
 *
 * Whose facts and births are is decided as they come, in storms by what is
 * likeliest. What turns out to contradict the kernel's order proves that some
 * of them were given to the wrong life of that number: then no status of it
 * is proven, nor of those beside it, for records are matched in order.
 */
#include "reconcile_impl.h"

/* A lone thread does nothing after it left; whom it bore may be faster. */
static bool
is_after_end(const struct life *l, const struct fact *fact)
{
	const struct evidence *ev = &l->evidence;

	return (ev->exit_group || ev->thread_exit) && !l->many &&
	       !ev->threads &&
	       (fact->kind != FACT_BIRTH ||
		   fact->birth.shape == BIRTH_PROCESS) &&
	       reconcile_is_after(fact->at, l->exit_at);
}

/*
 * It is older than the call that bore l. That is not known of stamps from both
 * sides of a step of the clock: whether a small one was over when it showed
 * them nothing says.
 */
static bool
is_before_birth(const struct life *l, const struct fact *fact)
{
	return l->born && l->start == START_OBSERVED && !l->hidden &&
	       fact->ahead_ms == l->birth_ahead && fact->at.ms < l->birth.ms;
}

bool
sound_names_other(const struct life *l, const struct fact *fact)
{
	return l->born && l->start == START_OBSERVED &&
	       (l->placed || l->plain) && !l->sibling && l->birth.serial != 0 &&
	       fact->ppid >= 0 && fact->ppid != l->parent.pid &&
	       reconcile_is_after(l->birth, fact->at);
}

void
sound_note(struct reconcile *r, struct life *l, const struct fact *fact)
{
	if (l->mixed || fact->at.serial == 0)
		return;
	l->mixed = is_after_end(l, fact) || is_before_birth(l, fact) ||
		   sound_names_other(l, fact) ||
		   !births_may_be_parent(r, l, fact->ppid);
}

/* Whether l did something after its birth was logged: who has the number next
 * was not born yet. */
static bool
did_after_birth(const struct life *l)
{
	return l->last_at.serial != 0 &&
	       reconcile_is_after(l->last_at, l->birth);
}

/*
 * Their births were logged, or called for, the other way round, and nothing
 * says that what is told of one is not the other's. Two may have borne them,
 * where by its shape one of the births may be of nobody, or threads of one,
 * unless the older did something after his own was logged.
 */
static bool
may_be_swapped(const struct life *older, const struct life *younger)
{
	return older->born && younger->born && older->birth.serial != 0 &&
	       younger->birth.serial != 0 &&
	       (older->parent.pid == younger->parent.pid
		       ? !did_after_birth(older)
		       : !(older->plain && younger->plain)) &&
	       (older->birth.ms > younger->birth.ms ||
		   reconcile_is_after(older->birth, younger->birth));
}

/*
 * Whether what l did, which names who bore it, can't be of who was borne with
 * the other birth: by another one, of whom that is not the parent either.
 */
static bool
names_own_bearer(
    const struct reconcile *r, const struct life *l, const struct life *other)
{
	const struct life *p = births_parent(r, other);

	return p != NULL && l->parent.pid > 1 &&
	       l->first_ppid == l->parent.pid && p->pid != l->first_ppid &&
	       !births_had_parent(p, l->first_ppid);
}

/* All that older did was logged before younger's birth; l is one of them. */
static bool
is_order(const struct reconcile *r, const struct life *older,
    const struct life *younger, const struct life *l)
{
	if (older == NULL || younger == NULL || older->hidden ||
	    younger->hidden)
		return true;
	return !older->mixed && !younger->mixed &&
	       (!may_be_swapped(older, younger) ||
		   names_own_bearer(r, l, l == older ? younger : older)) &&
	       (younger->birth.serial == 0 || older->last_at.serial == 0 ||
		   reconcile_is_after(younger->birth, older->last_at));
}

/* Whether l waits, and is in no pid namespace as far as is known of whom it is.
 */
static bool
waits_outside(const struct life *l)
{
	return l->state == LIFE_HELD && !l->inside &&
	       (l->born || l->expected != 0 || lives_ppid(l) == 1);
}

/* When l was over at the latest, as it is told. */
static int64_t
over_by(const struct reconcile *r, const struct life *l)
{
	struct span s = span_of(&r->ticks, l);
	int64_t ms = s.acted;

	if (s.left.serial != 0 && !s.many)
		return s.left.ms;
	if (l->evidence.acct)
		ms = span_died_until(&s, l->acct);
	return l->newer != NULL && l->newer->birth.serial != 0 &&
		       l->newer->birth.ms < ms
		   ? l->newer->birth.ms
		   : ms;
}

/*
 * Whether what was told of l last may be of whom this birth bore: an orphan by
 * then, if who logged that had lived until it was logged.
 */
static bool
may_be_of_born(const struct life *l, const struct fact *birth)
{
	int32_t ppid = l->evidence.acct ? l->acct_ppid : l->ppid;

	if (ppid == birth->pid || l->ppid == birth->pid)
		return true;
	return ppid <= 1 && (!l->evidence.exit_group ||
				reconcile_is_after(l->last_at, birth->at));
}

/*
 * Whether a birth by l's number, entered while it lived, waits with who bore
 * and is nobody's: it may be one of a namespace, or l was over, unseen, and
 * what was done since is of who was born then.
 */
static bool
may_have_passed_on(struct reconcile *r, const struct life *l)
{
	int64_t until = over_by(r, l);
	const struct held_fact *h;
	size_t looked = 0;

	LIST_FOREACH(h, lives_births(&r->lives, l->pid), in_births)
	{
		if (reconcile_is_enough(r, looked++))
			break;
		if (h->fact.birth.child == l->pid &&
		    h->fact.birth.shape == BIRTH_PROCESS &&
		    h->fact.at.ms >= l->birth.ms && h->fact.at.ms <= until &&
		    may_be_of_born(l, &h->fact) && waits_outside(h->of) &&
		    !place_is_known(r, &h->fact))
			return true;
	}
	return false;
}

/*
 * In a replay, whether l's record, which says that a signal ended it though it
 * had begun to leave, may be of one who had the number later and has none: l's
 * own got lost, and of when a record was written a replay knows little.
 */
static bool
may_have_later_record(struct reconcile *r, const struct life *l)
{
	const struct life *o = l->newer;
	size_t looked = 0;

	if (r->live || !l->evidence.acct || !l->evidence.exit_group ||
	    (l->acct->status & 0x7f) == 0)
		return false;
	for (; o != NULL && !reconcile_is_enough(r, looked++); o = o->newer) {
		struct span s = span_of(&r->ticks, o);

		if (records_of(o) == NULL && span_fits(&s, l->acct, INT64_MAX))
			return true;
	}
	return false;
}

bool
sound_is(struct reconcile *r, const struct life *l)
{
	return !l->mixed && !may_have_passed_on(r, l) &&
	       !may_have_later_record(r, l) && is_order(r, l->older, l, l) &&
	       is_order(r, l, l->newer, l);
}
