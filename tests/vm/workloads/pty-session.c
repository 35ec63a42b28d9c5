/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pty-session - an interactive shell on a terminal of its own, and the keys a
 * person presses: Ctrl-C and Ctrl-\ to a whole group, Ctrl-Z, fg, bg.
 */
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "truth.h"

#define CTRL_C         "\003"
#define CTRL_BACKSLASH "\034"
#define CTRL_Z         "\032"
#define TICK_US        50000
#define TICKS_MAX      600

struct terminal {
	int master;
	pid_t shell;
};

/* Lets time pass; what the shell prints is read, so that it never blocks. */
static void
tick(const struct terminal *t)
{
	char buf[4096];

	usleep(TICK_US);
	while (read(t->master, buf, sizeof(buf)) > 0)
		continue;
}

static void
type(const struct terminal *t, const char *keys)
{
	if (write(t->master, keys, strlen(keys)) < 0)
		truth_die("write to the terminal");
}

/* Presses key (if any) until the shell has, or has not, the terminal. */
static void
until_shell(const struct terminal *t, bool shell, const char *key)
{
	for (int i = 0; i < TICKS_MAX; i++) {
		tick(t);
		if ((tcgetpgrp(t->master) == t->shell) == shell)
			return;
		if (key != NULL)
			type(t, key);
	}
	fprintf(stderr, "the shell does not %s\n", shell ? "return" : "start");
	exit(EXIT_FAILURE);
}

/* Types a command that takes the terminal, then the key that ends that. */
static void
run(const struct terminal *t, const char *command, const char *key)
{
	type(t, command);
	until_shell(t, false, NULL);
	until_shell(t, true, key);
}

static void
start_shell(struct terminal *t)
{
	t->shell = forkpty(&t->master, NULL, NULL, NULL);
	if (t->shell < 0)
		truth_die("forkpty");
	if (t->shell == 0) {
		for (int sig = 1; sig < NSIG; sig++)
			signal(sig, SIG_DFL);
		execl("/bin/bash", "bash", "--norc", "--noprofile", "-i",
		    (char *)NULL);
		truth_die("bash");
	}
	if (fcntl(t->master, F_SETFL, O_NONBLOCK) < 0)
		truth_die("fcntl");
	until_shell(t, true, NULL);
}

int
main(void)
{
	struct terminal t;

	truth_open();
	start_shell(&t);
	type(&t, "unset HISTFILE; ulimit -c unlimited\n");
	run(&t, "sleep 100 | sleep 100 | cat\n", CTRL_C);
	run(&t, "(sleep 100; echo no) | cat\n", CTRL_C);
	run(&t, "sh -c 'trap \"exit 5\" INT; sleep 100; exit 6'\n", CTRL_C);
	run(&t, "sleep 100 | sleep 100\n", CTRL_BACKSLASH);
	run(&t, "sleep 100\n", CTRL_Z);
	run(&t, "fg\n", CTRL_Z);
	type(&t, "bg\n");
	run(&t, "fg\n", CTRL_C);
	type(&t, "sleep 100 &\n");
	type(&t, "kill -HUP %1; wait\n");
	type(&t, "exit 7\n");
	truth_wait(t.shell);
	return EXIT_SUCCESS;
}
