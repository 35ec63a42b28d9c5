/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose status did reboot(2) change?
 *
 * In a pid namespace it is over with the first process there, whose status it
 * makes a signal after accounting has written another (kernel/pid_namespace.c,
 * reboot_pid_ns() and zap_pid_ns_processes()). Who calls it leaves by it, which
 * is recorded as any exit. Before the first is reaped everybody there is, so
 * all such records were queued before its number is given again; but not
 * before its own accounting record is written: else it waits for them.
 */
#include "reconcile_impl.h"

#include <signal.h>
#include <string.h>

/* Who is killed is dead so long after it, whatever it has to wait for. */
static int64_t
dying_ms(const struct reconcile *r)
{
	return PATIENCE * r->set.lateness_ms;
}

void
reboot_lead(struct life *l)
{
	l->space = (struct life_space){l->pid, l->number};
}

static void
lead_children(struct reconcile *r, struct life *p, struct life_space space)
{
	struct life_rare rare = *lives_rare(p);

	rare.children_space = space;
	lives_set_rare(&r->lives, p, &rare);
}

/* Who is born by clone3 may lead one of its own: nobody sees the flags. */
void
reboot_place(struct reconcile *r, struct life *l, struct life *p,
    const struct fact_birth *birth)
{
	l->plain = birth->shape == BIRTH_PROCESS && !p->children_local &&
		   !birth->new_pidns;
	if (l->leads)
		reboot_lead(l);
	else if (birth->shape == BIRTH_PROCESS)
		l->space = p->children_local ? lives_rare(p)->children_space
					     : p->space;
	if (l->leads && p->children_inside)
		lead_children(r, p, l->space);
}

static struct life *
first_of(const struct reconcile *r, const struct life *l)
{
	struct life *first = lives_newest(&r->lives, l->space.pid);

	while (first != NULL && first->number != l->space.number)
		first = first->older;
	return first != NULL && first->leads ? first : NULL;
}

/* Of many spans the two oldest ones, and what is between, become one. */
static void
join_oldest(struct reconcile *r)
{
	r->unheard[0].until_ms = r->unheard[1].until_ms;
	r->nunheard--;
	memmove(r->unheard + 1, r->unheard + 2,
	    (r->nunheard - 1) * sizeof(r->unheard[0]));
}

void
reboot_unheard(struct reconcile *r, int64_t from_ms, int64_t until_ms)
{
	struct unheard *last = r->unheard + r->nunheard;

	if (until_ms == TIME_UNKNOWN)
		return;
	while (last > r->unheard && last[-1].until_ms >= from_ms) {
		last--;
		if (last->from_ms < from_ms)
			from_ms = last->from_ms;
		if (last->until_ms > until_ms)
			until_ms = last->until_ms;
	}
	r->nunheard = (size_t)(last - r->unheard);
	if (r->nunheard == UNHEARD_MAX)
		join_oldest(r);
	r->unheard[r->nunheard++] = (struct unheard){from_ms, until_ms};
}

/* The place of the call, or one for it; NULL: there is none. */
static struct reboot *
place_of(struct reconcile *r, struct stamp at)
{
	struct reboot *oldest = NULL, *free = NULL;

	for (size_t i = 0; i < REBOOTS_MAX; i++) {
		struct reboot *b = &r->reboots[i];

		if (b->at.serial == at.serial)
			return b;
		if (b->at.serial == 0)
			free = b;
		else if (!b->held &&
			 (oldest == NULL || b->at.ms < oldest->at.ms))
			oldest = b;
	}
	if (free == NULL && oldest != NULL) {
		reboot_unheard(r, oldest->at.ms, oldest->at.ms);
		free = oldest;
	}
	return free;
}

static void
let_go(struct reconcile *r, struct stamp at)
{
	for (size_t i = 0; i < REBOOTS_MAX; i++) {
		if (r->reboots[i].at.serial == at.serial)
			r->reboots[i].at.serial = 0;
	}
}

static void
note_call(struct reconcile *r, struct stamp at, bool held)
{
	struct reboot *b = place_of(r, at);

	if (b != NULL)
		*b = (struct reboot){at, held};
	else
		reboot_unheard(r, at.ms, at.ms);
}

void
reboot_hold(struct reconcile *r, const struct fact *fact)
{
	note_call(r, fact->at, true);
}

void
reboot_fact(struct reconcile *r, const struct life *l, const struct fact *fact,
    int64_t now)
{
	struct life *first = first_of(r, l);

	if (first == NULL) {
		note_call(r, fact->at, false);
		return;
	}
	let_go(r, fact->at);
	verdict_add_reboot(&first->evidence, fact->reboot);
	lives_touch(&r->lives, first);
	deaths_consider(r, first, now);
}

static bool
is_killed(const struct evidence *ev)
{
	return ev->acct && (ev->acct_status & 0x7f) == SIGKILL;
}

