/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of saved logs go on in the order in which the kernel made them. */
#include "order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "assemble.h"
#include "fact.h"

#define LATENESS_MS 2000

struct out {
	char lines[4096];
	size_t len, longest;
	uint32_t highest; /* serial */
	struct stamp ahead;
	int nahead;
};

static void
on_line(void *ctx, const struct order_line *whole)
{
	struct bytes line = whole->text;
	struct out *out = ctx;

	assert_true(line.len > 0 && line.at[line.len - 1] == '\n');
	if (line.len > out->longest)
		out->longest = line.len;
	if (whole->record != NULL && whole->record->at.serial > out->highest)
		out->highest = whole->record->at.serial;
	if (line.len > sizeof(out->lines) - out->len)
		return;
	memcpy(out->lines + out->len, line.at, line.len);
	out->len += line.len;
}

static struct order *
begin(struct out *out)
{
	struct order *o;

	memset(out, 0, sizeof(*out));
	o = order_new(&(struct order_settings){.lateness_ms = LATENESS_MS},
	    &(struct order_ops){.line = on_line}, out);
	assert_non_null(o);
	return o;
}

static void
take(struct order *o, const char *s)
{
	order_take(o, bytes_of(s));
}

/* A record of this second and serial. */
static void
take_record(struct order *o, const char *type, int s, unsigned serial)
{
	char line[128];

	snprintf(line, sizeof(line), "type=%s msg=audit(%d.000:%u): a=b\n",
	    type, s, serial);
	take(o, line);
}

/* What went on since it was asked last, as "TYPE:SERIAL TYPE:SERIAL". */
static void
assert_out(struct out *out, const char *want)
{
	char got[1024] = "", type[32];
	unsigned serial;

	for (char *at = out->lines, *end; out->len > 0; at = end + 1) {
		end = memchr(at, '\n', out->len);
		assert_non_null(end);
		*end = '\0';
		out->len -= (size_t)(end - at) + 1;
		if (sscanf(at, "type=%31s msg=audit(%*[0-9.]:%u)", type,
			&serial) != 2) {
			snprintf(type, sizeof(type), "%.*s",
			    (int)strcspn(at, " "), at);
			serial = 0;
		}
		snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%s%s:%u", *got == '\0' ? "" : " ", type, serial);
	}
	assert_string_equal(got, want);
}

static void
test_in_order_of_serials(void **state)
{
	struct out out;
	struct order *o = begin(&out);

	(void)state;
	take_record(o, "SYSCALL", 10, 7);
	take_record(o, "EOE", 10, 7);
	take_record(o, "SYSCALL", 10, 5);
	take_record(o, "SYSCALL", 9, 6);
	take_record(o, "EOE", 10, 5);
	assert_out(&out, "");
	take_record(o, "SYSCALL", 12, 8);
	assert_out(&out, "SYSCALL:5 EOE:5 SYSCALL:6 SYSCALL:7 EOE:7");
	order_finish(o);
	assert_out(&out, "SYSCALL:8");
	assert_true(order_late(o) == 0);
	order_free(o);
}

static void
test_serials_roll_over(void **state)
{
	struct out out;
	struct order *o = begin(&out);

	(void)state;
	take_record(o, "A", 10, 2);
	take_record(o, "B", 10, UINT32_MAX);
	take_record(o, "C", 10, 1);
	order_finish(o);
	assert_out(&out, "B:4294967295 C:1 A:2");
	order_free(o);
}

static void
test_too_late(void **state)
{
	struct out out;
	struct order *o = begin(&out);

	(void)state;
	take_record(o, "A", 10, 5);
	take_record(o, "B", 12, 6);
	assert_out(&out, "A:5");
	take_record(o, "C", 12, 4);
	assert_true(order_late(o) == 1);
	order_finish(o);
	assert_out(&out, "C:4 B:6");
	order_free(o);
}

static void
on_ahead(void *ctx, const struct order_line *line)
{
	struct out *out = ctx;

	if (line != NULL) {
		assert_non_null(line->record);
		assert_int_equal(line->record->kind, RECORD_SYSCALL);
		out->ahead = line->record->at;
	}
	out->nahead++;
}

/* Lines go on later than their order is told, and in the same one. */
static void
test_ahead(void **state)
{
	struct out out = {.len = 0};
	struct order *o =
	    order_new(&(struct order_settings){.lateness_ms = LATENESS_MS,
			  .ahead_ms = 3000},
		&(struct order_ops){.ahead = on_ahead, .line = on_line}, &out);

	(void)state;
	assert_non_null(o);
	take_record(o, "SYSCALL", 10, 6);
	take_record(o, "SYSCALL", 10, 5);
	assert_int_equal(out.nahead, 0);
	take_record(o, "SYSCALL", 12, 7);
	assert_int_equal(out.nahead, 2);
	assert_int_equal(out.ahead.serial, 6);
	assert_out(&out, "");
	take_record(o, "SYSCALL", 15, 8);
	assert_int_equal(out.nahead, 3);
	assert_out(&out, "SYSCALL:5 SYSCALL:6");
	order_finish(o);
	assert_int_equal(out.nahead, 5);
	assert_out(&out, "SYSCALL:7 SYSCALL:8");
	order_free(o);
}

