/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of lives. The random walk takes its seed from the environment
 * variable SEED, if that is set, and prints it.
 */
#include "lives.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIVES_MAX 5000 /* more than the buckets of a new table */
#define ARGS_MAX  16

static int
set_up(void **state)
{
	struct lives *t = calloc(1, sizeof(*t));

	*state = t;
	return t == NULL ? -1 : lives_init(t, LIVES_MAX, ARGS_MAX);
}

static int
tear_down(void **state)
{
	lives_fini(*state);
	free(*state);
	return 0;
}

static void
assert_bytes(struct bytes b, struct bytes want)
{
	assert_int_equal(b.len, want.len);
	assert_non_null(b.at);
	assert_memory_equal(b.at, want.at, want.len);
}

/* What few have is kept, if it is only the pid of a namespace before. */
static void
test_rare(void **state)
{
	static const struct life_rare before = {.children_space = {7, 0}};
	struct life *l = lives_add(*state, 42);

	assert_non_null(l);
	assert_int_equal(lives_rare(l)->children_space.pid, 0);
	lives_set_rare(*state, l, &before);
	assert_int_equal(lives_rare(l)->children_space.pid, 7);
}

/* A new life knows nothing but its pid. */
static void
test_new_life(void **state)
{
	struct lives *t = *state;
	struct life *l = lives_add(t, 42);

	assert_non_null(l);
	assert_int_equal(l->pid, 42);
	assert_int_equal(l->ppid, -1);
	assert_int_equal(l->state, LIFE_HELD);
	assert_int_equal(l->queue, QUEUE_NONE);
	assert_true(l->first_ms == TIME_UNKNOWN);
	assert_true(l->last_ms == TIME_UNKNOWN);
	assert_true(l->birth.ms == TIME_UNKNOWN);
	assert_true(l->exit_at.ms == TIME_UNKNOWN);
	assert_true(l->parent.start_ms == TIME_UNKNOWN);
	assert_int_equal(lives_owner(l).creds.uid, ID_UNSET);
	assert_int_equal(lives_owner(l).creds.auid, ID_UNSET);
	assert_int_equal(lives_owner(l).creds.session, ID_UNSET);
	assert_null(l->name);
	assert_null(l->args);
	assert_true(STAILQ_EMPTY(&l->held));
	assert_true(STAILQ_EMPTY(&l->locals));
	assert_int_equal(t->count, 1);
}

/* Newest first; NULL: there is none any more. */
static void
assert_chain(const struct lives *t, struct life *const want[], int32_t pid)
{
	const struct life *l = lives_newest(t, pid), *newer = NULL;

	for (; *want != NULL; want++) {
		assert_ptr_equal(l, *want);
		assert_ptr_equal(l->newer, newer);
		assert_true(newer == NULL || newer->number > l->number);
		newer = l;
		l = l->older;
	}
	assert_null(l);
}

/* The newest, and one in the middle, with the one before. */
static void
test_two_change_places(void **state)
{
	struct lives *t = *state;
	struct life *other = lives_add(t, 7 + 1024);
	struct life *a = lives_add(t, 7), *b = lives_add(t, 7);
	struct life *c = lives_add(t, 7);

	lives_swap(t, c);
	assert_chain(t, (struct life *[]){b, c, a, NULL}, 7);
	lives_swap(t, c);
	assert_chain(t, (struct life *[]){b, a, c, NULL}, 7);
	assert_chain(t, (struct life *[]){other, NULL}, 7 + 1024);
	lives_remove(t, b);
	assert_chain(t, (struct life *[]){a, c, NULL}, 7);
}

