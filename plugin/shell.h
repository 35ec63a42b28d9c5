/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shell - the arguments of a process as words of a command line: whoever lets
 * a POSIX shell read it gets the same arguments.
 */
#ifndef SHELL_H
#define SHELL_H

#include <stdbool.h>

#include "json.h"
#include "text.h"

/*
 * One word, in single quotes where it needs them, as a part of a JSON string,
 * between json_open(j, '"') and its close. False if it is not UTF-8; what is
 * broken is replaced as json_bytes() does.
 */
bool shell_word(struct json *j, struct bytes word);

#endif
