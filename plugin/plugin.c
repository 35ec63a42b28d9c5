/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "agent.h"
#include "clock_watch.h"
#include "log.h"
#include "plugin_impl.h"
#include "privileges.h"

/*
 * After the end of stdin, so long accounting records are waited for of those
 * whose exits came last. auditd 4.2 waits for us meanwhile.
 */
#define LAST_RECORDS_MS 300

/* Who we are. */

/* A line of a file, without its newline; "" if there is none. */
static void
read_line(const char *path, char *line, size_t size)
{
	FILE *in = fopen(path, "re");

	line[0] = '\0';
	if (in == NULL)
		return;
	if (fgets(line, (int)size, in) != NULL)
		line[strcspn(line, "\n")] = '\0';
	fclose(in);
}

static const char *
or_null(const char *s)
{
	return s[0] != '\0' ? s : NULL;
}

/* Starting, step by step; plugin_free() undoes it from behind. */

static bool
has_spool(const struct settings *s)
{
	for (size_t i = 0; i < s->nsinks; i++) {
		if (s->sinks[i].spool)
			return true;
	}
	return false;
}

/*
 * A sink's folder hands its group on to the segments: they are made when we
 * can't change groups any more.
 */
static int
start_folders(const struct settings *s, struct err *err)
{
	if (privileges_folder(s->state_path, s->user, NULL, 0700, err) != 0 ||
	    privileges_folder(s->run_path, s->user, NULL, 0755, err) != 0)
		return -1;
	/* It may be needed after a reload, when we can't make it any more. */
	if (privileges_folder(s->spool_path, s->user, NULL, 0700, err) != 0 &&
	    has_spool(s))
		return -1;
	for (size_t i = 0; i < s->nsinks; i++) {
		const struct sink_settings *k = &s->sinks[i];

		mode_t mode = k->group != NULL ? 02750 : 0750;

		if (k->type == SINK_FILE && privileges_folder(k->path, s->user,
						k->group, mode, err) != 0)
			return -1;
	}
	return 0;
}

static int
start_identity(struct plugin *p, struct err *err)
{
	struct err why;

	read_line("/etc/machine-id", p->host_id, sizeof(p->host_id));
	if (gethostname(p->hostname, sizeof(p->hostname) - 1) != 0)
		p->hostname[0] = '\0';
	if (procfs_boot_id(p->procfs, p->boot_id) != 0)
		return err_errno(err, "boot id");
	if (agent_id(p->set->state_path, &p->agent_id, &why) != 0)
		log_warnx("%s", why.text);
	if (agent_random(&p->ephemeral_id) != 0)
		return err_errno(err, "getrandom");
	if (kept_new(p, err) != 0)
		return -1;
	p->kernel_lost_ms = p->position.written_ms;
	return 0;
}

static int
start_sinks(struct plugin *p, struct err *err)
{
	struct sinks_ready sinks;

	p->resolve = resolve_new();
	if (p->resolve == NULL)
		return err_errno(err, "start");
	if (sinks_open(p, p->set, &sinks, err) != 0)
		return -1;
	sinks_take(p, &sinks);
	return 0;
}

static int
start_pipeline(struct plugin *p, struct err *err)
{
	static const struct pipeline_ops ops = {.event = plugin_tell,
	    .heard = plugin_heard,
	    .gap = crash_gap,
	    .config = rules_heard};
	struct envelope env = {.version = PACKAGE_VERSION,
	    .live = true,
	    .agent_id = p->agent_id,
	    .ephemeral_id = p->ephemeral_id,
	    .hostname = or_null(p->hostname),
	    .host_id = or_null(p->host_id),
	    .boot_id = p->boot_id};
	struct publish_variant variants[PUBLISH_VARIANTS_MAX];
	struct ident ident;

	ident_init(&ident, p->host_id, p->boot_id);
	p->publish = publish_new(
	    &env, variants, sinks_variants(p, variants), plugin_line, p);
	if (p->publish == NULL)
		return err_errno(err, "start");
	p->pipeline = pipeline_new(p->set, &ident, &ops, p, err);
	if (p->pipeline == NULL)
		return -1;
	kept_clocks(p);
	if (p->position.stream.serial != 0)
		assemble_resume(
		    pipeline_assemble(p->pipeline), &p->position.stream);
	return 0;
}

