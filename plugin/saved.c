/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers are little-endian; bytes have their length before them. One
 * description of each part, the io_ functions, serves reading and writing.
 */
#include "saved.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "split.h"

#define FIRST_SIZE 4096
#define NO_BYTES   UINT32_MAX /* the length of unknown ones */

/* What is read or written, and how far it is. */
struct cursor {
	char *at;
	size_t len, size;
	bool writing;
	bool failed; /* no room, or nothing left, or no sense */
};

struct saved {
	struct cursor c;
};

/* Makes room for n more bytes. */
static bool
reserve(struct cursor *c, size_t n)
{
	size_t size = c->size > 0 ? c->size : FIRST_SIZE;
	char *at;

	if (n <= c->size - c->len)
		return true;
	while (size - c->len < n)
		size *= 2;
	at = realloc(c->at, size);
	if (at == NULL)
		return false;
	c->at = at;
	c->size = size;
	return true;
}

/* Whether there are n more bytes to be read, or room to write them. */
static inline bool
has(struct cursor *c, size_t n)
{
	if (!c->failed && !(c->writing ? reserve(c, n) : n <= c->size - c->len))
		c->failed = true;
	return !c->failed;
}

/* A number of so many bytes; 0 if it can't be read. */
static inline void
io_number(struct cursor *c, uint64_t *n, size_t width)
{
	uint64_t value = htole64(*n);

	if (!has(c, width)) {
		*n = 0;
		return;
	}
	if (c->writing) {
		memcpy(c->at + c->len, &value, width);
	} else {
		value = 0;
		memcpy(&value, c->at + c->len, width);
		*n = le64toh(value);
	}
	c->len += width;
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

/* It has members without an address, too: they are not aligned. */
static void
io_stamp(struct cursor *c, struct stamp *at)
{
	int64_t ms = at->ms;
	uint32_t serial = at->serial;

	io_i64(c, &ms);
	io_u32(c, &serial);
	*at = (struct stamp){ms, serial};
}

/* Parts of a life, and of a fact. */

/* A number that must be below limit. */
static unsigned
io_choice(struct cursor *c, unsigned value, unsigned limit)
{
	uint8_t n = (uint8_t)value;

	io_u8(c, &n);
	if (n < limit)
		return n;
	c->failed = true;
	return 0;
}

static void
io_state(struct cursor *c, enum life_state *state)
{
	*state = (enum life_state)io_choice(c, *state, LIFE_ENDED + 1);
}

static void
io_queue(struct cursor *c, enum life_queue *queue)
{
	*queue = (enum life_queue)io_choice(c, *queue, QUEUES);
}

static void
io_start(struct cursor *c, enum start_kind *start)
{
	*start = (enum start_kind)io_choice(c, *start, START_SNAPSHOT + 1);
}

static void
io_uuid(struct cursor *c, struct uuid *id)
{
	io_raw(c, id->b, sizeof(id->b));
}

static uint32_t
count_strings(struct bytes rest)
{
	struct bytes string;
	uint32_t n = 0;

	while (split_take(&rest, '\0', &string))
		n++;
	return n;
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
	/* Encoders rely on it. */
	if (!c->writing)
		args->count = count_strings(args->bytes);
}

static void
io_parent(struct cursor *c, struct event_process *p)
{
	io_bool(c, &p->known);
	if (!p->known)
		return;
	io_bool(c, &p->identified);
	io_uuid(c, &p->id);
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

static void
io_tty(struct cursor *c, struct tty *tty)
{
	io_u32(c, &tty->major);
	io_u32(c, &tty->minor);
}

/* Nor has one that is one bit. */
#define IO_BIT(c, bit)                                                         \
	do {                                                                   \
		bool b = (bit);                                                \
		io_bool(c, &b);                                                \
		(bit) = b;                                                     \
	} while (0)

/* Who adds a field there adds it here, too. */
_Static_assert(sizeof(void *) != 8 || sizeof(struct evidence) == 32,
    "a field is not written");

static void
io_evidence(struct cursor *c, struct evidence *ev)
{
	struct exit_codes codes = verdict_codes(ev);

	IO_BIT(c, ev->exit_group);
	IO_BIT(c, ev->conflicting);
	IO_BIT(c, ev->thread_exit);
	IO_BIT(c, ev->abend);
	IO_BIT(c, ev->acct);
	IO_BIT(c, ev->proven);
	IO_BIT(c, ev->gone);
	IO_BIT(c, ev->first);
	IO_BIT(c, ev->threads);
	io_u8(c, &ev->code);
	io_u8(c, &ev->thread_code);
	io_raw(c, codes.group, sizeof(codes.group));
	io_raw(c, codes.left, sizeof(codes.left));
	if (!c->writing)
		*ev->codes = codes;
	io_u8(c, &ev->abend_signal);
	io_u64(c, &ev->seccomp);
	IO_BIT(c, ev->seccomp_again);
	io_u32(c, &ev->acct_status);
	io_u8(c, &ev->acct_flags);
	io_u8(c, &ev->reboot);
	IO_BIT(c, ev->reboot_unsure);
	IO_BIT(c, ev->may_be_reboot);
}

static void
io_space(struct cursor *c, struct life_space *s)
{
	int32_t pid = s->pid;
	uint64_t number = s->number;

	io_i32(c, &pid);
	io_u64(c, &number);
	*s = (struct life_space){pid, number};
}

static void
io_acct(struct cursor *c, struct fact_acct *a)
{
	io_i64(c, &a->birth_s);
	io_raw(c, &a->elapsed_cs, sizeof(a->elapsed_cs));
	io_u64(c, &a->user_cs);
	io_u64(c, &a->system_cs);
	io_u64(c, &a->mem_kb);
	io_u64(c, &a->minor_faults);
	io_u64(c, &a->major_faults);
	io_u32(c, &a->status);
	io_u8(c, &a->flags);
	io_u64(c, &a->offset);
	io_i64(c, &a->read_ms);
	io_i64(c, &a->unwritten_ms);
	io_i64(c, &a->ahead_from);
	io_i64(c, &a->ahead_until);
}

static void
io_birth(struct cursor *c, struct fact_birth *b)
{
	io_i32(c, &b->child);
	b->shape =
	    (enum birth_shape)io_choice(c, b->shape, BIRTH_UNDECIDED + 1);
	io_bool(c, &b->sibling);
	io_bool(c, &b->new_pidns);
}

static void
io_exec(struct cursor *c, struct fact_exec *e)
{
	io_bool(c, &e->success);
	io_i32(c, &e->error);
	io_args(c, &e->args);
	io_bytes(c, &e->cwd);
	io_bytes(c, &e->script);
}

static void
io_found(struct cursor *c, struct fact_found *f)
{
	io_u64(c, &f->start_ticks);
	io_i64(c, &f->start_ms);
	io_i64(c, &f->seen_ms);
	io_args(c, &f->args);
	io_bytes(c, &f->cwd);
	io_bool(c, &f->local_pids);
}

static void
io_fact(struct cursor *c, struct fact *f)
{
	f->kind = (enum fact_kind)io_choice(c, f->kind, FACT_GONE + 1);
	io_stamp(c, &f->at);
	io_i64(c, &f->ahead_ms);
	io_i32(c, &f->pid);
	io_i32(c, &f->ppid);
	io_creds(c, &f->creds);
	io_tty(c, &f->tty);
	io_bytes(c, &f->comm);
	io_bytes(c, &f->exe);
	io_bytes(c, &f->key);
	switch (f->kind) {
	case FACT_BIRTH:
		io_birth(c, &f->birth);
		break;
	case FACT_EXEC:
		io_exec(c, &f->exec);
		break;
	case FACT_EXIT_GROUP:
		io_i32(c, &f->code);
		break;
	case FACT_EXIT:
		io_i32(c, &f->code);
		io_i32(c, &f->reboot);
		break;
	case FACT_ABEND:
	case FACT_SECCOMP:
		io_i32(c, &f->signal);
		break;
	case FACT_NAMESPACE:
		io_bool(c, &f->new_pidns);
		break;
	case FACT_ACCT:
		io_acct(c, &f->acct);
		break;
	case FACT_FOUND:
		io_found(c, &f->found);
		break;
	case FACT_TASK:
	case FACT_GONE:
		c->failed = true; /* these never wait */
		break;
	}
}

/* All but the facts that wait with it. */
static void
io_life(struct cursor *c, struct saved_life *l)
{
#define IO(kind, name) io_##kind(c, &l->name);
	SAVED_FIELDS(IO)
#undef IO
	io_u32(c, &l->sources);
	io_creds(c, &l->owner.creds);
	io_tty(c, &l->owner.tty);
	io_space(c, &l->rare.bearer);
	io_space(c, &l->rare.children_space);
	if (l->evidence.acct)
		io_acct(c, &l->acct);
	io_parent(c, &l->parent);
	io_bytes(c, &l->name);
	io_bytes(c, &l->executable);
	io_bytes(c, &l->key);
	io_args(c, &l->args);
}

static void
io_acct_positions(struct cursor *c, struct acct_positions *acct)
{
	io_u32(c, &acct->paths);
	acct->n = io_choice(c, (unsigned)acct->n, ACCT_POSITIONS_MAX + 1);
	for (size_t i = 0; i < acct->n; i++) {
		struct acct_position *at = &acct->at[i];

		io_u64(c, &at->dev);
		io_u64(c, &at->ino);
		io_u64(c, &at->offset);
		io_u32(c, &at->head);
		io_u32(c, &at->last);
	}
}

static void
io_stream(struct cursor *c, struct assemble_past *past)
{
	io_u32(c, &past->serial);
	io_i64(c, &past->ms);
	io_i64(c, &past->settled_ms);
	past->nmissing =
	    io_choice(c, (unsigned)past->nmissing, SERIALS_RUNS + 1);
	for (size_t i = 0; i < past->nmissing; i++) {
		io_u32(c, &past->missing[i].first);
		io_u32(c, &past->missing[i].count);
	}
}

static void
io_crash(struct cursor *c, struct saved_crash *crash)
{
	io_bool(c, &crash->untold);
	io_i64(c, &crash->since_ms);
	io_i64(c, &crash->until_ms);
	io_u32(c, &crash->serial);
	io_u64(c, &crash->missing);
}

static void
io_rules(struct cursor *c, struct saved_rules *rules)
{
	io_u32(c, &rules->best);
	io_bool(c, &rules->lacking);
	io_i64(c, &rules->since_ms);
}

static void
io_position(struct cursor *c, struct saved_position *at)
{
	io_stream(c, &at->stream);
	io_i64(c, &at->told_ms);
	io_u64(c, &at->ticks);
	io_i64(c, &at->written_ms);
	io_i64(c, &at->steady_from);
	io_i64(c, &at->ahead_us);
	io_bool(c, &at->kernel_lost_known);
	io_u32(c, &at->kernel_lost);
	io_u64(c, &at->next_segment);
	io_acct_positions(c, &at->acct);
	io_u8(c, &at->acct_state);
	io_i64(c, &at->acct_read_ms);
	io_i64(c, &at->acct_proven_ms);
	io_crash(c, &at->crash);
	io_rules(c, &at->rules);
	io_i64(c, &at->past.orphans_ms);
	io_i64(c, &at->past.reboot_ms);
	io_u64(c, &at->unkept);
	io_bool(c, &at->clean);
}

/* Writing. */

struct saved *
saved_new(void)
{
	struct saved *s = calloc(1, sizeof(*s));

	if (s != NULL)
		s->c.writing = true;
	return s;
}

void
saved_free(struct saved *s)
{
	if (s == NULL)
		return;
	free(s->c.at);
	free(s);
}

static struct cursor *
begin(struct saved *s)
{
	s->c.len = 0;
	s->c.failed = false;
	return &s->c;
}

static struct bytes
end(const struct cursor *c)
{
	return c->failed ? BYTES_NONE : (struct bytes){c->at, c->len};
}

static void
write_facts(struct cursor *c, const struct held_list *list)
{
	const struct held_fact *h;
	uint32_t n = 0;

	if (list != NULL)
		STAILQ_FOREACH(h, list, next)
	n++;
	io_u32(c, &n);
	if (n == 0)
		return;
	STAILQ_FOREACH(h, list, next)
	{
		struct fact copy = h->fact;

		io_fact(c, &copy);
	}
}

struct bytes
saved_life(struct saved *s, const struct saved_life *life)
{
	struct cursor *c = begin(s);
	struct saved_life copy = *life;

	io_life(c, &copy);
	write_facts(c, life->held);
	write_facts(c, life->locals);
	return end(c);
}

struct bytes
saved_forgotten(struct saved *s, uint64_t number)
{
	struct cursor *c = begin(s);

	io_u64(c, &number);
	return end(c);
}

struct bytes
saved_position(struct saved *s, const struct saved_position *at)
{
	struct cursor *c = begin(s);
	struct saved_position copy = *at;

	io_position(c, &copy);
	return end(c);
}

static void
io_line(struct cursor *c, struct saved_line *line)
{
	io_u8(c, &line->format);
	io_u8(c, &line->action);
	io_u32(c, &line->user);
	io_u64(c, &line->cut_to);
	io_i64(c, &line->ms);
	io_i64(c, &line->time_ms);
	io_bytes(c, &line->text);
}

struct bytes
saved_line(struct saved *s, const struct saved_line *line)
{
	struct cursor *c = begin(s);
	struct saved_line copy = *line;

	io_line(c, &copy);
	return end(c);
}

/* Reading. */

/* The last word on a life; of one that is no more only its number. */
struct word {
	uint64_t number;
	size_t order;
	enum saved_kind kind;
	struct bytes record;
};

struct saved_sum {
	struct word *word;
	size_t n, size;
	bool has_position;
	struct saved_position position;
	struct saved_line *line;
	size_t nlines, lines_size;
	size_t whole, whole_lines; /* there were so many at that position */
};

struct saved_sum *
saved_sum_new(void)
{
	return calloc(1, sizeof(struct saved_sum));
}

void
saved_sum_free(struct saved_sum *sum)
{
	if (sum == NULL)
		return;
	free(sum->word);
	free(sum->line);
	free(sum);
}

static struct cursor
reader(struct bytes record)
{
	/* Nothing is written to what is read. */
	return (struct cursor){
	    .at = (char *)(uintptr_t)record.at, .size = record.len};
}

static bool
is_read(const struct cursor *c)
{
	return !c->failed && c->len == c->size;
}

static void
drop_facts(struct held_list *list)
{
	struct held_fact *h;

	while ((h = STAILQ_FIRST(list)) != NULL) {
		STAILQ_REMOVE_HEAD(list, next);
		free(h);
	}
}

static void
read_facts(struct cursor *c, struct held_list *list)
{
	uint32_t n = 0;

	STAILQ_INIT(list);
	for (io_u32(c, &n); n > 0 && !c->failed; n--) {
		struct held_fact *h = calloc(1, sizeof(*h));

		if (h == NULL) {
			c->failed = true;
			return;
		}
		STAILQ_INSERT_TAIL(list, h, next);
		io_fact(c, &h->fact);
	}
}

/* Hands over the life of a record, if it is one and fn wants it. */
static bool
read_life(struct bytes record, saved_life_fn fn, void *ctx)
{
	struct cursor c = reader(record);
	struct held_list held, locals;
	struct exit_codes codes = {0};
	struct saved_life life = {
	    .evidence.codes = &codes, .held = &held, .locals = &locals};
	bool whole;

	io_life(&c, &life);
	read_facts(&c, &held);
	read_facts(&c, &locals);
	whole = is_read(&c);
	if (whole && fn != NULL)
		fn(ctx, &life);
	drop_facts(&held);
	drop_facts(&locals);
	return whole;
}

/* Makes room for one more. */
static bool
grow(void **at, size_t n, size_t *size, size_t each)
{
	size_t more = *size > 0 ? *size * 2 : 1024;
	void *moved;

	if (n < *size)
		return true;
	moved = reallocarray(*at, more, each);
	if (moved == NULL)
		return false;
	*at = moved;
	*size = more;
	return true;
}

static bool
add_word(struct saved_sum *sum, enum saved_kind kind, struct bytes record)
{
	struct cursor c = reader(record);
	struct word w = {.order = sum->n, .kind = kind, .record = record};
	void *words = sum->word;

	io_u64(&c, &w.number);
	if (kind == SAVED_LIFE ? !read_life(record, NULL, NULL) : !is_read(&c))
		return false;
	if (!grow(&words, sum->n, &sum->size, sizeof(w)))
		return false;
	sum->word = words;
	sum->word[sum->n++] = w;
	return true;
}

static bool
add_line(struct saved_sum *sum, struct bytes record)
{
	struct cursor c = reader(record);
	struct saved_line line = {0};
	void *lines = sum->line;

	io_line(&c, &line);
	if (!is_read(&c) || line.text.at == NULL ||
	    !grow(&lines, sum->nlines, &sum->lines_size, sizeof(line)))
		return false;
	sum->line = lines;
	sum->line[sum->nlines++] = line;
	return true;
}

/* A position ends a turn. The lines of the turn before it are written. */
static void
end_turn(struct saved_sum *sum)
{
	sum->whole = sum->n;
	sum->nlines -= sum->whole_lines;
	if (sum->nlines > 0)
		memmove(sum->line, sum->line + sum->whole_lines,
		    sum->nlines * sizeof(sum->line[0]));
	sum->whole_lines = sum->nlines;
}

static bool
add_position(struct saved_sum *sum, struct bytes record)
{
	struct cursor c = reader(record);
	struct saved_position at = {0};

	io_position(&c, &at);
	if (!is_read(&c))
		return false;
	sum->position = at;
	sum->has_position = true;
	end_turn(sum);
	return true;
}

bool
saved_sum_add(struct saved_sum *sum, enum saved_kind kind, struct bytes record)
{
	switch (kind) {
	case SAVED_LIFE:
	case SAVED_FORGOTTEN:
		return add_word(sum, kind, record);
	case SAVED_POSITION:
		return add_position(sum, record);
	case SAVED_LINE:
		return add_line(sum, record);
	}
	return false;
}

bool
saved_sum_position(const struct saved_sum *sum, struct saved_position *at)
{
	*at = sum->position;
	return sum->has_position;
}

static int
by_number(const void *a, const void *b)
{
	const struct word *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void
saved_sum_lives(struct saved_sum *sum, saved_life_fn fn, void *ctx)
{
	if (sum->whole == 0)
		return;
	qsort(sum->word, sum->whole, sizeof(sum->word[0]), by_number);
	for (size_t i = 0; i < sum->whole; i++) {
		const struct word *w = &sum->word[i];

		if (i + 1 < sum->whole && w[1].number == w->number)
			continue;
		if (w->kind == SAVED_LIFE)
			read_life(w->record, fn, ctx);
	}
}

void
saved_sum_lines(const struct saved_sum *sum,
    void (*fn)(void *ctx, const struct saved_line *line), void *ctx)
{
	for (size_t i = 0; i < sum->whole_lines; i++)
		fn(ctx, &sum->line[i]);
}
