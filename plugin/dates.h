/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dates - when the records of saved accounting files were written.
 *
 * A record says only the second. But the kernel writes one after the other
 * (kernel/acct.c, acct_get() holds a mutex from before the time is taken), and
 * who leaves by itself says so in the stream, before its record is written
 * (kernel/exit.c, do_exit()), and with which code. So each record lies between
 * what those before it and those after it allow. The stream is read ahead for
 * that; where a serial is missing it says nothing. All times are real, in ms.
 */
#ifndef DATES_H
#define DATES_H

#include <stdbool.h>
#include <stdint.h>

#include "fact.h"

/* So far ahead of who takes the records the stream is read, at least: a second,
 * and then until numbers are used again. */
#define DATES_AHEAD_MS 2500

struct dates;

/* NULL: no memory. dates_free(NULL) is fine. */
struct dates *dates_new(void);
void dates_free(struct dates *d);

/* The stream, ahead, in the kernel's order: a record was made. */
void dates_hear(struct dates *d, struct stamp at);
/* And what it says: pid did something, which may have made a thread; */
void dates_act(struct dates *d, int32_t pid, struct stamp at, bool threads);
/* it leaves with this code; */
void dates_exit(struct dates *d, int32_t pid, struct stamp at, uint8_t code);
/* somebody got this number. */
void dates_birth(struct dates *d, int32_t child, struct stamp at);

/* Nothing more comes of the stream. */
void dates_end(struct dates *d);

/* The record that follows in the file. False: no memory; it was not taken. */
bool dates_add(struct dates *d, const struct fact *record);
/* Another file follows: who switched to it lives, and the last record may be
 * of him (kernel/acct.c, acct_pin_kill()). */
void dates_turn(struct dates *d);
/* Whether the stream has come so far that a record of then is added. */
bool dates_is_near(const struct dates *d, const struct fact *record);

/*
 * The first record, if it may have been written by ms, or if all are asked
 * for: *record is that with its bounds, read_ms and unwritten_ms, as far as
 * they are known; else TIME_UNKNOWN. Valid until the next call.
 */
bool dates_take(struct dates *d, int64_t ms, bool all, struct fact *record);

#endif
