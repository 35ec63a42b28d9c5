/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed.h"
#include "redact.h"
#include "steady.h"
#include "syscalls.h"

/* What could not be used is told together, not a line each. */
#define LOSS_INTERVAL_MS 10000

/* A kind of drop as it is told: once in an interval, with the count. */
struct tally {
	uint64_t now, told; /* drops counted, drops told */
	enum loss_source source;
	const char *detail;
};

enum tally_kind {
	TALLY_GARBAGE,
	TALLY_OVERSIZE,
	TALLY_LATE,
	TALLY_LIMIT,
	TALLY_FOREIGN,
	TALLY_UNUSABLE,
	TALLY_LIVES,
	TALLY_HURRIED,
	TALLY_LOCALS,
	TALLY_CROWDED,
	TALLY_SEARCHES,
	TALLY_UNDECIDED,
	TALLIES,
};

static const struct tally tallies[TALLIES] = {
    [TALLY_GARBAGE] = {.source = LOSS_AUDITD_QUEUE,
	.detail = "lines that are no audit records"},
    [TALLY_OVERSIZE] = {.source = LOSS_LIMIT,
	.detail = "lines longer than 65536 bytes"},
    [TALLY_LATE] = {.source = LOSS_LIMIT,
	.detail = "records without their event: it was told, or never came"},
    [TALLY_LIMIT] = {.source = LOSS_LIMIT,
	.detail = "records beyond limits.open_events or limits.event_bytes"},
    [TALLY_FOREIGN] = {.source = LOSS_FOREIGN_NODE,
	.detail = "records of other nodes"},
    [TALLY_UNUSABLE] = {.source = LOSS_LIMIT,
	.detail = "audit events without the fields they need"},
    [TALLY_LIVES] = {.source = LOSS_LIMIT,
	.detail = "facts beyond limits.lives, or beyond memory"},
    [TALLY_HURRIED] = {.source = LOSS_LIMIT,
	.detail = "births told before their time: limits.held_facts, or too "
		  "many facts that wait for one"},
    [TALLY_LOCALS] = {.source = LOSS_LIMIT,
	.detail = "births in pid namespaces: too many wait for their child"},
    [TALLY_CROWDED] = {.source = LOSS_LIMIT,
	.detail = "looks at births in pid namespaces: too many children wait"},
    [TALLY_SEARCHES] = {.source = LOSS_LIMIT,
	.detail = "searches for a child or a birth cut short: too many wait"},
    [TALLY_UNDECIDED] = {.source = LOSS_LIMIT,
	.detail = "births by clone3 taken for threads: too many undecided"},
};

struct pipeline {
	const struct settings *set;
	struct pipeline_ops ops;
	void *ctx;
	struct syscalls *sc;
	struct assemble *assemble;
	struct feed *feed;
	struct reconcile *reconcile;
	int64_t now;
	struct steady steady;
	struct tally tally[TALLIES];
	int64_t told_at;    /* when the tallies were told */
	int64_t told_stamp; /* and the stream's stamp then */
	uint64_t losses;
	char *redacted, *told; /* room for redacted arguments: kept, and told */
	size_t redacted_size;
};

static void
on_fact(void *ctx, const struct fact *fact)
{
	struct pipeline *p = ctx;

	pipeline_fact(p, fact, p->now);
}

static void
on_assembled(void *ctx, const struct assemble_event *ev)
{
	struct pipeline *p = ctx;

	feed_event(p->feed, ev);
}

static int64_t
on_place(void *ctx, int64_t ms)
{
	struct pipeline *p = ctx;

	return steady_hear(&p->steady, ms);
}

/* A log may be part of one: in a replay a serial that it lacks says nothing. */
static void
on_heard(void *ctx, int64_t ms, int64_t whole_ms)
{
	struct pipeline *p = ctx;

	if (p->ops.heard != NULL)
		p->now = p->ops.heard(p->ctx, ms, p->now);
	if (p->ops.replay)
		whole_ms = ms;
	if (whole_ms != TIME_UNKNOWN)
		reconcile_heard(p->reconcile, whole_ms, p->now);
}

