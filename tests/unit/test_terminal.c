/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "terminal.h"

static void
check(void (*show)(struct text *, struct bytes), const char *in, size_t len,
    const char *want)
{
	char buf[256];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	show(&t, (struct bytes){in, len});
	text_char(&t, '\0');
	assert_true(text_ok(&t));
	assert_string_equal(buf, want);
}

static void
word(const char *in, const char *want)
{
	check(terminal_word, in, strlen(in), want);
}

static void
line(const char *in, const char *want)
{
	check(terminal_line, in, strlen(in), want);
}

static void
test_plain_words_stay(void **state)
{
	(void)state;
	word("/usr/bin/ls", "/usr/bin/ls");
	word("--x=y,z;(a)'*$~", "--x=y,z;(a)'*$~");
	word("h\xc3\xb6st", "h\xc3\xb6st");
	word("\xe2\x82\xac\xf0\x9f\x90\xa7", "\xe2\x82\xac\xf0\x9f\x90\xa7");
}

static void
test_quotes(void **state)
{
	(void)state;
	word("", "\"\"");
	word("a b", "\"a b\"");
	word("say \"x\"", "\"say \\\"x\\\"\"");
	word("\"", "\"\\\"\"");
	word("a\\b", "\"a\\\\b\"");
	line("a b \"c\"", "a b \"c\"");
	line("a\\b", "a\\\\b");
	line("", "");
}

static void
test_controls(void **state)
{
	(void)state;
	word("\x1b[31m", "\"\\x1b[31m\"");
	word("a\nb\tc\rd", "\"a\\nb\\tc\\x0dd\"");
	word("\x7f", "\"\\x7f\"");
	check(terminal_word, "a\0b", 3, "\"a\\x00b\"");
	line("a\x1b]0;x\x07", "a\\x1b]0;x\\x07");
	/* C1 as UTF-8, and as the single byte that it is in Latin 1 */
	word("\xc2\x9b", "\"\\xc2\\x9b\"");
	word("\x9b", "\"\\x9b\"");
	word("\xc2\xa1", "\xc2\xa1");
}

static void
test_broken_utf8(void **state)
{
	(void)state;
	word("\xff", "\"\\xff\"");
	word("a\xc3", "\"a\\xc3\"");
	word("\xe2\x82", "\"\\xe2\\x82\"");
	word("\xc3\x28", "\"\\xc3(\"");
	word("\xed\xa0\x80", "\"\\xed\\xa0\\x80\"");
	word("\xc0\xaf", "\"\\xc0\\xaf\"");
	word("\xf5\x80\x80\x80", "\"\\xf5\\x80\\x80\\x80\"");
}

/* U+202E turns the rest of the line round: "Trojan Source", 2021. */
static void
test_invisible(void **state)
{
	(void)state;
	word("\xe2\x80\xae", "\"\\xe2\\x80\\xae\"");
	line("\xe2\x81\xa6", "\\xe2\\x81\\xa6");
	word("\xe2\x80\x8b", "\"\\xe2\\x80\\x8b\"");
	word("\xe2\x80\x8f", "\"\\xe2\\x80\\x8f\"");
	word("\xe2\x80\xa8", "\"\\xe2\\x80\\xa8\"");
	word("\xef\xbb\xbf", "\"\\xef\\xbb\\xbf\"");
	word("\xf3\xa0\x80\x81", "\"\\xf3\\xa0\\x80\\x81\"");
	/* their neighbours may be seen */
	word("\xe2\x80\x90", "\xe2\x80\x90");
	word("\xe2\x80\xaf", "\xe2\x80\xaf");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain_words_stay),
	    cmocka_unit_test(test_quotes),
	    cmocka_unit_test(test_controls),
	    cmocka_unit_test(test_broken_utf8),
	    cmocka_unit_test(test_invisible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
