/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "acct_space.h"
#include "check_judge.h"

/* With less free space than this it is time to say so. */
#define NEARLY_FULL_PERCENT 10

/* The file that the kernel writes, or NULL. */
static const struct check_acct_file *
proven(const struct check_world *w)
{
	return w->canary == CANARY_FOUND ? &w->acct_files[w->canary_file]
					 : NULL;
}

/* The first file that could be written, NULL: none is there. */
static const struct check_acct_file *
candidate(const struct check_world *w)
{
	for (size_t i = 0; i < w->nacct_files; i++) {
		if (w->acct_files[i].look == LOOK_SEEN)
			return &w->acct_files[i];
	}
	return NULL;
}

/* Free space in hundredths; -1: not known. */
static int
free_percent(const struct check_acct_file *f)
{
	if (f->blocks == 0)
		return -1;
	return (int)((double)f->available * 100 / (double)f->blocks);
}

/* True if the kernel has no accounting that is of use; says so. */
static bool
judge_support(const struct check_world *w, struct check_report *r)
{
	if (check_kernel_has(w, "CONFIG_BSD_PROCESS_ACCT") == 0 ||
	    (w->acct_space.look == LOOK_NONE && proven(w) == NULL)) {
		check_say(r, CHECK_BROKEN, "this kernel has no accounting");
		check_remedy(r, "boot a kernel with"
				" CONFIG_BSD_PROCESS_ACCT_V3=y");
		return true;
	}
	if (w->canary == CANARY_OLD_VERSION ||
	    (check_kernel_has(w, "CONFIG_BSD_PROCESS_ACCT_V3") == 0 &&
		proven(w) == NULL)) {
		check_say(r, CHECK_BROKEN,
		    "this kernel's records have no process numbers");
		check_remedy(r, "boot a kernel with"
				" CONFIG_BSD_PROCESS_ACCT_V3=y");
		return true;
	}
	return false;
}

/* The file to have written: one that is there, else the first. */
static const char *
file_to_write(const struct check_world *w)
{
	const char *first = NULL;

	for (size_t i = 0; i < w->nacct_files; i++) {
		const struct check_acct_file *f = &w->acct_files[i];

		if (f->own)
			continue;
		if (f->look == LOOK_SEEN)
			return f->path;
		if (first == NULL)
			first = f->path;
	}
	return first;
}

/* A command that switches accounting on for the mode follow. */
static void
remedy_on(const struct check_world *w, struct check_report *r)
{
	const char *file = file_to_write(w);

	if (!w->accton && w->apt)
		check_remedy(r, "apt-get install acct");
	else if (!w->accton && w->dnf)
		check_remedy(r, "dnf install psacct && systemctl enable --now"
				" psacct");
	else if (!w->accton || file == NULL)
		check_remedy_auditd(
		    r, w, "set acct.mode = \"own\", then run: ");
	else if (w->systemd)
		check_remedy(r, "systemctl enable %s && systemctl restart %s",
		    w->dnf ? "psacct" : "acct", w->dnf ? "psacct" : "acct");
	else
		check_remedy(r, "touch %s && accton %s", file, file);
}

/* True if files that may be the one could not be opened; says so. */
static bool
judge_unseen(const struct check_world *w, struct check_report *r)
{
	for (size_t i = 0; i < w->nacct_files; i++) {
		const struct check_acct_file *f = &w->acct_files[i];

		if (f->look == LOOK_FAILED) {
			check_unseen(r, w, f->path, f->error);
			return true;
		}
	}
	return false;
}

/* No record of the canary came. */
static void
judge_missing(const struct check_world *w, struct check_report *r)
{
	const struct check_acct_file *f = candidate(w);
	int resume, suspend, left = f != NULL ? free_percent(f) : -1;

	acct_space_limits(w->acct_space.text, &resume, &suspend);
	if (left >= 0 && left < resume) {
		check_say(r, CHECK_BROKEN,
		    "paused: %d %% of the space at %s is free, and the kernel"
		    " goes on at %d %%",
		    left, f->path, resume);
		check_remedy(r, "df -h %s", f->path);
	} else if (w->settings->acct.mode == ACCT_OWN) {
		check_say(r, CHECK_BROKEN,
		    "off: the plugin switches it on when it starts");
		check_remedy_auditd(r, w, "");
	} else {
		check_say(r, CHECK_BROKEN,
		    "off, or written to a file that acct.files does not"
		    " name: how processes died of signals is not told");
		remedy_on(w, r);
	}
}

/* It is written; but is it to the file that the plugin reads? */
static void
judge_written(const struct check_world *w, struct check_report *r,
    const struct check_acct_file *f)
{
	bool own = w->settings->acct.mode == ACCT_OWN;

	if (f->own && w->plugin_pid == 0) {
		check_say(r, CHECK_WARN,
		    "%s grows, as the plugin that reads and cuts it does not"
		    " run",
		    f->path);
		check_remedy(r, "accton off");
	} else if (f->own && !own) {
		check_say(r, CHECK_BROKEN,
		    "written to the plugin's own file %s, but acct.mode is"
		    " not \"own\"",
		    f->path);
		remedy_on(w, r);
	} else if (!f->own && own) {
		check_say(r, CHECK_BROKEN,
		    "written to %s, but acct.mode is \"own\"", f->path);
		check_remedy_auditd(r, w, "");
	} else {
		check_say(r, CHECK_OK, "written to %s", f->path);
	}
}

void
check_judge_acct(const struct check_world *w, struct check_report *r)
{
	const struct check_acct_file *f = proven(w);

	if (w->settings == NULL)
		return;
	if (w->settings->acct.mode == ACCT_OFF) {
		check_say(r, CHECK_WARN,
		    "not used, as acct.mode is \"off\": how processes died of"
		    " signals is not told");
		check_remedy_auditd(
		    r, w, "set acct.mode = \"follow\" or \"own\", then run: ");
		return;
	}
	if (judge_support(w, r))
		return;
	if (f != NULL)
		judge_written(w, r, f);
	else if (!judge_unseen(w, r))
		judge_missing(w, r);
}

void
check_judge_acct_space(const struct check_world *w, struct check_report *r)
{
	const struct check_acct_file *f = proven(w);
	int resume, suspend, left;

	if (f == NULL || (left = free_percent(f)) < 0)
		return;
	acct_space_limits(w->acct_space.text, &resume, &suspend);
	if (left <= suspend)
		check_say(r, CHECK_WARN,
		    "%d %% of the space at %s is free: the kernel is about to"
		    " pause accounting",
		    left, f->path);
	else if (left < NEARLY_FULL_PERCENT)
		check_say(r, CHECK_WARN,
		    "%d %% of the space at %s is free: the kernel pauses"
		    " accounting at %d %%",
		    left, f->path, suspend);
	else
		check_say(r, CHECK_OK, "%d %% of the space at %s is free", left,
		    f->path);
	if (left < NEARLY_FULL_PERCENT)
		check_remedy(r, "df -h %s", f->path);
}
