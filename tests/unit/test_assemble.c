/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of the audit stream to whole events. What comes out is compared as
 * text, one word an event, gap or boot:
 *
 *   exec@7[SYSCALL,EXECVE]   with "!" after it if it is incomplete, and
 *                            another one if it is cut
 *   gap@8+3   boot@SECOND
 *
 * The random walk takes its seed from the environment variable SEED, if that
 * is set, and prints it.
 */
#include "assemble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record.h"

#define T0       INT64_C(1700000000000) /* of the stamps below */
#define EOE_WAIT 200
#define LATENESS 2000

/* Records of the event that was stamped so many ms after T0. */
#define AT(ms, serial) "msg=audit(1700000000." #ms ":" #serial "):"
#define X86(nr)        "arch=c000003e syscall=" nr " success=yes exit=0"
/* Each of a process of its own, or all of the same. */
#define CALL(ms, s, nr) "type=SYSCALL " AT(ms, s) " " X86(nr) " pid=" #s "\n"
#define CALL_OF_9(ms, s, nr)                                                   \
	"type=SYSCALL " AT(ms, s) " " X86(nr) " ppid=1 pid=9 auid=0\n"
#define FAILED_OF_9(ms, s)                                                     \
	"type=SYSCALL " AT(ms, s) " arch=c000003e syscall=59 success=no "      \
				  "exit=-2 ppid=1 pid=9 auid=0\n"
#define EXEC(ms, s)      CALL(ms, s, "59")
#define EXIT(ms, s)      CALL(ms, s, "231")
#define OPENAT(ms, s)    CALL(ms, s, "257")
#define EXECVE(ms, s)    "type=EXECVE " AT(ms, s) " argc=1 a0=\"ls\"\n"
#define CWD(ms, s)       "type=CWD " AT(ms, s) " cwd=\"/\"\n"
#define PATH(ms, s, n)   "type=PATH " AT(ms, s) " item=" #n " name=\"/ls\"\n"
#define PROCTITLE(ms, s) "type=PROCTITLE " AT(ms, s) " proctitle=\"ls\"\n"
#define EOE(ms, s)       "type=EOE " AT(ms, s) " \n"
#define ABEND(ms, s)     "type=ANOM_ABEND " AT(ms, s) " pid=9 sig=11 res=1\n"
#define OTHER(ms, s)     "type=LOGIN " AT(ms, s) " pid=9 res=1\n"

#define FORK(ms, s)    CALL(ms, s, "57")
#define A_FORK(ms, s)  FORK(ms, s) PROCTITLE(ms, s) EOE(ms, s)
#define AN_EXIT(ms, s) EXIT(ms, s) PROCTITLE(ms, s) EOE(ms, s)
#define EXEC_PARTS(ms, s)                                                      \
	EXECVE(ms, s) CWD(ms, s) PATH(ms, s, 0) PATH(ms, s, 1) PROCTITLE(ms, s)
#define AN_EXEC(ms, s) EXEC(ms, s) EXEC_PARTS(ms, s) EOE(ms, s)
#define WHOLE_EXEC     "[SYSCALL,EXECVE,CWD,PATH]"

/* And some seconds after it. */
#define DAEMON_START(s)                                                        \
	"type=DAEMON_START msg=audit(17000000" #s ".000:77): op=start\n"
#define LATER(s, serial)                                                       \
	"type=LOGIN msg=audit(17000000" #s ".000:" #serial "): res=1\n"

struct rig {
	struct assemble_settings set;
	struct syscalls *sc;
	struct assemble *a;
	size_t piece; /* at most so much is given at once */
	int64_t now;
	bool follow; /* now goes with the stamps, as in a replay: late */
	int64_t heard, whole;
	int64_t since, until; /* of the newest gap */
	char told[1 << 20];
	size_t len;
	char raw[1 << 22]; /* all records of all events */
	size_t nraw;
};

static void say(struct rig *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct rig *r, const char *fmt, ...)
{
	size_t room = sizeof(r->told) - r->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(r->told + r->len, room, fmt, args);
	va_end(args);
	assert_true(n > 0 && (size_t)n < room);
	r->len += (size_t)n;
}

static const char *
name_of(const struct assemble_event *ev)
{
	static const char *const names[] = {[SYSCALL_OTHER] = "other",
	    [SYSCALL_FORK] = "fork",
	    [SYSCALL_CLONE] = "clone",
	    [SYSCALL_EXEC] = "exec",
	    [SYSCALL_EXIT_GROUP] = "exit_group"};

	return ev->what == ASSEMBLE_ABEND ? "abend" : names[ev->kind];
}

/* Each record must be a line of its own, and carry the event's stamp. */
static void
say_records(struct rig *r, const struct assemble_event *ev)
{
	const char *at = ev->records.at, *end;
	char stamp[64];

	if (ev->records.len == 0)
		return;
	end = at + ev->records.len;
	snprintf(stamp, sizeof(stamp),
	    " msg=audit(%lld.%03d:%u):", (long long)(ev->at.ms / 1000),
	    (int)(ev->at.ms % 1000), (unsigned)ev->at.serial);
	while (at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		const char *type = at + 5;
		int len;

		assert_non_null(nl);
		assert_memory_equal(at, "type=", 5);
		len = (int)strcspn(type, " ");
		assert_memory_equal(type + len, stamp, strlen(stamp));
		say(r, "%s%.*s", at == ev->records.at ? "" : ",", len, type);
		at = nl + 1;
	}
}

static void
on_event(void *ctx, const struct assemble_event *ev)
{
	struct rig *r = ctx;

	say(r, "%s@%u[", name_of(ev), (unsigned)ev->at.serial);
	say_records(r, ev);
	say(r, "]%s%s ", ev->incomplete ? "!" : "", ev->cut ? "!" : "");
	assert_true(r->nraw + ev->records.len <= sizeof(r->raw));
	if (ev->records.len > 0)
		memcpy(r->raw + r->nraw, ev->records.at, ev->records.len);
	r->nraw += ev->records.len;
}

static void
on_heard(void *ctx, int64_t ms, int64_t whole_ms)
{
	struct rig *r = ctx;

	assert_true(ms >= r->heard);
	assert_true(whole_ms >= r->whole && whole_ms <= ms);
	if (r->follow && r->heard != TIME_UNKNOWN)
		r->now += ms - r->heard;
	r->heard = ms;
	r->whole = whole_ms;
}

static void
on_gap(void *ctx, uint32_t first, uint32_t count, int64_t since_ms,
    int64_t until_ms)
{
	struct rig *r = ctx;

	say(r, "gap@%u+%u ", (unsigned)first, (unsigned)count);
	r->since = since_ms;
	r->until = until_ms;
}

static void
on_config(void *ctx, int64_t ms, struct bytes fields)
{
	say(ctx, "config@%lld:%.*s ", (long long)(ms - T0), (int)fields.len,
	    fields.at);
}

static void
on_boot(void *ctx, int64_t ms)
{
	say(ctx, "boot@%lld ", (long long)(ms / 1000));
}

static void
build(struct rig *r)
{
	static const struct assemble_ops ops = {.event = on_event,
	    .heard = on_heard,
	    .gap = on_gap,
	    .config = on_config,
	    .boot = on_boot};

	assemble_free(r->a);
	r->a = assemble_new(&r->set, r->sc, &ops, r);
	assert_non_null(r->a);
	r->now = 0;
	r->heard = r->whole = TIME_UNKNOWN;
	r->len = r->nraw = 0;
	r->told[0] = '\0';
}

