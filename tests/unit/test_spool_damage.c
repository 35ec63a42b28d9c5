/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a spool makes of files that are cut anywhere, or have a wrong bit.
 */
#include "spool_format.h"
#include "spool_world.h"

#include <endian.h>

#include <zlib.h>

/* Where each record of the segment begins, and the end; n of them. */
static size_t
find_records(const char *at, size_t len, size_t offset[], size_t max)
{
	size_t n = 0, i = SPOOL_HEAD_SIZE;

	while (i < len) {
		assert_true(n < max);
		offset[n++] = i;
		i += spool_record_size(at + i);
	}
	assert_int_equal(i, len);
	offset[n] = i;
	return n;
}

/* Restores the folder that every turn of a test begins with. */
static void
begin_with(uint64_t first, const char *at, size_t len, const char *next,
    size_t next_len)
{
	put_bytes(segment(first), at, len);
	if (next != NULL)
		put_bytes(segment(first + 5), next, next_len);
	unlink(path_of("cursor"));
	unlink(path_of("damaged.spool"));
}

/* What is whole before the cut comes out; a torn record is a loss. */
static void
test_cut_anywhere(void **state)
{
	size_t offset[16], len, n, whole = 0;
	char *at;

	(void)state;
	open_spool();
	put_many(8);
	close_spool();
	at = get_bytes(segment(1), &len);
	n = find_records(at, len, offset, 15);
	assert_int_equal(n, 8);
	for (size_t cut = 0; cut <= len; cut++) {
		bool torn = cut > SPOOL_HEAD_SIZE;

		if (whole < n && cut == offset[whole + 1])
			whole++;
		if (cut == offset[whole])
			torn = false;
		begin_with(1, at, cut, NULL, 0);
		open_spool();
		if (whole > 0)
			assert_takes(0, whole - 1);
		assert_takes_no_more();
		assert_int_equal(take_dropped(), torn);
		assert_int_equal(spool_count(w.s), whole);

		/* It goes on behind, and nothing old is there. */
		w.next = 100;
		put_many(3);
		kill_spool();
		open_spool();
		if (whole > 0)
			assert_takes(0, whole - 1);
		assert_takes(100, 102);
		assert_takes_no_more();
		close_spool();
	}
	free(at);
}

/* A tail of any kind is cut away. */
static void
test_garbage_behind(void **state)
{
	const char kinds[] = {0, 1, 16, 'x', (char)0xff};
	size_t len;
	char *at;

	(void)state;
	open_spool();
	put_many(5);
	close_spool();
	at = get_bytes(segment(1), &len);
	at = realloc(at, len + 9000);
	assert_non_null(at);
	for (size_t i = 0; i < sizeof(kinds); i++) {
		for (size_t more = 1; more < 9000; more = more * 3 + 1) {
			memset(at + len, kinds[i], more);
			begin_with(1, at, len + more, NULL, 0);
			open_spool();
			assert_int_equal(size_of(segment(1)), len);
			assert_takes(0, 4);
			assert_takes_no_more();
			/* Some of these have a length. */
			assert_in_range(take_dropped(), 1, more / 17 + 1);
			close_spool();
		}
	}
	free(at);
}

/* Records of before, behind the cut, are not taken for the next ones. */
static void
test_old_records_behind(void **state)
{
	size_t offset[16], len;
	char *at;

	(void)state;
	open_spool();
	put_many(8);
	close_spool();
	at = get_bytes(segment(1), &len);
	find_records(at, len, offset, 15);
	memmove(at + offset[3], at + offset[4], len - offset[4]);
	begin_with(1, at, len - (offset[4] - offset[3]), NULL, 0);
	open_spool();
	assert_takes(0, 2);
	assert_takes_no_more();
	assert_int_equal(take_dropped(), 4);
	free(at);
}

/* Takes all that comes; they are in order and below end. Returns how many. */
static uint64_t
take_below(uint64_t end)
{
	uint64_t last = 0, n = 0, number;

	while ((number = take()) != UINT64_MAX) {
		assert_true(number < end);
		assert_true(n == 0 || number > last);
		last = number;
		n++;
	}
	return n;
}

/*
 * With any bit wrong, what is before it comes out, and what does not is
 * counted: by the lengths, so at least one is.
 */
