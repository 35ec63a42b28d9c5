/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed.h"

#include <auparse.h>
#include <errno.h>
#include <limits.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#define ARGC_MAX   0x7fffffff  /* the kernel's own: MAX_ARG_STRINGS */
#define SIGNAL_MAX 64          /* the kernel's own: _NSIG */
#define SCRATCH    (16 * 1024) /* decoded comm, exe, cwd, key, script path */

struct feed {
	auparse_state_t *au;
	feed_fact_fn fn;
	void *ctx;
	uint64_t unusable;

	/* The event that auparse hands out just now. */
	const struct assemble_event *event;
	struct fact fact;
	uint32_t arch;
	uint64_t a[4];
	int64_t result;
	unsigned has; /* BIT() of each field that was there */
	bool success;
	struct bytes path; /* PATH item 0: the file that was executed */

	size_t used;
	char scratch[SCRATCH];
	size_t args_len, args_max;
	char *args;
	uint32_t arg;   /* the argument read last */
	uint32_t chunk; /* its newest chunk */
	bool arg_open;  /* it may have further chunks */
	bool chunked;   /* it came in chunks */
};

/* Values as the kernel writes them. */

static uint64_t
unsigned_of(const char *s, int base)
{
	return strtoull(s, NULL, base);
}

/* An id; what is out of range or no number counts as unset. */
static uint32_t
id_of(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	return *s == '\0' || *end != '\0' || n > UINT32_MAX ? ID_UNSET
							    : (uint32_t)n;
}

