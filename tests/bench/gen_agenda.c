/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen_agenda.h"

#include <errno.h>
#include <error.h>
#include <stdlib.h>

#define FIRST_ROOM 256

void
agenda_init(struct agenda *a)
{
	*a = (struct agenda){0};
}

void
agenda_free(struct agenda *a)
{
	free(a->heap);
	agenda_init(a);
}

static bool
is_sooner(const struct task *a, const struct task *b)
{
	if (a->due != b->due)
		return a->due < b->due;
	return a->order < b->order;
}

static void
set(struct agenda *a, size_t place, struct task *task)
{
	a->heap[place] = task;
	task->place = place;
}

/* Lets the task at place rise or sink to where it belongs. */
static void
settle(struct agenda *a, size_t place)
{
	struct task *task = a->heap[place];

	while (place > 1 && is_sooner(task, a->heap[place / 2])) {
		set(a, place, a->heap[place / 2]);
		place /= 2;
	}
	for (size_t child; (child = 2 * place) <= a->count; place = child) {
		if (child < a->count &&
		    is_sooner(a->heap[child + 1], a->heap[child]))
			child++;
		if (!is_sooner(a->heap[child], task))
			break;
		set(a, place, a->heap[child]);
	}
	set(a, place, task);
}

static void
grow(struct agenda *a)
{
	a->room = a->room == 0 ? FIRST_ROOM : 2 * a->room;
	a->heap = reallocarray(a->heap, a->room, sizeof(a->heap[0]));
	if (a->heap == NULL)
		error(1, errno, "agenda");
}

void
agenda_put(struct agenda *a, struct task *task, int64_t due)
{
	task->due = due;
	task->order = ++a->puts;
	if (task->place == 0) {
		if (a->count + 1 >= a->room)
			grow(a);
		set(a, ++a->count, task);
	}
	settle(a, task->place);
}

void
agenda_remove(struct agenda *a, struct task *task)
{
	size_t place = task->place;
	struct task *last;

	if (place == 0)
		return;
	task->place = 0;
	last = a->heap[a->count--];
	if (last == task)
		return;
	set(a, place, last);
	settle(a, place);
}

struct task *
agenda_take(struct agenda *a)
{
	struct task *first;

	if (a->count == 0)
		return NULL;
	first = a->heap[1];
	agenda_remove(a, first);
	return first;
}
