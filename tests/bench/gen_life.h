/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_life - a simulated process, and the machine it lives on.
 *
 * Shared by gen_world (births, execs, what comes when), gen_ends and gen_tell;
 * nobody else looks inside.
 */
#ifndef GEN_LIFE_H
#define GEN_LIFE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "gen_agenda.h"
#include "gen_pids.h"
#include "gen_programs.h"
#include "gen_records.h"
#include "gen_stream.h"
#include "gen_world.h"

#define STATUS_CORE 0x80 /* in a wait status: a core was dumped */

enum state {
	STATE_BORN,
	STATE_RUN,
	STATE_EXEC,  /* inside execve */
	STATE_BIRTH, /* inside fork, clone or clone3 */
	STATE_VFORK, /* the same, until the child lets go */
	STATE_IDLE,  /* waits for children; not on the agenda */
	STATE_DYING,
	STATE_GONE,
};

LIST_HEAD(task_list, task);
LIST_HEAD(life_list, life);

struct life {
	struct task task;
	struct task_list threads;
	struct life *parent; /* who would be told of its death now */
	struct life_list children;
	LIST_ENTRY(life) siblings;
	struct ident ident;
	const struct program *program;
	enum class class; /* what it was born to be */
	enum state state;
	int64_t born;
	int64_t entered; /* its last system call */

	/* What it means to do. */
	unsigned jobs, parallel, threads_left;
	unsigned running;           /* children it has not seen die */
	unsigned refused;           /* times it found no room for a child */
	bool abandons;              /* leaves without waiting for children */
	const struct program *next; /* what it is about to exec */
	unsigned failures;          /* execs that fail before that */
	bool hopeless;              /* ... which does not exist */
	int fatal;                  /* signal somebody sent, 0: none */

	/* A birth under way: this one's child, and the parent it holds up. */
	enum birth_kind birth;
	struct life *child;
	struct life *vfork_parent;

	/* What the truth will say. */
	uint64_t number, parent_number;
	int32_t birth_ppid;
	uint32_t birth_serial; /* 0: the record is still to come */
	unsigned execs;
	uint32_t status; /* as from waitpid(2) */
	bool zapped;     /* other threads died of its end */

	/* Its arguments now, and what audit saw of them first. */
	char title[TITLE_SIZE], logged_title[TITLE_SIZE];
	size_t title_len, logged_title_len;
};

struct world {
	const struct world_options *options;
	struct rng rng;
	struct agenda agenda;
	struct pids pids;
	struct stream *stream;
	int64_t now;     /* microseconds since 1970 */
	uint64_t births; /* lives still to be born */
	uint64_t number; /* of the next one born */
	unsigned live;
	uint32_t sessions;
	uint64_t deeds_due; /* events of other kinds, to be told */
	uint64_t sleepers;  /* still to be born */
	uint64_t flushed;
	struct life *init;
	char args[MAX_ARGS_SIZE];
};

/* A moment between low and high microseconds from now. */
static inline int64_t
world_soon(struct world *w, uint32_t low, uint32_t high)
{
	return w->now + rng_between(&w->rng, low, high);
}

#endif
