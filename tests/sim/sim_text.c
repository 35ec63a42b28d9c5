/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_text.h"

#include <errno.h>
#include <linux/reboot.h>
#include <sched.h>
#include <signal.h>

#include "../bench/gen_acct.h"
#include "../bench/gen_random.h"
#include "../bench/gen_records.h"

#define SERIAL_OF_AUDITD 4711

/* Per mille of events that lack their ends, if any do. */
#define TORN 20

struct sim_style
sim_text_style(uint64_t seed)
{
	struct rng rng = {seed ^ 0x7e87};
	uint32_t ends = rng_below(&rng, 3); /* EOE and PROCTITLE, or either */

	return (struct sim_style){.node = rng_chance(&rng, 300) ? "box" : NULL,
	    .enriched = rng_chance(&rng, 500),
	    .eoe = ends != 1,
	    .title = ends != 2,
	    .variety = seed};
}

static struct style
style_of(const struct sim_style *style)
{
	return (struct style){style->node, style->enriched, style->eoe};
}

void
sim_text_start(struct text *t, const struct sim_style *style, int64_t ms)
{
	struct style s = style_of(style);
	struct records r = {t, &s, ms, SERIAL_OF_AUDITD};

	records_daemon(&r, true);
}

static struct ident
who_of(const struct fact *fact)
{
	return (struct ident){.pid = fact->pid,
	    .ppid = fact->ppid,
	    .auid = ID_NOT_SET,
	    .session = ID_NOT_SET,
	    .tty = -1,
	    .comm = "sh",
	    .exe = "/bin/sh"};
}

/* How processes are born that share nothing that matters here. */
static void
be_born(struct call *call, struct rng *rng)
{
	static const enum call_name names[] = {
	    CALL_FORK, CALL_VFORK, CALL_CLONE};

	call->name = names[rng_below(rng, 3)];
	if (call->name == CALL_CLONE)
		call->a[0] =
		    CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
}

static void
birth(struct call *call, const struct fact_birth *b, struct rng *rng)
{
	call->result = b->child;
	call->name = CALL_CLONE;
	if (b->shape == BIRTH_UNDECIDED) {
		call->name = CALL_CLONE3;
		call->a[0] = 0x7ffc12345678;
		call->a[1] = 88;
	} else if (b->shape == BIRTH_THREAD) {
		call->a[0] = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			     CLONE_THREAD | CLONE_SYSVSEM;
	} else if (b->sibling || b->new_pidns) {
		call->a[0] = SIGCHLD;
		call->a[0] |= b->sibling ? CLONE_PARENT : 0;
		call->a[0] |= b->new_pidns ? CLONE_NEWPID : 0;
	} else {
		be_born(call, rng);
	}
}

static void
exec(struct call *call, const struct fact_exec *e, struct rng *rng)
{
	call->name = rng_chance(rng, 200) ? CALL_EXECVEAT : CALL_EXECVE;
	call->result = -e->error;
	call->items = 2;
}

static void
enter(struct call *call, bool unshared, struct rng *rng)
{
	call->name = unshared ? CALL_UNSHARE : CALL_SETNS;
	call->a[0] = call->name == CALL_UNSHARE ? CLONE_NEWPID : 3;
	call->a[1] = rng_chance(rng, 500) ? CLONE_NEWPID : 0;
}

/* What leaves is cut to a byte by the kernel. */
static void
leave(struct call *call, int32_t code, struct rng *rng)
{
	call->a[0] = (uint64_t)code;
	if (rng_chance(rng, 200))
		call->a[0] |= 0xffffff00;
}

static void
reboot(struct call *call, int32_t signal, struct rng *rng)
{
	bool either = rng_chance(rng, 500);

	call->name = CALL_REBOOT;
	call->a[0] = LINUX_REBOOT_MAGIC1;
	call->a[1] = LINUX_REBOOT_MAGIC2;
	if (signal == SIGHUP)
		call->a[2] = either ? LINUX_REBOOT_CMD_RESTART
				    : LINUX_REBOOT_CMD_RESTART2;
	else
		call->a[2] =
		    either ? LINUX_REBOOT_CMD_HALT : LINUX_REBOOT_CMD_POWER_OFF;
}

static struct call
call_of(const struct fact *fact, bool noise, struct rng *rng)
{
	struct call call = {
	    .arch = rng_chance(rng, 100) ? ARCH_I386 : ARCH_X86_64,
	    .name = CALL_OPENAT};

	if (noise)
		return call;
	switch (fact->kind) {
	case FACT_BIRTH:
		birth(&call, &fact->birth, rng);
		break;
	case FACT_EXEC:
		exec(&call, &fact->exec, rng);
		break;
	case FACT_NAMESPACE:
		enter(&call, fact->new_pidns, rng);
		break;
	case FACT_EXIT:
		if (fact->reboot != 0) {
			reboot(&call, fact->reboot, rng);
			break;
		}
		call.name = CALL_EXIT;
		leave(&call, fact->code, rng);
		break;
	default:
		call.name = CALL_EXIT_GROUP;
		leave(&call, fact->code, rng);
		break;
	}
	return call;
}

static void
open_event(const struct records *r, const struct fact *fact, bool noise)
{
	struct rng rng = {r->serial};
	struct ident who = who_of(fact);
	struct call call = call_of(fact, noise, &rng);
	struct path path = {.name = "/bin/sh", .inode = 1234, .mode = 0100755};

	records_syscall(r, &who, &call);
	if (noise || fact->kind != FACT_EXEC)
		return;
	if (fact->exec.success) {
		const struct args *args = &fact->exec.args;
		struct argv argv = {
		    args->bytes.at, args->bytes.len, args->count};

		records_execve(r, &argv);
	}
	records_cwd(r, "/");
	records_path(r, 0, &path);
}

static bool
is_torn(uint32_t serial)
{
	struct rng rng = {serial};

	return rng_chance(&rng, TORN);
}

void
sim_text_event(struct text *t, const struct sim_style *style,
    const struct fact *fact, bool noise, bool opens, bool closes)
{
	struct style s = style_of(style);
	struct records r = {t, &s, fact->at.ms, fact->at.serial};
	struct ident who = who_of(fact);

	if (!noise && fact->kind == FACT_SECCOMP) {
		records_seccomp(&r, &who, fact->signal);
		return;
	}
	if (!noise && fact->kind == FACT_ABEND) {
		records_abend(&r, &who, fact->signal);
		return;
	}
	if (opens)
		open_event(&r, fact, noise);
	if (!closes || (style->torn && is_torn(fact->at.serial)))
		return;
	if (style->title)
		records_proctitle(&r, BYTES_LITERAL("sh"));
	records_eoe(&r);
}

void
sim_text_record(
    unsigned char to[SIM_RECORD_SIZE], const struct sim_death *death)
{
	struct acct_entry e = {.pid = death->pid,
	    .ppid = death->ppid,
	    .tty = -1,
	    .born_us = death->born_us,
	    .died_us = death->died_us,
	    .mem_kb = death->mem_kb,
	    .status = death->status,
	    .flags = death->flags,
	    .comm = "sh"};

	acct_encode(to, &e);
}
