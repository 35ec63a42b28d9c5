/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconcile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconcile_impl.h"

/* Bytes of held facts for each that may be held: arguments are long. */
#define HELD_BYTES_EACH 1024

struct reconcile *
reconcile_new(const struct reconcile_settings *s, const struct ident *id,
    reconcile_event_fn fn, void *ctx)
{
	struct reconcile *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	if (lives_init(&r->lives, s->lives, s->args_bytes) != 0) {
		free(r);
		return NULL;
	}
	r->set = *s;
	r->ident = *id;
	r->fn = fn;
	r->ctx = ctx;
	r->heard_ms = r->untold_ms = r->stray_ms = TIME_UNKNOWN;
	r->gap_ms = TIME_UNKNOWN;
	STAILQ_INIT(&r->ready);
	STAILQ_INIT(&r->kin);
	return r;
}

void
reconcile_free(struct reconcile *r)
{
	struct life *l;

	if (r == NULL)
		return;
	STAILQ_FOREACH(l, &r->ready, in_ready)
	{
		l->queued_ready = false;
	}
	lives_fini(&r->lives);
	free(r);
}

void
reconcile_set(struct reconcile *r, const struct reconcile_settings *s)
{
	r->set = *s;
	r->lives.max = s->lives;
	r->lives.args_max = s->args_bytes;
}

bool
reconcile_barrier_passed(const struct reconcile *r, int64_t read_ms)
{
	return read_ms == TIME_UNKNOWN ||
	       (r->heard_ms != TIME_UNKNOWN && r->heard_ms > read_ms);
}

bool
reconcile_is_canary(const struct life *l)
{
	return l->hidden && l->start == START_SNAPSHOT;
}

bool
reconcile_is_reborn(const struct reconcile *r, const struct life *l)
{
	const struct life *newer = l->newer;

	if (newer == NULL)
		return false;
	/* of a canary we know before the stream has come up to it */
	if (reconcile_is_canary(newer) &&
	    span_of(&r->ticks, newer).left.serial != 0)
		return true;
	/* of who was found in /proc, or accounted, nothing was read yet */
	return newer->birth.serial != 0 &&
	       (newer->born || newer->expected != 0);
}

static uint64_t
own_bit(int32_t pid)
{
	return UINT64_C(1) << ((uint32_t)pid % 64);
}

void
reconcile_note_canary(struct reconcile *r, const struct life *l)
{
	r->own |= own_bit(l->ppid);
}

bool
reconcile_may_send_canaries(const struct reconcile *r, int32_t pid)
{
	return (r->own & own_bit(pid)) != 0;
}

bool
reconcile_is_after_canary(const struct life *l, struct stamp at)
{
	struct stamp left = span_of(NULL, l).left;

	if (left.serial == 0) /* was its exit lost? */
		return at.ms > l->birth.ms + CANARY_MS;
	return reconcile_is_after(at, left) && at.ms >= l->birth.ms - TICK_MS;
}

bool
reconcile_is_enough(struct reconcile *r, size_t looked)
{
	if (looked < WAITING_SCAN_MAX)
		return false;
	r->counts.searches_cut++;
	return true;
}

bool
reconcile_is_too_far(struct reconcile *r, int steps)
{
	if (steps < ANCESTRY_MAX)
		return false;
	r->counts.searches_cut++;
	return true;
}

/* Forgets l before its time; false: it is in use, or no end of it is told. */
static bool
forget_early(struct reconcile *r, struct life *l)
{
	if (l->queue != QUEUE_GRACE || l->queued_ready || l->queued_kin ||
	    l == r->pinned)
		return false;
	lives_remove(&r->lives, l);
	r->ngrace--;
	r->counts.forgotten_early++;
	return true;
}

bool
reconcile_forget_oldest(struct reconcile *r)
{
	struct life *l = TAILQ_FIRST(&r->lives.queue[QUEUE_GRACE]);

	return l != NULL && forget_early(r, l);
}

