/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reconcile_impl.h"

#include <assert.h>

#include "acct_record.h"

/* A lone thread does nothing after its exit_group. */
static bool
is_over(const struct life *l)
{
	return l->evidence.exit_group && !l->many;
}

/* Evidence. */

static void
note_exit(struct life *l, const struct fact *fact)
{
	l->exit_at = fact->at;
	l->exit_ahead = fact->ahead_ms;
}

static void
on_exit_group(struct reconcile *r, struct life *l, const struct fact *fact)
{
	struct evidence *ev = &l->evidence;

	if (!ev->exit_group)
		note_exit(l, fact);
	verdict_add_group(&r->lives.blocks, ev, fact->code);
}

static void
on_thread_exit(
    struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	struct evidence *ev = &l->evidence;

	verdict_add_left(&r->lives.blocks, ev, fact->code);
	if (!ev->exit_group)
		note_exit(l, fact);
	if (fact->reboot != 0)
		reboot_fact(r, l, fact, now);
}

/* A successful exec kills all other threads, and is proof of life. */
static void
on_exec(struct reconcile *r, struct life *l, struct stamp at)
{
	struct evidence *ev = &l->evidence;

	ev->exit_group = ev->conflicting = ev->thread_exit = false;
	ev->abend = ev->threads = false;
	ev->seccomp = 0;
	ev->seccomp_again = false;
	verdict_drop_codes(&r->lives.blocks, ev);
	l->many = false;
	l->exit_at = at; /* of all other threads */
	if (l->queue != QUEUE_NONE && !ev->acct)
		lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
}

void
deaths_fact(
    struct reconcile *r, struct life *l, const struct fact *fact, int64_t now)
{
	lives_touch(&r->lives, l);
	switch (fact->kind) {
	case FACT_EXIT_GROUP:
		on_exit_group(r, l, fact);
		break;
	case FACT_EXIT:
		on_thread_exit(r, l, fact, now);
		break;
	case FACT_ABEND:
		l->evidence.abend = true;
		l->evidence.abend_signal = (uint8_t)fact->signal;
		l->abend_serial = fact->at.serial;
		break;
	case FACT_SECCOMP:
		verdict_add_seccomp(&l->evidence, fact->signal);
		break;
	case FACT_GONE:
		deaths_gone(r, l, fact->gone_ms, now);
		return;
	case FACT_EXEC:
		on_exec(r, l, fact->at);
		break;
	default:
		assert(false); /* no evidence of an end */
	}
	deaths_consider(r, l, now);
}

void
deaths_gone(struct reconcile *r, struct life *l, int64_t ms, int64_t now)
{
	l->evidence.gone = true;
	l->barrier_ms = l->reaped_ms = ms;
	lives_touch(&r->lives, l);
	deaths_consider(r, l, now);
}

void
deaths_threads(struct reconcile *r, struct life *l)
{
	l->many = true;
	l->evidence.threads = true;
	lives_touch(&r->lives, l);
	if (l->state == LIFE_ALIVE && l->queue == QUEUE_LATE &&
	    !l->evidence.exit_group && !l->evidence.gone)
		lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
}

void
deaths_reused(struct reconcile *r, struct life *l, int64_t now)
{
	l->evidence.gone = true;
	l->given_at = now;
	lives_touch(&r->lives, l);
	/* not at once: its end may bear who has another's number, and so on */
	if (l->state == LIFE_ALIVE)
		reconcile_go_on(r, l);
}

/* When an end can be told. */

static void
wait_in(struct reconcile *r, struct life *l, enum life_queue q, int64_t wait,
    int64_t now)
{
	if (l->queue != q)
		lives_enqueue(&r->lives, l, q, now + wait);
}

/*
 * Whether nothing was heard of it for so long: while it waited for others what
 * it still lacks has come, or does not. The stream may have stood still,
 * and what comes at once then is proof of more: that is waited for once, and
 * not again by each who has the number after it.
 */
