/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether accounting works, which no API tells: a record proves that it did
 * when it was written, and a child of ours whose record does not come, that
 * it does not. What may be missing for it is told with the time between two
 * proofs, once when that is noticed and once when it is over.
 */
#include "plugin_impl.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acct_record.h"
#include "log.h"

/*
 * Where no canary can be born so many ends without a record, and none of others
 * since, say as much. One may lack it although accounting is on: a second
 * SIGKILL was pending (mm/filemap.c, generic_perform_write()).
 */
#define MISSING_ENOUGH 10
/* A fork that fails is tried again so often: the stream tells of it, too. */
#define FORK_AGAIN_MS 1000
/* And one that can't be asked for. */
#define ASK_AGAIN_MS 100
/* Records may be so much newer than the stream. */
#define AHEAD_MS 1000
/* By so much the real clock does not drift between two looks: it was set. */
#define CLOCK_SET_US 10000
/* The stream has come to its end if it brings nothing for so long. */
#define DRAINED_MS 250
/*
 * After a change of accounting, ends that lack a record are due to it for so
 * long: /proc is swept for those that nobody told of.
 */
#define SWITCH_MS 60000
/* A file that goes on being damaged is not told of more often. */
#define TROUBLE_EVERY_MS 10000

static bool
has_drained(const struct plugin *p)
{
	return p->drained && plugin_mono_ms() - p->drained_ms >= DRAINED_MS;
}

/* Ends that lack their record. */
static uint64_t
unexplained(const struct plugin *p)
{
	const struct reconcile_counts *c =
	    reconcile_counts(pipeline_reconcile(p->pipeline));

	return c->unaccounted + c->vanished;
}

bool
acct_holds_back(const struct plugin *p)
{
	return p->acct != NULL && acct_tail_holds_back(p->acct);
}

/* Canaries. */

static void
fork_failed(struct plugin *p, const char *why)
{
	if (!p->fork_fails)
		log_warnx("%s", why);
	p->fork_fails = true;
	p->fork_failures++;
	p->fork_at = p->now + FORK_AGAIN_MS;
}

static void
on_errand(struct ev_loop *loop, ev_io *w, int events)
{
	(void)loop;
	(void)events;
	plugin_turn(w->data);
}

void
acct_watch_errands(struct plugin *p)
{
	if (p->errands == NULL)
		return;
	ev_io_init(&p->on_errand, on_errand, errands_fd(p->errands), EV_READ);
	p->on_errand.data = p;
	ev_io_start(p->loop, &p->on_errand);
}

void
acct_start_errands(struct plugin *p)
{
	struct err err;

	p->errands = errands_start(p->kernel_audit, &err);
	if (p->errands == NULL)
		fork_failed(p, err.text);
}

static void
stop_errands(struct plugin *p)
{
	ev_io_stop(p->loop, &p->on_errand);
	errands_stop(p->errands);
	p->errands = NULL;
	p->canary_asked = false;
	watch_asked(p, false);
}

/* In mode own, one that first takes back what somebody else switched off. */
static void
send_canary(struct plugin *p)
{
	p->canary_takes_back =
	    p->set->acct.mode == ACCT_OWN && p->acct_state == ACCT_SILENT;
	if (p->canary_takes_back)
		p->canary_asked =
		    errands_take_back(p->errands, p->set->acct.own_file);
	else
		p->canary_asked = errands_ask(p->errands, ERRAND_CANARY);
	if (p->canary_asked)
		p->canary_at = p->now;
	else
		p->canary_again_at = p->now + ASK_AGAIN_MS;
}

static void
canary_born(struct plugin *p, const struct errands_word *w)
{
	int64_t ms = plugin_note_clocks(p);

	if (p->fork_fails)
		log_info("fork succeeds again");
	p->fork_fails = false;
	p->canary = (struct canary){w->pid, p->canary_at, p->now, ms, false};
	p->unexplained = unexplained(p);
	pipeline_hide(
	    p->pipeline, w->pid, errands_pid(p->errands), w->forked_ms, p->now);
	errands_release(
	    p->errands, p->canary_takes_back && p->acct_state == ACCT_SILENT);
}

