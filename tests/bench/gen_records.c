/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen_records.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define KEY "proclife"

/* Between what the kernel says and what auditd adds. */
#define ENRICHMENT '\x1d'

/* MAX_EXECVE_AUDIT_LEN: room for arguments in one EXECVE record. */
#define EXECVE_ROOM 7500
/* abuf[] of audit_log_execve_info(): room for an argument's name. */
#define EXECVE_NAME 96

#define AUDITD_PID 119

static const char *const call_names[] = {
    [CALL_FORK] = "fork",
    [CALL_VFORK] = "vfork",
    [CALL_CLONE] = "clone",
    [CALL_CLONE3] = "clone3",
    [CALL_EXECVE] = "execve",
    [CALL_EXECVEAT] = "execveat",
    [CALL_EXIT] = "exit",
    [CALL_EXIT_GROUP] = "exit_group",
    [CALL_UNSHARE] = "unshare",
    [CALL_SETNS] = "setns",
    [CALL_REBOOT] = "reboot",
    [CALL_OPENAT] = "openat",
    [CALL_WRITE] = "write",
    [CALL_CONNECT] = "connect",
    [CALL_RENAME] = "rename",
    [CALL_UNLINKAT] = "unlinkat",
    [CALL_FCHMODAT] = "fchmodat",
};

static const struct {
	const char *name;
	const char *number; /* AUDIT_ARCH_... */
	uint16_t calls[CALLS];
} arches[] = {
    [ARCH_X86_64] = {"x86_64", "c000003e",
	{57, 58, 56, 435, 59, 322, 60, 231, 272, 308, 169, 257, 1, 42, 82, 263,
	    268}},
    [ARCH_I386] = {"i386", "40000003",
	{2, 190, 120, 435, 11, 358, 1, 252, 310, 346, 88, 295, 4, 362, 38, 301,
	    306}},
};

static const struct {
	uint32_t id;
	const char *name;
} users[] = {
    {0, "root"},
    {33, "www-data"},
    {107, "postgres"},
    {998, "ci"},
    {1000, "alice"},
    {1001, "bob"},
    {1002, "carol"},
    {ID_NOT_SET, "unset"},
};

static const char *
user_name(uint32_t id)
{
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		if (users[i].id == id)
			return users[i].name;
	}
	return "unknown";
}

static void
begin(const struct records *r, const char *type)
{
	if (r->style->node != NULL)
		text_fmt(r->text, "node=%s ", r->style->node);
	text_fmt(r->text,
	    "type=%s msg=audit(%" PRId64 ".%03d:%" PRIu32 "): ", type,
	    r->ms / 1000, (int)(r->ms % 1000), r->serial);
}

static void
end(const struct records *r)
{
	text_char(r->text, '\n');
}

/* audit_string_contains_control() */
static bool
is_plain(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)at[i];

		if (c == '"' || c < 0x21 || c > 0x7e)
			return false;
	}
	return true;
}

static void
add_hex(struct text *t, const char *at, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)at[i];
		char pair[2] = {digits[c >> 4], digits[c & 15]};

		text_add(t, pair, sizeof(pair));
	}
}

static void
add_quoted(struct text *t, const char *at, size_t len)
{
	text_char(t, '"');
	text_add(t, at, len);
	text_char(t, '"');
}

/* audit_log_n_untrustedstring(): quoted, or in hex. */
static void
add_untrusted(struct text *t, const char *at, size_t len)
{
	if (is_plain(at, len))
		add_quoted(t, at, len);
	else
		add_hex(t, at, len);
}

static void
add_field(struct text *t, const char *name, const char *value)
{
	text_fmt(t, " %s=", name);
	add_untrusted(t, value, strlen(value));
}

static void
add_credentials(struct text *t, const struct ident *who)
{
	char tty[16] = "(none)";

	if (who->tty >= 0)
		snprintf(tty, sizeof(tty), "pts%d", who->tty);
	text_fmt(t,
	    " ppid=%d pid=%d auid=%u uid=%u gid=%u euid=%u suid=%u fsuid=%u"
	    " egid=%u sgid=%u fsgid=%u tty=%s ses=%u",
	    who->ppid, who->pid, who->auid, who->uid, who->gid, who->euid,
	    who->euid, who->euid, who->egid, who->egid, who->egid, tty,
	    who->session);
}

static void
add_key(struct text *t, const char *key)
{
	if (key == NULL)
		key = KEY;
	if (*key == '\0')
		text_str(t, " key=(null)");
	else
		text_fmt(t, " key=\"%s\"", key);
}

static void
enrich_syscall(
    const struct records *r, const struct ident *who, const struct call *call)
{
	const char *euser = user_name(who->euid);
	const char *egroup = user_name(who->egid);

	text_char(r->text, ENRICHMENT);
	text_fmt(r->text,
	    "ARCH=%s SYSCALL=%s AUID=\"%s\" UID=\"%s\" GID=\"%s\" EUID=\"%s\""
	    " SUID=\"%s\" FSUID=\"%s\" EGID=\"%s\" SGID=\"%s\" FSGID=\"%s\"",
	    arches[call->arch].name, call_names[call->name],
	    user_name(who->auid), user_name(who->uid), user_name(who->gid),
	    euser, euser, euser, egroup, egroup, egroup);
}

