/*
 * plot_rig.h - runs made by hand, with any words in them, to be drawn
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_PLOT_RIG_H
#define FB_TESTS_SUPPORT_PLOT_RIG_H

#include "report/plot.h"
#include "support/tmpdir.h"

/*
 * struct plot_rep - a repetition
 *
 * A word that is NULL and a number that is 0 are usual ones, except @samples: each op
 * has so many of about @ns. @one_call: flush has none of its own. @exact: p50, p90, p99
 * and the most of each op's thousand samples, in ns and to 0.1 %; instead of @samples.
 * @batch: samples are means of so many ops, of commits alone. @lines: lines flushed by
 * lines dirtied, "" in the usual case. @traced: it was. @app_flushes: of the 200 ops,
 * 100 in the usual case.
 */
struct plot_rep {
	unsigned case_id;
	unsigned rep;
	const char *path, *mode, *bs, *thinktime;
	const char *survives, *fidelity, *status;
	const char *write_amp, *flush_amp;
	unsigned samples;
	double ns;
	bool one_call;
	const double *exact;
	unsigned batch;
	const char *lines;
	bool traced;
	const char *app_flushes;
};

/* What plot_rep.ns is for latencies of 0, which no usual one stands for. */
#define PLOT_ZERO (-1.0)

/* Pictures that are drawn of every run, before those of traced ones. */
enum { PLOT_ALWAYS = FB_PLOT_REQUESTS };

/* plot_rig_begin - a run at @folder, its files with their headers alone */
void plot_rig_begin(const char *folder, const char *run_id);

/* plot_rig_put - a repetition's rows; of plot_rig_begin's folder, as the next two */
void plot_rig_put(const struct plot_rep *r);

/* plot_rig_put_mode - one of 300 samples an op, of path file */
void plot_rig_put_mode(unsigned case_id, const char *mode, const char *bs);

/* plot_rig_put_nvmem - one of path nvmem, emulated; @batch and @lines as in plot_rep */
void plot_rig_put_nvmem(unsigned case_id, const char *mode, unsigned batch,
			const char *lines);

/*
 * plot_rig_put_io - a row of io.csv
 * @rest: from device on: "vda,data,0,self,200,819200"
 *
 * plot_rig_put_op - a row of histogram.csv, 100 samples of @value
 */
void plot_rig_put_io(unsigned case_id, unsigned rep, const char *rest);
void plot_rig_put_op(unsigned case_id, unsigned rep, const char *op, unsigned value);

/* plot_rig_trace - a traced repetition @rep of a case, of some 80 us */
void plot_rig_trace(unsigned case_id, unsigned rep, const char *mode);

/* plot_rig_cases - cases 1 to @n, modes and block sizes by turns, two repetitions */
void plot_rig_cases(unsigned n);

/* plot_rig_end - what says that the run came to its end */
void plot_rig_end(void);

/* plot_rig_append, plot_rig_replace - text to a file of the run, or instead of it */
void plot_rig_append(enum fb_run_file f, const char *text);
void plot_rig_replace(enum fb_run_file f, const char *text);

/*
 * plot_rig - what a test took; @text is what gnuplot was told last
 *
 * enter begins a run in a folder of its own, leave releases all.
 */
extern struct plot_rig {
	char top[TMPDIR_LEN];
	struct fb_run run;
	struct fb_cases cases;
	struct fb_plot plot;
	struct fb_err err;
	char *text;
} plot_rig;

int plot_rig_enter(void **state);
int plot_rig_leave(void **state);

/* plot_rig_load - read the run and order its cases */
void plot_rig_load(enum fb_op op);

/* plot_rig_write - what gnuplot is told for a picture into plot_rig.text; 0 or -errno
 */
int plot_rig_write(enum fb_plot_id which);

/* plot_rig_draw - both, which must go well */
void plot_rig_draw(enum fb_plot_id which, enum fb_op op);

/* plot_rig_has - fails the test unless plot_rig.text holds @part so many times */
void plot_rig_has(const char *part, unsigned times);

/* need_gnuplot - skip the test where there is none */
void need_gnuplot(void);

#endif