static int
set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (r == NULL)
		return -1;
	r->sc = syscalls_new();
	r->piece = SIZE_MAX;
	r->set = (struct assemble_settings){.open_events = 64,
	    .event_bytes = 1 << 20,
	    .eoe_wait_ms = EOE_WAIT,
	    .lateness_ms = LATENESS};
	build(r);
	return 0;
}

/* A replay: no clock but that of the stamps. */
static void
follow_stamps(struct rig *r)
{
	r->set.by_stamps = r->follow = true;
	build(r);
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	assemble_free(r->a);
	syscalls_free(r->sc);
	free(r);
	return 0;
}

static void
give_bytes(struct rig *r, const char *at, size_t len)
{
	while (len > 0) {
		size_t room, n = len < r->piece ? len : r->piece;
		char *to = assemble_room(r->a, &room);

		assert_true(room >= ASSEMBLE_LINE_MAX);
		if (n > room)
			n = room;
		memcpy(to, at, n);
		assemble_take(r->a, n, r->now);
		at += n;
		len -= n;
		assemble_tick(r->a, r->now);
	}
}

static void
give(struct rig *r, const char *s)
{
	give_bytes(r, s, strlen(s));
}

static void
tick(struct rig *r, int64_t now)
{
	r->now = now;
	assemble_tick(r->a, now);
}

static void
assert_told(struct rig *r, const char *want)
{
	assert_string_equal(r->told, want);
	r->len = 0;
	r->told[0] = '\0';
}

static void
assert_drops(struct rig *r, enum assemble_drop which, uint64_t n)
{
	const struct assemble_counts *c = assemble_counts(r->a);

	for (int i = 0; i < ASSEMBLE_DROPS; i++)
		assert_int_equal(c->drops[i], i == (int)which ? n : 0);
}

#define assert_nothing_dropped(r) assert_drops((r), ASSEMBLE_DROPS, 0)

/* How an event ends. */

static void
test_eoe(void **state)
{
	struct rig *r = *state;

	give(r, EXEC(001, 7) EXECVE(001, 7));
	assert_told(r, "");
	give(r, CWD(001, 7) PATH(001, 7, 0) PATH(001, 7, 1) PROCTITLE(001, 7));
	assert_told(r, "exec@7" WHOLE_EXEC " ");
	give(r, EOE(001, 7) EXEC(002, 8) EXECVE(002, 8));
	assert_told(r, "");
	give(r, EOE(002, 8));
	assert_told(r, "exec@8[SYSCALL,EXECVE] ");
	assert_nothing_dropped(r);
	assert_int_equal(assemble_counts(r->a)->events, 2);
	assert_int_equal(assemble_counts(r->a)->records, 10);
}

/* A rule excludes it from then on: nothing is waited for. */
static void
test_eoe_is_excluded(void **state)
{
	struct rig *r = *state;

	give(r, A_FORK(001, 1) EXEC(002, 2) EXEC_PARTS(002, 2));
	assert_told(r, "fork@1[SYSCALL] exec@2" WHOLE_EXEC " ");
	assert_nothing_dropped(r);
}

static void
test_proctitle(void **state)
{
	struct rig *r = *state;

	give(r, EXEC(001, 7) EXEC_PARTS(001, 7) EXEC(002, 8));
	assert_told(r, "exec@7" WHOLE_EXEC " ");
	give(r, PROCTITLE(002, 8) EXEC(003, 9));
	assert_told(r, "exec@8[SYSCALL] ");
	assert_nothing_dropped(r);
}

/* Neither EOE nor PROCTITLE: when nothing more came for eoe_wait. */
static void
test_neither(void **state)
{
	struct rig *r = *state;

	r->now = 1000;
	give(r, EXEC(001, 7));
	tick(r, 1000 + EOE_WAIT - 1);
	give(r, EXECVE(001, 7));
	assert_int_equal(assemble_deadline(r->a), 1000 + 2 * EOE_WAIT - 1);
	tick(r, 1000 + EOE_WAIT + 1);
	assert_told(r, "");
	tick(r, 1000 + 2 * EOE_WAIT - 1);
	assert_told(r, "exec@7[SYSCALL,EXECVE]! ");
	assert_nothing_dropped(r);
}

/* Where there is EOE, a pause amid an event is no end of it. */
static void
test_pause(void **state)
{
	struct rig *r = *state;

	r->now = 1000;
	give(r, EXIT(001, 6) EOE(001, 6) EXEC(002, 7));
	assert_told(r, "exit_group@6[SYSCALL] ");
	tick(r, 1000 + LATENESS - 1);
	give(r, EXECVE(002, 7));
	tick(r, 1000 + 2 * LATENESS - 2);
	assert_told(r, "");
	tick(r, 1000 + 2 * LATENESS - 1);
	assert_told(r, "exec@7[SYSCALL,EXECVE]! ");
	assert_nothing_dropped(r);
}

/*
 * A replay has no clock but the stamps that it hears. An event that lacks its
 * end must not stop it.
 */
static void
test_neither_in_replay(void **state)
{
	struct rig *r = *state;

	follow_stamps(r);
	give(r, EXEC(100, 1) EXECVE(100, 1));
	give(r, EXIT(200, 2));
	assert_told(r, "");
	give(r, EXIT(350, 3));
	assert_told(r, "");
	/* 200 ms of the stream after what came first after them */
	give(r, EXIT(900, 4));
	assert_told(r, "exec@1[SYSCALL,EXECVE]! exit_group@2[SYSCALL]! ");
	give(r, EXIT(901, 5) EXIT(902, 6));
	assert_told(r, "");
	/* what an event waits for could still be on its way */
	assert_int_equal(r->heard, T0 + 350);
	assert_int_equal(r->now, 250);
}

/*
 * The clock that a replay gives is that of the record before. After a long
 * silence neither an event nor a serial number may count as overdue.
 */
static void
test_silence_in_replay(void **state)
{
	struct rig *r = *state;

	follow_stamps(r);
	give(r, LATER(10, 1) LATER(15, 2) LATER(20, 3));
	tick(r, r->now + LATENESS);
	r->piece = 1;
	give(r,
	    "type=SYSCALL msg=audit(1700000050.000:6): " X86(
		"59") "\n"
		      "type=CWD msg=audit(1700000050.000:6): cwd=\"/\"\n" LATER(
			  50, 5) LATER(49, 4));
	assert_told(r, "");
	give(r, "type=EOE msg=audit(1700000050.000:6): \n");
	assemble_finish(r->a, r->now);
	assert_told(r, "exec@6[SYSCALL,CWD] ");
	assert_nothing_dropped(r);
}

/* One event's PROCTITLE was lost: the others go on, and so does time. */
static void
test_lost_end_in_replay(void **state)
{
	struct rig *r = *state;

	follow_stamps(r);
	give(r, EXEC(100, 1) EXECVE(100, 1));
	give(r, EXIT(150, 2) PROCTITLE(150, 2));
	assert_told(r, "exit_group@2[SYSCALL] ");
	assert_int_equal(r->heard, T0 + 100);
	give(r, EXIT(360, 3) PROCTITLE(360, 3));
	assert_told(r, "exec@1[SYSCALL,EXECVE]! exit_group@3[SYSCALL] ");
	assert_int_equal(r->heard, T0 + 360);
}

/*
 * An exec that took long has an old stamp; that newer ones are read between
 * its records is no reason to tell it without its arguments.
 */
static void
test_old_among_new_in_replay(void **state)
{
	struct rig *r = *state;

	follow_stamps(r);
	give(r, EXEC(100, 1));
	give(r, EXIT(900, 2) PROCTITLE(900, 2));
	give(r, EXECVE(100, 1) PROCTITLE(100, 1));
	assert_told(r, "exit_group@2[SYSCALL] exec@1[SYSCALL,EXECVE] ");
}

