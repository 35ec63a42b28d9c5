/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spool_world - a folder, and a spool of numbered records in it. Each test
 * begins with a new one.
 */
#ifndef SPOOL_WORLD_H
#define SPOOL_WORLD_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
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
#include "spool.h"

#define T0 INT64_C(1700000000000)

#define DAY INT64_C(86400000)

/* Longer ones are made by hand. */
#define RECORD_MAX 4096

static struct world {
	char base[64];   /* all folders of a test are in it */
	char folder[80]; /* of the spool */
	int copies;      /* there were so many */
	struct spool_limits limits;
	struct spool *s;
	int64_t now_ms;
	uint64_t next; /* number of the next record that is put */
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

/* The segment whose first record has this number. */
static inline char *
segment(uint64_t first)
{
	char name[64];

	snprintf(name, sizeof(name), "%016" PRIu64 ".spool", first);
	return path_of(name);
}

static inline off_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* The names in the folder that end so, and their bytes. */
static inline int
count_files(const char *ending, uint64_t *bytes)
{
	DIR *dir = opendir(w.folder);
	const struct dirent *e;
	int n = 0;

	assert_non_null(dir);
	*bytes = 0;
	while ((e = readdir(dir)) != NULL) {
		const char *dot = strstr(e->d_name, ending);

		if (dot == NULL || dot[strlen(ending)] != '\0')
			continue;
		*bytes += (uint64_t)size_of(path_of(e->d_name));
		n++;
	}
	closedir(dir);
	return n;
}

static inline int
segments(void)
{
	uint64_t bytes;

	return count_files(".spool", &bytes);
}

static inline void
open_spool(void)
{
	struct err err = {""};

	w.s = spool_open(w.folder, &w.limits, w.now_ms, &err);
	if (w.s == NULL)
		fail_msg("%s", err.text);
}

static inline void
close_spool(void)
{
	spool_close(w.s, w.now_ms);
	w.s = NULL;
}

static inline void
assert_fails(const char *why)
{
	struct err err = {""};

	assert_null(spool_open(w.folder, &w.limits, w.now_ms, &err));
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

/* What the record of this number is. */
static inline size_t
make_record(uint64_t number, char record[RECORD_MAX])
{
	size_t len = 20 + (size_t)(number * 7919 % 181);

	if (number % 16 == 15)
		len += 3000;
	memset(record, 'a' + (int)(number % 26), len);
	snprintf(record, RECORD_MAX, "%019" PRIu64, number);
	record[19] = ' ';
	return len;
}

/* Puts the next one, in two parts. */
static inline bool
put(void)
{
	char record[RECORD_MAX];
	size_t len = make_record(w.next, record);
	size_t head = (size_t)(w.next % 20);

	if (!spool_put(w.s, (struct bytes){record, head},
		(struct bytes){record + head, len - head}, w.now_ms))
		return false;
	w.next++;
	return true;
}

static inline void
put_n(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		assert_true(put());
}

static inline void
write_out(void)
{
	assert_int_equal(spool_write(w.s, w.now_ms), 0);
}

/* Also more than there is room for at once; all are written. */
static inline void
put_many(uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		if (put())
			continue;
		write_out();
		assert_true(put());
	}
	write_out();
}

/* The next one that is handed out: its number, or UINT64_MAX. */
static inline uint64_t
take(void)
{
	char want[RECORD_MAX], digits[20];
	struct bytes got;
	uint64_t number;

	if (!spool_next(w.s, &got))
		return UINT64_MAX;
	assert_true(got.len >= sizeof(digits));
	memcpy(digits, got.at, sizeof(digits));
	digits[sizeof(digits) - 1] = '\0';
	number = strtoull(digits, NULL, 10);
	assert_int_equal(got.len, make_record(number, want));
	assert_memory_equal(got.at, want, got.len);
	return number;
}

/* From first to last, and they are handed out now. */
static inline void
assert_takes(uint64_t first, uint64_t last)
{
	for (uint64_t i = first; i <= last; i++)
		assert_int_equal(take(), i);
}

static inline void
assert_takes_no_more(void)
{
	assert_int_equal(take(), UINT64_MAX);
}

static inline uint64_t
take_dropped(void)
{
	struct spool_dropped d;

	return spool_take_dropped(w.s, &d) ? d.count : 0;
}

static inline void
put_bytes(const char *path, const char *at, size_t len)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(at, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* To be freed. */
static inline char *
get_bytes(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *at;

	assert_non_null(f);
	*len = (size_t)size_of(path);
	at = malloc(*len + 1);
	assert_non_null(at);
	assert_int_equal(fread(at, 1, *len, f), *len);
	fclose(f);
	return at;
}

/* Copies the spool's folder, as it is, to this one, which is new. */
static inline void
copy_to(const char *folder)
{
	DIR *dir = opendir(w.folder);
	const struct dirent *e;

	assert_non_null(dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	while ((e = readdir(dir)) != NULL) {
		char path[PATH_MAX];
		size_t len;
		char *at;

		if (e->d_name[0] == '.')
			continue;
		at = get_bytes(path_of(e->d_name), &len);
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		put_bytes(path, at, len);
		free(at);
	}
	closedir(dir);
}

/*
 * As if we were killed now: goes on with the folder as it is. The spool is not
 * open afterwards.
 */
static inline void
kill_spool(void)
{
	char copy[sizeof(w.folder)];

	snprintf(copy, sizeof(copy), "%s/%d", w.base, ++w.copies);
	copy_to(copy);
	close_spool();
	assert_int_equal(remove_tree(w.folder), 0);
	memcpy(w.folder, copy, sizeof(copy));
}

static inline int
setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.now_ms = T0;
	snprintf(w.base, sizeof(w.base), "/tmp/proclife-spool-XXXXXX");
	assert_non_null(mkdtemp(w.base));
	/* Syncs cost nothing there, if we may. */
	if (unshare(CLONE_NEWNS) == 0 &&
	    mount("none", "/", "none", MS_PRIVATE | MS_REC, NULL) == 0)
		mount("none", w.base, "tmpfs", 0, NULL);
	snprintf(w.folder, sizeof(w.folder), "%s/0", w.base);
	assert_int_equal(mkdir(w.folder, 0700), 0);
	w.limits = (struct spool_limits){
	    .size = 1024 * 1024,
	    .max_age_ms = DAY,
	    .sync_ms = 1000,
	    .gathered = 100000,
	};
	signal(SIGXFSZ, SIG_IGN);
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	if (w.s != NULL)
		close_spool();
	umount2(w.folder, MNT_DETACH);
	umount2(w.base, MNT_DETACH);
	return remove_tree(w.base);
}

/* A test in a world of its own. */
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
