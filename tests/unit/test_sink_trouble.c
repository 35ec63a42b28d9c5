/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/resource.h>

#include <cap-ng.h>

#include "sink_world.h"

/* Nothing is tried again before its time: 1 s, then twice that, up to 60 s. */
static void
test_failures_are_retried(void **state)
{
	const int64_t waits[] = {
	    1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
	const size_t n = sizeof(waits) / sizeof(waits[0]);

	(void)state;
	open_sink(0);
	unlink(segment(1));
	assert_int_equal(rmdir(w.folder), 0);
	w.now_ms += 1000;
	put_lines(2);
	flush();
	for (size_t i = 0; i < n; i++) {
		/* Too early: not even seen that the folder is there. */
		assert_int_equal(mkdir(w.folder, 0700), 0);
		w.now_ms += waits[i] - 1;
		flush();
		assert_int_equal(sink_pending(w.k), 2 * LINE);
		assert_int_equal(rmdir(w.folder), 0);
		w.now_ms += 1;
		flush();
		assert_int_equal(sink_pending(w.k), 2 * LINE);
	}
	assert_int_equal(mkdir(w.folder, 0700), 0);
	w.now_ms += 60000;
	flush();
	assert_holds(2, 0, 1);
}

static void
test_clock_set_back_ends_the_wait(void **state)
{
	(void)state;
	open_sink(0);
	unlink(segment(1));
	assert_int_equal(rmdir(w.folder), 0);
	w.now_ms += 1000;
	put_lines(2);
	flush();
	assert_int_equal(mkdir(w.folder, 0700), 0);
	w.now_ms -= 1000000;
	flush();
	assert_holds(2, 0, 1);
}

/* Closing tries once more, whenever the last try was. */
static void
test_close_does_not_wait(void **state)
{
	(void)state;
	open_sink(0);
	unlink(segment(1));
	assert_int_equal(rmdir(w.folder), 0);
	w.now_ms += 1000;
	put_lines(2);
	flush();
	assert_int_equal(mkdir(w.folder, 0700), 0);
	close_sink();
	assert_holds(2, 0, 1);
}

/* Mounts a small file system over the folder, or skips the test. */
static void
mount_small(const char *options)
{
	if (mount("none", w.folder, "tmpfs", 0, options) < 0)
		skip();
}

/* Every segment consists of whole lines, numbered on from first. */
static uint64_t
assert_whole_lines(uint64_t segments)
{
	uint64_t line = 0;

	for (uint64_t i = 1; i <= segments; i++) {
		off_t size = size_of(segment(i));

		if (size <= 0)
			continue;
		assert_int_equal(size % LINE, 0);
		assert_holds(i, line, line + (uint64_t)size / LINE - 1);
		line += (uint64_t)size / LINE;
	}
	return line;
}

static void
test_full_disk(void **state)
{
	enum {
		FILLED = 40
	};
	struct sink_lost r;
	uint64_t taken, written, waiting;

	(void)state;
	mount_small("size=256k");
	w.s.queue_size = 300 * LINE;
	open_sink(0);
	assert_false(sink_take_lost(w.k, &r));

	/* Fills the disk, then the backlog. */
	taken = 0;
	for (int i = 0; i < FILLED; i++) {
		taken += put_lines(100);
		flush();
		written = assert_whole_lines(5);
		waiting = sink_pending(w.k) / LINE;
		assert_int_equal(written + waiting, taken);
		w.now_ms += 1;
	}
	assert_in_range(written, 2000, 2621);
	assert_int_equal(waiting, 300);
	assert_false(sink_take_lost(w.k, &r));

	/* Room again, but not yet time for another try. */
	assert_int_equal(
	    mount("none", w.folder, "tmpfs", MS_REMOUNT, "size=2m"), 0);
	flush();
	assert_int_equal(sink_pending(w.k), 300 * LINE);
	w.now_ms += 1000;
	flush();
	assert_int_equal(sink_pending(w.k), 0);
	assert_int_equal(assert_whole_lines(5), taken);
	assert_true(sink_take_lost(w.k, &r));
	assert_int_equal(r.count, FILLED * 100 - taken);
	assert_in_range(r.since_ms, T0 + 20, T0 + FILLED - 1);
	assert_int_equal(r.until_ms, T0 + FILLED - 1);
	assert_false(sink_take_lost(w.k, &r));

	put_lines(1);
	flush();
	assert_int_equal(assert_whole_lines(5), taken + 1);
}

/* A disk that is full from the start does not keep the plugin from it. */
static void
test_disk_full_at_start(void **state)
{
	(void)state;
	mount_small("size=256k,nr_inodes=2");
	put_file(path_of("other"), "");
	open_sink(0);
	assert_int_equal(put_lines(3), 3);
	flush();
	assert_int_equal(sink_pending(w.k), 3 * LINE);
	assert_int_equal(sink_next_segment(w.k), 1);
	unlink(path_of("other"));
	w.now_ms += 1000;
	flush();
	assert_holds(1, 0, 2);
}

/* Only for the flush: what cmocka prints would fall under the limit, too. */
static void
flush_limited(rlim_t limit)
{
	struct rlimit old, new;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	new = old;
	new.rlim_cur = limit;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &new), 0);
	flush();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
}

