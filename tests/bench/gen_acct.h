/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_acct - an accounting record as fill_ac() and do_acct_process() of
 * kernel/acct.c make it, in the byte order of this machine.
 */
#ifndef GEN_ACCT_H
#define GEN_ACCT_H

#include <stdint.h>
#include <stdio.h>

struct acct_entry {
	int32_t pid, ppid;
	uint32_t uid, gid;
	int tty; /* N of pts/N, -1: none */
	int64_t born_us, died_us;
	uint32_t user_cs, system_cs; /* 1/100 s */
	uint32_t mem_kb, minor_faults, major_faults;
	uint32_t status; /* as from waitpid(2) */
	uint8_t flags;
	const char *comm;
};

#define ACCT_ENTRY_SIZE 64

/* Makes the bytes of one record. */
void acct_encode(unsigned char to[ACCT_ENTRY_SIZE], const struct acct_entry *e);
/* Writes one record; errors show in ferror(file). */
void acct_write(FILE *file, const struct acct_entry *e);

#endif
