/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen_deeds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "gen_tell.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Of 1000 deeds. */
#define BY_DOORKEEPERS 80

/* AT_FDCWD, as a register has it. */
#define HERE 0xffffff9c

/* Any registered port, and an address of a private network. */
#define FIRST_PORT 1024
#define NETWORK    0x0a000000

static const struct watch {
	const char *folder, *file;
	const char *key;
} watches[] = {
    {"/etc/", "/etc/passwd", "identity"},
    {"/etc/", "/etc/shadow", "identity"},
    {"/etc/", "/etc/group", "identity"},
    {"/etc/", "/etc/sudoers", "scope"},
    {"/etc/", "/etc/hosts", "system-locale"},
    {"/etc/ssh/", "/etc/ssh/sshd_config", "sshd"},
    {"/etc/apparmor.d/", "/etc/apparmor.d/local file", "MAC-policy"},
    {"/run/", "/run/utmp", "session"},
    {"/var/log/", "/var/log/wtmp", "logins"},
    {"/var/log/", "/var/log/lastlog", "logins"},
    {"/var/log/", "/var/log/sudo.log", "actions"},
};

static const struct watch *
choose_watch(struct world *w)
{
	return &watches[rng_below(&w->rng, COUNT(watches))];
}

/* What follows SYSCALL where files are named. */
static void
add_paths(const struct records *r, const struct life *l,
    const struct path paths[], unsigned count)
{
	records_cwd(r, tell_folder(l));
	for (unsigned i = 0; i < count; i++)
		records_path(r, i, &paths[i]);
}

static struct path
path_of(const char *name, unsigned mode, const char *nametype)
{
	return (struct path){name, tell_inode(name), mode, nametype};
}

/* One event of a system call on files. */
static void
tell_call(struct world *w, struct life *l, struct call *call,
    const struct path paths[], unsigned count)
{
	const struct records *r = tell_begin(w, l, w->now);

	call->arch = l->program->arch;
	call->items = count;
	records_syscall(r, &l->ident, call);
	add_paths(r, l, paths, count);
	tell_end(w, r, l);
}

/* A file that may be there already is opened in a folder. */
static void
tell_write(struct world *w, struct life *l)
{
	const struct watch *watch = choose_watch(w);
	bool is_new = rng_chance(&w->rng, 100);
	struct path paths[] = {
	    path_of(watch->folder, 040755, "PARENT"),
	    path_of(watch->file, 0100644, is_new ? "CREATE" : "NORMAL"),
	};
	struct call call = {
	    .name = CALL_OPENAT,
	    .result = (int)rng_between(&w->rng, 3, 40),
	    .a = {HERE, tell_pointer(w), O_WRONLY | O_CREAT | O_APPEND, 0644},
	    .key = watch->key,
	};

	tell_call(w, l, &call, paths, COUNT(paths));
}

static void
tell_read(struct world *w, struct life *l)
{
	const struct watch *watch = choose_watch(w);
	struct path path = path_of(watch->file, 0100640, "NORMAL");
	struct call call = {
	    .name = CALL_OPENAT,
	    .result = (int)rng_between(&w->rng, 3, 40),
	    .a = {HERE, tell_pointer(w), O_RDONLY | O_CLOEXEC, 0},
	    .key = watch->key,
	};

	tell_call(w, l, &call, &path, 1);
}

static void
tell_refusal(struct world *w, struct life *l)
{
	struct path path = path_of(choose_watch(w)->file, 0100640, "NORMAL");
	struct call call = {
	    .name = CALL_OPENAT,
	    .result = rng_chance(&w->rng, 700) ? -EACCES : -EPERM,
	    .a = {HERE, tell_pointer(w), O_RDONLY, 0},
	    .key = "access",
	};

	tell_call(w, l, &call, &path, 1);
}

