#include "run/cpus_linux.h"

#include <errno.h>
#include <stdlib.h>

void fb_cpus_parse(const char *list, cpu_set_t *set)
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

/* Only trying tells: a thread may leave what it was given, but not its control group.
 */
int fb_cpus_usable(const char *list, cpu_set_t *out)
{
	cpu_set_t ours, asked, got;
	int ret = 0;

	if (sched_getaffinity(0, sizeof(ours), &ours))
		return -errno;
	if (!*list) {
		*out = ours;
		return 0;
	}
	fb_cpus_parse(list, &asked);
	if (sched_setaffinity(0, sizeof(asked), &asked))
		return -errno;
	if (sched_getaffinity(0, sizeof(got), &got))
		ret = -errno;
	sched_setaffinity(0, sizeof(ours), &ours);
	if (!ret)
		*out = got;
	return ret;
}
