/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_facts.h"

#include <stdlib.h>
#include <string.h>

/* USER_HZ, in which /proc tells the start of a process. */
#define HERTZ 100

/* Less than SIM_LATENESS_MS, by how much stamps may be older than that. */
#define DELAY_US 1500000

#define ARGS_COUNT_MAX 8
#define ARG_MAX_SHORT  40

static void *
sized(void *at, size_t n, size_t *max, size_t size)
{
	if (n <= *max && at != NULL)
		return at;
	*max = 2 * n + 64;
	at = reallocarray(at, *max, size);
	if (at == NULL)
		abort();
	return at;
}

static int
by_queueing(const void *a, const void *b)
{
	const struct sim_part *x = a, *y = b;

	if (x->queued_us != y->queued_us)
		return x->queued_us < y->queued_us ? -1 : 1;
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	return y->opens - x->opens;
}

static int
by_writing(const void *a, const void *b)
{
	const struct sim_account *x = *(const struct sim_account *const *)a;
	const struct sim_account *y = *(const struct sim_account *const *)b;

	if (x->at_us != y->at_us)
		return x->at_us < y->at_us ? -1 : 1;
	return (x > y) - (x < y);
}

static void
make_parts(struct sim_facts *f, const struct sim_history *h)
{
	f->parts =
	    sized(f->parts, 2 * h->nsteps, &f->max_parts, sizeof(*f->parts));
	f->nparts = 0;
	for (size_t i = 0; i < h->nsteps; i++) {
		const struct sim_step *s = &h->steps[i];

		f->parts[f->nparts++] =
		    (struct sim_part){.queued_us = s->first_us,
			.step = i,
			.opens = true,
			.closes = s->whole};
		if (!s->whole)
			f->parts[f->nparts++] = (struct sim_part){
			    .queued_us = s->last_us, .step = i, .closes = true};
	}
	qsort(f->parts, f->nparts, sizeof(*f->parts), by_queueing);
}

uint32_t
sim_facts_serial(const struct sim_facts *f, uint32_t n)
{
	uint32_t serial = f->serial_from + n;

	return serial < f->serial_from ? serial + 1 : serial;
}

uint32_t
sim_facts_serial_index(const struct sim_facts *f, uint32_t serial)
{
	return serial - f->serial_from - (serial < f->serial_from);
}

/* An event of which a record is lost is lost: a SYSCALL record, or its rest. */
static void
lose_parts(struct sim_facts *f, const struct sim_history *h)
{
	struct rng rng = {h->seed ^ 0x105e};
	size_t spans = h->profile->losses ? 1 + rng_below(&rng, 3) : 0;

	memset(f->lost, 0, h->nsteps * sizeof(*f->lost));
	for (; spans > 0 && f->nparts > 0; spans--) {
		size_t at = rng_below(&rng, (uint32_t)f->nparts);
		size_t n = rng_spread(&rng, (uint32_t)f->nparts);

		for (; n > 0 && at < f->nparts; n--)
			f->lost[f->parts[at++].step] = true;
	}
}

/* Nothing is ever read of what was lost. */
static void
drop_lost(struct sim_facts *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nparts; i++) {
		if (!f->lost[f->parts[i].step])
			f->parts[n++] = f->parts[i];
	}
	f->nparts = n;
}

/*
 * One queue, in order: what stalls, stalls for all behind it. Serials are
 * given to first records.
 */
static void
make_stream(struct sim_facts *f, const struct sim_history *h)
{
	struct rng rng = {h->seed ^ 0x5eed};
	uint32_t lag_us = h->profile->lag_ms * 1000;
	uint32_t serial = 0;
	int64_t read_us = 0;

	f->serial_from = 1;
	if (h->profile->old_serials)
		f->serial_from =
		    UINT32_MAX - rng_below(&rng, (uint32_t)h->nsteps + 1);

	for (size_t i = 0; i < f->nparts; i++) {
		struct sim_part *p = &f->parts[i];
		int64_t us = p->queued_us + (int64_t)rng_spread(&rng, 2000);

		if (lag_us > 0 && rng_chance(&rng, 10))
			us += (int64_t)rng_below(&rng, lag_us);
		if (us > read_us)
			read_us = us;
		p->read_us = read_us;
		if (p->opens)
			f->stamps[p->step] = (struct stamp){
			    sim_history_stamp(h, h->steps[p->step].entry_us),
			    sim_facts_serial(f, serial++)};
		if (p->closes)
			f->told_us[p->step] = read_us;
	}
}