/* A stamp is heard only when nothing that came before it waits. */
static void
test_heard(void **state)
{
	struct rig *r = *state;

	give(r, OTHER(100, 1) EOE(100, 1));
	assert_int_equal(r->heard, T0 + 100);
	give(r, EXEC(110, 2));
	assert_int_equal(r->heard, T0 + 110);
	give(r, EXEC(120, 3) OTHER(130, 4));
	assert_int_equal(r->heard, T0 + 110);
	give(r, EOE(110, 2) OTHER(140, 5));
	assert_int_equal(r->heard, T0 + 120);
	give(r, EOE(120, 3) OTHER(090, 6));
	assert_int_equal(r->heard, T0 + 140);
	/* another's or auditd's own are not the kernel's */
	give(r, "node=b type=LOGIN " AT(500, 9) " res=1\n"
						"type=DAEMON_ROTATE " AT(
						    501, 4) " res=success\n");
	assert_int_equal(r->heard, T0 + 140);
	assert_int_equal(assemble_last_stamp(r->a), T0 + 140);
}

static void
test_single_record(void **state)
{
	struct rig *r = *state;

	give(r, ABEND(005, 3));
	assert_told(r, "abend@3[ANOM_ABEND] ");
	give(r, "type=ANOM_ABEND " AT(006, 4) " pid=9 sig=6\x1d"
					      "AUID=\"unset\"\n");
	assert_told(r, "abend@4[ANOM_ABEND] ");
	assert_memory_equal(r->raw,
	    "type=ANOM_ABEND " AT(005, 3) " pid=9 sig=11 res=1\n"
					  "type=ANOM_ABEND " AT(
					      006, 4) " pid=9 sig=6\n",
	    r->nraw);
	assert_nothing_dropped(r);
}

/* Each was taken apart by somebody else. */
static void
test_records(void **state)
{
	static const char *const lines[] = {EXEC(001, 1), EXECVE(001, 1),
	    ABEND(002, 2), CWD(001, 1), PATH(001, 1, 0), PROCTITLE(001, 1),
	    EOE(001, 1)};
	const size_t n = sizeof(lines) / sizeof(lines[0]);
	struct rig *r = *state;

	for (size_t i = 0; i < n; i++) {
		struct bytes line = {lines[i], strlen(lines[i]) - 1};
		struct record rec;

		assert_true(record_parse(line, &rec));
		assemble_record(r->a, &rec, r->now);
	}
	assert_told(r, "abend@2[ANOM_ABEND] exec@1" WHOLE_EXEC " ");
	assert_int_equal(assemble_counts(r->a)->records, n);
	assert_nothing_dropped(r);
}

/* Interleaving. */

static void
test_interleaved(void **state)
{
	struct rig *r = *state;

	give(r, A_FORK(001, 1));
	assert_told(r, "fork@1[SYSCALL] ");
	give(r, EXEC(002, 3) EXIT(002, 2) EXECVE(002, 3) FORK(001, 5)
		    CWD(002, 3) PROCTITLE(002, 2) ABEND(003, 4) EOE(002, 2)
			PATH(002, 3, 0) EOE(001, 5) PROCTITLE(002, 3));
	assert_told(r, "exit_group@2[SYSCALL] abend@4[ANOM_ABEND] "
		       "exec@3" WHOLE_EXEC " fork@5[SYSCALL] ");
	give(r, EOE(002, 3));
	assert_told(r, "");
	assert_nothing_dropped(r);
}

/* Its end was lost: what its process does next comes after it. */
/* A child may be faster than the end of the event of its birth. */
static void
test_child_amid_its_birth(void **state)
{
	struct rig *r = *state;

	give(r, A_FORK(001, 1));
	give(r, FORK(002, 2) EXIT(003, 3) PROCTITLE(003, 3) EOE(003, 3)
		    PROCTITLE(002, 2) EOE(002, 2));
	assert_told(
	    r, "fork@1[SYSCALL] fork@2[SYSCALL] exit_group@3[SYSCALL] ");
	assert_nothing_dropped(r);
}

static void
test_next_of_its_process(void **state)
{
	struct rig *r = *state;

	give(r, FORK(001, 1) PROCTITLE(001, 1));
	give(r, CALL_OF_9(002, 2, "59") EXECVE(002, 2) EXEC(002, 3)
		    CALL_OF_9(003, 4, "57"));
	assert_told(
	    r, "fork@1[SYSCALL] exec@2[SYSCALL,EXECVE]! fork@4[SYSCALL] ");
	give(r, ABEND(004, 5) PROCTITLE(003, 4) PROCTITLE(002, 3));
	assert_told(r, "abend@5[ANOM_ABEND] exec@3[SYSCALL] ");
	assert_nothing_dropped(r);
}

/* Where events have ends it is late: what its process does next waits. */
static void
test_end_after_next_of_its_process(void **state)
{
	struct rig *r = *state;

	give(r, A_FORK(001, 1));
	give(r, CALL_OF_9(002, 2, "59") CALL_OF_9(003, 3, "57") A_FORK(003, 4));
	assert_told(r, "fork@1[SYSCALL] ");
	give(r, EXECVE(002, 2) CWD(002, 2) EOE(002, 2));
	assert_told(r, "exec@2[SYSCALL,EXECVE,CWD] fork@3[SYSCALL] "
		       "fork@4[SYSCALL] ");
	assert_nothing_dropped(r);
}

/* While a thread's exec fails the others go on. */
static void
test_failed_exec_of_a_thread(void **state)
{
	struct rig *r = *state;

	give(r, A_FORK(001, 1));
	give(r, FAILED_OF_9(002, 2) CALL_OF_9(003, 3, "57") EOE(003, 3)
		    CWD(002, 2) EOE(002, 2));
	assert_told(r, "fork@1[SYSCALL] fork@3[SYSCALL] exec@2[SYSCALL,CWD] ");
	assert_nothing_dropped(r);
}

/* One serial at two times: after a new start, or another machine's. */
static void
test_same_serial_other_time(void **state)
{
	struct rig *r = *state;

	give(r, OTHER(001, 6) EOE(001, 6) EXEC(001, 7) EXIT(002, 7)
		    EXECVE(001, 7) EOE(001, 7) EOE(002, 7));
	assert_told(r, "exit_group@7[SYSCALL] exec@7[SYSCALL,EXECVE] ");
}

/* The kernel may hand on an event's records in another order. */
static void
test_parts_before_their_call(void **state)
{
	struct rig *r = *state;

	give(r, OTHER(001, 6) EOE(001, 6));
	give(r, CWD(001, 7) EXECVE(001, 7) EXEC(001, 7) EOE(001, 7));
	assert_told(r, "exec@7[CWD,EXECVE,SYSCALL] ");
	give(r, CWD(001, 8) PATH(001, 8, 0) OPENAT(001, 8) EOE(001, 8));
	assert_told(r, "");
	assert_nothing_dropped(r);
}

/* Nodes and enrichment. */

static void
test_enriched(void **state)
{
	struct rig *r = *state;

	give(r, "type=SYSCALL " AT(001, 7) " " X86(
		    "59") "\x1d"
			  "ARCH=x86_64 SYSCALL=execve\n"
			  "type=CWD " AT(001,
			      7) " cwd=\"/\"\x1d\n"
				 "type=PATH " AT(001,
				     7) " item=0 name=\"a\"\x1dOUID=\"x\"\x1d\n"
					"type=PROCTITLE " AT(001,
					    7) " proctitle=61\n"
					       "type=EOE " AT(001, 7) "\n");
	assert_told(r, "exec@7[SYSCALL,CWD,PATH] ");
	assert_memory_equal(r->raw,
	    "type=SYSCALL " AT(001, 7) " " X86(
		"59") "\n"
		      "type=CWD " AT(001, 7) " cwd=\"/\"\n"
					     "type=PATH " AT(
						 001, 7) " item=0 name=\"a\"\n",
	    r->nraw);
	assert_nothing_dropped(r);
}

