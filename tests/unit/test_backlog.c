/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backlog.h"

static void
put(struct backlog *b, const char *line, bool taken)
{
	assert_int_equal(backlog_put(b, line, strlen(line)), taken);
}

/* The first len bytes that wait, in one piece. */
static const char *
peek(const struct backlog *b, size_t len)
{
	static char text[512];
	struct bytes part[2];

	backlog_peek(b, len, part);
	assert_int_equal(part[0].len + part[1].len, len);
	memcpy(text, part[0].at, part[0].len);
	memcpy(text + part[0].len, part[1].at, part[1].len);
	text[len] = '\0';
	return text;
}

static void
test_lines_leave_in_order(void **state)
{
	struct backlog *b = backlog_new(100);

	(void)state;
	put(b, "one\n", true);
	put(b, "two two\n", true);
	assert_int_equal(backlog_used(b), 12);
	assert_int_equal(backlog_room(b), 88);
	assert_int_equal(backlog_count(b), 2);
	assert_int_equal(backlog_first(b), 4);
	assert_string_equal(peek(b, 12), "one\ntwo two\n");
	backlog_sent(b, 4);
	assert_int_equal(backlog_count(b), 1);
	assert_string_equal(peek(b, 8), "two two\n");
	backlog_sent(b, 8);
	assert_int_equal(backlog_used(b), 0);
	assert_int_equal(backlog_first(b), 0);
	assert_int_equal(backlog_count(b), 0);
	assert_string_equal(peek(b, 0), "");
	backlog_free(b);
}

static void
test_refuses_what_does_not_fit(void **state)
{
	struct backlog *b = backlog_new(10);

	(void)state;
	put(b, "0123456789\n", false);
	put(b, "012345678\n", true);
	put(b, "\n", false);
	backlog_sent(b, 9); /* a line keeps its room until it is out */
	put(b, "\n", false);
	backlog_sent(b, 1);
	put(b, "x\n", true);
	assert_string_equal(peek(b, 2), "x\n");
	backlog_free(b);
	backlog_free(NULL);
}

static void
test_whole_lines(void **state)
{
	struct backlog *b = backlog_new(100);

	(void)state;
	assert_int_equal(backlog_whole(b, 100), 0);
	put(b, "abc\n", true);
	put(b, "de\n", true);
	assert_int_equal(backlog_whole(b, 3), 0);
	assert_int_equal(backlog_whole(b, 4), 4);
	assert_int_equal(backlog_whole(b, 6), 4);
	assert_int_equal(backlog_whole(b, 7), 7);
	assert_int_equal(backlog_whole(b, 1000), 7);
	backlog_sent(b, 2);
	assert_int_equal(backlog_whole(b, 2), 2);
	assert_int_equal(backlog_first(b), 2);
	backlog_free(b);
}

static void
test_rewind(void **state)
{
	struct backlog *b = backlog_new(100);

	(void)state;
	put(b, "abc\n", true);
	put(b, "defg\n", true);
	backlog_sent(b, 6);
	assert_int_equal(backlog_used(b), 3);
	assert_int_equal(backlog_count(b), 1);
	backlog_rewind(b);
	assert_int_equal(backlog_used(b), 5);
	assert_string_equal(peek(b, 5), "defg\n");
	backlog_rewind(b);
	assert_int_equal(backlog_used(b), 5);
	backlog_free(b);
}

/* The next line that is given, in one piece; NULL: none. */
static const char *
give(struct backlog *b)
{
	static char text[512];
	struct bytes part[2];

	if (!backlog_give(b, part))
		return NULL;
	memcpy(text, part[0].at, part[0].len);
	memcpy(text + part[0].len, part[1].at, part[1].len);
	text[part[0].len + part[1].len] = '\0';
	return text;
}

static void
test_lines_are_given(void **state)
{
	struct backlog *b = backlog_new(20);

	(void)state;
	assert_null(give(b));
	put(b, "one\n", true);
	put(b, "two\n", true);
	put(b, "three\n", true);
	assert_string_equal(give(b), "one\n");
	assert_string_equal(give(b), "two\n");
	assert_int_equal(backlog_given(b), 2);
	assert_int_equal(backlog_count(b), 1);
	assert_int_equal(backlog_used(b), 6);

	/* They keep their room until they are dropped. */
	assert_int_equal(backlog_room(b), 6);
	put(b, "seven..\n", false);
	backlog_drop(b, 1);
	assert_int_equal(backlog_given(b), 1);
	assert_int_equal(backlog_kept(b), 10);
	put(b, "seven..\n", true);

	backlog_rewind(b);
	assert_int_equal(backlog_given(b), 0);
	assert_int_equal(backlog_count(b), 3);
	assert_string_equal(give(b), "two\n");
	assert_string_equal(give(b), "three\n");
	assert_string_equal(give(b), "seven..\n");
	assert_null(give(b));
	backlog_drop(b, 3);
	assert_int_equal(backlog_room(b), 20);
	backlog_drop(b, 0);
	backlog_free(b);
}

