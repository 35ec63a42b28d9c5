/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose is an accounting record?
 *
 * Records come in the order of deaths for each pid, but any of them may be
 * missing: the kernel drops one when a SIGKILL is pending (kernel/acct.c,
 * acct_write_process(), ignores the EINTR of __kernel_write()). So records and
 * lives of a pid are matched in order, each record to one life, by what their
 * times and codes allow. The leftmost such matching is the one that is used;
 * where the rightmost says the same of a record, there is no other, and it is
 * proven. What is before a proven match is settled: only the few lives behind
 * the last one are ever looked at.
 */
#include "reconcile_impl.h"

#include <string.h>

#include "acct_record.h"

/* So many lives of one pid are matched at once, and so many beyond them asked
 * whether they may have one of these records; if it is not known then, none is
 * proven. */
#define GROUP_MAX 32

/* Lives of one pid between two proven matches, in order of birth. */
struct group {
	size_t nlives, nrecords;
	/* who had the number after them was born then at the earliest, and
	 * before this */
	int64_t from, until;
	bool open; /* who has it after them may have one of these records */
	const struct life *older; /* who had it before them, and may, too */
	struct life *life[GROUP_MAX];
	struct span span[GROUP_MAX];
	struct fact record[GROUP_MAX + 1]; /* in order of death */
	size_t holder[GROUP_MAX + 1];      /* the life that has it now */
	uint32_t fits[GROUP_MAX + 1];      /* the lives that it can be of */
	size_t first[GROUP_MAX + 1], last[GROUP_MAX + 1];
};

#define NOBODY GROUP_MAX

const struct held_fact *
records_held(const struct life *l)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_ACCT)
			return h;
	}
	return NULL;
}

const struct fact_acct *
records_of(const struct life *l)
{
	const struct held_fact *h;

	if (l->evidence.acct)
		return l->acct;
	h = records_held(l);
	return h == NULL ? NULL : &h->fact.acct;
}

static void
add_record(struct group *g, const struct fact *fact, size_t holder)
{
	g->record[g->nrecords] = *fact;
	g->holder[g->nrecords++] = holder;
}

static struct fact
record_of(const struct life *l)
{
	return (struct fact){.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = l->pid,
	    .ppid = l->acct_ppid,
	    .creds = CREDS_UNKNOWN,
	    .acct = *l->acct};
}

/*
 * Between two proven matches: the newest of the lives that are matched with l,
 * or of as many of them as can be. NULL: l is proven.
 */
static struct life *
newest_unproven(struct life *l)
{
	struct life *newest = l;

	if (l->evidence.proven)
		return NULL;
	for (size_t n = 0; n < GROUP_MAX / 2 && newest->newer != NULL &&
			   !newest->newer->evidence.proven;
	     n++)
		newest = newest->newer;
	return newest;
}

/* l has no record yet, or one that may be of somebody still unread. */
static bool
may_be_unread(const struct reconcile *r, const struct life *l)
{
	const struct fact_acct *a = records_of(l);

	return a == NULL ? !l->undecided || (l->newer == NULL && l->born)
			 : !reconcile_barrier_passed(r, a->read_ms);
}

/*
 * Whether newer, of whom it is undecided whether it was a thread, may have had
 * the number before l: its birth was entered later, but logged before l's was.
 */
static bool
may_be_older(const struct life *newer, const struct life *l)
{
	return newer->undecided && l->birth.serial != 0 &&
	       newer->birth.serial != 0 &&
	       reconcile_is_after(l->birth, newer->birth);
}

/* Somebody had l's number after it when this fact was read; 0: unknown. */
static uint64_t
over_order(const struct life *l)
{
	const struct life *newer = l->newer;

	for (size_t n = 0; n < GROUP_MAX && newer != NULL &&
			   (newer->birth_order == 0 || may_be_older(newer, l));
	     n++)
		newer = newer->newer;
	return newer == NULL ? 0 : newer->birth_order;
}

