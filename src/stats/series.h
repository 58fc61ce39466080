/*
 * series.h - latency over time, in bounded memory
 *
 * An interval is what the live histograms gained since the last one closed, kept
 * as its non-empty buckets in a coarser shape (32 to an octave, 3 %). When the
 * intervals or their room run out, neighbours are merged by adding buckets and
 * the interval doubles, so memory does not grow with the length of a run.
 */
#ifndef FB_STATS_SERIES_H
#define FB_STATS_SERIES_H

#include "stats/hist.h"

#include <stddef.h>

enum { FB_SERIES_INTERVALS = 512 };

struct fb_series;

/*
 * struct fb_interval - one point of one op
 * @t_ms: end of the interval, from the start of the clock
 * @p50_ns, @p99_ns: top of the coarse bucket, at most @max_ns
 * @max_ns: exact
 */
struct fb_interval {
	double t_ms;
	uint64_t count;
	uint64_t p50_ns;
	uint64_t p99_ns;
	uint64_t max_ns;
};

/*
 * fb_series_new - series of @ops histograms (1 to 3) at @interval_ns, > 0
 *
 * All memory (fb_series_bytes of it) is taken and touched here. NULL: out of
 * memory.
 */
struct fb_series *fb_series_new(unsigned ops, uint64_t interval_ns);
void fb_series_free(struct fb_series *s);
size_t fb_series_bytes(unsigned ops);

/* fb_series_due_ns - when the running interval ends, from the clock's start */
uint64_t fb_series_due_ns(const struct fb_series *s);

/*
 * fb_series_close - end every interval due at @now_ns
 * @live: @ops histograms, empty when the clock started, written by the calling
 *        thread alone
 *
 * What was gained since the last call counts in the first interval that ends, the
 * others due are empty: so call it before an op that ended at @now_ns is recorded.
 * Resets the live maxima to learn the interval's own; fb_series_finish puts the
 * whole ones back. No allocation; a long stall costs no more than a few thousand
 * intervals.
 */
void fb_series_close(struct fb_series *s, struct fb_hist *const *live, uint64_t now_ns);

/*
 * fb_series_finish - close the last, partial interval and restore the maxima
 *
 * To be called once; until then fb_series_get sees the closed intervals only.
 */
void fb_series_finish(struct fb_series *s, struct fb_hist *const *live,
		      uint64_t end_ns);

/*
 * fb_series_merge - add @from, of the same start, ops and first interval, to @into
 *
 * Both have been finished. The finer of the two is coarsened until they agree; @from
 * may be, so of it only fb_series_free is left to call.
 */
void fb_series_merge(struct fb_series *into, struct fb_series *from);

/* fb_series_count - intervals held; fb_series_get - number @i of op @op */
size_t fb_series_count(const struct fb_series *s);
struct fb_interval fb_series_get(const struct fb_series *s, unsigned op, size_t i);

#endif
