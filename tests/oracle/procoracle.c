/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procoracle - an independent witness of process lifetimes.
 *
 * Listens to the kernel's process events connector (NETLINK_CONNECTOR,
 * CN_IDX_PROC) and prints one line for each event, pids as the initial pid
 * namespace sees them:
 *
 *   F <ns> <parent tgid> <child pid> <child tgid>
 *       fork (a thread if pid != tgid)
 *   E <ns> <tgid> <pid>
 *       exec
 *   X <ns> <tgid> <pid> <wait status> <parent tgid>
 *       exit of one task, with that task's own status
 *   L <n>
 *       n messages were lost: the truth is incomplete
 *
 * <ns> is CLOCK_MONOTONIC nanoseconds. It neither uses nor disturbs the audit
 * subsystem or process accounting, so what it says can judge both.
 *
 * usage: procoracle [-r READYFILE] OUTFILE   (root; SIGINT or SIGTERM ends it)
 */
#include <errno.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>

/* What the kernel may queue for us while we do not run. */
#define RECEIVE_BUFFER (256 * 1024 * 1024)
#define MESSAGE_MAX    65536
#define CPUS_MAX       4096
#define REQUEST_LEN    (sizeof(struct cn_msg) + sizeof(enum proc_cn_mcast_op))

/*
 * enum proc_event's names moved from one header version to the next; their
 * numbers are the kernel's ABI.
 */
#define EVENT_FORK 0x1u
#define EVENT_EXEC 0x2u
#define EVENT_EXIT 0x80000000u

/* Each processor numbers its messages: a gap is a loss. */
struct sequence {
	bool seen;
	uint32_t next;
};

struct witness {
	int nl;
	FILE *out;
	unsigned long long lost;
	struct sequence cpu[CPUS_MAX];
};

_Noreturn static void
die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void
subscribe(int nl, enum proc_cn_mcast_op op)
{
	char alignas(struct nlmsghdr) buf[NLMSG_SPACE(REQUEST_LEN)] = {0};
	struct nlmsghdr *nh = (void *)buf;
	struct cn_msg *cn = NLMSG_DATA(nh);

	nh->nlmsg_len = (uint32_t)NLMSG_LENGTH(REQUEST_LEN);
	nh->nlmsg_type = NLMSG_DONE;
	cn->id.idx = CN_IDX_PROC;
	cn->id.val = CN_VAL_PROC;
	cn->len = sizeof(op);
	memcpy(cn->data, &op, sizeof(op));
	if (send(nl, buf, nh->nlmsg_len, 0) != (ssize_t)nh->nlmsg_len)
		die("subscribe");
}

static int
open_connector(void)
{
	struct sockaddr_nl sa = {
	    .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
	int size = RECEIVE_BUFFER;
	int nl = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    NETLINK_CONNECTOR);

	if (nl < 0)
		die("socket");
	if (setsockopt(nl, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		die("SO_RCVBUFFORCE");
	if (bind(nl, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		die("bind");
	subscribe(nl, PROC_CN_MCAST_LISTEN);
	return nl;
}

static void
check_sequence(struct witness *w, uint32_t cpu, uint32_t seq)
{
	struct sequence *s;

	if (cpu >= CPUS_MAX)
		return;
	s = &w->cpu[cpu];
	if (s->seen)
		w->lost += seq - s->next;
	s->seen = true;
	s->next = seq + 1;
}

static void
print_event(FILE *out, const struct proc_event *ev)
{
	unsigned long long ns = ev->timestamp_ns;
	uint32_t what = ev->what;

	if (what == EVENT_FORK)
		fprintf(out, "F %llu %d %d %d\n", ns,
		    ev->event_data.fork.parent_tgid,
		    ev->event_data.fork.child_pid,
		    ev->event_data.fork.child_tgid);
	else if (what == EVENT_EXEC)
		fprintf(out, "E %llu %d %d\n", ns,
		    ev->event_data.exec.process_tgid,
		    ev->event_data.exec.process_pid);
	else if (what == EVENT_EXIT)
		fprintf(out, "X %llu %d %d %u %d\n", ns,
		    ev->event_data.exit.process_tgid,
		    ev->event_data.exit.process_pid,
		    ev->event_data.exit.exit_code,
		    ev->event_data.exit.parent_tgid);
}

static void
read_datagram(struct witness *w, char *buf, size_t len)
{
	struct nlmsghdr *nh = (void *)buf;

	for (; NLMSG_OK(nh, len); nh = NLMSG_NEXT(nh, len)) {
		const struct cn_msg *cn = NLMSG_DATA(nh);
		struct proc_event ev;
		size_t size = sizeof(ev);

		if (nh->nlmsg_type != NLMSG_DONE)
			continue;
		/* cn->data stands on a boundary of 4, the event wants 8. */
		memset(&ev, 0, sizeof(ev));
		if (cn->len < size)
			size = cn->len;
		memcpy(&ev, cn->data, size);
		check_sequence(w, ev.cpu, cn->seq);
		print_event(w->out, &ev);
	}
}

/* Reads all that the kernel has queued. */
static void
drain(struct witness *w)
{
	static char alignas(struct nlmsghdr) buf[MESSAGE_MAX];

	for (;;) {
		ssize_t n = recv(w->nl, buf, sizeof(buf), 0);

		if (n >= 0)
			read_datagram(w, buf, (size_t)n);
		else if (errno == ENOBUFS)
			w->lost++;
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			die("recv");
	}
}

/* A descriptor that becomes readable when we are asked to stop. */
static int
open_stop(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		die("sigprocmask");
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		die("signalfd");
	return fd;
}

static void
watch(int epoll, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data = {.fd = fd}};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("epoll_ctl");
}

/* Reports until asked to stop, and then what is queued by then. */
static void
report(struct witness *w, int stop)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event ev = {.data = {.fd = -1}};

	if (epoll < 0)
		die("epoll_create1");
	watch(epoll, stop);
	watch(epoll, w->nl);
	while (ev.data.fd != stop) {
		if (epoll_wait(epoll, &ev, 1, -1) < 0 && errno != EINTR)
			die("epoll_wait");
		drain(w);
	}
	if (w->lost > 0)
		fprintf(w->out, "L %llu\n", w->lost);
}

int
main(int argc, char **argv)
{
	static struct witness w;
	const char *ready = NULL;
	int opt, stop;

	while ((opt = getopt(argc, argv, "r:")) == 'r')
		ready = optarg;
	if (opt != -1 || optind + 1 != argc) {
		fputs("usage: procoracle [-r READYFILE] OUTFILE\n", stderr);
		return 2;
	}
	w.out = fopen(argv[optind], "w");
	if (w.out == NULL)
		die(argv[optind]);
	stop = open_stop();
	w.nl = open_connector();
	if (ready != NULL) {
		FILE *f = fopen(ready, "w");

		if (f == NULL || fclose(f) != 0)
			die(ready);
	}
	report(&w, stop);
	subscribe(w.nl, PROC_CN_MCAST_IGNORE);
	if (fclose(w.out) != 0)
		die(argv[optind]);
	return EXIT_SUCCESS;
}
