/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state_world.h"

#include <errno.h>

#include "journal.h"

#define BOOT "4c5a2f5e-93b1-4d0e-8a8f-0123456789ab"
#define HEAD "proclife list of lives 10 " BOOT "\n"

/* What a file should have, in order. */
struct wanted {
	struct {
		uint8_t kind;
		struct bytes record;
		size_t end; /* in the file */
	} at[64];
	size_t n;
};

static void
want(struct wanted *w, uint8_t kind, struct bytes record)
{
	size_t begin = w->n == 0 ? sizeof(HEAD) - 1 : w->at[w->n - 1].end;

	assert_true(w->n < 64);
	w->at[w->n].kind = kind;
	w->at[w->n].record = record;
	w->at[w->n++].end = begin + 9 + record.len;
}

/* The first n of them, and so many bytes behind them, are in the file. */
static void
check_file(const struct wanted *w, size_t n, size_t rest)
{
	struct journal_file f;
	struct err err = {""};
	struct bytes record;
	uint8_t kind;

	assert_int_equal(journal_read(folder, &f, &err), STATE_FILE_READ);
	assert_string_equal(f.boot_id, BOOT);
	for (size_t i = 0; i < n; i++) {
		assert_true(journal_next(&f, &kind, &record));
		assert_int_equal(kind, w->at[i].kind);
		assert_true(bytes_equal(record, w->at[i].record));
	}
	assert_false(journal_next(&f, &kind, &record));
	assert_false(journal_next(&f, &kind, &record));
	assert_int_equal(f.rest.len, rest);
	journal_close(&f);
}

static void
write_out(struct journal *j, bool whole)
{
	struct err err = {""};

	assert_int_equal(journal_write(j, whole, &err), 0);
	assert_string_equal(err.text, "");
}

static struct journal *
open_new(void)
{
	struct journal *j = journal_new(folder, BOOT);
	struct err err;

	assert_non_null(j);
	assert_false(journal_is_open(j));
	assert_int_equal(journal_begin(j, &err), 0);
	assert_true(journal_is_begun(j));
	return j;
}