static void
on_gap(void *ctx, uint32_t first, uint32_t count, int64_t since_ms,
    int64_t until_ms)
{
	struct pipeline *p = ctx;

	if (p->ops.gap != NULL && p->ops.gap(p->ctx, first, count, since_ms))
		return;
	pipeline_loss(p, &(struct event_loss){.source = LOSS_SERIAL_GAP,
			     .counted = true,
			     .count = count,
			     .since_ms = since_ms,
			     .until_ms = until_ms});
}

static void
on_config(void *ctx, int64_t ms, struct bytes fields)
{
	struct pipeline *p = ctx;

	if (p->ops.config != NULL)
		p->ops.config(p->ctx, ms, fields);
}

static void
on_boot(void *ctx, int64_t ms)
{
	struct pipeline *p = ctx;

	if (p->ops.boot != NULL)
		p->ops.boot(p->ctx, ms);
}

/* What is hidden now may have been let through when it was kept. */
static void
on_event(void *ctx, const struct event *ev)
{
	struct pipeline *p = ctx;
	const struct settings *s = p->set;
	struct event own = *ev;
	struct args args;

	if (ev->args != NULL && s->events.nredact > 0) {
		args = *ev->args;
		redact_args(s->events.redact, s->events.nredact, &args, p->told,
		    p->redacted_size);
		own.args = &args;
	}
	p->ops.event(p->ctx, &own);
}

static struct reconcile_settings
reconcile_settings(const struct settings *s)
{
	return (struct reconcile_settings){
	    .lateness_ms = s->reconcile.lateness_ms,
	    .acct_wait_ms = s->acct.wait_ms,
	    .grace_ms = s->reconcile.grace_ms,
	    .failed_exec = s->events.failed_exec,
	    .already_running = s->events.already_running,
	    .kernel_threads = s->events.kernel_threads,
	    .lives = s->limits.lives,
	    .held_facts = s->limits.held_facts,
	    .args_bytes = s->limits.args_bytes,
	};
}

static bool
build(struct pipeline *p, const struct ident *id, struct err *err)
{
	static const struct assemble_ops ops = {.event = on_assembled,
	    .place = on_place,
	    .heard = on_heard,
	    .gap = on_gap,
	    .config = on_config,
	    .boot = on_boot};
	const struct settings *s = p->set;
	struct assemble_settings as = {.node = s->node,
	    .open_events = s->limits.open_events,
	    .event_bytes = s->limits.event_bytes,
	    .eoe_wait_ms = s->reconcile.eoe_wait_ms,
	    .by_stamps = p->ops.replay,
	    .lateness_ms = s->reconcile.lateness_ms};
	struct reconcile_settings rs = reconcile_settings(s);

	p->sc = syscalls_new();
	if (p->sc != NULL)
		p->assemble = assemble_new(&as, p->sc, &ops, p);
	p->reconcile = reconcile_new(&rs, id, on_event, p);
	p->redacted_size = s->limits.event_bytes;
	p->redacted = malloc(p->redacted_size);
	p->told = malloc(p->redacted_size);
	if (p->assemble == NULL || p->reconcile == NULL ||
	    p->redacted == NULL || p->told == NULL) {
		err_errno(err, "start");
		return false;
	}
	p->feed = feed_new(s->limits.event_bytes, on_fact, p, err);
	return p->feed != NULL;
}

struct pipeline *
pipeline_new(const struct settings *s, const struct ident *id,
    const struct pipeline_ops *ops, void *ctx, struct err *err)
{
	struct pipeline *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		err_errno(err, "start");
		return NULL;
	}
	p->set = s;
	p->ops = *ops;
	p->ctx = ctx;
	p->told_stamp = TIME_UNKNOWN;
	steady_init(&p->steady);
	memcpy(p->tally, tallies, sizeof(tallies));
	if (!build(p, id, err)) {
		pipeline_free(p);
		return NULL;
	}
	return p;
}

