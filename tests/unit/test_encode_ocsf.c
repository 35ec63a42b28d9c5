/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each field becomes is proved by tests/encode-roundtrip, over many
 * events; here are whole lines to be read, and where fields have their limits.
 */
#include "encode_world.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define NIL "00000000-0000-0000-0000-000000000000"

/* Parts of lines; where one ends within a string, its rest comes next. */
#define PROCESS_ACTIVITY                                                       \
	"\"category_uid\":1,\"category_name\":\"System Activity\","            \
	"\"class_uid\":1007,\"class_name\":\"Process Activity\","
#define LAUNCH                                                                 \
	"{\"time\":1795348801123," PROCESS_ACTIVITY                            \
	"\"activity_id\":1,\"activity_name\":\"Launch\",\"type_uid\":100701,"  \
	"\"type_name\":\"Process Activity: Launch\","                          \
	"\"severity_id\":1,\"severity\":\"Informational\","
#define NOTICE                                                                 \
	"{\"time\":1795348801123,\"category_uid\":0,"                          \
	"\"category_name\":\"Uncategorized\",\"class_uid\":0,"                 \
	"\"class_name\":\"Base Event\",\"activity_id\":99,"                    \
	"\"activity_name\":\""
#define NOTICE_TYPE "\",\"type_uid\":99,\"type_name\":\"Base Event: Other\","
#define PRODUCT                                                                \
	"\"metadata\":{\"version\":\"1.8.0\",\"product\":{"                    \
	"\"name\":\"proclife\",\"version\":\"1.0\"},"
#define METADATA                                                               \
	PRODUCT "\"profiles\":[\"host\",\"linux/linux_users\"],"               \
		"\"extensions\":[{\"name\":\"linux\",\"uid\":\"1\","           \
		"\"version\":\"1.8.0\"}],\"event_code\":\""
#define EVENT                                                                  \
	"\",\"uid\":\"01000000-0000-8000-8000-000000000000\",\"sequence\":7"
#define NOTICE_METADATA PRODUCT "\"profiles\":[\"host\"],\"event_code\":\""
/* The id is that of the run's seventh event, whatever it tells. */
#define NOTICE_EVENT                                                           \
	"\",\"uid\":\"95241191-8121-80b8-bf65-f04512117672\",\"sequence\":7},"
#define DEVICE                                                                 \
	"\"device\":{\"type_id\":0,\"os\":{\"name\":\"Linux\","                \
	"\"type\":\"Linux\",\"type_id\":200},"
#define SELF "\"pid\":4711,\"uid\":\"02000000-0000-8000-8000-000000000000\""

static const struct envelope replay = {.version = "1.0", .sequence = 7};

static void
encode(const struct event *ev, const struct envelope *env)
{
	text_init(&t, buf, sizeof(buf));
	encode_ocsf(&t, ev, env);
}

static void
assert_ocsf(
    const struct event *ev, const struct envelope *env, const char *want)
{
	encode(ev, env);
	assert_text(want);
}

/* That the part stands in the line, or does not. */
static void
assert_tells(const struct event *ev, const struct envelope *env,
    const char *part, bool told)
{
	encode(ev, env);
	assert_true(text_ok(&t));
	text_char(&t, '\0');
	if ((strstr(buf, part) != NULL) != told)
		fail_msg("%s: %s", part, buf);
}

static void
test_nothing_known(void **state)
{
	struct event ev = event_of(EVENT_FORK);

	(void)state;
	assert_ocsf(&ev, &replay,
	    LAUNCH "\"launch_type_id\":2,\"launch_type\":\"Fork\"," METADATA
		   "fork" EVENT "}," DEVICE "\"uid\":\"" NIL "\"},"
		   "\"process\":{" SELF "},"
		   "\"actor\":{\"process\":{\"uid\":\"" NIL "\"}},"
		   "\"unmapped\":{\"proclife\":{\"v\":1,\"start\":\"observed\","
		   "\"sources\":[\"audit\"]}}}\n");
}

