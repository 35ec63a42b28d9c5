/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reconcile_impl - what the parts of the reconciler share.
 *
 * reconcile.c hands facts to lives and keeps time; reconcile_route.c says
 * which life did what, and reconcile_place.c which life of its number a birth
 * began. Who was born of whom: reconcile_births.c by records,
 * reconcile_local.c by those of another pid namespace, reconcile_kin.c by who
 * there is kin to whom, reconcile_shape.c by those that may be threads',
 * reconcile_infer.c where there are none, reconcile_doubt.c where a number
 * changed hands; reconcile_found.c says what was there before us.
 * reconcile_records.c says whose an accounting record is, reconcile_deaths.c
 * who died of what, reconcile_reboot.c whose status a reboot changed,
 * reconcile_sound.c what cannot all be true of one life, and reconcile_tell.c
 * makes events of it. reconcile_saved.c keeps lives over a restart.
 */
#ifndef RECONCILE_IMPL_H
#define RECONCILE_IMPL_H

#include "lives.h"
#include "reconcile.h"
#include "span.h"
#include "steady.h"

/*
 * How often lateness passes before a proof that the stream has come far
 * enough is given up: the stream, or auditd, may hang.
 */
#define PATIENCE 5

/*
 * So many ended lives are remembered at once, at most: in a storm, less than
 * grace long.
 */
#define GRACE_MAX 16384

/*
 * Of one number so many, or twice as many: whoever looks for one of its lives
 * passes all of them.
 */
#define NUMBER_GRACE_MAX 64

/* So many births are undecided at once; older ones count as threads. */
#define UNDECIDED_MAX 4096

/* So many calls of reboot(2) in unknown namespaces are told apart. */
#define REBOOTS_MAX 32

/* Which one waits with its caller, or was nowhere. */
struct reboot {
	struct stamp at; /* serial 0: none */
	bool held;
};

/* So many spans in which some may have been missed are told apart. */
#define UNHEARD_MAX 8

/* Such a call may have been logged then, and was not read. */
struct unheard {
	int64_t from_ms, until_ms;
};

STAILQ_HEAD(ready_list, life);

/*
 * Whom what doubtful lives did names as a parent: a bit stands for many pids.
 * After so many questions those that stand for nobody any more are cleared.
 */
#define DOUBT_BITS      1024
#define DOUBT_QUESTIONS 256

struct doubt_parents {
	uint64_t bits[DOUBT_BITS / 64];
	unsigned questions;
};

struct reconcile {
	struct reconcile_settings set;
	struct ident ident;
	reconcile_event_fn fn;
	void *ctx;
	struct reconcile_counts counts;
	struct lives lives;
	struct ready_list ready; /* to be released, in order */
	struct ready_list kin;   /* bore, by numbers of a namespace */
	bool draining;           /* ready is being worked off */
	bool settling;           /* what was in doubt is being given away */
	struct doubt_parents doubt_parents;
	bool acct_on;
	bool asked;   /* for questions: somebody answers them */
	bool live;    /* /proc is looked at, or was */
	uint64_t own; /* we who bore canaries, by our numbers' last bits */
	int32_t newest_pid; /* of who was added last */
	/* Up to it pids may be orphans' of namespaces whose first is not
	 * known; 0: there are none. */
	int32_t stray_pid;
	int64_t stray_ms; /* who left them was born by then */
	int64_t heard_ms; /* newest stamp of the stream */
	bool reboots_told;
	int64_t untold_ms; /* if not: since then */
	/* A namespace may have been rebooted then, unknown which. */
	struct unheard unheard[UNHEARD_MAX]; /* in order */
	size_t nunheard;
	struct reboot reboots[REBOOTS_MAX];
	int64_t gap_ms; /* so it may be until then: that is not known yet */
	struct ticks ticks;
	const struct life *pinned; /* ended, and in use: not to be forgotten */
	size_t ngrace;             /* lives in QUEUE_GRACE */
	size_t nundecided;         /* births of which it is not known yet */
};

