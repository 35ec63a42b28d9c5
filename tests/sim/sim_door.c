/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_door.h"

#include <stdlib.h>
#include <string.h>

#include "acct_record.h"

/* Per mille of events of which some first records come with the last. */
#define SPLIT 300

/* One event: its arguments in hex, and much to spare. */
#define TEXT_SIZE (8 * SIM_ARGS_MAX + 65536)

/* auditd hangs for so long, and then goes on; so long what came first waits. */
#define FIRST_MS   10
#define FLOWS_MS   200
#define ASIDE_MS   400
#define ASIDE_SIZE (16 * TEXT_SIZE)

/* Straight: what assemble does, and feed. */

static int64_t
hear(struct sim_ears *e, int64_t ms)
{
	if (ms > e->last_ms)
		e->last_ms = ms;
	return e->nopen == 0 ? e->last_ms : e->open[0].heard_ms;
}

static void
open_event(struct sim_ears *e, const struct fact *fact, bool noise)
{
	if (e->nopen == SIM_OPEN_MAX)
		abort();
	e->open[e->nopen].fact = *fact;
	e->open[e->nopen].given = noise;
	e->open[e->nopen++].heard_ms = e->last_ms;
}

/* False: it was given already. */
static bool
close_event(struct sim_ears *e, uint32_t serial)
{
	size_t i = 0;
	bool given;

	while (i < e->nopen && e->open[i].fact.at.serial != serial)
		i++;
	if (i == e->nopen)
		return true;
	given = e->open[i].given;
	e->nopen--;
	memmove(
	    &e->open[i], &e->open[i + 1], (e->nopen - i) * sizeof(e->open[0]));
	return !given;
}

static void
fact_straight(struct sim_door *d, const struct fact *fact)
{
	struct fact own = *fact;

	steady_fact(&d->steady, &own);
	reconcile_fact(d->reconcile, &own, *d->check->now);
}

/* One event of a process begins: those before it are given first. */
static void
give_before(struct sim_door *d, int32_t pid)
{
	for (size_t i = 0; i < d->ears.nopen; i++) {
		if (d->ears.open[i].given || d->ears.open[i].fact.pid != pid ||
		    d->ears.open[i].fact.kind == FACT_EXEC)
			continue;
		d->ears.open[i].given = true;
		fact_straight(d, &d->ears.open[i].fact);
	}
}

static void
go_straight(struct sim_door *d, const struct fact *fact, bool noise, bool opens,
    bool closes)
{
	int64_t heard = hear(&d->ears, steady_hear(&d->steady, fact->at.ms));

	d->heard(d->ctx, heard);
	reconcile_heard(d->reconcile, heard, *d->check->now);
	if (opens && !noise)
		give_before(d, fact->pid);
	if (opens && !closes)
		open_event(&d->ears, fact, noise);
	if (!closes)
		return;
	if (close_event(&d->ears, fact->at.serial) && !noise)
		fact_straight(d, fact);
}

/* As text. */

static void
on_event(void *ctx, const struct event *ev)
{
	const struct sim_door *d = ctx;

	sim_check_event(d->check, ev);
}

static int64_t
on_heard(void *ctx, int64_t ms, int64_t now)
{
	const struct sim_door *d = ctx;

	(void)now;
	d->heard(d->ctx, ms);
	return *d->check->now;
}

static void
give_piece(struct sim_door *d, struct bytes piece)
{
	size_t room;
	char *to = pipeline_room(d->pipeline, &room);

	memcpy(to, piece.at, piece.len);
	pipeline_take(d->pipeline, piece.len, *d->check->now);
}

static void
on_ordered(void *ctx, const struct order_line *line)
{
	struct sim_door *d = ctx;

	if (line->record != NULL)
		pipeline_record(d->pipeline, line->record, *d->check->now);
	else
		give_piece(d, line->text);
	d->after(d->ctx);
}

/* All that was written, in pieces of any size. */
static void
give(struct sim_door *d, struct text *t)
{
	const char *at = t->buf;
	size_t left = t->len;

	if (!text_ok(t))
		abort();
	while (left > 0) {
		size_t n = rng_spread(&d->rng, 4096);

		if (n > left)
			n = left;
		if (d->replay)
			order_take(d->order, (struct bytes){at, n});
		else
			give_piece(d, (struct bytes){at, n});
		at += n;
		left -= n;
	}
	t->len = 0;
}

