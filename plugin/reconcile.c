/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconcile.h"

#include <assert.h>
#include <stdlib.h>

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
	r->heard_ms = TIME_UNKNOWN;
	STAILQ_INIT(&r->ready);
	return r;
}

void
reconcile_free(struct reconcile *r)
{
	if (r == NULL)
		return;
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
reconcile_forget_oldest(struct reconcile *r)
{
	struct life *l = TAILQ_FIRST(&r->lives.queue[QUEUE_GRACE]);

	if (l == NULL || l->queued_ready || l == r->pinned)
		return false;
	lives_remove(&r->lives, l);
	r->ngrace--;
	r->counts.forgotten_early++;
	return true;
}

struct life *
reconcile_add(struct reconcile *r, int32_t pid)
{
	struct life *l;

	/* Whose end is told may be forgotten early, and what was undecided
	 * for longest counts as a thread. */
	if (r->lives.count >= r->lives.max && !reconcile_forget_oldest(r))
		births_decide_oldest(r);
	l = lives_add(&r->lives, pid);
	if (l == NULL)
		r->counts.refused_lives++;
	return l;
}

/* Facts held, released, applied. */

/* A held life's birth can be told now. */
static bool
is_ready(const struct life *l)
{
	return l->state == LIFE_HELD && l->born && !l->undecided &&
	       (l->older == NULL || l->older->state == LIFE_ENDED);
}

void
reconcile_ready(struct reconcile *r, struct life *l)
{
	if (!is_ready(l) || l->queued_ready)
		return;
	l->queued_ready = true;
	STAILQ_INSERT_TAIL(&r->ready, l, in_ready);
}

/*
 * An accounting record is the last word on a life, but it may be read before
 * others: the held record that fact comes before, or NULL.
 */
static const struct held_fact *
held_record_after(const struct life *l, const struct fact *fact)
{
	const struct held_fact *h;

	if (fact->kind == FACT_ACCT)
		return NULL;
	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_ACCT &&
		    deaths_can_act(&h->fact.acct, fact->at.ms))
			return h;
	}
	return NULL;
}

void
reconcile_hold(
    struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	if (!lives_hold(
		&r->lives, &l->held, held_record_after(l, fact), fact)) {
		r->counts.refused_lives++;
		return;
	}
	lives_touch(&r->lives, l);
	if (fact->at.ms != TIME_UNKNOWN &&
	    (l->first_ms == TIME_UNKNOWN || fact->at.ms < l->first_ms))
		l->first_ms = fact->at.ms;
	if (fact->ppid >= 0)
		l->ppid = fact->ppid;
	if (fact->kind == FACT_BIRTH && fact->birth.shape != BIRTH_THREAD)
		births_expect(r, fact, now);
	if (!l->born && l->queue == QUEUE_NONE)
		lives_enqueue(
		    &r->lives, l, QUEUE_BIRTH, now + r->set.lateness_ms);
}

void
reconcile_note(struct life *l, const struct fact *fact)
{
	if (fact->at.ms != TIME_UNKNOWN &&
	    (l->last_ms == TIME_UNKNOWN || fact->at.ms > l->last_ms))
		l->last_ms = fact->at.ms;
	if (fact->ppid >= 0)
		l->ppid = fact->ppid;
	if (fact->creds.euid != ID_UNSET)
		l->creds = fact->creds;
	if (fact->tty.major != 0)
		l->tty = fact->tty;
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

/* A fact of a life whose birth is told. */
static void
apply(struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	reconcile_note(l, fact);
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
	case FACT_GONE:
	case FACT_ACCT:
		deaths_fact(r, l, fact, now);
		break;
	case FACT_NAMESPACE:
		l->children_local = true;
		break;
	case FACT_FOUND:
	case FACT_TASK:
		break;
	}
}

/*
 * True if l, who has left, did this before: the records of its threads, and
 * of births by them, come in any order.
 */
