/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_world - an event of a process of which little is known, and the text
 * that an encoder makes of it.
 */
#ifndef ENCODE_WORLD_H
#define ENCODE_WORLD_H

#include "encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 2026-11-22T12:00:01.123Z */
#define NOON 1795348801123

#define UUID_OF(n)                                                             \
	{                                                                      \
		{                                                              \
			(n), 0, 0, 0, 0, 0, 0x80, 0, 0x80                      \
		}                                                              \
	}

static char buf[4096];
static struct text t;

static inline struct event
event_of(enum event_action action)
{
	return (struct event){
	    .action = action,
	    .time_ms = NOON,
	    .id = UUID_OF(1),
	    .sources = SOURCE_AUDIT,
	    .process = {true, true, UUID_OF(2), 4711, BYTES_NONE, BYTES_NONE,
		TIME_UNKNOWN},
	    .creds = CREDS_UNKNOWN,
	};
}

/* What was put into t. */
static inline void
assert_text(const char *want)
{
	assert_true(text_ok(&t));
	text_char(&t, '\0');
	assert_string_equal(buf, want);
}

#endif
