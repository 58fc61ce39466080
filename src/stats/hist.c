#include "stats/hist.h"

#include <stddef.h>
#include <string.h>

void fb_hist_reset(struct fb_hist *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

/* Octaves above the first two halves, and the place in one of them. */
static unsigned exponent(uint32_t index)
{
	return index < 2 * FB_HIST_HALF ? 0 : (index >> FB_HIST_HALF_BITS) - 1;
}

uint64_t fb_hist_low(uint32_t index)
{
	unsigned exp = exponent(index);

	return (uint64_t)(index - (exp << FB_HIST_HALF_BITS)) << exp;
}

uint64_t fb_hist_high(uint32_t index)
{
	return fb_hist_low(index) + (1ull << exponent(index)) - 1;
}

void fb_hist_merge(struct fb_hist *into, const struct fb_hist *from)
{
	into->count += from->count;
	into->sum += from->sum;
	into->min = from->min < into->min ? from->min : into->min;
	into->max = from->max > into->max ? from->max : into->max;
	into->out_of_range += from->out_of_range;
	for (size_t i = 0; i < FB_HIST_COUNTERS; i++)
		into->counters[i] += from->counters[i];
}

uint64_t fb_hist_rank(uint64_t count, double p)
{
	/* 99.9 is not a double; twelve decimals of it are a whole number. */
	const uint64_t hundred = 100000000000000u;
	unsigned __int128 share = (uint64_t)(p * 1e12 + 0.5);
	uint64_t rank = (uint64_t)((share * count + hundred - 1) / hundred);

	if (!rank && count)
		return 1;
	return rank < count ? rank : count;
}

uint64_t fb_hist_above(const struct fb_hist *h, double p)
{
	return h->count - fb_hist_rank(h->count, p);
}

uint64_t fb_hist_percentile(const struct fb_hist *h, double p)
{
	uint64_t rank = fb_hist_rank(h->count, p), seen = 0, high;
	uint32_t last = fb_hist_index(FB_HIST_HIGHEST), i;

	if (!h->count)
		return 0;
	i = h->min < FB_HIST_HIGHEST ? fb_hist_index(h->min) : last;
	while (i < last && (seen += h->counters[i]) < rank)
		i++;
	if (i == last && h->out_of_range)
		return h->max;
	high = fb_hist_high(i);
	return high < h->max ? high : h->max;
}
