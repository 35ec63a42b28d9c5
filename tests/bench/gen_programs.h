/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gen_programs - what runs on the simulated machine, and with which arguments.
 *
 * A program says how it behaves once it runs: how many children it has, of
 * which class, how it starts them, and how long it lingers.
 */
#ifndef GEN_PROGRAMS_H
#define GEN_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "gen_random.h"
#include "gen_records.h"

/* The most that one set of arguments takes, with their NULs. */
#define MAX_ARGS_SIZE (64 * 1024)

enum class {
	CLASS_NONE,
	CLASS_SERVICE, /* what the init process starts */
	CLASS_SESSION, /* a login shell on a terminal */
	CLASS_JOB,     /* cron's */
	CLASS_COMMAND, /* runs for a moment, alone */
	CLASS_SCRIPT,
	CLASS_WRAPPER, /* becomes another program */
	CLASS_THREADED,
	CLASS_BUILD,
	CLASS_RECIPE,
	CLASS_COMPILER,
	CLASS_COMPILER_PASS,
	CLASS_HAMMER,  /* has short-lived children, as fast as it can */
	CLASS_BLINK,   /* ... which do nothing */
	CLASS_SAME,    /* no exec: runs on as its parent does */
	CLASS_SLEEPER, /* the same, and does nothing any more */
	CLASS_COUNT,
};

#define MAX_CLASSES 8

/* How a process is born. */
enum birth_kind {
	BIRTH_FORK,        /* the system call, as in old static programs */
	BIRTH_VFORK,       /* dash, make, gcc */
	BIRTH_CLONE,       /* fork() of glibc */
	BIRTH_CLONE_SPAWN, /* posix_spawn() before glibc 2.34, Go */
	BIRTH_SPAWN,       /* posix_spawn() since: clone3 */
	BIRTH_CLONE3,      /* clone3 into a cgroup */
	BIRTH_COUNT,
};

struct birth_call {
	enum call_name name;
	uint64_t flags; /* clone's first argument */
	bool waits;     /* the parent, until the child has exec'd or is gone */
};

extern const struct birth_call birth_calls[BIRTH_COUNT];

enum args_style {
	ARGS_NONE,
	ARGS_FEW,
	ARGS_TEXT, /* -c and a line of shell */
	ARGS_MANY, /* files and options, up to some hundred */
	ARGS_LONG, /* one of them longer than an audit record */
};

struct program {
	enum class class;
	const char *path; /* as given to execve */
	const char *exe;  /* what runs then; NULL: path itself */
	enum arch arch;
	enum args_style args;
	enum birth_kind birth;
	uint16_t min_jobs, max_jobs; /* children in its life */
	uint8_t parallel;            /* children at a time */
	uint8_t max_threads;
	uint16_t linger_ms; /* longest pause between two things it does */
	uint16_t mem_mb;
	uint16_t uid;  /* who it changes to; 0: nobody else */
	bool searches; /* looks for programs by trying execve along PATH */
	enum class children[MAX_CLASSES]; /* CLASS_NONE ends the list */
	enum class becomes;
};

/* init itself, which was there before. */
extern const struct program program_init;
/* The same where nothing is done but to fork. */
extern const struct program program_init_of_storm;

/* One program of the class, not CLASS_NONE or CLASS_SAME. */
const struct program *program_choose(struct rng *rng, enum class class);

/* The last part of a path. */
const char *program_base_name(const char *path);

/* Makes arguments in buf of MAX_ARGS_SIZE. */
struct argv program_args(
    const struct program *p, struct rng *rng, char buf[MAX_ARGS_SIZE]);

#endif