void
reconcile_forget_older(struct reconcile *r, struct life *l)
{
	const struct life *last = l;

	l->nbefore = 0;
	if (l->older != NULL && l->older->state == LIFE_ENDED)
		l->nbefore = (uint8_t)(l->older->nbefore + 1);
	if (l->nbefore < 2 * NUMBER_GRACE_MAX)
		return;
	l->nbefore = NUMBER_GRACE_MAX;
	for (int i = 0; i < NUMBER_GRACE_MAX && last != NULL; i++)
		last = last->older;
	while (
	    last != NULL && last->older != NULL && forget_early(r, last->older))
		;
}

struct life *
reconcile_add(struct reconcile *r, int32_t pid)
{
	struct life *l;

	/* Whose end is told may be forgotten early, and what was undecided
	 * for longest counts as a thread. */
	if (r->lives.count >= r->lives.max && !reconcile_forget_oldest(r))
		shape_decide_oldest(r);
	l = lives_add(&r->lives, pid);
	if (l == NULL)
		r->counts.refused_lives++;
	else
		r->newest_pid = pid;
	return l;
}

struct life *
reconcile_add_before(struct reconcile *r, struct life *newer)
{
	struct life *l = lives_add_before(&r->lives, newer);

	if (l == NULL)
		r->counts.refused_lives++;
	return l;
}

/* Facts held, released, applied. */

/* Of who was born before who lived already, the end comes last. */
static bool
are_over(const struct life *l)
{
	while (l != NULL && l->state == LIFE_ENDED)
		l = l->older;
	return l == NULL;
}

/* A held life's birth can be told now. */
static bool
is_ready(const struct life *l)
{
	return l->state == LIFE_HELD && l->born && !l->undecided &&
	       are_over(l->older);
}

void
reconcile_go_on(struct reconcile *r, struct life *l)
{
	if (l->queued_ready)
		return;
	l->queued_ready = true;
	STAILQ_INSERT_TAIL(&r->ready, l, in_ready);
}

void
reconcile_ready(struct reconcile *r, struct life *l)
{
	if (is_ready(l))
		reconcile_go_on(r, l);
}

void
reconcile_drop(struct reconcile *r, struct life *l)
{
	struct life *newer = l->newer;

	lives_remove(&r->lives, l);
	if (newer != NULL)
		reconcile_ready(r, newer);
}

/* The other sources may be ahead of the stream: it has the last word. */
static void
note_parent(struct life *l, const struct fact *fact)
{
	bool streamed = fact->kind != FACT_ACCT && fact->kind != FACT_FOUND;

	if (fact->ppid >= 0 && (streamed || l->ppid < 0)) {
		l->ppid = fact->ppid;
		l->ppid_serial = fact->at.serial;
	}
	if (streamed && l->first_ppid < 0)
		l->first_ppid = fact->ppid;
}

void
reconcile_read_again(struct reconcile *r, struct life *l)
{
	const struct held_fact *h;

	l->first_ms = TIME_UNKNOWN;
	l->ppid = l->first_ppid = -1;
	STAILQ_FOREACH(h, &l->held, next)
	{
		note_parent(l, &h->fact);
		if (h->fact.kind != FACT_ACCT &&
		    (l->first_ms == TIME_UNKNOWN ||
			h->fact.at.ms < l->first_ms))
			l->first_ms = h->fact.at.ms;
	}
	lives_name_parent(&r->lives, l);
}

void
reconcile_hold(
    struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	/* An accounting record is the last word, but may be read before. */
	if (!lives_hold(&r->lives, l, &l->held, records_held(l), fact)) {
		r->counts.refused_lives++;
		return;
	}
	doubt_hold(r, l, fact);
	lives_touch(&r->lives, l);
	if (fact->at.ms != TIME_UNKNOWN &&
	    (l->first_ms == TIME_UNKNOWN || fact->at.ms < l->first_ms))
		l->first_ms = fact->at.ms;
	note_parent(l, fact);
	lives_name_parent(&r->lives, l);
	if (fact->kind == FACT_EXIT && fact->reboot != 0)
		reboot_hold(r, fact);
	if (fact->kind == FACT_BIRTH && fact->birth.shape != BIRTH_THREAD) {
		lives_add_bearer(&r->lives, l);
		births_expect(r, l, fact, now);
	}
	if (!l->born && l->queue == QUEUE_NONE)
		lives_enqueue(
		    &r->lives, l, QUEUE_BIRTH, now + r->set.lateness_ms);
}

