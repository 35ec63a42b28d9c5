/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_random SEED COUNT: makes COUNT events by chance, every field there or
 * not, with bytes of every kind; prints each, one field a line, bytes in
 * hexadecimal, and then what the encoders make of it. tests/encode-roundtrip
 * compares.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "ident.h"

#define LINE_SIZE  (8 << 20)
#define ARENA_SIZE (1 << 20)
#define ARGS_MAX   12
#define LIVES      40 /* events are about few lives, so that descent shows */

static uint64_t state;
static char arena[ARENA_SIZE]; /* of one event's bytes */
static size_t used;

/* xorshift64*, Vigna 2016 */
static uint64_t
any(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

static uint32_t
below(uint32_t n)
{
	return (uint32_t)((any() >> 32) % n);
}

static bool
chance(uint32_t percent)
{
	return below(100) < percent;
}

static void
add(const char *at, size_t len)
{
	if (len > ARENA_SIZE - used)
		abort();
	memcpy(arena + used, at, len);
	used += len;
}

static void
add_byte(unsigned char c)
{
	add((const char *)&c, 1);
}

/* One to six bytes: whole characters, broken ones, and what needs escapes. */
static void
add_piece(void)
{
	static const char *const pieces[] = {"a", "Z", "0", " ", "\"", "\\",
	    "'", "/", "\b", "\f", "\n", "\r", "\t", "\x01", "\x1b[2J", "\x1f",
	    "\x7f", "$(x)", "*", "=", "%", "~", "\xc3\xa9", "\xe2\x82\xac",
	    "\xf0\x9f\x90\xa7", "\xc2\x80", "\xc2\x9b", "\xe2\x80\xae",
	    "\xe2\x80\xa8", "\xef\xbb\xbf", "\xed\x9f\xbf", "\xee\x80\x80",
	    "\xf4\x8f\xbf\xbf", "\xef\xbf\xbd", "\xc0\x80", "\xc1\xbf",
	    "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
	    "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
	    "\xf5\x80\x80\x80", "\x80", "\xbf", "\xc3", "\xe2\x82", "\xe2",
	    "\xf0\x9f\x90", "\xf0\x9f", "\xf0", "\xfe", "\xff",
	    "\xf8\x88\x80\x80\x80"};
	const char *piece = pieces[below(sizeof(pieces) / sizeof(*pieces))];

	if (chance(60))
		add_byte((unsigned char)('a' + below(26)));
	else if (chance(80))
		add(piece, strlen(piece));
	else
		add_byte((unsigned char)(1 + below(255)));
}

/* Bytes of up to about max without mark or NUL; unknown in one of five. */
static struct bytes
some_bytes(uint32_t max, char mark)
{
	size_t start = used;

	if (chance(20))
		return BYTES_NONE;
	for (uint32_t n = below(max); n > 0; n--)
		add_piece();
	for (size_t i = start; i < used; i++)
		if (arena[i] == mark || arena[i] == '\0')
			arena[i] = '-';
	return (struct bytes){arena + start, used - start};
}

static void
print_bytes(const char *name, struct bytes b)
{
	if (b.at == NULL)
		return;
	printf("%s ", name);
	for (size_t i = 0; i < b.len; i++)
		printf("%02x", (unsigned char)b.at[i]);
	putchar('\n');
}

static void
print_u64(const char *name, uint64_t n)
{
	printf("%s %" PRIu64 "\n", name, n);
}

static void
print_time(const char *name, int64_t ms)
{
	if (ms != TIME_UNKNOWN)
		printf("%s %" PRId64 "\n", name, ms);
}

static void
print_id(const char *name, uint32_t id)
{
	if (id != ID_UNSET)
		print_u64(name, id);
}

static void
print_uuid(const char *name, const struct uuid *u)
{
	print_bytes(name, (struct bytes){(const char *)u->b, sizeof(u->b)});
}

/* From 1938 to 2096. */
static int64_t
some_time(void)
{
	return (int64_t)(any() % 5000000000000) - 1000000000000;
}

static int64_t
time_or_unknown(void)
{
	return chance(25) ? TIME_UNKNOWN : some_time();
}

static struct uuid
uuid_of_life(uint64_t n)
{
	static const struct ident nobody;

	return ident_life_ticks(&nobody, 1, n);
}

static uint32_t
some_id(void)
{
	static const uint32_t ids[] = {
	    ID_UNSET, 0, 1, 1000, 65534, INT32_MAX, 2147483648, 4294967294};

	return ids[below(sizeof(ids) / sizeof(*ids))];
}

static uint64_t
some_count(void)
{
	return any() >> (11 + below(53)); /* as exact as JSON readers are */
}

static void
make_process(struct event_process *p, const char *prefix, bool identified)
{
	char name[64];

	p->known = true;
	p->identified = identified;
	p->id = uuid_of_life(below(LIVES));
	p->pid = 1 + (int32_t)below(4194304);
	p->name = some_bytes(8, '\0');
	p->executable = some_bytes(30, '\0');
	p->start_ms = time_or_unknown();
	snprintf(name, sizeof(name), "%s.entity_id", prefix);
	if (identified)
		print_uuid(name, &p->id);
	snprintf(name, sizeof(name), "%s.pid", prefix);
	print_u64(name, (uint64_t)p->pid);
	snprintf(name, sizeof(name), "%s.name", prefix);
	print_bytes(name, p->name);
	snprintf(name, sizeof(name), "%s.executable", prefix);
	print_bytes(name, p->executable);
	snprintf(name, sizeof(name), "%s.start", prefix);
	print_time(name, p->start_ms);
}

static void
make_args(struct args *a)
{
	size_t first = used;

	*a = (struct args){.count = below(ARGS_MAX)};
	printf("args\n");
	for (uint32_t i = 0; i < a->count; i++) {
		size_t start = used;
		(void)some_bytes(chance(2) ? 4000 : 20, '\0');
		print_bytes("arg", (struct bytes){arena + start, used - start});
		add("", 1);
	}
	a->bytes = (struct bytes){arena + first, used - first};
	a->argc = a->count + (chance(20) ? below(1000) : 0);
	a->truncated = chance(20);
	a->redacted_count = chance(20) ? below(5) : 0;
	a->missing_count = chance(20) ? below(20) : 0;
	for (uint32_t i = 0; i < ARGS_MISSING_MAX; i++)
		a->missing[i] = below(100);
	print_u64("argc", a->argc);
	print_u64("truncated", a->truncated);
	print_u64("redacted", a->redacted_count);
	print_u64("missing_count", a->missing_count);
	for (uint32_t i = 0; i < a->missing_count && i < ARGS_MISSING_MAX; i++)
		print_u64("missing", a->missing[i]);
}

static void
make_creds(struct creds *c)
{
	*c = (struct creds){some_id(), some_id(), some_id(), some_id(),
	    some_id(), some_id(), some_id(), some_id()};
	print_id("uid", c->uid);
	print_id("euid", c->euid);
	print_id("suid", c->suid);
	print_id("gid", c->gid);
	print_id("egid", c->egid);
	print_id("sgid", c->sgid);
	print_id("auid", c->auid);
	print_id("session", c->session);
}

static void
make_keys(struct event *ev)
{
	uint32_t n = chance(50) ? 0 : 1 + below(3);
	size_t first = used;

	for (uint32_t i = 0; i < n; i++) {
		size_t start = used;
		if (i > 0)
			add_byte(KEY_SEPARATOR);
		start = used;
		(void)some_bytes(8, KEY_SEPARATOR);
		add_byte('k');
		print_bytes("key", (struct bytes){arena + start, used - start});
	}
	if (n > 0)
		ev->key = (struct bytes){arena + first, used - first};
}

static void
make_end(struct event_end *end)
{
	static const char *const kinds[] = {
	    "exit", "signal", "vanished", "restart"};

	*end = (struct event_end){.kind = below(4)};
	printf("end %s\n", kinds[end->kind]);
	end->has_status = end->kind <= END_SIGNAL;
	if (end->kind == END_EXIT)
		end->status = below(256) << 8;
	else if (end->kind == END_SIGNAL)
		end->status = (1 + below(127)) | (chance(50) ? 0x80 : 0);
	end->certain = chance(80);
	end->core_known = chance(50);
	end->has_usage = chance(50);
	if (end->has_status) {
		print_u64("status", end->status);
		print_u64("certain", end->certain);
		print_u64("core_known", end->core_known);
	}
	if (!end->has_usage)
		return;
	end->user_ms = some_count();
	end->system_ms = some_count();
	end->elapsed_ms = some_count();
	end->vm_size_kb = some_count();
	end->minor_faults = some_count();
	end->major_faults = some_count();
	printf("usage %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
	       " %" PRIu64 "\n",
	    end->user_ms, end->system_ms, end->elapsed_ms, end->vm_size_kb,
	    end->minor_faults, end->major_faults);
}

static void
make_life(struct event *ev, struct args *args)
{
	static const char *const starts[] = {
	    "observed", "inferred", "snapshot"};

	ev->id = ident_event(
	    &ev->process.id, ev->action, (struct stamp){ev->time_ms, below(9)});
	print_uuid("id", &ev->id);
	make_process(&ev->process, "process", true);
	if (chance(80))
		make_process(&ev->parent, "process.parent", chance(80));
	ev->start =
	    ev->action == EVENT_ALREADY_RUNNING ? START_SNAPSHOT : below(3);
	printf("start %s\n", starts[ev->start]);
	make_creds(&ev->creds);
	if (chance(50)) {
		ev->tty.major = chance(50) ? TTY_PTS_MAJOR : 1 + below(4095);
		ev->tty.minor = below(1048576);
		print_u64("major", ev->tty.major);
		print_u64("minor", ev->tty.minor);
	}
	if (chance(60)) {
		make_args(args);
		ev->args = args;
	}
	ev->cwd = some_bytes(30, '\0');
	print_bytes("cwd", ev->cwd);
	ev->script = some_bytes(30, '\0');
	print_bytes("script", ev->script);
	make_keys(ev);
	ev->threads = chance(20) ? below(10) : 0;
	print_u64("threads", ev->threads);
	if (ev->action == EVENT_EXEC) {
		ev->exec_error = chance(30) ? (int)below(200) : 0;
		print_u64("exec_error", (uint64_t)ev->exec_error);
	}
	if (ev->action == EVENT_END)
		make_end(&ev->end);
}

static void
make_loss(struct event_loss *loss)
{
	static const char *const details[] = {
	    NULL, "", "plain", "the node \"\xe2\x82\xac\"", "\x1b[31m\xff"};

	*loss = (struct event_loss){
	    .source = below(LOSS_SOURCES),
	    .counted = chance(50),
	    .count = some_count(),
	    .since_ms = time_or_unknown(),
	    .until_ms = time_or_unknown(),
	    .detail = details[below(5)],
	};
	print_u64("source", loss->source);
	if (loss->counted)
		print_u64("count", loss->count);
	print_time("since", loss->since_ms);
	print_time("until", loss->until_ms);
	print_bytes("detail", bytes_of(loss->detail));
}

static void
make_heartbeat(struct event_heartbeat *h)
{
	*h = (struct event_heartbeat){
	    .last_serial = chance(50) ? below(UINT32_MAX) : 0,
	    .lag_ms = chance(50) ? TIME_UNKNOWN : some_time(),
	    .records = some_count(),
	    .events_assembled = some_count(),
	    .facts = some_count(),
	    .events = some_count(),
	    .lives = some_count(),
	    .losses = some_count(),
	    .acct_on = chance(50),
	};
	print_u64("last_serial", h->last_serial);
	print_time("lag_ms", h->lag_ms);
	printf("counters %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
	       " %" PRIu64 " %" PRIu64 "\n",
	    h->records, h->events_assembled, h->facts, h->events, h->lives,
	    h->losses);
	print_u64("acct_on", h->acct_on);
}

static void
make_event(struct event *ev, struct args *args)
{
	static const char *const actions[] = {
	    "fork", "exec", "end", "already_running", "loss", "heartbeat"};

	*ev = (struct event){.action = below(6), .time_ms = some_time()};
	used = 0;
	printf("action %s\n", actions[ev->action]);
	print_time("time", ev->time_ms);
	ev->sources = 1 + below(7);
	print_u64("sources", ev->sources);
	ev->nserials = below(EVENT_SERIALS_MAX + 1);
	for (unsigned i = 0; i < ev->nserials; i++) {
		ev->serials[i] = (uint32_t)any();
		print_u64("serial", ev->serials[i]);
	}
	if (ev->action == EVENT_LOSS)
		make_loss(&ev->loss);
	else if (ev->action == EVENT_HEARTBEAT)
		make_heartbeat(&ev->heartbeat);
	else
		make_life(ev, args);
}

static void
make_envelope(struct envelope *env, uint64_t sequence)
{
	sequence += chance(10) ? INT32_MAX : 0;
	*env = (struct envelope){
	    .version = chance(90) ? "0.1.0" : NULL,
	    .live = chance(50),
	    .agent_id = uuid_of_life(any()),
	    .ephemeral_id = uuid_of_life(any()),
	    .created_ms = some_time(),
	    .sequence = sequence,
	    .hostname = chance(70) ? "h\xc3\xb6st \"1\"" : NULL,
	    .host_id = chance(70) ? "0123456789abcdef0123456789abcdef" : NULL,
	    .boot_id = chance(70) ? "boot" : NULL,
	};
	print_u64("sequence", sequence);
	print_uuid("ephemeral_id", &env->ephemeral_id);
	if (env->live) {
		print_uuid("agent_id", &env->agent_id);
		print_time("created", env->created_ms);
	}
	print_bytes("version", bytes_of(env->version));
	print_bytes("hostname", bytes_of(env->hostname));
	print_bytes("host_id", bytes_of(env->host_id));
	print_bytes("boot_id", bytes_of(env->boot_id));
}

/* What an encoder made, each line of it named. */
static void
print_lines(const char *name, const struct text *t)
{
	const char *at = t->buf, *end = t->buf + t->len;

	if (!text_ok(t))
		abort();
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL)
			abort();
		printf("%s ", name);
		fwrite(at, 1, (size_t)(stop + 1 - at), stdout);
		at = stop + 1;
	}
}

int
main(int argc, char **argv)
{
	static char line[LINE_SIZE];
	struct encode_text *x = encode_text_new();

	if (argc != 3 || x == NULL)
		return 2;
	state = strtoull(argv[1], NULL, 10) + 1;
	uint64_t count = strtoull(argv[2], NULL, 10);
	for (uint64_t i = 1; i <= count; i++) {
		struct event ev;
		struct args args;
		struct envelope env;
		struct text t;

		make_event(&ev, &args);
		make_envelope(&env, i);
		text_init(&t, line, sizeof(line));
		encode_ecs(&t, &ev, &env);
		print_lines("ecs", &t);
		text_init(&t, line, sizeof(line));
		encode_ocsf(&t, &ev, &env);
		print_lines("ocsf", &t);
		text_init(&t, line, sizeof(line));
		encode_text(x, &t, &ev, &env);
		print_lines("text", &t);
		printf("\n");
	}
	encode_text_free(x);
	return fflush(stdout) == 0 ? 0 : 1;
}
