/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "check_judge.h"
#include "syscalls.h"
#include "text.h"

/* How it is told that calls are not covered; they stand behind the words. */
static const struct words {
	enum rules_cover cover;
	const char *words;
} words[] = {
    {RULES_NONE, "no rule for"},
    {RULES_SHADOWED, "an earlier rule takes away"},
    {RULES_SOME, "rules are for some processes only of"},
    {RULES_MOST, "an earlier rule takes away some processes'"},
};

/* Without these a life has no start, no program or no end. */
static bool
is_vital(enum syscall_kind kind)
{
	return kind != SYSCALL_UNSHARE && kind != SYSCALL_SETNS &&
	       kind != SYSCALL_REBOOT;
}

/* True if programs of the architecture can run on this kernel at all. */
static bool
can_run(const struct check_world *w, const struct rules_arch *arch)
{
	const char *option = "CONFIG_COMPAT";

	if (arch->arch == SYSCALLS_I386)
		option = "CONFIG_IA32_EMULATION";
	return check_kernel_has(w, option) != 0;
}

/* What loads the rules, or first writes them. */
static void
remedy_rules(const struct check_world *w, struct check_report *r)
{
	check_remedy(r, "%s%s",
	    w->rules_file.look == LOOK_SEEN ? ""
					    : "proclife rules --install && ",
	    check_load_rules(w));
}

/* Tells of the calls of an architecture that are covered as words say. */
static bool
judge_cover(const struct check_world *w, struct check_report *r,
    const struct rules_arch *arch, bool main_arch, const struct words *say)
{
	struct syscall_entry entries[SYSCALLS_ENTRIES_MAX];
	size_t n = syscalls_list(arch->arch, entries);
	enum check_level level = CHECK_WARN;
	char buf[256];
	struct text calls;
	size_t rule = 0;

	text_init(&calls, buf, sizeof(buf) - 1);
	for (size_t i = 0; i < n; i++) {
		struct rules_answer answer =
		    rules_cover_call(w->rules, arch->arch, entries[i].number);

		if (answer.cover != say->cover)
			continue;
		text_fmt(
		    &calls, "%s%s", calls.len > 0 ? ", " : "", entries[i].name);
		if (rule == 0)
			rule = answer.rule;
		if (main_arch && is_vital(entries[i].kind) &&
		    say->cover != RULES_MOST)
			level = CHECK_BROKEN;
	}
	if (calls.len == 0)
		return false;
	buf[calls.len] = '\0';
	check_say(r, level, "%s: %s %s", arch->bits, say->words, buf);
	if (rule != 0 && w->rules_file.look == LOOK_SEEN)
		check_remedy_rule(r, w, rule);
	else
		remedy_rules(w, r);
	return true;
}

void
check_judge_rules(const struct check_world *w, struct check_report *r)
{
	struct rules_arch archs[RULES_ARCHS_MAX];
	size_t n = rules_archs(w->machine, archs);

	if (w->rules == NULL)
		return;
	if (n == 0)
		check_say(r, CHECK_BROKEN,
		    "proclife does not know this machine: %s", w->machine);
	for (size_t a = 0; a < n; a++) {
		bool lacking = false;

		if (a > 0 && !can_run(w, &archs[a]))
			continue;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			lacking |=
			    judge_cover(w, r, &archs[a], a == 0, &words[i]);
		if (!lacking)
			check_say(r, CHECK_OK, "%s: all calls are told",
			    archs[a].bits);
	}
}

void
check_judge_tasks(const struct check_world *w, struct check_report *r)
{
	struct rules_answer answer;

	if (w->rules == NULL)
		return;
	answer = rules_cover_tasks(w->rules);
	if (answer.cover == RULES_ALL) {
		check_say(r, CHECK_OK, "every new process is audited");
	} else if (answer.cover == RULES_SHADOWED) {
		check_say(r, CHECK_BROKEN,
		    "a never,task rule: no new process is audited, and those"
		    " born meanwhile stay so when it is gone");
		check_remedy_rule(r, w, answer.rule);
	} else {
		check_say(r, CHECK_WARN,
		    "a never,task rule: some new processes are not audited"
		    " as long as they live");
		check_remedy_rule(r, w, answer.rule);
	}
}

/* Types of records and what goes with them; ANOM_ABEND tells of crashes. */
static const struct type {
	uint32_t type;
	const char *name;
	enum check_level level;
	const char *loss;
} types[] = {
    {AUDIT_SYSCALL, "SYSCALL", CHECK_BROKEN, "nothing is told"},
    {AUDIT_EXECVE, "EXECVE", CHECK_WARN, "arguments are not told"},
    {AUDIT_PATH, "PATH", CHECK_WARN, "scripts are not told"},
    {AUDIT_CWD, "CWD", CHECK_WARN, "working folders are not told"},
    {AUDIT_EOE, "EOE", CHECK_WARN, "events are told late"},
    {AUDIT_PROCTITLE, "PROCTITLE", CHECK_WARN,
	"saved logs do not show where an event ends"},
    {AUDIT_ANOM_ABEND, "ANOM_ABEND", CHECK_WARN,
	"crashes are known from accounting only"},
    {AUDIT_SECCOMP, "SECCOMP", CHECK_WARN,
	"what seccomp kills is known from accounting only"},
};

void
check_judge_types(const struct check_world *w, struct check_report *r)
{
	bool lacking = false;

	if (w->rules == NULL)
		return;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const struct type *t = &types[i];
		struct rules_answer answer =
		    rules_cover_type(w->rules, t->type);

		if (answer.cover == RULES_ALL)
			continue;
		check_say(r, t->level, "%s is excluded%s: %s", t->name,
		    answer.cover == RULES_MOST ? " for some processes" : "",
		    t->loss);
		check_remedy_rule(r, w, answer.rule);
		lacking = true;
	}
	if (!lacking)
		check_say(r, CHECK_OK, "no type that is needed is excluded");
}

/*
 * x32 programs have numbers beyond the mask of any rule. Debian's kernels
 * have x32 built in but off, unless the command line says syscall.x32=y.
 */
void
check_judge_x32(const struct check_world *w, struct check_report *r)
{
	char value[8];

	if (check_kernel_has(w, "CONFIG_X86_X32_ABI") != 1 &&
	    check_kernel_has(w, "CONFIG_X86_X32") != 1)
		return;
	check_boot_value(w, "syscall.x32", value, sizeof(value));
	if (value[0] == 'n' || value[0] == '0' ||
	    (value[0] == '\0' &&
		check_kernel_has(w, "CONFIG_X86_X32_DISABLED") == 1))
		return;
	check_say(r, CHECK_WARN,
	    "this kernel runs x32 programs, whose system calls no audit rule"
	    " can match");
	check_remedy(r, "boot a kernel without CONFIG_X86_X32_ABI");
}
