/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deaths - causes of death beyond a signal that somebody sends: faults, limits,
 * timers, filters, and memory that runs out.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "born.h"
#include "scene.h"
#include "seccomp.h"
#include "signals.h"
#include "truth.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define THREADS 4
#define PAGE    4096

static void *
idles(void *unused)
{
	(void)unused;
	born_idle();
}

static void
start_threads(void)
{
	for (int i = 0; i < THREADS; i++)
		scene_start(idles, NULL);
}

/* Faults. */

static void *
map_page(int protection, int fd)
{
	int kind = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *page = mmap(NULL, PAGE, protection, kind, fd, 0);

	if (page == MAP_FAILED)
		truth_die("mmap");
	return page;
}

static void
touches_no_memory(void)
{
	volatile char *page = map_page(PROT_NONE, -1);

	*page = 1;
}

static void
touches_no_file(void)
{
	volatile char *page;
	int fd = memfd_create("empty", 0);

	if (fd < 0)
		truth_die("memfd_create");
	page = map_page(PROT_READ | PROT_WRITE, fd);
	*page = 1;
}

static int
dig(volatile char *above, int depth)
{
	volatile char here[PAGE];

	here[0] = *above;
	return depth == INT_MAX ? 0 : dig(here, depth + 1) + here[0];
}

static void
overflows_its_stack(void)
{
	volatile char bottom = 0;

	exit(dig(&bottom, 0));
}

static void
divides_by_zero(void)
{
	/* The compiler knows that it must not. */
	__asm__ volatile("xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx"
			 :
			 :
			 : "eax", "ecx", "edx");
}

static void
runs_no_instruction(void)
{
	__asm__ volatile("ud2");
}

static void
meets_a_breakpoint(void)
{
	__asm__ volatile("int3");
}

static void
aborts(void)
{
	abort();
}

static void
faults_with_threads(void)
{
	start_threads();
	touches_no_memory();
}

static void
faults_undumpable(void)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		truth_die("prctl");
	touches_no_memory();
}

static void
faults_with_little_room(void)
{
	const struct rlimit limit = {PAGE, PAGE};

	if (setrlimit(RLIMIT_CORE, &limit) < 0)
		truth_die("setrlimit");
	touches_no_memory();
}

/* Limits and timers. */

static void
burns(rlim_t soft, rlim_t hard)
{
	const struct rlimit limit = {soft, hard};

	if (setrlimit(RLIMIT_CPU, &limit) < 0)
		truth_die("setrlimit");
	for (;;)
		continue;
}

static void
burns_too_long(void)
{
	burns(1, 2);
}

static void
burns_much_too_long(void)
{
	burns(1, 1);
}

static void
writes_too_much(void)
{
	const struct rlimit limit = {PAGE, PAGE};
	int fd = memfd_create("large", 0);

	if (fd < 0 || setrlimit(RLIMIT_FSIZE, &limit) < 0)
		truth_die("setrlimit");
	if (pwrite(fd, "", 1, PAGE) < 0)
		truth_die("pwrite");
}

static void
writes_to_nobody(void)
{
	int ends[2];

	if (pipe(ends) < 0 || close(ends[0]) < 0)
		truth_die("pipe");
	if (write(ends[1], "", 1) < 0)
		truth_die("write");
}

static void
is_timed(__itimer_which_t timer)
{
	const struct itimerval soon = {.it_value.tv_usec = 1000};

	if (setitimer(timer, &soon, NULL) < 0)
		truth_die("setitimer");
	for (;;)
		continue;
}

static void
real_time(void)
{
	is_timed(ITIMER_REAL);
}

static void
virtual_time(void)
{
	is_timed(ITIMER_VIRTUAL);
}

static void
profiling_time(void)
{
	is_timed(ITIMER_PROF);
}

static void
real_time_signal(void)
{
	timer_t timer;
	struct sigevent event = {
	    .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMAX};
	const struct itimerspec soon = {.it_value.tv_nsec = 1};

	if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0 ||
	    timer_settime(timer, 0, &soon, NULL) < 0)
		truth_die("timer");
	born_idle();
}

/* Filters. */

static void
filter_kills_process(void)
{
	start_threads();
	seccomp_kill(SECCOMP_RET_KILL_PROCESS);
}

static void
filter_kills_only_thread(void)
{
	seccomp_kill(SECCOMP_RET_KILL_THREAD);
}

static void
filter_kills_strictly(void)
{
	seccomp_kill_strictly();
}

static void
filter_traps(void)
{
	seccomp_kill(SECCOMP_RET_TRAP);
}

/* Signals that find somebody in an uncommon state. */

