/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* name: a pattern for what uname tells. */
static const struct machine {
	const char *name;
	size_t count;
	struct rules_arch archs[RULES_ARCHS_MAX];
} machines[] = {
    {"x86_64", 2, {{"b64", SYSCALLS_X86_64}, {"b32", SYSCALLS_I386}}},
    {"i[3-6]86", 1, {{"b32", SYSCALLS_I386}}},
    {"aarch64", 2, {{"b64", SYSCALLS_AARCH64}, {"b32", SYSCALLS_ARM}}},
    {"armv[5-8]*l", 1, {{"b32", SYSCALLS_ARM}}},
    {"s390x", 2, {{"b64", SYSCALLS_S390X}, {"b32", SYSCALLS_S390}}},
    {"ppc64le", 1, {{"b64", SYSCALLS_PPC64LE}}},
    {"ppc64", 2, {{"b64", SYSCALLS_PPC64}, {"b32", SYSCALLS_PPC}}},
    {"ppc", 1, {{"b32", SYSCALLS_PPC}}},
    {"riscv64", 1, {{"b64", SYSCALLS_RISCV64}}},
    {"loongarch64", 1, {{"b64", SYSCALLS_LOONGARCH64}}},
};

size_t
rules_archs(const char *machine, struct rules_arch archs[RULES_ARCHS_MAX])
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		const struct machine *m = &machines[i];

		if (fnmatch(m->name, machine, 0) != 0)
			continue;
		memcpy(archs, m->archs, m->count * sizeof(archs[0]));
		return m->count;
	}
	return 0;
}

/*
 * One rule for all calls: the kernel looks at each rule for each call. A name
 * that auditctl does not know stops it, a number does not.
 */
static void
write_rule(struct text *t, const struct rules_arch *arch)
{
	struct syscall_entry entries[SYSCALLS_ENTRIES_MAX];
	size_t n = syscalls_list(arch->arch, entries);

	text_fmt(t, "-a always,exit -F arch=%s -S ", arch->bits);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			text_char(t, ',');
		if (entries[i].named)
			text_str(t, entries[i].name);
		else
			text_i64(t, entries[i].number);
	}
	text_str(t, " -F key=" RULES_KEY "\n");
}

size_t
rules_write(struct text *t, const char *machine)
{
	struct rules_arch archs[RULES_ARCHS_MAX];
	size_t n = rules_archs(machine, archs);
	size_t written = 0;

	text_str(t,
	    "# What proclife needs to see: each process's birth, programs and"
	    " end.\n"
	    "# Written by \"proclife rules --install\", loaded by"
	    " \"augenrules --load\".\n"
	    "# The kernel obeys the first rule that matches, so this file has"
	    " to be\n"
	    "# loaded before others: its name sorts before theirs.\n");
	for (size_t i = 0; i < n; i++) {
		if (audit_elf_to_machine(archs[i].arch) < 0) {
			text_fmt(t,
			    "# %s: not known to the audit tools here, so not"
			    " audited.\n",
			    archs[i].bits);
			continue;
		}
		write_rule(t, &archs[i]);
		written++;
	}
	return written;
}

/* rules: without the strings behind them, which nothing here looks at. */
struct rules_set {
	struct audit_rule_data *rules;
	size_t count, room;
	bool failed;
};

struct rules_set *
rules_set_new(void)
{
	return calloc(1, sizeof(struct rules_set));
}

void
rules_set_free(struct rules_set *set)
{
	if (set == NULL)
		return;
	free(set->rules);
	free(set);
}

void
rules_set_add(void *ctx, const struct audit_rule_data *rule)
{
	struct rules_set *set = ctx;

	if (set->count == set->room) {
		size_t room = set->room == 0 ? 16 : set->room * 2;
		void *rules =
		    reallocarray(set->rules, room, sizeof(set->rules[0]));

		if (rules == NULL) {
			set->failed = true;
			return;
		}
		set->rules = rules;
		set->room = room;
	}
	memcpy(&set->rules[set->count++], rule, sizeof(*rule));
}

bool
rules_set_ok(const struct rules_set *set)
{
	return !set->failed;
}

size_t
rules_set_count(const struct rules_set *set)
{
	return set->count;
}

enum match {
	MATCH_NO,
	MATCH_PERHAPS,
	MATCH_YES
};

/* What is asked of a rule. mask: its system calls must hold number, too. */
struct question {
	uint32_t list;         /* AUDIT_FILTER_* */
	uint32_t field, value; /* the one thing known, AUDIT_ARCH or _MSGTYPE */
	bool mask;
	uint32_t number;
};

/* As audit_comparator() in the kernel's kernel/auditfilter.c. */
static bool
compare(uint32_t left, uint32_t op, uint32_t right)
{
	switch (op) {
	case AUDIT_EQUAL:
		return left == right;
	case AUDIT_NOT_EQUAL:
		return left != right;
	case AUDIT_LESS_THAN:
		return left < right;
	case AUDIT_LESS_THAN_OR_EQUAL:
		return left <= right;
	case AUDIT_GREATER_THAN:
		return left > right;
	case AUDIT_GREATER_THAN_OR_EQUAL:
		return left >= right;
	case AUDIT_BIT_MASK:
		return (left & right) != 0;
	case AUDIT_BIT_TEST:
		return (left & right) == right;
	default:
		return false;
	}
}

