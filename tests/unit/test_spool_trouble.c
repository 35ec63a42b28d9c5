/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/resource.h>

#include "spool_world.h"

/* Mounts a small file system over the folder, or skips the test. */
static void
mount_small(const char *options)
{
	if (mount("none", w.folder, "tmpfs", 0, options) < 0)
		skip();
}

static void
resize(const char *options)
{
	assert_int_equal(
	    mount("none", w.folder, "tmpfs", MS_REMOUNT, options), 0);
}

/* So long nothing is tried again. */
#define RETRY_MS 1000

/* Puts until nothing more is gathered. Returns how often the disk was full. */
static int
fill(void)
{
	int failures = 0;

	while (put()) {
		if (spool_gathered(w.s) < w.limits.gathered / 4)
			continue;
		if (spool_write(w.s, w.now_ms) == 0)
			continue;
		assert_int_equal(errno, ENOSPC);
		w.now_ms += RETRY_MS;
		failures++;
	}
	return failures;
}

static void
test_full_disk(void **state)
{
	uint64_t bytes;

	(void)state;
	mount_small("size=256k");
	open_spool();
	assert_true(fill() > 10);
	assert_int_equal(spool_count(w.s), w.next);
	count_files(".spool", &bytes);
	assert_in_range(bytes + spool_gathered(w.s), 300000, 362144);

	/* Room again: all of it goes, once, when it is tried again. */
	resize("size=2m");
	w.now_ms -= RETRY_MS;
	assert_int_equal(spool_write(w.s, w.now_ms), -1);
	w.now_ms += RETRY_MS - 1;
	assert_int_equal(spool_write(w.s, w.now_ms), -1);
	assert_int_equal(errno, ENOSPC);
	w.now_ms++;
	write_out();
	assert_int_equal(spool_gathered(w.s), 0);
	put_many(100);
	assert_takes(0, w.next - 1);
	assert_takes_no_more();
	assert_int_equal(take_dropped(), 0);
	close_spool();
	open_spool();
	assert_takes(0, w.next - 1);
	assert_takes_no_more();
	assert_int_equal(take_dropped(), 0);
}

/* Whatever was on the full disk, it is whole. */
static void
test_kill_on_full_disk(void **state)
{
	uint64_t written;
	char folder[sizeof(w.folder)];

	(void)state;
	mount_small("size=256k");
	open_spool();
	fill();
	written = spool_count(w.s) - spool_unwritten(w.s);
	snprintf(folder, sizeof(folder), "%s/copy", w.base);
	copy_to(folder);
	close_spool();
	umount2(w.folder, MNT_DETACH);
	memcpy(w.folder, folder, sizeof(folder));
	open_spool();
	assert_takes(0, written - 1);
	assert_takes_no_more();
	assert_int_equal(take_dropped(), 0);
}

/* What is done with makes room. */
static void
test_full_disk_is_emptied(void **state)
{
	uint64_t taken = 0;

	(void)state;
	mount_small("size=256k");
	open_spool();
	fill();
	assert_int_equal(spool_write(w.s, w.now_ms), -1);
	for (int i = 0; i < 20; i++) {
		uint64_t number;

		while ((number = take()) != UINT64_MAX) {
			assert_int_equal(number, taken++);
			spool_done(w.s, 1);
		}
		/* At once: there is room again. */
		spool_write(w.s, w.now_ms);
		put();
	}
	write_out();
	assert_int_equal(taken + spool_count(w.s), w.next);
	assert_int_equal(spool_gathered(w.s), 0);
	assert_int_equal(take_dropped(), 0);
}

