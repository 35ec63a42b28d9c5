/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool_world.h"

/* Nothing is handed out that is not written. */
static void
test_in_order_when_written(void **state)
{
	(void)state;
	open_spool();
	put_n(3);
	assert_int_equal(spool_count(w.s), 3);
	assert_int_equal(spool_unwritten(w.s), 3);
	assert_true(spool_gathered(w.s) > 60);
	assert_takes_no_more();
	write_out();
	assert_int_equal(spool_gathered(w.s), 0);
	assert_int_equal(spool_unwritten(w.s), 0);
	assert_takes(0, 1);
	put_n(1);
	assert_takes(2, 2);
	assert_takes_no_more();
	write_out();
	assert_takes(3, 3);
	assert_int_equal(spool_count(w.s), 4);
	spool_done(w.s, 3);
	assert_int_equal(spool_count(w.s), 1);
	spool_done(w.s, 1);
	assert_int_equal(spool_count(w.s), 0);
	assert_int_equal(take_dropped(), 0);
}

static void
test_rewind(void **state)
{
	(void)state;
	open_spool();
	put_many(2000);
	spool_rewind(w.s);
	assert_takes(0, 9);
	spool_rewind(w.s);
	assert_takes(0, 299);
	spool_done(w.s, 290);
	spool_rewind(w.s);
	assert_takes(290, 599);
	spool_rewind(w.s);
	assert_takes(290, 290);
	spool_done(w.s, 1);
	assert_takes(291, 291);
}

static void
test_goes_on_after_restart(void **state)
{
	(void)state;
	open_spool();
	put_many(1000);
	assert_takes(0, 699);
	spool_done(w.s, 500);
	close_spool();
	open_spool();
	assert_int_equal(spool_count(w.s), 500);
	assert_takes(500, 999);
	assert_takes_no_more();
	put_n(10);
	close_spool(); /* which writes them */
	open_spool();
	assert_takes(500, 1009);
	spool_done(w.s, 510);
	close_spool();
	open_spool();
	assert_int_equal(spool_count(w.s), 0);
	assert_int_equal(segments(), 0);
	assert_takes_no_more();
	put_many(1);
	assert_takes(1010, 1010);
	assert_int_equal(take_dropped(), 0);
}

/* Restarts do not make a segment each. */
static void
test_goes_on_with_a_segment(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 20; i++) {
		open_spool();
		put_many(1);
		close_spool();
	}
	assert_int_equal(segments(), 1);
	open_spool();
	assert_takes(0, 19);
}

static void
test_what_is_done_with_is_deleted(void **state)
{
	(void)state;
	open_spool();
	put_many(1500);
	assert_in_range(segments(), 6, 10);
	assert_takes(0, 1499);
	spool_done(w.s, 1498);
	write_out();
	assert_int_equal(segments(), 1);
	kill_spool();
	open_spool();
	assert_takes(1498, 1499);
	assert_int_equal(take_dropped(), 0);
}

/* The cursor is written with it, were it not due: what is gone was done. */
static void
test_kill_when_one_is_deleted(void **state)
{
	(void)state;
	open_spool();
	put_many(1000);
	assert_takes(0, 899);
	spool_done(w.s, 1);
	write_out();
	spool_done(w.s, 899);
	write_out();
	assert_in_range(segments(), 1, 2);
	kill_spool();
	open_spool();
	assert_takes(900, 999);
	assert_int_equal(take_dropped(), 0);
}

static void
test_no_more_gathered_than_allowed(void **state)
{
	const struct bytes x = BYTES_LITERAL("x");

	(void)state;
	w.limits.gathered = 50;
	open_spool();
	assert_int_equal(spool_room(w.s), 34);
	assert_true(spool_put(w.s, BYTES_NONE, x, w.now_ms));
	assert_int_equal(spool_gathered(w.s), 17);
	assert_int_equal(spool_room(w.s), 17);
	assert_true(spool_put(w.s, x, x, w.now_ms));
	assert_int_equal(spool_room(w.s), 0);
	assert_false(spool_put(w.s, x, BYTES_NONE, w.now_ms));
	write_out();
	assert_int_equal(spool_room(w.s), 34);
	assert_true(spool_put(w.s, x, BYTES_NONE, w.now_ms));
	assert_int_equal(spool_count(w.s), 3);
}

