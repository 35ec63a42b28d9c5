/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_judge.h"

void
check_judge_sinks(const struct check_world *w, struct check_report *r)
{
	for (size_t i = 0; i < w->nsinks; i++) {
		const struct check_sink *found = &w->sinks[i];

		check_say(r, found->reached ? CHECK_OK : CHECK_BROKEN, "%s: %s",
		    found->name, found->text);
	}
}
