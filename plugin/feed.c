/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed.h"

#include <auparse.h>
#include <linux/audit.h>
#include <linux/reboot.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "feed_args.h"
#include "feed_field.h"
#include "feed_script.h"
#include "feed_value.h"
#include "split.h"

#define SIGNAL_MAX 64          /* the kernel's own: _NSIG */
#define SCRATCH    (16 * 1024) /* decoded comm, exe, cwd, key, script path */

enum line_kind {
	LINE_CALL, /* SYSCALL, ANOM_ABEND, SECCOMP */
	LINE_FILE, /* CWD, PATH */
	LINE_ARGS, /* EXECVE */
};

struct feed {
	auparse_state_t *au;
	feed_fact_fn fn;
	void *ctx;
	uint64_t unusable;

	/* The event that is read just now. */
	const struct assemble_event *event;
	struct fact fact;
	uint32_t arch;
	uint64_t a[4];
	int64_t result;
	unsigned has; /* FIELD_BIT() of each field that was there */
	bool success;
	bool argued;       /* records of other kinds came after EXECVE's */
	bool fed;          /* auparse has some of its records */
	struct bytes path; /* PATH item 0: the file that was executed */

	size_t used;
	char scratch[SCRATCH];
	struct feed_args *args;
};

/* A decoded string in the scratch space; (null) and friends are unknown. */
static struct bytes
string_of(struct feed *f, struct bytes s)
{
	struct bytes b = {f->scratch + f->used, 0};
	bool cut;

	if (s.len == 0 || s.at[0] == '(' || bytes_equal(s, BYTES_LITERAL("?")))
		return BYTES_NONE;
	b.len =
	    feed_value_string(s, f->scratch + f->used, SCRATCH - f->used, &cut);
	if (cut)
		return BYTES_NONE;
	f->used += b.len;
	return b;
}

/* The keys of rules, without those that are empty. */
static struct bytes
keys_of(struct feed *f, struct bytes value)
{
	struct bytes rest = string_of(f, value), key;
	char *keys = f->scratch + f->used - rest.len, *to = keys;

	while (split_take(&rest, KEY_SEPARATOR, &key)) {
		if (key.len == 0)
			continue;
		if (to != keys)
			*to++ = KEY_SEPARATOR;
		memmove(to, key.at, key.len);
		to += key.len;
	}
	if (to == keys)
		return BYTES_NONE;
	return (struct bytes){keys, (size_t)(to - keys)};
}

/* Where the id that a field holds belongs; NULL: it holds none. */
static uint32_t *
id_at(struct creds *c, enum feed_field field)
{
	switch (field) {
	case FIELD_AUID:
		return &c->auid;
	case FIELD_UID:
		return &c->uid;
	case FIELD_GID:
		return &c->gid;
	case FIELD_EUID:
		return &c->euid;
	case FIELD_SUID:
		return &c->suid;
	case FIELD_EGID:
		return &c->egid;
	case FIELD_SGID:
		return &c->sgid;
	case FIELD_SES:
		return &c->session;
	default:
		return NULL;
	}
}

/* A field of a SYSCALL, ANOM_ABEND or SECCOMP record. */
static void
take_field(struct feed *f, enum feed_field field, struct bytes value)
{
	struct fact *fact = &f->fact;
	uint32_t *id = id_at(&fact->creds, field);

	f->has |= FIELD_BIT(field);
	if (id != NULL)
		*id = feed_value_id(value);
	switch (field) {
	case FIELD_ARCH:
		f->arch = (uint32_t)feed_value_argument(value);
		break;
	case FIELD_SUCCESS:
		f->success = bytes_equal(value, BYTES_LITERAL("yes"));
		break;
	case FIELD_EXIT:
		f->result = feed_value_result(value);
		break;
	case FIELD_A0:
		f->a[0] = feed_value_argument(value);
		break;
	case FIELD_A1:
		f->a[1] = feed_value_argument(value);
		break;
	case FIELD_A2:
		f->a[2] = feed_value_argument(value);
		break;
	case FIELD_PPID:
		fact->ppid = feed_value_pid(value);
		break;
	case FIELD_PID:
		fact->pid = feed_value_pid(value);
		break;
	case FIELD_TTY:
		fact->tty = feed_value_tty(value);
		break;
	case FIELD_COMM:
		fact->comm = string_of(f, value);
		break;
	case FIELD_EXE:
		fact->exe = string_of(f, value);
		break;
	case FIELD_KEY:
		fact->key = keys_of(f, value);
		break;
	case FIELD_SIG:
		fact->signal = feed_value_pid(value);
		break;
	default:
		break;
	}
}

