/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privileges - from root to what is needed, or not at all.
 */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include <sys/types.h>

#include "err.h"
#include "settings.h"

/*
 * Makes the folder if it is missing and gives it owner, group and mode, while
 * we are still root. user "": left to ourselves. group NULL: user's own group.
 * A path that is not a folder, or whose last part is a symbolic link, is an
 * error. 0, or -1 with err.
 */
int privileges_folder(const char *path, const char *user, const char *group,
    mode_t mode, struct err *err);

/*
 * Becomes s->user with exactly the capabilities that s and its acct.mode need
 * (CAP_DAC_READ_SEARCH always; AUDIT_CONTROL, SYS_PACCT, SYS_PTRACE as set),
 * sets no_new_privs, and verifies what is left. s->user "" or not being root:
 * does nothing. 0, or -1 with err: the caller must not go on.
 */
int privileges_drop(const struct settings *s, struct err *err);

/* For a process that needs none: no capability is left. 0, or -1 with err. */
int privileges_give_up(struct err *err);

#endif
