/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bad-images - images that the kernel begins to run and then cannot: the old
 * one is gone by then, so it kills (fs/exec.c, bprm_execve()).
 */
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "born.h"
#include "scene.h"
#include "signals.h"
#include "truth.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define THREADS 4
#define PAGE    4096
#define IMAGE   "/tmp/bad-image"

struct image {
	Elf64_Ehdr head;
	Elf64_Phdr part;
};

static void
write_image(const Elf64_Phdr *part)
{
	struct image image = {
	    .head =
		{
		    .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			ELFDATA2LSB, EV_CURRENT},
		    .e_type = ET_EXEC,
		    .e_machine = EM_X86_64,
		    .e_version = EV_CURRENT,
		    .e_entry = 0x400000,
		    .e_phoff = offsetof(struct image, part),
		    .e_ehsize = sizeof(Elf64_Ehdr),
		    .e_phentsize = sizeof(Elf64_Phdr),
		    .e_phnum = 1,
		},
	    .part = *part,
	};
	int fd = open(IMAGE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, &image, sizeof(image)) != sizeof(image) ||
	    close(fd) < 0)
		truth_die(IMAGE);
}

static void
write_image_of_no_room(void)
{
	write_image(&(Elf64_Phdr){.p_type = PT_LOAD,
	    .p_flags = PF_R | PF_X,
	    .p_vaddr = 0xffff800000000000,
	    .p_filesz = sizeof(struct image),
	    .p_memsz = sizeof(struct image),
	    .p_align = PAGE});
}

static void
write_image_of_no_size(void)
{
	write_image(&(Elf64_Phdr){.p_type = PT_LOAD,
	    .p_flags = PF_R | PF_X,
	    .p_vaddr = 0x400000,
	    .p_filesz = sizeof(struct image),
	    .p_memsz = 1,
	    .p_align = PAGE});
}

static void
execs_the_impossible(void)
{
	execl(IMAGE, "impossible", (char *)NULL);
	truth_die("an image that cannot be run");
}

static void
execs_no_room(void)
{
	write_image_of_no_room();
	execs_the_impossible();
}

static void
execs_no_size(void)
{
	write_image_of_no_size();
	execs_the_impossible();
}

static void *
idles(void *unused)
{
	(void)unused;
	born_idle();
}

static void *
thread_execs_the_impossible(void *unused)
{
	execs_the_impossible();
	return unused;
}

static void
execs_no_room_in_thread(void)
{
	write_image_of_no_room();
	for (int i = 0; i < THREADS; i++)
		scene_start(idles, NULL);
	scene_start(thread_execs_the_impossible, NULL);
	born_idle();
}

/* Its parent goes on when the old image is gone. */
static void
vforked_execs_no_room(void)
{
	pid_t pid;

	write_image_of_no_room();
	pid = vfork();
	if (pid == 0) {
		execl(IMAGE, "impossible", (char *)NULL);
		_exit(EXIT_FAILURE);
	}
	truth_wait(pid);
	exit(2);
}

static const struct scene scenes[] = {
    {.play = execs_no_room},
    {.play = execs_no_size},
    {.play = execs_no_room_in_thread},
    {.play = vforked_execs_no_room},
};

int
main(void)
{
	truth_open();
	for (int cores = 0; cores <= 1; cores++) {
		signals_allow_cores(cores == 1);
		scenes_play(scenes, COUNT(scenes), 3);
	}
	unlink(IMAGE);
	return EXIT_SUCCESS;
}
