/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the lives of a number does a fact of the stream tell of?
 *
 * Of the oldest one that can have done it: who is dead by then, or whose
 * parent is another one, cannot. Where that is not known, the life stands in
 * doubt until a birth is read (reconcile_doubt.c).
 */
#include "reconcile_impl.h"

static bool
is_thread_birth(const struct fact *fact)
{
	return fact->kind == FACT_BIRTH && fact->birth.shape != BIRTH_PROCESS;
}

enum answer {
	NO,
	YES,
	PERHAPS
};

/* It tells of the very death that the record does, and nothing else did. */
static bool
is_last_word(
    const struct life *l, const struct fact_acct *a, const struct fact *fact)
{
	return fact->kind == FACT_ABEND && !l->evidence.abend &&
	       (uint32_t)fact->signal == (a->status & 0x7f);
}

/*
 * Whether the fact, which was read now, must be of a later life than l, of
 * whom there is an accounting record. Until its birth record was read, a fact
 * of who had the number next looks like one of l's last.
 */
static enum answer
is_after_record(const struct reconcile *r, const struct life *l,
    const struct span *s, const struct fact_acct *a, const struct fact *fact)
{
	int64_t ms = fact->at.ms;

	/* Of several threads the last does not wait for the others' records:
	 * kernel/exit.c, do_exit() counts itself out before it logs. */
	if (l->state == LIFE_ENDED && reconcile_barrier_passed(r, a->read_ms) &&
	    !(s->many && reconcile_is_leaving(fact)))
		return YES;
	if (ms > span_died_until(s, a))
		return YES;
	if (is_last_word(l, a, fact))
		return NO;
	/* who left by itself says so once more */
	if ((a->status & 0x7f) == 0 || l->state == LIFE_ENDED ||
	    s->born_from == INT64_MIN ||
	    ticks_after(&r->ticks, ms) <= span_died_from(s, a))
		return NO;
	return PERHAPS;
}

/* Whether a record of its own, or /proc, said who l's parent is. */
static bool
has_ppid(const struct life *l)
{
	return l->first_ppid >= 0 ||
	       (l->ppid >= 0 && l->born && l->start == START_SNAPSHOT);
}

/* Whether who has this pid lived by ms and does, as far as is known. */
static bool
is_alive_since(const struct reconcile *r, int32_t pid, int64_t ms)
{
	const struct life *p = lives_newest(&r->lives, pid);
	int64_t since;

	if (!r->acct_on || p == NULL || p->state == LIFE_ENDED ||
	    p->evidence.gone || p->evidence.thread_exit ||
	    records_of(p) != NULL || span_of(&r->ticks, p).left.serial != 0)
		return false;
	since = p->born ? p->birth.ms : p->first_ms;
	return since != TIME_UNKNOWN && since <= ms;
}

/* Whether l's parent, who has this pid, lives, as far as is known. */
static bool
is_parent_alive(const struct reconcile *r, const struct life *l, int32_t pid)
{
	int64_t heard = span_of(&r->ticks, l).acted;

	if (l->born && heard < l->birth.ms)
		heard = l->birth.ms;
	return is_alive_since(r, pid, heard);
}

/* Who l's parent was when its record was written; -1: there is none. */
static int32_t
ppid_of_record(const struct life *l)
{
	const struct held_fact *h = records_held(l);

	if (l->evidence.acct)
		return l->acct_ppid;
	return h == NULL ? -1 : h->fact.ppid;
}

/*
 * Whether l's record, which may be older than the fact, names another parent,
 * while the fact's lives: nobody who did that with this parent had got another
 * one by then.
 */
static bool
has_record_of_other(
    const struct reconcile *r, const struct life *l, const struct fact *fact)
{
	int32_t ppid = ppid_of_record(l);
	struct span s;

	if (ppid < 0 || fact->ppid <= 1 || ppid == fact->ppid)
		return false;
	s = span_of(&r->ticks, l);
	return fact->at.ms >= span_died_from(&s, records_of(l)) &&
	       is_alive_since(r, fact->ppid, fact->at.ms);
}

/* Whether whoever has this number was seen to inherit. */
static bool
is_reaper(const struct reconcile *r, int32_t pid)
{
	const struct life *p = lives_newest(&r->lives, pid);

	return pid <= 1 || p == NULL || p->may_inherit;
}