#define ON(node, record) "node=" node " " record

static void
test_nodes(void **state)
{
	struct rig *r = *state;

	/* the first one is ours */
	give(r, ON("me", "type=DAEMON_START " AT(001, 99) " op=start\n"));
	give(r, ON("me", EXEC(001, 7)) ON("you", EXECVE(001, 7))
		    ON("me", EXECVE(001, 7)) EXECVE(001, 7) ON("m", CWD(001, 7))
			ON("mee", CWD(001, 7)) ON("me", PROCTITLE(001, 7)));
	assert_told(r, "exec@7[SYSCALL,EXECVE] ");
	assert_memory_equal(r->raw, "type=SYSCALL ", 13);
	assert_drops(r, ASSEMBLE_FOREIGN, 4);
	assert_int_equal(assemble_counts(r->a)->records, 4);
}

static void
test_no_node_of_ours(void **state)
{
	struct rig *r = *state;

	give(r, EXIT(001, 7) ON("you", EXIT(001, 8)) PROCTITLE(001, 7));
	assert_told(r, "exit_group@7[SYSCALL] ");
	assert_drops(r, ASSEMBLE_FOREIGN, 1);
}

static void
test_node_by_setting(void **state)
{
	struct rig *r = *state;

	r->set.node = "me";
	build(r);
	give(r, ON("you", EXIT(001, 8)) ON("me", EXIT(001, 7))
		    ON("you", PROCTITLE(001, 7)) ON("me", PROCTITLE(001, 7)));
	assert_told(r, "exit_group@7[SYSCALL] ");
	assert_drops(r, ASSEMBLE_FOREIGN, 2);
}

/* What nobody wants. */

static void
test_unwanted(void **state)
{
	struct rig *r = *state;

	give(r, OPENAT(001, 1) CWD(001, 1) PATH(001, 1, 0) PATH(001, 1, 1)
		    PROCTITLE(001, 1) EOE(001, 1));
	/* an architecture that nobody knows, and one that is written oddly */
	give(r, "type=SYSCALL " AT(
		    001, 2) " arch=deadbeef syscall=59 x=1\n"
			    "type=SYSCALL " AT(
				001, 3) " arch=c000003e syscall=5x9 x=1\n"
					"type=SYSCALL " AT(001,
					    4) " syscall=59 arch=c000003e\n"
					       "type=SYSCALL " AT(001, 5) "\n");
	give(r, OTHER(001, 6) EOE(001, 6) EOE(001, 7) PROCTITLE(001, 8));
	assert_told(r, "");
	assert_nothing_dropped(r);
	assert_int_equal(assemble_counts(r->a)->records, 14);
	assert_int_equal(assemble_deadline(r->a), LATENESS / 2);
}

/* Only the first PATH is read, and that of execs. */
static void
test_paths(void **state)
{
	struct rig *r = *state;

	give(r, EXEC(001, 7) PATH(001, 7, 1) PATH(001, 7, 0) PATH(001, 7, 2)
		    PATH(001, 7, 10) PROCTITLE(001, 7));
	assert_told(r, "exec@7[SYSCALL,PATH] ");
	assert_non_null(strstr(r->raw, "item=0 "));
	assert_nothing_dropped(r);
}

static void
test_other_calls(void **state)
{
	struct rig *r = *state;

	give(r, "type=SYSCALL " AT(001,
		    1) " arch=40000003 syscall=120 "
		       "per=400000 success=yes exit=5\n" PROCTITLE(001, 1));
	give(r, "type=SYSCALL " AT(001,
		    2) " arch=c00000b7 syscall=221 x=1\n" PROCTITLE(001, 2));
	give(r, "type=SYSCALL " AT(001,
		    3) " arch=80000016 syscall=120 x=1\n" PROCTITLE(001, 3));
	assert_told(r, "clone@1[SYSCALL] exec@2[SYSCALL] clone@3[SYSCALL] ");
}

/* Bad lines. */

static void
test_garbage(void **state)
{
	static const char *const lines[] = {
	    "x",
	    "type=",
	    "type=SYSCALL",
	    "type=SYSCALL ",
	    "type=SYSCALL msg=audit(",
	    "type=SYSCALL msg=audit(1.2:3",
	    "type=SYSCALL msg=audit(1.2;3): a=1",
	    "type=SYSCALL msg=audit(.2:3): a=1",
	    "type=SYSCALL msg=audit(1.:3): a=1",
	    "type=SYSCALL msg=audit(1.1000:3): a=1",
	    "type=SYSCALL msg=audit(1.002:): a=1",
	    "type=SYSCALL msg=audit(1.002:4294967296): a=1",
	    "type=SYSCALL msg=audit(-1.002:3): a=1",
	    "type=SYSCALL msg=audit(1.002:3x): a=1",
	    "type=SYSCALL msg=audit(9999999999999999999.002:3): a=1",
	    "type=SYSCALL msg=audit(999999999999999999.002:3): a=1",
	    "type=SYSCALL msg=audit(253402300800.002:3): a=1",
	    "type=SYSCALL  msg=audit(1.002:3): a=1",
	    " type=SYSCALL msg=audit(1.002:3): a=1",
	    "node=x",
	    "node=x ",
	    "node=a node=b type=SYSCALL msg=audit(1.002:3): a=1",
	    "\x1dtype=SYSCALL msg=audit(1.002:3): a=1",
	    "type=SYSCALL msg=audit(1.002:3\x1d): a=1",
	    "\xff\xfe\x80",
	};
	size_t n = sizeof(lines) / sizeof(lines[0]);
	struct rig *r = *state;

	for (size_t i = 0; i < n; i++) {
		give(r, lines[i]);
		give(r, "\n");
		assert_drops(r, ASSEMBLE_GARBAGE, i + 1);
	}
	give(r, "\n\n"); /* nothing is no record, but no garbage either */
	give(r, EXIT(001, 7) PROCTITLE(001, 7));
	assert_told(r, "exit_group@7[SYSCALL] ");
	assert_drops(r, ASSEMBLE_GARBAGE, n);
	assert_int_equal(assemble_counts(r->a)->records, 2);
}

static void
test_nul_bytes(void **state)
{
	static const char line[] =
	    "type=CWD msg=audit(1700000000.001:7): cwd=\"\0\"\n";
	struct rig *r = *state;

	give(r, EXEC(001, 7));
	give_bytes(r, line, sizeof(line) - 1);
	give_bytes(r, "\0", 1);
	give(r, PATH(001, 7, 0)); /* runs on where the NUL was */
	give(r, PROCTITLE(001, 7));
	assert_told(r, "exec@7[SYSCALL] ");
	assert_drops(r, ASSEMBLE_GARBAGE, 2);
}

/* A CWD record of so many bytes, newline and all. */
static char *
long_line(size_t len)
{
	static const char start[] = "type=CWD " AT(001, 7) " cwd=";
	char *line = malloc(len + 1);

	assert_non_null(line);
	memset(line, 'A', len);
	memcpy(line, start, sizeof(start) - 1);
	line[len - 1] = '\n';
	line[len] = '\0';
	return line;
}