void
pipeline_free(struct pipeline *p)
{
	if (p == NULL)
		return;
	feed_free(p->feed);
	assemble_free(p->assemble);
	reconcile_free(p->reconcile);
	syscalls_free(p->sc);
	free(p->redacted);
	free(p->told);
	free(p);
}

void
pipeline_set(struct pipeline *p, const struct settings *s)
{
	struct reconcile_settings rs = reconcile_settings(s);

	p->set = s;
	reconcile_set(p->reconcile, &rs);
}

char *
pipeline_room(struct pipeline *p, size_t *size)
{
	return assemble_room(p->assemble, size);
}

void
pipeline_take(struct pipeline *p, size_t len, int64_t now)
{
	p->now = now;
	assemble_take(p->assemble, len, now);
}

void
pipeline_record(struct pipeline *p, const struct record *rec, int64_t now)
{
	p->now = now;
	assemble_record(p->assemble, rec, now);
}

void
pipeline_clocks(struct pipeline *p, int64_t real_us, int64_t steady_us)
{
	steady_note(&p->steady, real_us, steady_us);
}

int64_t
pipeline_ahead(const struct pipeline *p)
{
	return steady_ahead_now(&p->steady);
}

uint64_t
pipeline_clock_steps(const struct pipeline *p)
{
	return p->steady.steps;
}

void
pipeline_hide(
    struct pipeline *p, int32_t pid, int32_t ppid, int64_t real_ms, int64_t now)
{
	reconcile_hide(p->reconcile, pid, ppid,
	    real_ms - steady_ahead(&p->steady, real_ms), now);
}

/* Hides what the settings want hidden before anything keeps or tells it. */
void
pipeline_fact(struct pipeline *p, const struct fact *fact, int64_t now)
{
	const struct settings *s = p->set;
	struct fact own = *fact;
	struct args *args = NULL;

	p->now = now;
	steady_fact(&p->steady, &own);
	if (fact->kind == FACT_EXEC)
		args = &own.exec.args;
	else if (fact->kind == FACT_FOUND)
		args = &own.found.args;
	if (args != NULL && s->events.nredact > 0)
		redact_args(s->events.redact, s->events.nredact, args,
		    p->redacted, p->redacted_size);
	reconcile_fact(p->reconcile, &own, now);
}

/* The same of what was saved. */
bool
pipeline_restore(struct pipeline *p, const struct saved_life *life,
    uint64_t ticks, int64_t now)
{
	const struct settings *s = p->set;
	struct saved_life hidden = *life;

	redact_args(s->events.redact, s->events.nredact, &hidden.args,
	    p->redacted, p->redacted_size);
	return reconcile_restore(p->reconcile, &hidden, ticks, now);
}

/* Losses. */

/* Real time as the reconciler's. */
static int64_t
steady_of(const struct pipeline *p, int64_t real_ms)
{
	if (real_ms == TIME_UNKNOWN)
		return real_ms;
	return real_ms - steady_ahead(&p->steady, real_ms);
}

void
pipeline_reboots_told(struct pipeline *p, bool told, int64_t since_ms)
{
	reconcile_reboots_told(p->reconcile, told, steady_of(p, since_ms));
}

void
pipeline_gap(struct pipeline *p, int64_t until_ms)
{
	reconcile_gap(p->reconcile, steady_of(p, until_ms));
}

/* A kill took some of the stream if serials are missing. */
static bool
is_of_audit(const struct event_loss *loss)
{
	enum loss_source source = loss->source;

	return source == LOSS_SERIAL_GAP || source == LOSS_KERNEL_LOST ||
	       source == LOSS_AUDITD_QUEUE || source == LOSS_AUDIT_OFF ||
	       (source == LOSS_RESTART && loss->counted);
}

