/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings_world - a settings file of a test's own, written and loaded.
 */
#ifndef SETTINGS_WORLD_H
#define SETTINGS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "settings.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static char folder[] = "/tmp/test_settings.XXXXXX";
static char file[sizeof(folder) + 8];

static inline int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/conf", folder);
	return 0;
}

static inline int
remove_folder(void **state)
{
	(void)state;
	(void)unlink(file);
	return rmdir(folder);
}

static inline struct settings *
load_bytes(const char *text, size_t len, struct err *err)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	return settings_load(file, err);
}

static inline struct settings *
load(const char *text, struct err *err)
{
	return load_bytes(text, strlen(text), err);
}

static inline struct settings *
load_good(const char *text)
{
	struct err err = {""};
	struct settings *s = load(text, &err);

	assert_string_equal(err.text, "");
	assert_non_null(s);
	return s;
}

#endif
