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

/* Who is born by clone3 may lead one of its own: nobody sees the flags. */
void
reboot_place(struct life *l, struct life *p, const struct fact_birth *birth)
{
	l->plain = birth->shape == BIRTH_PROCESS && !p->children_local &&
		   !birth->new_pidns;
	if (l->leads)
		reboot_lead(l);
	else if (birth->shape == BIRTH_PROCESS)
		l->space = p->children_local ? p->children_space : p->space;
	if (l->leads && p->children_inside)
		p->children_space = l->space;
}

static struct life *
first_of(const struct reconcile *r, const struct life *l)
{
	struct life *first = lives_newest(&r->lives, l->space.pid);

	while (first != NULL && first->number != l->space.number)
		first = first->older;
	return first != NULL && first->leads ? first : NULL;
}

void
reboot_unheard(struct reconcile *r, int64_t ms)
{
	if (ms > r->reboot_ms)
		r->reboot_ms = ms;
}

void
reboot_hold(struct reconcile *r, const struct fact *fact)
{
	struct stamp *free = NULL;

	for (size_t i = 0; i < REBOOTS_HELD_MAX; i++) {
		struct stamp *at = &r->reboots_held[i];

		if (at->serial == fact->at.serial)
			return;
		if (at->serial == 0)
			free = at;
	}
	if (free != NULL)
		*free = fact->at;
	else
		reboot_unheard(r, fact->at.ms);
}

static void
let_go(struct reconcile *r, const struct fact *fact)
{
	for (size_t i = 0; i < REBOOTS_HELD_MAX; i++) {
		if (r->reboots_held[i].serial == fact->at.serial)
			r->reboots_held[i].serial = 0;
	}
}

void
reboot_fact(struct reconcile *r, const struct life *l, const struct fact *fact)
{
	struct life *first = first_of(r, l);

	let_go(r, fact);
	if (first == NULL) {
		reboot_unheard(r, fact->at.ms);
		return;
	}
	verdict_add_reboot(&first->evidence, fact->reboot);
	lives_touch(&r->lives, first);
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

/* Whether l can have been the first of the namespace that was rebooted. */
static bool
can_be_at(const struct reconcile *r, const struct life *l, int64_t ms)
{
	struct span s = span_of(&r->ticks, l);

	if (l->start == START_OBSERVED && l->birth.ms > ms)
		return false;
	/* it called something else so long after, or died */
	if (l->last_ms != TIME_UNKNOWN && l->last_ms - r->set.lateness_ms > ms)
		return false;
	return !l->evidence.acct ||
	       span_died_from(&s, &l->acct) - dying_ms(r) <= ms;
}

bool
reboot_is_held(const struct reconcile *r, const struct life *l)
{
	for (size_t i = 0; i < REBOOTS_HELD_MAX; i++) {
		if (r->reboots_held[i].serial != 0 &&
		    can_be_at(r, l, r->reboots_held[i].ms))
			return true;
	}
	return false;
}

/* In a replay an accounting record is read so late that all has come. */
bool
reboot_is_awaited(const struct reconcile *r, const struct life *l)
{
	return r->reboots_told && may_be_first(l) &&
	       ((!l->evidence.gone && !r->set.shuffled) ||
		   reboot_is_held(r, l));
}

bool
reboot_may_be(const struct reconcile *r, const struct life *l)
{
	if (!may_be_first(l))
		return false;
	if (!r->reboots_told)
		return l->evidence.first &&
		       (is_killed(&l->evidence) || l->evidence.reboot != 0);
	/* it was kept over a restart, and over before that was; or others
	 * there may be older than auditing, as itself is */
	if (l->known_ticks != 0 || l->start == START_SNAPSHOT)
		return true;
	return reboot_is_held(r, l) ||
	       (r->reboot_ms != TIME_UNKNOWN && can_be_at(r, l, r->reboot_ms));
}

void
reconcile_reboots_told(struct reconcile *r, bool told)
{
	if (told && !r->reboots_told)
		reboot_unheard(r, r->heard_ms);
	r->reboots_told = told;
}

void
reconcile_lost(struct reconcile *r, int64_t until_ms)
{
	reboot_unheard(r, until_ms);
}
