/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is provable of an end, from the facts alone: the kernel's rules again,
 * written down once more and otherwise than verdict.c and reconcile do it.
 *
 * A number is used again and records may be missing, so all ways are tried in
 * which the records of a number that were read can belong to its lives that
 * are known by then: in order, each at most once, and as many as can be. Only
 * what all these ways agree on is proven.
 */
#include <signal.h>
#include <string.h>

#include "sim_check_impl.h"

/* Lives of one number, around the one in question, and their records. */
#define LIVES_MAX   8
#define RECORDS_MAX 12
/* So many steps of the search at most; who needs more is not judged. */
#define TRIES_MAX 20000

#define SECOND_MS 1000

/* Who lived when the clock was set, or so soon before or after it. */
#define CLOCK_US 5000000

/* So long at most it is not noticed that accounting is on again. */
#define UNNOTICED_US 400000

#define LONG_AGO (INT64_MIN / 4)
#define FAR_OFF  (INT64_MAX / 4)

/* What a life's last image left in the audit stream by some moment. */
struct trail {
	uint8_t group[256 / 8], left[256 / 8]; /* codes seen */
	int ngroup, nleft;
	bool threads, abend;
	bool loose;       /* it may be the first of a namespace */
	int32_t reboot;   /* it is, and this became its status; 0 */
	bool astray;      /* or another one, or no one knows which */
	uint32_t seccomp; /* killed a thread with these signals: bits */
	bool overtaken;   /* a record came after accounting's */
};

/* A life as it is known by some moment: the bounds of its times, in ms. */
struct known {
	int life;
	int64_t born_from, born_until, last;
	struct trail trail;
};

/* A way to say whose the records are: one for each life, or none. */
struct world {
	const struct sim_account *of[LIVES_MAX];
};

struct book {
	const struct sim_check *check;
	int64_t by; /* facts and records that came by then */
	struct known lives[LIVES_MAX];
	size_t nlives, target;
	const struct sim_given *records[RECORDS_MAX];
	size_t nrecords;

	/* Of all ways that give away as many records as can be. */
	struct world world; /* the one that is tried */
	size_t given_away, most;
	unsigned tries;
	bool without; /* in one of them it has no record */
	bool differ;  /* or what its record proves is not the same */
	bool proven;
	uint32_t status;
	const struct sim_account *asked; /* a record: may be the target's? */
	bool may_have;
};

static bool
has(const uint8_t *set, uint32_t code)
{
	return set[code / 8] >> code % 8 & 1;
}

static int
add(uint8_t *set, int32_t code)
{
	bool known = has(set, (uint32_t)code);

	set[code / 8] = (uint8_t)(set[code / 8] | 1 << code % 8);
	return known ? 0 : 1;
}

static void
follow_step(struct trail *t, const struct sim_step *s)
{
	switch (s->kind) {
	case FACT_EXEC:
		if (s->success)
			*t = (struct trail){.loose = t->loose,
			    .reboot = t->reboot,
			    .astray = t->astray};
		break;
	case FACT_EXIT_GROUP:
		t->ngroup += add(t->group, s->code);
		break;
	case FACT_EXIT:
		t->nleft += add(t->left, s->code);
		break;
	case FACT_ABEND:
		t->abend = true;
		break;
	case FACT_SECCOMP:
		t->seccomp |= UINT32_C(1) << s->code;
		break;
	case FACT_BIRTH:
		t->threads |= s->birth.shape != BIRTH_PROCESS;
		break;
	default:
		break;
	}
}

/* Whether it, or a thread of it, went elsewhere, or had its children do so. */
static bool
has_moved(const struct sim_check *c, int life)
{
	for (int i = c->facts->first[life]; i != SIM_NONE;
	     i = c->facts->next[i]) {
		if (c->history->steps[i].kind == FACT_NAMESPACE)
			return true;
	}
	return false;
}

/*
 * By a number of a namespace, and of several births by one it may be another
 * one, which made a namespace, or did not.
 */