/* Nothing can be made at all: it starts, and writes later. */
static void
test_disk_full_at_start(void **state)
{
	(void)state;
	mount_small("size=64k,nr_inodes=2");
	put_bytes(path_of("other"), "x", 1);
	open_spool();
	put_n(10);
	assert_int_equal(spool_write(w.s, w.now_ms), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(spool_count(w.s), 10);
	assert_takes_no_more();
	resize("size=1m,nr_inodes=10");
	w.now_ms += RETRY_MS;
	write_out();
	assert_takes(0, 9);
	spool_done(w.s, 10);
	assert_int_equal(take_dropped(), 0);
}

/* Closing tries once more, whenever the last try was. */
static void
test_close_does_not_wait(void **state)
{
	(void)state;
	mount_small("size=4k,nr_inodes=10");
	put_bytes(path_of("other"), "x", 1);
	open_spool();
	put_n(10);
	assert_int_equal(spool_write(w.s, w.now_ms), -1);
	assert_int_equal(segments(), 1);
	close_spool();
	assert_int_equal(segments(), 0); /* in vain, and nothing stays */
	w.next = 0;
	open_spool();
	put_n(10);
	assert_int_equal(spool_write(w.s, w.now_ms), -1);
	resize("size=1m,nr_inodes=10");
	close_spool();
	open_spool();
	assert_takes(0, 9);
}

/* Only for the call: what cmocka prints would fall under the limit, too. */
static int
write_limited(rlim_t limit)
{
	struct rlimit old, new;
	int rc, saved;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	new = old;
	new.rlim_cur = limit;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &new), 0);
	rc = spool_write(w.s, w.now_ms);
	saved = errno;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	errno = saved;
	return rc;
}

/* Whatever the limit, records are whole, and go on in another file. */
static void
test_limit_to_the_size_of_files(void **state)
{
	(void)state;
	open_spool();
	for (rlim_t limit = 3200; limit < 8000; limit += 37) {
		uint64_t first = w.next;

		put_n(50);
		assert_int_equal(write_limited(limit), 0);
		assert_int_equal(spool_gathered(w.s), 0);
		if (limit % 5 == 0) {
			kill_spool();
			open_spool();
		}
		assert_takes(first, w.next - 1);
		assert_takes_no_more();
		spool_done(w.s, 50);
		write_out();
		w.now_ms += 1000;
		write_out();
	}
	assert_int_equal(take_dropped(), 0);
}

/* Below one record, nothing goes; what was written of it is cut away. */
static void
test_limit_below_a_record(void **state)
{
	(void)state;
	open_spool();
	put_n(10);
	for (rlim_t limit = 0; limit < 80; limit++) {
		assert_int_equal(write_limited(limit), -1);
		assert_int_equal(errno, EFBIG);
		assert_int_equal(size_of(segment(1)), 0);
		assert_int_equal(spool_unwritten(w.s), 10);
		w.now_ms += RETRY_MS;
	}
	kill_spool(); /* the close wrote them, where nobody looks */
	w.next = 0;
	open_spool();
	assert_int_equal(spool_count(w.s), 0);
	put_n(10);
	assert_int_equal(write_limited(0), -1);
	w.now_ms -= RETRY_MS; /* a clock that was set back ends the wait */
	write_out();
	assert_takes(0, 9);
	assert_int_equal(take_dropped(), 0);
}

/* A cursor that can't be written is no reason to lose anything. */
static void
test_cursor_cannot_be_written(void **state)
{
	(void)state;
	open_spool();
	assert_int_equal(mkdir(path_of("cursor"), 0700), 0);
	put_many(500);
	assert_takes(0, 499);
	spool_done(w.s, 450);
	w.now_ms += 1000;
	write_out();
	w.now_ms += 1000;
	write_out();
	assert_int_equal(rmdir(path_of("cursor")), 0);
	w.now_ms += 1000;
	write_out();
	kill_spool();
	open_spool();
	assert_takes(450, 499);
	assert_int_equal(take_dropped(), 0);
}

/* Many restarts, each killed, while nothing is taken. */
static void
test_kills_leave_no_waste(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 50; i++) {
		open_spool();
		put_many(1);
		kill_spool();
	}
	assert_int_equal(segments(), 1);
	open_spool();
	assert_takes(0, 49);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_full_disk),
	    TEST(test_kill_on_full_disk),
	    TEST(test_full_disk_is_emptied),
	    TEST(test_disk_full_at_start),
	    TEST(test_close_does_not_wait),
	    TEST(test_limit_to_the_size_of_files),
	    TEST(test_limit_below_a_record),
	    TEST(test_cursor_cannot_be_written),
	    TEST(test_kills_leave_no_waste),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
