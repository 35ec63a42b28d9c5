/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings_world.h"

static void
check_strings_equal(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		assert_ptr_equal(a, b);
	else
		assert_string_equal(a, b);
}

static void
check_lists_equal(
    const char *const *a, size_t na, const char *const *b, size_t nb)
{
	assert_int_equal(na, nb);
	for (size_t i = 0; i < na; i++)
		assert_string_equal(a[i], b[i]);
}

static void
check_sinks_equal(const struct sink_settings *a, const struct sink_settings *b)
{
	check_strings_equal(a->name, b->name);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->format, b->format);
	check_strings_equal(a->path, b->path);
	assert_int_equal(a->segment_size, b->segment_size);
	assert_int_equal(a->segments, b->segments);
	assert_int_equal(a->max_age_ms, b->max_age_ms);
	check_strings_equal(a->group, b->group);
	assert_int_equal(a->queue_size, b->queue_size);
}

static void
check_equal(const struct settings *a, const struct settings *b)
{
	check_strings_equal(a->node, b->node);
	check_strings_equal(a->user, b->user);
	check_strings_equal(a->state_path, b->state_path);
	check_strings_equal(a->run_path, b->run_path);
	assert_int_equal(a->stop_timeout_ms, b->stop_timeout_ms);
	assert_int_equal(a->reconcile.lateness_ms, b->reconcile.lateness_ms);
	assert_int_equal(a->reconcile.eoe_wait_ms, b->reconcile.eoe_wait_ms);
	assert_int_equal(a->reconcile.grace_ms, b->reconcile.grace_ms);
	assert_int_equal(a->acct.mode, b->acct.mode);
	check_lists_equal(
	    a->acct.files, a->acct.nfiles, b->acct.files, b->acct.nfiles);
	check_strings_equal(a->acct.own_file, b->acct.own_file);
	assert_int_equal(a->acct.own_size, b->acct.own_size);
	assert_int_equal(a->acct.poll_ms, b->acct.poll_ms);
	assert_int_equal(a->acct.wait_ms, b->acct.wait_ms);
	assert_int_equal(a->events.failed_exec, b->events.failed_exec);
	assert_int_equal(a->events.already_running, b->events.already_running);
	assert_int_equal(a->events.kernel_threads, b->events.kernel_threads);
	assert_int_equal(a->events.heartbeat_ms, b->events.heartbeat_ms);
	check_lists_equal(a->events.redact, a->events.nredact, b->events.redact,
	    b->events.nredact);
	assert_int_equal(a->limits.lives, b->limits.lives);
	assert_int_equal(a->limits.held_facts, b->limits.held_facts);
	assert_int_equal(a->limits.open_events, b->limits.open_events);
	assert_int_equal(a->limits.event_bytes, b->limits.event_bytes);
	assert_int_equal(a->limits.args_bytes, b->limits.args_bytes);
	assert_int_equal(
	    a->capabilities.audit_control, b->capabilities.audit_control);
	assert_int_equal(
	    a->capabilities.sys_ptrace, b->capabilities.sys_ptrace);
	assert_int_equal(a->nsinks, b->nsinks);
	for (size_t i = 0; i < a->nsinks; i++)
		check_sinks_equal(&a->sinks[i], &b->sinks[i]);
}

