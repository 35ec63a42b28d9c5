/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nobody will read of a saved log. */
#include "unread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define STAMP(n) "msg=audit(1700000000.001:" #n "): "
#define OPEN     "arch=c000003e syscall=257 "
#define EXEC     "arch=c000003e syscall=59 "

struct rig {
	struct syscalls *sc;
	struct unread *u;
};

static int
set_up(void **state)
{
	static struct rig r;

	r.sc = syscalls_new();
	r.u = unread_new(r.sc);
	*state = &r;
	return r.u == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	unread_free(r->u);
	syscalls_free(r->sc);
	return 0;
}

/* What is left of the line; NULL: it is left out. */
static const char *
left_of(struct rig *r, const char *line, struct record *rec)
{
	static char left[1000];

	assert_true(record_parse(bytes_of(line), rec));
	if (!unread_shorten(r->u, rec))
		return NULL;
	assert_ptr_equal(
	    rec->fields.at + rec->fields.len, rec->line.at + rec->line.len);
	memcpy(left, rec->line.at, rec->line.len);
	left[rec->line.len] = '\0';
	return left;
}

static void
assert_left(struct rig *r, const char *line, const char *left)
{
	struct record rec;

	assert_string_equal(left_of(r, line, &rec), left);
}

static void
assert_whole(struct rig *r, const char *line)
{
	assert_left(r, line, line);
}

/* Its stamp and kind. */
static void
assert_empty(struct rig *r, const char *line, enum record_kind kind)
{
	struct record rec;

	assert_string_equal(left_of(r, line, &rec), "");
	assert_int_equal(rec.kind, kind);
	assert_int_equal(rec.at.ms, 1700000000001);
}

static void
assert_left_out(struct rig *r, const char *line)
{
	struct record rec;

	assert_null(left_of(r, line, &rec));
}

/* Of what a process does all is read, but that its end has no fields. */
static void
test_event_of_process(void **state)
{
	struct rig *r = *state;

	assert_whole(r, "type=SYSCALL " STAMP(1) EXEC "success=yes");
	assert_whole(r, "type=EXECVE " STAMP(1) "argc=1 a0=\"x\"");
	assert_whole(r, "type=CWD " STAMP(1) "cwd=\"/\"");
	assert_whole(r, "type=PATH " STAMP(1) "item=0 name=\"/x\" ");
	/* that nothing more of it came before these is known by the first */
	assert_empty(
	    r, "type=PATH " STAMP(1) "item=1 name=\"/y\" ", RECORD_OTHER);
	assert_left_out(r, "type=PATH " STAMP(1) "item=2 name=\"/z\" ");
	assert_left_out(r, "type=BPRM_FCAPS " STAMP(1) "fver=0");
	assert_empty(
	    r, "type=PROCTITLE " STAMP(1) "proctitle=\"x\"", RECORD_PROCTITLE);
	assert_empty(r, "type=EOE " STAMP(1), RECORD_EOE);
	assert_left_out(r, "type=EOE " STAMP(1));
}

/* The first of PROCTITLE and EOE ends an event. */
static void
test_end_once(void **state)
{
	struct rig *r = *state;

	assert_whole(r, "type=SYSCALL " STAMP(1) EXEC "success=yes");
	assert_empty(r, "type=EOE " STAMP(1), RECORD_EOE);
	assert_whole(r, "type=SYSCALL " STAMP(2) EXEC "success=yes");
	assert_empty(r, "type=EOE " STAMP(2), RECORD_EOE);
	assert_whole(r, "type=SYSCALL " STAMP(3) EXEC "success=yes");
	assert_empty(
	    r, "type=PROCTITLE " STAMP(3) "proctitle=\"x\"", RECORD_PROCTITLE);
	assert_left_out(r, "type=EOE " STAMP(3));
}

