/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink_world - a folder, and a file sink that writes numbered lines to it.
 * Each test begins with a new one.
 */
#ifndef SINK_WORLD_H
#define SINK_WORLD_H

#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "remove_tree.h"
#include "sink_lines.h"

#define T0 INT64_C(1700000000000)

/* Segments are dated by the machine's clock. */
#define FOREVER (INT64_MAX / 2)

/* Every line of these tests is as long as this. */
#define LINE 100

static struct world {
	char folder[64];
	struct sink_settings s;
	struct sink *k;
	int64_t now_ms;
	uint64_t next; /* number of the next line */
} w;

static inline char *
path_of(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", w.folder, name);
	return path;
}

static inline char *
segment(uint64_t number)
{
	char name[64];

	snprintf(name, sizeof(name), "events-%08" PRIu64 ".jsonl", number);
	return path_of(name);
}

static inline void
open_sink(uint64_t first_segment)
{
	struct err err = {""};

	w.k = sink_open(&w.s,
	    &(struct sink_needs){.first_segment = first_segment}, NULL,
	    w.now_ms, &err);
	if (w.k == NULL)
		fail_msg("%s", err.text);
}

static inline void
assert_fails(const char *why)
{
	struct err err = {""};

	assert_null(sink_open(&w.s, &(struct sink_needs){.first_segment = 1},
	    NULL, w.now_ms, &err));
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static inline void
close_sink(void)
{
	sink_close(w.k, w.now_ms);
	w.k = NULL;
}

static inline void
print_line(char line[LINE + 1], uint64_t number)
{
	int n =
	    snprintf(line, LINE, "{\"number\":%" PRIu64 ",\"x\":\"", number);

	memset(line + n, 'x', (size_t)(LINE - n));
	memcpy(line + LINE - 3, "\"}\n", 4);
}

/* Gives the sink n lines; returns how many of them it took. */
static inline uint64_t
put_lines(uint64_t n)
{
	uint64_t taken = 0;

	for (uint64_t i = 0; i < n; i++) {
		char line[LINE + 1];

		print_line(line, w.next);
		if (!sink_put_text(w.k, line, LINE, w.now_ms))
			continue;
		w.next++;
		taken++;
	}
	return taken;
}

static inline void
flush(void)
{
	sink_flush(w.k, w.now_ms);
}

static inline off_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* The segment holds exactly the lines from first to last. */
static inline void
assert_holds(uint64_t number, uint64_t first, uint64_t last)
{
	const char *path = segment(number);
	FILE *f = fopen(path, "re");

	if (f == NULL)
		fail_msg("no %s", path);
	for (uint64_t i = first; i <= last; i++) {
		char want[LINE + 1], got[LINE + 1] = "";

		print_line(want, i);
		assert_int_equal(fread(got, 1, LINE, f), LINE);
		assert_string_equal(got, want);
	}
	assert_int_equal(fgetc(f), EOF);
	fclose(f);
}

static inline void
put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "ae");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static inline int
setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.now_ms = T0;
	snprintf(w.folder, sizeof(w.folder), "/tmp/proclife-sink-XXXXXX");
	assert_non_null(mkdtemp(w.folder));
	w.s = (struct sink_settings){
	    .name = "file",
	    .type = SINK_FILE,
	    .path = w.folder,
	    .segment_size = 1000000,
	    .segments = 100,
	    .max_age_ms = FOREVER,
	    .queue_size = 100000,
	    .max_event = SETTINGS_EVENT_MAX,
	    .actions = ~0U,
	};
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	if (w.k != NULL)
		close_sink();
	umount2(w.folder, MNT_DETACH);
	return remove_tree(w.folder);
}

/* A test in a world of its own. */
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
