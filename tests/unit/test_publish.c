/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode_world.h"

#define LINES_MAX 8

/* What was handed over for one event. */
static struct told {
	size_t n;
	struct {
		enum event_format format;
		size_t cut_to, len;
		uint32_t user;
		char text[64 * 1024];
	} line[LINES_MAX];
} told;

static void
on_line(void *ctx, const struct sink_line *line)
{
	(void)ctx;
	assert_true(told.n < LINES_MAX);
	assert_true(line->text.len < sizeof(told.line[0].text));
	if (line->text.len > 0)
		assert_int_equal(line->text.at[line->text.len - 1], '\n');
	told.line[told.n].format = line->format;
	told.line[told.n].cut_to = line->cut_to;
	told.line[told.n].user = line->user;
	told.line[told.n].len = line->text.len;
	told.line[told.n].user = line->user;
	memcpy(told.line[told.n].text, line->text.at, line->text.len);
	told.line[told.n].text[line->text.len] = '\0';
	told.n++;
}

static struct event
exec_of(struct args *args)
{
	struct event ev = event_of(EVENT_EXEC);

	ev.args = args;
	return ev;
}

/* n arguments of ten bytes with their end. */
static struct args
arguments(char *room, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		memcpy(room + (size_t)i * 10, "argumen\xc3\xa9", 10);
	for (uint32_t i = 0; i < n; i++)
		room[(size_t)i * 10 + 9] = '\0';
	return (struct args){
	    .bytes = {room, (size_t)n * 10}, .count = n, .argc = n};
}

static bool
publish(const struct publish_variant *v, size_t n, const struct event *ev)
{
	static const struct envelope env = {.version = "1"};
	struct publish *p = publish_new(&env, v, n, on_line, NULL);
	bool all;

	assert_non_null(p);
	told.n = 0;
	all = publish_event(p, ev, NOON);
	assert_int_equal(publish_sequence(p), 1);
	publish_free(p);
	return all;
}

static void
what_fits_is_told_once(void **state)
{
	static const struct publish_variant v[] = {{FORMAT_ECS, 8000},
	    {FORMAT_ECS, PUBLISH_LINE_MAX}, {FORMAT_ECS, 8000},
	    {FORMAT_ECS, 9000}};
	char room[100];
	struct args args = arguments(room, 10);
	struct event ev = exec_of(&args);

	(void)state;
	assert_true(publish(v, 4, &ev));
	assert_int_equal(told.n, 1);
	assert_int_equal(told.line[0].cut_to, 0);
	assert_null(strstr(told.line[0].text, "truncated"));
}

/* Whoever makes a loss or a heartbeat need not say that it is nobody's. */
static void
what_is_of_no_process_has_no_user(void **state)
{
	static const struct publish_variant v = {FORMAT_ECS, PUBLISH_LINE_MAX};
	/* whose user is 0, root's number */
	struct event ev = {.action = EVENT_LOSS, .time_ms = NOON};

	(void)state;
	assert_true(publish(&v, 1, &ev));
	assert_int_equal(told.line[0].user, ID_UNSET);
	ev.action = EVENT_HEARTBEAT;
	assert_true(publish(&v, 1, &ev));
	assert_int_equal(told.line[0].user, ID_UNSET);
	ev = event_of(EVENT_FORK);
	ev.creds.euid = 1000;
	assert_true(publish(&v, 1, &ev));
	assert_int_equal(told.line[0].user, 1000);
}

/* Each length once: the whole one, and each that is too short for it. */
static void
what_is_too_long_is_cut_for_whom_it_is(void **state)
{
	static const struct publish_variant v[] = {{FORMAT_ECS, 2000},
	    {FORMAT_ECS, PUBLISH_LINE_MAX}, {FORMAT_ECS, 2000},
	    {FORMAT_ECS, 1500}};
	char room[2000];
	struct args args = arguments(room, 200);
	struct event ev = exec_of(&args);

	(void)state;
	assert_true(publish(v, 4, &ev));
	assert_int_equal(told.n, 3);
	assert_int_equal(told.line[0].cut_to, 0);
	assert_true(told.line[0].len > 4000);
	assert_null(strstr(told.line[0].text, "truncated"));
	for (size_t i = 1; i < 3; i++) {
		assert_int_equal(told.line[i].cut_to, i == 1 ? 2000 : 1500);
		assert_true(told.line[i].len <= told.line[i].cut_to);
		assert_non_null(
		    strstr(told.line[i].text, "\"truncated\":true"));
		assert_non_null(
		    strstr(told.line[i].text, "\"args_count\":200"));
		/* no character was cut in two */
		assert_null(strstr(told.line[i].text, "\xef\xbf\xbd"));
	}
	/* most of what there is room for is used */
	assert_true(told.line[1].len > 1900);
}

static void
nobody_gets_what_nobody_can_take(void **state)
{
	static const struct publish_variant v[] = {{FORMAT_ECS, 1500}};
	char room[2000];
	struct args args = arguments(room, 200);
	struct event ev = exec_of(&args);

	(void)state;
	assert_true(publish(v, 1, &ev));
	assert_int_equal(told.n, 1);
	assert_int_equal(told.line[0].cut_to, 1500);
}

/* A name that is too long can't be left out. */
static void
what_does_not_fit_at_all_is_said(void **state)
{
	static const struct publish_variant v[] = {
	    {FORMAT_ECS, 1024}, {FORMAT_ECS, PUBLISH_LINE_MAX}};
	static char name[2000];
	struct event ev = event_of(EVENT_FORK);

	(void)state;
	memset(name, 'n', sizeof(name));
	ev.process.executable = (struct bytes){name, sizeof(name)};
	assert_false(publish(v, 2, &ev));
	assert_int_equal(told.n, 2);
	assert_int_equal(told.line[0].cut_to, 0);
	assert_int_equal(told.line[1].cut_to, 1024);
	assert_int_equal(told.line[1].len, 0);
}

static void
each_format_has_its_own_lengths(void **state)
{
	static const struct publish_variant v[] = {{FORMAT_OCSF, 1500},
	    {FORMAT_ECS, 8000}, {FORMAT_OCSF, PUBLISH_LINE_MAX}};
	char room[1000];
	struct args args = arguments(room, 100);
	struct event ev = exec_of(&args);

	(void)state;
	assert_true(publish(v, 3, &ev));
	assert_int_equal(told.n, 3);
	assert_int_equal(told.line[0].format, FORMAT_ECS);
	assert_int_equal(told.line[1].format, FORMAT_OCSF);
	assert_int_equal(told.line[1].cut_to, 0);
	assert_int_equal(told.line[2].format, FORMAT_OCSF);
	assert_int_equal(told.line[2].cut_to, 1500);
	assert_true(told.line[2].len <= 1500);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_fits_is_told_once),
	    cmocka_unit_test(what_is_of_no_process_has_no_user),
	    cmocka_unit_test(what_is_too_long_is_cut_for_whom_it_is),
	    cmocka_unit_test(nobody_gets_what_nobody_can_take),
	    cmocka_unit_test(what_does_not_fit_at_all_is_said),
	    cmocka_unit_test(each_format_has_its_own_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
