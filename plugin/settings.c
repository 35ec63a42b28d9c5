/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "settings_keys.h"
#include "settings_scan.h"
#include "settings_sink.h"
#include "settings_store.h"

#define FILE_SIZE_MAX (64 * 1024)
#define KEY_LEN_MAX   80 /* more than any key of ours has */

_Static_assert(SINKS_MAX <= SETTINGS_PARTS_MAX, "sinks are a list, too");

/* What settings_load() gives out is the first member. */
struct loaded {
	struct settings settings;
	struct settings_piece *pieces;
};

/* One group of the file, and what its keys mean. */
struct reader {
	const char *file;
	const char *where; /* put before a key in messages: "sinks[0]." */
	const struct settings_key *keys;
	unsigned sink; /* its bit, as in settings_key.sinks; 0: no sink */
	struct settings_store to;
};

static int read_group(
    const struct reader *r, const config_setting_t *group, const char *prefix);
static int read_sinks(const struct reader *r, const config_setting_t *sinks);

/* Says where the error is that r->to.err tells. */
static int
fail_at(const struct reader *r, const config_setting_t *at, const char *key)
{
	return err_context(r->to.err, "%s:%u: %s%s", r->file,
	    (unsigned)config_setting_source_line(at), r->where, key);
}

static int
fail_type(const struct reader *r, const struct settings_key *k)
{
	char buf[128];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	settings_wants(k, &t);
	return err_set(r->to.err, "wants %.*s", (int)t.len, t.buf);
}

static int
read_list(const struct reader *r, const struct settings_key *k,
    const config_setting_t *list)
{
	const char *parts[SETTINGS_PARTS_MAX];
	size_t n = (size_t)config_setting_length(list);

	if (n > SETTINGS_PARTS_MAX)
		return err_set(r->to.err, "has %zu parts, %d are the most", n,
		    SETTINGS_PARTS_MAX);
	for (size_t i = 0; i < n; i++) {
		parts[i] = config_setting_get_string_elem(list, (int)i);
		if (parts[i] == NULL)
			return fail_type(r, k);
	}
	return settings_store_list(&r->to, k, parts, n);
}

static int
read_value(const struct reader *r, const struct settings_key *k,
    const config_setting_t *value)
{
	switch (k->kind) {
	case KEY_BOOL:
		if (config_setting_type(value) != CONFIG_TYPE_BOOL)
			return fail_type(r, k);
		return settings_store_number(
		    &r->to, k, config_setting_get_bool(value));
	case KEY_NUMBER:
		if (config_setting_type(value) != CONFIG_TYPE_INT64)
			return fail_type(r, k);
		return settings_store_number(
		    &r->to, k, config_setting_get_int64(value));
	case KEY_PATHS:
	case KEY_PATTERNS:
	case KEY_USERS:
	case KEY_CHOICES:
		if (!config_setting_is_array(value) &&
		    !config_setting_is_list(value))
			return fail_type(r, k);
		return read_list(r, k, value);
	case KEY_SIZE:
	case KEY_DURATION:
	case KEY_NAME:
	case KEY_PATH:
	case KEY_CHOICE:
		break;
	}
	if (config_setting_type(value) != CONFIG_TYPE_STRING)
		return fail_type(r, k);
	return settings_store_text(&r->to, k, config_setting_get_string(value));
}

/* The one of that sink, if it has such a key, or any other's. */
static const struct settings_key *
find_key(const struct settings_key *keys, const char *path, unsigned sink)
{
	const struct settings_key *found = NULL;

	for (; keys->path != NULL; keys++)
		if (strcmp(keys->path, path) == 0 &&
		    (found == NULL || (keys->sinks & sink) == sink))
			found = keys;
	return found;
}

/* True if keys go on below path: "limits" has "limits.lives". */
static bool
is_section(const struct settings_key *keys, const char *path)
{
	size_t len = strlen(path);

	for (; keys->path != NULL; keys++)
		if (strncmp(keys->path, path, len) == 0 &&
		    keys->path[len] == '.')
			return true;
	return false;
}

static int
read_section(
    const struct reader *r, const config_setting_t *member, const char *path)
{
	char prefix[KEY_LEN_MAX + 2];

	if (!config_setting_is_group(member)) {
		err_set(r->to.err, "wants a group: { ... };");
		return fail_at(r, member, path);
	}
	snprintf(prefix, sizeof(prefix), "%s.", path);
	return read_group(r, member, prefix);
}

static int
read_member(
    const struct reader *r, const config_setting_t *member, const char *prefix)
{
	/* What is cut here is longer than any key, so it stays unknown. */
	char path[KEY_LEN_MAX + 1];
	const char *name = config_setting_name(member);

	snprintf(path, sizeof(path), "%s%s", prefix, name);
	if (r->sink == 0 && strcmp(path, "sinks") == 0)
		return read_sinks(r, member);
	if (is_section(r->keys, path))
		return read_section(r, member, path);

	const struct settings_key *k = find_key(r->keys, path, r->sink);
	if (k == NULL)
		err_set(r->to.err, "there is no such setting");
	else if ((k->sinks & r->sink) != r->sink)
		err_set(r->to.err, "a sink of this type has no such setting");
	else if (read_value(r, k, member) == 0)
		return 0;
	return fail_at(r, member, path);
}

static int
read_group(
    const struct reader *r, const config_setting_t *group, const char *prefix)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *member =
		    config_setting_get_elem(group, (unsigned)i);

		if (read_member(r, member, prefix) != 0)
			return -1;
	}
	return 0;
}