static void
test_long_records(void **state)
{
	char *at = malloc(SPOOL_RECORD_MAX + 1);
	struct bytes got;

	(void)state;
	assert_non_null(at);
	memset(at, 'x', SPOOL_RECORD_MAX + 1);
	w.limits.gathered = 2 * SPOOL_RECORD_MAX + 100;
	w.limits.size = 64 * 1024 * 1024;
	open_spool();
	assert_int_equal(spool_room(w.s), SPOOL_RECORD_MAX);
	assert_false(spool_put(w.s, BYTES_NONE,
	    (struct bytes){at, SPOOL_RECORD_MAX + 1}, w.now_ms));
	for (size_t len = SPOOL_RECORD_MAX; len > 0; len /= 3) {
		assert_true(spool_put(
		    w.s, BYTES_NONE, (struct bytes){at, len}, w.now_ms));
		write_out();
	}
	close_spool();
	open_spool();
	for (size_t len = SPOOL_RECORD_MAX; len > 0; len /= 3) {
		assert_true(spool_next(w.s, &got));
		assert_int_equal(got.len, len);
		assert_memory_equal(got.at, at, len);
	}
	assert_false(spool_next(w.s, &got));
	free(at);
}

static void
test_size_is_bounded(void **state)
{
	struct spool_dropped d;
	uint64_t bytes, dropped = 0;

	(void)state;
	w.limits.size = 300000;
	open_spool();
	for (int i = 0; i < 3000; i++) {
		w.now_ms++;
		put_many(1);
		count_files(".spool", &bytes);
		assert_in_range(bytes, 1, w.limits.size);
	}
	assert_in_range(bytes, w.limits.size - 70000, w.limits.size);
	assert_true(spool_take_dropped(w.s, &d));
	assert_int_equal(d.count + spool_count(w.s), 3000);
	assert_in_range(d.since_ms, T0, T0 + 1);
	assert_in_range(
	    d.until_ms, T0 + (int64_t)d.count, T0 + (int64_t)d.count + 1);
	dropped = d.count;
	assert_false(spool_take_dropped(w.s, &d));
	assert_takes(dropped, 2999);
	assert_takes_no_more();
}

/* Half of the first segment is done with: no loss. */
static void
test_only_what_is_not_done_is_lost(void **state)
{
	uint64_t dropped;

	(void)state;
	w.limits.size = 300000;
	open_spool();
	put_many(800);
	assert_takes(0, 99);
	spool_done(w.s, 100);
	put_many(1000);
	dropped = take_dropped();
	assert_int_equal(100 + dropped + spool_count(w.s), 1800);
	assert_takes(100 + dropped, 1799);
}

static void
test_dropped_on_the_way(void **state)
{
	uint64_t dropped;

	(void)state;
	w.limits.size = 300000;
	open_spool();
	put_many(800);
	assert_takes(0, 19);
	put_many(2000);

	/* The receiver had 15 of them yet, and nobody can know of the rest. */
	dropped = take_dropped();
	assert_int_equal(20 + dropped + spool_count(w.s), 2800);
	spool_done(w.s, 15);
	assert_int_equal(20 + dropped + spool_count(w.s), 2800);
	assert_int_equal(take_dropped(), 0);
	assert_takes(20 + dropped, 20 + dropped);
	spool_rewind(w.s);
	assert_int_equal(take_dropped(), 5);
	assert_takes(20 + dropped, 2799);
	spool_done(w.s, 2780 - dropped);
	assert_int_equal(spool_count(w.s), 0);
	assert_int_equal(take_dropped(), 0);
}

/* All of the one that is dropped is on the way, and arrives. */
static void
test_all_dropped_on_the_way(void **state)
{
	(void)state;
	w.limits.size = 300000;
	open_spool();
	put_many(800);
	assert_takes(0, 299);
	while (segments() < 5)
		put_many(1);
	while (segments() == 5)
		put_many(1);
	assert_int_equal(take_dropped(), 0);
	spool_done(w.s, 300);
	assert_int_equal(take_dropped(), 0);
	assert_int_equal(300 + spool_count(w.s), w.next);
	assert_takes(300, w.next - 1);
}

/* Time passes, and is seen to. */
static void
pass(int64_t ms)
{
	for (int64_t i = 0; i < ms; i += 60000) {
		w.now_ms += 60000;
		write_out();
	}
}

