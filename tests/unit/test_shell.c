/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words as a shell has to read them back; tests/encode-roundtrip lets a parser
 * of shell words do that, over many.
 */
#include "shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char buf[256];

static bool
word(struct bytes b)
{
	struct text t;
	struct json j;
	bool is_utf8;

	text_init(&t, buf, sizeof(buf));
	json_init(&j, &t);
	is_utf8 = shell_word(&j, b);
	text_char(&t, '\0');
	assert_true(text_ok(&t));
	return is_utf8;
}

static void
test_words(void **state)
{
	static const struct {
		const char *word, *want;
	} cases[] = {
	    {"ls", "ls"},
	    {"--a=/b,c:d@e_f%g+h.i-0", "--a=/b,c:d@e_f%g+h.i-0"},
	    {"", "''"},
	    {"a b", "'a b'"},
	    {"$x", "'$x'"},
	    {"~", "'~'"},
	    {"it's", "'it'\\\\''s'"},
	    {"'", "''\\\\'''"},
	    {"\"\\", "'\\\"\\\\'"},
	    {"\n\x1b", "'\\n\\u001b'"},
	    {"\xc3\xa9", "'\xc3\xa9'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(word(bytes_of(cases[i].word)));
		assert_string_equal(buf, cases[i].want);
	}
}

static void
test_broken_words(void **state)
{
	(void)state;
	assert_false(word(BYTES_LITERAL("\xff")));
	assert_string_equal(buf, "'\xef\xbf\xbd'");
	assert_false(word(BYTES_LITERAL("\xc3'a")));
	assert_false(word(BYTES_LITERAL("a'\xc3")));
	assert_string_equal(buf, "'a'\\\\''\xef\xbf\xbd'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_broken_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
