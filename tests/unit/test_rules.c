/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules are made here by the calls that auditctl makes them with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules.h"

#define X86_64 0xc000003e
#define I386   0x40000003

#define EXECVE_64 59
#define EXECVE_32 11

static int
setup(void **state)
{
	*state = rules_set_new();
	return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	rules_set_free(*state);
	return 0;
}

/* libaudit takes a key only behind auditctl's own parsing of "-S". */
static struct audit_rule_data *
add_key(struct audit_rule_data *rule, const char *key)
{
	uint32_t len = (uint32_t)strlen(key);

	rule = realloc(rule, sizeof(*rule) + rule->buflen + len);
	assert_non_null(rule);
	memcpy(rule->buf + rule->buflen, key, len);
	rule->buflen += len;
	rule->fields[rule->field_count] = AUDIT_FILTERKEY;
	rule->fieldflags[rule->field_count] = AUDIT_EQUAL;
	rule->values[rule->field_count++] = len;
	return rule;
}

/*
 * Adds a rule. fields: "name=value", separated by blanks, arch first; calls:
 * names, separated by commas, or NULL for a rule without -S, which auditctl
 * gives all calls.
 */
static void
add(struct rules_set *set, uint32_t list, uint32_t action, const char *fields,
    const char *calls)
{
	struct audit_rule_data *rule = audit_rule_create_data();
	char *words = strdup(fields), *names = strdup(calls ? calls : "all");
	char *save;

	assert_non_null(rule);
	for (char *f = strtok_r(words, " ", &save); f != NULL;
	     f = strtok_r(NULL, " ", &save)) {
		if (strncmp(f, "key=", 4) == 0)
			rule = add_key(rule, f + 4);
		else
			assert_int_equal(
			    audit_rule_fieldpair_data(&rule, f, (int)list), 0);
	}
	for (char *c = strtok_r(names, ",", &save); c != NULL;
	     c = strtok_r(NULL, ",", &save))
		assert_int_equal(audit_rule_syscallbyname_data(rule, c), 0);
	rule->flags = list;
	rule->action = action;
	rules_set_add(set, rule);
	audit_rule_free_data(rule);
	free(words);
	free(names);
}

#define ALWAYS(set, fields, calls)                                             \
	add(set, AUDIT_FILTER_EXIT, AUDIT_ALWAYS, fields, calls)
#define NEVER(set, fields, calls)                                              \
	add(set, AUDIT_FILTER_EXIT, AUDIT_NEVER, fields, calls)

static void
expect(struct rules_answer answer, enum rules_cover cover, size_t rule)
{
	assert_int_equal(answer.cover, cover);
	assert_int_equal(answer.rule, rule);
}

static void
expect_call(const struct rules_set *set, uint32_t arch, int number,
    enum rules_cover cover, size_t rule)
{
	expect(rules_cover_call(set, arch, number), cover, rule);
}

static void
test_no_rule_tells_nothing(void **state)
{
	expect_call(*state, X86_64, EXECVE_64, RULES_NONE, 0);
	expect(rules_cover_tasks(*state), RULES_ALL, 0);
	expect(rules_cover_type(*state, AUDIT_SYSCALL), RULES_ALL, 0);
}

static void
test_rule_counts_for_its_arch_and_calls_only(void **state)
{
	ALWAYS(*state, "arch=x86_64 key=proclife", "execve,fork");
	expect_call(*state, X86_64, EXECVE_64, RULES_ALL, 0);
	expect_call(*state, X86_64, 57, RULES_ALL, 0);
	expect_call(*state, X86_64, 58, RULES_NONE, 0);
	expect_call(*state, I386, EXECVE_32, RULES_NONE, 0);
	expect_call(*state, I386, EXECVE_64, RULES_NONE, 0);
}

