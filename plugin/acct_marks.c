/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acct_marks.h"

#include <string.h>

#include "acct_record.h"

static void
thin_out(struct acct_marks *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i += 2)
		m->at[n++] = m->at[i];
	m->n = n;
}

static struct acct_mark *
newest(struct acct_marks *m)
{
	return m->n > 0 ? &m->at[m->n - 1] : NULL;
}

void
acct_marks_look(struct acct_marks *m, int64_t now_ms, uint64_t facts)
{
	struct acct_mark *last = newest(m);

	m->now_ms = now_ms;
	if (last == NULL)
		return;
	if (last->order == 0)
		last->order = facts + 1;
	if (last->since_ms == TIME_UNKNOWN)
		last->since_ms = now_ms;
}

bool
acct_marks_note(struct acct_marks *m, uint64_t size)
{
	struct acct_mark *last = newest(m);
	bool cut = last != NULL && last->size > size;

	if (cut)
		m->n = 0;
	else if (last != NULL && last->size == size) {
		last->until_ms = m->now_ms;
		last->order = 0;
		return true;
	}
	if (m->n == ACCT_MARKS_MAX)
		thin_out(m);
	m->at[m->n++] = (struct acct_mark){
	    .size = size, .since_ms = TIME_UNKNOWN, .until_ms = m->now_ms};
	return !cut;
}

void
acct_marks_date(
    const struct acct_marks *m, uint64_t offset, struct fact_acct *a)
{
	size_t i = 0;

	for (; i < m->n && m->at[i].size <= offset; i++) {
		a->unwritten_ms = m->at[i].until_ms;
		a->order = m->at[i].order;
	}
	while (i < m->n && m->at[i].size < offset + ACCT_RECORD_SIZE)
		i++;
	if (i < m->n && m->at[i].since_ms != TIME_UNKNOWN)
		a->read_ms = m->at[i].since_ms;
}

uint64_t
acct_marks_after(const struct acct_marks *m, int64_t ms)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->at[i].until_ms > ms)
			return m->at[i].size;
	}
	return UINT64_MAX;
}

void
acct_marks_read(struct acct_marks *m, uint64_t offset)
{
	size_t n = 0;

	while (n + 1 < m->n && m->at[n + 1].size <= offset)
		n++;
	if (n == 0)
		return;
	m->n -= n;
	memmove(&m->at[0], &m->at[n], m->n * sizeof(m->at[0]));
}

void
acct_marks_cut(struct acct_marks *m, uint64_t offset)
{
	while (m->n > 0 && newest(m)->until_ms == m->now_ms)
		m->n--;
	if (m->n == 0)
		return;
	m->at[0] = *newest(m);
	m->at[0].size = offset;
	m->n = 1;
}
