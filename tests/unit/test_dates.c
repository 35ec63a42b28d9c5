/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When records of saved accounting files were written. */
#include "dates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ticks.h"

#define T0  INT64_C(1700000000000)
#define PID 300

struct world {
	struct dates *dates;
	uint32_t serial;
	int64_t ms; /* of the newest stamp, since T0 */
};

static void
begin(struct world *w)
{
	w->dates = dates_new();
	w->serial = 100;
	w->ms = -10;
	assert_non_null(w->dates);
}

/* Others do something, too, all the time. */
static struct stamp
hear(struct world *w, int64_t ms)
{
	for (; w->ms + 10 < ms; w->ms += 10)
		dates_hear(
		    w->dates, (struct stamp){T0 + w->ms + 10, w->serial++});
	if (ms > w->ms)
		w->ms = ms;
	struct stamp at = {T0 + ms, w->serial++};

	dates_hear(w->dates, at);
	return at;
}

static void
leave(struct world *w, int32_t pid, int64_t ms, uint8_t code)
{
	dates_exit(w->dates, pid, hear(w, ms), code);
}

/* Somebody gets the number, and does something. */
static void
use_again(struct world *w, int32_t pid, int64_t ms)
{
	dates_birth(w->dates, pid, hear(w, ms));
	dates_act(w->dates, pid, hear(w, ms), false);
}

/* A short life ended in the second from T0 on. */
static void
record(struct world *w, int32_t pid, int32_t ppid, uint32_t status)
{
	struct fact fact = {.kind = FACT_ACCT,
	    .pid = pid,
	    .ppid = ppid,
	    .comm = BYTES_LITERAL("sh"),
	    .acct = {.birth_s = T0 / 1000,
		.elapsed_cs = 1,
		.status = status,
		.read_ms = TIME_UNKNOWN,
		.unwritten_ms = TIME_UNKNOWN}};

	assert_true(dates_is_near(w->dates, &fact));
	assert_true(dates_add(w->dates, &fact));
}

/* TIME_UNKNOWN, or since T0. */
static int64_t
since(int64_t ms)
{
	return ms == TIME_UNKNOWN ? ms : ms - T0;
}

static void
assert_taken(struct world *w, int32_t pid, int64_t from, int64_t until)
{
	struct fact fact;

	assert_true(dates_take(w->dates, T0 + 1100, false, &fact));
	assert_int_equal(fact.pid, pid);
	assert_true(bytes_equal(fact.comm, BYTES_LITERAL("sh")));
	assert_true(since(fact.acct.unwritten_ms) == from);
	assert_true(since(fact.acct.read_ms) == until);
}

static void
end(struct world *w)
{
	struct fact fact;

	assert_false(dates_take(w->dates, T0 + 100000, true, &fact));
	dates_free(w->dates);
}

/* The stream has come far beyond the second. */
static void
pass(struct world *w)
{
	hear(w, 2000);
}

static void
test_by_its_exit(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	leave(&w, PID, 300, 7);
	use_again(&w, PID, 400);
	record(&w, PID, 10, 0x700);
	pass(&w);
	assert_taken(&w, PID, 300, 400 + TICK_MS);
	end(&w);
}

/* Who was killed said nothing: those before and after it in the file did. */
static void
test_by_its_neighbours(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	leave(&w, 301, 300, 7);
	use_again(&w, 301, 310);
	leave(&w, 302, 500, 8);
	use_again(&w, 302, 550);
	record(&w, 301, 10, 0x700);
	record(&w, PID, 10, 9);
	record(&w, 302, 10, 0x800);
	pass(&w);
	assert_taken(&w, 301, 300, 310 + TICK_MS);
	assert_taken(&w, PID, 300, 550 + TICK_MS);
	assert_taken(&w, 302, 500, 550 + TICK_MS);
	end(&w);
}

/* Others may take their time, and were entered before. */
static void
test_slow_exits(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	leave(&w, PID, 300, 7);
	hear(&w, 350);
	for (int32_t pid = 301; pid < 304; pid++)
		leave(&w, pid, 299, 8);
	use_again(&w, PID, 400);
	record(&w, PID, 10, 0x700);
	pass(&w);
	assert_taken(&w, PID, 300, 400 + TICK_MS);
	end(&w);
}

