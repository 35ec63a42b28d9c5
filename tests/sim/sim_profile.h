/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim_profile - what may happen in a history, and how often.
 */
#ifndef SIM_PROFILE_H
#define SIM_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

/* What a thread may do next. */
enum sim_action {
	SIM_IDLE,
	SIM_NOISE, /* an audited call that is nothing to us */
	SIM_FORK,
	SIM_VFORK,
	SIM_CLONE3,
	SIM_CLONE_THREAD,
	SIM_CLONE3_THREAD,
	SIM_CLONE_PARENT,
	SIM_CLONE3_PARENT,
	SIM_CLONE3_SET_TID, /* a number of its own choice */
	SIM_CLONE_NEWPID,
	SIM_UNSHARE,
	SIM_SETNS,
	SIM_REBOOT, /* of a namespace: its init is killed */
	SIM_EXEC,
	SIM_EXEC_FAILED,
	SIM_EXEC_BROKEN, /* fails past the point of no return */
	SIM_EXIT_GROUP,
	SIM_EXIT,
	SIM_TERMINATED, /* by a signal that dumps no core */
	SIM_KILLED,
	SIM_CRASHED,
	SIM_SECCOMP,     /* kills one thread */
	SIM_SWITCH_ACCT, /* acct(2): a record of the living */
	SIM_HELPER,      /* the kernel runs a usermode helper */
	SIM_KTHREAD,     /* a kernel thread ends */
	SIM_ACTIONS,
};

struct sim_profile {
	const char *name;
	bool acct;      /* accounting is on */
	bool unaudited; /* some are older than auditing */
	bool subreapers;
	bool clock;           /* real time is set, or the machine suspended */
	bool losses;          /* spans of the stream are lost */
	bool acct_gap;        /* accounting is off for a while */
	bool acct_noticed;    /* and that is noticed after a while */
	bool split;           /* as text, some events come in pieces */
	bool torn;            /* as text, some events lack their ends */
	bool aside;           /* as text, some lines come after later ones */
	bool old_serials;     /* serials are about to begin anew */
	uint32_t pids;        /* for the allocator; 0: plenty */
	uint32_t lag_ms;      /* the stream may be so late */
	uint32_t hang_ms;     /* the plugin may get no time for so long */
	uint32_t acct_lag_ms; /* exits may take so long before the record */
	uint32_t births_ms;   /* birth records may be so late */
	uint32_t races;       /* per mille of exits that a SIGKILL catches */
	uint32_t delayed;     /* per mille of threads preempted in do_exit() */
	uint16_t weights[SIM_ACTIONS];
};

#endif
