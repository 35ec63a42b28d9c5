/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lives.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What is added to it is added millions of times. */
_Static_assert(sizeof(struct life) <= 536, "is it needed of each life?");

#define FIRST_BUCKETS 1024 /* a power of two; doubled when full */

int
lives_init(struct lives *t, size_t max, size_t args_max)
{
	memset(t, 0, sizeof(*t));
	t->max = max;
	t->args_max = args_max;
	for (int q = 0; q < QUEUES; q++)
		TAILQ_INIT(&t->queue[q]);
	for (int i = 0; i < LIVES_REMAINDERS; i++) {
		TAILQ_INIT(&t->children[i]);
		LIST_INIT(&t->births[i]);
		LIST_INIT(&t->serials[i]);
	}
	TAILQ_INIT(&t->bearers);
	TAILQ_INIT(&t->ghosts);
	TAILQ_INIT(&t->doubtful);
	TAILQ_INIT(&t->changed);
	TAILQ_INIT(&t->forgotten);
	t->next_number = 1;
	t->names = names_new();
	t->bucket = calloc(FIRST_BUCKETS, sizeof(struct life *));
	if (t->names == NULL || t->bucket == NULL) {
		lives_fini(t);
		return -1;
	}
	t->nbuckets = FIRST_BUCKETS;
	return 0;
}

void
lives_fini(struct lives *t)
{
	for (size_t i = 0; i < t->nbuckets; i++) {
		while (t->bucket[i] != NULL)
			lives_remove(t, t->bucket[i]);
	}
	lives_drop_forgotten(t);
	blocks_fini(&t->blocks);
	free(t->bucket);
	names_free(t->names);
	memset(t, 0, sizeof(*t));
}

/* Neighbouring pids come to neighbouring buckets: births are in a row. */
static struct life **
bucket_of(const struct lives *t, int32_t pid)
{
	return &t->bucket[(uint32_t)pid & (t->nbuckets - 1)];
}

struct life *
lives_newest(const struct lives *t, int32_t pid)
{
	struct life *l = *bucket_of(t, pid);

	while (l != NULL && l->pid != pid)
		l = l->next;
	return l;
}

/* Where the pointer to a pid's newest life is. */
static struct life **
slot_of(const struct lives *t, int32_t pid)
{
	struct life **at = bucket_of(t, pid);

	while (*at != NULL && (*at)->pid != pid)
		at = &(*at)->next;
	return at;
}

/* Twice the buckets; staying with the old ones is only slower. */
static void
grow(struct lives *t)
{
	struct life **old = t->bucket;
	size_t nold = t->nbuckets;
	struct life **bucket = calloc(nold * 2, sizeof(struct life *));

	if (bucket == NULL)
		return;
	t->bucket = bucket;
	t->nbuckets = nold * 2;
	for (size_t i = 0; i < nold; i++) {
		struct life *next;

		for (struct life *l = old[i]; l != NULL; l = next) {
			struct life **head = bucket_of(t, l->pid);

			next = l->next;
			l->next = *head;
			*head = l;
		}
	}
	free(old);
}

void
lives_track(struct lives *t)
{
	t->tracked = true;
}

void
lives_touch(struct lives *t, struct life *l)
{
	if (!t->tracked)
		return;
	if (l->touches < UINT16_MAX)
		l->touches++;
	if (l->changed)
		return;
	l->changed = true;
	TAILQ_INSERT_TAIL(&t->changed, l, in_changed);
}

void
lives_drop_forgotten(struct lives *t)
{
	struct life *l;

	while ((l = TAILQ_FIRST(&t->forgotten)) != NULL) {
		TAILQ_REMOVE(&t->forgotten, l, in_changed);
		blocks_give(&t->blocks, l, sizeof(*l));
	}
}

