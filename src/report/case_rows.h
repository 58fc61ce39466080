/*
 * case_rows.h - the rows of a case in a file that has many for each
 *
 * histogram.csv and series.csv hold a run of rows for each repetition, in the order
 * the repetitions ended; here they are found again without a search.
 */
#ifndef FB_REPORT_CASE_ROWS_H
#define FB_REPORT_CASE_ROWS_H

#include "plan/result.h"
#include "report/csv.h"
#include "stats/hist.h"

#include <stdbool.h>

struct fb_case_span;

/* struct fb_case_rows - @t stays the caller's and may be NULL: no rows */
struct fb_case_rows {
	const struct fb_csv_table *t;
	struct fb_case_span *spans;
	size_t n;
};

/*
 * fb_case_rows_make - look through @t once
 * @summary: summary.csv, which says what repetitions were traced; NULL: none was
 *
 * 0, -ENOMEM or -EINVAL: no case_id.
 */
int fb_case_rows_make(struct fb_case_rows *r, const struct fb_csv_table *t,
		      const struct fb_csv_table *summary, struct fb_err *err);
void fb_case_rows_free(struct fb_case_rows *r);

/*
 * struct fb_case_row - where a walk through a case's rows is; all zero: before them
 * @traced: the walk is through the repetitions that were traced, else through the
 * others: the observer's cost is not among the latencies of these
 */
struct fb_case_row {
	bool traced;
	size_t span;
	size_t next;
	size_t row;
};

/* fb_case_rows_next - step to the next row of @case_id, in file order; false: none */
bool fb_case_rows_next(const struct fb_case_rows *r, unsigned case_id,
		       struct fb_case_row *at);

/*
 * fb_case_rows_pool - the latencies of op @op of a case, all repetitions added up but
 *                     those traced
 * @r:   of histogram.csv
 * @out: emptied first; its sum, min and max are those of the buckets
 *
 * 0, or -EINVAL when a row is no bucket. Nothing there: @out is empty.
 */
int fb_case_rows_pool(const struct fb_case_rows *r, unsigned case_id, enum fb_op op,
		      struct fb_hist *out, struct fb_err *err);

/* fb_case_rows_pool_traced - the same of the traced ones alone; @name as in column op
 */
int fb_case_rows_pool_traced(const struct fb_case_rows *r, unsigned case_id,
			     const char *name, struct fb_hist *out, struct fb_err *err);

#endif
