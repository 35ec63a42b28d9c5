/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signals.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

bool
signals_kill_by_default(int sig)
{
	switch (sig) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return false;
	default:
		return true;
	}
}

int
signals_nth(int n)
{
	int sig = n % SIGNALS + 1;

	return signals_kill_by_default(sig) ? sig : SIGKILL;
}

/*
 * By system call: glibc refuses to change what 32 and 33 do. A struct of zeros
 * is SIG_DFL without flags, longer than any kernel's.
 */
void
signals_reset(void)
{
	unsigned char zeros[64] = {0};
	size_t set_size = SIGNALS / 8;

	for (int sig = 1; sig <= SIGNALS; sig++)
		syscall(SYS_rt_sigaction, sig, zeros, NULL, set_size);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, zeros, NULL, set_size);
}

void
signals_allow_cores(bool allowed)
{
	struct rlimit limit = {0, RLIM_INFINITY};

	if (allowed)
		limit.rlim_cur = RLIM_INFINITY;
	if (setrlimit(RLIMIT_CORE, &limit) < 0)
		truth_die("setrlimit");
}

void
signals_die_of(int sig)
{
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
	_exit(99);
}
