/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arguments - strange, empty, long, many and broken ones.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "truth.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The kernel's limit of one argument, its NUL included (MAX_ARG_STRLEN). */
#define ARG_SIZE_MAX (32 * 4096)
/* What the kernel puts into one record (MAX_EXECVE_AUDIT_LEN). */
#define CHUNK 7500
#define CHAIN 20

static void
run_with(const char *arg)
{
	image_begin("images");
	image_add(arg);
	image_add("after");
	image_run(image_self());
}

static void
strange_arguments(void)
{
	static const char *const strange[] = {
	    "",
	    " ",
	    "\n",
	    "a\nb",
	    "\ttab",
	    "\"",
	    "'",
	    "\"quoted\"",
	    "\\",
	    "$x",
	    "(null)",
	    "?",
	    "(none)",
	    "414243",
	    "4142zz",
	    "a1=b",
	    "a1=\"b\"",
	    "argc=3",
	    "type=EOE msg=audit(1.000:1): ",
	    "\035ARCH=x86_64",
	    "\x01",
	    "\x7f",
	    "\u00fc\u00f1\u00ef",
	    "\u4e2d\u6587",
	    "\U0001f600",
	    "\xff",
	    "\xc3",
	    "\xc3(",
	    "\xc0\x80",
	    "\xed\xa0\x80",
	    "\xf4\x90\x80\x80",
	    "\xfe\xff",
	    "a\xffz",
	    "\xe4\xb8",
	    "\u2028",
	    "--password=secret",
	    "-",
	    "--",
	};
	char every[UCHAR_MAX + 1], one[2] = "";

	for (size_t i = 0; i < COUNT(strange); i++)
		run_with(strange[i]);
	image_begin("images");
	for (size_t i = 0; i < COUNT(strange); i++)
		image_add(strange[i]);
	image_run(image_self());
	for (int c = 1; c <= UCHAR_MAX; c++)
		every[c - 1] = (char)c;
	every[UCHAR_MAX] = '\0';
	run_with(every);
	image_begin("images");
	for (int c = 1; c <= UCHAR_MAX; c++) {
		one[0] = (char)c;
		image_add(one);
	}
	image_run(image_self());
}

static void
empty_arguments(void)
{
	image_begin("");
	image_run(image_self());
	image_begin("");
	for (int i = 0; i < 30; i++)
		image_add(i % 7 == 3 ? "x" : "");
	image_run(image_self());
	/* The kernel makes one empty argument of none (since 5.18). */
	image_begin(NULL);
	image_run(image_self());
}

/* len bytes of a pattern, between two others. */
static void
run_long(const char *pattern, size_t len)
{
	char *arg = malloc(len + 1);

	if (arg == NULL)
		truth_die("memory");
	for (size_t i = 0; i < len; i++)
		arg[i] = pattern[i % strlen(pattern)];
	arg[len] = '\0';
	image_begin("images");
	image_add("before");
	image_add(arg);
	image_add("after");
	image_run(image_self());
	free(arg);
}

/* Plain text, text that audit puts into hexadecimal, and broken text. */
static const char *const patterns[] = {"abcdefg", "ab c\u00fc", "x\xff"};

static void
long_arguments(void)
{
	for (size_t i = 0; i < COUNT(patterns); i++) {
		for (size_t len = CHUNK - 20; len <= CHUNK + 20; len += 8) {
			run_long(patterns[i], len);
			run_long(patterns[i], len / 2);
		}
		run_long(patterns[i], 2 * CHUNK);
		run_long(patterns[i], 100000);
		run_long(patterns[i], ARG_SIZE_MAX - 1);
	}
}

static void
run_many(const char *arg)
{
	image_begin("images");
	for (int i = 1; i < IMAGE_ARGS_MAX; i++)
		image_add(arg);
	image_run(image_self());
}

static void
many_arguments(void)
{
	char number[16];

	image_begin("images");
	for (int i = 1; i < IMAGE_ARGS_MAX; i++) {
		snprintf(number, sizeof(number), "%d", i);
		image_add(number);
	}
	image_run(image_self());
	run_many("");
	run_many("a few words each");
}

static void
much_of_all(void)
{
	static char arg[100000 + 1];

	memset(arg, 'm', sizeof(arg) - 1);
	image_begin("images");
	for (int i = 0; i < 10; i++)
		image_add(arg);
	image_run(image_self());
}

/* One process that is many programs. */
static void
chain(void)
{
	image_begin("chain");
	image_add("links");
	image_run_chain(CHAIN);
}

static void
run_all(void)
{
	strange_arguments();
	empty_arguments();
	long_arguments();
	many_arguments();
	much_of_all();
	chain();
}

int
main(int argc, char **argv)
{
	(void)argc;
	return image_main(argv, run_all);
}
