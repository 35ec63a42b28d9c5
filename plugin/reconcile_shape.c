/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Was it a process's birth, or a thread's?
 *
 * clone3 has its flags in memory, where no record shows them: who is born by
 * it is undecided. No record has a thread's number (kernel/audit.c,
 * audit_log_task_info() has task_tgid_nr()), so what is told of the number is
 * of that child, or of a process that has the number after a thread had it,
 * and whose birth was not read yet. Therefore an undecided life gets nothing
 * of it: behind it stands its claimant, a life without a birth as any other.
 * A birth record says that the claimant is somebody else; if none comes in
 * time, or cannot come any more, it was the child, and both become one life.
 */
#include "reconcile_impl.h"

#include <string.h>

/* Of whom what is held may be of the undecided u; NULL: nobody. */
static struct life *
claimant(const struct life *u)
{
	struct life *l = u->newer;

	return u->undecided && l != NULL && lives_claimed(l) == u ? l : NULL;
}

/* Who bore u, and may wait; NULL: unknown. */
static struct life *
bearer_of(const struct reconcile *r, const struct life *u)
{
	return u->born ? births_parent(r, u) : infer_bearer(r, u);
}

/*
 * Whether p bore l by clone3 with CLONE_PARENT: l's ppid is that of p itself.
 * While p lives nobody inherits its children; init inherits so many that it is
 * never believed to have got one that way.
 */
static bool
is_other_parent(const struct life *l, const struct life *p)
{
	return lives_ppid(l) > 1 && lives_ppid(l) != p->pid &&
	       lives_ppid(l) == p->ppid;
}

/*
 * Whether p lived when l was read first: if what l did is older than what p
 * did last or than the record of l's birth, or l's death than p's.
 */
static bool
lived_then(
    const struct reconcile *r, const struct life *p, const struct life *l)
{
	const struct fact_acct *own = records_of(l), *its = records_of(p);
	const struct held_fact *h = STAILQ_FIRST(&l->held);

	if (births_is_alive(r, p) ||
	    (own != NULL && its != NULL && own->offset < its->offset))
		return true;
	/* a crash names no parent */
	while (h != NULL && h->fact.ppid != lives_ppid(l))
		h = STAILQ_NEXT(h, next);
	if (h == NULL || h->fact.kind == FACT_ACCT)
		return false;
	return reconcile_is_after(l->birth, h->fact.at) ||
	       (p->evidence.exit_group &&
		   reconcile_is_after(p->exit_at, h->fact.at));
}

/* Word of its end is waited for by nobody any more. */
static void
release_bearer(struct reconcile *r, struct life *u, struct life *p)
{
	bool last =
	    u->awaited && p != NULL && p->nawaited > 0 && --p->nawaited == 0;

	if (u->awaited && p != NULL)
		lives_touch(&r->lives, p);
	u->awaited = false;
	if (last && p->state == LIFE_ALIVE)
		reconcile_go_on(r, p);
}

static void
decided(struct reconcile *r, struct life *u)
{
	u->undecided = false;
	r->nundecided--;
	if (u->born)
		lives_enqueue(&r->lives, u, QUEUE_NONE, 0);
}

static void
is_thread(struct reconcile *r, struct life *u)
{
	struct life *p = births_parent(r, u);

	if (p != NULL && p->state != LIFE_ENDED && u->threads == 0) {
		p->threads++;
		lives_touch(&r->lives, p);
	}
	release_bearer(r, u, p);
	decided(r, u);
	reconcile_drop(r, u);
}

/* p bore u: or is that its parent? */
static void
note_sibling(struct reconcile *r, struct life *u, const struct life *p)
{
	if (p != NULL && is_other_parent(u, p) && lived_then(r, p, u))
		births_set_sibling_parent(r, u, p, p->ppid);
}

