/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link_socket - the sockets of link.c: none blocks, raises SIGPIPE or is left
 * to a program that is executed.
 */
#ifndef LINK_SOCKET_H
#define LINK_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "resolve.h"

/* An address and a port, or a path, with its NUL. */
#define LINK_PLACE_MAX 128

/* The address of a Unix socket. 0, or -1 with err: it is too long. */
int link_socket_path(
    const char *path, struct resolve_address *a, struct err *err);
/* For people: "10.0.0.1 port 601", or the path. */
void link_socket_place(
    const struct resolve_address *a, char place[LINK_PLACE_MAX]);

/* Begins to connect. A descriptor, or -1 with err, which begins with why. */
int link_socket_open(const struct resolve_address *a, struct err *err);
/* 1: it is connected; 0: not yet; -1 with errno: it will not be. */
int link_socket_connected(int fd);
/* What was written is still sent. -1 is fine. */
void link_socket_close(int fd);

/* As send(2) and recv(2), which are not interrupted. */
ssize_t link_socket_write(int fd, const void *at, size_t len);
ssize_t link_socket_read(int fd, void *at, size_t size);

/*
 * Bytes that were written and have not reached the other side: over TCP its
 * kernel, also after the connection broke; over a Unix socket the process, with
 * what the kernel needs beside them.
 */
uint64_t link_socket_unread(int fd);
/* The other side closed a Unix socket. From then on none of the unread bytes
 * is counted any more. */
bool link_socket_hung_up(int fd);
/* It was closed with unread bytes. Tells it once. */
bool link_socket_was_reset(int fd);

#endif