/* An orphan was given to it: PR_SET_CHILD_SUBREAPER, or a namespace's init. */
static void
note_reaper(struct reconcile *r, int32_t pid)
{
	struct life *l = lives_newest(&r->lives, pid);

	if (l == NULL || l->may_inherit)
		return;
	l->may_inherit = true;
	lives_touch(&r->lives, l);
}

/*
 * A child that has the number that the call returned names who bore it: that
 * one is told numbers of ours, whatever its ancestors are.
 */
static void
note_place(struct reconcile *r, const struct life *l, const struct fact *fact)
{
	struct life *p;

	if (l->last_at.serial != 0 || l->start != START_OBSERVED ||
	    l->sibling || fact->ppid != l->parent.pid)
		return;
	p = births_parent(r, l);
	if (p == NULL || p->placed || p->local || p->inside)
		return;
	p->placed = p->plain = true;
	lives_touch(&r->lives, p);
}

static void
note_owner(struct reconcile *r, struct life *l, const struct fact *fact)
{
	struct owner o = lives_owner(l);

	if (fact->creds.euid != ID_UNSET)
		o.creds = fact->creds;
	if (fact->tty.major != 0)
		o.tty = fact->tty;
	lives_set_owner(&r->lives, l, &o);
}

void
reconcile_note(struct reconcile *r, struct life *l, const struct fact *fact)
{
	sound_note(r, l, fact);
	note_place(r, l, fact);
	if (fact->at.ms != TIME_UNKNOWN &&
	    (l->first_ms == TIME_UNKNOWN || fact->at.ms < l->first_ms))
		l->first_ms = fact->at.ms;
	if (fact->at.ms != TIME_UNKNOWN &&
	    (l->last_ms == TIME_UNKNOWN || fact->at.ms > l->last_ms)) {
		l->last_ms = fact->at.ms;
		l->last_ahead = fact->ahead_ms;
	}
	if (fact->at.serial != 0 &&
	    (l->last_at.serial == 0 ||
		reconcile_is_after(fact->at, l->last_at)))
		l->last_at = fact->at;
	if (l->nlocals > 0)
		local_look(r, l);
	if (fact->ppid >= 0 && l->ppid >= 0 && fact->ppid != l->ppid)
		note_reaper(r, fact->ppid);
	note_parent(l, fact);
	note_owner(r, l, fact);
}

static void
on_exec(
    struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	if (!fact->exec.success) {
		if (r->set.failed_exec)
			tell_exec(r, l, fact);
		return;
	}
	lives_set_name(&r->lives, &l->name, fact->comm);
	lives_set_name(&r->lives, &l->executable, fact->exe);
	lives_set_args(&r->lives, l, &fact->exec.args);
	tell_exec(r, l, fact);
	deaths_fact(r, l, fact, now);
}

/*
 * Only the calling thread's children are elsewhere. Who is led somewhere by
 * setns(2) is not the first there: kernel/pid_namespace.c,
 * pidns_for_children_get() gives no namespace that has none.
 */
static void
on_namespace(struct reconcile *r, struct life *l, const struct fact *fact)
{
	struct life_rare rare = *lives_rare(l);

	l->children_local = true;
	rare.children_space.number = 0;
	lives_set_rare(&r->lives, l, &rare);
	l->first_due = l->children_inside = fact->new_pidns && !l->many;
	l->children_first = fact->new_pidns && l->many;
}

/* A fact of a life whose birth is told. */
static void
apply(struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	reconcile_note(r, l, fact);
	lives_touch(&r->lives, l);
	switch (fact->kind) {
	case FACT_BIRTH:
		births_fact(r, l, fact, now);
		break;
	case FACT_EXEC:
		on_exec(r, l, fact, now);
		break;
	case FACT_EXIT_GROUP:
	case FACT_EXIT:
	case FACT_ABEND:
	case FACT_SECCOMP:
	case FACT_GONE:
		deaths_fact(r, l, fact, now);
		break;
	case FACT_NAMESPACE:
		on_namespace(r, l, fact);
		break;
	case FACT_ACCT:
	case FACT_FOUND:
	case FACT_TASK:
		break;
	}
}

