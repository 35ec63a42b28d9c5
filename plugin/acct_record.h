/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acct_record - 64 bytes of the accounting file to a fact.
 *
 * Version 3 of either byte order. Versions 1 and 2 carry no pid, so nothing
 * can be joined with them: they are refused by name. Pure: no descriptor.
 */
#ifndef ACCT_RECORD_H
#define ACCT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"

#define ACCT_RECORD_SIZE 64

/* ac_flag; see include/uapi/linux/acct.h */
#define ACCT_FORK 0x01 /* forked, never exec'd (stale after some execs) */
#define ACCT_CORE 0x08 /* a core dump was attempted */
#define ACCT_XSIG 0x10 /* some thread got a fatal signal: not a proof */

enum acct_verdict {
	ACCT_OK,
	ACCT_BAD,         /* not an accounting record at all */
	ACCT_OLD_VERSION, /* version 1 or 2: the kernel lacks v3 */
};

/*
 * Decodes one record into a FACT_ACCT: pid, ppid, comm, creds.uid and .gid
 * (real ids at exit), tty and the acct member except offset and the times of
 * reading, which the caller sets. comm points into record.
 */
enum acct_verdict acct_record_decode(
    const unsigned char record[ACCT_RECORD_SIZE], struct fact *fact);

/*
 * True for the record of a process that lives: whoever switches accounting off
 * or to another file, or unmounts its file system (kernel/acct.c,
 * acct_pin_kill()). Such a record has no size, that of a kernel thread is
 * marked as forked, and of a usermode helper 2 is the parent.
 */
bool acct_record_is_of_the_living(const struct fact *fact);

/* The number a comp_t of accounting means. */
uint64_t acct_record_comp(uint16_t comp);

/* How many of len bytes to skip to come to what looks like a record again. */
size_t acct_record_resync(const unsigned char *at, size_t len);

#endif
