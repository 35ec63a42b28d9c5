/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>

#include "acct_world.h"

static void
test_off_does_nothing(void **state)
{
	(void)state;
	w.s.acct.mode = ACCT_OFF;
	begin();
	die(1, 3);
	assert_int_equal(read_on(), 0);
	assert_false(acct_tail_is_open(w.a));
	assert_int_equal(acct_tail_fd(w.a), -1);
	assert_null(acct_tail_path(w.a));
}

static void
test_begins_at_the_end(void **state)
{
	(void)state;
	begin_file();
	die(1, 5);
	open_tail(NULL);
	assert_true(acct_tail_is_open(w.a));
	assert_string_equal(acct_tail_path(w.a), path_of("pacct"));
	assert_reads(1, 0);
	die(6, 7);
	assert_int_equal(read_on(), 2);
	assert_came(6, 7);
	assert_int_equal(w.last.acct.offset, 7 * SIZE);
	assert_int_equal(position().offset, 8 * SIZE);
	assert_trouble(0);
}

/* Of another file nobody knows how long its records have been there. */
static void
test_when_it_was_not_there(void **state)
{
	int64_t ms = w.now_ms;

	(void)state;
	begin_file();
	open_tail(NULL);
	die(1, 1);
	assert_reads(1, 1);
	assert_true(w.last.acct.unwritten_ms == TIME_UNKNOWN);
	w.now_ms += 100;
	die(2, 2);
	assert_reads(2, 2);
	assert_true(w.last.acct.unwritten_ms == ms);
	w.now_ms += 100;
	assert_reads(3, 2);
	w.now_ms += 100;
	die(3, 3);
	assert_reads(3, 3);
	assert_true(w.last.acct.unwritten_ms == ms + 200);
	move("pacct", "pacct.0");
	touch("pacct");
	accton("pacct");
	die(4, 4);
	w.now_ms += 100;
	assert_reads(4, 4);
	assert_true(w.last.acct.unwritten_ms == TIME_UNKNOWN);
}

static void
test_file_comes_later(void **state)
{
	(void)state;
	open_tail(NULL);
	assert_reads(1, 0);
	assert_false(acct_tail_is_open(w.a));
	assert_int_equal(position().ino, 0);
	begin_file();
	die(1, 3);
	assert_reads(1, 3);
	assert_trouble(0);
}

static void
test_folder_comes_later(void **state)
{
	(void)state;
	w.files[1] = strdup(path_of("account/pacct"));
	w.s.acct.nfiles = 2;
	open_tail(NULL);
	assert_int_equal(mkdir(path_of("account"), 0700), 0);
	touch("account/pacct");
	accton("account/pacct");
	die(1, 3);
	assert_reads(1, 3);
}

static void
test_candidates_in_order_until_another_grows(void **state)
{
	(void)state;
	w.files[1] = strdup(path_of("second"));
	w.files[2] = strdup(path_of("third"));
	w.s.acct.nfiles = 3;
	touch("second");
	accton("second");
	die(101, 102);
	touch("third");
	accton("third");
	die(103, 104);
	open_tail(NULL);
	assert_string_equal(acct_tail_path(w.a), path_of("second"));
	die(1, 3);
	assert_reads(1, 3);
	assert_string_equal(acct_tail_path(w.a), path_of("third"));
	accton("second");
	die(4, 5);
	assert_reads(4, 5); /* the file just left lingers */
	w.now_ms += 5000;
	assert_reads(1, 0);
	die(6, 7);
	assert_reads(6, 7);
	assert_string_equal(acct_tail_path(w.a), path_of("second"));
	assert_trouble(0);
}

