/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plugin_impl - what the parts of the plugin share.
 *
 * plugin.c starts and stops, plugin_reload.c takes over new settings,
 * plugin_sinks.c minds the sinks;
 * plugin_turn.c reads and tells, over and over; plugin_acct.c knows whether
 * accounting works; plugin_watch.c looks after what no source tells by itself;
 * plugin_rules.c minds our audit rules, plugin_state.c says how things are;
 * plugin_kept.c keeps lives over a restart, plugin_crash.c tells what a kill
 * took.
 */
#ifndef PLUGIN_IMPL_H
#define PLUGIN_IMPL_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "acct_tail.h"
#include "canary.h"
#include "errands.h"
#include "kernel_audit.h"
#include "pipeline.h"
#include "plugin.h"
#include "procfs.h"
#include "publish.h"
#include "saved.h"
#include "settings.h"
#include "sink.h"

/* Whether the kernel writes accounting records; kept over a restart. */
enum acct_state {
	ACCT_UNKNOWN,
	ACCT_ON,
	ACCT_SILENT, /* off, or nobody knows why */
	ACCT_PAUSED  /* silent for lack of space */
};

/* A change of accounting, during which it may have been off. */
struct acct_switch {
	bool open;                  /* it was seen, and not told */
	int64_t since_ms, until_ms; /* TIME_UNKNOWN: no record came since */
	uint64_t unexplained;       /* at its begin: see plugin_acct.c */
	int64_t forget_at;          /* by plugin.now */
};

/* What a kill took: see plugin_crash.c */
struct crash_watch {
	struct saved_crash last, earlier; /* earlier: the one before it */
	int64_t tell_at;                  /* the last one, by plugin.now */
	bool heard;                       /* the stream goes on since */
	bool open; /* what the stream lacks is not known yet */
};

/* Whether the kernel has the rules that we need: see plugin_rules.c */
struct rules_set;
struct rules_watch {
	bool changed; /* and the kernel has not said since what is there */
	uint32_t changes, asked_changes; /* in all; when it was asked */
	bool taken;                      /* some of ours were taken away */
	bool lacking;                    /* that was told, but not its end */
	int64_t since_ms, until_ms; /* stamps of the first, the last change */
	bool asked;
	bool asking;
	int64_t ask_at;        /* by plugin.mono_ms */
	struct rules_set *set; /* the answer, while it comes */
	bool enabled;
	uint32_t best; /* as rules_level(): what there was once */
};

struct plugin {
	const char *path; /* of the settings */
	struct settings *set;
	char boot_id[37];
	struct uuid agent_id;
	struct saved_position position; /* when it was written last */
	struct kept *kept;
	struct crash_watch crash;
	struct pipeline *pipeline;
	struct publish *publish;
	struct procfs *procfs;
	struct acct_tail *acct;
	struct kernel_audit *kernel_audit; /* NULL: not asked */
	struct sink *sink[SINKS_MAX];
	size_t nsinks;
	size_t told; /* bytes of lines, in this turn */
	struct resolve *resolve;
	struct uuid ephemeral_id;
	char host_id[64], hostname[256];

	/* The loop. */
	struct ev_loop *loop;
	ev_io on_stdin, on_acct, on_errand, on_kernel, on_clock;
	ev_io on_sink[SINKS_MAX], on_resolve;
	ev_timer on_sink_wait[SINKS_MAX];
	uint64_t watched[SINKS_MAX]; /* by on_sink, see link_wish */
	int clock_fd;                /* readable when the real clock was set */
	ev_timer on_tick;
	ev_signal on_term, on_int, on_hup, on_usr1;
	bool stdin_over, stopping;
	int64_t stop_at; /* by mono_ms, once stdin is over or we are stopping */

	/* Time: see plugin_turn.c */
	int64_t now, mono_ms;
	int64_t newest_ms;  /* newest stamp of the stream, steady: steady.h */
	bool drained;       /* nothing was left to read last time */
	int64_t drained_ms; /* since then, by the monotonic clock */

