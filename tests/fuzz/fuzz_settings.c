/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "err.h"

#define PATH_SIZE sizeof("/proc/self/fd/-2147483648")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 forgets the string that it stumbled over. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

static FILE *
open_memory(char path[PATH_SIZE])
{
	int fd = memfd_create("settings", MFD_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (f == NULL)
		abort();
	snprintf(path, PATH_SIZE, "/proc/self/fd/%d", fd);
	return f;
}

/* What s prints must be read again, and print the same. */
static void
check_printing(const struct settings *s)
{
	char path[PATH_SIZE], *text[2];
	size_t len[2];
	struct err err;
	FILE *f = open_memory(path);

	settings_print(s, f);
	fflush(f);
	struct settings *again = settings_load(path, &err);
	fclose(f);
	if (again == NULL)
		abort();
	for (int i = 0; i < 2; i++) {
		f = open_memstream(&text[i], &len[i]);
		if (f == NULL)
			abort();
		settings_print(i == 0 ? s : again, f);
		fclose(f);
	}
	if (strcmp(text[0], text[1]) != 0)
		abort();
	free(text[0]);
	free(text[1]);
	settings_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[PATH_SIZE];
	struct err err = {""};
	FILE *f = open_memory(path);

	fwrite(data, 1, size, f);
	fflush(f);
	struct settings *s = settings_load(path, &err);
	fclose(f);
	if ((s == NULL) == (err.text[0] == '\0'))
		abort();
	if (s != NULL)
		check_printing(s);
	settings_free(s);
	return 0;
}