/* Records that others would have to have, in their order. */
struct moved {
	const struct fact_acct *record[GROUP_MAX + 1];
	size_t first, n;
};

static void
move(struct moved *m, const struct fact_acct *a)
{
	if (a != NULL)
		m->record[m->n++] = a;
}

/*
 * l's span, by what is its own for certain: what was logged before its birth
 * may be the exit of another thread of who had its number before.
 */
static struct span
own_span(const struct reconcile *r, const struct life *l)
{
	struct span s = span_of(&r->ticks, l);

	if (l->older != NULL && l->birth.serial != 0 && s.left.serial != 0 &&
	    !reconcile_is_after(s.left, l->birth) &&
	    span_of(&r->ticks, l->older).many)
		s.left.serial = 0;
	return s;
}

/*
 * Whether one who lacks a record, among those after l up to the next proven
 * one, may have the last one of l and those before: others would have to have
 * what is theirs then, in order, each the first that it can be of.
 */
static bool
may_move_on(const struct reconcile *r, const struct life *l)
{
	struct moved m = {.n = 0};
	const struct life *o = l;

	for (size_t n = 0; o != NULL && m.n == 0 && n < GROUP_MAX; n++) {
		move(&m, records_of(o));
		o = o->older;
	}
	if (m.n == 0)
		return false;
	l = l->newer;
	for (size_t n = 0; l != NULL && !l->evidence.proven; n++) {
		const struct fact_acct *a = m.record[m.first];
		struct span s = own_span(r, l);
		bool agrees = span_agrees(&s, a);

		/* it was written before l had the number */
		if (span_written_before(&s, a, s.born_from))
			return false;
		if (n == GROUP_MAX || (agrees && may_be_unread(r, l)))
			return true;
		if (agrees)
			m.first++;
		move(&m, records_of(l));
		if (m.first == m.n)
			return true;
		l = l->newer;
	}
	return false;
}

/* The same of l and those before, and of a, the first record after l. */
static bool
may_move_back(
    const struct reconcile *r, const struct life *l, const struct fact_acct *a)
{
	struct moved m = {.record = {a}, .n = 1};

	for (size_t n = 0; l != NULL && !l->evidence.proven; n++) {
		struct span s = own_span(r, l);
		struct span next = span_of(&r->ticks, l->newer);

		a = m.record[m.first];
		/* it was written after who has it next had l's number */
		if (span_written_after(a, next.born_until) ||
		    span_written_after(a, s.reaped) ||
		    span_written_later(a, over_order(l)))
			return false;
		if (n == GROUP_MAX)
			return true;
		if (span_agrees(&s, a)) {
			if (records_of(l) == NULL && !l->undecided)
				return true;
			m.first++;
		}
		move(&m, records_of(l));
		if (m.first == m.n)
			return false;
		l = l->older;
	}
	return false;
}

static void
add_life(const struct reconcile *r, struct group *g, struct life *l)
{
	struct span *s = &g->span[g->nlives];

	*s = own_span(r, l);
	s->over_order = over_order(l);
	/* no number is given before who had it is dead */
	if (s->born_from < g->from)
		s->born_from = g->from;
	if (g->from < s->acted)
		g->from = s->acted;
	g->life[g->nlives++] = l;
}

/* The records that l, who is the nth, has, or that are held for it. */
static void
add_records_of(struct group *g, const struct life *l, size_t n)
{
	const struct held_fact *h = records_held(l);
	struct fact own;

	if (l->evidence.acct) {
		own = record_of(l);
		add_record(g, &own, n);
	} else if (h != NULL) {
		add_record(g, &h->fact, n);
	}
}

/*
 * All lives that are matched with l, but that one, which is NULL for none, and
 * all their records. aside: undecided ones that wait, too.
 */
