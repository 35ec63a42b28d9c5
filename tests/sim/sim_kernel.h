/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_kernel - the part of the kernel that a history is made by.
 *
 * sim_history.c owns memory, numbers and time, sim_kernel.c what happens
 * inside system calls and to whom signals are sent.
 */
#ifndef SIM_KERNEL_H
#define SIM_KERNEL_H

#include "sim_history.h"

/* sim_history.c */

/* A new life with its leader, from us on; SIM_NONE: no number is free. */
int history_add_life(struct sim_history *h, int parent, int64_t us);
/* A new task of a life; SIM_NONE: no number is free. */
int history_add_task(struct sim_history *h, int life, int64_t us);
struct sim_step *history_add_step(
    struct sim_history *h, const struct sim_step *step);
struct sim_account *history_add_other(struct sim_history *h);
/* The task has its next turn then; an earlier appointment is off. */
void history_wake(struct sim_history *h, int task, int64_t us);
/* A little while, in microseconds: 1 to high, short ones as likely. */
int64_t history_while(struct sim_history *h, uint32_t high);

/* sim_kernel.c */

/* The task does something. */
void kernel_act(struct sim_history *h, int task, enum sim_action action);
/* Its turn came: goes on with the call that it is in. */
void kernel_turn(struct sim_history *h, int task);
/* True if it is a vfork's child that shares its parent's memory still. */
bool kernel_is_vforked(const struct sim_history *h, int life);

#endif
