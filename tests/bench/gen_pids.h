/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_pids - numbers for processes and threads as alloc_pid() of the kernel
 * hands them out: the next free one, from the beginning again after the last.
 */
#ifndef GEN_PIDS_H
#define GEN_PIDS_H

#include <stdbool.h>
#include <stdint.h>

struct pids {
	int32_t first, last; /* the range, both included */
	int32_t next;
	int32_t taken; /* how many */
	bool *used;
};

void pids_init(struct pids *p, int32_t first, int32_t last);
void pids_free(struct pids *p);

/* 0 if every number is in use. */
int32_t pids_take(struct pids *p);
void pids_give_back(struct pids *p, int32_t pid);

#endif
