/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole audit events to facts: single events made by hand, and the records of
 * a real day and of a published article, as they are in tests/data.
 */
#include "feed.h"

#include <auparse.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "split.h"

#define ARGS_MAX 100000
#define ROOM     (1 << 17)
#define KINDS    (FACT_GONE + 1)

struct rig {
	struct feed *feed;
	unsigned facts;       /* told since the test looked last */
	struct fact fact;     /* the newest; its bytes are in kept */
	unsigned kind[KINDS]; /* of a stream: how many of each */
	unsigned shape[3], failed, scripts;
	uint32_t wanted; /* of a stream: keep the fact with this serial only */
	char kept[ROOM];
	size_t used;
};

static void
keep(struct rig *r, struct bytes *b)
{
	if (b->at == NULL)
		return;
	assert_true(b->len <= sizeof(r->kept) - r->used);
	memcpy(r->kept + r->used, b->at, b->len);
	b->at = r->kept + r->used;
	r->used += b->len;
}

static void
count(struct rig *r, const struct fact *fact)
{
	r->kind[fact->kind]++;
	if (fact->kind == FACT_BIRTH)
		r->shape[fact->birth.shape]++;
	if (fact->kind == FACT_EXEC && !fact->exec.success)
		r->failed++;
	if (fact->kind == FACT_EXEC && fact->exec.script.at != NULL)
		r->scripts++;
}

static void
on_fact(void *ctx, const struct fact *fact)
{
	struct rig *r = ctx;

	count(r, fact);
	if (r->wanted != 0 && fact->at.serial != r->wanted)
		return;
	r->facts++;
	r->fact = *fact;
	r->used = 0;
	keep(r, &r->fact.comm);
	keep(r, &r->fact.exe);
	keep(r, &r->fact.key);
	if (fact->kind != FACT_EXEC)
		return;
	keep(r, &r->fact.exec.args.bytes);
	keep(r, &r->fact.exec.cwd);
	keep(r, &r->fact.exec.script);
}

static void
build(struct rig *r, size_t args_max)
{
	struct err err = {""};

	feed_free(r->feed);
	r->feed = feed_new(args_max, on_fact, r, &err);
	assert_string_equal(err.text, "");
	assert_non_null(r->feed);
}

static int
set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (r == NULL)
		return -1;
	build(r, ARGS_MAX);
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	feed_free(r->feed);
	free(r);
	return 0;
}

/* s: the records; NULL: there is none. */
static void
give(struct rig *r, enum syscall_kind kind, bool incomplete, const char *s)
{
	struct assemble_event ev = {.what = ASSEMBLE_SYSCALL,
	    .kind = kind,
	    .at = {1700000000001, 7},
	    .records = bytes_of(s),
	    .incomplete = incomplete};

	if (kind == SYSCALL_OTHER)
		ev.what = strncmp(s, "type=SECCOMP", 12) == 0 ? ASSEMBLE_SECCOMP
							      : ASSEMBLE_ABEND;
	r->facts = 0;
	feed_event(r->feed, &ev);
}

/* The one fact that an event tells. */
static const struct fact *
fact_of(struct rig *r, enum syscall_kind kind, const char *s)
{
	give(r, kind, false, s);
	assert_int_equal(r->facts, 1);
	assert_int_equal(r->fact.at.ms, 1700000000001);
	assert_int_equal(r->fact.at.serial, 7);
	return &r->fact;
}

/* No fact, because nothing happened that would be one. */
static void
assert_none(struct rig *r, enum syscall_kind kind, const char *s)
{
	uint64_t before = feed_unusable(r->feed);

	give(r, kind, false, s);
	assert_int_equal(r->facts, 0);
	assert_int_equal(feed_unusable(r->feed), before);
}

/* No fact, because the record lacks what it needs. */
static void
assert_unusable(struct rig *r, enum syscall_kind kind, const char *s)
{
	uint64_t before = feed_unusable(r->feed);

	give(r, kind, false, s);
	assert_int_equal(r->facts, 0);
	assert_int_equal(feed_unusable(r->feed), before + 1);
}

#define assert_bytes(b, s) assert_same_bytes((b), (s), sizeof(s) - 1)

static void
assert_same_bytes(struct bytes b, const char *want, size_t len)
{
	assert_non_null(b.at);
	assert_int_equal(b.len, len);
	assert_memory_equal(b.at, want, len);
}

/* s: the arguments in one array, each with its NUL. */
#define assert_args(r, n, argc, s)                                             \
	assert_same_args(&(r)->fact.exec.args, (n), (argc), (s), sizeof(s))

static void
assert_same_args(const struct args *a, uint32_t n, uint32_t argc,
    const char *want, size_t len)
{
	assert_same_bytes(a->bytes, want, len);
	assert_int_equal(a->count, n);
	assert_int_equal(a->argc, argc);
}

#define STAMP "msg=audit(1700000000.001:7): "
#define IDS(pid)                                                               \
	"items=0 ppid=5 pid=" pid " auid=1000 uid=1 gid=2 euid=3 suid=4 "      \
	"fsuid=9 egid=5 sgid=6 fsgid=9 tty=pts0 ses=8 comm=\"sh\" "            \
	"exe=\"/bin/sh\" subj=x key=\"k\"\n"
/* An event of one record: result is "success=.. exit=..", or nothing. */
#define CALL3(arch, nr, result, a0, a1, a2)                                    \
	"type=SYSCALL " STAMP "arch=" arch " syscall=" #nr " " result          \
	" a0=" a0 " a1=" a1 " a2=" a2 " a3=0 " IDS("10")
#define CALL(arch, nr, result, a0, a1) CALL3(arch, nr, result, a0, a1, "0")
#define X86_64                         "c000003e"
#define I386                           "40000003"
#define AARCH64                        "c00000b7"
#define S390X                          "80000016"
#define OK(n)                          "success=yes exit=" #n

/* All calls. */

static void
test_ids(void **state)
{
	struct rig *r = *state;
	const struct fact *f =
	    fact_of(r, SYSCALL_FORK, CALL(X86_64, 57, OK(11), "0", "0"));

	assert_int_equal(f->kind, FACT_BIRTH);
	assert_int_equal(f->pid, 10);
	assert_int_equal(f->ppid, 5);
	assert_int_equal(f->creds.auid, 1000);
	assert_int_equal(f->creds.session, 8);
	assert_int_equal(f->creds.uid, 1);
	assert_int_equal(f->creds.gid, 2);
	assert_int_equal(f->creds.euid, 3);
	assert_int_equal(f->creds.suid, 4);
	assert_int_equal(f->creds.egid, 5);
	assert_int_equal(f->creds.sgid, 6);
	assert_int_equal(f->tty.major, 136);
	assert_int_equal(f->tty.minor, 0);
	assert_bytes(f->comm, "sh");
	assert_bytes(f->exe, "/bin/sh");
	assert_bytes(f->key, "k");
}

static void
test_unset_ids(void **state)
{
	struct rig *r = *state;
	const struct fact *f = fact_of(r, SYSCALL_EXIT_GROUP,
	    "type=SYSCALL " STAMP "arch=c000003e syscall=231 a0=0 a1=0 ppid=x "
	    "pid=10 auid=4294967295 uid=-1 gid=4294967296 euid= suid=4x "
	    "tty=(none) ses=4294967295 comm=(null) exe=(null) key=(null)\n");

	assert_int_equal(f->pid, 10);
	assert_int_equal(f->ppid, -1);
	assert_int_equal(f->creds.auid, ID_UNSET);
	assert_int_equal(f->creds.session, ID_UNSET);
	assert_int_equal(f->creds.uid, ID_UNSET);
	assert_int_equal(f->creds.gid, ID_UNSET);
	assert_int_equal(f->creds.euid, ID_UNSET);
	assert_int_equal(f->creds.suid, ID_UNSET);
	assert_int_equal(f->creds.egid, ID_UNSET);
	assert_int_equal(f->creds.sgid, ID_UNSET);
	assert_int_equal(f->tty.major, 0);
	assert_null(f->comm.at);
	assert_null(f->exe.at);
	assert_null(f->key.at);
}

