/*
 * host.h - which machine gave these numbers, and what can make them lie
 */
#ifndef FB_HOST_HOST_H
#define FB_HOST_HOST_H

#include "base/warn.h"
#include "device/device.h"
#include "plan/case.h"
#include "plan/result.h"

/* struct fb_fact - one row of system.csv */
struct fb_fact {
	char key[48];
	char value[1024];
};

/* struct fb_facts - a growing list; all zero is an empty one */
struct fb_facts {
	struct fb_fact *list;
	size_t n;
	size_t room;
};

/* fb_facts_add - append; 0 or -ENOMEM. A value too long is cut. */
int fb_facts_add(struct fb_facts *f, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void fb_facts_free(struct fb_facts *f);

/*
 * fb_host_facts - the machine: os kernel cpu virtualised hypervisor cpus cpu_governor
 * cpu_idle_states tick_hz memory_bytes clock_source hostname, where known
 * @root: "", or where a test keeps its own /proc and /sys
 *
 * virtualised is yes or no, from the processor's hypervisor flag; cpu_governor of all
 * CPUs, "performance" or "powersave 6, performance 2"; cpu_idle_states the names of
 * those that are not disabled with their wake-up times, "POLL 0 us, HLT 1 us".
 *
 * 0 or -ENOMEM. What cannot be learnt is left out, for unknown is no row.
 */
int fb_host_facts(struct fb_facts *f, const char *root);

/*
 * fb_host_device_facts - the target: target_fs target_mount target_source
 * target_options target_medium, and for disk i disk0 (its name), disk0_model,
 * disk0_write_cache, disk0_fua, disk0_rotational, disk0_scheduler, disk0_backing_file,
 * disk0_direct_io, then disk1...; those below likewise as below0, with below0_above;
 * on persistent memory nv_region, nv_provider, nv_persistence_domain
 * (memory_controller or cpu_cache), nv_read_only
 *
 * 0 or -ENOMEM. What is unknown is left out, as above.
 */
int fb_host_device_facts(struct fb_facts *f, const struct fb_device *d);

/*
 * fb_host_memory - bytes of memory that may be used here
 * @root: "", or where a test keeps its own /proc and /sys
 *
 * What the kernel calls available, or less where a control group allows less;
 * FB_UNKNOWN when neither is told.
 */
uint64_t fb_host_memory(const char *root);

/* fb_host_os - this system's name: "linux" */
const char *fb_host_os(void);

/* fb_host_name - this host's name into @out, "localhost" if it has none */
void fb_host_name(char *out, size_t room);

/*
 * Warnings have a stable id, the evidence, what it does to the numbers and what to do.
 * docs/warnings.md lists all of them.
 *
 * fb_host_warn_machine - of the machine, whatever the target is: virtual machine, clock
 *     source, governor, idle states, libraries that make a flush empty, I/O limits of
 *     the control group, memory full of unwritten pages
 * @root: "", or where a test keeps its own /proc and /sys
 *
 * fb_host_warn_target - of where the target lies: its medium, mount options, disks and
 *     what is below them
 * @root: likewise
 *
 * fb_host_warn_plan - of what is asked for: cases that a target like this flatters or
 *     disturbs
 * @cases: @n of them
 *
 * fb_host_warn_result - of what was measured in one repetition
 * @step_ns: of the clock that timed it, what it can tell apart; 0: not known
 *
 * Each adds to @ws; 0 or -ENOMEM.
 */
int fb_host_warn_machine(struct fb_warnings *ws, const char *root);
int fb_host_warn_target(struct fb_warnings *ws, const struct fb_device *d,
			const char *root);
int fb_host_warn_plan(struct fb_warnings *ws, const struct fb_device *d,
		      const struct fb_case *cases, size_t n);
int fb_host_warn_result(struct fb_warnings *ws, const struct fb_device *d,
			const struct fb_result *r, double step_ns);

/*
 * struct fb_host_nv - what else must be known of a run's nvmem cases
 * @emulated: so many of them run on ordinary memory
 * @real:     so many on the target
 * @variable: the i-th set environment variable that changes libpmem, as NAME=VALUE,
 *            and what it does; NULL after the last
 */
struct fb_host_nv {
	size_t emulated;
	size_t real;
	const char *(*variable)(unsigned i, const char **does);
};

/*
 * fb_host_warn_nv - nv_emulated, nv_plain_memory or nv_volatile, nv_environment (names
 * them all)
 *
 * 0 or -ENOMEM. None where there are no such cases.
 */
int fb_host_warn_nv(struct fb_warnings *ws, const struct fb_device *d,
		    const struct fb_host_nv *nv);

#endif
