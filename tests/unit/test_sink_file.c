/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>

#include "sink_world.h"

static void
test_writes_at_flush(void **state)
{
	struct stat st;

	(void)state;
	open_sink(0);
	assert_string_equal(sink_name(w.k), "file");
	assert_int_equal(sink_format(w.k), FORMAT_ECS);
	assert_int_equal(stat(segment(1), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(put_lines(3), 3);
	assert_int_equal(sink_pending(w.k), 3 * LINE);
	assert_int_equal(size_of(segment(1)), 0);
	flush();
	assert_int_equal(sink_pending(w.k), 0);
	assert_holds(1, 0, 2);
	assert_int_equal(sink_next_segment(w.k), 2);
	put_lines(1);
	close_sink();
	assert_holds(1, 0, 3);
}

static void
test_mode_does_not_hang_on_the_umask(void **state)
{
	mode_t mask = umask(0077);
	struct stat st;

	(void)state;
	open_sink(0);
	umask(mask);
	assert_int_equal(stat(segment(1), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void
test_new_segment_when_full(void **state)
{
	(void)state;
	w.s.segment_size = 10 * LINE + 1;
	open_sink(7);
	put_lines(25);
	flush();
	assert_holds(7, 0, 9);
	assert_holds(8, 10, 19);
	assert_holds(9, 20, 24);
	assert_int_equal(sink_next_segment(w.k), 10);
}

/* Even a line longer than a segment is whole, in a segment of its own. */
static void
test_line_longer_than_a_segment(void **state)
{
	(void)state;
	w.s.segment_size = LINE / 2;
	open_sink(0);
	put_lines(2);
	flush();
	assert_holds(1, 0, 0);
	assert_holds(2, 1, 1);
}

static void
test_long_line(void **state)
{
	enum {
		LEN = 600000
	};
	char *line = malloc(LEN);

	(void)state;
	assert_non_null(line);
	memset(line, 'a', LEN);
	line[LEN - 1] = '\n';
	w.s.queue_size = 2 * LEN;
	open_sink(0);
	assert_true(sink_put_text(w.k, line, LEN, w.now_ms));
	flush();
	assert_int_equal(size_of(segment(1)), LEN);
	put_lines(1);
	assert_true(sink_put_text(w.k, line, LEN, w.now_ms));
	flush();
	assert_int_equal(size_of(segment(1)), LEN + LINE);
	assert_int_equal(size_of(segment(2)), LEN);
	free(line);
}

static void
test_restart_goes_on_in_the_last_segment(void **state)
{
	(void)state;
	w.s.segment_size = 10 * LINE;
	open_sink(0);
	put_lines(13);
	close_sink();
	open_sink(3); /* what sink_next_segment() said */
	assert_int_equal(sink_next_segment(w.k), 3);
	put_lines(8);
	close_sink();
	assert_holds(1, 0, 9);
	assert_holds(2, 10, 19);
	assert_holds(3, 20, 20);
	open_sink(4);
	put_lines(9);
	close_sink();
	open_sink(0); /* the last one is full */
	put_lines(1);
	close_sink();
	assert_holds(3, 20, 29);
	assert_holds(4, 30, 30);
}

static void
test_numbers_go_on_in_an_emptied_folder(void **state)
{
	uint64_t next;

	(void)state;
	open_sink(0);
	put_lines(1);
	next = sink_next_segment(w.k);
	close_sink();
	unlink(segment(1));
	open_sink(next);
	assert_int_equal(size_of(segment(2)), 0);
	close_sink();

	/* Of several, the last ones were taken away. */
	put_file(segment(5), "");
	open_sink(9);
	assert_int_equal(size_of(segment(9)), 0);
	close_sink();
	open_sink(3);
	assert_int_equal(sink_next_segment(w.k), 10);
}

/* A kill tore the last line: what is left of it is taken away. */
static void
test_torn_line_of_a_crash(void **state)
{
	(void)state;
	put_file(segment(4), "{\"torn\":");
	open_sink(0);
	put_lines(1);
	flush();
	assert_holds(4, 0, 0);
	close_sink();
	put_file(segment(5), "{\"whole\":1}\n{\"torn\":");
	open_sink(0);
	assert_int_equal(size_of(segment(5)), 12);
}

static void
test_long_torn_line(void **state)
{
	static char torn[20000];

	(void)state;
	memset(torn, 'x', sizeof(torn) - 1);
	memcpy(torn + 5000, "\n", 1);
	put_file(segment(4), torn);
	open_sink(0);
	assert_int_equal(size_of(segment(4)), 5001);
}

static void
test_foreign_names(void **state)
{
	const char *names[] = {"events-00000001.jsonl.gz", "events-7.jsonl",
	    "events-000000007.jsonl", "events-0000000x.jsonl", "notes",
	    "Xevents-00000001.jsonl", "events- 0000001.jsonl",
	    "events-9999999999999.jsonl"};
	const size_t n = sizeof(names) / sizeof(names[0]);

	(void)state;
	for (size_t i = 0; i < n; i++)
		put_file(path_of(names[i]), "x\n");
	assert_int_equal(mkdir(segment(2), 0700), 0);
	w.s.segments = 1;
	w.s.segment_size = LINE;
	open_sink(0);
	put_lines(3);
	flush();
	for (size_t i = 0; i < n; i++)
		assert_int_equal(size_of(path_of(names[i])), 2);
	assert_int_equal(size_of(segment(1)), -1);
	assert_int_equal(size_of(segment(4)), -1);
	assert_holds(5, 2, 2);
}

static void
test_keeps_so_many(void **state)
{
	(void)state;
	w.s.segments = 3;
	w.s.segment_size = 2 * LINE;
	open_sink(0);
	put_lines(20);
	flush();
	for (uint64_t i = 1; i <= 7; i++)
		assert_int_equal(size_of(segment(i)), -1);
	assert_holds(8, 14, 15);
	assert_holds(9, 16, 17);
	assert_holds(10, 18, 19);
}

static void
test_deletes_many_step_by_step(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 40; i++)
		put_file(segment(i), "x\n");
	w.s.segments = 2;
	open_sink(0);
	assert_int_equal(size_of(segment(1)), 2); /* not before all is well */
	flush();
	assert_int_equal(size_of(segment(16)), -1);
	assert_int_equal(size_of(segment(17)), 2);
	w.now_ms += 60000;
	flush();
	assert_int_equal(size_of(segment(32)), -1);
	assert_int_equal(size_of(segment(33)), 2);
	w.now_ms += 60000;
	flush();
	assert_int_equal(size_of(segment(38)), -1);
	assert_int_equal(size_of(segment(39)), 2);
	assert_int_equal(size_of(segment(40)), 2);
}

static void
age(uint64_t number, int days)
{
	const struct timespec times[2] = {
	    {.tv_nsec = UTIME_OMIT},
	    {.tv_sec = T0 / 1000 - days * 86400},
	};

	assert_int_equal(utimensat(AT_FDCWD, segment(number), times, 0), 0);
}

static void
test_keeps_so_long(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 5; i++) {
		put_file(segment(i), "x\n");
		age(i, 50 - (int)i * 10);
	}
	/* 40, 30, 20, 10 and 0 days old. */
	w.s.max_age_ms = INT64_C(25) * 86400000;
	open_sink(0);
	flush();
	assert_int_equal(size_of(segment(2)), -1);
	assert_int_equal(size_of(segment(3)), 2);
	w.now_ms += INT64_C(6) * 86400000;
	flush();
	assert_int_equal(size_of(segment(3)), -1);
	assert_int_equal(size_of(segment(4)), 2);
	w.now_ms += INT64_C(1000) * 86400000;
	flush();
	assert_int_equal(size_of(segment(4)), -1);
	assert_int_equal(size_of(segment(5)), 2); /* the present one */
}

/* What was written within a second of the removal is lost: that is stated. */
static void
test_removed_or_renamed_segment(void **state)
{
	(void)state;
	open_sink(0);
	put_lines(1);
	flush();
	unlink(segment(1));
	w.now_ms += 1000;
	put_lines(2);
	flush();
	assert_holds(2, 1, 2);
	assert_int_equal(rename(segment(2), path_of("saved")), 0);
	put_file(segment(2), "");
	put_lines(1);
	flush(); /* not looked at again so soon */
	w.now_ms += 1000;
	put_lines(1);
	flush();
	assert_int_equal(size_of(path_of("saved")), 3 * LINE);
	assert_holds(3, 4, 4);
	assert_int_equal(sink_next_segment(w.k), 4);
}

static void
test_segment_that_others_touch(void **state)
{
	(void)state;
	open_sink(0);
	put_lines(1);
	flush();
	put_file(segment(1), "somebody else's");
	w.now_ms += 1000;
	put_lines(1);
	flush();
	assert_int_equal(size_of(segment(1)), LINE + 15);
	assert_holds(2, 1, 1);
	assert_int_equal(truncate(segment(2), 0), 0);
	w.now_ms += 1000;
	put_lines(1);
	flush();
	assert_holds(3, 2, 2);
}

/* The new sink of a reload is open before the old one is closed. */
static void
test_two_sinks_of_a_reload(void **state)
{
	struct sink *old;

	(void)state;
	open_sink(0);
	put_lines(2);
	flush();
	put_lines(2);
	old = w.k;
	open_sink(2);
	sink_close(old, w.now_ms);
	put_lines(2);
	flush();
	assert_holds(1, 0, 5);
	w.now_ms += 1000;
	put_lines(1);
	flush();
	assert_holds(2, 6, 6);
}

static void
test_folder_replaced(void **state)
{
	char elsewhere[80];

	(void)state;
	snprintf(elsewhere, sizeof(elsewhere), "%s-saved", w.folder);
	open_sink(0);
	put_lines(1);
	flush();
	assert_int_equal(rename(w.folder, elsewhere), 0);
	assert_int_equal(mkdir(w.folder, 0700), 0);
	w.now_ms += 1000;
	put_lines(1);
	flush();
	assert_holds(2, 1, 1);
	assert_int_equal(remove_tree(elsewhere), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_writes_at_flush),
	    TEST(test_mode_does_not_hang_on_the_umask),
	    TEST(test_new_segment_when_full),
	    TEST(test_line_longer_than_a_segment),
	    TEST(test_long_line),
	    TEST(test_restart_goes_on_in_the_last_segment),
	    TEST(test_numbers_go_on_in_an_emptied_folder),
	    TEST(test_torn_line_of_a_crash),
	    TEST(test_long_torn_line),
	    TEST(test_foreign_names),
	    TEST(test_keeps_so_many),
	    TEST(test_deletes_many_step_by_step),
	    TEST(test_keeps_so_long),
	    TEST(test_removed_or_renamed_segment),
	    TEST(test_segment_that_others_touch),
	    TEST(test_two_sinks_of_a_reload),
	    TEST(test_folder_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
