/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings_world.h"

#include "event.h"

static struct settings *
load_sinks(const char *sinks)
{
	char text[4096];

	snprintf(text, sizeof(text), "sinks: ( %s );", sinks);
	return load_good(text);
}

static void
what_follows_from_the_type(void **state)
{
	struct settings *s =
	    load_sinks("{ type = \"unix\"; socket = \"/run/x\"; },"
		       "{ type = \"tcp\"; host = \"h\"; port = 1;"
		       "  framing = \"syslog\"; },"
		       "{ type = \"tls\"; host = \"h\"; port = 65535; },"
		       "{ type = \"relp\"; host = \"::1\"; port = 2; }");
	const struct sink_settings *k = s->sinks;

	(void)state;
	assert_int_equal(k[0].framing, FRAMING_LINE);
	assert_int_equal(k[0].max_event, SETTINGS_EVENT_MAX);
	assert_false(k[0].spool);
	assert_int_equal(k[1].max_event, 8000);
	assert_int_equal(k[1].resend_size, 4 << 20);
	assert_false(k[1].tls);
	assert_true(k[2].tls && k[2].verify);
	assert_int_equal(k[2].framing, FRAMING_LINE);
	assert_int_equal(k[3].framing, FRAMING_SYSLOG);
	assert_int_equal(k[3].max_event, 8000);
	assert_true(k[3].spool);
	assert_string_equal(
	    k[3].spool_folder, PROCLIFE_LOCALSTATEDIR "/spool/proclife/relp");
	for (int i = 0; i < 4; i++)
		assert_int_equal(k[i].actions, 63);
	settings_free(s);
}

static void
filters_are_read(void **state)
{
	struct settings *s =
	    load_good("sinks: ( { type = \"file\"; actions = [ \"end\","
		      " \"loss\" ]; users = [ \"!root\", \"7-9\" ];"
		      " max_event = \"1KiB\"; } );"
		      "spool_path = \"/s\";");

	(void)state;
	assert_int_equal(s->sinks->actions, 1U << EVENT_END | 1U << EVENT_LOSS);
	assert_int_equal(s->sinks->nusers, 2);
	assert_string_equal(s->sinks->users[1], "7-9");
	assert_int_equal(s->sinks->max_event, 1024);
	assert_string_equal(s->spool_path, "/s");
	settings_free(s);
}

/* What is kept to be sent again leaves room for more, and so does a line. */
static void
a_small_queue_keeps_less(void **state)
{
	struct settings *s =
	    load_sinks("{ type = \"tcp\"; host = \"h\"; port = 1;"
		       "  queue_size = \"100KiB\"; },"
		       "{ name = \"s\"; type = \"tcp\"; host = \"h\"; port = 1;"
		       "  queue_size = \"100KiB\"; spool = true; }");

	(void)state;
	assert_int_equal(s->sinks[0].resend_size, 50 << 10);
	assert_int_equal(s->sinks[1].resend_size, 8 << 20);
	assert_int_equal(s->sinks[0].max_event, 50 << 10);
	assert_int_equal(s->sinks[1].max_event, 50 << 10);
	settings_free(s);
}

static const char both[] =
    "{ name = \"a\"; type = \"relp\"; host = \"h\"; port = 2; tls = true;"
    "  ca_file = \"/ca\"; cert_file = \"/c\"; key_file = \"/k\";"
    "  verify_name = \"n\"; users = [ \"1\", \"2\" ]; },"
    "{ name = \"b\"; type = \"file\"; }";

static void
a_copy_is_the_same(void **state)
{
	struct settings *s = load_sinks(both);
	struct sink_settings *a = settings_copy_sink(&s->sinks[0]);
	struct sink_settings *b = settings_copy_sink(&s->sinks[1]);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_true(settings_same_sink(a, &s->sinks[0]));
	assert_true(settings_same_sink(b, &s->sinks[1]));
	settings_free(s);
	assert_string_equal(a->key_file, "/k");
	assert_string_equal(a->users[1], "2");
	assert_string_equal(
	    a->spool_folder, PROCLIFE_LOCALSTATEDIR "/spool/proclife/a");
	assert_string_equal(b->name, "b");
	settings_free_sink(a);
	settings_free_sink(b);
	settings_free_sink(NULL);
}

