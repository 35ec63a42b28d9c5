/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "child.h"

#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

/* So many files may be open in who starts it. */
#define FILES_MAX 65536

static bool
is_own(int fd, const int *own, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (own[i] == fd)
			return true;
	}
	return false;
}

void
child_begin(const char *name, const int *own, size_t n)
{
	long max = sysconf(_SC_OPEN_MAX);

	prctl(PR_SET_NAME, name);
	close(STDIN_FILENO);
	for (int fd = STDERR_FILENO + 1; fd < max && fd < FILES_MAX; fd++) {
		if (!is_own(fd, own, n))
			close(fd);
	}
}
