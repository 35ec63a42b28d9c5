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

void
frame_count(struct text *t, size_t len)
{
	text_u64(t, len);
	text_char(t, ' ');
}
