#include "run/thread.h"

#include "base/units.h"
#include "run/cpus_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int fb_thread_set_cpus(const char *list)
{
	cpu_set_t set;

	fb_cpus_parse(list, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

void fb_thread_wake_sharply(void)
{
	prctl(PR_SET_TIMERSLACK, 1UL);
}

int fb_thread_set_class(bool fifo)
{
	const struct sched_param p = {.sched_priority = fifo};
	const int class = fifo ? SCHED_FIFO : SCHED_OTHER;

	if ((sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) == class && !fifo)
		return 0;
	return sched_setscheduler(0, class, &p) ? -errno : 0;
}

bool fb_thread_may_fifo(void)
{
	const int was = sched_getscheduler(0);
	const struct sched_param usual = {0};

	switch (was & ~SCHED_RESET_ON_FORK) {
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
		break;
	default:
		return true; /* in real time, so it was allowed */
	}
	if (fb_thread_set_class(true))
		return false;
	sched_setscheduler(0, was, &usual);
	return true;
}

bool fb_thread_may_use(const char *list)
{
	cpu_set_t asked, ours, both;

	fb_cpus_parse(list, &asked);
	if (sched_getaffinity(0, sizeof(ours), &ours))
		return true; /* not known: let the threads find out */
	CPU_AND(&both, &asked, &ours);
	return CPU_COUNT(&asked) && CPU_EQUAL(&both, &asked);
}

uint64_t fb_thread_run_delay_ns(void)
{
	char text[128];
	uint64_t delay;
	int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return FB_UNKNOWN;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return FB_UNKNOWN;
	text[n] = '\0';
	return sscanf(text, "%*u %" SCNu64, &delay) == 1 ? delay : FB_UNKNOWN;
}
