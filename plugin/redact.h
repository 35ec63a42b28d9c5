/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redact - hides what arguments should not tell.
 *
 * A pattern is text with one "*". "--password=*" hides what follows in an
 * argument that begins so; "-p *", with a blank before the star, hides the
 * argument after one that is exactly "-p". What is hidden becomes
 * "[redacted]".
 */
#ifndef REDACT_H
#define REDACT_H

#include <stddef.h>

#include "err.h"
#include "fact.h"

/* 0, or -1 with err if it is no pattern. */
int redact_check(const char *pattern, struct err *err);

/*
 * Applies n patterns to *args. If anything is hidden, args->bytes points into
 * out (of size bytes) afterwards and redacted_count says how many, with what
 * was hidden before; else nothing changes. What does not fit into out is cut
 * and args->truncated set, never let through unhidden.
 */
void redact_args(const char *const *patterns, size_t n, struct args *args,
    char *out, size_t size);

#endif
