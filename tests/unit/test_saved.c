/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "saved.h"

/* BYTES_LITERAL, for what is static. */
#define TEXT(s)                                                                \
	{                                                                      \
		(s), sizeof(s) - 1                                             \
	}

/* A record, as it was made. */
#define RECORD_MAX 4096
struct made {
	char at[RECORD_MAX];
	size_t len;
};

static struct exit_codes full_codes = {{57, 58, 59}, {40, 41, 42}};

/* Everything differs from everything else, and from nothing. */
static const struct saved_life full = {
    .number = UINT64_MAX,
    .pid = INT32_MAX,
    .expected = 1,
    .state = LIFE_ENDED,
    .queue = QUEUE_GRACE,
    .born = true,
    .undecided = true,
    .hidden = true,
    .many = true,
    .ppid = 2,
    .id = {{0x00, 0x01, 0x7f, 0x80, 0xff, 0x10, 0x4a, 0xb0, 0x9c, 0xde, 0xf0,
	0x12, 0x34, 0x56, 0x78, 0x9a}},
    .start = START_SNAPSHOT,
    .sources = SOURCE_AUDIT | SOURCE_PROCFS,
    .birth = {INT64_MAX, 3},
    .start_ticks = UINT64_MAX,
    .first_ms = 4,
    .last_ms = -5,
    .parent = {.known = true,
	.identified = true,
	.id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
	.pid = 6,
	.name = TEXT("parent"),
	.executable = TEXT("/bin/parent"),
	.start_ms = 7},
    .owner = {{8, 9, 10, 11, 12, 13, 14, 15}, {136, 16}},
    .rare = {{62, 63}, {64, 65}},
    .name = TEXT("na\0me"),
    .executable = TEXT("/bin/\xff\n"),
    .key = TEXT("k"),
    .args = {.bytes = TEXT("a\0\0c\0"),
	.count = 3,
	.argc = 17,
	.missing = {18, 19, 20, 21, 22, 23, 24, 25},
	.missing_count = 26,
	.redacted_count = 27,
	.truncated = true},
    .threads = 28,
    .local = true,
    .children_local = true,
    .evidence = {.exit_group = true,
	.conflicting = true,
	.thread_exit = true,
	.abend = true,
	.gone = true,
	.threads = true,
	.code = 29,
	.thread_code = 30,
	.codes = &full_codes,
	.abend_signal = 31,
	.seccomp = UINT64_C(1) << 60,
	.seccomp_again = true,
	.acct = true,
	.acct_status = 43,
	.acct_flags = 44},
    .barrier_ms = 45,
    .acct = {46, 47.5, 48, 49, 50, 51, 52, 53, 54, 55, 56, 59, 60, 61, 0},
    .exit_at = {32, 33},
    .abend_serial = UINT32_MAX,
};

/* Of which next to nothing is known; the name is, and is empty. */
static const struct saved_life bare = {
    .number = 1,
    .pid = 1,
    .ppid = -1,
    .start = START_INFERRED,
    .birth = {TIME_UNKNOWN, 0},
    .first_ms = TIME_UNKNOWN,
    .last_ms = TIME_UNKNOWN,
    .owner.creds = {ID_UNSET, ID_UNSET, ID_UNSET, ID_UNSET, ID_UNSET, ID_UNSET,
	ID_UNSET, ID_UNSET},
    .name = TEXT(""),
    .exit_at = {TIME_UNKNOWN, 0},
};

static void
check_bytes(struct bytes a, struct bytes b)
{
	assert_int_equal(a.at == NULL, b.at == NULL);
	assert_int_equal(a.len, b.len);
	if (a.len > 0)
		assert_memory_equal(a.at, b.at, a.len);
}

static void
check_args(const struct args *a, const struct args *b)
{
	check_bytes(a->bytes, b->bytes);
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->argc, b->argc);
	assert_memory_equal(a->missing, b->missing, sizeof(a->missing));
	assert_int_equal(a->missing_count, b->missing_count);
	assert_int_equal(a->redacted_count, b->redacted_count);
	assert_int_equal(a->truncated, b->truncated);
}