static void
gather(struct reconcile *r, struct life *l, const struct life *without,
    bool aside, struct group *g)
{
	struct life *of = l == NULL ? NULL : newest_unproven(l);
	const struct life *newer = of == NULL ? NULL : of->newer;
	struct life *lives[GROUP_MAX];
	size_t n = 0;

	g->nlives = g->nrecords = 0;
	g->from = INT64_MIN;
	g->until =
	    newer == NULL ? INT64_MAX : span_of(&r->ticks, newer).born_until;
	g->open = of != NULL && may_move_on(r, of);
	for (; of != NULL && !of->evidence.proven && n < GROUP_MAX;
	     of = of->older) {
		/* a thread's, or who stands behind it has what there is */
		if (!of->undecided || (of->newer == NULL && of->born) ||
		    (aside && shape_is_aside(r, of)))
			lives[n++] = of;
	}
	g->older = of;
	r->counts.groups_cut += of != NULL && !of->evidence.proven;
	while (n-- > 0) {
		if (lives[n] == without) {
			add_records_of(g, without, NOBODY);
			continue;
		}
		add_life(r, g, lives[n]);
		add_records_of(g, lives[n], g->nlives - 1);
	}
}

static int64_t
over_before(const struct group *g, size_t life)
{
	if (life + 1 == g->nlives)
		return g->until;
	return g->span[life + 1].born_until;
}

static uint32_t
bit(size_t n)
{
	return UINT32_C(1) << n;
}

/*
 * Whether no life can still turn up after l that the record may be of: one
 * whose birth the stream has not told yet.
 */
static bool
is_last(const struct reconcile *r, const struct span *s, const struct fact *f)
{
	return reconcile_barrier_passed(r, f->acct.read_ms) ||
	       (s->left.serial != 0 && !s->many && !s->unborn &&
		   span_born_before(&f->acct, s->left.ms));
}

/*
 * Who bears canaries bears nobody else; when one was over nobody can be sure
 * near a step of the real clock.
 */
static bool
is_child_of_ours(const struct group *g, size_t life, size_t record)
{
	const struct life *l = g->life[life];

	return reconcile_is_canary(l) &&
	       (g->holder[record] == life || g->record[record].ppid == l->ppid);
}

/* A canary whose exit was read: who had the number before has no part in it,
 * and who has it next is no child of ours. */
static bool
is_canarys(const struct group *g, size_t i)
{
	const struct life *l = g->life[g->first[i]];

	return reconcile_is_canary(l) &&
	       g->span[g->first[i]].left.serial != 0 &&
	       (g->record[i].ppid < 0 || g->record[i].ppid == l->ppid);
}

/* Whether who tells this leaves with that status. */
static bool
is_exit_with(const struct fact *fact, uint32_t status)
{
	return (fact->kind == FACT_EXIT || fact->kind == FACT_EXIT_GROUP) &&
	       status == (uint32_t)(fact->code & 0xff) << 8;
}

bool
records_is_said(const struct life *l, uint32_t status)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (is_exit_with(&h->fact, status))
			return true;
	}
	return verdict_has_said(&l->evidence, status);
}

/*
 * Whether the record may lack l's status: the first thread alone notes that,
 * and that it never called execve(2), and the last may be faster
 * (kernel/acct.c, acct_collect(); kernel/exit.c, do_exit(): it was counted off
 * before).
 */
static bool
may_lack_status(
    const struct life *l, const struct span *s, const struct fact_acct *a)
{
	return a->status == 0 && (a->flags & ACCT_FORK) == 0 && s->many &&
	       l->evidence.exit_group;
}

/*
 * Whether l left by itself, as its record says, and nobody said so: whoever is
 * audited does before that is written, and it is read by now (kernel/exit.c,
 * do_exit()). Of several threads the last one may be faster than another, but
 * the number is given on when all of them are gone.
 */
static bool
lacks_exit(const struct reconcile *r, const struct life *l,
    const struct span *s, const struct fact_acct *a)
{
	bool observed = l->born ? l->start == START_OBSERVED : l->expected != 0;

	return (a->status & 0x7f) == 0 && observed && !l->hidden &&
	       !records_is_said(l, a->status) && !doubt_of_newer(l) &&
	       !may_lack_status(l, s, a) &&
	       (reconcile_is_reborn(r, l) ||
		   (!s->many && reconcile_barrier_passed(r, a->read_ms)));
}

