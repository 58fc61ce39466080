#include "report/trace_cost.h"

#include "report/cases.h"
#include "stats/summary.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

bool fb_trace_cost_tells(double cost)
{
	return cost >= -0.05 && cost <= 0.25;
}

static int list_costs(const struct fb_csv_table *t, double *list, size_t *n,
		      struct fb_err *err)
{
	int column = fb_csv_find(t, "trace_cost");

	*n = 0;
	for (size_t row = 0; row < fb_csv_rows(t); row++) {
		int ret = fb_csv_get_real(t, row, column, &list[*n], err);

		if (ret)
			return ret;
		*n += fb_cases_row_is_traced(t, row) && !isnan(list[*n]);
	}
	return 0;
}

int fb_trace_cost_median(const struct fb_csv_table *t, double *out, struct fb_err *err)
{
	double *list = malloc((fb_csv_rows(t) + 1) * sizeof(*list));
	size_t n = 0;
	int ret = list ? list_costs(t, list, &n, err)
		       : fb_err_set(err, -ENOMEM, "out of memory");

	if (!ret)
		*out = n ? fb_median(list, n) : NAN;
	free(list);
	return ret;
}

void fb_trace_cost_say(double cost, char out[FB_TRACE_COST_TEXT])
{
	*out = '\0';
	if (isnan(cost))
		return;
	if (fb_trace_cost_tells(cost))
		snprintf(out, FB_TRACE_COST_TEXT,
			 "tracing made the median commit %.1f %% dearer",
			 cost > 0 ? 100 * cost : 0);
	else
		snprintf(out, FB_TRACE_COST_TEXT,
			 "commits differed more by themselves than by tracing");
}