static void
test_age_is_bounded(void **state)
{
	struct spool_dropped d;

	(void)state;
	open_spool();
	put_many(10);
	pass(DAY / 2);
	put_many(10);
	pass(DAY / 2);
	write_out();
	assert_int_equal(spool_count(w.s), 20);
	w.now_ms += 1;
	write_out();
	assert_int_equal(spool_count(w.s), 10);
	assert_true(spool_take_dropped(w.s, &d));
	assert_int_equal(d.count, 10);
	assert_int_equal(d.since_ms, T0);
	assert_int_equal(d.until_ms, T0);
	assert_takes(10, 19);

	/* Also the one that is written to. */
	pass(DAY);
	write_out();
	assert_int_equal(spool_count(w.s), 0);
	assert_int_equal(segments(), 0);
	put_many(1);
	assert_takes(20, 20);
	spool_rewind(w.s);
	assert_int_equal(take_dropped(), 10);
	assert_takes(20, 20);
}

/* Nothing goes because a clock was wrong for a while. */
static void
test_clock_set_back(void **state)
{
	(void)state;
	open_spool();
	put_many(10);
	w.now_ms -= 1000 * DAY;
	put_many(10);
	close_spool();
	open_spool();
	write_out();
	assert_takes(0, 19);
	assert_int_equal(take_dropped(), 0);
}

static void
test_losses_outlive_a_kill(void **state)
{
	uint64_t waiting;
	struct spool_dropped d;

	(void)state;
	w.limits.size = 300000;
	open_spool();
	put_many(800);
	assert_takes(0, 9);
	put_many(2000);
	waiting = spool_count(w.s);
	kill_spool();
	w.now_ms += 5000;
	open_spool();
	assert_int_equal(spool_count(w.s), waiting);
	assert_true(spool_take_dropped(w.s, &d));
	assert_int_equal(d.count, 2800 - waiting);
	assert_int_equal(d.since_ms, T0);
	assert_int_equal(d.until_ms, T0);
	close_spool();
	open_spool();
	assert_int_equal(take_dropped(), 0);
}

/* Who was killed is less than a moment behind with what is done. */
static void
test_kill(void **state)
{
	(void)state;
	open_spool();
	put_many(100);
	put_n(5);
	assert_takes(0, 49);
	spool_done(w.s, 50);
	w.now_ms += 1000;
	assert_int_equal(spool_write(w.s, w.now_ms), 0);
	put_n(5);
	assert_takes(50, 59);
	spool_done(w.s, 10);
	assert_int_equal(spool_write(w.s, w.now_ms), 0);
	put_n(5); /* these are gone */
	kill_spool();
	open_spool();
	assert_takes(50, 109);
	assert_takes_no_more();
	assert_int_equal(take_dropped(), 0);
}

/* The receiver has what was lost with the power: it is not ours any more. */
static void
test_cursor_ahead_of_the_records(void **state)
{
	off_t whole;

	(void)state;
	open_spool();
	put_many(10);
	whole = size_of(segment(1));
	put_many(10);
	assert_takes(0, 19);
	spool_done(w.s, 15);
	close_spool();
	assert_int_equal(truncate(segment(1), whole + 7), 0);
	open_spool();
	assert_int_equal(spool_count(w.s), 0);
	assert_int_equal(take_dropped(), 0);
	put_many(10);
	close_spool();
	open_spool();
	assert_takes(20, 29);
	assert_takes_no_more();
	assert_int_equal(take_dropped(), 0);
}

static void
test_without_a_cursor(void **state)
{
	(void)state;
	open_spool();
	put_many(100);
	assert_takes(0, 99);
	spool_done(w.s, 50);
	close_spool();
	assert_int_equal(unlink(path_of("cursor")), 0);
	open_spool();
	assert_takes(0, 99);
	assert_int_equal(take_dropped(), 0);
}