static void
test_chain_of_one_pid(void **state)
{
	struct lives *t = *state;
	struct life *a = lives_add(t, 7), *b = lives_add(t, 7);
	struct life *other = lives_add(t, 7 + 1024), *c = lives_add(t, 7);

	assert_ptr_equal(lives_newest(t, 7), c);
	assert_ptr_equal(lives_newest(t, 7 + 1024), other);
	assert_null(lives_newest(t, 8));
	assert_ptr_equal(c->older, b);
	assert_ptr_equal(b->older, a);
	assert_null(a->older);
	assert_ptr_equal(a->newer, b);
	assert_ptr_equal(b->newer, c);
	assert_null(c->newer);
	assert_null(other->newer);

	lives_remove(t, b); /* out of the middle */
	assert_ptr_equal(c->older, a);
	assert_ptr_equal(a->newer, c);
	lives_remove(t, c); /* the newest */
	assert_ptr_equal(lives_newest(t, 7), a);
	assert_null(a->newer);
	assert_ptr_equal(lives_newest(t, 7 + 1024), other);
	lives_remove(t, a); /* the only one */
	assert_null(lives_newest(t, 7));
	assert_ptr_equal(lives_newest(t, 7 + 1024), other);
	assert_int_equal(t->count, 1);
}

static void
test_oldest_goes_first(void **state)
{
	struct lives *t = *state;
	struct life *a = lives_add(t, 7), *b = lives_add(t, 7);

	lives_remove(t, a);
	assert_null(b->older);
	assert_ptr_equal(lives_newest(t, 7), b);
	assert_null(b->newer);
}

static void
test_growth_and_limit(void **state)
{
	struct lives *t = *state;

	for (int32_t pid = 1; pid <= LIVES_MAX; pid++)
		assert_non_null(lives_add(t, pid));
	assert_null(lives_add(t, LIVES_MAX + 1));
	assert_null(lives_add(t, 1));
	assert_int_equal(t->count, LIVES_MAX);
	for (int32_t pid = 1; pid <= LIVES_MAX; pid++)
		assert_int_equal(lives_newest(t, pid)->pid, pid);
	lives_remove(t, lives_newest(t, 100));
	assert_null(lives_newest(t, 100));
	assert_non_null(lives_add(t, INT32_MAX));
	assert_int_equal(lives_newest(t, INT32_MAX)->pid, INT32_MAX);
	assert_null(lives_add(t, 100));
}

static void
test_queues(void **state)
{
	struct lives *t = *state;
	struct life *a = lives_add(t, 1), *b = lives_add(t, 2);
	struct life *c = lives_add(t, 3);

	lives_enqueue(t, a, QUEUE_ACCT, 10);
	lives_enqueue(t, b, QUEUE_ACCT, 20);
	lives_enqueue(t, c, QUEUE_LATE, 5);
	assert_ptr_equal(TAILQ_FIRST(&t->queue[QUEUE_ACCT]), a);
	assert_ptr_equal(TAILQ_NEXT(a, in_queue), b);
	assert_ptr_equal(TAILQ_FIRST(&t->queue[QUEUE_LATE]), c);
	assert_int_equal(a->queue, QUEUE_ACCT);
	assert_int_equal(a->deadline, 10);

	/* to the end of its own queue */
	lives_enqueue(t, a, QUEUE_ACCT, 30);
	assert_ptr_equal(TAILQ_FIRST(&t->queue[QUEUE_ACCT]), b);
	assert_ptr_equal(TAILQ_NEXT(b, in_queue), a);
	assert_int_equal(a->deadline, 30);
	/* into another, and out of all */
	lives_enqueue(t, b, QUEUE_LATE, 40);
	assert_ptr_equal(TAILQ_FIRST(&t->queue[QUEUE_ACCT]), a);
	assert_ptr_equal(TAILQ_NEXT(c, in_queue), b);
	lives_enqueue(t, c, QUEUE_NONE, 0);
	assert_ptr_equal(TAILQ_FIRST(&t->queue[QUEUE_LATE]), b);
	assert_int_equal(c->queue, QUEUE_NONE);
	lives_enqueue(t, c, QUEUE_NONE, 0);

	lives_remove(t, a);
	assert_true(TAILQ_EMPTY(&t->queue[QUEUE_ACCT]));
	assert_ptr_equal(TAILQ_FIRST(&t->queue[QUEUE_LATE]), b);
}

/* Bytes that are gone after the test has handed them over. */
struct lent {
	char *at;
	size_t len;
};

