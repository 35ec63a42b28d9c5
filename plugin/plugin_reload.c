/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Build all that is new, then swap: on an error nothing has changed.
 */
#include <string.h>

#include "log.h"
#include "plugin_impl.h"

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_sink(const struct sink_settings *a, const struct sink_settings *b)
{
	return a->type == b->type && a->format == b->format &&
	       a->queue_size == b->queue_size &&
	       a->segment_size == b->segment_size &&
	       a->segments == b->segments && a->max_age_ms == b->max_age_ms &&
	       same_text(a->name, b->name) && same_text(a->path, b->path) &&
	       same_text(a->group, b->group);
}

/* The sink that is open with just these settings, or NULL. */
static struct sink *
same_as_before(const struct plugin *p, const struct sink_settings *s)
{
	for (size_t i = 0; i < p->nsinks; i++) {
		if (same_sink(&p->set->sinks[i], s))
			return p->sink[i];
	}
	return NULL;
}

static bool
is_among(const struct sink *k, struct sink *const *sinks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (sinks[i] == k)
			return true;
	}
	return false;
}

/* Closes those of n sinks that are not kept; returns what is lost by it. */
static uint64_t
close_others(
    struct sink *const *sinks, size_t n, struct sink *const *kept, size_t nkept)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_among(sinks[i], kept, nkept))
			continue;
		sink_flush(sinks[i], plugin_real_ms());
		lost += sink_unwritten(sinks[i]);
		sink_close(sinks[i], plugin_real_ms());
	}
	return lost;
}

unsigned
reload_formats(const struct plugin *p)
{
	unsigned formats = 0;

	for (size_t i = 0; i < p->nsinks; i++)
		formats |= 1u << sink_format(p->sink[i]);
	return formats;
}

/* Closes those of n sinks that were opened for nothing. */
static void
discard(struct plugin *p, struct sink *const *sinks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_among(sinks[i], p->sink, p->nsinks))
			sink_close(sinks[i], plugin_real_ms());
	}
}

/* The sinks of s, open ones where nothing changed. */
static int
open_sinks(struct plugin *p, const struct settings *s, struct sink **sinks,
    struct err *err)
{
	for (size_t i = 0; i < s->nsinks; i++) {
		sinks[i] = same_as_before(p, &s->sinks[i]);
		if (sinks[i] == NULL)
			sinks[i] = sink_open(&s->sinks[i],
			    p->position.next_segment, plugin_real_ms(), err);
		if (sinks[i] != NULL)
			continue;
		discard(p, sinks, i);
		return -1;
	}
	return 0;
}

/* From now on these; what the others still had is lost, and told. */
static void
take_sinks(struct plugin *p, struct sink *const *sinks, size_t n)
{
	uint64_t lost = close_others(p->sink, p->nsinks, sinks, n);

	memcpy(p->sink, sinks, n * sizeof(sinks[0]));
	p->nsinks = n;
	if (lost > 0)
		plugin_loss(p, LOSS_SINK, true, lost, TIME_UNKNOWN,
		    "sinks closed by new settings");
}

int
reload_sinks(struct plugin *p, const struct settings *s, struct err *err)
{
	struct sink *sinks[SINKS_MAX];

	if (open_sinks(p, s, sinks, err) != 0)
		return -1;
	take_sinks(p, sinks, s->nsinks);
	return 0;
}

/* What takes effect only at a start is said, and left as it is. */
static void
warn_fixed(const struct settings *old, const struct settings *new)
{
	if (!same_text(old->node, new->node) ||
	    !same_text(old->user, new->user) ||
	    !same_text(old->state_path, new->state_path) ||
	    !same_text(old->run_path, new->run_path) ||
	    memcmp(&old->capabilities, &new->capabilities,
		sizeof(old->capabilities)) != 0 ||
	    memcmp(&old->limits, &new->limits, sizeof(old->limits)) != 0)
		log_info("node, user, folders, capabilities and limits are "
			 "taken over at the next start of auditd");
}

static struct acct_tail *
open_acct(struct plugin *p, const struct settings *s, struct err *err)
{
	struct acct_positions at = {.n = 0};

	if (p->acct != NULL)
		acct_tail_position(p->acct, &at);
	return acct_tail_open(s, &at, err);
}

static void
on_acct(struct ev_loop *loop, ev_io *w, int events)
{
	(void)loop;
	(void)events;
	plugin_turn(w->data);
}

void
reload_watch_acct(struct plugin *p)
{
	if (p->acct == NULL || acct_tail_fd(p->acct) < 0)
		return;
	ev_io_init(&p->on_acct, on_acct, acct_tail_fd(p->acct), EV_READ);
	p->on_acct.data = p;
	ev_io_start(p->loop, &p->on_acct);
}

/*
 * The accounting file comes last of what can fail: in mode own opening it
 * switches the kernel over, which can't be taken back.
 */
static int
apply(struct plugin *p, const struct settings *s, struct err *err)
{
	struct sink *sinks[SINKS_MAX];
	struct acct_tail *acct = NULL;

	if (open_sinks(p, s, sinks, err) != 0)
		return -1;
	if (s->acct.mode != ACCT_OFF && (acct = open_acct(p, s, err)) == NULL) {
		discard(p, sinks, s->nsinks);
		return -1;
	}
	take_sinks(p, sinks, s->nsinks);
	ev_io_stop(p->loop, &p->on_acct);
	acct_tail_close(p->acct);
	p->acct = acct;
	p->canary_takes_back = false;
	reload_watch_acct(p);
	if (acct == NULL) {
		p->acct_state = ACCT_UNKNOWN;
		reconcile_acct_on(pipeline_reconcile(p->pipeline), false);
	}
	return 0;
}

void
reload_settings(struct plugin *p)
{
	struct settings *s;
	struct err err;

	s = settings_load(p->path, &err);
	if (s == NULL || apply(p, s, &err) != 0) {
		log_warnx("settings not changed: %s", err.text);
		settings_free(s);
		return;
	}
	warn_fixed(p->set, s);
	publish_set_formats(p->publish, reload_formats(p));
	pipeline_set(p->pipeline, s);
	settings_free(p->set);
	p->set = s;
	log_info("settings read again");
}
