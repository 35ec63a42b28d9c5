/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue.h"

#include <stdlib.h>

#include "spool.h"

struct queue {
	/* One of them; the other is NULL. */
	struct backlog *backlog;
	struct spool *spool;
	size_t size;               /* bytes in memory at most */
	struct queue_lost refused; /* since last taken */
};

static struct spool_limits
limits_of(const struct sink_settings *s)
{
	return (struct spool_limits){
	    .size = s->spool_size,
	    .max_age_ms = s->spool_max_age_ms,
	    .sync_ms = s->spool_sync_ms,
	    .gathered = s->queue_size,
	};
}

static int
open_store(struct queue *q, const struct sink_settings *s, int64_t now_ms,
    struct err *err)
{
	const struct spool_limits limits = limits_of(s);

	q->size = s->queue_size;
	if (s->spool) {
		q->spool = spool_open(s->spool_folder, &limits, now_ms, err);
		return q->spool != NULL ? 0 : -1;
	}
	q->backlog = backlog_new(s->queue_size);
	return q->backlog != NULL ? 0 : err_errno(err, "queue_size");
}

struct queue *
queue_new(const struct sink_settings *s, int64_t now_ms, struct err *err)
{
	struct queue *q = calloc(1, sizeof(*q));

	if (q == NULL) {
		err_errno(err, "queue");
		return NULL;
	}
	if (open_store(q, s, now_ms, err) == 0)
		return q;
	free(q);
	return NULL;
}

void
queue_free(struct queue *q, int64_t now_ms)
{
	if (q == NULL)
		return;
	spool_close(q->spool, now_ms);
	backlog_free(q->backlog);
	free(q);
}

bool
queue_put(struct queue *q, struct bytes head, struct bytes line, int64_t now_ms)
{
	bool taken = q->spool != NULL ? spool_put(q->spool, head, line, now_ms)
				      : backlog_put_headed(q->backlog, head,
					    line.at, line.len);

	if (taken)
		return true;
	if (q->refused.count++ == 0)
		q->refused.since_ms = now_ms;
	q->refused.until_ms = now_ms;
	return false;
}

size_t
queue_room(const struct queue *q)
{
	return q->spool != NULL ? spool_room(q->spool)
				: backlog_room(q->backlog);
}

bool
queue_is_easy(const struct queue *q)
{
	return queue_unsafe(q) <= q->size / 2;
}

void
queue_set(struct queue *q, const struct sink_settings *s)
{
	const struct spool_limits limits = limits_of(s);

	if (q->spool == NULL)
		return;
	spool_set(q->spool, &limits);
	q->size = s->queue_size;
}

int
queue_write(struct queue *q, int64_t now_ms)
{
	return q->spool != NULL ? spool_write(q->spool, now_ms) : 0;
}

bool
queue_next(struct queue *q, struct bytes part[2])
{
	if (q->spool == NULL)
		return backlog_give(q->backlog, part);
	part[1] = (struct bytes){"", 0};
	return spool_next(q->spool, &part[0]);
}

void
queue_done(struct queue *q, uint64_t n)
{
	if (q->spool != NULL)
		spool_done(q->spool, n);
	else
		backlog_drop(q->backlog, (size_t)n);
}

void
queue_rewind(struct queue *q)
{
	if (q->spool != NULL)
		spool_rewind(q->spool);
	else
		backlog_rewind(q->backlog);
}

size_t
queue_unsafe(const struct queue *q)
{
	return q->spool != NULL ? spool_gathered(q->spool)
				: backlog_kept(q->backlog);
}

uint64_t
queue_count(const struct queue *q)
{
	if (q->spool != NULL)
		return spool_count(q->spool);
	return backlog_count(q->backlog) + backlog_given(q->backlog);
}

bool
queue_waits(const struct queue *q)
{
	return q->spool != NULL ? spool_waits(q->spool)
				: backlog_used(q->backlog) > 0;
}

uint64_t
queue_mortal(const struct queue *q)
{
	return q->spool != NULL ? spool_unwritten(q->spool) : queue_count(q);
}

bool
queue_is_spooled(const struct queue *q)
{
	return q->spool != NULL;
}

uint64_t
queue_lost(const struct queue *q)
{
	return q->refused.count +
	       (q->spool != NULL ? spool_dropped(q->spool) : 0);
}

uint64_t
queue_refused(const struct queue *q)
{
	return q->refused.count;
}

bool
queue_take_lost(struct queue *q, struct queue_lost *lost)
{
	struct spool_dropped d;

	if (q->spool != NULL && spool_take_dropped(q->spool, &d)) {
		*lost =
		    (struct queue_lost){d.count, d.since_ms, d.until_ms, true};
		return true;
	}
	if (q->refused.count == 0)
		return false;
	*lost = q->refused;
	q->refused = (struct queue_lost){0};
	return true;
}

struct backlog *
queue_backlog(struct queue *q)
{
	return q->backlog;
}
