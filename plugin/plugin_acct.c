/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether accounting works, which no API tells: a record proves that it did
 * when it was written, and a child of ours whose record does not come, that
 * it does not. What may be missing for it is told with the time between two
 * proofs, once when that is noticed and once when it is over.
 */
#include "plugin_impl.h"

#include <sys/wait.h>
#include <unistd.h>

#include "acct_record.h"
#include "log.h"

/* A death waits so long for an audit event to come by itself. */
#define BARRIER_WAIT_MS 100
/* An accounting record comes before its process can be reaped. */
#define CANARY_WAIT_MS 1000
/* A silent accounting file is tried again so often. */
#define CANARY_AGAIN_MS 10000
/* A fork that fails is tried again so often: the stream tells of it, too. */
#define FORK_AGAIN_MS 1000
/*
 * After a change of accounting, ends that lack a record are due to it for so
 * long: /proc is swept for those that nobody told of.
 */
#define SWITCH_MS 60000
/* A file that goes on being damaged is not told of more often. */
#define TROUBLE_EVERY_MS 10000

/* Ends that lack their record. */
static uint64_t
unexplained(const struct plugin *p)
{
	const struct reconcile_counts *c =
	    reconcile_counts(pipeline_reconcile(p->pipeline));

	return c->unaccounted + c->vanished;
}

/* Canaries. */

/*
 * In mode own, one that first takes back what somebody else switched off. It
 * may have to wait, so there is one at a time.
 */
static pid_t
fork_canary(const struct plugin *p)
{
	pid_t pid;

	if (p->set->acct.mode != ACCT_OWN || p->acct_state != ACCT_SILENT ||
	    p->canaries > 0) {
		pid = vfork();
		if (pid == 0)
			_exit(0);
		return pid;
	}
	pid = fork();
	if (pid == 0) {
		acct_tail_take_back(p->acct);
		_exit(0);
	}
	return pid;
}

static void
send_canary(struct plugin *p)
{
	int64_t forked_ms = plugin_note_clocks(p), ms;
	pid_t pid = fork_canary(p);

	if (pid < 0) {
		if (!p->fork_fails)
			log_warn("fork");
		p->fork_fails = true;
		p->fork_failures++;
		p->fork_at = p->now + FORK_AGAIN_MS;
		return;
	}
	if (p->fork_fails)
		log_info("fork succeeds again");
	p->fork_fails = false;
	ms = plugin_real_ms();
	p->canary = (struct canary){pid, p->now, ms, false};
	p->canaries++;
	p->unexplained = unexplained(p);
	pipeline_hide(p->pipeline, pid, getpid(), forked_ms, p->now);
}

/* Earlier ones, too: a canary's record may be read before it can be reaped. */
static void
reap_canaries(struct plugin *p)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		p->canaries--;
		if (pid == p->canary.pid)
			p->canary.reaped = true;
	}
}

static bool
wants_canary(const struct plugin *p)
{
	int64_t since;

	if (p->canary.pid != 0 || !p->drained ||
	    (p->fork_fails && p->now < p->fork_at))
		return false;
	if (p->acct != NULL &&
	    (p->acct_state != ACCT_ON || unexplained(p) != p->unexplained))
		return true;
	if (!reconcile_wants_barrier(pipeline_reconcile(p->pipeline), &since))
		return false;
	/* One for whoever waits longest; then it is up to the stream. */
	return p->now >= since + BARRIER_WAIT_MS &&
	       (p->canary.at < since ||
		   p->now >= p->canary.at + p->set->reconcile.lateness_ms);
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
acct_works(struct plugin *p)
{
	if (is_silent(p)) {
		log_info("accounting writes again");
		tell(p, p->acct_proven_ms,
		    "accounting was silent: deaths by signals in between "
		    "have no status");
	}
	p->acct_state = ACCT_ON;
	p->acct_proven_ms = p->acct_read_ms;
	p->acct_heard_ms = plugin_real_ms();
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

	if (c->pid == 0 || p->now < c->at + CANARY_WAIT_MS)
		return;
	if (p->acct != NULL && c->reaped && !heard)
		acct_silent(p);
	if (p->now >= c->at + CANARY_AGAIN_MS || (c->reaped && heard))
		p->canary.pid = 0;
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
		s->until_ms = plugin_real_ms();
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
	acct_works(p);
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

void
acct_read(struct plugin *p)
{
	int64_t before;
	unsigned trouble;

	if (p->acct == NULL)
		return;
	do
		before = plugin_real_ms();
	while (
	    acct_tail_read(p->acct, before, plugin_fact, p) == ACCT_TAIL_BATCH);
	trouble = acct_tail_take_trouble(p->acct);
	if (trouble != 0 && p->acct_trouble == 0)
		p->acct_trouble_ms = p->acct_read_ms;
	p->acct_trouble |= trouble;
	p->acct_read_ms = before;
}

void
acct_turn(struct plugin *p)
{
	reap_canaries(p);
	if (p->acct != NULL) {
		tell_trouble(p);
		judge_switch(p);
	}
	judge_canary(p);
	if (!p->stdin_over && wants_canary(p))
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
		p->acct_read_ms = c->written_ms;
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