/* The start of a line that was written, or their end. */
static size_t
any_line(struct sim_door *d)
{
	const struct text *t = &d->text;
	size_t at = rng_below(&d->rng, (uint32_t)t->len + 1);

	while (at > 0 && at < t->len && t->buf[at - 1] != '\n')
		at++;
	return at;
}

static void
put_aside(struct sim_door *d, size_t from, size_t to)
{
	struct text *t = &d->text;

	text_add(&d->aside.lines, t->buf + from, to - from);
	memmove(t->buf + from, t->buf + to, t->len - to);
	t->len -= to - from;
}

/* Of the lines that were written just now some come later. */
static void
hang(struct sim_door *d)
{
	struct sim_aside *a = &d->aside;
	int64_t now = *d->check->now;
	bool turns = now >= a->until_ms;

	switch (a->stage) {
	case SIM_FLOWS:
		if (turns)
			put_aside(d, any_line(d), d->text.len);
		break;
	case SIM_ASIDE:
		put_aside(d, 0, turns ? any_line(d) : d->text.len);
		break;
	case SIM_OVERTAKEN:
		if (turns)
			give(d, &a->lines);
		break;
	}
	if (!turns)
		return;
	a->stage = a->stage == SIM_OVERTAKEN ? SIM_FLOWS : a->stage + 1;
	a->until_ms = now + rng_spread(&d->rng,
				a->stage == SIM_FLOWS ? FLOWS_MS : ASIDE_MS);
}

/* Some of the lines that were written come later. */
static void
keep_rest(struct sim_door *d, uint32_t serial)
{
	struct text *t = &d->text;
	struct sim_rest *r = d->rest;
	size_t cut = 1 + rng_below(&d->rng, (uint32_t)t->len - 1);

	while (t->buf[cut - 1] != '\n')
		cut++;
	while (r->serial != 0)
		r++;
	r->len = t->len - cut;
	r->lines = malloc(r->len + 1);
	if (r->lines == NULL)
		abort();
	memcpy(r->lines, t->buf + cut, r->len);
	r->serial = serial;
	t->len = cut;
}

static void
add_rest(struct sim_door *d, uint32_t serial)
{
	for (struct sim_rest *r = d->rest; r < d->rest + SIM_OPEN_MAX; r++) {
		if (r->serial != serial)
			continue;
		text_add(&d->text, r->lines, r->len);
		free(r->lines);
		r->serial = 0;
	}
}

static void
open_pipeline(
    struct sim_door *d, const struct reconcile_settings *s, bool replay)
{
	const struct pipeline_ops ops = {
	    .replay = replay, .event = on_event, .heard = on_heard};
	struct err err;

	d->settings = settings_load(NULL, &err);
	if (d->settings == NULL)
		abort();
	d->settings->reconcile.lateness_ms = s->lateness_ms;
	d->settings->reconcile.grace_ms = s->grace_ms;
	d->settings->acct.wait_ms = s->acct_wait_ms;
	d->settings->events.already_running = s->already_running;
	d->pipeline =
	    pipeline_new(d->settings, &d->check->ident, &ops, d, &err);
	if (d->pipeline == NULL)
		abort();
	d->reconcile = pipeline_reconcile(d->pipeline);
	if (replay)
		d->order = order_new(
		    &(struct order_settings){.lateness_ms = s->lateness_ms},
		    &(struct order_ops){.line = on_ordered}, d);
	if (replay && d->order == NULL)
		abort();
	d->rng.state = d->check->history->seed ^ 0xd00;
	d->style = sim_text_style(d->check->history->seed);
	/* only saved logs lack them */
	d->style.eoe |= !replay;
	d->style.torn = d->check->history->profile->torn;
	text_init(&d->text, malloc(TEXT_SIZE), TEXT_SIZE);
	if (d->text.buf == NULL)
		abort();
	sim_text_start(&d->text, &d->style, SIM_EPOCH_US / 1000);
	give(d, &d->text);
	text_init(&d->aside.lines, malloc(ASIDE_SIZE), ASIDE_SIZE);
	if (d->aside.lines.buf == NULL)
		abort();
	d->aside.until_ms = FIRST_MS; /* who comes first tells what is late */
}

/* Both. */

void
sim_door_open(
    struct sim_door *d, const struct reconcile_settings *s, bool replay)
{
	d->replay = replay;
	d->ears.last_ms = TIME_UNKNOWN;
	steady_init(&d->steady);
	if (d->check->bytes) {
		open_pipeline(d, s, replay);
		return;
	}
	d->reconcile =
	    reconcile_new(s, &d->check->ident, sim_check_event, d->check);
	if (d->reconcile == NULL)
		abort();
}

