/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin_impl.h"

#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

/* A death waits so long for an audit event to come by itself. */
#define BARRIER_WAIT_MS 100
/* An accounting record comes before its process can be reaped. */
#define CANARY_WAIT_MS 1000
/* A silent accounting file is tried again so often. */
#define CANARY_AGAIN_MS 10000
#define SWEEP_EVERY_MS  250
#define SWEEP_PIDS      256
#define QUESTIONS       64
/* Each question makes a kernel thread (audit_send_reply_thread()). */
#define ASK_EVERY_MS 10000

/* Canaries. */

static void
send_canary(struct plugin *p)
{
	pid_t pid = vfork();
	int64_t ms;

	if (pid == 0)
		_exit(0);
	if (pid < 0) {
		log_warn("fork");
		return;
	}
	ms = plugin_real_ms();
	p->canary = (struct canary){pid, p->now, ms, false};
	p->unaccounted =
	    reconcile_counts(pipeline_reconcile(p->pipeline))->unaccounted;
	reconcile_hide(pipeline_reconcile(p->pipeline), pid, ms, p->now);
}

/* Earlier ones, too: a canary's record may be read before it can be reaped. */
static void
reap_canaries(struct plugin *p)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		if (pid == p->canary.pid)
			p->canary.reaped = true;
	}
}

/* Accounting: on or not? */

static void
acct_works(struct plugin *p)
{
	if (p->acct_state == ACCT_SILENT) {
		log_info("accounting writes again");
		plugin_loss(p, LOSS_ACCT_OFF, false, 0, p->acct_heard_ms,
		    "accounting was silent: deaths by signals in between "
		    "have no status");
	}
	p->acct_state = ACCT_ON;
	p->acct_heard_ms = plugin_real_ms();
	reconcile_acct_on(pipeline_reconcile(p->pipeline), true);
}

static void
acct_silent(struct plugin *p)
{
	reconcile_acct_on(pipeline_reconcile(p->pipeline), false);
	if (p->acct_state != ACCT_SILENT) {
		log_warnx("accounting is off, or paused for lack of disk "
			  "space: see `proclife check`");
		plugin_loss(p, LOSS_ACCT_OFF, false, 0, p->acct_heard_ms,
		    "accounting is silent: deaths by signals have no status");
	}
	p->acct_state = ACCT_SILENT;
}

void
watch_record(struct plugin *p, const struct fact *fact)
{
	if (fact->pid == p->canary.pid)
		p->canary.pid = 0;
	acct_works(p);
}

/* No record of the canary although it is long gone. */
static void
judge_canary(struct plugin *p)
{
	if (p->canary.pid == 0 || p->now < p->canary.at + CANARY_WAIT_MS)
		return;
	if (p->acct != NULL && p->canary.reaped &&
	    p->acct_heard_ms <= p->canary.at_ms)
		acct_silent(p);
	if (p->now >= p->canary.at + CANARY_AGAIN_MS)
		p->canary.pid = 0;
}

static bool
wants_canary(const struct plugin *p)
{
	int64_t since;

	if (p->canary.pid != 0 || !p->drained)
		return false;
	if (p->acct != NULL &&
	    (p->acct_state != ACCT_ON ||
		reconcile_counts(pipeline_reconcile(p->pipeline))
			->unaccounted != p->unaccounted))
		return true;
	if (!reconcile_wants_barrier(pipeline_reconcile(p->pipeline), &since))
		return false;
	/* One for whoever waits longest; then it is up to the stream. */
	return p->now >= since + BARRIER_WAIT_MS &&
	       (p->canary.at < since ||
		   p->now >= p->canary.at + p->set->reconcile.lateness_ms);
}

static void
watch_acct(struct plugin *p)
{
	unsigned trouble;

	if (p->acct == NULL)
		return;
	trouble = acct_tail_take_trouble(p->acct);
	if (trouble & ACCT_TROUBLE_TRUNCATED)
		plugin_loss(p, LOSS_ACCT_OFF, false, 0, p->acct_heard_ms,
		    "the accounting file was cut");
	if (trouble & ACCT_TROUBLE_MISALIGNED)
		plugin_loss(p, LOSS_ACCT_OFF, false, 0, p->acct_heard_ms,
		    "the accounting file held what is no record");
	if (trouble & ACCT_TROUBLE_OLD_VERSION)
		log_warnx("this kernel writes accounting records without a "
			  "pid (no CONFIG_BSD_PROCESS_ACCT_V3): useless");
	if (trouble & ACCT_TROUBLE_GONE)
		log_warnx("the accounting file is gone");
}

/* /proc: threads or processes, and who is gone. */

static void
ask_questions(struct plugin *p)
{
	struct reconcile *r = pipeline_reconcile(p->pipeline);
	struct reconcile_question q[QUESTIONS];
	size_t n = reconcile_questions(r, q, QUESTIONS);

	for (size_t i = 0; i < n; i++) {
		enum procfs_task is =
		    procfs_task(p->procfs, q[i].parent, q[i].child);
		struct fact fact = {.kind = FACT_TASK,
		    .at = {TIME_UNKNOWN, 0},
		    .pid = q[i].parent,
		    .ppid = -1,
		    .task = {q[i].child, is == PROCFS_THREAD}};

		if (is != PROCFS_NEITHER)
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
	for (size_t i = 0; i < n; i++) {
		struct fact fact = {.kind = FACT_GONE,
		    .at = {TIME_UNKNOWN, 0},
		    .pid = pids[i],
		    .ppid = -1,
		    .gone_ms = plugin_real_ms()};

		if (!procfs_exists(p->procfs, pids[i]))
			plugin_fact(p, &fact);
	}
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
	p->asked_at = p->now;
	p->asked_records = c->records;
	if (!kernel_audit_ask(p->kernel_audit))
		log_debug("the kernel can't be asked for its lost counter");
}

void
watch_kernel_lost(struct plugin *p)
{
	struct kernel_audit_status st;
	uint32_t before = p->checkpoint.kernel_lost;

	while (kernel_audit_answer(p->kernel_audit, &st)) {
		/* a lower one was reset: auditctl --reset-lost */
		if (p->kernel_lost_known && st.lost > before)
			plugin_loss(p, LOSS_KERNEL_LOST, true, st.lost - before,
			    p->kernel_lost_ms, NULL);
		before = p->checkpoint.kernel_lost = st.lost;
		p->kernel_lost_known = true;
		p->kernel_lost_ms = plugin_real_ms();
	}
}

void
watch_turn(struct plugin *p)
{
	reap_canaries(p);
	judge_canary(p);
	ask_questions(p);
	watch_acct(p);
	if (p->stdin_over)
		return;
	sweep(p);
	ask_kernel(p);
	if (wants_canary(p))
		send_canary(p);
}