static struct bytes
lend(struct lent *lent, const char *s)
{
	lent->len = strlen(s);
	lent->at = malloc(lent->len);
	assert_non_null(lent->at);
	memcpy(lent->at, s, lent->len);
	return (struct bytes){lent->at, lent->len};
}

static void
take_back(struct lent *lent, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		memset(lent[i].at, '!', lent[i].len);
		free(lent[i].at);
	}
}

static void
test_held_exec_is_a_copy(void **state)
{
	struct lives *t = *state;
	struct life *l = lives_add(t, 5);
	struct lent lent[6];
	struct fact fact = {
	    .kind = FACT_EXEC,
	    .at = {123, 45},
	    .pid = 5,
	    .comm = lend(&lent[0], "comm"),
	    .exe = lend(&lent[1], "/bin/exe"),
	    .key = lend(&lent[2], "key"),
	    .exec = {.success = true,
		.args = {.bytes = lend(&lent[3], "a0_a1_"), .argc = 2},
		.cwd = lend(&lent[4], "/cwd"),
		.script = lend(&lent[5], "./script")},
	};
	struct held_fact *h;

	assert_true(lives_hold(t, l, &l->held, NULL, &fact));
	take_back(lent, 6);
	assert_int_equal(t->nheld, 1);
	assert_true(t->held_bytes >= sizeof(*h) + 4 + 8 + 3 + 6 + 4 + 8);
	h = lives_take(t, &l->held);
	assert_int_equal(h->fact.at.serial, 45);
	assert_bytes(h->fact.comm, BYTES_LITERAL("comm"));
	assert_bytes(h->fact.exe, BYTES_LITERAL("/bin/exe"));
	assert_bytes(h->fact.key, BYTES_LITERAL("key"));
	assert_bytes(h->fact.exec.args.bytes, BYTES_LITERAL("a0_a1_"));
	assert_int_equal(h->fact.exec.args.argc, 2);
	assert_bytes(h->fact.exec.cwd, BYTES_LITERAL("/cwd"));
	assert_bytes(h->fact.exec.script, BYTES_LITERAL("./script"));
	assert_int_equal(t->nheld, 0);
	assert_int_equal(t->held_bytes, 0);
	lives_drop(t, h);
	assert_null(lives_take(t, &l->held));
}

static void
test_held_found_is_a_copy(void **state)
{
	struct lives *t = *state;
	struct life *l = lives_add(t, 5);
	struct lent lent[4];
	struct fact fact = {
	    .kind = FACT_FOUND,
	    .pid = 5,
	    .comm = lend(&lent[0], "init"),
	    .exe = lend(&lent[1], "/sbin/init"),
	    .found = {.start_ticks = 77,
		.args = {.bytes = lend(&lent[2], "/sbin/init_"), .argc = 1},
		.cwd = lend(&lent[3], "/")},
	};
	struct held_fact *h;

	assert_true(lives_hold(t, l, &l->held, NULL, &fact));
	take_back(lent, 4);
	h = lives_take(t, &l->held);
	assert_bytes(h->fact.exe, BYTES_LITERAL("/sbin/init"));
	assert_bytes(h->fact.found.args.bytes, BYTES_LITERAL("/sbin/init_"));
	assert_bytes(h->fact.found.cwd, BYTES_LITERAL("/"));
	assert_int_equal(h->fact.found.start_ticks, 77);
	lives_drop(t, h);
}

/* Unknown stays unknown, and empty empty. */
static void
test_held_unknown(void **state)
{
	struct lives *t = *state;
	struct life *l = lives_add(t, 5);
	struct fact fact = {.kind = FACT_EXEC, .comm = BYTES_LITERAL("")};
	struct held_fact *h;

	assert_true(lives_hold(t, l, &l->held, NULL, &fact));
	h = lives_take(t, &l->held);
	assert_non_null(h->fact.comm.at);
	assert_int_equal(h->fact.comm.len, 0);
	assert_null(h->fact.exe.at);
	assert_null(h->fact.key.at);
	assert_null(h->fact.exec.args.bytes.at);
	assert_null(h->fact.exec.cwd.at);
	assert_null(h->fact.exec.script.at);
	lives_drop(t, h);
}