static void
is_process(struct reconcile *r, struct life *u)
{
	struct life *p = births_parent(r, u);

	if (p != NULL && u->threads != 0) {
		p->threads--;
		lives_touch(&r->lives, p);
	}
	u->threads = 0;
	release_bearer(r, u, p);
	decided(r, u);
	note_sibling(r, u, p);
	while (u->older != NULL && u->older->undecided)
		is_thread(r, u->older);
	reconcile_ready(r, u);
	births_await(r, u);
}

/* What l did its child did: both are one life. */
static void
take_over(struct reconcile *r, struct life *u, struct life *l)
{
	lives_move_held(&r->lives, l, u);
	u->first_ms = l->first_ms;
	u->ppid = l->ppid;
	u->first_ppid = l->first_ppid;
	u->evidence.gone |= l->evidence.gone;
	if (l->bears)
		lives_add_bearer(&r->lives, u);
	lives_name_parent(&r->lives, u);
	lives_touch(&r->lives, u);
	lives_remove(&r->lives, l);
	is_process(r, u);
}

/*
 * Whether nobody had u's number any more, as /proc says, or a canary that had
 * it next, which is born a little later than that, when l still did something.
 */
static bool
is_since_reaped(
    const struct reconcile *r, const struct life *u, const struct life *l)
{
	const struct fact_acct *a = records_of(l);
	int64_t reaped = u->reaped_ms;
	struct span s;

	if (reaped == TIME_UNKNOWN)
		return false;
	if (l->newer != NULL && l->newer->hidden)
		reaped += CANARY_MS;
	s = span_of(&r->ticks, l);
	return s.acted > reaped ||
	       (a != NULL && span_died_from(&s, a) > reaped);
}

/*
 * Whether l named as its parent who had p's number next: a record has the
 * parent of after it got its serial (kernel/auditsc.c, audit_log_exit()). So
 * has one of a birth the child, but where something else was logged within the
 * call: then it got its serial microseconds before.
 */
static bool
names_next(const struct life *l, const struct life *p)
{
	const struct life *next = p->newer;
	const struct held_fact *h;

	if (next == NULL || !births_has_number(next))
		return false;
	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.ppid == p->pid && h->fact.kind != FACT_ACCT &&
		    reconcile_is_after(h->fact.at, next->birth))
			return true;
	}
	return false;
}

/* Whether what was held of l allows that it is u's: p bore u. */
static bool
can_be_one(const struct reconcile *r, const struct life *u,
    const struct life *l, const struct life *p)
{
	int32_t ppid = lives_ppid(l);

	if (!births_can_be_at(r, l, u->birth.ms) || is_since_reaped(r, u, l))
		return false;
	if (ppid <= 1 || p == NULL)
		return true;
	if (ppid == p->pid)
		return !births_was_over(r, p, l->first_ms) && !names_next(l, p);
	/* nobody inherits from the living; it may be a sibling */
	return births_is_alive(r, p) ? ppid == p->ppid
				     : births_may_be_heir(r, p, ppid);
}

static bool
is_end_of_thread(const struct fact *fact)
{
	return fact->kind == FACT_EXIT || fact->kind == FACT_SECCOMP ||
	       (fact->kind == FACT_EXEC && fact->exec.success);
}

/*
 * Whether a thread of p that was born at ms may have been over before at: its
 * exit's record, or that of an exec that ended it, was queued before its
 * number was free (kernel/exit.c, do_exit(); fs/exec.c, de_thread()).
 */
static bool
may_lack_thread(const struct life *p, int64_t ms, struct stamp at)
{
	const struct evidence *ev = &p->evidence;
	const struct held_fact *h;

	STAILQ_FOREACH(h, &p->held, next)
	{
		if (h->fact.at.ms >= ms && reconcile_is_after(at, h->fact.at) &&
		    is_end_of_thread(&h->fact))
			return true;
	}
	if (ev->seccomp != 0)
		return true;
	/* when all leave at once nobody is born to p any more */
	if (ev->exit_group && !ev->thread_exit &&
	    reconcile_is_after(p->exit_at, at))
		return false;
	return p->exit_at.ms != TIME_UNKNOWN && p->exit_at.ms >= ms;
}

