/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "encode.h"
#include "frame.h"
#include "log.h"
#include "sink_impl.h"
#include "users.h"
#include "waits.h"

/* After a failure: waits this long, then twice as long, up to the other. */
#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000

/* Events that no line can hold are told together, once in so long. */
#define UNFIT_MS 1000

/* Of certificates and keys. */
#define FILES 3

struct sink {
	struct sink_settings *s; /* a copy of our own */
	struct stat file[FILES]; /* as they were; zeros: there was none */
	char *hostname;          /* NULL: unknown */
	pid_t pid;               /* ours; the kernel is asked once */
	struct users *users;
	const struct sink_ops *ops;
	void *impl;
	uint64_t taken, mark; /* bytes that queue took; of those, up to there */
	struct queue *queue;  /* NULL: to be inherited, or given away */
	/*
	 * From the first failure or refusal, which is logged, until all goes
	 * well again, which is logged with how many were lost meanwhile.
	 */
	bool troubled;
	uint64_t lost_total;      /* of those that were taken from queue */
	struct sink_lost lost[2]; /* since last taken; [1]: by a spool */
	struct sink_lost unfit;   /* that no line can hold, not in lost yet */
	bool unfit_logged;
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
		return sink_stream_ops();
	case SINK_RELP:
		return sink_relp_ops();
	}
	abort();
}

static void
sink_free(struct sink *k)
{
	users_free(k->users);
	settings_free_sink(k->s);
	free(k->hostname);
	free(k);
}

/* They hold their lines in the same place. */
static bool
same_queue(const struct sink_settings *a, const struct sink_settings *b)
{
	if (a->spool || b->spool)
		return a->spool && b->spool &&
		       strcmp(a->spool_folder, b->spool_folder) == 0;
	return strcmp(a->name, b->name) == 0 && a->queue_size == b->queue_size;
}

static void
look_at_files(const struct sink_settings *s, struct stat file[FILES])
{
	const char *const path[FILES] = {s->ca_file, s->cert_file, s->key_file};

	for (size_t i = 0; i < FILES; i++) {
		if (path[i] == NULL || stat(path[i], &file[i]) != 0)
			file[i] = (struct stat){0};
	}
}

static int
open_parts(struct sink *k, const struct sink_settings *s,
    const struct sink_needs *needs, const struct sink *before, int64_t now_ms,
    struct err *err)
{
	k->s = settings_copy_sink(s);
	k->pid = getpid();
	if (needs->hostname != NULL)
		k->hostname = strdup(needs->hostname);
	if (k->s == NULL || (needs->hostname != NULL && k->hostname == NULL))
		return err_errno(err, "memory");
	k->users = users_new(s->users, s->nusers, err);
	if (k->users == NULL)
		return -1;
	if (before == NULL || !same_queue(before->s, s)) {
		k->queue = queue_new(k->s, now_ms, err);
		if (k->queue == NULL)
			return -1;
	}
	k->ops = ops_of(s->type);
	look_at_files(k->s, k->file);
	k->impl = k->ops->open(k->s, needs, now_ms, err);
	return k->impl != NULL ? 0 : -1;
}

struct sink *
sink_open(const struct sink_settings *s, const struct sink_needs *needs,
    const struct sink *before, int64_t now_ms, struct err *err)
{
	struct sink *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		err_errno(err, "sink %s", s->name);
		return NULL;
	}
	if (open_parts(k, s, needs, before, now_ms, err) != 0) {
		err_context(err, "sink %s", s->name);
		queue_free(k->queue, now_ms);
		sink_free(k);
		return NULL;
	}
	return k;
}

void
sink_inherit(struct sink *k, struct sink *before)
{
	if (k->queue != NULL)
		return;
	k->queue = before->queue;
	k->taken = before->taken;
	k->mark = before->mark;
	memcpy(k->lost, before->lost, sizeof(k->lost));
	k->troubled = before->troubled;
	k->lost_total = before->lost_total;
	k->unfit = before->unfit;
	k->unfit_logged = before->unfit_logged;
	before->queue = NULL;
	memset(before->lost, 0, sizeof(before->lost));
	queue_set(k->queue, k->s);
	queue_rewind(k->queue);
	if (k->troubled && k->ops->doubt != NULL)
		k->ops->doubt(k->impl);
}

