/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the steady state nothing is allocated for an event: memory of lives that
 * are over is used for the next. The linker hands us the calls of our own
 * objects, not those that libauparse makes.
 */
#include "blocks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline.h"
#include "publish.h"
#include "saved.h"

#define FIRST_MS 1700000000000
#define STEP_MS  2 /* from one birth to the next */

/*
 * The same comes again after so many lives, all that differs between them; by
 * then those before are forgotten, whose grace is 10 s.
 */
#define ROUND     6000
#define FIRST_PID 1000
#define PARENT    5
#define WARM_UP   (4 * ROUND)
#define COUNTED   (2 * ROUND)

/* Lives that overlap: an end comes so many births later. */
#define LASTS 40

#define TEXT_MAX 65536

static size_t allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *at, size_t size);
void *__real_reallocarray(void *at, size_t n, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t size);
void *__wrap_reallocarray(void *at, size_t n, size_t size);
char *__wrap_strdup(const char *s);

void *
__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *at, size_t size)
{
	allocations++;
	return __real_realloc(at, size);
}

void *
__wrap_reallocarray(void *at, size_t n, size_t size)
{
	allocations++;
	return __real_reallocarray(at, n, size);
}

char *
__wrap_strdup(const char *s)
{
	allocations++;
	return __real_strdup(s);
}

struct rig {
	struct settings *set;
	struct pipeline *pipeline;
	struct publish *publish;
	struct saved *saved;
	int64_t now;     /* as its stamps, from 0 on */
	uint32_t serial; /* the newest */
	size_t told[EVENT_LOSS + 1];
	size_t lines;
	char *at; /* what is being written of the stream */
	size_t room;
};

static void
on_line(void *ctx, const struct sink_line *line)
{
	struct rig *r = ctx;
	struct bytes text = line->text;

	assert_true(text.len > 0 && text.at[text.len - 1] == '\n');
	r->lines++;
}

static void
on_event(void *ctx, const struct event *ev)
{
	struct rig *r = ctx;

	r->told[ev->action]++;
	assert_true(publish_event(r->publish, ev, 0));
}

/* What changed is kept over a restart. */

static void
on_life(void *ctx, const struct saved_life *life)
{
	struct rig *r = ctx;

	assert_true(saved_life(r->saved, life).len > 0);
}

static void
on_forgotten(void *ctx, uint64_t number)
{
	struct rig *r = ctx;

	assert_true(saved_forgotten(r->saved, number).len > 0);
}

static void
keep(struct rig *r)
{
	static const struct reconcile_changes_ops ops = {on_life, on_forgotten};

	(void)reconcile_changes(
	    pipeline_reconcile(r->pipeline), false, &ops, r);
}

static int
set_up(void **state)
{
	static const struct publish_variant variants[] = {
	    {FORMAT_ECS, PUBLISH_LINE_MAX}, {FORMAT_OCSF, PUBLISH_LINE_MAX},
	    {FORMAT_TEXT, PUBLISH_LINE_MAX}};
	static const struct pipeline_ops ops = {.event = on_event};
	static const struct envelope env = {.version = "1"};
	struct rig *r = calloc(1, sizeof(*r));
	struct err err = {""};
	struct ident ident;

	*state = r;
	if (r == NULL)
		return -1;
	ident_init(&ident, NULL, NULL);
	r->set = settings_load(NULL, &err);
	r->publish = publish_new(&env, variants, 3, on_line, r);
	r->saved = saved_new();
	if (r->set == NULL || r->publish == NULL || r->saved == NULL)
		return -1;
	r->pipeline = pipeline_new(r->set, &ident, &ops, r, &err);
	if (r->pipeline == NULL)
		return -1;
	reconcile_acct_on(pipeline_reconcile(r->pipeline), true);
	reconcile_track(pipeline_reconcile(r->pipeline));
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	pipeline_free(r->pipeline);
	publish_free(r->publish);
	saved_free(r->saved);
	settings_free(r->set);
	free(r);
	return 0;
}

