/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "canary.h"

int64_t
canary_due(const struct canary *c, int64_t since, int64_t lateness_ms)
{
	int64_t due = since + CANARY_SENT_MS, again = c->asked + lateness_ms;

	return c->asked >= since && again > due ? again : due;
}

bool
canary_is_late(const struct canary *c, int64_t now)
{
	return c->pid != 0 && now >= c->at + CANARY_WAIT_MS;
}

bool
canary_is_stale(const struct canary *c, int64_t now)
{
	return c->pid != 0 && now >= c->at + CANARY_AGAIN_MS;
}

int64_t
canary_judged_at(const struct canary *c, int64_t now)
{
	if (c->pid == 0 || canary_is_stale(c, now))
		return INT64_MAX;
	return c->at +
	       (canary_is_late(c, now) ? CANARY_AGAIN_MS : CANARY_WAIT_MS);
}
