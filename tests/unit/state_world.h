/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_world - a state folder, new for each test, and the files in it.
 */
#ifndef STATE_WORLD_H
#define STATE_WORLD_H

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static inline int
make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_state.XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static inline int
remove_folder(void **state)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	(void)state;
	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL)
		if (unlinkat(dirfd(dir), entry->d_name, 0) != 0)
			(void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	closedir(dir);
	return rmdir(folder);
}

/* The path of a file in the folder; valid until called again. */
static inline const char *
in_folder(const char *name)
{
	static char path[sizeof(folder) + 64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static inline bool
exists(const char *name)
{
	struct stat st;

	return lstat(in_folder(name), &st) == 0;
}

static inline void
put(const char *name, const void *at, size_t len)
{
	FILE *f = fopen(in_folder(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(at, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static inline size_t
get(const char *name, char *buf, size_t size)
{
	FILE *f = fopen(in_folder(name), "r");

	assert_non_null(f);
	size_t len = fread(buf, 1, size, f);
	fclose(f);
	assert_true(len < size);
	return len;
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

#endif
