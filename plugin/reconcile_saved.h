/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconcile_saved - lives that outlive us: handed out as they change, taken
 * back at the next start.
 *
 * What is handed out is all that is known of a life: also of one that waits
 * to be told, with the facts that wait with it, and of one whose end is told
 * and that is remembered only for what comes late.
 */
#ifndef RECONCILE_SAVED_H
#define RECONCILE_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "fact.h"
#include "lives.h"
#include "reconcile.h"
#include "verdict.h"

/*
 * What of a life is kept as it is, and as what it is written: X(kind, name).
 * One more field of struct life that must outlive a restart is one more line.
 */
#define SAVED_FIELDS(X)                                                        \
	X(u64, number)                                                         \
	X(i32, pid)                                                            \
	X(i32, ppid)                                                           \
	X(i32, first_ppid)                                                     \
	X(u32, ppid_serial)                                                    \
	X(i32, expected)                                                       \
	X(state, state)                                                        \
	X(queue, queue)                                                        \
	X(start, start)                                                        \
	X(bool, born)                                                          \
	X(bool, undecided)                                                     \
	X(bool, hidden)                                                        \
	X(bool, local)                                                         \
	X(bool, children_local)                                                \
	X(bool, placed)                                                        \
	X(bool, may_inherit)                                                   \
	X(bool, bore_first)                                                    \
	X(bool, sibling)                                                       \
	X(bool, leads)                                                         \
	X(bool, inside)                                                        \
	X(bool, children_inside)                                               \
	X(bool, first_due)                                                     \
	X(bool, children_first)                                                \
	X(bool, beside)                                                        \
	X(bool, ghost)                                                         \
	X(bool, plain)                                                         \
	X(space, space)                                                        \
	X(bool, many)                                                          \
	X(bool, awaited)                                                       \
	X(u32, nawaited)                                                       \
	X(bool, doubtful)                                                      \
	X(i64, doubt_ms)                                                       \
	X(bool, mixed)                                                         \
	X(uuid, id)                                                            \
	X(stamp, birth)                                                        \
	X(u64, start_ticks)                                                    \
	X(i64, first_ms)                                                       \
	X(i64, last_ms)                                                        \
	X(stamp, last_at)                                                      \
	X(i64, birth_ahead)                                                    \
	X(i64, exit_ahead)                                                     \
	X(i64, last_ahead)                                                     \
	X(u32, threads)                                                        \
	X(evidence, evidence)                                                  \
	X(stamp, exit_at)                                                      \
	X(i64, barrier_ms)                                                     \
	X(i64, reaped_ms)                                                      \
	X(u32, abend_serial)                                                   \
	X(i32, acct_ppid)

/* The C types of those kinds. */
typedef bool saved_bool;
typedef int32_t saved_i32;
typedef uint32_t saved_u32;
typedef int64_t saved_i64;
typedef uint64_t saved_u64;
typedef enum life_state saved_state;
typedef enum life_queue saved_queue;
typedef enum start_kind saved_start;
typedef struct uuid saved_uuid;
typedef struct life_space saved_space;
typedef struct stamp saved_stamp;
typedef struct evidence saved_evidence;

struct saved_life {
#define SAVED_MEMBER(kind, name) saved_##kind name;
	SAVED_FIELDS(SAVED_MEMBER)
#undef SAVED_MEMBER
	uint32_t sources;
	struct owner owner;
	struct life_rare rare;
	struct fact_acct acct; /* if evidence.acct */
	struct event_process parent;
	struct bytes name, executable, key;
	struct args args; /* bytes.at NULL: unknown */
	const struct held_list *held, *locals;
};

/* life and what it points to are valid only during the call. */
typedef void (*saved_life_fn)(void *ctx, const struct saved_life *life);

/* From now on it is noted which lives change. */
void reconcile_track(struct reconcile *r);

struct reconcile_changes_ops {
	saved_life_fn life;
	/* The life of this number, handed out before, is no more. */
	void (*forgotten)(void *ctx, uint64_t number);
};

/*
 * Hands over what changed since it was last handed over, each life once.
 * False: some lives that hold many facts are left for later; they are handed
 * over when enough of them has changed, so that what is written of one fact
 * is bounded. all: none is left.
 */
bool reconcile_changes(struct reconcile *r, bool all,
    const struct reconcile_changes_ops *ops, void *ctx);
/* So many events that wait are in none of the lives as handed over. */
uint64_t reconcile_unkept(const struct reconcile *r);

/*
 * Hands over lives as they are now, some of them, from *cursor on, which is 0
 * at first. False: that was all. Lives may be added and go between calls:
 * those that were there at the first are handed over at least once.
 */
bool reconcile_save(
    struct reconcile *r, size_t *cursor, saved_life_fn fn, void *ctx);

/*
 * Takes a life back, telling nothing, before any fact; lives in order of
 * their numbers. ticks: the time in clock ticks since boot (as start_ticks)
 * at which it was known to live. What /proc has under its pid is held against
 * that; if nothing, the life is over. 0: nothing happened since it was handed
 * out. Waiting begins anew at now. False: it
 * was no life, or there is no room (which is counted).
 */
bool reconcile_restore(struct reconcile *r, const struct saved_life *s,
    uint64_t ticks, int64_t now);

/* What is known of no single life, and outlives a restart, too. */
struct reconcile_past {
	/* Processes of a pid namespace whose first is not known may have been
	 * inherited by anybody; who left them was born by then. */
	int64_t orphans_ms;
	/* Until then some namespace was rebooted, perhaps, unknown which. */
	int64_t reboot_ms;
};
struct reconcile_past reconcile_past(const struct reconcile *r);
void reconcile_restore_past(
    struct reconcile *r, const struct reconcile_past *past);

#endif