/* What auditctl calls 59 without an arch is 59 everywhere: i386's olduname. */
static void
test_rule_without_arch_goes_by_number(void **state)
{
	ALWAYS(*state, "", "59");
	expect_call(*state, X86_64, 59, RULES_ALL, 0);
	expect_call(*state, I386, 59, RULES_ALL, 0);
	expect_call(*state, I386, EXECVE_32, RULES_NONE, 0);
}

static void
test_other_arch_by_not_equal(void **state)
{
	ALWAYS(*state, "arch!=i386", NULL);
	expect_call(*state, X86_64, EXECVE_64, RULES_ALL, 0);
	expect_call(*state, I386, EXECVE_32, RULES_NONE, 0);
}

/* An x32 number is beyond the mask, even of a rule for all calls. */
static void
test_x32_is_never_matched(void **state)
{
	ALWAYS(*state, "arch=x86_64", NULL);
	expect_call(*state, X86_64, 0x40000000 | 520, RULES_NONE, 0);
	expect_call(*state, X86_64, 2047, RULES_ALL, 0);
	expect_call(*state, X86_64, 2048, RULES_NONE, 0);
}

static void
test_conditions_make_a_rule_partial(void **state)
{
	ALWAYS(*state, "arch=x86_64 auid>=1000 auid!=unset", "execve");
	expect_call(*state, X86_64, EXECVE_64, RULES_SOME, 0);
	ALWAYS(*state, "arch=x86_64 success=0", "execve");
	expect_call(*state, X86_64, EXECVE_64, RULES_SOME, 0);
	ALWAYS(*state, "arch=x86_64", "execve");
	expect_call(*state, X86_64, EXECVE_64, RULES_ALL, 0);
}

static void
test_earlier_never_shadows(void **state)
{
	NEVER(*state, "arch=i386", "execve");
	NEVER(*state, "arch=x86_64 key=quiet", "fork,execve");
	ALWAYS(*state, "arch=x86_64", "fork,vfork,execve");
	expect_call(*state, X86_64, EXECVE_64, RULES_SHADOWED, 2);
	expect_call(*state, X86_64, 57, RULES_SHADOWED, 2);
	expect_call(*state, X86_64, 58, RULES_ALL, 0);
	expect_call(*state, I386, EXECVE_32, RULES_SHADOWED, 1);
}

static void
test_earlier_never_with_conditions_shadows_partly(void **state)
{
	NEVER(*state, "arch=x86_64 uid=33", "execve");
	NEVER(*state, "exe=/usr/sbin/cron", NULL);
	ALWAYS(*state, "arch=x86_64", "execve,fork");
	expect_call(*state, X86_64, EXECVE_64, RULES_MOST, 1);
	expect_call(*state, X86_64, 57, RULES_MOST, 2);
}

static void
test_later_never_does_not_matter(void **state)
{
	ALWAYS(*state, "arch=x86_64", "execve");
	NEVER(*state, "arch=x86_64", "execve");
	NEVER(*state, "uid=33", NULL);
	expect_call(*state, X86_64, EXECVE_64, RULES_ALL, 0);
}

/* The kernel lists what "auditctl -A" added with that flag still set. */
static void
test_prepended_rules_count(void **state)
{
	struct audit_rule_data rule = {.action = AUDIT_NEVER,
	    .flags = AUDIT_FILTER_EXIT | AUDIT_FILTER_PREPEND};

	memset(rule.mask, 0xff, sizeof(rule.mask));
	rules_set_add(*state, &rule);
	ALWAYS(*state, "arch=x86_64", "execve");
	expect_call(*state, X86_64, EXECVE_64, RULES_SHADOWED, 1);
}

/* First some are told, then the rest never. */
static void
test_partial_always_before_never(void **state)
{
	ALWAYS(*state, "arch=x86_64 uid=0", "execve");
	NEVER(*state, "arch=x86_64", "execve");
	ALWAYS(*state, "arch=x86_64", "execve");
	expect_call(*state, X86_64, EXECVE_64, RULES_SOME, 2);
}

