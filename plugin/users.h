/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * users - sets of users, as a setting names them.
 *
 * Each part is a number, a range of numbers ("1000-60000") or a name in
 * /etc/passwd; with a "!" before it, who is not in the set. With nothing but
 * such parts all others are in it. Names of other sources than that file are
 * not looked up: whoever asks a server may have to wait for it.
 */
#ifndef USERS_H
#define USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct users;

/* 0 if the part can be understood, or -1 with err. */
int users_check(const char *part, struct err *err);

/* The set of n parts; of none: everybody. NULL with err. */
struct users *users_new(const char *const *parts, size_t n, struct err *err);
void users_free(struct users *u); /* NULL is fine */

bool users_have(const struct users *u, uint32_t uid);

#endif
