/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "users.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSWD "/etc/passwd"

#define LINE_SIZE 4096 /* a longer line is skipped */

struct range {
	uint32_t first, last;
	bool without; /* who is in it is not in the set */
};

struct users {
	bool with; /* somebody is named who is in it */
	size_t n;
	struct range range[];
};

static int
find_name(const char *name, uint32_t *uid, struct err *err)
{
	char buf[LINE_SIZE];
	struct passwd entry, *found = NULL;
	FILE *in = fopen(PASSWD, "re");
	int rc;

	if (in == NULL)
		return err_errno(err, "%s", PASSWD);
	do
		rc = fgetpwent_r(in, &entry, buf, sizeof(buf), &found);
	while (rc == ERANGE || (rc == 0 && strcmp(found->pw_name, name) != 0));
	fclose(in);
	if (rc != 0)
		return err_set(err, "no user \"%s\" in %s", name, PASSWD);
	*uid = found->pw_uid;
	return 0;
}

/* A number at *at, which is moved behind it; false: there is none. */
static bool
take_number(const char **at, uint32_t *n)
{
	size_t digits = strspn(*at, "0123456789");
	uint64_t value;

	if (digits == 0 || digits > 10)
		return false;
	value = strtoull(*at, NULL, 10);
	if (value >= UINT32_MAX) /* the kernel's "nobody" */
		return false;
	*n = (uint32_t)value;
	*at += digits;
	return true;
}

static int
parse(const char *part, struct range *r, struct err *err)
{
	const char *at = part;

	r->without = *at == '!';
	if (r->without)
		at++;
	if (*at < '0' || *at > '9') {
		if (find_name(at, &r->first, err) != 0)
			return -1;
		r->last = r->first;
		return 0;
	}
	if (take_number(&at, &r->first)) {
		r->last = r->first;
		if (*at == '\0')
			return 0;
		if (*at++ == '-' && take_number(&at, &r->last) && *at == '\0' &&
		    r->first <= r->last)
			return 0;
	}
	return err_set(err, "\"%s\" is no user and no range of users", part);
}

int
users_check(const char *part, struct err *err)
{
	struct range r;

	return parse(part, &r, err);
}

struct users *
users_new(const char *const *parts, size_t n, struct err *err)
{
	struct users *u = calloc(1, sizeof(*u) + n * sizeof(u->range[0]));

	if (u == NULL) {
		err_errno(err, "users");
		return NULL;
	}
	for (u->n = 0; u->n < n; u->n++) {
		if (parse(parts[u->n], &u->range[u->n], err) != 0) {
			free(u);
			return NULL;
		}
		u->with = u->with || !u->range[u->n].without;
	}
	return u;
}

void
users_free(struct users *u)
{
	free(u);
}

bool
users_have(const struct users *u, uint32_t uid)
{
	bool have = !u->with;

	for (size_t i = 0; i < u->n; i++) {
		if (uid < u->range[i].first || uid > u->range[i].last)
			continue;
		if (u->range[i].without)
			return false;
		have = true;
	}
	return have;
}