void
sim_door_clocks(struct sim_door *d, int64_t real_us, int64_t steady_us)
{
	if (d->pipeline == NULL)
		steady_note(&d->steady, real_us, steady_us);
	else
		pipeline_clocks(d->pipeline, real_us, steady_us);
}

void
sim_door_hide(struct sim_door *d, int32_t pid, int32_t ppid, int64_t real_ms)
{
	if (d->pipeline == NULL)
		reconcile_hide(d->reconcile, pid, ppid,
		    real_ms - steady_ahead_now(&d->steady), *d->check->now);
	else
		pipeline_hide(d->pipeline, pid, ppid, real_ms, *d->check->now);
}

void
sim_door_audit(struct sim_door *d, const struct fact *fact, bool noise,
    bool opens, bool closes)
{
	if (d->pipeline == NULL && !d->replay) {
		go_straight(d, fact, noise, opens, closes);
		return;
	}
	if (d->pipeline == NULL) {
		/* an event's lines stand together then */
		if (opens) {
			go_straight(d, fact, noise, true, true);
			d->after(d->ctx);
		}
		return;
	}
	if (closes)
		add_rest(d, fact->at.serial);
	sim_text_event(&d->text, &d->style, fact, noise, opens, closes);
	if (!closes && d->check->history->profile->split &&
	    rng_chance(&d->rng, SPLIT))
		keep_rest(d, fact->at.serial);
	if (d->check->history->profile->aside)
		hang(d);
	give(d, &d->text);
}

/* Through the bytes of its record. */
static struct fact
decode(const struct sim_history *h, const struct sim_account *a, void *bytes)
{
	int64_t died_us = sim_history_real(h, a->at_us);
	struct fact fact;

	sim_text_record(bytes, &(struct sim_death){a->pid, a->ppid,
				   died_us - (a->at_us - a->born_us), died_us,
				   a->status, a->mem_kb, a->flags});
	if (acct_record_decode(bytes, &fact) != ACCT_OK)
		abort();
	return fact;
}

void
sim_door_record(struct sim_door *d, const struct sim_account *a,
    const struct fact_acct *dates)
{
	const struct sim_history *h = d->check->history;
	unsigned char bytes[SIM_RECORD_SIZE];
	struct fact fact = sim_facts_acct(h, a, dates->read_ms);
	struct fact decoded;

	fact.acct.unwritten_ms = dates->unwritten_ms;
	fact.acct.order = dates->order;
	if (d->pipeline == NULL) {
		fact_straight(d, &fact);
		return;
	}
	decoded = decode(h, a, bytes);
	decoded.acct.offset = fact.acct.offset;
	decoded.acct.read_ms = dates->read_ms;
	decoded.acct.unwritten_ms = dates->unwritten_ms;
	decoded.acct.order = dates->order;
	pipeline_fact(d->pipeline, &decoded, *d->check->now);
}

void
sim_door_fact(struct sim_door *d, const struct fact *fact)
{
	if (d->pipeline == NULL)
		fact_straight(d, fact);
	else
		pipeline_fact(d->pipeline, fact, *d->check->now);
}

void
sim_door_tick(struct sim_door *d)
{
	if (d->pipeline != NULL && !d->replay &&
	    d->check->history->profile->aside)
		hang(d);
	if (d->pipeline == NULL)
		reconcile_tick(d->reconcile, *d->check->now);
	else
		pipeline_tick(d->pipeline, *d->check->now);
}

int64_t
sim_door_deadline(const struct sim_door *d)
{
	return d->pipeline == NULL ? reconcile_deadline(d->reconcile)
				   : pipeline_deadline(d->pipeline);
}

void
sim_door_end_stream(struct sim_door *d)
{
	if (d->pipeline != NULL)
		give(d, &d->aside.lines);
	if (d->order != NULL)
		order_finish(d->order);
	if (d->pipeline != NULL)
		assemble_finish(pipeline_assemble(d->pipeline), *d->check->now);
}

void
sim_door_close(struct sim_door *d)
{
	if (d->pipeline == NULL) {
		if (d->replay)
			reconcile_conclude(d->reconcile, *d->check->now);
		else
			reconcile_finish(d->reconcile, *d->check->now);
		reconcile_free(d->reconcile);
		return;
	}
	pipeline_finish(d->pipeline, *d->check->now);
	pipeline_free(d->pipeline);
	order_free(d->order);
	settings_free(d->settings);
	free(d->text.buf);
	free(d->aside.lines.buf);
}
