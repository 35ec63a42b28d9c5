/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "numbers.h"

#define DUMPED     0x80 /* in a wait status */
#define RETRY_US   1000
#define MANY_TRIES 2000

#define TASK_NAME_SIZE 16 /* of the kernel's comm */

static int truth = -1;
static int proc = -1; /* /proc of the namespace we were started in */

_Noreturn void
truth_die(const char *what)
{
	const char *why = strerror(errno);

	fprintf(stderr, "%s: %s\n", what, why);
	dprintf(truth, "D %d %s: %s\n", getpid(), what, why);
	_exit(EXIT_FAILURE);
}

void
truth_open(void)
{
	const char *path = getenv("TRUTH");

	if (path == NULL)
		path = "/dev/null";
	truth = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (truth < 0)
		truth_die(path);
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		truth_die("/proc");
}

static pid_t
own_number(void)
{
	char name[16] = "";

	if (readlinkat(proc, "self", name, sizeof(name) - 1) < 0)
		truth_die("/proc/self");
	return atoi(name);
}

/*
 * The kernel translates it in the description of a pidfd. (That of a process
 * whose leader is gone can be read below its other threads only.)
 */
pid_t
truth_global(pid_t pid)
{
	char path[40], text[256] = "", *line;
	long pidfd;
	int fd;

	if (pid == 0)
		return own_number();
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		truth_die("pidfd_open");
	snprintf(path, sizeof(path), "thread-self/fdinfo/%ld", pidfd);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		truth_die(path);
	close(fd);
	close((int)pidfd);
	line = strstr(text, "\nPid:");
	if (line == NULL)
		truth_die("no Pid in fdinfo");
	return atoi(line + strlen("\nPid:"));
}

static int
wait_status(const siginfo_t *info)
{
	switch (info->si_code) {
	case CLD_EXITED:
		return (info->si_status & 0xff) << 8;
	case CLD_DUMPED:
		return info->si_status | DUMPED;
	default:
		return info->si_status;
	}
}

void
truth_tell(pid_t pid, int status, const char *undecidable)
{
	char reason[128] = "";

	if (undecidable != NULL)
		snprintf(reason, sizeof(reason), "U %d %s\n", pid, undecidable);
	if (dprintf(truth, "%sW %d %d\n", reason, pid, status) < 0)
		truth_die("truth");
}

/* False if there is nothing to wait for. */
static bool
wait_and_tell(idtype_t type, pid_t pid, const char *undecidable)
{
	siginfo_t info = {0};
	int status;

	while (waitid(type, (id_t)pid, &info, WEXITED | WNOWAIT | __WALL) < 0) {
		if (errno == ECHILD)
			return false;
		if (errno != EINTR)
			truth_die("waitid");
	}
	status = wait_status(&info);
	pid = info.si_pid;
	truth_tell(truth_global(pid), status, undecidable);
	if (waitpid(pid, &status, __WALL) != pid)
		truth_die("waitpid");
	return true;
}

void
truth_wait(pid_t pid)
{
	if (!wait_and_tell(P_PID, pid, NULL))
		truth_die("waitid");
}

void
truth_wait_undecidable(pid_t pid, const char *reason)
{
	if (!wait_and_tell(P_PID, pid, reason))
		truth_die("waitid");
}

bool
truth_wait_any(void)
{
	return wait_and_tell(P_ALL, 0, NULL);
}

static void
put_hex(FILE *line, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fprintf(line, "%02x", (unsigned char)bytes[i]);
}

/* One word of a line: a string, or "-" for none. */
static void
put_string(FILE *line, const char *string)
{
	fputc(' ', line);
	if (string == NULL)
		fputc('-', line);
	else
		put_hex(line, string, strlen(string));
}

/* As the kernel itself names them to audit; also where a file is deleted. */
static void
read_link(const char *link, char path[PATH_MAX])
{
	ssize_t n = readlink(link, path, PATH_MAX - 1);

	if (n < 0)
		truth_die(link);
	path[n] = '\0';
}

void
truth_image(const char *script, char **argv)
{
	char executable[PATH_MAX], name[TASK_NAME_SIZE];

	read_link("/proc/self/exe", executable);
	if (prctl(PR_GET_NAME, name) < 0)
		truth_die("name");
	truth_image_to_be(executable, name, script, argv);
}

void
truth_image_to_be(
    const char *executable, const char *name, const char *script, char **argv)
{
	char folder[PATH_MAX], *text;
	size_t len;
	FILE *line = open_memstream(&text, &len);

	if (line == NULL)
		truth_die("image");
	read_link("/proc/self/cwd", folder);
	fprintf(line, "A %d", getpid());
	put_string(line, executable);
	put_string(line, name);
	put_string(line, script);
	put_string(line, folder);
	fputc(' ', line);
	for (; *argv != NULL; argv++)
		put_hex(line, *argv, strlen(*argv) + 1);
	fputc('\n', line);
	if (fclose(line) != 0)
		truth_die("image");
	/* In one piece: others write to the file, too. */
	if (write(truth, text, len) != (ssize_t)len)
		truth_die("truth");
	free(text);
}

void
truth_helper(void)
{
	if (dprintf(truth, "H %d\n", getpid()) < 0)
		truth_die("truth");
}

void
truth_clocks(void)
{
	struct timespec seen, real;

	if (clock_gettime(CLOCK_MONOTONIC, &seen) < 0 ||
	    clock_gettime(CLOCK_REALTIME, &real) < 0)
		truth_die("clock_gettime");
	if (dprintf(truth, "C %lld%09ld %lld%09ld\n", (long long)seen.tv_sec,
		seen.tv_nsec, (long long)real.tv_sec, real.tv_nsec) < 0)
		truth_die("truth");
}

bool
truth_no_number(const char *what, int tries)
{
	if (errno != EAGAIN)
		truth_die(what);
	usleep(RETRY_US);
	if (tries % MANY_TRIES == 0)
		numbers_set_limit(numbers_limit() + 1);
	return true;
}

pid_t
truth_fork(void)
{
	pid_t pid;
	int tries = 0;

	do {
		pid = fork();
	} while (pid < 0 && truth_no_number("fork", ++tries));
	return pid;
}
