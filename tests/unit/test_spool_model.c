/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A spool against what one is to do, told by a few lines: random deeds,
 * restarts, kills and power cuts among them.
 *
 * Seeds may be given as arguments: the first, and how many.
 */
#include "spool_world.h"

#define RECORDS 20000
#define DEEDS   1500

/* What became of a record, by its number. */
enum fate {
	WAITS,
	HAD, /* by the receiver */
	GONE /* with memory or power: nobody counts it */
};

static struct model {
	uint32_t random;
	enum fate fate[RECORDS];
	uint64_t handed[RECORDS]; /* in order; those not done */
	size_t nhanded;
	uint64_t written; /* those below are */
	uint64_t after;   /* what is handed out next is not before it */
	uint64_t told;    /* as lost */
	uint64_t cuts;    /* of power: each may tear a record */
	bool exact;       /* kills come when the cursor was just written */
} m;

static uint32_t
below(uint32_t n)
{
	m.random ^= m.random << 13;
	m.random ^= m.random >> 17;
	m.random ^= m.random << 5;
	return m.random % n;
}

static void
do_write(void)
{
	write_out();
	m.written = w.next;
}

static void
do_put(void)
{
	for (uint32_t n = below(40); n > 0 && w.next < RECORDS; n--) {
		if (!put())
			do_write();
	}
}

static void
do_take(void)
{
	for (uint32_t n = below(60); n > 0; n--) {
		uint64_t number = take();

		if (number == UINT64_MAX)
			return;
		assert_true(number < m.written);
		assert_true(number >= m.after);
		assert_int_not_equal(m.fate[number], GONE);
		m.after = number + 1;
		m.handed[m.nhanded++] = number;
	}
}

static void
do_done(void)
{
	size_t n = m.nhanded > 0 ? below((uint32_t)m.nhanded + 1) : 0;

	for (size_t i = 0; i < n; i++)
		m.fate[m.handed[i]] = HAD;
	m.nhanded -= n;
	memmove(m.handed, m.handed + n, m.nhanded * sizeof(m.handed[0]));
	spool_done(w.s, n);
}

/* All that were handed out come again, if they are still there. */
static void
again(void)
{
	if (m.nhanded > 0)
		m.after = m.handed[0];
	m.nhanded = 0;
}

static void
do_rewind(void)
{
	spool_rewind(w.s);
	again();
}

static void
do_restart(void)
{
	close_spool();
	m.written = w.next;
	open_spool();
	again();
}

static void
do_tell(void)
{
	m.told += take_dropped();
}

/* What is gone with our memory. */
static void
forget_unwritten(void)
{
	for (uint64_t i = m.written; i < w.next; i++)
		m.fate[i] = GONE;
	m.written = w.next;
}

static void
before_kill(void)
{
	if (!m.exact)
		return;
	do_write();
	w.now_ms += 1000;
	do_write();
}

static void
do_kill(void)
{
	before_kill();
	kill_spool();
	forget_unwritten();
	open_spool();
	again();
	if (!m.exact)
		m.after = 0;
}

/* The segment that is written to loses some of its end. */
static void
cut_last(void)
{
	DIR *dir = opendir(w.folder);
	const struct dirent *e;
	char last[NAME_MAX + 1] = "";
	uint32_t size;

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		if (strstr(e->d_name, ".spool") != NULL &&
		    strcmp(e->d_name, last) > 0)
			snprintf(last, sizeof(last), "%s", e->d_name);
	}
	closedir(dir);
	if (last[0] == '\0')
		return;
	size = (uint32_t)size_of(path_of(last));
	assert_int_equal(truncate(path_of(last), below(size + 1)), 0);
}

/* Those that come out now are all that are left. */
static void
forget_cut(void)
{
	uint64_t last = 0, number;

	while ((number = take()) != UINT64_MAX)
		last = number + 1;
	spool_rewind(w.s);
	for (uint64_t i = last; i < m.written; i++) {
		if (m.fate[i] == WAITS)
			m.fate[i] = GONE;
	}
}

/* It is synced only at the end of segments: all of the last one may go. */
static void
do_power_cut(void)
{
	before_kill();
	kill_spool();
	forget_unwritten();
	cut_last();
	open_spool();
	again();
	m.after = 0;
	m.cuts++;
	forget_cut();
}

static void
do_time(void)
{
	w.now_ms += below(500);
}

static void
check(void)
{
	uint64_t bytes;

	count_files(".spool", &bytes);
	assert_true(bytes <= w.limits.size);
	assert_int_equal(
	    spool_count(w.s) - spool_unwritten(w.s) <= m.written, true);
}

/* All comes out; each record was had or is told as lost. */
static void
finish(void)
{
	uint64_t lacking = 0, number, n = 0;

	do_write();
	do_rewind();
	while ((number = take()) != UINT64_MAX) {
		assert_true(number >= m.after);
		m.after = number + 1;
		m.fate[number] = HAD;
		n++;
	}
	spool_done(w.s, n);
	assert_int_equal(spool_count(w.s), 0);
	do_tell();
	for (uint64_t i = 0; i < w.next; i++)
		lacking += m.fate[i] == WAITS;
	assert_true(m.told >= lacking);
	if (m.exact)
		assert_in_range(m.told, lacking, lacking + m.cuts);
}

static void
walk(uint32_t seed)
{
	static void (*const deeds[])(void) = {do_put, do_put, do_put, do_put,
	    do_write, do_write, do_take, do_take, do_done, do_done, do_rewind,
	    do_tell, do_time, do_time};

	memset(&m, 0, sizeof(m));
	m.random = seed * 2654435761u | 1;
	m.exact = seed % 2 == 0;
	w.next = 0;
	w.limits.size = 200000 + below(400000);
	w.limits.gathered = 10000 + below(60000);
	w.limits.sync_ms = INT64_MAX / 2;
	open_spool();
	for (int i = 0; i < DEEDS; i++) {
		uint32_t rare = below(300);

		if (rare < 3)
			do_restart();
		else if (rare < 6)
			do_kill();
		else if (rare < 8)
			do_power_cut();
		else
			deeds[below(sizeof(deeds) / sizeof(deeds[0]))]();
		check();
	}
	finish();
	close_spool();
}

static uint32_t first_seed = 1, seeds = 40;

static void
test_random_walks(void **state)
{
	for (uint32_t seed = first_seed; seed < first_seed + seeds; seed++) {
		printf("seed %" PRIu32 "\n", seed);
		walk(seed);
		teardown(state);
		setup(state);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_random_walks),
	};

	if (argc > 1)
		first_seed = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc > 1)
		seeds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
