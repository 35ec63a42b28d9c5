/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sim - random histories of processes through the reconciler.
 *
 *	sim [--profile NAME] [--seed S] [--histories N] [--lives N] [--bytes]
 *	    [--live] [--trace]
 *
 * History n has the seed S + n. Each is delivered live; at times live again,
 * while the reconciler is killed now and then and goes on with what was kept;
 * as a replay; and as a replay in another order. What is told is held against
 * it. With --live there are no replays. With --bytes it goes through the whole
 * pipeline, as the text of auditd's records and the bytes of accounting's, in
 * pieces. Exit status 1: there was a difference.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_deliver.h"

/* What a plain shell does. */
#define SHELL_WEIGHTS                                                          \
	[SIM_IDLE] = 60, [SIM_NOISE] = 60, [SIM_FORK] = 160, [SIM_VFORK] = 60, \
	[SIM_EXEC] = 100, [SIM_EXEC_FAILED] = 40, [SIM_EXEC_BROKEN] = 4,       \
	[SIM_EXIT_GROUP] = 130, [SIM_TERMINATED] = 15, [SIM_KILLED] = 10,      \
	[SIM_CRASHED] = 10

#define THREAD_WEIGHTS                                                         \
	SHELL_WEIGHTS, [SIM_CLONE3] = 40, [SIM_CLONE_THREAD] = 60,             \
		       [SIM_CLONE3_THREAD] = 80, [SIM_EXIT] = 80

static const struct sim_profile profiles[] = {
    {.name = "shell", .acct = true, .lag_ms = 1000, .weights = {SHELL_WEIGHTS}},
    {.name = "births",
	.acct = true,
	.unaudited = true,
	.subreapers = true,
	.births_ms = 3000,
	.lag_ms = 1000,
	.weights = {SHELL_WEIGHTS, [SIM_CLONE3] = 40, [SIM_CLONE_PARENT] = 20,
	    [SIM_CLONE3_SET_TID] = 10, [SIM_SWITCH_ACCT] = 10,
	    [SIM_HELPER] = 20, [SIM_KTHREAD] = 20}},
    {.name = "threads",
	.acct = true,
	.lag_ms = 1000,
	.races = 20,
	.delayed = 20,
	.weights = {THREAD_WEIGHTS}},
    {.name = "exits",
	.acct = true,
	.lag_ms = 500,
	.races = 100,
	.delayed = 200,
	.weights = {[SIM_IDLE] = 30,
	    [SIM_FORK] = 100,
	    [SIM_CLONE3] = 50,
	    [SIM_CLONE_THREAD] = 120,
	    [SIM_CLONE3_THREAD] = 120,
	    [SIM_EXEC] = 30,
	    [SIM_EXIT] = 200,
	    [SIM_EXIT_GROUP] = 60,
	    [SIM_KILLED] = 5,
	    [SIM_CRASHED] = 5}},
    {.name = "seccomp",
	.acct = true,
	.lag_ms = 1000,
	.weights = {THREAD_WEIGHTS, [SIM_SECCOMP] = 40}},
    {.name = "namespaces",
	.acct = true,
	.lag_ms = 1000,
	.weights = {SHELL_WEIGHTS, [SIM_CLONE_NEWPID] = 20, [SIM_UNSHARE] = 5,
	    [SIM_SETNS] = 10, [SIM_REBOOT] = 3, [SIM_CLONE3_SET_TID] = 5}},
    {.name = "reuse",
	.acct = true,
	.lag_ms = 1000,
	.pids = 40,
	.weights = {SHELL_WEIGHTS}},
    {.name = "reuse-unaccounted",
	.lag_ms = 1000,
	.pids = 40,
	.weights = {SHELL_WEIGHTS}},
    {.name = "reuse-missing",
	.acct = true,
	.lag_ms = 1000,
	.pids = 40,
	.races = 200,
	.weights = {SHELL_WEIGHTS}},
    {.name = "thread-reuse",
	.acct = true,
	.lag_ms = 1000,
	.pids = 40,
	.delayed = 20,
	.weights = {THREAD_WEIGHTS}},
    {.name = "storm",
	.acct = true,
	.lag_ms = 200,
	.pids = 6,
	.weights = {SHELL_WEIGHTS}},
    {.name = "storm-unaccounted",
	.lag_ms = 200,
	.pids = 6,
	.weights = {SHELL_WEIGHTS}},
    {.name = "behind",
	.acct = true,
	.lag_ms = 1000,
	.hang_ms = 5000,
	.pids = 40,
	.weights = {SHELL_WEIGHTS}},
    {.name = "accounting-off", .lag_ms = 1000, .weights = {SHELL_WEIGHTS}},
    {.name = "accounting-gap",
	.acct = true,
	.acct_gap = true,
	.lag_ms = 1000,
	.weights = {SHELL_WEIGHTS}},
    {.name = "accounting-noticed",
	.acct = true,
	.acct_gap = true,
	.acct_noticed = true,
	.lag_ms = 1000,
	.weights = {SHELL_WEIGHTS}},
    {.name = "late-accounting",
	.acct = true,
	.acct_lag_ms = 4000,
	.lag_ms = 1000,
	.weights = {THREAD_WEIGHTS}},
    {.name = "losses",
	.acct = true,
	.losses = true,
	.lag_ms = 1000,
	.weights = {SHELL_WEIGHTS}},
    {.name = "clock",
	.acct = true,
	.clock = true,
	.lag_ms = 1000,
	.weights = {SHELL_WEIGHTS}},
    {.name = "serials",
	.acct = true,
	.old_serials = true,
	.lag_ms = 1000,
	.weights = {THREAD_WEIGHTS}},
    {.name = "interleaved",
	.acct = true,
	.split = true,
	.weights = {THREAD_WEIGHTS}},
    {.name = "split",
	.acct = true,
	.split = true,
	.lag_ms = 1000,
	.weights = {THREAD_WEIGHTS}},
    {.name = "torn",
	.acct = true,
	.torn = true,
	.lag_ms = 1000,
	.weights = {SHELL_WEIGHTS}},
    {.name = "aside",
	.acct = true,
	.aside = true,
	.lag_ms = 500,
	.weights = {SHELL_WEIGHTS}},
    {.name = "adversarial",
	.acct = true,
	.unaudited = true,
	.subreapers = true,
	.pids = 100,
	.lag_ms = 1500,
	.births_ms = 3000,
	.races = 50,
	.delayed = 50,
	.weights = {THREAD_WEIGHTS, [SIM_CLONE_PARENT] = 10,
	    [SIM_CLONE3_PARENT] = 5, [SIM_CLONE_NEWPID] = 15, [SIM_UNSHARE] = 5,
	    [SIM_SETNS] = 5, [SIM_SECCOMP] = 10, [SIM_SWITCH_ACCT] = 5,
	    [SIM_HELPER] = 5, [SIM_KTHREAD] = 5}},
};

