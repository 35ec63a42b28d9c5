/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file:
 *
 *	"proclife list of lives 1\n"
 *	boot id, real time and ticks
 *	lives; a pid of 0 ends them
 *	CRC-32 of all that
 *
 * Numbers are little-endian; bytes have their length before them. One
 * description of each part, the io_ functions, serves reading and writing.
 */
#include "saved.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "split.h"

#define FILE_NAME  "lives"
#define KIND       "list of lives"
#define VERSION    1
#define HEAD       STATE_FILE_MAGIC KIND " 1\n"
#define HEAD_LEN   (sizeof(HEAD) - 1)
#define FIRST_SIZE (64 * 1024)
#define SAVED_MAX  (256 * 1024 * 1024) /* half a million lives, usually */
#define CRC_LEN    4
#define TAIL_LEN   (4 + CRC_LEN) /* what stands behind the lives */
#define NO_BYTES   UINT32_MAX    /* the length of unknown ones */

/* What is read or written, and how far it is. */
struct cursor {
	char *at;
	size_t len, size;
	bool writing;
	bool failed; /* no room, or nothing left */
};

struct saved {
	struct cursor c;
	size_t left_out;
};

/* Makes room for n more bytes. */
static bool
reserve(struct cursor *c, size_t n)
{
	size_t size = c->size > 0 ? c->size : FIRST_SIZE;
	char *at;

	if (n > SAVED_MAX - c->len)
		return false;
	if (c->len + n <= c->size)
		return true;
	while (size < c->len + n)
		size *= 2;
	at = realloc(c->at, size);
	if (at == NULL)
		return false;
	c->at = at;
	c->size = size;
	return true;
}

/* Whether there are n more bytes to be read, or room to write them. */
static bool
has(struct cursor *c, size_t n)
{
	if (!c->failed && !(c->writing ? reserve(c, n) : n <= c->size - c->len))
		c->failed = true;
	return !c->failed;
}

/* A number of so many bytes; 0 if it can't be read. */
static void
io_number(struct cursor *c, uint64_t *n, size_t width)
{
	uint64_t value = 0;

	if (!has(c, width)) {
		*n = 0;
		return;
	}
	for (size_t i = 0; i < width; i++) {
		if (c->writing)
			c->at[c->len] = (char)(*n >> (8 * i));
		value |= (uint64_t)(unsigned char)c->at[c->len++] << (8 * i);
	}
	*n = value;
}

static void
io_u32(struct cursor *c, uint32_t *n)
{
	uint64_t wide = *n;

	io_number(c, &wide, 4);
	*n = (uint32_t)wide;
}

static void
io_i32(struct cursor *c, int32_t *n)
{
	uint32_t bits = (uint32_t)*n;

	io_u32(c, &bits);
	*n = (int32_t)bits;
}

static void
io_u64(struct cursor *c, uint64_t *n)
{
	io_number(c, n, 8);
}

static void
io_i64(struct cursor *c, int64_t *n)
{
	uint64_t bits = (uint64_t)*n;

	io_u64(c, &bits);
	*n = (int64_t)bits;
}

static void
io_u8(struct cursor *c, uint8_t *n)
{
	uint64_t wide = *n;

	io_number(c, &wide, 1);
	*n = (uint8_t)wide;
}

static void
io_bool(struct cursor *c, bool *b)
{
	uint8_t n = *b;

	io_u8(c, &n);
	*b = n != 0;
}

static void
io_raw(struct cursor *c, void *at, size_t len)
{
	if (!has(c, len))
		return;
	if (c->writing)
		memcpy(c->at + c->len, at, len);
	else
		memcpy(at, c->at + c->len, len);
	c->len += len;
}

/* Those read are in the cursor's buffer. */
static void
io_bytes(struct cursor *c, struct bytes *b)
{
	uint32_t len = b->at == NULL ? NO_BYTES : (uint32_t)b->len;

	io_u32(c, &len);
	if (len == NO_BYTES || !has(c, len)) {
		*b = BYTES_NONE;
		return;
	}
	if (c->writing && len > 0)
		memcpy(c->at + c->len, b->at, len);
	else if (!c->writing)
		*b = (struct bytes){c->at + c->len, len};
	c->len += len;
}

