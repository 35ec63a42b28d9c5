/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "made_world.h"

static void
test_auditor(void **state)
{
	struct check_world *w = *state;

	strcpy(w->auditor, "go-audit");
	expect_only(w, "auditd", CHECK_BROKEN, "process 400 (go-audit)",
	    "kill 400 && systemctl restart auditd");
	w->auditor[0] = '\0';
	expect_only(w, "auditd", CHECK_OK, "process 400", "");
	w->audit.pid = 0;
	expect_only(
	    w, "auditd", CHECK_BROKEN, "not running", "systemctl start auditd");
	w->systemd = false;
	expect_only(
	    w, "auditd", CHECK_BROKEN, "not running", "service auditd start");
}

static void
test_auditd_conf(void **state)
{
	struct check_world *w = *state;
	struct check_file *f = &w->auditd_conf;

	plant(f, f->path, "Q_Depth = 400\n");
	expect_only(w, "auditd.conf", CHECK_WARN, "q_depth = 400",
	    "/etc/audit/auditd.conf && kill -HUP 400");
	plant(f, f->path, "q_depth = 2000\noverflow_action = ignore\n");
	expect_only(w, "auditd.conf", CHECK_WARN, "does not tell",
	    "overflow_action = SYSLOG");
	plant(f, f->path, "overflow_action = HALT\n");
	expect_only(w, "auditd.conf", CHECK_WARN, "the machine", "SYSLOG");
	plant(f, f->path, "local_events = no\n");
	expect_only(w, "auditd.conf", CHECK_BROKEN, "local_events = no",
	    "local_events = yes");
	plant(f, f->path, "#q_depth = 1\n");
	expect_silent(w, "auditd.conf");
	deny(f);
	expect_only(w, "auditd.conf", CHECK_WARN, "could not look", "");
	f->look = LOOK_NONE;
	expect_only(w, "auditd.conf", CHECK_BROKEN, "not installed",
	    "apt-get install auditd");
	w->apt = false;
	w->dnf = true;
	expect_only(w, "auditd.conf", CHECK_BROKEN, "not installed",
	    "dnf install audit");
}

#define STANZA_REST                                                            \
	"direction = out\ntype = always\nformat = string\n"                    \
	"path = /usr/sbin/audisp-proclife\n"

static void
test_stanza_that_auditd_refuses(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
	    {"active=yes\n" STANZA_REST, "line 1 has no \"=\""},
	    {"active\t= yes\n" STANZA_REST, "line 1 has no \"=\""},
	    {"active =yes\n" STANZA_REST, "line 1 has no \"=\""},
	    {"active =\n" STANZA_REST, "line 1 has no value"},
	    {"active = no\n" STANZA_REST, "line 1 has a value"},
	    {"active = yes\r\n" STANZA_REST, "line 1 has a value"},
	    {"active = yes\t\n" STANZA_REST, "line 1 has a value"},
	    {"active = yes please\n" STANZA_REST, "line 1 has more"},
	    {"active = yes\nnice = 4\n" STANZA_REST, "line 2 has an unknown"},
	    {"active = yes\nformat = binary\n" STANZA_REST, "line 2 has a"},
	    {"active = yes\ndirection = in\n" STANZA_REST, "line 2 has a"},
	    {"active = yes\npath = /t/x\n" STANZA_REST, "too short"},
	    {"active = yes\npath = proclife\n" STANZA_REST, "too short"},
	    {"active = yes\npath = /ab/x\n" STANZA_REST, "too short"},
	    {STANZA_REST "active = yes", "line 5, the last, has no newline"},
	};
	struct check_world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		plant(&w->stanza, w->stanza.path, cases[i].text);
		expect(w, "stanza", CHECK_BROKEN, cases[i].words,
		    ", then run: kill -HUP 400");
	}
	plant(&w->stanza, w->stanza.path, STANZA_REST);
	expect_only(w, "stanza", CHECK_BROKEN, "no \"active = yes\"", "");
}

static void
test_stanza_that_auditd_takes(void **state)
{
	static const char *const texts[] = {
	    "active = yes\n" STANZA_REST,
	    "  ACTIVE   =  YES  \n" STANZA_REST,
	    "active = yes\nargs = one two three\n" STANZA_REST,
	    " # active=no\nactive = yes\n#\n" STANZA_REST,
	    "active = yes\npath = /abc/x\n" STANZA_REST,
	};
	struct check_world *w = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		plant(&w->stanza, w->stanza.path, texts[i]);
		expect_only(w, "stanza", CHECK_OK, "as auditd wants", "");
	}
}

