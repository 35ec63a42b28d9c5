/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Of one history; one difference often brings others. */
#define DIFFERENCES_SHOWN 5

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

void
sim_check_begin(struct sim_check *c, const struct sim_history *h,
    const struct sim_facts *f, const char *way)
{
	size_t max = c->max_steps, max_too = max;

	c->history = h;
	c->facts = f;
	c->way = way;
	c->differences = 0;
	c->missed = 0;
	c->swept = false;
	ident_init(&c->ident, "host", "boot");
	c->told =
	    sized(c->told, (size_t)h->nlives, &c->max_told, sizeof(*c->told));
	c->given_now =
	    sized(c->given_now, h->nsteps, &max, sizeof(*c->given_now));
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
	for (int i = 0; i < h->nlives; i++)
		c->told[i].first_now = c->told[i].acct_now = SIM_NEVER;
}

void
sim_check_fini(struct sim_check *c)
{
	free(c->told);
	free(c->given_now);
	free(c->by_serial);
	free(c->serials);
	free(c->records);
	c->records = NULL;
	c->told = NULL;
	c->given_now = NULL;
	c->by_serial = NULL;
	c->serials = NULL;
}

/* Saying what is wrong. */

__attribute__((format(printf, 3, 4))) static void
differ(struct sim_check *c, int life, const char *fmt, ...)
{
	va_list ap;

	if (c->differences++ >= DIFFERENCES_SHOWN)
		return;
	fprintf(c->out, "%s seed %" PRIu64 " %s: ", c->history->profile->name,
	    c->history->seed, c->way);
	va_start(ap, fmt);
	vfprintf(c->out, fmt, ap);
	va_end(ap);
	fputc('\n', c->out);
	if (life != SIM_NONE)
		sim_show_life(c, life);
}

/* A birth record that has the child's number in its parent's namespace. */
static bool
is_local(const struct sim_history *h, int step)
{
	return h->lives[h->steps[step].life].ns != 0;
}

/* When facts came. */

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
	give(c, c->history->steps[step].life, *c->now);
}

void
sim_check_record(
    struct sim_check *c, const struct sim_account *a, int64_t read_ms)
{
	if (a->life == SIM_NONE || a->mem_kb == 0)
		return;
	c->records[c->nrecords++] = (struct sim_given){a, *c->now, read_ms};
	c->told[a->life].acct_now = *c->now;
	give(c, a->life, *c->now);
}

/* When a birth can be told: its record is there, and its parent's told. */
static int64_t
birth_now(const struct sim_check *c, int life)
{
	int64_t now = 0;

	while (life != SIM_NONE && c->history->lives[life].birth != SIM_NONE) {
		int step = c->history->lives[life].birth;

		if (c->given_now[step] > now)
			now = c->given_now[step];
		life = c->history->steps[step].life;
	}
	return now;
}

/*
 * Of a local birth only the child's ppid= tells whose record is meant, and if
 * there are several, nothing does.
 */
static bool
is_plain(const struct sim_check *c, int life)
{
	const struct sim_history *h = c->history;
	const struct sim_life *l = &h->lives[life];
	const struct sim_step *birth = &h->steps[l->birth];
	int first = c->facts->first[life], births = 0;

	if (!is_local(h, l->birth))
		return true;
	for (int i = c->facts->first[birth->life]; i != SIM_NONE;
	     i = c->facts->next[i])
		births += h->steps[i].kind == FACT_BIRTH;
	return births == 1 && first != SIM_NONE &&
	       h->steps[first].kind != FACT_ABEND &&
	       h->steps[first].ppid == h->lives[birth->life].pid &&
	       l->parent == birth->life;
}

static bool
came_in_time(const struct sim_check *c, int life)
{
	int64_t first = c->told[life].first_now;
	int64_t birth = birth_now(c, life);

	return c->history->lives[life].birth != SIM_NONE && is_plain(c, life) &&
	       birth != SIM_NEVER &&
	       (first >= birth || birth - first < c->settings->lateness_ms);
}

/* Whose is an event? */

/* The step behind it; SIM_NONE: none of this history. */
static int
step_of(const struct sim_check *c, const struct event *ev)
{
	uint32_t n;

	if (ev->nserials == 0)
		return SIM_NONE;
	n = sim_facts_serial_index(c->facts, ev->serials[0]);
	return n < c->nserials ? c->by_serial[n] : SIM_NONE;
}

