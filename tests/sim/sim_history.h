/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_history - a random history of processes, as a Linux kernel runs them.
 *
 * A small model of fork, exec, exit and signals (sim_kernel.c) on one clock of
 * microseconds. It knows the truth about each life, and what the kernel writes
 * into both books and when: a step is one audit event, a life has at most one
 * accounting record. The same seed and profile give the same history.
 */
#ifndef SIM_HISTORY_H
#define SIM_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"

#include "../bench/gen_random.h"
#include "sim_profile.h"

#define SIM_NONE  (-1)
#define SIM_NEVER INT64_MAX

/* Real time at which every history starts, in microseconds. */
#define SIM_EPOCH_US INT64_C(1700000000000000)

/* Who bears what is the kernel's own; it lives for ever. */
#define SIM_KTHREADD 2

/* Numbers are given out below this at most. */
#define SIM_PID_LIMIT 32768

/* The first lives of every history. */
enum {
	SIM_INIT,
	SIM_PLUGIN,
	SIM_FIRST_ROOT
};

/* One audit event. */
struct sim_step {
	enum fact_kind kind;
	bool noise; /* kind means nothing */
	bool whole; /* of one record */
	int life;
	int32_t ppid;
	int64_t entry_us; /* of its system call */
	int64_t first_us; /* its first record is queued */
	int64_t last_us;  /* and its last */
	int child;        /* FACT_BIRTH: the life, SIM_NONE: a thread */
	struct fact_birth birth;
	bool success;   /* FACT_EXEC; of FACT_NAMESPACE unshare(2) */
	bool broken;    /* failed past the point of no return */
	int32_t code;   /* FACT_EXIT, FACT_EXIT_GROUP; FACT_ABEND: signal */
	int32_t reboot; /* FACT_EXIT by reboot(2): signal; else 0 */
};

/* What accounting writes. */
struct sim_account {
	bool written;
	int life; /* whose; SIM_NONE: a kernel thread's */
	int64_t at_us;
	int32_t pid, ppid;
	int64_t born_us; /* of the task that leads */
	uint32_t status;
	uint8_t flags;
	uint32_t mem_kb; /* tells records apart */
};

struct sim_life {
	int32_t pid;
	int parent; /* who bore it */
	int ns;     /* pid namespace: 0 is the initial one */
	int children_ns;
	bool found;     /* older than the history */
	bool unaudited; /* has no audit context */
	bool helper;    /* of the kernel: no birth record */
	bool subreaper;
	bool immortal;
	int32_t rebooted; /* status that reboot(2) gives it; 0: none */
	int64_t born_us, died_us, reaped_us;
	uint32_t status; /* as from waitpid(2) */
	int birth;       /* step; SIM_NONE: none */
	struct sim_account account;

	/* The kernel's. */
	int leader, exec_task, vfork_waiter;
	int ntasks, live;
	bool group_exit, signaled;
	uint32_t group_code, leader_code;
	int64_t notified_us;
	int64_t dumped_us; /* its core: nobody else dies before */
};

enum sim_phase {
	PHASE_RUNNING,
	PHASE_CALLING, /* its record comes at the call's end */
	PHASE_VFORKING,
	PHASE_DETHREADING, /* exec waits for the other threads' ends */
	PHASE_EXECING,
	PHASE_LEAVING_GROUP, /* exit_group before its lock */
	PHASE_LEAVING,       /* exit */
	PHASE_BREAKING,      /* its exec failed past the point of no return */
	PHASE_DUMPING,
	PHASE_SIGNALED,
	PHASE_DEAD,
};

/* One thread, and its number. */
struct sim_task {
	int32_t number;
	int before; /* the task that had the number before */
	int life;
	int64_t from_us, until_us; /* the number is its own */
	enum sim_phase phase;
	uint32_t turn; /* of the agenda entry that counts */
	uint32_t code; /* that it leaves with */
	bool zapped;   /* a SIGKILL is pending that nobody takes any more */
	bool doomed;   /* dies when its system call is over */
	bool fresh;    /* did nothing yet */
	int64_t entry_us;
	struct sim_step call; /* the record of the call it is in */
};

/* A pid namespace. */
struct sim_ns {
	int parent, depth;
	int init;
	int32_t next;
};

/* Real time is so much before (or behind) the monotonic clock from then on. */
struct sim_clock {
	int64_t from_us, ahead_us;
};

struct sim_turn {
	int64_t at_us;
	uint32_t order;
	int task;
};

struct sim_history {
	const struct sim_profile *profile;
	struct rng rng;
	uint64_t seed;
	int64_t now_us;
	int64_t tick_us; /* phase of the coarse clock */
	struct sim_clock clock[8];
	size_t nclock;
	int64_t acct_off_us, acct_on_us; /* off from when until when */
	uint32_t pause_us;               /* threads rest so long, at most */
	bool old_kernel;                 /* before synchronize_group_exit() */

	struct sim_life *lives;
	int nlives, max_lives, lives_wanted;
	struct sim_task *tasks;
	int ntasks, max_tasks;
	struct sim_step *steps;
	size_t nsteps, max_steps;
	struct sim_account *others; /* of the living, and kernel threads' */
	size_t nothers, max_others;
	struct sim_ns ns[64];
	int nns;

	struct sim_turn *agenda; /* a heap */
	size_t nagenda, max_agenda;
	uint32_t order;

	int newest[SIM_PID_LIMIT]; /* task of that number, newest */
	int32_t next_pid, min_pid, max_pid;
};

/* NULL: no memory. sim_history_free(NULL) is fine. */
struct sim_history *sim_history_new(void);
void sim_history_free(struct sim_history *h);

/* Replaces what h holds by another history of about so many lives. */
void sim_history_run(struct sim_history *h, const struct sim_profile *p,
    uint64_t seed, int lives);

/* /proc at a moment: the task that has this number then; or SIM_NONE. */
int sim_history_task(
    const struct sim_history *h, int32_t number, int64_t at_us);

/* Real time, in microseconds. */
int64_t sim_history_real(const struct sim_history *h, int64_t us);

/* True if real time was set in between. */
bool sim_history_is_clock_set(
    const struct sim_history *h, int64_t from_us, int64_t until_us);

/* What the coarse clock of real time shows, in ms. */
int64_t sim_history_stamp(const struct sim_history *h, int64_t us);

/* A number that nobody else has from from to until; SIM_NONE: all do. */
int32_t sim_history_spare(
    const struct sim_history *h, int64_t from_us, int64_t until_us);

#endif
