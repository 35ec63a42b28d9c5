/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state_world.h"

#include <errno.h>

#include "checkpoint.h"

static const struct checkpoint full = {
    .boot_id = "4c5a2f5e-93b1-4d0e-8a8f-0123456789ab",
    .agent_id = {{0x00, 0x01, 0x7f, 0x80, 0xff, 0x10, 0x4a, 0xb0, 0x9c, 0xde,
	0xf0, 0x12, 0x34, 0x56, 0x78, 0x9a}},
    .last_serial = UINT32_MAX,
    .last_stamp_ms = INT64_MAX,
    .written_ms = -1,
    .kernel_lost = UINT32_MAX - 1,
    .next_segment = UINT64_MAX,
    .clean = true,
    .acct_state = 3,
    .acct_proven_ms = INT64_MAX,
    .acct = {.paths = UINT32_MAX - 4,
	.n = 2,
	.at = {{.ino = 7}, {UINT64_MAX - 1, UINT64_MAX - 2, UINT64_MAX - 3,
			       UINT32_MAX - 4, UINT32_MAX - 5}}},
};

static void
check_equal(const struct checkpoint *a, const struct checkpoint *b)
{
	assert_string_equal(a->boot_id, b->boot_id);
	assert_memory_equal(&a->agent_id, &b->agent_id, 16);
	assert_int_equal(a->last_serial, b->last_serial);
	assert_int_equal(a->last_stamp_ms, b->last_stamp_ms);
	assert_int_equal(a->written_ms, b->written_ms);
	assert_int_equal(a->kernel_lost, b->kernel_lost);
	assert_int_equal(a->next_segment, b->next_segment);
	assert_int_equal(a->clean, b->clean);
	assert_int_equal(a->acct_state, b->acct_state);
	assert_int_equal(a->acct_proven_ms, b->acct_proven_ms);
	assert_int_equal(a->acct.paths, b->acct.paths);
	assert_int_equal(a->acct.n, b->acct.n);
	assert_memory_equal(
	    a->acct.at, b->acct.at, a->acct.n * sizeof(a->acct.at[0]));
}

static void
write_good(const struct checkpoint *c)
{
	struct err err = {""};

	assert_int_equal(checkpoint_write(folder, c, &err), 0);
	assert_string_equal(err.text, "");
}

/* *c holds nothing but a new agent id. */
static void
check_new(const struct checkpoint *c)
{
	struct checkpoint fresh = {.last_stamp_ms = TIME_UNKNOWN,
	    .written_ms = TIME_UNKNOWN,
	    .acct_proven_ms = TIME_UNKNOWN};
	static const struct uuid nil;

	fresh.agent_id = c->agent_id;
	check_equal(c, &fresh);
	assert_memory_not_equal(&c->agent_id, &nil, 16);
	assert_int_equal(c->agent_id.b[6] >> 4, 4);
	assert_int_equal(c->agent_id.b[8] >> 6, 2);
}

static void
check_set_aside(const char *why, const char *name)
{
	struct checkpoint c;
	struct err err = {""};
	char want[sizeof(err.text)];

	assert_int_equal(
	    checkpoint_read(folder, &c, &err), STATE_FILE_SET_ASIDE);
	check_new(&c);
	snprintf(want, sizeof(want), "%s/checkpoint: %s; set aside as %s/%s",
	    folder, why, folder, name);
	assert_string_equal(err.text, want);
	assert_false(exists("checkpoint"));
	assert_true(exists(name));
}

static void
what_is_written_is_read(void **state)
{
	struct checkpoint c, most = full,
			     none = {.last_stamp_ms = TIME_UNKNOWN};
	struct err err;

	(void)state;
	write_good(&full);
	assert_int_equal(checkpoint_read(folder, &c, &err), STATE_FILE_READ);
	check_equal(&c, &full);
	/* Over the first one. */
	for (most.acct.n = 0; most.acct.n < ACCT_POSITIONS_MAX; most.acct.n++)
		most.acct.at[most.acct.n] = full.acct.at[1];
	write_good(&most);
	assert_int_equal(checkpoint_read(folder, &c, &err), STATE_FILE_READ);
	check_equal(&c, &most);
	write_good(&none);
	assert_int_equal(checkpoint_read(folder, &c, &err), STATE_FILE_READ);
	check_equal(&c, &none);
	assert_false(exists("checkpoint.new"));
}