/* Whichever byte is wrong, it is the last or the one before. */
static void
test_damaged_cursor(void **state)
{
	size_t len;
	char *at;

	(void)state;
	open_spool();
	put_many(30);
	assert_takes(0, 29);
	for (int i = 0; i < 3; i++) {
		spool_done(w.s, 10);
		w.now_ms += 1000;
		write_out();
		put_many(1);
	}
	spool_close(w.s, w.now_ms);
	w.s = NULL;
	at = get_bytes(path_of("cursor"), &len);
	for (size_t i = 0; i < len; i++) {
		uint64_t first;

		at[i] ^= 1;
		put_bytes(path_of("cursor"), at, len);
		at[i] ^= 1;
		open_spool();
		first = take();
		assert_true(first == 30 || first == 20);
		assert_takes(first + 1, 32);
		assert_int_equal(take_dropped(), 0);
		close_spool();
	}
	memset(at, 'x', len);
	put_bytes(path_of("cursor"), at, len);
	open_spool();
	assert_takes(0, 32);
	close_spool();
	put_bytes(path_of("cursor"), at, 5);
	open_spool();
	assert_takes(0, 32);
	spool_done(w.s, 33);
	close_spool();
	open_spool();
	assert_takes_no_more();
	free(at);
}

static void
test_only_one_has_it(void **state)
{
	(void)state;
	open_spool();
	assert_fails("is in use already");
	assert_fails(w.folder);
	close_spool();
	open_spool();
}

static void
test_no_folder(void **state)
{
	(void)state;
	assert_int_equal(rmdir(w.folder), 0);
	assert_fails(strerror(ENOENT));
	assert_int_equal(mkdir(w.folder, 0700), 0);
	assert_int_equal(mkdir(segment(1), 0700), 0);
	assert_fails("is no file");
	assert_fails(segment(1));
	spool_close(NULL, w.now_ms);
}

/* A file in the place of the next segment is not written to. */
static void
test_name_is_taken(void **state)
{
	(void)state;
	open_spool();
	put_bytes(segment(1), "x", 1);
	put_many(5);
	assert_takes(0, 4);
	assert_int_equal(size_of(path_of("damaged.spool")), 1);
}

/* Names that are not as we write them. */
static void
test_what_is_not_ours_stays(void **state)
{
	(void)state;
	put_bytes(path_of("1.spool"), "x", 1);
	put_bytes(path_of("0000000000000001.spool.old"), "x", 1);
	put_bytes(path_of("99999999999999999999999.spool"), "x", 1);
	open_spool();
	put_many(5);
	assert_takes(0, 4);
	spool_done(w.s, 5);
	close_spool();
	open_spool();
	close_spool();
	assert_int_equal(size_of(path_of("1.spool")), 1);
	assert_int_equal(size_of(path_of("0000000000000001.spool.old")), 1);
	assert_int_equal(size_of(path_of("99999999999999999999999.spool")), 1);
}

/* What waits is not older, nor younger, for a clock that was set. */
static void
test_clock_is_set(void **state)
{
	(void)state;
	open_spool();
	put_many(10);
	write_out();
	pass(DAY / 2);
	w.now_ms += 20000 * (int64_t)DAY;
	write_out();
	assert_int_equal(spool_count(w.s), 10);
	pass(DAY / 4);
	w.now_ms -= 10000 * (int64_t)DAY;
	write_out();
	assert_int_equal(spool_count(w.s), 10);
	pass(DAY / 4);
	assert_int_equal(spool_count(w.s), 10);
	pass(60000);
	assert_int_equal(spool_count(w.s), 0);
	assert_int_equal(take_dropped(), 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_in_order_when_written),
	    TEST(test_rewind),
	    TEST(test_goes_on_after_restart),
	    TEST(test_goes_on_with_a_segment),
	    TEST(test_what_is_done_with_is_deleted),
	    TEST(test_kill_when_one_is_deleted),
	    TEST(test_no_more_gathered_than_allowed),
	    TEST(test_long_records),
	    TEST(test_size_is_bounded),
	    TEST(test_only_what_is_not_done_is_lost),
	    TEST(test_dropped_on_the_way),
	    TEST(test_all_dropped_on_the_way),
	    TEST(test_age_is_bounded),
	    TEST(test_clock_is_set),
	    TEST(test_clock_set_back),
	    TEST(test_losses_outlive_a_kill),
	    TEST(test_kill),
	    TEST(test_cursor_ahead_of_the_records),
	    TEST(test_without_a_cursor),
	    TEST(test_damaged_cursor),
	    TEST(test_only_one_has_it),
	    TEST(test_no_folder),
	    TEST(test_name_is_taken),
	    TEST(test_what_is_not_ours_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
