/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconcile_saved.h"

#include <assert.h>

#include "reconcile_impl.h"

/* Any pid may be that of an orphan: higher than all (linux/threads.h). */
#define PID_UNKNOWN (1 << 30)

/* Buckets of the table that one call of reconcile_save() looks at. */
#define SAVE_BUCKETS 512

/*
 * A life that holds more than this is not handed over with every fact, but
 * once there is one for so many bytes.
 */
#define HELD_MANY       (64 * 1024)
#define HELD_BYTES_EACH 4096

/* Handing out. */

static size_t
bytes_held(const struct held_list *list)
{
	const struct held_fact *h;
	size_t n = 0;

	STAILQ_FOREACH(h, list, next)
	n += h->size;
	return n;
}

static void
save(struct lives *t, struct life *l, saved_life_fn fn, void *ctx)
{
	const struct life_parent *p = &l->parent;
	struct saved_life s = {
#define SAVE(kind, name) .name = l->name,
	    SAVED_FIELDS(SAVE)
#undef SAVE
		.parent = {p->known, p->identified, p->id, p->pid,
		name_bytes(p->name), name_bytes(p->executable), p->start_ms},
	    .sources = l->sources,
	    .owner = lives_owner(l),
	    .rare = *lives_rare(l),
	    .name = name_bytes(l->name),
	    .executable = name_bytes(l->executable),
	    .key = name_bytes(l->key),
	    .args = shared_args_view(l->args),
	    .held = &l->held,
	    .locals = &l->locals,
	};

	if (l->evidence.acct)
		s.acct = *l->acct;
	l->handed_out |= t->tracked;
	fn(ctx, &s);
}

void
reconcile_track(struct reconcile *r)
{
	lives_track(&r->lives);
}

/* How often l is touched before it is handed over again. */
static uint16_t
touches_due(const struct life *l)
{
	size_t n = bytes_held(&l->held) + bytes_held(&l->locals);

	if (n <= HELD_MANY)
		return 0;
	n /= HELD_BYTES_EACH;
	return n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

bool
reconcile_changes(struct reconcile *r, bool all,
    const struct reconcile_changes_ops *ops, void *ctx)
{
	struct lives *t = &r->lives;
	struct life *l, *next;

	TAILQ_FOREACH (l, &t->forgotten, in_changed)
		ops->forgotten(ctx, l->number);
	lives_drop_forgotten(t);
	for (l = TAILQ_FIRST(&t->changed); l != NULL; l = next) {
		next = TAILQ_NEXT(l, in_changed);
		if (!all && l->touches < l->touches_due)
			continue;
		TAILQ_REMOVE(&t->changed, l, in_changed);
		l->changed = false;
		l->touches = 0;
		l->touches_due = touches_due(l);
		save(t, l, ops->life, ctx);
		lives_note_kept(t, &l->held);
		lives_note_kept(t, &l->locals);
	}
	return TAILQ_EMPTY(&t->changed);
}

uint64_t
reconcile_unkept(const struct reconcile *r)
{
	return r->lives.nunkept;
}

bool
reconcile_save(struct reconcile *r, size_t *cursor, saved_life_fn fn, void *ctx)
{
	size_t end = *cursor + SAVE_BUCKETS;

	/* More buckets than before have all lives of a bucket in itself and
	 * in one further on: none is passed by. */
	for (; *cursor < r->lives.nbuckets && *cursor < end; ++*cursor) {
		struct life *newest = r->lives.bucket[*cursor];

		for (; newest != NULL; newest = newest->next) {
			struct life *l = newest;

			for (; l != NULL; l = l->older)
				save(&r->lives, l, fn, ctx);
		}
	}
	return *cursor < r->lives.nbuckets;
}

/* Taking back. */

static void
restore_parent(
    struct reconcile *r, struct life *l, const struct event_process *p)
{
	l->parent.known = p->known;
	l->parent.identified = p->identified;
	l->parent.id = p->id;
	l->parent.pid = p->pid;
	l->parent.start_ms = p->start_ms;
	lives_set_name(&r->lives, &l->parent.name, p->name);
	lives_set_name(&r->lives, &l->parent.executable, p->executable);
}

/* What l has by now are those of s: l is to have its own. */
static void
restore_codes(struct reconcile *r, struct life *l, const struct saved_life *s)
{
	struct exit_codes codes = verdict_codes(&s->evidence);

	l->evidence.codes = NULL;
	verdict_set_codes(&r->lives.blocks, &l->evidence, &codes);
}

static void
restore_acct(struct reconcile *r, struct life *l, const struct fact_acct *acct)
{
	if (lives_set_acct(&r->lives, l, acct))
		return;
	l->evidence.acct = false;
	r->counts.refused_lives++;
}

static void
restore_held(struct reconcile *r, struct life *l, struct held_list *to,
    const struct held_list *from, size_t *n)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, from, next)
	{
		if (h->fact.kind == FACT_EXIT && h->fact.reboot != 0)
			reboot_hold(r, &h->fact);
		if (lives_hold(&r->lives, l, to, NULL, &h->fact))
			++*n;
		else
			r->counts.refused_lives++;
	}
}