static bool
is_one_of_many(const struct sim_check *c, int birth)
{
	const struct sim_step *s = &c->history->steps[birth], *o;
	bool many = false;

	if (!sim_check_is_local(c->history, birth))
		return false;
	for (int i = c->facts->first[s->life]; i != SIM_NONE && !many;
	     i = c->facts->next[i]) {
		o = &c->history->steps[i];
		many = o->kind == FACT_BIRTH && i != birth &&
		       (s->birth.new_pidns || o->birth.new_pidns ||
			   o->birth.shape == BIRTH_UNDECIDED);
	}
	return many;
}

/* Its birth was recorded, all is known of it, and it was told so. */
static const struct fact_birth *
known_birth(const struct sim_check *c, int life)
{
	const struct sim_life *l = &c->history->lives[life];

	if (l->birth == SIM_NONE || c->told[life].start != START_OBSERVED ||
	    c->told[life].guessed ||
	    c->history->steps[l->birth].birth.shape != BIRTH_PROCESS ||
	    has_moved(c, c->history->steps[l->birth].life) ||
	    is_one_of_many(c, l->birth))
		return NULL;
	return &c->history->steps[l->birth].birth;
}

/* Who is born into another namespace than its parent's is its init, perhaps. */
static bool
may_be_first(const struct sim_check *c, int life)
{
	const struct fact_birth *birth = known_birth(c, life);

	return birth == NULL || birth->new_pidns;
}

int
sim_check_init_of(const struct sim_check *c, int life)
{
	const struct fact_birth *birth = known_birth(c, life);

	while (birth != NULL && !birth->new_pidns) {
		life = c->history->steps[c->history->lives[life].birth].life;
		birth = known_birth(c, life);
	}
	return birth == NULL ? SIM_NONE : life;
}

static void
add_reboots(struct trail *t, const struct sim_check *c, int life, int64_t by)
{
	/* in bytes what was lost is told, and any of it may be one */
	t->astray = c->bytes && (c->history->profile->losses ||
				    c->history->profile->old_serials);
	for (size_t i = 0; i < c->history->nsteps; i++) {
		const struct sim_step *s = &c->history->steps[i];
		int init =
		    s->reboot == 0 ? life : sim_check_init_of(c, s->life);

		if (s->reboot == 0 || (init != SIM_NONE && init != life))
			continue;
		t->astray |= init == SIM_NONE || c->given_now[i] > by ||
			     (t->reboot != 0 && t->reboot != s->reboot);
		t->reboot = s->reboot;
	}
}

static bool
is_after_record(const struct sim_life *l, const struct sim_step *s)
{
	return l->account.written && s->last_us > l->account.at_us &&
	       s->kind != FACT_EXEC;
}

static struct trail
follow(const struct sim_check *c, int life, int64_t by)
{
	const struct sim_life *l = &c->history->lives[life];
	struct trail t = {.threads = l->birth == SIM_NONE ||
				     c->told[life].start != START_OBSERVED,
	    .loose = may_be_first(c, life)};

	for (int i = c->facts->first[life]; i != SIM_NONE;
	     i = c->facts->next[i]) {
		const struct sim_step *s = &c->history->steps[i];

		if (c->given_now[i] > by)
			continue;
		if (is_after_record(l, s))
			t.overtaken = true;
		else
			follow_step(&t, s);
	}
	add_reboots(&t, c, life, by);
	return t;
}

static uint32_t
signal_bit(uint32_t status)
{
	uint32_t signal = status & 0x7f;

	return signal < 32 ? UINT32_C(1) << signal : 0;
}