/* Nothing of one event may be left in the next. */
static void
test_events_share_nothing(void **state)
{
	struct rig *r = *state;
	const struct fact *f;

	fact_of(r, SYSCALL_EXEC,
	    CALL(X86_64, 59, OK(0), "1",
		"2") "type=EXECVE " STAMP "argc=1 a0=\"ls\"\n"
		     "type=CWD " STAMP "cwd=\"/tmp\"\n");
	f = fact_of(r, SYSCALL_EXEC,
	    "type=SYSCALL " STAMP "success=yes exit=0 pid=10\n");
	assert_int_equal(f->ppid, -1);
	assert_int_equal(f->creds.uid, ID_UNSET);
	assert_int_equal(f->tty.major, 0);
	assert_null(f->comm.at);
	assert_null(f->exe.at);
	assert_null(f->key.at);
	assert_null(f->exec.args.bytes.at);
	assert_null(f->exec.cwd.at);
}

static void
assert_birth(const struct fact *f, int32_t child, enum birth_shape shape,
    bool sibling, bool new_pidns)
{
	assert_int_equal(f->kind, FACT_BIRTH);
	assert_int_equal(f->birth.child, child);
	assert_int_equal(f->birth.shape, shape);
	assert_int_equal(f->birth.sibling, sibling);
	assert_int_equal(f->birth.new_pidns, new_pidns);
}

static void
test_births(void **state)
{
	struct rig *r = *state;

	assert_birth(
	    fact_of(r, SYSCALL_FORK, CALL(X86_64, 57, OK(11), "11", "0")), 11,
	    BIRTH_PROCESS, false, false);
	/* whatever the registers of a fork hold: it has no arguments */
	assert_birth(fact_of(r, SYSCALL_FORK,
			 CALL(I386, 2, OK(4194304), "20018000", "10000")),
	    4194304, BIRTH_PROCESS, false, false);
	assert_birth(fact_of(r, SYSCALL_VFORK,
			 CALL(I386, 190, OK(11), "10000", "10000")),
	    11, BIRTH_PROCESS, false, false);
	/* the flags of clone3 are in memory */
	assert_birth(fact_of(r, SYSCALL_CLONE3,
			 CALL(AARCH64, 435, OK(11), "7ffe8814b000", "58")),
	    11, BIRTH_UNDECIDED, false, false);
}

static void
test_clone_flags(void **state)
{
	struct rig *r = *state;

	assert_birth(fact_of(r, SYSCALL_CLONE,
			 CALL(X86_64, 56, OK(11), "1200011", "10000")),
	    11, BIRTH_PROCESS, false, false);
	assert_birth(
	    fact_of(r, SYSCALL_CLONE, CALL(I386, 120, OK(11), "3d0f00", "0")),
	    11, BIRTH_THREAD, false, false);
	assert_birth(fact_of(r, SYSCALL_CLONE,
			 CALL(AARCH64, 220, OK(11), "8011", "20000000")),
	    11, BIRTH_PROCESS, true, false);
	assert_birth(fact_of(r, SYSCALL_CLONE,
			 CALL(X86_64, 56, OK(11), "20000011", "8000")),
	    11, BIRTH_PROCESS, false, true);
	/* only 32 bits are flags */
	assert_birth(fact_of(r, SYSCALL_CLONE,
			 CALL(X86_64, 56, OK(11), "ffffffff00000011", "0")),
	    11, BIRTH_PROCESS, false, false);
	/* the new stack comes first there: CONFIG_CLONE_BACKWARDS2 */
	assert_birth(fact_of(r, SYSCALL_CLONE,
			 CALL(S390X, 120, OK(11), "3d0f00", "1200011")),
	    11, BIRTH_PROCESS, false, false);
	assert_birth(fact_of(r, SYSCALL_CLONE,
			 CALL(S390X, 120, OK(11), "3ffe", "3d0f00")),
	    11, BIRTH_THREAD, false, false);
}

/* A fork that failed bore nobody, nor did what claims to and cannot have. */
static void
test_no_births(void **state)
{
	struct rig *r = *state;

	assert_none(
	    r, SYSCALL_FORK, CALL(X86_64, 57, "success=no exit=-11", "0", "0"));
	assert_none(r, SYSCALL_CLONE3,
	    CALL(X86_64, 435, "success=no exit=-38", "0", "0"));
	assert_none(r, SYSCALL_FORK, CALL(X86_64, 57, OK(0), "0", "0"));
	assert_none(r, SYSCALL_FORK, CALL(X86_64, 57, OK(-1), "0", "0"));
	assert_none(
	    r, SYSCALL_FORK, CALL(X86_64, 57, OK(4294967299), "0", "0"));
}

static void
test_exits(void **state)
{
	struct rig *r = *state;
	const struct fact *f =
	    fact_of(r, SYSCALL_EXIT_GROUP, CALL(X86_64, 231, "", "3", "e7"));

	assert_int_equal(f->kind, FACT_EXIT_GROUP);
	assert_int_equal(f->code, 3);
	f = fact_of(r, SYSCALL_EXIT, CALL(I386, 1, "", "ff", "0"));
	assert_int_equal(f->kind, FACT_EXIT);
	assert_int_equal(f->code, 255);
	/* the raw argument: only its last byte is a status */
	f = fact_of(
	    r, SYSCALL_EXIT_GROUP, CALL(S390X, 248, "", "ffffffff", "0"));
	assert_int_equal(f->code, 255);
	f = fact_of(r, SYSCALL_EXIT_GROUP, CALL(AARCH64, 94, "", "100", "0"));
	assert_int_equal(f->code, 0);
}

static void
test_namespaces(void **state)
{
	struct rig *r = *state;
	const struct fact *f = fact_of(
	    r, SYSCALL_UNSHARE, CALL(X86_64, 272, OK(0), "30000000", "0"));

	assert_int_equal(f->kind, FACT_NAMESPACE);
	assert_true(f->new_pidns);
	f = fact_of(
	    r, SYSCALL_SETNS, CALL(X86_64, 308, OK(0), "3", "20000000"));
	assert_int_equal(f->kind, FACT_NAMESPACE);
	assert_false(f->new_pidns);
	/* a type of 0: of whatever kind the descriptor is */
	f = fact_of(r, SYSCALL_SETNS, CALL(X86_64, 308, OK(0), "3", "0"));
	assert_int_equal(f->kind, FACT_NAMESPACE);
	assert_false(f->new_pidns);
	assert_none(r, SYSCALL_UNSHARE,
	    CALL(X86_64, 272, OK(0), "40000000", "20000000"));
	assert_none(r, SYSCALL_UNSHARE,
	    CALL(X86_64, 272, "success=no exit=-1", "20000000", "0"));
	assert_none(
	    r, SYSCALL_SETNS, CALL(X86_64, 308, OK(0), "20000000", "40000000"));
}

#define REBOOT(arch, nr, result, command)                                      \
	CALL3(arch, nr, result, "fee1dead", "28121969", command)

/* Who rebooted a namespace left by it: its record lacks success= and exit=. */
static void
test_reboots(void **state)
{
	struct rig *r = *state;
	const struct fact *f =
	    fact_of(r, SYSCALL_REBOOT, REBOOT(X86_64, 169, "", "1234567"));

	assert_int_equal(f->kind, FACT_EXIT);
	assert_int_equal(f->code, 0);
	assert_int_equal(f->reboot, SIGHUP);
	f = fact_of(r, SYSCALL_REBOOT, REBOOT(X86_64, 169, "", "a1b2c3d4"));
	assert_int_equal(f->reboot, SIGHUP);
	f = fact_of(r, SYSCALL_REBOOT, REBOOT(X86_64, 169, "", "4321fedc"));
	assert_int_equal(f->reboot, SIGINT);
	/* an int that was widened with its sign */
	f = fact_of(
	    r, SYSCALL_REBOOT, REBOOT(I386, 88, "", "ffffffffcdef0123"));
	assert_int_equal(f->reboot, SIGINT);
	assert_none(r, SYSCALL_REBOOT,
	    REBOOT(X86_64, 169, "success=no exit=-1", "1234567"));
	assert_none(r, SYSCALL_REBOOT, REBOOT(X86_64, 169, OK(0), "0"));
	assert_none(r, SYSCALL_REBOOT, REBOOT(X86_64, 169, "", "89abcdef"));
}