static void
test_held_in_order(void **state)
{
	struct lives *t = *state;
	struct life *l = lives_add(t, 5);
	struct fact fact = {.kind = FACT_EXIT};

	for (int i = 1; i <= 3; i++) {
		fact.code = i;
		assert_true(lives_hold(t, l, &l->held, NULL, &fact));
	}
	fact = (struct fact){.kind = FACT_BIRTH, .birth = {.child = 9}};
	assert_true(lives_hold(t, l, &l->locals, NULL, &fact));
	assert_int_equal(t->nheld, 4);
	for (int i = 1; i <= 2; i++) {
		struct held_fact *h = lives_take(t, &l->held);

		assert_int_equal(h->fact.code, i);
		lives_drop(t, h);
	}
	/* what is left goes with the life */
	lives_remove(t, l);
	assert_int_equal(t->nheld, 0);
	assert_int_equal(t->held_bytes, 0);
}

/* Births are found by number and serial, whoever has them by then. */
static void
test_held_births(void **state)
{
	struct lives *t = *state;
	struct life *l = lives_add(t, 5), *other = lives_add(t, 6);
	struct fact fact = {
	    .kind = FACT_BIRTH, .at = {1, 7}, .birth = {.child = 9}};
	const struct held_fact *h;

	assert_true(lives_hold(t, l, &l->held, NULL, &fact));
	fact.at.serial += LIVES_REMAINDERS;
	assert_true(lives_hold(t, l, &l->held, NULL, &fact));
	fact.kind = FACT_EXIT;
	fact.at.serial = 8;
	assert_true(lives_hold(t, l, &l->held, NULL, &fact));
	assert_null(lives_birth(t, 9, 8));
	assert_null(lives_birth(t, 10, 7));
	h = lives_birth(t, 9, 7);
	assert_non_null(h);
	assert_int_equal(h->fact.at.serial, 7);
	assert_ptr_equal(h->of, l);
	lives_move_held(t, l, other);
	assert_ptr_equal(lives_birth(t, 9, 7)->of, other);
	assert_true(STAILQ_EMPTY(&l->held));
	lives_drop(t, lives_take(t, &other->held));
	assert_null(lives_birth(t, 9, 7));
	assert_non_null(lives_birth(t, 9, 7 + LIVES_REMAINDERS));
}

/* Of what is held, what the one who keeps lives over a restart has not. */
static void
test_events_that_are_not_kept(void **state)
{
	struct lives *t = *state;
	struct life *l = lives_add(t, 5), *other = lives_add(t, 6);
	struct fact event = {.kind = FACT_EXIT, .at = {1, 7}};
	struct fact record = {.kind = FACT_ACCT, .at = {TIME_UNKNOWN, 0}};

	assert_true(lives_hold(t, l, &l->held, NULL, &event));
	assert_true(lives_hold(t, l, &l->held, NULL, &record));
	assert_int_equal(t->nunkept, 1);
	lives_note_kept(t, &l->held);
	assert_int_equal(t->nunkept, 0);
	assert_true(lives_hold(t, l, &l->held, NULL, &event));
	assert_int_equal(t->nunkept, 1);
	/* as the other's neither is */
	lives_move_held(t, l, other);
	assert_int_equal(t->nunkept, 2);
	lives_drop(t, lives_take(t, &other->held));
	assert_int_equal(t->nunkept, 1);
	lives_note_kept(t, &other->held);
	lives_remove(t, other);
	assert_int_equal(t->nunkept, 0);
}

static void
hold_before(
    struct lives *t, struct life *l, const struct held_fact *before, int code)
{
	struct fact fact = {.kind = FACT_EXIT, .code = code};

	assert_true(lives_hold(t, l, &l->held, before, &fact));
}

