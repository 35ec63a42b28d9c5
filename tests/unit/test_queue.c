/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue.h"
#include "spool_world.h"

static struct sink_settings set;
static struct queue *q;

static void
open_queue(bool spooled)
{
	struct err err = {""};

	set = (struct sink_settings){
	    .name = "x",
	    .type = SINK_RELP,
	    .queue_size = 1000,
	    .spool = spooled,
	    .spool_folder = w.folder,
	    .spool_size = 200000,
	    .spool_max_age_ms = DAY,
	    .spool_sync_ms = 1000,
	};
	q = queue_new(&set, w.now_ms, &err);
	if (q == NULL)
		fail_msg("%s", err.text);
}

/* The next line, of 100 bytes, with a head. */
static bool
put_line(void)
{
	char line[128];

	snprintf(line, sizeof(line), "%090" PRIu64 "\n", w.next);
	if (queue_room(q) < 100)
		queue_write(q, w.now_ms);
	if (!queue_put(q, BYTES_LITERAL("head line"), bytes_of(line), w.now_ms))
		return false;
	w.next++;
	return true;
}

/* The number of the next line that is handed out, UINT64_MAX: none. */
static uint64_t
take_line(void)
{
	struct bytes part[2];
	char line[128];

	if (!queue_next(q, part))
		return UINT64_MAX;
	assert_int_equal(part[0].len + part[1].len, 100);
	memcpy(line, part[0].at, part[0].len);
	memcpy(line + part[0].len, part[1].at, part[1].len);
	assert_memory_equal(line, "head line", 9);
	assert_int_equal(line[99], '\n');
	line[99] = '\0';
	return strtoull(line + 9, NULL, 10);
}

static void
assert_lines(uint64_t first, uint64_t last)
{
	for (uint64_t i = first; i <= last; i++)
		assert_int_equal(take_line(), i);
}

static void
close_queue(void)
{
	queue_free(q, w.now_ms);
	q = NULL;
}

static void
test_both(bool spooled)
{
	struct queue_lost lost;

	open_queue(spooled);
	assert_int_equal(queue_is_spooled(q), spooled);
	assert_int_equal(queue_backlog(q) == NULL, spooled);
	for (int turn = 0; turn < 50; turn++) {
		uint64_t first = w.next;

		for (int i = 0; i < 7; i++)
			assert_true(put_line());
		assert_int_equal(queue_count(q), 7);
		assert_int_equal(queue_write(q, w.now_ms), 0);
		assert_lines(first, first + 4);
		assert_int_equal(queue_count(q), 7);
		queue_done(q, 2);
		assert_int_equal(queue_count(q), 5);
		queue_rewind(q);
		assert_lines(first + 2, first + 6);
		assert_int_equal(take_line(), UINT64_MAX);
		queue_done(q, 5);
		assert_int_equal(queue_count(q), 0);
		assert_int_equal(queue_mortal(q), 0);
		assert_int_equal(queue_unsafe(q), 0);
	}
	assert_false(queue_take_lost(q, &lost));
	close_queue();
}

static void
test_in_memory(void **state)
{
	(void)state;
	test_both(false);
	queue_free(NULL, w.now_ms);
}

static void
test_spooled(void **state)
{
	(void)state;
	test_both(true);
}

static void
test_what_is_at_risk(void **state)
{
	(void)state;
	open_queue(false);
	put_line();
	put_line();
	assert_lines(0, 0);
	assert_int_equal(queue_write(q, w.now_ms), 0);
	assert_int_equal(queue_unsafe(q), 200);
	assert_int_equal(queue_mortal(q), 2);
	queue_done(q, 1);
	assert_int_equal(queue_unsafe(q), 100);
	assert_int_equal(queue_mortal(q), 1);
	close_queue();

	open_queue(true);
	put_line();
	put_line();
	assert_in_range(queue_unsafe(q), 200, 300);
	assert_int_equal(queue_mortal(q), 2);
	assert_int_equal(queue_write(q, w.now_ms), 0);
	assert_int_equal(queue_unsafe(q), 0);
	assert_int_equal(queue_mortal(q), 0);
	assert_int_equal(queue_count(q), 2);
	close_queue();
	open_queue(true);
	assert_lines(2, 3);
	close_queue();
}

static void
test_refuses_in_memory(void **state)
{
	struct queue_lost lost;

	(void)state;
	open_queue(false);
	for (int i = 0; i < 15; i++) {
		w.now_ms++;
		assert_int_equal(put_line(), i < 10);
	}
	assert_int_equal(queue_lost(q), 5);
	assert_true(queue_take_lost(q, &lost));
	assert_int_equal(lost.count, 5);
	assert_int_equal(lost.since_ms, T0 + 11);
	assert_int_equal(lost.until_ms, T0 + 15);
	assert_false(lost.spooled);
	assert_int_equal(queue_lost(q), 0);
	assert_false(queue_take_lost(q, &lost));
	assert_lines(0, 9);
	assert_false(put_line()); /* they keep their room until they are done */
	queue_done(q, 1);
	w.next = 10;
	assert_true(put_line());
	assert_lines(10, 10);
	assert_true(queue_take_lost(q, &lost));
	assert_int_equal(lost.count, 1);
	close_queue();
}

