/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_check_impl - what the parts of sim_check share.
 *
 * sim_check.c takes facts and events, sim_check_births.c says whose a start is
 * and of whom, sim_check_missing.c what is to be said when all is told.
 */
#ifndef SIM_CHECK_IMPL_H
#define SIM_CHECK_IMPL_H

#include "sim_check.h"

/*
 * Stamps are of a clock that ticks; how much later a process may be born than
 * the call is entered if nothing of its own says otherwise.
 */
#define STAMP_MS 20
#define BIRTH_MS 2000

/* Says what is wrong, and shows the life, unless that is SIM_NONE. */
void sim_differ(struct sim_check *c, int life, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, and that what is known of the life is little does not excuse it. */
void sim_differ_for_certain(struct sim_check *c, int life, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The step behind an event; SIM_NONE: none of this history. */
int sim_step_of(const struct sim_check *c, const struct event *ev);
bool sim_is_same(const struct uuid *a, const struct uuid *b);
/* The life that was told with this id; SIM_NONE: none. */
int sim_told_as(const struct sim_check *c, int32_t pid, const struct uuid *id);

/*
 * Whether it may be told for the other one: they had the same number, and what
 * one of them did may have been done by the other.
 */
bool sim_check_is_mixed_with(const struct sim_check *c, int told, int life);
/*
 * The first of the namespace where life is, if its ancestors' births say that;
 * SIM_NONE: they do not.
 */
int sim_check_init_of(const struct sim_check *c, int life);

/*
 * Its namespace may have been rebooted, as far as what was told says where
 * that was.
 */
bool sim_check_is_astray(const struct sim_check *c, int life);

/* sim_check_births.c */

/* A birth record that has the child's number in its parent's namespace. */
bool sim_check_is_local(const struct sim_history *h, int step);
void sim_check_start(struct sim_check *c, const struct event *ev);

#endif
