/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

#define TOLD       "IMAGE"       /* $: the script, or nothing */
#define CHAIN_LEFT "IMAGE_CHAIN" /* $: how many more to exec */

const char *
image_self(void)
{
	static char path[PATH_MAX];
	ssize_t n;

	if (path[0] == '\0') {
		n = readlink("/proc/self/exe", path, sizeof(path) - 1);
		if (n < 0)
			truth_die("/proc/self/exe");
	}
	return path;
}

static void
go_on(const char *left, char **argv)
{
	char number[16];
	int n = atoi(left);

	if (n == 0)
		return;
	snprintf(number, sizeof(number), "%d", n - 1);
	setenv(CHAIN_LEFT, number, 1);
	argv[n % 2] = number;
	execv(n % 3 == 0 ? "/proc/self/exe" : image_self(), argv);
	truth_die("chain");
}

int
image_main(char **argv, void (*run_others)(void))
{
	const char *script = getenv(TOLD), *left = getenv(CHAIN_LEFT);

	truth_open();
	if (script == NULL) {
		run_others();
		return EXIT_SUCCESS;
	}
	truth_image(*script == '\0' ? NULL : script, argv);
	if (left != NULL)
		go_on(left, argv);
	return 7;
}

/* What is run next. */
static char *args[IMAGE_ARGS_MAX + 1];
static size_t nargs;

void
image_add(const char *arg)
{
	args[nargs] = strdup(arg);
	if (args[nargs] == NULL)
		truth_die("memory");
	args[++nargs] = NULL;
}

void
image_begin(const char *name)
{
	while (nargs > 0)
		free(args[--nargs]);
	args[0] = NULL;
	if (name != NULL)
		image_add(name);
}

void
image_run_at(int folder, const char *path, int flags, const char *script)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		setenv(TOLD, script == NULL ? "" : script, 1);
		if (folder == AT_FDCWD)
			execv(path, args);
		else
			syscall(
			    SYS_execveat, folder, path, args, environ, flags);
		truth_die(path);
	}
	truth_wait(pid);
}

void
image_run(const char *path)
{
	image_run_at(AT_FDCWD, path, 0, NULL);
}

void
image_run_script(const char *path)
{
	image_run_at(AT_FDCWD, path, 0, path);
}

void
image_run_chain(int links)
{
	char left[16];

	snprintf(left, sizeof(left), "%d", links);
	setenv(CHAIN_LEFT, left, 1);
	image_run(image_self());
	unsetenv(CHAIN_LEFT);
}
