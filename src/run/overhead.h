/*
 * overhead.h - what measuring itself costs on this machine
 */
#ifndef FB_RUN_OVERHEAD_H
#define FB_RUN_OVERHEAD_H

#include "base/clock.h"

/*
 * struct fb_overhead - nanoseconds, medians of several short tries
 * @stamp, @stamp_ordered, @stamp_fenced: one reading of the clock in use, as it is,
 *               behind every instruction, behind every store and flushed line
 * @stamp_monotonic: one CLOCK_MONOTONIC
 * @step:        fb_overhead_step_ns of the clock in use
 * @record:      one histogram record
 * @loop:        one op of the driver on the null path, all of it
 * @null_commit: median commit latency the null path shows
 *
 * Nothing is ever subtracted from a result; these stand beside them.
 */
struct fb_overhead {
	double stamp;
	double stamp_ordered;
	double stamp_fenced;
	double stamp_monotonic;
	double step;
	double record;
	double loop;
	double null_commit;
};

/*
 * fb_overhead_step_ns - by how much two readings of a clock differ, if they do
 *
 * The median difference: what is made of another counter now and then shows less than
 * its step. 0: it stands still.
 */
double fb_overhead_step_ns(const struct fb_clock *clock);

/* fb_overhead_measure - takes about 3 ms; 0 or -ENOMEM */
int fb_overhead_measure(const struct fb_clock *clock, struct fb_overhead *out);

#endif
