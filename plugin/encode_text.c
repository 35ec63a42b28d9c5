/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encode.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A life that finds no memory is not indented; that is no reason to exit. */
#define HASH_NONFATAL_OOM 1
/* An id is a hash already. */
#define HASH_FUNCTION(key, len, hash) memcpy(&(hash), (key), sizeof(hash))
#include <uthash.h>
#include <utlist.h>

#include "blocks.h"
#include "split.h"
#include "terminal.h"

/* Deeper descent is not indented further; lines would be pushed off screen. */
#define DEPTH_MAX 20

/*
 * Lives whose depth is remembered; the one that was met first makes room.
 * Children of one that is forgotten start at the margin.
 */
#define LIVES_MAX 65536

/* Of these, the ended: children may still be told of after their parent. */
#define ENDED_MAX 1024

/* Bytes of arguments that are shown; one line is for one look. */
#define SHOWN_MAX 1024

#define PID_WIDTH  7 /* PID_MAX_LIMIT is 2^22 */
#define DATE_CHARS 10
#define TIME_AT    11 /* where the time starts in an RFC 3339 time, and */
#define TIME_CHARS 12 /* how long it is without its zone */

struct life {
	struct uuid id;
	unsigned depth;
	bool ended;
	struct life *prev, *next; /* in the queue of the ended */
	UT_hash_handle hh;
};

struct encode_text {
	struct life *lives; /* by id */
	struct life *ended; /* queue, oldest first */
	unsigned nended;
	char day[DATE_CHARS]; /* of the line before */
	struct blocks blocks; /* of which lives are */
};

struct encode_text *
encode_text_new(void)
{
	return calloc(1, sizeof(struct encode_text));
}

static void
forget(struct encode_text *x, struct life *l)
{
	if (l->ended) {
		DL_DELETE(x->ended, l);
		x->nended--;
	}
	HASH_DEL(x->lives, l);
	blocks_give(&x->blocks, l, sizeof(*l));
}

void
encode_text_free(struct encode_text *x)
{
	if (x == NULL)
		return;
	while (x->lives != NULL)
		forget(x, x->lives);
	blocks_fini(&x->blocks);
	free(x);
}

static struct life *
find(const struct encode_text *x, const struct uuid *id)
{
	struct life *l;

	HASH_FIND(hh, x->lives, id, sizeof(*id), l);
	return l;
}

