/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_check_impl.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Of one history; one difference often brings others. */
#define DIFFERENCES_SHOWN 5

/* Who lived when the clock was set, or so soon before or after it. */
#define CLOCK_US 1000000
/* A step so small is less than what a record may be late (steady.c). */
#define SMALL_STEP_US 2000000
/* Of two so near to one another only the sum may be seen: sim_live.c. */
#define STALL_US 303000

/* Durations are cut. */
#define ROUNDING_MS 10

/* Events of nobody in the history have serials, too: so many are expected. */
#define OTHER_SERIALS_MAX 4096

static void *
sized(void *at, size_t n, size_t *max, size_t size)
{
	if (n > *max || at == NULL) {
		*max = 2 * n + 64;
		free(at);
		at = calloc(*max, size);
		if (at == NULL)
			abort();
	}
	memset(at, 0, n * size);
	return at;
}

static bool
is_near_another(const struct sim_history *h, size_t i)
{
	const struct sim_clock *at = &h->clock[i];

	return (i > 0 && at->from_us - at[-1].from_us < STALL_US) ||
	       (i + 1 < h->nclock && at[1].from_us - at->from_us < STALL_US);
}

/* Whether a stamp can be told to be of before or of after it. */
static bool
is_told_apart(const struct sim_history *h, size_t i)
{
	int64_t before_us = i > 0 ? h->clock[i - 1].ahead_us : 0;
	int64_t step_us = h->clock[i].ahead_us - before_us;

	return (step_us >= SMALL_STEP_US || step_us <= -SMALL_STEP_US) &&
	       !is_near_another(h, i);
}

/*
 * A replay sees no clock; live a small step is seen, but not always whether a
 * stamp that is read late is of before or after it.
 */
static bool
is_blurred(const struct sim_check *c, const struct sim_life *l)
{
	const struct sim_history *h = c->history;
	bool live = strcmp(c->way, "live") == 0 || c->killed;

	for (size_t i = 0; i < h->nclock; i++) {
		int64_t us = h->clock[i].from_us;

		if (live && is_told_apart(h, i))
			continue;
		if (us >= l->born_us - CLOCK_US &&
		    (l->died_us == SIM_NEVER || us <= l->died_us + CLOCK_US))
			return true;
	}
	return false;
}

void
sim_check_begin(struct sim_check *c, const struct sim_history *h,
    const struct sim_facts *f, const char *way)
{
	size_t max = c->max_steps, max_too = max, max_orders = max;

	c->history = h;
	c->facts = f;
	c->way = way;
	c->differences = 0;
	c->missed = c->order = 0;
	c->nids = 0;
	c->swept = false;
	ident_init(&c->ident, "host", "boot");
	c->told =
	    sized(c->told, (size_t)h->nlives, &c->max_told, sizeof(*c->told));
	c->given_now =
	    sized(c->given_now, h->nsteps, &max, sizeof(*c->given_now));
	c->given_order = sized(
	    c->given_order, h->nsteps, &max_orders, sizeof(*c->given_order));
	c->serials =
	    sized(c->serials, h->nsteps, &max_too, sizeof(*c->serials));
	c->nserials = h->nsteps + OTHER_SERIALS_MAX;
	c->by_serial = sized(
	    c->by_serial, c->nserials, &c->max_steps, sizeof(*c->by_serial));
	for (size_t i = 0; i < h->nsteps; i++)
		c->given_now[i] = SIM_NEVER;
	for (size_t i = 0; i < c->nserials; i++)
		c->by_serial[i] = SIM_NONE;
	c->records = sized(
	    c->records, f->nrecords, &c->max_records, sizeof(*c->records));
	c->nrecords = 0;
	for (int i = 0; i < h->nlives; i++) {
		c->told[i].first_now = c->told[i].acct_now = SIM_NEVER;
		c->told[i].blurred = is_blurred(c, &h->lives[i]);
	}
}

