/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generate - writes an audit stream and the accounting records that go with
 * it, for any number of process lives: the same for the same seed.
 */
#include <errno.h>
#include <error.h>
#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gen_world.h"

#define DEFAULT_LIVE_MAX 400
#define DEFAULT_SERVICES 10
/* Six were seen on two busy processors. */
#define DEFAULT_OPEN       6
#define DEFAULT_OPEN_STORM 100
#define DEFAULT_BASE       1750000000
/* pid_max of most systems, and where numbers begin again (RESERVED_PIDS). */
#define DEFAULT_FIRST_PID 300
#define DEFAULT_LAST_PID  32767

/* With fewer, a pid would be born again within a tick of the clock. */
#define PID_RANGE_MIN 300

/* With a compliance rule set. */
#define MIXED_DEEDS 9

/* More than world_run() writes before it flushes. */
#define BUFFER_SIZE (1024 * 1024)

static const char usage_text[] =
    "usage: generate --lives N [OPTION]... > STREAM\n"
    "\n"
    "  --lives N          processes born in all\n"
    "  --seed S           another seed gives other lives (default 1)\n"
    "  --shape SHAPE      what happens: lives (process lives and nothing\n"
    "                     else), mixed (nine events of other kinds for one\n"
    "                     of a process) or storm (short lives, events\n"
    "                     deeply interleaved) (default lives)\n"
    "  --open N           events in progress at once (default 6, in a\n"
    "                     storm 100)\n"
    "  --sleepers N       of the lives, so many are born first and live to\n"
    "                     the end\n"
    "  --acct FILE        write the accounting records there\n"
    "  --truth FILE       write there, a line a life, when it is over:\n"
    "                     its number, its parent's, serial of its birth,\n"
    "                     pid, parent's pid, execs, how it ended (exit,\n"
    "                     signal, core or running) and code or signal\n"
    "  --format FORMAT    raw or enriched (default)\n"
    "  --no-eoe           leave EOE records out, as saved logs do\n"
    "  --node NAME        put node=NAME before each line\n"
    "  --no-crashes       nobody dies of SIGSEGV, SIGABRT or SIGBUS\n"
    "  --live-max M       lives at a time (default 400)\n"
    "  --services N       how busy it is: what init keeps running\n"
    "                     (default 10)\n"
    "  --rate N           births in a second at most\n"
    "  --pids FIRST-LAST  range of pids (default 300-32767, 300 at least)\n"
    "  --base SECONDS     when it begins, since 1970 (default 1750000000)\n"
    "  --pace             begins now, and tells nothing before its time\n";

enum option_key {
	OPTION_ACCT = 1,
	OPTION_BASE,
	OPTION_FORMAT,
	OPTION_HELP,
	OPTION_NO_CRASHES,
	OPTION_NO_EOE,
	OPTION_NODE,
	OPTION_PACE,
	OPTION_PIDS,
	OPTION_SHAPE,
	OPTION_TRUTH,
	OPTION_NUMBERS, /* the first of numbers[] */
};

static const struct number {
	size_t offset; /* of a uint64_t in struct world_options */
	uint64_t min, max;
} numbers[] = {
    {offsetof(struct world_options, lives), 1, UINT32_MAX},
    {offsetof(struct world_options, seed), 0, UINT64_MAX},
    {offsetof(struct world_options, live_max), 1, UINT32_MAX},
    {offsetof(struct world_options, services), 1, UINT32_MAX / 2},
    {offsetof(struct world_options, rate), 1, UINT32_MAX},
    {offsetof(struct world_options, open), 1, 10000},
    {offsetof(struct world_options, sleepers), 0, UINT32_MAX / 2},
};

static const struct option options_known[] = {
    {"lives", required_argument, NULL, OPTION_NUMBERS},
    {"seed", required_argument, NULL, OPTION_NUMBERS + 1},
    {"live-max", required_argument, NULL, OPTION_NUMBERS + 2},
    {"services", required_argument, NULL, OPTION_NUMBERS + 3},
    {"rate", required_argument, NULL, OPTION_NUMBERS + 4},
    {"open", required_argument, NULL, OPTION_NUMBERS + 5},
    {"sleepers", required_argument, NULL, OPTION_NUMBERS + 6},
    {"acct", required_argument, NULL, OPTION_ACCT},
    {"base", required_argument, NULL, OPTION_BASE},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"help", no_argument, NULL, OPTION_HELP},
    {"no-crashes", no_argument, NULL, OPTION_NO_CRASHES},
    {"no-eoe", no_argument, NULL, OPTION_NO_EOE},
    {"node", required_argument, NULL, OPTION_NODE},
    {"pace", no_argument, NULL, OPTION_PACE},
    {"pids", required_argument, NULL, OPTION_PIDS},
    {"shape", required_argument, NULL, OPTION_SHAPE},
    {"truth", required_argument, NULL, OPTION_TRUTH},
    {0},
};

