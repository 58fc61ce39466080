/*
 * trace_cost.h - what the observer of traced repetitions costs, in words
 */
#ifndef FB_REPORT_TRACE_COST_H
#define FB_REPORT_TRACE_COST_H

#include "report/csv.h"

#include <stdbool.h>

/*
 * fb_trace_cost_tells - is @cost the observer's, as a share of a median commit?
 *
 * Above 25 % and below -5 % it is not: what else runs moved the medians further than
 * tracing does.
 */
bool fb_trace_cost_tells(double cost);

/*
 * fb_trace_cost_median - over the traced repetitions of summary.csv
 *
 * 0, *out NAN where none has any; -ENOMEM, or -EINVAL when one is no number.
 */
int fb_trace_cost_median(const struct fb_csv_table *t, double *out, struct fb_err *err);

enum { FB_TRACE_COST_TEXT = 96 };

/* fb_trace_cost_say - half a sentence about such a median; "" for NAN */
void fb_trace_cost_say(double cost, char out[FB_TRACE_COST_TEXT]);

#endif
