/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lives - the table of lives, by pid and in order of birth.
 *
 * A pid is used again and again: the lives of one pid form a chain, newest
 * first. A life also stands in at most one queue, by what it waits for; each
 * queue has one constant delay, so that its first life is the first due.
 * Here is only where lives are and what they own; what happens to them is
 * reconcile's.
 */
#ifndef LIVES_H
#define LIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "blocks.h"
#include "event.h"
#include "fact.h"
#include "names.h"
#include "shared_args.h"
#include "verdict.h"

enum life_state {
	LIFE_HELD,  /* its birth can't be told yet: its facts wait */
	LIFE_ALIVE, /* its birth is told, its end is not */
	LIFE_ENDED, /* its end is told; kept a while to absorb what is late */
};

/* What a life waits for. */
enum life_queue {
	QUEUE_NONE,
	QUEUE_BIRTH,    /* a birth record */
	QUEUE_EXPECTED, /* who holds that, and waits for its own turn */
	QUEUE_SHAPE,    /* word whether it is a process at all; no deadline */
	QUEUE_ASKED,    /* the same, after /proc was asked */
	QUEUE_ACCT,     /* an accounting record */
	QUEUE_BARRIER,  /* proof that no exit record comes any more */
	QUEUE_LATE,     /* whatever may still be on its way */
	QUEUE_OTHERS,   /* its children's births, or of who had its number */
	QUEUE_TURN,     /* /proc's answers about births by it: the next turn */
	QUEUE_GRACE,    /* being forgotten */
	QUEUE_THREAD,   /* word that it was a process after all */
	QUEUE_REBOOT,   /* word that its pid namespace was rebooted */
	QUEUES,
};

/* A fact that waits, with copies of all it points to. */
struct held_fact {
	STAILQ_ENTRY(held_fact) next;
	LIST_ENTRY(held_fact) in_births, in_serials;
	struct life *of; /* who has it, while it is held */
	uint32_t size;   /* of this allocation */
	bool kept;       /* by whom lives are handed to, as l's */
	struct fact fact;
};
STAILQ_HEAD(held_list, held_fact);
LIST_HEAD(birth_list, held_fact);

struct life_parent {
	bool known, identified; /* identified: id is set, too */
	struct uuid id;
	int32_t pid;
	int64_t start_ms;
	struct name *name, *executable;
};

/* As whom a process runs, and at which terminal. */
struct owner {
	struct creds creds;
	struct tty tty;
};

/*
 * A life by its pid and number, or a pid namespace by its first. Number 0:
 * none, or unknown.
 */
struct life_space {
	int32_t pid;
	uint64_t number;
} __attribute__((packed, aligned(4)));

/* What few lives have. */
struct life_rare {
	struct life_space bearer; /* of a sibling: who bore it */
	/* If its children are elsewhere; the pid is also of one before. */
	struct life_space children_space;
};

/*
 * There may be millions of them: what few have is elsewhere, and members stand
 * so that there are no gaps between them.
 */
struct life {
	struct life *next;  /* in its bucket: another pid's newest */
	struct life *older; /* the one that had this pid before */
	struct life *newer; /* and after it */
	TAILQ_ENTRY(life) in_queue, in_children;
	STAILQ_ENTRY(life) in_ready, in_kin;
	TAILQ_ENTRY(life) in_changed, in_bearers, in_ghosts, in_doubtful;
	struct held_list held;   /* facts of a held life */
	struct held_list locals; /* births by it that have no global pid yet */
	uint32_t nheld;          /* in both */

