/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state_world.h"

#include <errno.h>

#include <zlib.h>

#include "saved.h"

/* Where parts of the file are. */
#define ABOUT 25 /* behind the line that says what it is */
#define LIVES (ABOUT + 37 + 8 + 8)
#define START (LIVES + 4 + 4 + 16) /* of the first life: its kind of start */

/* BYTES_LITERAL, for what is static. */
#define TEXT(s)                                                                \
	{                                                                      \
		(s), sizeof(s) - 1                                             \
	}

static const struct saved_about about = {
    .boot_id = "4c5a2f5e-93b1-4d0e-8a8f-0123456789ab",
    .written_ms = -2,
    .ticks = 0x0102030405060708,
};

/* Everything differs from everything else, and from nothing. */
static const struct saved_life full = {
    .pid = INT32_MAX,
    .ppid = 2,
    .id = {{0x00, 0x01, 0x7f, 0x80, 0xff, 0x10, 0x4a, 0xb0, 0x9c, 0xde, 0xf0,
	0x12, 0x34, 0x56, 0x78, 0x9a}},
    .start = START_SNAPSHOT,
    .sources = SOURCE_AUDIT | SOURCE_PROCFS,
    .birth = {INT64_MAX, 3},
    .start_ticks = UINT64_MAX,
    .first_ms = 4,
    .last_ms = -5,
    .parent = {.known = true,
	.identified = true,
	.id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
	.pid = 6,
	.name = TEXT("parent"),
	.executable = TEXT("/bin/parent"),
	.start_ms = 7},
    .creds = {8, 9, 10, 11, 12, 13, 14, 15},
    .tty = {136, 16},
    .name = TEXT("na\0me"),
    .executable = TEXT("/bin/\xff\n"),
    .args = {.bytes = TEXT("a\0\0c\0"),
	.count = 3,
	.argc = 17,
	.missing = {18, 19, 20, 21, 22, 23, 24, 25},
	.missing_count = 26,
	.redacted_count = 27,
	.truncated = true},
    .threads = 28,
    .local = true,
    .children_local = true,
    .evidence = {.exit_group = true,
	.conflicting = true,
	.thread_exit = true,
	.abend = true,
	.gone = true,
	.threads = true,
	.code = 29,
	.thread_code = 30,
	.abend_signal = 31},
    .exit_at = {32, 33},
    .abend_serial = UINT32_MAX,
};

/* Of which next to nothing is known; the name is, and is empty. */
static const struct saved_life bare = {
    .pid = 1,
    .ppid = -1,
    .start = START_INFERRED,
    .birth = {TIME_UNKNOWN, 0},
    .first_ms = TIME_UNKNOWN,
    .last_ms = TIME_UNKNOWN,
    .creds = {ID_UNSET, ID_UNSET, ID_UNSET, ID_UNSET, ID_UNSET, ID_UNSET,
	ID_UNSET, ID_UNSET},
    .name = TEXT(""),
    .exit_at = {TIME_UNKNOWN, 0},
};

static void
check_bytes(struct bytes a, struct bytes b)
{
	assert_int_equal(a.at == NULL, b.at == NULL);
	assert_int_equal(a.len, b.len);
	if (a.len > 0)
		assert_memory_equal(a.at, b.at, a.len);
}

static void
check_args(const struct args *a, const struct args *b)
{
	check_bytes(a->bytes, b->bytes);
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->argc, b->argc);
	assert_memory_equal(a->missing, b->missing, sizeof(a->missing));
	assert_int_equal(a->missing_count, b->missing_count);
	assert_int_equal(a->redacted_count, b->redacted_count);
	assert_int_equal(a->truncated, b->truncated);
}

static void
check_parent(const struct event_process *a, const struct event_process *b)
{
	assert_int_equal(a->known, b->known);
	assert_int_equal(a->identified, b->identified);
	assert_memory_equal(&a->id, &b->id, sizeof(a->id));
	assert_int_equal(a->pid, b->pid);
	check_bytes(a->name, b->name);
	check_bytes(a->executable, b->executable);
	assert_int_equal(a->start_ms, b->start_ms);
}

static void
check_evidence(const struct evidence *a, const struct evidence *b)
{
	assert_int_equal(a->exit_group, b->exit_group);
	assert_int_equal(a->conflicting, b->conflicting);
	assert_int_equal(a->thread_exit, b->thread_exit);
	assert_int_equal(a->abend, b->abend);
	assert_int_equal(a->acct, b->acct);
	assert_int_equal(a->gone, b->gone);
	assert_int_equal(a->threads, b->threads);
	assert_int_equal(a->code, b->code);
	assert_int_equal(a->thread_code, b->thread_code);
	assert_int_equal(a->abend_signal, b->abend_signal);
}

