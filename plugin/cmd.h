/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd - the subcommands of proclife(1).
 *
 * Each gets its own part of the command line, with "proclife NAME" as argv[0]
 * and getopt(3) ready to start anew, and returns the exit status.
 */
#ifndef CMD_H
#define CMD_H

/* Exit status for a command line that is not understood. */
#define CMD_USAGE 2

int cmd_check(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_rules(int argc, char **argv);

#endif