/* Short writes: what is too much of a line is cut off again. */
static void
test_limit_to_the_size_of_files(void **state)
{
	(void)state;
	open_sink(0);
	put_lines(25);
	flush_limited(10 * LINE + LINE / 2);
	assert_int_equal(sink_pending(w.k), 0);
	assert_holds(1, 0, 9);
	assert_holds(2, 10, 19);
	assert_holds(3, 20, 24);
}

/* Returns the real one, to be put back. */
static int
replace_stderr(FILE *f)
{
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);

	assert_true(saved >= 0);
	assert_true(dup2(fileno(f), STDERR_FILENO) >= 0);
	return saved;
}

static void
test_one_line_of_log_at_each_turn(void **state)
{
	FILE *f = tmpfile();
	char line[3][256] = {"", "", ""};
	int saved;

	(void)state;
	assert_non_null(f);
	w.s.queue_size = 2 * LINE;
	open_sink(0);
	put_lines(2);
	saved = replace_stderr(f);
	flush_limited(LINE / 2);
	put_lines(7);
	w.now_ms += 1000;
	flush_limited(LINE / 2);
	put_lines(5);
	w.now_ms += 2000;
	flush();
	put_lines(1);
	flush();
	dup2(saved, STDERR_FILENO);
	close(saved);

	rewind(f);
	for (int i = 0; i < 3; i++) {
		if (fgets(line[i], sizeof(line[i]), f) == NULL)
			line[i][0] = '\0';
	}
	fclose(f);
	assert_non_null(strstr(line[0], strerror(EFBIG)));
	assert_non_null(strstr(line[1], "12 events were lost"));
	assert_string_equal(line[2], "");
}

static void
test_limit_below_a_line(void **state)
{
	struct sink_lost r;

	(void)state;
	w.s.queue_size = 20 * LINE + LINE / 2;
	open_sink(0);
	put_lines(2);
	flush();
	assert_int_equal(put_lines(20), 20);
	flush_limited(LINE / 2);
	assert_int_equal(sink_pending(w.k), 20 * LINE);
	assert_holds(1, 0, 1);
	assert_int_equal(size_of(segment(2)), 0);
	assert_int_equal(put_lines(7), 0);
	assert_false(sink_take_lost(w.k, &r));
	w.now_ms += 1000;
	flush();
	assert_holds(2, 2, 21);
	assert_true(sink_take_lost(w.k, &r));
	assert_int_equal(r.count, 7);
	assert_int_equal(r.since_ms, T0);
	assert_int_equal(r.until_ms, T0);
}

static void
test_line_longer_than_the_queue(void **state)
{
	struct sink_lost r;

	(void)state;
	w.s.queue_size = LINE - 1;
	open_sink(0);
	assert_int_equal(put_lines(1), 0);
	flush();
	assert_true(sink_take_lost(w.k, &r));
	assert_int_equal(r.count, 1);
}

/* A batch waits for its flush; what has no room is written before. */
static void
test_gathers_while_there_is_room(void **state)
{
	(void)state;
	w.s.queue_size = 10000 * LINE;
	w.s.segment_size = 10000000;
	open_sink(0);
	put_lines(10000);
	assert_int_equal(sink_pending(w.k), 10000 * LINE);
	put_lines(1);
	assert_int_equal(sink_pending(w.k), LINE);
	put_lines(9999);
	flush();
	assert_holds(1, 0, 19999);
}

/* Space reserved in vain is given back. */
static void
test_reserves_no_more_than_needed(void **state)
{
	struct stat st;

	(void)state;
	open_sink(0);
	put_lines(1);
	close_sink();
	assert_int_equal(stat(segment(1), &st), 0);
	assert_in_range(st.st_blocks * 512, LINE, 65536);
}

/* Another group than ours, or the test is skipped. */
static const struct group *
other_group(void)
{
	const struct group *g;

	setgrent();
	do
		g = getgrent();
	while (g != NULL && g->gr_gid == getegid());
	if (g == NULL)
		skip();
	return g;
}

static void
assert_group(const char *path, gid_t gid)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_gid, gid);
}

static void
test_group(void **state)
{
	const struct group *g = other_group();
	char name[64];

	(void)state;
	if (geteuid() != 0)
		skip();
	snprintf(name, sizeof(name), "%s", g->gr_name);
	w.s.group = name;
	open_sink(0);
	assert_group(segment(1), g->gr_gid);
	close_sink();

	/* One of another group is not gone on with. */
	assert_int_equal(chown(segment(1), (uid_t)-1, getegid()), 0);
	open_sink(0);
	assert_group(segment(2), g->gr_gid);
}

static void
set_cap_chown(capng_act_t action)
{
	assert_int_equal(capng_get_caps_process(), 0);
	assert_int_equal(capng_update(action, CAPNG_EFFECTIVE, CAP_CHOWN), 0);
	assert_int_equal(capng_apply(CAPNG_SELECT_CAPS), 0);
}

