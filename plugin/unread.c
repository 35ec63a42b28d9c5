/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unread.h"

#include <stdlib.h>

#include "split.h"

/* So many events are remembered; a power of two. */
#define EVENTS 256

/* An event of which some record was kept. */
struct seen {
	struct stamp at;
	bool unread; /* its call is none that anybody reads */
	bool ended;  /* a record of it says that it is whole */
	bool idle;   /* its newest one says nothing but that it is there */
};

struct unread {
	const struct syscalls *sc;
	bool ended; /* events have an end that says so */
	struct seen seen[EVENTS];
};

struct unread *
unread_new(const struct syscalls *sc)
{
	struct unread *u = calloc(1, sizeof(*u));

	if (u != NULL)
		u->sc = sc;
	return u;
}

void
unread_free(struct unread *u)
{
	free(u);
}

static bool
is_unread_call(const struct unread *u, const struct record *rec)
{
	uint32_t arch, number;

	return rec->kind == RECORD_SYSCALL &&
	       record_call(rec, &arch, &number) &&
	       syscalls_kind(u->sc, arch, (int)number) == SYSCALL_OTHER;
}

static void
empty(struct record *rec)
{
	rec->line.len = rec->fields.len = 0;
	rec->fields.at = rec->line.at;
}

/* What says which call it is stays: the assembler has to know, too. */
static void
leave_call(struct record *rec)
{
	struct bytes rest = rec->fields, field;

	(void)split_ended(&rest, ' ', &field);
	(void)split_ended(&rest, ' ', &field);
	rec->fields.len = (size_t)(rest.at - rec->fields.at);
	rec->line.len = (size_t)(rest.at - rec->line.at);
}

/* What nobody reads of an event that some record of was kept of before. */
static bool
is_unread(const struct unread *u, const struct seen *s, enum record_kind kind)
{
	if (kind == RECORD_OTHER)
		return s->unread || s->idle;
	/* the first one of all says that there are such */
	if (kind == RECORD_EOE)
		return u->ended && (s->unread || s->ended);
	return s->unread;
}

bool
unread_shorten(struct unread *u, struct record *rec)
{
	struct seen *s = &u->seen[rec->at.serial & (EVENTS - 1)];
	bool seen = s->at.serial == rec->at.serial && s->at.ms == rec->at.ms;
	bool unread = is_unread_call(u, rec);

	if (!seen || unread)
		*s = (struct seen){.at = rec->at, .unread = unread};
	switch (rec->kind) {
	case RECORD_SYSCALL:
		s->idle = s->ended = false;
		if (unread)
			leave_call(rec);
		return true;
	case RECORD_EXECVE:
	case RECORD_CWD:
	case RECORD_PATH:
		s->idle = s->ended = false;
		return !s->unread;
	case RECORD_PROCTITLE:
	case RECORD_EOE:
	case RECORD_OTHER:
		break;
	default:
		return true;
	}
	unread = is_unread(u, s, rec->kind);
	s->idle = true;
	s->ended |= rec->kind != RECORD_OTHER;
	u->ended |= rec->kind == RECORD_EOE;
	empty(rec);
	return !seen || !unread;
}