static void
check_life(const struct saved_life *a, const struct saved_life *b)
{
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->ppid, b->ppid);
	assert_memory_equal(&a->id, &b->id, sizeof(a->id));
	assert_int_equal(a->start, b->start);
	assert_int_equal(a->sources, b->sources);
	assert_int_equal(a->birth.ms, b->birth.ms);
	assert_int_equal(a->birth.serial, b->birth.serial);
	assert_int_equal(a->start_ticks, b->start_ticks);
	assert_int_equal(a->first_ms, b->first_ms);
	assert_int_equal(a->last_ms, b->last_ms);
	check_parent(&a->parent, &b->parent);
	assert_memory_equal(&a->creds, &b->creds, sizeof(a->creds));
	assert_memory_equal(&a->tty, &b->tty, sizeof(a->tty));
	check_bytes(a->name, b->name);
	check_bytes(a->executable, b->executable);
	check_args(&a->args, &b->args);
	assert_int_equal(a->threads, b->threads);
	assert_int_equal(a->local, b->local);
	assert_int_equal(a->children_local, b->children_local);
	check_evidence(&a->evidence, &b->evidence);
	assert_int_equal(a->exit_at.ms, b->exit_at.ms);
	assert_int_equal(a->exit_at.serial, b->exit_at.serial);
	assert_int_equal(a->abend_serial, b->abend_serial);
}

/* Writes n lives; returns how many were left out. */
static size_t
write_lives(const struct saved_life *const *lives, size_t n)
{
	struct saved *s = saved_new(&about);
	struct err err = {""};
	size_t left_out = 99;

	assert_non_null(s);
	for (size_t i = 0; i < n; i++)
		saved_add(s, lives[i]);
	assert_int_equal(saved_write(s, folder, &left_out, &err), 0);
	assert_string_equal(err.text, "");
	saved_free(s);
	return left_out;
}

static void
write_both(void)
{
	const struct saved_life *both[] = {&full, &bare};

	assert_int_equal(write_lives(both, 2), 0);
}

/* The lives that are wanted, in order. */
struct wanted {
	const struct saved_about *about;
	const struct saved_life *lives[2];
	size_t n;
};

static void
on_life(void *ctx, const struct saved_life *life)
{
	struct wanted *w = ctx;

	assert_true(w->n < 2);
	assert_string_equal(w->about->boot_id, about.boot_id);
	assert_int_equal(w->about->written_ms, about.written_ms);
	assert_int_equal(w->about->ticks, about.ticks);
	check_life(life, w->lives[w->n++]);
}

static void
read_both(void)
{
	struct saved_about a;
	struct wanted w = {.about = &a, .lives = {&full, &bare}};
	struct err err;

	assert_int_equal(
	    saved_read(folder, &a, on_life, &w, &err), STATE_FILE_READ);
	assert_int_equal(w.n, 2);
}

static void
check_set_aside(const char *why)
{
	struct saved_about a;
	struct wanted w = {.n = 2}; /* any is too many */
	struct err err = {""};
	char want[sizeof(err.text)];

	assert_int_equal(
	    saved_read(folder, &a, on_life, &w, &err), STATE_FILE_SET_ASIDE);
	snprintf(want, sizeof(want), "%s/lives: %s; set aside as %s/lives.bad",
	    folder, why, folder);
	assert_string_equal(err.text, want);
	assert_false(exists("lives"));
	assert_int_equal(unlink(in_folder("lives.bad")), 0);
}

static void
what_is_written_is_read(void **state)
{
	(void)state;
	write_both();
	read_both();
	read_both(); /* reading takes nothing away */
	write_both();
	read_both();
	assert_false(exists("lives.new"));
}

