/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen_pids.h"

#include <assert.h>
#include <errno.h>
#include <error.h>
#include <stdlib.h>

void
pids_init(struct pids *p, int32_t first, int32_t last)
{
	size_t count = (size_t)(last - first) + 1;

	*p = (struct pids){.first = first, .last = last, .next = first};
	p->used = calloc(count, sizeof(p->used[0]));
	if (p->used == NULL)
		error(1, errno, "pids");
}

void
pids_free(struct pids *p)
{
	free(p->used);
}

int32_t
pids_take(struct pids *p)
{
	int32_t pid;

	if (p->taken == p->last - p->first + 1)
		return 0;
	do {
		pid = p->next;
		p->next = pid < p->last ? pid + 1 : p->first;
	} while (p->used[pid - p->first]);
	p->used[pid - p->first] = true;
	p->taken++;
	return pid;
}

void
pids_give_back(struct pids *p, int32_t pid)
{
	assert(p->used[pid - p->first]);
	p->used[pid - p->first] = false;
	p->taken--;
}