/*
 * How far up the tree somebody is looked for; whoever is beyond counts as
 * unknown: that proves nothing, or is counted.
 */
#define ANCESTRY_MAX 64

/* So many lives that wait are looked at, each time. */
#define WAITING_SCAN_MAX 256

/*
 * One thread's records have serials in its order, and so have one pid's lives,
 * and who died and who inherited: kernel/audit.c, audit_serial() is called
 * when the first record is begun.
 */
static inline bool
reconcile_is_after(struct stamp a, struct stamp b)
{
	return (int32_t)(a.serial - b.serial) > 0;
}

/* One thread leaves, or all do. */
static inline bool
reconcile_is_leaving(const struct fact *fact)
{
	return fact->kind == FACT_EXIT || fact->kind == FACT_EXIT_GROUP;
}

/* reconcile_route.c */

/* The life that a fact of the stream is about; NULL: of none any more. */
struct life *route_target(
    struct reconcile *r, const struct fact *fact, int64_t now);

/* reconcile.c */

/* Whether those were all that are looked at, though more wait: counted. */
bool reconcile_is_enough(struct reconcile *r, size_t looked);
/* Whether those were all ancestors that are looked at: counted. */
bool reconcile_is_too_far(struct reconcile *r, int steps);
/* Has l released, if it can be, when the facts in hand are worked off. */
void reconcile_ready(struct reconcile *r, struct life *l);
/* Has what is held of l, who lives, worked off then. */
void reconcile_go_on(struct reconcile *r, struct life *l);
/* Adds a life of pid; NULL and counted if the table is full. */
struct life *reconcile_add(struct reconcile *r, int32_t pid);
/* The one before newer; nobody is forgotten for it. NULL: counted. */
struct life *reconcile_add_before(struct reconcile *r, struct life *newer);
/* Forgets the life whose end was told first; false: it is in use, or none. */
bool reconcile_forget_oldest(struct reconcile *r);
/* l has ended: forgets who did before it, if there are too many. */
void reconcile_forget_older(struct reconcile *r, struct life *l);
/* Tells l's birth now, if it can be told; what is held of it comes later. */
void reconcile_start(struct reconcile *r, struct life *l);
/* l never was: who has its number next need not wait for it. */
void reconcile_drop(struct reconcile *r, struct life *l);
/* Holds a fact of l back; counted if it can't. */
void reconcile_hold(
    struct reconcile *r, struct life *l, const struct fact *fact, int64_t now);
/* Only what is held of l says when it began and who its parent is. */
void reconcile_read_again(struct reconcile *r, struct life *l);
bool reconcile_barrier_passed(const struct reconcile *r, int64_t read_ms);
/*
 * Whether the birth of who had the number next was read: all that is to come
 * of l was queued before, in both books, and read before.
 */
bool reconcile_is_reborn(const struct reconcile *r, const struct life *l);
/*
 * A child of our own, of which nothing is told: what names us as its parent
 * is its own, whatever the time. Of when that was nobody can be sure near a
 * step of the real clock.
 */
bool reconcile_is_canary(const struct life *l);
/* l is one: who bore it is remembered. */
void reconcile_note_canary(struct reconcile *r, const struct life *l);
/* False: nobody of this number bore one. */
bool reconcile_may_send_canaries(const struct reconcile *r, int32_t pid);
/*
 * Whether what is stamped so was done by who had the canary's number after it;
 * else it was done by one before it.
 */
bool reconcile_is_after_canary(const struct life *canary, struct stamp at);
/*
 * More was done by older than was thought: whose are the facts that were read
 * after it, as far as no birth says that?
 */
void reconcile_anew(struct reconcile *r, const struct life *older, int64_t now);
/* What every fact about a living l says of it. */
void reconcile_note(
    struct reconcile *r, struct life *l, const struct fact *fact);

/* reconcile_births.c: births that a record tells. */

/*
 * Whether l's facts allow that it was born by a call entered at ms: no stamp
 * of its own can be older (kernel/auditsc.c: both are of their calls' entry).
 */
