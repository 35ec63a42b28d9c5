/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
    {"check", cmd_check, "say what would be missed on this machine"},
    {"replay", cmd_replay, "tell the processes' lives from saved logs"},
    {"rules", cmd_rules, "print or install the audit rules needed"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_help(void)
{
	printf("usage: proclife [--help] [--version] COMMAND [OPTION...]\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].summary);
	printf("\n\"proclife COMMAND --help\" tells a command's options;"
	       " proclife(1) tells all.\n");
}

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

/* argv[0] is the command's name; what getopt complains of says so. */
static int
run(const struct command *command, int argc, char **argv)
{
	char title[32];

	snprintf(title, sizeof(title), "proclife %s", command->name);
	argv[0] = title;
	optind = 0; /* the C library's word for a new start */
	return command->run(argc, argv);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	const struct command *command;
	int c;

	while ((c = getopt_long(argc, argv, "+hV", options, NULL)) != -1) {
		switch (c) {
		case 'h':
			print_help();
			return 0;
		case 'V':
			printf("proclife %s\n", PACKAGE_VERSION);
			return 0;
		default:
			return CMD_USAGE;
		}
	}
	if (optind == argc) {
		fprintf(stderr, "proclife: no command; see proclife --help\n");
		return CMD_USAGE;
	}
	command = find(argv[optind]);
	if (command == NULL) {
		fprintf(stderr,
		    "proclife: unknown command: %s; see proclife --help\n",
		    argv[optind]);
		return CMD_USAGE;
	}
	return run(command, argc - optind, argv + optind);
}