static void
defaults_are_as_documented(void **state)
{
	struct err err;
	struct settings *s = settings_load(NULL, &err);

	(void)state;
	assert_non_null(s);
	assert_null(s->node);
	assert_string_equal(s->user, "_proclife");
	assert_string_equal(
	    s->state_path, PROCLIFE_LOCALSTATEDIR "/lib/proclife");
	assert_string_equal(s->run_path, PROCLIFE_RUNDIR "/proclife");
	assert_int_equal(s->stop_timeout_ms, 5000);
	assert_int_equal(s->reconcile.lateness_ms, 2000);
	assert_int_equal(s->reconcile.eoe_wait_ms, 200);
	assert_int_equal(s->reconcile.grace_ms, 10000);
	assert_int_equal(s->acct.mode, ACCT_FOLLOW);
	assert_int_equal(s->acct.nfiles, 2);
	assert_string_equal(s->acct.files[0], "/var/log/account/pacct");
	assert_string_equal(s->acct.files[1], "/var/account/pacct");
	assert_string_equal(
	    s->acct.own_file, PROCLIFE_LOCALSTATEDIR "/lib/proclife/pacct");
	assert_int_equal(s->acct.own_size, 64 << 20);
	assert_int_equal(s->acct.poll_ms, 250);
	assert_int_equal(s->acct.wait_ms, 1000);
	assert_false(s->events.failed_exec);
	assert_true(s->events.already_running);
	assert_false(s->events.kernel_threads);
	assert_int_equal(s->events.heartbeat_ms, 300000);
	assert_int_equal(s->events.nredact, 0);
	assert_int_equal(s->limits.lives, 262144);
	assert_int_equal(s->limits.held_facts, 65536);
	assert_int_equal(s->limits.open_events, 4096);
	assert_int_equal(s->limits.event_bytes, 4 << 20);
	assert_int_equal(s->limits.args_bytes, 4096);
	assert_true(s->capabilities.audit_control);
	assert_false(s->capabilities.sys_ptrace);
	settings_free(s);
}

static void
default_sink_is_as_documented(void **state)
{
	struct err err;
	struct settings *s = settings_load(NULL, &err);

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->nsinks, 1);
	assert_string_equal(s->sinks->name, "file");
	assert_int_equal(s->sinks->type, SINK_FILE);
	assert_int_equal(s->sinks->format, FORMAT_ECS);
	assert_string_equal(
	    s->sinks->path, PROCLIFE_LOCALSTATEDIR "/log/proclife");
	assert_int_equal(s->sinks->segment_size, 64 << 20);
	assert_int_equal(s->sinks->segments, 16);
	assert_int_equal(s->sinks->max_age_ms, INT64_C(30) * 86400000);
	assert_null(s->sinks->group);
	assert_int_equal(s->sinks->queue_size, 8 << 20);
	settings_free(s);
}

static void
empty_file_gives_the_defaults(void **state)
{
	static const char *const empty[] = {"", "\n", "# nothing", "// nothing",
	    "/* nothing\n */", " \t\r\n\f ", "limits: {};"};
	struct err err;
	struct settings *defaults = settings_load(NULL, &err);

	(void)state;
	assert_non_null(defaults);
	for (size_t i = 0; i < LENGTH(empty); i++) {
		struct settings *s = load_good(empty[i]);

		check_equal(s, defaults);
		settings_free(s);
	}
	settings_free(defaults);
}

/* Copies the open file in to our file, each line changed as the build is. */
static void
copy_as_installed(FILE *in)
{
	static const struct {
		const char *from, *to;
	} paths[] = {
	    {"\"/var/lib/proclife",
		"\"" PROCLIFE_LOCALSTATEDIR "/lib/proclife"},
	    {"\"/var/log/proclife",
		"\"" PROCLIFE_LOCALSTATEDIR "/log/proclife"},
	    {"\"/run/proclife", "\"" PROCLIFE_RUNDIR "/proclife"},
	};
	FILE *out = fopen(file, "w");
	char line[512];

	assert_non_null(out);
	while (fgets(line, sizeof(line), in) != NULL) {
		size_t i = 0;
		const char *at = NULL;

		while (i < LENGTH(paths) &&
		       (at = strstr(line, paths[i].from)) == NULL)
			i++;
		if (at == NULL)
			fputs(line, out);
		else
			fprintf(out, "%.*s%s%s", (int)(at - line), line,
			    paths[i].to, at + strlen(paths[i].from));
	}
	assert_int_equal(fclose(out), 0);
}

static FILE *
open_shipped(void)
{
	const char *top = getenv("abs_top_srcdir");
	char path[4096];

	snprintf(path, sizeof(path), "%s/conf/audisp-proclife.conf",
	    top == NULL ? "." : top);
	return fopen(path, "r");
}