static int
store_presets(const struct settings_store *to, const struct settings_key *keys,
    unsigned sink)
{
	for (; keys->path != NULL; keys++)
		if ((keys->sinks & sink) == sink &&
		    settings_store_preset(to, keys) != 0)
			return -1;
	return 0;
}

/* The type comes first: it decides which other keys there are. */
static int
read_sink_type(struct reader *r, const config_setting_t *group)
{
	const struct settings_key *k = find_key(r->keys, "type", 0);
	const config_setting_t *type = config_setting_get_member(group, "type");
	struct sink_settings *sink = r->to.object;

	if (type == NULL) {
		fail_type(r, k);
		return fail_at(r, group, "type");
	}
	if (read_value(r, k, type) != 0)
		return fail_at(r, type, "type");
	sink->name = k->words[sink->type];
	r->sink = 1U << sink->type;
	return 0;
}

static int
read_sink(const struct reader *parent, const config_setting_t *group,
    struct sink_settings *sinks, size_t i)
{
	char where[16];
	const char *key;
	struct reader r = {parent->file, where, settings_sink_keys(), 0,
	    {&sinks[i], parent->to.pieces, parent->to.err}};

	snprintf(where, sizeof(where), "sinks[%zu].", i);
	if (!config_setting_is_group(group)) {
		where[strlen(where) - 1] = '\0';
		err_set(r.to.err, "wants a group: { type = \"file\"; ... }");
		return fail_at(&r, group, "");
	}
	if (read_sink_type(&r, group) != 0)
		return -1;
	if (store_presets(&r.to, r.keys, r.sink) != 0 ||
	    read_group(&r, group, "") != 0)
		return -1;
	if (settings_check_sink(&r.to, sinks, &key) != 0)
		return fail_at(&r, group, key);
	return 0;
}

static int
read_sinks(const struct reader *r, const config_setting_t *list)
{
	struct settings *s = r->to.object;
	size_t n = 0;

	if (config_setting_is_list(list))
		n = (size_t)config_setting_length(list);
	if (n == 0 || n > SINKS_MAX) {
		err_set(r->to.err,
		    "wants 1 to %d sinks: ( { type = \"file\"; ... } );",
		    SINKS_MAX);
		return fail_at(r, list, "sinks");
	}
	s->sinks = settings_alloc(&r->to, n * sizeof(*s->sinks));
	if (s->sinks == NULL)
		return -1;
	s->nsinks = n;
	for (size_t i = 0; i < n; i++)
		if (read_sink(r, config_setting_get_elem(list, (unsigned)i),
			s->sinks, i) != 0)
			return -1;
	return 0;
}

/* What is still open after the file was read. */
static int
store_derived(const struct settings_store *to)
{
	struct settings *s = to->object;

	if (s->acct.own_file == NULL)
		s->acct.own_file = settings_join(to, s->state_path, "/pacct");
	if (s->acct.own_file == NULL)
		return -1;
	if (s->nsinks > 0)
		return settings_place_spools(to);

	s->sinks = settings_alloc(to, sizeof(*s->sinks));
	if (s->sinks == NULL)
		return -1;
	s->nsinks = 1;
	s->sinks->type = SINK_FILE;
	s->sinks->name = "file";
	struct settings_store sink = {s->sinks, to->pieces, to->err};
	if (store_presets(&sink, settings_sink_keys(), 1U << SINK_FILE) != 0)
		return -1;
	s->sinks->max_event = SETTINGS_EVENT_MAX;
	return 0;
}

static int
parse(const struct settings_store *to, const char *path, const char *text)
{
	struct reader r = {path, "", settings_keys(), 0, *to};
	config_t config;
	int rc;

	config_init(&config);
	if (config_read_string(&config, text))
		rc = read_group(&r, config_root_setting(&config), "");
	else
		rc = err_set(to->err, "%s:%d: %s", path,
		    config_error_line(&config), config_error_text(&config));
	config_destroy(&config);
	return rc;
}

/* The whole file and a NUL, to be freed; or NULL with err. */
static char *
read_text(const char *path, size_t *len, struct err *err)
{
	FILE *f = fopen(path, "re");
	char *text = malloc(FILE_SIZE_MAX + 1);

	if (f == NULL || text == NULL) {
		err_errno(err, "cannot open %s", path);
		goto fail;
	}
	*len = fread(text, 1, FILE_SIZE_MAX + 1, f);
	if (ferror(f)) {
		err_errno(err, "cannot read %s", path);
		goto fail;
	}
	if (*len > FILE_SIZE_MAX) {
		err_set(err, "%s is larger than %d bytes", path, FILE_SIZE_MAX);
		goto fail;
	}
	text[*len] = '\0';
	fclose(f);
	return text;
fail:
	if (f != NULL)
		fclose(f);
	free(text);
	return NULL;
}

static int
read_file(const struct settings_store *to, const char *path)
{
	size_t len;
	char *text = read_text(path, &len, to->err);

	if (text == NULL)
		return -1;
	char *scanned = settings_scan(path, text, len, to->err);
	int rc = scanned == NULL ? -1 : parse(to, path, scanned);
	free(scanned);
	free(text);
	return rc;
}

struct settings *
settings_load(const char *path, struct err *err)
{
	struct loaded *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	struct settings_store to = {&l->settings, &l->pieces, err};
	if (store_presets(&to, settings_keys(), 0) == 0 &&
	    (path == NULL || read_file(&to, path) == 0) &&
	    store_derived(&to) == 0)
		return &l->settings;
	settings_free(&l->settings);
	return NULL;
}

void
settings_free(struct settings *s)
{
	struct loaded *l = (struct loaded *)s;

	if (l == NULL)
		return;
	settings_pieces_free(l->pieces);
	free(l);
}