/* Killed while it does not run: stopped, or traced. */
static void
killed_at_rest(bool is_traced)
{
	int status;
	pid_t pid = truth_fork();

	if (pid == 0) {
		if (is_traced && ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			truth_die("ptrace");
		raise(SIGSTOP);
		truth_die("not stopped");
	}
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) ||
	    kill(pid, SIGKILL) < 0)
		truth_die("kill");
	truth_wait(pid);
}

/* The kernel kills it when its parent ends. */
static void
bequeathed(void)
{
	int ends[2];
	char byte;

	if (pipe(ends) < 0)
		truth_die("pipe");
	if (truth_fork() == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGRTMIN) < 0 ||
		    write(ends[1], "", 1) != 1)
			truth_die("prctl");
		born_idle();
	}
	if (read(ends[0], &byte, 1) != 1)
		truth_die("read");
	exit(3);
}

static void
dies_again(int sig)
{
	signal(sig, SIG_DFL);
	raise(sig);
}

/* Killed by what its handler has done. */
static void
handles_and_dies(void)
{
	signal(SIGTERM, dies_again);
	raise(SIGTERM);
}

static void
exits_in_handler(int sig)
{
	_exit(sig);
}

static void
handles_and_exits(void)
{
	signal(SIGSEGV, exits_in_handler);
	touches_no_memory();
}

/* Codes that are cut to eight bits. */

static void
exits_minus_one(void)
{
	scene_exit_group(-1);
}

static void
exits_256(void)
{
	scene_exit_group(256);
}

static void
exits_511(void)
{
	scene_exit_group(511);
}

/* Memory that runs out, in a control group of its own. */

#define GROUPS "/tmp/deaths-groups"
#define LIMIT  "16777216"
#define NEEDED (64ul << 20)

static void
make_groups(void)
{
	if (mkdir(GROUPS, 0755) < 0 ||
	    mount("none", GROUPS, "cgroup2", 0, NULL) < 0)
		truth_die(GROUPS);
	scene_put(GROUPS "/cgroup.subtree_control", "+memory");
	if (mkdir(GROUPS "/small", 0755) < 0)
		truth_die("small");
	scene_put(GROUPS "/small/memory.max", LIMIT);
}

static void
remove_groups(void)
{
	if (rmdir(GROUPS "/small") < 0 || umount(GROUPS) < 0 ||
	    rmdir(GROUPS) < 0)
		truth_die(GROUPS);
}

static void *
needs_memory(void *unused)
{
	char *memory = mmap(NULL, NEEDED, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		truth_die("mmap");
	memset(memory, 1, NEEDED);
	return unused;
}

static void
runs_out_of_memory(void)
{
	scene_put(GROUPS "/small/cgroup.procs", "0");
	needs_memory(NULL);
}

static void
thread_runs_out_of_memory(void)
{
	scene_put(GROUPS "/small/cgroup.procs", "0");
	start_threads();
	scene_start(needs_memory, NULL);
	born_idle();
}

/* The kernel kills all that is in the group. */
static void
family_runs_out_of_memory(void)
{
	scene_put(GROUPS "/small/memory.oom.group", "1");
	scene_put(GROUPS "/small/cgroup.procs", "0");
	if (truth_fork() == 0)
		born_idle();
	needs_memory(NULL);
}

static const struct scene dumping[] = {
    {.play = touches_no_memory},
    {.play = touches_no_file},
    {.play = overflows_its_stack},
    {.play = divides_by_zero},
    {.play = runs_no_instruction},
    {.play = meets_a_breakpoint},
    {.play = aborts},
    {.play = faults_with_threads},
    {.play = faults_undumpable},
    {.play = faults_with_little_room},
    {.play = filter_kills_process},
    {.play = filter_kills_only_thread},
    {.play = filter_traps},
    {.play = writes_too_much},
};

static const struct scene others[] = {
    {.play = filter_kills_strictly},
    {.play = burns_too_long},
    {.play = burns_much_too_long},
    {.play = writes_to_nobody},
    {.play = real_time},
    {.play = virtual_time},
    {.play = profiling_time},
    {.play = real_time_signal},
    {.play = bequeathed},
    {.play = handles_and_dies},
    {.play = handles_and_exits},
    {.play = exits_minus_one},
    {.play = exits_256},
    {.play = exits_511},
    {.play = runs_out_of_memory},
    {.play = thread_runs_out_of_memory},
    {.play = family_runs_out_of_memory},
};

int
main(void)
{
	truth_open();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		truth_die("prctl");
	make_groups();
	for (int cores = 0; cores <= 1; cores++) {
		signals_allow_cores(cores == 1);
		scenes_play(dumping, COUNT(dumping), 2);
	}
	signals_allow_cores(false);
	scenes_play(others, COUNT(others), 1);
	killed_at_rest(false);
	killed_at_rest(true);
	while (truth_wait_any())
		continue;
	remove_groups();
	return EXIT_SUCCESS;
}