static void
file_is_private_text(void **state)
{
	char text[1024];
	struct stat st;

	(void)state;
	write_good(&full);
	assert_int_equal(stat(in_folder("checkpoint"), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	text[get("checkpoint", text, sizeof(text) - 1)] = '\0';
	/* The sum is python3's zlib.crc32 of the lines before it. */
	assert_string_equal(text,
	    "proclife checkpoint 2\n"
	    "boot_id 4c5a2f5e-93b1-4d0e-8a8f-0123456789ab\n"
	    "agent_id 00017f80-ff10-4ab0-9cde-f0123456789a\n"
	    "last_serial 4294967295\n"
	    "last_stamp_ms 9223372036854775807\n"
	    "written_ms -1\n"
	    "kernel_lost 4294967294\n"
	    "next_segment 18446744073709551615\n"
	    "clean 1\n"
	    "acct_state 3\n"
	    "acct_proven_ms 9223372036854775807\n"
	    "acct_paths 4294967291\n"
	    "acct 0 7 0 0 0\n"
	    "acct 18446744073709551614 18446744073709551613 "
	    "18446744073709551612 4294967291 4294967290\n"
	    "crc32 6ce7e376\n");
}

static void
none_gives_a_new_agent(void **state)
{
	struct checkpoint a, b;
	struct err err;

	(void)state;
	assert_int_equal(checkpoint_read(folder, &a, &err), STATE_FILE_NONE);
	assert_int_equal(checkpoint_read(folder, &b, &err), STATE_FILE_NONE);
	check_new(&a);
	check_new(&b);
	assert_memory_not_equal(&a.agent_id, &b.agent_id, 16);
	assert_int_equal(
	    checkpoint_read(in_folder("none"), &a, &err), STATE_FILE_NONE);
	check_new(&a);
}

static void
a_cut_file_is_set_aside(void **state)
{
	char text[1024];

	(void)state;
	write_good(&full);
	size_t len = get("checkpoint", text, sizeof(text));
	for (size_t cut = 0; cut < len; cut++) {
		/* Until the name and the version can be seen. */
		const char *why = cut < 20    ? "is no checkpoint"
				  : cut == 20 ? "has version 0, not 2"
					      : "is damaged";

		put("checkpoint", text, cut);
		check_set_aside(why, "checkpoint.bad");
		assert_int_equal(unlink(in_folder("checkpoint.bad")), 0);
	}
}

static void
check_unreadable(void)
{
	struct checkpoint c;
	struct err err = {""};

	assert_int_equal(
	    checkpoint_read(folder, &c, &err), STATE_FILE_SET_ASIDE);
	check_new(&c);
	assert_string_not_equal(err.text, "");
	assert_int_equal(unlink(in_folder("checkpoint.bad")), 0);
}

static void
every_changed_byte_is_noticed(void **state)
{
	static const char flips[] = {0x01, 0x20, (char)0xff};
	char text[1024];

	(void)state;
	write_good(&full);
	size_t len = get("checkpoint", text, sizeof(text));
	for (size_t i = 0; i < len; i++)
		for (size_t f = 0; f < sizeof(flips); f++) {
			text[i] = (char)(text[i] ^ flips[f]);
			put("checkpoint", text, len);
			check_unreadable();
			text[i] = (char)(text[i] ^ flips[f]);
		}
	put("checkpoint", text, len);
	struct checkpoint c;
	struct err err;
	assert_int_equal(checkpoint_read(folder, &c, &err), STATE_FILE_READ);
}

static void
more_behind_the_end_is_noticed(void **state)
{
	char text[4096] = "";

	(void)state;
	write_good(&full);
	size_t len = get("checkpoint", text, sizeof(text));
	put("checkpoint", text, len + 1);
	check_set_aside("is damaged", "checkpoint.bad");
	put("checkpoint", text, sizeof(text));
	check_set_aside("is damaged", "checkpoint.bad.1");
}

static void
another_version_is_set_aside(void **state)
{
	(void)state;
	put("checkpoint", "proclife checkpoint 23\nboot", 27);
	check_set_aside("has version 23, not 2", "checkpoint.bad");
}

static void
what_is_no_file_is_set_aside(void **state)
{
	char why[100];

	(void)state;
	assert_int_equal(mkfifo(in_folder("checkpoint"), 0600), 0);
	check_set_aside("is no regular file", "checkpoint.bad");
	assert_int_equal(mkdir(in_folder("checkpoint"), 0700), 0);
	check_set_aside("is no regular file", "checkpoint.bad.1");
	assert_int_equal(symlink("/dev/null", in_folder("checkpoint")), 0);
	snprintf(why, sizeof(why), "cannot be opened: %s", strerror(ELOOP));
	check_set_aside(why, "checkpoint.bad.2");
}

static void
earlier_ones_set_aside_stay(void **state)
{
	char name[40], text[8];
	struct checkpoint c;
	struct err err;

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name),
		    i == 0 ? "checkpoint.bad" : "checkpoint.bad.%d", i);
		snprintf(text, sizeof(text), "bad %d", i);
		put("checkpoint", text, strlen(text));
		check_set_aside("is no checkpoint", name);
	}
	/* Said, since the next checkpoint_write() ends it. */
	put("checkpoint", "101st", 5);
	assert_int_equal(
	    checkpoint_read(folder, &c, &err), STATE_FILE_SET_ASIDE);
	assert_non_null(strstr(err.text,
	    "checkpoint: is no checkpoint; will be overwritten: 100 are set "
	    "aside already"));
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name),
		    i == 0 ? "checkpoint.bad" : "checkpoint.bad.%d", i);
		char want[8];
		snprintf(want, sizeof(want), "bad %d", i);
		text[get(name, text, sizeof(text))] = '\0';
		assert_string_equal(text, want);
	}
	write_good(&full);
	assert_int_equal(checkpoint_read(folder, &c, &err), STATE_FILE_READ);
}

