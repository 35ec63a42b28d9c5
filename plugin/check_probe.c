/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_probe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "link.h"
#include "relp.h"

/* A receiver that has not answered by then is not there. */
#define PATIENCE_MS 5000

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
probe_folder(const struct sink_settings *s, struct check_sink *found)
{
	struct stat st;
	struct statvfs fs;

	if (stat(s->path, &st) != 0) {
		found->reached = errno == ENOENT;
		snprintf(found->text, sizeof(found->text), "%s: %s", s->path,
		    found->reached ? "not there yet, made at the next start"
				   : strerror(errno));
		return;
	}
	found->reached = S_ISDIR(st.st_mode) && statvfs(s->path, &fs) == 0;
	if (found->reached)
		snprintf(found->text, sizeof(found->text),
		    "%s: %llu MiB are free", s->path,
		    (unsigned long long)fs.f_bavail * fs.f_frsize >> 20);
	else
		snprintf(found->text, sizeof(found->text), "%s: %s", s->path,
		    S_ISDIR(st.st_mode) ? strerror(errno) : "is no folder");
}

/* Until the link wants to be called again. */
static void
wait_for(const struct link *l, int64_t until)
{
	struct link_wish wish = link_wish(l, now_ms());
	int64_t left = until - now_ms();
	struct pollfd p = {.fd = wish.fd,
	    .events =
		(short)((wish.read ? POLLIN : 0) | (wish.write ? POLLOUT : 0))};

	if (wish.wait_ms >= 0 && wish.wait_ms < left)
		left = wish.wait_ms;
	(void)poll(&p, 1, left > 0 ? (int)left : 0);
}

/* True when it is up; false with why not. */
static bool
connect_link(struct link *l, int64_t until, const char **why)
{
	enum link_state state;

	while (
	    (state = link_turn(l, now_ms())) == LINK_COMING && now_ms() < until)
		wait_for(l, until);
	*why = state == LINK_COMING ? "no answer" : link_trouble(l);
	return state == LINK_UP;
}

/* The server's answer to our offer. */
static bool
greet(struct link *l, struct relp *session, int64_t until, struct err *err)
{
	char buf[4096];
	struct text out;
	uint64_t done = 0;
	size_t sent = 0;

	text_init(&out, buf, sizeof(buf));
	relp_open(session, &out);
	while (!relp_is_open(session)) {
		char in[4096];
		ssize_t n = 0;

		if (now_ms() >= until) {
			err_set(err, "no answer to RELP's offer");
			return false;
		}
		if (sent < out.len)
			n = link_write(
			    l, out.buf + sent, out.len - sent, now_ms());
		if (n > 0)
			sent += (size_t)n;
		if (n >= 0)
			n = link_read(l, in, sizeof(in), now_ms());
		if (n < 0) {
			err_set(err, "%s", link_trouble(l));
			return false;
		}
		if (relp_take(session, (struct bytes){in, (size_t)n}, &done,
			err) != 0)
			return false;
		if (n == 0)
			wait_for(l, until);
	}
	out.len = 0;
	relp_close(session, &out);
	(void)link_write(l, out.buf, out.len, now_ms());
	return true;
}

static bool
try_relp(struct link *l, int64_t until, struct err *err)
{
	struct relp *session = relp_new(1);
	bool open;

	if (session == NULL) {
		err_errno(err, "relp");
		return false;
	}
	open = greet(l, session, until, err);
	relp_free(session);
	return open;
}

static void
probe_link(
    const struct sink_settings *s, struct resolve *r, struct check_sink *found)
{
	int64_t until = now_ms() + PATIENCE_MS;
	struct err err = {""};
	struct link *l = link_new(s, r, &err);
	const char *why = err.text;

	found->reached = l != NULL && connect_link(l, until, &why) &&
			 (s->type != SINK_RELP || try_relp(l, until, &err));
	if (found->reached)
		why = "answers";
	else if (err.text[0] != '\0')
		why = err.text;
	if (s->type == SINK_UNIX)
		snprintf(
		    found->text, sizeof(found->text), "%s: %s", s->socket, why);
	else
		snprintf(found->text, sizeof(found->text), "%s port %u: %s",
		    s->host, (unsigned)s->port, why);
	link_free(l);
}

static void
probe(
    const struct sink_settings *s, struct resolve *r, struct check_sink *found)
{
	snprintf(found->name, sizeof(found->name), "%s", s->name);
	switch (s->type) {
	case SINK_FILE:
		probe_folder(s, found);
		break;
	case SINK_STDOUT:
		found->reached = true;
		snprintf(found->text, sizeof(found->text), "standard output");
		break;
	case SINK_UNIX:
	case SINK_TCP:
	case SINK_TLS:
	case SINK_RELP:
		probe_link(s, r, found);
		break;
	}
}

void
check_probe_sinks(struct check_world *w)
{
	struct resolve *r = resolve_new();

	w->nsinks = 0;
	if (r == NULL)
		return;
	for (size_t i = 0; i < w->settings->nsinks; i++)
		probe(&w->settings->sinks[i], r, &w->sinks[w->nsinks++]);
	resolve_free(r);
}
