/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconcile_impl.h"

/*
 * Whether the process of the fact is l, which was restored. Start times are
 * compared in ticks since boot, which no step of the real clock moves, where
 * l's are known. Else, whoever has the number and is older than our last stop
 * had it then: l was alive, and a number is given again only after a death.
 */
static bool
is_same(const struct life *l, const struct fact *fact)
{
	if (l->start_ticks != 0)
		return fact->found.start_ticks == l->start_ticks;
	return fact->found.start_ticks <= l->known_ticks;
}

/*
 * Whether it executed another image while nobody looked. Each sign alone can
 * mean less: a name is changed by prctl(2), arguments are written over, and
 * the link of a file that was replaced ends in " (deleted)".
 */
static bool
is_other_image(const struct life *l, const struct fact *fact)
{
	struct bytes executable = name_bytes(l->executable);
	struct bytes args = shared_args_view(l->args).bytes;
	int signs = 0;

	signs += !bytes_equal(fact->comm, name_bytes(l->name));
	signs += !bytes_equal(fact->found.args.bytes, args);
	if (fact->exe.at != NULL && executable.at != NULL)
		signs += !bytes_equal(fact->exe, executable);
	return signs >= 2;
}

/* What an exec that nobody saw has changed. */
static void
take_image(struct reconcile *r, struct life *l, const struct fact *fact)
{
	/* Unknown is better than the one before. */
	names_put(r->lives.names, l->executable);
	l->executable = NULL;
	lives_set_name(&r->lives, &l->name, fact->comm);
	lives_set_name(&r->lives, &l->executable, fact->exe);
	lives_set_args(&r->lives, l, &fact->found.args);
	verdict_drop_codes(&r->lives.blocks, &l->evidence);
	l->evidence =
	    (struct evidence){.first = l->evidence.first, .threads = true};
	l->exit_at = (struct stamp){TIME_UNKNOWN, 0};
}

/*
 * A restored life that goes on. What it executes is as /proc shows it only
 * once no fact of it waits any more.
 */
static void
go_on(struct reconcile *r, struct life *l, const struct fact *fact)
{
	l->start_ticks = fact->found.start_ticks;
	l->known_ticks = 0;
	l->local |= fact->found.local_pids;
	l->may_inherit |= fact->found.local_pids;
	lives_touch(&r->lives, l);
	if (l->undecided)
		shape_decide(r, l, false);
	if (l->state != LIFE_ALIVE || l->queue != QUEUE_NONE)
		return;
	reconcile_note(r, l, fact);
	if (is_other_image(l, fact))
		take_image(r, l, fact);
}

/*
 * Its birth may be in the part of the stream that is not read yet: it was born
 * while we started.
 */
static bool
is_recent(const struct fact *fact)
{
	return fact->found.start_ms + BIRTH_DELAY_MS > fact->found.seen_ms;
}

/* A life that is new to us. Held, as an earlier one's end may not be told. */
static void
begin(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *l = reconcile_add(r, fact->pid);

	if (l == NULL)
		return;
	l->start_ticks = fact->found.start_ticks;
	if (is_recent(fact)) {
		reconcile_hold(r, l, fact, now);
	} else if (lives_hold(&r->lives, l, &l->held, NULL, fact)) {
		found_bear(r, l, fact);
	} else {
		r->counts.refused_lives++;
		lives_remove(&r->lives, l);
	}
}

bool
found_can_be_born(const struct fact_found *f, int64_t ms)
{
	return ms <= f->start_ms + TICK_MS &&
	       ms + BIRTH_DELAY_MS >= f->start_ms;
}

bool
found_is_younger(const struct life *l, int64_t ms)
{
	const struct held_fact *first = STAILQ_FIRST(&l->held);

	return first != NULL && first->fact.kind == FACT_FOUND &&
	       ms + BIRTH_DELAY_MS < first->fact.found.start_ms;
}

void
found_bear(struct reconcile *r, struct life *l, const struct fact *fact)
{
	const struct life *p = lives_newest(&r->lives, fact->ppid);

	l->born = true;
	l->start = START_SNAPSHOT;
	l->sources = SOURCE_PROCFS;
	l->birth = (struct stamp){fact->found.start_ms, 0};
	l->birth_ahead = fact->ahead_ms;
	l->id = ident_life_ticks(&r->ident, l->pid, l->start_ticks);
	l->ppid = l->parent.pid = fact->ppid;
	lives_set_owner(&r->lives, l, &(struct owner){fact->creds, fact->tty});
	l->local = l->may_inherit = fact->found.local_pids;
	l->placed = true;
	l->plain = !fact->found.local_pids;
	/* start_ms moves with every step of the clock; that it was seen does
	 * not */
	l->last_ms = fact->found.seen_ms;
	l->last_ahead = fact->ahead_ms;
	if (l->first_ms == TIME_UNKNOWN)
		l->first_ms = fact->found.seen_ms;
	l->many = true;
	l->evidence.threads = true;
	lives_set_name(&r->lives, &l->name, fact->comm);
	lives_set_name(&r->lives, &l->executable, fact->exe);
	lives_set_args(&r->lives, l, &fact->found.args);
	if (p != NULL)
		births_set_parent(r, l, p, NULL);
	lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
	reconcile_ready(r, l);
}

/* Another process has the number of l, which was restored, by now. */
static void
give_up(struct reconcile *r, struct life *l, int64_t now)
{
	if (l->undecided)
		shape_decide(r, l, true);
	else if (l->state != LIFE_ENDED)
		deaths_reused(r, l, now);
}

void
found_process(struct reconcile *r, const struct fact *fact, int64_t now)
{
	struct life *l = lives_newest(&r->lives, fact->pid);

	if (l == NULL) {
		begin(r, fact, now);
		return;
	}
	if (l->known_ticks == 0)
		return; /* the stream, or /proc, told of it already */
	if (!is_same(l, fact)) {
		give_up(r, l, now);
		begin(r, fact, now);
	} else if (l->state != LIFE_ENDED) {
		go_on(r, l, fact);
	}
}