static int
start_sources(struct plugin *p, struct err *err)
{
	const struct settings *s = p->set;
	struct err why;

	if (acct_start(p, err) != 0)
		return -1;
	if (s->capabilities.audit_control) {
		p->kernel_audit = kernel_audit_open(&why);
		if (p->kernel_audit == NULL)
			log_info("lost records are not counted: %s", why.text);
	}
	acct_start_errands(p);
	kept_restore(p);
	rules_start(p);
	if (procfs_snapshot(
		p->procfs, s->events.kernel_threads, plugin_fact, p) < 0)
		return err_errno(err, "/proc");
	plugin_flush(p);
	kept_told(p);
	kept_start(p);
	return 0;
}

/* Signals and readiness. */

static void
on_kernel(struct ev_loop *loop, ev_io *w, int events)
{
	(void)loop;
	(void)events;
	watch_answers(w->data);
}

/* True if nothing that was read waits any more, or none may wait longer. */
static bool
is_finished(const struct plugin *p)
{
	if (p->stopping && p->mono_ms >= p->stop_at)
		return true;
	return p->stdin_over &&
	       (p->mono_ms >= p->stop_at ||
		   !reconcile_wants_acct(pipeline_reconcile(p->pipeline)));
}

static void
check_end(struct plugin *p)
{
	if (p->stdin_over && ev_is_active(&p->on_stdin)) {
		ev_io_stop(p->loop, &p->on_stdin);
		p->stop_at = p->mono_ms + LAST_RECORDS_MS;
	}
	if ((p->stdin_over || p->stopping) && is_finished(p))
		ev_break(p->loop, EVBREAK_ALL);
}

static void
on_stdin(struct ev_loop *loop, ev_io *w, int events)
{
	struct plugin *p = w->data;

	(void)loop;
	(void)events;
	plugin_turn(p);
	check_end(p);
}

static void
on_tick(struct ev_loop *loop, ev_timer *w, int events)
{
	struct plugin *p = w->data;

	(void)loop;
	(void)events;
	plugin_turn(p);
	check_end(p);
}

/*
 * auditd may write on after telling us to go, and so may systemd's SIGTERM
 * to the whole unit reach us first: read on until the end of stdin, within
 * the stated time.
 */
static void
on_term(struct ev_loop *loop, ev_signal *w, int events)
{
	struct plugin *p = w->data;

	(void)loop;
	(void)events;
	if (!p->stopping && !p->stdin_over)
		p->stop_at = plugin_mono_ms() + p->set->stop_timeout_ms;
	p->stopping = true;
	plugin_turn(p);
}

static void
on_usr1(struct ev_loop *loop, ev_signal *w, int events)
{
	(void)loop;
	(void)events;
	state_write(w->data);
}

static void
on_hup(struct ev_loop *loop, ev_signal *w, int events)
{
	(void)loop;
	(void)events;
	reload_settings(w->data);
}

/*
 * When the clock was set is known the better the sooner it is looked at: of
 * two steps between two looks only the sum is ever seen.
 */
static void
on_clock(struct ev_loop *loop, ev_io *w, int events)
{
	struct plugin *p = w->data;

	(void)loop;
	(void)events;
	if (clock_watch_was_set(p->clock_fd))
		plugin_note_clocks(p);
}

static int
start_clock(struct plugin *p, struct err *err)
{
	p->clock_fd = clock_watch_open();
	if (p->clock_fd < 0)
		return err_errno(err, "timerfd");
	ev_io_init(&p->on_clock, on_clock, p->clock_fd, EV_READ);
	p->on_clock.data = p;
	ev_io_start(p->loop, &p->on_clock);
	return 0;
}

