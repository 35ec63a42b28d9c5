/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp - has the kernel kill whoever calls this.
 */
#ifndef SECCOMP_H
#define SECCOMP_H

#include <linux/seccomp.h>

/* action: SECCOMP_RET_KILL_THREAD, _KILL_PROCESS or _TRAP. */
_Noreturn void seccomp_kill(unsigned action);

/* Strict mode allows to read, write and exit(2); other calls are SIGKILL. */
_Noreturn void seccomp_kill_strictly(void);

#endif
