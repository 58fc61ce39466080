/*
 * gnuplot.h - the program that draws, and a folder of our own for it to draw into
 */
#ifndef FB_BENCH_GNUPLOT_H
#define FB_BENCH_GNUPLOT_H

#include "base/err.h"

#include <stdbool.h>
#include <stdio.h>

/* gnuplot_is_there - in $PATH */
bool gnuplot_is_there(void);

/*
 * gnuplot_run - let it read @input from its begin, and wait for its end
 *
 * What it has to say goes to stderr. When bench_stop is set it is ended. 0, -EINTR
 * then, or another -errno with the reason.
 */
int gnuplot_run(FILE *input, struct fb_err *err);

/*
 * struct drawing - where pictures lie until they are whole
 *
 * A folder under the one they are for, so that neither another drawing at the same time
 * nor what somebody left there gets in between; what a killed one left is removed.
 */
struct drawing {
	char own[64];
	bool made; /* the folder above, too */
};

/*
 * drawing_begin - make @out if it is not there, and work in a folder of its own there
 * drawing_keep - bring one of its files to @out; -errno
 * drawing_end - leave and remove it; and @out, if it was made here and is empty
 */
int drawing_begin(struct drawing *d, const char *out, struct fb_err *err);
int drawing_keep(const char *name);
void drawing_end(struct drawing *d);

#endif
