/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

#include "privileges.h"

/* As it is called in /proc. */
#define NAME "proclife-lookup"

/* More are under way only if their tickets were forgotten. */
#define WORKERS_MAX RESOLVE_TICKETS_MAX

/* A port in decimal. */
#define PORT_MAX 8

struct ticket {
	uint64_t number; /* 0: this one is free */
	bool answered;
	struct resolve_answer answer;
};

struct resolve {
	int fd;        /* requests go there, and replies come; -1: no process */
	pid_t pid;     /* of the last one that was started; 0: none */
	uint64_t last; /* number given out */
	struct ticket ticket[RESOLVE_TICKETS_MAX];
};

struct request {
	uint64_t number;
	uint16_t port;
	char host[RESOLVE_NAME_MAX + 1];
};

struct reply {
	uint64_t number;
	struct resolve_answer answer;
};

static void set_error(struct resolve_answer *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
set_error(struct resolve_answer *a, const char *fmt, ...)
{
	va_list args;

	a->n = 0;
	va_start(args, fmt);
	vsnprintf(a->error, sizeof(a->error), fmt, args);
	va_end(args);
}

/* Of those processes. */

struct worker {
	pid_t pid; /* 0: none */
	uint64_t number;
};

struct keeper {
	pid_t pid;
	int fd; /* the other end */
	struct worker worker[WORKERS_MAX];
};

/* Who does not hear it is gone: then there is no next request. */
static void
say(const struct keeper *k, const struct reply *r)
{
	(void)!send(k->fd, r, sizeof(*r), MSG_NOSIGNAL);
}

/* flags: AI_NUMERICHOST, or 0. Returns what getaddrinfo(3) does. */
static int
look_up(const char *host, uint16_t port, int flags, struct resolve_answer *a)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICSERV | flags,
	};
	struct addrinfo *list;
	char service[PORT_MAX];
	int code;

	snprintf(service, sizeof(service), "%u", (unsigned)port);
	code = getaddrinfo(host, service, &hints, &list);
	if (code != 0)
		return code;
	for (const struct addrinfo *i = list;
	     i != NULL && a->n < RESOLVE_ADDRESSES_MAX; i = i->ai_next) {
		struct resolve_address *to = &a->address[a->n];

		if (i->ai_addrlen > sizeof(to->at))
			continue;
		memcpy(&to->at, i->ai_addr, i->ai_addrlen);
		to->len = i->ai_addrlen;
		a->n++;
	}
	freeaddrinfo(list);
	return 0;
}

/* One name. How it ends tells its keeper whether it said something. */
static void
work(const struct keeper *k, const struct request *r)
{
	struct reply reply = {.number = r->number};
	sigset_t ends;
	int code;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != k->pid)
		_exit(EXIT_FAILURE);
	signal(SIGALRM, SIG_DFL);
	sigemptyset(&ends);
	sigaddset(&ends, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &ends, NULL);
	alarm(RESOLVE_LIMIT_S);
	code = look_up(r->host, r->port, 0, &reply.answer);
	if (code != 0)
		set_error(&reply.answer, "%s",
		    code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
	say(k, &reply);
	_exit(EXIT_SUCCESS);
}

static struct worker *
worker_of(struct keeper *k, pid_t pid)
{
	for (size_t i = 0; i < WORKERS_MAX; i++) {
		if (k->worker[i].pid == pid)
			return &k->worker[i];
	}
	return NULL;
}

static void
start_worker(struct keeper *k, const struct request *r)
{
	struct worker *w = worker_of(k, 0);
	struct reply reply = {.number = r->number};

	if (w == NULL) {
		set_error(
		    &reply.answer, "%d lookups are under way", WORKERS_MAX);
		say(k, &reply);
		return;
	}
	*w = (struct worker){fork(), r->number};
	if (w->pid == 0)
		work(k, r);
	if (w->pid < 0) {
		set_error(&reply.answer, "fork: %s", strerror(errno));
		say(k, &reply);
		w->pid = 0;
	}
}

/* Says what those could not who did not end well. */
static void
reap(struct keeper *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct worker *w = worker_of(k, pid);
		struct reply reply = {0};

		if (w == NULL)
			continue;
		w->pid = 0;
		if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
			continue;
		reply.number = w->number;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
			set_error(&reply.answer, "no answer within %d s",
			    RESOLVE_LIMIT_S);
		else
			set_error(&reply.answer, "the lookup broke off");
		say(k, &reply);
	}
}

/* Only there to end a wait. */
static void
on_child(int number)
{
	(void)number;
}