/* Who bore l, as a record of that says, which may wait; 0: unknown. */
static int32_t
bearer_of(const struct reconcile *r, const struct life *l)
{
	const struct life *p;

	if (!l->born) {
		p = infer_bearer(r, l);
		return p == NULL ? 0 : p->pid;
	}
	return l->start == START_OBSERVED && l->placed && !l->sibling
		   ? l->parent.pid
		   : 0;
}

/*
 * Nothing was heard of l since its birth, and the fact names another parent
 * than who bore it: without accounting nothing else tells its end, and with it
 * nothing that its parent ended.
 */
static bool
bearer_lives(
    const struct reconcile *r, const struct life *l, const struct fact *fact)
{
	int32_t bearer = l->state == LIFE_ENDED ? 0 : bearer_of(r, l);

	if (bearer == 0 || fact->ppid == bearer)
		return false;
	return r->acct_on ? is_parent_alive(r, l, bearer)
			  : !is_reaper(r, fact->ppid);
}

/*
 * Whether the parent that the fact names was born after l was: nobody inherits
 * but who lived before (kernel/exit.c, find_new_reaper()). A record has the
 * parent of after it got its serial (kernel/auditsc.c, audit_log_exit()). The
 * record of a birth may be late, and the clock be set meanwhile; and of whom
 * nothing else was read, the number may be one of a namespace.
 */
static bool
names_younger(
    const struct reconcile *r, const struct life *l, const struct fact *fact)
{
	const struct life *p;

	if (l->birth.serial == 0 || fact->ppid <= 1 || fact->ppid == l->pid)
		return false;
	p = lives_newest(&r->lives, fact->ppid);
	for (size_t n = 0; p != NULL && n < ANCESTRY_MAX; n++, p = p->older) {
		if (births_has_number(p) &&
		    reconcile_is_after(fact->at, p->birth))
			return reconcile_is_after(p->birth, l->birth) &&
			       p->birth.ms - l->birth.ms > r->set.lateness_ms;
	}
	return false;
}

/*
 * Whether the fact names a parent that l can't have: nobody gets another one
 * while his own lives (kernel/exit.c, forget_original_parent()), and init
 * does not die.
 */
static enum answer
has_other_parent(
    const struct reconcile *r, const struct life *l, const struct fact *fact)
{
	if (!births_may_be_parent(r, l, fact->ppid) ||
	    names_younger(r, l, fact))
		return YES;
	if (fact->ppid < 0)
		return NO;
	if (!has_ppid(l))
		return bearer_lives(r, l, fact) ? PERHAPS : NO;
	if (fact->ppid == l->ppid)
		return NO;
	/* of two threads one may log later what it saw before */
	if ((fact->ppid == l->parent.pid || fact->ppid == l->first_ppid) &&
	    span_of(&r->ticks, l).many)
		return NO;
	if (l->ppid_serial != 0 &&
	    !reconcile_is_after(
		fact->at, (struct stamp){.serial = l->ppid_serial}))
		return NO;
	if (l->ppid == 1 && l->ppid_serial != 0)
		return YES;
	if (l->ppid == 1)
		return PERHAPS;
	/* of who was told to be over nothing can be in doubt */
	if (l->state == LIFE_ENDED)
		return NO;
	if (has_record_of_other(r, l, fact))
		return PERHAPS;
	/* without accounting nothing else says that it died unseen */
	return (r->acct_on ? is_parent_alive(r, l, l->ppid)
			   : !is_reaper(r, fact->ppid))
		   ? PERHAPS
		   : NO;
}

/*
 * A call of who is over by all else: it took longer than the end. That its
 * parent was gone meanwhile, and somebody but init inherited, is less likely.
 */
static enum answer
names_another(const struct life *l, const struct fact *fact)
{
	return l->state == LIFE_ENDED || fact->ppid <= 1 || l->first_ppid < 0 ||
		       fact->ppid == l->first_ppid || fact->ppid == l->ppid
		   ? NO
		   : PERHAPS;
}