/* A file written down by hand; the sums are python3's zlib.crc32. */
static void
file_is_private_and_as_told(void **state)
{
	static const char has[] = HEAD "\3\0\0\0"
				       "\xb7\xe9\xd9\x21"
				       "\1ab"
				       "\1\0\0\0"
				       "\x37\xbe\x0b\x4b"
				       "\3";
	struct journal *j = open_new();
	char text[256];
	struct stat st;

	(void)state;
	journal_add(j, 1, BYTES_LITERAL("ab"));
	journal_add(j, 3, BYTES_LITERAL(""));
	write_out(j, true);
	assert_int_equal(stat(in_folder("lives"), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(get("lives", text, sizeof(text)), sizeof(has) - 1);
	assert_memory_equal(text, has, sizeof(has) - 1);
	journal_free(j);
}

static void
none_is_none(void **state)
{
	struct journal_file f;
	struct err err;

	(void)state;
	assert_int_equal(journal_read(folder, &f, &err), STATE_FILE_NONE);
	journal_close(&f);
	/* One that is not whole does not count. */
	struct journal *j = open_new();

	journal_add(j, 1, BYTES_LITERAL("a"));
	write_out(j, false);
	assert_true(exists("lives.new"));
	assert_int_equal(journal_read(folder, &f, &err), STATE_FILE_NONE);
	journal_close(&f);
	journal_free(j);
	assert_false(exists("lives.new"));
}

/* Both get what happens; the new one what there is, too. */
static void
a_new_file_replaces_the_old_one(void **state)
{
	struct journal *j = open_new();
	struct wanted old = {.n = 0}, new = {.n = 0};
	struct err err;

	(void)state;
	journal_add(j, 1, BYTES_LITERAL("a"));
	want(&old, 1, BYTES_LITERAL("a"));
	write_out(j, true);
	assert_true(journal_is_open(j));
	check_file(&old, 1, 0);
	assert_int_equal(journal_begin(j, &err), 0);
	journal_add_begun(j, 1, BYTES_LITERAL("snap"));
	journal_add(j, 2, BYTES_LITERAL("b"));
	write_out(j, false);
	want(&old, 2, BYTES_LITERAL("b"));
	check_file(&old, 2, 0);
	journal_add(j, 2, BYTES_LITERAL("c"));
	journal_add_begun(j, 1, BYTES_LITERAL("shot"));
	write_out(j, true);
	assert_false(exists("lives.new"));
	assert_false(journal_is_begun(j));
	want(&new, 1, BYTES_LITERAL("snap"));
	want(&new, 2, BYTES_LITERAL("b"));
	want(&new, 1, BYTES_LITERAL("shot"));
	want(&new, 2, BYTES_LITERAL("c"));
	check_file(&new, 4, 0);
	journal_add(j, 3, BYTES_LITERAL("d"));
	write_out(j, false);
	want(&new, 3, BYTES_LITERAL("d"));
	check_file(&new, 5, 0);
	journal_free(j);
	check_file(&new, 5, 0);
}

static uint32_t
chance(uint32_t *seed, uint32_t limit)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % limit;
}

/* Whatever is cut off the end, the last whole record wins. */
static void
every_cut_leaves_whole_records(void **state)
{
	static char noise[2048], data[256 * 1024];
	struct journal *j = open_new();
	struct wanted w = {.n = 0};
	uint32_t seed = 1;
	size_t len, whole = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)chance(&seed, 256);
	for (int i = 0; i < 40; i++) {
		struct bytes record = {noise + chance(&seed, 1024),
		    i % 7 == 0 ? 0 : chance(&seed, 300)};
		uint8_t kind = (uint8_t)chance(&seed, 256);

		journal_add(j, kind, record);
		want(&w, kind, record);
		if (i % 3 == 0)
			write_out(j, !journal_is_open(j));
	}
	write_out(j, false);
	journal_free(j);
	len = get("lives", data, sizeof(data));
	assert_int_equal(len, w.at[w.n - 1].end);
	for (size_t cut = sizeof(HEAD) - 1; cut <= len; cut++) {
		while (whole < w.n && w.at[whole].end <= cut)
			whole++;
		put("lives", data, cut);
		check_file(&w, whole,
		    cut -
			(whole == 0 ? sizeof(HEAD) - 1 : w.at[whole - 1].end));
	}
}

/* What a power cut may leave: zeros, or what was there before. */
static void
a_changed_byte_ends_it(void **state)
{
	struct journal *j = open_new();
	struct wanted w = {.n = 0};
	char data[512];
	size_t len;

	(void)state;
	for (int i = 0; i < 4; i++) {
		journal_add(j, (uint8_t)i, BYTES_LITERAL("some record"));
		want(&w, (uint8_t)i, BYTES_LITERAL("some record"));
	}
	write_out(j, true);
	journal_free(j);
	len = get("lives", data, sizeof(data));
	for (size_t at = sizeof(HEAD) - 1; at < len; at++) {
		size_t whole = (at - (sizeof(HEAD) - 1)) / 20;

		for (int bit = 0; bit < 8; bit++) {
			data[at] = (char)(data[at] ^ 1 << bit);
			put("lives", data, len);
			check_file(
			    &w, whole, len - (sizeof(HEAD) - 1) - 20 * whole);
			data[at] = (char)(data[at] ^ 1 << bit);
		}
	}
	memset(data + len, 0, 100);
	put("lives", data, len + 100);
	check_file(&w, 4, 100);
}

