/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "err.h"
#include "rules.h"
#include "text.h"

#define RULES_ASIDE RULES_FILE ".new" /* no name for augenrules */

#define RULES_SIZE_MAX 4096

struct options {
	bool install;
	const char *root; /* "": the machine itself */
};

enum outcome {
	INSTALLED,
	REPLACED,
	SAME,
	FAILED
};

static void
print_help(void)
{
	printf("usage: proclife rules [--install [--root DIR]]\n\n"
	       "Prints the audit rules this machine needs.\n\n"
	       "  --install   write them to " RULES_DIR "/" RULES_FILE
	       ", without loading\n"
	       "  --root DIR  the same below DIR\n");
}

static int
write_all(int fd, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Gives the new file its owner, mode and bytes, safe on the disk. */
static int
fill(int fd, const struct text *rules)
{
	if (geteuid() == 0 && fchown(fd, 0, 0) != 0)
		return -1;
	if (fchmod(fd, 0640) != 0)
		return -1;
	if (write_all(fd, rules->buf, rules->len) != 0)
		return -1;
	return fsync(fd);
}

/* 1 if the file holds just that, 0 if another content, -1 if there is none. */
static int
compare(int dir, const struct text *rules)
{
	char buf[RULES_SIZE_MAX + 1];
	int fd = openat(dir, RULES_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? -1 : 0;
	n = read(fd, buf, sizeof(buf));
	close(fd);
	return n == (ssize_t)rules->len &&
	       memcmp(buf, rules->buf, rules->len) == 0;
}

static enum outcome
install_in(int dir, const struct text *rules, struct err *err)
{
	int same = compare(dir, rules);
	int fd, rc;

	if (same == 1)
		return SAME;
	unlinkat(dir, RULES_ASIDE, 0); /* left by one that was killed */
	fd = openat(
	    dir, RULES_ASIDE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_errno(err, RULES_ASIDE);
		return FAILED;
	}
	rc = fill(fd, rules);
	if (rc == 0)
		rc = renameat(dir, RULES_ASIDE, dir, RULES_FILE);
	if (rc != 0) {
		err_errno(err, RULES_FILE);
		unlinkat(dir, RULES_ASIDE, 0);
	}
	close(fd);
	if (rc != 0)
		return FAILED;
	fsync(dir); /* else a crash now may bring the old file back: harmless */
	return same == 0 ? REPLACED : INSTALLED;
}

static enum outcome
install(const char *path, const struct text *rules, struct err *err)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum outcome outcome;

	if (dir < 0) {
		err_errno(err, "%s%s", path,
		    errno == ENOENT ? " (is auditd installed?)" : "");
		return FAILED;
	}
	outcome = install_in(dir, rules, err);
	if (outcome == FAILED)
		err_context(err, "%s", path);
	close(dir);
	return outcome;
}

static int
run_install(const char *root, const struct text *rules)
{
	static const char *const words[] = {
	    [INSTALLED] = "written",
	    [REPLACED] = "replaced, as it differed",
	    [SAME] = "there already, the same",
	};
	char path[PATH_MAX];
	enum outcome outcome;
	struct err err;

	if ((size_t)snprintf(path, sizeof(path), "%s" RULES_DIR, root) >=
	    sizeof(path)) {
		fprintf(stderr, "proclife rules: --root is too long\n");
		return 1;
	}
	outcome = install(path, rules, &err);
	if (outcome == FAILED) {
		fprintf(stderr, "proclife rules: %s\n", err.text);
		return 1;
	}
	printf("%s/" RULES_FILE ": %s\n", path, words[outcome]);
	printf("To load the rules, run: augenrules --load\n");
	return 0;
}

/* 0, or CMD_USAGE; 1: help was printed, nothing is left to do. */
static int
parse(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"install", no_argument, NULL, 'i'},
	    {"root", required_argument, NULL, 'r'},
	    {NULL, 0, NULL, 0},
	};
	const char *wrong = NULL;
	int c;

	*o = (struct options){.root = NULL};
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			print_help();
			return 1;
		} else if (c == 'i') {
			o->install = true;
		} else if (c == 'r') {
			o->root = optarg;
		} else {
			return CMD_USAGE;
		}
	}
	if (optind < argc)
		wrong = "takes no argument";
	else if (o->root != NULL && !o->install)
		wrong = "--root is for --install";
	if (wrong == NULL)
		return 0;
	fprintf(stderr, "%s: %s\n", argv[0], wrong);
	return CMD_USAGE;
}

int
cmd_rules(int argc, char **argv)
{
	char buf[RULES_SIZE_MAX];
	struct options o;
	struct utsname name = {.machine = ""};
	struct text rules;
	int rc = parse(argc, argv, &o);

	if (rc != 0)
		return rc == 1 ? 0 : rc;
	text_init(&rules, buf, sizeof(buf));
	if (uname(&name) != 0 || rules_write(&rules, name.machine) == 0) {
		fprintf(stderr,
		    "proclife rules: the audit tools here do not know this"
		    " machine (%s)\n",
		    name.machine);
		return 1;
	}
	if (o.install)
		return run_install(o.root != NULL ? o.root : "", &rules);
	fwrite(rules.buf, 1, rules.len, stdout);
	if (fflush(stdout) != 0) {
		perror("proclife rules");
		return 1;
	}
	return 0;
}