bool
sink_is_inherited(const struct sink *k)
{
	return k->queue == NULL;
}

void
sink_close(struct sink *k, int64_t now_ms)
{
	uint64_t left;

	if (k == NULL)
		return;
	k->last = SINK_DONE; /* a last try need not wait */
	if (k->queue != NULL && queue_count(k->queue) > 0)
		sink_flush(k, now_ms);
	k->ops->close(k->impl, k->queue, now_ms);
	left = k->queue != NULL ? queue_mortal(k->queue) : 0;
	if (left > 0)
		log_warnx("sink %s: closed with %" PRIu64 " events not written",
		    k->s->name, left);
	queue_free(k->queue, now_ms);
	sink_free(k);
}

enum event_format
sink_format(const struct sink *k)
{
	return k->s->format;
}

size_t
sink_line_max(const struct sink *k)
{
	size_t head = k->s->framing == FRAMING_SYSLOG ? FRAME_HEAD_MAX : 0;

	return k->s->max_event - head;
}

const char *
sink_name(const struct sink *k)
{
	return k->s->name;
}

const struct sink_settings *
sink_settings(const struct sink *k)
{
	return k->s;
}

bool
sink_has_other_files(const struct sink *k)
{
	struct stat now[FILES];

	look_at_files(k->s, now);
	for (size_t i = 0; i < FILES; i++) {
		const struct stat *a = &now[i], *b = &k->file[i];

		if (a->st_dev != b->st_dev || a->st_ino != b->st_ino ||
		    a->st_size != b->st_size ||
		    a->st_mtim.tv_sec != b->st_mtim.tv_sec ||
		    a->st_mtim.tv_nsec != b->st_mtim.tv_nsec)
			return true;
	}
	return false;
}

static size_t
held(const struct sink *k)
{
	return k->ops->held != NULL ? k->ops->held(k->impl) : 0;
}

size_t
sink_pending(const struct sink *k)
{
	return queue_unsafe(k->queue) - held(k);
}

void
sink_mark(struct sink *k)
{
	k->mark = k->taken;
}

bool
sink_is_past_mark(const struct sink *k)
{
	return k->taken - sink_pending(k) >= k->mark;
}

uint64_t
sink_waiting(const struct sink *k)
{
	return queue_count(k->queue);
}

static uint64_t
lost_so_far(const struct sink *k)
{
	return k->lost[false].count + k->lost[true].count + k->unfit.count;
}

uint64_t
sink_lost_total(const struct sink *k)
{
	return k->lost_total + k->unfit.count + queue_lost(k->queue);
}

uint64_t
sink_unwritten(const struct sink *k)
{
	uint64_t waiting;

	if (k->queue == NULL)
		return 0;
	waiting = sink_pending(k) > 0 ? queue_mortal(k->queue) : 0;
	return lost_so_far(k) + queue_refused(k->queue) + waiting;
}

static void
warn_once(struct sink *k, const char *why)
{
	if (!k->troubled)
		log_warnx("sink %s: %s", k->s->name, why);
	k->troubled = true;
}

static bool
is_for(const struct sink *k, const struct sink_line *line)
{
	size_t max = sink_line_max(k);

	if (line->format != k->s->format ||
	    (k->s->actions & 1U << line->action) == 0 ||
	    (line->cut_to != 0 ? line->cut_to != max : line->text.len > max))
		return false;
	return line->user == ID_UNSET || users_have(k->users, line->user);
}

/* A loss that tells of such would never come to an end. */
static void
count_unfit(struct sink *k, const struct sink_line *line, int64_t now_ms)
{
	if (line->action == EVENT_LOSS)
		return;
	if (!k->unfit_logged)
		log_warnx("sink %s: an event is longer than max_event even "
			  "without arguments",
		    k->s->name);
	k->unfit_logged = true;
	if (k->unfit.count++ == 0)
		k->unfit.since_ms = now_ms;
	k->unfit.until_ms = now_ms;
}