/* What the record proves of the end of who left the trail, if any. */
static bool
is_proven(const struct sim_account *a, const struct trail *t, uint32_t *status)
{
	uint32_t code = a->status >> 8 & 0xff;

	*status = a->status;
	/* reboot(2) changes a namespace's init's status after that */
	if (t->astray && t->loose)
		return false;
	if (t->reboot != 0) {
		*status = (uint32_t)t->reboot;
		return true;
	}
	/* seccomp kills single threads with these, and do_exit(SIGNAL) */
	if ((a->status & 0x7f) != 0)
		return !t->threads ||
		       (((a->flags & 0x10) != 0 || t->abend) &&
			   (t->seccomp & signal_bit(a->status)) == 0);
	/*
	 * do_exit() counts a thread out before it logs its call: the last
	 * one's accounting record may be written between the two.
	 */
	if (t->overtaken)
		return false;
	if (t->ngroup > 0 && !has(t->left, code))
		return has(t->group, code);
	/* the leader's code may be the group's, or its own */
	if (t->ngroup == 1) {
		for (code = 0; !has(t->group, code);)
			code++;
		*status = code << 8;
		return (a->flags & 0x10) == 0 && !t->abend;
	}
	return t->ngroup == 0 && t->nleft > 0 && !t->threads && !t->abend &&
	       (a->flags & 0x10) == 0;
}

/* A single thread that said how it leaves can't leave in another way. */
static bool
contradicts(const struct sim_account *a, const struct trail *t)
{
	uint32_t code = a->status >> 8 & 0xff;

	if ((a->status & 0x7f) != 0 || t->threads || t->overtaken)
		return false;
	if (t->ngroup + t->nleft != 1)
		return false;
	return !has(t->group, code) && !has(t->left, code);
}

/* When a record says that its process was born, and when it died. */
struct span {
	int64_t from, until; /* of the birth: fact.h, birth_s */
	int64_t elapsed, read;
	int64_t over_from; /* it had its number at least until then */
};