bool births_can_be_at(
    const struct reconcile *r, const struct life *l, int64_t ms);
/* The same of many times, while nothing is learnt of l. */
struct birth_span {
	const struct life *l;
	struct span span;
	const struct fact_acct *record; /* NULL: none */
};
struct birth_span births_span(const struct reconcile *r, const struct life *l);
bool births_span_has(const struct birth_span *b, int64_t ms);
/*
 * Whether what was logged before a birth record names another parent than who
 * logged that, and lived: kernel/exit.c, forget_original_parent(). It was not
 * done by who was born then.
 */
bool births_names_other(const struct reconcile *r, const struct fact *birth,
    const struct fact *fact);
/*
 * Whether l lives, as far as can be known: its end would have been recorded
 * before somebody inherited its children, or got its number. Accounting's
 * records are read first.
 */
bool births_is_alive(const struct reconcile *r, const struct life *l);
/* Nothing of l was read but a record, if that. */
bool births_is_only_record(const struct life *l);
/* Whether p did something after that record was written, or died then. */
bool births_outlived(
    const struct reconcile *r, const struct life *p, const struct fact_acct *a);
/* Whether it is l whose birth was recorded so. */
bool births_is_known(const struct life *l, struct stamp at);
/* Of calls that were entered in one tick the first one back came first. */
bool births_is_later(struct stamp a, struct stamp b);
/*
 * Whether p, who is taken for who bore by that birth, is it for certain: what
 * was logged before p's own birth was may have been done by who had its number
 * before.
 */
bool births_surely_by(const struct life *p, struct stamp birth);
/* Whether p was over for certain when something was done at ms, which may be
 * TIME_UNKNOWN. */
bool births_was_over(
    const struct reconcile *r, const struct life *p, int64_t ms);
/* Whether l, who is not told yet though its birth was read, lives. */
bool births_is_unborn_alive(const struct reconcile *r, const struct life *l);
/* Whether another one has the child's number, and lives. */
bool births_is_taken(const struct reconcile *r, const struct fact *birth);
/*
 * Whether clone3, whose flags nobody sees, may have given the child this
 * parent: who bears now has, or had, that one.
 */
bool births_may_be_siblings(
    const struct reconcile *r, const struct fact *birth, int32_t ppid);
/* Whether p's parent is the one of this number, or was. */
bool births_had_parent(const struct life *p, int32_t ppid);
/* Who bore l, as far as a record says so; 0: none does. */
int32_t births_bearer(const struct life *l);
/* Whether that, or what it did, shows that somebody was born who had l's number
 * everywhere: a record may give that of a namespace. */
bool births_has_number(const struct life *l);
/* The life that l names as its parent; NULL: it is not in the table. */
struct life *births_parent(const struct reconcile *r, const struct life *l);
/*
 * Whether pid may be p, or who inherits from p: an ancestor, or the first of a
 * pid namespace (kernel/exit.c, find_new_reaper()). True, too, if not all
 * ancestors are known.
 */
bool births_may_be_heir(
    const struct reconcile *r, const struct life *p, int32_t pid);
/* Whether a record of l may name this parent: who bore it, or who inherited. */
bool births_may_be_parent(
    const struct reconcile *r, const struct life *l, int32_t pid);
/* p is l's parent; birth is the record that says so, NULL if none does. */
void births_set_parent(struct reconcile *r, struct life *l,
    const struct life *p, const struct fact *birth);
/* The same of a sibling: its parent is its bearer's own (CLONE_PARENT). */
void births_set_sibling_parent(struct reconcile *r, struct life *l,
    const struct life *bearer, int32_t ppid);
/*
 * The life that a birth of this pid begins: one whose facts came before it,
 * or a new one; always that if the birth is undecided. NULL: it tells nothing
 * new.
 */
struct life *births_newborn(
    struct reconcile *r, const struct fact *birth, int64_t now);
/* Gives l its birth: a record by p. */
void births_bear(struct reconcile *r, struct life *l, struct life *p,
    const struct fact *birth);