/* A file written down by hand; the sum is python3's zlib.crc32. */
static void
file_is_private_and_as_told(void **state)
{
	static const char want[] = "proclife list of lives 1\n"
				   "4c5a2f5e-93b1-4d0e-8a8f-0123456789ab\0"
				   "\xfe\xff\xff\xff\xff\xff\xff\xff"
				   "\x08\x07\x06\x05\x04\x03\x02\x01"
				   "\0\0\0\0"
				   "\x1a\xb4\x1c\xa2";
	char has[256];
	struct stat st;

	(void)state;
	assert_int_equal(write_lives(NULL, 0), 0);
	assert_int_equal(stat(in_folder("lives"), &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(get("lives", has, sizeof(has)), sizeof(want) - 1);
	assert_memory_equal(has, want, sizeof(want) - 1);
}

static void
none_is_none(void **state)
{
	struct saved_about a;
	struct wanted w = {.n = 2};
	struct err err;

	(void)state;
	assert_int_equal(
	    saved_read(folder, &a, on_life, &w, &err), STATE_FILE_NONE);
	write_both();
	assert_int_equal(saved_remove(folder, &err), 0);
	assert_int_equal(
	    saved_read(folder, &a, on_life, &w, &err), STATE_FILE_NONE);
	assert_int_equal(saved_remove(folder, &err), 0);
}

static void
a_cut_file_is_set_aside(void **state)
{
	char data[4096];
	size_t len;

	(void)state;
	write_both();
	len = get("lives", data, sizeof(data));
	for (size_t cut = 0; cut < len; cut++) {
		put("lives", data, cut);
		/* Until the kind and the version can be seen. */
		check_set_aside(cut < 23    ? "is no list of lives"
				: cut == 23 ? "has version 0, not 1"
					    : "is damaged");
	}
}

static void
every_changed_byte_is_noticed(void **state)
{
	static const char flips[] = {0x01, 0x20, (char)0xff};
	struct saved_about a;
	struct wanted w = {.n = 2};
	struct err err;
	char data[4096];
	size_t len;

	(void)state;
	write_both();
	len = get("lives", data, sizeof(data));
	for (size_t i = 0; i < len; i++) {
		for (size_t f = 0; f < sizeof(flips); f++) {
			data[i] = (char)(data[i] ^ flips[f]);
			put("lives", data, len);
			assert_int_equal(
			    saved_read(folder, &a, on_life, &w, &err),
			    STATE_FILE_SET_ASIDE);
			assert_int_equal(unlink(in_folder("lives.bad")), 0);
			data[i] = (char)(data[i] ^ flips[f]);
		}
	}
	put("lives", data, len);
	read_both();
}

static void
more_behind_the_end_is_noticed(void **state)
{
	char data[4096] = "";
	size_t len;

	(void)state;
	write_both();
	len = get("lives", data, sizeof(data));
	data[len] = '\0';
	put("lives", data, len + 1);
	check_set_aside("is damaged");
}

static void
another_version_is_set_aside(void **state)
{
	(void)state;
	put("lives", "proclife list of lives 23\nboot", 30);
	check_set_aside("has version 23, not 1");
	put("lives", "proclife checkpoint 1\nboot_id -", 31);
	check_set_aside("is no list of lives");
}

/* Writes data with the right sum at its end. */
static void
put_summed(char *data, size_t len)
{
	uint32_t crc = (uint32_t)crc32_z(0, (const Bytef *)data, len - 4);

	for (int i = 0; i < 4; i++)
		data[len - 4 + (size_t)i] = (char)(crc >> (8 * i));
	put("lives", data, len);
}

/* What we can't have written is refused although its sum is right. */
static void
nonsense_with_a_sum_is_set_aside(void **state)
{
	static const struct {
		size_t at;
		char value;
	} changes[] = {
	    {ABOUT + 36, 'x'},   /* a boot id without an end */
	    {LIVES + 3, '\x80'}, /* a negative pid */
	    {LIVES, 0},          /* with the next three: no pid, the end */
	    {START, 3},          /* no kind of start */
	};
	char data[4096], copy[4096];
	size_t len;

	(void)state;
	write_both();
	len = get("lives", data, sizeof(data));
	put_summed(data, len);
	read_both();
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		memcpy(copy, data, len);
		if (changes[i].value == 0)
			memset(copy + changes[i].at, 0, 4);
		copy[changes[i].at] = changes[i].value;
		put_summed(copy, len);
		check_set_aside("is damaged");
	}
	/* The last life cut short; the end is missing, too. */
	for (size_t cut = 1; cut < 60; cut++) {
		memcpy(copy, data, len);
		put_summed(copy, len - cut);
		check_set_aside("is damaged");
	}
}

/* Encoders rely on it. */
static void
arguments_that_are_not_counted_right_are_refused(void **state)
{
	struct saved_life life = full;
	const struct saved_life *lives[] = {&life, &bare};

	(void)state;
	life.args.count = 4;
	assert_int_equal(write_lives(lives, 2), 1);
	life.args.count = 2;
	assert_int_equal(write_lives(lives, 2), 1);
	/* Cut in the midst of the last one. */
	life.args.count = 3;
	life.args.bytes.len--;
	assert_int_equal(write_lives(lives, 2), 0);
}

/* It is said, and no other life suffers. */
static void
what_is_too_large_is_left_out(void **state)
{
	struct saved_life huge = full;
	const struct saved_life *lives[] = {&full, &huge, &bare, &huge};

	(void)state;
	huge.args.bytes.len = (size_t)256 << 20; /* never looked at */
	assert_int_equal(write_lives(lives, 4), 2);
	read_both();
}

static void
a_failed_write_keeps_the_old_one(void **state)
{
	struct saved *s = saved_new(&about);
	struct err err;
	char want[sizeof(err.text)];
	size_t left_out;

	(void)state;
	write_both();
	assert_int_equal(mkdir(in_folder("lives.new"), 0700), 0);
	assert_int_equal(saved_write(s, folder, &left_out, &err), -1);
	snprintf(want, sizeof(want), "%s: cannot remove lives.new: %s", folder,
	    strerror(EISDIR));
	assert_string_equal(err.text, want);
	saved_free(s);
	read_both();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_written_is_read),
	    TEST(file_is_private_and_as_told),
	    TEST(none_is_none),
	    TEST(a_cut_file_is_set_aside),
	    TEST(every_changed_byte_is_noticed),
	    TEST(more_behind_the_end_is_noticed),
	    TEST(another_version_is_set_aside),
	    TEST(nonsense_with_a_sum_is_set_aside),
	    TEST(arguments_that_are_not_counted_right_are_refused),
	    TEST(what_is_too_large_is_left_out),
	    TEST(a_failed_write_keeps_the_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
