/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlives us, in a journal (journal.h): at each turn, before the events
 * of that turn are written out, these, the lives that changed in it and how
 * far everything was read. A stop in order is the same, with nothing left
 * unread and nothing that waits.
 *
 * Whether the sinks took the last turn's events before a kill, nobody knows:
 * the next run writes them out again, with the same event.id. No other is told
 * again, and what a kill took is what came after kept.told_ms: unread, or in
 * the records of an event that was not whole, or told to a sink that did not
 * take it in its turn. That is told as one loss, at the next start.
 */
#include "plugin_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "log.h"
#include "reconcile_saved.h"
#include "span.h"

/* So much of a turn's lines is kept; what is more is in the loss. */
#define LINES_A_TURN (16 * 1024 * 1024)

/* So much of a new file is written in one turn. */
#define PIECE_SIZE (256 * 1024)

/* A file that can't be written is tried again so often. */
#define RETRY_MS 10000

/* The position is written so often though nothing happens. */
#define IDLE_MS 5000

/* A record is read so long after the death at most, and this is how far off
 * what it says of that may be. */
#define RECORD_LATE_MS 3000

struct kept {
	struct journal *journal;
	struct saved *saved;

	/* Of the run before, while we start. */
	struct journal_file file;
	struct saved_sum *sum;
	bool other_boot;
	int64_t boot_ms; /* when this boot began, in real time */
	size_t refused;

	int64_t told_ms;    /* what came until then is told */
	int64_t next_ms;    /* the same, once the sinks are past their marks */
	int64_t before_ms;  /* the oldest that is told, not kept or written, */
	int64_t waiting_ms; /* and is before the marks, or behind them */
	int64_t turn_ms;    /* the oldest that is told in this turn */
	int64_t line_ms;    /* what the next line tells is of that time */
	size_t lines;       /* bytes of this turn's lines that are kept */
	uint64_t left_out;  /* events of which one is not */
	bool is_left_out;   /* the last one that was told */
	bool all_out;       /* nothing that changed is left for later */
	bool failing;
	int64_t retry_at; /* by plugin.mono_ms */
	size_t cursor;    /* how far the new file is */
	size_t added;     /* bytes in this turn */
	struct saved_position written;
	int64_t written_at; /* by plugin.mono_ms */
};

/* Time. */

static int64_t
hertz(void)
{
	return sysconf(_SC_CLK_TCK);
}

static int64_t
boot_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * A real time in clock ticks since boot, which is what /proc/PID/stat counts
 * start times in: right if the clock was not set between then and now.
 */
static uint64_t
ticks_of(int64_t ms)
{
	int64_t since_boot = boot_clock_ms();

	if (ms != TIME_UNKNOWN)
		since_boot -= plugin_real_ms() - ms;
	return since_boot > 0 ? (uint64_t)(since_boot * hertz() / 1000) : 0;
}

/* What a run before left. */

static void
add_up(struct kept *k)
{
	struct bytes record;
	uint8_t kind;

	while (journal_next(&k->file, &kind, &record)) {
		if (!saved_sum_add(k->sum, (enum saved_kind)kind, record))
			log_warnx("a record of what was kept over the restart "
				  "is of no use");
	}
	if (k->file.rest.len > 0)
		log_info("%zu bytes were being written when we ended",
		    k->file.rest.len);
}

static void
read_file(struct plugin *p, struct kept *k)
{
	struct err err;

	switch (journal_read(p->set->state_path, &k->file, &err)) {
	case STATE_FILE_NONE:
		return;
	case STATE_FILE_SET_ASIDE:
		log_warnx("%s", err.text);
		return;
	case STATE_FILE_READ:
		add_up(k);
	}
}

/*
 * Another boot: serials and counters began anew. Of accounting's file the
 * records of who died in the one before are still to be read.
 */
