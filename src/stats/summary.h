/*
 * summary.h - what a row says of one histogram
 */
#ifndef FB_STATS_SUMMARY_H
#define FB_STATS_SUMMARY_H

#include "stats/hist.h"

#include <stdbool.h>
#include <stddef.h>

enum { FB_PERCENTILES = 5 }; /* 50, 90, 99, 99.9, 99.99 */

/* fb_percentile_at - the i-th of them; fb_percentile_name - "p50" .. "p9999" */
double fb_percentile_at(size_t i);
const char *fb_percentile_name(size_t i);

/*
 * struct fb_summary - nanoseconds; FB_UNKNOWN where there is nothing to say
 *
 * A percentile with no sample above it is FB_UNKNOWN: it would only repeat the
 * maximum. @low_n has bit i set where percentile i has 1 to 9 samples above it.
 */
struct fb_summary {
	uint64_t count;
	uint64_t min;
	uint64_t max;
	double mean;
	uint64_t percentile[FB_PERCENTILES];
	unsigned low_n;
};

/* fb_summary_of - of @h; NULL or empty: count 0, mean NAN, the rest unknown */
struct fb_summary fb_summary_of(const struct fb_hist *h);

/* fb_median - of @n values, n > 0, which it sorts in place */
double fb_median(double *values, size_t n);

#endif
