/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin's turns, as plugin_turn.c and plugin_watch.c take them, on the
 * history's clock: the stream is read first, accounting then, and only then
 * is worked off what was read.
 */
#include "sim_deliver.h"

#include <string.h>

#include "acct_marks.h"
#include "sim_door.h"

#define READS_A_TURN    16
#define PARTS_A_READ    64
#define BARRIER_WAIT_MS 100
#define CANARY_WAIT_MS  1000
#define SWEEP_EVERY_MS  250
#define SWEEP_PIDS      256
#define DEAD_EVERY_MS   50
#define DEAD_PIDS       64
#define QUESTIONS       64
#define AHEAD_MS        1000
#define DRAINED_US      250000
#define POLL_MS         500
#define STALL_MS        50
/* Of a thousand turns, those after which we get no time for long. */
#define HANGS 20
/* Of a thousand turns, those after which we are killed. */
#define KILLS 50
/* So long after it that accounting was switched is noticed. */
#define NOTICE_US 300000
/* The history is over, and so long nothing more comes. */
#define QUIET_US 16000000
/* In the end nobody is killed for so long: what waits does not begin anew. */
#define CALM_US 8000000

#define CANARY_LIFE_US 200000
#define UNUSED_US      20000000
#define CANARY_PARTS   4

/* A child of ours that exits at once: see plugin_watch.c. */
struct canary {
	int32_t pid; /* 0: none is under way */
	int64_t at_now;
	struct sim_account account;
	bool accounted;
	int64_t queued_us[CANARY_PARTS]; /* exit_group, then its birth */
	int64_t ms[2];
	uint32_t serial[2];
	size_t next;
};

struct live {
	struct sim_check *check;
	const struct sim_history *history;
	struct sim_door door;
	struct rng rng;
	struct canary canary;
	uint32_t canary_events; /* begun */
	size_t part, record;
	int64_t us; /* real time, and the monotonic clock */
	int64_t now, mono_ms, newest_ms, swept_at, dead_at;
	struct acct_marks marks; /* of the accounting file, read until: */
	uint64_t offset;
	bool holds_back;
	size_t sweep_cursor;
	bool drained;
	int64_t drained_us; /* since then */
	int64_t calm_us;    /* until then we are killed now and then */
	const struct reconcile_settings *settings;
};

static int64_t
real_ms(const struct live *v)
{
	return sim_history_real(v->history, v->us) / 1000;
}

/* Looks at both clocks. */
static int64_t
note_clocks(struct live *v)
{
	sim_door_clocks(&v->door, sim_history_real(v->history, v->us), v->us);
	return real_ms(v);
}

static void
spend(struct live *v, uint32_t us)
{
	v->us += (int64_t)rng_spread(&v->rng, us);
}

/* The stream. */

static void
on_heard(void *ctx, int64_t ms)
{
	struct live *v = ctx;

	if (ms > v->newest_ms)
		v->newest_ms = ms;
}

static void
take_part(struct live *v, const struct sim_part *part)
{
	struct fact fact = sim_facts_audit(v->check->facts, part->step);
	bool noise = v->history->steps[part->step].noise;

	if (part->opens)
		sim_check_open(v->check, part->step, v->canary_events);
	fact.at.serial = v->check->serials[part->step];
	if (part->closes && !noise)
		sim_check_step(v->check, part->step);
	sim_door_audit(&v->door, &fact, noise, part->opens, part->closes);
}

/* The serial of an event of ours that begins now. */
static uint32_t
serial_now(struct live *v)
{
	const struct sim_facts *f = v->check->facts;
	uint32_t before = 0;

	for (size_t i = v->part; i > 0 && before == 0; i--) {
		if (f->parts[i - 1].opens)
			before =
			    1 + sim_facts_serial_index(
				    f, f->stamps[f->parts[i - 1].step].serial);
	}
	return sim_facts_serial(f, before + v->canary_events++);
}

/* The canary's exit_group and our vfork: an event each of two records. */
static void
take_canary_part(struct live *v)
{
	struct canary *c = &v->canary;
	size_t which = c->next / 2;
	bool opens = c->next % 2 == 0;
	int32_t us = v->history->lives[SIM_PLUGIN].pid;

	if (opens)
		c->serial[which] = serial_now(v);
	struct fact fact = {.kind = which == 0 ? FACT_EXIT_GROUP : FACT_BIRTH,
	    .at = {c->ms[which], c->serial[which]},
	    .pid = which == 0 ? c->account.pid : us,
	    .ppid = which == 0 ? us : 1,
	    .creds = CREDS_UNKNOWN};

	if (which == 1)
		fact.birth.child = c->account.pid;
	sim_door_audit(&v->door, &fact, false, opens, !opens);
	c->next++;
}

