/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_check.h"

#include <inttypes.h>

static const char *const kinds[] = {"birth", "exec", "exit_group", "exit",
    "abend", "seccomp", "namespace", "acct", "found", "task", "gone"};

static void
show_step(const struct sim_check *c, size_t i)
{
	const struct sim_step *s = &c->history->steps[i];

	fprintf(c->out,
	    "    %8" PRId64
	    " us  pid %d ppid %d %s%s serial %u entered %" PRId64
	    " read %" PRId64,
	    s->last_us - SIM_EPOCH_US, c->history->lives[s->life].pid, s->ppid,
	    kinds[s->kind], s->broken ? " broken" : "", c->serials[i],
	    s->entry_us - SIM_EPOCH_US, c->facts->told_us[i] - SIM_EPOCH_US);
	if (s->kind == FACT_BIRTH)
		fprintf(c->out, " of %d%s%s", s->birth.child,
		    s->child == SIM_NONE ? " thread" : "",
		    s->birth.shape == BIRTH_UNDECIDED ? " undecided" : "");
	else if (s->kind == FACT_EXEC)
		fprintf(c->out, " %s", s->success ? "ok" : "failed");
	else
		fprintf(
		    c->out, " %d%s", s->code, s->reboot != 0 ? " reboot" : "");
	fputc('\n', c->out);
}

void
sim_show_life(const struct sim_check *c, int life)
{
	const struct sim_history *h = c->history;
	const struct sim_life *l = &h->lives[life];
	const struct sim_account *a = &l->account;

	fprintf(c->out,
	    "  life %d: pid %d of %d ns %d born %" PRId64 " died %" PRId64
	    " status %x%s%s%s\n",
	    life, l->pid, l->parent == SIM_NONE ? 0 : h->lives[l->parent].pid,
	    l->ns, l->born_us - SIM_EPOCH_US,
	    l->died_us == SIM_NEVER ? -1 : l->died_us - SIM_EPOCH_US, l->status,
	    l->found ? " found" : "", l->helper ? " helper" : "",
	    l->unaudited ? " unaudited" : "");
	for (size_t i = 0; i < h->nsteps; i++) {
		const struct sim_step *s = &h->steps[i];

		if (!s->noise && (s->life == life || s->child == life))
			show_step(c, i);
	}
	for (size_t i = 0; i < h->nclock; i++)
		fprintf(c->out,
		    "    %8" PRId64 " us  the clock is ahead by %" PRId64
		    " us\n",
		    h->clock[i].from_us - SIM_EPOCH_US, h->clock[i].ahead_us);
	if (a->written)
		fprintf(c->out,
		    "    %8" PRId64 " us  record: status %x flags %x\n",
		    a->at_us - SIM_EPOCH_US, a->status, a->flags);
}

void
sim_show_event(const struct sim_check *c, const struct event *ev)
{
	static const char *const actions[] = {
	    "fork", "exec", "end", "already_running", "loss", "heartbeat"};

	fprintf(c->out, "  told: %s %d<%d at %" PRId64, actions[ev->action],
	    ev->process.pid, ev->parent.known ? ev->parent.pid : 0,
	    ev->time_ms - SIM_EPOCH_US / 1000);
	if (ev->action == EVENT_FORK && ev->start == START_INFERRED)
		fputs(" inferred", c->out);
	if (ev->action == EVENT_END && ev->end.has_status)
		fprintf(c->out, " status %x%s", ev->end.status,
		    ev->end.certain ? "" : " uncertain");
	for (unsigned i = 0; i < ev->nserials; i++)
		fprintf(c->out, " %u", ev->serials[i]);
	fputc('\n', c->out);
}