static void
restore_facts(struct reconcile *r, struct life *l, const struct saved_life *s)
{
	size_t nheld = 0, nlocals = 0;

	if (s->held != NULL)
		restore_held(r, l, &l->held, s->held, &nheld);
	if (s->locals != NULL)
		restore_held(r, l, &l->locals, s->locals, &nlocals);
	lives_note_kept(&r->lives, &l->held);
	lives_note_kept(&r->lives, &l->locals);
	l->nlocals = (uint8_t)nlocals;
	r->lives.nlocals += nlocals;
	lives_add_bearer(&r->lives, l);
}

/*
 * Nobody saw what threads it got while we were away, nor whether it bore the
 * first of a namespace that was due.
 */
static void
doubt_gap(struct life *l)
{
	const struct evidence *ev = &l->evidence;

	if (l->state == LIFE_ENDED || ev->exit_group || ev->acct || ev->gone)
		return;
	l->many = true;
	l->evidence.threads = true;
	l->children_first |= l->first_due;
	l->children_inside &= !l->first_due;
	l->first_due = false;
}

/* Stands it where it stood; the time that it may wait begins anew. */
static void
wait_again(struct reconcile *r, struct life *l, enum life_queue q, int64_t now)
{
	const struct reconcile_settings *s = &r->set;
	int64_t until = INT64_MAX;

	l->given_at = now;
	r->nundecided += l->undecided;
	switch (q) {
	case QUEUE_SHAPE:
	case QUEUE_ASKED:
	case QUEUE_THREAD:
		q = QUEUE_SHAPE; /* to be asked now */
		break;
	case QUEUE_BIRTH:
		until = now + s->lateness_ms;
		break;
	case QUEUE_LATE:
	case QUEUE_OTHERS:
	case QUEUE_REBOOT:
		until = now + s->lateness_ms;
		break;
	case QUEUE_TURN:
		until = now;
		break;
	case QUEUE_ACCT:
		until = now + s->acct_wait_ms;
		break;
	case QUEUE_EXPECTED:
		until = now + PATIENCE * s->lateness_ms;
		break;
	case QUEUE_BARRIER:
		until = now + PATIENCE * s->lateness_ms;
		break;
	case QUEUE_GRACE:
		until = now + s->grace_ms;
		r->ngrace++;
		break;
	case QUEUE_NONE:
	case QUEUES:
		break;
	}
	lives_enqueue(&r->lives, l, q, until);
}

bool
reconcile_restore(struct reconcile *r, const struct saved_life *s,
    uint64_t ticks, int64_t now)
{
	struct life *l;

	if (s->pid <= 0 || s->number < r->lives.next_number)
		return false;
	l = lives_add(&r->lives, s->pid);
	if (l == NULL) {
		r->counts.refused_lives++;
		return false;
	}
#define RESTORE(kind, name) l->name = s->name;
	SAVED_FIELDS(RESTORE)
#undef RESTORE
	l->sources = s->sources & (SOURCE_AUDIT | SOURCE_ACCT | SOURCE_PROCFS);
	r->lives.next_number = s->number + 1;
	r->live = true;
	l->queue = QUEUE_NONE;
	l->ghost = false;
	lives_set_ghost(&r->lives, l, s->ghost);
	l->known_ticks = ticks;
	l->doubtful = false;
	lives_set_doubtful(&r->lives, l, s->doubtful);
	if (reconcile_is_canary(l))
		reconcile_note_canary(r, l);
	lives_set_owner(&r->lives, l, &s->owner);
	lives_set_rare(&r->lives, l, &s->rare);
	restore_parent(r, l, &s->parent);
	lives_set_name(&r->lives, &l->name, s->name);
	lives_set_name(&r->lives, &l->executable, s->executable);
	lives_set_name(&r->lives, &l->key, s->key);
	lives_set_args(&r->lives, l, &s->args);
	restore_codes(r, l, s);
	if (s->evidence.acct)
		restore_acct(r, l, &s->acct);
	restore_facts(r, l, s);
	if (l->doubtful)
		doubt_begin(r, l);
	if (ticks != 0)
		doubt_gap(l);
	wait_again(r, l, s->queue, now);
	/* It waited for an earlier one that did not come back. */
	reconcile_ready(r, l);
	return true;
}

struct reconcile_past
reconcile_past(const struct reconcile *r)
{
	return (struct reconcile_past){r->stray_ms, reboot_until(r)};
}

void
reconcile_restore_past(struct reconcile *r, const struct reconcile_past *past)
{
	r->stray_pid = past->orphans_ms != TIME_UNKNOWN ? PID_UNKNOWN : 0;
	r->stray_ms = past->orphans_ms;
	reboot_unheard(r, TIME_UNKNOWN, past->reboot_ms);
}
