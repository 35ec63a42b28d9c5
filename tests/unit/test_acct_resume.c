/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_world.h"

static void
test_resume_in_the_same_file(void **state)
{
	struct acct_positions at;

	(void)state;
	begin_and_read(3);
	stop_tail(&at);
	die(4, 6);
	open_tail(&at);
	assert_reads(4, 6);
	assert_trouble(0);
}

static void
test_resume_in_a_file_that_was_cut(void **state)
{
	struct acct_positions at;

	(void)state;
	begin_and_read(3);
	stop_tail(&at);
	assert_int_equal(truncate(path_of("pacct"), 0), 0);
	die(4, 5);
	open_tail(&at);
	assert_reads(4, 5);
	assert_trouble(ACCT_TROUBLE_TRUNCATED);
}

/* Makes the last write older: their order must not hang on the clock. */
static void
age(const char *name, int days)
{
	struct timespec times[2] = {
	    {.tv_nsec = UTIME_OMIT},
	    {.tv_sec = T0 / 1000 - days * 86400},
	};

	assert_int_equal(utimensat(AT_FDCWD, path_of(name), times, 0), 0);
}

static void
write_junk(const char *name)
{
	char junk[200];
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	memset(junk, 0x1f, sizeof(junk));
	write_bytes(fd, junk, sizeof(junk));
	close(fd);
}

/* Stopped over three rotations: all that lies between is read, in order. */
static void
test_resume_behind_rotated_files(void **state)
{
	struct acct_positions at;

	(void)state;
	begin_and_read(3);
	stop_tail(&at);
	die(4, 5);
	move("pacct", "pacct.2");
	begin_file();
	die(6, 7);
	move("pacct", "pacct.1");
	begin_file();
	die(8, 9);
	move("pacct", "pacct.0");
	begin_file();
	die(10, 11);

	/* What is not to be read again, and what is none of ours. */
	touch("pacct.3");
	write_junk("pacct.1.gz");
	touch("pacct.new");
	age("pacct.3", 40);
	age("pacct.2", 30);
	age("pacct.1.gz", 25);
	age("pacct.1", 20);
	age("pacct.0", 10);
	open_tail(&at);
	assert_reads(4, 11);
	assert_string_equal(acct_tail_path(w.a), path_of("pacct"));
	assert_trouble(0);
	assert_int_equal(position().offset, 3 * SIZE);
}

/* Rotated while we were away, but the kernel still writes to the old file. */
static void
test_resume_before_accton(void **state)
{
	struct acct_positions at;

	(void)state;
	begin_and_read(2);
	stop_tail(&at);
	move("pacct", "pacct.0");
	touch("pacct");
	die(3, 4);
	open_tail(&at);
	assert_reads(3, 4);
	die(5, 6);
	assert_reads(5, 6);
	accton("pacct");
	die(7, 8);
	assert_reads(7, 8);
	assert_trouble(0);
}

static void
test_resume_of_a_lost_file(void **state)
{
	const struct acct_positions nowhere = {.n = 0};
	struct acct_positions at = {.n = 1, .at = {{1, 1, 64, 0, 0}}};

	(void)state;
	begin_file();
	die(1, 3);
	open_tail(&at);
	assert_reads(1, 0);
	die(4, 4);
	assert_reads(4, 4);
	assert_trouble(ACCT_TROUBLE_TRUNCATED);
	acct_tail_close(w.a);

	open_tail(&nowhere);
	die(5, 5);
	assert_reads(5, 5);
	assert_trouble(0);
}

/* The file is gone, and another has its inode number. */
static void
test_resume_in_another_file_of_that_number(void **state)
{
	struct acct_positions at;

	(void)state;
	begin_and_read(3);
	stop_tail(&at);
	at.at[0].head++;
	open_tail(&at);
	assert_reads(1, 3);
	assert_trouble(ACCT_TROUBLE_TRUNCATED);
}

/* It was compressed meanwhile; what stands at the path is new. */
static void
test_resume_of_a_compressed_file(void **state)
{
	struct acct_positions at;

	(void)state;
	begin_and_read(3);
	stop_tail(&at);
	die(4, 5);
	write_junk("pacct.1.gz");
	unlink(path_of("pacct"));
	begin_file();
	die(6, 7);
	open_tail(&at);
	assert_reads(6, 7);
	assert_trouble(ACCT_TROUBLE_TRUNCATED);
}

