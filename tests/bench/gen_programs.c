/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gen_programs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Of 1000 arguments how many are not plain words. */
#define ODD_WORDS 60
#define MAX_FEW   5
#define MAX_MANY  300

/* One argument of ARGS_LONG: EXECVE splits from about 7400 bytes on. */
#define MIN_LONG 6000
#define MAX_LONG 40000

const struct birth_call birth_calls[BIRTH_COUNT] = {
    [BIRTH_FORK] = {CALL_FORK, 0, false},
    [BIRTH_VFORK] = {CALL_VFORK, 0, true},
    [BIRTH_CLONE] = {CALL_CLONE, 0x1200011, false},
    [BIRTH_CLONE_SPAWN] = {CALL_CLONE, 0x4111, true},
    [BIRTH_SPAWN] = {CALL_CLONE3, 0, true},
    [BIRTH_CLONE3] = {CALL_CLONE3, 0, false},
};

const struct program program_init = {
    .path = "/usr/lib/systemd/systemd",
    .birth = BIRTH_CLONE,
    .linger_ms = 200,
    .children = {CLASS_SERVICE},
};

const struct program program_init_of_storm = {
    .path = "/usr/lib/systemd/systemd",
    .birth = BIRTH_CLONE,
    .linger_ms = 10,
    .children = {CLASS_HAMMER},
};