static void
give(struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	l->given_at = now;
	/* what it did before may have come to it only now */
	if (l->state == LIFE_ALIVE && STAILQ_EMPTY(&l->held)) {
		apply(r, l, fact, now);
		return;
	}
	reconcile_hold(r, l, fact, now);
	if (!l->born)
		local_match(r, l, now);
	/* it may prove whose record the one before it has */
	if (l->older != NULL && l->older->state == LIFE_ALIVE)
		deaths_consider(r, l->older, now);
	(void)shape_claim(r, l);
}

static void
route(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *l = route_target(r, fact, now);

	if (l != NULL)
		give(r, l, fact, now);
}

/* Takes away what is held of l, whose birth was not read. */
static void
take_held(struct reconcile *r, struct life *l, struct held_list *list)
{
	struct held_fact *h = STAILQ_FIRST(&l->held), *next;

	for (; h != NULL; h = next) {
		next = STAILQ_NEXT(h, next);
		if (h->fact.kind == FACT_ACCT || h->fact.kind == FACT_FOUND)
			continue;
		lives_take_out(&r->lives, &l->held, h);
		STAILQ_INSERT_TAIL(list, h, next);
	}
	lives_set_doubtful(&r->lives, l, false);
	l->doubt_ms = INT64_MIN;
	reconcile_read_again(r, l);
	lives_touch(&r->lives, l);
}

/* Nothing is left of them. */
static void
drop_empty(struct reconcile *r, int32_t pid)
{
	struct life *l = lives_newest(&r->lives, pid), *older;

	for (; l != NULL; l = older) {
		older = l->older;
		if (l->state == LIFE_HELD && !l->born && l->expected == 0 &&
		    STAILQ_EMPTY(&l->held) && lives_claimed(l) == NULL)
			reconcile_drop(r, l);
	}
}

void
reconcile_anew(struct reconcile *r, const struct life *older, int64_t now)
{
	struct held_list list = STAILQ_HEAD_INITIALIZER(list);
	struct life *l = older->newer;
	struct held_fact *h;
	int32_t pid = older->pid;

	for (; l != NULL; l = l->newer) {
		if (l->state == LIFE_HELD && !l->born && l->expected == 0)
			take_held(r, l, &list);
	}
	while ((h = STAILQ_FIRST(&list)) != NULL) {
		STAILQ_REMOVE_HEAD(&list, next);
		route(r, &h->fact, now);
		lives_drop(&r->lives, h);
	}
	drop_empty(r, pid);
}

static void
apply_held(
    struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	struct life *of = l;

	if (l->state != LIFE_ALIVE) {
		route(r, fact, now);
		return;
	}
	if (fact->kind == FACT_EXIT || fact->kind == FACT_EXIT_GROUP)
		of = records_whose_exit(r, l, fact);
	if (of != l)
		reconcile_hold(r, of, fact, now);
	else if (fact->kind == FACT_ACCT)
		records_take(r, l, fact);
	else
		apply(r, l, fact, now);
}

static void
start(struct reconcile *r, struct life *l)
{
	lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
	l->state = LIFE_ALIVE;
	l->postponed = 0;
	tell_start(r, l);
}

void
reconcile_start(struct reconcile *r, struct life *l)
{
	if (l->queued_ready && l->state == LIFE_HELD)
		start(r, l);
}

/*
 * Tells the birth of a life that waited, and then what was held of it, up to
 * a fact that makes another life ready: a child, who is told before its
 * parent goes on. True if l has to go on after that.
 */
static bool
release(struct reconcile *r, struct life *l, int64_t now)
{
	struct held_fact *h;

	if (l->state == LIFE_HELD)
		start(r, l);
	lives_touch(&r->lives, l);
	while (STAILQ_EMPTY(&r->ready) &&
	       (h = lives_take(&r->lives, &l->held)) != NULL) {
		apply_held(r, l, &h->fact, now);
		lives_drop(&r->lives, h);
	}
	if (!STAILQ_EMPTY(&r->ready))
		return true;
	if (l->state == LIFE_ALIVE)
		deaths_consider(r, l, now);
	births_told(r, l, now);
	return false;
}