void
sim_check_fini(struct sim_check *c)
{
	free(c->told);
	free(c->kept);
	free(c->given_now);
	free(c->given_order);
	free(c->by_serial);
	free(c->serials);
	free(c->records);
	free(c->ids);
	c->records = NULL;
	c->ids = NULL;
	c->max_ids = 0;
	c->told = NULL;
	c->kept = NULL;
	c->given_now = NULL;
	c->given_order = NULL;
	c->by_serial = NULL;
	c->serials = NULL;
}

/* Saying what is wrong. */

static void __attribute__((format(printf, 3, 0)))
differ(struct sim_check *c, int life, const char *fmt, va_list ap)
{
	fprintf(c->out, "%s seed %" PRIu64 " %s: ", c->history->profile->name,
	    c->history->seed, c->way);
	vfprintf(c->out, fmt, ap);
	fputc('\n', c->out);
	if (life != SIM_NONE)
		sim_show_life(c, life);
}

void
sim_differ(struct sim_check *c, int life, const char *fmt, ...)
{
	va_list ap;

	if (life != SIM_NONE && (c->told[life].mixed || c->told[life].blurred))
		return;
	if (c->differences++ >= DIFFERENCES_SHOWN)
		return;
	va_start(ap, fmt);
	differ(c, life, fmt, ap);
	va_end(ap);
}

void
sim_differ_for_certain(struct sim_check *c, int life, const char *fmt, ...)
{
	va_list ap;

	c->differences++;
	va_start(ap, fmt);
	differ(c, life, fmt, ap);
	va_end(ap);
}

/* When facts came. */

/* When a life was dead for certain, by its record and what came of it. */
static int64_t
dead_by(const struct sim_check *c, int life)
{
	const struct sim_life *l = &c->history->lives[life];
	int first = c->facts->first[life];
	int64_t read = SIM_NEVER, born = SIM_NEVER;

	for (size_t i = c->nrecords; i-- > 0 && read == SIM_NEVER;) {
		if (c->records[i].record->life == life)
			read = c->records[i].read_ms;
	}
	if (read == SIM_NEVER)
		return SIM_NEVER;
	if (first != SIM_NONE && c->given_now[first] != SIM_NEVER)
		born = c->facts->stamps[first].ms + STAMP_MS;
	else if (l->birth != SIM_NONE && c->given_now[l->birth] != SIM_NEVER)
		born = c->facts->stamps[l->birth].ms + BIRTH_MS;
	else
		return read;
	born += (l->account.at_us - l->account.born_us) / 1000 + ROUNDING_MS;
	return born < read ? born : read;
}

/* Logged since its birth was: that did nobody who had the number before. */
static bool
is_after_birth(const struct sim_check *c, int life, int step)
{
	int birth = c->history->lives[life].birth;

	return birth != SIM_NONE && c->given_now[birth] != SIM_NEVER &&
	       c->given_order[step] > c->given_order[birth];
}

/*
 * Nothing more can come of a life but what is late: what was done at ms was
 * done by another one.
 */
static bool
is_known_over(const struct sim_check *c, int life, int64_t ms)
{
	const struct sim_history *h = c->history;
	bool threads = h->lives[life].birth == SIM_NONE;
	bool over = false;

	if (ms > dead_by(c, life))
		return true;
	for (int i = c->facts->first[life]; i != SIM_NONE;
	     i = c->facts->next[i]) {
		const struct sim_step *s = &h->steps[i];

		if (c->given_now[i] == SIM_NEVER ||
		    (c->told[life].mixed && !is_after_birth(c, life, i)))
			continue;
		if (s->kind == FACT_EXEC && s->success)
			threads = false;
		threads |=
		    s->kind == FACT_BIRTH && s->birth.shape != BIRTH_PROCESS;
		over |= s->kind == FACT_EXIT_GROUP || s->kind == FACT_EXIT;
	}
	return over && !threads;
}

static void
mix(struct sim_check *c, int life, int before)
{
	c->mixed += c->told[life].mixed ? 0 : 1;
	c->told[life].mixed = c->told[before].mixed = true;
}

