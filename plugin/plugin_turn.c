/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plugin's clock, plugin.now, is how far the stream has been read: while
 * more of it lies ready it grows only with the stamps in it, so that nobody
 * waits in vain for what is still unread; while none is left it grows with
 * the monotonic clock. Steps of the real clock do not move it.
 */
#include "plugin_impl.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

/* A turn may be late by so much without being a stall. */
#define STALL_MS 50

/*
 * So much is told at most before the sinks write: with no room left they would
 * write before what was told in this turn is kept (plugin_kept.c),
 * and a kill between would have it told once more.
 */
#define TOLD_A_TURN (128 * 1024)

/* So often the two clocks are read again, if we are kept from it between. */
#define CLOCK_TRIES 8
/* So long after one another they count as read at once. */
#define NEAR_US 100

/* Reads of stdin before sinks and signals get their turn again. */
#define READS_A_TURN 16

static int64_t
clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t
clock_ms(clockid_t id)
{
	return clock_us(id) / 1000;
}

int64_t
plugin_real_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t
plugin_mono_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

/* Both, as near to one another as can be. */
static bool
read_clocks(int64_t *real_us, int64_t *mono_us)
{
	for (int i = 0; i < CLOCK_TRIES; i++) {
		*mono_us = clock_us(CLOCK_MONOTONIC);
		*real_us = clock_us(CLOCK_REALTIME);
		if (clock_us(CLOCK_MONOTONIC) - *mono_us <= NEAR_US)
			return true;
	}
	return false;
}

void
plugin_start_clocks(struct plugin *p)
{
	int64_t real_us, mono_us;

	(void)read_clocks(&real_us, &mono_us);
	p->position.steady_from = real_us - mono_us;
}

int64_t
plugin_note_clocks(struct plugin *p)
{
	int64_t real_us, mono_us, steady_us;

	if (read_clocks(&real_us, &mono_us)) {
		steady_us = mono_us + p->position.steady_from;
		p->position.ahead_us = real_us - steady_us;
		pipeline_clocks(p->pipeline, real_us, steady_us);
	}
	return real_us / 1000;
}

/* Events out. */

void
plugin_line(void *ctx, const struct sink_line *line)
{
	struct plugin *p = ctx;
	int64_t ms = plugin_real_ms();

	if (line->text.len > 0)
		kept_line(p, line);
	for (size_t i = 0; i < p->nsinks; i++)
		sink_put(p->sink[i], line, ms);
	p->told += line->text.len;
}

void
plugin_tell(void *ctx, const struct event *ev)
{
	struct plugin *p = ctx;
	int64_t ms = plugin_real_ms();
	struct event dated;

	if (ev->time_ms == TIME_UNKNOWN) {
		dated = *ev;
		dated.time_ms = ms;
		ev = &dated;
	}
	kept_tell(p, ev);
	/* Who wants it and can't have it counts that. */
	(void)publish_event(p->publish, ev, ms);
}

void
plugin_loss(struct plugin *p, enum loss_source source, bool counted,
    uint64_t count, int64_t since_ms, const char *detail)
{
	pipeline_loss(p->pipeline, &(struct event_loss){.source = source,
				       .counted = counted,
				       .count = count,
				       .since_ms = since_ms,
				       .until_ms = plugin_real_ms(),
				       .detail = detail});
}

static void
tell_lost(struct plugin *p, const struct sink *k, const struct sink_lost *lost)
{
	pipeline_loss(
	    p->pipeline, &(struct event_loss){
			     .source = lost->spooled ? LOSS_SPOOL : LOSS_SINK,
			     .counted = true,
			     .count = lost->count,
			     .since_ms = lost->since_ms,
			     .until_ms = lost->until_ms,
			     .detail = sink_name(k)});
}

/* True if it told what was lost, which is for the other sinks, too. */
static bool
flush(struct plugin *p, size_t i, int64_t ms)
{
	struct sink_lost lost;
	bool told = false;

	sink_flush(p->sink[i], ms);
	while (sink_take_lost(p->sink[i], &lost)) {
		tell_lost(p, p->sink[i], &lost);
		sink_flush(p->sink[i], ms);
		told = true;
	}
	return told;
}

