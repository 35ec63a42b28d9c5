/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acct_marks - when what stands in an accounting file was written.
 *
 * Each look at the file leaves a mark: so large it was then. What comes after
 * that was not written yet; what comes before it had been. So a record may be
 * read long after it was seen to come, and its dates are as if it had been
 * read then. Times are real, in ms, and those of the looks.
 */
#ifndef ACCT_MARKS_H
#define ACCT_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"

/* So many are kept; of more every second one goes, and dates are less exact. */
#define ACCT_MARKS_MAX 256

/* The file was of that size by since_ms, and still at until_ms. */
struct acct_mark {
	uint64_t size;
	int64_t since_ms; /* TIME_UNKNOWN until the next look */
	int64_t until_ms;
	uint64_t order; /* until_ms was after all facts before this; 0: until
			   the next look that is not known */
};

/* In the order of their sizes, which are all different. All zero: none. */
struct acct_marks {
	struct acct_mark at[ACCT_MARKS_MAX];
	size_t n;
	int64_t now_ms; /* when the present look began */
};

/*
 * A look begins at now_ms; so many facts have been told. Those that were told
 * since the look before had been read before that one.
 */
void acct_marks_look(struct acct_marks *m, int64_t now_ms, uint64_t facts);

/*
 * The file has this size at that look. False if it is smaller than it was: it
 * was cut, and no other mark is left.
 */
bool acct_marks_note(struct acct_marks *m, uint64_t size);

/*
 * Dates what stands at offset: read_ms if it was there at a look before the
 * present one, unwritten_ms and order if there is one at which it was not.
 */
void acct_marks_date(
    const struct acct_marks *m, uint64_t offset, struct fact_acct *a);

/*
 * Where what was certainly written after ms begins, as far as is known;
 * UINT64_MAX: nowhere.
 */
uint64_t acct_marks_after(const struct acct_marks *m, int64_t ms);

/* All before offset was read. */
void acct_marks_read(struct acct_marks *m, uint64_t offset);

/*
 * The file was cut since the last look but this one, and is read on at offset:
 * what is there now came after that.
 */
void acct_marks_cut(struct acct_marks *m, uint64_t offset);

#endif
