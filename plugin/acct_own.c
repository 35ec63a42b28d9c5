/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

#define OLD_SUFFIX ".0"

/* When a failed change of files is tried again. */
#define RETRY_MS 60000

static bool
create(const char *path)
{
	int fd = open(path,
	    O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int
acct_own_init(struct acct_own *o, const char *path, struct err *err)
{
	struct stat st;
	int n = snprintf(o->old, sizeof(o->old), "%s%s", path, OLD_SUFFIX);

	if (n < 0 || (size_t)n >= sizeof(o->old))
		return err_set(err, "acct.own_file is too long");
	if (!create(path))
		return err_errno(err, "accounting file %s", path);
	o->path = path;
	o->has_old = lstat(o->old, &st) == 0;
	o->failed = false;
	return 0;
}

int
acct_own_start(const struct acct_own *o, struct err *err)
{
	if (acct(o->path) < 0)
		return err_errno(err, "acct(2) on %s", o->path);
	return 0;
}

/* A step that an earlier try has done is left out. */
static bool
change(struct acct_own *o, bool is_ours)
{
	if (is_ours && rename(o->path, o->old) < 0)
		return false;
	o->has_old = o->has_old || is_ours;
	return create(o->path) && acct(o->path) == 0;
}

bool
acct_own_change(struct acct_own *o, bool is_ours, int64_t now_ms)
{
	bool done;

	/* also when the clock was set back */
	if (o->failed && now_ms >= o->tried_ms &&
	    now_ms - o->tried_ms < RETRY_MS)
		return false;
	done = change(o, is_ours);
	if (!done && !o->failed)
		log_warn("cannot change to a new accounting file %s", o->path);
	o->failed = !done;
	o->tried_ms = now_ms;
	return done;
}

void
acct_own_delete(struct acct_own *o)
{
	if (!o->has_old)
		return;
	if (unlink(o->old) < 0 && errno != ENOENT)
		log_warn("cannot delete %s", o->old);
	o->has_old = false;
}