static bool
is_canary_next(const struct live *v)
{
	const struct sim_facts *f = v->check->facts;
	const struct canary *c = &v->canary;

	return c->account.pid != 0 && c->next < CANARY_PARTS &&
	       (v->part == f->nparts ||
		   c->queued_us[c->next] < f->parts[v->part].queued_us);
}

/* Parts that one read() gives: how many can be read at us. */
static size_t
readable(const struct live *v, int64_t us, size_t max)
{
	const struct sim_facts *f = v->check->facts;
	size_t n = 0;

	if (is_canary_next(v))
		return v->canary.queued_us[v->canary.next] + 200 <= us ? 1 : 0;
	while (n < max && v->part + n < f->nparts &&
	       f->parts[v->part + n].read_us <= us)
		n++;
	if (v->canary.account.pid == 0 || v->canary.next == CANARY_PARTS)
		return n;
	for (size_t i = 0; i < n; i++) {
		if (f->parts[v->part + i].queued_us >
		    v->canary.queued_us[v->canary.next])
			return i;
	}
	return n;
}

/* Accounting. */

static void
take_record(struct live *v, const struct sim_account *a)
{
	struct fact_acct dates = {
	    .read_ms = TIME_UNKNOWN, .unwritten_ms = TIME_UNKNOWN};
	int64_t ms = note_clocks(v);

	acct_marks_date(&v->marks, v->offset, &dates);
	v->offset += SIM_RECORD_SIZE;
	acct_marks_read(&v->marks, v->offset);
	if (dates.read_ms == TIME_UNKNOWN)
		dates.read_ms = ms;
	if (a == &v->canary.account) {
		v->canary.accounted = true;
		v->canary.pid = 0;
	} else {
		v->record++;
		sim_check_record(v->check, a, &dates);
	}
	sim_door_record(&v->door, a, &dates);
}

/* What comes next in the file; NULL: nothing that was written by us. */
static const struct sim_account *
next_record(const struct live *v, int64_t us)
{
	const struct sim_facts *f = v->check->facts;
	const struct canary *c = &v->canary;
	const struct sim_account *a = NULL;

	if (v->record < f->nrecords)
		a = f->records[v->record];
	if (c->pid != 0 && !c->accounted && v->history->profile->acct &&
	    (a == NULL || c->account.at_us < a->at_us))
		a = &c->account;
	return a != NULL && a->at_us <= us ? a : NULL;
}

/* How large the file is. */
static uint64_t
size_at(const struct live *v, int64_t us)
{
	const struct sim_facts *f = v->check->facts;
	const struct canary *c = &v->canary;
	size_t n = v->record;

	while (n < f->nrecords && f->records[n]->at_us <= us)
		n++;
	n -= v->record;
	n += c->pid != 0 && !c->accounted && v->history->profile->acct &&
	     c->account.at_us <= us;
	return v->offset + n * SIM_RECORD_SIZE;
}

static int64_t
wanted_until(const struct live *v)
{
	if (v->newest_ms == TIME_UNKNOWN ||
	    (v->drained && v->us - v->drained_us >= DRAINED_US))
		return INT64_MAX;
	return v->newest_ms + real_ms(v) - v->us / 1000 + AHEAD_MS;
}

static void
read_acct(struct live *v)
{
	const struct sim_account *a;
	int64_t us = v->us;
	uint64_t until;

	acct_marks_look(
	    &v->marks, real_ms(v), reconcile_counts(v->door.reconcile)->facts);
	acct_marks_note(&v->marks, size_at(v, us));
	until = acct_marks_after(&v->marks, wanted_until(v));
	spend(v, 100);
	while (v->offset < until && (a = next_record(v, us)) != NULL)
		take_record(v, a);
	v->holds_back = next_record(v, us) != NULL;
}

static void
advance(struct live *v, int64_t newest_before)
{
	int64_t passed = v->us / 1000 - v->mono_ms;

	if (passed > POLL_MS + STALL_MS)
		passed = POLL_MS + STALL_MS;
	if (!v->drained && newest_before != TIME_UNKNOWN &&
	    v->newest_ms - newest_before < passed)
		passed = v->newest_ms - newest_before;
	v->now += passed;
	v->mono_ms = v->us / 1000;
}

static bool
read_stdin(struct live *v)
{
	int64_t newest = v->newest_ms;
	size_t n = readable(v, v->us, 1 + rng_below(&v->rng, PARTS_A_READ));

	note_clocks(v);
	spend(v, 100);
	read_acct(v);
	if (n == 0) {
		if (!v->drained)
			v->drained_us = v->us;
		v->drained = true;
		advance(v, newest);
		return false;
	}
	if (v->drained)
		advance(v, newest); /* until now there was nothing to read */
	if (is_canary_next(v)) {
		take_canary_part(v);
	} else {
		for (size_t i = 0; i < n; i++)
			take_part(v, &v->check->facts->parts[v->part++]);
	}
	if (!v->drained)
		advance(v, newest);
	v->drained = false;
	return true;
}

