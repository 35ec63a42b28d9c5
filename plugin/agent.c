/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file is text, so that people can look at it:
 *
 *	proclife agent 1
 *	4c5a2f5e-93b1-4d0e-8a8f-0123456789ab
 *
 * Only what write_id() can have written, to the byte, is read.
 */
#include "agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ident.h"
#include "state_file.h"
#include "text.h"

#define FILE_NAME "agent"
#define KIND      "agent"
#define VERSION   1
#define HEAD      STATE_FILE_MAGIC KIND " 1\n"
#define FILE_SIZE 128 /* more than it has */

int
agent_random(struct uuid *id)
{
	ssize_t n;

	do
		n = getrandom(id->b, sizeof(id->b), 0);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(id->b)) {
		*id = (struct uuid){{0}};
		return -1;
	}
	id->b[6] = (uint8_t)((id->b[6] & 0x0f) | 0x40);
	id->b[8] = (uint8_t)((id->b[8] & 0x3f) | 0x80);
	return 0;
}

static void
encode(const struct uuid *id, struct text *t)
{
	text_str(t, HEAD);
	ident_print(t, id);
	text_char(t, '\n');
}

/* Lenient: decode() holds the result against the file. */
static void
parse(const char *text, struct uuid *id)
{
	char digits[3] = "";

	for (size_t i = 0; i < sizeof(id->b); i++) {
		text += strspn(text, "-");
		memcpy(digits, text, strnlen(text, 2));
		id->b[i] = (uint8_t)strtoul(digits, NULL, 16);
		text += strnlen(text, 2);
	}
}

static int
decode(const struct state_file *f, struct uuid *id, struct err *err)
{
	char again[FILE_SIZE];
	struct text t;

	if (state_file_check(f, KIND, VERSION, err) != 0)
		return -1;
	if (f->len < sizeof(HEAD))
		return err_set(err, "is damaged");
	parse(f->at + sizeof(HEAD) - 1, id);
	text_init(&t, again, sizeof(again));
	encode(id, &t);
	if (t.len != f->len || memcmp(f->at, again, t.len) != 0)
		return err_set(err, "is damaged");
	return 0;
}

static int
write_id(const char *dir, const struct uuid *id, struct err *err)
{
	char buf[FILE_SIZE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	encode(id, &t);
	return state_file_write(
	    dir, FILE_NAME, (struct bytes){t.buf, t.len}, err);
}

int
agent_id(const char *dir, struct uuid *id, struct err *err)
{
	struct state_file f;
	struct err again;
	enum state_file_found found =
	    state_file_read(dir, FILE_NAME, FILE_SIZE, &f, err);

	if (found == STATE_FILE_READ && decode(&f, id, err) != 0) {
		state_file_set_aside(dir, FILE_NAME, err);
		found = STATE_FILE_SET_ASIDE;
	}
	free(f.at);
	if (found == STATE_FILE_READ)
		return 0;
	if (agent_random(id) != 0)
		return err_errno(err, "getrandom");
	if (found == STATE_FILE_NONE)
		return write_id(dir, id, err);
	/* What was wrong with the old one is the news. */
	(void)write_id(dir, id, &again);
	return -1;
}
