/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names - one copy of each string that many lives share: comm, exe, keys.
 *
 * A thousand shells have one "/usr/bin/bash" among them. Strings are counted
 * by reference and never change.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>

#include "text.h"

struct names;
struct name; /* one string; NULL stands for an unknown one */

struct names *names_new(void);    /* NULL: no memory */
void names_free(struct names *n); /* all names with it; NULL is fine */

/*
 * The name for these bytes, with one more reference for the caller. NULL for
 * BYTES_NONE, and when memory is short: the string is unknown then.
 */
struct name *names_get(struct names *n, struct bytes b);

/* One more reference to a name that the caller knows to be alive. */
struct name *name_share(struct name *m);
/* One reference less; the last one frees it. NULL is fine. */
void names_put(struct names *n, struct name *m);

/* The bytes, as long as the caller holds a reference; NULL: BYTES_NONE. */
struct bytes name_bytes(const struct name *m);

size_t names_count(const struct names *n); /* different strings alive */

#endif
