/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lives over an orderly stop: written once, when all that waited is told,
 * and read back once. After a crash, or a stop that was cut short, there is
 * no such file, and who lives on is found anew.
 */
#include "plugin_impl.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "saved.h"

struct restoring {
	struct plugin *p;
	struct saved_about about;
};

/* Clock ticks since boot: what /proc/PID/stat counts start times in. */
static uint64_t
boot_ticks(void)
{
	uint64_t hertz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * hertz +
	       (uint64_t)ts.tv_nsec * hertz / 1000000000;
}

void
kept_save(const struct plugin *p)
{
	struct saved_about about = {
	    .written_ms = plugin_real_ms(), .ticks = boot_ticks()};
	struct saved *s;
	size_t left_out;
	struct err err;

	memcpy(about.boot_id, p->checkpoint.boot_id, sizeof(about.boot_id));
	s = saved_new(&about);
	if (s == NULL) {
		log_warn("lives are not kept over the restart");
		return;
	}
	reconcile_save(pipeline_reconcile(p->pipeline), saved_add, s);
	if (saved_write(s, p->set->state_path, &left_out, &err) != 0)
		log_warnx("lives are not kept over the restart: %s", err.text);
	else if (left_out > 0)
		log_warnx("%zu lives are not kept over the restart: there are "
			  "too many",
		    left_out);
	saved_free(s);
}

static void
restore(void *ctx, const struct saved_life *life)
{
	struct restoring *r = ctx;

	pipeline_restore(r->p->pipeline, life, r->about.ticks);
}

/* They ended with the machine; their ends are told as that boot's. */
static void
end_earlier_boot(struct plugin *p, const struct saved_about *about)
{
	struct ident ident;

	ident_init(&ident, p->host_id, p->checkpoint.boot_id);
	publish_set_boot(p->publish, about->boot_id);
	pipeline_new_boot(p->pipeline, &ident, about->written_ms, p->now);
	publish_set_boot(p->publish, p->checkpoint.boot_id);
}

void
kept_restore(struct plugin *p)
{
	const char *dir = p->set->state_path;
	struct restoring r = {.p = p};
	struct err err;

	switch (saved_read(dir, &r.about, restore, &r, &err)) {
	case STATE_FILE_NONE:
		return;
	case STATE_FILE_SET_ASIDE:
		log_warnx("%s", err.text);
		return;
	case STATE_FILE_READ:
		break;
	}
	if (strcmp(r.about.boot_id, p->checkpoint.boot_id) != 0)
		end_earlier_boot(p, &r.about);
	/* Soon it is no longer true. */
	if (saved_remove(dir, &err) != 0)
		log_warnx("%s", err.text);
}
