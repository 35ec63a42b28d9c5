/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ids that are wanted here were made with this:
 *
 *	import hashlib, struct, uuid
 *	def make(tag, *parts):
 *	    b = bytearray(hashlib.sha256(
 *	        tag.encode() + b"\0" + b"".join(parts)).digest()[:16])
 *	    b[6] = b[6] & 15 | 128
 *	    b[8] = b[8] & 63 | 128
 *	    return uuid.UUID(bytes=bytes(b))
 *	host = bytes.fromhex("0123456789abcdef0123456789abcdef")
 *	boot = bytes.fromhex("fedcba9876543210fedcba9876543210")
 *	nil = bytes(16)
 *	u32 = lambda n: struct.pack(">I", n)
 *	i64 = lambda n: struct.pack(">q", n)
 *	pid, ms, serial = u32(4711), i64(1763812345678), u32(42)
 *
 * and the line above each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ident.h"

#define HOST "0123456789abcdef0123456789abcdef"
#define BOOT "fedcba98-7654-3210-fedc-ba9876543210"

static const struct stamp at = {1763812345678, 42};

static void
assert_uuid(struct uuid u, const char *want)
{
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	ident_print(&t, &u);
	text_char(&t, '\0');
	assert_string_equal(buf, want);
}

static struct ident
local(void)
{
	struct ident i;

	ident_init(&i, HOST, BOOT);
	return i;
}

static void
test_life(void **state)
{
	struct ident i = local();
	const struct fact_acct acct = {
	    .birth_s = 1763812345, .elapsed_cs = 12.5, .offset = 6400};

	(void)state;
	/* make("proclife.life.record", host, boot, pid, ms, serial) */
	assert_uuid(ident_life_record(&i, 4711, at),
	    "263de357-c1d2-8a67-bff8-bd291217da40");
	/* make("proclife.life.acct", host, boot, pid, i64(1763812345),
	 *     struct.pack(">d", 12.5), i64(6400)) */
	assert_uuid(ident_life_acct(&i, 4711, &acct),
	    "a2a96423-2b75-8c3f-8d2a-21676e0ae96f");
	/* make("proclife.life.ticks", host, boot, pid, i64(123456789012)) */
	assert_uuid(ident_life_ticks(&i, 4711, 123456789012),
	    "0eba7130-1cd3-8b50-911b-2cb1029cd521");
}

static void
test_extremes(void **state)
{
	struct ident i;

	(void)state;
	ident_init(&i, NULL, "");
	/* make("proclife.life.record", nil, nil, u32(1), i64(-1),
	 *     u32(4294967295)) */
	assert_uuid(ident_life_record(&i, 1, (struct stamp){-1, UINT32_MAX}),
	    "cd63b9f2-1058-80de-ba09-21cf1db80aca");
}

static void
test_event(void **state)
{
	struct ident i = local();
	struct uuid life = ident_life_record(&i, 4711, at);
	const struct stamp other = {1, 2};

	(void)state;
	/* make("proclife.event.fork", life, ms, serial), and exec */
	assert_uuid(ident_event(&life, EVENT_FORK, at),
	    "377adfe3-6ed7-8410-a6e0-3a43c39375c5");
	assert_uuid(ident_event(&life, EVENT_EXEC, at),
	    "e397cd77-57d8-8d2f-b409-c7cf20eabd5a");
	/* make("proclife.event.end", life), and already_running */
	assert_uuid(ident_event(&life, EVENT_END, at),
	    "5ca6296a-b4ca-8825-9e3e-61c6e16fc7bb");
	assert_uuid(ident_event(&life, EVENT_END, other),
	    "5ca6296a-b4ca-8825-9e3e-61c6e16fc7bb");
	assert_uuid(ident_event(&life, EVENT_ALREADY_RUNNING, at),
	    "4e138bb8-1d39-8592-888a-18f5726088bc");
	assert_uuid(ident_event(&life, EVENT_ALREADY_RUNNING, other),
	    "4e138bb8-1d39-8592-888a-18f5726088bc");
}

static void
test_notice(void **state)
{
	struct ident i = local();

	(void)state;
	/* make("proclife.notice", host, i64(7)) */
	assert_uuid(
	    ident_notice(&i.host, 7), "31d4dd6c-f28a-8ef9-93c3-9e14cf0a2811");
}

static void
test_host_and_boot(void **state)
{
	struct ident i;

	(void)state;
	ident_init(&i, HOST, BOOT);
	assert_uuid(i.host, "01234567-89ab-cdef-0123-456789abcdef");
	assert_uuid(i.boot, BOOT);
	ident_init(&i, "01234567-89AB-CDEF-0123-456789ABCDEF", "");
	assert_uuid(i.host, "01234567-89ab-cdef-0123-456789abcdef");
	assert_uuid(i.boot, "00000000-0000-0000-0000-000000000000");
	/* make("proclife.name", b"web-1") */
	ident_init(&i, "web-1", NULL);
	assert_uuid(i.host, "1df9a1a2-1657-8200-84a1-aa8663f4e13b");
	/* make("proclife.life.ticks", make("proclife.name", b"web-1").bytes,
	 *     nil, u32(1), i64(2)) */
	assert_uuid(
	    ident_life_ticks(&i, 1, 2), "3e8f6f9d-19e5-8084-9213-e42a238342da");
}

/* What only looks like a UUID is hashed, and each to another id. */
static void
test_almost_uuids(void **state)
{
	static const char *const texts[] = {
	    "0123456789abcdef0123456789abcde",
	    "0123456789abcdef0123456789abcdef0",
	    "0123456789abcdef0123456789abcdeg",
	    "012345678-9ab-cdef-0123-456789abcdef",
	    "01234567-89ab-cdef-0123-456789abcde-",
	    "01234567x89ab-cdef-0123-456789abcdef",
	    "01234567-89ab-cdef-0123456789abcdef0",
	    "{01234567-89ab-cdef-0123-456789abcdef}",
	};
	const size_t n = sizeof(texts) / sizeof(texts[0]);
	struct ident made[sizeof(texts) / sizeof(texts[0])];

	(void)state;
	for (size_t a = 0; a < n; a++) {
		ident_init(&made[a], texts[a], NULL);
		assert_int_equal(made[a].host.b[6] >> 4, 8);
		assert_int_equal(made[a].host.b[8] >> 6, 2);
		for (size_t b = 0; b < a; b++)
			assert_memory_not_equal(made[a].host.b, made[b].host.b,
			    sizeof(made[a].host.b));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_life),
	    cmocka_unit_test(test_extremes),
	    cmocka_unit_test(test_event),
	    cmocka_unit_test(test_notice),
	    cmocka_unit_test(test_host_and_boot),
	    cmocka_unit_test(test_almost_uuids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