/* One release may make others ready; a list, so that depth costs no stack. */
static void
release_all(struct reconcile *r, int64_t now)
{
	struct ready_list rest;
	struct life *l;

	while ((l = STAILQ_FIRST(&r->ready)) != NULL) {
		STAILQ_REMOVE_HEAD(&r->ready, in_ready);
		STAILQ_INIT(&rest);
		STAILQ_CONCAT(&rest, &r->ready);
		if (release(r, l, now))
			STAILQ_INSERT_TAIL(&r->ready, l, in_ready);
		else
			l->queued_ready = false;
		STAILQ_CONCAT(&r->ready, &rest);
	}
}

static void
drain(struct reconcile *r, int64_t now)
{
	struct life *p;

	if (r->draining)
		return;
	r->draining = true;
	release_all(r, now);
	while ((p = STAILQ_FIRST(&r->kin)) != NULL) {
		STAILQ_REMOVE_HEAD(&r->kin, in_kin);
		p->queued_kin = false;
		local_settle(r, p);
		release_all(r, now);
	}
	r->draining = false;
}

/*
 * The birth of l, or of a parent that waits, too, is told without its record.
 * What is held of it may be of who had the number before, or next.
 */
static void
tell_early(struct reconcile *r, struct life *l, int64_t now)
{
	r->counts.hurried++;
	l->mixed = true;
	infer_birth(r, l, now);
	drain(r, now);
}

/* Too many facts wait for one birth. */
static void
hurry_one(struct reconcile *r, int64_t now)
{
	struct life *l = r->lives.crowded;

	r->lives.crowded = NULL;
	if (l != NULL && l->queue == QUEUE_EXPECTED)
		l = infer_bearer(r, l);
	if (l != NULL && l->queue == QUEUE_BIRTH)
		tell_early(r, l, now);
}

/* Too many facts wait: those who waited longest are told as they are. */
static void
hurry(struct reconcile *r, int64_t now)
{
	size_t bytes = r->set.held_facts * HELD_BYTES_EACH;
	struct life *l;

	hurry_one(r, now);
	while ((r->lives.nheld - r->lives.nlocals > r->set.held_facts ||
		   r->lives.held_bytes > bytes) &&
	       (l = TAILQ_FIRST(&r->lives.queue[QUEUE_BIRTH])) != NULL)
		tell_early(r, l, now);
}

/* Who lives, of a number whose newest life this is; NULL: nobody. */
static struct life *
living(struct life *newest)
{
	struct life *l = newest;

	while (l != NULL && l->state != LIFE_ALIVE)
		l = l->older;
	return l;
}

static void
on_gone(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *l = living(lives_newest(&r->lives, fact->pid));

	if (l != NULL) {
		l->given_at = now;
		deaths_fact(r, l, fact, now);
	}
}

void
reconcile_fact(struct reconcile *r, const struct fact *fact, int64_t now)
{
	r->counts.facts++;
	switch (fact->kind) {
	case FACT_ACCT:
		deaths_acct(r, fact, now);
		break;
	case FACT_FOUND:
		r->live = true;
		found_process(r, fact, now);
		break;
	case FACT_TASK:
		shape_answer(r, fact, now);
		break;
	case FACT_GONE:
		on_gone(r, fact, now);
		break;
	default:
		doubt_end_child(r, fact, now);
		route(r, fact, now);
		break;
	}
	drain(r, now);
	hurry(r, now);
}

/* Time. */

void
reconcile_heard(struct reconcile *r, int64_t ms, int64_t now)
{
	struct life *l;

	ticks_heard(&r->ticks, ms);
	if (r->heard_ms == TIME_UNKNOWN || ms > r->heard_ms)
		r->heard_ms = ms;
	while ((l = TAILQ_FIRST(&r->lives.queue[QUEUE_BARRIER])) != NULL &&
	       reconcile_barrier_passed(r, l->barrier_ms))
		deaths_barrier(r, l, now);
	drain(r, now);
}

