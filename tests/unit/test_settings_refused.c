/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings_world.h"

#include <errno.h>

#include "redact.h"

/* want follows the file's name in the message. */
static void
check_refused(const char *text, const char *want)
{
	struct err err = {""};
	char whole[sizeof(err.text)];

	assert_null(load(text, &err));
	snprintf(whole, sizeof(whole), "%s%s", file, want);
	assert_string_equal(err.text, whole);
}

struct refused {
	const char *text, *why;
};

static void
check_all_refused(const struct refused *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_refused(cases[i].text, cases[i].why);
}

#define LIVES_RANGE " is out of range (1000 to 4000000)"

/* libconfig 1.5 makes other numbers of most of these, all without a word. */
static void
numbers_do_not_wrap(void **state)
{
	static const struct {
		const char *value, *read;
	} cases[] = {
	    {"3000000000", "3000000000"},
	    {"4294967295", "4294967295"},
	    {"8589934592", "8589934592"},
	    /* 2000 if wrapped: within the range */
	    {"4294969296", "4294969296"},
	    {"4294969296L", "4294969296"},
	    {"0x1000007D0", "4294969296"},
	    {"0x1FFFFFFFF", "8589934591"},
	    {"-1", "-1"},
	    {"-4294965296", "-4294965296"},
	    {"999", "999"},
	    {"4000001", "4000001"},
	    {"9223372036854775807", "9223372036854775807"},
	};
	char text[100], why[100];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		snprintf(text, sizeof(text), "limits:\n{ lives = %s; };",
		    cases[i].value);
		snprintf(why, sizeof(why), ":2: limits.lives: %s" LIVES_RANGE,
		    cases[i].read);
		check_refused(text, why);
	}
	check_refused("limits: { lives = 9223372036854775808; };",
	    ":1: 9223372036854775808 is out of range");
}

static void
lines_are_counted_through_comments_and_strings(void **state)
{
	static const struct refused cases[] = {
	    {"/* 1\n 2\n */ # 3\n// 4\nnode = \"\n\n\"; x\n;",
		":8: syntax error"},
	    {"node = \"a\";\r\n/* 1.5\n1.5 */\n\nlimits:\n{ lives =\n\n1; };",
		":6: limits.lives: 1" LIVES_RANGE},
	    {"# 1.5 \"\n// 1.5 /*\n\nlimits = 1.5;",
		":4: \"1.5\" is no whole number"},
	};

	(void)state;
	check_all_refused(cases, LENGTH(cases));
}

static void
broken_files_are_refused(void **state)
{
	static const struct refused cases[] = {
	    {"node = \"a\";\nnode = \"b\";", ":2: duplicate setting name"},
	    {"limits: { lives = 2000;\n lives = 2000; };",
		":2: duplicate setting name"},
	    {"node = \n;", ":2: syntax error"},
	    {"\n@include \"/etc/passwd\"\n", ":2: @include is not supported"},
	    {"\nnode = \"a;\n\n", ":2: a string begins here and never ends"},
	};

	(void)state;
	check_all_refused(cases, LENGTH(cases));
}

static void
bad_values_are_refused(void **state)
{
	static const struct refused cases[] = {
	    {"acct: { own_size = \"1KiB\"; };",
		":1: acct.own_size: 1KiB is out of range (16KiB to 16GiB)"},
	    {"stop_timeout = \"5min\";",
		":1: stop_timeout: wants a duration such as \"250ms\" "
		"(ms, s, m, h, d), not \"5min\""},
	    {"acct: { mode = \"Own\"; };",
		":1: acct.mode: wants one of \"follow\", \"own\", \"off\", "
		"not \"Own\""},
	    {"node = \"\";", ":1: node: must not be empty"},
	    {"run_path = \"run\";",
		":1: run_path: \"run\" is no absolute path"},
	    {"acct: { files = [\n\"/a\",\n\"b\" ]; };",
		":1: acct.files: \"b\" is no absolute path"},
	    {"acct: { files = [ ]; };",
		":1: acct.files: has 0 parts, wants 1 to 8"},
	};

	(void)state;
	check_all_refused(cases, LENGTH(cases));
}

