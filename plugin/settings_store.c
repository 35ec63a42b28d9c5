/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings_store.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact.h"
#include "users.h"

#define PATH_LEN_MAX (PATH_MAX - 256) /* there are names to put below it */
#define PRESET_SIZE  128

_Static_assert(sizeof(enum acct_mode) == sizeof(unsigned) &&
		   sizeof(enum sink_type) == sizeof(unsigned) &&
		   sizeof(enum event_format) == sizeof(unsigned) &&
		   sizeof(enum sink_framing) == sizeof(unsigned),
    "KEY_CHOICE is stored as an unsigned int");

struct settings_piece {
	struct settings_piece *next;
	max_align_t data[];
};

void
settings_pieces_free(struct settings_piece *p)
{
	while (p != NULL) {
		struct settings_piece *next = p->next;

		free(p);
		p = next;
	}
}

void *
settings_alloc(const struct settings_store *to, size_t size)
{
	struct settings_piece *piece = calloc(1, sizeof(*piece) + size);

	if (piece == NULL) {
		err_set(to->err, "out of memory");
		return NULL;
	}
	piece->next = *to->pieces;
	*to->pieces = piece;
	return piece->data;
}

const char *
settings_join(const struct settings_store *to, const char *a, const char *b)
{
	size_t a_len = strlen(a), b_size = strlen(b) + 1;
	char *joined = settings_alloc(to, a_len + b_size);

	if (joined == NULL)
		return NULL;
	memcpy(joined, a, a_len);
	memcpy(joined + a_len, b, b_size);
	return joined;
}

struct unit {
	const char *name;
	int64_t factor;
};

/* From small to large. */
static const struct unit size_units[] = {
    {"B", 1}, {"KiB", KIB}, {"MiB", MIB}, {"GiB", GIB}, {NULL, 0}};
static const struct unit duration_units[] = {{"ms", 1}, {"s", SECOND},
    {"m", MINUTE}, {"h", HOUR}, {"d", DAY}, {NULL, 0}};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

static const struct unit *
units_of(const struct settings_key *k)
{
	if (k->kind == KEY_SIZE)
		return size_units;
	return k->kind == KEY_DURATION ? duration_units : no_units;
}

void
settings_quantity(const struct settings_key *k, int64_t n, struct text *t)
{
	const struct unit *best = units_of(k);

	for (const struct unit *u = best; u->name != NULL; u++)
		if (n % u->factor == 0)
			best = u;
	text_i64(t, n / best->factor);
	text_str(t, best->name);
}

bool
settings_is_list(const struct settings_key *k)
{
	return k->kind == KEY_PATHS || k->kind == KEY_PATTERNS ||
	       k->kind == KEY_USERS || k->kind == KEY_CHOICES;
}

void
settings_wants(const struct settings_key *k, struct text *t)
{
	static const char *const wants[] = {
	    [KEY_BOOL] = "true or false",
	    [KEY_NUMBER] = "a whole number",
	    [KEY_SIZE] = "a size such as \"64MiB\" (B, KiB, MiB, GiB)",
	    [KEY_DURATION] = "a duration such as \"250ms\" (ms, s, m, h, d)",
	    [KEY_NAME] = "a name in quotes",
	    [KEY_PATH] = "an absolute path in quotes",
	    [KEY_CHOICE] = "one of ",
	    [KEY_CHOICES] = "a list out of ",
	    [KEY_PATHS] = "paths such as [ \"/a/b\", \"/c/d\" ]",
	    [KEY_PATTERNS] = "patterns such as [ \"--password=*\" ]",
	    [KEY_USERS] = "users such as [ \"root\", \"1000-60000\" ]",
	};

	text_str(t, wants[k->kind]);
	if (k->kind != KEY_CHOICE && k->kind != KEY_CHOICES)
		return;
	for (const char *const *word = k->words; *word != NULL; word++)
		text_fmt(t, "%s\"%s\"", word == k->words ? "" : ", ", *word);
}

static int
fail_wants(const struct settings_store *to, const struct settings_key *k,
    const char *value)
{
	char buf[128];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	settings_wants(k, &t);
	return err_set(
	    to->err, "wants %.*s, not \"%s\"", (int)t.len, t.buf, value);
}

