/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text - builds text in a buffer of fixed size and remembers overflow.
 *
 * Once something did not fit, nothing more is added and text_ok() is false:
 * a caller checks once, at the end, and never sends a cut text by accident.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *buf;
	size_t size, len;
	bool overflow;
};

/* Bytes that somebody else owns. at == NULL means unknown, not empty. */
struct bytes {
	const char *at;
	size_t len;
};

#define BYTES_NONE       ((struct bytes){NULL, 0})
#define BYTES_LITERAL(s) ((struct bytes){(s), sizeof(s) - 1})

/* Starts an empty text in buf, which must outlive it. */
void text_init(struct text *t, char *buf, size_t size);
bool text_ok(const struct text *t);

/* Where len more bytes go, which count as written; NULL: they do not fit. */
static inline char *
text_claim(struct text *t, size_t len)
{
	if (t->overflow || len > t->size - t->len) {
		t->overflow = true;
		return NULL;
	}
	t->len += len;
	return t->buf + t->len - len;
}

static inline void
text_char(struct text *t, char c)
{
	char *to = text_claim(t, 1);

	if (to != NULL)
		*to = c;
}

void text_add(struct text *t, const char *at, size_t len);
void text_str(struct text *t, const char *s);
void text_u64(struct text *t, uint64_t n);
void text_i64(struct text *t, int64_t n);
/* n in decimal with at least width digits, zeros before it. */
void text_padded(struct text *t, uint64_t n, unsigned width);
/* Two lower-case hexadecimal digits for each byte. */
void text_hex(struct text *t, const void *at, size_t len);
void text_fmt(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* 2026-11-22T12:00:00.123Z for milliseconds since 1970, either sign. */
void text_rfc3339(struct text *t, int64_t ms);

/* True if both are the same; NULL is only what NULL is. */
bool text_same(const char *a, const char *b);
/* True if both hold the same bytes; unknown equals only unknown. */
bool bytes_equal(struct bytes a, struct bytes b);
struct bytes bytes_of(const char *s); /* NULL gives BYTES_NONE */

#endif
