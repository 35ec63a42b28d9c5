/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <float.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/acct.h>

#include "acct_record.h"

#define SIZE            ACCT_RECORD_SIZE
#define RECORDS         74
#define BIG_ENDIAN_MARK 0x80

/* A real file, and what GNU dump-acct 6.6.4 prints of it (TZ=UTC). */
#define CAPTURE      "tests/data/ordinary-day/pacct"
#define CAPTURE_TEXT "tests/data/ordinary-day/pacct.dump-acct"

static unsigned char capture[RECORDS * SIZE];

static FILE *
open_data(const char *name)
{
	const char *top = getenv("abs_top_srcdir");
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", top != NULL ? top : ".", name);
	f = fopen(path, "re");
	if (f == NULL)
		fail_msg("%s cannot be opened", path);
	return f;
}

static int
load_capture(void **state)
{
	FILE *f = open_data(CAPTURE);

	(void)state;
	assert_int_equal(fread(capture, SIZE, RECORDS, f), RECORDS);
	assert_int_equal(fgetc(f), EOF);
	fclose(f);
	return 0;
}

static void
reverse(unsigned char *at, size_t len)
{
	for (size_t i = 0; i < len / 2; i++) {
		unsigned char c = at[i];

		at[i] = at[len - 1 - i];
		at[len - 1 - i] = c;
	}
}

/* The same v3 record as a machine of the other byte order writes it. */
static void
swap_v3(unsigned char *record)
{
	reverse(record + 2, 2);
	for (size_t at = 4; at < 32; at += 4)
		reverse(record + at, 4);
	for (size_t at = 32; at < 48; at += 2)
		reverse(record + at, 2);
	record[1] ^= BIG_ENDIAN_MARK;
}

/* One line of dump-acct, cut at its bars. */
struct line {
	char comm[17];
	double user, system, elapsed, mem;
	unsigned uid, gid, pid, ppid, exit;
	char flags[6];
};

static void
parse_line(const char *text, struct line *l)
{
	int n = sscanf(text,
	    "%16[^|]|v3|%lf|%lf|%lf|%u|%u|%lf|%*f|%u|%u|%5[^|]|%u|", l->comm,
	    &l->user, &l->system, &l->elapsed, &l->uid, &l->gid, &l->mem,
	    &l->pid, &l->ppid, l->flags, &l->exit);

	assert_int_equal(n, 11);
	for (size_t len = strlen(l->comm); len > 0; len--) {
		if (l->comm[len - 1] != ' ')
			break;
		l->comm[len - 1] = '\0';
	}
}

static void
assert_double_equal(double a, double b)
{
	if (a < b || a > b)
		fail_msg("%f is not %f", a, b);
}

static void
assert_like_line(const struct fact *f, const struct line *l)
{
	const struct fact_acct *a = &f->acct;

	assert_int_equal(f->comm.len, strlen(l->comm));
	assert_memory_equal(f->comm.at, l->comm, f->comm.len);
	assert_int_equal(f->pid, l->pid);
	assert_int_equal(f->ppid, l->ppid);
	assert_int_equal(f->creds.uid, l->uid);
	assert_int_equal(f->creds.gid, l->gid);
	assert_double_equal((double)a->user_cs, l->user);
	assert_double_equal((double)a->system_cs, l->system);
	assert_double_equal(a->elapsed_cs, l->elapsed);
	assert_double_equal((double)a->mem_kb, l->mem);
	assert_int_equal(a->status >> 8, l->exit);
	assert_int_equal((a->flags & ACCT_FORK) != 0, l->flags[1] == 'F');
	assert_int_equal((a->flags & ACCT_CORE) != 0, l->flags[3] == 'D');
	assert_int_equal((a->flags & ACCT_XSIG) != 0, l->flags[4] == 'X');
}

/* Reads the capture in one byte order beside dump-acct's text. */
static void
check_capture(bool swapped)
{
	FILE *text = open_data(CAPTURE_TEXT);
	char buf[256];
	size_t n = 0;

	for (; fgets(buf, sizeof(buf), text) != NULL; n++) {
		unsigned char record[SIZE];
		struct fact fact;
		struct line line;

		memcpy(record, capture + n * SIZE, SIZE);
		if (swapped)
			swap_v3(record);
		parse_line(buf, &line);
		assert_int_equal(acct_record_decode(record, &fact), ACCT_OK);
		assert_like_line(&fact, &line);
	}
	fclose(text);
	assert_int_equal(n, RECORDS);
}