/* Until the plugin is gone. */
static void
run(int fd)
{
	struct keeper k = {.pid = getpid(), .fd = fd};
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct sigaction action = {.sa_handler = on_child};
	sigset_t waiting;
	struct err err;

	child_begin(NAME, &fd, 1);
	/* What strangers answer is looked at here. */
	if (privileges_give_up(&err) != 0)
		_exit(EXIT_FAILURE);
	sigaction(SIGCHLD, &action, NULL);
	sigfillset(&waiting);
	sigdelset(&waiting, SIGCHLD);
	for (;;) {
		struct request r;

		reap(&k);
		if (ppoll(&p, 1, NULL, &waiting) < 0) {
			if (errno == EINTR)
				continue;
			_exit(EXIT_FAILURE);
		}
		if (recv(fd, &r, sizeof(r), 0) != sizeof(r))
			_exit(EXIT_SUCCESS);
		start_worker(&k, &r);
	}
}

/* Of the plugin. */

struct resolve *
resolve_new(void)
{
	struct resolve *r = calloc(1, sizeof(*r));

	if (r != NULL)
		r->fd = -1;
	return r;
}

/* One that is gone; whoever else reaps our children may have done so. */
static void
reap_keeper(struct resolve *r)
{
	if (r->pid > 0 && waitpid(r->pid, NULL, WNOHANG) != 0)
		r->pid = 0;
}

void
resolve_free(struct resolve *r)
{
	if (r == NULL)
		return;
	if (r->fd >= 0)
		close(r->fd);
	reap_keeper(r);
	free(r);
}

bool
resolve_numeric(const char *host, uint16_t port, struct resolve_address *a)
{
	struct resolve_answer answer = {0};

	if (look_up(host, port, AI_NUMERICHOST, &answer) != 0 || answer.n == 0)
		return false;
	*a = answer.address[0];
	return true;
}

/* False with err. */
static bool
start(struct resolve *r, struct err *err)
{
	int fd[2];
	sigset_t all, before;
	pid_t pid;

	reap_keeper(r);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0) {
		err_errno(err, "socketpair");
		return false;
	}
	/* Signals are for the plugin: that one may be told to go on reading. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		run(fd[1]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fd[1]);
	if (pid < 0) {
		err_errno(err, "fork");
		close(fd[0]);
		return false;
	}
	r->fd = fd[0];
	r->pid = pid;
	return true;
}

static struct ticket *
ticket_of(struct resolve *r, uint64_t number)
{
	for (size_t i = 0; i < RESOLVE_TICKETS_MAX; i++) {
		if (r->ticket[i].number == number)
			return &r->ticket[i];
	}
	return NULL;
}

static void
lose_keeper(struct resolve *r)
{
	close(r->fd);
	r->fd = -1;
	reap_keeper(r);
	for (size_t i = 0; i < RESOLVE_TICKETS_MAX; i++) {
		struct ticket *t = &r->ticket[i];

		if (t->number == 0 || t->answered)
			continue;
		set_error(&t->answer, "the process for lookups is gone");
		t->answered = true;
	}
}

void
resolve_hear(struct resolve *r)
{
	struct reply reply;

	while (r->fd >= 0) {
		ssize_t n = recv(r->fd, &reply, sizeof(reply), MSG_DONTWAIT);
		struct ticket *t;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n != sizeof(reply)) {
			lose_keeper(r);
			return;
		}
		t = ticket_of(r, reply.number);
		if (t == NULL || t->answered)
			continue;
		t->answer = reply.answer;
		t->answered = true;
	}
}

uint64_t
resolve_ask(struct resolve *r, const char *host, uint16_t port, struct err *err)
{
	struct request request = {.port = port};
	struct ticket *t = ticket_of(r, 0);

	resolve_hear(r);
	if (strlen(host) > RESOLVE_NAME_MAX) {
		err_set(err, "%s: no name is that long", host);
		return 0;
	}
	if (t == NULL) {
		err_set(err, "%d lookups are under way", RESOLVE_TICKETS_MAX);
		return 0;
	}
	if (r->fd < 0 && !start(r, err))
		return 0;
	request.number = r->last + 1;
	memcpy(request.host, host, strlen(host) + 1);
	if (send(r->fd, &request, sizeof(request),
		MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof(request)) {
		err_errno(err, "the process for lookups");
		return 0;
	}
	*t = (struct ticket){.number = ++r->last};
	return t->number;
}

bool
resolve_answered(
    struct resolve *r, uint64_t ticket, struct resolve_answer *answer)
{
	struct ticket *t;

	resolve_hear(r);
	t = ticket_of(r, ticket);
	if (t == NULL || !t->answered)
		return false;
	*answer = t->answer;
	*t = (struct ticket){0};
	return true;
}

void
resolve_forget(struct resolve *r, uint64_t ticket)
{
	struct ticket *t = ticket_of(r, ticket);

	if (t != NULL)
		*t = (struct ticket){0};
}

int
resolve_fd(const struct resolve *r)
{
	return r->fd;
}