#define ABEND_START "type=ANOM_ABEND " STAMP "auid=1000 uid=0 gid=0 ses=4 "

static void
test_abend(void **state)
{
	struct rig *r = *state;
	const struct fact *f = fact_of(r, SYSCALL_OTHER,
	    ABEND_START "subj=x pid=148 comm=\"sh\" exe=\"/usr/bin/dash\" "
			"sig=11 res=1\n");

	assert_int_equal(f->kind, FACT_ABEND);
	assert_int_equal(f->pid, 148);
	assert_int_equal(f->ppid, -1);
	assert_int_equal(f->signal, 11);
	assert_int_equal(f->creds.auid, 1000);
	assert_int_equal(f->creds.euid, ID_UNSET);
	assert_bytes(f->exe, "/usr/bin/dash");
	f = fact_of(r, SYSCALL_OTHER, ABEND_START "pid=148 sig=64\n");
	assert_int_equal(f->signal, 64);
	assert_unusable(r, SYSCALL_OTHER, ABEND_START "pid=148 sig=65\n");
	assert_unusable(r, SYSCALL_OTHER, ABEND_START "pid=148 sig=0\n");
	assert_unusable(r, SYSCALL_OTHER, ABEND_START "pid=148\n");
	assert_unusable(r, SYSCALL_OTHER, ABEND_START "sig=6\n");
}

static void
test_seccomp(void **state)
{
	struct rig *r = *state;
	const struct fact *f = fact_of(r, SYSCALL_OTHER,
	    "type=SECCOMP " STAMP "auid=1000 uid=0 gid=0 ses=4 subj=x pid=149 "
	    "comm=\"sandbox\" exe=\"/usr/bin/sandbox\" sig=31 arch=c000003e "
	    "syscall=39 compat=0 ip=0x7f7c3fc0a1a9 code=0x0\n");

	assert_int_equal(f->kind, FACT_SECCOMP);
	assert_int_equal(f->pid, 149);
	assert_int_equal(f->signal, 31);
}

/* What a record lacks is never taken for 0. */
static void
test_unusable(void **state)
{
	static const struct {
		enum syscall_kind kind;
		const char *fields;
	} bad[] = {
	    {SYSCALL_FORK, "success=yes exit=11 a0=0 a1=0 pid=0"},
	    {SYSCALL_FORK, "success=yes exit=11 a0=0 a1=0 pid=-5"},
	    {SYSCALL_FORK, "success=yes exit=11 a0=0 a1=0"},
	    {SYSCALL_FORK, "success=yes a0=0 a1=0 pid=10"},
	    {SYSCALL_VFORK, "exit=11 a0=0 a1=0 pid=10"},
	    {SYSCALL_CLONE3, "a0=0 a1=0 pid=10"},
	    {SYSCALL_CLONE, "arch=c000003e success=yes exit=11 pid=10"},
	    {SYSCALL_CLONE, "arch=80000016 success=yes exit=11 a0=1 pid=10"},
	    {SYSCALL_CLONE, "success=yes exit=11 a0=10000 a1=10000 pid=10"},
	    {SYSCALL_EXEC, "a0=0 a1=0 pid=10"},
	    {SYSCALL_EXEC, "success=yes exit=0 a0=0"},
	    {SYSCALL_EXIT, "a1=0 pid=10"},
	    {SYSCALL_EXIT_GROUP, "pid=10"},
	    {SYSCALL_EXIT_GROUP, "a0=3"},
	    {SYSCALL_UNSHARE, "a0=20000000 pid=10"},
	    {SYSCALL_UNSHARE, "success=yes exit=0 pid=10"},
	    {SYSCALL_SETNS, "success=yes exit=0 a0=3 pid=10"},
	    {SYSCALL_REBOOT, "a0=fee1dead a1=28121969 pid=10"},
	};
	struct rig *r = *state;
	char event[200];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(event, sizeof(event), "type=SYSCALL %s%s\n", STAMP,
		    bad[i].fields);
		assert_unusable(r, bad[i].kind, event);
	}
	assert_unusable(
	    r, SYSCALL_EXEC, "type=EXECVE " STAMP "argc=1 a0=\"x\"\n");
	assert_unusable(r, SYSCALL_EXEC, NULL);
	assert_unusable(r, SYSCALL_EXEC, "");
	assert_unusable(r, SYSCALL_EXEC, "\n");
	assert_unusable(r, SYSCALL_EXEC, "no record at all\n");
}

/* Strings. */

static void
assert_tty(struct rig *r, const char *tty, uint32_t major, uint32_t minor)
{
	char event[200];
	const struct fact *f;

	snprintf(event, sizeof(event),
	    "type=SYSCALL " STAMP "a0=0 pid=10 tty=%s ses=1\n", tty);
	f = fact_of(r, SYSCALL_EXIT_GROUP, event);
	assert_int_equal(f->tty.major, major);
	assert_int_equal(f->tty.minor, minor);
}

static void
test_tty(void **state)
{
	struct rig *r = *state;

	assert_tty(r, "pts0", 136, 0);
	assert_tty(r, "pts/1", 136, 1);
	assert_tty(r, "pts255", 136, 255);
	assert_tty(r, "pts256", 136, 256);
	assert_tty(r, "pts/1023", 136, 1023);
	assert_tty(r, "(none)", 0, 0);
	assert_tty(r, "ttyS0", 0, 0);
	assert_tty(r, "pts", 0, 0);
	assert_tty(r, "pts/", 0, 0);
	assert_tty(r, "pts1x", 0, 0);
	assert_tty(r, "pts-1", 0, 0);
	assert_tty(r, "pts99999999999999999999", 0, 0);
}

static struct bytes
comm_of(struct rig *r, const char *comm)
{
	char event[200];

	snprintf(event, sizeof(event),
	    "type=SYSCALL " STAMP "a0=0 pid=10 comm=%s exe=\"/x\"\n", comm);
	return fact_of(r, SYSCALL_EXIT_GROUP, event)->comm;
}

/* kernel/audit.c, audit_log_untrustedstring(): in quotes, or hexadecimal. */
static void
test_strings(void **state)
{
	struct rig *r = *state;

	assert_bytes(comm_of(r, "\"sh\""), "sh");
	assert_bytes(comm_of(r, "\"abcd\""), "abcd");
	assert_bytes(comm_of(r, "61622063"), "ab c");
	assert_bytes(comm_of(r, "C3A9ff"), "\xc3\xa9\xff");
	assert_bytes(comm_of(r, "\"(sd-pam)\""), "(sd-pam)");
	assert_bytes(comm_of(r, "\"?\""), "?");
	assert_bytes(comm_of(r, "\"\""), "");
	assert_bytes(comm_of(r, "\"a=b\""), "a=b");
	assert_null(comm_of(r, "(null)").at);
	assert_null(comm_of(r, "?").at);
	assert_null(comm_of(r, "").at);
	/* no kernel writes these: taken as they are */
	assert_bytes(comm_of(r, "abc"), "abc");
	assert_bytes(comm_of(r, "xyz\""), "xyz");
	assert_bytes(comm_of(r, "\"xyz"), "xyz");
	assert_bytes(comm_of(r, "\""), "");
	assert_bytes(comm_of(r, "614"), "614");
}

static struct bytes
key_of(struct rig *r, const char *key)
{
	char event[200];

	snprintf(event, sizeof(event),
	    "type=SYSCALL " STAMP "a0=0 pid=10 comm=\"c\" key=%s\n", key);
	return fact_of(r, SYSCALL_EXIT_GROUP, event)->key;
}