static void
check_parent(const struct event_process *a, const struct event_process *b)
{
	assert_int_equal(a->known, b->known);
	assert_int_equal(a->identified, b->identified);
	assert_memory_equal(&a->id, &b->id, sizeof(a->id));
	assert_int_equal(a->pid, b->pid);
	check_bytes(a->name, b->name);
	check_bytes(a->executable, b->executable);
	assert_int_equal(a->start_ms, b->start_ms);
}

static void
check_evidence(const struct evidence *a, const struct evidence *b)
{
	struct exit_codes codes = verdict_codes(a), others = verdict_codes(b);

	assert_int_equal(a->exit_group, b->exit_group);
	assert_int_equal(a->conflicting, b->conflicting);
	assert_int_equal(a->thread_exit, b->thread_exit);
	assert_int_equal(a->abend, b->abend);
	assert_int_equal(a->acct, b->acct);
	assert_int_equal(a->gone, b->gone);
	assert_int_equal(a->threads, b->threads);
	assert_int_equal(a->code, b->code);
	assert_int_equal(a->thread_code, b->thread_code);
	assert_int_equal(a->abend_signal, b->abend_signal);
	assert_memory_equal(&codes, &others, sizeof(codes));
	assert_int_equal(a->seccomp, b->seccomp);
	assert_int_equal(a->seccomp_again, b->seccomp_again);
	assert_int_equal(a->acct_status, b->acct_status);
	assert_int_equal(a->acct_flags, b->acct_flags);
}

static void
check_acct(const struct fact_acct *a, const struct fact_acct *b)
{
	assert_int_equal(a->birth_s, b->birth_s);
	assert_true(
	    a->elapsed_cs <= b->elapsed_cs && a->elapsed_cs >= b->elapsed_cs);
	assert_int_equal(a->user_cs, b->user_cs);
	assert_int_equal(a->system_cs, b->system_cs);
	assert_int_equal(a->mem_kb, b->mem_kb);
	assert_int_equal(a->minor_faults, b->minor_faults);
	assert_int_equal(a->major_faults, b->major_faults);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->offset, b->offset);
	assert_int_equal(a->read_ms, b->read_ms);
	assert_int_equal(a->unwritten_ms, b->unwritten_ms);
}

static void
check_life(const struct saved_life *a, const struct saved_life *b)
{
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->expected, b->expected);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->queue, b->queue);
	assert_int_equal(a->born, b->born);
	assert_int_equal(a->undecided, b->undecided);
	assert_int_equal(a->hidden, b->hidden);
	assert_int_equal(a->many, b->many);
	assert_int_equal(a->barrier_ms, b->barrier_ms);
	check_acct(&a->acct, &b->acct);
	check_bytes(a->key, b->key);
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->ppid, b->ppid);
	assert_memory_equal(&a->id, &b->id, sizeof(a->id));
	assert_int_equal(a->start, b->start);
	assert_int_equal(a->sources, b->sources);
	assert_int_equal(a->birth.ms, b->birth.ms);
	assert_int_equal(a->birth.serial, b->birth.serial);
	assert_int_equal(a->start_ticks, b->start_ticks);
	assert_int_equal(a->first_ms, b->first_ms);
	assert_int_equal(a->last_ms, b->last_ms);
	check_parent(&a->parent, &b->parent);
	assert_memory_equal(&a->owner, &b->owner, sizeof(a->owner));
	assert_memory_equal(&a->rare, &b->rare, sizeof(a->rare));
	check_bytes(a->name, b->name);
	check_bytes(a->executable, b->executable);
	check_args(&a->args, &b->args);
	assert_int_equal(a->threads, b->threads);
	assert_int_equal(a->local, b->local);
	assert_int_equal(a->children_local, b->children_local);
	check_evidence(&a->evidence, &b->evidence);
	assert_int_equal(a->exit_at.ms, b->exit_at.ms);
	assert_int_equal(a->exit_at.serial, b->exit_at.serial);
	assert_int_equal(a->abend_serial, b->abend_serial);
}

