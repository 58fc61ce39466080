/*
 * nvmem.h - what a run with cases on path nvmem tells of the machine
 */
#ifndef FB_BENCH_NVMEM_H
#define FB_BENCH_NVMEM_H

#include "host/host.h"
#include "plan/plan.h"

/*
 * nvmem_facts - nv_flush_auto (the instruction that auto is on this CPU, or none),
 * nv_streams, nv_line_bytes, libpmem (its version, or none)
 * nvmem_warnings - as fb_host_warn_nv
 *
 * 0 or -ENOMEM. Nothing is added for a plan without such cases. @plan NULL: one with a
 * case on the target.
 */
int nvmem_facts(struct fb_facts *f, const struct fb_plan *plan);
int nvmem_warnings(struct fb_warnings *ws, const struct fb_plan *plan,
		   const struct fb_device *d);

#endif