static struct span
span_of(const struct sim_history *h, const struct sim_given *g)
{
	struct fact f = sim_facts_acct(h, g->record, g->read_ms);
	int64_t ms = f.acct.birth_s * SECOND_MS;

	return (struct span){ms - SECOND_MS, ms + SECOND_MS,
	    (int64_t)(f.acct.elapsed_cs * 10),
	    g->read_ms == TIME_UNKNOWN ? FAR_OFF : g->read_ms,
	    g->unwritten_ms == TIME_UNKNOWN ? LONG_AGO : g->unwritten_ms};
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * The earliest end of l if it can't be born before from; FAR_OFF: it can't be
 * at all. g: its record, or NULL.
 */
static int64_t
earliest_end(const struct book *b, const struct known *l,
    const struct sim_given *g, int64_t from)
{
	int64_t born = later(l->born_from, from), until = l->born_until, end;
	struct span s;

	if (g == NULL)
		return born <= until ? later(born, l->last) : FAR_OFF;
	if (contradicts(g->record, &l->trail))
		return FAR_OFF;
	s = span_of(b->check->history, g);
	born = later(born, s.from - STAMP_MS);
	born = later(born, l->last - s.elapsed - STAMP_MS);
	until = sooner(until, s.until + STAMP_MS);
	until = sooner(until, s.read - s.elapsed + STAMP_MS);
	end = later(born + s.elapsed - STAMP_MS, s.over_from - STAMP_MS);
	return born <= until ? later(end, l->last) : FAR_OFF;
}

/* A way that gives everybody something: what does it say of the target? */
static void
judge(struct book *b)
{
	const struct sim_account *a = b->world.of[b->target];
	uint32_t status = 0;
	bool proven;

	if (b->given_away > b->most) {
		b->most = b->given_away;
		b->without = b->differ = b->proven = b->may_have = false;
		b->status = UINT32_MAX;
	}
	if (a == NULL) {
		b->without = true;
		return;
	}
	proven = is_proven(a, &b->lives[b->target].trail, &status);
	b->differ |= b->status != UINT32_MAX &&
		     (status != b->status || proven != b->proven);
	b->status = status;
	b->proven = proven;
	b->may_have |= a == b->asked;
}

/* Lives from the nth on get their records, from the next on. */
static void
give_away(struct book *b, size_t n, size_t next, int64_t from)
{
	if (++b->tries > TRIES_MAX ||
	    b->given_away + (b->nrecords - next) < b->most)
		return;
	if (n == b->nlives) {
		if (b->given_away >= b->most)
			judge(b);
		return;
	}
	for (size_t i = next; i < b->nrecords; i++) {
		int64_t end =
		    earliest_end(b, &b->lives[n], b->records[i], from);

		if (end == FAR_OFF)
			continue;
		b->world.of[n] = b->records[i]->record;
		b->given_away++;
		give_away(b, n + 1, i + 1, end);
		b->given_away--;
	}
	b->world.of[n] = NULL;
	from = earliest_end(b, &b->lives[n], NULL, from);
	if (from != FAR_OFF)
		give_away(b, n + 1, next, from);
}

/* What is known of a life; false: nothing at all. */
static bool
know(const struct book *b, int life, struct known *k)
{
	const struct sim_check *c = b->check;
	const struct sim_life *l = &c->history->lives[life];
	bool any = l->found || c->told[life].acct_now <= b->by;

	*k = (struct known){.life = life,
	    .born_from = LONG_AGO,
	    .born_until = FAR_OFF,
	    .last = LONG_AGO,
	    .trail = follow(c, life, b->by)};
	if (l->birth != SIM_NONE && c->given_now[l->birth] <= b->by &&
	    c->told[life].start == START_OBSERVED) {
		any = true;
		k->born_from = c->facts->stamps[l->birth].ms;
		k->born_until = k->born_from + BIRTH_MS;
	}
	if (l->found)
		k->born_from = k->born_until = l->born_us / 1000;
	for (int i = c->facts->first[life]; i != SIM_NONE;
	     i = c->facts->next[i]) {
		int64_t ms = c->facts->stamps[i].ms;

		if (c->given_now[i] > b->by)
			continue;
		any = true;
		k->last = later(k->last, ms);
		k->born_until = sooner(k->born_until, ms + STAMP_MS);
	}
	return any;
}

/*
 * The lives of the number, the oldest first: the one in question, and who had
 * the number shortly before and after it. False: it is not known.
 */
static bool
list_lives(struct book *b, int life)
{
	const struct sim_history *h = b->check->history;
	struct known all[LIVES_MAX];
	size_t n = 0, target = LIVES_MAX;

	for (int t = h->newest[h->lives[life].pid];
	     t != SIM_NONE && (target == LIVES_MAX || n < LIVES_MAX);
	     t = h->tasks[t].before) {
		if (h->lives[h->tasks[t].life].pid != h->tasks[t].number)
			continue; /* a thread's */
		if (n > LIVES_MAX / 2 && target == LIVES_MAX)
			memmove(&all[0], &all[1], --n * sizeof(all[0]));
		if (!know(b, h->tasks[t].life, &all[n]))
			continue;
		if (h->tasks[t].life == life)
			target = n;
		n++;
	}
	for (size_t i = 0; i < n; i++)
		b->lives[i] = all[n - 1 - i];
	b->nlives = n;
	b->target = n - 1 - target;
	return target != LIVES_MAX;
}

static bool
fits_any(const struct book *b, const struct sim_given *g)
{
	for (size_t i = 0; i < b->nlives; i++) {
		if (earliest_end(b, &b->lives[i], g, LONG_AGO) != FAR_OFF)
			return true;
	}
	return false;
}

/* The records that one of them may have left; false: too many. */
static bool
list_records(struct book *b, int32_t pid)
{
	const struct sim_check *c = b->check;

	b->nrecords = 0;
	for (size_t i = 0; i < c->nrecords && c->records[i].now <= b->by; i++) {
		if (c->records[i].record->pid != pid ||
		    !fits_any(b, &c->records[i]))
			continue;
		if (b->nrecords == RECORDS_MAX)
			return false;
		b->records[b->nrecords++] = &c->records[i];
	}
	return true;
}

/* Tries all ways by a moment; false: there are too many. */
static bool
open_book(struct book *b, const struct sim_check *c, int life, int64_t by)
{
	b->check = c;
	b->by = by;
	b->given_away = b->most = 0;
	b->tries = 0;
	b->without = b->differ = b->proven = b->may_have = false;
	b->status = UINT32_MAX;
	if (!list_lives(b, life) ||
	    !list_records(b, c->history->lives[life].pid))
		return false;
	give_away(b, 0, 0, LONG_AGO);
	return b->tries <= TRIES_MAX;
}

static bool
is_agreed(const struct sim_check *c, int life, int64_t by)
{
	struct book b = {0};

	return open_book(&b, c, life, by) && !b.without && !b.differ &&
	       b.proven && b.status == c->history->lives[life].status;
}

/* When all is there that tells of this life; SIM_NEVER: not in time. */
static int64_t
complete_by(const struct sim_check *c, int life)
{
	int64_t left = INT64_MIN, accounted = c->told[life].acct_now;
	int64_t waits = SIM_NEVER;
	int birth = c->history->lives[life].birth;

	for (int i = c->facts->first[life]; i != SIM_NONE;
	     i = c->facts->next[i]) {
		const struct sim_step *s = &c->history->steps[i];

		left = later(left, c->given_now[i]);
		if (s->kind == FACT_EXEC && s->success)
			waits = SIM_NEVER;
		else if (s->kind == FACT_EXIT_GROUP)
			waits = sooner(waits, c->given_now[i]);
	}
	if (accounted == SIM_NEVER || left == SIM_NEVER)
		return SIM_NEVER;
	/* it waits for the record since its exit_group, or its last step */
	waits = sooner(waits, left);
	if (left != INT64_MIN && accounted - waits >= c->settings->acct_wait_ms)
		return SIM_NEVER;
	if (birth != SIM_NONE && c->given_now[birth] != SIM_NEVER)
		left = later(left, c->given_now[birth]);
	return later(left, accounted);
}

/* Stamps around it, and what its record says, mean little. */
static bool
is_clock_set(const struct sim_check *c, int life)
{
	const struct sim_life *l = &c->history->lives[life];

	return sim_history_is_clock_set(
	    c->history, l->born_us - CLOCK_US, l->died_us + CLOCK_US);
}

/* Accounting was off, or on again and nobody had noticed yet. */
static bool
is_unnoticed(const struct sim_check *c, int life)
{
	const struct sim_history *h = c->history;
	int64_t us = h->lives[life].died_us;

	return h->profile->acct_noticed && us >= h->acct_off_us &&
	       us <= h->acct_on_us + UNNOTICED_US;
}

/* Something it logged after its record came only when its end was told. */
static bool
is_overtaken(const struct sim_check *c, int life)
{
	for (int i = c->facts->first[life]; i != SIM_NONE;
	     i = c->facts->next[i]) {
		if (c->given_now[i] != SIM_NEVER &&
		    c->given_order[i] > c->told[life].end_order &&
		    is_after_record(
			&c->history->lives[life], &c->history->steps[i]))
			return true;
	}
	return false;
}

struct sim_verdict
sim_check_verdict(const struct sim_check *c, int life)
{
	const struct sim_account *a = &c->history->lives[life].account;
	int64_t by = complete_by(c, life), told = c->told[life].end_now;
	struct trail t = follow(c, life, SIM_NEVER - 1);
	struct sim_verdict v = {PROOF_NONE,
	    a->written || t.ngroup > 0 || t.abend ||
		(t.nleft > 0 && !t.threads),
	    is_overtaken(c, life)};

	/* It must tell at some time between the two. */
	if (by != SIM_NEVER && !is_clock_set(c, life) &&
	    !is_unnoticed(c, life) && is_agreed(c, life, by) &&
	    (told <= by || is_agreed(c, life, told)))
		v.proof = PROOF_STATUS;
	return v;
}

bool
sim_check_may_have(
    const struct sim_check *c, int life, const struct sim_account *a)
{
	struct book b = {.asked = a};

	return is_clock_set(c, life) ||
	       !open_book(&b, c, life, c->told[life].end_now) || b.may_have;
}

bool
sim_check_is_astray(const struct sim_check *c, int life)
{
	struct trail t = follow(c, life, SIM_NEVER - 1);

	return t.loose && t.astray;
}