void
records_syscall(
    const struct records *r, const struct ident *who, const struct call *call)
{
	struct text *t = r->text;

	begin(r, "SYSCALL");
	text_fmt(t, "arch=%s syscall=%u", arches[call->arch].number,
	    arches[call->arch].calls[call->name]);
	/* Who leaves does not come back with a result. */
	if (call->name != CALL_EXIT && call->name != CALL_EXIT_GROUP &&
	    call->name != CALL_REBOOT)
		text_fmt(t, " success=%s exit=%d",
		    call->result < 0 ? "no" : "yes", call->result);
	text_fmt(t,
	    " a0=%" PRIx64 " a1=%" PRIx64 " a2=%" PRIx64 " a3=%" PRIx64
	    " items=%u",
	    call->a[0], call->a[1], call->a[2], call->a[3], call->items);
	add_credentials(t, who);
	add_field(t, "comm", who->comm);
	add_field(t, "exe", who->exe);
	text_str(t, " subj=unconfined");
	add_key(t, call->key);
	if (r->style->enriched)
		enrich_syscall(r, who, call);
	end(r);
}

/* What audit_log_execve_info() has to write and where it stands. */
struct execve {
	const struct records *r;
	size_t room; /* left in this record */
	unsigned arg;
	unsigned part;
};

/* The name of an argument, or of its next part, and "=". */
static void
add_argument_name(struct execve *e, size_t full_len, bool in_parts)
{
	char name[EXECVE_NAME];
	int len = 0;

	if (!in_parts) {
		len = snprintf(name, sizeof(name), " a%u=", e->arg);
	} else {
		if (e->part == 0)
			len = snprintf(name, sizeof(name), " a%u_len=%zu",
			    e->arg, full_len);
		len += snprintf(name + len, sizeof(name) - (size_t)len,
		    " a%u[%u]=", e->arg, e->part++);
	}
	text_add(e->r->text, name, (size_t)len);
	e->room -= (size_t)len;
}

/*
 * One argument. Parts of a long one fill the record and go on in the next; one
 * that is larger than the kernel's buffer is always in hex.
 */
static void
add_argument(struct execve *e, const char *at, size_t len)
{
	bool hex = len >= EXECVE_ROOM || !is_plain(at, len);
	size_t full_len = hex ? 2 * len : len;

	e->part = 0;
	do {
		size_t text_len = hex ? 2 * len : len + 2;
		size_t taken = len;

		if (EXECVE_NAME + 8 > e->room) {
			end(e->r);
			begin(e->r, "EXECVE");
			e->room = EXECVE_ROOM;
		}
		add_argument_name(e, full_len,
		    e->part > 0 || text_len + EXECVE_NAME > e->room);
		if (text_len > e->room)
			taken = hex ? e->room / 2 : e->room - 2;
		if (hex)
			add_hex(e->r->text, at, taken);
		else
			add_quoted(e->r->text, at, taken);
		e->room -= hex ? 2 * taken : taken + 2;
		at += taken;
		len -= taken;
	} while (len > 0);
}

void
records_execve(const struct records *r, const struct argv *argv)
{
	struct execve e = {.r = r, .room = EXECVE_ROOM};
	const char *at = argv->at;

	begin(r, "EXECVE");
	text_fmt(r->text, "argc=%u", argv->count);
	for (e.arg = 0; e.arg < argv->count; e.arg++) {
		size_t len = strlen(at);

		add_argument(&e, at, len);
		at += len + 1;
	}
	end(r);
}

void
records_cwd(const struct records *r, const char *cwd)
{
	begin(r, "CWD");
	text_str(r->text, "cwd=");
	add_untrusted(r->text, cwd, strlen(cwd));
	end(r);
}

void
records_path(const struct records *r, unsigned item, const struct path *path)
{
	static const char caps[] = "cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0"
				   " cap_frootid=0";

	begin(r, "PATH");
	text_fmt(r->text, "item=%u name=", item);
	add_untrusted(r->text, path->name, strlen(path->name));
	if (path->inode == 0) {
		text_fmt(r->text, " nametype=UNKNOWN %s", caps);
	} else {
		text_fmt(r->text,
		    " inode=%u dev=fe:00 mode=%#o ouid=0 ogid=0 rdev=00:00"
		    " nametype=%s %s",
		    path->inode, path->mode,
		    path->nametype != NULL ? path->nametype : "NORMAL", caps);
		if (r->style->enriched) {
			text_char(r->text, ENRICHMENT);
			text_str(r->text, "OUID=\"root\" OGID=\"root\"");
		}
	}
	end(r);
}

