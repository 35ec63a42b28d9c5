/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen_world.h"

#include <ctype.h>
#include <errno.h>
#include <error.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gen_deeds.h"
#include "gen_ends.h"
#include "gen_life.h"
#include "gen_tell.h"

/* Files are flushed together after so many bytes of the stream. */
#define FLUSH_BYTES (64 * 1024)

/* Of 1000: ... */
#define FAILED_BIRTHS 1  /* births that end in EAGAIN */
#define LATE_BIRTHS   20 /* births whose caller comes back late */
#define OLD_FORKS     20 /* forks by the system call itself */
#define HOPELESS      10 /* execs of what is not there */
#define ABANDONING    60 /* programs that leave children behind */

/* Who so often finds no room for a child does without. */
#define REFUSED_MAX 50

/* When l has done what its program does between two actions. */
static int64_t
later(struct world *w, const struct life *l)
{
	return w->now + 50 +
	       rng_spread(&w->rng, 1000U * l->program->linger_ms + 100);
}

/* Births. */

static struct life *
life_new(struct world *w)
{
	struct life *l = calloc(1, sizeof(*l));

	if (l == NULL)
		error(1, errno, "life");
	l->task.life = l;
	LIST_INIT(&l->threads);
	LIST_INIT(&l->children);
	l->number = w->number++;
	return l;
}

static struct life *
life_new_child(struct world *w, struct life *parent, int32_t pid)
{
	struct life *l = life_new(w);

	l->parent = parent;
	LIST_INSERT_HEAD(&parent->children, l, siblings);
	parent->running++;
	l->parent_number = parent->number;
	l->birth_ppid = parent->ident.pid;
	l->program = parent->program;
	l->ident = parent->ident;
	l->ident.pid = pid;
	l->ident.ppid = parent->ident.pid;
	memcpy(l->title, parent->title, parent->title_len);
	l->title_len = parent->title_len;
	l->born = world_soon(w, 20, 80);
	w->live++;
	w->births--;
	agenda_put(&w->agenda, &l->task, world_soon(w, 100, 500));
	return l;
}

static enum class choose_class(struct world *w, const struct program *p) {
	uint32_t count = 0;

	    while (count < MAX_CLASSES && p->children[count] != CLASS_NONE)
		count++;
	    return p->children[rng_below(&w->rng, count)];
}

/* A child that does not exec cannot have its parent wait for that. */
static enum birth_kind
choose_birth(struct world *w, const struct program *p, enum class class)
{
	if (class == CLASS_SAME && birth_calls[p->birth].waits)
		return BIRTH_CLONE;
	if (p->birth == BIRTH_CLONE && rng_chance(&w->rng, OLD_FORKS))
		return BIRTH_FORK;
	return p->birth;
}

static void
birth_enter(struct world *w, struct life *l)
{
	enum class class = choose_class(w, l->program);
	uint32_t longest_us = rng_chance(&w->rng, LATE_BIRTHS) ? 12000 : 600;
	int32_t pid = 0;

	if (w->sleepers > 0) {
		w->sleepers--;
		class = CLASS_SLEEPER;
	}
	l->birth = choose_birth(w, l->program, class);
	l->entered = w->now;
	l->jobs--;
	if (!rng_chance(&w->rng, FAILED_BIRTHS))
		pid = pids_take(&w->pids);
	if (pid != 0) {
		l->child = life_new_child(w, l, pid);
		l->child->class = class;
	}
	if (pid != 0 && birth_calls[l->birth].waits) {
		l->state = STATE_VFORK;
		l->child->vfork_parent = l;
	} else {
		l->state = STATE_BIRTH;
		agenda_put(&w->agenda, &l->task, world_soon(w, 80, longest_us));
	}
}

static void
birth_return(struct world *w, struct life *l)
{
	const struct birth_call *call = &birth_calls[l->birth];
	struct life *child = l->child;

	l->child = NULL;
	l->state = STATE_RUN;
	agenda_put(&w->agenda, &l->task, later(w, l));
	if (child == NULL) {
		tell_birth(w, l, call, -EAGAIN);
		return;
	}
	child->birth_serial = tell_birth(w, l, call, child->ident.pid);
	ends_reap(w, child);
}

static void
thread_start(struct world *w, struct life *l)
{
	static const struct birth_call old = {CALL_CLONE, 0x3d0f00, false};
	static const struct birth_call new = {CALL_CLONE3, 0, false};
	bool by_clone = l->program->birth == BIRTH_CLONE_SPAWN;
	int32_t tid = pids_take(&w->pids);
	struct task *thread;

	l->threads_left--;
	if (tid == 0)
		return;
	thread = calloc(1, sizeof(*thread));
	if (thread == NULL)
		error(1, errno, "thread");
	thread->life = l;
	thread->tid = tid;
	LIST_INSERT_HEAD(&l->threads, thread, others);
	agenda_put(&w->agenda, thread, later(w, l));
	l->entered = w->now;
	tell_birth(w, l, by_clone ? &old : &new, tid);
}