/* Several keys are one hexadecimal string with 0x01 between them. */
static void
test_keys(void **state)
{
	struct rig *r = *state;

	assert_bytes(key_of(r, "\"one\""), "one");
	assert_bytes(key_of(r, "6F6E650174776F"), "one\x01two");
	assert_bytes(key_of(r, "616201636404C3A9"), "ab\x01"
						    "cd\x04\xc3\xa9");
	assert_bytes(key_of(r, "61016201630164"), "a\x01"
						  "b\x01"
						  "c\x01"
						  "d");
	assert_bytes(key_of(r, "6120620163"), "a b\x01"
					      "c");
	assert_bytes(key_of(r, "61013F01286E756C6C290162"), "a\x01?\x01"
							    "(null)\x01"
							    "b");
	assert_null(key_of(r, "(null)").at);
	assert_bytes(key_of(r, "016B01016C01"), "k\x01"
						"l");
	assert_null(key_of(r, "01").at);
}

/* What is damaged says less, and nothing else. */
static void
test_odd_fields(void **state)
{
	struct rig *r = *state;

	give(r, SYSCALL_EXIT_GROUP, false,
	    "type=SYSCALL " STAMP "a0= ppid=1 pid=10 comm=\"c\"\n");
	assert_int_equal(r->facts, 0);
	assert_int_equal(feed_unusable(r->feed), 1);
	fact_of(r, SYSCALL_CLONE,
	    CALL(X86_64, 56, OK(11), "1200011", "0") "type=CWD " STAMP
						     "cwd=\"/x\" a0=5\n");
	assert_int_equal(r->fact.birth.child, 11);
	assert_int_equal(r->fact.birth.shape, BIRTH_PROCESS);
	fact_of(r, SYSCALL_EXEC,
	    "type=SYSCALL " STAMP
	    "arch=c000003e syscall=59 success=yes exit=0 a0=1 ppid=1 pid=10 "
	    "uid=7 subj=foo pid=9 cwd=\"/y\" (enforce) comm=\"a=b\"\n"
	    "type=CWD " STAMP "cwd=\"/x\" uid=8 comm=\"d\"\n");
	assert_bytes(r->fact.exec.cwd, "/x");
	assert_bytes(r->fact.comm, "a=b");
	assert_int_equal(r->fact.creds.uid, 7);
}

static void
test_long_strings(void **state)
{
	struct rig *r = *state;
	static char event[40000], path[4096 * 2 + 1], plain[4096 + 1];
	const struct fact *f;

	memset(path, 'C', sizeof(path) - 1);
	memset(plain, 'p', sizeof(plain) - 1);
	/* the longest that a kernel tells of: PATH_MAX each, in hexadecimal */
	snprintf(event, sizeof(event),
	    "type=SYSCALL " STAMP "success=yes exit=0 pid=10 comm=\"c\" "
	    "exe=%s key=\"k\"\ntype=CWD " STAMP "cwd=%s\n"
	    "type=PATH " STAMP "item=0 name=%s\n",
	    path, path, path);
	f = fact_of(r, SYSCALL_EXEC, event);
	assert_int_equal(f->exe.len, 4096);
	assert_int_equal(f->exec.cwd.len, 4096);
	assert_bytes(f->key, "k");
	snprintf(event, sizeof(event),
	    "type=SYSCALL " STAMP "success=yes exit=0 pid=10 exe=\"%s\"\n",
	    plain);
	f = fact_of(r, SYSCALL_EXEC, event);
	assert_same_bytes(f->exe, plain, 4096);
	/* longer than anything can be: unknown, not cut */
	memset(event, 0, sizeof(event));
	snprintf(event, sizeof(event),
	    "type=SYSCALL " STAMP "success=yes exit=0 pid=10 exe=\"");
	memset(event + strlen(event), 'x', 30000);
	memcpy(event + strlen(event), "\" key=\"k\"\n", 10);
	f = fact_of(r, SYSCALL_EXEC, event);
	assert_null(f->exe.at);
	assert_bytes(f->key, "k");
}

/* Execs. */

#define EXEC      CALL(X86_64, 59, OK(0), "1", "2")
#define EXECVE(s) "type=EXECVE " STAMP s "\n"

static void
test_exec(void **state)
{
	struct rig *r = *state;
	const struct fact *f = fact_of(r, SYSCALL_EXEC,
	    EXEC EXECVE(
		"argc=3 a0=\"ls\" a1=\"-l\" a2=2F746D7020") "type=CWD " STAMP
							    "cwd=\"/home/me\"\n"
							    "type=PATH " STAMP
							    "item=0 "
							    "name=\"/bin/ls\" "
							    "inode=1\n");

	assert_int_equal(f->kind, FACT_EXEC);
	assert_true(f->exec.success);
	assert_int_equal(f->exec.error, 0);
	assert_args(r, 3, 3, "ls\0-l\0/tmp ");
	assert_false(f->exec.args.truncated);
	assert_int_equal(f->exec.args.missing_count, 0);
	assert_int_equal(f->exec.args.redacted_count, 0);
	assert_bytes(f->exec.cwd, "/home/me");
	assert_null(f->exec.script.at);
	assert_int_equal(feed_unusable(r->feed), 0);
}

static void
test_exec_failed(void **state)
{
	struct rig *r = *state;
	const struct fact *f = fact_of(r, SYSCALL_EXEC,
	    CALL(X86_64, 59, "success=no exit=-2", "1", "2") "type=CWD " STAMP
							     "cwd=\"/\"\n");

	assert_false(f->exec.success);
	assert_int_equal(f->exec.error, ENOENT);
	assert_null(f->exec.args.bytes.at);
	assert_bytes(f->exec.cwd, "/");
	f = fact_of(
	    r, SYSCALL_EXEC, CALL(I386, 11, "success=no exit=-4095", "1", "2"));
	assert_int_equal(f->exec.error, 4095);
	f = fact_of(
	    r, SYSCALL_EXEC, CALL(I386, 11, "success=no exit=-4096", "1", "2"));
	assert_false(f->exec.success);
	assert_int_equal(f->exec.error, 0);
}

static void
test_no_args(void **state)
{
	struct rig *r = *state;

	fact_of(r, SYSCALL_EXEC, EXEC EXECVE("argc=0"));
	assert_non_null(r->fact.exec.args.bytes.at);
	assert_int_equal(r->fact.exec.args.bytes.len, 0);
	assert_int_equal(r->fact.exec.args.count, 0);
	assert_int_equal(r->fact.exec.args.argc, 0);
	assert_false(r->fact.exec.args.truncated);
	/* no EXECVE record: nobody knows */
	fact_of(r, SYSCALL_EXEC, EXEC);
	assert_null(r->fact.exec.args.bytes.at);
	assert_int_equal(r->fact.exec.args.count, 0);
	assert_false(r->fact.exec.args.truncated);
}

static void
test_empty_args(void **state)
{
	struct rig *r = *state;

	fact_of(r, SYSCALL_EXEC,
	    EXEC EXECVE("argc=4 a0=\"\" a1=\"x\" a2=\"\" a3=\"\""));
	assert_args(r, 4, 4, "\0x\0\0");
	assert_int_equal(r->fact.exec.args.missing_count, 0);
}

/* A long argument, in chunks of its hexadecimal form (audit_log_execve_info).
 */
static void
test_chunks(void **state)
{
	struct rig *r = *state;

	fact_of(r, SYSCALL_EXEC,
	    EXEC EXECVE("argc=4 a0=\"x\" a1_len=12 a1[0]=6162 a1[1]=6364")
		EXECVE("a1[2]=6566 a2=\"y\" a3_len=4 a3[0]=\"zz\" a3[1]=7A"));
	assert_args(r, 4, 4, "x\0abcdef\0y\0zzz");
	assert_false(r->fact.exec.args.truncated);
}

static void
test_args_over_many_records(void **state)
{
	struct rig *r = *state;
	static char event[ROOM], want[3000];
	size_t at = 0;

	at += (size_t)snprintf(event, sizeof(event), "%s", EXEC);
	for (int i = 0; i < 999; i++) {
		if (i % 100 == 0)
			at += (size_t)snprintf(event + at, sizeof(event) - at,
			    "%stype=EXECVE " STAMP "%s", i == 0 ? "" : "\n",
			    i == 0 ? "argc=999 " : "");
		at += (size_t)snprintf(event + at, sizeof(event) - at,
		    " a%d=\"%c\"", i, 'a' + i % 26);
		want[2 * i] = (char)('a' + i % 26);
	}
	event[at] = '\n';
	fact_of(r, SYSCALL_EXEC, event);
	assert_same_args(&r->fact.exec.args, 999, 999, want, (size_t)999 * 2);
	assert_false(r->fact.exec.args.truncated);
}

