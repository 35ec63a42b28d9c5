/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "link_socket.h"
#include "link_tls.h"
#include "waits.h"

/* After a failure: waits this long, then twice as long, up to the other. */
#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000

/* Longest that one address may take to connect, and then for the handshake. */
#define CONNECT_MS 10000
#define SHAKE_MS   10000

/* Longest for a name; the resolver itself gives up before. */
#define LOOKUP_MS (RESOLVE_LIMIT_S * 1000 + 5000)
/* So often it is asked: another link may have taken the answer off its
 * descriptor. */
#define LOOKUP_POLL_MS 200

enum step {
	STEP_DOWN,
	STEP_LOOKUP,
	STEP_ADDRESS, /* the next one is to be tried */
	STEP_CONNECT,
	STEP_SHAKE,
	STEP_UP,
};

struct link {
	const struct sink_settings *s;
	struct resolve *resolve;
	struct link_tls *tls; /* NULL: without */
	enum step step;
	int64_t since_ms;   /* that step */
	int64_t wait_ms;    /* while down, from then on */
	int64_t backoff_ms; /* the next time, but for the jitter */
	uint64_t chance;
	/* Where to: known from the start, or the answer to the ticket. */
	bool fixed;
	uint64_t ticket;
	struct resolve_answer to;
	size_t tried;     /* of those, now */
	struct err first; /* why the first of them did not do */
	char place[LINK_PLACE_MAX];
	/* The connection. */
	int fd;         /* -1: none */
	uint64_t which; /* so many there were, this one included */
	struct link_tls_session *session;
	bool full; /* the last write found no room for all */
	uint64_t generation, written, unread;
	struct err trouble;
};

/* Time and chance */

/* xorshift: it only has to differ between machines. */
static uint64_t
chance(struct link *l)
{
	l->chance ^= l->chance << 13;
	l->chance ^= l->chance >> 7;
	l->chance ^= l->chance << 17;
	return l->chance;
}

static void
seed_chance(struct link *l)
{
	/* Early after boot there may be none. */
	if (getrandom(&l->chance, sizeof(l->chance), GRND_NONBLOCK) !=
		sizeof(l->chance) ||
	    l->chance == 0)
		l->chance = (uint64_t)getpid() << 32 | (uint32_t)(uintptr_t)l;
}

/* How long the step may last; -1: for ever. */
static int64_t
limit(const struct link *l)
{
	switch (l->step) {
	case STEP_DOWN:
		return l->wait_ms;
	case STEP_LOOKUP:
		return LOOKUP_MS;
	case STEP_ADDRESS:
		return 0;
	case STEP_CONNECT:
		return CONNECT_MS;
	case STEP_SHAKE:
		return SHAKE_MS;
	case STEP_UP:
		break;
	}
	return -1;
}

/* Of that; a clock that was set back ends it. */
static int64_t
left(const struct link *l, int64_t now_ms)
{
	int64_t whole = limit(l);

	if (whole < 0)
		return -1;
	if (wait_is_over(l->since_ms, whole, now_ms))
		return 0;
	return whole - (now_ms - l->since_ms);
}

static void
enter(struct link *l, enum step step, int64_t now_ms)
{
	l->step = step;
	l->since_ms = now_ms;
}

/* Ways down */

static void
close_connection(struct link *l)
{
	link_tls_close(l->session);
	l->session = NULL;
	link_socket_close(l->fd);
	l->fd = -1;
	l->full = false;
}

static void
forget_ticket(struct link *l)
{
	if (l->ticket != 0)
		resolve_forget(l->resolve, l->ticket);
	l->ticket = 0;
}

/* Why is in trouble by now. */
static void
go_down(struct link *l, int64_t now_ms)
{
	int64_t quarter = l->backoff_ms / 4;

	close_connection(l);
	forget_ticket(l);
	l->wait_ms = l->backoff_ms - quarter +
		     (int64_t)(chance(l) % (uint64_t)(2 * quarter + 1));
	l->backoff_ms *= 2;
	if (l->backoff_ms > RETRY_MAX_MS)
		l->backoff_ms = RETRY_MAX_MS;
	enter(l, STEP_DOWN, now_ms);
}

