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
 * once more traced where that can be had. Adds rows to @f, of what is known:
 *
 * - sanity_write_p50_ns: the median of a write alone
 * - sanity_commit_p50_ns: of write and flush, untraced; sanity_flush_p50_ns: of the
 *   flush alone
 * - sanity_flushes, sanity_app_bytes: asked for in the last of these repetitions
 * - sanity_dev_flushes, sanity_dev_bytes: what the disk was asked for meanwhile,
 *   without what others did where it was traced
 * - sanity_source: who counted them
 * - sanity_traced_p50_ns: of write and flush while traced; sanity_dev_flush_p50_ns: of
 *   a flush's time in the disk, in the same repetition
 * - sanity_trace_cost: what recording adds to a median commit, as a share of it
 * - sanity_verdict: reached, some, shared (others flushed, and theirs may have served
 *   for ours), missing, unneeded, unsent (whether the cache is volatile is not known),
 *   uncounted, memory, implausible
 * - sanity_refused: instead of all these, why it cannot be tried here
 *
 * and to @ws what was noticed of it. Takes less than a second unless others keep the
 * disk busy.
 *
 * 0; -EINTR when asked to stop; -ENOMEM; or another negative errno when the target
 * could not be tidied up.
 */
int probe_try(const struct place *p, const struct fb_clock *clock, struct fb_facts *f,
	      struct fb_warnings *ws, enum probe_nvmem *nvmem, struct fb_err *err);

/* probe_refuse - sanity_refused: why it is not tried here; 0 or -ENOMEM */
int probe_refuse(struct fb_facts *f, const char *why);

/* probe_try_bytes - what it takes of the target */
uint64_t probe_try_bytes(void);

#endif
