#include "base/units.h"
#include "host/shape.h"
#include "host/tell.h"
#include "host/warn_parts.h"
#include "stats/series.h"

#include <stdio.h>

/* A median of fewer is noise. */
enum { INTERVAL_SAMPLES_MIN = 5 };

static int warn_bimodal(struct fb_warnings *ws, const struct fb_result *r,
			double step_ns)
{
	static const struct fb_warning w = {
		.id = "bimodal",
		.severity = FB_SEVERITY_NOTE,
		.text = "Two kinds of op are mixed: the median lies in one of them and "
			"jumps to the other with their shares, so that a small change "
			"may show as a large one or not at all. See the distribution "
			"(plot), and measure the two apart.",
	};
	char fast[FB_FORMAT_LEN], slow[FB_FORMAT_LEN];
	struct fb_peaks p;

	/* A batch takes its own share of the step. */
	if (r->c->batch > 1)
		step_ns /= (double)r->c->batch;
	if (!fb_shape_two_peaks(r->hist[FB_OP_COMMIT], step_ns, &p))
		return 0;
	return fb_host_tell(ws, &w, "commits around %s and, %.0f %% of them, around %s",
			    fb_format_ns(fast, p.fast_ns), 100 * p.slow_share,
			    fb_format_ns(slow, p.slow_ns));
}

static size_t medians_of(const struct fb_series *s, double out[FB_SERIES_INTERVALS])
{
	const size_t all = fb_series_count(s);
	size_t n = 0;

	for (size_t i = 0; i < all && i < FB_SERIES_INTERVALS; i++) {
		const struct fb_interval t = fb_series_get(s, FB_OP_COMMIT, i);

		if (t.count >= INTERVAL_SAMPLES_MIN)
			out[n++] = (double)t.p50_ns;
	}
	return n;
}

static int warn_drifting(struct fb_warnings *ws, const struct fb_result *r)
{
	static const struct fb_warning w = {
		.id = "drifting",
		.severity = FB_SEVERITY_NOTE,
		.text = "Latency went from one level to another while it was measured: "
			"the figures mix both. A cache filled, the drive or the machine "
			"changed, or the rate is more than it can do. See it over time "
			"(plot), run longer or with more ramp_time.",
	};
	char first[FB_FORMAT_LEN], last[FB_FORMAT_LEN];
	double medians[FB_SERIES_INTERVALS];
	struct fb_drift d;

	if (!r->series || !fb_shape_drift(medians, medians_of(r->series, medians), &d))
		return 0;
	return fb_host_tell(ws, &w,
			    "median commit %s in the first third, %s in the last",
			    fb_format_ns(first, d.first), fb_format_ns(last, d.last));
}

int fb_warn_shape(struct fb_warnings *ws, const struct fb_result *r, double step_ns)
{
	const int ret = warn_bimodal(ws, r, step_ns);

	return ret ? ret : warn_drifting(ws, r);
}