	uint16_t touches;     /* since it was handed out, if so many count */
	uint16_t touches_due; /* by so many it is to be handed out again */
	uint8_t postponed;    /* how often births were waited for once more */
	uint8_t nlocals;      /* facts in locals */
	uint8_t nbefore; /* ended lives in a row before this one, at most */
	enum life_queue queue : 4;
	enum life_state state : 2;
	enum start_kind start : 2;
	unsigned sources : 3; /* of its start */
	bool born : 1;        /* its birth is known, though perhaps not told */
	bool undecided : 1;   /* born of clone3: process or thread */
	bool hidden : 1;      /* a canary: nothing is told of it */
	bool local : 1;       /* its fork results are of its own namespace */
	bool placed : 1;      /* it is known in which namespace it is */
	bool children_local : 1; /* so are its children's */
	/* It bore the first of a pid namespace, whose birth is local. */
	bool bore_first : 1;
	bool leads : 1;  /* it is the first of a pid namespace */
	bool plain : 1;  /* it is none for certain */
	bool inside : 1; /* it is in one, for certain */
	/* So are its children, and the next one is the first there. */
	bool children_inside : 1, first_due : 1;
	bool children_first : 1; /* any of them may be the first there */
	bool beside : 1; /* its parent's first child there is its own first */
	/* The orphans of a pid namespace, or others: may be its first, or a
	 * subreaper. */
	bool may_inherit : 1;
	/* Its parent is who its bearer's parent was, or had become. */
	bool sibling : 1;
	bool many : 1;    /* has, or may have, more than one thread now */
	bool awaited : 1; /* who bore it does not end before it is told */
	bool waited : 1;  /* long enough for nawaited, and others unborn */
	/* What it did until doubt_ms may be of the one before. */
	bool doubtful : 1;
	bool mixed : 1;        /* what was believed to be its own was not */
	bool queued_ready : 1; /* stands in the list of those to be released */
	bool bears : 1;        /* in that of those who hold births */
	bool ghost : 1;        /* in that of those with somebody's birth */
	bool queued_kin : 1;   /* in that of those whose children are sought */
	bool changed : 1;      /* in that of those that changed */
	bool handed_out : 1;   /* as it was, to who keeps it over a restart */

	int32_t pid;
	int32_t ppid;         /* as its own records say it, the newest; -1 */
	int32_t first_ppid;   /* as the first of them said it; -1 */
	uint32_t ppid_serial; /* of the newest; 0: /proc's, or unknown */
	int32_t named;        /* stands among this one's children; 0 */
	int32_t expected;  /* the held parent whose facts hold its birth; 0 */
	uint32_t nawaited; /* children whose births are not told yet */
	uint32_t threads;  /* second and later ones, seen */
	int32_t acct_ppid; /* the parent that its accounting record names */
	struct life_space space; /* in which it is */
	int64_t doubt_ms;
	int64_t deadline;
	uint64_t number;      /* of its own, growing in order of creation */
	uint64_t birth_order; /* which fact told of its birth first; 0: none */

	struct uuid id;
	struct stamp birth;   /* serial 0: no audit event */
	struct stamp last_at; /* of the record that was begun last */
	uint64_t start_ticks; /* its start as /proc counts; 0: unknown */
	/* If it was restored and /proc not seen yet: it lived then; else 0. */
	uint64_t known_ticks;
	int64_t first_ms, last_ms; /* stamps of its own facts */
	/* Real time is so much ahead of what is told of its birth, its exit,
	 * and its last fact. */
	int64_t birth_ahead, exit_ahead, last_ahead;
	struct life_parent parent;
	struct name *owner; /* see lives_owner() */
	struct name *name, *executable, *key;
	struct shared_args *args;
	struct life_rare *rare; /* see lives_rare() */

	struct evidence evidence;
	/* Of the exit or exit_group that counts, or of an exec since: it had as
	 * many threads ever after. */
	struct stamp exit_at;
	uint32_t abend_serial;
	int64_t barrier_ms; /* real time that the stream must have passed */
	/* It was reaped by then, or somebody else's number (real time);
	 * TIME_UNKNOWN. */
	int64_t reaped_ms;
	int64_t given_at; /* its newest fact, in now's time */
	/* If evidence.acct; else one that it has no more, or NULL. */
	struct fact_acct *acct;
};

TAILQ_HEAD(life_list, life);

/* What waits is found by numbers, of which there are so many remainders. */
#define LIVES_REMAINDERS 4096

/* A life of which more facts wait is pointed out: whoever looks for one of them
 * passes all. */
#define LIVES_HELD_EACH 1024

struct lives {
	struct names *names;
	struct blocks blocks; /* of which lives are, and what they own */
	struct life **bucket;
	size_t nbuckets;
	size_t count;   /* lives in the table, ended ones too */
	size_t max;     /* they may be so many */
	size_t nheld;   /* held facts, and what they take */
	size_t nlocals; /* of these, births that have no global pid yet */
	size_t held_bytes;
	uint64_t nunkept;     /* held events that are not kept */
	struct life *crowded; /* the last that got one too many; NULL: none */
	size_t args_max;      /* bytes of arguments kept of one life */
	struct life_list queue[QUEUES];
	/* Those of QUEUE_BIRTH, by the number of the parent that they name. */
	struct life_list children[LIVES_REMAINDERS];
	/* Births that are held, by the child's number; and by their serials. */
	struct birth_list births[LIVES_REMAINDERS];
	struct birth_list serials[LIVES_REMAINDERS];
	struct life_list bearers; /* who hold births, or did */
	struct life_list ghosts;  /* who have one of those, unknown which */
	struct life_list doubtful;
	uint64_t next_number;
	bool tracked; /* somebody wants to know what changes: */
	struct life_list changed, forgotten;
};

