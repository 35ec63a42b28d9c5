/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconcile_kin.h"

#include <string.h>

/* A number so near to that of a child is one of its sibling's. */
#define NEAR 64

/* Of children who wait at the same time no two are so far from each other. */
#define FAR 512

/* So many lives that wait are looked at for children; more are counted as too
 * many. */
#define SCAN_MAX 4096

/*
 * Whether the birth may be l's by its place among others, for all that its
 * number says: if it is not certain that it is one of a namespace, and near
 * l's pid, it is the pid of a sibling of l's.
 */
static bool
can_be_local(
    const struct kin *k, const struct birth_span *l, const struct fact *birth)
{
	int32_t child = birth->birth.child, pid = l->l->pid;
	bool near = child != pid && child >= RESERVED_PIDS &&
		    child > pid - NEAR && child < pid + NEAR;

	return (k->p->inside || !near) && births_span_has(l, birth->at.ms);
}

/*
 * Whether the calls may have overlapped: one began before the other was over,
 * which may not be logged as soon as it bore.
 */
static bool
overlap(const struct fact *a, const struct fact *b)
{
	int64_t ms = b->at.ms - a->at.ms;

	if (ms >= -BIRTH_DELAY_MS && ms <= BIRTH_DELAY_MS)
		return true;
	return (ms > 0) != reconcile_is_after(b->at, a->at);
}

/*
 * Whether a's number was given out before b's. Serials come at the end of a
 * call: of two that overlap they may be in another order than the numbers.
 */
static bool
is_earlier(const struct fact *a, const struct fact *b)
{
	int32_t numbers = b->birth.child - a->birth.child;

	if (a->pid != b->pid && numbers != 0 && numbers > -NEAR &&
	    numbers < NEAR && overlap(a, b))
		return numbers > 0;
	return reconcile_is_after(b->at, a->at);
}

static bool
add_birth(struct kin *k, struct held_fact *h, const struct life *of)
{
	size_t i = k->nbirths;

	if (i == KIN_BIRTHS_MAX)
		return false;
	for (; i > 0 && is_earlier(&h->fact, &k->birth[i - 1]->fact); i--) {
		k->birth[i] = k->birth[i - 1];
		k->of[i] = k->of[i - 1];
	}
	k->birth[i] = h;
	k->of[i] = of;
	k->nbirths++;
	return true;
}

static bool
add_child(struct kin *k, struct life *l)
{
	size_t i = k->nchildren;

	if (i == KIN_CHILDREN_MAX)
		return false;
	for (; i > 0 && l->pid < k->child[i - 1]->pid; i--)
		k->child[i] = k->child[i - 1];
	k->child[i] = l;
	k->nchildren++;
	return true;
}

/*
 * Whether p inherits the children of l, as far as is known: if l's parents lead
 * to p, or to somebody unknown, but not to the first of another namespace.
 */
static bool
is_below(const struct reconcile *r, const struct life *l, const struct life *p)
{
	for (int i = 0; i < ANCESTRY_MAX && !l->leads; i++) {
		int32_t ppid = l->parent.known ? l->parent.pid : lives_ppid(l);

		/* an orphan's parents are not known */
		if (ppid == p->pid ||
		    (ppid <= 1 &&
			(l->state == LIFE_HELD || l->start == START_INFERRED)))
			return true;
		l = lives_newest(&r->lives, ppid);
		while (l != NULL && doubt_stands(l))
			l = l->older;
		if (l == NULL)
			return true;
		if (l->state != LIFE_HELD && !l->local)
			return l->children_local;
	}
	return !l->leads;
}

/* Nobody calls anything in a namespace before its first is born. */
static bool
was_before(const struct life *p, const struct fact *fact)
{
	return p->leads && fact->at.ms < p->birth.ms;
}

static bool
add_births(struct kin *k, struct held_list *list, const struct life *of)
{
	struct held_fact *h;

	STAILQ_FOREACH(h, list, next)
	{
		if (h->fact.kind == FACT_BIRTH &&
		    h->fact.birth.shape != BIRTH_THREAD &&
		    !was_before(k->p, &h->fact) && !add_birth(k, h, of))
			return false;
	}
	return true;
}

/* Births by p, and by those whose children it may have got. */
static bool
gather_births(const struct reconcile *r, struct life *p, struct kin *k)
{
	struct life *l;

	if (!add_births(k, &p->locals, p))
		return false;
	TAILQ_FOREACH (l, &r->lives.bearers, in_bearers) {
		if (l == p || !p->may_inherit || !is_below(r, l, p))
			continue;
		if (!add_births(k, &l->held, l) ||
		    !add_births(k, &l->locals, l))
			return false;
	}
	return true;
}