/* The number at the beginning of text, which ends at the character stop. */
static uint64_t
parse_number(const char *text, char stop, uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (end == text || *end != stop || strchr(text, '-') == text ||
	    errno != 0 || n < min || n > max)
		error(2, 0, "%s: not a number from %llu to %llu", text,
		    (unsigned long long)min, (unsigned long long)max);
	return n;
}

static void
parse_pids(struct world_options *o, const char *text)
{
	const char *dash = strchr(text, '-');

	if (dash == NULL)
		error(2, 0, "--pids %s: not FIRST-LAST", text);
	o->first_pid = (int32_t)parse_number(text, '-', 2, INT32_MAX);
	o->last_pid = (int32_t)parse_number(
	    dash + 1, '\0', (uint64_t)o->first_pid + PID_RANGE_MIN, INT32_MAX);
}

static bool
parse_format(const char *text)
{
	if (strcmp(text, "raw") != 0 && strcmp(text, "enriched") != 0)
		error(2, 0, "--format %s: neither raw nor enriched", text);
	return strcmp(text, "enriched") == 0;
}

static FILE *
open_file(const char *path)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		error(1, errno, "%s", path);
	return file;
}

static void
parse_shape(struct world_options *o, const char *text)
{
	if (strcmp(text, "mixed") == 0)
		o->deeds = MIXED_DEEDS;
	else if (strcmp(text, "storm") == 0)
		o->storm = true;
	else if (strcmp(text, "lives") != 0)
		error(2, 0, "--shape %s: not known", text);
}

static void
set_number(struct world_options *o, const struct number *n, const char *text)
{
	uint64_t value = parse_number(text, '\0', n->min, n->max);

	memcpy((char *)o + n->offset, &value, sizeof(value));
}

static _Noreturn void
print_usage(FILE *to, int status)
{
	fputs(usage_text, to);
	exit(status);
}

static void
apply_option(struct world_options *o, int key, const char *value)
{
	switch (key) {
	case OPTION_ACCT:
		o->acct = open_file(value);
		break;
	case OPTION_BASE:
		o->base_s = (int64_t)parse_number(value, '\0', 0, UINT32_MAX);
		break;
	case OPTION_FORMAT:
		o->style.enriched = parse_format(value);
		break;
	case OPTION_HELP:
		print_usage(stdout, 0);
	case OPTION_NO_CRASHES:
		o->no_crashes = true;
		break;
	case OPTION_NO_EOE:
		o->style.eoe = false;
		break;
	case OPTION_NODE:
		o->style.node = value;
		break;
	case OPTION_PACE:
		o->pace = true;
		o->base_s = time(NULL);
		break;
	case OPTION_PIDS:
		parse_pids(o, value);
		break;
	case OPTION_SHAPE:
		parse_shape(o, value);
		break;
	case OPTION_TRUTH:
		o->truth = open_file(value);
		break;
	case '?':
		print_usage(stderr, 2);
	default:
		set_number(o, &numbers[key - OPTION_NUMBERS], value);
	}
}

static void
set_buffer(FILE *file)
{
	if (file != NULL && setvbuf(file, NULL, _IOFBF, BUFFER_SIZE) != 0)
		error(1, errno, "setvbuf");
}

static void
close_file(FILE *file)
{
	if (file != NULL && fclose(file) != 0)
		error(1, errno, "close");
}

int
main(int argc, char **argv)
{
	struct world_options o = {
	    .seed = 1,
	    .live_max = DEFAULT_LIVE_MAX,
	    .services = DEFAULT_SERVICES,
	    .base_s = DEFAULT_BASE,
	    .first_pid = DEFAULT_FIRST_PID,
	    .last_pid = DEFAULT_LAST_PID,
	    .style = {.enriched = true, .eoe = true},
	    .stream = stdout,
	};
	int key;

	while ((key = getopt_long(argc, argv, "", options_known, NULL)) != -1)
		apply_option(&o, key, optarg);
	if (o.lives == 0 || optind != argc)
		print_usage(stderr, 2);
	/* They take that many, and services need room for children. */
	if (o.live_max < 2 * o.services + o.sleepers)
		error(2, 0,
		    "--live-max: less than the sleepers and twice the"
		    " services");
	if (o.open == 0)
		o.open = o.storm ? DEFAULT_OPEN_STORM : DEFAULT_OPEN;
	set_buffer(o.stream);
	set_buffer(o.acct);
	set_buffer(o.truth);
	if (world_run(&o) < 0)
		error(1, errno, "write");
	close_file(o.acct);
	close_file(o.truth);
	return 0;
}
