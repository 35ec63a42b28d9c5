/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shell.h"

#include <string.h>

/* Whether a POSIX shell reads it as one word, and JSON as a part of a string,
 * just as it stands. */
static bool
is_safe(struct bytes word)
{
	/* A blank, or nothing, for a byte that is not, else the byte itself. */
	static const char safe[256] = "                                "
				      "     %     +,-./0123456789:  =  "
				      "@ABCDEFGHIJKLMNOPQRSTUVWXYZ    _"
				      " abcdefghijklmnopqrstuvwxyz     ";

	for (size_t i = 0; i < word.len; i++)
		if (safe[(unsigned char)word.at[i]] <= ' ')
			return false;
	return word.len > 0;
}

bool
shell_word(struct json *j, struct bytes word)
{
	bool is_utf8 = true;
	const char *stop;

	if (is_safe(word)) {
		text_add(j->t, word.at, word.len);
		return true;
	}
	text_char(j->t, '\'');
	while (
	    word.len > 0 && (stop = memchr(word.at, '\'', word.len)) != NULL) {
		size_t len = (size_t)(stop - word.at);
		is_utf8 &= json_part(j, (struct bytes){word.at, len});
		(void)json_part(j, BYTES_LITERAL("'\\''"));
		word = (struct bytes){stop + 1, word.len - len - 1};
	}
	is_utf8 &= json_part(j, word);
	text_char(j->t, '\'');
	return is_utf8;
}