static void
unknown_keys_are_refused(void **state)
{
	static const struct refused cases[] = {
	    {"\nnodes = \"x\";", ":2: nodes: there is no such setting"},
	    {"lives = 2000;", ":1: lives: there is no such setting"},
	    {"limit: { lives = 2000; };",
		":1: limit: there is no such setting"},
	    {"limits: {\n lives = 2000;\n live = 1; };",
		":3: limits.live: there is no such setting"},
	    {"limits: { limits: { lives = 2000; }; };",
		":1: limits.limits: there is no such setting"},
	    {"limits: { sinks: (); };",
		":1: limits.sinks: there is no such setting"},
	    {"sinks: ( { type = \"file\";\n color = \"red\"; } );",
		":2: sinks[0].color: there is no such setting"},
	    {"sinks: ( { type = \"file\"; sinks = ( ); } );",
		":1: sinks[0].sinks: there is no such setting"},
	    {"sinks: ( { type = \"stdout\";\n path = \"/x\"; } );",
		":2: sinks[0].path: a sink of this type has no such setting"},
	};

	(void)state;
	check_all_refused(cases, LENGTH(cases));
}

/* Longer than what a key is compared in. */
static void
long_unknown_keys_are_refused(void **state)
{
	char text[4096];
	struct err err = {""};
	size_t len = strlen(strcpy(text, "limits: { lives"));

	(void)state;
	memset(text + len, 'x', sizeof(text) - len);
	strcpy(text + sizeof(text) - 8, " = 1;};");
	assert_null(load(text, &err));
	assert_non_null(strstr(err.text, ":1: limits.livesxxx"));
	assert_non_null(strstr(err.text, "xxx: there is no such setting"));
}

static void
wrong_types_are_refused(void **state)
{
	static const struct refused cases[] = {
	    {"node = 5;", ":1: node: wants a name in quotes"},
	    {"node = true;", ":1: node: wants a name in quotes"},
	    {"node = [ \"a\" ];", ":1: node: wants a name in quotes"},
	    {"node: { };", ":1: node: wants a name in quotes"},
	    {"run_path = 5;", ":1: run_path: wants an absolute path in quotes"},
	    {"stop_timeout = 5;",
		":1: stop_timeout: wants a duration such as \"250ms\" "
		"(ms, s, m, h, d)"},
	    {"acct: { own_size = 67108864; };",
		":1: acct.own_size: wants a size such as \"64MiB\" "
		"(B, KiB, MiB, GiB)"},
	    {"acct: { mode = false; };",
		":1: acct.mode: wants one of \"follow\", \"own\", \"off\""},
	    {"acct: { files = \"/a\"; };",
		":1: acct.files: wants paths such as [ \"/a/b\", \"/c/d\" ]"},
	    {"acct: { files = ( \"/a\", 5 ); };",
		":1: acct.files: wants paths such as [ \"/a/b\", \"/c/d\" ]"},
	    {"events: { redact = [ 5 ]; };",
		":1: events.redact: wants patterns such as "
		"[ \"--password=*\" ]"},
	    {"events: { failed_exec = 1; };",
		":1: events.failed_exec: wants true or false"},
	    {"events: { failed_exec = \"true\"; };",
		":1: events.failed_exec: wants true or false"},
	    {"limits = 5;", ":1: limits: wants a group: { ... };"},
	    {"limits = ( { lives = 2000; } );",
		":1: limits: wants a group: { ... };"},
	    {"sinks = [ ];",
		":1: sinks: wants 1 to 16 sinks: ( { type = \"file\"; "
		"... } );"},
	    {"sinks: { type = \"file\"; };",
		":1: sinks: wants 1 to 16 sinks: ( { type = \"file\"; "
		"... } );"},
	    {"sinks = ( \"file\" );",
		":1: sinks[0]: wants a group: { type = \"file\"; ... }"},
	};

	(void)state;
	check_all_refused(cases, LENGTH(cases));
}

static void
bad_patterns_are_refused(void **state)
{
	struct err err = {""};

	(void)state;
	assert_null(load("\nevents: { redact = [ \"a=*\", \"b\" ]; };", &err));
	assert_non_null(strstr(err.text, "conf:2: events.redact: "));
	/* The rest of the message is redact's. */
	struct err why;
	assert_int_equal(redact_check("b", &why), -1);
	assert_non_null(strstr(err.text, why.text));
}

