/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings_keys - the table of all keys.
 *
 * It drives defaults, parsing, checking, printing and the search for unknown
 * keys. A key that is not in it does not exist.
 */
#ifndef SETTINGS_KEYS_H
#define SETTINGS_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "settings.h"

#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* What receivers of syslog take, unless they are told to take more. */
#define SETTINGS_SYSLOG_EVENT 8000

#define SETTINGS_PARTS_MAX 64 /* of any list, sinks included */

enum key_kind {
	KEY_BOOL,
	KEY_NUMBER,   /* uint64_t */
	KEY_SIZE,     /* uint64_t, bytes; text with a unit */
	KEY_DURATION, /* int64_t, ms; text with a unit */
	KEY_NAME,     /* const char * */
	KEY_PATH,     /* const char *, absolute */
	KEY_CHOICE,   /* an enum */
	KEY_CHOICES,  /* unsigned: bits of 1 << enum */
	KEY_PATHS,    /* const char **, and how many */
	KEY_PATTERNS, /* the same, of redact.h */
	KEY_USERS,    /* the same, of users.h */
};

struct settings_key {
	const char *path; /* "limits.lives"; NULL ends a table */
	enum key_kind kind;
	size_t offset;       /* of the member */
	size_t count_offset; /* lists: of the member that counts */
	/* The range; of NAME in bytes, of a list in parts; PATH has none. */
	int64_t min, max;
	/* As in a file; of a list, parts divided by blanks. NULL: derived. */
	const char *preset;
	const char *none;         /* NAME, PATH: this is stored as NULL */
	const char *const *words; /* CHOICE: NULL ends it; index is the value */
	/* Bits, 1 << enum sink_type: who has this key. One that differs between
	 * types stands in more than one line. */
	unsigned sinks;
};

/* The keys outside sinks, and those of one sink; in printing order. */
const struct settings_key *settings_keys(void);
const struct settings_key *settings_sink_keys(void);

#endif
