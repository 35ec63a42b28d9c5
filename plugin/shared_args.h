/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared_args - the arguments of an exec, as long as lives have them: a fork
 * inherits them. Counted by reference, and no larger than what is in them.
 */
#ifndef SHARED_ARGS_H
#define SHARED_ARGS_H

#include <stddef.h>

#include "blocks.h"
#include "fact.h"

struct shared_args; /* NULL stands for unknown ones */

/*
 * A copy of what fits into max bytes, less than 4 GiB; the rest counts as
 * truncated. NULL for unknown ones, and when memory is short.
 */
struct shared_args *shared_args_new(
    struct blocks *b, const struct args *args, size_t max);

/* One reference more; NULL is fine. */
struct shared_args *shared_args_get(struct shared_args *s);
/* One less; the last one gives them back to where they are of. NULL is fine. */
void shared_args_put(struct blocks *b, struct shared_args *s);

/* What is in them, as long as the caller has a reference; NULL: bytes.at is
 * NULL. */
struct args shared_args_view(const struct shared_args *s);

#endif
