/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_agenda - what the simulated tasks will do next, soonest first.
 *
 * A binary heap of pointers. A task knows its own place in it, so that what
 * was planned can be changed: a signal comes earlier than the planned end.
 */
#ifndef GEN_AGENDA_H
#define GEN_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct life;

/* The main thread of a life (tid 0: it has the pid) or another one. */
struct task {
	struct life *life;
	int32_t tid;
	int64_t due;             /* microseconds */
	uint64_t order;          /* equal times: who was put first */
	size_t place;            /* 0: not on the agenda */
	LIST_ENTRY(task) others; /* the further threads of one life */
};

struct agenda {
	struct task **heap; /* [0] is not used */
	size_t count, room;
	uint64_t puts;
};

void agenda_init(struct agenda *a);
void agenda_free(struct agenda *a); /* not the tasks */

/* Plans the task for due, whether or not it was planned before. */
void agenda_put(struct agenda *a, struct task *task, int64_t due);
void agenda_remove(struct agenda *a, struct task *task);

/* The task that is due first, taken off; NULL if none is planned. */
struct task *agenda_take(struct agenda *a);

#endif
