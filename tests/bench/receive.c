/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * receive - the other side of a sink, that costs next to nothing: takes lines
 * over a Unix socket, TCP or RELP and appends them to a file before it reads
 * on or acknowledges.
 */
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BUFFER_SIZE     (1024 * 1024)
#define CONNECTIONS_MAX 8

/* Longer than the head of an answer to a frame of ours is. */
#define ANSWER_MAX 128

#define AGREEMENT                                                              \
	"200 OK\nrelp_version=0\nrelp_software=receive\ncommands=syslog"

/* What came and is no whole frame or line yet: len bytes. */
struct connection {
	int fd;
	size_t len;
	char in[BUFFER_SIZE];
};

struct receiver {
	bool relp;
	int file, listener;
	size_t n;
	struct connection *connection[CONNECTIONS_MAX];
	/* Of one round: what is for the file, and the answers. */
	char lines[BUFFER_SIZE], answers[BUFFER_SIZE];
	size_t nlines, nanswers;
};

/* A frame of RELP. */
struct frame {
	unsigned txnr;
	char command[16];
	const char *data;
	size_t len; /* of the data */
};

static void
write_all(int fd, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0)
			error(1, errno, "write");
		at += n;
		len -= (size_t)n;
	}
}

/* Whoever is gone needs no answer. */
static void
answer_all(int fd, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n < 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

/* The first frame of at; returns its length, or 0: it is not whole yet. */
static size_t
take_frame(const char *at, size_t len, struct frame *f)
{
	char head[64];
	size_t n = len < sizeof(head) - 1 ? len : sizeof(head) - 1;
	int end = 0;

	memcpy(head, at, n);
	head[n] = '\0';
	if (sscanf(head, "%u %15s %zu%n", &f->txnr, f->command, &f->len,
		&end) != 3 ||
	    (size_t)end == n)
		return 0;
	if (f->len > 0)
		end++; /* the blank */
	f->data = at + end;
	if ((size_t)end + f->len + 1 > len)
		return 0;
	if (f->data[f->len] != '\n')
		error(1, 0, "no frame: %.40s", head);
	return (size_t)end + f->len + 1;
}

static void
hear_frame(struct receiver *r, const struct frame *f)
{
	const char *what =
	    strcmp(f->command, "open") == 0 ? AGREEMENT : "200 OK";

	if (strcmp(f->command, "syslog") == 0) {
		memcpy(r->lines + r->nlines, f->data, f->len + 1);
		r->nlines += f->len + 1;
	} else if (strcmp(f->command, "close") == 0) {
		what = "";
	}
	r->nanswers += (size_t)snprintf(r->answers + r->nanswers, ANSWER_MAX,
	    what[0] != '\0' ? "%u rsp %zu %s\n" : "%u rsp %zu%s\n", f->txnr,
	    strlen(what), what);
}

/* What came after at is not whole yet. */
static void
keep_rest(struct connection *c, size_t at)
{
	memmove(c->in, c->in + at, c->len - at);
	c->len -= at;
	if (c->len == sizeof(c->in))
		error(1, 0, "a frame or line is too long");
}

/* Takes all whole frames, as many as can be answered at once. */
static void
hear_frames(struct receiver *r, struct connection *c)
{
	size_t at = 0, n;
	struct frame f;

	do {
		r->nlines = r->nanswers = 0;
		while (r->nanswers + ANSWER_MAX < sizeof(r->answers) &&
		       (n = take_frame(c->in + at, c->len - at, &f)) > 0) {
			hear_frame(r, &f);
			at += n;
		}
		write_all(r->file, r->lines, r->nlines);
		answer_all(c->fd, r->answers, r->nanswers);
	} while (r->nanswers > 0);
	keep_rest(c, at);
}

/* Whole lines: a connection that breaks may leave a part of one. */
static void
hear_lines(struct receiver *r, struct connection *c)
{
	const char *last = memrchr(c->in, '\n', c->len);
	size_t len = last == NULL ? 0 : (size_t)(last + 1 - c->in);

	write_all(r->file, c->in, len);
	keep_rest(c, len);
}

/* False: it is over. */
static bool
hear(struct receiver *r, struct connection *c)
{
	ssize_t n = read(c->fd, c->in + c->len, sizeof(c->in) - c->len);

	if (n <= 0)
		return false;
	c->len += (size_t)n;
	if (r->relp)
		hear_frames(r, c);
	else
		hear_lines(r, c);
	return true;
}

static void
take_connection(struct receiver *r)
{
	struct connection *c = malloc(sizeof(*c));

	if (c == NULL)
		error(1, errno, "connection");
	c->len = 0;
	c->fd = accept(r->listener, NULL, NULL);
	if (c->fd < 0)
		free(c);
	else
		r->connection[r->n++] = c;
}

static void
end_connection(struct receiver *r, size_t i)
{
	close(r->connection[i]->fd);
	free(r->connection[i]);
	r->connection[i] = r->connection[--r->n];
}

static void
serve(struct receiver *r)
{
	struct pollfd p[CONNECTIONS_MAX + 1];

	for (;;) {
		size_t n = r->n;

		for (size_t i = 0; i < n; i++)
			p[i] = (struct pollfd){
			    .fd = r->connection[i]->fd, .events = POLLIN};
		p[n] = (struct pollfd){
		    .fd = n < CONNECTIONS_MAX ? r->listener : -1,
		    .events = POLLIN};
		if (poll(p, n + 1, -1) < 0)
			error(1, errno, "poll");
		/* From the end: whoever is over gives his place to the last. */
		for (size_t i = n; i-- > 0;) {
			if (p[i].revents != 0 && !hear(r, r->connection[i]))
				end_connection(r, i);
		}
		if (p[n].revents != 0)
			take_connection(r);
	}
}

static int
listen_unix(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* One that was killed left it behind. */
	unlink(path);
	if (strlen(path) >= sizeof(a.sun_path))
		error(2, 0, "%s: too long", path);
	memcpy(a.sun_path, path, strlen(path) + 1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		error(1, errno, "%s", path);
	return fd;
}

/* On this machine alone. */
static int
listen_tcp(const char *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)atoi(port)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		error(1, errno, "port %s", port);
	return fd;
}

int
main(int argc, char **argv)
{
	static struct receiver r;

	if (argc != 4)
		error(2, 0, "usage: receive unix|tcp|relp PATH|PORT FILE");
	r.relp = strcmp(argv[1], "relp") == 0;
	r.listener = strcmp(argv[1], "unix") == 0 ? listen_unix(argv[2])
						  : listen_tcp(argv[2]);
	r.file = open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (r.file < 0)
		error(1, errno, "%s", argv[3]);
	if (listen(r.listener, CONNECTIONS_MAX) != 0)
		error(1, errno, "listen");
	/* Whoever started it waits for this. */
	puts("ready");
	fflush(stdout);
	serve(&r);
}