/* A canary whose record was read before it was reaped is forgotten by then. */
static void
canary_over(struct plugin *p, const struct errands_word *w)
{
	p->canary_asked = false;
	if (w->said == ERRANDS_FAILED) {
		fork_failed(p, strerror(w->error));
		return;
	}
	if (w->error != 0)
		log_warnx("acct(2): %s", strerror(w->error));
	if (p->canary.pid != 0)
		p->canary.reaped = true;
}

static void
hear_errands(struct plugin *p)
{
	/* A fork may wait as well: not while there is something to read. */
	if (p->errands == NULL && p->now >= p->fork_at && has_drained(p) &&
	    !p->stopping && !p->stdin_over) {
		acct_start_errands(p);
		acct_watch_errands(p);
	}
	while (p->errands != NULL) {
		struct errands_word w = errands_word(p->errands);

		switch (w.said) {
		case ERRANDS_SILENT:
			return;
		case ERRANDS_BORN:
			canary_born(p, &w);
			break;
		case ERRANDS_DONE:
		case ERRANDS_FAILED:
			if (w.what == ERRAND_CANARY)
				canary_over(p, &w);
			else
				watch_asked(p, w.said == ERRANDS_DONE);
			break;
		case ERRANDS_GONE:
			stop_errands(p);
			fork_failed(p, "the process for errands is gone");
			break;
		}
	}
}

/* When one is wanted, to see if accounting works or for who waits for it;
 * INT64_MAX: it is not. */
static int64_t
wanted_at(const struct plugin *p)
{
	int64_t since;

	if (p->acct != NULL &&
	    (p->acct_state != ACCT_ON || unexplained(p) != p->unexplained))
		return p->now;
	if (!reconcile_wants_barrier(pipeline_reconcile(p->pipeline), &since))
		return INT64_MAX;
	/* a setting that was lowered has it later than that */
	if (since > p->now)
		since = p->now - CANARY_SENT_MS;
	return canary_due(&p->canary, since, p->set->reconcile.lateness_ms);
}

/* The same, but when it can be made, and once the stream is read. */
static int64_t
sent_at(const struct plugin *p)
{
	int64_t at;

	if (p->errands == NULL || p->canary.pid != 0 || p->canary_asked ||
	    p->stdin_over)
		return INT64_MAX;
	at = wanted_at(p);
	if (at < p->canary_again_at)
		at = p->canary_again_at;
	return p->fork_fails && at < p->fork_at ? p->fork_at : at;
}

int64_t
acct_due(const struct plugin *p)
{
	int64_t sent = sent_at(p);
	int64_t judged = acct_holds_back(p)
			     ? INT64_MAX
			     : canary_judged_at(&p->canary, p->now);

	return sent < judged ? sent : judged;
}

/* On or off? */

static bool
is_silent(const struct plugin *p)
{
	return p->acct_state == ACCT_SILENT || p->acct_state == ACCT_PAUSED;
}

static void
tell(struct plugin *p, int64_t since_ms, const char *detail)
{
	plugin_loss(p,
	    p->acct_state == ACCT_PAUSED ? LOSS_ACCT_PAUSED : LOSS_ACCT_OFF,
	    false, 0, since_ms, detail);
}

static void
acct_works(struct plugin *p, int64_t heard_ms)
{
	if (is_silent(p)) {
		log_info("accounting writes again");
		tell(p, p->acct_proven_ms,
		    "accounting was silent: deaths by signals in between "
		    "have no status");
	}
	p->acct_state = ACCT_ON;
	p->acct_proven_ms = p->acct_read_ms;
	p->acct_heard_ms = heard_ms;
	p->acct_heard_at = p->now;
	reconcile_acct_on(pipeline_reconcile(p->pipeline), true);
}