static void
test_failed_exec(void **state)
{
	struct args args = {.bytes = BYTES_LITERAL("cat\0it's\0"),
	    .count = 2,
	    .argc = 3,
	    .truncated = true};
	struct event ev = event_of(EVENT_EXEC);

	(void)state;
	ev.exec_error = EACCES;
	ev.args = &args;
	ev.process.executable = BYTES_LITERAL("/usr/bin/dash");
	ev.parent = (struct event_process){.known = true,
	    .pid = 1,
	    .name = BYTES_LITERAL("init"),
	    .start_ms = NOON - 1};
	ev.creds = (struct creds){1, 2, 3, 4, 5, 6, 7, 8};
	ev.tty = (struct tty){TTY_PTS_MAJOR, 300};
	assert_ocsf(&ev, &replay,
	    LAUNCH
	    "\"launch_type_id\":3,\"launch_type\":\"Exec\","
	    "\"status_id\":2,\"status\":\"Failure\","
	    "\"status_code\":\"EACCES\"," METADATA "exec" EVENT
	    ",\"is_truncated\":true}," DEVICE "\"uid\":\"" NIL "\"},"
	    "\"process\":{" SELF ","
	    "\"file\":{\"type_id\":1,\"type\":\"Regular File\","
	    "\"name\":\"dash\",\"path\":\"/usr/bin/dash\"},"
	    "\"cmd_line\":\"cat 'it'\\\\''s'\","
	    "\"user\":{\"uid\":\"1\"},\"group\":{\"uid\":\"4\"},"
	    "\"euid\":2,\"egid\":5,\"auid\":7,"
	    "\"session\":{\"uid\":\"8\",\"terminal\":\"pts/300\"},"
	    "\"parent_process\":{\"pid\":1,\"name\":\"init\","
	    "\"created_time\":1795348801122}},"
	    "\"actor\":{\"process\":{\"pid\":1,\"name\":\"init\","
	    "\"created_time\":1795348801122},\"user\":{\"uid\":\"7\"}},"
	    "\"unmapped\":{\"process.args_count\":3,"
	    "\"process.saved_user.id\":\"3\",\"process.saved_group.id\":\"6\","
	    "\"proclife\":{\"v\":1,\"start\":\"observed\","
	    "\"sources\":[\"audit\"],\"login\":{\"uid\":\"7\","
	    "\"session\":\"8\"},\"args\":{\"truncated\":true}}}}\n");
}

static void
test_end(void **state)
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
	ev.process.start_ms = NOON - 1000;
	ev.parent = (struct event_process){
	    .known = true, .pid = 1, .start_ms = TIME_UNKNOWN};
	ev.end = (struct event_end){.kind = END_SIGNAL,
	    .has_status = true,
	    .status = SIGSEGV | 0x80,
	    .core_known = true};
	assert_ocsf(&ev, &live,
	    "{\"time\":1795348801123," PROCESS_ACTIVITY
	    "\"activity_id\":2,\"activity_name\":\"Terminate\","
	    "\"type_uid\":100702,"
	    "\"type_name\":\"Process Activity: Terminate\","
	    "\"severity_id\":1,\"severity\":\"Informational\","
	    "\"exit_code\":139," METADATA "end" EVENT
	    ",\"logged_time\":1795348802123}," DEVICE
	    "\"hostname\":\"h\",\"uid\":\"i\",\"boot_uid\":\"b\","
	    "\"agent_list\":[{\"name\":\"proclife\","
	    "\"uid\":\"03000000-0000-8000-8000-000000000000\","
	    "\"uid_alt\":\"04000000-0000-8000-8000-000000000000\"}]},"
	    "\"process\":{" SELF ",\"created_time\":1795348800123,"
	    "\"terminated_time\":1795348801123,"
	    "\"parent_process\":{\"pid\":1}},"
	    "\"actor\":{\"process\":{" SELF ",\"created_time\":1795348800123}},"
	    "\"unmapped\":{\"proclife\":{\"v\":1,\"start\":\"observed\","
	    "\"end\":\"signal\",\"exit\":{\"signal\":11,"
	    "\"signal_name\":\"SIGSEGV\",\"core_dumped\":true,"
	    "\"certain\":false},\"sources\":[\"audit\"]}}}\n");
}