/* The facts of a story, one of each kind that can wait. */
static const struct fact facts[] = {
    {.kind = FACT_BIRTH,
	.at = {1, 2},
	.pid = 3,
	.ppid = 4,
	.creds = {5, 6, 7, 8, 9, 10, 11, 12},
	.tty = {13, 14},
	.comm = TEXT("comm"),
	.exe = TEXT("/exe"),
	.key = TEXT("key"),
	.birth = {15, BIRTH_UNDECIDED, true, true}},
    {.kind = FACT_EXEC,
	.exec = {.success = true,
	    .error = 16,
	    .args = {.bytes = TEXT("a\0b\0"), .count = 2, .argc = 2},
	    .cwd = TEXT("/"),
	    .script = TEXT("x.sh")}},
    {.kind = FACT_EXIT_GROUP, .code = 17},
    {.kind = FACT_EXIT, .code = 18},
    {.kind = FACT_ABEND, .signal = 19},
    {.kind = FACT_NAMESPACE, .new_pidns = true},
    {.kind = FACT_ACCT,
	.acct = {20, 21.5, 22, 23, 24, 25, 26, 27, 28, 29, 30, 33, 34, 35, 0}},
    {.kind = FACT_FOUND,
	.found = {31, 32, 33,
	    {.bytes = TEXT("c\0"), .count = 1, .argc = ID_UNSET}, TEXT("/home"),
	    true}},
};
#define FACTS (sizeof(facts) / sizeof(facts[0]))

static void
check_fact(const struct fact *a, const struct fact *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->at.ms, b->at.ms);
	assert_int_equal(a->at.serial, b->at.serial);
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->ppid, b->ppid);
	assert_memory_equal(&a->creds, &b->creds, sizeof(a->creds));
	assert_memory_equal(&a->tty, &b->tty, sizeof(a->tty));
	check_bytes(a->comm, b->comm);
	check_bytes(a->exe, b->exe);
	check_bytes(a->key, b->key);
	switch (a->kind) {
	case FACT_BIRTH:
		assert_int_equal(a->birth.child, b->birth.child);
		assert_int_equal(a->birth.shape, b->birth.shape);
		assert_int_equal(a->birth.sibling, b->birth.sibling);
		assert_int_equal(a->birth.new_pidns, b->birth.new_pidns);
		break;
	case FACT_EXEC:
		assert_int_equal(a->exec.success, b->exec.success);
		assert_int_equal(a->exec.error, b->exec.error);
		check_args(&a->exec.args, &b->exec.args);
		check_bytes(a->exec.cwd, b->exec.cwd);
		check_bytes(a->exec.script, b->exec.script);
		break;
	case FACT_ACCT:
		check_acct(&a->acct, &b->acct);
		break;
	case FACT_FOUND:
		assert_int_equal(a->found.start_ticks, b->found.start_ticks);
		assert_int_equal(a->found.start_ms, b->found.start_ms);
		assert_int_equal(a->found.seen_ms, b->found.seen_ms);
		check_args(&a->found.args, &b->found.args);
		check_bytes(a->found.cwd, b->found.cwd);
		assert_int_equal(a->found.local_pids, b->found.local_pids);
		break;
	default:
		assert_int_equal(a->code, b->code);
	}
}

/* Lists of facts from one on, in memory of the caller's. */
static void
list_facts(struct held_list *list, struct held_fact *room, size_t from)
{
	STAILQ_INIT(list);
	for (size_t i = from; i < FACTS; i++) {
		room[i].fact = facts[i];
		STAILQ_INSERT_TAIL(list, &room[i], next);
	}
}

static struct bytes
keep(struct made *m, struct bytes record)
{
	assert_non_null(record.at);
	assert_true(record.len <= sizeof(m->at));
	memcpy(m->at, record.at, record.len);
	m->len = record.len;
	return (struct bytes){m->at, m->len};
}

static struct bytes
make_life(struct made *m, const struct saved_life *life)
{
	struct saved *s = saved_new();
	struct bytes record;

	assert_non_null(s);
	record = keep(m, saved_life(s, life));
	saved_free(s);
	return record;
}