/* In a folder that gives its group to what is made there, no right is due. */
static void
test_group_without_the_right(void **state)
{
	const struct group *g = other_group();
	char name[64];

	(void)state;
	if (geteuid() != 0)
		skip();
	snprintf(name, sizeof(name), "%s", g->gr_name);
	w.s.group = name;
	set_cap_chown(CAPNG_DROP);
	assert_fails(name);
	set_cap_chown(CAPNG_ADD);
	assert_int_equal(size_of(segment(1)), -1);

	assert_int_equal(chown(w.folder, (uid_t)-1, g->gr_gid), 0);
	assert_int_equal(chmod(w.folder, 02750), 0);
	set_cap_chown(CAPNG_DROP);
	open_sink(0);
	set_cap_chown(CAPNG_ADD);
	assert_group(segment(1), g->gr_gid);
}

static void
test_unknown_group(void **state)
{
	(void)state;
	w.s.group = "no such group";
	assert_fails("no such group");
}

/* What came before a mark may be written while more and more waits. */
static void
test_mark(void **state)
{
	(void)state;
	mount_small("size=256k");
	w.s.queue_size = 40000 * LINE;
	open_sink(0);
	sink_mark(w.k);
	assert_true(sink_is_past_mark(w.k));
	assert_int_equal(put_lines(10000), 10000);
	assert_true(sink_is_past_mark(w.k));
	sink_mark(w.k);
	assert_false(sink_is_past_mark(w.k));
	flush(); /* some of them */
	assert_true(sink_pending(w.k) < 10000 * LINE);
	assert_false(sink_is_past_mark(w.k));
	assert_int_equal(put_lines(20000), 20000);
	assert_int_equal(
	    mount("none", w.folder, "tmpfs", MS_REMOUNT, "size=1500k"), 0);
	w.now_ms += 1000;
	flush();
	assert_in_range(sink_pending(w.k), 1, 20000 * LINE);
	assert_true(sink_is_past_mark(w.k));
}

static bool
put_unfit(unsigned max, enum event_action action)
{
	return sink_put(w.k,
	    &(struct sink_line){.text = {"", 0},
		.format = FORMAT_ECS,
		.cut_to = max,
		.action = action,
		.user = ID_UNSET},
	    w.now_ms);
}

/* Told once in a while, however many there are; and not of those that are not
 * for it, nor of the loss that tells of them, without an end. */
static void
test_what_no_line_can_hold(void **state)
{
	struct sink_lost r;

	(void)state;
	w.s.actions = 1U << EVENT_FORK | 1U << EVENT_LOSS;
	open_sink(0);
	assert_true(put_unfit((unsigned)w.s.max_event + 1, EVENT_FORK));
	assert_true(put_unfit((unsigned)w.s.max_event, EVENT_EXEC));
	assert_false(put_unfit((unsigned)w.s.max_event, EVENT_LOSS));
	w.now_ms += 5000;
	flush();
	assert_false(sink_take_lost(w.k, &r));
	assert_int_equal(sink_lost_total(w.k), 0);

	for (int i = 0; i < 1000; i++) {
		assert_false(put_unfit((unsigned)w.s.max_event, EVENT_FORK));
		flush();
		assert_false(sink_take_lost(w.k, &r));
		w.now_ms += i % 2;
	}
	assert_int_equal(sink_lost_total(w.k), 1000);
	assert_int_equal(sink_unwritten(w.k), 1000);
	assert_int_equal(put_lines(1), 1);
	w.now_ms += 500;
	flush();
	assert_true(sink_take_lost(w.k, &r));
	assert_int_equal(r.count, 1000);
	assert_int_equal(r.until_ms - r.since_ms, 499);
	assert_false(r.spooled);
	assert_false(sink_take_lost(w.k, &r));
	assert_int_equal(sink_unwritten(w.k), 0);
	assert_int_equal(sink_lost_total(w.k), 1000);
}

static void
test_no_folder(void **state)
{
	(void)state;
	w.s.path = path_of("none");
	assert_fails(strerror(ENOENT));
	w.s.path = "/dev/null";
	assert_fails("/dev/null");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_failures_are_retried),
	    TEST(test_clock_set_back_ends_the_wait),
	    TEST(test_close_does_not_wait),
	    TEST(test_full_disk),
	    TEST(test_disk_full_at_start),
	    TEST(test_limit_to_the_size_of_files),
	    TEST(test_limit_below_a_line),
	    TEST(test_one_line_of_log_at_each_turn),
	    TEST(test_line_longer_than_the_queue),
	    TEST(test_gathers_while_there_is_room),
	    TEST(test_reserves_no_more_than_needed),
	    TEST(test_group),
	    TEST(test_group_without_the_right),
	    TEST(test_unknown_group),
	    TEST(test_mark),
	    TEST(test_what_no_line_can_hold),
	    TEST(test_no_folder),
	};

	/* So that mounts are ours alone; without it those tests skip. */
	if (unshare(CLONE_NEWNS) == 0)
		mount("none", "/", "none", MS_PRIVATE | MS_REC, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
