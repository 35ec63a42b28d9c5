/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Needs root for most: what gives privileges away does so in a child, which
 * exits with 0 if all was as expected. What is left is read from /proc, not
 * asked from libcap-ng.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cap-ng.h>
#include <cmocka.h>

#include "privileges.h"

/* In every system's passwd(5) and group(5). */
#define USER  "nobody"
#define GROUP "daemon"

#define BIT(cap) (UINT64_C(1) << (cap))

static char folder[64], inner[80];
static uid_t user_uid;
static gid_t user_gid, group_gid;

static int
make_folder(void **state)
{
	const struct passwd *pw = getpwnam(USER);
	const struct group *gr = getgrnam(GROUP);

	(void)state;
	if (pw == NULL || gr == NULL)
		return -1;
	user_uid = pw->pw_uid;
	user_gid = pw->pw_gid;
	group_gid = gr->gr_gid;
	strcpy(folder, "/tmp/test_privileges.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(inner, sizeof(inner), "%s/inner", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	char file[100];

	(void)state;
	snprintf(file, sizeof(file), "%s/file", inner);
	(void)unlink(file);
	(void)rmdir(inner);
	(void)unlink(inner);
	return rmdir(folder);
}

static void
need_root(void)
{
	if (geteuid() != 0)
		skip();
}

static void
put_file(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);

	assert_true(fd >= 0);
	close(fd);
}

