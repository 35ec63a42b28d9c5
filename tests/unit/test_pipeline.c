/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole way from bytes to events: what the settings want hidden is hidden
 * in every event, what could not be used is told as a loss, and it does not
 * matter how the bytes are cut into reads.
 */
#include "pipeline.h"
#include "reconcile_saved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "publish.h"

#define INTERVAL 10000 /* losses of one kind are told once in so many ms */
#define ROOM     (1 << 20)

struct rig {
	struct settings *loaded;
	struct settings set; /* a copy to change */
	struct ident ident;
	struct pipeline *pipeline;
	struct publish *publish;
	int64_t now;
	bool follow; /* now goes with the stamps that are heard */
	int64_t heard;
	struct event_loss loss[8]; /* told since the test looked last */
	unsigned nlosses;
	size_t args_len; /* of the newest event that had any */
	bool args_truncated;
	char out[ROOM]; /* all lines */
	size_t len;
};

static void
on_line(void *ctx, const struct sink_line *line)
{
	struct rig *r = ctx;

	assert_int_equal(line->format, FORMAT_ECS);
	assert_true(line->text.len < sizeof(r->out) - r->len);
	memcpy(r->out + r->len, line->text.at, line->text.len);
	r->len += line->text.len;
	r->out[r->len] = '\0';
}

static void
on_event(void *ctx, const struct event *ev)
{
	struct rig *r = ctx;

	if (ev->action == EVENT_LOSS) {
		assert_true(r->nlosses < 8);
		r->loss[r->nlosses++] = ev->loss;
	}
	if (ev->args != NULL) {
		r->args_len = ev->args->bytes.len;
		r->args_truncated = ev->args->truncated;
	}
	assert_true(publish_event(r->publish, ev, 0));
}

static int64_t
on_heard(void *ctx, int64_t ms, int64_t now)
{
	struct rig *r = ctx;

	(void)now;
	if (r->follow && r->heard != TIME_UNKNOWN)
		r->now += ms - r->heard;
	r->heard = ms;
	return r->now;
}

static void
clear(struct rig *r)
{
	pipeline_free(r->pipeline);
	publish_free(r->publish);
	r->pipeline = NULL;
	r->publish = NULL;
	r->now = 0;
	r->heard = TIME_UNKNOWN;
	r->nlosses = 0;
	r->len = r->args_len = 0;
	r->out[0] = '\0';
}

static void
build_as(struct rig *r, bool replay)
{
	const struct pipeline_ops ops = {
	    .replay = replay, .event = on_event, .heard = on_heard};
	static const struct envelope env = {.version = "1"};
	static const struct publish_variant ecs = {
	    FORMAT_ECS, PUBLISH_LINE_MAX};
	struct err err = {""};

	clear(r);
	r->publish = publish_new(&env, &ecs, 1, on_line, r);
	assert_non_null(r->publish);
	r->pipeline = pipeline_new(&r->set, &r->ident, &ops, r, &err);
	assert_string_equal(err.text, "");
	assert_non_null(r->pipeline);
}

static void
build(struct rig *r)
{
	build_as(r, true);
}

static int
set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct err err = {""};

	*state = r;
	if (r == NULL)
		return -1;
	r->loaded = settings_load(NULL, &err);
	if (r->loaded == NULL)
		return -1;
	r->set = *r->loaded;
	ident_init(&r->ident, NULL, NULL);
	build(r);
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	clear(r);
	settings_free(r->loaded);
	free(r);
	return 0;
}

static void
give_bytes(struct rig *r, const char *at, size_t len, size_t piece)
{
	while (len > 0) {
		size_t room, n = len < piece ? len : piece;
		char *to = pipeline_room(r->pipeline, &room);

		if (n > room)
			n = room;
		memcpy(to, at, n);
		pipeline_take(r->pipeline, n, r->now);
		if (r->follow)
			pipeline_tick(r->pipeline, r->now);
		at += n;
		len -= n;
	}
}

static void
give(struct rig *r, const char *s)
{
	give_bytes(r, s, strlen(s), SIZE_MAX);
}

static void
tick(struct rig *r, int64_t now)
{
	r->now = now;
	pipeline_tick(r->pipeline, now);
}

