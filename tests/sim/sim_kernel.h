/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_kernel - the part of the kernel that a history is made by.
 *
 * sim_history.c owns memory, numbers and time, sim_kernel.c is what happens
 * inside system calls, sim_deaths.c who is signaled and how a life ends.
 */
#ifndef SIM_KERNEL_H
#define SIM_KERNEL_H

#include "sim_history.h"

/* sim_history.c */

/* A new life with its leader, from us on; SIM_NONE: no number is free. */
int history_add_life(struct sim_history *h, int parent, int64_t us);
/* The same with a number that the caller chose, like set_tid of clone3(2). */
int history_add_chosen_life(struct sim_history *h, int parent, int64_t us);
/* A new task of a life; SIM_NONE: no number is free. */
int history_add_task(struct sim_history *h, int life, int64_t us);
struct sim_step *history_add_step(
    struct sim_history *h, const struct sim_step *step);
struct sim_account *history_add_other(struct sim_history *h);
/* The task has its next turn then; an earlier appointment is off. */
void history_wake(struct sim_history *h, int task, int64_t us);
/* A little while, in microseconds: 1 to high, short ones as likely. */
int64_t history_while(struct sim_history *h, uint32_t high);

/* Short things inside the kernel, and system calls. */
#define MOMENT_US 300
#define CALL_US   3000

/* sim_kernel.c */

struct sim_life *kernel_life(struct sim_history *h, int task);
/* Who is the parent of a life now, and its number, as both books tell it. */
int kernel_parent(const struct sim_history *h, int life);
int32_t kernel_ppid(const struct sim_history *h, int life);
/* An audit event of a call that is entered now. */
struct sim_step kernel_begin_step(
    const struct sim_history *h, int task, enum fact_kind kind);
/* Queues its records from us on; returns when that is done. */
int64_t kernel_queue_step(
    struct sim_history *h, struct sim_step *s, int64_t us);
/* No other thread is left: exec takes the process over. */
void kernel_go_on_with_exec(struct sim_history *h, int task);

/* The task does something. */
void kernel_act(struct sim_history *h, int task, enum sim_action action);
/* Its turn came: goes on with the call that it is in. */
void kernel_turn(struct sim_history *h, int task);
/* True if it is a vfork's child that shares its parent's memory still. */
bool kernel_is_vforked(const struct sim_history *h, int life);

/* sim_deaths.c */

/* Accounting is switched off for a while. */
bool kernel_is_acct_off(const struct sim_history *h);

/* mm_release(): a parent in vfork goes on. */
void kernel_release_parent(
    struct sim_history *h, struct sim_life *l, int64_t us);
/* A thread, or all but one, on their way into get_signal(). */
void kernel_signal(struct sim_history *h, int task);
void kernel_signal_others(struct sim_history *h, int life, int but);
/* A fatal signal to a process. */
void kernel_kill(struct sim_history *h, int life, uint32_t status);
void kernel_crash(struct sim_history *h, int task, int signal);
void kernel_end_dump(struct sim_history *h, int task);
void kernel_die_of_signal(struct sim_history *h, int task);
/* Seccomp kills a thread, and the process only with its last. */
void kernel_seccomp(struct sim_history *h, int task);
/* exit_group gets its lock: do_group_exit(). */
void kernel_leave_group(struct sim_history *h, int task);
/* do_exit(); call: the record of the call that it is in, or NULL. */
void kernel_die(struct sim_history *h, int task, struct sim_step *call);

#endif