static void
take_position(struct plugin *p, struct kept *k)
{
	struct saved_position *at = &p->position, saved;

	*at = (struct saved_position){
	    .stream = {.ms = TIME_UNKNOWN, .settled_ms = TIME_UNKNOWN},
	    .told_ms = TIME_UNKNOWN,
	    .past = {TIME_UNKNOWN, TIME_UNKNOWN},
	    .written_ms = TIME_UNKNOWN,
	    .acct_read_ms = TIME_UNKNOWN,
	    .acct_proven_ms = TIME_UNKNOWN};
	plugin_start_clocks(p);
	k->told_ms = k->next_ms = plugin_real_ms();
	k->before_ms = k->waiting_ms = k->turn_ms = INT64_MAX;
	k->other_boot = k->file.boot_id[0] != '\0' &&
			strcmp(k->file.boot_id, p->boot_id) != 0;
	if (!saved_sum_position(k->sum, &saved))
		return;
	*at = saved;
	crash_note(p, k->other_boot ? k->boot_ms : plugin_real_ms());
	if (!k->other_boot)
		return;
	plugin_start_clocks(p);
	at->stream = (struct assemble_past){
	    .ms = TIME_UNKNOWN, .settled_ms = TIME_UNKNOWN};
	at->rules = (struct saved_rules){.best = 0};
	at->kernel_lost_known = false;
	at->acct_state = 0;
	at->acct_proven_ms = TIME_UNKNOWN;
}

int
kept_new(struct plugin *p, struct err *err)
{
	struct kept *k = calloc(1, sizeof(*k));

	p->kept = k;
	if (k == NULL)
		return err_errno(err, "start");
	k->journal = journal_new(p->set->state_path, p->boot_id);
	k->saved = saved_new();
	k->sum = saved_sum_new();
	if (k->journal == NULL || k->saved == NULL || k->sum == NULL)
		return err_errno(err, "start");
	k->boot_ms = plugin_real_ms() - boot_clock_ms();
	read_file(p, k);
	take_position(p, k);
	return 0;
}

void
kept_free(struct plugin *p)
{
	struct kept *k = p->kept;

	if (k == NULL)
		return;
	journal_free(k->journal);
	saved_free(k->saved);
	saved_sum_free(k->sum);
	journal_close(&k->file);
	free(k);
	p->kept = NULL;
}

/* As the clocks were when the run before wrote its last, but at us. */
static void
clocks_as_written(struct plugin *p, int64_t us)
{
	pipeline_clocks(p->pipeline, us, us - p->position.ahead_us);
}

void
kept_clocks(struct plugin *p)
{
	if (p->kept->other_boot)
		return;
	if (p->position.written_ms != TIME_UNKNOWN)
		clocks_as_written(p, p->position.written_ms * 1000);
	plugin_note_clocks(p);
}

/*
 * Until when a life is known to have had its number: the stream has been read
 * up to stream.ms, and had the number been given again by then, so its
 * record would have been. A life that was born just before may be a little
 * younger than its record.
 */
static uint64_t
known_ticks(const struct saved_position *at, const struct saved_life *life)
{
	int64_t younger;

	if (life->birth.ms == TIME_UNKNOWN || at->stream.ms == TIME_UNKNOWN)
		return at->ticks;
	younger =
	    life->birth.ms + life->birth_ahead + KEPT_BIRTH_MS - at->stream.ms;
	if (younger <= 0)
		return at->ticks;
	return at->ticks + (uint64_t)(younger * hertz() / 1000);
}

static void
restore(void *ctx, const struct saved_life *life)
{
	struct plugin *p = ctx;
	struct saved_position at;

	(void)saved_sum_position(p->kept->sum, &at);
	if (!pipeline_restore(
		p->pipeline, life, known_ticks(&at, life), p->now))
		p->kept->refused++;
}

/*
 * A record that was not read by then. Nothing in it says of which boot it is:
 * whose death was over before the other one had read all, or cannot have been
 * until this one began, is no longer, or not yet, that one's.
 */
static void
on_earlier_record(void *ctx, const struct fact *fact)
{
	struct plugin *p = ctx;
	struct fact own = *fact;

	if (span_record_until(&fact->acct) + RECORD_LATE_MS <
		p->position.acct_read_ms ||
	    span_record_from(&fact->acct) > p->kept->boot_ms)
		return;
	own.acct.read_ms = own.acct.unwritten_ms = TIME_UNKNOWN;
	own.acct.order = 0;
	pipeline_fact(p->pipeline, &own, p->now);
}