static void
test_capture_as_dump_acct_reads_it(void **state)
{
	(void)state;
	check_capture(false);
}

static void
test_capture_in_the_other_byte_order(void **state)
{
	(void)state;
	check_capture(true);
}

/* What dump-acct does not print, held against the kernel's own struct. */
static void
test_capture_as_the_kernel_header_reads_it(void **state)
{
	const uint16_t one = 1;
	bool big = *(const unsigned char *)&one == 0;

	(void)state;
	for (size_t n = 0; n < RECORDS; n++) {
		unsigned char record[SIZE];
		struct acct_v3 k;
		struct fact f;

		memcpy(record, capture + n * SIZE, SIZE);
		if (big)
			swap_v3(record);
		memcpy(&k, record, sizeof(k));
		assert_int_equal(acct_record_decode(record, &f), ACCT_OK);
		assert_int_equal(f.acct.birth_s, k.ac_btime);
		assert_int_equal(f.acct.status, k.ac_exitcode);
		assert_int_equal(f.acct.flags, k.ac_flag);
		assert_int_equal(f.tty.major << 8 | f.tty.minor, k.ac_tty);
		/* Below 8192 a comp_t is the number itself. */
		assert_in_range(k.ac_minflt, 0, 8191);
		assert_int_equal(f.acct.minor_faults, k.ac_minflt);
		assert_in_range(k.ac_majflt, 0, 8191);
		assert_int_equal(f.acct.major_faults, k.ac_majflt);
	}
}

/* A record with every field different, as the kernel's header lays it out. */
static struct acct_v3
sample(void)
{
	struct acct_v3 k = {
	    .ac_flag = ACCT_FORK | ACCT_CORE | ACCT_XSIG,
	    .ac_version = 3,
	    .ac_tty = 0x8903, /* pts/259 */
	    .ac_exitcode = 0x8b,
	    .ac_uid = 1234567,
	    .ac_gid = 7654321,
	    .ac_pid = 4194303,
	    .ac_ppid = 70000,
	    .ac_btime = 4000000000,
	    .ac_etime = 16777218.0F,
	    .ac_utime = 0x2001,
	    .ac_stime = 0x4002,
	    .ac_mem = 0x6003,
	    .ac_minflt = 0x8004,
	    .ac_majflt = 0xa005,
	    .ac_comm = "fifteen letters",
	};
	const uint16_t one = 1;

	if (*(const unsigned char *)&one == 0)
		k.ac_version = (char)(3 | BIG_ENDIAN_MARK);
	return k;
}

static void
check_sample(const unsigned char *record)
{
	struct fact f;

	assert_int_equal(acct_record_decode(record, &f), ACCT_OK);
	assert_int_equal(f.kind, FACT_ACCT);
	assert_true(f.at.ms == TIME_UNKNOWN);
	assert_int_equal(f.at.serial, 0);
	assert_int_equal(f.pid, 4194303);
	assert_int_equal(f.ppid, 70000);
	assert_int_equal(f.creds.uid, 1234567);
	assert_int_equal(f.creds.gid, 7654321);
	assert_int_equal(f.creds.euid, ID_UNSET);
	assert_int_equal(f.creds.sgid, ID_UNSET);
	assert_int_equal(f.creds.auid, ID_UNSET);
	assert_int_equal(f.creds.session, ID_UNSET);
	assert_int_equal(f.tty.major, TTY_PTS_MAJOR);
	assert_int_equal(f.tty.minor, 259);
	assert_true(f.comm.at == (const char *)record + 48);
	assert_int_equal(f.comm.len, 15);
	assert_null(f.exe.at);
	assert_null(f.key.at);
	assert_int_equal(f.acct.birth_s, 4000000000);
	assert_double_equal(f.acct.elapsed_cs, 16777218.0);
	assert_int_equal(f.acct.user_cs, 1 * 8);
	assert_int_equal(f.acct.system_cs, 2 * 64);
	assert_int_equal(f.acct.mem_kb, 3 * 512);
	assert_int_equal(f.acct.minor_faults, 4 * 4096);
	assert_int_equal(f.acct.major_faults, 5 * 32768);
	assert_int_equal(f.acct.status, 0x8b);
	assert_int_equal(f.acct.flags, 0x19);
	assert_true(f.acct.read_ms == TIME_UNKNOWN);
}