/* NULL if there is no memory. */
static struct life *
remember(struct encode_text *x, const struct uuid *id, unsigned depth)
{
	struct life *l;

	if (HASH_COUNT(x->lives) == LIVES_MAX)
		forget(x, x->ended != NULL ? x->ended : x->lives);
	l = blocks_take_zeroed(&x->blocks, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->id = *id;
	l->depth = depth;
	HASH_ADD(hh, x->lives, id, sizeof(l->id), l);
	if (l->hh.tbl == NULL) {
		blocks_give(&x->blocks, l, sizeof(*l));
		return NULL;
	}
	return l;
}

static void
mark_ended(struct encode_text *x, struct life *l)
{
	if (l->ended)
		return;
	if (x->nended == ENDED_MAX)
		forget(x, x->ended);
	l->ended = true;
	DL_APPEND(x->ended, l);
	x->nended++;
}

/* The depth of the life an event is about, which is remembered from now on. */
static unsigned
depth_of(struct encode_text *x, const struct event *ev)
{
	struct life *l = find(x, &ev->process.id), *parent = NULL;
	unsigned depth = 0;

	if (l != NULL) {
		depth = l->depth;
	} else {
		if (ev->parent.identified)
			parent = find(x, &ev->parent.id);
		if (parent != NULL)
			depth = parent->depth + 1;
		l = remember(x, &ev->process.id, depth);
	}
	if (l != NULL && ev->action == EVENT_END)
		mark_ended(x, l);
	return depth;
}

static void
put_blanks(struct text *t, size_t n)
{
	while (n-- > 0)
		text_char(t, ' ');
}

/* The arguments from number first on, each after a blank. */
static void
put_args(struct text *t, const struct args *args, uint32_t first)
{
	struct bytes rest = args->bytes, arg;
	size_t room = SHOWN_MAX;
	bool cut = args->truncated;

	for (uint32_t i = 0; i < args->count; i++) {
		if (!split_take(&rest, '\0', &arg))
			break;
		if (i < first)
			continue;
		if (room == 0) {
			cut = true;
			break;
		}
		if (arg.len > room) {
			arg.len = room;
			cut = true;
		}
		room -= arg.len;
		text_char(t, ' ');
		terminal_word(t, arg);
	}
	if (cut)
		text_str(t, " ...");
}

/* What a process runs: its executable and its arguments without the zeroth. */
static void
put_image(struct text *t, const struct event *ev)
{
	struct bytes what = ev->process.executable;

	if (what.len == 0)
		what = ev->process.name;
	if (what.len > 0) {
		text_char(t, ' ');
		terminal_word(t, what);
	}
	if (ev->args != NULL)
		put_args(t, ev->args, what.len > 0 ? 1 : 0);
	else if (what.len == 0)
		text_str(t, " (not known)");
}

static void
put_exec(struct text *t, const struct event *ev)
{
	if (ev->exec_error == 0) {
		put_image(t, ev);
		return;
	}
	/* The executable is still the one before. */
	text_str(t, " failed: ");
	text_str(t, strerror(ev->exec_error));
	if (ev->args != NULL) {
		text_char(t, ':');
		put_args(t, ev->args, 0);
	}
}

static void
put_birth(struct text *t, const struct event *ev)
{
	struct bytes name = ev->process.name;

	if (name.len == 0)
		name = ev->process.executable;
	text_char(t, ' ');
	if (name.len > 0)
		terminal_word(t, name);
	else
		text_str(t, "(name not known)");
	if (ev->start == START_INFERRED)
		text_str(t, " (start not seen)");
}

/* The two largest units, as nobody reads more. */
static void
put_duration(struct text *t, uint64_t ms)
{
	uint64_t s = ms / 1000;

	if (ms < 1000)
		text_fmt(t, "%" PRIu64 " ms", ms);
	else if (s < 60)
		text_fmt(t, "%" PRIu64 ".%" PRIu64 " s", s, ms / 100 % 10);
	else if (s < 3600)
		text_fmt(t, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else if (s < 86400)
		text_fmt(
		    t, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
	else
		text_fmt(
		    t, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s / 3600 % 24);
}

/* How long the life was; false if nobody knows. */
static bool
duration(const struct event *ev, uint64_t *ms)
{
	if (event_end_was_seen(&ev->end) && ev->start != START_INFERRED &&
	    ev->process.start_ms != TIME_UNKNOWN &&
	    ev->process.start_ms <= ev->time_ms) {
		*ms = (uint64_t)ev->time_ms - (uint64_t)ev->process.start_ms;
		return true;
	}
	*ms = ev->end.elapsed_ms;
	return ev->end.has_usage;
}

static void
put_status(struct text *t, const struct event_end *end)
{
	int signal = (int)(end->status & 0x7f);
	char buf[16];

	if (!end->certain)
		text_str(t, " perhaps");
	if (signal == 0) {
		text_fmt(t, " exit %u", end->status >> 8 & 0xff);
		return;
	}
	const char *name = encode_signal_name(signal, buf);
	if (name != NULL)
		text_fmt(t, " killed by %s", name);
	else
		text_fmt(t, " killed by signal %d", signal);
	if (end->core_known && (end->status & 0x80) != 0)
		text_str(t, " (core dumped)");
}

static void
put_end(struct text *t, const struct event *ev)
{
	static const char *const without_status[] = {
	    [END_EXIT] = " exit, status not known",
	    [END_SIGNAL] = " killed, signal not known",
	    [END_VANISHED] = " vanished, cause not known",
	    [END_RESTART] = " gone with a restart",
	};
	uint64_t ms;

	if (ev->end.has_status)
		put_status(t, &ev->end);
	else
		text_str(t, without_status[ev->end.kind]);
	if (duration(ev, &ms)) {
		text_str(t, ", ");
		put_duration(t, ms);
	}
}

static void
put_moment(struct text *t, const char *before, int64_t ms)
{
	if (ms == TIME_UNKNOWN)
		return;
	text_str(t, before);
	text_rfc3339(t, ms);
}

static void
put_loss(struct text *t, const struct event_loss *loss)
{
	text_str(t, "*** LOSS ");
	text_str(t, encode_loss_source(loss->source));
	if (loss->counted)
		text_fmt(t, ", %" PRIu64 " lost", loss->count);
	put_moment(t, ", since ", loss->since_ms);
	put_moment(t, ", until ", loss->until_ms);
	if (loss->detail != NULL && *loss->detail != '\0') {
		text_str(t, ": ");
		terminal_line(t, bytes_of(loss->detail));
	}
}

static void
put_heartbeat(struct text *t, const struct event_heartbeat *h)
{
	text_fmt(t,
	    "heartbeat: %" PRIu64 " records, %" PRIu64 " lives, %" PRIu64
	    " events, %" PRIu64 " losses, accounting %s",
	    h->records, h->lives, h->events, h->losses,
	    h->acct_on ? "on" : "off");
	if (h->lag_ms != TIME_UNKNOWN)
		text_fmt(t, ", lag %" PRId64 " ms", h->lag_ms);
}

/* The time of day, after a line with the date if that is another one. */
static void
put_time(struct encode_text *x, struct text *t, int64_t ms)
{
	char buf[DATE_CHARS + 1 + TIME_CHARS + 1];
	struct text when;

	text_init(&when, buf, sizeof(buf));
	text_rfc3339(&when, ms);
	if (!text_ok(&when)) {
		text_str(t, "--:--:--.---");
		return;
	}
	if (memcmp(x->day, buf, DATE_CHARS) != 0) {
		memcpy(x->day, buf, DATE_CHARS);
		text_add(t, buf, DATE_CHARS);
		text_str(t, " UTC\n");
	}
	text_add(t, buf + TIME_AT, TIME_CHARS);
}

static void
put_pid(struct text *t, int32_t pid)
{
	char buf[PID_WIDTH + 8];
	struct text n;

	text_init(&n, buf, sizeof(buf));
	text_i64(&n, pid);
	put_blanks(t, n.len < PID_WIDTH ? PID_WIDTH - n.len : 0);
	text_add(t, n.buf, n.len);
}

static void
put_process(struct encode_text *x, struct text *t, const struct event *ev)
{
	static const char *const verbs[] = {
	    [EVENT_FORK] = "fork  ",
	    [EVENT_EXEC] = "exec  ",
	    [EVENT_END] = "end   ",
	    [EVENT_ALREADY_RUNNING] = "found ",
	};
	unsigned depth = depth_of(x, ev);

	put_pid(t, ev->process.pid);
	put_blanks(t, 1 + 2 * (depth < DEPTH_MAX ? depth : DEPTH_MAX));
	text_str(t, verbs[ev->action]);
	if (ev->action == EVENT_FORK)
		put_birth(t, ev);
	else if (ev->action == EVENT_EXEC)
		put_exec(t, ev);
	else if (ev->action == EVENT_END)
		put_end(t, ev);
	else
		put_image(t, ev);
}

void
encode_text(struct encode_text *x, struct text *t, const struct event *ev,
    const struct envelope *env)
{
	(void)env;
	put_time(x, t, ev->time_ms);
	text_char(t, ' ');
	if (ev->action == EVENT_LOSS)
		put_loss(t, &ev->loss);
	else if (ev->action == EVENT_HEARTBEAT)
		put_heartbeat(t, &ev->heartbeat);
	else
		put_process(x, t, ev);
	text_char(t, '\n');
}
