/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "made_world.h"

static void
test_accounting_off(void **state)
{
	struct check_world *w = *state;

	w->canary = CANARY_LOST;
	expect_only(w, "accounting", CHECK_BROKEN, "off, or written to",
	    "systemctl enable acct && systemctl restart acct");
	w->systemd = false;
	expect_only(w, "accounting", CHECK_BROKEN, "off",
	    "touch /var/log/account/pacct && accton /var/log/account/pacct");
	w->accton = false;
	expect_only(
	    w, "accounting", CHECK_BROKEN, "off", "apt-get install acct");
	w->apt = false;
	expect_only(w, "accounting", CHECK_BROKEN, "off", "\"own\"");
	w->dnf = true;
	expect_only(w, "accounting", CHECK_BROKEN, "off", "dnf install psacct");
	w->settings->acct.mode = ACCT_OWN;
	expect_only(
	    w, "accounting", CHECK_BROKEN, "when it starts", "kill -HUP");
}

static void
test_accounting_paused(void **state)
{
	struct check_world *w = *state;

	w->canary = CANARY_LOST;
	w->acct_files[1].available = 39;
	expect_only(w, "accounting", CHECK_BROKEN, "paused: 3 %",
	    "df -h /var/log/account/pacct");
	w->acct_files[1].available = 40;
	expect_only(w, "accounting", CHECK_BROKEN, "off, or", "");
	plant(&w->acct_space, w->acct_space.path, "20\t10\t30\n");
	w->acct_files[1].available = 199;
	expect_only(w, "accounting", CHECK_BROKEN, "goes on at 20 %", "df");
}

static void
test_accounting_space(void **state)
{
	struct check_world *w = *state;

	w->acct_files[1].available = 100;
	expect_only(w, "space", CHECK_OK, "10 %", "");
	w->acct_files[1].available = 99;
	expect_only(w, "space", CHECK_WARN, "9 % of the space at", "df -h");
	w->acct_files[1].available = 29;
	expect_only(w, "space", CHECK_WARN, "about to pause", "df -h");
	w->acct_files[1].blocks = 0;
	expect_silent(w, "space");
}

static void
test_accounting_of_no_use(void **state)
{
	struct check_world *w = *state;

	w->canary = CANARY_OLD_VERSION;
	expect_only(w, "accounting", CHECK_BROKEN, "no process numbers",
	    "CONFIG_BSD_PROCESS_ACCT_V3=y");
	w->canary = CANARY_LOST;
	plant(&w->kernel_config, "/boot/config",
	    "CONFIG_AUDIT=y\nCONFIG_AUDITSYSCALL=y\n"
	    "CONFIG_IA32_EMULATION=y\nCONFIG_BSD_PROCESS_ACCT=y\n"
	    "# CONFIG_BSD_PROCESS_ACCT_V3 is not set\n");
	expect_only(w, "accounting", CHECK_BROKEN, "no process numbers", "");
	plant(&w->kernel_config, "/boot/config",
	    "CONFIG_AUDIT=y\nCONFIG_AUDITSYSCALL=y\n"
	    "CONFIG_IA32_EMULATION=y\n"
	    "# CONFIG_BSD_PROCESS_ACCT is not set\n");
	expect_only(w, "accounting", CHECK_BROKEN, "has no accounting", "");
	/* No configuration to read: the missing setting tells it as well. */
	deny(&w->kernel_config);
	w->acct_space.look = LOOK_NONE;
	expect_only(w, "accounting", CHECK_BROKEN, "has no accounting", "");
}

static void
test_accounting_that_may_not_be_read(void **state)
{
	struct check_world *w = *state;

	w->canary = CANARY_LOST;
	w->root = false;
	w->acct_files[1].look = LOOK_FAILED;
	w->acct_files[1].error = EACCES;
	expect_only(w, "accounting", CHECK_WARN,
	    "could not look: /var/log/account/pacct", "sudo proclife check");
}

static void
test_accounting_modes(void **state)
{
	struct check_world *w = *state;

	w->settings->acct.mode = ACCT_OFF;
	expect_only(w, "accounting", CHECK_WARN, "acct.mode is \"off\"",
	    "set acct.mode");
	w->settings->acct.mode = ACCT_OWN;
	expect_only(w, "accounting", CHECK_BROKEN,
	    "written to /var/log/account/pacct, but", "kill -HUP 400");
	w->canary_file = 0;
	expect_only(w, "accounting", CHECK_OK, "/var/lib/proclife/pacct", "");
	w->settings->acct.mode = ACCT_FOLLOW;
	expect_only(w, "accounting", CHECK_BROKEN, "plugin's own file", "acct");
	/* Nobody cuts it. */
	w->settings->acct.mode = ACCT_OWN;
	w->plugin_pid = 0;
	expect(w, "accounting", CHECK_WARN, "does not run", "accton off");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_accounting_off),
	    TEST(test_accounting_paused),
	    TEST(test_accounting_space),
	    TEST(test_accounting_of_no_use),
	    TEST(test_accounting_that_may_not_be_read),
	    TEST(test_accounting_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
