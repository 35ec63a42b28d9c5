/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_probe - whether the receivers of the settings' sinks can be reached.
 */
#ifndef CHECK_PROBE_H
#define CHECK_PROBE_H

#include "check_world.h"

/* Tries each, which may take some seconds: fills sinks. No event is sent. */
void check_probe_sinks(struct check_world *w);

#endif
