/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remove_tree - a folder of a test's own, gone with all that is in it.
 */
#ifndef REMOVE_TREE_H
#define REMOVE_TREE_H

#include <ftw.h>
#include <stdio.h>

static inline int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

/* 0, or -1 and errno. */
static inline int
remove_tree(const char *folder)
{
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