/* What is kept takes longer than all else: one history of so many. */
#define KILLED_EACH 4

struct options {
	const struct sim_profile *profile;
	uint64_t seed;
	int histories, lives;
	bool trace;
	bool bytes;
	bool live;
};

static const struct sim_profile *
find_profile(const char *name)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	}
	return NULL;
}

static void
usage(void)
{
	fputs("usage: sim [--profile NAME] [--seed S] [--histories N] "
	      "[--lives N] [--bytes] [--live] [--trace]\nprofiles:",
	    stderr);
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		fprintf(stderr, " %s", profiles[i].name);
	fputc('\n', stderr);
}

/* True if all is well with the options. */
static bool
parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
	    {"profile", required_argument, NULL, 'p'},
	    {"seed", required_argument, NULL, 's'},
	    {"histories", required_argument, NULL, 'n'},
	    {"lives", required_argument, NULL, 'l'},
	    {"bytes", no_argument, NULL, 'b'}, {"live", no_argument, NULL, 'v'},
	    {"trace", no_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'p':
			o->profile = find_profile(optarg);
			break;
		case 's':
			o->seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			o->histories = atoi(optarg);
			break;
		case 'l':
			o->lives = atoi(optarg);
			break;
		case 'b':
			o->bytes = true;
			break;
		case 'v':
			o->live = true;
			break;
		case 't':
			o->trace = true;
			break;
		default:
			return false;
		}
	}
	return optind == argc && o->profile != NULL && o->histories > 0 &&
	       o->lives > 0;
}

static bool
deliver(struct sim_check *c, const struct sim_history *h,
    const struct sim_facts *f, const char *way)
{
	c->killed = strcmp(way, "killed") == 0;
	sim_check_begin(c, h, f, way);
	if (strcmp(way, "live") == 0 || c->killed)
		sim_deliver_live(c);
	else
		sim_deliver_replay(c, strcmp(way, "permuted") == 0);
	sim_check_end(c);
	return c->differences == 0;
}

static bool
deliver_live(
    struct sim_check *c, const struct sim_history *h, const struct sim_facts *f)
{
	bool well = deliver(c, h, f, "live");

	if (!c->bytes && h->seed % KILLED_EACH == 0)
		well &= deliver(c, h, f, "killed");
	return well;
}

/* As a replay; of text in another order the same must be told. */
static bool
deliver_replay(
    struct sim_check *c, const struct sim_history *h, const struct sim_facts *f)
{
	bool well = deliver(c, h, f, "replay");

	if (!c->bytes)
		return well;
	sim_check_keep(c);
	well &= deliver(c, h, f, "permuted");
	sim_check_compare(c);
	return well && c->differences == 0;
}

int
main(int argc, char **argv)
{
	struct options o = {
	    .profile = &profiles[0], .seed = 1, .histories = 100, .lives = 200};
	struct sim_check c = {.out = stdout};
	struct sim_facts f = {0};
	struct sim_history *h;
	uint64_t lives = 0;
	int failed = 0;
	bool well;

	if (!parse(&o, argc, argv)) {
		usage();
		return 2;
	}
	h = sim_history_new();
	if (h == NULL)
		return 2;
	c.trace = o.trace;
	c.bytes = o.bytes;
	for (int i = 0; i < o.histories; i++) {
		sim_history_run(h, o.profile, o.seed + (uint64_t)i, o.lives);
		sim_facts_make(&f, h);
		lives += (uint64_t)h->nlives;
		well = deliver_live(&c, h, &f);
		if (!o.live)
			well &= deliver_replay(&c, h, &f);
		failed += !well;
	}
	printf("%s: %d of %d histories differ; %" PRIu64 " lives, %" PRIu64
	       " events, %" PRIu64 " births inferred, %" PRIu64
	       " ends uncertain, %" PRIu64 " vanished, %" PRIu64
	       " not provable, %" PRIu64 " overtaken, %" PRIu64
	       " mixed, %" PRIu64 " births guessed, %" PRIu64 " wrong\n",
	    o.profile->name, failed, o.histories, lives, c.events, c.inferred,
	    c.uncertain, c.vanished, c.unproven, c.overtaken, c.mixed,
	    c.guessed, c.wrong);
	sim_check_fini(&c);
	sim_facts_fini(&f);
	sim_history_free(h);
	return failed > 0 ? 1 : 0;
}
