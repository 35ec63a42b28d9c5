/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz - what fuzzers of what goes through libauparse share.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libauparse 3.0.9 forgets the first of two cwd= in one record. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libauparse";
}

static inline void
check(bool right)
{
	if (!right)
		abort();
}

#endif
