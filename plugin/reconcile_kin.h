/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconcile_kin - which birth by a number of a pid namespace is whose?
 *
 * The births by one parent that wait, in the order of their serials, and the
 * children that wait for one, in the order of their pids, are matched in order:
 * numbers grow in every namespace. Where the first matching and the last say
 * the same of a child, there is no other. Who inherits in a namespace has
 * children of others, too: so the births by those who may be dead are among
 * these, but whose they are is not told.
 */
#ifndef RECONCILE_KIN_H
#define RECONCILE_KIN_H

#include "reconcile_impl.h"

/*
 * Numbers below are given out once, while the machine boots; after the first
 * round pids begin here again (kernel/pid.c, RESERVED_PIDS in alloc_pid()).
 */
#define RESERVED_PIDS 300

/*
 * So many are told apart at once; of more nothing is known, which is counted
 * (reconcile_counts.crowded).
 */
#define KIN_CHILDREN_MAX 128
#define KIN_BIRTHS_MAX   256

#define KIN_NONE KIN_BIRTHS_MAX /* no birth */

/* Who waits for a birth by p, or by one whose children p got. */
struct kin {
	const struct life *p;
	size_t nchildren, nbirths;
	struct life *child[KIN_CHILDREN_MAX];    /* in the order of birth */
	struct held_fact *birth[KIN_BIRTHS_MAX]; /* in order */
	const struct life *of[KIN_BIRTHS_MAX];   /* who holds it */
	bool fits[KIN_CHILDREN_MAX][KIN_BIRTHS_MAX];
	bool complete; /* there is a birth for each child: */
	bool blurred;  /* but not for each ghost as well */
	size_t first[KIN_CHILDREN_MAX], last[KIN_CHILDREN_MAX];
};

/* Of those that the child may be of: */
struct kin_answer {
	size_t birth; /* the likeliest; KIN_NONE: nothing is known */
	bool own;     /* all are by p */
	bool plain;   /* none made a namespace */
};

/* Finds out about p, who lives; false: nobody waits, or too many. */
bool kin_gather(struct reconcile *r, struct life *p, struct kin *k);
/* The place of l among the children; nchildren: it is none. */
size_t kin_place(const struct kin *k, const struct life *l);
/*
 * The children of whom it is sure, without any more waiting, that p bore them,
 * and by which birth: their first. How many they are.
 */
size_t kin_sure(const struct kin *k, size_t sure[KIN_CHILDREN_MAX]);
/* The ghosts of whom it is known now which one they have. */
size_t kin_laid(const struct kin *k, size_t laid[KIN_CHILDREN_MAX]);
/* What is to be made of a child, who waited long enough. */
struct kin_answer kin_judge(const struct kin *k, size_t child);

#endif