/* Whether l left by itself, and not by the fact, which is not held any more. */
static bool
needs_exit(const struct life *l, const struct fact *fact)
{
	const struct fact_acct *a = records_of(l);

	return a == NULL || (is_exit_with(fact, a->status) &&
				!records_is_said(l, a->status));
}

struct life *
records_whose_exit(
    const struct reconcile *r, struct life *l, const struct fact *fact)
{
	struct life *o = l->newer;

	if (needs_exit(l, fact))
		return l;
	for (size_t n = 0; o != NULL && n < GROUP_MAX; n++, o = o->newer) {
		const struct fact_acct *a = records_of(o);
		struct span s = span_of(&r->ticks, o);

		if (fact->at.ms < s.born_from)
			break;
		if (a != NULL && is_exit_with(fact, a->status) &&
		    births_may_be_parent(r, o, fact->ppid) &&
		    lacks_exit(r, o, &s, a))
			return o;
	}
	return l;
}

/* Whether p did something after ms that was logged after l's birth was. */
static bool
acted_later(const struct life *p, const struct life *l, int64_t ms)
{
	const struct held_fact *h;

	if (p->last_at.serial != 0 && p->last_at.ms > ms &&
	    reconcile_is_after(p->last_at, l->birth))
		return true;
	STAILQ_FOREACH(h, &p->held, next)
	{
		if (h->fact.at.serial != 0 && h->fact.at.ms > ms &&
		    reconcile_is_after(h->fact.at, l->birth))
			return true;
	}
	return false;
}

/*
 * Whether the record, which names another parent, was written while l's own
 * lived, who did something after l would be dead by it: nobody inherits from
 * who lives (kernel/exit.c, forget_original_parent()).
 */
static bool
names_no_heir(const struct reconcile *r, const struct life *l,
    const struct span *s, const struct fact *f)
{
	const struct life *p =
	    l->born && l->plain && !l->sibling && l->birth.serial != 0
		? births_parent(r, l)
		: NULL;

	return p != NULL && !p->local && p->pid != f->ppid &&
	       births_surely_by(p, l->birth) &&
	       acted_later(p, l, span_died_until(s, &f->acct));
}

static bool
says_exit(const struct life *l)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_EXIT ||
		    h->fact.kind == FACT_EXIT_GROUP)
			return true;
	}
	return l->evidence.exit_group || l->evidence.thread_exit;
}

/* What has to agree for a record to be of a life. */
enum match {
	MATCH_TIMES,
	MATCH_WORDS, /* its code, and who its parent can be, too */
	/* And that it did not leave without a word: which proves nothing, for
	 * that may be taken for a deed of who is beside it. */
	MATCH_ALL,
};

/* Whether the jth life is one of the record's, but for the times. */
static bool
agrees(const struct reconcile *r, const struct group *g, const struct fact *f,
    size_t j, enum match how)
{
	if (how == MATCH_TIMES)
		return true;
	return span_agrees(&g->span[j], &f->acct) &&
	       !names_no_heir(r, g->life[j], &g->span[j], f) &&
	       births_may_be_parent(r, g->life[j], f->ppid) &&
	       (!lacks_exit(r, g->life[j], &g->span[j], &f->acct) ||
		   (how == MATCH_WORDS && !says_exit(g->life[j])));
}

/* Its birth was told by its record, which is nobody else's ever after. */
static bool
is_told_by_record(const struct life *l)
{
	return l->born && l->start == START_INFERRED &&
	       l->sources == SOURCE_ACCT && records_of(l) != NULL;
}

/* Whether the life has another record, or the record another life, for good. */
static bool
is_bound(const struct group *g, size_t life, size_t record)
{
	size_t holder = g->holder[record];

	return life != holder &&
	       (is_told_by_record(g->life[life]) ||
		   (holder != NOBODY && is_told_by_record(g->life[holder])));
}

