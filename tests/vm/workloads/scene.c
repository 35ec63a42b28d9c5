/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scene.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "truth.h"

#define STAT_SIZE 512

static int ready[2]; /* a pipe from the child to its parent */
static int rounds;

void
scene_ready(void)
{
	if (write(ready[1], "", 1) != 1)
		truth_die("ready");
}

int
scene_round(void)
{
	return rounds;
}

static void
play(const struct scene *scene)
{
	char byte;
	pid_t pid;

	if (pipe(ready) < 0)
		truth_die("pipe");
	pid = truth_fork();
	if (pid == 0) {
		scene->play();
		fputs("a scene has no end\n", stderr);
		abort();
	}
	close(ready[1]);
	if (scene->signal != 0 &&
	    (read(ready[0], &byte, 1) != 1 || kill(pid, scene->signal) < 0))
		truth_die("kill");
	close(ready[0]);
	if (scene->undecidable != NULL)
		truth_wait_undecidable(pid, scene->undecidable);
	else
		truth_wait(pid);
}

void
scenes_play(const struct scene *scenes, size_t n, int times)
{
	for (size_t i = 0; i < n; i++) {
		for (rounds = 0; rounds < times; rounds++)
			play(&scenes[i]);
	}
}

void
scene_exit(int code)
{
	for (;;)
		syscall(SYS_exit, code);
}

void
scene_exit_group(int code)
{
	for (;;)
		syscall(SYS_exit_group, code);
}

void
scene_start(void *(*body)(void *), void *arg)
{
	pthread_t thread;
	int tries = 0;

	do {
		errno = pthread_create(&thread, NULL, body, arg);
	} while (errno != 0 && truth_no_number("pthread_create", ++tries));
	errno = pthread_detach(thread);
	if (errno != 0)
		truth_die("pthread_detach");
}

/* Whether a thread of this process still runs; its exit record is written
 * before the kernel calls it a zombie (kernel/exit.c, do_exit()). */
static bool
is_running(const char *tid)
{
	char path[64], stat[STAT_SIZE];
	const char *name_end;
	FILE *file;
	bool running;

	snprintf(path, sizeof(path), "/proc/self/task/%.16s/stat", tid);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	running = fgets(stat, sizeof(stat), file) != NULL &&
		  (name_end = strrchr(stat, ')')) != NULL &&
		  strchr("ZX", name_end[2]) == NULL;
	fclose(file);
	return running;
}

void
scene_run(void *(*body)(void *), int n)
{
	pthread_t threads[SCENE_THREADS];

	for (int i = 0; i < n; i++) {
		errno = pthread_create(&threads[i], NULL, body, NULL);
		if (errno != 0)
			truth_die("pthread_create");
	}
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
}

void
scene_await_leader_gone(void)
{
	char tid[16];

	snprintf(tid, sizeof(tid), "%d", getpid());
	while (is_running(tid))
		sched_yield();
}

static int
running(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *task;
	int n = 0;

	if (tasks == NULL)
		truth_die("/proc/self/task");
	while ((task = readdir(tasks)) != NULL)
		n += task->d_name[0] != '.' && is_running(task->d_name);
	closedir(tasks);
	return n;
}

void
scene_await_alone(void)
{
	while (running() > 1)
		sched_yield();
}

void
scene_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd) < 0)
		truth_die(path);
}