static struct bytes
make_forgotten(struct made *m, uint64_t number)
{
	struct saved *s = saved_new();
	struct bytes record = keep(m, saved_forgotten(s, number));

	saved_free(s);
	return record;
}

static struct bytes
make_position(struct made *m, const struct saved_position *at)
{
	struct saved *s = saved_new();
	struct bytes record = keep(m, saved_position(s, at));

	saved_free(s);
	return record;
}

static struct bytes
make_line(struct made *m, const struct saved_line *line)
{
	struct saved *s = saved_new();
	struct bytes record = keep(m, saved_line(s, line));

	saved_free(s);
	return record;
}

/* The lives that are wanted, in order. */
struct wanted {
	const struct saved_life *lives[8];
	size_t n, seen;
	size_t nheld, nlocals; /* the last of FACTS */
};

static void
check_list(const struct held_list *list, size_t n)
{
	const struct held_fact *h = STAILQ_FIRST(list);

	for (size_t i = FACTS - n; i < FACTS; i++) {
		assert_non_null(h);
		check_fact(&h->fact, &facts[i]);
		h = STAILQ_NEXT(h, next);
	}
	assert_null(h);
}

static void
on_life(void *ctx, const struct saved_life *life)
{
	struct wanted *w = ctx;

	assert_true(w->seen < w->n);
	check_life(life, w->lives[w->seen++]);
	check_list(life->held, w->nheld);
	check_list(life->locals, w->nlocals);
}

static void
end_turn(struct saved_sum *sum)
{
	static const struct saved_position at;
	struct made made;

	assert_true(
	    saved_sum_add(sum, SAVED_POSITION, make_position(&made, &at)));
}

static void
a_life_is_read_as_it_was(void **state)
{
	struct saved_sum *sum = saved_sum_new();
	struct made a, b;
	struct wanted w = {.lives = {&bare, &full}, .n = 2};

	(void)state;
	assert_true(saved_sum_add(sum, SAVED_LIFE, make_life(&a, &full)));
	assert_true(saved_sum_add(sum, SAVED_LIFE, make_life(&b, &bare)));
	end_turn(sum);
	saved_sum_lives(sum, on_life, &w);
	assert_int_equal(w.seen, 2);
	saved_sum_free(sum);
}

static void
facts_that_wait_go_with_it(void **state)
{
	struct held_fact held[FACTS], locals[FACTS];
	struct held_list held_list, locals_list;
	struct saved_life life = full;
	struct saved_sum *sum = saved_sum_new();
	struct made a;
	struct wanted w = {.lives = {&full}, .n = 1, .nheld = FACTS};

	(void)state;
	w.nlocals = FACTS - 5;
	list_facts(&held_list, held, 0);
	list_facts(&locals_list, locals, 5);
	life.held = &held_list;
	life.locals = &locals_list;
	assert_true(saved_sum_add(sum, SAVED_LIFE, make_life(&a, &life)));
	end_turn(sum);
	saved_sum_lives(sum, on_life, &w);
	assert_int_equal(w.seen, 1);
	saved_sum_free(sum);
}

/* The last word on each life counts, but not of a turn that has no end. */
static void
the_last_word_counts(void **state)
{
	static struct made made[9];
	struct saved_life older = bare, other = bare;
	struct saved_sum *sum = saved_sum_new();
	struct wanted w = {.lives = {&bare, &full}, .n = 2};

	(void)state;
	older.ppid = 77;
	other.number = 2;
	assert_true(
	    saved_sum_add(sum, SAVED_LIFE, make_life(&made[0], &older)));
	assert_true(
	    saved_sum_add(sum, SAVED_LIFE, make_life(&made[1], &other)));
	assert_true(
	    saved_sum_add(sum, SAVED_FORGOTTEN, make_forgotten(&made[2], 1)));
	assert_true(saved_sum_add(
	    sum, SAVED_FORGOTTEN, make_forgotten(&made[3], UINT64_MAX)));
	assert_true(saved_sum_add(sum, SAVED_LIFE, make_life(&made[4], &full)));
	assert_true(saved_sum_add(sum, SAVED_LIFE, make_life(&made[5], &bare)));
	assert_true(
	    saved_sum_add(sum, SAVED_FORGOTTEN, make_forgotten(&made[6], 2)));
	assert_true(
	    saved_sum_add(sum, SAVED_FORGOTTEN, make_forgotten(&made[7], 9)));
	end_turn(sum);
	assert_true(
	    saved_sum_add(sum, SAVED_LIFE, make_life(&made[8], &older)));
	saved_sum_lives(sum, on_life, &w);
	assert_int_equal(w.seen, 2);
	saved_sum_free(sum);
}

