/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings_sink - what only several settings of a sink together can break, and
 * what follows from them.
 */
#ifndef SETTINGS_SINK_H
#define SETTINGS_SINK_H

#include "settings_store.h"

/*
 * Checks the sink that to stores into, and derives what its file leaves open.
 * first: of the list that it stands in; those before it are checked. 0, or -1
 * with err, and *key is the setting that is wrong or missing.
 */
int settings_check_sink(const struct settings_store *to,
    const struct sink_settings *first, const char **key);

/* Of a struct settings that is else complete: where each sink's spool is. 0,
 * or -1 with err. */
int settings_place_spools(const struct settings_store *to);

#endif
