/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is handed out as it changes adds up to what there is; and who takes
 * that back goes on as if nothing had happened. Random stories, told to two
 * reconcilers: one is killed now and then.
 */
#include "story_world.h"

#include <stdlib.h>

#include "saved.h"

#define STORIES 300
#define FACTS   120
#define PIDS    12 /* few, so that numbers are used again */
#define LIVES   4096

/* The last record of each life, by its number. */
struct model {
	struct {
		char *at;
		size_t len;
	} life[LIVES];
	struct saved *saved;
};

static void
set_record(struct model *m, uint64_t number, struct bytes record)
{
	assert_true(number < LIVES);
	free(m->life[number].at);
	m->life[number].at = NULL;
	m->life[number].len = record.len;
	if (record.at == NULL)
		return;
	m->life[number].at = malloc(record.len);
	assert_non_null(m->life[number].at);
	memcpy(m->life[number].at, record.at, record.len);
}

static void
on_life(void *ctx, const struct saved_life *life)
{
	struct model *m = ctx;

	set_record(m, life->number, saved_life(m->saved, life));
}

static void
on_forgotten(void *ctx, uint64_t number)
{
	struct model *m = ctx;

	assert_non_null(m->life[number].at);
	set_record(m, number, BYTES_NONE);
}

static const struct reconcile_changes_ops ops = {
    .life = on_life, .forgotten = on_forgotten};

static void
model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	m->saved = saved_new();
	assert_non_null(m->saved);
}

static void
model_fini(struct model *m)
{
	for (uint64_t i = 0; i < LIVES; i++)
		set_record(m, i, BYTES_NONE);
	saved_free(m->saved);
}

static void
model_of(struct reconcile *r, struct model *m)
{
	size_t cursor = 0;

	model_init(m);
	while (reconcile_save(r, &cursor, on_life, m))
		continue;
}

/* What was handed out bit by bit is what there is. */
static void
check_model(struct reconcile *r, const struct model *m)
{
	static struct model all;

	model_of(r, &all);
	for (size_t i = 0; i < LIVES; i++) {
		assert_int_equal(all.life[i].len, m->life[i].len);
		if (all.life[i].at != NULL)
			assert_memory_equal(
			    all.life[i].at, m->life[i].at, all.life[i].len);
		else
			assert_null(m->life[i].at);
	}
	model_fini(&all);
}

struct taking_back {
	struct reconcile *r;
	int64_t now;
};

static void
take_back(void *ctx, const struct saved_life *life)
{
	struct taking_back *t = ctx;

	assert_true(reconcile_restore(t->r, life, 0, t->now));
}

/* The reconciler is killed; another one goes on with what the model has. */
static void
kill_it(struct story *s, struct model *m)
{
	struct taking_back t = {.now = s->now};
	static const struct saved_position end_of_turn;
	struct saved_sum *sum = saved_sum_new();

	for (size_t i = 0; i < LIVES; i++) {
		struct bytes record = {m->life[i].at, m->life[i].len};

		if (record.at != NULL)
			assert_true(saved_sum_add(sum, SAVED_LIFE, record));
	}
	assert_true(saved_sum_add(
	    sum, SAVED_POSITION, saved_position(m->saved, &end_of_turn)));
	reconcile_free(s->r);
	story_renew(s, &story_usual, true);
	t.r = s->r;
	saved_sum_lives(sum, take_back, &t);
	saved_sum_free(sum);
	reconcile_track(t.r);
	model_fini(m);
	model_of(t.r, m);
}

static uint32_t
chance(uint32_t *seed, uint32_t limit)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % limit;
}

