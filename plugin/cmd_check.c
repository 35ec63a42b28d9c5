/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

#define DEFAULT_CONFIG PROCLIFE_SYSCONFDIR "/audit/audisp-proclife.conf"

struct options {
	bool quiet;
	const char *config;
};

static void
print_help(void)
{
	printf("usage: proclife check [--config FILE] [--quiet]\n\n"
	       "Says what would be missed on this machine, and the remedy.\n\n"
	       "  --config FILE  the plugin's settings (" DEFAULT_CONFIG ")\n"
	       "  --quiet        say nothing of what is well\n\n"
	       "Exit status: 0 all is well, 1 warnings, 2 something is"
	       " broken.\n");
}

/* One line, and the remedy indented below it. */
static void
print_finding(void *ctx, const struct check_finding *f)
{
	static const char *const words[] = {
	    [CHECK_OK] = "ok",
	    [CHECK_WARN] = "warn",
	    [CHECK_BROKEN] = "BROKEN",
	};
	const struct options *o = ctx;

	if (o->quiet && f->level == CHECK_OK)
		return;
	printf("%-6s %s: %s\n", words[f->level], f->name, f->text);
	if (f->remedy[0] != '\0')
		printf("       %s\n", f->remedy);
}

int
cmd_check(int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"help", no_argument, NULL, 'h'},
	    {"quiet", no_argument, NULL, 'q'},
	    {NULL, 0, NULL, 0},
	};
	struct options o = {.config = DEFAULT_CONFIG};
	struct check_world *w;
	enum check_level worst;
	int c;

	while ((c = getopt_long(argc, argv, "c:hq", options, NULL)) != -1) {
		if (c == 'h') {
			print_help();
			return 0;
		} else if (c == 'c') {
			o.config = optarg;
		} else if (c == 'q') {
			o.quiet = true;
		} else {
			return CMD_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: takes no argument\n", argv[0]);
		return CMD_USAGE;
	}
	w = malloc(sizeof(*w));
	if (w == NULL) {
		perror(argv[0]);
		return CHECK_BROKEN;
	}
	check_gather(w, "", o.config);
	worst = check_run(w, print_finding, &o);
	check_free(w);
	free(w);
	return (int)worst;
}
