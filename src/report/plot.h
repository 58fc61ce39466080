/*
 * plot.h - the pictures of a run: what gnuplot is told
 *
 * For each picture there is a script scripts/plot/NAME.gp that draws; here is what it
 * draws: variables and data blocks. The head of each script says which it reads.
 */
#ifndef FB_REPORT_PLOT_H
#define FB_REPORT_PLOT_H

#include "report/case_rows.h"
#include "report/cases.h"
#include "report/run_dir.h"

#include <stdio.h>

enum fb_plot_id {
	FB_PLOT_LATENCY,       /* p50 and p99 as bars, a panel a class of survives */
	FB_PLOT_PERCENTILES,   /* latency by percentile, a line a case */
	FB_PLOT_DISTRIBUTION,  /* how latencies are spread, a row a case */
	FB_PLOT_AMPLIFICATION, /* write_amp, flush_amp and lines as bars */
	FB_PLOT_TIME,          /* latency over time, a panel a case */
	FB_PLOT_REQUESTS,      /* what one flush costs the device, requests by class */
	FB_PLOT_SHARES,        /* where a commit's time goes: device or not */
	FB_PLOT_COUNT,
};

extern const char *const fb_plot_names[]; /* "latency" ..., NULL at the end */

/* More cases than this no picture shows so that anybody could read it. */
enum { FB_PLOT_CASES_MAX = 400 };

/*
 * struct fb_plot - a run and how its cases are ordered
 * @order: indices of cases, those that survive most first, else by number
 * @op:    the latency that is drawn
 */
struct fb_plot {
	const struct fb_run *run;
	const struct fb_cases *cases;
	struct fb_case_rows histograms;
	struct fb_case_rows series;
	struct fb_case_rows io;
	struct fb_case_rows summary;
	size_t *order;
	enum fb_op op;
};

/*
 * fb_plot_make - of @cases, one at least, of @run; both stay the caller's
 *
 * 0, -ENOMEM or -EINVAL when a file is not as it should be. fb_plot_free releases.
 */
int fb_plot_make(struct fb_plot *p, const struct fb_run *run,
		 const struct fb_cases *cases, enum fb_op op, struct fb_err *err);
void fb_plot_free(struct fb_plot *p);

/* fb_plot_of_op - does a picture show fb_plot.op, so that there may be one of each? */
bool fb_plot_of_op(enum fb_plot_id which);

/*
 * fb_plot_has - is there anything to draw? The last two need a traced repetition, of
 * which the very last needs one op in flight.
 */
bool fb_plot_has(const struct fb_plot *p, enum fb_plot_id which);

/* fb_plot_why_no_shares - why the first traced case has none, in half a sentence */
const char *fb_plot_why_no_shares(const struct fb_plot *p);

/*
 * fb_plot_write - variables and data of one picture, as gnuplot reads them
 *
 * Cases timed in batches have no tail: pictures of tails leave them out, as long as
 * there are others, and the words in `batches`, which go below each picture, say so. 0,
 * -ENOMEM, or -EINVAL when a figure cannot be read. A failed write is seen with
 * ferror(@out).
 */
int fb_plot_write(FILE *out, const struct fb_plot *p, enum fb_plot_id which,
		  struct fb_err *err);

#endif