/* As audit_in_mask(): numbers beyond the mask, x32's among them, never. */
static bool
in_mask(const struct audit_rule_data *rule, uint32_t number)
{
	uint32_t word = number / 32;

	return word < AUDIT_BITMASK_SIZE &&
	       (rule->mask[word] & (1U << (number % 32))) != 0;
}

/* A key is no condition; what else we know nothing of may hold or not. */
static enum match
rule_match(const struct audit_rule_data *rule, const struct question *q)
{
	enum match match = MATCH_YES;

	if ((rule->flags & ~(uint32_t)AUDIT_FILTER_PREPEND) != q->list)
		return MATCH_NO;
	if (q->mask && !in_mask(rule, q->number))
		return MATCH_NO;
	for (uint32_t i = 0; i < rule->field_count; i++) {
		uint32_t op = rule->fieldflags[i] & AUDIT_OPERATORS;

		if (rule->fields[i] == AUDIT_FILTERKEY)
			continue;
		if (rule->fields[i] != q->field)
			match = MATCH_PERHAPS;
		else if (!compare(q->value, op, rule->values[i]))
			return MATCH_NO;
	}
	return match;
}

/*
 * Walks the list as the kernel does. Every rule of the exclude list takes
 * away, whatever its action (audit_filter() in kernel/auditfilter.c). Where no
 * rule matches, only system calls go untold.
 */
static struct rules_answer
walk(const struct rules_set *set, const struct question *q)
{
	bool told = q->list != AUDIT_FILTER_EXIT;
	bool some = false;             /* a rule tells where it holds */
	size_t taken = 0, decided = 0; /* by this rule: in part, wholly */

	for (size_t i = 0; i < set->count && decided == 0; i++) {
		const struct audit_rule_data *rule = &set->rules[i];
		enum match match = rule_match(rule, q);
		bool takes = rule->action == AUDIT_NEVER ||
			     q->list == AUDIT_FILTER_EXCLUDE;

		if (match == MATCH_YES) {
			told = !takes;
			decided = i + 1;
		} else if (match == MATCH_PERHAPS && !takes) {
			some = true;
		} else if (match == MATCH_PERHAPS && taken == 0) {
			taken = i + 1;
		}
	}
	if (told)
		return (struct rules_answer){
		    taken != 0 ? RULES_MOST : RULES_ALL, taken};
	if (some)
		return (struct rules_answer){RULES_SOME, decided};
	return (struct rules_answer){
	    decided != 0 ? RULES_SHADOWED : RULES_NONE, decided};
}

struct rules_answer
rules_cover_call(const struct rules_set *set, uint32_t arch, int number)
{
	const struct question q = {.list = AUDIT_FILTER_EXIT,
	    .field = AUDIT_ARCH,
	    .value = arch,
	    .mask = true,
	    .number = (uint32_t)number};

	return walk(set, &q);
}

/* No field is known of a task to be, so any condition may hold. */
struct rules_answer
rules_cover_tasks(const struct rules_set *set)
{
	const struct question q = {
	    .list = AUDIT_FILTER_TASK, .field = UINT32_MAX};

	return walk(set, &q);
}

struct rules_answer
rules_cover_type(const struct rules_set *set, uint32_t type)
{
	const struct question q = {.list = AUDIT_FILTER_EXCLUDE,
	    .field = AUDIT_MSGTYPE,
	    .value = type};

	return walk(set, &q);
}

/* What an answer is worth, 0 to 3. */
static unsigned
worth(enum rules_cover cover)
{
	switch (cover) {
	case RULES_ALL:
		return 3;
	case RULES_MOST:
		return 2;
	case RULES_SOME:
		return 1;
	case RULES_SHADOWED:
	case RULES_NONE:
		break;
	}
	return 0;
}

unsigned
rules_level(const struct rules_set *set, const char *machine)
{
	struct rules_arch archs[RULES_ARCHS_MAX];
	struct syscall_entry entries[SYSCALLS_ENTRIES_MAX];
	size_t narchs = rules_archs(machine, archs);
	unsigned level = 0;

	for (size_t a = 0; a < narchs; a++) {
		size_t n = syscalls_list(archs[a].arch, entries);

		for (size_t i = 0; i < n; i++)
			level += worth(rules_cover_call(
			    set, archs[a].arch, entries[i].number)
					   .cover);
	}
	level *= worth(rules_cover_tasks(set).cover);
	level *= worth(rules_cover_type(set, AUDIT_SYSCALL).cover);
	return level * worth(rules_cover_type(set, AUDIT_EXECVE).cover);
}

bool
rules_tell_call(
    const struct rules_set *set, const char *machine, enum syscall_kind kind)
{
	struct rules_arch archs[RULES_ARCHS_MAX];
	size_t n = rules_archs(machine, archs);

	for (size_t a = 0; a < n; a++) {
		struct syscall_entry entries[SYSCALLS_ENTRIES_MAX];
		size_t calls = syscalls_list(archs[a].arch, entries);

		for (size_t i = 0; i < calls; i++) {
			if (entries[i].kind == kind &&
			    rules_cover_call(
				set, archs[a].arch, entries[i].number)
				    .cover != RULES_ALL)
				return false;
		}
	}
	return n > 0 && rules_cover_tasks(set).cover == RULES_ALL &&
	       rules_cover_type(set, AUDIT_SYSCALL).cover == RULES_ALL;
}
