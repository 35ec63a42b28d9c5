/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that makes auditd start the plugin, judged by auditd's own rules:
 * load_pconfig() and what it calls, audisp/audispd-pconfig.c of
 * audit-userspace 3.0 to 4.2. A refusal there is a line in the system's log.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "check_judge.h"

/* Longer lines are skipped; fgets() there leaves two bytes of its buffer. */
#define LINE_MAX_OLD 158 /* before 4.1.4 */
#define LINE_MAX_NEW 510

/* Words of a line, one more than any but args may have. */
#define WORDS_MAX 4

/* The keys, and what of their values works for us; NULL: anything. */
static const struct key {
	const char *name;
	const char *value;
	bool many; /* it may have more than one value */
} keys[] = {
    {"active", "yes", false},
    {"direction", "out", false},
    {"path", NULL, false},
    {"type", "always", false},
    {"args", NULL, true},
    {"format", "string", false},
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* Has the line put right by hand and auditd read it again. */
static void
remedy_edit(const struct check_world *w, struct check_report *r, unsigned line)
{
	char before[400];

	snprintf(before, sizeof(before),
	    "correct line %u of %s, then run: ", line, w->stanza.path);
	check_remedy_auditd(r, w, before);
}

static const struct key *
key_find(const char *name)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (strcasecmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	return NULL;
}

/* A path in /, or in a folder of one or two letters, is refused. */
static bool
folder_is_short(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL || slash - path < 4;
}

/* What is wrong with a line of n words; NULL: nothing. */
static const char *
judge_words(char *const words[], size_t n)
{
	const struct key *key = key_find(words[0]);

	if (n == 1 || strcmp(words[1], "=") != 0)
		return "has no \"=\" between blanks";
	if (n == 2)
		return "has no value";
	if (key == NULL)
		return "has an unknown key";
	if (n > 3 && !key->many)
		return "has more than one value";
	if (key->value != NULL && strcasecmp(words[2], key->value) != 0)
		return "has a value that does not work";
	if (strcmp(key->name, "path") == 0 && folder_is_short(words[2]))
		return "names a program in a folder that is too short";
	return NULL;
}

/* Its length: true if it was said to be too long, or without an end. */
static bool
judge_length(const struct check_world *w, struct check_report *r,
    unsigned number, size_t len, bool ended)
{
	if (!ended)
		check_say(r, CHECK_BROKEN,
		    "%s: line %u, the last, has no newline: auditd skips it",
		    w->stanza.path, number);
	else if (len > LINE_MAX_NEW)
		check_say(r, CHECK_BROKEN,
		    "%s: line %u is too long: auditd skips it", w->stanza.path,
		    number);
	else if (len > LINE_MAX_OLD)
		check_say(r, CHECK_WARN,
		    "%s: line %u is too long for auditd before 4.1.4",
		    w->stanza.path, number);
	else
		return false;
	remedy_edit(w, r, number);
	return true;
}

/* True if all lines are as they should be. */
static bool
judge_lines(const struct check_world *w, struct check_report *r)
{
	const char *text = w->stanza.text;
	char line[LINE_MAX_NEW + 1], *words[WORDS_MAX];
	unsigned number = 0;
	bool right = true, ended;
	size_t len;

	while ((text = check_next_line(
		    text, line, sizeof(line), &len, &ended)) != NULL) {
		size_t n = check_words(line, words, WORDS_MAX);
		const char *wrong;

		number++;
		if (n == 0)
			continue;
		if (judge_length(w, r, number, len, ended)) {
			right = false;
			continue;
		}
		wrong = judge_words(words, n);
		if (wrong == NULL)
			continue;
		check_say(r, CHECK_BROKEN, "%s: line %u %s", w->stanza.path,
		    number, wrong);
		remedy_edit(w, r, number);
		right = false;
	}
	return right;
}

/* What auditd has against the owner or mode of a file; NULL: nothing. */
static const char *
mode_fault(const struct check_file *f, bool program, enum check_level *level)
{
	*level = CHECK_BROKEN;
	if (!S_ISREG(f->mode))
		return "is not a regular file";
	if (f->uid != 0)
		return "does not belong to root";
	if (program && (f->mode & 0550) != 0550)
		return "may not be run by root and its group";
	if (!program && (f->mode & S_IWOTH) != 0)
		return "is writable by everybody";
	*level = CHECK_WARN;
	if ((f->mode & (S_IWGRP | S_IWOTH)) != 0)
		return "is writable by others, which auditd refuses since 4.2";
	if (program && (f->mode & S_IWUSR) == 0)
		return "is not writable by root, which auditd refuses before"
		       " 4.0.4";
	return NULL;
}

/* True if auditd has nothing against the file. */
static bool
judge_mode(struct check_report *r, const struct check_file *f, bool program)
{
	enum check_level level;
	const char *fault = mode_fault(f, program, &level);

	if (fault == NULL)
		return true;
	check_say(r, level, "%s %s", f->path, fault);
	if (S_ISREG(f->mode))
		check_remedy(r, "chown root:root %s && chmod %s %s", f->path,
		    program ? "0755" : "0640", f->path);
	else
		check_remedy(r, "remove %s, then install proclife", f->path);
	return false;
}

/* True if all is well with the program that the stanza names. */
static bool
judge_binary(const struct check_world *w, struct check_report *r)
{
	if (w->binary.path[0] == '\0') {
		check_say(r, CHECK_BROKEN, "%s: no path", w->stanza.path);
		check_remedy_auditd(r, w, "install proclife, then run: ");
		return false;
	}
	if (w->binary.look == LOOK_FAILED) {
		check_unseen(r, w, w->binary.path, w->binary.error);
		return false;
	}
	if (w->binary.look == LOOK_NONE) {
		check_say(r, CHECK_BROKEN, "%s: the program %s is not there",
		    w->stanza.path, w->binary.path);
		check_remedy_auditd(r, w, "install proclife, then run: ");
		return false;
	}
	return judge_mode(r, &w->binary, true);
}

/* auditd starts no plugin that is not said to be active. */
static bool
judge_active(const struct check_world *w, struct check_report *r)
{
	char value[16];

	if (check_conf_value(w->stanza.text, "active", value, sizeof(value)))
		return true;
	check_say(r, CHECK_BROKEN, "%s: no \"active = yes\"", w->stanza.path);
	check_remedy_auditd(r, w, "install proclife, then run: ");
	return false;
}

void
check_judge_stanza(const struct check_world *w, struct check_report *r)
{
	bool right;

	if (w->stanza.look == LOOK_NONE) {
		check_say(r, CHECK_BROKEN,
		    "no %s: auditd does not know of proclife", w->stanza.path);
		check_remedy_auditd(r, w, "install proclife, then run: ");
		return;
	}
	if (w->stanza.look == LOOK_FAILED) {
		check_unseen(r, w, w->stanza.path, w->stanza.error);
		return;
	}
	right = judge_mode(r, &w->stanza, false);
	if (w->stanza.text == NULL)
		return;
	right &= judge_lines(w, r);
	right &= judge_active(w, r);
	right &= judge_binary(w, r);
	if (right)
		check_say(
		    r, CHECK_OK, "%s is as auditd wants it", w->stanza.path);
}
