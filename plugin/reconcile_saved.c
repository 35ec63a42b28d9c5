/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconcile_saved.h"

#include <assert.h>

#include "reconcile_impl.h"

static void
save(const struct life *l, saved_life_fn fn, void *ctx)
{
	const struct life_parent *p = &l->parent;
	struct saved_life s = {
	    .pid = l->pid,
	    .ppid = l->ppid,
	    .id = l->id,
	    .start = l->start,
	    .sources = l->sources,
	    .birth = l->birth,
	    .start_ticks = l->start_ticks,
	    .first_ms = l->first_ms,
	    .last_ms = l->last_ms,
	    .parent = {p->known, p->identified, p->id, p->pid,
		name_bytes(p->name), name_bytes(p->executable), p->start_ms},
	    .creds = l->creds,
	    .tty = l->tty,
	    .name = name_bytes(l->name),
	    .executable = name_bytes(l->executable),
	    .threads = l->threads,
	    .local = l->local,
	    .children_local = l->children_local,
	    .evidence = l->evidence,
	    .exit_at = l->exit_at,
	    .abend_serial = l->abend_serial,
	};

	if (l->args != NULL)
		s.args = l->args->args;
	fn(ctx, &s);
}

void
reconcile_save(const struct reconcile *r, saved_life_fn fn, void *ctx)
{
	const struct life *l;

	for (size_t i = 0; i < r->lives.nbuckets; i++) {
		/* Who had the pid before is over: its end was waited for. */
		for (l = r->lives.bucket[i]; l != NULL; l = l->next) {
			if (l->state != LIFE_ALIVE || l->hidden)
				continue;
			assert(l->queue == QUEUE_NONE);
			save(l, fn, ctx);
		}
	}
}

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

bool
reconcile_restore(
    struct reconcile *r, const struct saved_life *s, uint64_t ticks)
{
	struct life *l;

	if (lives_newest(&r->lives, s->pid) != NULL)
		return false;
	l = reconcile_add(r, s->pid);
	if (l == NULL)
		return false;
	l->born = true;
	l->state = LIFE_ALIVE;
	l->ppid = s->ppid;
	l->id = s->id;
	l->start = s->start;
	l->sources = s->sources;
	l->birth = s->birth;
	l->start_ticks = s->start_ticks;
	l->known_ticks = ticks;
	l->first_ms = s->first_ms;
	l->last_ms = s->last_ms;
	restore_parent(r, l, &s->parent);
	l->creds = s->creds;
	l->tty = s->tty;
	lives_set_name(&r->lives, &l->name, s->name);
	lives_set_name(&r->lives, &l->executable, s->executable);
	lives_set_args(&r->lives, l, &s->args);
	l->threads = s->threads;
	l->local = s->local;
	l->children_local = s->children_local;
	l->evidence = s->evidence;
	l->exit_at = s->exit_at;
	l->abend_serial = s->abend_serial;
	/* Nobody saw what threads it got while we were away. */
	l->many = true;
	l->evidence.threads = true;
	return true;
}
