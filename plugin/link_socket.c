/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link_socket.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * What a receiver's machine does not acknowledge so long breaks the
 * connection; and if there is nothing to acknowledge, it is asked for a sign of
 * life: after IDLE_S, then every PROBE_S.
 */
#define UNACKED_MS 30000
#define IDLE_S     15
#define PROBE_S    5
#define PROBES     3

/*
 * What came and was not read is read before closing, so much of it: for unread
 * bytes the kernel breaks a connection, and what is still to be sent is lost.
 */
#define DRAIN_MAX 65536

/* Longer than addresses and ports in numbers are. */
#define HOST_MAX 64
#define PORT_MAX 8

int
link_socket_path(const char *path, struct resolve_address *a, struct err *err)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(un.sun_path))
		return err_set(err,
		    "%s: the path of a socket has %zu bytes at most", path,
		    sizeof(un.sun_path) - 1);
	memcpy(un.sun_path, path, strlen(path) + 1);
	memcpy(&a->at, &un, sizeof(un));
	a->len = sizeof(un);
	return 0;
}

void
link_socket_place(const struct resolve_address *a, char place[LINK_PLACE_MAX])
{
	char host[HOST_MAX], port[PORT_MAX];
	struct sockaddr_un un;

	if (a->at.ss_family == AF_UNIX) {
		memcpy(&un, &a->at, sizeof(un));
		snprintf(place, LINK_PLACE_MAX, "%s", un.sun_path);
	} else if (getnameinfo((const struct sockaddr *)&a->at, a->len, host,
		       sizeof(host), port, sizeof(port),
		       NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
		snprintf(place, LINK_PLACE_MAX, "%s port %s", host, port);
	} else {
		snprintf(place, LINK_PLACE_MAX, "an unknown address");
	}
}

static void
set_option(int fd, int level, int option, int value)
{
	/* Without it the connection is only less watched. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* Whole batches are written: nothing is gained by holding them back. */
static void
set_options(int fd)
{
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, PROBE_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKED_MS);
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

int
link_socket_open(const struct resolve_address *a, struct err *err)
{
	int family = a->at.ss_family;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_set(err, "socket: %s", strerror(errno));
	if (family != AF_UNIX)
		set_options(fd);
	if (connect(fd, (const struct sockaddr *)&a->at, a->len) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	if (errno == EAGAIN)
		err_set(err, "too many wait there to be accepted");
	else
		err_set(err, "%s", strerror(errno));
	close(fd);
	return -1;
}

/*
 * A port of this machine on which nobody listens may be given to the very
 * connection that looks for it.
 */
static bool
is_to_itself(int fd)
{
	struct sockaddr_storage ours, theirs;
	socklen_t our_len = sizeof(ours), their_len = sizeof(theirs);

	if (getsockname(fd, (struct sockaddr *)&ours, &our_len) != 0 ||
	    getpeername(fd, (struct sockaddr *)&theirs, &their_len) != 0)
		return false;
	return ours.ss_family != AF_UNIX && our_len == their_len &&
	       memcmp(&ours, &theirs, our_len) == 0;
}

int
link_socket_connected(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof(error);

	if (poll(&p, 1, 0) != 1)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return -1;
	if (error == 0 && is_to_itself(fd))
		error = ECONNREFUSED;
	errno = error;
	return error == 0 ? 1 : -1;
}

void
link_socket_close(int fd)
{
	char bytes[4096];

	if (fd < 0)
		return;
	for (size_t n = 0; n < DRAIN_MAX; n += sizeof(bytes)) {
		if (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) <= 0)
			break;
	}
	close(fd);
}

ssize_t
link_socket_write(int fd, const void *at, size_t len)
{
	ssize_t n;

	do
		n = send(fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n;
}

ssize_t
link_socket_read(int fd, void *at, size_t size)
{
	ssize_t n;

	do
		n = recv(fd, at, size, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n;
}

uint64_t
link_socket_unread(int fd)
{
	int queued = 0;

	if (ioctl(fd, SIOCOUTQ, &queued) != 0 || queued < 0)
		return 0;
	return (uint64_t)queued;
}

bool
link_socket_hung_up(int fd)
{
	struct pollfd p = {.fd = fd};

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP) != 0;
}

bool
link_socket_was_reset(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	       error == ECONNRESET;
}