static int
start_loop(struct plugin *p, struct err *err)
{
	int flags = fcntl(STDIN_FILENO, F_GETFL);
	sigset_t none;

	if (flags < 0 || fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_errno(err, "stdin");
	p->loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (p->loop == NULL)
		return err_set(err, "libev finds no way to wait for events");
	if (start_clock(p, err) != 0)
		return -1;
	ev_io_init(&p->on_stdin, on_stdin, STDIN_FILENO, EV_READ);
	ev_timer_init(&p->on_tick, on_tick, 0.001, 0.001);
	ev_signal_init(&p->on_term, on_term, SIGTERM);
	ev_signal_init(&p->on_int, on_term, SIGINT);
	ev_signal_init(&p->on_hup, on_hup, SIGHUP);
	ev_signal_init(&p->on_usr1, on_usr1, SIGUSR1);
	p->on_stdin.data = p->on_tick.data = p->on_term.data = p;
	p->on_int.data = p->on_hup.data = p->on_usr1.data = p;
	ev_io_start(p->loop, &p->on_stdin);
	ev_timer_start(p->loop, &p->on_tick);
	ev_signal_start(p->loop, &p->on_term);
	ev_signal_start(p->loop, &p->on_int);
	ev_signal_start(p->loop, &p->on_hup);
	ev_signal_start(p->loop, &p->on_usr1);
	/* main() had them wait until somebody listens. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	reload_watch_acct(p);
	acct_watch_errands(p);
	sinks_arm(p);
	if (p->kernel_audit != NULL) {
		ev_io_init(&p->on_kernel, on_kernel,
		    kernel_audit_fd(p->kernel_audit), EV_READ);
		p->on_kernel.data = p;
		ev_io_start(p->loop, &p->on_kernel);
	}
	return 0;
}

static int
check_kernel(struct err *err)
{
	struct utsname name;

	if (uname(&name) != 0)
		return err_errno(err, "uname");
	if (kernel_audit_tells_processes(name.release) == 0)
		return err_set(err,
		    "kernel %s: before 4.9 audit records name "
		    "threads, not processes",
		    name.release);
	return 0;
}

static int
start(struct plugin *p, struct err *err)
{
	if (check_kernel(err) != 0)
		return -1;
	p->set = settings_load(p->path, err);
	if (p->set == NULL || start_folders(p->set, err) != 0 ||
	    privileges_drop(p->set, err) != 0)
		return -1;
	p->procfs = procfs_open("/proc", p->set->capabilities.sys_ptrace, err);
	if (p->procfs == NULL || start_identity(p, err) != 0)
		return -1;
	if (start_sinks(p, err) != 0)
		return -1;
	if (start_pipeline(p, err) != 0 || start_sources(p, err) != 0)
		return -1;
	return start_loop(p, err);
}

struct plugin *
plugin_new(const char *path, struct err *err)
{
	struct plugin *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		err_errno(err, "start");
		return NULL;
	}
	p->path = path;
	p->newest_ms = TIME_UNKNOWN;
	p->clock_fd = -1;
	p->drained = true;
	p->mono_ms = plugin_mono_ms();
	if (start(p, err) != 0) {
		plugin_free(p);
		return NULL;
	}
	return p;
}

void
plugin_run(struct plugin *p)
{
	log_info("started, following %s",
	    p->acct == NULL ? "no accounting file"
	    : acct_tail_path(p->acct) == NULL
		? "an accounting file that is not there yet"
		: acct_tail_path(p->acct));
	ev_run(p->loop, 0);
	pipeline_finish(p->pipeline, p->now);
	rules_stop(p);
	kept_stop(p);
	sinks_stop(p);
	kept_stopped(p);
}

void
plugin_free(struct plugin *p)
{
	if (p == NULL)
		return;
	if (p->loop != NULL)
		ev_loop_destroy(p->loop);
	if (p->clock_fd >= 0)
		close(p->clock_fd);
	kernel_audit_close(p->kernel_audit);
	acct_tail_close(p->acct);
	errands_stop(p->errands);
	sinks_close(p);
	kept_free(p);
	pipeline_free(p->pipeline);
	publish_free(p->publish);
	procfs_close(p->procfs);
	settings_free(p->set);
	free(p);
}
