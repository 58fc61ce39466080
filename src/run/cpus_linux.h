/*
 * cpus_linux.h - lists of CPUs as the system has them
 */
#ifndef FB_RUN_CPUS_LINUX_H
#define FB_RUN_CPUS_LINUX_H

#include <sched.h>

/* fb_cpus_parse - the CPUs of a list, "0-1,3", checked before */
void fb_cpus_parse(const char *list, cpu_set_t *set);

/*
 * fb_cpus_usable - those of a list that the calling thread could run on
 * @list: empty: those it may run on as it is
 *
 * The thread is left where it was. 0, or a negative errno with @out untouched: -EINVAL
 * when there is none.
 */
int fb_cpus_usable(const char *list, cpu_set_t *out);

#endif