static bool
is_long_over(
    const struct reconcile *r, const struct life *l, int64_t wait, int64_t now)
{
	int64_t over = now - l->given_at;

	return reconcile_is_reborn(r, l) && over > r->set.lateness_ms + wait;
}

/*
 * Whether it is not known yet if there was such a life: undecided, nothing that
 * was read may be of it, and /proc is asked; or nobody has told of its birth.
 */
static bool
is_open(const struct reconcile *r, const struct life *l)
{
	if (l->undecided)
		return r->asked &&
		       (l->newer == NULL || lives_claimed(l->newer) != l);
	return l->queue == QUEUE_BIRTH && !l->born && l->expected == 0;
}

/*
 * Whether its record may be of who had the number after it, or one in between,
 * if there was such a one: that is known soon.
 */
static bool
awaits_open(struct reconcile *r, const struct life *l)
{
	const struct life *o = l->newer;
	size_t looked = 0;

	if (!l->evidence.acct || l->evidence.proven)
		return false;
	while (o != NULL && !is_open(r, o) && !o->evidence.proven &&
	       !reconcile_is_enough(r, looked++))
		o = o->newer;
	return o != NULL && is_open(r, o);
}

/*
 * Waits for what may still come after its end. Who is long over waits for one
 * thing more, if it is open who has its record, but not for each that has the
 * number later.
 */
static void
wait_for_rest(struct reconcile *r, struct life *l, enum life_queue q,
    int64_t wait, int64_t now)
{
	if (is_long_over(r, l, wait, now) &&
	    (is_long_over(r, l, (1 + PATIENCE) * wait, now) ||
		!awaits_open(r, l)))
		deaths_end(r, l, now);
	else
		wait_in(r, l, q, wait, now);
}

/* Waits until the stream has come up to barrier_ms. */
static void
wait_for_barrier(struct reconcile *r, struct life *l, int64_t now)
{
	if (l->queue == QUEUE_BARRIER)
		return;
	wait_in(r, l, QUEUE_BARRIER, PATIENCE * r->set.lateness_ms, now);
}

/*
 * The record that the next life of its number has may be of one that the
 * stream has not come up to, and its own of that next one: it waits for that.
 */
static bool
awaits_next_record(struct reconcile *r, struct life *l)
{
	const struct life *next = l->newer;
	const struct fact_acct *a = next == NULL ? NULL : records_of(next);

	if (a == NULL || reconcile_barrier_passed(r, a->read_ms))
		return false;
	l->barrier_ms = a->read_ms;
	lives_touch(&r->lives, l);
	return true;
}

/* The same of what who has its number by now did last: a few times, for that
 * goes on. */
static bool
awaits_next_deed(struct reconcile *r, struct life *l)
{
	int64_t ms = records_await_deed(r, l);

	if (ms == TIME_UNKNOWN || l->postponed >= PATIENCE)
		return false;
	if (l->barrier_ms != ms)
		l->postponed++;
	l->barrier_ms = ms;
	lives_touch(&r->lives, l);
	return true;
}

/* l is over, and of all that it bore or had nothing more is to be read. */
static void
leave_children(struct reconcile *r, struct life *l, int64_t now)
{
	local_leave(r, l, now);
	infer_children(r, l, now);
}

/* But for word of a reboot(2) all is known. */
static void
end_when_sure(struct reconcile *r, struct life *l, int64_t now)
{
	if (!reboot_is_awaited(r, l)) {
		deaths_end(r, l, now);
	} else if (l->reaped_ms != TIME_UNKNOWN &&
		   !reconcile_barrier_passed(r, l->reaped_ms)) {
		l->barrier_ms = l->reaped_ms;
		lives_touch(&r->lives, l);
		wait_for_barrier(r, l, now);
	} else if (l->queue != QUEUE_REBOOT) {
		wait_in(r, l, QUEUE_REBOOT, r->set.lateness_ms, now);
		leave_children(r, l, now);
	}
}