/* Some fact, which may make sense. */
static struct fact
some_fact(struct story *s, uint32_t *seed)
{
	int32_t pid = 10 + (int32_t)chance(seed, PIDS);
	int32_t other = 10 + (int32_t)chance(seed, PIDS);
	struct fact f;

	switch (chance(seed, 16)) {
	case 0:
	case 1:
	case 2:
		return story_birth(s, pid, other);
	case 3:
		f = story_birth(s, pid, other);
		f.birth.shape = BIRTH_UNDECIDED;
		return f;
	case 4:
		f = story_birth(s, pid, 2); /* a number of another namespace */
		return f;
	case 5:
		f = story_birth(s, pid, other);
		f.birth.shape = BIRTH_THREAD;
		return f;
	case 6:
	case 7:
		return story_exec(s, pid, other);
	case 8:
		return story_exit(s, FACT_EXIT, pid, (int)chance(seed, 3));
	case 9:
		f = story_fact(s, FACT_ABEND, pid, other);
		f.signal = 11;
		return f;
	case 10:
		f = story_fact(s, FACT_GONE, pid, -1);
		f.at = (struct stamp){TIME_UNKNOWN, 0};
		f.gone_ms = s->ms;
		return f;
	case 11:
		f = story_birth(s, pid, chance(seed, 2) == 0 ? other : 2);
		f.birth.new_pidns = true;
		return f;
	case 12:
		f = story_fact(s, FACT_NAMESPACE, pid, other);
		f.new_pidns = chance(seed, 2) == 0;
		return f;
	case 13:
		f = story_exit(s, FACT_EXIT, pid, 0);
		f.reboot = chance(seed, 2) == 0 ? 1 : 2;
		return f;
	case 14:
		return story_record(
		    s, pid, STORY_SHELL, s->ms - chance(seed, 3000), 9);
	default:
		return story_exit(
		    s, FACT_EXIT_GROUP, pid, (int)chance(seed, 3));
	}
}

static void
happen(struct story *s, uint32_t *seed)
{
	struct fact f = some_fact(s, seed);

	switch (chance(seed, 8)) {
	case 0:
		story_pass(s, chance(seed, 1500));
		break;
	case 1:
		reconcile_heard(s->r, s->ms, s->now);
		break;
	default:
		story_give(s, &f);
	}
	s->ms += chance(seed, 3);
}

static void
test_changes_add_up(void **state)
{
	static struct model m;

	(void)state;
	for (uint32_t story = 0; story < STORIES; story++) {
		struct story s;
		uint32_t seed = story * 7919 + 1;

		story_begin(&s, true);
		reconcile_track(s.r);
		model_init(&m);
		story_found(&s, STORY_SHELL);
		for (int i = 0; i < FACTS; i++) {
			happen(&s, &seed);
			s.len = 0;
			if (chance(&seed, 4) > 0)
				continue; /* a turn has several */
			assert_true(reconcile_changes(s.r, false, &ops, &m));
			check_model(s.r, &m);
		}
		reconcile_finish(s.r, s.now);
		(void)reconcile_changes(s.r, false, &ops, &m);
		check_model(s.r, &m);
		model_fini(&m);
		story_end(&s);
	}
}

/* Whoever took it back hands out the same. */
static void
test_restored_is_the_same(void **state)
{
	static struct model before, after;

	(void)state;
	for (uint32_t story = 0; story < STORIES; story++) {
		struct story s;
		uint32_t seed = story * 104729 + 1;

		story_begin(&s, true);
		reconcile_track(s.r);
		model_init(&before);
		story_found(&s, STORY_SHELL);
		for (uint32_t i = chance(&seed, FACTS); i > 0; i--) {
			happen(&s, &seed);
			s.len = 0;
		}
		(void)reconcile_changes(s.r, false, &ops, &before);
		kill_it(&s, &before);
		/* What it has differs by doubt only, which a second time does
		 * not change. */
		model_of(s.r, &after);
		kill_it(&s, &after);
		check_model(s.r, &before);
		model_fini(&before);
		model_fini(&after);
		story_end(&s);
	}
}

/* One word an event, without doubt. */
static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
sort_words(char *told, char *sorted, size_t size)
{
	char *words[512], *save = NULL;
	size_t n = 0;
	const char *mark = "\n";

	for (char *at = told; *at != '\0'; at++) {
		if (*at == '?')
			*at = '.';
		if (*at == ' ' && (strncmp(at + 1, "fork ", 5) == 0 ||
				      strncmp(at + 1, "~fork", 5) == 0 ||
				      strncmp(at + 1, "exec ", 5) == 0 ||
				      strncmp(at + 1, "end ", 4) == 0))
			*at = '\n';
	}
	for (char *w = strtok_r(told, mark, &save); w != NULL;
	     w = strtok_r(NULL, mark, &save)) {
		assert_true(n < 512);
		w[strcspn(w, ".")] = '\0';
		words[n++] = w;
	}
	qsort(words, n, sizeof(words[0]), by_text);
	sorted[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		strncat(sorted, words[i], size - strlen(sorted) - 1);
		strncat(sorted, mark, size - strlen(sorted) - 1);
	}
}

/*
 * A life that does as it should, all within the time that anything waits:
 * so the order of what is told may differ, but not what.
 */
