/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proclife replay - reconciles saved audit logs and accounting files.
 *
 * Time is the logs' own: nothing here depends on when or where it runs, so
 * that the same input gives the same bytes.
 */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "acct_record.h"
#include "dates.h"
#include "order.h"
#include "pipeline.h"
#include "publish.h"
#include "record.h"
#include "span.h"
#include "syscalls.h"
#include "unread.h"

#define PROGRESS_WIDTH 40
#define READ_SIZE      65536
#define WRITE_SIZE     (256 * 1024)

#define BOOK_FILES_MAX 64

/* The accounting files, one after another, as their records fall due. */
struct book {
	const char *path[BOOK_FILES_MAX];
	size_t nfiles, next; /* next: the file to open after this one */
	gzFile in;           /* NULL: none is open */
	size_t len, at;      /* bytes in buf, and of these used */
	uint64_t offset;     /* of buf in all files together */
	bool turned;         /* what buf holds is of another file */
	bool found;          /* the record there was read: */
	struct fact fact;
	unsigned char buf[READ_SIZE];
};

struct log_file {
	const char *path;
	int64_t first_ms;
	int order; /* on the command line */
};

struct replay {
	struct settings *set;
	struct ident ident;
	const char *host_id, *boot_id;
	enum event_format format;
	struct book book;
	struct log_file *logs;
	size_t nlogs;
	struct syscalls *sc;
	struct dates *dates;
	struct unread *unread;
	struct order *order;
	struct pipeline *pipeline;
	struct publish *publish;
	int64_t now;       /* grows with the stream's time */
	int64_t ticked;    /* what it was when time passed last */
	int64_t newest_ms; /* stamp that now stands for */
	int64_t ahead_ms;  /* the newest stamp that was read ahead */
	bool moved;        /* records may have fallen due since the last look */
	bool failed;       /* stdout took no more */
	uint64_t untold;   /* events that no line can hold */
	uint64_t lost;     /* records for which there was no memory */
	off_t total, done; /* bytes of the logs, for the bar */
	int percent;       /* shown; -1: no bar */
};

static const char usage[] =
    "usage: proclife replay [--acct FILE]... [--host-id ID] [--boot-id ID]\n"
    "                       [--format ecs|ocsf|text] AUDITLOG...\n"
    "Reconciles saved audit logs (plain or .gz, - for stdin) and prints the\n"
    "lives they tell of. Logs are read in the order of their first records.\n";

/* Accounting. */

static int
book_add(struct book *b, const char *path)
{
	if (access(path, R_OK) != 0)
		return -1;
	if (b->nfiles == BOOK_FILES_MAX) {
		errno = E2BIG;
		return -1;
	}
	b->path[b->nfiles++] = path;
	return 0;
}

static void
book_close(struct book *b)
{
	if (b->in != NULL)
		gzclose_r(b->in);
	b->in = NULL;
}

/* Keeps what is unused and reads on; false: there is no more. */
static bool
book_fill(struct book *b)
{
	int n = 0;

	memmove(b->buf, b->buf + b->at, b->len - b->at);
	b->offset += b->at;
	b->len -= b->at;
	b->at = 0;
	while (n <= 0) {
		if (b->in == NULL) {
			if (b->next == b->nfiles)
				return false;
			b->in = gzopen(b->path[b->next++], "rbe");
			b->turned = true;
		}
		if (b->in != NULL)
			n = gzread(b->in, b->buf + b->len,
			    (unsigned)(READ_SIZE - b->len));
		if (n <= 0)
			book_close(b);
	}
	b->len += (size_t)n;
	return true;
}

/* Looks for the record that comes next; skips what is none. */
static bool
book_find(struct book *b)
{
	for (;;) {
		if (b->len - b->at < ACCT_RECORD_SIZE) {
			if (!book_fill(b))
				return false;
			continue;
		}
		if (acct_record_decode(b->buf + b->at, &b->fact) == ACCT_OK) {
			b->fact.acct.offset = b->offset + b->at;
			return true;
		}
		b->at += 1 + acct_record_resync(
				 b->buf + b->at + 1, b->len - b->at - 1);
	}
}

