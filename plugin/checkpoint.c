/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file is text, so that people can look at it:
 *
 *	proclife checkpoint 1
 *	boot_id 4c5a2f5e-...
 *	...
 *	crc32 0a1b2c3d
 *
 * Only what checkpoint_write() can have written, to the byte, is read.
 */
#include "checkpoint.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <zlib.h>

#include "ident.h"
#include "state_file.h"
#include "text.h"

#define FILE_NAME "checkpoint"
#define KIND      "checkpoint"
#define MAGIC     STATE_FILE_MAGIC KIND " "
#define VERSION   2
#define FILE_SIZE 4096 /* more than any has */
#define UUID_LEN  36
#define NO_BOOT   "-" /* stands for an empty boot id */

/* RFC 9562, version 4; nil, which means unknown, where there is no chance. */
static struct uuid
random_uuid(void)
{
	struct uuid u = {{0}};
	ssize_t n;

	do
		n = getrandom(u.b, sizeof(u.b), 0);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(u.b))
		return (struct uuid){{0}};
	u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x40);
	u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
	return u;
}

static void
init(struct checkpoint *c)
{
	*c = (struct checkpoint){
	    .agent_id = random_uuid(),
	    .last_stamp_ms = TIME_UNKNOWN,
	    .written_ms = TIME_UNKNOWN,
	    .acct_proven_ms = TIME_UNKNOWN,
	};
}

static void
encode(const struct checkpoint *c, struct text *t)
{
	text_fmt(t, MAGIC "%d\n", VERSION);
	text_fmt(
	    t, "boot_id %s\n", c->boot_id[0] == '\0' ? NO_BOOT : c->boot_id);
	text_str(t, "agent_id ");
	ident_print(t, &c->agent_id);
	text_fmt(t, "\nlast_serial %" PRIu32 "\n", c->last_serial);
	text_fmt(t, "last_stamp_ms %" PRId64 "\n", c->last_stamp_ms);
	text_fmt(t, "written_ms %" PRId64 "\n", c->written_ms);
	text_fmt(t, "kernel_lost %" PRIu32 "\n", c->kernel_lost);
	text_fmt(t, "next_segment %" PRIu64 "\n", c->next_segment);
	text_fmt(t, "clean %d\n", c->clean);
	text_fmt(t, "acct_state %u\n", c->acct_state);
	text_fmt(t, "acct_proven_ms %" PRId64 "\n", c->acct_proven_ms);
	text_fmt(t, "acct_paths %" PRIu32 "\n", c->acct.paths);
	for (size_t i = 0; i < c->acct.n; i++) {
		const struct acct_position *at = &c->acct.at[i];

		text_fmt(t,
		    "acct %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32
		    " %" PRIu32 "\n",
		    at->dev, at->ino, at->offset, at->head, at->last);
	}

	uLong crc = crc32(0, (const Bytef *)t->buf, (uInt)t->len);
	text_fmt(t, "crc32 %08lx\n", crc);
}

/* Lenient: decode() holds the result against the file. */
static void
parse_uuid(const char *text, struct uuid *u)
{
	char digits[3] = "";

	for (size_t i = 0; i < sizeof(u->b); i++) {
		text += strspn(text, "-");
		memcpy(digits, text, strnlen(text, 2));
		u->b[i] = (uint8_t)strtoul(digits, NULL, 16);
		text += strnlen(text, 2);
	}
}

static void
parse_acct(const char *text, struct acct_positions *acct)
{
	int used;

	for (acct->n = 0; acct->n < ACCT_POSITIONS_MAX; acct->n++) {
		struct acct_position *at = &acct->at[acct->n];

		if (sscanf(text,
			" acct %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu32
			" %" SCNu32 "%n",
			&at->dev, &at->ino, &at->offset, &at->head, &at->last,
			&used) != 5)
			break;
		text += used;
	}
}

static bool
parse(const char *text, struct checkpoint *c)
{
	char agent[UUID_LEN + 1];
	int clean, used = 0;

	/* The blank in a format stands for the end of a line as well. */
	if (sscanf(text,
		MAGIC "%*d boot_id %36[0-9a-f-] agent_id %36[0-9a-f-] "
		      "last_serial %" SCNu32 " last_stamp_ms %" SCNd64
		      " written_ms %" SCNd64 " kernel_lost %" SCNu32
		      " next_segment %" SCNu64 " clean %d"
		      " acct_state %u acct_proven_ms %" SCNd64
		      " acct_paths %" SCNu32 "%n",
		c->boot_id, agent, &c->last_serial, &c->last_stamp_ms,
		&c->written_ms, &c->kernel_lost, &c->next_segment, &clean,
		&c->acct_state, &c->acct_proven_ms, &c->acct.paths,
		&used) != 11)
		return false;
	parse_acct(text + used, &c->acct);
	parse_uuid(agent, &c->agent_id);
	if (strcmp(c->boot_id, NO_BOOT) == 0)
		c->boot_id[0] = '\0';
	c->clean = clean != 0;
	return true;
}

/*
 * What was read is written again and must be the same: that also checks the
 * sum at the end, and all that sscanf() is generous about.
 */
static int
decode(const struct state_file *f, struct checkpoint *c, struct err *err)
{
	char again[FILE_SIZE];
	struct text t;

	if (state_file_check(f, KIND, VERSION, err) != 0)
		return -1;
	if (!parse(f->at, c))
		return err_set(err, "is damaged");
	text_init(&t, again, sizeof(again));
	encode(c, &t);
	if (!text_ok(&t) || t.len != f->len || memcmp(f->at, again, t.len) != 0)
		return err_set(err, "is damaged");
	return 0;
}

enum state_file_found
checkpoint_read(const char *dir, struct checkpoint *c, struct err *err)
{
	struct state_file f;
	enum state_file_found found =
	    state_file_read(dir, FILE_NAME, FILE_SIZE, &f, err);

	init(c);
	if (found == STATE_FILE_READ && decode(&f, c, err) != 0) {
		state_file_set_aside(dir, FILE_NAME, err);
		init(c);
		found = STATE_FILE_SET_ASIDE;
	}
	free(f.at);
	return found;
}

int
checkpoint_write(const char *dir, const struct checkpoint *c, struct err *err)
{
	char buf[FILE_SIZE];
	struct text t;

	if (strspn(c->boot_id, "0123456789abcdef-") != strlen(c->boot_id))
		return err_set(err, "not a boot id: \"%s\"", c->boot_id);
	text_init(&t, buf, sizeof(buf));
	encode(c, &t);
	assert(text_ok(&t));
	return state_file_write(
	    dir, FILE_NAME, (struct bytes){t.buf, t.len}, err);
}
