/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state_world.h"

#include <errno.h>

#include "agent.h"

static const char good[] =
    "proclife agent 1\n00017f80-ff10-4ab0-9cde-f0123456789a\n";

static void
check_random(const struct uuid *id)
{
	assert_int_equal(id->b[6] >> 4, 4);
	assert_int_equal(id->b[8] >> 6, 2);
}

static void
is_made_once(void **state)
{
	struct uuid a, b;
	struct err err;

	(void)state;
	assert_int_equal(agent_id(folder, &a, &err), 0);
	assert_int_equal(agent_id(folder, &b, &err), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	check_random(&a);
	assert_int_equal(unlink(in_folder("agent")), 0);
	assert_int_equal(agent_id(folder, &b, &err), 0);
	assert_memory_not_equal(&a, &b, sizeof(a));
}

static void
is_read_as_it_stands(void **state)
{
	static const struct uuid want = {{0x00, 0x01, 0x7f, 0x80, 0xff, 0x10,
	    0x4a, 0xb0, 0x9c, 0xde, 0xf0, 0x12, 0x34, 0x56, 0x78, 0x9a}};
	struct uuid id;
	struct err err;

	(void)state;
	put("agent", good, sizeof(good) - 1);
	assert_int_equal(agent_id(folder, &id, &err), 0);
	assert_memory_equal(&id, &want, sizeof(id));
}

static void
a_bad_one_is_set_aside(void **state)
{
	struct uuid id;
	struct err err;
	char want[sizeof(err.text)];

	(void)state;
	for (size_t cut = 0; cut < sizeof(good) - 1; cut++) {
		const char *why = cut < 15    ? "is no agent"
				  : cut == 15 ? "has version 0, not 1"
					      : "is damaged";

		put("agent", good, cut);
		assert_int_equal(agent_id(folder, &id, &err), -1);
		snprintf(want, sizeof(want),
		    "%s/agent: %s; set aside as %s/agent.bad", folder, why,
		    folder);
		assert_string_equal(err.text, want);
		check_random(&id);
		assert_int_equal(unlink(in_folder("agent.bad")), 0);
		/* There is a new one, of use. */
		assert_int_equal(agent_id(folder, &id, &err), 0);
	}
	put("agent", "proclife agent 1\n00017F80-ff10-4ab0-9cde-f0123456789a\n",
	    54);
	assert_int_equal(agent_id(folder, &id, &err), -1);
}

static void
a_failed_write_is_told(void **state)
{
	struct uuid id;
	struct err err;
	char want[sizeof(err.text)];

	(void)state;
	assert_int_equal(mkdir(in_folder("agent.new"), 0700), 0);
	assert_int_equal(agent_id(folder, &id, &err), -1);
	snprintf(want, sizeof(want), "%s: cannot remove agent.new: %s", folder,
	    strerror(EISDIR));
	assert_string_equal(err.text, want);
	check_random(&id);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(is_made_once),
	    TEST(is_read_as_it_stands),
	    TEST(a_bad_one_is_set_aside),
	    TEST(a_failed_write_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