/* The record that comes next, until it is added; NULL: there is none. What was
 * added before may be the last one of another file. */
static const struct fact *
next_record(struct replay *r)
{
	struct book *b = &r->book;

	if (!b->found)
		b->found = book_find(b);
	if (b->turned)
		dates_turn(r->dates);
	b->turned = false;
	return b->found ? &b->fact : NULL;
}

static void
add_record(struct replay *r, const struct fact *fact)
{
	r->book.at += ACCT_RECORD_SIZE;
	r->book.found = false;
	r->moved = true;
	if (!dates_add(r->dates, fact))
		r->lost++;
}

/* As far as the stream was read ahead. */
static void
read_book(struct replay *r)
{
	const struct fact *fact;

	while ((fact = next_record(r)) != NULL && dates_is_near(r->dates, fact))
		add_record(r, fact);
}

/*
 * Hands on the records that may have been written by now, as they are read
 * live: before the stream tells all that their processes did. all: the rest,
 * too.
 */
static void
take_due(struct replay *r, bool all)
{
	struct fact fact;

	while (dates_take(r->dates, r->newest_ms, all, &fact)) {
		if (fact.acct.read_ms == TIME_UNKNOWN)
			fact.acct.read_ms = span_record_until(&fact.acct) +
					    r->set->reconcile.lateness_ms;
		pipeline_fact(r->pipeline, &fact, r->now);
	}
}

/* What is of later than the stream, one by one. */
static void
take_rest(struct replay *r)
{
	const struct fact *fact;

	take_due(r, true);
	while ((fact = next_record(r)) != NULL) {
		add_record(r, fact);
		take_due(r, true);
	}
}

/* Events out. */

static void
on_line(void *ctx, const struct sink_line *line)
{
	struct replay *r = ctx;

	if (fwrite(line->text.at, 1, line->text.len, stdout) != line->text.len)
		r->failed = true;
}

static void
on_event(void *ctx, const struct event *ev)
{
	struct replay *r = ctx;
	struct event dated = *ev;

	if (ev->time_ms == TIME_UNKNOWN)
		dated.time_ms = 0; /* no record, and so no time, at all */
	if (!publish_event(r->publish, &dated, TIME_UNKNOWN))
		r->untold++;
}

/* The stream's time drives the clock; a step back does not. */
static int64_t
on_heard(void *ctx, int64_t ms, int64_t now)
{
	struct replay *r = ctx;

	(void)now;
	if (r->newest_ms != TIME_UNKNOWN && ms > r->newest_ms)
		r->now += ms - r->newest_ms;
	if (ms > r->newest_ms) {
		r->newest_ms = ms;
		r->moved = true;
	}
	return r->now;
}

static void
on_boot(void *ctx, int64_t ms)
{
	struct replay *r = ctx;

	take_due(r, false);
	r->boot_id = NULL;
	publish_set_boot(r->publish, NULL);
	ident_init(&r->ident, r->host_id, NULL);
	pipeline_new_boot(r->pipeline, &r->ident, ms, r->now);
}

/* Logs in. */

/* The stamp of the first record in a file; TIME_UNKNOWN: none. */
static int64_t
first_stamp(const char *path)
{
	gzFile in = gzopen(path, "rbe");
	char line[4096];
	int64_t ms = TIME_UNKNOWN;

	if (in == NULL)
		return ms;
	while (ms == TIME_UNKNOWN && gzgets(in, line, sizeof(line)) != NULL) {
		const char *at = strstr(line, "msg=audit(");
		long long s;
		int milli;

		if (at != NULL &&
		    sscanf(at, "msg=audit(%18lld.%3d:", &s, &milli) == 2)
			ms = s * 1000 + milli;
	}
	gzclose_r(in);
	return ms;
}

