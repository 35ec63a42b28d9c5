/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * send - hands numbered lines to the only sink of a settings file, as the
 * plugin would, and leaves when the receiver has them all.
 *
 * A line is an object with its number "n", an id that follows from it, and so
 * many bytes as an event has. What a sink logs goes to standard error.
 */
#include <errno.h>
#include <error.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "resolve.h"
#include "sink.h"

/* Lines that may wait, before no more are put. */
#define WAITING_MAX 4000

/* Without a line that is done with for so long it gives up. */
#define PATIENCE_MS 120000

/* Lines are put so often, if there are any left. */
#define PUT_MS 5

struct sending {
	struct sink *sink;
	struct resolve *resolve;
	uint64_t first, count, per_second; /* lines */
	uint64_t put;
	int64_t begun_ms;
};

static int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void
put_line(const struct sending *s, uint64_t number, int64_t now_ms)
{
	char text[1200];
	int len = snprintf(text, sizeof(text),
	    "{\"n\":%" PRIu64 ",\"id\":\"%016" PRIx64 "\",\"x\":\"", number,
	    number * UINT64_C(0x9e3779b97f4a7c15));
	struct sink_line line = {
	    .text = {text, 400 + number * 7 % 800},
	    .format = sink_format(s->sink),
	    .action = EVENT_EXEC,
	    .time_ms = now_ms,
	    .user = ID_UNSET,
	};

	memset(text + len, 'x', line.text.len - (size_t)len);
	memcpy(text + line.text.len - 3, "\"}\n", 3);
	if (!sink_put(s->sink, &line, now_ms))
		error(1, 0, "line %" PRIu64 " was refused", number);
}

/* Puts what is due. */
static void
put_lines(struct sending *s, int64_t now_ms)
{
	uint64_t due = (uint64_t)(now_ms - s->begun_ms) * s->per_second / 1000;
	uint64_t waiting = sink_waiting(s->sink);

	while (s->put < s->count && s->put < due && waiting++ < WAITING_MAX)
		put_line(s, s->first + s->put++, now_ms);
}

static void
wait_for_wish(const struct sending *s)
{
	struct link_wish wish = sink_wish(s->sink, clock_ms());
	struct pollfd p[2] = {
	    {.fd = wish.fd},
	    {.fd = resolve_fd(s->resolve), .events = POLLIN},
	};
	int64_t wait = wish.wait_ms;

	p[0].events =
	    (short)((wish.read ? POLLIN : 0) | (wish.write ? POLLOUT : 0));
	if (s->put < s->count && (wait < 0 || wait > PUT_MS))
		wait = PUT_MS;
	/* Forever would be too long for a test. */
	if (wait < 0 || wait > PATIENCE_MS)
		wait = PATIENCE_MS;
	if (poll(p, 2, (int)wait) < 0 && errno != EINTR)
		error(1, errno, "poll");
}

static void
send_all(struct sending *s)
{
	int64_t progress_ms = clock_ms();
	uint64_t before = UINT64_MAX;

	s->begun_ms = progress_ms;
	for (;;) {
		int64_t now_ms = clock_ms();
		uint64_t missing;

		put_lines(s, now_ms);
		sink_flush(s->sink, now_ms);
		missing = s->count - s->put + sink_waiting(s->sink);
		if (missing == 0)
			return;
		if (missing != before)
			progress_ms = now_ms;
		before = missing;
		if (now_ms - progress_ms > PATIENCE_MS)
			error(1, 0, "%" PRIu64 " lines are not taken", missing);
		wait_for_wish(s);
	}
}

static uint64_t
number(const char *arg)
{
	char *end;
	uint64_t n = strtoull(arg, &end, 10);

	if (end == arg || *end != '\0')
		error(2, 0, "no number: %s", arg);
	return n;
}

int
main(int argc, char **argv)
{
	struct sending s = {.sink = NULL};
	struct settings *settings;
	struct sink_needs needs;
	struct err err;

	if (argc != 5)
		error(2, 0, "usage: send SETTINGS FIRST COUNT PER_SECOND");
	log_open("send", LOG_TO_STDERR, false);
	s.first = number(argv[2]);
	s.count = number(argv[3]);
	s.per_second = number(argv[4]);
	settings = settings_load(argv[1], &err);
	if (settings == NULL)
		error(1, 0, "%s", err.text);
	s.resolve = resolve_new();
	if (s.resolve == NULL)
		error(1, errno, "resolve");
	needs = (struct sink_needs){
	    .resolve = s.resolve,
	    .hostname = "sender.example.org",
	};
	s.sink = sink_open(settings->sinks, &needs, NULL, clock_ms(), &err);
	if (s.sink == NULL)
		error(1, 0, "%s", err.text);
	send_all(&s);
	sink_close(s.sink, clock_ms());
	resolve_free(s.resolve);
	settings_free(settings);
	return 0;
}