static void
make_records(struct sim_facts *f, const struct sim_history *h)
{
	size_t most = (size_t)h->nlives + h->nothers;

	f->records =
	    sized(f->records, most, &f->max_records, sizeof(*f->records));
	f->nrecords = 0;
	for (int i = 0; i < h->nlives; i++) {
		if (h->lives[i].account.written)
			f->records[f->nrecords++] = &h->lives[i].account;
	}
	for (size_t i = 0; i < h->nothers; i++) {
		if (h->others[i].written)
			f->records[f->nrecords++] = &h->others[i];
	}
	qsort(f->records, f->nrecords, sizeof(*f->records), by_writing);
}

/* The life that had the number before; SIM_NONE: nobody. */
static int
had_before(const struct sim_history *h, int life)
{
	int t = h->tasks[h->lives[life].leader].before;

	while (t != SIM_NONE &&
	       h->lives[h->tasks[t].life].pid != h->tasks[t].number)
		t = h->tasks[t].before;
	return t == SIM_NONE ? SIM_NONE : h->tasks[t].life;
}

/* Which steps that mean something are whose. */
static void
make_lists(struct sim_facts *f, const struct sim_history *h)
{
	for (int i = 0; i < h->nlives; i++) {
		f->first[i] = f->last[i] = SIM_NONE;
		f->before[i] = had_before(h, i);
	}
	for (size_t i = 0; i < h->nsteps; i++) {
		int life = h->steps[i].life, last = f->last[life];

		f->next[i] = SIM_NONE;
		if (h->steps[i].noise)
			continue;
		if (last == SIM_NONE)
			f->first[life] = (int)i;
		else
			f->next[last] = (int)i;
		f->last[life] = (int)i;
	}
}

/* Another order that is permitted: each event comes up to DELAY_US late. */
static void
permute(struct sim_facts *f, const struct sim_history *h)
{
	struct rng rng = {h->seed ^ 0x0e7};

	f->permuted = sized(
	    f->permuted, h->nsteps, &f->max_permuted, sizeof(*f->permuted));
	f->npermuted = 0;
	for (size_t i = 0; i < f->nparts; i++) {
		int64_t us = f->parts[i].queued_us + rng_below(&rng, DELAY_US);

		if (f->parts[i].opens)
			f->permuted[f->npermuted++] = (struct sim_part){
			    us, us, f->parts[i].step, true, true};
	}
	qsort(f->permuted, f->npermuted, sizeof(*f->permuted), by_queueing);
}

void
sim_facts_make(struct sim_facts *f, const struct sim_history *h)
{
	size_t max = f->max_steps, max_too = max, max_lost = max,
	       lives = f->max_lives, lives_too = lives;

	f->history = h;
	f->stamps = sized(f->stamps, h->nsteps, &max, sizeof(*f->stamps));
	f->lost = sized(f->lost, h->nsteps, &max_lost, sizeof(*f->lost));
	f->next = sized(f->next, h->nsteps, &max_too, sizeof(*f->next));
	f->told_us =
	    sized(f->told_us, h->nsteps, &f->max_steps, sizeof(*f->told_us));
	f->before =
	    sized(f->before, (size_t)h->nlives, &lives_too, sizeof(*f->before));
	f->first =
	    sized(f->first, (size_t)h->nlives, &lives, sizeof(*f->first));
	f->last =
	    sized(f->last, (size_t)h->nlives, &f->max_lives, sizeof(*f->last));
	make_lists(f, h);
	if (f->args == NULL && (f->args = malloc(SIM_ARGS_MAX)) == NULL)
		abort();
	make_parts(f, h);
	make_stream(f, h);
	lose_parts(f, h);
	drop_lost(f);
	permute(f, h);
	make_records(f, h);
}