/* A field of an exec's CWD or PATH record. */
static void
take_file(struct feed *f, enum feed_field field, struct bytes value)
{
	if (field == FIELD_CWD)
		f->fact.exec.cwd = string_of(f, value);
	else if (field == FIELD_NAME)
		f->path = string_of(f, value);
}

/* Takes the next field off the line; false: there is none with a value. They
 * are of a few bytes: memchr(3) would take longer. */
static bool
take_next(struct bytes *line, struct bytes *name, struct bytes *value)
{
	const char *at = line->at, *end = at + line->len, *from = at;

	while (at < end && *at != '=') {
		if (*at++ == ' ')
			from = at;
	}
	if (at == end)
		return false;
	*name = (struct bytes){from, (size_t)(at - from)};
	from = ++at;
	while (at < end && *at != ' ')
		at++;
	*value = (struct bytes){from, (size_t)(at - from)};
	*line = (struct bytes){at, (size_t)(end - at)};
	return true;
}

/*
 * A record that holds no arguments, as its line has it. The kernel quotes or
 * encodes a name that has a blank (kernel/audit.c,
 * audit_string_contains_control()); a label of AppArmor's may have one, but
 * nobody reads that. What auparse would do is copy each field.
 */
static void
take_line(struct feed *f, struct bytes line, enum line_kind kind)
{
	struct bytes name, value;
	size_t at = 0;

	while (take_next(&line, &name, &value)) {
		enum feed_field field = feed_field_of(name, &at);

		if (value.len == 0)
			continue;
		if (kind == LINE_FILE)
			take_file(f, field, value);
		else
			take_field(f, field, value);
	}
}

/*
 * The arguments of an EXECVE record, as its line has them: argc=2 a0="ls"
 * a1="-l", as nearly all have. False: there is more to it, chunks of a long
 * argument or damage; what was taken before may be taken again.
 */
static bool
take_plain_args(struct feed *f, struct bytes line)
{
	struct bytes name, value;

	(void)split_ended(&line, ' ', &name); /* type */
	(void)split_ended(&line, ' ', &name); /* msg */
	while (take_next(&line, &name, &value))
		if (!feed_args_take_plain(f->args, name, value))
			return false;
	return true;
}

/* Each argument of an EXECVE record that is not so plain. */
static void
take_args(struct feed *f)
{
	if (auparse_first_field(f->au) == 0)
		return;
	do {
		const char *name = auparse_get_field_name(f->au);
		const char *value = auparse_get_field_str(f->au);

		if (name != NULL && value != NULL)
			feed_args_take(f->args, name, bytes_of(value));
	} while (auparse_next_field(f->au) > 0);
}

static void
take_records(struct feed *f)
{
	if (auparse_first_record(f->au) <= 0)
		return;
	do {
		if (auparse_get_type(f->au) == AUDIT_EXECVE)
			take_args(f);
	} while (auparse_next_record(f->au) > 0);
}

/* The whole event to a fact. */