static const struct saved_position full_position = {
    .stream = {UINT32_MAX, INT64_MAX, INT64_MIN, 2, {{1, 2}, {3, 4}}},
    .told_ms = -5,
    .ahead_us = -7,
    .past = {.orphans_ms = 1700000000002, .reboot_ms = 1700000000003},
    .ticks = UINT64_MAX,
    .written_ms = -6,
    .kernel_lost_known = true,
    .kernel_lost = 7,
    .next_segment = 8,
    .acct = {.paths = 9,
	.n = 2,
	.at = {{10, 11, 12, 13, 14}, {15, 16, 17, 18, 19}}},
    .acct_state = 20,
    .acct_read_ms = 20,
    .acct_proven_ms = 21,
    .crash = {true, -22, 23, 24, 25},
    .rules = {26, true, 27},
    .unkept = 28,
    .clean = true,
};

static void
check_position(const struct saved_position *a, const struct saved_position *b)
{
	assert_int_equal(a->stream.serial, b->stream.serial);
	assert_int_equal(a->stream.ms, b->stream.ms);
	assert_int_equal(a->stream.settled_ms, b->stream.settled_ms);
	assert_int_equal(a->stream.nmissing, b->stream.nmissing);
	assert_memory_equal(
	    a->stream.missing, b->stream.missing, sizeof(a->stream.missing));
	assert_int_equal(a->told_ms, b->told_ms);
	assert_int_equal(a->ahead_us, b->ahead_us);
	assert_int_equal(a->past.orphans_ms, b->past.orphans_ms);
	assert_int_equal(a->unkept, b->unkept);
	assert_int_equal(a->past.reboot_ms, b->past.reboot_ms);
	assert_int_equal(a->ticks, b->ticks);
	assert_int_equal(a->written_ms, b->written_ms);
	assert_int_equal(a->kernel_lost_known, b->kernel_lost_known);
	assert_int_equal(a->kernel_lost, b->kernel_lost);
	assert_int_equal(a->next_segment, b->next_segment);
	assert_memory_equal(&a->acct, &b->acct, sizeof(a->acct));
	assert_int_equal(a->acct_state, b->acct_state);
	assert_int_equal(a->acct_read_ms, b->acct_read_ms);
	assert_int_equal(a->acct_proven_ms, b->acct_proven_ms);
	assert_int_equal(a->rules.best, b->rules.best);
	assert_int_equal(a->rules.lacking, b->rules.lacking);
	assert_int_equal(a->rules.since_ms, b->rules.since_ms);
	assert_int_equal(a->crash.untold, b->crash.untold);
	assert_int_equal(a->crash.since_ms, b->crash.since_ms);
	assert_int_equal(a->crash.until_ms, b->crash.until_ms);
	assert_int_equal(a->crash.serial, b->crash.serial);
	assert_int_equal(a->crash.missing, b->crash.missing);
	assert_int_equal(a->clean, b->clean);
}

static void
a_position_is_read_as_it_was(void **state)
{
	static const struct saved_position none;
	struct saved_sum *sum = saved_sum_new();
	struct saved_position at;
	struct made a, b;

	(void)state;
	assert_false(saved_sum_position(sum, &at));
	assert_true(saved_sum_add(
	    sum, SAVED_POSITION, make_position(&a, &full_position)));
	assert_true(saved_sum_position(sum, &at));
	check_position(&at, &full_position);
	assert_true(
	    saved_sum_add(sum, SAVED_POSITION, make_position(&b, &none)));
	assert_true(saved_sum_position(sum, &at));
	check_position(&at, &none);
	saved_sum_free(sum);
}

