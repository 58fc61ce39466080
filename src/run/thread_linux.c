#include "run/thread.h"

#include "base/units.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void parse_cpus(const char *list, cpu_set_t *set)
{
	CPU_ZERO(set);
	for (const char *s = list; *s;) {
		char *end;
		unsigned long from = strtoul(s, &end, 10), to = from;

		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		for (; from <= to && from < CPU_SETSIZE; from++)
			CPU_SET(from, set);
		s = *end == ',' ? end + 1 : end;
	}
}

int fb_thread_set_cpus(const char *list)
{
	cpu_set_t set;

	parse_cpus(list, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

void fb_thread_wake_sharply(void)
{
	prctl(PR_SET_TIMERSLACK, 1UL);
}

bool fb_thread_may_use(const char *list)
{
	cpu_set_t asked, ours, both;

	parse_cpus(list, &asked);
	if (sched_getaffinity(0, sizeof(ours), &ours))
		return true; /* not known: let the threads find out */
	CPU_AND(&both, &asked, &ours);
	return CPU_COUNT(&both) > 0;
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