static void
tell_mode(struct world *w, struct life *l)
{
	struct path path = path_of(choose_watch(w)->file, 0100644, "NORMAL");
	struct call call = {
	    .name = CALL_FCHMODAT,
	    .a = {HERE, tell_pointer(w), 0640, 0},
	    .key = "perm_mod",
	};

	tell_call(w, l, &call, &path, 1);
}

/* The name of a file that nobody else has. */
static void
name_file(struct world *w, char name[static 64], const char *folder)
{
	snprintf(name, 64, "%stmp.%08x", folder, (unsigned)rng_next(&w->rng));
}

static void
tell_removal(struct world *w, struct life *l)
{
	char name[64];
	struct path paths[2];
	struct call call = {
	    .name = CALL_UNLINKAT,
	    .a = {HERE, tell_pointer(w), 0, 0},
	    .key = "delete",
	};

	name_file(w, name, "/tmp/");
	paths[0] = path_of("/tmp/", 041777, "PARENT");
	paths[1] = path_of(name, 0100600, "DELETE");
	tell_call(w, l, &call, paths, COUNT(paths));
}

/* The new file takes the place of the old one. */
static void
tell_renaming(struct world *w, struct life *l)
{
	const struct watch *watch = choose_watch(w);
	char name[64];
	struct path paths[5];
	struct call call = {
	    .name = CALL_RENAME,
	    .a = {tell_pointer(w), tell_pointer(w), 0, 0},
	    .key = "delete",
	};

	name_file(w, name, watch->folder);
	paths[0] = path_of(watch->folder, 040755, "PARENT");
	paths[1] = paths[0];
	paths[2] = path_of(name, 0100644, "DELETE");
	paths[3] = path_of(watch->file, 0100644, "DELETE");
	paths[4] = path_of(name, 0100644, "CREATE");
	paths[4].name = watch->file;
	tell_call(w, l, &call, paths, COUNT(paths));
}

static void
tell_connection(struct world *w, struct life *l)
{
	struct call call = {
	    .arch = l->program->arch,
	    .name = CALL_CONNECT,
	    .result = rng_chance(&w->rng, 700) ? -EINPROGRESS : 0,
	    .a = {rng_between(&w->rng, 3, 40), tell_pointer(w), 16, 0},
	    .key = "network",
	};
	const struct records *r = tell_begin(w, l, w->now);

	records_syscall(r, &l->ident, &call);
	records_sockaddr_inet(r, NETWORK | rng_below(&w->rng, 1U << 24),
	    (uint16_t)rng_between(&w->rng, FIRST_PORT, UINT16_MAX));
	tell_end(w, r, l);
}

static void
tell_local_connection(struct world *w, struct life *l)
{
	static const char name[] = "/run/systemd/journal/dev-log";
	struct path path = path_of(name, 0140666, "NORMAL");
	struct call call = {
	    .arch = l->program->arch,
	    .name = CALL_CONNECT,
	    .a = {rng_between(&w->rng, 3, 40), tell_pointer(w), 110, 0},
	    .items = 1,
	    .key = "network",
	};
	const struct records *r = tell_begin(w, l, w->now);

	records_syscall(r, &l->ident, &call);
	records_sockaddr_local(r, name);
	add_paths(r, l, &path, 1);
	tell_end(w, r, l);
}

static void
tell_user(struct world *w, const struct life *l, const char *type,
    const char *message)
{
	const struct records *r = tell_begin(w, l, w->now);

	records_user(r, type, &l->ident, message);
	stream_close(w->stream);
}

/* What PAM's modules say, in the order in which they say it. */
static void
tell_pam(struct world *w, struct life *l)
{
	static const struct {
		const char *type, *op, *grantors;
	} steps[] = {
	    {"USER_AUTH", "authentication", "pam_permit,pam_unix"},
	    {"USER_ACCT", "accounting", "pam_permit"},
	    {"CRED_ACQ", "setcred", "pam_permit"},
	    {"USER_START", "session_open", "pam_selinux,pam_loginuid,pam_unix"},
	    {"CRED_REFR", "setcred", "pam_permit"},
	    {"USER_END", "session_close", "pam_selinux,pam_loginuid,pam_unix"},
	    {"CRED_DISP", "setcred", "pam_permit"},
	};
	char message[256];
	size_t i = rng_below(&w->rng, COUNT(steps));

	snprintf(message, sizeof(message),
	    "op=PAM:%s grantors=%s acct=\"alice\" exe=\"%s\""
	    " hostname=10.20.30.40 addr=10.20.30.40 terminal=ssh res=success",
	    steps[i].op, steps[i].grantors, l->ident.exe);
	tell_user(w, l, steps[i].type, message);
}