/*
 * They ended with the machine, or before it, if accounting says so; their ends
 * are told as that boot's.
 */
static void
restore_earlier_boot(struct plugin *p)
{
	struct kept *k = p->kept;
	const struct acct_look look = {
	    .now_ms = k->boot_ms, .until_ms = INT64_MAX};
	struct ident ident;
	unsigned n = p->acct == NULL ? 0 : ACCT_TAIL_BATCH;

	ident_init(&ident, p->host_id, k->file.boot_id);
	pipeline_new_boot(p->pipeline, &ident, TIME_UNKNOWN, p->now);
	clocks_as_written(p, k->boot_ms * 1000);
	saved_sum_lives(k->sum, restore, p);
	publish_set_boot(p->publish, k->file.boot_id);
	while (n == ACCT_TAIL_BATCH)
		n = acct_tail_read(p->acct, &look, on_earlier_record, p);
	ident_init(&ident, p->host_id, p->boot_id);
	pipeline_new_boot(p->pipeline, &ident, p->position.written_ms, p->now);
	publish_set_boot(p->publish, p->boot_id);
	plugin_note_clocks(p);
}

static void
restore_this_boot(struct plugin *p)
{
	reconcile_restore_past(
	    pipeline_reconcile(p->pipeline), &p->position.past);
	saved_sum_lives(p->kept->sum, restore, p);
}

static void
note_told(struct kept *k, int64_t ms)
{
	k->line_ms = ms;
	if (ms < k->turn_ms)
		k->turn_ms = ms;
}

static void
tell_again(void *ctx, const struct saved_line *line)
{
	struct plugin *p = ctx;

	note_told(p->kept, line->ms);
	plugin_line(p, &(struct sink_line){.text = line->text,
			   .format = (enum event_format)line->format,
			   .cut_to = line->cut_to,
			   .action = (enum event_action)line->action,
			   .time_ms = line->time_ms,
			   .user = line->user});
}

void
kept_restore(struct plugin *p)
{
	struct kept *k = p->kept;

	saved_sum_lines(k->sum, tell_again, p);
	if (k->other_boot)
		restore_earlier_boot(p);
	else
		restore_this_boot(p);
	if (k->refused > 0)
		log_warnx("%zu lives are not kept over the restart: "
			  "limits.lives, or no memory",
		    k->refused);
	saved_sum_free(k->sum);
	k->sum = NULL;
	journal_close(&k->file);
	crash_start(p);
	reconcile_track(pipeline_reconcile(p->pipeline));
}

void
kept_tell(struct plugin *p, const struct event *ev)
{
	int64_t ms = ev->time_ms;

	if (ev->action == EVENT_LOSS && ev->loss.since_ms != TIME_UNKNOWN)
		ms = ev->loss.since_ms;
	note_told(p->kept, ms);
	p->kept->is_left_out = false;
}

static void
wait_for(struct kept *k, int64_t ms)
{
	if (ms < k->waiting_ms)
		k->waiting_ms = ms;
}

void
kept_line(struct plugin *p, const struct sink_line *told)
{
	struct kept *k = p->kept;
	struct saved_line line = {.format = (uint8_t)told->format,
	    .action = (uint8_t)told->action,
	    .user = told->user,
	    .cut_to = told->cut_to,
	    .ms = k->line_ms,
	    .time_ms = told->time_ms,
	    .text = told->text};

	/* a file that is begun in this turn does not have it, either */
	if (!journal_is_open(k->journal)) {
		wait_for(k, k->line_ms);
		return;
	}
	if (k->lines + told->text.len > LINES_A_TURN) {
		wait_for(k, k->line_ms);
		k->left_out += !k->is_left_out;
		k->is_left_out = true;
		return;
	}
	k->lines += told->text.len;
	journal_add(k->journal, SAVED_LINE, saved_line(k->saved, &line));
}

