/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encode_own.h"

#include "encode.h"
#include "split.h"

static void
put_exit(struct json *j, const struct event_end *end)
{
	int signal = (int)(end->status & 0x7f);
	const char *name;
	char buf[16];

	json_raw(j, BYTES_LITERAL("\"exit\":{"));
	if (signal == 0) {
		member_u64(j, "code", end->status >> 8 & 0xff);
	} else {
		member_u64(j, "signal", (uint64_t)signal);
		name = encode_signal_name(signal, buf);
		if (name != NULL)
			member_str(j, "signal_name", name);
		if (end->core_known)
			member_bool(j, "core_dumped", end->status & 0x80);
	}
	member_bool(j, "certain", end->certain);
	json_close(j, '}');
}

static void
put_usage(struct json *j, const struct event_end *end)
{
	json_raw(j, BYTES_LITERAL("\"usage\":{"));
	member_u64(j, "user_ms", end->user_ms);
	member_u64(j, "system_ms", end->system_ms);
	member_u64(j, "elapsed_ms", end->elapsed_ms);
	member_u64(j, "vm_size_kb", end->vm_size_kb);
	member_u64(j, "minor_faults", end->minor_faults);
	member_u64(j, "major_faults", end->major_faults);
	json_close(j, '}');
}

static void
put_end(struct json *j, const struct event_end *end)
{
	static const char *const kinds[] = {
	    [END_EXIT] = "exit",
	    [END_SIGNAL] = "signal",
	    [END_VANISHED] = "vanished",
	    [END_RESTART] = "restart",
	};

	member_str(j, "end", kinds[end->kind]);
	if (end->has_status)
		put_exit(j, end);
	if (end->has_usage)
		put_usage(j, end);
}

static void
put_sources(struct json *j, const struct event *ev)
{
	if (ev->sources != 0) {
		json_raw(j, BYTES_LITERAL("\"sources\":["));
		if (ev->sources & SOURCE_AUDIT)
			json_str(j, "audit");
		if (ev->sources & SOURCE_ACCT)
			json_str(j, "acct");
		if (ev->sources & SOURCE_PROCFS)
			json_str(j, "procfs");
		json_close(j, ']');
	}
	if (ev->nserials > 0) {
		json_raw(j, BYTES_LITERAL("\"serials\":["));
		for (unsigned i = 0; i < ev->nserials; i++)
			json_u64(j, ev->serials[i]);
		json_close(j, ']');
	}
}

static void
put_login(struct json *j, const struct creds *c)
{
	if (c->auid == ID_UNSET && c->session == ID_UNSET)
		return;
	json_raw(j, BYTES_LITERAL("\"login\":{"));
	member_id(j, "uid", c->auid);
	member_id(j, "session", c->session);
	json_close(j, '}');
}

static void
put_keys(struct line *l, struct bytes rest)
{
	struct bytes key;

	if (rest.len == 0)
		return;
	json_raw(&l->j, BYTES_LITERAL("\"keys\":["));
	while (split_take(&rest, KEY_SEPARATOR, &key))
		if (!json_bytes(&l->j, key))
			l->keys_broken = true;
	json_close(&l->j, ']');
}

/* What process.args does not tell; left out if it tells all. */
static void
put_args_quality(struct json *j, const struct args *args)
{
	uint32_t listed = args->missing_count < ARGS_MISSING_MAX
			      ? args->missing_count
			      : ARGS_MISSING_MAX;

	if (!args->truncated && listed == 0 && args->redacted_count == 0)
		return;
	json_raw(j, BYTES_LITERAL("\"args\":{"));
	if (args->truncated)
		member_bool(j, "truncated", true);
	if (listed > 0) {
		json_raw(j, BYTES_LITERAL("\"missing\":["));
		for (uint32_t i = 0; i < listed; i++)
			json_u64(j, args->missing[i]);
		json_close(j, ']');
	}
	if (listed < args->missing_count)
		member_u64(j, "missing_count", args->missing_count);
	if (args->redacted_count > 0)
		member_u64(j, "redacted", args->redacted_count);
	json_close(j, '}');
}

