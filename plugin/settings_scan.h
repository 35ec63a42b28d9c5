/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings_scan - refuses what libconfig would take silently for another
 * thing, before libconfig sees it.
 */
#ifndef SETTINGS_SCAN_H
#define SETTINGS_SCAN_H

#include <stddef.h>

#include "err.h"

/*
 * Gives back the len bytes at text (which a NUL follows) as libconfig shall
 * read them: each number 64 bits wide, no line moved. The caller frees it.
 * NULL with err, which begins "NAME:LINE: ".
 */
char *settings_scan(
    const char *name, const char *text, size_t len, struct err *err);

#endif