/* Meanwhile accounting went to another path, old and new. */
static void
test_resume_beside(void **state)
{
	struct acct_positions at;

	(void)state;
	w.files[1] = strdup(path_of("old"));
	w.files[2] = strdup(path_of("new"));
	w.s.acct.nfiles = 3;
	touch("old");
	accton("old");
	die(101, 105);
	begin_and_read(2);
	stop_tail(&at);
	accton("old");
	die(3, 4);
	touch("new");
	accton("new");
	die(5, 6);
	open_tail(&at);
	assert_reads(3, 6);
	assert_trouble(0);
}

/* What stands at other paths than those of before was never ours to read. */
static void
test_resume_with_other_paths(void **state)
{
	struct acct_positions at;

	(void)state;
	begin_and_read(2);
	stop_tail(&at);
	w.files[1] = strdup(path_of("second"));
	w.s.acct.nfiles = 2;
	touch("second");
	accton("second");
	die(101, 105);
	open_tail(&at);
	assert_reads(1, 0);
	die(3, 4);
	assert_reads(3, 4);
}

static void
use_own(void)
{
	w.s.acct.mode = ACCT_OWN;
	w.s.acct.own_file = w.files[0];
	w.s.acct.own_size = 10 * SIZE;
}

static off_t
size_of(const char *name)
{
	struct stat st;

	return stat(path_of(name), &st) == 0 ? st.st_size : -1;
}