/* logrotate of psacct: rename, create, and only then accton. */
static void
test_rename_then_accton(void **state)
{
	(void)state;
	begin();
	die(1, 2);
	move("pacct", "pacct-20261122");
	die(3, 4);
	assert_reads(1, 4);
	touch("pacct");
	die(5, 6);
	assert_reads(5, 6);
	assert_string_equal(acct_tail_path(w.a), path_of("pacct"));
	accton("pacct");
	die(7, 9);
	assert_reads(7, 9);
	assert_trouble(0);
	assert_int_equal(w.last.acct.offset, 3 * SIZE);
}

/* Debian's savelog: hard link, rename over it, accton off, accton on. */
static void
test_savelog(void **state)
{
	(void)state;
	begin();
	for (int32_t day = 0; day < 5; day++) {
		int32_t pid = 1 + day * 10;

		die(pid, pid + 1);
		touch("pacct.new");
		unlink(path_of("pacct.0"));
		assert_int_equal(link(path_of("pacct"), path_of("pacct.0")), 0);
		move("pacct.new", "pacct");
		die(pid + 2, pid + 3);
		assert_reads(pid, pid + 3);
		die(pid + 4, pid + 4);
		assert_int_equal(acct(NULL), 0);
		accton("pacct");
		die(pid + 5, pid + 6);
		assert_reads(pid + 4, pid + 6);
	}
	assert_trouble(0);
}

/* One who held the old file's lock writes there after others wrote anew. */
static void
test_late_record_in_the_old_file(void **state)
{
	int old;

	(void)state;
	begin();
	die(1, 1);
	old = open_for_kernel(path_of("pacct"));
	move("pacct", "pacct.1");
	begin_file();
	die(2, 3);
	assert_reads(1, 3);
	write_record(old, 4);
	w.now_ms += 1000;
	assert_reads(4, 4);
	write_record(old, 5);
	w.now_ms += 500;
	assert_reads(5, 5);
	w.now_ms += 10000;
	assert_reads(1, 0);
	write_record(old, 6);
	assert_reads(1, 0);
	close(old);
	die(7, 7);
	assert_reads(7, 7);
	assert_trouble(0);
}

static void
test_copytruncate(void **state)
{
	(void)state;
	begin_and_read(5);
	assert_int_equal(truncate(path_of("pacct"), 0), 0);
	die(6, 8);
	assert_reads(6, 8);
	assert_trouble(ACCT_TROUBLE_TRUNCATED);
	assert_int_equal(position().offset, 3 * SIZE);
}

/* Between two looks it was cut, and has become longer than it was. */
static void
test_cut_and_grown_again(void **state)
{
	(void)state;
	begin_and_read(5);
	assert_int_equal(truncate(path_of("pacct"), 0), 0);
	die(6, 14);
	assert_reads(6, 14);
	assert_trouble(ACCT_TROUBLE_TRUNCATED);
}

/* Which of the records left are new nobody knows: none is told twice. */
static void
test_cut_to_a_part(void **state)
{
	(void)state;
	begin_and_read(5);
	assert_int_equal(truncate(path_of("pacct"), 3 * SIZE), 0);
	assert_reads(1, 0);
	assert_trouble(ACCT_TROUBLE_TRUNCATED);
	die(6, 7);
	assert_reads(6, 7);
	assert_trouble(0);
}

static void
test_rotated_twice_between_two_looks(void **state)
{
	(void)state;
	begin_and_read(2);
	die(3, 3);
	move("pacct", "pacct.2");
	begin_file();
	die(4, 5);
	move("pacct", "pacct.1");
	begin_file();
	die(6, 6);
	assert_reads(3, 6);
	assert_trouble(0);
}

/* The same, but at neither look is there a file at the path. */
static void
test_rotated_away_between_two_looks(void **state)
{
	(void)state;
	begin_and_read(2);
	move("pacct", "pacct.2");
	assert_reads(1, 0);
	begin_file();
	die(3, 4);
	move("pacct", "pacct.1");
	assert_reads(3, 4);
	assert_trouble(0);
}

