/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "publish.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 65536 /* nearly every line fits */

/* So many bytes it takes to say that arguments were cut. */
#define SAID_ANEW 16

struct publish {
	struct envelope env;
	struct publish_variant variant[PUBLISH_VARIANTS_MAX];
	size_t nvariants;
	publish_fn fn;
	void *ctx;
	struct encode_text *x;
	char *buf;
	size_t size;
};

/* By format, the longest first. */
static int
by_length(const void *a, const void *b)
{
	const struct publish_variant *x = a, *y = b;

	if (x->format != y->format)
		return x->format < y->format ? -1 : 1;
	return (x->max < y->max) - (x->max > y->max);
}

void
publish_set_variants(
    struct publish *p, const struct publish_variant *variants, size_t n)
{
	assert(n <= PUBLISH_VARIANTS_MAX);
	memcpy(p->variant, variants, n * sizeof(*variants));
	qsort(p->variant, n, sizeof(*variants), by_length);
	p->nvariants = n;
}

struct publish *
publish_new(const struct envelope *env, const struct publish_variant *variants,
    size_t n, publish_fn fn, void *ctx)
{
	struct publish *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->env = *env;
	publish_set_variants(p, variants, n);
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
		encode_ocsf(&t, ev, &p->env);
		break;
	case FORMAT_TEXT:
		encode_text(p->x, &t, ev, &p->env);
		break;
	}
	return text_ok(&t) ? t.len : 0;
}

/*
 * Takes away arguments, from the end, where excess of a line's size bytes are
 * too many: what would be enough if all of the line were arguments, and a
 * little more. False: there are none.
 */
static bool
shorten(struct args *args, size_t excess, size_t size)
{
	size_t len = args->bytes.len;
	size_t gone = (size_t)((uint64_t)excess * len / size) + SAID_ANEW;

	if (args->bytes.at == NULL || len == 0)
		return false;
	len = gone < len ? len - gone : 0;
	/* not within a character */
	while (len > 0 && (args->bytes.at[len] & 0xc0) == 0x80)
		len--;
	args->truncated = true;
	args->bytes.len = len;
	args->count = 0;
	for (size_t i = 0; i < len; i++)
		args->count += args->bytes.at[i] == '\0';
	if (len > 0 && args->bytes.at[len - 1] != '\0')
		args->count++;
	return true;
}

static size_t
encode_whole(
    struct publish *p, enum event_format format, const struct event *ev)
{
	size_t len = encode(p, format, ev);
	char *buf;

	if (len > 0 || p->size >= PUBLISH_LINE_MAX)
		return len;
	buf = realloc(p->buf, PUBLISH_LINE_MAX);
	if (buf == NULL)
		return 0;
	p->buf = buf;
	p->size = PUBLISH_LINE_MAX;
	return encode(p, format, ev);
}

/* With fewer arguments than the whole line, of len bytes (0: more than any line
 * has); returns the new length, or 0: it does not fit into max. */
static size_t
encode_within(struct publish *p, enum event_format format,
    const struct event *whole, size_t max, size_t len)
{
	struct event ev = *whole;
	struct args args;

	if (ev.args == NULL)
		return 0;
	args = *ev.args;
	ev.args = &args;
	while (len == 0 || len > max) {
		bool cut = len == 0 ? shorten(&args, 1, 2)
				    : shorten(&args, len - max, len);

		if (!cut)
			return 0;
		len = encode(p, format, &ev);
	}
	return len;
}

/* Text may have a line for the date before that of the event. */
static void
pass_on(struct publish *p, struct sink_line *line, size_t len)
{
	const char *at = p->buf, *end = p->buf + len;

	while (line->format == FORMAT_TEXT && at < end) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));

		line->text = (struct bytes){at, (size_t)(nl - at) + 1};
		p->fn(p->ctx, line);
		at = nl + 1;
	}
	line->text = (struct bytes){at, len};
	if (at < end)
		p->fn(p->ctx, line);
}

/* All variants of one format, of which there are n; the longest come first. */
static bool
publish_format(struct publish *p, const struct publish_variant *v, size_t n,
    const struct event *ev)
{
	struct sink_line line = {.format = v->format,
	    .action = ev->action,
	    .time_ms = ev->time_ms,
	    .user = event_has_process(ev) ? ev->creds.euid : ID_UNSET};
	size_t whole = encode_whole(p, v->format, ev);
	bool told = true;

	if (whole > 0 && whole <= v->max)
		pass_on(p, &line, whole);
	for (size_t i = 0; i < n; i++) {
		size_t len;

		if ((whole > 0 && whole <= v[i].max) ||
		    (i > 0 && v[i].max == v[i - 1].max))
			continue;
		len = encode_within(p, v->format, ev, v[i].max, whole);
		line.cut_to = v[i].max;
		if (len > 0) {
			pass_on(p, &line, len);
			continue;
		}
		line.text = (struct bytes){"", 0};
		p->fn(p->ctx, &line);
		told = false;
	}
	return told;
}

bool
publish_event(struct publish *p, const struct event *ev, int64_t created_ms)
{
	bool told = true;
	size_t n;

	p->env.sequence++;
	p->env.created_ms = created_ms;
	for (size_t i = 0; i < p->nvariants; i += n) {
		const struct publish_variant *v = &p->variant[i];

		for (n = 1; i + n < p->nvariants; n++)
			if (v[n].format != v->format)
				break;
		told = publish_format(p, v, n, ev) && told;
	}
	return told;
}

uint64_t
publish_sequence(const struct publish *p)
{
	return p->env.sequence;
}
