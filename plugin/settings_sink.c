/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings_sink.h"

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