/* A disk that was full left half a record at the end of a file. */
static void
test_half_a_record_is_left(void **state)
{
	struct acct_v3 record = record_of(77);

	(void)state;
	begin();
	die(1, 1);
	write_bytes(w.kernel, &record, 36);
	close(w.kernel);
	w.kernel = -1;
	move("pacct", "pacct.1");
	begin_file();
	die(2, 2);
	assert_reads(1, 2);
	assert_trouble(0);
	w.now_ms += 10000;
	assert_reads(1, 0);
	assert_trouble(ACCT_TROUBLE_MISALIGNED);
}

static void
test_removed_file_is_read_on_and_told_when_silent(void **state)
{
	(void)state;
	begin();
	assert_reads(1, 0);
	unlink(path_of("pacct"));
	die(1, 1);
	w.now_ms += 29000;
	assert_reads(1, 1);
	w.now_ms += 29999;
	assert_reads(1, 0);
	assert_trouble(0);
	w.now_ms += 1;
	assert_reads(1, 0);
	assert_trouble(ACCT_TROUBLE_GONE);
	w.now_ms += 100000;
	assert_reads(1, 0);
	assert_trouble(0);
	die(2, 2);
	assert_reads(2, 2);
	assert_trouble(0); /* once */

	begin_file();
	die(3, 4);
	assert_reads(3, 4);
	assert_int_equal(acct(NULL), 0);
	unlink(path_of("pacct"));
	assert_reads(1, 0);
	w.now_ms += 30000;
	assert_reads(1, 0);
	assert_trouble(ACCT_TROUBLE_GONE);
}

static void
test_removed_at_once_and_clock_set_back(void **state)
{
	(void)state;
	touch("pacct");
	open_tail(NULL);
	unlink(path_of("pacct"));
	assert_reads(1, 0);
	w.now_ms -= 1000000;
	assert_reads(1, 0);
	w.now_ms += 29999;
	assert_reads(1, 0);
	assert_trouble(0);
	w.now_ms += 1;
	assert_reads(1, 0);
	assert_trouble(ACCT_TROUBLE_GONE);
}

static void
test_rotated_in_time_is_not_gone(void **state)
{
	(void)state;
	begin();
	assert_reads(1, 0);
	move("pacct", "pacct.1");
	w.now_ms += 20000;
	assert_reads(1, 0);
	touch("pacct");
	w.now_ms += 20000;
	assert_reads(1, 0);
	assert_trouble(0);
}

static void
test_partial_record_waits(void **state)
{
	struct acct_v3 record = record_of(1);

	(void)state;
	begin();
	write_bytes(w.kernel, &record, 40);
	assert_reads(1, 0);
	write_bytes(w.kernel, (const char *)&record + 40, SIZE - 40);
	assert_reads(1, 1);
	assert_trouble(0);
}

/* A full disk can leave a piece of a record, all later ones shifted. */
static void
test_misaligned(void **state)
{
	struct acct_v3 record = record_of(77);

	(void)state;
	begin();
	die(1, 2);
	write_bytes(w.kernel, &record, 36);
	die(3, 5);
	assert_reads(1, 5);
	assert_trouble(ACCT_TROUBLE_MISALIGNED);
	die(6, 7);
	assert_reads(6, 7);
	assert_trouble(0);
}

static void
test_old_version(void **state)
{
	struct acct old = {.ac_version = 2, .ac_ahz = 100, .ac_comm = "sh"};

	(void)state;
	begin();
	write_bytes(w.kernel, &old, sizeof(old));
	write_bytes(w.kernel, &old, sizeof(old));
	assert_int_equal(read_on(), 0);
	assert_trouble(ACCT_TROUBLE_OLD_VERSION);
	die(1, 1);
	assert_reads(1, 1);
	assert_trouble(0);
}

static void
test_batches(void **state)
{
	(void)state;
	begin();
	die(1, 2 * ACCT_TAIL_BATCH + 100);
	assert_int_equal(read_on(), ACCT_TAIL_BATCH);
	assert_int_equal(read_on(), ACCT_TAIL_BATCH);
	assert_int_equal(read_on(), 100);
	assert_came(1, 2 * ACCT_TAIL_BATCH + 100);
}