static void
another_kind_is_set_aside(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
	    {"", "is no list of lives"},
	    {"proclife agent 1\n", "is no list of lives"},
	    {"proclife list of lives 1\nboot", "has version 1, not 10"},
	    {"proclife list of lives 44\nboot", "has version 44, not 10"},
	    {"proclife list of lives 10 4c5a2f5e\n", "is damaged"},
	    {"proclife list of lives 10\n" BOOT "xx\n", "is damaged"},
	    {"proclife list of lives 10 " BOOT "x\n", "is damaged"},
	};
	struct journal_file f;
	struct err err;
	char text[sizeof(err.text)];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put("lives", bad[i].text, strlen(bad[i].text));
		assert_int_equal(
		    journal_read(folder, &f, &err), STATE_FILE_SET_ASIDE);
		journal_close(&f);
		snprintf(text, sizeof(text),
		    "%s/lives: %s; set aside as %s/lives.bad", folder,
		    bad[i].why, folder);
		assert_string_equal(err.text, text);
		assert_int_equal(unlink(in_folder("lives.bad")), 0);
	}
}

/* Until it is longer than twice what it began with, and that is not little. */
static void
a_long_one_is_known(void **state)
{
	static char noise[64 * 1024 - 9];
	struct bytes record = {noise, sizeof(noise)};
	struct journal *j = open_new();

	(void)state;
	journal_add_begun(j, 1, record);
	write_out(j, true);
	for (int i = 0; i < JOURNAL_FREE / (64 * 1024); i++) {
		assert_false(journal_is_long(j));
		journal_add(j, 1, record);
		write_out(j, false);
	}
	assert_false(journal_is_long(j));
	journal_add(j, 1, BYTES_LITERAL(""));
	write_out(j, false);
	assert_true(journal_is_long(j));

	struct err err;

	assert_int_equal(journal_begin(j, &err), 0);
	for (int i = 0; i < 32; i++)
		journal_add_begun(j, 1, record);
	write_out(j, true);
	for (int i = 0; i < 64; i++) {
		journal_add(j, 1, record);
		write_out(j, false);
		assert_false(journal_is_long(j));
	}
	journal_add(j, 1, record);
	write_out(j, false);
	assert_true(journal_is_long(j));
	journal_free(j);
}

/* Both are given up; the file keeps what it had, and a new one is whole. */
static void
a_failed_write_keeps_what_was_there(void **state)
{
	struct journal *j = open_new();
	struct wanted w = {.n = 0};
	struct err err;

	(void)state;
	journal_add(j, 1, BYTES_LITERAL("a"));
	want(&w, 1, BYTES_LITERAL("a"));
	write_out(j, true);
	/* Memory was short. */
	journal_add(j, 1, BYTES_NONE);
	assert_int_equal(journal_write(j, false, &err), -1);
	assert_non_null(strstr(err.text, strerror(ENOMEM)));
	assert_false(journal_is_open(j));
	check_file(&w, 1, 0);
	journal_add(j, 1, BYTES_LITERAL("nobody has it"));
	assert_int_equal(journal_begin(j, &err), 0);
	/* Neither does a failed rename do harm. */
	journal_add(j, 2, BYTES_LITERAL("b"));
	assert_int_equal(unlink(in_folder("lives.new")), 0);
	assert_int_equal(journal_write(j, true, &err), -1);
	assert_non_null(strstr(err.text, "cannot rename"));
	check_file(&w, 1, 0);
	assert_int_equal(journal_begin(j, &err), 0);
	journal_add(j, 2, BYTES_LITERAL("b"));
	write_out(j, true);
	w.n = 0;
	want(&w, 2, BYTES_LITERAL("b"));
	check_file(&w, 1, 0);
	journal_free(j);
	assert_int_equal(mkdir(in_folder("lives.new"), 0700), 0);
	j = journal_new(folder, BOOT);
	assert_int_equal(journal_begin(j, &err), -1);
	assert_non_null(strstr(err.text, "cannot remove"));
	journal_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(file_is_private_and_as_told),
	    TEST(none_is_none),
	    TEST(a_new_file_replaces_the_old_one),
	    TEST(every_cut_leaves_whole_records),
	    TEST(a_changed_byte_ends_it),
	    TEST(another_kind_is_set_aside),
	    TEST(a_long_one_is_known),
	    TEST(a_failed_write_keeps_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