/* The same of who is known to have left, or one of its threads is. */
static enum answer
is_after_leaving(const struct reconcile *r, const struct life *l,
    const struct span *s, const struct fact *fact)
{
	int64_t ms = fact->at.ms;

	if (ms < s->left.ms || !reconcile_is_after(fact->at, s->left))
		return NO;
	/* a thread may be faster than the call that bears it */
	if (is_thread_birth(fact) && ms <= s->left.ms)
		return names_another(l, fact);
	/* who is older than auditing may have threads that leave, too */
	if (s->unborn && !doubt_of_lone(r, l) && reconcile_is_leaving(fact) &&
	    ms <= ticks_after(&r->ticks, s->left.ms))
		return PERHAPS;
	return YES;
}

/*
 * The same of who crashed: kernel/signal.c, get_signal() logs that, and then
 * it is over, but for threads whose births were not read yet.
 */
static enum answer
is_after_crash(
    const struct life *l, const struct span *s, const struct fact *fact)
{
	struct stamp crashed = {fact->at.ms, s->crashed};

	if (s->crashed == 0 || s->many ||
	    !reconcile_is_after(fact->at, crashed))
		return NO;
	if (fact->kind == FACT_BIRTH && fact->birth.shape != BIRTH_PROCESS)
		return names_another(l, fact);
	return s->unborn || reconcile_is_leaving(fact) ? PERHAPS : YES;
}

/* When it entered exit_group(2); serial 0: nothing says so. */
static struct stamp
left_together(const struct life *l)
{
	const struct held_fact *h;

	if (l->evidence.exit_group)
		return l->exit_at;
	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_EXIT_GROUP)
			return h->fact.at;
	}
	return (struct stamp){TIME_UNKNOWN, 0};
}

/*
 * The same of who has, or had, more threads, and a record of what one of them
 * left with for all: others may only have been in a call then that they entered
 * before.
 */
static enum answer
is_after_all_left(const struct life *l, const struct span *s,
    const struct fact_acct *a, const struct fact *fact)
{
	struct stamp left = left_together(l);

	/* so may a thread that leaves, but for who is in doubt already */
	return left.serial != 0 && left.serial == s->left.serial &&
		       (!reconcile_is_leaving(fact) ||
			   (l->newer != NULL && doubt_stands(l->newer))) &&
		       a->status == (uint32_t)s->code << 8 &&
		       reconcile_is_after(fact->at, left) &&
		       fact->at.ms > left.ms
		   ? PERHAPS
		   : NO;
}

/* What is the more certain of two answers to the same. */
static enum answer
surer(enum answer a, enum answer b)
{
	return a == NO || b == YES ? b : a;
}

/* The first that it did, as far as that is held. */
static struct stamp
first_held(const struct life *l)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.at.serial != 0)
			return h->fact.at;
	}
	return (struct stamp){TIME_UNKNOWN, 0};
}

/*
 * If anything is l's of what stands in doubt, the first of it is: it was not
 * born after that.
 */
static void
bound_by_doubt(const struct reconcile *r, const struct life *l, struct span *s)
{
	const struct life *newer = l->newer;
	struct stamp first;

	if (newer == NULL || !doubt_stands(newer))
		return;
	first = first_held(newer);
	if (first.serial != 0 &&
	    ticks_after(&r->ticks, first.ms) < s->born_until)
		s->born_until = ticks_after(&r->ticks, first.ms);
}

/*
 * Whether the fact can't be of l, who was over before. For each pid the
 * records of one life are all queued before the next is born, and are read in
 * that order.
 */
static enum answer
is_past(
    const struct reconcile *r, const struct life *l, const struct fact *fact)
{
	struct span s = span_of(&r->ticks, l);
	const struct fact_acct *a = records_of(l);

	if (l->doubtful && s.left.serial == 0)
		s.left = left_together(l);
	bound_by_doubt(r, l, &s);
	if (s.left.serial != 0 && !s.many)
		return is_after_leaving(r, l, &s, fact);
	if (a != NULL)
		return surer(surer(is_after_record(r, l, &s, a, fact),
				 is_after_crash(l, &s, fact)),
		    is_after_all_left(l, &s, a, fact));
	if (l->evidence.gone && l->barrier_ms != TIME_UNKNOWN)
		return surer(
		    fact->at.ms > l->barrier_ms, is_after_crash(l, &s, fact));
	return surer(l->state == LIFE_ENDED && fact->at.ms > s.acted,
	    is_after_crash(l, &s, fact));
}