static void
test_other_lists_do_not_count(void **state)
{
	add(*state, AUDIT_FILTER_USER, AUDIT_NEVER, "uid=0", NULL);
	add(*state, AUDIT_FILTER_TASK, AUDIT_NEVER, "uid=33", NULL);
	add(*state, AUDIT_FILTER_EXCLUDE, AUDIT_NEVER, "msgtype=CWD", NULL);
	ALWAYS(*state, "arch=x86_64", "execve");
	expect_call(*state, X86_64, EXECVE_64, RULES_ALL, 0);
}

static void
test_never_task(void **state)
{
	ALWAYS(*state, "arch=x86_64", "execve");
	add(*state, AUDIT_FILTER_TASK, AUDIT_NEVER, "uid=33", NULL);
	expect(rules_cover_tasks(*state), RULES_MOST, 2);
	add(*state, AUDIT_FILTER_TASK, AUDIT_NEVER, "", NULL);
	expect(rules_cover_tasks(*state), RULES_SHADOWED, 3);
}

static void
test_always_task_saves_from_a_later_never(void **state)
{
	add(*state, AUDIT_FILTER_TASK, AUDIT_ALWAYS, "", NULL);
	add(*state, AUDIT_FILTER_TASK, AUDIT_NEVER, "", NULL);
	expect(rules_cover_tasks(*state), RULES_ALL, 0);
}

/* Whatever its action, a rule of this list takes away. */
static void
test_excluded_types(void **state)
{
	add(*state, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, "msgtype=CWD", NULL);
	add(*state, AUDIT_FILTER_EXCLUDE, AUDIT_NEVER, "msgtype=EOE", NULL);
	add(*state, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, "msgtype=EXECVE uid=33",
	    NULL);
	expect(rules_cover_type(*state, AUDIT_SYSCALL), RULES_ALL, 0);
	expect(rules_cover_type(*state, AUDIT_CWD), RULES_SHADOWED, 1);
	expect(rules_cover_type(*state, AUDIT_EOE), RULES_SHADOWED, 2);
	expect(rules_cover_type(*state, AUDIT_EXECVE), RULES_MOST, 3);
}

static void
test_excluded_ranges_of_types(void **state)
{
	add(*state, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS,
	    "msgtype>=1320 msgtype<=1327", NULL);
	expect(rules_cover_type(*state, 1319), RULES_ALL, 0);
	expect(rules_cover_type(*state, 1320), RULES_SHADOWED, 1);
	expect(rules_cover_type(*state, 1327), RULES_SHADOWED, 1);
	expect(rules_cover_type(*state, 1328), RULES_ALL, 0);
	add(*state, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, "msgtype!=1300", NULL);
	expect(rules_cover_type(*state, 1300), RULES_ALL, 0);
	expect(rules_cover_type(*state, 1701), RULES_SHADOWED, 2);
}

/* The numbers of what is in rules_write()'s lines, made rules again. */
static void
load(struct rules_set *set, char *file, const char *b64, const char *b32)
{
	char *save_line, *save;

	for (char *line = strtok_r(file, "\n", &save_line); line != NULL;
	     line = strtok_r(NULL, "\n", &save_line)) {
		char fields[64];

		if (line[0] == '#')
			continue;
		assert_string_equal(strtok_r(line, " ", &save), "-a");
		assert_string_equal(strtok_r(NULL, " ", &save), "always,exit");
		assert_string_equal(strtok_r(NULL, " ", &save), "-F");
		snprintf(fields, sizeof(fields), "arch=%s key=x",
		    strcmp(strtok_r(NULL, " ", &save), "arch=b64") == 0 ? b64
									: b32);
		assert_string_equal(strtok_r(NULL, " ", &save), "-S");
		ALWAYS(set, fields, strtok_r(NULL, " ", &save));
		assert_string_equal(strtok_r(NULL, " ", &save), "-F");
		assert_string_equal(strtok_r(NULL, " ", &save), "key=proclife");
		assert_null(strtok_r(NULL, " ", &save));
	}
}

