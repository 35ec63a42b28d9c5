/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frame.h"

#include <stdbool.h>
#include <string.h>

/* Priority: 8 times the facility, 13, and the severity, 6; then the version. */
#define PRIORITY_VERSION "<110>1 "
#define APP_NAME         "proclife"

/* RFC 5424, section 6. */
#define HOSTNAME_MAX 255
#define MSGID_MAX    32

/* 0000-01-01 and 9999-12-31, in ms: what a timestamp of four digits can say. */
#define TIME_MIN INT64_C(-62167219200000)
#define TIME_MAX INT64_C(253402300799999)

/* Printable US-ASCII without the blank. */
static bool
is_word(const char *s, size_t max)
{
	size_t len = 0;

	for (; s[len] != '\0'; len++) {
		if (s[len] < '!' || s[len] > '~' || len == max)
			return false;
	}
	return len > 0;
}

static void
add_word(struct text *t, const char *s, size_t max)
{
	text_str(t, s != NULL && is_word(s, max) ? s : "-");
	text_char(t, ' ');
}

void
frame_head(struct text *t, int64_t time_ms, const char *host, int32_t pid,
    const char *msgid)
{
	text_str(t, PRIORITY_VERSION);
	if (time_ms >= TIME_MIN && time_ms <= TIME_MAX)
		text_rfc3339(t, time_ms);
	else
		text_char(t, '-');
	text_char(t, ' ');
	add_word(t, host, HOSTNAME_MAX);
	text_str(t, APP_NAME " ");
	if (pid > 0)
		text_i64(t, pid);
	else
		text_char(t, '-');
	text_char(t, ' ');
	add_word(t, msgid, MSGID_MAX);
	/* No structured data. */
	text_str(t, "- ");
}

static char
byte_at(const struct bytes part[2], size_t i)
{
	return i < part[0].len ? part[0].at[i] : part[1].at[i - part[0].len];
}

size_t
frame_head_length(const struct bytes part[2])
{
	size_t len = part[0].len + part[1].len;

	for (size_t i = 0; i < len && i <= FRAME_HEAD_MAX; i++) {
		char c = byte_at(part, i);

		if (i == 0 && c != PRIORITY_VERSION[0])
			return 0;
		if (c == '{' && byte_at(part, i - 1) == ' ' &&
		    byte_at(part, i - 2) == '-')
			return i;
	}
	return 0;
}

void
frame_count(struct text *t, size_t len)
{
	text_u64(t, len);
	text_char(t, ' ');
}