static bool
finish_birth(struct feed *f, enum syscall_kind kind)
{
	struct fact_birth *b = &f->fact.birth;
	uint32_t flags;

	if (!f->success || f->result <= 0 || f->result > INT32_MAX)
		return false; /* a failed one bore nobody */
	b->child = (int32_t)f->result;
	b->shape = BIRTH_PROCESS;
	if (kind == SYSCALL_CLONE3)
		b->shape = BIRTH_UNDECIDED;
	if (kind != SYSCALL_CLONE)
		return true;
	flags = syscalls_clone_flags(f->arch, f->a[0], f->a[1]);
	if (syscalls_clone_thread(flags))
		b->shape = BIRTH_THREAD;
	b->sibling = syscalls_clone_sibling(flags);
	b->new_pidns = syscalls_clone_new_pidns(flags);
	return true;
}

/*
 * Whether arguments may be missing that were still to come: the kernel logs
 * all of them before CWD and PATH (kernel/auditsc.c, audit_log_exit()).
 */
static bool
lacks_args(const struct feed *f)
{
	return f->event->cut || (f->event->incomplete && !f->argued);
}

static void
finish_exec(struct feed *f)
{
	struct fact_exec *e = &f->fact.exec;

	e->success = f->success;
	if (!f->success && f->result < 0 && f->result > -4096)
		e->error = (int)-f->result;
	e->args = *feed_args_finish(f->args, lacks_args(f));
	e->script = feed_script(&f->fact, f->path, f->a[0]);
}

/* unshare(flags), setns(fd, type): a type of 0 may be anything. */
static bool
finish_namespace(struct feed *f, enum syscall_kind kind)
{
	bool setns = kind == SYSCALL_SETNS;
	uint32_t flags = (uint32_t)f->a[setns ? 1 : 0];

	f->fact.new_pidns = !setns;
	return f->success &&
	       (syscalls_clone_new_pidns(flags) || (setns && flags == 0));
}

/*
 * In a pid namespace below the first the caller does not come back
 * (kernel/pid_namespace.c, reboot_pid_ns()): the record lacks its success.
 */
static bool
finish_reboot(struct feed *f)
{
	switch ((uint32_t)f->a[2]) {
	case LINUX_REBOOT_CMD_RESTART:
	case LINUX_REBOOT_CMD_RESTART2:
		f->fact.reboot = SIGHUP;
		break;
	case LINUX_REBOOT_CMD_HALT:
	case LINUX_REBOOT_CMD_POWER_OFF:
		f->fact.reboot = SIGINT;
		break;
	default:
		return false;
	}
	return (f->has & FIELD_BIT(FIELD_SUCCESS)) == 0;
}

static bool
is_usable(const struct feed *f)
{
	unsigned need = feed_field_needs(f->event) | FIELD_BIT(FIELD_PID);

	if ((f->has & need) != need || f->fact.pid <= 0)
		return false;
	return f->event->what == ASSEMBLE_SYSCALL ||
	       (f->fact.signal > 0 && f->fact.signal <= SIGNAL_MAX);
}

static bool
finish(struct feed *f)
{
	const struct assemble_event *ev = f->event;

	if (!is_usable(f)) {
		f->unusable++;
		return false;
	}
	if (ev->what != ASSEMBLE_SYSCALL)
		return true;
	switch (ev->kind) {
	case SYSCALL_FORK:
	case SYSCALL_VFORK:
	case SYSCALL_CLONE:
	case SYSCALL_CLONE3:
		return finish_birth(f, ev->kind);
	case SYSCALL_EXEC:
		finish_exec(f);
		return true;
	case SYSCALL_EXIT:
	case SYSCALL_EXIT_GROUP:
		f->fact.code = (int32_t)(f->a[0] & 0xff);
		return true;
	case SYSCALL_UNSHARE:
	case SYSCALL_SETNS:
		return finish_namespace(f, ev->kind);
	case SYSCALL_REBOOT:
		return finish_reboot(f);
	case SYSCALL_OTHER:
		break;
	}
	return false;
}

