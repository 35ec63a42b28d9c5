/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Syslog messages over RELP, plain or with TLS: a line is done with when the
 * receiver said that it has it, and is sent again if it did not before the
 * connection broke. So a receiver may get a line twice, and none is lost.
 */
#include <stdlib.h>
#include <string.h>

#include "relp.h"
#include "sink_impl.h"
#include "sink_wire.h"

/* A receiver that says nothing to the oldest message under way (or to our
 * offer) for so long is given up. */
#define ANSWER_MS 60000

struct sink_relp {
	struct sink_wire *wire;
	struct relp *session;
	int64_t asked_ms; /* since when the oldest one waits for an answer */
};

static void
sender_begin(void *impl, struct text *out, int64_t now_ms)
{
	struct sink_relp *s = impl;

	relp_open(s->session, out);
	s->asked_ms = now_ms;
}

/* Takes all that the receiver said. False: the connection broke. */
static bool
take_answers(struct sink_relp *s, uint64_t *done, int64_t now_ms)
{
	struct link *l = sink_wire_link(s->wire);
	char in[16384];
	struct err err;
	ssize_t n;

	while ((n = link_read(l, in, sizeof(in), now_ms)) > 0) {
		if (relp_take(s->session, (struct bytes){in, (size_t)n}, done,
			&err) == 0)
			continue;
		link_fail(l, now_ms, "%s", err.text);
		return false;
	}
	return n == 0;
}

static bool
sender_is_owed(const void *impl)
{
	const struct sink_relp *s = impl;

	return !relp_is_open(s->session) || relp_sent(s->session) > 0;
}

/* False: the connection was given up. */
static bool
wait_for_answer(struct sink_relp *s, int64_t now_ms)
{
	int64_t waited;

	/* A clock that was set back makes the wait start anew. */
	if ((relp_is_open(s->session) && relp_sent(s->session) == 0) ||
	    now_ms < s->asked_ms)
		s->asked_ms = now_ms;
	waited = now_ms - s->asked_ms;
	if (waited >= ANSWER_MS) {
		link_fail(sink_wire_link(s->wire), now_ms,
		    "no answer from the receiver for %d s", ANSWER_MS / 1000);
		return false;
	}
	if (sender_is_owed(s))
		sink_wire_wake(s->wire, ANSWER_MS - waited);
	return true;
}

static bool
sender_hear(void *impl, struct queue *q, int64_t now_ms)
{
	struct sink_relp *s = impl;
	uint64_t done = 0;
	bool ok = take_answers(s, &done, now_ms);

	if (done > 0) {
		queue_done(q, done);
		s->asked_ms = now_ms;
	}
	if (done > 0 && ok)
		sink_wire_works(s->wire);
	return ok && wait_for_answer(s, now_ms);
}

static bool
sender_may_send(const void *impl)
{
	const struct sink_relp *s = impl;

	return relp_room(s->session) > 0;
}

static void
sender_add(void *impl, const struct bytes line[2], struct text *out)
{
	struct sink_relp *s = impl;
	struct bytes part[2];

	sink_wire_strip(line, part);
	if (!relp_syslog(s->session, part, out))
		out->overflow = true;
}

static void
sender_end(void *impl, struct queue *q)
{
	/* All that was acknowledged is done with already. */
	(void)impl;
	(void)q;
}

static enum sink_state
sender_flush(void *impl, struct queue *q, int64_t now_ms)
{
	struct sink_relp *s = impl;
	enum sink_state state = sink_wire_flush(s->wire, q, now_ms);

	if (state == SINK_DONE && (queue_waits(q) || sender_is_owed(s)))
		return SINK_WAIT;
	return state;
}

static struct link_wish
sender_wish(const void *impl, const struct queue *q, int64_t now_ms)
{
	const struct sink_relp *s = impl;

	(void)q;
	return sink_wire_wish(s->wire, now_ms);
}

static void
sender_doubt(void *impl)
{
	struct sink_relp *s = impl;

	sink_wire_doubt(s->wire);
}

static const char *
sender_trouble(const void *impl)
{
	const struct sink_relp *s = impl;

	return sink_wire_trouble(s->wire);
}

static void
sender_free(struct sink_relp *s)
{
	sink_wire_free(s->wire);
	relp_free(s->session);
	free(s);
}

/* Takes leave, if that can be done at once; the answer is not waited for. */
static void
sender_close(void *impl, struct queue *q, int64_t now_ms)
{
	struct sink_relp *s = impl;
	struct text *out = sink_wire_last_word(s->wire);

	(void)q;
	if (out != NULL && relp_is_open(s->session)) {
		relp_close(s->session, out);
		sink_wire_say(s->wire, now_ms);
	}
	sender_free(s);
}

static void *
sender_open(const struct sink_settings *settings,
    const struct sink_needs *needs, int64_t now_ms, struct err *err)
{
	static const struct sink_wire_ops ops = {
	    .begin = sender_begin,
	    .hear = sender_hear,
	    .may_send = sender_may_send,
	    .is_owed = sender_is_owed,
	    .add = sender_add,
	    .end = sender_end,
	};
	struct sink_relp *s = calloc(1, sizeof(*s));

	(void)now_ms;
	if (s == NULL) {
		err_errno(err, "session");
		return NULL;
	}
	s->session = relp_new(1);
	if (s->session == NULL)
		err_errno(err, "session");
	else
		s->wire = sink_wire_new(settings, needs->resolve, &ops, s, err);
	if (s->wire == NULL) {
		sender_free(s);
		return NULL;
	}
	return s;
}

const struct sink_ops *
sink_relp_ops(void)
{
	static const struct sink_ops ops = {
	    .open = sender_open,
	    .flush = sender_flush,
	    .wish = sender_wish,
	    .doubt = sender_doubt,
	    .trouble = sender_trouble,
	    .close = sender_close,
	};

	return &ops;
}