/* A birth by p whose result is a number of ours. */
void births_by_number(
    struct reconcile *r, struct life *p, const struct fact *birth, int64_t now);
/* A birth by the living parent p. */
void births_fact(
    struct reconcile *r, struct life *p, const struct fact *fact, int64_t now);
/* A birth that waits among the facts of its parent, who is held. */
void births_expect(struct reconcile *r, const struct life *parent,
    const struct fact *fact, int64_t now);
/* Until the birth of l, and what is held of it, is told its parent does not
 * end, nor who bore it. */
void births_await(struct reconcile *r, struct life *l);
/* It is: they may end. */
void births_told(struct reconcile *r, struct life *l, int64_t now);
/* A child of our own, which is not to be told. */
void births_hidden(
    struct reconcile *r, int32_t pid, int32_t ppid, int64_t ms, int64_t now);

/* reconcile_place.c: where a birth belongs among the lives of its number. */

struct place {
	struct life *own;    /* whose it is, told or not; NULL: a new one's */
	struct life *before; /* who was born after it; NULL: nobody */
};

/*
 * The place of a birth, after what is of an undecided one before was given to
 * that: it is none of this one's, but what came next may be.
 */
struct place place_find(struct reconcile *r, const struct fact *birth);
/* Whether some life of the child's number has this birth already. */
bool place_is_known(const struct reconcile *r, const struct fact *birth);

/* reconcile_shape.c: births that may be a process's or a thread's. */

/* A birth by p, who is alive, of unknown shape. */
void shape_bear(
    struct reconcile *r, struct life *p, const struct fact *birth, int64_t now);
/* The birth of u is read, but its bearer waits. */
void shape_expect(struct reconcile *r, struct life *u);
/*
 * Of whom what is held may be of the undecided u (lives_claimed()): made, if
 * need be; NULL: nobody can be it.
 */
struct life *shape_add_claimant(
    struct reconcile *r, struct life *u, int32_t ppid, int64_t now);
/*
 * A fact of l is held, whose birth is not known: it may be of an undecided
 * one. True if that is certain: l is no more.
 */
bool shape_claim(struct reconcile *r, struct life *l);
/*
 * No birth of l's own will come: it is of the undecided one before it if it
 * can be, and no more then. Returns that one; NULL: it can't.
 */
struct life *shape_settle(struct reconcile *r, struct life *l);
/* p is about to end: those that were claimed for long enough are settled. */
void shape_settle_claims(
    struct reconcile *r, const struct life *p, int64_t now);
/*
 * Whether the record of l, of whom nothing else is there, names who bore the
 * undecided one before it, while newer has another parent.
 */
bool shape_is_named(
    const struct reconcile *r, const struct life *l, const struct life *newer);
/*
 * Whether whom clone3 bore to p was a process, for p bore by its number again,
 * as was logged so, and no thread of p has left that to anybody.
 */
bool shape_is_process(
    const struct life *p, const struct fact *birth, struct stamp again);
/* Whether l may be of an undecided birth before it. */
bool shape_may_be_claimed(const struct reconcile *r, const struct life *l);
/* Whether l is of the undecided birth before it rather than of this one. */
bool shape_is_rather(
    const struct reconcile *r, const struct life *l, const struct fact *birth);
/*
 * Undecided births by the number of l, before it, were threads', but for those
 * that somebody may claim. Where accounting would not have told by now, who
 * bore l, as this record says (NULL: there is none), bore processes before,
 * unless a thread of it may have left.
 */
void shape_end_older(
    struct reconcile *r, const struct life *l, const struct fact *birth);
/*
 * The fact is l's: undecided births that were logged before were not after l's.
 * They were threads', or get their places when their bearers are told.
 */
void shape_done_by_older(
    struct reconcile *r, struct life *l, const struct fact *fact);
/*
 * Whether u, who is undecided, is not yet a thread's though somebody had its
 * number next: the record that is taken for that one's may be its own.
 */
