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

#include "blocks.h"
#include "event.h"
#include "fact.h"

/* By which the threads of one life left: sets of codes. */
struct exit_codes {
	uint8_t group[32]; /* of all exit_groups */
	uint8_t left[32];  /* of all exits */
};

/*
 * All that was seen of the end of one life since its last exec. Few have more
 * codes than code and thread_code: see verdict_codes().
 */
struct evidence {
	uint64_t seccomp; /* signals by which seccomp killed a thread: bits */
	struct exit_codes *codes; /* NULL: there are no more, or any_code */
	uint32_t acct_status;     /* ac_exitcode */
	uint8_t acct_flags;       /* ac_flag */
	uint8_t code;             /* of the first exit_group */
	uint8_t thread_code;      /* of the last exit */
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
	bool any_code : 1;      /* memory was short: all may be among them */
};

/*
 * A thread entered exit_group(2) with this code, or left by exit(2) with it.
 * If it can't be told from others, as memory is short, nothing is certain that
 * depends on it.
 */
void verdict_add_group(struct blocks *b, struct evidence *ev, int32_t code);
void verdict_add_left(struct blocks *b, struct evidence *ev, int32_t code);
/* All that are known. */
struct exit_codes verdict_codes(const struct evidence *ev);
/* They are these; as above when memory is short. */
void verdict_set_codes(
    struct blocks *b, struct evidence *ev, const struct exit_codes *codes);
/* Gives back what they take, and forgets all but code and thread_code. */
void verdict_drop_codes(struct blocks *b, struct evidence *ev);
/* seccomp killed a thread by this signal. */
void verdict_add_seccomp(struct evidence *ev, int32_t signal);
/* In the namespace whose first it is somebody called reboot(2). */
void verdict_add_reboot(struct evidence *ev, int32_t signal);
/* Whether a thread left by exit(2) with the code of this wait status. */
bool verdict_has_left(const struct evidence *ev, uint32_t status);
/* The same, or entered exit_group(2) with it. */
bool verdict_has_said(const struct evidence *ev, uint32_t status);

/* Fills kind, has_status, certain, status and core_known of *end. */
void verdict(const struct evidence *ev, struct event_end *end);

#endif
