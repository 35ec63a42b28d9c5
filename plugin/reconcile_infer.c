/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Births that nobody saw. */
#include "reconcile_impl.h"

/* The fact that tells most of how l began: its first. */
static const struct fact *
first_fact(const struct life *l)
{
	const struct held_fact *h = STAILQ_FIRST(&l->held);

	return h == NULL ? NULL : &h->fact;
}

/* Whether p was born after the first that l is known to have done. */
static bool
was_born_since(const struct life *p, const struct life *l)
{
	return l->first_ms != TIME_UNKNOWN && births_bearer(p) != 0 &&
	       p->birth.ms > l->first_ms;
}

/* Who had the number of l's parent by then; NULL: unknown. */
static const struct life *
parent_then(struct reconcile *r, const struct life *l)
{
	const struct life *p = lives_newest(&r->lives, lives_ppid(l));
	const struct life *then = p;
	size_t looked = 0;

	for (; p != NULL && !reconcile_is_enough(r, looked++); p = p->older) {
		if (was_born_since(p, l))
			then = p->older;
		else if (p->state != LIFE_HELD)
			break;
	}
	/* who is only expected may be so by a number of a namespace */
	while (then != NULL && then->state == LIFE_HELD &&
	       STAILQ_EMPTY(&then->held))
		then = then->older;
	return then == NULL || births_was_over(r, then, l->first_ms) ? NULL
								     : then;
}

static void
infer_parent(struct reconcile *r, struct life *l, bool plain)
{
	const struct life *p;

	/* Orphans are init's by now: who bore them nobody can tell. */
	if (lives_ppid(l) <= 1)
		return;
	p = parent_then(r, l);
	if (p != NULL && p->state != LIFE_HELD) {
		l->local = p->local || p->children_local;
		l->inside = p->inside;
		l->may_inherit = l->local;
		l->plain = plain;
		if (plain)
			l->space = p->space;
		/* one whom p inherited may be of a namespace made for it */
		l->evidence.first =
		    !plain && (p->children_local || p->bore_first ||
				  (p->may_inherit && p->local));
		/* nor is it known who was born first of a namespace by clone3
		 */
		if (!p->may_inherit &&
		    (p->placed || p->start != START_OBSERVED))
			births_set_parent(r, l, p, NULL);
		return;
	}
	l->parent.known = true;
	l->parent.pid = lives_ppid(l);
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
	lives_set_owner(&r->lives, l, &(struct owner){fact->creds, fact->tty});
}

static void
infer_from_audit(struct reconcile *r, struct life *l, const struct fact *fact)
{
	l->birth = fact->at;
	l->birth_ahead = fact->ahead_ms;
	l->id = ident_life_record(&r->ident, l->pid, steady_shown(fact));
	l->sources = SOURCE_AUDIT;
	lives_set_owner(&r->lives, l, &(struct owner){fact->creds, fact->tty});
	l->evidence.threads = true; /* who knows */
	l->many = true;
}

/*
 * Whether the birth that waits can be l's: it is what l expects, or of l's
 * number, and l has who bore it as its parent, or init, who inherited it; or
 * clone3 bore it, who knows of whom.
 */
static bool
is_birth_of(
    const struct reconcile *r, const struct held_fact *h, const struct life *l)
{
	bool child = lives_ppid(l) == h->fact.pid || lives_ppid(l) == 1;

	if (h->of == l || h->of->state != LIFE_HELD ||
	    h->fact.birth.child != l->pid)
		return false;
	if (l->expected != 0)
		return h->fact.at.serial == l->birth.serial;
	return (child || h->fact.birth.shape == BIRTH_UNDECIDED) &&
	       births_can_be_at(r, l, h->fact.at.ms);
}