static void
test_own_makes_its_file(void **state)
{
	struct stat st;

	(void)state;
	use_own();
	open_tail(NULL);
	assert_int_equal(w.acct_calls, 1);
	assert_int_equal(stat(path_of("pacct"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	die(1, 3);
	assert_reads(1, 3);
	acct_tail_close(w.a);
	w.a = NULL;
	assert_int_equal(w.acct_calls, 1);
	assert_true(w.kernel >= 0); /* accounting stays on */
}

static void
test_own_changes_files_without_loss(void **state)
{
	int32_t pid = 1;

	(void)state;
	use_own();
	open_tail(NULL);
	for (int round = 0; round < 40; round++) {
		die(pid, pid + 2);
		assert_reads(pid, pid + 2);
		pid += 3;
		w.now_ms += 1500;
		acct_tail_saved(w.a);
		assert_in_range(size_of("pacct"), 0, 16 * SIZE);
	}
	/* 120 records in files of ten or a few more. */
	assert_in_range(w.acct_calls, 6, 12);
	die(pid, pid);
	assert_reads(pid, pid);
	w.now_ms += 10000;
	assert_reads(1, 0);
	acct_tail_saved(w.a);
	assert_int_equal(size_of("pacct.0"), -1);
	assert_trouble(0);
}

/* What was read since the last checkpoint is read again after a crash. */
static void
test_own_keeps_what_is_not_saved(void **state)
{
	struct acct_positions at;

	(void)state;
	use_own();
	open_tail(NULL);
	die(1, 5);
	assert_reads(1, 5);
	acct_tail_position(w.a, &at);
	acct_tail_saved(w.a);
	for (int32_t pid = 6; pid <= 45; pid += 4) {
		die(pid, pid + 3);
		assert_reads(pid, pid + 3);
		w.now_ms += 5000;
	}
	assert_int_equal(w.acct_calls, 2);
	acct_tail_close(w.a);
	open_tail(&at);
	die(46, 46);
	assert_reads(6, 46);
	assert_trouble(0);
}

static void
test_own_fails_to_start(void **state)
{
	struct err err = {""};

	(void)state;
	use_own();
	w.acct_errno = EPERM;
	assert_null(acct_tail_open(&w.s, NULL, &err));
	assert_non_null(strstr(err.text, path_of("pacct")));
	assert_non_null(strstr(err.text, strerror(EPERM)));
}

/* Until it works, the old file is written and read on, under its new name. */
static void
test_own_fails_to_change(void **state)
{
	(void)state;
	use_own();
	open_tail(NULL);
	w.acct_errno = ENOSPC;
	die(1, 12);
	assert_reads(1, 12);
	assert_int_equal(w.acct_calls, 2);
	die(13, 14);
	w.now_ms += 59999;
	assert_reads(13, 14);
	assert_int_equal(w.acct_calls, 2);
	w.now_ms += 1;
	assert_reads(1, 0);
	assert_int_equal(w.acct_calls, 3);
	w.acct_errno = 0;
	die(15, 15);
	w.now_ms += 60000;
	assert_reads(15, 15);
	assert_int_equal(w.acct_calls, 4);
	die(16, 17);
	assert_reads(16, 17);
	assert_int_equal(position().offset, 2 * SIZE);
	assert_trouble(0);
}

static void
test_own_file_taken_away(void **state)
{
	(void)state;
	use_own();
	open_tail(NULL);
	die(1, 2);
	assert_reads(1, 2);
	unlink(path_of("pacct"));
	die(3, 3);
	assert_reads(3, 3);
	assert_int_equal(size_of("pacct"), 0);
	die(4, 5);
	assert_reads(4, 5);
	assert_int_equal(w.acct_calls, 2);
	assert_trouble(0);
}

static void
test_own_resumes(void **state)
{
	struct acct_positions at;

	(void)state;
	use_own();
	open_tail(NULL);
	die(1, 2);
	assert_reads(1, 2);
	stop_tail(&at);
	die(3, 4);
	open_tail(&at);
	die(5, 5);
	assert_reads(3, 5);
	assert_int_equal(w.acct_calls, 2);
	assert_trouble(0);
}

/* Stopped just after changing files: first the old one, then it is deleted. */
static void
test_own_resumes_in_the_old_file(void **state)
{
	struct acct_positions at;

	(void)state;
	use_own();
	open_tail(NULL);
	die(1, 11);
	assert_reads(1, 11);
	assert_int_equal(w.acct_calls, 2);
	stop_tail(&at);
	assert_true(size_of("pacct.0") > 0);
	close(w.kernel); /* as a restart of the machine does */
	w.kernel = -1;
	open_tail(&at);
	assert_reads(1, 0);
	assert_int_equal(w.acct_calls, 3);
	die(12, 13);
	assert_reads(12, 13);
	w.now_ms += 10000;
	assert_reads(1, 0);
	acct_tail_saved(w.a);
	assert_int_equal(size_of("pacct.0"), -1);
	assert_trouble(0);
}

static void
test_own_deletes_a_leftover(void **state)
{
	(void)state;
	use_own();
	touch("pacct.0");
	open_tail(NULL);
	acct_tail_saved(w.a);
	assert_int_equal(size_of("pacct.0"), -1);
}

/* xorshift: the same walk at every run. */
static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/* One day's rotation up to a random step; true when it is complete. */
static bool
rotate_one_step(unsigned *step, int day)
{
	char name[32];

	snprintf(name, sizeof(name), "pacct-%d", 20260101 + day);
	switch ((*step)++) {
	case 0:
		move("pacct", name);
		return false;
	case 1:
		touch("pacct");
		return false;
	case 2:
		accton("pacct");
		return false;
	default:
		age(name, 1000 - day);
		*step = 0;
		return true;
	}
}

/*
 * Deaths, reads, rotations and restarts in any order: each record once. Only
 * that something is read between two rotations is given.
 */
static void
test_random_walk(void **state)
{
	uint32_t seed = 88172645;
	int32_t pid = 1, told = 1;
	unsigned step = 0;
	int day = 0;

	(void)state;
	begin();
	for (int i = 0; i < 3000; i++) {
		struct acct_positions at;
		int32_t n = (int32_t)(next_random(&seed) % 3);

		w.now_ms += next_random(&seed) % 1000;
		switch (next_random(&seed) % 8) {
		case 0:
			if (step == 0) {
				assert_reads(told, pid - 1);
				told = pid;
			}
			if (rotate_one_step(&step, day))
				day++;
			break;
		case 1:
			stop_tail(&at);
			open_tail(&at);
			break;
		case 2:
		case 3:
			assert_reads(told, pid - 1);
			told = pid;
			break;
		default:
			die(pid, pid + n - 1);
			pid += n;
		}
	}
	assert_reads(told, pid - 1);
	assert_true(day > 20);
	assert_trouble(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_resume_in_the_same_file),
	    TEST(test_resume_in_a_file_that_was_cut),
	    TEST(test_resume_behind_rotated_files),
	    TEST(test_resume_before_accton),
	    TEST(test_resume_of_a_lost_file),
	    TEST(test_resume_in_another_file_of_that_number),
	    TEST(test_resume_of_a_compressed_file),
	    TEST(test_resume_beside),
	    TEST(test_resume_with_other_paths),
	    TEST(test_own_makes_its_file),
	    TEST(test_own_changes_files_without_loss),
	    TEST(test_own_keeps_what_is_not_saved),
	    TEST(test_own_fails_to_start),
	    TEST(test_own_fails_to_change),
	    TEST(test_own_file_taken_away),
	    TEST(test_own_resumes),
	    TEST(test_own_resumes_in_the_old_file),
	    TEST(test_own_deletes_a_leftover),
	    TEST(test_random_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
