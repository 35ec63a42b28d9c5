/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin_impl.h"

#include "log.h"

#define SWEEP_EVERY_MS  250
#define SWEEP_PIDS      256
#define DEAD_EVERY_MS   50
#define DEAD_PIDS       64
#define BIRTHS          256
#define BIRTHS_EVERY_MS 10
/* Each question makes a kernel thread (audit_send_reply_thread()). */
#define ASK_EVERY_MS 10000

/* /proc: threads or processes, and who is gone. */

static void
answer(struct plugin *p, const struct procfs_question *q, int64_t seen_ms)
{
	struct fact fact = {.kind = FACT_TASK,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = q->parent,
	    .ppid = q->ppid,
	    .task = {q->id, q->is == PROCFS_THREAD, q->is == PROCFS_GONE,
		q->is == PROCFS_LOCAL, seen_ms}};

	if (q->is != PROCFS_UNKNOWN)
		plugin_fact(p, &fact);
}

/* Whether it has another parent than who bore it, perhaps by now. */
static bool
is_inherited(const struct procfs_question *q)
{
	return (q->is == PROCFS_PROCESS || q->is == PROCFS_LOCAL) &&
	       q->ppid != q->parent;
}

/* While more lies ready to be read, many births cost little more than one. */
static bool
may_ask(struct plugin *p)
{
	if (!p->drained && p->mono_ms < p->births_at + BIRTHS_EVERY_MS)
		return false;
	p->births_at = p->mono_ms;
	return true;
}

static void
ask_of_births(struct plugin *p)
{
	struct reconcile_question births[BIRTHS];
	struct procfs_question q[BIRTHS];
	size_t n = reconcile_questions(
	    pipeline_reconcile(p->pipeline), births, BIRTHS);
	bool inherited = false;
	int64_t seen_ms;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		q[i] = (struct procfs_question){
		    .parent = births[i].parent, .id = births[i].child};
	procfs_tasks(p->procfs, q, n);
	seen_ms = plugin_real_ms();
	for (size_t i = 0; i < n; i++)
		inherited = inherited || is_inherited(&q[i]);
	/* who bore it is dead, then, as a rule: there is a record of that */
	if (inherited)
		acct_read(p);
	for (size_t i = 0; i < n; i++)
		answer(p, &q[i], seen_ms);
}

static void
look(struct plugin *p, int32_t *pids, size_t n)
{
	size_t gone = procfs_vanished(p->procfs, pids, n);
	int64_t ms = plugin_real_ms();

	for (size_t i = 0; i < gone; i++) {
		const struct fact fact = {.kind = FACT_GONE,
		    .at = {TIME_UNKNOWN, 0},
		    .pid = pids[i],
		    .ppid = -1,
		    .gone_ms = ms};

		plugin_fact(p, &fact);
	}
}

static void
sweep(struct plugin *p)
{
	int32_t pids[SWEEP_PIDS];
	size_t n;

	if (!p->drained || p->now < p->swept_at + SWEEP_EVERY_MS)
		return;
	p->swept_at = p->now;
	n = reconcile_sweep(pipeline_reconcile(p->pipeline), &p->sweep_cursor,
	    pids, SWEEP_PIDS);
	look(p, pids, n);
}

/* The dead are reaped soon, as a rule; zombies are asked for again. */
static void
look_for_dead(struct plugin *p)
{
	int32_t pids[DEAD_PIDS];
	size_t n;

	if (p->now < p->dead_at + DEAD_EVERY_MS)
		return;
	p->dead_at = p->now;
	n = reconcile_unreaped(
	    pipeline_reconcile(p->pipeline), pids, DEAD_PIDS);
	look(p, pids, n);
}

int64_t
watch_due(const struct plugin *p)
{
	int64_t due = p->dead_at + DEAD_EVERY_MS;
	int32_t pid;

	/* nor are they while watch_turn() does not */
	if (p->stdin_over || acct_holds_back(p) ||
	    reconcile_unreaped(pipeline_reconcile(p->pipeline), &pid, 1) == 0)
		return INT64_MAX;
	return due > p->now ? due : p->now + DEAD_EVERY_MS;
}

/* Answers are not read while libaudit, too, reads from that socket: it takes
 * the acknowledgement (libaudit.c, check_ack()). */
bool
watch_ask(struct plugin *p, enum errand what)
{
	if (p->errands == NULL || p->asking_kernel ||
	    !errands_ask(p->errands, what))
		return false;
	p->asking_kernel = true;
	ev_io_stop(p->loop, &p->on_kernel);
	return true;
}

void
watch_asked(struct plugin *p, bool done)
{
	if (!p->asking_kernel)
		return;
	p->asking_kernel = false;
	ev_io_start(p->loop, &p->on_kernel);
	if (!done)
		rules_unasked(p);
}

/* The kernel's own count of lost records. */

static void
ask_kernel(struct plugin *p)
{
	const struct assemble_counts *c =
	    assemble_counts(pipeline_assemble(p->pipeline));

	if (p->kernel_audit == NULL || p->now < p->asked_at + ASK_EVERY_MS ||
	    c->records == p->asked_records)
		return;
	if (!watch_ask(p, ERRAND_STATUS))
		return;
	p->asked_at = p->now;
	p->asked_records = c->records;
}

static void
take_lost(struct plugin *p, uint32_t lost)
{
	struct saved_position *at = &p->position;

	/* a lower one was reset: auditctl --reset-lost */
	if (at->kernel_lost_known && lost > at->kernel_lost)
		plugin_loss(p, LOSS_KERNEL_LOST, true, lost - at->kernel_lost,
		    p->kernel_lost_ms, NULL);
	at->kernel_lost = lost;
	at->kernel_lost_known = true;
	p->kernel_lost_ms = plugin_real_ms();
}

void
watch_answers(struct plugin *p)
{
	struct kernel_audit_status st;

	while (!p->asking_kernel) {
		switch (
		    kernel_audit_answer(p->kernel_audit, &st, rules_rule, p)) {
		case KERNEL_AUDIT_SILENT:
			return;
		case KERNEL_AUDIT_STATUS:
			take_lost(p, st.lost);
			rules_enabled(p, st.enabled != 0);
			break;
		case KERNEL_AUDIT_RULES:
			rules_listed(p);
			break;
		}
	}
}

void
watch_turn(struct plugin *p)
{
	if (may_ask(p))
		ask_of_births(p);
	if (p->stdin_over)
		return;
	/* Who is gone has its record by now, or none: it must have been read.
	 */
	if (!acct_holds_back(p)) {
		sweep(p);
		look_for_dead(p);
	}
	ask_kernel(p);
	rules_turn(p);
}
