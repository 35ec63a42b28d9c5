/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child - what each process of ours that does one thing for the plugin begins
 * with.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stddef.h>

/*
 * In the child: it is called name in /proc, which has room for 15 bytes, and
 * all descriptors are closed but standard output and error and the n of its
 * own, where -1 stands for none: auditd must see when nobody reads any more.
 */
void child_begin(const char *name, const int *own, size_t n);

#endif