/* What comes after it has to be ended, too. */
static void
test_end_before_call(void **state)
{
	struct rig *r = *state;

	assert_empty(r, "type=EOE " STAMP(1), RECORD_EOE);
	assert_empty(
	    r, "type=PROCTITLE " STAMP(2) "proctitle=\"x\"", RECORD_PROCTITLE);
	assert_whole(r, "type=SYSCALL " STAMP(2) EXEC "success=yes");
	assert_empty(r, "type=EOE " STAMP(2), RECORD_EOE);
	assert_whole(r, "type=EXECVE " STAMP(2) "argc=1 a0=\"x\"");
	assert_empty(r, "type=EOE " STAMP(2), RECORD_EOE);
}

/* Of another one which call it is, once; and the first end of all. */
static void
test_event_of_others(void **state)
{
	struct rig *r = *state;

	assert_left(r, "type=SYSCALL " STAMP(1) OPEN "success=yes",
	    "type=SYSCALL " STAMP(1) OPEN);
	assert_left_out(r, "type=CWD " STAMP(1) "cwd=\"/\"");
	assert_left_out(r, "type=PATH " STAMP(1) "item=0 name=\"/x\" ");
	assert_left_out(r, "type=PATH " STAMP(1) "item=1 name=\"/y\" ");
	assert_left_out(r, "type=PROCTITLE " STAMP(1) "proctitle=\"x\"");
	assert_empty(r, "type=EOE " STAMP(1), RECORD_EOE);
	assert_left(r, "type=SYSCALL " STAMP(2) OPEN "success=yes",
	    "type=SYSCALL " STAMP(2) OPEN);
	assert_left_out(r, "type=EOE " STAMP(2));
}

/* A stamp that no other record of its event has told. */
static void
test_event_without_call(void **state)
{
	struct rig *r = *state;

	assert_empty(r, "type=USER_LOGIN " STAMP(1) "pid=1", RECORD_OTHER);
	assert_empty(r, "type=USER_LOGIN " STAMP(2) "pid=1", RECORD_OTHER);
	assert_left_out(r, "type=USER_LOGIN " STAMP(2) "pid=1");
	/* the serial of another boot */
	assert_empty(r, "type=USER_LOGIN msg=audit(1700000000.001:257): pid=1",
	    RECORD_OTHER);
	assert_empty(r, "type=USER_LOGIN " STAMP(1) "pid=1", RECORD_OTHER);
}

/* Until its call is known, all of an event may be read. */
static void
test_call_comes_late(void **state)
{
	struct rig *r = *state;

	assert_whole(r, "type=PATH " STAMP(1) "item=0 name=\"/x\" ");
	assert_left(r, "type=SYSCALL " STAMP(1) OPEN "success=yes",
	    "type=SYSCALL " STAMP(1) OPEN);
	assert_left_out(r, "type=CWD " STAMP(1) "cwd=\"/\"");
	assert_whole(r, "type=CWD " STAMP(3) "cwd=\"/\"");
	assert_whole(r, "type=SYSCALL " STAMP(3) EXEC "success=yes");
	assert_whole(r, "type=PATH " STAMP(3) "item=0 name=\"/x\" ");
}

/* What tells of more than an event's call does. */
static void
test_others_are_read(void **state)
{
	struct rig *r = *state;

	assert_left(r, "type=SYSCALL " STAMP(1) OPEN "success=yes",
	    "type=SYSCALL " STAMP(1) OPEN);
	assert_whole(r, "type=CONFIG_CHANGE " STAMP(1) "op=add_rule");
	assert_whole(r, "type=ANOM_ABEND " STAMP(2) "pid=1 sig=11");
	assert_whole(r, "type=SECCOMP " STAMP(2) "pid=1 sig=9 code=0x0");
	/* no call that could be told from others */
	assert_whole(r, "type=SYSCALL " STAMP(3) "syscall=257 pid=1");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_event_of_process),
	    TEST(test_end_once),
	    TEST(test_end_before_call),
	    TEST(test_event_of_others),
	    TEST(test_event_without_call),
	    TEST(test_call_comes_late),
	    TEST(test_others_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
