/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings_store - checks the value of one key and stores it.
 *
 * Knows how a file writes a value, but not the syntax around it.
 */
#ifndef SETTINGS_STORE_H
#define SETTINGS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "settings_keys.h"
#include "text.h"

struct settings_piece; /* the memory of one string or list */

/* Where values go. */
struct settings_store {
	/* A struct settings or, for keys of a sink, a struct sink_settings. */
	void *object;
	struct settings_piece **pieces; /* a list of what object points to */
	struct err *err;
};

void settings_pieces_free(struct settings_piece *p); /* NULL is fine */
/* Zeroed memory, or NULL with err. */
void *settings_alloc(const struct settings_store *to, size_t size);
/* a and b in one string, or NULL with err. */
const char *settings_join(
    const struct settings_store *to, const char *a, const char *b);

/* Each returns 0, or -1 with err. */
int settings_store_number(const struct settings_store *to,
    const struct settings_key *k, int64_t value); /* also BOOL: 0 or 1 */
int settings_store_text(const struct settings_store *to,
    const struct settings_key *k, const char *value);
int settings_store_list(const struct settings_store *to,
    const struct settings_key *k, const char *const *parts, size_t n);
int settings_store_preset(
    const struct settings_store *to, const struct settings_key *k);

/* True if its value is a list, to be stored by settings_store_list(). */
bool settings_is_list(const struct settings_key *k);

/* Says what a value must be: a duration such as "250ms". */
void settings_wants(const struct settings_key *k, struct text *t);

/* n in k's largest unit that leaves a whole number: 64KiB for 65536. */
void settings_quantity(const struct settings_key *k, int64_t n, struct text *t);

#endif