static void
shipped_file_gives_the_defaults(void **state)
{
	struct err err = {""};
	FILE *in = open_shipped();

	(void)state;
	assert_non_null(in);
	copy_as_installed(in);
	fclose(in);

	struct settings *s = settings_load(file, &err);
	struct settings *defaults = settings_load(NULL, &err);
	assert_string_equal(err.text, "");
	check_equal(s, defaults);
	settings_free(s);
	settings_free(defaults);
}

/* The name in "name = value" or "name: {", or NULL. */
static char *
key_of(char *line)
{
	char *key = line + strspn(line, " \t");
	size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz_");

	if (len == 0 || (key[len] != ':' && strncmp(key + len, " = ", 3) != 0))
		return NULL;
	key[len] = '\0';
	return key;
}

/* So that no key is missing in the file: it names those that are printed. */
static void
shipped_file_shows_every_key(void **state)
{
	struct err err;
	struct settings *s = settings_load(NULL, &err);
	FILE *out = fopen(file, "w+"), *in = open_shipped();
	char printed[512], shipped[512];

	(void)state;
	assert_non_null(s);
	assert_non_null(out);
	assert_non_null(in);
	settings_print(s, out);
	rewind(out);
	while (fgets(printed, sizeof(printed), out) != NULL) {
		const char *key = key_of(printed), *found = NULL;

		while (key != NULL && found == NULL) {
			assert_non_null(fgets(shipped, sizeof(shipped), in));
			found = key_of(shipped);
		}
		if (key != NULL)
			assert_string_equal(found, key);
	}
	while (fgets(shipped, sizeof(shipped), in) != NULL)
		assert_null(key_of(shipped));
	fclose(in);
	fclose(out);
	settings_free(s);
}

static const char everything[] =
    "node = \"web-1.example\"; user = \"\"; state_path = \"/s//t/\";\n"
    "run_path = \"/r\"; stop_timeout = \"100ms\";\n"
    "reconcile: { lateness = \"1m\"; eoe_wait = \"10ms\"; grace = \"600s\"; }\n"
    "acct: { mode = \"own\"; files = [ \"/a\", \"/b c/\\\"d\\\\\" ];\n"
    "  own_file = \"/o\"; own_size = \"16GiB\"; poll = \"10ms\"; wait = \"1m\" "
    "}\n"
    "events: { failed_exec = true; already_running = FALSE;\n"
    "  kernel_threads = True; heartbeat = \"24h\";\n"
    "  redact = ( \"--password=*\", \"-p *\", \"\\x01\\t=*\" ); };\n"
    "limits: { lives = 1000; held_facts = 4000000; open_events = 0x40;\n"
    "  event_bytes = \"65536B\"; args_bytes = \"2048KiB\"; };\n"
    "capabilities: { audit_control = false; sys_ptrace = true; };\n"
    "sinks: ( { type = \"file\"; path = \"/x\"; segment_size = \"64KiB\";\n"
    "    segments = 2L; max_age = \"1m\"; group = \"adm\";\n"
    "    queue_size = \"1GiB\"; },\n"
    "  { type = \"stdout\"; format = \"text\"; },\n"
    "  { name = \"second\"; type = \"file\"; path = \"/y\"; } );\n";

static void
every_key_is_read(void **state)
{
	struct settings *s = load_good(everything);

	(void)state;
	assert_string_equal(s->node, "web-1.example");
	assert_string_equal(s->user, "");
	assert_string_equal(s->state_path, "/s/t");
	assert_string_equal(s->run_path, "/r");
	assert_int_equal(s->stop_timeout_ms, 100);
	assert_int_equal(s->reconcile.lateness_ms, 60000);
	assert_int_equal(s->reconcile.eoe_wait_ms, 10);
	assert_int_equal(s->reconcile.grace_ms, 600000);
	assert_int_equal(s->acct.mode, ACCT_OWN);
	assert_int_equal(s->acct.nfiles, 2);
	assert_string_equal(s->acct.files[0], "/a");
	assert_string_equal(s->acct.files[1], "/b c/\"d\\");
	assert_string_equal(s->acct.own_file, "/o");
	assert_int_equal(s->acct.own_size, UINT64_C(16) << 30);
	assert_int_equal(s->acct.poll_ms, 10);
	assert_int_equal(s->acct.wait_ms, 60000);
	assert_true(s->events.failed_exec);
	assert_false(s->events.already_running);
	assert_true(s->events.kernel_threads);
	assert_int_equal(s->events.heartbeat_ms, 86400000);
	assert_int_equal(s->events.nredact, 3);
	assert_string_equal(s->events.redact[0], "--password=*");
	assert_string_equal(s->events.redact[1], "-p *");
	assert_string_equal(s->events.redact[2], "\x01\t=*");
	assert_int_equal(s->limits.lives, 1000);
	assert_int_equal(s->limits.held_facts, 4000000);
	assert_int_equal(s->limits.open_events, 64);
	assert_int_equal(s->limits.event_bytes, 65536);
	assert_int_equal(s->limits.args_bytes, 2 << 20);
	assert_false(s->capabilities.audit_control);
	assert_true(s->capabilities.sys_ptrace);
	settings_free(s);
}

