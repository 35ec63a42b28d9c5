/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kill took is told as one loss: from the newest of what was told
 * before, which the run before wrote down (plugin_kept.c), until our start.
 * How much it was only the serials say that are missing once the stream goes
 * on; so it is told a little later, or, if we are killed again before, at the
 * next start.
 */
#include "plugin_impl.h"

/* Nothing may come at all after a crash; its loss is told so late then. */
#define SILENCE_MS 10000

/*
 * What is missing since the earlier one, or was before it, will not come any
 * more: a whole run has waited for it. With kills in quick succession no run
 * waits for so long that it were settled, and ends would wait as well.
 */
static void
close_earlier(struct saved_crash *c, struct assemble_past *past)
{
	for (size_t i = 0; i < past->nmissing; i++) {
		struct serials_run run = past->missing[i];

		c->missing += run.count;
		if ((int32_t)(run.first - c->serial) <= 0 &&
		    past->settled_ms < c->since_ms)
			c->since_ms = past->settled_ms;
	}
	past->nmissing = 0;
}

void
crash_note(struct plugin *p, int64_t until_ms)
{
	struct saved_position *at = &p->position;
	struct crash_watch *w = &p->crash;
	bool clean = at->clean;

	at->clean = false; /* this run has not ended well yet */
	w->earlier = at->crash;
	w->open = true;
	w->tell_at = SILENCE_MS;
	if (w->earlier.untold)
		close_earlier(&w->earlier, &at->stream);
	if (clean)
		return;
	w->last = (struct saved_crash){.untold = true,
	    .since_ms = at->told_ms,
	    .until_ms = until_ms,
	    .serial = at->stream.serial,
	    .missing = at->unkept};
}

bool
crash_gap(void *ctx, uint32_t first, uint32_t count, int64_t since_ms)
{
	struct plugin *p = ctx;
	struct saved_crash *c = &p->crash.last;

	if (!c->untold || since_ms >= c->until_ms ||
	    (int32_t)(first + count - 1 - c->serial) <= 0)
		return false;
	c->missing += count;
	return true;
}

static void
tell(struct plugin *p, struct saved_crash *c)
{
	if (!c->untold)
		return;
	pipeline_loss(p->pipeline, &(struct event_loss){.source = LOSS_RESTART,
				       .counted = c->missing > 0,
				       .count = c->missing,
				       .since_ms = c->since_ms,
				       .until_ms = c->until_ms,
				       .detail = "the plugin was killed, "
						 "or could not write all"});
	c->untold = false;
}

void
crash_start(struct plugin *p)
{
	tell(p, &p->crash.earlier);
	if (p->crash.open)
		pipeline_gap(p->pipeline, plugin_real_ms());
}

void
crash_turn(struct plugin *p)
{
	struct crash_watch *w = &p->crash;

	if (!w->last.untold && !w->open)
		return;
	if (!w->heard && p->newest_ms != TIME_UNKNOWN) {
		w->heard = true;
		w->tell_at = p->now + 2 * p->set->reconcile.lateness_ms;
	}
	if (p->now < w->tell_at)
		return;
	tell(p, &w->last);
	if (w->open && w->heard) {
		pipeline_gap(p->pipeline, TIME_UNKNOWN);
		w->open = false;
	}
}

void
crash_stop(struct plugin *p)
{
	tell(p, &p->crash.last);
}