/* auditd counts for itself: its records stay where they are, and so does what
 * is none, or another host's. */
static void
test_no_serial_of_the_kernels(void **state)
{
	struct out out;
	struct order *o = begin(&out);

	(void)state;
	take(o, "garbage\n");
	assert_out(&out, "garbage:0");
	take_record(o, "A", 10, 5);
	take_record(o, "DAEMON_ROTATE", 10, 1);
	take(o, "garbage\n");
	take(o, "node=other type=X msg=audit(10.000:2): a=b\n");
	take_record(o, "B", 10, 4);
	order_finish(o);
	assert_out(&out, "B:4 A:5 DAEMON_ROTATE:1 garbage:0 node=other:0");
	order_free(o);
}

/* Another boot, or another log. */
static void
test_counts_anew(void **state)
{
	struct out out;
	struct order *o = begin(&out);

	(void)state;
	take_record(o, "A", 10, 500);
	take_record(o, "DAEMON_START", 13, 9000);
	take_record(o, "B", 13, 3);
	take_record(o, "C", 13, 2);
	order_finish(o);
	assert_out(&out, "A:500 DAEMON_START:9000 C:2 B:3");
	assert_true(order_late(o) == 0);
	order_free(o);
}

/* The same lines, in pieces of any size, and without a last newline. */
static void
test_pieces(void **state)
{
	static const char log[] = "type=A msg=audit(10.000:2): a=b\n"
				  "type=B msg=audit(10.000:1): a=b";
	struct out out;

	(void)state;
	for (size_t piece = 1; piece < sizeof(log); piece++) {
		struct order *o = begin(&out);

		for (size_t at = 0; at < sizeof(log) - 1; at += piece) {
			size_t n = sizeof(log) - 1 - at;

			order_take(
			    o, (struct bytes){log + at, n < piece ? n : piece});
		}
		order_end_file(o);
		order_end_file(o);
		order_finish(o);
		assert_out(&out, "B:1 A:2");
		order_free(o);
	}
}

/* It stays too long, so that who takes it sees that it is. */
static void
test_line_too_long(void **state)
{
	static char line[2 * ASSEMBLE_LINE_MAX];
	struct out out;
	struct order *o = begin(&out);

	(void)state;
	memset(line, 'x', sizeof(line));
	order_take(o, (struct bytes){line, sizeof(line)});
	order_take(o, (struct bytes){line, sizeof(line)});
	take(o, "\n");
	take_record(o, "A", 10, 5);
	order_finish(o);
	assert_true(out.longest == ASSEMBLE_LINE_MAX + 2);
	assert_out(&out, "A:5");
	order_free(o);
}

/* The clock was set back: what is held is bounded all the same. */
static void
test_bounded(void **state)
{
	static char line[ASSEMBLE_LINE_MAX];
	struct out out;
	struct order *o = begin(&out);
	size_t held = 0;

	(void)state;
	memset(line, 'x', sizeof(line));
	take_record(o, "A", 10000, 1);
	for (unsigned serial = 2; out.len == 0; serial++) {
		int n = snprintf(line, sizeof(line),
		    "type=EXECVE msg=audit(10.000:%u): ", serial);

		line[n] = 'x';
		line[sizeof(line) - 1] = '\n';
		order_take(o, (struct bytes){line, sizeof(line)});
		held += sizeof(line);
		assert_true(held <= ORDER_BYTES + sizeof(line));
	}
	assert_out(&out, "A:1");
	order_free(o);
}

/*
 * One kernel's serials are high, one's low, and neither names its node: while
 * the low ones come the high ones are held, each with a page of memory. That
 * has its bound, too.
 */
static void
test_bounded_by_pages(void **state)
{
	enum {
		LINE = ASSEMBLE_LINE_MAX - 1,
		OF_A_PAGE = 4
	};
	static char line[LINE];
	unsigned low = 1, high = 500000000;
	struct out out;
	struct order *o = begin(&out);
	size_t given = 0;

	(void)state;
	memset(line, 'x', sizeof(line));
	line[LINE - 1] = '\n';
	while (given < 2 * (size_t)ORDER_BYTES) {
		for (int i = 0; i < OF_A_PAGE; i++) {
			int n = snprintf(line, sizeof(line),
			    "type=EXECVE msg=audit(%zu.000:%u): ",
			    given / (16 * LINE), i == 0 ? high++ : low++);

			line[n] = 'x';
			order_take(o, (struct bytes){line, sizeof(line)});
			given += sizeof(line);
		}
	}
	assert_true(out.highest >= 500000000);
	order_free(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_in_order_of_serials),
	    cmocka_unit_test(test_serials_roll_over),
	    cmocka_unit_test(test_too_late),
	    cmocka_unit_test(test_ahead),
	    cmocka_unit_test(test_no_serial_of_the_kernels),
	    cmocka_unit_test(test_counts_anew),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_line_too_long),
	    cmocka_unit_test(test_bounded),
	    cmocka_unit_test(test_bounded_by_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