static void
check_folder(uid_t uid, gid_t gid, mode_t mode)
{
	struct stat st;

	assert_int_equal(lstat(inner, &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | mode);
	assert_int_equal(st.st_uid, uid);
	assert_int_equal(st.st_gid, gid);
}

static void
folder_is_made(void **state)
{
	struct err err;

	(void)state;
	umask(0077);
	assert_int_equal(privileges_folder(inner, "", NULL, 0750, &err), 0);
	umask(022);
	check_folder(geteuid(), getegid(), 0750);
	/* Again, with another mode. */
	assert_int_equal(privileges_folder(inner, "", NULL, 0700, &err), 0);
	check_folder(geteuid(), getegid(), 0700);
}

static void
folder_is_given_away(void **state)
{
	struct err err;

	(void)state;
	need_root();
	assert_int_equal(privileges_folder(inner, USER, NULL, 0700, &err), 0);
	check_folder(user_uid, user_gid, 0700);
	assert_int_equal(privileges_folder(inner, USER, GROUP, 02750, &err), 0);
	check_folder(user_uid, group_gid, 02750);
	/* Back to the user's own. */
	assert_int_equal(privileges_folder(inner, USER, NULL, 0750, &err), 0);
	check_folder(user_uid, user_gid, 0750);
}

static void
folder_gets_its_group_alone(void **state)
{
	struct err err;

	(void)state;
	need_root();
	assert_int_equal(privileges_folder(inner, "", GROUP, 0750, &err), 0);
	check_folder(0, group_gid, 0750);
}

static void
only_empty_folders_are_taken_over(void **state)
{
	struct err err;
	char file[100], want[sizeof(err.text)];

	(void)state;
	need_root();
	assert_int_equal(mkdir(inner, 0755), 0);
	snprintf(file, sizeof(file), "%s/file", inner);
	put_file(file, 0600);
	assert_int_equal(privileges_folder(inner, USER, GROUP, 0700, &err), -1);
	snprintf(want, sizeof(want),
	    "%s belongs to another user and is not empty: choose another "
	    "folder, or chown it and what is in it",
	    inner);
	assert_string_equal(err.text, want);
	check_folder(0, 0, 0755);

	assert_int_equal(unlink(file), 0);
	assert_int_equal(privileges_folder(inner, USER, NULL, 0700, &err), 0);
	check_folder(user_uid, user_gid, 0700);
	put_file(file, 0600);
	assert_int_equal(privileges_folder(inner, USER, NULL, 0750, &err), 0);
	check_folder(user_uid, user_gid, 0750);
}

static void
check_no_folder(
    const char *path, const char *user, const char *group, const char *want)
{
	struct err err;

	assert_int_equal(privileges_folder(path, user, group, 0700, &err), -1);
	assert_string_equal(err.text, want);
}

static void
what_is_no_folder_is_refused(void **state)
{
	char want[200], path[100];

	(void)state;
	snprintf(want, sizeof(want), "cannot open folder %s: %s", inner,
	    strerror(ENOTDIR));
	put_file(inner, 0644);
	check_no_folder(inner, "", NULL, want);
	assert_int_equal(unlink(inner), 0);
	/* A link, though what it leads to is a folder. */
	assert_int_equal(symlink("/tmp", inner), 0);
	check_no_folder(inner, "", NULL, want);
	assert_int_equal(unlink(inner), 0);

	snprintf(path, sizeof(path), "%s/below", inner);
	snprintf(want, sizeof(want), "cannot make folder %s: %s", path,
	    strerror(ENOENT));
	check_no_folder(path, "", NULL, want);
}

static void
unknown_names_are_refused(void **state)
{
	(void)state;
	check_no_folder(
	    inner, "", "no-such-group", "there is no group no-such-group");
	need_root();
	check_no_folder(
	    inner, "no-such-user", NULL, "there is no user no-such-user");
	check_no_folder(inner, "root", NULL,
	    "user root is root: to stay root is user = \"\"");
	assert_int_equal(access(inner, F_OK), -1);
}

/* What /proc/self/status says. */
struct left {
	uint64_t effective, permitted, inheritable, bounding, ambient;
	unsigned uids[4], gids[4];
	unsigned no_new_privs;
	char groups[256];
};

static struct left
read_left(void)
{
	struct left l = {.no_new_privs = 2};
	char line[512];
	FILE *f = fopen("/proc/self/status", "r");

	if (f == NULL)
		_exit(2);
	while (fgets(line, sizeof(line), f) != NULL) {
		sscanf(line, "CapEff: %" SCNx64, &l.effective);
		sscanf(line, "CapPrm: %" SCNx64, &l.permitted);
		sscanf(line, "CapInh: %" SCNx64, &l.inheritable);
		sscanf(line, "CapBnd: %" SCNx64, &l.bounding);
		sscanf(line, "CapAmb: %" SCNx64, &l.ambient);
		sscanf(line, "NoNewPrivs: %u", &l.no_new_privs);
		sscanf(line, "Groups: %255[0-9 ]", l.groups);
		sscanf(line, "Uid: %u %u %u %u", &l.uids[0], &l.uids[1],
		    &l.uids[2], &l.uids[3]);
		sscanf(line, "Gid: %u %u %u %u", &l.gids[0], &l.gids[1],
		    &l.gids[2], &l.gids[3]);
	}
	fclose(f);
	return l;
}

/* cmocka's own would go on with the other tests, in the child. */
static void
expect(const char *what, uint64_t got, uint64_t want)
{
	if (got == want)
		return;
	fprintf(stderr, "%s: got %#" PRIx64 ", want %#" PRIx64 "\n", what, got,
	    want);
	_exit(1);
}

static void
expect_text(const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return;
	fprintf(stderr, "got \"%s\", want \"%s\"\n", got, want);
	_exit(1);
}

static void
in_child(void (*fn)(const struct settings *s), const struct settings *s)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		fn(s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static uint64_t
wanted(const struct settings *s)
{
	uint64_t caps = BIT(CAP_DAC_READ_SEARCH);

	if (s->capabilities.audit_control)
		caps |= BIT(CAP_AUDIT_CONTROL);
	if (s->capabilities.sys_ptrace)
		caps |= BIT(CAP_SYS_PTRACE);
	if (s->acct.mode == ACCT_OWN)
		caps |= BIT(CAP_SYS_PACCT);
	return caps;
}

static void
drop_and_look(const struct settings *s)
{
	const gid_t groups[] = {group_gid};
	struct err err = {""};

	expect("setgroups", (uint64_t)setgroups(1, groups), 0);
	privileges_drop(s, &err);
	expect_text(err.text, "");

	struct left l = read_left();
	expect("effective", l.effective, wanted(s));
	expect("permitted", l.permitted, wanted(s));
	expect("inheritable", l.inheritable, 0);
	expect("bounding", l.bounding, 0);
	expect("ambient", l.ambient, 0);
	expect("no_new_privs", l.no_new_privs, 1);
	expect_text(l.groups, "");
	for (int i = 0; i < 4; i++) {
		expect("uid", l.uids[i], user_uid);
		expect("gid", l.gids[i], user_gid);
	}
}

static void
exactly_what_is_needed_is_left(void **state)
{
	static const enum acct_mode modes[] = {ACCT_FOLLOW, ACCT_OWN, ACCT_OFF};
	struct settings s = {.user = USER};

	(void)state;
	need_root();
	for (unsigned i = 0; i < 12; i++) {
		s.acct.mode = modes[i % 3];
		s.capabilities.audit_control = (i / 3 & 1) != 0;
		s.capabilities.sys_ptrace = (i / 3 & 2) != 0;
		if ((wanted(&s) & ~read_left().permitted) == 0)
			in_child(drop_and_look, &s);
	}
}

/* Reads what is root's alone; writes nothing of it; does not come back. */
static void
drop_and_try(const struct settings *s)
{
	struct err err;
	char file[100];

	snprintf(file, sizeof(file), "%s/file", inner);
	expect("drop", (uint64_t)privileges_drop(s, &err), 0);
	int fd = open(file, O_RDONLY);
	expect("open to read", fd >= 0, true);
	expect("open to write", (uint64_t)open(file, O_WRONLY), (uint64_t)-1);
	expect("errno", (uint64_t)errno, EACCES);
	expect("setuid", (uint64_t)setuid(0), (uint64_t)-1);
	expect("setgid", (uint64_t)setgid(0), (uint64_t)-1);
}

static void
root_only_files_can_still_be_read(void **state)
{
	struct settings s = {.user = USER};
	char file[100];

	(void)state;
	need_root();
	assert_int_equal(mkdir(inner, 0700), 0);
	snprintf(file, sizeof(file), "%s/file", inner);
	put_file(file, 0600);
	in_child(drop_and_try, &s);
}

static void
drop_without_pacct(const struct settings *s)
{
	struct err err;

	capng_get_caps_process();
	capng_update(
	    CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SYS_PACCT);
	expect("capng_apply", (uint64_t)capng_apply(CAPNG_SELECT_CAPS), 0);
	expect("drop", (uint64_t)privileges_drop(s, &err), (uint64_t)-1);
	expect_text(err.text,
	    "cannot become user " USER ": cannot keep capability sys_pacct: "
	    "it was not given to us");
}

static void
a_missing_capability_is_fatal(void **state)
{
	struct settings s = {.user = USER, .acct.mode = ACCT_OWN};

	(void)state;
	need_root();
	in_child(drop_without_pacct, &s);
}

static void
drop_without_setuid(const struct settings *s)
{
	struct err err;

	capng_get_caps_process();
	capng_update(CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_SETUID);
	expect("capng_apply", (uint64_t)capng_apply(CAPNG_SELECT_CAPS), 0);
	expect("drop", (uint64_t)privileges_drop(s, &err), (uint64_t)-1);
}

static void
a_user_that_cannot_be_become_is_fatal(void **state)
{
	struct settings s = {.user = USER};

	(void)state;
	need_root();
	in_child(drop_without_setuid, &s);
}

static void
drop_nothing(const struct settings *s)
{
	struct left before = read_left();
	struct err err = {""};

	privileges_drop(s, &err);
	expect_text(err.text, "");
	struct left after = read_left();
	expect("permitted", after.permitted, before.permitted);
	expect("uid", after.uids[0], before.uids[0]);
	expect("no_new_privs", after.no_new_privs, before.no_new_privs);
}

static void
become_user_and_drop(const struct settings *s)
{
	expect("setuid", (uint64_t)setuid(user_uid), 0);
	drop_nothing(s);
}

static void
nothing_is_dropped_without_user_or_root(void **state)
{
	struct settings stay = {.user = ""}, become = {.user = USER};

	(void)state;
	in_child(drop_nothing, &stay);
	if (geteuid() == 0)
		in_child(become_user_and_drop, &become);
	else
		in_child(drop_nothing, &become);
}

static void
drop_to_wrong_users(const struct settings *s)
{
	struct settings root = *s, none = *s;
	struct left before = read_left();
	struct err err;

	root.user = "root";
	expect("drop", (uint64_t)privileges_drop(&root, &err), (uint64_t)-1);
	expect_text(err.text, "user root is root: to stay root is user = \"\"");
	none.user = "no-such-user";
	expect("drop", (uint64_t)privileges_drop(&none, &err), (uint64_t)-1);
	expect_text(err.text, "there is no user no-such-user");
	expect("permitted", read_left().permitted, before.permitted);
}

static void
wrong_users_are_refused(void **state)
{
	struct settings s = {.user = USER};

	(void)state;
	need_root();
	in_child(drop_to_wrong_users, &s);
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(folder_is_made),
	    TEST(folder_is_given_away),
	    TEST(folder_gets_its_group_alone),
	    TEST(only_empty_folders_are_taken_over),
	    TEST(what_is_no_folder_is_refused),
	    TEST(unknown_names_are_refused),
	    TEST(exactly_what_is_needed_is_left),
	    TEST(root_only_files_can_still_be_read),
	    TEST(a_missing_capability_is_fatal),
	    TEST(a_user_that_cannot_be_become_is_fatal),
	    TEST(nothing_is_dropped_without_user_or_root),
	    TEST(wrong_users_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
