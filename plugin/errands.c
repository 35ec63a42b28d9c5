/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "errands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"

/* As it is called in /proc. */
#define NAME "proclife-errand"

/* What a canary is told. */
#define LEAVE     'l'
#define TAKE_BACK 't' /* accounting, first */

struct errands {
	int fd;      /* requests go there, and words come */
	int release; /* of a canary: the writing end of a pipe */
	int32_t pid;
	bool busy[ERRANDS];
};

struct request {
	enum errand what;
	char file[PATH_MAX]; /* "": none; no more of it is sent than is used */
};

/* Of that process. */

struct keeper {
	int fd, release; /* the other ends */
	struct kernel_audit *k;
};

static int64_t
real_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Who does not hear it is gone: then there is no next request. */
static void
say(const struct keeper *keeper, const struct errands_word *w)
{
	(void)!send(keeper->fd, w, sizeof(*w), MSG_NOSIGNAL);
}

/* In the child, whose memory is its parent's until it leaves: with what went
 * wrong for its code. */
static void
live(const struct keeper *keeper, const struct request *r,
    struct errands_word *w)
{
	char leave;

	w->said = ERRANDS_BORN;
	w->pid = getpid();
	say(keeper, w);
	if (read(keeper->release, &leave, 1) > 0 && leave == TAKE_BACK &&
	    acct(r->file) < 0)
		_exit(errno);
	_exit(0);
}

/* Leave for one that did not live to take it. */
static void
drain(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char leave;

	while (poll(&p, 1, 0) > 0 && read(fd, &leave, 1) > 0)
		continue;
}

/* What there is to say when it is over: in *w. */
static void
make_canary(const struct keeper *keeper, const struct request *r,
    struct errands_word *w)
{
	int status = 0;
	pid_t pid;

	drain(keeper->release);
	w->forked_ms = real_ms();
	pid = vfork();
	if (pid == 0)
		live(keeper, r, w);
	if (pid < 0) {
		w->said = ERRANDS_FAILED;
		w->error = errno;
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	w->said = ERRANDS_DONE;
	w->error = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static void
ask_kernel(const struct keeper *keeper, struct errands_word *w)
{
	bool asked = w->what == ERRAND_STATUS
			 ? kernel_audit_ask(keeper->k)
			 : kernel_audit_ask_rules(keeper->k);

	w->said = asked ? ERRANDS_DONE : ERRANDS_FAILED;
}

/* Until the plugin is gone. */
static void
run(const struct keeper *keeper)
{
	const int own[] = {keeper->fd, keeper->release,
	    keeper->k == NULL ? -1 : kernel_audit_fd(keeper->k)};
	struct request r;
	struct errands_word w;

	child_begin(NAME, own, sizeof(own) / sizeof(own[0]));
	while (memset(&r, 0, sizeof(r)),
	    recv(keeper->fd, &r, sizeof(r) - 1, 0) > 0) {
		memset(&w, 0, sizeof(w));
		w.what = r.what;
		if (r.what == ERRAND_CANARY)
			make_canary(keeper, &r, &w);
		else
			ask_kernel(keeper, &w);
		say(keeper, &w);
	}
	_exit(0);
}

/* Of the plugin. */

static void
close_pair(const int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

/* False with errno. */
static bool
start(struct errands *e, struct kernel_audit *k)
{
	int fd[2], release[2];
	sigset_t all, before;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0)
		return false;
	if (pipe2(release, O_CLOEXEC) != 0) {
		close_pair(fd);
		return false;
	}
	/* Signals are for the plugin: that one may be told to go on reading. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		run(&(struct keeper){fd[1], release[0], k});
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0) {
		close_pair(fd);
		close_pair(release);
		return false;
	}
	close(fd[1]);
	close(release[0]);
	*e = (struct errands){.fd = fd[0], .release = release[1], .pid = pid};
	return true;
}

struct errands *
errands_start(struct kernel_audit *k, struct err *err)
{
	struct errands started, *e;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	if (!start(&started, k)) {
		err_errno(err, "fork");
		return NULL;
	}
	e = malloc(sizeof(*e));
	if (e == NULL) {
		err_errno(err, "fork");
		close(started.fd);
		close(started.release);
		return NULL;
	}
	*e = started;
	return e;
}

void
errands_stop(struct errands *e)
{
	if (e == NULL)
		return;
	close(e->fd);
	close(e->release);
	free(e);
}

int32_t
errands_pid(const struct errands *e)
{
	return e->pid;
}

int
errands_fd(const struct errands *e)
{
	return e->fd;
}

/* If the process is gone, that is the next word. */
static bool
ask(struct errands *e, const struct request *r)
{
	size_t len = offsetof(struct request, file) + strlen(r->file);

	if (e->busy[r->what])
		return false;
	e->busy[r->what] =
	    send(e->fd, r, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
	return e->busy[r->what];
}

bool
errands_ask(struct errands *e, enum errand what)
{
	return ask(e, &(struct request){.what = what});
}

bool
errands_take_back(struct errands *e, const char *file)
{
	struct request r = {.what = ERRAND_CANARY};

	if (strlen(file) >= sizeof(r.file))
		return false;
	memcpy(r.file, file, strlen(file) + 1);
	return ask(e, &r);
}

struct errands_word
errands_word(struct errands *e)
{
	struct errands_word w;
	ssize_t n = recv(e->fd, &w, sizeof(w), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return (struct errands_word){.said = ERRANDS_SILENT};
	if (n != sizeof(w))
		return (struct errands_word){.said = ERRANDS_GONE};
	if (w.said != ERRANDS_BORN)
		e->busy[w.what] = false;
	return w;
}

void
errands_release(struct errands *e, bool take_back)
{
	const char leave = take_back ? TAKE_BACK : LEAVE;

	(void)!write(e->release, &leave, 1);
}