static int32_t
pid_of(const char *s)
{
	uint32_t n = id_of(s);

	return n > INT32_MAX ? -1 : (int32_t)n;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/*
 * Decodes a string as audit_log_untrustedstring() of kernel/audit.c writes it:
 * in quotes as it is, else two hexadecimal digits a byte. What is neither is
 * taken literally (some old kernels forget a quote). Returns its length, at
 * most room; *cut is set if that was not enough.
 */
static size_t
decode(const char *s, char *out, size_t room, bool *cut)
{
	size_t len = strlen(s), n = 0;
	bool hex = len % 2 == 0;

	*cut = false;
	for (size_t i = 0; hex && i < len; i++)
		hex = hex_digit(s[i]) >= 0;
	if (hex && len > 0) {
		for (; n < room && n * 2 < len; n++)
			out[n] = (char)(hex_digit(s[n * 2]) * 16 +
					hex_digit(s[n * 2 + 1]));
		*cut = n * 2 < len;
		return n;
	}
	if (len > 0 && s[0] == '"') {
		s++;
		len--;
	}
	if (len > 0 && s[len - 1] == '"')
		len--;
	*cut = len > room;
	n = *cut ? room : len;
	memcpy(out, s, n);
	return n;
}

/* A decoded string in the scratch space; (null) and friends are unknown. */
static struct bytes
string_of(struct feed *f, const char *s)
{
	struct bytes b = {f->scratch + f->used, 0};
	bool cut;

	if (*s == '(' || *s == '\0' || strcmp(s, "?") == 0)
		return BYTES_NONE;
	b.len = decode(s, f->scratch + f->used, SCRATCH - f->used, &cut);
	if (cut)
		return BYTES_NONE;
	f->used += b.len;
	return b;
}

/* pts0, ttyS1 ...: only pseudo terminals can be numbered by name. */
static struct tty
tty_of(const char *s)
{
	unsigned long n;
	char *end;

	if (strncmp(s, "pts", 3) != 0)
		return (struct tty){0, 0};
	s += s[3] == '/' ? 4 : 3;
	n = strtoul(s, &end, 10);
	if (*s == '\0' || *end != '\0' || n > 0xfffff)
		return (struct tty){0, 0};
	/* drivers/tty/pty.c, unix98_pty_init(): one major for all of them */
	return (struct tty){TTY_PTS_MAJOR, (uint32_t)n};
}

/* SYSCALL and ANOM_ABEND. */

enum field {
	FIELD_OTHER,
	FIELD_ARCH,
	FIELD_SUCCESS,
	FIELD_EXIT,
	FIELD_A0,
	FIELD_A1,
	FIELD_PPID,
	FIELD_PID,
	FIELD_AUID,
	FIELD_UID,
	FIELD_GID,
	FIELD_EUID,
	FIELD_SUID,
	FIELD_EGID,
	FIELD_SGID,
	FIELD_TTY,
	FIELD_SES,
	FIELD_COMM,
	FIELD_EXE,
	FIELD_KEY,
	FIELD_SIG,
};

#define BIT(field) (1u << (field))

/* In the order in which records have them: the search goes on from there. */
static const struct {
	const char *name;
	enum field field;
} fields[] = {
    {"arch", FIELD_ARCH},
    {"success", FIELD_SUCCESS},
    {"exit", FIELD_EXIT},
    {"a0", FIELD_A0},
    {"a1", FIELD_A1},
    {"ppid", FIELD_PPID},
    {"pid", FIELD_PID},
    {"auid", FIELD_AUID},
    {"uid", FIELD_UID},
    {"gid", FIELD_GID},
    {"euid", FIELD_EUID},
    {"suid", FIELD_SUID},
    {"egid", FIELD_EGID},
    {"sgid", FIELD_SGID},
    {"tty", FIELD_TTY},
    {"ses", FIELD_SES},
    {"comm", FIELD_COMM},
    {"exe", FIELD_EXE},
    {"key", FIELD_KEY},
    {"sig", FIELD_SIG},
};

#define NFIELDS (sizeof(fields) / sizeof(fields[0]))

/* Looks from *at on, and round: fields come in nearly the table's order. */
static enum field
field_of(const char *name, size_t *at)
{
	for (size_t i = 0; i < NFIELDS; i++) {
		size_t k = (*at + i) % NFIELDS;

		if (strcmp(fields[k].name, name) == 0) {
			*at = k + 1;
			return fields[k].field;
		}
	}
	return FIELD_OTHER;
}

/*
 * auparse splits the keys of a record into fields of their own, one after
 * another; they are joined again by the kernel's separator.
 */
static void
add_key(struct feed *f, const char *s)
{
	struct bytes *all = &f->fact.key;
	struct bytes key;

	if (all->at == NULL) {
		*all = string_of(f, s);
		return;
	}
	if (f->used == SCRATCH)
		return;
	f->scratch[f->used++] = KEY_SEPARATOR;
	key = string_of(f, s);
	if (key.at != NULL)
		all->len += 1 + key.len;
	else
		f->used--;
}

static void
take_field(struct feed *f, enum field field, const char *value)
{
	struct fact *fact = &f->fact;
	struct creds *c = &fact->creds;

	switch (field) {
	case FIELD_ARCH:
		f->arch = (uint32_t)unsigned_of(value, 16);
		break;
	case FIELD_SUCCESS:
		f->success = strcmp(value, "yes") == 0;
		break;
	case FIELD_EXIT:
		f->result = strtoll(value, NULL, 10);
		break;
	case FIELD_A0:
		f->a[0] = unsigned_of(value, 16);
		break;
	case FIELD_A1:
		f->a[1] = unsigned_of(value, 16);
		break;
	case FIELD_PPID:
		fact->ppid = pid_of(value);
		break;
	case FIELD_PID:
		fact->pid = pid_of(value);
		break;
	case FIELD_AUID:
		c->auid = id_of(value);
		break;
	case FIELD_UID:
		c->uid = id_of(value);
		break;
	case FIELD_GID:
		c->gid = id_of(value);
		break;
	case FIELD_EUID:
		c->euid = id_of(value);
		break;
	case FIELD_SUID:
		c->suid = id_of(value);
		break;
	case FIELD_EGID:
		c->egid = id_of(value);
		break;
	case FIELD_SGID:
		c->sgid = id_of(value);
		break;
	case FIELD_TTY:
		fact->tty = tty_of(value);
		break;
	case FIELD_SES:
		c->session = id_of(value);
		break;
	case FIELD_COMM:
		fact->comm = string_of(f, value);
		break;
	case FIELD_EXE:
		fact->exe = string_of(f, value);
		break;
	case FIELD_KEY:
		add_key(f, value);
		break;
	case FIELD_SIG:
		fact->signal = pid_of(value);
		break;
	case FIELD_OTHER:
		break;
	}
}

static void
take_process_record(struct feed *f)
{
	size_t at = 0;

	if (auparse_first_field(f->au) == 0)
		return;
	do {
		const char *name = auparse_get_field_name(f->au);
		const char *value = auparse_get_field_str(f->au);
		enum field field;

		if (name == NULL || value == NULL)
			continue;
		field = field_of(name, &at);
		f->has |= BIT(field);
		take_field(f, field, value);
	} while (auparse_next_field(f->au) > 0);
}

/* EXECVE: argc=N a0=V a1_len=L a1[0]=V a1[1]=V ... */

/* One more byte of arguments; false: the limit is reached. */
static bool
put_arg_byte(struct feed *f, char c)
{
	if (f->args_len >= f->args_max)
		return false;
	f->args[f->args_len++] = c;
	return true;
}

/* Ends the argument that is open, and names those that are missing. */
static void
begin_arg(struct feed *f, uint32_t index)
{
	struct args *args = &f->fact.exec.args;

	if (f->arg_open && !put_arg_byte(f, '\0'))
		args->truncated = true;
	f->arg_open = false;
	while (args->count < index && !args->truncated) {
		if (!put_arg_byte(f, '\0')) {
			args->truncated = true;
			return;
		}
		if (args->missing_count < ARGS_MISSING_MAX)
			args->missing[args->missing_count] = args->count;
		args->missing_count++;
		args->count++;
	}
}

/*
 * The argument and its chunk in aN and aN[M]; false for other names, aN_len
 * among them: the kernel itself does not trust that (kernel/auditsc.c,
 * audit_log_execve_info()).
 */
static bool
arg_index(const char *name, uint32_t *index, uint32_t *chunk, bool *chunked)
{
	char *end;
	unsigned long n;

	if (name[0] != 'a' || name[1] < '0' || name[1] > '9')
		return false;
	n = strtoul(name + 1, &end, 10);
	*chunked = *end == '[';
	*index = (uint32_t)n;
	*chunk = *chunked ? (uint32_t)strtoul(end + 1, NULL, 10) : 0;
	return n <= ARGC_MAX && (*chunked || *end == '\0');
}

/* Appends to the argument that is open; one byte is kept for its NUL. */
static void
put_arg(struct feed *f, const char *value)
{
	char *to = f->args + f->args_len;
	size_t room = f->args_max - f->args_len - 1;
	bool cut;
	size_t n = decode(value, to, room, &cut);
	size_t len = strnlen(to, n);

	/* no argument has a NUL in it: what has is damaged */
	f->args_len += len;
	f->fact.exec.args.truncated = cut || len < n;
}

/* A further chunk; what follows a lost one is in no known place. */
static void
take_chunk(struct feed *f, uint32_t index, uint32_t chunk, const char *value)
{
	bool same = f->arg_open && index == f->arg;

	if (same && chunk == f->chunk + 1) {
		f->chunk = chunk;
		put_arg(f, value);
	} else if (same ? chunk > f->chunk : index >= f->fact.exec.args.count) {
		f->fact.exec.args.truncated = true;
	}
}

/* An argument, or its first chunk. */
static void
take_arg(struct feed *f, uint32_t index, bool chunked, const char *value)
{
	struct args *args = &f->fact.exec.args;

	if (index < args->count)
		return; /* a repeated record */
	begin_arg(f, index);
	if (f->args_len == f->args_max)
		args->truncated = true;
	if (args->truncated)
		return;
	f->arg = index;
	f->chunk = 0;
	f->chunked = chunked;
	f->arg_open = true;
	args->count++;
	put_arg(f, value);
}

static void
take_execve_record(struct feed *f)
{
	struct args *args = &f->fact.exec.args;

	if (auparse_first_field(f->au) == 0)
		return;
	do {
		const char *name = auparse_get_field_name(f->au);
		const char *value = auparse_get_field_str(f->au);
		uint32_t index, chunk;
		bool chunked;

		if (name == NULL || value == NULL)
			continue;
		if (strcmp(name, "argc") == 0)
			args->argc = id_of(value);
		else if (args->truncated ||
			 !arg_index(name, &index, &chunk, &chunked))
			continue;
		else if (chunk > 0)
			take_chunk(f, index, chunk, value);
		else
			take_arg(f, index, chunked, value);
	} while (auparse_next_field(f->au) > 0);
}

/* Whether more is missing than can be named, or nobody knows how much. */
static bool
is_cut(const struct feed *f)
{
	const struct args *args = &f->fact.exec.args;

	if (args->argc == ID_UNSET)
		return true;
	if (f->event->incomplete && (args->count < args->argc || f->chunked))
		return true;
	return args->argc > args->count &&
	       args->argc - args->count > ARGS_MISSING_MAX;
}

/* What fills the arguments up to argc once all records are read. */
static void
finish_args(struct feed *f)
{
	struct args *args = &f->fact.exec.args;

	if (args->count == 0 && args->argc == ID_UNSET)
		return; /* there was no record */
	if (is_cut(f))
		args->truncated = true;
	begin_arg(f, args->truncated ? args->count : args->argc);
	args->bytes = (struct bytes){f->args, f->args_len};
}

/* CWD and PATH. */

static struct bytes
take_one(struct feed *f, const char *name)
{
	const char *value;

	if (auparse_find_field(f->au, name) == NULL)
		return BYTES_NONE;
	value = auparse_get_field_str(f->au);
	return value == NULL ? BYTES_NONE : string_of(f, value);
}

static void
take_records(struct feed *f)
{
	if (auparse_first_record(f->au) <= 0)
		return;
	do {
		switch (auparse_get_type(f->au)) {
		case AUDIT_SYSCALL:
		case AUDIT_ANOM_ABEND:
			take_process_record(f);
			break;
		case AUDIT_EXECVE:
			if (f->fact.kind == FACT_EXEC)
				take_execve_record(f);
			break;
		case AUDIT_CWD:
			if (f->fact.kind == FACT_EXEC)
				f->fact.exec.cwd = take_one(f, "cwd");
			break;
		case AUDIT_PATH:
			f->path = take_one(f, "name");
			break;
		}
	} while (auparse_next_record(f->au) > 0);
}

/* The whole event to a fact. */

static struct bytes
base_name(struct bytes path)
{
	const char *slash =
	    path.at == NULL ? NULL : memrchr(path.at, '/', path.len);

	if (slash == NULL)
		return path;
	return (struct bytes){
	    slash + 1, (size_t)(path.at + path.len - slash) - 1};
}

/* True if comm is what the kernel makes of a file name: 15 bytes of it. */
static bool
is_comm_of(struct bytes comm, struct bytes name)
{
	if (name.len > 15)
		name.len = 15;
	return bytes_equal(comm, name);
}

/*
 * The script that exe interprets. The kernel keeps the script's name as comm,
 * while exe is the interpreter, and puts the path of the script into the
 * arguments, after the interpreter and its at most one option
 * (fs/binfmt_script.c, load_script()); PATH item 0 is that path, too.
 */
static void
find_script(struct feed *f)
{
	struct fact *fact = &f->fact;
	const char *at = fact->exec.args.bytes.at;
	size_t left = fact->exec.args.bytes.len;

	if (at == NULL || f->path.at == NULL ||
	    is_comm_of(fact->comm, base_name(fact->exe)) ||
	    !is_comm_of(fact->comm, base_name(f->path)))
		return;
	for (int i = 0; i < 3 && left > 0; i++) {
		size_t len = strnlen(at, left);

		if (i > 0 && len == f->path.len &&
		    memcmp(at, f->path.at, len) == 0)
			fact->exec.script = f->path;
		if (len == left)
			return;
		at += len + 1;
		left -= len + 1;
	}
}

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

static void
finish_exec(struct feed *f)
{
	struct fact_exec *e = &f->fact.exec;

	e->success = f->success;
	if (!f->success && f->result < 0 && f->result > -4096)
		e->error = (int)-f->result;
	finish_args(f);
	find_script(f);
}

/* unshare(flags), setns(fd, type): a type of 0 may be anything. */
static bool
finish_namespace(struct feed *f, enum syscall_kind kind)
{
	bool setns = kind == SYSCALL_SETNS;
	uint32_t flags = (uint32_t)f->a[setns ? 1 : 0];

	f->fact.new_pidns =
	    syscalls_clone_new_pidns(flags) || (setns && flags == 0);
	return f->success && f->fact.new_pidns;
}

/* Without these fields an event tells nothing. */
static unsigned
needs(const struct assemble_event *ev)
{
	static const unsigned fields_of[] = {
	    [SYSCALL_FORK] = BIT(FIELD_SUCCESS) | BIT(FIELD_EXIT),
	    [SYSCALL_VFORK] = BIT(FIELD_SUCCESS) | BIT(FIELD_EXIT),
	    [SYSCALL_CLONE] = BIT(FIELD_SUCCESS) | BIT(FIELD_EXIT) |
			      BIT(FIELD_ARCH) | BIT(FIELD_A0) | BIT(FIELD_A1),
	    [SYSCALL_CLONE3] = BIT(FIELD_SUCCESS) | BIT(FIELD_EXIT),
	    [SYSCALL_EXEC] = BIT(FIELD_SUCCESS) | BIT(FIELD_EXIT),
	    [SYSCALL_EXIT] = BIT(FIELD_A0),
	    [SYSCALL_EXIT_GROUP] = BIT(FIELD_A0),
	    [SYSCALL_UNSHARE] = BIT(FIELD_SUCCESS) | BIT(FIELD_A0),
	    [SYSCALL_SETNS] = BIT(FIELD_SUCCESS) | BIT(FIELD_A1),
	};

	if (ev->what == ASSEMBLE_ABEND)
		return BIT(FIELD_SIG);
	return fields_of[ev->kind];
}

static bool
is_usable(const struct feed *f)
{
	unsigned need = needs(f->event) | BIT(FIELD_PID);

	if ((f->has & need) != need || f->fact.pid <= 0)
		return false;
	return f->event->what != ASSEMBLE_ABEND ||
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
	if (ev->what == ASSEMBLE_ABEND)
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
	switch (ev->kind) {
	case SYSCALL_EXEC:
		return FACT_EXEC;
	case SYSCALL_EXIT:
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
	if (f->fact.kind == FACT_EXEC)
		f->fact.exec.args.argc = ID_UNSET;
	memset(f->a, 0, sizeof(f->a));
	f->arch = 0;
	f->result = 0;
	f->has = 0;
	f->success = false;
	f->path = BYTES_NONE;
	f->used = f->args_len = 0;
	f->arg_open = f->chunked = false;
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

	if (f == NULL || (f->args = malloc(args_max + 1)) == NULL) {
		err_errno(err, "feed");
		free(f);
		return NULL;
	}
	f->fn = fn;
	f->ctx = ctx;
	f->args_max = args_max;
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
	free(f->args);
	free(f);
}

void
feed_event(struct feed *f, const struct assemble_event *ev)
{
	f->event = ev;
	begin(f);
	auparse_feed(f->au, ev->records.at, ev->records.len);
	auparse_flush_feed(f->au);
	if (finish(f))
		f->fn(f->ctx, &f->fact);
	f->event = NULL;
}

uint64_t
feed_unusable(const struct feed *f)
{
	return f->unusable;
}
