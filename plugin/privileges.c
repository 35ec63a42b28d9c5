/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privileges.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cap-ng.h>

#define KEPT_MAX 4
#define CAPS_MAX 64 /* as wide as capset(2); newer kernels' included */

/* The capabilities that stay. */
struct kept {
	unsigned caps[KEPT_MAX];
	size_t n;
};

/* Without root there is nothing to give away and nobody to become. */
static bool
stays(const char *user)
{
	return user[0] == '\0' || geteuid() != 0;
}

static int
find_user(const char *name, uid_t *uid, gid_t *gid, struct err *err)
{
	errno = 0;
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL && errno != 0)
		return err_errno(err, "cannot look up user %s", name);
	if (pw == NULL)
		return err_set(err, "there is no user %s", name);
	if (pw->pw_uid == 0)
		return err_set(
		    err, "user %s is root: to stay root is user = \"\"", name);
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}

static int
find_group(const char *name, gid_t *gid, struct err *err)
{
	errno = 0;
	const struct group *gr = getgrnam(name);

	if (gr == NULL && errno != 0)
		return err_errno(err, "cannot look up group %s", name);
	if (gr == NULL)
		return err_set(err, "there is no group %s", name);
	*gid = gr->gr_gid;
	return 0;
}

/* True if fd's folder holds nothing, or nobody can tell. */
static bool
is_empty(int fd)
{
	const struct dirent *entry;
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	bool empty = true;

	if (dir == NULL)
		return false;
	while (empty && (entry = readdir(dir)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0;
	closedir(dir);
	return empty;
}

/*
 * A path with a slip in it, "/var/log" say, must not make a system folder
 * ours: only an empty one is taken over.
 */
static int
hand_over(int fd, const char *path, uid_t uid, gid_t gid, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_errno(err, "cannot look at %s", path);
	if (uid != (uid_t)-1 && st.st_uid != uid && !is_empty(fd))
		return err_set(err,
		    "%s belongs to another user and is not empty: choose "
		    "another folder, or chown it and what is in it",
		    path);
	if (fchown(fd, uid, gid) != 0)
		return err_errno(err, "cannot chown %s", path);
	return 0;
}

int
privileges_folder(const char *path, const char *user, const char *group,
    mode_t mode, struct err *err)
{
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	int rc;

	if (!stays(user) && find_user(user, &uid, &gid, err) != 0)
		return -1;
	if (group != NULL && find_group(group, &gid, err) != 0)
		return -1;
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return err_errno(err, "cannot make folder %s", path);

	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open folder %s", path);
	rc = hand_over(fd, path, uid, gid, err);
	/* After fchown(), which may clear set-id bits. */
	if (rc == 0 && fchmod(fd, mode) != 0)
		rc = err_errno(err, "cannot chmod %s", path);
	close(fd);
	return rc;
}

static struct kept
kept_by(const struct settings *s)
{
	struct kept k = {{CAP_DAC_READ_SEARCH}, 1};

	if (s->capabilities.audit_control)
		k.caps[k.n++] = CAP_AUDIT_CONTROL;
	if (s->acct.mode == ACCT_OWN)
		k.caps[k.n++] = CAP_SYS_PACCT;
	if (s->capabilities.sys_ptrace)
		k.caps[k.n++] = CAP_SYS_PTRACE;
	return k;
}

static bool
is_kept(const struct kept *k, unsigned cap)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->caps[i] == cap)
			return true;
	return false;
}

/* Fills libcap-ng's state with the capabilities that stay. */
static int
choose(const struct kept *k, struct err *err)
{
	if (capng_get_caps_process() != 0)
		return err_set(err, "cannot read own capabilities");
	for (size_t i = 0; i < k->n; i++)
		if (!capng_have_capability(CAPNG_PERMITTED, k->caps[i]))
			return err_set(err,
			    "cannot keep capability %s: it was not given to us",
			    capng_capability_to_name(k->caps[i]));
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < k->n; i++)
		if (capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
			k->caps[i]) != 0)
			return err_set(err, "cannot choose capabilities");
	return 0;
}

/* The capabilities stay effective: libcap-ng sets them again at the end. */
static int
change_id(uid_t uid, gid_t gid, struct err *err)
{
	/* capng_change_id(3), RETURN VALUE */
	static const char *const steps[] = {
	    "reading capabilities",
	    "keeping capabilities for the new user",
	    "setting capabilities for the change",
	    "setting the group",
	    "leaving supplementary groups",
	    "setting the user",
	    "keeping capabilities for the new user no longer",
	    "clearing the bounding set",
	    "setting the final capabilities",
	};
	const int nsteps = sizeof(steps) / sizeof(steps[0]);

	errno = 0;
	int rc = capng_change_id(
	    (int)uid, (int)gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	if (rc == 0)
		return 0;
	return err_errno(err, "%s",
	    rc >= -nsteps && rc < 0 ? steps[-rc - 1] : "changing user");
}

static int
verify_ids(uid_t uid, gid_t gid, struct err *err)
{
	uid_t u[3];
	gid_t g[3];

	if (getresuid(&u[0], &u[1], &u[2]) != 0 ||
	    getresgid(&g[0], &g[1], &g[2]) != 0)
		return err_errno(err, "cannot read own ids");
	for (int i = 0; i < 3; i++)
		if (u[i] != uid || g[i] != gid)
			return err_set(err, "still another user or group");
	if (getgroups(0, NULL) != 0)
		return err_set(err, "still in supplementary groups");
	return 0;
}

/*
 * The ambient set needs no look: the kernel keeps it within the inheritable
 * one (security/commoncap.c, cap_capset).
 */
static int
verify_caps(const struct kept *k, struct err *err)
{
	if (capng_get_caps_process() != 0)
		return err_set(err, "cannot read own capabilities");
	for (unsigned cap = 0; cap < CAPS_MAX; cap++) {
		bool kept = is_kept(k, cap);
		bool effective = capng_have_capability(CAPNG_EFFECTIVE, cap);
		bool permitted = capng_have_capability(CAPNG_PERMITTED, cap);

		if (effective != kept || permitted != kept)
			return err_set(err, "capability %u is %s", cap,
			    kept ? "gone" : "still there");
		if (capng_have_capability(CAPNG_INHERITABLE, cap) ||
		    capng_have_capability(CAPNG_BOUNDING_SET, cap))
			return err_set(
			    err, "capability %u could come back", cap);
	}
	return 0;
}

static int
forgo_new_privileges(struct err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_errno(err, "setting no_new_privs");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return err_set(err, "no_new_privs is not set");
	return 0;
}

int
privileges_drop(const struct settings *s, struct err *err)
{
	const struct kept k = kept_by(s);
	uid_t uid;
	gid_t gid;

	if (stays(s->user))
		return 0;
	if (find_user(s->user, &uid, &gid, err) != 0)
		return -1;
	if (choose(&k, err) != 0 || change_id(uid, gid, err) != 0 ||
	    forgo_new_privileges(err) != 0 || verify_ids(uid, gid, err) != 0 ||
	    verify_caps(&k, err) != 0)
		return err_context(err, "cannot become user %s", s->user);
	return 0;
}

int
privileges_give_up(struct err *err)
{
	if (capng_get_caps_process() != 0)
		return err_set(err, "cannot read own capabilities");
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) != 0)
		return err_set(err, "cannot give up capabilities");
	return 0;
}