/* Nobody is said to have started what was there before. */
static void
test_already_running(void **state)
{
	struct event ev = event_of(EVENT_ALREADY_RUNNING);
	struct envelope env = replay;

	(void)state;
	env.host_id = "i";
	ev.start = START_SNAPSHOT;
	ev.creds.auid = 1000;
	ev.parent = (struct event_process){
	    .known = true, .pid = 1, .start_ms = TIME_UNKNOWN};
	assert_ocsf(&ev, &env,
	    "{\"time\":1795348801123,\"category_uid\":5,"
	    "\"category_name\":\"Discovery\",\"class_uid\":5015,"
	    "\"class_name\":\"Process Query\",\"activity_id\":1,"
	    "\"activity_name\":\"Query\",\"type_uid\":501501,"
	    "\"type_name\":\"Process Query: Query\","
	    "\"severity_id\":1,\"severity\":\"Informational\","
	    "\"query_result_id\":1,\"query_result\":\"Exists\"," METADATA
	    "already_running" EVENT "}," DEVICE "\"uid\":\"i\"},"
	    "\"process\":{" SELF ",\"auid\":1000,"
	    "\"parent_process\":{\"pid\":1}},"
	    "\"unmapped\":{\"proclife\":{\"v\":1,\"start\":\"snapshot\","
	    "\"sources\":[\"audit\"],\"login\":{\"uid\":\"1000\"}}}}\n");
}

static void
test_loss(void **state)
{
	struct event ev = event_of(EVENT_LOSS);
	struct envelope env = replay;

	(void)state;
	env.hostname = "h";
	ev.sources = 0;
	ev.loss = (struct event_loss){.source = LOSS_KERNEL_LOST,
	    .counted = true,
	    .count = 5,
	    .since_ms = NOON - 1,
	    .until_ms = NOON,
	    .detail = "records"};
	assert_ocsf(&ev, &env,
	    NOTICE "loss" NOTICE_TYPE "\"severity_id\":2,\"severity\":\"Low\","
		   "\"message\":\"records\"," NOTICE_METADATA
		   "loss" NOTICE_EVENT DEVICE "\"hostname\":\"h\"},"
		   "\"unmapped\":{\"proclife\":{\"v\":1,\"loss\":{"
		   "\"source\":\"kernel_lost\",\"count\":5,"
		   "\"since\":\"2026-11-22T12:00:01.122Z\","
		   "\"until\":\"2026-11-22T12:00:01.123Z\"}}}}\n");
}

static void
test_heartbeat(void **state)
{
	struct event ev = event_of(EVENT_HEARTBEAT);
	struct envelope env = replay;

	(void)state;
	env.hostname = "h";
	ev.sources = 0;
	ev.heartbeat = (struct event_heartbeat){
	    .last_serial = 1, .lag_ms = 2, .records = 3, .acct_on = true};
	assert_ocsf(&ev, &env,
	    NOTICE
	    "heartbeat" NOTICE_TYPE
	    "\"severity_id\":1,\"severity\":\"Informational\"," NOTICE_METADATA
	    "heartbeat" NOTICE_EVENT DEVICE "\"hostname\":\"h\"},"
	    "\"unmapped\":{\"proclife\":{\"v\":1,\"heartbeat\":{"
	    "\"last_serial\":1,\"lag_ms\":2,\"records\":3,\"audit_events\":0,"
	    "\"facts\":0,\"events\":0,\"lives\":0,\"losses\":0,"
	    "\"accounting\":true}}}}\n");
}

/* OCSF's integers end at 2147483647; what is larger is told as text. */
static void
test_ids_too_large(void **state)
{
	struct event ev = event_of(EVENT_FORK);

	(void)state;
	ev.creds.euid = ev.creds.egid = ev.creds.auid = INT32_MAX;
	assert_tells(&ev, &replay,
	    "\"euid\":2147483647,\"egid\":2147483647,\"auid\":2147483647",
	    true);
	assert_tells(&ev, &replay, "\"process.user.id\"", false);
	assert_tells(&ev, &replay, "\"process.group.id\"", false);

	ev.creds.euid = 2147483648;
	ev.creds.egid = 2147483649;
	ev.creds.auid = UINT32_MAX - 1;
	assert_tells(&ev, &replay, "\"euid\"", false);
	assert_tells(&ev, &replay, "\"egid\"", false);
	assert_tells(&ev, &replay, "\"auid\"", false);
	assert_tells(&ev, &replay,
	    "\"unmapped\":{\"process.user.id\":\"2147483648\","
	    "\"process.group.id\":\"2147483649\",",
	    true);
	assert_tells(&ev, &replay,
	    "\"actor\":{\"user\":{\"uid\":\"4294967294\"}}", true);
}

