/*
 * run_rows.h - the columns of a run's files and the rows of one repetition
 *
 * Private to the folder: run_dir.h is what others use.
 */
#ifndef FB_REPORT_RUN_ROWS_H
#define FB_REPORT_RUN_ROWS_H

#include "report/run_dir.h"
#include "stats/summary.h"

#include <stdbool.h>

/*
 * fb_run_columns - header of a file, *@n names
 *
 * Of summary.csv the list is made from fb_params: *@owned is what to free after use,
 * NULL where there is nothing. NULL: out of memory.
 */
const char *const *fb_run_columns(enum fb_run_file file, size_t *n, void **owned);

/*
 * fb_run_summary - what is told of the latencies of one op
 *
 * Of batches there are min, mean and p50 alone: a mean has no tail.
 */
struct fb_summary fb_run_summary(const struct fb_result *r, enum fb_op op);

/*
 * fb_run_low_n - percentiles of @r with fewer than ten samples above, or with none at
 * all because a single sample is all there is; false: no such
 */
bool fb_run_low_n(const struct fb_result *r, struct fb_warning *w);

/* The rows of one repetition, gathered in @o, not committed. */
void fb_run_put_histograms(struct fb_csv_out *o, const struct fb_run_id *id,
			   const struct fb_result *r);
void fb_run_put_series(struct fb_csv_out *o, const struct fb_run_id *id,
		       const struct fb_result *r);
void fb_run_put_io(struct fb_csv_out *o, const struct fb_run_id *id,
		   const struct fb_result *r);

/* @low_n: the warning made here, NULL if there is none */
void fb_run_put_summary(struct fb_csv_out *o, const struct fb_run_id *id,
			const struct fb_result *r, const struct fb_warning *low_n);

/* One row; FB_WARN_RUN and rep 0 are empty. */
void fb_run_put_warning(struct fb_csv_out *o, const struct fb_run_id *id,
			const struct fb_warning *w);

#endif
