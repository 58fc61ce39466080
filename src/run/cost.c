#include "run/cost.h"

#include "stats/hist.h"
#include "stats/summary.h"

#include <math.h>
#include <stdlib.h>

/* Fewer samples of a slice tell nothing. */
enum { SAMPLES = FB_SLICE_OPS / 2, PAIRS = FB_SLICES / 2 };

/* Where pairs of slices differ by more, commits differ by themselves. */
#define SPREAD_MAX 0.5

/* Of a slice with the observer and the one beside it without. */
static double ratio(const struct fb_hist *with, const struct fb_hist *without)
{
	if (with->count < SAMPLES || without->count < SAMPLES)
		return NAN;
	return (double)fb_hist_percentile(with, 50) /
		       (double)fb_hist_percentile(without, 50) -
	       1;
}

static double agreed(double costs[PAIRS])
{
	double least = costs[0], most = costs[0];

	for (int i = 0; i < PAIRS; i++) {
		if (isnan(costs[i]))
			return NAN;
		least = fmin(least, costs[i]);
		most = fmax(most, costs[i]);
	}
	return most - least > SPREAD_MAX ? NAN : fb_median(costs, PAIRS);
}

static double op_ns(const struct fb_result *r)
{
	return (double)r->elapsed_ns * (double)r->c->numjobs / (double)r->ops;
}

/* With and without in turn, each first in every other pair: a drift hits both alike. */
static bool try_pair(struct fb_crew *crew, struct fb_account *account, uint64_t ns,
		     struct fb_hist hist[2], bool with_first)
{
	for (int i = 0; i < 2; i++) {
		const bool record = i == !with_first;

		fb_hist_reset(&hist[record]);
		if (!fb_account_pace(account, record) ||
		    !fb_crew_slice(crew, ns, &hist[record]))
			return false;
	}
	return true;
}

double fb_run_cost(struct fb_crew *crew, struct fb_account *account,
		   const struct fb_result *r)
{
	const uint64_t ns = fb_case_slice_ns((uint64_t)op_ns(r));
	struct fb_hist *hist = calloc(2, sizeof(*hist));
	bool going = hist != NULL;
	double costs[PAIRS];

	for (int i = 0; going && i < PAIRS; i++) {
		going = try_pair(crew, account, ns, hist, i % 2 == 0);
		costs[i] = going ? ratio(&hist[1], &hist[0]) : NAN;
	}
	free(hist);
	return going ? agreed(costs) : NAN;
}