void
sim_facts_fini(struct sim_facts *f)
{
	free(f->parts);
	free(f->stamps);
	free(f->told_us);
	free(f->next);
	free(f->lost);
	free(f->args);
	free(f->permuted);
	free(f->before);
	free(f->first);
	free(f->last);
	free(f->records);
	memset(f, 0, sizeof(*f));
}

/* Mostly short ones, of any bytes; some that need records of their own. */
static struct args
make_args(const struct sim_facts *f, uint32_t serial)
{
	struct rng rng = {f->history->seed ^ serial};
	struct args args = {.count = rng_spread(&rng, ARGS_COUNT_MAX)};
	uint32_t most = rng_chance(&rng, 5) ? SIM_ARGS_MAX / 3 : ARG_MAX_SHORT;
	bool plain = rng_chance(&rng, 700);
	size_t len = 0;

	for (uint32_t i = 0; i < args.count; i++) {
		uint32_t n = rng_spread(&rng, most) - 1;

		if (len + n + (args.count - i) > SIM_ARGS_MAX)
			n = 0;
		for (; n > 0; n--)
			f->args[len++] =
			    (char)(plain ? rng_between(&rng, 'a', 'z')
					 : rng_between(&rng, 1, 255));
		f->args[len++] = '\0';
	}
	args.argc = args.count;
	args.bytes = (struct bytes){f->args, len};
	return args;
}

struct fact
sim_facts_audit(const struct sim_facts *f, size_t step)
{
	const struct sim_step *s = &f->history->steps[step];
	struct fact fact = {.kind = s->kind,
	    .at = f->stamps[step],
	    .pid = f->history->lives[s->life].pid,
	    .ppid = s->ppid,
	    .creds = {0, 0, 0, 0, 0, 0, 0, 1},
	    .comm = BYTES_LITERAL("sh"),
	    .exe = BYTES_LITERAL("/bin/sh")};

	switch (s->kind) {
	case FACT_BIRTH:
		fact.birth = s->birth;
		break;
	case FACT_EXEC:
		fact.exec.success = s->success;
		fact.exec.error = s->success ? 0 : 2;
		fact.exec.args = make_args(f, fact.at.serial);
		break;
	case FACT_ABEND:
	case FACT_SECCOMP:
		fact.signal = s->code;
		fact.ppid = -1;
		break;
	case FACT_NAMESPACE:
		fact.new_pidns = s->success;
		break;
	default:
		fact.code = s->code;
		fact.reboot = s->reboot;
		break;
	}
	return fact;
}

/* kernel/acct.c, fill_ac(): two times, each cut, and then subtracted. */
struct fact
sim_facts_acct(
    const struct sim_history *h, const struct sim_account *a, int64_t read_ms)
{
	int64_t real_us = sim_history_real(h, a->at_us);
	int64_t elapsed_us = a->at_us - a->born_us;

	return (struct fact){.kind = FACT_ACCT,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = a->pid,
	    .ppid = a->ppid,
	    .creds = CREDS_UNKNOWN,
	    .comm = BYTES_LITERAL("sh"),
	    .acct = {.birth_s = real_us / 1000000 - elapsed_us / 1000000,
		.elapsed_cs = (double)(float)(elapsed_us / 10000),
		.mem_kb = a->mem_kb,
		.status = a->status,
		.flags = a->flags,
		.offset = (uint64_t)a->at_us,
		.read_ms = read_ms,
		.unwritten_ms = TIME_UNKNOWN}};
}

struct fact
sim_facts_found(const struct sim_history *h, int life, int64_t seen_ms)
{
	const struct sim_life *l = &h->lives[life];
	int64_t ms = l->born_us / (1000000 / HERTZ) * (1000 / HERTZ);

	return (struct fact){.kind = FACT_FOUND,
	    .at = {TIME_UNKNOWN, 0},
	    .pid = l->pid,
	    .ppid = l->parent == SIM_NONE ? 0 : h->lives[l->parent].pid,
	    .creds = CREDS_UNKNOWN,
	    .comm = BYTES_LITERAL("sh"),
	    .found = {.start_ticks = (uint64_t)ms,
		.start_ms = ms,
		.seen_ms = seen_ms,
		.local_pids = l->ns != 0}};
}
