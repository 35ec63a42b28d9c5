/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feed_field - the fields of records that are read, but for EXECVE's.
 */
#ifndef FEED_FIELD_H
#define FEED_FIELD_H

#include <stddef.h>

#include "assemble.h"

enum feed_field {
	FIELD_OTHER,
	FIELD_ARCH,
	FIELD_SUCCESS,
	FIELD_EXIT,
	FIELD_A0,
	FIELD_A1,
	FIELD_A2,
	FIELD_PPID,
	FIELD_PID,
	FIELD_AUID,
	FIELD_UID,
	FIELD_GID,
	FIELD_EUID,
	FIELD_SUID,
	FIELD_EGID,
	FIELD_SGID,
	FIELD_TTY,
	FIELD_SES,
	FIELD_COMM,
	FIELD_EXE,
	FIELD_KEY,
	FIELD_SIG,
	FIELD_CWD,
	FIELD_NAME,
};

/* For sets of them. */
#define FIELD_BIT(field) (1u << (field))

/*
 * *at: 0 at the start of a record, then as the field before it left it; fields
 * are found faster in the kernel's order.
 */
enum feed_field feed_field_of(struct bytes name, size_t *at);

/* Without these fields an event tells nothing. */
unsigned feed_field_needs(const struct assemble_event *ev);

#endif
