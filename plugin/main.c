/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audisp-proclife - started by auditd, which writes the audit stream to our
 * stdin; see audisp-proclife(8).
 */
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "plugin.h"
#include "settings.h"

#define SETTINGS_PATH PROCLIFE_SYSCONFDIR "/audit/audisp-proclife.conf"

static const char usage[] =
    "usage: audisp-proclife [-c FILE] [-f] [-t] [-V]\n"
    "  -c FILE  settings (default: " SETTINGS_PATH ")\n"
    "  -f       log to stderr, not to syslog\n"
    "  -t       check the settings, print what is in effect, and leave\n"
    "  -V       print the version and leave\n";

/*
 * auditd leaves us nearly every signal ignored, and, when it starts us again,
 * those that matter blocked (audit-userspace src/auditd.c, main(), and
 * audisp/audispd.c, start_one_plugin()).
 */
static void
reset_signals(void)
{
	struct sigaction sa;
	sigset_t ours;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &sa, NULL); /* fails for KILL and STOP */
	/* Write errors are values to us: a closed pipe, a file size limit. */
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL);
	/* Those we act on wait until plugin_new() has a loop for them. */
	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGUSR1);
	sigprocmask(SIG_SETMASK, &ours, NULL);
}

/* A large buffer is given back when it is freed, whatever lies behind it. */
#define LARGE (128 * 1024)

static void
limit_memory(void)
{
#ifdef M_MMAP_THRESHOLD
	/* glibc would raise it when one is. */
	mallopt(M_MMAP_THRESHOLD, LARGE);
#endif
}

static int
print_settings(const char *path)
{
	struct err err;
	struct settings *s = settings_load(path, &err);

	if (s == NULL) {
		fprintf(stderr, "audisp-proclife: %s\n", err.text);
		return EXIT_FAILURE;
	}
	settings_print(s, stdout);
	settings_free(s);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run(const char *path)
{
	struct err err;
	struct plugin *p = plugin_new(path, &err);

	if (p == NULL) {
		log_warnx("%s", err.text);
		return EXIT_FAILURE;
	}
	plugin_run(p);
	plugin_free(p);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	const char *path = SETTINGS_PATH;
	enum log_target target = LOG_TO_SYSLOG;
	bool test = false;
	int opt;

	reset_signals();
	while ((opt = getopt(argc, argv, "c:fthV")) != -1) {
		switch (opt) {
		case 'c':
			path = optarg;
			break;
		case 'f':
			target = LOG_TO_STDERR;
			break;
		case 't':
			test = true;
			break;
		case 'V':
			puts("audisp-proclife " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return EXIT_FAILURE;
		}
	}
	if (test)
		return print_settings(path);
	log_open("audisp-proclife", target, false);
	limit_memory();
	return run(path);
}
