/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"

#include <inttypes.h>
#include <string.h>

#include "settings_keys.h"
#include "settings_store.h"
#include "text.h"

/* libconfig's escapes; it takes other bytes as they are. */
static void
print_string(const char *s, FILE *out)
{
	putc('"', out);
	for (; *s != '\0'; s++)
		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if ((unsigned char)*s < ' ' || *s == 0x7f)
			fprintf(out, "\\x%02x", (unsigned)*s);
		else
			putc(*s, out);
	putc('"', out);
}

static void
print_quantity(const struct settings_key *k, const void *at, FILE *out)
{
	char buf[32];
	struct text t;
	int64_t n;

	/* A range ends below INT64_MAX, so a uint64_t here is one as well. */
	memcpy(&n, at, sizeof(n));
	text_init(&t, buf, sizeof(buf));
	settings_quantity(k, n, &t);
	fprintf(out, "\"%.*s\"", (int)t.len, t.buf);
}

static void
print_list(const char *const *parts, size_t n, FILE *out)
{
	fputs("[", out);
	for (size_t i = 0; i < n; i++) {
		fputs(i == 0 ? " " : ", ", out);
		print_string(parts[i], out);
	}
	fputs(" ]", out);
}

static void
print_words(const struct settings_key *k, unsigned bits, FILE *out)
{
	const char *parts[SETTINGS_PARTS_MAX];
	size_t n = 0;

	for (unsigned i = 0; k->words[i] != NULL; i++)
		if ((bits & 1U << i) != 0)
			parts[n++] = k->words[i];
	print_list(parts, n, out);
}

static void
print_value(const struct settings_key *k, const void *object, FILE *out)
{
	const void *at = (const char *)object + k->offset;
	const void *count = (const char *)object + k->count_offset;
	const char *text;
	unsigned choice;

	switch (k->kind) {
	case KEY_BOOL:
		fputs(*(const bool *)at ? "true" : "false", out);
		break;
	case KEY_NUMBER:
		fprintf(out, "%" PRIu64, *(const uint64_t *)at);
		break;
	case KEY_SIZE:
	case KEY_DURATION:
		print_quantity(k, at, out);
		break;
	case KEY_NAME:
	case KEY_PATH:
		text = *(const char *const *)at;
		print_string(text == NULL ? k->none : text, out);
		break;
	case KEY_CHOICE:
		memcpy(&choice, at, sizeof(choice));
		print_string(k->words[choice], out);
		break;
	case KEY_CHOICES:
		memcpy(&choice, at, sizeof(choice));
		print_words(k, choice, out);
		break;
	case KEY_PATHS:
	case KEY_PATTERNS:
	case KEY_USERS:
		print_list(*(const char *const *const *)at,
		    *(const size_t *)count, out);
		break;
	}
}

/* The length of "limits" in "limits.lives"; 0 at top level. */
static size_t
section_len(const char *path)
{
	const char *dot = path == NULL ? NULL : strchr(path, '.');

	return dot == NULL ? 0 : (size_t)(dot - path);
}

static bool
same_section(const char *a, const char *b)
{
	size_t len = section_len(a);

	return len == section_len(b) && strncmp(a, b, len) == 0;
}

static void
print_sink(const struct sink_settings *sink, FILE *out)
{
	fputs("\t{\n", out);
	for (const struct settings_key *k = settings_sink_keys();
	     k->path != NULL; k++) {
		if ((k->sinks & 1U << sink->type) == 0)
			continue;
		fprintf(out, "\t\t%s = ", k->path);
		print_value(k, sink, out);
		fputs(";\n", out);
	}
	fputs("\t}", out);
}

void
settings_print(const struct settings *s, FILE *out)
{
	const char *before = "";

	for (const struct settings_key *k = settings_keys(); k->path != NULL;
	     k++) {
		size_t len = section_len(k->path);

		if (len > 0 && !same_section(k->path, before))
			fprintf(out, "%.*s: {\n", (int)len, k->path);
		fprintf(out, "%s%s = ", len > 0 ? "\t" : "",
		    len > 0 ? k->path + len + 1 : k->path);
		print_value(k, s, out);
		fputs(";\n", out);
		if (len > 0 && !same_section(k->path, k[1].path))
			fputs("};\n", out);
		before = k->path;
	}
	fputs("sinks = (\n", out);
	for (size_t i = 0; i < s->nsinks; i++) {
		print_sink(&s->sinks[i], out);
		fputs(i + 1 < s->nsinks ? ",\n" : "\n", out);
	}
	fputs(");\n", out);
}