static void
test_every_field(void **state)
{
	struct acct_v3 k = sample();
	unsigned char record[SIZE];

	(void)state;
	memcpy(record, &k, SIZE);
	check_sample(record);
	swap_v3(record);
	check_sample(record);
}

static void
test_no_terminal_and_empty_name(void **state)
{
	struct acct_v3 k = sample();
	unsigned char record[SIZE];
	struct fact f;

	(void)state;
	k.ac_tty = 0;
	memset(k.ac_comm, 0, sizeof(k.ac_comm));
	k.ac_ppid = 0;
	memcpy(record, &k, SIZE);
	assert_int_equal(acct_record_decode(record, &f), ACCT_OK);
	assert_int_equal(f.tty.major, 0);
	assert_int_equal(f.ppid, 0);
	assert_non_null(f.comm.at);
	assert_int_equal(f.comm.len, 0);
}

static void
test_comp_of_every_value(void **state)
{
	(void)state;
	for (unsigned c = 0; c <= UINT16_MAX; c++) {
		uint64_t want = c % 8192;

		for (unsigned i = 0; i < c / 8192; i++)
			want *= 8;
		assert_int_equal(acct_record_comp((uint16_t)c), want);
	}
	assert_int_equal(acct_record_comp(UINT16_MAX), 17177772032);
}

static enum acct_verdict
verdict_of(const struct acct_v3 *k)
{
	unsigned char record[SIZE], swapped[SIZE];
	enum acct_verdict v;
	struct fact f;

	memcpy(record, k, SIZE);
	memcpy(swapped, k, SIZE);
	swap_v3(swapped);
	v = acct_record_decode(record, &f);
	assert_int_equal(acct_record_decode(swapped, &f), v);
	return v;
}

#define ASSERT_BAD_IF(member, value)                                           \
	do {                                                                   \
		struct acct_v3 bad = sample();                                 \
                                                                               \
		bad.member = (value);                                          \
		assert_int_equal(verdict_of(&bad), ACCT_BAD);                  \
	} while (0)

static void
test_impossible_records_are_bad(void **state)
{
	const struct acct_v3 good = sample(), zeros = {0};
	const uint32_t nan_bits = 0x7fc00000;
	float not_a_number;

	(void)state;
	memcpy(&not_a_number, &nan_bits, sizeof(not_a_number));
	assert_int_equal(verdict_of(&good), ACCT_OK);
	assert_int_equal(verdict_of(&zeros), ACCT_BAD);
	ASSERT_BAD_IF(ac_pid, 0);
	ASSERT_BAD_IF(ac_pid, 4194304);
	ASSERT_BAD_IF(ac_ppid, 4194304);
	ASSERT_BAD_IF(ac_flag, 0x40);
	ASSERT_BAD_IF(ac_version, (char)(good.ac_version ^ 7)); /* 4 */
	ASSERT_BAD_IF(ac_version, (char)(good.ac_version ^ 3)); /* 0 */
	ASSERT_BAD_IF(ac_comm[15], 'x');
	ASSERT_BAD_IF(ac_comm[3], '\0');
	ASSERT_BAD_IF(ac_etime, -1);
	ASSERT_BAD_IF(ac_etime, FLT_MAX * 2);
	ASSERT_BAD_IF(ac_etime, not_a_number);
}