/* One setting, whatever it is, makes another sink. */
static void
what_differs_is_seen(void **state)
{
	static const char *const others[] = {"type = \"tls\"", "port = 3",
	    "host = \"i\"", "verify = false", "users = [ \"1\" ]",
	    "users = [ \"1\", \"3\" ]", "actions = [ \"end\" ]",
	    "queue_size = \"1MiB\"", "spool_age = \"1m\"", "key_file = \"/l\"",
	    "max_event = \"1MiB\"", "format = \"ocsf\"", "name = \"z\"",
	    "verify_name = \"\""};
	static const char *const own[] = {"type = \"relp\"", "port = 2",
	    "host = \"h\"", "verify = true", "users = [ \"1\", \"2\" ]",
	    "actions = [ \"fork\", \"end\" ]", "queue_size = \"4MiB\"",
	    "spool_age = \"2m\"", "key_file = \"/k\"", "max_event = \"2MiB\"",
	    "format = \"ecs\"", "name = \"y\"", "verify_name = \"n\"",
	    "cert_file = \"/c\""};

	(void)state;
	for (size_t i = 0; i < LENGTH(others); i++) {
		char text[2][2048] = {"", ""};
		struct settings *s;

		for (size_t k = 0; k < LENGTH(own); k++) {
			size_t len = strcspn(own[k], " ");
			bool is_it = strncmp(own[k], others[i], len + 1) == 0;

			for (int j = 0; j < 2; j++)
				snprintf(text[j] + strlen(text[j]), 256, "%s; ",
				    j == 1 && is_it ? others[i] : own[k]);
		}
		snprintf(text[0] + strlen(text[0]), 16, "tls = true;");
		if (strstr(text[1], "relp") != NULL)
			snprintf(text[1] + strlen(text[1]), 16, "tls = true;");
		struct settings *a;
		char one[2100];

		snprintf(one, sizeof(one), "{ %s }", text[0]);
		a = load_sinks(one);
		snprintf(one, sizeof(one), "{ %s }", text[1]);
		s = load_sinks(one);
		assert_true(settings_same_sink(a->sinks, a->sinks));
		if (settings_same_sink(a->sinks, s->sinks))
			fail_msg("not seen: %s", others[i]);
		settings_free(a);
		settings_free(s);
	}
}

static const struct refused {
	const char *sinks, *why;
} refused[] = {
    {"{ type = \"unix\"; }", "sinks[0].socket: is missing"},
    {"{ type = \"tcp\"; port = 1; }", "sinks[0].host: is missing"},
    {"{ type = \"relp\"; host = \"h\"; }", "sinks[0].port: is missing"},
    {"{ type = \"tcp\"; host = \"h\"; port = 65536; }",
	"sinks[0].port: 65536 is out of range (1 to 65535)"},
    {"{ type = \"tcp\"; host = \"h\"; port = 1; ca_file = \"/a\"; }",
	"a sink of this type has no such setting"},
    {"{ type = \"relp\"; host = \"h\"; port = 1; ca_file = \"/a\"; }",
	"sinks[0].tls: is false"},
    {"{ type = \"tls\"; host = \"h\"; port = 1; cert_file = \"/a\"; }",
	"sinks[0].key_file: a certificate needs its key"},
    {"{ type = \"tls\"; host = \"h\"; port = 1; key_file = \"/a\"; }",
	"sinks[0].cert_file: a certificate needs its key"},
    {"{ type = \"file\"; spool = true; }",
	"a sink of this type has no such setting"},
    {"{ name = \"a/b\"; type = \"relp\"; host = \"h\"; port = 1; }",
	"sinks[0].name: \"a/b\" can't be the name of a folder"},
    {"{ name = \"..\"; type = \"relp\"; host = \"h\"; port = 1; }",
	"sinks[0].name: \"..\" can't be the name of a folder"},
    {"{ type = \"file\"; actions = [ ]; }",
	"sinks[0].actions: has 0 parts, wants 1 to 64"},
    {"{ type = \"file\"; actions = [ \"begin\" ]; }",
	"sinks[0].actions: wants a list out of \"fork\", \"exec\""},
    {"{ type = \"file\"; actions = \"end\"; }",
	"sinks[0].actions: wants a list out of"},
    {"{ type = \"file\"; users = [ \"a b c\" ]; }",
	"sinks[0].users: no user \"a b c\""},
    {"{ type = \"unix\"; socket = \"/s\"; framing = \"nul\"; }",
	"sinks[0].framing: wants one of \"line\", \"syslog\""},
};

static void
what_can_not_be_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(refused); i++) {
		char text[1024];
		struct err err = {""};

		snprintf(
		    text, sizeof(text), "sinks: ( %s );", refused[i].sinks);
		assert_null(load(text, &err));
		if (strstr(err.text, refused[i].why) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", err.text,
			    refused[i].why);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_follows_from_the_type),
	    cmocka_unit_test(filters_are_read),
	    cmocka_unit_test(a_small_queue_keeps_less),
	    cmocka_unit_test(a_copy_is_the_same),
	    cmocka_unit_test(what_differs_is_seen),
	    cmocka_unit_test(what_can_not_be_is_refused),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