bool shape_is_aside(const struct reconcile *r, const struct life *u);
/* /proc says what an undecided birth's number is now. */
void shape_answer(struct reconcile *r, const struct fact *fact, int64_t now);
/*
 * A canary by ppid has the number: if /proc named that one, the answer was
 * about the canary.
 */
void shape_was_canary(
    struct reconcile *r, int32_t pid, int32_t ppid, int64_t now);
/* Nothing was heard of the undecided u, whose number is no process's. */
void shape_when_late(struct reconcile *r, struct life *u);
/*
 * Whether /proc is still to be asked what some births by p are: those that are
 * processes are told before its end.
 */
bool shape_unasked(const struct reconcile *r, const struct life *p);
/* The undecided u is what its claimant says; else a process, or a thread. */
void shape_decide(struct reconcile *r, struct life *u, bool thread);
/* The same of what was undecided for longest. */
void shape_decide_oldest(struct reconcile *r);

/* reconcile_doubt.c: what may be of a life, or of the one before it. */

/* l has just become doubtful, or the doubtful l holds one more fact. */
void doubt_begin(struct reconcile *r, const struct life *l);
void doubt_hold(
    struct reconcile *r, const struct life *l, const struct fact *fact);
/* l is doubtful, and who had its number before may still get what is held. */
bool doubt_stands(const struct life *l);
/*
 * The same of l, or of one before it that waits, too: with that it is settled
 * what l did. Returns who is in doubt; NULL: nobody.
 */
struct life *doubt_up_to(const struct reconcile *r, struct life *l);
/* True if a fact of l stands in doubt, and with it what is told of l. */
bool doubt_of_newer(const struct life *l);
/* True if who had l's number later is in doubt, and so whose l's record is. */
bool doubt_of_record(const struct reconcile *r, const struct life *l);
/*
 * Without accounting: whether what looks like a deed of l may be of who has its
 * number next, as l died unseen, and the same parent's call, which bore that
 * one, is still to be read.
 */
bool doubt_of_next(
    const struct reconcile *r, const struct life *l, const struct fact *fact);
/* Whether the doubtful l, or the one before it, has one thread. */
bool doubt_of_lone(const struct reconcile *r, const struct life *l);
/* All that the doubtful l did may be of the one before it. */
bool doubt_is_all(const struct life *l);
/* What is left of l is its own. */
void doubt_settle(struct reconcile *r, struct life *l);
/*
 * What the doubtful l did was done by the one before it, as far as that can be;
 * l may be no more.
 */
void doubt_give_to_older(struct reconcile *r, struct life *l, int64_t now);
/* What was done before a birth was done by somebody else. */
void doubt_end(struct reconcile *r, const struct fact *birth, int64_t now);
/*
 * Whom a lone thread bore it tells before it does anything else: what names it
 * as its parent was not done by somebody whose birth is still to be read.
 */
void doubt_end_child(
    struct reconcile *r, const struct fact *parents, int64_t now);
/* The fact is of older, and so is all that was logged before. */
void doubt_end_before(struct reconcile *r, const struct life *older,
    const struct fact *fact, int64_t now);

/* reconcile_reboot.c: reboot(2) in a pid namespace. */

/* p bore l: in which namespace is it? */
void reboot_place(struct reconcile *r, struct life *l, struct life *p,
    const struct fact_birth *birth);
/* l is the first of one. */
void reboot_lead(struct life *l);
/* A call by l, whose birth is told. */
void reboot_fact(struct reconcile *r, const struct life *l,
    const struct fact *fact, int64_t now);
/* One by somebody who is held. */
void reboot_hold(struct reconcile *r, const struct fact *fact);
/* One may have been missed that was logged then; from INT64_MIN: before. */
void reboot_unheard(struct reconcile *r, int64_t from_ms, int64_t until_ms);
/* When the last one was of which it is not known where; TIME_UNKNOWN. */
int64_t reboot_until(const struct reconcile *r);
/*
 * Whether word of a reboot that changed l's status, who is dead, may still
 * come.
 */
bool reboot_is_awaited(const struct reconcile *r, const struct life *l);
/*
 * Whether one that may be of l's namespace waits with its caller, or was lost,
 * perhaps, which is not known yet.
 */