/* 0, or -1: no memory. */
int lives_init(struct lives *t, size_t max, size_t args_max);
void lives_fini(struct lives *t);

/* The newest life of a pid, or NULL. */
struct life *lives_newest(const struct lives *t, int32_t pid);

/* From now on the lives that change are listed, and those that are no more. */
void lives_track(struct lives *t);
/* Something of l that outlives a restart changed. */
void lives_touch(struct lives *t, struct life *l);
/* Forgets those that are no more: they were listed long enough. */
void lives_drop_forgotten(struct lives *t);

/*
 * A new, held life of pid: the newest, or the one before newer, which is not
 * NULL. NULL: the table is full, or no memory.
 */
struct life *lives_add(struct lives *t, int32_t pid);
struct life *lives_add_before(struct lives *t, struct life *newer);
/* Who had the number before l, which there is, has it after l from now on. */
void lives_swap(struct lives *t, struct life *l);
/*
 * The undecided birth before l, if what is held of l, whose birth is not
 * known, may be of it; NULL: there is none.
 */
struct life *lives_claimed(const struct life *l);
/* Gives up what only telling of l itself needs: its arguments, and more. */
void lives_forget(struct lives *t, struct life *l);
/* Takes it out of table and queue and frees it with all it owns. */
void lives_remove(struct lives *t, struct life *l);

/*
 * Its parent's pid as its records say, the first of them; accounting's is who
 * it had at its death.
 */
static inline int32_t
lives_ppid(const struct life *l)
{
	return l->first_ppid >= 0 ? l->first_ppid : l->ppid;
}

/*
 * Those that wait for their births and name this parent, in the order in which
 * they began to; among them some who name another.
 */
struct life_list *lives_children(struct lives *t, int32_t ppid);
/* l may name another parent than before. */
void lives_name_parent(struct lives *t, struct life *l);
/* Births that are held; among them all of this number. */
const struct birth_list *lives_births(const struct lives *t, int32_t child);
/* The one of this number that was recorded so; NULL: it is not held. */
const struct held_fact *lives_birth(
    const struct lives *t, int32_t child, uint32_t serial);

/* Stands l at the end of a queue (QUEUE_NONE: of none). */
void lives_enqueue(
    struct lives *t, struct life *l, enum life_queue q, int64_t deadline);

/*
 * Copies a fact into a list of l's, before the one that before points to; NULL:
 * to its end. False: no memory.
 */
bool lives_hold(struct lives *t, struct life *l, struct held_list *list,
    const struct held_fact *before, const struct fact *fact);
/* What is held of from is held of to, after all that is. */
void lives_move_held(struct lives *t, struct life *from, struct life *to);
/* What is in a list of some life's is kept by whom lives are handed to. */
void lives_note_kept(struct lives *t, struct held_list *list);
/* l holds a birth. */
void lives_add_bearer(struct lives *t, struct life *l);
/* One of the births that wait is l's, though it waits no more; or not. */
void lives_set_ghost(struct lives *t, struct life *l, bool ghost);
/* What l did may be of the one before it; or not. */
void lives_set_doubtful(struct lives *t, struct life *l, bool doubtful);
/* Takes those out of the list who hold none any more. */
void lives_weed_bearers(struct lives *t);
/*
 * Takes one, or the first, out of the list; the caller gives it to
 * lives_drop().
 */
struct held_fact *lives_take_out(
    struct lives *t, struct held_list *list, const struct held_fact *h);
struct held_fact *lives_take(struct lives *t, struct held_list *list);
void lives_drop(struct lives *t, struct held_fact *h); /* NULL is fine */

/* Of the parent nothing is known but this; 0: nor that. */
void lives_set_parent_pid(struct lives *t, struct life *l, int32_t pid);
/* Replaces a life's string or arguments. */
void lives_set_name(struct lives *t, struct name **at, struct bytes b);
/* Whose it is; all is unknown when memory was short. */
struct owner lives_owner(const struct life *l);
void lives_set_owner(struct lives *t, struct life *l, const struct owner *o);
void lives_set_args(struct lives *t, struct life *l, const struct args *args);
void lives_share_args(
    struct lives *t, struct life *to, const struct life *from);
/* All zeros if it has none of that. */
const struct life_rare *lives_rare(const struct life *l);
/* When memory is short these stay as they were. */
void lives_set_rare(
    struct lives *t, struct life *l, const struct life_rare *rare);
/* Replaces its accounting record. False: no memory, it has the one before. */
bool lives_set_acct(
    struct lives *t, struct life *l, const struct fact_acct *acct);

#endif
