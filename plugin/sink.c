/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "backlog.h"
#include "log.h"
#include "sink_impl.h"

/* After a failure: waits this long, then twice as long, up to the other. */
#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000

struct sink {
	char *name;
	enum event_format format;
	const struct sink_ops *ops;
	void *impl;
	struct backlog *backlog;
	size_t budget;
	struct sink_refused refused; /* since last taken */
	/*
	 * From the first failure or refusal, which is logged, until all goes
	 * well again, which is logged with how many were refused meanwhile.
	 */
	bool troubled;
	uint64_t lost;
	enum sink_state last;       /* of the last flush */
	int64_t failed_ms, wait_ms; /* if it failed: when, and till the next */
};

static const struct sink_ops *
ops_of(enum sink_type type)
{
	switch (type) {
	case SINK_FILE:
		return sink_file_ops();
	case SINK_STDOUT:
		return sink_stdout_ops();
	case SINK_UNIX:
	case SINK_TCP:
	case SINK_TLS:
	case SINK_RELP:
		break;
	}
	abort();
}

static void
sink_free(struct sink *k)
{
	backlog_free(k->backlog);
	free(k->name);
	free(k);
}

struct sink *
sink_open(const struct sink_settings *s, uint64_t first_segment, int64_t now_ms,
    struct err *err)
{
	struct sink *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		err_errno(err, "sink %s", s->name);
		return NULL;
	}
	k->name = strdup(s->name);
	k->format = s->format;
	k->budget = s->queue_size;
	k->backlog = backlog_new(k->budget);
	k->ops = ops_of(s->type);
	if (k->name == NULL || k->backlog == NULL) {
		err_errno(err, "sink %s", s->name);
		sink_free(k);
		return NULL;
	}
	k->impl = k->ops->open(s, first_segment, now_ms, err);
	if (k->impl == NULL) {
		err_context(err, "sink %s", s->name);
		sink_free(k);
		return NULL;
	}
	return k;
}

void
sink_close(struct sink *k, int64_t now_ms)
{
	if (k == NULL)
		return;
	k->last = SINK_DONE; /* a last try need not wait */
	if (backlog_used(k->backlog) > 0)
		sink_flush(k, now_ms);
	if (backlog_used(k->backlog) > 0)
		log_warnx("sink %s: closed with %zu events not written",
		    k->name, backlog_count(k->backlog));
	k->ops->close(k->impl);
	sink_free(k);
}

enum event_format
sink_format(const struct sink *k)
{
	return k->format;
}

const char *
sink_name(const struct sink *k)
{
	return k->name;
}

uint64_t
sink_unwritten(const struct sink *k)
{
	return k->refused.count + backlog_count(k->backlog);
}

static void
refuse(struct sink *k, int64_t now_ms)
{
	if (!k->troubled)
		log_warnx("sink %s: too slow, events are lost", k->name);
	k->troubled = true;
	k->lost++;
	if (k->refused.count++ == 0)
		k->refused.since_ms = now_ms;
	k->refused.until_ms = now_ms;
}

bool
sink_put(struct sink *k, const char *line, size_t len, int64_t now_ms)
{
	if (len > backlog_room(k->backlog))
		sink_flush(k, now_ms);
	if (backlog_put(k->backlog, line, len))
		return true;
	refuse(k, now_ms);
	return false;
}

static void
fail(struct sink *k, bool progress, int64_t now_ms)
{
	if (!k->troubled)
		log_warn("sink %s: cannot write", k->name);
	k->troubled = true;
	if (k->last != SINK_FAILED || progress)
		k->wait_ms = RETRY_MIN_MS;
	else if (k->wait_ms < RETRY_MAX_MS / 2)
		k->wait_ms *= 2;
	else
		k->wait_ms = RETRY_MAX_MS;
	k->failed_ms = now_ms;
}

static void
recover(struct sink *k)
{
	/* With half of the backlog full, more would soon be refused. */
	if (!k->troubled || backlog_used(k->backlog) > k->budget / 2)
		return;
	log_info("sink %s: works again, %" PRIu64 " events were lost", k->name,
	    k->lost);
	k->troubled = false;
	k->lost = 0;
}

void
sink_flush(struct sink *k, int64_t now_ms)
{
	size_t before = backlog_used(k->backlog);
	enum sink_state state;

	/* A clock that was set back ends the wait. */
	if (k->last == SINK_FAILED && now_ms >= k->failed_ms &&
	    now_ms - k->failed_ms < k->wait_ms)
		return;
	state = k->ops->flush(k->impl, k->backlog, now_ms);
	if (state == SINK_FAILED)
		fail(k, backlog_used(k->backlog) < before, now_ms);
	else
		recover(k);
	k->last = state;
}

ssize_t
sink_write(int fd, const struct backlog *b, size_t len)
{
	struct bytes part[2];
	struct iovec v[2];

	backlog_peek(b, len, part);
	for (int i = 0; i < 2; i++) {
		/* struct iovec serves readv(2), too: it has no const. */
		union {
			const char *from;
			void *to;
		} at = {part[i].at};

		v[i] = (struct iovec){at.to, part[i].len};
	}
	return writev(fd, v, 2);
}

size_t
sink_pending(const struct sink *k)
{
	return backlog_used(k->backlog);
}

bool
sink_take_refused(struct sink *k, struct sink_refused *r)
{
	if (k->refused.count == 0 || k->troubled)
		return false;
	*r = k->refused;
	k->refused = (struct sink_refused){0};
	return true;
}

uint64_t
sink_next_segment(const struct sink *k)
{
	return k->ops->next_segment != NULL ? k->ops->next_segment(k->impl) : 0;
}