static void
member_hex(struct json *j, const char *key, struct bytes value)
{
	json_key(j, key);
	json_open(j, '"');
	text_hex(j->t, value.at, value.len);
	json_close(j, '"');
}

/* "field":{"2":"ff41"}: those of several strings that are not UTF-8. */
static void
put_hex_list(
    struct json *j, const char *field, struct bytes rest, char mark, uint32_t n)
{
	struct bytes part;

	json_key(j, field);
	json_open(j, '{');
	for (uint32_t i = 0; i < n && split_take(&rest, mark, &part); i++) {
		char index[16];
		struct text t;

		if (json_is_utf8(part))
			continue;
		text_init(&t, index, sizeof(index));
		text_u64(&t, i);
		text_char(&t, '\0');
		member_hex(j, index, part);
	}
	json_close(j, '}');
}

/* Exact bytes of what is not UTF-8 and so was replaced above. */
static void
put_hex(struct line *l, const struct event *ev)
{
	struct json *j = &l->j;

	if (l->nbroken == 0 && !l->args_broken && !l->keys_broken)
		return;
	json_raw(j, BYTES_LITERAL("\"hex\":{"));
	for (unsigned i = 0; i < l->nbroken; i++)
		member_hex(j, l->broken[i].field, l->broken[i].value);
	if (l->args_broken)
		put_hex_list(
		    j, "process.args", ev->args->bytes, '\0', ev->args->count);
	if (l->keys_broken)
		put_hex_list(
		    j, "proclife.keys", ev->key, KEY_SEPARATOR, UINT32_MAX);
	json_close(j, '}');
}

static void
put_life(struct line *l, const struct event *ev)
{
	static const char *const starts[] = {
	    [START_OBSERVED] = "observed",
	    [START_INFERRED] = "inferred",
	    [START_SNAPSHOT] = "snapshot",
	};
	struct json *j = &l->j;

	member_str(j, "start", starts[ev->start]);
	if (ev->action == EVENT_END)
		put_end(j, &ev->end);
	put_sources(j, ev);
	if (ev->threads > 0)
		member_u64(j, "threads", ev->threads);
	put_login(j, &ev->creds);
	put_keys(l, ev->key);
	member_bytes(l, "script", "proclife.script", ev->script);
	if (ev->args != NULL)
		put_args_quality(j, ev->args);
	put_hex(l, ev);
}

static void
put_loss(struct json *j, const struct event_loss *loss)
{
	json_raw(j, BYTES_LITERAL("\"loss\":{"));
	member_str(j, "source", encode_loss_source(loss->source));
	if (loss->counted)
		member_u64(j, "count", loss->count);
	member_time(j, "since", loss->since_ms);
	member_time(j, "until", loss->until_ms);
	json_close(j, '}');
}

static void
put_heartbeat(struct json *j, const struct event_heartbeat *h)
{
	json_raw(j, BYTES_LITERAL("\"heartbeat\":{"));
	if (h->last_serial != 0)
		member_u64(j, "last_serial", h->last_serial);
	if (h->lag_ms != TIME_UNKNOWN) {
		json_key(j, "lag_ms");
		json_i64(j, h->lag_ms);
	}
	member_u64(j, "records", h->records);
	member_u64(j, "audit_events", h->events_assembled);
	member_u64(j, "facts", h->facts);
	member_u64(j, "events", h->events);
	member_u64(j, "lives", h->lives);
	member_u64(j, "losses", h->losses);
	member_bool(j, "accounting", h->acct_on);
	json_close(j, '}');
}

void
encode_own(struct line *l, const struct event *ev)
{
	struct json *j = &l->j;

	json_raw(j, BYTES_LITERAL("\"proclife\":{\"v\":1"));
	if (event_has_process(ev))
		put_life(l, ev);
	else
		put_sources(j, ev);
	if (ev->action == EVENT_LOSS)
		put_loss(j, &ev->loss);
	if (ev->action == EVENT_HEARTBEAT)
		put_heartbeat(j, &ev->heartbeat);
	json_close(j, '}');
}