/* Some record of a life, or of its birth, names this parent. */
static bool
has_parent(const struct sim_check *c, int life, int32_t ppid)
{
	const struct sim_history *h = c->history;
	const struct sim_life *l = &h->lives[life];

	if (l->parent != SIM_NONE && h->lives[l->parent].pid == ppid)
		return true;
	for (int i = c->facts->first[life]; i != SIM_NONE;
	     i = c->facts->next[i]) {
		if (h->steps[i].ppid == ppid)
			return true;
	}
	return false;
}

/* A crash's record has no ppid= (kernel/auditsc.c, audit_core_dumps()). */
static bool
may_name_parent(const struct sim_check *c, int life, const struct sim_step *s)
{
	return s->kind == FACT_ABEND || s->kind == FACT_SECCOMP ||
	       has_parent(c, life, s->ppid);
}

/* By a call that says that it bore a process, its own child. */
static bool
is_child_of(const struct sim_history *h, int life, int parent)
{
	int birth = h->lives[life].birth;

	return birth != SIM_NONE && h->steps[birth].life == parent &&
	       h->steps[birth].birth.shape == BIRTH_PROCESS &&
	       !h->steps[birth].birth.sibling;
}

/*
 * Without accounting, of lives of one parent: it reaped the one before, and
 * then entered the call that bore this one, as its record will say soon. That
 * is waited for where numbers come round at once, but not by who bears: whom it
 * bore would wait, too.
 */
static bool
is_after_reaping(const struct sim_check *c, int before, size_t step)
{
	const struct sim_history *h = c->history;
	const struct sim_life *l = &h->lives[h->steps[step].life];
	const struct sim_step *birth = &h->steps[l->birth];
	int64_t wait_us = birth->last_us - h->steps[step].first_us;

	return !h->profile->acct && h->steps[step].kind != FACT_BIRTH &&
	       c->facts->before[before] != SIM_NONE &&
	       is_child_of(h, h->steps[step].life, birth->life) &&
	       is_child_of(h, before, birth->life) &&
	       c->facts->stamps[step].ms > c->facts->stamps[l->birth].ms &&
	       wait_us < c->settings->lateness_ms * 500;
}

/*
 * A step of a life whose birth record did not come yet: the life before it
 * may have done that as well, unless that is over, or had another parent.
 */
static void
mix_with_before(struct sim_check *c, size_t step)
{
	const struct sim_history *h = c->history;
	const struct sim_step *s = &h->steps[step];
	const struct sim_life *l = &h->lives[s->life];
	int before = c->facts->before[s->life];

	if (before != SIM_NONE && may_name_parent(c, before, s) &&
	    !is_known_over(c, before, c->facts->stamps[step].ms) &&
	    (l->birth == SIM_NONE || (c->given_now[l->birth] == SIM_NEVER &&
					 !is_after_reaping(c, before, step))))
		mix(c, s->life, before);
}

/*
 * A birth record, but the life before died in silence in the same tick: what
 * it did last may have been done by the newborn, if both have one parent.
 */
static void
mix_with_next(struct sim_check *c, size_t step)
{
	const struct sim_history *h = c->history;
	const struct sim_step *s = &h->steps[step];
	int before =
	    s->child == SIM_NONE ? SIM_NONE : c->facts->before[s->child];
	int last = before == SIM_NONE ? SIM_NONE : c->facts->last[before];

	if (last == SIM_NONE || h->steps[last].kind == FACT_EXIT ||
	    h->steps[last].kind == FACT_EXIT_GROUP ||
	    h->steps[last].kind == FACT_ABEND)
		return;
	if (c->facts->stamps[last].ms >= c->facts->stamps[step].ms &&
	    h->steps[last].ppid == h->lives[s->life].pid)
		mix(c, s->child, before);
}

bool
sim_check_is_mixed_with(const struct sim_check *c, int told, int life)
{
	return told != SIM_NONE && c->told[told].mixed && c->told[life].mixed &&
	       c->history->lives[told].pid == c->history->lives[life].pid;
}

static void
give(struct sim_check *c, int life, int64_t now)
{
	if (life != SIM_NONE && c->told[life].first_now == SIM_NEVER)
		c->told[life].first_now = now;
}

