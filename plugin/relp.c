/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A number in a frame has so many digits at most. */
#define DIGITS_MAX 9

/* Longest command of a server: serverclose. */
#define COMMAND_MAX 11

#define OFFER                                                                  \
	"relp_version=0\n"                                                     \
	"relp_software=proclife," PACKAGE_VERSION "\n"                         \
	"commands=syslog"

#define CODE_LEN 3
#define CODE_OK  "200"

enum session {
	SESSION_NONE,
	SESSION_OFFERED,
	SESSION_OPEN,
	SESSION_CLOSING,
	SESSION_OVER
};

/* What the next byte of a frame belongs to. */
enum part {
	PART_TXNR,
	PART_COMMAND,
	PART_LEN,
	PART_DATA,
	PART_END
};

/* As far as it came. */
struct frame {
	enum part part;
	unsigned digits; /* of the number that is being read */
	uint32_t txnr;
	char command[COMMAND_MAX + 1];
	size_t command_len;
	uint32_t len;
	size_t have; /* of data */
	char data[RELP_ANSWER_MAX];
};

/*
 * The messages under way are sent of them, numbered from oldest on without a
 * gap: only the offer is before them, and only the close behind. has[] tells
 * which the server has, in a ring that begins at head.
 */
struct relp {
	enum session session;
	uint32_t first;
	uint32_t next;   /* transaction number of the next frame of ours */
	uint32_t oldest; /* of the oldest message under way */
	uint32_t asked;  /* of the offer, or of the close */
	size_t head, sent;
	bool has[RELP_WINDOW];
	struct frame in;
};

struct relp *
relp_new(uint32_t first)
{
	struct relp *r = calloc(1, sizeof(*r));

	assert(first >= 1 && first <= RELP_TXNR_MAX);
	if (r != NULL)
		r->first = first;
	return r;
}

void
relp_free(struct relp *r)
{
	free(r);
}

static uint32_t
take_number(struct relp *r)
{
	uint32_t n = r->next;

	r->next = n < RELP_TXNR_MAX ? n + 1 : 1;
	return n;
}

/* How many numbers n is behind the one from which it is counted. */
static uint32_t
distance(uint32_t from, uint32_t n)
{
	return n >= from ? n - from : n + RELP_TXNR_MAX - from;
}

static void
add_head(struct text *t, uint32_t txnr, const char *command, size_t len)
{
	text_u64(t, txnr);
	text_char(t, ' ');
	text_str(t, command);
	text_char(t, ' ');
	text_u64(t, len);
	if (len > 0)
		text_char(t, ' ');
}

static void
next_frame(struct frame *f)
{
	f->part = PART_TXNR;
	f->digits = 0;
	f->txnr = f->len = 0;
	f->command_len = f->have = 0;
	memset(f->command, 0, sizeof(f->command));
}

void
relp_open(struct relp *r, struct text *out)
{
	r->session = SESSION_OFFERED;
	r->next = r->first;
	r->asked = take_number(r);
	r->oldest = r->next;
	r->sent = 0;
	next_frame(&r->in);
	add_head(out, r->asked, "open", sizeof(OFFER) - 1);
	text_str(out, OFFER "\n");
}

bool
relp_is_open(const struct relp *r)
{
	return r->session == SESSION_OPEN;
}

size_t
relp_room(const struct relp *r)
{
	return r->session == SESSION_OPEN ? RELP_WINDOW - r->sent : 0;
}

size_t
relp_sent(const struct relp *r)
{
	return r->sent;
}

bool
relp_syslog(struct relp *r, const struct bytes part[2], struct text *out)
{
	char buf[RELP_FRAME_MAX];
	struct text head;
	size_t len = part[0].len + part[1].len;

	assert(relp_room(r) > 0);
	text_init(&head, buf, sizeof(buf));
	add_head(&head, r->next, "syslog", len);
	if (!text_ok(out) || head.len + len + 1 > out->size - out->len)
		return false;
	text_add(out, buf, head.len);
	text_add(out, part[0].at, part[0].len);
	text_add(out, part[1].at, part[1].len);
	text_char(out, '\n');
	take_number(r);
	r->has[(r->head + r->sent++) % RELP_WINDOW] = false;
	return true;
}

void
relp_close(struct relp *r, struct text *out)
{
	assert(r->session == SESSION_OPEN);
	r->session = SESSION_CLOSING;
	r->asked = take_number(r);
	add_head(out, r->asked, "close", 0);
	text_char(out, '\n');
}

/* What a frame says. */

/* The data's first line, for people. */
static struct bytes
first_line(const struct frame *f)
{
	const char *nl = memchr(f->data, '\n', f->have);

	return (struct bytes){
	    f->data, nl != NULL ? (size_t)(nl - f->data) : f->have};
}

static int
refused(const struct frame *f, const char *what, struct err *err)
{
	struct bytes said = first_line(f);

	return err_set(err, "the receiver refused %s: \"%.*s\"", what,
	    (int)said.len, said.at);
}

/* "200", and what may stand behind it. */
static bool
is_ok(const struct frame *f)
{
	return f->have >= CODE_LEN && memcmp(f->data, CODE_OK, CODE_LEN) == 0 &&
	       (f->have == CODE_LEN || f->data[CODE_LEN] == ' ' ||
		   f->data[CODE_LEN] == '\n');
}

/* Whether list, "a,b,c", has that word. */
static bool
lists(struct bytes list, struct bytes word)
{
	while (list.len > 0) {
		const char *comma = memchr(list.at, ',', list.len);
		size_t len =
		    comma != NULL ? (size_t)(comma - list.at) : list.len;

		if (bytes_equal((struct bytes){list.at, len}, word))
			return true;
		len += comma != NULL;
		list = (struct bytes){list.at + len, list.len - len};
	}
	return false;
}