struct plan {
	int32_t pid;
	int step;
	int64_t birth_ms;
	int code;
};

static bool
go_on(struct story *s, struct plan *p, uint32_t *seed)
{
	struct fact f;

	switch (p->step++) {
	case 0:
		p->birth_ms = s->ms;
		p->code = (int)chance(seed, 4);
		if (chance(seed, 4) == 0) {
			/* its exec is read first */
			f = story_exec(s, p->pid, STORY_SHELL);
			story_give(s, &f);
			p->step = 5;
			return true;
		}
		f = story_birth(s, STORY_SHELL, p->pid);
		story_give(s, &f);
		return true;
	case 5:
		f = story_birth(s, STORY_SHELL, p->pid);
		f.at.ms = p->birth_ms;
		story_give(s, &f);
		p->step = 2;
		return true;
	case 1:
		f = story_exec(s, p->pid, STORY_SHELL);
		story_give(s, &f);
		return true;
	case 2:
		f = story_exit(s, FACT_EXIT_GROUP, p->pid, p->code);
		story_give(s, &f);
		return true;
	case 3:
		f = story_record(s, p->pid, STORY_SHELL, p->birth_ms,
		    (uint32_t)p->code << 8);
		reconcile_fact(s->r, &f, s->now);
		return true;
	default:
		return false;
	}
}

static void
run_plans(uint32_t seed, bool killed, char *sorted, size_t size)
{
	static struct model m;
	struct plan plan[12];
	struct story s;
	uint32_t kills = seed;
	int left = 12;

	story_begin(&s, true);
	reconcile_track(s.r);
	model_init(&m);
	story_found(&s, STORY_SHELL);
	for (int i = 0; i < 12; i++)
		plan[i] = (struct plan){.pid = 400 + i};
	while (left > 0) {
		int who = (int)chance(&seed, 12);

		if (plan[who].step <= 5 && !go_on(&s, &plan[who], &seed)) {
			plan[who].step = 9;
			left--;
		}
		s.ms += chance(&seed, 2);
		(void)reconcile_changes(s.r, false, &ops, &m);
		if (killed && chance(&kills, 6) == 0)
			kill_it(&s, &m);
	}
	s.ms += 10;
	reconcile_heard(s.r, s.ms, s.now);
	reconcile_finish(s.r, s.now);
	s.told[s.len > 0 ? s.len - 1 : 0] = '\0';
	sort_words(s.told, sorted, size);
	model_fini(&m);
	story_end(&s);
}

static void
test_killed_tells_the_same(void **state)
{
	static char plain[4096], killed[4096];

	(void)state;
	for (uint32_t seed = 1; seed <= 500; seed++) {
		run_plans(seed, false, plain, sizeof(plain));
		run_plans(seed, true, killed, sizeof(killed));
		assert_string_equal(killed, plain);
	}
}

/* A life that holds much is not handed over with every fact. */
static void
test_much_held_is_handed_over_seldom(void **state)
{
	static struct model m;
	struct story s;
	size_t bytes = 0, turns = 0, lacking = 0;

	(void)state;
	story_begin(&s, true);
	reconcile_track(s.r);
	model_init(&m);
	for (int i = 0; i < 900; i++) {
		struct fact f = story_exec(&s, 70, 60);

		f.exec.success = false; /* nothing to tell */
		story_give(&s, &f);
		m.life[1].len = 0;
		turns += reconcile_changes(s.r, false, &ops, &m);
		bytes += m.life[1].len;
		lacking = m.life[1].len == 0 ? lacking + 1 : 0;
		assert_int_equal(reconcile_unkept(s.r), lacking);
		if (m.life[1].len == 0)
			m.life[1].len = 1; /* not handed over */
	}
	assert_int_not_equal(lacking, 0);
	assert_true(reconcile_changes(s.r, true, &ops, &m));
	assert_int_equal(reconcile_unkept(s.r), 0);
	check_model(s.r, &m);
	assert_in_range(turns, 200, 899);
	assert_in_range(bytes, 1, 900 * 64 * 1024);
	story_pass(&s, 3000);
	story_told(&s, "~fork 70<60");
	assert_true(reconcile_changes(s.r, false, &ops, &m));
	check_model(s.r, &m);
	model_fini(&m);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_changes_add_up),
	    cmocka_unit_test(test_restored_is_the_same),
	    cmocka_unit_test(test_killed_tells_the_same),
	    cmocka_unit_test(test_much_held_is_handed_over_seldom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
