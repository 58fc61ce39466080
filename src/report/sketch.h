/*
 * sketch.h - the latencies of a case by percentile, drawn with letters
 */
#ifndef FB_REPORT_SKETCH_H
#define FB_REPORT_SKETCH_H

#include "plan/result.h"
#include "stats/hist.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * struct fb_sketch - what is drawn
 * @title: what the case is, one line
 * @hist:  by op, all repetitions together; NULL or empty: the op has no samples
 * @batched: a sample is the mean of several ops, which has no tail: no curve, and no
 *         figure above p50
 */
struct fb_sketch {
	const char *title;
	const struct fb_hist *hist[FB_OP_COUNT];
	bool batched;
};

/*
 * fb_sketch_print - a curve by percentile, and a table of the figures below it
 * @width:  columns there are; at least 60 and at most 110 are used
 * @colour: the terminal understands ANSI colours
 *
 * As HdrHistogram draws it: across 1/(1-p), upward the latency, both on a log scale.
 * The marks go as far as there are samples above them; the last point of a curve is
 * the maximum. Latencies of 0 ns lie on a row of their own below the scale. ASCII
 * alone, whatever the locale. Without any sample one line says so. A failed write is
 * seen with ferror(@out).
 */
void fb_sketch_print(FILE *out, const struct fb_sketch *s, int width, int colour);

#endif