/* audit's "not set" is no number to be told. */
static void
test_ids_not_set(void **state)
{
	struct event ev = event_of(EVENT_FORK);

	(void)state;
	assert_tells(&ev, &replay, "4294967295", false);
}

static void
test_sequence_too_large(void **state)
{
	struct event ev = event_of(EVENT_HEARTBEAT);
	struct envelope env = replay;

	(void)state;
	env.sequence = INT32_MAX;
	assert_tells(&ev, &env, "\"sequence\":2147483647", true);
	assert_tells(&ev, &env, "\"event.sequence\"", false);
	env.sequence++;
	assert_tells(&ev, &env, "\"sequence\":2147483648", false);
	assert_tells(
	    &ev, &env, "\"unmapped\":{\"event.sequence\":2147483648,", true);
}

static void
test_status_codes(void **state)
{
	struct event ev = event_of(EVENT_EXEC);

	(void)state;
	assert_tells(
	    &ev, &replay, "\"status_id\":1,\"status\":\"Success\"", true);
	assert_tells(&ev, &replay, "\"status_code\"", false);
	ev.exec_error = 9999;
	assert_tells(&ev, &replay, "\"status_code\":\"9999\"", true);
}

/* A terminal that is no pty has no name that is known here. */
static void
test_terminal_by_number(void **state)
{
	struct event ev = event_of(EVENT_FORK);

	(void)state;
	ev.tty = (struct tty){4, 64};
	assert_tells(&ev, &replay, "\"session\"", false);
	assert_tells(&ev, &replay,
	    "\"process.tty.char_device.major\":4,"
	    "\"process.tty.char_device.minor\":64,",
	    true);
}

static void
test_file_names(void **state)
{
	static const struct {
		const char *path, *name;
	} cases[] = {
	    {"/usr/bin/dash", "dash"},
	    {"dash", "dash"},
	    {"//dash", "dash"},
	    {"./a b", "a b"},
	    {"/memfd:x (deleted)", "memfd:x (deleted)"},
	    {"/", "/"},
	    {"/usr/", "usr/"},
	};
	struct event ev = event_of(EVENT_FORK);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char want[100];

		snprintf(want, sizeof(want), "\"name\":\"%s\",\"path\":\"%s\"}",
		    cases[i].name, cases[i].path);
		ev.process.executable = bytes_of(cases[i].path);
		assert_tells(&ev, &replay, want, true);
	}
}

/* Its bytes are told once, though it stands in the line three times. */
static void
test_broken_path(void **state)
{
	struct event ev = event_of(EVENT_END);

	(void)state;
	ev.end.kind = END_VANISHED;
	ev.process.executable = BYTES_LITERAL("/\xff/\xfe");
	assert_tells(&ev, &replay,
	    "\"actor\":{\"process\":{" SELF ",\"file\":{\"type_id\":1,"
	    "\"type\":\"Regular File\",\"name\":\"\xef\xbf\xbd\","
	    "\"path\":\"/\xef\xbf\xbd/\xef\xbf\xbd\"}}}",
	    true);
	assert_tells(&ev, &replay,
	    "\"hex\":{\"process.executable\":\"2fff2ffe\"}}}}\n", true);
}

/* Of arguments, which stand in one string, by their numbers. */
static void
test_broken_arguments(void **state)
{
	struct args args = {
	    .bytes = BYTES_LITERAL("a\0\xff'\0"), .count = 2, .argc = 2};
	struct event ev = event_of(EVENT_EXEC);

	(void)state;
	ev.args = &args;
	assert_tells(&ev, &replay,
	    "\"hex\":{\"process.args\":{\"1\":\"ff27\"}}}}}\n", true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing_known),
	    cmocka_unit_test(test_failed_exec),
	    cmocka_unit_test(test_end),
	    cmocka_unit_test(test_already_running),
	    cmocka_unit_test(test_loss),
	    cmocka_unit_test(test_heartbeat),
	    cmocka_unit_test(test_ids_too_large),
	    cmocka_unit_test(test_ids_not_set),
	    cmocka_unit_test(test_sequence_too_large),
	    cmocka_unit_test(test_status_codes),
	    cmocka_unit_test(test_terminal_by_number),
	    cmocka_unit_test(test_file_names),
	    cmocka_unit_test(test_broken_path),
	    cmocka_unit_test(test_broken_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
