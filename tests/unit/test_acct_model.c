/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever is done to accounting files, in any order, against a model of what
 * must come out: exactly the records that could be read, in order, none twice.
 *
 * PROCLIFE_SEED=N runs one walk only.
 */
#include "acct_world.h"

#define WALKS 25
#define STEPS 400

/* What the kernel wrote and must be read, in order; what is told of it. */
static struct {
	uint32_t seed;
	int32_t want[20000];
	size_t nwant, ntold;
	int32_t next; /* pid to die next */
	int files;    /* rotated away so far */
	int at;       /* which of the paths the kernel writes to */
	unsigned rotation;
	unsigned trouble; /* that may be told */
	struct acct_positions saved;
	size_t saved_told;
} m;

static const char *const paths[] = {"pacct", "second"};

/* xorshift: the same walk for the same seed. */
static uint32_t
random_below(uint32_t n)
{
	m.seed ^= m.seed << 13;
	m.seed ^= m.seed >> 17;
	m.seed ^= m.seed << 5;
	return m.seed % n;
}

static const char *
path(void)
{
	return paths[m.at];
}

/* Nobody has a record while accounting is off. */
static void
die_so_many(uint32_t n)
{
	for (; n > 0; n--) {
		if (w.kernel < 0) {
			m.next++;
			continue;
		}
		m.want[m.nwant++] = m.next;
		write_record(w.kernel, m.next++);
	}
}

static void
some_die(void)
{
	die_so_many(random_below(4));
}

static void
check_read(void)
{
	assert_true(w.npids <= m.nwant - m.ntold);
	assert_memory_equal(
	    w.pids, m.want + m.ntold, w.npids * sizeof(w.pids[0]));
	m.ntold += w.npids;
	w.npids = 0;
	assert_int_equal(acct_tail_take_trouble(w.a) & ~m.trouble, 0);
}

static void
read_all(void)
{
	while (read_on() > 0)
		continue;
	check_read();
	assert_int_equal(m.ntold, m.nwant);
	assert_false(acct_tail_holds_back(w.a));
}

/* What is newer waits. */
static void
read_some(void)
{
	(void)read_until(w.now_ms - random_below(6000));
	check_read();
}

/* A checkpoint. */
static void
save(void)
{
	acct_tail_position(w.a, &m.saved);
	m.saved_told = m.ntold;
	acct_tail_saved(w.a);
}

/* What was told since the last checkpoint is told again. */
static void
crash(void)
{
	acct_tail_close(w.a);
	w.a = NULL;
	w.npids = 0;
	m.ntold = m.saved_told;
	open_tail(&m.saved);
}

static void
restart(void)
{
	save();
	crash();
}

static void
move_away(void)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%d", path(), ++m.files);
	move(path(), name);
}

static void
savelog_away(void)
{
	char name[32];

	snprintf(name, sizeof(name), "%s.%d", path(), ++m.files);
	touch("new");
	assert_int_equal(link(path_of(path()), path_of(name)), 0);
	move("new", path());
}

/* One step of a rotation; the kernel writes to the old file until the last. */
static void
rotate(void)
{
	bool savelog = (m.rotation & 1) != 0;

	switch (m.rotation >> 1) {
	case 0:
		m.rotation = random_below(2);
		if ((m.rotation & 1) != 0)
			savelog_away();
		else
			move_away();
		break;
	case 1:
		if (savelog)
			acct(NULL);
		else
			touch(path());
		break;
	default:
		accton(path());
		m.rotation = 0;
		return;
	}
	m.rotation += 2;
}

static void
finish_rotation(void)
{
	while (m.rotation != 0)
		rotate();
}

static void
switch_to_the_same(void)
{
	finish_rotation();
	accton(path());
}

/* The kernel writes to what stands, or now is made, at the path. */
static void
begin_at_path(void)
{
	if (access(path_of(path()), F_OK) < 0)
		touch(path());
	accton(path());
	some_die();
	read_all();
	save();
}

/* In what order two files were written to by turns, nobody can know. */
static void
switch_to_the_other(void)
{
	finish_rotation();
	some_die();
	read_all();
	save();
	m.at = 1 - m.at;
	begin_at_path();
}