void
pipeline_loss(struct pipeline *p, const struct event_loss *loss)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.action = EVENT_LOSS;
	ev.loss = *loss;
	ev.time_ms = loss->until_ms;
	if (ev.time_ms == TIME_UNKNOWN)
		ev.time_ms = assemble_last_stamp(p->assemble);
	if (is_of_audit(loss))
		reconcile_lost(p->reconcile, steady_of(p, loss->since_ms),
		    steady_of(p, ev.time_ms));
	p->losses++;
	on_event(p, &ev);
}

static void
count_drops(struct pipeline *p)
{
	const struct assemble_counts *a = assemble_counts(p->assemble);
	const struct reconcile_counts *r = reconcile_counts(p->reconcile);
	struct tally *t = p->tally;

	t[TALLY_GARBAGE].now = a->drops[ASSEMBLE_GARBAGE];
	t[TALLY_OVERSIZE].now = a->drops[ASSEMBLE_OVERSIZE];
	t[TALLY_LATE].now = a->drops[ASSEMBLE_LATE];
	t[TALLY_LIMIT].now = a->drops[ASSEMBLE_LIMIT];
	t[TALLY_FOREIGN].now = a->drops[ASSEMBLE_FOREIGN];
	t[TALLY_UNUSABLE].now = feed_unusable(p->feed);
	t[TALLY_LIVES].now = r->refused_lives;
	t[TALLY_HURRIED].now = r->hurried;
	t[TALLY_LOCALS].now = r->locals_dropped;
	t[TALLY_CROWDED].now = r->crowded;
	t[TALLY_SEARCHES].now = r->searches_cut;
	t[TALLY_UNDECIDED].now = r->undecided_dropped;
}

static void
tell_drops(struct pipeline *p)
{
	int64_t stamp = assemble_last_stamp(p->assemble);

	count_drops(p);
	for (int i = 0; i < TALLIES; i++) {
		struct tally *t = &p->tally[i];

		if (t->now == t->told)
			continue;
		pipeline_loss(p, &(struct event_loss){.source = t->source,
				     .counted = true,
				     .count = t->now - t->told,
				     .since_ms = p->told_stamp,
				     .until_ms = stamp,
				     .detail = t->detail});
		t->told = t->now;
	}
	p->told_stamp = stamp;
}

int64_t
pipeline_untold_since(struct pipeline *p)
{
	count_drops(p);
	for (int i = 0; i < TALLIES; i++) {
		if (p->tally[i].now != p->tally[i].told)
			return p->told_stamp;
	}
	return INT64_MAX;
}

/* Time. */

void
pipeline_tick(struct pipeline *p, int64_t now)
{
	p->now = now;
	assemble_tick(p->assemble, now);
	reconcile_tick(p->reconcile, now);
	if (now < p->told_at + LOSS_INTERVAL_MS)
		return;
	p->told_at = now;
	tell_drops(p);
}

int64_t
pipeline_deadline(const struct pipeline *p)
{
	int64_t a = assemble_deadline(p->assemble);
	int64_t r = reconcile_deadline(p->reconcile);

	return a < r ? a : r;
}

void
pipeline_finish(struct pipeline *p, int64_t now)
{
	p->now = now;
	assemble_finish(p->assemble, now);
	if (p->ops.replay)
		reconcile_conclude(p->reconcile, now);
	else
		reconcile_finish(p->reconcile, now);
	tell_drops(p);
}

void
pipeline_new_boot(
    struct pipeline *p, const struct ident *id, int64_t ms, int64_t now)
{
	p->now = now;
	steady_init(&p->steady);
	reconcile_new_boot(p->reconcile, id, ms, now);
}

struct assemble *
pipeline_assemble(struct pipeline *p)
{
	return p->assemble;
}

struct reconcile *
pipeline_reconcile(struct pipeline *p)
{
	return p->reconcile;
}

uint64_t
pipeline_losses(const struct pipeline *p)
{
	return p->losses;
}
