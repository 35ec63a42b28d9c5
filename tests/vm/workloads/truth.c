/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int truth = -1;

_Noreturn void
truth_die(const char *what)
{
	perror(what);
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
}

void
truth_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR)
			truth_die("waitpid");
	}
	if (dprintf(truth, "W %d %d\n", pid, status) < 0)
		truth_die("truth");
}

pid_t
truth_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		truth_die("fork");
	return pid;
}