/* Execs. */

static void
exec_enter(struct world *w, struct life *l)
{
	bool fails = l->failures > 0;
	uint32_t takes_us = rng_between(&w->rng, 30, fails ? 300 : 4000);

	l->entered = w->now;
	l->state = STATE_EXEC;
	agenda_put(&w->agenda, &l->task, w->now + takes_us);
	if (!fails)
		ends_release_parent(w, l, world_soon(w, 20, takes_us + 200));
}

/* Decides what l runs next and how often execve fails before. */
static void
exec_begin(struct world *w, struct life *l, enum class class)
{
	l->next = program_choose(&w->rng, class);
	l->hopeless = rng_chance(&w->rng, HOPELESS);
	if (l->hopeless || l->program->searches)
		l->failures = rng_below(&w->rng, 4) + l->hopeless;
	exec_enter(w, l);
}

static void
log_in(struct world *w, struct ident *who, uint32_t uid)
{
	who->uid = who->gid = who->euid = who->egid = who->auid = uid;
	who->session = ++w->sessions;
}

static void
take_identity(struct world *w, struct ident *who, const struct program *p)
{
	snprintf(
	    who->comm, sizeof(who->comm), "%.15s", program_base_name(p->path));
	who->exe = p->exe != NULL ? p->exe : p->path;
	if (p->uid != 0)
		who->uid = who->gid = who->euid = who->egid = p->uid;
	if (p->class == CLASS_SESSION) {
		log_in(w, who, 1000 + rng_below(&w->rng, 3));
		who->tty = (int)(w->sessions % 300);
	} else if (p->class == CLASS_JOB) {
		log_in(w, who, 0);
	}
}

/* audit_proctitle_rtrim(): what cannot be printed is cut off at the end. */
static void
set_title(struct life *l, const char *at, size_t len)
{
	if (len > TITLE_SIZE)
		len = TITLE_SIZE;
	while (len > 0 && !isprint((unsigned char)at[len - 1]))
		len--;
	memcpy(l->title, at, len);
	l->title_len = len;
}

static void
exec_succeed(struct world *w, struct life *l)
{
	const struct program *p = l->next;
	enum arch arch = l->program->arch;
	struct argv argv = program_args(p, &w->rng, w->args);

	ends_zap_threads(w, l);
	l->program = p;
	take_identity(w, &l->ident, p);
	set_title(l, argv.at, argv.len);
	l->jobs = rng_between(&w->rng, p->min_jobs, p->max_jobs);
	l->parallel = p->parallel;
	l->threads_left = rng_below(&w->rng, p->max_threads + 1U);
	l->abandons = rng_chance(&w->rng, ABANDONING);
	l->execs++;
	tell_exec(w, l, arch, &argv);
	l->state = STATE_RUN;
	agenda_put(&w->agenda, &l->task, later(w, l));
}

static void
exec_return(struct world *w, struct life *l)
{
	if (l->failures == 0) {
		exec_succeed(w, l);
		return;
	}
	tell_failed_exec(w, l);
	if (--l->failures > 0 || !l->hopeless)
		exec_enter(w, l);
	else
		ends_leave(w, l, 127);
}

/* What comes when. */

/* The first thing a child does. */
static void
first_step(struct world *w, struct life *l)
{
	if (l->class == CLASS_SLEEPER) {
		l->state = STATE_IDLE;
		return;
	}
	if (l->class != CLASS_SAME) {
		exec_begin(w, l, l->class);
		return;
	}
	l->state = STATE_RUN;
	l->jobs = rng_below(&w->rng, 3);
	l->parallel = 1;
	agenda_put(&w->agenda, &l->task, later(w, l));
}

/* Whether more were born than the rate allows until now. */
static bool
is_too_fast(const struct world *w)
{
	uint64_t since = (uint64_t)(w->now - w->options->base_s * 1000000);
	uint64_t rate = w->options->rate;

	return rate != 0 && w->number > rate * since / 1000000;
}

/* Whether there is room for a child; if not, l tries again later. */
static bool
has_room(struct world *w, struct life *l)
{
	bool is_full = w->live >= w->options->live_max;

	if (!is_full && !is_too_fast(w))
		return true;
	if (is_full && ++l->refused > REFUSED_MAX && l != w->init)
		l->jobs = 0;
	agenda_put(&w->agenda, &l->task, world_soon(w, 10000, 30000));
	return false;
}