/* The buffers there have 160 bytes, and 512 since 4.1.4, newline and NUL. */
static void
test_stanza_with_long_lines(void **state)
{
	static const struct {
		int len;
		enum check_level level;
	} cases[] = {{158, CHECK_OK}, {159, CHECK_WARN}, {510, CHECK_WARN},
	    {511, CHECK_BROKEN}, {2000, CHECK_BROKEN}};
	struct check_world *w = *state;
	char text[4096];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text),
		    "active = yes\n" STANZA_REST "args = %0*d\n",
		    cases[i].len - 7, 0);
		plant(&w->stanza, w->stanza.path, text);
		expect_only(w, "stanza", cases[i].level,
		    cases[i].level == CHECK_OK ? "" : "line 6 is too long", "");
		/* A comment may have any length. */
		snprintf(text, sizeof(text),
		    "active = yes\n#%0*d\n" STANZA_REST, cases[i].len, 0);
		plant(&w->stanza, w->stanza.path, text);
		expect_only(w, "stanza", CHECK_OK, "", "");
	}
}

static void
test_stanza_file(void **state)
{
	struct check_world *w = *state;
	struct check_file *f = &w->stanza;

	f->uid = 1000;
	expect_only(w, "stanza", CHECK_BROKEN, "belong to root",
	    "chown root:root /etc/audit/plugins.d/proclife.conf");
	f->uid = 0;
	f->mode = S_IFREG | 0646;
	expect_only(w, "stanza", CHECK_BROKEN, "by everybody", "chmod 0640");
	f->mode = S_IFREG | 0660;
	expect_only(w, "stanza", CHECK_WARN, "since 4.2", "chmod 0640");
	f->mode = S_IFDIR | 0755;
	expect_only(w, "stanza", CHECK_BROKEN, "regular", "remove");
	deny(f);
	expect_only(w, "stanza", CHECK_WARN, "could not look", "");
	f->look = LOOK_NONE;
	expect_only(w, "stanza", CHECK_BROKEN, "does not know", "install");
}

static void
test_binary(void **state)
{
	static const struct {
		mode_t mode;
		enum check_level level;
		const char *words;
	} cases[] = {
	    {S_IFREG | 0750, CHECK_OK, ""},
	    {S_IFREG | 0550, CHECK_WARN, "before 4.0.4"},
	    {S_IFREG | 0700, CHECK_BROKEN, "may not be run"},
	    {S_IFREG | 0644, CHECK_BROKEN, "may not be run"},
	    {S_IFREG | 0775, CHECK_WARN, "since 4.2"},
	    {S_IFREG | 0757, CHECK_WARN, "since 4.2"},
	    {S_IFIFO | 0755, CHECK_BROKEN, "regular"},
	};
	struct check_world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w->binary.mode = cases[i].mode;
		expect_only(w, "stanza", cases[i].level, cases[i].words, "");
	}
	w->binary.mode = S_IFREG | 0755;
	w->binary.uid = 1000;
	expect_only(w, "stanza", CHECK_BROKEN,
	    "/usr/sbin/audisp-proclife does not belong to root",
	    "chmod 0755 /usr/sbin/audisp-proclife");
	w->binary.look = LOOK_NONE;
	expect_only(w, "stanza", CHECK_BROKEN, "is not there", "install");
	deny(&w->binary);
	expect_only(w, "stanza", CHECK_WARN, "could not look", "");
}

static void
test_plugin_not_running(void **state)
{
	struct check_world *w = *state;

	w->plugin_pid = 0;
	expect(w, "plugin", CHECK_BROKEN, "does not run", "kill -HUP 400");
	w->audit_error = EPERM;
	expect(w, "plugin", CHECK_BROKEN, "", "pkill -HUP -x auditd");
	/* Nobody else's processes are seen there. */
	w->root = false;
	plant(&w->mounts, w->mounts.path,
	    "proc /proc proc rw,hidepid=invisible 0 0\n");
	expect(w, "plugin", CHECK_WARN, "could not look", "sudo");
	w->root = true;
	deny(&w->proc);
	expect(w, "plugin", CHECK_WARN, "could not look: /proc", "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_auditor),
	    TEST(test_auditd_conf),
	    TEST(test_stanza_that_auditd_refuses),
	    TEST(test_stanza_that_auditd_takes),
	    TEST(test_stanza_with_long_lines),
	    TEST(test_stanza_file),
	    TEST(test_binary),
	    TEST(test_plugin_not_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