static bool
is_past(const struct life *l, const struct fact *fact)
{
	const struct evidence *ev = &l->evidence;
	int64_t ms = fact->at.ms;
	int64_t slack = fact->kind == FACT_EXEC ? 0 : 1;

	if (fact->at.serial == 0)
		return false;
	if (ev->acct && l->start != START_INFERRED &&
	    ms < l->birth.ms + (int64_t)(l->acct.elapsed_cs * 10) +
		     slack * TICK_MS)
		return true;
	if (ev->acct && slack > 0 && deaths_can_act(&l->acct, ms))
		return true;
	return l->last_ms != TIME_UNKNOWN && ms < l->last_ms + slack;
}

/* The life that an audit fact is about; NULL: of none any more. */
static struct life *
target(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *l = lives_newest(&r->lives, fact->pid);

	if (l != NULL && l->state == LIFE_ENDED && is_past(l, fact)) {
		r->counts.late++;
		if (fact->kind != FACT_BIRTH)
			return NULL;
		r->pinned = l;
		births_fact(r, l, fact, now);
		r->pinned = NULL;
		return NULL;
	}
	if (l != NULL && l->state != LIFE_ENDED &&
	    (!deaths_is_over(l) || is_past(l, fact))) {
		if (l->undecided) {
			l->ppid = fact->ppid;
			births_decide(r, l, false);
		}
		return l;
	}
	l = reconcile_add(r, fact->pid);
	if (l != NULL)
		l->ppid = fact->ppid;
	return l;
}

static void
route(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *l = target(r, fact, now);

	if (l == NULL)
		return;
	if (l->state == LIFE_ALIVE) {
		apply(r, l, fact, now);
		return;
	}
	reconcile_hold(r, l, fact, now);
	if (!l->born)
		births_match_local(r, l);
}

static void
apply_held(
    struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	if (l->state == LIFE_ALIVE && (!deaths_is_over(l) || is_past(l, fact)))
		apply(r, l, fact, now);
	else if (fact->kind == FACT_ACCT)
		deaths_acct(r, fact, now);
	else
		route(r, fact, now);
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

	if (l->state == LIFE_HELD) {
		lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
		l->state = LIFE_ALIVE;
		tell_start(r, l);
	}
	lives_touch(&r->lives, l);
	while (STAILQ_EMPTY(&r->ready) &&
	       (h = lives_take(&r->lives, &l->held)) != NULL) {
		apply_held(r, l, &h->fact, now);
		lives_drop(h);
	}
	if (!STAILQ_EMPTY(&r->ready))
		return true;
	if (l->state == LIFE_ALIVE)
		deaths_consider(r, l, now);
	return false;
}

/* One release may make others ready; a list, so that depth costs no stack. */
static void
drain(struct reconcile *r, int64_t now)
{
	struct ready_list rest;
	struct life *l;

	if (r->draining)
		return;
	r->draining = true;
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
	r->draining = false;
}

/* Too many facts wait: those who waited longest are told as they are. */
static void
hurry(struct reconcile *r, int64_t now)
{
	size_t bytes = r->set.held_facts * HELD_BYTES_EACH;
	struct life *l;

	while ((r->lives.nheld - r->lives.nlocals > r->set.held_facts ||
		   r->lives.held_bytes > bytes) &&
	       (l = TAILQ_FIRST(&r->lives.queue[QUEUE_BIRTH])) != NULL) {
		r->counts.hurried++;
		births_infer(r, l);
		drain(r, now);
	}
}

static void
on_task(struct reconcile *r, const struct fact *fact)
{
	struct life *l = lives_newest(&r->lives, fact->task.child);

	if (l != NULL && l->undecided) {
		l->ppid = fact->ppid;
		births_decide(r, l, fact->task.thread);
	}
}

