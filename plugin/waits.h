/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waits - whether a time has passed, by a clock that may be set.
 */
#ifndef WAITS_H
#define WAITS_H

#include <stdbool.h>
#include <stdint.h>

/* True if wait_ms have passed since then, and also when the clock was set back:
 * nobody knows then how much has, and who waits must not wait for long. */
static inline bool
wait_is_over(int64_t since_ms, int64_t wait_ms, int64_t now_ms)
{
	return now_ms < since_ms || now_ms - since_ms >= wait_ms;
}

#endif
