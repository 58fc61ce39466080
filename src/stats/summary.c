#include "stats/summary.h"

#include "base/units.h"

#include <math.h>
#include <stdlib.h>

static const struct {
	double at;
	const char *name;
} percentiles[FB_PERCENTILES] = {
	{50, "p50"}, {90, "p90"}, {99, "p99"}, {99.9, "p999"}, {99.99, "p9999"},
};

double fb_percentile_at(size_t i)
{
	return percentiles[i].at;
}

const char *fb_percentile_name(size_t i)
{
	return percentiles[i].name;
}

struct fb_summary fb_summary_of(const struct fb_hist *h)
{
	struct fb_summary s = {.min = FB_UNKNOWN, .max = FB_UNKNOWN, .mean = NAN};

	for (size_t i = 0; i < FB_PERCENTILES; i++)
		s.percentile[i] = FB_UNKNOWN;
	if (!h || !h->count)
		return s;
	s.count = h->count;
	s.min = h->min;
	s.max = h->max;
	s.mean = (double)h->sum / (double)h->count;
	for (size_t i = 0; i < FB_PERCENTILES; i++) {
		uint64_t above = fb_hist_above(h, percentiles[i].at);

		if (!above)
			continue;
		s.percentile[i] = fb_hist_percentile(h, percentiles[i].at);
		if (above < 10)
			s.low_n |= 1u << i;
	}
	return s;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double fb_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_doubles);
	if (n % 2)
		return values[n / 2];
	return values[n / 2 - 1] + (values[n / 2] - values[n / 2 - 1]) / 2;
}