static void
on_gone(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *l = lives_newest(&r->lives, fact->pid);

	if (l != NULL && l->state == LIFE_ALIVE)
		deaths_fact(r, l, fact, now);
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
		found_process(r, fact, now);
		break;
	case FACT_TASK:
		on_task(r, fact);
		break;
	case FACT_GONE:
		on_gone(r, fact, now);
		break;
	default:
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

	if (r->heard_ms == TIME_UNKNOWN || ms > r->heard_ms)
		r->heard_ms = ms;
	while ((l = TAILQ_FIRST(&r->lives.queue[QUEUE_BARRIER])) != NULL &&
	       reconcile_barrier_passed(r, l->barrier_ms))
		deaths_end(r, l, now);
	drain(r, now);
}

static void
expire(struct reconcile *r, struct life *l, int64_t now)
{
	switch (l->queue) {
	case QUEUE_BIRTH:
		births_give_up(r, l, now);
		break;
	case QUEUE_ACCT:
		r->counts.unaccounted++;
		deaths_end(r, l, now);
		break;
	case QUEUE_BARRIER:
	case QUEUE_LATE:
		deaths_end(r, l, now);
		break;
	case QUEUE_GRACE:
		lives_remove(&r->lives, l);
		r->ngrace--;
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
	static const enum life_queue timed[] = {
	    QUEUE_BARRIER, QUEUE_ACCT, QUEUE_BIRTH, QUEUE_LATE, QUEUE_GRACE};

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

/* Works a queue off as if all in it were due; true if there was anything. */
static bool
flush(struct reconcile *r, enum life_queue q, int64_t now)
{
	struct life *l = TAILQ_FIRST(&r->lives.queue[q]);

	if (l == NULL)
		return false;
	for (; l != NULL; l = TAILQ_FIRST(&r->lives.queue[q])) {
		if (q == QUEUE_SHAPE || q == QUEUE_ASKED)
			births_decide(r, l, true);
		else if (q == QUEUE_BIRTH)
			births_infer(r, l);
		else
			deaths_end(r, l, now);
		drain(r, now);
	}
	return true;
}

void
reconcile_finish(struct reconcile *r, int64_t now)
{
	bool more;

	do {
		more = flush(r, QUEUE_BARRIER, now);
		more |= flush(r, QUEUE_ACCT, now);
		more |= flush(r, QUEUE_BIRTH, now);
		more |= flush(r, QUEUE_LATE, now);
		more |= flush(r, QUEUE_SHAPE, now);
		more |= flush(r, QUEUE_ASKED, now);
	} while (more);
}

void
reconcile_new_boot(
    struct reconcile *r, const struct ident *id, int64_t ms, int64_t now)
{
	reconcile_finish(r, now);
	for (size_t i = 0; i < r->lives.nbuckets; i++) {
		struct life *l;

		while ((l = r->lives.bucket[i]) != NULL) {
			if (l->state == LIFE_ALIVE)
				tell_restart(r, l, ms);
			lives_remove(&r->lives, l);
		}
	}
	r->ngrace = r->nundecided = 0;
	r->ident = *id;
}

void
reconcile_acct_on(struct reconcile *r, bool on)
{
	r->acct_on = on;
}

void
reconcile_hide(struct reconcile *r, int32_t pid, int64_t ms, int64_t now)
{
	births_hidden(r, pid, ms, now);
	drain(r, now);
}

bool
reconcile_wants_barrier(const struct reconcile *r, int64_t *since)
{
	const struct life *l = TAILQ_FIRST(&r->lives.queue[QUEUE_BARRIER]);

	if (l != NULL) {
		*since = l->waiting_since;
		return true;
	}
	l = TAILQ_FIRST(&r->lives.queue[QUEUE_BIRTH]);
	if (l == NULL || !births_record_unproven(r, l))
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
		const struct life *l = r->lives.bucket[*cursor];

		for (; l != NULL; l = l->next) {
			if (l->state != LIFE_ALIVE || l->queue != QUEUE_NONE)
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
reconcile_alive(const struct reconcile *r)
{
	return r->lives.count;
}

const struct reconcile_counts *
reconcile_counts(const struct reconcile *r)
{
	return &r->counts;
}
