/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * execs - images and scripts of every kind.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "image.h"
#include "truth.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define FOLDER "/tmp/execs"

/* A task's name is 15 bytes of it: it ends amid a character. */
#define ACCENTS "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"

static int
open_path(const char *path, int flags)
{
	int fd = open(path, flags, 0755);

	if (fd < 0)
		truth_die(path);
	return fd;
}

static void
close_written(int fd)
{
	if (close(fd) < 0)
		truth_die("close");
}

/* Makes fd's file a copy of this program. */
static void
copy_self_to(int fd)
{
	int self = open_path("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	do {
		n = sendfile(fd, self, NULL, 1 << 20);
	} while (n > 0);
	if (n < 0)
		truth_die("sendfile");
	close(self);
}

static void
copy_self(const char *path)
{
	int fd = open_path(path, O_WRONLY | O_CREAT | O_CLOEXEC);

	copy_self_to(fd);
	close_written(fd);
}

static void
write_script(const char *path, const char *interpreter, const char *option)
{
	int fd = open_path(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);

	if (dprintf(fd, "#!%s%s\nexit 3\n", interpreter, option) < 0)
		truth_die(path);
	close_written(fd);
}

/* Images. */

static void
images_by_name(void)
{
	static const char *const names[] = {"with blank", "new\nline", "\xff",
	    "(deleted)", "(null)", "?", "a\"b", ACCENTS,
	    "longer-than-a-task-name"};
	char path[PATH_MAX];

	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", FOLDER, names[i]);
		copy_self(path);
		image_begin(names[i]);
		image_run(path);
		image_run(names[i]);
		unlink(path);
	}
	if (symlink(image_self(), "link") < 0)
		truth_die("link");
	image_begin("link");
	image_add("link"); /* no script, though it looks so */
	image_run("link");
	image_run("./link");
	unlink("link");
}

static void
images_by_descriptor(void)
{
	int self = open_path(image_self(), O_RDONLY | O_CLOEXEC);
	int path = open_path(image_self(), O_PATH | O_CLOEXEC);
	int folder = open_path("/vmtest/workloads", O_PATH | O_CLOEXEC);

	image_begin("images");
	image_run_at(self, "", AT_EMPTY_PATH, NULL);
	image_run_at(path, "", AT_EMPTY_PATH, NULL);
	image_run_at(folder, "execs", 0, NULL);
	image_run_at(folder, image_self(), 0, NULL);
	close(self);
	close(path);
	close(folder);
}

static void
images_in_memory(void)
{
	static const char *const names[] = {"memory", "", "a b\xff"};

	for (size_t i = 0; i < COUNT(names); i++) {
		int fd = memfd_create(names[i], MFD_CLOEXEC);

		if (fd < 0)
			truth_die("memfd_create");
		copy_self_to(fd);
		image_begin("images");
		image_run_at(fd, "", AT_EMPTY_PATH, NULL);
		close(fd);
	}
}

static void
deleted_images(void)
{
	int fd;

	copy_self("gone");
	fd = open_path("gone", O_RDONLY | O_CLOEXEC);
	unlink("gone");
	image_begin("gone");
	image_run_at(fd, "", AT_EMPTY_PATH, NULL);
	close(fd);
}

static void
deleted_folder(void)
{
	if (mkdir("away", 0755) < 0 || chdir("away") < 0 ||
	    rmdir(FOLDER "/away") < 0)
		truth_die("away");
	image_begin("images");
	image_run(image_self());
	if (chdir(FOLDER) < 0)
		truth_die(FOLDER);
}

/* As long as a path can be, in bytes that audit puts into hexadecimal. */
static void
long_path(void)
{
	char name[NAME_MAX + 1], path[PATH_MAX], *at = path;
	int depth = (PATH_MAX - 64) / (NAME_MAX + 1);

	memset(name, ' ', sizeof(name) - 1);
	name[NAME_MAX] = '\0';
	for (int i = 0; i < depth; i++) {
		if (mkdir(name, 0755) < 0 || chdir(name) < 0)
			truth_die("mkdir");
	}
	copy_self("deep");
	image_begin("deep");
	image_run("./deep");
	at += snprintf(at, sizeof(path), FOLDER);
	for (int i = 0; i < depth; i++)
		at += snprintf(at, sizeof(name) + 1, "/%s", name);
	snprintf(at, sizeof("/deep"), "/deep");
	image_run(path);
	unlink("deep");
	for (int i = 0; i < depth; i++) {
		if (chdir("..") < 0 || rmdir(name) < 0)
			truth_die("rmdir");
	}
}

/* Scripts. */

static void
scripts(void)
{
	write_script("plain", image_self(), "");
	write_script("option", image_self(), " one option");
	write_script("a name of many words", image_self(), "");
	write_script("broken\xff", image_self(), "");
	write_script("execs", image_self(), ""); /* named as its interpreter */
	image_begin("script");
	image_add("argument");
	image_run_script("plain");
	image_run_script("./plain");
	image_run_script(FOLDER "/plain");
	image_run_script("./option");
	image_run_script("./a name of many words");
	image_run_script("./broken\xff");
	image_run_script("./execs");
}

/* An interpreter may be a script itself, four times. */
static void
nested_scripts(void)
{
	write_script("nested-1", FOLDER "/plain", "");
	write_script("nested-2", FOLDER "/nested-1", " with");
	write_script("nested-3", FOLDER "/nested-2", " options");
	image_begin("script");
	image_add("argument");
	image_run_script("./nested-1");
	image_run_script("./nested-2");
	image_run_script("./nested-3");
}

/* The kernel tells the interpreter a name of the descriptor. */
static void
script_by_descriptor(void)
{
	char path[32];
	int fd = open_path("plain", O_RDONLY);

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	image_begin("script");
	image_run_at(fd, "", AT_EMPTY_PATH, path);
	close(fd);
}

static void
script_of_shell(void)
{
	char shell[PATH_MAX], sh[] = "/bin/sh", script[] = "./shell";
	char *told[] = {sh, script, NULL};
	pid_t pid;

	if (realpath(sh, shell) == NULL)
		truth_die(sh);
	write_script(script, sh, "");
	pid = truth_fork();
	if (pid == 0) {
		truth_image_to_be(shell, "shell", script, told);
		execl(script, "ignored", (char *)NULL);
		truth_die(script);
	}
	truth_wait(pid);
}

static void
enter_folder(void)
{
	if (mkdir(FOLDER, 0755) < 0 || chdir(FOLDER) < 0)
		truth_die(FOLDER);
}

static void
run_all(void)
{
	enter_folder();
	images_by_name();
	images_by_descriptor();
	images_in_memory();
	deleted_images();
	deleted_folder();
	long_path();
	scripts();
	nested_scripts();
	script_by_descriptor();
	script_of_shell();
}

int
main(int argc, char **argv)
{
	(void)argc;
	return image_main(argv, run_all);
}
