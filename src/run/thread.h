/*
 * thread.h - what the system knows of a thread
 */
#ifndef FB_RUN_THREAD_H
#define FB_RUN_THREAD_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * fb_thread_set_cpus - let the calling thread run on a CPU list alone, "0-1,3"
 *
 * 0 or a negative errno: no such CPU here.
 */
int fb_thread_set_cpus(const char *list);

/*
 * fb_thread_wake_sharply - let the calling thread's sleeps end when they should
 *
 * The kernel may otherwise wake it 50 us late, to save power; in an open loop that
 * would be charged to the device. Where it cannot be asked for nothing changes.
 */
void fb_thread_wake_sharply(void);

/*
 * fb_thread_set_class - the calling thread in real time at its lowest priority (fifo),
 * or in the usual class, whatever it was started in
 *
 * 0 or a negative errno: -EPERM without root, CAP_SYS_NICE or a limit that allows it.
 */
int fb_thread_set_class(bool fifo);

/* fb_thread_may_fifo - may the calling thread? It is as it was when this returns. */
bool fb_thread_may_fifo(void);

/* fb_thread_may_use - is every CPU of the list one we may run on? */
bool fb_thread_may_use(const char *list);

/*
 * fb_thread_run_delay_ns - how long the calling thread waited for a CPU so far
 *
 * From the scheduler's statistics; FB_UNKNOWN where there are none.
 */
uint64_t fb_thread_run_delay_ns(void);

#endif