static bool
gather_children(struct reconcile *r, struct kin *k)
{
	struct life *l;
	size_t looked = 0;

	TAILQ_FOREACH (l, lives_children(&r->lives, k->p->pid), in_children) {
		if (++looked > SCAN_MAX)
			return false;
		if (!l->born && l->expected == 0 &&
		    lives_ppid(l) == k->p->pid && !add_child(k, l))
			return false;
	}
	/* the others may not have what one of these has already */
	TAILQ_FOREACH (l, &r->lives.ghosts, in_ghosts) {
		if (lives_ppid(l) == k->p->pid && k->nchildren > 0 &&
		    !add_child(k, l))
			return false;
	}
	return true;
}

/* What it did first that names a parent; NULL: nothing that audit knows. */
static const struct fact *
first_deed(const struct life *l)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind != FACT_ACCT && h->fact.ppid >= 0)
			return &h->fact;
	}
	return NULL;
}

/*
 * Whether who waits and bore may have been dead when the child named another as
 * its parent: an exit is logged before the children are given away
 * (kernel/exit.c, do_exit()), and accounting is read first.
 */
static bool
may_have_left(const struct life *bearer, const struct life *child)
{
	const struct fact *deed = first_deed(child);
	const struct evidence *ev = &bearer->evidence;
	const struct held_fact *h;

	if (records_of(bearer) != NULL || doubt_stands(bearer) || ev->gone ||
	    bearer->state == LIFE_ENDED)
		return true;
	if ((ev->exit_group || ev->thread_exit) &&
	    (deed == NULL || reconcile_is_after(deed->at, bearer->exit_at)))
		return true;
	STAILQ_FOREACH(h, &bearer->held, next)
	{
		if ((h->fact.kind == FACT_EXIT_GROUP ||
			h->fact.kind == FACT_EXIT) &&
		    (deed == NULL || reconcile_is_after(deed->at, h->fact.at)))
			return true;
	}
	return false;
}

static bool
can_be(const struct kin *k, const struct birth_span *l, size_t birth)
{
	const struct life *of = k->of[birth];

	return of != l->l && can_be_local(k, l, &k->birth[birth]->fact) &&
	       (of == k->p || may_have_left(of, l->l));
}

/*
 * The first matching in order, and the last, of all children but those that
 * are left out; false: there is none.
 */
static bool
match(struct kin *k, const bool out[KIN_CHILDREN_MAX])
{
	size_t next = 0, until = k->nbirths;

	for (size_t i = 0; i < k->nchildren; i++) {
		if (out[i])
			continue;
		while (next < k->nbirths && !k->fits[i][next])
			next++;
		if (next == k->nbirths)
			return false;
		k->first[i] = next++;
	}
	for (size_t i = k->nchildren; i-- > 0;) {
		if (out[i])
			continue;
		while (!k->fits[i][until - 1])
			until--;
		k->last[i] = --until;
	}
	return true;
}

/*
 * Whether all that is there of it may be of who had its number before: then it
 * is nobody's child.
 */
static bool
may_be_nobody(const struct life *l)
{
	return doubt_stands(l) ||
	       (l->older != NULL && l->older->state != LIFE_ENDED &&
		   records_of(l->older) == NULL && infer_has_only_record(l));
}

/* What the matching without those who may be nobody says, too. */
static void
match_without(struct kin *k, bool out[KIN_CHILDREN_MAX])
{
	struct kin without = *k;
	bool any = false;

	for (size_t i = 0; i < k->nchildren; i++) {
		any |= may_be_nobody(k->child[i]);
		out[i] |= may_be_nobody(k->child[i]);
	}
	if (!any || !match(&without, out))
		return;
	for (size_t i = 0; i < k->nchildren; i++) {
		if (out[i])
			continue;
		if (without.first[i] < k->first[i])
			k->first[i] = without.first[i];
		if (without.last[i] > k->last[i])
			k->last[i] = without.last[i];
	}
}

/* Ghosts may be somebody's whose births are unknown: without them, if need be.
 */
static bool
match_most(struct kin *k)
{
	bool out[KIN_CHILDREN_MAX] = {false};

	k->blurred = !match(k, out);
	for (size_t i = 0; i < k->nchildren && k->blurred; i++)
		out[i] = k->child[i]->ghost;
	if (k->blurred && !match(k, out))
		return false;
	match_without(k, out);
	return true;
}

static void
find_fits(const struct reconcile *r, struct kin *k)
{
	for (size_t i = 0; i < k->nchildren; i++) {
		struct birth_span l = births_span(r, k->child[i]);

		for (size_t j = 0; j < k->nbirths; j++)
			k->fits[i][j] = can_be(k, &l, j);
	}
}

/*
 * Whether the order of the pids says nothing of that of the births: after the
 * last number they begin anew, and set_tid of clone3 chooses any.
 */
static bool
is_scattered(const struct kin *k)
{
	for (size_t i = 1; i < k->nchildren; i++) {
		if (k->child[i]->pid - k->child[i - 1]->pid > FAR)
			return true;
	}
	return false;
}

