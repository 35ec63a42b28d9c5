/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "turns.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct turn {
	TAILQ_ENTRY(turn) by_serial, by_arrival;
	struct assemble_event ev;
	int64_t since;
	bool fresh; /* added since the last tick */
	char records[];
};
TAILQ_HEAD(turn_list, turn);

struct turns {
	struct turn_list serials, arrivals; /* the same ones */
	size_t bytes;
};

struct turns *
turns_new(void)
{
	struct turns *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	TAILQ_INIT(&t->serials);
	TAILQ_INIT(&t->arrivals);
	return t;
}

void
turns_free(struct turns *t)
{
	if (t == NULL)
		return;
	while (!TAILQ_EMPTY(&t->serials))
		turns_take(t);
	free(t);
}

static size_t
size_of(const struct assemble_event *ev)
{
	return sizeof(struct turn) + ev->records.len;
}

/* By its serial; nearly all come in order. */
static void
stand(struct turns *t, struct turn *turn)
{
	struct turn *before = TAILQ_LAST(&t->serials, turn_list);

	while (before != NULL &&
	       (int32_t)(before->ev.at.serial - turn->ev.at.serial) > 0)
		before = TAILQ_PREV(before, turn_list, by_serial);
	if (before == NULL)
		TAILQ_INSERT_HEAD(&t->serials, turn, by_serial);
	else
		TAILQ_INSERT_AFTER(&t->serials, before, turn, by_serial);
	TAILQ_INSERT_TAIL(&t->arrivals, turn, by_arrival);
}

bool
turns_add(struct turns *t, const struct assemble_event *ev, int64_t now)
{
	struct turn *turn = malloc(size_of(ev));

	if (turn == NULL)
		return false;
	*turn = (struct turn){.ev = *ev, .since = now, .fresh = true};
	memcpy(turn->records, ev->records.at, ev->records.len);
	turn->ev.records.at = turn->records;
	t->bytes += size_of(ev);
	stand(t, turn);
	return true;
}

bool
turns_first(const struct turns *t, struct assemble_event *ev)
{
	const struct turn *first = TAILQ_FIRST(&t->serials);

	if (first != NULL)
		*ev = first->ev;
	return first != NULL;
}

void
turns_take(struct turns *t)
{
	struct turn *first = TAILQ_FIRST(&t->serials);

	TAILQ_REMOVE(&t->serials, first, by_serial);
	TAILQ_REMOVE(&t->arrivals, first, by_arrival);
	t->bytes -= size_of(&first->ev);
	free(first);
}

void
turns_tick(struct turns *t, int64_t now)
{
	struct turn *turn;

	TAILQ_FOREACH_REVERSE(turn, &t->arrivals, turn_list, by_arrival)
	{
		if (!turn->fresh)
			break;
		turn->fresh = false;
		turn->since = now;
	}
}

int64_t
turns_since(const struct turns *t)
{
	const struct turn *oldest = TAILQ_FIRST(&t->arrivals);

	return oldest == NULL ? INT64_MAX : oldest->since;
}

size_t
turns_bytes(const struct turns *t)
{
	return t->bytes;
}

size_t
turns_serials(const struct turns *t, uint32_t *serials, size_t max)
{
	const struct turn *turn;
	size_t n = 0;

	TAILQ_FOREACH (turn, &t->serials, by_serial) {
		if (n == max)
			break;
		serials[n++] = turn->ev.at.serial;
	}
	return n;
}
