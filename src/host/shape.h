/*
 * shape.h - is there one median to speak of?
 *
 * Pure. Both say no rather than yes: a long tail, few samples or clock steps are
 * neither two peaks nor a drift.
 */
#ifndef FB_HOST_SHAPE_H
#define FB_HOST_SHAPE_H

#include "stats/hist.h"

#include <stdbool.h>
#include <stddef.h>

/* struct fb_peaks - where the two are, and the share of samples that the slower has */
struct fb_peaks {
	double fast_ns;
	double slow_ns;
	double slow_share;
};

/*
 * fb_shape_two_peaks - are there two, a factor of 1.5 and more apart, with a clear
 * valley between them and 15 % of the samples on either side of it?
 * @step_ns: what the clock can tell apart; 0: anything
 *
 * Not told of less than 200 samples. true with @out filled.
 */
bool fb_shape_two_peaks(const struct fb_hist *h, double step_ns, struct fb_peaks *out);

/* struct fb_drift - medians of the first and the last third, and the scatter in them */
struct fb_drift {
	double first;
	double last;
	double scatter;
};

/*
 * fb_shape_drift - do they go from one level to another?
 * @medians: @n of them in the order of time; not told of less than 24
 *
 * true, with @out filled, when first and last third are more than 15 % and three times
 * the scatter apart, with the third between them no further out than either. The
 * scatter is that of the values around their own third's median, as a standard
 * deviation.
 */
bool fb_shape_drift(const double *medians, size_t n, struct fb_drift *out);

#endif
