/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen_tell.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "gen_acct.h"

#define BY_EXECVEAT 5 /* of 1000 execs */

/* ac_flag; linux/acct.h itself has other names of signal.h's. */
#define FLAG_FORK 0x01
#define FLAG_CORE 0x08
#define FLAG_XSIG 0x10

uint64_t
tell_pointer(struct world *w)
{
	uint64_t base = 0x55d000000000;

	if (rng_chance(&w->rng, 500))
		base = 0x7ffc00000000;
	return base + (rng_next(&w->rng) & 0x3fffffff0);
}

const struct records *
tell_begin(struct world *w, const struct life *l, int64_t entered)
{
	return stream_open(w->stream, l->ident.pid, entered, w->now);
}

/* An event that proclife's rules make; others have to follow. */
static const struct records *
open_event(struct world *w, const struct life *l, int64_t entered)
{
	w->deeds_due += w->options->deeds;
	return tell_begin(w, l, entered);
}

/* The kernel keeps the first title that it logs of a task. */
void
tell_end(struct world *w, const struct records *r, struct life *l)
{
	if (l->logged_title_len == 0) {
		memcpy(l->logged_title, l->title, l->title_len);
		l->logged_title_len = l->title_len;
	}
	records_proctitle(
	    r, (struct bytes){l->logged_title, l->logged_title_len});
	records_eoe(r);
	stream_close(w->stream);
}

uint32_t
tell_birth(
    struct world *w, struct life *l, const struct birth_call *birth, int result)
{
	struct call call = {
	    .arch = l->program->arch,
	    .name = birth->name,
	    .result = result,
	    .a = {birth->flags, 0, 0, 8},
	};
	const struct records *r = open_event(w, l, l->entered);
	uint32_t serial = r->serial;

	if (birth->name != CALL_CLONE)
		call.a[0] = tell_pointer(w);
	/* clone3's flags are in memory: the record has address and size. */
	if (birth->name == CALL_CLONE3)
		call.a[1] = 0x58;
	records_syscall(r, &l->ident, &call);
	tell_end(w, r, l);
	return serial;
}

static struct call
exec_call(struct world *w, enum arch arch, int result, unsigned items)
{
	struct call call = {
	    .arch = arch,
	    .name = CALL_EXECVE,
	    .result = result,
	    .a = {tell_pointer(w), tell_pointer(w), tell_pointer(w), 8},
	    .items = items,
	};

	if (rng_chance(&w->rng, BY_EXECVEAT)) {
		call.name = CALL_EXECVEAT;
		call.a[0] = 3;
	}
	return call;
}

void
tell_failed_exec(struct world *w, struct life *l)
{
	static const char *const folders[] = {
	    "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/root/bin"};
	char name[128];
	struct path path = {.name = name};
	struct call call = exec_call(w, l->program->arch, -ENOENT, 1);
	const struct records *r = open_event(w, l, l->entered);

	snprintf(name, sizeof(name), "%s/%s", folders[l->failures % 4],
	    program_base_name(l->next->path));
	records_syscall(r, &l->ident, &call);
	records_cwd(r, "/");
	records_path(r, 0, &path);
	tell_end(w, r, l);
}

uint32_t
tell_inode(const char *name)
{
	uint32_t n = 2166136261;

	for (; *name != '\0'; name++)
		n = (n ^ (unsigned char)*name) * 16777619;
	return n % 60000 + 2;
}

static void
tell_path(const struct records *r, unsigned item, const char *name)
{
	struct path path = {
	    .name = name,
	    .inode = tell_inode(name),
	    .mode = 0100755,
	};

	records_path(r, item, &path);
}

const char *
tell_folder(const struct life *l)
{
	static const char *const folders[] = {
	    "/", "/root", "/home/alice/src", "/var/lib/jenkins/work space"};

	return folders[l->ident.session % 4];
}

void
tell_exec(
    struct world *w, struct life *l, enum arch arch, const struct argv *argv)
{
	const struct program *p = l->program;
	bool script = p->class == CLASS_SCRIPT;
	unsigned items = script ? 4 : 3;
	struct call call = exec_call(w, arch, 0, items);
	const struct records *r = open_event(w, l, l->entered);

	records_syscall(r, &l->ident, &call);
	records_execve(r, argv);
	records_cwd(r, tell_folder(l));
	tell_path(r, 0, p->path);
	tell_path(r, 1, p->path);
	if (script)
		tell_path(r, 2, p->exe);
	tell_path(r, items - 1,
	    p->arch == ARCH_I386 ? "/lib/ld-linux.so.2"
				 : "/lib64/ld-linux-x86-64.so.2");
	tell_end(w, r, l);
}

void
tell_exit(struct world *w, struct life *l, enum call_name name, int code)
{
	struct call call = {
	    .arch = l->program->arch,
	    .name = name,
	    .a = {(uint32_t)code, 231, 60, tell_pointer(w)},
	};
	const struct records *r = open_event(w, l, w->now);

	records_syscall(r, &l->ident, &call);
	tell_end(w, r, l);
}

bool
tell_is_crash(int signal)
{
	return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS;
}

void
tell_crash(struct world *w, const struct life *l, int signal)
{
	records_abend(open_event(w, l, w->now), &l->ident, signal);
	stream_close(w->stream);
}

static uint8_t
acct_flags(const struct life *l)
{
	int signal = l->status & 0x7f;
	uint8_t flags = 0;

	if (l->execs == 0)
		flags |= FLAG_FORK;
	if (signal != 0 || l->zapped)
		flags |= FLAG_XSIG;
	if (tell_is_crash(signal))
		flags |= FLAG_CORE;
	return flags;
}

void
tell_acct(struct world *w, const struct life *l)
{
	uint32_t elapsed_cs = (uint32_t)((w->now - l->born) / 10000);
	uint32_t mem_kb = l->program->mem_mb * 1024U + 300;
	struct acct_entry e = {
	    .pid = l->ident.pid,
	    .ppid = l->ident.ppid,
	    .uid = l->ident.uid,
	    .gid = l->ident.gid,
	    .tty = l->ident.tty,
	    .born_us = l->born,
	    .died_us = w->now,
	    .user_cs = rng_below(&w->rng, elapsed_cs / 4 + 1),
	    .system_cs = rng_below(&w->rng, elapsed_cs / 8 + 1),
	    .mem_kb = mem_kb,
	    .minor_faults = 50 + rng_below(&w->rng, mem_kb / 16),
	    .major_faults = rng_below(&w->rng, 4),
	    .status = l->status,
	    .flags = acct_flags(l),
	    .comm = l->ident.comm,
	};

	if (w->options->acct != NULL)
		acct_write(w->options->acct, &e);
}

void
tell_truth(struct world *w, const struct life *l)
{
	uint32_t signal = l->status & 0x7f;
	const char *kind = "exit";

	if (w->options->truth == NULL)
		return;
	if (l->state != STATE_GONE)
		kind = "running";
	else if ((l->status & STATUS_CORE) != 0)
		kind = "core";
	else if (signal != 0)
		kind = "signal";
	fprintf(w->options->truth,
	    "%" PRIu64 " %" PRIu64 " %" PRIu32 " %d %d %u %s %" PRIu32 "\n",
	    l->number, l->parent_number, l->birth_serial, l->ident.pid,
	    l->birth_ppid, l->execs, kind, signal ? signal : l->status >> 8);
}