static int
by_first_stamp(const void *a, const void *b)
{
	const struct log_file *x = a, *y = b;

	if (x->first_ms != y->first_ms)
		return x->first_ms < y->first_ms ? -1 : 1;
	return x->order - y->order;
}

static void
show_progress(struct replay *r, gzFile in, bool end)
{
	off_t at;
	int percent, n;

	if (r->percent < 0)
		return;
	at = r->done + (in != NULL ? gzoffset(in) : 0);
	percent = r->total > 0 ? (int)(at * 100 / r->total) : 0;
	if (percent == r->percent && !end)
		return;
	n = percent * PROGRESS_WIDTH / 100;
	r->percent = percent;
	fprintf(stderr, "\r[%.*s%*s] %3d%%%s", n,
	    "########################################", PROGRESS_WIDTH - n, "",
	    percent, end ? "\n" : "");
}

static bool
may_be_thread(const struct record *rec, uint32_t arch, enum syscall_kind kind)
{
	uint64_t a0, a1;

	if (kind != SYSCALL_CLONE)
		return kind == SYSCALL_CLONE3;
	return !record_argument(rec, 0, &a0) || !record_argument(rec, 1, &a1) ||
	       syscalls_clone_thread(syscalls_clone_flags(arch, a0, a1));
}

/* What a call says of when accounting's records were written. */
static void
note_call(struct replay *r, const struct record *rec)
{
	int32_t pid = record_pid(rec);
	enum syscall_kind kind;
	uint32_t arch, number;
	uint64_t n;

	if (pid <= 0 || !record_call(rec, &arch, &number))
		return;
	kind = syscalls_kind(r->sc, arch, (int)number);
	switch (kind) {
	case SYSCALL_EXIT:
	case SYSCALL_EXIT_GROUP:
		if (record_argument(rec, 0, &n))
			dates_exit(r->dates, pid, rec->at, (uint8_t)n);
		break;
	case SYSCALL_FORK:
	case SYSCALL_VFORK:
	case SYSCALL_CLONE:
	case SYSCALL_CLONE3:
		dates_act(
		    r->dates, pid, rec->at, may_be_thread(rec, arch, kind));
		if (record_result(rec, &n) && n > 0 && n <= INT32_MAX)
			dates_birth(r->dates, (int32_t)n, rec->at);
		break;
	case SYSCALL_EXEC:
		dates_act(r->dates, pid, rec->at, false);
		break;
	default:
		break;
	}
}

static bool
on_record(void *ctx, struct record *rec)
{
	struct replay *r = ctx;

	return unread_shorten(r->unread, rec);
}

static void
on_ahead(void *ctx, const struct order_line *line)
{
	struct replay *r = ctx;

	if (line == NULL) {
		dates_end(r->dates);
		r->moved = true;
	} else if (line->record != NULL) {
		dates_hear(r->dates, line->record->at);
		if (line->record->at.ms > r->ahead_ms) {
			r->ahead_ms = line->record->at.ms;
			r->moved = true;
		}
		if (line->record->kind == RECORD_SYSCALL)
			note_call(r, line->record);
	}
	read_book(r);
}

/* A line that is no record of the kernel's: the assembler says what it is. */
static void
take_text(struct replay *r, struct bytes rest)
{
	while (rest.len > 0) {
		size_t room;
		char *to = pipeline_room(r->pipeline, &room);

		if (room > rest.len)
			room = rest.len;
		memcpy(to, rest.at, room);
		pipeline_take(r->pipeline, room, r->now);
		rest.at += room;
		rest.len -= room;
	}
}

/* Its time comes before that of the next one. */
static void
on_ordered(void *ctx, const struct order_line *line)
{
	struct replay *r = ctx;

	if (line->record != NULL)
		pipeline_record(r->pipeline, line->record, r->now);
	else
		take_text(r, line->text);
	if (r->moved)
		take_due(r, false);
	r->moved = false;
	if (r->now != r->ticked)
		pipeline_tick(r->pipeline, r->now);
	r->ticked = r->now;
}

