/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relp - one session of the Reliable Event Logging Protocol, as its client.
 *
 * Bytes in, bytes out: it knows frames, transaction numbers and which messages
 * the server has, no connection. "TXNR COMMAND LEN[ DATA]\n"; the server says
 * "TXNR rsp LEN 200 OK..." to each, not always in order. Messages are
 * acknowledged over the contiguous ones only.
 */
#ifndef RELP_H
#define RELP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "text.h"

/* Messages under way at most. */
#define RELP_WINDOW 1024

struct relp;

struct relp *relp_new(void);    /* NULL: no memory */
void relp_free(struct relp *r); /* NULL is fine */

/* A new connection: appends the offer to out. */
void relp_open(struct relp *r, struct text *out);
/* The server agreed: messages may be sent. */
bool relp_is_open(const struct relp *r);
/* Messages that may be sent now. */
size_t relp_room(const struct relp *r);
/* Messages that are sent and not acknowledged. */
size_t relp_sent(const struct relp *r);

/* Appends a message in one or two parts, which have no newline; there is
 * relp_room(). False: it does not fit into out, and nothing happened. */
bool relp_syslog(struct relp *r, const struct bytes part[2], struct text *out);
/* Asks the server to end the session in order. */
void relp_close(struct relp *r, struct text *out);

/*
 * What the server sent, in pieces of any size. Adds to *done how many more
 * messages it has. 0; -1 with err: the session is over, also when the server
 * ended it.
 */
int relp_take(struct relp *r, struct bytes in, uint64_t *done, struct err *err);

#endif
