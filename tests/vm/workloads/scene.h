/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scene - one way to live and die, played by a child; its parent writes down
 * how it ended.
 *
 * All here end the program with a message if they fail.
 */
#ifndef SCENE_H
#define SCENE_H

#include <stdbool.h>
#include <stddef.h>

struct scene {
	void (*play)(void); /* never returns */
	/* Why the status cannot be known from the two books; NULL: it can. */
	const char *undecidable;
	int signal; /* what its parent kills it with once it is ready; 0 */
};

/* Plays each in a child of its own, one after another, times over. */
void scenes_play(const struct scene *scenes, size_t n, int times);

/* The child has come so far that its parent may kill it. */
void scene_ready(void);

/* How often the scene was played before. */
int scene_round(void);

/* exit(2), of this thread alone; and exit_group(2). */
_Noreturn void scene_exit(int code);
_Noreturn void scene_exit_group(int code);

/* Starts a detached thread. */
void scene_start(void *(*body)(void *), void *arg);

/* Runs body in n threads, SCENE_THREADS at most, and waits for them. */
#define SCENE_THREADS 16
void scene_run(void *(*body)(void *), int n);

/* Until the process's leader has left by exit(2). */
void scene_await_leader_gone(void);
/* Until this is the last of the process's threads. */
void scene_await_alone(void);

/* Writes text to a file that is there: a setting of the kernel's. */
void scene_put(const char *path, const char *text);

#endif