/*
 * One address did not do. The first is the one that is thought best: its
 * trouble is told. The next one is for the next call, see link_wish().
 */
static void
fail_address(struct link *l, const struct err *why, int64_t now_ms)
{
	if (l->tried == 0)
		l->first = *why;
	close_connection(l);
	if (++l->tried < l->to.n) {
		enter(l, STEP_ADDRESS, now_ms);
		return;
	}
	l->trouble = l->first;
	if (l->to.n > 1)
		err_set(&l->trouble, "%s (the first of %zu addresses)",
		    l->first.text, l->to.n);
	go_down(l, now_ms);
}

/* Bytes of ours that are here or under way. */
static uint64_t
measure_unread(const struct link *l)
{
	uint64_t n = link_socket_unread(l->fd);

	if (l->session != NULL)
		n += link_tls_staged(l->session);
	return n < l->written ? n : l->written;
}

/* The same while it is up, or what it was after the last write. */
static uint64_t
unread_now(const struct link *l)
{
	uint64_t n = measure_unread(l);

	/* Asked after that: see link_socket_hung_up(). */
	if (l->s->type == SINK_UNIX && link_socket_hung_up(l->fd))
		return l->unread;
	return n;
}

/*
 * It was up. error: errno if that is why, or 0. Who closes a Unix socket with
 * unread bytes takes them with him: how many there were is not known then.
 */
static void
break_off(struct link *l, int error, int64_t now_ms)
{
	uint64_t n = measure_unread(l);
	bool taken = l->s->type == SINK_UNIX &&
		     (error == ECONNRESET || link_socket_was_reset(l->fd));

	if (!taken)
		l->unread = n;
	go_down(l, now_ms);
}

/* The way up */

static void
come_up(struct link *l, int64_t now_ms)
{
	l->generation++;
	l->written = l->unread = 0;
	enter(l, STEP_UP, now_ms);
}

static void
shake(struct link *l, int64_t now_ms)
{
	struct err why;
	int done = link_tls_shake(l->session, &why);

	if (done == 1) {
		come_up(l, now_ms);
	} else if (done < 0) {
		err_context(&why, "TLS with %s", l->place);
		fail_address(l, &why, now_ms);
	} else if (left(l, now_ms) == 0) {
		err_set(&why, "TLS with %s: no answer within %d s", l->place,
		    SHAKE_MS / 1000);
		fail_address(l, &why, now_ms);
	}
}

static void
connected(struct link *l, int64_t now_ms)
{
	struct err why;

	if (l->tls == NULL) {
		come_up(l, now_ms);
		return;
	}
	l->session = link_tls_open(l->tls, l->fd, &why);
	if (l->session == NULL) {
		fail_address(l, &why, now_ms);
		return;
	}
	enter(l, STEP_SHAKE, now_ms);
	shake(l, now_ms);
}

static void
await_connection(struct link *l, int64_t now_ms)
{
	int done = link_socket_connected(l->fd);
	struct err why;

	if (done == 1) {
		connected(l, now_ms);
		return;
	}
	if (done < 0)
		err_errno(&why, "connect %s", l->place);
	else if (left(l, now_ms) == 0)
		err_set(&why, "connect %s: no answer within %d s", l->place,
		    CONNECT_MS / 1000);
	else
		return;
	fail_address(l, &why, now_ms);
}

static void
try_address(struct link *l, int64_t now_ms)
{
	const struct resolve_address *a = &l->to.address[l->tried];
	struct err why;

	link_socket_place(a, l->place);
	l->which++;
	l->fd = link_socket_open(a, &why);
	if (l->fd < 0) {
		err_context(&why, "connect %s", l->place);
		fail_address(l, &why, now_ms);
		return;
	}
	enter(l, STEP_CONNECT, now_ms);
	await_connection(l, now_ms);
}