/* The stream. */

static void put(struct rig *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(struct rig *r, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(r->at, r->room, format, args);
	va_end(args);
	assert_true(n > 0 && (size_t)n < r->room);
	r->at += n;
	r->room -= (size_t)n;
}

static void
put_stamp(struct rig *r, const char *type)
{
	int64_t ms = FIRST_MS + r->now;

	put(r, "type=%s msg=audit(%lld.%03lld:%u): ", type,
	    (long long)(ms / 1000), (long long)(ms % 1000), r->serial);
}

/* One that bears has a name of its own; names are of many lengths. */
static void
put_call(struct rig *r, int call, const char *rest, int pid, int which)
{
	r->serial++;
	put_stamp(r, "SYSCALL");
	put(r,
	    "arch=c000003e syscall=%d %s a1=0 a2=0 a3=0 items=0 ppid=%d pid=%d "
	    "auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 "
	    "egid=1000 sgid=1000 fsgid=1000 tty=pts1 ses=3 "
	    "comm=\"c%.*s\" exe=\"/usr/bin/c%.*s%d\" key=\"proclife\"\n",
	    call, rest, pid == PARENT ? 1 : PARENT, pid, which % 9, "ommandos",
	    which % 29, "-with-a-name-that-may-be-long", which % 50);
}

static void
put_end_of_event(struct rig *r)
{
	put_stamp(r, "PROCTITLE");
	put(r, "proctitle=\"c\"\n");
	put_stamp(r, "EOE");
	put(r, "\n");
}

/* Gives what was written to the pipeline, and what is due has its turn. */
static void
give(struct rig *r, const char *text)
{
	size_t size;
	char *room = pipeline_room(r->pipeline, &size);
	size_t len = (size_t)(r->at - text);

	assert_true(len <= size);
	memcpy(room, text, len);
	pipeline_take(r->pipeline, len, r->now);
}

static void
give_call(struct rig *r, int call, const char *rest, int pid, int which)
{
	char text[TEXT_MAX];

	r->at = text;
	r->room = sizeof(text);
	put_call(r, call, rest, pid, which);
	put_end_of_event(r);
	give(r, text);
}

/* An exec with arguments; what they are, how many and how long differs. */
static void
give_exec(struct rig *r, int pid, int which)
{
	char text[TEXT_MAX];
	int argc = 2 + which % 5;
	int len = which % 500 == 0 ? 10000 : 1 + which % 100;

	r->at = text;
	r->room = sizeof(text);
	put_call(r, 59, "success=yes exit=0 a0=0", pid, which);
	put_stamp(r, "EXECVE");
	put(r, "argc=%d", argc);
	for (int i = 0; i < argc; i++)
		put(r, " a%d=\"%0*d\"", i, len * (i + 1), which);
	put(r, "\n");
	put_stamp(r, "CWD");
	put(r, "cwd=\"/home/user/%d\"\n", which % 10);
	put_end_of_event(r);
	give(r, text);
}

/* What comes from elsewhere. */

static void
give_record(struct rig *r, int pid, uint32_t status)
{
	const int64_t lasted = LASTS * STEP_MS;
	struct fact fact = {.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = pid,
	    .ppid = PARENT,
	    .creds = CREDS_UNKNOWN,
	    .acct = {
		.birth_s = (FIRST_MS + r->now) / 1000 - lasted / 1000,
		.elapsed_cs = (double)lasted / CENTISECOND_MS,
		.mem_kb = 1000,
		.status = status,
		.read_ms = FIRST_MS + r->now,
		.unwritten_ms = TIME_UNKNOWN,
	    }};

	pipeline_fact(r->pipeline, &fact, r->now);
}

/* What clone3 bore is told by /proc. */
static void
answer(struct rig *r)
{
	struct reconcile_question q;

	while (reconcile_questions(pipeline_reconcile(r->pipeline), &q, 1)) {
		struct fact fact = {.kind = FACT_TASK,
		    .at = {TIME_UNKNOWN, 0},
		    .pid = q.parent,
		    .ppid = q.parent,
		    .task = {.child = q.child, .seen_ms = FIRST_MS + r->now}};

		pipeline_fact(r->pipeline, &fact, r->now);
	}
}

/* Lives. */

static int
pid_of(int which)
{
	return FIRST_PID + which;
}

/* CLONE_PARENT, CLONE_THREAD and what goes with it. */
#define SIBLING "8011"
#define THREAD  "3d0f00"

static void
bear_by(struct rig *r, int call, const char *flags, int parent, int pid)
{
	char rest[64];

	snprintf(rest, sizeof(rest), "success=yes exit=%d a0=%s", pid, flags);
	give_call(r, call, rest, parent, 0);
}

/* By fork, clone3, or the one born before, as its sibling. */
static void
bear(struct rig *r, int which)
{
	int pid = pid_of(which);

	if (which % 4 == 1)
		bear_by(r, 435, "0", PARENT, pid);
	else if (which % 32 == 10)
		bear_by(r, 56, SIBLING, pid - 1, pid);
	else
		bear_by(r, 57, "0", PARENT, pid);
}

/* One thread more, for a while. */
static void
run_thread(struct rig *r, int which)
{
	bear_by(r, 56, THREAD, pid_of(which), FIRST_PID + 2 * ROUND + which);
	give_call(r, 60, "a0=0", pid_of(which), which);
}

/* Of some the exec comes before the birth; others fail at first. */
static void
begin(struct rig *r, int which)
{
	bool early = which % 5 == 2;

	if (early)
		give_exec(r, pid_of(which), which);
	bear(r, which);
	if (which % 8 == 3)
		give_call(r, 59, "success=no exit=-2 a0=0", pid_of(which), 0);
	if (!early)
		give_exec(r, pid_of(which), which);
	if (which % 16 == 6)
		run_thread(r, which);
}

/* They leave, or are killed; of some accounting says nothing. */
static void
end(struct rig *r, int which)
{
	bool killed = which % 16 == 7;
	char rest[64];

	snprintf(rest, sizeof(rest), "a0=%x", which % 3);
	if (!killed)
		give_call(r, 231, rest, pid_of(which), which);
	if (killed || which % 16 != 8)
		give_record(
		    r, pid_of(which), killed ? 9 : (uint32_t)(which % 3) << 8);
}

static void
live(struct rig *r, int lives)
{
	for (int i = 0; i < lives; i++) {
		begin(r, i % ROUND);
		end(r, (i + ROUND - LASTS) % ROUND);
		answer(r);
		r->now += STEP_MS;
		pipeline_tick(r->pipeline, r->now);
		keep(r);
	}
}

static void
test_nothing_is_allocated_for_an_event(void **state)
{
	struct rig *r = *state;
	size_t before;

	if (BLOCKS_SPARE_MAX == 0)
		skip();
	live(r, WARM_UP);
	memset(r->told, 0, sizeof(r->told));
	r->lines = 0;
	before = allocations;
	live(r, COUNTED);
	assert_int_equal(allocations - before, 0);
	assert_int_equal(r->told[EVENT_FORK], COUNTED);
	assert_int_equal(r->told[EVENT_END], COUNTED);
	assert_true(r->told[EVENT_EXEC] >= COUNTED);
	assert_int_equal(r->told[EVENT_LOSS], 0);
	assert_true(r->lines >= (size_t)6 * COUNTED);
}

/* Were the calls not counted, the test above would prove nothing. */
static void
test_the_first_lives_are_allocated(void **state)
{
	size_t before = allocations;

	live(*state, 100);
	assert_true(allocations >= before + 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_the_first_lives_are_allocated, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_nothing_is_allocated_for_an_event, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
