/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <string.h>

#include "digits.h"
#include "split.h"

/* auditd puts it before what it adds to an enriched record (libaudit.h,
 * AUDIT_INTERP_SEPARATOR); everything from there on is dropped. */
#define ENRICHMENT 0x1d

/* The last second of the year 9999: what is later can't be told as a time. */
#define SECONDS_MAX INT64_C(253402300799)

static bool
starts(struct bytes b, struct bytes prefix)
{
	return b.len >= prefix.len && memcmp(b.at, prefix.at, prefix.len) == 0;
}

#define STARTS(b, literal) starts((b), BYTES_LITERAL(literal))

static bool
ends(struct bytes b, struct bytes suffix)
{
	return b.len >= suffix.len &&
	       memcmp(b.at + b.len - suffix.len, suffix.at, suffix.len) == 0;
}

#define ENDS(b, literal) ends((b), BYTES_LITERAL(literal))

/* Takes prefix off *b; false: it does not start with it. */
static bool
skip(struct bytes *b, struct bytes prefix)
{
	if (!starts(*b, prefix))
		return false;
	b->at += prefix.len;
	b->len -= prefix.len;
	return true;
}

#define SKIP(b, literal) skip((b), BYTES_LITERAL(literal))

/* Takes a decimal number of at most 18 digits, and the stop behind it. */
static bool
number(struct bytes *b, char stop, int64_t *out)
{
	uint64_t n;
	size_t len = digits_decimal(*b, &n);

	if (len == 0 || len > 18 || len == b->len || b->at[len] != stop)
		return false;
	*out = (int64_t)n;
	b->at += len + 1;
	b->len -= len + 1;
	return true;
}

static enum record_kind
kind_of(struct bytes type, struct bytes fields)
{
	static const struct {
		struct bytes name;
		enum record_kind kind;
	} types[] = {
	    {{"SYSCALL", 7}, RECORD_SYSCALL},
	    {{"PATH", 4}, RECORD_PATH},
	    {{"CWD", 3}, RECORD_CWD},
	    {{"EXECVE", 6}, RECORD_EXECVE},
	    {{"PROCTITLE", 9}, RECORD_PROCTITLE},
	    {{"EOE", 3}, RECORD_EOE},
	    {{"ANOM_ABEND", 10}, RECORD_ABEND},
	    {{"SECCOMP", 7}, RECORD_SECCOMP},
	    {{"CONFIG_CHANGE", 13}, RECORD_CONFIG},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (type.len != types[i].name.len ||
		    memcmp(type.at, types[i].name.at, type.len) != 0)
			continue;
		if (types[i].kind == RECORD_PATH && !STARTS(fields, "item=0 "))
			return RECORD_OTHER;
		/* SECCOMP_RET_KILL_THREAD, or strict mode: kernel/seccomp.c */
		if (types[i].kind == RECORD_SECCOMP &&
		    !ENDS(fields, " code=0x0"))
			return RECORD_OTHER;
		return types[i].kind;
	}
	if (STARTS(type, "DAEMON_START"))
		return RECORD_DAEMON_START;
	return STARTS(type, "DAEMON_") ? RECORD_DAEMON : RECORD_OTHER;
}

/* Leaves out what nobody reads. */
static void
shorten(struct record *rec)
{
	struct bytes rest = rec->fields, item, name;

	switch (rec->kind) {
	case RECORD_SYSCALL:
	case RECORD_EXECVE:
	case RECORD_CWD:
	case RECORD_ABEND:
	case RECORD_SECCOMP:
	case RECORD_CONFIG:
		return;
	case RECORD_PATH:
		if (!split_ended(&rest, ' ', &item) || !STARTS(rest, "name=") ||
		    !split_ended(&rest, ' ', &name))
			return;
		break;
	default:
		break;
	}
	rec->fields.len = (size_t)(rest.at - rec->fields.at);
	rec->line.len = (size_t)(rest.at - rec->line.at);
}

/* SECONDS.MILLI:SERIAL) */
static bool
take_stamp(struct bytes *b, struct stamp *at)
{
	int64_t s, ms, serial;

	if (!number(b, '.', &s) || s > SECONDS_MAX || !number(b, ':', &ms) ||
	    ms > 999 || !number(b, ')', &serial) || serial > UINT32_MAX)
		return false;
	*at = (struct stamp){s * 1000 + ms, (uint32_t)serial};
	return true;
}