/* What a crash left, or a link that somebody planted. */
static void
a_leftover_is_no_obstacle(void **state)
{
	char text[16];
	struct checkpoint c;
	struct err err;

	(void)state;
	put("elsewhere", "untouched", 9);
	put("checkpoint.new", "half", 4);
	write_good(&full);
	char target[sizeof(folder) + 64];
	strcpy(target, in_folder("elsewhere"));
	assert_int_equal(symlink(target, in_folder("checkpoint.new")), 0);
	write_good(&full);
	assert_int_equal(checkpoint_read(folder, &c, &err), STATE_FILE_READ);
	assert_int_equal(get("elsewhere", text, sizeof(text)), 9);
	assert_memory_equal(text, "untouched", 9);
}

static void
a_failed_write_keeps_the_old_one(void **state)
{
	struct checkpoint c, next = full;
	struct err err;
	char want[sizeof(err.text)];

	(void)state;
	write_good(&full);
	next.clean = false;
	assert_int_equal(mkdir(in_folder("checkpoint.new"), 0700), 0);
	assert_int_equal(checkpoint_write(folder, &next, &err), -1);
	snprintf(want, sizeof(want), "%s: cannot remove checkpoint.new: %s",
	    folder, strerror(EISDIR));
	assert_string_equal(err.text, want);
	assert_int_equal(checkpoint_read(folder, &c, &err), STATE_FILE_READ);
	check_equal(&c, &full);
}

static void
what_cannot_be_written_is_refused(void **state)
{
	struct checkpoint bad = full;
	struct err err;
	char want[sizeof(err.text)];

	(void)state;
	strcpy(bad.boot_id, "x\nclean 1");
	assert_int_equal(checkpoint_write(folder, &bad, &err), -1);
	assert_false(exists("checkpoint"));
	assert_int_equal(checkpoint_write(in_folder("none"), &full, &err), -1);
	snprintf(want, sizeof(want), "cannot open %s/none: %s", folder,
	    strerror(ENOENT));
	assert_string_equal(err.text, want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_written_is_read),
	    TEST(file_is_private_text),
	    TEST(none_gives_a_new_agent),
	    TEST(a_cut_file_is_set_aside),
	    TEST(every_changed_byte_is_noticed),
	    TEST(more_behind_the_end_is_noticed),
	    TEST(another_version_is_set_aside),
	    TEST(what_is_no_file_is_set_aside),
	    TEST(earlier_ones_set_aside_stay),
	    TEST(a_leftover_is_no_obstacle),
	    TEST(a_failed_write_keeps_the_old_one),
	    TEST(what_cannot_be_written_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
