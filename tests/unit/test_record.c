/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of audit text, taken apart. */
#include "record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STAMP "msg=audit(1700000000.001:7): "

/* Parses a copy that has no byte before or behind it that is ours. */
static bool
parse(const char *at, size_t len, struct record *rec, char **copy)
{
	*copy = malloc(len > 0 ? len : 1);
	assert_non_null(*copy);
	memcpy(*copy, at, len);
	memset(rec, 0x5a, sizeof(*rec));
	return record_parse((struct bytes){*copy, len}, rec);
}

static void
assert_bytes(struct bytes b, const char *want)
{
	assert_non_null(b.at);
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.at, want, b.len);
}

static void
assert_kind(const char *line, enum record_kind kind)
{
	struct record rec;
	char *copy;

	assert_true(parse(line, strlen(line), &rec, &copy));
	assert_int_equal(rec.kind, kind);
	free(copy);
}

static void
assert_none(const char *at, size_t len)
{
	struct record rec;
	char *copy;

	if (parse(at, len, &rec, &copy))
		fail_msg("taken for a record: %s", at);
	free(copy);
}

static void
assert_stamp(const char *stamp, int64_t ms, uint32_t serial)
{
	struct record rec;
	char line[100], *copy;

	snprintf(line, sizeof(line), "type=EOE msg=audit(%s): ", stamp);
	assert_true(parse(line, strlen(line), &rec, &copy));
	assert_int_equal(rec.at.ms, ms);
	assert_int_equal(rec.at.serial, serial);
	free(copy);
}

static void
assert_no_stamp(const char *stamp)
{
	char line[100];

	snprintf(line, sizeof(line), "type=EOE msg=audit(%s): ", stamp);
	assert_none(line, strlen(line));
}

static void
test_parts(void **state)
{
	static const char line[] = "type=CWD " STAMP "cwd=\"/tmp\"";
	struct record rec;
	char *copy;

	(void)state;
	assert_true(parse(line, sizeof(line) - 1, &rec, &copy));
	assert_int_equal(rec.kind, RECORD_CWD);
	assert_int_equal(rec.at.ms, 1700000000001);
	assert_int_equal(rec.at.serial, 7);
	assert_null(rec.node.at);
	assert_bytes(rec.line, line);
	assert_bytes(rec.fields, "cwd=\"/tmp\"");
	assert_ptr_equal(rec.line.at, copy);
	free(copy);
}

static void
test_node(void **state)
{
	static const char line[] = "node=a.b type=EOE " STAMP;
	static const char nameless[] = "node= type=EOE " STAMP;
	struct record rec;
	char *copy;

	(void)state;
	assert_true(parse(line, sizeof(line) - 1, &rec, &copy));
	assert_bytes(rec.node, "a.b");
	assert_bytes(rec.line, line + strlen("node=a.b "));
	free(copy);
	assert_true(parse(nameless, sizeof(nameless) - 1, &rec, &copy));
	assert_bytes(rec.node, "");
	free(copy);
	assert_none("node=a", 6);
	assert_none("node=a ", 7);
}

/* What auditd adds is behind 0x1d (log_format = ENRICHED). */
static void
test_enrichment(void **state)
{
	static const char line[] =
	    "type=SYSCALL " STAMP "arch=c000003e syscall=59 \x1d"
	    "ARCH=x86_64 SYSCALL=execve\x1d";
	struct record rec;
	char *copy;

	(void)state;
	assert_true(parse(line, sizeof(line) - 1, &rec, &copy));
	assert_bytes(
	    rec.line, "type=SYSCALL " STAMP "arch=c000003e syscall=59 ");
	assert_bytes(rec.fields, "arch=c000003e syscall=59 ");
	free(copy);
	assert_none("type=EOE \x1d" STAMP, sizeof("type=EOE \x1d" STAMP) - 1);
}

static void
assert_kept(const char *line, const char *fields)
{
	struct record rec;
	char *copy;

	assert_true(parse(line, strlen(line), &rec, &copy));
	assert_bytes(rec.fields, fields);
	assert_ptr_equal(
	    rec.line.at + rec.line.len, rec.fields.at + rec.fields.len);
	free(copy);
}

static void
test_shortened(void **state)
{
	(void)state;
	assert_kept("type=PATH " STAMP "item=0 name=\"/bin/sh\" inode=1 a=b",
	    "item=0 name=\"/bin/sh\" ");
	assert_kept(
	    "type=PATH " STAMP "item=0 name=(null)", "item=0 name=(null)");
	assert_kept("type=PATH " STAMP "item=0 inode=1 name=\"x\" a=b",
	    "item=0 inode=1 name=\"x\" a=b");
	assert_kept(
	    "type=PATH " STAMP "item=1 name=\"/lib/ld.so\" inode=2", "");
	assert_kept("type=PROCTITLE " STAMP "proctitle=\"sh\"", "");
	assert_kept("type=SOCKADDR " STAMP "saddr=00", "");
	assert_kept(
	    "type=EXECVE " STAMP "argc=1 a0=\"sh\"", "argc=1 a0=\"sh\"");
	assert_kept("type=CONFIG_CHANGE " STAMP "op=x res=1", "op=x res=1");
}

