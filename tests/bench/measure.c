/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * measure - runs a command and appends a line to a file: the microseconds it
 * spent in user and in kernel mode, and the most memory it had, in KiB.
 *
 * A shell's own memory would be taken for the command's, since a process
 * starts as a copy of its parent: this parent is smaller than any command.
 */
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long long
microseconds(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

int
main(int argc, char **argv)
{
	struct rusage used;
	FILE *report;
	int status;
	pid_t pid;

	if (argc < 3)
		error(2, 0, "usage: measure REPORT COMMAND [ARG]...");
	pid = fork();
	if (pid < 0)
		error(1, errno, "fork");
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		error(127, errno, "%s", argv[2]);
	}
	if (wait4(pid, &status, 0, &used) != pid)
		error(1, errno, "wait4");
	report = fopen(argv[1], "a");
	if (report == NULL)
		error(1, errno, "%s", argv[1]);
	fprintf(report, "%lld %lld %ld\n", microseconds(used.ru_utime),
	    microseconds(used.ru_stime), used.ru_maxrss);
	if (fclose(report) != 0)
		error(1, errno, "%s", argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