/* Whether one of the offers, a line each, is of the command syslog. */
static bool
offers_syslog(const struct frame *f)
{
	const struct bytes key = BYTES_LITERAL("commands=");
	struct bytes rest = {f->data, f->have};

	while (rest.len > 0) {
		const char *nl = memchr(rest.at, '\n', rest.len);
		size_t len = nl != NULL ? (size_t)(nl - rest.at) : rest.len;

		if (len > key.len && memcmp(rest.at, key.at, key.len) == 0 &&
		    lists((struct bytes){rest.at + key.len, len - key.len},
			BYTES_LITERAL("syslog")))
			return true;
		len += nl != NULL;
		rest = (struct bytes){rest.at + len, rest.len - len};
	}
	return false;
}

static int
take_agreement(struct relp *r, struct err *err)
{
	if (!is_ok(&r->in))
		return refused(&r->in, "the session", err);
	if (!offers_syslog(&r->in))
		return err_set(err, "the receiver takes no syslog messages");
	r->session = SESSION_OPEN;
	return 0;
}

/* Counts what the server has from the oldest on. */
static void
advance(struct relp *r, uint64_t *done)
{
	while (r->sent > 0 && r->has[r->head]) {
		r->head = (r->head + 1) % RELP_WINDOW;
		r->oldest = r->oldest < RELP_TXNR_MAX ? r->oldest + 1 : 1;
		r->sent--;
		(*done)++;
	}
}

static int
take_answer(struct relp *r, uint64_t *done, struct err *err)
{
	const struct frame *f = &r->in;
	size_t at;

	if (r->session == SESSION_OFFERED && f->txnr == r->asked)
		return take_agreement(r, err);
	if (r->session == SESSION_CLOSING && f->txnr == r->asked)
		return err_set(err, "closed, as it was asked for");
	at = distance(r->oldest, f->txnr);
	if (f->txnr == 0 || at >= r->sent ||
	    r->has[(r->head + at) % RELP_WINDOW])
		return err_set(err, "the receiver answered what it was not "
				    "asked");
	if (!is_ok(f))
		return refused(f, "an event", err);
	r->has[(r->head + at) % RELP_WINDOW] = true;
	advance(r, done);
	return 0;
}

static int
take_frame(struct relp *r, uint64_t *done, struct err *err)
{
	const char *command = r->in.command;

	if (strcmp(command, "rsp") == 0)
		return take_answer(r, done, err);
	if (strcmp(command, "serverclose") == 0)
		return err_set(err, "closed by the receiver");
	return err_set(err, "the receiver sent a command that is none");
}

/* The bytes of a frame. */

static int
bad(struct err *err)
{
	return err_set(err, "the receiver does not speak RELP");
}

/* One more digit; 0, or -1: it is none, or one too many. */
static int
take_digit(struct frame *f, uint32_t *n, char c)
{
	if (c < '0' || c > '9' || f->digits == DIGITS_MAX)
		return -1;
	f->digits++;
	*n = *n * 10 + (uint32_t)(c - '0');
	return 0;
}

static int
take_len(struct frame *f, char c, struct err *err)
{
	if (f->digits > 0 && c == (f->len > 0 ? ' ' : '\n')) {
		f->part = f->len > 0 ? PART_DATA : PART_END;
		return 0;
	}
	if (take_digit(f, &f->len, c) < 0)
		return bad(err);
	if (f->len > RELP_ANSWER_MAX)
		return err_set(err, "the receiver's answer is too long");
	return 0;
}

/* A byte before the data. */
static int
take_head(struct frame *f, char c, struct err *err)
{
	if (f->part == PART_LEN)
		return take_len(f, c, err);
	if (f->part == PART_TXNR) {
		if (f->digits > 0 && c == ' ')
			f->part = PART_COMMAND;
		else if (take_digit(f, &f->txnr, c) < 0)
			return bad(err);
		return 0;
	}
	if (c == ' ' && f->command_len > 0) {
		f->part = PART_LEN;
		f->digits = 0;
	} else if (c >= 'a' && c <= 'z' && f->command_len < COMMAND_MAX) {
		f->command[f->command_len++] = c;
	} else {
		return bad(err);
	}
	return 0;
}

/* Takes what it can of in at once; returns how much, or 0 with err. */
static size_t
take_some(struct frame *f, struct bytes in, struct err *err)
{
	size_t n = f->len - f->have < in.len ? f->len - f->have : in.len;

	if (f->part != PART_DATA)
		return take_head(f, in.at[0], err) == 0;
	if (n > 0) {
		memcpy(f->data + f->have, in.at, n);
		f->have += n;
		return n;
	}
	if (in.at[0] != '\n') {
		bad(err);
		return 0;
	}
	f->part = PART_END;
	return 1;
}

static int
take(struct relp *r, struct bytes in, uint64_t *done, struct err *err)
{
	while (in.len > 0) {
		size_t n = take_some(&r->in, in, err);

		if (n == 0)
			return -1;
		in = (struct bytes){in.at + n, in.len - n};
		if (r->in.part != PART_END)
			continue;
		if (take_frame(r, done, err) < 0)
			return -1;
		next_frame(&r->in);
	}
	return 0;
}

int
relp_take(struct relp *r, struct bytes in, uint64_t *done, struct err *err)
{
	if (r->session == SESSION_NONE || r->session == SESSION_OVER)
		return err_set(err, "the session is over");
	if (take(r, in, done, err) == 0)
		return 0;
	r->session = SESSION_OVER;
	return -1;
}