/* Of which of the lives the ith record can be, from this one on. */
static uint32_t
fits(const struct reconcile *r, const struct group *g, size_t i, size_t from,
    enum match how)
{
	const struct fact *f = &g->record[i];
	uint32_t lives = 0;

	for (size_t j = from; j < g->nlives; j++) {
		const struct span *s = &g->span[j];

		if (is_bound(g, j, i))
			continue;
		/* what is cheap to say of most comes first */
		if (is_child_of_ours(g, j, i) ||
		    (!span_written_before(s, &f->acct, s->born_from) &&
			span_fits(s, &f->acct, over_before(g, j)) &&
			agrees(r, g, f, j, how)))
			lives |= bit(j);
	}
	return lives;
}

/*
 * The leftmost matching, and the rightmost; false: there is none. The last
 * records may all be of lives that the stream has not come up to, or of those
 * behind an open group.
 */
static bool
match(const struct reconcile *r, struct group *g, enum match how)
{
	size_t from = 0, until = g->nlives;
	bool unread = true, open = g->open;

	for (size_t i = 0; i < g->nrecords; i++) {
		g->fits[i] = fits(r, g, i, from, how);
		while (from < g->nlives && (g->fits[i] & bit(from)) == 0)
			from++;
		if (from == g->nlives)
			return false;
		g->first[i] = from++;
	}
	for (size_t i = g->nrecords; i-- > 0;) {
		const struct span *s = &g->span[g->first[i]];

		unread &= !is_last(r, s, &g->record[i]) && !is_canarys(g, i);
		open &= !span_written_before(s, &g->record[i].acct, g->from);
		if (unread || open) {
			g->last[i] = NOBODY;
			continue;
		}
		while ((g->fits[i] & bit(until - 1)) == 0)
			until--;
		g->last[i] = --until;
	}
	return true;
}

/* Accounting knows two ids, which audit may know better. */
static void
note_owner(struct reconcile *r, struct life *l, const struct creds *creds)
{
	struct owner o = lives_owner(l);

	if (o.creds.uid == ID_UNSET)
		o.creds.uid = creds->uid;
	if (o.creds.gid == ID_UNSET)
		o.creds.gid = creds->gid;
	lives_set_owner(&r->lives, l, &o);
}

void
records_take(struct reconcile *r, struct life *l, const struct fact *fact)
{
	struct evidence *ev = &l->evidence;

	if (!lives_set_acct(&r->lives, l, &fact->acct)) {
		r->counts.refused_lives++;
		return;
	}
	lives_touch(&r->lives, l);
	ev->acct = true;
	ev->acct_status = fact->acct.status;
	ev->acct_flags = fact->acct.flags;
	l->acct_ppid = fact->ppid;
	l->barrier_ms = fact->acct.read_ms;
	note_owner(r, l, &fact->creds);
}

static void
give(struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	l->given_at = now;
	if (l->state == LIFE_HELD)
		reconcile_hold(r, l, fact, now);
	else
		records_take(r, l, fact);
}

/* The caller drops what was held: NULL if nothing was. */
static struct held_fact *
take_away(struct reconcile *r, struct life *l)
{
	const struct held_fact *h = records_held(l);

	l->evidence.acct = false;
	lives_touch(&r->lives, l);
	return h == NULL ? NULL : lives_take_out(&r->lives, &l->held, h);
}

/* l has no record any more, and does not wait for what that needs. */
static void
wait_no_more(struct reconcile *r, struct life *l)
{
	if (l->state != LIFE_ALIVE || l->evidence.acct)
		return;
	lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
	reconcile_go_on(r, l);
}