static void
expire(struct reconcile *r, struct life *l, int64_t now)
{
	switch (l->queue) {
	case QUEUE_BIRTH:
		infer_when_late(r, l, now);
		break;
	case QUEUE_EXPECTED:
		(void)infer_alone(r, l, now);
		break;
	case QUEUE_ACCT:
		deaths_unaccounted(r, l, now);
		break;
	case QUEUE_OTHERS:
		deaths_alone(r, l, now);
		break;
	case QUEUE_REBOOT:
		deaths_not_rebooted(r, l, now);
		break;
	case QUEUE_BARRIER:
	case QUEUE_LATE:
	case QUEUE_TURN:
		deaths_end(r, l, now);
		break;
	case QUEUE_GRACE:
		lives_remove(&r->lives, l);
		r->ngrace--;
		break;
	case QUEUE_THREAD:
		shape_when_late(r, l);
		break;
	case QUEUE_NONE:
	case QUEUE_SHAPE:
	case QUEUE_ASKED:
	case QUEUES:
		assert(false); /* these have no deadline */
	}
}

void
reconcile_tick(struct reconcile *r, int64_t now)
{
	static const enum life_queue timed[] = {QUEUE_TURN, QUEUE_OTHERS,
	    QUEUE_BARRIER, QUEUE_ACCT, QUEUE_BIRTH, QUEUE_EXPECTED,
	    QUEUE_THREAD, QUEUE_LATE, QUEUE_REBOOT, QUEUE_GRACE};

	for (size_t i = 0; i < sizeof(timed) / sizeof(timed[0]); i++) {
		struct life_list *q = &r->lives.queue[timed[i]];
		struct life *l;

		while ((l = TAILQ_FIRST(q)) != NULL && l->deadline <= now) {
			expire(r, l, now);
			drain(r, now);
		}
	}
}

int64_t
reconcile_deadline(const struct reconcile *r)
{
	int64_t at = INT64_MAX;

	for (int q = 0; q < QUEUES; q++) {
		const struct life *l = TAILQ_FIRST(&r->lives.queue[q]);

		if (l != NULL && l->deadline < at)
			at = l->deadline;
	}
	return at;
}

/* Does what the first in a queue waits for as if it were due; false: none is.
 */
static bool
flush(struct reconcile *r, enum life_queue q, int64_t now)
{
	struct life *l = TAILQ_FIRST(&r->lives.queue[q]);

	if (l == NULL)
		return false;
	if (q == QUEUE_SHAPE || q == QUEUE_ASKED || q == QUEUE_THREAD)
		shape_decide(r, l, true);
	else if (q == QUEUE_BIRTH)
		infer_birth(r, l, now);
	else if (q == QUEUE_EXPECTED)
		(void)infer_alone(r, l, now);
	else if (q == QUEUE_BARRIER)
		deaths_barrier(r, l, now);
	else if (q == QUEUE_OTHERS)
		deaths_alone(r, l, now);
	else
		deaths_end(r, l, now);
	drain(r, now);
	return true;
}

/* One end may settle much else: what is only guessed comes last. */
void
reconcile_finish(struct reconcile *r, int64_t now)
{
	static const enum life_queue order[] = {QUEUE_BARRIER, QUEUE_LATE,
	    QUEUE_TURN, QUEUE_BIRTH, QUEUE_ACCT, QUEUE_OTHERS, QUEUE_THREAD,
	    QUEUE_SHAPE, QUEUE_ASKED, QUEUE_EXPECTED, QUEUE_REBOOT};
	size_t i;

	r->heard_ms = INT64_MAX;
	r->asked = false;
	do {
		i = 0;
		while (i < sizeof(order) / sizeof(order[0]) &&
		       !flush(r, order[i], now))
			i++;
	} while (i < sizeof(order) / sizeof(order[0]));
}

/*
 * A crash that accounting should have told: its record was lost. As long as
 * there is input it may come yet, for a core is dumped before, however long
 * that takes.
 */