/* A record was lost: its arguments are named, the others keep their place. */
static void
test_missing_args(void **state)
{
	struct rig *r = *state;
	const struct args *a = &r->fact.exec.args;

	fact_of(
	    r, SYSCALL_EXEC, EXEC EXECVE("argc=6 a0=\"x\"") EXECVE("a3=\"y\""));
	assert_args(r, 6, 6, "x\0\0\0y\0\0");
	assert_int_equal(a->missing_count, 4);
	assert_int_equal(a->missing[0], 1);
	assert_int_equal(a->missing[1], 2);
	assert_int_equal(a->missing[2], 4);
	assert_int_equal(a->missing[3], 5);
	assert_false(a->truncated);
}

/* More than can be named: said as a whole. */
static void
test_many_missing_args(void **state)
{
	struct rig *r = *state;
	const struct args *a = &r->fact.exec.args;

	fact_of(r, SYSCALL_EXEC, EXEC EXECVE("argc=10 a0=\"x\" a1=\"y\""));
	assert_int_equal(a->missing_count, 8);
	assert_int_equal(a->count, 10);
	assert_false(a->truncated);
	fact_of(r, SYSCALL_EXEC, EXEC EXECVE("argc=11 a0=\"x\" a1=\"y\""));
	assert_args(r, 2, 11, "x\0y");
	assert_true(a->truncated);
	fact_of(r, SYSCALL_EXEC, EXEC EXECVE("argc=2000000000 a0=\"x\""));
	assert_args(r, 1, 2000000000, "x");
	assert_true(a->truncated);
	fact_of(r, SYSCALL_EXEC,
	    EXEC EXECVE("argc=21 a0=\"x\"") EXECVE("a20=\"y\""));
	assert_int_equal(a->count, 21);
	assert_int_equal(a->missing_count, 19);
	assert_int_equal(a->missing[7], 8);
}

/* The record that had argc was lost. */
static void
test_argc_missing(void **state)
{
	struct rig *r = *state;

	fact_of(r, SYSCALL_EXEC, EXEC EXECVE("a2=\"y\""));
	assert_args(r, 3, ID_UNSET, "\0\0y");
	assert_true(r->fact.exec.args.truncated);
}

/* A record was lost in the middle of an argument: what follows is unsure. */
static void
test_missing_chunks(void **state)
{
	struct rig *r = *state;

	fact_of(r, SYSCALL_EXEC,
	    EXEC EXECVE("argc=3 a0=\"x\" a1_len=6 a1[0]=61")
		EXECVE("a1[2]=63 a2=\"y\""));
	assert_args(r, 2, 3, "x\0a");
	assert_true(r->fact.exec.args.truncated);
	fact_of(r, SYSCALL_EXEC,
	    EXEC EXECVE("argc=3 a0=\"x\"") EXECVE("a1[1]=63 a2=\"y\""));
	assert_args(r, 1, 3, "x");
	assert_true(r->fact.exec.args.truncated);
}

/* The same record twice says nothing new. */
static void
test_repeated_args(void **state)
{
	struct rig *r = *state;

	fact_of(r, SYSCALL_EXEC,
	    EXEC EXECVE("argc=2 a0=\"x\" a1=\"y\"")
		EXECVE("argc=2 a0=\"x\" a1=\"y\""));
	assert_args(r, 2, 2, "x\0y");
	fact_of(r, SYSCALL_EXEC,
	    EXEC EXECVE("argc=2 a0=\"x\" a1_len=4 a1[0]=61 a1[1]=62")
		EXECVE("a1[0]=61 a1[1]=62 a0=\"z\""));
	assert_args(r, 2, 2, "x\0ab");
	assert_false(r->fact.exec.args.truncated);
}

/*
 * An event that lacks its end may lack records too; one that has all its
 * arguments does not lack them.
 */
static void
test_incomplete(void **state)
{
	struct rig *r = *state;
	const struct args *a = &r->fact.exec.args;

	give(r, SYSCALL_EXEC, true, EXEC EXECVE("argc=2 a0=\"x\" a1=\"y\""));
	assert_args(r, 2, 2, "x\0y");
	assert_false(a->truncated);
	give(r, SYSCALL_EXEC, true, EXEC EXECVE("argc=3 a0=\"x\" a1=\"y\""));
	assert_args(r, 2, 3, "x\0y");
	assert_true(a->truncated);
	/* the last one may go on */
	give(r, SYSCALL_EXEC, true,
	    EXEC EXECVE("argc=2 a0=\"x\" a1_len=4 a1[0]=79"));
	assert_args(r, 2, 2, "x\0y");
	assert_true(a->truncated);
	give(r, SYSCALL_EXEC, true, EXEC);
	assert_null(a->bytes.at);
	assert_false(a->truncated);
}

/* What comes after the arguments says that there are no more of them. */
static void
test_incomplete_after_args(void **state)
{
	static const char event[] = EXEC EXECVE(
	    "argc=2 a0=\"x\" a1_len=4 a1[0]=79 a1[1]=7A") "type=CWD " STAMP
							  "cwd=\"/tmp\"\n";
	struct rig *r = *state;
	struct assemble_event cut = {.what = ASSEMBLE_SYSCALL,
	    .kind = SYSCALL_EXEC,
	    .at = {1700000000001, 7},
	    .records = bytes_of(event),
	    .cut = true,
	    .incomplete = true};

	give(r, SYSCALL_EXEC, true, event);
	assert_args(r, 2, 2, "x\0yz");
	assert_false(r->fact.exec.args.truncated);
	/* any record may be missing */
	feed_event(r->feed, &cut);
	assert_args(r, 2, 2, "x\0yz");
	assert_true(r->fact.exec.args.truncated);
	/* as are those that come after it */
	give(r, SYSCALL_EXEC, true,
	    EXEC "type=CWD " STAMP
		 "cwd=\"/tmp\"\n" EXECVE("argc=2 a0=\"x\" a1_len=4 a1[0]=79"));
	assert_true(r->fact.exec.args.truncated);
}

/* What is told is always a number of whole strings, however little fits. */
static void
test_args_limit(void **state)
{
	static const char event[] =
	    EXEC EXECVE("argc=4 a0=\"abc\" a1=\"\" a2_len=4 a2[0]=64 a2[1]=65")
		EXECVE("a3=\"f\"");
	static const char all[] = "abc\0\0de\0f";
	struct rig *r = *state;

	for (size_t max = 0; max <= sizeof(all); max++) {
		const struct args *a = &r->fact.exec.args;
		uint32_t ends = 0;

		build(r, max);
		fact_of(r, SYSCALL_EXEC, event);
		assert_true(a->bytes.len <= max);
		assert_int_equal(a->truncated, max < sizeof(all));
		assert_int_equal(a->argc, 4);
		assert_int_equal(a->missing_count, 0);
		for (size_t i = 0; i < a->bytes.len; i++)
			ends += a->bytes.at[i] == '\0';
		assert_int_equal(a->count, ends);
		if (max == sizeof(all))
			assert_same_args(a, 4, 4, all, sizeof(all));
		else if (a->bytes.len > 0)
			assert_memory_equal(a->bytes.at, all, a->bytes.len - 1);
	}
}

static void
test_long_args_are_cut(void **state)
{
	static char event[40000];
	struct rig *r = *state;
	char *at =
	    event + snprintf(event, sizeof(event),
			"%stype=EXECVE " STAMP "argc=2 a0=\"x\" a1=", EXEC);
	const struct args *a = &r->fact.exec.args;

	memset(at, 'A', 30000);
	at[30000] = '\n';
	build(r, 1000);
	fact_of(r, SYSCALL_EXEC, event);
	assert_int_equal(a->bytes.len, 1000);
	assert_int_equal(a->count, 2);
	assert_memory_equal(a->bytes.at, "x\0\xaa\xaa", 4);
	assert_int_equal(a->bytes.at[999], '\0');
	assert_true(a->truncated);
	build(r, ARGS_MAX);
	fact_of(r, SYSCALL_EXEC, event);
	assert_int_equal(a->bytes.len, 2 + 15000 + 1);
	assert_false(a->truncated);
}