bool
shape_is_process(
    const struct life *p, const struct fact *birth, struct stamp again)
{
	return reconcile_is_after(again, birth->at) &&
	       births_surely_by(p, birth->at) &&
	       !may_lack_thread(p, birth->at.ms, again);
}

/*
 * Whether u's child is sure to have done what is held of l: it says that p,
 * who bore it, lives, and no thread of p left the number to anybody.
 */
static bool
is_surely_one(const struct reconcile *r, const struct life *u,
    const struct life *l, const struct life *p)
{
	const struct held_fact *h = STAILQ_FIRST(&l->held);

	if (p == NULL || p->state == LIFE_ENDED ||
	    lives_newest(&r->lives, p->pid) != p)
		return false;
	while (h != NULL && h->fact.ppid != p->pid)
		h = STAILQ_NEXT(h, next);
	return h != NULL && h->fact.kind != FACT_ACCT &&
	       !may_lack_thread(p, u->birth.ms, h->fact.at);
}

/* Who bore u is not told to be over before it is known what u was. */
static void
await(struct reconcile *r, struct life *u, struct life *p)
{
	if (u->awaited || !u->born || p == NULL)
		return;
	u->awaited = true;
	p->nawaited++;
	lives_touch(&r->lives, u);
	lives_touch(&r->lives, p);
}

/* A record alone may be of who is still to be read: of whom a bearer bore who
 * waits it proves nothing. */
static bool
is_too_little(const struct life *u, const struct life *l)
{
	return !u->born && l->first_ms == TIME_UNKNOWN;
}

/* The undecided birth that l can be of: those after it were threads'. */
static struct life *
possible(struct reconcile *r, const struct life *l)
{
	struct life *u = lives_claimed(l);

	while (u != NULL && !shape_may_be_claimed(r, l)) {
		is_thread(r, u);
		u = lives_claimed(l);
	}
	return u;
}

bool
shape_claim(struct reconcile *r, struct life *l)
{
	struct life *u = possible(r, l), *p;

	if (u == NULL)
		return false;
	p = bearer_of(r, u);
	if (is_surely_one(r, u, l, p)) {
		take_over(r, u, l);
		return true;
	}
	await(r, u, p);
	return false;
}

struct life *
shape_settle(struct reconcile *r, struct life *l)
{
	struct life *u = possible(r, l);

	if (u != NULL)
		take_over(r, u, l);
	return u;
}

/*
 * Whether the undecided u, whom p bore, was a process, for p bears another one
 * by its number now, and no thread of p has left the number to anybody.
 */
static bool
was_process(const struct reconcile *r, const struct life *u,
    const struct life *p, const struct fact *birth)
{
	return p->state != LIFE_ENDED &&
	       lives_newest(&r->lives, birth->pid) == p && u->threads == 0 &&
	       births_surely_by(p, u->birth) &&
	       !may_lack_thread(p, u->birth.ms, birth->at);
}

/* Whether l, or its record, names who bore it, and not who may inherit. */
static bool
names_bearer(const struct life *l, const struct life *p)
{
	const struct held_fact *h = records_held(l);
	int32_t ppid = l->first_ppid;

	if (ppid < 0 && h != NULL)
		ppid = h->fact.ppid;
	return ppid == p->pid && !p->may_inherit;
}

bool
shape_may_be_claimed(const struct reconcile *r, const struct life *l)
{
	const struct life *u = lives_claimed(l);

	return u != NULL && !is_too_little(u, l) &&
	       can_be_one(r, u, l, bearer_of(r, u));
}