static int
fail_range(const struct settings_store *to, const struct settings_key *k,
    const char *value)
{
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	settings_quantity(k, k->min, &t);
	text_str(&t, " to ");
	settings_quantity(k, k->max, &t);
	return err_set(
	    to->err, "%s is out of range (%.*s)", value, (int)t.len, t.buf);
}

static void *
member(const struct settings_store *to, const struct settings_key *k)
{
	return (char *)to->object + k->offset;
}

int
settings_store_number(const struct settings_store *to,
    const struct settings_key *k, int64_t value)
{
	char text[24];

	if (k->kind == KEY_BOOL) {
		*(bool *)member(to, k) = value != 0;
		return 0;
	}
	if (value < k->min || value > k->max) {
		snprintf(text, sizeof(text), "%" PRId64, value);
		return fail_range(to, k, text);
	}
	*(uint64_t *)member(to, k) = (uint64_t)value;
	return 0;
}

/* What is too large for *n becomes INT64_MAX, which no range includes. */
static bool
parse_quantity(const struct unit *u, const char *value, int64_t *n)
{
	size_t digits = strspn(value, "0123456789");

	while (u->name != NULL && strcmp(value + digits, u->name) != 0)
		u++;
	if (digits == 0 || u->name == NULL)
		return false;
	*n = 0;
	for (const char *c = value; c < value + digits; c++)
		if (__builtin_mul_overflow(*n, 10, n) ||
		    __builtin_add_overflow(*n, *c - '0', n)) {
			*n = INT64_MAX;
			return true;
		}
	if (__builtin_mul_overflow(*n, u->factor, n))
		*n = INT64_MAX;
	return true;
}

static int
store_quantity(const struct settings_store *to, const struct settings_key *k,
    const char *value)
{
	int64_t n;

	if (!parse_quantity(units_of(k), value, &n))
		return fail_wants(to, k, value);
	if (n < k->min || n > k->max)
		return fail_range(to, k, value);
	if (k->kind == KEY_DURATION)
		*(int64_t *)member(to, k) = n;
	else
		*(uint64_t *)member(to, k) = (uint64_t)n;
	return 0;
}

static int
find_word(const struct settings_store *to, const struct settings_key *k,
    const char *value, unsigned *found)
{
	unsigned i = 0;

	while (k->words[i] != NULL && strcmp(k->words[i], value) != 0)
		i++;
	*found = i;
	return k->words[i] != NULL ? 0 : fail_wants(to, k, value);
}

static int
store_choice(const struct settings_store *to, const struct settings_key *k,
    const char *value)
{
	unsigned found;

	if (find_word(to, k, value, &found) != 0)
		return -1;
	memcpy(member(to, k), &found, sizeof(found));
	return 0;
}

static int
check_name(const struct settings_store *to, const struct settings_key *k,
    const char *value)
{
	int64_t len = (int64_t)strlen(value);

	if (len < k->min)
		return err_set(to->err, "must not be empty");
	if (len > k->max)
		return err_set(
		    to->err, "is longer than %" PRId64 " bytes", k->max);
	for (const char *c = value; *c != '\0'; c++)
		if (isspace((unsigned char)*c) || iscntrl((unsigned char)*c))
			return err_set(to->err,
			    "a blank or control character in \"%s\"", value);
	return 0;
}

static int
store_name(const struct settings_store *to, const struct settings_key *k,
    const char *value)
{
	const char *copy = NULL;

	if (check_name(to, k, value) != 0)
		return -1;
	if (k->none == NULL || strcmp(value, k->none) != 0) {
		copy = settings_join(to, value, "");
		if (copy == NULL)
			return -1;
	}
	*(const char **)member(to, k) = copy;
	return 0;
}

/*
 * Without repeated and final slashes, and "." and ".." refused, two equal
 * paths are the same text. NULL with err.
 */
