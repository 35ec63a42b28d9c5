/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define U64_DIGITS_MAX 20
#define RFC3339_LEN    24
#define MS_PER_DAY     86400000

/* The two digits of each number below 100: half the divisions. */
static const char two_digits[] = "00010203040506070809"
				 "10111213141516171819"
				 "20212223242526272829"
				 "30313233343536373839"
				 "40414243444546474849"
				 "50515253545556575859"
				 "60616263646566676869"
				 "70717273747576777879"
				 "80818283848586878889"
				 "90919293949596979899";

void
text_init(struct text *t, char *buf, size_t size)
{
	*t = (struct text){.buf = buf, .size = size};
}

bool
text_ok(const struct text *t)
{
	return !t->overflow;
}

void
text_add(struct text *t, const char *at, size_t len)
{
	char *to = text_claim(t, len);

	if (to != NULL && len > 0)
		memcpy(to, at, len);
}

void
text_str(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

/* n is below 100. */
static void
put_two(char *to, unsigned n)
{
	memcpy(to, two_digits + n * 2, 2);
}

/* Writes n so that it ends before end; returns where it starts. */
static char *
digits(char *end, uint64_t n)
{
	for (; n >= 100; n /= 100) {
		end -= 2;
		put_two(end, (unsigned)(n % 100));
	}
	if (n < 10) {
		*--end = (char)('0' + n);
		return end;
	}
	end -= 2;
	put_two(end, (unsigned)n);
	return end;
}

void
text_u64(struct text *t, uint64_t n)
{
	char buf[U64_DIGITS_MAX];
	char *start = digits(buf + sizeof(buf), n);

	text_add(t, start, (size_t)(buf + sizeof(buf) - start));
}

void
text_i64(struct text *t, int64_t n)
{
	if (n >= 0) {
		text_u64(t, (uint64_t)n);
		return;
	}
	text_char(t, '-');
	text_u64(t, 0 - (uint64_t)n);
}

void
text_padded(struct text *t, uint64_t n, unsigned width)
{
	char buf[U64_DIGITS_MAX];
	char *start = digits(buf + sizeof(buf), n);
	size_t len = (size_t)(buf + sizeof(buf) - start);

	for (; width > len; width--)
		text_char(t, '0');
	text_add(t, start, len);
}

void
text_hex(struct text *t, const void *at, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *from = at;
	char *to = len > SIZE_MAX / 2 ? NULL : text_claim(t, len * 2);

	if (to == NULL) {
		t->overflow = true;
		return;
	}
	for (size_t i = 0; i < len; i++) {
		*to++ = hex[from[i] >> 4];
		*to++ = hex[from[i] & 15];
	}
}

/* vsnprintf() wants room for its NUL too, so one byte must be left over. */
void
text_fmt(struct text *t, const char *fmt, ...)
{
	va_list args;
	size_t room = t->size - t->len;

	if (t->overflow)
		return;
	va_start(args, fmt);
	int len = vsnprintf(t->buf + t->len, room, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= room)
		t->overflow = true;
	else
		t->len += (size_t)len;
}

/*
 * Gregorian date of a day counted from 1970-01-01. gmtime_r() would take
 * glibc's time zone lock and look at TZ for each event.
 *
 * Years are counted from 1 March, so that the leap day comes last, in eras of
 * 400 years (146097 days), the first of which begins at 0000-03-01, day
 * -719468.
 */
static void
civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	unsigned doe = (unsigned)(days - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned march_month = (5 * doy + 2) / 153;

	*day = doy - (153 * march_month + 2) / 5 + 1;
	*month = march_month < 10 ? march_month + 3 : march_month - 9;
	*year = era * 400 + yoe + (*month <= 2 ? 1 : 0);
}

/* RFC 3339 has no years but 0000 to 9999: another counts as overflow. */
void
text_rfc3339(struct text *t, int64_t ms)
{
	int64_t days = ms / MS_PER_DAY - (ms % MS_PER_DAY < 0 ? 1 : 0);
	/* The product may lie below INT64_MIN, the difference never does. */
	unsigned of_day =
	    (unsigned)((uint64_t)ms - (uint64_t)days * MS_PER_DAY);
	int64_t year;
	unsigned month, day;
	char *to;

	civil(days, &year, &month, &day);
	if (year < 0 || year > 9999) {
		t->overflow = true;
		return;
	}
	to = text_claim(t, RFC3339_LEN);
	if (to == NULL)
		return;
	memcpy(to, "yyyy-mm-ddThh:mm:ss.000Z", RFC3339_LEN);
	put_two(to, (unsigned)year / 100);
	put_two(to + 2, (unsigned)year % 100);
	put_two(to + 5, month);
	put_two(to + 8, day);
	put_two(to + 11, of_day / 3600000);
	put_two(to + 14, of_day / 60000 % 60);
	put_two(to + 17, of_day / 1000 % 60);
	to[20] = (char)('0' + of_day % 1000 / 100);
	put_two(to + 21, of_day % 100);
}

bool
text_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
bytes_equal(struct bytes a, struct bytes b)
{
	if (a.at == NULL || b.at == NULL)
		return a.at == b.at;
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

struct bytes
bytes_of(const char *s)
{
	if (s == NULL)
		return BYTES_NONE;
	return (struct bytes){s, strlen(s)};
}
