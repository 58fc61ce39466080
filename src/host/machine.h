/*
 * machine.h - what processor, clock and hypervisor say of themselves
 *
 * @root: "", or where a test keeps its own /proc and /sys. Functions that return int
 * give 0, or -ENOENT with the outputs untouched when the system does not tell.
 */
#ifndef FB_HOST_MACHINE_H
#define FB_HOST_MACHINE_H

#include "device/device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* fb_machine_cpuinfo - the first processor's value of @key; the others repeat it */
int fb_machine_cpuinfo(const char *root, const char *key, char *out, size_t room);

/* fb_machine_virtual - by the processor's hypervisor flag; where it has no flags
 * (arm64) by the names that firmware and kernel give, FB_MAYBE when these say nothing
 */
enum fb_tri fb_machine_virtual(const char *root);

/*
 * fb_machine_hypervisor - of a virtual machine, by its own word: vendor and product of
 * the firmware's tables, else the kernel's name for it, else whose clock it offers
 */
int fb_machine_hypervisor(const char *root, char *out, size_t room);

/* fb_machine_clock_source - "tsc" */
int fb_machine_clock_source(const char *root, char *out, size_t room);

/* fb_machine_tick_ns - between two ticks of the scheduler, by the step of the coarse
 * clock, which a tick moves; 0: it does not tell */
uint64_t fb_machine_tick_ns(void);

/* fb_machine_page_bytes - what the page cache keeps at least */
uint64_t fb_machine_page_bytes(void);

/* fb_machine_governors - "performance", "powersave 6, performance 2" */
int fb_machine_governors(const char *root, char *out, size_t room);

/*
 * fb_machine_idle_states - those that some CPU may enter: "POLL 0 us, C1 2 us"
 * @slowest_us: the longest of these wake-up times
 */
int fb_machine_idle_states(const char *root, char *out, size_t room,
			   unsigned *slowest_us);

/*
 * fb_machine_cgroup - the control groups of this process for one controller, from its
 * own to the topmost
 * @see: gets each one's folder, and whether it is of the second version; told to stop
 *       by true
 */
void fb_machine_cgroup(const char *root, const char *controller,
		       bool (*see)(const char *folder, bool second, void *ctx),
		       void *ctx);

#endif