static const char *
keep_path(const struct settings_store *to, const char *value)
{
	size_t len;
	char *path = settings_alloc(to, strlen(value) + 1);
	char *end = path;

	if (path == NULL)
		return NULL;
	for (const char *part = value; *part != '\0'; part += len) {
		part += strspn(part, "/");
		len = strcspn(part, "/");
		if ((len == 1 || len == 2) && strncmp(part, "..", len) == 0) {
			err_set(to->err, "\"%.*s\" in \"%s\"", (int)len, part,
			    value);
			return NULL;
		}
		if (len > 0)
			*end++ = '/';
		end = mempcpy(end, part, len);
	}
	return path;
}

static const char *
check_path(const struct settings_store *to, const char *value)
{
	const char *path;

	if (value[0] != '/') {
		err_set(to->err, "\"%s\" is no absolute path", value);
		return NULL;
	}
	if (strlen(value) > PATH_LEN_MAX) {
		err_set(to->err, "is longer than %d bytes", PATH_LEN_MAX);
		return NULL;
	}
	path = keep_path(to, value);
	if (path != NULL && path[0] == '\0') {
		err_set(to->err, "\"%s\" is the root folder", value);
		return NULL;
	}
	return path;
}

static int
store_path(const struct settings_store *to, const struct settings_key *k,
    const char *value)
{
	const char *path = NULL;

	if (k->none == NULL || strcmp(value, k->none) != 0) {
		path = check_path(to, value);
		if (path == NULL)
			return -1;
	}
	*(const char **)member(to, k) = path;
	return 0;
}

int
settings_store_text(const struct settings_store *to,
    const struct settings_key *k, const char *value)
{
	if (k->kind == KEY_SIZE || k->kind == KEY_DURATION)
		return store_quantity(to, k, value);
	if (k->kind == KEY_CHOICE)
		return store_choice(to, k, value);
	if (k->kind == KEY_PATH)
		return store_path(to, k, value);
	return store_name(to, k, value);
}

static const char *
keep_part(const struct settings_store *to, const struct settings_key *k,
    const char *part)
{
	if (k->kind == KEY_PATHS)
		return check_path(to, part);
	if ((k->kind == KEY_USERS ? users_check(part, to->err)
				  : redact_check(part, to->err)) != 0)
		return NULL;
	return settings_join(to, part, "");
}

static int
store_choices(const struct settings_store *to, const struct settings_key *k,
    const char *const *parts, size_t n)
{
	unsigned all = 0, found;

	for (size_t i = 0; i < n; i++) {
		if (find_word(to, k, parts[i], &found) != 0)
			return -1;
		all |= 1U << found;
	}
	memcpy(member(to, k), &all, sizeof(all));
	return 0;
}

int
settings_store_list(const struct settings_store *to,
    const struct settings_key *k, const char *const *parts, size_t n)
{
	const char **kept;

	if ((int64_t)n < k->min || (int64_t)n > k->max)
		return err_set(to->err,
		    "has %zu parts, wants %" PRId64 " to %" PRId64, n, k->min,
		    k->max);
	if (k->kind == KEY_CHOICES)
		return store_choices(to, k, parts, n);
	kept = settings_alloc(to, n * sizeof(*kept));
	if (kept == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		kept[i] = keep_part(to, k, parts[i]);
		if (kept[i] == NULL)
			return -1;
	}
	*(const char ***)member(to, k) = kept;
	*(size_t *)((char *)to->object + k->count_offset) = n;
	return 0;
}

static int
store_preset_list(const struct settings_store *to, const struct settings_key *k)
{
	char buf[PRESET_SIZE];
	char *save;
	const char *parts[SETTINGS_PARTS_MAX];
	size_t n = 0;

	snprintf(buf, sizeof(buf), "%s", k->preset);
	for (const char *part = strtok_r(buf, " ", &save); part != NULL;
	     part = strtok_r(NULL, " ", &save))
		parts[n++] = part;
	return settings_store_list(to, k, parts, n);
}

int
settings_store_preset(
    const struct settings_store *to, const struct settings_key *k)
{
	if (k->preset == NULL)
		return 0;
	if (settings_is_list(k))
		return store_preset_list(to, k);
	if (k->kind == KEY_BOOL)
		return settings_store_number(
		    to, k, strcmp(k->preset, "true") == 0);
	if (k->kind == KEY_NUMBER)
		return settings_store_number(
		    to, k, strtoll(k->preset, NULL, 10));
	return settings_store_text(to, k, k->preset);
}