/* A file that is no accounting file at all does not hold us up. */
static void
test_junk_is_bounded(void **state)
{
	enum {
		JUNK = 8 << 20
	};
	char *junk = calloc(1, JUNK);

	(void)state;
	assert_non_null(junk);
	begin();
	write_bytes(w.kernel, junk, JUNK);
	free(junk);
	assert_int_equal(read_on(), 0);
	assert_in_range(position().offset, 900000, 1100000);
	assert_trouble(ACCT_TROUBLE_MISALIGNED);
	for (int i = 0; i < 8; i++)
		read_on();
	die(1, 2);
	assert_reads(1, 2);
}

static void
test_what_is_no_regular_file(void **state)
{
	struct err err = {""};

	(void)state;
	touch("elsewhere");
	assert_int_equal(symlink(path_of("elsewhere"), path_of("pacct")), 0);
	assert_null(acct_tail_open(&w.s, NULL, &err));
	assert_non_null(strstr(err.text, path_of("pacct")));
	assert_non_null(strstr(err.text, "not a regular file"));
	unlink(path_of("pacct"));

	assert_int_equal(mkfifo(path_of("pacct"), 0600), 0);
	assert_null(acct_tail_open(&w.s, NULL, &err));
	assert_non_null(strstr(err.text, "not a regular file"));
	unlink(path_of("pacct"));

	/* Later it is as if nothing was there. */
	open_tail(NULL);
	assert_int_equal(symlink(path_of("elsewhere"), path_of("pacct")), 0);
	assert_reads(1, 0);
	assert_false(acct_tail_is_open(w.a));
}

static void
test_too_many_files(void **state)
{
	struct err err = {""};

	(void)state;
	for (size_t i = 1; i < 17; i++)
		w.files[i] = strdup(path_of("none"));
	w.s.acct.nfiles = 17;
	assert_null(acct_tail_open(&w.s, NULL, &err));
	assert_non_null(strstr(err.text, "acct.files"));
}

static bool
is_readable(void)
{
	struct pollfd p = {.fd = acct_tail_fd(w.a), .events = POLLIN};

	assert_true(p.fd >= 0);
	return poll(&p, 1, 0) == 1;
}

static void
test_inotify_tells(void **state)
{
	(void)state;
	open_tail(NULL);
	assert_reads(1, 0);
	assert_false(is_readable());
	touch("pacct");
	assert_true(is_readable()); /* a new file */
	assert_reads(1, 0);
	assert_false(is_readable());
	accton("pacct");
	die(1, 1);
	assert_true(is_readable()); /* a record */
	assert_reads(1, 1);
	assert_false(is_readable());
	move("pacct", "pacct.1");
	assert_reads(1, 0);
	assert_false(is_readable());
	die(2, 2);
	assert_true(is_readable()); /* a record in the renamed file */
	assert_reads(2, 2);
	touch("pacct.new");
	move("pacct.new", "pacct");
	assert_true(is_readable()); /* a file moved there */
	assert_reads(1, 0);
	assert_false(is_readable());
	accton("pacct");
	die(3, 3);
	assert_true(is_readable()); /* a record in the new file */
	assert_reads(3, 3);
}

/* What is left for later has the dates of when it was seen to come. */
static void
test_what_is_newer_waits(void **state)
{
	int64_t first = w.now_ms;

	(void)state;
	begin_and_read(1);
	w.now_ms += 1000;
	w.facts = 10;
	die(2, 2);
	assert_int_equal(read_until(first - 1), 0);
	assert_true(acct_tail_holds_back(w.a));
	w.now_ms += 1000;
	w.facts = 20;
	die(3, 3);
	assert_int_equal(read_until(first + 999), 1);
	assert_came(2, 2);
	assert_true(acct_tail_holds_back(w.a));
	assert_true(w.last.acct.unwritten_ms == first);
	assert_int_equal(w.last.acct.order, 11);
	assert_true(w.last.acct.read_ms == w.now_ms);
	w.now_ms += 1000;
	w.facts = 30;
	assert_reads(3, 3);
	assert_false(acct_tail_holds_back(w.a));
	assert_true(w.last.acct.unwritten_ms == first + 1000);
	assert_int_equal(w.last.acct.order, 21);
	assert_true(w.last.acct.read_ms == w.now_ms);
}