static void
io_stamp(struct cursor *c, struct stamp *at)
{
	io_i64(c, &at->ms);
	io_u32(c, &at->serial);
}

/* All of a life's parts. */

/* As many strings as are said to be there. */
static bool
are_whole(const struct args *args)
{
	struct bytes rest = args->bytes, arg;
	uint32_t n = 0;

	while (split_take(&rest, '\0', &arg))
		n++;
	return n == args->count;
}

static void
io_args(struct cursor *c, struct args *args)
{
	io_bytes(c, &args->bytes);
	if (args->bytes.at == NULL)
		return;
	io_u32(c, &args->count);
	io_u32(c, &args->argc);
	for (int i = 0; i < ARGS_MISSING_MAX; i++)
		io_u32(c, &args->missing[i]);
	io_u32(c, &args->missing_count);
	io_u32(c, &args->redacted_count);
	io_bool(c, &args->truncated);
	if (!are_whole(args))
		c->failed = true;
}

static void
io_parent(struct cursor *c, struct event_process *p)
{
	io_bool(c, &p->known);
	if (!p->known)
		return;
	io_bool(c, &p->identified);
	io_raw(c, p->id.b, sizeof(p->id.b));
	io_i32(c, &p->pid);
	io_bytes(c, &p->name);
	io_bytes(c, &p->executable);
	io_i64(c, &p->start_ms);
}

static void
io_creds(struct cursor *c, struct creds *creds)
{
	io_u32(c, &creds->uid);
	io_u32(c, &creds->euid);
	io_u32(c, &creds->suid);
	io_u32(c, &creds->gid);
	io_u32(c, &creds->egid);
	io_u32(c, &creds->sgid);
	io_u32(c, &creds->auid);
	io_u32(c, &creds->session);
}

/* There is no accounting record: with it the life would have ended. */
static void
io_evidence(struct cursor *c, struct evidence *ev)
{
	io_bool(c, &ev->exit_group);
	io_bool(c, &ev->conflicting);
	io_bool(c, &ev->thread_exit);
	io_bool(c, &ev->abend);
	io_bool(c, &ev->gone);
	io_bool(c, &ev->threads);
	io_u8(c, &ev->code);
	io_u8(c, &ev->thread_code);
	io_raw(c, ev->left, sizeof(ev->left));
	io_u8(c, &ev->abend_signal);
}

static void
io_start(struct cursor *c, enum start_kind *start)
{
	uint8_t n = (uint8_t)*start;

	io_u8(c, &n);
	if (n > START_SNAPSHOT)
		c->failed = true;
	else
		*start = (enum start_kind)n;
}

/* All but the pid, which stands before it. */
static void
io_life(struct cursor *c, struct saved_life *l)
{
	io_i32(c, &l->ppid);
	io_raw(c, l->id.b, sizeof(l->id.b));
	io_start(c, &l->start);
	io_u32(c, &l->sources);
	io_stamp(c, &l->birth);
	io_u64(c, &l->start_ticks);
	io_i64(c, &l->first_ms);
	io_i64(c, &l->last_ms);
	io_parent(c, &l->parent);
	io_creds(c, &l->creds);
	io_u32(c, &l->tty.major);
	io_u32(c, &l->tty.minor);
	io_bytes(c, &l->name);
	io_bytes(c, &l->executable);
	io_args(c, &l->args);
	io_u32(c, &l->threads);
	io_bool(c, &l->local);
	io_bool(c, &l->children_local);
	io_evidence(c, &l->evidence);
	io_stamp(c, &l->exit_at);
	io_u32(c, &l->abend_serial);
}

