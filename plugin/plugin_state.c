/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static struct event_heartbeat
heartbeat(const struct plugin *p)
{
	const struct assemble *as = pipeline_assemble(p->pipeline);
	const struct reconcile *r = pipeline_reconcile(p->pipeline);
	int64_t newest = assemble_last_stamp(as);

	return (struct event_heartbeat){
	    .last_serial = assemble_last_serial(as),
	    .lag_ms = p->drained               ? 0
		      : newest == TIME_UNKNOWN ? TIME_UNKNOWN
					       : plugin_real_ms() - newest,
	    .records = assemble_counts(as)->records,
	    .events_assembled = assemble_counts(as)->events,
	    .facts = reconcile_counts(r)->facts,
	    .events = publish_sequence(p->publish),
	    .lives = reconcile_alive(r),
	    .losses = pipeline_losses(p->pipeline),
	    .acct_on = p->acct_state == ACCT_ON,
	};
}

static void
beat(struct plugin *p)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.action = EVENT_HEARTBEAT;
	ev.time_ms = plugin_real_ms();
	ev.heartbeat = heartbeat(p);
	plugin_tell(p, &ev);
}

void
state_turn(struct plugin *p)
{
	if (p->now < p->beat_at)
		return;
	p->beat_at = p->now + p->set->events.heartbeat_ms;
	beat(p);
}

/* The text format of Prometheus, which its node exporter can pick up. */

/* What the manual says of each stands in audisp-proclife(8), COUNTERS. */
static void
print(FILE *out, const char *name, uint64_t n)
{
	fprintf(out, "proclife_%s %" PRIu64 "\n", name, n);
}

static void
print_read(FILE *out, const struct assemble_counts *a)
{
	static const char *const drops[ASSEMBLE_DROPS] = {
	    [ASSEMBLE_GARBAGE] = "garbage",
	    [ASSEMBLE_OVERSIZE] = "oversize",
	    [ASSEMBLE_LATE] = "late",
	    [ASSEMBLE_LIMIT] = "limit",
	    [ASSEMBLE_FOREIGN] = "foreign",
	};

	print(out, "records_total", a->records);
	print(out, "audit_events_total", a->events);
	for (int i = 0; i < ASSEMBLE_DROPS; i++)
		fprintf(out, "proclife_dropped_total{why=\"%s\"} %" PRIu64 "\n",
		    drops[i], a->drops[i]);
}

static void
print_reconciled(FILE *out, const struct reconcile_counts *r)
{
	print(out, "facts_total", r->facts);
	print(out, "facts_late_total", r->late);
	print(out, "facts_refused_total", r->refused_lives);
	print(out, "lives_total", r->lives);
	print(out, "ends_total", r->ends);
	print(out, "ends_uncertain_total", r->uncertain);
	print(out, "ends_vanished_total", r->vanished);
	print(out, "births_inferred_total", r->inferred);
	print(out, "births_hurried_total", r->hurried);
	print(out, "births_local_dropped_total", r->locals_dropped);
	print(out, "births_local_threads_dropped_total", r->threads_dropped);
	print(out, "births_local_crowded_total", r->crowded);
	print(out, "searches_cut_total", r->searches_cut);
	print(out, "record_groups_cut_total", r->groups_cut);
	print(out, "births_undecided_dropped_total", r->undecided_dropped);
	print(out, "lives_forgotten_early_total", r->forgotten_early);
}

static void
print_state(const struct plugin *p, FILE *out)
{
	struct event_heartbeat b = heartbeat(p);

	fprintf(out, "proclife_info{version=\"%s\"} 1\n", PACKAGE_VERSION);
	print(out, "last_serial", b.last_serial);
	print(out, "stdin_drained", p->drained);
	print_read(out, assemble_counts(pipeline_assemble(p->pipeline)));
	print_reconciled(
	    out, reconcile_counts(pipeline_reconcile(p->pipeline)));
	print(out, "clock_steps_total", pipeline_clock_steps(p->pipeline));
	print(out, "lives", b.lives);
	print(out, "events_total", b.events);
	print(out, "losses_total", b.losses);
	print(out, "accounting_on", b.acct_on);
	print(out, "fork_failures_total", p->fork_failures);
	for (size_t i = 0; i < p->nsinks; i++) {
		const struct sink *k = p->sink[i];

		fprintf(out, "proclife_sink_pending_bytes{sink=\"%s\"} %zu\n",
		    sink_name(k), sink_pending(k));
		fprintf(out,
		    "proclife_sink_waiting_events{sink=\"%s\"} %" PRIu64 "\n",
		    sink_name(k), sink_waiting(k));
		fprintf(out,
		    "proclife_sink_lost_events_total{sink=\"%s\"} %" PRIu64
		    "\n",
		    sink_name(k), sink_lost_total(k));
	}
}

void
state_write(const struct plugin *p)
{
	char path[4096], aside[4096 + 8];
	FILE *out;

	snprintf(path, sizeof(path), "%s/state", p->set->run_path);
	snprintf(aside, sizeof(aside), "%s.new", path);
	out = fopen(aside, "we");
	if (out == NULL) {
		log_warn("%s", aside);
		return;
	}
	print_state(p, out);
	if (fclose(out) != 0 || rename(aside, path) != 0)
		log_warn("%s", path);
}