/* No argument has a NUL in it; a record that says so is damaged. */
static void
test_nul_in_args(void **state)
{
	struct rig *r = *state;

	fact_of(r, SYSCALL_EXEC, EXEC EXECVE("argc=2 a0=78007900 a1=\"z\""));
	assert_args(r, 1, 2, "x");
	assert_true(r->fact.exec.args.truncated);
}

/* Names that only look like arguments. */
static void
test_odd_arg_names(void **state)
{
	struct rig *r = *state;

	fact_of(r, SYSCALL_EXEC,
	    EXEC EXECVE("argc=2 a0=\"x\" a=\"1\" ab=\"2\" a0x=\"3\" "
			"a4294967297=\"4\" a99999999999999999999=\"5\" "
			"a-1=\"6\" a1_len=1 a1=\"y\" b1=\"7\""));
	assert_args(r, 2, 2, "x\0y");
}

/* Scripts. */

/* An exec of exe, as comm, with these arguments and this PATH item 0. */
static struct bytes
script_of(struct rig *r, const char *comm, const char *exe, const char *args,
    const char *path)
{
	char event[1000];

	snprintf(event, sizeof(event),
	    "type=SYSCALL " STAMP
	    "success=yes exit=0 pid=10 comm=\"%s\" exe=\"%s\"\n"
	    "type=EXECVE " STAMP "%s\n"
	    "type=CWD " STAMP "cwd=\"/tmp\"\n"
	    "type=PATH " STAMP "item=0 name=\"%s\" inode=1\n",
	    comm, exe, args, path);
	return fact_of(r, SYSCALL_EXEC, event)->exec.script;
}

static void
test_scripts(void **state)
{
	struct rig *r = *state;

	assert_bytes(
	    script_of(r, "x.sh", "/usr/bin/dash",
		"argc=3 a0=\"/bin/sh\" a1=\"./x.sh\" a2=\"1\"", "./x.sh"),
	    "./x.sh");
	/* with the one option that an interpreter line may have */
	assert_bytes(
	    script_of(r, "x.sh", "/usr/bin/bash",
		"argc=3 a0=\"/bin/bash\" a1=\"-e\" a2=\"/b/x.sh\"", "/b/x.sh"),
	    "/b/x.sh");
	/* comm has 15 bytes of the name */
	assert_bytes(script_of(r, "a-very-long-scr", "/usr/bin/perl",
			 "argc=2 a0=\"/usr/bin/perl\" "
			 "a1=\"/b/a-very-long-script-name\"",
			 "/b/a-very-long-script-name"),
	    "/b/a-very-long-script-name");
}

/* Each interpreter but the last is a script, with an option or without. */
static void
test_nested_scripts(void **state)
{
	struct rig *r = *state;

	assert_bytes(script_of(r, "c", "/usr/bin/dash",
			 "argc=6 a0=\"/bin/sh\" a1=\"/b/a\" a2=\"-x\" "
			 "a3=\"/b/b\" a4=\"./c\" a5=\"./c\"",
			 "./c"),
	    "./c");
}

static void
test_script_named_as_interpreter(void **state)
{
	struct rig *r = *state;

	assert_bytes(script_of(r, "bash", "/usr/bin/bash",
			 "argc=2 a0=\"/bin/bash\" a1=\"/home/me/bash\"",
			 "/home/me/bash"),
	    "/home/me/bash");
}

/* execveat(5, path): what the interpreter is given is another name. */
static struct bytes
script_at_5(struct rig *r, const char *arg, const char *path)
{
	char event[1000];

	snprintf(event, sizeof(event),
	    "type=SYSCALL " STAMP "success=yes exit=0 a0=5 pid=10 "
	    "comm=\"x\" exe=\"/usr/bin/dash\"\n"
	    "type=EXECVE " STAMP "argc=2 a0=\"/bin/sh\" a1=\"%s\"\n"
	    "type=PATH " STAMP "item=0 name=\"%s\" inode=1\n",
	    arg, path);
	return fact_of(r, SYSCALL_EXEC, event)->exec.script;
}

static void
test_script_below_descriptor(void **state)
{
	struct rig *r = *state;

	assert_bytes(script_at_5(r, "/dev/fd/5", ""), "/dev/fd/5");
	assert_bytes(script_at_5(r, "/dev/fd/5/b/x", "b/x"), "/dev/fd/5/b/x");
	assert_null(script_at_5(r, "/dev/fd/5", "b/x").at);
	assert_null(script_at_5(r, "/dev/fd/5/b/x", "").at);
	assert_null(script_at_5(r, "/dev/fd/50", "").at);
	assert_null(script_at_5(r, "/dev/fd/6", "").at);
	assert_null(script_at_5(r, "/dev/fd", "").at);
}

static void
test_no_scripts(void **state)
{
	struct rig *r = *state;

	/* programs that are links to another, about themselves */
	assert_null(script_of(r, "ls", "/bin/busybox",
	    "argc=2 a0=\"ls\" a1=\"/bin/ls\"", "/bin/ls")
			.at);
	assert_null(script_of(r, "ls", "/bin/busybox",
	    "argc=2 a0=\"/bin/ls\" a1=\"/bin/ls\"", "/bin/ls")
			.at);
	/* a program that is given another's name */
	assert_null(script_of(r, "ls", "/usr/bin/ls",
	    "argc=2 a0=\"/bin/dir\" a1=\"/usr/bin/ls\"", "/usr/bin/ls")
			.at);

	assert_null(script_of(r, "ls", "/usr/bin/ls",
	    "argc=2 a0=\"ls\" a1=\"/bin/ls\"", "/bin/ls")
			.at);
	/* a program that is a link to another: no interpreter */
	assert_null(script_of(
	    r, "awk", "/usr/bin/mawk", "argc=2 a0=\"awk\" a1=\"1\"", "/bin/awk")
			.at);
	/* the interpreter called by name, with a script to run */
	assert_null(script_of(r, "bash", "/usr/bin/bash",
	    "argc=2 a0=\"bash\" a1=\"./x.sh\"", "/bin/bash")
			.at);
	/* too far back to be what the kernel put there */
	assert_null(script_of(r, "x.sh", "/usr/bin/dash",
	    "argc=12 a0=\"/bin/sh\" a1=\"1\" a2=\"2\" a3=\"3\" a4=\"4\" "
	    "a5=\"5\" a6=\"6\" a7=\"7\" a8=\"8\" a9=\"9\" a10=\"10\" "
	    "a11=\"./x.sh\"",
	    "./x.sh")
			.at);
	assert_null(
	    script_of(r, "x.sh", "/usr/bin/dash", "argc=0", "./x.sh").at);
}

/* Streams. */

static void
on_assembled(void *ctx, const struct assemble_event *ev)
{
	struct rig *r = ctx;

	feed_event(r->feed, ev);
}

static void
on_heard(void *ctx, int64_t ms, int64_t whole_ms)
{
	(void)ctx;
	(void)ms;
	(void)whole_ms;
}

static void
on_boot(void *ctx, int64_t ms)
{
	(void)ctx;
	(void)ms;
}

static void
on_gap(
    void *ctx, uint32_t first, uint32_t n, int64_t since_ms, int64_t until_ms)
{
	(void)ctx;
	(void)first;
	(void)n;
	(void)since_ms;
	(void)until_ms;
}

/* A file of tests/data. */
static FILE *
open_data(const char *name)
{
	const char *top = getenv("abs_top_srcdir");
	char path[4096];
	FILE *in;

	snprintf(path, sizeof(path), "%s/tests/data/%s",
	    top != NULL ? top : ".", name);
	in = fopen(path, "re");
	assert_non_null(in);
	return in;
}

