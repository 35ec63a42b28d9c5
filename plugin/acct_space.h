/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * acct_space - whether the kernel pauses accounting for lack of disk space.
 */
#ifndef ACCT_SPACE_H
#define ACCT_SPACE_H

#include <stdbool.h>
#include <sys/statvfs.h>

/*
 * The free space, in hundredths, at which the kernel resumes and suspends: as
 * text, the content of /proc/sys/kernel/acct, says, or by default.
 */
void acct_space_limits(const char *text, int *resume, int *suspend);

/* False: so much is left that accounting works, or starts again soon. */
bool acct_space_is_low(const struct statvfs *fs);

#endif
