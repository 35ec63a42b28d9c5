/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <signal.h>

#include "encode.h"

#define SIGNAL_MAX 64

/*
 * As "kill -l" counts them. The kernel's SIGRTMIN is 32, but glibc keeps 32
 * and 33 for itself (glibc, sysdeps/unix/sysv/linux/internal-signals.h); not
 * the macros, as those depend on the C library we run with.
 */
#define RTMIN 34
#define RTMAX SIGNAL_MAX

const char *
encode_action_name(enum event_action action)
{
	static const char *const names[] = {
	    [EVENT_FORK] = "fork",
	    [EVENT_EXEC] = "exec",
	    [EVENT_END] = "end",
	    [EVENT_ALREADY_RUNNING] = "already_running",
	    [EVENT_LOSS] = "loss",
	    [EVENT_HEARTBEAT] = "heartbeat",
	};

	return names[action];
}

const char *
encode_loss_source(enum loss_source source)
{
	static const char *const names[LOSS_SOURCES] = {
	    [LOSS_SERIAL_GAP] = "serial_gap",
	    [LOSS_KERNEL_LOST] = "kernel_lost",
	    [LOSS_AUDITD_QUEUE] = "auditd_queue",
	    [LOSS_ACCT_OFF] = "accounting_off",
	    [LOSS_ACCT_PAUSED] = "accounting_paused",
	    [LOSS_LIMIT] = "limit",
	    [LOSS_SPOOL] = "spool",
	    [LOSS_SINK] = "sink",
	    [LOSS_FOREIGN_NODE] = "foreign_node",
	    [LOSS_RESTART] = "restart",
	    [LOSS_AUDIT_OFF] = "auditing_off",
	};

	assert(source < LOSS_SOURCES);
	return names[source];
}

uint32_t
encode_exit_code(uint32_t status)
{
	uint32_t signal = status & 0x7f;

	return signal == 0 ? status >> 8 & 0xff : 128 + signal;
}

/* "SIGRTMIN+3", counted from the nearer end as shells do. */
static const char *
realtime_name(int signal, char buf[16])
{
	struct text t;
	bool low = signal - RTMIN <= (RTMAX - RTMIN) / 2;
	int distance = low ? signal - RTMIN : RTMAX - signal;

	text_init(&t, buf, 16);
	text_str(&t, low ? "SIGRTMIN" : "SIGRTMAX");
	if (distance > 0) {
		text_char(&t, low ? '+' : '-');
		text_u64(&t, (uint64_t)distance);
	}
	text_char(&t, '\0');
	return buf;
}

const char *
encode_signal_name(int signal, char buf[16])
{
	static const char *const names[RTMIN] = {
	    [SIGHUP] = "SIGHUP",
	    [SIGINT] = "SIGINT",
	    [SIGQUIT] = "SIGQUIT",
	    [SIGILL] = "SIGILL",
	    [SIGTRAP] = "SIGTRAP",
	    [SIGABRT] = "SIGABRT",
	    [SIGBUS] = "SIGBUS",
	    [SIGFPE] = "SIGFPE",
	    [SIGKILL] = "SIGKILL",
	    [SIGUSR1] = "SIGUSR1",
	    [SIGSEGV] = "SIGSEGV",
	    [SIGUSR2] = "SIGUSR2",
	    [SIGPIPE] = "SIGPIPE",
	    [SIGALRM] = "SIGALRM",
	    [SIGTERM] = "SIGTERM",
#ifdef SIGSTKFLT
	    [SIGSTKFLT] = "SIGSTKFLT",
#endif
	    [SIGCHLD] = "SIGCHLD",
	    [SIGCONT] = "SIGCONT",
	    [SIGSTOP] = "SIGSTOP",
	    [SIGTSTP] = "SIGTSTP",
	    [SIGTTIN] = "SIGTTIN",
	    [SIGTTOU] = "SIGTTOU",
	    [SIGURG] = "SIGURG",
	    [SIGXCPU] = "SIGXCPU",
	    [SIGXFSZ] = "SIGXFSZ",
	    [SIGVTALRM] = "SIGVTALRM",
	    [SIGPROF] = "SIGPROF",
	    [SIGWINCH] = "SIGWINCH",
	    [SIGIO] = "SIGIO",
	    [SIGPWR] = "SIGPWR",
	    [SIGSYS] = "SIGSYS",
	    [32] = "SIG32",
	    [33] = "SIG33",
	};

	if (signal < 1 || signal > SIGNAL_MAX)
		return NULL;
	return signal < RTMIN ? names[signal] : realtime_name(signal, buf);
}
