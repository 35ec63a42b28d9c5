/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dumps - cores that go to a file or to nowhere, and a SIGKILL that comes while
 * they are dumped, there or to a program that the kernel starts.
 *
 * usage: dumps [TRUTH]      with an argument: be that program
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scene.h"
#include "signals.h"
#include "truth.h"

#define CORE_PATTERN "/proc/sys/kernel/core_pattern"
#define PATTERN_SIZE 128 /* the kernel's CORENAME_MAX_SIZE */
#define CORE         "/tmp/dumps-core"
#define CORE_SIZE    (64ul << 20)
#define ROUNDS       3

/*
 * That of a dumper that is killed: the signal is pending still when the record
 * is to be written, and stops it (mm/filemap.c, generic_perform_write()).
 */
#define LOST "accounting's record is lost"

static void
get_pattern(char pattern[PATTERN_SIZE])
{
	int fd = open(CORE_PATTERN, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, pattern, PATTERN_SIZE - 1);

	if (n < 0)
		truth_die(CORE_PATTERN);
	pattern[n] = '\0';
	close(fd);
}

#define BEGUN  "/tmp/dumps-begun"
#define ENOUGH "/tmp/dumps-enough"

static void
set_helper(void)
{
	char pattern[PATTERN_SIZE];
	const char *truth = getenv("TRUTH");

	if (snprintf(pattern, sizeof(pattern), "|/vmtest/workloads/dumps %s",
		truth == NULL ? "/dev/null" : truth) >= PATTERN_SIZE)
		truth_die("the pattern is too long");
	scene_put(CORE_PATTERN, pattern);
}

/* Tells the dumper's parent that the dump has begun, and waits for its word. */
static int
hold_core(void)
{
	char byte;
	int begun = open(BEGUN, O_WRONLY), enough = open(ENOUGH, O_RDONLY);

	if (begun < 0 || enough < 0 || read(STDIN_FILENO, &byte, 1) != 1 ||
	    write(begun, "", 1) != 1 || read(enough, &byte, 1) != 1)
		truth_die("hold");
	return 60;
}

static void
crashes(int sig)
{
	pid_t pid = truth_fork();

	if (pid == 0)
		signals_die_of(sig);
	truth_wait(pid);
}

static void
core_to_nowhere(void)
{
	scene_put(CORE_PATTERN, "/nonexistent/core");
	crashes(SIGSEGV);
}

/* Audit does not tell of SIGQUIT: then neither book knows anything. */
static void
killed_in_dump(int sig)
{
	char byte;
	int begun, enough;
	pid_t pid;

	set_helper();
	if (mkfifo(BEGUN, 0600) < 0 || mkfifo(ENOUGH, 0600) < 0)
		truth_die("mkfifo");
	pid = truth_fork();
	if (pid == 0)
		signals_die_of(sig);
	begun = open(BEGUN, O_RDONLY | O_CLOEXEC);
	enough = open(ENOUGH, O_WRONLY | O_CLOEXEC);
	if (begun < 0 || enough < 0 || read(begun, &byte, 1) != 1 ||
	    kill(pid, SIGKILL) < 0)
		truth_die("kill");
	truth_wait_undecidable(pid, LOST);
	if (write(enough, "", 1) != 1)
		truth_die("enough");
	close(begun);
	close(enough);
	if (unlink(BEGUN) < 0 || unlink(ENOUGH) < 0)
		truth_die("unlink");
}

_Noreturn static void
dumps_much(void)
{
	char *memory = mmap(NULL, CORE_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		truth_die("mmap");
	memset(memory, 1, CORE_SIZE);
	signals_die_of(SIGABRT);
}

/* It may be through with its core when the signal comes. */
static void
killed_in_dump_to_file(void)
{
	pid_t pid;

	scene_put(CORE_PATTERN, CORE);
	unlink(CORE);
	pid = truth_fork();
	if (pid == 0)
		dumps_much();
	while (access(CORE, F_OK) < 0)
		sched_yield();
	if (kill(pid, SIGKILL) < 0)
		truth_die("kill");
	truth_wait_undecidable(pid, LOST);
}

static void
core_to_file(void)
{
	scene_put(CORE_PATTERN, CORE);
	crashes(SIGSEGV);
	crashes(SIGQUIT);
}

int
main(int argc, char **argv)
{
	char old_pattern[PATTERN_SIZE];

	if (argc == 2) {
		setenv("TRUTH", argv[1], 1);
		truth_open();
		truth_helper();
		return hold_core();
	}
	truth_open();
	get_pattern(old_pattern);
	signals_allow_cores(true);
	for (int round = 0; round < ROUNDS; round++) {
		core_to_file();
		core_to_nowhere();
		killed_in_dump(SIGSEGV);
		killed_in_dump(SIGQUIT);
		killed_in_dump_to_file();
	}
	unlink(CORE);
	scene_put(CORE_PATTERN, old_pattern);
	return EXIT_SUCCESS;
}
