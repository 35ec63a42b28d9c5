/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bareloop - the least that a consumer of audit records can do: feeds auparse
 * from stdin and reads eleven fields, raw, of each event that has them. What
 * proclife costs is told beside it.
 */
#include <errno.h>
#include <error.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <auparse.h>
#include <libaudit.h>

#define READ_SIZE (64 * 1024)

struct totals {
	uint64_t events, fields;
};

static const char *const names[] = {"arch", "syscall", "success", "exit", "a0",
    "a1", "ppid", "pid", "uid", "comm", "exe"};

/* The fields stand in the order of names; those of an exit lack two. */
static void
read_fields(auparse_state_t *au, struct totals *totals)
{
	unsigned record = auparse_get_record_num(au);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (auparse_find_field(au, names[i]) == NULL) {
			/* The search went on to the end of the event. */
			auparse_goto_record_num(au, record);
			continue;
		}
		if (auparse_get_field_str(au) != NULL)
			totals->fields++;
	}
}

static void
on_event(auparse_state_t *au, auparse_cb_event_t what, void *data)
{
	struct totals *totals = data;

	if (what != AUPARSE_CB_EVENT_READY)
		return;
	totals->events++;
	auparse_first_record(au);
	do {
		if (auparse_get_type(au) == AUDIT_SYSCALL)
			read_fields(au, totals);
	} while (auparse_next_record(au) > 0);
}

int
main(void)
{
	static char buf[READ_SIZE];
	struct totals totals = {0};
	auparse_state_t *au = auparse_init(AUSOURCE_FEED, NULL);
	ssize_t n;

	if (au == NULL)
		error(1, errno, "auparse_init");
	auparse_add_callback(au, on_event, &totals, NULL);
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		auparse_feed(au, buf, (size_t)n);
	if (n < 0)
		error(1, errno, "read");
	auparse_flush_feed(au);
	auparse_destroy(au);
	fprintf(stderr, "%ju events, %ju fields\n", (uintmax_t)totals.events,
	    (uintmax_t)totals.fields);
	return 0;
}
