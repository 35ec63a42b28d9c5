/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pace - lives at a steady rate, and when they died; when proclife told of it.
 *
 * usage: pace lives RATE SECONDS    a line a life: pid, exit or kill, when
 *        pace ends FOLDER           a line an end in proclife's files: pid,
 * when
 *
 * Every other life exits, which audit sees, or is killed, which it does not.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC. That of a death is taken before it,
 * by who is about to exit or to kill; that of a line after it was read: the
 * time between is never less than it was.
 */
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000LL

/* The descriptor by which who exits says when. */
#define DEATHS_FD 100

/* Who is to be killed lives so long, or until the next is born. */
#define TO_BE_KILLED_NS (SECOND_NS / 10)

#define SEGMENT_NAME "events-%08u.jsonl"
#define SEGMENT_PATH "%s/" SEGMENT_NAME

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND_NS + ts.tv_nsec;
}

static void
sleep_until(int64_t ns)
{
	struct timespec ts = {ns / SECOND_NS, ns % SECOND_NS};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) != 0)
		;
}

/* Lives. */

struct lives {
	unsigned count;
	pid_t *pids;
	int64_t *died;
};

static bool
is_killed(unsigned n)
{
	return n % 2 != 0;
}

static void
lives_init(struct lives *l, unsigned count)
{
	size_t size = count * sizeof(l->died[0]);
	int fd = memfd_create("deaths", 0);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0 || dup2(fd, DEATHS_FD) < 0)
		error(1, errno, "memfd");
	l->count = count;
	l->died = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	l->pids = calloc(count, sizeof(l->pids[0]));
	if (l->died == MAP_FAILED || l->pids == NULL)
		error(1, errno, "lives");
	close(fd);
}

static void
begin(struct lives *l, unsigned n)
{
	char number[16];

	l->pids[n] = fork();
	if (l->pids[n] < 0)
		error(1, errno, "fork");
	if (l->pids[n] > 0)
		return;
	snprintf(number, sizeof(number), "%u", n);
	execl("/proc/self/exe", "pace", "life", number, (char *)NULL);
	_exit(127);
}

static void
end(struct lives *l, unsigned n)
{
	if (!is_killed(n))
		return;
	l->died[n] = now_ns();
	kill(l->pids[n], SIGKILL);
}

/* What each of them runs. */
static _Noreturn void
be(unsigned n)
{
	int64_t ns;

	while (is_killed(n))
		pause();
	ns = now_ns();
	if (pwrite(DEATHS_FD, &ns, sizeof(ns), n * (off_t)sizeof(ns)) < 0)
		_exit(1);
	_exit(0);
}

/*
 * One is born at each tick; who is killed dies between two, since what comes
 * after a death lets it be told. Returns when the last one was born.
 */
static int64_t
live(struct lives *l, int64_t tick_ns)
{
	unsigned lag = (unsigned)(TO_BE_KILLED_NS / tick_ns);
	int64_t next = now_ns();
	int64_t last = next;

	for (unsigned n = 0; n < l->count + lag; n++, next += tick_ns) {
		sleep_until(next);
		if (n < l->count) {
			begin(l, n);
			last = now_ns();
		}
		sleep_until(next + tick_ns / 2);
		if (n >= lag)
			end(l, n - lag);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	while (wait(NULL) > 0)
		;
	return last;
}

/* Tells on stderr how many were born in how many seconds. */
static void
pace_lives(double rate, double seconds)
{
	int64_t start = now_ns(), took;
	struct lives l;

	lives_init(&l, (unsigned)(rate * seconds) + 1);
	took = live(&l, (int64_t)((double)SECOND_NS / rate)) - start;
	fprintf(stderr, "%u %.3f\n", l.count, (double)took / SECOND_NS);
	for (unsigned n = 0; n < l.count; n++)
		printf("%d %s %lld\n", l.pids[n],
		    is_killed(n) ? "kill" : "exit", (long long)l.died[n]);
}

/* Ends. */

struct tail {
	const char *folder;
	unsigned number; /* of the segment */
	int fd;
	size_t have; /* of an unfinished line */
	char buf[256 * 1024];
};

static int
open_segment(const struct tail *t, unsigned number)
{
	char path[256];

	snprintf(path, sizeof(path), SEGMENT_PATH, t->folder, number);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* What is there already does not count. */
static void
tail_open(struct tail *t, const char *folder)
{
	int fd;

	t->folder = folder;
	t->number = 1;
	t->fd = open_segment(t, 1);
	while (t->fd >= 0 && (fd = open_segment(t, t->number + 1)) >= 0) {
		close(t->fd);
		t->fd = fd;
		t->number++;
	}
	if (t->fd < 0 || lseek(t->fd, 0, SEEK_END) < 0)
		error(1, errno, "%s", folder);
}

/* The process's own pid is the first of a line. */
static void
tell_line(const char *line, int64_t ns)
{
	const char *pid = strstr(line, "\"pid\":");

	if (pid != NULL && strstr(line, "\"action\":\"end\"") != NULL)
		printf("%ld %lld\n", strtol(pid + 6, NULL, 10), (long long)ns);
}

static void
tell_lines(struct tail *t, int64_t ns)
{
	char *line = t->buf, *newline;

	while ((newline = memchr(
		    line, '\n', t->have - (size_t)(line - t->buf))) != NULL) {
		*newline = '\0';
		tell_line(line, ns);
		line = newline + 1;
	}
	t->have -= (size_t)(line - t->buf);
	memmove(t->buf, line, t->have);
}

static void
tail_read(struct tail *t)
{
	ssize_t n;

	while (
	    (n = read(t->fd, t->buf + t->have, sizeof(t->buf) - t->have)) > 0) {
		t->have += (size_t)n;
		tell_lines(t, now_ns());
	}
}

static _Noreturn void
pace_ends(const char *folder)
{
	static struct tail t;
	char changes[4096];
	int watch = inotify_init1(IN_CLOEXEC), fd;

	if (watch < 0 ||
	    inotify_add_watch(watch, folder, IN_MODIFY | IN_CREATE) < 0)
		error(1, errno, "inotify");
	setvbuf(stdout, NULL, _IOLBF, 0);
	tail_open(&t, folder);
	while (read(watch, changes, sizeof(changes)) > 0) {
		tail_read(&t);
		while ((fd = open_segment(&t, t.number + 1)) >= 0) {
			close(t.fd);
			t.fd = fd;
			t.number++;
			tail_read(&t);
		}
	}
	error(1, errno, "inotify");
	abort();
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "life") == 0)
		be((unsigned)strtoul(argv[2], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "ends") == 0)
		pace_ends(argv[2]);
	if (argc != 4 || strcmp(argv[1], "lives") != 0)
		error(2, 0, "usage: pace lives RATE SECONDS | ends FOLDER");
	pace_lives(strtod(argv[2], NULL), strtod(argv[3], NULL));
	return 0;
}