/* sshd's own: a wrong password, or somebody is in. */
static void
tell_user_login(struct world *w, struct life *l)
{
	const char *result = "failed";
	char message[256];

	if (rng_chance(&w->rng, 400))
		result = "success";
	snprintf(message, sizeof(message),
	    "op=login acct=\"alice\" exe=\"%s\" hostname=? addr=10.20.30.40"
	    " terminal=ssh res=%s",
	    l->ident.exe, result);
	tell_user(w, l, "USER_LOGIN", message);
}

static void
tell_login(struct world *w, struct life *l)
{
	struct call call = {
	    .arch = l->program->arch,
	    .name = CALL_WRITE,
	    .result = 4,
	    .a = {3, tell_pointer(w), 4, 0},
	    .key = "",
	};
	struct ident who = l->ident;
	const struct records *r = tell_begin(w, l, w->now);

	who.auid = 1000;
	who.session = ++w->sessions;
	records_login(r, &who, who.auid);
	records_syscall(r, &who, &call);
	tell_end(w, r, l);
}

static void
tell_unit(struct world *w, struct life *l)
{
	static const char *const units[] = {
	    "apt-daily", "logrotate", "man-db", "user@1000", "certbot"};
	char message[256];

	snprintf(message, sizeof(message),
	    "unit=%s comm=\"systemd\" exe=\"%s\" hostname=? addr=?"
	    " terminal=? res=success",
	    units[rng_below(&w->rng, COUNT(units))], l->ident.exe);
	tell_user(w, l,
	    rng_chance(&w->rng, 500) ? "SERVICE_START" : "SERVICE_STOP",
	    message);
}

struct deed {
	uint16_t weight; /* they add up to 1000 */
	void (*tell)(struct world *w, struct life *l);
};

static const struct deed anybodys[] = {
    {330, tell_read},
    {140, tell_write},
    {150, tell_refusal},
    {60, tell_mode},
    {60, tell_removal},
    {20, tell_renaming},
    {180, tell_connection},
    {60, tell_local_connection},
};

/* Of those who let others in. */
static const struct deed doorkeepers[] = {
    {700, tell_pam},
    {150, tell_user_login},
    {150, tell_login},
};

static const struct deed inits[] = {{1000, tell_unit}};

static void
tell_one_of(struct world *w, struct life *l, const struct deed *deed)
{
	uint32_t at = rng_below(&w->rng, 1000);

	while (at >= deed->weight)
		at -= deed++->weight;
	deed->tell(w, l);
}

static bool
is_doorkeeper(const struct life *l)
{
	return l->program->class == CLASS_SERVICE && l->ident.uid == 0 &&
	       (l->state == STATE_RUN || l->state == STATE_IDLE);
}

static struct life *
find_doorkeeper(struct world *w)
{
	struct life *l;

	LIST_FOREACH(l, &w->init->children, siblings)
	{
		if (is_doorkeeper(l))
			break;
	}
	return l;
}

void
deeds_tell(struct world *w, struct life *l)
{
	struct life *doorkeeper = NULL;

	if (rng_chance(&w->rng, BY_DOORKEEPERS))
		doorkeeper = find_doorkeeper(w);
	if (doorkeeper != NULL)
		tell_one_of(w, doorkeeper, doorkeepers);
	else if (l == w->init)
		tell_one_of(w, l, inits);
	else
		tell_one_of(w, l, anybodys);
}