static void
await_answer(struct link *l, int64_t now_ms)
{
	if (resolve_answered(l->resolve, l->ticket, &l->to)) {
		l->ticket = 0;
		if (l->to.n > 0) {
			try_address(l, now_ms);
			return;
		}
		err_set(&l->trouble, "look up %s: %s", l->s->host, l->to.error);
	} else if (left(l, now_ms) == 0) {
		err_set(&l->trouble, "look up %s: no answer within %d s",
		    l->s->host, LOOKUP_MS / 1000);
	} else {
		return;
	}
	go_down(l, now_ms);
}

static void
set_out(struct link *l, int64_t now_ms)
{
	l->tried = 0;
	if (l->fixed) {
		try_address(l, now_ms);
		return;
	}
	l->ticket = resolve_ask(
	    l->resolve, l->s->host, (uint16_t)l->s->port, &l->trouble);
	if (l->ticket == 0) {
		err_context(&l->trouble, "look up %s", l->s->host);
		go_down(l, now_ms);
		return;
	}
	enter(l, STEP_LOOKUP, now_ms);
	await_answer(l, now_ms);
}

/* Gets out what waits to be encrypted. */
static void
go_on(struct link *l, int64_t now_ms)
{
	l->full = false;
	if (l->session != NULL &&
	    link_tls_flush(l->session, &l->trouble) != 0) {
		err_context(&l->trouble, "write to %s", l->place);
		break_off(l, 0, now_ms);
	}
}

enum link_state
link_turn(struct link *l, int64_t now_ms)
{
	/* What is under way then takes as long as it would from now on. */
	if (now_ms < l->since_ms && l->step != STEP_DOWN)
		l->since_ms = now_ms;
	switch (l->step) {
	case STEP_DOWN:
		if (left(l, now_ms) == 0)
			set_out(l, now_ms);
		break;
	case STEP_LOOKUP:
		await_answer(l, now_ms);
		break;
	case STEP_ADDRESS:
		try_address(l, now_ms);
		break;
	case STEP_CONNECT:
		await_connection(l, now_ms);
		break;
	case STEP_SHAKE:
		shake(l, now_ms);
		break;
	case STEP_UP:
		go_on(l, now_ms);
		break;
	}
	if (l->step == STEP_DOWN)
		return LINK_DOWN;
	return l->step == STEP_UP ? LINK_UP : LINK_COMING;
}

static struct link_wish
wish_up(const struct link *l)
{
	struct link_wish w = {l->fd, l->which, true, l->full, -1};

	if (l->session == NULL)
		return w;
	/* One record at most is taken at a time: then there is room again. */
	w.write = link_tls_wants_write(l->session) ||
		  (l->full && link_tls_staged(l->session) == 0);
	if (link_tls_has_read(l->session))
		w.wait_ms = 0;
	return w;
}

struct link_wish
link_wish(const struct link *l, int64_t now_ms)
{
	struct link_wish w = {-1, 0, false, false, left(l, now_ms)};

	switch (l->step) {
	case STEP_DOWN:
	case STEP_ADDRESS:
		break;
	case STEP_LOOKUP:
		w.fd = resolve_fd(l->resolve);
		w.read = w.fd >= 0;
		if (w.wait_ms > LOOKUP_POLL_MS)
			w.wait_ms = LOOKUP_POLL_MS;
		break;
	case STEP_CONNECT:
		w.fd = l->fd;
		w.which = l->which;
		w.write = true;
		break;
	case STEP_SHAKE:
		w.fd = l->fd;
		w.which = l->which;
		w.write = link_tls_wants_write(l->session);
		w.read = !w.write;
		break;
	case STEP_UP:
		w = wish_up(l);
		break;
	}
	return w;
}

/* Bytes */

/* A write or read failed: 0: there is no more now; -1: it broke. */
static ssize_t
see_errno(struct link *l, const char *what, int64_t now_ms)
{
	int error = errno;

	if (error == EAGAIN)
		return 0;
	err_errno(&l->trouble, "%s %s", what, l->place);
	break_off(l, error, now_ms);
	return -1;
}

static ssize_t
write_plain(struct link *l, const void *at, size_t len, int64_t now_ms)
{
	ssize_t n = link_socket_write(l->fd, at, len);

	return n < 0 ? see_errno(l, "write to", now_ms) : n;
}