/* What l expects; NULL: it expects nothing, or that waits no more. */
static const struct held_fact *
expected_birth(const struct reconcile *r, const struct life *l)
{
	const struct held_fact *h =
	    l->expected == 0 ? NULL
			     : lives_birth(&r->lives, l->pid, l->birth.serial);

	return h != NULL && h->fact.pid == l->expected && is_birth_of(r, h, l)
		   ? h
		   : NULL;
}

struct life *
infer_bearer(const struct reconcile *r, const struct life *l)
{
	const struct held_fact *h = expected_birth(r, l);

	return h == NULL || h->fact.birth.sibling ? NULL : h->of;
}

/* Who waits, has this number, and a birth that can be l's. */
static struct life *
holder_of_number(struct reconcile *r, int32_t pid, const struct life *l)
{
	const struct held_fact *h;

	LIST_FOREACH(h, lives_births(&r->lives, l->pid), in_births)
	{
		if (h->fact.pid == pid && is_birth_of(r, h, l))
			return h->of;
	}
	return NULL;
}

/* Who waits for his own birth and has one; the number may be of a namespace. */
static struct life *
holder_of_birth(struct reconcile *r, const struct life *l)
{
	const struct held_fact *h;
	size_t looked = 0;

	LIST_FOREACH(h, lives_births(&r->lives, l->pid), in_births)
	{
		if (reconcile_is_enough(r, looked++))
			break;
		if (h->of->queue == QUEUE_BIRTH && is_birth_of(r, h, l))
			return h->of;
	}
	return NULL;
}

/*
 * The parent of l, if it waits, too: whoever it is, if it has l's birth, and
 * else if its own birth is not known. An orphan's ppid is init's.
 */
static struct life *
waiting_parent(struct reconcile *r, const struct life *l)
{
	const struct held_fact *h = expected_birth(r, l);
	struct life *p;

	if (l->expected != 0)
		return h == NULL ? NULL : h->of;
	if (lives_ppid(l) == 1)
		return holder_of_birth(r, l);
	if (lives_ppid(l) < 1 || lives_ppid(l) == l->pid)
		return NULL;
	p = holder_of_number(r, lives_ppid(l), l);
	if (p != NULL)
		return p;
	p = lives_newest(&r->lives, lives_ppid(l));
	if (p != NULL && p->queue == QUEUE_BIRTH)
		return p;
	return holder_of_birth(r, l);
}

/*
 * Only a record is there of l: by what was read since, may it be of the one
 * before, who has none? No birth came.
 */
static bool
is_of_older(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *older = l->older;

	if (older == NULL || older->state == LIFE_HELD ||
	    records_of(older) != NULL || !records_spare(r, l, now))
		return false;
	reconcile_drop(r, l);
	/* not at once: its end may have the next one's told, and so on */
	if (older->state == LIFE_ALIVE)
		reconcile_go_on(r, older);
	return true;
}

bool
infer_has_only_record(const struct life *l)
{
	const struct held_fact *h = STAILQ_FIRST(&l->held);

	return l->queue == QUEUE_BIRTH && !l->born && l->expected == 0 &&
	       h != NULL && h->fact.kind == FACT_ACCT &&
	       STAILQ_NEXT(h, next) == NULL;
}

bool
infer_record_of_newer(struct reconcile *r, const struct life *l, int64_t now)
{
	struct life *newer = l->newer;

	return newer != NULL && infer_has_only_record(newer) &&
	       is_of_older(r, newer, now);
}

/* Something else than a record says that l is over. */
static bool
is_over(const struct reconcile *r, const struct life *l)
{
	struct span s = span_of(&r->ticks, l);

	return s.left.serial != 0 || s.crashed != 0 ||
	       reconcile_is_reborn(r, l);
}

/*
 * The same of the next one, who was born for certain: only a record is there
 * of l, which may be an undecided birth's, too. If it is not, it may be of one
 * nobody heard of, and the next one live.
 */