static void
test_kinds(void **state)
{
	(void)state;
	assert_kind("type=SYSCALL " STAMP, RECORD_SYSCALL);
	assert_kind("type=EXECVE " STAMP, RECORD_EXECVE);
	assert_kind("type=CWD " STAMP, RECORD_CWD);
	assert_kind("type=PROCTITLE " STAMP, RECORD_PROCTITLE);
	assert_kind("type=EOE " STAMP, RECORD_EOE);
	assert_kind("type=ANOM_ABEND " STAMP, RECORD_ABEND);
	assert_kind("type=CONFIG_CHANGE " STAMP, RECORD_CONFIG);
	assert_kind("type=DAEMON_START " STAMP, RECORD_DAEMON_START);
	assert_kind("type=DAEMON_END " STAMP, RECORD_DAEMON);
	assert_kind("type=DAEMON_ROTATE " STAMP, RECORD_DAEMON);
	/* no prefix of a name, and no longer name, is that name */
	assert_kind("type=SYSCAL " STAMP, RECORD_OTHER);
	assert_kind("type=SYSCALLS " STAMP, RECORD_OTHER);
	assert_kind("type=DAEMON " STAMP, RECORD_OTHER);
	assert_kind("type=UNKNOWN[1334] " STAMP, RECORD_OTHER);
	assert_kind("type= " STAMP, RECORD_OTHER);
}

static void
test_paths(void **state)
{
	(void)state;
	assert_kind("type=PATH " STAMP "item=0 name=\"/bin/ls\"", RECORD_PATH);
	assert_kind("type=PATH " STAMP "item=1 name=\"/lib/ld\"", RECORD_OTHER);
	assert_kind("type=PATH " STAMP "item=01 name=\"/x\"", RECORD_OTHER);
	assert_kind("type=PATH " STAMP "item=0", RECORD_OTHER);
	assert_kind("type=PATH " STAMP, RECORD_OTHER);
}

static void
test_stamps(void **state)
{
	(void)state;
	assert_stamp("0.0:0", 0, 0);
	assert_stamp("1.5:1", 1005, 1); /* milliseconds, no fraction */
	assert_stamp("1.999:4294967295", 1999, UINT32_MAX);
	assert_stamp("253402300799.999:1", 253402300799999, 1);
	assert_stamp("000000000000000001.000:000000000000000002", 1000, 2);
}

