/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sinks: opened, exchanged for those of new settings, and given their turn
 * when their receivers are ready.
 */
#include "plugin_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "log.h"

/* While stopping, a sink that takes nothing is tried again after so long. */
#define FLUSH_AGAIN_MS 10

/* Exchanging. */

/* By index; p->nsinks: there is none. */
static size_t
index_of(const struct plugin *p, const struct sink *k)
{
	size_t i = 0;

	while (i < p->nsinks && p->sink[i] != k)
		i++;
	return i;
}

/* The one that is open for s, or for another sink of the same name. */
static struct sink *
before(const struct plugin *p, const struct sink_settings *s)
{
	for (size_t i = 0; i < p->nsinks; i++) {
		if (strcmp(sink_name(p->sink[i]), s->name) == 0)
			return p->sink[i];
	}
	return NULL;
}

static int
open_one(struct plugin *p, const struct sink_settings *s,
    struct sinks_ready *ready, struct err *err)
{
	const struct sink_needs needs = {
	    .first_segment = p->position.next_segment,
	    .resolve = p->resolve,
	    .hostname = p->hostname[0] != '\0' ? p->hostname : NULL};
	struct sink *k = before(p, s);

	if (k == NULL || sink_has_other_files(k) ||
	    !settings_same_sink(sink_settings(k), s)) {
		ready->before[ready->n] = k;
		/* spool_path is ours, so that this needs no rights */
		if (s->spool && mkdir(s->spool_folder, 0700) != 0 &&
		    errno != EEXIST)
			return err_errno(err, "%s", s->spool_folder);
		k = sink_open(s, &needs, k, plugin_real_ms(), err);
		if (k == NULL)
			return -1;
	} else {
		ready->before[ready->n] = NULL;
	}
	ready->sink[ready->n++] = k;
	return 0;
}

int
sinks_open(struct plugin *p, const struct settings *s,
    struct sinks_ready *ready, struct err *err)
{
	ready->n = 0;
	for (size_t i = 0; i < s->nsinks; i++) {
		if (open_one(p, &s->sinks[i], ready, err) != 0) {
			sinks_discard(p, ready);
			return -1;
		}
	}
	return 0;
}

void
sinks_discard(struct plugin *p, const struct sinks_ready *ready)
{
	for (size_t i = 0; i < ready->n; i++) {
		if (index_of(p, ready->sink[i]) == p->nsinks)
			sink_close(ready->sink[i], plugin_real_ms());
	}
}

static bool
is_kept(const struct sink *k, const struct sinks_ready *ready)
{
	for (size_t i = 0; i < ready->n; i++) {
		if (ready->sink[i] == k)
			return true;
	}
	return false;
}

/* Another sink of its name, at any time, goes on with what is there. */
static void
say_what_stays(const struct sink *k)
{
	if (sink_settings(k)->spool && sink_waiting(k) > 0)
		log_warnx("sink %s: %" PRIu64 " events stay in %s",
		    sink_name(k), sink_waiting(k),
		    sink_settings(k)->spool_folder);
}

/* Closes those that are not kept; returns what is lost by it. */
static uint64_t
close_others(struct plugin *p, const struct sinks_ready *ready)
{
	int64_t ms = plugin_real_ms();
	uint64_t lost = 0;

	for (size_t i = 0; i < p->nsinks; i++) {
		struct sink *k = p->sink[i];

		if (is_kept(k, ready))
			continue;
		if (!sink_is_inherited(k)) {
			sink_flush(k, ms);
			say_what_stays(k);
		}
		lost += sink_unwritten(k);
		sink_close(k, ms);
	}
	return lost;
}

static void
disarm(struct plugin *p)
{
	for (size_t i = 0; i < p->nsinks && p->loop != NULL; i++) {
		ev_io_stop(p->loop, &p->on_sink[i]);
		ev_timer_stop(p->loop, &p->on_sink_wait[i]);
		p->watched[i] = 0;
	}
}

void
sinks_take(struct plugin *p, const struct sinks_ready *ready)
{
	struct publish_variant variants[PUBLISH_VARIANTS_MAX];
	uint64_t lost;

	disarm(p);
	for (size_t i = 0; i < ready->n; i++) {
		if (ready->before[i] != NULL)
			sink_inherit(ready->sink[i], ready->before[i]);
	}
	lost = close_others(p, ready);
	memcpy(p->sink, ready->sink, ready->n * sizeof(p->sink[0]));
	p->nsinks = ready->n;
	sinks_arm(p);
	if (p->publish != NULL)
		publish_set_variants(
		    p->publish, variants, sinks_variants(p, variants));
	if (lost > 0)
		plugin_loss(p, LOSS_SINK, true, lost, TIME_UNKNOWN,
		    "sinks closed by new settings");
}