static void
acct_silent(struct plugin *p)
{
	reconcile_acct_on(pipeline_reconcile(p->pipeline), false);
	p->acct_switch.open = false;
	if (is_silent(p))
		return;
	if (acct_tail_lacks_space(p->acct)) {
		p->acct_state = ACCT_PAUSED;
		log_warnx("accounting is paused for lack of disk space");
		tell(p, p->acct_proven_ms,
		    "accounting is paused: deaths by signals have no status");
		return;
	}
	p->acct_state = ACCT_SILENT;
	if (p->set->acct.mode == ACCT_OWN)
		p->canary.pid = 0; /* the next one takes it back, at once */
	log_warnx("accounting is off, or written to another file: see "
		  "`proclife check`");
	tell(p, p->acct_proven_ms,
	    "accounting is silent: deaths by signals have no status");
}

/*
 * No record of the canary although it is long gone. Others' since then say as
 * much: then the next may be sent as soon as there is doubt again.
 */
static void
judge_canary(struct plugin *p)
{
	const struct canary *c = &p->canary;
	bool heard = p->acct_heard_ms > c->at_ms;

	if (!canary_is_late(c, p->now) || acct_holds_back(p))
		return;
	if (p->acct != NULL && c->reaped && !heard)
		acct_silent(p);
	if (canary_is_stale(c, p->now) || (c->reaped && heard))
		p->canary.pid = 0;
}

/* Ends are counted late: for so long some may be older than the newest record.
 */
static int64_t
counted_within(const struct plugin *p)
{
	return p->set->reconcile.lateness_ms + p->set->acct.wait_ms;
}

static void
judge_missing(struct plugin *p)
{
	if (p->now < p->acct_heard_at + counted_within(p)) {
		p->acct_heard_unexplained = unexplained(p);
		return;
	}
	/* a fork that failed long ago says nothing of now */
	if (p->fork_fails && p->now < p->fork_at + FORK_AGAIN_MS &&
	    !is_silent(p) && !acct_holds_back(p) &&
	    unexplained(p) >= p->acct_heard_unexplained + MISSING_ENOUGH)
		acct_silent(p);
}

/*
 * Changes. Whoever switches accounting off, or to another file, gets a record
 * while it lives, the last of its file (kernel/acct.c, acct_pin_kill()). From
 * then until the next record it may have been off.
 */

static void
see_switch(struct plugin *p, const struct fact *fact)
{
	struct acct_switch *s = &p->acct_switch;

	if (s->open && s->until_ms == TIME_UNKNOWN)
		s->until_ms = fact->acct.read_ms;
	if (!acct_record_is_of_the_living(fact) || fact->pid == getpid() ||
	    fact->pid == p->canary.pid)
		return;
	if (!s->open) {
		s->since_ms = p->acct_read_ms;
		s->unexplained = unexplained(p);
	}
	s->open = true;
	s->until_ms = TIME_UNKNOWN;
	s->forget_at = p->now + SWITCH_MS;
}

static void
judge_switch(struct plugin *p)
{
	struct acct_switch *s = &p->acct_switch;

	if (!s->open || s->until_ms == TIME_UNKNOWN)
		return;
	if (unexplained(p) != s->unexplained) {
		pipeline_loss(p->pipeline,
		    &(struct event_loss){.source = LOSS_ACCT_OFF,
			.since_ms = s->since_ms,
			.until_ms = s->until_ms,
			.detail = "accounting was switched: deaths in between "
				  "may lack their status"});
		s->open = false;
	} else if (p->now >= s->forget_at) {
		s->open = false;
	}
}

void
acct_heard(struct plugin *p, const struct fact *fact)
{
	see_switch(p, fact);
	if (fact->pid == p->canary.pid)
		p->canary.pid = 0;
	acct_works(p, fact->acct.read_ms);
}

/* Trouble with the file. */

