/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen_acct.h"

#include <assert.h>
#include <linux/acct.h>
#include <stdbool.h>
#include <string.h>

#define PTS_MAJOR 136

#define COMP_FRACTION                                                          \
	0x1fff /* a comp_t has 13 bits of it, and 3 of exponent                \
		*/
#define COMP_MAX 0xffff

/* The mantissa of a float, with its hidden bit. */
#define FLOAT_BITS 24

/* encode_comp_t(): base 8 exponent, the last digit cut off rounds. */
static comp_t
encode_comp(uint64_t value)
{
	unsigned exponent = 0;
	bool round_up = false;

	while (value > COMP_FRACTION) {
		round_up = (value & 4) != 0;
		value >>= 3;
		exponent++;
	}
	if (round_up && ++value > COMP_FRACTION) {
		value >>= 3;
		exponent++;
	}
	if (exponent > 7)
		return COMP_MAX;
	return (comp_t)(exponent << 13 | value);
}

/* encode_float(): what does not fit into the mantissa is cut, not rounded. */
static float
encode_float(uint64_t value)
{
	unsigned cut = 0;

	while ((value >> cut) >> FLOAT_BITS != 0)
		cut++;
	return (float)((value >> cut) << cut);
}

void
acct_encode(unsigned char to[ACCT_ENTRY_SIZE], const struct acct_entry *e)
{
	uint64_t elapsed = (uint64_t)(e->died_us - e->born_us) / 10000;
	struct acct_v3 a = {
	    .ac_flag = (char)e->flags,
	    .ac_version = 3,
	    .ac_exitcode = e->status,
	    .ac_uid = e->uid,
	    .ac_gid = e->gid,
	    .ac_pid = (uint32_t)e->pid,
	    .ac_ppid = (uint32_t)e->ppid,
	    .ac_etime = encode_float(elapsed),
	    .ac_utime = encode_comp(e->user_cs),
	    .ac_stime = encode_comp(e->system_cs),
	    .ac_mem = encode_comp(e->mem_kb),
	    .ac_minflt = encode_comp(e->minor_faults),
	    .ac_majflt = encode_comp(e->major_faults),
	};

	static_assert(sizeof(a) == ACCT_ENTRY_SIZE, "acct_v3 is 64 bytes");
	if (e->tty >= 0)
		a.ac_tty =
		    (uint16_t)((PTS_MAJOR + e->tty / 256) << 8 | e->tty % 256);
	/* Both are floored first, so the birth can be a second late. */
	a.ac_btime =
	    (uint32_t)(e->died_us / 1000000 - (int64_t)(elapsed / 100));
	memcpy(a.ac_comm, e->comm, strnlen(e->comm, sizeof(a.ac_comm) - 1));
	memcpy(to, &a, sizeof(a));
}

void
acct_write(FILE *file, const struct acct_entry *e)
{
	unsigned char entry[ACCT_ENTRY_SIZE];

	acct_encode(entry, e);
	fwrite(entry, sizeof(entry), 1, file);
}
