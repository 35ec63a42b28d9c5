/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings_sink.h"

#include <stdlib.h>
#include <string.h>

static const char *
type_name(const struct sink_settings *sink)
{
	const struct settings_key *k = settings_sink_keys();

	while (strcmp(k->path, "type") != 0)
		k++;
	return k->words[sink->type];
}

static bool
has_link(const struct sink_settings *sink)
{
	return sink->type != SINK_FILE && sink->type != SINK_STDOUT;
}

/* The settings that it can't do without; NULL: none is missing. */
static const char *
missing(const struct sink_settings *sink)
{
	if (!has_link(sink))
		return NULL;
	if (sink->type == SINK_UNIX)
		return sink->socket == NULL ? "socket" : NULL;
	if (sink->host == NULL)
		return "host";
	return sink->port == 0 ? "port" : NULL;
}

static void
derive(struct sink_settings *sink)
{
	if (sink->type == SINK_TLS)
		sink->tls = true;
	if (sink->type == SINK_RELP)
		sink->framing = FRAMING_SYSLOG;
	if (sink->max_event == 0)
		sink->max_event = sink->framing == FRAMING_SYSLOG
				      ? SETTINGS_SYSLOG_EVENT
				      : SETTINGS_EVENT_MAX;
	/* None that its queue can't hold. */
	if (sink->max_event > sink->queue_size / 2)
		sink->max_event = sink->queue_size / 2;
	/* What is kept to be sent again must leave room for what is new. */
	if (!sink->spool && sink->resend_size > sink->queue_size / 2)
		sink->resend_size = sink->queue_size / 2;
}

static int
check_tls(const struct settings_store *to, const struct sink_settings *sink,
    const char **key)
{
	if (sink->type == SINK_RELP && !sink->tls &&
	    (sink->ca_file != NULL || sink->cert_file != NULL ||
		sink->key_file != NULL || sink->verify_name != NULL)) {
		*key = "tls";
		return err_set(
		    to->err, "is false, but there are settings for TLS");
	}
	if ((sink->cert_file == NULL) == (sink->key_file == NULL))
		return 0;
	*key = sink->cert_file == NULL ? "cert_file" : "key_file";
	return err_set(to->err, "a certificate needs its key, and a key its "
				"certificate");
}

/* A spool's folder is called as its sink. */
static int
check_spool(const struct settings_store *to, const struct sink_settings *sink,
    const char **key)
{
	if (!sink->spool ||
	    (strchr(sink->name, '/') == NULL && sink->name[0] != '.'))
		return 0;
	*key = "name";
	return err_set(
	    to->err, "\"%s\" can't be the name of a folder", sink->name);
}

static int
check_others(const struct settings_store *to, const struct sink_settings *sink,
    const struct sink_settings *before, const char **key)
{
	for (; before < sink; before++) {
		if (strcmp(before->name, sink->name) == 0) {
			*key = "name";
			return err_set(to->err,
			    "another sink is named \"%s\", too", sink->name);
		}
		if (sink->type == SINK_FILE && before->type == SINK_FILE &&
		    strcmp(before->path, sink->path) == 0) {
			*key = "path";
			return err_set(to->err, "sink \"%s\" writes to %s, too",
			    before->name, sink->path);
		}
	}
	return 0;
}

int
settings_check_sink(const struct settings_store *to,
    const struct sink_settings *first, const char **key)
{
	struct sink_settings *sink = to->object;

	*key = missing(sink);
	if (*key != NULL)
		return err_set(to->err,
		    "is missing: a sink of type \"%s\" "
		    "can't do without",
		    type_name(sink));
	if (sink->type != SINK_STDOUT && sink->format == FORMAT_TEXT) {
		*key = "format";
		return err_set(
		    to->err, "\"text\" is for sinks of type \"stdout\"");
	}
	derive(sink);
	if (check_tls(to, sink, key) != 0 || check_spool(to, sink, key) != 0)
		return -1;
	return check_others(to, sink, first, key);
}

