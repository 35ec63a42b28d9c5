/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * assemble - bytes of the audit stream to whole events.
 *
 * Records of several events come interleaved, an event's records may come
 * seconds apart, and libauparse would hand it out in pieces or hold others
 * back (see the manual's NOTES). So records are gathered here, by time and
 * serial, and an event is handed on whole: at once if one record of it says
 * all, as of anything but an exec (in a replay, which is in the kernel's
 * order, they wait for their turn); when its PROCTITLE comes, or its EOE (saved
 * logs have none, and a rule may exclude either), when its process begins
 * another, or when nothing more came for eoe_wait; for lateness in a stream
 * with EOE, where auditd, or who makes a thousand records of an exec's
 * arguments, may pause amid an event.
 *
 * Events are handed on as they become whole, but for those before which others
 * are still to be read, as their serials say: these wait for their turn, at
 * most for half of lateness. In a replay they come in the kernel's order.
 *
 * What can't become a fact is dropped at its first record, before it costs:
 * system calls that neither begin, change nor end processes, and inside the
 * others the records that nobody reads. Nothing is dropped uncounted.
 */
#ifndef ASSEMBLE_H
#define ASSEMBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fact.h"
#include "serials.h"
#include "syscalls.h"
#include "text.h"

/* Longest line; auditd's own limit is 2 * 8970 bytes and a little. */
#define ASSEMBLE_LINE_MAX 65536

struct assemble;
struct record;

struct assemble_settings {
	const char *node;   /* whose records count; NULL: the first one's */
	size_t open_events; /* at most so many wait for their end */
	size_t event_bytes; /* at most so long is one of them */
	int64_t eoe_wait_ms;
	bool by_stamps;      /* a replay: eoe_wait is the stream's own time */
	int64_t lateness_ms; /* after which a missing serial is lost */
};

enum assemble_what {
	ASSEMBLE_SYSCALL, /* one of the calls that syscalls.h knows */
	ASSEMBLE_ABEND,   /* ANOM_ABEND */
	ASSEMBLE_SECCOMP, /* SECCOMP, of a thread that is killed by it */
};

/* A whole event; borrowed. */
struct assemble_event {
	enum assemble_what what;
	enum syscall_kind kind; /* ASSEMBLE_SYSCALL */
	struct stamp at;
	struct bytes records; /* lines in order of arrival, each with \n */
	bool cut;             /* by event_bytes: any record may be missing */
	bool incomplete;      /* cut, or closed before its end came */
};

/* Lines, or records, that did not become part of an event. */
enum assemble_drop {
	ASSEMBLE_GARBAGE,  /* no audit record */
	ASSEMBLE_OVERSIZE, /* a line longer than ASSEMBLE_LINE_MAX */
	ASSEMBLE_LATE,     /* a part whose event is handed on, or never came */
	ASSEMBLE_LIMIT,    /* no memory, or a limit was reached */
	ASSEMBLE_FOREIGN,  /* of another node */
	ASSEMBLE_DROPS,    /* how many there are */
};

struct assemble_counts {
	uint64_t records; /* lines that are audit records */
	uint64_t events;  /* handed on */
	uint64_t drops[ASSEMBLE_DROPS];
};

/* To whom it is told. ctx is passed through. */
struct assemble_ops {
	void (*event)(void *ctx, const struct assemble_event *ev);
	/* Where a stamp lies in the stream's own time, in which real time's
	 * steps do not count; may be NULL: as it is. */
	int64_t (*place)(void *ctx, int64_t ms);
	/*
	 * The local kernel's records were read until this, in the stream's
	 * own time, and none of the events that they tell of still waits; and
	 * until whole_ms (TIME_UNKNOWN: until nothing) there is none that may
	 * still come.
	 */
	void (*heard)(void *ctx, int64_t ms, int64_t whole_ms);
	/* count serials from first on never came; stamps around them. */
	void (*gap)(void *ctx, uint32_t first, uint32_t count, int64_t since_ms,
	    int64_t until_ms);
	/* A CONFIG_CHANGE record; may be NULL. */
	void (*config)(void *ctx, int64_t ms, struct bytes fields);
	/* Serials start anew: records of another boot follow. */
	void (*boot)(void *ctx, int64_t ms);
};

/* sc must outlive it. NULL: no memory. assemble_free(NULL) is fine. */
struct assemble *assemble_new(const struct assemble_settings *s,
    const struct syscalls *sc, const struct assemble_ops *ops, void *ctx);
void assemble_free(struct assemble *a);

/*
 * Where to read the next bytes of the stream to, and how many fit; never
 * less than ASSEMBLE_LINE_MAX. Valid until the next call.
 */
char *assemble_room(struct assemble *a, size_t *size);
/*
 * len bytes were put there. now: a clock in ms that never goes back. It may
 * stand still while the stream is read; the next tick is when they came.
 */
void assemble_take(struct assemble *a, size_t len, int64_t now);

/*
 * The same for one record that somebody else read, whose line is followed by a
 * newline. Between lines only.
 */
void assemble_record(struct assemble *a, const struct record *rec, int64_t now);

/* Hands on what waited too long, settles gaps. */
void assemble_tick(struct assemble *a, int64_t now);
/* The stream is over: a last line without newline counts, all is handed on. */
void assemble_finish(struct assemble *a, int64_t now);

/* When assemble_tick() has something to do; INT64_MAX: nothing waits. */
int64_t assemble_deadline(const struct assemble *a);

/* Where a run before this one was. */
struct assemble_past {
	uint32_t serial;    /* assemble_last_serial() */
	int64_t ms;         /* assemble_last_stamp() */
	int64_t settled_ms; /* assemble_settled() */
	size_t nmissing;    /* assemble_missing() */
	struct serials_run missing[SERIALS_RUNS];
};

/*
 * The stream goes on there: what was missing, and numbers that are missing
 * since, are a gap. Before the first byte.
 */
void assemble_resume(struct assemble *a, const struct assemble_past *past);
/*
 * The serials that are missing so far, perhaps only late, and those of events
 * that are not whole yet: what another run would have to miss. Returns how
 * many runs.
 */
size_t assemble_missing(
    const struct assemble *a, struct serials_run runs[SERIALS_RUNS]);
/* The stream's stamp until which nothing is missing that was not told. */
int64_t assemble_settled(const struct assemble *a);
uint32_t assemble_last_serial(const struct assemble *a); /* 0: none yet */
int64_t assemble_last_stamp(const struct assemble *a);   /* TIME_UNKNOWN */
const struct assemble_counts *assemble_counts(const struct assemble *a);

#endif