/* Until when all that came is told, or was when that was last known. */
static int64_t
told_until(struct plugin *p)
{
	const struct kept *k = p->kept;
	int64_t untold = pipeline_untold_since(p->pipeline);
	int64_t rules = rules_untold_since(p);
	int64_t until;

	if (!k->all_out || p->newest_ms == TIME_UNKNOWN ||
	    untold == TIME_UNKNOWN)
		return k->next_ms;
	until = p->newest_ms + pipeline_ahead(p->pipeline);
	if (untold < until)
		until = untold;
	return rules < until ? rules : until;
}

/* If all that is before the sinks' marks is written. */
static bool
pass_marks(struct plugin *p)
{
	struct kept *k = p->kept;

	for (size_t i = 0; i < p->nsinks; i++) {
		if (!sink_is_past_mark(p->sink[i]))
			return false;
	}
	k->told_ms = k->next_ms;
	k->before_ms = INT64_MAX;
	return true;
}

/* There may always be something that waits: so not for all is waited, but for
 * what there was at some time. */
void
kept_told(struct plugin *p)
{
	struct kept *k = p->kept;

	wait_for(k, k->turn_ms);
	k->turn_ms = INT64_MAX;
	if (!pass_marks(p))
		return;
	for (size_t i = 0; i < p->nsinks; i++)
		sink_mark(p->sink[i]);
	k->next_ms = told_until(p);
	k->before_ms = k->waiting_ms;
	k->waiting_ms = INT64_MAX;
	(void)pass_marks(p);
}

/* Writing. */

static void
add(struct kept *k, enum saved_kind kind, struct bytes record)
{
	journal_add(k->journal, (uint8_t)kind, record);
	k->added += record.len;
}

static void
on_life(void *ctx, const struct saved_life *life)
{
	struct kept *k = ctx;

	add(k, SAVED_LIFE, saved_life(k->saved, life));
}

static void
on_forgotten(void *ctx, uint64_t number)
{
	struct kept *k = ctx;

	add(k, SAVED_FORGOTTEN, saved_forgotten(k->saved, number));
}

static void
on_snapshot(void *ctx, const struct saved_life *life)
{
	struct kept *k = ctx;
	struct bytes record = saved_life(k->saved, life);

	journal_add_begun(k->journal, SAVED_LIFE, record);
	k->added += record.len;
}

static void
add_changes(struct plugin *p, bool all)
{
	static const struct reconcile_changes_ops ops = {
	    .life = on_life, .forgotten = on_forgotten};
	struct kept *k = p->kept;

	k->all_out =
	    reconcile_changes(pipeline_reconcile(p->pipeline), all, &ops, k);
}

static int64_t
oldest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* After the changes, which stand before it. */
static void
update_position(struct plugin *p)
{
	struct saved_position *at = &p->position;
	const struct assemble *as = pipeline_assemble(p->pipeline);

	if (assemble_last_serial(as) != 0) {
		at->stream.serial = assemble_last_serial(as);
		at->stream.ms = assemble_last_stamp(as);
		at->stream.settled_ms = assemble_settled(as);
		at->stream.nmissing = assemble_missing(as, at->stream.missing);
	}
	at->ticks = ticks_of(at->stream.ms);
	at->told_ms = oldest(
	    p->kept->told_ms, oldest(p->kept->before_ms, p->kept->waiting_ms));
	at->crash = p->crash.last;
	at->rules = rules_past(p);
	at->written_ms = plugin_real_ms();
	for (size_t i = 0; i < p->nsinks; i++) {
		uint64_t next = sink_next_segment(p->sink[i]);

		if (next > at->next_segment)
			at->next_segment = next;
	}
	if (p->acct != NULL)
		acct_tail_position(p->acct, &at->acct);
	at->acct_state = (uint8_t)p->acct_state;
	at->acct_read_ms = p->acct_read_ms;
	at->acct_proven_ms = p->acct_proven_ms;
	at->past = reconcile_past(pipeline_reconcile(p->pipeline));
	at->unkept = reconcile_unkept(pipeline_reconcile(p->pipeline)) +
		     p->kept->left_out;
}

static bool
acct_has_moved(const struct acct_positions *a, const struct acct_positions *b)
{
	bool moved = a->n != b->n;

	for (size_t i = 0; i < a->n && !moved; i++)
		moved = a->at[i].dev != b->at[i].dev ||
			a->at[i].ino != b->at[i].ino ||
			a->at[i].offset != b->at[i].offset;
	return moved;
}