static void
test_wrong_bit_in_the_last_segment(void **state)
{
	size_t offset[16], len;
	char *at;

	(void)state;
	open_spool();
	put_many(5);
	close_spool();
	at = get_bytes(segment(1), &len);
	find_records(at, len, offset, 15);
	for (size_t bit = 0; bit < len * 8; bit++) {
		size_t where = bit / 8, before = 0;
		uint64_t taken, dropped;
		bool in_length;

		while (before < 5 && offset[before + 1] <= where)
			before++;
		in_length = where >= offset[0] && where - offset[before] < 4;
		at[where] = (char)(at[where] ^ 1 << bit % 8);
		begin_with(1, at, len, NULL, 0);
		at[where] = (char)(at[where] ^ 1 << bit % 8);
		open_spool();
		taken = take_below(5);
		dropped = take_dropped();
		assert_int_equal(taken, before);
		if (in_length)
			assert_true(dropped >= 1);
		else
			assert_int_equal(taken + dropped, 5);
		close_spool();
	}
	free(at);
}

/* With another behind it, all the rest come out, and the count is exact. */
static void
test_wrong_bit_in_another_segment(void **state)
{
	size_t len, next_len;
	char *at, *next;

	(void)state;
	w.limits.max_age_ms = 1; /* a segment spans no time */
	open_spool();
	put_many(5);
	w.now_ms++;
	put_many(5);
	close_spool();
	w.limits.max_age_ms = DAY;
	assert_int_equal(segments(), 2);
	at = get_bytes(segment(1), &len);
	next = get_bytes(segment(6), &next_len);

	for (size_t bit = 0; bit < len * 8; bit++) {
		size_t where = bit / 8;
		uint64_t taken;

		at[where] = (char)(at[where] ^ 1 << bit % 8);
		begin_with(1, at, len, next, next_len);
		at[where] = (char)(at[where] ^ 1 << bit % 8);
		open_spool();
		taken = take_below(10);
		assert_in_range(taken, 5, 9);
		spool_done(w.s, taken);
		if (where >= SPOOL_HEAD_SIZE)
			assert_int_equal(taken + take_dropped(), 10);
		assert_int_equal(spool_count(w.s), 0);
		close_spool();
	}
	free(at);
	free(next);
}

/* What comes out of a damaged segment is told once, over restarts too. */
static void
test_counted_once(void **state)
{
	char *at;
	size_t len, offset[2000];

	(void)state;
	open_spool();
	put_many(1000);
	close_spool();
	at = get_bytes(segment(1), &len);
	find_records(at, len, offset, 1999);
	at[offset[50] + 20] ^= 1;
	put_bytes(segment(1), at, len);
	free(at);
	for (int i = 0; i < 3; i++) {
		open_spool();
		assert_takes(0, 49);
		assert_true(take() > 50);
		spool_done(w.s, 10);
		spool_rewind(w.s);
		assert_takes(10, 49);
		assert_true(take() > 50);
		assert_int_equal(take_dropped(), 0);
		spool_close(w.s, w.now_ms);
		w.s = NULL;
		unlink(path_of("cursor"));
	}
	open_spool();
	len = take_below(1000);
	assert_in_range(len, 700, 900);
	spool_done(w.s, 50);
	assert_int_equal(spool_count(w.s), len - 50);
	close_spool();
	open_spool();
	assert_int_equal(take_dropped(), 1000 - len);
	close_spool();
	open_spool();
	assert_int_equal(take_dropped(), 0);
	assert_takes(1000 - (len - 50), 999);
}

/* A segment that is not there is a loss; its records were put before. */
static void
test_missing_segments(void **state)
{
	struct spool_dropped d;
	uint64_t number, missing;

	(void)state;
	open_spool();
	for (int i = 0; i < 1000; i++) {
		put_many(1);
		w.now_ms++;
	}
	close_spool();
	assert_int_equal(unlink(segment(1)), 0);
	open_spool();
	number = take();
	assert_in_range(number, 150, 300);
	/* Without a cursor nothing tells that it was there. */
	assert_false(spool_take_dropped(w.s, &d));
	spool_done(w.s, 1);
	close_spool();
	assert_int_equal(unlink(segment(number + 1)), 0);
	open_spool();
	missing = take() - (number + 1);
	assert_true(spool_take_dropped(w.s, &d));
	assert_int_equal(d.count, missing);
	assert_int_equal(d.since_ms, T0 + (int64_t)number);
	assert_int_equal(d.until_ms, T0 + (int64_t)(number + missing) + 1);
}