static void
test_version_2_is_refused(void **state)
{
	struct acct old = {
	    .ac_flag = ACCT_FORK,
	    .ac_version = 2,
	    .ac_btime = 1700000000,
	    .ac_ahz = 100,
	    .ac_comm = "sixteen letters!",
	    .ac_uid = 1000,
	};
	unsigned char record[SIZE];
	struct fact f;

	(void)state;
	assert_int_equal(sizeof(old), SIZE);
	memcpy(record, &old, SIZE);
	assert_int_equal(acct_record_decode(record, &f), ACCT_OLD_VERSION);

	old.ac_version = (char)(2 | BIG_ENDIAN_MARK);
	old.ac_ahz = 100 << 8;
	memcpy(record, &old, SIZE);
	assert_int_equal(acct_record_decode(record, &f), ACCT_OLD_VERSION);

	old.ac_ahz = 0;
	memcpy(record, &old, SIZE);
	assert_int_equal(acct_record_decode(record, &f), ACCT_BAD);
}

/* Only m68k, big-endian, ever wrote version 1; it lacks ac_ahz. */
static void
test_version_1_is_refused(void **state)
{
	unsigned char record[SIZE] = {ACCT_FORK, 1 | BIG_ENDIAN_MARK};
	struct fact f;

	(void)state;
	memcpy(record + 34, "cron", 4);
	assert_int_equal(acct_record_decode(record, &f), ACCT_OLD_VERSION);
}

/* However a real file is shifted, its records are found and nothing else. */
static void
test_resync_after_a_piece_of_a_record(void **state)
{
	static unsigned char shifted[sizeof(capture)];

	(void)state;
	for (size_t n = 0; n + 3 < RECORDS; n++) {
		for (size_t piece = 1; piece < SIZE; piece++) {
			const unsigned char *tail =
			    capture + (n + 1) * SIZE - piece;

			memcpy(shifted, tail, piece + (size_t)2 * SIZE);
			assert_int_equal(acct_record_resync(
					     shifted, piece + (size_t)2 * SIZE),
			    piece);
		}
	}
}

static void
test_resync_finds_nothing(void **state)
{
	unsigned char junk[200];

	(void)state;
	memset(junk, 0xff, sizeof(junk));
	for (size_t len = 0; len < SIZE; len++)
		assert_int_equal(acct_record_resync(junk, len), 0);
	/* The last 63 bytes may be the beginning of a record. */
	for (size_t len = SIZE; len <= sizeof(junk); len++)
		assert_int_equal(acct_record_resync(junk, len), len - 63);
}

static void
test_resync_where_it_is_right(void **state)
{
	(void)state;
	assert_int_equal(acct_record_resync(capture, SIZE), 0);
	assert_int_equal(acct_record_resync(capture, sizeof(capture)), 0);
}

/* xorshift: the same bytes at every run. */
static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static void
test_random_bytes_and_broken_records(void **state)
{
	uint32_t seed = 2463534242;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		unsigned char record[SIZE];
		size_t from = next_random(&seed) % RECORDS;
		struct fact f;

		memcpy(record, capture + from * SIZE, SIZE);
		for (unsigned n = next_random(&seed) % 65; n > 0; n--)
			record[next_random(&seed) % SIZE] =
			    (unsigned char)next_random(&seed);
		if (acct_record_decode(record, &f) != ACCT_OK)
			continue;
		assert_in_range(f.pid, 1, 4194303);
		assert_in_range(f.ppid, 0, 4194303);
		assert_in_range(f.comm.len, 0, 15);
		assert_true(f.acct.elapsed_cs >= 0);
		assert_true(f.acct.elapsed_cs <= (double)FLT_MAX);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_capture_as_dump_acct_reads_it),
	    cmocka_unit_test(test_capture_in_the_other_byte_order),
	    cmocka_unit_test(test_capture_as_the_kernel_header_reads_it),
	    cmocka_unit_test(test_every_field),
	    cmocka_unit_test(test_no_terminal_and_empty_name),
	    cmocka_unit_test(test_comp_of_every_value),
	    cmocka_unit_test(test_impossible_records_are_bad),
	    cmocka_unit_test(test_version_2_is_refused),
	    cmocka_unit_test(test_version_1_is_refused),
	    cmocka_unit_test(test_resync_after_a_piece_of_a_record),
	    cmocka_unit_test(test_resync_finds_nothing),
	    cmocka_unit_test(test_resync_where_it_is_right),
	    cmocka_unit_test(test_random_bytes_and_broken_records),
	};

	return cmocka_run_group_tests(tests, load_capture, NULL);
}