/* Who did this, or is named by it as the parent, had the number before l. */
static bool
is_before_birth(const struct life *l, const struct fact *fact)
{
	int64_t ms = fact->at.ms;

	/* a child of our own does nothing that others do */
	if (l->hidden && fact->ppid != l->ppid)
		return !reconcile_is_after_canary(l, fact->at);
	if (reconcile_is_canary(l))
		return false;
	if (l->born && l->start == START_SNAPSHOT)
		return ms < l->birth.ms - TICK_MS;
	/* all of who was before was logged before the birth was */
	return ((l->born && l->start == START_OBSERVED) || l->expected != 0) &&
	       ms < l->birth.ms && !reconcile_is_after(fact->at, l->birth);
}

/*
 * A lone thread's records come in its order. As they are read that says
 * nothing, for one that lacks its end is read late; what was held comes again
 * in order.
 */
static bool
is_before_first(
    const struct reconcile *r, const struct life *l, const struct fact *fact)
{
	struct stamp first = first_held(l);

	return r->settling && l->state == LIFE_HELD && !l->hidden &&
	       fact->at.serial != 0 && first.serial != 0 &&
	       !span_of(NULL, l).many && reconcile_is_after(first, fact->at);
}

static bool
is_too_early(
    const struct reconcile *r, const struct life *l, const struct fact *fact)
{
	return is_before_birth(l, fact) || is_before_first(r, l, fact);
}

/* Something was read that only l can have done, or the record of its birth. */
static bool
has_begun(struct reconcile *r, const struct life *l)
{
	return l->born || l->expected != 0 ||
	       (l->first_ms != TIME_UNKNOWN &&
		   (!l->doubtful ||
		       infer_is_borne(r, l->pid, l->first_ppid, l->first_ms)));
}

/*
 * Whether the parent that the fact names has left, as far as it was read, and
 * so were all births by it: a lone thread logs them first.
 */
static bool
bears_no_more(struct reconcile *r, const struct fact *fact)
{
	const struct life *p = lives_newest(&r->lives, fact->ppid);
	struct span s;

	/* a child may be faster than the call that bears it */
	while (p != NULL && (!has_begun(r, p) || is_before_birth(p, fact)))
		p = p->older;
	if (p == NULL || fact->ppid <= 1)
		return false;
	s = span_of(&r->ticks, p);
	return s.left.serial != 0 && !s.many && !s.unborn &&
	       reconcile_is_after(fact->at, s.left);
}

static enum answer
is_over(struct reconcile *r, const struct life *l, const struct fact *fact)
{
	enum answer past;

	if (l->hidden && fact->ppid != l->ppid)
		return reconcile_is_after_canary(l, fact->at);
	if (reconcile_is_canary(l))
		return NO;
	past = surer(is_past(r, l, fact), has_other_parent(r, l, fact));
	if (past == NO && doubt_of_next(r, l, fact))
		past = PERHAPS;
	return past == PERHAPS && fact->ppid == l->ppid &&
		       bears_no_more(r, fact)
		   ? NO
		   : past;
}

/* The canary of whom this is: the first that has not left; NULL: none. */
static struct life *
canary_of(const struct reconcile *r, const struct fact *fact)
{
	struct life *l, *first = NULL;

	if (!reconcile_may_send_canaries(r, fact->ppid))
		return NULL;
	for (l = lives_newest(&r->lives, fact->pid); l != NULL; l = l->older) {
		if (reconcile_is_canary(l) && fact->ppid == l->ppid &&
		    span_of(&r->ticks, l).left.serial == 0)
			first = l;
	}
	return first;
}

/* As the record of its birth says, or if that is not read its first deed. */
static bool
is_child_of(const struct life *l, int32_t ppid)
{
	int32_t bearer = births_bearer(l);

	return bearer == ppid || (bearer == 0 && l->first_ppid == ppid);
}

/* Its birth was read, but not all of what that is: by another one. */
static bool
is_open_birth(const struct life *l, int32_t ppid)
{
	return (l->expected != 0 || l->undecided) && births_bearer(l) != ppid;
}

/*
 * Whether l is only expected, perhaps by a number of a namespace, or undecided,
 * and the fact names the parent of who had that number before, who lives:
 * orphans are given to ancestors, of whom nobody was seen to inherit.
 */
