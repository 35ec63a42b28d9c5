/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seccomp.h"

#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/filter.h>

#include "truth.h"

/* Any call will do that nothing else here makes. */
#define DEADLY SYS_getpgid

void
seccomp_kill(unsigned action)
{
	struct sock_filter code[] = {
	    BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, DEADLY, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, action),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = {sizeof(code) / sizeof(code[0]), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
		truth_die("seccomp");
	syscall(DEADLY, 0);
	truth_die("the filter lets live");
}

void
seccomp_kill_strictly(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0)
		truth_die("seccomp");
	syscall(DEADLY, 0);
	truth_die("strict mode lets live");
}
