/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed_field.h"

/*
 * In the order in which records have them, CWD and PATH, then SYSCALL: there
 * the search goes on. What nobody reads is here so that it costs no search in
 * vain.
 */
static const struct {
	struct bytes name;
	enum feed_field field;
} fields[] = {
    {{"type", 4}, FIELD_OTHER},
    {{"msg", 3}, FIELD_OTHER},
    {{"cwd", 3}, FIELD_CWD},
    {{"item", 4}, FIELD_OTHER},
    {{"name", 4}, FIELD_NAME},
    {{"arch", 4}, FIELD_ARCH},
    {{"syscall", 7}, FIELD_OTHER},
    {{"success", 7}, FIELD_SUCCESS},
    {{"exit", 4}, FIELD_EXIT},
    {{"a0", 2}, FIELD_A0},
    {{"a1", 2}, FIELD_A1},
    {{"a2", 2}, FIELD_A2},
    {{"a3", 2}, FIELD_OTHER},
    {{"items", 5}, FIELD_OTHER},
    {{"ppid", 4}, FIELD_PPID},
    {{"pid", 3}, FIELD_PID},
    {{"auid", 4}, FIELD_AUID},
    {{"uid", 3}, FIELD_UID},
    {{"gid", 3}, FIELD_GID},
    {{"euid", 4}, FIELD_EUID},
    {{"suid", 4}, FIELD_SUID},
    {{"fsuid", 5}, FIELD_OTHER},
    {{"egid", 4}, FIELD_EGID},
    {{"sgid", 4}, FIELD_SGID},
    {{"fsgid", 5}, FIELD_OTHER},
    {{"tty", 3}, FIELD_TTY},
    {{"ses", 3}, FIELD_SES},
    {{"comm", 4}, FIELD_COMM},
    {{"exe", 3}, FIELD_EXE},
    {{"subj", 4}, FIELD_OTHER},
    {{"key", 3}, FIELD_KEY},
    {{"sig", 3}, FIELD_SIG},
};

#define NFIELDS (sizeof(fields) / sizeof(fields[0]))

/* Looks from *at on, and round: fields come in nearly the table's order. */
enum feed_field
feed_field_of(struct bytes name, size_t *at)
{
	size_t k = *at;

	for (size_t i = 0; i < NFIELDS; i++) {
		if (k == NFIELDS)
			k = 0;
		if (bytes_equal(fields[k++].name, name)) {
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