static bool
is_of_older(struct reconcile *r, const struct life *l, const struct fact *fact)
{
	const struct life *p = lives_newest(&r->lives, fact->ppid);
	const struct held_fact *h;

	if (fact->ppid <= 0 || !is_open_birth(l, fact->ppid) ||
	    !STAILQ_EMPTY(&l->held) || (p != NULL && p->may_inherit))
		return false;
	h = lives_birth(&r->lives, l->pid, l->birth.serial);
	if (l->undecided && !r->acct_on &&
	    (h == NULL || births_may_be_siblings(r, &h->fact, fact->ppid)))
		return false;
	do
		l = l->older;
	while (l != NULL && is_open_birth(l, fact->ppid));
	return l != NULL && !l->undecided && is_child_of(l, fact->ppid) &&
	       is_over(r, l, fact) == NO;
}

/* It is known of whom l is. */
static bool
has_parent(const struct life *l)
{
	return has_ppid(l) || l->born || l->expected != 0;
}

/*
 * Whether the fact names a parent that l never had, and who waits and has borne
 * somebody of that number, who has no place yet.
 */
static bool
names_bearer(struct reconcile *r, const struct life *l, const struct fact *fact)
{
	return has_parent(l) && fact->ppid != l->ppid &&
	       fact->ppid != l->first_ppid && fact->ppid != l->parent.pid &&
	       fact->ppid != l->expected &&
	       infer_is_borne(r, fact->pid, fact->ppid, fact->at.ms);
}

/* By when l is known to have been there; INT64_MAX: by none. */
static int64_t
there_by(const struct life *l)
{
	if (l->born || l->expected != 0)
		return l->birth.ms;
	return l->first_ms == TIME_UNKNOWN ? INT64_MAX : l->first_ms;
}

/* Who had this pid at ms; NULL: nobody who is known. */
static const struct life *
holder_at(const struct reconcile *r, int32_t pid, int64_t ms)
{
	const struct life *p = lives_newest(&r->lives, pid);

	while (p != NULL && ms < there_by(p))
		p = p->older;
	return p;
}

/*
 * Whether later, of whom nothing but the record is there, did this rather than
 * l, of whom there is no more: it may have been born by then, its record names
 * the same parent, and l's another one, though the parent outlived that, as far
 * as is known.
 */
static bool
accounts_parent(const struct reconcile *r, const struct life *later,
    const struct life *l, const struct fact *fact)
{
	const struct life *p;
	struct span s;

	if (later == NULL || fact->ppid <= 1 || !births_is_only_record(later) ||
	    !births_is_only_record(l) || ppid_of_record(later) != fact->ppid ||
	    ppid_of_record(l) <= 1 || ppid_of_record(l) == fact->ppid)
		return false;
	s = span_of(&r->ticks, later);
	if (span_born_from(&s, records_of(later)) >
	    ticks_after(&r->ticks, fact->at.ms))
		return false;
	p = holder_at(r, fact->ppid, fact->at.ms);
	if (p == NULL)
		return false;
	/* in a replay its own record may not be read yet */
	return births_outlived(r, p, records_of(l)) ||
	       (r->live &&
		   (births_is_alive(r, p) || births_is_unborn_alive(r, p)));
}

/*
 * Whether what l did before this, in doubt by now, waits with the next one:
 * what was held comes again in order, and who did that did this.
 */
static bool
is_behind_doubt(
    const struct reconcile *r, const struct life *l, const struct life *before)
{
	return r->settling && l->newer != NULL && l->newer != before &&
	       doubt_stands(l->newer) && !STAILQ_EMPTY(&l->newer->held);
}

/*
 * The oldest life of the pid that can have done this; NULL: none that is
 * known. Of later ones accounting may have told already. *doubt: the one
 * before may have done it as well. *before: who had the number next; NULL:
 * nobody had.
 */
static struct life *
actor(struct reconcile *r, const struct fact *fact, bool *doubt,
    struct life **before)
{
	struct life *l = lives_newest(&r->lives, fact->pid), *oldest = NULL;
	struct life *passed = NULL;
	enum answer over = NO;