/* Nobody waits for a file that was cut. */
static void
test_cut_while_it_waits(void **state)
{
	int64_t first = w.now_ms;

	(void)state;
	begin_and_read(1);
	w.now_ms += 1000;
	die(2, 5);
	assert_int_equal(read_until(first - 1), 0);
	assert_int_equal(truncate(path_of("pacct"), 0), 0);
	die(6, 6);
	assert_int_equal(read_until(first - 1), 1);
	assert_came(6, 6);
	assert_trouble(ACCT_TROUBLE_TRUNCATED);
}

/* Nothing was read of it, so nothing tells by itself. */
static void
test_cut_before_anything_was_read(void **state)
{
	(void)state;
	open_tail(NULL);
	touch("pacct");
	assert_int_equal(acct(path_of("pacct")), 0);
	assert_reads(1, 0);
	w.now_ms += 1000;
	die(1, 3);
	assert_int_equal(read_until(w.now_ms - 5000), 0);
	assert_true(acct_tail_holds_back(w.a));
	assert_int_equal(truncate(path_of("pacct"), 0), 0);
	w.now_ms += 1000;
	read_on();
	assert_came(1, 0);
	assert_trouble(ACCT_TROUBLE_TRUNCATED);
}

/* Of what is no record a part is left, in case one begins there: so reading
 * ends before what was seen, though nothing was cut. */
static void
test_damage_while_it_waits(void **state)
{
	static const char junk[SIZE + 10] = "no record";

	(void)state;
	begin_and_read(1);
	w.now_ms += 1000;
	write_bytes(w.kernel, junk, sizeof(junk));
	assert_int_equal(read_until(w.now_ms - 5000), 0);
	assert_true(acct_tail_holds_back(w.a));
	w.now_ms += 1000;
	assert_reads(1, 0);
	assert_trouble(ACCT_TROUBLE_MISALIGNED);
	die(2, 4);
	assert_reads(2, 4);
	assert_trouble(ACCT_TROUBLE_MISALIGNED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_off_does_nothing),
	    TEST(test_begins_at_the_end),
	    TEST(test_when_it_was_not_there),
	    TEST(test_file_comes_later),
	    TEST(test_folder_comes_later),
	    TEST(test_candidates_in_order_until_another_grows),
	    TEST(test_rename_then_accton),
	    TEST(test_savelog),
	    TEST(test_late_record_in_the_old_file),
	    TEST(test_copytruncate),
	    TEST(test_cut_and_grown_again),
	    TEST(test_cut_to_a_part),
	    TEST(test_rotated_twice_between_two_looks),
	    TEST(test_rotated_away_between_two_looks),
	    TEST(test_half_a_record_is_left),
	    TEST(test_removed_file_is_read_on_and_told_when_silent),
	    TEST(test_removed_at_once_and_clock_set_back),
	    TEST(test_rotated_in_time_is_not_gone),
	    TEST(test_partial_record_waits),
	    TEST(test_misaligned),
	    TEST(test_old_version),
	    TEST(test_batches),
	    TEST(test_junk_is_bounded),
	    TEST(test_what_is_no_regular_file),
	    TEST(test_too_many_files),
	    TEST(test_inotify_tells),
	    TEST(test_what_is_newer_waits),
	    TEST(test_cut_while_it_waits),
	    TEST(test_cut_before_anything_was_read),
	    TEST(test_damage_while_it_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
