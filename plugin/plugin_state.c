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
static void
print_state(const struct plugin *p, FILE *out)
{
	static const char *const drops[ASSEMBLE_DROPS] = {
	    [ASSEMBLE_GARBAGE] = "garbage",
	    [ASSEMBLE_OVERSIZE] = "oversize",
	    [ASSEMBLE_LATE] = "late",
	    [ASSEMBLE_LIMIT] = "limit",
	    [ASSEMBLE_FOREIGN] = "foreign",
	};
	const struct assemble_counts *a =
	    assemble_counts(pipeline_assemble(p->pipeline));
	const struct reconcile_counts *r =
	    reconcile_counts(pipeline_reconcile(p->pipeline));
	struct event_heartbeat b = heartbeat(p);

	fprintf(out, "proclife_info{version=\"%s\"} 1\n", PACKAGE_VERSION);
	fprintf(out, "proclife_last_serial %" PRIu32 "\n", b.last_serial);
	fprintf(out, "proclife_stdin_drained %d\n", p->drained);
	fprintf(out, "proclife_records_total %" PRIu64 "\n", a->records);
	fprintf(out, "proclife_audit_events_total %" PRIu64 "\n", a->events);
	for (int i = 0; i < ASSEMBLE_DROPS; i++)
		fprintf(out, "proclife_dropped_total{why=\"%s\"} %" PRIu64 "\n",
		    drops[i], a->drops[i]);
	fprintf(out, "proclife_facts_total %" PRIu64 "\n", r->facts);
	fprintf(out, "proclife_lives_total %" PRIu64 "\n", r->lives);
	fprintf(out, "proclife_ends_total %" PRIu64 "\n", r->ends);
	fprintf(
	    out, "proclife_ends_uncertain_total %" PRIu64 "\n", r->uncertain);
	fprintf(out, "proclife_ends_vanished_total %" PRIu64 "\n", r->vanished);
	fprintf(
	    out, "proclife_births_inferred_total %" PRIu64 "\n", r->inferred);
	fprintf(out, "proclife_births_hurried_total %" PRIu64 "\n", r->hurried);
	fprintf(out, "proclife_facts_late_total %" PRIu64 "\n", r->late);
	fprintf(out, "proclife_facts_refused_total %" PRIu64 "\n",
	    r->refused_lives);
	fprintf(out, "proclife_births_local_dropped_total %" PRIu64 "\n",
	    r->locals_dropped);
	fprintf(out,
	    "proclife_births_local_threads_dropped_total %" PRIu64 "\n",
	    r->threads_dropped);
	fprintf(out, "proclife_births_local_crowded_total %" PRIu64 "\n",
	    r->crowded);
	fprintf(out, "proclife_births_undecided_dropped_total %" PRIu64 "\n",
	    r->undecided_dropped);
	fprintf(out, "proclife_lives_forgotten_early_total %" PRIu64 "\n",
	    r->forgotten_early);
	fprintf(out, "proclife_clock_steps_total %" PRIu64 "\n",
	    pipeline_clock_steps(p->pipeline));
	fprintf(out, "proclife_lives %" PRIu64 "\n", b.lives);
	fprintf(out, "proclife_events_total %" PRIu64 "\n", b.events);
	fprintf(out, "proclife_losses_total %" PRIu64 "\n", b.losses);
	fprintf(out, "proclife_accounting_on %d\n", b.acct_on);
	fprintf(out, "proclife_fork_failures_total %" PRIu64 "\n",
	    p->fork_failures);
	for (size_t i = 0; i < p->nsinks; i++)
		fprintf(out, "proclife_sink_pending_bytes{sink=\"%s\"} %zu\n",
		    sink_name(p->sink[i]), sink_pending(p->sink[i]));
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
