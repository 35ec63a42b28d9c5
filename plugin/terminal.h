/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal - what others wrote, so that it cannot deceive who looks at it: no
 * byte reaches a terminal that moves its cursor, and no character that turns
 * a line round or cannot be seen.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "text.h"

/*
 * One word: as it is or, if it is empty or holds a blank, a quote, a backslash
 * or anything that must not be shown, in double quotes with C's escapes.
 */
void terminal_word(struct text *t, struct bytes word);
/* The same for a line of text, which needs no quotes. */
void terminal_line(struct text *t, struct bytes line);

#endif