static void
expect_calls(
    const struct rules_set *set, uint32_t arch, const int calls[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_call(set, arch, calls[i], RULES_ALL, 0);
}

static void
test_written_rules_cover_all_of_x86_64(void **state)
{
	static const int b64[] = {
	    57, 58, 56, 435, 59, 322, 60, 231, 272, 308, 169};
	static const int b32[] = {
	    2, 190, 120, 435, 11, 358, 1, 252, 310, 346, 88};
	char buf[4096] = "";
	struct text t;

	text_init(&t, buf, sizeof(buf) - 1);
	assert_int_equal(rules_write(&t, "x86_64"), 2);
	assert_true(text_ok(&t));
	load(*state, buf, "x86_64", "i386");
	assert_int_equal(rules_set_count(*state), 2);
	assert_true(rules_set_ok(*state));
	expect_calls(*state, X86_64, b64, 11);
	expect_calls(*state, I386, b32, 11);
	expect_call(*state, X86_64, 0, RULES_NONE, 0);
	expect_call(*state, I386, 3, RULES_NONE, 0);
}

/* Each thing that is missing counts. */
static void
test_level(void **state)
{
	char buf[4096] = "";
	struct text t;
	unsigned all, less;

	assert_int_equal(rules_level(*state, "x86_64"), 0);
	text_init(&t, buf, sizeof(buf) - 1);
	assert_int_equal(rules_write(&t, "x86_64"), 2);
	load(*state, buf, "x86_64", "i386");
	all = rules_level(*state, "x86_64");
	assert_int_equal(all, 22 * 3 * 27);
	/* Behind ours, whatever it takes. */
	NEVER(*state, "uid=5", "execve");
	assert_int_equal(rules_level(*state, "x86_64"), all);
	add(*state, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, "msgtype=CWD", NULL);
	assert_int_equal(rules_level(*state, "x86_64"), all);
	add(*state, AUDIT_FILTER_TASK, AUDIT_NEVER, "uid=5", NULL);
	less = rules_level(*state, "x86_64");
	assert_int_equal(less, all / 3 * 2);
	add(*state, AUDIT_FILTER_EXCLUDE, AUDIT_ALWAYS, "msgtype=EXECVE", NULL);
	assert_int_equal(rules_level(*state, "x86_64"), 0);
}

/* Nothing less than all of them counts. */
static void
test_whether_a_call_is_told(void **state)
{
	char buf[4096] = "";
	struct text t;

	assert_false(rules_tell_call(*state, "x86_64", SYSCALL_REBOOT));
	ALWAYS(*state, "arch=b64", "reboot,unshare");
	assert_false(rules_tell_call(*state, "x86_64", SYSCALL_REBOOT));
	ALWAYS(*state, "arch=b32", "reboot");
	assert_true(rules_tell_call(*state, "x86_64", SYSCALL_REBOOT));
	assert_false(rules_tell_call(*state, "x86_64", SYSCALL_UNSHARE));
	assert_false(rules_tell_call(*state, "pdp11", SYSCALL_REBOOT));
	text_init(&t, buf, sizeof(buf) - 1);
	assert_int_equal(rules_write(&t, "x86_64"), 2);
	load(*state, buf, "x86_64", "i386");
	assert_true(rules_tell_call(*state, "x86_64", SYSCALL_UNSHARE));
	add(*state, AUDIT_FILTER_TASK, AUDIT_NEVER, "uid=5", NULL);
	assert_false(rules_tell_call(*state, "x86_64", SYSCALL_UNSHARE));
}

static void
test_a_call_of_which_an_earlier_rule_takes_some(void **state)
{
	NEVER(*state, "uid=5", "reboot");
	ALWAYS(*state, "arch=b64", "reboot");
	ALWAYS(*state, "arch=b32", "reboot");
	assert_false(rules_tell_call(*state, "x86_64", SYSCALL_REBOOT));
}

static void
test_level_of_some_rules(void **state)
{
	ALWAYS(*state, "arch=b64", "execve,exit_group");
	assert_int_equal(rules_level(*state, "x86_64"), 2 * 3 * 27);
	ALWAYS(*state, "arch=b64 uid=5", "clone");
	assert_int_equal(rules_level(*state, "x86_64"), 7 * 27);
	assert_int_equal(rules_level(*state, "pdp11"), 0);
}

/* auditctl stops at a name that an architecture lacks. */
static void
test_written_rules_leave_out_what_aarch64_lacks(void **state)
{
	char buf[4096] = "";
	struct text t;

	(void)state;
	if (audit_elf_to_machine(0xc00000b7) < 0)
		skip();
	text_init(&t, buf, sizeof(buf) - 1);
	assert_true(rules_write(&t, "aarch64") >= 1);
	assert_non_null(strstr(buf,
	    "\n-a always,exit -F arch=b64 -S clone,clone3,execve,execveat,"
	    "exit,exit_group,unshare,setns,reboot -F key=proclife\n"));
}

static void
test_machines(void **state)
{
	static const struct {
		const char *machine;
		size_t n;
		uint32_t arch[2];
	} cases[] = {
	    {"x86_64", 2, {0xc000003e, 0x40000003}},
	    {"i686", 1, {0x40000003}},
	    {"aarch64", 2, {0xc00000b7, 0x40000028}},
	    {"armv7l", 1, {0x40000028}},
	    {"s390x", 2, {0x80000016, 0x16}},
	    {"ppc64", 2, {0x80000015, 0x14}},
	    {"ppc64le", 1, {0xc0000015}},
	    {"riscv64", 1, {0xc00000f3}},
	    {"vax", 0, {0}},
	    {"", 0, {0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rules_arch archs[RULES_ARCHS_MAX];
		size_t n = rules_archs(cases[i].machine, archs);

		assert_int_equal(n, cases[i].n);
		for (size_t a = 0; a < n; a++)
			assert_int_equal(archs[a].arch, cases[i].arch[a]);
	}
}

static void
test_unknown_machine_gets_no_rule(void **state)
{
	char buf[4096] = "";
	struct text t;

	(void)state;
	text_init(&t, buf, sizeof(buf) - 1);
	assert_int_equal(rules_write(&t, "vax"), 0);
	assert_null(strstr(buf, "\n-a"));
}

/* More than the set has room for at first. */
static void
test_many_rules(void **state)
{
	for (int i = 0; i < 1000; i++)
		ALWAYS(*state, "arch=i386", "read");
	NEVER(*state, "arch=x86_64", "execve");
	assert_int_equal(rules_set_count(*state), 1001);
	expect_call(*state, X86_64, EXECVE_64, RULES_SHADOWED, 1001);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_no_rule_tells_nothing),
	    TEST(test_rule_counts_for_its_arch_and_calls_only),
	    TEST(test_rule_without_arch_goes_by_number),
	    TEST(test_other_arch_by_not_equal),
	    TEST(test_x32_is_never_matched),
	    TEST(test_conditions_make_a_rule_partial),
	    TEST(test_earlier_never_shadows),
	    TEST(test_earlier_never_with_conditions_shadows_partly),
	    TEST(test_later_never_does_not_matter),
	    TEST(test_prepended_rules_count),
	    TEST(test_partial_always_before_never),
	    TEST(test_other_lists_do_not_count),
	    TEST(test_never_task),
	    TEST(test_always_task_saves_from_a_later_never),
	    TEST(test_excluded_types),
	    TEST(test_excluded_ranges_of_types),
	    TEST(test_written_rules_cover_all_of_x86_64),
	    TEST(test_level),
	    TEST(test_whether_a_call_is_told),
	    TEST(test_a_call_of_which_an_earlier_rule_takes_some),
	    TEST(test_level_of_some_rules),
	    TEST(test_written_rules_leave_out_what_aarch64_lacks),
	    TEST(test_machines),
	    TEST(test_unknown_machine_gets_no_rule),
	    TEST(test_many_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