/* [node=N ]type=T msg=audit(SECONDS.MILLI:SERIAL): FIELDS */
bool
record_parse(struct bytes line, struct record *rec)
{
	struct bytes rest = line, type;
	const char *cut = memchr(line.at, ENRICHMENT, line.len);

	if (memchr(line.at, '\0', line.len) != NULL)
		return false;
	if (cut != NULL)
		rest.len = (size_t)(cut - rest.at);
	rec->node = BYTES_NONE;
	if (SKIP(&rest, "node=") && !split_ended(&rest, ' ', &rec->node))
		return false;
	rec->line = rest;
	if (!SKIP(&rest, "type=") || !split_ended(&rest, ' ', &type) ||
	    !SKIP(&rest, "msg=audit(") || !take_stamp(&rest, &rec->at))
		return false;
	SKIP(&rest, ":");
	SKIP(&rest, " ");
	rec->fields = rest;
	rec->kind = kind_of(type, rest);
	rec->item = rec->kind == RECORD_OTHER &&
		    bytes_equal(type, BYTES_LITERAL("PATH"));
	shorten(rec);
	return true;
}

/* Takes a number in base 10 or 16, and the blank that ends its field. */
static bool
take_number(struct bytes *b, int base, uint64_t *out)
{
	size_t len = base == 16 ? digits_hex(*b, out) : digits_decimal(*b, out);

	if (len == 0 || len == b->len || b->at[len] != ' ')
		return false;
	b->at += len + 1;
	b->len -= len + 1;
	return true;
}

/* The value of a field at the start of the fields: "NAME=VALUE ". */
static bool
leading(struct bytes *fields, struct bytes name, int base, uint32_t *out)
{
	uint64_t n;

	if (!skip(fields, name) || !take_number(fields, base, &n) ||
	    n > UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

/* "arch=A syscall=N ..." or "arch=A syscall=N per=P ...":
 * kernel/auditsc.c, audit_log_exit(). */
bool
record_call(const struct record *rec, uint32_t *arch, uint32_t *number)
{
	struct bytes rest = rec->fields;

	return leading(&rest, BYTES_LITERAL("arch="), 16, arch) &&
	       leading(&rest, BYTES_LITERAL("syscall="), 10, number);
}

/*
 * What follows name, a blank and then whole words; at NULL: it is not there.
 * It is looked for by the letter behind the blank: the numbers that stand
 * before it have few. memmem() would make a table first.
 */
static struct bytes
after(struct bytes fields, struct bytes name)
{
	const char *end = fields.at + fields.len, *letter;

	while (fields.len >= name.len &&
	       (letter = memchr(fields.at + 1, name.at[1],
		    fields.len - name.len + 1)) != NULL) {
		fields.at = letter - 1;
		fields.len = (size_t)(end - fields.at);
		if (skip(&fields, name))
			return fields;
		fields.at++;
		fields.len--;
	}
	return BYTES_NONE;
}

int32_t
record_pid(const struct record *rec)
{
	struct bytes rest = rec->fields;
	uint32_t pid;

	if (!STARTS(rest, "pid="))
		rest = after(rest, BYTES_LITERAL(" pid="));
	else
		SKIP(&rest, "pid=");
	if (rest.at == NULL || !leading(&rest, BYTES_LITERAL(""), 10, &pid) ||
	    pid > INT32_MAX)
		return -1;
	return (int32_t)pid;
}

static bool
value_of(const struct record *rec, struct bytes name, int base, uint64_t *out)
{
	struct bytes rest = after(rec->fields, name);

	return rest.at != NULL && take_number(&rest, base, out);
}

bool
record_argument(const struct record *rec, int n, uint64_t *argument)
{
	static const struct bytes names[] = {
	    {" a0=", 4}, {" a1=", 4}, {" a2=", 4}, {" a3=", 4}};

	return value_of(rec, names[n], 16, argument);
}

bool
record_result(const struct record *rec, uint64_t *result)
{
	return value_of(rec, BYTES_LITERAL(" exit="), 10, result);
}

bool
record_failed(const struct record *rec)
{
	struct bytes rest = after(rec->fields, BYTES_LITERAL(" success="));

	return rest.at != NULL && STARTS(rest, "no ");
}
