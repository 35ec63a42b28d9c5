/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backlog - lines that one sink has not written yet, within a fixed budget.
 *
 * Lines leave in order. When the budget is spent a new one is refused, never
 * cut: the caller counts it. A line ends in its only newline. Nothing here
 * writes, logs or reads a clock, nor needs more memory after backlog_new().
 *
 * A sink that writes bytes peeks at them and says what was sent; one whose
 * receiver acknowledges lines is given them, and drops them when they arrived.
 */
#ifndef BACKLOG_H
#define BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct backlog;

/* NULL and errno on failure. The caller owns it; backlog_free(NULL) is fine. */
struct backlog *backlog_new(size_t budget);
void backlog_free(struct backlog *b);

/* Copies one line; false if it was refused. */
bool backlog_put(struct backlog *b, const char *line, size_t len);
/* The same of a line that has a head in front of it, which may be empty. */
bool backlog_put_headed(
    struct backlog *b, struct bytes head, const char *line, size_t len);

/* How many bytes wait, and how many fit besides. */
size_t backlog_used(const struct backlog *b);
size_t backlog_room(const struct backlog *b);

/* How many bytes have their room here, those sent or given included. */
size_t backlog_kept(const struct backlog *b);

/* How many lines wait, one that is sent in part included. */
size_t backlog_count(const struct backlog *b);

/*
 * The first len of the bytes that wait, which is not more than backlog_used(),
 * in the one or two parts in which they lie. Valid until the next call.
 */
void backlog_peek(const struct backlog *b, size_t len, struct bytes part[2]);

/* How many of the first max bytes are whole lines. */
size_t backlog_whole(const struct backlog *b, size_t max);

/* Length of the first line (or of the rest of it); 0: none waits. */
size_t backlog_first(const struct backlog *b);

/* The first len bytes are written. */
void backlog_sent(struct backlog *b, size_t len);

/*
 * The next line that waits, newline included, in the one or two parts in which
 * it lies; it keeps its room, and waits no more. False: none does. Valid until
 * the next call. Not to be mixed with backlog_sent().
 */
bool backlog_give(struct backlog *b, struct bytes part[2]);
/* How many lines were given and not dropped. */
size_t backlog_given(const struct backlog *b);
/* The first n of these are done with. */
void backlog_drop(struct backlog *b, size_t n);

/* A line that was sent in part, and those given, wait as a whole again. */
void backlog_rewind(struct backlog *b);

#endif
