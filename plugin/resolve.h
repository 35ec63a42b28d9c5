/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolve - names of hosts looked up by processes of ours that do nothing else:
 * getaddrinfo(3) may take long, and stdin must not wait.
 *
 * One process for all sinks, started with the first name that is asked for;
 * addresses in numbers need none. It forks another for each name, so that none
 * waits for another, and the plugin does not fork in the midst of its work:
 * that may wait for the kernel's audit queue, and doubles what it has in
 * memory. Only if the process is gone, the next resolve_ask() forks again.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "err.h"

#define RESOLVE_ADDRESSES_MAX 8
#define RESOLVE_NAME_MAX      255

/* What takes longer ends with an error. */
#define RESOLVE_LIMIT_S 30
/* So many tickets are open at most. */
#define RESOLVE_TICKETS_MAX 32

struct resolve;

struct resolve_address {
	struct sockaddr_storage at;
	socklen_t len;
};

struct resolve_answer {
	size_t n; /* 0: error says why */
	struct resolve_address address[RESOLVE_ADDRESSES_MAX];
	char error[128];
};

/* Does not start the process yet. NULL: no memory. */
struct resolve *resolve_new(void);
/* The process leaves by itself, and is not waited for. NULL is fine. */
void resolve_free(struct resolve *r);

/* An address in numbers, IPv4 or IPv6; false if it is none. */
bool resolve_numeric(
    const char *host, uint16_t port, struct resolve_address *a);

/*
 * Asks for host. Returns a ticket, or 0 with err: it can't be asked now. There
 * will be an answer, or an error, also if the process is gone; but for a lookup
 * that not even a signal ends. Whoever has a ticket keeps it until the answer
 * was taken or it is forgotten.
 */
uint64_t resolve_ask(
    struct resolve *r, const char *host, uint16_t port, struct err *err);
/* True once, when the answer to that is there. */
bool resolve_answered(
    struct resolve *r, uint64_t ticket, struct resolve_answer *answer);
/* Nobody wants that answer any more. */
void resolve_forget(struct resolve *r, uint64_t ticket);

/*
 * Readable when an answer came, to any of the tickets, or the process is gone:
 * whoever asks for his takes all off it. -1: no process, before the first
 * resolve_ask().
 */
int resolve_fd(const struct resolve *r);
/* Takes all off it; to be called when it is readable, for nobody may ask. */
void resolve_hear(struct resolve *r);

#endif