void
sim_check_follow(struct sim_check *c, const struct reconcile_settings *settings,
    const int64_t *now)
{
	c->settings = settings;
	c->now = now;
}

uint32_t
sim_check_open(struct sim_check *c, size_t step, uint32_t others)
{
	const struct sim_facts *f = c->facts;
	uint32_t n = sim_facts_serial_index(f, f->stamps[step].serial) + others;

	c->serials[step] = sim_facts_serial(f, n);
	if (n < c->nserials)
		c->by_serial[n] = (int)step;
	return c->serials[step];
}

void
sim_check_step(struct sim_check *c, size_t step)
{
	c->given_now[step] = *c->now;
	c->given_order[step] = c->order++;
	mix_with_before(c, step);
	mix_with_next(c, step);
	give(c, c->history->steps[step].life, *c->now);
}

void
sim_check_record(struct sim_check *c, const struct sim_account *a,
    const struct fact_acct *dates)
{
	if (a->life == SIM_NONE || a->mem_kb == 0)
		return;
	c->records[c->nrecords++] =
	    (struct sim_given){a, *c->now, dates->read_ms, dates->unwritten_ms};
	c->told[a->life].acct_now = *c->now;
	give(c, a->life, *c->now);
}

/* Whose is an event? */

/* The step behind it; SIM_NONE: none of this history. */
int
sim_step_of(const struct sim_check *c, const struct event *ev)
{
	uint32_t n;

	if (ev->nserials == 0)
		return SIM_NONE;
	n = sim_facts_serial_index(c->facts, ev->serials[0]);
	return n < c->nserials ? c->by_serial[n] : SIM_NONE;
}