struct copied {
	struct sink_settings sink; /* first, so that a pointer to it is ours */
	struct settings_piece *pieces;
};

static void
copy_text(const struct settings_store *to, const char **text)
{
	if (*text != NULL)
		*text = settings_join(to, *text, "");
}

/* What the member of a key points to. */
static void
copy_key(const struct settings_store *to, const struct settings_key *k)
{
	char *at = (char *)to->object + k->offset;
	const char **list;
	size_t n;

	if (k->kind == KEY_NAME || k->kind == KEY_PATH)
		copy_text(to, (const char **)at);
	if (k->kind != KEY_USERS)
		return;
	n = *(size_t *)((char *)to->object + k->count_offset);
	if (n == 0)
		return;
	list = settings_alloc(to, n * sizeof(*list));
	if (list == NULL)
		return;
	memcpy(list, *(const char ***)at, n * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		copy_text(to, &list[i]);
	*(const char ***)at = list;
}

struct sink_settings *
settings_copy_sink(const struct sink_settings *s)
{
	struct copied *copy = calloc(1, sizeof(*copy));
	struct err err = {""};
	struct settings_store to = {copy, &copy->pieces, &err};

	if (copy == NULL)
		return NULL;
	copy->sink = *s;
	for (const struct settings_key *k = settings_sink_keys();
	     k->path != NULL; k++)
		if ((k->sinks & 1U << s->type) != 0)
			copy_key(&to, k);
	copy_text(&to, &copy->sink.spool_folder);
	if (err.text[0] != '\0') {
		settings_free_sink(&copy->sink);
		return NULL;
	}
	return &copy->sink;
}

void
settings_free_sink(struct sink_settings *s)
{
	struct copied *copy = (struct copied *)s;

	if (copy == NULL)
		return;
	settings_pieces_free(copy->pieces);
	free(copy);
}

static bool
same_list(const void *a, size_t na, const void *b, size_t nb)
{
	const char *const *x = *(const char *const *const *)a;
	const char *const *y = *(const char *const *const *)b;

	if (na != nb)
		return false;
	for (size_t i = 0; i < na; i++)
		if (strcmp(x[i], y[i]) != 0)
			return false;
	return true;
}

static bool
same_value(const struct settings_key *k, const struct sink_settings *a,
    const struct sink_settings *b)
{
	const char *x = (const char *)a + k->offset;
	const char *y = (const char *)b + k->offset;

	switch (k->kind) {
	case KEY_BOOL:
		return *(const bool *)x == *(const bool *)y;
	case KEY_NUMBER:
	case KEY_SIZE:
	case KEY_DURATION:
		return memcmp(x, y, sizeof(uint64_t)) == 0;
	case KEY_CHOICE:
	case KEY_CHOICES:
		return memcmp(x, y, sizeof(unsigned)) == 0;
	case KEY_NAME:
	case KEY_PATH:
		return text_same(
		    *(const char *const *)x, *(const char *const *)y);
	case KEY_PATHS:
	case KEY_PATTERNS:
	case KEY_USERS:
		break;
	}
	return same_list(x,
	    *(const size_t *)((const char *)a + k->count_offset), y,
	    *(const size_t *)((const char *)b + k->count_offset));
}

bool
settings_same_sink(const struct sink_settings *a, const struct sink_settings *b)
{
	for (const struct settings_key *k = settings_sink_keys();
	     k->path != NULL; k++)
		if ((k->sinks & 1U << a->type) != 0 && !same_value(k, a, b))
			return false;
	return text_same(a->spool_folder, b->spool_folder);
}

int
settings_place_spools(const struct settings_store *to)
{
	const struct settings *s = to->object;

	for (size_t i = 0; i < s->nsinks; i++) {
		struct sink_settings *sink = &s->sinks[i];
		const char *folder;

		if (!sink->spool)
			continue;
		folder = settings_join(to, s->spool_path, "/");
		if (folder != NULL)
			folder = settings_join(to, folder, sink->name);
		if (folder == NULL)
			return -1;
		sink->spool_folder = folder;
	}
	return 0;
}