static int
read_log(struct replay *r, gzFile in)
{
	static char buf[READ_SIZE];
	int n;

	while ((n = gzread(in, buf, sizeof(buf))) > 0) {
		order_take(r->order, (struct bytes){buf, (size_t)n});
		show_progress(r, in, false);
	}
	order_end_file(r->order);
	return n;
}

static int
replay_log(struct replay *r, const struct log_file *log)
{
	bool is_stdin = strcmp(log->path, "-") == 0;
	gzFile in = is_stdin ? gzdopen(dup(STDIN_FILENO), "rb")
			     : gzopen(log->path, "rbe");
	int err = 0, status;

	if (in == NULL) {
		fprintf(stderr, "proclife replay: %s: %s\n", log->path,
		    strerror(errno));
		return -1;
	}
	status = read_log(r, in);
	if (status < 0)
		fprintf(stderr, "proclife replay: %s: %s\n", log->path,
		    gzerror(in, &err));
	gzclose_r(in);
	return status;
}

/* Command line. */

static int
parse_format(struct replay *r, const char *name)
{
	if (strcmp(name, "ecs") == 0)
		r->format = FORMAT_ECS;
	else if (strcmp(name, "ocsf") == 0)
		r->format = FORMAT_OCSF;
	else if (strcmp(name, "text") == 0)
		r->format = FORMAT_TEXT;
	else
		return -1;
	return 0;
}

static int
bad_usage(const char *what, const char *arg)
{
	fprintf(stderr, "proclife replay: %s%s\n%s", what, arg, usage);
	return CMD_USAGE;
}

