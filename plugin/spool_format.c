/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool_format.h"

#include <endian.h>
#include <string.h>

#include <zlib.h>

#define KIND_SIZE 16
#define INTRO     (KIND_SIZE + 8) /* kind, version, checksum */

static const char segment_kind[KIND_SIZE] = "proclife spool\n";
static const char cursor_kind[KIND_SIZE] = {'p', 'r', 'o', 'c', 'l', 'i', 'f',
    'e', ' ', 'c', 'u', 'r', 's', 'o', 'r', '\n'};

static void
put_u32(char *at, uint32_t n)
{
	n = htole32(n);
	memcpy(at, &n, sizeof(n));
}

static void
put_u64(char *at, uint64_t n)
{
	n = htole64(n);
	memcpy(at, &n, sizeof(n));
}

static uint32_t
get_u32(const char *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof(n));
	return le32toh(n);
}

static uint64_t
get_u64(const char *at)
{
	uint64_t n;

	memcpy(&n, at, sizeof(n));
	return le64toh(n);
}

static uint32_t
checksum(const char *at, size_t len)
{
	return (uint32_t)crc32_z(0, (const Bytef *)at, len);
}

static void
put_intro(char *at, const char kind[KIND_SIZE])
{
	memcpy(at, kind, KIND_SIZE);
	put_u32(at + KIND_SIZE, SPOOL_VERSION);
	put_u32(at + KIND_SIZE + 4, checksum(at, KIND_SIZE + 4));
}

/* Of an intro and what follows, size bytes with the checksum at the end. */
static enum spool_read
check(const char *at, size_t size, const char kind[KIND_SIZE])
{
	if (memcmp(at, kind, KIND_SIZE) != 0 ||
	    get_u32(at + KIND_SIZE + 4) != checksum(at, KIND_SIZE + 4))
		return SPOOL_READ_BAD;
	if (get_u32(at + KIND_SIZE) > SPOOL_VERSION)
		return SPOOL_READ_NEWER;
	if (get_u32(at + size - 4) != checksum(at, size - 4))
		return SPOOL_READ_BAD;
	return SPOOL_READ_OK;
}

void
spool_put_head(char at[SPOOL_HEAD_SIZE], const struct spool_head *h)
{
	put_intro(at, segment_kind);
	put_u64(at + INTRO, h->first);
	put_u64(at + INTRO + 8, (uint64_t)h->time_ms);
	put_u32(at + INTRO + 16, checksum(at, INTRO + 16));
}

enum spool_read
spool_get_head(const char at[SPOOL_HEAD_SIZE], struct spool_head *h)
{
	enum spool_read found = check(at, SPOOL_HEAD_SIZE, segment_kind);

	if (found == SPOOL_READ_OK) {
		h->first = get_u64(at + INTRO);
		h->time_ms = (int64_t)get_u64(at + INTRO + 8);
	}
	return found;
}

void
spool_put_place(char at[SPOOL_CURSOR_SIZE], const struct spool_place *p)
{
	put_intro(at, cursor_kind);
	put_u64(at + INTRO, p->turn);
	put_u64(at + INTRO + 8, p->done);
	put_u64(at + INTRO + 16, (uint64_t)p->oldest_ms);
	put_u64(at + INTRO + 24, p->lost.count);
	put_u64(at + INTRO + 32, (uint64_t)p->lost.since_ms);
	put_u64(at + INTRO + 40, (uint64_t)p->lost.until_ms);
	put_u32(at + INTRO + 48, checksum(at, INTRO + 48));
}

enum spool_read
spool_get_place(const char at[SPOOL_CURSOR_SIZE], struct spool_place *p)
{
	enum spool_read found = check(at, SPOOL_CURSOR_SIZE, cursor_kind);

	if (found != SPOOL_READ_OK)
		return found;
	p->turn = get_u64(at + INTRO);
	p->done = get_u64(at + INTRO + 8);
	p->oldest_ms = (int64_t)get_u64(at + INTRO + 16);
	p->lost.count = get_u64(at + INTRO + 24);
	p->lost.since_ms = (int64_t)get_u64(at + INTRO + 32);
	p->lost.until_ms = (int64_t)get_u64(at + INTRO + 40);
	return found;
}

/* The frame has its length and time already. */
static uint32_t
record_checksum(const char *at, size_t len, uint64_t number)
{
	char before[20];
	uLong crc;

	put_u64(before, number);
	memcpy(before + 8, at, 4);
	memcpy(before + 12, at + 8, 8);
	crc = crc32_z(0, (const Bytef *)before, sizeof(before));
	return (uint32_t)crc32_z(
	    crc, (const Bytef *)at + SPOOL_FRAME_SIZE, len);
}

void
spool_put_frame(char *at, size_t len, uint64_t number, int64_t time_ms)
{
	put_u32(at, (uint32_t)len);
	put_u64(at + 8, (uint64_t)time_ms);
	put_u32(at + 4, record_checksum(at, len, number));
}

size_t
spool_record_size(const char frame[SPOOL_FRAME_SIZE])
{
	uint32_t len = get_u32(frame);

	return len > 0 && len <= SPOOL_RECORD_MAX ? SPOOL_FRAME_SIZE + len : 0;
}

int64_t
spool_record_time(const char frame[SPOOL_FRAME_SIZE])
{
	return (int64_t)get_u64(frame + 8);
}

enum spool_read
spool_get_record(const char *at, uint64_t number, struct spool_record *r)
{
	size_t len = get_u32(at);

	if (get_u32(at + 4) != record_checksum(at, len, number))
		return SPOOL_READ_BAD;
	r->payload = (struct bytes){at + SPOOL_FRAME_SIZE, len};
	r->time_ms = spool_record_time(at);
	return SPOOL_READ_OK;
}

void
spool_add_dropped(
    struct spool_dropped *d, uint64_t n, int64_t since_ms, int64_t until_ms)
{
	if (n == 0)
		return;
	if (d->count == 0 || since_ms < d->since_ms)
		d->since_ms = since_ms;
	if (d->count == 0 || until_ms > d->until_ms)
		d->until_ms = until_ms;
	d->count += n;
}