void
deaths_not_rebooted(struct reconcile *r, struct life *l, int64_t now)
{
	if (l->postponed < PATIENCE && reboot_is_open(r, l)) {
		l->postponed++;
		lives_enqueue(
		    &r->lives, l, QUEUE_REBOOT, now + r->set.lateness_ms);
		return;
	}
	deaths_end(r, l, now);
}

/*
 * Accounting has spoken: has the stream said all it will, and is the record
 * its own?
 */
static void
consider_acct(struct reconcile *r, struct life *l, int64_t now)
{
	bool heard = reconcile_barrier_passed(r, l->barrier_ms);
	bool over = is_over(l);

	/* who has a canary's number after it is told by when it left */
	if (l->hidden && !over)
		wait_in(r, l, QUEUE_LATE, r->set.lateness_ms, now);
	else if (l->hidden)
		deaths_end(r, l, now);
	else if (l->evidence.proven && (heard || over))
		end_when_sure(r, l, now);
	else if (heard && !awaits_next_record(r, l) && !awaits_next_deed(r, l))
		wait_for_rest(r, l, QUEUE_ACCT, r->set.acct_wait_ms, now);
	else
		wait_for_barrier(r, l, now);
}

/* Its last thread, as far as is known, has left by exit(2). */
static bool
has_left(const struct life *l)
{
	return l->evidence.thread_exit && !l->many;
}

/* Children of it are still to be told, or who was there after it. */
static bool
awaits_others(struct reconcile *r, const struct life *l)
{
	return !l->waited && (l->nawaited > 0 || infer_has_children(r, l) ||
				 doubt_of_record(r, l));
}

void
deaths_consider(struct reconcile *r, struct life *l, int64_t now)
{
	const struct evidence *ev = &l->evidence;
	int64_t late = r->set.lateness_ms;

	/* What is still held of it is worked off first. */
	if (l->state != LIFE_ALIVE || !STAILQ_EMPTY(&l->held))
		return;
	if (doubt_of_newer(l)) {
		lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
		return;
	}
	if (awaits_others(r, l) &&
	    (ev->acct || ev->exit_group || ev->gone || has_left(l))) {
		wait_in(r, l, QUEUE_OTHERS, late, now);
		return;
	}
	if (ev->acct && !ev->proven)
		records_settle(r, l, now);
	if (ev->acct) {
		consider_acct(r, l, now);
	} else if (ev->reboot != 0) {
		wait_in(r, l, QUEUE_REBOOT, late, now);
	} else if (reconcile_is_reborn(r, l)) {
		r->counts.unaccounted += ev->exit_group && r->acct_on;
		deaths_end(r, l, now);
	} else if (ev->exit_group && r->acct_on) {
		wait_for_rest(r, l, QUEUE_ACCT, r->set.acct_wait_ms, now);
	} else if (is_over(l)) {
		deaths_end(r, l, now);
	} else if (ev->gone && l->barrier_ms != TIME_UNKNOWN) {
		wait_for_barrier(r, l, now);
	} else if (ev->exit_group || has_left(l) || ev->gone ||
		   (ev->abend && !r->acct_on)) {
		if (r->acct_on && late < r->set.acct_wait_ms)
			late = r->set.acct_wait_ms;
		wait_for_rest(r, l, QUEUE_LATE, late, now);
	}
}

void
deaths_barrier(struct reconcile *r, struct life *l, int64_t now)
{
	if (!l->evidence.acct) {
		deaths_end(r, l, now);
		return;
	}
	lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
	deaths_consider(r, l, now);
}

void
deaths_alone(struct reconcile *r, struct life *l, int64_t now)
{
	/* whose births were read wait for others of their number: a while */
	if (l->nawaited > 0 && l->postponed < PATIENCE) {
		l->postponed++;
		lives_enqueue(
		    &r->lives, l, QUEUE_OTHERS, now + r->set.lateness_ms);
		return;
	}
	l->waited = true;
	lives_enqueue(&r->lives, l, QUEUE_NONE, 0);
	shape_settle_claims(r, l, now);
	infer_children(r, l, now);
	reconcile_go_on(r, l);
}