static void
test_oversize(void **state)
{
	static const size_t pieces[] = {SIZE_MAX, ASSEMBLE_LINE_MAX, 1000};
	char *longest = long_line(ASSEMBLE_LINE_MAX + 1);
	char *longer = long_line(ASSEMBLE_LINE_MAX + 2);
	char *huge = long_line(10 * ASSEMBLE_LINE_MAX);
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		build(r);
		r->piece = pieces[i];
		give(r, EXEC(001, 7));
		give(r, longest);
		assert_nothing_dropped(r);
		give(r, longer);
		assert_drops(r, ASSEMBLE_OVERSIZE, 1);
		give(r, EXECVE(001, 7));
		give(r, huge);
		assert_drops(r, ASSEMBLE_OVERSIZE, 2);
		give(r, PROCTITLE(001, 7));
		assert_told(r, "exec@7[SYSCALL,CWD,EXECVE] ");
	}
	free(longest);
	free(longer);
	free(huge);
}

/* An oversized line that the stream ends in is told, and no part of it kept. */
static void
test_oversize_at_the_end(void **state)
{
	char *huge = long_line(3 * ASSEMBLE_LINE_MAX);
	struct rig *r = *state;

	give(r, EXEC(001, 7));
	r->piece = 1000;
	give_bytes(r, huge, 2 * ASSEMBLE_LINE_MAX);
	assemble_finish(r->a, 0);
	assert_told(r, "exec@7[SYSCALL]! ");
	assert_drops(r, ASSEMBLE_OVERSIZE, 1);
	free(huge);
}

/* Late parts: what they belong to is gone. */

static void
test_late(void **state)
{
	struct rig *r = *state;

	give(r, AN_EXEC(001, 7) CWD(001, 7) EXECVE(001, 7) PATH(001, 7, 1)
		    EOE(001, 7));
	assert_told(r, "exec@7" WHOLE_EXEC " ");
	assert_drops(r, ASSEMBLE_LATE, 2);
	give(r, EXEC(001, 7));
	assert_drops(r, ASSEMBLE_LATE, 3);
	assert_told(r, "");
}

/* auditd hung amid the event: what comes after the end is before it. */
static void
test_torn(void **state)
{
	struct rig *r = *state;

	give(r, AN_EXIT(001, 6) CWD(001, 7) PATH(001, 7, 0) PROCTITLE(001, 7)
		    EOE(001, 7) AN_EXIT(002, 9));
	assert_told(r, "exit_group@6[SYSCALL] ");
	give(r, EXEC(001, 7) EXECVE(001, 7) AN_EXIT(001, 8));
	assert_told(r, "");
	tick(r, EOE_WAIT);
	assert_told(r, "exec@7[CWD,PATH,SYSCALL,EXECVE]! "
		       "exit_group@8[SYSCALL] exit_group@9[SYSCALL] ");
	assert_int_equal(r->whole, T0 + 2);
	assert_drops(r, ASSEMBLE_LATE, 0);
}

/* What auditd read too late comes after what was logged later. */
static void
test_turns(void **state)
{
	struct rig *r = *state;

	give(r, AN_EXIT(001, 6) AN_EXIT(003, 9) AN_EXIT(004, 10));
	assert_told(r, "exit_group@6[SYSCALL] ");
	give(r, AN_EXEC(001, 7));
	assert_told(r, "exec@7" WHOLE_EXEC " ");
	assert_int_equal(r->whole, T0 + 1);
	give(r, AN_EXIT(002, 8));
	assert_told(r, "exit_group@8[SYSCALL] exit_group@9[SYSCALL] "
		       "exit_group@10[SYSCALL] ");
	assert_int_equal(r->whole, T0 + 4);
}

/* The one before is read, but lacks its end: so do those behind it wait. */
static void
test_turn_of_open(void **state)
{
	struct rig *r = *state;

	give(r, AN_EXIT(001, 6) AN_EXIT(003, 8));
	give(r, EXEC(001, 7) AN_EXIT(004, 9));
	assert_told(r, "exit_group@6[SYSCALL] ");
	give(r, EXECVE(001, 7) EOE(001, 7));
	assert_told(r, "exec@7[SYSCALL,EXECVE] exit_group@8[SYSCALL] "
		       "exit_group@9[SYSCALL] ");
}

/* So long they wait for one, and no longer; what is late comes at once. */
static void
test_turn_of_lost(void **state)
{
	struct rig *r = *state;

	give(r, AN_EXIT(001, 6) AN_EXIT(003, 8));
	tick(r, 10);
	give(r, AN_EXIT(003, 10));
	tick(r, LATENESS / 2);
	tick(r, LATENESS / 2 + 9);
	assert_told(r, "exit_group@6[SYSCALL] exit_group@8[SYSCALL] ");
	give(r, AN_EXIT(002, 7) AN_EXIT(004, 11));
	assert_told(r, "exit_group@7[SYSCALL] ");
	assert_int_equal(assemble_deadline(r->a), LATENESS / 2 + 10);
	tick(r, LATENESS / 2 + 10);
	assert_told(r, "exit_group@10[SYSCALL] exit_group@11[SYSCALL] ");
}

/* Parts whose SYSCALL record never came: each of them counts. */
static void
test_parts_alone(void **state)
{
	struct rig *r = *state;

	give(r,
	    OTHER(001, 1) EOE(001, 1) CWD(001, 7) PATH(001, 7, 0) EOE(001, 7));
	tick(r, LATENESS / 2 - 1);
	assert_drops(r, ASSEMBLE_LATE, 0);
	tick(r, LATENESS / 2);
	assert_drops(r, ASSEMBLE_LATE, 2);
	give(r, EXECVE(001, 8));
	tick(r, 2 * LATENESS);
	assert_told(r, "");
	assert_drops(r, ASSEMBLE_LATE, 3);
}

/* Limits. */

static void
test_open_events(void **state)
{
	struct rig *r = *state;

	r->set.open_events = 2;
	build(r);
	give(r, OTHER(001, 1) EOE(001, 1));
	give(r, EXEC(001, 2) EXEC(001, 3) EXECVE(001, 2) EXEC(001, 4));
	/* the one whose newest record is the oldest */
	assert_told(r, "exec@3[SYSCALL]! ");
	give(r, EOE(001, 3) CWD(001, 2) EOE(001, 2) EOE(001, 4));
	assert_told(r, "exec@2[SYSCALL,EXECVE,CWD] exec@4[SYSCALL] ");
	assert_drops(r, ASSEMBLE_LIMIT, 1);
	give(r, AN_EXEC(002, 5) AN_EXIT(002, 6));
	assert_told(r, "exec@5" WHOLE_EXEC " exit_group@6[SYSCALL] ");
}

static void
test_event_bytes(void **state)
{
	struct rig *r = *state;
	size_t call = strlen(EXEC(001, 7)), part = strlen(EXECVE(001, 7));

	r->set.event_bytes = call + 2 * part;
	build(r);
	give(r, EXEC(001, 7) EXECVE(001, 7) EXECVE(001, 7) PROCTITLE(001, 7));
	assert_told(r, "exec@7[SYSCALL,EXECVE,EXECVE] ");
	assert_nothing_dropped(r);
	give(r, EXEC(001, 8) EXECVE(001, 8) EXECVE(001, 8) EXECVE(001, 8)
		    CWD(001, 8) PROCTITLE(001, 8));
	assert_told(r, "exec@8[SYSCALL,EXECVE,EXECVE]!! ");
	assert_drops(r, ASSEMBLE_LIMIT, 2);
	/* that was one event's fault */
	give(r, EXEC(001, 9) EXECVE(001, 9) PROCTITLE(001, 9));
	assert_told(r, "exec@9[SYSCALL,EXECVE] ");
}