static void
tell_trouble(struct plugin *p)
{
	unsigned trouble = p->acct_trouble;

	if (trouble == 0 || p->now < p->acct_trouble_at)
		return;
	if (trouble & ACCT_TROUBLE_TRUNCATED)
		plugin_loss(p, LOSS_ACCT_OFF, false, 0, p->acct_trouble_ms,
		    "the accounting file was cut");
	if (trouble & ACCT_TROUBLE_MISALIGNED)
		plugin_loss(p, LOSS_ACCT_OFF, false, 0, p->acct_trouble_ms,
		    "the accounting file held what is no record");
	if (trouble & ACCT_TROUBLE_OLD_VERSION)
		log_warnx("this kernel writes accounting records without a "
			  "pid (no CONFIG_BSD_PROCESS_ACCT_V3): useless");
	if (trouble & ACCT_TROUBLE_GONE)
		log_warnx("the accounting file is gone");
	p->acct_trouble = 0;
	p->acct_trouble_at = p->now + TROUBLE_EVERY_MS;
}

/*
 * Up to when records are wanted. While the stream comes late they wait, too:
 * of lives of which nothing was read there would be ever more, whose records
 * alone say little, and each that is looked for costs time, so that it would
 * come later still. Where nothing comes for a while it has come to its end.
 */
static int64_t
wanted_until(const struct plugin *p)
{
	if (p->stdin_over || p->newest_ms == TIME_UNKNOWN || has_drained(p))
		return INT64_MAX;
	return p->newest_ms + p->position.ahead_us / 1000 + AHEAD_MS;
}

void
acct_read(struct plugin *p)
{
	const struct reconcile *r = pipeline_reconcile(p->pipeline);
	struct acct_look look = {.until_ms = wanted_until(p)};
	unsigned trouble;

	if (p->acct == NULL)
		return;
	if (llabs(p->position.ahead_us - p->acct_ahead_us) > CLOCK_SET_US)
		acct_tail_forget(p->acct);
	p->acct_ahead_us = p->position.ahead_us;
	do {
		look.now_ms = p->acct_look_ms = plugin_real_ms();
		look.facts = reconcile_counts(r)->facts;
	} while (
	    acct_tail_read(p->acct, &look, plugin_fact, p) == ACCT_TAIL_BATCH);
	trouble = acct_tail_take_trouble(p->acct);
	if (trouble != 0 && p->acct_trouble == 0)
		p->acct_trouble_ms = p->acct_read_ms;
	p->acct_trouble |= trouble;
	if (!acct_holds_back(p))
		p->acct_read_ms = look.now_ms;
}

void
acct_turn(struct plugin *p)
{
	if (p->acct != NULL) {
		tell_trouble(p);
		judge_switch(p);
		judge_missing(p);
	}
	/* Of one that is over we hear only now: its record is read first. */
	judge_canary(p);
	hear_errands(p);
	if (p->drained && p->now >= sent_at(p))
		send_canary(p);
}

int
acct_start(struct plugin *p, struct err *err)
{
	const struct saved_position *c = &p->position;
	int64_t ms = plugin_real_ms();

	p->acct_heard_ms = p->acct_read_ms = p->acct_proven_ms = ms;
	if (p->set->acct.mode == ACCT_OFF)
		return 0;
	if (c->acct.n > 0) {
		p->acct_read_ms = c->acct_read_ms;
		p->acct_state = c->acct_state == ACCT_ON
				    ? ACCT_UNKNOWN
				    : (enum acct_state)c->acct_state;
	}
	if (c->acct_proven_ms != TIME_UNKNOWN)
		p->acct_proven_ms = c->acct_proven_ms;
	p->acct = acct_tail_open(p->set, &c->acct, err);
	if (p->acct == NULL)
		return -1;
	/* until a canary shows that nothing comes */
	reconcile_acct_on(pipeline_reconcile(p->pipeline), true);
	return 0;
}
