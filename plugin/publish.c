/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "publish.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 65536 /* nearly every line fits */

struct publish {
	struct envelope env;
	unsigned formats;
	publish_fn fn;
	void *ctx;
	struct encode_text *x;
	char *buf;
	size_t size;
};

struct publish *
publish_new(
    const struct envelope *env, unsigned formats, publish_fn fn, void *ctx)
{
	struct publish *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->env = *env;
	p->formats = formats;
	p->fn = fn;
	p->ctx = ctx;
	p->size = FIRST_SIZE;
	p->buf = malloc(p->size);
	p->x = encode_text_new();
	if (p->buf == NULL || p->x == NULL) {
		publish_free(p);
		return NULL;
	}
	return p;
}

void
publish_free(struct publish *p)
{
	if (p == NULL)
		return;
	encode_text_free(p->x);
	free(p->buf);
	free(p);
}

void
publish_set_formats(struct publish *p, unsigned formats)
{
	p->formats = formats;
}

void
publish_set_boot(struct publish *p, const char *boot_id)
{
	p->env.boot_id = boot_id;
}

static size_t
encode(struct publish *p, enum event_format format, const struct event *ev)
{
	struct text t;

	text_init(&t, p->buf, p->size);
	switch (format) {
	case FORMAT_ECS:
		encode_ecs(&t, ev, &p->env);
		break;
	case FORMAT_OCSF:
		break;
	case FORMAT_TEXT:
		encode_text(p->x, &t, ev, &p->env);
		break;
	}
	return text_ok(&t) ? t.len : 0;
}

/* Half of the arguments, whole ones; false if there is none to take away. */
static bool
shorten(struct args *args)
{
	size_t len = args->bytes.len / 2;

	if (args->bytes.at == NULL || len == 0)
		return false;
	args->truncated = true;
	args->bytes.len = len;
	args->count = 0;
	for (size_t i = 0; i < len; i++)
		args->count += args->bytes.at[i] == '\0';
	if (args->bytes.at[len - 1] != '\0')
		args->count++;
	return true;
}

/* Tries a larger buffer, then fewer arguments. 0: it can't be told. */
static size_t
encode_fitting(
    struct publish *p, enum event_format format, const struct event *whole)
{
	struct event ev = *whole;
	struct args args;
	size_t len = encode(p, format, &ev);

	if (len > 0)
		return len;
	if (p->size < PUBLISH_LINE_MAX) {
		char *buf = realloc(p->buf, PUBLISH_LINE_MAX);

		if (buf == NULL)
			return 0;
		p->buf = buf;
		p->size = PUBLISH_LINE_MAX;
		len = encode(p, format, &ev);
	}
	if (len > 0 || ev.args == NULL)
		return len;
	args = *ev.args;
	ev.args = &args;
	while (len == 0 && shorten(&args))
		len = encode(p, format, &ev);
	return len;
}

/* Text may have a line for the date before that of the event. */
static void
pass_on(struct publish *p, enum event_format format, size_t len)
{
	const char *at = p->buf, *end = p->buf + len;

	while (format == FORMAT_TEXT && at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));

		p->fn(p->ctx, format, at, (size_t)(nl - at) + 1);
		at = nl + 1;
	}
	if (at < end)
		p->fn(p->ctx, format, at, len);
}

bool
publish_event(struct publish *p, const struct event *ev, int64_t created_ms)
{
	static const enum event_format all[] = {FORMAT_ECS, FORMAT_TEXT};
	bool told = true;

	p->env.sequence++;
	p->env.created_ms = created_ms;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		size_t len;

		if ((p->formats & 1u << all[i]) == 0)
			continue;
		len = encode_fitting(p, all[i], ev);
		if (len > 0)
			pass_on(p, all[i], len);
		else
			told = false;
	}
	return told;
}

uint64_t
publish_sequence(const struct publish *p)
{
	return p->env.sequence;
}