/* In the order of the classes. */
static const struct program programs[] = {
    {.class = CLASS_SERVICE,
	.path = "/usr/sbin/sshd",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE,
	.min_jobs = 20,
	.max_jobs = 60,
	.parallel = 6,
	.linger_ms = 400,
	.mem_mb = 15,
	.children = {CLASS_SESSION}},
    {.class = CLASS_SERVICE,
	.path = "/usr/sbin/cron",
	.birth = BIRTH_CLONE,
	.min_jobs = 20,
	.max_jobs = 60,
	.parallel = 4,
	.linger_ms = 300,
	.mem_mb = 7,
	.children = {CLASS_JOB}},
    {.class = CLASS_SERVICE,
	.path = "/usr/sbin/apache2",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE,
	.min_jobs = 20,
	.max_jobs = 50,
	.parallel = 8,
	.linger_ms = 250,
	.mem_mb = 190,
	.uid = 33,
	.children = {CLASS_SAME, CLASS_SAME, CLASS_SCRIPT}},
    {.class = CLASS_SERVICE,
	.path = "/usr/lib/postgresql/15/bin/postgres",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE,
	.min_jobs = 20,
	.max_jobs = 60,
	.parallel = 8,
	.linger_ms = 300,
	.mem_mb = 210,
	.uid = 107,
	.children = {CLASS_SAME}},
    {.class = CLASS_SERVICE,
	.path = "/usr/local/bin/ci-agent",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE_SPAWN,
	.min_jobs = 5,
	.max_jobs = 20,
	.parallel = 3,
	.max_threads = 12,
	.linger_ms = 500,
	.mem_mb = 700,
	.uid = 998,
	.children = {CLASS_BUILD, CLASS_SCRIPT, CLASS_THREADED}},
    {.class = CLASS_SERVICE,
	.path = "/usr/bin/python3.11",
	.args = ARGS_FEW,
	.birth = BIRTH_SPAWN,
	.min_jobs = 10,
	.max_jobs = 40,
	.parallel = 3,
	.max_threads = 6,
	.linger_ms = 400,
	.mem_mb = 80,
	.searches = true,
	.children = {CLASS_COMMAND, CLASS_SCRIPT, CLASS_WRAPPER}},
    {.class = CLASS_SERVICE,
	.path = "/usr/bin/containerd-shim",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE3,
	.min_jobs = 5,
	.max_jobs = 20,
	.parallel = 2,
	.max_threads = 10,
	.linger_ms = 400,
	.mem_mb = 700,
	.children = {CLASS_SCRIPT, CLASS_COMMAND, CLASS_THREADED}},
    {.class = CLASS_SERVICE,
	.path = "/opt/legacy/bin/dispatcher",
	.arch = ARCH_I386,
	.birth = BIRTH_FORK,
	.min_jobs = 10,
	.max_jobs = 30,
	.parallel = 3,
	.linger_ms = 300,
	.mem_mb = 4,
	.searches = true,
	.children = {CLASS_SAME, CLASS_COMMAND, CLASS_SCRIPT}},

    {.class = CLASS_SESSION,
	.path = "/bin/bash",
	.exe = "/usr/bin/bash",
	.birth = BIRTH_CLONE,
	.min_jobs = 5,
	.max_jobs = 60,
	.parallel = 3,
	.linger_ms = 500,
	.mem_mb = 8,
	.children = {CLASS_COMMAND, CLASS_COMMAND, CLASS_COMMAND, CLASS_SCRIPT,
	    CLASS_WRAPPER, CLASS_SAME, CLASS_THREADED, CLASS_BUILD}},

    {.class = CLASS_JOB,
	.path = "/bin/sh",
	.exe = "/usr/bin/dash",
	.args = ARGS_TEXT,
	.birth = BIRTH_VFORK,
	.min_jobs = 1,
	.max_jobs = 4,
	.parallel = 1,
	.linger_ms = 50,
	.mem_mb = 3,
	.children = {CLASS_COMMAND, CLASS_COMMAND, CLASS_SCRIPT}},

    {.class = CLASS_COMMAND,
	.path = "/usr/bin/ls",
	.args = ARGS_FEW,
	.linger_ms = 20,
	.mem_mb = 5},
    {.class = CLASS_COMMAND,
	.path = "/usr/bin/cat",
	.args = ARGS_FEW,
	.linger_ms = 30,
	.mem_mb = 2},
    {.class = CLASS_COMMAND,
	.path = "/usr/bin/grep",
	.args = ARGS_FEW,
	.linger_ms = 200,
	.mem_mb = 3},
    {.class = CLASS_COMMAND,
	.path = "/usr/bin/sed",
	.args = ARGS_TEXT,
	.linger_ms = 20,
	.mem_mb = 3},
    {.class = CLASS_COMMAND,
	.path = "/usr/bin/mawk",
	.args = ARGS_TEXT,
	.linger_ms = 40,
	.mem_mb = 3},
    {.class = CLASS_COMMAND,
	.path = "/usr/bin/sleep",
	.args = ARGS_FEW,
	.linger_ms = 5000,
	.mem_mb = 2},
    {.class = CLASS_COMMAND,
	.path = "/usr/bin/date",
	.args = ARGS_FEW,
	.linger_ms = 5,
	.mem_mb = 2},
    {.class = CLASS_COMMAND,
	.path = "/usr/bin/rm",
	.args = ARGS_MANY,
	.linger_ms = 20,
	.mem_mb = 2},
    {.class = CLASS_COMMAND,
	.path = "/bin/true",
	.exe = "/usr/bin/true",
	.linger_ms = 3,
	.mem_mb = 2},
    {.class = CLASS_COMMAND,
	.path = "/usr/bin/id",
	.linger_ms = 5,
	.mem_mb = 3},
    {.class = CLASS_COMMAND,
	.path = "/usr/bin/curl",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE,
	.max_threads = 1,
	.linger_ms = 2000,
	.mem_mb = 90},
    {.class = CLASS_COMMAND,
	.path = "/opt/legacy/bin/poll",
	.arch = ARCH_I386,
	.args = ARGS_FEW,
	.linger_ms = 100,
	.mem_mb = 2},

    {.class = CLASS_SCRIPT,
	.path = "/usr/local/bin/backup",
	.exe = "/usr/bin/dash",
	.args = ARGS_FEW,
	.birth = BIRTH_VFORK,
	.min_jobs = 1,
	.max_jobs = 12,
	.parallel = 1,
	.linger_ms = 40,
	.mem_mb = 3,
	.children = {CLASS_COMMAND, CLASS_COMMAND, CLASS_COMMAND,
	    CLASS_WRAPPER}},
    {.class = CLASS_SCRIPT,
	.path = "/usr/local/bin/deploy",
	.exe = "/usr/bin/bash",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE,
	.min_jobs = 2,
	.max_jobs = 20,
	.parallel = 3,
	.linger_ms = 60,
	.mem_mb = 7,
	.children = {CLASS_COMMAND, CLASS_COMMAND, CLASS_SAME, CLASS_WRAPPER}},
    {.class = CLASS_SCRIPT,
	.path = "/usr/local/bin/report",
	.exe = "/usr/bin/python3.11",
	.args = ARGS_FEW,
	.birth = BIRTH_SPAWN,
	.min_jobs = 0,
	.max_jobs = 5,
	.parallel = 2,
	.max_threads = 3,
	.linger_ms = 100,
	.mem_mb = 40,
	.searches = true,
	.children = {CLASS_COMMAND, CLASS_COMMAND, CLASS_THREADED}},
    {.class = CLASS_SCRIPT,
	.path = "/usr/bin/collect",
	.exe = "/usr/bin/perl",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE,
	.min_jobs = 0,
	.max_jobs = 4,
	.parallel = 1,
	.linger_ms = 80,
	.mem_mb = 12,
	.searches = true,
	.children = {CLASS_COMMAND, CLASS_SAME}},

    {.class = CLASS_WRAPPER,
	.path = "/usr/bin/env",
	.args = ARGS_FEW,
	.linger_ms = 2,
	.mem_mb = 2,
	.searches = true,
	.becomes = CLASS_COMMAND},
    {.class = CLASS_WRAPPER,
	.path = "/usr/bin/nice",
	.args = ARGS_FEW,
	.linger_ms = 2,
	.mem_mb = 2,
	.searches = true,
	.becomes = CLASS_SCRIPT},
    {.class = CLASS_WRAPPER,
	.path = "/usr/bin/setsid",
	.args = ARGS_FEW,
	.linger_ms = 2,
	.mem_mb = 2,
	.searches = true,
	.becomes = CLASS_SCRIPT},
    {.class = CLASS_WRAPPER,
	.path = "/usr/bin/timeout",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE,
	.min_jobs = 1,
	.max_jobs = 1,
	.parallel = 1,
	.linger_ms = 5,
	.mem_mb = 2,
	.searches = true,
	.children = {CLASS_COMMAND, CLASS_SCRIPT}},
    {.class = CLASS_WRAPPER,
	.path = "/usr/bin/xargs",
	.args = ARGS_FEW,
	.birth = BIRTH_VFORK,
	.min_jobs = 1,
	.max_jobs = 8,
	.parallel = 1,
	.linger_ms = 10,
	.mem_mb = 3,
	.searches = true,
	.children = {CLASS_COMMAND}},

    {.class = CLASS_THREADED,
	.path = "/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
	.args = ARGS_LONG,
	.birth = BIRTH_SPAWN,
	.min_jobs = 0,
	.max_jobs = 2,
	.parallel = 1,
	.max_threads = 24,
	.linger_ms = 1500,
	.mem_mb = 3000,
	.children = {CLASS_COMMAND}},
    {.class = CLASS_THREADED,
	.path = "/usr/bin/git",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE,
	.min_jobs = 0,
	.max_jobs = 2,
	.parallel = 1,
	.max_threads = 4,
	.linger_ms = 100,
	.mem_mb = 12,
	.searches = true,
	.children = {CLASS_COMMAND, CLASS_THREADED}},
    {.class = CLASS_THREADED,
	.path = "/usr/bin/node",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE,
	.min_jobs = 0,
	.max_jobs = 3,
	.parallel = 2,
	.max_threads = 11,
	.linger_ms = 600,
	.mem_mb = 650,
	.searches = true,
	.children = {CLASS_COMMAND}},

    {.class = CLASS_BUILD,
	.path = "/usr/bin/make",
	.args = ARGS_FEW,
	.birth = BIRTH_SPAWN,
	.min_jobs = 4,
	.max_jobs = 30,
	.parallel = 4,
	.linger_ms = 10,
	.mem_mb = 4,

	.children = {CLASS_COMPILER, CLASS_COMPILER, CLASS_COMPILER,
	    CLASS_RECIPE}},

    {.class = CLASS_RECIPE,
	.path = "/bin/sh",
	.exe = "/usr/bin/dash",
	.args = ARGS_TEXT,
	.birth = BIRTH_VFORK,
	.min_jobs = 1,
	.max_jobs = 4,
	.parallel = 1,
	.linger_ms = 10,
	.mem_mb = 3,
	.children = {CLASS_COMMAND, CLASS_COMMAND, CLASS_COMPILER}},

    {.class = CLASS_COMPILER,
	.path = "/usr/bin/gcc",
	.exe = "/usr/bin/x86_64-linux-gnu-gcc-12",
	.args = ARGS_MANY,
	.birth = BIRTH_VFORK,
	.min_jobs = 2,
	.max_jobs = 3,
	.parallel = 1,
	.linger_ms = 5,
	.mem_mb = 6,
	.children = {CLASS_COMPILER_PASS}},

    {.class = CLASS_COMPILER_PASS,
	.path = "/usr/lib/gcc/x86_64-linux-gnu/12/cc1",
	.args = ARGS_MANY,
	.linger_ms = 1000,
	.mem_mb = 60},
    {.class = CLASS_COMPILER_PASS,
	.path = "/usr/bin/as",
	.exe = "/usr/bin/x86_64-linux-gnu-as",
	.args = ARGS_FEW,
	.linger_ms = 50,
	.mem_mb = 10},
    {.class = CLASS_COMPILER_PASS,
	.path = "/usr/bin/ld",
	.exe = "/usr/bin/x86_64-linux-gnu-ld.bfd",
	.args = ARGS_MANY,
	.linger_ms = 200,
	.mem_mb = 20},

    {.class = CLASS_HAMMER,
	.path = "/usr/local/bin/each",
	.args = ARGS_FEW,
	.birth = BIRTH_CLONE,
	.min_jobs = 500,
	.max_jobs = 2000,
	.parallel = 40,
	.mem_mb = 3,
	.children = {CLASS_BLINK, CLASS_BLINK, CLASS_SAME}},
    {.class = CLASS_HAMMER,
	.path = "/usr/local/bin/configure",
	.exe = "/usr/bin/dash",
	.args = ARGS_FEW,
	.birth = BIRTH_VFORK,
	.min_jobs = 500,
	.max_jobs = 2000,
	.parallel = 10,
	.mem_mb = 3,
	.children = {CLASS_BLINK}},
    {.class = CLASS_HAMMER,
	.path = "/usr/bin/parallel",
	.args = ARGS_FEW,
	.birth = BIRTH_SPAWN,
	.min_jobs = 500,
	.max_jobs = 2000,
	.parallel = 40,
	.mem_mb = 3,
	.children = {CLASS_BLINK}},

    {.class = CLASS_BLINK,
	.path = "/bin/true",
	.exe = "/usr/bin/true",
	.linger_ms = 5,
	.mem_mb = 2},
    {.class = CLASS_BLINK,
	.path = "/usr/bin/expr",
	.args = ARGS_FEW,
	.linger_ms = 10,
	.mem_mb = 2},
    {.class = CLASS_BLINK,
	.path = "/usr/bin/sleep",
	.args = ARGS_FEW,
	.linger_ms = 50,
	.mem_mb = 2},
};