/* meaning is what auditd makes of the address. */
static void
add_sockaddr(
    const struct records *r, const void *saddr, size_t len, const char *meaning)
{
	begin(r, "SOCKADDR");
	text_str(r->text, "saddr=");
	add_hex(r->text, saddr, len);
	if (r->style->enriched)
		text_fmt(
		    r->text, "%cSADDR={ saddr_fam=%s }", ENRICHMENT, meaning);
	end(r);
}

void
records_sockaddr_inet(const struct records *r, uint32_t address, uint16_t port)
{
	struct sockaddr_in in = {
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(address),
	};
	char text[INET_ADDRSTRLEN], meaning[64];

	inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text));
	snprintf(
	    meaning, sizeof(meaning), "inet laddr=%s lport=%u", text, port);
	add_sockaddr(r, &in, sizeof(in), meaning);
}

void
records_sockaddr_local(const struct records *r, const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	char meaning[sizeof(un.sun_path) + 16];

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	snprintf(meaning, sizeof(meaning), "local path=%s", un.sun_path);
	add_sockaddr(r, &un, sizeof(un), meaning);
}

void
records_proctitle(const struct records *r, struct bytes title)
{
	begin(r, "PROCTITLE");
	text_str(r->text, "proctitle=");
	add_untrusted(r->text, title.at, title.len);
	end(r);
}

void
records_eoe(const struct records *r)
{
	size_t before = r->text->len;

	if (!r->style->eoe)
		return;
	begin(r, "EOE");
	/* auditd's enriched form of an empty record lacks the last space. */
	if (r->style->enriched && r->text->len > before)
		r->text->len--;
	end(r);
}

/* audit_log_task(), and what auditd adds to it. */
static void
add_task(const struct records *r, const struct ident *who)
{
	text_fmt(r->text, "auid=%u uid=%u gid=%u ses=%u subj=unconfined pid=%d",
	    who->auid, who->uid, who->gid, who->session, who->pid);
	add_field(r->text, "comm", who->comm);
	add_field(r->text, "exe", who->exe);
}

static void
end_task(const struct records *r, const struct ident *who)
{
	if (r->style->enriched) {
		text_char(r->text, ENRICHMENT);
		text_fmt(r->text, "AUID=\"%s\" UID=\"%s\" GID=\"%s\"",
		    user_name(who->auid), user_name(who->uid),
		    user_name(who->gid));
	}
	end(r);
}

void
records_abend(const struct records *r, const struct ident *who, int signal)
{
	begin(r, "ANOM_ABEND");
	add_task(r, who);
	text_fmt(r->text, " sig=%d res=1", signal);
	end_task(r, who);
}

/* audit_seccomp(): SECCOMP_RET_KILL_THREAD and strict mode are code 0. */
void
records_seccomp(const struct records *r, const struct ident *who, int signal)
{
	begin(r, "SECCOMP");
	add_task(r, who);
	text_fmt(r->text,
	    " sig=%d arch=c000003e syscall=39 compat=0 ip=0x7f3c5a8e1d77"
	    " code=0x0",
	    signal);
	end_task(r, who);
}

/* audit_log_set_loginuid() */
void
records_login(const struct records *r, const struct ident *who, uint32_t auid)
{
	begin(r, "LOGIN");
	text_fmt(r->text,
	    "pid=%d uid=%u subj=unconfined old-auid=%u auid=%u tty=(none)"
	    " old-ses=%u ses=%u res=1",
	    who->pid, who->uid, ID_NOT_SET, auid, ID_NOT_SET, who->session);
	if (r->style->enriched)
		text_fmt(r->text, "%cUID=\"%s\" OLD-AUID=\"unset\" AUID=\"%s\"",
		    ENRICHMENT, user_name(who->uid), user_name(auid));
	end(r);
}

/* audit_log_user_recv_msg() */
void
records_user(const struct records *r, const char *type, const struct ident *who,
    const char *message)
{
	begin(r, type);
	text_fmt(r->text,
	    "pid=%d uid=%u auid=%u ses=%u subj=unconfined msg='%s'", who->pid,
	    who->uid, who->auid, who->session, message);
	if (r->style->enriched)
		text_fmt(r->text, "%cUID=\"%s\" AUID=\"%s\"", ENRICHMENT,
		    user_name(who->uid), user_name(who->auid));
	end(r);
}

void
records_daemon(const struct records *r, bool starts)
{
	begin(r, starts ? "DAEMON_START" : "DAEMON_END");
	if (starts)
		text_fmt(r->text, "op=start ver=3.0.9 format=%s kernel=6.1.0",
		    r->style->enriched ? "enriched" : "raw");
	else
		text_str(r->text, "op=terminate");
	text_fmt(r->text,
	    " auid=%u pid=%d uid=0 ses=%u subj=unconfined  res=success",
	    ID_NOT_SET, AUDITD_PID, ID_NOT_SET);
	if (r->style->enriched) {
		text_char(r->text, ENRICHMENT);
		text_str(r->text, "AUID=\"unset\" UID=\"root\"");
	}
	end(r);
}