/* /proc. */

static bool
is_process(const struct live *v, int32_t pid, int task)
{
	const struct sim_history *h = v->history;

	return task != SIM_NONE && h->lives[h->tasks[task].life].pid == pid;
}

static void
ask_questions(struct live *v)
{
	struct reconcile_question q[QUESTIONS];
	size_t n = reconcile_questions(v->door.reconcile, q, QUESTIONS);

	for (size_t i = 0; i < n; i++) {
		int t = sim_history_task(v->history, q[i].child, v->us);
		struct fact fact = {.kind = FACT_TASK,
		    .at = {TIME_UNKNOWN, 0},
		    .pid = q[i].parent,
		    .ppid = -1,
		    .task = {.child = q[i].child, .seen_ms = real_ms(v)}};

		if (t == SIM_NONE) {
			fact.task.gone = true;
		} else if (!is_process(v, q[i].child, t)) {
			const struct sim_life *l =
			    &v->history->lives[v->history->tasks[t].life];

			fact.task.thread = l->pid == q[i].parent;
			fact.task.gone = !fact.task.thread;
		} else {
			fact.task.local_pids =
			    v->history->lives[v->history->tasks[t].life].ns !=
			    0;
		}
		sim_door_fact(&v->door, &fact);
	}
}

/* Whether a life that is thought to be alive is. */
static void
look(struct live *v, int32_t pid)
{
	int t = sim_history_task(v->history, pid, v->us);
	struct fact fact = {.kind = FACT_GONE,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = pid,
	    .ppid = -1,
	    .gone_ms = real_ms(v)};

	if (!is_process(v, pid, t))
		sim_door_fact(&v->door, &fact);
}

static void
sweep(struct live *v)
{
	int32_t pids[SWEEP_PIDS];
	size_t n;

	if (!v->drained || v->now < v->swept_at + SWEEP_EVERY_MS)
		return;
	v->swept_at = v->now;
	n = reconcile_sweep(
	    v->door.reconcile, &v->sweep_cursor, pids, SWEEP_PIDS);
	for (size_t i = 0; i < n; i++)
		look(v, pids[i]);
}

static void
look_for_dead(struct live *v)
{
	int32_t pids[DEAD_PIDS];
	size_t n;

	if (v->now < v->dead_at + DEAD_EVERY_MS)
		return;
	v->dead_at = v->now;
	n = reconcile_unreaped(v->door.reconcile, pids, DEAD_PIDS);
	for (size_t i = 0; i < n; i++)
		look(v, pids[i]);
}

/* Canaries. */

static void
send_canary(struct live *v)
{
	struct canary *c = &v->canary;
	const struct sim_history *h = v->history;
	int64_t forked_ms;
	int32_t pid = sim_history_spare(h, v->us - UNUSED_US, SIM_NEVER);

	/* with few numbers, one that others had or will have */
	if (pid == SIM_NONE)
		pid = sim_history_spare(h, v->us, v->us + CANARY_LIFE_US);
	if (pid == SIM_NONE)
		return;
	memset(c, 0, sizeof(*c));
	c->pid = pid;
	c->at_now = v->now;
	c->ms[1] = sim_history_stamp(h, v->us);
	forked_ms = note_clocks(v);
	spend(v, 100);
	c->ms[0] = sim_history_stamp(h, v->us);
	for (size_t i = 0; i < CANARY_PARTS; i++) {
		v->us += 1 + rng_below(&v->rng, 30);
		c->queued_us[i] = v->us;
		if (i == 1)
			c->account = (struct sim_account){.written = true,
			    .life = SIM_NONE,
			    .at_us = ++v->us,
			    .pid = pid,
			    .ppid = h->lives[SIM_PLUGIN].pid,
			    .born_us = v->us - 50,
			    .mem_kb = 1};
	}
	spend(v, 50);
	sim_door_hide(&v->door, pid, h->lives[SIM_PLUGIN].pid, forked_ms);
}

static void
watch_canary(struct live *v)
{
	struct canary *c = &v->canary;
	int64_t since;

	if (c->pid != 0 && v->now >= c->at_now + 10 * CANARY_WAIT_MS)
		c->pid = 0;
	if (c->pid != 0 || !v->drained || v->history->profile->acct == false ||
	    (c->account.pid != 0 && c->next < CANARY_PARTS))
		return;
	if (reconcile_wants_barrier(v->door.reconcile, &since) &&
	    v->now >= since + BARRIER_WAIT_MS)
		send_canary(v);
}