/* Feeds a file of tests/data; the fact with the serial wanted is kept. */
static void
read_stream(struct rig *r, const char *name, uint32_t wanted)
{
	static const struct assemble_ops ops = {.event = on_assembled,
	    .heard = on_heard,
	    .gap = on_gap,
	    .boot = on_boot};
	const struct assemble_settings set = {.open_events = 64,
	    .event_bytes = 1 << 20,
	    .eoe_wait_ms = 200,
	    .lateness_ms = 2000};
	struct syscalls *sc = syscalls_new();
	struct assemble *a = assemble_new(&set, sc, &ops, r);
	FILE *in = open_data(name);
	size_t room, n;

	r->wanted = wanted;
	r->facts = 0;
	memset(r->kind, 0, sizeof(r->kind));
	memset(r->shape, 0, sizeof(r->shape));
	r->failed = r->scripts = 0;
	do {
		char *to = assemble_room(a, &room);

		n = fread(to, 1, room, in);
		assemble_take(a, n, 0);
	} while (n > 0);
	fclose(in);
	assemble_finish(a, 0);
	for (int i = 0; i < ASSEMBLE_DROPS; i++)
		assert_int_equal(assemble_counts(a)->drops[i], 0);
	assemble_free(a);
	syscalls_free(sc);
	assert_int_equal(feed_unusable(r->feed), 0);
}

/* What auparse reads in a field; NULL: there is none. */
static const char *
read_by_auparse(auparse_state_t *au, const char *name)
{
	if (auparse_first_record(au) <= 0 ||
	    auparse_find_field(au, name) == NULL)
		return NULL;
	return auparse_get_field_str(au);
}

static void
assert_same_number(auparse_state_t *au, const char *name, uint32_t n)
{
	const char *value = read_by_auparse(au, name);

	if (value != NULL)
		assert_int_equal(n, strtoul(value, NULL, 10));
}

static void
assert_same_string(auparse_state_t *au, const char *name, struct bytes s)
{
	const char *value = read_by_auparse(au, name);

	if (value == NULL || value[0] == '(') {
		assert_null(s.at);
		return;
	}
	value = auparse_interpret_field(au);
	assert_int_equal(s.len, strlen(value));
	assert_memory_equal(s.at, value, s.len);
}

static void
assert_as_auparse_reads(auparse_state_t *au, const struct fact *f)
{
	assert_same_number(au, "ppid", (uint32_t)f->ppid);
	assert_same_number(au, "pid", (uint32_t)f->pid);
	assert_same_number(au, "auid", f->creds.auid);
	assert_same_number(au, "uid", f->creds.uid);
	assert_same_number(au, "gid", f->creds.gid);
	assert_same_number(au, "euid", f->creds.euid);
	assert_same_number(au, "suid", f->creds.suid);
	assert_same_number(au, "egid", f->creds.egid);
	assert_same_number(au, "sgid", f->creds.sgid);
	assert_same_number(au, "ses", f->creds.session);
	assert_same_string(au, "comm", f->comm);
	assert_same_string(au, "exe", f->exe);
	assert_same_string(au, "key", f->key);
}

static void
assert_args_as_auparse_reads(auparse_state_t *au, const struct args *args)
{
	struct bytes rest = args->bytes, arg;
	char name[16];

	assert_same_number(au, "argc", args->argc);
	assert_int_equal(args->count, args->argc);
	for (uint32_t i = 0; i < args->count; i++) {
		assert_true(split_ended(&rest, '\0', &arg));
		snprintf(name, sizeof(name), "a%u", (unsigned)i);
		assert_same_string(au, name, arg);
	}
}

static void
compare_line(struct rig *r, auparse_state_t *au, const char *line)
{
	bool exits = strstr(line, " success=") == NULL;
	char event[20000];

	snprintf(event, sizeof(event), EXEC "%s", line);
	if (strncmp(line, "type=CWD ", 9) == 0) {
		fact_of(r, SYSCALL_EXEC, event);
		assert_same_string(au, "cwd", r->fact.exec.cwd);
	} else if (strncmp(line, "type=EXECVE ", 12) == 0) {
		fact_of(r, SYSCALL_EXEC, event);
		assert_args_as_auparse_reads(au, &r->fact.exec.args);
	} else {
		fact_of(r, exits ? SYSCALL_EXIT : SYSCALL_EXEC, line);
		assert_as_auparse_reads(au, &r->fact);
	}
}

/* Returns how many of a file's lines were compared. */
static unsigned
compare_lines(struct rig *r, const char *name)
{
	char line[16384];
	FILE *in = open_data(name);
	unsigned n = 0;

	while (fgets(line, sizeof(line), in) != NULL) {
		auparse_state_t *au;

		if (strncmp(line, "type=SYSCALL ", 13) != 0 &&
		    strncmp(line, "type=CWD ", 9) != 0 &&
		    strncmp(line, "type=EXECVE ", 12) != 0)
			continue;
		line[strcspn(line, "\n\x1d")] = '\n';
		line[strcspn(line, "\n") + 1] = '\0';
		au = auparse_init(AUSOURCE_BUFFER, line);
		auparse_set_escape_mode(au, AUPARSE_ESC_RAW);
		assert_int_equal(auparse_next_event(au), 1);
		compare_line(r, au, line);
		auparse_destroy(au);
		n++;
	}
	fclose(in);
	return n;
}

/* But for the one whose quote some old kernel forgot: auparse keeps the other.
 */
static void
test_lines_as_auparse_reads_them(void **state)
{
	struct rig *r = *state;

	assert_int_equal(compare_lines(r, "ordinary-day/stream"), 199 + 44);
	assert_int_equal(compare_lines(r, "article/clone-x86_64.log"), 1);
	assert_int_equal(compare_lines(r, "article/execve-i386.log"), 1);
	assert_int_equal(compare_lines(r, "article/exit_group-i386.log"), 1);
}

/* An argument as the kernel logs it, or in chunks, or damaged, or not at all.
 */
static size_t
make_arg(char *to, size_t room, unsigned n)
{
	static const char *const values[] = {"\"ls\"", "\"\"", "2F746D7020",
	    "6D", "\"FOO=bar\"", "\"a-rather-long-word-of-an-argument\"",
	    "\"no-end", "no-begin\"", "6", "", "\"", "plain", "78007900",
	    "(null)", "\"a \"b\""};
	const char *value =
	    values[(size_t)random() % 10 < 9
		       ? (size_t)random() % 6
		       : (size_t)random() %
			     (sizeof(values) / sizeof(values[0]))];

	switch (random() % 40) {
	case 0:
		return (size_t)snprintf(to, room,
		    " a%u_len=9 a%u[0]=616263 a%u[1]=%s", n, n, n, value);
	case 1:
		return (size_t)snprintf(to, room, " a%u[1]=%s", n, value);
	case 2:
		return 0;
	case 3:
		return (size_t)snprintf(
		    to, room, " a%u=%s a%u", n, value, n + 1);
	case 4:
		return (size_t)snprintf(to, room, " %s=%u", value, n);
	case 5:
		return (size_t)snprintf(to, room, " argc=%u", n);
	case 6:
		return (size_t)snprintf(to, room, " a0%u=%s", n, value);
	default:
		return (size_t)snprintf(to, room, " a%u=%s", n, value);
	}
}

/* However a record looks, its arguments are those that auparse reads, to whom
 * a field that is none of an EXECVE record's leads. */
static void
test_args_as_auparse_reads_them(void **state)
{
	struct rig *r = *state;
	struct args args;
	char line[2000], event[4000], bytes[2000];

	srandom(1);
	for (int i = 0; i < 20000; i++) {
		unsigned n = (unsigned)random() % 8;
		size_t at = (size_t)snprintf(
		    line, sizeof(line), "type=EXECVE " STAMP "argc=%u", n);

		for (unsigned k = 0; k < n; k++)
			at += make_arg(line + at, sizeof(line) - at, k);
		snprintf(event, sizeof(event), EXEC "%s\n", line);
		args = fact_of(r, SYSCALL_EXEC, event)->exec.args;
		memcpy(bytes, args.bytes.at, args.bytes.len);
		args.bytes.at = bytes;
		snprintf(event, sizeof(event), EXEC EXECVE("x=1") "%s\n", line);
		fact_of(r, SYSCALL_EXEC, event);
		assert_same_args(&r->fact.exec.args, args.count, args.argc,
		    args.bytes.at, args.bytes.len);
		assert_int_equal(r->fact.exec.args.truncated, args.truncated);
		assert_int_equal(
		    r->fact.exec.args.missing_count, args.missing_count);
	}
}

