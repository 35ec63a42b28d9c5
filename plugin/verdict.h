/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdict - how a process died, from what both books say.
 *
 * The audit stream says what a thread asked for, accounting says how its
 * group leader ended; either may be missing, and either may mislead. What the
 * parent's waitpid(2) got follows from both together, or is not proven.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "fact.h"

/* All that was seen of the end of one life since its last exec. */
struct evidence {
	uint64_t seccomp;  /* signals by which seccomp killed a thread: bits */
	uint8_t group[32]; /* codes of all exit_groups: a set */
	uint8_t left[32];  /* codes of all exits: a set */
	uint32_t acct_status; /* ac_exitcode */
	uint8_t acct_flags;   /* ac_flag */
	uint8_t code;         /* of the first exit_group */
	uint8_t thread_code;  /* of the last exit */
	uint8_t abend_signal;
	uint8_t reboot;         /* status that reboot(2) gave it; 0 */
	bool exit_group : 1;    /* an exit_group was entered */
	bool conflicting : 1;   /* a second one, with another code */
	bool thread_exit : 1;   /* a thread left by exit(2) */
	bool abend : 1;         /* a signal that dumps core was delivered */
	bool acct : 1;          /* there is an accounting record */
	bool proven : 1;        /* which can be of no other life */
	bool gone : 1;          /* the number was reused, or not in /proc */
	bool first : 1;         /* of a pid namespace, perhaps */
	bool may_be_reboot : 1; /* reboot(2) may have changed its status */
	bool reboot_unsure : 1; /* or have given it another one than reboot */
	bool threads : 1;       /* it has, or may have, had a second thread */
	bool seccomp_again : 1; /* seccomp killed several */
};

/* A thread entered exit_group(2) with this code. */
void verdict_add_group(struct evidence *ev, int32_t code);
/* seccomp killed a thread by this signal. */
void verdict_add_seccomp(struct evidence *ev, int32_t signal);
/* A thread left by exit(2) with this code. */
void verdict_add_left(struct evidence *ev, int32_t code);
/* The same, or entered exit_group(2) with it. */
bool verdict_has_said(const struct evidence *ev, uint32_t status);
/* In the namespace whose first it is somebody called reboot(2). */
void verdict_add_reboot(struct evidence *ev, int32_t signal);
/* Whether one did with the code of this wait status. */
bool verdict_has_left(const struct evidence *ev, uint32_t status);

/* Fills kind, has_status, certain, status and core_known of *end. */
void verdict(const struct evidence *ev, struct event_end *end);

#endif
