/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plugin - the whole of audisp-proclife: owns everything, in one loop.
 */
#ifndef PLUGIN_H
#define PLUGIN_H

#include "err.h"

struct plugin;

/*
 * Starts: reads the settings at path, makes folders, gives up what root can
 * do, opens sources and sinks, and looks at who is running. NULL with err.
 */
struct plugin *plugin_new(const char *path, struct err *err);

/*
 * Reads stdin until it ends, or until stop_timeout after a SIGTERM. By then
 * all that was read is told.
 */
void plugin_run(struct plugin *p);

/* Stops, in the opposite order of starting. NULL is fine. */
void plugin_free(struct plugin *p);

#endif