/* Of several that leave alike one record is missing: any may be it. */
static void
test_one_of_several(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	for (int64_t ms = 300; ms < 600; ms += 100) {
		leave(&w, PID, ms, 7);
		use_again(&w, PID, ms + 50);
	}
	record(&w, PID, 10, 0x700);
	record(&w, PID, 10, 0x700);
	pass(&w);
	assert_taken(&w, PID, 300, 450 + TICK_MS);
	assert_taken(&w, PID, 400, 550 + TICK_MS);
	end(&w);
}

/* It is taken no sooner than it may have been written. */
static void
test_not_before_its_time(void **state)
{
	struct world w;
	struct fact fact;

	(void)state;
	begin(&w);
	leave(&w, PID, 300, 7);
	record(&w, PID, 10, 0x700);
	pass(&w);
	assert_false(dates_take(w.dates, T0 + 299, false, &fact));
	assert_true(dates_take(w.dates, T0 + 300, false, &fact));
	end(&w);
}

/* As long as what follows is not read nothing is said of it, nor taken. */
static void
test_not_read_yet(void **state)
{
	struct world w;
	struct fact fact;

	(void)state;
	begin(&w);
	leave(&w, PID, 300, 7);
	record(&w, PID, 10, 0x700);
	hear(&w, 1000);
	assert_false(dates_take(w.dates, T0 + 1000, false, &fact));
	dates_end(w.dates);
	assert_taken(&w, PID, 300, TIME_UNKNOWN);
	end(&w);
}

/* What makes that nothing is sure. */
static void
test_nothing_sure(void **state)
{
	struct world w;

	(void)state;
	/* a serial is missing: the exit may be another one's */
	begin(&w);
	hear(&w, 290);
	w.serial++;
	leave(&w, PID, 300, 7);
	record(&w, PID, 10, 0x700);
	pass(&w);
	assert_taken(&w, PID, TIME_UNKNOWN, TIME_UNKNOWN);
	end(&w);

	/* threads */
	begin(&w);
	dates_act(w.dates, PID, hear(&w, 290), true);
	leave(&w, PID, 300, 7);
	record(&w, PID, 10, 0x700);
	pass(&w);
	assert_taken(&w, PID, TIME_UNKNOWN, TIME_UNKNOWN);
	end(&w);

	/* the kernel's own */
	begin(&w);
	leave(&w, PID, 300, 0);
	record(&w, PID, 2, 0);
	pass(&w);
	assert_taken(&w, PID, TIME_UNKNOWN, TIME_UNKNOWN);
	end(&w);

	/* of who lives, and switched to another file */
	begin(&w);
	leave(&w, PID, 300, 0);
	record(&w, PID, 10, 0);
	dates_turn(w.dates);
	pass(&w);
	assert_taken(&w, PID, TIME_UNKNOWN, TIME_UNKNOWN);
	end(&w);

	/* the clock was set back */
	begin(&w);
	hear(&w, 900);
	for (int32_t pid = 301; pid < 305; pid++)
		leave(&w, pid, 300, 7);
	leave(&w, PID, 300, 7);
	record(&w, PID, 10, 0x700);
	pass(&w);
	assert_taken(&w, PID, TIME_UNKNOWN, TIME_UNKNOWN);
	end(&w);
}

/* What contradicts itself is not believed. */
static void
test_contradiction(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	leave(&w, 301, 300, 7);
	use_again(&w, 301, 320);
	leave(&w, 302, 500, 8);
	record(&w, 302, 10, 0x800);
	record(&w, 301, 10, 0x700);
	pass(&w);
	assert_taken(&w, 302, TIME_UNKNOWN, TIME_UNKNOWN);
	assert_taken(&w, 301, TIME_UNKNOWN, TIME_UNKNOWN);
	end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_by_its_exit),
	    cmocka_unit_test(test_by_its_neighbours),
	    cmocka_unit_test(test_slow_exits),
	    cmocka_unit_test(test_one_of_several),
	    cmocka_unit_test(test_not_before_its_time),
	    cmocka_unit_test(test_not_read_yet),
	    cmocka_unit_test(test_nothing_sure),
	    cmocka_unit_test(test_contradiction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
