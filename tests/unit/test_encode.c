/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each field becomes is proved by tests/encode-roundtrip, over many
 * events; here are whole lines to be read, limits and names.
 */
#include "encode_world.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const struct envelope replay = {.version = "1.0", .sequence = 7};

typedef void encoder(
    struct text *t, const struct event *ev, const struct envelope *env);

static void
assert_ecs(const struct event *ev, const struct envelope *env, const char *want)
{
	text_init(&t, buf, sizeof(buf));
	encode_ecs(&t, ev, env);
	assert_text(want);
}

static void
test_ecs_nothing_known(void **state)
{
	struct event ev = event_of(EVENT_FORK);

	(void)state;
	assert_ecs(&ev, &replay,
	    "{\"@timestamp\":\"2026-11-22T12:00:01.123Z\","
	    "\"ecs\":{\"version\":\"8.17.0\"},"
	    "\"event\":{\"kind\":\"event\",\"category\":[\"process\"],"
	    "\"type\":[\"start\"],\"action\":\"fork\","
	    "\"id\":\"01000000-0000-8000-8000-000000000000\","
	    "\"sequence\":7,\"module\":\"proclife\","
	    "\"dataset\":\"proclife.process\"},"
	    "\"agent\":{\"type\":\"proclife\",\"version\":\"1.0\"},"
	    "\"process\":{"
	    "\"entity_id\":\"02000000-0000-8000-8000-000000000000\","
	    "\"pid\":4711},"
	    "\"proclife\":{\"v\":1,\"start\":\"observed\","
	    "\"sources\":[\"audit\"]}}\n");
}

static void
test_ecs_end(void **state)
{
	struct event ev = event_of(EVENT_END);
	struct envelope live = replay;

	(void)state;
	live.live = true;
	live.created_ms = NOON + 1000;
	live.agent_id = (struct uuid)UUID_OF(3);
	live.ephemeral_id = (struct uuid)UUID_OF(4);
	live.hostname = "h";
	live.host_id = "i";
	live.boot_id = "b";
	ev.sources = SOURCE_ACCT | SOURCE_PROCFS;
	ev.start = START_INFERRED;
	ev.end = (struct event_end){.kind = END_SIGNAL,
	    .has_status = true,
	    .status = SIGSEGV | 0x80,
	    .core_known = true};
	assert_ecs(&ev, &live,
	    "{\"@timestamp\":\"2026-11-22T12:00:01.123Z\","
	    "\"ecs\":{\"version\":\"8.17.0\"},"
	    "\"event\":{\"kind\":\"event\",\"category\":[\"process\"],"
	    "\"type\":[\"end\"],\"action\":\"end\","
	    "\"id\":\"01000000-0000-8000-8000-000000000000\","
	    "\"sequence\":7,\"module\":\"proclife\","
	    "\"dataset\":\"proclife.process\","
	    "\"created\":\"2026-11-22T12:00:02.123Z\"},"
	    "\"agent\":{\"type\":\"proclife\",\"version\":\"1.0\","
	    "\"id\":\"03000000-0000-8000-8000-000000000000\","
	    "\"ephemeral_id\":\"04000000-0000-8000-8000-000000000000\"},"
	    "\"host\":{\"hostname\":\"h\",\"name\":\"h\",\"id\":\"i\","
	    "\"boot\":{\"id\":\"b\"}},"
	    "\"process\":{"
	    "\"entity_id\":\"02000000-0000-8000-8000-000000000000\","
	    "\"pid\":4711,\"end\":\"2026-11-22T12:00:01.123Z\","
	    "\"exit_code\":139},"
	    "\"proclife\":{\"v\":1,\"start\":\"inferred\",\"end\":\"signal\","
	    "\"exit\":{\"signal\":11,\"signal_name\":\"SIGSEGV\","
	    "\"core_dumped\":true,\"certain\":false},"
	    "\"sources\":[\"acct\",\"procfs\"]}}\n");
}

static void
empty_is_unknown(encoder *encode)
{
	struct event ev = event_of(EVENT_FORK);
	struct envelope env = replay;
	char without[sizeof(buf)];

	text_init(&t, buf, sizeof(buf));
	encode(&t, &ev, &env);
	text_char(&t, '\0');
	memcpy(without, buf, t.len);
	env.hostname = env.host_id = env.boot_id = "";
	ev.process.name = ev.process.executable = BYTES_LITERAL("");
	ev.cwd = ev.script = ev.key = BYTES_LITERAL("");
	text_init(&t, buf, sizeof(buf));
	encode(&t, &ev, &env);
	assert_text(without);
}

static void
test_empty_is_unknown(void **state)
{
	(void)state;
	empty_is_unknown(encode_ecs);
	empty_is_unknown(encode_ocsf);
}

/* From the object that is ours to the line's end, without closing brackets. */
static const char *
own_part(encoder *encode, const struct event *ev)
{
	text_init(&t, buf, sizeof(buf));
	encode(&t, ev, &replay);
	assert_true(text_ok(&t));
	while (buf[t.len - 1] == '}' || buf[t.len - 1] == '\n')
		t.len--;
	text_char(&t, '\0');
	return strstr(buf, "\"proclife\":{\"v\":");
}