static bool
is_of_newer(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *newer = l->newer;

	if (newer == NULL || !newer->born || newer->undecided ||
	    !infer_has_only_record(l) || records_of(newer) != NULL ||
	    (lives_claimed(l) == NULL && !is_over(r, newer)) ||
	    shape_is_named(r, l, newer) || !records_spare(r, l, now))
		return false;
	reconcile_drop(r, l);
	/* an undecided one that it might have been no longer has anything;
	 * who bears one that waits is still to tell it */
	if (newer->older != NULL && newer->older->born)
		shape_end_older(r, newer, NULL);
	if (newer->state == LIFE_ALIVE)
		reconcile_go_on(r, newer);
	return true;
}

struct life *
infer_alone(struct reconcile *r, struct life *l, int64_t now)
{
	const struct fact *fact;
	struct life *u = doubt_up_to(r, l);
	enum local_word word;

	if (l->undecided) {
		shape_decide(r, l, true);
		return NULL;
	}
	/* that says first whose it is, what is held of l */
	if (u != NULL) {
		doubt_give_to_older(r, u, now);
		return NULL;
	}
	if (is_of_newer(r, l, now))
		return NULL;
	u = shape_settle(r, l);
	if (u != NULL)
		return u;
	fact = first_fact(l);
	if (fact == NULL) {
		reconcile_drop(r, l);
		return NULL;
	}
	if (fact->kind == FACT_ACCT && is_of_older(r, l, now))
		return NULL;
	word = local_match_in_order(r, l, now);
	if (word == LOCAL_BORN)
		return l;
	if (fact->kind == FACT_FOUND) {
		found_bear(r, l, fact);
		return l;
	}
	shape_end_older(r, l, NULL);
	l->born = true;
	l->start = START_INFERRED;
	l->inside = false;
	r->counts.inferred++;
	if (fact->kind == FACT_ACCT)
		infer_from_acct(r, l, fact);
	else
		infer_from_audit(r, l, fact);
	lives_set_name(&r->lives, &l->name, fact->comm);
	lives_set_name(&r->lives, &l->executable, fact->exe);
	lives_set_name(&r->lives, &l->key, fact->key);
	infer_parent(r, l, word == LOCAL_PLAIN);
	/* Accounting knows but the second of its birth, and not always well. */
	if (fact->kind == FACT_ACCT && l->parent.identified &&
	    l->birth.ms + l->birth_ahead < l->parent.start_ms)
		l->birth.ms = l->parent.start_ms - l->birth_ahead;
	lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
	reconcile_ready(r, l);
	births_await(r, l);
	return l;
}

/* When p, whose number somebody else has by now, was over at the latest. */
static int64_t
over_by(const struct life *p)
{
	const struct evidence *ev = &p->evidence;

	return ev->exit_group || ev->thread_exit || !p->newer->born
		   ? p->exit_at.ms
		   : p->newer->birth.ms;
}

/*
 * Whether l, who waits, may be a child of p, for all that is known of it: the
 * first of its records names p's number, and if who had that next is known,
 * tells what was before p's own end.
 */
static bool
may_be_child(const struct reconcile *r, struct life *l, const struct life *p)
{
	const struct fact_acct *own, *its;

	if (lives_ppid(l) != p->pid || l == p || l->born || l->expected != 0 ||
	    doubt_up_to(r, l) != NULL)
		return false;
	if (p->newer == NULL)
		return true;
	own = records_of(l);
	its = records_of(p);
	if (own != NULL && its != NULL)
		return own->offset < its->offset;
	return l->first_ms != TIME_UNKNOWN && l->first_ms <= over_by(p);
}

bool
infer_has_children(struct reconcile *r, const struct life *p)
{
	struct life *l;
	size_t looked = 0;

	TAILQ_FOREACH (l, lives_children(&r->lives, p->pid), in_children) {
		if (reconcile_is_enough(r, looked++))
			break;
		if (may_be_child(r, l, p))
			return true;
	}
	return false;
}