static void
bad_sinks_are_refused(void **state)
{
	static const struct refused cases[] = {
	    {"sinks: (\n{ path = \"/x\"; } );",
		":2: sinks[0].type: wants one of \"file\", \"stdout\", "
		"\"unix\", \"tcp\", \"tls\", \"relp\""},
	    {"sinks: ( { type = \"kafka\"; } );",
		":1: sinks[0].type: wants one of \"file\", \"stdout\", "
		"\"unix\", \"tcp\", \"tls\", \"relp\", not \"kafka\""},
	    {"sinks: ( { type = 1; } );",
		":1: sinks[0].type: wants one of "
		"\"file\", \"stdout\", \"unix\", \"tcp\", \"tls\", \"relp\""},
	    {"sinks: (\n { type = \"stdout\"; },\n { type = \"file\";\n"
	     " format = \"text\"; } );",
		":3: sinks[1].format: \"text\" is for sinks of type "
		"\"stdout\""},
	    {"sinks: ( { type = \"stdout\"; name = \"\"; } );",
		":1: sinks[0].name: must not be empty"},
	    {"sinks: ( { type = \"file\"; },\n { type = \"file\";"
	     " path = \"/x\"; } );",
		":2: sinks[1].name: another sink is named \"file\", too"},
	    {"sinks: ( { type = \"stdout\"; name = \"a\"; },\n"
	     " { type = \"file\"; },\n"
	     " { type = \"file\"; name = \"a\"; path = \"/x\"; } );",
		":3: sinks[2].name: another sink is named \"a\", too"},
	    {"sinks: ( { type = \"file\"; path = \"/x/y\"; },\n"
	     " { type = \"file\"; name = \"b\"; path = \"/x//y/\"; } );",
		":2: sinks[1].path: sink \"file\" writes to /x/y, too"},
	    {"sinks: ( { type = \"file\"; segments = 1; } );",
		":1: sinks[0].segments: 1 is out of range (2 to 100000)"},
	    {"sinks: ( { type = \"file\"; max_age = \"3651d\"; } );",
		":1: sinks[0].max_age: 3651d is out of range (1m to 3650d)"},
	};

	(void)state;
	check_all_refused(cases, LENGTH(cases));
}

static void
seventeen_sinks_are_refused(void **state)
{
	char text[2000] = "sinks: (\n", part[64];

	(void)state;
	for (int i = 0; i < 17; i++) {
		snprintf(part, sizeof(part),
		    "%s{ type = \"stdout\"; name = \"%d\"; }",
		    i == 0 ? "" : ", ", i);
		strcat(text, part);
		if (i == 15) {
			size_t len = strlen(text);

			strcat(text, ");");
			struct settings *s = load_good(text);
			assert_int_equal(s->nsinks, 16);
			assert_string_equal(s->sinks[15].name, "15");
			settings_free(s);
			text[len] = '\0';
		}
	}
	strcat(text, ");");
	check_refused(text,
	    ":1: sinks: wants 1 to 16 sinks: ( { type = \"file\"; ... } );");
}

static void
large_files_are_refused(void **state)
{
	const size_t max = 64 * 1024;
	char *text = malloc(max + 2);
	struct err err = {""};
	char want[sizeof(err.text)];

	(void)state;
	assert_non_null(text);
	memset(text, '#', max + 1);
	text[max] = '\0';
	settings_free(load_good(text));
	text[max] = '#';
	text[max + 1] = '\0';
	assert_null(load(text, &err));
	snprintf(want, sizeof(want), "%s is larger than %zu bytes", file, max);
	assert_string_equal(err.text, want);
	free(text);
}

static void
too_many_patterns_are_refused(void **state)
{
	char text[2000] = "events: { redact = [ \"0=*\"";

	(void)state;
	for (int i = 1; i < 64; i++)
		strcat(text, ", \"x=*\"");
	size_t len = strlen(text);
	strcat(text, " ]; };");
	struct settings *s = load_good(text);
	assert_int_equal(s->events.nredact, 64);
	assert_string_equal(s->events.redact[63], "x=*");
	settings_free(s);
	strcpy(text + len, ", \"y=*\" ]; };");
	check_refused(text, ":1: events.redact: has 65 parts, 64 are the most");
}

static void
missing_file_is_named(void **state)
{
	struct err err;
	char path[sizeof(folder) + 8], want[sizeof(err.text)];

	(void)state;
	snprintf(path, sizeof(path), "%s/none", folder);
	assert_null(settings_load(path, &err));
	snprintf(
	    want, sizeof(want), "cannot open %s: %s", path, strerror(ENOENT));
	assert_string_equal(err.text, want);

	assert_null(settings_load(folder, &err));
	snprintf(
	    want, sizeof(want), "cannot read %s: %s", folder, strerror(EISDIR));
	assert_string_equal(err.text, want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_do_not_wrap),
	    cmocka_unit_test(lines_are_counted_through_comments_and_strings),
	    cmocka_unit_test(broken_files_are_refused),
	    cmocka_unit_test(bad_values_are_refused),
	    cmocka_unit_test(unknown_keys_are_refused),
	    cmocka_unit_test(long_unknown_keys_are_refused),
	    cmocka_unit_test(wrong_types_are_refused),
	    cmocka_unit_test(bad_patterns_are_refused),
	    cmocka_unit_test(bad_sinks_are_refused),
	    cmocka_unit_test(seventeen_sinks_are_refused),
	    cmocka_unit_test(large_files_are_refused),
	    cmocka_unit_test(too_many_patterns_are_refused),
	    cmocka_unit_test(missing_file_is_named),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