static struct life *
new_life(struct lives *t, int32_t pid)
{
	struct life *l;

	if (t->count >= t->max)
		return NULL;
	if (t->count >= t->nbuckets)
		grow(t);
	l = blocks_take_zeroed(&t->blocks, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->number = t->next_number++;
	l->pid = pid;
	l->ppid = l->first_ppid = -1;
	l->doubt_ms = INT64_MIN;
	l->first_ms = l->last_ms = l->birth.ms = l->exit_at.ms = TIME_UNKNOWN;
	l->barrier_ms = l->reaped_ms = TIME_UNKNOWN;
	l->parent.start_ms = TIME_UNKNOWN;
	STAILQ_INIT(&l->held);
	STAILQ_INIT(&l->locals);
	t->count++;
	return l;
}

struct life *
lives_add(struct lives *t, int32_t pid)
{
	struct life *l = new_life(t, pid);
	struct life **slot = slot_of(t, pid);

	if (l == NULL)
		return NULL;
	l->older = *slot;
	if (*slot != NULL) {
		(*slot)->newer = l;
		l->next = (*slot)->next;
		(*slot)->next = NULL;
	}
	*slot = l;
	lives_touch(t, l);
	return l;
}

/*
 * Those of one pid have numbers in their order, by which they are restored:
 * each takes that of the other, and what was handed out under it.
 */
static void
exchange_numbers(struct lives *t, struct life *a, struct life *b)
{
	uint64_t number = a->number;
	bool handed_out = a->handed_out;

	a->number = b->number;
	a->handed_out = b->handed_out;
	b->number = number;
	b->handed_out = handed_out;
	lives_touch(t, a);
	lives_touch(t, b);
}

static void
renumber(struct lives *t, struct life *l)
{
	struct life *newer = lives_newest(t, l->pid);

	for (; newer != l; newer = newer->older)
		exchange_numbers(t, newer, l);
}

struct life *
lives_add_before(struct lives *t, struct life *newer)
{
	struct life *l = new_life(t, newer->pid);

	if (l == NULL)
		return NULL;
	l->older = newer->older;
	l->newer = newer;
	if (l->older != NULL)
		l->older->newer = l;
	newer->older = l;
	renumber(t, l);
	lives_touch(t, l);
	return l;
}

void
lives_swap(struct lives *t, struct life *l)
{
	struct life *o = l->older, *newer = l->newer;

	l->older = o->older;
	if (l->older != NULL)
		l->older->newer = l;
	l->newer = o;
	o->older = l;
	o->newer = newer;
	if (newer != NULL) {
		newer->older = o;
	} else {
		o->next = l->next;
		l->next = NULL;
		*slot_of(t, l->pid) = o;
	}
	exchange_numbers(t, l, o);
}

struct life *
lives_claimed(const struct life *l)
{
	bool waits = l->state == LIFE_HELD && !l->born && l->expected == 0;

	return waits && l->older != NULL && l->older->undecided ? l->older
								: NULL;
}

static void
unlink_life(struct lives *t, struct life *l)
{
	struct life **slot = slot_of(t, l->pid);

	if (l->older != NULL)
		l->older->newer = l->newer;
	if (l->newer != NULL) {
		l->newer->older = l->older;
	} else if (l->older != NULL) {
		l->older->next = l->next;
		*slot = l->older;
	} else {
		*slot = l->next;
	}
}

static void
drop_all(struct lives *t, struct held_list *list)
{
	struct held_fact *h;

	while ((h = lives_take(t, list)) != NULL)
		lives_drop(t, h);
}

static void
give_up(struct lives *t, struct name **at)
{
	names_put(t->names, *at);
	*at = NULL;
}

void
lives_set_parent_pid(struct lives *t, struct life *l, int32_t pid)
{
	give_up(t, &l->parent.name);
	give_up(t, &l->parent.executable);
	l->parent = (struct life_parent){.known = pid > 0, .pid = pid};
}

/* A child that is told late still wants its parent's names. */
void
lives_forget(struct lives *t, struct life *l)
{
	give_up(t, &l->key);
	give_up(t, &l->parent.name);
	give_up(t, &l->parent.executable);
	shared_args_put(&t->blocks, l->args);
	l->args = NULL;
	drop_all(t, &l->locals);
	t->nlocals -= l->nlocals;
	l->nlocals = 0;
}

static void
drop_bearer(struct lives *t, struct life *l)
{
	if (l->bears)
		TAILQ_REMOVE(&t->bearers, l, in_bearers);
	l->bears = false;
}

void
lives_add_bearer(struct lives *t, struct life *l)
{
	if (!l->bears)
		TAILQ_INSERT_TAIL(&t->bearers, l, in_bearers);
	l->bears = true;
}

void
lives_set_ghost(struct lives *t, struct life *l, bool ghost)
{
	if (ghost == l->ghost)
		return;
	if (ghost)
		TAILQ_INSERT_TAIL(&t->ghosts, l, in_ghosts);
	else
		TAILQ_REMOVE(&t->ghosts, l, in_ghosts);
	l->ghost = ghost;
	lives_touch(t, l);
}

void
lives_set_doubtful(struct lives *t, struct life *l, bool doubtful)
{
	if (doubtful == l->doubtful)
		return;
	if (doubtful)
		TAILQ_INSERT_TAIL(&t->doubtful, l, in_doubtful);
	else
		TAILQ_REMOVE(&t->doubtful, l, in_doubtful);
	l->doubtful = doubtful;
	lives_touch(t, l);
}

static bool
holds_birth(const struct life *l)
{
	const struct held_fact *h;

	STAILQ_FOREACH(h, &l->held, next)
	{
		if (h->fact.kind == FACT_BIRTH)
			return true;
	}
	return l->nlocals > 0;
}

void
lives_weed_bearers(struct lives *t)
{
	struct life *next;

	for (struct life *l = TAILQ_FIRST(&t->bearers); l != NULL; l = next) {
		next = TAILQ_NEXT(l, in_bearers);
		if (!holds_birth(l))
			drop_bearer(t, l);
	}
}

void
lives_remove(struct lives *t, struct life *l)
{
	assert(!l->queued_ready);
	unlink_life(t, l);
	drop_bearer(t, l);
	lives_set_ghost(t, l, false);
	lives_set_doubtful(t, l, false);
	lives_enqueue(t, l, QUEUE_NONE, 0);
	if (t->crowded == l)
		t->crowded = NULL;
	drop_all(t, &l->held);
	lives_forget(t, l);
	give_up(t, &l->name);
	give_up(t, &l->executable);
	give_up(t, &l->owner);
	verdict_drop_codes(&t->blocks, &l->evidence);
	blocks_give(&t->blocks, l->acct, sizeof(*l->acct));
	blocks_give(&t->blocks, l->rare, sizeof(*l->rare));
	t->count--;
	if (l->changed)
		TAILQ_REMOVE(&t->changed, l, in_changed);
	/* Its number is still to be told to who has it. */
	if (l->handed_out)
		TAILQ_INSERT_TAIL(&t->forgotten, l, in_changed);
	else
		blocks_give(&t->blocks, l, sizeof(*l));
}

static size_t
remainder_of(int32_t pid)
{
	return (uint32_t)pid % LIVES_REMAINDERS;
}

struct life_list *
lives_children(struct lives *t, int32_t ppid)
{
	return &t->children[remainder_of(ppid)];
}

const struct birth_list *
lives_births(const struct lives *t, int32_t child)
{
	return &t->births[remainder_of(child)];
}

const struct held_fact *
lives_birth(const struct lives *t, int32_t child, uint32_t serial)
{
	const struct held_fact *h;

	LIST_FOREACH(h, &t->serials[serial % LIVES_REMAINDERS], in_serials)
	{
		if (h->fact.at.serial == serial && h->fact.birth.child == child)
			break;
	}
	return h;
}

static void
leave_parent(struct lives *t, struct life *l)
{
	if (l->named > 0)
		TAILQ_REMOVE(lives_children(t, l->named), l, in_children);
	l->named = 0;
}

void
lives_name_parent(struct lives *t, struct life *l)
{
	int32_t ppid = lives_ppid(l);

	if (l->queue != QUEUE_BIRTH || ppid == l->named)
		return;
	leave_parent(t, l);
	if (ppid <= 0)
		return;
	l->named = ppid;
	TAILQ_INSERT_TAIL(lives_children(t, ppid), l, in_children);
}

void
lives_enqueue(
    struct lives *t, struct life *l, enum life_queue q, int64_t deadline)
{
	if (l->queue != QUEUE_NONE)
		TAILQ_REMOVE(&t->queue[l->queue], l, in_queue);
	leave_parent(t, l);
	l->queue = q;
	l->deadline = deadline;
	lives_touch(t, l);
	if (q != QUEUE_NONE)
		TAILQ_INSERT_TAIL(&t->queue[q], l, in_queue);
	lives_name_parent(t, l);
}

/* All that a fact points to; returns how many there are. */
#define FACT_BYTES_MAX 6
static size_t
bytes_in(struct fact *fact, struct bytes *all[FACT_BYTES_MAX])
{
	size_t n = 0;

	all[n++] = &fact->comm;
	all[n++] = &fact->exe;
	all[n++] = &fact->key;
	if (fact->kind == FACT_EXEC) {
		all[n++] = &fact->exec.args.bytes;
		all[n++] = &fact->exec.cwd;
		all[n++] = &fact->exec.script;
	} else if (fact->kind == FACT_FOUND) {
		all[n++] = &fact->found.args.bytes;
		all[n++] = &fact->found.cwd;
	}
	return n;
}

/* Copies *b to *at and makes it point there. */
static void
move_bytes(struct bytes *b, char **at)
{
	if (b->at == NULL)
		return;
	memcpy(*at, b->at, b->len);
	b->at = *at;
	*at += b->len;
}

/* Puts h before the one that before points to; NULL: last. */
static void
insert(
    struct held_list *list, const struct held_fact *before, struct held_fact *h)
{
	struct held_fact *last = NULL, *at;

	STAILQ_FOREACH(at, list, next)
	{
		if (at == before)
			break;
		last = at;
	}
	if (last == NULL)
		STAILQ_INSERT_HEAD(list, h, next);
	else
		STAILQ_INSERT_AFTER(list, last, h, next);
}

static void
add_birth(struct lives *t, struct held_fact *h)
{
	size_t child = remainder_of(h->fact.birth.child);
	size_t serial = h->fact.at.serial % LIVES_REMAINDERS;

	LIST_INSERT_HEAD(&t->births[child], h, in_births);
	LIST_INSERT_HEAD(&t->serials[serial], h, in_serials);
}

/* Accounting and /proc are asked again; an event comes once. */
static bool
is_event(const struct fact *fact)
{
	return fact->at.serial != 0;
}

void
lives_note_kept(struct lives *t, struct held_list *list)
{
	struct held_fact *h;

	STAILQ_FOREACH(h, list, next)
	{
		t->nunkept -= is_event(&h->fact) && !h->kept;
		h->kept = true;
	}
}

bool
lives_hold(struct lives *t, struct life *l, struct held_list *list,
    const struct held_fact *before, const struct fact *fact)
{
	struct fact copy = *fact;
	struct bytes *all[FACT_BYTES_MAX];
	size_t n = bytes_in(&copy, all), size = sizeof(struct held_fact);
	struct held_fact *h;
	char *at;

	for (size_t i = 0; i < n; i++)
		size += all[i]->len;
	h = blocks_take(&t->blocks, size);
	if (h == NULL)
		return false;
	at = (char *)(h + 1);
	for (size_t i = 0; i < n; i++)
		move_bytes(all[i], &at);
	h->of = l;
	h->size = (uint32_t)size;
	h->kept = false;
	h->fact = copy;
	if (before == NULL)
		STAILQ_INSERT_TAIL(list, h, next);
	else
		insert(list, before, h);
	t->nheld++;
	t->held_bytes += size;
	t->nunkept += is_event(fact);
	if (++l->nheld > LIVES_HELD_EACH)
		t->crowded = l;
	if (fact->kind == FACT_BIRTH)
		add_birth(t, h);
	return true;
}

void
lives_move_held(struct lives *t, struct life *from, struct life *to)
{
	struct held_fact *h;
	uint32_t moved = 0;

	STAILQ_FOREACH(h, &from->held, next)
	{
		t->nunkept += is_event(&h->fact) && h->kept;
		h->kept = false; /* as to's */
		h->of = to;
		moved++;
	}
	STAILQ_CONCAT(&to->held, &from->held);
	to->nheld += moved;
	from->nheld -= moved;
}

struct held_fact *
lives_take_out(
    struct lives *t, struct held_list *list, const struct held_fact *h)
{
	struct held_fact *at;

	STAILQ_FOREACH(at, list, next)
	{
		if (at == h)
			break;
	}
	assert(at != NULL);
	STAILQ_REMOVE(list, at, held_fact, next);
	t->nheld--;
	t->held_bytes -= at->size;
	t->nunkept -= is_event(&at->fact) && !at->kept;
	at->of->nheld--;
	if (at->fact.kind == FACT_BIRTH) {
		LIST_REMOVE(at, in_births);
		LIST_REMOVE(at, in_serials);
	}
	return at;
}

struct held_fact *
lives_take(struct lives *t, struct held_list *list)
{
	struct held_fact *h = STAILQ_FIRST(list);

	return h == NULL ? NULL : lives_take_out(t, list, h);
}

void
lives_drop(struct lives *t, struct held_fact *h)
{
	if (h != NULL)
		blocks_give(&t->blocks, h, h->size);
}

void
lives_set_name(struct lives *t, struct name **at, struct bytes b)
{
	struct name *old = *at;

	if (b.at == NULL || bytes_equal(b, name_bytes(old)))
		return;
	*at = names_get(t->names, b);
	names_put(t->names, old);
}

struct owner
lives_owner(const struct life *l)
{
	struct owner o = {.creds = CREDS_UNKNOWN};

	if (l->owner != NULL)
		memcpy(&o, name_bytes(l->owner).at, sizeof(o));
	return o;
}

/* A few owners have all lives: each is kept once, as names are. */
void
lives_set_owner(struct lives *t, struct life *l, const struct owner *o)
{
	lives_set_name(
	    t, &l->owner, (struct bytes){(const char *)o, sizeof(*o)});
}

void
lives_set_args(struct lives *t, struct life *l, const struct args *args)
{
	struct shared_args *old = l->args;

	l->args = shared_args_new(&t->blocks, args, t->args_max);
	shared_args_put(&t->blocks, old);
}

void
lives_share_args(struct lives *t, struct life *to, const struct life *from)
{
	struct shared_args *old = to->args;

	to->args = shared_args_get(from->args);
	shared_args_put(&t->blocks, old);
}

const struct life_rare *
lives_rare(const struct life *l)
{
	static const struct life_rare none;

	return l->rare != NULL ? l->rare : &none;
}

void
lives_set_rare(struct lives *t, struct life *l, const struct life_rare *rare)
{
	if (l->rare == NULL && rare->bearer.number == 0 &&
	    rare->children_space.number == 0 && rare->children_space.pid == 0)
		return;
	if (l->rare == NULL)
		l->rare = blocks_take(&t->blocks, sizeof(*l->rare));
	if (l->rare != NULL)
		*l->rare = *rare;
}

bool
lives_set_acct(struct lives *t, struct life *l, const struct fact_acct *acct)
{
	if (l->acct == NULL)
		l->acct = blocks_take(&t->blocks, sizeof(*l->acct));
	if (l->acct == NULL)
		return false;
	*l->acct = *acct;
	return true;
}