	for (*before = NULL; l != NULL; l = l->older) {
		if (is_too_early(r, l, fact)) {
			*before = l;
			oldest = NULL;
			continue;
		}
		if (is_of_older(r, l, fact))
			continue;
		if (l->undecided)
			break; /* it, or who has its number by now */
		over = is_over(r, l, fact);
		if (over == NO && (names_bearer(r, l, fact) ||
				      is_behind_doubt(r, l, *before)))
			over = PERHAPS;
		if (over != NO)
			break;
		if (accounts_parent(r, oldest, l, fact)) {
			passed = l;
			continue;
		}
		oldest = l;
		passed = NULL;
		if (has_begun(r, l))
			break; /* all of who was before was read by then */
	}
	/* what stands in doubt may be of the next one only */
	if (passed != NULL && l != NULL && (l->undecided || over == PERHAPS))
		oldest = passed;
	*doubt = l != NULL && !l->undecided && over == PERHAPS &&
		 (oldest == NULL || oldest->doubtful ||
		     oldest->first_ms == TIME_UNKNOWN);
	return oldest;
}

/*
 * Whoever did what stands in doubt did not do this, who names another parent:
 * rather than by two who left nothing else, that was done by the one before.
 */
static void
part_doubtful(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *l = lives_newest(&r->lives, fact->pid);

	if (TAILQ_EMPTY(&r->lives.doubtful) || r->settling)
		return;
	while (l != NULL && l->state != LIFE_ENDED && !doubt_stands(l))
		l = l->older;
	if (l != NULL && doubt_stands(l) && doubt_is_all(l) &&
	    !infer_is_borne(r, l->pid, l->first_ppid, l->first_ms) &&
	    has_other_parent(r, l, fact) == YES)
		doubt_give_to_older(r, l, now);
}

/* Its birth is read, and nothing else of it. */
static bool
is_silent(const struct life *l)
{
	return l->state == LIFE_HELD && births_bearer(l) != 0 &&
	       l->birth.serial != 0 && !l->undecided && !l->hidden &&
	       STAILQ_EMPTY(&l->held);
}

/*
 * Calls that were entered in one tick give out numbers in any order: whose
 * record was made first is believed to have had it first. Of two of whom
 * nothing was read, this was done by the first, and logged after the second
 * one's birth: that one had it first.
 */
static void
order_silent(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *l = lives_newest(&r->lives, fact->pid), *o;

	o = l == NULL ? NULL : l->older;
	if (o == NULL || !is_silent(l) || !is_silent(o) || fact->ppid <= 1 ||
	    births_bearer(o) != fact->ppid || l->birth.ms != o->birth.ms ||
	    !reconcile_is_after(fact->at, l->birth) ||
	    has_other_parent(r, l, fact) != YES)
		return;
	lives_swap(&r->lives, l);
	o->evidence.gone = false;
	deaths_reused(r, l, now);
	reconcile_ready(r, l);
}

struct life *
route_target(struct reconcile *r, const struct fact *fact, int64_t now)
{
	bool doubt;
	struct life *before, *l = canary_of(r, fact);

	if (l != NULL && l->state != LIFE_ENDED)
		return l;
	if (l != NULL && fact->kind == FACT_EXIT_GROUP)
		deaths_fact(r, l, fact, now);
	if (l != NULL)
		return NULL;
	part_doubtful(r, fact, now);
	order_silent(r, fact, now);
	l = actor(r, fact, &doubt, &before);
	if (l != NULL) {
		doubt_end_before(r, l, fact, now);
		shape_done_by_older(r, l, fact);
	}
	if (l == NULL) {
		l = before != NULL ? reconcile_add_before(r, before)
				   : reconcile_add(r, fact->pid);
		if (l == NULL)
			return NULL;
		l->ppid = fact->ppid;
		l->evidence.gone = before != NULL;
	}
	if (doubt) {
		lives_set_doubtful(&r->lives, l, true);
		doubt_begin(r, l);
		if (fact->at.ms > l->doubt_ms)
			l->doubt_ms = fact->at.ms;
	}
	if (l->state != LIFE_ENDED)
		return l;
	r->counts.late++;
	if (fact->kind == FACT_BIRTH) {
		r->pinned = l;
		births_fact(r, l, fact, now);
		r->pinned = NULL;
	}
	return NULL;
}