/* Has the lives have the records as the matching says. */
static void
apply(struct reconcile *r, struct group *g, int64_t now)
{
	/* what they point to is given to others before it is dropped */
	struct held_fact *taken[GROUP_MAX + 1] = {NULL};

	for (size_t i = 0; i < g->nrecords; i++) {
		if (g->holder[i] != NOBODY && g->holder[i] != g->first[i])
			taken[i] = take_away(r, g->life[g->holder[i]]);
	}
	for (size_t i = 0; i < g->nrecords; i++) {
		struct life *l = g->life[g->first[i]];

		if (shape_is_aside(r, l))
			shape_decide(r, l, false);
		else if (l->undecided)
			l = shape_add_claimant(r, l, g->record[i].ppid, now);
		if (l == NULL)
			continue;
		g->life[g->first[i]] = l;
		if (g->holder[i] != g->first[i])
			give(r, l, &g->record[i], now);
	}
	for (size_t i = 0; i < g->nrecords; i++) {
		if (g->holder[i] != NOBODY && g->holder[i] != g->first[i])
			wait_no_more(r, g->life[g->holder[i]]);
		lives_drop(&r->lives, taken[i]);
	}
}

/* Lives of which some exit is believed to be of who is beside them. */
static uint32_t
lack_exits(const struct reconcile *r, const struct group *g)
{
	uint32_t lives = 0;

	for (size_t i = 0; i < g->nrecords; i++) {
		size_t at = g->first[i];

		if (lacks_exit(
			r, g->life[at], &g->span[at], &g->record[i].acct))
			lives |= bit(at);
	}
	return lives;
}

/*
 * Whether what l did last may be the exit that one after it lacks, who was born
 * by then: all is l's until the birth of who had the number next is read.
 */
static bool
has_exit_of_later(
    const struct reconcile *r, const struct life *l, int64_t acted)
{
	const struct life *o = l->newer;

	for (size_t n = 0; o != NULL && n < GROUP_MAX; n++, o = o->newer) {
		const struct fact_acct *a = records_of(o);
		struct span s = span_of(&r->ticks, o);

		if (s.born_from > acted)
			return false;
		if (a != NULL && lacks_exit(r, o, &s, a))
			return true;
	}
	return false;
}

/*
 * Whether what is held of the life at this place may be of one beside it, or of
 * a later one. Of a lone thread that would have been seen, read in order: it
 * does nothing more.
 */
static bool
may_have_more(
    const struct reconcile *r, const struct group *g, size_t at, uint32_t lack)
{
	if ((lack & bit(at)) != 0)
		return true;
	return g->span[at].many &&
	       (((lack << 1 | lack >> 1) & bit(at)) != 0 ||
		   has_exit_of_later(r, g->life[at], g->span[at].acted));
}

/*
 * Whether the ith record can be of none of the lives but that one, nor of who
 * had the number before them.
 */
static bool
is_of_none_but(
    const struct reconcile *r, const struct group *g, size_t i, size_t at)
{
	return span_written_after(&g->record[i].acct, g->span[0].born_until) &&
	       fits(r, g, i, 0, MATCH_WORDS) == bit(at);
}

/*
 * Whether what l did last may have been who had the number next, whose birth
 * was entered before that and logged after it: where it was not read yet, it is
 * when the stream is past that.
 */
static bool
is_rather_next(
    const struct reconcile *r, const struct life *l, const struct span *s)
{
	const struct life *next = l->newer;

	if (s->acted == INT64_MIN)
		return false;
	if (next != NULL && next->birth.serial != 0 && births_bearer(next) != 0)
		return s->acted > next->birth.ms;
	return l->start == START_OBSERVED &&
	       !reconcile_barrier_passed(r, s->acted);
}

/*
 * Whether only such deeds, of it or of who had the number before it, say that
 * the ith record is not of one who had it after the life at this place: it is
 * of one or the other, then.
 */
static bool
may_be_of_later(
    const struct reconcile *r, const struct group *g, size_t i, size_t at)
{
	const struct fact *f = &g->record[i];
	bool rather_next = false;

	for (size_t j = at; j < g->nlives; j++) {
		struct span s = own_span(r, g->life[j]);

		if (j > at &&
		    (g->life[j]->evidence.proven ||
			span_written_before(&s, &f->acct, s.born_from)))
			break;
		if (is_rather_next(r, g->life[j], &s)) {
			rather_next = true;
			s.acted = INT64_MIN;
		}
		if (j > at && rather_next &&
		    span_fits(&s, &f->acct, over_before(g, j)) &&
		    agrees(r, g, f, j, MATCH_WORDS))
			return true;
	}
	return false;
}