bool
shape_is_rather(
    const struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct life *u = lives_claimed(l), *p;

	if (u == NULL || birth->birth.sibling || l->first_ppid == birth->pid)
		return false;
	p = bearer_of(r, u);
	if (p == NULL || !can_be_one(r, u, l, p))
		return false;
	if (names_bearer(l, p) && p->pid != birth->pid)
		return true;
	/* who left but a record names no parent */
	return l->first_ppid < 0 && was_process(r, u, p, birth);
}

bool
shape_is_named(
    const struct reconcile *r, const struct life *l, const struct life *newer)
{
	const struct life *u = lives_claimed(l);
	const struct life *p = u == NULL ? NULL : bearer_of(r, u);

	return p != NULL && names_bearer(l, p) && newer->parent.pid != p->pid;
}

struct life *
shape_add_claimant(
    struct reconcile *r, struct life *u, int32_t ppid, int64_t now)
{
	struct life *newer = u->newer, *l;

	if (newer != NULL)
		return lives_claimed(newer) == u ? newer : NULL;
	l = lives_add(&r->lives, u->pid);
	if (l == NULL) {
		r->counts.refused_lives++;
		return NULL;
	}
	l->ppid = ppid;
	lives_enqueue(&r->lives, l, QUEUE_BIRTH, now + r->set.lateness_ms);
	await(r, u, births_parent(r, u));
	return l;
}

void
shape_settle_claims(struct reconcile *r, const struct life *p, int64_t now)
{
	struct life *l, *next;
	size_t looked = 0;

	if (p->nawaited == 0)
		return; /* of none that is claimed */
	for (l = TAILQ_FIRST(&r->lives.queue[QUEUE_BIRTH]);
	     l != NULL && l->deadline <= now && !reconcile_is_enough(r, looked);
	     l = next, looked++) {
		struct life *u = lives_claimed(l);

		next = TAILQ_NEXT(l, in_queue);
		if (u == NULL || births_parent(r, u) != p)
			continue;
		u = shape_settle(r, l);
		if (u != NULL)
			reconcile_start(r, u);
	}
}

/*
 * In a replay: whether the record that newer has may be u's, and newer's own
 * what there is behind it, of a life in doubt, whose birth nobody told, and
 * who names who bore newer; of who had the number before all is proven. Live
 * accounting has told already who was a process and is over.
 */
static bool
may_have_record_of(
    struct reconcile *r, const struct life *u, const struct life *newer)
{
	const struct held_fact *h = records_held(newer), *own;
	const struct life *next = newer->newer;
	struct span s = span_of(&r->ticks, u);

	if (r->live || r->asked || h == NULL || newer->state != LIFE_HELD ||
	    newer->evidence.proven || next == NULL || !doubt_stands(next) ||
	    (u->older != NULL && !u->older->evidence.proven))
		return false;
	own = records_held(next);
	return own != NULL && own->fact.ppid == births_bearer(newer) &&
	       !infer_is_borne(r, u->pid, next->first_ppid, next->first_ms) &&
	       span_fits(
		   &s, &h->fact.acct, span_of(&r->ticks, newer).born_until) &&
	       births_may_be_parent(r, u, h->fact.ppid);
}

bool
shape_is_aside(const struct reconcile *r, const struct life *u)
{
	return u->undecided && u->queue == QUEUE_THREAD && !r->live &&
	       !r->asked && u->newer != NULL && !u->newer->undecided &&
	       lives_claimed(u->newer) != u;
}

/* Waits for word that it was a process after all. */
static void
wait_for_claimant(struct reconcile *r, struct life *u, int64_t now)
{
	if (u->queue != QUEUE_THREAD)
		lives_enqueue(
		    &r->lives, u, QUEUE_THREAD, now + r->set.lateness_ms);
}

/* Its own birth should have come by now, and it waited for this one. */
static bool
is_time_over(const struct life *l)
{
	return l->queue != QUEUE_BIRTH || l->postponed > 0;
}