static enum fact_kind
fact_kind_of(const struct assemble_event *ev)
{
	if (ev->what == ASSEMBLE_ABEND)
		return FACT_ABEND;
	if (ev->what == ASSEMBLE_SECCOMP)
		return FACT_SECCOMP;
	switch (ev->kind) {
	case SYSCALL_EXEC:
		return FACT_EXEC;
	case SYSCALL_EXIT:
	case SYSCALL_REBOOT:
		return FACT_EXIT;
	case SYSCALL_EXIT_GROUP:
		return FACT_EXIT_GROUP;
	case SYSCALL_UNSHARE:
	case SYSCALL_SETNS:
		return FACT_NAMESPACE;
	default:
		return FACT_BIRTH;
	}
}

static void
begin(struct feed *f)
{
	memset(&f->fact, 0, sizeof(f->fact));
	f->fact.kind = fact_kind_of(f->event);
	f->fact.at = f->event->at;
	f->fact.ppid = -1;
	f->fact.creds = CREDS_UNKNOWN;
	feed_args_begin(f->args);
	memset(f->a, 0, sizeof(f->a));
	f->arch = 0;
	f->result = 0;
	f->has = 0;
	f->success = f->argued = f->fed = false;
	f->path = BYTES_NONE;
	f->used = 0;
}

/* auparse has an event: the one we just gave it, or what it made of it. */
static void
on_ready(auparse_state_t *au, auparse_cb_event_t type, void *ctx)
{
	struct feed *f = ctx;

	(void)au;
	if (type == AUPARSE_CB_EVENT_READY && f->event != NULL)
		take_records(f);
}

struct feed *
feed_new(size_t args_max, feed_fact_fn fn, void *ctx, struct err *err)
{
	struct feed *f = calloc(1, sizeof(*f));

	if (f == NULL || (f->args = feed_args_new(args_max)) == NULL) {
		err_errno(err, "feed");
		free(f);
		return NULL;
	}
	f->fn = fn;
	f->ctx = ctx;
	f->au = auparse_init(AUSOURCE_FEED, NULL);
	if (f->au == NULL) {
		err_errno(err, "auparse_init");
		feed_free(f);
		return NULL;
	}
	auparse_add_callback(f->au, on_ready, f, NULL);
	return f;
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	if (f->au != NULL)
		auparse_destroy(f->au);
	feed_args_free(f->args);
	free(f);
}

static bool
is_of_type(struct bytes line, struct bytes head)
{
	return line.len >= head.len && memcmp(line.at, head.at, head.len) == 0;
}

/* Of what is no exec only the first of these can be. */
static enum line_kind
kind_of(struct bytes line)
{
	if (is_of_type(line, BYTES_LITERAL("type=EXECVE ")))
		return LINE_ARGS;
	if (is_of_type(line, BYTES_LITERAL("type=CWD ")) ||
	    is_of_type(line, BYTES_LITERAL("type=PATH ")))
		return LINE_FILE;
	return LINE_CALL;
}

static void
read_args(struct feed *f, struct bytes line)
{
	if (!f->fed && take_plain_args(f, line))
		return;
	auparse_feed(f->au, line.at, line.len + 1);
	f->fed = true;
}

static void
read_records(struct feed *f)
{
	struct bytes rest = f->event->records, line;
	bool exec = f->fact.kind == FACT_EXEC;

	while (split_ended(&rest, '\n', &line)) {
		enum line_kind kind = kind_of(line);

		if (kind != LINE_CALL && !exec)
			continue;
		if (kind != LINE_CALL)
			f->argued = kind == LINE_FILE;
		if (kind == LINE_ARGS)
			read_args(f, line);
		else
			take_line(f, line, kind);
	}
	if (f->fed)
		auparse_flush_feed(f->au);
}

void
feed_event(struct feed *f, const struct assemble_event *ev)
{
	f->event = ev;
	begin(f);
	read_records(f);
	if (finish(f))
		f->fn(f->ctx, &f->fact);
	f->event = NULL;
}

uint64_t
feed_unusable(const struct feed *f)
{
	return f->unusable;
}