/* The very first record does not fit: the event still ends in its time. */
static void
test_event_bytes_of_one_record(void **state)
{
	struct rig *r = *state;

	r->set.event_bytes = 10;
	build(r);
	r->now = 5000;
	give(r, EXEC(001, 7));
	assert_int_equal(assemble_deadline(r->a), 5000 + EOE_WAIT);
	assert_drops(r, ASSEMBLE_LIMIT, 1);
	tick(r, 5000 + EOE_WAIT);
	assert_told(r, "exec@7[]!! ");
}

/* Buffers that grew are used again, and with them nothing of old events. */
static void
test_reuse(void **state)
{
	struct rig *r = *state;

	give(r, OTHER(001, 1) EOE(001, 1) EXEC(001, 2));
	for (int i = 0; i < 1000; i++)
		give(r, EXECVE(001, 2));
	give(r, EOE(001, 2));
	r->len = 0;
	give(r, AN_EXIT(001, 3) AN_EXEC(001, 4));
	assert_told(r, "exit_group@3[SYSCALL] exec@4" WHOLE_EXEC " ");
	assert_nothing_dropped(r);
}

/* Serial numbers. */

static void
test_gap_settled_by_time(void **state)
{
	struct rig *r = *state;

	r->now = 1000;
	give(r, OTHER(100, 10) OTHER(200, 13));
	assert_int_equal(assemble_deadline(r->a), 1000 + LATENESS);
	tick(r, 1000 + LATENESS - 1);
	assert_told(r, "");
	/* the mark was set at the first record: 11 and 12 may still come */
	tick(r, 1000 + LATENESS);
	assert_told(r, "");
	give(r, OTHER(300, 11));
	tick(r, 1000 + 2 * LATENESS);
	assert_told(r, "gap@12+1 ");
	assert_int_equal(r->since, T0 + 100);
	assert_int_equal(r->until, T0 + 300);
	tick(r, 1000 + 5 * LATENESS);
	assert_told(r, "");
	assert_int_equal(assemble_deadline(r->a), INT64_MAX);
	assert_int_equal(assemble_last_serial(r->a), 13);
}

/* kauditd's retry queue comes after its hold queue: what is newer is read
 * first, and proves nothing until all before it is read. */
static void
test_not_whole_while_serials_are_missing(void **state)
{
	struct rig *r = *state;

	r->now = 1000;
	give(r, OTHER(100, 10) OTHER(120, 11));
	assert_int_equal(r->whole, T0 + 120);
	give(r, OTHER(900, 14));
	assert_int_equal(r->heard, T0 + 900);
	assert_int_equal(r->whole, T0 + 120);
	give(r, OTHER(130, 12));
	assert_int_equal(r->whole, T0 + 120);
	give(r, OTHER(140, 13));
	assert_int_equal(r->whole, T0 + 900);
	/* an event that waits, too */
	give(r, EXEC(910, 15) OTHER(920, 16));
	assert_int_equal(r->whole, T0 + 910);
	give(r, EOE(910, 15) OTHER(930, 17));
	assert_int_equal(r->whole, T0 + 930);
	/* it will not come */
	give(r, OTHER(950, 19));
	assert_int_equal(r->whole, T0 + 930);
	tick(r, 1000 + LATENESS);
	tick(r, 1000 + 2 * LATENESS);
	assert_int_equal(r->whole, T0 + 950);
	assert_told(r, "exec@15[SYSCALL] gap@18+1 ");
}

static void
test_gap_settled_by_window(void **state)
{
	struct rig *r = *state;

	give(r, OTHER(100, 10) OTHER(200, 20));
	for (int i = 21; i < 21 + 8300; i++) {
		char line[80];

		snprintf(line, sizeof(line),
		    "type=LOGIN msg=audit(1700000000.300:%d): res=1\n", i);
		give(r, line);
	}
	assert_told(r, "gap@11+9 ");
	assert_int_equal(r->since, T0 + 100);
	assert_int_equal(r->until, T0 + 300);
	assemble_finish(r->a, 0);
	assert_told(r, "");
}

static void
test_gap_at_the_end(void **state)
{
	struct rig *r = *state;

	give(r, OTHER(100, 10) OTHER(200, 13));
	assemble_finish(r->a, 0);
	assert_told(r, "gap@11+2 ");
}

static void
test_serials_roll_over(void **state)
{
	struct rig *r = *state;

	give(r,
	    OTHER(001, 4294967294) EXEC(001, 4294967295) EXECVE(001, 4294967295)
		EXIT(001, 0) PROCTITLE(001, 4294967295) PROCTITLE(001, 0)
		    EXIT(001, 3) PROCTITLE(001, 3) OTHER(001, 1));
	assert_told(r, "exit_group@0[SYSCALL] exec@4294967295[SYSCALL,EXECVE] "
		       "");
	assemble_finish(r->a, 0);
	assert_told(r, "gap@2+1 exit_group@3[SYSCALL] ");
	assert_int_equal(assemble_last_serial(r->a), 3);
}

/* auditd counts its own records anew from a random number. */
static void
test_daemon_serials(void **state)
{
	struct rig *r = *state;

	give(r, "type=DAEMON_START " AT(001, 9999) " op=start\n");
	assert_int_equal(assemble_last_serial(r->a), 0);
	assert_int_equal(assemble_last_stamp(r->a), TIME_UNKNOWN);
	give(r, OTHER(001, 5) "type=DAEMON_ROTATE " AT(001,
		    20000) " op=x\n"
			   "type=DAEMON_CONFIG " AT(002, 3) " op=x\n" OTHER(
			       001, 6) "type=DAEMON_END " AT(003,
			       20001) " op=terminate\n");
	assemble_finish(r->a, 0);
	assert_told(r, "");
	assert_int_equal(assemble_last_serial(r->a), 6);
	assert_int_equal(assemble_last_stamp(r->a), T0 + 1);
	assert_nothing_dropped(r);
	assert_int_equal(assemble_counts(r->a)->records, 6);
}

static void
test_new_boot(void **state)
{
	struct rig *r = *state;

	give(r, DAEMON_START(10) LATER(10, 100) LATER(11, 102));
	give(r, "type=SYSCALL msg=audit(1700000011.000:103): " X86("59") "\n");
	give(r, DAEMON_START(50) LATER(49, 5));
	/* what is open is over, and what is missing will not come any more */
	assert_told(r, "gap@101+1 exec@103[SYSCALL]! boot@1700000049 ");
	assert_int_equal(assemble_last_serial(r->a), 5);
	give(r, LATER(51, 7));
	assemble_finish(r->a, 0);
	assert_told(r, "gap@6+1 ");
}

/* A new start of auditd within a boot; a record may be late then, too. */
static void
test_no_new_boot(void **state)
{
	struct rig *r = *state;

	give(r, DAEMON_START(10) LATER(10, 100) LATER(11, 102));
	give(r, DAEMON_START(20) LATER(20, 103) LATER(21, 50));
	give(r, DAEMON_START(22) LATER(11, 101) LATER(22, 104));
	assemble_finish(r->a, 0);
	assert_told(r, "");
	assert_int_equal(assemble_last_serial(r->a), 104);
}

static void
test_change_of_rules(void **state)
{
	struct rig *r = *state;

	give(r, "type=CONFIG_CHANGE " AT(
		    007, 3) " op=add_rule res=1\x1d"
			    "AUID=\"root\"\n"
			    "node=other type=CONFIG_CHANGE " AT(
				008, 4) " op=add_rule res=1\n");
	assert_told(r, "config@7:op=add_rule res=1 ");
}