#define AT(s, serial) "msg=audit(17000000" #s ".000:" #serial "): "
#define IDS(pid)                                                               \
	"ppid=5 pid=" #pid " auid=0 uid=0 gid=0 euid=0 suid=0 "                \
	"egid=0 sgid=0 tty=(none) ses=1 comm=\"c\" exe=\"/c\"\n"
#define CALL(s, serial, nr, result, a0, pid)                                   \
	"type=SYSCALL " AT(s, serial) "arch=c000003e syscall=" #nr " " result  \
				      "a0=" #a0 " a1=0 " IDS(pid)
#define PROCTITLE(s, serial) "type=PROCTITLE " AT(s, serial) "proctitle=\"c\"\n"
#define FORK(s, serial, pid, child)                                            \
	CALL(s, serial, 57, "success=yes exit=" #child " ", 0, pid)            \
	PROCTITLE(s, serial)
#define EXEC(s, serial, pid, argc, args)                                       \
	CALL(s, serial, 59, "success=yes exit=0 ", 0, pid)                     \
	"type=EXECVE " AT(s, serial) "argc=" #argc " " args                    \
				     "\n" PROCTITLE(s, serial)
#define EXIT(s, serial, pid, code)                                             \
	CALL(s, serial, 231, "", code, pid) PROCTITLE(s, serial)

/* How often what stands in the lines. */
static unsigned
times(const struct rig *r, const char *what)
{
	unsigned n = 0;

	for (const char *at = r->out; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

/* The one loss of a source that was told; the others stay. */
static struct event_loss
take_loss(struct rig *r, enum loss_source source, const char *detail)
{
	struct event_loss loss;

	for (unsigned i = 0; i < r->nlosses; i++) {
		loss = r->loss[i];
		if (loss.source != source ||
		    (detail != NULL && strstr(loss.detail, detail) == NULL))
			continue;
		r->loss[i] = r->loss[--r->nlosses];
		return loss;
	}
	fail_msg("no loss of source %d", source);
	return (struct event_loss){.count = 0};
}

static void
assert_loss(
    struct rig *r, enum loss_source source, const char *detail, uint64_t count)
{
	struct event_loss loss = take_loss(r, source, detail);

	assert_true(loss.counted);
	assert_int_equal(loss.count, count);
}

/* Redaction. */

static const char *patterns[] = {"--password=*", "-p *"};

static void
test_redaction(void **state)
{
	struct rig *r = *state;

	r->set.events.redact = patterns;
	r->set.events.nredact = 2;
	build(r);
	give(r, FORK(10, 1, 5, 9));
	give(r, EXEC(11, 2, 9, 4,
		    "a0=\"c\" a1=\"--password=geheim1\" a2=\"-p\" "
		    "a3=67656865696D322020"));
	/* a child has its parent's arguments */
	give(r, FORK(12, 3, 9, 10) EXIT(13, 4, 10, 0) EXIT(13, 5, 9, 1));
	pipeline_finish(r->pipeline, r->now);
	assert_int_equal(times(r, "\"action\":\"exec\""), 1);
	assert_int_equal(times(r, "\"action\":\"end\""), 2);
	assert_int_equal(times(r, "geheim"), 0);
	assert_int_equal(times(r, "\"--password=[redacted]\""), 3);
	assert_int_equal(times(r, "\"-p\",\"[redacted]\""), 3);
	assert_int_equal(times(r, "\"redacted\":2"), 3);
}

static void
test_redaction_of_what_was_found(void **state)
{
	static const char args[] = "c\0--password=geheim\0x";
	struct rig *r = *state;
	struct fact fact = {.kind = FACT_FOUND,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 77,
	    .ppid = 1,
	    .creds = CREDS_UNKNOWN,
	    .found = {.start_ticks = 5,
		.start_ms = 1700000000000,
		.seen_ms = 1700000011000,
		.args = {
		    .bytes = {args, sizeof(args)}, .count = 3, .argc = 3}}};

	r->set.events.redact = patterns;
	r->set.events.nredact = 2;
	build(r);
	pipeline_fact(r->pipeline, &fact, 0);
	assert_int_equal(times(r, "already_running"), 1);
	assert_int_equal(times(r, "geheim"), 0);
	assert_int_equal(times(r, "\"c\",\"--password=[redacted]\",\"x\""), 1);
	/* what was handed over is not changed */
	assert_memory_equal(
	    fact.found.args.bytes.at, "c\0--password=geheim\0x", sizeof(args));
}

/* What is held of before is told as it is to be told now. */
static void
test_redaction_by_new_settings(void **state)
{
	struct rig *r = *state;
	struct settings later = r->set;

	give(r, FORK(10, 1, 5, 9));
	give(r, EXEC(11, 2, 9, 2, "a0=\"c\" a1=\"--password=offen\""));
	later.events.redact = patterns;
	later.events.nredact = 2;
	pipeline_set(r->pipeline, &later);
	give(r, EXEC(12, 3, 9, 2, "a0=\"c\" a1=\"--password=geheim\""));
	pipeline_finish(r->pipeline, r->now);
	assert_int_equal(times(r, "\"action\":\"exec\""), 2);
	assert_int_equal(times(r, "\"--password=[redacted]\""), 2);
	assert_int_equal(times(r, "offen"), 0);
	assert_int_equal(times(r, "geheim"), 0);
}

/*
 * Arguments that redaction makes longer, after a reload with larger limits:
 * those of memory stay as they were.
 */
static void
test_redaction_after_larger_limits(void **state)
{
	static const char *one[] = {"p*"};
	static char event[65536 + 1];
	struct rig *r = *state;
	struct settings larger;
	size_t n = 0;
	int i = 0;

	r->set.limits.event_bytes = 65536;
	r->set.events.redact = one;
	r->set.events.nredact = 1;
	build(r);
	larger = r->set;
	larger.limits.event_bytes = 1 << 20;
	pipeline_set(r->pipeline, &larger);
	give(r, FORK(10, 1, 5, 9));
	n += (size_t)snprintf(event, sizeof(event),
	    CALL(11, 2, 59, "success=yes exit=0 ", 0, 9) "type=EXECVE " AT(
		11, 2) "argc=5500");
	while (n < 63500) {
		if (i > 0 && i % 500 == 0)
			n += (size_t)snprintf(event + n, sizeof(event) - n,
			    "\ntype=EXECVE " AT(11, 2));
		n += (size_t)snprintf(
		    event + n, sizeof(event) - n, " a%d=\"px\"", i++);
	}
	snprintf(event + n, sizeof(event) - n, "\n" PROCTITLE(11, 2));
	assert_in_range(i, 5500, 10000);
	give(r, event);
	pipeline_finish(r->pipeline, r->now);
	assert_int_equal(times(r, "\"action\":\"exec\""), 1);
	assert_in_range(r->args_len, 60000, 65536);
	assert_true(r->args_truncated);
}

/* Losses. */

static char *
long_line(void)
{
	size_t len = ASSEMBLE_LINE_MAX + 1000;
	char *line = malloc(len + 2);

	assert_non_null(line);
	memset(line, 'x', len);
	line[len] = '\n';
	line[len + 1] = '\0';
	return line;
}

static void
test_losses_once_in_an_interval(void **state)
{
	struct rig *r = *state;
	char *line = long_line();

	tick(r, INTERVAL);
	assert_int_equal(r->nlosses, 0);
	give(r, FORK(10, 1, 5, 9));
	give(r, "garbage\nmore garbage\n\nand more\n");
	give(r, line);
	give(r, line);
	for (int i = 0; i < 4; i++)
		give(r, "node=other type=LOGIN " AT(10, 7) "res=1\n");
	tick(r, 2 * INTERVAL - 1);
	assert_int_equal(r->nlosses, 0);
	tick(r, 2 * INTERVAL);
	assert_loss(r, LOSS_AUDITD_QUEUE, "no audit records", 3);
	assert_loss(r, LOSS_LIMIT, "longer than", 2);
	assert_loss(r, LOSS_FOREIGN_NODE, NULL, 4);
	assert_int_equal(r->nlosses, 0);

	/* the next interval tells what came new, and nothing twice */
	give(r, "garbage\n");
	tick(r, 3 * INTERVAL - 1);
	assert_int_equal(r->nlosses, 0);
	tick(r, 3 * INTERVAL);
	assert_loss(r, LOSS_AUDITD_QUEUE, "no audit records", 1);
	assert_int_equal(r->nlosses, 0);
	tick(r, 4 * INTERVAL);
	pipeline_finish(r->pipeline, r->now);
	assert_int_equal(r->nlosses, 0);
	assert_int_equal(pipeline_losses(r->pipeline), 4);
	free(line);
}

static void
test_losses_at_the_end(void **state)
{
	struct rig *r = *state;

	give(r, FORK(10, 1, 5, 9) "garbage\nnode=o type=LOGIN " AT(
		    10, 7) "res=1\n" FORK(12, 2, 5, 11) "cut");
	pipeline_finish(r->pipeline, r->now);
	assert_loss(r, LOSS_FOREIGN_NODE, NULL, 1);
	assert_loss(r, LOSS_AUDITD_QUEUE, "no audit records", 2);
	assert_int_equal(r->nlosses, 0);
	assert_int_equal(
	    times(r, "\"source\":\"foreign_node\",\"count\":1"), 1);
}

static void
test_other_losses(void **state)
{
	struct rig *r = *state;

	give(r, FORK(10, 1, 5, 9));
	/* no pid */
	give(r, "type=SYSCALL " AT(
		    11, 2) "arch=c000003e syscall=231 a0=0\n" PROCTITLE(11, 2));
	/* no SYSCALL record, and one that comes after its event */
	give(r, "type=CWD " AT(11, 3) "cwd=\"/\"\n" PROCTITLE(11, 3));
	give(r, EXEC(11, 4, 5, 1, "a0=\"a\""));
	give(r, "type=CWD " AT(11, 4) "cwd=\"/\"\n");
	/* 5 to 7 are missing */
	give(r, FORK(12, 8, 5, 10));
	pipeline_finish(r->pipeline, r->now);
	assert_loss(r, LOSS_LIMIT, "without the fields", 1);
	assert_loss(r, LOSS_LIMIT, "without their event", 2);
	assert_loss(r, LOSS_SERIAL_GAP, NULL, 3);
	assert_int_equal(r->nlosses, 0);
}

static void
test_full_table(void **state)
{
	struct rig *r = *state;

	r->set.limits.lives = 3;
	build(r);
	give(r, FORK(10, 1, 5, 11) FORK(10, 2, 5, 12) FORK(10, 3, 5, 13)
		    FORK(10, 4, 5, 14));
	pipeline_finish(r->pipeline, r->now);
	assert_true(take_loss(r, LOSS_LIMIT, "limits.lives").count > 0);
	assert_int_equal(r->nlosses, 0);
}

static void
test_loss_of_others(void **state)
{
	struct rig *r = *state;
	struct event_loss loss = {.source = LOSS_KERNEL_LOST,
	    .counted = true,
	    .count = 12,
	    .since_ms = TIME_UNKNOWN,
	    .until_ms = 1700000000500};

	pipeline_loss(r->pipeline, &loss);
	assert_loss(r, LOSS_KERNEL_LOST, NULL, 12);
	assert_int_equal(
	    times(r, "\"@timestamp\":\"2023-11-14T22:13:20.500Z\""), 1);
	assert_int_equal(pipeline_losses(r->pipeline), 1);
}

/* Time, where the clocks are read. */

#define T0_S INT64_C(1700000000)
#define HOUR 3600

/* At this steady time the real clock is so much ahead. */
static void
clocks(struct rig *r, int64_t s, int64_t ahead)
{
	pipeline_clocks(
	    r->pipeline, (T0_S + s + ahead) * 1000000, (T0_S + s) * 1000000);
}

/* Where a record that shows this real time lies in the stream's time. */
static int64_t
heard_of(struct rig *r, int64_t s, unsigned serial)
{
	char line[80];

	snprintf(line, sizeof(line),
	    "type=LOGIN msg=audit(%lld.000:%u): res=1\n", (long long)(T0_S + s),
	    serial);
	give(r, line);
	return r->heard / 1000 - T0_S;
}

static void
test_heard_when_the_clock_is_set(void **state)
{
	struct rig *r = *state;

	build_as(r, false);
	clocks(r, 0, 0);
	clocks(r, 50, 0);
	assert_int_equal(heard_of(r, 49, 1), 49);
	clocks(r, 51, -HOUR);
	/* of before the step, read after it */
	assert_int_equal(heard_of(r, 50, 2), 50);
	assert_int_equal(heard_of(r, 51 - HOUR, 3), 51);
	clocks(r, 52, HOUR);
	assert_int_equal(heard_of(r, 52 + HOUR, 4), 52);
	/* what is older does not take it back */
	assert_int_equal(heard_of(r, 51 - HOUR, 5), 52);
	clocks(r, 60, 0);
	assert_int_equal(heard_of(r, 60, 6), 60);
}

/* The run before saw the clocks last at 10. */
static void
test_heard_when_the_clock_was_set_during_a_restart(void **state)
{
	struct rig *r = *state;

	build_as(r, false);
	clocks(r, 10, 0);
	clocks(r, 50, -HOUR);
	assert_int_equal(heard_of(r, 11, 1), 11);
	assert_int_equal(heard_of(r, 50 - HOUR, 2), 50);
}

/* Another boot's clock has nothing to do with what was heard before. */
static void
test_heard_in_another_boot(void **state)
{
	struct rig *r = *state;

	build_as(r, false);
	clocks(r, 10, 0);
	clocks(r, 20, HOUR);
	pipeline_new_boot(r->pipeline, &r->ident, TIME_UNKNOWN, r->now);
	clocks(r, 30, 0);
	assert_int_equal(heard_of(r, 30, 1), 30);
}

/*
 * After auditd hung what is seconds newer may be read first: a death whose
 * accounting record was read waits for the records that are missing.
 */
static void
test_newer_records_come_first(void **state)
{
	struct rig *r = *state;
	struct fact found = {.kind = FACT_FOUND,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 5,
	    .ppid = 5,
	    .creds = CREDS_UNKNOWN,
	    .found = {.start_ms = (T0_S - 60) * 1000, .seen_ms = T0_S * 1000}};
	struct fact record = {.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 9,
	    .ppid = 5,
	    .creds = CREDS_UNKNOWN,
	    .acct = {.birth_s = T0_S + 10,
		.elapsed_cs = 100,
		.status = 3 << 8,
		.mem_kb = 1,
		.read_ms = (T0_S + 11) * 1000 + 500}};

	build_as(r, false);
	reconcile_acct_on(pipeline_reconcile(r->pipeline), true);
	pipeline_fact(r->pipeline, &found, 0);
	give(r, FORK(10, 1, 5, 9));
	pipeline_fact(r->pipeline, &record, 0);
	(void)heard_of(r, 15, 4);
	tick(r, 1500);
	assert_int_equal(times(r, "\"action\":\"end\""), 0);
	give(r, EXIT(11, 2, 9, 3));
	(void)heard_of(r, 11, 3);
	tick(r, 1600);
	assert_int_equal(times(r, "\"action\":\"fork\""), 1);
	assert_int_equal(times(r, "\"exit\":{\"code\":3,\"certain\":true}"), 1);
	pipeline_finish(r->pipeline, r->now);
	assert_int_equal(times(r, "\"action\":\"fork\""), 1);
}

/*
 * What is told in real time, a loss and since when reboots are recorded, is of
 * that time, however far ahead the real clock is: the first of a pid namespace
 * was born later, and killed by no reboot that was missed.
 */
static void
test_losses_when_the_clock_is_set(void **state)
{
	struct rig *r = *state;
	struct fact found = {.kind = FACT_FOUND,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 5,
	    .ppid = 5,
	    .creds = CREDS_UNKNOWN,
	    .found = {.start_ms = (T0_S - 60) * 1000, .seen_ms = T0_S * 1000}};
	struct fact record = {.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = 9,
	    .ppid = 5,
	    .creds = CREDS_UNKNOWN,
	    .acct = {.birth_s = T0_S + HOUR + 10,
		.elapsed_cs = 100,
		.status = 9,
		.mem_kb = 1,
		.read_ms = (T0_S + HOUR + 11) * 1000 + 500}};

	build_as(r, false);
	reconcile_acct_on(pipeline_reconcile(r->pipeline), true);
	clocks(r, 0, 0);
	pipeline_fact(r->pipeline, &found, 0);
	clocks(r, 1, HOUR);
	clocks(r, 20, HOUR);
	pipeline_loss(
	    r->pipeline, &(struct event_loss){.source = LOSS_SERIAL_GAP,
			     .since_ms = TIME_UNKNOWN,
			     .until_ms = (T0_S + HOUR + 2) * 1000});
	pipeline_reboots_told(r->pipeline, true, (T0_S + HOUR + 3) * 1000);
	give(r,
	    "type=SYSCALL msg=audit(1700003610.000:1): arch=c000003e "
	    "syscall=56 success=yes exit=9 a0=20000011 a1=0 a2=0 a3=0 items=0 "
	    "ppid=1 pid=5 comm=\"sh\" exe=\"/bin/sh\"\n"
	    "type=EOE msg=audit(1700003610.000:1): \n");
	pipeline_fact(r->pipeline, &record, 0);
	(void)heard_of(r, HOUR + 15, 2);
	tick(r, 1500);
	tick(r, 9000);
	tick(r, 20000);
	tick(r, 30000);
	assert_int_equal(times(r, "\"signal_name\":\"SIGKILL\""), 1);
	assert_int_equal(times(r, "\"certain\":true"), 1);
}

/* Tells how long ago the first of a pid namespace may have been rebooted. */
static int64_t
reboot_ms(const struct rig *r)
{
	return reconcile_past(pipeline_reconcile(r->pipeline)).reboot_ms;
}

/* A kill took a part of the stream if serials are missing, else none. */
static void
test_losses_of_a_kill(void **state)
{
	struct rig *r = *state;
	struct event_loss loss = {.source = LOSS_RESTART,
	    .since_ms = T0_S * 1000,
	    .until_ms = T0_S * 1000 + 5};

	build_as(r, false);
	pipeline_loss(r->pipeline, &loss);
	assert_int_equal(reboot_ms(r), TIME_UNKNOWN);
	loss.counted = true;
	loss.count = 1;
	pipeline_loss(r->pipeline, &loss);
	assert_int_equal(reboot_ms(r), T0_S * 1000 + 5);
}

/* Pieces. */

static char *
read_data(const char *name, size_t *len)
{
	const char *top = getenv("abs_top_srcdir");
	char path[4096], *at = malloc(ROOM);
	FILE *in;

	snprintf(path, sizeof(path), "%s/tests/data/%s",
	    top != NULL ? top : ".", name);
	in = fopen(path, "re");
	assert_non_null(in);
	assert_non_null(at);
	*len = fread(at, 1, ROOM, in);
	fclose(in);
	assert_in_range(*len, 1, ROOM - 1);
	return at;
}

static void
run(struct rig *r, const char *at, size_t len, size_t piece)
{
	build(r);
	give_bytes(r, at, len, piece);
	pipeline_finish(r->pipeline, r->now);
}

/* The lines of a real day: the same, in pieces of each of n sizes. */
static void
check_pieces(struct rig *r, const size_t *pieces, size_t n)
{
	size_t len, want_len;
	char *at = read_data("ordinary-day/stream", &len);
	char *want = malloc(ROOM);

	assert_non_null(want);
	run(r, at, len, pieces[0]);
	memcpy(want, r->out, r->len);
	want_len = r->len;
	assert_int_equal(times(r, "\"action\":\"exec\""), 44);
	assert_int_equal(r->nlosses, 0);
	for (size_t i = 1; i < n; i++) {
		run(r, at, len, pieces[i]);
		assert_int_equal(r->len, want_len);
		assert_memory_equal(r->out, want, want_len);
	}
	free(want);
	free(at);
}

static void
test_pieces(void **state)
{
	static const size_t pieces[] = {SIZE_MAX, 1, 2, 3, 7, 64, 4096};

	check_pieces(*state, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

/* Shorter than a line: what is due becomes due at the same lines. */
static void
test_pieces_while_time_passes(void **state)
{
	static const size_t pieces[] = {64, 1, 2, 3, 7};
	struct rig *r = *state;

	r->follow = true;
	check_pieces(r, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_redaction),
	    TEST(test_redaction_of_what_was_found),
	    TEST(test_redaction_by_new_settings),
	    TEST(test_redaction_after_larger_limits),
	    TEST(test_losses_once_in_an_interval),
	    TEST(test_losses_at_the_end),
	    TEST(test_other_losses),
	    TEST(test_full_table),
	    TEST(test_loss_of_others),
	    TEST(test_heard_when_the_clock_is_set),
	    TEST(test_heard_when_the_clock_was_set_during_a_restart),
	    TEST(test_heard_in_another_boot),
	    TEST(test_newer_records_come_first),
	    TEST(test_losses_when_the_clock_is_set),
	    TEST(test_losses_of_a_kill),
	    TEST(test_pieces),
	    TEST(test_pieces_while_time_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