/* While its bearer p waited u was found to be a process. */
static void
bear_decided(struct reconcile *r, struct life *u, struct life *p,
    const struct fact *birth)
{
	births_bear(r, u, p, birth);
	release_bearer(r, u, p);
	note_sibling(r, u, p);
	births_await(r, u);
}

void
shape_bear(
    struct reconcile *r, struct life *p, const struct fact *birth, int64_t now)
{
	struct life *u = births_newborn(r, birth, now), *newer;

	if (u == NULL)
		return;
	if (!u->undecided) {
		bear_decided(r, u, p, birth);
		return;
	}
	births_bear(r, u, p, birth);
	lives_enqueue(&r->lives, u, QUEUE_SHAPE, INT64_MAX);
	newer = u->newer;
	if (newer != NULL && lives_claimed(newer) == u && is_time_over(newer))
		(void)shape_settle(r, newer);
	else if (newer != NULL && lives_claimed(newer) == u)
		(void)shape_claim(r, newer);
	else if (newer != NULL && may_have_record_of(r, u, newer))
		wait_for_claimant(r, u, now);
	else if (newer != NULL && !newer->undecided)
		is_thread(r, u);
	if (r->nundecided > UNDECIDED_MAX)
		shape_decide_oldest(r);
}

/*
 * Whether who bore the undecided u bears by its number again, and accounting
 * would not have told by now that it was a process: in a replay the records
 * that it could have are not all read yet.
 */
static bool
bore_again(
    const struct reconcile *r, const struct life *u, const struct fact *birth)
{
	const struct life *p =
	    birth == NULL || (r->live && r->acct_on) ? NULL : bearer_of(r, u);

	return p != NULL && p->pid == birth->pid &&
	       reconcile_is_after(birth->at, u->birth) &&
	       was_process(r, u, p, birth);
}

void
shape_end_older(
    struct reconcile *r, const struct life *l, const struct fact *birth)
{
	const struct life *newer = l;
	struct life *o, *older;
	size_t looked = 0;
	bool claimed;

	for (o = r->nundecided > 0 ? l->older : NULL; o != NULL; o = older) {
		if (reconcile_is_enough(r, looked++))
			break;
		older = o->older;
		if (shape_is_aside(r, o) && may_have_record_of(r, o, newer))
			continue;
		claimed = newer != l && lives_claimed(newer) == o;
		if (o->undecided && !claimed && bore_again(r, o, birth)) {
			is_process(r, o);
			older = o->older;
		}
		/* of several undecided ones any may be the parent that is
		 * named */
		if (!o->undecided || newer->undecided || claimed)
			newer = o;
		else
			is_thread(r, o);
	}
}

void
shape_expect(struct reconcile *r, struct life *u)
{
	struct life *newer = u->newer;

	if (newer != NULL && lives_claimed(newer) == u)
		(void)shape_claim(r, newer);
	else if (newer != NULL && !newer->undecided)
		is_thread(r, u);
}

void
shape_done_by_older(
    struct reconcile *r, struct life *l, const struct fact *fact)
{
	struct life *u;

	while ((u = l->newer) != NULL && u->undecided &&
	       STAILQ_EMPTY(&u->held) && claimant(u) == NULL &&
	       reconcile_is_after(fact->at, u->birth)) {
		if (u->born) {
			is_thread(r, u);
			continue;
		}
		decided(r, u);
		reconcile_drop(r, u);
	}
}

/* Whether o, as far as is known, had the number after u's birth was entered. */
static bool
had_number_since(
    const struct reconcile *r, const struct life *o, const struct life *u)
{
	const struct fact_acct *a = records_of(o);
	struct span s = span_of(&r->ticks, o);

	return a == NULL ? s.left.serial == 0
			 : span_died_from(&s, a) > u->birth.ms;
}

/*
 * Whether /proc tells of another one who has u's number, for it names the one
 * who bore him, not who bore u: whose parent that may be, too, by CLONE_PARENT
 * or by now.
 */
