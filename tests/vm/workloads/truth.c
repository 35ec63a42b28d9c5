/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Waits for the child, without a word. */
static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR)
			truth_die("waitpid");
	}
	return status;
}

void
truth_wait(pid_t pid)
{
	int status = wait_for(pid);

	if (dprintf(truth, "W %d %d\n", pid, status) < 0)
		truth_die("truth");
}

void
truth_wait_undecidable(pid_t pid, const char *reason)
{
	int status = wait_for(pid);

	if (dprintf(truth, "U %d %s\nW %d %d\n", pid, reason, pid, status) < 0)
		truth_die("truth");
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

void
truth_image(const char *executable, const char *script, char **argv)
{
	char own[PATH_MAX], folder[PATH_MAX];
	char *text;
	size_t len;
	FILE *line = open_memstream(&text, &len);
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (line == NULL || n < 0 || getcwd(folder, sizeof(folder)) == NULL)
		truth_die("image");
	own[n] = '\0';
	fprintf(line, "A %d", getpid());
	put_string(line, executable == NULL ? own : executable);
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

pid_t
truth_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		truth_die("fork");
	return pid;
}
