/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heads as the grammar of RFC 5424, section 6, has them. */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"

/* The fields of a head, and what is behind it. */
enum field {
	PRI = 1,
	VERSION,
	TIMESTAMP,
	HOSTNAME = TIMESTAMP + 3,
	APPNAME,
	PROCID,
	MSGID,
	DATA,
	REST,
	FIELDS
};

#define NUMBERS "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"

static const char grammar[] = "^<([0-9]{1,3})>([1-9][0-9]{0,2}) "
			      "(-|" NUMBERS "(\\.[0-9]{1,6})?(Z|[-+][0-9]{2}:"
			      "[0-9]{2})) ([!-~]{1,255}) ([!-~]{1,48}) "
			      "([!-~]{1,128}) ([!-~]{1,32}) (-) (.*)$";

static char head[FRAME_HEAD_MAX + 16];
static char fields[FIELDS][FRAME_HEAD_MAX + 16];

/* Makes a head, parses it. */
static void
make(int64_t time_ms, const char *host, int32_t pid, const char *msgid)
{
	regmatch_t at[FIELDS];
	struct text t;
	regex_t re;

	text_init(&t, head, FRAME_HEAD_MAX);
	frame_head(&t, time_ms, host, pid, msgid);
	assert_true(text_ok(&t));
	snprintf(head + t.len, sizeof(head) - t.len, "{rest}");
	assert_int_equal(regcomp(&re, grammar, REG_EXTENDED), 0);
	if (regexec(&re, head, FIELDS, at, 0) != 0)
		fail_msg("no head: %s", head);
	regfree(&re);
	for (int i = 1; i < FIELDS; i++)
		snprintf(fields[i], sizeof(fields[i]), "%.*s",
		    (int)(at[i].rm_eo - at[i].rm_so),
		    at[i].rm_so >= 0 ? head + at[i].rm_so : "");
	assert_string_equal(fields[REST], "{rest}");
	assert_string_equal(fields[PRI], "110");
	assert_string_equal(fields[VERSION], "1");
	assert_string_equal(fields[APPNAME], "proclife");
}

static void
test_head(void **state)
{
	(void)state;
	make(INT64_C(1795348800123), "web1.example.org", 4711, "exec");
	assert_string_equal(head, "<110>1 2026-11-22T12:00:00.123Z "
				  "web1.example.org proclife 4711 exec - "
				  "{rest}");
	assert_string_equal(fields[TIMESTAMP], "2026-11-22T12:00:00.123Z");
	assert_string_equal(fields[HOSTNAME], "web1.example.org");
	assert_string_equal(fields[PROCID], "4711");
	assert_string_equal(fields[MSGID], "exec");
}

static void
test_what_has_no_place(void **state)
{
	static const char *const bad[] = {
	    "", " ", "a b", "a\nb", "a\tb", "h\xc3\xb6st", "\x7f", "\x80"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		make(0, bad[i], 1, bad[i]);
		assert_string_equal(fields[HOSTNAME], "-");
		assert_string_equal(fields[MSGID], "-");
	}
	make(0, NULL, 0, NULL);
	assert_string_equal(head, "<110>1 1970-01-01T00:00:00.000Z - proclife "
				  "- - - {rest}");
	make(0, "!~", -1, "~!");
	assert_string_equal(fields[HOSTNAME], "!~");
	assert_string_equal(fields[PROCID], "-");
	assert_string_equal(fields[MSGID], "~!");
}

static void
test_longest(void **state)
{
	char host[257], msgid[34];

	(void)state;
	memset(host, 'h', sizeof(host));
	memset(msgid, 'm', sizeof(msgid));
	host[256] = msgid[33] = '\0';
	make(0, host, INT32_MAX, msgid);
	assert_string_equal(fields[HOSTNAME], "-");
	assert_string_equal(fields[MSGID], "-");
	host[255] = msgid[32] = '\0';
	make(0, host, INT32_MAX, msgid);
	assert_string_equal(fields[HOSTNAME], host);
	assert_string_equal(fields[MSGID], msgid);
	assert_string_equal(fields[PROCID], "2147483647");
}

static void
test_times(void **state)
{
	(void)state;
	make(INT64_C(253402300799999), "h", 1, "m");
	assert_string_equal(fields[TIMESTAMP], "9999-12-31T23:59:59.999Z");
	make(INT64_C(253402300800000), "h", 1, "m");
	assert_string_equal(fields[TIMESTAMP], "-");
	make(INT64_C(-62167219200000), "h", 1, "m");
	assert_string_equal(fields[TIMESTAMP], "0000-01-01T00:00:00.000Z");
	make(INT64_C(-62167219200001), "h", 1, "m");
	assert_string_equal(fields[TIMESTAMP], "-");
	make(INT64_MAX, "h", 1, "m");
	make(INT64_MIN, "h", 1, "m");
	assert_string_equal(fields[TIMESTAMP], "-");
}

static void
test_count(void **state)
{
	static const struct {
		size_t len;
		const char *want;
	} of[] = {{0, "0 "}, {1, "1 "}, {8096, "8096 "},
	    {SIZE_MAX, "18446744073709551615 "}};

	(void)state;
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		char buf[FRAME_COUNT_MAX];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		frame_count(&t, of[i].len);
		assert_true(text_ok(&t));
		assert_int_equal(t.len, strlen(of[i].want));
		assert_memory_equal(buf, of[i].want, t.len);
	}
}

static void
test_head_is_found(void **state)
{
	static const char json[] = "{\"a\": 1 - {\"b\":2}}\n";
	char buf[FRAME_HEAD_MAX + sizeof(json)];
	struct text t;
	size_t len;

	(void)state;
	text_init(&t, buf, sizeof(buf));
	frame_head(&t, 1700000000123, "ho{st", 4711, "already_running");
	len = t.len;
	text_str(&t, json);
	for (size_t i = 0; i <= t.len; i++) {
		struct bytes part[2] = {{buf, i}, {buf + i, t.len - i}};

		assert_int_equal(frame_head_length(part), len);
	}
	assert_int_equal(
	    frame_head_length((struct bytes[2]){{json, sizeof(json) - 1}}), 0);
	assert_int_equal(frame_head_length((struct bytes[2]){{"<", 1}}), 0);
	assert_int_equal(frame_head_length((struct bytes[2]){{"", 0}}), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_head),
	    cmocka_unit_test(test_what_has_no_place),
	    cmocka_unit_test(test_longest),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_count),
	    cmocka_unit_test(test_head_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