static void
test_heads(void **state)
{
	struct backlog *b = backlog_new(10);

	(void)state;
	assert_true(backlog_put_headed(b, BYTES_LITERAL("head "), "one\n", 4));
	assert_false(backlog_put_headed(b, BYTES_LITERAL("x"), "\n", 1));
	assert_string_equal(give(b), "head one\n");
	backlog_drop(b, 1);
	for (int i = 0; i < 30; i++) { /* around the end, everywhere */
		assert_true(
		    backlog_put_headed(b, BYTES_LITERAL("ab"), "cde\n", 4));
		assert_true(backlog_put_headed(b, BYTES_NONE, "f\n", 2));
		assert_string_equal(give(b), "abcde\n");
		backlog_drop(b, 1);
		assert_true(backlog_put_headed(b, BYTES_NONE, "g\n", 2));
		assert_string_equal(give(b), "f\n");
		assert_string_equal(give(b), "g\n");
		backlog_drop(b, 1);
		backlog_rewind(b);
		assert_string_equal(give(b), "g\n");
		backlog_drop(b, 1);
		if (i % 3 == 0) {
			assert_true(
			    backlog_put_headed(b, BYTES_NONE, "hij\n", 4));
			assert_true(backlog_put(b, "k\n", 2));
			assert_string_equal(give(b), "hij\n");
			backlog_drop(b, 1);
			assert_string_equal(give(b), "k\n");
			backlog_drop(b, 1);
		}
	}
	backlog_free(b);
}

/* What waits, as one plain text. */
struct model {
	char text[256];
	size_t len;
	size_t sent; /* of the first line */
};

static void
assert_like_model(const struct backlog *b, const struct model *m)
{
	const char *waiting = m->text + m->sent;
	size_t len = m->len - m->sent, lines = 0;

	assert_int_equal(backlog_used(b), len);
	assert_memory_equal(peek(b, len), waiting, len);
	for (size_t i = 0; i < len; i++)
		lines += waiting[i] == '\n';
	assert_int_equal(backlog_count(b), lines);
	for (size_t max = 0; max <= len + 1; max++) {
		size_t whole = max < len ? max : len;

		while (whole > 0 && waiting[whole - 1] != '\n')
			whole--;
		assert_int_equal(backlog_whole(b, max), whole);
	}
}

static void
model_sent(struct model *m, size_t len)
{
	size_t whole = m->sent += len;

	while (whole > 0 && m->text[whole - 1] != '\n')
		whole--;
	m->len -= whole;
	m->sent -= whole;
	memmove(m->text, m->text + whole, m->len);
}

/* xorshift: the same walk at every run. */
static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static void
test_random_walk(void **state)
{
	uint32_t seed = 2463534242;

	(void)state;
	for (size_t budget = 1; budget < 60; budget++) {
		struct backlog *b = backlog_new(budget);
		struct model m = {.len = 0};

		for (int i = 0; i < 400; i++) {
			char line[32];
			size_t len = 1 + next_random(&seed) % 20;

			switch (next_random(&seed) % 5) {
			case 0:
				len = next_random(&seed) % (m.len - m.sent + 1);
				backlog_sent(b, len);
				model_sent(&m, len);
				break;
			case 1:
				backlog_rewind(b);
				m.sent = 0;
				break;
			default:
				memset(line, 'a' + i % 26, len);
				line[len - 1] = '\n';
				assert_int_equal(backlog_put(b, line, len),
				    m.len + len <= budget);
				if (m.len + len > budget)
					break;
				memcpy(m.text + m.len, line, len);
				m.len += len;
			}
			assert_like_model(b, &m);
			assert_int_equal(backlog_room(b), budget - m.len);
		}
		backlog_free(b);
	}
}

/* After much has waited the memory is another: what waits next is whole. */
static void
test_starts_again(void **state)
{
	enum {
		BUDGET = 4 * 1024 * 1024
	};
	struct backlog *b = backlog_new(BUDGET);

	(void)state;
	for (int turn = 0; turn < 3; turn++) {
		put(b, "first\n", true);
		while (backlog_room(b) >= 4)
			put(b, "two\n", true);
		backlog_sent(b, 8); /* into the second line */
		assert_string_equal(peek(b, 6), "o\ntwo\n");
		backlog_sent(b, backlog_used(b));
		assert_int_equal(backlog_room(b), BUDGET);
	}
	put(b, "last\n", true);
	assert_string_equal(peek(b, 5), "last\n");
	backlog_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines_leave_in_order),
	    cmocka_unit_test(test_refuses_what_does_not_fit),
	    cmocka_unit_test(test_whole_lines),
	    cmocka_unit_test(test_rewind),
	    cmocka_unit_test(test_lines_are_given),
	    cmocka_unit_test(test_heads),
	    cmocka_unit_test(test_random_walk),
	    cmocka_unit_test(test_starts_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
