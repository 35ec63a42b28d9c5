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

/* The longest answer of a server, in bytes of data; a longer one is an error.
 */
#define RELP_ANSWER_MAX 4096

/* Transaction numbers go from 1 to this, and then from 1 on again. */
#define RELP_TXNR_MAX 999999999

/* What stands around a message has so many bytes at most, and an offer, and
 * what asks for the end. */
#define RELP_FRAME_MAX 256

struct relp;

/*
 * first: the transaction number that each session begins with; it is 1 for
 * servers, and another for who wants to see the numbers roll over. NULL: no
 * memory. The caller owns it.
 */
struct relp *relp_new(uint32_t first);
void relp_free(struct relp *r); /* NULL is fine */

/* A new connection: whatever was under way is forgotten; appends the offer to
 * out, which has RELP_FRAME_MAX bytes left. */
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
/* Asks the server to end the session, which is open, in order; no message may
 * be sent any more. out has RELP_FRAME_MAX bytes left. */
void relp_close(struct relp *r, struct text *out);

/*
 * What the server sent, in pieces of any size. Adds to *done how many more
 * messages it has. 0; -1 with err: the session is over, also when the server
 * ended it, in order or not; *done is right then, too. What the server said is
 * in err as it came, up to its first newline.
 */
int relp_take(struct relp *r, struct bytes in, uint64_t *done, struct err *err);

#endif