/* -1: go on; else the exit status. */
static int
parse_options(struct replay *r, int argc, char **argv)
{
	static const struct option options[] = {
	    {"acct", required_argument, NULL, 'a'},
	    {"host-id", required_argument, NULL, 'H'},
	    {"boot-id", required_argument, NULL, 'B'},
	    {"format", required_argument, NULL, 'f'},
	    {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int opt;

	while ((opt = getopt_long(argc, argv, "a:f:h", options, NULL)) != -1) {
		switch (opt) {
		case 'a':
			if (book_add(&r->book, optarg) == 0)
				break;
			fprintf(stderr, "proclife replay: %s: %s\n", optarg,
			    errno != 0 ? strerror(errno) : "cannot be read");
			return EXIT_FAILURE;
		case 'H':
			r->host_id = optarg;
			break;
		case 'B':
			r->boot_id = optarg;
			break;
		case 'f':
			if (parse_format(r, optarg) != 0)
				return bad_usage("no such format: ", optarg);
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return CMD_USAGE;
		}
	}
	if (optind == argc)
		return bad_usage("no audit log given", "");
	return -1;
}

static int
list_logs(struct replay *r, int argc, char **argv)
{
	r->nlogs = (size_t)(argc - optind);
	r->logs = calloc(r->nlogs, sizeof(*r->logs));
	if (r->logs == NULL)
		return -1;
	for (size_t i = 0; i < r->nlogs; i++) {
		struct log_file *log = &r->logs[i];
		struct stat st;

		log->path = argv[(size_t)optind + i];
		log->order = (int)i;
		log->first_ms = INT64_MAX; /* stdin comes last */
		if (strcmp(log->path, "-") == 0)
			continue;
		log->first_ms = first_stamp(log->path);
		if (stat(log->path, &st) == 0)
			r->total += st.st_size;
	}
	qsort(r->logs, r->nlogs, sizeof(*r->logs), by_first_stamp);
	return 0;
}

/* On a terminal events are told at once, elsewhere many at a time. */
static void
set_up_output(void)
{
	static char buf[WRITE_SIZE];

	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, buf, _IOFBF, sizeof(buf));
}

static int
set_up(struct replay *r)
{
	static const struct pipeline_ops ops = {.replay = true,
	    .event = on_event,
	    .heard = on_heard,
	    .boot = on_boot};
	static const struct order_ops order_ops = {
	    .shorten = on_record, .ahead = on_ahead, .line = on_ordered};
	struct order_settings order = {.ahead_ms = DATES_AHEAD_MS};
	struct envelope env = {.version = PACKAGE_VERSION,
	    .live = false,
	    .host_id = r->host_id,
	    .boot_id = r->boot_id};
	const struct publish_variant all = {r->format, PUBLISH_LINE_MAX};
	struct err err;

	r->set = settings_load(NULL, &err);
	if (r->set == NULL) {
		fprintf(stderr, "proclife replay: %s\n", err.text);
		return -1;
	}
	ident_init(&r->ident, r->host_id, r->boot_id);
	env.ephemeral_id = r->ident.boot; /* losses of another boot differ */
	r->publish = publish_new(&env, &all, 1, on_line, r);
	order.node = r->set->node;
	order.lateness_ms = r->set->reconcile.lateness_ms;
	r->order = order_new(&order, &order_ops, r);
	r->dates = dates_new();
	r->sc = syscalls_new();
	r->unread = unread_new(r->sc);
	r->pipeline = pipeline_new(r->set, &r->ident, &ops, r, &err);
	if (r->publish == NULL || r->order == NULL || r->dates == NULL ||
	    r->sc == NULL || r->unread == NULL || r->pipeline == NULL) {
		fprintf(stderr, "proclife replay: %s\n",
		    r->pipeline != NULL ? strerror(ENOMEM) : err.text);
		return -1;
	}
	reconcile_acct_on(pipeline_reconcile(r->pipeline), r->book.nfiles > 0);
	reconcile_reboots_told(
	    pipeline_reconcile(r->pipeline), true, TIME_UNKNOWN);
	set_up_output();
	r->percent = isatty(STDERR_FILENO) && r->total > 0 ? 0 : -1;
	return 0;
}

static int
replay(struct replay *r)
{
	int status = EXIT_SUCCESS;

	for (size_t i = 0; i < r->nlogs && !r->failed; i++) {
		struct stat st;

		if (replay_log(r, &r->logs[i]) < 0)
			status = EXIT_FAILURE;
		if (stat(r->logs[i].path, &st) == 0)
			r->done += st.st_size;
	}
	order_finish(r->order);
	/* what the log's last records tell comes before their ends */
	assemble_finish(pipeline_assemble(r->pipeline), r->now);
	take_rest(r);
	pipeline_finish(r->pipeline, r->now);
	show_progress(r, NULL, true);
	if (order_late(r->order) > 0)
		fprintf(stderr,
		    "proclife replay: %" PRIu64 " lines came more than %" PRId64
		    " ms after those they belong before\n",
		    order_late(r->order), r->set->reconcile.lateness_ms);
	if (r->lost > 0) {
		fprintf(stderr,
		    "proclife replay: no memory for %" PRIu64
		    " accounting records\n",
		    r->lost);
		status = EXIT_FAILURE;
	}
	if (r->untold > 0) {
		fprintf(stderr,
		    "proclife replay: %" PRIu64 " events too long for a line\n",
		    r->untold);
		status = EXIT_FAILURE;
	}
	if (fflush(stdout) != 0 || r->failed) {
		fprintf(
		    stderr, "proclife replay: stdout: %s\n", strerror(errno));
		status = EXIT_FAILURE;
	}
	return status;
}

int
cmd_replay(int argc, char **argv)
{
	struct replay r = {.newest_ms = TIME_UNKNOWN, .format = FORMAT_ECS};
	int status = parse_options(&r, argc, argv);

	if (status < 0) {
		status = EXIT_FAILURE;
		if (list_logs(&r, argc, argv) == 0 && set_up(&r) == 0)
			status = replay(&r);
	}
	order_free(r.order);
	dates_free(r.dates);
	unread_free(r.unread);
	syscalls_free(r.sc);
	pipeline_free(r.pipeline);
	publish_free(r.publish);
	settings_free(r.set);
	book_close(&r.book);
	free(r.logs);
	return status;
}