bool reboot_is_open(const struct reconcile *r, const struct life *l);
/* Whether one may have done it that is not known to be of l's namespace. */
bool reboot_may_be(const struct reconcile *r, const struct life *l);

/* reconcile_local.c: births by numbers of another pid namespace. */

/* Whether the result of a birth by p is such a number. */
bool local_is_result(
    const struct reconcile *r, const struct life *p, const struct fact *birth);
/* The same of l, who is held, and whose namespace is that of who bore it. */
bool local_may_be(
    struct reconcile *r, const struct life *l, const struct fact *birth);
/* Such a birth by p, who is alive: of who waits, or of somebody to come. */
void local_bear(
    struct reconcile *r, struct life *p, const struct fact *birth, int64_t now);
/* Looks for p's children once all that is held of others is worked off. */
void local_look(struct reconcile *r, struct life *p);
/* Gives them their births, as far as it is sure. */
void local_settle(struct reconcile *r, struct life *p);
/* A first fact of l, which has no birth: may belong to a local one. */
void local_match(struct reconcile *r, struct life *l, int64_t now);
enum local_word {
	LOCAL_UNKNOWN, /* nothing is known of its birth */
	LOCAL_PLAIN,   /* whichever it was, it made no namespace */
	LOCAL_BORN,    /* l got it */
};

/*
 * Waiting brought no certainty: l gets the likeliest birth, if it was its
 * parent's for certain.
 */
enum local_word local_match_in_order(
    struct reconcile *r, struct life *l, int64_t now);
/*
 * p is about to end: children that wait get their births by it, and who gets
 * the others gets the births.
 */
void local_leave(struct reconcile *r, struct life *p, int64_t now);

/* reconcile_infer.c: births that nobody saw. */

/*
 * Its birth did not come in time: one is made up from its first fact, unless
 * its parent waits, too; then it gets lateness once more.
 */
void infer_when_late(struct reconcile *r, struct life *l, int64_t now);
/*
 * There is no more waiting: infers l's birth, its waiting parents' first. If
 * one of them holds the record and waits for its turn, that is waited for.
 */
void infer_birth(struct reconcile *r, struct life *l, int64_t now);
/*
 * That was waited for long enough: whoever waits, infers l's birth. Returns who
 * has it: l or, if that is no more, another one; NULL: nobody.
 */
struct life *infer_alone(struct reconcile *r, struct life *l, int64_t now);
/* Who waits, too, and holds the birth that l, its child, expects; or NULL. */
struct life *infer_bearer(const struct reconcile *r, const struct life *l);
/* Whether a life that waits for its birth may be a child of p, who lives. */
bool infer_has_children(struct reconcile *r, const struct life *p);
/* p is about to end: they waited for long enough. */
void infer_children(struct reconcile *r, struct life *p, int64_t now);
/*
 * Whether who has ppid waits, and holds a birth by this number, until ms, that
 * is nobody's yet.
 */
bool infer_is_borne(struct reconcile *r, int32_t pid, int32_t ppid, int64_t ms);
/* Nothing but an accounting record is there of l, who waits for its birth. */
bool infer_has_only_record(const struct life *l);
/* An accounting record is held of l that the stream has not come up to. */
bool infer_record_unproven(const struct reconcile *r, const struct life *l);
/*
 * Whether the record of which a later life is made is l's, who has none, by
 * what was read since; then it is.
 */
bool infer_record_of_newer(
    struct reconcile *r, const struct life *l, int64_t now);

/* reconcile_found.c */

/* Nobody told the birth of l, whom /proc showed: it runs already. */
void found_bear(struct reconcile *r, struct life *l, const struct fact *fact);
/* Whether a record of ms can be that of the birth of who was found. */
bool found_can_be_born(const struct fact_found *f, int64_t ms);
/* Whether l, who waits, was found and is too young for a birth at ms. */
bool found_is_younger(const struct life *l, int64_t ms);
/* A process in /proc: a life that was restored, or a new one. */
void found_process(struct reconcile *r, const struct fact *fact, int64_t now);

