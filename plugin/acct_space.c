/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_space.h"

#include <stdio.h>

/* kernel.acct's defaults (kernel/acct.c). */
#define RESUME_PERCENT  4
#define SUSPEND_PERCENT 2

void
acct_space_limits(const char *text, int *resume, int *suspend)
{
	if (text != NULL && sscanf(text, "%d %d", resume, suspend) == 2)
		return;
	*resume = RESUME_PERCENT;
	*suspend = SUSPEND_PERCENT;
}

/*
 * Between the two limits accounting goes on but does not start: if it is
 * silent there, it has not resumed (kernel/acct.c, check_free_space()).
 */
bool
acct_space_is_low(const struct statvfs *fs)
{
	FILE *in = fopen("/proc/sys/kernel/acct", "re");
	char text[64] = "";
	int resume, suspend;

	if (in != NULL) {
		if (fgets(text, sizeof(text), in) == NULL)
			text[0] = '\0';
		fclose(in);
	}
	acct_space_limits(text, &resume, &suspend);
	return (double)fs->f_bavail < (double)fs->f_blocks * resume / 100 ||
	       (double)fs->f_bavail <= (double)fs->f_blocks * suspend / 100;
}
