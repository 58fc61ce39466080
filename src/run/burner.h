/*
 * burner.h - CPUs kept awake while they wait for a device
 */
#ifndef FB_RUN_BURNER_H
#define FB_RUN_BURNER_H

#include "base/err.h"

struct fb_burner;

/*
 * fb_burner_start - no CPU that a case may use goes to sleep from when this returns
 * @cpus: the list, as "0-1,3"; empty: every CPU that the caller may run on
 *
 * Where the kernel can be asked for it (/dev/cpu_dma_latency, mostly root's, and idle
 * CPUs that can poll) it is, and all CPUs stay awake. Elsewhere fb_burner_spin does it:
 * second best, for work of class idle gives way to the threads of its own session, but
 * may keep the kernel's (a journal's, a loop device's) waiting for the next tick where
 * the scheduler shares a CPU out among sessions or control groups first.
 *
 * 0; -ENOMEM, -EINVAL when no CPU of the list may be used here, or a negative errno
 * when the system refuses a thread or the class.
 */
int fb_burner_start(struct fb_burner **out, const char *cpus, struct fb_err *err);

/* fb_burner_spin - the same by a thread of class idle, spinning, on each CPU */
int fb_burner_spin(struct fb_burner **out, const char *cpus, struct fb_err *err);

/* fb_burner_stop - as it was before; NULL does nothing */
void fb_burner_stop(struct fb_burner *b);

#endif