size_t
sinks_variants(
    const struct plugin *p, struct publish_variant out[PUBLISH_VARIANTS_MAX])
{
	for (size_t i = 0; i < p->nsinks; i++)
		out[i] = (struct publish_variant){
		    sink_format(p->sink[i]), sink_line_max(p->sink[i])};
	return p->nsinks;
}

/* Their turns. */

static void
on_sink(struct ev_loop *loop, ev_io *w, int events)
{
	struct plugin *p = w->data;

	(void)loop;
	(void)events;
	plugin_flush_one(p, (size_t)(w - p->on_sink));
}

/* Some sink may wait for a name, or none does any more. */
static void
on_resolve(struct ev_loop *loop, ev_io *w, int events)
{
	struct plugin *p = w->data;

	(void)loop;
	(void)events;
	resolve_hear(p->resolve);
	plugin_flush(p);
}

static void
on_wait(struct ev_loop *loop, ev_timer *w, int events)
{
	struct plugin *p = w->data;

	(void)loop;
	(void)events;
	plugin_flush_one(p, (size_t)(w - p->on_sink_wait));
}

/* Anew: another descriptor may have got the number of the one that was
 * watched. */
static void
watch_fd(struct plugin *p, ev_io *io,
    void (*on_ready)(struct ev_loop *, ev_io *, int), int fd, int events)
{
	ev_io_stop(p->loop, io);
	ev_io_init(io, on_ready, fd, events);
	io->data = p;
	if (fd >= 0 && events != 0)
		ev_io_start(p->loop, io);
}

/* What a sink waits for seldom changes, and to watch it anew costs system
 * calls. */
static void
watch_sink(struct plugin *p, size_t i, const struct link_wish *wish)
{
	int events = (wish->read ? EV_READ : 0) | (wish->write ? EV_WRITE : 0);
	ev_io *io = &p->on_sink[i];

	if (wish->which != 0 && wish->which == p->watched[i] &&
	    ev_is_active(io) && io->fd == wish->fd &&
	    (io->events & (EV_READ | EV_WRITE)) == events)
		return;
	watch_fd(p, io, on_sink, wish->fd, events);
	p->watched[i] = wish->which;
}

static void
arm_one(struct plugin *p, size_t i, int64_t now_ms)
{
	struct link_wish wish = sink_wish(p->sink[i], now_ms);
	ev_timer *timer = &p->on_sink_wait[i];

	watch_sink(p, i, &wish);
	ev_timer_stop(p->loop, timer);
	if (wish.wait_ms < 0)
		return;
	ev_timer_init(timer, on_wait, (double)wish.wait_ms / 1000, 0);
	timer->data = p;
	ev_timer_start(p->loop, timer);
}

static void
watch_names(struct plugin *p)
{
	watch_fd(
	    p, &p->on_resolve, on_resolve, resolve_fd(p->resolve), EV_READ);
}

void
sinks_arm_one(struct plugin *p, size_t i)
{
	if (p->loop == NULL)
		return;
	arm_one(p, i, plugin_real_ms());
	watch_names(p);
}

void
sinks_arm(struct plugin *p)
{
	int64_t ms = plugin_real_ms();

	if (p->loop == NULL)
		return;
	for (size_t i = 0; i < p->nsinks; i++)
		arm_one(p, i, ms);
	watch_names(p);
}

/* True if one of them has not written all. */
static bool
flush_all(struct plugin *p)
{
	bool pending = false;

	for (size_t i = 0; i < p->nsinks; i++) {
		sink_flush(p->sink[i], plugin_real_ms());
		pending = pending || sink_pending(p->sink[i]) > 0;
	}
	return pending;
}

void
sinks_stop(struct plugin *p)
{
	int64_t until = plugin_mono_ms() + p->set->stop_timeout_ms;

	while (flush_all(p) && plugin_mono_ms() < until)
		ev_sleep(FLUSH_AGAIN_MS / 1000.0);
	for (size_t i = 0; i < p->nsinks; i++) {
		const struct sink *k = p->sink[i];

		if (sink_pending(k) > 0)
			log_warnx("sink %s: %zu bytes of events are lost",
			    sink_name(k), sink_pending(k));
	}
}

void
sinks_close(struct plugin *p)
{
	for (size_t i = 0; i < p->nsinks; i++)
		sink_close(p->sink[i], plugin_real_ms());
	resolve_free(p->resolve);
}
