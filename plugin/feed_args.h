/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feed_args - the arguments of an exec, out of its EXECVE records:
 * argc=N a0=V a1_len=L a1[0]=V a1[1]=V ...
 *
 * Long arguments come in chunks, many of them over several records, any of
 * which may be missing.
 */
#ifndef FEED_ARGS_H
#define FEED_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "fact.h"

struct feed_args;

/* max: so many bytes are read of one exec, at most. NULL: no memory. */
struct feed_args *feed_args_new(size_t max);
void feed_args_free(struct feed_args *a); /* NULL is fine */

/* Another exec. */
void feed_args_begin(struct feed_args *a);

/* The next field of its records; one that is no part of it is passed over. */
void feed_args_take(struct feed_args *a, const char *name, struct bytes value);

/*
 * The same, of argc and of the argument that comes next, if that is whole; true
 * as well if no more are taken. False: it is for feed_args_take(), which passes
 * over what was taken already.
 */
bool feed_args_take_plain(
    struct feed_args *a, struct bytes name, struct bytes value);

/*
 * All records are read; incomplete: some may not have come. Fills what lacks
 * up to argc. The result is valid until the next exec; its bytes are unknown
 * if there was no record.
 */
const struct args *feed_args_finish(struct feed_args *a, bool incomplete);

#endif