static bool
has_moved(const struct saved_position *a, const struct saved_position *b)
{
	return a->stream.serial != b->stream.serial ||
	       a->told_ms != b->told_ms || a->kernel_lost != b->kernel_lost ||
	       a->next_segment != b->next_segment ||
	       a->acct_state != b->acct_state ||
	       a->crash.untold != b->crash.untold || a->unkept != b->unkept ||
	       acct_has_moved(&a->acct, &b->acct);
}

static void
add_position(struct plugin *p)
{
	struct kept *k = p->kept;

	add(k, SAVED_POSITION, saved_position(k->saved, &p->position));
	k->written = p->position;
	k->written_at = p->mono_ms;
}

/* Adds a piece of the new file; true if it is the last. */
static bool
add_piece(struct plugin *p, size_t most)
{
	struct kept *k = p->kept;
	struct reconcile *r = pipeline_reconcile(p->pipeline);

	k->added = 0;
	while (k->added < most) {
		if (!reconcile_save(r, &k->cursor, on_snapshot, k))
			return true;
	}
	return false;
}

static void
begin(struct plugin *p)
{
	struct kept *k = p->kept;
	struct err err;

	k->cursor = 0;
	if (journal_begin(k->journal, &err) == 0)
		return;
	if (!k->failing)
		log_warnx("lives are not kept over a restart: %s", err.text);
	k->failing = true;
	k->retry_at = p->mono_ms + RETRY_MS;
}

static void
write_out(struct plugin *p, bool whole)
{
	struct kept *k = p->kept;
	struct err err;

	k->lines = 0;
	k->left_out = 0;
	if (journal_write(k->journal, whole, &err) != 0) {
		if (!k->failing)
			log_warnx(
			    "lives are not kept over a restart: %s", err.text);
		k->failing = true;
		k->retry_at = p->mono_ms + RETRY_MS;
		return;
	}
	if (p->acct != NULL && journal_is_open(k->journal))
		acct_tail_saved(p->acct);
	if (whole && k->failing) {
		log_info("lives are kept over a restart again");
		k->failing = false;
	}
}

/* All there is, at once. */
static void
write_all(struct plugin *p)
{
	struct kept *k = p->kept;

	if (!journal_is_begun(k->journal))
		begin(p);
	add_changes(p, true);
	update_position(p);
	if (!journal_is_begun(k->journal))
		return;
	k->cursor = 0;
	(void)add_piece(p, SIZE_MAX);
	add_position(p);
	write_out(p, true);
}

void
kept_start(struct plugin *p)
{
	write_all(p);
}

void
kept_turn(struct plugin *p)
{
	struct kept *k = p->kept;
	const struct journal *j = k->journal;
	bool whole = false;

	crash_turn(p);
	if (!journal_is_begun(j) &&
	    (journal_is_long(j) ||
		(!journal_is_open(j) && p->mono_ms >= k->retry_at)))
		begin(p);
	k->added = 0;
	add_changes(p, false);
	if (!journal_is_open(j) && !journal_is_begun(j))
		return; /* they are in the next new file */
	update_position(p);
	if (k->added + k->lines == 0 && !journal_is_begun(j) &&
	    !has_moved(&p->position, &k->written) &&
	    p->mono_ms - k->written_at < IDLE_MS)
		return;
	if (journal_is_begun(j))
		whole = add_piece(p, PIECE_SIZE);
	add_position(p);
	write_out(p, whole);
}

void
kept_stop(struct plugin *p)
{
	struct kept *k = p->kept;

	crash_stop(p);
	if (!journal_is_open(k->journal)) {
		write_all(p);
		return;
	}
	add_changes(p, true);
	update_position(p);
	add_position(p);
	write_out(p, false);
}

void
kept_stopped(struct plugin *p)
{
	for (size_t i = 0; i < p->nsinks; i++) {
		if (sink_unwritten(p->sink[i]) > 0)
			return;
	}
	p->position.clean = true;
	add_position(p);
	write_out(p, false);
}
