/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feed_value - the values of fields, as the kernel writes them.
 */
#ifndef FEED_VALUE_H
#define FEED_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"

/* What is out of range or no number counts as ID_UNSET. */
uint32_t feed_value_id(struct bytes s);
/* The same; -1: unset. */
int32_t feed_value_pid(struct bytes s);

/* What a call returned, which may be negative; what is no number counts as 0.
 */
int64_t feed_value_result(struct bytes s);
/* An argument of a call, in hexadecimal; the same. */
uint64_t feed_value_argument(struct bytes s);

/* pts0, ttyS1 ...: only pseudo terminals can be numbered by name. */
struct tty feed_value_tty(struct bytes s);

/* Whether it is a string in quotes, or in hexadecimal. */
bool feed_value_is_plain(struct bytes s);

/*
 * Decodes a string as audit_log_untrustedstring() of kernel/audit.c writes it:
 * in quotes as it is, else two hexadecimal digits a byte. What is neither is
 * taken literally (some old kernels forget a quote). Returns its length, at
 * most room; *cut is set if that was not enough.
 */
size_t feed_value_string(struct bytes s, char *out, size_t room, bool *cut);

#endif