/* A serial that is low without a start of auditd is only late. */
static void
test_late_serial_is_no_boot(void **state)
{
	struct rig *r = *state;

	give(r, LATER(10, 100) LATER(20, 99) LATER(30, 5) LATER(31, 101));
	assemble_finish(r->a, 0);
	assert_told(r, "");
}

/* Starting again where an earlier run ended. */

static void
resume(struct rig *r, uint32_t serial, int64_t ms)
{
	struct assemble_past past = {serial, ms, ms, 0, {{0, 0}}};

	assemble_resume(r->a, &past);
}

static void
test_resume(void **state)
{
	struct rig *r = *state;

	resume(r, 1000, T0 - 60000);
	assert_int_equal(assemble_last_serial(r->a), 1000);
	assert_int_equal(assemble_last_stamp(r->a), T0 - 60000);
	assert_int_equal(assemble_deadline(r->a), INT64_MAX);
	give(r, "type=DAEMON_START " AT(000, 5) " op=start\n");
	give(r, OTHER(100, 1004) OTHER(101, 1005));
	tick(r, LATENESS);
	assert_told(r, "gap@1001+3 ");
	assert_int_equal(r->since, T0 - 60000);
	assert_int_equal(r->until, T0 + 101);
}

static void
test_resume_without_loss(void **state)
{
	struct rig *r = *state;

	resume(r, UINT32_MAX, T0);
	give(r, OTHER(100, 0) OTHER(100, 1));
	assemble_finish(r->a, 0);
	assert_told(r, "");
}

/* The first record after it may be one that had been overtaken. */
static void
test_resume_and_late_record(void **state)
{
	struct rig *r = *state;

	resume(r, 1000, T0);
	give(r, "type=DAEMON_START " AT(005, 5) " op=start\n" OTHER(001, 998)
		    OTHER(006, 1001));
	assemble_finish(r->a, 0);
	assert_told(r, "");
	assert_int_equal(assemble_last_serial(r->a), 1001);
}

/* More is missing than the window holds; the first to come is overtaken. */
static void
test_resume_after_long(void **state)
{
	struct rig *r = *state;

	resume(r, 1000, T0);
	give(r, OTHER(100, 50002) OTHER(101, 50001));
	tick(r, LATENESS);
	assert_told(r, "gap@1001+49000 ");
	assert_int_equal(r->since, T0);
	assert_int_equal(r->until, T0 + 101);
}

/*
 * Where nothing was missing all that was read was whole, however soon the next
 * run is over as well. What was lost after it may have been entered before.
 */
static void
test_resume_is_whole(void **state)
{
	struct assemble_past past = {1000, T0, T0 - 60000, 0, {{0, 0}}};
	struct rig *r = *state;

	assemble_resume(r->a, &past);
	assert_int_equal(assemble_settled(r->a), T0 - LATENESS);
	give(r, OTHER(100, 1004));
	assert_int_equal(r->heard, T0 + 100);
	assert_int_equal(r->whole, T0);
	tick(r, 0);
	tick(r, LATENESS);
	assert_int_equal(r->since, T0 - LATENESS);
	assert_int_equal(r->whole, T0 + 100);
	assert_told(r, "gap@1001+3 ");
}

/* What was not whole is missing to who goes on, as what never came is. */
static void
test_missing(void **state)
{
	struct rig *r = *state;
	struct serials_run runs[SERIALS_RUNS];

	give(r, OTHER(001, 5) OTHER(002, 8) EXEC(003, 9) EXECVE(003, 9));
	assert_int_equal(assemble_missing(r->a, runs), 2);
	assert_int_equal(runs[0].first, 6);
	assert_int_equal(runs[0].count, 2);
	assert_int_equal(runs[1].first, 9);
	assert_int_equal(runs[1].count, 1);
	give(r, EOE(003, 9));
	assert_int_equal(assemble_missing(r->a, runs), 2); /* not told yet */
	tick(r, 1);
	assert_int_equal(assemble_settled(r->a), T0 + 1);
	tick(r, LATENESS + 1);
	tick(r, 2 * LATENESS + 1);
	assert_int_equal(assemble_missing(r->a, runs), 0);
	assert_int_equal(assemble_settled(r->a), T0 + 3);
	assert_told(r, "exec@9[SYSCALL,EXECVE] gap@6+2 ");
}

/* However many wait for their turn: they are not told yet. */
static void
test_missing_in_turns(void **state)
{
	struct rig *r = *state;
	struct serials_run runs[SERIALS_RUNS];
	char line[200];

	give(r, AN_EXIT(001, 5));
	for (int serial = 7; serial < 107; serial++) {
		snprintf(line, sizeof(line),
		    "type=SYSCALL msg=audit(1700000000.002:%d): " X86(
			"231") " pid=%d\n",
		    serial, serial);
		give(r, line);
	}
	assert_told(r, "exit_group@5[SYSCALL] ");
	assert_int_equal(assemble_missing(r->a, runs), 1);
	assert_int_equal(runs[0].first, 6);
	assert_int_equal(runs[0].count, 101);
}

static void
test_resume_with_missing(void **state)
{
	static const struct assemble_past past = {
	    10, T0, T0 - 5, 2, {{6, 2}, {9, 1}}};
	struct rig *r = *state;

	assemble_resume(r->a, &past);
	assert_int_equal(assemble_last_serial(r->a), 10);
	assert_int_equal(assemble_settled(r->a), T0 - 5);
	give(r, OTHER(100, 7) OTHER(101, 12));
	assert_int_equal(r->whole, TIME_UNKNOWN);
	tick(r, LATENESS);
	assert_told(r, "gap@6+1 gap@9+1 ");
	assert_int_equal(r->since, T0 - 5);
	tick(r, 2 * LATENESS);
	assert_told(r, "gap@11+1 ");
}

/* The end of the stream. */

static void
test_last_line_without_newline(void **state)
{
	static const char stream[] = EXEC(001, 7) EXECVE(001, 7) CWD(001, 7);
	struct rig *r = *state;

	give_bytes(r, stream, sizeof(stream) - 2);
	assemble_finish(r->a, 0);
	assert_told(r, "exec@7[SYSCALL,EXECVE,CWD]! ");
	assert_int_equal(r->nraw, sizeof(stream) - 1);
	assert_memory_equal(r->raw, stream, r->nraw);
	assert_nothing_dropped(r);
	assemble_finish(r->a, 0);
	assert_told(r, "");
}

static void
test_last_line_is_cut(void **state)
{
	struct rig *r = *state;

	give(r, ABEND(001, 7) "type=SYSCALL msg=audit(17000");
	assemble_finish(r->a, 0);
	assert_told(r, "abend@7[ANOM_ABEND] ");
	assert_drops(r, ASSEMBLE_GARBAGE, 1);
}

static void
test_last_line_is_single(void **state)
{
	static const char line[] = ABEND(001, 7);
	struct rig *r = *state;

	give_bytes(r, line, sizeof(line) - 2);
	assemble_finish(r->a, 0);
	assert_told(r, "abend@7[ANOM_ABEND] ");
	assert_int_equal(r->nraw, sizeof(line) - 1);
	assert_memory_equal(r->raw, line, r->nraw);
}

/* Pieces of any size: the same stream tells the same. */

static const char mixed[] =
    "type=DAEMON_START " AT(000, 4711) " op=start\n" AN_EXEC(001, 1) EXEC(
	002, 2) EXIT(002, 3) EXECVE(002, 2) "garbage\n" ON("you", EXIT(002, 3))
	PROCTITLE(002, 3) EOE(002, 3) ABEND(002, 4) OPENAT(002, 5) CWD(002, 5)
	    PATH(002, 5, 0) EOE(002, 5) CWD(002, 2) PATH(002, 2, 0) EOE(002, 2)
		CWD(002, 2) A_FORK(003, 9) "type=SYSCALL " AT(004, 10) " " X86(
		    "59") "\x1d"
			  "ARCH=x86_64\n" CWD(004, 10) EOE(004, 10)
			      AN_EXIT(004, 11) EXEC(005, 12);

