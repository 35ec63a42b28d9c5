/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "names.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"

#define NAMES_FIRST_BUCKETS 256 /* a power of two; doubled when full */

struct name {
	struct name *next; /* in its bucket */
	uint32_t hash, refs;
	size_t len;
	char text[];
};

struct names {
	struct name **bucket;
	size_t nbuckets, count;
	struct blocks blocks;
};

struct names *
names_new(void)
{
	struct names *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->bucket = calloc(NAMES_FIRST_BUCKETS, sizeof(struct name *));
	if (n->bucket == NULL) {
		free(n);
		return NULL;
	}
	n->nbuckets = NAMES_FIRST_BUCKETS;
	return n;
}

static void
free_name(struct names *n, struct name *m)
{
	blocks_give(&n->blocks, m, sizeof(*m) + m->len);
}

void
names_free(struct names *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < n->nbuckets; i++) {
		struct name *next;

		for (struct name *m = n->bucket[i]; m != NULL; m = next) {
			next = m->next;
			free_name(n, m);
		}
	}
	blocks_fini(&n->blocks);
	free(n->bucket);
	free(n);
}

/* FNV-1a: short strings, no adversary gains more than a slow bucket. */
static uint32_t
hash_of(struct bytes b)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < b.len; i++)
		h = (h ^ (unsigned char)b.at[i]) * 16777619u;
	return h;
}

/* Twice the buckets; staying with the old ones is only slower. */
static void
grow(struct names *n)
{
	size_t nbuckets = n->nbuckets * 2;
	struct name **bucket = calloc(nbuckets, sizeof(struct name *));

	if (bucket == NULL)
		return;
	for (size_t i = 0; i < n->nbuckets; i++) {
		struct name *next;

		for (struct name *m = n->bucket[i]; m != NULL; m = next) {
			struct name **head = &bucket[m->hash & (nbuckets - 1)];

			next = m->next;
			m->next = *head;
			*head = m;
		}
	}
	free(n->bucket);
	n->bucket = bucket;
	n->nbuckets = nbuckets;
}

struct name *
names_get(struct names *n, struct bytes b)
{
	uint32_t hash;
	struct name *m;

	if (b.at == NULL)
		return NULL;
	hash = hash_of(b);
	for (m = n->bucket[hash & (n->nbuckets - 1)]; m != NULL; m = m->next) {
		if (m->hash == hash && m->len == b.len &&
		    memcmp(m->text, b.at, b.len) == 0) {
			m->refs++;
			return m;
		}
	}
	if (n->count >= n->nbuckets)
		grow(n);
	m = blocks_take(&n->blocks, sizeof(*m) + b.len);
	if (m == NULL)
		return NULL;
	m->next = n->bucket[hash & (n->nbuckets - 1)];
	m->hash = hash;
	m->refs = 1;
	m->len = b.len;
	memcpy(m->text, b.at, b.len);
	n->bucket[hash & (n->nbuckets - 1)] = m;
	n->count++;
	return m;
}

struct name *
name_share(struct name *m)
{
	if (m != NULL)
		m->refs++;
	return m;
}

void
names_put(struct names *n, struct name *m)
{
	struct name **at;

	if (m == NULL || --m->refs > 0)
		return;
	at = &n->bucket[m->hash & (n->nbuckets - 1)];
	while (*at != m) {
		assert(*at != NULL);
		at = &(*at)->next;
	}
	*at = m->next;
	n->count--;
	free_name(n, m);
}

struct bytes
name_bytes(const struct name *m)
{
	if (m == NULL)
		return BYTES_NONE;
	return (struct bytes){m->text, m->len};
}

size_t
names_count(const struct names *n)
{
	return n->count;
}