bool
kin_gather(struct reconcile *r, struct life *p, struct kin *k)
{
	memset(k, 0, sizeof(*k));
	k->p = p;
	if (p->nlocals == 0 && !(p->local && p->may_inherit))
		return false;
	if (!gather_children(r, k)) {
		r->counts.crowded++;
		return false;
	}
	if (k->nchildren == 0)
		return false;
	lives_weed_bearers(&r->lives);
	if (!gather_births(r, p, k)) {
		r->counts.crowded++;
		return false;
	}
	find_fits(r, k);
	k->complete = !is_scattered(k) && match_most(k);
	return true;
}

size_t
kin_place(const struct kin *k, const struct life *l)
{
	size_t i = 0;

	while (i < k->nchildren && k->child[i] != l)
		i++;
	return i;
}

/* Whether a ghost that was left out may have it. */
static bool
is_haunted(const struct kin *k, size_t birth)
{
	for (size_t i = 0; i < k->nchildren && k->blurred; i++) {
		if (k->child[i]->ghost && k->fits[i][birth])
			return true;
	}
	return false;
}

static bool
is_own(const struct kin *k, size_t birth)
{
	return k->of[birth] == k->p && k->birth[birth]->fact.pid == k->p->pid &&
	       !is_haunted(k, birth);
}

/*
 * Whether all births by p that the child can be of were read: a lone thread
 * logs its calls one after the other, so what it logged after the child did
 * something comes after the call that bore it.
 */
static bool
is_proven(const struct kin *k, const struct life *child)
{
	const struct fact *deed = first_deed(child);
	const struct fact_acct *a = records_of(child);

	if (k->p->many || doubt_stands(child) || k->p->last_at.serial == 0)
		return false;
	if (deed != NULL)
		return reconcile_is_after(k->p->last_at, deed->at);
	return a != NULL && a->read_ms != TIME_UNKNOWN &&
	       k->p->last_at.ms > a->read_ms;
}

size_t
kin_sure(const struct kin *k, size_t sure[KIN_CHILDREN_MAX])
{
	struct kin proven = *k;
	bool out[KIN_CHILDREN_MAX];
	size_t n = 0;

	if (!k->complete)
		return 0;
	for (size_t i = 0; i < k->nchildren; i++)
		out[i] = k->child[i]->ghost ? k->blurred
					    : !is_proven(k, k->child[i]);
	if (!match(&proven, out))
		return 0;
	for (size_t i = 0; i < k->nchildren; i++) {
		size_t birth = k->first[i];

		if (!k->child[i]->ghost && !out[i] &&
		    !may_be_nobody(k->child[i]) && birth == k->last[i] &&
		    birth == proven.first[i] && birth == proven.last[i] &&
		    is_own(k, birth))
			sure[n++] = i;
	}
	return n;
}

size_t
kin_laid(const struct kin *k, size_t laid[KIN_CHILDREN_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < k->nchildren; i++) {
		if (k->complete && !k->blurred && k->child[i]->ghost &&
		    k->first[i] == k->last[i] && k->of[k->first[i]] == k->p)
			laid[n++] = i;
	}
	return n;
}

/* Whether the birth made no namespace, for certain. */
static bool
is_plain(const struct kin *k, size_t birth)
{
	const struct fact_birth *b = &k->birth[birth]->fact.birth;
	const struct held_fact *h;

	STAILQ_FOREACH(h, &k->of[birth]->held, next)
	{
		if (h->fact.kind == FACT_NAMESPACE)
			return false;
	}
	return b->shape == BIRTH_PROCESS && !b->new_pidns &&
	       !k->of[birth]->children_local;
}

/* Some births are not known: nothing is sure but of who inherits nobody. */
static struct kin_answer
judge_alone(const struct kin *k, size_t child)
{
	struct kin_answer a = {KIN_NONE, true, !k->p->may_inherit};

	for (size_t j = 0; j < k->nbirths && !k->p->may_inherit; j++) {
		if (!k->fits[child][j])
			continue;
		a.plain &= is_plain(k, j);
		if (a.birth == KIN_NONE && is_own(k, j))
			a.birth = j;
	}
	return a;
}

/*
 * The likeliest of p's: the last before the child did anything, for some are
 * threads' that p has had for long; else the first.
 */
static size_t
likeliest(const struct kin *k, size_t child)
{
	int64_t ms = k->child[child]->first_ms;
	size_t best = KIN_NONE;

	for (size_t j = k->first[child]; j <= k->last[child]; j++) {
		if (k->fits[child][j] && is_own(k, j) &&
		    (best == KIN_NONE ||
			(ms != TIME_UNKNOWN && k->birth[j]->fact.at.ms < ms)))
			best = j;
	}
	return best;
}

struct kin_answer
kin_judge(const struct kin *k, size_t child)
{
	struct kin_answer a = {KIN_NONE, true, true};

	if (!k->complete)
		return judge_alone(k, child);
	for (size_t j = k->first[child]; j <= k->last[child]; j++) {
		if (!k->fits[child][j])
			continue;
		a.own &= is_own(k, j) || !k->p->may_inherit;
		a.plain &= is_plain(k, j);
	}
	a.plain &= !k->blurred || !k->p->may_inherit;
	a.birth = likeliest(k, child);
	return a;
}