static void
test_no_stamps(void **state)
{
	static const char *const bad[] = {"", "1", "1.2", "1:2", "1.2:", ".2:3",
	    "1.:3", "1.1000:3", "1.2:4294967296", "253402300800.000:1",
	    "-1.2:3", "1.-2:3", "1.2:-3", "+1.2:3", " 1.2:3", "1.2:3 ",
	    "0x1.2:3", "1.2:3a", "1.2:99999999999999999999",
	    "1.2:0000000000000000003"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_no_stamp(bad[i]);
}

/* Every beginning of a record, until its stamp is whole. */
static void
test_cut_lines(void **state)
{
	static const char line[] = "node=a type=EOE msg=audit(1.002:3): x";
	size_t whole = (size_t)(strchr(line, ')') - line) + 1;
	struct record rec;
	char *copy;

	(void)state;
	for (size_t len = 0; len < whole; len++)
		assert_none(line, len);
	for (size_t len = whole; len < sizeof(line); len++) {
		assert_true(parse(line, len, &rec, &copy));
		assert_int_equal(rec.at.ms, 1002);
		free(copy);
	}
}

static void
test_no_records(void **state)
{
	static const char nul[] = "type=EOE " STAMP "a\0b";
	static const char late_nul[] = "type=EOE " STAMP "\x1d\0";
	static const char *const bad[] = {"no record", "type=EOE", "type=EOE ",
	    "Type=EOE " STAMP, " type=EOE " STAMP, "type=EOE  " STAMP,
	    "type=EOE audit(1.002:3): ", "type=EOE msg=audit[1.002:3]: ",
	    "type=EOE node=a " STAMP, "node=a node=b type=EOE " STAMP};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_none(bad[i], strlen(bad[i]));
	assert_none(nul, sizeof(nul) - 1);
	assert_none(late_nul, sizeof(late_nul) - 1);
}

static bool
call(const char *fields, uint32_t *arch, uint32_t *number)
{
	struct record rec = {.kind = RECORD_SYSCALL};
	size_t len = strlen(fields);
	char *copy = malloc(len > 0 ? len : 1);
	bool is_call;

	assert_non_null(copy);
	memcpy(copy, fields, len);
	rec.fields = (struct bytes){copy, len};
	is_call = record_call(&rec, arch, number);
	assert_ptr_equal(rec.fields.at, copy);
	assert_int_equal(rec.fields.len, len);
	free(copy);
	return is_call;
}

static void
test_call(void **state)
{
	uint32_t arch = 0, number = 0;

	(void)state;
	assert_true(
	    call("arch=c000003e syscall=59 success=yes", &arch, &number));
	assert_int_equal(arch, 0xc000003e);
	assert_int_equal(number, 59);
	assert_true(call("arch=40000003 syscall=11 per=8 ", &arch, &number));
	assert_int_equal(arch, 0x40000003);
	assert_int_equal(number, 11);
	/* an x32 program's: the number has SYSCALLS_X32_BIT */
	assert_true(call("arch=c000003e syscall=1073742344 ", &arch, &number));
	assert_int_equal(number, 0x40000208);
}

static void
test_no_call(void **state)
{
	static const char *const bad[] = {"", "arch=c000003e", "arch=c000003e ",
	    "arch=c000003e syscall=59", /* may be cut */
	    "arch= syscall=59 ",
	    "arch=c000003e syscall= ", "arch=x syscall=59 ",
	    "arch=c000003e syscall=5x ", "syscall=59 arch=c000003e ",
	    "arch=c000003e per=8 syscall=59 ", " arch=c000003e syscall=59 ",
	    "arch=1c000003e syscall=59 ", "arch=c000003e syscall=4294967296 "};
	uint32_t arch, number;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (call(bad[i], &arch, &number))
			fail_msg("taken for a call: %s", bad[i]);
}

/* What is read of a SYSCALL record with these fields; -1, 0: not there. */
struct values {
	int32_t pid;
	uint64_t a0, a3, result;
	bool failed;
};

static struct values
values_of(const char *fields)
{
	struct values v = {0};
	struct record rec;
	char line[300], *copy;

	snprintf(line, sizeof(line), "type=SYSCALL " STAMP "%s", fields);
	assert_true(parse(line, strlen(line), &rec, &copy));
	v.pid = record_pid(&rec);
	if (!record_argument(&rec, 0, &v.a0))
		v.a0 = 0;
	if (!record_argument(&rec, 3, &v.a3))
		v.a3 = 0;
	if (!record_result(&rec, &v.result))
		v.result = 0;
	v.failed = record_failed(&rec);
	free(copy);
	return v;
}

static void
test_values(void **state)
{
	struct values v = values_of(
	    "arch=c000003e syscall=56 per=8 success=yes exit=4711 a0=1200011 "
	    "a1=0 a2=0 a3=7f items=0 ppid=12 pid=345 auid=0 comm=\"sh\"");

	(void)state;
	assert_int_equal(v.pid, 345);
	assert_int_equal(v.a0, 0x1200011);
	assert_int_equal(v.a3, 0x7f);
	assert_int_equal(v.result, 4711);
	assert_false(v.failed);

	v = values_of("arch=c000003e syscall=59 success=no exit=-13 a0=1 ");
	assert_true(v.failed);
	assert_int_equal(v.result, 0);
	assert_int_equal(v.pid, -1);

	assert_int_equal(values_of("pid=7 uid=0 pid=8 ").pid, 7);
	assert_int_equal(values_of("  pid=7 ").pid, 7);
	assert_int_equal(values_of("p pi ppid= pid=9 ").pid, 9);
}

static void
test_no_values(void **state)
{
	static const char *const bad[] = {"", " ", "p", " p", " pid",
	    " pid=", " pid=7" /* may be cut */, " pid= ", " pid=x ", " ppid=7 ",
	    "xpid=7 ", " pid=2147483648 ", "success=no ", " success=n",
	    " success=none ", " a0=", " a0=g ", " exit=", "exit=1 "};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct values v = values_of(bad[i]);

		if (v.pid != -1 || v.a0 != 0 || v.result != 0 || v.failed)
			fail_msg("found in \"%s\"", bad[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_node),
	    cmocka_unit_test(test_enrichment),
	    cmocka_unit_test(test_shortened),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_paths),
	    cmocka_unit_test(test_stamps),
	    cmocka_unit_test(test_no_stamps),
	    cmocka_unit_test(test_cut_lines),
	    cmocka_unit_test(test_no_records),
	    cmocka_unit_test(test_call),
	    cmocka_unit_test(test_no_call),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_no_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