static const char *const words[] = {"-l", "-n", "-v", "--all", "--quiet",
    "--output=json", "-rf", "src/main.c", "/etc/hosts", "/var/log/syslog",
    "/tmp/tmp.pYw0Q2", "-I/usr/include/glib-2.0", "-O2", "-Wall", "10", "300",
    "localhost:8080", "https://example.org/api/v1?page=2", "user@example.org",
    "-DNDEBUG", "obj/list.o", "/usr/share/doc/README", "HEAD~1", "*.tmp", "",
    "-"};

/* The kernel writes these in hex. */
static const char *const odd_words[] = {"two words", "s/\"/'/g", "new\nline",
    "Übersicht 2026.txt", "\xff\xfe", "%Y-%m-%d %H:%M", "a\tb"};

static const char *const shell_lines[] = {
    "test -x /usr/sbin/anacron || { cd / && run-parts /etc/cron.daily; }",
    "cd src && for f in *.c; do echo \"$f\"; done | sort -u",
    "[ -x /usr/lib/php/sessionclean ] && /usr/lib/php/sessionclean",
    "s/^[[:space:]]*//;s/[[:space:]]*$//", "{ n[$1]++ } END { print NR }",
    "exit 3", "true"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct program *
program_choose(struct rng *rng, enum class class)
{
	size_t first = 0;
	size_t count = 0;

	while (programs[first].class != class)
		first++;
	while (first + count < COUNT(programs) &&
	       programs[first + count].class == class)
		count++;
	return &programs[first + rng_below(rng, (uint32_t)count)];
}

const char *
program_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* Arguments while they are made. */
struct maker {
	char *buf;
	size_t len;
	unsigned count;
	struct rng *rng;
};

static void
add(struct maker *m, const char *word)
{
	size_t size = strlen(word) + 1;

	assert(size <= MAX_ARGS_SIZE - m->len);
	memcpy(m->buf + m->len, word, size);
	m->len += size;
	m->count++;
}

static void
add_words(struct maker *m, uint32_t count)
{
	for (; count > 0; count--) {
		if (rng_chance(m->rng, ODD_WORDS))
			add(m, odd_words[rng_below(m->rng, COUNT(odd_words))]);
		else
			add(m, words[rng_below(m->rng, COUNT(words))]);
	}
}

/* A class path, or anything of that kind. */
static void
add_long(struct maker *m)
{
	char *at = m->buf + m->len;
	size_t len = rng_between(m->rng, MIN_LONG, MAX_LONG);

	for (size_t i = 0; i < len; i++)
		at[i] = "/usr/share/java/lib.jar:"[i % 24];
	at[len] = '\0';
	m->len += len + 1;
	m->count++;
}

/* argv[0]; the kernel puts the interpreter before a script. */
static void
add_name(struct maker *m, const struct program *p)
{
	if (p->class == CLASS_SCRIPT) {
		add(m, p->exe);
		add(m, p->path);
	} else if (p->class == CLASS_SESSION) {
		add(m, "-bash");
	} else {
		add(m, program_base_name(p->path));
	}
}

struct argv
program_args(const struct program *p, struct rng *rng, char buf[MAX_ARGS_SIZE])
{
	struct maker m = {.buf = buf, .rng = rng};

	add_name(&m, p);
	switch (p->args) {
	case ARGS_NONE:
		break;
	case ARGS_FEW:
		add_words(&m, rng_below(rng, MAX_FEW + 1));
		break;
	case ARGS_TEXT:
		add(&m, "-c");
		add(&m, shell_lines[rng_below(rng, COUNT(shell_lines))]);
		break;
	case ARGS_MANY:
		add_words(&m, rng_spread(rng, MAX_MANY));
		break;
	case ARGS_LONG:
		add_words(&m, MAX_FEW);
		if (rng_chance(rng, 100))
			add_long(&m);
		break;
	}
	return (struct argv){buf, m.len, m.count};
}
