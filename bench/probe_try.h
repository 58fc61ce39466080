/*
 * probe_try.h - a quick try of a flush on the target itself
 */
#ifndef FB_BENCH_PROBE_TRY_H
#define FB_BENCH_PROBE_TRY_H

#include "base/clock.h"
#include "bench/place.h"
#include "bench/probe_modes.h"
#include "host/host.h"

/*
 * probe_try - write and flush a little, and see what the disk was asked to do
 * @p: taken; it is left as it is
 * @nvmem: what came of opening a region on it
 *
 * A hundred overwrites of 4 KiB without a flush, the same flushed by fdatasync, and
 * once more traced where that can be had. Adds to @f: sanity_write_p50_ns   median of a
 * write alone sanity_commit_p50_ns  of write and flush, untraced; sanity_flush_p50_ns
 * of the flush sanity_flushes        asked for, with sanity_dev_flushes and
 * sanity_dev_bytes that followed, sanity_app_bytes, and sanity_source that counted them
 *   sanity_dev_flush_p50_ns  a flush's time in the disk, where it was traced, beside
 *                         sanity_traced_p50_ns of write and flush in that repetition
 *   sanity_trace_cost     what recording adds to a median commit, as a share of it
 *   sanity_verdict        reached, some, missing, unneeded, unsent (whether the cache
 * is volatile is not known), uncounted, memory, implausible sanity_refused instead of
 * all these: why it cannot be tried here and to @ws what was noticed of it. What is
 * unknown has no row. Takes less than a second unless others keep the disk busy.
 *
 * 0; -EINTR when asked to stop; -ENOMEM; or another negative errno when the target
 * could not be tidied up.
 */
int probe_try(const struct place *p, const struct fb_clock *clock, struct fb_facts *f,
	      struct fb_warnings *ws, enum probe_nvmem *nvmem, struct fb_err *err);

/* probe_try_bytes - what it takes of the target */
uint64_t probe_try_bytes(void);

#endif