void
deaths_unaccounted(struct reconcile *r, struct life *l, int64_t now)
{
	if (l->postponed < PATIENCE && awaits_open(r, l)) {
		l->postponed++;
		lives_enqueue(
		    &r->lives, l, QUEUE_ACCT, now + r->set.acct_wait_ms);
		return;
	}
	if (!l->evidence.acct && infer_record_of_newer(r, l, now))
		return;
	r->counts.unaccounted += !l->evidence.acct;
	deaths_end(r, l, now);
}

/* What is known of it last, as real time. */
static int64_t
last_known(const struct life *l)
{
	return l->last_ms != TIME_UNKNOWN ? l->last_ms + l->last_ahead
					  : l->birth.ms + l->birth_ahead;
}

/* How far ahead real time was then: as at its last fact, if that can be. */
static int64_t
ahead_at_death(const struct life *l)
{
	int64_t ahead =
	    l->last_ms != TIME_UNKNOWN ? l->last_ahead : l->birth_ahead;

	if (ahead < l->acct->ahead_from)
		return l->acct->ahead_from;
	return ahead > l->acct->ahead_until ? l->acct->ahead_until : ahead;
}

/* A death that nobody recorded: birth and duration tell when it was. */
static int64_t
silent_end_time(const struct life *l)
{
	const struct fact_acct *a = l->acct;
	int64_t ms;

	if (!l->evidence.acct || !l->evidence.proven)
		return last_known(l);
	if (l->start == START_OBSERVED || l->start == START_SNAPSHOT)
		ms = l->birth.ms + fact_elapsed_ms(a);
	else
		ms = a->birth_s * 1000 - ahead_at_death(l) + fact_elapsed_ms(a);
	if (a->read_ms != TIME_UNKNOWN && ms > a->read_ms)
		ms = a->read_ms;
	if ((l->last_ms != TIME_UNKNOWN && ms < l->last_ms) || ms < l->birth.ms)
		return last_known(l);
	return ms + ahead_at_death(l);
}

void
deaths_end(struct reconcile *r, struct life *l, int64_t now)
{
	struct life *newer;

	if (shape_unasked(r, l)) {
		lives_enqueue(&r->lives, l, QUEUE_TURN, now + 1);
		return;
	}
	/* /proc may just have said so */
	if (l->queue == QUEUE_TURN && awaits_others(r, l)) {
		wait_in(r, l, QUEUE_OTHERS, r->set.lateness_ms, now);
		return;
	}
	leave_children(r, l, now);
	/* they wait for the ends of those who had their numbers */
	if (l->nawaited > 0 && !l->waited) {
		wait_in(r, l, QUEUE_OTHERS, r->set.lateness_ms, now);
		return;
	}
	/* while it waited others may have been told from it */
	if (l->evidence.acct && !l->evidence.proven)
		records_settle(r, l, now);
	l->evidence.may_be_reboot = reboot_may_be(r, l);
	tell_end(r, l, silent_end_time(l));
	l->state = LIFE_ENDED;
	lives_forget(&r->lives, l);
	lives_enqueue(&r->lives, l, QUEUE_GRACE, now + r->set.grace_ms);
	if (r->ngrace >= GRACE_MAX)
		reconcile_forget_oldest(r);
	r->ngrace++;
	reconcile_forget_older(r, l);
	newer = l->newer;
	while (newer != NULL && newer->state == LIFE_ENDED)
		newer = newer->newer;
	if (newer != NULL)
		reconcile_ready(r, newer);
}

static bool
is_kernel_thread(const struct fact *fact)
{
	return fact->acct.mem_kb == 0 && (fact->acct.flags & ACCT_FORK) != 0 &&
	       (fact->ppid == 2 || fact->pid == 2 || fact->ppid == 0);
}

void
deaths_acct(struct reconcile *r, const struct fact *fact, int64_t now)
{
	if (acct_record_is_of_the_living(fact) ||
	    (is_kernel_thread(fact) && !r->set.kernel_threads))
		return;
	records_add(r, fact, now);
}
