/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconcile_impl.h"

#include <string.h>

/* Its birth, as real time. */
static struct stamp
birth_of(const struct life *l)
{
	return (struct stamp){l->birth.ms + l->birth_ahead, l->birth.serial};
}

/* What every event about l has. */
static void
begin(struct event *ev, const struct life *l, enum event_action action)
{
	struct owner owner = lives_owner(l);

	memset(ev, 0, sizeof(*ev));
	ev->action = action;
	ev->process = (struct event_process){true, true, l->id, l->pid,
	    name_bytes(l->name), name_bytes(l->executable), birth_of(l).ms};
	ev->parent =
	    (struct event_process){l->parent.known, l->parent.identified,
		l->parent.id, l->parent.pid, name_bytes(l->parent.name),
		name_bytes(l->parent.executable), l->parent.start_ms};
	ev->start = l->start;
	ev->creds = owner.creds;
	ev->tty = owner.tty;
	ev->threads = l->threads;
}

static void
add_serial(struct event *ev, uint32_t serial)
{
	if (serial != 0 && ev->nserials < EVENT_SERIALS_MAX)
		ev->serials[ev->nserials++] = serial;
}

static void
tell(struct reconcile *r, const struct life *l, struct event *ev,
    struct stamp at)
{
	if (l->hidden)
		return;
	ev->id = ident_event(&l->id, ev->action, at);
	r->fn(r->ctx, ev);
}

static void
tell_found(struct reconcile *r, const struct life *l, const struct fact *fact)
{
	struct event ev;

	r->counts.lives++;
	if (!r->set.already_running)
		return;
	begin(&ev, l, EVENT_ALREADY_RUNNING);
	ev.time_ms = fact->found.seen_ms + fact->ahead_ms;
	ev.sources = SOURCE_PROCFS;
	if (fact->found.args.bytes.at != NULL)
		ev.args = &fact->found.args;
	ev.cwd = fact->found.cwd;
	tell(r, l, &ev, birth_of(l));
}

void
tell_start(struct reconcile *r, struct life *l)
{
	const struct held_fact *first = STAILQ_FIRST(&l->held);
	struct event ev;

	if (l->start == START_SNAPSHOT && first != NULL &&
	    first->fact.kind == FACT_FOUND) {
		tell_found(r, l, &first->fact);
		return;
	}
	begin(&ev, l, EVENT_FORK);
	ev.time_ms = birth_of(l).ms;
	ev.sources = l->sources;
	ev.key = name_bytes(l->key);
	add_serial(&ev, l->birth.serial);
	if (!l->hidden)
		r->counts.lives++;
	tell(r, l, &ev, birth_of(l));
}

void
tell_exec(struct reconcile *r, struct life *l, const struct fact *fact)
{
	struct event ev;

	begin(&ev, l, EVENT_EXEC);
	ev.time_ms = steady_shown(fact).ms;
	ev.sources = SOURCE_AUDIT;
	if (fact->exec.args.bytes.at != NULL)
		ev.args = &fact->exec.args;
	ev.cwd = fact->exec.cwd;
	ev.script = fact->exec.script;
	ev.key = fact->key;
	ev.exec_error = fact->exec.error;
	add_serial(&ev, fact->at.serial);
	tell(r, l, &ev, steady_shown(fact));
}

static void
add_usage(struct event_end *end, const struct fact_acct *a)
{
	end->has_usage = true;
	end->user_ms = a->user_cs * CENTISECOND_MS;
	end->system_ms = a->system_cs * CENTISECOND_MS;
	end->elapsed_ms = (uint64_t)fact_elapsed_ms(a);
	end->vm_size_kb = a->mem_kb;
	end->minor_faults = a->minor_faults;
	end->major_faults = a->major_faults;
}

static void
count_end(struct reconcile *r, const struct event_end *end)
{
	r->counts.ends++;
	if (!end->has_status)
		r->counts.vanished++;
	else if (!end->certain)
		r->counts.uncertain++;
}

/* Whether an exit or exit_group that was recorded is what ended l. */
static bool
was_recorded(const struct evidence *e, const struct event_end *end)
{
	return e->exit_group || (e->thread_exit && end->kind == END_EXIT);
}

static void
finish_end(struct reconcile *r, struct life *l, struct event *ev)
{
	const struct evidence *e = &l->evidence;
	const struct args args = shared_args_view(l->args);

	if (was_recorded(e, &ev->end)) {
		ev->time_ms = l->exit_at.ms + l->exit_ahead;
		ev->sources |= SOURCE_AUDIT;
		add_serial(ev, l->exit_at.serial);
	}
	if (e->abend) {
		ev->sources |= SOURCE_AUDIT;
		add_serial(ev, l->abend_serial);
	}
	if (e->acct) {
		ev->sources |= SOURCE_ACCT;
		if (e->proven)
			add_usage(&ev->end, l->acct);
	}
	if (e->gone && ev->sources == 0)
		ev->sources = SOURCE_PROCFS;
	if (args.bytes.at != NULL)
		ev->args = &args;
	if (!l->hidden)
		count_end(r, &ev->end);
	tell(r, l, ev, (struct stamp){TIME_UNKNOWN, 0});
}

void
tell_end(struct reconcile *r, struct life *l, int64_t silent_ms)
{
	struct event ev;

	begin(&ev, l, EVENT_END);
	verdict(&l->evidence, &ev.end);
	ev.end.certain &= sound_is(r, l);
	ev.time_ms = silent_ms;
	finish_end(r, l, &ev);
}

void
tell_restart(struct reconcile *r, struct life *l, int64_t ms)
{
	struct event ev;

	begin(&ev, l, EVENT_END);
	verdict(&l->evidence, &ev.end);
	if (!ev.end.has_status)
		ev.end.kind = END_RESTART;
	ev.time_ms = ms;
	finish_end(r, l, &ev);
}