static void
every_key_of_a_sink_is_read(void **state)
{
	struct settings *s = load_good(everything);

	(void)state;
	assert_int_equal(s->nsinks, 3);
	assert_string_equal(s->sinks[0].name, "file");
	assert_int_equal(s->sinks[0].type, SINK_FILE);
	assert_int_equal(s->sinks[0].format, FORMAT_ECS);
	assert_string_equal(s->sinks[0].path, "/x");
	assert_int_equal(s->sinks[0].segment_size, 65536);
	assert_int_equal(s->sinks[0].segments, 2);
	assert_int_equal(s->sinks[0].max_age_ms, 60000);
	assert_string_equal(s->sinks[0].group, "adm");
	assert_int_equal(s->sinks[0].queue_size, 1 << 30);
	assert_string_equal(s->sinks[1].name, "stdout");
	assert_int_equal(s->sinks[1].type, SINK_STDOUT);
	assert_int_equal(s->sinks[1].format, FORMAT_TEXT);
	assert_null(s->sinks[1].path);
	assert_string_equal(s->sinks[2].name, "second");
	assert_int_equal(s->sinks[2].segment_size, 64 << 20);
	settings_free(s);
}

static void
check_print_again(const struct settings *s)
{
	struct err err = {""};
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	settings_print(s, out);
	assert_int_equal(fclose(out), 0);
	struct settings *again = settings_load(file, &err);
	assert_string_equal(err.text, "");
	check_equal(again, s);
	settings_free(again);
}

static void
what_is_printed_is_read_again(void **state)
{
	struct err err;
	struct settings *s = settings_load(NULL, &err);

	(void)state;
	assert_non_null(s);
	check_print_again(s);
	settings_free(s);
	s = load_good(everything);
	check_print_again(s);
	settings_free(s);
}

static void
own_file_follows_state_path(void **state)
{
	struct settings *s = load_good("state_path = \"/elsewhere\";");

	(void)state;
	assert_string_equal(s->acct.own_file, "/elsewhere/pacct");
	settings_free(s);
}

/* A file that breaks off anywhere is read or refused; sanitizers look on. */
static void
a_cut_file_does_no_harm(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(everything); len++) {
		struct err err = {""};
		struct settings *s = load_bytes(everything, len, &err);

		assert_int_equal(s == NULL, err.text[0] != '\0');
		settings_free(s);
	}
}

static void
free_takes_null(void **state)
{
	(void)state;
	settings_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults_are_as_documented),
	    cmocka_unit_test(default_sink_is_as_documented),
	    cmocka_unit_test(empty_file_gives_the_defaults),
	    cmocka_unit_test(shipped_file_gives_the_defaults),
	    cmocka_unit_test(shipped_file_shows_every_key),
	    cmocka_unit_test(every_key_is_read),
	    cmocka_unit_test(every_key_of_a_sink_is_read),
	    cmocka_unit_test(what_is_printed_is_read_again),
	    cmocka_unit_test(own_file_follows_state_path),
	    cmocka_unit_test(a_cut_file_does_no_harm),
	    cmocka_unit_test(free_takes_null),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