bool
sink_put(struct sink *k, const struct sink_line *line, int64_t now_ms)
{
	char buf[FRAME_HEAD_MAX];
	struct text head;
	size_t before;

	if (!is_for(k, line))
		return true;
	if (line->text.len == 0) {
		count_unfit(k, line, now_ms);
		return false;
	}
	text_init(&head, buf, sizeof(buf));
	if (k->s->framing == FRAMING_SYSLOG)
		frame_head(&head, line->time_ms, k->hostname, k->pid,
		    encode_action_name(line->action));
	if (head.len + line->text.len > queue_room(k->queue))
		sink_flush(k, now_ms);
	before = queue_unsafe(k->queue);
	if (queue_put(
		k->queue, (struct bytes){buf, head.len}, line->text, now_ms)) {
		k->taken += queue_unsafe(k->queue) - before;
		return true;
	}
	warn_once(k, "too slow, events are lost");
	return false;
}

/* The next try of a sink that has no wish of its own. */
static void
put_off(struct sink *k, bool progress, int64_t now_ms)
{
	if (k->last != SINK_FAILED || progress)
		k->wait_ms = RETRY_MIN_MS;
	else if (k->wait_ms < RETRY_MAX_MS / 2)
		k->wait_ms *= 2;
	else
		k->wait_ms = RETRY_MAX_MS;
	k->failed_ms = now_ms;
}

static void
fail(struct sink *k)
{
	char why[256];

	if (k->ops->trouble != NULL) {
		warn_once(k, k->ops->trouble(k->impl));
		return;
	}
	snprintf(why, sizeof(why), "cannot write: %s", strerror(errno));
	warn_once(k, why);
}

static void
add_lost(struct sink *k, const struct sink_lost *more)
{
	struct sink_lost *lost = &k->lost[more->spooled];

	if (lost->count == 0)
		*lost = (struct sink_lost){
		    .since_ms = more->since_ms, .spooled = more->spooled};
	lost->count += more->count;
	k->lost_total += more->count;
	lost->until_ms = more->until_ms;
}

static void
note_lost(struct sink *k)
{
	struct queue_lost more;

	while (queue_take_lost(k->queue, &more))
		add_lost(k, &(struct sink_lost){more.count, more.since_ms,
				more.until_ms, more.spooled});
}

/* Also if the clock was set back. */
static void
note_unfit(struct sink *k, int64_t now_ms)
{
	int64_t passed = now_ms - k->unfit.since_ms;

	if (k->unfit.count == 0 || (passed >= 0 && passed < UNFIT_MS))
		return;
	add_lost(k, &k->unfit);
	k->unfit.count = 0;
}

static void
recover(struct sink *k)
{
	/* With half of the queue full, more would soon be refused. */
	if (!k->troubled || !queue_is_easy(k->queue))
		return;
	note_lost(k);
	log_info("sink %s: works again, %" PRIu64 " events were lost",
	    k->s->name, lost_so_far(k));
	k->troubled = false;
}

void
sink_flush(struct sink *k, int64_t now_ms)
{
	size_t before = queue_unsafe(k->queue);
	bool kept = queue_write(k->queue, now_ms) == 0;
	enum sink_state state;

	if (!kept) {
		char why[256];

		snprintf(why, sizeof(why), "cannot write its spool: %s",
		    strerror(errno));
		warn_once(k, why);
	}
	note_unfit(k, now_ms);
	/* A clock that was set back ends the wait. */
	if (k->ops->wish == NULL && k->last == SINK_FAILED &&
	    !wait_is_over(k->failed_ms, k->wait_ms, now_ms))
		return;
	state = k->ops->flush(k->impl, k->queue, now_ms);
	if (state == SINK_FAILED) {
		fail(k);
		put_off(k, queue_unsafe(k->queue) < before, now_ms);
	} else if (kept) {
		recover(k);
	}
	k->last = state;
}

struct link_wish
sink_wish(const struct sink *k, int64_t now_ms)
{
	if (k->ops->wish == NULL)
		return (struct link_wish){.fd = -1, .wait_ms = -1};
	return k->ops->wish(k->impl, k->queue, now_ms);
}

bool
sink_take_lost(struct sink *k, struct sink_lost *lost)
{
	if (k->troubled)
		return false;
	note_lost(k);
	for (int i = 0; i < 2; i++) {
		if (k->lost[i].count == 0)
			continue;
		*lost = k->lost[i];
		k->lost[i] = (struct sink_lost){0};
		return true;
	}
	return false;
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

uint64_t
sink_next_segment(const struct sink *k)
{
	return k->ops->next_segment != NULL ? k->ops->next_segment(k->impl) : 0;
}