	/* What plugin_acct.c remembers; times are real ones. */
	enum acct_state acct_state;
	int64_t acct_look_ms;   /* when the last look at the file began */
	int64_t acct_ahead_us;  /* position.ahead_us then */
	int64_t acct_read_ms;   /* when the file was last read to its end */
	int64_t acct_proven_ms; /* the same, before the newest record came */
	int64_t acct_heard_ms;  /* when the newest record was read; or start */
	int64_t acct_heard_at;  /* the same in now's time; and how many ends
				   lacked theirs then, see judge_missing() */
	uint64_t acct_heard_unexplained;
	struct acct_switch acct_switch;
	unsigned acct_trouble; /* to be told */
	int64_t acct_trouble_ms, acct_trouble_at;
	struct errands *errands; /* NULL: it can't be made now */
	bool canary_asked;       /* and is not over, as far as we heard */
	bool canary_takes_back;  /* accounting, if that is still wanted */
	int64_t canary_at;       /* when, by plugin.now */
	int64_t canary_again_at; /* it could not be: when to ask again */
	struct canary canary;    /* its times: plugin.now */
	bool fork_fails;         /* the last could not be made */
	int64_t fork_at;         /* then: when to try again, by plugin.now */
	uint64_t fork_failures;
	uint64_t unexplained; /* ends without a record when it was last on */

	struct rules_watch rules;

	/* What plugin_watch.c remembers. */
	size_t sweep_cursor;
	int64_t swept_at, dead_at, asked_at;
	int64_t births_at; /* /proc was asked of births, by mono_ms */
	uint64_t asked_records;
	bool asking_kernel;     /* by an errand that is not over */
	int64_t kernel_lost_ms; /* real time of the last answer */
	int64_t beat_at;
};

/* plugin_turn.c */

int64_t plugin_real_ms(void);
int64_t plugin_mono_ms(void);
/* From now on the real clock's steps count. */
void plugin_start_clocks(struct plugin *p);
/* Looks whether the real clock was set; returns what it shows. */
int64_t plugin_note_clocks(struct plugin *p);
/* Reads what there is, tells what is due, writes it out. */
void plugin_turn(struct plugin *p);
/* Writes out what was told, as far as the sinks take it. */
void plugin_flush(struct plugin *p);
/* The same for one sink, by its index. */
void plugin_flush_one(struct plugin *p, size_t i);
/* An event to all sinks; the ops of the pipeline end here. */
void plugin_tell(void *ctx, const struct event *ev);
int64_t plugin_heard(void *ctx, int64_t ms, int64_t now);
void plugin_loss(struct plugin *p, enum loss_source source, bool counted,
    uint64_t count, int64_t since_ms, const char *detail);
/* A line, to be kept, to the sinks of its format; publish's callback. */
void plugin_line(void *ctx, const struct sink_line *line);
/* A fact from outside the stream, as it is handed over by its source. */
void plugin_fact(void *ctx, const struct fact *fact);

/* plugin_reload.c */

/* Has the loop wake when the accounting file grows. */
void reload_watch_acct(struct plugin *p);
/* SIGHUP: reads the settings again and takes them over, or says why not. */
void reload_settings(struct plugin *p);

/* plugin_sinks.c */

/* Sinks that are open, of settings that are not in effect yet. */
struct sinks_ready {
	struct sink *sink[SINKS_MAX];
	struct sink *before[SINKS_MAX]; /* by index: whose queue it inherits */
	size_t n;
};

/* Opens the sinks of s; those whose settings are the same stay, unless their
 * certificates were changed. 0, or -1 with err. */
int sinks_open(struct plugin *p, const struct settings *s,
    struct sinks_ready *ready, struct err *err);
/* They are not wanted, after all. */
void sinks_discard(struct plugin *p, const struct sinks_ready *ready);
/* In place of those that are open, also for publish; what these still have is
 * told as lost. */
void sinks_take(struct plugin *p, const struct sinks_ready *ready);
/* What the open sinks want to be told, in out; returns how many. */
size_t sinks_variants(
    const struct plugin *p, struct publish_variant out[PUBLISH_VARIANTS_MAX]);
/* Has the loop wake when a sink can go on. */
void sinks_arm(struct plugin *p);
/* When that one can. */
void sinks_arm_one(struct plugin *p, size_t i);
/* Gives slow sinks the time that a stop may take; then says what is lost. */
void sinks_stop(struct plugin *p);
void sinks_close(struct plugin *p);

