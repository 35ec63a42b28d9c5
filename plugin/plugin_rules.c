/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the audit rules that we need are there. A change of rules leaves a
 * CONFIG_CHANGE record (kernel/auditfilter.c, audit_log_rule_change()), so does
 * turning audit off or on (kernel/audit.c, audit_log_config_change()). After
 * one the kernel is asked for its rules: less than the most that we ever had
 * is a loss, which is told at once, and again, with its end, when they are
 * back. What was gone for a moment only, as when rules are loaded anew, is told
 * when it is over.
 */
#include "plugin_impl.h"

#include <string.h>
#include <sys/utsname.h>

#include "log.h"
#include "rules.h"

/* Changes come many at once; each question makes two kernel threads. */
#define SETTLE_MS 300

/* So often is looked whether they are back: off, audit does not tell. */
#define AGAIN_MS 10000

#define OUR_KEY "key=\"" RULES_KEY "\""

static bool
has(struct bytes fields, const char *word)
{
	return memmem(fields.at, fields.len, word, strlen(word)) != NULL;
}

/*
 * True if a change may take our rules away, whatever the kernel says when it
 * is asked: then they are back already.
 */
static bool
takes_away(struct bytes fields)
{
	return (has(fields, "op=remove_rule") && has(fields, OUR_KEY)) ||
	       has(fields, "audit_enabled=0");
}

void
rules_heard(void *ctx, int64_t ms, struct bytes fields)
{
	struct plugin *p = ctx;
	struct rules_watch *w = &p->rules;

	if (!has(fields, "op=remove_rule") && !has(fields, "op=add_rule") &&
	    !has(fields, "audit_enabled="))
		return;
	if (!w->changed && !w->lacking) {
		w->since_ms = ms;
		w->taken = false;
	}
	w->changed = true;
	w->changes++;
	w->until_ms = ms;
	w->taken |= takes_away(fields);
	/* till the kernel says what there is */
	pipeline_reboots_told(p->pipeline, false, ms);
	w->ask_at = p->mono_ms + SETTLE_MS;
}

static void
tell(struct plugin *p, int64_t until_ms, const char *detail)
{
	pipeline_loss(
	    p->pipeline, &(struct event_loss){.source = LOSS_AUDIT_OFF,
			     .since_ms = p->rules.since_ms,
			     .until_ms = until_ms,
			     .detail = detail});
}

/* They are as good as ever. */
static void
judge_good(struct plugin *p)
{
	struct rules_watch *w = &p->rules;

	if (w->lacking) {
		log_info("the audit rules are back");
		/* When audit was off, nobody told when it was turned on. */
		tell(p, w->changed ? w->until_ms : plugin_real_ms(),
		    "audit rules were missing");
	} else if (w->taken) {
		tell(p, w->until_ms, "audit rules were loaded anew");
	}
	w->lacking = w->taken = false;
}

static void
judge_lacking(struct plugin *p)
{
	struct rules_watch *w = &p->rules;

	if (w->lacking)
		return;
	log_warnx("audit rules are missing, or audit is off: see "
		  "`proclife check`");
	if (!w->changed)
		w->since_ms = plugin_real_ms();
	tell(p, plugin_real_ms(), "audit rules are missing");
	w->lacking = true;
}

static bool
tells_reboots(const struct plugin *p)
{
	struct utsname name;

	return p->rules.enabled && uname(&name) == 0 &&
	       rules_tell_call(p->rules.set, name.machine, SYSCALL_REBOOT);
}

static unsigned
level(const struct plugin *p)
{
	struct utsname name;

	if (!p->rules.enabled || uname(&name) != 0)
		return 0;
	return rules_level(p->rules.set, name.machine);
}

/* Asked for the rules only then, so that both answers are of one time. */
void
rules_enabled(struct plugin *p, bool enabled)
{
	struct rules_watch *w = &p->rules;

	w->enabled = enabled;
	if (!w->asking)
		return;
	w->asking = false;
	rules_set_free(w->set);
	w->set = rules_set_new();
	if (w->set == NULL || !watch_ask(p, ERRAND_RULES))
		rules_unasked(p);
}

void
rules_rule(void *ctx, const struct audit_rule_data *rule)
{
	struct plugin *p = ctx;

	if (p->rules.set != NULL)
		rules_set_add(p->rules.set, rule);
}

/* Nothing more of this list, or no memory for it. */
static void
drop_set(struct rules_watch *w)
{
	rules_set_free(w->set);
	w->set = NULL;
}

void
rules_listed(struct plugin *p)
{
	struct rules_watch *w = &p->rules;
	unsigned has_level;

	if (w->set == NULL || !rules_set_ok(w->set)) {
		drop_set(w);
		return;
	}
	has_level = level(p);
	/* each change was told: so it is since the last one */
	pipeline_reboots_told(p->pipeline, tells_reboots(p),
	    w->changed ? w->until_ms : TIME_UNKNOWN);
	drop_set(w);
	if (has_level > w->best)
		w->best = has_level;
	if (has_level == w->best)
		judge_good(p);
	else
		judge_lacking(p);
	/* what was changed since it was asked may be in the list, or not */
	w->changed = w->changes != w->asked_changes;
}

/* Nobody to ask: what was taken away is taken to be gone until more comes. */
static void
judge_by_word(struct plugin *p)
{
	struct rules_watch *w = &p->rules;

	if (w->taken)
		tell(p, w->until_ms, "audit rules were removed");
	w->changed = w->taken = false;
}

void
rules_turn(struct plugin *p)
{
	struct rules_watch *w = &p->rules;

	if (p->mono_ms < w->ask_at || p->asking_kernel ||
	    (!w->changed && !w->lacking && w->asked))
		return;
	w->ask_at = p->mono_ms + AGAIN_MS;
	if (p->kernel_audit == NULL) {
		w->asked = true;
		judge_by_word(p);
		return;
	}
	w->asked_changes = w->changes;
	w->asking = w->asked = watch_ask(p, ERRAND_STATUS);
	if (!w->asking)
		log_debug("the kernel can't be asked for its status");
}

void
rules_unasked(struct plugin *p)
{
	struct rules_watch *w = &p->rules;

	log_debug("the kernel can't be asked of its audit system");
	drop_set(w);
	w->asked = w->asking = false;
}

void
rules_start(struct plugin *p)
{
	const struct saved_rules *past = &p->position.rules;

	p->rules.best = past->best;
	p->rules.lacking = past->lacking;
	p->rules.since_ms = past->since_ms;
}

struct saved_rules
rules_past(const struct plugin *p)
{
	const struct rules_watch *w = &p->rules;

	return (struct saved_rules){w->best, w->lacking, w->since_ms};
}

int64_t
rules_untold_since(const struct plugin *p)
{
	const struct rules_watch *w = &p->rules;

	return w->changed && !w->lacking ? w->since_ms : INT64_MAX;
}

void
rules_stop(struct plugin *p)
{
	if (p->rules.lacking)
		tell(p, plugin_real_ms(), "audit rules were missing");
	else if (p->rules.taken)
		tell(p, p->rules.until_ms, "audit rules were removed");
	drop_set(&p->rules);
	/* Whoever starts auditd anew may have meant to have other rules. */
	p->rules.best = 0;
	p->rules.lacking = false;
}
