#include "host/shape.h"

#include "stats/summary.h"

#include <math.h>
#include <string.h>

/* Bins of a sixteenth of an octave: 4.4 %. */
enum { PER_OCTAVE = 16, BINS = 43 * PER_OCTAVE };

enum { SAMPLES_MIN = 200, MEDIANS_MIN = 24, MEDIANS_MAX = 512 };

/* log2(1.5) octaves. */
enum { APART = 10 };

#define SHARE_MIN  0.15
#define VALLEY_MAX 0.4
#define SIGMAS     5

#define DRIFT_SHARE    0.15
#define DRIFT_SCATTERS 3

/* A sample lies anywhere within its bucket and the clock's step: spread over the bins
 * of that, few different values make no comb. */
static void spread(double bins[BINS], double low, double high, double count)
{
	const double from = PER_OCTAVE * log2(low < 1 ? 1 : low);
	const double to = PER_OCTAVE * log2(high);
	const double width = to - from;

	for (int i = (int)from; i < BINS && i < to; i++) {
		const double begin = i > from ? i : from;
		const double end = i + 1 < to ? i + 1 : to;

		bins[i] += count * (end - begin) / width;
	}
}

static void fill(double bins[BINS], const struct fb_hist *h, double step_ns)
{
	memset(bins, 0, BINS * sizeof(*bins));
	for (uint32_t i = 0; i < FB_HIST_COUNTERS; i++)
		if (h->counters[i])
			spread(bins, (double)fb_hist_low(i) - step_ns / 2,
			       (double)fb_hist_high(i) + 1 + step_ns / 2,
			       (double)h->counters[i]);
}

static void smooth(double out[BINS], const double bins[BINS])
{
	static const double weight[] = {3, 2, 1};

	for (int i = 0; i < BINS; i++) {
		out[i] = weight[0] * bins[i] / 9;
		for (int k = 1; k < 3; k++) {
			out[i] += weight[k] * (i >= k ? bins[i - k] : 0) / 9;
			out[i] += weight[k] * (i + k < BINS ? bins[i + k] : 0) / 9;
		}
	}
}

/* The second peak, and the lowest point between the first and it. */
struct second {
	int peak;
	int valley;
	double rise;
};

static void look(const double s[BINS], int first, int by, struct second *best)
{
	int valley = first;

	for (int i = first + by; i >= 0 && i < BINS; i += by) {
		if (s[i] < s[valley])
			valley = i;
		if (by * (i - first) >= APART && s[i] - s[valley] > best->rise)
			*best = (struct second){i, valley, s[i] - s[valley]};
	}
}

static double share_above(const double bins[BINS], int at)
{
	double above = 0, all = 0;

	for (int i = 0; i < BINS; i++) {
		all += bins[i];
		above += i > at ? bins[i] : 0;
	}
	return above / all;
}

static double middle(int bin)
{
	return exp2((bin + 0.5) / PER_OCTAVE);
}

bool fb_shape_two_peaks(const struct fb_hist *h, double step_ns, struct fb_peaks *out)
{
	double bins[BINS], s[BINS], share;
	struct second second = {0};
	int first = 0;

	if (!h || h->count < SAMPLES_MIN)
		return false;
	fill(bins, h, step_ns);
	smooth(s, bins);
	for (int i = 1; i < BINS; i++)
		if (s[i] > s[first])
			first = i;
	look(s, first, 1, &second);
	look(s, first, -1, &second);
	if (second.rise <= 0 || second.rise < SIGMAS * sqrt(s[second.peak]) ||
	    s[second.valley] > VALLEY_MAX * s[second.peak])
		return false;
	share = share_above(bins, second.valley);
	if (share < SHARE_MIN || share > 1 - SHARE_MIN)
		return false;
	out->fast_ns = middle(first < second.peak ? first : second.peak);
	out->slow_ns = middle(first < second.peak ? second.peak : first);
	out->slow_share = share;
	return true;
}

static double median_of(const double *values, size_t n)
{
	double copy[MEDIANS_MAX];

	memcpy(copy, values, n * sizeof(*values));
	return fb_median(copy, n);
}

bool fb_shape_drift(const double *medians, size_t n, struct fb_drift *out)
{
	double off[MEDIANS_MAX], between, gap;
	const size_t third = n / 3;
	struct fb_drift d;

	if (n < MEDIANS_MIN || n > MEDIANS_MAX)
		return false;
	d.first = median_of(medians, third);
	d.last = median_of(medians + n - third, third);
	between = median_of(medians + third, n - 2 * third);
	for (size_t i = 0; i < third; i++) {
		off[i] = fabs(medians[i] - d.first);
		off[third + i] = fabs(medians[n - third + i] - d.last);
	}
	/* Of a normal distribution the median distance is 0.6745 deviations. */
	d.scatter = fb_median(off, 2 * third) / 0.6745;
	gap = fabs(d.last - d.first);
	if (gap <= DRIFT_SHARE * fmin(d.first, d.last) ||
	    gap <= DRIFT_SCATTERS * d.scatter)
		return false;
	if (between < fmin(d.first, d.last) - d.scatter ||
	    between > fmax(d.first, d.last) + d.scatter)
		return false;
	*out = d;
	return true;
}
