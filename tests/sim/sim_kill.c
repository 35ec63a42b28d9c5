/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reconciler is killed, and another one goes on with what it had handed
 * out, as bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "saved.h"
#include "sim_door.h"

/* A record must outlive what is made of it. */
struct saved_record {
	struct saved_record *next;
	char at[];
};

struct heir {
	struct saved *saved;
	struct saved_sum *sum;
	struct saved_record *records;
	struct reconcile *reconcile;
	int64_t now;
};

static void
hand_out(void *ctx, const struct saved_life *life)
{
	struct heir *h = ctx;
	struct bytes made = saved_life(h->saved, life);
	struct saved_record *r = malloc(sizeof(*r) + made.len);

	if (made.at == NULL || r == NULL)
		abort();
	r->next = h->records;
	h->records = r;
	memcpy(r->at, made.at, made.len);
	if (!saved_sum_add(h->sum, SAVED_LIFE, (struct bytes){r->at, made.len}))
		abort();
}

static void
take_back(void *ctx, const struct saved_life *life)
{
	struct heir *h = ctx;

	if (!reconcile_restore(h->reconcile, life, 0, h->now))
		abort();
}

void
sim_door_kill(struct sim_door *d, const struct reconcile_settings *s)
{
	struct heir h = {.saved = saved_new(),
	    .sum = saved_sum_new(),
	    .reconcile =
		reconcile_new(s, &d->check->ident, sim_check_event, d->check),
	    .now = *d->check->now};
	static const struct saved_position end_of_turn;
	struct reconcile_past past;
	size_t cursor = 0;

	if (h.saved == NULL || h.sum == NULL || h.reconcile == NULL)
		abort();
	while (reconcile_save(d->reconcile, &cursor, hand_out, &h))
		continue;
	if (!saved_sum_add(
		h.sum, SAVED_POSITION, saved_position(h.saved, &end_of_turn)))
		abort();
	past = reconcile_past(d->reconcile);
	reconcile_restore_past(h.reconcile, &past);
	reconcile_reboots_told(h.reconcile, true, TIME_UNKNOWN);
	saved_sum_lives(h.sum, take_back, &h);
	reconcile_free(d->reconcile);
	d->reconcile = h.reconcile;
	saved_sum_free(h.sum);
	saved_free(h.saved);
	while (h.records != NULL) {
		struct saved_record *r = h.records;

		h.records = r->next;
		free(r);
	}
}