/* Turns. */

/* Sleeps until something comes, or is due; at times longer. */
static void
sleep_on(struct live *v)
{
	const struct sim_facts *f = v->check->facts;
	int64_t at = sim_door_deadline(&v->door), wait = POLL_MS, since;
	uint32_t hang_ms = v->history->profile->hang_ms;
	int64_t until;

	if (at != INT64_MAX && at - v->now < wait)
		wait = at - v->now;
	if (reconcile_wants_barrier(v->door.reconcile, &since) && wait > 20)
		wait = 20;
	if (!v->drained || wait < 1)
		wait = 1;
	until = v->us + wait * 1000;
	if (v->part < f->nparts && f->parts[v->part].read_us < until)
		until = f->parts[v->part].read_us;
	if (v->record < f->nrecords && f->records[v->record]->at_us < until)
		until = f->records[v->record]->at_us;
	if (is_canary_next(v) &&
	    v->canary.queued_us[v->canary.next] + 200 < until)
		until = v->canary.queued_us[v->canary.next] + 200;
	/* a timer that is cancelled when the clock is set wakes us */
	for (size_t i = 0; i < v->history->nclock; i++) {
		int64_t set_us = v->history->clock[i].from_us;

		if (set_us > v->us && set_us < until)
			until = set_us;
	}
	if (until > v->us)
		v->us = until;
	spend(v, rng_chance(&v->rng, 5) ? 300000 : 2000);
	if (hang_ms > 0 && rng_chance(&v->rng, HANGS))
		spend(v, hang_ms * 1000);
}

/* Whether accounting is on, as far as is noticed. */
static bool
is_acct_on(const struct live *v)
{
	const struct sim_history *h = v->history;
	int64_t us = v->us - NOTICE_US;

	if (!h->profile->acct_noticed)
		return h->profile->acct;
	return h->profile->acct && (us < h->acct_off_us || us >= h->acct_on_us);
}

static void
take_turn(struct live *v)
{
	for (int i = 0; i < READS_A_TURN; i++) {
		if (!read_stdin(v))
			break;
	}
	reconcile_acct_on(v->door.reconcile, is_acct_on(v));
	ask_questions(v);
	if (!v->holds_back) {
		sweep(v);
		look_for_dead(v);
	}
	watch_canary(v);
	sim_door_tick(&v->door);
	if (v->check->killed && v->us < v->calm_us &&
	    rng_chance(&v->rng, KILLS)) {
		sim_door_kill(&v->door, v->settings);
		memset(&v->marks, 0, sizeof(v->marks));
		reconcile_acct_on(v->door.reconcile, is_acct_on(v));
	}
	sleep_on(v);
}

static void
find_all(struct live *v)
{
	const struct sim_history *h = v->history;

	for (int i = 0; i < h->nlives && h->lives[i].found; i++) {
		struct fact fact = sim_facts_found(h, i, real_ms(v));

		sim_door_fact(&v->door, &fact);
	}
}

void
sim_deliver_live(struct sim_check *c)
{
	static const struct reconcile_settings settings = {
	    .lateness_ms = SIM_LATENESS_MS,
	    .acct_wait_ms = 1000,
	    .grace_ms = 10000,
	    .already_running = true,
	    .lives = 100000,
	    .held_facts = 100000,
	    .args_bytes = 4096,
	};
	const struct sim_facts *f = c->facts;
	struct live v = {.check = c,
	    .history = c->history,
	    .rng = {c->history->seed ^ 0x11fe},
	    .door = {.check = c, .heard = on_heard},
	    .us = SIM_EPOCH_US,
	    .mono_ms = SIM_EPOCH_US / 1000,
	    .calm_us = SIM_NEVER,
	    .newest_ms = TIME_UNKNOWN};
	int64_t end_us;

	v.door.ctx = &v;
	v.settings = &settings;
	sim_check_follow(c, &settings, &v.now);
	sim_door_open(&v.door, &settings, false);
	(void)note_clocks(&v);
	find_all(&v);
	reconcile_acct_on(v.door.reconcile, is_acct_on(&v));
	reconcile_reboots_told(v.door.reconcile, true, TIME_UNKNOWN);
	while (v.part < f->nparts || v.record < f->nrecords)
		take_turn(&v);
	end_us = v.us + QUIET_US;
	v.calm_us = end_us - CALM_US;
	while (v.us < end_us)
		take_turn(&v);
	c->swept = true;
	sim_door_end_stream(&v.door);
	sim_door_close(&v.door);
}
