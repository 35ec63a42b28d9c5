/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Others may compute the same ids. Each is the first 128 bits of a SHA-256
 * over a tag in ASCII, with the NUL that ends it, and then:
 *
 *	proclife.name		a host or boot id that is no UUID, as it is
 *	proclife.life.record	host, boot, pid, ms, serial
 *	proclife.life.acct	host, boot, pid, birth, duration, offset
 *	proclife.life.ticks	host, boot, pid, ticks
 *	proclife.event.fork	life, ms, serial
 *	proclife.event.exec	life, ms, serial
 *	proclife.event.end	life
 *	proclife.event.already_running	life
 *	proclife.notice		ephemeral id, sequence
 *
 * Numbers are big-endian: pid and serial of 32 bits, all others of 64; negative
 * ones in two's complement. birth is in seconds and ms in milliseconds since
 * 1970, duration is the IEEE 754 double of 1/100 s. Host, boot, life and
 * ephemeral id are the 16 bytes of a UUID. Six bits of the result are then
 * overwritten with version 8 and variant 10 (RFC 9562, 5.8).
 */
#include "ident.h"

#include <assert.h>
#include <string.h>

#include <nettle/sha2.h>

#include "digits.h"

#define UUID_CHARS 36

/* Where the hyphens of a UUID stand. */
static bool
is_hyphen(size_t at)
{
	return at == 8 || at == 13 || at == 18 || at == 23;
}

static void
add_u32(struct sha256_ctx *sha, uint32_t n)
{
	const uint8_t b[4] = {
	    (uint8_t)(n >> 24),
	    (uint8_t)(n >> 16),
	    (uint8_t)(n >> 8),
	    (uint8_t)n,
	};

	sha256_update(sha, sizeof(b), b);
}

static void
add_u64(struct sha256_ctx *sha, uint64_t n)
{
	add_u32(sha, (uint32_t)(n >> 32));
	add_u32(sha, (uint32_t)n);
}

static void
add_uuid(struct sha256_ctx *sha, const struct uuid *u)
{
	sha256_update(sha, sizeof(u->b), u->b);
}

static void
add_stamp(struct sha256_ctx *sha, struct stamp at)
{
	add_u64(sha, (uint64_t)at.ms);
	add_u32(sha, at.serial);
}

static void
start(struct sha256_ctx *sha, const char *tag)
{
	sha256_init(sha);
	sha256_update(sha, strlen(tag) + 1, (const uint8_t *)tag);
}

static void
start_life(
    struct sha256_ctx *sha, const char *tag, const struct ident *i, int32_t pid)
{
	start(sha, tag);
	add_uuid(sha, &i->host);
	add_uuid(sha, &i->boot);
	add_u32(sha, (uint32_t)pid);
}

static struct uuid
finish(struct sha256_ctx *sha)
{
	struct uuid u;

	sha256_digest(sha, sizeof(u.b), u.b);
	u.b[6] = (uint8_t)(0x80 | (u.b[6] & 0x0f));
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f));
	return u;
}

/* False if it is no UUID; *u is then undefined. */
static bool
parse(const char *text, struct uuid *u)
{
	size_t len = strlen(text), digits = 0;

	if (len != UUID_CHARS && len != UUID_CHARS - 4)
		return false;
	*u = (struct uuid){{0}};
	for (size_t at = 0; at < len; at++) {
		if (len == UUID_CHARS && is_hyphen(at)) {
			if (text[at] != '-')
				return false;
			continue;
		}
		int digit = digits_hex_value(text[at]);
		if (digit < 0)
			return false;
		uint8_t *b = &u->b[digits++ / 2];
		*b = (uint8_t)(*b << 4 | digit);
	}
	return true;
}

static struct uuid
uuid_of(const char *text)
{
	struct sha256_ctx sha;
	struct uuid u;

	if (text == NULL || *text == '\0')
		return (struct uuid){{0}};
	if (parse(text, &u))
		return u;
	start(&sha, "proclife.name");
	sha256_update(&sha, strlen(text), (const uint8_t *)text);
	return finish(&sha);
}

void
ident_init(struct ident *i, const char *host_id, const char *boot_id)
{
	i->host = uuid_of(host_id);
	i->boot = uuid_of(boot_id);
}

struct uuid
ident_life_record(const struct ident *i, int32_t pid, struct stamp at)
{
	struct sha256_ctx sha;

	start_life(&sha, "proclife.life.record", i, pid);
	add_stamp(&sha, at);
	return finish(&sha);
}

struct uuid
ident_life_acct(
    const struct ident *i, int32_t pid, const struct fact_acct *acct)
{
	struct sha256_ctx sha;
	uint64_t duration;

	_Static_assert(sizeof(duration) == sizeof(acct->elapsed_cs),
	    "a double has 64 bits");
	memcpy(&duration, &acct->elapsed_cs, sizeof(duration));
	start_life(&sha, "proclife.life.acct", i, pid);
	add_u64(&sha, (uint64_t)acct->birth_s);
	add_u64(&sha, duration);
	add_u64(&sha, acct->offset);
	return finish(&sha);
}

struct uuid
ident_life_ticks(const struct ident *i, int32_t pid, uint64_t ticks)
{
	struct sha256_ctx sha;

	start_life(&sha, "proclife.life.ticks", i, pid);
	add_u64(&sha, ticks);
	return finish(&sha);
}

struct uuid
ident_event(const struct uuid *life, enum event_action action, struct stamp at)
{
	static const char *const tags[] = {
	    [EVENT_FORK] = "proclife.event.fork",
	    [EVENT_EXEC] = "proclife.event.exec",
	    [EVENT_END] = "proclife.event.end",
	    [EVENT_ALREADY_RUNNING] = "proclife.event.already_running",
	};
	struct sha256_ctx sha;

	assert(action <= EVENT_ALREADY_RUNNING);
	start(&sha, tags[action]);
	add_uuid(&sha, life);
	if (action == EVENT_FORK || action == EVENT_EXEC)
		add_stamp(&sha, at);
	return finish(&sha);
}

struct uuid
ident_notice(const struct uuid *ephemeral, uint64_t sequence)
{
	struct sha256_ctx sha;

	start(&sha, "proclife.notice");
	add_uuid(&sha, ephemeral);
	add_u64(&sha, sequence);
	return finish(&sha);
}

void
ident_print(struct text *t, const struct uuid *u)
{
	static const char hex[] = "0123456789abcdef";
	char *to = text_claim(t, UUID_CHARS);

	if (to == NULL)
		return;
	for (size_t i = 0; i < sizeof(u->b); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = hex[u->b[i] >> 4];
		*to++ = hex[u->b[i] & 15];
	}
}