/* plugin_acct.c */

/* Opens what the settings say; it goes on from p->position. */
int acct_start(struct plugin *p, struct err *err);
/* Has errands done from now on, if that can be. */
void acct_start_errands(struct plugin *p);
/* Has the loop wake us for their sake. */
void acct_watch_errands(struct plugin *p);
/* Reads what accounting has, as far as the stream has come. */
void acct_read(struct plugin *p);
/* Records are there that were left for later. */
bool acct_holds_back(const struct plugin *p);
/* An accounting record passes by. */
void acct_heard(struct plugin *p, const struct fact *fact);
/* Canaries, and what their silence means; once a turn. */
void acct_turn(struct plugin *p);
/* When it has something to do that nothing wakes us for; INT64_MAX: never. */
int64_t acct_due(const struct plugin *p);

/* plugin_watch.c */

/* /proc's answers, losses found by looking; once a turn. */
void watch_turn(struct plugin *p);
/* Has the kernel asked of its audit system; false: not now. */
bool watch_ask(struct plugin *p, enum errand what);
/* It was, or never will be. */
void watch_asked(struct plugin *p, bool done);
/* When the dead are to be looked for, by plugin.now; INT64_MAX: nobody is. */
int64_t watch_due(const struct plugin *p);
/* The kernel answered. */
void watch_answers(struct plugin *p);

/* plugin_rules.c */

/* A CONFIG_CHANGE record; an op of the pipeline. */
void rules_heard(void *ctx, int64_t ms, struct bytes fields);
/* The kernel's answers: its status, each rule, and the end of them. */
void rules_enabled(struct plugin *p, bool enabled);
void rules_rule(void *ctx, const struct audit_rule_data *rule);
void rules_listed(struct plugin *p);
/* Asks, if something changed; once a turn. */
void rules_turn(struct plugin *p);
/* The kernel did not answer. */
void rules_unasked(struct plugin *p);
/* Since when rules may be missing that were not told of yet, or INT64_MAX. */
int64_t rules_untold_since(const struct plugin *p);
/* Goes on from p->position. */
void rules_start(struct plugin *p);
/* What the next run must know. */
struct saved_rules rules_past(const struct plugin *p);
/* Tells what is left to tell. */
void rules_stop(struct plugin *p);

/* plugin_state.c */

/* A heartbeat, when it is due. */
void state_turn(struct plugin *p);
/* Writes the state file of SIGUSR1. */
void state_write(const struct plugin *p);

/* plugin_kept.c */

/* How long after its record's stamp a process may really have been born. */
#define KEPT_BIRTH_MS 2000

/* Reads what a run before left, and fills p->position. 0, or -1 with err. */
int kept_new(struct plugin *p, struct err *err);
void kept_free(struct plugin *p); /* also one that is not there */
/* Looks at the clocks for the first time; a step since the run before is one
 * between its last look and now. */
void kept_clocks(struct plugin *p);
/* Takes back the lives of this boot, and ends those of another. */
void kept_restore(struct plugin *p);
/* Before a turn: all who live are known, and what that told is written. */
void kept_start(struct plugin *p);
/* An event is given to the sinks; it waits there until they are flushed. */
void kept_tell(struct plugin *p, const struct event *ev);
/* A line of that event. */
void kept_line(struct plugin *p, const struct sink_line *told);
/* Writes down what changed in this turn; before sinks are flushed. */
void kept_turn(struct plugin *p);
/* They were flushed. */
void kept_told(struct plugin *p);
/* The last turn; after pipeline_finish(). */
void kept_stop(struct plugin *p);
/* They were flushed for the last time. */
void kept_stopped(struct plugin *p);

/* plugin_crash.c */

/* p->position is of a run that was killed, unless it stopped in order. */
void crash_note(struct plugin *p, int64_t until_ms);
/* Serials that the kill took; an op of the pipeline. */
bool crash_gap(void *ctx, uint32_t first, uint32_t count, int64_t since_ms);
/* Tells what is left of a kill before; of the last one, when it is known. */
void crash_start(struct plugin *p);
void crash_turn(struct plugin *p);
void crash_stop(struct plugin *p);

#endif