/* Whether a record that may be of l's birth is held. */
static bool
has_held_birth(struct reconcile *r, const struct life *l)
{
	const struct held_fact *h;
	size_t looked = 0;

	LIST_FOREACH(h, lives_births(&r->lives, l->pid), in_births)
	{
		if (reconcile_is_enough(r, looked++))
			break;
		if (h->fact.birth.child == l->pid &&
		    births_can_be_at(r, l, h->fact.at.ms))
			return true;
	}
	return false;
}

bool
infer_is_borne(struct reconcile *r, int32_t pid, int32_t ppid, int64_t ms)
{
	const struct held_fact *h;
	size_t looked = 0;

	if (ppid <= 1)
		return false;
	LIST_FOREACH(h, lives_births(&r->lives, pid), in_births)
	{
		if (reconcile_is_enough(r, looked++))
			break;
		if (h->fact.birth.child == pid && h->fact.pid == ppid &&
		    h->fact.at.ms <= ms && !place_is_known(r, &h->fact))
			return true;
	}
	return false;
}

void
infer_children(struct reconcile *r, struct life *p, int64_t now)
{
	struct life_list *children = lives_children(&r->lives, p->pid);
	struct life *l, *next;
	size_t looked = 0;

	for (l = TAILQ_FIRST(children);
	     l != NULL && !reconcile_is_enough(r, looked); l = next, looked++) {
		next = TAILQ_NEXT(l, in_children);
		/* p may have inherited it */
		if (!may_be_child(r, l, p) || has_held_birth(r, l))
			continue;
		l = infer_alone(r, l, now);
		if (l != NULL)
			reconcile_start(r, l);
		else /* it may have ended another's wait, or another */
			next = TAILQ_FIRST(children);
	}
}

bool
infer_record_unproven(const struct reconcile *r, const struct life *l)
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

static void
wait_on(struct reconcile *r, struct life *l, int64_t now)
{
	l->postponed++;
	lives_enqueue(&r->lives, l, QUEUE_BIRTH, now + r->set.lateness_ms);
}

void
infer_birth(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *first = l, *p = NULL;

	if (is_of_newer(r, l, now) || shape_settle(r, l) != NULL)
		return;
	for (int i = 0; !reconcile_is_too_far(r, i); i++) {
		p = waiting_parent(r, l);
		if (p == NULL || p->queue != QUEUE_BIRTH)
			break;
		l = p;
	}
	if (p == NULL || p->queue == QUEUE_BIRTH) {
		(void)infer_alone(r, l, now);
		return;
	}
	lives_enqueue(
	    &r->lives, l, QUEUE_EXPECTED, now + PATIENCE * r->set.lateness_ms);
	if (l == first)
		return;
	lives_enqueue(&r->lives, first, QUEUE_BIRTH, now + r->set.lateness_ms);
}

/* Whether somebody waits who may have borne l. */
static bool
waits_for_other(struct reconcile *r, const struct life *l)
{
	/* who claims a birth, and may have no other, has its parent */
	if (lives_claimed(l) != NULL)
		return holder_of_number(r, lives_ppid(l), l) != NULL ||
		       holder_of_birth(r, l) != NULL;
	return waiting_parent(r, l) != NULL;
}

void
infer_when_late(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *doubtful = doubt_up_to(r, l);

	if (doubtful != NULL && l->postponed < PATIENCE &&
	    infer_is_borne(
		r, l->pid, doubtful->first_ppid, doubtful->first_ms)) {
		wait_on(r, l, now);
		return;
	}
	if (doubtful != NULL) {
		/* no birth came: nobody else did that */
		doubt_give_to_older(r, doubtful, now);
		return;
	}
	if (l->postponed < PATIENCE &&
	    (waits_for_other(r, l) || infer_record_unproven(r, l))) {
		wait_on(r, l, now);
		return;
	}
	infer_birth(r, l, now);
}