/* There is always room on disk, by the loss of the oldest. */
static void
test_spool_drops(void **state)
{
	struct queue_lost lost;

	(void)state;
	open_queue(true);
	for (int i = 0; i < 5000; i++) {
		w.now_ms++;
		assert_true(put_line());
	}
	assert_int_equal(queue_write(q, w.now_ms), 0);
	assert_int_equal(queue_lost(q) + queue_count(q), 5000);
	assert_true(queue_take_lost(q, &lost));
	assert_true(lost.spooled);
	assert_int_equal(lost.count + queue_count(q), 5000);
	assert_in_range(lost.since_ms, T0, T0 + 1);
	assert_in_range(lost.until_ms, T0 + (int64_t)lost.count,
	    T0 + (int64_t)lost.count + 20);
	assert_false(queue_take_lost(q, &lost));
	close_queue();
}

/* A disk that takes nothing: then what is not gathered is refused. */
static void
test_spool_refuses(void **state)
{
	struct queue_lost lost;
	uint64_t taken;

	(void)state;
	if (mount("none", w.folder, "tmpfs", 0, "size=64k,nr_inodes=3") < 0)
		skip();
	open_queue(true);
	while (put_line())
		;
	taken = w.next;
	assert_in_range(taken, 300, 655);
	assert_int_equal(queue_count(q), taken);
	assert_int_equal(queue_write(q, w.now_ms), -1);
	assert_int_equal(errno, ENOSPC);
	assert_false(put_line());
	assert_true(queue_mortal(q) >= 8);
	assert_false(queue_is_easy(q));
	assert_int_equal(
	    mount("none", w.folder, "tmpfs", MS_REMOUNT, "size=2m"), 0);
	w.now_ms += 1000;
	assert_int_equal(queue_write(q, w.now_ms), 0);
	assert_int_equal(queue_mortal(q), 0);
	assert_true(put_line());
	assert_int_equal(queue_write(q, w.now_ms), 0);
	assert_true(queue_take_lost(q, &lost));
	assert_int_equal(lost.count, 2);
	assert_false(lost.spooled);
	assert_lines(0, taken);
	close_queue();
}

static void
test_room(bool spooled)
{
	size_t room;

	open_queue(spooled);
	assert_true(queue_is_easy(q));
	while ((room = queue_room(q)) >= 100) {
		assert_true(put_line());
		assert_true(queue_room(q) <= room - 100);
		assert_int_equal(queue_is_easy(q), w.next % 20 <= 5);
	}
	close_queue();
}

static void
test_room_in_memory(void **state)
{
	(void)state;
	test_room(false);
}

/* A record takes more room there than its bytes; it was asked for with that. */
static void
test_room_for_a_spool(void **state)
{
	(void)state;
	open_queue(true);
	assert_int_equal(queue_room(q), 1000 - 16);
	assert_true(put_line());
	assert_int_equal(queue_room(q), 1000 - 116 - 16);
	put_line();
	put_line();
	put_line();
	assert_true(queue_is_easy(q));
	put_line();
	assert_false(queue_is_easy(q));
	queue_write(q, w.now_ms);
	assert_true(queue_is_easy(q));
	close_queue();
}

/* A reload: more room, less room, and what is there stays. */
static void
test_other_limits(void **state)
{
	(void)state;
	open_queue(true);
	for (int i = 0; i < 8; i++)
		assert_true(put_line());
	set.queue_size = 10000;
	queue_set(q, &set);
	for (int i = 0; i < 50; i++)
		assert_true(put_line());
	set.queue_size = 300;
	queue_set(q, &set);
	assert_int_equal(queue_room(q), 0);
	assert_false(queue_is_easy(q));
	assert_int_equal(queue_count(q), 58);
	queue_rewind(q);
	assert_int_equal(queue_write(q, w.now_ms), 0);
	assert_int_equal(queue_room(q), 300 - 16);
	assert_true(put_line());
	assert_true(put_line());
	assert_int_equal(queue_write(q, w.now_ms), 0);
	assert_lines(0, 59);
	set.spool_size = 1000;
	queue_set(q, &set);
	for (int i = 0; i < 30; i++)
		assert_true(put_line());
	assert_int_equal(queue_write(q, w.now_ms), 0);
	assert_in_range(queue_count(q) + queue_lost(q), 30, 90);
	close_queue();

	open_queue(false);
	set.queue_size = 10;
	queue_set(q, &set); /* that one stays as it is */
	assert_int_equal(queue_room(q), 1000);
	close_queue();
}

static void
test_no_folder(void **state)
{
	struct err err = {""};

	(void)state;
	open_queue(true);
	close_queue();
	set.spool_folder = path_of("none");
	assert_null(queue_new(&set, w.now_ms, &err));
	assert_non_null(strstr(err.text, path_of("none")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_in_memory),
	    TEST(test_spooled),
	    TEST(test_what_is_at_risk),
	    TEST(test_refuses_in_memory),
	    TEST(test_spool_drops),
	    TEST(test_spool_refuses),
	    TEST(test_room_in_memory),
	    TEST(test_room_for_a_spool),
	    TEST(test_other_limits),
	    TEST(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
