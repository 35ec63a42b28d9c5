/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * feed_script - which script the image of an exec interprets.
 */
#ifndef FEED_SCRIPT_H
#define FEED_SCRIPT_H

#include "fact.h"

/*
 * The script of an exec whose arguments are known, as the kernel names it to
 * the interpreter; BYTES_NONE if the image is no interpreter's. path is what
 * the system call named (PATH item 0), a0 its first argument. The result lies
 * within fact's arguments.
 */
struct bytes feed_script(
    const struct fact *fact, struct bytes path, uint64_t a0);

#endif
