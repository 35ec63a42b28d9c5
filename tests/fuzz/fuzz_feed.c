/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of an event's records. The first byte says of what kind it is,
 * the first byte of each line which record that is: what assemble makes sure
 * of is right, the rest is the input's.
 */
#include "feed.h"

#include <signal.h>
#include <string.h>

#include "fuzz.h"

#define ROOM   (1 << 16)
#define LIMITS (sizeof(limits) / sizeof(limits[0]))

static const size_t limits[] = {0, 1, 9, 64, 100000};

struct seen {
	unsigned facts;
	size_t args_max;
	uint64_t good; /* facts that were exactly the known event's */
};

static void
check_args(const struct args *a, size_t max)
{
	uint32_t ends = 0;

	check(a->bytes.len <= max);
	for (size_t i = 0; i < a->bytes.len; i++)
		ends += a->bytes.at[i] == '\0';
	check(a->count == ends);
	if (a->bytes.len > 0)
		check(a->bytes.at[a->bytes.len - 1] == '\0');
	if (a->bytes.at != NULL && a->count < a->argc)
		check(a->truncated);
	for (uint32_t i = 0; i < a->missing_count && i < ARGS_MISSING_MAX; i++)
		check(a->missing[i] < a->count);
}

static void
check_exec(const struct fact *fact, size_t max)
{
	const struct fact_exec *e = &fact->exec;

	check_args(&e->args, max);
	check(e->error >= 0 && e->error < 4096);
	check(!e->success || e->error == 0);
	check(e->script.at == NULL || e->args.bytes.at != NULL);
}

static void
on_fact(void *ctx, const struct fact *fact)
{
	struct seen *s = ctx;

	s->facts++;
	check(fact->at.ms == 1002 && fact->at.serial == 3 && fact->pid > 0);
	check(fact->ppid >= -1);
	switch (fact->kind) {
	case FACT_BIRTH:
		check(fact->birth.child > 0);
		break;
	case FACT_EXEC:
		check_exec(fact, s->args_max);
		break;
	case FACT_EXIT:
		check(fact->reboot == 0 || fact->reboot == SIGHUP ||
		      fact->reboot == SIGINT);
		/* fallthrough */
	case FACT_EXIT_GROUP:
		check(fact->code >= 0 && fact->code <= 255);
		if (fact->pid == 4711 && fact->ppid == 815 && fact->code == 9 &&
		    bytes_equal(fact->comm, BYTES_LITERAL("good")) &&
		    fact->exe.at == NULL && fact->creds.uid == 5 &&
		    fact->creds.gid == ID_UNSET)
			s->good++;
		break;
	case FACT_ABEND:
		check(fact->signal > 0 && fact->signal <= 64);
		break;
	case FACT_NAMESPACE:
		break;
	default:
		abort();
	}
}

/* Whatever came before, this event must come out whole and alone. */
static void
check_good(struct feed *f, struct seen *s)
{
	static const char good[] =
	    "type=SYSCALL msg=audit(1.002:3): arch=c000003e syscall=231 a0=9 "
	    "ppid=815 pid=4711 uid=5 comm=\"good\"\n";
	const struct assemble_event ev = {.what = ASSEMBLE_SYSCALL,
	    .kind = SYSCALL_EXIT_GROUP,
	    .at = {1002, 3},
	    .records = {good, sizeof(good) - 1}};
	uint64_t unusable = feed_unusable(f);

	s->facts = 0;
	s->good = 0;
	feed_event(f, &ev);
	check(s->facts == 1 && s->good == 1);
	check(feed_unusable(f) == unusable);
}

static size_t
put_line(char *to, const uint8_t *line, size_t len)
{
	static const char *const types[] = {
	    "SYSCALL", "EXECVE", "CWD", "PATH", "ANOM_ABEND"};
	static const char stamp[] = " msg=audit(1.002:3): ";
	const char *type = types[len > 0 ? line[0] % 5 : 0];
	size_t n = 0;

	memcpy(to, "type=", 5);
	n += 5;
	memcpy(to + n, type, strlen(type));
	n += strlen(type);
	memcpy(to + n, stamp, sizeof(stamp) - 1);
	n += sizeof(stamp) - 1;
	for (size_t i = 1; i < len; i++)
		if (line[i] != '\0' && line[i] != 0x1d)
			to[n++] = (char)line[i];
	to[n++] = '\n';
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct feed *feed[LIMITS];
	static struct seen seen[LIMITS];
	static char text[ROOM];
	size_t which = size > 0 ? data[0] / 20 % LIMITS : 0, len = 0;
	struct assemble_event ev = {.at = {1002, 3}};
	struct err err;

	if (feed[which] == NULL) {
		seen[which].args_max = limits[which];
		feed[which] =
		    feed_new(limits[which], on_fact, &seen[which], &err);
		check(feed[which] != NULL);
	}
	if (size < 2 || size > ROOM / 64)
		return 0;
	ev.what = data[0] % 11 == 0 ? ASSEMBLE_ABEND : ASSEMBLE_SYSCALL;
	ev.kind = (enum syscall_kind)(data[0] % 11);
	ev.incomplete = data[0] / 10 % 2 != 0;
	ev.cut = ev.incomplete && data[0] / 20 % 2 != 0;
	for (const uint8_t *at = data + 1, *end = data + size; at < end;) {
		const uint8_t *nl = memchr(at, '\n', (size_t)(end - at));

		nl = nl == NULL ? end : nl;
		len += put_line(text + len, at, (size_t)(nl - at));
		at = nl + 1;
	}
	ev.records = (struct bytes){text, len};
	seen[which].facts = 0;
	feed_event(feed[which], &ev);
	check(seen[which].facts <= 1);
	check_good(feed[which], &seen[which]);
	return 0;
}