static void
on_line(void *ctx, const struct saved_line *line)
{
	char **told = ctx;

	assert_int_equal(line->ms, -7);
	assert_int_equal(line->format, 1);
	assert_int_equal(line->action, 2);
	assert_int_equal(line->user, 1000);
	assert_int_equal(line->cut_to, 8000);
	assert_int_equal(line->time_ms, -8);
	strncat(*told, line->text.at, line->text.len);
}

/* Those of the turn that ended with the last position. */
static void
lines_that_may_not_be_written(void **state)
{
	static struct made made[9];
	static const char *const turns = "a|bc|de";
	char buf[16] = "", *told = buf;
	struct saved_sum *sum = saved_sum_new();
	struct saved_line line = {.format = 1,
	    .action = 2,
	    .user = 1000,
	    .cut_to = 8000,
	    .ms = -7,
	    .time_ms = -8,
	    .text = {turns, 1}};

	(void)state;
	for (int i = 0; turns[i] != '\0'; i++) {
		line.text.at = turns + i;
		if (turns[i] == '|')
			assert_true(saved_sum_add(sum, SAVED_POSITION,
			    make_position(&made[i], &full_position)));
		else
			assert_true(saved_sum_add(
			    sum, SAVED_LINE, make_line(&made[i], &line)));
	}
	saved_sum_lines(sum, on_line, &told);
	assert_string_equal(told, "bc");
	buf[0] = '\0';
	for (int i = 7; i < 9; i++)
		assert_true(saved_sum_add(sum, SAVED_POSITION,
		    make_position(&made[i], &full_position)));
	saved_sum_lines(sum, on_line, &told);
	assert_string_equal(told, "");
	saved_sum_free(sum);
}

/* Nothing shorter or longer is taken, and no other kind. */
static void
what_is_not_whole_is_refused(void **state)
{
	struct held_fact room[FACTS];
	struct held_list list;
	struct saved_life life = full;
	struct saved_sum *sum = saved_sum_new();
	static const struct saved_line line = {.ms = 5, .text = {"{}\n", 3}};
	static struct made made[4];
	struct bytes records[4];

	(void)state;
	list_facts(&list, room, 0);
	life.held = &list;
	records[0] = make_life(&made[0], &life);
	records[1] = make_forgotten(&made[1], 1);
	records[2] = make_position(&made[2], &full_position);
	records[3] = make_line(&made[3], &line);
	for (int i = 0; i < 4; i++) {
		enum saved_kind kind = (enum saved_kind)(SAVED_LIFE + i);
		struct bytes cut = records[i];

		assert_false(saved_sum_add(sum, (enum saved_kind)0, cut));
		assert_false(saved_sum_add(sum, (enum saved_kind)5, cut));
		for (cut.len = 0; cut.len < records[i].len; cut.len++)
			assert_false(saved_sum_add(sum, kind, cut));
		made[i].at[made[i].len] = '\0';
		cut.len++;
		assert_false(saved_sum_add(sum, kind, cut));
	}
	saved_sum_free(sum);
}

static void
on_counted(void *ctx, const struct saved_life *life)
{
	uint32_t *count = ctx;

	*count = life->args.count;
}

/* Encoders rely on it. */
static void
arguments_are_counted_anew(void **state)
{
	struct saved_sum *sum = saved_sum_new();
	struct saved_life life = full;
	struct made a;
	uint32_t count = 0;

	(void)state;
	life.args.count = 4;
	assert_true(saved_sum_add(sum, SAVED_LIFE, make_life(&a, &life)));
	end_turn(sum);
	saved_sum_lives(sum, on_counted, &count);
	assert_int_equal(count, 3);
	saved_sum_free(sum);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_life_is_read_as_it_was),
	    cmocka_unit_test(facts_that_wait_go_with_it),
	    cmocka_unit_test(the_last_word_counts),
	    cmocka_unit_test(a_position_is_read_as_it_was),
	    cmocka_unit_test(lines_that_may_not_be_written),
	    cmocka_unit_test(what_is_not_whole_is_refused),
	    cmocka_unit_test(arguments_are_counted_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