bool
sim_is_same(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* The life that was told with this id; SIM_NONE: none. */
int
sim_told_as(const struct sim_check *c, int32_t pid, const struct uuid *id)
{
	const struct sim_history *h = c->history;
	int t = SIM_NONE;

	if (pid > 0 && pid < SIM_PID_LIMIT)
		t = h->newest[pid];
	for (; t != SIM_NONE; t = h->tasks[t].before) {
		int life = h->tasks[t].life;

		if (c->told[life].started && sim_is_same(&c->told[life].id, id))
			return life;
	}
	return SIM_NONE;
}

/* Events. */

/* When the call was entered that bore it, if that is known. */
static int64_t
entered_us(const struct sim_history *h, const struct sim_life *l)
{
	return l->birth == SIM_NONE ? l->born_us : h->steps[l->birth].entry_us;
}

/* What happens to a life goes on in time, unless the clock was set. */
static void
check_time(struct sim_check *c, int life, const struct event *ev)
{
	const struct sim_life *l = &c->history->lives[life];
	struct sim_told *t = &c->told[life];

	if (ev->time_ms < t->last_ms && t->started &&
	    !sim_history_is_clock_set(
		c->history, entered_us(c->history, l), l->died_us))
		sim_differ(c, life, "told of a time before the last told");
	t->last_ms = ev->time_ms;
}

static bool
is_args_of(const struct sim_check *c, int step, const struct args *args)
{
	/* the fact that is worked off has its arguments in the facts' own */
	static char room[SIM_ARGS_MAX];
	struct sim_facts facts = *c->facts;
	struct fact fact;

	facts.args = room;
	fact = sim_facts_audit(&facts, (size_t)step);
	return args != NULL && args->count == fact.exec.args.count &&
	       !args->truncated && args->missing_count == 0 &&
	       bytes_equal(args->bytes, fact.exec.args.bytes);
}

static void
on_exec(struct sim_check *c, const struct event *ev)
{
	const struct sim_history *h = c->history;
	int step = sim_step_of(c, ev);
	int life = step == SIM_NONE ? SIM_NONE : h->steps[step].life;
	struct sim_told *t;

	if (life == SIM_NONE || h->steps[step].kind != FACT_EXEC ||
	    !h->steps[step].success) {
		sim_differ(
		    c, life, "an exec that never was: pid %d", ev->process.pid);
		return;
	}
	t = &c->told[life];
	if (!t->started || !sim_is_same(&t->id, &ev->process.id))
		sim_differ(
		    c, life, "exec of another life: pid %d", ev->process.pid);
	if (t->ended)
		sim_differ(c, life, "exec after its end");
	if (!is_args_of(c, step, ev->args))
		sim_differ(c, life, "other arguments in the exec of serial %u",
		    ev->serials[0]);
	if ((size_t)step < t->next_step)
		sim_differ(c, life, "execs out of order");
	t->next_step = (size_t)step + 1;
	t->nexecs++;
	check_time(c, life, ev);
}

static enum end_kind
kind_of(const struct event_end *end)
{
	if (!end->has_status)
		return END_VANISHED;
	return (end->status & 0x7f) == 0 ? END_EXIT : END_SIGNAL;
}

/* When the call was entered that bore l, whose stamp its birth has. */
static int64_t
called_us(const struct sim_history *h, const struct sim_life *l)
{
	return l->birth == SIM_NONE ? l->born_us : h->steps[l->birth].entry_us;
}

static void
on_end(struct sim_check *c, const struct event *ev)
{
	const struct sim_history *h = c->history;
	int life = sim_told_as(c, ev->process.pid, &ev->process.id);
	const struct sim_life *l;

	if (life == SIM_NONE) {
		sim_differ(
		    c, life, "the end of nobody: pid %d", ev->process.pid);
		return;
	}
	l = &h->lives[life];
	if (c->told[life].ended)
		sim_differ(c, life, "ended twice");
	c->told[life].ended = true;
	if (l->died_us == SIM_NEVER) {
		sim_differ(c, life, "ended, but it lives");
		return;
	}
	/* without a birth record accounting's rounding shifts it */
	if (ev->start != START_INFERRED && !c->told[life].guessed &&
	    !sim_history_is_clock_set(
		h, called_us(h, l), l->died_us + 1000000) &&
	    ev->time_ms > sim_history_real(h, l->died_us) / 1000)
		sim_differ(c, life, "ended at %" PRId64 " ms, which is later",
		    ev->time_ms - SIM_EPOCH_US / 1000);
	check_time(c, life, ev);
	if (ev->end.kind != kind_of(&ev->end))
		sim_differ(c, life, "status %x is no end of kind %d",
		    ev->end.status, (int)ev->end.kind);
	c->told[life].end = ev->end;
	c->told[life].end_now = *c->now;
	c->told[life].end_order = c->order++;
}

/* Only serials that never came are ever lost here. */
static void
on_loss(struct sim_check *c, const struct event *ev)
{
	c->losses++;
	if (ev->loss.source == LOSS_SERIAL_GAP && ev->loss.counted)
		c->missed += ev->loss.count;
	else
		sim_differ(c, SIM_NONE, "a loss that never was: %s",
		    ev->loss.detail == NULL ? "" : ev->loss.detail);
}

/* So that sim_check_end() finds out whether two are the same. */
static void
keep_id(struct sim_check *c, const struct event *ev)
{
	if (ev->action == EVENT_LOSS)
		return;
	if (c->nids == c->max_ids) {
		c->max_ids = 2 * c->max_ids + 1024;
		c->ids = reallocarray(c->ids, c->max_ids, sizeof(*c->ids));
		if (c->ids == NULL)
			abort();
	}
	c->ids[c->nids++] = ev->id;
}

void
sim_check_event(void *ctx, const struct event *ev)
{
	struct sim_check *c = ctx;

	c->events++;
	keep_id(c, ev);
	if (c->trace)
		sim_show_event(c, ev);
	switch (ev->action) {
	case EVENT_FORK:
	case EVENT_ALREADY_RUNNING:
		sim_check_start(c, ev);
		break;
	case EVENT_EXEC:
		on_exec(c, ev);
		break;
	case EVENT_END:
		on_end(c, ev);
		break;
	case EVENT_LOSS:
		on_loss(c, ev);
		break;
	default:
		sim_differ(c, SIM_NONE, "event of kind %d", (int)ev->action);
	}
}
