/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed_field.h"

#include <string.h>

/*
 * In the order in which SYSCALL records have them, where the search goes on;
 * what nobody reads is here so that it costs no search in vain.
 */
static const struct {
	const char *name;
	enum feed_field field;
} fields[] = {
    {"type", FIELD_OTHER},
    {"arch", FIELD_ARCH},
    {"syscall", FIELD_OTHER},
    {"success", FIELD_SUCCESS},
    {"exit", FIELD_EXIT},
    {"a0", FIELD_A0},
    {"a1", FIELD_A1},
    {"a2", FIELD_A2},
    {"a3", FIELD_OTHER},
    {"items", FIELD_OTHER},
    {"ppid", FIELD_PPID},
    {"pid", FIELD_PID},
    {"auid", FIELD_AUID},
    {"uid", FIELD_UID},
    {"gid", FIELD_GID},
    {"euid", FIELD_EUID},
    {"suid", FIELD_SUID},
    {"fsuid", FIELD_OTHER},
    {"egid", FIELD_EGID},
    {"sgid", FIELD_SGID},
    {"fsgid", FIELD_OTHER},
    {"tty", FIELD_TTY},
    {"ses", FIELD_SES},
    {"comm", FIELD_COMM},
    {"exe", FIELD_EXE},
    {"subj", FIELD_OTHER},
    {"key", FIELD_KEY},
    {"sig", FIELD_SIG},
};

#define NFIELDS (sizeof(fields) / sizeof(fields[0]))

/* Looks from *at on, and round: fields come in nearly the table's order. */
enum feed_field
feed_field_of(const char *name, size_t *at)
{
	size_t k = *at;

	for (size_t i = 0; i < NFIELDS; i++) {
		if (k == NFIELDS)
			k = 0;
		if (strcmp(fields[k++].name, name) == 0) {
			*at = k;
			return fields[k - 1].field;
		}
	}
	return FIELD_OTHER;
}

unsigned
feed_field_needs(const struct assemble_event *ev)
{
	static const unsigned fields_of[] = {
	    [SYSCALL_FORK] = FIELD_BIT(FIELD_SUCCESS) | FIELD_BIT(FIELD_EXIT),
	    [SYSCALL_VFORK] = FIELD_BIT(FIELD_SUCCESS) | FIELD_BIT(FIELD_EXIT),
	    [SYSCALL_CLONE] = FIELD_BIT(FIELD_SUCCESS) | FIELD_BIT(FIELD_EXIT) |
			      FIELD_BIT(FIELD_ARCH) | FIELD_BIT(FIELD_A0) |
			      FIELD_BIT(FIELD_A1),
	    [SYSCALL_CLONE3] = FIELD_BIT(FIELD_SUCCESS) | FIELD_BIT(FIELD_EXIT),
	    [SYSCALL_EXEC] = FIELD_BIT(FIELD_SUCCESS) | FIELD_BIT(FIELD_EXIT),
	    [SYSCALL_EXIT] = FIELD_BIT(FIELD_A0),
	    [SYSCALL_EXIT_GROUP] = FIELD_BIT(FIELD_A0),
	    [SYSCALL_UNSHARE] = FIELD_BIT(FIELD_SUCCESS) | FIELD_BIT(FIELD_A0),
	    [SYSCALL_SETNS] = FIELD_BIT(FIELD_SUCCESS) | FIELD_BIT(FIELD_A1),
	    [SYSCALL_REBOOT] = FIELD_BIT(FIELD_A2),
	};

	if (ev->what != ASSEMBLE_SYSCALL)
		return FIELD_BIT(FIELD_SIG);
	return fields_of[ev->kind];
}