static ssize_t
write_tls(struct link *l, const void *at, size_t len, int64_t now_ms)
{
	ssize_t n = link_tls_write(l->session, at, len, &l->trouble);

	if (n < 0) {
		err_context(&l->trouble, "write to %s", l->place);
		break_off(l, 0, now_ms);
	}
	return n;
}

ssize_t
link_write(struct link *l, const void *at, size_t len, int64_t now_ms)
{
	ssize_t n;

	assert(l->step == STEP_UP && len > 0);
	n = l->session == NULL ? write_plain(l, at, len, now_ms)
			       : write_tls(l, at, len, now_ms);
	if (n < 0)
		return -1;
	l->full = (size_t)n < len;
	l->written += (uint64_t)n;
	l->unread += (uint64_t)n;
	if (l->s->type == SINK_UNIX)
		l->unread = unread_now(l);
	return n;
}

static ssize_t
read_plain(struct link *l, void *at, size_t size, int64_t now_ms)
{
	ssize_t n = link_socket_read(l->fd, at, size);

	if (n < 0)
		return see_errno(l, "read from", now_ms);
	if (n > 0)
		return n;
	err_set(&l->trouble, "%s: closed by the receiver", l->place);
	break_off(l, 0, now_ms);
	return -1;
}

static ssize_t
read_tls(struct link *l, void *at, size_t size, int64_t now_ms)
{
	ssize_t n = link_tls_read(l->session, at, size, &l->trouble);

	if (n < 0) {
		err_context(&l->trouble, "%s", l->place);
		break_off(l, 0, now_ms);
	}
	return n;
}

ssize_t
link_read(struct link *l, void *at, size_t size, int64_t now_ms)
{
	assert(l->step == STEP_UP && size > 0);
	return l->session == NULL ? read_plain(l, at, size, now_ms)
				  : read_tls(l, at, size, now_ms);
}

uint64_t
link_unread(const struct link *l)
{
	return l->step == STEP_UP ? unread_now(l) : l->unread;
}

/* The rest */

/* Where to, if that is no name. 0, or -1 with err. */
static int
fix_place(struct link *l, struct err *err)
{
	struct resolve_address *a = &l->to.address[0];

	l->to.n = 1;
	if (l->s->type == SINK_UNIX) {
		l->fixed = true;
		return link_socket_path(l->s->socket, a, err);
	}
	l->fixed = resolve_numeric(l->s->host, (uint16_t)l->s->port, a);
	return 0;
}

struct link *
link_new(const struct sink_settings *s, struct resolve *r, struct err *err)
{
	struct link *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		err_errno(err, "link");
		return NULL;
	}
	l->s = s;
	l->resolve = r;
	l->fd = -1;
	l->backoff_ms = RETRY_MIN_MS;
	seed_chance(l);
	if (fix_place(l, err) != 0) {
		link_free(l);
		return NULL;
	}
	assert(l->fixed || r != NULL);
	if (s->type != SINK_UNIX && (s->type == SINK_TLS || s->tls)) {
		l->tls = link_tls_new(s, err);
		if (l->tls == NULL) {
			link_free(l);
			return NULL;
		}
	}
	return l;
}

void
link_free(struct link *l)
{
	if (l == NULL)
		return;
	close_connection(l);
	forget_ticket(l);
	link_tls_free(l->tls);
	free(l);
}

uint64_t
link_generation(const struct link *l)
{
	return l->generation;
}

void
link_fail(struct link *l, int64_t now_ms, const char *fmt, ...)
{
	char reason[sizeof(l->trouble.text)];
	va_list args;

	if (l->step == STEP_DOWN)
		return;
	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	err_set(&l->trouble, "%s", reason);
	if (l->step == STEP_UP)
		break_off(l, 0, now_ms);
	else
		go_down(l, now_ms);
}

void
link_works(struct link *l)
{
	l->backoff_ms = RETRY_MIN_MS;
}

void
link_hurry(struct link *l)
{
	if (l->step == STEP_DOWN)
		l->wait_ms = 0;
}

const char *
link_trouble(const struct link *l)
{
	return l->trouble.text;
}