/* The object is the same in each format, hexadecimal bytes included. */
static void
test_own_object_is_the_same(void **state)
{
	struct args args = {.bytes = BYTES_LITERAL("a\0\xff\0"),
	    .count = 2,
	    .argc = 3,
	    .truncated = true,
	    .redacted_count = 1};
	struct event ev = event_of(EVENT_END);
	char ecs[sizeof(buf)];

	(void)state;
	ev.args = &args;
	ev.parent = ev.process;
	ev.process.name = ev.process.executable = BYTES_LITERAL("/a\xfe/b\xfd");
	ev.parent.name = ev.parent.executable = BYTES_LITERAL("\xfc");
	ev.cwd = ev.script = ev.key = BYTES_LITERAL("\xfb");
	ev.creds.auid = 1;
	ev.end.has_usage = true;
	strcpy(ecs, own_part(encode_ecs, &ev));
	assert_non_null(strstr(ecs, "\"hex\":{\"process.name\":"));
	assert_string_equal(own_part(encode_ocsf, &ev), ecs);
}

/* The biggest list of arguments that a kernel hands on has some megabytes. */
static void
test_ecs_large_arguments(void **state)
{
	const size_t each = 128 << 10, n = 32;
	const size_t room = each * n * 4;
	struct event ev = event_of(EVENT_EXEC);
	char *args = malloc(each * n), *line = malloc(room);
	struct args a = {.bytes = {args, each * n},
	    .count = (uint32_t)n,
	    .argc = (uint32_t)n};

	(void)state;
	assert_non_null(args);
	assert_non_null(line);
	memset(args, 'a', each * n);
	for (size_t i = 1; i <= n; i++)
		args[i * each - 1] = '\0';
	ev.args = &a;
	text_init(&t, line, room);
	encode_ecs(&t, &ev, &replay);
	assert_true(text_ok(&t));

	/* once in args, once in command_line, and a few hundred bytes */
	assert_true(t.len > 2 * (each - 1) * n);
	assert_true(t.len < 2 * each * n + sizeof(buf));
	assert_non_null(memmem(line, t.len, "\"args_count\":32,", 16));
	size_t len = t.len;
	text_init(&t, line, len);
	encode_ecs(&t, &ev, &replay);
	assert_true(text_ok(&t));
	free(args);
	free(line);
}

/* A line that does not fit is told by text_ok(), at every size. */
static void
overflow(encoder *encode)
{
	struct event ev = event_of(EVENT_FORK);
	char small[sizeof(buf)];

	text_init(&t, buf, sizeof(buf));
	encode(&t, &ev, &replay);
	size_t len = t.len;
	for (size_t size = 0; size <= len; size++) {
		struct text s;

		memset(small, 'X', sizeof(small));
		text_init(&s, small, size);
		encode(&s, &ev, &replay);
		assert_int_equal(text_ok(&s), size == len);
		assert_int_equal(small[size], 'X');
	}
}

static void
test_overflow(void **state)
{
	(void)state;
	overflow(encode_ecs);
	overflow(encode_ocsf);
}

static void
test_loss_sources(void **state)
{
	static const char *const want[] = {"serial_gap", "kernel_lost",
	    "auditd_queue", "accounting_off", "accounting_paused", "limit",
	    "spool", "sink", "foreign_node", "restart", "auditing_off"};

	(void)state;
	assert_int_equal(sizeof(want) / sizeof(want[0]), LOSS_SOURCES);
	for (int i = 0; i < LOSS_SOURCES; i++)
		assert_string_equal(
		    encode_loss_source((enum loss_source)i), want[i]);
}

/*
 * As bash's "kill -l" prints them; the numbers are the same but on alpha, mips,
 * parisc and sparc.
 */
static void
test_signal_names(void **state)
{
	static const char *const want[] = {"SIGHUP", "SIGINT", "SIGQUIT",
	    "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL",
	    "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM",
	    "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
	    "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF",
	    "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS"};
	char name[16];

	(void)state;
	for (int i = 1; i < 32; i++)
		assert_string_equal(encode_signal_name(i, name), want[i - 1]);
	assert_string_equal(encode_signal_name(32, name), "SIG32");
	assert_string_equal(encode_signal_name(33, name), "SIG33");
	assert_string_equal(encode_signal_name(34, name), "SIGRTMIN");
	assert_string_equal(encode_signal_name(35, name), "SIGRTMIN+1");
	assert_string_equal(encode_signal_name(49, name), "SIGRTMIN+15");
	assert_string_equal(encode_signal_name(50, name), "SIGRTMAX-14");
	assert_string_equal(encode_signal_name(63, name), "SIGRTMAX-1");
	assert_string_equal(encode_signal_name(64, name), "SIGRTMAX");
	assert_null(encode_signal_name(0, name));
	assert_null(encode_signal_name(-1, name));
	assert_null(encode_signal_name(65, name));
	assert_null(encode_signal_name(127, name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ecs_nothing_known),
	    cmocka_unit_test(test_ecs_end),
	    cmocka_unit_test(test_empty_is_unknown),
	    cmocka_unit_test(test_own_object_is_the_same),
	    cmocka_unit_test(test_ecs_large_arguments),
	    cmocka_unit_test(test_overflow),
	    cmocka_unit_test(test_loss_sources),
	    cmocka_unit_test(test_signal_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
