/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Standard output, for trying things out. A reader that is slow, or a stopped
 * terminal, makes events wait; one that is gone is a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backlog.h"
#include "sink_impl.h"

struct sink_stdout {
	int fd;
	/*
	 * A write may block: only small ones are made, each after asking
	 * whether there is room for it.
	 */
	bool careful;
};

static bool
is_regular(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/*
 * Opens standard output anew, since O_NONBLOCK on the one we were given would
 * hit whoever shares it, such as the shell. A file is not opened anew: its
 * offset and O_APPEND are shared on purpose, and it does not block.
 */
static void *
stdout_open(const struct sink_settings *s, const struct sink_needs *needs,
    int64_t now_ms, struct err *err)
{
	struct sink_stdout *o = malloc(sizeof(*o));
	const int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

	(void)s;
	(void)needs;
	(void)now_ms;
	if (o == NULL) {
		err_errno(err, "standard output");
		return NULL;
	}
	*o = (struct sink_stdout){.fd = -1};
	if (!is_regular(STDOUT_FILENO)) {
		o->fd = open("/proc/self/fd/1", flags);
		/* Sockets, and what belongs to another user, can't be. */
		o->careful = o->fd < 0;
	}
	if (o->fd < 0)
		o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	if (o->fd < 0) {
		err_errno(err, "standard output");
		free(o);
		return NULL;
	}
	signal(SIGPIPE, SIG_IGN);
	return o;
}

static bool
has_room(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	/* With an error or no reader, write(2) says what it is. */
	return poll(&p, 1, 0) == 1;
}

static enum sink_state
stdout_flush(void *impl, struct queue *q, int64_t now_ms)
{
	const struct sink_stdout *o = impl;
	struct backlog *b = queue_backlog(q);
	size_t len;

	(void)now_ms;
	while ((len = backlog_used(b)) > 0) {
		ssize_t n;

		if (o->careful && !has_room(o->fd))
			return SINK_WAIT;
		if (o->careful && len > PIPE_BUF)
			len = PIPE_BUF;
		n = sink_write(o->fd, b, len);
		if (n >= 0) {
			backlog_sent(b, (size_t)n);
		} else if (errno == EAGAIN) {
			return SINK_WAIT;
		} else if (errno != EINTR) {
			return SINK_FAILED;
		}
	}
	return SINK_DONE;
}

static void
stdout_close(void *impl, struct queue *q, int64_t now_ms)
{
	struct sink_stdout *o = impl;

	(void)q;
	(void)now_ms;
	close(o->fd);
	free(o);
}

const struct sink_ops *
sink_stdout_ops(void)
{
	static const struct sink_ops ops = {
	    .open = stdout_open,
	    .flush = stdout_flush,
	    .close = stdout_close,
	};

	return &ops;
}