void
plugin_flush(struct plugin *p)
{
	int64_t ms = plugin_real_ms();

	for (size_t i = 0; i < p->nsinks; i++)
		flush(p, i, ms);
	sinks_arm(p);
}

void
plugin_flush_one(struct plugin *p, size_t i)
{
	if (flush(p, i, plugin_real_ms()))
		plugin_flush(p);
	else
		sinks_arm_one(p, i);
}

/* Facts in. */

int64_t
plugin_heard(void *ctx, int64_t ms, int64_t now)
{
	struct plugin *p = ctx;

	if (ms > p->newest_ms)
		p->newest_ms = ms;
	return now;
}

void
plugin_fact(void *ctx, const struct fact *fact)
{
	struct plugin *p = ctx;
	struct fact dated;

	if (fact->kind != FACT_ACCT) {
		pipeline_fact(p->pipeline, fact, p->now);
		return;
	}
	/* The time after the read: before it, the record may have been
	 * written later than that, and the barrier would be none. */
	dated = *fact;
	if (fact->acct.read_ms == p->acct_look_ms)
		dated.acct.read_ms = plugin_note_clocks(p);
	acct_heard(p, &dated);
	pipeline_fact(p->pipeline, &dated, p->now);
}

/* How much of the monotonic clock counts: see the top. */
static void
advance(struct plugin *p, int64_t newest_before)
{
	int64_t mono = plugin_mono_ms();
	int64_t passed = mono - p->mono_ms;
	int64_t most = p->set->acct.poll_ms + STALL_MS;

	/* The timer wakes us more often: for the rest nobody has watched. */
	if (passed > most)
		passed = most;

	if (!p->drained && newest_before != TIME_UNKNOWN &&
	    p->newest_ms - newest_before < passed)
		passed = p->newest_ms - newest_before;
	p->now += passed;
	p->mono_ms = mono;
}

/* One read; false: nothing was there, or it is the end. */
static bool
read_stdin(struct plugin *p)
{
	int64_t newest = p->newest_ms;
	size_t size;
	char *room = pipeline_room(p->pipeline, &size);
	ssize_t n = read(STDIN_FILENO, room, size);
	int why = n < 0 ? errno : 0;

	plugin_note_clocks(p);
	/*
	 * Before what was read is looked at: so the records of all who died
	 * before a birth in it are known by then.
	 */
	acct_read(p);
	if (why == EAGAIN || why == EINTR) {
		if (why == EAGAIN && !p->drained)
			p->drained_ms = plugin_mono_ms();
		p->drained = why == EAGAIN;
		advance(p, newest);
		return false;
	}
	if (n <= 0) {
		if (why != 0)
			log_warnx("stdin: %s", strerror(why));
		p->stdin_over = p->drained = true;
		return false;
	}
	if (p->drained)
		advance(p, newest); /* until now there was nothing to read */
	pipeline_take(p->pipeline, (size_t)n, p->now);
	if (!p->drained)
		advance(p, newest);
	p->drained = false;
	return true;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the loop must wake at the latest. */
static void
arm(struct plugin *p)
{
	int64_t at = earlier(
	    pipeline_deadline(p->pipeline), earlier(acct_due(p), watch_due(p)));
	int64_t wait = p->set->acct.poll_ms;

	if (at != INT64_MAX && at - p->now < wait)
		wait = at - p->now;
	if (p->stopping && p->stop_at - p->mono_ms < wait)
		wait = p->stop_at - p->mono_ms;
	if (!p->drained || wait < 1)
		wait = 1;
	p->on_tick.repeat = (double)wait / 1000;
	ev_timer_again(p->loop, &p->on_tick);
}

void
plugin_turn(struct plugin *p)
{
	p->told = 0;
	for (int i = 0; i < READS_A_TURN && !p->stdin_over; i++) {
		if (!read_stdin(p) || p->told > TOLD_A_TURN)
			break;
	}
	if (p->stdin_over) {
		acct_read(p);
		advance(p, p->newest_ms);
	}
	acct_turn(p);
	watch_turn(p);
	pipeline_tick(p->pipeline, p->now);
	state_turn(p);
	kept_turn(p);
	plugin_flush(p);
	kept_told(p);
	arm(p);
}
