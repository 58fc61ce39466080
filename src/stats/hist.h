/*
 * hist.h - a latency histogram of fixed shape
 *
 * HdrHistogram's bucket layout for 1 ns to 1 h at three significant digits:
 * values below 2048 have a counter each, above that every octave is cut into
 * 1024 equal buckets, so a value is known to 1 part in 1024. Plain counters of
 * one shape: histograms of threads, repetitions and machines add up in any
 * order.
 */
#ifndef FB_STATS_HIST_H
#define FB_STATS_HIST_H

#include <stdint.h>

#define FB_HIST_HALF_BITS 10
#define FB_HIST_HALF      (1u << FB_HIST_HALF_BITS)
#define FB_HIST_COUNTERS  33792u
#define FB_HIST_HIGHEST   3600000000000u /* 1 h in ns */

/*
 * struct fb_hist - one writer; read it after that writer has stopped
 * @count:        samples, those out of range among them
 * @min:          exact; UINT64_MAX while @count is 0
 * @sum:          of all samples, exact
 * @max:          exact; 0 while @count is 0
 * @out_of_range: samples above FB_HIST_HIGHEST; they lie in the last bucket
 *
 * The counters come last, so that the five figures share a cache line. Count and
 * sum are kept apart: as neighbours clang adds them as one vector, and a record
 * takes 2.5 ns instead of 1.1.
 */
struct fb_hist {
	uint64_t count;
	uint64_t min;
	uint64_t sum;
	uint64_t max;
	uint64_t out_of_range;
	uint64_t counters[FB_HIST_COUNTERS];
};

/* fb_hist_reset - empty @h and touch all its memory, so recording never faults */
void fb_hist_reset(struct fb_hist *h);

/* fb_hist_index - bucket of value @v, v <= FB_HIST_HIGHEST */
static inline uint32_t fb_hist_index(uint64_t v)
{
	/* The mask makes everything below 2048 fall into exponent 0. */
	unsigned exp = 53u - (unsigned)__builtin_clzll(v | (2 * FB_HIST_HALF - 1));

	return (exp << FB_HIST_HALF_BITS) + (uint32_t)(v >> exp);
}

/* fb_hist_record - count one sample of @v nanoseconds */
static inline void fb_hist_record(struct fb_hist *h, uint64_t v)
{
	uint64_t slot = v;

	if (__builtin_expect(v > FB_HIST_HIGHEST, 0)) {
		h->out_of_range++;
		slot = FB_HIST_HIGHEST;
	}
	h->count++;
	h->sum += v;
	h->min = v < h->min ? v : h->min;
	h->max = v > h->max ? v : h->max;
	h->counters[fb_hist_index(slot)]++;
}

/* fb_hist_low, fb_hist_high - smallest and largest value of bucket @index */
uint64_t fb_hist_low(uint32_t index);
uint64_t fb_hist_high(uint32_t index);

/* fb_hist_merge - add @from to @into; any order gives the same result */
void fb_hist_merge(struct fb_hist *into, const struct fb_hist *from);

/*
 * fb_hist_rank - which of @count sorted samples is percentile @p: ceil(count p/100)
 * @p: 0 < p <= 100, taken to twelve decimals
 *
 * From 1; 0 if @count is 0. Whole-number arithmetic: 99 of 100 samples is the 99th.
 */
uint64_t fb_hist_rank(uint64_t count, double p);

/*
 * fb_hist_percentile - latency not exceeded by a share of the samples
 * @p: 0 < p <= 100; 50 is the median
 *
 * Nanoseconds: the top of the bucket, at most @h->max, so never low and at most
 * 0.1 % high; 0 if @h is empty. Among samples out of range it is @h->max.
 */
uint64_t fb_hist_percentile(const struct fb_hist *h, double p);

/* fb_hist_above - samples ranked above percentile @p: count - ceil(count p/100) */
uint64_t fb_hist_above(const struct fb_hist *h, double p);

#endif