static void
step(struct world *w, struct life *l)
{
	if (w->births == 0)
		l->jobs = 0;
	l->state = STATE_RUN;
	if (w->deeds_due > 0) {
		w->deeds_due--;
		deeds_tell(w, l);
		agenda_put(&w->agenda, &l->task, world_soon(w, 20, 400));
	} else if (l->threads_left > 0) {
		thread_start(w, l);
		agenda_put(&w->agenda, &l->task, world_soon(w, 100, 3000));
	} else if (l->jobs > 0 && l->running < l->parallel) {
		if (has_room(w, l))
			birth_enter(w, l);
	} else if (l == w->init || l->jobs > 0 ||
		   (l->running > 0 && !l->abandons)) {
		l->state = STATE_IDLE;
	} else if (l->program->becomes != CLASS_NONE) {
		exec_begin(w, l, l->program->becomes);
	} else {
		ends_somehow(w, l);
	}
}

/* l does what it had planned to do next. */
static void
turn(struct world *w, struct life *l)
{
	switch (l->state) {
	case STATE_EXEC:
		exec_return(w, l);
		break;
	case STATE_BIRTH:
	case STATE_VFORK:
		birth_return(w, l);
		break;
	case STATE_DYING:
		ends_finish(w, l);
		break;
	case STATE_BORN:
	case STATE_RUN:
	case STATE_IDLE:
		if (l->fatal != 0)
			ends_kill(w, l, l->fatal);
		else if (l->state == STATE_BORN)
			first_step(w, l);
		else
			step(w, l);
		break;
	case STATE_GONE:
		abort(); /* who is gone is not on the agenda */
	}
}

/* init was there before audit: nothing tells of its birth. */
static void
start_init(struct world *w)
{
	struct life *l = w->init = life_new(w);

	l->program = w->options->storm ? &program_init_of_storm : &program_init;
	l->ident = (struct ident){
	    .pid = 1,
	    .auid = ID_NOT_SET,
	    .session = ID_NOT_SET,
	    .tty = -1,
	    .comm = "systemd",
	    .exe = l->program->path,
	};
	set_title(l, "/sbin/init", strlen("/sbin/init"));
	l->jobs = UINT_MAX;
	l->parallel = (unsigned)(w->options->services + w->options->sleepers);
	l->state = STATE_RUN;
	agenda_put(&w->agenda, &l->task, later(w, l));
}

static int
flush(struct world *w)
{
	const struct world_options *o = w->options;

	w->flushed = stream_bytes(w->stream);
	if (fflush(o->stream) != 0 ||
	    (o->acct != NULL && fflush(o->acct) != 0) ||
	    (o->truth != NULL && fflush(o->truth) != 0))
		return -1;
	return 0;
}

/* Waits for the real clock if the simulated one is ahead. */
static int
keep_pace(struct world *w)
{
	struct timespec ts;
	int64_t ahead_us;

	clock_gettime(CLOCK_REALTIME, &ts);
	ahead_us = w->now - ts.tv_sec * 1000000 - ts.tv_nsec / 1000;
	if (ahead_us <= 0)
		return 0;
	if (flush(w) < 0)
		return -1;
	ts.tv_sec = ahead_us / 1000000;
	ts.tv_nsec = ahead_us % 1000000 * 1000;
	nanosleep(&ts, NULL);
	return 0;
}

/* They live on when the stream ends. */
static void
end_sleepers(struct world *w)
{
	struct life *l;

	while ((l = LIST_FIRST(&w->init->children)) != NULL) {
		LIST_REMOVE(l, siblings);
		tell_truth(w, l);
		free(l);
	}
}

static int
run(struct world *w)
{
	struct task *task;

	while ((task = agenda_take(&w->agenda)) != NULL) {
		w->now = task->due;
		if (w->options->pace && keep_pace(w) < 0)
			return -1;
		if (task->tid != 0)
			ends_thread(w, task);
		else
			turn(w, task->life);
		if (stream_bytes(w->stream) - w->flushed >= FLUSH_BYTES &&
		    flush(w) < 0)
			return -1;
	}
	stream_daemon(w->stream, w->now, false);
	tell_truth(w, w->init);
	end_sleepers(w);
	return flush(w);
}

int
world_run(const struct world_options *options)
{
	struct world w = {
	    .options = options,
	    .rng = {options->seed},
	    .births = options->lives,
	    .sleepers = options->sleepers,
	    .now = options->base_s * 1000000,
	};
	int rc;

	w.stream = stream_new(options->stream, &options->style,
	    (unsigned)options->open, options->storm, rng_next(&w.rng));
	agenda_init(&w.agenda);
	pids_init(&w.pids, options->first_pid, options->last_pid);
	stream_daemon(w.stream, w.now, true);
	start_init(&w);
	rc = run(&w);
	free(w.init);
	pids_free(&w.pids);
	agenda_free(&w.agenda);
	stream_free(w.stream);
	return rc;
}