static bool
is_same(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* The life that was told with this id; SIM_NONE: none. */
static int
told_as(const struct sim_check *c, int32_t pid, const struct uuid *id)
{
	const struct sim_history *h = c->history;
	int t = SIM_NONE;

	if (pid > 0 && pid < SIM_PID_LIMIT)
		t = h->newest[pid];
	for (; t != SIM_NONE; t = h->tasks[t].before) {
		int life = h->tasks[t].life;

		if (c->told[life].started && is_same(&c->told[life].id, id))
			return life;
	}
	return SIM_NONE;
}

/* The life of that number that accounting alone knows by this id. */
static int
told_by_acct(const struct sim_check *c, const struct event *ev)
{
	const struct sim_history *h = c->history;
	int t = SIM_NONE;

	if (ev->process.pid > 0 && ev->process.pid < SIM_PID_LIMIT)
		t = h->newest[ev->process.pid];
	for (; t != SIM_NONE; t = h->tasks[t].before) {
		int life = h->tasks[t].life;
		struct fact f =
		    sim_facts_acct(h, &h->lives[life].account, TIME_UNKNOWN);
		struct uuid id = ident_life_acct(&c->ident, f.pid, &f.acct);

		if (h->lives[life].account.written &&
		    is_same(&id, &ev->process.id))
			return life;
	}
	return SIM_NONE;
}

/*
 * Only order tells which child such a record is of: one of the same parent,
 * younger than the call, may be meant as well.
 */
static int
born_locally(const struct sim_check *c, int step, int32_t pid)
{
	const struct sim_history *h = c->history;
	const struct sim_step *s = &h->steps[step];
	int t = pid > 0 && pid < SIM_PID_LIMIT ? h->newest[pid] : SIM_NONE;

	for (; t != SIM_NONE; t = h->tasks[t].before) {
		const struct sim_life *l = &h->lives[h->tasks[t].life];

		if (l->pid == pid && !c->told[h->tasks[t].life].started &&
		    l->parent == s->life && l->born_us >= s->entry_us)
			return h->tasks[t].life;
	}
	return s->child;
}

static int
starting(const struct sim_check *c, const struct event *ev)
{
	const struct sim_history *h = c->history;
	int step = step_of(c, ev);

	if (ev->action == EVENT_ALREADY_RUNNING) {
		for (int i = 0; i < h->nlives; i++) {
			if (h->lives[i].found &&
			    h->lives[i].pid == ev->process.pid)
				return i;
		}
		return SIM_NONE;
	}
	if (ev->nserials == 0)
		return told_by_acct(c, ev);
	if (step == SIM_NONE)
		return SIM_NONE;
	if (ev->start != START_OBSERVED)
		return h->steps[step].life;
	if (is_local(h, step))
		return born_locally(c, step, ev->process.pid);
	return h->steps[step].child;
}

/* Events. */

/*
 * CLONE_PARENT tells the parent by ppid=, which is read at the call's end: who
 * bore it may be dead by then.
 */
static bool
is_reparented(const struct sim_check *c, int life)
{
	const struct sim_life *l = &c->history->lives[life];
	const struct sim_step *s;

	if (l->birth == SIM_NONE || l->parent == SIM_NONE)
		return false;
	s = &c->history->steps[l->birth];
	return s->birth.sibling &&
	       c->history->lives[l->parent].died_us <= s->last_us;
}

/* A fact that came by now says that the reaper has orphans. */
static bool
is_known_reaper(const struct sim_check *c, int reaper)
{
	const struct sim_history *h = c->history;
	const struct sim_life *r = &h->lives[reaper];

	if (reaper == SIM_INIT)
		return true;
	if (r->birth != SIM_NONE && h->steps[r->birth].birth.new_pidns &&
	    c->given_now[r->birth] <= *c->now)
		return true;
	for (size_t i = 0; i < h->nsteps; i++) {
		const struct sim_step *s = &h->steps[i];
		const struct sim_life *l = &h->lives[s->life];

		if (c->given_now[i] <= *c->now && s->ppid == r->pid &&
		    l->parent != reaper &&
		    c->told[s->life].start == START_OBSERVED &&
		    c->told[s->life].started && l->born_us >= r->born_us)
			return true;
	}
	return false;
}

/*
 * All that tells the parent of who was born unseen is its ppid=, which is a
 * subreaper's or a namespace's init's after the parent's death.
 */
static int
reaper_of(const struct sim_check *c, int life, int32_t ppid)
{
	const struct sim_history *h = c->history;
	const struct sim_account *a = &h->lives[life].account;
	int task = SIM_NONE;

	for (int i = c->facts->first[life]; i != SIM_NONE && task == SIM_NONE;
	     i = c->facts->next[i]) {
		if (h->steps[i].ppid == ppid && h->steps[i].kind != FACT_ABEND)
			task = sim_history_task(h, ppid, h->steps[i].first_us);
	}
	if (task == SIM_NONE && a->written && a->ppid == ppid)
		task = sim_history_task(h, ppid, a->at_us);
	return task == SIM_NONE ? SIM_NONE : h->tasks[task].life;
}

/* Whom a start should tell as its parent. */
static int
expected_parent(const struct sim_check *c, int life, const struct event *ev)
{
	const struct sim_history *h = c->history;
	int parent = h->lives[life].parent, reaper;

	if (ev->start != START_INFERRED || parent == SIM_NONE ||
	    h->lives[parent].pid == ev->parent.pid)
		return parent;
	reaper = reaper_of(c, life, ev->parent.pid);
	if (reaper == SIM_NONE || is_known_reaper(c, reaper))
		return parent;
	return reaper;
}

static void
check_parent(struct sim_check *c, int life, const struct event *ev)
{
	const struct sim_history *h = c->history;
	const struct event_process *p = &ev->parent;
	int parent = expected_parent(c, life, ev);
	int told;

	if (h->lives[life].helper)
		return;
	if (!p->known) {
		if (ev->start == START_OBSERVED)
			differ(c, life, "no parent");
		return;
	}
	if (is_reparented(c, life) && p->pid != h->lives[parent].pid)
		return;
	if (parent == SIM_NONE || h->lives[parent].pid != p->pid) {
		differ(c, life, "wrong parent %d", p->pid);
		return;
	}
	if (!p->identified)
		return;
	told = told_as(c, p->pid, &p->id);
	if (told != parent)
		differ(c, life, "parent %d is another life, or not told yet",
		    p->pid);
}

/* All lives of that number before this one must be over. */
static void
check_others(struct sim_check *c, int life)
{
	const struct sim_history *h = c->history;
	int t = h->newest[h->lives[life].pid];

	for (; t != SIM_NONE; t = h->tasks[t].before) {
		int other = h->tasks[t].life;

		if (h->tasks[t].number == h->lives[other].pid && other < life &&
		    c->told[other].started && !c->told[other].ended)
			differ(c, other, "born again before its end");
	}
}

static void
on_start(struct sim_check *c, const struct event *ev)
{
	int life = starting(c, ev);
	struct sim_told *t;

	if (life == SIM_NONE ||
	    c->history->lives[life].pid != ev->process.pid) {
		differ(c, life, "a life that never was: pid %d, serial %u",
		    ev->process.pid, ev->nserials > 0 ? ev->serials[0] : 0);
		return;
	}
	t = &c->told[life];
	if (t->started)
		differ(c, life, "started twice");
	t->guessed = ev->start == START_OBSERVED &&
		     c->history->lives[life].birth != step_of(c, ev);
	c->guessed += t->guessed;
	t->started = true;
	t->start = ev->start;
	t->id = ev->process.id;
	c->inferred += ev->start == START_INFERRED;
	if (ev->start == START_INFERRED && came_in_time(c, life))
		differ(c, life, "inferred, but its birth record came in time");
	check_parent(c, life, ev);
	check_others(c, life);
}

static bool
is_args_of(const struct sim_check *c, int step, const struct args *args)
{
	struct fact fact = sim_facts_audit(c->facts, (size_t)step);

	return args != NULL && args->count == fact.exec.args.count &&
	       !args->truncated && args->missing_count == 0 &&
	       bytes_equal(args->bytes, fact.exec.args.bytes);
}

static void
on_exec(struct sim_check *c, const struct event *ev)
{
	const struct sim_history *h = c->history;
	int step = step_of(c, ev);
	int life = step == SIM_NONE ? SIM_NONE : h->steps[step].life;
	struct sim_told *t;

	if (life == SIM_NONE || h->steps[step].kind != FACT_EXEC ||
	    !h->steps[step].success) {
		differ(
		    c, life, "an exec that never was: pid %d", ev->process.pid);
		return;
	}
	t = &c->told[life];
	if (!t->started || !is_same(&t->id, &ev->process.id))
		differ(
		    c, life, "exec of another life: pid %d", ev->process.pid);
	if (t->ended)
		differ(c, life, "exec after its end");
	if (!is_args_of(c, step, ev->args))
		differ(c, life, "other arguments in the exec of serial %u",
		    ev->serials[0]);
	if ((size_t)step < t->next_step)
		differ(c, life, "execs out of order");
	t->next_step = (size_t)step + 1;
}

/* The record that an end was told with. */
static const struct sim_account *
record_of(const struct sim_check *c, const struct event_end *end)
{
	for (size_t i = 0; i < c->nrecords; i++) {
		if (c->records[i].record->mem_kb == end->vm_size_kb)
			return c->records[i].record;
	}
	return NULL;
}

static void
check_status(struct sim_check *c, int life)
{
	const struct sim_life *l = &c->history->lives[life];
	const struct event_end *end = &c->told[life].end;
	bool proven = sim_check_verdict(c, life).proof == PROOF_STATUS;
	uint32_t mask = end->core_known ? 0xffff : 0xff7f;

	c->unproven += !proven;
	c->vanished += !end->has_status;
	c->uncertain += end->has_status && !end->certain;
	if (end->has_status && end->certain &&
	    (end->status & mask) != (l->status & mask))
		differ(c, life, "wrong status %x called certain", end->status);
	else if (proven && !(end->has_status && end->certain))
		differ(c, life, "status %x%s, but the facts prove it",
		    end->status, end->has_status ? " uncertain" : " none");
	if (end->has_usage && end->vm_size_kb != l->account.mem_kb &&
	    !sim_check_may_have(c, life, record_of(c, end)))
		differ(c, life, "accounting record %u of another life",
		    (unsigned)end->vm_size_kb);
}

static void
on_end(struct sim_check *c, const struct event *ev)
{
	const struct sim_history *h = c->history;
	int life = told_as(c, ev->process.pid, &ev->process.id);
	const struct sim_life *l;

	if (life == SIM_NONE) {
		differ(c, life, "the end of nobody: pid %d", ev->process.pid);
		return;
	}
	l = &h->lives[life];
	if (c->told[life].ended)
		differ(c, life, "ended twice");
	c->told[life].ended = true;
	if (l->died_us == SIM_NEVER) {
		differ(c, life, "ended, but it lives");
		return;
	}
	/* without a birth record accounting's rounding shifts it */
	if (ev->start != START_INFERRED && !c->told[life].guessed &&
	    !sim_history_is_clock_set(h, l->born_us, l->died_us + 1000000) &&
	    ev->time_ms > sim_history_real(h, l->died_us) / 1000)
		differ(c, life, "ended at %" PRId64 " ms, which is later",
		    ev->time_ms - SIM_EPOCH_US / 1000);
	c->told[life].end = ev->end;
	c->told[life].end_now = *c->now;
}

/* Only serials that never came are ever lost here. */
static void
on_loss(struct sim_check *c, const struct event *ev)
{
	c->losses++;
	if (ev->loss.source == LOSS_SERIAL_GAP && ev->loss.counted)
		c->missed += ev->loss.count;
	else
		differ(c, SIM_NONE, "a loss that never was: %s",
		    ev->loss.detail == NULL ? "" : ev->loss.detail);
}

void
sim_check_event(void *ctx, const struct event *ev)
{
	struct sim_check *c = ctx;

	c->events++;
	if (c->trace)
		sim_show_event(c, ev);
	switch (ev->action) {
	case EVENT_FORK:
	case EVENT_ALREADY_RUNNING:
		on_start(c, ev);
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
		differ(c, SIM_NONE, "event of kind %d", (int)ev->action);
	}
}

/* What is missing. */

static bool
has_more_execs(const struct sim_check *c, int life)
{
	const struct sim_history *h = c->history;

	for (int i = c->facts->first[life]; i != SIM_NONE;
	     i = c->facts->next[i]) {
		const struct sim_step *s = &h->steps[i];

		if ((size_t)i >= c->told[life].next_step &&
		    s->kind == FACT_EXEC && s->success && !c->facts->lost[i])
			return true;
	}
	return false;
}

/* A clone3 that never did anything may have been a thread's. */
static bool
is_known(const struct sim_check *c, int life)
{
	const struct sim_life *l = &c->history->lives[life];

	if (c->told[life].first_now != SIM_NEVER)
		return true;
	return l->birth != SIM_NONE && l->ns == 0 &&
	       !c->facts->lost[l->birth] &&
	       c->history->steps[l->birth].birth.shape == BIRTH_PROCESS;
}

/* Serials between the first and the last that came: those in between count. */
static void
check_losses(struct sim_check *c)
{
	const struct sim_facts *f = c->facts;
	uint32_t first = UINT32_MAX, last = 0, came = 0, expected;

	for (size_t i = 0; i < c->history->nsteps; i++) {
		uint32_t n = sim_facts_serial_index(f, f->stamps[i].serial);

		if (c->serials[i] == 0)
			continue;
		first = n < first ? n : first;
		last = n > last ? n : last;
		came++;
	}
	expected = came > 0 ? last - first + 1 - came : 0;
	/* where serials begin anew there is no 0 */
	if (came > 0 && f->serial_from + last < f->serial_from + first)
		expected++;
	if (c->missed != expected)
		differ(c, SIM_NONE, "%" PRIu64 " serials told as lost of %u",
		    c->missed, expected);
}

void
sim_check_end(struct sim_check *c)
{
	if (c->bytes)
		check_losses(c);
	for (int i = 0; i < c->history->nlives; i++) {
		const struct sim_told *t = &c->told[i];

		if (!t->started) {
			if (is_known(c, i))
				differ(c, i, "not told");
			continue;
		}
		if (has_more_execs(c, i))
			differ(c, i, "execs are missing");
		if (c->history->lives[i].died_us == SIM_NEVER)
			continue;
		if (t->ended)
			check_status(c, i);
		else if (c->swept || sim_check_verdict(c, i).evidence)
			differ(c, i, "its end is missing");
	}
}
