/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - what would be missed on this machine, and the remedy.
 *
 * What can be seen is gathered into a struct check_world; then judges, which
 * look at nothing else, say what they find. What could not be looked at is
 * a finding of its own, and a warning: it may be well.
 */
#ifndef CHECK_H
#define CHECK_H

#include "check_world.h"

enum check_level {
	CHECK_OK,
	CHECK_WARN,
	CHECK_BROKEN
};

struct check_finding {
	enum check_level level;
	const char *name; /* of the check */
	char text[512];
	char remedy[512]; /* a command, or what to do; "": nothing */
};

typedef void (*check_fn)(void *ctx, const struct check_finding *finding);

/* Hands over every finding; returns the worst level. */
enum check_level check_run(const struct check_world *w, check_fn fn, void *ctx);

#endif