static void
test_held_before_others(void **state)
{
	struct lives *t = *state;
	struct life *l = lives_add(t, 5);

	hold_before(t, l, NULL, 2);
	hold_before(t, l, NULL, 4);
	hold_before(t, l, STAILQ_NEXT(STAILQ_FIRST(&l->held), next), 3);
	hold_before(t, l, STAILQ_FIRST(&l->held), 1);
	hold_before(t, l, NULL, 5);
	assert_int_equal(t->nheld, 5);
	for (int i = 1; i <= 5; i++) {
		struct held_fact *h = lives_take(t, &l->held);

		assert_int_equal(h->fact.code, i);
		lives_drop(t, h);
	}
	hold_before(t, l, NULL, 6);
	assert_int_equal(STAILQ_FIRST(&l->held)->fact.code, 6);
}

static void
test_names(void **state)
{
	struct lives *t = *state;
	struct life *a = lives_add(t, 1), *b = lives_add(t, 2);

	lives_set_name(t, &a->name, BYTES_LITERAL("sh"));
	lives_set_name(t, &b->name, BYTES_LITERAL("sh"));
	assert_ptr_equal(a->name, b->name);
	lives_set_name(t, &b->name, BYTES_NONE);
	assert_ptr_equal(a->name, b->name);
	lives_set_name(t, &b->name, name_bytes(a->name));
	lives_set_name(t, &b->executable, BYTES_LITERAL("/bin/sh"));
	lives_set_name(t, &b->key, BYTES_LITERAL("k"));
	lives_set_name(t, &b->parent.name, BYTES_LITERAL("init"));
	lives_set_name(t, &b->parent.executable, BYTES_LITERAL("/init"));
	assert_int_equal(names_count(t->names), 5);
	lives_set_name(t, &b->name, BYTES_LITERAL(""));
	assert_bytes(name_bytes(b->name), BYTES_LITERAL(""));
	lives_remove(t, b);
	assert_int_equal(names_count(t->names), 1);
	assert_bytes(name_bytes(a->name), BYTES_LITERAL("sh"));
}

/* The first len bytes of an exec's arguments, whose count is given. */
static struct args
args_of(const char *at, size_t len, uint32_t count)
{
	return (struct args){.bytes = {at, len}, .count = count, .argc = count};
}

static void
assert_kept(const struct life *l, struct bytes want, uint32_t count,
    uint32_t argc, bool truncated)
{
	assert_bytes(shared_args_view(l->args).bytes, want);
	assert_int_equal(shared_args_view(l->args).count, count);
	assert_int_equal(shared_args_view(l->args).argc, argc);
	assert_int_equal(shared_args_view(l->args).truncated, truncated);
}

static void
test_args_are_copied(void **state)
{
	struct lives *t = *state;
	struct life *l = lives_add(t, 1);
	char text[] = "ls\0-l\0\0/";
	struct args args = args_of(text, sizeof(text), 4);

	args.missing[0] = 2;
	args.missing_count = 1;
	lives_set_args(t, l, &args);
	memset(text, '!', sizeof(text));
	assert_kept(l, BYTES_LITERAL("ls\0-l\0\0/\0"), 4, 4, false);
	assert_int_equal(shared_args_view(l->args).missing[0], 2);
	assert_int_equal(shared_args_view(l->args).missing_count, 1);
	args = args_of("", 0, 0);
	lives_set_args(t, l, &args);
	assert_kept(l, BYTES_LITERAL(""), 0, 0, false);
	args.bytes = BYTES_NONE;
	lives_set_args(t, l, &args);
	assert_null(l->args);
}