static bool
is_answer_of_other(
    struct reconcile *r, const struct life *u, const struct fact *fact)
{
	const struct life *p = births_parent(r, u);
	const struct life *o = lives_newest(&r->lives, u->pid);
	size_t looked = 0;
	bool may_be_its;

	if (p == NULL || fact->ppid <= 1 || fact->ppid == p->pid)
		return false;
	may_be_its =
	    fact->ppid == p->ppid ||
	    (!births_is_alive(r, p) && births_may_be_heir(r, p, fact->ppid));
	for (; o != NULL && o->state != LIFE_ENDED; o = o->older) {
		if (reconcile_is_enough(r, looked++))
			break;
		if (o != u && births_bearer(o) == fact->ppid &&
		    (!may_be_its || had_number_since(r, o, u)))
			return true;
	}
	return false;
}

void
shape_answer(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *u = lives_newest(&r->lives, fact->task.child), *l;

	if (u != NULL && lives_claimed(u) != NULL)
		u = u->older;
	if (u == NULL || !u->undecided)
		return;
	if (fact->task.gone)
		u->reaped_ms = fact->task.seen_ms;
	if (fact->task.thread || fact->task.gone) {
		struct life *p = births_parent(r, u);

		if (fact->task.thread && p != NULL && u->threads == 0) {
			p->threads++;
			u->threads = 1;
			lives_touch(&r->lives, p);
			lives_touch(&r->lives, u);
		}
		wait_for_claimant(r, u, now);
		return;
	}
	if (is_answer_of_other(r, u, fact)) {
		wait_for_claimant(r, u, now);
		return;
	}
	lives_touch(&r->lives, u);
	u->placed = true;
	u->evidence.first |= fact->task.local_pids && !u->local;
	u->may_inherit |= u->evidence.first;
	u->local |= fact->task.local_pids;
	u->plain |= !fact->task.local_pids;
	l = shape_add_claimant(r, u, fact->ppid, now);
	if (l == NULL)
		return;
	if (l->ppid < 0)
		l->ppid = fact->ppid;
	lives_name_parent(&r->lives, l);
	lives_touch(&r->lives, l);
}

void
shape_was_canary(struct reconcile *r, int32_t pid, int32_t ppid, int64_t now)
{
	struct life *l = lives_newest(&r->lives, pid);
	struct life *u = l == NULL ? NULL : lives_claimed(l);

	if (u == NULL || l->ppid != ppid || !STAILQ_EMPTY(&l->held))
		return;
	reconcile_drop(r, l);
	u->placed = u->plain = false;
	lives_touch(&r->lives, u);
	if (u->born)
		wait_for_claimant(r, u, now);
}

void
shape_when_late(struct reconcile *r, struct life *u)
{
	struct life *newer = u->newer;

	if (claimant(u) != NULL) {
		lives_enqueue(&r->lives, u, QUEUE_ASKED, INT64_MAX);
		return;
	}
	is_thread(r, u);
	if (newer != NULL && !newer->undecided)
		shape_end_older(r, newer, NULL);
}

bool
shape_unasked(const struct reconcile *r, const struct life *p)
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
shape_decide(struct reconcile *r, struct life *u, bool thread)
{
	struct life *l = claimant(u);

	if (l != NULL)
		(void)shape_settle(r, l);
	else if (thread)
		is_thread(r, u);
	else
		is_process(r, u);
}

void
shape_decide_oldest(struct reconcile *r)
{
	static const enum life_queue oldest[] = {
	    QUEUE_THREAD, QUEUE_ASKED, QUEUE_SHAPE};
	struct life *u = NULL;

	for (size_t i = 0; i < 3 && u == NULL; i++)
		u = TAILQ_FIRST(&r->lives.queue[oldest[i]]);
	if (u == NULL)
		return;
	/* Had it been a process that is over, accounting had told by now. */
	r->counts.undecided_dropped += !r->acct_on;
	shape_decide(r, u, true);
}
