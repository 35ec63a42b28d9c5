/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helpers - programs that the kernel itself runs: receivers of core dumps.
 *
 * No record tells that they were born or what they run; of some the accounting
 * file alone knows. Which signal the dumping process died of tells the helper
 * what to do.
 *
 * usage: helpers [TRUTH SIGNAL]     with arguments: be the helper
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "born.h"
#include "truth.h"

#define ROUNDS 5

static const char pattern_file[] = "/proc/sys/kernel/core_pattern";

static const int dumping[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE};

_Noreturn static void
help(int signal)
{
	char core[4096];
	pid_t pid;

	truth_helper();
	while (read(STDIN_FILENO, core, sizeof(core)) > 0)
		continue;
	switch (signal) {
	case SIGSEGV:
		pid = truth_fork();
		if (pid == 0)
			born_exec_true();
		truth_wait(pid);
		_exit(31);
	case SIGBUS:
		kill(getpid(), SIGKILL);
		break;
	case SIGFPE:
		if (truth_fork() == 0)
			born_exec_true();
		break;
	}
	_exit(30);
}

static void
read_pattern(char *pattern, size_t size)
{
	FILE *f = fopen(pattern_file, "r");

	if (f == NULL || fgets(pattern, (int)size, f) == NULL || fclose(f) != 0)
		truth_die(pattern_file);
}

static void
write_pattern(const char *pattern)
{
	FILE *f = fopen(pattern_file, "w");

	if (f == NULL || fputs(pattern, f) == EOF || fclose(f) != 0)
		truth_die(pattern_file);
}

static void
dump(int signal)
{
	pid_t pid = truth_fork();

	if (pid == 0) {
		kill(getpid(), signal);
		_exit(99);
	}
	truth_wait(pid);
}

int
main(int argc, char **argv)
{
	char old[128], new[128];

	if (argc == 3) {
		setenv("TRUTH", argv[1], 1);
		truth_open();
		help(atoi(argv[2]));
	}
	truth_open();
	read_pattern(old, sizeof(old));
	snprintf(new, sizeof(new), "|/vmtest/workloads/helpers %s %%s",
	    getenv("TRUTH"));
	write_pattern(new);
	for (int i = 0; i < ROUNDS; i++) {
		for (size_t n = 0; n < sizeof(dumping) / sizeof(dumping[0]);
		     n++)
			dump(dumping[n]);
	}
	write_pattern(old);
	return EXIT_SUCCESS;
}