int64_t
records_await_deed(const struct reconcile *r, const struct life *l)
{
	const struct life *newest = lives_newest(&r->lives, l->pid);
	struct span s = span_of(&r->ticks, newest);

	return newest != l && is_rather_next(r, newest, &s) ? s.acted
							    : TIME_UNKNOWN;
}

static void
prove(struct reconcile *r, struct group *g)
{
	uint32_t lack = lack_exits(r, g);
	bool back;

	if (g->nrecords == 0)
		return;
	/* then any that can be of another may be that one's */
	back = may_move_back(r, g->older, &g->record[0].acct);
	/* who has its own, has no other */
	for (size_t i = g->nrecords; i-- > 0;) {
		size_t at = g->first[i];

		if (at != g->last[i] || may_have_more(r, g, at, lack) ||
		    may_be_of_later(r, g, i, at) ||
		    (back && !is_of_none_but(r, g, i, at)) ||
		    (!is_last(r, &g->span[at], &g->record[i]) &&
			!reconcile_is_reborn(r, g->life[at])))
			continue;
		g->life[at]->evidence.proven = true;
		lives_touch(&r->lives, g->life[at]);
	}
}

static bool
match_words(const struct reconcile *r, struct group *g)
{
	return match(r, g, MATCH_ALL) || match(r, g, MATCH_WORDS);
}

/* What is proven is so by words alone. */
static void
apply_words(struct reconcile *r, struct group *g, int64_t now)
{
	apply(r, g, now);
	if (match(r, g, MATCH_WORDS))
		prove(r, g);
}

void
records_settle(struct reconcile *r, struct life *l, int64_t now)
{
	struct group g;

	gather(r, l, NULL, false, &g);
	if (match_words(r, &g))
		apply_words(r, &g, now);
}

bool
records_spare(struct reconcile *r, struct life *l, int64_t now)
{
	struct held_fact *own;
	struct group g;

	/* what it has is nobody else's */
	if (l->evidence.proven || is_told_by_record(l))
		return false;
	gather(r, l, l, false, &g);
	if (!match_words(r, &g)) {
		gather(r, l, l, true, &g);
		if (!match_words(r, &g))
			return false;
	}
	own = take_away(r, l);
	apply(r, &g, now);
	lives_drop(&r->lives, own);
	return true;
}

/* The canary that had the number after the record was written; NULL: none. */
static struct life *
canary_since(struct reconcile *r, const struct fact *fact)
{
	struct life *l = lives_newest(&r->lives, fact->pid);
	struct span s;

	if (l == NULL || !l->hidden)
		return NULL;
	s = span_of(&r->ticks, l);
	return span_written_before(&s, &fact->acct, s.born_from) ? l : NULL;
}

/* It is of a process that nobody has heard of. */
static void
hold_alone(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *since = canary_since(r, fact);
	struct life *l = since == NULL ? reconcile_add(r, fact->pid)
				       : reconcile_add_before(r, since);

	if (l == NULL)
		return;
	l->evidence.gone |= since != NULL;
	l->ppid = fact->ppid;
	reconcile_hold(r, l, fact, now);
	local_match(r, l, now);
	(void)shape_claim(r, l);
}

void
records_add(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct group g;

	gather(r, lives_newest(&r->lives, fact->pid), NULL, false, &g);
	add_record(&g, fact, NOBODY);
	if (match_words(r, &g)) {
		apply_words(r, &g, now);
	} else if (match(r, &g, MATCH_TIMES)) {
		apply(r, &g, now);
	} else {
		hold_alone(r, fact, now);
		return;
	}
	for (size_t i = 0; i < g.nlives; i++) {
		if (g.life[i]->state == LIFE_ALIVE && g.life[i]->evidence.acct)
			deaths_consider(r, g.life[i], now);
	}
}
