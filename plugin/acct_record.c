/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_record.h"

#include <math.h>
#include <string.h>

/*
 * Where things stand in struct acct_v3 and, AT_V2_*, in struct acct of
 * include/uapi/linux/acct.h. Neither has padding.
 */
enum {
	AT_FLAG = 0,
	AT_VERSION = 1,
	AT_TTY = 2,
	AT_EXITCODE = 4,
	AT_UID = 8,
	AT_GID = 12,
	AT_PID = 16,
	AT_PPID = 20,
	AT_BTIME = 24,
	AT_ETIME = 28,
	AT_UTIME = 32,
	AT_STIME = 34,
	AT_MEM = 36,
	AT_MINFLT = 42,
	AT_MAJFLT = 44,
	AT_COMM = 48,
	AT_V2_AHZ = 30,
	AT_V2_COMM = 36,
	AT_V1_COMM = 34, /* m68k alone: no ac_ahz before it */
};

/* Older than 136 years in hundredths of a second: no machine is. */
#define ELAPSED_CS_MAX 4294967296e2

#define COMM_SIZE    16
#define V2_COMM_SIZE 17

/* Set in the version byte by kernels of big-endian machines. */
#define BIG_ENDIAN_MARK 0x80

/* AFORK to AGROUP: all that the kernel has names for. */
#define KNOWN_FLAGS 0x3f

/* PID_MAX_LIMIT of include/linux/threads.h: no pid reaches it. */
#define PID_LIMIT (4 * 1024 * 1024)

/* The highest USER_HZ of any architecture (alpha). */
#define AHZ_MAX 1024

static bool
is_big(const unsigned char *record)
{
	return (record[AT_VERSION] & BIG_ENDIAN_MARK) != 0;
}

static unsigned
version(const unsigned char *record)
{
	return record[AT_VERSION] & ~(unsigned)BIG_ENDIAN_MARK;
}

static uint16_t
get16(const unsigned char *record, size_t at)
{
	unsigned a = record[at], b = record[at + 1];

	return (uint16_t)(is_big(record) ? a << 8 | b : b << 8 | a);
}

static uint32_t
get32(const unsigned char *record, size_t at)
{
	uint32_t a = get16(record, at), b = get16(record, at + 2);

	return is_big(record) ? a << 16 | b : b << 16 | a;
}

static double
get_float(const unsigned char *record, size_t at)
{
	uint32_t bits = get32(record, at);
	float f;

	_Static_assert(sizeof(f) == sizeof(bits), "float is not IEEE single");
	memcpy(&f, &bits, sizeof(f));
	return (double)f;
}

static uint64_t
get_comp(const unsigned char *record, size_t at)
{
	return acct_record_comp(get16(record, at));
}

/*
 * The kernel clears a record before it fills it, so a name is followed by
 * nothing but zeros, at least one (kernel/acct.c, fill_ac()). This is what
 * shifted records fail: their name runs into the next record's version.
 */
static bool
is_comm(const unsigned char *at, size_t size)
{
	size_t len = strnlen((const char *)at, size);

	if (len == size)
		return false;
	while (len < size && at[len] == '\0')
		len++;
	return len == size;
}

static bool
is_v3(const unsigned char *record)
{
	uint32_t pid = get32(record, AT_PID);
	double etime;

	if (version(record) != 3 || record[AT_FLAG] > KNOWN_FLAGS)
		return false;
	if (pid == 0 || pid >= PID_LIMIT)
		return false;
	if (get32(record, AT_PPID) >= PID_LIMIT)
		return false;
	etime = get_float(record, AT_ETIME);
	if (!isfinite(etime) || signbit(etime) || etime > ELAPSED_CS_MAX)
		return false;
	return is_comm(record + AT_COMM, COMM_SIZE);
}

/* Stricter about names: a shifted v3 record must not pass for an old one. */
static bool
is_old(const unsigned char *record)
{
	const unsigned char *comm;
	unsigned v = version(record);

	if ((v != 1 && v != 2) || record[AT_FLAG] > KNOWN_FLAGS)
		return false;
	if (v == 1) {
		comm = record + AT_V1_COMM;
	} else {
		uint16_t ahz = get16(record, AT_V2_AHZ);

		if (ahz == 0 || ahz > AHZ_MAX)
			return false;
		comm = record + AT_V2_COMM;
	}
	return comm[0] != '\0' && is_comm(comm, V2_COMM_SIZE);
}

uint64_t
acct_record_comp(uint16_t comp)
{
	return (uint64_t)(comp & 0x1fff) << 3 * (comp >> 13);
}

/*
 * ac_tty has 16 bits (old_encode_dev(), kernel/acct.c), so that a pty's minor
 * number from 256 on spills into the major.
 */
static struct tty
tty_of(uint16_t dev)
{
	uint32_t major = dev >> 8, minor = dev & 0xff;

	if (major >= TTY_PTS_MAJOR && major < TTY_PTS_MAJOR + 8)
		return (struct tty){
		    TTY_PTS_MAJOR, (major - TTY_PTS_MAJOR) * 256 + minor};
	return (struct tty){major, minor};
}

enum acct_verdict
acct_record_decode(
    const unsigned char record[ACCT_RECORD_SIZE], struct fact *fact)
{
	const char *comm = (const char *)record + AT_COMM;
	uint16_t tty;

	if (!is_v3(record))
		return is_old(record) ? ACCT_OLD_VERSION : ACCT_BAD;

	/* old_encode_dev() of include/linux/kdev_t.h: 8 bits each. */
	tty = get16(record, AT_TTY);
	*fact = (struct fact){
	    .kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = (int32_t)get32(record, AT_PID),
	    .ppid = (int32_t)get32(record, AT_PPID),
	    .creds = CREDS_UNKNOWN,
	    .tty = tty_of(tty),
	    .comm = {comm, strnlen(comm, COMM_SIZE)},
	};
	fact->creds.uid = get32(record, AT_UID);
	fact->creds.gid = get32(record, AT_GID);
	fact->acct = (struct fact_acct){
	    .birth_s = get32(record, AT_BTIME),
	    .elapsed_cs = get_float(record, AT_ETIME),
	    .user_cs = get_comp(record, AT_UTIME),
	    .system_cs = get_comp(record, AT_STIME),
	    .mem_kb = get_comp(record, AT_MEM),
	    .minor_faults = get_comp(record, AT_MINFLT),
	    .major_faults = get_comp(record, AT_MAJFLT),
	    .status = get32(record, AT_EXITCODE),
	    .flags = record[AT_FLAG],
	    .read_ms = TIME_UNKNOWN,
	    .unwritten_ms = TIME_UNKNOWN,
	};
	return ACCT_OK;
}

bool
acct_record_is_of_the_living(const struct fact *fact)
{
	return fact->acct.mem_kb == 0 && fact->acct.status == 0 &&
	       (fact->acct.flags & ACCT_FORK) == 0 && fact->pid != 2 &&
	       fact->ppid != 0 && fact->ppid != 2;
}

/* Of two records in a row the second must look right too. */
static bool
is_start(const unsigned char *at, size_t len)
{
	if (len >= 2 * ACCT_RECORD_SIZE && !is_v3(at + ACCT_RECORD_SIZE))
		return false;
	return is_v3(at);
}

size_t
acct_record_resync(const unsigned char *at, size_t len)
{
	size_t skip = 0;

	for (; len - skip >= ACCT_RECORD_SIZE; skip++) {
		if (is_start(at + skip, len - skip))
			break;
	}
	return skip;
}