/*
 * What is not known to be a namespace's first is hardly ever one, and then
 * hardly ever leaves by itself at the very moment of a reboot.
 */
static bool
may_be_first(const struct life *l)
{
	return l->evidence.first || (!l->plain && is_killed(&l->evidence));
}

/*
 * Whether l can have been the first of a namespace that was rebooted then, by a
 * call that was entered then, or, unread: logged then: l was born before, did
 * nothing much later, and died of the call (kernel/pid_namespace.c,
 * reboot_pid_ns()); what was there besides was killed with it, and the call was
 * logged before it was reaped.
 */
static bool
can_be(const struct reconcile *r, const struct life *l, struct unheard then,
    bool unread)
{
	int64_t late = r->set.lateness_ms, dying = late;
	const struct fact_acct *a = l->acct;
	struct span s = span_of(&r->ticks, l);

	if ((l->start == START_OBSERVED && l->birth.ms > then.until_ms) ||
	    s.reaped < then.from_ms ||
	    (l->last_ms != TIME_UNKNOWN && l->last_ms - late > then.until_ms))
		return false;
	if (!l->evidence.acct)
		return true;
	/* who was killed may have had to wait for something */
	if (is_killed(&l->evidence))
		dying = dying_ms(r);
	return span_born_from(&s, a) <= then.until_ms &&
	       span_died_from(&s, a) - dying <= then.until_ms &&
	       (unread || span_died_until(&s, a) + TICK_MS >= then.from_ms);
}

/* Whether one of the calls that are known of may have been there. */
static bool
may_be_one(const struct reconcile *r, const struct life *l, bool held)
{
	for (size_t i = 0; i < REBOOTS_MAX; i++) {
		const struct reboot *b = &r->reboots[i];
		struct unheard then = {b->at.ms, b->at.ms};

		if (b->at.serial != 0 && (b->held || !held) &&
		    can_be(r, l, then, false))
			return true;
	}
	return false;
}

static bool
may_be_in_gap(const struct reconcile *r, const struct life *l)
{
	struct unheard gap = {INT64_MIN, r->gap_ms};

	return r->gap_ms != TIME_UNKNOWN && can_be(r, l, gap, true);
}

static bool
may_be_unheard(const struct reconcile *r, const struct life *l)
{
	for (size_t i = 0; i < r->nunheard; i++) {
		if (can_be(r, l, r->unheard[i], true))
			return true;
	}
	return false;
}

bool
reboot_is_open(const struct reconcile *r, const struct life *l)
{
	return may_be_one(r, l, true) || may_be_in_gap(r, l);
}

/*
 * All who could have called it were dead, and that was logged, before it was
 * reaped (kernel/pid_namespace.c, zap_pid_ns_processes()).
 */
static bool
was_reaped(const struct reconcile *r, const struct life *l)
{
	if (l->reaped_ms == TIME_UNKNOWN)
		return l->evidence.gone;
	return reconcile_is_reborn(r, l) ||
	       reconcile_barrier_passed(r, l->reaped_ms);
}

bool
reboot_is_awaited(const struct reconcile *r, const struct life *l)
{
	return r->reboots_told && may_be_first(l) &&
	       (!was_reaped(r, l) || reboot_is_open(r, l));
}

bool
reboot_may_be(const struct reconcile *r, const struct life *l)
{
	if (!may_be_first(l))
		return false;
	if (!r->reboots_told)
		return l->evidence.first &&
		       (is_killed(&l->evidence) || l->evidence.reboot != 0);
	/* others there may be older than auditing, as itself is */
	if (l->start == START_SNAPSHOT || may_be_in_gap(r, l))
		return true;
	return may_be_one(r, l, false) || may_be_unheard(r, l);
}

void
reconcile_reboots_told(struct reconcile *r, bool told, int64_t since_ms)
{
	if (told && !r->reboots_told)
		reboot_unheard(r, r->untold_ms, since_ms);
	if (!told && r->reboots_told)
		r->untold_ms = since_ms;
	r->reboots_told = told;
}

void
reconcile_lost(struct reconcile *r, int64_t since_ms, int64_t until_ms)
{
	reboot_unheard(r, since_ms, until_ms);
}

void
reconcile_gap(struct reconcile *r, int64_t until_ms)
{
	r->gap_ms = until_ms;
}

int64_t
reboot_until(const struct reconcile *r)
{
	int64_t ms = r->nunheard == 0 ? TIME_UNKNOWN
				      : r->unheard[r->nunheard - 1].until_ms;

	for (size_t i = 0; i < REBOOTS_MAX; i++) {
		const struct reboot *b = &r->reboots[i];

		if (b->at.serial != 0 && !b->held && b->at.ms > ms)
			ms = b->at.ms;
	}
	return ms;
}