static void
run_mixed(struct rig *r, size_t piece)
{
	build(r);
	r->piece = piece;
	give_bytes(r, mixed, sizeof(mixed) - 2);
	assemble_finish(r->a, 0);
	r->told[r->len] = '\0';
}

static void
test_pieces(void **state)
{
	static const size_t pieces[] = {1, 2, 3, 7, 64, 1000};
	struct rig *r = *state;
	struct assemble_counts counts;
	char *raw;
	size_t nraw;

	run_mixed(r, SIZE_MAX);
	nraw = r->nraw;
	raw = malloc(nraw);
	assert_non_null(raw);
	memcpy(raw, r->raw, nraw);
	counts = *assemble_counts(r->a);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		run_mixed(r, pieces[i]);
		assert_told(r, "exec@1" WHOLE_EXEC " exit_group@3[SYSCALL] "
			       "abend@4[ANOM_ABEND] exec@2" WHOLE_EXEC
			       " gap@6+3 fork@9[SYSCALL] "
			       "exec@10[SYSCALL,CWD] exit_group@11[SYSCALL] "
			       "exec@12[SYSCALL]! ");
		assert_int_equal(r->nraw, nraw);
		assert_memory_equal(r->raw, raw, nraw);
		assert_memory_equal(
		    assemble_counts(r->a), &counts, sizeof(counts));
	}
	free(raw);
	assert_int_equal(counts.drops[ASSEMBLE_GARBAGE], 1);
	assert_int_equal(counts.drops[ASSEMBLE_FOREIGN], 1);
	assert_int_equal(counts.drops[ASSEMBLE_LATE], 1);
	assert_int_equal(counts.events, 8);
}

/*
 * Random interleaving of many events, in pieces of random size: each event
 * comes out whole, whatever stood between its records.
 */

#define WALK_EVENTS 3000
#define WALK_OPEN   60
#define WALK_PARTS  12

struct walked {
	uint32_t serial;
	int parts, given; /* records besides SYSCALL and EOE */
};

struct walk {
	struct rig *r;
	struct walked open[WALK_OPEN];
	size_t nopen;
	uint32_t serial;
	unsigned short seed[3];
	char want[1 << 20];
	size_t len;
};

static uint32_t
random_below(struct walk *w, uint32_t n)
{
	return (uint32_t)nrand48(w->seed) % n;
}

static void
give_record(struct walk *w, const struct walked *e, const char *type,
    const char *fields)
{
	char line[200];
	int n = snprintf(line, sizeof(line),
	    "type=%s msg=audit(1700000000.%03u:%u): %s\n", type,
	    (unsigned)(e->serial % 977), (unsigned)e->serial, fields);

	w->r->piece = 1 + random_below(w, 150);
	give_bytes(w->r, line, (size_t)n);
}

static void
want_whole(struct walk *w, const struct walked *e)
{
	int n = snprintf(w->want + w->len, sizeof(w->want) - w->len,
	    "exec@%u[SYSCALL", (unsigned)e->serial);

	w->len += (size_t)n;
	for (int i = 0; i < e->parts; i++) {
		memcpy(w->want + w->len, ",EXECVE", 7);
		w->len += 7;
	}
	memcpy(w->want + w->len, "] ", 3);
	w->len += 2;
}

static void
walk_step(struct walk *w)
{
	size_t i = random_below(w, WALK_OPEN);
	struct walked *e = &w->open[i];

	if (i >= w->nopen && w->serial < WALK_EVENTS) {
		e = &w->open[w->nopen++];
		*e = (struct walked){
		    ++w->serial, (int)random_below(w, WALK_PARTS), 0};
		give_record(w, e, "SYSCALL", X86("59"));
		return;
	}
	if (i >= w->nopen)
		return;
	if (e->given < e->parts) {
		e->given++;
		give_record(w, e, "EXECVE", "argc=1 a0=\"x\"");
		return;
	}
	want_whole(w, e);
	give_record(w, e, "EOE", "");
	*e = w->open[--w->nopen];
}

static void
test_random_walk(void **state)
{
	const char *env = getenv("SEED");
	unsigned n = env != NULL ? (unsigned)strtoul(env, NULL, 10) : 1;
	struct walk *w = calloc(1, sizeof(*w));

	print_message("SEED=%u\n", n);
	assert_non_null(w);
	w->r = *state;
	w->seed[1] = (unsigned short)n;
	w->seed[2] = (unsigned short)(n >> 16);
	/* time does not pass: only EOE ends an event here */
	w->r->set.eoe_wait_ms = 100000;
	build(w->r);
	give(w->r, OTHER(000, 0) EOE(000, 0));
	while (w->serial < WALK_EVENTS || w->nopen > 0)
		walk_step(w);
	assert_int_equal(w->r->len, w->len);
	assert_memory_equal(w->r->told, w->want, w->len);
	assert_nothing_dropped(w->r);
	free(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_eoe),
	    TEST(test_eoe_is_excluded),
	    TEST(test_proctitle),
	    TEST(test_neither),
	    TEST(test_pause),
	    TEST(test_neither_in_replay),
	    TEST(test_silence_in_replay),
	    TEST(test_lost_end_in_replay),
	    TEST(test_old_among_new_in_replay),
	    TEST(test_heard),
	    TEST(test_single_record),
	    TEST(test_records),
	    TEST(test_interleaved),
	    TEST(test_child_amid_its_birth),
	    TEST(test_next_of_its_process),
	    TEST(test_end_after_next_of_its_process),
	    TEST(test_failed_exec_of_a_thread),
	    TEST(test_same_serial_other_time),
	    TEST(test_parts_before_their_call),
	    TEST(test_enriched),
	    TEST(test_nodes),
	    TEST(test_no_node_of_ours),
	    TEST(test_node_by_setting),
	    TEST(test_unwanted),
	    TEST(test_paths),
	    TEST(test_other_calls),
	    TEST(test_garbage),
	    TEST(test_nul_bytes),
	    TEST(test_oversize),
	    TEST(test_oversize_at_the_end),
	    TEST(test_late),
	    TEST(test_torn),
	    TEST(test_turns),
	    TEST(test_turn_of_open),
	    TEST(test_turn_of_lost),
	    TEST(test_parts_alone),
	    TEST(test_open_events),
	    TEST(test_event_bytes),
	    TEST(test_event_bytes_of_one_record),
	    TEST(test_reuse),
	    TEST(test_gap_settled_by_time),
	    TEST(test_not_whole_while_serials_are_missing),
	    TEST(test_gap_settled_by_window),
	    TEST(test_gap_at_the_end),
	    TEST(test_serials_roll_over),
	    TEST(test_daemon_serials),
	    TEST(test_new_boot),
	    TEST(test_no_new_boot),
	    TEST(test_late_serial_is_no_boot),
	    TEST(test_change_of_rules),
	    TEST(test_resume),
	    TEST(test_resume_without_loss),
	    TEST(test_resume_and_late_record),
	    TEST(test_resume_after_long),
	    TEST(test_missing),
	    TEST(test_missing_in_turns),
	    TEST(test_resume_is_whole),
	    TEST(test_resume_with_missing),
	    TEST(test_last_line_without_newline),
	    TEST(test_last_line_is_cut),
	    TEST(test_last_line_is_single),
	    TEST(test_pieces),
	    TEST(test_random_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
