/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link_tls - TLS for link.c: what its connections have in common, and one of
 * them.
 *
 * The only module that includes OpenSSL's headers. TLS 1.2 at least, no
 * renegotiation. Nothing here waits or raises SIGPIPE.
 */
#ifndef LINK_TLS_H
#define LINK_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"
#include "settings.h"

struct link_tls;
struct link_tls_session;

/* Loads certificates and keys; s must outlive it. NULL with err, which names
 * the file. */
struct link_tls *link_tls_new(const struct sink_settings *s, struct err *err);
void link_tls_free(struct link_tls *t); /* NULL is fine */

/*
 * On a connected socket, which stays the caller's and must not block; t must
 * outlive it. NULL with err.
 */
struct link_tls_session *link_tls_open(
    struct link_tls *t, int fd, struct err *err);
/* Takes leave of the receiver if that does not block. NULL is fine. */
void link_tls_close(struct link_tls_session *e);

/* Goes on with the handshake: 1: it is done; 0: it waits; -1 with err. */
int link_tls_shake(struct link_tls_session *e, struct err *err);

/*
 * How many bytes were taken or read; 0: no more now; -1 with err. What was
 * taken may wait here to be encrypted: link_tls_flush() goes on with it, -1
 * with err.
 */
ssize_t link_tls_write(
    struct link_tls_session *e, const void *at, size_t len, struct err *err);
ssize_t link_tls_read(
    struct link_tls_session *e, void *at, size_t size, struct err *err);
int link_tls_flush(struct link_tls_session *e, struct err *err);

/* Bytes that were taken and are not with the kernel. */
size_t link_tls_staged(const struct link_tls_session *e);
/* It can go on when the socket takes bytes; it always can when it has some. */
bool link_tls_wants_write(const struct link_tls_session *e);
/* There is something to read that does not show on the socket. */
bool link_tls_has_read(const struct link_tls_session *e);

#endif