/* reconcile_deaths.c */

/* Evidence of its end, or against it, in a fact of the living l. */
void deaths_fact(
    struct reconcile *r, struct life *l, const struct fact *fact, int64_t now);
/* An accounting record: finds whose it is. */
void deaths_acct(struct reconcile *r, const struct fact *fact, int64_t now);
/* It has, or may have, a second thread: its exit may be only that one's. */
void deaths_threads(struct reconcile *r, struct life *l);
/* At ms (real time) it was no more: the stream may not have come so far. */
void deaths_gone(struct reconcile *r, struct life *l, int64_t ms, int64_t now);
/* The number of l was given to another process. */
void deaths_reused(struct reconcile *r, struct life *l, int64_t now);
/* Tells the end of l if enough is known, else has it wait. */
void deaths_consider(struct reconcile *r, struct life *l, int64_t now);
/* The stream has come up to what l waited for. */
void deaths_barrier(struct reconcile *r, struct life *l, int64_t now);
/* It waited long enough for the births of its children. */
void deaths_alone(struct reconcile *r, struct life *l, int64_t now);
/* Its record did not come in time, or what proves that it is its own. */
void deaths_unaccounted(struct reconcile *r, struct life *l, int64_t now);
/* Word that its namespace was rebooted did not come in time. */
void deaths_not_rebooted(struct reconcile *r, struct life *l, int64_t now);
/* It waited long enough. */
void deaths_end(struct reconcile *r, struct life *l, int64_t now);

/* reconcile_records.c */

/* A record: gives it to whose it is, or to a new life. */
void records_add(struct reconcile *r, const struct fact *fact, int64_t now);
/* Has the lives of l's pid have what is whose by now, and says what is proven.
 */
void records_settle(struct reconcile *r, struct life *l, int64_t now);
/*
 * When who has l's number now did something last that may have been one after
 * him, for all that is known before the stream is past it: his record may be
 * what l has. TIME_UNKNOWN: that is not so.
 */
int64_t records_await_deed(const struct reconcile *r, const struct life *l);
/*
 * Whether the others of its number can do without l, of whom nothing but the
 * record is left, if anything: one of them has that then.
 */
bool records_spare(struct reconcile *r, struct life *l, int64_t now);
/* Whether a thread of l said that it leaves with this wait status. */
bool records_is_said(const struct life *l, uint32_t status);
/*
 * Who leaves by the fact, which was held of l, who lives: l, or one after it
 * who left so, as its record says, and said it nowhere else.
 */
struct life *records_whose_exit(
    const struct reconcile *r, struct life *l, const struct fact *fact);
/* l, who is alive or ended, has this record now. */
void records_take(struct reconcile *r, struct life *l, const struct fact *fact);
/* The record that l has, or that is held for it; NULL: none. */
const struct fact_acct *records_of(const struct life *l);
const struct held_fact *records_held(const struct life *l);

/* reconcile_sound.c: what was told apart wrongly shows, at times. */

/* The fact is told of l: can it be its own, after all that was? */
void sound_note(struct reconcile *r, struct life *l, const struct fact *fact);
/*
 * Whether it is not l's, for it names another parent, and was logged before
 * l's birth was: while who bore l was in that call nobody had inherited.
 */
bool sound_names_other(const struct life *l, const struct fact *fact);
/* Nothing says that l, or who had its number before or after it, was not one.
 */
bool sound_is(struct reconcile *r, const struct life *l);

/* reconcile_tell.c */

/* Its fork; or, if it was found in /proc, that it runs already. */
void tell_start(struct reconcile *r, struct life *l);
void tell_exec(struct reconcile *r, struct life *l, const struct fact *fact);
/* silent_ms: when it died, if no record of its exit says so. */
void tell_end(struct reconcile *r, struct life *l, int64_t silent_ms);
/* The machine was booted anew, at about ms: that ended it, if nothing did. */
void tell_restart(struct reconcile *r, struct life *l, int64_t ms);

#endif