/* How many of each there are, grep(1) says. */
static void
test_ordinary_day(void **state)
{
	struct rig *r = *state;

	read_stream(r, "ordinary-day/stream", 0);
	assert_int_equal(r->kind[FACT_BIRTH], 27 + 4 + 6);
	assert_int_equal(r->shape[BIRTH_PROCESS], 27 + 6);
	assert_int_equal(r->shape[BIRTH_UNDECIDED], 4);
	assert_int_equal(r->kind[FACT_EXEC], 44 + 10);
	assert_int_equal(r->failed, 10);
	assert_int_equal(r->scripts, 1);
	assert_int_equal(r->kind[FACT_EXIT_GROUP], 47);
	assert_int_equal(r->kind[FACT_EXIT], 3);
	assert_int_equal(r->kind[FACT_ABEND], 1);
	assert_int_equal(r->kind[FACT_NAMESPACE], 0);
}

static void
test_ordinary_exec(void **state)
{
	struct rig *r = *state;

	read_stream(r, "ordinary-day/stream", 58);
	assert_int_equal(r->facts, 1);
	assert_int_equal(r->fact.at.ms, 1795348082980);
	assert_int_equal(r->fact.pid, 158);
	assert_int_equal(r->fact.ppid, 154);
	assert_int_equal(r->fact.creds.auid, ID_UNSET);
	assert_int_equal(r->fact.creds.session, ID_UNSET);
	assert_int_equal(r->fact.creds.euid, 0);
	assert_bytes(r->fact.comm, "echo");
	assert_bytes(r->fact.exe, "/usr/bin/echo");
	assert_bytes(r->fact.key, "proclife");
	assert_args(r, 4, 4, "/bin/echo\0hello\0two words\0new\nline");
	assert_bytes(r->fact.exec.cwd, "/tmp");
	assert_null(r->fact.exec.script.at);
}

/* Real script of a 6.1 kernel: PATH item 0 and 1 both have its name. */
static void
test_ordinary_script(void **state)
{
	struct rig *r = *state;

	read_stream(r, "ordinary-day/stream", 22);
	assert_int_equal(r->facts, 1);
	assert_bytes(r->fact.comm, "an-ordinary-day");
	assert_bytes(r->fact.exe, "/usr/bin/bash");
	assert_args(r, 2, 2, "/bin/bash\0/usr/local/bin/an-ordinary-day");
	assert_bytes(r->fact.exec.script, "/usr/local/bin/an-ordinary-day");
}

static void
test_ordinary_failed_exec(void **state)
{
	struct rig *r = *state;

	read_stream(r, "ordinary-day/stream", 44);
	assert_int_equal(r->facts, 1);
	assert_int_equal(r->fact.kind, FACT_EXEC);
	assert_false(r->fact.exec.success);
	assert_int_equal(r->fact.exec.error, ENOENT);
	assert_int_equal(r->fact.pid, 153);
	assert_bytes(r->fact.comm, "timeout");
	assert_null(r->fact.exec.args.bytes.at);
}

static void
test_ordinary_abend(void **state)
{
	struct rig *r = *state;

	read_stream(r, "ordinary-day/stream", 33);
	assert_int_equal(r->facts, 1);
	assert_int_equal(r->fact.kind, FACT_ABEND);
	assert_int_equal(r->fact.pid, 148);
	assert_int_equal(r->fact.signal, 11);
	assert_bytes(r->fact.exe, "/usr/bin/dash");
}

/* Its exe has no opening quote. */
static void
test_article_missing_quote(void **state)
{
	struct rig *r = *state;

	read_stream(r, "article/clone-i386.log", 20569);
	assert_int_equal(r->facts, 1);
	assert_birth(&r->fact, 12878, BIRTH_PROCESS, false, false);
	assert_int_equal(r->fact.pid, 6132);
	assert_int_equal(r->fact.ppid, 5794);
	assert_int_equal(r->fact.creds.auid, 0);
	assert_int_equal(r->fact.creds.session, 10);
	assert_int_equal(r->fact.tty.major, 136);
	assert_int_equal(r->fact.tty.minor, 1);
	assert_bytes(r->fact.comm, "postmaster");
	assert_bytes(r->fact.exe, "/usr/pgsql-11/bin/postgres");
	assert_bytes(r->fact.key, "MyMonitor");
}

static void
test_article(void **state)
{
	struct rig *r = *state;

	read_stream(r, "article/clone-x86_64.log", 5467642);
	assert_int_equal(r->facts, 1);
	assert_birth(&r->fact, 115384, BIRTH_PROCESS, false, false);
	assert_int_equal(r->fact.pid, 1159);
	assert_int_equal(r->fact.ppid, 1);
	assert_int_equal(r->fact.creds.auid, ID_UNSET);
	assert_int_equal(r->fact.creds.uid, 26);
	assert_int_equal(r->fact.tty.major, 0);

	read_stream(r, "article/execve-i386.log", 20900);
	assert_int_equal(r->facts, 1);
	assert_int_equal(r->fact.kind, FACT_EXEC);
	assert_true(r->fact.exec.success);
	assert_int_equal(r->fact.pid, 12988);
	assert_bytes(r->fact.comm, "sh");
	assert_bytes(r->fact.exe, "/bin/bash");
	assert_null(r->fact.exec.args.bytes.at);

	read_stream(r, "article/exit_group-i386.log", 24250);
	assert_int_equal(r->facts, 1);
	assert_int_equal(r->fact.kind, FACT_EXIT_GROUP);
	assert_int_equal(r->fact.code, 0);
	assert_int_equal(r->fact.pid, 14107);

	read_stream(r, "article/reordered-short-life.log", 43767);
	assert_int_equal(r->facts, 1);
	assert_birth(&r->fact, 22093, BIRTH_PROCESS, false, false);
	assert_int_equal(r->kind[FACT_EXEC], 1);
	assert_int_equal(r->kind[FACT_EXIT_GROUP], 1);
}

static void
test_free_of_nothing(void **state)
{
	(void)state;
	feed_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_ids),
	    TEST(test_unset_ids),
	    TEST(test_events_share_nothing),
	    TEST(test_births),
	    TEST(test_clone_flags),
	    TEST(test_no_births),
	    TEST(test_exits),
	    TEST(test_namespaces),
	    TEST(test_reboots),
	    TEST(test_abend),
	    TEST(test_seccomp),
	    TEST(test_unusable),
	    TEST(test_tty),
	    TEST(test_strings),
	    TEST(test_keys),
	    TEST(test_odd_fields),
	    TEST(test_long_strings),
	    TEST(test_exec),
	    TEST(test_exec_failed),
	    TEST(test_no_args),
	    TEST(test_empty_args),
	    TEST(test_chunks),
	    TEST(test_args_over_many_records),
	    TEST(test_missing_args),
	    TEST(test_many_missing_args),
	    TEST(test_argc_missing),
	    TEST(test_missing_chunks),
	    TEST(test_repeated_args),
	    TEST(test_incomplete),
	    TEST(test_incomplete_after_args),
	    TEST(test_args_limit),
	    TEST(test_long_args_are_cut),
	    TEST(test_nul_in_args),
	    TEST(test_odd_arg_names),
	    TEST(test_scripts),
	    TEST(test_nested_scripts),
	    TEST(test_script_named_as_interpreter),
	    TEST(test_script_below_descriptor),
	    TEST(test_no_scripts),
	    TEST(test_lines_as_auparse_reads_them),
	    TEST(test_args_as_auparse_reads_them),
	    TEST(test_ordinary_day),
	    TEST(test_ordinary_exec),
	    TEST(test_ordinary_script),
	    TEST(test_ordinary_failed_exec),
	    TEST(test_ordinary_abend),
	    TEST(test_article_missing_quote),
	    TEST(test_article),
	    cmocka_unit_test(test_free_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
