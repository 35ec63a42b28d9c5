/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image - a program that runs itself, in children, under many names and with
 * many arguments: what is run writes down what it was given.
 *
 * What fails here ends the program with a message, as in truth.h.
 */
#ifndef IMAGE_H
#define IMAGE_H

/* The path of this program. */
const char *image_self(void);

#define IMAGE_ARGS_MAX 5000

/*
 * All of main(): run by one of the functions below, writes down what it was
 * given; else calls run_others().
 */
int image_main(char **argv, void (*run_others)(void));

/* Begins a list of arguments (NULL: that has none), and adds one more. */
void image_begin(const char *name);
void image_add(const char *arg);

/* Runs path with these arguments; it is this program, or leads to it. */
void image_run(const char *path);
/* path is a script of which this program is the interpreter. */
void image_run_script(const char *path);
/*
 * By execveat(2), below a folder that is open; script is what its interpreter
 * is given, or NULL.
 */
void image_run_at(int folder, const char *path, int flags, const char *script);
/* One process execs so often again, each time with other arguments. */
void image_run_chain(int links);

#endif
