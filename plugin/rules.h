/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules - the audit rules that proclife needs, and whether a kernel's list
 * of rules lets us see all.
 *
 * The kernel takes the first rule of a list that matches (audit_filter_*() in
 * kernel/auditsc.c), so what stands before a rule counts as much as the rule.
 * Pure: no descriptor; see kernel_audit.h for how a list is read.
 */
#ifndef RULES_H
#define RULES_H

#include <libaudit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "syscalls.h"
#include "text.h"

#define RULES_KEY "proclife"

/* augenrules joins the files that end in ".rules", in the order of names. */
#define RULES_DIR  "/etc/audit/rules.d"
#define RULES_FILE "05-proclife.rules"

/* One of the architectures that a machine's programs may have. */
struct rules_arch {
	const char *bits; /* "b64" or "b32", as auditctl calls it */
	uint32_t arch;    /* as audit's arch= tells it */
};

#define RULES_ARCHS_MAX 2

/*
 * machine: as uname(2) names it. Returns how many, the machine's own first;
 * 0: the machine is not known.
 */
size_t rules_archs(
    const char *machine, struct rules_arch archs[RULES_ARCHS_MAX]);

/*
 * Appends a rules file for the machine. Returns how many rules are in it; one
 * for an architecture that libaudit here does not know would keep auditctl
 * from loading anything behind it, so a comment stands in its place.
 */
size_t rules_write(struct text *t, const char *machine);

/* The rules of a kernel, in its order. */
struct rules_set;

/* NULL: no memory. rules_set_free(NULL) is fine. */
struct rules_set *rules_set_new(void);
void rules_set_free(struct rules_set *set);

/* Copies a rule; ctx: the set. A kernel_audit_rule_fn. */
void rules_set_add(void *ctx, const struct audit_rule_data *rule);

/* False if memory did not suffice for all that was added. */
bool rules_set_ok(const struct rules_set *set);
size_t rules_set_count(const struct rules_set *set);

enum rules_cover {
	RULES_ALL,      /* told for every process */
	RULES_MOST,     /* but not where an earlier rule's conditions hold */
	RULES_SOME,     /* only where a rule's conditions hold */
	RULES_SHADOWED, /* never told: an earlier rule takes it away */
	RULES_NONE,     /* never told: no rule asks for it */
};

struct rules_answer {
	enum rules_cover cover;
	size_t rule; /* that takes away, as auditctl -l counts; 0: none */
};

/* Whether a system call of an architecture leaves its record. */
struct rules_answer rules_cover_call(
    const struct rules_set *set, uint32_t arch, int number);

/* Whether new tasks are audited at all; RULES_NONE does not occur. */
struct rules_answer rules_cover_tasks(const struct rules_set *set);

/*
 * How much of all that we need the rules of a machine tell, as a number: the
 * more the better, 0 if nothing at all.
 */
unsigned rules_level(const struct rules_set *set, const char *machine);

/* Whether a call is told of each process that this machine can run. */
bool rules_tell_call(
    const struct rules_set *set, const char *machine, enum syscall_kind kind);

/* Whether records of a type get through; never RULES_SOME or RULES_NONE. */
struct rules_answer rules_cover_type(
    const struct rules_set *set, uint32_t type);

#endif