static void
off_and_on(void)
{
	finish_rotation();
	acct(NULL);
	some_die();
	accton(path());
}

/* What came since the last read is gone with it. */
static void
cut(void)
{
	finish_rotation();
	read_all();
	some_die();
	m.nwant = m.ntold;
	assert_int_equal(truncate(path_of(path()), 0), 0);
	some_die();
	m.trouble |= ACCT_TROUBLE_TRUNCATED;
	read_all();
	save();
}

static void
remove_file(void)
{
	finish_rotation();
	read_all();
	unlink(path_of(path()));
	some_die();
	read_all();
	begin_at_path();
}

/*
 * A full disk leaves a piece of a record, less than what the next one's first
 * bytes could make whole; later ones are shifted. It takes two whole ones in a
 * row to find them.
 */
static void
tear(void)
{
	struct acct_v3 record = record_of(m.next++);

	finish_rotation();
	write_bytes(w.kernel, &record, 1 + random_below(SIZE - 16));
	die_so_many(2);
	m.trouble |= ACCT_TROUBLE_MISALIGNED;
}

/* What can happen at any time, with whatever file; n: 0 to 9. */
static void
take_common_step(uint32_t n)
{
	switch (n) {
	case 0:
		restart();
		break;
	case 1:
		crash();
		break;
	case 2:
		save();
		break;
	case 3:
	case 4:
		read_all();
		break;
	case 5:
		read_some();
		break;
	default:
		some_die();
	}
}

static void
take_follow_step(void)
{
	uint32_t n = random_below(19);

	w.now_ms += random_below(1500);
	switch (n) {
	case 10:
		switch_to_the_same();
		break;
	case 11:
		switch_to_the_other();
		break;
	case 12:
		off_and_on();
		break;
	case 13:
		cut();
		break;
	case 14:
		remove_file();
		break;
	case 15:
		tear();
		break;
	case 16:
	case 17:
	case 18:
		rotate();
		break;
	default:
		take_common_step(n);
	}
}

/* In mode own: the file is ours, but everybody can switch accounting. */
static void
take_own_step(void)
{
	uint32_t n = random_below(13);

	w.now_ms += random_below(1500);
	switch (n) {
	case 10:
		accton(path());
		break;
	case 11:
		acct(NULL);
		some_die();
		accton(path());
		break;
	case 12:
		read_all();
		unlink(path_of(path()));
		some_die();
		read_all();
		save();
		break;
	default:
		take_common_step(n);
	}
}

static void
begin_walk(uint32_t seed)
{
	memset(&m, 0, sizeof(m));
	m.seed = seed;
	m.next = 1;
	print_message("PROCLIFE_SEED=%u\n", seed);
}

static void
start(void)
{
	open_tail(NULL);
	read_all();
	save();
}

static void
follow_walk(uint32_t seed)
{
	begin_walk(seed);
	w.files[1] = strdup(path_of("second"));
	w.s.acct.nfiles = 2;
	touch(path());
	accton(path());
	start();
	for (int i = 0; i < STEPS; i++)
		take_follow_step();
	finish_rotation();
	some_die();
	read_all();
	assert_true(m.ntold > STEPS / 4);
}

static void
own_walk(uint32_t seed)
{
	begin_walk(seed);
	w.s.acct.mode = ACCT_OWN;
	w.s.acct.own_file = w.files[0];
	w.s.acct.own_size = 10 * SIZE;
	start();
	for (int i = 0; i < STEPS; i++)
		take_own_step();
	read_all();
	assert_true(m.ntold > STEPS / 4);
	assert_true(w.acct_calls > STEPS / 10);
}

static void
take_walks(void **state, void (*walk)(uint32_t seed))
{
	const char *only = getenv("PROCLIFE_SEED");

	if (only != NULL) {
		walk((uint32_t)strtoul(only, NULL, 10));
		return;
	}
	for (uint32_t seed = 1; seed <= WALKS; seed++) {
		walk(seed * 2654435761u);
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
	}
}

static void
test_follow(void **state)
{
	take_walks(state, follow_walk);
}

static void
test_own(void **state)
{
	take_walks(state, own_walk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_follow),
	    TEST(test_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