static void
test_head_is_damaged(void **state)
{
	char *at;
	size_t len;

	(void)state;
	open_spool();
	put_many(10);
	assert_takes(0, 4);
	spool_done(w.s, 5);
	close_spool();
	at = get_bytes(segment(1), &len);
	at[30] ^= 1;
	put_bytes(segment(1), at, len);
	free(at);
	open_spool();
	assert_int_equal(size_of(path_of("damaged.spool")), len);
	assert_int_equal(size_of(segment(1)), -1);
	assert_int_equal(take_dropped(), 5);
	put_many(2);
	assert_takes(10, 11);
	kill_spool();
	open_spool();
	assert_takes(10, 11);
}

/* A segment under another's name. */
static void
test_wrong_name(void **state)
{
	(void)state;
	open_spool();
	put_many(10);
	close_spool();
	assert_int_equal(rename(segment(1), segment(7)), 0);
	open_spool();
	assert_takes_no_more();
	assert_int_equal(segments(), 1);
	assert_true(size_of(path_of("damaged.spool")) > 0);
	assert_int_equal(take_dropped(), 10);
}

/* Of this version, or what else it may be. */
static void
set_version(char *at, uint32_t version)
{
	uint32_t n = htole32(version);

	memcpy(at + 16, &n, 4);
	n = htole32((uint32_t)crc32_z(0, (const Bytef *)at, 20));
	memcpy(at + 20, &n, 4);
}

static void
test_newer_formats_are_refused(void **state)
{
	char *at;
	size_t len;

	(void)state;
	open_spool();
	put_many(10);
	assert_takes(0, 4);
	spool_done(w.s, 5);
	close_spool();

	at = get_bytes(segment(1), &len);
	set_version(at, SPOOL_VERSION + 1);
	put_bytes(segment(1), at, len);
	assert_fails("is of a newer version");
	assert_fails(segment(1));
	assert_int_equal(size_of(segment(1)), len);
	set_version(at, SPOOL_VERSION);
	put_bytes(segment(1), at, len);
	free(at);

	at = get_bytes(path_of("cursor"), &len);
	set_version(at, SPOOL_VERSION + 1);
	put_bytes(path_of("cursor"), at, len);
	assert_fails("is of a newer version");
	assert_fails(path_of("cursor"));
	set_version(at, SPOOL_VERSION);
	put_bytes(path_of("cursor"), at, len);
	free(at);
	open_spool();
	assert_takes(5, 9);
}

/* While it is open, too. */
static void
test_damaged_while_open(void **state)
{
	uint64_t taken;

	(void)state;
	open_spool();
	put_many(1000);
	assert_takes(0, 9);
	assert_int_equal(truncate(segment(1), 100), 0);
	spool_rewind(w.s);
	taken = take_below(1000);
	assert_in_range(taken, 700, 900);
	spool_done(w.s, taken);
	assert_int_equal(take_dropped(), 1000 - taken);

	/* The last one: it goes on in another. */
	put_many(10);
	assert_takes(1000, 1000);
	kill_spool();
	w.next = 1010;
	open_spool();
	assert_takes(1000, 1004);
	spool_done(w.s, 5);
	put_many(1000);
	w.now_ms += 1000;
	assert_takes(1005, 1099);
	assert_int_equal(take_dropped(), 0);
}

static void
test_last_damaged_while_open(void **state)
{
	uint64_t n;

	(void)state;
	open_spool();
	put_many(10);
	assert_int_equal(truncate(segment(1), SPOOL_HEAD_SIZE + 300), 0);
	n = take_below(10);
	assert_in_range(n, 1, 3);
	spool_done(w.s, n);
	put_many(10);
	assert_int_equal(take_dropped(), 10 - n);
	assert_takes(10, 19);
	spool_done(w.s, 10);
	assert_int_equal(spool_count(w.s), 0);
	close_spool();
	open_spool();
	assert_int_equal(take_dropped(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_cut_anywhere),
	    TEST(test_garbage_behind),
	    TEST(test_old_records_behind),
	    TEST(test_wrong_bit_in_the_last_segment),
	    TEST(test_wrong_bit_in_another_segment),
	    TEST(test_counted_once),
	    TEST(test_missing_segments),
	    TEST(test_head_is_damaged),
	    TEST(test_wrong_name),
	    TEST(test_newer_formats_are_refused),
	    TEST(test_damaged_while_open),
	    TEST(test_last_damaged_while_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
