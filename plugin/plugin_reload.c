/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Build all that is new, then swap: on an error nothing has changed.
 */
#include <string.h>

#include "log.h"
#include "plugin_impl.h"

/* What takes effect only at a start is said, and left as it is. */
static void
warn_fixed(const struct settings *old, const struct settings *new)
{
	if (!text_same(old->node, new->node) ||
	    !text_same(old->user, new->user) ||
	    !text_same(old->state_path, new->state_path) ||
	    !text_same(old->run_path, new->run_path) ||
	    !text_same(old->spool_path, new->spool_path) ||
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
	struct sinks_ready sinks;
	struct acct_tail *acct = NULL;

	if (sinks_open(p, s, &sinks, err) != 0)
		return -1;
	if (s->acct.mode != ACCT_OFF && (acct = open_acct(p, s, err)) == NULL) {
		sinks_discard(p, &sinks);
		return -1;
	}
	sinks_take(p, &sinks);
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
	pipeline_set(p->pipeline, s);
	settings_free(p->set);
	p->set = s;
	log_info("settings read again");
}