/* ARGS_MAX bytes are kept: whole arguments count, and the one that is cut. */
static void
test_args_are_cut(void **state)
{
	static const char fits[] = "0123456\0abcdefg";
	static const char cut[] = "0123456\0abcdefgh";
	static const char on_a_border[] = "0123456\0abcdefg\0z";
	static const char many[] = "0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	static const char one[] = "0123456789abcdefXYZ";
	struct lives *t = *state;
	struct life *l = lives_add(t, 1);
	struct args args = args_of(fits, sizeof(fits), 2);

	lives_set_args(t, l, &args);
	assert_kept(l, BYTES_LITERAL("0123456\0abcdefg\0"), 2, 2, false);
	args = args_of(cut, sizeof(cut), 2);
	lives_set_args(t, l, &args);
	assert_kept(l, BYTES_LITERAL("0123456\0abcdefgh"), 2, 2, true);
	args = args_of(on_a_border, sizeof(on_a_border), 3);
	lives_set_args(t, l, &args);
	assert_kept(l, BYTES_LITERAL("0123456\0abcdefg\0"), 2, 3, true);
	args = args_of(many, sizeof(many), 19);
	lives_set_args(t, l, &args);
	assert_kept(
	    l, BYTES_LITERAL("0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), 15, 19, true);
	args = args_of(one, sizeof(one), 1);
	lives_set_args(t, l, &args);
	assert_kept(l, BYTES_LITERAL("0123456789abcdef"), 1, 1, true);
}

static void
test_args_none_kept(void **state)
{
	struct lives *t = *state;
	struct life *l = lives_add(t, 1);
	struct args args = args_of("a", 2, 1);

	t->args_max = 0;
	lives_set_args(t, l, &args);
	assert_kept(l, BYTES_LITERAL(""), 0, 1, true);
}

static void
test_args_are_shared(void **state)
{
	struct lives *t = *state;
	struct life *a = lives_add(t, 1), *b = lives_add(t, 2);
	struct life *c = lives_add(t, 3);
	struct args args = args_of("sh", 3, 1), other = args_of("ls", 3, 1);

	lives_set_args(t, a, &args);
	lives_share_args(t, b, a);
	lives_share_args(t, c, b);
	assert_ptr_equal(a->args, c->args);
	lives_set_args(t, b, &other);
	lives_remove(t, a);
	assert_kept(c, BYTES_LITERAL("sh\0"), 1, 1, false);
	assert_kept(b, BYTES_LITERAL("ls\0"), 1, 1, false);
	/* again, and what replaces the last reference to what is shared */
	lives_share_args(t, c, c);
	assert_kept(c, BYTES_LITERAL("sh\0"), 1, 1, false);
	other = shared_args_view(c->args);
	lives_set_args(t, c, &other);
	assert_kept(c, BYTES_LITERAL("sh\0"), 1, 1, false);
	lives_set_args(t, b, &(struct args){.bytes = BYTES_NONE});
	lives_share_args(t, c, b);
	assert_null(c->args);
}

/* The walk: a naive model beside the table, looked at after each step. */

#define WALK_LIVES 300
#define WALK_PIDS  40
#define WALK_STEPS 20000

struct walked {
	struct life *l; /* NULL: a free place */
	int32_t pid;
	unsigned born, queued; /* steps, from 1 on */
	enum life_queue queue;
	int name; /* -1: none */
	size_t held;
};

struct walk {
	struct lives t;
	struct walked all[WALK_LIVES];
	unsigned step;
	unsigned short seed[3];
};

static uint32_t
random_below(struct walk *w, uint32_t n)
{
	return (uint32_t)nrand48(w->seed) % n;
}

/* The newest of pid born before a step; NULL: none. */
static const struct walked *
newest_before(const struct walk *w, int32_t pid, unsigned step)
{
	const struct walked *best = NULL;

	for (int i = 0; i < WALK_LIVES; i++) {
		const struct walked *m = &w->all[i];

		if (m->l != NULL && m->pid == pid && m->born < step &&
		    (best == NULL || m->born > best->born))
			best = m;
	}
	return best;
}

static void
check_chain(struct walk *w, int32_t pid)
{
	const struct walked *m = newest_before(w, pid, w->step + 1);
	const struct life *l = lives_newest(&w->t, pid), *newer = NULL;

	for (; m != NULL; m = newest_before(w, pid, m->born)) {
		assert_ptr_equal(l, m->l);
		assert_ptr_equal(l->newer, newer);
		newer = l;
		l = l->older;
	}
	assert_null(l);
}

static void
check_queue(const struct walk *w, enum life_queue q)
{
	const struct life *l;
	unsigned last = 0;
	size_t n = 0, want = 0;

	TAILQ_FOREACH (l, &w->t.queue[q], in_queue) {
		const struct walked *m = &w->all[l->birth.serial];

		assert_ptr_equal(m->l, l);
		assert_int_equal(m->queue, q);
		assert_true(m->queued > last);
		last = m->queued;
		n++;
	}
	for (int i = 0; i < WALK_LIVES; i++)
		want += w->all[i].l != NULL && w->all[i].queue == q;
	assert_int_equal(n, want);
}

static void
check_sums(const struct walk *w)
{
	bool used[8] = {false};
	size_t count = 0, held = 0, names = 0;

	for (int i = 0; i < WALK_LIVES; i++) {
		const struct walked *m = &w->all[i];

		if (m->l == NULL)
			continue;
		count++;
		held += m->held;
		if (m->name >= 0 && !used[m->name]) {
			used[m->name] = true;
			names++;
		}
	}
	assert_int_equal(w->t.count, count);
	assert_int_equal(w->t.nheld, held);
	assert_int_equal(names_count(w->t.names), names);
}

static void
step_life(struct walk *w, struct walked *m)
{
	if (m->l != NULL) {
		lives_remove(&w->t, m->l);
		*m = (struct walked){0};
		return;
	}
	*m = (struct walked){.pid = (int32_t)random_below(w, WALK_PIDS) * 512,
	    .born = w->step,
	    .name = -1};
	m->l = lives_add(&w->t, m->pid);
	assert_non_null(m->l);
	m->l->birth.serial = (uint32_t)(m - w->all);
}

static void
step_content(struct walk *w, struct walked *m)
{
	struct fact fact = {.kind = FACT_EXIT, .comm = BYTES_LITERAL("x")};
	char name[2];

	switch (random_below(w, 4)) {
	case 0:
		m->queue = (enum life_queue)random_below(w, QUEUES);
		m->queued = w->step;
		lives_enqueue(&w->t, m->l, m->queue, 0);
		break;
	case 1:
		m->name = (int)random_below(w, 8);
		snprintf(name, sizeof(name), "%d", m->name);
		lives_set_name(&w->t, &m->l->name, bytes_of(name));
		break;
	case 2:
		assert_true(lives_hold(&w->t, m->l, &m->l->held, NULL, &fact));
		m->held++;
		break;
	case 3:
		lives_drop(&w->t, lives_take(&w->t, &m->l->held));
		m->held -= m->held > 0;
		break;
	}
}

static void
walk(struct walk *w)
{
	for (w->step = 1; w->step <= WALK_STEPS; w->step++) {
		struct walked *m = &w->all[random_below(w, WALK_LIVES)];

		if (m->l == NULL || random_below(w, 5) == 0)
			step_life(w, m);
		else
			step_content(w, m);
		check_chain(w, (int32_t)random_below(w, WALK_PIDS) * 512);
		check_queue(
		    w, (enum life_queue)(1 + random_below(w, QUEUES - 1)));
		check_sums(w);
	}
}

static void
test_random_walk(void **state)
{
	const char *env = getenv("SEED");
	unsigned n = env != NULL ? (unsigned)strtoul(env, NULL, 10) : 1;
	struct walk *w = calloc(1, sizeof(*w));

	(void)state;
	print_message("SEED=%u\n", n);
	assert_non_null(w);
	w->seed[1] = (unsigned short)n;
	w->seed[2] = (unsigned short)(n >> 16);
	assert_int_equal(lives_init(&w->t, WALK_LIVES, ARGS_MAX), 0);
	walk(w);
	lives_fini(&w->t);
	free(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_new_life),
	    TEST(test_rare),
	    TEST(test_chain_of_one_pid),
	    TEST(test_two_change_places),
	    TEST(test_oldest_goes_first),
	    TEST(test_growth_and_limit),
	    TEST(test_queues),
	    TEST(test_held_exec_is_a_copy),
	    TEST(test_held_found_is_a_copy),
	    TEST(test_held_unknown),
	    TEST(test_held_in_order),
	    TEST(test_held_births),
	    TEST(test_events_that_are_not_kept),
	    TEST(test_held_before_others),
	    TEST(test_names),
	    TEST(test_args_are_copied),
	    TEST(test_args_are_cut),
	    TEST(test_args_none_kept),
	    TEST(test_args_are_shared),
	    cmocka_unit_test(test_random_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