static void
io_about(struct cursor *c, struct saved_about *about)
{
	io_raw(c, about->boot_id, sizeof(about->boot_id));
	io_i64(c, &about->written_ms);
	io_u64(c, &about->ticks);
}

/* Writing. */

struct saved *
saved_new(const struct saved_about *about)
{
	struct saved *s = calloc(1, sizeof(*s));
	struct saved_about copy = *about;
	char head[] = HEAD;

	if (s == NULL)
		return NULL;
	s->c.writing = true;
	io_raw(&s->c, head, HEAD_LEN);
	io_about(&s->c, &copy);
	if (!s->c.failed)
		return s;
	saved_free(s);
	return NULL;
}

void
saved_free(struct saved *s)
{
	if (s == NULL)
		return;
	free(s->c.at);
	free(s);
}

void
saved_add(void *ctx, const struct saved_life *life)
{
	struct saved *s = ctx;
	struct saved_life copy = *life;
	size_t before = s->c.len;

	io_i32(&s->c, &copy.pid);
	io_life(&s->c, &copy);
	if (!s->c.failed && s->c.len <= SAVED_MAX - TAIL_LEN)
		return;
	s->c.failed = false;
	s->c.len = before;
	s->left_out++;
}

static uint32_t
checksum(const char *at, size_t len)
{
	return (uint32_t)crc32_z(0, (const Bytef *)at, len);
}

int
saved_write(struct saved *s, const char *dir, size_t *left_out, struct err *err)
{
	struct cursor *c = &s->c;
	int32_t end = 0; /* no pid */
	uint32_t crc = 0;

	io_i32(c, &end);
	crc = checksum(c->at, c->len);
	io_u32(c, &crc);
	if (c->failed)
		return err_set(err, "no memory");
	*left_out = s->left_out;
	return state_file_write(
	    dir, FILE_NAME, (struct bytes){c->at, c->len}, err);
}

/* Reading. */

/* Hands over each life; fn NULL: only looks. False if it is damaged. */
static bool
read_lives(const struct state_file *f, struct saved_about *about,
    saved_life_fn fn, void *ctx)
{
	struct cursor c = {
	    .at = f->at, .len = HEAD_LEN, .size = f->len - CRC_LEN};

	io_about(&c, about);
	if (memchr(about->boot_id, '\0', sizeof(about->boot_id)) == NULL)
		return false;
	while (!c.failed) {
		struct saved_life life = {0};

		io_i32(&c, &life.pid);
		if (life.pid <= 0)
			return !c.failed && life.pid == 0 && c.len == c.size;
		io_life(&c, &life);
		if (!c.failed && fn != NULL)
			fn(ctx, &life);
	}
	return false;
}

static int
check(const struct state_file *f, struct saved_about *about, struct err *err)
{
	struct cursor c = {.at = f->at, .size = f->len};
	uint32_t crc = 0;

	if (state_file_check(f, KIND, VERSION, err) != 0)
		return -1;
	if (f->len < HEAD_LEN + CRC_LEN)
		return err_set(err, "is damaged");
	c.len = f->len - CRC_LEN;
	io_u32(&c, &crc);
	if (crc != checksum(f->at, f->len - CRC_LEN) ||
	    !read_lives(f, about, NULL, NULL))
		return err_set(err, "is damaged");
	return 0;
}

enum state_file_found
saved_read(const char *dir, struct saved_about *about, saved_life_fn fn,
    void *ctx, struct err *err)
{
	struct state_file f;
	enum state_file_found found =
	    state_file_read(dir, FILE_NAME, SAVED_MAX, &f, err);

	if (found == STATE_FILE_READ && check(&f, about, err) != 0) {
		state_file_set_aside(dir, FILE_NAME, err);
		found = STATE_FILE_SET_ASIDE;
	}
	if (found == STATE_FILE_READ)
		read_lives(&f, about, fn, ctx);
	free(f.at);
	return found;
}

int
saved_remove(const char *dir, struct err *err)
{
	return state_file_remove(dir, FILE_NAME, err);
}