static bool
end_crashed(struct reconcile *r, int64_t now)
{
	bool any = false;

	for (size_t i = 0; i < r->lives.nbuckets; i++) {
		struct life *newest = r->lives.bucket[i], *l = living(newest);

		while (newest != NULL && (l == NULL || !l->evidence.abend)) {
			newest = newest->next;
			l = living(newest);
		}
		if (l == NULL)
			continue;
		deaths_end(r, l, now);
		drain(r, now);
		any = true;
	}
	return any;
}

void
reconcile_conclude(struct reconcile *r, int64_t now)
{
	do
		reconcile_finish(r, now);
	while (end_crashed(r, now));
}

void
reconcile_new_boot(
    struct reconcile *r, const struct ident *id, int64_t ms, int64_t now)
{
	reconcile_conclude(r, now);
	for (size_t i = 0; i < r->lives.nbuckets; i++) {
		struct life *l;

		while ((l = r->lives.bucket[i]) != NULL) {
			if (l->state == LIFE_ALIVE)
				tell_restart(r, l, ms);
			lives_remove(&r->lives, l);
		}
	}
	r->ngrace = r->nundecided = 0;
	r->newest_pid = r->stray_pid = 0;
	r->stray_ms = TIME_UNKNOWN;
	r->ticks = (struct ticks){.newest = 0};
	r->heard_ms = r->untold_ms = r->gap_ms = TIME_UNKNOWN;
	r->nunheard = 0;
	memset(r->reboots, 0, sizeof(r->reboots));
	r->ident = *id;
}

void
reconcile_acct_on(struct reconcile *r, bool on)
{
	r->acct_on = on;
}

void
reconcile_hide(
    struct reconcile *r, int32_t pid, int32_t ppid, int64_t ms, int64_t now)
{
	births_hidden(r, pid, ppid, ms, now);
	drain(r, now);
}

bool
reconcile_wants_barrier(const struct reconcile *r, int64_t *since)
{
	const struct life *l = TAILQ_FIRST(&r->lives.queue[QUEUE_BARRIER]);

	if (l != NULL) {
		*since = l->deadline - PATIENCE * r->set.lateness_ms;
		return true;
	}
	l = TAILQ_FIRST(&r->lives.queue[QUEUE_BIRTH]);
	if (l == NULL || !infer_record_unproven(r, l))
		return false;
	*since = l->deadline - r->set.lateness_ms;
	return true;
}

bool
reconcile_wants_acct(const struct reconcile *r)
{
	return !TAILQ_EMPTY(&r->lives.queue[QUEUE_ACCT]);
}

size_t
reconcile_questions(
    struct reconcile *r, struct reconcile_question *q, size_t max)
{
	struct life *l;
	size_t n = 0;

	r->asked = true;
	while (n < max &&
	       (l = TAILQ_FIRST(&r->lives.queue[QUEUE_SHAPE])) != NULL) {
		lives_enqueue(&r->lives, l, QUEUE_ASKED, INT64_MAX);
		q[n++] = (struct reconcile_question){l->parent.pid, l->pid};
	}
	return n;
}

size_t
reconcile_sweep(
    const struct reconcile *r, size_t *cursor, int32_t *pids, size_t max)
{
	size_t n = 0;

	for (; *cursor < r->lives.nbuckets; ++*cursor) {
		struct life *newest = r->lives.bucket[*cursor];

		for (; newest != NULL; newest = newest->next) {
			const struct life *l = living(newest);

			if (l == NULL || l->queue != QUEUE_NONE)
				continue;
			if (n == max)
				return n;
			pids[n++] = l->pid;
		}
	}
	*cursor = 0;
	return n;
}

size_t
reconcile_unreaped(const struct reconcile *r, int32_t *pids, size_t max)
{
	const struct life *l;
	size_t n = 0;

	TAILQ_FOREACH_REVERSE(
	    l, &r->lives.queue[QUEUE_REBOOT], life_list, in_queue)
	{
		if (n == max)
			break;
		if (l->reaped_ms == TIME_UNKNOWN)
			pids[n++] = l->pid;
	}
	return n;
}

size_t
reconcile_alive(const struct reconcile *r)
{
	return r->lives.count;
}

const struct reconcile_counts *
reconcile_counts(const struct reconcile *r)
{
	return &r->counts;
}
