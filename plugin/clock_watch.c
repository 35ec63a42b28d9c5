/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timer that never fires is cancelled when the real clock makes a step
 * (fs/timerfd.c, timerfd_clock_was_set()); the read that says so leaves it
 * armed for the next one (timerfd_canceled()).
 */
#include "clock_watch.h"

#include <errno.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Seconds since 1970 that no clock shows; ktime_t has no later ones. */
#define NEVER_S (INT64_MAX / 1000000000)

int
clock_watch_open(void)
{
	struct itimerspec never = {.it_value = {.tv_sec = NEVER_S}};
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	int why;

	if (fd >= 0 &&
	    timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
		&never, NULL) != 0) {
		why = errno;
		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

bool
clock_watch_was_set(int fd)
{
	uint64_t fired;

	return read(fd, &fired, sizeof(fired)) < 0 && errno == ECANCELED;
}
